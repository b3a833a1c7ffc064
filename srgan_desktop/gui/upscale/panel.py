"""The few controls at the right: model, size, what it costs, saving."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.detail_control import DetailControl
from srgan_desktop.gui.common.dialogs import heading, quiet_label
from srgan_desktop.gui.common.estimate_text import rough_size, rough_time
from srgan_desktop.gui.common.icons import icon
from srgan_desktop.gui.common.requests import Cost, PictureJudged
from srgan_desktop.gui.common.sample_view import SampleView
from srgan_desktop.gui.common.scroll_area import scroll_area
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.size_advice import SizeAdvice
from srgan_desktop.gui.common.size_control import SizeControl
from srgan_desktop.gui.common.strength_control import (
    BLUR,
    COMPRESSION,
    NOISE,
    make_controls,
)
from srgan_desktop.gui.common.theme import SPACE, restyle
from srgan_desktop.gui.upscale.advanced import Advanced
from srgan_desktop.gui.upscale.drag_handle import DragHandle
from srgan_desktop.gui.upscale.request_model import RequestModel

WIDTH = 288
COST_LINES = 2
ROOM_FOR_SAMPLE = 39  # lines of text: with fewer it would push the size out of sight


class ControlPanel(QFrame):
    """Shows a ``RequestModel`` and writes to it; knows nothing of how it is done."""

    start_wanted = Signal()
    save_wanted = Signal()
    save_as_wanted = Signal()
    copy_wanted = Signal()

    def __init__(
        self, services: Services, requests: RequestModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setFixedWidth(WIDTH)
        self._settings, self._theme = services.settings, services.theme
        self._requests = requests
        self._cost: Cost | None = None
        self._make_controls()
        self._lay_out()
        services.theme.changed.connect(self.recolour)
        requests.models_changed.connect(self._offer_models)
        requests.changed.connect(self._follow)
        self.model.activated.connect(self._choose_model)
        self.detail.moved.connect(requests.adjusting)
        self.detail.changed.connect(self._choose_detail)
        for control in self.strengths.values():
            control.moved.connect(requests.adjusting)
            control.changed.connect(requests.choose_strength)
        self.size_control.changed.connect(self._choose_size)
        self.advice.taken.connect(self._take_advice)
        self.advanced.changed.connect(requests.changed)
        self.advanced.before_chosen.connect(requests.choose_before)
        self.start.clicked.connect(self.start_wanted)
        self.save.clicked.connect(self.save_wanted)
        self.save_as.clicked.connect(self.save_as_wanted)
        self.copy.clicked.connect(self.copy_wanted)
        self.retranslate()
        self.recolour()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """A low window leaves the sample out."""
        super().resizeEvent(event)
        self.sample.set_room(self.height() >= ROOM_FOR_SAMPLE * self.fontMetrics().lineSpacing())

    def show_source(self) -> None:
        """Another picture is enlarged."""
        self.size_control.set_source(self._requests.source)
        self._advise()

    @Slot(object)
    def show_cost(self, cost: Cost | None) -> None:
        """What it will take, beside the size; None while that is not known."""
        self._cost = cost
        awaited = self._requests.request is not None and self._requests.result_size() is not None
        waiting = tr("Estimating…") if awaited else ""
        self.cost.setText(waiting if cost is None else _cost_text(cost))
        restyle(self.cost, "wrong", bool(cost and cost.problem))
        self.cost.setVisible(self._requests.source is not None)

    @Slot(object)
    def show_judged(self, judged: PictureJudged | None) -> None:
        """What the model finds in the picture: sliders that are not moved stand there."""
        found = {} if judged is None else judged.found.percent()
        for kind, control in self.strengths.items():
            control.show_found(found.get(kind))

    def show_state(self, *, can_start: bool, can_save: bool) -> None:
        """Which buttons make sense now."""
        self.start.setEnabled(can_start)
        for button in (self.save, self.save_as, self.copy, self.drag):
            button.setEnabled(can_save)

    def retranslate(self) -> None:
        """All texts in the present language."""
        self._model_heading.setText(tr("Model"))
        self._size_heading.setText(tr("Size"))
        self.model.setAccessibleName(tr("Model"))
        self.own_size.setText(tr("Restores the photo at its own size"))
        self._offer_models()
        self.sample.retranslate()
        self.detail.retranslate()
        for control in self.strengths.values():
            control.retranslate()
        self.size_control.retranslate()
        self.advanced.retranslate()
        self.show_cost(self._cost)
        for button, text, tip, keys in (
            (self.start, tr("Start"), tr("Enlarge the picture"), "Ctrl+Return"),
            (self.save, tr("Save"), tr("Save beside the original"), "Ctrl+S"),
            (self.save_as, tr("Save as…"), tr("Choose name, format and quality"), "Ctrl+Shift+S"),
        ):
            button.setText(text)
            native = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            button.setToolTip(f"{tip} ({native})")
        copy_keys = QKeySequence("Ctrl+C").toString(QKeySequence.SequenceFormat.NativeText)
        self.copy.setAccessibleName(tr("Copy the result"))
        self.copy.setToolTip(f"{self.copy.accessibleName()} ({copy_keys})")
        self.drag.setToolTip(tr("Drag the result from here into a folder or another program"))
        self.drag.setAccessibleName(tr("Drag the result out"))

    @Slot()
    def recolour(self) -> None:
        """Icons in the theme's colours."""
        self.copy.setIcon(icon("copy", self.palette()))
        self.drag.setIcon(icon("drag", self.palette()))
        self.advanced.recolour()

    # inside

    @Slot()
    def _offer_models(self) -> None:
        models, chosen = self._requests.models, self._requests.model
        self.model.clear()
        for model in models:
            title = tr(model.title)
            text = title if not model.problem else tr("{name} (damaged)", name=title)
            self.model.addItem(text, model.name)
        self.model.setCurrentIndex(-1 if chosen is None else self.model.findData(chosen.name))
        self.model.setEnabled(bool(models))
        if not models:
            listed = self._requests.listed
            self.model.setPlaceholderText(
                tr("No model yet") if listed else tr("Looking for models…")
            )
        self._describe_model()

    @Slot()
    def _follow(self) -> None:
        """Show what is asked for, whoever chose it."""
        self.detail.show_detail(self._requests.detail)
        for kind, control in self.strengths.items():
            control.show_chosen(getattr(self._requests.chosen_strengths, kind))
        if self.size_control.size_wanted != self._requests.size:
            self.size_control.show_size(self._requests.size)
        self._describe_model()

    @Slot()
    def _describe_model(self) -> None:
        model = self._requests.model
        if model is not None:
            self.model.setCurrentIndex(self.model.findData(model.name))
            text = model.problem or (tr(model.description) if model.description else "")
            made_for = tr("Enlarges {n} times in one pass", n=model.scale)
            text = text or (made_for if model.scale > 1 else self.own_size.text())
        elif self._requests.listed:
            text = tr(
                "Put a model file into {folder}, or train one: srgan-desktop train --help",
                folder=places.models(),
            )
        else:
            text = ""
        self.description.setText(text)
        self.description.setVisible(bool(text))
        own_size = model is not None and model.scale == 1
        self.size_control.setVisible(not own_size)
        self.own_size.setVisible(own_size)
        self.advanced.offer_before(self._requests.restorers, self._requests.before, own_size)
        self.sample.set_model("" if model is None else tr(model.title))
        self.detail.setVisible(model is not None and model.has_partner)
        for control in self.strengths.values():
            control.setVisible(model is not None and model.adapts)
        self._advise()

    def _advise(self) -> None:
        factor = self.size_control.factor_wanted
        if self._requests.model is not None and self._requests.model.scale == 1:
            factor = None
        self.advice.show_for(factor, self._requests.model, self._requests.models)

    @Slot(str)
    def _take_advice(self, name: str) -> None:
        self._requests.choose_model(name)
        self.model.setFocus()  # the button that was pressed is gone

    @Slot()
    def _choose_model(self) -> None:
        self._requests.choose_model(str(self.model.currentData()))

    @Slot()
    def _choose_detail(self) -> None:
        self._requests.choose_detail(float(self.detail.slider.value()))

    @Slot()
    def _choose_size(self) -> None:
        self._requests.choose_size(self.size_control.size_wanted)

    def _make_controls(self) -> None:
        self._model_heading, self._size_heading = heading(), heading()
        self.model = QComboBox()
        self.model.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.description = quiet_label()
        self.sample = SampleView(self._theme)
        self.detail = DetailControl(self._requests.detail)
        self.strengths = make_controls()
        self.size_control = SizeControl(self._requests.size)
        self.cost, self.advice, self.own_size = quiet_label(), SizeAdvice(), quiet_label()
        # as high as an estimate is, so that nothing jumps as estimates come and go
        self.cost.setMinimumHeight(COST_LINES * self.cost.fontMetrics().lineSpacing())
        self.cost.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.advanced = Advanced(self._settings, self.strengths[COMPRESSION])
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
            (
                self._model_heading,
                self.model,
                self.description,
                self.sample,
                self.detail,
                self.strengths[NOISE],
                self.strengths[BLUR],
            ),
            (self._size_heading, self.size_control, self.own_size, self.cost, self.advice),
            (self.advanced,),
        )
        for group in groups:
            for widget in group:
                column.addWidget(widget)
            column.addSpacing(SPACE)
        column.addStretch(1)
        area = scroll_area(body)
        foot = QVBoxLayout()
        foot.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, 2 * SPACE)
        foot.setSpacing(SPACE)
        # side by side: a low window has more room for what is chosen
        main = QHBoxLayout()
        main.setSpacing(SPACE)
        main.addWidget(self.start, 1)
        main.addWidget(self.save, 1)
        foot.addLayout(main)
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


def _cost_text(cost: Cost) -> str:
    if cost.problem:
        return cost.problem
    parts = [tr("about {time}", time=rough_time(cost.seconds))] if cost.seconds else []
    parts.append(tr("{size} of memory", size=rough_size(cost.memory_bytes)))
    parts.append(tr("a file of about {size}", size=rough_size(cost.file_bytes)))
    return tr(", ").join(parts)
