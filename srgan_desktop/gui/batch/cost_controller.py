"""What the waiting pictures will take, said on the panel for as long as nothing is at work."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from srgan_desktop.gui.batch.estimate import Estimate, Estimator
from srgan_desktop.gui.batch.options_panel import OptionsPanel
from srgan_desktop.gui.batch.run import BatchRun
from srgan_desktop.gui.batch.session import QueueSession
from srgan_desktop.gui.batch.table_model import BatchModel


class CostController(QObject):
    """Asks the estimator whenever the list or the options are others."""

    def __init__(
        self,
        session: QueueSession,
        model: BatchModel,
        panel: OptionsPanel,
        run: BatchRun,
        estimator: Estimator,
    ) -> None:
        super().__init__(panel)
        self._session, self._rows, self._panel = session, model.rows, panel
        self._run, self._estimator = run, estimator
        run.state_changed.connect(self._run_changed)
        estimator.known.connect(self._known)
        estimator.refused.connect(self._refused)

    @Slot()
    def ask(self) -> None:
        """Estimate what waits; where nothing does, say nothing."""
        queue, options = self._session.queue, self._session.options
        if queue is None or options is None or self._run.active:
            return
        if self._rows.counts["waiting"] and self._panel.model_chosen is not None:
            self._estimator.want(queue, options, self._run.where)
        else:
            self._forget()

    def _forget(self) -> None:
        self._estimator.forget()
        self._panel.show_cost("")

    @Slot()
    def _run_changed(self) -> None:
        if self._run.active:
            self._forget()

    @Slot(object)
    def _known(self, estimate: Estimate) -> None:
        if self._run.active or not estimate.total:
            self._panel.show_cost("")
        else:
            self._panel.show_cost(estimate.text(), estimate.warning())

    @Slot(str)
    def _refused(self, reason: str) -> None:
        self._panel.show_cost("", reason)
