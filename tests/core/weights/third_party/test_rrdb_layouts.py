"""ESRGAN's generators, in each generation of names, are our RRDB with the same weights."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from torch import Tensor

from srgan_desktop.core.networks.rrdb import RrdbConfig, RrdbNetwork
from srgan_desktop.core.weights.third_party.open_model import open_model
from srgan_desktop.core.weights.third_party.rrdb_layouts import rrdb_of


def network(scale: int = 4, colours: int = 3) -> RrdbNetwork:
    torch.manual_seed(2)
    config = RrdbConfig(scale=scale, blocks=2, channels=8, growth=4, colours=colours)
    return RrdbNetwork(config).eval()


def current(name: str) -> str:
    name = re.sub(r"blocks\.(\d+)\.dense\.(\d)\.", _dense("body.{}.rdb{}."), name)
    name = re.sub(r"upsample\.(\d)", lambda m: f"conv_up{int(m[1]) + 1}", name)
    return _outer(name, "conv_first", "conv_body", "conv_hr")


def early(name: str) -> str:
    name = re.sub(r"blocks\.(\d+)\.dense\.(\d)\.", _dense("RRDB_trunk.{}.RDB{}."), name)
    name = re.sub(r"upsample\.(\d)", lambda m: f"upconv{int(m[1]) + 1}", name)
    return _outer(name, "conv_first", "trunk_conv", "HRconv")


def numbered(name: str) -> str:
    name = re.sub(r"blocks\.(\d+)\.dense\.(\d)\.", _dense("model.1.sub.{}.RDB{}."), name)
    name = re.sub(r"(RDB\d\.conv\d)\.", r"\1.0.", _outer(name, "model.0", "model.1.sub.2", "fine"))
    name = re.sub(r"upsample\.(\d)", lambda m: f"model.{3 + 3 * int(m[1])}", name)
    return name.replace("fine", "model.8").replace("conv_last", "model.10")


def _dense(form: str):  # type: ignore[no-untyped-def]
    return lambda m: form.format(m[1], int(m[2]) + 1)


def _outer(name: str, head: str, trunk: str, fine: str) -> str:
    name = re.sub(r"convs\.(\d)", lambda m: f"conv{int(m[1]) + 1}", name).replace("last", "conv5")
    for ours, other in (("head", head), ("trunk", trunk), ("fine", fine), ("tail", "conv_last")):
        name = re.sub(rf"^{ours}\.", f"{other}.", name)
    return name


@pytest.mark.parametrize(
    ("naming", "scale", "colours"),
    [(current, 4, 3), (current, 2, 3), (early, 4, 1), (early, 8, 3), (numbered, 4, 3)],
)
def test_each_layout_is_read(naming, scale: int, colours: int) -> None:  # type: ignore[no-untyped-def]
    ours = network(scale, colours)
    tensors = {naming(key): value for key, value in ours.state_dict().items()}
    read = rrdb_of(tensors)
    assert read is not None
    assert read.config == ours.config
    x = torch.rand(1, colours, 9, 7)
    assert torch.equal(read(x), ours(x))


def test_a_file_is_opened_as_our_network(tmp_path: Path) -> None:
    tensors = {current(key): value.half() for key, value in network().state_dict().items()}
    torch.save({"params_ema": tensors}, tmp_path / "x4.pth")
    read, card = open_model(tmp_path / "x4.pth")
    assert isinstance(read, RrdbNetwork)
    assert card.scale == 4


def changed(change: str) -> dict[str, Tensor]:
    tensors = {current(key): value for key, value in network().state_dict().items()}
    if change == "missing":
        del tensors["conv_hr.bias"]
    elif change == "shape":
        tensors["conv_hr.weight"] = torch.zeros(8, 9, 3, 3)
    elif change == "unknown":
        tensors["attention.weight"] = torch.zeros(3)
    elif change == "unshuffled":
        tensors["conv_first.weight"] = torch.zeros(8, 12, 3, 3)
    return tensors


@pytest.mark.parametrize("change", ["missing", "shape", "unknown", "unshuffled"])
def test_other_networks_are_left_to_others(change: str) -> None:
    assert rrdb_of(changed(change)) is None
