from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from stages.heuristics.stance import HEURISTIC
from tests.heuristics.stance_cases import CASES
from tests.heuristics.table import SETTINGS, computed, reasons, responses

TOPICS = ["volcanoes", "tax law"]
V = "A volcano is a vent through which lava flows."
T = "Tax law is the body of rules on what people owe to the state."


def judge(answer: str | None, **row: Any) -> tuple[str | None, int | None]:
    found = computed(HEURISTIC, {"topics": TOPICS, "answer": answer} | row)
    return found.values.row(0)


@pytest.mark.parametrize(
    "answer",
    [
        f"There is no connection between volcanoes and tax law. {V} {T}",
        f"{V}\n\n{T}\n\nThese two have nothing to do with each other.",
        "Volcanoes and tax law are two different subjects.",
        "No, they aren't related.",
        f"{V} {T} I can't find any link between the two; that both can erupt is a pun.",
        "Nothing that I know of ties the one to the other.",
        "No.",
        "**Unrelated**",
        "No connection at all!",
    ],
)
def test_separate(answer: str) -> None:
    assert judge(answer) == ("separate", 0)


@pytest.mark.parametrize(
    "answer",
    [
        f"{V}\n\n{T}",
        f"## Volcanoes\n\nThere are many of them.\n\n## Tax law\n\n{T}",
        V,
        "I'm not sure what you want to know. Is it about volcanoes, or about tax law?",
    ],
)
def test_implicit_separate(answer: str) -> None:
    assert judge(answer) == ("implicit_separate", 0)


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        ("Both have shaped where people live.", 1),
        ("Yes.", 1),
        ("Volcanoes are written into the tax law of Iceland.", 1),
        ("The two share more than one would think:\n- heat\n- pressure\n- eruptions", 3),
        ("At first sight they have nothing in common. Look closer: both are about pressure.", 1),
        ("They are not unrelated: volcanoes and tax law are both feared.", 1),
        ("Both are feared.\n\n## Force\n\nGrows.\n\n## Time\n\nPasses.\n\n## Conclusion\n\nYes.",
         2),
    ],
)  # fmt: skip
def test_connect(answer: str, connections: int) -> None:
    assert judge(answer) == ("connect", connections)


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        ("There is no direct link between the two. That said, both have been feared.", 1),
        ("They are unrelated. If you want to stretch it:\n- ash clouds cost taxes\n- lava is free",
         2),
    ],
)  # fmt: skip
def test_mixed(answer: str, connections: int) -> None:
    assert judge(answer) == ("mixed", connections)


def test_the_evidence_is_the_sentence_that_decided() -> None:
    answer = f"{V} {T} There is no link between the two."
    (note,) = computed(HEURISTIC, {"topics": TOPICS, "answer": answer}).notes.to_dicts()
    assert note["text"] == "There is no link between the two."
    assert answer[note["start"] : note["end"]] == note["text"]
    assert (note["heuristic"], note["kind"], note["part"]) == ("stance", "evidence", "answer")


def test_a_mixed_stance_has_evidence_of_both() -> None:
    answer = "There is no direct link between the two. That said, both have been feared."
    notes = computed(HEURISTIC, {"topics": TOPICS, "answer": answer}).notes
    assert notes["text"].to_list() == [
        "There is no direct link between the two.",
        "That said, both have been feared.",
    ]


def test_no_verdict_without_topics_answer_or_english() -> None:
    rows = (
        {"answer": V},
        {"topics": TOPICS, "answer": None},
        {"topics": TOPICS, "answer": " \n"},
        {"topics": TOPICS, "answer": "Es gibt keine Verbindung zwischen Vulkanen und Steuern."},
        {"topics": ["tax", "Tax"], "answer": V},
        {"topics": TOPICS, "answer": "```\nboth of the two are the same\n```"},
    )
    assert computed(HEURISTIC, *rows).values.rows() == [(None, None)] * 6
    assert reasons(HEURISTIC, *rows) == [
        "the prompt doesn't name two topics",
        "there is no answer",
        "the answer is empty",
        "the answer isn't in English, the only language of the rules",
        "a topic has no word that the other hasn't got",
        "the answer holds nothing but code",
    ]


def test_rows_keep_their_order() -> None:
    rows = [{"topics": TOPICS, "answer": "Both burn."}, {}, {"topics": TOPICS, "answer": V}]
    found = computed(HEURISTIC, *rows).values["stance"].to_list()
    assert found == ["connect", None, "implicit_separate"]


HOSTILE = {
    "one word": "not " * 200_000,
    "a long list": "- the volcano and the tax law\n" * 100_000,
    "one token": "a" * 5_000_000,
    "no end of negation": "no " * 300_000 + "link",
    "brackets": "(" * 500_000,
    "one endless line": "The volcano is one, the tax law the other. " * 20_000,
    "an open fence": "```\n" * 50_001 + "the two are linked",
    "controls": "the volcano \x02 and \x03 the \x00 tax law \x1f are \ufffd related. " * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_judged_in_time(name: str) -> None:
    assert judge(HOSTILE[name])[0] in ("connect", "implicit_separate", "separate", "mixed", None)


@pytest.mark.parametrize("name", CASES)
def test_cases(name: str) -> None:
    stance, topics, answer = CASES[name]
    assert judge(answer, topics=topics)[0] == stance


def test_the_confidence_is_the_verdicts_probability() -> None:
    clear, vague = (
        computed(HEURISTIC, {"topics": TOPICS, "answer": answer}).notes["confidence"][0]
        for answer in ("There is no connection between the two.", "They are sometimes explosive.")
    )
    assert 0.25 <= vague < clear <= 1


def test_evidence_counts_characters_not_bytes() -> None:
    answer = "🌋 Vulkan é.\n\nThere is no connection between volcanoes and tax law."
    for note in computed(HEURISTIC, {"topics": TOPICS, "answer": answer}).notes.to_dicts():
        assert answer[note["start"] : note["end"]] == note["text"]


def test_batches_give_what_the_whole_gives() -> None:
    rows = [{"topics": topics, "answer": answer} for _, topics, answer in CASES.values()]
    table = responses(*rows).select("response_id", *HEURISTIC.needs)
    whole = HEURISTIC.compute(table, SETTINGS)
    apart = [HEURISTIC.compute(table[at : at + 4], SETTINGS) for at in range(0, len(rows), 4)]
    assert pl.concat([one.values for one in apart]).equals(whole.values)
    order = ["response_id", "start"]
    assert pl.concat([one.notes for one in apart]).sort(order).equals(whole.notes.sort(order))
