"""Which models there are: the shipped ones and a person's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from srgan_desktop.core import places
from srgan_desktop.core.errors import ModelFileError, ModelNotFoundError, UsageError
from srgan_desktop.core.translation import tr
from srgan_desktop.core.weights import SUFFIX, ModelCard, load_model, read_card

# no path, nothing hidden, and no colon: that is for "own:"
_NAME = re.compile(r"(?![.\s])[^/\\:\x00-\x1f\x7f]{1,100}(?<!\s)")


@dataclass(frozen=True)
class CatalogueEntry:
    """A model file; ``card`` is None where it cannot be used, and ``problem`` says why."""

    name: str
    path: Path
    shipped: bool
    card: ModelCard | None
    problem: str = ""


def shipped_folder() -> Path:
    return places.resources() / "models"


def list_models() -> list[CatalogueEntry]:
    """Shipped models first, then own ones, each by name; a damaged file is listed with its fault.

    An own model of a shipped one's name is reached by its name with "own:" before it.
    """
    shipped = [_entry(path, shipped=True) for path in _files(shipped_folder())]
    own = [_entry(path, shipped=False) for path in _files(places.models())]
    return shipped + own


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def _entry(path: Path, *, shipped: bool) -> CatalogueEntry:
    name = path.stem
    if not shipped and (shipped_folder() / path.name).exists():
        name = f"own:{name}"
    try:
        return CatalogueEntry(name, path, shipped, read_card(path))
    except ModelFileError as error:
        return CatalogueEntry(name, path, shipped, None, error.problem)


def find_model(name_or_file: str) -> Path:
    """The file of a catalogue name, or the file itself.

    Raises:
        ModelNotFoundError: neither.
    """
    entries = list_models()
    for entry in entries:
        if entry.name == name_or_file:
            return entry.path
    path = Path(name_or_file)
    if _is_file(path):
        return path
    if not entries:
        raise ModelNotFoundError(
            tr(
                "no model or file called {name}, and no models at all; "
                "add one with: srgan-desktop models add FILE",
                name=name_or_file,
            )
        )
    raise ModelNotFoundError(
        tr(
            "no model or file called {name}; there are: {names}",
            name=name_or_file,
            names=", ".join(entry.name for entry in entries),
        )
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file can have
        return False


def add_model(source: Path, name: str | None = None) -> CatalogueEntry:
    """Copy a model file into the person's models folder, after a look at all of it.

    Raises:
        ModelFileError: not a usable model, or it cannot be written.
        UsageError: there is one of that name already, or the name is no file name.
    """
    name = (source.stem if name is None else name).removesuffix(SUFFIX)
    if not _NAME.fullmatch(name):
        raise UsageError(tr("{name} cannot be the name of a model", name=repr(name)))
    if not _is_file(source):
        raise ModelFileError(source, tr("there is no such file"))
    load_model(source)
    target = places.models() / f"{name}{SUFFIX}"
    if target.exists():
        raise UsageError(
            tr("there is a model called {name} already; remove it or choose --name", name=name)
        )
    _copy(source, target)
    return _entry(target, shipped=False)


def _copy(source: Path, target: Path) -> None:
    from srgan_desktop.core.weights import write_whole

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        data = source.read_bytes()
    except OSError as error:
        raise ModelFileError(
            source, tr("cannot be copied: {reason}", reason=error.strerror or error)
        ) from error
    write_whole(target, data)


def remove_model(name: str) -> Path:
    """Delete one of the person's own models; returns where it was.

    Raises:
        ModelNotFoundError: no model of that name.
        UsageError: it ships with the program.
        ModelFileError: it cannot be deleted.
    """
    for entry in list_models():
        if entry.name != name:
            continue
        if entry.shipped:
            raise UsageError(tr("{name} ships with the program and stays", name=name))
        try:
            entry.path.unlink()
        except OSError as error:
            raise ModelFileError(
                entry.path, tr("cannot be deleted: {reason}", reason=error.strerror or error)
            ) from error
        return entry.path
    raise ModelNotFoundError(tr("no model called {name}", name=name))
