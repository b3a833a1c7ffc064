"""``srgan-desktop models``: which models there are."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from srgan_desktop.cli.shared import ArgumentParser, Command
from srgan_desktop.core.base.arguments import add_json, path
from srgan_desktop.core.base.console import bytes_text
from srgan_desktop.core.base.translation import tr

if TYPE_CHECKING:
    from srgan_desktop.core.weights.catalogue import CatalogueEntry

EXAMPLES = """\
  srgan-desktop models
  srgan-desktop models show srresnet-x4
  srgan-desktop models add my-model.safetensors
  srgan-desktop models add 4x-of-somebody.pth --name somebody-x4
  srgan-desktop models rename my-model better-name
  srgan-desktop models remove my-model
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    parser.set_defaults(action=_list)
    actions = parser.add_subparsers(
        metavar="list|show|add|rename|remove", parser_class=ArgumentParser
    )
    _action(actions, "list", tr("all models (what happens without a word)"), _list)
    show = _action(actions, "show", tr("everything a model says of itself"), _show)
    show.add_argument("name", metavar=tr("NAME|FILE"))
    add = _action(actions, "add", tr("copy a model file into your models folder"), _add)
    add.add_argument(
        "file", type=path, metavar=tr("FILE"), help=tr("a .safetensors, .pth or .onnx file")
    )
    add.add_argument("--name", metavar=tr("NAME"), help=tr("call it so (default: the file's name)"))
    rename = _action(actions, "rename", tr("give one of your own models another name"), _rename)
    rename.add_argument("name", metavar=tr("NAME"))
    rename.add_argument("new", metavar=tr("NEW NAME"))
    remove = _action(actions, "remove", tr("delete one of your own models"), _remove)
    remove.add_argument("name", metavar=tr("NAME"))


def _action(
    actions: Any, name: str, help_text: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=help_text)
    # SUPPRESS: the flag may stand before or after the word
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    parser.set_defaults(action=run)
    return parser


def run(arguments: argparse.Namespace) -> int:
    return int(arguments.action(arguments))


def _list(arguments: argparse.Namespace) -> int:
    from srgan_desktop.core.weights.catalogue import list_models

    entries = list_models()
    for entry in entries:
        if arguments.json:
            print(json.dumps(_summary(entry)))
        elif entry.card is None:
            print(f"{entry.name}  " + tr("cannot be used: {reason}", reason=entry.problem))
        else:
            place = tr("shipped") if entry.shipped else tr("own")
            print(f"{entry.name}  x{entry.card.scale}  {place}  {_said(entry.card.title)}")
    if not entries and not arguments.json:
        print(tr("no models; add one with: srgan-desktop models add FILE"))
    return 0


def _said(text: str) -> str:
    """What a model says of itself, translated where it is a shipped one."""
    return tr(text) if text else ""


def _summary(entry: CatalogueEntry) -> dict[str, Any]:
    card = entry.card
    return {
        "name": entry.name,
        "path": str(entry.path),
        "shipped": entry.shipped,
        "problem": entry.problem,
        "architecture": None if card is None else card.architecture,
        "scale": None if card is None else card.scale,
        "title": "" if card is None else card.title,
        "scores": {} if card is None else dict(card.scores),
    }


def _show(arguments: argparse.Namespace) -> int:
    from srgan_desktop.core.weights.catalogue import find_model
    from srgan_desktop.core.weights.model_file import as_mapping
    from srgan_desktop.core.weights.third_party.open_model import (
        architecture_title,
        open_model,
        parameters_of,
    )

    path = find_model(arguments.name)
    _, card = open_model(path)
    parameters = parameters_of(card.config)
    facts: dict[str, Any] = {
        "path": str(path),
        "bytes": path.stat().st_size,
        "parameters": parameters,
    }
    facts |= as_mapping(card)
    if arguments.json:
        print(json.dumps(facts))
        return 0
    print(f"{card.name or path.stem}: {_said(card.title)}")
    if card.description:
        print(_said(card.description))
    print(tr("file: {path} ({size})", path=path, size=bytes_text(facts["bytes"])))
    print(tr("architecture: {name}", name=architecture_title(card.config)))
    print(tr("enlarges {scale} times, {n} parameters", scale=card.scale, n=f"{parameters:,}"))
    print(tr("licence: {licence}", licence=card.licence or tr("not given")))
    for title in ("scores", "training", "config"):
        if facts[title]:
            print(f"{title}:")
            _print_nested(facts[title], "  ")
    return 0


def _print_nested(values: dict[str, Any], indent: str) -> None:
    for key, value in values.items():
        if isinstance(value, dict):
            print(f"{indent}{key}:")
            _print_nested(value, indent + "  ")
        else:
            print(f"{indent}{key}: {value}")


def _add(arguments: argparse.Namespace) -> int:
    from srgan_desktop.core.weights.catalogue import add_model

    entry = add_model(arguments.file, arguments.name)
    if arguments.json:
        print(json.dumps(_summary(entry)))
    else:
        print(tr("added {name}: use it with --model {name}", name=entry.name))
    return 0


def _rename(arguments: argparse.Namespace) -> int:
    from srgan_desktop.core.weights.catalogue import rename_model

    entry = rename_model(arguments.name, arguments.new)
    if arguments.json:
        print(json.dumps(_summary(entry)))
    else:
        print(tr("{old} is called {new} now", old=arguments.name, new=entry.name))
    return 0


def _remove(arguments: argparse.Namespace) -> int:
    from srgan_desktop.core.weights.catalogue import remove_model

    path = remove_model(arguments.name)
    if arguments.json:
        print(json.dumps({"removed": str(path)}))
    else:
        print(tr("removed {path}", path=path))
    return 0


COMMAND = Command(
    lambda: tr("list, show, add, rename and remove models"), EXAMPLES, add_arguments, run
)
