"""The program as a person meets it: a file dragged from another program, a second start, signals.

Without a window manager, as on a kiosk; see test_real_window for one with.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_screen import SOURCE, RealScreen, missing
from waiting import wait_until
from window_helpers import MakePhoto

from srgan_desktop.core.images.io import read_image

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or bool(missing()), reason="needs Linux with Xvfb and xdotool"
    ),
]


@pytest.fixture
def screen(home: Path) -> Iterator[RealScreen]:
    with RealScreen(home) as made:
        yield made


def start_program(screen: RealScreen, *files: Path) -> subprocess.Popen[bytes]:
    return screen.start(sys.executable, "-m", "srgan_desktop", *map(str, files))


def test_a_file_dragged_from_another_program(screen: RealScreen, make_photo: MakePhoto) -> None:
    photo = make_photo("一张 photo.png", (120, 80))
    program = start_program(screen)
    screen.start(sys.executable, SOURCE, str(photo))
    wait_until(lambda: screen.windows("SRGAN Desktop"))
    wait_until(lambda: screen.windows("the other program"))
    time.sleep(1)
    window = screen.windows("SRGAN Desktop")[0]
    screen.drag((1400, 200), (510, 370))
    wait_until(lambda: screen.windows("photo.png"))
    result = photo.with_name("一张 photo_4x.png")
    deadline = time.monotonic() + 60
    while not result.exists():
        assert time.monotonic() < deadline
        screen.x("windowfocus", window, "key", "ctrl+s")
        time.sleep(1)
    assert read_image(result).width == 480
    screen.x("windowfocus", window, "key", "ctrl+q")
    assert program.wait(20) == 0


def test_a_second_start_hands_its_file_over(screen: RealScreen, make_photo: MakePhoto) -> None:
    first = start_program(screen, make_photo("first.png"))
    wait_until(lambda: screen.windows("first.png"))
    second = start_program(screen, make_photo("second.png"))
    assert second.wait(20) == 0
    wait_until(lambda: screen.windows("second.png"), 20)
    assert first.poll() is None


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_closes_the_window_in_order(
    screen: RealScreen, make_photo: MakePhoto, home: Path, number: signal.Signals, code: int
) -> None:
    program = start_program(screen, make_photo("photo.png"))
    wait_until(lambda: screen.windows("photo.png"))
    program.send_signal(number)
    assert program.wait(20) == code
    settings = (home / "settings" / "settings.ini").read_text()
    assert "geometry" in settings, "the place of the window is kept"
