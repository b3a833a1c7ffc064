"""One folder of pictures, a queue and results, and what must be true of them in the end."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from isolated import environment
from PIL import Image
from table import Tally

HUNG_S = 300.0
SIDE = 10


def draw(path: Path, number: int) -> None:
    """The picture of that number; the same bytes each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(number).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    new = path.with_name(f"{path.name}.new")
    Image.fromarray(pixels).save(new, "PNG")
    new.replace(path)


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Program:
    """A run of the command line, its events as they come."""

    def __init__(self, arguments: list[str], home: Path, more: Mapping[str, str]) -> None:
        self.told = home / f"stderr-{time.monotonic_ns()}"
        self._errors = self.told.open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "srgan_desktop", *arguments],
            env={**environment(home), **more},
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._end = time.monotonic() + HUNG_S

    def events(self) -> Iterator[dict[str, Any]]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            yield json.loads(line)

    def to_end(self) -> int:
        """Its exit code; drains what it prints. 1000: it hung, and was killed."""
        try:
            out, _ = self.process.communicate(timeout=max(1.0, self._end - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            self.process.communicate()
            return 1000
        self.out = out
        return self.process.returncode

    @property
    def errors(self) -> str:
        return self.told.read_text(errors="replace")


class Trial:
    """``count`` pictures in folders, two files of somebody else where results go, no queue yet.

    Attributes:
        expected: hashes of each source's right result, by the source.
        numbers: which picture each source is.
    """

    def __init__(self, folder: Path, home: Path, model: Path, count: int, first: int = 0) -> None:
        self.folder, self.home, self.model = folder, home, model
        self.sources, self.out, self.queue = folder / "in", folder / "out", folder / "work.queue"
        self.numbers: dict[Path, int] = {}
        for number in range(first, first + count):
            path = self.sources / f"album {number % 5}" / f"bild-{number}.png"
            draw(path, number)
            self.numbers[path] = number
        self.out.mkdir()
        draw(self.out / "album 0" / "bild-0_4x.png", 999_999)
        (self.out / "note.txt").write_text("somebody else's")
        self._strangers = {path: hash_of(path) for path in self.files(self.out)}
        self._hashes = {path: hash_of(path) for path in self.numbers}

    @staticmethod
    def files(folder: Path) -> list[Path]:
        return [path for path in folder.rglob("*") if path.is_file()]

    def _is_hidden(self, path: Path) -> bool:
        return any(part.startswith(".") for part in path.relative_to(self.out).parts)

    def start(
        self, *more: str, env: Mapping[str, str] | None = None, out: Path | None = None
    ) -> Program:
        fixed = ["--device", "cpu", "--precision", "fp32", "--threads", "1", "--format", "png"]
        arguments = ["upscale", str(self.sources), "-o", str(out or self.out), "--json"]
        arguments += ["--model", str(self.model), *fixed, *more]
        return Program(arguments, self.home, env or {})

    def start_queue(self, env: Mapping[str, str] | None = None) -> Program:
        return self.start("--queue", str(self.queue), env=env)

    def rows(self) -> list[Any]:
        from srgan_desktop.core.jobs.queue import Queue

        with Queue(self.queue, read_only=True) as queue:
            return queue.items()

    def redrawn(self, path: Path, number: int) -> None:
        """A source becomes another picture, at once."""
        draw(path, number)
        self.numbers[path] = number
        self._hashes[path] = hash_of(path)

    def judge(
        self,
        tally: Tally,
        kind: str,
        right: Mapping[int, str],
        program: Program,
        *,
        again: bool = False,
        strays: bool = False,
    ) -> None:
        """After a last run that nothing disturbed: all done once, nothing else touched.

        Args:
            right: hash of the result of each picture, by its number.
            again: results of earlier runs may be there as well (of lost queues, edited sources).
            strays: so may hidden folders, where a queue or a disk was lost that knew of them.
        """
        code = program.to_end()
        fault = f"{kind}: exit code {code}: {program.errors[-300:]!r}"
        tally.check(kind, code == 0 and "Traceback" not in program.errors, fault)
        made = {path: hash_of(path) for path in self.files(self.out)}
        for path, known in (self._strangers | self._hashes).items():
            there = made.get(path) or (hash_of(path) if path.exists() else "gone")
            if there != known:
                tally.lost(kind, f"{path.relative_to(self.folder)} is another file now ({there})")
        results = {path: data for path, data in made.items() if path not in self._strangers}
        if strays:
            results = {path: data for path, data in results.items() if not self._is_hidden(path)}
        by_hash: dict[str, int] = {}
        for data in results.values():
            by_hash[data] = by_hash.get(data, 0) + 1
        for path, number in self.numbers.items():
            times = by_hash.pop(right[number], 0)
            fine = times == 1 or (again and times > 1)
            tally.check(kind, fine, f"{path.relative_to(self.folder)} has {times} right results")
        others = [path for path, data in results.items() if data in by_hash]
        if others and not again:
            tally.lost(kind, f"{len(others)} results of nothing, such as {others[0]}")
        known = set(right.values())
        wrong = [path for path, data in results.items() if data not in known]
        if wrong and again:
            tally.lost(kind, f"{len(wrong)} wrong results, such as {wrong[0]}")
        left = [] if strays else list(self.out.rglob(".*"))
        if left:
            tally.lost(kind, f"left behind: {left[:3]}")

    def judge_disturbed(self, tally: Tally, kind: str, program: Program) -> int:
        """After a run with faults: it ended by itself, and each failure has its reason."""
        code = program.to_end()
        if code not in (0, 1) or "Traceback" in program.errors:
            tally.lost(kind, f"ended with {code}: {program.errors[-500:]!r}")
        if not self.queue.exists():
            return 0
        for row in self.rows():
            if row.status == "failed":
                said = row.error or ""
                named = row.source.name in said or f"{row.source.stem}_4x" in said
                if named:
                    tally.refused(kind)
                else:
                    tally.lost(kind, f"{row.source.name} failed: {row.error!r}")
        return code
