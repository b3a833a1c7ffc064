from __future__ import annotations

import csv
import io
import math

from trainer.evaluation.evaluate import FolderScore
from trainer.evaluation.score_table import MethodScores, as_csv, as_markdown

ROWS = [
    MethodScores(
        "bicubic",
        4,
        (
            FolderScore("Set5", 5, 0, 28.4321, 0.8111, 0.34061, 0.5, 1.25, 4.0),
            FolderScore("Set14", 14, 0, 26.0931, 0.7049, None, 1.4),
        ),
    ),
    MethodScores(
        "a|b",
        4,
        (
            FolderScore("Set5", 0, 5, math.nan, math.nan, None, 0.0),
            FolderScore("Set14", 2, 12, 30.0, math.nan, 0.2, 4.0),
        ),
    ),
]


def test_markdown_is_one_table_with_a_column_for_each_folder() -> None:
    lines = as_markdown(ROWS).splitlines()
    assert lines[0] == "| PSNR-Y / SSIM-Y / LPIPS | Set5 | Set14 | seconds a picture |"
    assert lines[1] == "|---|---:|---:|---:|"
    assert lines[2] == "| bicubic x4 | 28.43 / 0.8111 / 0.341 | 26.09 / 0.7049 / - | 0.1 |"
    assert lines[3] == "| a\\|b x4 | - / - / - | 30.00 / - / 0.200 | 2 |"
    assert len(lines) == 4


def test_csv_has_every_figure_and_leaves_missing_ones_empty() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(ROWS))))
    assert [(row["method"], row["folder"]) for row in rows] == [
        ("bicubic", "Set5"),
        ("bicubic", "Set14"),
        ("a|b", "Set5"),
        ("a|b", "Set14"),
    ]
    assert rows[0]["psnr_y"] == "28.432100"
    assert rows[0]["pictures"] == "5"
    assert (rows[0]["tone"], rows[0]["tone_p99"]) == ("1.250000", "4.000000")
    assert rows[1]["tone"] == ""
    assert (rows[2]["psnr_y"], rows[2]["lpips"], rows[2]["failed"]) == ("", "", "5")
