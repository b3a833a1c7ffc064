"""Hostile pickles: each would touch a marker file, fill the memory or never end where trusted.

Pickles are assembled by hand, since pickle itself would not write most of them.
"""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

TUPLE_LEVELS = 60
HUGE = 200_000_000_000


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def number(value: int) -> bytes:
    data = value.to_bytes(9, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def call(name: str, *arguments: bytes) -> bytes:
    """``name`` is "module function"; arguments are instructions that push one value each."""
    module, _, function = name.partition(" ")
    return f"c{module}\n{function}\n".encode() + b"(" + b"".join(arguments) + b"tR"


def inside(value: bytes) -> bytes:
    """A pickle of {"params": {"a": value}}."""
    return b"\x80\x02}" + text("params") + b"}" + text("a") + value + b"ss."


class _Reduced:
    def __init__(self, function: object, arguments: tuple[object, ...]) -> None:
        self.made = (function, arguments)

    def __reduce__(self) -> object:
        return self.made


def code_runners(marker: Path) -> Iterator[tuple[str, bytes]]:
    """Name and pickle; where they are trusted ``marker`` is there afterwards."""
    touch = f"import pathlib; pathlib.Path({str(marker)!r}).touch()"
    shell = f"touch {marker}"
    yield "exec", inside(call("builtins exec", text(touch)))
    yield "eval", inside(call("builtins eval", text(f"__import__('os').system({shell!r})")))
    yield "os.system", inside(call("os system", text(shell)))
    yield "posix.system", inside(call("posix system", text(shell)))
    yield "subprocess", inside(call("subprocess getoutput", text(shell)))
    yield "old __builtin__", inside(call("__builtin__ eval", text(touch)))
    yield "runpy", inside(call("runpy _run_code", text(touch), b"}"))
    yield "torch hub", inside(call("torch.hub load", text("x/y"), text("z")))
    yield "torch.load", inside(call("torch load", text(str(marker))))
    yield "timeit", inside(call("timeit timeit", text(touch)))
    yield "open", inside(call("builtins open", text(str(marker)), text("w")))
    yield (
        "numpy runstring",
        inside(call("numpy.testing._private.utils runstring", text(touch), b"}")),
    )
    yield "pickle in a pickle", inside(call("pickle loads", text("cos\nsystem\n")))
    getter = call("builtins getattr", b"cos\n__dict__\n", text("system"))
    yield "getattr", inside(getter)
    instance = f"(S'{shell}'\nios\nsystem\n".encode()
    yield "instruction INST", inside(instance)
    yield "instruction OBJ", inside(b"(cos\nsystem\n" + text(shell) + b"o")
    stacked = b"\x8c\x02os\x8c\x06system\x93" + b"(" + text(shell) + b"tR"
    yield "instruction STACK_GLOBAL", b"\x80\x04" + inside(stacked)[2:]
    yield "reduce at the end", pickle.dumps(_Reduced(exec, (touch,)), protocol=2)
    yield (
        "state of a class",
        inside(
            call("collections OrderedDict") + b"}" + text("__class__") + b"cos\nsystem\n" + b"sb"
        ),
    )


def memory_bombs() -> Iterator[tuple[str, bytes]]:
    """Small pickles that ask for far more memory, or time, than they are."""
    size = number(HUGE)
    side = number(400_000)
    yield "bytearray", inside(call("builtins bytearray", size))
    yield "torch.Tensor", inside(call("torch FloatTensor", side, side))
    yield "storage", inside(call("torch.storage UntypedStorage", size))
    yield "typed storage", inside(call("torch.storage TypedStorage", size))
    yield (
        "meta tensor",
        inside(
            call(
                "torch._utils _rebuild_meta_tensor_no_storage",
                *(b"ctorch\nfloat32\n", b"(" + side + side + b"t", b"(" + side + number(1) + b"t"),
                b"\x89",
            )
        ),
    )
    doubled = b")" + b"".join(b"q\x01h\x01\x86" for _ in range(TUPLE_LEVELS))
    yield (
        "tuples twice in each other",
        b"\x80\x02}" + text("params") + b"}" + doubled + text("v") + b"ss.",
    )
    yield "containers that hold themselves", b"\x80\x02}q\x01" + text("params") + b"h\x01s."
    yield "lists in lists", inside(b"]" * 200_000 + b"a" * 199_999)
    yield "no end", inside(text("x"))[:-1]
    yield "nothing on the stack", b"\x80\x02sss."
    yield "memo of nothing", b"\x80\x02h\x07."
    yield "persistent id of a file", inside(text("/etc/passwd") + b"Q")


def zipped(content: bytes, folder: str = "archive") -> bytes:
    """As torch.save lays it out."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(f"{folder}/data.pkl", content)
        archive.writestr(f"{folder}/version", b"3\n")
        archive.writestr(f"{folder}/byteorder", b"little")
    return data.getvalue()


def old_form(content: bytes) -> bytes:
    """As torch.save wrote before 1.6: several pickles in a row."""
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4}}
    before = (0x1950A86A20F9469CFC6C, 1001, system)
    return b"".join(pickle.dumps(value, protocol=2) for value in before) + content + b"\x80\x02]."


def zip_bombs() -> Iterator[tuple[str, bytes]]:
    """Archives that unpack to gigabytes, or whose parts lie over each other."""
    weights = inside(stored_tensor((100_000_000,)))
    for name, method in (("deflated", zipfile.ZIP_DEFLATED), ("bzip2", zipfile.ZIP_BZIP2)):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", method) as archive:
            archive.writestr("archive/data.pkl", weights)
            archive.writestr("archive/version", b"3\n")
            with archive.open("archive/data/0", "w", force_zip64=True) as entry:
                for _ in range(100):
                    entry.write(bytes(4_000_000))
        yield f"zip bomb {name}", data.getvalue()
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02" + b"]0" * 100_000_000)
    yield "zip bomb of a pickle", data.getvalue()
    yield (
        "expanded tensor",
        zipped_with(inside(stored_tensor((400_000, 400_000), (0, 0))), bytes(4)),
    )
    yield "tensor beyond its numbers", zipped_with(inside(stored_tensor((1000, 1000))), bytes(4))
    yield "names two ways", _two_pickles(inside(stored_tensor((1,))))


def stored_tensor(shape: tuple[int, ...], strides: tuple[int, ...] | None = None) -> bytes:
    """Instructions for a float32 tensor on storage "0" of one number."""
    count = 1
    for side in shape:
        count *= side
    stored = 1 if strides else count
    if strides is None:
        strides = tuple(1 for _ in shape) if len(shape) == 1 else (shape[-1], 1)
    place = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu")
    place += number(stored) + b"tQ"
    sides = [b"(" + b"".join(number(n) for n in numbers) + b"t" for numbers in (shape, strides)]
    hooks = call("collections OrderedDict")
    return call("torch._utils _rebuild_tensor_v2", place, number(0), *sides, b"\x89", hooks)


def zipped_with(content: bytes, storage: bytes) -> bytes:
    data = io.BytesIO(zipped(content))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("archive/data/0", storage)
    return data.getvalue()


def _two_pickles(content: bytes) -> bytes:
    import warnings

    data = io.BytesIO(zipped_with(content, bytes(4)))
    with warnings.catch_warnings(), zipfile.ZipFile(data, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("archive/data.pkl", inside(call("os system", text("true"))))
    return data.getvalue()
