"""Steps of JPEG 2000 that cannot be described for one bit more are refused, not misread."""

from __future__ import annotations

import re

import pytest

from srgan_desktop.core.images.io.jpeg2000 import _keep_steps
from srgan_desktop.core.images.io.open_image import UnsupportedKindError

GUARD_BIT = 0x20
SCALAR = 2  # each band has a step of its own
LARGEST = 31 << 3


def test_exponents_grow_by_one_and_a_guard_bit_goes() -> None:
    data = bytearray([GUARD_BIT | SCALAR, 5 << 3, 7, 9 << 3, 1])
    _keep_steps(data, 0, len(data))
    assert data == bytearray([SCALAR, 6 << 3, 7, 10 << 3, 1])


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([SCALAR, 5 << 3, 0], "more than 8 bits per channel without guard bits"),
        ([GUARD_BIT | SCALAR, LARGEST, 0], "more than 8 bits per channel in the smallest steps"),
    ],
)
def test_what_has_no_room_for_that_is_refused(data: list[int], problem: str) -> None:
    with pytest.raises(UnsupportedKindError, match=re.escape(problem)):
        _keep_steps(bytearray(data), 0, len(data))
