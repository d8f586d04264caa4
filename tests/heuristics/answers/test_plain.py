from __future__ import annotations

import pytest

from stages.heuristics.answers.plain import plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\boxed{\dfrac{1}{2}}", "1/2"),
        (r"$\frac34$", "3/4"),
        (r"\frac{3\sqrt{2}}{2}", "(3 sqrt(2))/(2)"),
        (r"1{,}234\text{ km}", "1,234 km"),
        (r"6.02\times10^{23}", "6.02*10^23"),
        ("10⁻²³", "10^-23"),
        ("1½", "1 1/2"),
        ("−7", "-7"),
        (r"90^\circ", "90°"),
        ("**18** it *is*", "18 it is"),
        (r"\{1, 2\}", "{1, 2}"),
        ("H₂O", "H2O"),
        # a formula loses its signs, an amount of money keeps its own
        ("$72$ of $5", "72 of $5"),
        (r"\$22.50", "$22.50"),
    ],
)
def test_mark_up_is_gone(text: str, expected: str) -> None:
    assert plain(text).strip() == expected
