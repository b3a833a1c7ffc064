"""What a person should know of the photos that a run is validated on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from srgan_desktop.core.base.translation import tr, trn
from trainer.config.run_config import RunConfig
from trainer.data.dataset import Rejected
from trainer.data.validation_pieces import Piece
from trainer.run.inputs import RunInputs


def validation_notes(
    config: RunConfig,
    inputs: RunInputs,
    held_out: Sequence[Path],
    training: Sequence[Path],
    pieces: Sequence[Piece],
    unfit: Sequence[Rejected],
) -> tuple[str, ...]:
    """Lines about what is missing, unfit, or trained on as well.

    Args:
        held_out: files of validation photos, set aside or of a folder of their own.
        training: files that are trained on.
        pieces: what came of the validation photos.
        unfit: those of which nothing could come.
    """
    if config.validation.pictures == 0:
        return ()
    if not pieces:
        text = tr(
            "there are too few photos to set some aside for validation: nothing will say how good "
            "the model is; add photos, or name a folder with --val"
        )
        return (text,)
    notes = []
    if inputs.validation is not None:
        notes += _unfit(unfit)
        notes += _trained_on(held_out, training)
    return tuple(notes)


def _unfit(unfit: Sequence[Rejected]) -> list[str]:
    if not unfit:
        return []
    return [
        trn(
            "{n} validation photo cannot be used, {path}: {reason}",
            "{n} validation photos cannot be used, such as {path}: {reason}",
            len(unfit),
            path=unfit[0].path,
            reason=unfit[0].message,
        )
    ]


def _trained_on(held_out: Sequence[Path], training: Sequence[Path]) -> list[str]:
    alike = same_files(held_out, training)
    if not alike:
        return []
    return [
        trn(
            "{n} validation photo is also trained on, {path}: its figures will flatter",
            "{n} validation photos are also trained on, such as {path}: their figures will flatter",
            len(alike),
            path=alike[0],
        )
    ]


def same_files(some: Iterable[Path], others: Iterable[Path]) -> list[Path]:
    """Those of ``some`` whose bytes are those of one of the ``others``, wherever it lies."""
    by_size: dict[int, list[Path]] = {}
    for path in others:
        size = _size(path)
        if size is not None:
            by_size.setdefault(size, []).append(path)
    found = []
    for path in some:
        candidates = by_size.get(_size(path) or -1, [])
        if candidates and _digest(path) in {_digest(candidate) for candidate in candidates}:
            found.append(path)
    return found


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _digest(path: Path) -> bytes | None:
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return None
