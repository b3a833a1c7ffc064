"""A new user under a window manager: folder dropped, trained, put to use, a photo enlarged."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from real_screen import SOURCE, WINDOW_MANAGER, Notice, RealScreen, missing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        sys.platform != "linux" or bool(missing()) or not shutil.which(WINDOW_MANAGER),
        reason="needs Linux with Xvfb, xdotool and openbox",
    ),
]

# the program itself, which tells every 100 ms in a file what it shows
TELLING = """
import json, os, sys
from pathlib import Path
from PySide6.QtCore import QPoint, QTimer
from srgan_desktop.gui.shell.app import make_application, make_window
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.training.runs.model_dialog import ModelDialog
from srgan_desktop.gui.training.page import TrainingPage

told = Path(sys.argv[1])
app = make_application()
faults = FaultReporter()
faults.install()
window = make_window(app, faults)
window.asks = False
window.resize(1240, 780)
window.show()
upscale = window.pages[0]
train = next(page for page in window.pages if isinstance(page, TrainingPage))
tab = window.switcher._group.button(window.pages.index(train))

def place(widget):
    at = widget.mapToGlobal(QPoint(0, 0))
    return [at.x(), at.y(), widget.width(), widget.height()]

def tell():
    dialogs = [d for d in train.findChildren(ModelDialog) if d.isVisible()]
    history, form = train.manager.history, train.form.view
    state = {
        "tab": place(tab), "photos": place(form.photos), "start": place(form.start),
        "stop": place(train.view.stop), "use": place(train.view.use),
        "recipes": len(train.form.recipes), "window": place(window),
        "checked": form.photos.report is not None,
        "phase": history.phase if history else "", "looks": len(history.validations) if history
        else 0, "strip": train.view.samples.strip is not None,
        "dialog": place(dialogs[0].use) if dialogs else None,
        "page": window.pages.index(window.page),
        "model": upscale.panel.model.currentText(),
        "complete": upscale.session.up_to_date and not upscale.session.working,
        "fault": faults.dialog.details.toPlainText() if faults.dialog else "",
    }
    new = told.with_suffix(".new")
    new.write_text(json.dumps(state))
    os.replace(new, told)

timer = QTimer(interval=100, timeout=tell)
timer.start()
app.exec()
"""


def click(screen: RealScreen, at: tuple[int, int]) -> None:
    screen.x("mousemove", str(at[0]), str(at[1]))
    time.sleep(0.3)
    screen.x("click", "1")


def photos_in(folder: Path) -> None:
    folder.mkdir()
    y, x = np.mgrid[:160, :160]
    for number in range(8):
        waves = np.stack([np.sin(x / (3 + number)), np.cos(y / 5), np.sin((x + y) / 9)], -1)
        Image.fromarray(((waves + 1) * 127.5).astype(np.uint8)).save(folder / f"{number}.png")


def test_a_new_user_trains_a_model_and_enlarges_a_photo_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "my photos"
    photos_in(folder)
    home = tmp_path / "home"
    notice = Notice(tmp_path / "told.json")
    with RealScreen(home, (1800, 900)) as screen:
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
        click(screen, notice.middle("tab"))
        notice.until(lambda: notice["recipes"])
        shots = os.environ.get("SRGAN_DESKTOP_SHOTS")

        def shot(name: str) -> None:
            if shots:
                screen.grab(Path(shots) / f"train-{name}.png")

        shot("empty")
        other = screen.start(sys.executable, SOURCE, str(folder))
        notice.until(lambda: screen.windows("the other program"))
        (source,) = screen.windows("the other program")
        screen.x("windowmove", "--sync", source, "1300", "100")
        time.sleep(0.5)
        screen.drag((1400, 220), notice.middle("photos"))
        notice.until(lambda: notice["checked"])
        other.kill()
        shot("dropped")
        click(screen, notice.middle("start"))
        notice.until(lambda: notice["looks"] > 1 and notice["strip"], 400)
        shot("live")
        click(screen, notice.middle("stop"))
        notice.until(lambda: notice["phase"] == "stopped")
        shot("paused")
        click(screen, notice.middle("use"))
        notice.until(lambda: notice["dialog"])
        time.sleep(0.5)
        shot("use")
        click(screen, notice.middle("dialog"))
        notice.until(lambda: notice["page"] == 0 and notice["model"] == "my photos")
        assert (home / "models" / "my photos.safetensors").exists()
        screen.keys("ctrl+o")
        notice.until(lambda: screen.windows("Open"))
        time.sleep(0.5)
        screen.x("type", "--delay", "15", str(folder / "3.png"))
        screen.keys("Return")
        notice.until(lambda: notice["complete"])
        shot("enlarged")
        screen.keys("ctrl+s")
        notice.until(lambda: list(folder.glob("3_4x*.png")))
        screen.keys("ctrl+q")
        assert program.wait(30) == 0
