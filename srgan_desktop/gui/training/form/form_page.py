"""The part of the Train page that is about beginning: the form, its check, the measurement."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import open_once
from srgan_desktop.gui.common.page import Page
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import Lane
from srgan_desktop.gui.training.form import offers
from srgan_desktop.gui.training.form.form_plan import plan_of, problems_of
from srgan_desktop.gui.training.form.measure import Measurement
from srgan_desktop.gui.training.form.plan import Recipe
from srgan_desktop.gui.training.form.settings_page import SettingsPage
from srgan_desktop.gui.training.form.start_form import StartForm
from srgan_desktop.gui.training.runs.manager import RunManager
from trainer.run.events import Estimate


class FormPage(Page):
    """Keeps the form, what is measured for it and the desk in agreement."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.manager = RunManager(services)
        self._check_lane = Lane("photos", self)
        self.form = StartForm(services, self._check_lane)
        self.measurement = Measurement(self)
        self.manager.recipes_read.connect(self._recipes_read)
        self.form.measure.clicked.connect(self.measure)
        self.form.settings_wanted.connect(self.show_settings)
        self.form.edited.connect(self._forget_mended)
        self.form.edited.connect(self._refresh_form)
        self.measurement.progress.connect(self._measuring)
        self.measurement.done.connect(self._measured)
        self.measurement.failed.connect(self._measuring_failed)

    @Slot()
    def measure(self) -> None:
        """A minute of trial steps, or an end to it."""
        if self.measurement.running:
            self.measurement.stop()
            self.show_measured("")
        elif self._check_form():
            self.measurement.start(plan_of(self.form))
            self.show_measured(tr("Getting ready…"))
            self.form.measure_bar.setRange(0, 0)
        self._refresh_form()

    @Slot()
    def show_settings(self) -> None:
        """All settings of the chosen recipe."""
        chosen = self.form.chosen
        if chosen is not None:
            dialog = SettingsPage(self.form.values, chosen.settings, self)
            dialog.chosen.connect(self.form.set_values)
            open_once(dialog)

    def show_measured(self, text: str) -> None:
        """What the measurement found; empty hides it."""
        self.form.measured.setText(text)
        self.form.measured.setVisible(bool(text))
        self.form.measure_bar.setVisible(self.measurement.running)

    @Slot(list)
    def _recipes_read(self, recipes: list[Recipe]) -> None:
        self.form.set_recipes(recipes)
        lane = self.manager.lane
        for work, done in (
            (offers.models, self.form.set_models),
            (offers.devices, self.form.set_devices),
        ):
            lane.submit(work, on_done=done, on_failed=self.services.faults.report)

    @Slot(float, float)
    def _measuring(self, part: float, rate: float) -> None:
        self.form.measure_bar.setRange(0, 1000)
        self.form.measure_bar.setValue(round(1000 * part))
        self.show_measured(tr("{rate} steps a second", rate=f"{rate:.2f}"))

    @Slot(object)
    def _measured(self, found: Estimate) -> None:
        self.show_measured(offers.measured_text(found))
        self._refresh_form()

    @Slot(str)
    def _measuring_failed(self, problem: str) -> None:
        self.show_measured("")
        self.form.fields["length"].set_problem(problem)
        self._refresh_form()

    def _check_form(self) -> bool:
        problems = problems_of(self.form)
        for name, field in self.form.fields.items():
            field.set_problem(problems.get(name, ""))
        if problems.keys() & {"validation", "pairs", "init", "device", "settings"}:
            self.form.more.setChecked(True)
        self.form.problem.setText(problems.get("room", ""))
        self.form.problem.setVisible("room" in problems)
        first = next((name for name in self.form.fields if name in problems), None)
        if first is not None:
            self.form.fields[first].controls[0].setFocus(Qt.FocusReason.OtherFocusReason)
        return not problems

    @Slot()
    def _forget_mended(self) -> None:
        """What was told to be wrong is told as it is now; nothing new is."""
        notice = [name for name, field in self.form.fields.items() if field.problem.text()]
        if notice:
            problems = problems_of(self.form)
            for name in notice:
                self.form.fields[name].set_problem(problems.get(name, ""))

    @Slot()
    def _refresh_form(self) -> None:
        """What the form says of itself, after a change."""
        form = self.form
        if form.photos.problem:
            form.fields["photos"].set_problem(form.photos.problem)
        elif form.photos.looking or form.photos.report is not None:
            form.fields["photos"].set_problem("")
        measuring = self.measurement.running
        form.measure.setText(
            tr("Stop measuring") if measuring else tr("Estimate on this computer (takes 1 minute)")
        )
        form.measure_bar.setVisible(measuring)
        form.measured.setVisible(bool(form.measured.text()))
        hint = offers.length_hint(form.second_recipe)
        form.length_hint.setText(hint)
        form.length_hint.setVisible(bool(hint))
