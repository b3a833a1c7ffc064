"""Going from picture to picture without losing a result that was never saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Slot

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common import files
from srgan_desktop.gui.common.files import SaveRequest
from srgan_desktop.gui.common.requests import Result
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.upscale.page_saving import SavingPage
from srgan_desktop.gui.upscale.unsaved import ask_unsaved
from srgan_desktop.gui.upscale.unsaved_results import Kept, UnsavedResults


class KeepingPage(SavingPage):
    """The part of the page that knows which pictures there are and what of them is not saved."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.store = UnsavedResults()
        self._given: tuple[Path, ...] = ()
        self.session.left.connect(self._keep)
        self.strip.chosen.connect(self._choose_from_strip)
        self.saver.saved.connect(self._tidy)

    @property
    def unsaved(self) -> list[Result]:
        """Finished results that were never saved; the one that is shown last."""
        shown = self.session.result
        results = self.store.results() if shown is None else [*self.store.results(), shown]
        return [result for result in results if not self.saver.is_safe(result)]

    def may_close(self) -> bool:
        """Ask where finished results were never saved."""
        if self.saver.busy:
            self._closing_after_save = True
            return False
        unsaved = self.unsaved
        if not unsaved:
            return True
        answer = self._ask(unsaved, tr("Save before closing?"))
        if answer == "save":
            self._save_and_then(unsaved, self.window().close)
        return answer == "discard"

    def switch_to(self, path: Path, given: Sequence[Path] | None = None) -> None:
        """Open a picture, or show it again with its unsaved result.

        ``given`` are the pictures that came together with it, for the strip. Asks where something
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
        self._given = self._given if given is None else tuple(given)
        self._show_strip(path)
        self._show_or_read(path, kept)

    def leave_for(self, go_on: Callable[[], object]) -> None:
        """Do something that takes the place of the picture, once nothing can be lost by it."""
        if self._can_leave():
            self._given = ()
            go_on()
        else:
            self._ask_to_leave(lambda: self.leave_for(go_on))

    # inside

    def _show_or_read(self, path: Path, kept: Result | None) -> None:
        if kept is None:
            self.session.open_file(path)
        elif kept is self.session.result:
            self.session.stay()
        else:
            shelved = self.store.take(path)
            if shelved is not None:
                self.session.restore(shelved)

    def _can_leave(self) -> bool:
        result = self.session.result
        if result is None or self.saver.is_safe(result):
            return True
        return self.store.has_space_for(result)

    def _ask_to_leave(self, go_on: Callable[[], object]) -> None:
        result = self.session.result
        if result is not None:
            text = tr("There is no room to keep it while another picture is open. Save it?")
            self._ask_then(result, text, go_on)

    def _ask_then(self, result: Result, text: str, go_on: Callable[[], object]) -> None:
        answer = self._ask([result], text)
        if answer == "save":
            self._save_and_then([result], go_on)
            return
        if answer == "discard":
            self.saver.forget(result)
            self._tidy()
            go_on()
        elif self.session.picture is not None:
            self.strip.mark(self.session.picture.path)

    def _ask(self, results: Sequence[Result], text: str) -> str:
        return ask_unsaved(self, [result.source.path.name for result in results], text)

    def _save_and_then(self, results: Sequence[Result], go_on: Callable[[], object]) -> None:
        """``go_on`` once all are saved; if one cannot be, its failure is told and that is all."""
        if len(results) == 1 and results[0].source.pasted:
            self.ask_where(results[0], go_on)
            return

        def check() -> None:
            if all(self.saver.is_safe(result) for result in results):
                go_on()

        for result in results:
            self.saver.save(result, self._request_for(result), check)
        self._refresh()

    def _request_for(self, result: Result) -> SaveRequest | None:
        """A pasted picture has no file that its result could lie beside."""
        if not result.source.pasted:
            return None
        keep = self.services.settings.flag("save/metadata")
        return SaveRequest(self.first_target(result)[0], keep_metadata=keep)

    @Slot(object)
    def _keep(self, kept: Kept) -> None:
        if not self.saver.is_safe(kept.result):
            self.store.put(kept)

    @Slot()
    def _tidy(self) -> None:
        self.store.drop(self.saver.is_safe)
        self._mark_unsaved()

    @Slot(Path)
    def _choose_from_strip(self, path: Path) -> None:
        self.messages.clear()
        self.switch_to(path)

    def _show_strip(self, current: Path) -> None:
        """What was given, and before it what is not saved yet."""
        unsaved = [result.source.path for result in self.unsaved]
        wanted = list(dict.fromkeys([*(p for p in unsaved if p not in self._given), *self._given]))
        if set(wanted) <= set(self.strip.pictures.paths) and current in self._given:
            self.strip.mark(current)
        else:
            self.strip.set_paths(wanted, current)
        self._mark_unsaved()

    def _mark_unsaved(self) -> None:
        self.strip.pictures.set_unsaved({result.source.path for result in self.unsaved})
