"""Models as they were opened before, kept so that the program starts without torch.

Reading a model, choosing how to run it, checking that and compiling it takes seconds, most of them
torch's start. What comes of it is the same each time as long as nothing changes that it depends
on, so it is kept in the cache folder under a hash of all that: the files' contents, the options,
the program, its libraries and the processor.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import math
import os
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srgan_desktop import __version__
from srgan_desktop.core.backends.device import processor_name, usual_threads
from srgan_desktop.core.backends.openvino_backend import Geometry, OpenVinoBackend
from srgan_desktop.core.backends.openvino_mixture import OpenVinoMixture
from srgan_desktop.core.base import app_paths, atomic
from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.core.engine.choice import Choice, Precision
from srgan_desktop.core.weights.catalogue import find_beside
from srgan_desktop.core.weights.headers import SUFFIX, read_metadata
from srgan_desktop.core.weights.model_card import ModelCard

if TYPE_CHECKING:
    from srgan_desktop.core.networks.network import NetworkConfig, Skip

# so many are kept, and so many bytes of them; those that were not used for longest go
MOST_KEPT = 24
MOST_BYTES = 256 * 2**20
_SUFFIX = ".prepared"
_DIGEST_BYTES = 32
_CARD_KEYS = ("name", "title", "description", "licence", "author", "weights_sha256", "partner")


@dataclass(frozen=True)
class Request:
    """What is opened; see ``open_engine``.

    Attributes:
        integers: whether 8-bit integers may be chosen unasked.
    """

    path: Path
    detail: float | None = None
    precision: Precision = "auto"
    threads: int = 0
    integers: bool = True


@dataclass(frozen=True)
class KnownConfig:
    """What was known of a network when it was opened; see ``NetworkConfig``."""

    architecture: str
    scale: int
    colours: int
    skip: Skip
    receptive_radius: Fraction
    upsample_radius: Fraction
    is_local: bool
    working_values: int

    @classmethod
    def of(cls, config: NetworkConfig) -> KnownConfig:
        """The same facts of any config."""
        return cls(**{field.name: getattr(config, field.name) for field in dataclasses.fields(cls)})


def restore(request: Request) -> tuple[Choice, ModelCard] | None:
    """What ``store`` kept for the same request; None where it did not, or not as things are now."""
    try:
        path = _path(request)
        stored, parts = _read(path)
        kind = OpenVinoMixture if stored["adapts"] else OpenVinoBackend
        backend = kind.restored(
            parts, Geometry(*stored["geometry"]), stored["precision"], request.threads
        )
        card = _card(stored["card"])
        psnr = float(stored["psnr_db"])
        choice = Choice(backend, psnr, tuple(map(str, stored["warnings"])))
    except (OSError, ValueError, KeyError, TypeError, ImportError, SrganDesktopError):
        return None  # a cache: whatever is wrong with it, open the model anew
    with contextlib.suppress(OSError):
        os.utime(path)
    return choice, card


def store(request: Request, choice: Choice, card: ModelCard) -> None:
    """Keep a choice for the next start, where it is of a kind that can be kept."""
    backend = choice.backend
    if not isinstance(backend, OpenVinoBackend | OpenVinoMixture):
        return
    try:
        parts = backend.export()
        stored = {
            "card": {
                **{key: getattr(card, key) for key in _CARD_KEYS},
                "training": dict(card.training),
                "scores": dict(card.scores),
                "config": {
                    key: [value.numerator, value.denominator]
                    if isinstance(value, Fraction)
                    else value
                    for key, value in dataclasses.asdict(KnownConfig.of(card.config)).items()
                },
            },
            "adapts": isinstance(backend, OpenVinoMixture),
            "precision": backend.precision,
            "geometry": list(backend.geometry),
            "psnr_db": choice.psnr_db if math.isfinite(choice.psnr_db) else "inf",
            "warnings": list(choice.warnings),
            "parts": {name: len(data) for name, data in parts.items()},
        }
        path = _path(request)
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic.replace_file(path) as new:
            digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
            for data in (json.dumps(stored).encode() + b"\n", *parts.values()):
                new.file.write(data)
                digest.update(data)
            new.file.write(digest.digest())
        _forget_oldest(path.parent)
    except (OSError, RuntimeError, TypeError, ValueError, SrganDesktopError):
        pass  # opened anew next time


def _read(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Raises ValueError where the file is not as it was written."""
    data = path.read_bytes()
    body, digest = data[:-_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    if hashlib.blake2b(body, digest_size=_DIGEST_BYTES).digest() != digest:
        raise ValueError("damaged")
    head, _, rest = body.partition(b"\n")
    stored = json.loads(head)
    parts, start = {}, 0
    for name, length in stored["parts"].items():
        parts[name] = rest[start : start + length]
        start += length
    return stored, parts


def _card(stored: dict[str, Any]) -> ModelCard:
    config: dict[str, Any] = {
        key: Fraction(*value) if isinstance(value, list) else value
        for key, value in stored["config"].items()
    }
    return ModelCard(**{**stored, "config": KnownConfig(**config)})


def _forget_oldest(folder: Path) -> None:
    files = [(path.stat(), path) for path in folder.glob(f"*{_SUFFIX}")]
    files.sort(key=lambda pair: pair[0].st_mtime_ns, reverse=True)
    total = 0
    for number, (status, path) in enumerate(files):
        total += status.st_size
        if number and (number >= MOST_KEPT or total > MOST_BYTES):
            path.unlink(missing_ok=True)


def _path(request: Request) -> Path:
    """Raises OSError, SrganDesktopError where the files cannot be read."""
    digest = hashlib.blake2b(digest_size=16)
    facts = (
        __version__,
        processor_name(),
        _state_of("openvino"),
        _state_of("torch"),
        request.threads or usual_threads(),
        request.precision,
        request.integers,
        request.detail,
    )
    digest.update(repr(facts).encode())
    digest.update(request.path.read_bytes())
    if request.detail not in (None, 100) and request.path.suffix == SUFFIX:
        partner = read_metadata(request.path).get("partner", "")
        digest.update(find_beside(request.path, partner).read_bytes())
    return app_paths.cache_folder() / "prepared" / f"{digest.hexdigest()}{_SUFFIX}"


def _state_of(package: str) -> tuple[str, int]:
    """Where a package lies and when it was installed, which takes no import."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return "", 0
    with contextlib.suppress(OSError):
        return spec.origin, Path(spec.origin).stat().st_mtime_ns
    return spec.origin, 0
