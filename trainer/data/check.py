"""What is in a folder of photos: what training can use, what it cannot and why, what is doubled."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from srgan_desktop.core.base.errors import ImageReadError
from srgan_desktop.core.base.memory import free_memory_bytes
from trainer.data.dataset import Rejected, decode, image_paths, in_threads, rejection, too_small
from trainer.data.degradations import BICUBIC_MARGIN
from trainer.data.fingerprint import Fingerprint, fingerprint, pairs_alike
from trainer.data.user_pairs import partners, size_problem
from trainer.run.events import Checking, Event
from trainer.run.throttle import Throttle

# upper ends of the classes of the histogram, short side in pixels
SIZE_CLASSES = (128, 256, 512, 1024, 2048, 4096)


@dataclass(frozen=True)
class FolderReport(Event):
    """What a check found.

    Attributes:
        folder: what was looked at; crop and scale: for which training.
        pictures: files found; usable: those that training can take.
        unusable: the others, with the reason.
        sizes: (from, to, pictures): usable ones whose short side is in this range, in pixels; the
            last class has no end (None).
        exact_duplicates: groups of files with the same pixels.
        near_duplicates: groups that show the same picture resized or recompressed.
        grey: usable pictures without colour.
        decoded_bytes: memory that the usable ones take; memory_bytes: what is free (None: unknown).
        validation_pictures: readable ones in the validation folder; None where none was given.
        overlap: (training file, validation file) that show the same picture.
        pairs: usable pictures that have their small picture; None where no such folder was given.
        small_alone: small pictures that belong to no picture.
    """

    event: ClassVar[str] = "checked"
    folder: Path
    crop: int
    scale: int
    pictures: int
    usable: int
    unusable: tuple[Rejected, ...]
    sizes: tuple[tuple[int, int | None, int], ...]
    exact_duplicates: tuple[tuple[Path, ...], ...]
    near_duplicates: tuple[tuple[Path, ...], ...]
    grey: int
    decoded_bytes: int
    memory_bytes: int | None
    validation_pictures: int | None
    overlap: tuple[tuple[Path, Path], ...]
    pairs: int | None = None
    small_alone: tuple[Path, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether a run could begin with this folder."""
        return self.usable > 0


def _ignore(_: Rejected) -> None:
    """Damaged validation pictures are not training's concern."""


@dataclass(frozen=True)
class _Looked:
    """A readable picture."""

    path: Path
    width: int
    height: int
    print_: Fingerprint


def check_folder(
    folder: Path,
    validation: Path | None = None,
    *,
    crop: int = 96,
    scale: int = 4,
    margin: bool = True,
    pairs: Path | None = None,
) -> Generator[Event, None, FolderReport]:
    """Look at every picture; the report is the last event and the generator's result.

    ``margin`` is whether more than the crop is cut (``data.margin``; stage cycle has none). With
    ``pairs``, a folder of small pictures, those without one of the right size are unusable.

    Raises:
        UsageError: a folder is missing.
        DatasetError: no picture file in a folder.
    """
    paths = image_paths(folder)
    held_out = image_paths(validation) if validation is not None else []
    total = len(paths) + len(held_out)
    unusable: list[Rejected] = []
    seen = yield from _look(paths, unusable.append, 0, total)
    checked = yield from _look(held_out, _ignore, len(paths), total)
    small_alone: tuple[Path, ...] = ()
    if pairs is None:
        around = 2 * BICUBIC_MARGIN * scale if margin else 0
        usable = _large_enough(seen, crop + around, unusable)
    else:
        paired, small_alone = _paired(seen, pairs, scale, unusable)
        usable = _large_enough(paired, crop, unusable)
    exact, near = _duplicates(usable)
    report = FolderReport(
        folder=folder,
        crop=crop,
        scale=scale,
        pictures=len(paths),
        usable=len(usable),
        unusable=tuple(unusable),
        sizes=_histogram(usable),
        exact_duplicates=exact,
        near_duplicates=near,
        grey=sum(item.print_.grey for item in usable),
        decoded_bytes=sum(3 * item.width * item.height for item in usable),
        memory_bytes=free_memory_bytes(),
        validation_pictures=None if validation is None else len(checked),
        overlap=_overlap(seen, checked),
        pairs=None if pairs is None else len(usable),
        small_alone=small_alone,
    )
    yield report
    return report


def _look(
    paths: Sequence[Path], rejected: Callable[[Rejected], None], before: int, total: int
) -> Generator[Checking, None, list[_Looked]]:
    seen = []
    throttle = Throttle()
    for number, future in enumerate(in_threads(_look_at, paths), before + 1):
        try:
            seen.append(future.result())
        except ImageReadError as error:
            rejected(rejection(error))
        if throttle.due() or number == total:
            yield Checking(number, total)
    return seen


def _look_at(path: Path) -> _Looked:
    pixels = decode(path, 3)
    return _Looked(path, pixels.shape[1], pixels.shape[0], fingerprint(pixels))


def _large_enough(
    seen: Iterable[_Looked], least_side: int, unusable: list[Rejected]
) -> list[_Looked]:
    usable = []
    for item in seen:
        size = (item.width, item.height)
        if min(size) < least_side:
            unusable.append(Rejected(item.path, "too_small", too_small(size, least_side)))
        else:
            usable.append(item)
    return usable


def _paired(
    seen: Sequence[_Looked], folder: Path, scale: int, unusable: list[Rejected]
) -> tuple[list[_Looked], tuple[Path, ...]]:
    """Those whose small picture is sound and of the right size; small pictures left over."""
    found = partners([item.path for item in seen], folder, unusable.append)
    usable = []
    for item in seen:
        if item.path not in found:
            continue
        try:
            small = decode(found[item.path], 3)
        except ImageReadError as error:
            unusable.append(rejection(error))
            continue
        sizes = (item.width, item.height), (small.shape[1], small.shape[0])
        problem = size_problem(*sizes, scale)
        if problem is None:
            usable.append(item)
        else:
            unusable.append(Rejected(item.path, "unpaired", problem))
    alone = set(image_paths(folder)) - set(found.values())
    return usable, tuple(sorted(alone))


def _histogram(usable: Iterable[_Looked]) -> tuple[tuple[int, int | None, int], ...]:
    sides = [min(item.width, item.height) for item in usable]
    classes = zip((0, *SIZE_CLASSES), (*SIZE_CLASSES, None), strict=True)
    counted = (
        (low, high, sum(low <= side and (high is None or side < high) for side in sides))
        for low, high in classes
    )
    return tuple(entry for entry in counted if entry[2])


Groups = tuple[tuple[Path, ...], ...]


def _duplicates(usable: Sequence[_Looked]) -> tuple[Groups, Groups]:
    """Groups of equal pictures, and groups that look the same with one of each equal group."""
    by_digest: dict[bytes, list[_Looked]] = defaultdict(list)
    for item in usable:
        by_digest[item.print_.digest].append(item)
    exact = tuple(
        tuple(item.path for item in group) for group in by_digest.values() if len(group) > 1
    )
    firsts = [group[0] for group in by_digest.values()]
    return exact, _joined([item.path for item in firsts], [item.print_ for item in firsts])


def _joined(paths: Sequence[Path], prints: Sequence[Fingerprint]) -> Groups:
    """Groups of pictures connected by looking the same."""
    group = list(range(len(paths)))

    def root(i: int) -> int:
        while group[i] != i:
            i = group[i]
        return i

    for i, j in pairs_alike(prints):
        group[root(j)] = root(i)
    roots = [root(i) for i in range(len(paths))]
    large = [r for r, n in Counter(roots).items() if n > 1]
    return tuple(tuple(paths[i] for i in range(len(paths)) if roots[i] == r) for r in large)


def _overlap(
    training: Sequence[_Looked], validation: Sequence[_Looked]
) -> tuple[tuple[Path, Path], ...]:
    """Pairs of files, one from each, that show the same picture."""
    found = pairs_alike([item.print_ for item in training], [item.print_ for item in validation])
    return tuple((training[i].path, validation[j].path) for i, j in found)
