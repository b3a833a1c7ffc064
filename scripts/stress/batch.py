"""A batch under faults: every source ends done exactly once, or failed with its reason.

Kills, stops, full and vanished disks, files that change, a clock that jumps, two programs at once,
a damaged queue, file systems that fail. After each, the same command runs once more undisturbed;
then all must be done, what others had there must be as it was, and nothing may be left behind.
"""

from __future__ import annotations

import contextlib
import errno
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import shim
from aside import aside
from batch_trial import Program, Trial, hash_of
from table import Row, Tally, command_line

SHORT_SHARE, SHORT_SCENES = 6, 4
EDITED = 100_000  # numbers of the pictures that others become


class Suite:
    """One run of all scenes; ``count`` pictures over all of them."""

    def __init__(self, seed: int, count: int, folder: Path) -> None:
        self.seed, self.folder = seed, folder
        self.random = random.Random(seed)
        self.tally = Tally()
        self.share = max(6, count // 12)
        self.home = folder / "batch"
        self.home.mkdir(parents=True, exist_ok=True)
        self.model = tiny_model(self.home / "tiny.safetensors")
        self.right = self._right()

    def _right(self) -> dict[int, str]:
        """The hash of each picture's result, from a run that nobody disturbs."""
        trial = Trial(self.home / "calm", self.home, self.model, self.share * 3)
        for number in range(self.share):
            trial.redrawn(trial.sources / "edited" / f"bild-{EDITED + number}.png", EDITED + number)
        program = trial.start(out=self.home / "calm results")
        assert program.to_end() == 0, program.errors
        results = Trial.files(self.home / "calm results")
        return {int(path.stem.split("-")[1].split("_")[0]): hash_of(path) for path in results}

    def trial(self, name: str, count: int | None = None) -> Trial:
        return Trial(self.home / name, self.home, self.model, count or self.share)

    def run(self) -> list[Row]:
        # a short run tries some of them, by its seed
        short = self.share <= SHORT_SHARE
        for scene in self.random.sample(SCENES, SHORT_SCENES) if short else SCENES:
            start = time.monotonic()
            scene(self)
            self.tally.rows[-1].note = f"{time.monotonic() - start:.0f} s"
        return self.tally.rows

    def finish(self, trial: Trial, kind: str, **allowed: bool) -> None:
        """``allowed`` as in ``Trial.judge``."""
        trial.judge(self.tally, kind, self.right, trial.start_queue(), **allowed)
        shutil.rmtree(trial.folder, ignore_errors=True)


def kills(suite: Suite) -> None:
    kind = "SIGKILL at random moments"
    trial = suite.trial("kills", suite.share * 3)
    for _ in range(max(2, suite.share // 20)):
        program = trial.start_queue()
        _wait_for(program, "file_done", suite.random.randrange(suite.share // 2))
        time.sleep(suite.random.random() * 0.3)
        program.process.kill()
        program.process.wait()
    suite.finish(trial, kind)


def stops(suite: Suite) -> None:
    kind = "SIGSTOP and SIGCONT"
    trial = suite.trial("stops")
    program = trial.start_queue()
    with aside(lambda: _stop_and_go(program, random.Random(suite.seed))):
        trial.judge(suite.tally, kind, suite.right, program)


def _stop_and_go(program: Program, moments: random.Random) -> None:
    while program.process.poll() is None:
        program.process.send_signal(signal.SIGSTOP)
        time.sleep(moments.random() * 0.2)
        program.process.send_signal(signal.SIGCONT)
        time.sleep(moments.random() * 0.4)


def full_disk(suite: Suite) -> None:
    """A small disk of memory where this may be mounted; else writes that fail as on a full one."""
    kind = "full disk"
    trial = suite.trial("full")
    if _mounted(trial.out):
        try:
            filler = trial.out / "filler"
            _fill(filler, trial.out)
            program = trial.start_queue()
            _wait_for(program, "paused", 1)
            time.sleep(0.5)
            filler.unlink()
            trial.judge(suite.tally, kind, suite.right, program)
        finally:
            subprocess.run(["umount", "-l", trial.out], check=False)
        return
    _failing(suite, kind, trial, write=trial.out.name, errno=errno.ENOSPC, rate=3000)


def _mounted(folder: Path) -> bool:
    kept = {path.relative_to(folder): path.read_bytes() for path in Trial.files(folder)}
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        return False
    for name, data in kept.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return True


def _fill(filler: Path, folder: Path) -> None:
    filler.write_bytes(bytes(max(0, shutil.disk_usage(folder).free - 40_000)))


def vanished(suite: Suite) -> None:
    kind = "folders vanish and come back"
    trial = suite.trial("vanished")
    program = trial.start_queue()
    moments = random.Random(suite.seed)

    def shake() -> None:
        folders = [trial.out, trial.sources / "album 1", trial.sources / "album 3", trial.out]
        while program.process.poll() is None:
            folder = folders[moments.randrange(4)]
            time.sleep(moments.random() * 0.3)
            away = trial.folder / "away"
            with contextlib.suppress(OSError):
                folder.rename(away)
                time.sleep(moments.random() * 0.3)
                _back(away, folder)

    with aside(shake):
        trial.judge_disturbed(suite.tally, kind, program)
    suite.finish(trial, kind, again=True, strays=True)


def _back(away: Path, folder: Path) -> None:
    """Over what was made in its place meanwhile, as a disk that is mounted again."""
    if folder.exists():
        folder.rename(away.with_name(f"meanwhile-{time.monotonic_ns()}"))
    away.rename(folder)


def read_only(suite: Suite) -> None:
    trial = suite.trial("read-only")
    _failing(suite, "read-only folder", trial, write="/out/", errno=errno.EROFS, rate=300_000)


def changed_files(suite: Suite) -> None:
    kind = "files change while they wait or are read"
    trial = suite.trial("changed")
    program = trial.start_queue()
    moments = random.Random(suite.seed)
    paths = sorted(trial.numbers)

    def edit() -> None:
        for number in range(suite.share):
            if program.process.poll() is not None:
                return
            path = paths[moments.randrange(len(paths))]
            if trial.numbers[path] < EDITED:
                if (
                    moments.random() < 0.3
                ):  # as slow programs write: half of it is there for a while
                    data = path.read_bytes()
                    path.write_bytes(data[: len(data) // 2])
                    time.sleep(0.05)
                trial.redrawn(path, EDITED + number)
            time.sleep(moments.random() * 0.1)

    with aside(edit):
        trial.judge_disturbed(suite.tally, kind, program)
    suite.finish(trial, kind, again=True)


def clock(suite: Suite) -> None:
    _failing(suite, "the clock jumps by years", suite.trial("clock"), clock=1)


def two_on_one_queue(suite: Suite) -> None:
    kind = "two programs on one queue"
    trial = suite.trial("two")
    programs = [trial.start_queue() for _ in range(2)]
    codes = [program.to_end() for program in programs]
    for code, program in zip(codes, programs, strict=True):
        if code and "another program works with this queue" in program.errors:
            suite.tally.refused(kind)
        else:
            suite.tally.check(kind, code == 0, f"ended with {code}: {program.errors[-300:]}")
    suite.finish(trial, kind)


def two_into_one_folder(suite: Suite) -> None:
    kind = "two programs into one folder"
    trial = suite.trial("two-out")
    programs = [trial.start() for _ in range(2)]
    codes = [program.to_end() for program in programs]
    suite.tally.check(kind, codes == [0, 0], f"ended with {codes}")
    hashes = [hash_of(path) for path in Trial.files(trial.out)]
    for path, number in trial.numbers.items():
        times = hashes.count(suite.right[number])
        suite.tally.check(kind, times == 2, f"{path.name} has {times} results of two programs")
    if len(hashes) != 2 * suite.share + 2:
        suite.tally.lost(kind, f"{len(hashes)} files")
    shutil.rmtree(trial.folder)


def damaged_queue(suite: Suite) -> None:
    kind = "queue damaged at random places"
    for number in range(max(3, suite.share // 5)):
        trial = suite.trial(f"damaged-{number}", 6)
        program = trial.start_queue()
        _wait_for(program, "file_done", suite.random.randrange(1, 5))
        program.process.kill()
        program.process.wait()
        _damage(trial, suite.random)
        trial.judge_disturbed(suite.tally, kind, trial.start_queue())
        suite.finish(trial, kind, again=True, strays=True)


def _damage(trial: Trial, chance: random.Random) -> None:
    """Bytes of the database or of its log changed, cut off or blanked."""
    files = [path for path in trial.folder.glob("work.queue*") if path.stat().st_size]
    path = files[chance.randrange(len(files))]
    data = bytearray(path.read_bytes())
    for _ in range(chance.randrange(1, 30)):
        at = chance.randrange(len(data))
        what = chance.randrange(4)
        if what == 0:
            data[at : at + 200] = bytes(len(data[at : at + 200]))
        elif what == 1 and len(data) > 4096:
            del data[chance.randrange(2048, len(data)) :]
        else:
            data[at] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def slow_disk(suite: Suite) -> None:
    trial = suite.trial("slow")
    _failing(suite, "slow file system", trial, read="/in/", write="/out/", delay_us=20_000, rate=0)


def short_calls(suite: Suite) -> None:
    trial = suite.trial("short")
    faults = {"read": "/in/", "write": "/out/", "errno": 0, "rate": 400_000}
    _failing(suite, "file system does calls by halves", trial, **faults)


def failing_reads(suite: Suite) -> None:
    trial = suite.trial("eio-read")
    _failing(
        suite, "file system fails in reading", trial, read="/in/", errno=errno.EIO, rate=60_000
    )


def failing_writes(suite: Suite) -> None:
    trial = suite.trial("eio-write")
    _failing(
        suite, "file system fails in writing", trial, write="/out/", errno=errno.EIO, rate=60_000
    )


def failing_queue(suite: Suite) -> None:
    trial = suite.trial("eio-queue")
    faults = {"read": "work.queue", "write": "work.queue", "errno": errno.EIO, "rate": 4000}
    _failing(suite, "file system fails under the queue", trial, **faults)


def _failing(suite: Suite, kind: str, trial: Trial, **faults: object) -> None:
    library = shim.built(suite.folder)
    if library is None:
        suite.tally.row(kind).note = "no C compiler"
        return
    env = shim.environment(library, suite.seed, **faults)
    trial.judge_disturbed(suite.tally, kind, trial.start_queue(env))
    suite.finish(trial, kind)


def _wait_for(program: Program, event: str, times: int) -> None:
    """Until it has told of so many, or ends."""
    for told in program.events():
        times -= told["event"] == event
        if times <= 0:
            return


def tiny_model(path: Path) -> Path:
    import torch

    from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
    from srgan_desktop.core.weights.model_file import ModelCard, save_model

    torch.manual_seed(1)
    save_model(path, SRResNet(SRResNetConfig(blocks=1, channels=8)).eval(), ModelCard(name="tiny"))
    return path


SCENES = (
    *(kills, stops, full_disk, vanished, read_only, changed_files, clock, two_on_one_queue),
    *(two_into_one_folder, damaged_queue, slow_disk, short_calls, failing_reads, failing_writes),
    failing_queue,
)


def suite(seed: int, count: int, folder: Path) -> list[Row]:
    """``count`` pictures in all scenes together."""
    return Suite(seed, count, folder).run()


if __name__ == "__main__":
    command_line("batch", __doc__, suite, 2000)
