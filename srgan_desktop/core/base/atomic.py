"""Writing files completely or not at all.

The bytes go to a short temporary name in the target's folder, are flushed to the disk, and only
then get the target's name. On any failure, Ctrl+C included, the temporary file is removed and what
had the target's name before is untouched.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from srgan_desktop.core.base.translation import tr

Existing = Literal["rename", "skip", "overwrite"]

_WINDOWS = os.name == "nt"
_PAUSES_S = (0.01, 0.05, 0.2, 0.5)
_NAME_LIMIT_BYTES = 255  # of Linux, macOS and (in UTF-16 units, so never less) Windows


@dataclass
class NewFile:
    """The file being written. ``path`` and ``skipped`` are final once the ``with`` has ended.

    file     binary, writable, readable and seekable
    path     the name the file gets; differs from the wanted one under ``rename``
    skipped  under ``skip``, a file of that name was there in the end: nothing was written
    """

    file: BinaryIO
    path: Path
    skipped: bool = False


@contextlib.contextmanager
def replace_file(path: Path | str, existing: Existing = "overwrite") -> Iterator[NewFile]:
    """Write a new file under ``path``; the ``with`` body writes to ``.file`` of what is yielded.

    A symbolic link that is overwritten stays a link: the file it leads to is replaced. Raises
    OSError as the system does; see ``explain`` for the words.
    """
    target = Path(path)
    if existing == "overwrite" and target.is_symlink():
        target = target.resolve()
    temporary, file = _create_temporary(target.parent)
    new = NewFile(file, target)
    try:
        with file:
            yield new
            file.flush()
            os.fsync(file.fileno())
        _publish(temporary, new, existing)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def free_target(path: Path | str, existing: Existing) -> Path | None:
    """The name a result for ``path`` would get now; None if it would be skipped.

    Only a forecast: another program may take the name before the file is written;
    ``replace_file`` decides. Raises OSError if the name is impossible (too long).
    """
    target = Path(path)
    if existing == "overwrite" or not _taken(target):
        return target
    if existing == "skip":
        return None
    return next(name for name in _numbered(target) if not _taken(name))


def explain(error: OSError) -> str:
    """Why writing failed and what to do about it, in plain words (without the path)."""
    reasons = {
        errno.ENOSPC: tr("the disk is full; free some space or choose another folder"),
        errno.EDQUOT: tr("the disk quota is used up; free some space or choose another folder"),
        errno.EFBIG: tr("the file is too large for this disk; choose another disk or format"),
        errno.EACCES: tr("no permission to write here; choose another folder"),
        errno.EPERM: tr("no permission to write here; choose another folder"),
        errno.EROFS: tr("the disk is read-only; choose another folder"),
        errno.ENOENT: tr("the folder does not exist (any more); create it or choose another"),
        errno.ENOTDIR: tr("a part of the path is a file, not a folder; choose another folder"),
        errno.EISDIR: tr("a folder has this name; choose another name"),
        errno.ENAMETOOLONG: tr("the name is too long; choose a shorter one"),
    }
    detail = error.strerror or str(error)
    return reasons.get(error.errno or 0, tr("writing failed ({detail})", detail=detail))


def _create_temporary(folder: Path) -> tuple[Path, BinaryIO]:
    """A new file with a short name, since a long one might not fit, and the usual permissions."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    while True:
        temporary = folder / f".{secrets.token_hex(6)}.part"
        try:
            # 0o666 is narrowed by the person's umask, as for any file a program makes
            return temporary, os.fdopen(os.open(temporary, flags, 0o666), "w+b")
        except FileExistsError:
            continue


def _taken(path: Path) -> bool:
    """Whether the name is taken, if only by a dangling link. OSError for impossible names."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _numbered(target: Path) -> Iterator[Path]:
    """``name (1).png``, ``name (2).png`` ..., the stem cut where the name would get too long."""
    number = 0
    while True:
        number += 1
        ending = f" ({number}){target.suffix}"
        limit = _NAME_LIMIT_BYTES - len(os.fsencode(ending))
        yield target.with_name(_cut(target.stem, limit) + ending)


def _cut(stem: str, free_bytes: int) -> str:
    while len(os.fsencode(stem)) > free_bytes:
        stem = stem[:-1]
    return stem


def _publish(temporary: Path, new: NewFile, existing: Existing) -> None:
    wanted = new.path
    if existing == "overwrite":
        keep_rights(wanted, temporary)
        _replace(temporary, wanted)
    elif not take_name(temporary, wanted):
        if existing == "skip":
            new.skipped = True
            return
        new.path = next(name for name in _numbered(wanted) if take_name(temporary, name))
    flush_folder(wanted.parent)


def _replace(temporary: Path, name: Path) -> None:
    """``Path.replace``, again after moments where Windows refuses it.

    It does while a virus scanner or a reader holds either file open; one that stays open, as a
    picture in an editor, is an error in the end.
    """
    for pause_s in _PAUSES_S if _WINDOWS else ():
        try:
            temporary.replace(name)
        except PermissionError:
            time.sleep(pause_s)
        else:
            return
    temporary.replace(name)


def take_name(temporary: Path, name: Path) -> bool:
    """Give the file its name unless it is taken; atomic where the disk supports that.

    Where this is true, ``temporary`` may still be there as a second name of the file.
    """
    try:
        if os.name == "nt":
            temporary.rename(name)  # refuses an existing name there, unlike elsewhere
        else:
            os.link(temporary, name)
    except FileExistsError:
        return False
    except OSError:
        # FAT and some network shares have no links and say so in many ways; where the reason is
        # another one, it is met again
        return _take_name_without_links(temporary, name)
    return True


def _take_name_without_links(temporary: Path, name: Path) -> bool:
    """For disks without hard links: reserve the name, then move."""
    try:
        name.touch(exist_ok=False)
    except FileExistsError:
        return False
    try:
        temporary.replace(name)
    except BaseException:
        name.unlink(missing_ok=True)
        raise
    return True


def keep_rights(existing: Path, temporary: Path) -> None:
    """Give a new file the permissions of the one it replaces."""
    with contextlib.suppress(OSError):
        temporary.chmod(stat.S_IMODE(existing.stat().st_mode))


def flush_folder(folder: Path) -> None:
    """Make sure the name survives a power cut too; Windows has no such call."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
