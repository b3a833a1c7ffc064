"""Which models are set beside each other where nobody has chosen yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from srgan_desktop.gui.common.requests import ModelChoice
from srgan_desktop.gui.common.telling_models import telling_models

SCALES = {
    "fast-x4": 4,
    "photo-gan-x2": 2,
    "photo-gan-x4": 4,
    "srgan-x4": 4,
    "srresnet-x2": 2,
    "srresnet-x4": 4,
}


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ("", ["photo-gan-x4", "srresnet-x4", "srgan-x4", "fast-x4"]),
        ("srresnet-x4", ["srresnet-x4", "photo-gan-x4", "srgan-x4", "fast-x4"]),
        ("fast-x4", ["fast-x4", "photo-gan-x4", "srresnet-x4", "srgan-x4"]),
        ("srresnet-x2", ["srresnet-x2", "photo-gan-x2", "photo-gan-x4", "srresnet-x4"]),
    ],
)
def test_the_chosen_one_its_factor_and_those_that_differ_most_lead(
    chosen: str, names: list[str]
) -> None:
    models = [ModelChoice(name, name, "", Path(name), scale) for name, scale in SCALES.items()]
    found = telling_models(models, chosen)
    assert [model.name for model in found][: len(names)] == names
    assert len(found) == len(models)


def test_none_of_none() -> None:
    assert telling_models([], "any") == []
