"""``srgan-desktop export``: a model for other programs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from srgan_desktop.cli.shared import Command, add_detail, add_strengths
from srgan_desktop.core.base.arguments import add_json, path
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr

EXAMPLES = """\
  srgan-desktop export srresnet-x4 srresnet-x4.onnx
  srgan-desktop export MODEL scans.onnx --blur 60 --noise 20
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar=tr("MODEL"), help=tr("a model's name or file"))
    parser.add_argument("file", type=path, metavar="FILE.onnx", help=tr("a new .onnx file"))
    add_detail(parser)
    add_strengths(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the file; exit code 0."""
    from srgan_desktop.core.networks.strengths import ChosenStrengths
    from srgan_desktop.core.weights.architectures import fixed_network
    from srgan_desktop.core.weights.catalogue import find_model
    from srgan_desktop.core.weights.interpolate import load_with_detail
    from srgan_desktop.core.weights.onnx_export import export_onnx

    out: Path = arguments.file
    if out.suffix.lower() != ".onnx":
        raise UsageError(tr("{path}: an ONNX file ends with .onnx", path=out))
    if out.exists():
        raise UsageError(tr("{path}: is there already; choose another name", path=out))
    network, card = load_with_detail(find_model(arguments.model), arguments.detail)
    chosen_strengths = ChosenStrengths(arguments.noise, arguments.blur, arguments.compression)
    export_onnx(fixed_network(network, chosen_strengths), card, out)
    if arguments.json:
        print(json.dumps({"event": "saved", "path": str(out)}))
    else:
        print(tr("wrote {path}", path=out))
    return 0


COMMAND = Command(
    lambda: tr("write a model as an ONNX file for other programs"), EXAMPLES, add_arguments, run
)
