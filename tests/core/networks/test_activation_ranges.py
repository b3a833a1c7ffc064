"""What is noted of a network's activations is what its convs are given."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from network_makers import VARIANTS, make_network

from srgan_desktop.core.networks.activation_ranges import (
    ActivationRanges,
    record_ranges,
    with_tight_end,
)
from srgan_desktop.core.weights.architectures import inference_form


def crops(colours: int) -> list[torch.Tensor]:
    random = torch.Generator().manual_seed(3)
    return [torch.rand(1, colours, 12, 9, generator=random) * top for top in (1.0, 0.25)]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_conv_has_the_range_of_all_crops(variant: str) -> None:
    form = inference_form(make_network(**VARIANTS[variant]))
    seen: dict[torch.nn.Module, list[float]] = {}

    def note(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        seen.setdefault(module, []).extend((float(inputs[0].min()), float(inputs[0].max())))

    for module in form.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_pre_hook(note)
    ranges = record_ranges(form, crops(form.config.colours))
    hooked = sorted((min(values), max(values)) for values in seen.values())
    assert np.allclose(sorted([*ranges.body, *ranges.upsample]), hooked)


def test_few_large_values_do_not_make_the_last_steps_coarse() -> None:
    """In what most values are, so that less is lost in all."""
    network = make_network()
    form = inference_form(network)
    crops_ = crops(3)
    found = record_ranges(form, crops_)
    even = with_tight_end(found, form, crops_)
    # one bright pixel in many
    spark = torch.full((1, 3, 64, 64), 0.4)
    spark[..., 32, 32] = 40
    wide = record_ranges(form, [spark])
    tight = with_tight_end(wide, form, [spark])
    for before, after in ((found, even), (wide, tight)):
        assert after.body == before.body and after.upsample[:-1] == before.upsample[:-1]
    shares = [
        (after.upsample[-1][1] - after.upsample[-1][0])
        / (before.upsample[-1][1] - before.upsample[-1][0])
        for before, after in ((found, even), (wide, tight))
    ]
    assert shares[1] < shares[0] <= 1


def test_they_survive_a_file_and_join() -> None:
    one = ActivationRanges(((0.0, 1.0), (-0.123456, 2.0)), ((-1.0, 1.0),))
    assert ActivationRanges.from_json(one.to_json()).body[1] == (-0.1235, 2.0)
    other = ActivationRanges(((0.5, 3.0), (-1.0, 0.0)), ((-2.0, 0.5),))
    assert one.union(other) == ActivationRanges(((0.0, 3.0), (-1.0, 2.0)), ((-2.0, 1.0),))
    with pytest.raises(ValueError, match="zip"):
        one.union(ActivationRanges(((0.0, 1.0),), ()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"body": [[0, 1]]}',
        '{"body": [[1, 0]], "upsample": []}',
        '{"body": [[0, Infinity]], "upsample": []}',
        '{"body": [["a", 1]], "upsample": []}',
    ],
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        ActivationRanges.from_json(text)
