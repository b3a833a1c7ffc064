"""What files and libraries say, made fit to be shown."""

from __future__ import annotations

import pytest

from srgan_desktop.core.base.printable import short_line, without_home


def test_one_printable_line_of_bounded_length() -> None:
    assert short_line(ValueError("first\nsecond")) == "first"
    assert short_line("\x1b[2Jred \u202eback") == r"\x1b[2Jred \u202eback"
    assert len(short_line("x" * 1000)) == 200
    assert short_line(KeyError()) == "KeyError"


def test_reports_do_not_say_who_somebody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/jane.doe")
    monkeypatch.setenv("USERPROFILE", "/home/jane.doe")
    said = 'logs  /home/jane.doe/log\nFile "/home/jane.doe", /home/jane.doer/x /home/jane.doe'
    assert without_home(said) == 'logs  ~/log\nFile "~", /home/jane.doer/x ~'
    monkeypatch.setenv("HOME", "/")
    assert without_home("/tmp/a") == "/tmp/a"
