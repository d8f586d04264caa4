from __future__ import annotations

import time
from typing import Any

import polars as pl
import pytest

from stages.heuristics.correct import HEURISTIC
from tests.heuristics.table import SETTINGS, computed, reasons, responses, values


def row(answer: str | None, *reference: str, question: str = "?", **more: Any) -> dict[str, Any]:
    return {"answer": answer, "reference": list(reference), "turns": [question]} | more


def right(answer: str, *reference: str, question: str = "?") -> bool:
    return values(HEURISTIC, row(answer, *reference, question=question))[0]


def compared(answer: str, *reference: str) -> str:
    """The evidence, as the answer has it at the offsets."""
    found = computed(HEURISTIC, row(answer, *reference)).notes.filter(kind="evidence")
    ((start, end, text),) = found.select("start", "end", "text").rows()
    assert answer[start:end] == text
    return text


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ("Either 16 or 17.", "17"),
        ("17 or 18", "17"),
        ("\\boxed{17} or 18, more than 17.", "18"),
        ("More than 17.", "17"),
        ("The answer is at most 17.", "17"),
        ("10-20", "10"),
        ("The result is negative 5.", "5"),
        ("Many say Paris, but it's Lyon.", "Paris"),
        ("Paris or Lyon", "Lyon"),
        ("I first thought of Lyon. In fact it is Paris.", "Lyon"),
        ("The capital is Paris, which lies north of Lyon.", "Lyon"),
    ],
)
def test_who_leaves_it_open_or_says_another_is_wrong(answer: str, reference: str) -> None:
    assert not right(answer, reference)


def test_a_bound_is_right_where_one_was_asked_for_and_two_where_two_are() -> None:
    assert right("You need at least 17.", "17", question="How many are needed at least?")
    assert right("2 or 3", "2", "3")


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ("It is 1,234.", "1234"),
        ("\\boxed{1{,}234}", "1,234"),
        ("0.5", "1/2"),
        ("\\boxed{\\dfrac{1}{2}}", "0.50"),
        ("50 %", "1/2"),
        ("½", "0.5"),
        ("$1\\tfrac34$", "1.75"),
        ("one and three quarters", "1 3/4"),
        ("−7", "-7"),
        ("6.02 × 10²³", "6.02e23"),
        ("one hundred and fifty-four", "154"),
        ("2√2", "\\sqrt{8}"),
        ("(x-1)(x+1)", "x^2 - 1"),
        ("1,000 g", "1 kg"),
        ("212 °F", "100 °C"),
        ("an hour and a half", "90 minutes"),
        ("a quarter to ten at night", "21:45"),
        ("July 14, 1789", "14 July 1789"),
        ("22 dollars and 50 cents", "$22.50"),
        ("1 < x \\leq 4", "(1, 4]"),
        ("3 and 2", "2, 3"),
        ("Emily Bronte", "Emily Brontë"),
        ("It was Mr. Fleming.", "Alexander Fleming"),
        ("Danube", "the Danube"),
        ("in the fourteenth", "14th century"),
        ("yep!", "yes"),
        ("The result is negative 5.", "-5"),
        ("The value is 10^{-3}.", "0.001"),
        ("The answer is C because A and B are false.", "C"),
        ("C is correct. A, B and D are not.", "C"),
        ("It is 17 or so.", "17"),
    ],
)
def test_the_same_in_another_form(answer: str, reference: str) -> None:
    assert right(answer, reference)


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ("12,34", "1234"),
        ("0.3", "1/3"),
        ("0.5 %", "1/2"),
        ("7", "-7"),
        ("6.02 × 10⁻²³", "6.02e23"),
        ("100 °F", "100 °C"),
        ("€22.50", "$22.50"),
        ("9:45 in the morning", "21:45"),
        ("[1, 4]", "(1, 4]"),
        ("2, 3 and 5", "2, 3"),
        ("Charlotte Brontë", "Emily Brontë"),
        ("caterpillar", "cat"),
        ("No number is surer of it: yes.", "no"),
    ],
)
def test_another_answer(answer: str, reference: str) -> None:
    assert not right(answer, reference)


def test_what_is_said_in_the_end_counts() -> None:
    assert right("24? No: 8 · 2 = 16, so 16.", "16")
    assert not right("24? No: 8 · 2 = 16, so 16.", "24")
    assert not right("Were this Budapest, I'd say the Danube. I say the Rhine.", "the Danube")
    assert right("It's not 16 but 17!", "17")
    assert right("Mars has two moons. They were found in 1877.", "2", question="How many moons?")


def test_the_piece_that_was_compared() -> None:
    assert compared("é: $\\boxed{15}$.\n\nSum: $\\boxed{36}$.", "36") == "36"
    assert compared("So it is 7.\n\nThe answer is 8 (of 9).", "8") == "8 (of 9)."
    assert compared("**Step 1.** 48\n\nShe sold **72**", "72") == "72"
    assert compared("There were 5. It is 3.", "4") == "It is 3."


def test_choices_by_letter_and_by_text() -> None:
    question = "Which one barks? (A) cat (B) dog (C) mouse"
    assert right("The answer is (B).", "B", question=question)
    assert right("It must be the dog!", "B", question=question)
    assert right("B", "dog", question=question)
    # the A is an article
    assert not right("A dog!", "A", question=question)
    assert not right("Not B, I think – so C!", "B", question=question)


def test_any_of_several_references() -> None:
    assert right("Donau", "the Danube", "Donau")


def test_no_answer_is_wrong_and_a_failure_isnt_judged() -> None:
    rows = (
        row(None, "7", status="truncated"),
        row("", "7"),
        row(None, "7", status="error"),
        {"answer": "7"},
        row("7", ""),
    )
    assert values(HEURISTIC, *rows) == [False, False, None, None, None]
    assert reasons(HEURISTIC, *rows) == [
        None,
        None,
        "it failed",
        "the prompt has no reference to compare with",
        "the prompt has no reference to compare with",
    ]


def test_batches_make_no_difference() -> None:
    rows = [row(f"It is {n}.", str(n // 2 * 2)) for n in range(6)]
    whole = responses(*rows).select("response_id", *HEURISTIC.needs)
    batches = [HEURISTIC.compute(whole[at : at + 2], SETTINGS) for at in range(0, 6, 2)]
    found = HEURISTIC.compute(whole, SETTINGS)
    assert pl.concat([one.values for one in batches]).equals(found.values)
    assert pl.concat([one.notes for one in batches]).equals(found.notes.sort("response_id"))
    assert found.values["correct"].to_list() == [True, False] * 3


@pytest.mark.parametrize(
    "text",
    [
        "7" * 5_000_000,
        "so " * 1_700_000,
        "\\boxed{" * 700_000,
        "{" * 5_000_000,
        "$1 " * 1_700_000,
        "**a" * 1_700_000,
        "the answer is " * 350_000,
        "twenty-" * 700_000,
        "(" * 5_000_000,
        "1 and " * 800_000,
        "\n" * 5_000_000,
    ],
    ids=lambda text: text[:8].strip(),
)
@pytest.mark.parametrize("reference", ["7", "the Danube", "(1, 4]", "2, 3", "B", "21:45"])
def test_megabytes_are_fast(text: str, reference: str) -> None:
    start = time.process_time()
    right(text, reference)
    right(reference, text[:100_000])
    assert time.process_time() - start < 5
