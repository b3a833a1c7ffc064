"""The question before work is stopped that could not go on from where it was."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import ask
from srgan_desktop.gui.common.estimate_text import rough_time


def ask_stop(parent: QWidget, seconds: float) -> bool:
    """Whether to stop although ``seconds`` of work would be lost."""
    return ask(
        parent,
        tr("Stop? {time} of work would be lost.", time=rough_time(seconds)),
        tr("This model cannot go on from the middle; Start would begin anew."),
        yes=tr("Stop"),
        no=tr("Keep working"),
    )
