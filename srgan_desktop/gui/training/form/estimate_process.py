"""A minute of trial steps in a process of its own: what a time buys on this machine."""

from __future__ import annotations

from PySide6.QtCore import QObject, QProcess, Signal, Slot

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.training.form.plan import Plan
from srgan_desktop.gui.training.runs import launch
from trainer.run.events import Estimate, Failed, Measuring, read_event

SECONDS = 60.0
_WAIT_MS = 2000


class Measurement(QObject):
    """Runs the trainer's ``estimate``; at most one at a time."""

    progress = Signal(float, float)
    """How far it is, 0..1, and steps a second so far."""
    done = Signal(object)
    """The trainer's ``Estimate``."""
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._rest = b""
        self._result: Estimate | None = None
        self._problem = ""

    @property
    def running(self) -> bool:
        """Whether it measures now."""
        return self._process is not None

    def start(self, plan: Plan, seconds: float = SECONDS) -> None:
        """Measure the plan's first stage; what was being measured is forgotten."""
        self.stop()
        call = launch.command(
            "estimate",
            *launch.recipe_options(plan, plan.stages[0]),
            "--seconds",
            f"{seconds:g}",
            "--json",
        )
        self._rest, self._result, self._problem = b"", None, ""
        process = QProcess(self)
        process.setProgram(call.program)
        process.setArguments(list(call.arguments))
        process.setProcessEnvironment(launch.environment())
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._finished)
        self._process = process
        process.start()

    @Slot()
    def stop(self) -> None:
        """Forget it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)
        process.kill()
        process.waitForFinished(_WAIT_MS)
        process.deleteLater()

    @Slot()
    def _read(self) -> None:
        if self._process is None:
            return
        data = self._rest + bytes(self._process.readAllStandardOutput().data())
        *lines, self._rest = data.split(b"\n")
        for event in map(read_event, lines):
            match event:
                case Measuring():
                    part = event.seconds / max(event.total_seconds, 1e-9)
                    self.progress.emit(min(1.0, part), event.it_per_s)
                case Estimate():
                    self._result = event
                case Failed():
                    self._problem = event.error

    @Slot()
    def _finished(self) -> None:
        process = self._process
        if process is None:
            return
        self._read()
        self._process = None
        process.deleteLater()
        if self._result is not None:
            self.done.emit(self._result)
        else:
            self.failed.emit(self._problem or tr("The measurement ended without a result."))
