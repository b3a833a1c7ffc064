"""The options of how pictures are enlarged and written, for all commands that do."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from srgan_desktop.cli.shared import add_detail, add_device, add_strengths
from srgan_desktop.core.base.arguments import positive_int, positive_number
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.upscaling.size import USUAL_DPI, Rule, TargetSize, Unit

if TYPE_CHECKING:
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.result_names import Naming

FORMATS = (
    "same",
    "png",
    "jpeg",
    "webp",
    "tiff",
    "bmp",
    "avif",
    "jpeg2000",
    "jxl",
    "heic",
    "gif",
)
NUMBERS: tuple[Rule, ...] = ("scale", "percent", "megapixels")
SIDES: tuple[Rule, ...] = ("width", "height", "long", "short")
# what is written behind a length on paper, and how many of the unit it is
LENGTHS: dict[str, tuple[Unit, float]] = {"cm": ("cm", 1), "mm": ("cm", 0.1), "in": ("in", 1)}


def add_enlarging(parser: argparse.ArgumentParser) -> None:
    """--model to --allow-huge: everything but the inputs, -o and what is done with the answers."""
    _add_model(parser)
    add_detail(parser)
    parser.add_argument(
        "--before",
        metavar=tr("NAME|FILE"),
        help=tr("a 1x model (denoise, remove JPEG) that each picture goes through first"),
    )
    add_strengths(parser)
    _add_size(parser)
    parser.add_argument(
        "--crop",
        metavar="X,Y,W,H",
        help=tr("enlarge only this part of each picture: its upper left pixel and its size"),
    )
    add_device(parser)
    parser.add_argument(
        "--tile",
        type=_tile,
        default=None,
        metavar="auto|N",
        help=tr("side of the pieces the picture is worked in, in source pixels (default: auto)"),
    )
    parser.add_argument(
        "--tta",
        action="store_true",
        help=tr("average over eight flips and rotations: eight times slower, slightly better"),
    )
    _add_writing(parser)
    parser.add_argument(
        "--allow-huge",
        action="store_true",
        help=tr("read pictures of any size, even where a small file claims a huge one"),
    )


def batch_options(arguments: argparse.Namespace, naming: Naming) -> BatchOptions:
    """What these options say. Raises UsageError."""
    from srgan_desktop.core.images.io import DEFAULT_MAX_PIXELS
    from srgan_desktop.core.jobs.options import BatchOptions

    size = _size(arguments)
    model, detail = _model(arguments)
    return BatchOptions(
        model=model,
        detail=detail,
        rule="scale" if size is None else size.rule,
        value=None if size is None else size.value,
        out=naming.out,
        file=naming.file,
        template=naming.template,
        format=arguments.format,
        quality=arguments.quality,
        existing=arguments.existing,
        strip_metadata=arguments.strip_metadata,
        tile=arguments.tile,
        tta=arguments.tta,
        max_pixels=None if arguments.allow_huge else DEFAULT_MAX_PIXELS,
        frames=arguments.frames,
        noise=arguments.noise,
        blur=arguments.blur,
        compression=arguments.compression,
        unit="px" if size is None else size.unit,
        dpi=arguments.dpi if size is None else size.dpi,
        crop=arguments.crop,
        before=arguments.before,
    )


def _add_model(parser: argparse.ArgumentParser) -> None:
    from srgan_desktop.core.base.defaults import DEFAULT_DETAIL, DEFAULT_MODEL

    parser.add_argument(
        "--model",
        metavar=tr("NAME|FILE"),
        help=tr(
            "a model's name or file (default: {name} at detail {detail}, as in the window)",
            name=DEFAULT_MODEL,
            detail=round(DEFAULT_DETAIL),
        ),
    )


def _model(arguments: argparse.Namespace) -> tuple[str, float | None]:
    """Name or file, and detail. A model that was asked for by name is taken as it is."""
    from srgan_desktop.core.base.defaults import DEFAULT_DETAIL, DEFAULT_MODEL

    if arguments.model is not None:
        return arguments.model, arguments.detail
    return DEFAULT_MODEL, DEFAULT_DETAIL if arguments.detail is None else arguments.detail


def _size(arguments: argparse.Namespace) -> TargetSize | None:
    """None: the model's own factor."""
    for rule in NUMBERS:
        if (value := getattr(arguments, rule)) is not None:
            return TargetSize(rule, value, dpi=arguments.dpi)
    for rule in SIDES:
        if (length := getattr(arguments, rule)) is not None:
            value, unit = length
            usual = None if unit == "px" else USUAL_DPI
            return TargetSize(rule, value, unit, arguments.dpi or usual)
    return None


def _length(text: str) -> tuple[float, Unit]:
    """argparse type: 3000, 30cm, 300mm or 12in."""
    for ending, (unit, many) in LENGTHS.items():
        if text.lower().endswith(ending):
            return many * positive_number(text[: -len(ending)]), unit
    return positive_int(text), "px"


def _add_size(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    numbers = {
        "scale": tr("factor, such as 2.5 (default: the model's own)"),
        "percent": tr("size in percent of the original: 250 is the same as --scale 2.5"),
        "megapixels": tr("millions of pixels of the result"),
    }
    for name, text in numbers.items():
        group.add_argument(f"--{name}", type=positive_number, metavar="N", help=text)
    helps = {
        "width": tr("width of the result in pixels, or on paper: 30cm, 300mm, 12in"),
        "height": tr("height of the result, likewise"),
        "long": tr("longer side of the result, likewise"),
        "short": tr("shorter side of the result, likewise"),
    }
    for side, text in helps.items():
        group.add_argument(f"--{side}", type=_length, metavar=tr("LENGTH"), help=text)
    parser.add_argument(
        "--dpi",
        type=positive_number,
        metavar="N",
        help=tr(
            "pixels per inch that the result's file shall say, and that lengths on paper are "
            "meant at (default for these: {dpi})",
            dpi=round(USUAL_DPI),
        ),
    )


def _add_writing(parser: argparse.ArgumentParser) -> None:
    from srgan_desktop.core.base.defaults import DEFAULT_NAME

    parser.add_argument(
        "--format",
        default="same",
        choices=FORMATS,
        help=tr("kind of file to write (default: that of -o's name, or the source's)"),
    )
    parser.add_argument(
        "--quality", type=_quality, metavar="1..100", help=tr("for JPEG, WebP, AVIF, HEIC, JPEG XL")
    )
    parser.add_argument(
        "--name",
        default=DEFAULT_NAME,
        metavar=tr("TEMPLATE"),
        help=tr(
            "name of the results; fields: {fields} (default: {default})",
            fields="{stem} {scale} {width} {height} {model}",
            default=DEFAULT_NAME,
        ).replace("%", "%%"),
    )
    parser.add_argument(
        "--frames",
        default="all",
        choices=["all", "first"],
        help=tr("of animations and TIFF files with pages: all pictures or the first alone"),
    )
    parser.add_argument(
        "--existing",
        default="rename",
        choices=["rename", "skip", "overwrite"],
        help=tr("what to do where the result's name is taken (default: rename)"),
    )
    parser.add_argument(
        "--strip-metadata",
        action="store_true",
        help=tr("write no EXIF, XMP, IPTC, place or date; the colour profile stays"),
    )


def _tile(text: str) -> int | None:
    if text == "auto":
        return None
    side = positive_int(text)
    if side < 16:
        raise argparse.ArgumentTypeError(tr("at least 16, not {side}", side=side))
    return side


def _quality(text: str) -> int:
    value = positive_int(text)
    if value > 100:
        raise argparse.ArgumentTypeError(tr("1 to 100, not {value}", value=value))
    return value
