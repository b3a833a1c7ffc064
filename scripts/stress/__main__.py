"""All stress suites in one table: python scripts/stress [--scale 0.1] [--only batch,models]

Each runs in a process of its own. Exit code 1 where anything is lost. The seed that is printed,
with the same scale, makes the same cases again; a line that begins with LOST names the case.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from table import Row, rows_from, text_of, totals

HERE = Path(__file__).parent
# about how many cases each has at scale 1; all together end within 40 minutes on two cores
COUNTS = {
    "long": 100,
    "window": 600,
    "watching": 120,
    "batch": 2000,
    "training": 150,
    "models": 2500,
    "images": 20_000,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of cases")
    parser.add_argument("--only", help=f"of {', '.join(COUNTS)}, with commas between")
    parser.add_argument("--jobs", type=int, default=2, help="suites at a time")
    chosen = parser.parse_args()
    names = chosen.only.split(",") if chosen.only else list(COUNTS)
    start = time.monotonic()
    print(f"seed {chosen.seed}, scale {chosen.scale:g}", flush=True)

    def one(name: str) -> list[tuple[str, Row]]:
        began = time.monotonic()
        rows = run(name, chosen.seed, max(1, round(COUNTS[name] * chosen.scale)))
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
        return [(name, row) for row in rows]

    with ThreadPoolExecutor(chosen.jobs) as pool:
        table = [row for rows in pool.map(one, names) for row in rows]
    print(text_of(table))
    print(totals(row for _, row in table))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = (used.ru_utime + used.ru_stime) / 60
    print(f"{(time.monotonic() - start) / 60:.1f} minutes, {busy:.1f} of a processor")
    return 1 if any(row.lost for _, row in table) else 0


def run(name: str, seed: int, count: int) -> list[Row]:
    """One suite's rows; a suite that does not end by itself is a row that is lost."""
    command = [sys.executable, HERE / f"{name}.py", "--seed", str(seed), "--count", str(count)]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    try:
        return rows_from(done.stdout.splitlines()[-1])
    except (IndexError, ValueError, TypeError):
        return [Row(name, faults=[f"ended with {done.returncode}: {done.stderr[-1500:]}"])]


if __name__ == "__main__":
    sys.exit(main())
