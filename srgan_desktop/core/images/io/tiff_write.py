"""Writing TIFF: 8 and 16 bits exactly, deflate with the horizontal predictor, any size.

The pointers of an EXIF block count from its own start, so the block is put at the start of the
file, of which it then is a part: nothing in it moves, and makers' private data stay readable.
TIFF 6.0; Adobe's technical note 3 for the profile; BigTIFF above 4 GiB.

Why not a library (``scripts/image_writers.py``, a photo of 4 megapixels, Pillow 13.0, libvips
8.18): libvips writes no EXIF into TIFF, Pillow fails at it where the file is compressed, and
makers' data left in place are what this module is for. Nor is either faster: this takes 0.25 s of a
processor for 8 bits and 0.33 s for 16 (5.6 and 20.1 MB), libvips 0.22 and 0.47 s (6.1 and 20.1 MB,
IPTC lost), Pillow 0.32 s (10.1 MB), without 16 bits of colour. Memory beside the pixels: 8 to 10,
4 to 8 and 16 MB.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from srgan_desktop.core.images.finished_rows import FinishedRows
from srgan_desktop.core.images.image import Metadata, Pixels
from srgan_desktop.core.images.io import blocks, tiff_tables
from srgan_desktop.core.images.io import exif as exif_blocks
from srgan_desktop.core.images.io.deflate import deflated
from srgan_desktop.core.images.io.exif import Field, rational

_DEFLATE, _HORIZONTAL = 8, 2
_SHORT, _LONG, _RATIONAL, _UNDEFINED, _BYTE, _LONG8 = 3, 4, 5, 7, 1, 16
_STRAIGHT_ALPHA = 2
# Deflate may grow what cannot be compressed a little, so classic TIFF is left well before its end.
CLASSIC_LIMIT_BYTES = 4_000_000_000


@dataclass(frozen=True)
class _Layout:
    """Byte order and pointer size of one file."""

    order: str
    big: bool

    def pointer(self, value: int) -> bytes:
        return struct.pack(self.order + ("Q" if self.big else "I"), value)

    def shorts(self, *values: int) -> bytes:
        return struct.pack(f"{self.order}{len(values)}H", *values)

    def longs(self, *values: int) -> bytes:
        return struct.pack(f"{self.order}{len(values)}I", *values)

    def pointers(self, values: list[int]) -> tuple[int, int, bytes]:
        """Kind, count and value of a list of pointers."""
        return (
            _LONG8 if self.big else _LONG,
            len(values),
            b"".join(self.pointer(value) for value in values),
        )


@dataclass(frozen=True, eq=False)
class Page:
    """One picture of a file: pixels (H, W, 1 or 3), alpha (H, W) or None, and its metadata.

    ``finished``: rows that may be read already; None: all.
    """

    pixels: Pixels
    alpha: Pixels | None
    metadata: Metadata
    finished: FinishedRows | None = None

    @property
    def nbytes(self) -> int:
        return self.pixels.nbytes + (self.alpha.nbytes if self.alpha is not None else 0)


def needs_big(pages: Sequence[Page]) -> bool:
    """Whether the pictures take BigTIFF, which has no room for an EXIF block as it is."""
    return sum(page.nbytes for page in pages) > CLASSIC_LIMIT_BYTES


def write_tiff(file: BinaryIO, pages: Sequence[Page]) -> None:
    """Write the whole file, which must be seekable. OSError as the system raises it.

    An EXIF block is written for the first page alone.
    """
    big = needs_big(pages)
    exif = None if big else pages[0].metadata.exif
    layout = _Layout(exif_blocks.byte_order(exif) if exif else "<", big)
    file.write(exif or _blank_head(layout))
    pointer_at = 8 if big else 4
    for page in pages:
        table, rows = _write_page(file, page, exif, layout)
        exif = None
        file.seek(pointer_at)
        file.write(layout.pointer(table))
        file.seek(0, 2)
        count, row = (8, 20) if big else (2, 12)
        pointer_at = table + count + row * rows


def _write_page(file: BinaryIO, page: Page, exif: bytes | None, layout: _Layout) -> tuple[int, int]:
    """Where the page's table stands and how many rows it has."""
    pixels, alpha = page.pixels, page.alpha
    rows = blocks.rows_per_block(pixels[:1].nbytes + (alpha[:1].nbytes if alpha is not None else 0))
    strips = _write_strips(file, page, rows, layout)
    own = _storage_fields(pixels, alpha, rows, layout) + _metadata_fields(page.metadata, layout)
    own += [
        (tiff_tables.STRIP_OFFSETS, *layout.pointers([at for at, _ in strips])),
        (tiff_tables.STRIP_SIZES, *layout.pointers([size for _, size in strips])),
    ]
    borrowed = _borrowed_rows(exif, {field[0] for field in own})
    return _write_table(file, own, borrowed, layout)


def _blank_head(layout: _Layout) -> bytes:
    if layout.big:
        return b"II" + struct.pack("<HHHQ", 43, 8, 0, 0)
    return b"II" + struct.pack("<HI", 42, 0)


def _write_strips(file: BinaryIO, page: Page, rows: int, layout: _Layout) -> list[tuple[int, int]]:
    """Where each strip stands and how long it is."""

    def work(number: int) -> bytes:
        start, stop = number * rows, (number + 1) * rows
        if page.finished is not None:
            page.finished.wait(stop)
        block = blocks.interleaved(page.pixels, page.alpha, start, stop)
        differences = block.copy()
        differences[:, 1:] -= block[:, :-1]
        if block.dtype == np.uint16:
            differences = differences.astype(layout.order + "u2")
        return deflated(differences.tobytes())

    strips = []
    for strip in blocks.in_order(work, -(-page.pixels.shape[0] // rows)):
        strips.append((_even_end(file), len(strip)))
        file.write(strip)
    return strips


def _storage_fields(
    pixels: Pixels, alpha: Pixels | None, rows: int, layout: _Layout
) -> list[Field]:
    height, width, colours = pixels.shape
    samples = colours + (alpha is not None)
    short = layout.shorts
    fields = [
        (tiff_tables.WIDTH, _LONG, 1, layout.longs(width)),
        (tiff_tables.HEIGHT, _LONG, 1, layout.longs(height)),
        (tiff_tables.BITS, _SHORT, samples, short(*[pixels.dtype.itemsize * 8] * samples)),
        (tiff_tables.COMPRESSION, _SHORT, 1, short(_DEFLATE)),
        (tiff_tables.PHOTOMETRIC, _SHORT, 1, short(2 if colours == 3 else 1)),
        (tiff_tables.ORIENTATION, _SHORT, 1, short(1)),
        (tiff_tables.SAMPLES, _SHORT, 1, short(samples)),
        (tiff_tables.ROWS_PER_STRIP, _LONG, 1, layout.longs(rows)),
        (tiff_tables.PLANAR, _SHORT, 1, short(1)),
        (tiff_tables.PREDICTOR, _SHORT, 1, short(_HORIZONTAL)),
        (tiff_tables.SAMPLE_FORMAT, _SHORT, samples, short(*[1] * samples)),
    ]
    if alpha is not None:
        fields.append((tiff_tables.EXTRA_SAMPLES, _SHORT, 1, short(_STRAIGHT_ALPHA)))
    return fields


def _metadata_fields(metadata: Metadata, layout: _Layout) -> list[Field]:
    fields: list[Field] = []
    blobs = (
        (tiff_tables.ICC, _UNDEFINED, metadata.icc),
        (tiff_tables.XMP, _BYTE, metadata.xmp),
        (tiff_tables.IPTC, _UNDEFINED, metadata.iptc),
    )
    fields += [(tag, kind, len(blob), blob) for tag, kind, blob in blobs if blob]
    if metadata.dpi:
        across, down = (rational(value, layout.order) for value in metadata.dpi)
        fields += [
            (tiff_tables.X_RESOLUTION, _RATIONAL, 1, across),
            (tiff_tables.Y_RESOLUTION, _RATIONAL, 1, down),
            (tiff_tables.RESOLUTION_UNIT, _SHORT, 1, layout.shorts(2)),
        ]
    return fields


def _borrowed_rows(exif: bytes | None, replaced: set[int]) -> dict[int, bytes]:
    """The rows of the block's first table as they are: their pointers are the file's, too."""
    if exif is None:
        return {}
    pointers = {exif_blocks.EXIF_IFD, exif_blocks.GPS_IFD}
    unwanted = replaced | (tiff_tables.STORAGE_TAGS - pointers)
    table = exif_blocks.first_table(exif)
    return {
        entry.tag: exif[entry.at : entry.at + 12]
        for entry in exif_blocks.entries(exif, table)
        if entry.tag not in unwanted
    }


def _write_table(
    file: BinaryIO, fields: list[Field], borrowed: dict[int, bytes], layout: _Layout
) -> tuple[int, int]:
    """Write the values that need room, then the table; where it stands and how many rows."""
    inline_bytes = 8 if layout.big else 4
    rows = dict(borrowed)
    for tag, kind, count, value in fields:
        stored = value.ljust(inline_bytes, b"\0")
        if len(value) > inline_bytes:
            stored = layout.pointer(_even_end(file))
            file.write(value)
        head = layout.order + ("HHQ" if layout.big else "HHI")
        rows[tag] = struct.pack(head, tag, kind, count) + stored
    table = _even_end(file)
    file.write(struct.pack(layout.order + ("Q" if layout.big else "H"), len(rows)))
    file.write(b"".join(rows[tag] for tag in sorted(rows)) + layout.pointer(0))
    return table, len(rows)


def _even_end(file: BinaryIO) -> int:
    """TIFF wants its parts at even places."""
    if file.tell() % 2:
        file.write(b"\0")
    return file.tell()
