"""Files to larger files as events; what is closed early leaves nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from file_runs import FixedDevice, plan_file, upscale_file, upscale_files
from network_makers import make_network
from PIL import Image

from srgan_desktop.core.base.errors import FileError, FormatLimitError, ImageWriteError
from srgan_desktop.core.base.events import (
    BatchFinished,
    Event,
    FileDone,
    FileFailed,
    FileSkipped,
    drain,
)
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.io import FORMATS
from srgan_desktop.core.jobs import estimate as job_estimate
from srgan_desktop.core.jobs import file_steps as jobs
from srgan_desktop.core.jobs import plan as job_plan
from srgan_desktop.core.jobs.estimate import measure_speed
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.runner import run_queue
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.core.weights.model_file import ModelCard

X4 = TargetSize("scale", 4)


@pytest.fixture(scope="module")
def engine() -> Engine:
    network = make_network(blocks=1)
    card = ModelCard(name="tiny", config=network.config)
    return Engine(network, card, torch.device("cpu"), "fp32", 1)


def save(path: Path, width: int = 20, height: int = 12) -> Source:
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    Image.fromarray(random.integers(0, 256, (height, width, 3), dtype=np.uint8)).save(path)
    return Source(path)


def test_the_generators_result_is_the_last_event(engine: Engine, tmp_path: Path) -> None:
    with Queue() as queue:
        queue.add([save(tmp_path / "a.png")], BatchOptions(value=4))
        seen: list[Event] = []
        result = drain(run_queue(queue, [FixedDevice(engine)]), seen.append)
    assert result == seen[-1]
    assert (result.done, result.failed, result.skipped) == (1, 0, 0)


def test_no_files_are_no_error(engine: Engine) -> None:
    finished = list(upscale_files([], engine, BatchOptions(value=4)))[-1]
    assert isinstance(finished, BatchFinished)
    assert (finished.done, finished.failed, finished.skipped) == (0, 0, 0)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_closing_early_leaves_nothing(steps: int, engine: Engine, tmp_path: Path) -> None:
    source = save(tmp_path / "a.png", 40, 40)
    events = upscale_files([source], engine, BatchOptions(value=4, tile=16))
    for _ in range(steps):
        next(events)
    events.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_one_file_by_itself(engine: Engine, tmp_path: Path) -> None:
    source = save(tmp_path / "a.png")
    options = BatchOptions(value=4, out=tmp_path / "out", existing="skip")
    assert isinstance(list(upscale_file(source, engine, options))[-1], FileDone)
    assert isinstance(list(upscale_file(source, engine, options))[-1], FileSkipped)
    (tmp_path / "bad.png").write_bytes(b"")
    failed = list(upscale_file(Source(tmp_path / "bad.png"), engine, options))
    assert [type(event) for event in failed] == [FileFailed]


def test_a_plan_says_what_would_be(engine: Engine, tmp_path: Path) -> None:
    source = save(tmp_path / "a.png")
    plan = plan_file(source, engine, BatchOptions(rule="width", value=50, format="webp"))
    assert plan.size == (50, 30)
    assert plan.format == "webp"
    assert plan.target == tmp_path / "a_2.5x.webp"
    (tmp_path / "a_2.5x.webp").write_bytes(b"taken")
    renamed = plan_file(source, engine, BatchOptions(rule="width", value=50, format="webp"))
    assert renamed.target == tmp_path / "a_2.5x (1).webp"
    skip = BatchOptions(rule="width", value=50, format="webp", existing="skip")
    assert plan_file(source, engine, skip).target is None


def test_a_plan_refuses_what_cannot_be(engine: Engine, tmp_path: Path) -> None:
    source = save(tmp_path / "a.png")
    with pytest.raises(FormatLimitError, match="ending"):
        plan_file(source, engine, BatchOptions(value=4, file=tmp_path / "x.qqq"))
    with pytest.raises(ImageWriteError, match="too long"):
        plan_file(source, engine, BatchOptions(value=4, template="x" * 300))


def test_a_result_that_comes_in_between_is_not_overwritten(engine: Engine, tmp_path: Path) -> None:
    """Another program takes the name while the picture is worked on."""
    source = save(tmp_path / "a.png")
    events = upscale_files([source], engine, BatchOptions(value=4))
    next(events)
    next(events)
    (tmp_path / "a_4x.png").write_bytes(b"precious")
    done = list(events)[-2]
    assert isinstance(done, FileDone)
    assert done.target == tmp_path / "a_4x (1).png"
    assert (tmp_path / "a_4x.png").read_bytes() == b"precious"


def test_under_skip_too(engine: Engine, tmp_path: Path) -> None:
    source = save(tmp_path / "a.png")
    events = upscale_files([source], engine, BatchOptions(value=4, existing="skip"))
    next(events)
    next(events)
    (tmp_path / "a_4x.png").write_bytes(b"precious")
    assert [event.event for event in events][-2:] == ["file_skipped", "batch_finished"]
    assert (tmp_path / "a_4x.png").read_bytes() == b"precious"


def test_hard_links_to_a_source_are_the_source(engine: Engine, tmp_path: Path) -> None:
    source = save(tmp_path / "a.png")
    before = source.path.read_bytes()
    (tmp_path / "a_4x.png").hardlink_to(source.path)
    failed = list(upscale_files([source], engine, BatchOptions(value=4, existing="overwrite")))[-2]
    assert isinstance(failed, FileFailed)
    assert source.path.read_bytes() == before


def test_a_folder_that_takes_no_files_is_met_before_the_work(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = save(tmp_path / "a.png")

    def refuse(**options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(job_plan.tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr(jobs, "upscale_image", None)  # calling it would be a TypeError
    failed = list(upscale_files([source], engine, BatchOptions(value=4)))[-2]
    assert isinstance(failed, FileFailed)
    assert "no permission to write here" in failed.error


def test_every_writable_format_has_an_estimate_of_its_size() -> None:
    writable = {name for name, entry in FORMATS.items() if entry.writable or entry.moves}
    assert set(job_estimate._BYTES_PER_PIXEL) == writable


def test_speed_is_measured(engine: Engine) -> None:
    assert 0 < measure_speed(engine) < 1e-3


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("in/a.png", "in/a.png: no"),
        ("out/a_4x.png", "out/a_4x.png: no"),
        ("out", "in/a.png: out: no"),
        ("models/tiny.safetensors", "in/a.png: models/tiny.safetensors: no"),
    ],
)
def test_a_failure_names_its_picture(about: str, said: str) -> None:
    source = Source(Path("in/a.png"))
    failed = jobs.explain_failure(source, FileError(Path(about), "no"))
    assert failed.error == said
