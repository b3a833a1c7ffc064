"""The window in which models are compared on one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.gui.common import files
from srgan_desktop.gui.common.dialogs import image_filter, quiet_label
from srgan_desktop.gui.common.error_text import explain
from srgan_desktop.gui.common.requests import EngineRequest, ModelChoice, OpenedImage
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.telling_models import telling_models
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.common.worker import TaskSlot
from srgan_desktop.gui.compare import compare_worker as worker
from srgan_desktop.gui.compare.compare_worker import PaneDone, PaneFailed, PaneStarted, PaneTile
from srgan_desktop.gui.compare.pane import Pane
from srgan_desktop.gui.compare.synced import ViewerGroup, follow, number_of
from srgan_desktop.gui.compare.tick_menu import TickMenu
from srgan_desktop.gui.viewer import ViewMode

FIRST_SIZE = (1180, 780)
MOST = 6
FIRST_COUNT = 3
# about what a pane's title takes
HEADING_HEIGHT = 26


def columns_for(count: int, picture: tuple[int, int], place: tuple[int, int]) -> int:
    """In how many columns so many pictures of one size (width, height) are shown largest.

    The fewest, where several are as good.
    """

    def zoom(columns: int) -> float:
        rows = -(-count // columns)
        high = max(1, place[1] / rows - HEADING_HEIGHT)
        return min(place[0] / columns / picture[0], high / picture[1])

    return max(range(1, count + 1), key=zoom)


class CompareDialog(QDialog):
    """Two to six models: all in a grid, or one at a time with the original beside a divider."""

    def __init__(
        self,
        services: Services,
        models: Sequence[ModelChoice],
        chosen: str,
        picture: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._models = [model for model in models if not model.problem]
        self._picture: OpenedImage | None = None
        self._path = picture
        self._opening, self._enlarging = TaskSlot(), TaskSlot()
        self._looking = (0.5, 0.5)
        self._shown_number = 0
        self.panes: list[Pane] = []
        self.group = ViewerGroup()
        self.group.number_pressed.connect(self.show_only)
        self.setWindowTitle(tr("Compare models"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        around = FIRST_SIZE if parent is None else parent.size().toTuple()
        self.resize(*(min(pair) for pair in zip(FIRST_SIZE, around, strict=True)))
        self._make_controls(chosen)
        self._lay_out()
        self.finished.connect(self._end)
        self.open_image(picture)

    @property
    def compared(self) -> list[ModelChoice]:
        """The models that are ticked, in their order."""
        ticked = [action.data() for action in self._ticks if action.isChecked()]
        return [model for model in self._models if model.name in ticked]

    @property
    def complete(self) -> bool:
        """Whether every pane has its result."""
        return bool(self.panes) and all(pane.complete for pane in self.panes)

    # requests

    @Slot()
    def choose_picture(self) -> None:
        """The Open dialog."""
        folder = str(self._path.parent)
        name, _ = QFileDialog.getOpenFileName(self, tr("Open"), folder, image_filter())
        if name:
            self.open_image(Path(name))

    def open_image(self, path: Path) -> None:
        """Compare on this picture."""
        self._path = path
        self.state.setText(tr("Opening…"))
        self._opening.put(
            self._services.file_lane.submit(
                lambda: files.open_file(path), on_done=self._opened, on_failed=self._fail
            )
        )

    @Slot(int)
    def show_only(self, number: int) -> None:
        """One model with the original, 1 to 6; 0 shows all of them."""
        if number > len(self.panes):
            return
        leader = next((pane.viewer for pane in self.panes if pane.isVisible()), None)
        self._shown_number = number
        for pane in self.panes:
            pane.setVisible(number in (0, pane.number))
            pane.viewer.navigation.mode = ViewMode.SINGLE if number == 0 else ViewMode.DIVIDER
            if leader is not None and pane.viewer is not leader:
                follow(pane.viewer.navigation, leader.navigation)
        (self.grid_button if number == 0 else self.single_button).setChecked(True)
        if self.panes:
            self.panes[max(0, number - 1)].viewer.setFocus()

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Digits choose a model; G shows all."""
        number = number_of(event)
        if number is not None:
            self.show_only(number)
        elif event.key() == Qt.Key.Key_G:
            self.show_only(0)
        else:
            super().keyPressEvent(event)

    # inside

    def _opened(self, picture: OpenedImage) -> None:
        self._picture = picture
        self._start()

    @Slot()
    def _start(self) -> None:
        """Lay the panes out anew and begin."""
        models, whole = self.compared, self._picture
        self._enlarging.cancel()
        self._clear_panes()
        self.models_button.setText(trn("{n} model", "{n} models", len(models)))
        if not models:
            self.state.setText(tr("Choose up to six models"))
            return
        if whole is None:
            if self._opening.busy:
                self.state.setText(tr("Opening…"))
            return
        scale = max(model.scale for model in models)
        picture, cut = worker.middle_of(whole, scale, len(models))
        size = (picture.size[0] * scale, picture.size[1] * scale)
        text = f"{whole.path.name}  {size[0]} × {size[1]}"
        self.state.setText(
            tr("{text}, the middle only: all of it would not fit into memory", text=text)
            if cut
            else text
        )
        self._fill_panes(models, picture, size)
        self._looking = (0.5, 0.5)
        settings = self._services.settings
        requests = [
            EngineRequest(
                model.path, settings.text("upscale/device"), settings.text("upscale/precision")
            )
            for model in models
        ]

        def order(x: float, y: float, wide: float, high: float) -> float:
            at = self._looking
            return (x + wide / 2 - at[0] * size[0]) ** 2 + (y + high / 2 - at[1] * size[1]) ** 2

        self._enlarging.put(
            self._services.device_lane.submit(
                lambda: worker.compare(picture, requests, scale, order),
                on_event=self._take,
                on_failed=self._fail,
            )
        )

    def _fill_panes(
        self, models: Sequence[ModelChoice], picture: OpenedImage, size: tuple[int, int]
    ) -> None:
        columns = columns_for(len(models), size, self._place.size().toTuple())
        for number, model in enumerate(models, 1):
            pane = Pane(number, tr(model.title))
            pane.show_before(picture.shown, size)
            pane.viewer.navigation.visible_region_changed.connect(self._look)
            self.panes.append(pane)
            self._grid.addWidget(pane, (number - 1) // columns, (number - 1) % columns)
        self.group.set_viewers([pane.viewer for pane in self.panes])
        number = self._shown_number if self._shown_number <= len(models) else 0
        self.show_only(number)

    def _clear_panes(self) -> None:
        self.group.set_viewers([])
        for pane in self.panes:
            pane.viewer.shutdown()
            self._grid.removeWidget(pane)
            pane.hide()
            pane.deleteLater()
        self.panes = []

    def _take(self, event: Any) -> None:
        match event:
            case PaneStarted():
                self.panes[event.index].begin(event.shown)
            case PaneTile():
                self.panes[event.index].add_tile(event.rect, event.done / event.total)
            case PaneDone():
                self.panes[event.index].finish()
            case PaneFailed():
                self.panes[event.index].fail(event.reason)

    @Slot(QRectF)
    def _look(self, region: QRectF) -> None:
        transform = self.panes[0].viewer.navigation.state.transform if self.panes else None
        if transform is not None and not region.isEmpty():
            width, height = transform.picture
            middle = region.center()
            self._looking = (middle.x() / width, middle.y() / height)

    def _fail(self, error: BaseException) -> None:
        text = explain(error)
        if text is None:
            self._services.faults.report(error)
            text = tr("The pictures cannot be shown.")
        self.state.setText(text)

    @Slot()
    def _end(self) -> None:
        self._opening.cancel()
        self._enlarging.cancel()
        for pane in self.panes:
            pane.viewer.shutdown()

    @Slot()
    def _tick(self) -> None:
        for action in self._ticks:
            action.setEnabled(action.isChecked() or len(self.compared) < MOST)
        self._start()

    @Slot()
    def _show_grid(self) -> None:
        self.show_only(0)

    @Slot()
    def _show_single(self) -> None:
        self.show_only(self._shown_number or 1)

    def _make_controls(self, chosen: str) -> None:
        self.picture_button = QPushButton(tr("Picture…"))
        self.picture_button.clicked.connect(self.choose_picture)
        self.models_button = QToolButton()
        self.models_button.setProperty("segment", True)
        self.models_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.models_button.setAccessibleName(tr("Models"))
        menu = TickMenu(self.models_button)
        self._ticks: list[QAction] = []
        first = telling_models(self._models, chosen)[:FIRST_COUNT]
        for model in self._models:
            action = menu.addAction(tr(model.title))
            action.setCheckable(True)
            action.setData(model.name)
            action.setChecked(model in first)
            action.toggled.connect(self._tick)
            self._ticks.append(action)
        self.models_button.setMenu(menu)
        self.grid_button, self.single_button = QToolButton(), QToolButton()
        self.grid_button.setText(tr("Side by side"))
        self.grid_button.setToolTip(tr("All at once ({key})", key=QKeySequence("G").toString()))
        self.single_button.setText(tr("One at a time"))
        self.single_button.setToolTip(
            tr("One model with the original; the keys 1 to 6 change the model")
        )
        self._modes = QButtonGroup(self)
        for button, slot in (
            (self.grid_button, self._show_grid),
            (self.single_button, self._show_single),
        ):
            button.setCheckable(True)
            button.setProperty("segment", True)
            button.clicked.connect(slot)
            self._modes.addButton(button)
        self.state = quiet_label("", wrap=False)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.close_button = QPushButton(tr("Close"))
        self.close_button.clicked.connect(self.reject)
        self.hint = quiet_label(tr("Hold Space for the original. + − 0 and the wheel zoom all."))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        top.setSpacing(SPACE)
        top.addWidget(self.picture_button)
        top.addWidget(self.models_button)
        top.addWidget(self.state, 1)
        top.addWidget(self.grid_button)
        top.addWidget(self.single_button)
        self._place = QWidget()
        self._grid = QGridLayout(self._place)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        foot = QHBoxLayout()
        foot.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        foot.addWidget(self.hint, 1)
        foot.addWidget(self.close_button)
        for button in (self.picture_button, self.close_button):
            button.setAutoDefault(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(self._place, 1)
        whole.addLayout(foot)
