from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.networks.srresnet import SRResNet
from trainer.config.presets import load_preset, preset_names
from trainer.config.reading import from_mapping, to_mapping, with_overrides
from trainer.config.run_config import RunConfig


def test_the_presets_are_all_there() -> None:
    assert {"srresnet-x4", "srresnet-x2", "srresnet-paper", "srresnet-quick", "tiny"} <= set(
        preset_names()
    )


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_loads_and_explains_itself(name: str) -> None:
    config = load_preset(name)
    assert config.title
    assert config.description
    assert config.needs


def test_the_papers_preset_is_the_papers_network_and_training() -> None:
    config = load_preset("srresnet-paper")
    assert config.generator == type(config.generator)()
    assert (config.batch, config.data.crop, config.steps) == (16, 96, 1_000_000)
    assert (config.loss.pixel, config.optimiser.learning_rate) == ("mse", 1e-4)
    assert config.schedule.kind == "constant"


def test_the_shipped_models_key_names_stay() -> None:
    keys = set(SRResNet(load_preset("srresnet-x4").generator).state_dict())
    expected = {
        "head.weight",
        "head.bias",
        "trunk.weight",
        "trunk.bias",
        "tail.weight",
        "tail.bias",
    }
    for block in range(16):
        expected |= {
            f"blocks.{block}.{n}.{p}" for n in ("conv1", "conv2") for p in ("weight", "bias")
        }
    expected |= {f"upsample.{i}.conv.{p}" for i in (0, 1) for p in ("weight", "bias")}
    assert keys == expected


def test_a_config_survives_its_mapping() -> None:
    config = load_preset("srresnet-x4", ['schedule.kind="step"', "schedule.drops=[0.5, 0.75]"])
    assert from_mapping(RunConfig, to_mapping(config)) == config


@pytest.mark.parametrize(
    ("setting", "part"),
    [
        ("optimiser.learning_rat=1", "did you mean optimiser.learning_rate"),
        ("optimizer.learning_rate=1", "did you mean optimiser"),
        ("batch=0", "batch is from 1"),
        ("batch=many", "batch is a whole number"),
        ("batch=true", "batch is a whole number"),
        ("batch=1.5", "batch is a whole number"),
        ("optimiser.learning_rate=nan", "optimiser.learning_rate is more than 0"),
        ("optimiser.learning_rate=inf", "optimiser.learning_rate is more than 0"),
        ("optimiser.beta1=1.0", "optimiser.beta1 is from 0 to below 1"),
        ("ema_decay=1.0", "ema_decay is from 0 to below 1"),
        ("loss.pixel=l2", "loss.pixel is one of l1, mse, charbonnier"),
        ("loss=l1", "loss is a section"),
        ("batch.size=3", "batch in batch.size is a value"),
        ("schedule.drops=0.5", "schedule.drops is a list"),
        ("schedule.drops=[2.0]", "schedule.drops is from 0 to 1"),
        ("data.crop=98", "choose 100"),
        ("generator.scale=5", "scale is one of 2, 3, 4, 8"),
        ("seed=-1", "seed is from 0"),
        ("batch", "--set needs key=value"),
        ("=3", "--set needs key=value"),
        ("title=3", "title is a text"),
    ],
)
def test_a_wrong_setting_is_named(setting: str, part: str) -> None:
    with pytest.raises(UsageError, match=part.replace("(", r"\(")):
        load_preset("srresnet-x4", [setting])


def test_settings_are_written_as_in_toml_or_as_bare_words() -> None:
    changed = with_overrides(
        {"batch": 1, "loss": {"pixel": "mse"}}, ["batch = 8", "loss.pixel=l1", "data.augment=false"]
    )
    assert changed == {"batch": 8, "loss": {"pixel": "l1"}, "data": {"augment": False}}


def test_a_value_cannot_smuggle_in_other_keys() -> None:
    with pytest.raises(UsageError, match="batch is a whole number"):
        load_preset("tiny", ["batch=3\nsteps=5"])


def test_a_file_of_ones_own_is_a_preset(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('title = "mine"\nbatch = 2\n', encoding="utf-8")
    assert load_preset(str(path)) == dataclasses.replace(RunConfig(), title="mine", batch=2)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"title = \xff")
    with pytest.raises(UsageError, match=r"mine\.toml: cannot be read as a TOML file"):
        load_preset(str(path))


def test_an_unknown_preset_gets_a_suggestion() -> None:
    with pytest.raises(UsageError, match="did you mean srresnet-x4"):
        load_preset("srresnet-4x")


def test_every_setting_of_the_trainer_has_help() -> None:
    config = RunConfig()
    sections = [config, config.data, config.loss, config.optimiser, config.schedule]
    for section in [*sections, config.validation]:
        for field in dataclasses.fields(section):
            if not dataclasses.is_dataclass(getattr(section, field.name)):
                assert field.metadata.get("help"), field.name


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        (("content.weight=1", "data.crop=8"), "16 pixels or more, not 8"),
        (("content.weight=1", "data.crop=20", "loss.jitter=8"), "16 pixels or more, not 12"),
        (("content.weight=1", "content.layers=[]"), "content.layers is empty"),
        (("stage=cycle", "cycle.keep_side=20", "data.crop=64"), "keep_side 20 at x4 is larger"),
    ],
)
def test_crops_too_small_for_what_looks_at_them_are_refused(
    settings: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        load_preset("tiny", settings)
    assert load_preset("tiny", ("content.weight=1", "data.crop=24", "loss.jitter=8"))
