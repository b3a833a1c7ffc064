"""Our PNG and TIFF writers beside libvips' and Pillow's: python scripts/image_writers.py

One photo is written in 8 and 16 bits by each, every time in a process of its own, in turns. Prints
seconds and the processors' seconds (the best of the rounds each; the latter on a busy machine), the
most memory beyond the pixels' own, the file's size, whether the pixels come back exactly, and which
metadata do.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin, TiffImagePlugin

from srgan_desktop.core.base.leaving import run_script
from srgan_desktop.core.images.image import Metadata, Pixels, RasterImage
from srgan_desktop.core.images.io import WriteOptions, colour, exif, read_image, write_image

PHOTO = Path(__file__).resolve().parent.parent / "resources" / "samples" / "otter.jpg"
WRITERS = ("ours", "libvips", "pillow")
NOTE = b"MAKER\0" + bytes(range(200))  # a camera's own data, which point at places in the block
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF/></x:xmpmeta>"
IPTC = b"\x1c\x02\x50\x00\x07Someone"


def metadata() -> Metadata:
    """Something of every kind."""
    order = "<"
    block = exif.build(
        order,
        [(0x010F, 2, 7, b"Camera\0")],
        exif=[(0x927C, 7, len(NOTE), NOTE)],
        gps=[(1, 2, 2, b"N\0")],
    )
    return Metadata(
        colour.srgb_profile(), block, XMP, IPTC, (300.0, 300.0), (("Comment", "a note"),)
    )


def write(writer: str, path: Path, pixels: Pixels) -> None:
    """The whole file, with all the metadata that the writer takes."""
    kind = "png" if path.suffix == ".png" else "tiff"
    if writer == "ours":
        write_image(path, RasterImage(pixels, None, metadata()), WriteOptions(kind))
    elif writer == "libvips":
        _by_libvips(path, pixels, kind)
    else:
        _by_pillow(path, pixels, kind)


def _by_libvips(path: Path, pixels: Pixels, kind: str) -> None:
    import pyvips

    height, width, bands = pixels.shape
    number = "uchar" if pixels.dtype == np.uint8 else "ushort"
    image = pyvips.Image.new_from_memory(pixels, width, height, bands, number)
    image = image.copy(
        interpretation="srgb" if number == "uchar" else "rgb16", xres=11.8, yres=11.8
    )
    about, blob = metadata(), pyvips.GValue.blob_type
    for name, data in (
        ("icc-profile-data", about.icc),
        ("exif-data", b"Exif\0\0" + (about.exif or b"")),
        ("xmp-data", about.xmp),
        ("iptc-data", about.iptc),
    ):
        image.set_type(blob, name, data)
    image.set_type(pyvips.GValue.gstr_type, "png-comment-0-Comment", "a note")
    if kind == "png":
        image.pngsave(str(path), compression=6, filter="all", bitdepth=8 * pixels.dtype.itemsize)
    else:
        image.tiffsave(str(path), compression="deflate", predictor="horizontal", bigtiff=False)


def _by_pillow(path: Path, pixels: Pixels, kind: str) -> None:
    if pixels.dtype == np.uint16:
        raise ValueError("Pillow has no 16 bits of colour")
    about, image = metadata(), Image.fromarray(pixels)
    if kind == "png":
        notes = PngImagePlugin.PngInfo()
        notes.add_itxt("XML:com.adobe.xmp", XMP.decode())
        notes.add_text("Comment", "a note")
        image.save(path, icc_profile=about.icc, exif=about.exif, dpi=about.dpi, pnginfo=notes)
        return
    # without EXIF, at which its compressing writer fails (Error setting from dictionary)
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[700], tags[33723] = XMP, IPTC
    options = {"icc_profile": about.icc, "dpi": about.dpi, "tiffinfo": tags}
    image.save(path, compression="tiff_adobe_deflate", **options)


def photo(megapixels: float, deep: bool) -> Pixels:
    """The sample photo enlarged, with a little grain, as results of this program are."""
    with Image.open(PHOTO) as image:
        factor = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
        size = round(image.width * factor), round(image.height * factor)
        pixels = np.asarray(image.convert("RGB").resize(size, Image.Resampling.BICUBIC))
    grain = np.random.default_rng(0).normal(0, 1.5, pixels.shape)
    fine = (pixels + grain).clip(0, 255)
    return (fine * 257).astype(np.uint16) if deep else fine.round().astype(np.uint8)


def one(writer: str, source: Path, target: Path) -> None:
    """In a process of its own: write; prints seconds, processor seconds, and memory in bytes."""
    pixels = np.load(source)
    write(writer, target.with_stem("warm"), pixels[:16])
    before = _memory("VmRSS")
    start, busy = time.perf_counter(), time.process_time()
    write(writer, target, pixels)
    times = time.perf_counter() - start, time.process_time() - busy
    print(json.dumps([*times, _memory("VmHWM") - before]))


def _memory(field: str) -> int:
    status = Path("/proc/self/status").read_text()
    found = re.search(rf"{field}:\s*(\d+)", status)
    return int(found[1]) * 1024 if found else 0


def kept(path: Path, pixels: Pixels) -> str:
    """Which parts come back."""
    back, wanted = read_image(path), metadata()
    parts = {
        "pixels": np.array_equal(back.pixels, pixels),
        "icc": back.metadata.icc == wanted.icc,
        "exif": b"Camera" in (back.metadata.exif or b""),
        "maker note": NOTE in (back.metadata.exif or b""),
        "note in place": _note_in_place(path),
        "xmp": back.metadata.xmp == XMP,
        "iptc": (back.metadata.iptc or b"")[: len(IPTC)] == IPTC,
        "dpi": back.metadata.dpi is not None and abs(back.metadata.dpi[0] - 300) < 1,
        "text": ("Comment", "a note") in back.metadata.text,
    }
    lost = [name for name, there in parts.items() if not there]
    return "all" if not lost else "not " + ", ".join(lost)


def _note_in_place(path: Path) -> bool:
    """Whether the maker's data stand where they stood in the block: what they point at is there."""
    block = metadata().exif or b""
    data = path.read_bytes()
    if path.suffix == ".png":
        return block in data
    return data[block.index(NOTE) :][: len(NOTE)] == NOTE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megapixels", type=float, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        one(asked.one[0], Path(asked.one[1]), Path(asked.one[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        for deep in (False, True):
            pixels = photo(asked.megapixels, deep)
            source = Path(folder) / "pixels.npy"
            np.save(source, pixels)
            for ending in (".png", ".tif"):
                compare(source, pixels, Path(folder) / f"out{ending}", asked.rounds)


def compare(source: Path, pixels: Pixels, target: Path, rounds: int) -> None:
    bits = pixels.dtype.itemsize * 8
    measured: dict[str, list[tuple[float, float, int]]] = {}
    about: dict[str, str] = {}
    for _ in range(rounds):
        for writer in WRITERS:
            target.unlink(missing_ok=True)
            command = [sys.executable, __file__, "--one", writer, str(source), str(target)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                about[writer] = done.stderr.strip().rpartition("\n")[2]
                continue
            measured.setdefault(writer, []).append(json.loads(done.stdout))
            size = target.stat().st_size / 1e6
            about.setdefault(writer, f"{size:7.1f} MB  kept: {kept(target, pixels)}")
    print(
        f"{target.suffix[1:].upper()}, {pixels.shape[0] * pixels.shape[1] / 1e6:.0f} MP, {bits} bit"
    )
    for writer in WRITERS:
        figures = ""
        if writer in measured:
            wall, busy, memory = (min(values) for values in zip(*measured[writer], strict=True))
            figures = f"{wall:6.2f} s {busy:6.2f} s busy {memory / 1e6:5.0f} MB of memory"
        print(f"  {writer:8}{figures} {about[writer]}")


if __name__ == "__main__":
    run_script(main)
