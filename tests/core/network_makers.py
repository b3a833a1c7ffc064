"""Small networks of every variant, with weights that make a difference."""

from __future__ import annotations

import torch

from srgan_desktop.core.generator import Generator, GeneratorConfig

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
    "kernels": {"head_kernel": 3, "block_kernel": 5, "tail_kernel": 7},
    "kernels of one": {"head_kernel": 1, "block_kernel": 1, "tail_kernel": 1, "scale": 3},
}


def make_network(**config: object) -> Generator:
    """2 blocks of 8 channels in eval mode; norms and activations are not at their neutral start."""
    torch.manual_seed(5)
    network = Generator(GeneratorConfig(**({"blocks": 2, "channels": 8} | config)))  # type: ignore[arg-type]
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)  # type: ignore[union-attr,operator]
            module.running_var.uniform_(0.5, 2)  # type: ignore[union-attr,operator]
        if isinstance(module, torch.nn.BatchNorm2d | torch.nn.InstanceNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.1)
        if isinstance(module, torch.nn.PReLU):
            torch.nn.init.constant_(module.weight, 0.1)
    with torch.no_grad():
        network.tail.weight.mul_(0.1)  # a picture with few values beyond black and white
    return network.eval().requires_grad_(False)
