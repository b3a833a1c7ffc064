"""``srgan-desktop doctor``: the text for a bug report."""

from __future__ import annotations

import argparse
import json

from srgan_desktop.cli.shared import Command
from srgan_desktop.core.base.arguments import add_json
from srgan_desktop.core.base.translation import tr

EXAMPLES = """\
  srgan-desktop doctor
  srgan-desktop doctor --json
  srgan-desktop doctor --window
"""


def run(arguments: argparse.Namespace) -> int:
    """Print versions, devices, folders and models; 1 where a part of the window does not open."""
    from srgan_desktop.core.diagnostics import as_text, diagnose

    sections, fine = diagnose(), True
    if arguments.window:
        from srgan_desktop.gui.shell.self_check import check_window, is_fine

        sections.append(check_window())
        fine = is_fine(sections[-1])
    if arguments.json:
        for section in sections:
            print(json.dumps({"section": section.title, "values": dict(section.lines)}))
    else:
        print(as_text(sections))
    return 0 if fine else 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument(
        "--window",
        action="store_true",
        help=tr("also open every page and dialog of the window once, without a screen"),
    )


COMMAND = Command(
    lambda: tr("show versions, devices, folders and models, for a bug report"),
    EXAMPLES,
    add_arguments,
    run,
)
