"""Residual networks of other PyTorch programs that none of ours can stand for.

MSRResNet (as BasicSR has it), EDSR (Lim et al. 2017, arXiv:1707.02921, as its authors and BasicSR
have it) and SRGAN generators with a slope for each channel. They are run as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srgan_desktop.core.networks.network import SCALES, same_conv
from srgan_desktop.core.weights.third_party.network import ThirdPartyConfig, ThirdPartyNetwork

_END = r"\.(weight|bias)"
_NORM_END = r"\.(weight|bias|running_mean|running_var|num_batches_tracked)"
_EPS = 1e-5
# of the pictures that EDSR was trained on, in RGB; it works on 0..255
_EDSR_MEAN = (0.4488, 0.4371, 0.4040)
_EDSR_RANGE = 255.0
# the large EDSR adds a tenth of each block, and says so nowhere in its weights
_LARGE_CHANNELS, _LARGE_BLOCKS, _LARGE_PART = 256, 32, 0.1


@dataclass(frozen=True)
class Kind:
    """What one program computes.

    Attributes:
        names: pattern of a whole name, and ours; ``{n}`` counts upsampling convs from 0.
        architecture: for people.
        slope: of the leaky ReLU outside of blocks; None: a learnt one, 1.0: no activation.
        mean: whether it takes the mean of its training pictures away, and works on 0..255.
        skip: whether it adds the picture, enlarged bilinearly.
    """

    names: tuple[tuple[str, str], ...]
    architecture: str
    slope: float | None = None
    mean: bool = False
    skip: bool = False


MSRRESNET = Kind(
    (
        (rf"conv_first{_END}", r"head.\1"),
        (rf"body\.(\d+)\.conv([12]){_END}", r"blocks.\1.conv\2.\3"),
        (rf"upconv(\d){_END}", r"upsample.{n}.conv.\2"),
        (rf"conv_hr{_END}", r"fine.\1"),
        (rf"conv_last{_END}", r"tail.\1"),
    ),
    "MSRResNet",
    slope=0.1,
    skip=True,
)
EDSR_OF_BASICSR = Kind(
    (
        (rf"conv_first{_END}", r"head.\1"),
        (rf"body\.(\d+)\.conv([12]){_END}", r"blocks.\1.conv\2.\3"),
        (rf"conv_after_body{_END}", r"trunk.\1"),
        (rf"upsample\.(\d+){_END}", r"upsample.{n}.conv.\2"),
        (rf"conv_last{_END}", r"tail.\1"),
    ),
    "EDSR",
    slope=1.0,
    mean=True,
)
EDSR = Kind(
    (
        (rf"head\.0{_END}", r"head.\1"),
        (rf"body\.(\d+)\.body\.0{_END}", r"blocks.\1.conv1.\2"),
        (rf"body\.(\d+)\.body\.2{_END}", r"blocks.\1.conv2.\2"),
        (rf"body\.\d+{_END}", r"trunk.\1"),
        (rf"tail\.0\.(\d+){_END}", r"upsample.{n}.conv.\2"),
        (rf"tail\.1{_END}", r"tail.\1"),
        (rf"(?:sub|add)_mean{_END}", ""),
    ),
    "EDSR",
    slope=1.0,
    mean=True,
)
SRGAN_BY_CHANNEL = Kind(
    (
        (rf"initial\.cnn{_END}", r"head.\1"),
        (r"initial\.act\.weight", "head_act.weight"),
        (rf"residuals\.(\d+)\.block([12])\.cnn{_END}", r"blocks.\1.conv\2.\3"),
        (rf"residuals\.(\d+)\.block([12])\.bn{_NORM_END}", r"blocks.\1.norm\2.\3"),
        (r"residuals\.(\d+)\.block1\.act\.weight", r"blocks.\1.act.weight"),
        (rf"convblock\.cnn{_END}", r"trunk.\1"),
        (rf"convblock\.bn{_NORM_END}", r"trunk_norm.\1"),
        # slopes that are learnt and never used
        (r"(?:residuals\.\d+\.block2|convblock)\.act\.weight", ""),
        (rf"upsamples\.(\d+)\.conv{_END}", r"upsample.{n}.conv.\2"),
        (r"upsamples\.(\d+)\.act\.weight", r"upsample.{n}.act.weight"),
        (rf"final{_END}", r"tail.\1"),
    ),
    "SRGAN",
)
KINDS = (MSRRESNET, EDSR_OF_BASICSR, EDSR, SRGAN_BY_CHANNEL)


class _Block(nn.Module):
    def __init__(self, channels: int, act: nn.Module, part: float) -> None:
        super().__init__()
        self.conv1 = same_conv(channels, channels, 3)
        self.act = act
        self.conv2 = same_conv(channels, channels, 3)
        self.part = part

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv2(self.act(self.conv1(x)))
        return x + self.part * y


class _Upsample(nn.Module):
    def __init__(self, channels: int, step: int, act: nn.Module) -> None:
        super().__init__()
        self.conv = same_conv(channels, channels * step * step, 3)
        self.act = act
        self.step = step

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.act(F.pixel_shuffle(self.conv(x), self.step))
        return y


class ResidualNetwork(ThirdPartyNetwork):
    """Any of ``KINDS``, batch norms folded into the convs before them."""

    def __init__(
        self,
        config: ThirdPartyConfig,
        kind: Kind,
        *,
        channels: int,
        blocks: int,
        steps: tuple[int, ...],
        kernels: tuple[int, int],
    ) -> None:
        """``kernels``: of the first and the last conv."""
        super().__init__(config)
        self.kind = kind

        def act() -> nn.Module:
            if kind.slope is None:
                return nn.PReLU(channels)
            return nn.Identity() if kind.slope == 1.0 else nn.LeakyReLU(kind.slope)

        learnt = kind.slope is None
        large = kind.mean and channels >= _LARGE_CHANNELS and blocks >= _LARGE_BLOCKS
        part = _LARGE_PART if large else 1.0
        self.head = same_conv(config.colours, channels, kernels[0])
        self.head_act = act()
        self.blocks = nn.Sequential(
            *(_Block(channels, act() if learnt else nn.ReLU(), part) for _ in range(blocks))
        )
        self.trunk = None if kind.skip else same_conv(channels, channels, 3)
        self.upsample = nn.Sequential(*(_Upsample(channels, step, act()) for step in steps))
        self.fine = same_conv(channels, channels, 3) if kind.skip else None
        self.tail = same_conv(channels, config.colours, kernels[1])
        mean = torch.tensor(_EDSR_MEAN if config.colours == 3 else (sum(_EDSR_MEAN) / 3,))
        self.register_buffer("mean", mean.view(1, -1, 1, 1), persistent=False)

    def enlarge(self, x: Tensor) -> Tensor:
        """See ``ThirdPartyNetwork``."""
        x = x.to(self.head.weight.dtype)
        mean = self.get_buffer("mean").to(x)
        given = (x - mean) * _EDSR_RANGE if self.kind.mean else x
        features: Tensor = self.head_act(self.head(given))
        y: Tensor = self.blocks(features)
        if self.trunk is not None:
            y = features + self.trunk(y)
        y = self.upsample(y)
        if self.fine is not None:
            y = F.leaky_relu(self.fine(y), self.kind.slope or 0.0)
        y = self.tail(y)
        if self.kind.mean:
            return y / _EDSR_RANGE + mean
        if self.kind.skip:
            return y + F.interpolate(
                x, scale_factor=self.config.scale, mode="bilinear", align_corners=False
            )
        return torch.tanh(y) * 0.5 + 0.5


def residual_network_of(tensors: Mapping[str, Tensor]) -> ResidualNetwork | None:
    """The network in eval mode, float32; None where the tensors are of no known layout."""
    for kind in KINDS:
        renamed = _renamed(tensors, kind)
        if renamed is not None and {"head.weight", "tail.weight"} <= set(renamed):
            network = _built(_folded(renamed), kind)
            if network is not None:
                return network
    return None


def _renamed(tensors: Mapping[str, Tensor], kind: Kind) -> dict[str, Tensor] | None:
    found: dict[str, Tensor] = {}
    places: dict[str, list[int]] = {}
    for key in tensors:
        match = next(
            ((m, ours) for pattern, ours in kind.names if (m := re.fullmatch(pattern, key))), None
        )
        if match is None:
            return None
        if match[1] and "{n}" in match[1]:
            places.setdefault("upsample", []).append(int(match[0][1]))
    order = sorted(set(places.get("upsample", [])))
    for key, value in tensors.items():
        match = next((m, ours) for pattern, ours in kind.names if (m := re.fullmatch(pattern, key)))
        if match[1]:
            name = match[0].expand(match[1])
            if "{n}" in name:
                name = name.replace("{n}", str(order.index(int(match[0][1]))))
            found[name] = value.float() if value.is_floating_point() else value
    return found


def _folded(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """With every batch norm inside the conv before it."""
    result = {key: value for key, value in tensors.items() if "norm" not in key}
    for key, variance in tensors.items():
        if not key.endswith(".running_var"):
            continue
        norm = key.removesuffix(".running_var")
        conv = re.sub(r"_norm$", "", re.sub(r"\.norm(\d)$", r".conv\1", norm))
        try:
            gain = tensors[f"{norm}.weight"] / torch.sqrt(variance + _EPS)
            weight, mean = tensors[f"{conv}.weight"], tensors[f"{norm}.running_mean"]
            before = tensors.get(f"{conv}.bias", torch.zeros_like(mean))
            result[f"{conv}.weight"] = weight * gain[:, None, None, None]
            result[f"{conv}.bias"] = (before - mean) * gain + tensors[f"{norm}.bias"]
        except (KeyError, RuntimeError):
            return {}  # they do not fit together
    return result


def _built(tensors: dict[str, Tensor], kind: Kind) -> ResidualNetwork | None:
    head, tail = tensors.get("head.weight"), tensors.get("tail.weight")
    if head is None or tail is None or head.ndim != 4 or tail.ndim != 4:
        return None
    channels, colours = int(head.shape[0]), int(head.shape[1])
    steps: list[int] = []
    while (conv := tensors.get(f"upsample.{len(steps)}.conv.weight")) is not None:
        steps.append(round((conv.shape[0] / channels) ** 0.5))
    scale = 1
    for step in steps:
        scale *= step
    if scale not in SCALES or colours not in (1, 3) or channels > 1024:
        return None
    blocks = len({key.split(".")[1] for key in tensors if key.startswith("blocks.")})
    config = ThirdPartyConfig(
        architecture=kind.architecture,
        kind="pytorch",
        scale=scale,
        colours=colours,
        precisions=("fp32", "bf16"),
        # what the last convs at full size take and give
        working_values=4 * scale * scale * channels,
        parameters=sum(value.numel() for value in tensors.values()),
    )
    kernels = int(head.shape[-1]), int(tail.shape[-1])
    shape = {"channels": channels, "blocks": blocks}
    with torch.device("meta"):
        wanted = ResidualNetwork(
            config, kind, **shape, steps=tuple(steps), kernels=kernels
        ).state_dict()
    if set(tensors) != set(wanted) or any(tensors[k].shape != v.shape for k, v in wanted.items()):
        return None
    network = ResidualNetwork(config, kind, **shape, steps=tuple(steps), kernels=kernels)
    network.load_state_dict(tensors)
    return network.eval().requires_grad_(False)
