"""Pack the finished folder: a zip file for Windows and macOS, an xz-packed tar file for Linux.

python packaging/archive.py FOLDER NAME
"""

from __future__ import annotations

import contextlib
import lzma
import platform
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

# Nine tenths are libraries. With jumps made absolute first, xz leaves a fifth less of them than
# zstd at its strongest, in less time. Blocks of three dictionaries are packed side by side.
PRESET = 6
DICTIONARY_BYTES = 64 * 2**20
_INTEL = {"x86_64", "amd64"}


def main() -> None:
    """Write FOLDER/../NAME.tar.xz or .zip, with FOLDER inside as NAME."""
    folder, name = Path(sys.argv[1]), sys.argv[2]
    target = {"win32": zip_folder, "darwin": zip_application}.get(sys.platform, tar_folder)(
        folder, name
    )
    print(f"{target.name}: {target.stat().st_size / 1e6:.0f} MB")


def tar_folder(folder: Path, name: str) -> Path:
    """A tar file in which all belongs to root, packed with xz on all processors."""
    target = folder.parent / f"{name}.tar.xz"
    with (
        target.open("wb") as file,
        _packed(file) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        tar.add(folder, name, filter=_of_root)
    return target


@contextlib.contextmanager
def _packed(file: BinaryIO) -> Iterator[BinaryIO]:
    """What is written here arrives in ``file`` packed; by the program xz, or without it slower."""
    jumps = platform.machine().lower() in _INTEL
    program = shutil.which("xz")
    if program is None:
        filters: list[dict[str, int]] = [{"id": lzma.FILTER_X86}] if jumps else []
        filters.append({"id": lzma.FILTER_LZMA2, "preset": PRESET, "dict_size": DICTIONARY_BYTES})
        with lzma.open(file, "wb", filters=filters) as packed:
            yield cast(BinaryIO, packed)
        return
    how = [
        f"--lzma2=preset={PRESET},dict={DICTIONARY_BYTES},nice=128",
        "--threads=0",
        "--check=crc64",
    ]
    command = [program, "--stdout", *(["--x86"] if jumps else []), *how]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=file)
    assert process.stdin is not None
    with process.stdin:
        yield cast(BinaryIO, process.stdin)
    if process.wait() != 0:
        raise OSError(f"{file.name}: xz failed")


def _of_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry


def zip_folder(folder: Path, name: str) -> Path:
    """A zip file; Windows has no links to keep."""
    target = folder.parent / f"{name}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                packed.write(path, f"{name}/{path.relative_to(folder).as_posix()}")
    return target


def zip_application(folder: Path, name: str) -> Path:
    """A zip file of the .app as the Finder makes it, with its links and signatures."""
    target = folder.parent / f"{name}.zip"
    bundle = folder.parent / "SRGAN Desktop.app"
    subprocess.run(
        ["ditto", "-c", "-k", "--sequesterRsrc", "--keepParent", str(bundle), str(target)],
        check=True,
    )
    return target


if __name__ == "__main__":
    main()
