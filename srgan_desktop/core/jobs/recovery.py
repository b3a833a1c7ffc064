"""What a killed run left: finished results are counted, unfinished ones removed."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path

from srgan_desktop.core.jobs.queue_database import Store
from srgan_desktop.core.jobs.staging import PREFIX


def recover(store: Store) -> None:
    """Settle items that were in work and remove folders of unfinished results."""
    _settle_items(store)
    for (folder,) in store.rows("SELECT folder FROM stages"):
        path = Path(os.fsdecode(folder))
        # whatever a damaged or foreign queue says: only folders that runs make
        ours = path.name.startswith(PREFIX) and not path.is_symlink()
        if ours:
            shutil.rmtree(path, ignore_errors=True)
        if not ours or not path.exists():
            with store.transaction(durable=False) as db:
                db.execute("DELETE FROM stages WHERE folder = ?", (folder,))


def _settle_items(store: Store) -> None:
    rows = store.rows(
        "SELECT id, target, result_bytes, result_mtime_ns FROM items WHERE status = 'working'"
    )
    if not rows:
        return
    with store.transaction() as db:
        for item, target, size, mtime_ns in rows:
            if target is not None and _is_result(Path(os.fsdecode(target)), size, mtime_ns):
                db.execute(
                    "UPDATE items SET status = 'done', finished = ? WHERE id = ?",
                    (time.time(), item),
                )
            else:
                db.execute(
                    "UPDATE items SET status = 'waiting', target = NULL, result_bytes = NULL, "
                    "result_mtime_ns = NULL WHERE id = ?",
                    (item,),
                )


def _is_result(target: Path, size: int, mtime_ns: int) -> bool:
    """Whether the file with the noted name is the one that was to get it."""
    with contextlib.suppress(OSError):
        there = target.stat()
        if there.st_size == 0 < size:
            # where disks have no links, an empty file keeps the name for the moment of landing
            target.unlink()
        return there.st_size == size and there.st_mtime_ns == mtime_ns
    return False
