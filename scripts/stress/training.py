"""The trainer under faults: kills, full disks, changed photos, NaN, strange run folders.

A run that is disturbed and gone on with ends with the weights of one that nobody disturbed, or says
in a sentence why it cannot; it never ends in a traceback, nor loses its last sound checkpoint.
"""

from __future__ import annotations

import contextlib
import errno
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import shim
from aside import aside
from isolated import ROOT, environment, run
from PIL import Image
from table import Row, Tally, command_line

STEPS = 40
HUNG_S = 500.0
SHORT = 20
FOLDERS = Path(__file__).with_name("training_folders.py")
ADVERSARIAL = (
    *("stage=adversarial", "discriminator.kind=srgan", "discriminator.channels=4"),
    *("content.network=discriminator", "content.weight=0.1"),
)


class Suite:
    """All scenes, in processes of their own."""

    def __init__(self, seed: int, count: int, folder: Path) -> None:
        self.seed, self.count, self.folder = seed, count, folder
        self.random = random.Random(seed)
        self.tally = Tally()
        self.photos = folder / "photos"
        make_photos(self.photos)
        self.calm = self.folder / "calm"
        process = self.begin(self.calm)
        code, _, told = self.end(process)
        assert code == 0, told
        self.right = (weights_of(self.calm), weights_of(self.calm.with_name("calm-2")))

    def begin(
        self, out: Path, *more: str, photos: Path | None = None, two: bool = True, env: Any = None
    ) -> subprocess.Popen[str]:
        then = ["--then", "tiny", "--then-steps", str(STEPS)] if two else []
        for setting in ("precision=fp32", "checkpoint_seconds=0.05", *ADVERSARIAL) if two else ():
            then += ["--then-set", setting]
        return self.trainer(*words(photos or self.photos, out), *then, *more, env=env)

    def resume(self, out: Path, *more: str, env: Any = None) -> subprocess.Popen[str]:
        return self.trainer("resume", str(out), "--json", "--debug", *more, env=env)

    def trainer(self, *arguments: str, env: Any = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "trainer", *arguments],
            env={**environment(self.folder), **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self, process: subprocess.Popen[str]) -> tuple[int, str, str]:
        """Exit code, stdout and stderr; 1000: it hung."""
        try:
            out, told = process.communicate(timeout=HUNG_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return 1000, "", "hung"
        return process.returncode, out, told

    def finish(self, kind: str, out: Path) -> None:
        """Goes on undisturbed; must end with the weights of the calm runs."""
        code, _, told = self.end(self.resume(out))
        second = out.with_name(out.name + "-2")
        same = code == 0 and (weights_of(out), weights_of(second)) == self.right
        parts = list(out.rglob(".*")) + list(second.rglob(".*"))
        fault = f"{out.name}: ended with {code}: {told[-400:]!r}"
        self.tally.check(kind, same and not parts, fault if code else f"{out.name}: other weights")

    def ended(self, kind: str, process: subprocess.Popen[str]) -> str:
        """A disturbed run has ended well or in a sentence; returns what it said."""
        code, out, told = self.end(process)
        if code == 0:
            self.tally.survived(kind)
        elif is_plain(code, out + told):
            self.tally.refused(kind)
        else:
            self.tally.lost(kind, f"ended with {code}: {(out + told)[-500:]!r}")
        return out + told


def words(photos: Path, out: Path) -> list[str]:
    arguments = ["run", "--json", "--debug", "--preset", "tiny", "--data", str(photos)]
    arguments += ["--out", str(out), "--device", "cpu", "--threads", "1", "--steps", str(STEPS)]
    for setting in ("precision=fp32", "checkpoint_seconds=0.05", "validation.every_steps=15"):
        arguments += ["--set", setting]
    return arguments


def is_plain(code: int, said: str) -> bool:
    """Whether a failure was told as one for people."""
    return code in (1, 2, 130) and "Traceback" not in said and '"unexpected"' not in said


def make_photos(folder: Path, first: int = 0, count: int = 5) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        random = np.random.default_rng(number)
        small = random.integers(0, 256, (14, 16, 3), dtype=np.uint8)
        large = Image.fromarray(small).resize((112, 96), Image.Resampling.BICUBIC)
        large.save(folder / f"photo{number}.png")


def weights_of(run_folder: Path) -> str:
    """A hash of the finished model's weights; "" where there is none."""
    from srgan_desktop.core.base.errors import ModelFileError
    from srgan_desktop.core.weights.model_file import hash_of_tensors, load_model

    try:
        network, _ = load_model(run_folder / "model.safetensors")
    except ModelFileError:
        return ""
    return hash_of_tensors(network.state_dict())


# the scenes


def kills(suite: Suite) -> None:
    for number in range(max(1, suite.count // 20)):
        out = suite.folder / f"killed-{number}"
        process = suite.begin(out)
        for _ in range(3):
            _at_step(process, suite.random.randrange(2 * STEPS))
            time.sleep(suite.random.random() * 0.2)
            process.kill()
            process.communicate()
            begun = (out / "config.json").exists()
            process = suite.resume(out) if begun else suite.begin(out)
        process.kill()
        process.communicate()
        suite.finish("SIGKILL at random moments of both stages", out)


def _at_step(process: subprocess.Popen[str], count: int) -> None:
    """Until so many steps were told, or it ends."""
    assert process.stdout is not None
    for line in process.stdout:
        count -= '"event": "step"' in line
        if count <= 0:
            return


def stops(suite: Suite) -> None:
    out = suite.folder / "stopped"
    process = suite.begin(out)
    moments = random.Random(suite.seed)
    with aside(lambda: _freeze(process, moments)):
        suite.ended("SIGSTOP, SIGCONT and Ctrl+C", process)
    interrupted = suite.folder / "interrupted"
    process = suite.begin(interrupted)
    _at_step(process, 10)
    process.send_signal(signal.SIGINT)
    suite.ended("SIGSTOP, SIGCONT and Ctrl+C", process)
    suite.finish("SIGSTOP, SIGCONT and Ctrl+C", interrupted)


def _freeze(process: subprocess.Popen[str], moments: random.Random) -> None:
    while process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        time.sleep(moments.random() * 0.3)
        process.send_signal(signal.SIGCONT)
        time.sleep(moments.random() * 0.5)


def full_disk(suite: Suite) -> None:
    kind = "full disk"
    disk = suite.folder / "small disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        _failing_disk(suite, kind, errno.ENOSPC)
        return
    try:
        process = suite.begin(disk / "run")
        _at_step(process, suite.random.randrange(5, 20))
        filler = disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb") as file:
            while True:
                file.write(bytes(4096))
        suite.ended(kind, process)
        filler.unlink()
        suite.finish(kind, disk / "run")
    finally:
        subprocess.run(["umount", "-l", disk], check=False)


def failing_disk(suite: Suite) -> None:
    _failing_disk(suite, "file system fails in writing", errno.EIO)


def _failing_disk(suite: Suite, kind: str, number: int) -> None:
    library = shim.built(suite.folder)
    if library is None:
        suite.tally.row(kind).note = "no C compiler"
        return
    out = suite.folder / f"failing-{number}"
    env = shim.environment(library, suite.seed, write=out.name, errno=number, rate=20_000)
    suite.ended(kind, suite.begin(out, env=env))
    for turn in range(20):
        if (out / "config.json").exists():
            break
        env["FAULT_SEED"] = str(suite.seed + turn)
        suite.ended(kind, suite.begin(out, env=env))
    suite.finish(kind, out)


def clock(suite: Suite) -> None:
    kind = "the clock jumps by years"
    library = shim.built(suite.folder)
    if library is None:
        suite.tally.row(kind).note = "no C compiler"
        return
    out = suite.folder / "clock"
    suite.ended(kind, suite.begin(out, env=shim.environment(library, suite.seed, clock=1)))
    suite.finish(kind, out)


def photos_change(suite: Suite) -> None:
    kind = "photos changed, emptied, gone in mid-run"
    for change in ("exchanged", "emptied", "gone", "same again"):
        photos = suite.folder / f"photos {change}"
        make_photos(photos)
        out = suite.folder / f"run {change}"
        process = suite.begin(out, "--steps", "100000", photos=photos, two=False)
        _at_step(process, 12)
        shutil.rmtree(photos)
        if change != "gone":
            photos.mkdir()
        if change == "exchanged":
            make_photos(photos, 100)
        if change == "same again":
            make_photos(photos)
        process.send_signal(signal.SIGINT)
        suite.ended(kind, process)
        said = suite.ended(kind, suite.resume(out, "--steps", "600"))
        told = {
            "exchanged": "not those of before",
            "emptied": "no pictures",
            "gone": "photos gone",
            "same again": '"finished"',
        }
        suite.tally.check(kind, told[change] in said, f"{change}: {said[-300:]!r}")


def odd_files(suite: Suite) -> None:
    """One file of every kind that the corpus of pictures has, among the photos."""
    kind = "odd files among the photos"
    photos = suite.folder / "photos odd"
    make_photos(photos)
    sys.path.insert(0, str(ROOT / "tests/core/images/io"))
    from corpus import cases

    every = max(1, 300 // max(1, suite.count))
    made = [case for number, case in enumerate(cases()) if number % every == 0]
    for case in made:
        data = case.make()
        if len(data) < 3_000_000:
            (photos / case.file_name).write_bytes(data)
    suite.tally.row(kind).note = f"{len(made)} files"
    said = suite.ended(kind, suite.begin(suite.folder / "odd", photos=photos, two=False))
    suite.tally.check(kind, '"finished"' in said, said[-500:])


def two_trainers(suite: Suite) -> None:
    kind = "two trainers on one folder"
    out = suite.folder / "two"
    first = suite.begin(out)
    _at_step(first, 5)
    # held, or it may be done before the others have started
    first.send_signal(signal.SIGSTOP)
    try:
        for process in (suite.resume(out), suite.begin(out)):
            code, printed, told = suite.end(process)
            plain = code in (1, 2) and is_plain(code, printed + told)
            suite.tally.check(kind, plain, f"{code}: {(printed + told)[-300:]!r}")
    finally:
        first.send_signal(signal.SIGCONT)
    suite.ended(kind, first)
    suite.finish(kind, out)


def diverging(suite: Suite) -> None:
    kind = "NaN in data, gradients and losses"
    photos = suite.folder / "photos nan"
    make_photos(photos)
    for name, value in (("nan", np.nan), ("infinite", np.inf), ("huge", 1e38)):
        pixels = np.full((96, 112), 0.5, np.float32)
        pixels[::3] = value
        Image.fromarray(pixels).save(photos / f"{name}.tif")
    said = suite.ended(kind, suite.begin(suite.folder / "nan data", photos=photos, two=False))
    suite.tally.check(kind, '"finished"' in said, f"data: {said[-400:]!r}")
    for rate in ("0.9", "1e30"):
        out = suite.folder / f"rate {rate}"
        setting = ["--set", f"optimiser.learning_rate={rate}"]
        said = suite.ended(kind, suite.begin(out, *setting, two=False))
        suite.tally.check(kind, "went" in said or "learning_rate" in said, said[-400:])


SCENES = (
    kills,
    stops,
    full_disk,
    failing_disk,
    clock,
    photos_change,
    odd_files,
    two_trainers,
    diverging,
)


def suite(seed: int, count: int, folder: Path) -> list[Row]:
    """All scenes, and ``count`` run folders with something strange in them."""
    work = Suite(seed, count, folder)
    # a short run tries some of them, by its seed
    scenes = SCENES if count >= SHORT else random.Random(seed).sample(SCENES, 2)
    for scene in scenes:
        start = time.monotonic()
        scene(work)
        row = work.tally.rows[-1]
        row.note = f"{time.monotonic() - start:.0f} s {row.note}"
    run(str(FOLDERS), seed << 20, count, folder, work.tally, HUNG_S)
    return work.tally.rows


if __name__ == "__main__":
    command_line("training", __doc__, suite, 150)
