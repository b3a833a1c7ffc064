"""ESRGAN and Real-ESRGAN generators of other PyTorch programs, as networks of this one.

The networks are the same (Wang et al. 2018, arXiv:1809.00219); only the names of the tensors
differ, in three generations. What comes out can be run by OpenVINO and in integers, several times
as fast on a processor as the network that wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.networks.network import SCALES
from srgan_desktop.core.networks.rrdb import DENSE_CONVS, RrdbConfig, RrdbNetwork

_END = r"\.(weight|bias)"
_DENSE = r"[Rr][Dd][Bb](\d)\.conv(\d)"
# pattern of a whole name, and ours; {dense} stands for a conv in a dense block
Names = tuple[tuple[str, str], ...]

# as BasicSR and Real-ESRGAN write them
CURRENT: Names = (
    (rf"conv_first{_END}", r"head.\1"),
    (rf"body\.(\d+)\.{_DENSE}{_END}", "{dense}"),
    (rf"conv_body{_END}", r"trunk.\1"),
    (rf"conv_up(\d){_END}", "{upsample}"),
    (rf"conv_hr{_END}", r"fine.\1"),
    (rf"conv_last{_END}", r"tail.\1"),
)
# as the first ESRGAN did
EARLY: Names = (
    (rf"conv_first{_END}", r"head.\1"),
    (rf"RRDB_trunk\.(\d+)\.{_DENSE}{_END}", "{dense}"),
    (rf"trunk_conv{_END}", r"trunk.\1"),
    (rf"upconv(\d){_END}", "{upsample}"),
    (rf"HRconv{_END}", r"fine.\1"),
    (rf"conv_last{_END}", r"tail.\1"),
)


def rrdb_of(tensors: Mapping[str, Tensor]) -> RrdbNetwork | None:
    """The network in eval mode, float32; None where the tensors are of no known layout."""
    for renamed in (_numbered(tensors), _renamed(tensors, CURRENT), _renamed(tensors, EARLY)):
        if renamed is not None:
            return _built(renamed)
    return None


def _renamed(tensors: Mapping[str, Tensor], names: Names) -> dict[str, Tensor] | None:
    found = {_our_name(key, names): value for key, value in tensors.items()}
    return None if None in found else {str(key): value for key, value in found.items()}


def _our_name(name: str, names: Names) -> str | None:
    for pattern, ours in names:
        match = re.fullmatch(pattern, name)
        if match is None:
            continue
        if ours == "{dense}":
            return _dense_name(*match.groups())
        if ours == "{upsample}":
            return f"upsample.{int(match[1]) - 1}.{match[2]}"
        return match.expand(ours)
    return None


def _dense_name(block: str, dense: str, conv: str, end: str) -> str:
    last = int(conv) == DENSE_CONVS
    part = "last" if last else f"convs.{int(conv) - 1}"
    return f"blocks.{block}.dense.{int(dense) - 1}.{part}.{end}"


def _numbered(tensors: Mapping[str, Tensor]) -> dict[str, Tensor] | None:
    """As the oldest files have it: parts of a Sequential, by number.

    model.0 is the first conv, model.1.sub the blocks with the conv behind them at the end; then
    come an upsampling conv every third number and the last two convs.
    """
    result: dict[str, Tensor] = {}
    outer: dict[int, list[str]] = {}
    for key, value in tensors.items():
        dense = re.fullmatch(rf"model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0{_END}", key)
        trunk = re.fullmatch(rf"model\.1\.sub\.\d+{_END}", key)
        other = re.fullmatch(rf"model\.(\d+){_END}", key)
        if dense is not None:
            result[_dense_name(*dense.groups())] = value
        elif trunk is not None:
            result[f"trunk.{trunk[1]}"] = value
        elif other is not None:
            outer.setdefault(int(other[1]), []).append(other[2])
        else:
            return None
    places = sorted(outer)
    if len(places) < 3 or places[0] != 0:
        return None
    names = ["head", *(f"upsample.{n}" for n in range(len(places) - 3)), "fine", "tail"]
    for place, ours in zip(places, names, strict=True):
        for end in outer[place]:
            result[f"{ours}.{end}"] = tensors[f"model.{place}.{end}"]
    return result


def _built(tensors: dict[str, Tensor]) -> RrdbNetwork | None:
    config = _config_of(tensors)
    if config is None:
        return None
    with torch.device("meta"):
        wanted = RrdbNetwork(config).state_dict()
    if set(tensors) != set(wanted) or any(tensors[k].shape != v.shape for k, v in wanted.items()):
        return None
    network = RrdbNetwork(config)
    network.load_state_dict({key: value.float() for key, value in tensors.items()})
    return network.eval().requires_grad_(False)


def _config_of(tensors: Mapping[str, Tensor]) -> RrdbConfig | None:
    head, first = tensors.get("head.weight"), tensors.get("blocks.0.dense.0.convs.0.weight")
    if head is None or first is None or head.ndim != 4 or first.ndim != 4:
        return None
    steps = len({key.split(".")[1] for key in tensors if key.startswith("upsample.")})
    scale = 2**steps
    # one that is given the pixels of a square as channels, for smaller factors, is another network
    if scale not in SCALES or head.shape[1] not in (1, 3):
        return None
    try:
        return RrdbConfig(
            scale=scale,
            blocks=len({key.split(".")[1] for key in tensors if key.startswith("blocks.")}),
            channels=head.shape[0],
            growth=first.shape[0],
            colours=head.shape[1],
        )
    except UsageError:
        return None
