"""The last stage of a run: encoding results and giving them their names."""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Callable, Iterator

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import FileError, ImageWriteError, QueueError
from srgan_desktop.core.base.events import FileDone, FileSkipped
from srgan_desktop.core.jobs import disk_space
from srgan_desktop.core.jobs.file_steps import Enlarged, explain_failure, write_result
from srgan_desktop.core.jobs.plan import make_folder
from srgan_desktop.core.jobs.staging import Stages, publish
from srgan_desktop.core.jobs.state import Staged, State, Stopped, WorkItem


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
                self._state.put_back(job)
            except Exception as error:  # the rest must still be done
                failed = explain_failure(job.source, error, job.item.id)
                self._state.fail(failed, job.seconds)
            finally:
                self._state.dismiss(job)

    def _write(self, job: WorkItem) -> None:
        """Again and again while the disk is full."""
        state = self._state
        while True:
            try:
                self._write_once(job)
            except Exception as error:
                if not state.patient or not disk_space.is_full_disk(error):
                    raise
                self._wait_for_space(job, error)
            else:
                return
            if not state.change(lambda: state.queue.started(job.item)):
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
        state, plan, number = self._state, job.plan, job.item.id
        began = time.monotonic()
        try:
            with self._staged(job) as staged:
                target, published = publish(
                    state.queue, number, staged.path, plan.wanted, job.options.existing
                )
                staged.path.unlink(missing_ok=True)
        except OSError as error:
            raise ImageWriteError(plan.wanted, atomic.explain(error)) from error
        except QueueError:
            raise
        except FileError as error:
            raise type(error)(plan.wanted, error.problem) from error
        if published and target is not None:
            job.seconds += time.monotonic() - began
            done = FileDone(job.source.path, target, job.seconds, staged.warnings, number)
            state.change(lambda: state.queue.finished(number, target, job.seconds), done)
        elif target is not None:
            skipped = FileSkipped(job.source.path, target, number)
            state.change(lambda: state.queue.skipped(number, target), skipped)

    @contextlib.contextmanager
    def _staged(self, job: WorkItem) -> Iterator[Staged]:
        """The result as a file that has not its name yet."""
        if isinstance(job.result, Staged):
            yield job.result
            return
        assert job.result is not None
        if job.ahead is not None:
            try:
                written = job.ahead.wait()
                yield Staged(job.ahead.path, (*job.result.warnings, *written.warnings))
            finally:
                job.stop_ahead()  # another attempt writes from memory
            return
        with self._stages.within(job.plan.wanted.parent) as stage:
            path = stage / f"{job.item.id}{job.plan.wanted.suffix}"
            written = write_result(job.result, path)
            yield Staged(path, (*job.result.warnings, *written.warnings))

    def _wait_for_space(self, job: WorkItem, error: Exception) -> None:
        """The item waits in the queue meanwhile, its result in memory. Raises Stopped."""
        state, folder = self._state, job.plan.wanted.parent
        # an encoder's output is seldom larger than the pixels, but may be; half of it is likely
        size = job.result.nbytes // 2 if isinstance(job.result, Enlarged) else 0
        if not disk_space.could_ever_fit(folder, size):
            raise error
        state.change(lambda: state.queue.waits_again(job.item.id))
        state.wait_for_space(str(error), lambda: disk_space.has_space(folder, size))


def _folder_has_gone(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno == errno.ENOENT:
            return True
        error = error.__cause__
    return False
