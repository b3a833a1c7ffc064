"""Profile, EXIF, XMP, IPTC and resolution on their way through each format."""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from image_makers import (
    IPTC,
    MAKER_NOTE,
    XMP,
    exif_block,
    picture,
    profile,
    smooth,
    wide_profile,
    with_thumbnail,
)
from PIL import Image

from srgan_desktop.core.images.image import Metadata, RasterImage
from srgan_desktop.core.images.io import (
    WriteOptions,
    exif,
    extension,
    jpeg_segments,
    read_image,
    tiff_write,
    to_srgb8,
    write_image,
    xmp,
)

FULL = {"icc": profile(), "exif": exif_block(6), "xmp": XMP, "iptc": IPTC, "dpi": (240.0, 240.0)}
NOTES = (("Title", "Zürich"), ("Comment", "雪"))
LOST = {
    "png": set(),
    "jpeg": set(),
    "tiff": set(),
    "webp": {"iptc"},
    "avif": {"iptc"},
    "heic": {"iptc"},
    "jxl": {"iptc"},
    "jpeg2000": set(),
    "bmp": {"icc", "exif", "xmp", "iptc"},
}


def written(
    folder: Path, name: str, source: RasterImage, **options: object
) -> tuple[Path, RasterImage]:
    path = folder / f"a{extension(name)}"
    result = write_image(path, source, WriteOptions(name, **options))  # type: ignore[arg-type]
    return result.path, read_image(result.path)


def is_kept(name: str, found: bytes | None, given: bytes) -> bool:
    """JPEG XL tells most profiles in a few bits, and the decoder makes one of the same colours."""
    if name != "jxl":
        return found == given
    assert found is not None
    colours = RasterImage(smooth(9, 9, 3, np.uint8))
    shown = [
        to_srgb8(replace(colours, metadata=Metadata(icc=icc))).astype(int) for icc in (found, given)
    ]
    return int(np.abs(shown[0] - shown[1]).max()) <= 1


@pytest.mark.parametrize("name", LOST)
def test_what_a_format_can_hold_survives(tmp_path: Path, name: str) -> None:
    source = picture("rgb8", **FULL)
    path = tmp_path / f"a{extension(name)}"
    result = write_image(path, source, WriteOptions(name))
    back = read_image(path).metadata
    kept = set(FULL) - LOST[name]
    for field in kept - {"dpi", "exif", "xmp", "icc"}:
        assert getattr(back, field) == FULL[field], field
    if "icc" in kept:
        assert is_kept(name, back.icc, profile())
    if "exif" in kept:
        check_exif(back.exif, 31, 20)
    if "xmp" in kept:
        assert back.xmp is not None
        assert b'xmp:Rating="4"' in back.xmp
        assert b'tiff:Orientation="1"' in back.xmp
        assert b'exif:PixelXDimension="31"' in back.xmp
        assert b"<exif:PixelYDimension>20<" in back.xmp
    assert back.dpi == pytest.approx((240.0, 240.0), abs=0.02)
    words = {"iptc": "IPTC", "exif": "EXIF", "xmp": "XMP"}
    for field, word in words.items():
        assert any(word in text for text in result.warnings) == (field in LOST[name])
    assert len(result.warnings) == len(LOST[name] - {"icc"})


def check_exif(block: bytes | None, width: int, height: int) -> None:
    """By another reader than ours."""
    assert block is not None
    seen = Image.Exif()
    seen.load(block)
    assert seen[0x010F] == "Cameramaker"
    assert seen.get(0x0112, 1) == 1
    details, place = seen.get_ifd(0x8769), seen.get_ifd(0x8825)
    assert details[0x927C] == MAKER_NOTE
    assert details[0x9003] == "2024:05:06 07:08:09"
    assert (details[0xA002], details[0xA003]) == (width, height)
    assert place[1] == "N"
    assert tuple(float(part) for part in place[2]) == (47.0, 30.0, 15.5)
    assert seen.get_ifd(0xA005)[1] == "R98"


@pytest.mark.parametrize("name", ["jpeg", "png", "tiff", "webp", "avif"])
def test_other_programs_see_the_metadata(tmp_path: Path, name: str) -> None:
    path, _ = written(tmp_path, name, picture("rgb8", **FULL))
    with Image.open(path) as image:
        image.load()
        seen = image.getexif()
        assert seen[0x010F] == "Cameramaker"
        assert seen.get_ifd(0x8769)[0x927C] == MAKER_NOTE
        assert seen.get_ifd(0x8825)[1] == "N"
        assert image.info["icc_profile"] == FULL["icc"]
        assert b"xmp:Rating" in (image.info.get("xmp") or image.tag_v2[700])  # type: ignore[attr-defined]
        if name in ("jpeg", "png", "tiff"):
            assert [float(v) for v in image.info["dpi"]] == pytest.approx([240, 240], abs=0.02)


def test_makers_data_stay_where_they_were() -> None:
    block = with_thumbnail(exif_block(6), b"\xff\xd8old\xff\xd9")
    changed = exif.fitted(block, 4000, 3000)
    assert changed.find(MAKER_NOTE) == block.find(MAKER_NOTE) > 0


@pytest.mark.parametrize("name", ["tiff", "avif", "jpeg"])
def test_makers_data_stay_where_they_were_in_files(tmp_path: Path, name: str) -> None:
    """They may hold offsets from the block's start, which in TIFF is the file's."""
    path, _ = written(tmp_path, name, picture("rgb8", exif=exif_block()))
    data = path.read_bytes()
    start = 0 if name == "tiff" else data.index(b"Cameramaker") - exif_block().index(b"Camera")
    assert data.index(MAKER_NOTE) - start == exif_block().index(MAKER_NOTE)


def test_a_big_endian_block_survives_a_tiff_of_16_bits(tmp_path: Path) -> None:
    little = Image.Exif()
    little.load(exif_block())
    details = exif.build(
        ">",
        [(0x010F, 2, 12, b"Cameramaker\0")],
        exif=[(0x927C, 7, len(MAKER_NOTE), MAKER_NOTE), (0xA002, 4, 1, b"\0\0\0\7")],
        gps=[(1, 2, 2, b"N\0")],
    )
    source = picture("rgba16", exif=details)
    path, back = written(tmp_path, "tiff", source)
    assert path.read_bytes()[:4] == b"MM\0*"
    assert np.array_equal(back.pixels, source.pixels)
    assert back.alpha is not None
    assert source.alpha is not None
    assert np.array_equal(back.alpha, source.alpha)
    seen = Image.Exif()
    assert back.metadata.exif is not None
    seen.load(back.metadata.exif)
    assert seen.get_ifd(0x8769)[0x927C] == MAKER_NOTE
    assert seen.get_ifd(0x8769)[0xA002] == 31


def test_the_old_thumbnail_is_gone() -> None:
    thumbnail = b"\xff\xd8" + b"old thumbnail" * 50 + b"\xff\xd9"
    block = with_thumbnail(exif_block(), thumbnail)
    changed = exif.fitted(block, 40, 30)
    assert b"old thumbnail" in block
    assert b"old thumbnail" not in changed
    seen = Image.Exif()
    seen.load(changed)
    assert seen.get_ifd(1) == {}
    assert seen.get_ifd(0x8769)[0x927C] == MAKER_NOTE


def test_sizes_that_no_longer_fit_a_short_are_stored_longer() -> None:
    changed = exif.fitted(exif_block(width=4000, height=3000), 100_000, 75_000)
    seen = Image.Exif()
    seen.load(changed)
    assert (seen[0x0100], seen[0x0101]) == (100_000, 75_000)
    assert (seen.get_ifd(0x8769)[0xA002], seen.get_ifd(0x8769)[0xA003]) == (100_000, 75_000)
    assert seen.get_ifd(0x8825)[1] == "N"


@pytest.mark.parametrize("damage", range(0, 400, 7))
def test_damaged_exif_never_raises(damage: int) -> None:
    block = bytearray(with_thumbnail(exif_block(3), b"\xff\xd8x\xff\xd9"))
    at = damage % len(block)
    block[at : at + 3] = b"\xff\xff\xff"
    sound = exif.normalised(bytes(block))
    if sound is not None:
        assert 1 <= exif.orientation(sound) <= 8
        exif.dpi(sound)
        assert len(exif.fitted(sound, 10, 10)) <= len(sound)
    cut = exif.normalised(bytes(block[:at]))
    if cut is not None:
        exif.fitted(cut, 10, 10)


def test_damaged_exif_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(smooth(9, 9, 3, np.uint8)).save(path, exif=b"Exif\0\0nonsense nonsense")
    back = read_image(path)
    assert back.metadata.exif is None
    assert any("EXIF" in text for text in back.warnings)


def test_png_keeps_its_notes_and_jpeg_its_comment(tmp_path: Path) -> None:
    source = picture("rgb8", text=NOTES)
    _, png = written(tmp_path, "png", source)
    assert png.metadata.text == NOTES
    result = write_image(tmp_path / "a.jpg", source, WriteOptions("jpeg"))
    assert read_image(result.path).metadata.text == (("Comment", "雪"),)
    assert any("notes" in text for text in result.warnings)


@pytest.mark.parametrize("name", LOST)
def test_stripped_files_keep_the_profile_only(tmp_path: Path, name: str) -> None:
    source = picture("rgb8", **(FULL | {"icc": wide_profile(), "text": NOTES}))
    path, back = written(tmp_path, name, source, strip_metadata=True)
    assert back.metadata.exif is back.metadata.xmp is back.metadata.iptc is None
    assert back.metadata.text == ()
    for word in (b"Cameramaker", b"Someone", b"Rating", b"Title"):
        assert word not in path.read_bytes()
    if name != "bmp":
        assert is_kept(name, back.metadata.icc, wide_profile())


def test_metadata_too_long_for_jpeg_are_said(tmp_path: Path) -> None:
    long = replace(
        Metadata(), xmp=XMP + b" " * 70_000, iptc=IPTC * 5000, icc=profile() + bytes(200_000)
    )
    result = write_image(
        tmp_path / "a.jpg",
        RasterImage(smooth(9, 9, 3, np.uint8), metadata=long),
        WriteOptions("jpeg"),
    )
    back = read_image(result.path).metadata
    assert back.xmp is back.iptc is None
    assert back.icc == long.icc  # over several segments
    assert sum("had to be left out" in text for text in result.warnings) == 2


def test_the_resolution_alone_survives_where_only_exif_can_say_it(tmp_path: Path) -> None:
    for name in ("webp", "avif", "heic", "jxl"):
        _, back = written(tmp_path, name, picture("rgb8", dpi=(300.0, 150.0)))
        assert back.metadata.dpi == pytest.approx((300.0, 150.0)), name


@pytest.mark.parametrize("name", ["webp", "avif", "heic", "jxl"])
def test_the_resolution_survives_beside_other_exif_data(tmp_path: Path, name: str) -> None:
    camera = exif.build("<", [(0x0110, 2, 4, b"C-1\0")])
    _, back = written(tmp_path, name, picture("rgb8", dpi=(300.0, 150.0), exif=camera))
    assert back.metadata.dpi == pytest.approx((300.0, 150.0))
    assert 0x0110 in _main_tags(back.metadata.exif or b"")


def test_exif_data_that_say_the_resolution_stay_as_they_are(tmp_path: Path) -> None:
    block = exif_block(1)
    source = picture("rgb8", dpi=exif.dpi(block), exif=block)
    _, back = written(tmp_path, "webp", source)
    assert back.metadata.exif == exif.fitted(block, source.width, source.height)


def test_a_resolution_that_a_png_has_in_its_exif_data_alone(tmp_path: Path) -> None:
    block = exif.only_dpi((300.0, 150.0))
    _, read = written(tmp_path, "png", picture("rgb8", exif=block))
    assert read.metadata.dpi == pytest.approx((300.0, 150.0))
    _, back = written(tmp_path, "tiff", read)
    assert back.metadata.dpi == pytest.approx((300.0, 150.0))


def test_profiles_that_do_not_fit_are_left_out(tmp_path: Path) -> None:
    wrong = picture("rgb8", icc=profile("grey"))
    result = write_image(tmp_path / "a.png", wrong, WriteOptions("png"))
    assert any("profile" in text for text in result.warnings)
    assert read_image(result.path).metadata.icc is None
    broken = picture("rgb8", icc=b"no profile")
    result = write_image(tmp_path / "b.png", broken, WriteOptions("png"))
    assert any("damaged" in text for text in result.warnings)
    fitting = picture("grey8", icc=profile("grey"))
    result = write_image(tmp_path / "c.png", fitting, WriteOptions("png"))
    assert result.warnings == ()
    assert read_image(result.path).metadata.icc == profile("grey")


def test_a_wrong_profile_in_a_file_is_left_out_when_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(smooth(9, 9, 1, np.uint8)[:, :, 0]).save(path, icc_profile=profile())
    back = read_image(path)
    assert back.metadata.icc is None
    assert any("grey" in text for text in back.warnings)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_tiff_by_another_program_is_read_with_its_metadata(tmp_path: Path, order: str) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(_plain_tiff(order))
    back = read_image(path)
    assert np.array_equal(back.pixels, np.arange(108, dtype=np.uint8).reshape(9, 12, 1))
    found = back.metadata
    assert found.xmp == xmp.upright(XMP)
    assert found.iptc is not None
    assert found.iptc.rstrip(b"\0") == IPTC
    assert found.dpi == (300.0, 150.0)
    assert found.exif is not None
    seen = Image.Exif()
    seen.load(found.exif)
    assert seen[0x010F] == "Cameramaker"
    assert 0x0111 not in seen
    assert seen.get_ifd(0x8769)[0x927C] == MAKER_NOTE
    assert seen.get_ifd(0x8825)[1] == "N"


def _plain_tiff(order: str) -> bytes:
    """Uncompressed grey, 12 x 9, the pixels at the end; IPTC as LONG, as some programs do."""

    def short(value: int) -> bytes:
        return struct.pack(order + "H", value)

    longs = IPTC + bytes(-len(IPTC) % 4)
    if order == "<":  # swapped with the file's order
        longs = struct.pack(f">{len(longs) // 4}I", *struct.unpack(f"<{len(longs) // 4}I", longs))

    def build(start: int) -> bytes:
        main = [
            (256, 3, 1, short(12)),
            (257, 3, 1, short(9)),
            (258, 3, 1, short(8)),
            (259, 3, 1, short(1)),
            (262, 3, 1, short(1)),
            (277, 3, 1, short(1)),
            (273, 4, 1, struct.pack(order + "I", start)),
            (278, 3, 1, short(9)),
            (279, 3, 1, short(108)),
            (271, 2, 12, b"Cameramaker\0"),
            (282, 5, 1, exif.rational(300, order)),
            (283, 5, 1, exif.rational(150, order)),
            (296, 3, 1, short(2)),
            (700, 1, len(XMP), XMP),
            (33723, 4, len(longs) // 4, longs),
        ]
        return exif.build(
            order,
            main,
            exif=[(0x927C, 7, len(MAKER_NOTE), MAKER_NOTE)],
            gps=[(1, 2, 2, b"N\0")],
        )

    head = build(0)
    return build(len(head)) + bytes(range(108))


def test_a_tiff_too_large_for_exif_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiff_write, "CLASSIC_LIMIT_BYTES", 100)
    source = picture("rgba16", **FULL)
    path = tmp_path / "a.tif"
    result = write_image(path, source, WriteOptions("tiff"))
    assert path.read_bytes()[:4] == b"II+\0"
    assert any("EXIF" in text for text in result.warnings)
    back = read_image(path)
    assert np.array_equal(back.pixels, source.pixels)
    assert back.metadata.icc == source.metadata.icc
    assert back.metadata.iptc == IPTC
    assert back.metadata.dpi == (240.0, 240.0)


def test_jpeg_segments_by_pillow_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    image = Image.fromarray(smooth(9, 12, 3, np.uint8))
    image.save(
        path,
        exif=b"Exif\0\0" + exif_block(),
        xmp=XMP,
        dpi=(72, 72),
        comment="hello",
        icc_profile=wide_profile(),
    )
    found = read_image(path).metadata
    assert found.exif == exif_block()
    assert found.icc == wide_profile()
    assert found.text == (("Comment", "hello"),)
    assert found.dpi == (72.0, 72.0)


def test_the_reference_to_a_second_xmp_packet_goes_with_a_word(tmp_path: Path) -> None:
    packet = XMP.replace(b'xmp:Rating="4"', b'xmp:Rating="4" xmpNote:HasExtendedXMP="0AF3"')
    path = tmp_path / "a.jpg"
    Image.fromarray(smooth(9, 12, 3, np.uint8)).save(path, xmp=packet)
    back = read_image(path)
    assert back.metadata.xmp is not None
    assert b"HasExtendedXMP" not in back.metadata.xmp
    assert b"Rating" in back.metadata.xmp
    assert any("XMP" in text for text in back.warnings)


def test_xmp_is_corrected_in_any_spelling() -> None:
    packet = "<a tiff:Orientation = '8' b:Other='8'/><tiff:ImageWidth> 12 </tiff:ImageWidth>"
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        changed = xmp.fitted(packet.encode(encoding), 99, 77).decode(encoding)
        assert "tiff:Orientation = '1'" in changed
        assert "b:Other='8'" in changed
        assert "<tiff:ImageWidth>99</tiff:ImageWidth>" in changed
    assert xmp.fitted(b"\xff\xfe\x00", 1, 1) == b"\xff\xfe\x00"


def test_the_head_is_put_before_any_jpeg_stream() -> None:
    assert jpeg_segments.end_of_head(b"\xff\xd8\xff") is None
    assert jpeg_segments.end_of_head(b"\xff\xd8\xff\xdb\x00\x43") == 2
    made = io.BytesIO()
    Image.fromarray(smooth(9, 9, 3, np.uint8)).save(made, "JPEG")
    assert jpeg_segments.end_of_head(made.getvalue()) == 20


def test_long_notes_do_not_keep_a_png_from_opening(tmp_path: Path) -> None:
    import zlib

    from srgan_desktop.core.images.io.png_chunks import chunk

    path = write_image(tmp_path / "a.png", picture("rgb8"), WriteOptions("png")).path
    data = path.read_bytes()
    note = "recipe " * 500_000
    packed = chunk(b"zTXt", b"workflow\0\0" + zlib.compress(note.encode()))
    path.write_bytes(data[:33] + packed + data[33:])
    back = read_image(path)
    assert back.metadata.text == (("workflow", note),)
    assert np.array_equal(back.pixels, picture("rgb8").pixels)


@pytest.mark.parametrize("with_exif", [True, False])
@pytest.mark.parametrize("strip", [True, False])
@pytest.mark.parametrize("name", ["png", "jpeg", "tiff", "webp", "jpeg2000"])
def test_a_resolution_of_one_s_own(
    tmp_path: Path, name: str, *, strip: bool, with_exif: bool
) -> None:
    """The file says it wherever it says one, whatever the original said."""
    made = picture("rgb8", dpi=(72.0, 72.0), exif=exif_block(1) if with_exif else None)
    path = tmp_path / f"out.{extension(name)}"
    write_image(path, made, WriteOptions(name, strip_metadata=strip, dpi=254.0))
    found = read_image(path).metadata
    assert found.dpi == pytest.approx((254.0, 254.0), abs=0.02)
    if found.exif is not None:
        # TIFF says it in its own table
        assert name == "tiff" or exif.dpi(found.exif) == pytest.approx((254.0, 254.0))
        if not strip:
            kept = {entry.tag for entry in exif.entries(found.exif, exif.first_table(found.exif))}
            assert not with_exif or kept >= {0x010F, 0x0110, 0x8769} & _main_tags(exif_block(1))


def _main_tags(block: bytes) -> set[int]:
    return {entry.tag for entry in exif.entries(block, exif.first_table(block))}
