"""How pictures are made worse on purpose: the ``[degradation]`` section of a run's config."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from trainer.config.setting import between, setting, span

LARGEST_KERNEL = 63


@dataclass(frozen=True)
class FirstRound:
    """Blur, resize, noise, JPEG. The figures are Real-ESRGAN's for its first round."""

    # not annotated, so that it is no setting
    _where = "degradation.first"

    blur: float = setting(1.0, "part of the pictures that are blurred, 0..1")
    kernel: int = setting(21, "largest side of a blur kernel, in pixels; odd")
    sigma: tuple[float, ...] = setting((0.2, 3.0), "range of the blur's radius (sigma), in pixels")
    anisotropic: float = setting(0.3, "part of the blurs that are longer in one direction")
    generalised: float = setting(0.15, "part of the blurs with a sharper or flatter peak")
    plateau: float = setting(0.15, "part of the blurs with a flat top and long tails")
    sinc: float = setting(0.1, "part of the blurs that ring, as over-sharpened pictures do")
    resize: tuple[float, ...] = setting((0.15, 1.5), "range of the factor to resize by")
    resize_down: float = setting(0.7, "chance of making smaller, 0..1")
    resize_up: float = setting(0.2, "chance of making larger; else the size stays")
    lanczos: float = setting(
        0.0, "part of the resizes by Lanczos, 0..1; the rest: area, bilinear and bicubic alike"
    )
    noise: float = setting(1.0, "part of the pictures that get noise, 0..1")
    gaussian: float = setting(0.5, "part of the noise that is Gaussian; the rest is Poisson")
    noise_sigma: tuple[float, ...] = setting(
        (1.0, 30.0), "range of the Gaussian noise's sigma, in levels of 255"
    )
    poisson_scale: tuple[float, ...] = setting(
        (0.05, 3.0), "range of the Poisson noise's strength; 1: 255 photons make white"
    )
    grey_noise: float = setting(0.4, "part of the noise that is without colour")
    jpeg: float = setting(1.0, "part of the pictures that go through JPEG, 0..1")
    quality: tuple[int, ...] = setting((30, 95), "range of the JPEG quality, 1..100")

    def __post_init__(self) -> None:
        for name in (
            "blur",
            "anisotropic",
            "generalised",
            "plateau",
            "sinc",
            "resize_down",
            "resize_up",
            "lanczos",
            "noise",
            "gaussian",
            "grey_noise",
            "jpeg",
        ):
            between(f"{self._where}.{name}", getattr(self, name), 0, 1)
        between(f"{self._where}.kernel", self.kernel, 3, LARGEST_KERNEL)
        if self.kernel % 2 == 0:
            raise UsageError(
                tr("{name} is odd, not {value}", name=f"{self._where}.kernel", value=self.kernel)
            )
        span(f"{self._where}.sigma", self.sigma, 0, 30)
        span(f"{self._where}.resize", self.resize, 0.05, 4)
        span(f"{self._where}.noise_sigma", self.noise_sigma, 0, 255)
        span(f"{self._where}.poisson_scale", self.poisson_scale, 0, 20)
        span(f"{self._where}.quality", self.quality, 1, 100)
        self._sums_to_one("generalised", "plateau")
        self._sums_to_one("resize_down", "resize_up")

    def _sums_to_one(self, one: str, other: str) -> None:
        total = getattr(self, one) + getattr(self, other)
        if total > 1 + 1e-9:
            raise UsageError(
                tr(
                    "{one} and {other} are together at most 1, not {total}",
                    one=f"{self._where}.{one}",
                    other=f"{self._where}.{other}",
                    total=total,
                )
            )


@dataclass(frozen=True)
class SecondRound(FirstRound):
    """As the first round, milder: Real-ESRGAN's figures for its second."""

    _where = "degradation.second"

    blur: float = setting(0.8, "part of the pictures that are blurred, 0..1")
    sigma: tuple[float, ...] = setting((0.2, 1.5), "range of the blur's radius (sigma), in pixels")
    resize: tuple[float, ...] = setting((0.3, 1.2), "range of the factor to resize by")
    resize_down: float = setting(0.4, "chance of making smaller, 0..1")
    resize_up: float = setting(0.3, "chance of making larger; else the size stays")
    noise_sigma: tuple[float, ...] = setting(
        (1.0, 25.0), "range of the Gaussian noise's sigma, in levels of 255"
    )
    poisson_scale: tuple[float, ...] = setting(
        (0.05, 2.5), "range of the Poisson noise's strength; 1: 255 photons make white"
    )


@dataclass(frozen=True)
class LastSteps:
    """What happens to the small picture itself, after its last resize and before the last JPEG."""

    colour_noise: float = setting(
        0.0, "part of the pictures with strong coloured noise, as taken in the dark, 0..1"
    )
    colour_noise_sigma: tuple[float, ...] = setting(
        (8.0, 35.0), "range of its sigma, in levels of 255"
    )
    grain: float = setting(0.0, "part of the pictures with grey grain, as of film and paper, 0..1")
    grain_sigma: tuple[float, ...] = setting((3.0, 16.0), "range of its sigma, in levels of 255")
    grain_size: tuple[float, ...] = setting(
        (0.2, 0.8), "range of the grain's softness: the sigma of its blur, in pixels"
    )
    sharpen: float = setting(
        0.0, "part of the pictures that are sharpened too much, as on web pages, 0..1"
    )
    sharpen_amount: tuple[float, ...] = setting(
        (0.5, 2.0), "range of the amount of the unsharp mask; 1: doubles what stands out"
    )
    sharpen_radius: tuple[float, ...] = setting(
        (0.4, 1.5), "range of the unsharp mask's radius (sigma), in pixels"
    )
    jpeg_again: float = setting(
        0.0,
        "second_order: part of the pictures compressed before the last resize that are compressed "
        "after it too, as pictures sent on are, 0..1",
    )

    def __post_init__(self) -> None:
        for name in ("colour_noise", "grain", "sharpen", "jpeg_again"):
            between(f"degradation.last.{name}", getattr(self, name), 0, 1)
        span("degradation.last.colour_noise_sigma", self.colour_noise_sigma, 0, 255)
        span("degradation.last.grain_sigma", self.grain_sigma, 0, 255)
        span("degradation.last.grain_size", self.grain_size, 0, 3)
        span("degradation.last.sharpen_amount", self.sharpen_amount, 0, 20)
        span("degradation.last.sharpen_radius", self.sharpen_radius, 0.1, 3)


@dataclass(frozen=True)
class DegradationConfig:
    """What makes LR out of HR."""

    kind: Literal["bicubic", "second_order", "shuffled", "pairs"] = setting(
        "bicubic",
        "bicubic: clean, as in the paper; second_order: two rounds of blur, resize, noise and "
        "JPEG, as in Real-ESRGAN; shuffled: the same in random order, as in BSRGAN; pairs: LR "
        "pictures of your own (--pairs)",
    )
    strength: float = setting(1.0, "how far everything goes, 0 (bicubic) .. 1")
    clean_part: float = setting(
        0.0, "part of the crops that are only made smaller, so that good photos stay good"
    )
    grey_part: float = setting(
        0.0,
        "second_order and shuffled: part of the crops that lose their colour, wholly or in part, "
        "0..1; without any, a network that adapts takes clean photos in black and white for bad",
    )
    final_sinc: float = setting(0.8, "part of the pictures that ring after the last resize")
    sharpen_target: bool = setting(
        False,
        "compare with a sharpened original in pixel and content losses; on crops of 128 and less "
        "it raises contrast, so keep sharpen_sigma small there",
    )
    sharpen_sigma: float = setting(
        8.0, "radius (sigma) of that sharpening, in pixels of the original"
    )
    first: FirstRound = field(default_factory=FirstRound)
    second: SecondRound = field(default_factory=SecondRound)
    last: LastSteps = field(default_factory=LastSteps)

    def __post_init__(self) -> None:
        between("degradation.strength", self.strength, 0, 1)
        between("degradation.clean_part", self.clean_part, 0, 1)
        between("degradation.grey_part", self.grey_part, 0, 1)
        between("degradation.final_sinc", self.final_sinc, 0, 1)
        between("degradation.sharpen_sigma", self.sharpen_sigma, 0.3, 100)

    @property
    def is_bicubic(self) -> bool:
        """Whether LR is nothing but HR made smaller."""
        return self.kind == "bicubic" or (self.kind != "pairs" and self.strength == 0)
