"""``make package``: from a checkout to a folder that starts by a double click, and its archive.

    python packaging/build.py [--variant cpu|cuda] [--deb] [--no-archive]

Makes an environment of its own under build/, so that nothing else that is installed comes along.
Only the standard library is needed to start it; the rest runs in that environment.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pins

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / "build" / "package-venv"
WORK = ROOT / "build" / "package"
DIST = ROOT / "dist"
FOLDER = DIST / "srgan-desktop"
PINS = pins.FILE

# Not constraints.txt's on purpose: what contents.py leaves out of torch and what the package weighs
# were found with this release. `make test-package` runs with it and `make test` with the other, so
# two releases of what pyproject.toml allows are tried. To raise it: build, `make test-package`, and
# write the new weights into docs/PACKAGING.md.
TORCH = "2.13.0"
# where the builds of torch lie that the usual registry has not; asked only when it has not
INDEXES = {
    "cpu": "https://download.pytorch.org/whl/cpu",
    "cuda": "https://download.pytorch.org/whl/cu130",
}


def main() -> None:
    """Build what the command line asks for."""
    parser = argparse.ArgumentParser(description="Build the package of SRGAN Desktop.")
    parser.add_argument("--variant", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--deb", action="store_true", help="a Debian package as well (Linux)")
    parser.add_argument("--no-archive", action="store_true", help="the folder alone")
    arguments = parser.parse_args()
    began = time.monotonic()
    os.chdir(ROOT)
    require_every_dependency()
    python = prepare_environment(arguments.variant)
    freeze(python)
    run(python, "packaging/finish.py", str(WORK), str(FOLDER))
    if not arguments.no_archive:
        run(python, "packaging/archive.py", str(FOLDER), archive_name(arguments.variant))
    if arguments.deb:
        run(python, "packaging/deb.py", str(FOLDER))
    for path in sorted(DIST.iterdir()):
        if path.is_file() and path.suffix != ".sha256":
            print(f"{write_checksum(path)}  {path.relative_to(ROOT)}")
    print(f"built in {(time.monotonic() - began) / 60:.1f} minutes")


def require_every_dependency() -> None:
    """Pins are installed without their dependencies: what is not among them would be missing."""
    missing = pins.forgotten(pins.dependencies(), pins.read(PINS.read_text(encoding="utf-8")))
    if missing:
        sys.exit(f"pin in {PINS.name}, or say there why it is left out: {', '.join(missing)}")


def prepare_environment(variant: str) -> Path:
    """The interpreter of the packaging environment, made or brought up to date."""
    bin_folder = "Scripts" if os.name == "nt" else "bin"
    python = ENVIRONMENT / bin_folder / ("python.exe" if os.name == "nt" else "python")
    wanted = hashlib.sha256(
        "\n".join([variant, TORCH, sys.version, PINS.read_text(encoding="utf-8")]).encode()
    ).hexdigest()
    mark = ENVIRONMENT / ".made-for"
    if python.exists() and mark.exists() and mark.read_text() == wanted:
        return python
    require_shared_python()
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    print(f"making the environment in {ENVIRONMENT.relative_to(ROOT)}", flush=True)
    run(Path(sys.executable), "-m", "venv", str(ENVIRONMENT))
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(python, *pip, "--no-deps", "-r", str(PINS))
    install_torch(python, pip, variant)
    mark.write_text(wanted)
    return python


def require_shared_python() -> None:
    """PyInstaller takes the library of Python along, which not every build has."""
    if os.name != "nt" and not sysconfig.get_config_var("Py_ENABLE_SHARED"):
        framework = sysconfig.get_config_var("PYTHONFRAMEWORK")
        if not framework:
            sys.exit(
                f"{sys.executable} was built without its library (--enable-shared); "
                "take another: make package PYTHON=/path/to/python3.11"
            )


def install_torch(python: Path, pip: tuple[str, ...], variant: str) -> None:
    """The wanted build of torch: for processors alone, or with the CUDA libraries."""
    if variant == "cuda" and sys.platform == "linux":
        # the registry's own, with NVIDIA's libraries as packages of their own
        run(python, *pip, f"torch=={TORCH}")
    elif sys.platform == "darwin":
        run(python, *pip, "--no-deps", f"torch=={TORCH}")
    else:
        local = "cpu" if variant == "cpu" else "cu130"
        exact = (*pip, "--no-deps", f"torch=={TORCH}+{local}")
        if run(python, *exact, check=False) != 0:
            run(python, *exact, "--index-url", INDEXES[variant])
    found = subprocess.run(
        [str(python), "-c", "import torch; print(torch.version.cuda or 'cpu')"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    if (found == "cpu") != (variant == "cpu" or sys.platform == "darwin"):
        sys.exit(f"torch {TORCH} came as a build for {found}, not for {variant}")


def freeze(python: Path) -> None:
    """Run PyInstaller over the specification."""
    for path in (WORK, FOLDER):
        shutil.rmtree(path, ignore_errors=True)
    DIST.mkdir(exist_ok=True)
    command = ("-m", "PyInstaller", "srgan_desktop.spec", "--noconfirm", "--log-level", "WARN")
    run(python, *command, "--workpath", str(WORK), "--distpath", str(DIST))


def archive_name(variant: str) -> str:
    """Such as srgan-desktop-0.1.0-linux-x86_64-cpu."""
    scope: dict[str, str] = {}
    exec((ROOT / "srgan_desktop" / "__init__.py").read_text(encoding="utf-8"), scope)
    system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower().replace("amd64", "x86_64")
    kind = "" if system == "macos" else f"-{variant}"
    return f"srgan-desktop-{scope['__version__']}-{system}-{machine}{kind}"


def write_checksum(path: Path) -> str:
    """Write PATH.sha256 as sha256sum reads it; returns the sum."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    Path(f"{path}.sha256").write_text(
        # sha256sum elsewhere would take a carriage return for a part of the name
        f"{found}  {path.name}\n",
        encoding="utf-8",
        newline="\n",
    )
    return found


def run(program: Path, *arguments: str, check: bool = True) -> int:
    """Run a program in the checkout; ends this one where it fails and ``check`` holds."""
    # one's own PYTHONPATH and the like would leak into the package
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    code = subprocess.run([str(program), *arguments], env=clean, check=False).returncode
    if check and code != 0:
        sys.exit(f"failed: {Path(program).name} {' '.join(arguments[:3])}")
    return code


if __name__ == "__main__":
    main()
