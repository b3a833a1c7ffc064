"""Photos for measurements of training where there are none at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

DRAWN_PHOTOS = 40


def draw_photos(folder: Path) -> Path:
    """JPEGs of about a camera phone's preview size: waves, edges and grain."""
    y, x = np.mgrid[0:480, 0:640]
    for seed in range(DRAWN_PHOTOS):
        random = np.random.default_rng(seed)
        picture = np.full((480, 640, 3), 128.0)
        for _ in range(6):
            fx, fy, phase = random.uniform((-0.2, -0.2, 0), (0.2, 0.2, 6))
            picture += np.sin(fx * x + fy * y + phase)[..., None] * random.uniform(-30, 30, 3)
        for _ in range(12):
            top, left = random.integers(0, 400), random.integers(0, 560)
            picture[top : top + 80, left : left + 80] += random.uniform(-60, 60, 3)
        picture += random.normal(0, 4, picture.shape)
        pixels = picture.clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"photo{seed:02d}.jpg", quality=92)
    return folder
