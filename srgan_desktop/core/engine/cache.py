"""The networks that are open: one for each device, for two at a time may not fit."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.core.base.paths import file_state

if TYPE_CHECKING:
    from srgan_desktop.core.engine.engine import Engine
    from srgan_desktop.core.networks.strengths import Strengths


# a card whose memory was full is not tried for each of many small pictures
RETRY_SECONDS = 30.0


@dataclass(frozen=True)
class EngineRequest:
    """Which network, and where and how it shall run.

    Attributes:
        model: its file.
        device, precision, threads: as for ``open_engine``.
        detail: from 0 (smooth) to 100; None is the model as it is.
        before: it works before another network on the same pictures, and is kept beside that.
        or_processor: whether the processor takes over where the device has no memory left, as it
            always does for "auto".
    """

    model: Path
    device: str = "auto"
    precision: str = "auto"
    detail: float | None = None
    threads: int = 0
    before: bool = False
    or_processor: bool = field(default=False, compare=False)

    @property
    def place(self) -> str:
        """One network is open in each."""
        return f"{self.device} before" if self.before else self.device

    @property
    def speed_key(self) -> tuple[Path, str, str]:
        """What decides how fast it runs."""
        return self.model, self.device, self.precision


# of the model's file and of its smooth partner's: when it was written last, in nanoseconds, and how
# long it is; None where it is not there or not needed
Stamp = tuple[tuple[int, int] | None, tuple[int, int] | None]


@dataclass(frozen=True)
class _Open:
    request: EngineRequest
    stamp: Stamp
    engine: Engine
    tried: float  # when its device was, by the monotonic clock


class EngineCache:
    """Keeps the network that was used last on each device, and the one that works before it.

    Whoever owns the devices has one of these for all that compute there. Different devices may be
    used by different threads; one device by one thread at a time, as its networks.

    Attributes:
        threads: of the processor, for requests that leave it open; 0: one for each core.
    """

    def __init__(self) -> None:
        self.threads = 0
        self._open: dict[str, _Open] = {}

    def get(
        self, request: EngineRequest, adapt_to: Callable[[Engine], Strengths] | None = None
    ) -> Engine:
        """The network that is asked for; another one on the same device is let go of first.

        ``adapt_to`` is as for ``open_engine``; one that is open stays as it is.

        A file that was written anew is read again, be it the model's or that of the smooth partner
        that it is blended with; one that has gone is no reason to stop. Where the processor went on
        for a device that was full, that is tried again now and then.

        Raises:
            ModelFileError, UsageError, DeviceError: as ``open_engine``.
        """
        wanted = _resolved(request, self.threads)
        stamp = _stamp(wanted)
        known = self._open.get(wanted.place)
        if known is not None and known.request == wanted and _holds(known.stamp, stamp):
            if not known.engine.fell_back or time.monotonic() - known.tried < RETRY_SECONDS:
                return known.engine
            return self._back_on_device(known, adapt_to)
        del known
        self._open.pop(wanted.place, None)
        return self._opened(wanted, stamp, adapt_to)

    def _back_on_device(
        self, known: _Open, adapt_to: Callable[[Engine], Strengths] | None
    ) -> Engine:
        """Opened anew if there is room again, else as it was."""
        try:
            return self._opened(replace(known.request, or_processor=False), known.stamp, adapt_to)
        except SrganDesktopError:
            self._open[known.request.place] = replace(known, tried=time.monotonic())
            return known.engine

    def _opened(
        self,
        wanted: EngineRequest,
        stamp: Stamp,
        adapt_to: Callable[[Engine], Strengths] | None,
    ) -> Engine:
        from srgan_desktop.core.engine import engine as engines

        engine = engines.open_engine(
            wanted.model,
            wanted.device,
            wanted.precision,  # type: ignore[arg-type]
            wanted.threads,
            wanted.detail,
            adapt_to,
            or_processor=wanted.or_processor,
        )
        self._open[wanted.place] = _Open(wanted, stamp, engine, time.monotonic())
        return engine

    def keep(self, request: EngineRequest) -> None:
        """Let the network that is asked for, if it is open, be there sooner at the next start.

        Nothing but models that adapt needs to be told: others are kept when they are opened.
        """
        from srgan_desktop.core.engine.prepared import Request

        wanted = _resolved(request, self.threads)
        known = self._open.get(wanted.place)
        if known is None or known.request != wanted or wanted.device != "cpu":
            return
        if known.engine.adapts:
            how = wanted.precision, wanted.threads
            known.engine.keep(Request(wanted.model, wanted.detail, *how))  # type: ignore[arg-type]

    def forget(self, engine: Engine) -> None:
        """Open it anew next time: after a fault that may have left it half-used."""
        for device, known in list(self._open.items()):
            if known.engine is engine:
                del self._open[device]

    def clear(self) -> None:
        """Let go of all networks."""
        self._open.clear()


def _resolved(request: EngineRequest, threads: int) -> EngineRequest:
    from srgan_desktop.core.backends.device import resolve_name

    return replace(
        request,
        device=resolve_name(request.device),
        model=request.model.absolute(),
        threads=request.threads or threads,
        or_processor=request.or_processor or request.device == "auto",
    )


def _stamp(request: EngineRequest) -> Stamp:
    partner = None if request.detail in (None, 100) else _partner(request.model)
    return file_state(request.model), None if partner is None else file_state(partner)


def _holds(before: Stamp, now: Stamp) -> bool:
    """Whether no file is another than it was."""
    return all(new in (None, old) for old, new in zip(before, now, strict=True))


def _partner(model: Path) -> Path | None:
    """The file of its smooth partner; None where that cannot be told."""
    from srgan_desktop.core.weights.catalogue import find_beside
    from srgan_desktop.core.weights.headers import read_metadata

    try:
        return find_beside(model, read_metadata(model).get("partner", ""))
    except SrganDesktopError:
        return None
