"""Progress and numbers for people."""

from __future__ import annotations

import io

import pytest

from srgan_desktop.core.base import console
from srgan_desktop.core.base.console import Console, bytes_text, seconds_text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_plain_progress_is_a_line_now_and_then() -> None:
    now = [100.0]
    out = io.StringIO()
    shown = Console(out, clock=lambda: now[0])
    for step in range(11):
        shown.progress(step / 10, f"step {step}")
        now[0] += 1
    shown.line("done")
    shown.close()
    assert out.getvalue() == "  0%  step 0\n 50%  step 5\n100%  step 10\ndone\n"


def test_a_terminals_progress_is_redrawn_and_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = Terminal()
    shown = Console(out)
    shown.progress(0.5, "x" * 100)
    drawn = out.getvalue().removeprefix("\r\033[2K")
    assert len(drawn) == 39
    assert drawn.count("█") == drawn.count("░") == 12
    shown.line("stays")
    shown.close()
    assert out.getvalue().endswith("\r\033[2Kstays\n")


@pytest.mark.parametrize(
    ("letter", "letters"),
    # 31 columns are taken by the bar and the share
    [("x", 8), ("照", 4), ("Ｗ", 4), ("e\u0301", 16), ("é", 8)],
)
def test_a_terminals_progress_takes_one_line_in_any_script(
    letter: str, letters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = Terminal()
    Console(out).progress(0.5, letter * 100)
    assert out.getvalue().partition("%  ")[2] == (letter * 100)[:letters]


@pytest.mark.parametrize("fraction", [-1.0, 0.0, 1.0, 2.0])
def test_the_bar_is_never_longer_than_it_is(fraction: float) -> None:
    out = Terminal()
    Console(out).progress(fraction, "")
    assert out.getvalue().count("█") + out.getvalue().count("░") == 24


def test_a_terminal_without_blocks_gets_plain_marks() -> None:
    class OldTerminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    raw = io.BytesIO()
    out = OldTerminal(raw, encoding="ascii")
    Console(out).progress(0.25, "照")
    assert raw.getvalue() == b"\r\033[2K" + b"#" * 6 + b"." * 18 + b"  25%  \\u7167"


def test_no_output_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console.sys, "stdout", None)
    shown = Console()
    shown.progress(0.5, "text")
    shown.line("text")
    shown.close()


def test_letters_that_the_output_does_not_have() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    Console(out).line("照片 a")
    assert raw.getvalue() == b"\\u7167\\u7247 a\n"


class Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_reader_that_has_gone_ends_the_work_unless_it_shall_last() -> None:
    with pytest.raises(BrokenPipeError):
        Console(Gone()).line("text")
    lasting = Console(Gone(), io.StringIO(), lasting=True)
    lasting.line("text")
    lasting.progress(0.5, "text")
    lasting.close()


def test_problems_go_to_the_log_and_make_room() -> None:
    out, log = Terminal(), io.StringIO()
    shown = Console(out, log)
    shown.progress(0.5, "half")
    shown.problem("careful\n")
    assert log.getvalue() == "careful\n"
    assert out.getvalue().endswith("\r\033[2K")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (9.94, "9.9 s"),
        (9.97, "10 s"),
        (12, "12 s"),
        (59.4, "59 s"),
        (59.7, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3599.6, "1 h 0 min"),
        (5 * 3600 + 12 * 60, "5 h 12 min"),
        (48 * 3600, "2 d 0 h"),
        (float("nan"), "-"),
        (float("inf"), "-"),
    ],
)
def test_seconds(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 KB"),
        (999_600, "1.0 MB"),
        (1_300_000, "1.3 MB"),
        (999_960_000, "1.0 GB"),
        (24e9, "24.0 GB"),
        (3e12, "3.0 TB"),
    ],
)
def test_bytes(size: float, text: str) -> None:
    assert bytes_text(size) == text
