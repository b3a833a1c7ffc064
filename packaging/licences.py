"""The licences of everything that the package carries, collected from what is installed."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TEXTS = Path(__file__).resolve().parent / "texts"
_NAMES = ("licen", "copying", "notice", "authors", "third-party", "third_party")
# in the packaging environment, but nothing of them is in the package
_TOOLS = {
    "altgraph",
    "filelock",
    "fsspec",
    "iniconfig",
    "jinja2",
    "macholib",
    "markupsafe",
    "networkx",
    "packaging",
    "pefile",
    "pip",
    "pluggy",
    "pycparser",
    "pygments",
    "pyinstaller-hooks-contrib",
    "pytest",
    "pytest-timeout",
    "pywin32-ctypes",
    "setuptools",
    "torchvision",
    "wheel",
}
# whose packages name a licence but do not carry its text
_TEXTS = {
    "pyside6-essentials": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "pyvips-binary": ("LGPL-2.1.txt",),
    "spandrel": ("spandrel.txt", "Apache-2.0.txt"),
    # libjxl and what is built into it
    "opencodecs": ("libjxl.txt",),
    # libheif and libde265 in it
    "pi-heif": ("LGPL-3.0.txt", "GPL-3.0.txt"),
}
_SOURCES = {
    "pyside6-essentials": "https://download.qt.io/official_releases/QtForPython/",
    "shiboken6": "https://download.qt.io/official_releases/QtForPython/",
    "pyvips-binary": "https://github.com/kleisauke/libvips-packaging",
    "pi-heif": "https://github.com/bigcat88/pillow_heif",
    "opencodecs": "https://github.com/kevinjohncutler/opencodecs",
    "spandrel": "https://github.com/chaiNNer-org/spandrel",
}
# under the GPL with an exception for what is made with it, which the metadata leave out
_EXCEPTED = {"pyinstaller"}
_GPL = re.compile(r"(?<!L)GPL|(?<!Lesser )General Public", re.IGNORECASE)
_EXCEPTION = re.compile(r"exception", re.IGNORECASE)
_HEAD = """\
SRGAN Desktop is under the MIT licence (see LICENSE of the program). This package also carries the
software below, each under its own licence; the texts are in the folders beside this file.

Nothing of it is under the GPL alone. Qt and PySide6, libvips, libheif, GLib and others are under
the LGPL: their libraries are files of their own in this package and can be exchanged for other
builds of the same version. The starter of PyInstaller and the runtime libraries of GCC are under
the GPL with exceptions that leave the licence of what they are part of alone. Sources of every part
are published by its makers at the places named below.

"""


@dataclass(frozen=True)
class Component:
    """One line of the list."""

    name: str
    version: str
    licence: str
    source: str


def collect(target: Path, sources: Path) -> list[Component]:
    """Write licences and THIRD-PARTY.txt into ``target``.

    sources: JSON, what the package's libraries are copies of, for those of the system.

    Raises:
        SystemExit: a component has no licence text, then the package must not be passed on; or it
            is under the GPL, then all of the package would be.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    components = [_python(target)]
    installed = {
        found.metadata["Name"].lower().replace("_", "-"): found
        for found in importlib.metadata.distributions()
    }
    for name in sorted(installed.keys() - _TOOLS):
        components.append(_distribution(installed[name], name, target / name))
    if sys.platform == "linux" and sources.exists():
        components += _system_libraries(json.loads(sources.read_text()), target / "system")
    lines = [f"{c.name} {c.version}\n    {c.licence}\n    {c.source}\n" for c in components]
    (target / "THIRD-PARTY.txt").write_text(_HEAD + "\n".join(lines), encoding="utf-8")
    return components


def _python(target: Path) -> Component:
    folder = target / "python"
    folder.mkdir()
    documented = Path("/usr/share/doc") / f"python3.{sys.version_info.minor}"
    beside = [
        Path(os.__file__).parent / "LICENSE.txt",
        Path(sys.base_prefix) / "LICENSE.txt",
        documented / "copyright",
    ]
    for path in beside:
        if path.is_file():
            shutil.copyfile(path, folder / "LICENSE.txt")
            break
    else:
        raise SystemExit("Python's own licence was not found: " + ", ".join(map(str, beside)))
    version = ".".join(map(str, sys.version_info[:3]))
    return Component("Python", version, "PSF-2.0", "https://www.python.org/downloads/source/")


def _distribution(found: importlib.metadata.Distribution, name: str, folder: Path) -> Component:
    folder.mkdir()
    for text in _TEXTS.get(name, ()):
        shutil.copyfile(TEXTS / text, folder / text)
    for file in found.files or []:
        inside = [part for part in file.parts if part.endswith(".dist-info")]
        if not inside or not any(word in file.name.lower() for word in _NAMES):
            continue
        source = Path(str(found.locate_file(file)))
        if source.is_file():
            # torch carries a hundred of the same name, in folders of their own
            rest = file.parts[file.parts.index(inside[0]) + 1 :]
            copy = folder.joinpath(*rest[1:] if rest[0] == "licenses" and len(rest) > 1 else rest)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
    if not any(folder.rglob("*")):
        raise SystemExit(f"{name} carries no licence text: add it to packaging/licences.py")
    licence = _licence(found)
    if name not in _EXCEPTED:
        _refuse_gpl(name, [licence, *_carried(folder)])
    return Component(found.metadata["Name"], found.version, licence, _source(found, name))


def needs_the_gpl(licence: str) -> bool:
    """Whether it leaves no way but the GPL; the LGPL, an exception and a choice do."""
    ways = re.split(r"\s+or\s+(?!later)", licence, flags=re.IGNORECASE)
    return all(_GPL.search(way) and not _EXCEPTION.search(way) for way in ways)


def _refuse_gpl(name: str, licences: list[str]) -> None:
    for licence in licences:
        if needs_the_gpl(licence):
            raise SystemExit(f"{name} carries something under the GPL ({licence}): leave it out")


def _carried(folder: Path) -> Iterator[str]:
    """The licences of the libraries inside a wheel, as its own list of them names them."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in ("", ".txt", ".md"):
            text = path.read_text(encoding="utf-8", errors="replace")
            yield from re.findall(r"^License: *(.+)$", text, re.MULTILINE)


def _licence(found: importlib.metadata.Distribution) -> str:
    said = _said(found, "License-Expression")
    if not said:
        classes = [
            c.split(" :: ")[-1]
            for c in found.metadata.get_all("Classifier") or []
            if c.startswith("License ::")
        ]
        said = "; ".join(classes) or _said(found, "License").strip().split("\n")[0]
    return said or "see its folder"


def _said(found: importlib.metadata.Distribution, key: str) -> str:
    """A field that not every distribution has; "" then."""
    values = found.metadata.get_all(key)
    return str(values[0]) if values else ""


def _source(found: importlib.metadata.Distribution, name: str) -> str:
    if name in _SOURCES:
        return _SOURCES[name]
    links = dict(
        line.split(", ", 1) for line in found.metadata.get_all("Project-URL") or [] if ", " in line
    )
    wanted = [
        url
        for label, url in links.items()
        if label.lower() in ("source", "repository", "source code", "homepage", "code", "github")
    ]
    home = _said(found, "Home-page")
    places: list[str] = wanted or ([home] if home else []) or [*links.values(), "see its folder"]
    return places[0]


def _system_libraries(sources: dict[str, str], folder: Path) -> list[Component]:
    """Libraries that came from the packages of the building system (Debian's way alone)."""
    if not shutil.which("dpkg-query"):
        return []
    folder.mkdir()
    made: dict[str, Component] = {}
    for source in sorted(set(sources.values())):
        if not source.startswith(("/usr/lib", "/lib")):
            continue
        package = _package_of(Path(source))
        if not package or package in made:
            continue
        text = Path("/usr/share/doc") / package / "copyright"
        if text.is_file():
            shutil.copyfile(text, folder / f"{package}.txt")
        version = _said_by("dpkg-query", "-W", "-f", "${Version}", package)
        made[package] = Component(
            package, version, f"see system/{package}.txt", "https://sources.debian.org/"
        )
    return list(made.values())


def _package_of(path: Path) -> str:
    """Files may be known by the name before or after following links to folders."""
    for name in (path.resolve(), path, Path(str(path.resolve()).removeprefix("/usr"))):
        said = _said_by("dpkg-query", "-S", str(name))
        if said:
            return said.splitlines()[0].split(":")[0]
    return ""


def _said_by(*command: str) -> str:
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()
