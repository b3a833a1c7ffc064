"""One look at a picture, one network for all of it, and what a person sets instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.engine.engine import Engine, open_engine
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.networks.dasr import Dasr, DasrConfig
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.networks.strengths import AS_FOUND, STRENGTHS, ChosenStrengths, Strengths
from srgan_desktop.core.upscaling.adapting import (
    PIECE_SIDE,
    PIECES_ACROSS,
    find_strengths,
    pieces_of,
)
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.core.upscaling.upscale import Adapted, UpscaleOptions, upscale_image
from srgan_desktop.core.weights.model_file import ModelCard, load_model, save_model
from trainer.config.presets import load_preset
from trainer.training.stages import new_stage, train_step
from trainer.training.stages.common import forward_of

CPU = torch.device("cpu")
TINY = DasrConfig(blocks=1, channels=8, experts=2, predictor_channels=4, tail_kernel=3)


def network(seed: int = 3) -> Dasr:
    """New, but with experts that differ and a prediction that depends on the picture."""
    torch.manual_seed(seed)
    made = Dasr(TINY)
    with torch.no_grad():
        for rows in made.experts.parameters():
            rows[1] *= 1.5
        made.experts.tail.weight.mul_(30)
    return made.eval().requires_grad_(False)


@pytest.fixture
def engine() -> Engine:
    return Engine(network(), ModelCard(name="adaptive"), CPU, "fp32")


def photo(height: int, width: int, colours: int = 3, dtype: str = "uint8") -> RasterImage:
    random = np.random.default_rng(4)
    limit = np.iinfo(dtype).max
    pixels = random.integers(0, limit, (height, width, colours), endpoint=True).astype(dtype)
    return RasterImage(pixels)


def enlarged(
    engine: Engine,
    picture: RasterImage,
    chosen_strengths: ChosenStrengths = AS_FOUND,
    **how: object,
) -> tuple[np.ndarray, list[Adapted]]:
    options = UpscaleOptions(TargetSize("scale", 4), chosen_strengths=chosen_strengths, **how)  # type: ignore[arg-type]
    events, seen = upscale_image(picture, engine, options), []
    while True:
        try:
            event = next(events)
        except StopIteration as stop:
            return stop.value.pixels, seen
        if isinstance(event, Adapted):
            seen.append(event)


def test_tiled_equals_whole(engine: Engine) -> None:
    picture = photo(70, 90)
    whole, found = enlarged(engine, picture)
    tiled, again = enlarged(engine, picture, tile=32)
    assert len(found) == len(again) == 1 and found == again
    assert np.abs(whole.astype(int) - tiled.astype(int)).max() <= 1


def test_what_is_used_is_what_is_found_of_pieces_of_the_whole_picture(engine: Engine) -> None:
    picture = photo(150, 200)
    _, (adapted,) = enlarged(engine, picture)
    assert adapted.used == adapted.found == find_strengths(engine, picture.pixels)
    pieces = torch.from_numpy(pieces_of(picture.pixels) / np.float32(255)).permute(0, 3, 1, 2)
    with torch.no_grad():
        mean = network().predict(pieces).mean(0)
    assert torch.allclose(torch.tensor(adapted.found.values), mean, atol=1e-5)


@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (20, 500), (PIECE_SIDE, PIECE_SIDE), (2000, 170)]
)
def test_pieces_reach_from_edge_to_edge(height: int, width: int) -> None:
    rows, columns = np.mgrid[:height, :width]
    pieces = pieces_of(np.stack([rows, columns], -1))
    assert 1 <= len(pieces) <= PIECES_ACROSS**2
    assert pieces.shape[1:3] == (min(height, PIECE_SIDE), min(width, PIECE_SIDE))
    for axis, length in enumerate((height, width)):
        if length > 2 * PIECE_SIDE:
            assert pieces[..., axis].min() == 0 and pieces[..., axis].max() == length - 1


@pytest.mark.parametrize(("colours", "dtype"), [(1, "uint8"), (3, "uint16"), (1, "uint16")])
def test_grey_and_deep_pictures_are_looked_at_too(engine: Engine, colours: int, dtype: str) -> None:
    result, found = enlarged(engine, photo(30, 40, colours, dtype))
    assert result.shape == (120, 160, colours) and result.dtype == dtype
    assert len(found) == 1


def test_what_is_set_is_used(engine: Engine) -> None:
    picture = photo(40, 50)
    as_found, (found,) = enlarged(engine, picture)
    result, (adapted,) = enlarged(engine, picture, ChosenStrengths(noise=80, blur=10))
    assert adapted.found == found.found
    assert (adapted.used.noise, adapted.used.blur) == (0.8, 0.1)
    assert adapted.used.compression == found.found.compression
    assert engine.strengths == adapted.used
    assert np.abs(result.astype(int) - as_found.astype(int)).max() > 0
    # an engine that was set goes back to what it finds
    again, _ = enlarged(engine, picture)
    assert np.array_equal(again, as_found)


def test_the_second_pass_undoes_nothing(engine: Engine) -> None:
    _, seen = enlarged(engine, photo(12, 12))
    options = UpscaleOptions(TargetSize("scale", 16))
    seen = [e for e in upscale_image(photo(12, 12), engine, options) if isinstance(e, Adapted)]
    assert len(seen) == 1
    assert engine.strengths == Strengths()


def test_the_engine_runs_the_mixture(engine: Engine) -> None:
    x = torch.rand(1, 3, 20, 24)
    for strengths in (Strengths(0.1, 0.9, 0.3, 0.2), Strengths(), Strengths(0.8, 0.0, 0.0, 1.0)):
        engine.adapt(strengths)
        with torch.no_grad():
            expected = network().fixed(torch.tensor(strengths.values))(x).clamp(0, 1)
        assert torch.allclose(engine.run(x), expected, atol=1e-4)


def test_models_that_do_not_adapt_say_so() -> None:
    plain = SRResNet(SRResNetConfig(blocks=1, channels=4)).eval()
    engine = Engine(plain, ModelCard(name="plain"), CPU, "fp32")
    assert not engine.adapts
    assert enlarged(engine, photo(9, 9))[1] == []
    with pytest.raises(UsageError, match="plain does not adapt to the picture"):
        enlarged(engine, photo(9, 9), ChosenStrengths(blur=10))


def test_noise_keeps_its_part_of_colour() -> None:
    found = Strengths(blur=0.1, noise=0.4, colour_noise=0.1, compression=0.2)
    used = ChosenStrengths(noise=80).applied(found)
    assert used == Strengths(0.1, 0.8, pytest.approx(0.2), 0.2)  # type: ignore[arg-type]
    assert ChosenStrengths(noise=0).applied(found).colour_noise == 0
    assert ChosenStrengths(noise=40).applied(Strengths()).colour_noise == pytest.approx(0.2)
    assert AS_FOUND.applied(found) == found
    assert Strengths.of(found.values).percent() == dict(
        zip(STRENGTHS, (10, 40, 10, 20), strict=True)
    )


@pytest.mark.parametrize("wrong", [-1, 101, float("nan")])
def test_wishes_are_from_0_to_100(wrong: float) -> None:
    with pytest.raises(UsageError, match="blur is from 0 to 100"):
        ChosenStrengths(blur=wrong)


def test_file_round_trip(tmp_path: Path) -> None:
    path, ours = tmp_path / "a.safetensors", network()
    save_model(path, ours, ModelCard(name="a"))
    theirs, card = load_model(path)
    assert isinstance(theirs, Dasr) and card.config == TINY
    assert all(torch.equal(v, theirs.state_dict()[k]) for k, v in ours.state_dict().items())
    assert open_engine(path, "cpu", "fp32").adapts


def test_detail_blends_networks_that_adapt(tmp_path: Path) -> None:
    smooth, detailed = tmp_path / "smooth.safetensors", tmp_path / "detailed.safetensors"
    one, other = network(), network()
    with torch.no_grad():
        for each in (one, other):
            # far from the ends of the range, where some ways of computing cut
            each.experts.tail.weight.mul_(0.01)
        other.experts.tail.bias.add_(0.2)
    save_model(smooth, one, ModelCard(name="smooth"))
    save_model(detailed, other, ModelCard(name="detailed", partner="smooth"))
    x, means = 0.4 + 0.2 * torch.rand(1, 3, 20, 20), []
    for detail in (0, 50, 100):
        engine = open_engine(detailed, "cpu", "fp32", detail=detail)
        assert engine.adapts
        engine.adapt(Strengths(0.2, 0.3, 0.1, 0.1))
        means.append(float(engine.backend.run(x).mean()))
    assert means[1] - means[0] == pytest.approx(0.1, abs=1e-3)
    assert means[2] - means[0] == pytest.approx(0.2, abs=1e-3)


@pytest.fixture(scope="module")
def trained() -> Callable[[str], Dasr]:
    """A small network of either conditioning that was shown noise of every strength."""

    def train(conditioning: str) -> Dasr:
        config = load_preset(
            "tiny",
            (
                "generator.architecture=dasr",
                "generator.blocks=1",
                "generator.channels=12",
                "generator.experts=2",
                f"generator.conditioning={conditioning}",
                "generator.predictor_channels=4",
                "generator.head_kernel=5",
                "generator.upsampling=single",
                "generator.scale=2",
                "degradation.kind=second_order",
                "degradation.final_sinc=0",
                "degradation.first.blur=0",
                "degradation.second.blur=0",
                "degradation.first.jpeg=0",
                "degradation.second.jpeg=0",
                "degradation.first.noise=0",
                "degradation.second.gaussian=1",
                "degradation.second.noise_sigma=[0, 80]",
                "degradation.first.resize_down=0",
                "degradation.first.resize_up=0",
                "degradation.second.resize_down=0",
                "degradation.second.resize_up=0",
                "adaptive.told_part=1",
                "adaptive.share=4",
                "data.crop=32",
                "batch=16",
                "precision=fp32",
                "threads=1",
                "ema_decay=0",
            ),
        )
        torch.manual_seed(1)
        stage = new_stage(config, Dasr(config.generator), CPU, None)  # type: ignore[arg-type]
        stage.precision = "fp32"
        forward, _ = forward_of(config, stage)
        random = torch.Generator().manual_seed(2)
        for _ in range(250):
            coarse = torch.rand(16, 3, 5, 5, generator=random)
            texture = 0.1 * torch.randn(16, 1, 20, 20, generator=random)
            crops = torch.nn.functional.interpolate(coarse, (40, 40), mode="bicubic")
            # worth to be kept where there is no noise
            crops = crops + torch.nn.functional.interpolate(texture, (40, 40))
            crops = (crops * 255).clamp(0, 255).to(torch.uint8)
            train_step(config, stage, forward, crops, 3e-3)
        result = stage.generator
        assert isinstance(result, Dasr)
        return result.eval().requires_grad_(False)

    return train


@pytest.mark.slow
@pytest.mark.parametrize("conditioning", ["experts", "channels", "both"])
def test_more_noise_to_undo_makes_smoother(
    trained: Callable[[str], Dasr], conditioning: str
) -> None:
    engine = Engine(trained(conditioning), ModelCard(name="toy"), CPU, "fp32")
    grain = np.random.default_rng(1).normal(128, 12, (60, 60, 1)).clip(0, 255).astype(np.uint8)
    picture = RasterImage(np.repeat(grain, 3, 2))
    left = []
    for noise in (0, 50, 100):
        options = UpscaleOptions(
            TargetSize("scale", 2), chosen_strengths=ChosenStrengths(noise=noise)
        )
        events = upscale_image(picture, engine, options)
        while True:
            try:
                next(events)
            except StopIteration as stop:
                left.append(float(stop.value.pixels[8:-8, 8:-8].std()))
                break
    assert left[0] > left[1] > left[2]
    assert left[0] > 1.3 * left[2]


def test_two_pictures_in_turn_on_one_engine_do_not_mix(engine: Engine) -> None:
    """As a batch that lets others have the device between two tiles."""
    first, second = photo(60, 70), photo(50, 64)
    chosen_strengths = ChosenStrengths(noise=90, blur=5, compression=40)
    alone = [
        enlarged(engine, first, tile=24)[0],
        enlarged(engine, second, chosen_strengths, tile=24)[0],
    ]
    works = [
        upscale_image(first, engine, UpscaleOptions(TargetSize("scale", 4), 24)),
        upscale_image(
            second,
            engine,
            UpscaleOptions(TargetSize("scale", 4), 24, chosen_strengths=chosen_strengths),
        ),
    ]
    results: dict[int, np.ndarray] = {}
    while len(results) < len(works):
        for index, work in enumerate(works):
            try:
                next(work)
            except StopIteration as stop:
                if stop.value is not None:
                    results[index] = stop.value.pixels
    for index, pixels in enumerate(alone):
        assert np.array_equal(results[index], pixels)
