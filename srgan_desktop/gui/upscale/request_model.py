"""What is asked for: model, detail, size, and how exactly; the panel writes it, others follow."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.networks.strengths import AS_FOUND, ChosenStrengths
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.common.requests import EngineRequest, ModelChoice, UpscaleRequest
from srgan_desktop.gui.common.restorer_box import restorers
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.common.size_setting import keep_size, kept_size

FULL_DETAIL = 100
OWN_SIZE = TargetSize("scale", 1.0)


class RequestModel(QObject):
    """The one place that knows how the picture shall be enlarged; kept in the settings.

    Attributes:
        models: the catalogue.
        listed: whether the catalogue has been read; until then ``models`` is empty.
        source: width and height of the picture that is enlarged, or None.
    """

    models_changed = Signal()
    """There are other models to choose from; ``changed`` follows."""
    changed = Signal()
    """Something was chosen, perhaps what was chosen before."""
    adjusting = Signal()
    """A person is about to choose something else: what is being made is not wanted."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.models: list[ModelChoice] = []
        self.listed = False
        self.source: tuple[int, int] | None = None
        self._chosen_strengths = AS_FOUND

    @property
    def model(self) -> ModelChoice | None:
        """The one that was chosen; the first where that is not there."""
        wanted = self._settings.text("upscale/model")
        first = self.models[0] if self.models else None
        return next((model for model in self.models if model.name == wanted), first)

    @property
    def detail(self) -> float:
        """From 0 (smooth) to 100, which is the model as it is."""
        return self._settings.number("upscale/detail")

    @property
    def chosen_strengths(self) -> ChosenStrengths:
        """What a model that adapts is not to find by itself; until the program ends."""
        return self._chosen_strengths

    @property
    def before(self) -> ModelChoice | None:
        """The model of factor 1 that pictures go through first; None where none is chosen."""
        wanted = self._settings.text("upscale/before_model")
        usable = [model for model in self.restorers if model.name == wanted]
        enlarges = self.model is not None and self.model.scale > 1
        return usable[0] if usable and enlarges else None

    @property
    def restorers(self) -> list[ModelChoice]:
        """The models that restore pictures at their own size."""
        return restorers(self.models)

    @property
    def size(self) -> TargetSize:
        """The rule for the result's size."""
        return kept_size(self._settings)

    @property
    def size_used(self) -> TargetSize:
        """The same, but for a model that restores pictures at their own size."""
        return OWN_SIZE if self.model is not None and self.model.scale == 1 else self.size

    @property
    def request(self) -> UpscaleRequest | None:
        """How to enlarge; None while there is no model that can be used."""
        model, settings = self.model, self._settings
        if model is None or model.problem:
            return None
        detail = self.detail if model.has_partner and self.detail < FULL_DETAIL else None
        engine = EngineRequest(
            model.path, settings.text("upscale/device"), settings.text("upscale/precision"), detail
        )
        tile = int(settings.number("upscale/tile")) or None
        chosen_strengths = self._chosen_strengths if model.adapts else AS_FOUND
        request = UpscaleRequest(
            engine,
            self.size_used,
            tile,
            settings.flag("upscale/tta"),
            chosen_strengths,
            weights=model.weights,
        )
        first = self.before
        if first is None:
            return request
        before = EngineRequest(first.path, engine.device, engine.precision, before=True)
        return dataclasses.replace(request, before=before, before_weights=first.weights)

    def result_size(self) -> tuple[int, int] | None:
        """Of the present picture's result; None where there is none, or it makes no sense."""
        if self.source is None:
            return None
        try:
            return self.size_used.resolve(*self.source)
        except UsageError:
            return None

    def set_models(self, models: Sequence[ModelChoice]) -> None:
        """The catalogue was read."""
        self.models, self.listed = list(models), True
        self.models_changed.emit()
        self.changed.emit()

    def set_source(self, size: tuple[int, int] | None) -> None:
        """Another picture is enlarged from now on; None: there is none."""
        self.source = size

    def choose_model(self, name: str) -> None:
        """Enlarge with this one."""
        self._settings.set("upscale/model", name)
        self.changed.emit()

    def await_model(self, name: str) -> None:
        """Enlarge with this one as soon as it is listed, with no other until then.

        For one that may be new: whoever asks has the models listed anew.
        """
        if all(model.name != name for model in self.models):
            self.models, self.listed = [], False
            self.models_changed.emit()
        self.choose_model(name)

    def choose_before(self, name: str) -> None:
        """Let pictures go through this one first; empty: none."""
        self._settings.set("upscale/before_model", name)
        self.changed.emit()

    def choose_detail(self, detail: float) -> None:
        """From 0 to 100."""
        self._settings.set("upscale/detail", detail)
        self.changed.emit()

    def choose_strength(self, kind: str, value: float | None) -> None:
        """Of ``kind`` (a field of ``ChosenStrengths``): 0 to 100, or as the model finds it."""
        self._chosen_strengths = dataclasses.replace(self._chosen_strengths, **{kind: value})
        self.changed.emit()

    def choose_size(self, size: TargetSize) -> None:
        """By this rule."""
        keep_size(self._settings, size)
        self.changed.emit()
