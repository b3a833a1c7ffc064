"""Builds ``faults.c`` where there is a C compiler, and gives the environment that loads it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).with_name("faults.c")


def built(folder: Path) -> Path | None:
    """The library; None where it cannot be made here."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    library = folder / "faults.so"
    if not library.exists():
        command = [compiler, "-O2", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"]
        subprocess.run(command, check=True)
    return library


def environment(library: Path, seed: int, **faults: object) -> dict[str, str]:
    """``faults`` as in faults.c, without FAULT_ and in small letters."""
    values = {f"FAULT_{key.upper()}": str(value) for key, value in faults.items()}
    return {**values, "FAULT_SEED": str(seed), "LD_PRELOAD": os.fspath(library)}
