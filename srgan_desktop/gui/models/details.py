"""The chosen model's card: what it says of itself, what it scores, what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.console import bytes_text, seconds_text
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import heading, quiet_label
from srgan_desktop.gui.common.icons import icon
from srgan_desktop.gui.common.model_facts import ModelFacts
from srgan_desktop.gui.common.sample_view import SampleView
from srgan_desktop.gui.common.scroll_area import scroll_area
from srgan_desktop.gui.common.theme import SPACE, Theme
from srgan_desktop.gui.models.list_model import count_text

SAMPLE_HEIGHT = 180
MEASURES = (
    ("psnr_y", "PSNR-Y", "{:.2f} dB"),
    ("ssim_y", "SSIM-Y", "{:.4f}"),
    ("lpips", "LPIPS", "{:.4f}"),
)


class Details(QWidget):
    """Knows nothing of files; says which button was pressed."""

    use_wanted = Signal()
    compare_wanted = Signal()
    rename_wanted = Signal()
    export_wanted = Signal()
    show_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._model: ModelFacts | None = None
        self.title = QLabel()
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        self.title.setFont(font)
        self.description, self.problem = quiet_label(), QLabel()
        self.problem.setProperty("wrong", True)
        for label in (self.title, self.description, self.problem):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sample = SampleView(theme)
        self.sample.setFixedHeight(SAMPLE_HEIGHT)
        self.sample.setMaximumWidth(SAMPLE_HEIGHT * 8 // 3)
        self._facts, self._scores, self._training = QWidget(), QWidget(), QWidget()
        self._facts_grid, self._scores_grid, self._training_grid = (
            _grid(place) for place in (self._facts, self._scores, self._training)
        )
        self._scores_heading, self._training_heading = heading(), heading()
        self._make_buttons()
        self._lay_out()
        theme.changed.connect(self.recolour)
        self.recolour()
        self.retranslate()

    def show_model(self, model: ModelFacts | None) -> None:
        """This one from now on; its sample follows."""
        self._model = model
        self.sample.show_image(QImage() if model is not None and model.usable else None)
        self.retranslate()

    def show_sample(self, image: QImage) -> None:
        """What the chosen model makes of the sample photo."""
        self.sample.show_image(image)

    def retranslate(self) -> None:
        """All texts in the present language."""
        for button, text, tip in (
            (self.use, tr("Use this model"), tr("Choose this model on the Upscale page")),
            (self.compare, tr("Compare…"), tr("See several models on one picture")),
            (self.rename, tr("Rename…"), ""),
            (self.export, tr("Export…"), tr("A copy of the file, or ONNX for other programs")),
            (self.show_file, tr("Show file"), tr("Open the folder of the file")),
            (self.remove, tr("Remove…"), ""),
        ):
            button.setText(text)
            button.setToolTip(tip)
        for action, button in zip(self._menu.actions(), self._others, strict=True):
            action.setText(button.text())
        self.more.setToolTip(tr("More"))
        self.more.setAccessibleName(tr("More"))
        self._fit_buttons()
        self._scores_heading.setText(tr("Scores"))
        self._training_heading.setText(tr("Training"))
        self._fill()

    def _fill(self) -> None:
        model = self._model
        usable = model is not None and model.usable
        own = model is not None and not model.shipped
        for button in (self.use, self.compare, self.export):
            button.setEnabled(usable)
        self.show_file.setEnabled(model is not None)
        self.rename.setEnabled(own)
        self.remove.setEnabled(own)
        for action, button in zip(self._menu.actions(), self._others, strict=True):
            action.setEnabled(button.isEnabled())
        if model is None:
            self.title.setText(tr("No model chosen"))
            parts = (self.description, self.problem, self._facts, self._scores, self._training)
            for widget in (*parts, self._scores_heading, self._training_heading):
                widget.hide()
            return
        choice = model.choice
        self.title.setText(tr(choice.title))
        self.sample.set_model(tr(choice.title))
        self.description.setText(tr(choice.description))
        self.description.setVisible(bool(choice.description))
        self.problem.setText(tr("It cannot be used: {reason}", reason=choice.problem))
        self.problem.setVisible(bool(choice.problem))
        self._facts.show()
        _fill_rows(self._facts_grid, _fact_rows(model))
        scores = _score_rows(model.scores)
        _fill_table(self._scores_grid, scores)
        training = _training_rows(model.training)
        _fill_rows(self._training_grid, training)
        for widget in (self._scores, self._scores_heading):
            widget.setVisible(len(scores) > 1)
        for widget in (self._training, self._training_heading):
            widget.setVisible(bool(training))

    def _make_buttons(self) -> None:
        self.use, self.compare, self.rename, self.export, self.show_file, self.remove = (
            QPushButton() for _ in range(6)
        )
        self.use.setProperty("primary", True)
        for button, signal in (
            (self.use, self.use_wanted),
            (self.compare, self.compare_wanted),
            (self.rename, self.rename_wanted),
            (self.export, self.export_wanted),
            (self.show_file, self.show_wanted),
            (self.remove, self.remove_wanted),
        ):
            button.clicked.connect(signal)
        # what has no room beside the first two is found in a menu
        self._others = (self.rename, self.export, self.show_file, self.remove)
        self.more = QToolButton()
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setProperty("menuOnly", True)
        self._menu = QMenu(self.more)
        for button in self._others:
            self._menu.addAction("").triggered.connect(button.click)
        self.more.setMenu(self._menu)
        self.more.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Four buttons, or a menu where they have no room."""
        self._fit_buttons()

    def _fit_buttons(self) -> None:
        shown = (self.use, self.compare, *self._others)
        wanted = sum(button.sizeHint().width() + SPACE for button in shown) + 5 * SPACE
        narrow = wanted > self.width()
        for button in self._others:
            button.setVisible(not narrow)
        self.more.setVisible(narrow)

    @Slot()
    def recolour(self) -> None:
        """The icon in the theme's colours."""
        self.more.setIcon(icon("more", self.palette()))

    def _lay_out(self) -> None:
        body = QWidget()
        body.setObjectName("panelBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(3 * SPACE, 3 * SPACE, 3 * SPACE, 2 * SPACE)
        column.setSpacing(SPACE)
        for widget in (
            self.title,
            self.description,
            self.problem,
            self.sample,
            self._facts,
            self._scores_heading,
            self._scores,
            self._training_heading,
            self._training,
        ):
            column.addWidget(widget)
        column.addStretch(1)
        area = scroll_area(body, focusable=True)
        foot = QFrame()
        foot.setObjectName("bottomBar")
        row = QHBoxLayout(foot)
        row.setContentsMargins(3 * SPACE, SPACE, 2 * SPACE, SPACE)
        row.setSpacing(SPACE)
        for button in (self.use, self.compare):
            row.addWidget(button)
        row.addStretch(1)
        for button in self._others:
            row.addWidget(button)
        row.addWidget(self.more)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(area, 1)
        whole.addWidget(foot)


def _grid(place: QWidget) -> QGridLayout:
    grid = QGridLayout(place)
    grid.setContentsMargins(0, 0, 0, SPACE)
    grid.setHorizontalSpacing(3 * SPACE)
    grid.setVerticalSpacing(SPACE // 2)
    return grid


def _clear(grid: QGridLayout) -> None:
    while (item := grid.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def _fill_rows(grid: QGridLayout, rows: list[tuple[str, str]]) -> None:
    """Names at the left, values beside them."""
    _clear(grid)
    for number, (name, value) in enumerate(rows):
        label = quiet_label(name, wrap=False)
        grid.addWidget(label, number, 0, Qt.AlignmentFlag.AlignTop)
        text = _value_label(value)
        text.setAccessibleName(f"{name}: {value}")
        grid.addWidget(text, number, 1)
    grid.setColumnStretch(1, 1)


def _fill_table(grid: QGridLayout, rows: list[list[str]]) -> None:
    """The first row is the head; figures stand at the right."""
    _clear(grid)
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            label = quiet_label(text, wrap=False) if 0 in (number, column) else _value_label(text)
            label.setWordWrap(False)
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            grid.addWidget(label, number, column, side)
    grid.setColumnStretch(len(rows[0]) if rows else 0, 1)


def _value_label(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _fact_rows(model: ModelFacts) -> list[tuple[str, str]]:
    choice = model.choice
    rows = [
        (tr("Name"), choice.name),
        (tr("Enlarges"), tr("{n} times", n=choice.scale) if choice.scale else ""),
        (tr("Architecture"), model.architecture),
        (tr("Parameters"), count_text(model.parameters)),
        (tr("Blends with"), model.partner),
        (tr("Author"), model.author),
        (
            tr("Licence"),
            _plain(tr(model.licence) if model.licence else "")
            or (tr("not given") if model.usable else ""),
        ),
        (tr("File"), f"{choice.path.name} ({bytes_text(model.file_bytes)})"),
    ]
    return [(name, value) for name, value in rows if value]


def _plain(licence: str) -> str:
    """Without the pointer to another field of the model's card."""
    return licence.removesuffix("(see data)").rstrip(" ,;")


def _score_rows(scores: Mapping[str, Any]) -> list[list[str]]:
    """A head, then a row for each test set; only the head where nothing is known."""
    tables = {name: notice for name, notice in scores.items() if isinstance(notice, Mapping)}
    used = [
        measure
        for measure in MEASURES
        if any(isinstance(notice.get(measure[0]), int | float) for notice in tables.values())
    ]
    if not used:
        return [[]]
    rows = [[tr("Test set"), *(title for _, title, _ in used)]]
    for name, notice in tables.items():
        values = (notice.get(key) for key, _, _ in used)
        rows.append(
            [
                name,
                *(
                    form.format(value) if isinstance(value, int | float) else "–"
                    for value, (_, _, form) in zip(values, used, strict=True)
                ),
            ]
        )
    return rows


def _training_rows(training: Mapping[str, Any]) -> list[tuple[str, str]]:
    notice = {key: training.get(key) for key in ("preset", "steps", "seconds", "data")}
    seconds, steps = notice["seconds"], notice["steps"]
    rows = [
        (tr("Preset"), str(notice["preset"] or "")),
        (tr("Steps"), f"{steps:,}" if isinstance(steps, int) else ""),
        (tr("Took"), seconds_text(seconds) if isinstance(seconds, int | float) else ""),
        (tr("Photos"), str(notice["data"] or "")),
    ]
    return [(name, value) for name, value in rows if value]
