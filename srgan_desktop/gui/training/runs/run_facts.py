"""A training's figures in words: what it is, how far it is, how fast."""

from __future__ import annotations

from typing import Any

from srgan_desktop.core.base.console import bytes_text, seconds_text
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.training.runs.history import History
from srgan_desktop.gui.training.runs.run_list import phase_name


def what_of(history: History) -> str:
    """ "training · Small SRResNet · stage 1 of 2 · my photos"."""
    plan = history.training.plan
    parts = [phase_name(history.phase)]
    if plan.title:
        parts.append(tr(plan.title))
    if plan.is_pair:
        parts.append(tr("stage {n} of {m}", n=history.stage + 1, m=len(plan.stages)))
    parts.append(plan.data.name)
    return " · ".join(parts)


def facts_of(history: History) -> str:
    """ "step 1,234 of 30,000 · 3.2 steps/s · 4 min done, about 6 min to go · cpu in bf16"."""
    last: dict[str, Any] = history.last.get(history.stage, {})
    if not last:
        return ""
    steps = last.get("steps")
    at = f"{last['step']:,}"
    parts = [tr("step {n} of {m}", n=at, m=f"{steps:,}") if steps else tr("step {n}", n=at)]
    live = history.phase == "running"
    if live:
        parts.append(tr("{rate} steps a second", rate=f"{last.get('it_per_s', 0.0):.2f}"))
    spent = seconds_text(float(last.get("seconds") or 0.0))
    left = last.get("eta_s")
    if live and isinstance(left, int | float):
        parts.append(
            tr("{time} done, about {left} to go", time=spent, left=seconds_text(float(left)))
        )
    else:
        parts.append(tr("{time} of training", time=spent))
    started = history.started.get(history.stage, {})
    if started:
        where, how = started.get("device", ""), started.get("precision", "")
        parts.append(tr("on {device} in {precision}", device=where, precision=how))
        parts.append(tr("{n} photos", n=started.get("pictures", 0)))
    if live and history.state.memory_bytes:
        parts.append(tr("{size} of memory", size=bytes_text(history.state.memory_bytes)))
    return " · ".join(parts)


def part_of(history: History) -> float:
    """How much of all stages is done, 0..1."""
    stages = len(history.training.stages)
    last = history.last.get(history.stage, {})
    if history.phase == "done":
        return 1.0
    part = 0.0
    if last.get("steps"):
        part = last["step"] / last["steps"]
    elif last:
        spent, left = float(last.get("seconds") or 0), float(last.get("eta_s") or 0)
        part = spent / (spent + left) if spent + left > 0 else 0.0
    return min(1.0, (history.stage + part) / stages)


def continue_text_of(history: History) -> str:
    """What the button that goes on says."""
    state, stage = history.state, history.stage
    if state.phase == "waiting" and stage:
        return tr("Begin the second stage")
    if not state.begun:
        return tr("Start again")
    step = history.saved_step.get(stage)
    return tr("Continue from step {n}", n=f"{step:,}") if step else tr("Continue")
