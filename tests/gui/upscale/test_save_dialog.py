"""Save as: each field is checked, and what is chosen is written."""

from __future__ import annotations

import errno
from collections.abc import Generator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from waiting import WaitUntil
from window_helpers import MakePhoto, finish

from srgan_desktop.core.images.io import Written, formats, probe
from srgan_desktop.gui.common import files
from srgan_desktop.gui.common.dialogs import Standard
from srgan_desktop.gui.common.requests import Result
from srgan_desktop.gui.upscale.page import UpscalePage
from srgan_desktop.gui.upscale.save_dialog import SaveDialog


def can_save(dialog: SaveDialog) -> bool:
    return dialog._buttons.button(Standard.Save).isEnabled()


def test_fields_are_checked_beside_themselves(qapp: QApplication, tmp_path: Path) -> None:
    dialog = SaveDialog(tmp_path / "a_4x.jpg", "jpeg", (400, 300), keep_metadata=True)
    assert can_save(dialog)
    assert dialog.target == tmp_path / "a_4x.jpg"
    assert dialog.quality.isEnabled()
    dialog.format.setCurrentIndex(dialog.format.findData("png"))
    assert dialog.target == tmp_path / "a_4x.png"
    assert not dialog.quality.isEnabled()
    for name in ("", "  ", "a/b", "a\\b"):
        dialog.name.setText(name)
        assert not can_save(dialog)
        assert dialog.problem.text()
    dialog.name.setText("b.png")
    assert dialog.target == tmp_path / "b.png", "an ending typed by hand is not doubled"
    dialog.folder.setText(str(tmp_path / "nowhere"))
    assert dialog.problem.text() == "There is no such folder"
    dialog.folder.setText(str(tmp_path))
    (tmp_path / "b.png").write_bytes(b"taken")
    dialog.name.setText("b")
    assert dialog._form.isRowVisible(dialog._taken)
    assert can_save(dialog)
    assert not dialog.request().overwrite, "both are kept unless one says otherwise"
    assert dialog.keep_both.text() == "Keep both, as b (1).png"
    dialog.replace.setChecked(True)
    assert dialog.request().overwrite
    dialog.name.setText("c")
    assert not dialog._form.isRowVisible(dialog._taken)
    assert not dialog.request().overwrite
    dialog.deleteLater()


def test_the_original_is_never_replaced(qapp: QApplication, tmp_path: Path) -> None:
    photo = tmp_path / "a.png"
    photo.write_bytes(b"the original")
    dialog = SaveDialog(photo, "png", (40, 30), keep_metadata=True, source=photo)
    assert can_save(dialog)
    dialog.replace.setChecked(True)
    assert not can_save(dialog)
    assert "original" in dialog.problem.text()
    dialog.keep_both.setChecked(True)
    assert can_save(dialog)
    dialog.deleteLater()


def test_a_name_that_is_too_long_is_said_beside_it(qapp: QApplication, tmp_path: Path) -> None:
    name = "照" * 83
    dialog = SaveDialog(tmp_path / f"{name}_4x.jpg", "jpeg", (400, 300), keep_metadata=True)
    assert dialog.problem.text() == "the name is too long; choose a shorter one"
    assert not can_save(dialog)
    dialog.name.setText(name)
    assert can_save(dialog)
    assert dialog.problem.text() == ""
    dialog.deleteLater()


def test_a_folder_that_may_not_be_entered_is_said_beside_it(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    dialog = SaveDialog(tmp_path / "a.png", "png", (40, 30), keep_metadata=True)
    monkeypatch.setattr(Path, "is_dir", refuse)
    dialog.folder.setText(str(tmp_path / "locked" / "below"))
    assert dialog.problem.text() == "no permission to write here; choose another folder"
    assert not can_save(dialog)
    dialog.deleteLater()


@pytest.mark.parametrize("replace", [False, True])
def test_a_file_of_that_name_is_kept_or_replaced(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil, replace: bool
) -> None:
    photo = make_photo("photo.png", (40, 30))
    other = photo.with_name("other.png")
    other.write_bytes(b"here before")
    page.open_paths([photo])
    finish(page, wait_until)
    page.commands.save_as.trigger()
    dialog = page.findChild(SaveDialog)
    assert dialog is not None
    dialog.name.setText("other")
    dialog.replace.setChecked(replace)
    dialog.accept()
    wait_until(lambda: page.saver.saved_path)
    assert (other.read_bytes() == b"here before") is not replace
    assert page.saver.saved_path is not None
    assert probe(page.saver.saved_path).width == 160


def test_formats_that_cannot_hold_the_size_say_so(qapp: QApplication, tmp_path: Path) -> None:
    dialog = SaveDialog(tmp_path / "a.webp", "webp", (20_000, 300), keep_metadata=True)
    assert "16383" in dialog.problem.text().replace(",", "")
    assert not can_save(dialog)
    dialog.deleteLater()


def test_only_what_can_be_written_here_is_offered(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offered() -> set[str]:
        dialog = SaveDialog(tmp_path / "a.png", "png", (400, 300), keep_metadata=True)
        dialog.deleteLater()
        return {dialog.format.itemData(row) for row in range(dialog.format.count())}

    assert {"png", "jpeg", "heic", "jxl"} <= offered()
    monkeypatch.setattr(formats, "_is_there", lambda name: name not in ("pillow_heif", "libjxl"))
    assert {"png", "jpeg"} <= offered()
    assert not {"heic", "jxl"} & offered()


def test_what_is_chosen_is_written(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    photo = make_photo("photo.png", (40, 30))
    page.open_paths([photo])
    finish(page, wait_until)
    page.commands.save_as.trigger()
    dialog = page.findChild(SaveDialog)
    assert dialog is not None
    dialog.name.setText("small file")
    dialog.format.setCurrentIndex(dialog.format.findData("webp"))
    dialog.quality.setValue(40)
    dialog.accept()
    target = photo.with_name("small file.webp")
    wait_until(target.exists)
    wait_until(lambda: page.messages.text == "Saved as small file.webp")
    assert probe(target).format == "webp"
    page.saving.save()
    wait_until(lambda: page.messages.text == "Already saved as small file.webp")


def test_the_quality_is_the_formats_own_until_it_is_chosen(
    qapp: QApplication, tmp_path: Path
) -> None:
    dialog = SaveDialog(tmp_path / "a.jpg", "jpeg", (400, 300), keep_metadata=True)
    assert dialog.request().quality == 95
    dialog.format.setCurrentIndex(dialog.format.findData("avif"))
    assert dialog.request().quality == 90
    assert dialog._quality_value.text() == "90"
    dialog.quality.setValue(70)
    dialog.format.setCurrentIndex(dialog.format.findData("jpeg"))
    assert dialog.request().quality == 70
    dialog.deleteLater()


def test_save_as_begins_as_the_settings_say(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil, tmp_path: Path
) -> None:
    folder = tmp_path / "not" / "there" / "yet"
    settings = page.services.settings
    settings.set("save/folder", str(folder))
    settings.set("save/format", "avif")
    settings.set("save/quality", 40)
    page.open_paths([make_photo("photo.png")])
    finish(page, wait_until)
    page.commands.save_as.trigger()
    dialog = page.findChild(SaveDialog)
    assert dialog is not None
    assert dialog.request().quality == 40
    dialog.format.setCurrentIndex(dialog.format.findData("jpeg"))
    assert dialog.request().quality == 40
    assert can_save(dialog), "Save itself would make the folder"
    dialog.accept()
    wait_until((folder / "photo_4x.jpg").exists)
    wait_until(lambda: not page.saver.busy)


def test_save_follows_the_settings(
    page: UpscalePage,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    requests: list[files.SaveRequest] = []
    save = files.save

    def note(result: Result, request: files.SaveRequest) -> Generator[None, None, Written]:
        requests.append(request)
        return save(result, request)

    monkeypatch.setattr(files, "save", note)
    folder = tmp_path / "results" / "large"
    settings = page.services.settings
    settings.set("save/folder", str(folder))
    settings.set("save/format", "webp")
    settings.set("save/quality", 40.0)
    settings.set("save/name", "{stem}-large")
    page.open_paths([make_photo("photo.png")])
    finish(page, wait_until)
    page.panel.save.click()
    wait_until((folder / "photo-large.webp").exists)
    wait_until(lambda: "photo-large.webp" in page.messages.text)
    assert [request.quality for request in requests] == [40]
