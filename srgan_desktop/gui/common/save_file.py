"""Asking where to write a file: what is there is replaced only after a question that names it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import ask

CSV = ("CSV", ".csv")


def ask_for_target(
    parent: QWidget,
    title: str,
    suggestion: Path,
    kinds: Sequence[tuple[str, str]],
    beside: Callable[[Path], Path] | None = None,
) -> Path | None:
    """The file to write, with the ending of one of the kinds; None where the person gave up.

    The system's dialog asks about the name that was typed. An ending that comes to it makes
    another file of it, and that one is asked about here.

    Args:
        kinds: what it can be, each with its ending.
        beside: another file that is written along with it.
    """
    endings = {f"{label} (*{ending})": ending for label, ending in kinds}
    chosen = next(iter(endings))
    while True:
        name, chosen = QFileDialog.getSaveFileName(
            parent, title, str(suggestion), ";;".join(endings), chosen
        )
        if not name:
            return None
        typed = Path(name)
        target = _with_ending(typed, suggestion, list(endings.values()), endings.get(chosen))
        written = [target] if beside is None else [target, beside(target)]
        there = [path for path in written if _is_there(path)]
        if not there or there[0] == typed or _may_replace(parent, there[0]):
            return target
        suggestion = target


def _with_ending(path: Path, suggestion: Path, endings: Sequence[str], chosen: str | None) -> Path:
    """The chosen kind's, unless another's was typed: the suggested one is nobody's choice."""
    wanted, has = chosen or endings[0], _ending(path, endings)
    if not has:
        return path.with_name(path.name + wanted)
    if has == wanted or chosen is None or has != _ending(suggestion, endings):
        return path
    return path.with_name(path.name[: -len(has)] + wanted)


def _ending(path: Path, endings: Sequence[str]) -> str:
    return next((ending for ending in endings if path.name.lower().endswith(ending)), "")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that no file can have; who writes says so
        return False


def _may_replace(parent: QWidget, path: Path) -> bool:
    return ask(
        parent,
        tr("Replace {name}?", name=path.name),
        tr("A file with this name already exists."),
        yes=tr("Replace"),
        no=tr("Choose another name"),
    )
