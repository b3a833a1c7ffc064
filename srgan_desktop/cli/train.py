"""``srgan-desktop train ...``: the same as ``python -m trainer ...``."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Hand over to the trainer's command line; returns its exit code."""
    from trainer.cli import main as run

    return run(list(argv), prog="srgan-desktop train")
