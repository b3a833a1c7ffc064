"""Blind rating in the window: making a study, rating by keys, several raters, results."""

from __future__ import annotations

import csv
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel

sys.path.insert(0, str(Path(__file__).parents[1] / "models"))
from models_window import opened_window, save_tiny
from waiting import wait_until

from srgan_desktop.core.base.errors import FileError, UsageError
from srgan_desktop.core.engine.engine import open_engine
from srgan_desktop.core.evaluation.rating import RATINGS, Trial, list_studies, opinions
from srgan_desktop.core.upscaling.upscale import enlarge_with
from srgan_desktop.gui.common import model_sample, save_file
from srgan_desktop.gui.common.requests import ModelChoice
from srgan_desktop.gui.rating import preparing
from srgan_desktop.gui.rating.dialog import RatingDialog
from srgan_desktop.gui.rating.preparing import StudyRequest, prepare, studies_folder
from srgan_desktop.gui.rating.setup_view import SetupView
from srgan_desktop.gui.shell.main_window import MainWindow


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed, name in enumerate(("a.png", "b.png")):
        pixels = np.random.default_rng(seed).integers(0, 255, (41, 63, 3), np.uint8)
        Image.fromarray(pixels).save(folder / name)
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    save_tiny(home / "models" / "tiny.safetensors", 4)
    (home / "shipped").mkdir()
    monkeypatch.setattr(model_sample, "sample_path", lambda: home / "no-sample.jpg")
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(home))
    return home


@pytest.fixture
def choice(home: Path) -> ModelChoice:
    return ModelChoice("tiny", "Tiny", "", home / "models" / "tiny.safetensors", 4)


@pytest.fixture
def window(home: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    with opened_window(home, qapp, monkeypatch) as window:
        yield window


@pytest.fixture
def dialog(window: MainWindow, choice: ModelChoice) -> Iterator[RatingDialog]:
    dialog = RatingDialog(window.services, [choice], window)
    dialog.show()
    yield dialog
    dialog.reject()


def made(request: StudyRequest) -> preparing.Study:
    work = prepare(request)
    while True:
        try:
            next(work)
        except StopIteration as stop:
            study: preparing.Study = stop.value
            return study


def test_a_study_holds_what_each_method_makes(photos: Path, choice: ModelChoice) -> None:
    request = StudyRequest(
        (photos / "a.png", photos / "b.png"),
        (choice,),
        shrink_first=True,
        device="cpu",
        precision="fp32",
    )
    study = made(request)
    assert study.methods == ("nearest", "bicubic", "tiny", "original")
    assert study.titles["tiny"] == "Tiny"

    def pixels(method: str) -> np.ndarray:
        with Image.open(study.file_of(Trial("a.png", method))) as image:
            return np.asarray(image)

    with Image.open(photos / "a.png") as image:
        assert (pixels("original") == np.asarray(image)[:40, :60]).all()
    small = pixels("nearest")[::4, ::4]
    assert (pixels("nearest") == small.repeat(4, 0).repeat(4, 1)).all()
    expected = enlarge_with(open_engine(choice.path, "cpu", "fp32"))(small)
    assert np.abs(pixels("tiny").astype(int) - expected).max() <= 1
    assert [found.folder for found in list_studies(studies_folder())] == [study.folder]


def test_a_study_that_is_cut_off_leaves_nothing(photos: Path, choice: ModelChoice) -> None:
    request = StudyRequest((photos / "a.png",), (choice,), device="cpu", precision="fp32")
    work = prepare(request)
    for _ in range(3):
        next(work)
    work.close()
    assert list(studies_folder().iterdir()) == []


def test_too_little_is_refused(photos: Path) -> None:
    with pytest.raises(UsageError, match="at least two methods"):
        made(StudyRequest((photos / "a.png",), (), nearest=False))
    with pytest.raises(UsageError, match="at least two methods"):
        made(StudyRequest((), ()))


def test_studies_of_before_have_no_place_before_the_first(
    qapp: QApplication, photos: Path, choice: ModelChoice
) -> None:
    view = SetupView([choice] * 12)
    whole = view.methods.maximumHeight()
    assert view.earlier.isHidden()
    study = made(StudyRequest((photos / "a.png",), (choice,), device="cpu", precision="fp32"))
    view.set_studies([study])
    assert not view.earlier.isHidden()
    assert view.methods.maximumHeight() < whole


def test_enter_in_the_names_field_creates_the_study(dialog: RatingDialog, photos: Path) -> None:
    pressed: list[str] = []
    dialog.setup.pictures_button.clicked.disconnect()
    dialog.setup.pictures_button.clicked.connect(lambda: pressed.append("pictures"))
    QTest.keyClicks(dialog.setup.rater, "A person")
    QTest.keyClick(dialog.setup.rater, Qt.Key.Key_Return)  # there is nothing to rate yet
    assert pressed == [] and list_studies(studies_folder()) == []
    dialog.setup.set_pictures([photos / "a.png"])
    QTest.keyClick(dialog.setup.rater, Qt.Key.Key_Return)
    wait_until(lambda: dialog.pages.currentWidget() is dialog.rating)
    assert pressed == [] and len(list_studies(studies_folder())) == 1


def test_only_models_of_one_factor_are_rated_together(qapp: QApplication) -> None:
    scales = {"a": 2, "b": 4, "c": 4}
    view = SetupView([ModelChoice(n, n, "", Path(n), scale) for n, scale in scales.items()])
    assert [box.isChecked() for box in view.ticks] == [False, True, True]
    assert [box.isEnabled() for box in view.ticks] == [False, True, True]
    for box in view.ticks[1:]:
        box.click()
    assert all(box.isEnabled() for box in view.ticks)
    view.ticks[0].click()
    assert [box.isEnabled() for box in view.ticks] == [True, False, False]
    assert "one factor" in view.ticks[1].toolTip()
    view.deleteLater()


def test_a_folder_without_pictures_is_said(dialog: RatingDialog, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    setup = dialog.setup
    for folder in (empty, tmp_path / "gone"):
        dialog.find_pictures([folder])
        assert setup.problem.isHidden()
        wait_until(lambda: not setup.problem.isHidden())
        assert folder.name in setup.problem.text()
        assert setup.pictures.text() == "0 pictures"


def test_a_folder_that_cannot_be_read_is_said(
    dialog: RatingDialog, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(photos))

    monkeypatch.setattr(os, "scandir", refuse)
    monkeypatch.setattr(os, "listdir", refuse)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(photos))
    dialog.setup.folder_button.click()
    wait_until(lambda: not dialog.setup.problem.isHidden())
    assert "Permission denied" in dialog.setup.problem.text()


def test_of_very_many_pictures_the_first_are_taken_and_that_is_said(
    dialog: RatingDialog, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(1200):
        (folder / f"{number}.png").touch()
    dialog.find_pictures([folder])
    assert dialog.setup.pictures.text() == "Looking for pictures…"
    wait_until(lambda: dialog.setup.paths)
    assert dialog.setup.pictures.text() == "100 of 1,200 pictures"
    assert dialog.setup.paths[-1].name == "99.png"


def test_from_set_up_to_results(
    dialog: RatingDialog, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = dialog.setup
    assert not setup.start.isEnabled()
    dialog.find_pictures([photos])
    wait_until(lambda: setup.paths)
    assert [path.name for path in setup.paths] == ["a.png", "b.png"]
    assert not setup.start.isEnabled()  # nobody is named yet
    setup.rater.setText("Ada")
    setup.start.click()
    wait_until(lambda: dialog.rating.trial is not None)
    study = dialog.study
    assert study is not None
    assert dialog.pages.currentWidget() is dialog.rating
    # nothing on the page says which method it is
    texts = [label.text() for label in dialog.rating.findChildren(QLabel)]
    assert texts == ["1 of 6"]
    given = {"nearest": Qt.Key.Key_1, "bicubic": Qt.Key.Key_3, "tiny": Qt.Key.Key_5}
    first = dialog.rating.trial
    assert first is not None
    QTest.keyClick(dialog.rating, Qt.Key.Key_2)
    assert dialog.rating.trial != first
    QTest.keyClick(dialog.rating, Qt.Key.Key_Backspace)
    assert dialog.rating.trial == first
    while (trial := dialog.rating.trial) is not None:
        QTest.keyClick(dialog.rating, given[trial.method])
    assert dialog.pages.currentWidget() is dialog.results
    assert [notice.mean for notice in opinions(study)] == [1, 3, 5]
    assert "Ada" in dialog.results.summary.text()
    assert "Tiny: 5.00" in dialog.results.chart.accessibleDescription()
    assert not dialog.results.chart.grab().isNull()
    dialog.results.write(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["mean"] for row in csv.DictReader(file)] == ["1.0000", "3.0000", "5.0000"]
    assert (tmp_path / "out-ratings.csv").read_text(encoding="utf-8-sig").count("\n") == 7
    with pytest.raises(FileError):
        dialog.results.write(tmp_path / "nowhere" / "out.csv")
    # the second of the two files is there, and the name is typed without an ending
    (tmp_path / "other-ratings.csv").write_text("of another study")
    names = iter([str(tmp_path / "other"), ""])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (next(names), ""))
    monkeypatch.setattr(save_file, "ask", lambda _, text, *__, **___: "other-r" not in text)
    dialog.results.export.click()
    assert (tmp_path / "other-ratings.csv").read_text() == "of another study"
    assert not (tmp_path / "other").exists()
    assert not (tmp_path / "other.csv").exists()


def test_another_rater_goes_on_with_it_another_day(
    dialog: RatingDialog, photos: Path, choice: ModelChoice
) -> None:
    study = made(StudyRequest((photos / "a.png",), (choice,), device="cpu", precision="fp32"))
    dialog.show_setup()
    assert dialog.setup.studies.count() == 1
    assert not dialog.setup.go_on.isEnabled()
    dialog.setup.rater.setText("Bo")
    dialog.setup.go_on.click()
    order = study.trials_of("Bo")
    assert dialog.rating.trial == order[0]
    dialog.rating.buttons[3].click()
    dialog.rating.later.click()
    assert dialog.pages.currentWidget() is dialog.results
    dialog.results.back.click()
    dialog.setup.go_on.click()
    assert dialog.rating.trial == order[1]
    assert dialog.rating.progress.text() == "2 of 3"
    assert [rating.score for rating in study.ratings()] == [4]


def test_a_rating_that_cannot_be_written_stays_asked_for(
    dialog: RatingDialog, photos: Path, choice: ModelChoice
) -> None:
    study = made(StudyRequest((photos / "a.png",), (choice,), device="cpu", precision="fp32"))
    dialog.setup.rater.setText("Ada")
    dialog.rate(study)
    trial = dialog.rating.trial
    (study.folder / RATINGS).mkdir()
    QTest.keyClick(dialog.rating, Qt.Key.Key_3)
    assert dialog.rating.trial == trial
    assert not dialog.problem.isHidden()
    (study.folder / RATINGS).rmdir()
    QTest.keyClick(dialog.rating, Qt.Key.Key_3)
    assert dialog.rating.trial != trial


def test_a_picture_that_cannot_be_read_is_said(dialog: RatingDialog, photos: Path) -> None:
    (photos / "a.png").write_text("no picture")
    dialog.setup.set_pictures([photos / "a.png", photos / "b.png"])
    dialog.setup.rater.setText("Ada")
    dialog.setup.start.click()
    wait_until(lambda: not dialog.problem.isHidden())
    assert dialog.problem.text().startswith("a.png: ")
    assert dialog.setup.start.isEnabled()
