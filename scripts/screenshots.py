"""Pictures of the window for the documentation: python scripts/screenshots.py [-o FOLDER].

Each is taken from a real window on a virtual screen (Xvfb), in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "resources" / "samples" / "otter.jpg"
SETTLE_MS = 700
PATIENCE_S = 180


@dataclass(frozen=True)
class Shot:
    """One picture: how the window is set up and when it is taken."""

    size: tuple[int, int] = (1240, 780)
    theme: str = "light"
    language: str = "en"
    scale: float = 1.0
    moment: str = "done"
    zoom: float | None = None
    mode: str = "divider"
    advanced: bool = False


SHOTS = {
    "empty": Shot(moment="empty"),
    "working": Shot(moment="working"),
    "done-light": Shot(),
    "done-dark": Shot(theme="dark", zoom=1.0),
    "chinese": Shot(language="zh_CN", advanced=True),
    "scale-200": Shot(size=(900, 600), scale=2.0),
    "small-1024x700": Shot(size=(1024, 700), mode="side by side", advanced=True),
    "saved": Shot(moment="saved", theme="dark"),
    "refused": Shot(moment="refused"),
    "settings": Shot(moment="settings"),
    "save-as": Shot(moment="save as"),
    "strip": Shot(moment="strip"),
}


def main() -> int:
    """Take all pictures, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--model", default="srresnet-x4")
    parser.add_argument("--photo", type=Path, default=SAMPLE)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", choices=[*SHOTS, []])
    arguments = parser.parse_args()
    if arguments.one:
        return take(arguments.one, arguments)
    arguments.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, Screen() as display:
        for name in arguments.names or SHOTS:
            environment = os.environ | {
                "DISPLAY": display,
                "QT_QPA_PLATFORM": "xcb",
                "QT_SCALE_FACTOR": str(SHOTS[name].scale),
                "SRGAN_DESKTOP_HOME": home,
                "PYTHONPATH": str(ROOT),
            }
            options = ["-o", str(arguments.output), "--model", arguments.model]
            options += ["--photo", str(arguments.photo), "--one", name]
            subprocess.run([sys.executable, __file__, *options], env=environment, check=True)
            print(arguments.output / f"{name}.webp")
    return 0


class Screen:
    """A virtual screen for as long as the ``with`` lasts; gives its name."""

    def __enter__(self) -> str:
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "2560x1600x24"]
        self._server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as told:
            return f":{told.readline().strip()}"

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait()


def take(name: str, arguments: argparse.Namespace) -> int:
    """In the process of one picture: set the window up, wait for the moment, grab it."""
    shot = SHOTS[name]
    prepare_settings(shot, arguments.model)
    from srgan_desktop.gui.app import make_application, make_window
    from srgan_desktop.gui.faults import FaultReporter

    app = make_application()
    window = make_window(app, FaultReporter())
    window.resize(*shot.size)
    window.show()
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / arguments.photo.name
        photo.write_bytes(arguments.photo.read_bytes())
        arrange(window, shot, photo)
        wait(SETTLE_MS)
        picture = grab(window)
        save(picture, arguments.output / f"{name}.webp")
        window.asks = False
        window.close()
    return 0


def prepare_settings(shot: Shot, model: str) -> None:
    """As a person would have chosen."""
    folder = Path(os.environ["SRGAN_DESKTOP_HOME"]) / "settings"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.ini").write_text(
        f"[window]\nlanguage={shot.language}\ntheme={shot.theme}\n"
        f"[upscale]\nmodel={model}\nmode={shot.mode}\n"
        f"advanced={'true' if shot.advanced else 'false'}\n"
    )


def arrange(window: object, shot: Shot, photo: Path) -> None:
    """Bring the window to the moment that is to be seen."""
    page = window.page  # type: ignore[attr-defined]
    session = page.session
    if shot.moment in ("empty", "settings", "refused"):
        wait_until(lambda: page.panel.model.count() > 0)
    if shot.moment == "settings":
        window.show_settings()  # type: ignore[attr-defined]
    if shot.moment == "refused":
        notes = photo.with_name("notes.txt")
        notes.write_text("words")
        window.open_paths([notes])  # type: ignore[attr-defined]
        wait_until(lambda: page.messages.text)
    if shot.moment in ("empty", "settings", "refused"):
        return
    photos = [photo]
    if shot.moment == "strip":
        for number in range(2, 7):
            photos.append(photo.with_name(f"otter-{number}.jpg"))
            photos[-1].write_bytes(photo.read_bytes())
    if shot.moment == "working":
        page.panel.advanced.tile.setValue(96)
    window.open_paths(photos)  # type: ignore[attr-defined]
    if shot.moment == "working":
        page.viewer.divider = 0.1
        wait_until(lambda: page._progress.done >= 6)
        return
    wait_until(lambda: session.up_to_date)
    if shot.zoom is not None:
        page.viewer.zoom_to(shot.zoom)
    if shot.moment == "saved":
        page.save()
        wait_until(lambda: page.saver.saved_path)
    if shot.moment == "save as":
        page.save_as()
    wait_until(lambda: page.panel.cost.text().startswith(("about", "约", "大约")))


def wait(duration_ms: int) -> None:
    """Let the window live for a while."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(duration_ms, loop.quit)
    loop.exec()


def wait_until(is_so: Callable[[], object]) -> None:
    """Let the window live until something is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit("the window did not get there")
        wait(10)


def grab(window: object) -> object:
    """The window as it is, with a dialog over it where there is one."""
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QApplication, QDialog

    picture = window.grab()  # type: ignore[attr-defined]
    for dialog in QApplication.topLevelWidgets():
        if isinstance(dialog, QDialog) and dialog.isVisible():
            painter = QPainter(picture)
            inner = window.rect().center() - dialog.rect().center()  # type: ignore[attr-defined]
            painter.drawPixmap(inner, dialog.grab())
            painter.drawRect(dialog.rect().translated(inner).adjusted(-1, -1, 0, 0))
            painter.end()
    return picture


def save(picture: object, path: Path) -> None:
    """A small WebP file."""
    import io

    from PIL import Image
    from PySide6.QtCore import QBuffer, QIODevice

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[attr-defined]
    Image.open(io.BytesIO(buffer.data().data())).convert("RGB").save(path, quality=88, method=6)


if __name__ == "__main__":
    sys.exit(main())
