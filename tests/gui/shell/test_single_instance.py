"""A second start hands its files over."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication
from waiting import pause, wait_until

from srgan_desktop.gui.shell.single_instance import (
    MESSAGE_LIMIT_BYTES,
    InstanceServer,
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
