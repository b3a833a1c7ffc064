"""What constraints-package.txt says: what is installed for the package, and what is left out.

A line is a pin (``name==version``, with a marker where it is for some systems only), a comment, or
``# left out: NAME: REASON``. Every runtime dependency of pyproject.toml has to be one or the other,
so that nothing the program imports is forgotten: pins are installed without their dependencies.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "constraints-package.txt"
_LEFT_OUT = re.compile(r"#\s*left out:\s*([A-Za-z0-9._-]+):\s*(\S.*)")
_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Pins:
    """Versions and reasons by name; names as ``normal`` writes them."""

    versions: dict[str, str]
    left_out: dict[str, str]


def read(text: str) -> Pins:
    """The pins and the names left out.

    Raises:
        ValueError: a line is neither a comment nor an exact pin.
    """
    versions, left_out = {}, {}
    for line in text.splitlines():
        if found := _LEFT_OUT.match(line):
            left_out[normal(found[1])] = found[2]
        elif line.strip() and not line.startswith("#"):
            name, exact, version = line.split(";")[0].strip().partition("==")
            if not exact:
                raise ValueError(f"{FILE.name}: not pinned exactly: {line}")
            versions[normal(name)] = version
    return Pins(versions, left_out)


def forgotten(dependencies: list[str], pins: Pins) -> list[str]:
    """Those of ``dependencies`` (requirements, as in pyproject.toml) that are in neither list."""
    names = [normal(match[0]) for line in dependencies if (match := _NAME.match(line))]
    return [name for name in names if name not in pins.versions and name not in pins.left_out]


def dependencies() -> list[str]:
    """The runtime dependencies of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return list(project["dependencies"])


def normal(name: str) -> str:
    """A distribution's name as registries compare them: "ml_dtypes" is "ml-dtypes"."""
    return re.sub(r"[-_.]+", "-", name).lower()
