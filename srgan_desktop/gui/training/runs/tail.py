"""Reading a training's events as they are written, from the first to the last stage.

The generator runs on a thread of its own and hands over arrays, so that the window's thread has
little to do also where a run of a day is opened.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from srgan_desktop.gui.training.runs.state import StageState, training_states
from srgan_desktop.gui.training.runs.stored import Training
from trainer.run.events import Event, RolledBack, Saved, Started, Step, Validated, read_event
from trainer.run.run_folder import RunFolder

Numbers = NDArray[np.float64]

CHUNK_BYTES = 1 << 18
# what was read last, by which a log that was cut and has grown again since is known: lines hold
# times, so no two are the same
_MARK_BYTES = 256
POLL_S = 0.1
STATE_EVERY_S = 0.7


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some new lines of one stage's log.

    Attributes:
        stage: its number.
        restart: forget what was told of this stage: it is read anew.
        steps, values: (N,) and by name the same; nan where a line has no such value. Names:
            "rate", "d_real", "d_fake" and "loss:NAME".
        others: all events but steps, in order.
        last: the newest step.
        caught_up: nothing more is there for now.
    """

    stage: int
    restart: bool = False
    steps: Numbers = field(default_factory=lambda: np.empty(0))
    values: dict[str, Numbers] = field(default_factory=dict)
    others: tuple[Event, ...] = ()
    last: Step | None = None
    caught_up: bool = False


@dataclass(frozen=True)
class States:
    """How the stages stand now."""

    states: tuple[StageState, ...]


def follow(training: Training) -> Generator[Chunk | States | None, None, None]:
    """All that is told of a training, then what is new, until closed.

    Nothing is raised for files that go away: the states say so.
    """
    logs = [StageLog(number, run) for number, run in enumerate(training.stages)]
    known: tuple[StageState, ...] = ()
    next_state, shown = 0.0, False
    while True:
        quiet = True
        for log in logs:
            chunk = log.read()
            if chunk is not None:
                quiet = False
                yield chunk
                # where a stage's steps lie is known once all of the stage before is read
                break
        if quiet and not shown:
            shown = True
            yield Chunk(0, caught_up=True)
        if time.monotonic() >= next_state:
            next_state = time.monotonic() + STATE_EVERY_S
            states = training_states(training)
            if states != known:
                known = states
                yield States(states)
        if quiet:
            time.sleep(POLL_S)
        yield None


class StageLog:
    """Remembers how far one stage's log has been read."""

    def __init__(self, number: int, run: RunFolder) -> None:
        self._number = number
        self._path = run.events_path
        self._forget()

    def _forget(self) -> None:
        self._position = 0
        self._rest = self._mark = b""

    def read(self) -> Chunk | None:
        """What is new, at most some hundred kilobytes; None where nothing is."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._position - len(self._mark))
                mark, data = file.read(len(self._mark)), file.read(CHUNK_BYTES)
        except OSError:
            return None
        if mark != self._mark:
            # a resumed run goes on from its checkpoint: what came after is written again
            self._forget()
            return Chunk(self._number, restart=True)
        if not data:
            return None
        self._position += len(data)
        self._mark = (mark + data)[-_MARK_BYTES:]
        whole, newline, self._rest = (self._rest + data).rpartition(b"\n")
        return self._parsed(whole) if newline else None

    def _parsed(self, text: bytes) -> Chunk:
        steps: list[Step] = []
        others: list[Event] = []
        for event in filter(None, map(read_event, text.split(b"\n"))):
            back = _goes_back_to(event)
            if back is not None:
                # a resumed run, or one that went astray: what came after is written again
                steps = [known for known in steps if known.step <= back]
                others = [known for known in others if not _is_beyond(known, back)]
            if isinstance(event, Step):
                steps.append(event)
            else:
                others.append(event)
        return Chunk(
            self._number,
            steps=np.array([event.step for event in steps], np.float64),
            values=_columns(steps),
            others=tuple(others),
            last=steps[-1] if steps else None,
        )


def _goes_back_to(event: Event) -> int | None:
    """The step that the run goes on from; None for an event that leaves it where it is."""
    match event:
        case Started():
            return event.step
        case RolledBack():
            return event.to_step
    return None


def _is_beyond(event: Event, step: int) -> bool:
    return isinstance(event, Validated | Saved) and event.step > step


def _columns(steps: list[Step]) -> dict[str, Numbers]:
    names = {name for event in steps for name in event.losses}
    columns = {
        f"loss:{name}": _numbers(event.losses.get(name) for event in steps)
        for name in sorted(names)
    }
    for name, values in (
        ("rate", _numbers(event.learning_rate for event in steps)),
        ("d_real", _numbers(event.d_real for event in steps)),
        ("d_fake", _numbers(event.d_fake for event in steps)),
    ):
        if not np.isnan(values).all():
            columns[name] = values
    return columns


def _numbers(values: Iterable[float | None]) -> Numbers:
    return np.array([np.nan if value is None else value for value in values], np.float64)
