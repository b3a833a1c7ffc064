# ruff: noqa: E402 - what is set before torch is loaded comes before its import
"""How fast the trainer's step is beside the usual way to write one.

    python scripts/training_speed.py                   photos are drawn
    python scripts/training_speed.py --data photos     or taken from a folder of JPEGs

Three loops take turns, so that other work on the machine hits all of them alike; the median step
of each counts:

    ours            srresnet-x4 as ``python -m trainer run`` trains it: photos decoded once, crops
                    and LR made in batches, the faster number format, channels last, fused Adam,
                    averaged weights
    plain, same     the same network as published training scripts go about it: a torch DataLoader
                    that opens, crops and shrinks a JPEG for each item with Pillow, float32,
                    contiguous tensors, torch's Adam, the loss fetched in every step
    plain, paper    likewise with the paper's network (batch norm, PReLU, no skip)
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from trainer.waiting import wait_briefly

# as the trainer does; the plain loops have the good of it too
wait_briefly()

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from srgan_desktop.core.generator import Generator, GeneratorConfig
from trainer import precision
from trainer.config import RunConfig, load_preset
from trainer.dataset import drain, load_photos, picture_paths
from trainer.stages.ground import crop_sampler, forward_of, lr_shape, padded_crop
from trainer.stages.pixel import new_pixel_stage, pixel_step

DRAWN_PHOTOS = 40
WARM_UP_STEPS = 2


def main() -> int:
    args = _arguments()
    torch.set_num_threads(args.threads)
    with tempfile.TemporaryDirectory() as scratch:
        data = args.data or draw_photos(Path(scratch))
        config = load_preset("srresnet-x4", [f"data.crop={args.crop}", f"batch={args.batch}"])
        loops = {
            "ours": our_loop(config, data),
            "plain, same": plain_loop(config, data, config.generator, args.workers),
            "plain, paper": plain_loop(config, data, GeneratorConfig(), args.workers),
        }
        seconds = take_turns(loops, args.rounds, args.steps)
    report(seconds, config, args.json)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="a folder of JPEGs instead of drawn photos")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2, help="of the plain loops' DataLoader")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--crop", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=4, help="turns of each loop")
    parser.add_argument("--steps", type=int, default=4, help="steps in each turn")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    return parser.parse_args()


def draw_photos(folder: Path) -> Path:
    """JPEGs of about a camera phone's preview size: waves, edges and grain."""
    y, x = np.mgrid[0:480, 0:640]
    for seed in range(DRAWN_PHOTOS):
        random = np.random.default_rng(seed)
        picture = np.full((480, 640, 3), 128.0)
        for _ in range(6):
            fx, fy, phase = random.uniform((-0.2, -0.2, 0), (0.2, 0.2, 6))
            picture += np.sin(fx * x + fy * y + phase)[..., None] * random.uniform(-30, 30, 3)
        for _ in range(12):
            top, left = random.integers(0, 400), random.integers(0, 560)
            picture[top : top + 80, left : left + 80] += random.uniform(-60, 60, 3)
        picture += random.normal(0, 4, picture.shape)
        pixels = picture.clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"photo{seed:02d}.jpg", quality=92)
    return folder


def our_loop(config: RunConfig, data: Path) -> Iterator[float]:
    """The trainer's own step; yields the seconds of each."""
    device = torch.device("cpu")
    photos = drain(
        load_photos(
            data,
            picture_paths(data),
            colours=3,
            least_side=padded_crop(config),
            memory_bytes=2**32,
        )
    )
    stage = new_pixel_stage(config, Generator(config.generator), device)
    forward, _ = forward_of(config, stage)
    trial = forward if isinstance(forward, nn.Module) else stage.generator
    stage.precision = precision.choose("auto", trial, device, lr_shape(config))
    sampler = crop_sampler(config, photos)
    while True:
        began = time.perf_counter()
        crops = sampler.crops(stage.step)
        pixel_step(config, stage, forward, crops, config.optimiser.learning_rate)
        yield time.perf_counter() - began


class PlainCrops(Dataset[tuple[Tensor, Tensor]]):
    """A random crop and its LR, from the file, for each item."""

    def __init__(self, folder: Path, crop: int, scale: int) -> None:
        self.paths = picture_paths(folder)
        self.crop, self.scale = crop, scale

    def __len__(self) -> int:
        return 1_000_000

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        random = np.random.default_rng(index)
        with Image.open(self.paths[index % len(self.paths)]) as image:
            picture = image.convert("RGB")
        left = int(random.integers(picture.width - self.crop + 1))
        top = int(random.integers(picture.height - self.crop + 1))
        hr = picture.crop((left, top, left + self.crop, top + self.crop))
        if random.random() < 0.5:
            hr = hr.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        small = self.crop // self.scale
        return _tensor(hr.resize((small, small), Image.Resampling.BICUBIC)), _tensor(hr)


def _tensor(picture: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1).contiguous().float() / 255


def plain_loop(
    config: RunConfig, data: Path, network: GeneratorConfig, workers: int
) -> Iterator[float]:
    """The loop as it is usually written; yields the seconds of each step."""
    dataset = PlainCrops(data, config.data.crop, network.scale)
    loader = DataLoader(dataset, batch_size=config.batch, shuffle=False, num_workers=workers)
    generator = Generator(network).train()
    optimiser = torch.optim.Adam(generator.parameters(), lr=1e-4, betas=(0.9, 0.999))
    loss_of = nn.MSELoss()
    total = 0.0
    batches = iter(loader)
    while True:
        began = time.perf_counter()
        lr, hr = next(batches)
        optimiser.zero_grad()
        loss = loss_of(generator(lr), hr)
        loss.backward()
        optimiser.step()
        total += loss.item()
        yield time.perf_counter() - began


def take_turns(
    loops: dict[str, Iterator[float]], rounds: int, steps: int
) -> dict[str, list[float]]:
    """Seconds of each loop's steps, the first ones of all apart."""
    seconds: dict[str, list[float]] = {name: [] for name in loops}
    for loop in loops.values():
        for _ in range(WARM_UP_STEPS):
            next(loop)
    for _ in range(rounds):
        for name, loop in loops.items():
            # the workers filled their queue while the others ran: that step would flatter
            next(loop)
            seconds[name] += [next(loop) for _ in range(steps)]
    return seconds


def report(seconds: dict[str, list[float]], config: RunConfig, as_json: bool) -> None:
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    ratios = {name: medians[name] / medians["ours"] for name in medians if name != "ours"}
    if as_json:
        values = {
            "batch": config.batch,
            "crop": config.data.crop,
            "threads": torch.get_num_threads(),
            "seconds_per_step": medians,
            "times_as_fast": ratios,
        }
        print(json.dumps(values))
        return
    for name, value in medians.items():
        print(f"{name:14} {value * 1e3:8.0f} ms a step")
    for name, value in ratios.items():
        print(f"ours is {value:.2f} times as fast as {name}")


if __name__ == "__main__":
    sys.exit(main())
