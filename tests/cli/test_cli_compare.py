"""The contact sheet: every column is what it says, and bad calls write nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cli_helpers import Cli, files_below, save_photo
from PIL import Image

from srgan_desktop.core.engine import way_selection
from srgan_desktop.core.evaluation.contact_sheet import (
    LABEL_HEIGHT,
    MARGIN,
    Row,
    contact_sheet,
    middle,
)


def test_results_lie_where_their_labels_are() -> None:
    rows = [
        Row("one", tuple(np.full((20, 30, 3), v, np.uint8) for v in (10, 20))),
        Row("two", tuple(np.full((40, 50, 3), v, np.uint8) for v in (30, 40))),
    ]
    sheet = contact_sheet(["a", "b"], rows)
    assert sheet.shape[1] == 2 * 50 + 3 * MARGIN
    first = LABEL_HEIGHT + MARGIN // 2 + LABEL_HEIGHT
    second = first + 20 + MARGIN + LABEL_HEIGHT
    right = MARGIN + 50 + MARGIN
    for top, left, height, width, value in (
        (first, MARGIN, 20, 30, 10),
        (first, right, 20, 30, 20),
        (second, MARGIN, 40, 50, 30),
        (second, right, 40, 50, 40),
    ):
        assert (sheet[top : top + height, left : left + width] == value).all()
    labels = sheet[:LABEL_HEIGHT]
    assert (labels < 100).any()  # something is written there


@pytest.mark.parametrize(
    ("size", "largest", "box"),
    [((100, 80), (20, 10), (40, 35, 20, 10)), ((5, 5), (20, 10), (0, 0, 5, 5))],
)
def test_middle(
    size: tuple[int, int], largest: tuple[int, int], box: tuple[int, int, int, int]
) -> None:
    assert middle(*size, largest) == box


def test_a_number_format_that_cannot_be_had_is_told_of_once(
    cli: Cli, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(way_selection, "computes_int8", lambda: False)
    photo, sheet = save_photo(tmp_path / "a.png", 24, 16), tmp_path / "sheet.png"
    other = model.with_name("other.safetensors")
    other.write_bytes(model.read_bytes())
    names = f"{model},{other}"
    result = cli("compare", photo, "--models", names, "-o", sheet, "--precision", "int8")
    assert result.code == 0, result.err
    assert result.err.count("warning: int8 is not possible for this model on cpu") == 1


def test_models_and_methods_side_by_side(cli: Cli, model: Path, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png", 24, 16)
    sheet = tmp_path / "sheet.png"
    result = cli("compare", photo, photo, "--models", f"nearest,{model}", "-o", sheet)
    assert result.code == 0, result.err
    assert str(sheet) in result.out
    pixels = np.asarray(Image.open(sheet))
    top, left = 2 * LABEL_HEIGHT + MARGIN // 2, MARGIN
    nearest = np.asarray(Image.open(photo)).repeat(4, 0).repeat(4, 1)
    assert (pixels[top : top + 64, left : left + 96] == nearest).all()
    enlarged = tmp_path / "one.png"
    assert cli("upscale", photo, "--model", model, "-o", enlarged).code == 0
    right = left + 96 + MARGIN
    column = pixels[top : top + 64, right : right + 96].astype(int)
    assert np.abs(column - np.asarray(Image.open(enlarged))).max() <= 1
    # nothing is overwritten unasked
    assert cli("compare", photo, "--models", "nearest", "-o", sheet).code == 0
    assert files_below(tmp_path) == {"a.png", "sheet.png", "sheet (1).png", "one.png"}


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["--models", "none-such", "-o", "s.png"], 2, "no model or file called none-such"),
        (["--models", " , ", "-o", "s.png"], 2, "--models is empty"),
        (["--models", "bicubic", "-o", "s.txt"], 1, "no known picture format"),
        (["--models", "bicubic", "-o", "s.png", "--piece", "12"], 2, "whole number"),
        (["--models", "bicubic", "-o", "nowhere/s.png"], 2, "choose another place"),
        (["--models", "bicubic", "-o", "a.png", "--existing", "overwrite"], 2, "to compare"),
    ],
)
def test_bad_calls(
    arguments: list[str],
    code: int,
    reason: str,
    cli: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    photo = save_photo(tmp_path / "a.png")
    before = photo.read_bytes()
    result = cli("compare", "a.png", *arguments)
    assert result.code == code
    assert reason in result.err
    assert files_below(tmp_path) == {"a.png"}
    assert photo.read_bytes() == before


def test_a_picture_that_is_none(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no picture")
    result = cli("compare", tmp_path / "a.png", "--models", "bicubic", "-o", tmp_path / "s.png")
    assert result.code == 1
    assert "a.png" in result.err
    assert files_below(tmp_path) == {"a.png"}
