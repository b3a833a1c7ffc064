"""No module of the window loads torch by being imported: the first frame would wait for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import srgan_desktop.gui

LOOK = """
import importlib, pkgutil, sys
import srgan_desktop.gui as gui

for module in pkgutil.walk_packages(gui.__path__, gui.__name__ + "."):
    importlib.import_module(module.name)
    heavy = {"torch", "openvino", "torchvision"} & set(sys.modules)
    if heavy:
        sys.exit(f"{module.name} loads {sorted(heavy)}")
    print(module.name)
"""


def test_no_widget_loads_torch() -> None:
    root = Path(srgan_desktop.gui.__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", LOOK],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "srgan_desktop.gui.upscale.page" in run.stdout.splitlines()
