from __future__ import annotations

import time

import pytest

from stages.heuristics.first_solution_share import HEURISTIC
from tests.heuristics.table import computed, reasons, values


def share(thinking: str, *reference: str) -> float | None:
    return values(HEURISTIC, {"thinking": thinking, "reference": list(reference)})[0]


def mention(thinking: str, *reference: str) -> str | None:
    """The evidence, as the text has it at the offsets."""
    found = computed(HEURISTIC, {"thinking": thinking, "reference": list(reference)}).notes
    spans = found.filter(kind="evidence").select("start", "end", "text").rows()
    if not spans:
        return None
    ((start, end, text),) = spans
    assert thinking[start:end] == text
    return text


def test_bytes_through_the_first_claim() -> None:
    # "it is 42" are 8 of 16
    assert share("it is 42, = 42!!", "42") == 0.5


def test_a_bare_number_is_no_claim() -> None:
    assert share("42 friends, 3 each", "42") is None
    assert mention("For 42 friends: 6 · 7 = 42.", "42") == "= 42"


@pytest.mark.parametrize(
    ("thinking", "reference"),
    [
        ("so 1,234.", "1234"),
        ("gives 1{,}234", "1,234"),
        ("is .50", "0.5"),
        ("is 0.5 of it", ".50"),
        ("is \\frac{1}{2}.", "0.5"),
        ("is 50%", "1/2"),
        ("is 1 3/4", "1.75"),
        ("≈ 0.333", "1/3"),
        ("= −7", "-7"),
        ("The answer is twenty-four.", "24"),
        ("answer: **24**", "24"),
        ("\\boxed{24}", "24"),
        ("therefore it must be $24", "24"),
        ("that makes 24\ngood", "24"),
        ("is seven", "7"),
    ],
)
def test_numbers_are_compared_as_numbers(thinking: str, reference: str) -> None:
    assert mention(thinking, reference)


@pytest.mark.parametrize(
    "thinking",
    [
        "is 421",
        "is 42.5",
        "is 1,042",
        "is 142",
        "is -42",
        "= 42 × 2",
        "= 42 + 1",
        "= 42/3",
        "is not 42",
        "= 42x",
        "= 42\\cdot 3",
        "= 42\\frac{1}{2}",
        "= 4 2",
    ],
)
def test_what_only_looks_like_the_number(thinking: str) -> None:
    assert mention(thinking, "42") is None


def test_texts_are_whole_words() -> None:
    assert mention("Comparisons… the capital is paris!", "Paris") == "paris"
    assert mention("Van\nGogh it was", "Vincent van Gogh", "van Gogh") == "Van\nGogh"
    assert mention("comparison", "Paris") is None
    assert mention("首都是北京市", "北京") == "北京"
    assert mention("2 * (3 + x)? yes", "(3 + x)") == "(3 + x)"


def test_short_answers_must_be_claimed() -> None:
    assert mention("A cat? No, wait. The answer is (B).", "B") == "answer is (B"
    assert mention("Take a look", "A") is None
    assert mention("No, wait", "no") is None
    assert mention("no, wait, the answer must be No", "no") == "answer must be No"


def test_offsets_are_characters() -> None:
    assert mention("é → 42", "42") == "→ 42"
    # é and → have two and three bytes: 9 of 9
    assert share("é → 42", "42") == 1.0


def test_unknown_says_why() -> None:
    rows = (
        {"thinking": "is 42"},
        {"thinking": None, "reference": ["42"]},
        {"thinking": "is 41", "reference": ["42"]},
        {"thinking": "", "reference": ["42"]},
        {"thinking": "is 42", "reference": [" "]},
    )
    assert values(HEURISTIC, *rows) == [None] * 5
    assert reasons(HEURISTIC, *rows) == [
        "the prompt has no reference to look for",
        "there is no thinking",
        "the thinking never says the reference",
        "there is no thinking",
        "the prompt has no reference to look for",
    ]


def test_megabytes_are_fast() -> None:
    start = time.process_time()
    for text in ("so " * 1_500_000, "=" * 5_000_000, "is the " * 700_000, "is 4" * 1_200_000):
        assert share(text, "42", "Paris") is None
    assert time.process_time() - start < 30
