"""PyTorch files of other programs: read without running them, and run like ours."""

from __future__ import annotations

import pickle
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from third_party_makers import (
    NumberedSrgan,
    SequentialSrresnet,
    compact_tensors,
    lively,
    save,
)

from srgan_desktop.core.base.errors import ModelFileError, UsageError
from srgan_desktop.core.engine.engine import open_engine
from srgan_desktop.core.engine.tile_overlap import NON_LOCAL_OVERLAP
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.networks.srresnet import SRResNet
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.core.upscaling.upscale import UpscaleOptions, upscale_image
from srgan_desktop.core.weights.interpolate import load_with_detail
from srgan_desktop.core.weights.third_party.checkpoints import canonical
from srgan_desktop.core.weights.third_party.facts import known_facts
from srgan_desktop.core.weights.third_party.network import (
    ThirdPartyConfig,
    ThirdPartyNetwork,
    padded_size,
)
from srgan_desktop.core.weights.third_party.open_model import card_of, open_model, parameters_of


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize(
    "theirs",
    [
        SequentialSrresnet(),
        SequentialSrresnet(blocks=1, steps=1, colours=1),
        SequentialSrresnet(steps=3),
        NumberedSrgan(),
        NumberedSrgan(steps=1),
    ],
    ids=["x4", "grey x2", "x8", "numbered x4", "numbered x2"],
)
def test_an_srresnet_of_another_program_becomes_ours(
    theirs: torch.nn.Module, tmp_path: Path
) -> None:
    lively(theirs)
    network, card = open_model(save(tmp_path / "theirs.pth", {"state_dict": theirs.state_dict()}))
    assert isinstance(network, SRResNet)
    x = torch.rand(1, network.config.colours, 9, 7)
    torch.testing.assert_close(network(x), theirs(x), rtol=1e-4, atol=1e-5)
    assert card.name == "theirs"
    assert card.scale == network.config.scale
    assert card.config.is_local
    assert not card.scores


def test_tensors_named_in_the_other_way(tmp_path: Path) -> None:
    theirs = lively(SequentialSrresnet())
    renamed = {
        f"module.{key.replace('conv1.', 'conv_block1.').replace('conv2.', 'conv_block2.')}": value
        for key, value in theirs.state_dict().items()
    }
    network, _ = open_model(save(tmp_path / "a.pth", {"epoch": 3, "params_ema": renamed}))
    x = torch.rand(1, 3, 5, 6)
    torch.testing.assert_close(network(x), theirs(x), rtol=1e-4, atol=1e-5)


def test_one_slope_for_each_channel_is_not_taken_for_ours(tmp_path: Path) -> None:
    theirs = SequentialSrresnet()
    theirs.conv1[1] = torch.nn.PReLU(num_parameters=8)
    with pytest.raises(ModelFileError, match="architecture is unknown"):
        open_model(save(tmp_path / "a.pth", theirs.state_dict()))


def test_a_model_that_spandrel_knows(tmp_path: Path) -> None:
    path = save(tmp_path / "compact.pth", {"params": compact_tensors()})
    network, card = open_model(path)
    assert isinstance(network, ThirdPartyNetwork)
    assert card.scale == 4
    assert "Compact" in card.description
    assert not card.config.is_local
    assert parameters_of(card.config) == sum(t.numel() for t in compact_tensors().values())
    engine = open_engine(path, "cpu", "fp32", 1)
    assert engine.needs_blending
    assert engine.overlap == NON_LOCAL_OVERLAP
    assert engine.way == "torch fp32 on cpu"
    for height, width in ((20, 30), (1, 1), (3, 17)):
        x = torch.rand(1, 3, height, width)
        y = engine.run(x)
        assert y.shape == (1, 3, 4 * height, 4 * width)
        assert float(y.min()) >= 0
        assert float(y.max()) <= 1
    # a batch, as an enlargement of grey pictures gives it to grey networks
    pair = torch.rand(2, 3, 20, 20)
    both = engine.run(pair)
    torch.testing.assert_close(both[1:], engine.run(pair[1:]), rtol=1e-4, atol=1e-5)


def test_half_precision_is_tried_and_checked(tmp_path: Path) -> None:
    path = save(tmp_path / "compact.pth", compact_tensors())
    assert open_engine(path, "cpu", "bf16", 1).precision in ("bf16", "fp32")


def test_as_safetensors_and_as_a_card(tmp_path: Path) -> None:
    path = tmp_path / "compact.safetensors"
    save_file({key: value.clone() for key, value in compact_tensors(2).items()}, path)
    assert known_facts(path) is None
    card = card_of(path)
    assert card.scale == 2
    facts = known_facts(path)
    assert facts is not None
    assert facts.config == card.config
    assert card_of(path) == card


def test_known_facts_belong_to_the_file_as_it_was(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pth", compact_tensors(4))
    assert card_of(path).scale == 4
    save(path, compact_tensors(2))
    assert card_of(path).scale == 2


def test_damaged_facts_are_found_out_anew(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pth", compact_tensors(4))
    card = card_of(path)
    (kept,) = (tmp_path / "home" / "cache" / "models").iterdir()
    kept.write_text("{")
    assert card_of(path) == card


def test_a_tiled_enlargement_has_no_seams(tmp_path: Path) -> None:
    engine = open_engine(save(tmp_path / "a.pth", compact_tensors(2)), "cpu", "fp32", 1)
    y, x = np.mgrid[:100, :120]
    pixels = np.stack([x * 2, y * 2, x + y], -1).astype(np.uint8)

    def enlarged(tile: int | None) -> np.ndarray:
        events = upscale_image(
            RasterImage(pixels), engine, UpscaleOptions(TargetSize("scale", 2), tile)
        )
        while True:
            try:
                next(events)
            except StopIteration as stop:
                return np.asarray(stop.value.pixels).astype(int)

    whole, tiled = enlarged(None), enlarged(40)
    assert whole.shape == (200, 240, 3)
    assert np.abs(whole - tiled).max() <= 1


class Attack:
    """What unpickling would do to whoever trusts it."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (exec, (f"import pathlib; pathlib.Path({str(self.target)!r}).touch()",))


@pytest.mark.parametrize("zipped", [True, False])
def test_a_malicious_pickle_does_not_run(zipped: bool, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    path = tmp_path / "evil.pth"
    content = {"params": compact_tensors(), "more": Attack(mark)}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(ModelFileError, match="could run a program inside it"):
        open_model(path)
    assert not mark.exists()
    if not zipped:
        return
    torch.load(path, weights_only=False)  # the file is a real attack on those who trust it
    assert mark.exists()


def test_a_plain_pickle_and_other_files(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    plain = tmp_path / "plain.pth"
    plain.write_bytes(pickle.dumps(Attack(mark)))
    empty = tmp_path / "empty.pth"
    empty.touch()
    text = tmp_path / "text.ckpt"
    text.write_text("no model")
    for path in (plain, empty, text, tmp_path / "missing.pth"):
        with pytest.raises(ModelFileError) as caught:
            open_model(path)
        assert caught.value.path == path
    assert not mark.exists()


def test_a_file_cut_short(tmp_path: Path) -> None:
    whole = save(tmp_path / "a.pth", compact_tensors()).read_bytes()
    for part in (len(whole) // 3, len(whole) - 200):
        cut = tmp_path / f"{part}.pth"
        cut.write_bytes(whole[:part])
        with pytest.raises(ModelFileError, match=r"damaged|more than weights"):
            open_model(cut)


def test_torchscript_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "script.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("script/constants.pkl", b"")
        archive.writestr("script/data.pkl", b"")
    with pytest.raises(ModelFileError, match="TorchScript"):
        open_model(path)


@pytest.mark.parametrize("kind", ["float8_e4m3fn", "float8_e5m2"])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_weights_of_8_bits_are_read(tmp_path: Path, kind: str, suffix: str) -> None:
    dtype = getattr(torch, kind)
    tensors = {key: value.to(dtype) for key, value in compact_tensors().items()}
    path = tmp_path / f"small{suffix}"
    if suffix == ".pth":
        save(path, tensors)
    else:
        save_file(tensors, path)
    network, _ = open_model(path)
    for value, expected in zip(network.state_dict().values(), tensors.values(), strict=True):
        assert torch.equal(value, expected.float())


def test_weights_of_4_bits_are_refused(tmp_path: Path) -> None:
    packed = {
        key: torch.zeros(value.shape, dtype=torch.uint8).view(torch.float4_e2m1fn_x2)
        for key, value in compact_tensors().items()
    }
    with pytest.raises(ModelFileError, match="float4"):
        canonical(tmp_path / "x.pth", packed)


def test_what_is_no_use_here(tmp_path: Path) -> None:
    cases = {
        "no weights": {"epoch": 1},
        "no weights of": [1, 2],
        "architecture is unknown": {"a.weight": torch.ones(3, 3)},
        "NaN or infinity": compact_tensors() | {"body.0.bias": torch.full((8,), float("nan"))},
    }
    for message, content in cases.items():
        with pytest.raises(ModelFileError, match=message):
            open_model(save(tmp_path / "a.pth", content))


def test_weights_that_do_not_fit_together(tmp_path: Path) -> None:
    tensors = compact_tensors()
    tensors["body.2.weight"] = torch.ones(5, 5, 3, 3)
    with pytest.raises(ModelFileError, match="do not fit together"):
        open_model(save(tmp_path / "a.pth", tensors))


def test_without_spandrel_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "spandrel", None)
    with pytest.raises(ModelFileError, match="pip install spandrel torchvision"):
        open_model(save(tmp_path / "a.pth", compact_tensors()))
    # those that can be converted need nothing
    theirs = lively(SequentialSrresnet())
    assert open_model(save(tmp_path / "b.pth", theirs.state_dict()))[1].scale == 4


def test_detail_needs_a_partner(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pth", compact_tensors())
    assert load_with_detail(path, 100)[1].scale == 4
    with pytest.raises(UsageError, match="no smooth partner"):
        load_with_detail(path, 50)


def test_sizes_that_a_network_asks_for() -> None:
    plain = ThirdPartyConfig("x", "pytorch", 4, 3)
    assert padded_size((20, 30), plain) == (20, 30)
    assert padded_size((1, 30), plain) == (16, 30)
    choosy = ThirdPartyConfig("x", "pytorch", 4, 3, multiple_of=24, minimum=64, square=True)
    assert padded_size((20, 30), choosy) == (72, 72)
    assert padded_size((100, 30), choosy) == (120, 120)


def test_an_archive_whose_names_are_damaged(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pth", compact_tensors())
    names_in_utf8 = path.read_bytes().replace(b"a/data.pkl", b"\xff/data.pkl")
    path.write_bytes(names_in_utf8.replace(b"PK\x01\x02", b"PK\x01\x02\x80\x80"))
    with pytest.raises(ModelFileError):
        open_model(path)
