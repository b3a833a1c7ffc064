"""What a cluster's worker gives is taken only where it is the result that was asked for."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from srgan_desktop.core.jobs.cluster import is_result


def test_only_a_picture_of_that_size_in_that_folder(tmp_path: Path) -> None:
    stage, elsewhere = tmp_path / "stage", tmp_path / "elsewhere"
    for folder in (stage, elsewhere):
        folder.mkdir()
        Image.new("RGB", (8, 4)).save(folder / "a.png")
    (stage / "text.png").write_text("no picture")
    (stage / "link.png").symlink_to(elsewhere / "a.png")
    assert is_result(stage / "a.png", stage, (8, 4))
    assert not is_result(stage / "a.png", stage, (16, 4))
    wrong = (elsewhere / "a.png", stage / "../elsewhere/a.png", stage / "link.png")
    others = (stage / "text.png", stage / "missing.png", stage)
    assert not any(is_result(path, stage, (8, 4)) for path in (*wrong, *others))
