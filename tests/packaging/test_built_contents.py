"""What is in the package, what is not, and what it weighs."""

from __future__ import annotations

import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
from installed import BUILT, ROOT

pytestmark = pytest.mark.package

# the largest parts are torch's one library (345 MB) and OpenVINO's plug-in (64 MB); shipped models
# come on top
DISK_LIMIT_BYTES = 730e6
PACKED_LIMIT_BYTES = 190e6


@pytest.fixture(scope="module")
def files() -> list[Path]:
    return sorted(p for p in BUILT.rglob("*") if p.is_file())


@pytest.fixture(scope="module")
def licence_folder(files: list[Path]) -> Path:
    """Beside the program, and inside the application on macOS."""
    return next(path for path in files if path.name == "THIRD-PARTY.txt").parent


@pytest.fixture(scope="module")
def names(files: list[Path]) -> list[str]:
    return [path.relative_to(BUILT).as_posix() for path in files]


def test_all_that_must_be_there_is(names: list[str]) -> None:
    import contents

    wanted = contents.MUST + (contents.MUST_ON_LINUX if sys.platform == "linux" else ())
    missing = [p for p in wanted if not any(fnmatch(name, p) for name in names)]
    assert missing == []


def test_nothing_is_there_that_must_not(names: list[str]) -> None:
    import contents

    inside = [name.removeprefix("_internal/") for name in names]
    unwanted = [
        name
        for name, short in zip(names, inside, strict=True)
        if contents.matches(short, contents.MUST_NOT)
        and not contents.matches(name, contents.ALLOWED)
        and "licences/" not in name
    ]
    assert unwanted == []


def test_no_library_is_there_twice(files: list[Path]) -> None:
    import hashlib

    large = [p for p in files if not p.is_symlink() and p.stat().st_size > 200_000]
    sums: dict[str, list[str]] = {}
    for path in large:
        key = hashlib.sha256(path.read_bytes()).hexdigest()
        sums.setdefault(key, []).append(path.relative_to(BUILT).as_posix())
    assert [paths for paths in sums.values() if len(paths) > 1] == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads ELF files")
def test_what_it_asks_of_the_system_is_known(files: list[Path]) -> None:
    """Else it starts where it was built and not on a system that has less."""
    import contents
    import finish

    programs = [str(path) for path in finish.binaries(BUILT)]
    said = subprocess.run(
        ["readelf", "--dynamic", *programs], capture_output=True, text=True, check=True
    ).stdout
    needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", said))
    assert len(needed) > 50
    known = (contents.FROM_THE_SYSTEM | contents.FROM_WAYLAND).values()
    unknown = needed - {path.name for path in files}
    assert sorted(n for n in unknown if not contents.matches(n, sum(known, ()))) == []


def test_every_component_has_its_licence(names: list[str], licence_folder: Path) -> None:
    told = (licence_folder / "THIRD-PARTY.txt").read_text(encoding="utf-8")
    for component in (
        "Python",
        "torch",
        "PySide6_Essentials",
        "openvino",
        "pi_heif",
        "numpy",
        "spandrel",
        "pyqtgraph",
    ):
        assert f"\n{component} " in told
    for folder in licence_folder.iterdir():
        assert folder.is_file() or any(p.is_file() for p in folder.rglob("*")), folder
    assert any("pyside6-essentials/LGPL" in name for name in names)


def test_nothing_is_under_the_gpl(licence_folder: Path) -> None:
    import licences

    told = (licence_folder / "THIRD-PARTY.txt").read_text(encoding="utf-8")
    found = re.findall(r"^(\S+) .*\n    (.+)\n", told, re.MULTILINE)
    assert len(found) > 20
    # PyInstaller's starter has an exception, which its metadata leave out
    gpl = [name for name, licence in found if licences.needs_the_gpl(licence)]
    assert gpl == ["pyinstaller"]


@pytest.mark.skipif(sys.platform != "linux", reason="the goal was set for Linux")
def test_it_stays_small(files: list[Path], told: list[str]) -> None:
    sizes = {p: p.stat().st_size for p in files if not p.is_symlink()}
    size = sum(sizes.values())
    models = sum(n for p, n in sizes.items() if p.parent.name == "models")
    packed = list((ROOT / "dist").glob("*-cpu.tar.xz"))
    told.append(f"on disk: {size / 1e6:.0f} MB")
    told.extend(f"packed: {p.stat().st_size / 1e6:.0f} MB" for p in packed)
    assert size - models < DISK_LIMIT_BYTES
    assert all(p.stat().st_size < PACKED_LIMIT_BYTES for p in packed)


def test_archives_have_their_checksums() -> None:
    import hashlib

    for path in (ROOT / "dist").glob("srgan-desktop*"):
        if path.is_dir() or path.suffix == ".sha256":
            continue
        said, name = Path(f"{path}.sha256").read_text(encoding="utf-8").split()
        assert name == path.name
        with path.open("rb") as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == said
