"""The kinds of models: grouped, folded, and found by a word."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication

from srgan_desktop.gui.training.form.plan import Recipe
from srgan_desktop.gui.training.form.recipe_choice import (
    FOR_DETAIL,
    FOR_PHOTOS,
    UNFOLD,
    RecipeChoice,
)
from trainer.config.presets import preset_names


def recipe(name: str) -> Recipe:
    return Recipe(name, f"The {name}", "", "", "pixel", 4, 10, None, False, {})


@pytest.fixture
def box(qapp: QApplication) -> RecipeChoice:
    made = RecipeChoice()
    made.set_recipes([recipe(name) for name in ("tiny", "srgan-x4", "photo-x4", "digits")])
    made.show_recipe("photo-x4")
    return made


def listed(box: RecipeChoice) -> list[str]:
    return [box.itemText(row) for row in range(box.count())]


def test_what_is_grouped_is_there() -> None:
    assert {*FOR_PHOTOS, *FOR_DETAIL} <= set(preset_names())


def test_groups_and_the_fold(box: RecipeChoice) -> None:
    assert listed(box) == [
        "For your photos",
        "The photo-x4",
        "For more detail",
        "The srgan-x4",
        "Papers and experiments (2)…",
    ]
    told = QSignalSpy(box.chosen)
    box.activated.emit(box.findData(UNFOLD))
    assert listed(box)[4:] == ["Papers and experiments", "The tiny", "The digits"]
    assert (box.name, box.currentText(), told.count()) == ("photo-x4", "The photo-x4", 0)
    box.activated.emit(box.findData("digits"))
    assert (box.name, told.count()) == ("digits", 1)


def test_a_word_finds_what_is_folded(box: RecipeChoice) -> None:
    box.show()
    box.lineEdit().selectAll()
    QTest.keyClicks(box.lineEdit(), "IGIT")
    completer = box.lineEdit().completer()
    assert completer.completionCount() == 1
    completer.activated.emit(completer.currentCompletion())
    assert (box.name, box.currentText()) == ("digits", "The digits")


def test_a_word_that_finds_nothing_gives_way(box: RecipeChoice) -> None:
    box.show()
    box.lineEdit().selectAll()
    QTest.keyClicks(box.lineEdit(), "xyz")
    QTest.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    assert (box.name, box.currentText()) == ("photo-x4", "The photo-x4")
