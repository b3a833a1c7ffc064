"""What whoever watches a run asks of it: control.json, written by the one and read by the other.

It holds an object with any of ``pause`` (true or false), ``save`` and ``sample`` (numbers: one more
than before asks once more), and ``steps`` and ``budget_s`` (a new end of the whole run, one of them
null). A file ``stop`` asks for the end. Imports no torch.
"""

from __future__ import annotations

import contextlib
import json
import math
from dataclasses import dataclass
from typing import Any

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import RunFolderError
from trainer.run.run_folder import RunFolder


@dataclass(frozen=True)
class ControlCommands:
    """What the file says; what it does not say, or says wrongly, is not asked for.

    Attributes:
        pause: hold until this is false again.
        save, sample: how often a checkpoint and a validation were asked for so far.
        end: steps and seconds at which the whole run ends, one of them set; None: as before.
    """

    pause: bool = False
    save: int = 0
    sample: int = 0
    end: tuple[int | None, float | None] | None = None


def read_commands(folder: RunFolder) -> ControlCommands:
    """Never fails: the file is written by other programs, and perhaps by hand."""
    values = _read(folder)
    steps = _number(values.get("steps"))
    budget_s = _number(values.get("budget_s"))
    end = None
    if steps or budget_s:
        end = (int(steps) if steps else None, budget_s)
    return ControlCommands(
        values.get("pause") is True,
        int(_number(values.get("save")) or 0),
        int(_number(values.get("sample")) or 0),
        end,
    )


def send_pause(folder: RunFolder, pause: bool) -> None:
    """Let the run hold, or go on.

    Raises:
        RunFolderError: the folder cannot be written; so with all that follow.
    """
    _change(folder, {"pause": pause})


def send_save(folder: RunFolder) -> None:
    """Ask for a checkpoint now."""
    _change(folder, {"save": read_commands(folder).save + 1})


def send_sample(folder: RunFolder) -> None:
    """Ask for a validation now."""
    _change(folder, {"sample": read_commands(folder).sample + 1})


def send_end(folder: RunFolder, steps: int | None, budget_s: float | None) -> None:
    """Let the whole run, what is done included, be so long; one of them is set."""
    _change(folder, {"steps": steps, "budget_s": budget_s})


def send_stop(folder: RunFolder) -> None:
    """Let the run save and end; nothing happens where its folder is gone."""
    with contextlib.suppress(OSError):
        folder.stop_request.touch()


def clear_requests(folder: RunFolder) -> None:
    """Before a process begins or goes on: what was asked of the one before is of no use any more.

    Raises:
        RunFolderError: the folder cannot be written.
    """
    try:
        folder.stop_request.unlink(missing_ok=True)
        folder.control.unlink(missing_ok=True)
    except OSError as error:
        raise RunFolderError(folder.path, atomic.explain(error)) from error


def _change(folder: RunFolder, values: dict[str, Any]) -> None:
    try:
        with atomic.replace_file(folder.control) as new:
            new.file.write(json.dumps(_read(folder) | values).encode())
    except OSError as error:
        raise RunFolderError(folder.control, atomic.explain(error)) from error


def _read(folder: RunFolder) -> dict[str, Any]:
    values: Any = None
    with contextlib.suppress(OSError, ValueError):
        values = json.loads(folder.control.read_text(encoding="utf-8"))
    return values if isinstance(values, dict) else {}


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None
