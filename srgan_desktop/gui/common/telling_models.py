"""Which models to set beside each other where nobody has chosen yet."""

from __future__ import annotations

from collections.abc import Sequence

from srgan_desktop.core.base.defaults import DEFAULT_MODEL, PLAIN_MODEL
from srgan_desktop.gui.common.requests import ModelChoice

# they differ most in what they make of a photo
_FIRST = (DEFAULT_MODEL, PLAIN_MODEL, "srgan-x4", "photo-x4")


def telling_models(models: Sequence[ModelChoice], chosen: str = "") -> list[ModelChoice]:
    """All of ``models``, the ones whose comparison says most to the front.

    Args:
        chosen: the name of the one that a person looks at; it leads, and its factor counts. Where
            there is none it is the factor of most of them that does.
    """
    scales = [model.scale for model in models]
    scale = next((model.scale for model in models if model.name == chosen), None)
    if scale is None:
        scale = max(scales, key=scales.count, default=0)

    def place(model: ModelChoice) -> tuple[bool, bool, int]:
        known = _FIRST.index(model.name) if model.name in _FIRST else len(_FIRST)
        return model.name != chosen, model.scale != scale, known

    return sorted(models, key=place)
