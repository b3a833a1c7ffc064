"""Beginning a training: the form is checked, its time measured, its settings shown."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import open_once
from srgan_desktop.gui.training.form import offers
from srgan_desktop.gui.training.form.estimate_process import Measurement
from srgan_desktop.gui.training.form.form_controller import FormController
from srgan_desktop.gui.training.form.form_plan import known_problems, plan_of, problems_of
from srgan_desktop.gui.training.form.plan import Plan
from srgan_desktop.gui.training.form.settings_page import SettingsPage
from srgan_desktop.gui.training.runs import launch
from trainer.run.events import Estimate

# fields that are folded away
_UNDER_MORE = {"validation", "pairs", "init", "teacher", "device", "settings"}


class StartController(QObject):
    """Gives a ``Plan`` once nothing is wrong with what is chosen, and tells what is where it is."""

    wanted = Signal(object)
    """A training by this ``Plan``."""

    def __init__(self, form: FormController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.form, self._view = form, form.view
        self.measurement = Measurement(self)
        self._measured_for: list[str] = []
        self._view.start.clicked.connect(self.start)
        self._view.measure.clicked.connect(self.measure)
        form.settings_wanted.connect(self.show_settings)
        form.edited.connect(self._forget_mended)
        form.edited.connect(self._forget_measured)
        form.edited.connect(self.refresh)
        self.measurement.progress.connect(self._measuring)
        self.measurement.done.connect(self._measured)
        self.measurement.failed.connect(self._measuring_failed)

    @Slot()
    def start(self) -> None:
        """Begin what the form says, or say all that is wrong with it."""
        if self._check():
            self.measurement.stop()
            self._show_measured("")
            self.wanted.emit(self.plan())

    def plan(self) -> Plan:
        """What is chosen.

        Raises:
            UsageError: there are no photos or there is no recipe.
        """
        return plan_of(self.form)

    @Slot()
    def measure(self) -> None:
        """A minute of trial steps, or an end to it."""
        if self.measurement.running:
            self.measurement.stop()
            self._show_measured("")
        elif self._check():
            self.measurement.start(self.plan())
            self._measured_for = self._to_measure()
            self._show_measured(tr("Getting ready…"))
            self._view.measure_bar.setRange(0, 0)
        self.refresh()

    @Slot()
    def show_settings(self) -> None:
        """All settings of the chosen recipe."""
        chosen = self.form.chosen
        if chosen is not None:
            dialog = SettingsPage(self.form.values, chosen.settings, self._view)
            dialog.chosen.connect(self.form.set_values)
            open_once(dialog)

    def shutdown(self) -> None:
        """The window is going."""
        self.measurement.stop()

    @Slot()
    def refresh(self) -> None:
        """What the form says of itself, after a change."""
        view = self._view
        if view.photos.problem:
            view.fields["photos"].set_problem(view.photos.problem)
        elif view.photos.looking or view.photos.report is not None:
            view.fields["photos"].set_problem("")
        measuring = self.measurement.running
        view.measure.setText(
            tr("Stop measuring") if measuring else tr("Estimate on this computer (takes 1 minute)")
        )
        view.measure_bar.setVisible(measuring)
        view.measured.setVisible(bool(view.measured.text()))
        hint = offers.length_hint(self.form.second_recipe)
        view.length_hint.setText(hint)
        view.length_hint.setVisible(bool(hint))

    # inside

    def _check(self) -> bool:
        view, problems = self._view, problems_of(self.form)
        for name, field in view.fields.items():
            field.set_problem(problems.get(name, ""))
        if problems.keys() & _UNDER_MORE:
            view.more.setChecked(True)
        view.problem.setText(problems.get("room", ""))
        view.problem.setVisible("room" in problems)
        first = next((name for name in view.fields if name in problems), None)
        if first is not None:
            view.fields[first].controls[0].setFocus(Qt.FocusReason.OtherFocusReason)
        return not problems

    @Slot()
    def _forget_mended(self) -> None:
        """What was told to be wrong is told as it is now; nothing new is."""
        shown = [name for name, field in self._view.fields.items() if field.problem.text()]
        if shown:
            problems = known_problems(self.form, shown)
            for name in shown:
                self._view.fields[name].set_problem(problems.get(name, ""))

    @Slot()
    def _forget_measured(self) -> None:
        """An estimate, also one on its way, says nothing of other settings."""
        if self._measured_for and self._measured_for != self._to_measure():
            self._measured_for = []
            self.measurement.stop()
            self._show_measured("")

    def _to_measure(self) -> list[str]:
        """What an estimate depends on; nothing while the form makes no sense."""
        try:
            plan = self.plan()
        except UsageError:
            return []
        return launch.recipe_options(plan, plan.stages[0])

    def _show_measured(self, text: str) -> None:
        """What the measurement found; empty hides it."""
        self._view.measured.setText(text)
        self._view.measured.setVisible(bool(text))
        self._view.measure_bar.setVisible(self.measurement.running)

    @Slot(float, float)
    def _measuring(self, part: float, rate: float) -> None:
        self._view.measure_bar.setRange(0, 1000)
        self._view.measure_bar.setValue(round(1000 * part))
        self._show_measured(tr("{rate} steps a second", rate=f"{rate:.2f}"))

    @Slot(object)
    def _measured(self, found: Estimate) -> None:
        self._show_measured(offers.measured_text(found))
        self.refresh()

    @Slot(str)
    def _measuring_failed(self, problem: str) -> None:
        self._show_measured("")
        self._view.fields["length"].set_problem(problem)
        self.refresh()
