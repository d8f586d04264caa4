"""What the models do with their thinking, and whether they overthink."""

from __future__ import annotations

from stages.reporting import figures
from stages.reporting.escape import inline
from stages.reporting.markdown import figure as picture
from stages.reporting.markdown import note, table
from stages.reporting.numbers import UNKNOWN, accuracy, measured, rate
from stages.reporting.results import Results, Row

_MEASURES = {
    "thinking_tokens": "Thinking, tokens",
    "thinking_s": "Thinking, s",
    "overthinking_ratio": "Thinking ÷ answer, ×",
    "hesitations_per_1k": "Hesitations a 1,000 tokens",
    "first_token_s": "First token, s",
    "tokens_per_s": "Speed, tokens/s",
}
_VERDICTS = {
    "forced_connection": "connects unrelated topics",
    "missed_connection": "keeps related topics apart",
    "reversal": "thinks unrelated, answers connected",
    "loop": "loops",
    "thought_cut": "thought cut off by a limit",
    "overthinks": "overthinks, by the declared rule",
    "abstains": "says it can’t be answered as put",
    "correct": "holds the reference",
}
_STANCES = ("separate", "implicit_separate", "mixed", "connect")


def thinking(results: Results) -> str:
    """How much each model thinks, and how fast it is."""
    found = results.measures(list(_MEASURES))
    if not found:
        return "No response came, so there is nothing to say of the models."
    parts = []
    file = figures.strip(
        results,
        "ratio",
        """SELECT model, value FROM response_measures
        WHERE measure = 'overthinking_ratio' AND arm IN ('solo', 'imported')
        ORDER BY position, model""",
        "thinking tokens ÷ answer tokens (×)",
        reference=1,
    )
    if file:
        parts.append(
            picture(file, "**How much thinking an answer takes.** A dot a response, a bar at the "
                    "median; right of 1 the thinking is longer than the answer.",
                    "Dots of thinking tokens divided by answer tokens, a row a model.",
                    "response_measures")
        )  # fmt: skip
    cells = [
        (results.label(model), *(measured(rows.get(name), unit="") for name in _MEASURES))
        for model, rows in found.items()
    ]
    parts += [
        table(("Model", *_MEASURES.values()), cells, (22, 14, 14, 14, 14, 14, 14), "lrrrrrr"),
        note(
            "Solo and imported responses. Medians; in brackets the 95 % interval of the median by "
            "order statistics, or min–max where n is under 6. A thought that a limit cut counts "
            "with the length that it reached.",
            "model_summary",
        ),
    ]
    return "\n\n".join(parts)


def verdicts(results: Results) -> str:
    """How often each verdict holds, with the accuracy of the heuristic behind it."""
    rows = [row for row in results.rows("FROM overthinking") if row["verdict"] in _VERDICTS]
    if not rows:
        return "No verdict applies to the responses of this run."
    models = list(dict.fromkeys(row["model"] for row in rows))
    by = {(row["verdict"], row["model"]): row for row in rows}
    there = [name for name in _VERDICTS if any(row["verdict"] == name for row in rows)]
    cells = [
        (
            _VERDICTS[name],
            *(rate(by.get((name, model))) for model in models),
            accuracy(next(row for row in rows if row["verdict"] == name)),
        )
        for name in there
    ]
    header = ("Response …", *(results.label(model) for model in models), "Right on labelled text")
    share = max(10, 60 // len(models))
    return "\n\n".join(
        [
            table(header, cells, (26, *[share] * len(models), 20), "l" + "r" * (len(models) + 1)),
            note(
                "Share of the responses to which a verdict applies, Wilson’s 95 % interval, and "
                "counts. Right on labelled text: balanced accuracy of the heuristic.",
                "overthinking",
            ),
        ]
    )


def stances(results: Results) -> str:
    """What the answers do with two topics."""
    rows = results.rows("FROM stances")
    if not rows:
        return "No prompt with two topics was answered, so no stance was scored."
    groups: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        groups.setdefault((row["model"], row["truth"] or "not stated"), {})[row["stance"]] = row
    cells = [
        (
            results.label(model),
            inline(truth),
            *(str(found[name]["k"]) if name in found else "0" for name in _STANCES),
            str(next(iter(found.values()))["n"]),
        )
        for (model, truth), found in groups.items()
    ]
    checked = results.one(
        """SELECT value AS accuracy, low AS accuracy_low, high AS accuracy_high, n AS accuracy_n
        FROM heuristic_accuracy WHERE heuristic = 'stance'"""
    )
    header = ("Model", "Topics are", "Separate", "Separate, unsaid", "Mixed", "Connect", "n")
    return "\n\n".join(
        [
            table(header, cells, (26, 14, 12, 14, 10, 12, 8), "llrrrrr"),
            note(
                "Answers by what they do with two topics. Right on labelled answers: "
                f"{accuracy(checked) or UNKNOWN}.",
                "stances",
            ),
        ]
    )
