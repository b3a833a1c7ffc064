"""The catalogue as it was read last, so that a window opens a photo before it has loaded torch.

Reading what model files say of themselves takes torch, which takes a second; as long as the files
are the same, so are the lines of the catalogue.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from srgan_desktop import __version__
from srgan_desktop.core.base import app_paths, atomic
from srgan_desktop.core.base.translation import language
from srgan_desktop.core.weights.catalogue import state_of_files
from srgan_desktop.gui.common.requests import ModelChoice


def state() -> str:
    """Of the files and of what else the lines depend on; to be asked before they are read."""
    facts = [__version__, language(), *state_of_files()]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def known_choices(wanted: str) -> list[ModelChoice] | None:
    """What ``remember`` was given in that state; None where that was another, or never."""
    try:
        stored = json.loads(_path().read_text(encoding="utf-8"))
        if stored["state"] != wanted:
            return None
        return [ModelChoice(**{**line, "path": Path(line["path"])}) for line in stored["choices"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None  # a cache: whatever is wrong with it, read the files


def remember(state_before: str, choices: Sequence[ModelChoice]) -> None:
    """For the next start; without room the files are read again then."""
    lines = [dataclasses.asdict(choice) | {"path": str(choice.path)} for choice in choices]
    try:
        path = _path()
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic.replace_file(path) as new:
            new.file.write(json.dumps({"state": state_before, "choices": lines}).encode())
    except OSError:
        pass


def _path() -> Path:
    return app_paths.cache_folder() / "catalogue.json"
