"""Adversarial and content losses against computations spelled out."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from srgan_desktop.core.base.errors import ModelFileError, UsageError
from trainer.losses.adversarial import (
    discriminator_loss,
    generator_loss,
    mean_probability,
    r1_penalty,
)
from trainer.losses.content import (
    feature_distance,
    gram,
    normalised_distance,
    texture_distance,
)
from trainer.networks.features import VggFeatures, build_features, layer_index
from trainer.networks.vgg_weights import Published, find_weights, read_weights

REAL = torch.tensor([[2.0], [-0.5], [0.3]])
FAKE = torch.tensor([[-1.0], [0.7], [0.1]])


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def numbers(logits: Tensor) -> list[float]:
    return [float(v) for v in logits.flatten()]


def test_bce_is_the_log_of_probabilities() -> None:
    real, fake = numbers(REAL), numbers(FAKE)
    d = mean([-math.log(sigmoid(r)) for r in real]) + mean(
        [-math.log(1 - sigmoid(f)) for f in fake]
    )
    g = mean([-math.log(sigmoid(f)) for f in fake])
    assert float(discriminator_loss("bce", REAL, FAKE)) == pytest.approx(d, rel=1e-5)
    assert float(generator_loss("bce", REAL, FAKE)) == pytest.approx(g, rel=1e-5)


def test_label_smoothing_moves_the_target_of_photos_only() -> None:
    real, fake = numbers(REAL), numbers(FAKE)
    d = mean([-0.9 * math.log(sigmoid(r)) - 0.1 * math.log(1 - sigmoid(r)) for r in real]) + mean(
        [-math.log(1 - sigmoid(f)) for f in fake]
    )
    assert float(discriminator_loss("bce", REAL, FAKE, 0.1)) == pytest.approx(d, rel=1e-5)
    squares = mean([(r - 0.9) ** 2 for r in real]) + mean([f**2 for f in fake])
    assert float(discriminator_loss("lsgan", REAL, FAKE, 0.1)) == pytest.approx(squares, rel=1e-5)


def test_lsgan_and_hinge() -> None:
    real, fake = numbers(REAL), numbers(FAKE)
    squares = mean([(f - 1) ** 2 for f in fake])
    assert float(generator_loss("lsgan", REAL, FAKE)) == pytest.approx(squares, rel=1e-5)
    d = mean([max(0, 1 - r) for r in real]) + mean([max(0, 1 + f) for f in fake])
    assert float(discriminator_loss("hinge", REAL, FAKE)) == pytest.approx(d, rel=1e-5)
    assert float(generator_loss("hinge", REAL, FAKE)) == pytest.approx(-mean(fake), rel=1e-5)


def test_relativistic_compares_with_the_mean_of_the_others() -> None:
    real, fake = numbers(REAL), numbers(FAKE)
    r, f = mean(real), mean(fake)
    d = mean([-math.log(sigmoid(v - f)) for v in real]) + mean(
        [-math.log(1 - sigmoid(v - r)) for v in fake]
    )
    g = mean([-math.log(sigmoid(v - r)) for v in fake]) + mean(
        [-math.log(1 - sigmoid(v - f)) for v in real]
    )
    assert float(discriminator_loss("relativistic", REAL, FAKE)) == pytest.approx(d / 2, rel=1e-5)
    assert float(generator_loss("relativistic", REAL, FAKE)) == pytest.approx(g / 2, rel=1e-5)


@pytest.mark.parametrize("kind", ["bce", "lsgan", "hinge", "relativistic"])
def test_gradients_push_the_right_way(kind: str) -> None:
    # between the targets of all kinds
    real = torch.tensor([0.5, 0.4, 0.6], requires_grad=True)
    fake = torch.tensor([0.3, 0.6, 0.2], requires_grad=True)
    discriminator_loss(kind, real, fake).backward()  # type: ignore[arg-type]
    assert real.grad is not None
    assert fake.grad is not None
    assert real.grad.sum() < 0 < fake.grad.sum()
    fake.grad = None
    generator_loss(kind, REAL, fake).backward()  # type: ignore[arg-type]
    assert fake.grad is not None
    assert fake.grad.sum() < 0


def test_the_mean_probability() -> None:
    assert float(mean_probability("bce", REAL)) == pytest.approx(
        mean([sigmoid(v) for v in numbers(REAL)])
    )
    assert float(mean_probability("lsgan", torch.tensor([2.0, 0.5, -1.0]))) == pytest.approx(0.5)


def test_r1_is_the_squared_gradient() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 1))
    penalty = r1_penalty(network, torch.rand(5, 3, 2, 2))
    assert penalty.item() == pytest.approx((network[1].weight ** 2).sum().item(), rel=1e-5)
    penalty.backward()
    assert network[1].weight.grad is not None


def test_gram_by_hand() -> None:
    features = torch.randn(2, 3, 4, 5)
    expected = np.zeros((2, 3, 3))
    values = features.numpy().astype(float)
    for n in range(2):
        for i in range(3):
            for j in range(3):
                expected[n, i, j] = (values[n, i] * values[n, j]).sum() / (3 * 4 * 5)
    assert np.allclose(gram(features).numpy(), expected, atol=1e-6)


def test_texture_forgets_places() -> None:
    features = torch.randn(1, 3, 6, 6)
    moved = torch.roll(features, (2, 3), (2, 3))
    assert float(texture_distance([features], [moved], [1.0])) == pytest.approx(0, abs=1e-9)
    assert float(texture_distance([features], [2 * features], [1.0])) > 0.01


def test_normalised_distance_sees_directions_and_not_lengths() -> None:
    theirs = torch.zeros(1, 2, 1, 2)
    theirs[0, 0], theirs[0, 1] = 3.0, 4.0
    assert normalised_distance(theirs * 7, theirs).item() == pytest.approx(0, abs=1e-6)
    turned = theirs.flip(1)
    # cosine of (3, 4) and (4, 3): 24 / 25
    assert normalised_distance(turned, theirs).item() == pytest.approx(2 - 2 * 24 / 25)
    nothing = torch.zeros(1, 2, 1, 2, requires_grad=True)
    feature_distance([nothing], [theirs], [1.0], "normalised").backward()
    assert nothing.grad is not None and nothing.grad.isfinite().all()


def test_feature_distance_weighs_layers_and_spares_the_truth() -> None:
    ours = [torch.randn(1, 2, 3, 3, requires_grad=True) for _ in range(2)]
    theirs = [torch.randn(1, 2, 3, 3, requires_grad=True) for _ in range(2)]
    loss = feature_distance(ours, theirs, [0.1, 2.0], "l1")
    terms = [(a - b).abs().mean().item() for a, b in zip(ours, theirs, strict=True)]
    assert loss.item() == pytest.approx(0.1 * terms[0] + 2 * terms[1], rel=1e-5)
    loss.backward()
    assert all(a.grad is not None for a in ours)
    assert all(b.grad is None for b in theirs)


@pytest.mark.parametrize(
    ("network", "layer", "before", "index"),
    [
        # places in torchvision's published stacks
        ("vgg19", "2_2", False, 8),
        ("vgg19", "5_4", False, 35),
        ("vgg19", "5_4", True, 34),
        ("vgg19", "1_2", True, 2),
        ("vgg16", "5_3", False, 29),
        ("vgg16", "3_3", True, 14),
    ],
)
def test_layers_lie_where_torchvision_has_them(
    network: str, layer: str, before: bool, index: int
) -> None:
    assert layer_index(network, layer, before_activation=before) == index


@pytest.mark.parametrize("layer", ["6_1", "5_4", "0_1", "conv5", "1_0"])
def test_layers_that_are_not_there(layer: str) -> None:
    with pytest.raises(UsageError, match="no layer"):
        layer_index("vgg16", layer, before_activation=False)


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    torch.manual_seed(0)
    return build_features("vgg16", 1000).state_dict()


def test_vgg_features_are_those_of_the_stack(weights: dict[str, Tensor]) -> None:
    named = {f"features.{key}": value for key, value in weights.items()}
    network = VggFeatures("vgg16", ["3_1", "1_2"], named)
    x = torch.rand(1, 3, 32, 32)
    deep, shallow = network(x)
    whole = build_features("vgg16", 1000)
    whole.load_state_dict(weights)
    normalised = (x - torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)) / torch.tensor(
        [0.229, 0.224, 0.225]
    ).view(1, 3, 1, 1)
    assert torch.allclose(shallow, whole[:4](normalised), atol=1e-5)
    assert torch.allclose(deep, whole[:12](normalised), atol=1e-5)
    before = VggFeatures("vgg16", ["1_2"], named, before_activation=True)(x)[0]
    assert torch.equal(before.clamp(min=0), shallow)
    assert (before < 0).any()
    assert network(torch.rand(1, 1, 32, 32))[0].shape == deep.shape  # grey pictures too
    assert not any(p.requires_grad for p in network.parameters())


class TestFindingWeights:
    @pytest.fixture(autouse=True)
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
        monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
        return tmp_path

    def found(self, network: str, file: Path | None = None) -> dict[str, Tensor]:
        search = find_weights(network, file, Published("http://127.0.0.1:9/vgg16-0.pth", "0"))
        while True:
            try:
                next(search)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]

    def test_a_named_file(self, home: Path, weights: dict[str, Tensor]) -> None:
        save_file({k: v.half() for k, v in weights.items()}, home / "mine.safetensors")
        found = self.found("vgg16", home / "mine.safetensors")
        assert found["0.weight"].dtype == torch.float32
        assert torch.allclose(found["0.weight"], weights["0.weight"], atol=1e-3)

    def test_torchs_own_cache(self, home: Path, weights: dict[str, Tensor]) -> None:
        path = home / "hub" / "checkpoints" / "vgg16-0.pth"
        path.parent.mkdir(parents=True)
        torch.save({f"features.{k}": v for k, v in weights.items()}, path)
        assert torch.equal(self.found("vgg16")["28.weight"], weights["28.weight"])

    def test_the_models_folder_comes_first(self, home: Path, weights: dict[str, Tensor]) -> None:
        folder = home / "home" / "models" / "vgg"
        folder.mkdir(parents=True)
        save_file({k: v + 1 for k, v in weights.items()}, folder / "vgg16.safetensors")
        assert torch.equal(self.found("vgg16")["0.bias"], weights["0.bias"] + 1)

    def test_other_weights_are_refused(self, home: Path, weights: dict[str, Tensor]) -> None:
        save_file(weights, home / "vgg16.safetensors")
        with pytest.raises(ModelFileError, match="does not hold the weights of vgg19"):
            read_weights("vgg19", home / "vgg16.safetensors")

    def test_code_in_a_file_is_not_run(self, home: Path) -> None:
        class Trap:
            def __reduce__(self) -> tuple[object, ...]:
                return (Path.touch, (home / "sprung",))

        torch.save({"x": Trap()}, home / "trap.pth")
        with pytest.raises(ModelFileError, match="cannot be read"):
            read_weights("vgg16", home / "trap.pth")
        assert not (home / "sprung").exists()

    def test_a_missing_file_is_named(self, home: Path) -> None:
        with pytest.raises(ModelFileError, match="no such file"):
            self.found("vgg16", home / "none.pth")
