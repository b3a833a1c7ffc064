"""The program as a person meets it: a file dragged from another program, keys, closing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from window_helpers import MakePhoto

from srgan_desktop.core.picture_files import read_picture

ROOT = Path(__file__).resolve().parents[3]
SOURCE = """
import sys
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication, QLabel

class Source(QLabel):
    def mousePressEvent(self, event):
        drag, data = QDrag(self), QMimeData()
        data.setUrls([QUrl.fromLocalFile(name) for name in sys.argv[1:]])
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)

app = QApplication([])
source = Source("drag me")
source.setGeometry(1300, 100, 200, 200)
source.setWindowTitle("the other program")
source.show()
app.exec()
"""
NEEDED = ("Xvfb", "xdotool")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or not all(shutil.which(name) for name in NEEDED),
        reason="needs Linux with Xvfb and xdotool",
    ),
]


@pytest.fixture
def display() -> Iterator[str]:
    """A virtual screen."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x900x24"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as told:
        name = f":{told.readline().strip()}"
    yield name
    server.terminate()
    server.wait()


@pytest.fixture
def start(display: str, home: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts programs on that screen; none is left."""
    started: list[subprocess.Popen[bytes]] = []
    environment = os.environ | {
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "PYTHONPATH": str(ROOT),
        "SRGAN_DESKTOP_HOME": str(home),
    }

    def run(*command: str) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(command, env=environment))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


def until(is_so: Callable[[], object], timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def test_a_file_dragged_from_another_program(
    display: str,
    start: Callable[..., subprocess.Popen[bytes]],
    make_photo: MakePhoto,
) -> None:
    photo = make_photo("一张 photo.png", (120, 80))

    def x(*arguments: str) -> str:
        run = subprocess.run(
            ["xdotool", *arguments], env=os.environ | {"DISPLAY": display},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return run.stdout.strip()

    program = start(sys.executable, "-m", "srgan_desktop")
    start(sys.executable, "-c", SOURCE, str(photo))
    until(lambda: x("search", "--onlyvisible", "--name", "SRGAN Desktop"))
    until(lambda: x("search", "--onlyvisible", "--name", "the other program"))
    time.sleep(1)
    window = x("search", "--onlyvisible", "--name", "SRGAN Desktop").splitlines()[0]
    x("mousemove", "1400", "200", "mousedown", "1")
    for step in range(9):
        time.sleep(0.15)
        x("mousemove", str(1390 - 110 * step), str(210 + 20 * step))
    time.sleep(0.3)
    x("mouseup", "1")
    until(lambda: x("search", "--onlyvisible", "--name", "photo.png"))
    result = photo.with_name("一张 photo_4x.png")
    deadline = time.monotonic() + 60
    while not result.exists():
        assert time.monotonic() < deadline
        x("windowfocus", window, "key", "ctrl+s")
        time.sleep(1)
    assert read_picture(result).width == 480
    x("windowfocus", window, "key", "ctrl+q")
    assert program.wait(20) == 0


def test_a_second_start_hands_its_file_over(
    display: str,
    start: Callable[..., subprocess.Popen[bytes]],
    make_photo: MakePhoto,
) -> None:
    def titles() -> str:
        run = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", "second.png"],
            env=os.environ | {"DISPLAY": display}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return run.stdout

    first = start(sys.executable, "-m", "srgan_desktop", str(make_photo("first.png")))
    time.sleep(2)
    second = start(sys.executable, "-m", "srgan_desktop", str(make_photo("second.png")))
    assert second.wait(20) == 0
    until(titles, 20)
    assert first.poll() is None


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_closes_the_window_in_order(
    display: str,
    start: Callable[..., subprocess.Popen[bytes]],
    make_photo: MakePhoto,
    home: Path,
    number: signal.Signals,
    code: int,
) -> None:
    program = start(sys.executable, "-m", "srgan_desktop", str(make_photo("photo.png")))
    time.sleep(4)
    program.send_signal(number)
    assert program.wait(20) == code
    settings = (home / "settings" / "settings.ini").read_text()
    assert "geometry" in settings, "the place of the window is kept"
