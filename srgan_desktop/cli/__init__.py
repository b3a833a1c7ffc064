"""The command line. ``main`` takes arguments and returns an exit code.

0 all done, 1 some of the work failed, 2 the call itself is wrong, 130 interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from srgan_desktop.cli import (
    benchmark,
    blend,
    compare,
    doctor,
    evaluate,
    export,
    models,
    queue,
    upscale,
    watch,
    window,
)
from srgan_desktop.cli.shared import ArgumentParser, Command, say
from srgan_desktop.core.base import translation
from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.core.base.leaving import INTERRUPTED
from srgan_desktop.core.base.stop_signals import StopSignals
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.base.unexpected import explain_unexpected

COMMANDS: dict[str, Command] = {
    "upscale": upscale.COMMAND,
    "watch": watch.COMMAND,
    "queue": queue.COMMAND,
    "models": models.COMMAND,
    "blend": blend.COMMAND,
    "export": export.COMMAND,
    "compare": compare.COMMAND,
    "evaluate": evaluate.COMMAND,
    "benchmark": benchmark.COMMAND,
    "doctor": doctor.COMMAND,
}
BROKEN_PIPE = 141


def main(argv: Sequence[str]) -> int:
    """Run one command line; never raises for anything a person may do wrong."""
    translation.set_language(translation.system_language())
    _never_fail_on_a_letter()
    if argv[:1] == ["train"]:
        # the trainer has its own command line; it also runs without this package's
        from trainer.cli import main as train

        return train(list(argv[1:]), prog="srgan-desktop train")
    if _is_for_the_window(argv):
        return window.main(argv)
    with StopSignals("SIGINT") as stop:
        return _told(argv, stop)


def _told(argv: Sequence[str], stop: StopSignals) -> int:
    """Run a command; whatever goes wrong is said in a line."""
    arguments = argparse.Namespace()
    try:
        return _run(argv, arguments)
    except SrganDesktopError as error:
        _report(str(error), error.kind, arguments)
        return error.exit_code
    except (KeyboardInterrupt, OSError) as error:
        return _stopped(error, arguments)
    except Exception as error:  # the last resort: a line, not a traceback
        if stop.explains(error):
            return _stopped(KeyboardInterrupt(), arguments)
        _report(explain_unexpected(error), "unexpected", arguments)
        return 1


def _is_for_the_window(argv: Sequence[str]) -> bool:
    """No command, but nothing, a page or files; a mistyped command is none of it."""
    if not argv:
        return True
    first = argv[0]
    if first == window.PAGE_OPTION:
        return True
    if not first or first.startswith("-") or first in COMMANDS:
        return False
    if Path(first).suffix or os.sep in first or "/" in first:
        return True
    try:
        return Path(first).exists()
    except OSError:  # a name that no file can have
        return False


def _run(argv: Sequence[str], arguments: argparse.Namespace) -> int:
    """Fills in ``arguments``, so that a failure can still be told in the way they ask for."""
    try:
        build_parser().parse_args(argv, arguments)
    except SystemExit as end:  # after --help, or a call that makes no sense
        code = int(end.code or 0)
    else:
        code = int(arguments.run(arguments))
    if sys.stdout is not None:
        # a reader who has gone, or a full disk, is met here and not while exiting
        sys.stdout.flush()
    return code


def _stopped(error: KeyboardInterrupt | OSError, arguments: argparse.Namespace) -> int:
    """The exit code after the work was cut off from outside."""
    if isinstance(error, KeyboardInterrupt):
        say(tr("interrupted; what was finished is kept"))
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        _abandon_stdout()
        return BROKEN_PIPE
    try:
        sys.stdout.flush()
    except (OSError, AttributeError):  # it is stdout itself that fails
        _abandon_stdout()
    reason = error.strerror or str(error)
    message = f"{error.filename}: {reason}" if error.filename else reason
    _report(message, "system", arguments)
    return 1


def _never_fail_on_a_letter() -> None:
    """Names may hold what the terminal cannot show; better a code there than no output."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _abandon_stdout() -> None:
    """Point stdout elsewhere, so that nothing complains while exiting."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _report(message: str, kind: str, arguments: argparse.Namespace) -> None:
    if getattr(arguments, "json", False):
        event = {"event": "error", "error": message, "kind": kind}
        try:
            print(json.dumps(event), flush=True)
        except OSError:  # the disk that the output goes to may be what is full
            _abandon_stdout()
    say(tr("error: {message}", message=message))


def build_parser() -> argparse.ArgumentParser:
    """The whole grammar; imports nothing heavy."""
    from srgan_desktop import __version__

    parser = ArgumentParser(
        prog="srgan-desktop",
        description=tr("Enlarge photos with SRResNet and SRGAN, and train such models."),
        epilog=tr("Each command has --help with examples."),
    )
    parser.add_argument("--version", action="version", version=f"srgan-desktop {__version__}")
    # handled before this parser sees it, as is "train" below
    parser.add_argument(
        window.PAGE_OPTION, choices=window.PAGES, help=tr("open the window on this page")
    )
    subparsers = parser.add_subparsers(
        metavar=tr("COMMAND"), required=True, parser_class=ArgumentParser
    )
    for name, command in COMMANDS.items():
        sub = subparsers.add_parser(
            name,
            help=command.summary(),
            description=command.summary(),
            epilog=tr("examples:") + "\n" + command.examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(sub)
        sub.set_defaults(run=command.run)
    subparsers.add_parser("train", help=tr("train a model on your own pictures"), add_help=False)
    return parser
