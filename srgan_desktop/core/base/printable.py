"""Names of files as they may be shown: nothing in them moves a cursor or turns a line around."""

from __future__ import annotations

import re
from pathlib import PurePath

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


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return {9: "\\t", 10: "\\n"}.get(code) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
