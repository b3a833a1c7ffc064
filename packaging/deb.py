"""A package for Debian, Ubuntu and their relatives, made of the finished folder.

python packaging/deb.py FOLDER
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import contents
import finish
import icons

ROOT = finish.ROOT
ID = finish.APPLICATION_ID
SIDES = (16, 24, 32, 48, 64, 128, 256)
CONTROL = """\
Package: srgan-desktop
Version: {version}
Architecture: {architecture}
Maintainer: The SRGAN Desktop developers <srgan-desktop@users.noreply.github.com>
Installed-Size: {kibibytes}
Depends: {depends}
Recommends: fonts-noto-cjk | fonts-wqy-microhei, {wayland}
Section: graphics
Priority: optional
Description: Enlarge photos with SRResNet and SRGAN
 Drop a photo and watch it sharpen. The same engine works from the command
 line, and models can be trained on a folder of your own pictures.
"""


def main() -> None:
    """Write the .deb beside the folder."""
    folder = Path(sys.argv[1])
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        tree = Path(place) / "tree"
        architecture = _said_by("dpkg", "--print-architecture")
        fill(tree, folder)
        write_control(tree, _version(), architecture, finish.size_bytes(tree) // 1024)
        target = folder.parent / f"srgan-desktop_{_version()}_{architecture}.deb"
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", str(tree), str(target)],
            check=True,
        )
    print(f"{target.name}: {target.stat().st_size / 1e6:.0f} MB")


def fill(tree: Path, folder: Path) -> None:
    """Lay the files out as the system wants them."""
    share = tree / "usr" / "share"
    home = tree / "usr" / "lib" / "srgan-desktop"
    shutil.copytree(folder, home, symlinks=True)
    for extra in ("add-to-menu.sh", *(f"{ID}.{end}" for end in ("desktop", "metainfo.xml"))):
        (home / extra).unlink()
    (tree / "usr" / "bin").mkdir(parents=True)
    (tree / "usr" / "bin" / "srgan-desktop").symlink_to("../lib/srgan-desktop/srgan-desktop")
    _copy(ROOT / "resources" / "desktop" / f"{ID}.desktop", share / "applications")
    _copy(ROOT / "resources" / "desktop" / f"{ID}.metainfo.xml", share / "metainfo")
    svg = ROOT / "resources" / "icons" / "srgan-desktop.svg"
    hicolor = share / "icons" / "hicolor"
    _copy(svg, hicolor / "scalable" / "apps", f"{ID}.svg")
    for side in SIDES:
        icons.write_png(svg, hicolor / f"{side}x{side}" / "apps" / f"{ID}.png", side)
    licence = share / "doc" / "srgan-desktop"
    _copy(ROOT / "LICENSE", licence, "copyright")
    (licence / "licences").symlink_to("../../../lib/srgan-desktop/licences")


def write_control(tree: Path, version: str, architecture: str, kibibytes: int) -> None:
    """What apt needs to know."""
    control = tree / "DEBIAN" / "control"
    control.parent.mkdir(parents=True)
    # what the package does not carry, because every desktop has its own
    depends = [
        f"libc6 (>= {_glibc()})" if name == "libc6" else name for name in contents.FROM_THE_SYSTEM
    ]
    text = CONTROL.format(
        version=version,
        architecture=architecture,
        kibibytes=kibibytes,
        depends=", ".join(depends),
        wayland=", ".join(contents.FROM_WAYLAND),
    )
    control.write_text(text, encoding="utf-8")


def _glibc() -> str:
    """Python was built against the C library of the machine that packs."""
    import platform

    return platform.libc_ver()[1] or "2.35"


def _version() -> str:
    sys.path.insert(0, str(ROOT))
    from srgan_desktop import __version__

    return __version__


def _copy(source: Path, folder: Path, name: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / (name or source.name)
    shutil.copyfile(source, target)
    target.chmod(0o644)


def _said_by(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
