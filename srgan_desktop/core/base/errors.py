"""Every error a person may see, on one page.

Each carries its own message in plain words: what is wrong, with which file, and what to do.
The command line prints it and ends with ``exit_code``; the window shows it in one dialog.
Exit codes: 1 some of the work failed, 2 the call itself is wrong.
"""

from __future__ import annotations

from pathlib import Path

from srgan_desktop.core.base.printable import printable_path


class SrganDesktopError(Exception):
    """Root of the tree; never raised itself. ``kind`` is the short name used in JSON events."""

    exit_code = 1
    kind = "error"


class UsageError(SrganDesktopError):
    """The request itself is wrong: an option, a size, a missing folder."""

    exit_code = 2
    kind = "usage"


class FileError(SrganDesktopError):
    """Something is wrong with one file; the message starts with its path."""

    kind = "file"

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(f"{printable_path(path)}: {problem}")
        self.path = Path(path)
        self.problem = problem

    def __reduce__(self) -> tuple[type[FileError], tuple[Path, str]]:
        # the default reduces to the joined message, which this __init__ does not take
        return type(self), (self.path, self.problem)


class ImageReadError(FileError):
    """The file is missing, unreadable, damaged or not a picture."""

    kind = "read"


class ImageTruncatedError(ImageReadError):
    """The file ends before its picture does."""


class ImageUnsupportedError(ImageReadError):
    """The file may be valid, but is of a kind that cannot be read here."""


class ImageTooLargeError(FileError):
    """The file claims more pixels than is allowed for files from unknown sources."""

    kind = "too_large"


class ImageWriteError(FileError):
    """The result could not be written: no permission, disk full, folder gone."""

    kind = "write"


class FormatLimitError(FileError):
    """The target format cannot hold a picture of this size or kind; found before work begins."""

    kind = "format_limit"


class ModelFileError(FileError):
    """A model file is missing, truncated, unsafe, or contains another network than it says."""

    kind = "model"


class ModelNotFoundError(UsageError):
    """No model of that name in the catalogue and no such file."""

    kind = "model_not_found"


class DeviceError(SrganDesktopError):
    """The device asked for is not available, or its results are wrong."""

    kind = "device"


class DeviceMemoryError(DeviceError):
    """The device ran out of memory even with the smallest tile."""

    kind = "out_of_memory"


class NoSpaceError(SrganDesktopError):
    """Neither memory nor disk has enough room for the result."""

    kind = "no_room"


class DownloadError(SrganDesktopError):
    """A file could not be downloaded; the message says where to put it by hand."""

    kind = "download"


class QueueError(FileError):
    """A queue file cannot be used: no permission, written by a newer version, or damaged."""

    kind = "queue"


class QueueBusyError(QueueError):
    """Another program is using this queue."""

    kind = "queue_busy"


class DatasetError(SrganDesktopError):
    """A training or benchmark folder cannot be used."""

    kind = "dataset"


class RunFolderError(FileError):
    """A training run's folder is missing, damaged or in use."""

    kind = "run"


class TrainingError(SrganDesktopError):
    """Training cannot continue: the loss is not a number, the disk is full, memory is short."""

    kind = "training"
