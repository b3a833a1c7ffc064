"""What all events of long work have in common."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, ClassVar


@dataclass(frozen=True)
class Event:
    """Root of all events; ``event`` is the name in JSON."""

    event: ClassVar[str] = "event"

    def to_json(self) -> str:
        """One line of JSON: paths as strings, a number that is no number as null."""
        return json.dumps({"event": self.event} | _clean(dataclasses.asdict(self)))


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
