"""The list of models: shipped ones and a person's own, each a card with a small picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage, QPixmap

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.model_facts import ModelFacts

FACTS = Qt.ItemDataRole.UserRole
HEADING = Qt.ItemDataRole.UserRole + 1

Index = QModelIndex | QPersistentModelIndex


class ModelList(QAbstractListModel):
    """Rows are headings (text) and models; only models can be chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[str | ModelFacts] = []
        self._models: list[ModelFacts] = []
        self._pictures: dict[str, QPixmap] = {}

    @property
    def models(self) -> list[ModelFacts]:
        """Without the headings."""
        return self._models

    def set_models(self, models: Sequence[ModelFacts]) -> None:
        """Other models; pictures of those that stay are kept."""
        self.beginResetModel()
        self._models = list(models)
        self._arrange()
        self.endResetModel()

    def retranslate(self) -> None:
        """The headings in the present language."""
        self.beginResetModel()
        self._arrange()
        self.endResetModel()

    def set_image(self, name: str, image: QImage) -> None:
        """What a model makes of the sample: its half of the pair."""
        half = image.copy(image.width() // 2, 0, image.width() // 2, image.height())
        self._pictures[name] = QPixmap.fromImage(half)
        row = self.row_of(name)
        if row is not None:
            index = self.index(row)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])

    def forget_image(self, name: str) -> None:
        """Another file has this name now."""
        self._pictures.pop(name, None)

    def row_of(self, name: str) -> int | None:
        """Where the model of this name stands."""
        for row, entry in enumerate(self.rows):
            if isinstance(entry, ModelFacts) and entry.choice.name == name:
                return row
        return None

    def facts_at(self, row: int) -> ModelFacts | None:
        """The model in a row; None for a heading."""
        entry = self.rows[row] if 0 <= row < len(self.rows) else ""
        return entry if isinstance(entry, ModelFacts) else None

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """Headings and models."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings are only looked at."""
        if self.facts_at(index.row()) is None:
            return Qt.ItemFlag.ItemIsEnabled if index.isValid() else Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, the picture, and the facts for the delegate."""
        if not index.isValid():
            return None
        entry = self.rows[index.row()]
        if isinstance(entry, str):
            texts = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, HEADING)
            return entry if role in texts else None
        known: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: tr(entry.choice.title),
            Qt.ItemDataRole.AccessibleTextRole: f"{tr(entry.choice.title)}, {summary(entry)}",
            Qt.ItemDataRole.ToolTipRole: str(entry.choice.path),
            Qt.ItemDataRole.DecorationRole: self._pictures.get(entry.choice.name),
            FACTS: entry,
        }
        return known.get(role)

    def _arrange(self) -> None:
        shipped = [model for model in self._models if model.shipped]
        own = [model for model in self._models if not model.shipped]
        self.rows = []
        for title, group in ((tr("Shipped"), shipped), (tr("Your own"), own)):
            if group:
                self.rows += [title, *group]


def summary(model: ModelFacts) -> str:
    """One line below the name."""
    if not model.usable:
        return model.choice.problem
    parts = [f"{model.choice.scale}×", model.architecture, count_text(model.parameters)]
    return " · ".join(part for part in parts if part)


def count_text(number: int) -> str:
    """A number of parameters in few letters: 1.55 M."""
    if number >= 1_000_000:
        return f"{number / 1e6:.3g} M"
    return f"{number / 1e3:.3g} k" if number >= 1000 else str(number or "")
