from __future__ import annotations

import os

import pytest
import torch

from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from trainer.training.forward import TrainingForward
from trainer.training.threads import one_thread, wait_briefly

VARIANTS = [
    SRResNetConfig(blocks=1, channels=8),
    SRResNetConfig(blocks=1, channels=8, scale=2, norm="none", skip="bicubic"),
    SRResNetConfig(blocks=1, channels=8, scale=3, activation="leaky_relu", tail_kernel=7),
    SRResNetConfig(blocks=1, channels=4, scale=8, norm="instance", output="tanh"),
    SRResNetConfig(blocks=1, channels=8, scale=3, tail_kernel=1, colours=1, norm="none"),
]


@pytest.mark.parametrize("config", VARIANTS)
def test_outputs_and_gradients_are_the_generators(config: SRResNetConfig) -> None:
    torch.manual_seed(2)
    network = SRResNet(config).double().train()
    x = torch.rand(2, config.colours, 7, 6, dtype=torch.float64)
    results = []
    for forward in (network, TrainingForward(network)):
        sr = forward(x)
        gradients = torch.autograd.grad(sr.square().mean(), list(network.parameters()))
        results.append((sr, *gradients))
    for ours, theirs in zip(*results, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-12)


def test_the_number_of_threads_comes_back() -> None:
    torch.set_num_threads(2)
    with pytest.raises(ValueError, match="midst"), one_thread(torch.device("cpu")):
        assert torch.get_num_threads() == 1
        raise ValueError("in the midst")
    assert torch.get_num_threads() == 2
    with one_thread(torch.device("meta")):
        assert torch.get_num_threads() == 2


def test_waits_are_short_unless_the_person_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    wait_briefly()
    assert "GOMP_SPINCOUNT" not in os.environ
    monkeypatch.delenv("OMP_WAIT_POLICY")
    monkeypatch.setenv("KMP_BLOCKTIME", "200")
    wait_briefly()
    assert int(os.environ["GOMP_SPINCOUNT"]) > 0
    assert os.environ["KMP_BLOCKTIME"] == "200"
