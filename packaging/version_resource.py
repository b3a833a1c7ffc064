"""What Windows shows in the properties of the executable."""

from __future__ import annotations

from pathlib import Path

_TEMPLATE = """\
VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0, OS=0x40004,
                    fileType=1, subtype=0, date=(0, 0)),
  kids=[
    StringFileInfo([StringTable("040904B0", [
      StringStruct("CompanyName", "The SRGAN Desktop developers"),
      StringStruct("FileDescription", "SRGAN Desktop"),
      StringStruct("FileVersion", "{version}"),
      StringStruct("InternalName", "srgan-desktop"),
      StringStruct("LegalCopyright", "MIT licence"),
      StringStruct("OriginalFilename", "srgan-desktop.exe"),
      StringStruct("ProductName", "SRGAN Desktop"),
      StringStruct("ProductVersion", "{version}"),
    ])]),
    VarFileInfo([VarStruct("Translation", [1033, 1200])]),
  ],
)
"""


def text(version: str) -> str:
    """The resource's source; ``version`` such as "0.1.0" or "1.2.0rc1"."""
    return _TEMPLATE.format(version=version, numbers=numbers(version))


def numbers(version: str) -> tuple[int, int, int, int]:
    """Windows wants four numbers; letters and what follows them are left out."""
    found = [
        int("".join(filter(str.isdigit, part.split("rc")[0])) or 0)
        for part in version.split(".")[:4]
    ]
    first, second, third, fourth = [*found, 0, 0, 0, 0][:4]
    return first, second, third, fourth


def write(folder: Path, version: str) -> str:
    """Write the source for PyInstaller; returns its path."""
    path = folder / "version_resource.txt"
    path.write_text(text(version), encoding="utf-8")
    return str(path)
