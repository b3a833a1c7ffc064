from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from srgan_desktop.core.images.resize import (
    cubic_kernel,
    resize,
    resize_axis,
    resize_matrix,
    resize_pixels,
    resize_weights,
)


def _cubic(x: float) -> float:
    x = abs(x)
    if x <= 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0


def _reference(line: list[float], target: int) -> list[float]:
    """One axis, sample by sample, as imresize is described."""
    length = len(line)
    factor = target / length
    stretch = max(1.0, 1 / factor)
    result = []
    for i in range(target):
        centre = (i + 0.5) / factor - 0.5
        first = math.floor(centre - 2 * stretch) - 1
        total = weights = 0.0
        for j in range(first, first + math.ceil(4 * stretch) + 4):
            mirrored = j % (2 * length)
            mirrored = mirrored if mirrored < length else 2 * length - 1 - mirrored
            weight = _cubic((centre - j) / stretch)
            total += weight * line[mirrored]
            weights += weight
        result.append(total / weights)
    return result


@settings(max_examples=60, deadline=None)
@given(length=st.integers(1, 40), target=st.integers(1, 60), seed=st.integers(0, 9))
def test_one_axis_against_the_plain_definition(length: int, target: int, seed: int) -> None:
    line = np.random.default_rng(seed).uniform(0, 255, length)
    ours = resize_axis(torch.from_numpy(line), 0, target)
    assert ours.tolist() == pytest.approx(_reference(line.tolist(), target), abs=1e-3)


def test_the_kernel_interpolates() -> None:
    at_samples = cubic_kernel(torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0]))
    assert at_samples.tolist() == [0, 0, 1, 0, 0]


@given(length=st.integers(1, 200), target=st.integers(1, 200))
def test_weights_add_up_and_indices_are_inside(length: int, target: int) -> None:
    indices, weights = resize_weights(length, target)
    assert indices.shape == weights.shape == (target, indices.shape[1])
    assert torch.allclose(weights.sum(1), torch.ones(target), atol=1e-5)
    assert int(indices.min()) >= 0
    assert int(indices.max()) < length


def test_a_flat_picture_stays_flat_and_the_same_size_the_same() -> None:
    flat = torch.full((3, 13, 17), 77.0)
    assert torch.allclose(resize(flat, 5, 40), torch.full((3, 5, 40), 77.0), atol=1e-3)
    picture = torch.rand(3, 13, 17) * 255
    assert torch.allclose(resize(picture, 13, 17), picture, atol=1e-3)


def test_down_to_a_single_pixel_is_about_the_mean() -> None:
    ramp = torch.arange(100.0)[None, None].expand(1, 20, 100)
    assert float(resize(ramp.contiguous(), 1, 1)) == pytest.approx(49.5, abs=0.1)


@pytest.mark.parametrize("size", [(20, 24), (41, 37), (160, 192)])
def test_inside_it_agrees_with_pillows_antialiased_bicubic(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(3).uniform(0, 255, (80, 96)).astype(np.float32)
    theirs = np.asarray(
        Image.fromarray(picture).resize(size[::-1], Image.Resampling.BICUBIC), np.float32
    )
    ours = resize(torch.from_numpy(picture), *size).numpy()
    # at the border Pillow cuts the kernel where imresize mirrors the picture
    inside = tuple(slice(max(2, 3 * n // 80), -max(2, 3 * n // 80)) for n in size)
    assert np.abs(ours[inside] - theirs[inside]).max() < 0.05


def test_the_matrix_is_the_same_resize() -> None:
    x = torch.rand(33, 7) * 255
    assert torch.allclose(resize_matrix(33, 12) @ x, resize_axis(x, 0, 12), atol=1e-3)


def test_any_axis_of_any_tensor() -> None:
    x = torch.rand(2, 5, 6, 7)
    moved = resize_axis(x.movedim(1, 3), 3, 9).movedim(3, 1)
    assert torch.equal(resize_axis(x, 1, 9), moved)
    assert x.dtype == resize_axis(x.double().float(), 2, 3).dtype


def test_pixels_are_resized_as_tensors_are() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (24, 36, 3), dtype=np.uint8)
    small = resize_pixels(pixels, 8, 12)
    assert small.dtype == np.uint8
    assert small.shape == (8, 12, 3)
    tensor = resize(torch.from_numpy(pixels).permute(2, 0, 1).float(), 8, 12)
    assert (small == tensor.clamp(0, 255).round().byte().permute(1, 2, 0).numpy()).all()
