"""What results are called, and how earlier ones are known."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.jobs.result_names import Naming, check_template, without_results
from srgan_desktop.core.jobs.sources import Source


def names(sources: list[Source]) -> list[str]:
    return [source.path.name for source in sources]


def test_results_are_known_by_the_template_and_their_source() -> None:
    there = ["a.png", "a_4x.png", "a_4x (1).png", "b_4x.png", "a_2.5x.jpg", "a_x.png", "a4x.png"]
    sources = [Source(Path("in") / name, named=False) for name in there]
    rest, results = without_results(sources, "{stem}_{scale}x")
    assert names(results) == ["a_4x.png", "a_4x (1).png", "a_2.5x.jpg"]
    assert names(rest) == ["a.png", "b_4x.png", "a_x.png", "a4x.png"]


def test_results_in_other_folders_or_named_themselves_count_as_sources() -> None:
    sources = [
        Source(Path("x/a.png"), named=False),
        Source(Path("y/a_4x.png"), named=False),
        Source(Path("x/a_4x.png")),
    ]
    assert without_results(sources, "{stem}_{scale}x") == (sources, [])


@pytest.mark.parametrize("template", ["{stem}", "{width}", "{stem}{stem}", "result"])
def test_templates_that_cannot_tell_leave_nothing_out(template: str) -> None:
    sources = [
        Source(Path(name), named=False) for name in ("a.png", "a (1).png", "aa.png", "4.png")
    ]
    assert without_results(sources, template) == (sources, [])


@given(
    st.text(st.characters(exclude_characters="/\\{}\0", exclude_categories=("C",)), min_size=1),
    st.sampled_from(["{stem}_{scale}x", "{stem} {width:05}x{height}", "big-{stem}-{model}"]),
)
def test_every_result_of_a_template_is_known_again(stem: str, template: str) -> None:
    source = Source(Path(f"in/{stem}.png"), named=False)
    target = Naming(template=template).target(source, (40, 30), 4.0, "model", "png")
    result = Source(target, named=False)
    assert without_results([source, result], template) == ([source], [result])


def test_targets() -> None:
    source = Source(Path("in/sub/a.JPG"), Path("sub"))
    beside = Naming().target(source, (40, 20), 4.0, "m", "jpeg")
    assert beside == Path("in/sub/a_4x.JPG")
    below = Naming(out=Path("out")).target(source, (40, 20), 2.5, "m", "png")
    assert below == Path("out/sub/a_2.5x.png")
    itself = Naming(file=Path("x.webp")).target(source, (40, 20), 4.0, "m", "webp")
    assert itself == Path("x.webp")


@pytest.mark.parametrize("model", ["../../evil", "a\\b", "x\0y", "", "line\nbreak"])
def test_a_models_name_stays_within_the_folder(model: str) -> None:
    target = Naming(template="{stem}-{model}").target(
        Source(Path("in/a.png")), (4, 4), 4.0, model, "png"
    )
    assert target.parent == Path("in")
    assert target.name.isprintable()


@pytest.mark.parametrize("name", ["con", "NUL", "Aux.tar", "com1", "LPT9", "nul "])
def test_no_result_has_the_name_of_a_device(name: str) -> None:
    for template, stem in (("{stem}", name), (name, "a")):
        source = Source(Path("in") / f"{stem}.png")
        target = Naming(template=template).target(source, (4, 4), 4.0, "m", "png")
        assert target == Path("in") / f"_{name}.png"
    plain = Naming(template="{stem}").target(Source(Path("console.png")), (4, 4), 4.0, "m", "png")
    assert plain == Path("console.png")


@pytest.mark.parametrize(
    "template", ["../{stem}", "/tmp/{stem}", "a\\{stem}", "{stem}/../../x", "{stem}\0"]
)
def test_a_template_does_not_leave_the_folder(template: str) -> None:
    with pytest.raises(UsageError):
        check_template(template)


@pytest.mark.parametrize("template", ["{stem}", "a{{b}}", "{width:5}{height:012}", "{model} é"])
def test_good_templates(template: str) -> None:
    check_template(template)
    Naming(template=template).target(Source(Path("a.png")), (99999, 1), 64.0, "m", "png")


PIECES = (
    "{",
    "}",
    "{{",
    "}}",
    "{stem}",
    "{width:05}",
    "{stem",
    ":",
    "!r",
    "9",
    "0",
    "d",
    "/",
    "[0]",
    ".x",
    "\\",
    "\0",
    "\n",
    "..",
    " ",
    "照",
)


@given(st.lists(st.sampled_from(PIECES) | st.characters(), max_size=6).map("".join))
def test_a_template_is_refused_or_works(template: str) -> None:
    try:
        naming = Naming(template=template)
    except UsageError:
        return
    target = naming.target(Source(Path("in/a.png")), (40, 20), 4.0, "m", "png")
    assert target.parent == Path("in")
