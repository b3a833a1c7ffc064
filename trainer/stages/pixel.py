"""The SRResNet stage: a generator trained alone, after a pixel loss."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from srgan_desktop.core.errors import TrainingError
from srgan_desktop.core.generator import Generator
from trainer import precision as number_format
from trainer.config import RunConfig
from trainer.dataset import CropSampler, PhotoSet
from trainer.degradations import BICUBIC_MARGIN, lr_hr_pair
from trainer.ema import WeightAverage
from trainer.events import Event, Finished, Saved, Started, Step, Validated
from trainer.losses import PIXEL_LOSSES
from trainer.run_folder import RunFolder
from trainer.schedule import Pace, learning_rate
from trainer.validation import Piece, Scores, bicubic_scores, validate, write_strip

STEP_EVENT_SECONDS = 0.1


@dataclass
class PixelStage:
    """All that changes while the stage runs; ``state`` and ``restore`` carry it through a file."""

    generator: Generator
    average: WeightAverage | None
    optimiser: torch.optim.Optimizer
    precision: str
    step: int = 0
    elapsed: float = 0.0
    best_psnr: float = -math.inf

    @property
    def network(self) -> Generator:
        """The network to use: the averaged one where there is one."""
        return self.generator if self.average is None else self.average.network  # type: ignore[return-value]

    def state(self) -> dict[str, Any]:
        return {
            "stage": "pixel",
            "step": self.step,
            "elapsed": self.elapsed,
            "best_psnr": self.best_psnr,
            "precision": self.precision,
            "generator": self.generator.state_dict(),
            "average": self.average.network.state_dict() if self.average else None,
            "average_updates": self.average.updates if self.average else 0,
            "optimiser": self.optimiser.state_dict(),
            "random": torch.get_rng_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.step = state["step"]
        self.elapsed = state["elapsed"]
        self.best_psnr = state["best_psnr"]
        self.precision = state["precision"]
        self.generator.load_state_dict(state["generator"])
        if self.average is not None and state["average"] is not None:
            self.average.network.load_state_dict(state["average"])
            self.average.updates = state["average_updates"]
        self.optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["random"])


def new_stage(config: RunConfig, generator: Generator, device: torch.device) -> PixelStage:
    """A stage at step 0 around ``generator``, moved to ``device`` in channels_last."""
    generator = generator.to(device, memory_format=torch.channels_last).train()
    average = WeightAverage(generator, config.ema_decay) if config.ema_decay else None
    optimiser = torch.optim.Adam(
        generator.parameters(),
        lr=config.optimiser.learning_rate,
        betas=(config.optimiser.beta1, config.optimiser.beta2),
        fused=True,
    )
    return PixelStage(generator, average, optimiser, "")


def run_pixel_stage(
    config: RunConfig,
    stage: PixelStage,
    photos: PhotoSet,
    pieces: list[Piece],
    pace: Pace,
    folder: RunFolder,
) -> Iterator[Event]:
    """Train until the pace says that it is over; closing the generator saves first.

    Yields:
        started, step, validated, saved and finished events.

    Raises:
        TrainingError: the loss is no number, or a checkpoint cannot be written.
    """
    device = photos.pixels.device
    scale = config.generator.scale
    size = config.data.crop + 2 * BICUBIC_MARGIN * scale
    sampler = CropSampler(photos, size, config.batch, config.seed, config.data.augment)
    lr_shape = torch.Size(
        (config.batch, config.generator.colours, config.data.crop // scale, config.data.crop // scale)
    )
    if not stage.precision:
        stage.precision = number_format.choose(
            config.precision, stage.generator, device, lr_shape
        )
    autocast = number_format.autocast(device, stage.precision)
    pixel_loss = PIXEL_LOSSES[config.loss.pixel]
    forward = torch.compile(stage.generator) if config.compile else stage.generator
    bicubic = bicubic_scores(pieces, scale) if pieces else None
    last_event = last_save = time.monotonic()
    next_validation = _next_validation(config, stage.step, pace)

    yield Started(
        str(folder.path), "pixel", stage.step, pace.steps, pace.budget_s, len(photos),
        str(device), stage.precision,
    )  # fmt: skip
    try:
        while not pace.done(stage.step):
            rate = learning_rate(
                config.schedule, config.optimiser, stage.step, pace.progress(stage.step)
            )
            for group in stage.optimiser.param_groups:
                group["lr"] = rate
            lr, hr = lr_hr_pair(sampler.crops(stage.step), scale)
            with autocast:
                sr = forward(lr)
            loss = config.loss.pixel_weight * pixel_loss(sr.float(), hr)
            stage.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            if config.optimiser.clip_norm:
                nn.utils.clip_grad_norm_(stage.generator.parameters(), config.optimiser.clip_norm)
            stage.optimiser.step()
            if stage.average is not None:
                stage.average.update(stage.generator)
            stage.step += 1
            pace.tick(stage.step)

            now = time.monotonic()
            if now - last_event >= STEP_EVENT_SECONDS or pace.done(stage.step):
                last_event = now
                yield _step_event(stage.step, _finite(loss, stage.step), rate, pace)
            if pace.done(stage.step) or _due(next_validation, stage.step, pace):
                next_validation = _next_validation(config, stage.step, pace)
                if pieces and bicubic is not None:
                    yield from _validate(config, stage, pieces, bicubic, folder)
            if now - last_save >= config.checkpoint_seconds:
                last_save = now
                yield _save(stage, pace, folder)
        yield _save(stage, pace, folder)
        yield Finished(stage.step, "done", pace.elapsed, None)
    except GeneratorExit:
        _save(stage, pace, folder)
        raise


def _finite(loss: Tensor, step: int) -> float:
    value = float(loss.detach())
    if not math.isfinite(value):
        raise TrainingError(
            f"the loss of step {step} is no number; a lower optimiser.learning_rate or "
            "optimiser.clip_norm = 1 usually helps. The last checkpoint is from before."
        )
    return value


def _step_event(step: int, loss: float, rate: float, pace: Pace) -> Step:
    return Step(
        step, pace.steps, {"pixel": loss}, rate, pace.steps_per_second, pace.eta_s(step)
    )


def _next_validation(config: RunConfig, step: int, pace: Pace) -> tuple[int, float]:
    """The step or the part of the run at which to validate next, whichever is set."""
    every = config.validation.every_steps
    return (step + every, 2.0) if every else (2**63, pace.progress(step) + 0.05)


def _due(mark: tuple[int, float], step: int, pace: Pace) -> bool:
    return step >= mark[0] or pace.progress(step) >= mark[1]


def _validate(
    config: RunConfig,
    stage: PixelStage,
    pieces: list[Piece],
    bicubic: Scores,
    folder: RunFolder,
) -> Iterator[Event]:
    from srgan_desktop.core.weights import ModelCard, save_model

    device = next(stage.generator.parameters()).device
    stage.network.eval()
    scores, pictures = validate(
        stage.network,
        pieces,
        config.generator.scale,
        number_format.autocast(device, stage.precision),
    )
    stage.generator.train()
    samples = []
    for piece, picture in list(zip(pieces, pictures, strict=True))[: config.validation.samples]:
        path = folder.samples / f"{stage.step:08d}" / f"{piece.name}.png"
        write_strip(path, piece, picture)
        samples.append(str(path))
    best = scores.psnr_y > stage.best_psnr
    if best:
        stage.best_psnr = scores.psnr_y
        card = ModelCard(name=folder.path.name, training={"steps": stage.step})
        save_model(folder.best_model, stage.network, card)
    yield Validated(
        stage.step, scores.psnr_y, scores.ssim_y, bicubic.psnr_y, best, tuple(samples)
    )


def _save(stage: PixelStage, pace: Pace, folder: RunFolder) -> Saved:
    stage.elapsed = pace.elapsed
    return Saved(stage.step, str(folder.save_checkpoint(stage.state())))
