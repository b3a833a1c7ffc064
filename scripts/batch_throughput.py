"""How much a batch gains over one process for each file, and how busy it keeps the network.

    python scripts/batch_throughput.py                        # 500 pictures of 128 x 128
    python scripts/batch_throughput.py --pictures 100 --side 256 --model srresnet-x4

Prints three figures:

    one process for each file   seconds a picture, from a sample of processes (--sample), for all
                                of them would take minutes to hours; the figure for all pictures
                                is extrapolated from it
    one batch                   seconds a picture of one process that does them all, its start
                                included
    in the network              the share of a batch's time, without the program's start, that
                                passes while the network computes; while it does, other threads
                                decode and encode
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from srgan_desktop.core.base.defaults import PLAIN_MODEL
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.jobs.engines import devices
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.runner import run_queue
from srgan_desktop.core.jobs.sources import collect_sources

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_PHOTO = ROOT / "resources" / "samples" / "otter.jpg"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--side", type=int, default=128, help="of the pictures, in pixels")
    parser.add_argument("--sample", type=int, default=12, help="single processes to time")
    parser.add_argument("--model", default=PLAIN_MODEL)
    parser.add_argument("--device", default="auto")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="batch-throughput-") as name:
        folder = Path(name)
        paths = make_pictures(folder / "in", arguments.pictures, arguments.side)
        common = ["--model", arguments.model, "--device", arguments.device]
        single = time_single_processes(paths[: arguments.sample], folder / "single", common)
        batch = time_batch(folder, common) / len(paths)
        share, alone = network_share(folder, arguments.model, arguments.device)
    print(f"one process for each file: {single:.3f} s a picture, median of {arguments.sample};")
    print(f"                           extrapolated: {single * len(paths):.0f} s for {len(paths)}")
    print(f"one batch:                 {batch:.3f} s a picture, {batch * len(paths):.0f} s in all")
    print(f"ratio:                     {single / batch:.1f} times")
    print(f"in the network:            {share:.1%} of the batch's time")
    print(f"without the program's start: {alone:.3f} s a picture, {single / alone:.1f} times")
    return 0 if single / batch >= 3 and share >= 0.9 else 1


def make_pictures(folder: Path, count: int, side: int) -> list[Path]:
    """Crops of the sample photo, so that encoders meet what they usually do."""
    folder.mkdir()
    photo = Image.open(SAMPLE_PHOTO).convert("RGB")
    places = np.random.default_rng(0)
    paths = []
    for number in range(count):
        left = int(places.integers(0, photo.width - side))
        top = int(places.integers(0, photo.height - side))
        path = folder / f"{number:05}.png"
        photo.crop((left, top, left + side, top + side)).save(path)
        paths.append(path)
    return paths


def time_single_processes(paths: list[Path], out: Path, more: list[str]) -> float:
    """Median seconds of one process a file, after one that is not counted."""
    timed = [time_program([str(path), "-o", f"{out}/", *more]) for path in [paths[0], *paths]]
    return statistics.median(timed[1:])


def time_batch(folder: Path, more: list[str]) -> float:
    return time_program([str(folder / "in"), "-o", f"{folder / 'batch'}/", *more])


def time_program(arguments: list[str]) -> float:
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "srgan_desktop", "upscale", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.monotonic() - began


def network_share(folder: Path, model: str, device: str) -> tuple[float, float]:
    """Share of a run's time that passes in ``Engine.run``, and seconds a picture."""
    options = BatchOptions(model=model, out=folder / "share")
    first = devices(device=device)[0]
    network = Watched(first.open(options))
    sources = collect_sources([folder / "in"])
    with Queue(folder / "queue") as queue:
        queue.add(sources, options)
        began = time.monotonic()
        for _ in run_queue(queue, [first]):
            pass
        passed = time.monotonic() - began
    return network.seconds / passed, passed / len(sources)


class Watched:
    """Counts the seconds in an engine's network."""

    def __init__(self, engine: Engine) -> None:
        self.seconds = 0.0
        self._run = engine.run
        engine.run = self._timed  # type: ignore[method-assign]

    def _timed(self, x: torch.Tensor, **how: bool) -> torch.Tensor:
        began = time.monotonic()
        try:
            return self._run(x, **how)
        finally:
            self.seconds += time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
