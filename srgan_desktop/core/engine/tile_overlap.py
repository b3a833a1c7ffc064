"""How far tiles reach into their neighbours: the context that a network sees."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from srgan_desktop.core.networks.network import NetworkConfig

# context beyond a tile for networks that see the whole picture; blended over
NON_LOCAL_OVERLAP = 48
# the same where a network sees further than this: what lies beyond hardly counts, and with all of
# it a tile would be little but context
LARGEST_OVERLAP = 128


def tile_overlap(config: NetworkConfig) -> int:
    """The context a tile needs on each side, in source pixels."""
    return NON_LOCAL_OVERLAP if needs_blending(config) else math.ceil(config.receptive_radius)


def needs_blending(config: NetworkConfig) -> bool:
    """Whether tiles differ slightly from a single pass and are blended where they meet."""
    return not config.is_local or config.receptive_radius > LARGEST_OVERLAP
