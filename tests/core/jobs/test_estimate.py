"""Estimates before the work: cheap, unless somebody wants to know what the model sees."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from network_makers import make_network
from runner_helpers import of, save

from srgan_desktop.core.base.events import Event, FileAdapted, FileFailed, Planned, PlannedAll
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.jobs import estimate as job_estimate
from srgan_desktop.core.jobs.estimate import plan_files
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.plan import Plan
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.weights.model_file import ModelCard


@pytest.fixture(scope="module")
def adaptive() -> Engine:
    network = make_network("dasr", blocks=1)
    card = ModelCard(name="adaptive", config=network.config)
    return Engine(network, card, torch.device("cpu"), "fp32", 1)


def cut(path: Path) -> Source:
    """A picture whose beginning alone is there."""
    source = save(path, 200, 100)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return source


def plan(sources: list[Source], engine: Engine, **more: bool) -> list[Event]:
    return list(plan_files(sources, engine, BatchOptions(value=4), 1e-3, **more))


def test_no_picture_is_read_for_its_cost(
    adaptive: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_estimate, "read_planned", None)  # calling it would be a TypeError
    events = plan([save(tmp_path / "a.png"), save(tmp_path / "b.png")], adaptive)
    assert [event.event for event in events] == ["planned", "planned", "planned_all"]


def test_what_a_model_sees_is_told_where_that_is_asked(adaptive: Engine, tmp_path: Path) -> None:
    source = save(tmp_path / "a.png")
    planned, adapted, total = plan([source], adaptive, look=True)
    assert isinstance(planned, Planned) and isinstance(total, PlannedAll)
    assert isinstance(adapted, FileAdapted) and adapted.source == source.path


def test_others_see_nothing(engine: Engine, tmp_path: Path) -> None:
    events = plan([cut(tmp_path / "a.png")], engine, look=True)
    assert [event.event for event in events] == ["planned", "planned_all"]


def test_what_cannot_be_read_fails_and_costs_nothing(adaptive: Engine, tmp_path: Path) -> None:
    whole = save(tmp_path / "b.png")
    events = plan([cut(tmp_path / "a.png"), whole], adaptive, look=True)
    assert [event.event for event in events] == ["file_failed", "planned", "adapted", "planned_all"]
    (planned,), (total,) = of(Planned, events), of(PlannedAll, events)
    assert (total.files, total.failed) == (1, 1)
    assert total.seconds == planned.seconds and total.disk_bytes == planned.disk_bytes


def test_too_little_memory_is_the_trouble_of_one_picture(
    adaptive: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = job_estimate.read_planned

    def tight(plan: Plan) -> RasterImage:
        if plan.source.path.name == "a.png":
            raise MemoryError
        return read(plan)

    monkeypatch.setattr(job_estimate, "read_planned", tight)
    events = plan([save(tmp_path / "a.png"), save(tmp_path / "b.png")], adaptive, look=True)
    (failed,), (planned,), (total,) = (
        of(FileFailed, events),
        of(Planned, events),
        of(PlannedAll, events),
    )
    assert failed.kind == "out_of_memory" and failed.source.name == "a.png"
    assert planned.source.name == "b.png" and (total.files, total.failed) == (1, 1)
