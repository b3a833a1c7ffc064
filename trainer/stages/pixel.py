"""The SRResNet stage: a generator trained alone, after a pixel loss."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from srgan_desktop.core.errors import SrganDesktopError, TrainingError
from srgan_desktop.core.generator import Generator
from srgan_desktop.core.translation import tr
from trainer import precision as number_format
from trainer.config import RunConfig
from trainer.crops import CropSampler
from trainer.dataset import PhotoSet
from trainer.degradations import BICUBIC_MARGIN, lr_hr_pair
from trainer.ema import WeightAverage
from trainer.events import Event, Finished, Started, Step, Warned
from trainer.forward import TrainingForward
from trainer.job import Job, TrainingData
from trainer.keeper import Keeper
from trainer.losses import PIXEL_LOSSES
from trainer.schedule import Pace, learning_rate
from trainer.threads import one_thread
from trainer.ticker import Ticker
from trainer.watch import Watch


@dataclass
class PixelStage:
    """All that changes while the stage runs; ``state`` and ``restore`` carry it through a file."""

    generator: Generator
    average: WeightAverage[Generator] | None
    optimiser: torch.optim.Optimizer
    precision: str = ""
    step: int = 0
    validated_step: int = 0
    next_validation: float = 0.0  # by the clock: the part of the run at which it is due
    best_psnr: float = -math.inf

    @property
    def network(self) -> Generator:
        """The network to use: the averaged one where there is one."""
        return self.generator if self.average is None else self.average.network

    @property
    def device(self) -> torch.device:
        return next(self.generator.parameters()).device

    def state(self) -> dict[str, Any]:
        """Tensors, numbers and strings: what ``torch.load`` reads without executing code."""
        return {
            "stage": "pixel",
            "step": self.step,
            "validated_step": self.validated_step,
            "next_validation": self.next_validation,
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
        self.validated_step = state["validated_step"]
        self.next_validation = state["next_validation"]
        self.best_psnr = state["best_psnr"]
        self.precision = state["precision"]
        self.generator.load_state_dict(state["generator"])
        if self.average is not None and state["average"] is not None:
            self.average.network.load_state_dict(state["average"])
            self.average.updates = state["average_updates"]
        self.optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["random"])

    def check_finite(self) -> None:
        """Find out whether the weights are numbers; waits for the device.

        Raises:
            TrainingError: they are not.
        """
        norms = torch.stack(torch._foreach_norm([p.detach() for p in self.generator.parameters()]))
        if not bool(torch.isfinite(norms).all()):
            raise not_finite(self.step)


def not_finite(step: int) -> TrainingError:
    return TrainingError(
        tr(
            "the loss of step {step} is no number: training went astray. The checkpoint from "
            "before is kept. Start again with a lower rate, such as --set "
            "optimiser.learning_rate=1e-4, or with --set optimiser.clip_norm=1",
            step=step,
        )
    )


def new_stage(config: RunConfig, generator: Generator, device: torch.device) -> PixelStage:
    """A stage at step 0 around ``generator``, moved to ``device`` in channels_last."""
    generator = generator.to(device).to(memory_format=torch.channels_last).train()
    average = WeightAverage(generator, config.ema_decay) if config.ema_decay else None
    return PixelStage(generator, average, _adam(config, generator))


def _adam(config: RunConfig, generator: Generator) -> torch.optim.Optimizer:
    rate = config.optimiser.learning_rate
    betas = (config.optimiser.beta1, config.optimiser.beta2)
    try:
        return torch.optim.Adam(generator.parameters(), lr=rate, betas=betas, fused=True)
    except RuntimeError:
        # not every device has the fused kernel
        return torch.optim.Adam(generator.parameters(), lr=rate, betas=betas)


def lr_shape(config: RunConfig) -> torch.Size:
    """Of the LR crops of one step."""
    side = config.data.crop // config.generator.scale
    return torch.Size((config.batch, config.generator.colours, side, side))


def crop_sampler(config: RunConfig, photos: PhotoSet) -> CropSampler:
    """HR crops with the margin that ``lr_hr_pair`` cuts off again."""
    return CropSampler(photos, padded_crop(config), config.batch, config.seed, config.data.augment)


def padded_crop(config: RunConfig) -> int:
    """Side of the pieces that a step cuts from photos, in HR pixels."""
    return config.data.crop + 2 * BICUBIC_MARGIN * config.generator.scale


def train_step(
    config: RunConfig,
    stage: PixelStage,
    forward: Callable[[Tensor], Tensor],
    crops: Tensor,
    rate: float,
) -> Tensor:
    """One step on uint8 HR crops at learning rate ``rate``; the loss, not waited for."""
    for group in stage.optimiser.param_groups:
        group["lr"] = rate
    with one_thread(stage.device):
        lr, hr = lr_hr_pair(crops.to(stage.device, non_blocking=True), config.generator.scale)
    with number_format.autocast(stage.device, stage.precision):
        sr = forward(lr)
    loss = config.loss.pixel_weight * PIXEL_LOSSES[config.loss.pixel](sr.float(), hr)
    stage.optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    with one_thread(stage.device):
        if config.optimiser.clip_norm:
            nn.utils.clip_grad_norm_(stage.generator.parameters(), config.optimiser.clip_norm)
        stage.optimiser.step()
        if stage.average is not None:
            stage.average.update(stage.generator)
    stage.step += 1
    return loss.detach()


def run_pixel_stage(job: Job, stage: PixelStage, data: TrainingData, pace: Pace) -> Iterator[Event]:
    """Train until the pace says that it is over or the job is told to stop; closing saves first.

    Everything that happens at a step's end - validation, checkpoint - happens at the loop's top,
    so that a run resumed from any checkpoint takes the very path of one that was not stopped.

    Yields:
        started, step, validated, saved, warning and finished events.

    Raises:
        TrainingError: the loss is no number, or nothing could be saved at the end.
        RunFolderError: the run's folder is gone.
    """
    config, folder, photos = job.config, job.folder, data.photos
    sampler = crop_sampler(config, photos)
    if not stage.precision:
        stage.precision = number_format.choose(
            config.precision, TrainingForward(stage.generator), stage.device, lr_shape(config)
        )
    forward, warning = forward_of(config, stage)
    watch = Watch(job, stage, data.pieces, pace)
    keeper = Keeper(folder, config.checkpoint_seconds)
    ticker = Ticker()
    asked_to_stop = False

    yield Started(
        str(folder.path), "pixel", stage.step, pace.steps, pace.budget_s, len(photos),
        str(stage.device), stage.precision,
    )  # fmt: skip
    if warning:
        yield Warned(warning)
    try:
        while True:
            over = pace.done(stage.step)
            if watch.due(over):
                stage.check_finite()
                yield from watch.validate()
                yield keeper.save(_state(stage, pace, photos))
            elif keeper.due():
                stage.check_finite()
                yield keeper.save(_state(stage, pace, photos))
            if over or asked_to_stop or job.stop():
                break

            rate = learning_rate(
                config.schedule, config.optimiser, stage.step, pace.progress(stage.step)
            )
            loss = train_step(config, stage, forward, sampler.crops(stage.step), rate)
            pace.tick(stage.step)
            if ticker.due() or stage.step == pace.steps:
                folder.check_there()
                asked_to_stop = folder.stop_request.exists()
                yield _step_event(stage.step, loss, rate, pace)

        if keeper.saved_step != stage.step:
            stage.check_finite()
            yield keeper.save(_state(stage, pace, photos))
        yield Finished(stage.step, "done" if over else "interrupted", pace.elapsed, None)
    except GeneratorExit:
        # closed from outside
        _save_at_close(stage, pace, photos, keeper)
        raise


def forward_of(
    config: RunConfig, stage: PixelStage
) -> tuple[Callable[[Tensor], Tensor], str | None]:
    """What to call for a forward pass, and a warning where compiling was asked for in vain.

    The compiled function shares its weights with ``stage.generator``, whose key names stay.
    """
    forward = TrainingForward(stage.generator)
    if not config.compile:
        return forward, None
    sample = torch.zeros(lr_shape(config), device=stage.device)
    sample = sample.contiguous(memory_format=torch.channels_last)
    try:
        # on a copy, whose batch norms may take notice of the sample
        trial = torch.compile(copy.deepcopy(forward))
        with number_format.autocast(stage.device, stage.precision):
            trial(sample).float().mean().backward()
    except Exception as error:  # whatever the machine's compiler dies of
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return forward, tr("goes on uncompiled: {reason}", reason=reason)
    return cast(Callable[[Tensor], Tensor], torch.compile(forward)), None


def _state(stage: PixelStage, pace: Pace, photos: PhotoSet) -> dict[str, Any]:
    return stage.state() | {"elapsed": pace.elapsed, "photos": photos.fingerprint}


def _save_at_close(stage: PixelStage, pace: Pace, photos: PhotoSet, keeper: Keeper) -> None:
    try:
        stage.check_finite()
        keeper.save(_state(stage, pace, photos))
    except SrganDesktopError:
        # nobody listens any more; the checkpoint from before still stands
        return


def _step_event(step: int, loss: Tensor, rate: float, pace: Pace) -> Step:
    value = float(loss)
    if not math.isfinite(value):
        raise not_finite(step)
    return Step(
        step, pace.steps, {"pixel": value}, rate, pace.steps_per_second, pace.eta_s(step),
        pace.elapsed,
    )  # fmt: skip
