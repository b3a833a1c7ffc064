"""Takes the plug-in for processors, which OpenVINO opens by name when it is first asked for."""

from __future__ import annotations

from PyInstaller.utils.hooks import collect_dynamic_libs

binaries = [
    (source, target)
    for source, target in collect_dynamic_libs(
        "openvino", search_patterns=["*.dll", "*.dylib", "*.so", "*.so.*"]
    )
    if "libs" in target
]
