"""Models that restore pictures at their own size: alone, and before one that enlarges."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from cli_helpers import ROOT, Cli, draw, save_photo
from PIL import Image

from srgan_desktop.core.jobs import estimate as job_estimate

sys.path.insert(0, str(ROOT / "tests" / "core" / "weights" / "third_party"))
from third_party_makers import compact_tensors, save


@pytest.fixture
def restorer(tmp_path: Path) -> Path:
    return save(tmp_path / "1x-clean.pth", compact_tensors(1))


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_alone_it_keeps_the_size(cli: Cli, tmp_path: Path, restorer: Path) -> None:
    photo = save_photo(tmp_path / "a.png")
    result = cli("upscale", photo, "--model", restorer, "-o", tmp_path / "b.png")
    assert result.code == 0, result.err
    assert pixels(tmp_path / "b.png").shape == (16, 24, 3)
    result = cli("upscale", photo, "--model", restorer, "--scale", "2", "-o", tmp_path / "c.png")
    assert result.code == 1
    assert "restores pictures at their own size" in result.err


def test_before_another_it_comes_first(
    cli: Cli, upscale: Cli, tmp_path: Path, restorer: Path
) -> None:
    photo, exactly = save_photo(tmp_path / "a.png"), ("--precision", "fp32")
    alone = ("upscale", photo, "--model", restorer, *exactly)
    assert cli(*alone, "-o", tmp_path / "clean.png").code == 0
    assert upscale(tmp_path / "clean.png", *exactly, "-o", tmp_path / "steps.png").code == 0
    both = (photo, *exactly, "--before", restorer)
    result = upscale(*both, "-o", tmp_path / "once.png", "--json")
    assert result.code == 0, result.err
    assert np.array_equal(pixels(tmp_path / "once.png"), pixels(tmp_path / "steps.png"))
    assert not np.array_equal(pixels(tmp_path / "clean.png"), pixels(photo))
    tiles = [(e["done"], e["total"]) for e in result.events if e["event"] == "tile"]
    parts = [done / total for done, total in tiles]
    assert parts == sorted(parts) and parts[-1] == 1 and len(parts) > 1


def test_of_an_animation_every_frame(upscale: Cli, tmp_path: Path, restorer: Path) -> None:
    frames = [Image.fromarray(draw(seed=seed)) for seed in range(2)]
    path = tmp_path / "a.webp"
    frames[0].save(path, save_all=True, append_images=frames[1:], lossless=True)
    result = upscale(path, "--before", restorer, "-o", tmp_path / "out.webp")
    assert result.code == 0, result.err
    assert upscale(path, "-o", tmp_path / "plain.webp").code == 0
    with Image.open(tmp_path / "out.webp") as image, Image.open(tmp_path / "plain.webp") as plain:
        assert (image.size, image.n_frames) == ((96, 64), 2)  # type: ignore[attr-defined]
        assert not np.array_equal(np.asarray(image), np.asarray(plain))


def test_what_enlarges_cannot_come_before(upscale: Cli, tmp_path: Path) -> None:
    other = save(tmp_path / "2x.pth", compact_tensors(2))
    result = upscale(save_photo(tmp_path / "a.png"), "--before", other)
    assert result.code != 0
    assert "2x enlarges 2 times" in result.err


def test_the_estimate_counts_both(
    upscale: Cli, tmp_path: Path, restorer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = save_photo(tmp_path / "a.png")
    monkeypatch.setattr(
        job_estimate, "measure_speed", lambda engine: 0.1 if engine.scale == 1 else 0.2
    )
    planned = upscale(photo, "--before", restorer, "--dry-run", "--json").events[0]
    assert planned["seconds"] == pytest.approx(24 * 16 * (0.1 + 0.2))
    assert upscale(photo, "--dry-run", "--json").events[0]["seconds"] == pytest.approx(
        24 * 16 * 0.2
    )
