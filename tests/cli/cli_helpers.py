"""Pictures and a model for the tests of the command line, and what one run of it gave."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from repository import ROOT

from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.weights.model_file import ModelCard, save_model


@dataclass(frozen=True)
class Result:
    """Exit code and output of one run."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """stdout as JSON lines; fails where one is none."""
        return [json.loads(line, parse_constant=_no_json) for line in self.out.splitlines()]


def _no_json(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


Cli = Callable[..., Result]


def save_tiny_model(path: Path, name: str = "tiny", **config: Any) -> Path:
    """A network of 1 block and 8 channels, the same each time."""
    torch.manual_seed(1)
    network = SRResNet(SRResNetConfig(**({"blocks": 1, "channels": 8} | config))).eval()
    save_model(path, network, ModelCard(name=name, title="Tiny", licence="MIT"))
    return path


def draw(width: int = 24, height: int = 16, seed: int = 0, channels: int = 3) -> np.ndarray:
    """uint8 (height, width, channels)."""
    shape = (height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def save_photo(path: Path, width: int = 24, height: int = 16, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(draw(width, height)).save(path, **options)
    return path


def files_below(folder: Path) -> set[str]:
    """Every file, hidden ones too, by its path below ``folder``."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def kept_in_cache(folder: Path) -> set[str]:
    """What runs leave in the cache, but for what is learned of models and kept on purpose."""
    learned = ("ranges/", "models/", "prepared/")
    return {name for name in files_below(folder) if not name.startswith(learned)}


def start(
    arguments: Iterable[object], home: Path, *, folder: Path | None = None, **options: Any
) -> subprocess.Popen[str]:
    """The program as a process of its own."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "SRGAN_DESKTOP_HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "srgan_desktop", *map(str, arguments)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        text=True,
        **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options),
    )


def run_process(
    arguments: Iterable[object], home: Path, *, folder: Path | None = None, **options: Any
) -> Result:
    with start(arguments, home, folder=folder, **options) as process:
        out, err = process.communicate(timeout=120)
    return Result(process.returncode, out or "", err or "")
