"""A picture of 16,384 x 16,384 pixels, and a viewer that goes away while it reads."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shiboken6
import timing
from PySide6.QtCore import QPointF, Qt, QTimer

from srgan_desktop.gui.viewer import BeforeAfterViewer, TiledImage
from srgan_desktop.gui.viewer.pyramid import Box, Pixels

MakeViewer = Callable[..., BeforeAfterViewer]
Settle = Callable[[BeforeAfterViewer], Pixels]
Pause = Callable[[int], None]

SIDE = 16384
CACHE_BYTES = 24 * 1024 * 1024
LONGEST_GAP_UNITS = 15  # of timing.work; 3 are usual


class Heartbeat:
    """Notes the longest time between two turns of the event loop."""

    def __init__(self) -> None:
        self.longest_ms = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(1)

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest_ms = max(self.longest_ms, 1000 * (now - self._last))
        self._last = now


@pytest.fixture
def huge(tmp_path: Path) -> Pixels:
    """Nearly all holes: the file takes next to no disk."""
    pixels = np.memmap(tmp_path / "huge.raw", np.uint8, "w+", shape=(SIDE, SIDE, 3))
    pixels[:1024, :1024] = 200
    return pixels


def test_a_huge_picture_is_opened_zoomed_and_panned(
    make_viewer: MakeViewer,
    settle: Settle,
    pause: Pause,
    huge: Pixels,
    capsys: pytest.CaptureFixture[str],
) -> None:
    viewer = make_viewer(1000, 800, cache_bytes=CACHE_BYTES)
    before = TiledImage(np.full((4096, 4096, 3), 90, np.uint8))
    unit_s = timing.unit_s()
    heartbeat = Heartbeat()
    viewer.set_images(before, TiledImage(huge), (SIDE, SIDE))
    viewer.navigation.divider = 0.2
    viewer.update()
    most = 0
    for step in range(45):
        viewer.navigation.zoom_by(1.18 if step < 26 else 0.9, QPointF(620, 300))
        viewer.navigation.pan(-37, -23)
        pause(8)
        most = max(most, viewer.cache_bytes_used)
    viewer.navigation.fit()
    deadline = time.monotonic() + 20
    while viewer.loading and time.monotonic() < deadline:
        pause(10)
        most = max(most, viewer.cache_bytes_used)
    assert not viewer.loading
    with capsys.disabled():
        print(f" longest gap {heartbeat.longest_ms:.0f} ms, cache {most / 2**20:.1f} MiB", end=" ")
    assert 0 < most <= CACHE_BYTES
    longest_s = heartbeat.longest_ms / 1000
    assert longest_s < LONGEST_GAP_UNITS * max(unit_s, timing.unit_s())
    frame = settle(viewer)
    # the written corner lies left of the divider; right of it is black, left is before
    assert (frame[400, 150:240] == 90).all()
    assert (frame[400, 300:880] == 0).all()


def test_tiles_arrive_on_a_huge_picture(
    make_viewer: MakeViewer, settle: Settle, huge: Pixels
) -> None:
    viewer = make_viewer(256, 256, cache_bytes=CACHE_BYTES)
    after = TiledImage(huge, written=False)
    viewer.set_images(TiledImage(np.full((64, 64, 3), 90, np.uint8)), after, (SIDE, SIDE))
    viewer.navigation.divider = 0.0
    assert (settle(viewer) == 90).all()
    after.mark_written(0, 0, 1024, 1024)
    frame = settle(viewer)
    # 1,024 pixels are 16 here; the outermost waits for its neighbours
    assert (frame[:15, :15] == 200).all()
    assert (frame[16:, :] == 90).all()
    assert (frame[:, 16:] == 90).all()


def test_a_viewer_may_be_destroyed_while_it_reads(huge: Pixels) -> None:
    viewer = BeforeAfterViewer()
    viewer.set_images(TiledImage(huge[::4, ::4]), TiledImage(huge), (SIDE, SIDE))
    viewer.render_visible()
    assert viewer.loading
    shiboken6.delete(viewer)


def test_shutdown_ends_the_reading_for_good(huge: Pixels, pause: Pause) -> None:
    viewer = BeforeAfterViewer()
    viewer.set_images(TiledImage(huge[::4, ::4]), TiledImage(huge), (SIDE, SIDE))
    viewer.render_visible()
    start = time.monotonic()
    viewer.shutdown()
    assert time.monotonic() - start < 2
    used = viewer.cache_bytes_used
    viewer.render_visible()
    pause(50)
    assert viewer.cache_bytes_used == used
    viewer.deleteLater()


def test_a_failure_to_read_is_told_and_does_not_end_the_reading(
    make_viewer: MakeViewer, settle: Settle, pause: Pause, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = make_viewer()
    after = TiledImage(np.full((600, 800, 3), 200, np.uint8))
    notice: list[Exception] = []
    viewer.reading_failed.connect(notice.append)
    with monkeypatch.context() as broken:

        def fail(level: int, box: Box) -> Pixels:
            raise OSError("gone")

        broken.setattr(after.pyramid, "read", fail)
        viewer.set_images(TiledImage(np.zeros((150, 200, 3), np.uint8)), after, (800, 600))
        viewer.navigation.divider = 0.0
        viewer.render_visible()
        pause(50)
        assert [str(error) for error in notice] == ["gone"] * len(notice) != []
    assert (settle(viewer) == 200).all()
