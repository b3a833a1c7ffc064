"""``srgan-desktop compare``: one labelled sheet of what several models make of pictures."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.cli.shared import CLASSIC, Command, add_device, say
from srgan_desktop.core.base.arguments import add_json, path, positive_int
from srgan_desktop.core.base.console import Console
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.paths import is_folder, is_there
from srgan_desktop.core.base.translation import tr

if TYPE_CHECKING:
    import numpy as np

    from srgan_desktop.core.evaluation.contact_sheet import Row

EXAMPLES = """\
  srgan-desktop compare photo.jpg --models bicubic,srresnet-x4 -o sheet.png
  srgan-desktop compare a.png b.png --models bicubic,srresnet-x4,mine.safetensors -o sheet.png
  srgan-desktop compare photo.jpg --models bicubic,srresnet-x4 --piece 160x120 -o sheet.webp
"""

Enlarge = Callable[["np.ndarray"], "np.ndarray"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "inputs", nargs="+", type=path, metavar=tr("INPUT"), help=tr("pictures, one row each")
    )
    parser.add_argument(
        "--models",
        required=True,
        metavar="A,B,C",
        help=tr("columns: models by name or file, and nearest, bicubic, lanczos"),
    )
    parser.add_argument(
        "-o",
        "--output",
        type=path,
        required=True,
        metavar=tr("FILE"),
        help=tr("the sheet: a picture file"),
    )
    parser.add_argument(
        "--piece",
        type=_piece,
        default=(256, 192),
        metavar="WxH",
        help=tr("the middle of each picture, at most so large, in its pixels (default: 256x192)"),
    )
    parser.add_argument(
        "--scale",
        type=positive_int,
        default=None,
        metavar="N",
        help=tr("factor of the sheet (default: the first model's)"),
    )
    parser.add_argument(
        "--existing",
        default="rename",
        choices=["rename", "overwrite"],
        help=tr("what to do where the sheet's name is taken (default: rename)"),
    )
    add_device(parser)
    add_json(parser)


def _piece(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    return positive_int(width), positive_int(height)


def run(arguments: argparse.Namespace) -> int:
    """Write the sheet; exit code 0."""
    from srgan_desktop.core.evaluation.contact_sheet import contact_sheet
    from srgan_desktop.core.images.image import RasterImage
    from srgan_desktop.core.images.io import (
        WriteOptions,
        check_target,
        format_of_extension,
        write_image,
    )

    out: Path = arguments.output
    names = [name.strip() for name in arguments.models.split(",") if name.strip()]
    if not names:
        raise UsageError(tr("--models is empty; name at least one"))
    check_target(out, None, 1, 1)
    _check_place(out, arguments)
    columns, scale = _columns(arguments, names)
    rows = _rows(arguments, columns, scale)
    sheet = contact_sheet(
        [Path(name).stem if Path(name).is_file() else name for name in names], rows
    )
    options = WriteOptions(format_of_extension(out) or "png", existing=arguments.existing)
    written = write_image(out, RasterImage(sheet), options)
    if arguments.json:
        print(json.dumps({"event": "saved", "path": str(written.path)}))
    else:
        print(tr("wrote {path}", path=written.path))
    return 0


def _check_place(out: Path, arguments: argparse.Namespace) -> None:
    """Now rather than after the work."""
    if not is_folder(out.absolute().parent):
        raise UsageError(tr("{path}: cannot be a file; choose another place", path=out))
    if arguments.existing != "overwrite" or not is_there(out):
        return
    if any(is_there(source) and out.samefile(source) for source in arguments.inputs):
        raise UsageError(tr("{path}: is a picture to compare; choose another name", path=out))


def _columns(arguments: argparse.Namespace, names: list[str]) -> tuple[list[Enlarge], int]:
    """How each column enlarges, and by how much all do."""
    from srgan_desktop.core.engine.engine import open_engine
    from srgan_desktop.core.upscaling.size import TargetSize
    from srgan_desktop.core.weights.catalogue import find_model

    engines = {
        name: open_engine(
            find_model(name), arguments.device, arguments.precision, arguments.threads
        )
        for name in names
        if name not in CLASSIC
    }
    for warning in dict.fromkeys(text for engine in engines.values() for text in engine.warnings):
        say(tr("warning: {message}", message=warning))
    scale = arguments.scale or next((engine.scale for engine in engines.values()), 4)
    size = TargetSize("scale", scale)
    from srgan_desktop.core.upscaling.upscale import enlarge_with
    from trainer.evaluation.evaluate import CLASSIC as METHODS

    return [
        METHODS[name](scale) if name in CLASSIC else enlarge_with(engines[name], size)
        for name in names
    ], scale


def _rows(arguments: argparse.Namespace, columns: list[Enlarge], scale: int) -> list[Row]:
    import numpy as np

    from srgan_desktop.core.evaluation.contact_sheet import Row, middle
    from srgan_desktop.core.images.io import read_image, to_srgb8

    console = Console() if not arguments.json else None
    rows = []
    for index, source in enumerate(arguments.inputs):
        pixels = to_srgb8(read_image(source))
        left, top, wide, high = middle(pixels.shape[1], pixels.shape[0], arguments.piece)
        piece = np.ascontiguousarray(pixels[top : top + high, left : left + wide])
        if console is not None:
            console.progress(index / len(arguments.inputs), source.name)
        results = tuple(enlarge(piece) for enlarge in columns)
        rows.append(Row(f"{source.name}  x{scale}", results))
    if console is not None:
        console.close()
    return rows


COMMAND = Command(
    lambda: tr("put what several models make of pictures on one sheet"),
    EXAMPLES,
    add_arguments,
    run,
)
