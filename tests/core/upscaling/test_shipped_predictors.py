"""What the shipped models that adapt find in a photo, in colour and in black and white."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srgan_desktop.core.engine.engine import open_engine
from srgan_desktop.core.upscaling.adapting import find_strengths
from srgan_desktop.core.weights.catalogue import find_model

SAMPLE = Path(__file__).parents[3] / "resources" / "samples" / "otter.jpg"
# at which the x4 models take both experts alike; the x2 models do at 0.17
EVEN = 0.1


def clean() -> Image.Image:
    """The sample so small that nothing is left of its compression."""
    with Image.open(SAMPLE) as photo:
        return photo.convert("RGB").reduce(3)


def compressed(photo: Image.Image) -> Image.Image:
    file = io.BytesIO()
    photo.save(file, "jpeg", quality=40)
    return Image.open(file)


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("name", ["photo-x4", "photo-gan-x4", "photo-x2", "photo-gan-x2"])
def test_clean_photos_are_found_clean_and_compressed_ones_compressed(name: str, mode: str) -> None:
    engine = open_engine(find_model(name), device="cpu", threads=1)
    photo = clean().convert(mode)
    good, bad = (
        find_strengths(engine, np.atleast_3d(np.asarray(seen)))
        for seen in (photo, compressed(photo))
    )
    assert sum(good.values) < EVEN
    assert bad.compression > 0.3
