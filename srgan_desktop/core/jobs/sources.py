"""Which files are meant, and where their results go."""

from __future__ import annotations

import os
import re
import string
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from srgan_desktop.core.base.defaults import DEFAULT_NAME
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.printable import printable_path
from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.core.images.io import extension, format_of_extension, is_image_name

NAME_FIELDS = ("stem", "scale", "width", "height", "model")
# a width, zeros before it: nothing that could fail later or make endless names
_FIELD_FORMAT = re.compile("0?[1-9][0-9]?")
_NUMBERS = re.compile("([0-9]+)")
# under Windows no files, whatever ending they have; folders are shared between systems
_DEVICE = re.compile("(?i)con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin[$]|conout[$]")
_NOT_IN_NAMES = re.compile(
    r'[/\\\x00-\x1f\x7f]|[<>:"|?*]' if os.name == "nt" else r"[/\\\x00-\x1f\x7f]"
)


@dataclass(frozen=True)
class Source:
    """A file to enlarge.

    Attributes:
        path: the file.
        folder: its place below the folder that was given, "." if none.
        named: whether it was given itself, not found in a folder.
    """

    path: Path
    folder: Path = Path()
    named: bool = True

    def absolute(self) -> Source:
        """The same wherever the program is started."""
        return replace(self, path=self.path.absolute())

    @property
    def stem(self) -> str:
        """Its name without a picture's ending; any other ending belongs to it (scan.1, scan.2)."""
        return self.path.stem if format_of_extension(self.path) else self.path.name


@dataclass
class LeftOut:
    """How many files were passed over, by the reason."""

    listed: int = 0
    hidden: int = 0
    results: int = 0
    foreign: int = 0

    def __str__(self) -> str:
        """For people; empty where there were none."""
        parts = (
            (self.listed, trn("{n} already in the list", "{n} already in the list", self.listed)),
            (self.hidden, trn("{n} hidden", "{n} hidden", self.hidden)),
            (self.results, trn("{n} earlier result", "{n} earlier results", self.results)),
            (self.foreign, trn("{n} not a picture", "{n} not pictures", self.foreign)),
        )
        return tr(", ").join(text for n, text in parts if n)


def natural_key(path: Path) -> tuple[list[str | int], ...]:
    """To sort paths as people do: 2 before 10."""
    return tuple(natural_name(part) for part in path.parts)


def natural_name(name: str) -> list[str | int]:
    """As ``natural_key``, for one name."""
    # text and numbers take turns, so that like is compared with like
    pieces = _NUMBERS.split(name)
    return [int(piece) if index % 2 else piece for index, piece in enumerate(pieces)]


def collect_sources(
    inputs: Iterable[Path], *, leave_out: Path | None = None, left_out: LeftOut | None = None
) -> list[Source]:
    """Files as they are given; folders searched through, in natural order.

    In folders only names of picture files count; hidden files and folders, and what lies below
    ``leave_out`` (the output folder), are passed over. A file given twice is taken once.

    Args:
        left_out: counts what is passed over.

    Raises:
        UsageError: an input does not exist or a folder cannot be read, or there is nothing to
            enlarge in all of them.
    """
    given_paths = list(inputs)
    found: dict[Path, Source] = {}
    counts = LeftOut() if left_out is None else left_out
    for given in given_paths:
        try:
            sources = _sources_of(given, leave_out, counts)
        except OSError as error:
            _refuse(given, error)
        for source in sources:
            found.setdefault(_identity(source.path), source)
    if not found:
        places = ", ".join(printable_path(path) for path in given_paths)
        message = tr("no pictures in {places}", places=places)
        raise UsageError(f"{message} ({counts})" if str(counts) else message)
    return list(found.values())


def _refuse(path: Path, error: OSError) -> NoReturn:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        message = tr("{path}: there is no such file or folder", path=path)
    else:
        place = error.filename or path
        message = tr("{path}: cannot be read: {reason}", path=place, reason=error.strerror or error)
    raise UsageError(message) from error


def _identity(path: Path) -> Path:
    """Equal for two ways to say one path; a link and what it leads to stay two files."""
    return path.parent.resolve() / path.name


def _sources_of(given: Path, leave_out: Path | None, counts: LeftOut) -> list[Source]:
    given.lstat()  # says why where there is nothing; a dangling link fails by itself later
    if not given.is_dir():
        return [Source(given)]
    top = given.resolve()
    outside = leave_out.resolve() if leave_out is not None else None
    if outside is not None and not (outside != top and outside.is_relative_to(top)):
        outside = None  # an output folder that contains the input folder leaves nothing out
    return list(images_below(given, outside, counts=counts))


def _raise(error: OSError) -> NoReturn:
    raise error


def images_below(
    folder: Path,
    outside: Path | None = None,
    unreadable: Callable[[OSError], None] | None = _raise,
    counts: LeftOut | None = None,
) -> Iterator[Source]:
    """Files in ``folder`` and its subfolders with an image's name, sorted; none that are hidden.

    Args:
        outside: a folder whose content is passed over.
        unreadable: is told of each folder that cannot be listed; None: those are passed over.
        counts: counts what is passed over.
    """
    counts = LeftOut() if counts is None else counts
    found: list[Source] = []
    for place, folders, names in os.walk(folder, onerror=unreadable):
        here = Path(place)
        shown = [name for name in folders if not name.startswith(".")]
        counts.hidden += len(folders) - len(shown)
        folders[:] = [
            name for name in shown if outside is None or (here / name).resolve() != outside
        ]
        for name in names:
            path = here / name
            if name.startswith("."):
                counts.hidden += 1
            elif is_image_name(path) and path.is_file():
                found.append(Source(path, here.relative_to(folder), named=False))
            else:
                counts.foreign += 1
    yield from sorted(found, key=lambda source: natural_key(source.path))


@dataclass(frozen=True)
class Naming:
    """Where results go and what they are called.

    Attributes:
        out: a folder, made where missing, with the inputs' tree below it; None: beside the source.
        file: the one result's own path; overrides everything else.
        template: of the name without its ending; ``{stem}``, ``{scale}``, ``{width}``,
            ``{height}`` and ``{model}`` are filled in.
    """

    out: Path | None = None
    file: Path | None = None
    template: str = DEFAULT_NAME

    def __post_init__(self) -> None:
        check_template(self.template)

    def target(
        self, source: Source, size: tuple[int, int], factor: float, model: str, format_name: str
    ) -> Path:
        """The result's path for one source, the ending as the format wants it."""
        if self.file is not None:
            return self.file
        name = self.template.format(
            stem=source.stem,
            scale=f"{factor:.3g}",
            width=size[0],
            height=size[1],
            # whoever made the model file chose this text
            model=_NOT_IN_NAMES.sub("_", model) or "model",
        )
        if _DEVICE.fullmatch(name.partition(".")[0].rstrip()):
            name = f"_{name}"
        folder = source.path.parent if self.out is None else self.out / source.folder
        return folder / (name + _ending(source.path, format_name))


def without_results(
    sources: Sequence[Source], template: str, out: Path | None = None
) -> tuple[list[Source], list[Source]]:
    """Part the results of earlier runs from what is to be enlarged.

    A result is a file found in a folder whose name is the template's for another file there.

    Args:
        out: the folder for results; only files that lie where their own results go may be some.
            None: all do.

    Returns:
        The sources, and the results among them.
    """
    pattern = _result_names(template)
    if pattern is None:
        return list(sources), []
    there = {(source.path.parent, source.stem) for source in sources}
    is_home = _home_of_results(out)
    rest: list[Source] = []
    results: list[Source] = []
    for source in sources:
        match = None if source.named else pattern.fullmatch(source.stem)
        known = match is not None and (source.path.parent, match["stem"]) in there
        (results if known and is_home(source) else rest).append(source)
    return rest, results


def _home_of_results(out: Path | None) -> Callable[[Source], bool]:
    """Whether a source lies where its result goes."""
    if out is None:
        return lambda source: True
    known: dict[tuple[Path, Path], bool] = {}

    def is_home(source: Source) -> bool:
        key = source.path.parent, source.folder
        if key not in known:
            known[key] = source.path.parent.resolve() == (out / source.folder).resolve()
        return known[key]

    return is_home


def _result_names(template: str) -> re.Pattern[str] | None:
    """Matches the names a template gives, with the source's as group "stem"; None: cannot tell."""
    parts = list(string.Formatter().parse(template))
    fields = [field for _, field, _, _ in parts if field is not None]
    if fields.count("stem") != 1 or template == "{stem}":
        return None
    values = {"stem": "(?P<stem>.+)", "scale": "[0-9.e+]+", "model": ".+"}
    names = "".join(
        re.escape(literal) + ("" if field is None else values.get(field, "[0-9]+"))
        for literal, field, _, _ in parts
    )
    return re.compile(names + r"( \([0-9]+\))?", re.DOTALL)


def _ending(source: Path, format_name: str) -> str:
    """The source's own ending (".JPG" stays so) where it fits the format, else the usual one."""
    if format_of_extension(source) == format_name:
        return source.suffix
    return extension(format_name)


def check_template(template: str) -> None:
    """Raises UsageError: an unknown field or format, a stray brace, a path, or nothing."""
    if not template.strip():
        raise UsageError(tr("--name is empty"))
    try:
        fields = list(string.Formatter().parse(template))
    except ValueError as error:
        raise UsageError(tr("--name {name}: {reason}", name=template, reason=error)) from error
    for literal, field, form, conversion in fields:
        if _NOT_IN_NAMES.search(literal):
            _refuse_literal(template, literal)
        if field is not None:
            _check_field(template, field, form or "", conversion)


def _refuse_literal(template: str, literal: str) -> NoReturn:
    if "/" in literal or "\\" in literal:
        raise UsageError(
            tr("--name {name}: a name, not a path; choose the folder with -o", name=template)
        )
    raise UsageError(
        tr("--name {name}: has a character that names cannot have", name=repr(template))
    )


def _check_field(template: str, field: str, form: str, conversion: str | None) -> None:
    if field not in NAME_FIELDS:
        raise UsageError(
            tr(
                "--name {name}: unknown field {field}; there are {fields}",
                name=template,
                field="{" + field + "}",
                fields=", ".join("{" + known + "}" for known in NAME_FIELDS),
            )
        )
    number = field in ("width", "height")
    if conversion or (form and not (number and _FIELD_FORMAT.fullmatch(form))):
        raise UsageError(
            tr(
                "--name {name}: only a number of digits may follow a field, such as {example}",
                name=template,
                example="{width:05}",
            )
        )
