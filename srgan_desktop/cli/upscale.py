"""``srgan-desktop upscale``: files and folders to larger files."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.cli.shared import (
    Command,
    add_detail,
    add_device,
    add_json,
    add_model,
    open_engine,
    path,
    positive_int,
    positive_number,
    say,
)
from srgan_desktop.cli.upscale_report import JsonReporter, PlainReporter
from srgan_desktop.core.errors import UsageError
from srgan_desktop.core.size import Rule, TargetSize
from srgan_desktop.core.translation import tr, trn

if TYPE_CHECKING:
    from srgan_desktop.core.engine import Engine
    from srgan_desktop.core.events import Event
    from srgan_desktop.core.jobs import JobOptions
    from srgan_desktop.core.sources import Naming, Source

FORMATS = ("same", "png", "jpeg", "webp", "tiff", "bmp", "avif", "jpeg2000", "jxl", "heic")
SIZES: tuple[Rule, ...] = ("scale", "width", "height", "long", "short")

EXAMPLES = """\
  srgan-desktop upscale holiday.jpg
  srgan-desktop upscale scans/ -o enlarged/ --scale 2 --format png
  srgan-desktop upscale *.jpg -o print/ --long 6000 --quality 97 --existing skip
  srgan-desktop upscale old.png -o new.png --tta
  srgan-desktop upscale scans/ -o enlarged/ --dry-run
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "inputs", nargs="+", type=path, metavar=tr("INPUT"), help=tr("picture files and folders")
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar=tr("OUT"),
        help=tr("a folder, or a file for one input (default: beside the source)"),
    )
    add_model(parser)
    add_detail(parser)
    _add_size(parser)
    add_device(parser)
    parser.add_argument(
        "--tile", type=_tile, default=None, metavar="auto|N",
        help=tr("side of the pieces the picture is worked in, in source pixels (default: auto)"),
    )  # fmt: skip
    parser.add_argument(
        "--tta", action="store_true",
        help=tr("average over eight flips and rotations: eight times slower, slightly better"),
    )  # fmt: skip
    _add_writing(parser)
    parser.add_argument(
        "--dry-run", action="store_true",
        help=tr("say what would be written and what it costs; write nothing"),
    )  # fmt: skip
    parser.add_argument(
        "--allow-huge", action="store_true",
        help=tr("read pictures of any size, even where a small file claims a huge one"),
    )  # fmt: skip
    add_json(parser)


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
    from srgan_desktop.core.names import DEFAULT_NAME

    parser.add_argument(
        "--format", default="same", choices=FORMATS,
        help=tr("kind of file to write (default: that of -o's name, or the source's)"),
    )  # fmt: skip
    parser.add_argument(
        "--quality", type=_quality, metavar="1..100", help=tr("for JPEG, WebP, AVIF, HEIC, JPEG XL")
    )
    parser.add_argument(
        "--name", default=DEFAULT_NAME, metavar=tr("TEMPLATE"),
        help=tr(
            "name of the results; fields: {fields} (default: {default})",
            fields="{stem} {scale} {width} {height} {model}",
            default=DEFAULT_NAME,
        ).replace("%", "%%"),
    )  # fmt: skip
    parser.add_argument(
        "--existing", default="rename", choices=["rename", "skip", "overwrite"],
        help=tr("what to do where the result's name is taken (default: rename)"),
    )  # fmt: skip
    parser.add_argument(
        "--strip-metadata", action="store_true",
        help=tr("write no EXIF, XMP, IPTC, place or date; the colour profile stays"),
    )  # fmt: skip


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


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 all done or skipped, 1 some failed."""
    _end_like_ctrl_c()
    naming, leave_out = _naming(arguments)
    sources = _sources(arguments, naming, leave_out)
    if naming.file is not None and len(sources) > 1:
        raise UsageError(
            tr("-o {file} is one file, but there are several inputs", file=naming.file)
        )
    engine = open_engine(arguments)
    for warning in engine.warnings:
        say(tr("warning: {message}", message=warning))
    options = _options(arguments, engine, naming)
    events = _events(arguments, sources, engine, options)
    reporter = JsonReporter() if arguments.json else PlainReporter(len(sources))
    failed = 0
    try:
        for event in events:
            reporter.show(event)
            failed += event.event == "file_failed"
    finally:
        events.close()  # stops between tiles and frees the canvas before anything is said
        reporter.close()
    return 1 if failed else 0


def _end_like_ctrl_c() -> None:
    """Asked to end, or its terminal closed, the program cleans up as after Ctrl+C."""
    for number in (getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP", "SIGBREAK")):
        # what nohup made deaf stays deaf; other threads' programs handle signals themselves
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            with contextlib.suppress(ValueError):
                signal.signal(number, signal.default_int_handler)


def _events(
    arguments: argparse.Namespace, sources: list[Source], engine: Engine, options: JobOptions
) -> Generator[Event, None, object]:
    from srgan_desktop.core.jobs import measure_speed, plan_files, upscale_files

    if arguments.dry_run:
        return plan_files(sources, engine, options, measure_speed(engine))
    return upscale_files(sources, engine, options)


def _naming(arguments: argparse.Namespace) -> tuple[Naming, Path | None]:
    from srgan_desktop.core.picture_files import format_of_extension
    from srgan_desktop.core.sources import Naming

    if arguments.output is None:
        return Naming(template=arguments.name), None
    out = Path(arguments.output)
    if not arguments.output:
        raise UsageError(tr("-o is empty; give a folder, or a file for one input"))
    if _is_folder(out, arguments.output):
        return Naming(out=out, template=arguments.name), out
    known = format_of_extension(out)
    if out.is_file() or known is not None:
        if len(arguments.inputs) > 1 or arguments.inputs[0].is_dir():
            raise UsageError(_one_file_for_many(out))
        if known is not None and arguments.format not in ("same", known):
            raise UsageError(
                tr(
                    "-o {file} says {by_name}, but --format {chosen}; change one of them",
                    file=out,
                    by_name=known,
                    chosen=arguments.format,
                )
            )
        return Naming(file=out, template=arguments.name), None
    raise UsageError(
        tr(
            "-o {file}: no known picture format has this ending; for a folder end it with /",
            file=out,
        )
    )


def _is_folder(out: Path, as_given: str) -> bool:
    """Whether -o means a folder: it is one, ends like one, or has no ending and is no file."""
    if out.is_dir():
        return True
    # Path drops the separator that a person put there to say so
    return not out.is_file() and (not out.suffix or as_given.endswith((os.sep, "/")))


def _one_file_for_many(file: Path) -> str:
    return tr("-o {file} is one file, but there are several inputs; give a folder", file=file)


def _sources(arguments: argparse.Namespace, naming: Naming, leave_out: Path | None) -> list[Source]:
    from srgan_desktop.core.sources import collect_sources, without_results

    sources = collect_sources(arguments.inputs, leave_out=leave_out)
    if naming.out is not None or naming.file is not None:
        return sources
    sources, results = without_results(sources, naming.template)
    if results:
        say(
            trn(
                "{n} result of earlier runs is left as it is; name it to enlarge it again",
                "{n} results of earlier runs are left as they are; name them to enlarge them again",
                len(results),
            )
        )
    return sources


def _options(arguments: argparse.Namespace, engine: Engine, naming: Naming) -> JobOptions:
    from srgan_desktop.core.jobs import JobOptions
    from srgan_desktop.core.picture_files import DEFAULT_MAX_PIXELS

    return JobOptions(
        size=_target_size(arguments, engine.scale),
        naming=naming,
        format=arguments.format,
        quality=arguments.quality,
        existing=arguments.existing,
        strip_metadata=arguments.strip_metadata,
        tile=arguments.tile,
        tta=arguments.tta,
        max_pixels=None if arguments.allow_huge else DEFAULT_MAX_PIXELS,
    )


def _target_size(arguments: argparse.Namespace, own_scale: int) -> TargetSize:
    for rule in SIZES:
        value = getattr(arguments, rule)
        if value is not None:
            return TargetSize(rule, value)
    return TargetSize("scale", own_scale)


COMMAND = Command(lambda: tr("enlarge pictures"), EXAMPLES, add_arguments, run)
