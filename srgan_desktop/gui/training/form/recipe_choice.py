"""The kinds of models that can be trained: in groups, and found by typing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QStringListModel, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.wheel import QuietComboBox
from srgan_desktop.gui.training.form.plan import Recipe

FOR_PHOTOS = (
    "srresnet-quick",
    "photo-adaptive-x4",
    "photo-x4",
    "photo-x2",
    "srresnet-x4",
    "srresnet-x2",
    "fast-x4",
    "fast-photo-x4",
)
FOR_DETAIL = ("srgan-quick", "photo-adaptive-gan-x4", "photo-gan-x4", "srgan-x4", "esrgan-like")
UNFOLD = "unfold"


class RecipeChoice(QuietComboBox):
    """What newcomers need is listed; papers and experiments unfold, or are found by a word."""

    chosen = Signal()
    """A person chose ``name``."""

    def __init__(self) -> None:
        super().__init__()
        self.name = ""
        self._recipes: list[Recipe] = []
        self._unfolded = False
        self._titles = QStringListModel(self)
        self._line = QLineEdit(self)
        self.setEditable(True)
        self.setLineEdit(self._line)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMaxVisibleItems(30)
        self._line.setAcceptDrops(False)
        completer = QCompleter(self._titles, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        # the line's own, not the box's: that one would look among what is listed only
        self._line.setCompleter(completer)
        completer.activated.connect(self._found)
        self._line.editingFinished.connect(self._say_chosen)
        self.activated.connect(self._activated)

    def set_recipes(self, recipes: Sequence[Recipe]) -> None:
        """All there are; in the present language."""
        self._recipes = list(recipes)
        self._titles.setStringList([tr(recipe.title) for recipe in recipes])
        self.setEnabled(bool(recipes))
        self._line.setPlaceholderText("" if recipes else tr("Looking for recipes…"))
        self.setToolTip(tr("Choose, or type a word to search"))
        self._offer()

    def show_recipe(self, name: str) -> None:
        """Choose one, telling nobody."""
        self.name = name
        self._unfolded = self._unfolded or name in {r.name for r in self._groups()[-1][1]}
        self._offer()

    # inside

    def _groups(self) -> list[tuple[str, list[Recipe]]]:
        known = {recipe.name: recipe for recipe in self._recipes}
        photos = [known.pop(name) for name in FOR_PHOTOS if name in known]
        detail = [known.pop(name) for name in FOR_DETAIL if name in known]
        return [
            (tr("For your photos"), photos),
            (tr("For more detail"), detail),
            (tr("Papers and experiments"), list(known.values())),
        ]

    def _offer(self) -> None:
        with QSignalBlocker(self):
            self.clear()
            groups = self._groups()
            for title, recipes in groups:
                if not recipes:
                    continue
                if recipes is groups[-1][1] and not self._unfolded:
                    self.addItem(tr("{group} ({n})…", group=title, n=len(recipes)), UNFOLD)
                    continue
                self._add_heading(title)
                for recipe in recipes:
                    self.addItem(tr(recipe.title), recipe.name)
            self.setCurrentIndex(self.findData(self.name))
        self._say_chosen()

    def _add_heading(self, title: str) -> None:
        self.addItem(title)
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        item = model.item(self.count() - 1)
        item.setEnabled(False)
        font = item.font()
        font.setBold(True)
        item.setFont(font)

    @Slot()
    def _say_chosen(self) -> None:
        """What was typed and led to nothing gives way."""
        self.setEditText(self.itemText(self.findData(self.name)) if self.name else "")
        self._line.setCursorPosition(0)

    @Slot(int)
    def _activated(self, index: int) -> None:
        name = self.itemData(index)
        if name == UNFOLD:
            self._unfolded = True
            self._offer()
            QTimer.singleShot(0, self.showPopup)
        elif name:
            self.name = str(name)
            self._say_chosen()
            self.chosen.emit()

    @Slot(str)
    def _found(self, title: str) -> None:
        name = next((r.name for r in self._recipes if tr(r.title) == title), "")
        if name:
            self.show_recipe(name)
            self.chosen.emit()
