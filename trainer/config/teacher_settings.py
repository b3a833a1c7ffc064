"""A larger model whose answers a run learns from: the ``[teacher]`` section of a config."""

from __future__ import annotations

from dataclasses import dataclass

from trainer.config.setting import between, setting


@dataclass(frozen=True)
class TeacherConfig:
    """Which model is asked, about what, and how much its answers count."""

    model: str = setting(
        "", "a larger model to learn from, by name or file (--teacher); empty: none"
    )
    weight: float = setting(
        0.5,
        "part of each batch that is compared with the teacher's answers, 0..1; the rest is "
        "compared with the photos themselves",
    )
    answers: int = setting(
        2000, "crops that the teacher is asked about at most; they are flipped, turned and cut anew"
    )
    crop: int = setting(64, "side of these crops before enlarging, in pixels")
    ensemble: bool = setting(
        False,
        "answer with the mean over the eight flips and rotations, which takes eight times as long; "
        "so a model may even teach itself",
    )
    real_part: float = setting(
        0.5, "part of them cut from the photos of --real as they are, where that is given, 0..1"
    )
    background: bool = setting(
        True,
        "begin to train at once, answers count as they come (with weight 1 from the first); false: "
        "all answers first, and a run that was stopped ends with the very weights of one that was "
        "not",
    )
    folder: str = setting("", "where answers are kept for other runs; empty: in the run's folder")

    def __post_init__(self) -> None:
        between("teacher.weight", self.weight, 0.01, 1)
        between("teacher.answers", self.answers, 1, 10**6)
        between("teacher.crop", self.crop, 8, 1024)
        between("teacher.real_part", self.real_part, 0, 1)

    @property
    def wanted(self) -> bool:
        """Whether there is a teacher at all."""
        return bool(self.model)
