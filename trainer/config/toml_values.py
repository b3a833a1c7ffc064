"""Values of settings as TOML has them. Imports nothing, so that a window need not load torch."""

from __future__ import annotations

from typing import Any


def toml_value(value: Any) -> str:
    """A bool, number, text, or a list or tuple of those."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)
