"""The last stage of a run: encoding results and giving them their names."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import FileError, ImageWriteError, QueueError
from srgan_desktop.core.base.events import FileDone, FileSkipped
from srgan_desktop.core.jobs import disk_space as room
from srgan_desktop.core.jobs.plan import make_folder
from srgan_desktop.core.jobs.process import explain_failure, write_result
from srgan_desktop.core.jobs.staging import Stages, publish
from srgan_desktop.core.jobs.state import State, Stopped, WorkItem


class Writer:
    """Writes one result after the other; ``take`` gives the next, None at the end."""

    def __init__(self, state: State, stages: Stages, take: Callable[[], WorkItem | None]) -> None:
        self._state = state
        self._stages = stages
        self._take = take

    def run(self) -> None:
        """Until no more results come; what was computed is written even when the run is to stop."""
        while (job := self._take()) is not None:
            try:
                self._write(job)
            except QueueError:
                raise
            except Stopped:
                self._state.queue.waits_again(job.item.id)
            except Exception as error:  # the rest must still be done
                self._fail(job, error)
            finally:
                self._state.dismiss(job)

    def _write(self, job: WorkItem) -> None:
        """Again and again while the disk is full."""
        state = self._state
        while True:
            try:
                self._write_once(job)
            except Exception as error:
                if not room.is_full_disk(error):
                    raise
                self._wait_for_space(job, error)
            else:
                return
            if not state.persist(lambda: state.queue.started(job.item)):
                return

    def _write_once(self, job: WorkItem) -> None:
        try:
            self._encode_and_publish(job)
        except Exception as error:
            if not _folder_has_gone(error):
                raise
            # somebody removed the folder while the picture was in work: once more into a new one
            make_folder(job.plan.wanted.parent)
            self._encode_and_publish(job)

    def _encode_and_publish(self, job: WorkItem) -> None:
        assert job.enlarged is not None
        state, plan, item = self._state, job.plan, job.item
        began = time.monotonic()
        try:
            with self._stages.within(plan.wanted.parent) as stage:
                staged = stage / f"{item.id}{plan.wanted.suffix}"
                written = write_result(job.enlarged, staged, job.job_options, "overwrite")
                target, published = publish(
                    state.queue, item.id, staged, plan.wanted, job.job_options.existing
                )
                staged.unlink(missing_ok=True)
        except OSError as error:
            raise ImageWriteError(plan.wanted, atomic.explain(error)) from error
        except QueueError:
            raise
        except FileError as error:
            raise type(error)(plan.wanted, error.problem) from error
        if published and target is not None:
            job.seconds += time.monotonic() - began
            state.persist(lambda: state.queue.finished(item.id, target, job.seconds))
            warnings = (*job.enlarged.warnings, *written.warnings)
            state.tell(FileDone(job.source.path, target, job.seconds, warnings, item.id))
        elif target is not None:
            state.persist(lambda: state.queue.skipped(item.id, target))
            state.tell(FileSkipped(job.source.path, target, item.id))

    def _wait_for_space(self, job: WorkItem, error: Exception) -> None:
        """The item waits in the queue meanwhile, its result in memory. Raises Stopped."""
        assert job.enlarged is not None
        state, folder = self._state, job.plan.wanted.parent
        # an encoder's output is seldom larger than the pixels, but may be; half of it is likely
        size = job.enlarged.nbytes // 2
        if not room.could_ever_fit(folder, size):
            raise error
        state.persist(lambda: state.queue.waits_again(job.item.id))
        state.wait_for_space(str(error), lambda: room.has_space(folder, size))

    def _fail(self, job: WorkItem, error: Exception) -> None:
        state = self._state
        failed = explain_failure(job.source, error, job.item.id)
        state.persist(
            lambda: state.queue.failed(job.item.id, failed.error, failed.kind, job.seconds)
        )
        state.tell(failed)


def _folder_has_gone(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno == errno.ENOENT:
            return True
        error = error.__cause__
    return False
