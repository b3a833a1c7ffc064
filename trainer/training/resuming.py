"""What a run's earlier life left behind, and whether it can be gone on with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from srgan_desktop.core.backends.memory_errors import is_memory_error
from srgan_desktop.core.base.errors import RunFolderError
from srgan_desktop.core.base.translation import tr
from trainer.run.checkpoints import keep_as_good, load_checkpoint
from trainer.run.events import Finished, Saved
from trainer.run.inputs import RunInputs
from trainer.run.process import forget_old_process, forget_old_requests
from trainer.run.run_folder import RunFolder
from trainer.training.run_setup import RunSetup

End = tuple[int | None, float | None]


class Restored(Protocol):
    """What is needed of a stage here."""

    next_validation: float

    def restore(self, state: dict[str, Any]) -> None: ...


@dataclass(frozen=True)
class ResumePoint:
    """What a run goes on from.

    Attributes:
        state: of the newest sound checkpoint; None where there is none: it begins anew.
        end: steps and seconds at which the run is to end, one of them set.
        is_end_new: whether that is another end than the one it has trained for so far.
        finished: how it ended where nothing is left to do; else None.
        warnings: what people should know.
    """

    state: dict[str, Any] | None
    end: End
    is_end_new: bool = False
    finished: Finished | None = None
    warnings: list[str] = field(default_factory=list)


def resume_point(folder: RunFolder, inputs: RunInputs) -> ResumePoint:
    """Look at what is there; half-written files are removed.

    Raises:
        RunFolderError: its checkpoints are damaged or gone.
    """
    folder.remove_leftovers()
    state, warnings = load_checkpoint(folder)
    if state is None:
        warnings = _starting_over(folder)
    # only now: a run that cannot go on stays as it is
    forget_old_requests(folder)
    forget_old_process(folder)
    end = inputs.steps, inputs.budget_s
    if state is None:
        return ResumePoint(None, end, warnings=warnings)
    before: End = tuple(state.get("end") or end)
    if not inputs.end_moved:
        # a run of an earlier version whose end was changed on the way noted it here alone
        end = before
    finished = _finished(folder) if end == before else None
    # a process that was killed between saving and noting that; or one that knew nothing of it
    if finished is None and not warnings and state.get("good", True):
        keep_as_good(folder)
    return ResumePoint(state, end, end != before, finished, warnings)


def _starting_over(folder: RunFolder) -> list[str]:
    """What to say of a run without a checkpoint.

    Raises:
        RunFolderError: it had one. Beginning anew would write over its model and its history.
    """
    events = list(folder.events())
    if any(isinstance(event, Saved) for event in events):
        problem = tr("its checkpoints are gone, so that it cannot go on; start a new run")
        raise RunFolderError(folder.path, problem + folder.init_advice)
    return [tr("nothing had been saved yet: it begins at the first step again")] if events else []


def _finished(folder: RunFolder) -> Finished | None:
    last = folder.last_event()
    is_done = isinstance(last, Finished) and last.reason == "done"
    # else the model could not be written, or was removed: it is written now
    return last if is_done and folder.final_model.exists() else None  # type: ignore[return-value]


def restore(stage: Restored, left: ResumePoint, job: RunSetup) -> None:
    """Bring the stage to where it was; nothing where it begins anew.

    Raises:
        RunFolderError: the config was changed and does not fit the checkpoint any more.
    """
    if left.state is None:
        return
    if left.state["stage"] != job.config.stage:
        raise job.folder.another_network()
    try:
        stage.restore(left.state)
    except (RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
        if is_memory_error(error):
            raise
        raise job.folder.another_network() from error
    if left.is_end_new:
        # by the new end: the last one that was planned may be the last of all
        stage.next_validation = 0.0
