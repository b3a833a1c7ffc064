"""``srgan-desktop upscale``: files and folders to larger files."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.cli.batch_run import (
    check_for_cluster,
    end_like_ctrl_c,
    open_as_called,
    open_queue,
    run_to_the_end,
)
from srgan_desktop.cli.enlarging import add_enlarging, batch_options
from srgan_desktop.cli.shared import Command, say
from srgan_desktop.cli.upscale_report import make_reporter
from srgan_desktop.core.base.arguments import add_json, path
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr, trn

if TYPE_CHECKING:
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.queue import AddedAgain
    from srgan_desktop.core.jobs.result_names import Naming
    from srgan_desktop.core.jobs.sources import Source

FEW = 4

EXAMPLES = """\
  srgan-desktop upscale holiday.jpg
  srgan-desktop upscale scans/ -o enlarged/ --scale 2 --format png
  srgan-desktop upscale *.jpg -o print/ --long 6000 --quality 97 --existing skip
  srgan-desktop upscale old.png -o new.png --tta
  srgan-desktop upscale scans/ -o enlarged/ --dry-run
  srgan-desktop upscale scans/ -o enlarged/ --queue scans.queue
  srgan-desktop upscale scans/ -o enlarged/ --cluster tcp://10.0.0.5:8786
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
    add_enlarging(parser)
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help=tr("say what would be written and what it costs; write nothing"),
    )
    parser.add_argument(
        "--queue",
        type=path,
        metavar=tr("FILE"),
        help=tr("remember in this file what is done: the same command again goes on from there"),
    )
    parser.add_argument(
        "--cluster",
        metavar=tr("ADDRESS"),
        help=tr("let the workers of a Dask cluster compute; all must see the same folders"),
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 all done or skipped, 1 some failed."""
    end_like_ctrl_c()
    naming, leave_out = _naming(arguments)
    sources = _sources(arguments, naming, leave_out)
    if naming.file is not None and len(sources) > 1:
        raise UsageError(
            tr("-o {file} is one file, but there are several inputs", file=naming.file)
        )
    options = batch_options(arguments, naming)
    if arguments.dry_run:
        return _dry_run(arguments, sources, options)
    few = arguments.queue is None and arguments.cluster is None and _are_few(arguments)
    # before the queue, so that a wrong call leaves nothing in it
    opened = None
    if arguments.cluster is None:
        opened = open_as_called(arguments, options)
    else:
        check_for_cluster(options)
    with open_queue(arguments.queue) as queue:
        if arguments.queue is None:
            queue.add(sources, options)
        else:
            _say_what_is_known(queue.add_again(sources, options))
        return run_to_the_end(arguments, queue, options.model, opened, few=few)


def _say_what_is_known(added: AddedAgain) -> None:
    if added.done:
        say(trn("{n} picture is done already", "{n} pictures are done already", added.done))
    if added.again:
        say(
            trn(
                "{n} picture is done again: it failed, was changed or lost its result",
                "{n} pictures are done again: they failed, were changed or lost their results",
                added.again,
            )
        )
    _say_results(added.results)


def _say_results(count: int) -> None:
    if count:
        say(
            trn(
                "{n} result of earlier runs is left as it is; name it to enlarge it again",
                "{n} results of earlier runs are left as they are; name them to enlarge them again",
                count,
            )
        )


def _are_few(arguments: argparse.Namespace) -> bool:
    """A handful, named one by one: each is finished, and told of, before the next is touched."""
    return len(arguments.inputs) <= FEW and not any(given.is_dir() for given in arguments.inputs)


def _dry_run(arguments: argparse.Namespace, sources: list[Source], options: BatchOptions) -> int:
    from srgan_desktop.core.jobs.estimate import EngineSpeed, measure_speed, plan_files

    engine, listed = open_as_called(arguments, options)
    first = listed[0].open_before(options)
    before = None if first is None else EngineSpeed(first, measure_speed(first))
    reporter = make_reporter(arguments, len(sources))
    failed = 0
    speed = measure_speed(engine)
    try:
        for event in plan_files(sources, engine, options, speed, before, look=True):
            reporter.show(event)
            failed += event.event == "file_failed"
    finally:
        reporter.close()
    return 1 if failed else 0


def _naming(arguments: argparse.Namespace) -> tuple[Naming, Path | None]:
    from srgan_desktop.core.images.io import format_of_extension
    from srgan_desktop.core.jobs.result_names import Naming

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
    from srgan_desktop.core.jobs.result_names import without_results
    from srgan_desktop.core.jobs.sources import LeftOut, collect_sources

    left_out = LeftOut()
    sources = collect_sources(arguments.inputs, leave_out=leave_out, left_out=left_out)
    if str(left_out):
        say(tr("left out: {what}", what=left_out))
    if naming.file is not None:
        return sources
    sources, results = without_results(sources, naming.template, naming.out)
    _say_results(len(results))
    return sources


COMMAND = Command(lambda: tr("enlarge pictures"), EXAMPLES, add_arguments, run)
