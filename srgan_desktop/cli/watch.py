"""``srgan-desktop watch``: enlarge what is put into a folder."""

from __future__ import annotations

import argparse
import hashlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.cli.batch_run import end_like_ctrl_c, open_as_called, open_queue, work_off
from srgan_desktop.cli.enlarging import add_enlarging, batch_options
from srgan_desktop.cli.shared import Command, say
from srgan_desktop.cli.upscale_report import Reporter, make_reporter
from srgan_desktop.core.base.arguments import add_json, path, positive_number
from srgan_desktop.core.base.errors import ImageReadError, NoSpaceError, UsageError
from srgan_desktop.core.base.translation import tr

if TYPE_CHECKING:
    from srgan_desktop.core.jobs.engines import CachedDevice
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.queue import Queue
    from srgan_desktop.core.jobs.watch import Found, Watcher

INTERVAL_S = 1.0

EXAMPLES = """\
  srgan-desktop watch incoming/ -o enlarged/
  srgan-desktop watch /mnt/scanner -o prints/ --long 6000 --format jpeg
  srgan-desktop watch incoming/ -o enlarged/ --once
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=path, metavar=tr("FOLDER"), help=tr("new pictures in it are enlarged")
    )
    parser.add_argument(
        "-o",
        "--output",
        type=path,
        required=True,
        metavar=tr("OUT"),
        help=tr("folder for the results; subfolders are kept"),
    )
    add_enlarging(parser)
    parser.add_argument(
        "--once",
        action="store_true",
        help=tr("end when all that is there is done, instead of waiting for more"),
    )
    parser.add_argument(
        "--interval",
        type=positive_number,
        default=INTERVAL_S,
        metavar=tr("SECONDS"),
        help=tr("how often to look (default: {seconds:g} s)", seconds=INTERVAL_S),
    )
    parser.add_argument(
        "--queue",
        type=path,
        metavar=tr("FILE"),
        help=tr("remember here what was done (default: a file of its own for each folder)"),
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Until interrupted; with --once exit code 0 all done, 1 some failed."""
    from srgan_desktop.core.jobs.result_names import Naming
    from srgan_desktop.core.jobs.watch import Watcher

    end_like_ctrl_c()
    if arguments.output.absolute().resolve() == arguments.folder.absolute().resolve():
        raise UsageError(tr("-o is the watched folder itself; choose another"))
    options = batch_options(arguments, Naming(out=arguments.output, template=arguments.name))
    with open_queue(arguments.queue or _queue_path(arguments)) as queue:
        watcher = Watcher(arguments.folder, queue.seen(), leave_out=arguments.output)
        _, devices = open_as_called(arguments, options)
        reporter = make_reporter(arguments, 0)
        try:
            return _Watch(arguments, queue, watcher, options, devices, reporter).run()
        finally:
            reporter.close()


def _queue_path(arguments: argparse.Namespace) -> Path:
    from srgan_desktop.core.base import app_paths as places

    both = (
        os.fsencode(arguments.folder.absolute()) + b"\0" + os.fsencode(arguments.output.absolute())
    )
    return places.state() / f"watch-{hashlib.sha256(both).hexdigest()[:16]}.sqlite3"


class _Watch:
    def __init__(
        self,
        arguments: argparse.Namespace,
        queue: Queue,
        watcher: Watcher,
        options: BatchOptions,
        devices: list[CachedDevice],
        reporter: Reporter,
    ) -> None:
        self._arguments = arguments
        self._queue = queue
        self._watcher = watcher
        self._options = options
        self._devices = devices
        self._reporter = reporter
        self._looked_s = 0.0
        self._was_reachable = True
        self._has_no_room = False

    def run(self) -> int:
        from srgan_desktop.core.base.events import Finished, Watching
        from srgan_desktop.core.jobs.runner import run_queue

        self._reporter.show(Watching(self._arguments.folder))
        done = failed = skipped = 0
        while True:
            self._look()
            if self._queue.counts()["waiting"]:
                ended = work_off(run_queue(self._queue, self._devices), self._reporter, self._look)
                done += ended.done
                failed += ended.failed
                skipped += ended.skipped
            elif self._arguments.once and not self._watcher.growing:
                failed += self._fail_empty()
                self._reporter.show(Finished(done, failed, skipped))
                return 1 if failed else 0
            time.sleep(self._arguments.interval)

    def _fail_empty(self) -> int:
        """What has nothing in it when all is over gets no result; how many."""
        from srgan_desktop.core.base.events import FileFailed

        empty = self._watcher.empty
        for source in empty:
            error = ImageReadError(source, tr("the file is empty"))
            self._reporter.show(FileFailed(source, str(error), error.kind))
        return len(empty)

    def _look(self) -> None:
        """At most once in an interval, for this is also called while the queue is worked off."""
        now = time.monotonic()
        if now - self._looked_s < self._arguments.interval:
            return
        self._looked_s = now
        self._take(self._watcher.look())
        if self._watcher.reachable != self._was_reachable:
            self._was_reachable = self._watcher.reachable
            self._say_whether_reachable()

    def _take(self, found: Sequence[Found]) -> None:
        """Into the queue; where its disk is full, at one of the next looks."""
        from srgan_desktop.core.base.events import Paused, Resumed

        try:
            if found:
                sources = [each.source for each in found]
                self._queue.add(sources, self._options, seen=[each.mark for each in found])
        except NoSpaceError as error:
            self._watcher.put_back(found)
            if not self._has_no_room:
                self._reporter.show(Paused(str(error)))
            self._has_no_room = True
        else:
            if self._has_no_room:
                self._reporter.show(Resumed())
            self._has_no_room = False

    def _say_whether_reachable(self) -> None:
        folder = self._arguments.folder
        if self._was_reachable:
            say(tr("{folder} is there again", folder=folder))
        else:
            say(tr("{folder} is not there; waiting until it is", folder=folder))


COMMAND = Command(lambda: tr("enlarge what is put into a folder"), EXAMPLES, add_arguments, run)
