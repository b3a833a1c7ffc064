"""Every page and dialog of the built package, with a training of two stages to look at."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from installed import ROOT, WINDOWS, Installed, until, virtual_screen
from PIL import Image, ImageChops, ImageGrab

# the training that all look at takes minutes on a machine with other work
pytestmark = [pytest.mark.package, pytest.mark.timeout(900)]

SAMPLE = ROOT / "resources" / "samples" / "otter.jpg"
SCREENSHOT = ROOT / "build" / "package-training.png"
# as chart.py paints curves on a light and on a dark background
CURVES = ((0x17, 0x70, 0x8A), (0x56, 0xB6, 0xD0))


def window_section(printed: str) -> dict[str, str]:
    entries = map(json.loads, printed.splitlines())
    return next(entry["values"] for entry in entries if entry["section"] == "Window")


@pytest.fixture(scope="module")
def photos(installed: Installed) -> Path:
    """A folder of photos to train on."""
    folder = installed.home / "photos to train on"
    folder.mkdir()
    with Image.open(SAMPLE) as image:
        for number in range(6):
            image.crop((50 * number, 20, 50 * number + 160, 180)).save(folder / f"{number}.png")
    installed.hand_over(folder, *folder.iterdir())
    return folder


@pytest.fixture(scope="module")
def runs(installed: Installed) -> Path:
    """Where the Train page looks for trainings."""
    said = installed.gives("doctor", "--json")
    folders = next(
        entry["values"]
        for entry in map(json.loads, said.splitlines())
        if entry["section"] == "Folders"
    )
    models = folders["models"].split("  (")[0]
    return Path(models).parent / "runs"


@pytest.fixture(scope="module")
def trained(installed: Installed, photos: Path, runs: Path) -> Path:
    """A training that was stopped, taken up again and ended, and its adversarial second stage."""
    run = runs / "otters"
    setting = ("--data", photos, "--threads", "2")
    begun = ["train", "run", "--preset", "tiny", *setting, "--out", run, "--steps", "400"]
    if WINDOWS:
        installed.gives(*begun)
    else:
        stop_and_resume(installed, begun, run)
    size = ["batch=2", "generator.blocks=2", "generator.channels=16", "data.crop=64"]
    options = [part for setting in size for part in ("--set", setting)]
    second = ["--preset", "srgan-quick", *setting, "--out", runs / "otters-2", "--steps", "4"]
    installed.gives("train", "run", *second, *options)
    return run


def stop_and_resume(installed: Installed, begun: list[Any], run: Path) -> None:
    """As a person does with Ctrl+C."""
    process = subprocess.Popen(
        installed.command(*begun),
        env=installed.environment,
        cwd=installed.home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until(lambda: has_stepped(run) or process.poll() is not None, "a first step")
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(120) == 130
    assert not (run / "model.safetensors").exists()
    installed.gives("train", "resume", run)
    assert (run / "model.safetensors").exists()


def has_stepped(run: Path) -> bool:
    events = run / "events.jsonl"
    return events.exists() and '"event": "step"' in events.read_text(encoding="utf-8")


def test_every_page_and_dialog_opens(installed: Installed, trained: Path) -> None:
    done = installed.run("doctor", "--window", "--json", SRGAN_DESKTOP_LANGUAGE="en")
    lines = window_section(done.stdout)
    assert [line for line in lines.items() if line[1] != "opens"] == []
    for part in ("Upscale", "Batch", "Models", "Train", "settings", "rating", "comparison"):
        assert part in lines
    assert any(line.startswith("Train: ") for line in lines)
    assert done.returncode == 0, done.stderr


def test_they_open_in_chinese(installed: Installed, trained: Path) -> None:
    lines = window_section(
        installed.gives("doctor", "--window", "--json", SRGAN_DESKTOP_LANGUAGE="zh_CN")
    )
    assert "训练" in lines
    assert set(lines.values()) == {"opens"}


@pytest.mark.skipif(sys.platform != "linux", reason="needs a virtual screen of X11")
def test_a_training_that_runs_shows_its_curves(
    installed: Installed, photos: Path, runs: Path, trained: Path
) -> None:
    """On a screen, while the trainer works: the view of the newest training, with curves."""
    SCREENSHOT.unlink(missing_ok=True)
    run = runs / "now"
    begun = ["train", "run", "--preset", "tiny", "--data", photos, "--out", run]
    trainer = subprocess.Popen(
        installed.command(*begun, "--steps", "1000000", "--threads", "1"),
        env=installed.environment,
        cwd=installed.home,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: has_stepped(run), "a first step")
        time.sleep(5)
        with virtual_screen() as display:
            watched = subprocess.Popen(
                installed.command("doctor", "--window", "--json"),
                cwd=installed.home,
                env=installed.environment | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            until(lambda: shows_curves(display) or watched.poll() is not None, "curves")
            printed, _ = watched.communicate(timeout=120)
            assert SCREENSHOT.exists(), "no page showed curves"
        assert set(window_section(printed).values()) == {"opens"}
    finally:
        os.killpg(trainer.pid, signal.SIGINT)
        trainer.wait(120)


def shows_curves(display: str) -> bool:
    """Whether a line of a curve's colour goes up and down across the screen; keeps that picture.

    Buttons and bars have the colour too, but are narrow, or as high at every place.
    """
    grabbed = ImageGrab.grab(xdisplay=display).convert("RGB")
    pixels = np.asarray(grabbed)
    coloured = np.zeros(pixels.shape[:2], bool)
    for colour in CURVES:
        coloured |= (pixels == colour).all(axis=2)
    columns = coloured.any(axis=0)
    heights = coloured[:, columns].argmax(axis=0)
    if columns.sum() < 250 or len(np.unique(heights)) < 40:
        return False
    SCREENSHOT.parent.mkdir(exist_ok=True)
    grabbed.save(SCREENSHOT)
    return True


def makers() -> dict[str, tuple[Callable[[], Any], int]]:
    """Networks of others by name: how a small one is made, and its scale."""
    sys.path.append(str(ROOT / "packaging" / "stand_ins"))
    from spandrel.architectures.Compact import Compact
    from spandrel.architectures.ESRGAN import ESRGAN
    from spandrel.architectures.SPAN import SPAN
    from spandrel.architectures.SwinIR import SwinIR

    swin = {
        "img_size": 16,
        "depths": [2],
        "num_heads": [2],
        "embed_dim": 12,
        "window_size": 8,
        "mlp_ratio": 2,
        "upscale": 2,
        "upsampler": "pixelshuffledirect",
    }
    return {
        "rrdb": (lambda: ESRGAN(num_filters=8, num_blocks=1, scale=4), 4),
        "compact": (lambda: Compact(num_feat=8, num_conv=2, upscale=4), 4),
        "span": (lambda: SPAN(num_in_ch=3, num_out_ch=3, upscale=2), 2),
        "swinir": (lambda: SwinIR(**swin), 2),
    }


@pytest.mark.parametrize("name", ["rrdb", "compact", "span", "swinir"])
@pytest.mark.filterwarnings("ignore:torch.meshgrid")  # of SwinIR's own code
def test_it_takes_models_of_other_programs(installed: Installed, photos: Path, name: str) -> None:
    import torch

    make, scale = makers()[name]
    torch.manual_seed(0)
    file = installed.home / f"{name}.pth"
    torch.save(make().state_dict(), file)
    installed.hand_over(file)
    installed.gives("models", "add", file, "--name", f"their-{name}")
    out = installed.home / f"by-{name}.png"
    installed.gives("upscale", photos / "0.png", "-o", out, "--model", f"their-{name}")
    with Image.open(out) as image:
        assert image.size == (160 * scale, 160 * scale)
    sheet = installed.home / f"sheet-{name}.png"
    installed.gives("compare", photos / "0.png", "--models", f"bicubic,their-{name}", "-o", sheet)
    assert sheet.exists()
    installed.gives("models", "remove", f"their-{name}")


def test_a_model_of_ones_own_is_used(installed: Installed, photos: Path, trained: Path) -> None:
    installed.gives("models", "add", trained / "model.safetensors", "--name", "otters")
    pictures = []
    for model in ("otters", "bicubic"):
        sheet = installed.home / f"own-{model}.png"
        installed.gives("compare", photos / "1.png", "--models", model, "-o", sheet)
        pictures.append(Image.open(sheet).convert("RGB"))
    assert ImageChops.difference(*pictures).getbbox() is not None
    installed.gives("models", "remove", "otters")


def test_a_watched_folder_is_enlarged(installed: Installed, photos: Path) -> None:
    out = installed.home / "watched"
    said = installed.gives("watch", photos, "-o", out, "--once", "--json")
    assert json.loads(said.splitlines()[-1])["done"] == 6
    assert len(list(out.iterdir())) == 6


def test_tensorboard_is_asked_for_by_name(installed: Installed, photos: Path) -> None:
    options = ["--preset", "tiny", "--data", photos, "--out", installed.home / "board"]
    done = installed.run("train", "run", *options, "--steps", "1", "--tensorboard")
    assert done.returncode == 2
    assert "TensorBoard files want the package tensorboard" in done.stderr
