"""The process that trains in a run's folder, as whoever started it finds it again.

process.json    its number, and when it was made: numbers are given out anew
progress.txt    what it printed, for people
problems.txt    what it printed about errors

Only a process that the window started is noted; one of the command line is known by its lock.
Imports no torch, and psutil only when it is asked.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import RunFolderError
from srgan_desktop.core.base.translation import tr
from trainer.run.control_file import clear_requests, send_stop
from trainer.run.run_folder import RunFolder, last_lines

_SAME_TIME_S = 2.0
_PROGRESS_BYTES = 400


def note_process(folder: RunFolder, pid: int) -> None:
    """Remember which process trains here; without that it is still known by its lock."""
    import psutil

    values: dict[str, Any] = {"pid": pid}
    with contextlib.suppress(psutil.Error, OSError):
        values["created"] = psutil.Process(pid).create_time()
    with contextlib.suppress(OSError), atomic.replace_file(folder.process_note) as new:
        new.file.write(json.dumps(values).encode())


def process_of(folder: RunFolder) -> Any:
    """The process that is noted here, as psutil knows it; None where it is gone."""
    import psutil

    try:
        values = json.loads(folder.process_note.read_text(encoding="utf-8"))
        process = psutil.Process(int(values["pid"]))
        same = abs(process.create_time() - values["created"]) < _SAME_TIME_S
        if same and process.status() != psutil.STATUS_ZOMBIE:
            return process
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        pass
    return None


def is_alive(folder: RunFolder, noted_in: RunFolder | None = None) -> bool:
    """Whether a process trains in this run's folder; it may be noted in that of the run before."""
    if process_of(noted_in or folder) is not None:
        return True
    # the lock tells of those that nobody noted
    return not folder.process_note.exists() and folder.is_locked()


def memory_of(folder: RunFolder) -> int:
    """Bytes that the noted process holds, rounded to ten million; 0 where that is not known."""
    import psutil

    process = process_of(folder)
    if process is None:
        return 0
    try:
        return int(round(process.memory_info().rss, -7))
    except psutil.Error:
        return 0


def ask_to_stop(folder: RunFolder, noted_in: RunFolder | None = None) -> None:
    """Let the trainer save and end; nothing happens where the folder is gone."""
    if folder.holds_run:
        send_stop(folder)
    else:
        # it is still reading pictures, and has nothing to save
        end_process(noted_in or folder)


def forget_old_requests(folder: RunFolder) -> None:
    """Before this process goes on: delete what was asked of one before it.

    A stop would end it at once, a pause hold it, and an end count for more than the one that it is
    told of now. Whoever starts a process and notes it has cleared the old requests: what is there
    now is meant for this process, which was still starting.
    """
    if not _is_noted_here(folder):
        with contextlib.suppress(RunFolderError):
            clear_requests(folder)


def forget_old_process(folder: RunFolder) -> None:
    """Once this process has the lock: a note of another is an old one, and would hide it."""
    if folder.process_note.exists() and not _is_noted_here(folder):
        with contextlib.suppress(OSError):
            folder.process_note.unlink(missing_ok=True)


def _is_noted_here(folder: RunFolder) -> bool:
    """Whether this process is the noted one, or was started by it, as Windows' launcher does."""
    process = process_of(folder)
    return process is not None and process.pid in (os.getpid(), os.getppid())


def end_process(folder: RunFolder) -> None:
    """Have the noted process end by the system's own request."""
    import psutil

    process = process_of(folder)
    if process is not None:
        with contextlib.suppress(psutil.Error):
            process.terminate()


def preparing_text(folder: RunFolder) -> str:
    """What it said last before the first step: "reading pictures: 3 of 20"."""
    lines = last_lines(folder.progress, _PROGRESS_BYTES)
    return lines[-1].partition("%")[2].strip() if lines and "%" in lines[-1] else ""


def last_problem(folder: RunFolder) -> str:
    """Why it ended, in its own words; empty where it said nothing."""
    marks = {"error:", tr("error: {message}", message="").strip()}
    for line in reversed(last_lines(folder.problems)):
        for mark in marks:
            if line.startswith(mark):
                return line.removeprefix(mark).strip()
    return ""
