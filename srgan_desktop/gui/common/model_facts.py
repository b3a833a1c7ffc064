"""What the page knows of a model: frozen, and without torch."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srgan_desktop.gui.common.engine_worker import model_choice
from srgan_desktop.gui.common.requests import ModelChoice

if TYPE_CHECKING:
    from srgan_desktop.core.weights.catalogue import CatalogueEntry


@dataclass(frozen=True)
class ModelFacts:
    """A model of the catalogue.

    Attributes:
        choice: its line in the catalogue; ``choice.problem`` says why it cannot be used.
        shipped: it came with the program and stays.
        third_party: another program wrote the file.
        architecture: for people; empty where it cannot be used.
        parameters: how many numbers were learnt.
        file_bytes: of the file.
        scores: by test set and measure.
        training: whatever the trainer told.
    """

    choice: ModelChoice
    shipped: bool
    third_party: bool = False
    architecture: str = ""
    parameters: int = 0
    file_bytes: int = 0
    licence: str = ""
    author: str = ""
    partner: str = ""
    scores: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        """Whether it enlarges anything."""
        return not self.choice.problem


def list_facts() -> Generator[None, None, list[ModelFacts]]:
    """The catalogue; for the device's thread, for files of others are tried once."""
    yield
    from srgan_desktop.core.weights.catalogue import list_models

    found = []
    for entry in list_models():
        found.append(facts_of(entry))
        yield
    return found


def facts_of(entry: CatalogueEntry) -> ModelFacts:
    """Of one entry of the catalogue."""
    from srgan_desktop.core.weights.third_party.open_model import (
        architecture_title,
        is_third_party,
        parameters_of,
    )

    choice, card = model_choice(entry), entry.card
    if card is None:
        return ModelFacts(choice, entry.shipped, file_bytes=_size(entry.path))
    return ModelFacts(
        choice,
        entry.shipped,
        is_third_party(entry.path),
        architecture_title(card.config),
        parameters_of(card.config),
        _size(entry.path),
        card.licence,
        card.author,
        card.partner,
        card.scores,
        card.training,
    )


def add(paths: list[Path]) -> Generator[None, None, tuple[list[str], list[BaseException]]]:
    """Copy model files into the models folder; the names they got, and what went wrong."""
    yield
    from srgan_desktop.core.base.errors import SrganDesktopError
    from srgan_desktop.core.weights.catalogue import add_model

    names: list[str] = []
    failures: list[BaseException] = []
    for path in paths:
        try:
            names.append(add_model(path).name)
        except SrganDesktopError as error:
            failures.append(error)
        yield
    return names, failures


def rename(name: str, new: str) -> Generator[None, None, str]:
    """Raises what ``rename_model`` raises; the name it has now."""
    yield
    from srgan_desktop.core.weights.catalogue import rename_model

    return rename_model(name, new).name


def remove(name: str) -> Generator[None, None, None]:
    """Raises what ``remove_model`` raises."""
    yield
    from srgan_desktop.core.weights.catalogue import remove_model

    remove_model(name)


def export(source: Path, target: Path) -> Generator[None, None, Path]:
    """As ONNX where the name ends so, else a copy of the file.

    Raises what ``export_onnx`` and ``export_file`` raise.
    """
    yield
    from srgan_desktop.core.weights.catalogue import export_file

    if target.suffix.lower() == ".onnx" and source.suffix.lower() != ".onnx":
        from srgan_desktop.core.weights.onnx_export import export_onnx
        from srgan_desktop.core.weights.third_party.open_model import open_model

        network, card = open_model(source)
        yield
        export_onnx(network, card, target)
    else:
        export_file(source, target)
    return target


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
