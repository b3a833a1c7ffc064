"""Interpolates between a smooth and a detailed network of the same shape.

Network interpolation (Wang et al. 2018, arXiv:1809.00219): where one network was trained on from
the other, every mixture of their weights is a sound network between the two.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
from functools import lru_cache
from pathlib import Path

import torch

from srgan_desktop.core.base.errors import ModelFileError, ModelNotFoundError, UsageError
from srgan_desktop.core.base.paths import file_state
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.network import Network
from srgan_desktop.core.weights.architectures import differences
from srgan_desktop.core.weights.catalogue import find_beside
from srgan_desktop.core.weights.model_file import ModelCard, load_model
from srgan_desktop.core.weights.third_party.open_model import card_of, open_model

FULL_DETAIL = 100.0


def blend(smooth: Network, detailed: Network, detail: float) -> Network:
    """A new network at ``detail`` between the two (0: smooth, 100: detailed), in eval mode.

    Raises:
        UsageError: the two are of different architectures or shapes, or detail is out of range.
    """
    if not 0 <= detail <= FULL_DETAIL:
        raise UsageError(tr("detail is from 0 to 100, not {detail:g}", detail=detail))
    if smooth.config != detailed.config:
        raise UsageError(
            tr(
                "only models of one shape can be blended; these differ in their networks "
                "({differences})",
                differences=differences(detailed.config, smooth.config),
            )
        )
    part = detail / FULL_DETAIL
    # a copy is there much sooner than a new one with first weights that nobody wants
    result = copy.deepcopy(detailed)
    theirs = detailed.state_dict()
    result.load_state_dict(
        {
            key: torch.lerp(value, theirs[key], part) if value.is_floating_point() else theirs[key]
            for key, value in smooth.state_dict().items()
        }
    )
    result.activation_ranges = None
    ours, others = smooth.activation_ranges, detailed.activation_ranges
    if ours is not None and others is not None:
        # a file may hold ranges of another network: they are found anew then
        with contextlib.suppress(ValueError):
            result.activation_ranges = ours.union(others)
    return result.eval().requires_grad_(False)


def load_with_detail(path: Path, detail: float | None) -> tuple[Network, ModelCard]:
    """A model file's network, blended with its smooth partner if a detail is given.

    Raises:
        ModelFileError: a file is not usable.
        UsageError: a detail is asked for, but the model has no partner, or its partner is gone.
    """
    if detail is None or detail == FULL_DETAIL:
        return open_model(path)
    partner = find_partner(path, card_of(path))
    smooth, detailed, card = _both_sides(path, partner, file_state(path), file_state(partner))
    return _blend_of(partner, smooth, detailed, detail), card


@lru_cache(maxsize=1)
def _both_sides(
    path: Path, partner: Path, _path_state: object, _partner_state: object
) -> tuple[Network, Network, ModelCard]:
    """The smooth and the detailed network, only to be read: a slider asks for many blends of them.

    The states of the files are there so that a rewritten one is read again.
    """
    detailed, card = open_model(path)
    return load_model(partner)[0], detailed, card


def _blend_of(path: Path, smooth: Network, detailed: Network, detail: float) -> Network:
    """As ``blend``; if the two do not fit, the error names the file at ``path``."""
    try:
        return blend(smooth, detailed, detail)
    except UsageError as error:
        if smooth.config != detailed.config:
            raise ModelFileError(path, str(error)) from error
        raise


def find_partner(path: Path, card: ModelCard) -> Path:
    """The file of a model's smooth partner: beside it, or in the catalogue.

    Raises:
        UsageError: it has none, or none is there.
    """
    name = path.stem
    if not card.partner:
        raise UsageError(
            tr("{name} has no smooth partner, so its detail cannot be chosen", name=name)
        )
    try:
        return find_beside(path, card.partner)
    except ModelNotFoundError as error:
        raise UsageError(
            tr("{name} blends with {partner}, which is not there", name=name, partner=card.partner)
        ) from error


def blend_files(smooth: Path, detailed: Path, detail: float) -> tuple[Network, ModelCard]:
    """The network at ``detail`` between two model files, and its card.

    Raises:
        ModelFileError: a file is not usable.
        UsageError: they do not fit, or detail is out of range.
    """
    ours, first = load_model(smooth)
    theirs, second = load_model(detailed)
    network = _blend_of(detailed, ours, theirs, detail)
    names = {"smooth": first.name or smooth.stem, "detailed": second.name or detailed.stem}
    card = dataclasses.replace(
        second,
        name="",
        title=tr("{smooth} to {detailed}, {detail:g} %", detail=detail, **names),
        scores={},  # those of the parts are not those of the mixture
        training={"blend": {**names, "detail": detail}},
        partner="",
        licence=second.licence if first.licence == second.licence else "",
    )
    return network, card
