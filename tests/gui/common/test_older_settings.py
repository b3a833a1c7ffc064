"""Settings and presets that an earlier version wrote are read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.gui.batch.presets import Presets
from srgan_desktop.gui.common.settings import Settings

FIXTURES = Path(__file__).parents[2] / "core" / "jobs" / "fixtures"
FLAGS = {
    "upscale/work_on_drop": False,
    "upscale/tta": True,
    "upscale/advanced": True,
    "upscale/readout": True,
    "save/metadata": False,
    "batch/open_folder": True,
}
NUMBERS = {
    "upscale/size_value": 3000.0,
    "upscale/detail": 35.0,
    "upscale/tile": 256.0,
    "save/quality": 88.0,
}
TEXTS = {
    "window/language": "zh_CN",
    "window/theme": "dark",
    "upscale/before": "nearest",
    "upscale/mode": "side by side",
    "upscale/model": "photo-x4",
    "upscale/size_rule": "long",
    "upscale/device": "cpu",
    "upscale/precision": "fp32",
    "save/name": "{stem}-big",
    "batch/preset": "Prints, 6000 px",
    "batch/command": "true",
    "batch/watch_folder": "/tmp/srgan-fixture/in",
}
PRINTS = BatchOptions(
    model="photo-gan-x4",
    detail=60.0,
    rule="long",
    value=6000.0,
    out=Path("/tmp/srgan-fixture/prints"),
    template="{stem}_{width}",
    format="jpeg",
    quality=92,
    existing="skip",
    strip_metadata=True,
    tile=256,
    tta=True,
    max_pixels=None,
    frames="first",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("settings.ini", "batch-presets.json"):
        shutil.copy(FIXTURES / name, tmp_path)
    return tmp_path


def test_settings(folder: Path) -> None:
    settings = Settings(folder)
    assert {key: settings.flag(key) for key in FLAGS} == FLAGS
    assert {key: settings.number(key) for key in NUMBERS} == NUMBERS
    assert {key: settings.text(key) for key in TEXTS} == TEXTS
    assert BatchOptions.from_json(settings.text("batch/options")) == PRINTS
    assert [path.name for path in settings.recent()] == ["b.jpg", "a.png"]


def test_presets(folder: Path) -> None:
    presets = Presets(folder)
    assert presets.notice == ""
    assert presets.names() == ["Plain", "Prints, 6000 px", "照片"]
    assert presets.get("Prints, 6000 px") == PRINTS
    assert presets.get("Plain") == BatchOptions()
    assert presets.get("照片") == BatchOptions(format="png")
    presets.put("Plain", PRINTS)
    assert Presets(folder).get("照片") == BatchOptions(format="png")
