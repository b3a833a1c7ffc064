"""Going from picture to picture without losing a result that was never saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common import files
from srgan_desktop.gui.common.requests import OpenedImage, Result
from srgan_desktop.gui.common.thumbnail_strip import ImageStrip
from srgan_desktop.gui.upscale.saver import Saver
from srgan_desktop.gui.upscale.saving import SavingController
from srgan_desktop.gui.upscale.session import Session
from srgan_desktop.gui.upscale.unsaved import ask_unsaved
from srgan_desktop.gui.upscale.unsaved_results import Kept, UnsavedResults


class ImageSwitcher(QObject):
    """Knows which pictures there are, shows them in the strip, and keeps what is not saved."""

    def __init__(
        self,
        session: Session,
        saver: Saver,
        saving: SavingController,
        strip: ImageStrip,
        parent: QWidget,
    ) -> None:
        """``parent``: the widget over which questions are asked."""
        super().__init__(parent)
        self._session = session
        self._saver = saver
        self._saving = saving
        self._strip = strip
        self._over = parent
        self._given: tuple[Path, ...] = ()
        self._asked: Path | None = None
        self._close: Callable[[], object] | None = None
        self.store = UnsavedResults()
        session.left.connect(self._keep)
        session.opened.connect(self._opened)
        session.opener.failed.connect(self._drop_asked)
        session.finished.connect(self._mark_unsaved)
        session.changed.connect(self._mark_current)
        strip.chosen.connect(self.switch_to)
        strip.close_wanted.connect(self.close_picture)
        saver.saved.connect(self._tidy)
        saver.failed.connect(self._stay_open)
        saving.all_saved.connect(self._close_now)

    @property
    def unsaved(self) -> list[Result]:
        """Finished results that were never saved; the one that is shown last."""
        shown = self._session.result
        results = self.store.results() if shown is None else [*self.store.results(), shown]
        return [result for result in results if not self._saver.is_safe(result)]

    def may_close(self, close: Callable[[], object]) -> bool:
        """Ask where finished results were never saved; ``close`` is called once they are."""
        if self._saver.busy:
            self._close = close
            return False
        unsaved = self.unsaved
        if not unsaved:
            return True
        answer = self._ask(unsaved, tr("Save before closing?"))
        if answer == "save":
            self._saving.save_all(unsaved, close)
        return answer == "discard"

    @Slot(Path)
    def switch_to(self, path: Path, given: Sequence[Path] | None = None) -> None:
        """Open a picture, or show it again with its unsaved result.

        ``given`` are the pictures that came together with it; they join those in the strip, where
        each stays until it is closed. Asks where something
        would be lost, and goes on once it is saved.
        """
        kept = next((result for result in self.unsaved if result.source.path == path), None)
        if kept is not None and files.has_changed(kept.source):
            self._ask_then(
                kept,
                tr("The file has changed since and is read again. Save the result before?"),
                lambda: self.switch_to(path, given),
            )
            return
        if kept is None and not self._can_leave():
            self._ask_to_leave(lambda: self.switch_to(path, given))
            return
        self._given = tuple(dict.fromkeys([*self._given, *(given or ())]))
        self._show_strip(path)
        self._show_or_read(path, kept)

    def leave_for(self, go_on: Callable[[], object]) -> None:
        """Do something that takes the place of the picture, once nothing can be lost by it."""
        if self._can_leave():
            go_on()
        else:
            self._ask_to_leave(lambda: self.leave_for(go_on))

    @Slot()
    def close_current(self) -> None:
        """Take the picture that is shown off the page."""
        if self._session.picture is not None:
            self.close_picture(self._session.picture.path)

    @Slot(Path)
    def close_picture(self, path: Path) -> None:
        """Take a picture off the page, the next one comes; asks where its result is not saved."""
        result = next((result for result in self.unsaved if result.source.path == path), None)
        if result is not None:
            text = tr("Save before closing?")
            self._ask_then(result, text, lambda: self.close_picture(path))
            return
        paths = list(self._strip.pictures.paths)
        at = paths.index(path) if path in paths else 0
        rest = [other for other in paths if other != path]
        self._given = tuple(other for other in self._given if other != path)
        self.store.take(path)
        shown = self._session.picture
        stopped = self._stop_reading(path)
        if (shown is None and not stopped) or (shown is not None and shown.path != path):
            self._strip.set_paths(rest, path if shown is None else shown.path)
            self._mark_unsaved()
        elif rest:
            following = rest[min(at, len(rest) - 1)]
            self._strip.set_paths(rest, following)
            self.switch_to(following)
        else:
            self._strip.set_paths([], path)
            self._session.close()

    # inside

    def _stop_reading(self, path: Path) -> bool:
        """Whether it was being read; it would come back once that had ended."""
        reading = path == self._asked and self._session.opening
        if reading:
            self._session.stay()
        return reading

    def _show_or_read(self, path: Path, kept: Result | None) -> None:
        self._asked = path
        if kept is None:
            self._session.open_file(path)
        elif kept is self._session.result:
            self._session.stay()
        else:
            stored = self.store.take(path)
            if stored is not None:
                self._session.restore(stored)

    def _can_leave(self) -> bool:
        result = self._session.result
        if result is None or self._saver.is_safe(result):
            return True
        return self.store.has_space_for(result)

    def _ask_to_leave(self, go_on: Callable[[], object]) -> None:
        result = self._session.result
        if result is not None:
            text = tr("There is no room to keep it while another picture is open. Save it?")
            self._ask_then(result, text, go_on)

    def _ask_then(self, result: Result, text: str, go_on: Callable[[], object]) -> None:
        answer = self._ask([result], text)
        if answer == "save":
            self._saving.save_all([result], go_on)
        elif answer == "discard":
            self._saver.forget(result)
            self._tidy()
            go_on()
        else:
            self._mark_current()

    def _ask(self, results: Sequence[Result], text: str) -> str:
        return ask_unsaved(self._over, [result.source.path.name for result in results], text)

    @Slot(object)
    def _keep(self, kept: Kept) -> None:
        if not self._saver.is_safe(kept.result):
            self.store.put(kept)

    @Slot()
    def _tidy(self) -> None:
        self.store.drop(self._saver.is_safe)
        self._mark_unsaved()

    @Slot()
    def _stay_open(self) -> None:
        self._close = None

    @Slot()
    def _close_now(self) -> None:
        close, self._close = self._close, None
        if close is not None:
            close()

    @Slot()
    def _drop_asked(self) -> None:
        """What cannot be opened has no place among what can."""
        path, shown = self._asked, self._session.picture
        if path in self._given and not (shown is not None and shown.path == path):
            self._given = tuple(other for other in self._given if other != path)
            rest = [other for other in self._strip.pictures.paths if other != path]
            self._strip.set_paths(rest, rest[0] if shown is None and rest else path)
            self._mark_unsaved()
            self._mark_current()

    @Slot(object)
    def _opened(self, picture: OpenedImage) -> None:
        if picture.path not in self._given and picture.path not in self.store:
            self._given = (*self._given, picture.path)
        self._show_strip(picture.path)

    def _show_strip(self, current: Path) -> None:
        """What was given, and before it what is not saved yet."""
        unsaved = [result.source.path for result in self.unsaved]
        wanted = list(dict.fromkeys([*(p for p in unsaved if p not in self._given), *self._given]))
        if set(wanted) <= set(self._strip.pictures.paths) and current in self._given:
            self._strip.mark(current)
        else:
            self._strip.set_paths(wanted, current)
        self._mark_unsaved()

    @Slot()
    def _mark_current(self) -> None:
        """The picture that is shown, also where another could not be opened."""
        picture = self._session.picture
        if picture is not None and not self._session.opening:
            self._strip.mark(picture.path)

    @Slot()
    def _mark_unsaved(self) -> None:
        self._strip.pictures.set_unsaved({result.source.path for result in self.unsaved})
