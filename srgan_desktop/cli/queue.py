"""``srgan-desktop queue``: look at a queue, go on with it, tidy it up."""

from __future__ import annotations

import argparse
import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.cli.batch_run import end_like_ctrl_c, open_any, open_queue, run_to_the_end
from srgan_desktop.cli.shared import Command, add_device, say
from srgan_desktop.core.base.arguments import add_json, path
from srgan_desktop.core.base.console import Console
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr, trn

if TYPE_CHECKING:
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.queue import Item, Queue, Status

ACTIONS = ("list", "run", "retry", "clear", "report")
EXAMPLES = """\
  srgan-desktop queue
  srgan-desktop queue run
  srgan-desktop queue retry --queue scans.queue
  srgan-desktop queue clear --queue scans.queue
  srgan-desktop queue report --queue scans.queue -o report.csv
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        default="list",
        choices=ACTIONS,
        help=tr(
            "list: show it; run: do what waits; retry: let what failed wait again; "
            "clear: forget what is over, files stay; report: write a table"
        ),
    )
    parser.add_argument(
        "--queue",
        type=path,
        metavar=tr("FILE"),
        help=tr("the queue's file (default: that of the window)"),
    )
    parser.add_argument(
        "-o", "--output", type=path, metavar=tr("FILE"), help=tr("where the report goes (CSV)")
    )
    add_device(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0, or for "run" as ``upscale``."""
    from srgan_desktop.core.jobs.queue import default_path

    file = arguments.queue or default_path()
    if not file.exists():
        if arguments.queue is not None:
            raise UsageError(tr("{path}: there is no such file", path=file))
        say(tr("the queue is empty"))
        return 0
    if arguments.action == "run":
        return _run(arguments, file)
    reads = arguments.action in ("list", "report")
    with open_queue(file, read_only=reads) as queue:
        return _ACTIONS[arguments.action](arguments, queue)


def _run(arguments: argparse.Namespace, file: Path) -> int:
    end_like_ctrl_c()
    with open_queue(file) as queue:
        if queue.next_waiting() is None:
            say(tr("nothing waits in the queue"))
            return 0
        wanted = _wanted(queue)
        model = wanted[0].model if wanted else ""
        return run_to_the_end(arguments, queue, model, open_any(arguments, wanted))


def _wanted(queue: Queue) -> list[BatchOptions]:
    """What the waiting rows ask for, each once, but for what only a newer program understands."""
    found = []
    for number in dict.fromkeys(item.options for item in queue.items("waiting")):
        with contextlib.suppress(UsageError):
            found.append(queue.options(number))
    return found


def _list(arguments: argparse.Namespace, queue: Queue) -> int:
    console = Console()
    for item in queue.items():
        console.line(_json(item) if arguments.json else _text(item))
    counts = queue.counts()
    if arguments.json:
        console.line(json.dumps({"event": "counts"} | counts))
    else:
        said = ", ".join(f"{_status(status)} {n}" for status, n in counts.items() if n)
        console.line(said or tr("the queue is empty"))
    return 0


def _json(item: Item) -> str:
    values = item._asdict() | {"event": "item"}
    return json.dumps(
        {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}
    )


def _text(item: Item) -> str:
    text = f"{item.id:>6}  {_status(item.status):<10}  {item.source}"
    if item.target is not None:
        text += f" -> {item.target}"
    return text + (f"\n{'':20}{item.error}" if item.error else "")


def _status(status: Status) -> str:
    return {
        "waiting": tr("waiting"),
        "working": tr("working"),
        "done": tr("done"),
        "failed": tr("failed"),
        "skipped": tr("skipped"),
        "cancelled": tr("cancelled"),
    }[status]


def _retry(arguments: argparse.Namespace, queue: Queue) -> int:
    del arguments
    over = [item.id for status in ("failed", "cancelled") for item in queue.items(status)]
    n = queue.retry(over)
    say(trn("{n} picture waits again", "{n} pictures wait again", n))
    return 0


def _clear(arguments: argparse.Namespace, queue: Queue) -> int:
    del arguments
    n = queue.clear(["done", "failed", "skipped", "cancelled"])
    say(trn("{n} picture forgotten", "{n} pictures forgotten", n))
    return 0


def _report(arguments: argparse.Namespace, queue: Queue) -> int:
    from srgan_desktop.core.jobs.report import write_report

    if arguments.output is None:
        raise UsageError(tr("name the report's file with -o"))
    write_report(queue, arguments.output)
    return 0


_ACTIONS = {"list": _list, "retry": _retry, "clear": _clear, "report": _report}
COMMAND = Command(lambda: tr("look at a queue and go on with it"), EXAMPLES, add_arguments, run)
