"""The command line. ``main`` takes arguments and returns an exit code.

0 all done, 1 some of the work failed, 2 the call itself is wrong, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

from srgan_desktop.cli import benchmark, doctor, evaluate, models, train, upscale
from srgan_desktop.cli.shared import ArgumentParser, Command
from srgan_desktop.core import translation
from srgan_desktop.core.errors import SrganDesktopError
from srgan_desktop.core.translation import tr

COMMANDS: dict[str, Command] = {
    "upscale": upscale.COMMAND,
    "models": models.COMMAND,
    "evaluate": evaluate.COMMAND,
    "benchmark": benchmark.COMMAND,
    "doctor": doctor.COMMAND,
}
INTERRUPTED = 130
BROKEN_PIPE = 141


def main(argv: Sequence[str]) -> int:
    """Run one command line; never raises for anything a person may do wrong."""
    translation.set_language(translation.system_language())
    if argv[:1] == ["train"]:
        # the trainer has its own command line; it also runs without this package's
        return train.main(argv[1:])
    try:
        arguments = build_parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    return _run(arguments)


def _run(arguments: argparse.Namespace) -> int:
    try:
        return int(arguments.run(arguments))
    except SrganDesktopError as error:
        _report(error, as_json=getattr(arguments, "json", False))
        return error.exit_code
    except KeyboardInterrupt:
        print(tr("interrupted; what was finished is kept"), file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # whoever read the output has gone; point stdout elsewhere so that exit does not complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def _report(error: SrganDesktopError, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"event": "error", "error": str(error), "kind": error.kind}), flush=True)
    print(tr("error: {message}", message=error), file=sys.stderr)


def build_parser() -> argparse.ArgumentParser:
    """The whole grammar; imports nothing heavy."""
    from srgan_desktop import __version__

    parser = ArgumentParser(
        prog="srgan-desktop",
        description=tr("Enlarge photos with SRResNet and SRGAN, and train such models."),
        epilog=tr("Each command has --help with examples."),
    )
    parser.add_argument("--version", action="version", version=f"srgan-desktop {__version__}")
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
    # listed for --help; handled before this parser sees it
    subparsers.add_parser("train", help=tr("train a model on your own pictures"), add_help=False)
    return parser
