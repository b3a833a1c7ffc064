"""Which files are meant, and where their results go."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from srgan_desktop.core.errors import UsageError
from srgan_desktop.core.names import DEFAULT_NAME
from srgan_desktop.core.picture_files import extension, format_of_extension, is_picture_name
from srgan_desktop.core.translation import tr

NAME_FIELDS = ("stem", "scale", "width", "height", "model")


@dataclass(frozen=True)
class Source:
    """A file to enlarge; ``folder`` is its place below the folder that was given, "." if none."""

    path: Path
    folder: Path = Path()


def collect_sources(inputs: Iterable[Path], *, leave_out: Path | None = None) -> list[Source]:
    """Files as they are given; folders searched through, in alphabetical order.

    In folders only names of picture files count; hidden files and folders, and what lies below
    ``leave_out`` (the output folder), are passed over. A file given twice is taken once.

    Raises:
        UsageError: an input does not exist, or there is nothing to enlarge in all of them.
    """
    found: dict[Path, Source] = {}
    outside = leave_out.resolve() if leave_out is not None else None
    for given in inputs:
        if given.is_dir():
            for source in _below(given, outside):
                found.setdefault(source.path.absolute(), source)
        elif given.exists() or given.is_symlink():
            found.setdefault(given.absolute(), Source(given))
        else:
            raise UsageError(tr("{path}: there is no such file or folder", path=given))
    if not found:
        raise UsageError(
            tr("no pictures in {places}", places=", ".join(str(path) for path in inputs))
        )
    return list(found.values())


def _below(folder: Path, outside: Path | None) -> Iterator[Source]:
    try:
        entries = sorted(folder.rglob("*"))
    except OSError as error:
        raise UsageError(
            tr("{path}: cannot be read: {reason}", path=folder, reason=error.strerror or error)
        ) from error
    # an output folder that contains the input folder leaves nothing out
    inside = (
        outside is not None
        and outside != folder.resolve()
        and outside.is_relative_to(folder.resolve())
    )
    for path in entries:
        relative = path.relative_to(folder)
        if any(part.startswith(".") for part in relative.parts) or not is_picture_name(path):
            continue
        if inside and outside is not None and path.resolve().is_relative_to(outside):
            continue
        if path.is_file():
            yield Source(path, relative.parent)


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
            stem=source.path.stem,
            scale=f"{factor:.3g}",
            width=size[0],
            height=size[1],
            model=model,
        )
        folder = source.path.parent if self.out is None else self.out / source.folder
        return folder / (name + _ending(source.path, format_name))


def _ending(source: Path, format_name: str) -> str:
    """The source's own ending (".JPG" stays so) where it fits the format, else the usual one."""
    if format_of_extension(source) == format_name:
        return source.suffix
    return extension(format_name)


def check_template(template: str) -> None:
    """Raises UsageError: an unknown field, a stray brace, a path, or always the same name."""
    try:
        fields = [
            field for _, field, _, _ in string.Formatter().parse(template) if field is not None
        ]
    except ValueError as error:
        raise UsageError(tr("--name {name}: {reason}", name=template, reason=error)) from error
    for field in fields:
        if field not in NAME_FIELDS:
            raise UsageError(
                tr(
                    "--name {name}: unknown field {field}; there are {fields}",
                    name=template,
                    field="{" + field + "}",
                    fields=", ".join("{" + known + "}" for known in NAME_FIELDS),
                )
            )
    if "/" in template or "\\" in template:
        raise UsageError(
            tr("--name {name}: a name, not a path; choose the folder with -o", name=template)
        )
    if not template.strip():
        raise UsageError(tr("--name is empty"))
