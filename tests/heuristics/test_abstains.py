from __future__ import annotations

import time

import pytest

from stages.heuristics.abstains import HEURISTIC
from tests.heuristics.table import computed, reasons, values


def abstains(answer: str | None) -> bool | None:
    (verdict,) = values(HEURISTIC, {"answer": answer})
    return verdict


@pytest.mark.parametrize(
    "answer",
    [
        "There is not enough information to tell how many pens she has.",
        "The price is not given, so the change can't be computed.",
        "The number of pens is **unknown**: the problem doesn't say how many she had.",
        "To find the cost we need to know the price per pack. Could you provide it?",
        "Tom has $n-5$ left. Since $n$ is not specified, no number follows.\n\n\\boxed{n-5}",
        "Ann spent 3.\n\n\\[\\boxed{\\text{insufficient information}}\\]",
        "A triangle with the sides 3, 4 and 9 does not exist, so it has no area.",
        "The two statements contradict each other; no price fits both.",
        "Einstein never walked on the Moon, so there is no date to give.",
        "The question makes no sense: eggs have no elections.",
        "That information is withheld. Nobody can tell you what was in the letters.",
        # A value is tried, and given up again.
        "If there were 8, it would be 20; but the problem as stated has no definite answer.",
        "For example, at $10 a pack it would be $330. Please provide the price of a pack.",
        # Another question's number is no answer to this one.
        "There isn't enough information about the flowers. If you meant trees, 9 − 4 = 5 are left.",
        "The story says nothing about Jake. To solve the jumping part: 14 + 2 = 16 inches.",
        # A box that claims nothing.
        "It is impossible to determine how many peaches Jill has.\n\n**Answer:**\n\\boxed{0}",
        r"Let me add up the numbers that are listed here: \boxed{?}",
        "The price can't be determined, but it is impossible to say what 3 apples cost, too.",
        "Nobody can answer that from the speed alone; how far apart they are is unknown.",
        "That hinges on the length of the book, and you don't say how long it is.",
        "Neither the price nor what he paid with is given.",
        "N could be anything; each remainder from 0 to 6 is possible.",
        "There are infinitely many solutions, so x isn't uniquely determined.",
        "Two hours after it begins, but the starting time isn't in the question.",
        "Your question leaves out the price of a pen.",
        "The total is 5p. Since p has no given value, we stop here.",
        "There simply isn't a way to tell.",
        "We would have to be given the unit price.",
        "The data don't suffice.",
        "N/A",
    ],
)
def test_abstentions(answer: str) -> None:
    assert abstains(answer) is True


@pytest.mark.parametrize(
    "answer",
    [
        "She has 4 pens left.",
        "Sam pays 10 dollars.",
        "William Shakespeare wrote Hamlet.",
        "Final answer: 42000",
        "x = 2",
        # The gap isn't needed, or is filled.
        "The volume of the tank is not given; it is not needed. $v = 60$\n\n\\boxed{60}",
        "The first equation alone is insufficient to determine $x$. Adding both:\n\\boxed{x=7}",
        "Her age is not known, but it doesn't matter. He is 32.",
        "The number of birds isn't given. Assuming 8 as usual, there are 20 birds.",
        "It can't be determined exactly. Let's assume each costs $1. Then the total is $36.",
        "There is no information about apples. Therefore, the answer is: 0 apples.",
        # What can't be is the answer, or impossible means none.
        "It is impossible to seat five on four chairs. Number of ways: \\boxed{0}",
        "\\(\\sqrt{x}\\ge 0 > -3\\): there is no solution.\n\\boxed{\\varnothing}",
        "Nope! The text doesn't say what was in the note.",
        "Not sufficient; $x$ cannot be determined from both.\n\\boxed{E}",
        # Somebody else's words, and words about words.
        '"Insufficient data: cannot compute" means that the scale has not settled.',
        "Here you go:\n\nDear Ann,\n\nWe can't give you a price without the measurements.",
        # Negation flips.
        "It is not true that the answer cannot be determined. The answer is 5.",
        "There is enough information to determine the answer: 5.",
        "Nothing is missing from the problem: it is 5.",
        "Without the length we could not compute it. It is 3, so the area is 9.",
        "At first it looks impossible, but here is how: fill the big jug twice.",
        "I can't know exactly, but **about 900** is a good guess.",
        "I'm sorry, but I can't help with that.",
        "Nope.",
        "The answer cannot be determined from the text.\n\nThe total is \\boxed{5}.",
    ],
)
def test_answers(answer: str) -> None:
    assert abstains(answer) is False


def test_the_evidence_is_what_was_said_last() -> None:
    answer = "She had 4.  It isn't said what she lost. So it can't be determined.\nAnything else?"
    (note,) = computed(HEURISTIC, {"answer": answer}).notes.to_dicts()
    assert note["text"] == "So it can't be determined."
    assert answer[note["start"] : note["end"]] == note["text"]
    assert (note["heuristic"], note["kind"], note["part"]) == ("abstains", "evidence", "answer")
    assert 0.5 < note["confidence"] <= 1


def test_an_answer_given_nevertheless_has_evidence_too() -> None:
    answer = "The price is not given. Assuming 2, we get 8."
    (note,) = computed(HEURISTIC, {"answer": answer}).notes.to_dicts()
    assert note["text"] == "Assuming 2, we get 8."


def test_the_ends_of_a_long_text_are_read_and_the_offsets_are_the_whole_texts() -> None:
    middle = "Ⅳ “Then” there is the number of it. " * 500
    (first, last) = "It cannot be determined how many there are. ", "The answer is 5."
    assert abstains(middle + first + middle) is False
    assert abstains(first + middle) is True
    assert abstains(first + middle + last) is False
    answer = middle + first
    (note,) = computed(HEURISTIC, {"answer": answer}).notes.to_dicts()
    assert answer[note["start"] : note["end"]] == first.strip()


def test_no_verdict_says_why() -> None:
    rows = (
        {"answer": None},
        {"answer": " \n"},
        {"answer": "Das kann man ohne weitere Angaben nicht sagen, weil der Preis fehlt."},
        {"answer": "答案无法确定"},
    )
    language = "the answer isn't in English, the only language of the rules"
    assert computed(HEURISTIC, *rows).values["abstains"].to_list() == [None] * 4
    assert reasons(HEURISTIC, *rows) == ["there is no answer", "the answer is empty", language,
                                         language]  # fmt: skip


def test_formulas_need_no_language() -> None:
    assert abstains("$5m=35 \\Rightarrow m=7$\n\n\\[\\boxed{7}\\]") is False
    assert abstains("$E$ itself: \\boxed{\\text{undeterminable}}") is True


def test_rows_keep_their_order() -> None:
    rows = [{"answer": "It cannot be known."}, {"answer": None}, {"answer": "It is the 4th."}]
    assert values(HEURISTIC, *rows) == [True, None, False]
    assert values(HEURISTIC) == []


@pytest.mark.parametrize(
    "text",
    [
        "a" * 5_000_000,
        "not " * 1_250_000,
        "we cannot know but " * 250_000,
        "- it is not given\n" * 100_000,
        "\\boxed{{{{" * 500_000,
        "\ufffd\x00\x1f cannot be determined " * 100_000,
    ],
)
def test_hostile_texts_take_linear_time(text: str) -> None:
    began = time.monotonic()
    abstains(text)
    assert time.monotonic() - began < 60
