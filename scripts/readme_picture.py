"""The picture at the top of the README: the sample photo, bicubic beside a model's result.

python scripts/readme_picture.py [--model srresnet-x4]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from srgan_desktop.core.engine.engine import open_engine
from srgan_desktop.core.upscaling.upscale import enlarge_with
from srgan_desktop.core.weights.catalogue import find_model
from trainer.evaluation.evaluate import CLASSIC

ROOT = Path(__file__).resolve().parent.parent
# left, top, right, bottom in the sample photo, and the white gap, in pixels
PIECE = (138, 66, 258, 176)
GAP = 8


def main() -> None:
    """Write docs/images/otter.webp."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="srresnet-x4")
    arguments = parser.parse_args()
    photo = np.array(Image.open(ROOT / "resources" / "samples" / "otter.jpg").convert("RGB"))
    engine = open_engine(find_model(arguments.model))
    left, top, right, bottom = (edge * engine.scale for edge in PIECE)
    pieces = [
        enlarge(photo)[top:bottom, left:right]
        for enlarge in (CLASSIC["bicubic"](engine.scale), enlarge_with(engine))
    ]
    gap = np.full((bottom - top, GAP, 3), 255, np.uint8)
    picture = Image.fromarray(np.concatenate([pieces[0], gap, pieces[1]], axis=1))
    picture.save(ROOT / "docs" / "images" / "otter.webp", quality=90, method=6)


if __name__ == "__main__":
    main()
