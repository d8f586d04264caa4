"""What running side by side costs."""

from __future__ import annotations

from stages.reporting import figures
from stages.reporting.escape import inline
from stages.reporting.markdown import cited, note, styled, table
from stages.reporting.markdown import figure as picture
from stages.reporting.numbers import count, figure, measured
from stages.reporting.results import Results, Row

_MEASURES = {
    "time_per_token": "time a token",
    "time_to_first_token": "time to the first token",
    "whole_response": "whole response",
}


def sidebyside(results: Results) -> str:
    """How much models slow each other, and how close together they started."""
    rows = results.rows("FROM sidebyside_slowdown")
    turns = _turns(results)
    if not rows:
        parts = [*turns, "No side-by-side test gave a pair to compare.", *_skews(results)]
        return "\n\n".join(parts)
    parts = [*turns]
    file = figures.strip(
        results,
        "slowdown",
        """SELECT test || ': ' || model AS model, ratio AS value FROM sidebyside_pairs
        WHERE measure = 'time_per_token' ORDER BY test, position""",
        "time a token, together ÷ alone (×)",
        reference=1,
    )
    if file:
        parts.append(
            picture(file, "**Slowdown.** A dot a pair of the same prompt and seed, a bar at the "
                    "median; 1 is no slowdown.", "Dots of the ratio of time a token together to "
                    "alone, a row a model.", "sidebyside_pairs")
        )  # fmt: skip
    tests = list(dict.fromkeys((row["test"], row["model"]) for row in rows))
    by = {(row["test"], row["model"], row["measure"]): row for row in rows}
    cells = [
        (inline(test), results.label(model),
         *(measured(by.get((test, model, name)), "ratio", "×") for name in _MEASURES))
        for test, model in tests
    ]  # fmt: skip
    header = ("Test", "Model", *(f"{name.capitalize()}" for name in _MEASURES.values()))
    parts += [
        table(header, cells, (12, 22, 22, 22, 22), "llrrr"),
        note(
            "Together ÷ alone, median over n pairs (95 % interval, or min–max). Time a token takes "
            "out that two texts differ in length.",
            "sidebyside_slowdown",
        ),
        *_skews(results),
    ]
    return "\n\n".join(parts)


def _skews(results: Results) -> list[str]:
    """How close together the requests of a round started, and how many models truly ran."""
    skews = [
        f"{inline(row['test'])}: {figure(row['skew_ms_median'], 'ms')} (largest "
        f"{figure(row['skew_ms_max'], 'ms')}), n {count(row['rounds'], 'round')}, all in memory at "
        f"once in {row['together']}, all writing at once in {row['wrote_at_once']}"
        for row in results.rows("FROM start_skew")
    ]
    if not skews:
        return []
    return [note(f"Requests of a round started within: {'; '.join(skews)}.", "start_skew")]


def _turns(results: Results) -> list[str]:
    """Tests whose models took turns, or of which it can't be told, in place of their slowdown."""
    parts = []
    for row in results.rows("FROM start_skew WHERE took_turns > 0 OR untold > 0"):
        said = []
        if row["took_turns"]:
            said.append(
                f"the models **took turns** in {row['took_turns']} of "
                f"{count(row['rounds'], 'round')}: they were asked at the same moment, but weren’t "
                "all in memory, so that one waited for another. No slowdown is told from these; "
                "once they fit, "
                f"{_command('overthink journal clear', row)} and "
                f"{_command('dvc repro --force sidebyside', row, '@')} ask anew"
            )
        if row["untold"]:
            said.append(
                f"in {row['untold']} of {count(row['rounds'], 'round')} it can’t be told whether "
                "all were in memory at once"
            )
        parts.append(f"{inline(row['test'])}: {'; '.join(said)}. {cited('start_skew')}")
    return parts


def _command(command: str, row: Row, between: str = " ") -> str:
    return styled("code", inline(f"{command}{between}{row['test']}"))
