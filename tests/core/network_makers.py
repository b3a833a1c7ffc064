"""Small networks of every variant, with weights that make a difference."""

from __future__ import annotations

import torch

from srgan_desktop.core.networks.dasr import Dasr
from srgan_desktop.core.networks.network import Network
from srgan_desktop.core.weights.architectures import build_network, config_from

# of each architecture, one so small that a test may run it many times
SMALL: dict[str, dict[str, object]] = {
    "srresnet": {"blocks": 2, "channels": 8},
    "rrdb": {"blocks": 2, "channels": 8, "growth": 4},
    "espcn": {"widths": (12, 8)},
    "srcnn": {"widths": (10, 6)},
    "dasr": {"blocks": 2, "channels": 8, "experts": 3, "predictor_channels": 4},
}
VARIANTS: dict[str, dict[str, object]] = {
    "paper": {},
    "x2": {"scale": 2},
    "x3": {"scale": 3},
    "x8": {"scale": 8},
    "grey": {"colours": 1},
    "instance norm": {"norm": "instance", "activation": "leaky_relu"},
    "no norm, bilinear skip": {"norm": "none", "skip": "bilinear", "activation": "leaky_relu"},
    "bicubic skip": {"norm": "none", "skip": "bicubic", "activation": "relu"},
    "tanh": {"output": "tanh"},
    "single shuffle": {"upsampling": "single", "norm": "none", "skip": "bicubic"},
    "single shuffle x3, grey": {"upsampling": "single", "scale": 3, "colours": 1},
    "kernels": {"head_kernel": 3, "block_kernel": 5, "tail_kernel": 7},
    "kernels of one": {"head_kernel": 1, "block_kernel": 1, "tail_kernel": 1, "scale": 3},
    "rrdb": {"architecture": "rrdb"},
    "rrdb x3, grey": {"architecture": "rrdb", "scale": 3, "colours": 1, "blocks": 1},
    "rrdb x8, skip": {"architecture": "rrdb", "scale": 8, "skip": "bicubic", "blocks": 1},
    "espcn": {"architecture": "espcn"},
    "espcn x3, grey": {"architecture": "espcn", "scale": 3, "colours": 1, "activation": "relu"},
    "deep espcn": {
        "architecture": "espcn",
        "widths": (8, 6, 8, 4),
        "activation": "prelu",
        "skip": "bilinear",
        "head_kernel": 1,
        "tail_kernel": 5,
    },
    "srcnn": {"architecture": "srcnn"},
    "srcnn x2, skip": {"architecture": "srcnn", "scale": 2, "skip": "bicubic", "middle_kernel": 5},
    "srcnn x3, grey": {"architecture": "srcnn", "scale": 3, "colours": 1, "widths": (4,)},
}


def make_network(architecture: str = "srresnet", **config: object) -> Network:
    """2 blocks of 8 channels in eval mode; norms and activations are not at their neutral start."""
    torch.manual_seed(5)
    network = build_network(config_from(architecture, SMALL[architecture] | config))
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)  # type: ignore[union-attr,operator]
            module.running_var.uniform_(0.5, 2)  # type: ignore[union-attr,operator]
        if isinstance(module, torch.nn.BatchNorm2d | torch.nn.InstanceNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.1)
        if isinstance(module, torch.nn.PReLU):
            torch.nn.init.constant_(module.weight, 0.1)
    if architecture == "rrdb":
        boost_blocks(network)
    if isinstance(network, Dasr):
        return network.eval().requires_grad_(False)
    with torch.no_grad():
        # a picture with few values beyond black and white
        small = architecture != "srresnet" and network.config.skip != "none"
        network.tail.weight.mul_(10 if small else 0.1)
        if architecture != "srresnet" and network.config.skip == "none":
            network.tail.bias.fill_(0.5)
    return network.eval().requires_grad_(False)


@torch.no_grad()
def boost_blocks(network: Network) -> None:
    """Blocks that do as much as trained ones: new ones are nearly nothing."""
    for name, weight in network.named_parameters():
        if name.startswith("blocks") and name.endswith("weight"):
            weight.mul_(10)
