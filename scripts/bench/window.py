"""How soon the window answers, by mouse and by what is on the screen: medians and the worst.

    python scripts/bench/window.py [--rounds 5] [--photo FILE]

On the screen that DISPLAY names, else on a virtual one (Xvfb, openbox); xdotool presses. A time
ends when the screen's pixels are others, so drawing counts; the few milliseconds that xdotool takes
to start count too. The networks are warm: as after the first photo of a day. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from PIL import Image, ImageOps  # noqa: E402
from PySide6.QtCore import QEventLoop, QMimeData, QPointF, Qt, QUrl  # noqa: E402
from PySide6.QtGui import QDragEnterEvent, QDropEvent  # noqa: E402
from PySide6.QtWidgets import QApplication, QToolButton, QWidget  # noqa: E402
from screen_driving import place_in, wait  # noqa: E402
from screenshots import Screen  # noqa: E402

from srgan_desktop.core.backends.device import processor_name, usual_threads  # noqa: E402

SAMPLE = ROOT / "resources" / "samples" / "otter.jpg"
LARGE = (4000, 3000)
PATCH = 48
PATIENCE_S = 900
REST_MS = 400
GOALS_S = {"photo": 0.4, "tile": 1.0, "slider": 1.0, "click": 0.1}


def main() -> int:
    """Once more in a process of its own where a screen has to be made first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--photo", type=Path, help="beside the sample, instead of one made of it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("SRGAN_DESKTOP_HOME", str(Path(folder) / "home"))
        if not os.environ.get("DISPLAY"):
            with Screen() as display:
                environment = os.environ | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
                return subprocess.call([sys.executable, *sys.argv], env=environment)
        measure(arguments.rounds, photos(arguments.photo, Path(folder)))
    return 0


def photos(given: Path | None, folder: Path) -> dict[str, list[Path]]:
    """Each with its mirror image, so that one after the other is seen to come."""
    large = folder / "large.jpg"
    if given is None:
        with Image.open(SAMPLE) as sample:
            sample.convert("RGB").resize(LARGE, Image.Resampling.BICUBIC).save(large, quality=92)
    found = {}
    for path in (SAMPLE, given or large):
        with Image.open(path) as image:
            mirror = folder / f"{path.stem}-mirror.jpg"
            ImageOps.mirror(image.convert("RGB")).save(mirror, quality=92)
            found[f"{image.width} x {image.height}"] = [path, mirror]
    return found


def measure(rounds: int, pairs: dict[str, list[Path]]) -> None:
    """All of it in one window."""
    from srgan_desktop.gui.common.errors_dialog import FaultReporter
    from srgan_desktop.gui.shell.app import make_application, make_window

    app = make_application()
    window = make_window(app, FaultReporter())
    window.asks = False
    window.resize(1240, 780)
    window.show()
    bench = Bench(window)
    until(lambda: window.page.panel.model.count() > 0)
    print(f"{processor_name()}, {usual_threads()} threads, {time.strftime('%Y-%m-%d')}")
    print(f"{'':44}{'median':>10}{'worst':>10}{'goal':>10}")
    for title, pair in pairs.items():
        bench.drop(pair[0])  # opens the networks
        timed = [bench.drop(pair[1 - turn % 2]) for turn in range(rounds)]
        row(f"drop of {title} to the photo", "photo", [one for one, _ in timed])
        row(f"drop of {title} to the first sharp tile", "tile", [two for _, two in timed])
    bench.finish(next(iter(pairs.values()))[0])
    row("slider to the first new tile", "slider", [bench.slide(turn) for turn in range(rounds)])
    largest = list(pairs.values())[-1][0]
    for state in ("at rest", "while tiles are made"):
        busy = state != "at rest"
        for title, times in bench.clicks(rounds, largest if busy else None).items():
            row(f"click: {title}, {state}", "click", times)
    window.close()


def row(title: str, goal: str, times: list[float]) -> None:
    """A line of the table."""
    numbers = (statistics.median(times), max(times), GOALS_S[goal])
    print(f"{title:44}" + "".join(f"{number:8.3f} s" for number in numbers), flush=True)


class Bench:
    """Does what a person does and looks at the screen."""

    def __init__(self, window: Any) -> None:
        self._window, self._page = window, window.page
        self._tiles = 0
        self._page.session.tile_finished.connect(self._count)
        self._page.viewer.set_fade_ms(0)

    def drop(self, photo: Path) -> tuple[float, float]:
        """Seconds until the photo is seen, and until the first tile of its result is."""
        page, viewer = self._page, self._page.viewer
        self._rest()
        before, began = self._looks(viewer), time.perf_counter()
        self._tiles = 0
        data, left = QMimeData(), Qt.MouseButton.LeftButton
        data.setUrls([QUrl.fromLocalFile(str(photo))])
        at, copy, no_key = (
            QPointF(99, 99),
            Qt.DropAction.CopyAction,
            Qt.KeyboardModifier.NoModifier,
        )
        # a drop goes to what an enter was taken by
        QApplication.sendEvent(page, QDragEnterEvent(at.toPoint(), copy, data, left, no_key))
        QApplication.sendEvent(page, QDropEvent(at, copy, data, left, no_key))
        opened = lambda: page.session.picture and page.session.picture.path == photo  # noqa: E731
        until(lambda: opened() and self._looks(viewer) != before)
        seen, plain = time.perf_counter() - began, self._looks(viewer)
        until(lambda: self._tiles and self._looks(viewer) != plain)
        sharp = time.perf_counter() - began
        page.session.stop()
        return seen, sharp

    def finish(self, photo: Path) -> None:
        """Let there be a whole result."""
        self.drop(photo)
        self._page.session.start()
        self._forget()

    def slide(self, turn: int) -> float:
        """Seconds from a click into the groove of Detail until the result is seen to change."""
        page, viewer = self._page, self._page.viewer
        move_to(page.panel.detail.slider, 0.25 if turn % 2 else 0.6)
        self._rest()
        before = self._looks(viewer)
        took = click_until(lambda: self._looks(viewer) != before)
        self._forget()
        return took

    def clicks(self, rounds: int, photo: Path | None) -> dict[str, list[float]]:
        """Seconds until something is seen to happen; with a photo while that is enlarged."""
        page, times = self._page, {}
        if photo is not None:
            self._window.open_paths([photo])
            until(lambda: page.session.working and self._tiles)
        pages, modes = tools(self._window.switcher), tools(page.bottom)
        middle = self._window.centralWidget()
        for title, button, seen in (
            ("Models", pages[2], middle),
            ("Upscale", pages[0], middle),
            ("side by side", modes[1], modes[1]),
            ("divider", modes[0], modes[0]),
        ):
            times[title] = []
            for _ in range(rounds):
                if seen is middle:  # from the other page
                    self._window.show_page(0 if title == "Models" else 2)
                elif button.isChecked():
                    tools(page.bottom)[2].click()
                move_to(button)
                self._rest()
                before = self._looks(seen)
                times[title].append(click_until(lambda: self._looks(seen) != before))  # noqa: B023
        page.session.stop()
        return times

    def _count(self, tile: Any) -> None:
        self._tiles += tile.rect is not None

    def _looks(self, widget: QWidget) -> bytes:
        """The screen's pixels right of the middle of a widget, beside the divider."""
        x, y = place_in(widget, 0.5, 0.5)
        side = min(PATCH, widget.height() - 4)
        right = 24 if widget.width() > 10 * PATCH else -side // 2
        shot = self._window.screen().grabWindow(0, x + right, y - side // 2, side, side).toImage()
        return bytes(shot.constBits())

    def _rest(self) -> None:
        wait(REST_MS)

    def _forget(self) -> None:
        """Nobody is asked whether the result shall be saved."""
        until(lambda: self._page.session.up_to_date)
        self._page.saver.forget(self._page.session.result)


def tools(widget: QWidget) -> list[QToolButton]:
    """Its buttons, in their order."""
    return widget.findChildren(QToolButton)


def move_to(widget: QWidget, across: float = 0.5) -> None:
    """The mouse, so that what hovering changes is seen before."""
    subprocess.run(["xdotool", "mousemove", *map(str, place_in(widget, across, 0.5))], check=True)


def click_until(is_so: Callable[[], object]) -> float:
    """Seconds from a click where the mouse is."""
    began = time.perf_counter()
    with subprocess.Popen(["xdotool", "click", "1"]):
        until(is_so)
        return time.perf_counter() - began


def until(is_so: Callable[[], object]) -> None:
    """Let the window live until something is so, looking again at once."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit("the window did not get there")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 2)


if __name__ == "__main__":
    sys.exit(main())
