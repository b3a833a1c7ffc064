"""Keeps the system from falling asleep while long work runs; silent where that is not possible."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QProcess

# read through a name, so that type checkers look at the code for all systems
_SYSTEM: str = sys.platform

# a connection of our own: the screen saver forgets a request when whoever made it is gone
CONNECTION = "srgan-desktop-awake"
SCREEN_SAVER = (
    "org.freedesktop.ScreenSaver",
    "/org/freedesktop/ScreenSaver",
    "org.freedesktop.ScreenSaver",
)
LOGIN = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
PROGRAM = "SRGAN Desktop"
CAFFEINATE = "/usr/bin/caffeinate"
ES_CONTINUOUS = 0x80000000
ES_SYSTEM_REQUIRED = 0x00000001


class Awake(QObject):
    """Holds the system awake from ``hold`` to ``release``; both may be called again and again."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._release: Callable[[], object] | None = None

    @property
    def held(self) -> bool:
        """Whether it was asked for; the system may have refused."""
        return self._release is not None

    def hold(self, reason: str) -> None:
        """Stay awake; ``reason`` is what desktops show for it."""
        if self._release is not None:
            return
        if _SYSTEM == "linux":
            self._release = _hold_linux(reason)
        elif _SYSTEM == "win32":
            self._release = _hold_windows()
        elif _SYSTEM == "darwin":
            self._release = _hold_mac()

    def release(self) -> None:
        """The work is over: sleep as usual."""
        release, self._release = self._release, None
        if release is not None:
            release()


def _hold_linux(reason: str) -> Callable[[], object]:
    """Asks the desktop and the login manager; neither answer is waited for."""
    from PySide6.QtDBus import QDBusConnection

    bus = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, CONNECTION)
    if bus.isConnected():
        bus.send(_call(SCREEN_SAVER, [PROGRAM, reason]))
    kept: list[Any] = []
    system = QDBusConnection.systemBus()
    if system.isConnected():
        from PySide6.QtDBus import QDBusPendingCallWatcher

        pending = system.asyncCall(_call(LOGIN, ["sleep:idle", PROGRAM, reason, "block"]))
        # the answer is an open file: the system stays awake until that is closed
        kept.append(QDBusPendingCallWatcher(pending))

    def release() -> None:
        kept.clear()
        QDBusConnection.disconnectFromBus(CONNECTION)

    return release


def _call(whom: tuple[str, str, str], arguments: list[str]) -> Any:
    from PySide6.QtDBus import QDBusMessage

    message = QDBusMessage.createMethodCall(*whom, "Inhibit")
    message.setArguments(arguments)
    return message


def _hold_windows() -> Callable[[], object]:
    import ctypes

    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    kernel.SetThreadExecutionState(ES_CONTINUOUS | ES_SYSTEM_REQUIRED)
    return lambda: kernel.SetThreadExecutionState(ES_CONTINUOUS)


def _hold_mac() -> Callable[[], object]:
    process = QProcess()
    # ends by itself should this program die
    process.start(CAFFEINATE, ["-i", "-w", str(os.getpid())])

    def release() -> None:
        process.kill()
        process.waitForFinished(1000)

    return release
