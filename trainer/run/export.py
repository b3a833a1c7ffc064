"""From a run's folder to a model file."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

from srgan_desktop.core.base.errors import RunFolderError, UsageError
from srgan_desktop.core.base.paths import is_folder, is_there
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.engine.calibration import find_ranges
from srgan_desktop.core.networks.network import Network
from srgan_desktop.core.weights.architectures import build_network
from srgan_desktop.core.weights.model_file import SUFFIX, ModelCard, load_model, save_model
from trainer.run.card import model_card
from trainer.run.checkpoints import load_checkpoint
from trainer.run.inputs import read_run
from trainer.run.run_folder import RunFolder

Which = Literal["best", "last", "ema"]


def export_model(
    folder: RunFolder,
    target: Path,
    which: Which = "best",
    *,
    overwrite: bool = False,
    half: bool = False,
    says: Mapping[str, str] | None = None,
) -> Path:
    """Write one of a run's networks as a model file and say where.

    Args:
        folder: the run, finished or not.
        target: a file ending in .safetensors, or a folder.
        which: the weights that validated best, the last ones, or the last averaged ones.
        overwrite: replace a file that is there.
        half: store float16.
        says: fields of the card to set: name, title, description, author, licence.

    Raises:
        RunFolderError: no run there, it has no such weights yet, or its config was changed.
        UsageError: the target is there already or is no model file.
        ModelFileError: it cannot be written.
    """
    target = _target(folder, target, overwrite)
    network, card = _best(folder) if which == "best" else _from_checkpoint(folder, which)
    network.activation_ranges = find_ranges(network)
    save_model(target, network, dataclasses.replace(card, **cast(Any, says or {})), half=half)
    return target


def _target(folder: RunFolder, target: Path, overwrite: bool) -> Path:
    if is_folder(target):
        target = target / f"{folder.path.absolute().name}{SUFFIX}"
    if target.suffix.lower() != SUFFIX:
        raise UsageError(
            tr("{path}: a model file's name ends in {suffix}", path=target, suffix=SUFFIX)
        )
    if is_there(target) and not overwrite:
        raise UsageError(
            tr("{path}: is there already; choose another name or --overwrite", path=target)
        )
    if not is_folder(target.absolute().parent):
        raise UsageError(tr("{folder}: there is no such folder", folder=target.parent))
    return target


def _best(folder: RunFolder) -> tuple[Network, ModelCard]:
    config, _ = read_run(folder)  # says plainly where there is no run at all
    if not folder.kept_model.exists():
        which = "ema" if config.ema_decay else "last"
        raise RunFolderError(
            folder.path,
            tr("has not validated yet; train longer or choose --which {which}", which=which),
        )
    return load_model(folder.kept_model)


def _from_checkpoint(folder: RunFolder, which: Which) -> tuple[Network, ModelCard]:
    config, inputs = read_run(folder)
    state, _ = load_checkpoint(folder)
    if state is None:
        raise RunFolderError(folder.path, tr("has no checkpoint yet; train longer"))
    weights = state["generator"] if which == "last" else state["average"]
    if weights is None:
        raise RunFolderError(
            folder.path, tr("averages no weights (ema_decay is 0); choose --which last")
        )
    network = build_network(config.generator)
    try:
        network.load_state_dict(weights)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise folder.another_network() from error
    card = model_card(
        config,
        inputs,
        step=state["step"],
        seconds=state["elapsed"],
        precision=state["precision"],
        psnr_y=float("nan"),
    )
    return network.eval(), card
