"""What stands in the cells of a row: texts, tips, and what a screen reader says."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path

from srgan_desktop.core.base.console import seconds_text
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.jobs.item import Item
from srgan_desktop.gui.batch.previews import Previews
from srgan_desktop.gui.batch.rows import Rows


class Column(IntEnum):
    """From left to right."""

    NAME = 0
    FOLDER = 1
    SIZE = 2
    STATUS = 3
    TIME = 4

    @property
    def title(self) -> str:
        """For the table's head."""
        return {
            Column.NAME: tr("Picture"),
            Column.FOLDER: tr("Folder"),
            Column.SIZE: tr("Size"),
            Column.STATUS: tr("Status"),
            Column.TIME: tr("Time"),
        }[self]


class Cells:
    """Texts of items, of their results' sizes as far as anybody has looked."""

    def __init__(self, rows: Rows, previews: Previews, shares: Mapping[int, float]) -> None:
        self._rows = rows
        self._previews = previews
        self._shares = shares

    def text(self, item: Item, column: int) -> str:
        """What is drawn."""
        match column:
            case Column.NAME:
                return item.source.name
            case Column.FOLDER:
                return folder_text(item)
            case Column.SIZE:
                return self.size_text(item)
            case Column.STATUS:
                return status_text(item.status)
            case _:
                return seconds_text(item.seconds) if item.seconds is not None else ""

    def spoken(self, item: Item, column: int) -> str:
        """What a screen reader says."""
        if column == Column.STATUS and item.error:
            return f"{status_text(item.status)}: {item.error}"
        share = self._shares.get(item.id)
        if column == Column.STATUS and share is not None:
            return f"{status_text(item.status)}, {share:.0%}"
        return self.text(item, column)

    def tip(self, item: Item, column: int) -> str:
        """What may be cut in the cell, in full."""
        match column:
            case Column.STATUS:
                return item.error or ""
            case Column.NAME:
                return str(item.source)
            case Column.FOLDER:
                return str(item.source.parent)
        return ""

    def size_text(self, item: Item) -> str:
        """ "640 × 480 → 2560 × 1920", as far as it is known."""
        size = self.size_of(item)
        if size is None:
            return ""
        after = self._size_after(item, size)
        text = f"{size[0]} × {size[1]}"
        return text if after is None else f"{text} → {after[0]} × {after[1]}"

    def size_of(self, item: Item) -> tuple[int, int] | None:
        """The source's, in pixels, as far as anybody has looked."""
        if item.width and item.height:
            return item.width, item.height
        preview = self._previews.peek(item.source)
        return preview.size if preview is not None else None

    def _size_after(self, item: Item, size: tuple[int, int]) -> tuple[int, int] | None:
        if item.out_width and item.out_height:
            return item.out_width, item.out_height
        rule = self._rows.sizes.get(item.options)
        if rule is None or item.status not in ("waiting", "working"):
            return None
        try:
            return rule.resolve(*size)
        except UsageError:
            return None


def folder_text(item: Item) -> str:
    """From the folder that was given down, such as "Summer/Lake"; the tip tells the whole path."""
    parts = item.source.parent.parts
    below = len(item.folder.parts)
    return str(Path(*parts[-below - 1 :])) if parts else ""


def status_text(status: str) -> str:
    """What has become of a picture, in a word or two."""
    return {
        "waiting": tr("waiting"),
        "working": tr("processing"),
        "done": tr("done"),
        "failed": tr("failed"),
        "skipped": tr("skipped"),
        "cancelled": tr("cancelled"),
    }[status]


def short_error(item: Item) -> str:
    """The error without the file's own path, which stands in the row already."""
    return (item.error or "").removeprefix(f"{item.source}: ")
