"""The command line's tests run ``main`` in this process, in a home folder of their own."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from cli_helpers import Cli, Result, save_tiny_model

from srgan_desktop.cli import main
from srgan_desktop.core.weights import catalogue


@pytest.fixture(scope="session")
def warm_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all tests, so that speeds are measured only once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("model") / "tiny.safetensors")


@pytest.fixture(autouse=True)
def _own_home(warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(warm_home))
    monkeypatch.setenv("SRGAN_DESKTOP_LANGUAGE", "en")
    monkeypatch.setattr(catalogue, "shipped_folder", lambda: tmp_path / "no-shipped-models")


@pytest.fixture(autouse=True)
def _process_as_before() -> Iterator[None]:
    """Commands set signal handlers and threads for the whole process; one thread is quickest."""
    names = ("SIGTERM", "SIGHUP", "SIGBREAK")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    handlers = {number: signal.getsignal(number) for number in numbers}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run the program; a traceback is never an answer."""

    def run(*arguments: object) -> Result:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        assert "should not have happened" not in captured.err + captured.out
        return Result(code, captured.out, captured.err)

    return run


@pytest.fixture
def upscale(cli: Cli, model: Path) -> Cli:
    """``upscale`` with the tiny model."""

    def run(*arguments: object) -> Result:
        return cli("upscale", "--model", model, "--threads", 1, *arguments)

    return run
