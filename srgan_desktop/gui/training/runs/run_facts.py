"""A training's figures in words: what it is, how far it is, how fast."""

from __future__ import annotations

from math import isfinite

from srgan_desktop.core.base.console import seconds_text
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.estimate_text import rough_size, rough_time
from srgan_desktop.gui.training.runs.history import History
from srgan_desktop.gui.training.runs.run_list import phase_name
from srgan_desktop.gui.training.runs.state import part_of_stage


def what_of(history: History) -> str:
    """ "running · Small SRResNet · stage 1 of 2 · my photos"."""
    plan = history.training.plan
    held = history.phase == "running" and history.paused
    parts = [phase_name("paused" if held else history.phase)]
    if plan.title:
        parts.append(tr(plan.title))
    if plan.is_pair:
        parts.append(tr("stage {n} of {m}", n=history.stage + 1, m=len(plan.stages)))
    parts.append(plan.data.name)
    return " · ".join(parts)


def facts_of(history: History) -> str:
    """ "step 1,234 of 30,000 · 3.2 steps/s · 4 min done, about 6 min to go · cpu in bf16"."""
    last = history.last.get(history.stage)
    if last is None:
        return ""
    at, running = f"{last.step:,}", history.phase == "running"
    live = running and not history.starting
    parts = [
        tr("step {n} of {m}", n=at, m=f"{last.steps:,}") if last.steps else tr("step {n}", n=at)
    ]
    if live:
        parts.append(tr("{rate} steps a second", rate=f"{last.it_per_s:.2f}"))
    spent = seconds_text(last.seconds)
    if live and isfinite(last.eta_s):
        parts.append(tr("{time} done, about {left} to go", time=spent, left=rough_time(last.eta_s)))
    else:
        parts.append(tr("{time} of training", time=spent))
    started = history.started.get(history.stage)
    if started is not None:
        parts.append(
            tr("on {device} in {precision}", device=started.device, precision=started.precision)
        )
        parts.append(tr("{n} photos", n=started.pictures))
    if running and history.state.memory_bytes:
        parts.append(tr("{size} of memory", size=rough_size(history.state.memory_bytes)))
    return " · ".join(parts)


def part_of(history: History) -> float:
    """How much of all stages is done, 0..1."""
    if history.phase == "done":
        return 1.0
    return min(
        1.0,
        (history.stage + part_of_stage(history.last.get(history.stage)))
        / len(history.training.stages),
    )


def continue_text_of(history: History) -> str:
    """What the button that goes on says."""
    state, stage = history.state, history.stage
    if history.phase == "done":
        return tr("Train longer…")
    if state.phase == "waiting" and stage:
        return tr("Begin the second stage")
    if not state.begun:
        return tr("Start again")
    step = history.saved_step.get(stage)
    return tr("Continue from step {n}", n=f"{step:,}") if step else tr("Continue")
