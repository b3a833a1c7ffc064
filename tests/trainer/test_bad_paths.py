"""Paths that the system refuses to look at are named in one sentence, whoever asks for them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from srgan_desktop.core.base.errors import UsageError
from trainer.cli import main
from trainer.data.dataset import image_paths

LONG = "x" * 300
RUN = ["run", "--preset", "srresnet-quick", "--data", "photos"]
Text = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(photos, tmp_path / "photos")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "call",
    [
        ["check", LONG],
        ["check", "photos", "--val", LONG],
        ["resume", LONG],
        ["resume", LONG, "--steps", "3"],
        ["export", LONG, "-o", "m.safetensors"],
        ["export", "photos", "-o", f"{LONG}.safetensors"],
        ["preview", "--preset", "tiny", "--data", "photos", "-o", f"{LONG}.png"],
        ["run", "--preset", LONG, "--data", "photos", "--out", "r"],
        [*RUN, "--out", LONG],
        [*RUN, "--out", "r", "--val", LONG],
        [*RUN, "--out", "r", "--pairs", LONG],
        [*RUN, "--out", "r", "--init", LONG],
        [*RUN, "--out", "r", "--teacher", LONG],
        [*RUN, "--out", "r", "--then", "srgan-quick", "--then-out", LONG],
    ],
    ids=lambda call: " ".join(call).replace(LONG, "LONG"),
)
def test_a_name_that_is_too_long(call: list[str], capsys: Text, tmp_path: Path) -> None:
    assert main(call) in (1, 2)
    said = capsys.readouterr().err
    assert LONG in said
    assert "this should not have happened" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


@pytest.mark.parametrize("out", [".", "/"])
def test_the_second_stage_of_a_run_in_a_folder_without_a_name(out: str, capsys: Text) -> None:
    words = ["--data", "nowhere", "--out", out, "--then", "srgan-quick"]
    assert main(["run", "--preset", "srresnet-quick", *words]) == 2
    assert "nowhere: there is no such folder" in capsys.readouterr().err


def _refusing(refused: Path, real: Callable[..., Any]) -> Callable[..., Any]:
    def refuse(path: Any = ".", *args: Any, **kwargs: Any) -> Any:
        if Path(path) == refused:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **kwargs)

    return refuse


def test_only_the_folder_itself_must_be_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tmp_path / "whole"
    (whole / "a").mkdir(parents=True)
    (whole / "b").mkdir()
    (whole / "a" / "0.png").touch()
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", _refusing(whole, scandir))
    with pytest.raises(UsageError, match="whole: cannot be read: Permission denied"):
        image_paths(whole)
    monkeypatch.setattr(os, "scandir", _refusing(whole / "b", scandir))
    assert image_paths(whole) == [whole / "a" / "0.png"]


def test_a_folder_that_can_be_listed_but_not_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    (whole / "0.png").touch()
    monkeypatch.setattr(os, "stat", _refusing(whole / "0.png", os.stat))
    with pytest.raises(UsageError, match=r"0\.png: cannot be read: Permission denied"):
        image_paths(whole)


def test_exporting_what_no_longer_fits_its_config(
    photos: Path, tmp_path: Path, capsys: Text
) -> None:
    run = tmp_path / "run"
    words = ["--preset", "tiny", "--data", str(photos), "--out", str(run), "--steps", "3"]
    assert main(["run", *words, "--device", "cpu"]) == 0
    values = json.loads((run / "config.json").read_text())
    values["config"]["generator"]["channels"] *= 2
    (run / "config.json").write_text(json.dumps(values))
    assert main(["export", str(run), "-o", str(tmp_path / "m.safetensors"), "--which", "last"]) == 1
    assert "config was changed since the run began" in capsys.readouterr().err
