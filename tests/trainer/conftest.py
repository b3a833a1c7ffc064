"""Synthetic photos, a tiny preset, and runs of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from repository import published_data

from trainer.config.presets import load_preset
from trainer.config.run_config import RunConfig
from trainer.run.events import Event
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.session import start

# one thread and float32: the same sums in the same order in every process
EXACT = ("threads=1", 'precision="fp32"')


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a graphics card where torch has none."""
    if torch.cuda.is_available():
        return
    left_out = [item for item in items if item.get_closest_marker("gpu")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def draw_photo(seed: int, width: int = 128, height: int = 112) -> np.ndarray:
    """uint8 (height, width, 3): waves, edges and grain, another picture for each seed."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    picture = np.zeros((height, width, 3))
    for channel in range(3):
        for _ in range(3):
            fx, fy, phase = random.uniform((-0.12, -0.12, 0), (0.12, 0.12, 6))
            picture[..., channel] += 30 * np.sin(fx * x + fy * y + phase)
    for _ in range(4):
        top, left = random.integers(0, height - 20), random.integers(0, width - 20)
        picture[top : top + 20, left : left + 20] += random.uniform(-70, 70, 3)
    picture += 128 + random.normal(0, 2, picture.shape)
    return picture.clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of six photos; not to be written to."""
    folder = tmp_path_factory.mktemp("photos")
    for seed in range(6):
        Image.fromarray(draw_photo(seed)).save(folder / f"photo{seed}.png")
    return folder


@pytest.fixture
def photo() -> Callable[..., np.ndarray]:
    return draw_photo


@pytest.fixture
def exact_config() -> RunConfig:
    """The tiny preset such that runs are the same to the last bit."""
    return load_preset("tiny", EXACT)


@pytest.fixture
def inputs(photos: Path) -> Callable[..., RunInputs]:
    """Inputs of a run on the photos, by steps or by budget."""

    def make(steps: int | None = 24, budget_s: float | None = None) -> RunInputs:
        return RunInputs("tiny", photos, None, steps, budget_s, "cpu")

    return make


@pytest.fixture
def straight_run(
    tmp_path: Path, exact_config: RunConfig, inputs: Callable[..., RunInputs]
) -> tuple[RunFolder, list[Event]]:
    """An uninterrupted run of 24 steps and its events."""
    folder = RunFolder(tmp_path / "straight")
    return folder, list(start(exact_config, inputs(), folder))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real pictures, where this machine has one."""
    return published_data()
