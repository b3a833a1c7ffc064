"""What a bug report needs: versions, devices, folders, models. Nothing private beyond names."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from srgan_desktop import __version__
from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.console import bytes_text
from srgan_desktop.core.base.defaults import DEFAULT_MODEL, PLAIN_MODEL
from srgan_desktop.core.base.printable import without_home

DISTRIBUTIONS = (
    "torch",
    "torchvision",
    "openvino",
    "numpy",
    "pillow",
    "pyvips",
    "pyvips-binary",
    "pi-heif",
    "pillow-heif",
    "opencodecs",
    "safetensors",
    "PySide6-Essentials",
    "platformdirs",
    "psutil",
    "pyqtgraph",
    "spandrel",
)


Lines = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Section:
    """A heading and its (name, value) lines."""

    title: str
    lines: Lines


def diagnose() -> list[Section]:
    """Gather everything; a part that fails says so in its place."""
    parts = {
        "Program": _program,
        "Packages": _packages,
        "Devices": _devices,
        "Ways to compute": _ways,
        "Formats": _formats,
        "Folders": _folders,
        "Models": _models,
    }
    return [Section(title, _safely(part)) for title, part in parts.items()]


def _safely(part: Callable[[], Lines]) -> Lines:
    try:
        return part()
    except Exception as error:  # a report of faults must not fail over one
        return (("failed", f"{type(error).__name__}: {error}"),)


def as_text(sections: list[Section]) -> str:
    """The sections as aligned plain text, the person's own folder as ~."""
    parts = []
    for section in sections:
        width = max((len(name) for name, _ in section.lines), default=0)
        lines = [f"  {name:<{width}}  {value}" for name, value in section.lines]
        parts.append("\n".join([section.title, *lines]))
    return without_home("\n\n".join(parts))


def _program() -> Lines:
    return (
        ("srgan-desktop", __version__ + (" (packaged)" if getattr(sys, "frozen", False) else "")),
        ("Python", platform.python_version()),
        ("System", platform.platform()),
    )


def _packages() -> Lines:
    return tuple((name, _version(name)) for name in DISTRIBUTIONS)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _devices() -> Lines:
    import torch

    from srgan_desktop.core.backends.device import available_devices
    from srgan_desktop.core.base.memory import free_memory_bytes
    from srgan_desktop.core.engine.way_selection import ways

    lines = []
    for device in available_devices():
        memory = "" if device.memory_bytes is None else f", {bytes_text(device.memory_bytes)}"
        possible = ", ".join(str(way) for way in ways(torch.device(device.name), "auto"))
        lines.append((device.name, f"{device.title}{memory}; {possible}"))
    free = free_memory_bytes()
    lines.append(("free memory", "unknown" if free is None else bytes_text(free)))
    lines.append(("threads", str(torch.get_num_threads())))
    lines.append(("processor instructions", torch.backends.cpu.get_cpu_capability()))
    return tuple(lines)


def _ways() -> Lines:
    from srgan_desktop.core.engine.way_report import describe
    from srgan_desktop.core.weights.catalogue import find_model

    return tuple((name, describe(find_model(name))) for name in (PLAIN_MODEL, DEFAULT_MODEL))


def _formats() -> Lines:
    from srgan_desktop.core.images.io import FORMATS, available, writable_formats

    writable = writable_formats()

    def state(name: str) -> str:
        if name in writable:
            return "read and write"
        return "read only" if available(name) else "not available"

    return tuple((entry.label, state(name)) for name, entry in FORMATS.items())


def _folders() -> Lines:
    folders = {
        "resources": places.resources(),
        "models": places.models(),
        "settings": places.settings(),
        "state": places.state(),
        "logs": places.logs(),
        "cache": places.cache_folder(),
    }
    return tuple((name, f"{path}{_state(path)}") for name, path in folders.items())


def _state(path: Path) -> str:
    return "" if path.is_dir() else "  (not made yet)"


def _models() -> Lines:
    from srgan_desktop.core.weights.catalogue import list_models

    lines = []
    for entry in list_models():
        if entry.card is None:
            lines.append((entry.name, f"cannot be used: {entry.problem}"))
        else:
            lines.append((entry.name, f"x{entry.card.scale}, {entry.card.weights_sha256[:12]}"))
    return tuple(lines) or (("none", ""),)
