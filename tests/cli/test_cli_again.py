"""The same command again, and other calls that must not do more than was meant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli_helpers import Cli, files_below, save_photo
from PIL import Image

from srgan_desktop.core.jobs.queue import Queue


def width_of(path: Path) -> int:
    with Image.open(path) as image:
        return image.width


def test_an_edited_source_and_a_deleted_result_are_done_again(upscale: Cli, tmp_path: Path) -> None:
    for name in ("kept", "edited", "lost"):
        save_photo(tmp_path / "in" / f"{name}.png")
    call = (tmp_path / "in", "-o", tmp_path / "out", "--queue", tmp_path / "q")
    assert upscale(*call).code == 0
    save_photo(tmp_path / "in" / "edited.png", 30, 20)
    (tmp_path / "out" / "lost_4x.png").unlink()
    again = upscale(*call)
    assert again.code == 0
    assert "1 picture is done already" in again.err
    assert "2 pictures are done again" in again.err
    assert "2 done, 0 failed, 0 skipped" in again.out
    assert width_of(tmp_path / "out" / "edited_4x (1).png") == 120
    assert width_of(tmp_path / "out" / "edited_4x.png") == 96
    assert (tmp_path / "out" / "lost_4x.png").is_file()


def test_a_run_that_finds_nothing_to_do_says_so(upscale: Cli, tmp_path: Path) -> None:
    save_photo(tmp_path / "in" / "a.png")
    call = (tmp_path / "in", "-o", tmp_path / "out", "--queue", tmp_path / "q")
    assert upscale(*call).code == 0
    again = upscale(*call)
    assert again.code == 0
    assert "1 picture is done already" in again.err
    assert "0 done, 0 failed, 0 skipped" in again.out


def test_a_source_older_than_its_result_by_the_clock_counts_as_edited_too(
    upscale: Cli, tmp_path: Path
) -> None:
    """A copy from a camera brings its old time with it."""
    save_photo(tmp_path / "in" / "a.png")
    call = (tmp_path / "in", "-o", tmp_path / "out", "--queue", tmp_path / "q", "--json")
    assert upscale(*call).events[-1]["done"] == 1
    os.utime(tmp_path / "in" / "a.png", ns=(10**18, 10**18))
    assert upscale(*call).events[-1]["done"] == 1
    assert upscale(*call).events[-1]["done"] == 0


@pytest.mark.parametrize("queued", [False, True])
def test_results_in_the_folder_of_their_sources_are_not_enlarged_again(
    queued: bool, upscale: Cli, tmp_path: Path
) -> None:
    for name in ("a.png", "deep/b.jpg"):
        save_photo(tmp_path / "in" / name)
    call = [tmp_path / "in", "-o", tmp_path / "in", "--existing", "skip"]
    call += ["--queue", tmp_path / "q"] if queued else []
    once = {"a.png", "a_4x.png", "deep/b.jpg", "deep/b_4x.jpg"}
    for _ in range(3):
        assert upscale(*call).code == 0
        assert files_below(tmp_path / "in") == once
    assert "2 results of earlier runs are left as they are" in upscale(*call).err


def test_results_whose_names_do_not_tell_are_known_by_the_queue(
    upscale: Cli, tmp_path: Path
) -> None:
    save_photo(tmp_path / "in" / "a.png")
    call = [tmp_path / "in", "-o", tmp_path / "in", "--name", "large", "--queue", tmp_path / "q"]
    for _ in range(3):
        assert upscale(*call).code == 0
    assert files_below(tmp_path / "in") == {"a.png", "large.png"}


def test_skipping_knows_whose_result_is_there(upscale: Cli, tmp_path: Path) -> None:
    for name in ("a.jpg", "a.png", "a.tif"):
        save_photo(tmp_path / "in" / name)
    call = (tmp_path / "in", "-o", tmp_path / "out", "--format", "webp", "--existing", "skip")
    for done in (1, 0):
        result = upscale(*call)
        assert result.code == 1
        assert f"{done} done, 2 failed, {1 - done} skipped" in result.out
        for name in ("a.png", "a.tif"):
            assert f"in/{name} would get the same name as another result" in result.err
    dry = upscale(*call, "--dry-run")
    assert dry.code == 1
    assert dry.err.count("the same name as another result") == 2


@pytest.mark.parametrize("name", ["holiday.jpg", "no ending", "notes.txt"])
def test_a_file_of_a_person_is_never_made_a_queue(name: str, upscale: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "in" / "a.png")
    mine = tmp_path / name
    if name == "notes.txt":
        mine.write_text("to do: nothing")
    else:
        save_photo(mine, format="JPEG")
    before = mine.read_bytes()
    result = upscale(source, "--queue", mine)
    assert result.code == 1
    assert str(mine) in result.err
    assert "choose another file" in result.err
    assert mine.read_bytes() == before
    assert files_below(tmp_path) == {"in/a.png", name}


def test_no_queue_gets_the_name_of_a_picture(upscale: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "in" / "a.png")
    assert upscale(source, "--queue", tmp_path / "new.png").code == 1
    assert files_below(tmp_path) == {"in/a.png"}


def test_a_queue_damaged_at_its_start_is_set_aside(upscale: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "in" / "a.png")
    with Queue(tmp_path / "scans.queue"):
        pass
    data = bytearray((tmp_path / "scans.queue").read_bytes())
    data[:200] = bytes(200)
    (tmp_path / "scans.queue").write_bytes(data)
    result = upscale(source, "--queue", tmp_path / "scans.queue")
    assert result.code == 0
    assert "the queue was damaged; it is kept as scans-damaged-" in result.err


def test_files_that_are_passed_over_are_counted(upscale: Cli, tmp_path: Path) -> None:
    save_photo(tmp_path / "in" / "a.png")
    for name in (".hidden.png", "notes.txt", "noending"):
        (tmp_path / "in" / name).write_text("x")
    (tmp_path / "in" / ".folder").mkdir()
    result = upscale(tmp_path / "in", "-o", tmp_path / "out")
    assert result.code == 0
    assert "left out: 2 hidden, 2 not pictures" in result.err
    (tmp_path / "in" / "a.png").unlink()
    result = upscale(tmp_path / "in", "-o", tmp_path / "out")
    assert result.code == 2
    assert "no pictures in" in result.err
    assert "(2 hidden, 2 not pictures)" in result.err


def test_pictures_come_in_the_order_of_their_numbers(upscale: Cli, tmp_path: Path) -> None:
    for number in (10, 2, 1):
        save_photo(tmp_path / "in" / f"scan {number}.png")
    events = upscale(tmp_path / "in", "-o", tmp_path / "out", "--json").events
    started = [Path(e["source"]).stem for e in events if e["event"] == "file_started"]
    assert started == ["scan 1", "scan 2", "scan 10"]


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_size_that_cannot_be_names_the_file(
    more: list[str], upscale: Cli, tmp_path: Path
) -> None:
    source = save_photo(tmp_path / "a.png", 40, 20)
    result = upscale(source, "--long", 10, *more)
    assert result.code == 1
    assert f"failed: {source}: " in result.err


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_names_cannot_move_the_cursor(more: list[str], upscale: Cli, tmp_path: Path) -> None:
    evil = "a\x1b[2J\r\nevil\u202egnp"
    save_photo(tmp_path / f"{evil}.png")
    (tmp_path / f"bad{evil}.png").write_bytes(b"no picture")
    result = upscale(tmp_path, *more)
    assert result.code == 1
    for text in (result.out, result.err):
        assert not {"\x1b", "\r", "\u202e"} & set(text)
        assert "a\\x1b[2J\\x0d\\nevil\\u202egnp" in text


def test_a_dry_run_says_that_frames_will_be_lost(upscale: Cli, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 6), (shade, 0, 0)) for shade in (0, 90, 180)]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    text = upscale(tmp_path / "a.tif", "--format", "png", "--dry-run")
    assert "the file holds 3 pictures; only the first will be enlarged" in text.out
    (planned, _) = upscale(tmp_path / "a.tif", "--format", "png", "--dry-run", "--json").events
    assert planned["warnings"] == ["the file holds 3 pictures; only the first will be enlarged"]
    (planned, _) = upscale(tmp_path / "a.tif", "--dry-run", "--json").events
    assert planned["warnings"] == []
