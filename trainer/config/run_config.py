"""The whole of a training run as frozen dataclasses, read strictly from TOML.

Each field's ``help`` says what it does and in which unit; the command line and the training page
show it. An unknown key is an error that names the nearest known one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.dasr import DasrConfig
from srgan_desktop.core.networks.network import NetworkConfig
from srgan_desktop.core.networks.srresnet import SRResNetConfig
from trainer.config.adaptive_settings import AdaptiveConfig
from trainer.config.cycle_settings import CycleConfig
from trainer.config.degradation_settings import DegradationConfig
from trainer.config.loss_settings import (
    AdversarialConfig,
    ContentConfig,
    DiscriminatorConfig,
    LossConfig,
)
from trainer.config.rollback_settings import RollbackConfig
from trainer.config.setting import below_one, between, positive, setting
from trainer.config.teacher_settings import TeacherConfig


@dataclass(frozen=True)
class DataConfig:
    """Which crops the network sees."""

    crop: int = setting(96, "side of the square HR crops, in pixels; a multiple of the scale")
    margin: bool = setting(
        True,
        "cut crops from larger pieces, so that LR edges know their neighbours; without it edges "
        "are mirrored, and pictures may be as small as the crop",
    )
    augment: bool = setting(True, "flip and rotate crops at random (8 ways)")
    memory_gib: float = setting(4.0, "memory for decoded pictures, in GiB; the rest is left out")

    def __post_init__(self) -> None:
        between("data.crop", self.crop, 8, 4096)
        between("data.memory_gib", self.memory_gib, 0.001, 65536)


@dataclass(frozen=True)
class OptimiserConfig:
    """Adam, or Muon for the kernels of convs and Adam for the rest."""

    kind: Literal["adam", "muon"] = setting(
        "adam",
        "adam; or muon: the kernels of convs move along orthogonal directions, the rest by Adam",
    )
    learning_rate: float = setting(2e-4, "peak learning rate")
    beta1: float = setting(0.9, "decay of the mean of the gradients")
    beta2: float = setting(0.99, "decay of the mean of their squares")
    momentum: float = setting(0.95, "muon: decay of the mean of the gradients")
    clip_norm: float = setting(0.0, "clip gradients to this norm; 0 = off")

    def __post_init__(self) -> None:
        positive("optimiser.learning_rate", self.learning_rate)
        between("optimiser.learning_rate", self.learning_rate, 0, 1)
        below_one("optimiser.beta1", self.beta1)
        below_one("optimiser.beta2", self.beta2)
        below_one("optimiser.momentum", self.momentum)
        between("optimiser.clip_norm", self.clip_norm, 0, 1e9)


@dataclass(frozen=True)
class ScheduleConfig:
    """How the learning rate moves over the run, by the part of it that is done."""

    kind: Literal["cosine", "step", "constant"] = setting("cosine", "shape of the decay")
    warmup_steps: int = setting(0, "steps over which the rate rises; at most a tenth of the run")
    final_factor: float = setting(0.0, "cosine: last rate as a part of the peak")
    drops: tuple[float, ...] = setting((), "step: parts of the run (0..1) at which the rate drops")
    drop_factor: float = setting(0.5, "step: what each drop multiplies the rate by")

    def __post_init__(self) -> None:
        between("schedule.warmup_steps", self.warmup_steps, 0, 10**9)
        between("schedule.final_factor", self.final_factor, 0, 1)
        between("schedule.drop_factor", self.drop_factor, 0, 1)
        for drop in self.drops:
            between("schedule.drops", drop, 0, 1)


@dataclass(frozen=True)
class ValidationConfig:
    """How the run is watched."""

    every_steps: int = setting(0, "steps between validations; 0: every 20th part of the run")
    pictures: int = setting(12, "validation pictures at most")
    crop: int = setting(256, "largest side of the HR piece taken from each, in pixels")
    samples: int = setting(4, "sample strips written at each validation")

    def __post_init__(self) -> None:
        between("validation.every_steps", self.every_steps, 0, 10**9)
        between("validation.pictures", self.pictures, 0, 10_000)
        between("validation.crop", self.crop, 32, 4096)
        between("validation.samples", self.samples, 0, 1000)


@dataclass(frozen=True)
class LoggingConfig:
    """What is written for other programs to watch."""

    tensorboard: bool = setting(
        False, "write TensorBoard files into the run's folder; needs the package tensorboard"
    )


@dataclass(frozen=True)
class RunConfig:
    """A training run."""

    title: str = setting("", "one line for people")
    description: str = setting("", "what it is for")
    needs: str = setting("", "what it needs: time, hardware, data")
    stage: Literal["pixel", "adversarial", "cycle"] = setting(
        "pixel",
        "pixel: the generator alone; adversarial: against a discriminator; cycle: learns from bad "
        "photos (--real) how good ones go bad; experimental",
    )
    steps: int = setting(100_000, "optimiser steps where no budget is given")
    budget_minutes: float = setting(0.0, "minutes of training in place of steps; 0: by steps")
    batch: int = setting(16, "crops a step, of all processes together")
    ema_decay: float = setting(0.999, "decay of the averaged weights; 0 keeps none")
    seed: int = setting(1, "seed of weights and crops")
    precision: Literal["auto", "fp32", "bf16"] = setting(
        "auto", "number format of the forward pass; auto measures"
    )
    threads: int = setting(0, "CPU threads; 0 takes torch's choice")
    checkpoint_seconds: float = setting(300.0, "seconds between checkpoints")
    compile: bool = setting(False, "compile the network (torch.compile); slow to start")
    generator: NetworkConfig = field(default_factory=SRResNetConfig)
    data: DataConfig = field(default_factory=DataConfig)
    degradation: DegradationConfig = field(default_factory=DegradationConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    content: ContentConfig = field(default_factory=ContentConfig)
    adversarial: AdversarialConfig = field(default_factory=AdversarialConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    adaptive: AdaptiveConfig = field(default_factory=AdaptiveConfig)
    teacher: TeacherConfig = field(default_factory=TeacherConfig)
    cycle: CycleConfig = field(default_factory=CycleConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    validation: ValidationConfig = field(default_factory=ValidationConfig)
    rescue: RollbackConfig = field(default_factory=RollbackConfig)
    logging: LoggingConfig = field(default_factory=LoggingConfig)

    def __post_init__(self) -> None:
        between("steps", self.steps, 1, 10**12)
        between("budget_minutes", self.budget_minutes, 0, 10**7)
        between("batch", self.batch, 1, 65536)
        below_one("ema_decay", self.ema_decay)
        between("seed", self.seed, 0, 2**63 - 1)
        between("threads", self.threads, 0, 4096)
        between("checkpoint_seconds", self.checkpoint_seconds, 0, 10**9)
        self._check_losses()
        self._check_features()
        self._check_teacher()
        self._check_adaptive()
        crop, scale = self.data.crop, self.generator.scale
        if self.loss.tone_weight and self.loss.tone_side > crop:
            raise UsageError(
                tr(
                    "loss.tone_side {side} is larger than data.crop {crop}",
                    side=self.loss.tone_side,
                    crop=crop,
                )
            )
        if self.loss.grid_weight and self.loss.grid_side * scale > crop:
            raise UsageError(
                tr(
                    "loss.grid_side {side} at x{scale} is larger than data.crop {crop}",
                    side=self.loss.grid_side,
                    scale=scale,
                    crop=crop,
                )
            )
        if self.loss.jitter >= crop:
            raise UsageError(
                tr(
                    "loss.jitter {jitter} leaves nothing of data.crop {crop}",
                    jitter=self.loss.jitter,
                    crop=crop,
                )
            )
        self._check_judged()
        if crop % scale:
            raise UsageError(
                tr(
                    "data.crop {crop} is not a multiple of generator.scale {scale}: "
                    "choose {nearest}",
                    crop=crop,
                    scale=scale,
                    nearest=-(-crop // scale) * scale,
                )
            )

    @property
    def judged_crop(self) -> int:
        """Side in pixels of what the content loss and the discriminator see of a crop."""
        return self.data.crop - self.loss.jitter

    @property
    def judged_layers(self) -> tuple[str, ...]:
        """Which of the content loss's layers discriminator "features" sees."""
        layers = self.content.layers
        # those of the first block are as large as the picture
        return self.discriminator.layers or tuple(x for x in layers if x[0] != "1") or layers

    @property
    def adapts(self) -> bool:
        """Whether the generator adapts to how a picture was made worse."""
        return isinstance(self.generator, DasrConfig)

    @property
    def shared_crops(self) -> int:
        """Neighbouring crops of a step that are made worse alike; 0: each by itself.

        Where the strengths are input channels, pictures need not be alike to go together.
        """
        generator = self.generator
        is_mixed = isinstance(generator, DasrConfig) and generator.mixes
        return self.adaptive.share if is_mixed else 0

    def _check_adaptive(self) -> None:
        if self.adapts and (self.stage == "cycle" or self.degradation.kind == "pairs"):
            raise UsageError(
                tr(
                    "a generator that adapts learns from how crops were made worse: choose "
                    "degradation.kind second_order or shuffled, and stage pixel or adversarial"
                )
            )
        # an expert's kernel is a row of numbers there, and as such no matrix to be orthogonal
        if self.adapts and self.optimiser.kind == "muon":
            raise UsageError(tr("a generator that adapts is trained by Adam: optimiser.kind adam"))

    def _check_features(self) -> None:
        if self.stage == "pixel" or self.discriminator.kind != "features":
            return
        if self.stage == "cycle":
            raise UsageError(
                tr("stage cycle judges small pictures: choose another discriminator than features")
            )
        if not self.content.needs_vgg:
            raise UsageError(
                tr(
                    "discriminator.kind features judges what the content loss sees: set "
                    "content.weight above 0 and content.network to vgg19 or vgg16"
                )
            )
        strangers = [one for one in self.discriminator.layers if one not in self.content.layers]
        if strangers:
            raise UsageError(
                tr(
                    "discriminator.layers names {layer}, which is not among content.layers",
                    layer=strangers[0],
                )
            )
        if self.adversarial.r1_weight:
            raise UsageError(
                tr("adversarial.r1_weight is of pictures: set it to 0 for discriminator features")
            )

    def _check_judged(self) -> None:
        """Whether enough is left of a crop for what looks at it from further away."""
        if self.content.needs_vgg and self.judged_crop < self.content.least_side:
            raise UsageError(
                tr(
                    "content.layers need crops of {least} pixels or more, not {crop} "
                    "(data.crop less loss.jitter)",
                    least=self.content.least_side,
                    crop=self.judged_crop,
                )
            )
        if self.stage == "cycle" and self.cycle.keep_side * self.generator.scale > self.data.crop:
            raise UsageError(
                tr(
                    "cycle.keep_side {side} at x{scale} is larger than data.crop {crop}",
                    side=self.cycle.keep_side,
                    scale=self.generator.scale,
                    crop=self.data.crop,
                )
            )

    def _check_teacher(self) -> None:
        if not self.teacher.wanted:
            return
        if self.stage == "cycle" or self.degradation.kind == "pairs":
            raise UsageError(
                tr("a teacher goes with stage pixel or adversarial, not with pairs of your own")
            )

    def _check_losses(self) -> None:
        if not self.loss.pixel_weight and not self.content.wanted:
            raise UsageError(
                tr("loss.pixel_weight and content.weight are both 0: nothing to compare by")
            )
        if self.content.wanted and self.content.network == "discriminator":
            if self.stage != "adversarial":
                raise UsageError(tr("content.network discriminator needs stage adversarial"))
            if self.discriminator.kind not in ("srgan", "stride4"):
                raise UsageError(
                    tr("content.network discriminator needs discriminator.kind srgan or stride4")
                )
