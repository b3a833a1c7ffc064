"""A watched folder for a long time: pictures come in bursts, whole, slowly, broken, in new folders.

--count is in seconds; an hour brings 5,000 files. Each good picture gets one result, each broken
one is told, and memory, open files and the queue's file stay flat.
"""

from __future__ import annotations

import contextlib
import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from aside import aside
from batch import tiny_model
from batch_trial import draw
from isolated import environment
from table import Row, Tally, command_line

MB = 1 << 20
FILES_PER_HOUR = 5000
LEAST_FILES = 40
WAYS = ("at once", "slowly", "in a new folder", "broken", "gone again")
LONG_ENOUGH_S = 60
SETTLING_S = 120.0  # after the last one, until all results are there


class Incoming:
    """Pictures that somebody puts into a folder."""

    def __init__(self, folder: Path, count: int, seed: int) -> None:
        self.folder, self.count = folder, count
        self.good: list[Path] = []
        self.broken: list[Path] = []
        self.left = count
        self._chance = random.Random(seed)
        self._slow: list[tuple[Path, bytes]] = []

    def burst(self) -> None:
        """A few or many; those of before that were half there become whole."""
        for path, data in self._slow:
            path.write_bytes(data)
        self._slow.clear()
        for _ in range(min(self.left, self._chance.randrange(1, 80))):
            self._one(self.count - self.left)
            self.left -= 1

    def _one(self, number: int) -> None:
        way = self._chance.choices(WAYS, (60, 20, 15, 3, 2))[0]
        folder = self.folder / f"day {number // 50}" if way == "in a new folder" else self.folder
        path = folder / f"bild-{number}.png"
        if way in ("at once", "in a new folder", "gone again"):
            draw(path, number)
            if way == "gone again":
                path.unlink()
                return
        else:
            elsewhere = self.folder.with_name("elsewhere.png")
            draw(elsewhere, number)
            data = elsewhere.read_bytes()
            path.write_bytes(data[: len(data) // 2])
            if way == "broken":
                self.broken.append(path)
                return
            self._slow.append((path, data))
        self.good.append(path)


class Health:
    """What a process holds, looked at once a second."""

    def __init__(self, process: psutil.Popen) -> None:
        self._process = process
        self._seen: list[tuple[int, int]] = []
        self.over = threading.Event()

    def watch(self) -> None:
        while not self.over.wait(1):
            with contextlib.suppress(psutil.Error):
                self._seen.append((self._process.memory_info().rss, self._process.num_fds()))

    def grown(self) -> tuple[int, int]:
        """Memory in bytes and open files: the last quarter's most over the second quarter's.

        None of a short run, in whose second quarter it is still loading.
        """
        if len(self._seen) < LONG_ENOUGH_S:
            return 0, 0
        quarter = len(self._seen) // 4
        before, after = self._seen[quarter : 2 * quarter + 1], self._seen[-quarter:]
        return tuple(  # type: ignore[return-value]
            max(one[which] for one in after) - max(one[which] for one in before) for which in (0, 1)
        )


def suite(seed: int, count: int, folder: Path) -> list[Row]:
    """``count`` seconds of it."""
    files = max(LEAST_FILES, FILES_PER_HOUR * count // 3600)
    kind = f"a watched folder, {files} files in {count} s"
    tally = Tally()
    incoming = Incoming(folder / "incoming", files, seed)
    incoming.folder.mkdir(parents=True)
    out, queue = folder / "out", folder / "watch.queue"
    told = (folder / "told.jsonl").open("w+")
    errors = (folder / "errors.txt").open("w+")
    words = ["watch", str(incoming.folder), "-o", str(out), "--queue", str(queue), "--json"]
    words += ["--model", str(tiny_model(folder / "tiny.safetensors")), "--interval", "1"]
    words += ["--device", "cpu", "--precision", "fp32", "--threads", "1"]
    process = psutil.Popen(
        [sys.executable, "-m", "srgan_desktop", *words],
        env=environment(folder),
        stdout=told,
        stderr=errors,
        preexec_fn=_hear_ctrl_c,
    )
    health = Health(process)
    with aside(health.watch):
        try:
            _bring(incoming, count, seed)
            broken = set(map(str, incoming.broken))
            _wait_for(
                lambda: (
                    len(_files(out)) >= len(incoming.good)
                    and broken <= _failed(folder / "told.jsonl")
                )
            )
            time.sleep(3)  # what comes now is too much
            tally.check(kind, process.poll() is None, "it ended by itself")
        finally:
            health.over.set()
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGINT)
            code = _ended(process)
    said = (folder / "errors.txt").read_text(errors="replace")
    failed = _failed(folder / "told.jsonl")
    tally.check(kind, code in (0, 130) and "Traceback" not in said, f"{code}: {said[-500:]!r}")
    names = sorted(path.relative_to(out).with_suffix("").as_posix() for path in _files(out))
    wanted = sorted(
        path.relative_to(incoming.folder).with_suffix("").as_posix() + "_4x"
        for path in incoming.good
    )
    for name in wanted:
        tally.check(kind, names.count(name) == 1, f"{name}: {names.count(name)} results")
    strange = set(names) - set(wanted)
    tally.check(kind, not strange, f"results of nothing: {sorted(strange)[:3]}")
    for path in incoming.broken:
        if str(path) in failed:
            tally.refused(kind)
        else:
            tally.lost(kind, f"nothing is said of {path.name}, which is broken")
    memory, opened = health.grown()
    tally.check(kind, memory < 20 * MB, f"{memory // MB} MB more")
    tally.check(kind, opened <= 4, f"{opened} files more are open")
    size = queue.stat().st_size
    tally.check(kind, size < 2000 * files + 200_000, f"a queue of {size // 1000} kB")
    tally.row(kind).note = f"{memory / MB:+.1f} MB in the last half, queue {size // 1000} kB"
    return tally.rows


def _hear_ctrl_c() -> None:
    """Also where the suite itself was started in a shell's background, which is deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _bring(incoming: Incoming, seconds: int, seed: int) -> None:
    """All of them, spread over the time by chance."""
    chance = random.Random(seed)
    began = time.monotonic()
    while incoming.left:
        due = 1 - (time.monotonic() - began) / max(1, seconds)
        if incoming.left / incoming.count > due:
            incoming.burst()
        time.sleep(chance.uniform(0.1, 1.5))
    incoming.burst()  # the last ones become whole


def _wait_for(there: Callable[[], bool]) -> None:
    end = time.monotonic() + SETTLING_S
    while time.monotonic() < end and not there():
        time.sleep(0.5)


def _failed(told: Path) -> set[str]:
    whole = told.read_text().rpartition("\n")[0]
    events = map(json.loads, whole.splitlines())
    return {event["source"] for event in events if event["event"] == "file_failed"}


def _files(out: Path) -> list[Path]:
    return [path for path in out.rglob("*_4x.*") if path.is_file() and ".srgan" not in str(path)]


def _ended(process: psutil.Popen) -> int:
    try:
        return int(process.wait(60))
    except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
        process.kill()
        return 1000


if __name__ == "__main__":
    command_line("watching", __doc__, suite, 120)
