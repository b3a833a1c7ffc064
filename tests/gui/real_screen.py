"""A virtual screen with a window manager, and hands on its mouse and keyboard."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from repository import ROOT
from waiting import wait_until

NEEDED = ("Xvfb", "xdotool")
WINDOW_MANAGER = "openbox"

# another program, from which files are dragged
SOURCE = str(ROOT / "scripts" / "drag_source.py")

# the program itself, which tells every 50 ms in a file what it shows
TELLING = """
import json, os, sys
from pathlib import Path
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QApplication
from srgan_desktop.gui.shell.app import make_application, make_window
from srgan_desktop.gui.common.errors_dialog import FaultReporter

told, width, height = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
app = make_application()
window = make_window(app, FaultReporter())
window.asks = False
window.resize(width, height)
window.show()
page = window.page

def place(widget):
    ratio = widget.devicePixelRatio()
    at = widget.mapToGlobal(QPoint(0, 0))
    return [round(v * ratio) for v in (at.x(), at.y(), widget.width(), widget.height())]

def tell():
    viewer, session, focus = page.viewer, page.session, QApplication.focusWidget()
    view = viewer.navigation
    state = {
        "viewer": place(viewer), "save": place(page.panel.save), "window": place(window),
        "divider": view.divider, "zoom": view.zoom, "mode": str(view.mode),
        "holding": view.state.holding, "working": session.working,
        "complete": session.up_to_date and not session.working,
        "models": page.panel.model.count(), "status": page.bottom.status.text(),
        "sample": page.panel.sample.has_picture,
        "picture": session.picture.path.name if session.picture else "",
        "message": page.messages.text,
        "focus": (focus.accessibleName() or getattr(focus, "text", str)()) if focus else "",
    }
    new = told.with_suffix(".new")
    new.write_text(json.dumps(state))
    os.replace(new, told)

timer = QTimer(interval=50, timeout=tell)
timer.start()
window.open_paths([Path(name) for name in sys.argv[4:]])
app.exec()
"""


def missing() -> list[str]:
    """What is not installed of what a virtual screen takes."""
    return [name for name in NEEDED if not shutil.which(name)]


class RealScreen:
    """Everything started on it ends with the ``with``."""

    def __init__(self, home: Path, size: tuple[int, int] = (1600, 900)) -> None:
        self._size = size
        self._started: list[subprocess.Popen[bytes]] = []
        self._environment = os.environ | {
            "QT_QPA_PLATFORM": "xcb",
            "PYTHONPATH": str(ROOT),
            "SRGAN_DESKTOP_HOME": str(home),
        }

    def __enter__(self) -> RealScreen:
        read, write = os.pipe()
        width, height = self._size
        screen = ["-screen", "0", f"{width}x{height}x24"]
        # -noreset: with its last client gone it would begin anew, and turn away who comes meanwhile
        command = ["Xvfb", "-noreset", "-displayfd", str(write), *screen]
        server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as notice:
            self._environment["DISPLAY"] = f":{notice.readline().strip()}"
        self._started.append(server)
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._started):
            process.kill()
            process.wait()

    def manage_windows(self) -> None:
        """From now on windows have frames, and are raised and focused as people know it."""
        self.start(WINDOW_MANAGER, "--sm-disable")
        time.sleep(0.5)

    def start(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        """A program on this screen."""
        process = subprocess.Popen(
            command, env=self._environment | environment, stderr=subprocess.DEVNULL
        )
        self._started.append(process)
        return process

    def x(self, *arguments: str) -> str:
        """What xdotool says."""
        run = subprocess.run(
            ["xdotool", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return run.stdout.strip()

    def keys(self, *keys: str) -> None:
        """Press these, one after the other."""
        self.x("key", "--delay", "60", *keys)
        time.sleep(0.3)

    def windows(self, name: str) -> list[str]:
        """Visible windows whose title holds ``name``."""
        return self.x("search", "--onlyvisible", "--name", name).splitlines()

    def drag(self, start: tuple[int, int], end: tuple[int, int], steps: int = 9) -> None:
        """Press, move in small steps, let go."""
        self.x("mousemove", str(start[0]), str(start[1]), "mousedown", "1")
        for step in range(1, steps + 1):
            time.sleep(0.15)
            at = [round(a + (b - a) * step / steps) for a, b in zip(start, end, strict=True)]
            self.x("mousemove", *map(str, at))
        time.sleep(0.3)
        self.x("mouseup", "1")

    def grab(self, path: Path) -> None:
        """The whole screen as a picture."""
        from PIL import ImageGrab

        ImageGrab.grab(xdisplay=self._environment["DISPLAY"]).save(path)


class RealWindow:
    """The program in a process of its own, as it tells of itself."""

    def __init__(
        self,
        screen: RealScreen,
        folder: Path,
        *files: Path,
        size: tuple[int, int] = (1240, 780),
        scale: float = 1.0,
    ) -> None:
        self._show_notice = folder / "told.json"
        arguments = [str(self._show_notice), str(size[0]), str(size[1]), *map(str, files)]
        self.process = screen.start(
            sys.executable, "-c", TELLING, *arguments, QT_SCALE_FACTOR=str(scale)
        )
        wait_until(self._show_notice.exists)
        wait_until(lambda: self["models"])

    def __getitem__(self, name: str) -> Any:
        return json.loads(self._show_notice.read_text())[name]

    def at(self, across: float, down: float, part: str = "viewer") -> tuple[int, int]:
        """A place in a part of the window, in the screen's pixels."""
        x, y, width, height = self[part]
        return round(x + width * across), round(y + height * down)


class Notice:
    """What a program on the screen writes of itself into a file, again and again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __getitem__(self, name: str) -> Any:
        state = json.loads(self._path.read_text())
        assert not state["fault"], state["fault"]
        return state[name]

    def until(self, is_so: Callable[[], object], timeout_s: float = 120) -> None:
        """Wait until it has written something, and that is so."""
        wait_until(lambda: self._path.exists() and is_so(), timeout_s)

    def middle(self, name: str) -> tuple[int, int]:
        """Of a place that it tells."""
        x, y, width, height = self[name]
        return x + width // 2, y + height // 2
