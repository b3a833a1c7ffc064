"""Leaves of ICU's thirty megabytes of data what Qt asks for here: sorting in our languages.

Qt takes names of months, currencies and languages from tables of its own; of ICU it wants rules of
sorting, conversions of old encodings, and time zones. ICU answers what is not there with "missing
resource", to which Qt answers as it does without ICU.

The library is one table of files and nothing else, without code: it is written anew with fewer
files, at the same addresses.
"""

from __future__ import annotations

import struct
from fnmatch import fnmatch
from pathlib import Path

KEPT = (
    "*.icu", "*.nrm", "coll/res_index.res", "coll/root.res", "coll/ucadata.icu", "coll/en*.res",
    "coll/zh*.res", "root.res", "en.res", "en_US.res", "zh*.res", "res_index.res", "pool.res",
    "icuver.res", "icustd.res", "supplementalData.res", "likelySubtags.res", "keyTypeData.res",
    "numberingSystems.res", "plurals.res", "timezoneTypes.res", "zoneinfo64.res",
    "windowsZones.res", "metaZones.res", "langInfo.res", "gb18030.cnv", "ibm-1386_P100-2001.cnv",
    "windows-936-2000.cnv",
)  # fmt: skip
_LEFT_OUT = ("unames.icu",)
_MAGIC = b"\xda\x27"
_PAGE = 0x1000
_PT_LOAD = 1
_ALIGN = 16


def shrink_package(package: bytes) -> bytes:
    """An ICU data package (``.dat``) with the files of KEPT alone.

    Raises:
        ValueError: it is no such package.
    """
    if package[2:4] != _MAGIC or package[12:16] != b"CmnD":
        raise ValueError("not a package of ICU data")
    start = struct.unpack_from("<H", package)[0]
    (count,) = struct.unpack_from("<I", package, start)
    entries = [struct.unpack_from("<II", package, start + 4 + 8 * i) for i in range(count)]
    ends = [offset for _, offset in entries[1:]] + [len(package) - start]
    kept: list[tuple[bytes, bytes]] = []
    for (name_at, data_at), end in zip(entries, ends, strict=True):
        name = package[start + name_at : package.index(b"\0", start + name_at)]
        if is_kept(name.decode("ascii").split("/", 1)[-1]):
            kept.append((name, package[start + data_at : start + end]))
    return package[:start] + _table(kept)


def is_kept(name: str) -> bool:
    """Whether a file stays; without the package's own name in front, as "coll/zh.res"."""
    folder = name.rpartition("/")[0]
    return not any(fnmatch(name, p) for p in _LEFT_OUT) and any(
        fnmatch(name, p) and p.rpartition("/")[0] == folder for p in KEPT
    )


def _table(files: list[tuple[bytes, bytes]]) -> bytes:
    names_at = 4 + 8 * len(files)
    names = b"".join(name + b"\0" for name, _ in files)
    data_at = _up(names_at + len(names), _ALIGN)
    toc, data, at = struct.pack("<I", len(files)), b"", names_at
    pieces: list[bytes] = []
    for name, content in files:
        padded = content + b"\0" * (_up(len(content), _ALIGN) - len(content))
        toc += struct.pack("<II", at, data_at + sum(map(len, pieces)))
        pieces.append(padded)
        at += len(name) + 1
    data = b"".join(pieces)
    return (toc + names).ljust(data_at, b"\0") + data


def shrink_library(library: bytes) -> bytes:
    """``libicudata.so`` with a smaller package inside.

    Raises:
        ValueError: it is laid out in another way than the ones that are known; leave it then.
    """
    if library[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a 64-bit ELF file")
    (headers_at,) = struct.unpack_from("<Q", library, 0x20)
    size, count = struct.unpack_from("<HH", library, 0x36)
    heads = [list(struct.unpack_from("<IIQQQQQQ", library, headers_at + size * i))
             for i in range(count)]  # fmt: skip
    loads = [head for head in heads if head[0] == _PT_LOAD]
    if len(loads) != 2 or loads[0][2:4] != [0, 0] or library[_PAGE + 2 : _PAGE + 4] != _MAGIC:
        raise ValueError("laid out in an unknown way")
    first_end = loads[0][5]
    body = library[:_PAGE] + shrink_package(library[_PAGE:first_end])
    tail_from = loads[1][2]
    tail_at = _up(len(body), _PAGE) + tail_from % _PAGE
    moved = tail_at - tail_from
    for head in heads:
        if head is loads[0]:
            head[5] = head[6] = len(body)
        elif head[2] >= tail_from:
            head[2] += moved
    new = bytearray(body.ljust(tail_at, b"\0") + library[tail_from : tail_from + loads[1][5]])
    for i, head in enumerate(heads):
        struct.pack_into("<IIQQQQQQ", new, headers_at + size * i, *head)
    struct.pack_into("<Q", new, 0x28, 0)  # no table of sections: only linkers read it
    struct.pack_into("<HHH", new, 0x3A, 0, 0, 0)
    return bytes(new)


def shrink_file(path: Path) -> int:
    """Rewrite a library in place; returns how many bytes it lost, 0 where it was left as it is."""
    old = path.read_bytes()
    try:
        new = shrink_library(old)
    except (ValueError, struct.error) as error:
        print(f"{path.name} stays whole: {error}")
        return 0
    path.write_bytes(new)
    return len(old) - len(new)


def _up(value: int, step: int) -> int:
    return -(-value // step) * step
