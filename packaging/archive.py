"""Pack the finished folder: a zip file for Windows and macOS, a zstd-packed tar file for Linux.

python packaging/archive.py FOLDER NAME
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

# the strongest that unpacks everywhere without asking: larger windows need an option
LEVEL = 19
WINDOW_LOG = 27


def main() -> None:
    """Write FOLDER/../NAME.tar.zst or .zip, with FOLDER inside as NAME."""
    folder, name = Path(sys.argv[1]), sys.argv[2]
    target = {"win32": zip_folder, "darwin": zip_application}.get(sys.platform, tar_folder)(
        folder, name
    )
    print(f"{target.name}: {target.stat().st_size / 1e6:.0f} MB")


def tar_folder(folder: Path, name: str) -> Path:
    """A tar file in which all belongs to root, packed with zstd on all processors."""
    import zstandard

    target = folder.parent / f"{name}.tar.zst"
    parameters = zstandard.ZstdCompressionParameters.from_level(
        LEVEL, window_log=WINDOW_LOG, enable_ldm=True, threads=os.cpu_count() or 1
    )
    packer = zstandard.ZstdCompressor(compression_params=parameters)
    with (
        target.open("wb") as file,
        packer.stream_writer(file) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        tar.add(folder, name, filter=_of_root)
    return target


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
