"""What every stress suite prints: a line a kind of trouble, with what became of it.

tried     cases of the kind
survived  the program did its work all the same
refused   it said plainly what is wrong, and left everything as it was
lost      anything else: a crash, a hang, a traceback, a file gone or changed; with a line each
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

MOST_FAULTS = 20  # told in full of each kind


@dataclass
class Row:
    """One kind of trouble; ``faults`` say of each that is lost how to have it again."""

    kind: str
    survived: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)
    note: str = ""

    @property
    def lost(self) -> int:
        return len(self.faults)

    @property
    def tried(self) -> int:
        return self.survived + self.refused + self.lost


class Tally:
    """Rows by kind, in the order of their first case."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}

    def row(self, kind: str) -> Row:
        return self._rows.setdefault(kind, Row(kind))

    def survived(self, kind: str) -> None:
        self.row(kind).survived += 1

    def refused(self, kind: str) -> None:
        self.row(kind).refused += 1

    def lost(self, kind: str, fault: str) -> None:
        self.row(kind).faults.append(fault)
        print(f"LOST: {kind}: {fault}", file=sys.stderr, flush=True)  # where the rest takes hours

    def check(self, kind: str, right: bool, fault: str) -> None:
        """Survived where ``right``; else lost."""
        if right:
            self.survived(kind)
        else:
            self.lost(kind, fault)

    @property
    def rows(self) -> list[Row]:
        return list(self._rows.values())


Suite = Callable[[int, int, Path], list[Row]]


def text_of(rows: Iterable[tuple[str, Row]]) -> str:
    """The table; each row with its suite's name."""
    lines = [f"{'suite':9} {'kind':44} {'tried':>7} {'survived':>8} {'refused':>7} {'lost':>5}"]
    for suite, row in rows:
        counts = f"{row.tried:7} {row.survived:8} {row.refused:7} {row.lost:5}"
        lines.append(f"{suite:9} {row.kind[:44]:44} {counts}  {row.note}".rstrip())
        lines += [f"    LOST: {fault}" for fault in row.faults[:MOST_FAULTS]]
    return "\n".join(lines)


def totals(rows: Iterable[Row]) -> str:
    every = list(rows)
    tried, lost = sum(row.tried for row in every), sum(row.lost for row in every)
    survived, refused = sum(row.survived for row in every), sum(row.refused for row in every)
    return f"{tried} tried, {survived} survived, {refused} refused clearly, {lost} lost"


def command_line(name: str, doc: str | None, suite: Suite, count: int) -> None:
    """--seed, --count, --json and --folder for one suite; ends the process: 1 where one is lost."""
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument(
        "--count", type=int, default=count, help=f"of cases, about (default {count})"
    )
    parser.add_argument("--json", action="store_true", help="the rows, for another program")
    parser.add_argument("--folder", type=Path, help="to work in, and keep (default: a passing one)")
    chosen = parser.parse_args()
    print(f"{name}: --seed {chosen.seed} --count {chosen.count}", file=sys.stderr, flush=True)
    if chosen.folder is None:
        with tempfile.TemporaryDirectory(prefix=f"stress-{name}-") as folder:
            rows = suite(chosen.seed, chosen.count, Path(folder))
    else:
        chosen.folder.mkdir(parents=True, exist_ok=True)
        rows = suite(chosen.seed, chosen.count, chosen.folder)
    if chosen.json:
        print(json.dumps([dataclasses.asdict(row) for row in rows]))
    else:
        print(text_of((name, row) for row in rows))
    sys.exit(1 if any(row.lost for row in rows) else 0)


def rows_from(text: str) -> list[Row]:
    """What ``--json`` printed."""
    return [Row(**values) for values in json.loads(text)]
