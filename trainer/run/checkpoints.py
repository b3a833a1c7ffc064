"""A run's checkpoints: all that is needed to go on exactly, sealed by a hash."""

from __future__ import annotations

import contextlib
import hashlib
import io
import math
from pathlib import Path
from typing import Any

import torch

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import RunFolderError, TrainingError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.weights import safe_pickle
from trainer.run.run_folder import RunFolder

# after the checkpoint itself, where readers of zip files do not look
_SEAL = b"sha256:"
# what a state always holds, and what it may
_NEEDED: dict[str, tuple[type, ...]] = {
    "stage": (str,),
    "step": (int,),
    "elapsed": (int, float),
    "photos": (list, tuple),
    "events_bytes": (int,),
    "validated_step": (int,),
    "next_validation": (int, float),
    "best_psnr": (int, float),
    "precision": (str,),
    "generator": (dict,),
    "optimiser": (dict,),
    "random": (torch.Tensor,),
}
_POSSIBLE: dict[str, tuple[type, ...]] = {
    "end": (list, tuple),
    "good": (bool,),
    "portions": (int,),
    "rollbacks": (int,),
    "rate_factor": (int, float),
    "top_psnr": (int, float),
    "won_since": (int,),
    "average": (dict, type(None)),
    "average_updates": (int,),
}
_MOST_STEPS = 2**53
# what becomes a model
_WEIGHTS = ("generator", "average")


def save_checkpoint(folder: RunFolder, state: dict[str, Any]) -> Path:
    """Make ``state`` the last checkpoint and the last the previous one.

    The position in the event log is kept with it. A failure leaves what was there.

    Raises:
        RunFolderError: the run's folder is gone.
        TrainingError: it cannot be written (disk full).
    """
    folder.check_there()
    buffer = io.BytesIO()
    torch.save(state | {"events_bytes": folder.events_bytes}, buffer)
    payload = buffer.getvalue()
    last, fresh = folder.last_checkpoint, folder.fresh_checkpoint
    try:
        last.parent.mkdir(exist_ok=True)
        _write(fresh, payload + _SEAL + hashlib.sha256(payload).digest())
        if last.exists():
            last.replace(folder.previous_checkpoint)
        fresh.replace(last)
    except OSError as error:
        raise TrainingError(f"{last}: {atomic.explain(error)}") from error
    return last


def _write(path: Path, data: bytes) -> None:
    with atomic.replace_file(path) as new:
        new.file.write(data)


def keep_as_good(folder: RunFolder) -> None:
    """Let the last checkpoint be the one to go back to; else the one from before stays."""
    temporary = folder.good_checkpoint.with_name(".good.part")
    with contextlib.suppress(OSError):
        temporary.unlink(missing_ok=True)
        try:
            # checkpoints are replaced, never written to: one file may have two names
            temporary.hardlink_to(folder.last_checkpoint)
            temporary.replace(folder.good_checkpoint)
        except OSError:
            _write(folder.good_checkpoint, folder.last_checkpoint.read_bytes())
        temporary.unlink(missing_ok=True)


def load_good(folder: RunFolder) -> dict[str, Any] | None:
    """The state to go back to, tensors on the CPU; None where there is none yet.

    Raises:
        RunFolderError: it is damaged.
    """
    return _read_sealed(folder.good_checkpoint) if folder.good_checkpoint.exists() else None


def load_checkpoint(folder: RunFolder) -> tuple[dict[str, Any] | None, list[str]]:
    """The newest sound checkpoint's state, tensors on the CPU, and warnings.

    None where the run was stopped before its first checkpoint.

    Raises:
        RunFolderError: there are checkpoints, but all are damaged.
    """
    damage: list[RunFolderError] = []
    for path in (folder.last_checkpoint, folder.previous_checkpoint, folder.good_checkpoint):
        if not path.exists():
            continue
        try:
            state = _read_sealed(path)
        except RunFolderError as error:
            damage.append(error)
        else:
            return state, _going_on_in_spite_of(damage)
    if damage:
        raise RunFolderError(
            damage[0].path,
            damage[0].problem + tr("; start a new run") + folder.init_advice,
        )
    return None, []


def _going_on_in_spite_of(damage: list[RunFolderError]) -> list[str]:
    return [tr("{problem}; going on from the one before", problem=known) for known in damage[:1]]


def _read_sealed(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise RunFolderError(path, tr("cannot be read: {reason}", reason=reason)) from error
    payload, seal = data[: -len(_SEAL) - 32], data[-len(_SEAL) - 32 :]
    if seal != _SEAL + hashlib.sha256(payload).digest():
        raise RunFolderError(path, tr("the checkpoint is damaged or cut short"))
    try:
        state: dict[str, Any] = safe_pickle.load(payload)
    except (safe_pickle.UnsafePickleError, safe_pickle.DamagedPickleError) as error:
        raise RunFolderError(path, tr("no checkpoint that this program wrote")) from error
    if not _is_state(state):
        raise RunFolderError(path, tr("no checkpoint that this program wrote"))
    return state


def _is_state(state: object) -> bool:
    """Whether its entries are such as a run writes; whether they fit the run is seen later."""
    if not isinstance(state, dict) or not _NEEDED.keys() <= state.keys():
        return False
    for key, kinds in (_NEEDED | _POSSIBLE).items():
        value = state.get(key)
        if key in state and not isinstance(value, kinds):
            return False
        if isinstance(value, float) and math.isnan(value):
            return False
        if isinstance(value, int) and abs(value) > _MOST_STEPS:
            return False
    if not all(_is_finite(state.get(key)) for key in _WEIGHTS):
        return False
    return len(state.get("end", (None, None))) == 2 and state.get("portions", 1) > 0


def _is_finite(weights: object) -> bool:
    """Whether no weight among them is infinite or none: a stage never saves such ones."""
    tensors = weights.values() if isinstance(weights, dict) else ()
    return all(
        bool(tensor.isfinite().all()) for tensor in tensors if isinstance(tensor, torch.Tensor)
    )
