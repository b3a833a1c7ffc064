"""Mutated files of the corpus, read in a process of its own: python fuzzing.py SEED COUNT FOLDER

Bytes are flipped, numbers set to their extremes, pieces cut, blanked and doubled; lengths and
tables are changed where they stand, whole parts go missing or come twice, and checksums of PNG
chunks are made right again, so that readers go further. Prints one line of JSON: how many were
read, how many were refused, and each that did something else (with the number that makes it again).
The process's memory is limited.
"""

from __future__ import annotations

import collections
import contextlib
import faulthandler
import json
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import structures
from corpus import cases

from srgan_desktop.core.base.errors import FileError
from srgan_desktop.core.images.io import has_frames, open_frames, probe, read_image

MEMORY_BYTES = 6 << 30  # of addresses: libraries reserve much that they never use
HUNG_SECONDS = 60.0  # on a busy machine, too
SLOW_SECONDS = 5.0  # of the processor
MOST_PIXELS = 4_000_000
EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1)

Random = np.random.Generator
Mutation = Callable[[bytearray, Random], None]


def flip(data: bytearray, random: Random) -> None:
    for _ in range(int(random.integers(1, 9))):
        data[int(random.integers(len(data)))] ^= 1 << int(random.integers(8))


def set_number(data: bytearray, random: Random) -> None:
    """A 16- or 32-bit number near the start or the end, where headers are, of either order."""
    for _ in range(int(random.integers(1, 4))):
        at = int(random.integers(min(len(data), 400)))
        if random.random() < 0.5:
            at = len(data) - 1 - at
        value = EXTREMES[int(random.integers(len(EXTREMES)))]
        code = ("<H", ">H", "<I", ">I")[int(random.integers(4))]
        stored = struct.pack(code, value & (0xFFFF if code[1] == "H" else 0xFFFFFFFF))
        data[at : at + len(stored)] = stored


def cut(data: bytearray, random: Random) -> None:
    del data[int(random.integers(min(1, len(data) - 1), len(data))) :]


def remove(data: bytearray, random: Random) -> None:
    at = int(random.integers(len(data)))
    del data[at : at + int(random.integers(1, 64))]


def repeat(data: bytearray, random: Random) -> None:
    at = int(random.integers(len(data)))
    piece = data[at : at + int(random.integers(1, 200))]
    data[at:at] = piece * int(random.integers(1, 20))


def blank(data: bytearray, random: Random) -> None:
    at, size = int(random.integers(len(data))), int(random.integers(1, 64))
    data[at : at + size] = bytes([int(random.integers(256))]) * len(data[at : at + size])


def chunks_with_sums(data: bytearray, random: Random) -> None:
    """A byte within a PNG chunk, the checksum made right again."""
    spots = list(_png_chunks(data))
    if not spots:
        return flip(data, random)
    at, size = spots[int(random.integers(len(spots)))]
    if size:
        data[at + 8 + int(random.integers(size))] = int(random.integers(256))
    data[at + 8 + size : at + 12 + size] = struct.pack(
        ">I", zlib.crc32(data[at + 4 : at + 8 + size])
    )
    return None


def _png_chunks(data: bytearray) -> Iterator[tuple[int, int]]:
    at = 8
    while data.startswith(b"\x89PNG") and at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if at + 12 + size > len(data):
            return
        yield at, size
        at += 12 + size


def structure(data: bytearray, random: Random) -> None:
    """What a file is made of: numbers of its tables and lengths, or whole parts."""
    change = structures.numbers if random.random() < 0.7 else structures.parts
    if not change(data, random):
        set_number(data, random)


# those that leave the file's parts where they are come more often: readers get further
MUTATIONS: tuple[Mutation, ...] = (
    *(flip, flip, flip, set_number, set_number, set_number, blank, chunks_with_sums),
    *(chunks_with_sums, structure, structure, structure, structure, cut, remove, repeat),
)


def mutated(originals: list[tuple[str, bytes]], seed: int) -> tuple[str, bytes]:
    """The name and bytes of one case; the same for the same seed."""
    random = np.random.default_rng(seed)
    name, plain = originals[int(random.integers(len(originals)))]
    data = bytearray(plain)
    for _ in range(1 + int(random.random() < 0.3)):
        if data:
            MUTATIONS[int(random.integers(len(MUTATIONS)))](data, random)
    return f"{seed}-{name}", bytes(data)


def look_at(path: Path) -> str:
    """ "read" or "refused"; anything else comes out as it is."""
    try:
        info = probe(path)
        read_image(path, max_pixels=MOST_PIXELS)
        if has_frames(info):
            with open_frames(path, max_pixels=MOST_PIXELS) as source:
                for number, _ in enumerate(source.frames):
                    if number == 20:
                        break
    except FileError as error:
        said = str(error)
        if not said.startswith(f"{path}: ") or "<_io" in said or "ssize_t" in said:
            raise AssertionError(said) from error
        return "refused"
    return "read"


def main(seed: int, count: int, folder: Path) -> None:
    limit_memory()
    faulthandler.dump_traceback_later(4 * HUNG_SECONDS, exit=True)
    originals = [(case.file_name, case.make()) for case in cases()]
    originals = [(name, data) for name, data in originals if 0 < len(data) < 100_000]
    seen: collections.Counter[str] = collections.Counter()
    strange: list[str] = []
    for number in range(seed, seed + count):
        faulthandler.dump_traceback_later(HUNG_SECONDS, exit=True)
        name, data = mutated(originals, number)
        path = folder / name
        path.write_bytes(data)
        (folder / "now").write_text(name)  # which it was, where the process dies
        start = time.process_time()
        try:
            seen[look_at(path)] += 1
        except Exception as error:
            strange.append(f"{number}: {name}: {type(error).__name__}: {error}")
        took = time.process_time() - start
        if took > SLOW_SECONDS:
            strange.append(f"{number}: {name}: took {took:.1f} s")
        path.unlink()
    faulthandler.cancel_dump_traceback_later()
    print(json.dumps({"read": seen["read"], "refused": seen["refused"], "strange": strange}))


def limit_memory() -> None:
    """Where the system knows such a limit."""
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
