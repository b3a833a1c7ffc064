"""What results are called and where they go, and how earlier ones are known."""

from __future__ import annotations

import os
import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from srgan_desktop.core.base.defaults import DEFAULT_NAME
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import extension, format_of_extension
from srgan_desktop.core.jobs.sources import Source

NAME_FIELDS = ("stem", "scale", "width", "height", "model")
# a width, zeros before it: nothing that could fail later or make endless names
_FIELD_FORMAT = re.compile("0?[1-9][0-9]?")
# under Windows no files, whatever ending they have; folders are shared between systems
_DEVICE = re.compile("(?i)con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin[$]|conout[$]")
_NOT_IN_NAMES = re.compile(
    r'[/\\\x00-\x1f\x7f]|[<>:"|?*]' if os.name == "nt" else r"[/\\\x00-\x1f\x7f]"
)


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
