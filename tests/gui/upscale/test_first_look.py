"""Which model a photo is given before anybody chose one, and what is said of that."""

from __future__ import annotations

import io
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QComboBox
from waiting import WaitUntil
from window_helpers import finish

from srgan_desktop.core.base.defaults import WINDOW_MODEL, WINDOW_MODEL_FOR_DAMAGE
from srgan_desktop.core.images.damage import Kind
from srgan_desktop.gui.common.message_bar import MessageBar
from srgan_desktop.gui.common.requests import ModelChoice
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.common.theme import Theme
from srgan_desktop.gui.upscale.first_look import FirstLook
from srgan_desktop.gui.upscale.page import UpscalePage
from srgan_desktop.gui.upscale.request_model import RequestModel

SAMPLE = Path(__file__).parents[3] / "resources" / "samples" / "otter.jpg"


class Opening(QObject):
    """Of a session only what is heard of it."""

    opened = Signal(object)


def choices(file: Path = Path("any.safetensors"), scale: int = 4) -> list[ModelChoice]:
    """All models that are chosen by the photo, and one that is not."""
    names = sorted({WINDOW_MODEL, WINDOW_MODEL_FOR_DAMAGE, "mine"})
    return [ModelChoice(name, name.title(), "", file, scale) for name in names]


@pytest.fixture
def requests(qapp: QApplication, tmp_path: Path) -> RequestModel:
    made = RequestModel(Settings(tmp_path))
    made.set_models(choices())
    return made


def chosen(requests: RequestModel) -> str:
    assert requests.model is not None
    return requests.model.name


def test_the_photo_decides_until_a_person_does(requests: RequestModel) -> None:
    assert chosen(requests) == WINDOW_MODEL
    for kind in (kind for kind in get_args(Kind) if kind):
        requests.set_source((60, 40), "")
        assert chosen(requests) == WINDOW_MODEL
        requests.set_source((60, 40), kind)
        assert chosen(requests) == WINDOW_MODEL_FOR_DAMAGE
    requests.choose_model("mine")
    requests.set_source((60, 40), "blocks")
    assert chosen(requests) == "mine" and not requests.by_photo
    requests.choose_by_photo(True)
    assert chosen(requests) == WINDOW_MODEL_FOR_DAMAGE
    requests.choose_by_photo(False)
    requests.set_source((60, 40), "")
    assert chosen(requests) == WINDOW_MODEL_FOR_DAMAGE, "what it decided stays"


def test_a_choice_of_an_earlier_version_is_kept(qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "settings.ini").write_text(f"[upscale]\nmodel={WINDOW_MODEL}\n")
    requests = RequestModel(Settings(tmp_path))
    requests.set_models(choices())
    requests.set_source((60, 40), "blocks")
    assert chosen(requests) == WINDOW_MODEL


def test_without_the_models_nothing_is_decided(requests: RequestModel) -> None:
    requests.set_models([model for model in choices() if model.name == "mine"])
    requests.set_source((60, 40), "noise")
    assert requests.suits is None and chosen(requests) == "mine"


def damaged(folder: Path) -> Path:
    with Image.open(SAMPLE) as image:
        small = image.convert("RGB").resize((128, 96))
    file = io.BytesIO()
    small.save(file, "jpeg", quality=20)
    path = folder / "old.jpg"
    path.write_bytes(file.getvalue())
    return path


def test_one_line_says_so_and_leads_to_another_model(
    page: UpscalePage, home: Path, tmp_path: Path, wait_until: WaitUntil
) -> None:
    page.services.settings.set("upscale/model_by_photo", True)
    wait_until(lambda: page.requests.listed)
    page.requests.set_models(choices(home / "models" / "tiny-x4.safetensors"))
    clean = tmp_path / "clean.png"
    Image.fromarray(np.full((40, 60, 3), 90, np.uint8)).save(clean)
    page.open_paths([damaged(tmp_path)])
    finish(page, wait_until)
    name = WINDOW_MODEL_FOR_DAMAGE
    assert page.messages.text == f"This photo has JPEG damage: using {name.title()}."
    assert page.panel.model.currentData() == name
    assert page.panel.by_photo.isVisibleTo(page) and page.panel.by_photo.isChecked()
    assert page.session.up_to_date, "made once, with the model that suits"

    page.messages.action.click()
    assert page.panel.model.view().isVisible()
    page.panel.model.hidePopup()
    page.panel.model.setCurrentIndex(page.panel.model.findData("mine"))
    page.panel.model.activated.emit(page.panel.model.currentIndex())
    assert not page.messages.text and not page.panel.by_photo.isChecked()
    finish(page, wait_until)

    page.panel.by_photo.click()
    assert page.panel.model.currentData() == name
    finish(page, wait_until)
    page.saver.forget(page.session.result)  # type: ignore[arg-type]
    page.open_paths([clean])
    wait_until(lambda: page.session.picture is not None and page.session.picture.path == clean)
    finish(page, wait_until)
    assert page.panel.model.currentData() == WINDOW_MODEL
    assert not page.messages.text


def test_what_is_said_of_one_photo_is_not_said_of_the_next(requests: RequestModel) -> None:
    session, messages, box = Opening(), MessageBar(Theme(QApplication.instance())), QComboBox()
    look = FirstLook(session, requests, messages, box)  # type: ignore[arg-type]
    requests.set_source((60, 40), "blur")
    session.opened.emit(None)
    assert "blurred" in messages.text
    requests.set_source((60, 40), "")
    session.opened.emit(None)
    assert messages.text == ""
    messages.show_message("Saved")
    requests.set_source((60, 40), "blur")
    session.opened.emit(None)
    assert messages.text == "Saved", "what others say stays"
    look.deleteLater()
    messages.deleteLater()


def test_a_model_that_is_new_is_waited_for(requests: RequestModel) -> None:
    requests.await_model("mine")
    assert chosen(requests) == "mine"
    requests.await_model("just trained")
    assert requests.model is None and requests.request is None and not requests.listed
    new = ModelChoice("just trained", "Just trained", "", Path("new.safetensors"), 4)
    requests.set_models([*choices(), new])
    assert chosen(requests) == "just trained"
