"""One network open on a device, and another only when it is asked for."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from network_makers import make_network

from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.engine import prepared
from srgan_desktop.core.engine.cache import EngineCache, EngineRequest
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.engine.way_selection import Way
from srgan_desktop.core.networks.dasr import Dasr, DasrConfig
from srgan_desktop.core.networks.strengths import Strengths
from srgan_desktop.core.weights.model_file import ModelCard, save_model


def save(path: Path, name: str) -> Path:
    network = make_network(blocks=1)
    save_model(path, network, ModelCard(name=name, config=network.config))
    return path


@pytest.fixture
def request_(tmp_path: Path) -> EngineRequest:
    return EngineRequest(save(tmp_path / "a.safetensors", "a"), "cpu", "fp32", threads=1)


def test_the_same_is_not_opened_again(
    request_: EngineRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = EngineCache()
    engine = cache.get(request_)
    assert cache.get(request_) is engine
    # "auto" is the processor here, and a relative path is the same file
    monkeypatch.chdir(tmp_path)
    assert cache.get(EngineRequest(Path("a.safetensors"), "cpu", "fp32", threads=1)) is engine


def test_threads_are_those_of_the_cache_where_nobody_says(request_: EngineRequest) -> None:
    open_to_choice, cache = replace(request_, threads=0), EngineCache()
    cache.threads = 1
    engine = cache.get(request_)
    assert cache.get(open_to_choice) is engine
    cache.threads = 2
    assert cache.get(request_) is engine
    other = cache.get(open_to_choice)
    assert other is not engine and other._threads == 2
    assert cache.get(open_to_choice) is other


def test_another_takes_its_place(request_: EngineRequest, tmp_path: Path) -> None:
    cache = EngineCache()
    engine = cache.get(request_)
    other = cache.get(EngineRequest(save(tmp_path / "b.safetensors", "b"), "cpu", "fp32"))
    assert other.card.name == "b"
    assert cache.get(request_) is not engine


def test_a_network_that_adapts_is_built_once_for_the_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that whoever moves the detail slider need not wait for one for a clean picture too."""
    tiny = DasrConfig(blocks=1, channels=8, experts=2, predictor_channels=4, tail_kernel=3)
    for name, partner in (("smooth", ""), ("sharp", "smooth")):
        torch.manual_seed(len(name))
        path = tmp_path / f"{name}.safetensors"
        save_model(path, Dasr(tiny), ModelCard(name=name, config=tiny, partner=partner))
    opened: list[str] = []
    open_way = Way.open

    def counting(way: Way, *how: Any) -> Any:
        opened.append(str(way))
        return open_way(way, *how)

    monkeypatch.setattr(Way, "open", counting)
    request, x = EngineRequest(path, "cpu", "fp32", 80.0, threads=1), torch.rand(2, 3, 20, 24)
    pieces = x.numpy()
    cache = EngineCache()
    cache.get(request)  # measures which way is the fastest
    opened.clear()
    engine = cache.get(replace(request, detail=60.0), lambda engine: engine.predict(pieces))
    assert engine.strengths == engine.predict(pieces) != Strengths() and len(opened) == 1
    engine.adapt(engine.predict(pieces))
    assert len(opened) == 1

    later = EngineCache().get(replace(request, detail=60.0))
    assert later.strengths == Strengths()
    later.adapt(engine.strengths)
    assert torch.equal(engine.run(x), later.run(x))


def test_what_adapts_is_kept_when_there_is_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "adaptive.safetensors"
    tiny = DasrConfig(blocks=1, channels=8, experts=2, predictor_channels=4, tail_kernel=3)
    save_model(path, Dasr(tiny), ModelCard(config=tiny))
    kept: list[prepared.Request] = []
    monkeypatch.setattr(Engine, "keep", lambda engine, request: kept.append(request))
    cache, request = EngineCache(), EngineRequest(path, "cpu", "fp32", threads=1)
    cache.get(request, lambda engine: Strengths())
    cache.keep(replace(request, threads=2))  # is not what is open
    assert not kept
    cache.keep(request)
    assert kept == [prepared.Request(path, None, "fp32", 1)]


def test_a_network_that_does_not_adapt_is_not_asked(request_: EngineRequest) -> None:
    def never(engine: object) -> Strengths:
        raise AssertionError("asked")

    assert not EngineCache().get(request_, never).adapts


def test_where_the_next_cannot_be_opened_none_is_kept(
    request_: EngineRequest, tmp_path: Path
) -> None:
    cache = EngineCache()
    engine = cache.get(request_)
    with pytest.raises(ModelFileError):
        cache.get(EngineRequest(tmp_path / "missing.safetensors", "cpu"))
    assert cache.get(request_) is not engine


def test_a_file_written_anew_is_read_again_and_one_that_has_gone_is_not_missed(
    request_: EngineRequest,
) -> None:
    cache = EngineCache()
    first = cache.get(request_)
    save(request_.model, "new")
    os.utime(request_.model, ns=(1, 1))
    second = cache.get(request_)
    assert second is not first
    assert second.card.name == "new"
    request_.model.unlink()
    assert cache.get(request_) is second


def test_a_partner_written_anew_is_read_again(tmp_path: Path) -> None:
    network = make_network(blocks=1)
    model = tmp_path / "sharp.safetensors"
    card = ModelCard(name="sharp", config=network.config, partner="smooth")
    save_model(model, network, card)
    partner = save(tmp_path / "smooth.safetensors", "smooth")
    cache, whole = EngineCache(), EngineRequest(model, "cpu", "fp32", threads=1)
    blend = replace(whole, detail=50.0)
    first, x = cache.get(blend), torch.rand(1, 3, 12, 12)
    assert cache.get(blend) is first
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(1.5)
    save_model(partner, network, ModelCard(name="smooth", config=network.config))
    os.utime(partner, ns=(1, 1))
    second = cache.get(blend)
    assert not torch.equal(second.run(x), first.run(x))
    partner.unlink()
    assert cache.get(blend) is second, "one that has gone is not missed"
    alone = cache.get(whole)
    save(partner, "smooth")
    assert cache.get(whole) is alone, "it has no part in that"


def test_one_that_is_forgotten_is_opened_anew(request_: EngineRequest) -> None:
    cache = EngineCache()
    engine = cache.get(request_)
    cache.forget(engine)
    again = cache.get(request_)
    assert again is not engine
    cache.forget(engine)  # which is not there any more
    assert cache.get(request_) is again
    cache.clear()
    assert cache.get(request_) is not again
