"""What a person has chosen, kept in an ini file that can be read and mended by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.defaults import DEFAULT_DETAIL, DEFAULT_MODEL, DEFAULT_NAME
from srgan_desktop.core.upscaling.size import Rule, Unit

RECENT_LIMIT = 12

_DEFAULTS: dict[str, Any] = {
    "window/language": "system",
    "window/theme": "system",
    "window/first_page": "upscale",
    "window/last_page": "upscale",
    "upscale/work_on_drop": True,
    "upscale/before": "bicubic",
    "upscale/mode": "divider",
    "upscale/closer_look": True,
    "upscale/model": DEFAULT_MODEL,
    "upscale/size_rule": "scale",
    "upscale/size_value": 4.0,
    "upscale/size_unit": "px",
    "upscale/size_dpi": 0,
    "upscale/before_model": "",
    "upscale/detail": DEFAULT_DETAIL,
    "upscale/device": "auto",
    "upscale/precision": "auto",
    "upscale/tile": 0,
    "upscale/tta": False,
    "upscale/advanced": False,
    "upscale/readout": False,
    "save/name": DEFAULT_NAME,
    "save/folder": "",
    "save/format": "same",
    "save/quality": 0,
    "save/metadata": True,
    "compute/threads": 0,
    "recent/remember": True,
    "batch/options": "",
    "batch/preset": "",
    "batch/open_folder": False,
    "batch/command": "",
    "batch/watch_folder": "",
}
CHOICES: dict[str, tuple[str, ...]] = {
    "window/language": ("system", "en", "zh_CN"),
    "window/theme": ("system", "light", "dark"),
    "window/first_page": ("upscale", "batch", "models", "train", "last"),
    "window/last_page": ("upscale", "batch", "models", "train"),
    "upscale/before": ("bicubic", "nearest"),
    "upscale/mode": ("divider", "side by side", "single"),
    "upscale/size_rule": get_args(Rule),
    "upscale/size_unit": get_args(Unit),
    "upscale/precision": ("auto", "fp32", "bf16", "fp16", "int8"),
}


class Settings(QObject):
    """Typed access; a value that makes no sense (edited by hand) counts as not set."""

    changed = Signal(str)
    """The key of what has just been chosen."""

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        folder = places.settings() if folder is None else folder
        self._store = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)

    def text(self, key: str) -> str:
        """A word or a name."""
        value = str(self._store.value(key, _DEFAULTS[key]))
        if key in CHOICES and value not in CHOICES[key]:
            return str(_DEFAULTS[key])
        return value

    def flag(self, key: str) -> bool:
        """Yes or no."""
        value = self._store.value(key, _DEFAULTS[key])
        return str(value).lower() in ("true", "1", "yes")

    def number(self, key: str) -> float:
        """A number of 0 or more."""
        try:
            value = float(str(self._store.value(key, _DEFAULTS[key])))
        except ValueError:
            return float(_DEFAULTS[key])
        return value if 0 <= value < 1e6 else float(_DEFAULTS[key])

    def set(self, key: str, value: str | bool | float) -> None:
        """Remember; tells ``changed`` only where something has changed."""
        old: Any
        if isinstance(value, bool):
            old = self.flag(key)
        elif isinstance(value, str):
            old = self.text(key)
        else:
            old = self.number(key)
        if old == value:
            return
        self._store.setValue(key, value)
        self.changed.emit(key)

    def recent(self) -> list[Path]:
        """The files opened last, the newest first."""
        value = self._store.value("recent/files", [])
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, Iterable):
            return []
        return [Path(str(name)) for name in names if name][:RECENT_LIMIT]

    def add_recent(self, path: Path) -> None:
        """``path`` was opened just now; kept unless the person does not want that."""
        if not self.flag("recent/remember"):
            return
        others = [known for known in self.recent() if known != path]
        self._store.setValue("recent/files", [str(name) for name in [path, *others][:RECENT_LIMIT]])
        self.changed.emit("recent/files")

    def clear_recent(self) -> None:
        """Forget which files were opened."""
        self._store.setValue("recent/files", [])
        self.changed.emit("recent/files")

    def bytes_of(self, key: str) -> QByteArray:
        """Something Qt wants to have back, such as a window's place; empty where there is none."""
        value = self._store.value(key, QByteArray())
        return value if isinstance(value, QByteArray) else QByteArray()

    def set_bytes(self, key: str, value: QByteArray) -> None:
        """Remember it."""
        self._store.setValue(key, value)

    def sync(self) -> bool:
        """Write to the disk now; false where that fails (full, read-only)."""
        self._store.sync()
        return self._store.status() == QSettings.Status.NoError
