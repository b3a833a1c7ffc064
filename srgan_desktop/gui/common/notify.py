"""A notification of the desktop's own, for work that ended while nobody looked."""

from __future__ import annotations

import shutil
import sys

from PySide6.QtCore import QProcess

# read through a name, so that type checkers look at the code for all systems
_SYSTEM: str = sys.platform
PROGRAM = "SRGAN Desktop"
ICON = "io.github.srgan_desktop.SrganDesktop"
SHOWN_MS = 10_000
PORTAL = (
    "org.freedesktop.portal.Desktop",
    "/org/freedesktop/portal/desktop",
    "org.freedesktop.portal.Notification",
    "AddNotification",
)


def notify(title: str, text: str) -> None:
    """Show it for a few seconds; nothing happens where the desktop has no notifications."""
    if _SYSTEM == "linux":
        _notify_linux(title, text)
    else:
        _notify_by_tray(title, text)


def _notify_linux(title: str, text: str) -> None:
    # Qt for Python cannot send the unsigned number that the notification service asks for
    tool = shutil.which("notify-send")
    if tool is not None:
        QProcess.startDetached(tool, ["--app-name", PROGRAM, "--icon", ICON, "--", title, text])
        return
    from PySide6.QtDBus import QDBusConnection, QDBusMessage

    bus = QDBusConnection.sessionBus()
    if bus.isConnected():
        message = QDBusMessage.createMethodCall(*PORTAL)
        message.setArguments(["batch", {"title": title, "body": text}])
        bus.send(message)


def _notify_by_tray(title: str, text: str) -> None:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QSystemTrayIcon

    from srgan_desktop.gui.common.icons import app_icon

    if not QSystemTrayIcon.isSystemTrayAvailable():
        return
    tray = QSystemTrayIcon(app_icon())
    tray.show()
    tray.showMessage(title, text, app_icon(), SHOWN_MS)
    # held by the timer's callable until it has been read
    QTimer.singleShot(SHOWN_MS, tray.hide)
