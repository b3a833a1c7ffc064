"""Blind rating of methods, as in section 3.4 of the SRGAN paper: mean opinion scores from 1 to 5.

A study is a folder: ``study.json`` says what is rated, pictures lie beside it as PNG files, and
``ratings.jsonl`` gets one line for each rating, on the disk before the next is asked for.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import FileError, UsageError
from srgan_desktop.core.base.translation import tr

LEAST, MOST = 1, 5
STUDY, RATINGS = "study.json", "ratings.jsonl"
# 97.5 % quantiles of Student's t by degrees of freedom; between them 1 / df is interpolated
_T = {
    1: 12.7062,
    2: 4.3027,
    3: 3.1824,
    4: 2.7764,
    5: 2.5706,
    6: 2.4469,
    7: 2.3646,
    8: 2.3060,
    9: 2.2622,
    10: 2.2281,
    11: 2.2010,
    12: 2.1788,
    13: 2.1604,
    14: 2.1448,
    15: 2.1314,
    16: 2.1199,
    17: 2.1098,
    18: 2.1009,
    19: 2.0930,
    20: 2.0860,
    25: 2.0595,
    30: 2.0423,
    40: 2.0211,
    60: 2.0003,
    120: 1.9799,
}
_NORMAL = 1.95996


@dataclass(frozen=True)
class Trial:
    """One picture as one method made it: what is rated at a time."""

    picture: str
    method: str


@dataclass(frozen=True)
class Rating:
    """A rater's opinion, 1 (bad) to 5 (excellent), and when it was given (seconds since 1970)."""

    picture: str
    method: str
    rater: str
    score: int
    when: float


@dataclass(frozen=True)
class Opinion:
    """Of one method: the mean of ``count`` ratings and its 95 % confidence interval.

    The interval is nan where fewer than two ratings say nothing about it.
    """

    method: str
    count: int
    raters: int
    mean: float
    low: float
    high: float


class Study:
    """What is rated, by whom, and what they said."""

    def __init__(
        self,
        folder: Path,
        title: str,
        pictures: Sequence[str],
        methods: Sequence[str],
        titles: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.title = title
        self.pictures = tuple(pictures)
        self.methods = tuple(methods)
        self.titles = dict(titles or {})

    def file_of(self, trial: Trial) -> Path:
        """Where its picture lies; the name tells a curious rater nothing."""
        key = hashlib.sha256(f"{trial.picture}\n{trial.method}".encode()).hexdigest()
        return self.folder / f"{key[:16]}.png"

    def save(self) -> None:
        """Write ``study.json``, whole or not at all; makes the folder.

        Raises:
            FileError: it cannot be written.
        """
        record = {
            "title": self.title,
            "pictures": self.pictures,
            "methods": self.methods,
            "titles": self.titles,
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with atomic.replace_file(self.folder / STUDY) as new:
                new.file.write(json.dumps(record, ensure_ascii=False, indent=1).encode())
        except OSError as error:
            raise FileError(self.folder / STUDY, atomic.explain(error)) from error

    def trials_of(self, rater: str) -> list[Trial]:
        """All trials in an order of the rater's own, the same each time, as far apart as chance.

        Raises:
            UsageError: a rater without a name.
        """
        if not rater.strip():
            raise UsageError(tr("a rater needs a name"))
        trials = [Trial(picture, method) for picture in self.pictures for method in self.methods]
        seed = hashlib.sha256(f"{self.folder.name}\n{rater.strip()}".encode()).digest()
        random.Random(seed).shuffle(trials)
        return trials

    def open_trials(self, rater: str) -> list[Trial]:
        """Those that the rater has not rated yet, in the order of ``trials_of``."""
        done = {
            (rating.picture, rating.method)
            for rating in self.ratings()
            if rating.rater == rater.strip()
        }
        return [t for t in self.trials_of(rater) if (t.picture, t.method) not in done]

    def rate(self, trial: Trial, rater: str, score: int) -> Rating:
        """Add an opinion; on the disk when this returns. The last one on a trial counts.

        Raises:
            UsageError: the score is none from 1 to 5, or the trial is not of this study.
            FileError: it cannot be written.
        """
        if type(score) is not int or not LEAST <= score <= MOST:
            raise UsageError(tr("a rating is from 1 to 5, not {value}", value=score))
        if trial.picture not in self.pictures or trial.method not in self.methods:
            raise UsageError(tr("this picture is not part of the study"))
        rating = Rating(trial.picture, trial.method, rater.strip(), score, time.time())
        line = json.dumps(asdict(rating), ensure_ascii=False) + "\n"
        path = self.folder / RATINGS
        try:
            with path.open("ab") as file:
                # a line that a crash has cut must not swallow this one
                torn = file.tell() > 0 and not _ends_with_newline(path)
                file.write((("\n" if torn else "") + line).encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise FileError(path, atomic.explain(error)) from error
        return rating

    def ratings(self) -> list[Rating]:
        """All opinions that count: each rater's last one on each trial, in the order given.

        Lines that a crash has left half written are passed over.

        Raises:
            FileError: the file is there and cannot be read.
        """
        path = self.folder / RATINGS
        try:
            lines = path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            reason = error.strerror or error
            raise FileError(path, tr("cannot be read: {reason}", reason=reason)) from error
        last: dict[tuple[str, str, str], Rating] = {}
        for rating in filter(None, map(_rating_of, lines)):
            key = (rating.picture, rating.method, rating.rater)
            last.pop(key, None)
            if rating.picture in self.pictures and rating.method in self.methods:
                last[key] = rating
        return list(last.values())

    def raters(self) -> list[str]:
        """Who has rated, in the order of their first opinions."""
        return list(dict.fromkeys(rating.rater for rating in self.ratings()))


def open_study(folder: Path) -> Study:
    """The study in a folder.

    Raises:
        FileError: there is none, or it is damaged.
    """
    path = folder / STUDY
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        titles = {str(key): str(value) for key, value in dict(record.get("titles", {})).items()}
        return Study(
            folder,
            str(record["title"]),
            [str(name) for name in record["pictures"]],
            [str(name) for name in record["methods"]],
            titles,
        )
    except OSError as error:
        reason = error.strerror or error
        raise FileError(path, tr("cannot be read: {reason}", reason=reason)) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileError(path, tr("is damaged and no study")) from error


def list_studies(folder: Path) -> list[Study]:
    """Those below a folder, the newest first; what is none is passed over."""
    found = []
    if folder.is_dir():
        for path in sorted(folder.iterdir(), reverse=True):
            if path.name.startswith("."):
                continue  # one that was never finished
            try:
                found.append(open_study(path))
            except FileError:
                continue
    return found


def opinions(study: Study, ratings: Sequence[Rating] | None = None) -> list[Opinion]:
    """Each method's mean opinion score, in the study's order; nan where nobody has rated it."""
    ratings = study.ratings() if ratings is None else ratings
    return [
        _opinion(m, [rating for rating in ratings if rating.method == m]) for m in study.methods
    ]


def mean_interval(scores: Sequence[float]) -> tuple[float, float, float]:
    """Mean and 95 % confidence interval by Student's t; cut to 1..5, nan where unknown."""
    count = len(scores)
    if not count:
        return math.nan, math.nan, math.nan
    mean = sum(scores) / count
    if count < 2:
        return mean, math.nan, math.nan
    variance = sum((score - mean) ** 2 for score in scores) / (count - 1)
    reach = t_quantile(count - 1) * math.sqrt(variance / count)
    return mean, max(float(LEAST), mean - reach), min(float(MOST), mean + reach)


def t_quantile(df: int) -> float:
    """The 97.5 % quantile of Student's t for ``df`` >= 1 degrees of freedom, to 0.001."""
    if df in _T:
        return _T[df]
    below = max(known for known in _T if known < df)
    above = min((known for known in _T if known > df), default=None)
    upper, value = (0.0, _NORMAL) if above is None else (1 / above, _T[above])
    share = (1 / below - 1 / df) / (1 / below - upper)
    return _T[below] + share * (value - _T[below])


def opinions_csv(study: Study) -> str:
    """The results as CSV: method, count, raters, mean and interval."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["method", "title", "ratings", "raters", "mean", "ci95_low", "ci95_high"])
    for record in opinions(study):
        figures = [_figure(value) for value in (record.mean, record.low, record.high)]
        title = study.titles.get(record.method, record.method)
        writer.writerow(
            [_plain(record.method), _plain(title), record.count, record.raters, *figures]
        )
    return out.getvalue()


def ratings_csv(study: Study) -> str:
    """Every opinion that counts as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["picture", "method", "rater", "score", "unix_time"])
    for rating in study.ratings():
        names = [_plain(text) for text in (rating.picture, rating.method, rating.rater)]
        writer.writerow([*names, rating.score, f"{rating.when:.0f}"])
    return out.getvalue()


def _opinion(method: str, ratings: Sequence[Rating]) -> Opinion:
    mean, low, high = mean_interval([rating.score for rating in ratings])
    raters = len({rating.rater for rating in ratings})
    return Opinion(method, len(ratings), raters, mean, low, high)


def _rating_of(line: bytes) -> Rating | None:
    try:
        record = json.loads(line)
        score = record["score"]
        if type(score) is not int or not LEAST <= score <= MOST:
            return None
        return Rating(
            str(record["picture"]),
            str(record["method"]),
            str(record["rater"]),
            score,
            float(record["when"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _figure(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.4f}"


def _plain(text: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
