"""Long use in little time: bursts into a watched folder, a long queue, a run of many events.

Memory, open files and the size of logs stay flat or bounded. --count is in thousands: at 100 a
queue has 50,000 rows, a watched folder gets 5,000 files, a training 200,000 steps, and a run's view
200,000 points.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import psutil
from isolated import ROOT, environment
from table import Row, Tally, command_line
from training import make_photos, words

MB = 1 << 20


def suite(seed: int, count: int, folder: Path) -> list[Row]:
    """All scenes; what is seldom is the same for every seed."""
    os.environ["SRGAN_DESKTOP_HOME"] = str(folder / "home")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.path.insert(0, str(ROOT))
    tally = Tally()
    for scene in (_queue, _watch, _training, _points):
        start = time.monotonic()
        scene(tally, seed, count, folder)
        tally.rows[-1].note += f" {time.monotonic() - start:.0f} s"
    return tally.rows


def _resident() -> int:
    return psutil.Process().memory_info().rss


def _files() -> int:
    return psutil.Process().num_fds()


def _queue(tally: Tally, seed: int, count: int, folder: Path) -> None:
    """Rows added, taken and settled one by one; asking for counts stays quick."""
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.queue import Queue
    from srgan_desktop.core.jobs.sources import Source

    rows = 500 * count
    kind = f"a queue of {rows} rows"
    before, files = _resident(), _files()
    with Queue(folder / "long.queue") as queue:
        for first in range(0, rows, 5000):
            numbers = range(first, min(rows, first + 5000))
            queue.add([Source(Path(f"/photos/{seed}/{n}.png")) for n in numbers], BatchOptions())
        slowest = 0.0
        for number in range(min(rows, 400)):
            item = queue.next_waiting()
            assert item is not None
            start = time.process_time()
            queue.started(item, (10, 10), (40, 40))
            queue.failed(item.id, "no such file", "read")
            queue.counts()
            queue.waiting_pixels()
            slowest = max(slowest, time.process_time() - start) if number else slowest
    with Queue(folder / "long.queue") as queue:
        counts = queue.counts()
        right = counts["waiting"] == rows - min(rows, 400) and counts["failed"] == min(rows, 400)
        tally.check(kind, right, f"{counts}")
    grown = _resident() - before
    tally.check(kind, grown < 150 * MB, f"{grown // MB} MB more")
    tally.check(kind, slowest < 0.25, f"one step took {slowest:.2f} s")
    tally.check(kind, _files() <= files, f"{_files() - files} files left open")
    tally.row(kind).note = f"{grown // MB} MB, slowest step {1000 * slowest:.0f} ms,"


def _watch(tally: Tally, seed: int, count: int, folder: Path) -> None:
    """Files that arrive in bursts, some of them slowly, are each told once."""
    from srgan_desktop.core.jobs.watch import Watcher

    files = 50 * count
    kind = f"a watched folder with {files} files in bursts"
    place = folder / "incoming"
    place.mkdir()
    now = 0.0
    watcher = Watcher(place, {}, clock=lambda: now)
    chance = random.Random(seed)
    told: list[Path] = []
    before, opened, slowest, made = _resident(), _files(), 0.0, 0
    while made < files or watcher.growing:
        burst = min(files - made, chance.randrange(1, 200))
        for number in range(made, made + burst):
            (place / f"{number}.png").write_bytes(b"x" * chance.randrange(2))
        made += burst
        for path in [path for path in place.iterdir() if not path.stat().st_size]:
            path.write_bytes(b"whole")
        now += 3
        start = time.process_time()
        told += [found.source.path for found in watcher.look()]
        slowest = max(slowest, time.process_time() - start)
    tally.check(kind, len(told) == len(set(told)) == files, f"{len(told)} told, {len(set(told))}")
    grown = _resident() - before
    tally.check(kind, grown < 60 * MB, f"{grown // MB} MB more")
    tally.check(kind, _files() <= opened, "files left open")
    tally.row(kind).note = f"{grown // MB} MB, slowest look {1000 * slowest:.0f} ms,"


def _training(tally: Tally, seed: int, count: int, folder: Path) -> None:
    """A real run of the tiny network: memory, files and the log by step stay what they were."""
    steps = 2000 * count
    kind = f"a training of {steps} steps"
    photos, out = folder / "photos", folder / "long run"
    make_photos(photos)
    command = [*words(photos, out), "--steps", str(steps), "--set", f"seed={seed}"]
    every = max(1, steps // 20)
    changes = (f"validation.every_steps={every}", "checkpoint_seconds=2", "batch=1")
    changes += ("data.crop=16", "optimiser.learning_rate=2e-4", "rescue.psnr_drop_db=90")
    command += [word for change in changes for word in ("--set", change)]
    process = psutil.Popen(
        [sys.executable, "-m", "trainer", *command],
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    seen: list[tuple[int, int]] = []
    while process.poll() is None:
        time.sleep(0.5)
        with contextlib.suppress(psutil.Error):
            seen.append((process.memory_info().rss, process.num_fds()))
    said = process.stderr.read().decode(errors="replace")
    tally.check(kind, process.returncode == 0, said[-500:])
    (middle, files), (end, more_files) = _most(seen, 4), _most(seen, 8)
    grown = end - middle
    tally.check(kind, grown < 0.1 * middle + 20 * MB, f"{grown // MB} MB more")
    tally.check(kind, more_files <= files + 4, f"{more_files - files} files more")
    log = (out / "events.jsonl").stat().st_size
    tally.check(kind, log < 400 * steps + 100_000, f"a log of {log // 1000} kB")
    tally.row(kind).note = f"{grown / MB:+.1f} MB in its second half, log of {log // 1000} kB,"


def _most(seen: list[tuple[int, int]], tenth: int) -> tuple[int, int]:
    """Memory and files in one tenth of the time; it saves and validates now and then."""
    first, share = len(seen) * tenth // 10, len(seen) // 10 + 1
    part = seen[first : first + share]
    return max(memory for memory, _ in part), max(files for _, files in part)


def _points(tally: Tally, seed: int, count: int, folder: Path) -> None:
    """What the window does with a long log: read in pieces, and curves of any width."""
    from srgan_desktop.gui.training.charts.series import Series
    from srgan_desktop.gui.training.runs.tail import StageLog
    from trainer.run.run_folder import RunFolder

    points = 2000 * count
    kind = f"a run's view of {points} points"
    run = RunFolder(folder / "many")
    run.path.mkdir()
    line = (
        '{{"event": "step", "step": {0}, "steps": {1}, "losses": {{"pixel": 0.05}}, '
        '"learning_rate": 0.001, "it_per_s": 9.0, "eta_s": 3.0, "seconds": 1.0, "d_real": null, '
        '"d_fake": null}}\n'
    )
    with run.events_path.open("w") as file:
        file.writelines(line.format(step, points) for step in range(1, points + 1))
    log, series = StageLog(0, run), Series()
    slowest = shown = 0.0
    while (chunk := log.read()) is not None:
        start = time.process_time()
        series.append(chunk.steps, chunk.values["loss:pixel"])
        slowest = max(slowest, time.process_time() - start)
    chance = random.Random(seed)
    for _ in range(200):
        first = chance.randrange(points)
        start = time.process_time()
        x, _ = series.view(first, chance.randrange(first, points + 1), 1500)
        shown = max(shown, time.process_time() - start)
        tally.check(kind, len(x) <= 6100, f"{len(x)} points for 1500 pixels")
    tally.check(kind, len(series) == points, f"{len(series)} points")
    tally.check(kind, slowest < 0.05 and shown < 0.05, f"{slowest:.3f} s, {shown:.3f} s")
    tally.row(kind).note = f"slowest drawing {1000 * shown:.1f} ms,"


if __name__ == "__main__":
    command_line("long", __doc__, suite, 100)
