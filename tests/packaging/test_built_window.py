"""The window of the built package on a virtual screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from installed import ROOT, Installed, until, virtual_screen, window_titles
from PIL import Image, ImageGrab

pytestmark = pytest.mark.package

SAMPLE = ROOT / "resources" / "samples" / "otter.jpg"
SCREENSHOT = ROOT / "build" / "package-window.png"


@pytest.fixture
def display() -> Iterator[str]:
    with virtual_screen() as name:
        yield name


@pytest.fixture
def photo(installed: Installed) -> Path:
    target = installed.home / "otter 水獺.jpg"
    shutil.copyfile(SAMPLE, target)
    owner = installed.home.stat()
    os.chown(target, owner.st_uid, owner.st_gid)
    return target


@pytest.fixture
def window(installed: Installed, display: str) -> Iterator[subprocess.Popen[bytes]]:
    """The program with its window; what it takes is read from the log."""
    process = start(installed, display)
    try:
        until(lambda: window_titles(display) or process.poll() is not None, "a window")
        assert process.poll() is None
        yield process
    finally:
        process.terminate()
        process.wait(60)


def start(installed: Installed, display: str, *files: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        installed.command(*files),
        env=installed.environment | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"},
        cwd=installed.home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def colours(display: str) -> int:
    """How many colours the screen shows: a few hundred without a photo, many thousands with."""
    grabbed = ImageGrab.grab(xdisplay=display).convert("RGB")
    found = grabbed.getcolors(grabbed.width * grabbed.height)
    return len(found or [])


def test_a_window_opens_and_a_second_start_hands_over(
    installed: Installed, window: subprocess.Popen[bytes], display: str, photo: Path
) -> None:
    time.sleep(1)
    empty = colours(display)
    assert empty > 1  # something is painted
    second = start(installed, display, photo)
    assert second.wait(60) == 0
    until(lambda: any(photo.name in title for title in window_titles(display)), "the photo")
    until(lambda: colours(display) > empty + 5000, "the photo's colours")
    time.sleep(5)
    SCREENSHOT.parent.mkdir(exist_ok=True)
    ImageGrab.grab(xdisplay=display).save(SCREENSHOT)
    with Image.open(SCREENSHOT) as image:
        assert image.size == (1400, 900)
    assert window.poll() is None


def test_nothing_of_this_checkout_is_used(
    installed: Installed, window: subprocess.Popen[bytes]
) -> None:
    maps = Path(f"/proc/{window.pid}/maps").read_text(encoding="utf-8")
    used = {line.split(maxsplit=5)[5] for line in maps.splitlines() if line.count(" ") > 4}
    files = sorted(name.strip() for name in used if name.strip().startswith("/"))
    own = [name for name in files if name.startswith(str(installed.folder))]
    assert own
    allowed = (str(installed.folder), "/usr/", "/lib", "/memfd", "/dev", "/SYSV", "/var/cache",
               str(installed.home))  # fmt: skip
    assert [name for name in files if not name.startswith(allowed)] == []
    assert not any(
        "python3" in name and not name.startswith(str(installed.folder)) for name in files
    )


def test_it_starts_fast(installed: Installed, display: str, told: list[str]) -> None:
    times = []
    for _ in range(3):
        began = time.monotonic()
        process = start(installed, display)
        until(lambda: window_titles(display), "a window")
        times.append(time.monotonic() - began)
        process.terminate()
        process.wait(60)
        until(lambda: not window_titles(display), "no window")
    told.append(f"window on the screen: {min(times):.2f} s")
    # the goal is two seconds; a machine that does other things as well needs longer
    assert min(times) < 6
