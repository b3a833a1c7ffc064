"""Files that people take for models, named for what they are."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from srgan_desktop.core.base.errors import ModelFileError
from srgan_desktop.core.base.translation import tr

_HEAD_BYTES = 512
_LFS_HEAD = b"version https://git-lfs.github.com/spec/"
_WEB_PAGE = re.compile(rb"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|\?xml)", re.I | re.S)
# the trainer puts this, and a digest, behind each checkpoint of a run
_SEAL, _DIGEST_BYTES = b"sha256:", 32


def refuse_other_files(path: Path) -> None:
    """Raises ModelFileError for what is plainly something else; not for what cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            file.seek(max(0, file.seek(0, os.SEEK_END) - len(_SEAL) - _DIGEST_BYTES))
            tail = file.read()
    except OSError:
        return
    problem = ""
    if head.startswith(_LFS_HEAD):
        problem = tr(
            "only the note that Git LFS puts in the place of a large file; download the file "
            "itself (git lfs pull, or the download button of its page)"
        )
    elif _WEB_PAGE.match(head.removeprefix(b"\xef\xbb\xbf")):
        problem = tr(
            "a web page, not a model: the download led to a page; open it in a browser and "
            "download the file from there"
        )
    elif head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"RIFF")):
        problem = tr("a picture or a document, not a model")
    elif head.startswith(b"PK") and tail.startswith(_SEAL):
        problem = tr(
            "the checkpoint by which a training of this program goes on, not a model; its "
            "models are best.safetensors beside it and model.safetensors one folder up"
        )
    if problem:
        raise ModelFileError(path, problem)


def refuse_discriminator(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Raises ModelFileError for a network that takes a colour picture and gives one number."""
    weights = [value for value in tensors.values() if value.ndim in (2, 4)]
    if len(weights) < 2:
        return
    first, last = weights[0], weights[-1]
    if first.ndim == 4 and first.shape[1] in (3, 6) and last.shape[0] == 1:
        raise ModelFileError(
            path,
            tr(
                "a discriminator, which judges pictures while a generator is trained; the "
                "generator is what enlarges, often a file with G or gen in its name"
            ),
        )
