"""Starting the program itself, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import timing
from repository import ROOT

from srgan_desktop.cli import main, window

START = """
import sys, time
began = time.monotonic()
from srgan_desktop.gui.shell.app import make_application, make_window
from srgan_desktop.gui.common.errors_dialog import FaultReporter
app = make_application()
window = make_window(app, FaultReporter())
window.show()
heavy = sorted({"torch", "openvino", "pyvips"} & set(sys.modules))
app.processEvents()
print(f"{time.monotonic() - began:.2f}")
print(",".join(heavy))
window.close()
"""
LIMIT_UNITS = 300  # of timing.work; 120 are usual


def environment(tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "SRGAN_DESKTOP_HOME": str(tmp_path),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
    }


def test_the_window_is_there_before_anything_heavy_is_loaded(tmp_path: Path) -> None:
    unit_s = timing.unit_s()
    run = subprocess.run(
        [sys.executable, "-c", START],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    seconds, heavy = run.stdout.splitlines()
    print(f"window after {seconds} s")
    assert heavy == ""
    assert float(seconds) < LIMIT_UNITS * max(unit_s, timing.unit_s())


def test_without_a_display_there_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("SRGAN_DESKTOP_LANGUAGE", "en")
    assert main([]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "error: there is no display for the window; see srgan-desktop --help\n"


def test_files_open_the_window_and_commands_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[list[str]] = []

    def note(files: list[str]) -> int:
        opened.append(list(files))
        return 0

    monkeypatch.setattr(window, "main", note)
    for arguments in ([], ["x.jpg"], ["folder/a", "b.png"], ["."]):
        assert main(arguments) == 0
    assert opened == [[], ["x.jpg"], ["folder/a", "b.png"], ["."]]
    assert main(["upscal"]) == 2
    assert main(["--version"]) == 0
    assert len(opened) == 4
