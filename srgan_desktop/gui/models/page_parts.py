"""What the Models page is made of: its pieces, where they stand, its actions and their texts."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
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
from srgan_desktop.gui.common.message_bar import MessageBar
from srgan_desktop.gui.common.page import Page
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.models.delegate import ModelDelegate
from srgan_desktop.gui.models.details import Details
from srgan_desktop.gui.models.list_model import ModelList

LIST_WIDTH = 320


class ModelsParts(Page):
    """The pieces, put in their places but not yet connected."""

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
        self.models = ModelList()
        self.details = Details(services.theme)
        self.messages = MessageBar(services.theme)
        self._wanted = services.settings.text("upscale/model")
        self._make_list()
        self._make_actions()
        self._lay_out()

    def title(self) -> str:
        """For the switcher."""
        return tr("Models")

    def file_actions(self) -> list[QAction]:
        """Adding and what can be done with the chosen one."""
        return [self.add_action, self.export_action, self.show_action, self.rate_action]

    def edit_actions(self) -> list[QAction]:
        """Names and the end."""
        return [self.rename_action, self.remove_action]

    def retranslate_parts(self) -> None:
        """Their texts in the present language."""
        for action, text in (
            (self.add_action, tr("Add models…")),
            (self.rename_action, tr("Rename…")),
            (self.export_action, tr("Export…")),
            (self.show_action, tr("Show file")),
            (self.remove_action, tr("Remove…")),
            (self.rate_action, tr("Blind rating…")),
        ):
            action.setText(text)
        self.rate_button.setText(tr("Rate…"))
        self.rate_button.setToolTip(tr("Let people rate models without knowing which is which"))
        self.add_button.setText(tr("Add…"))
        self._drop_text.setText(
            tr("Drop model files here: .safetensors, .pth or .onnx, of this or other programs")
        )
        self._heading.setText(tr("Models"))
        self.list.setAccessibleName(tr("Models"))
        self.details.retranslate()
        self.messages.retranslate()

    def _invite(self, inviting: bool) -> None:
        self._drop.setProperty("inviting", inviting)
        self._drop.style().unpolish(self._drop)
        self._drop.style().polish(self._drop)

    def _make_list(self) -> None:
        self.list = QListView()
        self.list.setObjectName("modelList")
        self.list.setModel(self.models)
        self.list.setItemDelegate(ModelDelegate(self.services.theme))
        self.list.setMouseTracking(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.viewport().setAutoFillBackground(False)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _make_actions(self) -> None:
        self.add_action, self.rename_action, self.export_action, self.show_action = (
            QAction(self) for _ in range(4)
        )
        self.remove_action, self.rate_action = QAction(self), QAction(self)
        keys = {
            self.add_action: "Ctrl+O",
            self.rename_action: "F2",
            self.remove_action: "Del",
        }
        for action, text in keys.items():
            action.setShortcut(QKeySequence(text))
            # others have the same keys for their own lists
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.addAction(action)

    def _lay_out(self) -> None:
        self._heading = QLabel()
        self._heading.setProperty("heading", True)
        self.add_button, self.rate_button = QPushButton(), QPushButton()
        top = QHBoxLayout()
        top.setContentsMargins(2 * SPACE, SPACE, SPACE, SPACE)
        top.addWidget(self._heading, 1)
        top.setSpacing(SPACE)
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
        side = QWidget()
        side.setFixedWidth(LIST_WIDTH)
        left = QVBoxLayout(side)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addLayout(top)
        left.addWidget(self.list, 1)
        left.addLayout(around)
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
        whole.addWidget(side)
        whole.addWidget(panel, 1)
