"""Compiled graphs are destroyed in a thread of their own."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable

import numpy as np
import pytest

from srgan_desktop.core.backends import release
from srgan_desktop.core.backends.openvino_backend import OpenVinoBackend, available_precisions
from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.weights.architectures import inference_form

needs_openvino = pytest.mark.skipif(not available_precisions(), reason="no OpenVINO here")


def witnesses(count: int) -> tuple[list[object], list[threading.Thread]]:
    """Objects, and a list of the threads that destroy them."""
    seen: list[threading.Thread] = []
    # the collector does not look at arrays, as it does not at OpenVINO's objects
    things: list[object] = [np.zeros(1) for _ in range(count)]
    for thing in things:
        weakref.finalize(thing, lambda: seen.append(threading.current_thread()))
    del thing
    return things, seen


def test_things_are_destroyed_elsewhere() -> None:
    thread = release.start()
    things, seen = witnesses(3)
    release.let_go(things)
    assert things == []
    assert release.wait_until_gone()
    assert seen == [thread] * 3


def test_a_thing_whose_end_fails_does_not_end_the_thread(
    recwarn: pytest.WarningsRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bad:
        def __del__(self) -> None:
            raise RuntimeError("cannot go")

    # Python reports it and goes on
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: None)
    release.start()
    things, seen = witnesses(1)
    release.let_go([*things, Bad()])
    del things
    assert release.wait_until_gone()
    assert len(seen) == 1
    assert release.start().is_alive()


def test_without_the_thread_they_are_destroyed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "is_alive", lambda thread: False)
    things, seen = witnesses(2)
    release.let_go(things)
    assert seen == [threading.current_thread()] * 2


@pytest.mark.parametrize(
    "problem", [OSError("none"), TypeError("no name"), AttributeError("no trim")]
)
def test_elsewhere_than_on_glibc_nothing_is_given_back(
    monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def load(name: object) -> object:
        raise problem

    monkeypatch.setattr(release.ctypes, "CDLL", load)
    assert release._give_back_free_memory()() is None


@pytest.fixture
def backend() -> Callable[[], OpenVinoBackend]:
    network = inference_form(SRResNet(SRResNetConfig(scale=2, blocks=1, channels=8)).eval())
    return lambda: OpenVinoBackend(network, "fp32", 1)


@needs_openvino
@pytest.mark.parametrize("in_a_cycle", [False, True])
def test_a_backend_leaves_its_graphs_to_the_thread(
    backend: Callable[[], OpenVinoBackend], in_a_cycle: bool
) -> None:
    one = backend()
    assert one.run_array(np.zeros((1, 3, 8, 8), np.float32)).shape == (1, 3, 16, 16)
    (witness, other), seen = witnesses(2)
    one._requests["body"], one._models["body"] = witness, other
    if in_a_cycle:
        one.on_run = lambda graph, seconds, keeps=one: None  # type: ignore[misc]
    del witness, other, one
    gc.collect()
    assert release.wait_until_gone()
    assert seen == [release.start()] * 2


@needs_openvino
def test_a_backend_that_was_never_made_has_nothing_to_leave() -> None:
    OpenVinoBackend.__new__(OpenVinoBackend).__del__()


@needs_openvino
def test_a_program_that_still_holds_one_ends_well() -> None:
    program = (
        "from tests.core.backends.test_release import *\n"
        "network = inference_form(SRResNet(SRResNetConfig(scale=2, blocks=1, channels=8)))\n"
        "kept = OpenVinoBackend(network, 'fp32', 1)\n"
        "OpenVinoBackend(network, 'fp32', 1)\n"
        "print('done')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=False,
        timeout=120,
    )
    assert (ended.returncode, ended.stdout.strip(), ended.stderr.strip()) == (0, "done", "")
