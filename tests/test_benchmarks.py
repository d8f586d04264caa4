"""Every benchmark stands in the table that says what it claims and what was measured."""

from __future__ import annotations

import re

from tests.graph import ROOT

BENCHMARKS = ROOT / "benchmarks"


def test_each_has_a_row_with_its_claim_and_what_was_measured() -> None:
    rows = re.findall(
        r"^\| `(\w+\.py)` \| (\S.*) \| (\S.*) \|$",
        (BENCHMARKS / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
    programs = [
        path.name
        for path in BENCHMARKS.glob("*.py")
        if "__main__" in path.read_text("utf-8")  # others are what they share
    ]
    assert sorted(name for name, _, _ in rows) == sorted(programs)
