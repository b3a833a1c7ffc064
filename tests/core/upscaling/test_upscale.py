"""Enlarging pictures in memory: tiled equals whole, sizes, alpha, depth, faults of the device."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from srgan_desktop.core.base.errors import DeviceMemoryError, UsageError
from srgan_desktop.core.base.events import drain
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.upscaling.size import TargetSize, plan_passes
from srgan_desktop.core.upscaling.tiling import Rect
from srgan_desktop.core.upscaling.upscale import (
    PassStarted,
    TileDone,
    UpscaleOptions,
    UpscaleWarning,
    upscale_image,
)
from srgan_desktop.core.weights.model_file import ModelCard


def make_engine(**changes: object) -> Engine:
    config = SRResNetConfig(**({"blocks": 2, "channels": 8} | changes))  # type: ignore[arg-type]
    torch.manual_seed(3)
    network = SRResNet(config).eval()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)  # type: ignore[operator,union-attr]
            module.running_var.uniform_(0.5, 2)  # type: ignore[operator,union-attr]
    return Engine(network, ModelCard(config=config), torch.device("cpu"), "fp32")


def make_picture(
    width: int, height: int, *, channels: int = 3, dtype: type = np.uint8
) -> RasterImage:
    random = np.random.default_rng(width * 1000 + height)
    limit = np.iinfo(dtype).max
    ramp = np.linspace(0, limit * 0.7, width * height * channels).reshape(height, width, channels)
    noise = random.integers(0, int(limit * 0.3), (height, width, channels))
    return RasterImage((ramp + noise).astype(dtype))


def enlarge(picture: RasterImage, engine: Engine, **options: object) -> RasterImage:
    size = options.pop("size", TargetSize("scale", engine.scale))
    events = upscale_image(picture, engine, UpscaleOptions(size, **options))  # type: ignore[arg-type]
    while True:
        try:
            next(events)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]


ENGINES = {scale: make_engine(scale=scale) for scale in (2, 3, 4)}


def whole_and_tiled(
    width: int, height: int, tile: int, scale: int, shrink: float
) -> NDArray[np.int64]:
    """How far tiled and whole results are apart, (H, W): the worst colour of each pixel."""
    picture, engine = make_picture(width, height), ENGINES[scale]
    size = TargetSize("scale", max(1.0, scale * shrink))
    # no more than about 60 tiles: small tiles on large pictures show nothing more
    tile = max(tile, int((width * height / 60) ** 0.5))
    whole = enlarge(picture, engine, size=size, tile=10_000).pixels.astype(int)
    tiled = enlarge(picture, engine, size=size, tile=tile).pixels.astype(int)
    difference: NDArray[np.int64] = np.abs(whole - tiled).max(2)
    return difference


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(1, 200),
    height=st.integers(1, 200),
    tile=st.integers(5, 120),
    scale=st.sampled_from(sorted(ENGINES)),
    shrink=st.sampled_from([1.0, 0.5, 0.77]),
)
def test_tiled_equals_whole(width: int, height: int, tile: int, scale: int, shrink: float) -> None:
    difference = whole_and_tiled(width, height, tile, scale, shrink)
    assert difference.max() <= 1
    # float rounding tips a value here and there; in a small picture one is already a large share
    assert (difference > 0).sum() <= max(4, difference.size / 2_000)


def test_tiled_differs_from_whole_in_one_pixel_of_ten_thousand_at_most() -> None:
    random = np.random.default_rng(7)
    differing = total = 0
    for _ in range(40):
        width, height = random.integers(1, 201, 2)
        scale = int(random.choice(sorted(ENGINES)))
        shrink = float(random.choice([1.0, 1.0, 0.5]))
        difference = whole_and_tiled(
            int(width), int(height), int(random.integers(5, 121)), scale, shrink
        )
        assert difference.max() <= 1
        differing += int((difference > 0).sum())
        total += difference.size
    assert differing / total <= 1e-4


@pytest.mark.parametrize(
    "changes",
    [
        {"blocks": 1, "head_kernel": 3, "tail_kernel": 3},
        {"blocks": 3, "block_kernel": 5, "tail_kernel": 5, "scale": 8},
        {"norm": "none", "skip": "bicubic", "activation": "leaky_relu"},
        {"skip": "bilinear", "scale": 2, "tail_kernel": 1, "head_kernel": 1, "block_kernel": 1},
    ],
)
def test_every_variant_is_seamless(changes: dict[str, object]) -> None:
    engine = make_engine(**changes)
    picture = make_picture(75, 60)
    whole = enlarge(picture, engine, tile=10_000).pixels.astype(int)
    tiled = enlarge(picture, engine, tile=13).pixels.astype(int)
    assert np.abs(whole - tiled).max() <= 1
    assert (whole != tiled).mean() <= 1e-4


def test_the_radius_is_no_larger_than_needed() -> None:
    """One pixel of context less, and seams appear: the radius is exact, not merely safe."""
    engine = make_engine(norm="none", head_kernel=9, tail_kernel=9)
    network, radius = engine._generator, engine.overlap
    x = torch.zeros(1, 3, 1, 2 * radius + 12)
    changed = x.clone()
    changed[..., 0] = 1
    with torch.inference_mode():
        difference = (network(x) - network(changed)).abs()[0, :, 0].amax(0)
    reach = int(torch.nonzero(difference).max())
    # the first source pixel reaches into the block of the source pixel ``radius`` away, no further
    assert reach // engine.scale == radius
    assert reach < (radius + 1) * engine.scale


def test_whole_equals_the_network() -> None:
    engine = make_engine()
    picture = make_picture(40, 30)
    x = torch.from_numpy(picture.pixels).permute(2, 0, 1)[None] / 255
    with torch.inference_mode():
        expected = (engine._generator(x)[0].clamp(0, 1) * 255).round().permute(1, 2, 0).numpy()
    assert np.abs(enlarge(picture, engine).pixels - expected).max() <= 1


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ("scale", 2, (60, 40)),
        ("scale", 1, (30, 20)),
        ("scale", 2.5, (75, 50)),
        ("scale", 8, (240, 160)),
        ("width", 100, (100, 67)),
        ("height", 100, (150, 100)),
        ("long", 90, (90, 60)),
        ("short", 90, (135, 90)),
    ],
)
def test_any_target_size(rule: str, value: float, expected: tuple[int, int]) -> None:
    result = enlarge(
        make_picture(30, 20),
        make_engine(blocks=1),
        size=TargetSize(rule, value),  # type: ignore[arg-type]
    )
    assert (result.width, result.height) == expected


def test_passes_stop_where_the_next_one_takes_over() -> None:
    assert plan_passes((100, 50), (400, 200), 4) == [(400, 200)]
    assert plan_passes((100, 50), (200, 100), 4) == [(200, 100)]
    assert plan_passes((100, 50), (800, 400), 4) == [(200, 100), (800, 400)]
    assert plan_passes((100, 50), (800, 400), 2) == [(200, 100), (400, 200), (800, 400)]
    assert plan_passes((3, 3), (3, 3), 4) == [(3, 3)]


@pytest.mark.parametrize("bad", [0, -2, float("nan"), float("inf")])
def test_sizes_that_make_no_sense(bad: float) -> None:
    with pytest.raises(UsageError, match="scale"):
        TargetSize("scale", bad)


def test_a_smaller_target_is_refused() -> None:
    with pytest.raises(UsageError, match="smaller than the source"):
        TargetSize("width", 50).resolve(100, 80)
    with pytest.raises(UsageError, match="too much"):
        TargetSize("scale", 1000).resolve(100, 80)


def test_one_pixel() -> None:
    assert enlarge(make_picture(1, 1), make_engine()).pixels.shape == (4, 4, 3)


def test_sixteen_bits_are_not_eight() -> None:
    engine = make_engine(norm="none", skip="bicubic")
    picture = make_picture(20, 20, dtype=np.uint16)
    result = enlarge(picture, engine).pixels
    assert result.dtype == np.uint16
    assert len(np.unique(result % 257)) > 100  # values between those that 8 bits have
    eight = RasterImage((picture.pixels // 257).astype(np.uint8))
    assert np.abs(result / 257 - enlarge(eight, engine).pixels).mean() < 2


def test_grey_pictures_stay_grey_and_agree_with_colour() -> None:
    engine = make_engine(norm="none", skip="bicubic")
    grey = make_picture(20, 20, channels=1)
    result = enlarge(grey, engine).pixels
    assert result.shape == (80, 80, 1)
    colour = enlarge(RasterImage(np.repeat(grey.pixels, 3, axis=2)), engine).pixels
    assert np.abs(colour @ [0.299, 0.587, 0.114] - result[..., 0]).max() <= 1.5


def test_a_grey_network_enlarges_colour_pictures() -> None:
    engine = make_engine(colours=1, norm="none", skip="bicubic")
    picture = make_picture(20, 20)
    result = enlarge(picture, engine).pixels
    red = enlarge(RasterImage(picture.pixels[..., :1].copy()), engine).pixels
    assert np.abs(result[..., :1].astype(int) - red).max() <= 1


class TestAlpha:
    def picture(self) -> RasterImage:
        """A yellow disc, the colour outside it black as editors leave it."""
        y, x = np.mgrid[:48, :48]
        distance = np.hypot(x - 23.5, y - 23.5)
        alpha = np.clip((16 - distance) * 255, 0, 255).astype(np.uint8)
        pixels = np.zeros((48, 48, 3), np.uint8)
        pixels[alpha > 0] = (250, 220, 40)
        return RasterImage(pixels, alpha)

    def test_no_fringe(self) -> None:
        engine = make_engine(norm="none", skip="bicubic")
        result = enlarge(self.picture(), engine)
        assert result.alpha is not None
        assert result.alpha.shape == (192, 192)
        flat = enlarge(RasterImage(np.full((48, 48, 3), (250, 220, 40), np.uint8)), engine)
        visible = result.alpha > 0
        darkest = result.pixels[visible].astype(int).min(0)
        assert (darkest >= flat.pixels.reshape(-1, 3).min(0).astype(int) - 3).all()

    def test_clear_stays_clear_and_opaque_opaque(self) -> None:
        result = enlarge(self.picture(), make_engine())
        assert result.alpha is not None
        assert (result.alpha[:8] == 0).all()
        assert (result.alpha[92:100, 92:100] == 255).all()

    def test_tiled_equals_whole(self) -> None:
        engine = make_engine()
        whole = enlarge(self.picture(), engine, tile=1000).alpha
        tiled = enlarge(self.picture(), engine, tile=11).alpha
        assert whole is not None
        assert tiled is not None
        assert np.abs(whole.astype(int) - tiled).max() <= 1

    def test_opaque_costs_nothing_and_stays(self) -> None:
        picture = dataclasses.replace(make_picture(20, 20), alpha=np.full((20, 20), 255, np.uint8))
        result = enlarge(picture, make_engine())
        assert result.alpha is not None
        assert (result.alpha == 255).all()


def test_eight_fold_average_is_symmetric() -> None:
    """With the average over all turns, turning the picture turns the result."""
    engine = make_engine()
    picture = make_picture(24, 18)
    turned = RasterImage(np.ascontiguousarray(np.rot90(picture.pixels)))
    one = enlarge(picture, engine, tta=True).pixels
    other = enlarge(turned, engine, tta=True).pixels
    assert np.abs(np.rot90(one).astype(int) - other).max() <= 1
    assert (one != enlarge(picture, engine).pixels).any()


def test_order_decides_which_tile_is_next() -> None:
    events = upscale_image(
        make_picture(60, 60),
        make_engine(blocks=1),
        UpscaleOptions(
            TargetSize("scale", 4), tile=20, order=lambda rect: -(rect.x + 1000 * rect.y)
        ),
    )
    done = [event.rect for event in events if isinstance(event, TileDone)]
    assert done[0] == Rect(160, 160, 80, 80)
    assert done[-1] == Rect(0, 0, 80, 80)


def test_the_first_tile_may_be_small_without_changing_the_result() -> None:
    picture, engine = make_picture(90, 70), make_engine(blocks=1)

    def order(rect: Rect) -> float:
        return abs(rect.x + rect.width / 2 - 300) + abs(rect.y + rect.height / 2 - 40)

    options = UpscaleOptions(TargetSize("scale", 4), tile=60, order=order, first_tile=20)
    events = upscale_image(picture, engine, options)
    tiles = []
    while True:
        try:
            event = next(events)
        except StopIteration as stop:
            result = stop.value
            break
        if isinstance(event, TileDone):
            tiles.append(event)
    assert max(tiles[0].rect.width, tiles[0].rect.height) <= 80
    assert max(tile.rect.width for tile in tiles) == 180
    assert [tile.done for tile in tiles] == list(range(1, len(tiles) + 1))
    assert tiles[-1].total == len(tiles)
    assert np.array_equal(result.pixels, enlarge(picture, engine, tile=60).pixels)


def test_events_tell_of_canvas_and_progress() -> None:
    events = list(
        upscale_image(
            make_picture(60, 40),
            make_engine(blocks=1),
            UpscaleOptions(TargetSize("scale", 8), tile=40),
        )
    )
    passes = [event for event in events if isinstance(event, PassStarted)]
    assert [event.pixels.shape for event in passes] == [(80, 120, 3), (320, 480, 3)]
    tiles = [event for event in events if isinstance(event, TileDone)]
    assert [tile.done for tile in tiles] == list(range(1, len(tiles) + 1))
    assert {tile.total for tile in tiles} == {len(tiles)}
    assert passes[0].tiles == len(tiles)


class Hungry:
    """Wraps a backend and refuses inputs above a size, as a full GPU does."""

    def __init__(self, engine: Engine, limit: int, device: str) -> None:
        self._inner = engine.backend
        self.name, self.precision, self.device = self._inner.name, self._inner.precision, device
        self.limit, self.refused = limit, 0

    def run(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape[-1] * x.shape[-2] > self.limit:
            self.refused += 1
            raise DeviceMemoryError(f"{self.device}: not enough memory")
        return self._inner.run(x)


def hungry_engine(limit: int, device: str, **config: object) -> tuple[Engine, Hungry]:
    engine = make_engine(**config)
    backend = Hungry(engine, limit, device)
    engine._choice = dataclasses.replace(engine._choice, backend=backend)
    return engine, backend


def test_out_of_memory_halves_the_tiles() -> None:
    picture = make_picture(150, 150)
    engine, backend = hungry_engine(100 * 100, "cuda:0")
    result = enlarge(picture, engine)
    assert backend.refused > 0
    assert engine.device == "cuda:0"
    assert np.abs(result.pixels.astype(int) - enlarge(picture, make_engine()).pixels).max() <= 1


def test_out_of_memory_on_the_smallest_tile_goes_to_the_processor() -> None:
    picture = make_picture(100, 80)
    engine, _ = hungry_engine(0, "cuda:0")
    events = upscale_image(picture, engine, UpscaleOptions(TargetSize("scale", 4)))
    seen = list(events)
    warnings = [event.message for event in seen if isinstance(event, UpscaleWarning)]
    assert len(warnings) == 1
    assert "cuda:0" in warnings[0]
    assert engine.device == "cpu"
    assert isinstance(seen[-1], TileDone)
    assert seen[-1].done == seen[-1].total


def test_out_of_memory_on_the_processor_is_an_error() -> None:
    engine, _ = hungry_engine(0, "cpu")
    with pytest.raises(DeviceMemoryError):
        enlarge(make_picture(50, 50), engine)


def test_what_gets_full_in_the_first_of_two_passes_counts_the_tiles_of_both() -> None:
    engine, backend = hungry_engine(0, "cuda:0")
    options = UpscaleOptions(TargetSize("scale", 8), tile=64)

    def run(x: torch.Tensor) -> torch.Tensor:
        backend.run, backend.refused = backend._inner.run, 1  # type: ignore[method-assign]
        raise DeviceMemoryError("cuda:0: not enough memory")

    backend.run = run  # type: ignore[method-assign]
    seen = list(upscale_image(make_picture(60, 40), engine, options))
    tiles = [event for event in seen if isinstance(event, TileDone)]
    assert backend.refused > 0
    assert all(tile.done <= tile.total for tile in tiles)
    assert tiles[-1].done == tiles[-1].total == len(tiles)


def test_a_card_that_takes_nothing_is_given_up_soon() -> None:
    """A tile's context is larger than the least tile; the processor then takes tiles it can."""
    engine, backend = hungry_engine(0, "cuda:0", blocks=16, channels=4)
    assert engine.overlap == 40
    seen = list(upscale_image(make_picture(150, 120), engine, UpscaleOptions(SIZE_4, tile=100)))
    assert backend.refused < 8
    assert engine.device == "cpu"
    tiles = [event for event in seen if isinstance(event, TileDone)]
    assert [tile.done for tile in tiles] == [1, 2, 3, 4]


FAR = {"norm": "instance", "blocks": 1, "channels": 4}
SIZE_4 = TargetSize("scale", 4)


class FullLater(Hungry):
    """Its limit holds from a certain call on."""

    calls = 0

    def run(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return self._inner.run(x) if self.calls <= 2 else super().run(x)


@pytest.mark.parametrize("device", ["cpu", "cuda:0"])
@pytest.mark.parametrize("kind", [Hungry, FullLater])
def test_blended_tiles_that_do_not_fit_are_made_smaller(device: str, kind: type[Hungry]) -> None:
    picture = make_picture(400, 400)
    engine = make_engine(**FAR)
    backend = kind(engine, 65_000, device)
    engine._choice = dataclasses.replace(engine._choice, backend=backend)
    events = upscale_image(picture, engine, UpscaleOptions(SIZE_4, tile=200))
    seen, result = [], None
    while result is None:
        try:
            seen.append(next(events))
        except StopIteration as stop:
            result = stop.value
    assert backend.refused > 0
    assert engine.device == device
    (warning,) = (event.message for event in seen if isinstance(event, UpscaleWarning))
    assert warning.startswith(f"{device}: not enough memory; the picture is begun again")
    tiles = [event for event in seen if isinstance(event, TileDone)]
    assert tiles[-1].done == tiles[-1].total == 16
    # nothing of the larger tiles is left
    smaller = enlarge(picture, make_engine(**FAR), tile=100).pixels
    assert np.abs(result.pixels.astype(int) - smaller).max() <= 1


def test_a_single_tile_that_is_halved_is_blended_too() -> None:
    engine, _ = hungry_engine(50_000, "cpu", **FAR)
    picture = make_picture(240, 240)
    smaller = enlarge(picture, make_engine(**FAR), tile=120).pixels
    assert np.array_equal(enlarge(picture, engine, tile=1000).pixels, smaller)


def test_blended_tiles_go_to_the_processor_as_they_were_cut_at_first() -> None:
    picture = make_picture(200, 150)
    engine, _ = hungry_engine(0, "cuda:0", **FAR)
    seen = list(upscale_image(picture, engine, UpscaleOptions(SIZE_4, tile=100)))
    messages = [event.message for event in seen if isinstance(event, UpscaleWarning)]
    assert [("begun again" in text, "processor" in text) for text in messages] == [
        (True, False),
        (False, True),
    ]
    tiles = [event for event in seen if isinstance(event, TileDone)]
    assert [tile.done for tile in tiles] == [1, 2, 3, 4]
    hungry, _ = hungry_engine(0, "cpu", **FAR)
    with pytest.raises(DeviceMemoryError):
        enlarge(picture, hungry, tile=100)


def test_networks_that_are_not_local_are_blended() -> None:
    """No jump at the cuts, and no place without a value."""
    engine = make_engine(norm="instance")
    picture = make_picture(200, 150)
    tiled = enlarge(picture, engine, tile=70).pixels.astype(int)
    whole = enlarge(picture, engine, tile=1000).pixels.astype(int)
    assert np.abs(tiled - whole).mean() < 12
    jumps = np.abs(np.diff(tiled, axis=1)).mean((0, 2))
    assert jumps.max() < 3 * np.median(jumps)


def test_a_tile_too_large_for_memory_is_made_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make_engine(blocks=1)
    monkeypatch.setattr(Engine, "tile_side", lambda self: 32)
    events = upscale_image(
        make_picture(64, 64), engine, UpscaleOptions(TargetSize("scale", 4), tile=10_000)
    )
    assert len([event for event in events if isinstance(event, TileDone)]) == 4


def test_a_small_first_tile_is_not_cut_out_of_what_would_be_blended() -> None:
    picture = make_picture(100, 80)
    options = UpscaleOptions(SIZE_4, first_tile=30)
    whole = enlarge(picture, make_engine(**FAR)).pixels
    pixels = drain(upscale_image(picture, make_engine(**FAR), options)).pixels
    assert np.array_equal(pixels, whole)
