"""Cases in a process of their own, which may crash, hang or swallow memory without harm.

The child is the suite's own script: ``SCRIPT --child FIRST COUNT FOLDER``. It calls ``report`` with
each case as it is done, so that the parent knows which one ended it, and goes on after that one.
"""

from __future__ import annotations

import json
import os
import resource
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from table import Tally

ROOT = Path(__file__).resolve().parents[2]
ADDRESSES = 12 << 30  # libraries reserve much that they never use


@dataclass(frozen=True)
class Outcome:
    """Of one case: its kind, "survived", "refused", "lost" or "begun", and what is to be said."""

    kind: str
    ended: str
    said: str = ""


def report(number: int, kind: str, ended: str, said: str = "") -> None:
    """Called in the child; ``ended`` is "begun" before the case and what became of it after."""
    print(json.dumps([number, kind, ended, said]), flush=True)


def child_arguments() -> tuple[int, int, Path] | None:
    """First number, count and folder where this process is the child; limits its memory."""
    if len(sys.argv) != 5 or sys.argv[1] != "--child":
        return None
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])


def run(script: str, first: int, count: int, folder: Path, tally: Tally, hung_s: float) -> None:
    """All cases, into ``tally``; a new child after each that did not come back."""
    at, end = first, first + count
    while at < end:
        at = _one_child(script, at, end - at, folder, tally, hung_s)


def _one_child(
    script: str, first: int, count: int, folder: Path, tally: Tally, hung_s: float
) -> int:
    """The number of the next case."""
    errors = folder / "stderr"
    with errors.open("w+") as told:
        child = subprocess.Popen(
            [sys.executable, script, "--child", str(first), str(count), str(folder)],
            env=environment(folder),
            stdout=subprocess.PIPE,
            stderr=told,
        )
        assert child.stdout is not None
        number, kind, ended = first - 1, "start", "survived"
        try:
            for line in _lines(child, hung_s):
                number, kind, ended, said = json.loads(line)
                _count(tally, number, Outcome(kind, ended, said))
        except TimeoutError:
            child.kill()
            child.wait()
            tally.lost(kind, f"{number}: hung for {hung_s:.0f} s")
            return max(number, first) + 1
        code = child.wait()
        if ended == "begun" or (code and number < first + count - 1):
            told.seek(0)
            tally.lost(kind, f"{number}: ended with {code}: {told.read()[-400:]!r}")
            return max(number, first) + 1
        return first + count


def _lines(child: subprocess.Popen[bytes], hung_s: float) -> Iterator[bytes]:
    """stdout's lines as they come. Raises TimeoutError where none comes for so long."""
    assert child.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        rest = b""
        while True:
            if not selector.select(hung_s):
                raise TimeoutError
            data = os.read(child.stdout.fileno(), 1 << 16)
            if not data:
                return
            *whole, rest = (rest + data).split(b"\n")
            yield from whole


def _count(tally: Tally, number: int, outcome: Outcome) -> None:
    if outcome.ended == "survived":
        tally.survived(outcome.kind)
    elif outcome.ended == "refused":
        tally.refused(outcome.kind)
    elif outcome.ended == "lost":
        tally.lost(outcome.kind, f"{number}: {outcome.said}")


def environment(home: Path) -> dict[str, str]:
    """For any process of the program: this checkout's code, and a home of its own."""
    paths = (str(Path(__file__).parent), str(ROOT), os.environ.get("PYTHONPATH", ""))
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "SRGAN_DESKTOP_HOME": str(home / "home"),
        "OMP_NUM_THREADS": "1",
        "LC_ALL": "C.UTF-8",
    }


class PeakMemory:
    """How much more memory a piece of work took at its peak than there was before, in bytes."""

    def __init__(self) -> None:
        self.bytes = 0

    def __enter__(self) -> PeakMemory:
        Path("/proc/self/clear_refs").write_text("5")
        self._before = _status("VmRSS")
        return self

    def __exit__(self, *_error: object) -> None:
        self.bytes = max(0, _status("VmHWM") - self._before)


def _status(key: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    raise KeyError(key)


class Slow:
    """Processor seconds that a piece of work took."""

    def __enter__(self) -> Slow:
        self._start = time.process_time()
        return self

    def __exit__(self, *_error: object) -> None:
        self.seconds = time.process_time() - self._start


def attempt(work: Callable[[], None], refusal: type[Exception]) -> tuple[str, str]:
    """Ended how, and with which words."""
    try:
        work()
    except refusal as error:
        return "refused", str(error)
    except Exception as error:
        return "lost", f"{type(error).__name__}: {error}"[:300]
    return "survived", ""
