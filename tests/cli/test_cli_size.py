"""How large the result is, in all the words the command line has for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_helpers import Cli, save_photo
from PIL import Image


@pytest.mark.parametrize(
    ("options", "size", "dpi"),
    [
        (("--scale", "2.5"), (60, 40), None),
        (("--percent", "250"), (60, 40), None),
        (("--megapixels", "0.0024"), (60, 40), None),
        (("--width", "1in"), (300, 200), 300),
        (("--long", "1cm", "--dpi", "254"), (100, 67), 254),
        (("--height", "5MM", "--dpi", "254"), (75, 50), 254),
        (("--scale", "2", "--dpi", "72"), (48, 32), 72),
        (("--dpi", "72"), (96, 64), 72),
    ],
)
def test_sizes(
    upscale: Cli, tmp_path: Path, options: tuple[str, ...], size: tuple[int, int], dpi: int | None
) -> None:
    photo, out = save_photo(tmp_path / "a.png"), tmp_path / "out.png"
    result = upscale(photo, "-o", out, *options)
    assert result.code == 0, result.err
    with Image.open(out) as image:
        assert image.size == size
        found = image.info.get("dpi")
    assert (None if found is None else round(found[0])) == dpi


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--width", "0cm"), "must be a number above 0"),
        (("--width", "2.5"), "must be a whole number above 0"),
        (("--width", "x"), "must be a whole number above 0"),
        (("--long", "1cm", "--dpi", "20000"), "--dpi is from 1 to 10000"),
        (("--percent", "50"), "smaller than the source"),
    ],
)
def test_nonsense(upscale: Cli, tmp_path: Path, options: tuple[str, ...], problem: str) -> None:
    result = upscale(save_photo(tmp_path / "a.png"), *options)
    assert result.code != 0
    assert problem in result.err
