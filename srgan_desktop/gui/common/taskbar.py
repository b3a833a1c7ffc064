"""Progress on the program's icon, on Linux desktops that show it (Unity's launcher protocol)."""

from __future__ import annotations

import sys

SIGNAL = ("com.canonical.Unity.LauncherEntry", "Update")
PATH = "/io/github/srgan_desktop/SrganDesktop"
APPLICATION = "application://io.github.srgan_desktop.SrganDesktop.desktop"


class Taskbar:
    """Tells whole per cents, and each only once."""

    def __init__(self) -> None:
        self._show_notice: int | None = None

    def show(self, share: float | None) -> None:
        """``share`` 0..1 of the work, below 0 where it is unknown; None takes the bar away."""
        percent = None if share is None else round(100 * min(max(share, 0.0), 1.0))
        if percent != self._show_notice:
            self._show_notice = percent
            send(percent)


def send(percent: int | None) -> None:
    """Tell the desktop; where nobody listens, nothing happens."""
    if sys.platform != "linux":
        return
    # loaded with the first work, not with the window
    from PySide6.QtDBus import QDBusConnection, QDBusMessage

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return
    message = QDBusMessage.createSignal(PATH, *SIGNAL)
    shown = {"progress": (percent or 0) / 100, "progress-visible": percent is not None}
    message.setArguments([APPLICATION, shown])
    bus.send(message)
