"""A model that is ready to run on a device: what the upscaler runs tiles through.

Torch is imported where it is needed: a model that was opened before runs without it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from srgan_desktop.core.backends import (
    Backend,
    Finish,
    Part,
    Pending,
    PixelBackend,
    QueuedBackend,
)
from srgan_desktop.core.backends.device import resolve_name, set_threads
from srgan_desktop.core.backends.openvino_mixture import OpenVinoMixture
from srgan_desktop.core.base.errors import DeviceMemoryError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.engine import prepared
from srgan_desktop.core.engine.adaptation import Adaptation
from srgan_desktop.core.engine.choice import Choice, Precision
from srgan_desktop.core.engine.symmetries import turned, turned_back
from srgan_desktop.core.engine.tile_overlap import needs_blending, tile_overlap
from srgan_desktop.core.engine.tile_size import tile_side
from srgan_desktop.core.networks.strengths import Strengths

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from srgan_desktop.core.networks.network import Network, NetworkConfig
    from srgan_desktop.core.weights.model_card import ModelCard


class Engine:
    """Runs one model. Not thread-safe.

    Attributes:
        card: what the model says of itself.
        warnings: what a person should know, such as a precision that was not sound.
        fell_back: whether the processor goes on for a device that ran out of memory.
    """

    card: ModelCard
    warnings: list[str]
    fell_back: bool
    _choice: Choice
    _load: Callable[[], Network]
    _prepare_torch: Callable[[], None]
    _adaptation: Adaptation | None

    def __init__(
        self,
        generator: Network,
        card: ModelCard,
        device: torch.device,
        precision: Precision = "auto",
        threads: int = 0,
        adapt_to: Callable[[Engine], Strengths] | None = None,
        *,
        or_processor: bool = False,
    ) -> None:
        """``adapt_to`` and ``or_processor`` are as in ``open_engine``."""
        from srgan_desktop.core.networks.dasr import Dasr

        self._prepare(card, generator.config, lambda: generator, precision, threads)
        self._prepare_torch()
        if isinstance(generator, Dasr):
            self._adaptation = Adaptation(self._load, threads)
            if adapt_to is not None:
                self._strengths = adapt_to(self)
        try:
            self._set(self._chosen(device, precision))
        except DeviceMemoryError:
            if not or_processor or device.type == "cpu":
                raise
            self.fall_back_to_cpu(str(device))

    def _prepare(
        self,
        card: ModelCard,
        config: NetworkConfig,
        load: Callable[[], Network],
        precision: Precision,
        threads: int,
    ) -> None:
        self.card = card
        self.config = config
        self._threads = threads
        self._asked = precision
        self.fell_back = False
        self._adaptation = None
        self._strengths = Strengths()
        self._load = cache(load)
        # one that was opened before runs without torch, mostly
        self._prepare_torch = cache(lambda: set_threads(threads))
        self._request: prepared.Request | None = None
        self._fine: Choice | None = None

    def _set(self, choice: Choice) -> None:
        self._choice = choice
        self.warnings = list(choice.warnings)

    @classmethod
    def with_backend(cls, generator: Network, card: ModelCard, backend: Backend) -> Engine:
        """An engine around a way of running that was chosen by others, as benchmarks do."""
        engine = cls.__new__(cls)
        engine._prepare(card, generator.config, lambda: generator, "fp32", 0)
        engine._set(Choice(backend, math.inf))
        return engine

    @classmethod
    def restored(
        cls, request: prepared.Request, choice: Choice, card: ModelCard, load: Callable[[], Network]
    ) -> Engine:
        """An engine that was opened before; ``load`` reads the network should it be needed."""
        engine = cls.__new__(cls)
        engine._prepare(card, card.config, load, request.precision, request.threads)
        engine._request = request
        engine._set(choice)
        if isinstance(choice.backend, OpenVinoMixture):
            engine._adaptation = Adaptation(engine._load, request.threads, choice.backend)
        return engine

    def keep(self, request: prepared.Request) -> None:
        """Let what was chosen be restored at the next start; once."""
        if self._request is not None:
            return
        self._request = request
        mixture = self._store(request, self._choice)
        if self._adaptation is not None:
            self._adaptation.mixture = mixture

    def _store(self, request: prepared.Request, choice: Choice) -> OpenVinoMixture | None:
        """Of a model that adapts not the choice but what can be adapted to any picture."""
        if self._adaptation is None:
            prepared.store(request, choice, self.card)
            return None
        mixture = self._adaptation.prepared(choice.backend)
        if mixture is not None:
            prepared.store(request, dataclasses.replace(choice, backend=mixture), self.card)
        return mixture

    @property
    def _generator(self) -> Network:
        return self._load()

    def _chosen(
        self, device: torch.device, precision: Precision, *, integers: bool = True
    ) -> Choice:
        from srgan_desktop.core.engine.way_selection import choose

        if self.adapts and self._generator.activation_ranges is None:
            integers = False  # finding ranges for each picture takes too long
        return choose(self._as_run, device, precision, self._threads, integers=integers)

    @property
    def scale(self) -> int:
        return self.config.scale

    @property
    def adapts(self) -> bool:
        """Whether the model is another network for each picture."""
        return self._adaptation is not None

    @property
    def strengths(self) -> Strengths:
        """What a model that adapts is adapted to; where it was not asked, to a clean picture."""
        return self._strengths

    @property
    def _as_run(self) -> Network:
        import torch

        from srgan_desktop.core.networks.dasr import Dasr

        network = self._generator
        if isinstance(network, Dasr):
            return network.fixed(torch.tensor(self._strengths.values))
        return network

    def predict(self, pieces: NDArray[np.float32]) -> Strengths:
        """What a model that adapts finds in pieces of one picture, on the average.

        Asked again of the same pieces it remembers, as while a person tries other strengths.

        Args:
            pieces: (N, colours, h, w), 0..1.
        """
        return cast(Adaptation, self._adaptation).predict(pieces)

    def adapt(self, strengths: Strengths) -> None:
        """From now on run the network for ``strengths``; milliseconds. Only where it ``adapts``.

        Raises:
            DeviceError, DeviceMemoryError: the device failed.
        """
        if strengths == self._strengths:
            return
        adaptation = cast(Adaptation, self._adaptation)
        backend = adaptation.backend(strengths, self._choice.backend)
        self._choice = dataclasses.replace(self._choice, backend=backend)
        self._fine = None
        self._strengths = strengths

    @property
    def backend(self) -> Backend:
        """The way that was chosen; another one after ``adapt`` and ``fall_back_to_cpu``."""
        return self._choice.backend

    @property
    def device(self) -> str:
        return self._choice.backend.device

    @property
    def precision(self) -> str:
        return self._choice.backend.precision

    @property
    def way(self) -> str:
        """For people: "openvino bf16 on cpu"."""
        backend = self._choice.backend
        return f"{backend.name} {backend.precision} on {backend.device}"

    @property
    def overlap(self) -> int:
        """The context a tile needs on each side, in source pixels."""
        return tile_overlap(self.config)

    @property
    def needs_blending(self) -> bool:
        """Whether tiles differ slightly from a single pass and are blended where they meet."""
        return needs_blending(self.config)

    def run(self, x: Tensor, *, tta: bool = False, fine: bool = False) -> Tensor:
        """float32 (N, colours, H, W), 0..1, to float32 (N, colours, H*scale, W*scale), 0..1.

        Args:
            tta: the mean over the eight flips and rotations; eight times the work.
            fine: for results of more than 8 bits, which 8-bit integers never make unasked.

        Raises:
            DeviceMemoryError: too large for the device.
            DeviceError: the device failed.
        """
        import torch

        self._prepare_torch()
        backend = self._fine_backend() if fine else self._choice.backend
        if not tta:
            return backend.run(x).clamp_(0, 1)
        total = torch.zeros(())
        for turn in range(8):
            total = total + turned_back(backend.run(turned(x, turn)), turn)
        return (total / 8).clamp_(0, 1)

    def enlarge(self, pixels: NDArray[Any], part: Part) -> NDArray[np.uint8] | None:
        """What ``PixelBackend.enlarge`` makes of pixels; None where the model is run otherwise."""
        backend = self._choice.backend
        if pixels.dtype != np.uint8 or not isinstance(backend, PixelBackend):
            return None
        return backend.enlarge(pixels, part)

    def ahead(self, height: int, width: int) -> int:
        """How many tiles of that size should be begun before one is waited for; 0: none can be."""
        backend = self._choice.backend
        return backend.ahead(height, width) if isinstance(backend, QueuedBackend) else 0

    def begin(self, pixels: NDArray[np.uint8], finish: Finish) -> Pending:
        """Let a tile be computed on a device that has queues, where ``ahead`` is not 0.

        Args:
            pixels: (H, W, colours) in the network's colours.
            finish: makes bytes of its output on the device.
        """
        return cast(QueuedBackend, self._choice.backend).begin(pixels, finish)

    def _fine_backend(self) -> Backend:
        """As chosen, or where that is integers and nobody asked for them, the next best."""
        if self._asked == "int8" or self.precision != "int8":
            return self._choice.backend
        if self._fine is None:
            self._fine = self._find_fine()
        return self._fine.backend

    def _find_fine(self) -> Choice:
        request = self._request and dataclasses.replace(self._request, integers=False)
        known = request and prepared.restore(request)
        if known:
            choice, _ = known
            if isinstance(choice.backend, OpenVinoMixture):
                backend = choice.backend.backend(self._strengths)
                choice = dataclasses.replace(choice, backend=backend)
            return choice
        import torch

        found = self._chosen(torch.device(self.device), "auto", integers=False)
        if request:
            self._store(request, found)
        return found

    def tile_side(self, free_bytes: int | None = None) -> int:
        """The side of a tile that fits into memory, in source pixels, without context."""
        return tile_side(self.device, self.overlap, self.bytes_per_pixel, free_bytes)

    @property
    def bytes_per_pixel(self) -> float:
        """Upper estimate of the working memory per source pixel of a tile, in bytes."""
        config = self.config
        item = 4 if self.precision == "fp32" or self._choice.backend.name == "openvino" else 2
        body = config.working_values * item
        picture = 4 * config.colours * (3 * config.scale**2 + 2)
        return body + picture

    def fall_back_to_cpu(self, failed: str | None = None) -> str:
        """Continue on the processor after ``device`` failed; returns the warning to show.

        Args:
            failed: its name where it failed before there was a way to run the model on it.
        """
        import torch

        from srgan_desktop.core.engine.way_selection import precision_on_processor

        failed = failed or self.device
        if self._adaptation is not None:
            self._adaptation.mixture = None  # of another way of running it
        self._set(self._chosen(torch.device("cpu"), precision_on_processor(self._asked)))
        self.fell_back = True
        warning = tr("{device} ran out of memory; the processor goes on", device=failed)
        self.warnings.append(warning)
        return warning


def open_engine(
    path: Path,
    device: str = "auto",
    precision: Precision = "auto",
    threads: int = 0,
    detail: float | None = None,
    adapt_to: Callable[[Engine], Strengths] | None = None,
    *,
    or_processor: bool | None = None,
) -> Engine:
    """Load a model file and prepare it; ``detail`` blends it with its smooth partner.

    ``adapt_to``: asked, where the model adapts, for the strengths of the first picture, of an
    engine that can but ``predict`` yet. The network is then built once, not for a clean picture
    first.

    ``or_processor``: whether the processor takes over where the device has no memory left; None:
    where ``device`` is "auto".

    Raises:
        ModelFileError: not a usable model file.
        DeviceMemoryError: the device has no memory left.
        UsageError, DeviceError: the device is not there or gives no sound result.
    """
    if or_processor is None:
        or_processor = device == "auto"
    name = resolve_name(device)
    request = prepared.Request(path, detail, precision, threads)
    known = prepared.restore(request) if name == "cpu" else None
    if known is not None:
        engine = Engine.restored(request, *known, lambda: _load(path, detail)[0])
        if engine.adapts and adapt_to is not None:
            engine.adapt(adapt_to(engine))
        return engine
    import torch

    network, card = _load(path, detail)
    where = torch.device(name)
    engine = Engine(network, card, where, precision, threads, adapt_to, or_processor=or_processor)
    # of a model that adapts that takes a quarter of a second, which whoever looks on would wait
    is_watched = engine.adapts and adapt_to is not None
    if engine.device == "cpu" and not (is_watched or engine.fell_back):
        engine.keep(request)
    return engine


def _load(path: Path, detail: float | None) -> tuple[Network, ModelCard]:
    from srgan_desktop.core.weights.interpolate import load_with_detail

    return load_with_detail(path, detail)
