"""Which models there are: the shipped ones and a person's own.

Finding one by its name needs no torch; what looks into files imports it where it does.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import ModelFileError, ModelNotFoundError, UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.weights.headers import SUFFIX, SUFFIXES, name_of, suffix_of
from srgan_desktop.core.weights.model_card import ModelCard

# no path, nothing hidden, and no colon: that is for "own:"
_NAME = re.compile(r"(?![.\s])[^/\\:\x00-\x1f\x7f]{1,100}(?<!\s)")


# what a model is for comes first today; files that are about keep the title of their day
_PLAIN_TITLES = {
    "SRGAN x4, detailed": "Detailed x4 (SRGAN)",
    "SRResNet x4, faithful": "Faithful x4 (SRResNet)",
    "SRResNet x2, faithful": "Faithful x2 (SRResNet)",
}


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


def list_models(*, names_only: bool = False) -> list[CatalogueEntry]:
    """Shipped models first, then own ones, each by name; a damaged file is listed with its fault.

    An own model of a shipped one's name is reached by its name with "own:" before it, and one of
    another own one's name by the whole name of its file.

    Own models may have been put into the folder by hand, so all of their tensors are looked at,
    once for each state of a file. ``names_only`` reads headers alone, for who needs one model.
    """
    shipped = [_entry(path, shipped=True) for path in _files(shipped_folder())]
    own = [_entry(path, shipped=False) for path in _files(places.models())]
    return shipped + (own if names_only else [_looked_into(entry) for entry in own])


def state_of_files() -> list[tuple[str, int, int]]:
    """Path, bytes and time of writing of each model file: as long as they are the same, so is the
    list. Without torch.
    """
    found = []
    for folder in (shipped_folder(), places.models()):
        for path in _files(folder):
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((str(path), status.st_size, status.st_mtime_ns))
    return found


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    files = (path for path in folder.iterdir() if suffix_of(path) in SUFFIXES)
    return sorted(path for path in files if not path.name.startswith("."))


def _entry(path: Path, *, shipped: bool) -> CatalogueEntry:
    from srgan_desktop.core.weights.third_party.open_model import card_of

    name = _name(path, shipped=shipped)
    try:
        card = card_of(path)
    except ModelFileError as error:
        return CatalogueEntry(name, path, shipped, None, error.problem)
    title = _PLAIN_TITLES.get(card.title, card.title)
    return CatalogueEntry(name, path, shipped, replace(card, title=title))


def _name(path: Path, *, shipped: bool) -> str:
    name = name_of(path)
    if path.suffix != SUFFIX and path.with_name(f"{name}{SUFFIX}").exists():
        name = path.name
    if not shipped and (shipped_folder() / f"{name}{SUFFIX}").exists():
        name = f"own:{name}"
    return name


def _looked_into(entry: CatalogueEntry) -> CatalogueEntry:
    """The entry, with its problem where the header is well and the tensors are not."""
    from srgan_desktop.core.weights.third_party.open_model import is_third_party

    try:
        if entry.card is None or is_third_party(entry.path):
            return entry  # what others wrote was tried when its facts were found
        status = entry.path.stat()
    except (OSError, ModelFileError):
        return entry
    problem = _problem_of_tensors(entry.path, status.st_mtime_ns, status.st_size)
    return replace(entry, card=None, problem=problem) if problem else entry


@lru_cache(maxsize=256)
def _problem_of_tensors(path: Path, mtime_ns: int, size: int) -> str:
    """Why the network cannot be loaded; empty where it can. Asked once for each state of a file."""
    from srgan_desktop.core.weights.model_file import load_model

    try:
        load_model(path)
    except ModelFileError as error:
        return error.problem
    return ""


def find_model(name_or_file: str) -> Path:
    """The file of a catalogue name, or the file itself.

    Raises:
        ModelNotFoundError: neither.
    """
    known = _paths_by_name()
    if name_or_file in known:
        return known[name_or_file]
    path = Path(name_or_file)
    if _is_file(path):
        return path
    if not known:
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
            names=", ".join(known),
        )
    )


def find_beside(path: Path, name: str) -> Path:
    """The file of the model ``name``: beside ``path``, or in the catalogue.

    Raises:
        ModelNotFoundError: neither.
    """
    if not _NAME.fullmatch(name.removeprefix("own:")):  # a path would lead anywhere
        raise ModelNotFoundError(tr("no model called {name}", name=name))
    beside = path.with_name(name + SUFFIX)
    return beside if _is_file(beside) else find_model(name)


def _paths_by_name() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder, shipped in ((shipped_folder(), True), (places.models(), False)):
        for path in _files(folder):
            found.setdefault(_name(path, shipped=shipped), path)
    return found


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
    name = _checked_name(name_of(source) if name is None else name)
    if not _is_file(source):
        raise ModelFileError(source, tr("there is no such file"))
    from srgan_desktop.core.weights.third_party.open_model import open_model

    open_model(source)
    _check_free(name)
    suffix = suffix_of(source)
    target = places.models() / f"{name}{suffix if suffix in SUFFIXES else SUFFIX}"
    _copy(source, target)
    return _entry(target, shipped=False)


def _checked_name(name: str) -> str:
    """Without the ending that a file has; raises UsageError for what cannot be a name."""
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    if not _NAME.fullmatch(name):
        raise UsageError(tr("{name} cannot be the name of a model", name=repr(name)))
    return name


def _check_free(name: str, *, but_for: Path | None = None) -> None:
    """``but_for``: a file that may have the name; where case is all the same, it is found by it."""
    paths = [places.models() / f"{name}{suffix}" for suffix in SUFFIXES]
    if any(path.exists() and not (but_for and _same_file(path, but_for)) for path in paths):
        raise UsageError(
            tr("there is a model called {name} already; remove it or choose --name", name=name)
        )


def _copy(source: Path, target: Path) -> None:
    with _copying(source):
        target.parent.mkdir(parents=True, exist_ok=True)
        data = source.read_bytes()
    _write(target, data)


@contextlib.contextmanager
def _copying(source: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ModelFileError(
            source, tr("cannot be copied: {reason}", reason=error.strerror or error)
        ) from error


def _write(target: Path, data: bytes) -> None:
    from srgan_desktop.core.weights.model_file import write_whole

    write_whole(target, data)


def remove_model(name: str) -> Path:
    """Delete one of the person's own models; returns where it was.

    Raises:
        ModelNotFoundError: no model of that name.
        UsageError: it ships with the program.
        ModelFileError: it cannot be deleted.
    """
    entry = _own(name)
    _delete(entry.path)
    return entry.path


def rename_model(name: str, new: str) -> CatalogueEntry:
    """Give one of the person's own models another name; those that blend with it follow.

    Raises:
        ModelNotFoundError: no model of that name.
        UsageError: it ships with the program, the new name is taken or no file name.
        ModelFileError: it cannot be written.
    """
    from srgan_desktop.core.weights.model_file import with_metadata
    from srgan_desktop.core.weights.third_party.open_model import is_third_party

    entry, new = _own(name), _checked_name(new)
    target = entry.path.with_name(new + suffix_of(entry.path))
    if target == entry.path:
        return entry
    _check_free(new, but_for=entry.path)
    if entry.card is None or is_third_party(entry.path):
        _move(entry.path, target)
    else:
        _write(target, with_metadata(entry.path, name=new))
        if not _same_file(entry.path, target):
            _delete(entry.path)
    _follow(name_of(entry.path), new)
    return _entry(target, shipped=False)


def _follow(old: str, new: str) -> None:
    """Own models whose smooth partner has another name now."""
    from srgan_desktop.core.weights.model_file import read_card, with_metadata
    from srgan_desktop.core.weights.third_party.open_model import is_third_party

    for path in _files(places.models()):
        try:
            if not is_third_party(path) and read_card(path).partner == old:
                _write(path, with_metadata(path, partner=new))
        except ModelFileError:
            continue  # damaged: nothing blends with it


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _own(name: str) -> CatalogueEntry:
    for entry in list_models(names_only=True):
        if entry.name != name:
            continue
        if entry.shipped:
            raise UsageError(tr("{name} ships with the program and stays", name=name))
        return entry
    raise ModelNotFoundError(tr("no model called {name}", name=name))


def _move(path: Path, target: Path) -> None:
    try:
        path.rename(target)
    except OSError as error:
        raise ModelFileError(path, atomic.explain(error)) from error


def _delete(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise ModelFileError(
            path, tr("cannot be deleted: {reason}", reason=error.strerror or error)
        ) from error


def export_file(source: Path, target: Path) -> None:
    """Copy a model file to a place of the person's choice; what is there is replaced.

    Raises:
        ModelFileError: it cannot be read or written.
    """
    with _copying(source):
        data = source.read_bytes()
    _write(target, data)
