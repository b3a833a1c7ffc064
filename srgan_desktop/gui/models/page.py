"""The Models page: puts list, card and buttons together, and passes on what is wished for."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QUrl, Slot
from PySide6.QtGui import (
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QHideEvent,
    QImage,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QInputDialog,
    QMessageBox,
)

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.gui.common import drop_data
from srgan_desktop.gui.common import model_facts as facts
from srgan_desktop.gui.common.explain import explain
from srgan_desktop.gui.common.model_facts import ModelFacts
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import Task
from srgan_desktop.gui.models.page_parts import ModelsParts
from srgan_desktop.gui.models.samples import SampleQueue

ENDINGS = ("safetensors", "pth", "pt", "ckpt", "onnx")


class ModelsPage(ModelsParts):
    """Look at models, bring more, choose one."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.samples = SampleQueue(services)
        self._images: dict[str, QImage] = {}
        self._listing: Task | None = None
        self._working: Task | None = None
        self._connect()
        self.setAcceptDrops(True)
        self.retranslate()

    # what the frame asks

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Model files from anywhere: copied into the models folder."""
        wanted = list(paths)
        if not wanted:
            return
        self.messages.show_message(
            trn("Looking at {n} file…", "Looking at {n} files…", len(wanted))
        )
        self._do(lambda: facts.add(wanted), self._added)

    def shutdown(self) -> None:
        """Stop everything of this page."""
        self.samples.stop()
        for task in (self._listing, self._working):
            if task is not None:
                task.cancel()

    # state

    @property
    def chosen(self) -> ModelFacts | None:
        """The model whose card is shown."""
        return self.models.facts_at(self.list.currentIndex().row())

    @property
    def busy(self) -> bool:
        """Whether a file is being added, renamed, removed or written."""
        return self._working is not None and not self._working.ended

    def refresh(self) -> None:
        """Read the catalogue anew."""
        if self._listing is not None:
            self._listing.cancel()
        self._listing = self.services.device_lane.submit(
            facts.list_facts, on_done=self._listed, on_failed=self._failed
        )

    def choose(self, name: str) -> None:
        """Show the card of this model."""
        self._wanted = name
        row = self.models.row_of(name)
        if row is None:
            row = next((r for r in range(len(self.models.rows)) if self.models.facts_at(r)), None)
        if row is None:
            self.details.show_model(None)
        else:
            self.list.selectionModel().setCurrentIndex(
                self.models.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )

    # wishes

    @Slot()
    def choose_files(self) -> None:
        """The Open dialog for model files."""
        endings = " ".join(f"*.{ending}" for ending in ENDINGS)
        names, _ = QFileDialog.getOpenFileNames(
            self, tr("Add models"), "", f"{tr('Models')} ({endings});;{tr('All files')} (*)"
        )
        self.open_paths([Path(name) for name in names])

    @Slot()
    def rename_chosen(self) -> None:
        """Ask for the new name."""
        model = self.chosen
        if model is None or model.shipped:
            return
        old = model.choice.name
        new, accepted = QInputDialog.getText(
            self, tr("Rename"), tr("New name of {name}:", name=old), text=model.choice.path.stem
        )
        if accepted and new.strip() and new.strip() != old:
            self.rename(old, new.strip())

    def rename(self, old: str, new: str) -> None:
        """Give a model another name."""
        self._do(lambda: facts.rename(old, new), lambda name: self._renamed(old, name))

    @Slot()
    def remove_chosen(self) -> None:
        """Ask, then delete the file."""
        model = self.chosen
        if model is not None and not model.shipped and self.ask_removal(model):
            self.remove(model.choice.name)

    def remove(self, name: str) -> None:
        """Delete one of the person's own models."""
        self._do(lambda: facts.remove(name), lambda _: self._changed(""))

    def ask_removal(self, model: ModelFacts) -> bool:
        """Whether the model is to go."""
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("SRGAN Desktop")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(tr("Remove the model {name}?", name=tr(model.choice.title)))
        box.setInformativeText(tr("Its file is deleted: {path}", path=model.choice.path))
        remove = box.addButton(tr("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(tr("Keep"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.exec()
        return box.clickedButton() is remove

    @Slot()
    def export_chosen(self) -> None:
        """Ask where to."""
        model = self.chosen
        if model is None or not model.usable:
            return
        path = model.choice.path
        kinds = [f"{tr('Model')} (*{path.suffix})"]
        if not model.foreign:
            kinds.append("ONNX (*.onnx)")
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Export"), str(Path.home() / path.name), ";;".join(kinds)
        )
        if name:
            self.export(path, Path(name))

    def export(self, source: Path, target: Path) -> None:
        """Write a copy, or ONNX."""
        if target.suffix.lower() not in (source.suffix.lower(), ".onnx"):
            target = target.with_name(target.name + source.suffix)
        self._do(lambda: facts.export(source, target), self._exported)

    @Slot()
    def show_file(self) -> None:
        """Open the folder of the chosen model."""
        model = self.chosen
        folder = places.models() if model is None else model.choice.path.parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    # Qt

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's names
        """Others may have added models meanwhile."""
        self.samples.set_wanted(True)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """No pictures for nobody."""
        self.samples.set_wanted(False)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Invite files."""
        if drop_data.paths_in(event.mimeData()):
            event.acceptProposedAction()
            self._invite(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """It went on."""
        self._invite(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Add them."""
        self._invite(False)
        event.acceptProposedAction()
        self.open_paths(drop_data.paths_in(event.mimeData()))

    # what is told

    def _listed(self, models: list[ModelFacts]) -> None:
        self._listing = None
        if models != self.models.models:
            kept = {model.choice.name: model for model in self.models.models}
            for model in models:
                before = kept.get(model.choice.name)
                if before is not None and before.choice.weights != model.choice.weights:
                    self.models.forget_image(model.choice.name)
                    self._images.pop(model.choice.name, None)
            self.models.set_models(models)
            self.choose(self._wanted)
        # of a model that is new here, or whose picture was not made last time
        self.samples.show_models(
            [model for model in models if model.choice.name not in self._images]
        )
        if not models:
            self.details.show_model(None)

    @Slot(QModelIndex, QModelIndex)
    def _shown(self, current: QModelIndex, _previous: QModelIndex) -> None:
        model = self.models.facts_at(current.row())
        if model is None:
            return
        self._wanted = model.choice.name
        self.details.show_model(model)
        image = self._images.get(model.choice.name)
        if image is not None:
            self.details.show_sample(image)
        own = not model.shipped
        for action in (self.rename_action, self.remove_action):
            action.setEnabled(own)
        self.export_action.setEnabled(model.usable)

    @Slot(str, QImage)
    def _picture_made(self, name: str, image: QImage) -> None:
        self._images[name] = image
        self.models.set_image(name, image)
        model = self.chosen
        if model is not None and model.choice.name == name:
            self.details.show_sample(image)

    def _added(self, result: tuple[list[str], list[BaseException]]) -> None:
        names, failures = result
        if failures:
            texts = [explain(error) or str(error) for error in failures[:3]]
            self.messages.show_message("\n".join(texts), "warning")
        else:
            self.messages.show_message(tr("Added: {names}", names=", ".join(names)), "done")
        if names:
            self._changed(names[-1])

    def _renamed(self, old: str, name: str) -> None:
        settings = self.services.settings
        if settings.text("upscale/model") == old:
            settings.set("upscale/model", name)
        self.messages.show_message(tr("It is called {name} now.", name=name), "done")
        self._changed(name)

    def _exported(self, target: Path) -> None:
        self.messages.show_message(tr("Written: {path}", path=target), "done")

    def _changed(self, name: str) -> None:
        """The catalogue is another; show ``name``, or what was shown."""
        self._wanted = name or self._wanted
        self.refresh()
        self.services.models_changed.emit()

    def _failed(self, error: BaseException) -> None:
        text = explain(error)
        if text is None:
            self.services.faults.report(error)
        else:
            self.messages.show_message(text, "warning")

    # inside

    def _do(
        self, work: Callable[[], Generator[Any, None, Any]], done: Callable[[Any], object]
    ) -> None:
        """One thing at a time, on the device's thread: a file that is added is tried there."""

        def ended(result: Any) -> None:
            done(result)

        self._working = self.services.device_lane.submit(
            work, on_done=ended, on_failed=self._failed
        )

    @Slot()
    def _use(self) -> None:
        model = self.chosen
        if model is not None and model.usable:
            self.use_wanted.emit(model.choice.name)

    @Slot()
    def _compare(self) -> None:
        model = self.chosen
        if model is not None:
            self.compare_wanted.emit(model.choice.name)

    @Slot()
    def retranslate(self) -> None:
        """All texts in the present language."""
        self.retranslate_parts()
        name = self._wanted
        self.models.retranslate()
        if self.models.models:
            self.choose(name)

    def _connect(self) -> None:
        self.services.language_changed.connect(self.retranslate)
        self.services.theme.changed.connect(self.list.viewport().update)
        self.list.selectionModel().currentChanged.connect(self._shown)
        self.list.activated.connect(self._use)
        self.samples.made.connect(self._picture_made)
        self.add_button.clicked.connect(self.choose_files)
        self.rate_button.clicked.connect(self.rate_wanted)
        self.rate_action.triggered.connect(self.rate_wanted)
        for signal, slot in (
            (self.add_action.triggered, self.choose_files),
            (self.rename_action.triggered, self.rename_chosen),
            (self.export_action.triggered, self.export_chosen),
            (self.show_action.triggered, self.show_file),
            (self.remove_action.triggered, self.remove_chosen),
            (self.details.use_wanted, self._use),
            (self.details.compare_wanted, self._compare),
            (self.details.rename_wanted, self.rename_chosen),
            (self.details.export_wanted, self.export_chosen),
            (self.details.show_wanted, self.show_file),
            (self.details.remove_wanted, self.remove_chosen),
        ):
            signal.connect(slot)
