"""The catalogue is read anew when it is another, and otherwise not at all."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
import torch

from srgan_desktop.core.base import app_paths, translation
from srgan_desktop.core.engine.cache import EngineCache
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.weights import catalogue
from srgan_desktop.core.weights.model_file import ModelCard, save_model
from srgan_desktop.gui.common.engine_worker import EngineWorker
from srgan_desktop.gui.common.requests import ModelChoice


def make_network() -> SRResNet:
    return SRResNet(SRResNetConfig(blocks=1, channels=4)).eval()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows with each reading of the files."""
    times: list[str] = []
    list_models = catalogue.list_models

    def counting() -> list[catalogue.CatalogueEntry]:
        times.append("read")
        return list_models()

    monkeypatch.setattr(catalogue, "list_models", counting)
    return times


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(catalogue, "shipped_folder", lambda: tmp_path / "shipped")
    app_paths.models().mkdir(parents=True)
    save_model(app_paths.models() / "mine.safetensors", make_network(), ModelCard(title="Mine"))
    (app_paths.models() / "bad.safetensors").write_bytes(b"nothing")
    return app_paths.models()


def listed() -> list[ModelChoice]:
    work: Generator[None, None, list[ModelChoice]] = EngineWorker(EngineCache()).models()
    try:
        while True:
            next(work)
    except StopIteration as stop:
        return list(stop.value)


def test_the_second_start_has_the_same_lines_without_reading(own: Path, read: list[str]) -> None:
    (own / "bad.safetensors").unlink()
    first = listed()
    assert [(choice.name, choice.problem) for choice in first] == [("mine", "")]
    assert listed() == first
    assert read == ["read"]


def test_what_could_not_be_read_is_tried_again(read: list[str]) -> None:
    first = listed()
    assert [choice.name for choice in first] == ["bad", "mine"]
    assert first[0].problem and not first[1].problem
    assert listed() == first
    assert read == ["read", "read"]


def test_it_is_read_anew_when_a_file_is_another(own: Path, read: list[str]) -> None:
    listed()
    torch.manual_seed(8)
    save_model(own / "mine.safetensors", make_network(), ModelCard(title="Another"))
    assert [choice.title for choice in listed()] == ["bad", "Another"]
    (own / "bad.safetensors").unlink()
    assert [choice.name for choice in listed()] == ["mine"]
    save_model(own / "new.safetensors", make_network(), ModelCard())
    assert [choice.name for choice in listed()] == ["mine", "new"]
    assert len(read) == 4


def test_it_is_read_anew_in_another_language(own: Path, read: list[str]) -> None:
    (own / "bad.safetensors").unlink()
    listed()
    translation.set_language("zh_CN")
    try:
        listed()
    finally:
        translation.set_language("en")
    assert len(read) == 2


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"state": 1}', b"\xff", b"[" * 100_000])
def test_a_damaged_cache_is_no_reason_to_fail(own: Path, read: list[str], damage: bytes) -> None:
    (own / "bad.safetensors").unlink()
    first = listed()
    (app_paths.cache_folder() / "catalogue.json").write_bytes(damage)
    assert listed() == first == listed()
    assert len(read) == 2
