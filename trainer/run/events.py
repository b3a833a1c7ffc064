"""What a run tells those who watch it: frozen dataclasses, one JSON object each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from srgan_desktop.core.base.event import Event as Event  # noqa: PLC0414 - passed on to importers


@dataclass(frozen=True)
class Preparing(Event):
    """Pictures are being read before the first step."""

    event: ClassVar[str] = "preparing"
    done: int
    total: int


@dataclass(frozen=True)
class Asking(Event):
    """A teacher answers before the first step; ``seconds_left`` is nan where not known yet."""

    event: ClassVar[str] = "asking"
    done: int
    total: int
    seconds_left: float


@dataclass(frozen=True)
class Fetching(Event):
    """Weights of another network are being downloaded, once; ``total`` bytes where known."""

    event: ClassVar[str] = "fetching"
    name: str
    done: int
    total: int | None


@dataclass(frozen=True)
class Started(Event):
    """The loop is about to begin or, with ``step`` above 0, to go on."""

    event: ClassVar[str] = "started"
    run: str
    stage: str
    step: int
    steps: int | None  # None: by budget
    budget_s: float | None
    pictures: int
    device: str
    precision: str


@dataclass(frozen=True)
class Step(Event):
    """Some steps were done; at most ten of these a second."""

    event: ClassVar[str] = "step"
    step: int
    steps: int | None
    losses: dict[str, float]
    learning_rate: float
    it_per_s: float
    eta_s: float
    seconds: float  # since the run began, earlier lives included
    d_real: float | None = None
    d_fake: float | None = None


@dataclass(frozen=True)
class Validated(Event):
    """The averaged network was measured on the validation pieces."""

    event: ClassVar[str] = "validated"
    step: int
    psnr_y: float
    ssim_y: float
    psnr_y_bicubic: float
    best: bool
    samples: tuple[str, ...]


@dataclass(frozen=True)
class RolledBack(Event):
    """Training went astray at ``step`` and goes on from ``to_step`` at a lower rate.

    Attributes:
        reason: what was wrong, in words.
        rate_factor: by which the schedule's learning rate is multiplied from now on.
        count: how many times this run has gone back.
    """

    event: ClassVar[str] = "rolled_back"
    step: int
    to_step: int
    reason: str
    rate_factor: float
    count: int


@dataclass(frozen=True)
class Saved(Event):
    """A checkpoint or model file is complete on disk."""

    event: ClassVar[str] = "saved"
    step: int
    path: str


@dataclass(frozen=True)
class Warned(Event):
    """Something a person should know; the run goes on."""

    event: ClassVar[str] = "warning"
    message: str


@dataclass(frozen=True)
class Paused(Event):
    """The run holds after this step, and its clock with it."""

    event: ClassVar[str] = "paused"
    step: int


@dataclass(frozen=True)
class Resumed(Event):
    """It goes on."""

    event: ClassVar[str] = "resumed"
    step: int


@dataclass(frozen=True)
class EndChanged(Event):
    """The run ends elsewhere now; what was done before counts."""

    event: ClassVar[str] = "end_changed"
    step: int
    steps: int | None
    budget_s: float | None


@dataclass(frozen=True)
class Finished(Event):
    """The run is over: "done", or "interrupted" and resumable."""

    event: ClassVar[str] = "finished"
    step: int
    reason: str
    seconds: float
    model: str | None


@dataclass(frozen=True)
class NextStage(Event):
    """A run is done, and the one that was to follow it is about to begin or to go on.

    No run's folder holds it: it lies between two.

    Attributes:
        run: the folder of the one that follows.
        preset, stage: its preset, and what it trains.
        model: the model file of the run before, which it begins with.
    """

    event: ClassVar[str] = "next_stage"
    run: str
    preset: str
    stage: str
    model: str


@dataclass(frozen=True)
class Failed(Event):
    """The command ends here; ``kind`` is the error's short name."""

    event: ClassVar[str] = "failed"
    error: str
    kind: str
