"""Adam, and Muon beside it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from srgan_desktop.core.base.errors import RunFolderError, UsageError
from trainer.config.presets import load_preset
from trainer.config.run_config import OptimiserConfig, RunConfig
from trainer.run.events import Event
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.optimisers import Muon, build_optimiser, is_matrix, orthogonal
from trainer.training.session import resume, start

Inputs = Callable[..., RunInputs]
MUON = OptimiserConfig(kind="muon", learning_rate=1e-2)


def small_network(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(3, 24, 3, padding=1),
        nn.LeakyReLU(),
        nn.Conv2d(24, 16, 3, padding=1),
        nn.LeakyReLU(),
        nn.Conv2d(16, 3, 3, padding=1),
    ).to(memory_format=torch.channels_last)


def train(network: nn.Module, optimiser: torch.optim.Optimizer, steps: int) -> list[float]:
    """The losses of learning to do what another such network does."""
    teacher, losses = small_network(9), []
    source = torch.Generator().manual_seed(3)
    for _ in range(steps):
        x = torch.randn(4, 3, 8, 8, generator=source)
        with torch.no_grad():
            wanted = teacher(x)
        optimiser.zero_grad()
        loss = (network(x) - wanted).square().mean()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    return losses


@pytest.mark.parametrize("shape", [(5, 16, 144), (2, 64, 16), (1, 20, 20)])
def test_singular_values_come_near_to_one(shape: tuple[int, ...]) -> None:
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    values = torch.linalg.svdvals(orthogonal(matrices))
    assert values.shape == (shape[0], min(shape[1:]))
    # of a square matrix of random numbers the least direction is nearly none
    least = values if shape[1] != shape[2] else values[:, :-2]
    assert 0.6 < least.min() <= values.max() < 1.3


def test_directions_stay_what_they_were() -> None:
    matrices = torch.randn(1, 16, 40, generator=torch.Generator().manual_seed(2))
    left, _, right = torch.linalg.svd(matrices, full_matrices=False)
    along = (left.mT @ orthogonal(matrices) @ right.mT)[0]
    assert (along - along.diagonal().diag()).abs().max() < 1e-3


def test_no_gradient_is_no_direction() -> None:
    assert orthogonal(torch.zeros(1, 16, 16)).abs().max() == 0


def test_only_kernels_between_many_channels_are_matrices() -> None:
    shapes = {name: is_matrix(p) for name, p in small_network().named_parameters()}
    assert [name for name, yes in shapes.items() if yes] == ["2.weight"]


def test_what_is_no_matrix_moves_as_adam_moves_it() -> None:
    config = replace(MUON, learning_rate=1e-3)
    ours, theirs = small_network(), small_network()
    optimisers = (
        build_optimiser(config, ours, 1e-3),
        build_optimiser(replace(config, kind="adam"), theirs, 1e-3),
    )
    # the kernel between many channels stays, so that the others get the same gradients
    for network in (ours, theirs):
        network[2].weight.requires_grad_(False)
    for network, optimiser in zip((ours, theirs), optimisers, strict=True):
        train(network, optimiser, 20)
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-4, atol=1e-6)


def test_a_step_of_a_matrix_is_about_as_long_as_one_of_adam() -> None:
    network = small_network()
    before = network[2].weight.detach().clone()
    train(network, build_optimiser(MUON, network, 1e-2), 1)
    moved: Tensor = network[2].weight.detach() - before
    assert 0.1e-2 < moved.square().mean().sqrt() < 0.4e-2


def test_muon_learns_faster_than_adam_at_the_same_rate() -> None:
    losses = {}
    for kind in ("adam", "muon"):
        network = small_network()
        optimiser = build_optimiser(OptimiserConfig(kind=kind), network, 3e-3)
        losses[kind] = sum(train(network, optimiser, 200)[-20:])
    assert losses["muon"] < losses["adam"]


def test_a_saved_optimiser_goes_on_as_if_it_had_not_stopped() -> None:
    network = small_network()
    optimiser = build_optimiser(MUON, network, 1e-2)
    assert isinstance(optimiser, Muon)
    train(network, optimiser, 5)
    other = small_network(4)
    other.load_state_dict(network.state_dict())
    again = build_optimiser(MUON, other, 1e-2)
    again.load_state_dict(copy.deepcopy(optimiser.state_dict()))
    assert train(other, again, 5) == train(network, optimiser, 5)
    for mine, theirs in zip(network.parameters(), other.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_a_loss_that_is_asked_for_comes_back_and_moves_the_weights() -> None:
    network = small_network()
    optimiser = build_optimiser(MUON, network, 1e-2)
    before = [p.detach().clone() for p in network.parameters()]

    def loss() -> Tensor:
        optimiser.zero_grad()
        found = network(torch.ones(1, 3, 8, 8)).square().mean()
        found.backward()
        return found

    first = optimiser.step(loss)
    assert first.detach() > loss().detach()
    moved = [not torch.equal(*pair) for pair in zip(before, network.parameters(), strict=True)]
    assert all(moved)


@pytest.fixture
def muon_config(exact_config: RunConfig) -> RunConfig:
    generator = replace(exact_config.generator, channels=16)
    optimiser = replace(exact_config.optimiser, kind="muon")
    return replace(exact_config, generator=generator, optimiser=optimiser)


def weights(events: list[Event], folder: RunFolder) -> dict[str, Tensor]:
    assert events
    return load_file(folder.final_model)


def test_a_run_with_muon_resumes_exactly(
    tmp_path: Path, muon_config: RunConfig, inputs: Inputs
) -> None:
    straight = RunFolder(tmp_path / "straight")
    whole = weights(list(start(muon_config, inputs(), straight)), straight)
    parts = RunFolder(tmp_path / "parts")
    asked = iter(range(7))
    list(start(muon_config, inputs(), parts, stop=lambda: next(asked, None) is None))
    again = weights(list(resume(parts)), parts)
    assert again.keys() == whole.keys()
    assert all(torch.equal(again[name], whole[name]) for name in whole)


def test_another_optimiser_in_the_config_is_named(
    tmp_path: Path, muon_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    list(start(muon_config, inputs(), folder))
    folder.change_end(30, None)
    values = folder.read_values()
    values["config"]["optimiser"]["kind"] = "adam"
    folder.write_values(values)
    with pytest.raises(RunFolderError, match="optimiser"):
        list(resume(folder))


def test_a_momentum_of_one_would_never_move() -> None:
    with pytest.raises(UsageError, match=r"optimiser\.momentum"):
        OptimiserConfig(momentum=1.0)


def test_muon_is_refused_where_it_would_move_next_to_nothing() -> None:
    with pytest.raises(UsageError, match="is trained by Adam"):
        load_preset("photo-adaptive-x4", ["optimiser.kind=muon"])
