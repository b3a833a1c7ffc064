"""Where tests find what they read: the checkout, and the published pictures where there are any."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"


def published_data() -> Path:
    """The folder with benchmark pictures and weights that SRGAN_DESKTOP_DATA names; else skips."""
    named = os.environ.get("SRGAN_DESKTOP_DATA")
    if not named:
        pytest.skip("SRGAN_DESKTOP_DATA names no folder of published pictures")
    folder = Path(named)
    assert folder.is_dir(), f"SRGAN_DESKTOP_DATA: {folder} is no folder"
    return folder
