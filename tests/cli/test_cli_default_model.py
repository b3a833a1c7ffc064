"""What enlarges where no model was named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cli_helpers import Cli, save_photo
from PIL import Image
from repository import ROOT

from srgan_desktop.core.base.defaults import DEFAULT_DETAIL, DEFAULT_MODEL
from srgan_desktop.core.weights import catalogue


@pytest.fixture(autouse=True)
def _shipped_models(_own_home: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "shipped_folder", lambda: ROOT / "resources" / "models")


@pytest.mark.parametrize(
    ("call", "same_as"),
    [
        ((), ("--model", DEFAULT_MODEL, "--detail", DEFAULT_DETAIL)),
        (("--detail", 0), ("--model", "photo-x4")),
        (("--model", DEFAULT_MODEL), ("--model", DEFAULT_MODEL, "--detail", 100)),
    ],
)
def test_it_is_what_the_window_begins_with(
    cli: Cli, tmp_path: Path, call: tuple[object, ...], same_as: tuple[object, ...]
) -> None:
    source = save_photo(tmp_path / "a.png", 40, 30)
    results = []
    for options in (call, same_as):
        target = tmp_path / f"{len(results)}.png"
        result = cli("upscale", source, "-o", target, "--precision", "fp32", *options)
        assert result.code == 0, result.err
        results.append(np.asarray(Image.open(target), dtype=np.int16))
    assert np.abs(results[0] - results[1]).max() <= 1


def test_its_name_is_in_the_results(cli: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png", 40, 30)
    cli("upscale", source, "-o", tmp_path / "out", "--name", "{stem}_{model}")
    assert (tmp_path / "out" / f"a_{DEFAULT_MODEL}.png").exists()


def test_what_it_shall_undo_can_be_said_without_naming_it(cli: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png", 40, 30)
    result = cli("upscale", source, "-o", tmp_path / "b.png", "--noise", 70)
    assert result.code == 0, result.err
    assert "used: 70, " in result.out
