"""What goes into the package and what stays out; the specification and the tests read it."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import PurePath, PurePosixPath

# Modules that torch and others import only for work that this program never does: compiling
# networks for GPUs, exporting by tracing, self-tests, installing packages, training on clusters.
EXCLUDED_MODULES = (
    "IPython",
    "PIL.ImageTk",
    "PySide6.QtOpenGL",  # see STAND_INS
    "_pytest",
    "distutils",
    "doctest",
    "fsspec",
    "iniconfig",
    "jinja2",
    "lib2to3",
    "lpips",
    "matplotlib",
    "networkx",
    "opencodecs",  # its libjxl alone is taken
    "pdb",
    "pkg_resources",
    "pluggy",
    "pydoc_data",
    "pygments",
    "pytest",
    "scipy",
    "setuptools",
    "tensorboard",
    "test",
    "tkinter",
    "triton",
    "xmlrpc",
    "numpy.f2py",
    "numpy.testing._private.extbuild",
    "numpy.distutils",
    "onnx.backend",
    "onnx.reference",
    "onnx.test",
    "onnx.tools",
    "openvino.frontend.jax",
    "openvino.frontend.onnx",
    "openvino.frontend.paddle",
    "openvino.frontend.pytorch",
    "openvino.frontend.tensorflow",
    "openvino.tools",
    "openvino.torch",
    "openvino_telemetry",
    "sympy.categories",
    "sympy.codegen",
    "sympy.combinatorics",
    "sympy.physics",
    "sympy.tensor.array.expressions",
    "sympy.tensor.tensor",
    "sympy.testing",
    "sympy.vector",
    "torch._export.serde",
    "torch._inductor.autoheuristic",
    "torch._inductor.codegen",
    "torch._inductor.fx_passes",
    "torch._inductor.ir",
    "torch._inductor.kernel",
    "torch._inductor.lowering",
    "torch._inductor.runtime.triton_heuristics",
    "torch._inductor.scheduler",
    "torch._inductor.select_algorithm",
    "torch._inductor.template_heuristics",
    "torch.ao.ns",
    "torch.distributed._tools",
    "torch.distributed.checkpoint",
    "torch.distributed.elastic",
    "torch.onnx._internal.exporter",
    "torch.onnx._internal.torchscript_exporter",
    "torch.testing._internal.common_methods_invocations",
    "torch.testing._internal.opinfo",
    "torch.testing._internal.optests",
    "torch.utils.tensorboard",
    "torch.utils.hipify",
    "torch.utils.cpp_extension",
    "torch.utils.benchmark",
    "torchgen.api.python",
    "functorch",
)

# Under the GPL, which would then hold for the package as a whole: extras of the installed program.
_UNDER_THE_GPL = ("pillow_heif",)
EXCLUDED_MODULES += _UNDER_THE_GPL

# What the program imports where it is there and does without where it is not, with a part of what a
# person is told then. All else that is imported is a dependency, and in every package.
OPTIONAL = {
    "distributed": "a cluster needs the package distributed",
    "onnx": "pip install onnx",
    "pillow_heif": "pillow-heif",
    "torch.utils.tensorboard": "TensorBoard files want the package tensorboard",
}
CARRIED = ("onnx",)  # of these: export works in the package

# Imported by name at run time, where PyInstaller cannot see it.
HIDDEN_MODULES = (
    "_libvips",
    "_pi_heif",
    # by pyqtgraph for every curve, whether or not it is drawn with OpenGL
    "PySide6.QtOpenGLWidgets",
    "srgan_desktop.core.engine.benchmark",
    "srgan_desktop.gui.shell.app",
    "trainer.cli",
)

# Modules that something imports without using them, by the file that takes their place.
STAND_INS = {"PySide6.QtOpenGL": "packaging/stand_ins/qt_opengl.py"}

# Qt's own modules that the window uses; the rest of PySide6 is dropped with what belongs to it.
QT_MODULES = ("Core", "DBus", "Gui", "Network", "OpenGLWidgets", "Svg", "Widgets")
_QT_LIBRARIES = (*QT_MODULES, "OpenGL", "WaylandClient", "WlShellIntegration", "XcbQpa")
_QT_PLUGINS = {
    "generic": (),
    "iconengines": (),
    # the program reads pictures itself; the clipboard needs PNG, which is built into Qt
    "imageformats": ("*jpeg*",),
    "platforminputcontexts": ("*compose*", "*ibus*"),
    "platforms": ("*xcb*", "*wayland*", "*offscreen*", "qwindows*", "*cocoa*"),
    # not GTK's: it would bring GTK along; the portal asks the desktop for its own dialogs
    "platformthemes": ("*portal*",),
    "styles": ("*",),
    "wayland-decoration-client": ("*",),
    "wayland-graphics-integration-client": ("*wayland-egl*",),
    "wayland-shell-integration": ("*xdg-shell*", "*qt-shell*"),
    "xcbglintegrations": (),
}

# Whatever path of the package matches is left out.
_DROPPED = (
    "PySide6/Qt/translations/*",
    "PySide6/translations/*",
    "PySide6/Qt/qml/*",
    "PySide6/qml/*",
    "PySide6/opengl32sw.dll",
    # maps from numbers to colours; curves have one each
    "pyqtgraph/colors/*",
    "openvino/libs/cache.json",
    "openvino/libs/*.pc",
    "*openvino_auto*plugin*",
    "*openvino_hetero_plugin*",
    # OpenVINO computes on the processor here; GPUs are torch's
    "*openvino_intel_gpu_plugin*",
    "*openvino_intel_npu_plugin*",
    "*openvino_c.*",
    # readers of other model files than ONNX and OpenVINO's own
    "*openvino_gguf_frontend*",
    "*openvino_jax_frontend*",
    "*openvino_paddle_frontend*",
    "*openvino_pytorch_frontend*",
    "*openvino_tensorflow*_frontend*",
    "*tbbmalloc_proxy*",
    # the stand-in's sources, which a hook for the real one lays beside; the program has it
    "torchvision/*",
    "torch/include/*",
    "torch/share/*",
    "torch/test/*",
    "*.a",
    "*.h",
    "*.lib",
    "*.pyi",
    "*/test/*",
    "*/tests/*",
)

# Libraries of every Linux desktop. The system's own fit its display server, its theme and its
# fonts; carried ones of another age do not.
_OF_THE_SYSTEM = (
    "libEGL.so*",
    "libGL.so*",
    "libGLX.so*",
    "libOpenGL.so*",
    "libdrm.so*",
    "libgbm.so*",
    "libwayland-*.so*",
    "libX11.so*",
    "libX11-xcb.so*",
    "libxcb.so*",
    "libatk*",
    "libcairo*",
    "libgdk*",
    "libgtk*",
    "libpango*",
    "libthai*",
    "libdatrie*",
    "libharfbuzz.so*",
    "libfribidi*",
    "libpixman*",
    "libepoxy*",
    "libxshmfence*",
    "libgraphite2*",
    "libgio-2*",
    "libgobject-2*",
    "libgmodule-2*",
    "libblkid*",
    "libmount*",
    "libselinux*",
    "libkrb5*",
    "libk5crypto*",
    "libgssapi*",
    "libcom_err*",
    "libkeyutils*",
    "libreadline*",
    "libtinfo*",
    "libncurses*",
    # belong to those above, or to plug-ins of Qt that are dropped
    "libXau.so*",
    "libXdmcp.so*",
    "libbsd.so*",
    "libmd.so*",
    "libXext.so*",
    "libXrender.so*",
    "libxcb-glx.so*",
    "libjpeg.so*",
)

# All that the package's own files ask of the system, by the package of Debian that has it. A test
# holds every build to it, and packaging/deb.py makes its dependencies of it.
FROM_THE_SYSTEM = {
    "libc6": (
        "ld-linux*",
        "libc.so.6",
        "libdl.so.2",
        "libm.so.6",
        "libpthread.so.0",
        "libresolv.so.2",
        "librt.so.1",
        "libutil.so.1",
    ),
    "libegl1": ("libEGL.so.1",),
    "libgl1": ("libGL.so.1",),
    "libgssapi-krb5-2": ("libgssapi_krb5.so.2",),  # by Qt's network module
    "libwayland-client0": ("libwayland-client.so.0",),
    "libx11-6": ("libX11.so.6",),
    "libx11-xcb1": ("libX11-xcb.so.1",),
    "libxcb1": ("libxcb.so.1",),
}
# where the display server is Wayland
FROM_WAYLAND = {
    "libwayland-cursor0": ("libwayland-cursor.so.0",),
    "libwayland-egl1": ("libwayland-egl.so.1",),
}

# Needed by the dropped ones only.
_DROPPED_EXTENSIONS = (
    "readline.*",
    "_curses*",
    # NumPy's, for its own tests
    "_simd.*",
    "_multiarray_tests.*",
    "_umath_tests.*",
    "_rational_tests.*",
    "_struct_ufunc_tests.*",
    "_operand_flag_tests.*",
    "_tkinter*",
    "_test*",
    "_xxtest*",
    "audioop*",
    "nis.*",
    "ossaudiodev*",
    "spwd*",
    "xxlimited*",
)

# Tests hold every build to these; globs over paths with "/" relative to the package's folder.
MUST = (
    "*/srgan_desktop/resources/models/srresnet-x4.safetensors",
    "*/srgan_desktop/resources/translations/zh_CN/LC_MESSAGES/srgan_desktop.mo",
    "*/srgan_desktop/resources/icons/srgan-desktop.svg",
    "*/srgan_desktop/resources/samples/otter.jpg",
    "*/srgan_desktop/resources/LICENSE",
    "*/trainer/presets/srresnet-x4.toml",
    "*licences/THIRD-PARTY.txt",
    "*licences/torch/*",
)
MUST_ON_LINUX = (
    "_internal/torch/lib/libtorch_cpu.so",
    "_internal/openvino/libs/libopenvino_intel_cpu_plugin.so",
    "_internal/openvino/libs/libopenvino_onnx_frontend.so*",
    "_internal/PySide6/Qt/plugins/platforms/libqxcb.so",
    "_internal/PySide6/Qt/plugins/platforms/libqwayland*.so",
    "_internal/PySide6/Qt/plugins/platforms/libqoffscreen.so",
    "_internal/pi_heif.libs/*heif*",
    "_internal/pyvips_binary.libs/libvips*",
    "_internal/libjxl.libs/libjxl-*",
    "io.github.srgan_desktop.SrganDesktop.desktop",
)
# Names of libraries under the GPL that the parts of this package are sometimes built with.
_GPL_LIBRARIES = (
    *(
        f"*{name}*"
        for name in (
            *_UNDER_THE_GPL,
            "pillow_jxl",
            "x264",
            "x265",
            "fftw",
            "libgdbm",
            "libreadline",
            "kvazaar",
            "poppler",
        )
    ),
)
MUST_NOT = (
    *_DROPPED,
    *_GPL_LIBRARIES,
    "*.py",
    "*.cpp",
    "*/direct_url.json",
    "*Qt6Quick*",
    "*Qt6Qml*",
    "*Qt6Designer*",
    "*Qt6Pdf*",
    "*QtWebEngine*",
    "*libgtk*",
    "*libtorch_cuda*",
    "*nvidia*",
    "*scipy/*",
    "*torchvision*",
)
# find_spec("lpips") looks for the first; the package's code is not there, only its weights. Some
# modules of torch read their own source.
ALLOWED = (
    "*/lpips/__init__.py",
    "_internal/torch/*.py",
    "*/Frameworks/torch/*.py",
    "*/Resources/torch/*.py",
)


def keep(target: str) -> bool:
    """Whether a file belongs into the package; ``target`` is its path inside."""
    path = PurePosixPath(target.replace("\\", "/"))
    name, text = path.name, str(path)
    if matches(text, _DROPPED) or matches(name, (*_OF_THE_SYSTEM, *_DROPPED_EXTENSIONS)):
        return False
    if "dist-info" in text:
        # the versions, for ``doctor``; licences have their own folder
        return name == "METADATA"
    return _keep_of_qt(path)


def matches(text: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of the globs fits all of ``text``."""
    return any(fnmatch(text, pattern) for pattern in patterns)


def _keep_of_qt(path: PurePosixPath) -> bool:
    parts = path.parts
    if "plugins" in parts and "PySide6" in parts:
        kind = parts[parts.index("plugins") + 1]
        return matches(path.name, _QT_PLUGINS.get(kind, ()))
    library = path.name.removeprefix("lib")
    if library.startswith("Qt6") and "PySide6" in (*parts, _owner(path)):
        return library.removeprefix("Qt6").split(".")[0] in _QT_LIBRARIES
    if parts[0] == "PySide6" and path.name.startswith("Qt") and len(parts) == 2:
        return path.name.split(".")[0].removeprefix("Qt") in QT_MODULES
    return True


def _owner(path: PurePosixPath) -> str:
    """Links to Qt's libraries lie at the top, under their bare names."""
    return "PySide6" if len(path.parts) == 1 else ""


def part_of(path: PurePath) -> str:
    """Which component a file of the package belongs to, for the report of sizes."""
    parts = path.parts[1:] if path.parts[0] == "_internal" else path.parts
    if len(parts) == 1:
        return "the program and libraries of the system"
    return parts[0].split(".libs")[0].split("-")[0].replace("pyvips_binary", "libvips")
