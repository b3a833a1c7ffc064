"""LPIPS: how unlike two pictures look (Zhang et al. 2018, arXiv:1801.03924), AlexNet version 0.1.

The metric is computed here; its weights are found, not shipped. AlexNet's come from a file that is
named, the person's models folder or torch's cache; the linear heads from the installed package
``lpips``. Where either is missing there is no score, and ``missing_weights`` says what to do.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.base.translation import tr
from trainer.networks.lpips_heads import heads_path, read_heads
from trainer.networks.vgg_weights import read_tensors

# after which layers of torchvision's alexnet().features a picture is compared
TAPS = (1, 4, 7, 9, 11)
# the smallest side, in pixels, that reaches the last layer
LEAST_SIDE = 31
PUBLISHED_NAME = "alexnet-owt-7be5be79.pth"
# of pictures on -1..1, as in the metric's own code
_SHIFT = (-0.030, -0.088, -0.188)
_SCALE = (0.458, 0.448, 0.450)


def alexnet_features() -> nn.Sequential:
    """The convs of AlexNet with torchvision's indices, up to the last that counts."""
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, 4, 2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(256, 256, 3, padding=1),
        nn.ReLU(),
    )


class Lpips(nn.Module):
    """The metric; ``forward`` takes two float (N, 1 or 3, H, W) on 0..1 and gives (N,).

    Lower is more alike; 0 for equal pictures. The pictures need 31 pixels a side or more.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, backbone: dict[str, Tensor], heads: list[Tensor]) -> None:
        super().__init__()
        self.stack = alexnet_features()
        self.stack.load_state_dict({key: backbone[key].float() for key in self.stack.state_dict()})
        for index, head in enumerate(heads):
            self.register_buffer(f"head{index}", head)
        self.register_buffer("shift", torch.tensor(_SHIFT).view(1, 3, 1, 1))
        self.register_buffer("scale", torch.tensor(_SCALE).view(1, 3, 1, 1))
        self.eval().requires_grad_(False)

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        distances = []
        for index, (a, b) in enumerate(zip(self._maps(one), self._maps(other), strict=True)):
            squared = (_unit(a) - _unit(b)) ** 2
            weighted = squared * self.get_buffer(f"head{index}")
            distances.append(weighted.sum(1).mean((1, 2)))
        return torch.stack(distances).sum(0)

    def _maps(self, pictures: Tensor) -> list[Tensor]:
        y = (2 * pictures.expand(-1, 3, -1, -1) - 1 - self.shift) / self.scale
        maps = []
        for index, layer in enumerate(self.stack):
            y = layer(y)
            if index in TAPS:
                maps.append(y)
        return maps


def _unit(maps: Tensor) -> Tensor:
    """Every place's features scaled to length one."""
    length = maps.square().sum(1, keepdim=True).sqrt()
    return maps / (length + 1e-10)


def load_lpips(backbone: Path | None = None) -> Lpips | None:
    """The metric, from what is at hand; None where a part is missing.

    Raises:
        ModelFileError: ``backbone`` is missing, or a file holds other weights.
    """
    heads = heads_path("alex")
    path = backbone if backbone is not None else next(filter(Path.is_file, _candidates()), None)
    if path is None or heads is None:
        return None
    if not path.is_file():
        raise ModelFileError(path, tr("there is no such file"))
    return Lpips(_read_backbone(path), read_heads(heads))


def missing_weights() -> str:
    """What is missing for LPIPS, and where to put it; empty where nothing is."""
    if heads_path("alex") is None:
        return tr("no LPIPS: its heads are missing; pip install lpips")
    if not any(map(Path.is_file, _candidates())):
        return tr(
            "no LPIPS: AlexNet's weights are missing; put torchvision's {name} or its features "
            "into {folder}, or name a file with --lpips-weights",
            name=PUBLISHED_NAME,
            folder=_folder(),
        )
    return ""


def _folder() -> Path:
    return places.models() / "lpips"


def _candidates() -> list[Path]:
    folder = _folder()
    return [
        *sorted(folder.glob("alexnet*.safetensors")),
        folder / PUBLISHED_NAME,
        Path(torch.hub.get_dir()) / "checkpoints" / PUBLISHED_NAME,
    ]


def _read_backbone(path: Path) -> dict[str, Tensor]:
    tensors = {key.removeprefix("features."): value for key, value in read_tensors(path).items()}
    for key, wanted in alexnet_features().state_dict().items():
        if key not in tensors or tensors[key].shape != wanted.shape:
            raise ModelFileError(
                path,
                tr("does not hold the weights of {network} ({key})", network="alexnet", key=key),
            )
    return tensors
