"""Every architecture is chosen in a preset, trained in both stages, stopped, resumed, exported."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.networks.espcn import EspcnConfig
from srgan_desktop.core.networks.rrdb import RrdbConfig
from srgan_desktop.core.weights.architectures import ARCHITECTURES, build_network, config_from
from srgan_desktop.core.weights.model_file import load_model
from trainer.config.presets import load_preset
from trainer.config.reading import from_mapping, to_mapping
from trainer.config.run_config import RunConfig
from trainer.run.export import export_model
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.forward import training_forward
from trainer.training.session import resume, start

Inputs = Callable[..., RunInputs]

SMALL = {
    "srresnet": ("generator.blocks=1", "generator.channels=4"),
    "rrdb": ("generator.blocks=1", "generator.channels=4", "generator.growth=2"),
    "espcn": ("generator.widths=[6, 4]", "generator.activation=prelu"),
    "srcnn": ("generator.widths=[6, 4]", "generator.head_kernel=5"),
    "dasr": (
        "generator.blocks=1",
        "generator.channels=4",
        "generator.experts=2",
        "generator.predictor_channels=4",
        "degradation.kind=second_order",
    ),
}
EXACT = ("threads=1", "precision=fp32", "batch=2")
ADVERSARIAL = (
    "stage=adversarial",
    "content.network=discriminator",
    "content.weight=0.1",
    "discriminator.kind=stride4",
    "discriminator.channels=4",
)


def tiny(name: str, *more: str) -> RunConfig:
    return load_preset("tiny", (f"generator.architecture={name}", *SMALL[name], *EXACT, *more))


def test_an_architecture_has_its_own_settings(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[generator]\narchitecture = "rrdb"\ngrowth = 8\n', encoding="utf-8")
    assert load_preset(str(path)).generator == RrdbConfig(growth=8)
    path.write_text('[generator]\narchitecture = "espcn"\nwidths = [8, 4]\n', encoding="utf-8")
    assert load_preset(str(path)).generator == EspcnConfig(widths=(8, 4))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            'architecture = "rrdb"\ngrowht = 8',
            "generator.growht is not a known setting; did you mean generator.growth",
        ),
        ('architecture = "espcn"\nnorm = "none"', "generator.norm is not a known setting"),
        ('architecture = "espcn"\nwidths = 8', "generator.widths is a list"),
        ('architecture = "rdn"', "unknown architecture 'rdn'; this version knows srresnet, rrdb"),
        ("architecture = 3", "unknown architecture 3"),
        ("growth = 8", "generator.growth is not a known setting"),
    ],
)
def test_wrong_settings_are_named(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f"[generator]\n{text}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=problem):
        load_preset(str(path))


def test_generator_is_a_section() -> None:
    with pytest.raises(UsageError, match="generator is a section"):
        load_preset("tiny", ["generator=rrdb"])


def test_another_architecture_begins_with_its_own_defaults() -> None:
    changed = load_preset("srresnet-x2", ["generator.architecture=rrdb", "generator.blocks=3"])
    assert changed.generator == RrdbConfig(scale=2, blocks=3)
    same = load_preset("tiny", ["generator.architecture=srresnet"])
    assert same == load_preset("tiny")
    with pytest.raises(UsageError, match=r"generator\.norm is not a known setting"):
        load_preset("tiny", ["generator.architecture=rrdb", "generator.norm=none"])


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_configs_survive_json(name: str) -> None:
    config = tiny(name)
    values = json.loads(json.dumps(to_mapping(config)))
    assert values["generator"]["architecture"] == name
    assert from_mapping(RunConfig, values) == config


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_training_pass_is_the_networks(name: str) -> None:
    torch.manual_seed(2)
    network = build_network(tiny(name).generator).double().train()
    x = torch.rand(2, 3, 7, 6, dtype=torch.float64)
    forward = training_forward(network)
    # one that adapts makes one network for pictures that are alike
    x[1] = x[0]
    assert torch.allclose(forward(x), network(x), atol=1e-12)


@pytest.mark.parametrize("stage", ["pixel", "adversarial"])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_trained_stopped_and_resumed(
    name: str, stage: str, tmp_path: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.run.throttle.Throttle.due", lambda self: True)
    config = tiny(name, *(ADVERSARIAL if stage == "adversarial" else ()))
    straight, stopped = RunFolder(tmp_path / "straight"), RunFolder(tmp_path / "stopped")
    list(start(config, inputs(8), straight))
    events = start(config, inputs(8), stopped)
    while getattr(next(events), "step", 0) < 4:
        pass
    events.close()  # type: ignore[attr-defined]
    list(resume(stopped))
    (ours, card), (theirs, _) = (load_model(run.final_model) for run in (straight, stopped))
    left, right = ours.state_dict(), theirs.state_dict()
    assert all(torch.equal(left[key], right[key]) for key in left)
    assert card.architecture == name
    started = build_network(config.generator).state_dict()
    tail = next(name for name in left if name.endswith("tail.weight"))
    assert not torch.equal(started[tail], left[tail])
    for which in ("best", "last", "ema"):
        path = export_model(straight, tmp_path / f"{which}.safetensors", which)  # type: ignore[arg-type]
        assert load_model(path)[1].config == config.generator


def test_first_weights_of_another_architecture_are_refused(tmp_path: Path, inputs: Inputs) -> None:
    first = RunFolder(tmp_path / "first")
    list(start(tiny("espcn"), inputs(2), first))
    with_init = dataclasses.replace(inputs(2), init=first.final_model)
    with pytest.raises(UsageError, match="architecture espcn instead of srcnn"):
        list(start(tiny("srcnn"), with_init, RunFolder(tmp_path / "second")))
    wider = tiny("espcn", "generator.widths=[8, 4]")
    with pytest.raises(UsageError, match=r"widths \(6, 4\) instead of \(8, 4\)"):
        list(start(wider, with_init, RunFolder(tmp_path / "third")))


def test_the_fast_preset_is_small() -> None:
    fast, large = (build_network(load_preset(n).generator) for n in ("fast-x4", "srresnet-x4"))
    sizes = [sum(p.numel() for p in network.parameters()) for network in (fast, large)]
    assert sizes[0] * 18 < sizes[1]


def test_the_presets_of_architectures_say_what_the_papers_say() -> None:
    assert load_preset("espcn-x4").generator == config_from("espcn", {})
    assert load_preset("srcnn-x4").generator == config_from("srcnn", {})
    large, detailed = load_preset("rrdb-x4"), load_preset("esrgan-like")
    assert large.generator == detailed.generator == RrdbConfig(skip="bicubic")
    assert detailed.loss.pixel_weight == 1e-2
    assert detailed.content.before_activation
    assert detailed.content.layers == ("5_4",)
    assert (detailed.adversarial.kind, detailed.adversarial.weight) == ("relativistic", 5e-3)
