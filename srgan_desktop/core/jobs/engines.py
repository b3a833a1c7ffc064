"""Which network an item runs through, on each of the devices that share a run."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from srgan_desktop.core.base.errors import SrganDesktopError, UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.engine.cache import EngineCache, EngineRequest
from srgan_desktop.core.jobs.options import BatchOptions, ModelFacts

if TYPE_CHECKING:
    from srgan_desktop.core.engine.engine import Engine


class Device(Protocol):
    """One device of a run, used by one thread."""

    def open(self, options: BatchOptions) -> Engine:
        """The network that ``model`` and ``detail`` ask for; quick where it was the last one.

        Raises:
            ModelFileError, UsageError, DeviceError: it cannot be had.
        """
        ...

    def open_before(self, options: BatchOptions) -> Engine | None:
        """The network of ``before``; None where none is asked for. Raises as ``open``."""
        ...

    def forget(self, engine: Engine) -> None:
        """Do not give this one again: a fault may have left it half-used."""
        ...


class CachedDevice:
    """A device whose network is kept in a cache that others may use too."""

    def __init__(
        self,
        cache: EngineCache,
        device: str = "auto",
        precision: str = "auto",
        threads: int = 0,
        *,
        or_processor: bool = False,
    ) -> None:
        """``or_processor`` is as in ``EngineRequest``."""
        self._cache = cache
        self._or_processor = or_processor
        self._device, self._precision, self._threads = device, precision, threads
        # a model that was found once is not looked for again: its file may go meanwhile
        self._files: dict[str, Path] = {}

    def open(self, options: BatchOptions) -> Engine:
        """As ``Device.open``."""
        return self._get(options.model, options.detail)

    def open_before(self, options: BatchOptions) -> Engine | None:
        """As ``Device.open_before``."""
        if options.before is None:
            return None
        engine = self._get(options.before, None, before=True)
        check_before(engine)
        return engine

    def _get(self, model: str, detail: float | None, *, before: bool = False) -> Engine:
        from srgan_desktop.core.weights.catalogue import find_model

        if model not in self._files:
            self._files[model] = find_model(model)
        return self._cache.get(
            EngineRequest(
                self._files[model],
                self._device,
                self._precision,
                detail,
                self._threads,
                before,
                self._or_processor,
            )
        )

    def forget(self, engine: Engine) -> None:
        """As ``Device.forget``."""
        self._cache.forget(engine)


def devices(
    cache: EngineCache | None = None,
    device: str = "auto",
    precision: str = "auto",
    threads: int = 0,
) -> list[CachedDevice]:
    """Those that share the work: all accelerators for "auto", else the one named.

    Raises:
        UsageError, DeviceError: no such device.
    """
    from srgan_desktop.core.backends.device import available_devices, resolve_name

    kind = resolve_name(device).partition(":")[0]
    names = [device]
    if device == "auto" and kind != "cpu":
        alike = [d.name for d in available_devices() if d.name.partition(":")[0] == kind]
        names = alike or names
    cache = cache or EngineCache()
    auto = device == "auto"
    return [CachedDevice(cache, name, precision, threads, or_processor=auto) for name in names]


def check_before(engine: Engine) -> None:
    """Raises UsageError for a network that cannot work before another."""
    if engine.scale != 1:
        raise UsageError(
            tr(
                "--before needs a model that restores pictures at their own size (1x); "
                "{name} enlarges {n} times",
                name=engine.card.name,
                n=engine.scale,
            )
        )


def model_key(options: BatchOptions) -> tuple[str, float | None]:
    """Equal for options that ask for the same network."""
    return options.model, options.detail


class Models:
    """Facts about models, published by whoever opens their networks to whoever waits for them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, float | None], ModelFacts | SrganDesktopError] = {}
        self._changed = threading.Condition()

    def publish(self, options: BatchOptions, facts: ModelFacts | SrganDesktopError) -> None:
        with self._changed:
            self._known[model_key(options)] = facts
            self._changed.notify_all()

    def facts(self, options: BatchOptions) -> ModelFacts | SrganDesktopError | None:
        """None: nobody has opened it yet."""
        return self._known.get(model_key(options))

    def wait(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait(seconds)
