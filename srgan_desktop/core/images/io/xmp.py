"""XMP packets: correcting what they repeat about the picture's size and orientation.

A packet is XML whose layout programs like to find again, so it is edited as text where it stands.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable

_FIELD = r"(\b{name}\s*=\s*[\"']|<{name}>)\s*\d+\s*([\"']|</{name}>)"
_THUMBNAILS = r"(?:xmp|xap):Thumbnails"
_EXTENDED = re.compile(r"""\bxmpNote:HasExtendedXMP\s*=\s*(["'])[0-9A-Fa-f]*\1\s*""")
# what belongs to a film or a gain map stored behind the picture, which is not taken along
_CAMERA = r"(?:GCamera|OpCamera|VCamera):(?:MicroVideo|MotionPhoto|OLivePhoto)\w*"
_ATTACHED = rf"(?:{_CAMERA}|(?:hdrgm|HDRGainMap|apdi|Container):\w+)"
_ATTACHED_ATTRIBUTE = re.compile(rf"""\s\b{_ATTACHED}\s*=\s*(["']).*?\1""", re.DOTALL)
_SPACE = re.compile(r"\s*")
_PANORAMA_WIDTHS = (
    "FullPanoWidthPixels",
    "CroppedAreaImageWidthPixels",
    "CroppedAreaLeftPixels",
    "LargestValidInteriorRectLeft",
    "LargestValidInteriorRectWidth",
)
_PANORAMA_HEIGHTS = (
    "FullPanoHeightPixels",
    "CroppedAreaImageHeightPixels",
    "CroppedAreaTopPixels",
    "LargestValidInteriorRectTop",
    "LargestValidInteriorRectHeight",
)


def upright(packet: bytes) -> bytes:
    """The packet with its orientation, where it has one, set to 1."""
    return _edited(packet, {"tiff:Orientation": 1})


def fitted(packet: bytes, width: int, height: int) -> bytes:
    """The packet for a picture of another size: sizes corrected, old thumbnails gone."""
    sizes = {"tiff:ImageWidth": width, "exif:PixelXDimension": width}
    sizes |= {"tiff:ImageLength": height, "exif:PixelYDimension": height}
    return _edited(
        _with_panorama(packet, width, height), {"tiff:Orientation": 1, **sizes}, _without_thumbnails
    )


def without_attachments(packet: bytes) -> bytes:
    """The packet without its word on a film or a gain map stored behind the picture.

    Motion photos of Google, Samsung and others; gain maps of Adobe, Google and Apple.
    """
    return _edited(packet, {}, _without_attached)


def _with_panorama(packet: bytes, width: int, height: int) -> bytes:
    """With the sizes of a panorama in pixels of this picture (Google's namespace GPano)."""
    values: dict[str, int] = {}
    for names, side in ((_PANORAMA_WIDTHS, width), (_PANORAMA_HEIGHTS, height)):
        found = {name: _number(packet, f"GPano:{name}") for name in names}
        before = found[names[1]] or found[names[0]]
        if before:
            known = {name: value for name, value in found.items() if value is not None}
            values |= {f"GPano:{n}": round(v * side / before) for n, v in known.items()}
    return _edited(packet, values) if values else packet


def _number(packet: bytes, name: str) -> int | None:
    text = packet.decode(_encoding(packet), "replace")
    found = re.search(_FIELD.format(name=re.escape(name)).replace(r"\d+", r"(?P<value>\d+)"), text)
    return int(found["value"]) if found else None


def has_extension(packet: bytes) -> bool:
    """Whether the packet refers to a second one, of which JPEG files keep only the name here."""
    return b"HasExtendedXMP" in packet


def without_extension(packet: bytes) -> bytes:
    """The packet without its reference to a second one."""
    return _edited(packet, {}, lambda text: _EXTENDED.sub("", text))


def _without_thumbnails(text: str) -> str:
    return _without_elements(text, _THUMBNAILS)


def _without_attached(text: str) -> str:
    return _ATTACHED_ATTRIBUTE.sub("", _without_elements(text, _ATTACHED))


def _without_elements(text: str, names: str) -> str:
    """The text without whole elements of such names (a pattern); the rest stays as it is.

    In one pass: a pattern for whole elements would search to the end for each that is not closed.
    """
    closings = defaultdict[str, list[int]](list)
    for closing in re.finditer(rf"</({names})>", text):
        closings[closing[1]].append(closing.end())
    kept: list[str] = []
    done = head_end = 0
    for opening in re.finditer(rf"<({names})\b", text):
        if opening.start() < done:
            continue  # within one that is gone
        if head_end <= opening.end():
            head_end = text.find(">", opening.end()) + 1
        if not head_end:
            break
        end = head_end
        if text[head_end - 2] != "/":
            places = closings.get(opening[1], [])
            number = bisect_right(places, head_end)
            if number == len(places):
                continue
            end = places[number]
        kept.append(text[done : opening.start()])
        done = _SPACE.match(text, end).end()  # type: ignore[union-attr]
    return "".join((*kept, text[done:]))


def _edited(
    packet: bytes, values: dict[str, int], shortened: Callable[[str], str] | None = None
) -> bytes:
    encoding = _encoding(packet)
    try:
        text = packet.decode(encoding)
    except UnicodeDecodeError:
        return packet  # nothing can be corrected in it; what reads it will have to judge
    for name, value in values.items():
        pattern = _FIELD.format(name=re.escape(name))
        text = re.sub(pattern, rf"\g<1>{value}\g<2>", text)
    if shortened is not None:
        text = shortened(text)
    return text.encode(encoding)


def _encoding(packet: bytes) -> str:
    if packet[:2] in (b"\xff\xfe", b"<\0"):
        return "utf-16-le"
    if packet[:2] in (b"\xfe\xff", b"\0<"):
        return "utf-16-be"
    return "utf-8"
