"""The few kilobytes of the LPIPS metric that its package alone carries, without its code."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def files(folder: Path) -> list[tuple[str, str]]:
    """(source, folder in the package) of the weights and of what makes them a package to find."""
    found = importlib.util.find_spec("lpips")
    if found is None or found.origin is None:
        raise SystemExit("lpips is not installed: pip install --no-deps lpips")
    marker = folder / "lpips" / "__init__.py"
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.write_text("", encoding="utf-8")
    weights = Path(found.origin).parent / "weights" / "v0.1" / "alex.pth"
    return [(str(marker), "lpips"), (str(weights), "lpips/weights/v0.1")]
