"""Says which model a damaged photo is given, and how to take another."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QComboBox

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.message_bar import MessageBar
from srgan_desktop.gui.upscale.request_model import RequestModel
from srgan_desktop.gui.upscale.session import Session


class FirstLook(QObject):
    """One line above the photo, gone once a person has chosen."""

    def __init__(
        self, session: Session, requests: RequestModel, messages: MessageBar, box: QComboBox
    ) -> None:
        """``box``: where another model is chosen."""
        super().__init__()
        self._requests = requests
        self._messages = messages
        self._box = box
        self._said = ""
        session.opened.connect(self._opened)
        requests.changed.connect(self._show)

    @Slot()
    def _opened(self) -> None:
        self._hush()
        self._said = ""
        self._show()

    @Slot()
    def _show(self) -> None:
        """Once, unless something is being said that matters more; never what is not true now."""
        text = self._text()
        if text == self._said:
            return
        self._hush()
        self._said = text
        if text and not self._messages.text:
            self._messages.show_message(text, action=tr("Change"), act=self._offer)

    def _hush(self) -> None:
        if self._said and self._messages.text == self._said:
            self._messages.clear()

    def _text(self) -> str:
        requests = self._requests
        model, found = requests.model, _texts().get(requests.damage)
        if found is None or model is None or not requests.by_photo or requests.suits is None:
            return ""
        return tr("{found}: using {model}.", found=found, model=tr(model.title))

    def _offer(self) -> None:
        self._box.setFocus()
        self._box.showPopup()


def _texts() -> dict[str, str]:
    return {
        "blocks": tr("This photo has JPEG damage"),
        "noise": tr("This photo has noise"),
        "blur": tr("This photo is blurred"),
    }
