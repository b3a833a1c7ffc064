"""The form of a new training: photos, recipe, time, and what few need."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
)

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import Lane
from srgan_desktop.gui.training.form import offers
from srgan_desktop.gui.training.form.plan import Recipe, changed_settings
from srgan_desktop.gui.training.form.start_form_parts import StartFormParts

FIRST_CROP, FIRST_SCALE = 96, 4
FIRST_PRESET = "srresnet-quick"


class StartForm(StartFormParts):
    """Keeps the controls in agreement; ``form_plan`` makes a plan of them."""

    cancelled = Signal()
    edited = Signal()
    settings_wanted = Signal()

    def __init__(self, services: Services, lane: Lane) -> None:
        super().__init__(services, lane)
        self.values: dict[str, Any] = {}
        """The recipe's config with the person's changes, nested plain dicts."""
        self.init_file: Path | None = None
        self._models: list[tuple[str, Path]] = []
        self._devices: list[tuple[str, str]] = []
        self._name_is_ours = True
        self.photos.choose_wanted.connect(self.choose_folder)
        self.photos.changed.connect(self.edited)
        self.recipe.activated.connect(self._choose_recipe)
        self.second.toggled.connect(self.edited)
        self.length.changed.connect(self.edited)
        for box in (self.validation, self.pairs):
            box.changed.connect(self._folder_chosen)
        self.real.changed.connect(self.edited)
        self.init.activated.connect(self._choose_init)
        self.name.textEdited.connect(self._name_typed)
        self.settings.clicked.connect(self.settings_wanted)
        self.cancel.clicked.connect(self.cancelled)
        self.retranslate()

    # what is given

    def set_recipes(self, recipes: list[Recipe]) -> None:
        """The trainer's presets."""
        self.recipes = recipes
        self.retranslate()
        if recipes and not self.values:
            at = self.recipe.findData(FIRST_PRESET)
            self.recipe.setCurrentIndex(max(0, at))
            self._choose_recipe()

    def set_models(self, models: list[tuple[str, Path]]) -> None:
        """(title, file) of what a training can begin with."""
        self._models = models
        self._offer_inits()

    def set_devices(self, devices: list[tuple[str, str]]) -> None:
        """(name, title) of what there is to compute on."""
        self._devices = devices
        self._offer_devices()

    def set_folder(self, folder: Path) -> None:
        """Train on these photos."""
        self.fields["photos"].set_problem("")
        if self._name_is_ours:
            self.name.setText(folder.name)
        self.look_again(folder)

    def look_again(self, folder: Path | None = None) -> None:
        """Check the folder for the present settings."""
        folder = folder or self.photos.folder
        if folder is None:
            return
        crop = int(self._value("data", "crop", FIRST_CROP))
        scale = int(self._value("generator", "scale", FIRST_SCALE))
        self.photos.look_at(folder, self.validation.folder, crop, scale, pairs=self.pairs_folder)

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Other settings, from the page of all settings."""
        self.values = dict(values)
        self.fields["settings"].set_problem("")
        self.look_again()
        self.retranslate()
        self.edited.emit()

    # what is chosen

    @property
    def chosen(self) -> Recipe | None:
        """The recipe."""
        at = self.recipe.currentIndex()
        return self.recipes[at] if 0 <= at < len(self.recipes) else None

    @property
    def learns_from_bad(self) -> bool:
        """Whether the recipe wants photos of low quality too, and no small versions."""
        return self.chosen is not None and self.chosen.stage == "cycle"

    @property
    def pairs_folder(self) -> Path | None:
        """The person's own small versions of the photos."""
        return None if self.learns_from_bad else self.pairs.folder

    @property
    def real_folder(self) -> Path | None:
        """Photos of low quality to learn from."""
        return self.real.folder if self.learns_from_bad else None

    @property
    def overrides(self) -> tuple[str, ...]:
        """The person's changes to the recipe's settings."""
        chosen = self.chosen
        return changed_settings(chosen.settings, self.values) if chosen is not None else ()

    @property
    def second_recipe(self) -> Recipe | None:
        """That of the second stage; None where there is to be none."""
        chosen = self.chosen
        if chosen is None or chosen.stage != "pixel" or not self.second.isChecked():
            return None
        return offers.second_for(chosen, self.recipes)

    @Slot()
    def choose_folder(self) -> None:
        """The dialog for a folder of photos."""
        start = str(self.photos.folder or "")
        name = QFileDialog.getExistingDirectory(self, tr("Folder of photos"), start)
        if name:
            self.set_folder(Path(name))

    # inside

    def _value(self, section: str, key: str, otherwise: Any) -> Any:
        return self.values.get(section, {}).get(key, otherwise)

    @Slot()
    def _choose_recipe(self) -> None:
        chosen = self.chosen
        if chosen is None:
            return
        self.values = dict(chosen.settings)
        self.length.set_recipe(chosen)
        self._describe()
        self.look_again()
        self.edited.emit()

    @Slot()
    def _folder_chosen(self) -> None:
        self.look_again()
        self.edited.emit()

    @Slot()
    def _choose_init(self) -> None:
        if self.init.currentData() == "choose":
            pattern = tr("Models") + " (*.safetensors)"
            name, _ = QFileDialog.getOpenFileName(self, tr("Start from"), "", pattern)
            if name:
                self.init_file = Path(name)
        else:
            chosen = self.init.currentData()
            self.init_file = Path(chosen) if chosen else None
        self._offer_inits()
        self.edited.emit()

    @Slot()
    def _name_typed(self) -> None:
        self._name_is_ours = not self.name.text()
        self.edited.emit()

    def _describe(self) -> None:
        chosen = self.chosen
        self.description.setText(tr(chosen.description) if chosen else "")
        self.needs.setText(tr("Needs: {what}", what=tr(chosen.needs)) if chosen else "")
        self.pairs_hint.setText(
            tr(
                "Your own: same file names (1.png with 1x{scale}.png or 1_LR.png), exactly "
                "{scale}× smaller.",
                scale=self._value("generator", "scale", FIRST_SCALE),
            )
        )
        self.second.setVisible(chosen is not None and chosen.stage == "pixel")
        self.fields["real"].setVisible(self.learns_from_bad)
        self.fields["pairs"].setVisible(not self.learns_from_bad)

    def retranslate(self) -> None:
        """All texts in the present language."""
        super().retranslate()
        at = self.recipe.currentIndex()
        self.recipe.clear()
        for recipe in self.recipes:
            self.recipe.addItem(tr(recipe.title), recipe.name)
        self.recipe.setCurrentIndex(at)
        self.recipe.setEnabled(bool(self.recipes))
        self.recipe.setPlaceholderText(tr("Looking for recipes…"))
        changed = len(self.overrides)
        self.settings.setText(
            tr("All settings… ({n} changed)", n=changed) if changed else tr("All settings…")
        )
        self.name.setPlaceholderText(tr("Model name"))
        self.name.setAcceptDrops(False)
        self._describe()
        self._offer_inits()
        self._offer_devices()

    def _offer_inits(self) -> None:
        self.init.clear()
        self.init.addItem(tr("Scratch"), "")
        for title, path in self._models:
            self.init.addItem(tr(title), str(path))
        if self.init_file is not None and self.init.findData(str(self.init_file)) < 0:
            self.init.addItem(self.init_file.name, str(self.init_file))
        self.init.addItem(tr("A model file…"), "choose")
        wanted = self.init.findData(str(self.init_file)) if self.init_file else 0
        self.init.setCurrentIndex(max(0, wanted))

    def _offer_devices(self) -> None:
        chosen = self.device.currentData()
        self.device.clear()
        self.device.addItem(tr("Automatic"), "auto")
        for name, title in self._devices:
            self.device.addItem(title, name)
        self.device.setCurrentIndex(max(0, self.device.findData(chosen)))
