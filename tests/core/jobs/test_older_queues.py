"""A queue that an earlier version wrote opens and is worked off."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from network_makers import make_network
from runner_helpers import below, save

from srgan_desktop.core.images.io import probe
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.runner import run_queue
from srgan_desktop.core.weights.model_file import ModelCard, save_model

FIXTURES = Path(__file__).with_name("fixtures")
PREFIX = "/tmp/srgan-fixture"
TIME_NS = 1_700_000_000_000_000_000


@pytest.fixture
def old_queue(tmp_path: Path) -> Path:
    """The file, its paths in ``tmp_path``, and all that it speaks of as it was then."""
    path = tmp_path / "queue.sqlite3"
    shutil.copy(FIXTURES / path.name, path)
    with sqlite3.connect(path) as db:
        for table, columns in (
            ("items", ("source", "target", "error")),
            ("stages", ("folder",)),
            ("seen", ("path",)),
        ):
            for column in columns:
                db.execute(
                    f"UPDATE {table} SET {column} = "
                    f"CAST(replace(CAST({column} AS TEXT), ?, ?) AS BLOB)",
                    (PREFIX, str(tmp_path)),
                )
        db.execute("UPDATE options SET text = replace(text, ?, ?)", (PREFIX, str(tmp_path)))
    db.close()
    network = make_network(blocks=1)
    save_model(
        tmp_path / "tiny.safetensors", network, ModelCard(name="tiny", config=network.config)
    )
    for name in ("done", "skipped", "cancelled", "waits", "wörk", "wörk2", "other"):
        save(tmp_path / "in" / f"{name}.png", 12, 8)
    save(tmp_path / "in" / "trip" / "deep.jpg", 12, 8)
    for name in ("done_4x.png", "skipped_4x.png", "wörk_4x.png", "trip/deep_4x.jpg"):
        (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / name).write_bytes(bytes(4123))
    os.utime(tmp_path / "out" / "wörk_4x.png", ns=(TIME_NS, TIME_NS))
    (tmp_path / "out" / ".srgan-desktop-0123abcd").mkdir()
    (tmp_path / "out" / ".srgan-desktop-0123abcd" / "8.png").write_bytes(b"half a picture")
    return path


def status_of(queue: Queue) -> dict[str, str]:
    return {item.source.name: item.status for item in queue.items()}


def test_it_opens_as_it_was_left(old_queue: Path, tmp_path: Path) -> None:
    with Queue(old_queue) as queue:
        assert queue.notice == ""
        assert status_of(queue) == {
            "bad.png": "failed",
            "done.png": "done",
            "skipped.png": "skipped",
            "deep.jpg": "done",
            "cancelled.png": "cancelled",
            "waits.png": "waiting",
            "wörk.png": "done",  # its result had got its name
            "wörk2.png": "waiting",
            "other.png": "waiting",
        }
        assert queue.seen() == {tmp_path / "in" / "waits.png": (100, TIME_NS)}
        failed, done, *_ = queue.items()
        assert failed.error is not None
        assert failed.error.startswith(str(tmp_path / "in" / "bad.png"))
        assert (done.out_width, done.out_height) == (48, 32)
        assert done.target == tmp_path / "out" / "done_4x.png"
        # opening it once more changes nothing
    with Queue(old_queue) as queue:
        assert queue.counts()["waiting"] == 3
    assert not (tmp_path / "out" / ".srgan-desktop-0123abcd").exists()


def test_every_option_of_it_is_read(old_queue: Path, tmp_path: Path) -> None:
    with Queue(old_queue) as queue:
        assert queue.options(queue.items()[-1].options) == BatchOptions(
            model=str(tmp_path / "tiny.safetensors"),
            rule="long",
            value=30.0,
            template="{stem}-{width}x{height}",
            format="jpeg",
            quality=80,
            existing="overwrite",
            strip_metadata=True,
            tile=64,
            tta=True,
            max_pixels=None,
            frames="first",
        )


def test_it_is_worked_off(old_queue: Path, tmp_path: Path) -> None:
    with Queue(old_queue) as queue:
        queue.retry(item.id for item in queue.items("cancelled"))
        finished = list(run_queue(queue))[-1]
        assert (finished.done, finished.failed) == (4, 0)  # type: ignore[attr-defined]
        assert queue.counts()["waiting"] == 0
    assert below(tmp_path / "out") == {
        "done_4x.png",
        "skipped_4x.png",
        "wörk_4x.png",
        "trip/deep_4x.jpg",
        "cancelled_4x.png",
        "waits_4x.png",
        "wörk2_4x.png",
    }
    other = probe(tmp_path / "in" / "other-30x20.jpg")
    assert (other.width, other.height) == (30, 20)
    # what was there before is there unchanged
    assert (tmp_path / "out" / "wörk_4x.png").read_bytes() == bytes(4123)
