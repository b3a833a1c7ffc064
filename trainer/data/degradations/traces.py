"""How strong what was done to a picture still is once it has its final size.

Kept beside the picture while a chain of degradations works on it: a blur spreads the noise from
before it, a resize averages it, a later compression comes on top. The outcome is what an adaptive
network learns to predict: its ``STRENGTHS``, each 0..1. It follows from what was drawn and hardly
from the picture, by simple models: noise is grains of some area that averages out over more than
that, a kernel is as wide as the Gaussian of the same gain.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from srgan_desktop.core.networks.strengths import STRENGTHS

# what counts as strength 1, of the picture as it is given: LR pixels of sigma, levels of 255 of
# sigma, and the JPEG quality
FULL_BLUR = 1.5
FULL_NOISE = 20.0
FULL_COLOUR_NOISE = 10.0
FULL_QUALITY = 30
# what interpolation between the pixels of a picture adds to its blur, in squares of their distance
_INTERPOLATION = 0.25
# of the variance of noise, what interpolation leaves
_INTERPOLATED_NOISE = 0.6
# of the variance of noise of the colours, what JPEG leaves, which halves their size
_HALVED_NOISE = 0.3
# parts of the variance of independent noise in three colours that lie in the lightness, and the
# mean over the colours of what is left
_LIGHTNESS_PART = 0.299**2 + 0.587**2 + 0.114**2
_COLOUR_PART = 1 - 2 / 3 + _LIGHTNESS_PART


class Traces:
    """Of some pictures of one size, each with strengths of its own.

    Args:
        count: of the pictures.
        size: theirs, (height, width), and what they end at.
    """

    def __init__(self, count: int, size: tuple[int, int], final: tuple[int, int]) -> None:
        self._side, self._final = math.sqrt(math.prod(size)), math.sqrt(math.prod(final))
        # variances: of the blur in squared LR pixels, of the noise on 0..1
        self._blur = np.zeros(count)
        self._noise = np.zeros((2, count))
        self._grain = np.ones(count)  # pixels that a grain of noise covers
        self._compression = np.zeros(count)

    def blurred(self, kernels: Tensor, chosen: np.ndarray) -> None:
        """By ``kernels`` (n, k, k), those that were ``chosen`` (n,)."""
        gain = kernels.square().sum((1, 2)).cpu().numpy().clip(1e-9, 1)
        gain = np.where(chosen, gain, 1.0)
        # a Gaussian of variance v has the gain 1 / (4 pi v); what changes nothing has 1
        pixel = self._final / self._side
        self._blur += (1 / gain - 1) / (4 * math.pi) * pixel**2
        spread = self._grain + 1 / gain - 1
        self._noise *= self._grain / spread
        self._grain = spread

    def resized(self, size: tuple[int, int]) -> None:
        """To ``size`` (height, width)."""
        side = math.sqrt(math.prod(size))
        area = (side / self._side) ** 2
        if side < self._final:
            self._blur += _INTERPOLATION * ((self._final / side) ** 2 - 1)
        if area < 1:
            averaged = np.minimum(1.0, self._grain * area)
            self._noise *= averaged
            self._compression *= area
        elif area > 1:
            self._noise *= _INTERPOLATED_NOISE
        self._grain = np.maximum(1.0, self._grain * area)
        self._side = side

    def noised(self, sigma: np.ndarray, is_grey: np.ndarray) -> None:
        """By noise of ``sigma`` (n,) on 0..1, the same in all colours or apart in each."""
        variance = sigma**2
        parts = np.where(is_grey, [[1.0], [0.0]], [[_LIGHTNESS_PART], [_COLOUR_PART]])
        added = parts * variance
        before, new = self._noise.sum(0), added.sum(0)
        total = np.maximum(before + new, 1e-12)
        self._grain = np.where(new > 0, (self._grain * before + new) / total, self._grain)
        self._noise += added

    def sharpened(self, kernels: Tensor, amount: np.ndarray) -> None:
        """By unsharp masks of ``amount`` (n,) around the blurs ``kernels`` (n, k, k).

        What blurred the picture before stays blurred; grains of a pixel grow by the mask's gain.
        """
        kernels = kernels.cpu().double()
        middle = kernels[:, kernels.shape[1] // 2, kernels.shape[2] // 2].numpy()
        gain = (1 + amount) ** 2 - 2 * (1 + amount) * amount * middle
        gain += amount**2 * kernels.square().sum((1, 2)).numpy()
        self._noise *= 1 + (gain - 1) / self._grain

    def compressed(self, quality: np.ndarray, chosen: np.ndarray) -> None:
        """By JPEG of ``quality`` (n,), 1..100, those that were ``chosen``."""
        part = (100 - quality.clip(1, 100)) / (100 - FULL_QUALITY)
        self._compression += np.where(chosen, part, 0.0) ** 2
        self._noise[1] *= np.where(chosen, _HALVED_NOISE, 1.0)

    def strengths(self) -> np.ndarray:
        """float64 (n, strengths), 0..1, in the order of ``STRENGTHS``."""
        lightness, colour = np.sqrt(self._noise) * 255
        found = {
            "blur": np.sqrt(self._blur) / FULL_BLUR,
            "noise": lightness / FULL_NOISE,
            "colour_noise": colour / FULL_COLOUR_NOISE,
            "compression": np.sqrt(self._compression),
        }
        result: np.ndarray = np.stack([found[name] for name in STRENGTHS], 1).clip(0, 1)
        return result


def no_traces(count: int) -> Tensor:
    """float32 (count, strengths): of pictures that nothing was done to but making them smaller."""
    return torch.zeros(count, len(STRENGTHS))
