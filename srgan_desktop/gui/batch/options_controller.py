"""The options of the Batch page: models, presets, and the picture that they are shown for."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.gui.batch.rows import Snapshot
from srgan_desktop.gui.batch.session import QueueSession
from srgan_desktop.gui.batch.table_model import BatchModel
from srgan_desktop.gui.batch.view import BatchView
from srgan_desktop.gui.common.requests import ModelChoice
from srgan_desktop.gui.common.services import Services


class OptionsController(QObject):
    """What is chosen goes to the queue; what is kept comes back to the panel."""

    changed = Signal()
    """Other options count, or other models can be had."""

    def __init__(
        self, services: Services, session: QueueSession, model: BatchModel, view: BatchView
    ) -> None:
        super().__init__(view)
        self._services, self._session, self._model = services, session, model
        self._table, self._panel = view.table, view.panel
        self._models_asked = False
        panel = view.panel
        session.opened.connect(self._opened)
        session.listed.connect(self._listed)
        session.presets_changed.connect(self._presets_changed)
        services.models_changed.connect(self._models_changed)
        services.model_renamed.connect(panel.rename_model)
        panel.changed.connect(self._options_changed)
        panel.same_for_all_wanted.connect(session.same_for_all)
        panel.presets.picked.connect(self._pick_preset)
        panel.presets.save_wanted.connect(self._keep_preset)
        panel.presets.remove_wanted.connect(self._forget_preset)
        view.table.selection_changed.connect(self.show_example)
        model.previews.made.connect(self._size_known)

    def list_models(self) -> None:
        """Ask which models there are, if nobody has yet; they come in the background."""
        if not self._models_asked:
            self._models_asked = True
            self._ask_models()

    @Slot()
    def show_example(self) -> None:
        """What becomes of the current picture, or of the next one."""
        item = self._table.current_item() or self._model.rows.example()
        if item is None:
            self._panel.set_example(None, None)
            return
        source = Source(item.source, item.folder)
        self._panel.set_example(source, self._model.cells.size_of(item))

    # models

    @Slot()
    def _models_changed(self) -> None:
        if self._models_asked:
            self._ask_models()

    def _ask_models(self) -> None:
        from srgan_desktop.gui.common.engine_worker import EngineWorker

        self._services.device_lane.submit(
            EngineWorker(self._services.engines).models,
            on_done=self._models_listed,
            on_failed=self._session.fail,
        )

    def _models_listed(self, models: list[ModelChoice]) -> None:
        self._panel.set_models(models)
        self._options_changed()

    # options

    @Slot()
    def _opened(self) -> None:
        options, presets = self._session.options, self._session.presets
        if options is not None and presets is not None:
            self._panel.show_options(options)
            preset = self._services.settings.text("batch/preset")
            self._panel.presets.show_names(presets.names(), preset)
        self._options_changed()

    @Slot(object)
    def _listed(self, snapshot: Snapshot) -> None:
        self._panel.show_others(snapshot.others)

    @Slot()
    def _options_changed(self) -> None:
        if not self._session.is_open:
            return
        options = self._panel.options()
        self._session.set_options(options)
        preset, presets = self._panel.presets.name, self._session.presets
        if preset and presets is not None and presets.get(preset) != options:
            self._panel.presets.show_current("")
            self._services.settings.set("batch/preset", "")
        self.changed.emit()

    @Slot(Path)
    def _size_known(self, path: Path) -> None:
        """Of a picture that is looked at; the example's size was not known before."""
        if self._panel.example is not None and path == self._panel.example.path:
            self.show_example()

    # presets

    @Slot(str)
    def _pick_preset(self, name: str) -> None:
        options = self._session.presets.get(name) if self._session.presets else None
        if options is not None:
            self._panel.show_options(options)
            self._services.settings.set("batch/preset", name)
            self._options_changed()

    @Slot(str)
    def _keep_preset(self, name: str) -> None:
        options = self._panel.options()
        if options is not None:
            self._session.keep_preset(name, options)

    @Slot(str)
    def _forget_preset(self, name: str) -> None:
        self._session.keep_preset(name, None)

    @Slot(str)
    def _presets_changed(self, name: str) -> None:
        if self._session.presets is not None:
            self._services.settings.set("batch/preset", name)
            self._panel.presets.show_names(self._session.presets.names(), name)
