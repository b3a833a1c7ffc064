"""Fonts: the system's own first, and letters even where there is none."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFont, QFontDatabase, QRawFont
from PySide6.QtWidgets import QApplication

from srgan_desktop.gui.shell import app


def test_the_systems_font_stays_first(qapp: QApplication) -> None:
    assert app.font_with_fallbacks(QFont("Somebody's font")).families()[0] == "Somebody's font"


def test_a_system_without_fonts_gets_the_carried_one(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFontDatabase, "families", lambda *arguments: [])
    families = app.font_with_fallbacks(QFont("none")).families()
    assert families == ["Aileron"]
    monkeypatch.undo()
    raw = QRawFont.fromFont(QFont("Aileron"))
    assert raw.familyName() == "Aileron"
    assert all(raw.supportsCharacter(letter) for letter in "Save 4x")
