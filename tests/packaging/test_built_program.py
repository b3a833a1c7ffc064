"""The command line of the built package."""

from __future__ import annotations

import json
import locale
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from installed import ROOT, WINDOWS, Installed, source_command
from PIL import Image, ImageChops

pytestmark = pytest.mark.package

SAMPLE = ROOT / "resources" / "samples" / "otter.jpg"
PHONE = ROOT / "tests" / "golden" / "pictures" / "otter.heic"
VERSION_CPU_S = 0.3


@pytest.fixture(scope="module")
def photo(installed: Installed) -> Path:
    """The sample, where nobody may read it."""
    target = installed.home / "Otter im Wasser 水獺.jpg"
    shutil.copyfile(SAMPLE, target)
    return target


@pytest.fixture(scope="module")
def small(installed: Installed) -> Path:
    """A folder with a few small pictures."""
    folder = installed.home / "small"
    folder.mkdir()
    with Image.open(SAMPLE) as image:
        for number in range(3):
            image.crop((40 * number, 20, 40 * number + 128, 132)).save(folder / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def phone(installed: Installed) -> Path:
    """A HEIC file as a phone leaves it."""
    return Path(shutil.copy(PHONE, installed.home / "IMG_0001.HEIC"))


@pytest.fixture(scope="module", autouse=True)
def _writable(installed: Installed, photo: Path, small: Path, phone: Path) -> Iterator[None]:
    installed.hand_over(photo, phone, small, *small.iterdir())
    yield


def seconds_of_children() -> float:
    """Of the processor, so that a busy machine does not matter; by the clock on Windows."""
    if WINDOWS:
        return time.monotonic()
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_it_tells_its_version_at_once(installed: Installed, told: list[str]) -> None:
    from srgan_desktop import __version__

    assert installed.gives("--version").strip() == f"srgan-desktop {__version__}"
    before = seconds_of_children()
    for _ in range(5):
        installed.gives("--version")
    spent = (seconds_of_children() - before) / 5
    told.append(f"--version: {spent:.2f} s of the processor")
    assert spent < VERSION_CPU_S


def test_doctor_finds_everything(installed: Installed) -> None:
    lines = installed.gives("doctor", "--json").splitlines()
    sections = {entry["section"]: entry["values"] for entry in map(json.loads, lines)}
    assert all("failed" not in values for values in sections.values()), sections
    assert "(packaged)" in sections["Program"]["srgan-desktop"]
    assert "openvino" in sections["Devices"]["cpu"]
    assert "srresnet-x4" in sections["Models"]
    for label in ("AVIF", "JPEG 2000", "JPEG XL", "TIFF"):
        assert sections["Formats"][label] == "read and write"
    # what writes HEIC is under the GPL
    assert sections["Formats"]["HEIC"] == "read only"
    assert str(installed.folder) in sections["Folders"]["resources"]


def test_it_gives_the_pixels_of_the_source(
    installed: Installed, photo: Path, tmp_path: Path
) -> None:
    ours, kept = installed.home / "packaged.png", installed.home / "kept"
    call = ["upscale", photo, "--threads", "2", "-o"]
    installed.gives(*call, ours, SRGAN_DESKTOP_HOME=str(kept))
    # the same way of computing: what was measured is remembered in the cache
    shutil.copytree(kept, tmp_path / "kept")
    theirs = tmp_path / "source.png"
    subprocess.run(
        source_command(*call, theirs),
        # the same environment too: OpenBLAS's variables change the last bits
        env=installed.environment
        | {"SRGAN_DESKTOP_HOME": str(tmp_path / "kept"), "PYTHONPATH": str(ROOT)},
        check=True,
    )
    with Image.open(ours) as packaged, Image.open(theirs) as source:
        assert packaged.size == (1920, 1080)
        assert (
            ImageChops.difference(packaged.convert("RGB"), source.convert("RGB")).getbbox() is None
        )


@pytest.mark.parametrize("kind", ["avif", "jpeg2000", "jxl", "tiff", "webp", "jpeg"])
def test_it_writes_and_reads_every_format(installed: Installed, small: Path, kind: str) -> None:
    out = installed.home / f"as-{kind}"
    installed.gives("upscale", small / "0.png", "-o", out, "--format", kind, "--scale", "2")
    (written,) = out.iterdir()
    again = installed.home / f"again-{kind}.png"
    installed.gives("upscale", written, "-o", again, "--scale", "2")
    with Image.open(again) as image:
        assert image.size == (512, 448)


def test_it_enlarges_the_photo_of_a_phone(installed: Installed, phone: Path) -> None:
    out = installed.home / "from-phone"
    installed.gives("upscale", phone, "-o", f"{out}/")
    (written,) = out.iterdir()
    assert written.suffix == ".png"  # the nearest that keeps every pixel
    with Image.open(written) as image:
        assert image.size == (1280, 720)
        assert b"Cameramaker" in image.info["exif"]
        assert image.info["icc_profile"]


def test_what_it_cannot_write_it_says(installed: Installed, small: Path) -> None:
    done = installed.run("upscale", small / "0.png", "-o", installed.home / "no.heic", "--json")
    assert done.returncode == 1
    failed = [event for event in map(json.loads, done.stdout.splitlines()) if "kind" in event]
    assert [event["kind"] for event in failed] == ["format_limit"]
    assert "this build of the program does not write" in failed[0]["error"]


def test_it_computes_in_8_bits(installed: Installed, small: Path) -> None:
    """Where OpenVINO does on this processor; else the window and the command line offer none."""
    lines = installed.gives("doctor", "--json").splitlines()
    sections = {entry["section"]: entry["values"] for entry in map(json.loads, lines)}
    out = installed.home / "int8.png"
    done = installed.run("upscale", small / "0.png", "-o", out, "--precision", "int8")
    assert (done.returncode == 0) == ("int8" in sections["Devices"]["cpu"]), done.stderr
    assert out.exists() == (done.returncode == 0)


def test_it_goes_from_smooth_to_detailed(installed: Installed, small: Path) -> None:
    pictures = []
    for detail in ("0", "100"):
        out = installed.home / f"detail-{detail}.png"
        options = ["--model", "srgan-x4", "--detail", detail]
        installed.gives("upscale", small / "0.png", "-o", out, *options)
        pictures.append(Image.open(out).convert("RGB"))
    assert pictures[0].size == pictures[1].size == (512, 448)
    assert ImageChops.difference(*pictures).getbbox() is not None


def test_it_compares(installed: Installed, phone: Path) -> None:
    sheet = installed.home / "sheet.png"
    installed.gives("compare", phone, "--models", "bicubic,srresnet-x4,srgan-x4", "-o", sheet)
    with Image.open(sheet) as image:
        assert image.width > 3 * 256


def test_it_enlarges_folders(installed: Installed, small: Path) -> None:
    out = installed.home / "batch"
    said = installed.gives("upscale", small, "-o", out, "--json")
    last = json.loads(said.splitlines()[-1])
    assert (last["event"], last["done"], last["failed"]) == ("finished", 3, 0)
    assert len(list(out.iterdir())) == 3


def test_it_works_without_a_console(installed: Installed, small: Path) -> None:
    out = installed.home / "silent.png"
    done = installed.run_without_console("upscale", small / "1.png", "-o", out)
    assert done.returncode == 0
    assert out.exists()
    refused = installed.run_without_console("upscale", small / "missing.png")
    assert refused.returncode == 2  # as with a console: the call names a file that is not there


def test_it_trains(installed: Installed, small: Path) -> None:
    run = installed.home / "run"
    options = ["--preset", "tiny", "--data", small, "--out", run, "--steps", "20", "--json"]
    said = installed.gives("train", "run", *options)
    events = [json.loads(line) for line in said.splitlines()]
    assert events[-1]["event"] == "finished"
    model = run / "model.safetensors"
    out = installed.home / "by-own-model.png"
    installed.gives("upscale", small / "2.png", "-o", out, "--model", model)
    assert out.exists()


def test_it_trains_against_a_discriminator(installed: Installed, small: Path) -> None:
    run = installed.home / "gan"
    network = ["generator.blocks=1", "generator.channels=8", "batch=1", "data.crop=48"]
    network += ["discriminator.kind=srgan", "loss.jitter=0"]  # of VGG nothing is at hand
    options = [part for setting in network for part in ("--set", setting)]
    steps = ["--data", small, "--out", run, "--steps", "2", "--set", "content.weight=0"]
    done = installed.run("train", "run", "--preset", "srgan-x4", *options, *steps)
    assert done.returncode == 0, done.stderr


def test_it_trains_with_the_discriminators_own_features(installed: Installed, small: Path) -> None:
    """A preset as it is, but for the size; nothing of VGG19 is needed."""
    run = installed.home / "own-features"
    size = ["batch=2", "generator.blocks=2", "generator.channels=16", "data.crop=64"]
    options = [part for setting in size for part in ("--set", setting)]
    given = ["--preset", "srgan-quick", "--data", small, "--out", run, "--steps", "20", "--json"]
    said = installed.gives("train", "run", *given, *options)
    assert json.loads(said.splitlines()[-1])["event"] == "finished"
    assert (run / "model.safetensors").exists()


def test_it_exports(installed: Installed) -> None:
    target = installed.home / "model.onnx"
    installed.gives("export", "srresnet-x4", target)
    assert target.stat().st_size > 1_000_000


def test_it_speaks_chinese(installed: Installed) -> None:
    # what is left of it in a pipe of the system's own encoding, as "gives" reads it
    there = "放大".encode(locale.getpreferredencoding(False), "backslashreplace")
    wanted = there.decode("utf-8", "backslashreplace")
    assert wanted in installed.gives("--help", SRGAN_DESKTOP_LANGUAGE="zh_CN")


def test_its_own_folder_stays_as_it_was(installed: Installed, untouched: dict[str, object]) -> None:
    installed.gives("models")
    assert installed.state() == untouched
