"""The adversarial stage: a whole run, exact resume, every loss and discriminator together."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from srgan_desktop.core.base.errors import ModelFileError, UsageError
from srgan_desktop.core.weights.model_file import load_model
from trainer.config.presets import load_preset, preset_names
from trainer.config.run_config import RunConfig
from trainer.networks.features import VggFeatures, build_features
from trainer.run.checkpoints import load_checkpoint
from trainer.run.events import Event, Finished, Step, Validated, Warned
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.session import resume, start

Inputs = Callable[..., RunInputs]

TINY = (
    "threads=1",
    "precision=fp32",
    "stage=adversarial",
    "content.network=discriminator",
    "content.weight=0.1",
    "discriminator.kind=stride4",
    "discriminator.channels=4",
    "adversarial.weight=0.01",
)


NO_SUCH_LAYER = 'discriminator.layers=["1_1"]'
R1 = ("adversarial.r1_weight=1",)


@pytest.fixture
def vgg16(tmp_path: Path) -> tuple[str, ...]:
    """Settings of a content loss, whose weights are random and in a file."""
    torch.manual_seed(0)
    path = tmp_path / "vgg16.safetensors"
    save_file({k: v.half() for k, v in build_features("vgg16", 1000).state_dict().items()}, path)
    layers = 'content.layers=["1_2", "3_3"]'
    return ("content.network=vgg16", f'content.file="{path}"', layers, "content.weight=0.1")


@pytest.fixture
def config() -> RunConfig:
    return load_preset("tiny", TINY)


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell of every step, however fast it was."""
    monkeypatch.setattr("trainer.run.throttle.Throttle.due", lambda self: True)


def steps_of(events: list[Event]) -> list[Step]:
    return [event for event in events if isinstance(event, Step)]


@pytest.mark.usefixtures("every_step")
def test_a_run_from_a_trained_generator(tmp_path: Path, config: RunConfig, inputs: Inputs) -> None:
    pixel = load_preset("tiny", ("threads=1", "precision=fp32"))
    first = RunFolder(tmp_path / "pixel")
    list(start(pixel, inputs(10), first))
    folder = RunFolder(tmp_path / "gan")
    with_init = dataclasses.replace(inputs(30), init=first.final_model)
    events = list(start(config, with_init, folder))
    assert not [e.message for e in events if isinstance(e, Warned)]
    steps = steps_of(events)
    assert set(steps[0].losses) == {"pixel", "content", "adversarial", "discriminator"}
    assert all(0 <= s.d_real <= 1 and 0 <= s.d_fake <= 1 for s in steps if s.d_real and s.d_fake)
    early, late = steps[:5], steps[-5:]
    # the discriminator learns to tell them apart, the generator to come nearer
    assert sum(s.losses["discriminator"] for s in late) < sum(
        s.losses["discriminator"] for s in early
    )
    assert sum(s.losses["pixel"] for s in late) < sum(s.losses["pixel"] for s in early)
    assert all(e.best for e in events if isinstance(e, Validated))
    assert isinstance(events[-1], Finished)
    before = load_model(first.final_model)[0].state_dict()
    after = load_model(folder.final_model)[0].state_dict()
    assert before.keys() == after.keys()
    assert not torch.equal(before["tail.weight"], after["tail.weight"])


def test_without_a_trained_generator_it_warns(
    tmp_path: Path, config: RunConfig, inputs: Inputs
) -> None:
    events = list(start(config, inputs(1), RunFolder(tmp_path / "gan")))
    assert any("--init" in e.message for e in events if isinstance(e, Warned))


@pytest.mark.usefixtures("every_step")
@pytest.mark.parametrize("step", [1, 8, 17])
def test_stopped_and_resumed_ends_the_same(
    step: int, tmp_path: Path, config: RunConfig, inputs: Inputs
) -> None:
    config = dataclasses.replace(
        config,
        adversarial=dataclasses.replace(config.adversarial, r1_weight=1.0, r1_every=4),
        loss=dataclasses.replace(config.loss, grid_weight=1.0, jitter=8),
    )
    whole, parts = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "parts")
    straight = steps_of(list(start(config, inputs(20), whole)))
    events = start(config, inputs(20), parts)
    for event in events:
        if isinstance(event, Step) and event.step >= step:
            break
    events.close()  # type: ignore[attr-defined]
    rest = steps_of(list(resume(parts)))
    assert rest[0].step == step + 1
    assert [s.losses for s in rest] == [s.losses for s in straight[step:]]
    one, _ = load_checkpoint(whole)
    other, _ = load_checkpoint(parts)
    assert one is not None
    assert other is not None
    for part in ("generator", "average", "discriminator"):
        assert all(torch.equal(one[part][key], other[part][key]) for key in one[part])


@pytest.mark.parametrize("kind", ["bce", "lsgan", "hinge", "relativistic"])
@pytest.mark.parametrize("discriminator", ["srgan", "patch", "unet"])
def test_every_loss_with_every_discriminator(
    kind: str, discriminator: str, tmp_path: Path, inputs: Inputs
) -> None:
    config = load_preset(
        "tiny",
        (
            "threads=1",
            "stage=adversarial",
            f"adversarial.kind={kind}",
            f"discriminator.kind={discriminator}",
            "discriminator.pooling=true",
            "discriminator.channels=4",
        ),
    )
    short, long = RunFolder(tmp_path / "short"), RunFolder(tmp_path / "long")
    list(start(config, inputs(1), short))
    events = list(start(config, inputs(3), long))
    assert isinstance(events[-1], Finished)
    for step in steps_of(events):
        assert all(math.isfinite(value) for value in step.losses.values()), step.losses
        assert {"adversarial", "discriminator"} <= step.losses.keys()
    assert moved(short, long, "generator") == 1
    assert moved(short, long, "discriminator") > 0.9


@pytest.mark.usefixtures("every_step")
@pytest.mark.parametrize("kind", ["bce", "relativistic"])
@pytest.mark.parametrize("layers", [(), ("3_3",)])
def test_a_discriminator_of_features(
    kind: str,
    layers: tuple[str, ...],
    tmp_path: Path,
    inputs: Inputs,
    vgg16: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It learns, moves the generator, costs no second look, and resumes exactly."""
    wanted = (*TINY, *vgg16, "discriminator.kind=features", f"adversarial.kind={kind}")
    config = load_preset("tiny", (*wanted, "loss.jitter=8", "content.weight=1e-30", *FAINT_PIXELS))
    config = dataclasses.replace(
        config, discriminator=dataclasses.replace(config.discriminator, layers=layers)
    )
    looks = []
    look = VggFeatures.forward
    monkeypatch.setattr(VggFeatures, "forward", lambda v, x: looks.append(x.shape) or look(v, x))
    short, whole, parts = (RunFolder(tmp_path / name) for name in ("short", "whole", "parts"))
    list(start(config, inputs(1), short))
    looks.clear()
    straight = steps_of(list(start(config, inputs(4), whole)))
    assert len(looks) == 2 * 4, "of the enlarged and of the original, once a step"
    assert moved(short, whole, "generator") == 1
    assert moved(short, whole, "discriminator") > 0.9
    list(start(config, inputs(4), parts, stop=stop_after(2)))
    rest = steps_of(list(resume(parts)))
    assert 0 < len(rest) < 4
    assert [s.losses for s in rest] == [s.losses for s in straight[-len(rest) :]]
    saved = load_checkpoint(whole)[0]
    assert saved is not None
    assert not [name for name in saved["discriminator"] if "stack" in name], "VGG is not saved"


def stop_after(looks: int) -> Callable[[], bool]:
    """For ``stop``: yes, when asked once more than ``looks`` times."""
    asked = iter(range(10**6))
    return lambda: next(asked) >= looks


# a run has to compare with the photos too: by so little that no number changes
FAINT_PIXELS = ("loss.pixel_weight=1e-30",)
ADVERSARIAL_ALONE = ("adversarial.weight=1", *FAINT_PIXELS)


def moved(one: RunFolder, other: RunFolder, part: str) -> float:
    """Which fraction of a network's learnt tensors is another in the one run than in the other."""
    first, second = (load_checkpoint(folder)[0] for folder in (one, other))
    assert first is not None
    assert second is not None
    # what norms count moves without any loss
    names = [name for name in first[part] if "running" not in name and "tracked" not in name]
    assert names
    apart = [float((first[part][name] - second[part][name]).abs().max()) for name in names]
    # a step of Adam is about the learning rate, 2e-3
    return sum(distance > 1e-6 for distance in apart) / len(names)


def trained_by(tmp_path: Path, inputs: Inputs, name: str, weights: tuple[str, ...]) -> float:
    """How much of the generator moves in three steps, where nothing else asks it to."""
    config = load_preset("tiny", (*TINY, "loss.pixel_weight=0", "content.weight=0", *weights))
    folders = [RunFolder(tmp_path / f"{name}-{steps}") for steps in (1, 4)]
    for folder, steps in zip(folders, (1, 4), strict=True):
        events = list(start(config, inputs(steps), folder))
        assert all(name in step.losses for step in steps_of(events))
    return moved(folders[0], folders[1], "generator")


@pytest.mark.usefixtures("every_step")
@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("pixel", ("loss.pixel_weight=1", "adversarial.weight=0")),
        ("content", ("content.weight=1", "adversarial.weight=0")),
        ("texture", ("content.texture_weight=1", "adversarial.weight=0")),
        ("adversarial", ADVERSARIAL_ALONE),
    ],
)
def test_each_loss_alone_moves_the_generator(
    name: str, weights: tuple[str, ...], tmp_path: Path, inputs: Inputs
) -> None:
    assert trained_by(tmp_path, inputs, name, weights) == 1


@pytest.mark.usefixtures("every_step")
def test_a_loss_that_reaches_nothing_would_be_seen(
    tmp_path: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def severed(kind: str, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        return fake.detach().mean() + 0 * fake.sum()

    monkeypatch.setattr("trainer.losses.generator.generator_loss", severed)
    assert trained_by(tmp_path, inputs, "adversarial", ADVERSARIAL_ALONE) == 0


def test_grey_pictures(tmp_path: Path, inputs: Inputs) -> None:
    config = load_preset("tiny", (*TINY, "generator.colours=1", "data.crop=28"))
    list(start(config, inputs(3), RunFolder(tmp_path / "gan")))
    assert load_model(RunFolder(tmp_path / "gan").final_model)[0].config.colours == 1


def test_vgg_weights_from_a_file(tmp_path: Path, inputs: Inputs, vgg16: tuple[str, ...]) -> None:
    settings = ("threads=1", *vgg16, "content.texture_weight=0.1", "loss.pixel_weight=0")
    # the content loss serves the pixel stage too: SRResNet-VGG22
    folder = RunFolder(tmp_path / "run")
    events = list(start(load_preset("tiny", settings), inputs(3), folder))
    assert set(steps_of(events)[-1].losses) == {"content", "texture"}
    wrong = load_preset("tiny", (*settings, "content.network=vgg19", 'content.layers=["5_4"]'))
    with pytest.raises(ModelFileError, match="does not hold the weights of vgg19"):
        list(start(wrong, inputs(3), RunFolder(tmp_path / "other")))
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (("loss.pixel_weight=0",), "nothing to compare by"),
        (("content.weight=1", "content.network=discriminator"), "needs stage adversarial"),
        (
            (
                "stage=adversarial",
                "content.weight=1",
                "content.network=discriminator",
                "discriminator.kind=unet",
            ),
            "srgan or stride4",
        ),
        (('content.layers=["2_2"]', "content.layer_weights=[1, 2]"), "2 numbers for 1 layers"),
        (("adversarial.knd=bce",), r"did you mean adversarial\.kind"),
        (("discriminator.kind=vgg",), "is one of srgan, stride4, patch, unet, features"),
        (("stage=adversarial", "discriminator.kind=features"), "what the content loss sees"),
        (
            (*TINY, "discriminator.kind=features", "content.network=vgg16", *R1),
            r"adversarial\.r1_weight is of pictures",
        ),
        (
            (*TINY, "discriminator.kind=features", "content.network=vgg16", NO_SUCH_LAYER),
            r"names 1_1, which is not among content\.layers",
        ),
        (("stage=cycle", "discriminator.kind=features"), "judges small pictures"),
    ],
)
def test_settings_that_make_no_sense(settings: tuple[str, ...], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        load_preset("tiny", settings)


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        (("discriminator.kind=srgan", "data.crop=40"), "32, 48, 64, ... pixels, not 40"),
        # batch norm of a single crop whose features are one pixel
        (("discriminator.kind=srgan", "data.crop=16"), "pixels, not 16"),
        (("discriminator.kind=srgan", "discriminator.pooling=true", "data.crop=16"), "17 or more"),
        (("discriminator.kind=patch", "data.crop=32", "loss.jitter=12"), "24 pixels or more"),
        (("discriminator.kind=unet", "data.crop=64", "loss.jitter=5"), "multiple of 8 .* not 59"),
    ],
)
def test_a_crop_that_the_discriminator_cannot_take_is_found_first(
    wanted: tuple[str, ...], complaint: str, tmp_path: Path, inputs: Inputs
) -> None:
    config = load_preset("tiny", ("stage=adversarial", *wanted))
    with pytest.raises(UsageError, match=complaint):
        list(start(config, inputs(3), RunFolder(tmp_path / "gan")))
    assert not (tmp_path / "gan").exists()


@pytest.mark.usefixtures("every_step")
@pytest.mark.parametrize("kind", ["bce", "relativistic"])
def test_the_discriminator_sees_a_piece_of_the_crops(
    kind: str, tmp_path: Path, inputs: Inputs
) -> None:
    settings = (
        "threads=1",
        "stage=adversarial",
        "data.crop=40",
        "loss.jitter=8",
        "discriminator.kind=srgan",
        "discriminator.channels=4",
        f"adversarial.kind={kind}",
    )
    # this one takes no crops of 40 pixels (above), but of 32
    events = list(start(load_preset("tiny", settings), inputs(3), RunFolder(tmp_path / "gan")))
    assert len(steps_of(events)) == 3
    assert isinstance(events[-1], Finished)


def test_the_papers_five_variants_are_there() -> None:
    wanted = {
        "srresnet-paper": ("pixel", 1.0, None),
        "srresnet-vgg22-paper": ("pixel", 0.0, ("2_2",)),
        "srgan-mse-paper": ("adversarial", 1.0, None),
        "srgan-vgg22-paper": ("adversarial", 0.0, ("2_2",)),
        "srgan-vgg54-paper": ("adversarial", 0.0, ("5_4",)),
    }
    assert wanted.keys() <= set(preset_names())
    for name, (stage, pixel, layers) in wanted.items():
        config = load_preset(name)
        assert config.stage == stage
        assert config.loss.pixel_weight == pixel
        assert (config.content.layers if config.content.wanted else None) == layers
        assert config.generator == load_preset("srresnet-paper").generator
