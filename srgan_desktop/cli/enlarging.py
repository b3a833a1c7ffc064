"""The options of how pictures are enlarged and written, for all commands that do."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from srgan_desktop.cli.shared import add_detail, add_device, add_model, add_strengths
from srgan_desktop.core.base.arguments import positive_int, positive_number
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.upscaling.size import Rule

if TYPE_CHECKING:
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.sources import Naming

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
SIZES: tuple[Rule, ...] = ("scale", "width", "height", "long", "short")


def add_enlarging(parser: argparse.ArgumentParser) -> None:
    """--model to --allow-huge: everything but the inputs, -o and what is done with the answers."""
    add_model(parser)
    add_detail(parser)
    add_strengths(parser)
    _add_size(parser)
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

    rule, value = _size(arguments)
    return BatchOptions(
        model=arguments.model,
        detail=arguments.detail,
        rule=rule,
        value=value,
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
    )


def _size(arguments: argparse.Namespace) -> tuple[Rule, float | None]:
    """None: the model's own factor."""
    for rule in SIZES:
        value = getattr(arguments, rule)
        if value is not None:
            return rule, value
    return "scale", None


def _add_size(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--scale", type=positive_number, metavar="N", help=tr("factor (default: the model's own)")
    )
    helps = {
        "width": tr("width of the result in pixels"),
        "height": tr("height of the result in pixels"),
        "long": tr("longer side of the result in pixels"),
        "short": tr("shorter side of the result in pixels"),
    }
    for side, text in helps.items():
        group.add_argument(f"--{side}", type=positive_int, metavar="N", help=text)


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
