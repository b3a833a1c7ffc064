"""``srgan-desktop blend``: a model between two others."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from srgan_desktop.cli.shared import Command, add_detail
from srgan_desktop.core.base.arguments import add_json, path
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr

EXAMPLES = """\
  srgan-desktop blend srresnet-x4 my-gan.safetensors --detail 60 -o between.safetensors
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("smooth", metavar="A", help=tr("the smooth model, a name or a file"))
    parser.add_argument("detailed", metavar="B", help=tr("the detailed one, trained on from A"))
    add_detail(parser, required=True)
    parser.add_argument(
        "-o",
        "--output",
        type=path,
        required=True,
        metavar=tr("FILE"),
        help=tr("a new .safetensors file"),
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the mixture; exit code 0."""
    import dataclasses

    from srgan_desktop.core.weights.catalogue import find_model
    from srgan_desktop.core.weights.interpolate import blend_files
    from srgan_desktop.core.weights.model_file import save_model

    out: Path = arguments.output
    _check_output(out)
    smooth, detailed = find_model(arguments.smooth), find_model(arguments.detailed)
    network, card = blend_files(smooth, detailed, arguments.detail)
    save_model(out, network, dataclasses.replace(card, name=out.stem))
    if arguments.json:
        print(json.dumps({"event": "saved", "path": str(out)}))
    else:
        print(tr("wrote {path}", path=out))
    return 0


def _check_output(out: Path) -> None:
    from srgan_desktop.core.weights.model_file import SUFFIX

    if out.suffix != SUFFIX:
        raise UsageError(tr("{path}: a model file ends with {ending}", path=out, ending=SUFFIX))
    if out.exists():
        raise UsageError(tr("{path}: is there already; choose another name", path=out))


COMMAND = Command(
    lambda: tr("make a model between a smooth and a detailed one"), EXAMPLES, add_arguments, run
)
