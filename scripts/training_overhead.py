# ruff: noqa: E402 - what is set before torch is loaded comes before its import
"""What a training step spends outside the network and the losses, in both stages.

    python scripts/training_overhead.py [--steps 6] [--batch 16] [--crop 96]

Runs are started as ``python -m trainer run`` starts them, on drawn photos. Processor seconds of
this process are counted, so that other work on the machine changes little. The parts:

    crops        cut from the decoded photos, made small and degraded
    network      forward, losses and backward, of the discriminator too
    optimisers   Adam and averaged weights
    rest         the loop: schedule, events, files, the window's commands

Validation is left out: it takes its own part of a run's time, which its settings say.

VGG19 has random weights, which are as fast as trained ones.
"""

from __future__ import annotations

import argparse
import functools
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

from srgan_desktop.core.base.leaving import run_script
from trainer.training.threads import wait_briefly

wait_briefly()

import torch
from drawn_photos import draw_photos
from training_speed import PRESETS, random_vgg

from trainer.config.presets import load_preset
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training import session
from trainer.training.stages import adversarial, discriminator_step, pixel
from trainer.training.validator import Validator

MOST = 0.05
PARTS = ("crops", "network", "optimisers", "validation")


class Parts:
    """Processor seconds by part; functions that call each other count once, the inner one."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.marks: list[tuple[float, defaultdict[str, float]]] = []
        self._inside: list[float] = []

    def timed(self, part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **named: Any) -> Any:
            began = time.process_time()
            self._inside.append(0.0)
            try:
                return call(*args, **named)
            finally:
                taken = time.process_time() - began
                self.seconds[part] += taken - self._inside.pop()
                if self._inside:
                    self._inside[-1] += taken

        return run

    def timed_events(self, part: str, events: Callable[..., Any]) -> Callable[..., Any]:
        """As ``timed``, of a generator."""

        def run(*args: Any) -> Generator[Any, None, None]:
            step = self.timed(part, functools.partial(next, events(*args), None))
            yield from iter(step, None)

        return run

    def step_begins(self) -> None:
        self.marks.append((time.process_time(), self.seconds.copy()))

    def of_steps(self) -> dict[str, float]:
        """Of whole steps, the first left out; with ``rest``."""
        (began, before), (ended, after) = self.marks[1], self.marks[-1]
        found = {part: after[part] - before[part] for part in PARTS}
        rest = ended - began - sum(found.values())
        del found["validation"]
        return found | {"rest": rest}


class CountedSampler:
    """A stage's crops, each call the begin of a step."""

    def __init__(self, parts: Parts, sampler: Any) -> None:
        self._parts, self._crops = parts, parts.timed("crops", sampler.crops)

    def crops(self, step: int) -> Any:
        self._parts.step_begins()
        return self._crops(step)


def listen(parts: Parts, stage: Any) -> None:
    """Have the functions that a stage's module calls counted."""
    if hasattr(stage, "crop_sampler"):
        sampler = stage.crop_sampler
        stage.crop_sampler = lambda *args: CountedSampler(parts, sampler(*args))
    counted = {
        "step_sample": "crops",
        "accumulate": "network",
        "update_generator": "optimisers",
        "discriminator_step": "optimisers",
    }
    for name, part in counted.items():
        if hasattr(stage, name):
            setattr(stage, name, parts.timed(part, getattr(stage, name)))


def measure(stage: str, photos: Path, folder: Path, args: argparse.Namespace) -> dict[str, float]:
    """Processor seconds by part of ``args.steps`` steps."""
    settings = [f"data.crop={args.crop}", f"batch={args.batch}", "checkpoint_seconds=1e6"]
    config = load_preset(PRESETS[stage], settings)
    parts = Parts()
    modules: tuple[Any, ...] = (pixel,) if stage == "pixel" else (adversarial, discriminator_step)
    for module in modules:
        listen(parts, module)
    validate = Validator.validate
    Validator.validate = parts.timed_events("validation", validate)  # type: ignore[method-assign]
    inputs = RunInputs(PRESETS[stage], photos, None, 100_000, None, "cpu", None)
    for _ in session.start(
        config, inputs, RunFolder(folder / stage), lambda: len(parts.marks) > args.steps + 1
    ):
        pass
    Validator.validate = validate  # type: ignore[method-assign]
    return parts.of_steps()


def random_features(*_: object) -> Generator[Any, None, Any]:
    """In place of weights that would have to be downloaded."""
    yield from ()
    return random_vgg()


def main() -> int:
    """Exit code 1 where more than ``MOST`` is spent outside."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--crop", type=int, default=96)
    parser.add_argument("--threads", type=int, default=0, help="0: as the trainer chooses")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    session.load_features = random_features  # type: ignore[assignment,attr-defined]
    worst = 0.0
    print(f"{'stage':12}{'a step':>10}{'network':>10}{'optimisers':>12}{'crops':>8}{'rest':>8}")
    with tempfile.TemporaryDirectory() as scratch:
        photos = draw_photos(Path(scratch))
        for stage in PRESETS:
            found = measure(stage, photos, Path(scratch), args)
            whole = sum(found.values())
            shares = {part: seconds / whole for part, seconds in found.items()}
            worst = max(worst, shares["crops"] + shares["rest"])
            print(
                f"{stage:12}{whole / args.steps:>8.2f} s{shares['network']:>10.1%}"
                f"{shares['optimisers']:>12.1%}{shares['crops']:>8.1%}{shares['rest']:>8.1%}",
                flush=True,
            )
    print(f"outside the network, losses and optimisers: {worst:.1%} at most ({MOST:.0%} wanted)")
    return int(worst > MOST)


if __name__ == "__main__":
    run_script(main)
