"""Making what is rated: each picture by each method, as files with names that tell nothing."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.evaluation.rating import Study
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.common.requests import ModelChoice

# of a result; the middle of a picture that fits on any screen without scaling
PIECE = (800, 600)
NEAREST, BICUBIC, ORIGINAL = "nearest", "bicubic", "original"
MOST_PICTURES = 100

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
Enlarge = Callable[[Pixels], Pixels]


@dataclass(frozen=True)
class StudyRequest:
    """What a study shall compare.

    ``shrink_first``: the pictures are originals; they are made small as in the paper, and rated
    themselves too.
    """

    pictures: tuple[Path, ...]
    models: tuple[ModelChoice, ...]
    nearest: bool = True
    bicubic: bool = True
    shrink_first: bool = False
    device: str = "auto"
    precision: str = "auto"

    @property
    def methods(self) -> list[str]:
        """Names of all methods, in the order of the results."""
        plain = [NEAREST] * self.nearest + [BICUBIC] * self.bicubic
        return [*plain, *(model.name for model in self.models), *[ORIGINAL] * self.shrink_first]

    @property
    def scale(self) -> int:
        """All enlarge by as much."""
        return max((model.scale for model in self.models), default=4)


@dataclass(frozen=True)
class Prepared:
    """So many of the pictures to rate are there."""

    done: int
    total: int


def studies_folder() -> Path:
    """Where studies are kept."""
    return places.state() / "ratings"


def prepare(request: StudyRequest) -> Generator[Prepared, None, Study]:
    """Make a study; for the device's thread. Leaves nothing behind where it is cut off.

    Raises:
        UsageError: fewer than two methods, or no picture.
        what ``read_image``, ``open_engine`` and writing raise.
    """
    if len(request.methods) < 2 or not request.pictures:
        raise UsageError(tr("choose at least two methods and one picture"))
    name = time.strftime("%Y-%m-%d %H.%M.%S") + f" {secrets.token_hex(2)}"
    final = studies_folder() / name
    folder = final.with_name(f".{name}")
    pictures = _names(request.pictures)
    titles = _titles(request)
    title = trn_title(len(pictures), [titles[method] for method in request.methods])
    study = Study(folder, title, list(pictures), request.methods, titles)
    try:
        study.save()
        yield from _make_all(request, study, pictures)
        folder.rename(final)
    except OSError as error:
        from srgan_desktop.core.base import atomic
        from srgan_desktop.core.base.errors import FileError

        raise FileError(folder, atomic.explain(error)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Study(final, title, list(pictures), request.methods, titles)


def trn_title(count: int, methods: Sequence[str]) -> str:
    """What a study is called in a list."""
    from srgan_desktop.core.base.translation import trn

    return trn(
        "{n} picture: {methods}", "{n} pictures: {methods}", count, methods=", ".join(methods)
    )


def _names(paths: Sequence[Path]) -> dict[str, Path]:
    """Short names, made different where folders have pictures of one name."""
    named: dict[str, Path] = {}
    for path in paths[:MOST_PICTURES]:
        name, number = path.name, 1
        while name in named:
            number += 1
            name = f"{path.name} ({number})"
        named[name] = path
    return named


def _titles(request: StudyRequest) -> dict[str, str]:
    titles = {NEAREST: tr("Nearest"), BICUBIC: tr("Bicubic"), ORIGINAL: tr("Original")}
    titles |= {model.name: tr(model.title) for model in request.models}
    return {method: titles[method] for method in request.methods}


def _make_all(
    request: StudyRequest, study: Study, pictures: dict[str, Path]
) -> Generator[Prepared, None, None]:
    from srgan_desktop.core.evaluation.rating import Trial

    total, done = len(pictures) * len(study.methods), 0
    pieces: dict[str, tuple[Pixels, Pixels | None]] = {}
    for name, path in pictures.items():
        pieces[name] = _piece(path, request)
        yield Prepared(0, total)
    for method in study.methods:
        enlarge = None if method == ORIGINAL else _enlarger(request, method)
        yield Prepared(done, total)
        for name, (small, original) in pieces.items():
            if enlarge is None:
                assert original is not None
                pixels = original
            else:
                pixels = enlarge(small)
            _write(study.file_of(Trial(name, method)), pixels)
            done += 1
            yield Prepared(done, total)


def _piece(path: Path, request: StudyRequest) -> tuple[Pixels, Pixels | None]:
    """The small piece that is enlarged, and the original of it where there is one."""
    from srgan_desktop.core.evaluation.contact_sheet import middle
    from srgan_desktop.core.images.io import read_image, to_srgb8

    pixels = to_srgb8(read_image(path))
    scale = request.scale
    if not request.shrink_first:
        left, top, wide, high = middle(
            pixels.shape[1], pixels.shape[0], (PIECE[0] // scale, PIECE[1] // scale)
        )
        return np.ascontiguousarray(pixels[top : top + high, left : left + wide]), None
    left, top, wide, high = middle(pixels.shape[1], pixels.shape[0], PIECE)
    wide, high = wide // scale * scale, high // scale * scale
    if not wide or not high:
        raise UsageError(tr("{path}: too small to be enlarged to", path=path))
    original = np.ascontiguousarray(pixels[top : top + high, left : left + wide])
    return _shrunk(original, scale), original


def _shrunk(pixels: Pixels, scale: int) -> Pixels:
    """By antialiased bicubic, as benchmarks are made."""
    from srgan_desktop.core.images.resize import resize_pixels

    return resize_pixels(pixels, pixels.shape[0] // scale, pixels.shape[1] // scale)


def _enlarger(request: StudyRequest, method: str) -> Enlarge:
    if method in (NEAREST, BICUBIC):
        from trainer.evaluation import evaluate as evaluation

        classic: Enlarge = evaluation.CLASSIC[method](request.scale)
        return classic
    from srgan_desktop.core.engine.choice import Precision
    from srgan_desktop.core.engine.engine import open_engine
    from srgan_desktop.core.upscaling.upscale import enlarge_with

    precision: Precision = request.precision  # type: ignore[assignment]
    model = next(model for model in request.models if model.name == method)
    engine = open_engine(model.path, request.device, precision)
    return enlarge_with(engine, TargetSize("scale", request.scale))


def _write(path: Path, pixels: Pixels) -> None:
    import io

    from PIL import Image

    from srgan_desktop.core.base import atomic

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    with atomic.replace_file(path) as new:
        new.file.write(buffer.getvalue())
