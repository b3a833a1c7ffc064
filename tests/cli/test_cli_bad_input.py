"""Files that are no pictures, or not whole: one clear line each, and nothing written."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli_helpers import Cli, draw, files_below, save_photo
from PIL import Image

from srgan_desktop.core.jobs import file_steps as jobs


def encoded(kind: str, size: int = 200) -> bytes:
    out = io.BytesIO()
    Image.fromarray(draw(size, size)).save(out, kind)
    return out.getvalue()


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def png_claiming(width: int, height: int) -> bytes:
    """A PNG that says it is so large, with hardly any data behind it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(1000))
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


BAD: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("empty.png", lambda: b"", "empty"),
    "truncated jpeg": ("cut.jpg", lambda: half(encoded("JPEG")), "cut short"),
    "truncated png": ("cut.png", lambda: half(encoded("PNG")), "cut short"),
    "only a png's signature": ("sig.png", lambda: encoded("PNG")[:8], "cut short"),
    "text": (
        "text.png",
        lambda: b"Dear diary, this is no picture at all.\n" * 9,
        "not a picture of a known kind",
    ),
    "no pixels": ("none.png", lambda: png_claiming(0, 0), "0 x 0"),
    "noise": ("noise.jpg", lambda: draw(50, 50).tobytes(), "not a picture of a known kind"),
    "jpeg's start, then noise": (
        "n.jpg",
        lambda: b"\xff\xd8\xff\xe0" + draw(50, 50).tobytes(),
        "cut short",
    ),
    "bomb": ("bomb.png", lambda: png_claiming(60_000, 60_000), "--allow-huge"),
}


@pytest.mark.parametrize("case", sorted(BAD))
def test_a_bad_file_is_named_explained_and_leaves_nothing(
    case: str, upscale: Cli, tmp_path: Path
) -> None:
    name, content, reason = BAD[case]
    source = tmp_path / name
    source.write_bytes(content())
    result = upscale(source, "-o", tmp_path / "out")
    assert result.code == 1
    assert [line for line in result.err.splitlines() if "failed: " in line] == [
        result.err.splitlines()[-1]
    ]
    assert str(source) in result.err
    assert reason in result.err
    assert files_below(tmp_path) == {name}
    assert not (tmp_path / "out").exists()


def test_a_picture_of_one_pixel_is_enlarged(upscale: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "dot.png", 1, 1)
    assert upscale(source).code == 0
    with Image.open(tmp_path / "dot_4x.png") as result:
        assert result.size == (4, 4)


def test_a_picture_over_the_limit_needs_leave(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = save_photo(tmp_path / "large.png", 40, 30)
    monkeypatch.setattr("srgan_desktop.core.images.io.DEFAULT_MAX_PIXELS", 1000)
    refused = upscale(source)
    assert refused.code == 1
    assert "40 x 30" in refused.err
    assert "--allow-huge" in refused.err
    assert files_below(tmp_path) == {"large.png"}
    assert "--allow-huge" in upscale(source, "--dry-run").err
    assert upscale(source, "--allow-huge").code == 0
    assert files_below(tmp_path) == {"large.png", "large_4x.png"}


@pytest.mark.parametrize("name", ["missing.png", "missing/", "x" * 300 + ".png", "a.png/b.png"])
def test_a_missing_input_is_a_wrong_call(name: str, upscale: Cli, tmp_path: Path) -> None:
    save_photo(tmp_path / "a.png")
    result = upscale(tmp_path / name, "-o", tmp_path / "out")
    assert result.code == 2
    assert len(result.err.splitlines()) == 1
    assert name.strip("/") in result.err
    assert files_below(tmp_path) == {"a.png"}


def test_an_empty_folder_is_a_wrong_call(upscale: Cli, tmp_path: Path) -> None:
    (tmp_path / "photos" / "deeper").mkdir(parents=True)
    (tmp_path / "photos" / "notes.txt").write_text("no picture")
    result = upscale(tmp_path / "photos")
    assert result.code == 2
    assert "no pictures in" in result.err
    assert files_below(tmp_path) == {"photos/notes.txt"}


@pytest.mark.parametrize("arguments", [[""], ["a.png", "-o", ""]])
def test_an_empty_path_is_not_the_current_folder(
    arguments: list[str], upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a script gives it whose variable is not set."""
    monkeypatch.chdir(tmp_path)
    save_photo(tmp_path / "a.png")
    result = upscale(*arguments)
    assert result.code == 2
    assert "is empty" in result.err
    assert files_below(tmp_path) == {"a.png"}


def test_an_unreadable_folder_is_named(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_photo(tmp_path / "photos" / "a.png")
    locked = tmp_path / "photos" / "locked"
    locked.mkdir()
    scandir = os.scandir

    def refuse(path: object = ".") -> object:
        if str(path) == str(locked):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", refuse)
    result = upscale(tmp_path / "photos", "-o", tmp_path / "out")
    assert result.code == 2
    assert str(locked) in result.err
    assert "Permission denied" in result.err


def test_an_unreadable_file_is_named(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = save_photo(tmp_path / "locked.png")
    open_path = Path.open

    def refuse(path: Path, *arguments: object, **options: object) -> object:
        if path == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return open_path(path, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    result = upscale(locked)
    assert result.code == 1
    assert f"{locked}: no permission to read it" in result.err


def test_a_pipe_is_no_picture(upscale: Cli, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    result = upscale(tmp_path / "pipe.png")
    assert result.code == 1
    assert "not an ordinary file" in result.err


def test_a_dangling_link_fails_alone(upscale: Cli, tmp_path: Path) -> None:
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    good = save_photo(tmp_path / "good.png")
    result = upscale(tmp_path / "gone.png", good)
    assert result.code == 1
    assert "gone.png: the file does not exist" in result.err
    assert (tmp_path / "good_4x.png").is_file()


def test_a_picture_that_is_no_longer_there_fails_alone(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = save_photo(tmp_path / "a.png"), save_photo(tmp_path / "b.png")
    write = jobs.write_image

    def write_and_remove(*arguments: object) -> object:
        second.unlink()
        return write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "write_image", write_and_remove)
    result = upscale(first, second)
    assert result.code == 1
    assert "b.png: the file does not exist" in result.err
    assert "1 done, 1 failed, 0 skipped" in result.out


def test_one_bad_file_does_not_stop_the_rest(upscale: Cli, tmp_path: Path) -> None:
    for name in ("a.png", "c.png", "e.png"):
        save_photo(tmp_path / "in" / name)
    (tmp_path / "in" / "b.png").write_bytes(half(encoded("PNG")))
    (tmp_path / "in" / "d.jpg").write_bytes(b"")
    result = upscale(tmp_path / "in", "-o", tmp_path / "out")
    assert result.code == 1
    assert "3 done, 2 failed, 0 skipped" in result.out
    assert files_below(tmp_path / "out") == {"a_4x.png", "c_4x.png", "e_4x.png"}


def test_a_fault_of_the_program_stops_one_file_only(
    upscale: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, second = save_photo(tmp_path / "a.png"), save_photo(tmp_path / "b.png")
    read = jobs.read_image

    def fail(path: Path, **options: object) -> object:
        if path == first:
            raise ZeroDivisionError("oops")
        return read(path, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "read_image", fail)
    with pytest.raises(AssertionError, match="should not have happened"):
        upscale(first, second)
    assert files_below(tmp_path) == {"a.png", "b.png", "b_4x.png"}


def test_pixels_are_those_of_the_network(upscale: Cli, model: Path, tmp_path: Path) -> None:
    """So that the tests above are about a program that does something."""
    import torch

    from srgan_desktop.core.weights.model_file import load_model

    source = save_photo(tmp_path / "a.png")
    assert upscale(source, "--precision", "fp32").code == 0
    network, _ = load_model(model)
    x = torch.from_numpy(draw()).permute(2, 0, 1)[None] / 255
    expected = (network(x)[0].clamp(0, 1) * 255).round().permute(1, 2, 0).numpy()
    with Image.open(tmp_path / "a_4x.png") as result:
        difference = np.abs(np.asarray(result).astype(int) - expected.astype(int))
    assert difference.max() <= 1
