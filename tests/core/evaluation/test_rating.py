"""Blind rating: shuffled for each rater, never lost, and counted rightly."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srgan_desktop.core.base.errors import FileError, UsageError
from srgan_desktop.core.evaluation.rating import (
    RATINGS,
    STUDY,
    Study,
    Trial,
    list_studies,
    mean_interval,
    open_study,
    opinions,
    opinions_csv,
    ratings_csv,
    t_quantile,
)

PICTURES = ["狗.png", "cat.png", "bird.png"]
METHODS = ["nearest", "bicubic", "srgan", "original"]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = Study(tmp_path / "study", "A study", PICTURES, METHODS, {"srgan": "SRGAN x4"})
    made.save()
    return made


def test_a_study_comes_back(study: Study, tmp_path: Path) -> None:
    again = open_study(study.folder)
    assert (again.title, again.pictures, again.methods, again.titles) == (
        "A study",
        tuple(PICTURES),
        tuple(METHODS),
        {"srgan": "SRGAN x4"},
    )
    (tmp_path / "other").mkdir()
    (tmp_path / "notes.txt").write_text("no study")
    assert [found.folder for found in list_studies(tmp_path)] == [study.folder]
    assert list_studies(tmp_path / "missing") == []


def test_a_damaged_study_is_said(study: Study, tmp_path: Path) -> None:
    (study.folder / STUDY).write_text('{"title": 1')
    with pytest.raises(FileError, match="damaged"):
        open_study(study.folder)
    with pytest.raises(FileError, match="cannot be read"):
        open_study(tmp_path / "missing")


def test_each_rater_has_an_order_of_their_own(study: Study) -> None:
    ada, bo = study.trials_of("Ada"), study.trials_of("Bo")
    assert ada == study.trials_of(" Ada ")
    assert ada != bo
    whole = {Trial(picture, method) for picture in PICTURES for method in METHODS}
    assert set(ada) == set(bo) == whole
    assert len(ada) == len(whole)
    files = {study.file_of(trial).name for trial in ada}
    assert len(files) == len(whole)
    assert not any(method in name for name in files for method in METHODS)
    with pytest.raises(UsageError, match="needs a name"):
        study.trials_of("  ")


def test_rating_goes_on_where_it_was_left(study: Study) -> None:
    order = study.trials_of("Ada")
    for trial in order[:5]:
        study.rate(trial, "Ada", 3)
    again = open_study(study.folder)
    assert again.open_trials("Ada") == order[5:]
    assert again.open_trials("Bo") == study.trials_of("Bo")
    assert again.raters() == ["Ada"]


def test_a_second_thought_counts(study: Study) -> None:
    trial = Trial("cat.png", "srgan")
    study.rate(trial, "Ada", 2)
    study.rate(trial, "Ada", 5)
    study.rate(trial, "Bo", 4)
    assert [(rating.rater, rating.score) for rating in study.ratings()] == [("Ada", 5), ("Bo", 4)]


@pytest.mark.parametrize("score", [0, 6, 2.5, True, "3"])
def test_only_whole_numbers_from_1_to_5(study: Study, score: object) -> None:
    with pytest.raises(UsageError, match="from 1 to 5"):
        study.rate(Trial("cat.png", "srgan"), "Ada", score)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="not part"):
        study.rate(Trial("cat.png", "magic"), "Ada", 3)
    assert study.ratings() == []


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_crash_while_writing_costs_one_rating_at_most(study: Study, cut: int) -> None:
    for picture, score in zip(PICTURES, (1, 2, 3), strict=True):
        study.rate(Trial(picture, "srgan"), "Ada", score)
    path = study.folder / RATINGS
    path.write_bytes(path.read_bytes()[:-cut])
    assert [rating.score for rating in study.ratings()] == ([1, 2, 3] if cut == 1 else [1, 2])
    study.rate(Trial("cat.png", "nearest"), "Ada", 5)
    assert study.ratings()[-1].score == 5
    assert len(study.ratings()) == (4 if cut == 1 else 3)


def test_lines_of_other_hands_are_passed_over(study: Study) -> None:
    study.rate(Trial("cat.png", "srgan"), "Ada", 4)
    with (study.folder / RATINGS).open("ab") as file:
        file.write(b'{"score": 9}\n[]\nnull\n\xff\xfe\n{"picture": "x", "score": 3}\n')
    assert len(study.ratings()) == 1


def test_a_full_disk_is_said(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match="the disk is full"):
        study.rate(Trial("cat.png", "srgan"), "Ada", 3)


def test_the_interval_against_a_worked_example() -> None:
    # ten ratings: mean 3.7, standard deviation 0.949, t(9) = 2.262
    mean, low, high = mean_interval([2, 3, 3, 3, 4, 4, 4, 4, 5, 5])
    assert mean == pytest.approx(3.7)
    assert low == pytest.approx(3.7 - 2.2622 * 0.94868 / math.sqrt(10), abs=1e-3)
    assert high == pytest.approx(3.7 + 2.2622 * 0.94868 / math.sqrt(10), abs=1e-3)


@pytest.mark.parametrize(
    ("df", "value"),
    [
        (1, 12.706),
        (9, 2.262),
        (22, 2.0739),
        (35, 2.0301),
        (50, 2.0086),
        (100, 1.9840),
        (250, 1.9695),
        (1000, 1.9623),
        (100_000, 1.9600),
    ],
)
def test_quantiles_of_t_against_published_tables(df: int, value: float) -> None:
    assert t_quantile(df) == pytest.approx(value, abs=1e-3)


@given(st.lists(st.integers(1, 5), min_size=2, max_size=80))
def test_the_interval_holds_the_mean_and_stays_on_the_scale(scores: list[int]) -> None:
    mean, low, high = mean_interval(scores)
    assert 1 <= low <= mean + 1e-9
    assert mean - 1e-9 <= high <= 5


def test_few_ratings_say_nothing_about_the_interval() -> None:
    mean, low, high = mean_interval([4])
    assert mean == 4
    assert math.isnan(low)
    assert math.isnan(high)
    assert all(math.isnan(value) for value in mean_interval([]))


def test_results_and_tables(study: Study) -> None:
    for rater, scores in (("Ada", (1, 2, 4, 5)), ("Bo", (1, 3, 5, 5))):
        for method, score in zip(METHODS, scores, strict=True):
            for picture in PICTURES[:2]:
                study.rate(Trial(picture, method), rater, score)
    found = {told.method: told for told in opinions(study)}
    assert [told.method for told in opinions(study)] == METHODS
    assert (found["bicubic"].mean, found["bicubic"].count, found["bicubic"].raters) == (2.5, 4, 2)
    assert found["original"].low == found["original"].high == 5
    rows = list(csv.DictReader(io.StringIO(opinions_csv(study))))
    assert [row["method"] for row in rows] == METHODS
    assert rows[2]["title"] == "SRGAN x4"
    assert float(rows[2]["mean"]) == 4.5
    raw = list(csv.DictReader(io.StringIO(ratings_csv(study))))
    assert len(raw) == 16
    assert {row["rater"] for row in raw} == {"Ada", "Bo"}


def test_names_are_no_formulas(study: Study) -> None:
    study.rate(Trial("cat.png", "srgan"), '=HYPERLINK("http://x")', 3)
    assert "'=HYPERLINK" in ratings_csv(study)
    assert opinions_csv(study).count("\n") == 1 + len(METHODS)
