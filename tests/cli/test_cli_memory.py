"""A large photo in little memory."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from cli_helpers import ROOT, save_tiny_model, start
from PIL import Image

from srgan_desktop.core.images.io import probe

LIMIT_BYTES = 4e9


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.skipif(sys.platform == "win32", reason="counts resident memory as Unix does")
def test_a_photo_of_24_megapixels_stays_under_4_gb(tmp_path: Path, warm_home: Path) -> None:
    psutil = pytest.importorskip("psutil")
    photo = Image.open(ROOT / "resources" / "samples" / "otter.jpg")
    photo.resize((6000, 4000), Image.Resampling.BICUBIC).save(tmp_path / "photo.jpg", quality=90)
    # as many channels as the real networks, for these decide the memory; few blocks, for time
    model = save_tiny_model(tmp_path / "model.safetensors", channels=64, tail_kernel=3)
    log = (tmp_path / "log.txt").open("w+")
    call = ["upscale", tmp_path / "photo.jpg", "--model", model, "--json"]
    with log, start(call, warm_home, stdout=log, stderr=log) as process:
        peak = 0
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, watched.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            time.sleep(0.1)
        assert process.wait() == 0, (tmp_path / "log.txt").read_text()
    result = probe(tmp_path / "photo_4x.jpg")
    assert (result.width, result.height) == (24_000, 16_000)
    print(f"peak: {peak / 1e9:.2f} GB resident")
    assert 0.3e9 < peak < LIMIT_BYTES
