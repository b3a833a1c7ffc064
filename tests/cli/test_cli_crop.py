"""Only a part of each picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from cli_helpers import Cli, draw, save_photo
from PIL import Image


def test_only_the_part_is_enlarged(upscale: Cli, tmp_path: Path) -> None:
    """Just as if the part were a file of its own."""
    photo, part = save_photo(tmp_path / "a.png"), tmp_path / "part.png"
    with Image.open(photo) as image:
        image.crop((5, 3, 15, 11)).save(part)
    assert upscale(photo, "-o", tmp_path / "a.out.png", "--crop", "5,3,10,8").code == 0
    assert upscale(part, "-o", tmp_path / "b.out.png").code == 0
    found, wanted = (np.asarray(Image.open(tmp_path / f"{n}.out.png")) for n in "ab")
    assert found.shape == (32, 40, 3)
    assert np.array_equal(found, wanted)


def test_every_frame_of_an_animation(upscale: Cli, tmp_path: Path) -> None:
    frames = [Image.fromarray(draw(seed=seed)) for seed in range(2)]
    path = tmp_path / "a.webp"
    frames[0].save(path, save_all=True, append_images=frames[1:], lossless=True)
    result = upscale(path, "-o", tmp_path / "out.webp", "--crop", "4,4,10,8", "--scale", "2")
    assert result.code == 0, result.err
    with Image.open(tmp_path / "out.webp") as image:
        assert (image.size, image.n_frames) == ((20, 16), 2)  # type: ignore[attr-defined]


def test_what_is_not_on_the_picture_fails_by_itself(upscale: Cli, tmp_path: Path) -> None:
    small, large = save_photo(tmp_path / "a.png"), save_photo(tmp_path / "b.png", 60, 40)
    result = upscale(small, large, "-o", tmp_path / "out", "--crop", "20,10,30,20")
    assert result.code == 1
    assert "goes beyond the picture of 24 x 16 pixels" in result.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b_4x.png"]
    result = upscale(small, "--crop", "1,2,3")
    assert result.code == 2
    assert "--crop is X,Y,W,H in pixels, not 1,2,3" in result.err
