"""How a training goes, in a sentence, and what one may do about it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from srgan_desktop.core.base.translation import sentences, tr
from srgan_desktop.gui.common.estimate_text import rough_time
from srgan_desktop.gui.training.runs.history import History, Validation, best_until
from srgan_desktop.gui.training.runs.state import part_of_stage

Mood = Literal["info", "done", "warning"]

# points of the newest part of a curve that a judgement rests on
_RECENT = 300
_LOOKS = 4
# dB below which a change says nothing
_NOTHING_DB = 0.02
_NOTHING_OF_GAIN = 0.02
# part of a stage before which nobody is advised to stop
_LATE = 0.7
_FALL_DB = 0.1
_HARDLY_DB = 0.05
_SURE = 0.95
_UNSURE = 0.05
_DIVERGED_DB = 3.0


@dataclass(frozen=True)
class RunStatus:
    """A sentence and how it is meant."""

    text: str
    mood: Mood = "info"


def run_status(history: History) -> RunStatus:
    """What a person who has never trained anything should know now."""
    phase = history.phase
    if phase == "running":
        problem = history.state.problem
        return RunStatus(problem, "warning") if problem else _running(history)
    ends = {
        "waiting": RunStatus(tr("Not started yet.")),
        "done": _done(history),
        "stopped": _stopped(history),
        "failed": RunStatus(history.state.problem, "warning"),
        "killed": RunStatus(_killed(history), "warning"),
        "gone": RunStatus(tr("The folder of this training was removed or renamed."), "warning"),
    }
    return ends[phase]


def _running(history: History) -> RunStatus:
    stage = history.stage
    if history.paused:
        return RunStatus(tr("Paused at step {n} (memory stays in use).", n=f"{_step(history):,}"))
    if history.starting or stage not in history.last:
        said = history.state.preparing or tr("Getting ready: reading the photos…")
        return RunStatus(said[0].upper() + said[1:])
    if history.training.plan.stages[stage].kind != "pixel":
        contest = _contest(history)
        if contest is not None:
            return contest
    looks = [look for look in history.validations if look.stage == stage]
    if not looks:
        return RunStatus(tr("Warming up; first validation soon."))
    if history.training.plan.stages[stage].kind != "pixel":
        return _detail(looks)
    return _pixel(looks, part_of_stage(history.last[stage]))


def _pixel(looks: list[Validation], part: float) -> RunStatus:
    now = looks[-1]
    gain = now.psnr - now.bicubic
    if gain < 0:
        return RunStatus(tr("Not better than bicubic yet; normal in the first minutes."))
    if gain < _HARDLY_DB:
        return RunStatus(tr("As good as bicubic so far; it needs more time."))
    best = max(look.psnr for look in looks)
    if len(looks) > _LOOKS and best - max(look.psnr for look in looks[-_LOOKS:]) > _FALL_DB:
        return RunStatus(
            tr(
                "Overfitting: results on unseen photos are getting worse. The best model is kept. "
                "More photos would help."
            ),
            "warning",
        )
    if _is_level(looks, part):
        return RunStatus(
            tr(
                "{gain} dB better than plain enlargement, and hardly rising any more. You may stop "
                "and use it.",
                gain=f"{gain:.2f}",
            ),
            "done",
        )
    return RunStatus(
        tr("Learning well: {gain} dB better than plain enlargement.", gain=f"{gain:.2f}"), "done"
    )


def _is_level(looks: list[Validation], part: float) -> bool:
    """Whether as much training again would bring next to nothing.

    Gains grow with the logarithm of the steps, so that a few equal looks in a row say little. What
    is asked is what the last doubling has brought, and not before most of the run is behind: the
    learning rate falls towards its end, and with it comes a good part of what is gained.

    Args:
        part: of the stage that is done, 0..1.
    """
    now = looks[-1]
    before = [look.psnr for look in looks if look.step <= now.step / 2]
    if part < _LATE or len(before) < _LOOKS:
        return False
    gain = max(look.psnr for look in looks) - now.bicubic
    brought = max(look.psnr for look in looks) - max(before)
    return brought < max(_NOTHING_DB, _NOTHING_OF_GAIN * gain)


def _contest(history: History) -> RunStatus | None:
    """What the scores of the discriminator say; None while they say nothing."""
    real, fake = _recent(history, "d_real"), _recent(history, "d_fake")
    if real is None or fake is None:
        return None
    if real > _SURE and fake < _UNSURE:
        return RunStatus(
            tr(
                "The discriminator is winning: it tells every enlargement from a photo, so there "
                "is little to learn from it. A smaller adversarial.learning_rate, or a longer "
                "first stage, evens it out."
            ),
            "warning",
        )
    if fake > real + 0.2:
        return RunStatus(
            tr(
                "The discriminator is fooled: it takes enlargements for photos more often than "
                "photos. A larger adversarial.learning_rate helps it to keep up."
            ),
            "warning",
        )
    return None


def _recent(history: History, name: str) -> float | None:
    curve = history.curves.get(name)
    if curve is None or len(curve.raw) < _RECENT:
        return None
    return float(np.mean(curve.raw.y[-_RECENT:]))


def _detail(looks: list[Validation]) -> RunStatus:
    gain = looks[-1].psnr - looks[-1].bicubic
    if gain < -_DIVERGED_DB:
        return RunStatus(
            tr(
                "The pictures drift away from the photos: {n} dB below bicubic. Look at "
                "the samples; a smaller adversarial.weight holds them closer.",
                n=f"{-gain:.2f}",
            ),
            "warning",
        )
    return RunStatus(
        tr(
            "Generator and discriminator are evenly matched: detail is growing. PSNR falls a "
            "little meanwhile, and should; judge by the samples."
        ),
        "done",
    )


def _done(history: History) -> RunStatus:
    best = history.best
    if best is None:
        return RunStatus(tr("Done. Too few photos were there to measure how good it is."), "done")
    gain = best.psnr - best.bicubic
    if history.training.plan.is_pair:
        # PSNR says little of the detailed one
        smooth = best_until([look for look in history.validations if look.stage == 0], math.inf)
        gain = smooth.psnr - smooth.bicubic if smooth is not None else gain
        if gain >= _HARDLY_DB:
            return RunStatus(tr("Done: a smooth and a detailed model that can be blended."), "done")
    if gain >= _HARDLY_DB:
        return RunStatus(
            tr("Done: {gain} dB better than plain enlargement.", gain=f"{gain:.2f}"), "done"
        )
    if gain < 0:
        text = tr(
            "Done, but {n} dB worse than plain (bicubic) enlargement. Train longer, or with more "
            "photos.",
            n=f"{-gain:.2f}",
        )
        return RunStatus(text, "warning")
    return RunStatus(
        tr(
            "Done, but no better than plain (bicubic) enlargement. Train longer, or with more "
            "photos."
        ),
        "warning",
    )


def _stopped(history: History) -> RunStatus:
    state, stage = history.state, history.stage
    if state.phase == "waiting" and stage:
        return RunStatus(tr("The first stage is done; the second has not begun."))
    if not state.begun:
        return RunStatus(state.problem or tr("Stopped."))
    last = history.last.get(stage)
    text = tr("Stopped at step {n}; everything is saved.", n=f"{_step(history):,}")
    if last is not None and last.eta_s > 0:
        text = sentences(text, tr("About {time} to go.", time=rough_time(last.eta_s)))
    return RunStatus(text)


def _killed(history: History) -> str:
    saved = history.saved_step.get(history.stage)
    if saved is None:
        return tr("The trainer was ended from outside before it could save; it begins anew.")
    return tr(
        "The trainer was ended from outside. Step {n} is the last that was saved; nothing before "
        "it is lost.",
        n=f"{saved:,}",
    )


def _step(history: History) -> int:
    newest = history.finished.get(history.stage) or history.last.get(history.stage)
    return newest.step if newest is not None else 0
