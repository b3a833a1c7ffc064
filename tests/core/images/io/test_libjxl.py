"""libjxl called directly, and checked by another program's decoder."""

from __future__ import annotations

import base64
import contextlib
from ctypes import c_char_p, c_size_t, c_void_p
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from image_makers import XMP, exif_block, noise, profile, wide_profile

from srgan_desktop.core.images.image import Pixels
from srgan_desktop.core.images.io import jxl_encode, probe, read_image
from srgan_desktop.core.images.io.jxl_decode import count_frames, decode
from srgan_desktop.core.images.io.jxl_encode import encode
from srgan_desktop.core.images.io.libjxl import JxlError, JxlPicture, check

EXIF = bytes(4) + exif_block(1)
# 8 x 8 pixels of 10, 200 and 90, by libjxl, which is not called for animations here
THREE_FRAMES = (
    "/wpBBE0AICYIBAEAOABLGIsVgFXqfwAMZVxNCAgEAQA8AEsYixWAXdT/"
    "ABiSrppAAggEBQA8AEsYixWAHdT/ABjQr5rQAA=="
)


def channels(kind: str) -> tuple[Pixels, bool]:
    made = noise(kind)
    if made.alpha is None:
        return made.pixels, False
    return np.dstack([made.pixels, made.alpha]), True


# colours of 16 bits that decoder does not give
@pytest.mark.parametrize("kind", ["grey8", "greya8", "rgb8", "rgba8", "grey16", "greya16"])
def test_another_decoder_reads_the_same(kind: str) -> None:
    import pillow_jxl

    pixels, has_alpha = channels(kind)
    data = encode(JxlPicture(pixels, has_alpha), 100)
    _, info, raw, _, _ = pillow_jxl.Decoder()(data)
    read = np.frombuffer(bytes(raw), pixels.dtype).reshape(info.height, info.width, -1)
    assert np.array_equal(read, pixels)
    assert bool(info.has_alpha_channel) == has_alpha


def test_what_it_is_given_comes_back() -> None:
    long = XMP + b" " * 3_000_000  # over several of the decoder's buffers
    for quality, icc in ((100, wide_profile()), (90, None)):
        given = JxlPicture(channels("rgb16")[0], False, icc, EXIF, long)
        found = decode(encode(given, quality))
        assert isinstance(found, JxlPicture)
        assert (found.exif, found.xmp) == (EXIF, long)
        if icc:
            assert found.icc == icc


def _add_packed_xmp(main: Any, encoder: c_void_p, picture: JxlPicture) -> None:
    """As the encoder adds its boxes, but packed with Brotli."""
    assert picture.xmp is not None
    check(main.JxlEncoderUseBoxes(encoder))
    size = c_size_t(len(picture.xmp))
    check(main.JxlEncoderAddBox(encoder, c_char_p(b"xml "), picture.xmp, size, 1))
    main.JxlEncoderCloseBoxes(encoder)


@pytest.mark.timeout(60)
def test_a_small_file_that_unpacks_to_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jxl_encode, "_add_boxes", _add_packed_xmp)
    pixels = channels("rgb8")[0]
    longest = encode(JxlPicture(pixels, False, xmp=bytes(64 << 20)), 90)
    found = decode(longest)
    assert isinstance(found, JxlPicture)
    assert found.xmp == bytes(64 << 20)
    longer = encode(JxlPicture(pixels, False, xmp=bytes((64 << 20) + 1)), 90)
    assert len(longer) < 100_000
    with pytest.raises(JxlError, match="64 MiB"):
        decode(longer)


def test_quality_costs_bytes() -> None:
    pixels = channels("rgb8")[0]
    sizes = [len(encode(JxlPicture(pixels, False), q)) for q in (30, 75, 95, 100)]
    assert sizes == sorted(set(sizes))


def test_a_profile_of_other_channels_is_refused() -> None:
    with pytest.raises(JxlError, match="profile"):
        encode(JxlPicture(channels("grey8")[0], False, profile()), 90)


@pytest.mark.parametrize("length", [0, 2, 40, 300, -5])
def test_a_file_that_is_cut_short_is_refused(length: int) -> None:
    given = JxlPicture(channels("rgb8")[0], False, None, EXIF)
    with pytest.raises(JxlError):
        decode(encode(given, 90)[:length])


def test_the_pictures_of_an_animation_are_counted_and_the_loss_is_told(tmp_path: Path) -> None:
    path = tmp_path / "moves.jxl"
    path.write_bytes(base64.b64decode(THREE_FRAMES))
    assert probe(path).frames == 3
    image = read_image(path)
    assert image.warnings == ("the file holds 3 pictures; only the first was read",)
    assert (image.pixels == 10).all()
    for size in range(len(path.read_bytes())):
        with contextlib.suppress(JxlError):
            assert count_frames(base64.b64decode(THREE_FRAMES)[:size]) <= 3
