"""The sheet of what a network will be shown."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srgan_desktop.core.base.errors import DatasetError
from trainer.cli import main
from trainer.config.presets import load_preset
from trainer.evaluation.preview import preview_sheet

Text = pytest.CaptureFixture[str]
SETTINGS = ("degradation.kind=second_order", "degradation.clean_part=1.0")


def test_a_sheet_has_the_original_and_its_versions(photos: Path) -> None:
    config = load_preset("tiny", SETTINGS)
    sheet = preview_sheet(config, photos, pictures=2, variants=3, side=64)
    assert sheet.dtype == np.uint8
    height, width, _ = sheet.shape
    assert width > 5 * 64
    assert height > 2 * 64
    original = np.array(Image.open(photos / "photo0.png"))[24:88, 32:96]
    places = [
        (y, x)
        for y in range(height - 63)
        for x in range(60)
        if np.array_equal(sheet[y : y + 64, x : x + 64], original)
    ]
    assert len(places) == 1
    # LR pixels are squares, and no two versions are the same
    top, left = places[0]
    step = (width - left) // 5
    pieces = [sheet[top : top + 64, left + i * step :][:, :64] for i in range(1, 5)]
    for piece in pieces:
        assert np.array_equal(piece[::4, ::4].repeat(4, 0).repeat(4, 1), piece)
    assert len({piece.tobytes() for piece in pieces}) == 4
    again = preview_sheet(config, photos, pictures=2, variants=3, side=64)
    assert np.array_equal(sheet, again)


def test_grey_and_small_photos_are_shown_too(tmp_path: Path) -> None:
    Image.new("L", (30, 50), 90).save(tmp_path / "small.png")
    config = load_preset("tiny", [*SETTINGS, "generator.colours=1"])
    assert preview_sheet(config, tmp_path, variants=1, side=64).shape[2] == 3
    Image.new("L", (3, 3), 90).save(tmp_path / "tiny.png")
    assert preview_sheet(config, tmp_path, variants=1, side=64).shape[2] == 3
    (tmp_path / "small.png").write_bytes(b"damaged")
    with pytest.raises(DatasetError, match="no picture in it can be read"):
        preview_sheet(config, tmp_path)


def test_the_command_writes_a_png_and_replaces_nothing_unasked(
    photos: Path, tmp_path: Path, capsys: Text
) -> None:
    out = tmp_path / "sheet.png"
    words = ["preview", "--preset", "photo-x4", "--data", str(photos), "-o", str(out)]
    words += ["--photos", "2", "--variants", "1", "--size", "64"]
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"event": "previewed", "path": str(out)}
    with Image.open(out) as sheet:
        assert sheet.format == "PNG"
    assert main(words) == 2
    assert "is there already" in capsys.readouterr().err
    assert main([*words, "--overwrite"]) == 0
    for wrong, part in (("sheet.jpg", "PNG file"), ("none/sheet.png", "none")):
        words[6] = str(tmp_path / wrong)
        assert main(words) != 0
        assert part in capsys.readouterr().err
    assert main([*words[:6], str(tmp_path / "b.png"), "--size", "8"]) == 2


def test_pairs_are_shown_as_they_are(tmp_path: Path, capsys: Text) -> None:
    large, small = tmp_path / "hr", tmp_path / "lr"
    for folder, side in ((large, 80), (small, 20)):
        folder.mkdir()
        Image.new("RGB", (side, side), (40, 80, 120)).save(folder / "a.png")
    words = ["preview", "--preset", "tiny", "--data", str(large), "-o", str(tmp_path / "s.png")]
    assert main([*words, "--pairs", str(small), "--size", "64"]) == 0
    assert np.asarray(Image.open(tmp_path / "s.png")).shape[1] < 3 * 64
    assert main([*words, "--set", "degradation.kind=pairs", "--overwrite"]) == 2
    assert "--pairs FOLDER" in capsys.readouterr().err
