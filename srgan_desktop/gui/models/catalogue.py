"""The catalogue of models, and what is done with its files. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.gui.common import model_facts as facts
from srgan_desktop.gui.common.error_text import explain
from srgan_desktop.gui.common.model_facts import ModelFacts
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import TaskSlot


class CatalogueController(QObject):
    """Lists, adds, renames, removes and writes; on the device's thread, where models are tried.

    Attributes:
        models: what the catalogue held when it was read last.
    """

    listed = Signal(list)
    """The ``ModelFacts`` of all models."""
    chosen = Signal(str)
    """The name of the model that is to be shown: it has just been added or renamed."""
    notice = Signal(str, str)
    """A message and its kind: "info", "done", "warning"."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._listing, self._work = TaskSlot(), TaskSlot()
        self.models: list[ModelFacts] = []

    @property
    def busy(self) -> bool:
        """Whether a file is being added, renamed, removed or written."""
        return self._work.busy

    @Slot()
    def refresh(self) -> None:
        """Read the catalogue anew."""
        self._listing.put(
            self._services.device_lane.submit(
                facts.list_facts, on_done=self._listed, on_failed=self._failed
            )
        )

    def add(self, paths: Sequence[Path]) -> None:
        """Copy model files into the models folder."""
        wanted = list(paths)
        self.notice.emit(trn("Looking at {n} file…", "Looking at {n} files…", len(wanted)), "info")
        self._do(lambda: facts.add(wanted), self._added)

    def rename(self, old: str, new: str) -> None:
        """Give a model another name."""
        self._do(lambda: facts.rename(old, new), lambda name: self._renamed(old, name))

    def remove(self, name: str) -> None:
        """Delete one of the person's own models."""
        self._do(lambda: facts.remove(name), lambda _: self._changed())

    def export(self, source: Path, target: Path) -> None:
        """Write a copy, or ONNX where the name ends so."""
        self._do(lambda: facts.export(source, target), self._exported)

    def shutdown(self) -> None:
        """Nothing more is wanted."""
        self._listing.cancel()
        self._work.cancel()

    # inside

    def _do(
        self, work: Callable[[], Generator[Any, None, Any]], done: Callable[[Any], None]
    ) -> None:
        """One thing after the other: what was asked for before is done all the same."""
        lane = self._services.device_lane
        self._work.replace(lane.submit(work, on_done=done, on_failed=self._failed))

    def _listed(self, models: list[ModelFacts]) -> None:
        self.models = models
        self.listed.emit(models)

    def _added(self, result: tuple[list[str], list[BaseException]]) -> None:
        names, failures = result
        if failures:
            texts = [explain(error) or str(error) for error in failures[:3]]
            self.notice.emit("\n".join(texts), "warning")
        else:
            self.notice.emit(tr("Added: {names}", names=", ".join(names)), "done")
        if names:
            self.chosen.emit(names[-1])
            self._changed()

    def _renamed(self, old: str, name: str) -> None:
        settings = self._services.settings
        for key in ("upscale/model", "upscale/before_model"):
            if settings.text(key) == old:
                settings.set(key, name)
        self._services.model_renamed.emit(old, name)
        self.notice.emit(tr("Renamed to {name}.", name=name), "done")
        self.chosen.emit(name)
        self._changed()

    def _exported(self, target: Path) -> None:
        self.notice.emit(tr("Written: {path}", path=target), "done")

    def _changed(self) -> None:
        self.refresh()
        self._services.models_changed.emit()

    def _failed(self, error: BaseException) -> None:
        text = explain(error)
        if text is None:
            self._services.faults.report(error)
        else:
            self.notice.emit(text, "warning")
