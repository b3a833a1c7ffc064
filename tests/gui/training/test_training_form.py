"""The form: what it says of a folder, all that is wrong at once, all settings from the configs."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLineEdit,
)
from training_helpers import choose, make_training, pick
from waiting import WaitUntil

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.training.form import length_control
from srgan_desktop.gui.training.form.dataset_panel import DatasetPanel
from srgan_desktop.gui.training.form.form_plan import plan_of, problems_of
from srgan_desktop.gui.training.form.settings_page import SettingsPage
from srgan_desktop.gui.training.page import TrainingPage
from srgan_desktop.gui.training.runs.launch import recipe_options
from srgan_desktop.gui.training.runs.stored import create, list_trainings, read


def test_a_folder_is_looked_at(page: TrainingPage, wait_until: WaitUntil, photos: Path) -> None:
    wait_until(lambda: page.form.recipes)
    pick(page, "tiny")
    page.open_paths([photos])
    wait_until(lambda: page.form.view.photos.report is not None)
    panel = page.form.view.photos
    assert "6 of 8" in panel._summary.text()
    assert "z-broken.jpg" in panel._details.text()
    assert "small.png" in panel._details.text()
    assert panel.grid.model().rowCount() == 8
    assert page.form.view.name.text() == photos.name


def test_what_is_said_while_looking_stays_at_the_top(qapp: QApplication, home: Path) -> None:
    services = Services(qapp, Settings(), FaultReporter())
    panel = DatasetPanel(services, services.file_lane)
    panel.resize(500, 600)
    panel._frame.hide()
    panel._path.setText("/photos")
    panel._summary.setText("Looking at the photos…")
    for widget in (panel._path, panel._bar):
        widget.show()
    panel.show()
    qapp.processEvents()
    assert panel._bar.geometry().bottom() < 150
    panel.close()
    panel.deleteLater()
    services.shutdown()


def test_all_problems_are_told_at_once(page: TrainingPage, wait_until: WaitUntil) -> None:
    wait_until(lambda: page.form.recipes)
    form = page.form
    form.view.length.choice.setCurrentIndex(form.view.length.choice.findData("time"))
    form.view.length.text.setText("soon")
    form.view.name.clear()
    form.values = {**form.values, "batch": 0}
    page.starting.start()
    problems = problems_of(form)
    assert set(problems) == {"photos", "length", "name", "settings"}
    for name, text in problems.items():
        assert form.view.fields[name].problem.text() == text
        assert not form.view.fields[name].problem.isHidden()
    assert "batch" in problems["settings"]
    assert list_trainings() == []
    assert form.view.photos.choose.hasFocus()


def test_a_folder_without_pictures_is_a_problem_beside_the_photos(
    page: TrainingPage, wait_until: WaitUntil, tmp_path: Path
) -> None:
    wait_until(lambda: page.form.recipes)
    empty = tmp_path / "empty"
    empty.mkdir()
    page.open_paths([empty])
    wait_until(lambda: page.form.view.photos.problem)
    assert str(empty) in page.form.view.fields["photos"].problem.text()
    page.open_paths([tmp_path / "no such folder"])
    assert "folder" in page.messages.text


def test_a_form_becomes_a_plan_that_survives_the_disk(
    page: TrainingPage, wait_until: WaitUntil, photos: Path
) -> None:
    choose(page, wait_until, photos, "2m")
    plan = plan_of(page.form)
    assert (plan.name, plan.data, plan.stages[0].budget_s) == ("mine", photos, 120)
    training = create(plan)
    again = read(training.folder)
    assert again is not None
    assert again.plan == plan
    assert create(plan).folder != training.folder


def test_a_second_stage_trains_on_the_network_of_the_first(
    page: TrainingPage, wait_until: WaitUntil, photos: Path
) -> None:
    from trainer.config.presets import load_preset

    choose(page, wait_until, photos, "2m")
    page.form.view.second.setChecked(True)
    plan = plan_of(page.form)
    assert plan.is_pair
    assert [stage.budget_s for stage in plan.stages] == [60, 60]
    assert plan.stages[1].kind == "adversarial"
    second = load_preset(plan.stages[1].preset, plan.stages[1].overrides)
    assert second.generator == load_preset("tiny").generator
    assert second.data.crop == 32


def test_small_pictures_will_do_for_a_recipe_without_a_margin(
    page: TrainingPage, wait_until: WaitUntil, tmp_path: Path
) -> None:
    digits = tmp_path / "digits"
    digits.mkdir()
    for number in range(4):
        Image.effect_noise((28, 28), 60).save(digits / f"{number}.png")
    wait_until(lambda: page.form.recipes)
    page.open_paths([digits])
    pick(page, "digits")
    wait_until(lambda: page.form.view.photos.report is not None)
    assert "photos" not in problems_of(page.form)
    values = page.form.values
    page.form.set_values(values | {"data": values["data"] | {"margin": True}})
    wait_until(lambda: page.form.view.photos.report is not None)
    assert "None of the photos" in problems_of(page.form)["photos"]


def test_a_second_stage_trains_on_what_the_first_does(
    page: TrainingPage, wait_until: WaitUntil, photos: Path
) -> None:
    from trainer.config.presets import load_preset

    choose(page, wait_until, photos, "2m")
    form = page.form
    for recipe in form.recipes:
        if recipe.stage != "pixel":
            continue
        pick(page, recipe.name)
        form.view.second.setChecked(True)
        first, second = plan_of(form).stages
        ours = load_preset(first.preset)
        theirs = load_preset(second.preset, second.overrides)
        parts = ("generator", "degradation", "data", "adaptive")
        assert [getattr(theirs, part) for part in parts] == [getattr(ours, part) for part in parts]
    pick(page, "photo-x4")
    changed = {"batch": 3, "data": form.values["data"] | {"margin": False}}
    loss = {"loss": form.values["loss"] | {"pixel_weight": 0.123}}
    form.set_values(form.values | changed | loss)
    second = plan_of(form).stages[1]
    again = load_preset(second.preset, second.overrides)
    assert (again.batch, again.data.margin) == (3, False)
    assert again.loss == load_preset(second.preset).loss, "what is compared is its own"


def test_a_model_of_another_network_cannot_be_begun_with(
    page: TrainingPage, wait_until: WaitUntil, photos: Path, tmp_path: Path
) -> None:
    from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
    from srgan_desktop.core.weights.model_file import ModelCard, save_model

    other = tmp_path / "other.safetensors"
    save_model(other, SRResNet(SRResNetConfig(blocks=1, channels=4)), ModelCard())
    choose(page, wait_until, photos, "2m")
    page.form.init_file = other
    assert "blocks" in problems_of(page.form)["init"]


def test_every_setting_has_a_control_and_a_change_is_an_override(
    page: TrainingPage, wait_until: WaitUntil, photos: Path, qapp: QApplication
) -> None:
    choose(page, wait_until, photos, "2m")
    form = page.form
    chosen = form.chosen
    assert chosen is not None
    dialog = SettingsPage(form.values, chosen.settings, page)
    dialog.chosen.connect(form.set_values)
    rows = dialog.form("optimiser").rows
    edit = rows["learning_rate"].control
    assert isinstance(edit, QLineEdit)
    assert isinstance(dialog.form("loss").rows["pixel"].control, QComboBox)
    assert isinstance(dialog.form("data").rows["augment"].control, QCheckBox)
    assert rows["learning_rate"].help.text() == "peak learning rate"

    edit.setText("much")
    edit.textEdited.emit("much")
    assert "Enter a number" in rows["learning_rate"].problem.text()
    edit.setText("7")
    edit.textEdited.emit("7")
    assert "from 0 to 1" in rows["learning_rate"].problem.text()
    dialog._accept()
    assert form.overrides == ()

    edit.setText("0.005")
    edit.textEdited.emit("0.005")
    crop = dialog.form("data").rows["crop"].control
    assert isinstance(crop, QLineEdit)
    crop.setText("30")
    crop.textEdited.emit("30")
    assert "not a multiple" in dialog.problem.text()
    crop.setText("64")
    crop.textEdited.emit("64")
    assert dialog.problem.text() == ""
    dialog._accept()
    assert set(form.overrides) == {"optimiser.learning_rate=0.005", "data.crop=64"}
    options = recipe_options(plan_of(form), plan_of(form).stages[0])
    assert "optimiser.learning_rate=0.005" in options
    assert "2 changed" in form.view.settings.text()
    dialog.deleteLater()


def test_groups_that_nobody_looks_at_keep_their_values_and_are_reset_too(
    page: TrainingPage, wait_until: WaitUntil, photos: Path, qapp: QApplication
) -> None:
    choose(page, wait_until, photos, "2m")
    form, chosen = page.form, page.form.chosen
    assert chosen is not None
    for reset, left in ((False, {"data.crop=64"}), (True, set())):
        dialog = SettingsPage({**form.values, "data": {"crop": 64}}, chosen.settings, page)
        dialog.chosen.connect(form.set_values)
        assert list(dialog.forms) == [""]
        if reset:
            dialog.reset()
        dialog._accept()
        assert list(dialog.forms) == [""]
        assert set(form.overrides) == left
        dialog.deleteLater()


def test_a_group_is_shown_when_it_is_chosen(
    page: TrainingPage, wait_until: WaitUntil, photos: Path
) -> None:
    choose(page, wait_until, photos, "2m")
    assert page.form.chosen is not None
    dialog = SettingsPage(page.form.values, page.form.chosen.settings, page)
    dialog.show()
    for row in (3, 1, dialog.groups.count() - 1):
        dialog.groups.setCurrentRow(row)
        name = list(dialog._sections)[row]
        assert dialog.forms[name].isVisible()
        assert [form.isVisible() for form in dialog.forms.values()].count(True) == 1
    dialog.close()
    dialog.deleteLater()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90m", 5400), ("1h30m", 5400), ("45s", 45), ("2H", 7200)],
)
def test_times(text: str, seconds: float) -> None:
    assert length_control.read_time(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "3s", "-5m"])
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(UsageError):
        length_control.read_time(text)


@pytest.mark.parametrize("text", ["", "0", "ten", "1.5", "²"])
def test_steps_that_are_none(text: str) -> None:
    with pytest.raises(UsageError):
        length_control.read_steps(text)


def test_steps() -> None:
    assert length_control.read_steps("20 000") == length_control.read_steps("20,000") == 20000


def small_versions(photos: Path, folder: Path, factor: int = 4) -> Path:
    folder.mkdir()
    for path in sorted(photos.glob("[0-9].png")):
        with Image.open(path) as image:
            small = image.resize((image.width // factor, image.height // factor))
        small.save(folder / f"{path.stem}x4.png")
    return folder


def scale_of(page: TrainingPage) -> int:
    return int(page.form.values["generator"]["scale"])


def test_small_versions_of_ones_own(
    page: TrainingPage, wait_until: WaitUntil, photos: Path, tmp_path: Path
) -> None:
    choose(page, wait_until, photos, "2m")
    form = page.form
    small = small_versions(photos, tmp_path / "small", scale_of(page))
    Image.new("RGB", (40, 40)).save(small / "alone.png")
    form.view.pairs.set_folder(small)
    wait_until(lambda: form.view.photos.report is not None and form.view.photos.report.pairs == 6)
    assert "1 small version has no photo" in form.view.photos._details.text()
    assert problems_of(form) == {}
    plan = plan_of(form)
    assert read(create(plan).folder).plan == plan  # type: ignore[union-attr]
    options = recipe_options(plan, plan.stages[0])
    assert options[options.index("--pairs") + 1] == str(small)
    assert "--real" not in options

    form.view.pairs.set_folder(small_versions(photos, tmp_path / "smaller", 2 * scale_of(page)))
    wait_until(lambda: form.view.photos.report is not None and form.view.photos.report.pairs == 0)
    page.starting.start()
    assert set(problems_of(form)) == {"pairs"}
    assert form.view.fields["pairs"].problem.text() == problems_of(form)["pairs"]
    assert not form.view.fields["pairs"].isHidden() and form.view.more.isChecked()


def test_small_versions_that_are_none(
    page: TrainingPage, wait_until: WaitUntil, photos: Path, tmp_path: Path
) -> None:
    choose(page, wait_until, photos, "2m")
    form = page.form
    empty = tmp_path / "empty"
    empty.mkdir()
    for folder in (photos, empty, tmp_path / "gone"):
        form.view.pairs.folder = folder
        form.folders.ask(folder)
        wait_until(lambda: set(problems_of(form)) == {"pairs"}, what=str(folder))
    form.view.pairs.folder = None
    form.values = {**form.values, "degradation": {**form.values["degradation"], "kind": "pairs"}}
    assert set(problems_of(form)) == {"pairs"}


def test_bad_photos_are_asked_for_where_they_are_learnt_from(
    page: TrainingPage, wait_until: WaitUntil, photos: Path, tmp_path: Path
) -> None:
    choose(page, wait_until, photos, "2m")
    form = page.form
    assert form.view.fields["real"].isHidden()
    form.view.pairs.set_folder(tmp_path)
    pick(page, "cycle-x4")
    assert form.view.fields["real"].isVisible()
    assert form.view.fields["pairs"].isHidden() and form.view.second.isHidden()
    page.starting.start()
    assert "real" in problems_of(form)
    assert form.view.fields["real"].problem.text() == problems_of(form)["real"]
    empty = tmp_path / "empty"
    empty.mkdir()
    form.view.real.set_folder(empty)
    wait_until(lambda: str(empty) in problems_of(form).get("real", ""))
    form.view.real.set_folder(photos)
    assert "real" not in problems_of(form)
    plan = plan_of(form)
    assert (plan.real, plan.pairs, plan.stages[0].kind) == (photos, None, "cycle")
    options = recipe_options(plan, plan.stages[0])
    assert options[options.index("--real") + 1] == str(photos)
    pick(page, "tiny")
    assert plan_of(form).real is None


def test_a_folder_is_chosen_with_the_keyboard(
    page: TrainingPage, wait_until: WaitUntil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = page.form.view.pairs
    answers = iter([str(tmp_path), ""])
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: next(answers))
    assert box.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert box.accessibleName() == "Low-resolution versions"

    def press(times: int) -> None:
        for _ in range(times):
            QTest.keyClick(box, Qt.Key.Key_Down)

    press(1)
    assert box.folder == tmp_path
    assert box.currentText() == str(tmp_path)
    press(1)
    assert box.folder == tmp_path, "the dialog was cancelled"
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert box.folder is None


def test_what_is_mended_is_not_told_any_more(
    page: TrainingPage, wait_until: WaitUntil, photos: Path
) -> None:
    wait_until(lambda: page.form.recipes)
    page.form.view.name.clear()
    page.starting.start()
    fields = page.form.view.fields
    assert fields["name"].problem.text() and fields["photos"].problem.text()
    assert not fields["length"].problem.text()
    page.open_paths([photos])
    wait_until(lambda: page.form.view.photos.report is not None)
    assert page.form.view.name.text() == photos.name
    assert not fields["name"].problem.text() and not fields["photos"].problem.text()


def test_space_presses_nothing_after_the_start(
    page: TrainingPage,
    wait_until: WaitUntil,
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page.manager, "start", lambda plan: make_training(tmp_path / "run"))
    choose(page, wait_until, photos, "25s")
    page.form.view.start.setFocus()
    QTest.mouseClick(page.form.view.start, Qt.MouseButton.LeftButton)
    assert page.view.isVisible()
    pressed: list[bool] = []
    for button in page.findChildren(QAbstractButton):
        button.pressed.connect(lambda: pressed.append(True))
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, Qt.Key.Key_Space)
    assert pressed == []


def test_the_wheel_is_left_to_the_form_around(page: TrainingPage, wait_until: WaitUntil) -> None:
    wait_until(lambda: page.form.recipes)
    box = page.form.view.length.choice

    def turn() -> bool:
        """Whether it was of use to the box; if not, Qt gives it to the widgets around."""
        at = QPointF(box.rect().center())
        event = QWheelEvent(
            at,
            QPointF(box.mapToGlobal(at.toPoint())),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(box, event)
        return event.isAccepted()

    before = box.currentIndex()
    assert not turn()
    assert box.currentIndex() == before
    assert not box.focusPolicy() & Qt.FocusPolicy.WheelFocus & ~Qt.FocusPolicy.StrongFocus
    box.setFocus()
    assert turn()
    assert box.currentIndex() == before + 1
