"""The window under random events for so many seconds: no exception, warning, stall or leak.

Clicks, keys, drops of good and bad files, resizes, themes, languages, dialogs, closing and opening,
with real small work going on. --seed chooses the events; what it did last is told with each fault.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
import traceback
from pathlib import Path

import psutil
from isolated import ROOT, environment
from table import Row, Tally, command_line

STALL_S = 0.25
LONG_S = 300
PARTS = 12  # of the time, with a look at the memory after each
GROWTH, SLACK_BYTES = 0.10, 80 << 20
HARMLESS = (
    "This plugin does not support propagateSizeHints()",
    "This plugin does not support raise()",
    "This plugin does not support grabbing the keyboard",
)


def suite(seed: int, count: int, folder: Path) -> list[Row]:
    """``count`` seconds of events."""
    os.environ.update(environment(folder))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.path.insert(0, str(ROOT))
    tally = Tally()
    trial = Trial(seed, count, folder, tally)
    try:
        trial.run()
    finally:
        _end_trainers(folder)
    return tally.rows


class Trial:
    """One application, a window after the other, and all that is watched."""

    def __init__(self, seed: int, seconds: int, folder: Path, tally: Tally) -> None:
        from PySide6.QtCore import QTimer, QtMsgType, qInstallMessageHandler

        from srgan_desktop.gui.common.collector import Collector
        from srgan_desktop.gui.common.errors_dialog import FaultReporter
        from srgan_desktop.gui.shell.app import make_application

        sys.path.insert(0, str(Path(__file__).parent))
        from window_monkey import Monkey

        self.seed, self.seconds, self.tally = seed, seconds, tally
        self.app = make_application()
        self.app.setQuitOnLastWindowClosed(False)
        paths, folders = make_files(folder / "files")
        self.monkey = Monkey(seed, paths, folders)
        self.monkey.reopen = self.reopen
        self.faults = FaultReporter()
        self.faults.report = self.fault
        self.faults.install()
        self.collector = Collector()
        self.collector.start()
        notices = (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)

        def listen(kind: object, _context: object, message: str) -> None:
            if kind not in notices and message not in HARMLESS:
                self.lost("no warning of Qt's", message)

        qInstallMessageHandler(listen)
        self.windows = 0
        self.best = 1.0
        for _ in range(50):
            self.slowness()
        self.longest = self.longest_of_processor = 0.0
        self.memory: list[int] = []
        self.beating = self.ended = self.closing = False
        self.pulse = QTimer()
        self.pulse.timeout.connect(self.beat)
        self.before = (time.monotonic(), time.thread_time())
        self.seen_at: dict[str, float] = {}
        self.stands_at = "no place"
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self) -> None:
        """Where the window's thread is while it stands still; told beside the table."""
        main = threading.main_thread().ident
        while not self.ended:
            time.sleep(0.05)
            still = time.monotonic() - self.before[0]
            if still > STALL_S / 2 and self.beating and main is not None:
                frames = traceback.extract_stack(sys._current_frames()[main])[-4:]
                place = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))
                self.stands_at = place
                if still > 1:
                    self.seen_at[place] = max(still, self.seen_at.get(place, 0))

    def lost(self, kind: str, said: str) -> None:
        did = "; ".join(self.monkey.last)
        self.tally.lost(kind, f"seed {self.seed}, step {self.monkey.steps}: {said} [{did}]")

    def fault(self, error: BaseException) -> None:
        text = "".join(traceback.format_exception(error)[-4:])
        self.lost("no exception", f"{type(error).__name__}: {error}: {text}")

    def beat(self) -> None:
        """Every few milliseconds where the window's thread is free."""
        now, processor = time.monotonic(), time.thread_time()
        took, busy = now - self.before[0], processor - self.before[1]
        stood_at, self.stands_at = self.stands_at, "no place"
        self.before = (now, processor)
        self.longest = max(self.longest, took)
        self.longest_of_processor = max(self.longest_of_processor, busy)
        # of the processor, for on a shared machine others make gaps, too
        if busy > STALL_S and busy / self.slowness() > STALL_S:
            where = f"{busy:.2f} s of work in one event, last seen at {stood_at}"
            self.lost("no stall over 250 ms", where)

    def slowness(self) -> float:
        """How many times slower than at its best the machine is just now."""
        start = time.thread_time()
        sum(range(200_000))
        took = time.thread_time() - start
        self.best = min(self.best, took)
        return took / self.best

    def open(self) -> None:
        from srgan_desktop.gui.shell.app import make_window

        self.window = make_window(self.app, self.faults)
        self.monkey.window = self.window
        self.window.asks = False
        self.window.show()
        self.windows += 1

    def reopen(self) -> None:
        self._close_dialogs()
        # a window must not go while a loop of its dialogs or menus is running: the next time, then.
        # The monkey also goes on while events are worked off here
        if self.closing or self.app.thread().loopLevel() > 1:
            return
        self.closing = True
        self.close()
        self._watch(False)
        self.open()
        # making all pages at once is no event of a person's; the start is measured elsewhere
        self.before = (time.monotonic(), time.thread_time())
        self._watch(True)
        self.closing = False

    def close(self) -> None:
        self._close_dialogs()
        self.window.close()
        self.window.deleteLater()
        self.app.processEvents()

    def _close_dialogs(self) -> None:
        for dialog in self.app.topLevelWidgets():
            if dialog is not self.window:
                dialog.close()

    def run(self) -> None:
        from PySide6.QtCore import QTimer

        self.open()
        QTimer.singleShot(1500, self._begin)
        for part in range(1, PARTS):
            QTimer.singleShot(self.seconds * 1000 * part // PARTS, self._note_memory)
        QTimer.singleShot(1500 + self.seconds * 1000, self._end)
        self.app.exec()
        self.ended = True
        self.close()
        self.collector.stop()
        self._judge()

    def _begin(self) -> None:
        self.before = (time.monotonic(), time.thread_time())
        self._watch(True)
        self.monkey.start()

    def _watch(self, on: bool) -> None:
        self.beating = on
        if on:
            self.pulse.start(10)
        else:
            self.pulse.stop()

    def _note_memory(self) -> None:
        gc.collect()
        self.memory.append(psutil.Process().memory_info().rss)
        # looking through all there is is this suite's doing, not the program's
        self.before = (time.monotonic(), time.thread_time())

    def _end(self) -> None:
        self.monkey.stopped = True
        self._watch(False)
        self.app.exit(0)

    def _judge(self) -> None:
        for place, still in sorted(self.seen_at.items(), key=lambda pair: -pair[1])[:5]:
            print(f"stood still for {still:.1f} s at {place}", file=sys.stderr)
        gc.collect()
        self._note_memory()
        trace = " ".join(str(rss >> 20) for rss in self.memory)
        print(f"MB in use as it went: {trace}", file=sys.stderr)
        half_way = self.memory[len(self.memory) // 2]
        grown = self.memory[-1] - half_way
        # in a short run much is loaded for the first time in its second half
        slack = SLACK_BYTES if self.seconds >= LONG_S else 4 * SLACK_BYTES
        most = GROWTH * half_way + slack
        self.tally.check("memory flat in the second half", grown < most, f"{grown >> 20} MB more")
        self.tally.row("memory flat in the second half").note = f"{grown >> 20:+} MB"
        deadline = time.monotonic() + 20
        while (left := _threads()) and time.monotonic() < deadline:
            self.app.processEvents()
            time.sleep(0.05)
        self.tally.check("no thread left", not left, f"{left}")
        for kind in ("no exception", "no warning of Qt's", "no stall over 250 ms"):
            row = self.tally.row(kind)
            row.survived += max(0, self.monkey.steps - row.lost)
        stalls = self.tally.row("no stall over 250 ms")
        stalls.note = f"longest {self.longest:.2f} s, {self.longest_of_processor:.2f} of them work"
        self.tally.row("no exception").note = f"{self.windows} windows"


def _threads() -> list[str]:
    """Python's and those of ``QThread``'s; libraries keep some of their own."""
    return [
        thread.name
        for thread in threading.enumerate()
        if thread is not threading.main_thread() and not thread.daemon
    ]


def make_files(folder: Path) -> tuple[list[Path], list[Path]]:
    """Small good pictures, bad ones and what is none; the first folder may be written to."""
    import numpy as np
    from PIL import Image

    out, photos, empty = folder / "out", folder / "photos", folder / "empty"
    for place in (out, photos, empty):
        place.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    paths = []
    for number, (name, side) in enumerate(
        [("a.png", 40), ("b.jpg", 90), ("ü 图.webp", 24), ("grey.png", 30), ("c.tif", 60)]
    ):
        pixels = random.integers(0, 256, (side, side + number, 3), dtype=np.uint8)
        image = Image.fromarray(pixels)
        image = image.convert("L") if name == "grey.png" else image
        image.save(photos / name)
        paths.append(photos / name)
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(folder / "moves.gif", save_all=True, append_images=frames[1:])
    (folder / "broken.png").write_bytes((photos / "a.png").read_bytes()[:300])
    (folder / "text.txt").write_text("no picture")
    (folder / "model.safetensors").write_bytes(b"no model")
    paths += [folder / name for name in ("moves.gif", "broken.png", "text.txt")]
    return [*paths, folder / "model.safetensors", folder / "missing.png"], [out, photos, empty]


def _end_trainers(folder: Path) -> None:
    """Trainings go on without their window, as they should; here nobody waits for them."""
    for child in psutil.Process().children(recursive=True):
        child.kill()
    del folder


if __name__ == "__main__":
    command_line("window", __doc__, suite, 600)
