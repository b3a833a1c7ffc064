"""The table of scores that papers print: methods down, benchmark folders across."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from srgan_desktop.core.base.translation import tr
from trainer.evaluation.evaluate import FolderScore

FIGURES = ("psnr_y", "ssim_y", "lpips", "seconds", "tone", "tone_p99")


@dataclass(frozen=True)
class MethodScores:
    """One row: what a model or a classic method reached on each folder, in their order."""

    method: str
    scale: int
    folders: tuple[FolderScore, ...]


def as_markdown(rows: Sequence[MethodScores]) -> str:
    """One column a folder, PSNR-Y / SSIM-Y / LPIPS in each cell, and the time of a picture."""
    names = [score.name for score in rows[0].folders]
    head = [tr("PSNR-Y / SSIM-Y / LPIPS"), *names, tr("seconds a picture")]
    lines = [_line(head), "|---" + "|---:" * (len(names) + 1) + "|"]
    for row in rows:
        cells = [_cell(score) for score in row.folders]
        lines.append(
            _line(
                [f"{_plain(row.method)} x{row.scale}", *cells, _seconds(_mean_seconds(row.folders))]
            )
        )
    return "\n".join(lines) + "\n"


def as_csv(rows: Sequence[MethodScores]) -> str:
    """One line for each method and folder; empty where there is no figure."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["method", "scale", "folder", "pictures", "failed", *FIGURES])
    for row in rows:
        for score in row.folders:
            figures = [getattr(score, name) for name in FIGURES]
            writer.writerow(
                [row.method, row.scale, score.name, score.images, score.failed]
                + ["" if _missing(figure) else f"{figure:.6f}" for figure in figures]
            )
    return out.getvalue()


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _plain(text: str) -> str:
    """A bar would end the cell."""
    return text.replace("|", "\\|")


def _cell(score: FolderScore) -> str:
    figures = (_figure(score.psnr_y, 2), _figure(score.ssim_y, 4), _figure(score.lpips, 3))
    return " / ".join(figures)


def _figure(value: float | None, digits: int) -> str:
    return "-" if _missing(value) else f"{value:.{digits}f}"


def _seconds(value: float) -> str:
    return "-" if _missing(value) else f"{value:.3g}"


def _mean_seconds(folders: Sequence[FolderScore]) -> float:
    """Mean seconds that enlarging one picture took."""
    pictures = sum(score.images for score in folders)
    return sum(score.seconds for score in folders) / pictures if pictures else math.nan


def _missing(value: float | None) -> bool:
    return value is None or math.isnan(value)
