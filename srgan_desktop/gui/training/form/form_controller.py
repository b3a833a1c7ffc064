"""What is chosen in the form of a new training, and what each choice offers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFileDialog

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.training.form import offers
from srgan_desktop.gui.training.form.folder_checks import FolderChecks
from srgan_desktop.gui.training.form.plan import Recipe, changed_settings
from srgan_desktop.gui.training.form.start_form import StartForm

FIRST_CROP, FIRST_SCALE = 96, 4
FIRST_PRESET = "srresnet-quick"


class FormController(QObject):
    """Keeps the controls of ``view`` in agreement; ``form_plan`` makes a plan of them."""

    edited = Signal()
    settings_wanted = Signal()

    def __init__(self, view: StartForm, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self.recipes: list[Recipe] = []
        self.values: dict[str, Any] = {}
        """The recipe's config with the person's changes, nested plain dicts."""
        self.init_file: Path | None = None
        self._own_teacher: Path | None = None
        self.folders = FolderChecks(view.check_lane, self)
        self.cards: dict[tuple[str, Path], Any] = {}
        """What was read of model files, or why they cannot be, by their field and path."""
        self._models: list[tuple[str, Path]] = []
        self._teachers: list[tuple[str, Path]] = []
        self._devices: list[tuple[str, str]] = []
        self._name_is_ours = True
        view.photos.choose_wanted.connect(self.choose_folder)
        view.photos.changed.connect(self.edited)
        view.recipe.chosen.connect(self._choose_recipe)
        view.second.toggled.connect(self.edited)
        view.length.changed.connect(self.edited)
        for box in (view.validation, view.pairs):
            box.changed.connect(self._folder_chosen)
        view.real.changed.connect(self._real_chosen)
        self.folders.changed.connect(self.edited)
        view.init.activated.connect(self._choose_init)
        view.teacher.activated.connect(self._choose_teacher)
        view.device.activated.connect(self.edited)
        view.name.textEdited.connect(self._name_typed)
        view.settings.clicked.connect(self.settings_wanted)
        self.retranslate()

    # what is given

    def set_recipes(self, recipes: list[Recipe]) -> None:
        """The trainer's presets."""
        self.recipes = recipes
        self.retranslate()
        if recipes and not self.values:
            known = {recipe.name for recipe in recipes}
            self.view.recipe.show_recipe(FIRST_PRESET if FIRST_PRESET in known else recipes[0].name)
            self._choose_recipe()

    def set_models(self, models: list[tuple[str, Path]]) -> None:
        """(title, file) of what a training can begin with."""
        before, self._models = self._models, models
        if _is_gone(self.init_file, before, models):
            self.init_file = None
            self.edited.emit()
        self._offer_models()

    def set_teachers(self, models: list[tuple[str, Path]]) -> None:
        """(title, file) of what a training can learn from."""
        gone = _is_gone(self.teacher_path, self._teachers, models)
        self._teachers = models
        if gone:
            self._learn_from(None)
            self.edited.emit()
        self._offer_models()

    def set_devices(self, devices: list[tuple[str, str]]) -> None:
        """(name, title) of what there is to compute on."""
        self._devices = devices
        self._offer_devices()

    def set_folder(self, folder: Path) -> None:
        """Train on these photos."""
        self.view.fields["photos"].set_problem("")
        if self._name_is_ours:
            self.view.name.setText(folder.name)
        self.look_again(folder, anew=True)

    def look_again(self, folder: Path | None = None, *, anew: bool = False) -> None:
        """Check the folder for the present settings; ``anew`` where a person has chosen one."""
        photos = self.view.photos
        folder = folder or photos.folder
        if folder is None:
            return
        crop = int(self._value("data", "crop", FIRST_CROP))
        validation = self.view.validation.folder
        margin = bool(self._value("data", "margin", True)) and not self.learns_from_bad
        photos.look_at(
            folder,
            validation,
            crop,
            self._scale,
            margin=margin,
            pairs=self.pairs_folder,
            anew=anew,
        )

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Other settings, from the page of all settings."""
        self.values = dict(values)
        self.view.fields["settings"].set_problem("")
        self.look_again()
        self.retranslate()
        self.edited.emit()

    # what is chosen

    @property
    def chosen(self) -> Recipe | None:
        """The recipe."""
        name = self.view.recipe.name
        return next((recipe for recipe in self.recipes if recipe.name == name), None)

    @property
    def learns_from_bad(self) -> bool:
        """Whether the recipe wants photos of low quality too, and no small versions."""
        return self.chosen is not None and self.chosen.stage == "cycle"

    @property
    def pairs_folder(self) -> Path | None:
        """The person's own small versions of the photos."""
        return None if self.learns_from_bad else self.view.pairs.folder

    @property
    def teacher_path(self) -> Path | None:
        """The larger model to learn from: a person's choice, or else the recipe's."""
        model = self._value("teacher", "model", "")
        if self.learns_from_bad or not model:
            return None
        offered = (path for _, path in self._teachers if model in (str(path), path.stem))
        return next(offered, Path(model))

    @property
    def asks_for_bad(self) -> bool:
        """Whether photos of low quality can be chosen: for the recipe, or to ask about."""
        return self.learns_from_bad or self.teacher_path is not None

    @property
    def real_folder(self) -> Path | None:
        """Photos of low quality to learn from."""
        return self.view.real.folder if self.asks_for_bad else None

    @property
    def overrides(self) -> tuple[str, ...]:
        """The person's changes to the recipe's settings; the teacher a plan names by itself."""
        chosen = self.chosen
        changed = changed_settings(chosen.settings, self.values) if chosen is not None else ()
        named = self.teacher_path is not None
        return tuple(text for text in changed if not (named and text.startswith("teacher.model=")))

    @property
    def second_recipe(self) -> Recipe | None:
        """That of the second stage; None where there is to be none."""
        chosen = self.chosen
        if chosen is None or chosen.stage != "pixel" or not self.view.second.isChecked():
            return None
        return offers.second_for(chosen, self.recipes)

    @Slot()
    def choose_folder(self) -> None:
        """The dialog for a folder of photos."""
        start = str(self.view.photos.folder or "")
        name = QFileDialog.getExistingDirectory(self.view, tr("Folder of photos"), start)
        if name:
            self.set_folder(Path(name))

    def retranslate(self) -> None:
        """All texts in the present language."""
        view = self.view
        view.retranslate()
        view.recipe.set_recipes(self.recipes)
        changed = len(self.overrides)
        view.settings.setText(
            tr("All settings… ({n} changed)", n=changed) if changed else tr("All settings…")
        )
        self._describe()
        self._offer_models()
        self._offer_devices()

    # inside

    def _value(self, section: str, key: str, otherwise: Any) -> Any:
        return self.values.get(section, {}).get(key, otherwise)

    @property
    def _scale(self) -> int:
        return int(self._value("generator", "scale", FIRST_SCALE))

    @Slot()
    def _choose_recipe(self) -> None:
        chosen = self.chosen
        if chosen is None:
            return
        self.values = dict(chosen.settings)
        if self._own_teacher and not self.learns_from_bad and self.teacher_path is None:
            self._learn_from(self._own_teacher)
        self.view.length.set_recipe(chosen)
        self._describe()
        self._offer_models()
        self.look_again()
        self.edited.emit()

    @Slot()
    def _folder_chosen(self) -> None:
        # before the photos are looked at, which takes longer
        self.folders.ask(self.view.pairs.folder)
        self.look_again(anew=True)
        self.edited.emit()

    @Slot()
    def _real_chosen(self) -> None:
        self.folders.ask(self.view.real.folder)
        self.edited.emit()

    @Slot()
    def _choose_init(self) -> None:
        chosen = self.view.init.currentData()
        if chosen == "choose":
            pattern = tr("Models") + " (*.safetensors)"
            name, _ = QFileDialog.getOpenFileName(self.view, tr("Start from"), "", pattern)
            if name:
                self.init_file = Path(name)
        else:
            self.init_file = Path(chosen) if chosen else None
        self._offer_models()
        self.edited.emit()

    @Slot()
    def _choose_teacher(self) -> None:
        chosen = self.view.teacher.currentData()
        self._learn_from(Path(chosen) if chosen else None)
        self.retranslate()
        self.edited.emit()

    def _learn_from(self, teacher: Path | None) -> None:
        """Of a person's choice, which outlasts recipes that have no teacher of their own."""
        self._own_teacher = teacher
        told = self.values.get("teacher", {})
        self.values["teacher"] = {**told, "model": str(teacher) if teacher else ""}

    @Slot()
    def _name_typed(self) -> None:
        self._name_is_ours = not self.view.name.text()
        self.edited.emit()

    def _describe(self) -> None:
        view, chosen = self.view, self.chosen
        view.description.setText(tr(chosen.description) if chosen else "")
        view.needs.setText(tr("Needs: {what}", what=tr(chosen.needs)) if chosen else "")
        view.pairs_hint.setText(
            tr(
                "Your own: same file names (1.png with 1x{scale}.png or 1_LR.png), exactly "
                "{scale}× smaller.",
                scale=self._scale,
            )
        )
        view.second.setVisible(chosen is not None and chosen.stage == "pixel")
        # a teacher can do without
        none = tr("No folder chosen yet") if self.learns_from_bad else tr("None")
        view.real.set_texts(none, tr("Bad photos to learn from"))
        view.fields["real"].setVisible(self.asks_for_bad)
        view.fields["teacher"].setVisible(not self.learns_from_bad)
        view.fields["pairs"].setVisible(not self.learns_from_bad)

    def _offer_models(self) -> None:
        view = self.view
        _offer(view.init, tr("Scratch"), self._models, self.init_file)
        view.init.addItem(tr("A model file…"), "choose")
        alone = tr("No, from the photos alone")
        _offer(view.teacher, alone, self._teachers, self.teacher_path)

    def _offer_devices(self) -> None:
        box = self.view.device
        chosen = box.currentData()
        box.clear()
        box.addItem(tr("Automatic"), "auto")
        for name, title in self._devices:
            box.addItem(title, name)
        box.setCurrentIndex(max(0, box.findData(chosen)))


def _offer(box: QComboBox, none: str, models: list[tuple[str, Path]], chosen: Path | None) -> None:
    """Fill a box with models and what means none; ``chosen`` may be one of another folder."""
    box.clear()
    box.addItem(none, "")
    for title, path in models:
        box.addItem(tr(title), str(path))
    if chosen is not None and box.findData(str(chosen)) < 0:
        box.addItem(chosen.name, str(chosen))
    box.setCurrentIndex(box.findData(str(chosen)) if chosen else 0)


def _is_gone(
    chosen: Path | None, before: list[tuple[str, Path]], now: list[tuple[str, Path]]
) -> bool:
    """Whether what was chosen was offered and is not any more."""
    offered, still = (any(path == chosen for _, path in models) for models in (before, now))
    return offered and not still
