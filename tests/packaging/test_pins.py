"""What the package is made of: nothing that the program imports is forgotten."""

from __future__ import annotations

import ast
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import build
import contents
import pins
import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
TEXT = pins.FILE.read_text(encoding="utf-8")
STAND_INS = ROOT / "packaging" / "stand_ins"


def test_every_dependency_is_pinned_or_left_out_for_a_reason() -> None:
    assert pins.forgotten(pins.dependencies(), pins.read(TEXT)) == []


@pytest.mark.parametrize("dependency", pins.dependencies())
def test_a_dependency_that_is_taken_away_is_missed(dependency: str) -> None:
    name = pins.normal(Requirement(dependency).name)
    lines = [
        line
        for line in TEXT.splitlines()
        if not pins.normal(line.removeprefix("# left out: ")).startswith((f"{name}==", f"{name}: "))
    ]
    assert len(lines) == len(TEXT.splitlines()) - 1
    assert pins.forgotten(pins.dependencies(), pins.read("\n".join(lines))) == [name]


def test_a_build_stops_where_one_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "dependencies", lambda: ["numpy>=1", "something_new>=2; x == 'y'"])
    with pytest.raises(SystemExit, match=r"say there why it is left out: something-new$"):
        build.require_every_dependency()


def test_what_is_pinned_is_what_the_project_allows() -> None:
    versions = pins.read(TEXT).versions | {"torch": build.TORCH}
    for line in pins.dependencies():
        wanted = Requirement(line)
        version = versions.get(pins.normal(wanted.name))
        assert version is None or version in wanted.specifier, line


def test_a_line_that_is_not_exact_is_refused() -> None:
    with pytest.raises(ValueError, match="not pinned exactly: numpy>=2"):
        pins.read("numpy>=2")


def imported() -> dict[str, list[str]]:
    """Every module that the program imports anywhere, also within functions, with its importers."""
    found: dict[str, list[str]] = {}
    for package in ("srgan_desktop", "trainer"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                for name in _names(node):
                    found.setdefault(name, []).append(path.relative_to(ROOT).as_posix())
    return found


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
        return [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
    return []


def test_whatever_is_imported_is_a_dependency_or_optional() -> None:
    owners = importlib.metadata.packages_distributions()
    allowed = {pins.normal(Requirement(line).name) for line in pins.dependencies()}
    strange = {}
    for name, importers in imported().items():
        top = name.split(".")[0]
        if top in (*sys.stdlib_module_names, "srgan_desktop", "trainer"):
            continue
        if any(name == known or name.startswith(f"{known}.") for known in contents.OPTIONAL):
            continue
        if not allowed & {pins.normal(owner) for owner in owners.get(top, [top])}:
            strange[name] = importers
    assert strange == {}


@pytest.mark.parametrize(("name", "remark"), contents.OPTIONAL.items())
def test_what_is_optional_says_what_to_install(name: str, remark: str) -> None:
    assert imported()[name]
    # joined as Python joins the pieces of a long text
    texts = [
        "".join(
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        for package in ("srgan_desktop", "trainer")
        for path in (ROOT / package).rglob("*.py")
        for tree in [ast.parse(path.read_text(encoding="utf-8"))]
    ]
    assert any(remark in text for text in texts), remark


def run_with_stand_in(code: str) -> str:
    """What ``code`` prints where torchvision is the stand-in, as in the packaged program."""
    start = f"import sys; sys.path[:0] = [{str(STAND_INS)!r}, {str(ROOT)!r}]\n"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", start + code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_networks_of_others_are_read_without_torchvision() -> None:
    said = run_with_stand_in("""
import torchvision
from pathlib import Path
from spandrel.architectures.Compact import Compact
from srgan_desktop.core.weights.third_party.spandrel_models import pytorch_network
network = pytorch_network(Path("x.pth"), Compact(num_feat=8, num_conv=2, upscale=4).state_dict())
print(torchvision.__version__, network.config.architecture, network.config.scale)
""")
    assert said.split("\n")[0] == "0+stand.in RealESRGAN Compact 4"


def test_the_stand_in_says_why_it_cannot() -> None:
    said = run_with_stand_in("""
from torchvision.transforms.functional import InterpolationMode, normalize, rotate
for call in (normalize, rotate):
    try:
        call(1, 2, InterpolationMode.BILINEAR, fill=0)
    except RuntimeError as error:
        print(error)
""")
    first, second = said.splitlines()
    assert first.startswith("torchvision's normalize is not part of the packaged program")
    assert second.startswith("torchvision's rotate is not part")
    assert "Install the program with pip" in first


def test_the_stand_in_has_all_that_spandrel_imports() -> None:
    import spandrel

    wanted = set()
    for path in Path(spandrel.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("torchvision"):
                wanted |= {(node.module, alias.name) for alias in node.names}
            elif isinstance(node, ast.Import):
                assert not any(alias.name.startswith("torchvision") for alias in node.names)
    assert wanted
    for module, name in sorted(wanted):
        file = STAND_INS / (str(module).replace(".", "/") + ".py")
        assert name in file.read_text(encoding="utf-8"), (module, name)


def test_what_dependencies_ask_for_is_pinned_too() -> None:
    """One level down: pins are installed without what they need themselves."""
    known = pins.read(TEXT)
    environment = default_environment() | {"extra": ""}
    missing = {}
    for name in known.versions:
        try:
            wanted = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # the packaging tools are installed only where the package is built
        needed = [
            pins.normal(requirement.name)
            for requirement in map(Requirement, wanted)
            if requirement.marker is None or requirement.marker.evaluate(environment)
        ]
        left = [n for n in needed if n not in known.versions and n not in known.left_out]
        if left:
            missing[name] = left
    assert missing == {}
