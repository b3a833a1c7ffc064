"""Staying awake while work runs, and the desktop's notifications."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from repository import ROOT

from srgan_desktop.gui.common import awake
from srgan_desktop.gui.common.awake import Awake

HOLD = """
from PySide6.QtCore import QCoreApplication, QTimer
from srgan_desktop.gui.common import notify
from srgan_desktop.gui.common.awake import Awake
app = QCoreApplication([])
notify.shutil.which = lambda name: None
awake = Awake()
awake.hold("A batch")
awake.hold("A batch")
QTimer.singleShot(300, awake.release)
QTimer.singleShot(400, lambda: notify.notify("Done", "3 pictures"))
QTimer.singleShot(600, app.quit)
app.exec()
"""
LISTEN = """
export DBUS_SYSTEM_BUS_ADDRESS="$DBUS_SESSION_BUS_ADDRESS"
dbus-monitor --session & listener=$!
sleep 0.5
"$0" -c "$1"
sleep 0.5
kill $listener
"""


def test_asked_for_once_and_given_back_once(monkeypatch: pytest.MonkeyPatch) -> None:
    notice: list[str] = []

    def hold(reason: str):  # type: ignore[no-untyped-def]
        notice.append(reason)
        return lambda: notice.append("released")

    monkeypatch.setattr(awake, "_SYSTEM", "linux")
    monkeypatch.setattr(awake, "_hold_linux", hold)
    made = Awake()
    made.release()
    made.hold("a batch")
    made.hold("a batch")
    assert made.held
    made.release()
    made.release()
    assert not made.held
    assert notice == ["a batch", "released"]


def test_on_a_system_that_is_not_known_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awake, "_SYSTEM", "plan9")
    made = Awake()
    made.hold("a batch")
    assert not made.held
    made.release()


@pytest.mark.skipif(
    not (shutil.which("dbus-run-session") and shutil.which("dbus-monitor")),
    reason="needs the D-Bus tools",
)
def test_the_desktop_is_asked(tmp_path: Path) -> None:
    run = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", LISTEN, sys.executable, HOLD],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    heard = run.stdout
    assert heard.count("interface=org.freedesktop.ScreenSaver; member=Inhibit") == 1, run.stderr
    assert heard.count("interface=org.freedesktop.login1.Manager; member=Inhibit") == 1
    assert '"sleep:idle"' in heard
    assert "member=AddNotification" in heard
    assert '"3 pictures"' in heard
