"""The build's own rules, without a build."""

from __future__ import annotations

import configparser
import email
import importlib.metadata
import json
import os
import re
import subprocess
import tarfile
import tomllib
from pathlib import Path, PurePosixPath

import archive
import build
import contents
import deb
import licences
import plist
import pytest
import version_resource
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "target",
    [
        "torch/lib/libtorch_cpu.so",
        "openvino/libs/libopenvino_intel_cpu_plugin.so",
        "openvino/libs/libopenvino_onnx_frontend.so.2641",
        "openvino/libs/libopenvino_ir_frontend.so.2641",
        "PySide6/Qt/lib/libQt6Widgets.so.6",
        "PySide6/QtWidgets.abi3.so",
        "PySide6/QtOpenGLWidgets.abi3.so",
        "PySide6/Qt/lib/libQt6OpenGLWidgets.so.6",
        "PySide6/Qt/lib/libQt6OpenGL.so.6",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6\\plugins\\platforms\\qwindows.dll",
        "libQt6Core.so.6",
        "libxcb-cursor.so.0",
        "pillow.libs/libXau-154567c4.so.6.0.0",
        "pillow.libs/libjpeg-6dc8d115.so.62.4.0",
        "pi_heif.libs/libheif-7a3e919c.so.1.23.0",
        "torch-2.13.0+cpu.dist-info/METADATA",
        "srgan_desktop/resources/icons/open.svg",
    ],
)
def test_what_is_used_stays(target: str) -> None:
    assert contents.keep(target)


@pytest.mark.parametrize(
    "target",
    [
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "libQt6Quick.so.6",
        "PySide6/Qt6Quick.dll",
        "PySide6/QtQml.abi3.so",
        "PySide6/QtOpenGL.abi3.so",
        "numpy/_core/_simd.cpython-311-x86_64-linux-gnu.so",
        "PySide6/Qt/translations/qt_de.qm",
        "PySide6/Qt/plugins/imageformats/libqtiff.so",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/plugins/platforms/libqvnc.so",
        "PySide6/Qt/plugins/sqldrivers/libqsqlite.so",
        "openvino/libs/libopenvino_intel_gpu_plugin.so",
        "openvino/libs/libopenvino_tensorflow_frontend.so.2641",
        "openvino/libs/cache.json",
        "libXau.so.6",
        "libjpeg.so.62",
        "torch/include/ATen/ATen.h",
        "torch/test/cpu_rng_test",
        "torchvision/transforms/functional.py",
        "torch-2.13.0+cpu.dist-info/RECORD",
        "libgtk-3.so.0",
        "libX11.so.6",
        "python3.11/lib-dynload/readline.cpython-311-x86_64-linux-gnu.so",
    ],
)
def test_what_is_not_used_goes(target: str) -> None:
    assert not contents.keep(target)


def test_nothing_that_must_be_there_is_dropped() -> None:
    for name in contents.MUST_ON_LINUX:
        assert contents.keep(name.removeprefix("_internal/").replace("*", "x")), name


def test_what_is_dropped_must_not_be_there() -> None:
    assert contents.matches("openvino/libs/libopenvino_intel_npu_plugin.so", contents.MUST_NOT)
    assert not contents.matches("torch/lib/libtorch_cpu.so", contents.MUST_NOT)


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("0.1.0", (0, 1, 0, 0)),
        ("1.2.3.4", (1, 2, 3, 4)),
        ("1.10.0rc2", (1, 10, 0, 0)),
        ("2.0.dev7", (2, 0, 7, 0)),
    ],
)
def test_windows_gets_four_numbers(version: str, numbers: tuple[int, ...]) -> None:
    assert version_resource.numbers(version) == numbers
    assert f'"{version}"' in version_resource.text(version)


DESKTOP_ID = "io.github.srgan_desktop.SrganDesktop"
ENTRY = ROOT / "resources" / "desktop" / f"{DESKTOP_ID}.desktop"


def test_windows_opens_what_linux_opens() -> None:
    script = (ROOT / "packaging" / "windows" / "installer.iss").read_text(encoding="utf-8")
    suffixes = re.findall(r"Classes\\(\.\w+)\\OpenWithProgids", script)
    (line,) = [line for line in ENTRY.read_text().splitlines() if line.startswith("MimeType=")]
    kinds = {kind.split("/")[1] for kind in line.split("=")[1].strip(";").split(";")}
    other_names = {"jpg": "jpeg", "tif": "tiff"}
    assert {other_names.get(s[1:], s[1:]) for s in suffixes} == kinds


def test_whatever_is_offered_with_open_with_can_be_read() -> None:
    from srgan_desktop.core.images.io import FORMATS, available

    script = (ROOT / "packaging" / "windows" / "installer.iss").read_text(encoding="utf-8")
    known = {end for name, entry in FORMATS.items() if available(name) for end in entry.extensions}
    assert set(re.findall(r"Classes\\(\.\w+)\\OpenWithProgids", script)) <= known


def test_actions_of_the_menu_entry_open_pages_that_there_are() -> None:
    from srgan_desktop.cli.window import PAGES

    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(ENTRY, encoding="utf-8")
    actions = entry["Desktop Entry"]["Actions"].strip(";").split(";")
    assert {f"Desktop Action {name}" for name in actions} == set(entry.sections()[1:])
    for name in actions:
        assert entry[f"Desktop Action {name}"]["Exec"] == f"srgan-desktop --page {name}"
        assert entry[f"Desktop Action {name}"]["Name[zh_CN]"]
    assert set(actions) < set(PAGES)


def test_the_flatpak_takes_what_the_build_leaves() -> None:
    import yaml  # not where the package is tried

    manifest = yaml.safe_load((ROOT / "packaging" / "linux" / f"{DESKTOP_ID}.yml").read_text())
    assert manifest["id"] == DESKTOP_ID
    (module,) = manifest["modules"]
    (source,) = module["sources"]
    folder = (ROOT / "packaging" / "linux" / source["path"]).resolve()
    assert folder == build.FOLDER
    for end in ("desktop", "metainfo.xml", "svg", "png"):
        assert f"{source['dest']}/${{FLATPAK_ID}}.{end}" in " ".join(module["build-commands"])


def test_an_appimage_starts_the_folder_in_it(small_folder: Path, tmp_path: Path) -> None:
    (small_folder / f"{DESKTOP_ID}.svg").write_text("<svg/>")
    app = tmp_path / "App Dir"
    environment = os.environ | {"APPDIR_ONLY": "1", "APPDIR": str(app)}
    script = ROOT / "packaging" / "linux" / "appimage.sh"
    subprocess.run([script, small_folder], env=environment, check=True)
    assert subprocess.check_output([app / "AppRun"], text=True) == "started\n"
    assert (app / f"{DESKTOP_ID}.desktop").exists()
    assert (app / ".DirIcon").resolve() == app / f"{DESKTOP_ID}.svg"


def test_macos_opens_what_linux_opens() -> None:
    (line,) = [line for line in ENTRY.read_text().splitlines() if line.startswith("MimeType=")]
    kinds = {kind.split("/")[1] for kind in line.split("=")[1].strip(";").split(";")}
    types = " ".join(t for names in plist.DOCUMENTS.values() for t in names)
    same = {"jp2": "jpeg-2000", "jxl": "jpeg-xl"}
    assert all(same.get(kind, kind) in types for kind in kinds)


class Bare:
    """An installed distribution without any text of a licence."""

    files = None
    version = "1.0"
    metadata = importlib.metadata.metadata("pytest")


def test_a_component_without_licence_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no licence text"):
        licences._distribution(Bare(), "strange", tmp_path / "strange")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    [
        "pillow_heif.libs/libx265-4883ecb5.so.217",
        "libx265.dll",
        "pillow_jxl/pillow_jxl.abi3.so",
        "_pillow_heif.cpython-311-x86_64-linux-gnu.so",
        "libreadline.so.8",
        "libgdbm.so.6",
    ],
)
def test_libraries_under_the_gpl_must_not_be_there(name: str) -> None:
    assert contents.matches(name, contents.MUST_NOT)


def test_the_decoder_may_be_there() -> None:
    assert not contents.matches("pi_heif.libs/libheif-7a3e919c.so.1.23.0", contents.MUST_NOT)
    assert not contents.matches("pi_heif.libs/libde265-90fb0ce1.so.0.2.0", contents.MUST_NOT)


@pytest.mark.parametrize(
    "licence",
    [
        "GPL-3.0-or-later",
        "GPLv2",
        "GNU General Public License v2 or later (GPLv2+)",
        "AGPL-3.0-only",
        "GPL-2.0-only OR GPL-3.0-only",
    ],
)
def test_what_is_under_the_gpl_is_known(licence: str) -> None:
    assert licences.needs_the_gpl(licence)


@pytest.mark.parametrize(
    "licence",
    [
        "MIT",
        "LGPL-3.0-or-later",
        "GNU Lesser General Public License v3 (LGPLv3)",
        "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
        "GPL-3.0-or-later WITH GCC-exception-3.1",
    ],
)
def test_what_leaves_another_way_than_the_gpl_is_known(licence: str) -> None:
    assert not licences.needs_the_gpl(licence)


class Wheel:
    """An installed distribution that says it is under ``said`` and lists what it carries."""

    version = "1.0"

    def __init__(self, folder: Path, said: str, carried: str) -> None:
        self._folder = folder
        self.metadata = email.message_from_string(f"Name: strange\nLicense-Expression: {said}\n")
        self.files = [PurePosixPath("strange-1.0.dist-info/licenses/LICENSES_bundled.txt")]
        text = folder / self.files[0]
        text.parent.mkdir(parents=True)
        text.write_text(f"Name: libstrange\nLicense: {carried}\n")

    def locate_file(self, file: PurePosixPath) -> Path:
        return self._folder / file


@pytest.mark.parametrize(("said", "carried"), [("GPL-3.0-only", "MIT"), ("MIT", "GPLv2")])
def test_a_component_under_the_gpl_stops_the_build(tmp_path: Path, said: str, carried: str) -> None:
    wheel = Wheel(tmp_path / "site", said, carried)
    with pytest.raises(SystemExit, match="strange carries something under the GPL"):
        licences._distribution(wheel, "strange", tmp_path / "strange")  # type: ignore[arg-type]


def test_a_component_under_the_lgpl_does_not(tmp_path: Path) -> None:
    wheel = Wheel(tmp_path / "site", "BSD-3-Clause", "LGPLv3")
    found = licences._distribution(wheel, "strange", tmp_path / "strange")  # type: ignore[arg-type]
    assert found.licence == "BSD-3-Clause"


def test_nothing_under_the_gpl_is_asked_for() -> None:
    pins = (ROOT / "constraints-package.txt").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = pins + "\n".join(project["dependencies"])
    assert "pi-heif" in wanted
    assert not re.search("pillow-heif|pillow-jxl", wanted)


def test_licences_are_collected(tmp_path: Path) -> None:
    found = importlib.metadata.distribution("pytest")
    component = licences._distribution(found, "pytest", tmp_path / "pytest")
    assert component.licence == "MIT"
    assert (tmp_path / "pytest" / "LICENSE").is_file()


def test_the_menu_entry_starts_this_very_folder(tmp_path: Path) -> None:
    folder, data = tmp_path / 'my "programs" $5 100%', tmp_path / "share"
    folder.mkdir()
    for source in (
        ENTRY,
        ROOT / "packaging" / "linux" / "add-to-menu.sh",
    ):
        (folder / source.name).write_bytes(source.read_bytes())
    (folder / f"{DESKTOP_ID}.svg").write_text("<svg/>")
    script = ["sh", str(folder / "add-to-menu.sh")]
    environment = {"XDG_DATA_HOME": str(data), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    subprocess.run(script, env=environment, check=True)
    entry = data / "applications" / f"{DESKTOP_ID}.desktop"
    line, *actions = [x for x in entry.read_text().splitlines() if x.startswith("Exec=")]
    quoted = str(folder).replace('"', r"\\" + '"').replace("$", r"\\$").replace("%", "%%")
    assert line == f'Exec="{quoted}/srgan-desktop" %F'
    assert actions[0] == f'Exec="{quoted}/srgan-desktop" --page batch'
    subprocess.run([*script, "--remove"], env=environment, check=True)
    assert not entry.exists()


def test_the_sources_of_libraries_are_told_as_json(tmp_path: Path) -> None:
    listed = tmp_path / "sources.json"
    listed.write_text(json.dumps({"torch/lib/libc10.so": "/venv/torch/lib/libc10.so"}))
    assert licences._system_libraries(json.loads(listed.read_text()), tmp_path / "system") == []


@pytest.fixture
def small_folder(tmp_path: Path) -> Path:
    """A folder laid out as a built one."""
    folder = tmp_path / "srgan-desktop"
    (folder / "_internal").mkdir(parents=True)
    (folder / "licences").mkdir()
    (folder / "licences" / "THIRD-PARTY.txt").write_text("all")
    (folder / "_internal" / "libx.so.1").write_bytes(b"\x7fELF")
    (folder / "_internal" / "libx.so").symlink_to("libx.so.1")
    (folder / "srgan-desktop").write_text("#!/bin/sh\necho started\n")
    (folder / "srgan-desktop").chmod(0o755)
    for name in ("add-to-menu.sh", f"{deb.ID}.desktop", f"{deb.ID}.metainfo.xml"):
        (folder / name).write_text("")
    return folder


def test_an_archive_gives_back_what_went_in(small_folder: Path, tmp_path: Path) -> None:
    packed = archive.tar_folder(small_folder, "srgan-desktop-1.0")
    with tarfile.open(packed) as tar:
        assert {entry.uname for entry in tar} == {"root"}
        tar.extractall(tmp_path / "out", filter="data")
    out = tmp_path / "out" / "srgan-desktop-1.0"
    assert (out / "_internal" / "libx.so").is_symlink()
    assert (out / "_internal" / "libx.so").read_bytes() == b"\x7fELF"
    assert (out / "srgan-desktop").stat().st_mode & 0o111


def test_without_the_program_xz_the_archive_is_the_same(
    small_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive.shutil, "which", lambda _: None)
    with tarfile.open(archive.tar_folder(small_folder, "slow")) as tar:
        assert "slow/srgan-desktop" in tar.getnames()


def test_a_debian_package_is_laid_out_as_debian_wants(
    small_folder: Path, tmp_path: Path, qapp: object
) -> None:
    tree = tmp_path / "tree"
    deb.fill(tree, small_folder)
    deb.write_control(tree, "1.2.3", "amd64", 4)
    assert subprocess.check_output([tree / "usr/bin/srgan-desktop"], text=True) == "started\n"
    entry = (tree / f"usr/share/applications/{deb.ID}.desktop").read_text()
    assert "Exec=srgan-desktop %F" in entry
    assert "MimeType=image/jpeg" in entry
    icon = tree / f"usr/share/icons/hicolor/256x256/apps/{deb.ID}.png"
    with Image.open(icon) as image:
        assert image.size == (256, 256)
        assert len(image.convert("RGB").getcolors(65536) or []) > 10
    control = (tree / "DEBIAN" / "control").read_text()
    assert "\nVersion: 1.2.3\n" in control
    assert "libc6 (>= " in control
    assert (tree / "usr/share/doc/srgan-desktop/licences").resolve().is_dir()
