"""Where things are kept: settings, models, state, logs, cache, and what ships with the program.

A file named ``portable`` beside the executable moves all of a person's things to a folder ``data``
beside it. ``SRGAN_DESKTOP_HOME`` does the same for any folder (tests use it).
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

APP_NAME = "srgan-desktop"


@cache
def resources() -> Path:
    """The shipped, read-only files: inside the installed package, beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"


def _portable_root() -> Path | None:
    home = os.environ.get("SRGAN_DESKTOP_HOME")
    if home:
        return Path(home)
    beside = Path(sys.executable).resolve().parent
    if getattr(sys, "frozen", False) and (beside / "portable").exists():
        return beside / "data"
    return None


def _place(name: str, kind: str) -> Path:
    root = _portable_root()
    if root is not None:
        return root / name
    import platformdirs  # not on every training machine

    path: Path = getattr(platformdirs, f"user_{kind}_path")(APP_NAME, appauthor=False)
    return path


def settings() -> Path:
    return _place("settings", "config")


def models() -> Path:
    """The person's own and imported models."""
    return _place("models", "data") / ("models" if _portable_root() is None else "")


def state() -> Path:
    return _place("state", "state")


def logs() -> Path:
    return _place("logs", "log")


def cache_folder() -> Path:
    return _place("cache", "cache")
