"""``srgan-desktop doctor``: the text for a bug report."""

from __future__ import annotations

import argparse
import json

from srgan_desktop.cli.shared import Command, add_json
from srgan_desktop.core.base.translation import tr

EXAMPLES = """\
  srgan-desktop doctor
  srgan-desktop doctor --json
"""


def run(arguments: argparse.Namespace) -> int:
    """Print versions, devices, folders and models; exit code 0."""
    from srgan_desktop.core.diagnostics import as_text, diagnose

    sections = diagnose()
    if arguments.json:
        for section in sections:
            print(json.dumps({"section": section.title, "values": dict(section.lines)}))
    else:
        print(as_text(sections))
    return 0


COMMAND = Command(
    lambda: tr("show versions, devices, folders and models, for a bug report"),
    EXAMPLES,
    add_json,
    run,
)
