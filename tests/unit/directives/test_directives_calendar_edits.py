"""Whether an edit of the calendar can be undone: which later ones stand in its way."""

from __future__ import annotations

import pytest

from services.directives.domain.calendar_edits import in_the_way


@pytest.mark.parametrize(
    ("later", "standing"),
    [
        ([], []),
        ([(3, None)], [3]),
        ([(5, None), (3, None)], [3, 5]),
        ([(3, None), (4, 3)], []),  # undone again
        ([(3, None), (4, 3), (5, 4)], [3]),  # the undoing was undone: 3 holds
        ([(3, None), (4, 3), (5, 4), (6, 5)], []),
        ([(3, None), (4, None), (5, 4)], [3]),
        ([(3, 1)], [3]),  # undoes an older edit: to this one it is an edit like any other
    ],
)
def test_what_was_undone_stands_in_nobody_s_way(
    later: list[tuple[int, int | None]], standing: list[int]
) -> None:
    assert in_the_way(later) == standing
