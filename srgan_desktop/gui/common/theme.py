"""Light and dark: two palettes with one accent, and the few rules on top of the Fusion style.

``line`` parts what lies beside each other; ``edge`` is round what can be typed into or ticked, and
stands out from what is around it by 3:1.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

SPACE = 8
# round these Fusion draws an edge: the colour that it takes for the window's, so much darker
EDGED = (
    "QLineEdit",
    "QComboBox",
    "QAbstractSpinBox",
    "QCheckBox",
    "QRadioButton",
    "QSlider",
)
EDGE_DARKENED_PERCENT = 140


@dataclass(frozen=True)
class Shades:
    """The colours of one theme as hex values."""

    window: str
    base: str
    raised: str
    line: str
    edge: str
    text: str
    quiet: str
    pale: str
    accent: str
    on_accent: str
    warning: str
    warning_back: str
    good_back: str
    info_back: str


LIGHT = Shades(
    window="#f4f5f6",
    base="#ffffff",
    raised="#ffffff",
    line="#d3d7db",
    edge="#727b82",
    text="#1c2125",
    quiet="#5a646d",
    pale="#9aa3ab",
    accent="#17708a",
    on_accent="#ffffff",
    warning="#8a4b00",
    warning_back="#fdf0dc",
    good_back="#e2f2e9",
    info_back="#e3eff3",
)
DARK = Shades(
    window="#1f2326",
    base="#181b1e",
    raised="#2a2f33",
    line="#3d444a",
    edge="#7d8890",
    text="#e7eaec",
    quiet="#a3adb5",
    pale="#6b757d",
    accent="#56b6d0",
    on_accent="#0b1a20",
    warning="#f1c07d",
    warning_back="#3d3222",
    good_back="#20372c",
    info_back="#22343b",
)


class Theme(QObject):
    """Which of the two is shown: the one chosen, or the system's."""

    changed = Signal()

    def __init__(self, app: QApplication, choice: str = "system") -> None:
        super().__init__(app)
        self._app = app
        self._choice = choice
        self._applied: Shades | None = None
        self._follows = True
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self._request()
        self._apply()

    @property
    def dark(self) -> bool:
        """Whether the dark one is shown."""
        if self._choice != "system":
            return self._choice == "dark"
        return self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark

    @property
    def shades(self) -> Shades:
        """The colours shown."""
        return DARK if self.dark else LIGHT

    def choose(self, choice: str) -> None:
        """ "system", "light" or "dark"."""
        self._choice = choice
        self._request()
        self._apply()

    def stop(self) -> None:
        """Follow the platform no more; what is shown stays."""
        if self._follows:
            self._follows = False
            self._app.styleHints().colorSchemeChanged.disconnect(self._follow)

    def _request(self) -> None:
        """Tell the platform too, so that window frames and native dialogs match."""
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        self._app.styleHints().setColorScheme(schemes.get(self._choice, Qt.ColorScheme.Unknown))

    @Slot()
    def _follow(self) -> None:
        self._apply()

    def _apply(self) -> None:
        if self.shades is self._applied:
            return  # the platform's answer to a request of ours
        self._applied = self.shades
        # without a sheet a palette is cheap, and so is a first sheet: a quarter of exchanging it
        self._app.setStyleSheet("")
        self._app.setPalette(palette_of(self.shades))
        for name in EDGED:
            # Qt's typing says bytes, which it refuses
            self._app.setPalette(edged_palette_of(self.shades), name)  # type: ignore[arg-type]
        self._app.setStyleSheet(rules_of(self.shades))
        self.changed.emit()


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Give a widget a property that the style sheet asks for, and have it drawn accordingly."""
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def palette_of(shades: Shades) -> QPalette:
    """A whole palette for the Fusion style."""
    role = QPalette.ColorRole
    palette = QPalette(QColor(shades.raised), QColor(shades.window))
    for which, colour in {
        role.Window: shades.window,
        role.Base: shades.base,
        role.AlternateBase: shades.window,
        role.Button: shades.raised,
        role.Text: shades.text,
        role.WindowText: shades.text,
        role.ButtonText: shades.text,
        role.ToolTipBase: shades.raised,
        role.ToolTipText: shades.text,
        role.PlaceholderText: shades.quiet,
        role.Highlight: shades.accent,
        role.HighlightedText: shades.on_accent,
        role.Link: shades.accent,
        role.LinkVisited: shades.accent,
        role.Accent: shades.accent,
        role.BrightText: shades.text,
        role.Mid: shades.line,
    }.items():
        palette.setColor(which, QColor(colour))
    for which in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(shades.pale))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(shades.line))
    return palette


def edged_palette_of(shades: Shades) -> QPalette:
    """The same for controls that Fusion draws an edge round, with the theme's own there.

    Without it the edge would be darker than the window, which in the dark is next to nothing.
    """
    palette = palette_of(shades)
    palette.setColor(QPalette.ColorRole.Window, QColor(shades.edge).lighter(EDGE_DARKENED_PERCENT))
    off = QColor(shades.line).lighter(EDGE_DARKENED_PERCENT)
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Window, off)
    return palette


def rules_of(s: Shades) -> str:
    """The style sheet: only what the Fusion style has no word for."""
    return f"""
QToolTip {{ color: {s.text}; background: {s.raised}; border: 1px solid {s.line}; padding: 4px; }}
QLabel[quiet="true"] {{ color: {s.quiet}; }}
QLabel[wrong="true"] {{ color: {s.warning}; }}
QLabel[heading="true"] {{ font-weight: 600; }}
QFrame#panel {{ background: {s.window}; border: none; border-left: 1px solid {s.line}; }}
QFrame#bottomBar {{ background: {s.window}; border: none; border-top: 1px solid {s.line}; }}
QFrame#switcher {{ background: {s.window}; border: none; border-right: 1px solid {s.line}; }}
QFrame#messageBar {{ border: none; border-bottom: 1px solid {s.line}; background: {s.info_back}; }}
QFrame#messageBar[kind="warning"] {{ background: {s.warning_back}; }}
QFrame#messageBar[kind="done"] {{ background: {s.good_back}; }}
QFrame#dropFrame {{ border: 2px dashed {s.line}; border-radius: 12px; background: {s.base}; }}
QFrame#dropFrame[inviting="true"] {{ border-color: {s.accent}; background: {s.info_back}; }}
QScrollArea, QScrollArea > QWidget > QWidget#panelBody {{ background: transparent; border: none; }}
QPushButton {{ padding: 6px 12px; border: 1px solid {s.line}; border-radius: 6px;
  background: {s.raised}; color: {s.text}; min-height: 20px; }}
QPushButton:hover {{ border-color: {s.accent}; }}
QPushButton:pressed {{ background: {s.info_back}; }}
QPushButton:focus {{ border: 2px solid {s.accent}; padding: 5px 11px; }}
QPushButton:disabled {{ color: {s.pale}; background: {s.window}; }}
QPushButton[primary="true"] {{ background: {s.accent}; color: {s.on_accent};
  border-color: {s.accent}; font-weight: 600; }}
QPushButton[primary="true"]:hover {{ border-color: {s.text}; }}
QPushButton[primary="true"]:focus {{ border: 2px solid {s.text}; padding: 5px 11px; }}
QPushButton[primary="true"]:disabled {{ background: {s.line}; color: {s.quiet};
  border-color: {s.line}; }}
QToolButton {{ border: 1px solid transparent; border-radius: 6px; padding: 5px; }}
QToolButton:hover {{ border-color: {s.line}; background: {s.raised}; }}
QToolButton:checked {{ background: {s.info_back}; border-color: {s.accent}; }}
QToolButton:focus {{ border: 2px solid {s.accent}; padding: 4px; }}
QToolButton[segment="true"] {{ border: 1px solid {s.line}; background: {s.raised}; padding: 6px; }}
QToolButton[segment="true"]:checked {{ background: {s.accent}; color: {s.on_accent};
  border-color: {s.accent}; font-weight: 600; }}
QToolButton[segment="true"]:focus {{ border: 2px solid {s.text}; padding: 5px; }}
QProgressBar {{ border: none; border-radius: 3px; background: {s.line}; max-height: 6px;
  min-height: 6px; }}
QProgressBar::chunk {{ border-radius: 3px; background: {s.accent}; }}
QProgressBar#line, QProgressBar#line::chunk {{ border-radius: 0; max-height: 3px;
  min-height: 3px; }}
QToolButton#fold, QToolButton#fold:hover, QToolButton#fold:checked {{ background: transparent;
  border-color: transparent; padding: 4px 4px 4px 0; font-weight: 600; }}
QToolButton#fold:focus {{ border: 2px solid {s.accent}; padding: 3px 3px 3px 0; }}
QComboBox, QSpinBox, QDoubleSpinBox, QLineEdit {{ min-height: 24px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QScrollBar {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: 10px; }}
QScrollBar:horizontal {{ height: 10px; }}
QScrollBar::handle {{ background: {s.pale}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::handle:hover {{ background: {s.quiet}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; border: none; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QToolButton[menuOnly="true"]::menu-indicator {{ image: none; }}
QFrame#batchBar {{ background: {s.window}; border: none; }}
QTableView {{ border: none; border-top: 1px solid {s.line}; background: {s.base}; }}
QHeaderView {{ background: {s.window}; border: none; }}
QHeaderView::section {{ background: {s.window}; color: {s.quiet}; border: none;
  border-bottom: 1px solid {s.line}; padding: 0 8px; }}
QListView#strip {{ border: none; border-top: 1px solid {s.line}; background: {s.window}; }}
"""
