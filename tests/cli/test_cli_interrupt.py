"""Ctrl+C and the request to end, in the middle of the work of a real process."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from cli_helpers import Cli, files_below, kept_in_cache, save_photo, start
from PIL import Image

from srgan_desktop.cli import upscale as upscale_command
from srgan_desktop.cli.batch_run import end_like_ctrl_c
from srgan_desktop.core.base.stop_signals import StopSignals
from srgan_desktop.core.jobs import file_steps as jobs


def save_large_photo(path: Path) -> Path:
    """Quick to write, minutes to enlarge in the smallest tiles."""
    Image.fromarray(np.full((1500, 1500, 3), 90, np.uint8)).save(path)
    return path


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_what_is_finished_stays_and_the_rest_leaves_no_trace(
    number: signal.Signals, upscale: Cli, model: Path, tmp_path: Path, warm_home: Path
) -> None:
    photos, out = tmp_path / "in", tmp_path / "out"
    save_photo(photos / "a.png")
    save_large_photo(photos / "b.png")
    call = ["upscale", photos, "-o", out, "--model", model, "--tile", 16, "--tta", "--json"]
    process = start(call, warm_home)
    assert process.stdout is not None
    tiles = 0
    for line in process.stdout:
        event = json.loads(line)
        tiles += event["event"] == "tile" and event["source"].endswith("b.png")
        if tiles == 2:
            break
    process.send_signal(number)
    asked = time.monotonic()
    rest, errors = process.communicate(timeout=60)
    assert time.monotonic() - asked < 10
    assert process.returncode == 130
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert all(json.loads(line) for line in rest.splitlines())
    assert files_below(tmp_path) == {"in/a.png", "in/b.png", "out/a_4x.png"}
    assert kept_in_cache(warm_home / "cache") <= {"speeds.json"}

    save_photo(photos / "b.png")  # a smaller one, so that finishing takes no minutes
    again = upscale(photos, "-o", out, "--json", "--existing", "skip")
    assert again.code == 0
    assert again.events[-1] == {"event": "finished", "done": 1, "failed": 0, "skipped": 1}
    assert files_below(out) == {"a_4x.png", "b_4x.png"}


def test_a_closed_terminal_ends_the_work_as_ctrl_c_does(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = save_photo(tmp_path / "a.png", 40, 20)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests themselves may run under nohup

    def close_terminal(*arguments: object) -> None:
        signal.raise_signal(signal.SIGHUP)
        # the main thread answers it; this one may still go on for a moment
        raise OSError("nothing was written")

    monkeypatch.setattr(jobs, "write_image", close_terminal)
    assert upscale(source).code == 130
    assert files_below(tmp_path) == {"a.png"}


def test_what_was_told_to_outlive_its_terminal_does(upscale: Cli, tmp_path: Path) -> None:
    """As by nohup."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    assert upscale(save_photo(tmp_path / "a.png")).code == 0
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


@pytest.mark.parametrize("moment", ["read_image", "upscale_image", "write_image"])
def test_ctrl_c_at_any_step(
    moment: str, upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs, moment, press)
    result = upscale(save_photo(tmp_path / "a.png"), "--json")
    assert result.code == 130
    assert result.events[-1]["event"] in ("started", "file_started", "tile")
    assert files_below(tmp_path) == {"a.png"}


def test_ctrl_c_between_writing_and_renaming(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", press)
    assert upscale(save_photo(tmp_path / "a.png")).code == 130
    assert files_below(tmp_path) == {"a.png"}


def wait_until_our_own_code_runs(process: subprocess.Popen[str]) -> None:
    """Until it has loaded a library of ours; what Python itself makes of Ctrl+C is not tested."""
    maps = Path(f"/proc/{process.pid}/maps")
    ends = time.monotonic() + 30
    while maps.parent.parent.exists() and process.poll() is None and time.monotonic() < ends:
        if "numpy" in maps.read_text():
            return
        time.sleep(0.005)
    time.sleep(0.3)


def test_ctrl_c_inside_an_exec_ends_by_the_exit_code_as_elsewhere(tmp_path: Path) -> None:
    """CPython would end a program that was started by -m by the signal, though it was handled."""
    (tmp_path / "pressed.py").write_text(
        "from srgan_desktop.core.base.leaving import leave\n"
        "try:\n    exec('raise KeyboardInterrupt')\nexcept KeyboardInterrupt:\n    leave(130)\n"
    )
    searched = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    done = subprocess.run(
        [sys.executable, "-m", "pressed"], check=False, env=os.environ | {"PYTHONPATH": searched}
    )
    assert done.returncode == 130


def test_ctrl_c_while_starting(warm_home: Path, model: Path, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png")
    process = start(["upscale", source, "--model", model], warm_home)
    wait_until_our_own_code_runs(process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    # quick machines may have finished; what counts is that it is one or the other, and silent
    assert process.returncode in (0, 130)
    assert "Traceback" not in errors
    assert files_below(tmp_path) <= {"a.png", "a_4x.png"}


def test_a_library_that_makes_an_import_error_of_ctrl_c(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As NumPy does."""

    def read(*arguments: object, **options: object) -> None:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        raise ImportError("the compiled part cannot be imported")

    monkeypatch.setattr(upscale_command, "_naming", read)
    result = upscale(save_photo(tmp_path / "a.png"))
    assert result.code == 130 and "interrupted" in result.err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_import_error_without_ctrl_c_stays_one() -> None:
    with StopSignals("SIGINT") as stop:
        assert not stop.explains(ImportError())
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert stop.explains(ImportError())
        assert not stop.explains(ValueError())


def test_a_request_to_end_while_a_library_is_read_counts_as_ctrl_c() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with StopSignals("SIGINT") as stop:
            end_like_ctrl_c()
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)
            assert stop.explains(ImportError())
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.parametrize("even_ignored", [(), ("SIGINT",)])
def test_an_ignored_signal_counts_only_where_it_is_asked_for(even_ignored: tuple[str, ...]) -> None:
    """A shell's background ignores Ctrl+C; a training there still wants it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with StopSignals("SIGINT", even_ignored=even_ignored) as stop:
            with contextlib.suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            assert stop.requested == bool(even_ignored)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
