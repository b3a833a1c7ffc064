"""Train what tells an adaptive network how a photo was treated, and nothing else of it.

    python scripts/train_predictor.py MODEL --data PHOTOS --val OTHERS --minutes 40 -o NEW

In a run the predictor is a small part that learns from a few small crops a step, all treated alike
as far as the network must be adapted once for them. By itself it costs a hundredth, so that it sees
larger crops, many at a time, each treated in its own way. Every two minutes NEW is written and the
mean error of each strength on crops of OTHERS is printed. --begin-with OTHER --minutes 0 gives the
predictor of one model to another.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.events import drain
from srgan_desktop.core.base.leaving import run_script
from srgan_desktop.core.networks.dasr import Dasr
from srgan_desktop.core.networks.predictor import StrengthPredictor
from srgan_desktop.core.networks.strengths import STRENGTHS
from srgan_desktop.core.upscaling.adapting import PIECE_SIDE
from srgan_desktop.core.weights.model_file import ModelCard, load_model, save_model
from trainer.config.presets import load_preset
from trainer.config.run_config import OptimiserConfig, RunConfig, ScheduleConfig
from trainer.data.crops import CropSampler
from trainer.data.dataset import image_paths, load_photos
from trainer.data.degradations.greys import Greys
from trainer.data.degradations.step_samples import degrade_with_strengths
from trainer.training.ema import WeightAverage
from trainer.training.schedule import learning_rate

Batch = tuple[Tensor, Tensor]

SAVE_EVERY_S = 120.0
HELD_BATCHES = 6
WARMUP_STEPS = 100
EMA_DECAY = 0.99
# seeds: of what is trained on, and of what is looked at
TRAINING, HELD = 7, 99


def main() -> None:
    """Parse, train, save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("model", type=Path, help="an adaptive one")
    parser.add_argument("--data", type=Path, required=True, help="photos")
    parser.add_argument("--val", type=Path, required=True, help="other photos, to look at")
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--begin-with", type=Path, help="the predictor of this model")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--preset", default="photo-adaptive-gan-x4")
    parser.add_argument("--set", action="append", default=[], help="of the preset, KEY=VALUE")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, required=True)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    network, card = adaptive(chosen.model)
    if chosen.begin_with is not None:
        network.predict_as(adaptive(chosen.begin_with)[0])
    # pieces as large as those that it will be asked about
    crop = f"data.crop={PIECE_SIDE * network.config.base.scale}"
    config = load_preset(chosen.preset, (crop, *chosen.set))
    for key in ("scale", "colours"):
        ours, wanted = getattr(network.config, key), getattr(config.generator, key)
        if ours != wanted:
            raise UsageError(
                f"{chosen.model}: its {key} is {ours}, that of {chosen.preset} {wanted}: "
                f"add --set generator.{key}={ours}"
            )
    training = batches(config, chosen.data, chosen.batch, TRAINING)
    looked_at = batches(config, chosen.val, chosen.batch, HELD)
    held = [next(looked_at) for _ in range(HELD_BATCHES)]
    tell(network.predictor, held, 0, 0.0)
    learner = copy.deepcopy(network.predictor)
    for step, seconds, found in train(learner, training, chosen.rate, 60 * chosen.minutes):
        tell(found, held, step, seconds)
        network.predictor.load_state_dict(found.state_dict())
        # those of the predictor before do not hold any more
        save_model(chosen.output, network, dataclasses.replace(card, scores={}), half=True)


def adaptive(model: Path) -> tuple[Dasr, ModelCard]:
    """A model that adapts, in float32."""
    network, card = load_model(model)
    if not isinstance(network, Dasr):
        raise UsageError(f"{model}: not a network that adapts; choose one that does")
    network.float()
    return network, card


def batches(config: RunConfig, folder: Path, batch: int, seed: int) -> Iterator[Batch]:
    """LR crops, float32 (N, C, h, w), 0..1, each treated by itself, and their strengths (N, 4)."""
    scale, crop = config.generator.scale, config.data.crop
    photos = drain(
        load_photos(
            folder,
            image_paths(folder),
            colours=config.generator.colours,
            least_side=crop,
            memory_bytes=int(config.data.memory_gib * 2**30),
        )
    )
    sampler = CropSampler(photos, crop, batch, seed)
    step = 0
    while True:
        crops = sampler.crops(step)
        lr, strengths = degrade_with_strengths(crops, scale, config.degradation, (seed, step))
        greys = Greys.drawn(config.degradation.grey_part, batch, (seed, step))
        yield greys.applied(lr) / 255, greys.left_of(strengths)
        step += 1


def train(
    predictor: StrengthPredictor, training: Iterator[Batch], rate: float, seconds: float
) -> Iterator[tuple[int, float, StrengthPredictor]]:
    """Minimise the mean absolute error; now and then, and at the end, how far that is.

    Yields:
        Steps and seconds so far, and the predictor with the moving average of the weights.
    """
    predictor.requires_grad_(True)
    settings = OptimiserConfig(learning_rate=rate)
    schedule = ScheduleConfig(kind="cosine", warmup_steps=WARMUP_STEPS)
    optimiser = torch.optim.Adam(predictor.parameters(), lr=rate)
    average = WeightAverage(predictor, EMA_DECAY)
    begun = saved = time.monotonic()
    step = 0
    while (passed := time.monotonic() - begun) < seconds:
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(schedule, settings, step, passed / seconds)
        lr, strengths = next(training)
        loss = (predictor(lr) - strengths).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        average.update(predictor)
        step += 1
        if time.monotonic() - saved > SAVE_EVERY_S:
            saved = time.monotonic()
            yield step, passed, average.network
    yield step, passed, average.network


@torch.no_grad()
def tell(predictor: StrengthPredictor, held: list[Batch], step: int, seconds: float) -> None:
    """Print the mean error and the mean deviation of each strength, and what clean crops get."""
    given = torch.cat([strengths for _, strengths in held])
    wrong = torch.cat([predictor(lr) for lr, _ in held]) - given
    errors = wrong.abs().mean(0).tolist()
    deviations = wrong.mean(0).tolist()
    parts = [
        f"{name} {error:.4f} ({deviation:+.3f})"
        for name, error, deviation in zip(STRENGTHS, errors, deviations, strict=True)
    ]
    mean = sum(errors) / len(errors)
    clean = wrong[(given == 0).all(1)].sum(1)
    if len(clean):
        parts.append(f"sum in {len(clean)} clean {clean.mean():.3f}, at most {clean.max():.3f}")
    print(f"{step} steps, {seconds:.0f} s: mean {mean:.4f}; {', '.join(parts)}", flush=True)


if __name__ == "__main__":
    run_script(main)
