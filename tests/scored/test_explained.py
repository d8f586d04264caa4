from __future__ import annotations

import io

from rich.console import Console

from stages.heuristics.stance_explained import Part, Reasons
from stages.scored.explained import _table


def test_what_is_left_out_of_a_table_is_added_up() -> None:
    parts = (Part("first", 2.0, 0.5, 1.0), Part("the reader", None, None, -0.25))
    reasons = Reasons("separate", 0.9, "mixed", 0.125, (*parts, Part("small", 0.5, 0.25, 0.125)))
    out = io.StringIO()
    Console(file=out, width=80).print(_table(reasons, 1))
    rows = [line.split() for line in out.getvalue().splitlines()]
    assert rows[1] == ["first", "2.00", "0.50", "+1.00"]
    assert rows[2] == ["2", "others", "-0.12"]
    assert rows[3] == ["bias", "+0.12"]
