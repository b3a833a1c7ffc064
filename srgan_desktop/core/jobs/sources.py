"""Which files are meant."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.printable import printable_path
from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.core.images.io import format_of_extension, is_image_name

_NUMBERS = re.compile("([0-9]+)")


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
    not_images: int = 0

    def __str__(self) -> str:
        """For people; empty where there were none."""
        parts = (
            (self.listed, trn("{n} already in the list", "{n} already in the list", self.listed)),
            (self.hidden, trn("{n} hidden", "{n} hidden", self.hidden)),
            (self.results, trn("{n} earlier result", "{n} earlier results", self.results)),
            (self.not_images, trn("{n} not a picture", "{n} not pictures", self.not_images)),
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
                counts.not_images += 1
    yield from sorted(found, key=lambda source: natural_key(source.path))
