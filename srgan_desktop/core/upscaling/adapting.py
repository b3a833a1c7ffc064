"""One look at a whole picture, for networks that adapt to it.

The network is asked once, about pieces from all over the picture, and not for each tile: tiles that
each had a network of their own would show where they meet.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.networks.strengths import ChosenStrengths, Strengths
from srgan_desktop.core.weights.model_card import ModelCard

# in source pixels; what predicts is trained on crops of this size (scripts/train_predictor.py).
# With 48 more clean pictures were taken for damaged
PIECE_SIDE = 80
# at most so many in a row and in a column
PIECES_ACROSS = 4


def find_strengths(engine: Engine, pixels: NDArray[Any]) -> Strengths:
    """What a model that adapts finds in a picture.

    Args:
        pixels: (H, W, 1 or 3), uint8 or uint16.
    """
    limit = np.float32(np.iinfo(pixels.dtype).max)
    pieces = (pieces_of(pixels).astype(np.float32) / limit).transpose(0, 3, 1, 2)
    wanted = engine.config.colours
    if pieces.shape[1] == 1 and wanted == 3:
        pieces = pieces.repeat(3, 1)
    elif pieces.shape[1] == 3 and wanted == 1:
        # a grey network is given each colour by itself
        pieces = pieces.reshape(-1, 1, *pieces.shape[2:])
    return engine.predict(np.ascontiguousarray(pieces))


def pieces_of(pixels: NDArray[Any]) -> NDArray[Any]:
    """(N, h, w, C): evenly spread over (H, W, C) from edge to edge; all of it where it is small."""
    rows, columns = (_starts(length) for length in pixels.shape[:2])
    return np.stack([pixels[y : y + PIECE_SIDE, x : x + PIECE_SIDE] for y in rows for x in columns])


def _starts(length: int) -> list[int]:
    count = max(1, min(PIECES_ACROSS, length // PIECE_SIDE))
    spare = max(0, length - PIECE_SIDE)
    return [round(spare * i / max(1, count - 1)) if count > 1 else spare // 2 for i in range(count)]


def check_chosen_strengths(engine: Engine, chosen_strengths: ChosenStrengths) -> None:
    """
    Raises:
        UsageError: something is set, but the model does not adapt.
    """
    if chosen_strengths.are_set and not engine.adapts:
        raise _does_not_adapt(engine.card)


def check_strengths_for(card: ModelCard, chosen_strengths: ChosenStrengths) -> None:
    """The same before the model is opened. Raises as ``check_chosen_strengths``."""
    if chosen_strengths.are_set and not card.adapts:
        raise _does_not_adapt(card)


def _does_not_adapt(card: ModelCard) -> UsageError:
    return UsageError(
        tr(
            "{model} does not adapt to the picture, so noise, blur and compression cannot be "
            "set; choose a model that does",
            model=card.name or card.title,
        )
    )
