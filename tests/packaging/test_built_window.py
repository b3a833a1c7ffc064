"""The window of the built package on a virtual screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from installed import ROOT, Installed, until, virtual_screen, window_titles
from PIL import Image, ImageGrab

pytestmark = [
    pytest.mark.package,
    pytest.mark.skipif(sys.platform != "linux", reason="needs a virtual screen of X11"),
]

SAMPLE = ROOT / "resources" / "samples" / "otter.jpg"
WINDOW_CPU_S = 2.0
SCREENSHOT = ROOT / "build" / "package-window.png"


@pytest.fixture
def display() -> Iterator[str]:
    with virtual_screen() as name:
        yield name


@pytest.fixture
def photo(installed: Installed) -> Path:
    target = installed.home / "otter 水獺.jpg"
    shutil.copyfile(SAMPLE, target)
    installed.hand_over(target)
    return target


@pytest.fixture
def window(installed: Installed, display: str) -> Iterator[subprocess.Popen[bytes]]:
    """The program with its window; what it takes is read from the log."""
    process = start(installed, display)
    try:
        wait_for_window(installed, display, process)
        yield process
    finally:
        process.terminate()
        process.wait(60)


def start(installed: Installed, display: str, *files: Path) -> subprocess.Popen[bytes]:
    with said(installed).open("ab") as errors:
        return subprocess.Popen(
            installed.command(*files),
            env=installed.environment | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"},
            cwd=installed.home,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )


def said(installed: Installed) -> Path:
    """What the windows said on their way, for when one does not come."""
    return installed.home / "window.txt"


def wait_for_window(installed: Installed, display: str, process: subprocess.Popen[bytes]) -> None:
    """Fails with what the program said where its window does not come."""
    try:
        until(lambda: window_titles(display) or process.poll() is not None, "a window")
        assert process.poll() is None, f"ended with {process.returncode}"
    except AssertionError as error:
        raise AssertionError(f"{error}: {said(installed).read_text(errors='replace')}") from error


def colours(display: str) -> int:
    """How many colours the screen shows: a few hundred without a photo, many thousands with."""
    grabbed = ImageGrab.grab(xdisplay=display).convert("RGB")
    found = grabbed.getcolors(grabbed.width * grabbed.height)
    return len(found or [])


def is_still(display: str) -> bool:
    """Whether nothing moves for three seconds; while the program works, its bar does."""
    before = ImageGrab.grab(xdisplay=display).tobytes()
    time.sleep(3)
    return ImageGrab.grab(xdisplay=display).tobytes() == before


def processor_seconds(process: subprocess.Popen[bytes]) -> float:
    """What a process has used of the processors so far."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
    until(lambda: is_still(display), "an end of the work")
    SCREENSHOT.parent.mkdir(exist_ok=True)
    ImageGrab.grab(xdisplay=display).save(SCREENSHOT)
    with Image.open(SCREENSHOT) as image:
        assert image.size == (1400, 900)
    assert window.poll() is None


def test_nothing_of_this_checkout_is_used(
    installed: Installed, window: subprocess.Popen[bytes]
) -> None:
    maps = Path(f"/proc/{window.pid}/maps").read_text(encoding="utf-8")
    parts = [line.split(maxsplit=5) for line in maps.splitlines()]
    files = sorted({part[5] for part in parts if len(part) == 6 and part[5].startswith("/")})
    own = [name for name in files if name.startswith(str(installed.folder))]
    assert own
    system = ("/usr/", "/lib", "/etc/", "/dev", "/memfd", "/SYSV", "/var/cache")
    allowed = (str(installed.folder), str(installed.home), *system)
    assert [name for name in files if not name.startswith(allowed)] == []
    assert not any(
        "python3" in name and not name.startswith(str(installed.folder)) for name in files
    )


def test_it_starts_fast(installed: Installed, display: str, told: list[str]) -> None:
    times, spent = [], []
    for _ in range(3):
        began = time.monotonic()
        process = start(installed, display)
        wait_for_window(installed, display, process)
        times.append(time.monotonic() - began)
        spent.append(processor_seconds(process))
        process.terminate()
        process.wait(60)
        until(lambda: not window_titles(display), "no window")
    told.append(f"window: on the screen after {min(times):.2f} s, {min(spent):.2f} s of processors")
    # of the processors, so that a busy machine does not matter
    assert min(spent) < WINDOW_CPU_S
