"""Finding the weights of VGG networks: at hand, or downloaded once.

Looked for in a file that is named, the person's models folder, torch's own cache, and at last on
the server from which torchvision takes them. A file is what torchvision publishes (.pth, read
without executing code) or a safetensors file of the same keys, whole or features only.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.weights import safe_pickle
from srgan_desktop.core.weights.download import Progress, download
from trainer.networks.features import build_features


@dataclass(frozen=True)
class Published:
    """A file on torchvision's server; its name ends with the start of its SHA-256."""

    url: str
    sha256_start: str

    @property
    def name(self) -> str:
        return self.url.rpartition("/")[2]


PUBLISHED = {
    "vgg16": Published("https://download.pytorch.org/models/vgg16-397923af.pth", "397923af"),
    "vgg19": Published("https://download.pytorch.org/models/vgg19-dcbb9e9d.pth", "dcbb9e9d"),
}


def find_weights(
    network: str, file: Path | None = None, published: Published | None = None
) -> Generator[Progress, None, dict[str, Tensor]]:
    """The feature weights of ``network``, float32 on the CPU, keys as "0.weight".

    Yields how far a download is, where one is needed; the tensors are the generator's result.

    Raises:
        ModelFileError: the file that is named is missing or holds other weights.
        DownloadError: nothing at hand, and the download failed; says where to put a file.
    """
    published = published or PUBLISHED[network]
    if file is not None:
        return read_weights(network, file)
    for candidate in candidates(network, published):
        if candidate.is_file():
            return read_weights(network, candidate)
    target = places.models() / "vgg" / published.name
    yield from download(published.url, target, published.sha256_start)
    return read_weights(network, target)


def candidates(network: str, published: Published) -> Iterator[Path]:
    """Where weights may lie already, in the order in which they are looked for."""
    folder = places.models() / "vgg"
    yield folder / published.name
    yield from sorted(folder.glob(f"{network}*.safetensors"))
    yield Path(torch.hub.get_dir()) / "checkpoints" / published.name


def read_weights(network: str, path: Path) -> dict[str, Tensor]:
    """The feature weights in a file.

    Raises:
        ModelFileError: missing, damaged, or not those of ``network``.
    """
    if not path.is_file():
        raise ModelFileError(path, tr("there is no such file"))
    tensors = read_tensors(path)
    plain = {key.removeprefix("features."): value for key, value in tensors.items()}
    wanted = build_features(network, 10**6).state_dict()
    for key, tensor in wanted.items():
        if key not in plain or plain[key].shape != tensor.shape:
            raise ModelFileError(
                path, tr("does not hold the weights of {network} ({key})", network=network, key=key)
            )
    return {key: plain[key].float() for key in wanted}


def read_tensors(path: Path) -> dict[str, Any]:
    """The tensors of a .safetensors or .pth file by name, on the CPU; executes no code.

    Raises:
        ModelFileError: damaged, or not such a file.
    """
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(path))
        return dict(safe_pickle.load(path))
    except Exception as error:  # every damage has its own exception
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelFileError(path, tr("cannot be read: {reason}", reason=reason)) from error
