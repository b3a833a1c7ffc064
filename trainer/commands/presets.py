"""``presets``: what there is to train, and every setting of one."""

from __future__ import annotations

import argparse
import dataclasses
import textwrap
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from srgan_desktop.core.base.stop_signals import StopSignals
from srgan_desktop.core.base.translation import tr
from trainer.commands.options import Subparsers, add_command
from trainer.commands.report import Reporter
from trainer.config.toml_values import toml_value
from trainer.run.events import Event

if TYPE_CHECKING:
    from trainer.config.run_config import RunConfig


@dataclass(frozen=True)
class Preset(Event):
    """A preset and all its settings."""

    event: ClassVar[str] = "preset"
    name: str
    title: str
    description: str
    needs: str
    scale: int
    settings: dict[str, Any]


def add_to(commands: Subparsers, prog: str) -> None:
    parser = add_command(
        commands,
        "presets",
        tr("List the presets: what each is for and what it needs."),
        tr(
            "examples:\n"
            "  {prog} presets\n"
            "  {prog} presets srresnet-x4     every setting, for --set and for files of your own",
            prog=prog,
        ),
    )
    parser.add_argument("name", nargs="?", metavar=tr("NAME"), help=tr("show all its settings"))
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, report: Reporter, stop: StopSignals) -> int:
    from trainer.config.presets import load_preset, preset_names

    names = [args.name] if args.name else preset_names()
    for name in names:
        config = load_preset(name)
        report.event(_event(name, config))
        report.line(name)
        for text in (config.title, config.description, config.needs):
            report.line(textwrap.indent(textwrap.fill(tr(text), 92), "    "))
        if args.name:
            report.line("")
            for line in _settings(config):
                report.line(line)
        report.line("")
    return 0


def _event(name: str, config: RunConfig) -> Preset:
    from trainer.config.reading import to_mapping

    return Preset(
        name,
        tr(config.title),
        tr(config.description),
        tr(config.needs),
        config.generator.scale,
        to_mapping(config),
    )


def _settings(section: Any, where: str = "") -> Iterator[str]:
    """ "key = value   # help" for every setting, sections after values."""
    values = {field: getattr(section, field.name) for field in dataclasses.fields(section)}
    for field, value in values.items():
        if field.name in ("title", "description", "needs") and not where:
            continue
        if not dataclasses.is_dataclass(value):
            setting = f"{where}{field.name} = {toml_value(value)}"
            yield f"    {setting:48}{_explained(section, field)}".rstrip()
    for field, value in values.items():
        if dataclasses.is_dataclass(value):
            yield from _settings(value, f"{where}{field.name}.")


def _explained(section: Any, field: dataclasses.Field[Any]) -> str:
    from srgan_desktop.core.weights.architectures import ARCHITECTURES

    hint = typing.get_type_hints(type(section))[field.name]
    choices = typing.get_args(hint) if typing.get_origin(hint) is typing.Literal else ()
    if field.name == "architecture":
        choices = tuple(ARCHITECTURES)  # another one is another section
    text = field.metadata.get("help", "")
    parts = [tr(text) if text else "", " | ".join(map(str, choices))]
    explained = ": ".join(part for part in parts if part)
    return f"# {explained}" if explained else ""
