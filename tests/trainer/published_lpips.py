"""LPIPS as the package ``lpips`` computes it, which defines it."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Mapping

from torch import Tensor, nn


def published_lpips(network: str, weights: Mapping[str, Tensor]) -> nn.Module:
    """The metric by "alex" or "vgg" with these weights of its features, keys as "0.weight"."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # of torchvision's own past
        import lpips

        metric: nn.Module = lpips.LPIPS(net=network, pnet_rand=True, verbose=False).eval()
    for number in range(1, 6):
        for index, layer in getattr(metric.net, f"slice{number}").named_children():
            if hasattr(layer, "weight"):
                layer.weight.data.copy_(weights[f"{index}.weight"])
                layer.bias.data.copy_(weights[f"{index}.bias"])
    return metric
