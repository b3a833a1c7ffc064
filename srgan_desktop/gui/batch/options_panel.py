"""The job's options at the right: what with, how large, where to; and what happens at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.batch.after_run import EndingControl
from srgan_desktop.gui.batch.output_control import EXAMPLE_SIZE, OutputControl
from srgan_desktop.gui.batch.preset_control import PresetControl
from srgan_desktop.gui.batch.watch_control import WatchControl
from srgan_desktop.gui.common.detail_control import DetailControl
from srgan_desktop.gui.common.dialogs import field_label, heading, quiet_label
from srgan_desktop.gui.common.percent_slider import FULL
from srgan_desktop.gui.common.requests import ModelChoice
from srgan_desktop.gui.common.restorer_box import RestorerBox, restorers
from srgan_desktop.gui.common.scroll_area import scroll_area
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.size_advice import SizeAdvice
from srgan_desktop.gui.common.size_control import SizeControl
from srgan_desktop.gui.common.size_setting import FIRST_SIZE
from srgan_desktop.gui.common.strength_control import BLUR, COMPRESSION, NOISE, make_controls
from srgan_desktop.gui.common.theme import SPACE

if TYPE_CHECKING:
    from srgan_desktop.core.jobs.options import BatchOptions

WIDTH = 304


class OptionsPanel(QFrame):
    """Says what is asked for; knows nothing of how it is done."""

    changed = Signal()
    """Other options than before."""
    start_wanted = Signal()
    same_for_all_wanted = Signal()

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setFixedWidth(WIDTH)
        self._models: list[ModelChoice] = []
        self._listed = False
        self._model_wanted = self._before_wanted = ""
        self._example: Source | None = None
        self._example_size = EXAMPLE_SIZE
        self._make_controls(services)
        self._lay_out()
        services.theme.changed.connect(self.recolour)
        self.model.activated.connect(self._choose_model)
        self.before.chosen.connect(self._choose_before)
        self.detail.changed.connect(self._change)
        for control in self.strengths.values():
            control.changed.connect(self._change)
        self.size_control.changed.connect(self._change)
        self.advice.taken.connect(self._take_advice)
        self.output.changed.connect(self._change)
        self.tta.toggled.connect(self._change)
        self.start.clicked.connect(self.start_wanted)
        self.same_for_all.clicked.connect(self.same_for_all_wanted)
        self.retranslate()

    # what is asked for

    def options(self) -> BatchOptions | None:
        """None while there is no usable model, one is missing, or a field makes no sense."""
        from srgan_desktop.core.jobs.options import BatchOptions

        model = self.model_chosen
        if model is None or model.problem or self._missing or self.output.problem():
            return None
        # a model that restores pictures at their own size has no other
        size = TargetSize("scale", 1) if model.scale == 1 else self.size_control.size_wanted
        return BatchOptions(
            model=model.name,
            detail=self.detail.detail if model.has_partner else None,
            rule=size.rule,
            value=float(size.value),
            unit=size.unit,
            dpi=size.dpi,
            out=self.output.out,
            template=self.output.template,
            format=self.output.format_name,
            quality=self.output.quality_wanted,
            existing=self.output.existing_wanted,  # type: ignore[arg-type]
            strip_metadata=not self.output.metadata.isChecked(),
            tta=self.tta.isChecked(),
            noise=self._chosen_strength(NOISE),
            blur=self._chosen_strength(BLUR),
            compression=self._chosen_strength(COMPRESSION),
            before=(model.scale > 1 and self.before.name) or None,
        )

    def _chosen_strength(self, kind: str) -> float | None:
        model = self.model_chosen
        return self.strengths[kind].chosen if model is not None and model.adapts else None

    @property
    def example(self) -> Source | None:
        """The picture whose result's name is shown; None: a made-up one."""
        return self._example

    @property
    def model_chosen(self) -> ModelChoice | None:
        """The model's line in the catalogue."""
        index = self.model.currentIndex()
        return self._models[index] if 0 <= index < len(self._models) else None

    @property
    def _missing(self) -> str:
        """The name of a model that was chosen and is not there to choose; empty: all are."""
        chosen = self.model_chosen
        if chosen is None:
            return self._model_wanted if self._models else ""
        return self._before_wanted if chosen.scale > 1 and not self.before.name else ""

    # what is shown

    def show_options(self, options: BatchOptions) -> None:
        """Set all controls, telling nobody."""
        self.blockSignals(True)
        self._model_wanted, self._before_wanted = options.model, options.before or ""
        self._offer_models()
        self.detail.slider.setValue(FULL if options.detail is None else round(options.detail))
        for kind, control in self.strengths.items():
            control.show_chosen(getattr(options, kind))
        self.size_control.show_size(options.size or FIRST_SIZE)
        self.output.show_values(
            options.out,
            options.template,
            options.format,
            options.quality,
            options.existing,
            strip_metadata=options.strip_metadata,
        )
        self.tta.setChecked(options.tta)
        self.blockSignals(False)
        self._describe()

    def set_models(self, models: Sequence[ModelChoice]) -> None:
        """The catalogue."""
        self._models, self._listed = list(models), True
        self._offer_models()
        self._describe()

    def rename_model(self, old: str, new: str) -> None:
        """What was chosen stays chosen under the name it has now; tells nobody."""
        self._models = [replace(m, name=new) if m.name == old else m for m in self._models]
        self._model_wanted = new if self._model_wanted == old else self._model_wanted
        self._before_wanted = new if self._before_wanted == old else self._before_wanted
        self._offer_models()
        self._describe()

    def set_example(self, source: Source | None, size: tuple[int, int] | None) -> None:
        """The picture whose result's size and name are shown."""
        self._example, self._example_size = source, size or EXAMPLE_SIZE
        self.size_control.set_source(size)
        self._describe()

    def show_cost(self, text: str, warning: str = "") -> None:
        """What it will take, above the button; and why it may not work."""
        for label, said in ((self.cost, text), (self.warning, warning)):
            label.setText(said)
            label.setVisible(bool(said))

    def show_others(self, count: int) -> None:
        """So many waiting pictures have other options than these."""
        self.others.setText(
            trn(
                "{n} waiting picture has other options.",
                "{n} waiting pictures have other options.",
                count,
            )
        )
        for widget in (self.others, self.same_for_all):
            widget.setVisible(count > 0)

    def show_start(self, text: str, *, enabled: bool) -> None:
        """The button's words."""
        self.start.setText(text)
        self.start.setEnabled(enabled)

    def retranslate(self) -> None:
        """All texts in the present language."""
        self._model_heading.setText(tr("Model"))
        self._size_heading.setText(tr("Size"))
        self._output_heading.setText(tr("Output"))
        self.model.setAccessibleName(tr("Model"))
        self.tta.setText(tr("Higher quality (8 passes, 8× slower)"))
        self.tta.setToolTip(tr("Averages 8 rotations and flips (TTA)"))
        self.same_for_all.setText(tr("Apply to all waiting"))
        self._offer_models()
        for control in self.strengths.values():
            control.retranslate()
        for part in (
            self.presets,
            self.detail,
            self.size_control,
            self.output,
            self.ending,
            self.watch,
        ):
            part.retranslate()
        self._describe()

    @Slot()
    def recolour(self) -> None:
        """Icons in the theme's colours."""
        for part in (self.presets, self.output, self.ending, self.watch):
            part.recolour()

    # inside

    def _offer_models(self) -> None:
        self.model.clear()
        for model in self._models:
            self.model.addItem(tr(model.title) if not model.problem else model.name)
            self.model.setItemData(
                self.model.count() - 1, model.problem or model.name, Qt.ItemDataRole.ToolTipRole
            )
        names = [model.name for model in self._models]
        if names:  # with a placeholder the box chooses none by itself
            # another one instead would be given to all that waits
            wanted = self._model_wanted or names[0]
            self.model.setCurrentIndex(names.index(wanted) if wanted in names else -1)
        self.model.setEnabled(bool(self._models))
        nothing = tr("No model yet") if self._listed else tr("Looking for models…")
        self.model.setPlaceholderText(self._model_wanted if names else nothing)
        chosen = self.model_chosen
        self.detail.setVisible(chosen is not None and chosen.has_partner)
        for control in self.strengths.values():
            control.setVisible(chosen is not None and chosen.adapts)
        offered = restorers(self._models)
        self.before.offer(offered, self._before_wanted)
        self._before_label.setText(self.before.title())
        enlarges = chosen is not None and chosen.scale > 1
        self.before_row.setVisible(enlarges and bool(offered or self._before_wanted))
        self._say_missing()

    def _say_missing(self) -> None:
        self.missing.setVisible(bool(self._missing))
        self.missing.setText(
            tr(
                "The model {name} cannot be used any more. Choose what to use instead.",
                name=self._missing,
            )
        )

    def _describe(self) -> None:
        """The size and the name that come out of it."""
        width, height = self._example_size
        factor = self.size_control.size_wanted.factor(width, height)
        model = self.model_chosen
        self.advice.show_for(self.size_control.factor_wanted, model, self._models)
        self.output.set_example(
            self._example,
            (round(width * factor), round(height * factor)),
            factor,
            model.name if model is not None else "",
        )

    @Slot()
    def _choose_model(self) -> None:
        model = self.model_chosen
        if model is not None:
            self._model_wanted = model.name
        self._offer_models()
        self._change()

    @Slot(str)
    def _choose_before(self, name: str) -> None:
        self._before_wanted = name
        self._change()

    @Slot(str)
    def _take_advice(self, name: str) -> None:
        self._model_wanted = name
        self._offer_models()
        self.model.setFocus()  # the button that was pressed is gone
        self._change()

    @Slot()
    def _change(self) -> None:
        self._describe()
        self.changed.emit()

    def _make_controls(self, services: Services) -> None:
        settings = services.settings
        self.presets = PresetControl()
        self._model_heading, self._size_heading = heading(), heading()
        self._output_heading = heading()
        self.missing = QLabel()
        self.missing.setWordWrap(True)
        self.missing.setProperty("wrong", True)
        self.model = QComboBox()
        self.model.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.before, self._before_label, self.before_row = RestorerBox(), field_label(), QWidget()
        self.detail = DetailControl(FULL)
        self.strengths = make_controls()
        self.size_control = SizeControl(FIRST_SIZE)
        self.advice = SizeAdvice()
        self.tta = QCheckBox()
        self.output = OutputControl()
        self.ending = EndingControl(settings)
        self.watch = WatchControl(settings)
        self.others = quiet_label()
        self.same_for_all = QPushButton()
        self.cost = quiet_label()
        self.warning = QLabel()
        self.warning.setWordWrap(True)
        self.warning.setProperty("wrong", True)
        self.start = QPushButton()
        self.start.setProperty("primary", True)
        self.show_cost("")
        self.show_others(0)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self.before_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._before_label)
        row.addWidget(self.before, 1)
        body = QWidget()
        body.setObjectName("panelBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        column.setSpacing(SPACE)
        groups: tuple[tuple[QWidget, ...], ...] = (
            (self.presets,),
            (
                self._model_heading,
                self.model,
                self.detail,
                *self.strengths.values(),
                self.before_row,
                self.missing,
            ),
            (self._size_heading, self.size_control, self.advice, self.tta),
            (self._output_heading, self.output),
            (self.ending,),
            (self.watch,),
        )
        for group in groups:
            for widget in group:
                column.addWidget(widget)
            column.addSpacing(SPACE // 2)
        column.addStretch(1)
        area = scroll_area(body)
        foot = QVBoxLayout()
        foot.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, 2 * SPACE)
        foot.setSpacing(SPACE)
        for widget in (self.others, self.same_for_all, self.cost, self.warning, self.start):
            foot.addWidget(widget)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(area, 1)
        whole.addLayout(foot)
