"""Small pictures as people have them: the kinds of damage that photo models are judged by.

Made apart from the degradations that models are trained with, with Pillow's own JPEG and filters:
a model that only knows the trainer's would otherwise score too well.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from srgan_desktop.core.base.errors import DatasetError
from srgan_desktop.core.base.translation import tr
from trainer.data.degradations import bicubic_lr_large

Pixels = NDArray[np.uint8]  # (H, W, 3)
Damage = Callable[[Pixels, int, np.random.Generator], Pixels]


def clean(hr: Pixels, scale: int, random: np.random.Generator) -> Pixels:
    """Made smaller by antialiased bicubic, as the benchmarks are."""
    picture = torch.from_numpy(hr.copy()).permute(2, 0, 1).float()
    small = bicubic_lr_large(picture, scale)
    pixels: Pixels = small.clamp(0, 255).round().byte().permute(1, 2, 0).numpy()
    return pixels


def phone(hr: Pixels, scale: int, random: np.random.Generator) -> Pixels:
    """A phone's photo: a little soft, a little noise, JPEG 75."""
    small = clean(_blurred(hr, 0.3 * scale), scale, random)
    return _jpeg(_noisy(small, 4, random), 75)


def messenger(hr: Pixels, scale: int, random: np.random.Generator) -> Pixels:
    """Sent on: JPEG 70, made smaller, JPEG 40."""
    return _jpeg(clean(_jpeg(hr, 70), scale, random), 40)


def scan(hr: Pixels, scale: int, random: np.random.Generator) -> Pixels:
    """A scanned print: out of focus, grey grain of sigma 10, JPEG 85."""
    small = clean(_blurred(hr, 0.6 * scale), scale, random)
    return _jpeg(_noisy(small, 10, random, grey=True), 85)


def night(hr: Pixels, scale: int, random: np.random.Generator) -> Pixels:
    """Taken in the dark: coloured noise of sigma 22, JPEG 70."""
    return _jpeg(_noisy(clean(hr, scale, random), 22, random), 70)


def web(hr: Pixels, scale: int, random: np.random.Generator) -> Pixels:
    """From a web page: made smaller with Lanczos, sharpened too much, JPEG 55."""
    size = hr.shape[1] // scale, hr.shape[0] // scale
    small = Image.fromarray(hr).resize(size, Image.Resampling.LANCZOS)
    sharp = small.filter(ImageFilter.UnsharpMask(radius=1, percent=150, threshold=0))
    return _jpeg(np.asarray(sharp), 55)


KINDS: dict[str, Damage] = {
    "clean": clean,
    "phone": phone,
    "messenger": messenger,
    "scan": scan,
    "night": night,
    "web": web,
}


def damaged(hr: Pixels, kind: str, scale: int, seed: int, index: int) -> tuple[Pixels, Pixels]:
    """A picture and its damaged small version.

    Args:
        hr: uint8 (H, W, 3); cropped at the right and bottom to multiples of ``scale``.
        kind: one of ``KINDS``.
        seed, index: whole numbers from 0, of the set and of the picture in it, that decide the
            noise.

    Returns:
        uint8 HR (H, W, 3) and LR (H / scale, W / scale, 3).

    Raises:
        DatasetError: nothing would be left of the picture.
    """
    height, width = (n // scale * scale for n in hr.shape[:2])
    if not height or not width:
        size = f"{hr.shape[1]} x {hr.shape[0]}"
        raise DatasetError(
            tr("a picture of {size} pixels is too small for x{scale}", size=size, scale=scale)
        )
    hr = hr[:height, :width]
    random = np.random.default_rng((seed, index, list(KINDS).index(kind)))
    return hr, KINDS[kind](hr, scale, random)


def _blurred(pixels: Pixels, sigma: float) -> Pixels:
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(sigma)))


def _noisy(pixels: Pixels, sigma: float, random: np.random.Generator, grey: bool = False) -> Pixels:
    """Gaussian noise of ``sigma`` levels of 255, one field for all colours where it is grey."""
    height, width, colours = pixels.shape
    field = random.normal(0, sigma, (height, width, 1 if grey else colours))
    noisy: Pixels = (pixels + field).clip(0, 255).round().astype(np.uint8)
    return noisy


def _jpeg(pixels: Pixels, quality: int) -> Pixels:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "jpeg", quality=quality)
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB"))
