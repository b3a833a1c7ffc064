"""A second start hands its files over."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication
from waiting import pause, wait_until

from srgan_desktop.core.base import app_paths
from srgan_desktop.gui.shell import single_instance
from srgan_desktop.gui.shell.single_instance import (
    MESSAGE_LIMIT_BYTES,
    InstanceServer,
    Turn,
    hand_over,
    server_name,
)


@pytest.fixture
def name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))
    return server_name()


@pytest.fixture
def server(qapp: QApplication, name: str) -> Iterator[InstanceServer]:
    made = InstanceServer(name)
    assert made.listening
    yield made
    made.close()


SECOND_START = """
import sys
from pathlib import Path
from srgan_desktop.gui.shell.single_instance import hand_over
print(hand_over([Path(name) for name in sys.argv[2:]], sys.argv[1]))
"""


def test_files_are_handed_over(server: InstanceServer, name: str, tmp_path: Path) -> None:
    received: list[list[Path]] = []
    server.files_received.connect(lambda files, _: received.append(files))
    files = [tmp_path / '一张 照片 "quoted".png', Path("relative.png")]
    second = QProcess()
    second.start(sys.executable, ["-c", SECOND_START, name, *map(str, files)])
    wait_until(lambda: second.state() == QProcess.ProcessState.NotRunning)
    assert second.readAllStandardOutput().data().strip() == b"True"
    assert received == [[files[0], Path("relative.png").absolute()]]


def test_a_page_is_handed_over(server: InstanceServer, name: str) -> None:
    wanted: list[object] = []
    server.files_received.connect(lambda files, page: wanted.extend((files, page)))
    program = SECOND_START.replace("sys.argv[1])", "sys.argv[1], 'batch')")
    second = QProcess()
    second.start(sys.executable, ["-c", program, name])
    wait_until(lambda: second.state() == QProcess.ProcessState.NotRunning)
    assert wanted == [[], "batch"]


def test_nobody_is_there(qapp: QApplication, name: str) -> None:
    assert not hand_over([], name)


def test_a_socket_left_behind_is_taken_over(qapp: QApplication, name: str) -> None:
    import socket

    probe = QLocalServer()
    assert probe.listen(name)
    path = Path(probe.fullServerName())
    probe.close()
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    assert path.exists()
    assert not hand_over([], name)
    server = InstanceServer(name)
    assert server.listening
    server.close()


START = """
import sys, time
from PySide6.QtCore import QCoreApplication, QTimer, Signal
from PySide6.QtWidgets import QWidget
from srgan_desktop.gui.shell import app as shell

class Window(QWidget):
    ending = Signal()
    heard = 0
    def close_at_once(self, *_): ...
    def show_page_named(self, *_): ...
    def open_paths(self, files):
        print("window", flush=True)
        QTimer.singleShot(10_000, QCoreApplication.quit)
    def take_over(self, files, page=""):
        self.heard += 1
        if self.heard == 2:
            QTimer.singleShot(100, QCoreApplication.quit)

ask = shell.hand_over

def ask_slowly(*wanted):
    done = ask(*wanted)
    time.sleep(0.5)
    return done

def make_slowly(*_):
    time.sleep(2.5)  # longer than anybody waits for an answer
    return Window()

shell.hand_over, shell.make_window = ask_slowly, make_slowly
sys.exit(shell.run_window([]))
"""


@pytest.mark.slow
def test_of_several_starts_at_once_one_opens_a_window(name: str, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", START],
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        for _ in range(3)
    ]
    said = [start.communicate(timeout=60)[0] for start in starts]
    assert sorted(said) == ["", "", "window\n"]
    assert [start.returncode for start in starts] == [0, 0, 0]


def answers(name: str) -> bool:
    second = QProcess()
    second.start(sys.executable, ["-c", SECOND_START, name])
    wait_until(lambda: second.state() == QProcess.ProcessState.NotRunning)
    return second.readAllStandardOutput().data().strip() == b"True"


def test_a_start_that_hangs_is_not_waited_for(
    server: InstanceServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_instance, "TURN_S", 0.2)
    first = Turn()
    assert not first.is_anothers
    second = Turn()
    assert second.is_anothers
    later = InstanceServer(name, listens=not second.is_anothers)
    assert not later.listening
    assert answers(name), "the window that was there"
    second.end()
    assert Turn().is_anothers, "which is not the second's to end"
    first.end()
    third = Turn()
    assert not third.is_anothers
    third.end()


def test_without_a_place_for_the_turn_there_is_no_waiting(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("waits"))
    turn = Turn()
    assert not turn.is_anothers
    turn.end()


def test_a_turn_left_behind_is_taken_over(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = """
import os
from srgan_desktop.gui.shell.single_instance import Turn
turn = Turn()
os._exit(0)
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    assert (app_paths.settings() / "start.lock").exists()
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("waits"))
    turn = Turn()
    assert not turn.is_anothers
    turn.end()
    assert not (app_paths.settings() / "start.lock").exists()


@pytest.mark.parametrize(
    "message",
    [
        *(b"nonsense\n", b'{"files": 3}\n', b"[]\n", b'{"files":[1]}\n'),
        *(b'{"files":["a\\u0000b"]}\n', b"[" * 100_000 + b"\n", b"x" * (MESSAGE_LIMIT_BYTES + 1)),
    ],
)
def test_messages_of_others_are_ignored(server: InstanceServer, name: str, message: bytes) -> None:
    received: list[object] = []
    server.files_received.connect(received.append)
    socket = QLocalSocket()
    socket.connectToServer(name)
    assert socket.waitForConnected(1000)
    socket.write(message)
    socket.flush()
    wait_until(lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState)
    assert received == []
    assert server.listening


@pytest.mark.skipif(sys.platform == "win32", reason="pipes there are the account's own")
def test_a_socket_of_another_user_is_told_nothing(
    server: InstanceServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    received: list[object] = []
    server.files_received.connect(received.append)
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    assert not hand_over([Path("private.png")], name)
    pause(100)
    assert received == []
