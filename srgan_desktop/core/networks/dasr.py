"""DASR, a network that adapts to the photo (Liang, Zeng, Zhang 2022, arXiv:2203.14216).

A small network predicts how badly the picture was treated: blur, noise, compression. Several
SRResNets of one shape, the experts, are mixed layer by layer with weights that another small
network makes of that prediction. The mixture is an ordinary SRResNet, so that once it is made a
picture costs what it costs there.

The paper predicts 33 numbers that describe two rounds of degradation; here they are the four
``STRENGTHS`` of what remains of both, so that a person can set them too. The paper mixes all layers
with the same five weights; here each layer has its own.

A rival of the same interface is conditioning "channels": one SRResNet that is given the strengths
as constant input channels, as FFDNet is its noise level (Zhang et al. 2018, arXiv:1710.04026). A
constant channel adds a constant to what the first conv gives, so this too is an SRResNet, with
another bias for each picture.

Conditioning "both" has experts that are given the strengths so. It serves where one expert is to be
for one kind of pictures, such as clean ones: ``scripts/join_experts.py`` joins networks that were
trained apart.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.mixing import Floats, Mixing
from srgan_desktop.core.networks.network import (
    LEAKY_SLOPE,
    SCALES,
    Network,
    Skip,
    require_choice,
    require_whole,
)
from srgan_desktop.core.networks.predictor import StrengthPredictor
from srgan_desktop.core.networks.srresnet import Activation, SRResNet, SRResNetConfig, Upsampling
from srgan_desktop.core.networks.strengths import STRENGTHS

Conditioning = Literal["experts", "channels", "both"]

# of the copies of one network that experts begin as, relative to the spread of each weight
PERTURBATION = 0.02
# what a config says of experts where there are none
UNMIXED = 5
# spread of the first preferences for experts: enough for each to learn from other pictures
_PREFERENCE_SPREAD = 1.0
_MIXER_WIDTH = 16


@dataclass(frozen=True)
class DasrConfig:
    """Everything needed to build the network; stored beside the weights.

    Attributes:
        scale, blocks, channels, colours, head_kernel, block_kernel, tail_kernel, activation, skip,
            upsampling: of each expert, as in ``SRResNetConfig``; there is no normalisation.
        experts: how many are mixed, 1 to 64; of no consequence where conditioning is "channels".
        conditioning: how the strengths change the network.
        predictor_channels: features of the network that predicts them.
    """

    scale: int = 4
    blocks: int = 16
    channels: int = 64
    colours: int = 3
    head_kernel: int = 9
    block_kernel: int = 3
    tail_kernel: int = 9
    activation: Activation = "leaky_relu"
    skip: Skip = "bicubic"
    upsampling: Upsampling = "steps"
    experts: int = UNMIXED
    conditioning: Conditioning = "experts"
    predictor_channels: int = 32
    architecture: Literal["dasr"] = "dasr"

    def __post_init__(self) -> None:
        require_choice("architecture", self.architecture, ("dasr",))
        require_choice("scale", self.scale, SCALES)
        require_choice("conditioning", self.conditioning, ("experts", "channels", "both"))
        require_whole("experts", self.experts, 64)
        require_whole("predictor_channels", self.predictor_channels, 1024)
        _ = self.base  # which checks the rest

    @property
    def base(self) -> SRResNetConfig:
        """The network that a mixture is."""
        return SRResNetConfig(
            scale=self.scale,
            blocks=self.blocks,
            channels=self.channels,
            colours=self.colours,
            head_kernel=self.head_kernel,
            block_kernel=self.block_kernel,
            tail_kernel=self.tail_kernel,
            norm="none",
            activation=self.activation,
            skip=self.skip,
            upsampling=self.upsampling,
        )

    @property
    def mixes(self) -> bool:
        """Whether experts are mixed."""
        return self.conditioning != "channels"

    @property
    def copies(self) -> int:
        """How many SRResNets the weights hold."""
        return self.experts if self.mixes else 1

    @property
    def first_expert(self) -> DasrConfig | None:
        """Of one of the experts by itself; None where they are not given the strengths."""
        if self.conditioning != "both":
            return None
        return dataclasses.replace(self, conditioning="channels", experts=UNMIXED)

    @property
    def receptive_radius(self) -> Fraction:
        """Of a mixture: what was predicted of the whole picture comes on top."""
        return self.base.receptive_radius

    @property
    def upsample_radius(self) -> Fraction:
        """As in ``SRResNetConfig``."""
        return self.base.upsample_radius

    @property
    def is_local(self) -> bool:
        """Of a mixture that is made once for the whole picture."""
        return True

    @property
    def working_values(self) -> int:
        """As in ``SRResNetConfig``."""
        return self.base.working_values


class Dasr(Network):
    """See the module. ``forward`` adapts to each picture of the batch by itself.

    Attributes:
        experts: an SRResNet in whose place of each weight stands one row for each expert. It
            cannot be called: ``functional_call`` puts a mixture's weights in their place.
    """

    config: DasrConfig

    def __init__(self, config: DasrConfig) -> None:
        super().__init__()
        self.config = config
        self.predictor = StrengthPredictor(config.colours, config.predictor_channels)
        self.experts = SRResNet(config.base)
        self._shapes = {name: value.shape for name, value in self.experts.named_parameters()}
        self._layers = list(dict.fromkeys(_layer_of(name) for name in self._shapes))
        preferences = _mixer(len(self._layers) * config.experts) if config.mixes else None
        shift = None if config.conditioning == "experts" else _shift_layer(config)
        self.mixer: nn.Module
        if preferences is not None and shift is not None:
            self.mixer = nn.ModuleDict({"preferences": preferences, "shift": shift})
        else:
            self.mixer = cast(nn.Module, preferences or shift)
        self.begin_as(self.experts)

    def begin_as(self, network: SRResNet, perturbation: float = PERTURBATION) -> None:
        """Make every expert a copy of ``network``, each a little different where there are many.

        Draws from torch's random numbers.
        """
        copies = self.config.copies
        for name, value in list(network.named_parameters()):
            # not expand and clone: for those PyTorch loads sympy on the meta device, where a model
            # file's shapes are checked, which takes longer than all the rest of reading it
            rows = torch.empty(copies, value.numel(), device=value.device)
            if not value.is_meta:
                rows.copy_(value.detach().flatten())
                if copies > 1 and value.dim() > 1:
                    spread = perturbation * value.detach().std(correction=0)
                    rows += spread * torch.randn_like(rows)
            _put(self.experts, name, nn.Parameter(rows))

    @torch.no_grad()
    def first_expert(self) -> Dasr:
        """The first of experts that are given the strengths, by itself, to be trained on."""
        config = self.config.first_expert
        assert config is not None
        alone = Dasr(config)
        alone.predictor.load_state_dict(self.predictor.state_dict())
        alone.mixer.load_state_dict(cast(nn.ModuleDict, self.mixer)["shift"].state_dict())
        for name, rows in self.experts.named_parameters():
            alone.experts.get_parameter(name).copy_(rows[:1])
        return alone

    def predict_as(self, other: Dasr) -> None:
        """Take over what ``other`` sees in a picture: its predictor.

        Raises:
            UsageError: it is of another size, or sees other colours.
        """
        ours, theirs = (
            (network.config.colours, network.config.predictor_channels) for network in (self, other)
        )
        if ours != theirs:
            raise UsageError(
                tr(
                    "the predictor has {theirs[1]} channels and sees {theirs[0]} colours, not "
                    "{ours[1]} and {ours[0]}",
                    theirs=theirs,
                    ours=ours,
                )
            )
        self.predictor.load_state_dict(other.predictor.state_dict())

    def predict(self, x: Tensor) -> Tensor:
        """The strengths of each picture: float (N, colours, H, W), 0..1, to (N, 4)."""
        return cast(Tensor, self.predictor(x))

    def mixed(self, strengths: Tensor) -> list[dict[str, Tensor]]:
        """The weights of the SRResNet for each row of strengths (G, 4), by its names of them."""
        parameters = dict(self.experts.named_parameters())
        device, count = parameters["head.weight"].device, len(strengths)
        # in full precision also where the convs are not: a mixture's errors would stay in it
        with torch.autocast(device.type, enabled=False):
            given = strengths.to(device, self._mixer_dtype)
            shares = self._shares(given) if self.config.mixes else None
            shift = None if self._shift is None else self._head_shift(self._shift(given))
            result: list[dict[str, Tensor]] = [{} for _ in range(count)]
            for name, rows in parameters.items():
                if shares is None:
                    mixtures = rows.expand(count, -1)
                else:
                    mixtures = shares[_layer_of(name)] @ rows
                if name == "head.bias" and shift is not None:
                    mixtures = mixtures + shift
                for weights, mixture in zip(result, mixtures, strict=True):
                    weights[name] = mixture.view(self._shapes[name])
        return result

    def head_shift(self, strengths: Tensor) -> Tensor:
        """What rows of strengths (N, 4) add to the output of the first conv: (N, channels).

        For conditioning "channels": constant input channels are no more than that.
        """
        return self._head_shift(cast(nn.Module, self._shift)(strengths))

    def _shares(self, strengths: Tensor) -> dict[str, Tensor]:
        """Of each expert in each layer, (G, experts), for rows of strengths (G, 4)."""
        preferences = cast(nn.Module, self._preferences)
        out = preferences(strengths).view(len(strengths), len(self._layers), -1)
        return dict(zip(self._layers, out.softmax(2).unbind(1), strict=True))

    @property
    def _preferences(self) -> nn.Module | None:
        if self.config.conditioning == "both":
            return cast(nn.ModuleDict, self.mixer)["preferences"]
        return self.mixer if self.config.conditioning == "experts" else None

    @property
    def _shift(self) -> nn.Module | None:
        if self.config.conditioning == "both":
            return cast(nn.ModuleDict, self.mixer)["shift"]
        return self.mixer if self.config.conditioning == "channels" else None

    def _head_shift(self, out: Tensor) -> Tensor:
        # each number stands for the sum of a kernel, and learns as fast as one
        return out * self.config.head_kernel**2

    @property
    def _mixer_dtype(self) -> torch.dtype:
        return next(self.mixer.parameters()).dtype

    @torch.no_grad()
    def fixed(self, strengths: Tensor) -> SRResNet:
        """The SRResNet for strengths (4,), in eval mode: it does not adapt any more.

        Raises:
            UsageError: not as many numbers as there are strengths, or one outside 0..1.
        """
        if strengths.shape != (len(STRENGTHS),) or not bool(
            ((strengths >= 0) & (strengths <= 1)).all()
        ):
            raise UsageError(
                tr(
                    "strengths are {n} numbers from 0 to 1, not {value}",
                    n=len(STRENGTHS),
                    value=strengths.tolist(),
                )
            )
        network = SRResNet(self.config.base)
        network.load_state_dict(self.mixed(strengths[None])[0])
        network.activation_ranges = self.activation_ranges
        return network.eval().requires_grad_(False)

    @torch.no_grad()
    def expert(self, place: int) -> SRResNet:
        """One of the SRResNets that are mixed, by itself, in eval mode."""
        network = SRResNet(self.config.base)
        rows = dict(self.experts.named_parameters())
        network.load_state_dict(
            {name: rows[name][place].view(shape) for name, shape in self._shapes.items()}
        )
        return network.eval().requires_grad_(False)

    @property
    def mixing(self) -> Mixing:
        """How ``fixed`` mixes, for those who do it without torch."""
        none = np.zeros(0, np.float32)
        linear = [none] * 4
        if self._preferences is not None:
            hidden, _, last = cast("tuple[nn.Linear, nn.Module, nn.Linear]", self._preferences)
            linear = [_array(t) for layer in (hidden, last) for t in (layer.weight, layer.bias)]
        shift = none
        if self._shift is not None:
            shift = _array(self._head_shift(cast(nn.Linear, self._shift).weight))
        return Mixing(
            layers=tuple(self._layers),
            slope=LEAKY_SLOPE,
            hidden=linear[0],
            hidden_bias=linear[1],
            last=linear[2],
            last_bias=linear[3],
            shift=shift,
        )

    def forward(self, x: Tensor) -> Tensor:
        """As ``Network.forward``, each picture with what is predicted of it."""
        weights = self.mixed(self.predict(x))
        parts = [
            functional_call(self.experts, given, (x[place : place + 1],))
            for place, given in enumerate(weights)
        ]
        return torch.cat(parts)


def _mixer(outputs: int) -> nn.Sequential:
    """From strengths to preferences for experts, layer by layer."""
    hidden = nn.Linear(len(STRENGTHS), _MIXER_WIDTH)
    last = nn.Linear(_MIXER_WIDTH, outputs)
    if not hidden.weight.is_meta:
        nn.init.normal_(hidden.weight, std=1.0)
        nn.init.uniform_(hidden.bias, -1.0, 1.0)
        nn.init.normal_(last.weight, std=_PREFERENCE_SPREAD / _MIXER_WIDTH**0.5)
        nn.init.zeros_(last.bias)
    return nn.Sequential(hidden, nn.LeakyReLU(LEAKY_SLOPE), last)


def _shift_layer(config: DasrConfig) -> nn.Linear:
    """From strengths to the sums of the kernels that constant input channels would have."""
    shift = nn.Linear(len(STRENGTHS), config.channels, bias=False)
    if not shift.weight.is_meta:
        nn.init.normal_(shift.weight, std=0.01 / config.head_kernel**2)
    return shift


def _array(value: Tensor) -> Floats:
    return np.asarray(value.detach().float().cpu().numpy())


def _layer_of(name: str) -> str:
    """Weight and bias of a conv are mixed alike."""
    return name.rpartition(".")[0]


def _put(network: nn.Module, name: str, parameter: nn.Parameter) -> None:
    place, _, leaf = name.rpartition(".")
    setattr(network.get_submodule(place), leaf, parameter)
