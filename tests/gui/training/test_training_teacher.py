"""The larger model that a training learns from, on the page that starts it."""

from __future__ import annotations

from pathlib import Path

from training_helpers import choose, pick
from waiting import WaitUntil

from srgan_desktop.gui.training.form.form_plan import plan_of, problems_of
from srgan_desktop.gui.training.page import TrainingPage
from srgan_desktop.gui.training.runs.launch import recipe_options
from srgan_desktop.gui.training.runs.stored import create, read


def test_a_larger_model_can_be_learned_from(
    page: TrainingPage, wait_until: WaitUntil, photos: Path
) -> None:
    choose(page, wait_until, photos, "2m")
    form = page.form
    wait_until(lambda: form.view.teacher.count() > 1)
    assert plan_of(form).teacher == ""
    assert form.view.fields["real"].isHidden()
    titles = [form.view.teacher.itemText(n) for n in range(form.view.teacher.count())]
    form.view.teacher.setCurrentIndex(titles.index("Detailed x4 (SRGAN)"))
    form.view.teacher.activated.emit(form.view.teacher.currentIndex())
    assert not form.view.fields["real"].isHidden(), "bad photos may be asked about"
    assert form.view.real.currentText() == "None"
    assert problems_of(form) == {}
    plan = plan_of(form)
    assert plan.teacher.endswith("srgan-x4.safetensors")
    assert plan.real is None
    options = recipe_options(plan, plan.stages[0])
    assert options[options.index("--teacher") + 1] == plan.teacher
    training = create(plan)
    again = read(training.folder)
    assert again is not None
    assert again.plan == plan

    form.init_file = form.teacher_path
    assert "teach itself nothing" in problems_of(form)["teacher"]
    form.set_values(form.values | {"teacher": form.values["teacher"] | {"ensemble": True}})
    assert "teacher" not in problems_of(form), "of its mean over flips and rotations it can learn"
    form.init_file = None
    form.view.teacher.setCurrentIndex(titles.index("Faithful x2 (SRResNet)"))
    form.view.teacher.activated.emit(form.view.teacher.currentIndex())
    assert "enlarges 2 times, the recipe 4 times" in problems_of(form)["teacher"]
    pick(page, "cycle-x4")
    assert form.view.fields["teacher"].isHidden()
    assert form.view.real.currentText() == "No folder chosen yet"
    assert plan_of(form).teacher == ""


def test_a_recipe_that_adapts_may_have_a_teacher(
    page: TrainingPage, wait_until: WaitUntil, photos: Path
) -> None:
    choose(page, wait_until, photos, "2m")
    form = page.form
    wait_until(lambda: form.view.teacher.count() > 1)
    pick(page, "photo-adaptive-x4")
    choose_teacher(page, "Detailed x4 (SRGAN)")
    assert "teacher" not in problems_of(form)


def test_the_teacher_of_a_recipe_is_shown_and_can_be_left_out(
    page: TrainingPage, wait_until: WaitUntil, photos: Path
) -> None:
    choose(page, wait_until, photos, "2m")
    form = page.form
    wait_until(lambda: form.view.teacher.count() > 1)
    pick(page, "fast-photo-x4")
    assert form.view.teacher.currentText() == "Photo x4, detailed"
    assert plan_of(form).teacher.endswith("photo-gan-x4.safetensors")
    assert plan_of(form).stages[0].overrides == ()
    assert not form.view.fields["real"].isHidden(), "bad photos may be asked about"
    form.view.pairs.set_folder(photos.parent)
    assert "nothing to ask a larger model about" in problems_of(form)["teacher"]
    form.view.pairs.set_folder(None)

    choose_teacher(page, "No, from the photos alone")
    assert form.view.fields["real"].isHidden()
    plan = plan_of(form)
    assert plan.teacher == ""
    assert plan.stages[0].overrides == ('teacher.model=""',)
    assert "(1 changed)" in form.view.settings.text()

    choose_teacher(page, "Detailed x4 (SRGAN)")
    pick(page, "tiny")
    assert form.view.teacher.currentText() == "Detailed x4 (SRGAN)", "a choice outlasts a recipe"
    pick(page, "fast-photo-x4")
    assert form.view.teacher.currentText() == "Photo x4, detailed"


def choose_teacher(page: TrainingPage, title: str) -> None:
    """As a person would."""
    box = page.form.view.teacher
    box.setCurrentIndex(box.findText(title))
    assert box.currentText() == title
    box.activated.emit(box.currentIndex())
