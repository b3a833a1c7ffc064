"""Real trainings of a tiny network: watched, paused, continued, killed, found again, put to use."""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path

import pytest
from training_helpers import choose
from waiting import WaitUntil

from srgan_desktop.core.weights.catalogue import find_model
from srgan_desktop.core.weights.model_file import load_model
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.training.form.length_control import Length
from srgan_desktop.gui.training.form.plan import Plan, StagePlan
from srgan_desktop.gui.training.page import TrainingPage
from srgan_desktop.gui.training.runs.keep_model import ModelRequest
from srgan_desktop.gui.training.runs.stored import Training
from trainer.run.events import Estimate
from trainer.run.process import end_process, is_alive, process_of
from trainer.run.run_folder import RunFolder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="sends signals"),
]

SMALL = ("threads=1", "checkpoint_seconds=1", "precision=fp32")


def begin(page: TrainingPage, photos: Path, *, steps: int = 2000) -> RunFolder:
    stage = StagePlan("1-pixel", "tiny", overrides=SMALL, steps=steps)
    training = page.manager.start(Plan("mine", photos, (stage,), device="cpu"))
    assert training is not None
    page.show_training(training)
    return training.stages[0]


def phase(page: TrainingPage) -> str:
    return page.manager.history.phase if page.manager.history else "none"


def looks(page: TrainingPage) -> int:
    return len(page.manager.history.validations) if page.manager.history else 0


def test_from_a_folder_to_a_model_in_use(
    page: TrainingPage, wait_until: WaitUntil, photos: Path
) -> None:
    choose(page, wait_until, photos, "25s")
    page.starting.start()
    wait_until(lambda: looks(page) > 1)
    history = page.manager.history
    assert history is not None
    wait_until(lambda: page.view.samples.strip is not None)
    strip = page.view.samples.strip
    assert strip is not None
    assert {image.width() for image in strip.pictures.values()} == {64}
    page.view.stop.click()
    wait_until(lambda: phase(page) == "stopped")
    assert page.view.go_on.isVisible()
    assert "Stopped at step" in page.view.run_status.label.text()
    before = history.steps
    page.view.go_on.click()
    wait_until(lambda: phase(page) == "done")
    assert history.steps > before
    assert (history.curves["rate"].raw.x[1:] >= history.curves["rate"].raw.x[:-1]).all()

    names: list[str] = []
    page.model_ready.connect(names.append)
    page.runs.keep_model(ModelRequest("otters", "otters", "of otters"))
    wait_until(lambda: names)
    _, card = load_model(find_model("otters"))
    assert (card.name, card.description) == ("otters", "of otters")
    assert card.training["preset"] == "tiny"


def test_a_killed_trainer_goes_on_from_its_checkpoint(
    page: TrainingPage, wait_until: WaitUntil, photos: Path
) -> None:
    stage = begin(page, photos)
    wait_until(lambda: page.manager.history and page.manager.history.saved_step)
    process_of(stage).send_signal(signal.SIGKILL)
    wait_until(lambda: phase(page) == "killed")
    assert "ended from outside" in page.view.run_status.label.text()
    assert page.view.go_on.text().startswith("Continue from step")
    page.view.go_on.click()
    wait_until(lambda: phase(page) == "running")
    history = page.manager.history
    assert history is not None
    # what the killed one said of its beginning goes before the next one says anything
    wait_until(
        lambda: (
            (started := history.started.get(0))
            and started.step > 0
            and history.steps > started.step
        )
    )
    end_process(stage)


def test_the_window_goes_and_finds_the_training_again(
    page: TrainingPage, wait_until: WaitUntil, photos: Path, services: Services
) -> None:
    stage = begin(page, photos)
    wait_until(lambda: page.manager.history and page.manager.history.steps > 0)
    page.shutdown()
    assert is_alive(stage)
    another = TrainingPage(services)
    another.show()
    try:
        wait_until(lambda: another.manager.history and another.manager.history.steps > 0)
        assert phase(another) in ("running", "waiting")
        assert another.manager.history.training.plan.name == "mine"
        # the folder goes while the trainer writes to it
        shutil.rmtree(stage.path.parent, ignore_errors=True)
        wait_until(lambda: not stage.path.parent.exists() or shutil.rmtree(stage.path.parent, True))
        wait_until(lambda: phase(another) == "gone")
        assert "removed" in another.view.run_status.label.text()
        wait_until(lambda: not another.manager.running)
    finally:
        another.shutdown()
        another.deleteLater()


def test_a_trainer_that_cannot_begin_says_why(
    page: TrainingPage, wait_until: WaitUntil, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    begin(page, empty)
    wait_until(lambda: phase(page) == "failed")
    assert str(empty) in page.view.run_status.label.text()
    assert page.view.run_status.property("kind") == "warning"


def begin_pair(page: TrainingPage, photos: Path, *steps: int) -> Training:
    second = (
        *SMALL,
        "generator.blocks=2",
        "generator.channels=8",
        "data.crop=32",
        "content.weight=0",
        "loss.pixel_weight=1",
        "loss.jitter=0",
        "discriminator.kind=patch",
        "discriminator.channels=4",
        "batch=2",
        "validation.pictures=2",
        "validation.crop=64",
    )
    stages = (
        StagePlan("1-pixel", "tiny", "pixel", SMALL, steps=steps[0]),
        StagePlan("2-detail", "srgan-x4", "adversarial", second, steps=steps[1]),
    )
    training = page.manager.start(Plan("pair", photos, stages, device="cpu"))
    assert training is not None
    page.show_training(training)
    return training


def test_the_second_stage_needs_no_window(
    page: TrainingPage, wait_until: WaitUntil, photos: Path, services: Services
) -> None:
    training = begin_pair(page, photos, 20, 3000)
    _, second = training.stages
    wait_until(lambda: is_alive(training.stages[0]))
    page.shutdown()
    wait_until((second.path / "checkpoints" / "last.pt").exists, 120)
    another = TrainingPage(services)
    another.show()
    try:
        wait_until(lambda: another.manager.history and another.manager.history.saved_step.get(1))
        # what the log tells comes before what the process does
        wait_until(lambda: phase(another) == "running")
        history = another.manager.history
        assert history is not None
        assert (history.stage, history.boundaries) == (1, [20])
        process = process_of(training.stages[0])
        process.send_signal(signal.SIGKILL)
        wait_until(lambda: phase(another) == "killed")
        assert another.view.go_on.text().startswith("Continue from step")
        another.view.go_on.click()
        wait_until(lambda: phase(another) == "running")
        wait_until(lambda: (started := history.started.get(1)) and started.step > 0)
        another.view.stop.click()
        wait_until(lambda: phase(another) == "stopped")
        assert (history.stage, history.boundaries) == (1, [20])
    finally:
        another.shutdown()
        another.deleteLater()


def test_two_stages_become_a_pair_of_models(
    page: TrainingPage, wait_until: WaitUntil, photos: Path
) -> None:
    begin_pair(page, photos, 20, 8)
    wait_until(lambda: phase(page) == "done", 120)
    history = page.manager.history
    assert history is not None
    assert history.boundaries == [20]
    assert history.started[1].stage == "adversarial"
    assert "d_real" in history.curves
    names: list[str] = []
    page.model_ready.connect(names.append)
    page.runs.keep_model(ModelRequest("pair", "Pair", ""))
    wait_until(lambda: names)
    _, card = load_model(find_model("pair"))
    assert card.partner == "pair-smooth"
    assert find_model("pair-smooth").exists()


def test_the_minute_of_measuring(page: TrainingPage, wait_until: WaitUntil, photos: Path) -> None:
    choose(page, wait_until, photos, "1h")
    found: list[Estimate] = []
    page.starting.measurement.done.connect(found.append)
    from srgan_desktop.gui.training.form.form_plan import plan_of

    page.starting.measurement.start(plan_of(page.form), seconds=1)
    wait_until(lambda: found)
    assert found[0].run_steps
    assert "steps a second here" in page.form.view.measured.text()


def test_a_running_trainer_is_held_and_shortened(
    page: TrainingPage, wait_until: WaitUntil, photos: Path
) -> None:
    begin(page, photos, steps=100_000)
    wait_until(lambda: page.manager.history and page.manager.history.steps > 0)
    history = page.manager.history
    assert history is not None
    page.view.pause.click()
    wait_until(lambda: history.paused)
    wait_until(lambda: "Paused at step" in page.view.run_status.label.text())
    page.view.pause.click()
    wait_until(lambda: not history.paused)
    page.runs.set_length(Length(int(history.steps) + 20))
    wait_until(lambda: phase(page) == "done")
    assert history.steps < 100_000
