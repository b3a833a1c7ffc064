"""Kill a batch again and again, and see that nothing is lost, done twice or left behind.

    python scripts/batch_kill_test.py                      # 2,000 pictures, 5 kills
    python scripts/batch_kill_test.py --pictures 200 --kills 3 --seed 7

Makes small pictures, enlarges them with ``srgan-desktop upscale --queue``, kills that process with
SIGKILL at random moments and starts the same command again until it ends by itself. Then compares
every result with those of a run that nobody disturbed. Prints the counts; exit code 1 where one
is not as it must be.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from srgan_desktop.core.base.defaults import PLAIN_MODEL
from srgan_desktop.core.jobs.queue import Queue

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = 7


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--side", type=int, default=24, help="of the pictures, in pixels")
    parser.add_argument("--model", default=PLAIN_MODEL)
    parser.add_argument("--seed", type=int, default=None, help="of the moments")
    arguments = parser.parse_args()
    seed = random.randrange(10**6) if arguments.seed is None else arguments.seed
    print(f"seed {seed}")
    with tempfile.TemporaryDirectory(prefix="batch-kill-") as folder:
        trial = Trial(Path(folder), arguments.model)
        trial.make_pictures(arguments.pictures, arguments.side)
        trial.run_with_kills(arguments.kills, arguments.pictures, random.Random(seed))
        trial.run_undisturbed()
        faults = trial.faults(arguments.pictures)
    for fault in faults:
        print(f"FAULT: {fault}")
    print("all as it must be" if not faults else f"{len(faults)} faults")
    return 1 if faults else 0


class Trial:
    """Everything in one folder: ``in``, ``out`` of the killed runs, ``calm`` of the other."""

    def __init__(self, folder: Path, model: str) -> None:
        self.folder = folder
        self._model = model
        self._told: Counter[int] = Counter()

    def make_pictures(self, count: int, side: int) -> None:
        """Noise, each different, over some folders, with two sources of one result's name."""
        noise = np.random.default_rng(0)
        for number in range(count):
            pixels = noise.integers(0, 256, (side, side + number % 3, 3), dtype=np.uint8)
            ending = "bmp" if number % 10 == 1 else "png"
            path = (
                self.folder / "in" / f"album {number % FOLDERS}" / f"bild-{number // 20}.{ending}"
            )
            while path.exists():
                path = path.with_stem(path.stem + "x")
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)

    def run_with_kills(self, kills: int, pictures: int, moments: random.Random) -> None:
        marks = sorted(moments.sample(range(pictures // 20, pictures * 9 // 10), kills))
        done = 0
        for number, mark in enumerate([*marks, None], 1):
            began = time.monotonic()
            code, done = self._run_once(mark, done, moments.random() * 0.1)
            end = "killed" if mark is not None else f"ended with {code}"
            print(f"run {number}: {end} after {time.monotonic() - began:.1f} s, {done} told done")
            if (mark is None) != (code == 0):
                print(f"  unexpected exit code {code}")

    def _run_once(self, mark: int | None, done: int, delay_s: float) -> tuple[int, int]:
        """One process; killed a moment after it has told of ``mark`` pictures in all."""
        process = self._start("out", "--queue", str(self.folder / "queue"))
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "file_done":
                done += 1
                self._told[event["item"]] += 1
                if mark is not None and done >= mark:
                    time.sleep(delay_s)
                    process.kill()
                    break
        process.stdout.close()
        return process.wait(), done

    def run_undisturbed(self) -> None:
        process = self._start("calm")
        assert process.stdout is not None
        for _ in process.stdout:
            pass
        process.stdout.close()
        print(f"undisturbed run: exit code {process.wait()}")

    def _start(self, out: str, *more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "srgan_desktop", "upscale", str(self.folder / "in")),
                *("-o", str(self.folder / out), "--format", "png", "--model", self._model),
                *("--json", *more),
            ],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )

    def faults(self, pictures: int) -> list[str]:
        found = []
        with Queue(self.folder / "queue") as queue:
            counts = {status: n for status, n in queue.counts().items() if n}
            items = queue.items()
        again = sum(item.attempts > 1 for item in items)
        print(f"queue: {counts}; begun more than once: {again}, at most the few in work at a kill")
        if counts != {"done": pictures}:
            found.append(f"the queue says {counts}, not {pictures} done")
            found += [f"{item.error}" for item in items if item.error][:5]
        twice = [item for item, times in self._told.items() if times > 1]
        print(f"told done more than once: {len(twice)}")
        if twice:
            found.append(f"{len(twice)} pictures were done twice")
        targets = Counter(item.target for item in items)
        if len(targets) != pictures:
            found.append(f"{len(targets)} different targets in the queue, not {pictures}")
        mine, calm = self._files("out"), self._files("calm")
        same = sum(calm.get(name) == data for name, data in mine.items())
        print(f"results: {len(mine)}, undisturbed: {len(calm)}, the same bytes: {same}")
        if not same == len(mine) == len(calm) == pictures:
            found.append("the results are not those of the undisturbed run")
        stray = self._stray()
        print(f"stray files and folders: {len(stray)}")
        found += [f"stray: {path}" for path in stray[:10]]
        return found

    def _files(self, folder: str) -> dict[str, bytes]:
        top = self.folder / folder
        return {
            str(path.relative_to(top)): path.read_bytes()
            for path in top.rglob("*")
            if path.is_file() and not any(part.startswith(".") for part in path.parts)
        }

    def _stray(self) -> list[Path]:
        expected = {self.folder / name for name in ("in", "out", "calm", "queue")}
        hidden = [path for path in self.folder.rglob("*") if path.name.startswith(".")]
        return hidden + [path for path in self.folder.iterdir() if path not in expected]


if __name__ == "__main__":
    sys.exit(main())
