"""The built package as a stranger has it: elsewhere, read-only, without Python, network or PATH."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WINDOWS, MAC = sys.platform == "win32", sys.platform == "darwin"
BUILT = ROOT / "dist" / ("SRGAN Desktop.app" if MAC else "srgan-desktop")
NAME = "Würfel 图片 & more"
TIMEOUT_S = 240


@dataclass
class Installed:
    """A copy of the package, and someone's empty home."""

    folder: Path
    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environment = {
            "HOME": str(self.home),
            "PATH": "",
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.home),
            **(_windows_needs(self.home) if WINDOWS else {}),
            **self.environment,
        }

    @property
    def program(self) -> Path:
        """The program for terminals."""
        if MAC:
            return self.folder / "Contents" / "MacOS" / "srgan-desktop"
        return self.folder / ("srgan-desktop.exe" if WINDOWS else "srgan-desktop")

    def hand_over(self, *paths: Path) -> None:
        """Give files to whoever the program runs as."""
        if as_nobody():
            owner = self.home.stat()
            for path in paths:
                os.chown(path, owner.st_uid, owner.st_gid)

    def command(self, *arguments: str | Path) -> list[str]:
        """How the program is called; by root as someone who may do nothing, without a network."""
        call = [str(self.program), *map(str, arguments)]
        return [*as_nobody(), *call]

    def run(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return self._run(self.command(*arguments), environment)

    def run_without_console(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """The same where standard output and errors lead nowhere: on Windows the other program."""
        command = self.command(*arguments)
        if WINDOWS:
            return self._run([str(self.folder / "SRGAN Desktop.exe"), *command[1:]], {})
        return self._run(command, {}, closed=(1, 2))

    def _run(
        self, command: list[str], environment: dict[str, str], closed: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[str]:
        def close() -> None:
            for descriptor in closed:
                os.close(descriptor)

        return subprocess.run(
            command,
            env=self.environment | environment,
            cwd=self.home,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            errors="backslashreplace",  # pipes have the system's own encoding on Windows
            timeout=TIMEOUT_S,
            preexec_fn=close if closed else None,
            check=False,
        )

    def gives(self, *arguments: str | Path, **environment: str) -> str:
        """The output of a command that must succeed."""
        done = self.run(*arguments, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def state(self) -> dict[str, tuple[int, int]]:
        """Size and time of every file of the package."""
        return {
            str(path.relative_to(self.folder)): (path.stat().st_size, path.stat().st_mtime_ns)
            for path in self.folder.rglob("*")
        }


def _windows_needs(home: Path) -> dict[str, str]:
    """No program starts there without the first; the last keeps to the home what HOME does not."""
    return {
        "SYSTEMROOT": os.environ.get("SYSTEMROOT", ""),
        "TEMP": str(home),
        "TMP": str(home),
        "SRGAN_DESKTOP_HOME": str(home / "data of the program"),
    }


def as_nobody() -> list[str]:
    """The start of a command line: no rights, no network. Empty where that takes rights we lack."""
    tools = [shutil.which(name) for name in ("unshare", "setpriv")]
    if WINDOWS or os.getuid() != 0 or None in tools:
        return []
    import pwd  # not on Windows

    nobody = pwd.getpwnam("nobody")
    unshare, setpriv = map(str, tools)
    return [
        unshare,
        "--net",
        setpriv,
        f"--reuid={nobody.pw_uid}",
        f"--regid={nobody.pw_gid}",
        "--clear-groups",
    ]


def install(place: Path) -> Installed:
    """Copy the package to a folder with an awkward name, where nobody may write."""
    place.chmod(0o755)
    folder = place / NAME / BUILT.name
    shutil.copytree(BUILT, folder, symlinks=True)
    home = place / "home of 某人"
    home.mkdir()
    for path in (folder.parent, folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)
    if as_nobody():
        import pwd  # not on Windows

        nobody = pwd.getpwnam("nobody")
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return Installed(folder, home)


def uninstall(place: Path) -> None:
    """Let the folder be removed again."""
    for path in (place / NAME).rglob("*"):
        # Windows also removes no file that may not be written
        if (path.is_dir() or WINDOWS) and not path.is_symlink():
            path.chmod(0o755)
    (place / NAME).chmod(0o755)
    shutil.rmtree(place)


@contextlib.contextmanager
def virtual_screen(width: int = 1400, height: int = 900) -> Iterator[str]:
    """An X server for the time of the ``with``; gives its DISPLAY."""
    read, write = os.pipe()
    # else the screen begins anew, and turns away whoever connects meanwhile, with its last client
    lasting = ["Xvfb", "-ac", "-noreset"]
    command = [*lasting, "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def window_titles(display: str) -> list[str]:
    """Titles of the visible windows of the program."""
    said = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--name", "SRGAN Desktop", "getwindowname", "%@"],
        env={"DISPLAY": display, "PATH": os.environ["PATH"]},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return said.stdout.splitlines()


def until(is_so: Callable[[], object], what: str, timeout_s: float = TIMEOUT_S) -> None:
    """Wait; fails with ``what`` where it does not happen."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, f"did not happen: {what}"
        time.sleep(0.02)


def source_command(*arguments: str | Path) -> list[str]:
    """The same program out of the checkout, in the environment that the package was made of."""
    return [sys.executable, "-m", "srgan_desktop", *map(str, arguments)]
