"""SRResNet and SRGAN generators of other PyTorch programs, as networks of this one.

They differ from ours in the names of their tensors and in the range of their output, both of which
can be rewritten exactly. What comes out is local and runs as fast as our own models.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.networks.network import SCALES
from srgan_desktop.core.networks.srresnet import Output, SRResNet, SRResNetConfig

_NORM = r"(weight|bias|running_mean|running_var|num_batches_tracked)"
_CONV = r"(weight|bias)"


@dataclass(frozen=True)
class Layout:
    """How another program names its tensors.

    Attributes:
        names: pattern of a whole name, and our name; ``{n}`` is the pattern's first number plus
            ``shift``.
        output: "linear" where its last conv gives 0..1, "tanh" where a tanh is mapped to it.
        shift: added to the numbers of blocks.
    """

    names: tuple[tuple[str, str], ...]
    output: Output
    shift: int = 0


# the SRResNet of the paper, its parts in Sequentials
SEQUENTIAL = Layout(
    (
        (rf"conv(?:_block)?1\.0\.{_CONV}", r"head.\1"),
        (r"conv(?:_block)?1\.1\.weight", "head_act.weight"),
        (rf"trunk\.(\d+)\.rcb\.0\.{_CONV}", r"blocks.{n}.conv1.\2"),
        (rf"trunk\.(\d+)\.rcb\.1\.{_NORM}", r"blocks.{n}.norm1.\2"),
        (r"trunk\.(\d+)\.rcb\.2\.weight", "blocks.{n}.act.weight"),
        (rf"trunk\.(\d+)\.rcb\.3\.{_CONV}", r"blocks.{n}.conv2.\2"),
        (rf"trunk\.(\d+)\.rcb\.4\.{_NORM}", r"blocks.{n}.norm2.\2"),
        (rf"conv(?:_block)?2\.0\.{_CONV}", r"trunk.\1"),
        (rf"conv(?:_block)?2\.1\.{_NORM}", r"trunk_norm.\1"),
        (rf"upsampling\.(\d+)\.upsample_block\.0\.{_CONV}", r"upsample.{n}.conv.\2"),
        (r"upsampling\.(\d+)\.upsample_block\.2\.weight", "upsample.{n}.act.weight"),
        (rf"conv(?:_block)?3\.{_CONV}", r"tail.\1"),
    ),
    "linear",
)
# the same with numbered parts: first conv, five residual blocks, last conv, upsampling
NUMBERED = Layout(
    (
        (rf"block1\.0\.{_CONV}", r"head.\1"),
        (r"block1\.1\.weight", "head_act.weight"),
        (rf"block([2-6])\.conv1\.{_CONV}", r"blocks.{n}.conv1.\2"),
        (rf"block([2-6])\.bn1\.{_NORM}", r"blocks.{n}.norm1.\2"),
        (r"block([2-6])\.prelu\.weight", "blocks.{n}.act.weight"),
        (rf"block([2-6])\.conv2\.{_CONV}", r"blocks.{n}.conv2.\2"),
        (rf"block([2-6])\.bn2\.{_NORM}", r"blocks.{n}.norm2.\2"),
        (rf"block7\.0\.{_CONV}", r"trunk.\1"),
        (rf"block7\.1\.{_NORM}", r"trunk_norm.\1"),
        (rf"block8\.(\d+)\.conv\.{_CONV}", r"upsample.{n}.conv.\2"),
        (r"block8\.(\d+)\.prelu\.weight", "upsample.{n}.act.weight"),
        (rf"block8\.\d+\.{_CONV}", r"tail.\1"),
    ),
    "tanh",
    -2,
)
LAYOUTS = (SEQUENTIAL, NUMBERED)


def srresnet_of(tensors: Mapping[str, Tensor]) -> SRResNet | None:
    """The network in eval mode, float32; None where the tensors are of no known layout."""
    for layout in LAYOUTS:
        names = {key: _our_name(key, layout) for key in tensors}
        if all(names.values()) and {"head.weight", "tail.weight"} <= set(names.values()):
            return _built({str(names[key]): value for key, value in tensors.items()}, layout)
    return None


def _our_name(name: str, layout: Layout) -> str | None:
    for pattern, ours in layout.names:
        found = re.fullmatch(pattern, name)
        if found is None:
            continue
        text = found.expand(ours)
        if "{n}" in text:
            shift = layout.shift if text.startswith("blocks") else 0
            text = text.replace("{n}", str(int(found.group(1)) + shift))
        return text
    return None


def _built(tensors: dict[str, Tensor], layout: Layout) -> SRResNet | None:
    config = _config_of(tensors, layout)
    if config is None:
        return None
    with torch.device("meta"):
        wanted = SRResNet(config).state_dict()
    for key, like in wanted.items():
        # a bias before a batch norm may be left out; counters decide nothing
        if key not in tensors and key.endswith((".bias", "num_batches_tracked")):
            tensors[key] = torch.zeros(like.shape, dtype=like.dtype)
    if set(tensors) != set(wanted) or any(tensors[k].shape != v.shape for k, v in wanted.items()):
        return None
    if layout.output == "linear":
        # ours gives -1..1 before it is mapped to 0..1
        tensors["tail.weight"] = tensors["tail.weight"].float() * 2
        tensors["tail.bias"] = tensors["tail.bias"].float() * 2 - 1
    network = SRResNet(config)
    network.load_state_dict(
        {k: v.float() if v.is_floating_point() else v for k, v in tensors.items()}
    )
    return network.eval().requires_grad_(False)


def _config_of(tensors: Mapping[str, Tensor], layout: Layout) -> SRResNetConfig | None:
    head, tail = tensors["head.weight"], tensors["tail.weight"]
    block = tensors.get("blocks.0.conv1.weight")
    scale = 1
    for i in range(_count(tensors, "upsample")):
        conv = tensors.get(f"upsample.{i}.conv.weight")
        if conv is None or conv.ndim != 4:
            return None
        scale *= round((conv.shape[0] / conv.shape[1]) ** 0.5)
    if block is None or scale not in SCALES or any(t.ndim != 4 for t in (head, tail, block)):
        return None
    try:
        return SRResNetConfig(
            scale=scale,
            blocks=_count(tensors, "blocks"),
            channels=head.shape[0],
            colours=tail.shape[0],
            head_kernel=head.shape[-1],
            block_kernel=block.shape[-1],
            tail_kernel=tail.shape[-1],
            output=layout.output,
        )
    except UsageError:
        return None


def _count(tensors: Mapping[str, Tensor], part: str) -> int:
    return len({key.split(".")[1] for key in tensors if key.startswith(f"{part}.")})
