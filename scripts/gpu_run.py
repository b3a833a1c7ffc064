"""Make the most of some minutes on a machine with a graphics card, with nobody watching.

    python scripts/gpu_run.py --minutes 9 --data PHOTOS --out OUT [--plan plan.toml] [--val FOLDER]
    python scripts/gpu_run.py --pack PHOTOS --mib 40 --out PACK      photos that fit into a parcel

Checks the card's path (tests marked ``gpu``, where pytest is installed), measures the speed, then
trains what the plan names, each for its share of the time that is left. Whatever happens, OUT holds
what there is: every minute each model's best weights so far (float16), report.json and log.txt. The
time is that of the whole call; the last half minute is kept for writing.

A plan is a TOML file of [[train]] tables, in order:

    [[train]]
    name = "photo-x4"                  # of the model in OUT
    preset = "photo-x4"
    init = "resources/models/photo-x4.safetensors"     # or the name of one trained before it
    share = 0.5                        # of the time, in proportion to all shares
    settings = ["batch=64", "optimiser.learning_rate=4e-4"]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import random
import shutil
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from srgan_desktop.core.base.errors import SrganDesktopError, UsageError  # noqa: E402
from srgan_desktop.core.base.leaving import run_script  # noqa: E402
from srgan_desktop.core.base.printable import short_line  # noqa: E402
from trainer.config.reading import from_mapping  # noqa: E402
from trainer.data.dataset import image_paths  # noqa: E402
from trainer.run.events import Step, Validated  # noqa: E402
from trainer.run.export import export_model  # noqa: E402
from trainer.run.run_folder import RunFolder  # noqa: E402

PLAN = ROOT / "scripts" / "gpu_plan.toml"
RESERVE_S = 30.0
CHECK_S = 90.0
LEAST_S = 10.0
EVERY_S = 60.0
# what a loop on a card is like: static shapes, one compiled graph, and a checkpoint every minute
ON_A_CARD = ("checkpoint_seconds=60", "precision=auto")


@dataclass(frozen=True)
class Training:
    """One table of a plan."""

    name: str = ""
    preset: str = ""
    init: str = ""
    share: float = 1.0
    settings: tuple[str, ...] = ()


class Report:
    """What is known so far, in OUT/report.json at any moment, and for people in OUT/log.txt."""

    def __init__(self, out: Path) -> None:
        self._out, self._began = out, time.monotonic()
        self.facts: dict[str, Any] = {"trained": []}

    def say(self, text: str, **facts: Any) -> None:
        self.facts.update(facts)
        line = f"{time.monotonic() - self._began:6.0f} s  {text}"
        print(line, flush=True)
        with (self._out / "log.txt").open("a", encoding="utf-8") as log:
            log.write(line + "\n")
        whole = self._out / "report.json.new"
        whole.write_text(json.dumps(self.facts, indent=1), encoding="utf-8")
        whole.replace(self._out / "report.json")


def main() -> int:
    """Parse, then pack or run; exit code 1 where nothing was trained."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=9.0)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--val", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--work", type=Path, help="where runs are kept (default: beside OUT)")
    parser.add_argument("--plan", type=Path, default=PLAN)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--set", action="append", default=[], dest="settings", help="for all runs")
    parser.add_argument("--pack", type=Path, metavar="PHOTOS")
    parser.add_argument("--mib", type=float, default=40.0)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.pack is not None:
        print(f"{pack(arguments.pack, arguments.out, arguments.mib)} photos in {arguments.out}")
        return 0
    if arguments.data is None:
        parser.error("--data is missing")
    # its parts run from the checkout's folder
    for name in ("data", "val", "out", "work", "plan"):
        place = getattr(arguments, name)
        setattr(arguments, name, place.absolute() if place is not None else None)
    arguments.work = arguments.work or arguments.out.with_name(arguments.out.name + "-runs")
    plan = read_plan(arguments.plan)
    refuse_earlier_runs(plan, arguments.work)
    return run(plan, arguments, time.monotonic() + 60 * arguments.minutes)


def read_plan(path: Path) -> list[Training]:
    """The tables of a plan.

    Raises:
        UsageError: the file is missing or no plan; says what is wrong.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("train")
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read as a plan: {short_line(error)}") from error
    if not isinstance(tables, list) or not tables:
        raise UsageError(f"{path}: has no [[train]] table")
    plan = [from_mapping(Training, table, "train.") for table in tables]
    names = Counter(training.name for training in plan)
    for training in plan:
        if not training.name or not training.preset or names[training.name] > 1:
            raise UsageError(f"{path}: each [[train]] has a name of its own and a preset")
    return plan


def refuse_earlier_runs(plan: Sequence[Training], work: Path) -> None:
    """Before any of the time is spent: the trainer would not begin there."""
    for training in plan:
        folder = RunFolder(work / training.name)
        if folder.holds_run:
            raise UsageError(
                f"{folder.path}: holds a run of an earlier call; remove it, or name another folder "
                "with --work"
            )


def pack(photos: Path, out: Path, mib: float) -> int:
    """Copy as many photos as fit into ``mib``, drawn at random; how many."""
    paths = image_paths(photos)
    random.Random(1).shuffle(paths)
    left, count = int(mib * 2**20), 0
    for path in paths:
        size = path.stat().st_size
        if size <= left:
            shutil.copy(path, out / f"{count:05}{path.suffix.lower()}")
            left, count = left - size, count + 1
    return count


def run(plan: Sequence[Training], arguments: argparse.Namespace, end: float) -> int:
    """All of it, until ``end`` of the monotonic clock."""
    report = Report(arguments.out)
    report.say(machine(), machine=machine(), minutes=arguments.minutes)
    time_left = end - time.monotonic()
    if importlib.util.find_spec("pytest") and time_left > 4 * CHECK_S:
        tests = gpu_tests()
        report.say(f"tests: {tests}", tests=tests)
    if time_left > 2 * CHECK_S:
        found = speed(plan[0], arguments)
        report.say(f"speed: {found}", speed=found)
        found = enlarging_speed(arguments.device)
        report.say(f"enlarging: {found}", enlarging=found)
    models: dict[str, Path] = {}
    for place, training in enumerate(plan):
        shares = sum(other.share for other in plan[place:])
        seconds = (end - time.monotonic() - RESERVE_S) * training.share / shares
        if seconds < LEAST_S:
            report.say(f"{training.name}: no time is left")
            continue
        model = train(training, seconds, arguments, models, report)
        if model is not None:
            models[training.name] = model
            report.facts["trained"].append(training.name)
    report.say(f"trained {len(models)} of {len(plan)}")
    return 0 if models else 1


def machine() -> str:
    """The card, or that there is none."""
    import torch

    if not torch.cuda.is_available():
        return f"no card; torch {torch.__version__}, {os.cpu_count()} processors"
    card = torch.cuda.get_device_properties(0)
    return f"{card.name}, {card.total_memory / 2**30:.0f} GiB; torch {torch.__version__}"


def gpu_tests() -> str:
    """The last line of the tests marked gpu; never longer than ``CHECK_S``."""
    call = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "tests/trainer"]
    try:
        done = subprocess.run(
            call, cwd=ROOT, capture_output=True, text=True, timeout=CHECK_S, check=False
        )
    except subprocess.TimeoutExpired:
        return "took too long"
    lines = done.stdout.strip().splitlines()
    return lines[-1] if lines else done.stderr[-300:]


def speed(training: Training, arguments: argparse.Namespace) -> dict[str, Any]:
    """What ``trainer estimate`` finds for a plan's first training."""
    found = checked_json(
        "-m",
        "trainer",
        "estimate",
        "--preset",
        training.preset,
        "--data",
        str(arguments.data),
        "--seconds",
        "5",
        "--steps",
        "1000",
        "--json",
        "--device",
        arguments.device,
        *settings_of(training, arguments),
    )
    kept = ("device", "precision", "it_per_s", "error")
    return {key: found[key] for key in kept if key in found}


def enlarging_speed(device: str) -> dict[str, Any]:
    """What scripts/card_speed.py finds; a small photo where there is no card."""
    import torch

    size = "4000x3000" if torch.accelerator.is_available() else "64x48"
    return checked_json("scripts/card_speed.py", "--json", "--device", device, "--size", size)


def checked_json(*words: str) -> dict[str, Any]:
    """The last line a call of Python prints, read as JSON; never longer than ``CHECK_S``."""
    call = [sys.executable, *words]
    try:
        done = subprocess.run(
            call, cwd=ROOT, capture_output=True, text=True, timeout=CHECK_S, check=False
        )
    except subprocess.TimeoutExpired:
        return {"error": "took too long"}
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        return {"error": done.stderr[-300:]}
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def settings_of(training: Training, arguments: argparse.Namespace) -> list[str]:
    """The --set options of a training; a later one counts."""
    settings = [*ON_A_CARD, *training.settings, *arguments.settings]
    return [word for setting in settings for word in ("--set", setting)]


def train(
    training: Training,
    seconds: float,
    arguments: argparse.Namespace,
    models: dict[str, Path],
    report: Report,
) -> Path | None:
    """One training in a process of its own; its best model so far is in OUT every minute."""
    work = arguments.work
    folder = RunFolder(work / training.name)
    call = [
        sys.executable,
        "-m",
        "trainer",
        "run",
        "--preset",
        training.preset,
        "--data",
        str(arguments.data),
        "--out",
        str(folder.path),
        "--budget",
        f"{seconds:.0f}s",
        "--device",
        arguments.device,
        "--json",
        *settings_of(training, arguments),
    ]
    if arguments.val is not None:
        call += ["--val", str(arguments.val)]
    if training.init:
        call += ["--init", str(models.get(training.init, ROOT / training.init))]
    report.say(f"{training.name}: {seconds:.0f} s of {training.preset}")
    work.mkdir(parents=True, exist_ok=True)
    target: Path = arguments.out / f"{training.name}.safetensors"
    deadline = time.monotonic() + seconds + RESERVE_S / 2
    with (
        (work / f"{training.name}.txt").open("w") as output,
        subprocess.Popen(call, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        while process.poll() is None:
            wait(process, min(EVERY_S, max(0.1, deadline - time.monotonic())))
            if process.poll() is None and export(folder, target):
                report.say(f"{training.name}: {progress(folder)}")
            if time.monotonic() > deadline:
                process.kill()
    last = (work / f"{training.name}.txt").read_text(encoding="utf-8")[-600:]
    if not export(folder, target):
        report.say(f"{training.name}: no model came of it: {last}")
        return None
    if process.returncode:
        report.say(f"{training.name}: ended early, {progress(folder)}: {last}")
    else:
        report.say(f"{training.name}: done, {progress(folder)}")
    return target


def wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Until the process ends, but no longer than that."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def export(folder: RunFolder, target: Path) -> bool:
    """The best model so far, or where none has been validated, the averaged one."""
    for which in ("best", "ema", "last"):
        try:
            export_model(folder, target, which, overwrite=True, half=True)
        except SrganDesktopError:
            continue
        return True
    return False


def progress(folder: RunFolder) -> str:
    """The last validation of a run, in words."""
    events = list(folder.events())
    step = max((event.step for event in events if isinstance(event, Step | Validated)), default=0)
    best = max((event.psnr_y for event in events if isinstance(event, Validated)), default=math.nan)
    return f"step {step}, best validation {best:.3f} dB"


if __name__ == "__main__":
    run_script(main)
