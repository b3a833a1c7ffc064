"""What ``pip install .`` gives in an empty environment: ``make test-install``, some gigabytes.

It sees what an editable install with the tests' own packages would hide: a dependency that only
these bring, a folder that the wheel lacks.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from installed import ROOT, WINDOWS
from PIL import Image

pytestmark = [pytest.mark.install, pytest.mark.timeout(3600)]

SAMPLE = ROOT / "resources" / "samples" / "otter.jpg"
# the installed program as it is, but for where VGG19's weights are published
WITH_ANOTHER_SERVER = """
import sys
from srgan_desktop.cli import main
from trainer.networks import vgg_weights
url, start, *arguments = sys.argv[1:]
vgg_weights.PUBLISHED["vgg19"] = vgg_weights.Published(url, start)
sys.exit(main(arguments))
"""
MAKE_VGG19 = """
import sys
import torch
from torchvision.models import vgg19
torch.manual_seed(0)
network = vgg19(weights=None).features
torch.save({f"features.{key}": value for key, value in network.state_dict().items()}, sys.argv[1])
"""
MAKE_MODEL = """
import sys
import torch
from spandrel.architectures.ESRGAN import ESRGAN
torch.manual_seed(0)
torch.save(ESRGAN(num_filters=8, num_blocks=1, scale=4).state_dict(), sys.argv[1])
"""


@dataclass
class Environment:
    """An environment with the program and what pip brought along, and someone's empty home."""

    folder: Path
    home: Path

    @property
    def bin(self) -> Path:
        return self.folder / ("Scripts" if WINDOWS else "bin")

    @property
    def python(self) -> Path:
        return self.bin / ("python.exe" if WINDOWS else "python")

    def run(self, *command: str | Path) -> str:
        """The output of a program of the environment that must succeed."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        kept |= {
            "HOME": str(self.home),
            "SRGAN_DESKTOP_HOME": str(self.home / "data of the program"),
            "SRGAN_DESKTOP_LANGUAGE": "en",
            "TORCH_HOME": str(self.home / "torch"),
            "QT_QPA_PLATFORM": "offscreen",
        }
        done = subprocess.run(
            list(map(str, command)),
            cwd=self.home,  # not the checkout, whose packages Python would find first
            env=kept,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def gives(self, *arguments: str | Path) -> str:
        """The output of the program."""
        return self.run(self.bin / "srgan-desktop", *arguments)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, told: list[str]) -> Iterator[Environment]:
    folder = ROOT / "build" / "install-venv"
    shutil.rmtree(folder, ignore_errors=True)
    made = Environment(folder, tmp_path_factory.mktemp("home"))
    began = time.monotonic()
    try:
        made.run(sys.executable, "-m", "venv", folder)
        made.run(made.python, "-m", "pip", "install", "--quiet", ROOT)
        size = sum(p.stat().st_size for p in folder.rglob("*") if not p.is_symlink())
        told.append(f"pip install .: {time.monotonic() - began:.0f} s, {size / 1e9:.1f} GB")
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def photos(environment: Environment) -> Path:
    folder = environment.home / "photos"
    folder.mkdir()
    with Image.open(SAMPLE) as image:
        for number in range(6):
            image.crop((50 * number, 20, 50 * number + 160, 180)).save(folder / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def server(environment: Environment) -> Iterator[tuple[str, str]]:
    """VGG19's weights (random ones) on this machine: their address, and how their sum begins."""
    folder = environment.home / "served"
    folder.mkdir()
    weights = folder / "vgg19.pth"
    environment.run(environment.python, "-c", MAKE_VGG19, weights)
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    start = hashlib.sha256(weights.read_bytes()).hexdigest()[:8]
    yield f"http://127.0.0.1:{httpd.server_port}/{weights.name}", start
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def test_what_was_installed_fits_together(environment: Environment) -> None:
    environment.run(environment.python, "-m", "pip", "check")
    where = environment.run(environment.python, "-c", "import trainer; print(trainer.__file__)")
    assert Path(where.strip()).is_relative_to(environment.folder)


def test_the_window_and_all_its_pages_open(environment: Environment) -> None:
    said = map(json.loads, environment.gives("doctor", "--window", "--json").splitlines())
    (window,) = [entry["values"] for entry in said if entry["section"] == "Window"]
    assert {"Upscale", "Batch", "Models", "Train"} <= window.keys()
    assert [line for line in window.items() if line[1] != "opens"] == []


def test_a_photo_is_enlarged(environment: Environment, photos: Path) -> None:
    out = environment.home / "large.png"
    environment.gives("upscale", photos / "0.png", "-o", out)
    with Image.open(out) as image:
        assert image.size == (640, 640)


def test_training_reaches_its_adversarial_stage_with_vgg19(
    environment: Environment, photos: Path, server: tuple[str, str]
) -> None:
    first, second = environment.home / "first", environment.home / "second"
    small = ["batch=2", "generator.blocks=2", "generator.channels=16", "data.crop=64"]
    options = [part for setting in small for part in ("--set", setting)]
    options += ["--data", str(photos), "--steps", "4", "--threads", "2"]
    environment.gives("train", "run", "--preset", "srresnet-quick", *options, "--out", first)
    said = environment.run(
        environment.python,
        *("-c", WITH_ANOTHER_SERVER, *server, "train", "run", "--preset", "srgan-quick"),
        *(*options, "--set", "content.network=vgg19", "--json"),
        *("--init", first / "model.safetensors", "--out", second),
    )
    events = [json.loads(line) for line in said.splitlines()]
    assert any(event["event"] == "fetching" for event in events)
    assert events[-1]["event"] == "finished"
    assert [e["stage"] for e in events if e["event"] == "started"] == ["adversarial"]
    assert list((environment.home / "data of the program").rglob("vgg19.pth"))
    out = environment.home / "by own model.png"
    environment.gives(
        "upscale", photos / "1.png", "-o", out, "--model", second / "model.safetensors"
    )
    assert out.exists()


def test_it_takes_a_model_of_another_program(environment: Environment, photos: Path) -> None:
    file = environment.home / "x.pth"
    environment.run(environment.python, "-c", MAKE_MODEL, file)
    environment.gives("models", "add", file, "--name", "theirs")
    assert "theirs" in environment.gives("models")
    out = environment.home / "by theirs.png"
    environment.gives("upscale", photos / "0.png", "-o", out, "--model", "theirs")
    with Image.open(out) as image:
        assert image.size == (640, 640)
