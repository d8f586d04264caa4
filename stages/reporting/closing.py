"""The original's claims held against this run."""

from __future__ import annotations

from stages.reporting.escape import inline
from stages.reporting.markdown import note, styled, table
from stages.reporting.numbers import measured
from stages.reporting.results import Results


def claims(results: Results) -> str:
    """Claim by claim: what was reported, what was measured here, the verdict and why."""
    cells = [
        (
            inline(row["claim"]),
            inline(row["original"]),
            f"{inline(row['measured'])}: {measured(row, 'value')}",
            styled(row["verdict"].replace(" ", "-"), row["verdict"]),
            f"{inline(row['why'])} {styled('cited', inline(row['view']))}",
        )
        for row in results.rows("FROM claims")
    ]
    header = ("Claim", "The original", "Measured here", "Verdict", "Why")
    return "\n\n".join(
        [
            table(header, cells, (20, 17, 26, 12, 25)),
            note(
                "A verdict on reasoning models rests only on reasoning models that aren’t "
                "demonstrations; what was measured is shown all the same.",
                "claims",
            ),
        ]
    )
