"""Every text of the program is there in every language, and so are its fields."""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
import tomllib
from collections.abc import Generator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from repository import ROOT

from srgan_desktop.cli import main as run_command
from srgan_desktop.core.base import translation
from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.core.images.io import FORMATS
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.requests import ModelChoice
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.shell.main_window import MainWindow
from srgan_desktop.gui.shell.settings_dialog import SettingsDialog
from srgan_desktop.gui.training.form.settings_form import SectionForm
from srgan_desktop.gui.upscale.page import UpscalePage
from trainer.config.run_config import RunConfig


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    translation.set_language("en")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = ROOT / "scripts" / "translations.py"
    spec = importlib.util.spec_from_file_location("translations_script", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_text_is_untranslated_and_the_catalogues_are_current(script: ModuleType) -> None:
    problems = list(script.check())
    assert problems == [], "run scripts/translations.py, then translate what it names"


@pytest.mark.parametrize("package", ["srgan_desktop", "trainer"])
def test_no_text_hides_in_an_f_string(package: str) -> None:
    hidden = []
    for path in (ROOT / package).rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        hidden += [
            f"{path.relative_to(ROOT)}:{call.lineno}"
            for text in ast.walk(tree)
            if isinstance(text, ast.JoinedStr)
            for call in ast.walk(text)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id in ("tr", "trn")
            and isinstance(call.args[0], ast.Constant)
        ]
    assert hidden == [], "what collects the texts does not look there"


def test_a_missing_translation_is_noticed(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "FOLDER", tmp_path)
    script.refresh()
    problems = list(script.check())
    assert any("not translated" in problem for problem in problems)


def test_texts_come_out_in_chinese() -> None:
    translation.set_language("zh_CN")
    assert tr("Save") == "保存"
    assert tr("Saved as {name}", name="a.png") == "已保存为 a.png"
    assert trn("{n} picture", "{n} pictures", 3) == "3 张图片"


def test_what_models_and_presets_say_of_themselves_is_extracted(script: ModuleType) -> None:
    """With the file it stands in; each is then held to be translated, as all texts are."""
    where = {message.id: [name for name, _ in message.locations] for message in script.extracted()}
    found = list(script.texts_in_files())
    assert all(name in where[text] for name, text in found)
    kinds = {Path(name).stem for name, _ in found}
    recipes = {path.stem for path in (ROOT / "docs" / "models" / "recipes").glob("*.toml")}
    assert kinds == recipes | {path.stem for path in (ROOT / "trainer" / "presets").glob("*.toml")}


def test_the_explanation_of_every_setting_is_extracted(script: ModuleType) -> None:
    """Each is then held to be translated, as all texts are."""
    known = {message.id for message in script.extracted()}
    explained = set(explanations(RunConfig()))
    assert "peak learning rate" in explained
    assert explained <= known


def explanations(section: Any) -> Iterator[str]:
    for field in dataclasses.fields(section):
        value = getattr(section, field.name)
        if dataclasses.is_dataclass(value):
            yield from explanations(value)
        elif "help" in field.metadata:
            yield field.metadata["help"]


def test_settings_are_explained_in_chinese(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_LANGUAGE", "zh_CN")
    assert run_command(["train", "presets", "srresnet-x4"]) == 0
    assert "# 学习率峰值" in capsys.readouterr().out
    form = SectionForm(RunConfig().optimiser)
    assert form.rows["learning_rate"].help.text() == "学习率峰值"
    form.deleteLater()


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small model that says of itself what the shipped one says."""
    from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
    from srgan_desktop.core.weights import catalogue
    from srgan_desktop.core.weights.model_file import ModelCard, save_model

    recipe = ROOT / "docs" / "models" / "recipes" / "srresnet-x4.toml"
    said = tomllib.loads(recipe.read_text(encoding="utf-8"))
    card = ModelCard(name="srresnet-x4", title=said["title"], description=said["description"])
    folder = tmp_path / "shipped"
    folder.mkdir()
    path = folder / "srresnet-x4.safetensors"
    save_model(path, SRResNet(SRResNetConfig(blocks=1, channels=4)), card)
    monkeypatch.setattr(catalogue, "shipped_folder", lambda: folder)
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))
    monkeypatch.setenv("SRGAN_DESKTOP_LANGUAGE", "zh_CN")
    return path


def test_models_and_presets_speak_chinese_on_the_command_line(
    shipped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for call in (["models"], ["models", "show", "srresnet-x4"], ["train", "presets"]):
        assert run_command(call) == 0
    said = capsys.readouterr().out
    assert said.count("忠实 x4（SRResNet）") == 2
    assert "放大四倍，忠于原图" in said
    assert "对抗训练" in said
    assert "For comparing with the paper" not in said


def test_models_speak_chinese_in_the_window(shipped: Path, qapp: QApplication) -> None:
    services = Services(qapp, Settings(), FaultReporter())
    page = UpscalePage(services)
    page.requests.set_models(drained(page.session.worker.models()))
    assert page.panel.model.currentText() == "忠实 x4（SRResNet）"
    assert page.panel.description.text().startswith("放大四倍，忠于原图")
    assert "忠实 x4（SRResNet）" in page.panel.sample.accessibleDescription()
    services.set_language("en")
    assert page.panel.model.currentText() == "Faithful x4 (SRResNet)"
    page.shutdown()
    services.shutdown()
    page.deleteLater()
    qapp.setStyleSheet("")


def drained(work: Generator[None, None, list[ModelChoice]]) -> list[ModelChoice]:
    while True:
        try:
            next(work)
        except StopIteration as stop:
            return list(stop.value)


def test_the_language_changes_while_the_window_is_open(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))
    monkeypatch.setenv("SRGAN_DESKTOP_LANGUAGE", "en")
    services = Services(qapp, Settings(), FaultReporter())
    window = MainWindow(services)
    page = UpscalePage(services)
    window.add_page(page)
    dialog = SettingsDialog(services, window)
    english = texts_in(window)
    dialog.language.setCurrentIndex(dialog.language.findData("zh_CN"))
    dialog.language.activated.emit(dialog.language.currentIndex())
    assert page.panel.save.text() == "保存"
    assert window.file_menu.title() == "文件(&F)"
    assert dialog.windowTitle() == "设置"
    chinese = texts_in(window)
    same = {text for text in english & chinese if any(letter.isalpha() for letter in text)}
    formats = {entry.label for entry in FORMATS.values()}
    assert same <= {"fp32", "bf16", "fp16", "English", "auto"} | formats, "left in English"
    dialog.language.setCurrentIndex(dialog.language.findData("en"))
    dialog.language.activated.emit(dialog.language.currentIndex())
    assert texts_in(window) == english
    window.close()
    window.deleteLater()
    qapp.setStyleSheet("")


def texts_in(window: MainWindow) -> set[str]:
    labels = {label.text() for label in window.findChildren(QLabel)}
    buttons = {button.text() for button in window.findChildren(QPushButton)}
    actions = {action.text() for action in window.findChildren(type(window.quit_action))}
    return {text for text in labels | buttons | actions if text.strip()}
