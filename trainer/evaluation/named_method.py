"""Ways of enlarging as scripts name them: a classic method, a model, a model at some detail."""

from __future__ import annotations

import re

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.engine.engine import open_engine
from srgan_desktop.core.upscaling.upscale import enlarge_with
from srgan_desktop.core.weights.catalogue import find_model
from trainer.evaluation.evaluate import CLASSIC, Enlarge


def named_method(name: str, scale: int) -> Enlarge:
    """How "bicubic", "srgan-x4", "own:mine", "file.safetensors" or "srgan-x4:70" enlarges.

    Raises:
        ModelFileError, UsageError: there is no such model, it cannot be blended, or it does not
            enlarge ``scale`` times.
    """
    if name in CLASSIC:
        return CLASSIC[name](scale)
    blended = re.fullmatch(r"(.+):(\d{1,3})", name)
    model, detail = blended.groups() if blended else (name, None)
    engine = open_engine(find_model(model), detail=float(detail) if detail else None)
    if engine.scale != scale:
        raise UsageError(f"{name}: enlarges {engine.scale} times, not {scale}; see --scale")
    return enlarge_with(engine)
