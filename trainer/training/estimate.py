"""Estimates how long a run takes on this machine, by training for a moment."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from srgan_desktop.core.backends.device import resolve_device
from srgan_desktop.core.base.errors import ImageReadError
from srgan_desktop.core.base.memory import peak_resident_bytes
from srgan_desktop.core.weights.architectures import build_network
from trainer.config.run_config import RunConfig
from trainer.data.dataset import PhotoSet, header_size, image_paths, known_sizes
from trainer.data.distillation import questions
from trainer.data.loading import trial_photos
from trainer.data.validation_pieces import load_pieces
from trainer.evaluation.validation import seconds_to_validate
from trainer.losses.generator import load_features
from trainer.run.events import Estimate, Event, Measuring
from trainer.run.inputs import RunInputs
from trainer.run.throttle import Throttle
from trainer.training import precision as number_format
from trainer.training.forward import training_forward
from trainer.training.schedule import RunClock
from trainer.training.stages import new_stage, train_step
from trainer.training.stages.common import crop_sampler, forward_of, lr_shape, padded_crop
from trainer.training.stages.pixel import PixelStage
from trainer.training.teacher import answer_shape, check_teacher, seconds_to_answer
from trainer.training.validator import VALIDATIONS

# photos that are read for the trial: their number does not change the speed of a step
_TRIAL_PHOTOS = 24
_WARM_UP_STEPS = 2
_LEAST_STEPS = 3


def estimate(
    config: RunConfig,
    data: Path,
    *,
    steps: int | None,
    budget_s: float | None,
    seconds: float = 60.0,
    device: str = "auto",
    pairs: Path | None = None,
    real: Path | None = None,
) -> Generator[Event, None, Estimate]:
    """Train for ``seconds`` on some of the pictures and keep nothing.

    The estimate is the last event and the generator's result. ``pairs`` and ``real`` are as in
    ``RunInputs``.

    Raises:
        SrganDesktopError: the data or the device cannot be used.
    """
    if config.threads:
        torch.set_num_threads(config.threads)
    where = resolve_device(device)
    paths = image_paths(data)
    inputs = RunInputs("", data, None, steps, budget_s, device, None, pairs, real)
    check_teacher(config, inputs)
    photos = yield from trial_photos(config, inputs, _spread(paths, padded_crop(config)))
    torch.manual_seed(config.seed)
    vgg = yield from load_features(config, where)
    stage = new_stage(config, build_network(config.generator), where, vgg)
    stage.precision = number_format.choose(
        config.precision, training_forward(stage.generator), where, lr_shape(config)
    )
    clock = yield from _measure(config, stage, photos.to(where), seconds)
    validation = _validation_seconds(config, stage, paths)
    photo_bytes = _decoded_bytes(paths, config)
    teacher = _Teacher(None, 0)
    if config.teacher.wanted:
        teacher = _teacher_of(config, photos, device)
    run_seconds, run_steps = _whole_run(
        steps, budget_s, clock.steps_per_second, validation, teacher.lost(config, budget_s)
    )
    surplus = max(0, photo_bytes - photos.pixels.numel())
    result = Estimate(
        device=str(where),
        precision=stage.precision,
        it_per_s=clock.steps_per_second,
        measured_steps=stage.step,
        measured_seconds=clock.elapsed,
        steps=steps,
        budget_s=budget_s,
        run_seconds=run_seconds,
        run_steps=run_steps,
        validation_seconds=validation,
        pictures=len(paths),
        photo_bytes=photo_bytes,
        memory_bytes=_plus(peak_resident_bytes(), surplus + teacher.answer_bytes),
        device_memory_bytes=_plus(_peak_device_memory(where), surplus),
        teacher_seconds=teacher.seconds,
        teacher_first=config.teacher.wanted and not config.teacher.background,
    )
    yield result
    return result


@dataclass(frozen=True)
class _Teacher:
    """What a teacher costs: seconds for all answers, were it alone, and their memory."""

    seconds: float | None
    answer_bytes: int

    def lost(self, config: RunConfig, budget_s: float | None) -> float:
        """Seconds of training that it costs a run.

        Where it answers meanwhile the two share the machine: none of the work becomes less, and
        the training gets half of it at least.
        """
        seconds = self.seconds or 0.0
        if budget_s is None or not config.teacher.background:
            return seconds
        return min(seconds, budget_s / 2)


def _teacher_of(config: RunConfig, photos: PhotoSet, device: str) -> _Teacher:
    asked = questions(config, photos, None)
    seconds = seconds_to_answer(config, asked, device)
    return _Teacher(seconds, answer_shape(config, asked.side).bytes)


def _spread(paths: Sequence[Path], least_side: int) -> list[Path]:
    """Some of the large enough pictures, from all over the folder."""
    order = [path for first in range(_TRIAL_PHOTOS) for path in paths[first::_TRIAL_PHOTOS]]
    chosen: list[Path] = []
    for path in order:
        if len(chosen) == _TRIAL_PHOTOS:
            break
        try:
            if min(header_size(path)) >= least_side:
                chosen.append(path)
        except ImageReadError:
            continue
    return chosen or list(paths)


def _measure(
    config: RunConfig, stage: PixelStage, photos: PhotoSet, seconds: float
) -> Generator[Measuring, None, RunClock]:
    """Steps as a run would make them; the pace at which they went, the first ones apart."""
    forward, _ = forward_of(config, stage)
    sampler = crop_sampler(config, photos)
    rate = config.optimiser.learning_rate * 1e-3

    def step() -> None:
        losses = train_step(config, stage, forward, sampler.crops(stage.step), rate)
        float(sum(losses.values()))  # waits for the device

    for _ in range(_WARM_UP_STEPS):
        step()
    throttle = Throttle()
    clock = RunClock(None, seconds)
    clock.tick(stage.step)
    while stage.step < _WARM_UP_STEPS + _LEAST_STEPS or clock.elapsed < seconds:
        step()
        clock.tick(stage.step)
        if throttle.due():
            yield Measuring(stage.step, clock.steps_per_second, clock.elapsed, seconds)
    return clock


def _validation_seconds(config: RunConfig, stage: PixelStage, paths: Sequence[Path]) -> float:
    scale, colours = config.generator.scale, config.generator.colours
    pieces = load_pieces(paths[:: max(1, len(paths) // 12)], config.validation, scale, colours)
    autocast = number_format.autocast(stage.device, stage.precision)
    return seconds_to_validate(stage.network.eval(), pieces, scale, autocast)


def _whole_run(
    steps: int | None, budget_s: float | None, it_per_s: float, validation: float, lost: float
) -> tuple[float, int]:
    """Seconds and steps of a run that ends after ``steps`` or ``budget_s``.

    ``lost`` are the seconds in which a teacher has the machine.
    """
    if budget_s is not None:
        training = max(0.0, budget_s - lost - validation) * (
            1 - min(0.1, VALIDATIONS * validation / budget_s)
        )
        return budget_s, max(1, int(training * it_per_s))
    wanted = steps or 0
    return wanted / it_per_s + VALIDATIONS * validation + lost, wanted


def _decoded_bytes(paths: Sequence[Path], config: RunConfig) -> int:
    pixels = 0
    for width, height in known_sizes(paths):
        if min(width, height) >= padded_crop(config):
            pixels += width * height
    return min(pixels * config.generator.colours, int(config.data.memory_gib * 2**30))


def _plus(known: int | None, more: int) -> int | None:
    return None if known is None else known + more


def _peak_device_memory(device: torch.device) -> int | None:
    return int(torch.cuda.max_memory_reserved(device)) if device.type == "cuda" else None
