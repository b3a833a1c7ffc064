"""Pictures of the window for the documentation: python scripts/screenshots.py [-o FOLDER].

With --guide those of the guide in the window, in each language, into resources/guide.

Each is taken off a virtual screen (Xvfb) with a window manager (openbox), of a window in a process
of its own; where a picture shows what a mouse or keys do, xdotool does it. scripts/setup.sh
installs the three for developers.
"""

from __future__ import annotations

import argparse
import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from screen_driving import do, place_in, wait, wait_until
from screenshot_pages import (
    end_trainings,
    show_batch,
    show_models,
    show_training,
    show_training_form,
)

from srgan_desktop.core.base.defaults import DEFAULT_MODEL

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "resources" / "samples" / "otter.jpg"
SETTLE_MS = 700


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


GUIDE_WIDTH = 800
GUIDE = {
    "enlarge": Shot(size=(1000, 640), zoom=1.0),
    "model": Shot(size=(1000, 640), moment="damaged"),
    "size": Shot(size=(1000, 640), moment="print size"),
    "crop": Shot(size=(1000, 640), moment="crop"),
    "batch": Shot(size=(1000, 640), moment="batch working"),
    "train": Shot(size=(1000, 640), moment="train form"),
}
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
    "strip": Shot(moment="strip", theme="dark"),
    "dragged-in": Shot(moment="dragged in"),
    "divider-zoomed": Shot(moment="divider"),
    "keyboard": Shot(moment="keyboard", language="zh_CN", theme="dark"),
    "unsaved": Shot(moment="unsaved"),
    "crop": Shot(moment="crop"),
    "crop-chinese": Shot(moment="crop", size=(900, 600), language="zh_CN", theme="dark"),
    "print-size": Shot(moment="print size"),
    "batch-empty": Shot(moment="batch empty"),
    "batch-waiting": Shot(moment="batch waiting"),
    "batch-working": Shot(moment="batch working", theme="dark"),
    "batch-chinese": Shot(moment="batch working", language="zh_CN"),
    "batch-done": Shot(moment="batch done"),
    "batch-small-1024x700": Shot(moment="batch waiting", size=(1024, 700), theme="dark"),
    "batch-scale-200": Shot(moment="batch done", size=(900, 600), scale=2.0),
    "train-form": Shot(moment="train form"),
    "train-form-chinese": Shot(moment="train form", language="zh_CN", theme="dark"),
    "train-running": Shot(moment="train running"),
    "models": Shot(moment="models"),
    "models-chinese": Shot(moment="models", language="zh_CN", theme="dark"),
}


def main() -> int:
    """Take all pictures, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--photo", type=Path, default=SAMPLE)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--language", help=argparse.SUPPRESS)
    parser.add_argument("--guide", action="store_true", help="those of the guide in the window")
    parser.add_argument("names", nargs="*", choices=[*SHOTS, *GUIDE, []])
    arguments = parser.parse_args()
    if arguments.one:
        return take(arguments.one, arguments)
    missing = [name for name in ("Xvfb", "openbox", "xdotool") if not shutil.which(name)]
    if missing:
        parser.error(f"not installed: {', '.join(missing)}; see scripts/setup.sh")
    with tempfile.TemporaryDirectory() as home, Screen() as display:
        for name, language, output in wanted(arguments):
            output.mkdir(parents=True, exist_ok=True)
            environment = os.environ | {
                "DISPLAY": display,
                "QT_QPA_PLATFORM": "xcb",
                "QT_SCALE_FACTOR": str(shots(arguments)[name].scale),
                "SRGAN_DESKTOP_HOME": home,
                "PYTHONPATH": str(ROOT),
            }
            options = ["-o", str(output), "--model", arguments.model, "--one", name]
            options += ["--photo", str(arguments.photo), "--language", language]
            options += ["--guide"] if arguments.guide else []
            subprocess.run([sys.executable, __file__, *options], env=environment, check=True)
            print(output / f"{name}.webp")
    return 0


def shots(arguments: argparse.Namespace) -> dict[str, Shot]:
    """Of the documents, or of the guide."""
    return GUIDE if arguments.guide else SHOTS


def wanted(arguments: argparse.Namespace) -> Iterator[tuple[str, str, Path]]:
    """(name, language, folder) of each picture."""
    for name in arguments.names or shots(arguments):
        if not arguments.guide:
            yield name, SHOTS[name].language, arguments.output
            continue
        for language in ("en", "zh_CN"):
            yield name, language, ROOT / "resources" / "guide" / language


class Screen:
    """A virtual screen for as long as the ``with`` lasts; gives its name."""

    def __enter__(self) -> str:
        read, write = os.pipe()
        command = ["Xvfb", "-noreset", "-displayfd", str(write), "-screen", "0", "2560x1600x24"]
        self._server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as output:
            name = f":{output.readline().strip()}"
        self._manager = subprocess.Popen(
            ["openbox", "--sm-disable"],
            env=os.environ | {"DISPLAY": name},
            stderr=subprocess.DEVNULL,
        )
        return name

    def __exit__(self, *_: object) -> None:
        for process in (self._manager, self._server):
            process.terminate()
            process.wait()


def take(name: str, arguments: argparse.Namespace) -> int:
    """In the process of one picture: set the window up, wait for the moment, grab it."""
    shot = replace(shots(arguments)[name], language=arguments.language)
    prepare_settings(shot, arguments.model)
    from srgan_desktop.gui.common.errors_dialog import FaultReporter
    from srgan_desktop.gui.shell.app import make_application, make_window

    app = make_application()
    window = make_window(app, FaultReporter())
    window.resize(*shot.size)
    window.show()
    wait_until(lambda: window.frameGeometry().height() > window.height())
    window.move(40, 40)
    window.activateWindow()
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / arguments.photo.name
        photo.write_bytes(arguments.photo.read_bytes())
        try:
            arrange(window, shot, photo)
            wait(SETTLE_MS)
            picture = grab(window)
            do("mouseup", "1")
            width = GUIDE_WIDTH if arguments.guide else None
            save(picture, arguments.output / f"{name}.webp", width)
        finally:
            end_trainings(window)
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
    if shot.moment in OTHER_PAGES:
        wait_until(lambda: page.panel.model.count() > 0)
        OTHER_PAGES[shot.moment](window, photo)
        return
    if shot.moment in BEFORE_OPENING:
        wait_until(lambda: page.panel.model.count() > 0)
        wait_until(lambda: page.panel.sample.has_picture)
        BEFORE_OPENING[shot.moment](window, photo)
        return
    if shot.moment == "damaged":
        spoil(photo)
    photos = copies(photo, 6) if shot.moment == "strip" else [photo]
    if shot.moment == "working":
        page.panel.advanced.tile.setValue(96)
    window.open_paths(photos)  # type: ignore[attr-defined]
    if shot.moment == "working":
        page.viewer.navigation.divider = 0.1
        wait_until(lambda: page.status.progress.done >= 6)
        return
    wait_until(lambda: page.session.up_to_date)
    if shot.zoom is not None:
        page.viewer.navigation.zoom_to(shot.zoom)
    if shot.moment in AFTERWARDS:
        AFTERWARDS[shot.moment](page, photo)
    wait_until(lambda: page.panel.cost.text().startswith(("about", "约", "大约")))
    wait_until(lambda: page.panel.sample.has_picture)


def copies(photo: Path, count: int) -> list[Path]:
    """The photo and more of it, under other names."""
    others = [photo.with_name(f"otter-{number}.jpg") for number in range(2, count + 1)]
    for other in others:
        other.write_bytes(photo.read_bytes())
    return [photo, *others]


def spoil(photo: Path) -> None:
    """As a messenger would."""
    from PIL import Image

    with Image.open(photo) as image:
        small = image.convert("RGB")
    small.save(photo, quality=18)


def refuse(window: object, photo: Path) -> None:
    """Open what is no picture."""
    notes = photo.with_name("notes.txt")
    notes.write_text("words")
    window.open_paths([notes])  # type: ignore[attr-defined]
    wait_until(lambda: window.page.messages.text)  # type: ignore[attr-defined]


def save_it(page: object, photo: Path) -> None:
    """Beside the photo."""
    page.saving.save()  # type: ignore[attr-defined]
    wait_until(lambda: page.saver.saved_path)  # type: ignore[attr-defined]


def open_another(page: object, photo: Path) -> None:
    """So that the first one's result is kept unsaved."""
    session = page.session  # type: ignore[attr-defined]
    second = copies(photo, 2)[1]
    page.open_paths([second])  # type: ignore[attr-defined]
    wait_until(lambda: session.picture.path == second and session.up_to_date)


def hold_over(window: object, photo: Path) -> None:
    """Drag the photo from another program over the window, without letting go."""
    source = Path(__file__).with_name("drag_source.py")
    other = subprocess.Popen([sys.executable, str(source), str(photo)])
    atexit.register(other.kill)
    wait_until(lambda: do("search", "--onlyvisible", "--name", "the other program"))
    title = do("search", "--onlyvisible", "--name", "the other program").splitlines()[0]
    do("windowmove", "--sync", title, "1500", "100")
    wait(SETTLE_MS)
    end = place_in(window, 0.4, 0.42)
    start = (1600, 220)
    do("mousemove", *map(str, start), "mousedown", "1")
    for step in range(1, 10):
        wait(150)
        x, y = (a + (b - a) * step / 9 for a, b in zip(start, end, strict=True))
        do("mousemove", f"{x:.0f}", f"{y:.0f}")


def drag_and_zoom(page: object, photo: Path) -> None:
    """Divider to the left, then in with the wheel."""
    viewer = page.viewer  # type: ignore[attr-defined]
    start, end = (place_in(viewer, across, 0.5) for across in (0.5, 0.35))
    do("mousemove", *map(str, start), "mousedown", "1")
    for step in range(1, 10):
        wait(60)
        do("mousemove", str(round(start[0] + (end[0] - start[0]) * step / 9)), str(start[1]))
    do("mouseup", "1", "mousemove", *map(str, place_in(viewer, 0.36, 0.3)))
    for _ in range(6):
        do("click", "4")
        wait(60)


def press_keys(page: object, photo: Path) -> None:
    """Tab to the model; the divider was moved by arrow keys before."""
    do("key", "--delay", "60", "shift+Left", "shift+Left", *["Tab"] * 9)


def choose_part(page: object, photo: Path) -> None:
    """A rectangle in a ratio, still to be taken."""
    page.bottom.crop.trigger()  # type: ignore[attr-defined]
    bar = page.cropping.bar  # type: ignore[attr-defined]
    bar.ratio.setCurrentIndex(bar.ratio.findText("4 : 3"))
    bar.ratio.activated.emit(bar.ratio.currentIndex())
    page.cropping.overlay.shape.stretch((1, 1), (320, 220))  # type: ignore[attr-defined]
    page.cropping.overlay.set_ratio(4 / 3)  # type: ignore[attr-defined]


def choose_print(page: object, photo: Path) -> None:
    """Thirty centimetres."""
    from srgan_desktop.core.upscaling.size import TargetSize

    page.requests.choose_size(TargetSize("long", 30, "cm", 300))  # type: ignore[attr-defined]
    wait_until(lambda: page.session.up_to_date)  # type: ignore[attr-defined]


OTHER_PAGES: dict[str, Callable[[object, Path], object]] = {
    "batch empty": lambda window, photo: show_batch(window, photo, "empty"),
    "batch waiting": lambda window, photo: show_batch(window, photo, "waiting"),
    "batch working": lambda window, photo: show_batch(window, photo, "working"),
    "batch done": lambda window, photo: show_batch(window, photo, "done"),
    "train form": show_training_form,
    "train running": show_training,
    "models": show_models,
}
BEFORE_OPENING: dict[str, Callable[[object, Path], object]] = {
    "empty": lambda window, photo: None,
    "settings": lambda window, photo: window.show_settings(),  # type: ignore[attr-defined]
    "refused": refuse,
    "dragged in": hold_over,
}
AFTERWARDS: dict[str, Callable[[object, Path], object]] = {
    "saved": save_it,
    "save as": lambda page, photo: page.saving.save_as(),  # type: ignore[attr-defined]
    "unsaved": open_another,
    "divider": drag_and_zoom,
    "keyboard": press_keys,
    "crop": choose_part,
    "print size": choose_print,
}


def grab(window: object) -> object:
    """The screen where the window is, with its frame and whatever is over it."""
    place = window.frameGeometry()  # type: ignore[attr-defined]
    screen = window.screen()  # type: ignore[attr-defined]
    return screen.grabWindow(0, place.x(), place.y(), place.width(), place.height())


def save(picture: object, path: Path, width: int | None) -> None:
    """A small WebP file, at most ``width`` wide."""
    import io

    from PIL import Image
    from PySide6.QtCore import QBuffer, QIODevice

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[attr-defined]
    image = Image.open(io.BytesIO(buffer.data().data())).convert("RGB")
    if width is not None:
        image.thumbnail((width, width), Image.Resampling.LANCZOS)
    image.save(path, quality=80 if width else 88, method=6)


if __name__ == "__main__":
    sys.exit(main())
