"""The Batch page under a window manager: a folder dropped, worked off, and looked at by mouse."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from real_screen import SOURCE, WINDOW_MANAGER, Notice, RealScreen, missing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        sys.platform != "linux" or bool(missing()) or not shutil.which(WINDOW_MANAGER),
        reason="needs Linux with Xvfb, xdotool and openbox",
    ),
]
MakePhotos = Callable[..., Path]
PICTURES = 30

# the program itself, which tells every 50 ms in a file what it shows
TELLING = """
import json, os, sys
from collections.abc import Callable
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMessageBox, QToolButton
from srgan_desktop.gui.shell.app import make_application, make_window
from srgan_desktop.gui.batch.comparison import ComparisonDialog
from srgan_desktop.gui.batch.page import BatchPage
from srgan_desktop.gui.batch.top_bar import ORDER
from srgan_desktop.gui.common.errors_dialog import FaultReporter

told = Path(sys.argv[1])
app = make_application()
faults = FaultReporter()
faults.install()
window = make_window(app, faults)
window.resize(1240, 780)
window.show()
page = next(page for page in window.pages if isinstance(page, BatchPage))
view, table, model = page.view, page.view.table, page.model
tab = window.switcher.findChildren(QToolButton)[window.pages.index(page)]
segments = [b for b in view.top.findChildren(QToolButton) if b.isCheckable()]

def place(widget, rect=None):
    rect = rect or widget.rect()
    at = widget.mapToGlobal(rect.topLeft())
    return [at.x(), at.y(), rect.width(), rect.height()]

def tell():
    dialogs = [d for d in page.findChildren(ComparisonDialog) if d.isVisible()]
    seen = range(min(model.rowCount(), 10))
    state = {
        "window": place(window), "tab": place(tab), "start": place(view.panel.start),
        "pause": place(view.bottom.pause), "table": place(table.viewport()),
        "ready": view.panel.model_chosen is not None,
        "shown": window.page is page, "list": view.shows_list,
        "filters": {str(f): place(b) for f, b in zip(ORDER, segments, strict=True)},
        "rows": [place(table.viewport(), table.visualRect(model.index(row, 0))) for row in seen],
        "names": [model.rows.item(row).source.name for row in seen], "count": model.rowCount(),
        "statuses": [model.rows.item(row).status for row in seen],
        "counts": dict(model.rows.counts),
        "run": str(page.run.state), "gap": table.gap,
        "chosen": [item.source.name for item in table.chosen_items()],
        "compares": bool(dialogs) and dialogs[0].state.isHidden(),
        "asks": any(box.isVisible() for box in page.findChildren(QMessageBox)),
        "fault": faults.dialog.details.toPlainText() if faults.dialog else "",
    }
    new = told.with_suffix(".new")
    new.write_text(json.dumps(state))
    os.replace(new, told)

timer = QTimer(interval=50, timeout=tell)
timer.start()
app.exec()
"""


def middle(place: list[int], down: float = 0.5) -> tuple[int, int]:
    x, y, width, height = place
    return x + width // 2, y + round(height * down)


def click(screen: RealScreen, place: list[int], times: int = 1) -> None:
    screen.x("mousemove", *map(str, middle(place)))
    time.sleep(0.2)
    screen.x("click", "--repeat", str(times), "--delay", "80", "1")
    time.sleep(0.2)


def drop_from_elsewhere(screen: RealScreen, notice: Notice, folder: Path) -> None:
    other = screen.start(sys.executable, SOURCE, str(folder))
    notice.until(lambda: screen.windows("the other program"))
    (source,) = screen.windows("the other program")
    screen.x("windowmove", "--sync", source, "1300", "100")
    time.sleep(0.5)
    screen.drag((1400, 220), (400, 400))
    notice.until(lambda: notice["count"] == PICTURES)
    other.kill()


def count_of(notice: Notice, status: str) -> int:
    """How many pictures the page says are in this status."""
    return int(notice["counts"].get(status, 0))


def test_a_folder_is_worked_off_with_the_mouse(
    home: Path, make_photos: MakePhotos, tmp_path: Path
) -> None:
    folder = make_photos(*(f"{n:02}.png" for n in range(PICTURES)), size=(840, 640))
    notice = Notice(tmp_path / "told.json")
    shots = os.environ.get("SRGAN_DESKTOP_SHOTS")
    with RealScreen(home, (1800, 900)) as screen:

        def shot(name: str) -> None:
            if shots:
                screen.grab(Path(shots) / f"batch-real-{name}.png")

        screen.manage_windows()
        program = screen.start(
            sys.executable,
            "-c",
            TELLING,
            str(tmp_path / "told.json"),
            SRGAN_DESKTOP_LANGUAGE="en",
        )
        notice.until(lambda: screen.windows("SRGAN Desktop"))
        (window,) = screen.windows("SRGAN Desktop")
        screen.x("windowmove", window, "0", "0", "windowactivate", "--sync", window)
        time.sleep(1)
        click(screen, notice["tab"])
        notice.until(lambda: notice["shown"] and notice["ready"])
        drop_from_elsewhere(screen, notice, folder)
        notice.until(lambda: notice["list"])

        # the sixth row is dragged between the first two, where a line shows its new place
        assert notice["names"][:3] == ["00.png", "01.png", "02.png"]
        end = middle(notice["rows"][1], 0.2)
        screen.x("mousemove", *map(str, middle(notice["rows"][5])), "mousedown", "1")
        for y in range(middle(notice["rows"][5])[1], end[1], -25):
            time.sleep(0.1)
            screen.x("mousemove", str(end[0]), str(y))
        screen.x("mousemove", *map(str, end))
        notice.until(lambda: notice["gap"] == 1)
        shot("dragging")
        screen.x("mouseup", "1")
        notice.until(lambda: notice["names"][:3] == ["00.png", "05.png", "01.png"])
        assert notice["chosen"] == ["05.png"]
        assert notice["gap"] is None

        click(screen, notice["start"])
        notice.until(lambda: count_of(notice, "done") >= 1)
        screen.keys("ctrl+q")
        notice.until(lambda: notice["asks"])
        shot("asks")
        screen.keys("Return")
        notice.until(lambda: not notice["asks"])
        assert program.poll() is None, "it goes on working"
        click(screen, notice["pause"])
        notice.until(lambda: notice["run"] == "paused")
        assert count_of(notice, "done") < PICTURES

        row = max(n for n, status in enumerate(notice["statuses"]) if status == "waiting")
        name = notice["names"][row]
        click(screen, notice["rows"][row])
        notice.until(lambda: notice["chosen"] == [name])
        screen.keys("ctrl+k")
        notice.until(lambda: count_of(notice, "cancelled") == 1)
        click(screen, notice["filters"]["skipped"])
        notice.until(lambda: notice["names"] == [name])
        shot("skipped")
        click(screen, notice["rows"][0])
        screen.keys("ctrl+r")
        notice.until(lambda: count_of(notice, "cancelled") == 0)
        click(screen, notice["filters"]["all"])
        notice.until(lambda: notice["count"] == PICTURES)

        click(screen, notice["pause"])
        notice.until(lambda: notice["run"] in ("running", "yielding"))
        notice.until(lambda: count_of(notice, "done") == PICTURES and notice["run"] == "idle", 300)
        assert len(list(folder.glob("*_4x.png"))) == PICTURES
        click(screen, notice["filters"]["done"])
        notice.until(lambda: notice["count"] == PICTURES)
        # the list has followed the work to its end
        click(screen, notice["filters"]["done"])
        click(screen, notice["table"])
        screen.keys("ctrl+Home")
        notice.until(lambda: notice["rows"][0][1] > 0)
        click(screen, notice["rows"][0], times=2)
        notice.until(lambda: notice["compares"])
        shot("compares")
        screen.keys("Escape")
        notice.until(lambda: not notice["compares"])
        screen.keys("ctrl+q")
        assert program.wait(30) == 0
