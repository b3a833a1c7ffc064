"""From an encoded file to its place, in a way that a kill at any moment can be recovered from.

Results are first written into a hidden folder beside their place, noted in the queue before it is
made; so whatever a killed run leaves lies in folders that are known. Then the name is noted
together with the file's size and time, and only then given.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.atomic import Existing
from srgan_desktop.core.base.errors import ImageWriteError, NoSpaceError
from srgan_desktop.core.jobs.queue_run_rows import RunStore

PREFIX = ".srgan-desktop-"
# folders of unfinished results that are kept for the next result there
_KEPT = 8


class Stages:
    """The hidden folders of one run, one in each folder of results; for any thread."""

    def __init__(self, queue: RunStore) -> None:
        self._queue = queue
        self._guard = threading.Lock()
        self._token = secrets.token_hex(4)
        self._users: dict[Path, int] = {}

    @contextlib.contextmanager
    def within(self, parent: Path) -> Iterator[Path]:
        """A folder to write into, on the same disk as ``parent``. OSError as the system says."""
        stage = parent / (PREFIX + self._token)
        with self._guard:
            if stage not in self._users:
                self._queue.keep_stage(stage)
                self._users[stage] = 0
            stage.mkdir(parents=True, exist_ok=True)
            self._users[stage] += 1
        try:
            yield stage
        finally:
            with self._guard:
                self._users[stage] -= 1
                self._remove(keep=_KEPT)

    def close(self) -> None:
        """Remove them; call it when no thread writes any more."""
        with self._guard:
            self._remove(keep=0)

    def _remove(self, keep: int) -> None:
        unused = [stage for stage, users in self._users.items() if not users]
        for stage in unused[: max(0, len(self._users) - keep)]:
            shutil.rmtree(stage, ignore_errors=True)
            if not stage.exists():
                # without room for that, whoever opens the queue next finds it out; the result that
                # was just written must not be taken for one that failed
                with contextlib.suppress(NoSpaceError):
                    self._queue.drop_stage(stage)
                del self._users[stage]


def publish(
    queue: RunStore, item: int, staged: Path, wanted: Path, existing: Existing
) -> tuple[Path | None, bool]:
    """Give a complete file its name.

    Returns:
        The path it has now, and True; or, where it was not to land, what was in its way (None:
        the item was withdrawn) and False.

    Raises:
        OSError: as the system says.
        ImageWriteError, NoSpaceError, QueueError: as ``free_target`` and ``Queue``.
    """
    facts = staged.stat()
    while True:
        target = _name(wanted, existing)
        if target is None:
            return wanted, False
        if not queue.staging(item, target, facts.st_size, facts.st_mtime_ns):
            return None, False
        if existing == "overwrite":
            _replace(staged, target)
        elif not _take_name(staged, target):
            continue  # somebody was quicker: the next name
        atomic.flush_folder(target.parent)
        return target, True


def _name(wanted: Path, existing: Existing) -> Path | None:
    if existing == "overwrite" and wanted.is_symlink():
        return wanted.resolve()  # the link stays, what it leads to is replaced
    try:
        return atomic.free_target(wanted, existing)
    except OSError as error:
        raise ImageWriteError(wanted, atomic.explain(error)) from error


def _replace(staged: Path, target: Path) -> None:
    atomic.keep_rights(target, staged)
    staged.replace(target)


def _take_name(staged: Path, target: Path) -> bool:
    """Give the file its name unless something has it."""
    taken = atomic.take_name(staged, target)
    if taken:
        staged.unlink(missing_ok=True)
    return taken
