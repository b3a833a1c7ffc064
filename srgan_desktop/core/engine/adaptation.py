"""What a model that adapts finds in pictures, and its network for what was found.

By torch, or where the model was prepared by OpenVINO alone, which is there a second sooner.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from srgan_desktop.core.backends import Backend
from srgan_desktop.core.backends.openvino_backend import OpenVinoBackend
from srgan_desktop.core.backends.openvino_mixture import OpenVinoMixture
from srgan_desktop.core.base.errors import DeviceError
from srgan_desktop.core.networks.strengths import Strengths

if TYPE_CHECKING:
    from srgan_desktop.core.networks.dasr import Dasr
    from srgan_desktop.core.networks.network import Network

Floats = NDArray[np.float32]


class Adaptation:
    """See the module.

    Attributes:
        mixture: the model as it was prepared; None where it was not.
    """

    def __init__(
        self, load: Callable[[], Network], threads: int, mixture: OpenVinoMixture | None = None
    ) -> None:
        """``load`` gives a ``Dasr``; asked only where there is no ``mixture``."""
        self._load, self._threads, self.mixture = load, threads, mixture
        self._predicted: tuple[bytes, Strengths] | None = None

    @property
    def _network(self) -> Dasr:
        return cast("Dasr", self._load())

    def predict(self, pieces: Floats) -> Strengths:
        """See ``Engine.predict``."""
        key = hashlib.blake2b(pieces.tobytes()).digest()
        if self._predicted is None or self._predicted[0] != key:
            found = self._find(pieces).mean(0, np.float64)
            self._predicted = key, Strengths.of(found.tolist())
        return self._predicted[1]

    def _find(self, pieces: Floats) -> Floats:
        if self.mixture is not None:
            return self.mixture.predict(pieces)
        import torch

        with torch.no_grad():
            return np.asarray(self._network.predict(torch.from_numpy(pieces)).numpy())

    def backend(self, strengths: Strengths, like: Backend) -> Backend:
        """The network for ``strengths``, run as ``like`` is; raises DeviceError."""
        if self.mixture is not None:
            return self.mixture.backend(strengths)
        import torch

        from srgan_desktop.core.engine.way_selection import Way
        from srgan_desktop.core.weights.architectures import inference_form

        network = self._network.fixed(torch.tensor(strengths.values))
        way = Way(like.name, like.precision)  # type: ignore[arg-type]
        return way.open(inference_form(network), torch.device(like.device), self._threads)

    def prepared(self, like: Backend) -> OpenVinoMixture | None:
        """What does without torch where ``like`` does; None where the model has no such form."""
        if not isinstance(like, OpenVinoBackend):
            return None
        network = self._network
        ranges = network.activation_ranges if like.precision == "int8" else None
        with contextlib.suppress(OSError, DeviceError):
            return OpenVinoMixture.of(network, like, self._threads, ranges)
        return None
