"""Tiles through a device's queues: the right bytes, together, recorded, and side by side."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
from network_makers import VARIANTS, make_network
from numpy.typing import NDArray
from thread_queues import ThreadQueues
from torch import Tensor

from srgan_desktop.core.backends import Part, pipeline
from srgan_desktop.core.backends.pipeline import Pipeline, batch_of
from srgan_desktop.core.backends.torch_backend import TorchBackend, as_bytes
from srgan_desktop.core.base.errors import DeviceError, DeviceMemoryError
from srgan_desktop.core.weights.architectures import inference_form

CPU = torch.device("cpu")


class Doubling:
    """Twice the size and twice as bright; it knows what it was asked."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def __call__(self, x: Tensor) -> Tensor:
        self.shapes.append(tuple(x.shape))
        y = x.permute(0, 3, 1, 2).float() / 255 * 2
        return y.repeat_interleave(2, 2).repeat_interleave(2, 3)


def tile(value: int, height: int = 6, width: int = 5) -> NDArray[np.uint8]:
    return np.full((height, width, 3), value, np.uint8)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(pipeline, "LARGEST_BATCH", 3)
    return 3


def test_each_tile_gets_its_own_bytes_whatever_is_asked_first(
    queues: ThreadQueues, small_batches: int
) -> None:
    line = Pipeline(Doubling(), queues, "cpu")
    sizes = [(6, 5), (6, 5), (4, 9), (6, 5), (1, 1)] * 4
    begun = [line.begin(tile(n, *size), as_bytes) for n, size in enumerate(sizes)]
    for n in np.random.default_rng(0).permutation(len(begun)):
        height, width = sizes[n]
        assert np.array_equal(begun[n].result(), tile(2 * n, 2 * height, 2 * width))


def test_small_tiles_are_computed_together(queues: ThreadQueues, small_batches: int) -> None:
    compute = Doubling()
    line = Pipeline(compute, queues, "cpu")
    begun = [line.begin(tile(n), as_bytes) for n in range(7)]
    for one in begun:
        one.result()
    assert compute.shapes[0] == (3, 6, 5, 3)
    assert compute.shapes[-1] == (1, 6, 5, 3)
    assert queues.copied_in == 3


def test_large_tiles_are_not() -> None:
    assert batch_of((1024, 1024)) == 1
    assert batch_of((512, 512, 3)) == 1
    assert batch_of((256, 256)) == 4
    assert batch_of((1, 1)) == pipeline.LARGEST_BATCH


def test_a_shape_that_comes_again_is_recorded(queues: ThreadQueues, small_batches: int) -> None:
    line = Pipeline(Doubling(), queues, "cpu")
    begun = [line.begin(tile(n), as_bytes) for n in range(12)]
    results = [one.result() for one in begun]
    assert queues.recorded_shapes == [(3, 6, 5, 3)]
    assert [int(result[0, 0, 0]) for result in results] == [2 * n for n in range(12)]


def test_few_shapes_stay_recorded(queues: ThreadQueues, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "LARGEST_BATCH", 1)
    line = Pipeline(Doubling(), queues, "cpu")
    for height in range(1, 8):
        for _ in range(3):
            line.begin(tile(1, height), as_bytes).result()
    line.begin(tile(1, 7), as_bytes).result()
    assert len(queues.recorded_shapes) == 7
    line.begin(tile(1, 1), as_bytes).result()  # the first one has gone meanwhile
    assert len(queues.recorded_shapes) == 8


def test_what_cannot_be_recorded_is_computed_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "LARGEST_BATCH", 1)
    queues = ThreadQueues(records=False)
    line = Pipeline(Doubling(), queues, "cpu")
    results = [line.begin(tile(n), as_bytes).result() for n in range(6)]
    queues.close()
    assert [int(result[0, 0, 0]) for result in results] == [2 * n for n in range(6)]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), DeviceMemoryError),
        (RuntimeError("CUDA error: unspecified launch failure"), DeviceError),
    ],
)
def test_a_failure_is_told_to_all_of_its_group_and_to_no_other(
    queues: ThreadQueues, small_batches: int, error: Exception, kind: type[Exception]
) -> None:
    def compute(x: Tensor) -> Tensor:
        if x.shape[1] > 6:
            raise error
        return Doubling()(x)

    line = Pipeline(compute, queues, "cpu")
    begun = [line.begin(tile(7, height), as_bytes) for height in (6, 6, 7, 7, 6)]
    for n in (2, 3):
        with pytest.raises(kind):
            begun[n].result()
    assert all(begun[n].result().max() == 14 for n in (0, 1, 4))


def test_no_memory_for_what_goes_in(queues: ThreadQueues, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*shape: int) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(queues, "host_buffer", full)
    begun = Pipeline(Doubling(), queues, "cpu").begin(tile(1), as_bytes)
    with pytest.raises(DeviceMemoryError):
        begun.result()


def test_the_next_tile_goes_in_and_the_last_comes_out_while_one_is_computed(
    queues: ThreadQueues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "LARGEST_BATCH", 1)
    second_is_in = threading.Event()
    upload = queues.upload

    def uploaded(pixels: Tensor) -> Tensor:
        if pixels.max() == 2:
            second_is_in.set()
        return upload(pixels)

    monkeypatch.setattr(queues, "upload", uploaded)
    waited: list[bool] = []

    def compute(x: Tensor) -> Tensor:
        if x.max() == 1:
            waited.append(second_is_in.wait(10))
        return Doubling()(x)

    line = Pipeline(compute, queues, "cpu")
    begun = [line.begin(tile(n), as_bytes) for n in (1, 2)]
    assert [int(one.result().max()) for one in begun] == [2, 4]
    assert waited == [True]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_backend_with_queues_gives_what_one_without_gives(
    variant: str, queues: ThreadQueues
) -> None:
    network = inference_form(make_network(**VARIANTS[variant]))
    backend = TorchBackend(network, CPU, "fp32", queues)
    shape = (24, 15, network.config.colours)
    tiles = np.random.default_rng(0).integers(0, 256, (20, *shape), dtype=np.uint8)
    assert backend.ahead(*shape[:2]) == 2 * pipeline.LARGEST_BATCH
    begun = [backend.begin(pixels, as_bytes) for pixels in tiles]
    for one, pixels in zip(begun, tiles, strict=True):
        expected = TorchBackend(network, CPU, "fp32").enlarge(pixels, Part((0, 24), (0, 15)))
        assert np.abs(one.result().astype(int) - expected).max() <= 1


def test_a_processor_has_no_queues() -> None:
    backend = TorchBackend(inference_form(make_network()), CPU, "fp32")
    assert backend.ahead(100, 100) == 0
