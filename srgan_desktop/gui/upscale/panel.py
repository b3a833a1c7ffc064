"""The few controls at the right: model, size, what it costs, saving."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.console import bytes_text, seconds_text
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.common.detail_control import DetailControl
from srgan_desktop.gui.common.dialogs import heading, quiet_label
from srgan_desktop.gui.common.icons import icon
from srgan_desktop.gui.common.requests import Cost, EngineRequest, ModelChoice, UpscaleRequest
from srgan_desktop.gui.common.sample_view import SampleView
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.size_advice import SizeAdvice
from srgan_desktop.gui.common.size_control import SizeControl
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.upscale.advanced import Advanced
from srgan_desktop.gui.upscale.drag_handle import DragHandle

WIDTH = 288


class ControlPanel(QFrame):
    """Says what is wished for; knows nothing of how it is done."""

    request_changed = Signal()
    start_wanted = Signal()
    save_wanted = Signal()
    save_as_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setFixedWidth(WIDTH)
        self._settings, self._theme = services.settings, services.theme
        self._models: list[ModelChoice] = []
        self._listed = False
        self._cost_told: Cost | None = None
        self._make_controls()
        self._lay_out()
        services.theme.changed.connect(self.recolour)
        self.model.activated.connect(self._choose_model)
        self.detail.changed.connect(self._choose_detail)
        self.size_control.changed.connect(self._choose_size)
        self.advice.taken.connect(self._take_advice)
        self.advanced.changed.connect(self.request_changed)
        self.start.clicked.connect(self.start_wanted)
        self.save.clicked.connect(self.save_wanted)
        self.save_as.clicked.connect(self.save_as_wanted)
        self.copy.clicked.connect(self.copy_wanted)
        self.retranslate()
        self.recolour()

    # what is wished for

    def request(self) -> UpscaleRequest | None:
        """How to enlarge; None while there is no model that can be used."""
        model = self.model_chosen
        if model is None or model.problem:
            return None
        settings = self._settings
        engine = EngineRequest(
            model.path,
            settings.text("upscale/device"),
            settings.text("upscale/precision"),
            self.detail.detail if model.has_partner else None,
        )
        tta = settings.flag("upscale/tta")
        return UpscaleRequest(engine, self.size_control.size_wanted, self.advanced.tile_wanted, tta)

    @property
    def model_chosen(self) -> ModelChoice | None:
        """The model's line in the catalogue."""
        index = self.model.currentIndex()
        return self._models[index] if 0 <= index < len(self._models) else None

    # what is shown

    def set_models(self, models: Sequence[ModelChoice]) -> None:
        """The catalogue; the one chosen last is chosen again."""
        self._models, self._listed = list(models), True
        self._offer_models()

    def set_source(self, size: tuple[int, int] | None) -> None:
        """The picture that is enlarged, or none."""
        self.size_control.set_source(size)
        self._advise()
        self.show_cost(None)

    def show_cost(self, cost: Cost | None) -> None:
        """What it will take, beside the size."""
        self._cost_told = cost
        text = ""
        if cost is not None and cost.problem:
            text = cost.problem
        elif cost is not None:
            parts = [tr("about {time}", time=seconds_text(cost.seconds))] if cost.seconds else []
            parts.append(tr("{size} of memory", size=bytes_text(cost.memory_bytes)))
            parts.append(tr("a file of about {size}", size=bytes_text(cost.file_bytes)))
            text = tr(", ").join(parts)
        self.cost.setText(text)
        self.cost.setProperty("wrong", bool(cost and cost.problem))
        self.cost.style().unpolish(self.cost)
        self.cost.style().polish(self.cost)
        self.cost.setVisible(bool(text))

    def show_state(self, *, can_start: bool, can_save: bool) -> None:
        """Which buttons make sense now."""
        self.start.setVisible(can_start)
        for button in (self.save, self.save_as, self.copy, self.drag):
            button.setEnabled(can_save)

    def retranslate(self) -> None:
        """All texts in the present language."""
        self._model_heading.setText(tr("Model"))
        self._size_heading.setText(tr("Size"))
        self.model.setAccessibleName(tr("Model"))
        self._offer_models()
        self.sample.retranslate()
        self.detail.retranslate()
        self.size_control.retranslate()
        self.advanced.retranslate()
        self.show_cost(self._cost_told)
        for button, text, tip, keys in (
            (self.start, tr("Start"), tr("Enlarge the picture"), "Ctrl+Return"),
            (self.save, tr("Save"), tr("Save beside the original"), "Ctrl+S"),
            (self.save_as, tr("Save as…"), tr("Choose name, format and quality"), "Ctrl+Shift+S"),
        ):
            button.setText(text)
            native = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            button.setToolTip(f"{tip} ({native})")
        copy_keys = QKeySequence("Ctrl+C").toString(QKeySequence.SequenceFormat.NativeText)
        self.copy.setToolTip(f"{tr('Copy the result')} ({copy_keys})")
        self.copy.setAccessibleName(tr("Copy the result"))
        self.drag.setToolTip(tr("Drag the result from here into a folder or another program"))
        self.drag.setAccessibleName(tr("Drag the result out"))

    @Slot()
    def recolour(self) -> None:
        """Icons in the theme's colours."""
        self.copy.setIcon(icon("copy", self.palette()))
        self.drag.setIcon(icon("drag", self.palette()))
        self.advanced.recolour()

    # inside

    def _offer_models(self) -> None:
        self.model.clear()
        for model in self._models:
            title = tr(model.title)
            text = title if not model.problem else tr("{name} (damaged)", name=title)
            self.model.addItem(text, model.name)
        wanted = self.model.findData(self._settings.text("upscale/model"))
        self.model.setCurrentIndex(max(0, wanted) if self._models else -1)
        self.model.setEnabled(len(self._models) > 0)
        if not self._models:
            self.model.setPlaceholderText(
                tr("No model yet") if self._listed else tr("Looking for models…")
            )
        self._describe_model()

    def _describe_model(self) -> None:
        model = self.model_chosen
        if model is not None:
            text = model.problem or (tr(model.description) if model.description else "")
            text = text or tr("Enlarges {n} times in one pass", n=model.scale)
        elif self._listed:
            text = tr(
                "Put a model file into {folder}, or train one: srgan-desktop train --help",
                folder=places.models(),
            )
        else:
            text = ""
        self.description.setText(text)
        self.description.setVisible(bool(text))
        self.sample.set_model("" if model is None else tr(model.title))
        self.detail.setVisible(model is not None and model.has_partner)
        self._advise()

    def _advise(self) -> None:
        self.advice.show_for(self.size_control.factor_wanted, self.model_chosen, self._models)

    @Slot(str)
    def _take_advice(self, name: str) -> None:
        self.model.setCurrentIndex(self.model.findData(name))
        self._choose_model()
        self.model.setFocus()  # the button that was pressed is gone

    @Slot()
    def _choose_model(self) -> None:
        model = self.model_chosen
        if model is not None:
            self._settings.set("upscale/model", model.name)
        self._describe_model()
        self.request_changed.emit()

    @Slot()
    def _choose_detail(self) -> None:
        self._settings.set("upscale/detail", float(self.detail.slider.value()))
        self.request_changed.emit()

    @Slot()
    def _choose_size(self) -> None:
        size = self.size_control.size_wanted
        self._settings.set("upscale/size_rule", size.rule)
        self._settings.set("upscale/size_value", float(size.value))
        self._advise()
        self.request_changed.emit()

    def _make_controls(self) -> None:
        self._model_heading, self._size_heading = heading(), heading()
        self.model = QComboBox()
        self.model.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.description = quiet_label()
        self.sample = SampleView(self._theme)
        self.detail = DetailControl(self._settings.number("upscale/detail"))
        rule = self._settings.text("upscale/size_rule")
        value = self._settings.number("upscale/size_value") or 4.0
        self.size_control = SizeControl(TargetSize(rule, value))  # type: ignore[arg-type]
        self.cost, self.advice = quiet_label(), SizeAdvice()
        self.advanced = Advanced(self._settings)
        self.start, self.save, self.save_as = QPushButton(), QPushButton(), QPushButton()
        self.start.setProperty("primary", True)
        self.save.setProperty("primary", True)
        self.copy, self.drag = QToolButton(), DragHandle()

    def _lay_out(self) -> None:
        body = QWidget()
        body.setObjectName("panelBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        column.setSpacing(SPACE)
        groups: tuple[tuple[QWidget, ...], ...] = (
            (self._model_heading, self.model, self.description, self.sample, self.detail),
            (self._size_heading, self.size_control, self.cost, self.advice),
            (self.advanced,),
        )
        for group in groups:
            for widget in group:
                column.addWidget(widget)
            column.addSpacing(SPACE)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        foot = QVBoxLayout()
        foot.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, 2 * SPACE)
        foot.setSpacing(SPACE)
        foot.addWidget(self.start)
        foot.addWidget(self.save)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(self.save_as, 1)
        row.addWidget(self.copy)
        row.addWidget(self.drag)
        foot.addLayout(row)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(area, 1)
        whole.addLayout(foot)
