"""The end of a run: its model, and how good that is."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

from srgan_desktop.core.base.errors import ModelFileError, TrainingError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.weights.model_file import save_model, write_whole
from trainer.run.card import model_card
from trainer.run.events import Event, Finished, Saved, Warned
from trainer.training.run_setup import RunSetup
from trainer.training.stages.pixel import PixelStage


def finish(
    job: RunSetup, stage: PixelStage, finished: Finished, bicubic: float, checkpoint_saved: bool
) -> Iterator[Event]:
    """Write the model of a run that is done.

    Args:
        finished: what is to be told of the end, but for the model.
        bicubic: PSNR in dB of bicubic enlargement on the validation pictures; -inf: not known.
        checkpoint_saved: whether the last checkpoint is that of the end.

    Raises:
        TrainingError: the model cannot be written.
    """
    model = job.folder.final_model
    try:
        if job.group.leads:
            _write_model(job, stage, finished)
    except ModelFileError as error:
        job.folder.check_there()
        if checkpoint_saved:
            raise TrainingError(
                tr("{error}; the training is done and saved: make room and resume", error=error)
            ) from error
        raise TrainingError(
            tr("{error}; neither the model nor a checkpoint could be saved", error=error)
        ) from error
    # of the other stages, and of what a teacher asks for, PSNR says little
    by_psnr = job.config.stage == "pixel" and not job.config.teacher.wanted
    if by_psnr and stage.best_psnr < bicubic:
        yield Warned(
            tr(
                "the model is worse than bicubic enlargement: PSNR {psnr:.2f} dB on the validation "
                "pictures, against {bicubic:.2f} dB; train longer, or with more pictures",
                psnr=stage.best_psnr,
                bicubic=bicubic,
            )
        )
    yield Saved(finished.step, str(model))
    yield dataclasses.replace(finished, model=str(model))


def _write_model(job: RunSetup, stage: PixelStage, finished: Finished) -> None:
    """The weights kept at validations with their score; where nothing was validated, the last."""
    folder = job.folder
    if math.isfinite(stage.best_psnr) and folder.best_model.exists():
        write_whole(folder.final_model, folder.best_model.read_bytes())
        return
    card = model_card(
        job.config,
        job.inputs,
        step=stage.step,
        seconds=finished.seconds,
        precision=stage.precision,
        psnr_y=math.nan,
    )
    save_model(folder.final_model, stage.network, card)
