from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from PIL import Image

from srgan_desktop.core.weights.model_file import load_model, read_card
from trainer import cli as trainer_cli
from trainer.cli import main
from trainer.commands import run as run_command
from trainer.commands.options import seconds
from trainer.commands.report import Reporter
from trainer.config.presets import preset_names
from trainer.run.events import Fetching, Step, Warned

COMMANDS = ("presets", "check", "estimate", "run", "resume", "export")
Text = pytest.CaptureFixture[str]


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def trained(photos: Path, tmp_path: Path, capsys: Text) -> Path:
    """A finished run of three steps."""
    out = tmp_path / "trained"
    words = ["--preset", "tiny", "--data", str(photos), "--out", str(out), "--steps", "3"]
    assert main(["run", *words, "--device", "cpu"]) == 0
    capsys.readouterr()
    return out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_examples_under_the_name_it_was_called(command: str, capsys: Text) -> None:
    assert main([command, "--help"], prog="srgan-desktop train") == 0
    text = capsys.readouterr().out
    assert f"srgan-desktop train {command}" in text
    assert "example" in text
    assert "--json" in text


def test_the_overview_names_every_command(capsys: Text) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(command in text for command in COMMANDS)


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["no-such-command"],
        ["run"],
        ["run", "--preset", "tiny", "--data", "x", "--out", "y", "--budget", "soon"],
        ["run", "--preset", "tiny", "--data", "x", "--out", "y", "--budget", "5m", "--steps", "3"],
        ["run", "--preset", "tiny", "--data", "x", "--out", "y", "--steps", "0"],
        ["run", "--preset", "tiny", "--data", "x", "--out", "y", "--threads", "none"],
        ["check", ".", "--scale", "5"],
        ["export", "run", "-o", "x", "--which", "worst"],
        ["run", "--preset", "nothing-like-it", "--data", "x", "--out", "y"],
        ["run", "--preset", "tiny", "--data", "nowhere", "--out", "y"],
        ["run", "--preset", "tiny", "--set", "bach=3", "--data", "x", "--out", "y"],
        ["estimate", "--preset", "tiny", "--data", "x", "--seconds", "0"],
        ["check", "nowhere"],
        ["presets", "nothing-like-it"],
    ],
)
def test_a_wrong_call_is_one_clear_message_and_exit_code_2(
    argv: list[str], capsys: Text, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(argv) == 2
    said = capsys.readouterr()
    assert "error: " in said.err
    assert "Traceback" not in said.err + said.out
    assert list(tmp_path.iterdir()) == []


def test_failures_are_events_too(capsys: Text, tmp_path: Path) -> None:
    assert main(["resume", str(tmp_path), "--json"]) == 1
    said = capsys.readouterr()
    (failed,) = lines_of(said.out)
    assert failed["event"] == "failed"
    assert failed["kind"] == "run"
    assert str(tmp_path) in failed["error"]
    assert failed["error"] in said.err


def test_the_unexpected_is_one_line_and_a_file(
    capsys: Text, monkeypatch: pytest.MonkeyPatch, photos: Path
) -> None:
    def surprise(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("a bug\nin two lines")

    monkeypatch.setattr("trainer.data.check.check_folder", surprise)
    assert main(["check", str(photos)]) == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "ZeroDivisionError: a bug" in said
    details = Path(said.split("details: ")[1].rstrip(")\n"))
    assert "Traceback" in details.read_text(encoding="utf-8")
    details.unlink()
    assert main(["check", str(photos), "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_presets_are_listed_with_what_they_need(capsys: Text) -> None:
    assert main(["presets"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in preset_names())
    assert main(["presets", "--json"]) == 0
    listed = lines_of(capsys.readouterr().out)
    assert [entry["name"] for entry in listed] == preset_names()
    assert all(entry["needs"] for entry in listed)
    assert main(["presets", "tiny"]) == 0
    assert "optimiser.learning_rate = 0.002" in capsys.readouterr().out


def test_a_run_in_json_tells_all_and_nothing_else(
    photos: Path, tmp_path: Path, capsys: Text
) -> None:
    out = tmp_path / "run"
    words = ["--preset", "tiny", "--data", str(photos), "--out", str(out), "--device", "cpu"]
    assert main(["run", *words, "--steps", "4", "--json", "--set", "batch=2"]) == 0
    events = lines_of(capsys.readouterr().out)
    names = [event["event"] for event in events]
    assert names[0] == "preparing"
    assert {"started", "step", "validated", "saved", "finished"} <= set(names)
    step = next(event for event in events if event["event"] == "step")
    assert {"step", "losses", "learning_rate", "it_per_s", "eta_s", "d_real", "d_fake"} <= set(step)
    assert events[-1]["model"] == str(out / "model.safetensors")
    assert main(["resume", str(out), "--json"]) == 0
    assert lines_of(capsys.readouterr().out)[-1]["event"] == "finished"


def test_a_run_for_people(photos: Path, tmp_path: Path, capsys: Text) -> None:
    out = tmp_path / "run"
    words = ["--preset", "tiny", "--data", str(photos), "--out", str(out), "--device", "cpu"]
    assert main(["run", *words, "--budget", "1.5s", "--threads", "1"]) == 0
    said = capsys.readouterr()
    # on a busy machine a second and a half may be too short for a model of use
    assert all("worse than bicubic" in line for line in said.err.splitlines())
    assert "training 1.5 s on 5 pictures, on cpu" in said.out
    assert "PSNR" in said.out
    # piped: not a line for each step
    assert sum("/s" in line for line in said.out.splitlines()) <= 2
    assert main(["run", *words]) == 2
    assert "already holds a run" in capsys.readouterr().err


def test_export_writes_each_kind_and_overwrites_nothing_unasked(
    trained: Path, tmp_path: Path, capsys: Text
) -> None:
    target = tmp_path / "out.safetensors"
    assert main(["export", str(trained), "-o", str(target)]) == 0
    assert str(target) in capsys.readouterr().out
    best = read_card(target).weights_sha256
    assert best == read_card(trained / "checkpoints" / "best.safetensors").weights_sha256
    assert main(["export", str(trained), "-o", str(target), "--which", "last"]) == 2
    assert "is there already" in capsys.readouterr().err
    hashes = {}
    for which in ("last", "ema"):
        words = ["--which", which, "--overwrite", "--name", "own", "--author", "me"]
        assert main(["export", str(trained), "-o", str(target), *words]) == 0
        hashes[which] = read_card(target).weights_sha256
        assert (read_card(target).name, read_card(target).author) == ("own", "me")
    assert hashes["ema"] == read_card(trained / "model.safetensors").weights_sha256
    assert hashes["last"] != hashes["ema"]
    assert load_model(target)[0].config.blocks == 2


def test_export_into_a_folder_names_the_file_after_the_run(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    assert main(["export", str(trained), "-o", str(tmp_path / "models"), "--half"]) == 0
    assert read_card(tmp_path / "models" / "trained.safetensors").config.channels == 8


def test_exports_that_cannot_be(trained: Path, tmp_path: Path, capsys: Text) -> None:
    for target, part in (("m.pth", "ends in .safetensors"), ("a/m.safetensors", "no such folder")):
        assert main(["export", str(trained), "-o", str(tmp_path / target)]) == 2
        assert part in capsys.readouterr().err
    shutil.rmtree(trained / "checkpoints")
    (trained / "model.safetensors").unlink()
    for which, part in (("best", "choose --which ema"), ("ema", "has no checkpoint yet")):
        words = ["-o", str(tmp_path / "m.safetensors"), "--which", which]
        assert main(["export", str(trained), *words]) == 1
        assert part in capsys.readouterr().err
    assert main(["export", str(tmp_path), "-o", str(tmp_path / "m.safetensors")]) == 1
    assert "holds no run" in capsys.readouterr().err


def test_a_run_that_validated_on_nothing_can_be_exported(
    photos: Path, tmp_path: Path, capsys: Text
) -> None:
    run, target = tmp_path / "run", tmp_path / "m.safetensors"
    plain = ["--set", "validation.pictures=0", "--set", "ema_decay=0", "--steps", "3"]
    assert main(["run", "--preset", "tiny", "--data", str(photos), "--out", str(run), *plain]) == 0
    assert main(["export", str(run), "-o", str(target)]) == 0
    made, last = (read_card(path).weights_sha256 for path in (target, run / "model.safetensors"))
    assert made == last
    (run / "model.safetensors").unlink()
    assert main(["export", str(run), "-o", str(target), "--overwrite"]) == 1
    assert "choose --which last" in capsys.readouterr().err


def test_a_download_can_be_stopped(tmp_path: Path) -> None:
    report = MagicMock()
    closed = []

    def download() -> Iterator[Fetching]:
        try:
            yield from (Fetching("VGG19", done, 100) for done in range(100))
        finally:
            closed.append(True)

    arguments = argparse.Namespace(prog="trainer")
    code = run_command._drain(download(), tmp_path / "run", arguments, report, lambda: True)
    assert code == 130
    assert len(report.event.mock_calls) == 1
    assert closed


def test_check_asks_for_what_the_preset_needs(tmp_path: Path, capsys: Text) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for side in (28, 128, 144):
        Image.effect_noise((side, side), 60).save(folder / f"{side}.png")
    usable = {}
    for preset in ("digits", "srresnet-x4", "photo-x4"):
        main(["check", str(folder), "--preset", preset, "--json"])
        usable[preset] = lines_of(capsys.readouterr().out)[-1]["usable"]
    assert usable == {"digits": 3, "srresnet-x4": 2, "photo-x4": 1}
    assert main(["check", str(folder), "--preset", "photo-x4", "--crop", "64"]) == 0
    assert "2 of 3 pictures are usable at x4 with crops of 64" in capsys.readouterr().out
    assert main(["check", str(folder), "--preset", "none-such"]) == 2


def test_check_says_what_is_there(photos: Path, tmp_path: Path, capsys: Text) -> None:
    assert main(["check", str(photos), "--crop", "64", "--val", str(photos)]) == 0
    text = capsys.readouterr().out
    assert "6 of 6 pictures are usable" in text
    assert "in both training and validation:" in text
    # crops of 128 pixels and their margin are more than these photos have
    assert main(["check", str(photos), "--crop", "128"]) == 1
    assert "0 of 6 pictures are usable" in capsys.readouterr().out
    assert main(["check", str(photos), "--crop", "64", "--json"]) == 0
    assert lines_of(capsys.readouterr().out)[-1]["usable"] == 6
    assert main(["check", str(tmp_path)]) == 1


def test_estimate_measures_and_answers(photos: Path, capsys: Text) -> None:
    words = ["--preset", "tiny", "--data", str(photos), "--device", "cpu", "--seconds", "0.5"]
    assert main(["estimate", *words, "--json"]) == 0
    events = lines_of(capsys.readouterr().out)
    found = events[-1]
    assert found["event"] == "estimated"
    assert found["measured_steps"] >= 5
    assert found["run_steps"] == 100
    assert found["run_seconds"] >= 100 / found["it_per_s"]
    assert found["photo_bytes"] == 6 * 128 * 112 * 3
    assert found["memory_bytes"] is None or found["memory_bytes"] > found["photo_bytes"]
    assert main(["estimate", *words, "--budget", "1h"]) == 0
    assert "1 h 0 min buy about" in capsys.readouterr().out


def test_estimate_leaves_nothing_behind(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["--preset", "tiny", "--data", str(photos), "--device", "cpu", "--seconds", "0.1"]
    assert main(["estimate", *words]) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("90m", 5400),
        ("2h", 7200),
        ("1h30m", 5400),
        ("45s", 45),
        ("1d", 86400),
        ("3 min", 180),
        ("1 hour 30 minutes", 5400),
        ("1 H 30 Min", 5400),
        ("2 小时", 7200),
        ("1.5 h", 5400),
    ],
)
def test_times_are_read(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "5", "m", "-3m", "0s", "1m2h", "3x"])
def test_what_is_no_time_is_refused(text: str) -> None:
    from argparse import ArgumentTypeError

    with pytest.raises(ArgumentTypeError, match="as a duration"):
        seconds(text)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_terminal_gets_a_bar_that_makes_room_for_lines() -> None:
    out, log = Terminal(), io.StringIO()
    report = Reporter(False, out, log, clock=iter([0.0, 0.1, 0.5]).__next__)
    report.progress(0.25, "first")
    report.progress(0.3, "too soon")
    report.progress(0.5, "second")
    report.line("a result")
    report.event(Warned("careful"))
    report.close()
    assert out.getvalue().count("\r") == 3
    assert "too soon" not in out.getvalue()
    assert "█" * 6 + "░" in out.getvalue()
    assert out.getvalue().endswith("a result\n")
    assert log.getvalue() == "warning: careful\n"


def test_a_pipe_gets_a_line_every_few_seconds() -> None:
    out = io.StringIO()
    report = Reporter(False, out, io.StringIO(), clock=iter([0.0, 4.0, 5.5]).__next__)
    for i in range(3):
        report.progress(i / 2, f"step {i}")
    assert out.getvalue().splitlines() == ["  0%  step 0", "100%  step 2"]


def test_a_reader_that_goes_away_does_not_end_the_work() -> None:
    report = Reporter(True, Gone(), Gone())
    for _ in range(2):
        report.event(Step(1, 2, {"pixel": 0.1}, 1e-4, 1.0, 1.0, 1.0))
        report.problem("nobody hears this")
    report.close()


def test_names_that_the_encoding_does_not_know_are_written_escaped() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    Reporter(False, out, io.StringIO()).line("größe \udcff")
    assert raw.getvalue() == b"gr\\xf6\\xdfe \\udcff\n"


HEAVY = ("PySide6", "pyvips", "psutil", "platformdirs", "torchvision")


def _python(code: str, *argv: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *argv], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_neither_window_nor_heavy_packages_are_loaded() -> None:
    code = (
        "import pkgutil, sys, trainer\n"
        "for found in pkgutil.walk_packages(trainer.__path__, 'trainer.'):\n"
        "    if not found.name.endswith('__main__'): __import__(found.name)\n"
        f"print(sorted({set(HEAVY)} & set(sys.modules)))\n"
        "print('trainer.training.stages.pixel' in sys.modules)"
    )
    assert _python(code).split() == ["[]", "True"]


def test_training_and_checking_work_without_the_heavy_packages(
    photos: Path, tmp_path: Path
) -> None:
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({HEAVY}))\n"
        "from trainer.cli import main\n"
        "photos, out = sys.argv[1:]\n"
        "words = ['--preset', 'tiny', '--data', photos, '--device', 'cpu']\n"
        "assert main(['check', photos, '--crop', '64']) == 0\n"
        "assert main(['estimate', *words, '--seconds', '0.1']) == 0\n"
        "assert main(['run', *words, '--out', out, '--steps', '2']) == 0\n"
    )
    _python(code, str(photos), str(tmp_path / "run"))


def test_help_does_not_wait_for_torch() -> None:
    code = "import sys\nfrom trainer.cli import main\nmain(['run', '--help'])\n"
    _python(code + "assert 'torch' not in sys.modules")


@pytest.mark.skipif(os.name == "nt", reason="names are always Unicode there")
def test_a_photo_whose_name_is_no_text_is_no_problem(
    tmp_path: Path, capsys: Text, photo: Callable[..., np.ndarray]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    Image.fromarray(photo(0)).save(data / "good.png")
    (data / os.fsdecode(b"bad\xff.png")).write_bytes(b"damaged")
    assert main(["check", str(data), "--crop", "64", "--json"]) == 0
    assert lines_of(capsys.readouterr().out)[-1]["usable"] == 1


@pytest.mark.parametrize("pressed", [True, False])
def test_a_library_that_makes_an_import_error_of_ctrl_c(
    pressed: bool, capsys: Text, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As NumPy does; without Ctrl+C such an error stays a fault."""

    def command(*arguments: object) -> int:
        try:
            if pressed:
                signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            pass
        raise ImportError("the compiled part cannot be imported")

    arguments = argparse.Namespace(command=command, json=False, debug=False)
    parser = argparse.ArgumentParser()
    monkeypatch.setattr(parser, "parse_args", lambda argv: arguments)
    monkeypatch.setattr(trainer_cli, "build_parser", lambda prog: parser)
    assert trainer_cli.main(["run"]) == (130 if pressed else 1)
    assert ("interrupted" in capsys.readouterr().err) == pressed
