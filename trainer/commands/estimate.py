"""``estimate``: how long a run takes here, by measuring for a minute."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from srgan_desktop.core.base.console import bytes_text, seconds_text
from srgan_desktop.core.base.stop_signals import StopSignals
from srgan_desktop.core.base.translation import tr
from trainer.commands.options import Subparsers, add_command, add_end, add_recipe, config_of
from trainer.commands.report import Reporter

if TYPE_CHECKING:
    from trainer.run.events import Estimate


def add_to(commands: Subparsers, prog: str) -> None:
    parser = add_command(
        commands,
        "estimate",
        tr("Measure for a minute and say how long a run takes on this machine."),
        tr(
            "examples:\n"
            "  {prog} estimate --preset srresnet-x4 --data photos\n"
            "  {prog} estimate --preset srresnet-x4 --data photos --seconds 15 --budget 8h",
            prog=prog,
        ),
    )
    add_recipe(parser)
    add_end(parser)
    parser.add_argument(
        "--seconds", type=float, default=60.0, metavar="N", help=tr("how long to measure (60)")
    )
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, report: Reporter, stop: StopSignals) -> int:
    from srgan_desktop.core.base.errors import UsageError
    from trainer.run.events import Estimate, Measuring
    from trainer.training.estimate import estimate
    from trainer.training.session import end_of_run

    if not 0 < args.seconds <= 3600:
        raise UsageError(tr("--seconds is from above 0 to 3600, not {n}", n=args.seconds))
    config = config_of(args)
    steps, budget_s = end_of_run(config, args.steps, args.budget)
    events = estimate(
        config,
        args.data,
        steps=steps,
        budget_s=budget_s,
        seconds=args.seconds,
        device=args.device or "auto",
        pairs=args.pairs,
        real=args.real,
    )
    for event in events:
        report.event(event)
        if isinstance(event, Measuring):
            text = tr("{rate:.2f} steps a second", rate=event.it_per_s)
            report.progress(event.seconds / event.total_seconds, text)
        elif isinstance(event, Estimate):
            for line in _lines(event):
                report.line(line)
    return 0


def _lines(found: Estimate) -> Iterator[str]:
    yield tr(
        "{rate:.2f} steps a second on {device} in {precision}",
        rate=found.it_per_s,
        device=found.device,
        precision=found.precision,
    )
    if found.budget_s is None:
        yield tr(
            "{steps} steps take about {time}",
            steps=found.run_steps,
            time=seconds_text(found.run_seconds),
        )
    else:
        yield tr(
            "{time} buy about {steps} steps",
            steps=found.run_steps,
            time=seconds_text(found.budget_s),
        )
    if found.teacher_seconds is not None:
        time = seconds_text(found.teacher_seconds)
        if found.teacher_first:
            yield tr(
                "preparing: the teacher answers for about {time} before the first step", time=time
            )
        else:
            yield tr(
                "preparing: the teacher answers for about {time}, while the run trains already, "
                "the slower for it",
                time=time,
            )
    if found.memory_bytes is not None:
        yield tr("memory: about {size}", size=bytes_text(found.memory_bytes))
    if found.device_memory_bytes is not None:
        yield tr("memory of the device: about {size}", size=bytes_text(found.device_memory_bytes))
