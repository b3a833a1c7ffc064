"""Progress on the program's icon."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from repository import ROOT

from srgan_desktop.gui.common import taskbar
from srgan_desktop.gui.common.taskbar import Taskbar

TELL = """
from PySide6.QtCore import QCoreApplication
from srgan_desktop.gui.common.taskbar import Taskbar
app = QCoreApplication([])
bar = Taskbar()
bar.show(0.25)
bar.show(None)
"""
LISTEN = """
dbus-monitor --session "interface='com.canonical.Unity.LauncherEntry'" & listener=$!
sleep 0.5
"$0" -c "$1"
sleep 0.5
kill $listener
"""


def test_whole_per_cents_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    notice: list[int | None] = []
    monkeypatch.setattr(taskbar, "send", notice.append)
    bar = Taskbar()
    for share in (None, -1.0, 0.001, 0.124, 0.125, 0.5, 7.0, None, None):
        bar.show(share)
    assert notice == [0, 12, 50, 100, None]


@pytest.mark.skipif(
    not (shutil.which("dbus-run-session") and shutil.which("dbus-monitor")),
    reason="needs the D-Bus tools",
)
def test_the_desktop_hears_it(tmp_path: Path) -> None:
    run = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", LISTEN, sys.executable, TELL],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    heard = run.stdout.split("member=Update")
    assert len(heard) == 3, run.stderr
    assert "double 0.25" in heard[1]
    assert "boolean true" in heard[1]
    assert "boolean false" in heard[2]
