"""The Batch page: puts the pieces together and passes on what is wished for and what is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, QTimer, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog

from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.core.images.io import FORMATS
from srgan_desktop.gui.batch import ending, questions, queue_worker
from srgan_desktop.gui.batch.filters import Filter
from srgan_desktop.gui.batch.handover import HandoverOptions
from srgan_desktop.gui.batch.page_running import RunningPage
from srgan_desktop.gui.batch.queue_worker import Added
from srgan_desktop.gui.batch.run import State
from srgan_desktop.gui.batch.table_model import Snapshot
from srgan_desktop.gui.batch.watcher import FolderWatcher
from srgan_desktop.gui.common import drop_data
from srgan_desktop.gui.common.requests import ModelChoice
from srgan_desktop.gui.common.services import Services

# the first frame and the other page come first
OPEN_MS = 1500


class BatchPage(RunningPage):
    """Drop a folder, start, look at what came out."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.watcher = FolderWatcher(services, self.session)
        self._models_asked = False
        self._starts_when_listed = False
        self._wanted: Path | None = None
        self._offer = ""
        self.setAcceptDrops(True)
        self._connect()
        self.retranslate()
        self.retranslate_state()
        if queue_worker.queue_is_there():
            QTimer.singleShot(OPEN_MS, self, self._open_early)

    # what the frame asks

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Files and folders from anywhere, at the list's end."""
        self.session.add(paths)

    def take(self, path: Path, handover: HandoverOptions | None) -> None:
        """What another page hands over, to be done as it says (None: as chosen here).

        It is selected once it is there, and starts only when told.
        """
        self._wanted = path.absolute()
        self.session.add([path], handover)

    def may_close(self) -> bool:
        """Nothing is lost, but a run that nobody sees any more ends; one that pauses may go."""
        if self.run.state not in (State.RUNNING, State.YIELDING):
            return True
        counts = self.model.counts
        return questions.ask_close(self, counts["waiting"] + counts["working"])

    def shutdown(self) -> None:
        """Stop everything of this page; what was in work waits again."""
        self.watcher.shutdown()
        self.estimator.shutdown()
        self.run.shutdown()
        self.awake.release()
        self.bottom.show_progress(None)
        self.session.shutdown()

    # wishes

    @Slot()
    def choose_files(self) -> None:
        """The dialog for pictures."""
        endings = " ".join(f"*{end}" for entry in FORMATS.values() for end in entry.extensions)
        pattern = f"{tr('Pictures')} ({endings} {endings.upper()});;{tr('All files')} (*)"
        names, _ = QFileDialog.getOpenFileNames(self, tr("Add pictures"), _pictures(), pattern)
        if names:
            self.open_paths([Path(name) for name in names])

    @Slot()
    def choose_folder(self) -> None:
        """The dialog for a folder."""
        name = QFileDialog.getExistingDirectory(self, tr("Add folder"), _pictures())
        if name:
            self.open_paths([Path(name)])

    @Slot()
    def escape(self) -> None:
        """Stop what goes on; else close the message."""
        if self.session.adding:
            self.session.stop_adding()
        elif self.run.active:
            self.run.stop()
        else:
            self.messages.clear()

    @Slot()
    def export(self) -> None:
        """The report of all items."""
        wanted = str(Path(_pictures()) / (tr("Batch report") + ".csv"))
        name, _ = QFileDialog.getSaveFileName(self, tr("Save report"), wanted, "CSV (*.csv)")
        if name:
            path = Path(name)
            self.session.export(path if path.suffix else path.with_suffix(".csv"))

    # Qt

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's names
        """The queue is opened when it is first looked at."""
        QTimer.singleShot(50, self, self._shown_first)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Invite files and folders."""
        if drop_data.paths_in(event.mimeData()):
            event.acceptProposedAction()
            self.empty.set_inviting(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """It went on."""
        self.empty.set_inviting(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Take it."""
        self.empty.set_inviting(False)
        event.acceptProposedAction()
        self.open_paths(drop_data.paths_in(event.mimeData()))

    # what is told

    @Slot()
    def _open_early(self) -> None:
        self.session.open()

    @Slot()
    def _shown_first(self) -> None:
        self.session.open()
        if not self._models_asked:
            self._models_asked = True
            self._list_models()

    @Slot()
    def _models_changed(self) -> None:
        if self._models_asked:
            self._list_models()

    def _list_models(self) -> None:
        from srgan_desktop.gui.common.engine_worker import EngineWorker

        self.services.device_lane.submit(
            EngineWorker().models, on_done=self._models_listed, on_failed=self.session.fail
        )

    def _models_listed(self, models: list[ModelChoice]) -> None:
        self.panel.set_models(models)
        self._options_changed()

    @Slot()
    def _opened(self) -> None:
        self._refusal = ""
        self.held.clear()
        options, presets = self.session.options, self.session.presets
        if options is not None and presets is not None:
            self.panel.show_options(options)
            self.panel.presets.show_names(
                presets.names(), self.services.settings.text("batch/preset")
            )
        self._options_changed()

    @Slot(str)
    def _refused(self, text: str) -> None:
        self._refusal = text
        self.held.show_message(text, "warning", action=tr("Try again"), act=self.session.open)
        self._refresh()

    @Slot(object)
    def _listed(self, snapshot: Snapshot) -> None:
        first = len(self.model) == 0
        self.table.take(snapshot)
        self.apply_newer(snapshot.taken)
        self.panel.show_others(snapshot.others)
        expected = self.session.adding or self._starts_when_listed
        if first and snapshot.counts["waiting"] and not expected:
            self._offer_to_go_on(snapshot.counts["waiting"])
        elif not snapshot.counts["waiting"] and self._offer and self.messages.text == self._offer:
            self.messages.clear()
        self._show_example()
        self._estimate()
        self._refresh()
        if self._starts_when_listed:
            self._starts_when_listed = False
            if not self.run.active:
                self.start()

    def _offer_to_go_on(self, count: int) -> None:
        if self.run.active or self.messages.text:
            return
        text = trn("{n} picture waits from last time.", "{n} pictures wait from last time.", count)
        self._offer = text
        self.messages.show_message(text, action=tr("Go on"), act=self.start)

    @Slot(object)
    def _added(self, added: Added) -> None:
        found = added.found
        self._found_text = ""
        self.model.append(added.items, added.sizes)
        self._show_example()
        self._estimate()
        text = found.left_out()
        if found.sources:
            n = len(found.sources)
            said = trn("{n} picture added.", "{n} pictures added.", n)
            if text:
                self.messages.show_message(f"{said} {text}")
            else:
                self.messages.clear()
        else:
            said = tr("Nothing was added.")
            self.messages.show_message(f"{said} {text}".strip(), "warning")
        self._refresh()
        self._select_wanted()

    @Slot(int)
    def _finding(self, count: int) -> None:
        self._found_text = trn("Searching: {n} picture", "Searching: {n} pictures", count)
        self._refresh()

    @Slot()
    def _options_changed(self) -> None:
        if not self.session.is_open:
            return
        options = self.panel.options()
        self.session.set_options(options)
        preset = self.panel.presets.name
        presets = self.session.presets
        if preset and presets is not None and presets.get(preset) != options:
            self.panel.presets.show_current("")
            self.services.settings.set("batch/preset", "")
        self._estimate()
        self._refresh()

    @Slot(str)
    def _pick_preset(self, name: str) -> None:
        options = self.session.presets.get(name) if self.session.presets else None
        if options is not None:
            self.panel.show_options(options)
            self.services.settings.set("batch/preset", name)
            self._options_changed()

    @Slot(str)
    def _keep_preset(self, name: str) -> None:
        options = self.panel.options()
        if options is not None:
            self.session.keep_preset(name, options)

    @Slot(str)
    def _forget_preset(self, name: str) -> None:
        self.session.keep_preset(name, None)

    @Slot(str)
    def _presets_changed(self, name: str) -> None:
        if self.session.presets is not None:
            self.services.settings.set("batch/preset", name)
            self.panel.presets.show_names(self.session.presets.names(), name)

    @Slot(Path)
    def _exported(self, path: Path) -> None:
        self.messages.show_message(
            tr("The report was saved as {name}.", name=path.name),
            "done",
            action=tr("Open folder"),
            act=lambda: ending.open_folder(path.parent),
        )

    @Slot(str, str)
    def _show_notice(self, text: str, kind: str) -> None:
        self.messages.show_message(text, kind)

    @Slot(object)
    def _filter(self, which: Filter) -> None:
        self.table.keep_place(lambda: self.model.set_filter(which))
        self._selection_changed()

    # inside

    def _select_wanted(self) -> None:
        """The picture that was handed over, also where it was in the list before."""
        if self._wanted is None:
            return
        found = [item.id for item in self.model.items() if item.source == self._wanted]
        if not found:
            return
        self._wanted = None
        if self.model.row_of(found[-1]) is None:
            self.top.choose(Filter.ALL)
        self.table.choose(found, found[-1])
        self.table.scrollTo(self.table.currentIndex())
        self.table.setFocus()

    def retranslate_state(self) -> None:
        """What is said of the moment, in the present language."""
        self._selection_changed()
        self._refresh()

    def _connect(self) -> None:
        session, panel = self.session, self.panel
        for action, slot in (
            (self.add_action, self.choose_files),
            (self.add_folder_action, self.choose_folder),
            (self.export_action, self.export),
            (self.stop_action, self.escape),
        ):
            action.triggered.connect(slot)
        self.services.models_changed.connect(self._models_changed)
        self.services.language_changed.connect(self.retranslate)
        self.services.language_changed.connect(self.retranslate_state)
        self.services.theme.changed.connect(self.top.recolour)
        session.opened.connect(self._opened)
        session.refused.connect(self._refused)
        session.listed.connect(self._listed)
        session.finding.connect(self._finding)
        session.added.connect(self._added)
        session.exported.connect(self._exported)
        session.presets_changed.connect(self._presets_changed)
        session.notice.connect(self._show_notice)
        session.changed.connect(self._refresh)
        self.watcher.took.connect(self._watch_took)
        self.watcher.notice.connect(self._watch_told)
        panel.changed.connect(self._options_changed)
        panel.same_for_all_wanted.connect(session.same_for_all)
        panel.presets.picked.connect(self._pick_preset)
        panel.presets.save_wanted.connect(self._keep_preset)
        panel.presets.remove_wanted.connect(self._forget_preset)
        panel.watch.switched.connect(self._watch)
        self.top.filter_chosen.connect(self._filter)
        self.empty.open_wanted.connect(self.choose_files)
        self.empty.folder_wanted.connect(self.choose_folder)

    @Slot()
    def _watch_took(self) -> None:
        # the list is being looked at anew; before that nothing waits as far as this page knows
        self._starts_when_listed = True

    @Slot(str, bool)
    def _watch_told(self, text: str, wrong: bool) -> None:
        self.panel.watch.show_state(text, wrong=wrong)

    @Slot()
    def _watch(self) -> None:
        self.watcher.watch(self.panel.watch.folder)


def _pictures() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
