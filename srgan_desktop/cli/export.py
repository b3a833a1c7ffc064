"""``srgan-desktop export``: a model for other programs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from srgan_desktop.cli.shared import Command, add_detail, percent
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
    _add_strengths(parser)
    add_json(parser)


def _add_strengths(parser: argparse.ArgumentParser) -> None:
    """--noise, --blur and --compression: what a model that adapts is fixed for."""
    group = parser.add_argument_group(
        tr("models that adapt to the picture"),
        tr(
            "how much of each the written network undoes in every picture, 0..100 "
            "(default: 0, for clean pictures)"
        ),
    )
    for name in ("noise", "blur", "compression"):
        group.add_argument(f"--{name}", type=_strength, default=None, metavar="0..100")


def _strength(text: str) -> float:
    if text == "auto":
        message = tr("auto needs a picture to look at; give a number from 0 to 100")
        raise argparse.ArgumentTypeError(message)
    return percent(text)


def run(arguments: argparse.Namespace) -> int:
    """Write the file; exit code 0."""
    from srgan_desktop.core.networks.strengths import ChosenStrengths, Strengths
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
    fixed = chosen_strengths.applied(Strengths()).percent() if card.adapts else None
    if arguments.json:
        strengths = {} if fixed is None else {"strengths": fixed}
        print(json.dumps({"event": "saved", "path": str(out)} | strengths))
    else:
        print(_said(out, fixed))
    return 0


def _said(out: Path, fixed: dict[str, int] | None) -> str:
    """What was written, and which network it is where the model is another for each picture."""
    if fixed is None:
        return tr("wrote {path}", path=out)
    return tr(
        "wrote {path}, for pictures with noise {noise}, of the colours {colour}, blur {blur}, "
        "compression {compression}",
        path=out,
        noise=fixed["noise"],
        colour=fixed["colour_noise"],
        blur=fixed["blur"],
        compression=fixed["compression"],
    )


COMMAND = Command(
    lambda: tr("write a model as an ONNX file for other programs"), EXAMPLES, add_arguments, run
)
