"""Text as it may be shown or sent: no name moves a cursor, no report says who somebody is."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath

# control characters, and those that change the direction of all that follows
_HARMFUL = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]"
_LONGEST = 200
_IN_TEXT = re.compile(_HARMFUL)
_IN_NAME = re.compile(_HARMFUL + r"|[\t\n]")


def printable(text: str) -> str:
    """``text`` with control characters as ``\\x1b``; line breaks stay."""
    return _IN_TEXT.sub(_escaped, text)


def printable_path(path: PurePath | str) -> str:
    """A path on one line."""
    return _IN_NAME.sub(_escaped, str(path))


def short_line(said: object) -> str:
    """The first line of what another library says, or of a name in a file: printable, short."""
    lines = str(said).strip().splitlines() or [type(said).__name__]
    line = printable_path(lines[0])
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def without_home(text: str) -> str:
    """``text`` with ~ for the person's folder, whose name is often the person's."""
    home = str(Path.home())
    if len(home) < 3:  # of a system without persons: /
        return text
    return re.sub(re.escape(home) + rf"(?=[{re.escape(os.sep)}\s\"':,;)]|$)", "~", text)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return {9: "\\t", 10: "\\n"}.get(code) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
