"""Where to write a file: endings that are not typed, and files that are there already."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from srgan_desktop.gui.common import save_file
from srgan_desktop.gui.common.save_file import CSV, ask_for_target

MODEL, ONNX = ("Model", ".safetensors"), ("ONNX", ".onnx")


class Person:
    """Types names one after the other, and answers questions."""

    def __init__(self) -> None:
        self.types: list[Path | None] = []
        self.agrees: list[bool] = []
        self.suggested: list[str] = []
        self.chooses = ""
        self.offered: list[str] = []
        self.questions: list[str] = []

    def type(self, *given: str) -> tuple[str, str]:
        self.suggested.append(given[0])
        typed = self.types.pop(0)
        self.offered.append(given[2])
        return ("", "") if typed is None else (str(typed), self.chooses)

    def answer(self, _: QWidget, question: str, *__: object, **___: object) -> bool:
        self.questions.append(question)
        return self.agrees.pop(0)


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Person:
    person = Person()
    monkeypatch.setattr(
        QFileDialog,
        "getSaveFileName",
        lambda _parent, _title, first, *rest: person.type(first, *rest),
    )
    monkeypatch.setattr(save_file, "ask", person.answer)
    return person


Ask = Callable[..., Path | None]


@pytest.fixture
def asked(qapp: QApplication, tmp_path: Path, person: Person) -> Ask:
    over = QWidget()

    def asked(typed: str | None, *kinds: tuple[str, str], **more: object) -> Path | None:
        person.types.insert(0, None if typed is None else tmp_path / typed)
        first = tmp_path / f"first{kinds[0][1]}"
        return ask_for_target(over, "Export", first, kinds, **more)  # type: ignore[arg-type]

    return asked


def test_an_ending_comes_to_the_name_where_there_is_none(asked: Ask, tmp_path: Path) -> None:
    assert asked("report", CSV) == tmp_path / "report.csv"
    assert asked("report.csv", CSV) == tmp_path / "report.csv"
    assert asked("REPORT.CSV", CSV) == tmp_path / "REPORT.CSV"
    assert asked("June 1.5", CSV) == tmp_path / "June 1.5.csv"
    assert asked("a", MODEL, ONNX) == tmp_path / "a.safetensors"
    assert asked("a.onnx", MODEL, ONNX) == tmp_path / "a.onnx"
    assert asked("a", ("Model", ".pth.tar")) == tmp_path / "a.pth.tar"
    assert asked(None, CSV) is None
    assert asked("n" * 300, CSV) == tmp_path / ("n" * 300 + ".csv")  # who writes tells of it


def test_the_kind_that_is_chosen_counts(asked: Ask, person: Person, tmp_path: Path) -> None:
    person.chooses = "ONNX (*.onnx)"
    assert asked("first.safetensors", MODEL, ONNX) == tmp_path / "first.onnx"
    assert asked("other.SafeTensors", MODEL, ONNX) == tmp_path / "other.onnx"
    assert asked("a.v2", MODEL, ONNX) == tmp_path / "a.v2.onnx"
    person.chooses = "Model (*.safetensors)"
    assert asked("a.v2", MODEL, ONNX) == tmp_path / "a.v2.safetensors"
    # typed by hand, for the suggestion has another
    assert asked("a.onnx", MODEL, ONNX) == tmp_path / "a.onnx"


def test_the_file_that_the_kind_makes_of_it_is_asked_about(
    asked: Ask, person: Person, tmp_path: Path
) -> None:
    for name in ("first.safetensors", "first.onnx"):
        (tmp_path / name).write_text("old")
    person.chooses = "ONNX (*.onnx)"
    person.agrees, person.types = [False], [tmp_path / "second.onnx"]
    assert asked("first.safetensors", MODEL, ONNX) == tmp_path / "second.onnx"
    assert person.questions == ["Replace first.onnx?"]
    # the next dialog begins with what was chosen
    assert person.offered == ["Model (*.safetensors)", "ONNX (*.onnx)"]


def test_a_file_that_only_its_ending_makes_the_same_is_asked_about(
    asked: Ask, person: Person, tmp_path: Path
) -> None:
    (tmp_path / "report.csv").write_text("old")
    person.agrees = [True]
    assert asked("report", CSV) == tmp_path / "report.csv"
    assert person.questions == ["Replace report.csv?"]
    # no: another name, from where one was
    person.agrees, person.types = [False], [tmp_path / "other"]
    person.suggested.clear()
    assert asked("report", CSV) == tmp_path / "other.csv"
    assert person.suggested == [str(tmp_path / "first.csv"), str(tmp_path / "report.csv")]
    # the system's own dialog has asked about what was typed in full
    assert asked("report.csv", CSV) == tmp_path / "report.csv"
    assert len(person.questions) == 2


def test_a_file_that_is_written_along_is_asked_about_too(
    asked: Ask, person: Person, tmp_path: Path
) -> None:
    def beside(path: Path) -> Path:
        return path.with_name(f"{path.stem}-more.csv")

    (tmp_path / "a-more.csv").write_text("old")
    person.agrees = [True]
    assert asked("a.csv", CSV, beside=beside) == tmp_path / "a.csv"
    assert person.questions == ["Replace a-more.csv?"]
    (tmp_path / "a.csv").write_text("old")  # both are there, from the last time
    assert asked("a.csv", CSV, beside=beside) == tmp_path / "a.csv"
    assert len(person.questions) == 1
