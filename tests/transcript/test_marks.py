from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.transcript.jsonl import read_object
from stages.transcript.marks import marked
from stages.transcript.transcripts import Transcript

ANALYSIS = "<|channel|>analysis<|message|>2 + 2.<|end|><|start|>assistant"
SOLUTION = "<|begin_of_solution|>4<|end_of_solution|>"


@pytest.mark.parametrize(
    "text",
    [
        "<thinking>2 + 2.</thinking>4",
        " [THINK]2 + 2.[/THINK]\n\n4",
        "◁think▷2 + 2.◁/think▷4",
        f"<|begin_of_thought|>\n2 + 2.\n<|end_of_thought|>\n{SOLUTION}",
        "Here are my reasoning steps:\n2 + 2.\n[BEGIN FINAL RESPONSE]4[END FINAL RESPONSE]",
        f"{ANALYSIS}<|channel|>final<|message|>4<|return|>",
        f"<|start|>assistant{ANALYSIS}<|channel|>final <|constrain|>json<|message|>4",
    ],
)
def test_each_models_marks(text: str) -> None:
    assert marked(text) == ("2 + 2.", "4", False)


@pytest.mark.parametrize("text", ["<thought>2 +", "<|channel|>analysis<|message|>2 +"])
def test_a_thought_that_never_ends_has_no_answer(text: str) -> None:
    assert marked(text) == ("2 +", None, True)


def test_calls_and_several_messages_are_thought_until_the_last_word() -> None:
    text = (
        "<|channel|>analysis<|message|>a < b<|end|><|start|>assistant<|channel|>commentary"
        " to=functions.add<|message|>{}<|call|><|start|>assistant<|channel|>final<|message|>4"
    )
    assert marked(text) == ("a < b\n\n{}", "4", False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "Here is my thought process: 2 + 2 is 4.",
        "Use <thinking>tags</thinking>.",
        "<think>a</think>4",
    ],
)
def test_what_begins_with_no_such_mark_is_left_alone(text: str) -> None:
    assert marked(text) is None


def test_what_looks_like_a_tag_within_is_text() -> None:
    said = "write <|end_of_solution|> last"
    assert marked(f"[THINK]a[/THINK]{said}") == ("a", said, False)
    found = read_object(1, {"prompt": "p", "answer": "[THINK]a </think> b[/THINK]4"})
    assert isinstance(found, Transcript)
    assert (found.thinking, found.answer, found.open) == ("a </think> b", "4", False)


@given(st.text(), st.text())
def test_any_texts_between_the_marks_come_back(thought: str, answer: str) -> None:
    found = marked(f"<seed:think>{thought}</seed:think>{answer}")
    if "</seed:think>" not in thought and "<|" not in answer and "[END" not in answer:  # wrappers
        assert found == (thought.strip() or None, answer.strip(), False)


def test_hostile_text_takes_linear_time() -> None:
    began = time.monotonic()
    marked("<|channel|>" + "a<" * 1_000_000)
    marked("<|channel|>analysis<|message|>" + "<|" * 1_000_000)
    marked("<|channel|>analysis" * 200_000)
    marked("<|channel|>" + "a" * 3_000_000)
    assert time.monotonic() - began < 20
