"""What is given to the page from outside: drops and the clipboard."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage

from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.gui.common.files import Found
from srgan_desktop.gui.common.requests import OpenedImage
from srgan_desktop.gui.common.typed_path import typed_path


def takes(data: QMimeData) -> bool:
    """Whether it is worth taking: files, addresses of files, or a picture."""
    return data.hasUrls() or data.hasImage()


def paths_in(data: QMimeData) -> list[Path]:
    """Local files and folders; also where a path was copied as text."""
    paths = [path for url in data.urls() if (path := local_path(url)) is not None]
    if not paths and not data.hasImage() and data.hasText():
        paths = [path for line in data.text().splitlines() if (path := _path_of(line)) is not None]
    return paths


def local_path(url: QUrl) -> Path | None:
    """The file of a ``file:`` address, also of file://localhost/...; None for any other."""
    if not url.isLocalFile():
        return None
    if url.host().lower() == "localhost":
        # else Qt takes it for a share on a server of that name
        url = QUrl(url)
        url.setHost("")
    return Path(url.toLocalFile())


def image_in(data: QMimeData) -> QImage | None:
    """A picture that comes as pixels."""
    if not data.hasImage():
        return None
    image = data.imageData()
    return image if isinstance(image, QImage) and not image.isNull() else None


def refusal(found: Found) -> str:
    """What was left out of a drop, in one sentence."""
    if found.problem and len(found.refused) == 1:
        return found.problem
    if len(found.refused) == 1:
        return tr("{name} is not a supported picture.", name=found.refused[0].name)
    return trn(
        "{n} file is not a supported picture and was left out.",
        "{n} files are not supported pictures and were left out.",
        len(found.refused),
    )


def frames_texts(picture: OpenedImage) -> tuple[str, str]:
    """Of an animation or a document with pages: what is shown, and a button for the rest."""
    n = picture.frames
    if picture.picture.format == "tiff":
        said = tr("This document has {n} pages; you see the first one.", n=n)
        return said, tr("Enlarge all pages")
    return tr("This animation has {n} frames; you see the first one.", n=n), tr(
        "Enlarge all frames"
    )


def _path_of(line: str) -> Path | None:
    text = line.strip().strip("\"'")
    if text.startswith("file:"):
        text = str(local_path(QUrl(text)) or "")
    path = typed_path(text) if text.startswith(("/", "~")) or text[1:2] == ":" else None
    try:
        return path if path is not None and path.exists() else None
    except OSError:  # a text of any length may be in the clipboard
        return None
