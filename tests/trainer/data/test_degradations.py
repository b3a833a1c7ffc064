"""The single steps: blur, JPEG, noise, resize, sharpening, and their settings."""

from __future__ import annotations

import dataclasses
import io
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from srgan_desktop.core.base.errors import UsageError
from trainer.config.degradation_settings import FirstRound, LastSteps
from trainer.config.presets import load_preset
from trainer.config.reading import from_mapping as config_from
from trainer.config.reading import to_mapping
from trainer.config.run_config import RunConfig
from trainer.data.degradations import sharpened
from trainer.data.degradations.chains import (
    compressed,
    last_steps,
    noisy,
    rescaled,
    resized,
)
from trainer.data.degradations.draws import GROUP, Draws, groups, step_noise
from trainer.data.degradations.jpeg import jpeg
from trainer.data.degradations.kernels import (
    BlurShape,
    blur,
    draw_kernels,
    draw_sinc_kernels,
    sinc_kernels,
)
from trainer.data.degradations.lanczos import lanczos_matrix
from trainer.data.degradations.traces import Traces

Photo = Callable[..., np.ndarray]
CPU = torch.device("cpu")
PLAIN = BlurShape(21, (1.5, 1.5), 0.0, 0.0, 0.0, 0.0)


def draws(seed: int = 1, members: int = GROUP) -> Draws:
    drawn = Draws((seed, 2), range(members), CPU)
    drawn.traces = Traces(members, (64, 64), (16, 16))
    return drawn


def as_batch(pixels: np.ndarray) -> Tensor:
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255


def through_pillow(pixels: np.ndarray, quality: int) -> np.ndarray:
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, "JPEG", quality=quality)
    return np.array(Image.open(encoded)).astype(np.float32)


@pytest.mark.parametrize("quality", [10, 30, 50, 75, 95])
def test_jpeg_is_pillows_jpeg(quality: int, photo: Photo) -> None:
    pixels = photo(3, width=120, height=104)
    theirs = through_pillow(pixels, quality)
    ours = jpeg(as_batch(pixels), np.array([quality]))[0].permute(1, 2, 0).numpy() * 255
    lost = np.abs(theirs - pixels).mean()
    assert np.abs(ours - theirs).mean() < min(1.0, lost)
    assert abs(float((ours - theirs).mean())) < 0.2


@pytest.mark.parametrize("quality", [20, 60, 90])
def test_grey_jpeg_is_pillows_too(quality: int, photo: Photo) -> None:
    pixels = photo(4, width=64, height=48)[..., 0]
    ours = jpeg(torch.from_numpy(pixels.copy())[None, None] / 255, np.array([quality]))[0, 0] * 255
    assert float((ours - torch.from_numpy(through_pillow(pixels, quality))).abs().mean()) < 0.3


def test_each_picture_has_its_own_quality_and_odd_sizes_are_no_matter(photo: Photo) -> None:
    picture = as_batch(photo(5, width=37, height=29))
    both = jpeg(picture.repeat(2, 1, 1, 1), np.array([95, 10]))
    assert both.shape == (2, 3, 29, 37)
    for index, quality in enumerate((95, 10)):
        assert torch.allclose(both[index], jpeg(picture, np.array([quality]))[0], atol=1e-6)
    assert (both[1] - picture[0]).abs().mean() > 1.5 * (both[0] - picture[0]).abs().mean()


def test_the_blocks_of_a_crop_lie_where_the_phase_says(photo: Photo) -> None:
    whole = as_batch(photo(6, width=96, height=96))
    quality = np.array([30])
    cut = whole[..., 5:85, 11:91]
    expected = jpeg(whole, quality)[..., 5:85, 11:91]
    inside = (slice(None), slice(None), slice(16, 60), slice(16, 60))
    ours = jpeg(cut, quality, phase=(5, 11))
    assert float((ours - expected)[inside].abs().max()) < 1.5 / 255
    assert float((jpeg(cut, quality) - expected)[inside].abs().max()) > 5 / 255


def test_kernels_are_many_and_each_sums_to_one() -> None:
    shape = BlurShape(21, (0.2, 3.0), 0.3, 0.15, 0.15, 0.1)
    for seed in range(30):
        kernels = draw_kernels(shape, draws(seed))
        assert kernels.shape == (GROUP, 21, 21)
        assert torch.allclose(kernels.sum((1, 2)), torch.ones(GROUP), atol=1e-5)
        assert torch.isfinite(kernels).all()
        assert len({tuple(kernel.flatten().tolist()) for kernel in kernels}) == GROUP


def test_a_gaussian_kernel_has_its_sigma() -> None:
    line = torch.arange(21.0) - 10
    for kernel in draw_kernels(PLAIN, draws(3)):
        side = int((kernel.sum(0) > 0).sum())
        variance = float((kernel.sum(0) * line**2).sum())
        # a small kernel cuts the tails off
        assert variance <= 1.5**2 + 1e-4
        assert variance > (2.2 if side >= 13 else 1.4)
        assert torch.allclose(kernel, kernel.T, atol=1e-6)


def test_anisotropic_kernels_are_longer_in_one_direction() -> None:
    shape = BlurShape(21, (0.5, 3.0), 1.0, 0.0, 0.0, 0.0)
    line = np.arange(21) - 10.0
    ratios = []
    for seed in range(10):
        for kernel in draw_kernels(shape, draws(seed)).numpy():
            y, x = np.meshgrid(line, line, indexing="ij")
            covariance = [
                [(kernel * x * x).sum(), (kernel * x * y).sum()],
                [(kernel * x * y).sum(), (kernel * y * y).sum()],
            ]
            low, high = np.linalg.eigvalsh(covariance)
            ratios.append(high / low)
    assert np.median(ratios) > 1.5


def test_a_sinc_rings_and_keeps_what_is_below_its_cutoff() -> None:
    kernel = sinc_kernels(63, np.array([math.pi / 2]))[0]
    kernel = kernel / kernel.sum()
    spectrum = np.abs(np.fft.fft2(kernel, (256, 256)))
    assert abs(spectrum[0, 20] - 1) < 0.1  # a sixth of the way to the highest frequency
    assert spectrum[0, 110] < 0.1
    edge = torch.zeros(1, 1, 32, 32)
    edge[..., 16:] = 1
    rung = blur(edge, torch.from_numpy(kernel[None].astype(np.float32)))
    assert rung.max() > 1.03
    still = draw_sinc_kernels(21, 0.0, draws())
    assert torch.allclose(blur(edge, still[:1]), edge, atol=1e-5)


@pytest.mark.parametrize("size", [(40, 52), (6, 5)])
def test_the_blur_by_frequencies_is_a_blur(size: tuple[int, int]) -> None:
    source = torch.Generator().manual_seed(2)
    x = torch.rand(3, 2, *size, generator=source)
    kernels = torch.rand(3, 9, 9, generator=source)
    padded = F.pad(x, (4, 4, 4, 4), "replicate")
    expected = torch.stack(
        [F.conv2d(p[:, None], k[None, None])[:, 0] for p, k in zip(padded, kernels, strict=True)]
    )
    assert torch.allclose(blur(x, kernels), expected, atol=1e-4)


def _noise_only(**changes: object) -> FirstRound:
    return FirstRound(**({"noise": 1.0} | changes))  # type: ignore[arg-type]


def test_gaussian_noise_has_its_sigma_and_poisson_follows_the_light() -> None:
    grey = torch.full((GROUP, 3, 64, 64), 0.5)
    gaussian = _noise_only(gaussian=1.0, noise_sigma=(10.0, 10.0), grey_noise=0.0)
    added = noisy(grey, gaussian, 1.0, draws()) - grey
    assert abs(float(added.std()) * 255 - 10) < 0.5
    assert abs(float(noisy(grey, gaussian, 0.5, draws()).std()) * 255 - 5) < 0.3
    poisson = _noise_only(gaussian=0.0, poisson_scale=(1.0, 1.0), grey_noise=0.0)
    dark, light = torch.full_like(grey, 0.1), torch.full_like(grey, 0.6)
    ratio = float(noisy(light, poisson, 1.0, draws()).std()) / float(
        noisy(dark, poisson, 1.0, draws()).std()
    )
    assert ratio == pytest.approx(math.sqrt(6), rel=0.05)


def test_grey_noise_has_no_colour_and_none_is_none() -> None:
    grey = torch.full((GROUP, 3, 16, 16), 0.5)
    without_colour = noisy(grey, _noise_only(grey_noise=1.0), 1.0, draws())
    assert torch.allclose(without_colour[:, 0], without_colour[:, 2], atol=1e-6)
    coloured = noisy(grey, _noise_only(grey_noise=0.0), 1.0, draws())
    assert not torch.allclose(coloured[:, 0], coloured[:, 2], atol=1e-3)
    assert torch.equal(noisy(grey, _noise_only(noise=0.0), 1.0, draws()), grey)
    assert torch.equal(noisy(grey, _noise_only(), 0.0, draws()), grey)


def test_resizing_keeps_the_brightness_in_all_ways(photo: Photo) -> None:
    x = as_batch(photo(7, width=96, height=96))
    seen = set()
    for seed in range(30):
        small = resized(x, (31, 20), draws(seed, members=1))
        assert small.shape == (1, 3, 31, 20)
        assert abs(float(small.mean() - x.mean())) < 0.01
        seen.add(round(float(small.std()), 6))
    assert len(seen) == 3


def test_rescaling_stays_within_its_range() -> None:
    x = torch.zeros(1, 3, 100, 80)
    settings = FirstRound(resize=(0.5, 1.5), resize_down=0.5, resize_up=0.4)
    sides = {tuple(rescaled(x, (100, 80), settings, 1.0, draws(s)).shape[-2:]) for s in range(60)}
    assert all(50 <= height <= 150 and 40 <= width <= 120 for height, width in sides)
    assert min(sides)[0] < 70
    assert max(sides)[0] > 120
    assert (100, 80) in sides
    half = {rescaled(x, (100, 80), settings, 0.5, draws(s)).shape[-2] for s in range(60)}
    assert min(half) >= 75
    assert max(half) <= 125


def test_strength_scales_the_compression(photo: Photo) -> None:
    x = as_batch(photo(8, width=64, height=64)).repeat(GROUP, 1, 1, 1)
    settings = FirstRound(quality=(10, 10))
    losses = [
        float((compressed(x, settings, strength, draws()) - x).abs().mean())
        for strength in (0.2, 0.6, 1.0)
    ]
    assert losses == sorted(losses)
    assert losses[2] > 1.5 * losses[0]
    assert torch.equal(compressed(x, FirstRound(jpeg=0.0), 1.0, draws()), x)


def test_sharpening_leaves_flat_places_and_makes_edges_steeper() -> None:
    picture = torch.full((1, 3, 64, 64), 0.3)
    assert torch.allclose(sharpened(picture), picture, atol=1e-6)
    picture[..., 32:] = 0.6
    crisp = sharpened(picture)
    assert float(crisp[..., 33].mean()) > 0.62
    assert float(crisp[..., 30].mean()) < 0.28
    assert torch.allclose(crisp[..., 0, 0], picture[..., 0, 0], atol=0.02)
    small = torch.rand(2, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    assert sharpened(small).shape == small.shape
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(sharpened(picture), crisp)


def test_numbers_depend_on_the_place_and_not_on_the_neighbours() -> None:
    whole = draws(5)
    part = Draws((5, 2), [2, 3], CPU)
    assert np.array_equal(whole.each((0, 1))[2:], part.each((0, 1)))
    assert np.array_equal(whole.happens(0.5)[2:], part.happens(0.5))
    assert whole.between((0, 1)) == part.between((0, 1))
    assert torch.equal(whole.normal(1, 4, 4)[2:], part.normal(1, 4, 4))
    assert whole.order(5) == part.order(5)
    noise = step_noise((1, 7), (6, 1, 4, 4), CPU)
    assert torch.equal(noise[3:], step_noise((1, 7), (3, 1, 4, 4), CPU, first=3))


def test_a_batch_falls_into_groups_wherever_a_part_of_it_begins() -> None:
    assert [(g, list(p), list(i)) for g, p, i in groups(0, 6)] == [
        (0, [0, 1, 2, 3], [0, 1, 2, 3]),
        (1, [0, 1], [4, 5]),
    ]
    assert [(g, list(p), list(i)) for g, p, i in groups(3, 3)] == [
        (0, [3], [0]),
        (1, [0, 1], [1, 2]),
    ]


@pytest.mark.parametrize(
    ("setting", "part"),
    [
        ("degradation.kind=second", "degradation.kind is one of .*did you mean second_order"),
        ("degradation.strength=1.5", "degradation.strength is from 0 to 1"),
        ("degradation.clean_part=nan", "degradation.clean_part is from 0"),
        ("degradation.first.kernel=20", "degradation.first.kernel is odd"),
        ("degradation.first.sigma=[3.0, 1.0]", "degradation.first.sigma is a lower and an upper"),
        ("degradation.second.sigma=[1.0]", "degradation.second.sigma is a lower and an upper"),
        ("degradation.second.quality=[0, 95]", "degradation.second.quality is from 1 to 100"),
        ("degradation.second.quality=[30.5, 95]", "degradation.second.quality is a whole number"),
        ("degradation.first.resize=[0.0, 1.0]", "degradation.first.resize is from 0.05"),
        ("degradation.first.plateau=0.9", "generalised and degradation.first.plateau are together"),
        ("degradation.first.blurr=1.0", "did you mean degradation.first.blur"),
        ("degradation.first=1", "degradation.first is a section"),
        ("degradation.third.blur=1.0", "degradation.third is not a known setting"),
    ],
)
def test_a_wrong_setting_is_named(setting: str, part: str) -> None:
    with pytest.raises(UsageError, match=part):
        load_preset("photo-x4", [setting])


def test_one_setting_of_a_round_leaves_the_others() -> None:
    config = load_preset("tiny", ["degradation.second.blur=0.1"])
    assert config.degradation.second.sigma == (0.2, 1.5)
    assert config.degradation.first == FirstRound()
    assert config_from(RunConfig, to_mapping(config)) == config


def test_lanczos_is_pillows(photo: Photo) -> None:
    picture = photo(3, width=70, height=50).clip(60, 190)
    for width, height in ((31, 13), (100, 90)):
        expected = Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS)
        rows, columns = lanczos_matrix(50, height, CPU), lanczos_matrix(70, width, CPU)
        got = rows @ torch.from_numpy(picture).permute(2, 0, 1).float() @ columns.T
        # Pillow rounds between the two axes
        assert float((got.permute(1, 2, 0) - torch.from_numpy(np.array(expected))).abs().max()) < 2


def test_lanczos_takes_its_part_of_the_resizes(photo: Photo) -> None:
    x = as_batch(photo(1, width=48, height=48))
    rows = lanczos_matrix(48, 12, CPU)
    expected = (rows @ x @ rows.T).clamp(0, 1)
    found = [
        torch.allclose(resized(x, (12, 12), drawn, lanczos=0.25), expected, atol=1e-6)
        for drawn in (draws(seed) for seed in range(400))
    ]
    assert 0.19 < np.mean(found) < 0.31


def test_grain_is_grey_soft_and_as_strong_as_said() -> None:
    x = torch.full((GROUP, 3, 96, 96), 0.5)
    fine = LastSteps(grain=1.0, grain_sigma=(10.0, 10.0), grain_size=(0.0, 0.0))
    soft = dataclasses.replace(fine, grain_size=(0.8, 0.8))
    for settings, neighbours in ((fine, 0.0), (soft, 0.68)):
        noise = last_steps(x, settings, 1.0, draws()) - x
        assert float(noise.std() * 255) == pytest.approx(10, rel=0.03)
        assert float((noise - noise.mean(1, keepdim=True)).abs().max()) < 1e-6
        likeness = (noise[..., 1:] * noise[..., :-1]).mean() / noise.square().mean()
        assert float(likeness) == pytest.approx(neighbours, abs=0.04)
    half = last_steps(x, fine, 0.5, draws()) - x
    assert float(half.std() * 255) == pytest.approx(5, rel=0.03)


def test_noise_of_the_dark_has_colours() -> None:
    x = torch.full((GROUP, 3, 96, 96), 0.5)
    settings = LastSteps(colour_noise=1.0, colour_noise_sigma=(22.0, 22.0))
    noise = last_steps(x, settings, 1.0, draws()) - x
    assert float(noise.std() * 255) == pytest.approx(22, rel=0.03)
    likeness = (noise[:, 0] * noise[:, 1]).mean() / noise.square().mean()
    assert abs(float(likeness)) < 0.05


def test_oversharpening_overshoots_at_edges_and_leaves_flat_places() -> None:
    x = torch.full((GROUP, 3, 32, 32), 0.3)
    settings = LastSteps(sharpen=1.0, sharpen_amount=(1.5, 1.5), sharpen_radius=(1.0, 1.0))
    assert torch.allclose(last_steps(x, settings, 1.0, draws()), x, atol=1e-5)
    x[..., 16:] = 0.6
    sharp = last_steps(x, settings, 1.0, draws())
    assert float(sharp[..., 16].mean()) > 0.65
    assert float(sharp[..., 15].mean()) < 0.25
    mild = last_steps(x, settings, 0.2, draws())
    assert 0.6 < float(mild[..., 16].mean()) < float(sharp[..., 16].mean())


def test_sharpening_makes_noise_stronger_in_the_traces_too() -> None:
    random = torch.Generator().manual_seed(3)
    x = 0.5 + 0.03 * torch.randn(GROUP, 3, 96, 96, generator=random)
    drawn = draws()
    drawn.traces = Traces(GROUP, (96, 96), (96, 96))
    drawn.traces.noised(np.full(GROUP, 0.03), np.zeros(GROUP, bool))
    before = drawn.traces.strengths()[:, 1]
    settings = LastSteps(sharpen=1.0, sharpen_amount=(1.0, 1.0), sharpen_radius=(1.0, 1.0))
    sharp = last_steps(x, settings, 1.0, drawn)
    measured = float(sharp.std() / x.std())
    assert np.allclose(drawn.traces.strengths()[:, 1] / before, measured, rtol=0.05)


def test_last_steps_that_are_not_asked_for_draw_nothing() -> None:
    x, drawn = torch.rand(GROUP, 3, 8, 8), draws()
    assert last_steps(x, LastSteps(), 1.0, drawn) is x
    assert drawn.between((0, 1)) == draws().between((0, 1))


def test_a_small_radius_sharpens_without_raising_contrast() -> None:
    picture = torch.full((1, 3, 128, 128), 0.3)
    picture[..., 64:] = 0.6
    wide, narrow = sharpened(picture), sharpened(picture, 1.0)
    assert float(narrow[..., 64].mean()) > 0.61
    far = (wide - picture)[..., 70].abs().mean()
    assert float(far) > 0.01
    assert float((narrow - picture)[..., 70].abs().max()) < 1e-4
