# ruff: noqa: E402 - what is set before torch is loaded comes before its import
"""How fast the trainer's steps are beside the usual way to write them, in both stages.

    python scripts/training_speed.py                   photos are drawn
    python scripts/training_speed.py --data photos     or taken from a folder of JPEGs
    python scripts/training_speed.py --device cuda --compile --stage adversarial

The loops take turns, so that other work on the machine hits all of them alike; the median step of
each counts. Stage pixel:

    ours            srresnet-x4 as ``python -m trainer run`` trains it: photos decoded once, crops
                    and LR made in batches, the faster number format, channels last, fused Adam,
                    averaged weights
    plain, same     the same network as published training scripts go about it: a torch DataLoader
                    that opens, crops and shrinks a JPEG for each item with Pillow, float32,
                    contiguous tensors, torch's Adam, the loss fetched in every step
    plain, paper    likewise with the paper's network (batch norm, PReLU, no skip)

Stage adversarial: ours is srgan-vgg54-paper, plain the same generator, discriminator and VGG19
features with the same losses. VGG19 has random weights, which are as fast as trained ones.

A step's multiply-adds are counted, and what is reached is printed beside what a large matrix
product reaches on the same device, in bfloat16 and in float32 as plain loops have it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

from srgan_desktop.core.base.leaving import run_script
from trainer.training.threads import wait_briefly

# as the trainer does; the plain loops have the good of it too
wait_briefly()

import numpy as np
import torch
from drawn_photos import draw_photos
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from torch.utils.flop_counter import FlopCounterMode

from srgan_desktop.core.backends.device import resolve_device
from srgan_desktop.core.base.events import drain
from srgan_desktop.core.networks.network import NetworkConfig
from srgan_desktop.core.networks.srresnet import SRResNetConfig
from srgan_desktop.core.weights.architectures import build_network
from trainer.config.presets import load_preset
from trainer.config.run_config import RunConfig
from trainer.data.dataset import image_paths, load_photos
from trainer.networks.discriminators import build_discriminator
from trainer.networks.features import VggFeatures, build_features
from trainer.training import precision
from trainer.training.stages import new_stage, train_step
from trainer.training.stages.common import crop_sampler, forward_of, lr_shape, padded_crop

WARM_UP_STEPS = 2
MATRIX_SIDE = {"cpu": 2048, "cuda": 8192}
PRESETS = {"pixel": "srresnet-x4", "adversarial": "srgan-vgg54-paper"}
Loop = Iterator[float]


def main() -> int:
    args = _arguments()
    torch.set_num_threads(args.threads)
    device = resolve_device(args.device)
    if device.type == "cuda":
        # as the trainer does; the plain loops have the good of it too
        torch.backends.cudnn.benchmark = True
    stages = PRESETS if args.stage == "both" else [args.stage]
    with tempfile.TemporaryDirectory() as scratch:
        data = args.data or draw_photos(Path(scratch))
        rates = {name: matrix_rate(device, dtype) for name, dtype in DTYPES.items()}
        for stage in stages:
            settings = [f"data.crop={args.crop}", f"batch={args.batch}"]
            settings.append(f"compile={str(args.compile).lower()}")
            config = load_preset(PRESETS[stage], settings)
            ours, chosen = our_loop(config, data, device)
            loops = {"ours": ours} | plain_loops(config, data, device, args.workers)
            seconds = take_turns(loops, args.rounds, args.steps)
            figures = summary(config, device, seconds, chosen, rates)
            lines = [json.dumps(asdict(figures))] if args.json else in_words(figures)
            print(*lines, sep="\n", flush=True)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="a folder of JPEGs instead of drawn photos")
    parser.add_argument("--stage", choices=(*PRESETS, "both"), default="both")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, ...")
    parser.add_argument("--compile", action="store_true", help="as the preset's compile = true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2, help="of the plain loops' DataLoader")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--crop", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=4, help="turns of each loop")
    parser.add_argument("--steps", type=int, default=4, help="steps in each turn")
    parser.add_argument("--json", action="store_true", help="a JSON object a stage, not lines")
    return parser.parse_args()


def random_vgg() -> VggFeatures:
    """VGG19 up to 5_4, of no use but for its speed."""
    torch.manual_seed(0)
    return VggFeatures("vgg19", ["5_4"], build_features("vgg19", 10**6).state_dict())


def wait_for(device: torch.device) -> None:
    """Until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def matrix_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Floating-point operations a second of a large matrix product, the best of ten."""
    side = MATRIX_SIDE.get(device.type, 2048)
    a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    times = []
    for _ in range(11):
        began = time.perf_counter()
        a @ b
        wait_for(device)
        times.append(time.perf_counter() - began)
    return 2 * side**3 / min(times[1:])


def our_loop(config: RunConfig, data: Path, device: torch.device) -> tuple[Loop, str]:
    """The trainer's own step, which yields the seconds of each; and its number format."""
    photos = drain(
        load_photos(
            data,
            image_paths(data),
            colours=3,
            least_side=padded_crop(config),
            memory_bytes=2**32,
        )
    ).to(device)
    vgg = random_vgg().to(device).to(memory_format=torch.channels_last)
    stage = new_stage(
        config, build_network(config.generator), device, vgg if config.content.needs_vgg else None
    )
    forward, _ = forward_of(config, stage)
    trial = forward if isinstance(forward, nn.Module) else stage.generator
    stage.precision = precision.choose("auto", trial, device, lr_shape(config))
    sampler = crop_sampler(config, photos)

    def step() -> None:
        crops = sampler.crops(stage.step)
        train_step(config, stage, forward, crops, config.optimiser.learning_rate)

    return timed(step, device), stage.precision


def timed(step: Callable[[], None], device: torch.device) -> Loop:
    """The seconds of each call."""
    while True:
        began = time.perf_counter()
        step()
        wait_for(device)
        yield time.perf_counter() - began


class PlainCrops(Dataset[tuple[Tensor, Tensor]]):
    """A random crop and its LR, from the file, for each item."""

    def __init__(self, folder: Path, crop: int, scale: int) -> None:
        self.paths = image_paths(folder)
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


def plain_loops(
    config: RunConfig, data: Path, device: torch.device, workers: int
) -> dict[str, Loop]:
    """Those to compare with, by name."""
    batches = plain_batches(config, data, workers)
    if config.stage == "adversarial":
        return {"plain, same": timed(plain_adversarial(config, batches, device), device)}
    paper = plain_batches(config, data, workers)
    return {
        "plain, same": timed(plain_pixel(config, batches, device, config.generator), device),
        "plain, paper": timed(plain_pixel(config, paper, device, SRResNetConfig()), device),
    }


def plain_batches(config: RunConfig, data: Path, workers: int) -> Iterator[tuple[Tensor, Tensor]]:
    dataset = PlainCrops(data, config.data.crop, config.generator.scale)
    loader = DataLoader(dataset, batch_size=config.batch, shuffle=False, num_workers=workers)
    return itertools.chain.from_iterable(itertools.repeat(loader))


def plain_pixel(
    config: RunConfig,
    batches: Iterator[tuple[Tensor, Tensor]],
    device: torch.device,
    network: NetworkConfig,
) -> Callable[[], None]:
    """The generator's step as it is usually written."""
    generator = build_network(network).to(device).train()
    optimiser = torch.optim.Adam(generator.parameters(), lr=1e-4, betas=(0.9, 0.999))
    losses = []

    def step() -> None:
        lr, hr = (tensor.to(device) for tensor in next(batches))
        optimiser.zero_grad()
        loss = F.mse_loss(generator(lr), hr)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())

    return step


def plain_adversarial(
    config: RunConfig, batches: Iterator[tuple[Tensor, Tensor]], device: torch.device
) -> Callable[[], None]:
    """The step of SRGAN as it is usually written: the discriminator, then the generator."""
    generator = build_network(config.generator).to(device).train()
    discriminator = build_discriminator(config.discriminator, 3, config.data.crop).to(device)
    vgg = random_vgg().to(device)
    adams = [
        torch.optim.Adam(network.parameters(), lr=1e-4) for network in (generator, discriminator)
    ]
    losses = []

    def step() -> None:
        lr, hr = (tensor.to(device) for tensor in next(batches))
        real, fake = (torch.full((len(lr), 1), value, device=device) for value in (1.0, 0.0))
        sr = generator(lr)
        adams[1].zero_grad()
        judged = F.binary_cross_entropy_with_logits(discriminator(hr), real)
        judged = judged + F.binary_cross_entropy_with_logits(discriminator(sr.detach()), fake)
        judged.backward()
        adams[1].step()

        adams[0].zero_grad()
        content = F.mse_loss(vgg(sr)[0] / 12.75, vgg(hr)[0].detach() / 12.75)
        fooled = F.binary_cross_entropy_with_logits(discriminator(sr), real)
        loss = content + 1e-3 * fooled
        loss.backward()
        adams[0].step()
        losses.append((judged.item(), content.item(), fooled.item()))

    return step


def operations(config: RunConfig) -> float:
    """Floating-point operations of a plain step's convs and dense layers, two a multiply-add."""
    generator = build_network(config.generator).train()
    lr = torch.rand(1, *lr_shape(config)[1:])
    with FlopCounterMode(display=False) as counter:
        sr = generator(lr)
        loss = sr.mean()
        if config.stage == "adversarial":
            discriminator = build_discriminator(config.discriminator, 3, config.data.crop)
            vgg = random_vgg()
            hr = torch.rand_like(sr)
            (discriminator(hr).mean() + discriminator(sr.detach()).mean()).backward()
            discriminator.requires_grad_(False)
            with torch.no_grad():
                vgg(hr)
            loss = loss + discriminator(sr).mean() + vgg(sr)[0].mean()
        loss.backward()
    return float(counter.get_total_flops()) * config.batch


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


@dataclass(frozen=True)
class Figures:
    """Of one stage; rates in floating-point operations a second."""

    stage: str
    device: str
    batch: int
    crop: int
    threads: int
    precision: str
    compiled: bool
    seconds_per_step: dict[str, float]
    samples_per_second: dict[str, float]
    times_as_fast: dict[str, float]
    operations_per_second: float
    matrix_operations_per_second: dict[str, float]
    part_of_matrix_rate: float


def summary(
    config: RunConfig,
    device: torch.device,
    seconds: dict[str, list[float]],
    chosen: str,
    rates: dict[str, float],
) -> Figures:
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    others = {name: value for name, value in medians.items() if name != "ours"}
    reached = operations(config) / medians["ours"]
    return Figures(
        stage=config.stage,
        device=str(device),
        batch=config.batch,
        crop=config.data.crop,
        threads=torch.get_num_threads(),
        precision=chosen,
        compiled=config.compile,
        seconds_per_step=medians,
        samples_per_second={name: config.batch / value for name, value in medians.items()},
        times_as_fast={name: value / medians["ours"] for name, value in others.items()},
        operations_per_second=reached,
        matrix_operations_per_second=rates,
        part_of_matrix_rate=reached / rates["bfloat16" if chosen == "bf16" else "float32"],
    )


def in_words(figures: Figures) -> Iterator[str]:
    compiled = ", compiled" if figures.compiled else ""
    yield (
        f"stage {figures.stage} on {figures.device}, batch {figures.batch}, crops of "
        f"{figures.crop}, {figures.precision}{compiled}"
    )
    for name, seconds in figures.seconds_per_step.items():
        samples = figures.samples_per_second[name]
        yield f"    {name:14} {seconds * 1e3:9.1f} ms a step {samples:9.1f} samples a second"
    for name, ratio in figures.times_as_fast.items():
        yield f"    ours is {ratio:.2f} times as fast as {name}"
    rates = (f"{k} {v / 1e9:,.0f}" for k, v in figures.matrix_operations_per_second.items())
    yield (
        f"    {figures.operations_per_second / 1e9:,.0f} GFLOP/s: {figures.part_of_matrix_rate:.0%}"
        f" of what a matrix product reaches here ({', '.join(rates)})"
    )


if __name__ == "__main__":
    run_script(main)
