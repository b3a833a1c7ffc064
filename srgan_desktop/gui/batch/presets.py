"""Options of a batch under a name, kept in one JSON file that can be read and mended by hand."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.atomic import explain, replace_file
from srgan_desktop.core.base.errors import ImageWriteError, SrganDesktopError
from srgan_desktop.core.base.translation import tr

if TYPE_CHECKING:
    from srgan_desktop.core.jobs.options import BatchOptions

FILE = "batch-presets.json"
NAME_LIMIT = 60


class Presets:
    """Read once, off the window's thread; each change is written at once.

    Attributes:
        notice: what a person should know of the file, such as that it was damaged.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._path = (places.settings() if folder is None else folder) / FILE
        self._known: dict[str, BatchOptions] = {}
        self.notice = ""
        self._read()

    def names(self) -> list[str]:
        """In the order of the alphabet."""
        return sorted(self._known, key=str.casefold)

    def get(self, name: str) -> BatchOptions | None:
        """The options of that name."""
        return self._known.get(name)

    def put(self, name: str, options: BatchOptions) -> None:
        """Keep; a preset of that name is replaced.

        Raises:
            ImageWriteError: the file cannot be written; nothing has changed.
        """
        self._write(self._known | {name: options})

    def remove(self, name: str) -> None:
        """Forget. Raises as ``put`` does."""
        self._write({known: options for known, options in self._known.items() if known != name})

    def rename_model(self, old: str, new: str) -> None:
        """A model has another name now. Raises as ``put`` does."""
        renamed = {name: o.with_model_renamed(old, new) for name, o in self._known.items()}
        if renamed != self._known:
            self._write(renamed)

    def _read(self) -> None:
        from srgan_desktop.core.jobs.options import BatchOptions  # loads torch

        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            self._set_aside(error)
            return
        try:
            entries = json.loads(text)
            self._known = {
                str(name)[:NAME_LIMIT]: BatchOptions.from_json(json.dumps(entry))
                for name, entry in entries.items()
            }
        except (ValueError, AttributeError, TypeError, KeyError, SrganDesktopError) as error:
            self._known = {}
            self._set_aside(error)

    def _set_aside(self, error: Exception) -> None:
        """What a person wrote is not written over, even where it makes no sense."""
        aside = self._path.with_suffix(".damaged.json")
        with contextlib.suppress(OSError):
            self._path.replace(aside)
        self.notice = tr(
            "The presets could not be read ({reason}); the file is kept as {path}.",
            reason=error,
            path=aside,
        )

    def _write(self, entries: dict[str, BatchOptions]) -> None:
        plain = {name: json.loads(options.to_json()) for name, options in entries.items()}
        text = json.dumps(plain, ensure_ascii=False, indent=2) + "\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with replace_file(self._path) as new:
                new.file.write(text.encode())
        except OSError as error:
            raise ImageWriteError(self._path, explain(error)) from error
        self._known = entries
