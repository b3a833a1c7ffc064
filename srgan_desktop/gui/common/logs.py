"""The log file, for when a person asks why."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.printable import without_home

LOG_BYTES = 1_000_000
OLDER_FILES = 2

logger = logging.getLogger("srgan_desktop")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class _Formatter(logging.Formatter):
    """A log is sent to others: the person's own folder is ~ in it."""

    def format(self, record: logging.LogRecord) -> str:
        return without_home(super().format(record))


def log_path() -> Path:
    """Where the newest log is."""
    return places.logs() / "srgan-desktop.log"


def start_log() -> logging.Handler | None:
    """Write to a file that never grows beyond bounds; None where it cannot be written."""
    try:
        log_path().parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            log_path(), maxBytes=LOG_BYTES, backupCount=OLDER_FILES, encoding="utf-8"
        )
    except OSError:
        return None
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    qInstallMessageHandler(_log_qt)
    return handler


def _log_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logger.log(_LEVELS.get(kind, logging.INFO), "Qt: %s", message)
