"""What few need: where and how exactly the network runs. Folded away at first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.engine.tile_size import LARGEST_TILE, LEAST_TILE
from srgan_desktop.gui.common.dialogs import field_label, quiet_label
from srgan_desktop.gui.common.icons import icon
from srgan_desktop.gui.common.requests import ModelChoice
from srgan_desktop.gui.common.restorer_box import RestorerBox
from srgan_desktop.gui.common.settings import CHOICES, Settings
from srgan_desktop.gui.common.theme import SPACE

TILE_STEP = 32


class Advanced(QWidget):
    """Device, precision, size of tiles, averaging; remembers what is chosen.

    Also holds ``compression``, which few need to set.
    """

    changed = Signal()
    before_chosen = Signal(str)
    """The name of the model that pictures shall go through first; empty: none."""

    def __init__(
        self, settings: Settings, compression: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._devices: list[tuple[str, str]] = []
        self.toggle = QToolButton()
        self.toggle.setObjectName("fold")
        self.toggle.setCheckable(True)
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.setChecked(settings.flag("upscale/advanced"))
        self.toggle.toggled.connect(self._unfold)
        settings.changed.connect(self._follow)
        self.body = QWidget()
        self.device = QComboBox()
        self.precision = QComboBox()
        self.tile = QSpinBox()
        self.tile.setRange(0, LARGEST_TILE)
        self.tile.setSingleStep(TILE_STEP)
        self.tile.setKeyboardTracking(False)
        self.tile.setAcceptDrops(False)
        self.tile.setValue(int(settings.number("upscale/tile")))
        self.tta = QCheckBox()
        self.tta.setChecked(settings.flag("upscale/tta"))
        self._tta_cost = quiet_label()
        self._form = QFormLayout(self.body)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setSpacing(SPACE)
        for widget in (self.device, self.precision, self.tile):
            self._form.addRow(field_label(), widget)
            widget.setSizePolicy(
                widget.sizePolicy().Policy.Expanding, widget.sizePolicy().Policy.Fixed
            )
        self.device.setMinimumContentsLength(10)
        self.device.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.before = RestorerBox()
        self._form.addRow(field_label(), self.before)
        self._form.setRowVisible(self.before, False)
        self.before.chosen.connect(self.before_chosen)
        self._form.addRow(compression)
        self._form.addRow(self.tta)
        self._form.addRow(self._tta_cost)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self.toggle, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.body)
        self.retranslate()
        self.recolour()
        self.body.setVisible(self.toggle.isChecked())
        self.device.activated.connect(self._change)
        self.precision.activated.connect(self._change)
        self.tile.valueChanged.connect(self._change_tile)
        self.tta.toggled.connect(self._change)

    def set_devices(self, devices: Sequence[tuple[str, str]]) -> None:
        """What there is to compute on, as (name, title)."""
        self._devices = list(devices)
        self._offer_devices()

    def offer_before(
        self, models: Sequence[ModelChoice], chosen: ModelChoice | None, own_size: bool
    ) -> None:
        """The models of factor 1 there are; nothing to choose where one is the model itself."""
        self.before.offer(models, "" if chosen is None else chosen.name)
        self._form.setRowVisible(self.before, bool(models) and not own_size)

    def retranslate(self) -> None:
        """All texts in the present language."""
        self.toggle.setText(tr("Advanced"))
        self._offer_devices()
        self.precision.clear()
        for name in CHOICES["upscale/precision"]:
            self.precision.addItem(tr("Automatic") if name == "auto" else name, name)
        self.precision.setCurrentIndex(
            self.precision.findData(self._settings.text("upscale/precision"))
        )
        self.tile.setSpecialValueText(tr("Automatic"))
        self.tile.setToolTip(tr("Tile size in source pixels"))
        self.tta.setText(tr("Higher quality (TTA)"))
        self._tta_cost.setText(tr("Averages 8 rotations and flips; 8× slower"))
        names = {
            self.device: tr("Device"),
            self.precision: tr("Precision"),
            self.tile: tr("Tile"),
            self.before: self.before.title(),
        }
        for widget, text in names.items():
            self._form.labelForField(widget).setText(text)  # type: ignore[attr-defined]
            widget.setAccessibleName(text)

    @Slot()
    def recolour(self) -> None:
        """The arrow in the theme's colour."""
        name = "expanded" if self.toggle.isChecked() else "collapsed"
        self.toggle.setIcon(icon(name, self.palette()))

    def _offer_devices(self) -> None:
        wanted = self._settings.text("upscale/device")
        self.device.clear()
        self.device.addItem(tr("Automatic"), "auto")
        for name, title in self._devices:
            self.device.addItem(f"{name}: {title}", name)
        if self.device.findData(wanted) < 0 and not self._devices:
            # not known yet: what was chosen stays chosen
            self.device.addItem(wanted, wanted)
        self.device.setCurrentIndex(max(0, self.device.findData(wanted)))

    @Slot(str)
    def _follow(self, key: str) -> None:
        """Another device was chosen in the settings."""
        if key == "upscale/device" and self._settings.text(key) != self.device.currentData():
            self._offer_devices()
            self.changed.emit()

    @Slot(bool)
    def _unfold(self, on: bool) -> None:
        self.body.setVisible(on)
        self._settings.set("upscale/advanced", on)
        self.recolour()

    @Slot()
    def _change_tile(self) -> None:
        value = self.tile.value()
        if 0 < value < LEAST_TILE:
            # one step up from "automatic", or down to it
            stepped_up = self._settings.number("upscale/tile") == 0
            self.tile.setValue(LEAST_TILE if stepped_up or value > 1 else 0)
            return
        self._change()

    @Slot()
    def _change(self) -> None:
        self._settings.set("upscale/device", str(self.device.currentData()))
        self._settings.set("upscale/precision", str(self.precision.currentData()))
        self._settings.set("upscale/tile", float(self.tile.value()))
        self._settings.set("upscale/tta", self.tta.isChecked())
        self.changed.emit()
