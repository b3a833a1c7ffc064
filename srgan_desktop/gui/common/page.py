"""What the window's frame asks of a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QWidget


class Page(QWidget):
    """One page of the window. The frame shows what it offers and hands it what it is given."""

    icon_name = ""
    title_changed = Signal(str)
    """What the window's title shall say besides the program's name."""
    label_changed = Signal()
    """``title`` says something else now."""

    def title(self) -> str:
        """For the switcher, in the present language."""
        raise NotImplementedError

    def file_actions(self) -> list[QAction]:
        """For the File menu, while this page is shown."""
        return []

    def edit_actions(self) -> list[QAction]:
        """For the Edit menu."""
        return []

    def view_actions(self) -> list[QAction]:
        """For the View menu."""
        return []

    def accepts(self, path: Path) -> bool:
        """Whether ``open_paths`` may have any use for it, by its name and kind."""
        return True

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Files and folders given to the window; a page that takes none ignores them."""

    def may_close(self) -> bool:
        """Whether the window may go; the page asks the person where work would be lost."""
        return True

    def shutdown(self) -> None:
        """The window is going: stop timers and threads of its own."""

    def focus_home(self) -> QWidget:
        """What keys go to once the control that had the focus is disabled or hidden."""
        return self

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt's name
        """Qt would leave the focus of a control that goes to the next one that can be pressed.

        After Start that is a button at the window's other end, and Space would press it.
        """
        now = QApplication.focusWidget()
        if now is None or not self.isVisible() or not self.isAncestorOf(now):
            return super().focusNextPrevChild(forward)
        if now.isEnabled() and now.isVisible():
            return super().focusNextPrevChild(forward)
        self.focus_home().setFocus()
        return True
