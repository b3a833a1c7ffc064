"""The teacher at work: it answers in a thread of its own while the run already learns from it."""

from __future__ import annotations

import dataclasses
import math
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from srgan_desktop.core.base.errors import (
    NoSpaceError,
    SrganDesktopError,
    TrainingError,
    UsageError,
)
from srgan_desktop.core.base.paths import is_file, is_there
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.engine.engine import open_engine
from srgan_desktop.core.upscaling.upscale import enlarge_with
from srgan_desktop.core.weights.catalogue import find_model
from srgan_desktop.core.weights.third_party.facts import sha256_of
from srgan_desktop.core.weights.third_party.open_model import card_of
from trainer.config.run_config import RunConfig
from trainer.data.degradations.packing import packed_pixels
from trainer.data.distillation import TeacherInputs, questions, taught
from trainer.data.loading import TrainingData
from trainer.data.teacher_outputs import SHARD, TeacherOutputs, TeacherOutputShape
from trainer.run.events import Asking, Event, Warned
from trainer.run.inputs import RunInputs

# uint8 (h, w, colours) to uint8 (h * scale, w * scale, colours)
Answer = Callable[[np.ndarray], np.ndarray]

_LOOK_S = 2.0
_SPARE_BYTES = 256 * 2**20
_TRIAL_ANSWERS = 3


def check_teacher(config: RunConfig, inputs: RunInputs) -> None:
    """Find out before anything is done whether this teacher can teach this run.

    Raises:
        UsageError: no such model, one of another scale, or the very model that is trained.
        ModelFileError: it cannot be read.
    """
    if not config.teacher.wanted:
        return
    path = find_model(config.teacher.model)
    scale = card_of(path).config.scale
    if scale != config.generator.scale:
        raise UsageError(
            tr(
                "the teacher {name} enlarges {theirs} times and the run's network {ours} times: "
                "choose a teacher or a preset of the same factor",
                name=config.teacher.model,
                theirs=scale,
                ours=config.generator.scale,
            )
        )
    # the model of a first stage that is still to come is no file yet
    begins_with = inputs.init if inputs.init is not None and is_file(inputs.init) else None
    knows_more = config.teacher.ensemble
    if begins_with is not None and not knows_more and sha256_of(path) == sha256_of(begins_with):
        raise UsageError(
            tr(
                "{path}: is the teacher and the model to begin with: it can teach itself nothing; "
                "choose another --teacher or --init, or --set teacher.ensemble=true",
                path=begins_with,
            )
        )


def check_answers(config: RunConfig, run: Path, data: TrainingData) -> None:
    """Find out whether these photos can be asked about, and whether there is room for the answers.

    Raises:
        DatasetError: the photos are too small.
        NoSpaceError: the disk is too full.
    """
    if not config.teacher.wanted:
        return
    asked, folder = _questions(config, run, data)
    kept = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    wanted = answer_shape(config, asked.side).bytes - kept
    free = shutil.disk_usage(next(p for p in folder.absolute().parents if is_there(p))).free
    if free < wanted + _SPARE_BYTES:
        raise NoSpaceError(
            tr(
                "{folder}: the teacher's answers take {wanted} MB and {free} MB are free; make "
                "room, or ask less with --set teacher.answers={fewer}",
                folder=folder,
                wanted=wanted // 10**6,
                free=free // 10**6,
                fewer=max(SHARD, config.teacher.answers // 4),
            )
        )


def answers_folder(config: RunConfig, run: Path) -> Path:
    """Where the answers of all teachers of a run lie, in a folder each."""
    return Path(config.teacher.folder) if config.teacher.folder else run / "teacher"


def _questions(config: RunConfig, run: Path, data: TrainingData) -> tuple[TeacherInputs, Path]:
    """What is asked, and the folder of the answers to it."""
    asked = questions(config, data.photos, data.real)
    digest = sha256_of(find_model(config.teacher.model))
    return asked, answers_folder(config, run) / asked.key(digest)


def answer_shape(config: RunConfig, side: int) -> TeacherOutputShape:
    """As many answers as are wanted and memory holds."""
    one = TeacherOutputShape(1, side, config.generator.scale, config.generator.colours)
    most = int(config.data.memory_gib * 2**30) // one.bytes
    count = max(1, min(config.teacher.answers, most) // SHARD) * SHARD
    return TeacherOutputShape(count, side, one.scale, one.colours)


class Teacher:
    """Answers ``questions`` into ``answers`` until all are there or it is closed."""

    def __init__(
        self, asked: TeacherInputs, answers: TeacherOutputs, answer: Callable[[], Answer]
    ) -> None:
        """``answer`` opens the teacher; it is called in the thread, and only if need be."""
        self.answers = answers
        self._asked, self._answer = asked, answer
        self._error: Exception | None = None
        self._closed = threading.Event()
        self._more = threading.Event()
        self._reported = 0
        self._began, self._before = time.monotonic(), answers.available
        self._thread = threading.Thread(target=self._work, name="teacher", daemon=True)
        self._thread.start()

    def first_answers(self, wanted: int, stop: Callable[[], bool]) -> Iterator[Asking]:
        """Wait until there are so many answers, telling how far it is.

        Raises:
            SrganDesktopError: the teacher cannot answer.
        """
        while self.answers.available < wanted:
            if self._error is not None:
                raise self._as_error(self._error) from self._error
            if stop():
                return
            yield self._progress()
            self._more.wait(_LOOK_S)
            self._more.clear()

    def news(self) -> Iterator[Event]:
        """What has happened since this was last asked: more answers, or that there are no more.

        Raises:
            SrganDesktopError: there will be none at all.
        """
        if self.answers.available != self._reported:
            self._reported = self.answers.available
            yield self._progress()
        error, self._error = self._error, None
        if error is not None and not self.answers.available:
            raise self._as_error(error) from error
        if error is not None:
            yield Warned(
                tr(
                    "the teacher stopped after {n} answers, which the run goes on with: {error}",
                    n=self.answers.available,
                    error=error,
                )
            )

    def close(self) -> None:
        """End after the answer that is being given."""
        self._closed.set()
        self._thread.join()

    def wanted_first(self, config: RunConfig) -> int:
        """Answers that must be there before the first step."""
        if not config.teacher.background:
            return self.answers.shape.count
        # without a photo in the batch there is nothing else to learn from
        return SHARD if config.teacher.weight == 1 else 0

    def _progress(self) -> Asking:
        done, total = self.answers.available, self.answers.shape.count
        made = done - self._before
        seconds = time.monotonic() - self._began
        left = seconds / made * (total - done) if made else math.nan
        return Asking(done, total, left)

    def _work(self) -> None:
        try:
            if self.answers.complete:
                return
            answer = self._answer()
            while not self.answers.complete:
                pairs = []
                for small in self._asked.shard(self.answers.shards):
                    if self._closed.is_set():
                        return
                    pairs.append(_pair(small, answer))
                self.answers.add(_stacked(pairs))
                self._more.set()
        except Exception as error:  # told in the thread that trains
            self._error = error
            self._more.set()

    @staticmethod
    def _as_error(error: Exception) -> SrganDesktopError:
        if isinstance(error, SrganDesktopError):
            return error
        return TrainingError(tr("the teacher failed: {error}", error=error))


def _pair(small: Tensor, answer: Answer) -> np.ndarray:
    """A question (C, h, w) and its answer, packed."""
    pixels = np.ascontiguousarray(small.permute(1, 2, 0).numpy())
    return packed_pixels(answer(pixels), pixels)


def _stacked(pairs: list[np.ndarray]) -> Tensor:
    return torch.from_numpy(np.stack(pairs))


def open_teacher(
    config: RunConfig, inputs: RunInputs, run: Path, data: TrainingData
) -> tuple[Teacher, TrainingData]:
    """A teacher that has begun to answer, and the data with its answers.

    Raises:
        SrganDesktopError: it cannot be asked.
    """
    path = find_model(config.teacher.model)
    asked, folder = _questions(config, run, data)
    answers = TeacherOutputs(folder, answer_shape(config, asked.side))
    teacher = Teacher(asked, answers, lambda: _answering(path, inputs.device, config))
    photos = taught(data.photos, answers)
    return teacher, dataclasses.replace(data, photos=photos, real=None)


def _answering(path: Path, device: str, config: RunConfig) -> Answer:
    # a card without room for the teacher has none for the training either
    engine = open_engine(path, device, threads=config.threads, or_processor=False)
    return enlarge_with(engine, tta=config.teacher.ensemble)


def seconds_to_answer(config: RunConfig, asked: TeacherInputs, device: str) -> float:
    """How long the teacher takes for all that a run asks, by trying a few."""
    answer = _answering(find_model(config.teacher.model), device, config)
    small = asked.shard(0)
    _pair(small[0], answer)
    began = time.perf_counter()
    for crop in small[1 : 1 + _TRIAL_ANSWERS]:
        _pair(crop, answer)
    each = (time.perf_counter() - began) / _TRIAL_ANSWERS
    return each * answer_shape(config, asked.side).count
