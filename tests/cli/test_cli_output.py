"""What the program prints: events as JSON, plain lines, and nothing where nobody listens."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from cli_helpers import Cli, files_below, run_process, save_photo, start

from srgan_desktop.cli import main

# what other programs rely on: the fields of each event, at the least
FIELDS = {
    "started": {"files"},
    "file_started": {"source", "width", "height", "out_width", "out_height"},
    "tile": {"source", "done", "total"},
    "file_done": {"source", "target", "seconds", "warnings"},
    "file_failed": {"source", "error", "kind"},
    "file_skipped": {"source", "target"},
    "finished": {"done", "failed", "skipped"},
}


def test_json_events_of_a_mixed_batch(upscale: Cli, tmp_path: Path) -> None:
    a, c = save_photo(tmp_path / "a.png", 40, 20), save_photo(tmp_path / "c.png")
    b = tmp_path / "b.png"
    b.write_bytes(b"no picture")
    (tmp_path / "c_4x.png").write_bytes(b"taken")
    result = upscale(a, b, c, "--json", "--tile", 20, "--existing", "skip")
    events = result.events
    assert result.code == 1
    assert result.err == ""
    assert [event["event"] for event in events] == [
        "started",
        "file_started",
        "tile",
        "tile",
        "file_done",
        "file_failed",
        "file_skipped",
        "finished",
    ]
    for event in events:
        assert set(event) >= FIELDS[event["event"]], event
    assert events[0]["files"] == 3
    sizes = {"width": 40, "height": 20, "out_width": 160, "out_height": 80}
    assert events[1] == {"event": "file_started", "source": str(a), **sizes}
    assert [(event["done"], event["total"]) for event in events[2:4]] == [(1, 2), (2, 2)]
    assert events[4]["target"] == str(tmp_path / "a_4x.png")
    assert events[4]["warnings"] == []
    assert 0 < events[4]["seconds"] < 60
    assert events[5]["source"] == str(b)
    assert events[5]["kind"] == "read"
    assert events[6]["target"] == str(tmp_path / "c_4x.png")
    assert events[7] == {"event": "finished", "done": 1, "failed": 1, "skipped": 1}


def test_json_says_why_nothing_could_be_done(upscale: Cli, tmp_path: Path) -> None:
    result = upscale(tmp_path / "no.png", "--json")
    assert result.code == 2
    assert [event["event"] for event in result.events] == ["error"]
    assert result.events[0]["kind"] == "usage"
    assert "no.png" in result.events[0]["error"]
    assert "no.png" in result.err


def test_warnings_are_in_the_event_and_not_on_stdout(upscale: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "really-a.jpg", format="PNG")
    warning = "the name says JPEG, but the file is PNG"
    told = upscale(source, "--json", "--format", "png").events[-2]["warnings"]
    assert len(told) == 1
    assert warning in told[0]
    plain = upscale(source, "--format", "png")
    assert f"warning: {warning}" in plain.err
    assert warning not in plain.out


def test_piped_output_is_plain_lines(upscale: Cli, tmp_path: Path) -> None:
    a, b = save_photo(tmp_path / "a.png"), save_photo(tmp_path / "b.png")
    result = upscale(a, b)
    assert "\r" not in result.out
    assert "\033" not in result.out
    lines = result.out.splitlines()
    assert lines[0] == "  0%  1/2  a.png  24 x 16 -> 96 x 64"
    assert lines[1].startswith(f"{a} -> {tmp_path / 'a_4x.png'}  (")
    assert lines[-1] == "2 done, 0 failed, 0 skipped"
    assert result.err == ""


def test_files_that_fail_or_are_skipped_are_counted_too(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("srgan_desktop.core.base.console.PLAIN_LINE_SECONDS", 0.0)
    (tmp_path / "a.png").write_bytes(b"")
    for name in ("b.png", "b_4x.png", "c.png"):
        save_photo(tmp_path / name)
    result = upscale(tmp_path, "--existing", "skip")
    assert "3/3  c.png" in result.out
    assert "1/3" not in result.out


@pytest.mark.parametrize("options", [[], ["--json"], ["--dry-run"]])
def test_a_program_without_a_console_works(
    options: list[str], model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under pythonw or in a packaged program: both streams are None."""
    source, bad = save_photo(tmp_path / "a.png"), tmp_path / "bad.png"
    bad.write_bytes(b"")
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    call = ["upscale", str(source), str(bad), "--model", str(model), "--threads", "1", *options]
    assert main(call) == 1
    assert main(["upscale"]) == 2
    assert main(["--help"]) == 0
    assert main(["models"]) == 0
    wanted = {"a.png", "bad.png"} | (set() if "--dry-run" in options else {"a_4x.png"})
    assert files_below(tmp_path) == wanted


def test_stdout_stays_json_where_stderr_is_closed(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by ``2>&-``: what people are told must not land among the events."""
    save_photo(tmp_path / "a.png")
    save_photo(tmp_path / "a_4x.png")
    (tmp_path / "bad.png").write_bytes(b"")
    monkeypatch.setattr(sys, "stderr", None)
    assert upscale(tmp_path, "--json").events[-1]["failed"] == 1
    assert upscale(tmp_path / "no.png", "--json").events[0]["event"] == "error"


def test_a_reader_who_leaves_is_no_error(model: Path, tmp_path: Path, warm_home: Path) -> None:
    """As with ``| head -1``."""
    sources = [save_photo(tmp_path / f"{n}.png") for n in range(5)]
    process = start(["upscale", *sources, "--model", model, "--json"], warm_home)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(60) in (0, 141)
    process.stderr.close()
    assert not [name for name in files_below(tmp_path) if name.endswith(".part")]


def test_a_reader_who_never_came_is_no_error(warm_home: Path) -> None:
    """The output waits in a buffer until the end."""
    for call in (["--help"], ["models", "--help"]):
        process = start(call, warm_home)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) in (0, 141)
        process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk always full")
def test_output_to_a_full_disk_is_said(warm_home: Path) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        result = run_process(["models"], warm_home, stdout=full)
    assert result.code == 1
    assert result.err == "error: No space left on device\n"


def test_letters_that_the_output_cannot_show(
    upscale: Cli, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = save_photo(tmp_path / "照片.png")
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    assert main(["upscale", str(source), "--model", str(model), "--threads", "1"]) == 0
    narrow.flush()
    assert b"\\u7167\\u7247_4x.png" in narrow.buffer.getvalue()  # type: ignore[attr-defined]
    narrow.detach()


def test_progress_on_a_terminal_is_one_line_that_is_removed(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    source = save_photo(tmp_path / "a.png", 60, 40)
    assert (
        main(["upscale", str(source), "--model", str(model), "--tile", "20", "--threads", "1"]) == 0
    )
    text = terminal.getvalue()
    assert "%  a.png  60 x 40 -> 240 x 160" in text
    assert text.rstrip("\n").rpartition("\n")[2].rpartition("\033[2K")[2].startswith(str(source))


def test_german_or_unknown_languages_get_english(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_LANGUAGE", "de_DE.UTF-8")
    assert "there is no such file" in upscale(tmp_path / "no.png").err
