"""Whether the folders of pictures beside the photos can be learned from, as it was last found."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.error_text import explain
from srgan_desktop.gui.common.worker import Lane, TaskSlot


class FolderChecks(QObject):
    """Looks for pictures beside the window, since whole folders are walked; keeps the answers."""

    changed = Signal()

    def __init__(self, lane: Lane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = lane
        self._tasks: dict[Path, TaskSlot] = {}
        self._problems: dict[Path, str] = {}
        self._missing: set[Path] = set()

    def problem(self, folder: Path) -> str:
        """What is known to be wrong with it; the disk is not looked at."""
        if folder in self._missing:
            return tr("{folder} is not there any more.", folder=folder)
        return self._problems.get(folder, "")

    def ask(self, folder: Path | None) -> None:
        """Look for pictures in it, if any; until that is done what was known of it stays."""
        if folder is None:
            return

        def answered(problem: str) -> None:
            self._problems[folder] = problem
            self._missing.discard(folder)
            self.changed.emit()

        task = self._lane.submit(lambda: _problem_of(folder), on_done=answered)
        self._tasks.setdefault(folder, TaskSlot()).put(task)

    def look(self, folders: Iterable[Path]) -> None:
        """Before something begins: whether they are there; those with a problem are asked anew."""
        for folder in folders:
            if _is_gone(folder):
                self._missing.add(folder)
                continue
            self._missing.discard(folder)
            if self._problems.get(folder):
                self.ask(folder)


def _is_gone(folder: Path) -> bool:
    try:
        return not folder.is_dir()
    except OSError:  # it may not be looked at: what asks for its pictures says why
        return False


def _problem_of(folder: Path) -> Generator[None, None, str]:
    yield
    from trainer.data.dataset import image_paths

    try:
        image_paths(folder)
    except SrganDesktopError as error:
        return str(error)
    except OSError as error:
        return explain(error) or str(error)
    return ""
