"""Text in the chosen language."""

from __future__ import annotations

import gettext
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base import translation
from srgan_desktop.core.base.translation import sentences, set_language, system_language, tr, trn


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    set_language("en")


def mo_file(messages: dict[str, str]) -> bytes:
    """A compiled catalogue, as msgfmt makes them (GNU gettext manual, "MO files")."""
    pairs = [(key.encode(), text.encode()) for key, text in sorted(messages.items())]
    start = 28 + 16 * len(pairs)
    tables: list[list[int]] = [[], []]
    body = b""
    for column in (0, 1):
        for pair in pairs:
            tables[column] += [len(pair[column]), start + len(body)]
            body += pair[column] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + struct.pack(f"<{4 * len(pairs)}I", *tables[0], *tables[1]) + body


@pytest.fixture
def chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "translations" / "zh_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    messages = {
        "": "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=1; plural=0;\n",
        "{n} picture\0{n} pictures": "{n} 张图片",
        "the file is empty": "文件为空",
        "{source} failed": "{source} 失败",
        "{n} models": "{m} 模型",
    }
    (folder / "srgan_desktop.mo").write_bytes(mo_file(messages))
    monkeypatch.setattr(places, "resources", lambda: tmp_path)


@pytest.mark.usefixtures("chinese")
def test_text_in_another_language() -> None:
    set_language("zh_CN")
    assert translation.language() == "zh_CN"
    assert tr("the file is empty") == "文件为空"
    assert tr("{source} failed", source="a{b}.png") == "a{b}.png 失败"
    assert trn("{n} picture", "{n} pictures", 3) == "3 张图片"
    assert tr("{n} models", n=2) == "2 models"  # the translation has another field
    assert tr("not in the catalogue") == "not in the catalogue"
    set_language("en")
    assert tr("the file is empty") == "the file is empty"


def test_a_missing_catalogue_gives_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "resources", lambda: tmp_path / "nowhere")
    set_language("zh_CN")
    assert tr("the file is empty") == "the file is empty"
    assert trn("{n} picture", "{n} pictures", 1) == "1 picture"
    assert trn("{n} picture", "{n} pictures", 2) == "2 pictures"
    assert isinstance(translation._current, gettext.NullTranslations)


@pytest.mark.parametrize("content", [b"", b"no catalogue", mo_file({"": "x"})[:30]])
def test_a_damaged_catalogue_gives_english(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "translations" / "zh_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "srgan_desktop.mo").write_bytes(content)
    monkeypatch.setattr(places, "resources", lambda: tmp_path)
    set_language("zh_CN")
    assert tr("the file is empty") == "the file is empty"


def test_braces_in_values_are_no_fields() -> None:
    assert tr("{name} is empty", name="{stem}") == "{stem} is empty"
    assert tr("a {brace} stays where nothing is filled in") == (
        "a {brace} stays where nothing is filled in"
    )


@pytest.mark.parametrize(
    ("variable", "value", "language"),
    [
        ("LANG", "zh_CN.UTF-8", "zh_CN"),
        ("LANG", "zh_TW", "zh_CN"),
        ("LANG", "de_DE.UTF-8", "en"),
        ("LANG", "C", "en"),
        ("LC_ALL", "Chinese (Simplified)_China.936", "zh_CN"),
        ("SRGAN_DESKTOP_LANGUAGE", "zh_CN", "zh_CN"),
    ],
)
def test_the_systems_language(
    variable: str, value: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SRGAN_DESKTOP_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)
    assert system_language() == language


def test_nothing_stays_nothing_in_every_language() -> None:
    for language in translation.LANGUAGES:
        set_language(language)
        assert tr("") == ""


def test_the_window_knows_the_language_where_no_variable_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("SRGAN_DESKTOP_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert system_language("zh_CN") == "zh_CN"
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert system_language("zh_CN") == "en"


def test_sentences_follow_each_other_as_the_language_wants() -> None:
    assert sentences("One.", "", "Two.") == "One. Two."
    set_language("zh_CN")
    assert sentences("一。", "", "二。") == "一。二。"
