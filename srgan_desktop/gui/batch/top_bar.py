"""Above the table: adding, which rows are shown, and what can be done with many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.batch.rows import Filter
from srgan_desktop.gui.common.icons import icon
from srgan_desktop.gui.common.theme import SPACE

ORDER = tuple(Filter)


class TopBar(QFrame):
    """Buttons only; the page knows what they mean."""

    filter_chosen = Signal(object)

    def __init__(
        self,
        add: Sequence[QAction],
        more: Sequence[QAction | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("batchBar")
        self.add = QPushButton()
        self.add.setMenu(_menu(self, add))
        self.more = QToolButton()
        self.more.setIconSize(QSize(20, 20))
        self.more.setProperty("menuOnly", True)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.setMenu(_menu(self, more))
        self._counts: Mapping[str, int] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, SPACE, SPACE, SPACE)
        row.setSpacing(SPACE)
        row.addWidget(self.add)
        row.addStretch(1)
        segments = QHBoxLayout()
        segments.setSpacing(SPACE // 2)
        for number in range(len(ORDER)):
            button = QToolButton()
            button.setCheckable(True)
            button.setProperty("segment", True)
            self._group.addButton(button, number)
            segments.addWidget(button)
        row.addLayout(segments)
        row.addWidget(self.more)
        self._group.button(0).setChecked(True)
        self._group.idClicked.connect(self._choose)
        self.retranslate()
        self.recolour()

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """How many there are of each."""
        self._counts = counts
        for number, which in enumerate(ORDER):
            n = which.how_many(counts)
            button = self._group.button(number)
            button.setText(
                f"{filter_text(which)} {n}" if n or which is Filter.ALL else filter_text(which)
            )
            button.setAccessibleName(tr("Show {which}: {n}", which=filter_text(which), n=n))
            chosen = button.isChecked()
            button.setEnabled(bool(n) or chosen or which is Filter.ALL)
            # Tab comes to the chosen one; the arrow keys choose another
            policy = Qt.FocusPolicy.StrongFocus if chosen else Qt.FocusPolicy.ClickFocus
            button.setFocusPolicy(policy)

    @property
    def chosen(self) -> Filter:
        """What is shown now."""
        return ORDER[self._group.checkedId()]

    def choose(self, which: Filter) -> None:
        """As if its button was pressed."""
        self._group.button(ORDER.index(which)).click()

    def retranslate(self) -> None:
        """All texts in the present language."""
        self.add.setText(tr("&Add"))
        self.more.setToolTip(tr("More actions"))
        self.more.setAccessibleName(self.more.toolTip())
        self.show_counts(self._counts)

    def recolour(self) -> None:
        """Icons in the theme's colours."""
        self.more.setIcon(icon("more", self.palette()))

    @Slot(int)
    def _choose(self, number: int) -> None:
        self.show_counts(self._counts)
        self.filter_chosen.emit(ORDER[number])


def filter_text(which: Filter) -> str:
    """For its button."""
    return {
        Filter.ALL: tr("All"),
        Filter.WAITING: tr("Waiting"),
        Filter.DONE: tr("Finished"),
        Filter.FAILED: tr("Failed"),
        Filter.SKIPPED: tr("Skipped"),
    }[which]


def _menu(parent: QWidget, actions: Sequence[QAction | None]) -> QMenu:
    menu = QMenu(parent)
    for action in actions:
        if action is None:
            menu.addSeparator()
        else:
            menu.addAction(action)
    return menu
