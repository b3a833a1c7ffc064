"""Many files: what is taken, where results go, what happens to what is there already."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli_helpers import Cli, files_below, kept_in_cache, save_photo, save_tiny_model
from PIL import Image

from srgan_desktop.core.base import app_paths as places


def test_existing_results_are_renamed_skipped_or_overwritten(upscale: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png")
    taken = tmp_path / "a_4x.png"
    taken.write_bytes(b"precious")
    assert upscale(source).code == 0
    assert files_below(tmp_path) == {"a.png", "a_4x.png", "a_4x (1).png"}
    assert taken.read_bytes() == b"precious"
    skipped = upscale(source, "--existing", "skip")
    assert skipped.code == 0
    assert f"skipped, {taken} exists" in skipped.out
    assert taken.read_bytes() == b"precious"
    assert upscale(source, "--existing", "overwrite").code == 0
    with Image.open(taken) as result:
        assert result.size == (96, 64)
    assert files_below(tmp_path) == {"a.png", "a_4x.png", "a_4x (1).png"}


def test_a_failed_overwrite_leaves_the_old_file(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, taken = save_photo(tmp_path / "a.png"), tmp_path / "a_4x.png"
    taken.write_bytes(b"precious")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = upscale(source, "--existing", "overwrite")
    assert result.code == 1
    assert "the disk is full" in result.err
    assert taken.read_bytes() == b"precious"
    assert files_below(tmp_path) == {"a.png", "a_4x.png"}


def test_the_source_is_never_overwritten(upscale: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png")
    before = source.read_bytes()
    for arguments in (["--name", "{stem}"], ["-o", source], ["-o", tmp_path / "." / "a.png"]):
        result = upscale(source, *arguments, "--existing", "overwrite")
        assert result.code == 1
        assert "is itself one of the sources" in result.err
    linked = tmp_path / "link.png"
    linked.symlink_to(source)
    assert upscale(source, "-o", linked, "--existing", "overwrite").code == 1
    assert source.read_bytes() == before
    assert files_below(tmp_path) == {"a.png", "link.png"}


def test_a_source_still_to_come_is_not_overwritten(upscale: Cli, tmp_path: Path) -> None:
    first, second = save_photo(tmp_path / "a.png"), save_photo(tmp_path / "a_4x.png", 9, 9)
    before = second.read_bytes()
    result = upscale(first, second, "--existing", "overwrite")
    assert result.code == 1
    assert "1 done, 1 failed" in result.out
    assert second.read_bytes() == before
    assert files_below(tmp_path) == {"a.png", "a_4x.png", "a_4x_4x.png"}


@pytest.mark.parametrize("existing", ["overwrite", "skip"])
def test_two_results_of_one_name_do_not_swallow_each_other(
    existing: str, upscale: Cli, tmp_path: Path
) -> None:
    first, second = save_photo(tmp_path / "x" / "a.png"), save_photo(tmp_path / "y" / "a.png", 9, 9)
    result = upscale(first, second, "-o", tmp_path / "out", "--existing", existing)
    assert result.code == 1
    assert str(second) in result.err
    assert "the same name as another result" in result.err
    with Image.open(tmp_path / "out" / "a_4x.png") as kept:
        assert kept.size == (96, 64)


def test_two_results_of_one_name_are_numbered_by_default(upscale: Cli, tmp_path: Path) -> None:
    first, second = save_photo(tmp_path / "a.png"), save_photo(tmp_path / "a.jpg")
    out = tmp_path / "out"
    assert upscale(first, second, "-o", out, "--format", "png").code == 0
    assert files_below(out) == {"a_4x.png", "a_4x (1).png"}


def test_folders_keep_their_tree_and_hidden_files_stay_out(upscale: Cli, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    for name in ("a.png", "deep/er/b.jpg", "deep/C.JPEG", ".hidden.png", ".git/c.png", "._a.png"):
        save_photo(photos / name)
    (photos / "notes.txt").write_text("no picture")
    assert upscale(photos, "-o", tmp_path / "out").code == 0
    assert files_below(tmp_path / "out") == {"a_4x.png", "deep/er/b_4x.jpg", "deep/C_4x.JPEG"}


def test_an_output_folder_within_the_input_is_not_a_source(upscale: Cli, tmp_path: Path) -> None:
    save_photo(tmp_path / "in" / "a.png")
    out = tmp_path / "in" / "enlarged"
    for _ in range(2):
        assert upscale(tmp_path / "in", "-o", out, "--existing", "skip").code == 0
    assert files_below(tmp_path) == {"in/a.png", "in/enlarged/a_4x.png"}


def test_an_output_folder_around_the_input_leaves_nothing_out(upscale: Cli, tmp_path: Path) -> None:
    save_photo(tmp_path / "out" / "in" / "a.png")
    assert upscale(tmp_path / "out" / "in", "-o", tmp_path / "out").code == 0
    assert files_below(tmp_path) == {"out/in/a.png", "out/a_4x.png"}


def test_results_beside_their_sources_are_not_enlarged_again(upscale: Cli, tmp_path: Path) -> None:
    for name in ("a.png", "b.jpg", "deep/c.png", "d_4x.png"):
        save_photo(tmp_path / name)
    once = {"a.png", "b.jpg", "deep/c.png", "d_4x.png"}
    results = {"a_4x.png", "b_4x.jpg", "deep/c_4x.png", "d_4x_4x.png"}
    assert upscale(tmp_path).code == 0
    assert files_below(tmp_path) == once | results
    again = upscale(tmp_path, "--existing", "skip")
    assert again.code == 0
    assert "0 done, 0 failed, 4 skipped" in again.out
    assert "4 results of earlier runs" in again.err
    assert files_below(tmp_path) == once | results
    # asked for by name it is enlarged
    assert upscale(tmp_path / "a_4x.png").code == 0
    assert (tmp_path / "a_4x_4x.png").is_file()


def test_inputs_given_twice_are_taken_once(
    upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = save_photo(tmp_path / "in" / "a.png")
    monkeypatch.chdir(tmp_path)
    dotted = tmp_path / "in" / ".." / "in" / "a.png"
    assert upscale(source, "in/a.png", dotted, "in", tmp_path / "in", "-o", "out").code == 0
    assert files_below(tmp_path / "out") == {"a_4x.png"}


NAMES = [
    "with space.png",
    "照片.png",
    "naïve é.png",
    "😀.png",
    "e\u0301.png",
    "-leading.png",
    "a'b\"c.png",
    "per%cent {brace}.png",
    "two\nlines.png",
    "dots.in.name.png",
    "UPPER.PNG",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_all_kinds(
    name: str, upscale: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save_photo(tmp_path / name, format="PNG")
    assert upscale("--", name).code == 0
    stem, dot, suffix = name.rpartition(".")
    assert files_below(tmp_path) == {name, f"{stem}_4x{dot}{suffix}"}


def test_a_name_that_is_no_text(upscale: Cli, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    save_photo(tmp_path / name)
    result = upscale(tmp_path / name, "--json")
    assert result.code == 0
    assert result.events[-2]["target"] == str(tmp_path / os.fsdecode(b"caf\xe9_4x.png"))
    assert "\\udce9" in upscale(tmp_path / name).out


def test_a_long_name(upscale: Cli, tmp_path: Path) -> None:
    long = save_photo(tmp_path / ("x" * 246 + ".png"))
    assert upscale(long).code == 0
    assert upscale(long).code == 0  # numbered, its stem cut
    assert {len(name) for name in files_below(tmp_path)} == {250, 253, 255}
    too_long = save_photo(tmp_path / ("y" * 251 + ".png"))
    result = upscale(too_long)
    assert result.code == 1
    assert "the name is too long" in result.err


def test_names_from_a_template(upscale: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png")
    template = "{stem} {scale} {width:06}x{height} {model} {{}}"
    assert upscale(source, "--name", template, "--scale", 2.5).code == 0
    assert (tmp_path / "a 2.5 000060x40 tiny {}.png").is_file()


def test_a_models_own_name_cannot_lead_elsewhere(upscale: Cli, tmp_path: Path) -> None:
    evil = save_tiny_model(tmp_path / "m.safetensors", name="../../evil\x1b\n")
    source = save_photo(tmp_path / "in" / "deep" / "a.png")
    assert upscale(source, "--model", evil, "--name", "{stem}-{model}").code == 0
    assert files_below(tmp_path / "in" / "deep") == {"a.png", "a-.._.._evil__.png"}


def test_files_without_a_pictures_ending_keep_all_of_their_name(
    upscale: Cli, tmp_path: Path
) -> None:
    for name in ("scan.1", "scan.2", "noending"):
        save_photo(tmp_path / name, format="JPEG")
    paths = sorted(tmp_path.iterdir())
    assert upscale(*paths, "-o", tmp_path / "out").code == 0
    assert files_below(tmp_path / "out") == {"scan.1_4x.jpg", "scan.2_4x.jpg", "noending_4x.jpg"}


@pytest.mark.parametrize("out", ["v1.5/", "new.folder/deeper/", "plain"])
def test_an_output_folder_is_made(out: str, upscale: Cli, tmp_path: Path) -> None:
    """A separator at the end says that it is one, even with a dot in its name."""
    source = save_photo(tmp_path / "a.png")
    assert upscale(source, "-o", f"{tmp_path}/{out}").code == 0
    assert (tmp_path / out / "a_4x.png").is_file()


def test_an_output_file_chooses_the_format(upscale: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png")
    assert upscale(source, "-o", tmp_path / "new" / "b.JPG", "--quality", 80).code == 0
    with Image.open(tmp_path / "new" / "b.JPG") as result:
        assert result.format == "JPEG"
        assert result.size == (96, 64)


def test_no_file_in_the_cache_outlives_a_run(upscale: Cli, tmp_path: Path) -> None:
    assert upscale(save_photo(tmp_path / "a.png")).code == 0
    assert kept_in_cache(places.cache_folder()) == {"speeds.json"}
