"""One window per person: a second start hands its files over and ends."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from srgan_desktop.core.base import app_paths as places

CONNECT_MS = 300
ANSWER_MS = 2000
# a start is over long before, unless it hangs
TURN_S = 6.0
LOOK_S = 0.05
MESSAGE_LIMIT_BYTES = 8 * 2**20
ANSWER = b"ok\n"


def server_name() -> str:
    """The same for every start of one person with the same settings."""
    mark = hashlib.sha256(str(places.settings()).encode()).hexdigest()[:16]
    return f"srgan-desktop-{mark}"


def hand_over(files: Sequence[Path], name: str, page: str = "") -> bool:
    """Send files, and which page to show, to the window that is open; false where none answers."""
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(CONNECT_MS):
        return False
    if not _is_ours(socket.fullServerName()):
        return False
    message = json.dumps({"files": [str(path.absolute()) for path in files], "page": page})
    socket.write(message.encode() + b"\n")
    socket.flush()
    heard = socket.waitForReadyRead(ANSWER_MS) and bytes(socket.readAll().data()) == ANSWER
    socket.disconnectFromServer()
    return heard


class Turn:
    """Starts at the same moment go one after the other, so that the later ones find a window.

    From before ``hand_over`` until the window hears what is handed over to it. Who has waited too
    long, or cannot write beside the settings, goes on without.
    """

    def __init__(self) -> None:
        folder = places.settings()
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        self._lock = QLockFile(str(folder / "start.lock"))
        give_up = time.monotonic() + TURN_S
        # Qt's own waiting sleeps longer from time to time
        while not self._lock.tryLock(0) and self.is_anothers and time.monotonic() < give_up:
            time.sleep(LOOK_S)

    @property
    def is_anothers(self) -> bool:
        """Whether another start, which does not come to its end, has the turn."""
        return self._lock.error() == QLockFile.LockError.LockFailedError

    def end(self) -> None:
        """The next one may start."""
        self._lock.unlock()


def _is_ours(path: str) -> bool:
    """Whether the socket is the same user's: another one could have made it to listen in."""
    if sys.platform == "win32":
        return True  # a pipe, which only its maker's account may open
    try:
        return Path(path).stat().st_uid == os.getuid()
    except OSError:
        return False


class InstanceServer(QObject):
    """Listens for later starts.

    ``listens``: not where another start has the ``Turn``, for it would take the name from that.
    """

    files_received = Signal(list, str)
    """Paths from a later start, none when it only wants to see the window; and the page that it
    names, or ""."""

    def __init__(self, name: str, parent: QObject | None = None, *, listens: bool = True) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)
        self._heard: dict[QLocalSocket, bytes] = {}
        if listens and not self._server.listen(name):
            # left behind by a program that died: whoever lives has answered ``hand_over``
            QLocalServer.removeServer(name)
            self._server.listen(name)

    @property
    def listening(self) -> bool:
        """Whether later starts will find this window."""
        return self._server.isListening()

    @Slot()
    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    @Slot()
    def _accept(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._heard[socket] = b""
            socket.setReadBufferSize(MESSAGE_LIMIT_BYTES + 1)
            socket.readyRead.connect(self._read)
            socket.disconnected.connect(self._forget)
            self._take(socket)

    @Slot()
    def _read(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._take(socket)

    @Slot()
    def _forget(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._heard.pop(socket, None)
            socket.deleteLater()

    def _take(self, socket: QLocalSocket) -> None:
        heard = self._heard.get(socket, b"") + bytes(socket.readAll().data())
        self._heard[socket] = heard
        if len(heard) > MESSAGE_LIMIT_BYTES:
            socket.abort()
            return
        if not heard.endswith(b"\n"):
            return
        message = _message_in(heard)
        if message is None:
            socket.abort()
            return
        page, files = message
        socket.write(ANSWER)
        socket.flush()
        self._heard[socket] = b""
        self.files_received.emit(files, page)


def _message_in(message: bytes) -> tuple[str, list[Path]] | None:
    """The page and the files that a message asks for; None where it is none of ours."""
    try:
        asked = json.loads(message)
        files, page = asked["files"], asked.get("page", "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not isinstance(files, list) or not all(isinstance(name, str) for name in files):
        return None
    if any("\0" in name for name in files):
        return None
    return str(page), [Path(name) for name in files]
