"""``run`` and ``resume``: training itself."""

from __future__ import annotations

import argparse
import dataclasses
import math
import shlex
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, cast

from srgan_desktop.core.base.arguments import path
from srgan_desktop.core.base.console import seconds_text
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.leaving import INTERRUPTED
from srgan_desktop.core.base.stop_signals import StopSignals
from srgan_desktop.core.base.translation import tr, trn
from trainer.commands.options import (
    Subparsers,
    add_command,
    add_end,
    add_machine,
    add_recipe,
    add_then,
    config_of,
    preset_for,
)
from trainer.commands.report import Reporter
from trainer.run import events as ev

if TYPE_CHECKING:
    from collections.abc import Generator

    from trainer.config.run_config import RunConfig
    from trainer.run.chaining import ChainedStage


def add_to(commands: Subparsers, prog: str) -> None:
    _add_run(commands, prog)
    _add_resume(commands, prog)


def _add_run(commands: Subparsers, prog: str) -> None:
    parser = add_command(
        commands,
        "run",
        tr("Train a model into a new folder."),
        tr(
            "examples:\n"
            "  {prog} run --preset srresnet-quick --data photos --out runs/first\n"
            "  {prog} run --preset srresnet-x4 --data photos --val holdout --budget 8h "
            "--out runs/night\n"
            "  {prog} run --preset srresnet-x4 --data photos --init model.safetensors "
            "--set optimiser.learning_rate=1e-4 --steps 20000 --out runs/tuned\n"
            "  {prog} run --preset srresnet-quick --data photos --out runs/first --budget 1h "
            "--then srgan-quick --then-budget 1h     both stages, one after the other\n"
            "  torchrun --nproc-per-node 2 -m trainer run --preset srresnet-x4 --data photos "
            "--out runs/both     on two graphics cards; batch counts the crops of both\n"
            "Ctrl+C saves and stops after the step; resume goes on from there, in whichever stage "
            "that is.",
            prog=prog,
        ),
    )
    add_recipe(parser)
    parser.add_argument(
        "--out", required=True, type=path, metavar=tr("RUN"), help=tr("a new folder for the run")
    )
    parser.add_argument(
        "--val",
        type=path,
        metavar=tr("FOLDER"),
        help=tr("validation photos; without it every 20th training photo is held back"),
    )
    parser.add_argument(
        "--init", type=path, metavar=tr("MODEL"), help=tr("a model file to begin with")
    )
    parser.add_argument(
        "--tensorboard",
        action="store_true",
        help=tr("write TensorBoard files into the run's folder too"),
    )
    add_end(parser)
    add_then(parser)
    parser.set_defaults(command=run, prog=prog)


def _add_resume(commands: Subparsers, prog: str) -> None:
    parser = add_command(
        commands,
        "resume",
        tr("Go on with a run that was stopped, exactly where it was."),
        tr(
            "examples:\n"
            "  {prog} resume runs/first\n"
            "  {prog} resume runs/first --budget 4h     longer, what is done included",
            prog=prog,
        ),
    )
    parser.add_argument("folder", type=path, metavar=tr("RUN"), help=tr("the run's folder"))
    add_machine(parser)
    add_end(parser)
    parser.set_defaults(command=resume, prog=prog)


def run(args: argparse.Namespace, report: Reporter, stop: StopSignals) -> int:
    from trainer.run.inputs import RunInputs
    from trainer.run.run_folder import RunFolder
    from trainer.training.session import end_of_run, start

    if args.tensorboard:
        args.settings.append("logging.tensorboard=true")
    config = config_of(args)
    steps, budget_s = end_of_run(config, args.steps, args.budget)
    inputs = RunInputs(
        args.preset,
        args.data,
        args.val,
        steps,
        budget_s,
        args.device or "auto",
        args.init,
        args.pairs,
        args.real,
        _then(args, config),
    )
    stop.gently()
    return _drain(start(config, inputs, RunFolder(args.out), stop), args.out, args, report, stop)


def _then(args: argparse.Namespace, first: RunConfig) -> ChainedStage | None:
    """The second stage that the call asks for.

    Raises:
        UsageError: it makes no sense.
    """
    from trainer.run.chaining import ChainedStage, seen_from
    from trainer.training.session import end_of_run

    if args.then is None:
        if args.then_settings or args.then_budget or args.then_steps or args.then_out:
            raise UsageError(tr("--then-... says how a second stage is to be: name it with --then"))
        return None
    tensorboard = ["logging.tensorboard=true"] if args.tensorboard else []
    config = preset_for(args, args.then, args.then_settings + tensorboard)
    # it begins with the first's model, whatever the preset would have
    config = dataclasses.replace(config, generator=first.generator)
    steps, budget_s = end_of_run(config, args.then_steps, args.then_budget)
    first_out = args.out.absolute()  # "." has no name
    out = args.then_out or first_out.parent / f"{first_out.name}-2"
    return ChainedStage(seen_from(args.out, out), args.then, config, steps, budget_s)


def resume(args: argparse.Namespace, report: Reporter, stop: StopSignals) -> int:
    from trainer.run.run_folder import RunFolder
    from trainer.training.session import resume as resume_run

    stop.gently()
    end = None if args.steps is None and args.budget is None else (args.steps, args.budget)
    events = resume_run(RunFolder(args.folder), stop, args.device, args.threads, end)
    return _drain(events, args.folder, args, report, stop)


def _drain(
    events: Iterator[ev.Event],
    folder: Path,
    args: argparse.Namespace,
    report: Reporter,
    stop: StopSignals,
) -> int:
    from trainer.training.distributed import is_first

    # of several processes only the first has something to say
    reports = is_first()
    code = INTERRUPTED
    with closing(cast("Generator[ev.Event, None, None]", events)):
        for event in events:
            if reports:
                report.event(event)
                _print(event, report)
            if isinstance(event, ev.Finished):
                code = 0 if event.reason == "done" else INTERRUPTED
            elif isinstance(event, ev.NextStage):
                code = INTERRUPTED
            elif isinstance(event, ev.Preparing | ev.Fetching) and stop():
                break  # there is nothing to save yet
    if code == INTERRUPTED and reports:
        _say_how_to_go_on(folder, args.prog, report)
    return code


def _say_how_to_go_on(folder: Path, prog: str, report: Reporter) -> None:
    from trainer.run.run_folder import RunFolder

    if RunFolder(folder).config_path.exists():
        command = f"{prog} resume {shlex.quote(str(folder))}"
        report.line(tr("stopped; go on with: {command}", command=command))
    else:
        report.line(tr("stopped before anything was written"))


def _print(event: ev.Event, report: Reporter) -> None:
    """One event in words."""
    match event:
        case ev.Preparing():
            text = tr("reading pictures: {done} of {total}", done=event.done, total=event.total)
            report.progress(event.done / event.total, text)
        case ev.Asking():
            text = tr("asking the teacher: {done} of {total}", done=event.done, total=event.total)
            if math.isfinite(event.seconds_left):
                text += tr(", {left} left", left=seconds_text(event.seconds_left))
            report.progress(event.done / event.total, text)
        case ev.Fetching():
            text = tr("downloading {name} (once)", name=event.name)
            report.progress(event.done / event.total if event.total else 0.0, text)
        case ev.Started():
            report.line(_started(event))
        case ev.Step():
            report.progress(_part(event), _step(event))
        case ev.Validated():
            report.line(_validated(event))
        case ev.RolledBack():
            report.line(
                tr(
                    "{reason}: went back from step {step} to step {to_step}; the learning rate is "
                    "now {factor:.3g} of the planned one",
                    reason=event.reason,
                    step=event.step,
                    to_step=event.to_step,
                    factor=event.rate_factor,
                )
            )
        case ev.Paused():
            report.line(tr("paused at step {step}: control.json asks for it", step=event.step))
        case ev.EndChanged():
            report.line(_moved(event))
        case ev.NextStage():
            report.line(
                tr("second stage: {preset}, into {run}", preset=event.preset, run=event.run)
            )
        case ev.Finished(reason="done"):
            report.line(
                tr(
                    "done: {steps} steps in {time}; the model: {path}",
                    steps=event.step,
                    time=seconds_text(event.seconds),
                    path=event.model,
                )
            )


def _end(steps: int | None, budget_s: float | None) -> str:
    return seconds_text(budget_s) if budget_s is not None else tr("{n} steps", n=steps)


def _moved(event: ev.EndChanged) -> str:
    end = _end(event.steps, event.budget_s)
    return tr("control.json asks for another end: {end} in all", end=end)


def _started(event: ev.Started) -> str:
    end = _end(event.steps, event.budget_s)
    text = trn(
        "training {end} on {n} picture, on {device} in {precision}",
        "training {end} on {n} pictures, on {device} in {precision}",
        event.pictures,
        end=end,
        device=event.device,
        precision=event.precision,
    )
    return text + (tr(", from step {step}", step=event.step) if event.step else "")


def _part(event: ev.Step) -> float:
    if event.steps:
        return event.step / event.steps
    whole = event.seconds + event.eta_s
    return event.seconds / whole if whole > 0 else 0.0


def _step(event: ev.Step) -> str:
    losses = "  ".join(f"{name} {value:.5f}" for name, value in event.losses.items())
    return tr(
        "step {step}  {losses}  rate {rate:.1e}  {speed:.2f}/s  {left} left",
        step=event.step,
        losses=losses,
        rate=event.learning_rate,
        speed=event.it_per_s,
        left=seconds_text(event.eta_s),
    )


def _validated(event: ev.Validated) -> str:
    text = tr(
        "validation at step {step}: PSNR {psnr:.3f} dB ({gain:+.3f} to bicubic), SSIM {ssim:.4f}",
        step=event.step,
        psnr=event.psnr_y,
        gain=event.psnr_y - event.psnr_y_bicubic,
        ssim=event.ssim_y,
    )
    if not event.best:
        return text
    return text + (tr(", kept (newest)") if event.newest else tr(", the best so far"))
