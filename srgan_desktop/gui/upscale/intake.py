"""What is given to the page from outside: drops and the clipboard."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage


def takes(data: QMimeData) -> bool:
    """Whether it is worth taking: files, addresses of files, or a picture."""
    return data.hasUrls() or data.hasImage()


def paths_in(data: QMimeData) -> list[Path]:
    """Local files and folders; also where a path was copied as text."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if not paths and not data.hasImage() and data.hasText():
        paths = [path for line in data.text().splitlines() if (path := _path_of(line)) is not None]
    return paths


def image_in(data: QMimeData) -> QImage | None:
    """A picture that comes as pixels."""
    if not data.hasImage():
        return None
    image = data.imageData()
    return image if isinstance(image, QImage) and not image.isNull() else None


def _path_of(line: str) -> Path | None:
    text = line.strip().strip("\"'")
    if text.startswith("file:"):
        text = QUrl(text).toLocalFile()
    path = Path(text).expanduser() if text.startswith(("/", "~")) or text[1:2] == ":" else None
    try:
        return path if path is not None and path.exists() else None
    except OSError:  # a text of any length may be in the clipboard
        return None
