"""The original's claims held against this run, what failed, and what the page rests on."""

from __future__ import annotations

from stages.reporting.escape import inline, without_folders
from stages.reporting.markdown import note, styled, table
from stages.reporting.numbers import UNKNOWN, count, measured
from stages.reporting.results import Results

_SHOWN_FAILURES = 30


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


def failed(results: Results) -> str:
    """The failed responses with their reasons."""
    rows = results.rows(
        """SELECT source, model, status, coalesce(reason, '') AS reason, count(*) AS n,
            min(prompt_id) AS prompt_id
        FROM failures GROUP BY source, model, status, reason
        ORDER BY n DESC, source, model, status, reason"""
    )
    if not rows:
        return f"Nothing failed. {styled('cited', 'view failures')}"
    cells = [
        (
            inline(row["source"]),
            results.label(row["model"]),
            inline(row["status"]),
            inline(without_folders(row["reason"])[:300]) or UNKNOWN,
            str(row["n"]),
            inline(row["prompt_id"]),
        )
        for row in rows[:_SHOWN_FAILURES]
    ]
    more = len(rows) - len(cells)
    said = f"{count(more, 'more kind')} not shown." if more > 0 else ""
    header = ("Source", "Model", "Status", "Reason", "n", "First prompt")
    return "\n\n".join(
        [table(header, cells, (14, 20, 10, 34, 6, 16), "llllrl"), note(said, "failures")]
    )
