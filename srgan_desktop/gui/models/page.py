"""The Models page: what stands where, and which part hears of what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl, Signal, Slot
from PySide6.QtGui import QAction, QDesktopServices, QHideEvent, QImage, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.weights.headers import ONNX_SUFFIX, suffix_of
from srgan_desktop.gui.common import drop_data
from srgan_desktop.gui.common.dialogs import ask
from srgan_desktop.gui.common.drop_zone import DropZone
from srgan_desktop.gui.common.message_bar import MessageBar
from srgan_desktop.gui.common.model_facts import ModelFacts
from srgan_desktop.gui.common.page import Page
from srgan_desktop.gui.common.save_file import ask_for_target
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.models.catalogue import CatalogueController
from srgan_desktop.gui.models.commands import ModelsCommands
from srgan_desktop.gui.models.details import Details
from srgan_desktop.gui.models.model_list import ModelListSide
from srgan_desktop.gui.models.samples import SampleQueue

ENDINGS = ("safetensors", "pth", "pt", "ckpt", "pth.tar", "onnx")


class ModelsPage(Page):
    """Look at models, bring more, choose one.

    Attributes:
        catalogue: reads the models' files and changes them.
        side: the list, and which model is chosen in it.
        details: the chosen model's card.
    """

    icon_name = "models"
    use_wanted = Signal(str)
    """The name of the model that the Upscale page shall take."""
    compare_wanted = Signal(str)
    """The name of the model that others shall be compared with."""
    rate_wanted = Signal()
    """People shall rate models without knowing which is which."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.catalogue = CatalogueController(services)
        self.samples = SampleQueue(services)
        self.side = ModelListSide(services.theme, services.settings.text("upscale/model"))
        self.details = Details(services.theme)
        self.messages = MessageBar(services.theme)
        self.commands = ModelsCommands(self)
        self._drop_zone = DropZone(self, drop_data.paths_in)
        self._images: dict[str, QImage] = {}
        self._lay_out()
        self._connect()

    # what the frame asks

    def title(self) -> str:
        """For the switcher."""
        return tr("Models")

    def file_actions(self) -> list[QAction]:
        """Adding and what can be done with the chosen one."""
        return self.commands.file_menu

    def edit_actions(self) -> list[QAction]:
        """Names and the end."""
        return self.commands.edit_menu

    def accepts(self, path: Path) -> bool:
        """Files by the names that models have."""
        return path.name.lower().endswith(tuple(f".{ending}" for ending in ENDINGS))

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Model files from anywhere: copied into the models folder."""
        if paths:
            self.catalogue.add(paths)

    def focus_home(self) -> QWidget:
        """The list, where arrow keys choose."""
        return self.side.list

    def shutdown(self) -> None:
        """Stop everything of this page."""
        self.samples.stop()
        self.catalogue.shutdown()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's names
        """Others may have added models meanwhile; keys go to the list."""
        if self.focusWidget() is None:
            self.focus_home().setFocus()
        self.samples.set_wanted(True)
        self.catalogue.refresh()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """No pictures for nobody."""
        self.samples.set_wanted(False)

    # what a person asks

    @Slot()
    def choose_files(self) -> None:
        """The Open dialog for model files."""
        endings = " ".join(f"*.{ending}" for ending in ENDINGS)
        models, others = tr("Models"), tr("All files")
        names, _ = QFileDialog.getOpenFileNames(
            self, tr("Add models"), "", f"{models} ({endings});;{others} (*)"
        )
        self.open_paths([Path(name) for name in names])

    @Slot()
    def rename_chosen(self) -> None:
        """Ask for the new name."""
        model = self.side.chosen
        if model is None or model.shipped:
            return
        old = model.choice.name
        new, accepted = QInputDialog.getText(
            self, tr("Rename"), tr("New name of {name}:", name=old), text=model.choice.path.stem
        )
        if accepted and new.strip() and new.strip() != old:
            self.catalogue.rename(old, new.strip())

    @Slot()
    def remove_chosen(self) -> None:
        """Ask, then delete the file."""
        model = self.side.chosen
        if model is not None and not model.shipped and self.ask_removal(model):
            self.catalogue.remove(model.choice.name)

    def ask_removal(self, model: ModelFacts) -> bool:
        """Whether the model is to go."""
        return ask(
            self,
            tr("Remove the model {name}?", name=tr(model.choice.title)),
            tr("Its file is deleted: {path}", path=model.choice.path),
            yes=tr("Remove"),
            no=tr("Keep"),
        )

    @Slot()
    def export_chosen(self) -> None:
        """Ask where to."""
        model = self.side.chosen
        if model is None or not model.usable:
            return
        path = model.choice.path
        kinds = [(tr("Model"), suffix_of(path))]
        if not model.third_party:
            kinds.append(("ONNX", ONNX_SUFFIX))
        target = ask_for_target(self, tr("Export"), Path.home() / path.name, kinds)
        if target is not None:
            self.catalogue.export(path, target)

    @Slot()
    def show_file(self) -> None:
        """Open the folder of the chosen model."""
        model = self.side.chosen
        folder = places.models() if model is None else model.choice.path.parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    @Slot()
    def retranslate(self) -> None:
        """All texts in the present language."""
        for part in (self.commands, self.messages, self.details, self.side):
            part.retranslate()

    # what comes of it

    @Slot(list)
    def _listed(self, models: list[ModelFacts]) -> None:
        known = {model.choice.name: model for model in self.side.models.models}
        if models != self.side.models.models:
            for model in models:
                before = known.get(model.choice.name)
                if before is not None and before.choice.weights != model.choice.weights:
                    self.side.models.forget_image(model.choice.name)
                    self._images.pop(model.choice.name, None)
            self.side.set_models(models)
        # of a model that is new here, or whose picture was not made last time
        self.samples.show_models(
            [model for model in models if model.choice.name not in self._images]
        )
        if not models:
            self.details.show_model(None)

    @Slot()
    def _show_chosen(self) -> None:
        model = self.side.chosen
        self.details.show_model(model)
        if model is None:
            return
        self.commands.show_state(model)
        image = self._images.get(model.choice.name)
        if image is not None:
            self.details.show_sample(image)

    @Slot(str, QImage)
    def _picture_made(self, name: str, image: QImage) -> None:
        self._images[name] = image
        self.side.set_image(name, image)
        model = self.side.chosen
        if model is not None and model.choice.name == name:
            self.details.show_sample(image)

    @Slot(QMimeData)
    def _take_drop(self, data: QMimeData) -> None:
        self.open_paths(drop_data.paths_in(data))

    @Slot(str, str)
    def _show_notice(self, text: str, kind: str) -> None:
        self.messages.show_message(text, kind)

    @Slot()
    def _use(self) -> None:
        model = self.side.chosen
        if model is not None and model.usable:
            self.use_wanted.emit(model.choice.name)

    @Slot()
    def _compare(self) -> None:
        model = self.side.chosen
        if model is not None:
            self.compare_wanted.emit(model.choice.name)

    # inside

    def _connect(self) -> None:
        details, commands, side = self.details, self.commands, self.side
        self.services.language_changed.connect(self.retranslate)
        self._drop_zone.inviting.connect(side.set_inviting)
        self._drop_zone.dropped.connect(self._take_drop)
        self.catalogue.listed.connect(self._listed)
        self.catalogue.chosen.connect(side.want)
        self.catalogue.notice.connect(self._show_notice)
        self.samples.made.connect(self._picture_made)
        side.chosen_changed.connect(self._show_chosen)
        for signal, slot in (
            (side.activated, self._use),
            (side.add_wanted, self.choose_files),
            (side.rate_wanted, self.rate_wanted),
            (commands.rate.triggered, self.rate_wanted),
            (commands.add.triggered, self.choose_files),
            (commands.rename.triggered, self.rename_chosen),
            (commands.export.triggered, self.export_chosen),
            (commands.show_file.triggered, self.show_file),
            (commands.remove.triggered, self.remove_chosen),
            (details.use_wanted, self._use),
            (details.compare_wanted, self._compare),
            (details.rename_wanted, self.rename_chosen),
            (details.export_wanted, self.export_chosen),
            (details.show_wanted, self.show_file),
            (details.remove_wanted, self.remove_chosen),
        ):
            signal.connect(slot)

    def _lay_out(self) -> None:
        panel = QFrame()
        panel.setObjectName("panel")
        right = QVBoxLayout(panel)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.messages)
        right.addWidget(self.details, 1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.side)
        whole.addWidget(panel, 1)
