"""Takes torch's libraries alone: the usual hook takes headers, programs, tests and all sources.

Only for builds of torch for processors; those for CUDA need what the usual hook knows of NVIDIA's
libraries.
"""

from __future__ import annotations

import re
from pathlib import Path

from PyInstaller.utils.hooks import collect_dynamic_libs, collect_submodules, get_package_paths

_UNUSED = ("test", "aoti_custom_ops", "backend_with_compiler", "libshm_windows")
# modules with one of these read their own source when they are imported
_READ_THEMSELVES = re.compile(
    r"\binstall_config_module\(|_install_config_module\(|^\s*@(torch\._jit_internal\.)?_overload"
    r"|_overload as overload",
    re.MULTILINE,
)


def _modules_that_read_themselves() -> dict[str, str]:
    folder = Path(get_package_paths("torch")[1])
    modes = {"torch": "pyz"}
    for path in folder.rglob("*.py"):
        inside = path.relative_to(folder.parent).with_suffix("")
        if "testing" in inside.parts or inside.name == "__init__":
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if _READ_THEMSELVES.search(text):
            modes[".".join(inside.parts)] = "pyz+py"
    return modes


binaries = [
    (source, target)
    for source, target in collect_dynamic_libs(
        "torch", search_patterns=["*.dll", "*.dylib", "*.so", "*.so.*"]
    )
    if target.replace("\\", "/") == "torch/lib"
    and not any(word in Path(source).name for word in _UNUSED)
]
_manager = Path(get_package_paths("torch")[1]) / "bin" / "torch_shm_manager"
if _manager.exists():
    # never started here, but torch does not start without it
    binaries.append((str(_manager), "torch/bin"))
module_collection_mode = _modules_that_read_themselves()
hiddenimports = collect_submodules("torch._dynamo.polyfills")
# links beside the libraries would only double the names under which they are found
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
