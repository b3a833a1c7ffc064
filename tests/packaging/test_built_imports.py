"""Every module that the program imports is in the package, or on the list of optional ones."""

from __future__ import annotations

import sys
import zipfile
from functools import cache

import contents
import pytest
from installed import BUILT, MAC, WINDOWS
from test_pins import imported

pytestmark = pytest.mark.package


@cache
def packed_modules() -> frozenset[str]:
    """Names of all modules in the package: packed into the program, or files beside it."""
    from PyInstaller.archive.readers import CArchiveReader

    inside = BUILT / "Contents" / "MacOS" if MAC else BUILT
    program = CArchiveReader(str(inside / ("srgan-desktop.exe" if WINDOWS else "srgan-desktop")))
    # what starts the program lies beside the archive of modules, not in it
    names = set(program.toc) | set(program.open_embedded_archive("PYZ.pyz").toc)
    for path in BUILT.rglob("base_library.zip"):
        with zipfile.ZipFile(path) as library:
            names |= {
                name.removesuffix(".pyc").replace("/", ".").removesuffix(".__init__")
                for name in library.namelist()
            }
    for path in (*BUILT.rglob("*.so"), *BUILT.rglob("*.pyd"), *BUILT.rglob("*.dylib")):
        parts = path.relative_to(BUILT).parts
        below = parts[parts.index("_internal") + 1 :] if "_internal" in parts else parts
        names.add(".".join((*below[:-1], path.name.split(".")[0])))
        names.add(path.name.split(".")[0])
    return frozenset(names | set(sys.builtin_module_names))


def is_optional(name: str) -> bool:
    left_out = contents.OPTIONAL.keys() - set(contents.CARRIED)
    return any(name == known or name.startswith(f"{known}.") for known in left_out)


@pytest.mark.parametrize("name", sorted(name for name in imported() if not is_optional(name)))
def test_it_is_in_the_package(name: str) -> None:
    only_elsewhere = {
        "msvcrt": WINDOWS,
        "winreg": WINDOWS,
        "ctypes.wintypes": True,
        "fcntl": not WINDOWS,
        "resource": not WINDOWS,
    }
    if not only_elsewhere.get(name, True):
        assert name not in packed_modules()
        return
    assert name in packed_modules()


@pytest.mark.parametrize("name", sorted(contents.OPTIONAL.keys() - set(contents.CARRIED)))
def test_what_is_optional_is_not(name: str) -> None:
    """Else its message would never be seen, and its licence might not fit."""
    if name.startswith("torch."):
        return  # torch's own part is there; what it needs is not
    assert name not in packed_modules()
