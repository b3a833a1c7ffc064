"""Which files are taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.jobs.sources import Source, collect_sources


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def names(sources: list[Source]) -> list[str]:
    return [source.path.name for source in sources]


def test_files_as_given_folders_in_order(tmp_path: Path) -> None:
    make(tmp_path, "in/b.png", "in/a.png", "in/sub/c.jpg", "z.png", "noending")
    found = collect_sources([tmp_path / "z.png", tmp_path / "in", tmp_path / "noending"])
    assert names(found) == ["z.png", "a.png", "b.png", "c.jpg", "noending"]
    assert [source.folder for source in found] == [Path(), Path(), Path(), Path("sub"), Path()]
    assert [source.named for source in found] == [True, False, False, False, True]


def test_an_input_that_is_an_iterator_is_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no pictures in .*empty"):
        collect_sources(path for path in [tmp_path / "empty"] if path.mkdir() is None)


def test_links_to_folders_make_no_circles(tmp_path: Path) -> None:
    make(tmp_path, "in/a.png")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    assert names(collect_sources([tmp_path / "in"])) == ["a.png"]


def test_two_links_to_one_file_stay_two(tmp_path: Path) -> None:
    make(tmp_path, "a.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "a.png")
    assert names(collect_sources([tmp_path / "a.png", tmp_path / "b.png"])) == ["a.png", "b.png"]


def test_the_output_folder_is_left_out_however_it_is_written(tmp_path: Path) -> None:
    make(tmp_path, "in/a.png", "in/out/a_4x.png", "in/out/deep/b.png", "in/outer/c.png")
    out = tmp_path / "in" / "outer" / ".." / "out"
    found = collect_sources([tmp_path / "in"], leave_out=out)
    assert names(found) == ["a.png", "c.png"]
    # given itself, it is meant
    assert names(collect_sources([out], leave_out=out)) == ["a_4x.png", "b.png"]
