"""What was found out about foreign files, so that listing models need not load them again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from srgan_desktop import __version__
from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base import atomic
from srgan_desktop.core.weights.third_party.network import ThirdPartyConfig


@dataclass(frozen=True)
class Facts:
    """A file's config and the SHA-256 of its bytes."""

    config: ThirdPartyConfig
    sha256: str


def known_facts(path: Path) -> Facts | None:
    """What is known of the file as it is now; None where nothing is."""
    try:
        stored = json.loads(_place(path).read_text(encoding="utf-8"))
        config = stored["config"]
        config["precisions"] = tuple(config["precisions"])
        return Facts(ThirdPartyConfig(**config), str(stored["sha256"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None  # a cache: whatever is wrong with it, look at the file again


def remember_facts(path: Path, facts: Facts) -> None:
    """Keep them; without room the file is looked at again next time."""
    stored = {"config": dataclasses.asdict(facts.config), "sha256": facts.sha256}
    try:
        place = _place(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        with atomic.replace_file(place) as new:
            new.file.write(json.dumps(stored).encode())
    except OSError:
        pass


def sha256_of(path: Path) -> str:
    """Of the file's bytes. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _place(path: Path) -> Path:
    """Raises OSError where there is no such file."""
    status = path.stat()
    key = f"{__version__}\n{path.resolve()}\n{status.st_size}\n{status.st_mtime_ns}"
    name = hashlib.sha256(key.encode()).hexdigest()[:32]
    return places.cache_folder() / "models" / f"{name}.json"
