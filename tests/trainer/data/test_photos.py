from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from photo_sets import photo_set
from PIL import Image

from srgan_desktop.core.base.errors import DatasetError, ImageReadError, UsageError
from srgan_desktop.core.base.events import drain
from trainer.data.dataset import (
    Rejected,
    decode,
    image_paths,
    in_threads,
    load_photos,
    same_photos,
)


def test_pictures_are_found_in_order_and_hidden_ones_left_out(tmp_path: Path) -> None:
    for name in ("b.png", "A/c.JPG", ".hidden.png", ".cache/d.png", "note.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = image_paths(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["A/c.JPG", "b.png"]


def test_a_missing_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere: there is no such folder"):
        image_paths(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match="no pictures in it"):
        image_paths(tmp_path)


def test_transparency_is_put_on_white(tmp_path: Path) -> None:
    clear = np.zeros((4, 5, 4), np.uint8)
    clear[:, :2] = (10, 20, 30, 255)
    Image.fromarray(clear).save(tmp_path / "a.png")
    pixels = decode(tmp_path / "a.png", 3)
    assert pixels.shape == (4, 5, 3)
    assert pixels[0, 0].tolist() == [10, 20, 30]
    assert pixels[0, 4].tolist() == [255, 255, 255]


def test_sixteen_bits_are_scaled_not_clipped(tmp_path: Path) -> None:
    deep = np.linspace(0, 65535, 64, dtype=np.uint16).reshape(8, 8)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    assert decode(tmp_path / "deep.png", 1)[..., 0].tolist() == (deep / 257).round().tolist()


def test_pictures_are_turned_upright(tmp_path: Path, photo: Callable[..., np.ndarray]) -> None:
    pixels = photo(1, width=40, height=24)
    exif = Image.Exif()
    exif[0x0112] = 6  # shown rotated by 90 degrees clockwise
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    assert (decode(tmp_path / "a.png", 3) == np.rot90(pixels, -1)).all()


def _broken(tmp_path: Path, photo: Callable[..., np.ndarray]) -> dict[str, Path]:
    whole = tmp_path / "whole.jpg"
    Image.fromarray(photo(0)).save(whole)
    files = {
        "truncated": whole.read_bytes()[:1500],
        "empty": b"",
        "text": b"no picture at all",
    }
    for name, data in files.items():
        (tmp_path / f"{name}.jpg").write_bytes(data)
    Image.fromarray(photo(0, width=60, height=30)).save(tmp_path / "small.png")
    return {path.stem: path for path in tmp_path.iterdir()}


def test_damaged_files_say_what_is_wrong(tmp_path: Path, photo: Callable[..., np.ndarray]) -> None:
    files = _broken(tmp_path, photo)
    with pytest.raises(ImageReadError, match="cut short"):
        decode(files["truncated"], 3)
    with pytest.raises(ImageReadError, match="the file is empty"):
        decode(files["empty"], 3)
    with pytest.raises(ImageReadError, match="not a picture of a known kind"):
        decode(files["text"], 3)
    with pytest.raises(ImageReadError, match="the file does not exist"):
        decode(tmp_path / "gone.png", 3)


def test_what_cannot_be_used_is_left_out_with_its_reason(
    tmp_path: Path, photo: Callable[..., np.ndarray]
) -> None:
    files = _broken(tmp_path, photo)
    rejected: list[Rejected] = []
    loaded = drain(
        load_photos(
            tmp_path,
            sorted(files.values()),
            colours=3,
            least_side=64,
            memory_bytes=10**9,
            rejected=rejected.append,
        )
    )
    assert loaded.paths == (files["whole"],)
    assert {item.path.stem: item.reason for item in rejected} == {
        "truncated": "truncated",
        "empty": "unreadable",
        "text": "unreadable",
        "small": "too_small",
    }


def test_photos_keep_their_pixels(photos: Path) -> None:
    paths = image_paths(photos)
    loaded = drain(load_photos(photos, paths, colours=3, least_side=8, memory_bytes=10**9))
    assert len(loaded) == len(paths)
    for i, path in enumerate(paths):
        assert (loaded.photo(i).numpy() == decode(path, 3)).all()


def test_grey_models_get_grey_photos(photos: Path) -> None:
    paths = image_paths(photos)[:1]
    loaded = drain(load_photos(photos, paths, colours=1, least_side=8, memory_bytes=10**9))
    assert loaded.photo(0).shape == (112, 128, 1)


def test_short_memory_leaves_out_the_same_photos_every_time(photos: Path) -> None:
    paths = image_paths(photos)
    rejected: list[Rejected] = []
    room = 3 * 112 * 128 * 3 + 5

    def load() -> tuple[Path, ...]:
        return drain(
            load_photos(
                photos,
                paths,
                colours=3,
                least_side=8,
                memory_bytes=room,
                rejected=rejected.append,
                seed=5,
            )
        ).paths

    first = load()
    assert len(first) == 3
    assert [item.reason for item in rejected] == ["no_memory"] * 3
    assert load() == first


def test_nothing_usable_is_an_error_that_names_the_folder(
    tmp_path: Path, photo: Callable[..., np.ndarray]
) -> None:
    files = _broken(tmp_path, photo)
    small = {"colours": 3, "least_side": 500, "memory_bytes": 10**9}
    with pytest.raises(UsageError, match=f"{tmp_path.name}: no photo in it is large enough"):
        drain(load_photos(tmp_path, [files["whole"]], **small))
    with pytest.raises(DatasetError, match=f"{tmp_path.name}: no picture in it can be read"):
        drain(load_photos(tmp_path, [files["text"]], **small))


@pytest.mark.skipif(os.name == "nt", reason="permissions work differently there")
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read anything")
def test_a_file_without_permission_is_named(
    tmp_path: Path, photo: Callable[..., np.ndarray]
) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(photo(0)).save(path)
    path.chmod(0)
    with pytest.raises(ImageReadError, match="no permission to read it"):
        decode(path, 3)


def test_reading_ahead_keeps_the_order_and_stops_when_closed() -> None:
    started: list[int] = []
    lock = threading.Lock()

    def work(item: int) -> int:
        with lock:
            started.append(item)
        return item * item

    assert [future.result() for future in in_threads(work, range(20))] == [i * i for i in range(20)]
    started.clear()
    ahead = in_threads(work, range(1000))
    next(ahead)
    ahead.close()  # type: ignore[attr-defined]
    assert len(started) < 20


def test_other_photos_of_the_same_sizes_are_not_the_same() -> None:
    random = np.random.default_rng(1)
    photos = [random.integers(0, 256, (40, 50, 3), np.uint8) for _ in range(3)]
    paths = [Path(f"{number}.png") for number in range(3)]
    before = photo_set(photos, paths).fingerprint
    assert same_photos(before, photo_set(photos, paths).fingerprint)
    others = [photos[1], photos[0], photos[2]]
    now = photo_set(others, paths).fingerprint
    assert before[:3] == now[:3]
    assert not same_photos(before, now)
    # runs of earlier versions told the sizes alone, those of stage cycle twice
    assert same_photos(before[:3], now)
    assert same_photos([*before[:3], *before[:3]], [*now, *now])
    assert not same_photos([*before[:2], 1], now)
