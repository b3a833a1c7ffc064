"""Other programs' PyTorch models, which the package spandrel recognises by their tensors alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.base.printable import short_line
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.weights.third_party.network import (
    ThirdPartyConfig,
    ThirdPartyNetwork,
    layer_sizes,
    padded_size,
    working_values_of,
)

PROBE_SIDE = 32


class PytorchNetwork(ThirdPartyNetwork):
    """A network that spandrel has built."""

    def __init__(self, config: ThirdPartyConfig, descriptor: Any) -> None:
        super().__init__(config)
        self.model = descriptor.model
        self._descriptor = descriptor

    def enlarge(self, x: Tensor) -> Tensor:
        """See ``ThirdPartyNetwork``."""
        result: Tensor = self._descriptor(x.to(next(self.model.parameters()).dtype))
        return result


def pytorch_network(path: Path, tensors: Mapping[str, Tensor]) -> PytorchNetwork:
    """The network whose tensors these are, in eval mode on the processor.

    Raises:
        ModelFileError: spandrel is missing or does not know it, or it is of no use here.
    """
    descriptor = _descriptor(path, tensors)
    _refuse_other_purposes(path, descriptor)
    needs = descriptor.size_requirements
    precisions = ["fp32"]
    precisions += ["bf16"] if descriptor.supports_bfloat16 else []
    precisions += ["fp16"] if descriptor.supports_half else []
    config = ThirdPartyConfig(
        architecture=descriptor.architecture.name,
        kind="pytorch",
        scale=descriptor.scale,
        colours=descriptor.input_channels,
        precisions=tuple(precisions),
        multiple_of=max(1, needs.multiple_of),
        minimum=max(1, needs.minimum),
        square=bool(needs.square),
        parameters=sum(parameter.numel() for parameter in descriptor.model.parameters()),
    )
    return _measured(path, config, descriptor)


def _descriptor(path: Path, tensors: Mapping[str, Tensor]) -> Any:
    try:
        import spandrel
    except ImportError as error:
        raise ModelFileError(
            path,
            tr(
                "a model of another program; reading those needs the packages spandrel and "
                "torchvision: pip install spandrel torchvision"
            ),
        ) from error
    try:
        descriptor = spandrel.ModelLoader("cpu").load_from_state_dict(dict(tensors))
    except spandrel.UnsupportedModelError as error:
        raise ModelFileError(path, _unknown(path)) from error
    # each architecture's own code reads the tensors, and fails in its own way on damaged ones
    except Exception as error:
        raise ModelFileError(
            path, tr("its weights do not fit together: {reason}", reason=short_line(error))
        ) from error
    descriptor.eval().float()
    descriptor.model.requires_grad_(False)
    return descriptor


def _unknown(path: Path) -> str:
    if path.suffix.lower() == ".safetensors":
        return tr(
            "not a model of this program, and its architecture is unknown: none of the "
            "known ones has such weights"
        )
    return tr(
        "a PyTorch checkpoint whose architecture is unknown: none of the known ones has "
        "such weights"
    )


def _refuse_other_purposes(path: Path, descriptor: Any) -> None:
    name = descriptor.architecture.name
    if descriptor.purpose == "Inpainting":
        raise ModelFileError(
            path, tr("{name} fills holes in pictures; it does not enlarge them", name=name)
        )
    if descriptor.purpose == "FaceSR":
        raise ModelFileError(path, tr("{name} restores faces only, not whole pictures", name=name))
    colours = (descriptor.input_channels, descriptor.output_channels)
    if colours not in ((1, 1), (3, 3)):
        raise ModelFileError(
            path,
            tr(
                "takes pictures of {given} channels and gives {made}; only 3 and 3, or 1 and 1, "
                "can be used",
                given=colours[0],
                made=colours[1],
            ),
        )


def _measured(path: Path, config: ThirdPartyConfig, descriptor: Any) -> PytorchNetwork:
    """Run once on a small picture: does it work, and how much memory does it take?"""
    import dataclasses

    sizes: list[int] = []

    def note(_module: torch.nn.Module, inputs: Any, output: Any) -> None:
        sizes.append(layer_sizes(inputs, output))

    leaves = [module for module in descriptor.model.modules() if not any(module.children())]
    hooks = [module.register_forward_hook(note) for module in leaves]
    side = PROBE_SIDE
    try:
        network = PytorchNetwork(config, descriptor)
        result = network(torch.full((1, config.colours, side, side), 0.5))
    except Exception as error:
        raise ModelFileError(
            path, tr("does not run: {reason}", reason=short_line(error))
        ) from error
    finally:
        for hook in hooks:
            hook.remove()
    check_result(path, result, (side * config.scale, side * config.scale))
    height, width = padded_size((side, side), config)
    values = working_values_of(sizes, height * width)
    network.config = dataclasses.replace(config, working_values=values)
    return network


def check_result(path: Path, result: Tensor, size: tuple[int, int]) -> None:
    """Raises ModelFileError where a picture came out that is none, or is not of ``size``."""
    if tuple(result.shape[-2:]) != size:
        raise ModelFileError(path, tr("gives pictures of another size than its architecture says"))
    if not bool(torch.isfinite(result).all()):
        raise ModelFileError(path, tr("damaged: its output contains NaN or infinity"))
