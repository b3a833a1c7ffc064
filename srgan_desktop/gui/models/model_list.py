"""The page's left side: the models, and where more of them can be dropped."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.model_facts import ModelFacts
from srgan_desktop.gui.common.theme import SPACE, Theme, restyle
from srgan_desktop.gui.models.delegate import ModelDelegate
from srgan_desktop.gui.models.list_model import ModelList

WIDTH = 320


class ModelListSide(QWidget):
    """Shows the catalogue; remembers which model is to be shown, also before it is there."""

    chosen_changed = Signal()
    """Another card is to be shown; see ``chosen``."""
    activated = Signal()
    """The chosen model was double-clicked, or Return was pressed."""
    add_wanted = Signal()
    rate_wanted = Signal()

    def __init__(self, theme: Theme, wanted: str) -> None:
        """``wanted``: the name of the model to show first."""
        super().__init__()
        self.models = ModelList()
        self._wanted = wanted
        self._delegate = ModelDelegate(theme)
        self._make_list()
        self._lay_out()
        theme.changed.connect(self.list.viewport().update)
        self.list.selectionModel().currentChanged.connect(self._show)
        self.list.activated.connect(self.activated)
        self.add_button.clicked.connect(self.add_wanted)
        self.rate_button.clicked.connect(self.rate_wanted)
        self.retranslate()

    @property
    def chosen(self) -> ModelFacts | None:
        """The model whose card is shown."""
        return self.models.facts_at(self.list.currentIndex().row())

    def set_models(self, models: list[ModelFacts]) -> None:
        """The catalogue is another."""
        self.models.set_models(models)
        self.choose(self._wanted)

    def want(self, name: str) -> None:
        """Show this model as soon as it is there."""
        self._wanted = name

    def choose(self, name: str) -> None:
        """Show this model; the first where there is none of this name."""
        self._wanted = name
        row = self.models.row_of(name)
        if row is None:
            row = next((r for r in range(len(self.models.rows)) if self.models.facts_at(r)), None)
        if row is None:
            self.chosen_changed.emit()
        else:
            self.list.selectionModel().setCurrentIndex(
                self.models.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )

    def set_image(self, name: str, image: QImage) -> None:
        """What a model makes of the sample photo."""
        self.models.set_image(name, image)

    @Slot(bool)
    def set_inviting(self, inviting: bool) -> None:
        """Model files hover over the page."""
        restyle(self._drop, "inviting", inviting)

    def retranslate(self) -> None:
        """All texts in the present language."""
        self._heading.setText(tr("Models"))
        self.list.setAccessibleName(tr("Models"))
        self.rate_button.setText(tr("Rate…"))
        self.rate_button.setToolTip(tr("Let people rate models without knowing which is which"))
        self.add_button.setText(tr("Add…"))
        self._drop_text.setText(tr("Drop model files here\n(.safetensors, .pth, .onnx)"))
        name = self._wanted
        self.models.retranslate()
        if self.models.models:
            self.choose(name)

    @Slot(QModelIndex)
    def _show(self, current: QModelIndex) -> None:
        model = self.models.facts_at(current.row())
        if model is not None:
            self._wanted = model.choice.name
            self.chosen_changed.emit()

    def _make_list(self) -> None:
        self.list = QListView()
        self.list.setObjectName("modelList")
        self.list.setModel(self.models)
        self.list.setItemDelegate(self._delegate)
        self.list.setMouseTracking(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.viewport().setAutoFillBackground(False)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _lay_out(self) -> None:
        self._heading = QLabel()
        self._heading.setProperty("heading", True)
        self.add_button, self.rate_button = QPushButton(), QPushButton()
        top = QHBoxLayout()
        top.setContentsMargins(2 * SPACE, SPACE, SPACE, SPACE)
        top.setSpacing(SPACE)
        top.addWidget(self._heading, 1)
        top.addWidget(self.rate_button)
        top.addWidget(self.add_button)
        self._drop = QFrame()
        self._drop.setObjectName("dropFrame")
        self._drop_text = quiet_label()
        self._drop_text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside = QVBoxLayout(self._drop)
        inside.setContentsMargins(SPACE, 2 * SPACE, SPACE, 2 * SPACE)
        inside.addWidget(self._drop_text)
        around = QVBoxLayout()
        around.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        around.addWidget(self._drop)
        self.setFixedWidth(WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        # who comes to the page means the models, not the first button
        QWidget.setTabOrder(self.list, self.rate_button)
        QWidget.setTabOrder(self.rate_button, self.add_button)
        column.addLayout(around)
