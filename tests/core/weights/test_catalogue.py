"""Models by name: shipped, own, damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.errors import ModelFileError, ModelNotFoundError, UsageError
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.weights import catalogue
from srgan_desktop.core.weights.model_file import ModelCard, save_model


def save(path: Path, scale: int = 4) -> Path:
    torch.manual_seed(0)
    path.parent.mkdir(parents=True, exist_ok=True)
    network = SRResNet(SRResNetConfig(scale=scale, blocks=1, channels=4))
    save_model(path, network, ModelCard(title=f"x{scale}"))
    return path


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(catalogue, "shipped_folder", lambda: tmp_path / "shipped")


def test_shipped_models_first_each_by_name(tmp_path: Path) -> None:
    for name in ("b", "a"):
        save(tmp_path / "shipped" / f"{name}.safetensors")
    save(places.models() / "aa.safetensors", 2)
    save(places.models() / "a.safetensors", 2)
    entries = catalogue.list_models()
    assert [entry.name for entry in entries] == ["a", "b", "own:a", "aa"]
    assert [entry.shipped for entry in entries] == [True, True, False, False]
    assert [entry.card.scale for entry in entries if entry.card] == [4, 4, 2, 2]


def test_names_come_before_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = save(tmp_path / "shipped" / "a.safetensors")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_bytes(b"a file of this name")
    assert catalogue.find_model("a") == shipped
    assert catalogue.find_model("./a") == Path("a")
    assert catalogue.find_model(str(shipped)) == shipped


@pytest.mark.parametrize("name", ["nope", "", ".", "own:a", "x" * 5000, "shipped"])
def test_what_is_neither(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "shipped" / "a.safetensors")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelNotFoundError, match=r"there are: a$"):
        catalogue.find_model(name)


def test_a_damaged_file_is_listed_and_never_hides_the_others(tmp_path: Path) -> None:
    good = save(tmp_path / "shipped" / "good.safetensors")
    places.models().mkdir(parents=True)
    (places.models() / "bad.safetensors").write_bytes(good.read_bytes()[:3000])
    good_entry, bad_entry = catalogue.list_models()
    assert good_entry.card is not None
    assert bad_entry.card is None
    assert "cut short" in bad_entry.problem
    assert str(bad_entry.path) not in bad_entry.problem


def test_tensors_of_own_files_are_looked_into(tmp_path: Path) -> None:
    """They may have been put into the folder by hand, where no check was made."""
    good = save(places.models() / "good.safetensors")
    broken = {"nan": {"tail.bias": float("nan")}, "short": {}}
    for name, values in broken.items():
        tensors = load_file(good)
        if name == "short":
            del tensors["tail.bias"]
        for key, value in values.items():
            tensors[key][0] = value
        with safe_open(good, "pt") as file:
            save_file(tensors, good.with_name(f"{name}.safetensors"), file.metadata())
    problems = {entry.name: entry.problem for entry in catalogue.list_models()}
    assert problems["good"] == ""
    assert problems["nan"] == "damaged: tail.bias contains NaN or infinity"
    assert "1 tensors missing" in problems["short"]
    save(places.models() / "nan.safetensors", 2)
    assert not any(entry.problem for entry in catalogue.list_models() if entry.name == "nan")


def test_adding_copies_and_nothing_is_replaced(tmp_path: Path) -> None:
    source = save(tmp_path / "elsewhere" / "mine.safetensors")
    entry = catalogue.add_model(source)
    assert entry.name == "mine"
    assert entry.path.read_bytes() == source.read_bytes()
    other = save(tmp_path / "other" / "mine.safetensors", 2)
    with pytest.raises(UsageError, match="already"):
        catalogue.add_model(other)
    assert entry.path.read_bytes() == source.read_bytes()
    assert catalogue.add_model(other, "mine2").card is not None


def test_a_failed_copy_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    source = save(tmp_path / "mine.safetensors")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelFileError, match="the disk is full"):
        catalogue.add_model(source)
    assert list(places.models().iterdir()) == []


def test_removing(tmp_path: Path) -> None:
    shipped = save(tmp_path / "shipped" / "a.safetensors")
    own = save(places.models() / "b.safetensors")
    assert catalogue.remove_model("b") == own
    assert not own.exists()
    with pytest.raises(ModelNotFoundError):
        catalogue.remove_model("b")
    with pytest.raises(ModelNotFoundError):
        catalogue.remove_model(str(shipped))  # a path is no name: nothing is deleted by accident
    with pytest.raises(UsageError, match="ships with the program"):
        catalogue.remove_model("a")
    assert shipped.exists()


def test_titles_say_first_what_a_model_is_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    titles = {entry.name: entry.card.title for entry in catalogue.list_models() if entry.card}
    assert titles["srgan-x4"] == "Detailed x4 (SRGAN)"
    assert {title.split()[0] for title in titles.values()} <= {
        "Detailed",
        "Faithful",
        "Fast",
        "Photo",
    }
