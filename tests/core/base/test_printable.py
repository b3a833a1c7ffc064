"""What files and libraries say, made fit to be shown."""

from __future__ import annotations

from srgan_desktop.core.base.printable import short_line


def test_one_printable_line_of_bounded_length() -> None:
    assert short_line(ValueError("first\nsecond")) == "first"
    assert short_line("\x1b[2Jred \u202eback") == r"\x1b[2Jred \u202eback"
    assert len(short_line("x" * 1000)) == 200
    assert short_line(KeyError()) == "KeyError"
