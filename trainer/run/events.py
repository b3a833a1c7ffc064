"""What a run tells those who watch it: frozen dataclasses, one JSON object each.

``to_json`` writes a line and ``read_event`` reads one back, also one of another version. Imports no
torch, so that whoever only watches need not load it.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, get_type_hints

from srgan_desktop.core.base.events import Event as Event  # noqa: PLC0414 - passed on to importers

_Read = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Preparing(Event):
    """Pictures are being read before the first step."""

    event: ClassVar[str] = "preparing"
    done: int
    total: int


@dataclass(frozen=True)
class Asking(Event):
    """A teacher has answered so many crops; ``seconds_left`` is nan where not known yet."""

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
    """The averaged network was measured on the validation pieces.

    Attributes:
        best: whether its weights are those that are kept from now on.
        newest: whether that is because they are the newest, where PSNR says little.
    """

    event: ClassVar[str] = "validated"
    step: int
    psnr_y: float
    ssim_y: float
    psnr_y_bicubic: float
    best: bool
    samples: tuple[str, ...]
    newest: bool = False


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


@dataclass(frozen=True)
class Checking(Event):
    """Some pictures of a folder were looked at."""

    event: ClassVar[str] = "checking"
    done: int
    total: int


@dataclass(frozen=True)
class Measuring(Event):
    """Some trial steps were done."""

    event: ClassVar[str] = "measuring"
    steps: int
    it_per_s: float
    seconds: float
    total_seconds: float


@dataclass(frozen=True)
class Estimate(Event):
    """What a run would take here.

    Attributes:
        steps, budget_s: the end that was asked about; one of them is None.
        run_seconds: how long that takes in all, validations and the teacher's answers included.
        run_steps: how many steps that buys, what validations and the teacher take left out.
        validation_seconds: one validation.
        pictures, photo_bytes: in the folder, and the memory they take decoded.
        memory_bytes: of the process at its largest, all photos included; None: unknown.
        device_memory_bytes: the same of an accelerator; None on the CPU.
        teacher_seconds: that the teacher takes to answer all, were it alone; None without one.
        teacher_first: whether all answers are waited for, and not given while the run trains.
    """

    event: ClassVar[str] = "estimated"
    device: str
    precision: str
    it_per_s: float
    measured_steps: int
    measured_seconds: float
    steps: int | None
    budget_s: float | None
    run_seconds: float
    run_steps: int
    validation_seconds: float
    pictures: int
    photo_bytes: int
    memory_bytes: int | None
    device_memory_bytes: int | None
    teacher_seconds: float | None = None
    teacher_first: bool = False


KINDS: dict[str, type[Event]] = {
    kind.event: kind
    for kind in (
        Preparing,
        Asking,
        Fetching,
        Started,
        Step,
        Validated,
        RolledBack,
        Saved,
        Warned,
        Paused,
        Resumed,
        EndChanged,
        Finished,
        NextStage,
        Failed,
        Checking,
        Measuring,
        Estimate,
    )
}


def read_event(line: str | bytes) -> Event | None:
    """The event that a line of JSON holds; None where it holds none that this version knows.

    Other versions may have written it: fields that are not known here are passed over, and those
    that are missing or make no sense have their default, else 0, nan, "" or nothing. Only the step
    must be there, where an event has one: without it there is no telling when it was.
    """
    try:
        values = json.loads(line)
    except ValueError:
        return None
    if not isinstance(values, dict):
        return None
    name = values.get("event")
    if not isinstance(name, str) or name not in KINDS:
        return None
    fields = _fields(name)
    if "step" in fields and not _is_int(values.get("step")):
        return None
    return KINDS[name](
        **{name: read(values.get(name), otherwise) for name, (read, otherwise) in fields.items()}
    )


@functools.cache
def _fields(name: str) -> dict[str, tuple[_Read, Any]]:
    """Of this kind by name, what reads the field, and what it is where there is nothing to read."""
    kind = KINDS[name]
    hints, found = get_type_hints(kind), {}
    for field in dataclasses.fields(kind):
        read, otherwise = _READS[hints[field.name]]
        known = field.default is not dataclasses.MISSING
        found[field.name] = (read, field.default if known else otherwise)
    return found


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _int(value: Any, otherwise: Any) -> Any:
    return value if _is_int(value) else otherwise


def _float(value: Any, otherwise: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else otherwise


def _bool(value: Any, otherwise: Any) -> Any:
    return value if isinstance(value, bool) else otherwise


def _str(value: Any, otherwise: Any) -> Any:
    return value if isinstance(value, str) else otherwise


def _strings(value: Any, otherwise: Any) -> Any:
    return tuple(map(str, value)) if isinstance(value, list) else otherwise


def _floats(value: Any, otherwise: Any) -> Any:
    if not isinstance(value, dict):
        return otherwise
    return {name: _float(number, math.nan) for name, number in value.items()}


# by the type of a field
_READS: dict[Any, tuple[_Read, Any]] = {
    bool: (_bool, False),
    int: (_int, 0),
    int | None: (_int, None),
    float: (_float, math.nan),
    float | None: (_float, None),
    str: (_str, ""),
    str | None: (_str, None),
    tuple[str, ...]: (_strings, ()),
    dict[str, float]: (_floats, {}),
}
