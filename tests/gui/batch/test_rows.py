"""The order of the queue and what a filter shows of it, without a window."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from srgan_desktop.core.jobs.item import Item
from srgan_desktop.gui.batch.rows import Filter, Rows, Snapshot


def item(number: int, status: str = "waiting", name: str = "") -> Item:
    path = Path("/pictures") / (name or f"{number}.png")
    return Item(
        id=number,
        position=float(number),
        source=path,
        folder=Path(),
        options=1,
        status=status,
        attempts=0,
        error=None,
        kind=None,
        target=None,
        width=None,
        height=None,
        out_width=None,
        out_height=None,
        seconds=None,
        added=0.0,
        finished=None,
    )


def snapshot(*items: Item) -> Snapshot:
    counts = Counter(one.status for one in items)
    return Snapshot({one.id: one for one in items}, [one.id for one in items], counts, {})


def rows_of(*statuses: str) -> Rows:
    """Numbered from 1, all shown."""
    rows = Rows()
    rows.take(snapshot(*(item(n, status) for n, status in enumerate(statuses, 1))))
    rows.show(rows.passing())
    return rows


def test_a_filter_passes_its_statuses_and_no_others() -> None:
    rows = rows_of("waiting", "done", "failed", "working", "cancelled", "skipped")
    expected = {
        Filter.ALL: [1, 2, 3, 4, 5, 6],
        Filter.WAITING: [1, 4],
        Filter.DONE: [2],
        Filter.FAILED: [3],
        Filter.SKIPPED: [5, 6],
    }
    for which, numbers in expected.items():
        rows.filter = which
        assert rows.passing() == numbers
        assert which.how_many(rows.counts) == len(numbers)


def test_what_changes_is_counted_and_the_unknown_is_left_out() -> None:
    rows = rows_of("waiting", "waiting")
    old = rows.replace(item(1, "done"))
    assert old is not None
    assert old.status == "waiting"
    assert rows.replace(item(9, "done")) is None
    assert {status: n for status, n in rows.counts.items() if n} == {"waiting": 1, "done": 1}
    assert len(rows) == 2


def test_only_what_waits_makes_room_for_others() -> None:
    rows = rows_of("waiting", "done", "waiting", "failed", "waiting")
    assert rows.neighbour([3], -1) == 1
    assert rows.neighbour([3], 1) == 5
    assert rows.neighbour([1], -1) is None
    assert rows.neighbour([], 1) is None
    assert rows.first_waiting() == 1
    assert rows.first_waiting(without=[1]) == 3
    assert rows.follower(5) is None
    example = rows.example()
    assert example is not None
    assert example.id == 1


def test_what_a_filter_hides_keeps_its_place_behind_what_is_moved() -> None:
    rows = rows_of("waiting", "waiting", "done", "waiting")
    rows.filter = Filter.WAITING
    rows.show(rows.passing())
    assert rows.shown == [1, 2, 4]
    assert rows.before(0, without=[4]) == 1
    assert rows.before(1, without=[1]) == 2
    assert rows.before(3, without=[1]) is None
    assert rows.before(2, without=[4]) == 3, "the hidden one stays before what was put last"


def test_names_are_found_round_the_end() -> None:
    rows = Rows()
    rows.take(snapshot(item(1, name="Ape.png"), item(2, name="bee.png"), item(3, name="ant.png")))
    rows.show(rows.passing())
    assert rows.find_name("a", 1) == 2
    assert rows.find_name("a", 3) == 0
    assert rows.find_name("an", 0) == 2
    assert rows.find_name("zebra", 0) is None


def test_what_is_added_stands_at_the_end() -> None:
    rows = rows_of("done")
    rows.append([item(7), item(8)], {})
    rows.show_more([7, 8])
    assert rows.ids([0, 1, 2, 99]) == [1, 7, 8]
    assert rows.row_of(8) == 2
    assert rows.counts["waiting"] == 2
