"""Every kind of file that can be made here is read right or refused in plain words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from corpus import cases
from corpus_case import Case

from srgan_desktop.core.base.errors import ImageReadError
from srgan_desktop.core.images.io import (
    WriteOptions,
    available,
    format_of_extension,
    probe,
    read_image,
    to_srgb8,
    write_image,
)

CASES = list(cases())
GOOD = [case for case in CASES if case.pixels is not None]
BAD = [case for case in CASES if case.pixels is None]


def write(case: Case, folder: Path) -> Path:
    if not available(format_of_extension(case.file_name) or "png"):
        pytest.skip("what reads this format is not installed")
    path = folder / case.file_name
    path.write_bytes(case.make())
    return path


def test_every_case_has_a_name_of_its_own() -> None:
    assert [name for name, n in Counter(case.file_name for case in CASES).items() if n > 1] == []
    assert len(CASES) > 300


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_it_is_read_as_it_was_made(case: Case, tmp_path: Path) -> None:
    path = write(case, tmp_path)
    image = read_image(path)
    assert case.pixels is not None
    assert image.pixels.shape[:2] == case.pixels.shape[:2]
    whole = np.iinfo(image.pixels.dtype).max
    off = np.abs(image.pixels / whole - case.pixels).max()
    assert off <= case.within + 1e-9
    assert image.depth == case.depth
    if case.alpha is None:
        assert image.alpha is None
    else:
        assert image.alpha is not None
        assert np.abs(image.alpha / whole - case.alpha).max() <= max(case.within, 1e-9)
    assert len(image.warnings) == len(case.told)
    for said, part in zip(image.warnings, case.told, strict=True):
        assert part in said


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_its_header_says_what_is_read(case: Case, tmp_path: Path) -> None:
    path = write(case, tmp_path)
    info, image = probe(path), read_image(path)
    assert (info.width, info.height) == (image.width, image.height)
    assert info.format == image.format
    assert info.frames == case.frames


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_its_result_looks_the_same(case: Case, tmp_path: Path) -> None:
    """Read, written as PNG with the profile, and read again: nothing changes on the way."""
    image = read_image(write(case, tmp_path))
    back = read_image(write_image(tmp_path / "result.png", image, WriteOptions("png")).path)
    assert np.array_equal(back.pixels, image.pixels)
    assert np.array_equal(to_srgb8(back), to_srgb8(image))


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_it_is_refused_in_plain_words(
    case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(case, tmp_path)
    with pytest.raises(ImageReadError) as error:
        read_image(path)
    said = str(error.value)
    assert said.startswith(f"{path}: ")
    assert case.refused in said
    for word in ("<_io", "ssize_t", "object at", "Traceback", "cffi", "NoneType"):
        assert word not in said
    assert "Traceback" not in capfd.readouterr().err
