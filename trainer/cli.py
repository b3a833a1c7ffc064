"""The trainer's command line: ``python -m trainer`` and ``srgan-desktop train``.

Exit codes: 0 done, 1 some of the work failed, 2 the call itself is wrong, 130 interrupted.
"""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Sequence

from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.core.base.leaving import INTERRUPTED
from srgan_desktop.core.base.stop_signals import StopSignals
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.base.unexpected import explain_unexpected
from trainer.commands import check, estimate, export, presets, preview, run
from trainer.commands.report import Reporter
from trainer.training.threads import wait_briefly

PROG = "python -m trainer"
# Ctrl+C also in a shell's background: a training there would otherwise have to be killed
STOPPED_BY = ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP")


def main(argv: Sequence[str] | None = None, prog: str = PROG) -> int:
    """Run one command; ``prog`` is how the person called this. Returns the exit code."""
    try:
        args = build_parser(prog).parse_args(argv)
    except SystemExit as end:  # --help, or a call that makes no sense
        return end.code if isinstance(end.code, int) else 2
    wait_briefly()
    report = Reporter(args.json)
    with StopSignals(*STOPPED_BY, even_ignored=("SIGINT",)) as stop:
        try:
            code: int = args.command(args, report, stop)
        except KeyboardInterrupt:
            report.problem(tr("interrupted"))
            code = INTERRUPTED
        except SrganDesktopError as error:
            report.failed(str(error), error.kind)
            code = error.exit_code
        except Exception as error:  # the last resort: a line, not a traceback
            if stop.explains(error):
                report.problem(tr("interrupted"))
                code = INTERRUPTED
            else:
                _unexpected(error, report, args.debug)
                code = 1
        finally:
            report.close()
    return code


def build_parser(prog: str = PROG) -> argparse.ArgumentParser:
    """All commands with their options."""
    parser = argparse.ArgumentParser(
        prog=prog,
        description=tr("Train a model that enlarges pictures, on a folder of your own."),
        epilog=tr(
            "examples:\n"
            "  {prog} presets\n"
            "  {prog} check photos\n"
            "  {prog} run --preset srresnet-quick --data photos --out runs/first\n"
            "  {prog} resume runs/first\n"
            "  {prog} export runs/first -o first.safetensors",
            prog=prog,
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar=tr("COMMAND"), required=True)
    for module in (presets, check, preview, estimate, run, export):
        module.add_to(commands, prog)
    return parser


def _unexpected(error: Exception, report: Reporter, debug: bool) -> None:
    if debug:
        report.problem("".join(traceback.format_exception(error)))
        message = tr("unexpected {kind}: {error}", kind=type(error).__name__, error=error)
    else:
        message = explain_unexpected(error)
    report.failed(message, "unexpected")
