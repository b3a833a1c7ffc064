"""Which network an item runs through; opened when needed, the last one kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.jobs.options import BatchOptions

OpenEngine = Callable[[BatchOptions], Engine]
"""Makes the network ready that ``model`` and ``detail`` of the options ask for, on a device of
its own choice. Raises ModelFileError, UsageError, DeviceError."""


@dataclass(frozen=True)
class ModelFacts:
    """What must be known of a model before its network is there: its name and its factor."""

    name: str
    scale: int


def engine_openers(
    device: str = "auto", precision: str = "auto", threads: int = 0
) -> list[OpenEngine]:
    """One for each device to share the work: all accelerators for "auto", else the one named.

    Raises:
        UsageError, DeviceError: no such device.
    """
    from srgan_desktop.core.backends.device import available_devices, resolve_device

    where = resolve_device(device)
    names = [device]
    if device == "auto" and where.type != "cpu":
        kind = where.type
        alike = [d.name for d in available_devices() if d.name.partition(":")[0] == kind]
        names = alike or names
    return [_opener(name, precision, threads) for name in names]


def _opener(device: str, precision: str, threads: int) -> OpenEngine:
    def opener(options: BatchOptions) -> Engine:
        from srgan_desktop.core.engine.engine import open_engine
        from srgan_desktop.core.weights.catalogue import find_model

        return open_engine(
            find_model(options.model),
            device,
            precision,  # type: ignore[arg-type]
            threads,
            options.detail,
        )

    return opener


class KeptEngine:
    """The network used last, for one thread."""

    def __init__(self, opener: OpenEngine) -> None:
        self._opener = opener
        self._key: tuple[str, float | None] | None = None
        self._engine: Engine | None = None

    def for_options(self, options: BatchOptions) -> Engine:
        """Raises what the opener raises."""
        if self._engine is None or self._key != model_key(options):
            self._engine = None  # two at a time may not fit
            self._engine = self._opener(options)
            self._key = model_key(options)
        return self._engine

    def forget(self) -> None:
        """After a fault that may have left it half-used."""
        self._engine = None


def model_key(options: BatchOptions) -> tuple[str, float | None]:
    """Equal for options that ask for the same network."""
    return options.model, options.detail


class Models:
    """Facts about models, told by whoever opens their networks to whoever waits for them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, float | None], ModelFacts | SrganDesktopError] = {}
        self._changed = threading.Condition()

    def tell(self, options: BatchOptions, facts: ModelFacts | SrganDesktopError) -> None:
        with self._changed:
            self._known[model_key(options)] = facts
            self._changed.notify_all()

    def facts(self, options: BatchOptions) -> ModelFacts | SrganDesktopError | None:
        """None: nobody has opened it yet."""
        return self._known.get(model_key(options))

    def wait(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait(seconds)
