"""How the program starts itself and others."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from srgan_desktop.core.base import self_command as own_program
from srgan_desktop.core.networks import network
from srgan_desktop.core.networks.network import he_initialise


def test_a_module_of_this_interpreter_runs_from_source() -> None:
    command = own_program.own_command("--version")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("srgan-desktop ")


def test_a_frozen_program_runs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/opt/a b/srgan-desktop")
    assert own_program.own_command("train", "presets") == [
        "/opt/a b/srgan-desktop",
        "train",
        "presets",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            {"LD_LIBRARY_PATH": "/app", "LD_LIBRARY_PATH_ORIG": "/mine"},
            {"LD_LIBRARY_PATH": "/mine"},
        ),
        ({"LD_LIBRARY_PATH": "/app", "HOME": "/h"}, {"HOME": "/h"}),
        ({}, {}),
    ],
)
def test_other_programs_get_the_persons_library_path(
    monkeypatch: pytest.MonkeyPatch, before: dict[str, str], after: dict[str, str]
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    environment = dict(before)
    own_program.restore_library_path(environment)
    assert environment == after


def test_from_source_the_library_path_is_left_alone() -> None:
    environment = {"LD_LIBRARY_PATH": "/mine"}
    own_program.restore_library_path(environment)
    assert environment == {"LD_LIBRARY_PATH": "/mine"}


def test_shapes_alone_are_not_initialised(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("drawn for nothing, which makes torch import its compiler")

    monkeypatch.setattr(network.nn.init, "kaiming_normal_", refuse)
    with torch.device("meta"):
        he_initialise(nn.Sequential(nn.Conv2d(3, 4, 3)))
    with pytest.raises(AssertionError, match="for nothing"):
        he_initialise(nn.Sequential(nn.Conv2d(3, 4, 3)))
