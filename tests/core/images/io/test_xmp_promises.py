"""What XMP says of things that changed or were not taken along must not stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from image_makers import noise

from srgan_desktop.core.images.image import Metadata, RasterImage
from srgan_desktop.core.images.io import WriteOptions, read_image, write_image, xmp


def packet(attributes: str = "", elements: str = "") -> bytes:
    text = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description rdf:about="" '
        'xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" '
        'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" '
        f'xmp:Rating="4" {attributes}>{elements}<dc:title>A title</dc:title></rdf:Description>'
        "</rdf:RDF></x:xmpmeta>"
    )
    return text.encode()


MOTION = 'GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1" GCamera:MicroVideoOffset="12345"'
DIRECTORY = (
    '<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item '
    'Item:Semantic="MotionPhoto" Item:Length="12345"/></rdf:li></rdf:Seq></Container:Directory>'
)
GAIN_MAP = 'hdrgm:Version="1.0" hdrgm:GainMapMax="3.5"'
GAIN_ELEMENTS = "<hdrgm:GainMapMin><rdf:Seq><rdf:li>0</rdf:li></rdf:Seq></hdrgm:GainMapMin>"
APPLE = "<HDRGainMap:HDRGainMapVersion>65536</HDRGainMap:HDRGainMapVersion>"


@pytest.mark.parametrize(
    ("attributes", "elements"),
    [
        (MOTION, ""),
        (MOTION, DIRECTORY),
        (GAIN_MAP, ""),
        ("", GAIN_ELEMENTS),
        ("", APPLE),
        ("", "<GCamera:MicroVideo>1</GCamera:MicroVideo>"),
    ],
)
def test_films_and_gain_maps_that_are_not_taken_along(
    tmp_path: Path, attributes: str, elements: str
) -> None:
    source = RasterImage(noise("rgb8").pixels, None, Metadata(xmp=packet(attributes, elements)))
    image = read_image(write_image(tmp_path / "a.jpg", source, WriteOptions("jpeg")).path)
    said = image.metadata.xmp or b""
    for word in (b"MotionPhoto", b"MicroVideo", b"Container:", b"hdrgm:G", b"hdrgm:V", b"HDRGain"):
        assert word not in said
    assert b'xmp:Rating="4"' in said
    assert b"<dc:title>A title</dc:title>" in said
    assert any("gain map" in text for text in image.warnings)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "unclosed",
    [
        "<hdrgm:a>" * 150_000,
        "<hdrgm:a" * 150_000,
        "".join(f"<hdrgm:a{number}>" for number in range(120_000)),
        "<xmp:Thumbnails>" * 80_000,
        " hdrgm:a" * 150_000,
    ],
    ids=lambda text: text[:20],
)
def test_elements_that_are_never_closed_take_no_time(unclosed: str) -> None:
    source = packet(elements=unclosed)
    assert xmp.without_attachments(source) == source
    assert xmp.fitted(source, 9, 9) == source


def test_whole_elements_go_from_among_unclosed_ones() -> None:
    def left(elements: str) -> str:
        return xmp.without_attachments(elements.encode()).decode()

    assert (
        left("<hdrgm:a><hdrgm:b/> \n<dc:c/><hdrgm:b d='1'>2</hdrgm:b><e>") == "<hdrgm:a><dc:c/><e>"
    )
    assert left("<hdrgm:a><hdrgm:b></hdrgm:a></hdrgm:b>") == "</hdrgm:b>"
    assert left("</hdrgm:a><hdrgm:a>") == "</hdrgm:a><hdrgm:a>"
    thumbnails = b"<xmp:Thumbnails><rdf:li/></xmp:Thumbnails>\n<xap:Thumbnails>1</xap:Thumbnails>2"
    assert xmp.fitted(thumbnails, 9, 9) == b"2"


def test_a_packet_without_such_things_stays_as_it_is(tmp_path: Path) -> None:
    source = RasterImage(noise("rgb8").pixels, None, Metadata(xmp=packet()))
    image = read_image(write_image(tmp_path / "a.jpg", source, WriteOptions("jpeg")).path)
    assert image.metadata.xmp == packet()
    assert image.warnings == ()


PANORAMA = {
    "FullPanoWidthPixels": 400,
    "FullPanoHeightPixels": 200,
    "CroppedAreaImageWidthPixels": 100,
    "CroppedAreaImageHeightPixels": 50,
    "CroppedAreaLeftPixels": 30,
    "CroppedAreaTopPixels": 7,
}


@pytest.mark.parametrize("as_elements", [False, True])
def test_a_panorama_grows_with_its_picture(as_elements: bool) -> None:
    if as_elements:
        parts = "", "".join(f"<GPano:{n}>{v}</GPano:{n}>" for n, v in PANORAMA.items())
    else:
        parts = " ".join(f'GPano:{name}="{value}"' for name, value in PANORAMA.items()), ""
    fitted = xmp.fitted(packet(*parts), 400, 200).decode()
    for name, value in PANORAMA.items():
        told = f"<GPano:{name}>{value * 4}<" if as_elements else f'GPano:{name}="{value * 4}"'
        assert told in fitted


def test_a_whole_panorama_has_the_size_of_its_picture() -> None:
    fitted = xmp.fitted(packet('GPano:FullPanoWidthPixels="100"'), 250, 125)
    assert b'GPano:FullPanoWidthPixels="250"' in fitted


def test_sizes_of_nothing_are_left_alone() -> None:
    source = packet('GPano:CroppedAreaImageWidthPixels="0" GPano:FullPanoWidthPixels="0"')
    assert xmp.fitted(source, 250, 125) == source


def test_a_packet_in_utf_16() -> None:
    data = ("\ufeff" + packet(MOTION).decode()).encode("utf-16-le")
    said = xmp.without_attachments(data).decode("utf-16-le")
    assert "MotionPhoto" not in said
    assert 'xmp:Rating="4"' in said
