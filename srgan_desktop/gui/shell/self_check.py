"""``doctor --window``: builds the window and opens its pages and dialogs, one after another.

For a bug report, and for the tests of the packaged program: what a page or a dialog imports, and
what it does first of all, is tried where a person will try it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QDialog

from srgan_desktop.core.diagnostics import Lines, Section
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.model_sample import sample_path
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.models.page import ModelsPage
from srgan_desktop.gui.shell.app import make_application, make_window
from srgan_desktop.gui.shell.main_window import MainWindow
from srgan_desktop.gui.training.page import TrainingPage
from srgan_desktop.gui.training.runs.stored import list_trainings

FINE = "opens"
SETTLE_MS = 400
MODELS_WAIT_MS = 120_000  # behind the sample photo, on a slow machine
Step = tuple[str, Callable[[], object]]


class _Faults(FaultReporter):
    """Keeps what is raised, where the window's own shows it in a dialog."""

    def __init__(self) -> None:
        super().__init__()
        self.raised: list[BaseException] = []

    def report(self, error: BaseException) -> None:
        """Instead of a dialog."""
        self.raised.append(error)


def check_window() -> Section:
    """A line for each page and dialog: FINE, or what went wrong.

    Nothing is shown unless QT_QPA_PLATFORM names a platform with a screen. Models and trainings are
    the person's, settings those of a first start; the person's own stay as they are.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = make_application()
    faults = _Faults()
    faults.install()
    with tempfile.TemporaryDirectory(prefix="srgan-desktop-") as folder:
        window = make_window(app, faults, Settings(Path(folder)))
        try:
            lines = _lines(window, faults)
        finally:
            # not closed, which would ask questions
            window.hide()
            for page in window.pages:
                page.shutdown()
            window.services.shutdown()
            window.deleteLater()
            faults.uninstall()
    return Section("Window", lines)


def _lines(window: MainWindow, faults: _Faults) -> Lines:
    window.show()
    pages = [(name, _tried(action, faults)) for name, action in _pages(window)]
    dialogs = [(name, _tried(action, faults, dialog=True)) for name, action in _dialogs(window)]
    return (*pages, *dialogs)


def is_fine(section: Section) -> bool:
    """Whether every line of ``check_window`` says so."""
    return all(value == FINE for _, value in section.lines)


def _pages(window: MainWindow) -> Iterator[Step]:
    for number, page in enumerate(window.pages):
        yield page.title(), lambda number=number: window.show_page(number)  # type: ignore[misc]
        if isinstance(page, TrainingPage):
            for training in list_trainings()[:1]:
                yield (
                    f"{page.title()}: {training.plan.name}",
                    (
                        lambda page=page, training=training: page.show_training(training)  # type: ignore[misc]
                    ),
                )
    window.show_page(0)
    yield "sample photo", lambda: window.open_paths([sample_path()])


def _dialogs(window: MainWindow) -> Iterator[Step]:
    models = next(page for page in window.pages if isinstance(page, ModelsPage))
    wait(lambda: bool(models.catalogue.models), MODELS_WAIT_MS)
    yield "settings", window.show_settings
    yield "shortcuts", window.show_shortcuts
    yield "about", window.show_about
    yield "diagnostics", window.show_diagnostics
    yield "rating", models.rate_wanted.emit
    yield "comparison", lambda: models.compare_wanted.emit(models.catalogue.models[0].choice.name)


def _tried(action: Callable[[], object], faults: _Faults, *, dialog: bool = False) -> str:
    """FINE, or the fault that the action or what followed from it raised."""
    faults.raised.clear()
    try:
        action()
    except Exception as error:  # what a slot raises comes by way of the hook, the rest here
        faults.raised.append(error)
    wait(lambda: False, SETTLE_MS)
    opened = [
        widget
        for widget in QApplication.topLevelWidgets()
        if isinstance(widget, QDialog) and widget.isVisible()
    ]
    for widget in opened:
        widget.close()
    if dialog and not opened and not faults.raised:
        return "did not open"
    return "; ".join(f"{type(error).__name__}: {error}" for error in faults.raised) or FINE


def wait(is_so: Callable[[], bool], limit_ms: int, step_ms: int = 20) -> None:
    """Let the window work until it is so, or the time is up."""
    for _ in range(max(1, limit_ms // step_ms)):
        loop = QEventLoop()
        QTimer.singleShot(step_ms, loop.quit)
        loop.exec()
        if is_so():
            return
