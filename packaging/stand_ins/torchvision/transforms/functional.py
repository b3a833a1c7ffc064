"""The names that spandrel asks for; a call says why it cannot be answered."""

from __future__ import annotations

import enum
from typing import NoReturn

_MESSAGE = (
    "torchvision's {name} is not part of the packaged program: LaMa and RestoreFormer, the only "
    "models that need it, do not enlarge photos. Install the program with pip to have it."
)


class InterpolationMode(enum.Enum):
    """The one way of resampling that LaMa names."""

    BILINEAR = "bilinear"


def normalize(*_arguments: object, **_options: object) -> NoReturn:
    """RestoreFormer's; raises RuntimeError."""
    raise RuntimeError(_MESSAGE.format(name="normalize"))


def rotate(*_arguments: object, **_options: object) -> NoReturn:
    """LaMa's; raises RuntimeError."""
    raise RuntimeError(_MESSAGE.format(name="rotate"))
