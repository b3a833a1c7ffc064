"""After PyInstaller: smaller libraries, licences, the files for the desktop, and what it weighs.

python packaging/finish.py WORK FOLDER
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import contents
import icons
import licences

ROOT = Path(__file__).resolve().parent.parent
APPLICATION_ID = "io.github.srgan_desktop.SrganDesktop"
# libraries that were put together again by patchelf stay as they are: strip may break those
_PATCHED = (".libs",)
_WORTH_STRIPPING_BYTES = 100_000


def main() -> None:
    """Finish the folder in place."""
    work, folder = Path(sys.argv[1]), Path(sys.argv[2])
    if sys.platform == "linux":
        before = size_bytes(folder)
        strip_libraries(folder)
        print(f"symbols for debuggers left out: {(before - size_bytes(folder)) / 1e6:.0f} MB")
        add_desktop_files(folder)
    if sys.platform != "darwin":
        licences.collect(folder / "licences", work / "srgan_desktop" / "made" / "sources.json")
    report(folder)


def strip_libraries(folder: Path) -> None:
    """Drop the symbols that only debuggers read; the dynamic ones stay."""
    if not shutil.which("strip"):
        print("strip is not installed: the package stays a hundred megabytes larger")
        return
    for path in binaries(folder):
        if any(part.endswith(_PATCHED) for part in path.parts):
            continue
        if path.stat().st_size < _WORTH_STRIPPING_BYTES or path.parent == folder:
            continue  # the executable carries its archive behind the program
        mode = path.stat().st_mode
        path.chmod(mode | 0o200)
        subprocess.run(["strip", "--strip-unneeded", str(path)], check=True)
        path.chmod(mode)


def binaries(folder: Path) -> Iterator[Path]:
    """Programs and libraries, each once."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def add_desktop_files(folder: Path) -> None:
    """What a desktop needs to know the program, and a script that tells it."""
    resources = ROOT / "resources"
    svg = resources / "icons" / "srgan-desktop.svg"
    for name in (f"{APPLICATION_ID}.desktop", f"{APPLICATION_ID}.metainfo.xml"):
        shutil.copy(resources / "desktop" / name, folder / name)
    shutil.copy(svg, folder / f"{APPLICATION_ID}.svg")
    icons.write_png(svg, folder / f"{APPLICATION_ID}.png", 256)
    script = folder / "add-to-menu.sh"
    shutil.copy(ROOT / "packaging" / "linux" / "add-to-menu.sh", script)
    script.chmod(0o755)


def size_bytes(folder: Path) -> int:
    """What the files hold, links not counted."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink())


def report(folder: Path) -> None:
    """Print the whole and its ten largest parts."""
    files = [p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()]
    print(f"{folder.name}: {size_bytes(folder) / 1e6:.0f} MB in {len(files)} files; the largest:")
    for path in sorted(files, key=lambda p: -p.stat().st_size)[:10]:
        print(f"  {path.stat().st_size / 1e6:7.1f} MB  {path.relative_to(folder).as_posix()}")
    parts: dict[str, int] = {}
    for path in files:
        name = contents.part_of(path.relative_to(folder))
        parts[name] = parts.get(name, 0) + path.stat().st_size
    print("by what they belong to:")
    for name, total in sorted(parts.items(), key=lambda item: -item[1])[:10]:
        print(f"  {total / 1e6:7.1f} MB  {name}")


if __name__ == "__main__":
    main()
