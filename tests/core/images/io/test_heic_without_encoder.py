"""HEIC is read by a decoder alone; what is missing for writing it, or JPEG XL, is said plainly."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from repository import ROOT

from srgan_desktop.core.base.errors import FormatLimitError, UsageError
from srgan_desktop.core.images.io import (
    FORMATS,
    available,
    check_target,
    formats,
    probe,
    read_image,
    target_format,
    writable_formats,
)

# as a phone leaves it: stored on its side, turned by a property, with camera data and a profile
PHOTO = ROOT / "tests" / "golden" / "pictures" / "otter.heic"
SAMPLE = ROOT / "resources" / "samples" / "otter.jpg"
EXTRAS = ("pillow_heif", "libjxl")


@pytest.fixture
def plain_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no extra were installed."""
    there = formats._is_there
    monkeypatch.setattr(formats, "_is_there", lambda module: module not in EXTRAS and there(module))


def test_a_photo_of_a_phone_is_read() -> None:
    info, back = probe(PHOTO), read_image(PHOTO)
    assert (info.format, info.width, info.height) == ("heic", 320, 180)
    assert back.warnings == ()
    assert back.metadata.icc
    assert back.metadata.exif is not None
    assert b"Cameramaker" in back.metadata.exif
    with Image.open(SAMPLE) as image:
        expected = np.asarray(image.convert("RGB").resize((320, 180), Image.Resampling.LANCZOS))
    assert np.abs(back.pixels.astype(int) - expected).mean() < 6


def test_no_encoder_is_needed_for_that() -> None:
    program = """
import sys
for name in ("pillow_heif", "opencodecs"):
    sys.modules[name] = None
from srgan_desktop.core.images.io import *
print(read_image(sys.argv[1]).pixels.shape, *writable_formats())
print(sorted(name for name in sys.modules if name.startswith(("pi_heif", "pillow_"))))
"""
    command = [sys.executable, "-W", "error", "-c", program, str(PHOTO)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    first, second = done.stdout.splitlines()
    assert first == "(180, 320, 3) png jpeg webp tiff bmp avif jpeg2000"
    assert "'pi_heif'" in second
    assert "pillow_heif._" not in second


@pytest.mark.usefixtures("plain_install")
def test_what_to_install_is_said() -> None:
    assert not {"heic", "jxl"} & set(writable_formats())
    assert available("heic")
    assert not available("jxl")
    for name, package in (("heic", "pillow-heif"), ("jxl", "opencodecs")):
        said = rf"writing {FORMATS[name].label} needs {package}, .*\(pip install {package}\)"
        with pytest.raises(FormatLimitError, match=said):
            check_target(f"a.{name}", None, 9, 9)


@pytest.mark.usefixtures("plain_install")
def test_nobody_is_sent_to_pip_from_a_packaged_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "is_frozen", lambda: True)
    with pytest.raises(FormatLimitError, match="this build of the program does not write HEIC"):
        check_target("a.heic", None, 9, 9)
    assert "does not read JPEG XL" in formats.missing_decoder("jxl")


@pytest.mark.usefixtures("plain_install")
def test_the_same_format_means_png_where_that_cannot_be_written() -> None:
    assert target_format("same", probe(PHOTO)) == "png"
    assert target_format("same", probe(SAMPLE)) == "jpeg"
    assert target_format("same", probe(PHOTO), "a.jpg") == "jpeg"


@pytest.mark.usefixtures("plain_install")
def test_a_batch_says_it_too() -> None:
    from srgan_desktop.core.jobs.options import BatchOptions

    with pytest.raises(UsageError, match=r"pip install pillow-heif"):
        BatchOptions(format="heic")
    assert BatchOptions(format="same").format == "same"
