"""Several processes train as one: the same losses, one run folder, stopped and resumed together."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from srgan_desktop.core.base.errors import TrainingError, UsageError
from srgan_desktop.core.weights.model_file import load_model
from trainer.config.presets import load_preset
from trainer.run.checkpoints import load_checkpoint
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training import session
from trainer.training.distributed import ALONE, Group, is_first, joined
from trainer.training.run_setup import RunSetup

ADVERSARIAL = (
    "stage=adversarial",
    "discriminator.kind=stride4",
    "discriminator.channels=4",
    "content.network=discriminator",
    "content.weight=0.1",
    # a discriminator that makes large steps would make large ones of rounding errors
    "adversarial.learning_rate=1e-4",
)


@pytest.mark.parametrize(("count", "size"), [(16, 2), (16, 3), (5, 4), (7, 1)])
def test_shares_are_the_whole_batch_once_and_nearly_equal(count: int, size: int) -> None:
    shares = [list(range(count))[Group(rank, size).share(count)] for rank in range(size)]
    assert [crop for share in shares for crop in share] == list(range(count))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_alone_nothing_travels() -> None:
    assert ALONE.leads
    assert ALONE.add([1.5, True]) == [1.5, True]
    assert ALONE.first("mine") == "mine"
    with joined() as group:
        assert group is ALONE


def test_the_first_of_several_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_first()
    monkeypatch.setenv("RANK", "1")
    assert not is_first()


def test_others_that_cannot_be_reached_are_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch.distributed as dist

    def refused(*args: Any, **kwargs: Any) -> None:
        raise dist.DistNetworkError("The client socket has failed to connect")

    values = {"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "1"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(dist, "init_process_group", refused)
    with pytest.raises(TrainingError, match="cannot be reached"), joined():
        pass


@pytest.mark.parametrize(
    ("settings", "words"), [(("batch=2",), "batch of 3 or more"), (("stage=cycle",), "one process")]
)
def test_what_several_processes_cannot_do(
    settings: tuple[str, ...], words: str, photos: Path, tmp_path: Path
) -> None:
    inputs = RunInputs("tiny", photos, None, 5, None, "cpu")
    job = RunSetup(
        load_preset("tiny", settings), inputs, RunFolder(tmp_path / "run"), group=Group(1, 3)
    )
    with pytest.raises(UsageError, match=words):
        session._check_machine(job)


def _command(processes: int, words: list[str]) -> list[str]:
    start = [sys.executable, "-m"]
    if processes > 1:
        start += ["torch.distributed.run", "--standalone", "--nproc-per-node", str(processes), "-m"]
    return [*start, "trainer", *words]


def _words(photos: Path, out: Path, settings: tuple[str, ...], steps: int) -> list[str]:
    words = ["run", "--json", "--preset", "tiny", "--data", str(photos), "--out", str(out)]
    words += ["--device", "cpu", "--steps", str(steps), "--threads", "1"]
    for setting in ("precision=fp32", "batch=6", "validation.every_steps=8", *settings):
        words += ["--set", setting]
    return words


def _environment() -> dict[str, str]:
    return os.environ | {"OMP_NUM_THREADS": "1"}


def _run(processes: int, words: list[str]) -> list[dict[str, Any]]:
    done = subprocess.run(
        _command(processes, words), check=False, capture_output=True, text=True, env=_environment()
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _losses(events: list[dict[str, Any]]) -> dict[int, dict[str, float]]:
    return {event["step"]: event["losses"] for event in events if event["event"] == "step"}


def _weights(out: Path) -> dict[str, torch.Tensor]:
    return load_model(RunFolder(out).final_model)[0].state_dict()


@pytest.mark.slow
@pytest.mark.parametrize("settings", [(), ADVERSARIAL], ids=["pixel", "adversarial"])
def test_two_processes_have_the_losses_of_one_with_the_same_batch(
    settings: tuple[str, ...], photos: Path, tmp_path: Path
) -> None:
    one = _run(1, _words(photos, tmp_path / "one", settings, 24))
    two = _run(2, _words(photos, tmp_path / "two", settings, 24))
    # only the first process speaks, and writes
    assert [event["event"] for event in two].count("started") == 1
    assert two[-1]["event"] == "finished"
    ours, theirs = _losses(one), _losses(two)
    common = ours.keys() & theirs.keys()
    assert {1, 24} <= common
    for step in common:
        for name, value in ours[step].items():
            assert theirs[step][name] == pytest.approx(value, rel=2e-3, abs=1e-5), (step, name)
    psnr = [[e["psnr_y"] for e in events if e["event"] == "validated"] for events in (one, two)]
    assert psnr[0] == pytest.approx(psnr[1], abs=0.02)


STEP_AND_LEAVE = """
import os
from pathlib import Path
import torch
from trainer.training.distributed import joined

with joined() as group:
    layer = torch.nn.Linear(2, 2)
    layer(torch.ones(1, 2)).sum().backward()
    group.add_gradients(layer)
    torch.optim.Adam(layer.parameters()).step()
names = [(task / "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()]
Path(f"{os.environ['RANK']}.txt").write_text(str([name for name in names if "gloo" in name]))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists threads with names")
def test_no_thread_of_the_group_outlives_it(tmp_path: Path) -> None:
    # one that drops its last tensor while the interpreter ends aborts a process that has done all
    script = tmp_path / "leave.py"
    script.write_text(STEP_AND_LEAVE)
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [*start, str(script)],
        check=False,
        capture_output=True,
        text=True,
        env=_environment(),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert [(tmp_path / f"{rank}.txt").read_text() for rank in range(2)] == ["[]", "[]"]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="torchrun is not made for it")
def test_two_processes_stop_together_and_resume(photos: Path, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    _run(2, _words(photos, whole, (), 80))
    words = _words(photos, parts, (), 80)
    with subprocess.Popen(
        _command(2, words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(),
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "step" and event["step"] >= 10:
                (parts / "stop").touch()
                break
        rest = [json.loads(line) for line in process.stdout]
    assert rest[-1]["event"] == "finished"
    assert rest[-1]["reason"] == "interrupted"
    assert not RunFolder(parts).final_model.exists()
    events = _run(2, ["resume", str(parts), "--json"])
    assert events[-1]["reason"] == "done"
    a, b = _weights(whole), _weights(parts)
    assert all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="torchrun is not made for it")
def test_when_one_process_dies_the_other_ends_too_and_the_run_can_go_on(
    photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    words = _words(photos, out, ("checkpoint_seconds=0.1",), 100_000)
    with subprocess.Popen(
        _command(2, words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(),
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "step" and event["step"] >= 20:
                break
        os.kill(_second_process(process.pid), signal.SIGKILL)
        process.stdout.read()
        assert process.wait(60) != 0
    state, _ = load_checkpoint(RunFolder(out))
    assert state is not None
    assert state["step"] > 0


def _second_process(torchrun: int) -> int:
    """The process of rank 1 among the children of ``torchrun``."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            environment = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(parent) == torchrun and b"RANK=1" in environment:
            return int(folder.name)
    raise AssertionError("there is no second process")
