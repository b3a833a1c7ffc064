"""Enlarging on a device with queues: the same picture, with tiles of one size, begun ahead."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from network_makers import make_network
from thread_queues import ThreadQueues

from srgan_desktop.core.backends import pipeline
from srgan_desktop.core.backends.torch_backend import TorchBackend
from srgan_desktop.core.base.events import drain
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.core.upscaling.tiling import Grid
from srgan_desktop.core.upscaling.upscale import TileDone, UpscaleOptions, upscale_image
from srgan_desktop.core.weights.architectures import inference_form
from srgan_desktop.core.weights.model_file import ModelCard

CPU = torch.device("cpu")


def engine_with(queues: ThreadQueues | None, **changes: object) -> Engine:
    network = make_network(**changes)
    backend = TorchBackend(inference_form(network), CPU, "fp32", queues)
    return Engine.with_backend(network, ModelCard(config=network.config), backend)


def picture(width: int, height: int, channels: int = 3, dtype: type = np.uint8) -> RasterImage:
    random = np.random.default_rng(width + height)
    return RasterImage(
        random.integers(0, np.iinfo(dtype).max, (height, width, channels), dtype=dtype)
    )


def with_alpha(image: RasterImage) -> RasterImage:
    alpha = np.linspace(0, 255, image.width * image.height).reshape(image.height, image.width)
    return RasterImage(image.pixels, alpha=alpha.astype(np.uint8))


PICTURES = {
    "colour": picture(130, 90),
    "grey": picture(130, 90, 1),
    "16 bit": picture(130, 90, 3, np.uint16),
    "transparent": with_alpha(picture(130, 90)),
    "a line": picture(130, 1),
    "a pixel": picture(1, 1),
}


@pytest.mark.parametrize(
    "size",
    [TargetSize("scale", 4), TargetSize("scale", 2.7), TargetSize("scale", 7.7)],
    ids=["4x", "2.7x", "7.7x, two passes"],
)
@pytest.mark.parametrize("kind", PICTURES)
def test_it_makes_the_same_picture(kind: str, size: TargetSize, queues: ThreadQueues) -> None:
    image = PICTURES[kind]
    options = UpscaleOptions(size, tile=30)
    expected = drain(upscale_image(image, engine_with(None), options))
    result = drain(upscale_image(image, engine_with(queues), options))
    for one, other in (
        (result.pixels, expected.pixels),
        (result.alpha, expected.alpha),
    ):
        if other is None:
            assert one is None
        else:
            assert one is not None
            assert np.abs(one.astype(int) - other).max() <= np.iinfo(other.dtype).max // 255


def test_what_is_blended_is_blended(queues: ThreadQueues) -> None:
    image, options = picture(130, 90), UpscaleOptions(TargetSize("scale", 4), tile=40)
    expected = drain(upscale_image(image, engine_with(None, norm="instance"), options))
    result = drain(upscale_image(image, engine_with(queues, norm="instance"), options))
    assert np.abs(result.pixels.astype(int) - expected.pixels).max() <= 1


def test_tiles_are_computed_together_and_recorded_once(queues: ThreadQueues) -> None:
    options = UpscaleOptions(TargetSize("scale", 4), tile=30)
    events = list(upscale_image(picture(300, 300), engine_with(queues), options))
    tiles = [event for event in events if isinstance(event, TileDone)]
    assert len(tiles) == 100
    assert [event.done for event in tiles] == list(range(1, 101))
    assert queues.copied_in == -(-100 // pipeline.LARGEST_BATCH)
    assert len({shape[1:] for shape in queues.recorded_shapes}) == 1


def test_no_more_memory_halves_the_tiles(
    queues: ThreadQueues, monkeypatch: pytest.MonkeyPatch
) -> None:
    host_buffer = queues.host_buffer
    refused: list[tuple[int, ...]] = []

    def scarce(count: int, height: int, width: int, colours: int) -> torch.Tensor:
        if height * width > 70 * 70:
            refused.append((height, width))
            raise torch.OutOfMemoryError("CUDA out of memory")
        return host_buffer(count, height, width, colours)

    monkeypatch.setattr(queues, "host_buffer", scarce)
    image, options = picture(150, 150), UpscaleOptions(TargetSize("scale", 4), tile=75)
    result = drain(upscale_image(image, engine_with(queues), options))
    assert refused
    expected = drain(upscale_image(image, engine_with(None), options))
    assert np.abs(result.pixels.astype(int) - expected.pixels).max() <= 1


def test_it_can_be_stopped_in_the_middle(queues: ThreadQueues) -> None:
    options = UpscaleOptions(TargetSize("scale", 4), tile=30)
    engine = engine_with(queues)
    events = upscale_image(picture(300, 300), engine, options)
    while not isinstance(next(events), TileDone):
        pass
    events.close()
    again = drain(upscale_image(picture(64, 64), engine, options))
    expected = drain(upscale_image(picture(64, 64), engine_with(None), options))
    assert np.abs(again.pixels.astype(int) - expected.pixels).max() <= 1


@pytest.mark.parametrize("size", [(300, 200), (33, 500), (10, 10)])
def test_tiles_alike_read_pieces_of_one_size_within_the_picture(size: tuple[int, int]) -> None:
    grid = Grid(size, (size[0] * 4, size[1] * 4), 4, 12)
    tiles = grid.tiles(64)
    alike = grid.alike(tiles)
    assert len({(tile.source.width, tile.source.height) for tile in alike}) == 1
    for before, after in zip(tiles, alike, strict=True):
        assert after.target == before.target
        assert after.source.x <= before.source.x
        assert after.source.right >= before.source.right
        assert after.source.x >= 0
        assert after.source.right <= size[0]
        assert after.source.y >= 0
        assert after.source.bottom <= size[1]


def test_tiles_alike_of_nothing_are_none() -> None:
    assert Grid((10, 10), (40, 40), 4, 12).alike([]) == []
