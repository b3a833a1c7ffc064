"""Paths as a person types them."""

from __future__ import annotations

from pathlib import Path


def typed_path(text: str) -> Path | None:
    """What the text names, "~" being the person's own folder; None where it names nothing."""
    text = text.strip()
    try:
        return Path(text).expanduser() if text else None
    except (RuntimeError, OSError):  # "~" and the name of somebody who is not known here
        return None


def typed_folder(text: str) -> Path | None:
    """The folder that the text names; None where it is not there, or may not be looked at."""
    path = typed_path(text)
    try:
        return path if path is not None and path.is_dir() else None
    except OSError:
        return None
