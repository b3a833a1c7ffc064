"""The window under a window manager, with a real mouse and a real keyboard, at two scales."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_screen import SOURCE, WINDOW_MANAGER, RealScreen, RealWindow, missing
from waiting import wait_until
from window_helpers import MakePhoto

from srgan_desktop.core.images.io import read_image

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or bool(missing()) or not shutil.which(WINDOW_MANAGER),
        reason="needs Linux with Xvfb, xdotool and openbox",
    ),
]

SIZES = {1.0: (1024, 700), 2.0: (1000, 640)}


@pytest.fixture(params=SIZES, ids=["100%", "200%"])
def scale(request: pytest.FixtureRequest) -> float:
    return float(request.param)


@pytest.fixture
def screen(home: Path, scale: float) -> Iterator[RealScreen]:
    """Large enough for the window and another beside it."""
    width, height = SIZES[scale]
    with RealScreen(home, (round(width * scale) + 560, round(height * scale) + 60)) as made:
        made.manage_windows()
        yield made


@pytest.fixture
def window(screen: RealScreen, scale: float, tmp_path: Path) -> RealWindow:
    made = RealWindow(screen, tmp_path, size=SIZES[scale], scale=scale)
    (found,) = screen.windows("SRGAN Desktop")
    screen.x("windowmove", found, "0", "0", "windowactivate", "--sync", found)
    time.sleep(0.5)
    return made


def test_dragged_in_and_looked_at_with_the_mouse(
    screen: RealScreen, window: RealWindow, make_photo: MakePhoto
) -> None:
    photo = make_photo("一张 photo.png", (120, 80))
    other = screen.start(sys.executable, SOURCE, str(photo))
    wait_until(lambda: screen.windows("the other program"))
    (source,) = screen.windows("the other program")
    right = window["window"][2]
    screen.x("windowmove", "--sync", source, str(right + 60), "100")
    time.sleep(0.5)
    screen.drag((right + 160, 220), window.at(0.5, 0.5, "window"))
    wait_until(lambda: window["picture"] == photo.name)
    other.kill()
    wait_until(lambda: window["complete"])
    assert window["message"] == ""

    screen.drag(window.at(0.5, 0.5), window.at(0.25, 0.5))
    wait_until(lambda: window["divider"] != 0.5)
    assert 0.1 < window["divider"] < 0.35
    before = window["zoom"]
    screen.x("mousemove", *map(str, window.at(0.7, 0.4)))
    for _ in range(4):
        screen.x("click", "4")
    wait_until(lambda: window["zoom"] > before * 1.5)
    screen.x("click", "--repeat", "2", "--delay", "80", "1")
    time.sleep(0.5)
    screen.x("mousemove", *map(str, window.at(0.5, 0.5, "save")), "click", "1")
    wait_until(photo.with_name("一张 photo_4x.png").exists)
    assert read_image(photo.with_name("一张 photo_4x.png")).width == 480


def test_everything_by_keyboard(
    screen: RealScreen, window: RealWindow, make_photo: MakePhoto
) -> None:
    photo = make_photo("photo.png", (120, 80))
    screen.keys("ctrl+o")
    wait_until(lambda: len(screen.windows("Open")) > 0)
    time.sleep(0.5)
    screen.x("type", "--delay", "15", str(photo))
    screen.keys("Return")
    wait_until(lambda: window["picture"] == "photo.png")
    wait_until(lambda: window["complete"])

    focused = []
    for _ in range(30):
        focused.append(window["focus"])
        screen.keys("Tab")
        if len(focused) > 1 and window["focus"] == focused[0]:
            break
    assert window["focus"] == focused[0], "Tab comes round"
    assert "" not in focused
    assert {"Divider", "Side by side", "Model", "Save", "Save as…"} <= set(focused)

    screen.keys("shift+Right", "shift+Right")
    wait_until(lambda: window["divider"] == pytest.approx(0.7))
    screen.x("keydown", "space")
    wait_until(lambda: window["holding"])
    screen.x("keyup", "space")
    wait_until(lambda: not window["holding"])
    screen.keys("F7")
    wait_until(lambda: window["mode"] == "side by side")
    screen.keys("1")
    wait_until(lambda: window["zoom"] == pytest.approx(1.0))
    screen.keys("ctrl+s")
    wait_until(photo.with_name("photo_4x.png").exists)
    wait_until(lambda: "photo_4x.png" in window["message"])
    screen.keys("Escape")
    wait_until(lambda: window["message"] == "")
    screen.keys("ctrl+q")
    assert window.process.wait(20) == 0


def test_escape_stops_the_work(
    screen: RealScreen, scale: float, home: Path, make_photo: MakePhoto, tmp_path: Path
) -> None:
    settings = home / "settings" / "settings.ini"
    settings.write_text(settings.read_text() + "tile=32\n")
    window = RealWindow(
        screen, tmp_path, make_photo("photo.png", (900, 700)), size=SIZES[scale], scale=scale
    )
    (found,) = screen.windows("SRGAN Desktop")
    screen.x("windowactivate", "--sync", found)
    wait_until(lambda: window["working"])
    screen.keys("Escape")
    wait_until(lambda: not window["working"], 5)
    assert window["status"].startswith("Stopped")
