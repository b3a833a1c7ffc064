"""What the stages' loops share: optimiser, crops, forward pass, saving and events."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn

from srgan_desktop.core.backends.memory_errors import is_memory_error
from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.core.base.translation import tr
from trainer.config.run_config import RunConfig
from trainer.data.dataset import PhotoSet
from trainer.data.samplers import crop_sampler as crop_sampler  # noqa: PLC0414
from trainer.data.user_pairs import padded_crop as padded_crop  # noqa: PLC0414 - passed on to importers
from trainer.run.checkpointer import Checkpointer
from trainer.run.events import Event, Step, Warned
from trainer.run.throttle import Throttle
from trainer.training import precision as number_format
from trainer.training.accumulation import too_little_memory
from trainer.training.distributed import Group
from trainer.training.forward import training_forward
from trainer.training.rollback import DivergedError
from trainer.training.schedule import RunClock
from trainer.training.validator import Stage


class Stateful(Stage, Protocol):
    """A stage whose state can be saved."""

    won_since: int

    def state(self) -> dict[str, Any]: ...

    def check_finite(self) -> None: ...


@dataclass(frozen=True)
class StepDecisions:
    """What to do before and after a step; the same in all processes of a run.

    Attributes:
        progress: the part of the run that is done, 0..1 or more.
        over: whether that is all.
        save: whether a checkpoint is due.
        report: whether to tell of the coming step.
        stop: whether someone wants the run to end.
    """

    progress: float
    over: bool
    save: bool
    report: bool
    stop: bool


def step_decisions(
    group: Group,
    step: int,
    clock: RunClock,
    checkpointer: Checkpointer,
    throttle: Throttle,
    stop: bool,
) -> StepDecisions:
    """At ``step``: by the clocks of the first process, and anyone's request to stop."""
    clocks = (clock.progress(step), checkpointer.due(), throttle.due() or step + 1 == clock.steps)
    mine = clocks if group.leads else (0, 0, 0)
    progress, save, report, stops = group.add([*mine, stop])
    return StepDecisions(progress, step > 0 and progress >= 1, save > 0, report > 0, stops > 0)


def notices_of(stage: Stage) -> Iterator[Event]:
    """What people should know about the last step."""
    while stage.notices:
        yield Warned(stage.notices.pop(0))


def not_finite(step: int) -> DivergedError:
    return DivergedError(tr("the loss of step {step} is not a number", step=step))


def check_finite(networks: list[nn.Module], step: int) -> None:
    """Check that all weights are finite; waits for the device.

    Raises:
        DivergedError: they are not.
    """
    weights = [p.detach() for network in networks for p in network.parameters()]
    if not bool(torch.isfinite(torch.stack(torch._foreach_norm(weights))).all()):
        raise not_finite(step)


def lr_shape(config: RunConfig) -> torch.Size:
    """Of the LR crops of one step."""
    side = config.data.crop // config.generator.scale
    return torch.Size((config.batch, config.generator.colours, side, side))


def choose_precision(config: RunConfig, stage: Stage) -> str:
    """The number format of the forward pass, measured if the config says so.

    Raises:
        DeviceMemoryError: memory does not even suffice for one crop.
    """
    shape = lr_shape(config)
    while True:
        try:
            return stage.group.first(
                number_format.choose(
                    config.precision, training_forward(stage.generator), stage.device, shape
                )
            )
        except (RuntimeError, MemoryError) as error:
            if not is_memory_error(error):
                raise
        if shape[0] == 1:
            raise too_little_memory()
        shape = torch.Size((shape[0] // 2, *shape[1:]))


def forward_of(config: RunConfig, stage: Stage) -> tuple[Callable[[Tensor], Tensor], str | None]:
    """The function for a forward pass, and a warning if it could not be compiled as asked.

    The compiled function shares its weights with ``stage.generator``, whose key names stay.
    """
    forward = training_forward(stage.generator)
    if not config.compile:
        return forward, None
    if config.adapts:
        return forward, tr("goes on uncompiled: the network is another one at each step")
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


def state_of(
    stage: Stateful, clock: RunClock, photos: PhotoSet, *, good: bool = False
) -> dict[str, Any]:
    """A stage's state with its place in the run, and whether to go back to it if need be."""
    good = good and stage.won_since < 0
    return stage.state() | {
        "elapsed": clock.elapsed,
        "end": [clock.steps, clock.budget_s],
        "photos": photos.fingerprint,
        "good": good,
    }


def save_at_close(
    stage: Stateful, clock: RunClock, photos: PhotoSet, checkpointer: Checkpointer
) -> None:
    """Save when nobody is listening any more; on failure the previous checkpoint is kept."""
    try:
        stage.check_finite()
        checkpointer.save(state_of(stage, clock, photos))
    except SrganDesktopError:
        return


def step_event(
    step: int,
    losses: Mapping[str, Tensor],
    rate: float,
    clock: RunClock,
    discriminator_scores: tuple[Tensor, Tensor] | None = None,
) -> Step:
    """The event of a step; reads the losses, and so waits for the device.

    Raises:
        DivergedError: a loss is no number.
    """
    values = {name: float(loss) for name, loss in losses.items()}
    if not all(math.isfinite(value) for value in values.values()):
        raise not_finite(step)
    d_real, d_fake = (
        (None, None)
        if discriminator_scores is None
        else (float(discriminator_scores[0]), float(discriminator_scores[1]))
    )
    return Step(
        step,
        clock.steps,
        values,
        rate,
        clock.steps_per_second,
        clock.eta_s(step),
        clock.elapsed,
        d_real,
        d_fake,
    )
