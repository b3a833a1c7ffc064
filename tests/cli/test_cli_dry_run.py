"""--dry-run: what would be written and what it costs, without writing."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_helpers import Cli, files_below, save_photo

from srgan_desktop.core.images.io import formats
from srgan_desktop.core.jobs import estimate as job_estimate


def test_nothing_is_written(upscale: Cli, tmp_path: Path) -> None:
    save_photo(tmp_path / "in" / "a.png")
    result = upscale(tmp_path / "in", "-o", tmp_path / "out", "--dry-run")
    assert result.code == 0
    assert files_below(tmp_path) == {"in/a.png"}
    assert not (tmp_path / "out").exists()
    assert f"{tmp_path}/in/a.png -> {tmp_path}/out/a_4x.png  24 x 16 -> 96 x 64" in result.out
    assert " s, " in result.out
    assert " on disk" in result.out
    assert " of memory" in result.out


def test_the_numbers_add_up(upscale: Cli, tmp_path: Path) -> None:
    save_photo(tmp_path / "a.png", 100, 50)
    save_photo(tmp_path / "b.jpg", 200, 100)
    (tmp_path / "bad.png").write_bytes(b"")
    (tmp_path / "done.png").write_bytes((tmp_path / "a.png").read_bytes())
    (tmp_path / "done_4x.png").write_bytes(b"taken")
    result = upscale(tmp_path, "--dry-run", "--json", "--existing", "skip")
    assert result.code == 1
    a, b, failed, skipped, total = result.events
    assert [a["event"], b["event"], failed["event"], skipped["event"], total["event"]] == [
        "planned",
        "planned",
        "file_failed",
        "file_skipped",
        "planned_all",
    ]
    assert (a["out_width"], a["out_height"]) == (400, 200)
    assert b["target"] == str(tmp_path / "b_4x.jpg")
    assert total["files"] == 2
    assert total["failed"] == total["skipped"] == 1
    assert total["seconds"] == pytest.approx(a["seconds"] + b["seconds"])
    assert total["disk_bytes"] == a["disk_bytes"] + b["disk_bytes"]
    assert total["memory_bytes"] == max(a["memory_bytes"], b["memory_bytes"])
    assert b["seconds"] == pytest.approx(4 * a["seconds"])
    assert total["free_disk_bytes"] > 0


def test_test_time_averaging_costs_eight_times_as_long(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = save_photo(tmp_path / "a.png")
    monkeypatch.setattr(job_estimate, "measure_speed", lambda engine: 1e-3)
    once = upscale(source, "--dry-run", "--json").events[0]["seconds"]
    averaged = upscale(source, "--dry-run", "--json", "--tta").events[0]["seconds"]
    assert once == pytest.approx(24 * 16 * 1e-3)
    assert averaged == pytest.approx(8 * once)


def test_two_passes_cost_both(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = save_photo(tmp_path / "a.png")
    monkeypatch.setattr(job_estimate, "measure_speed", lambda engine: 1.0)
    planned = upscale(source, "--dry-run", "--json", "--scale", 16).events[0]
    assert planned["seconds"] == 24 * 16 + 96 * 64


def test_too_little_disk_is_said(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = save_photo(tmp_path / "a.png")
    monkeypatch.setattr(job_estimate, "free_disk_bytes", lambda target: 1000)
    assert "not enough: only 1 KB are free" in upscale(source, "--dry-run").out


def test_the_estimate_of_disk_space_is_near_the_truth(upscale: Cli, tmp_path: Path) -> None:
    """For BMP, which does not depend on what is in the picture."""
    source = save_photo(tmp_path / "a.bmp", 100, 50)
    planned = upscale(source, "--dry-run", "--json").events[0]["disk_bytes"]
    assert upscale(source).code == 0
    assert (tmp_path / "a_4x.bmp").stat().st_size == pytest.approx(planned, rel=0.01)


def test_every_format_has_an_estimate(upscale: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png")
    kinds = ("png", "jpeg", "webp", "tiff", "bmp", "avif", "jpeg2000", "jxl", "heic")
    for kind in kinds:
        result = upscale(source, "--dry-run", "--json", "--format", kind)
        assert result.events[0]["disk_bytes"] > 0


def test_a_format_whose_encoder_is_missing(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "_is_there", lambda module: module != "pillow_heif")
    source = save_photo(tmp_path / "a.png")
    # asked for by the name of the file, it is this file's trouble
    result = upscale(source, "--json", "-o", tmp_path / "b.heic")
    assert result.code == 1
    (failed,) = [event for event in result.events if event["event"] == "file_failed"]
    assert failed["kind"] == "format_limit"
    assert "pip install pillow-heif" in failed["error"]
    # asked for by the option, the call is refused before any file is looked at
    result = upscale(source, "--json", "--format", "heic")
    assert result.code == 2
    assert [event["event"] for event in result.events] == ["error"]
    assert "pip install pillow-heif" in result.events[0]["error"]
    assert files_below(tmp_path) == {"a.png"}
