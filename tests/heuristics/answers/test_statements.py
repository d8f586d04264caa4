from __future__ import annotations

from stages.heuristics.answers.statements import statements


def told(answer: str) -> list[tuple[str, str]]:
    return [(one.kind, answer[one.start : one.end]) for one in statements(answer)]


def test_the_box_first_and_sentences_from_the_last_back() -> None:
    assert told("So 6. It is \\boxed{\\frac{1}{2}}.") == [
        ("boxed", "\\frac{1}{2}"),
        ("sentence", "It is \\boxed{\\frac{1}{2}}."),
        ("sentence", "So 6."),
        ("whole", "So 6. It is \\boxed{\\frac{1}{2}}."),
    ]


def test_several_boxes_of_a_line_come_together_first() -> None:
    pieces = told("x = \\boxed{2} or x = \\boxed{3}")
    assert pieces[:3] == [
        ("boxed", "2} or x = \\boxed{3"),
        ("boxed", "3"),
        ("boxed", "2"),
    ]


def test_what_follows_the_answer_is() -> None:
    assert told("The answer is 8. Bye.")[0] == ("marked", "8.")
    assert told("**Final answer:**\n\n72")[0] == ("marked", "72")
    assert told("The answer isn't clear.")[0][0] == "sentence"


def test_bold_but_no_label() -> None:
    assert told("**Step 1.** a\n\n**72** b")[0] == ("bold", "72")


def test_an_item_and_a_title_end_no_sentence() -> None:
    assert told("1. One\n2. Mr. Two")[:2] == [("sentence", "2. Mr. Two"), ("sentence", "1. One")]


def test_only_the_end_of_a_long_answer_is_read() -> None:
    pieces = told("One word. " * 2_000)
    assert len(pieces) == 8
    assert set(pieces) == {("sentence", "One word.")}
