"""Reading what a run trains and validates on, and saying what had to be left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from srgan_desktop.core.base.errors import DatasetError, UsageError
from srgan_desktop.core.base.paths import is_folder
from srgan_desktop.core.base.translation import tr, trn
from trainer.config.run_config import RunConfig
from trainer.data.dataset import PhotoSet, Rejected, image_paths, load_photos
from trainer.data.user_pairs import (
    Reject,
    UnpairedPhotos,
    load_pairs,
    padded_crop,
    partners,
    unpaired,
)
from trainer.data.validation_notes import validation_notes
from trainer.data.validation_pieces import Piece, load_pair_pieces, load_pieces
from trainer.run.events import Preparing
from trainer.run.inputs import RunInputs

_NAMED_REJECTIONS = 5


@dataclass(frozen=True)
class TrainingData:
    """Photos, validation pieces (on the CPU), what had to be left out, and bad photos.

    Attributes:
        real: what a teacher is asked about besides; those of stage cycle are in ``photos``.
        validation_notes: what a person should know of the validation photos.
    """

    photos: PhotoSet
    pieces: list[Piece]
    rejected: list[Rejected]
    real: PhotoSet | None = None
    validation_notes: tuple[str, ...] = ()


def check_inputs(config: RunConfig, inputs: RunInputs) -> None:
    """Find out whether the folders that were named are those that the config wants.

    Raises:
        UsageError: one is missing, or of no use.
    """
    if config.degradation.kind == "pairs" and inputs.pairs is None:
        raise UsageError(
            tr("degradation.kind pairs needs the folder of the small pictures: --pairs FOLDER")
        )
    if config.degradation.kind != "pairs" and inputs.pairs is not None:
        raise UsageError(tr("--pairs is for degradation.kind pairs: remove one of the two"))
    if config.stage == "cycle" and inputs.real is None:
        raise UsageError(tr("stage cycle needs a folder with photos of low quality: --real FOLDER"))
    if config.stage == "cycle" and config.degradation.kind != "bicubic":
        raise UsageError(
            tr("stage cycle learns the degradation: degradation.kind is bicubic there")
        )
    if config.stage != "cycle" and not config.teacher.wanted and inputs.real is not None:
        raise UsageError(
            tr("--real is for a --teacher or for stage cycle: add one, or choose cycle-x4")
        )


def set_aside(
    paths: Sequence[Path], most: int, is_fit: Callable[[Path], bool], every: int = 20
) -> list[Path]:
    """For validation: of each ``every`` paths the first that is fit, at most ``most``.

    None where there are fewer than four paths, which training needs more.
    """
    if len(paths) < 4:
        return []
    chosen: list[Path] = []
    for start in range(0, len(paths), every):
        if len(chosen) == most:
            break
        chosen += next(([path] for path in paths[start : start + every] if is_fit(path)), [])
    return chosen


def load_data(config: RunConfig, inputs: RunInputs) -> Generator[Preparing, None, TrainingData]:
    """Read what a run trains and validates on, telling how far it is.

    Without a validation folder every 20th training photo (one at least, where there are four) is
    set aside for it.

    Raises:
        UsageError: a folder is missing.
        DatasetError: nothing in a folder is usable.
    """
    check_inputs(config, inputs)
    if config.degradation.kind == "pairs":
        return (yield from load_pair_data(config, inputs))
    paths = image_paths(inputs.data)
    scale, colours = config.generator.scale, config.generator.colours
    if inputs.validation is not None:
        held_out = image_paths(inputs.validation)
    else:
        held_out = set_aside(
            paths,
            config.validation.pictures,
            lambda path: bool(load_pieces([path], config.validation, scale, colours)),
        )
        paths = [path for path in paths if path not in set(held_out)]
    unfit: list[Rejected] = []
    pieces = load_pieces(
        held_out, config.validation, scale, colours, config.degradation, unfit.append
    )
    if inputs.validation is not None and not pieces and config.validation.pictures:
        raise DatasetError(
            tr(
                "{folder}: no usable validation picture in it (too small, blank or damaged)",
                folder=inputs.validation,
            )
        )
    rejected: list[Rejected] = []
    photos = yield from load_photos(
        inputs.data,
        paths,
        colours=colours,
        least_side=padded_crop(config),
        memory_bytes=int(config.data.memory_gib * 2**30),
        rejected=rejected.append,
        seed=config.seed,
    )
    if config.stage == "cycle":
        photos = yield from with_real(config, inputs, photos, rejected.append)
    real = None
    if config.teacher.wanted and inputs.real is not None:
        real = yield from _load_real(config, inputs.real, rejected.append)
    notes = validation_notes(config, inputs, held_out, paths, pieces, unfit)
    return TrainingData(photos, pieces, rejected, real, notes)


def warnings_about(rejected: list[Rejected]) -> list[str]:
    """The damaged files by name, the rest by number."""
    damaged = [item for item in rejected if item.reason in ("unreadable", "truncated")]
    lines = [
        tr("left out {path}: {reason}", path=item.path, reason=item.message)
        for item in damaged[:_NAMED_REJECTIONS]
    ]
    counts = Counter(item.reason for item in rejected)
    if len(damaged) > _NAMED_REJECTIONS:
        more = len(damaged) - _NAMED_REJECTIONS
        lines.append(
            trn("left out {n} more damaged picture", "left out {n} more damaged pictures", more)
        )
    if counts["too_small"]:
        example = next(item for item in rejected if item.reason == "too_small")
        lines.append(
            trn(
                "left out {n} picture that is too small",
                "left out {n} pictures that are too small",
                counts["too_small"],
            )
            + tr(", such as {path}: {reason}", path=example.path, reason=example.message)
        )
    if counts["unpaired"]:
        example = next(item for item in rejected if item.reason == "unpaired")
        lines.append(
            trn(
                "left out {n} picture without a small one that matches",
                "left out {n} pictures without a small one that matches",
                counts["unpaired"],
            )
            + tr(", such as {path}: {reason}", path=example.path, reason=example.message)
        )
    if counts["no_memory"]:
        lines.append(
            trn(
                "left out {n} picture for want of memory (data.memory_gib)",
                "left out {n} pictures for want of memory (data.memory_gib)",
                counts["no_memory"],
            )
        )
    return lines


def load_pair_data(
    config: RunConfig, inputs: RunInputs
) -> Generator[Preparing, None, TrainingData]:
    """Read pairs to train and validate on.

    Without a validation folder every 20th pair (one at least, where there are four) is set aside
    for it.

    Raises:
        UsageError: a folder is missing.
        DatasetError: nothing in a folder is usable.
    """
    if inputs.pairs is None:
        raise UsageError(tr("pairs want the folder of the small pictures: --pairs FOLDER"))
    scale, colours = config.generator.scale, config.generator.colours
    rejected: list[Rejected] = []
    unfit: list[Rejected] = []
    found = partners(image_paths(inputs.data), inputs.pairs, rejected.append)
    if inputs.validation is not None:
        pieces, held_out = _pieces_of(inputs.validation, inputs.pairs, config, unfit.append)
    else:
        held_out = set_aside(
            list(found),
            config.validation.pictures,
            lambda path: bool(
                load_pair_pieces({path: found[path]}, config.validation, scale, colours)
            ),
        )
        for_validation = {path: found.pop(path) for path in held_out}
        pieces = load_pair_pieces(for_validation, config.validation, scale, colours)
    photos = yield from _load_pairs(config, inputs.data, found, rejected.append)
    notes = validation_notes(config, inputs, held_out, list(found), pieces, unfit)
    return TrainingData(photos, pieces, rejected, validation_notes=notes)


def _pieces_of(
    folder: Path, pairs: Path, config: RunConfig, rejected: Reject
) -> tuple[list[Piece], list[Path]]:
    """Validation pairs: from HR/ and LR_x4/ in ``folder``, else with partners in ``pairs``.

    The HR files that were tried come with them.
    """
    scale = config.generator.scale
    large, small = folder / "HR", folder / f"LR_x{scale}"
    if is_folder(large) and is_folder(small):
        found = partners(image_paths(large), small, rejected)
    else:
        found = partners(image_paths(folder), pairs, rejected)
    colours = config.generator.colours
    pieces = load_pair_pieces(found, config.validation, scale, colours, rejected)
    if not pieces and config.validation.pictures:
        raise DatasetError(
            tr(
                "{folder}: it has no usable validation pair; the small pictures are looked for "
                "in {small}, or else in the folder of --pairs",
                folder=folder,
                small=small,
            )
        )
    return pieces, list(found)


def with_real(
    config: RunConfig, inputs: RunInputs, photos: PhotoSet, rejected: Reject
) -> Generator[Preparing, None, UnpairedPhotos]:
    """``photos`` and beside them the bad photos of ``inputs.real``.

    Raises:
        UsageError: the folder is missing, or all in it are too small.
        DatasetError: nothing in it is usable.
    """
    if inputs.real is None:
        raise UsageError(tr("stage cycle needs a folder with photos of low quality: --real FOLDER"))
    return unpaired(photos, (yield from _load_real(config, inputs.real, rejected)))


def _load_real(
    config: RunConfig, folder: Path, rejected: Reject
) -> Generator[Preparing, None, PhotoSet]:
    """Bad photos, of which LR is cut as it is."""
    return (
        yield from load_photos(
            folder,
            image_paths(folder),
            colours=config.generator.colours,
            least_side=config.data.crop // config.generator.scale,
            memory_bytes=_memory_bytes(config),
            rejected=rejected,
            seed=config.seed,
        )
    )


def trial_photos(
    config: RunConfig, inputs: RunInputs, paths: Sequence[Path]
) -> Generator[Preparing, None, PhotoSet]:
    """``paths`` of ``inputs.data`` as a run would read them, for measuring.

    Raises:
        SrganDesktopError: as ``load_pair_data`` and ``with_real``.
    """
    check_inputs(config, inputs)
    if config.degradation.kind == "pairs" and inputs.pairs is not None:
        found = partners(paths, inputs.pairs)
        return (yield from _load_pairs(config, inputs.data, found, lambda _: None))
    photos = yield from load_photos(
        inputs.data,
        paths,
        colours=config.generator.colours,
        least_side=padded_crop(config),
        memory_bytes=_memory_bytes(config),
    )
    if config.stage == "cycle":
        return (yield from with_real(config, inputs, photos, lambda _: None))
    return photos


def _load_pairs(
    config: RunConfig, folder: Path, found: dict[Path, Path], rejected: Reject
) -> Generator[Preparing, None, PhotoSet]:
    return (
        yield from load_pairs(
            folder,
            found,
            scale=config.generator.scale,
            colours=config.generator.colours,
            crop=config.data.crop,
            memory_bytes=_memory_bytes(config),
            rejected=rejected,
            seed=config.seed,
        )
    )


def _memory_bytes(config: RunConfig) -> int:
    return int(config.data.memory_gib * 2**30)
