"""Which devices share a run."""

from __future__ import annotations

import pytest

from srgan_desktop.core.backends import device as devices_here
from srgan_desktop.core.backends.device import DeviceInfo
from srgan_desktop.core.engine.cache import EngineCache, EngineRequest
from srgan_desktop.core.jobs.engines import devices
from srgan_desktop.core.jobs.options import BatchOptions

OPTIONS = BatchOptions(model="fast-x4")
CARDS = [DeviceInfo(name, name, None) for name in ("cpu", "cuda:0", "cuda:1", "cuda:2")]


class Asked(EngineCache):
    """Remembers what it is asked for and opens it on the processor."""

    def __init__(self) -> None:
        super().__init__()
        self.devices: list[str] = []

    def get(self, request: EngineRequest):  # type: ignore[no-untyped-def]
        self.devices.append(request.device)
        return object()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("auto", ["cuda:0", "cuda:1", "cuda:2"]),
        ("cuda:1", ["cuda:1"]),
        ("cpu", ["cpu"]),
    ],
)
def test_all_cards_share_the_work_unless_one_is_named(
    asked: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices_here, "available_devices", lambda: CARDS)
    monkeypatch.setattr(
        devices_here, "resolve_name", lambda name: "cuda:0" if name == "auto" else name
    )
    cache = Asked()
    for one in devices(cache, asked):
        one.open(OPTIONS)
    assert cache.devices == expected


def test_without_a_card_there_is_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices_here, "resolve_name", lambda name: "cpu")
    cache = Asked()
    for one in devices(cache):
        one.open(OPTIONS)
    assert cache.devices == ["auto"]
