from __future__ import annotations

from typing import Any

import pytest

from stages.transcript.jsonl import read_object
from stages.transcript.shapes import shaped
from stages.transcript.transcripts import Transcript, Unreadable


def read(**fields: Any) -> Transcript:
    found = read_object(7, fields)
    assert isinstance(found, Transcript), found
    return found


def refused(**fields: Any) -> str:
    found = read_object(7, fields)
    assert isinstance(found, Unreadable), found
    return str(found)


def parts(found: Transcript) -> tuple[str | None, str | None]:
    return found.thinking, found.answer


def test_a_reply_of_ollamas_chat() -> None:
    message = {"role": "assistant", "content": "4", "thinking": "2+2"}
    found = read(model="r1", message=message, done=True, done_reason="stop", eval_count=9)
    assert parts(found) == ("2+2", "4")
    assert (found.model, found.turns, found.output_tokens, found.cut) == ("r1", (), 9, False)


def test_a_reply_of_ollama_to_a_bare_prompt() -> None:
    found = read(model="r1", response="<think>2+2</think>4", done=True, prompt="2+2?")
    assert parts(found) == ("2+2", "4")
    assert found.turns == ("2+2?",)


def test_a_chunk_of_a_stream_is_no_response() -> None:
    assert "chunk of a stream" in refused(message={"role": "assistant", "content": "4"}, done=False)
    assert "chunk of a stream" in refused(choices=[{"index": 0, "delta": {"content": "4"}}])


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_a_chat_completion(name: str) -> None:
    message = {"role": "assistant", "content": "4", name: "2+2"}
    usage = {"completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 6}}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    found = read(id="c1", object="chat.completion", choices=[choice], usage=usage)
    assert parts(found) == ("2+2", "4")
    assert (found.id, found.thinking_tokens, found.output_tokens) == ("c1", 6, 9)


def test_an_older_completion_and_several_choices() -> None:
    assert read(choices=[{"text": "4"}]).answer == "4"
    assert "2 choices" in refused(choices=[{"text": "4"}, {"text": "5"}])


def test_the_choices_of_a_question_are_none_of_a_model() -> None:
    assert read(prompt="?", choices=["A", "B"], answer="B").answer == "B"
    assert read(prompt="?", choices=["A", "B"], output="B").answer == "B"


def test_what_a_limit_cut() -> None:
    message = {"role": "assistant", "content": "", "thinking": "2+"}
    found = read(message=message, done=True, done_reason="length")
    assert (parts(found), found.open, found.cut) == (("2+", None), True, True)
    choice = {"message": {"content": "It is", "role": "assistant"}, "finish_reason": "length"}
    found = read(choices=[choice])
    assert (parts(found), found.open, found.cut) == ((None, "It is"), False, True)


def test_messages_whose_last_is_the_answer() -> None:
    last = {"role": "assistant", "content": "4", "reasoning_content": "2+2"}
    found = read(messages=[{"role": "user", "content": "2+2?"}, last])
    assert (found.turns, parts(found)) == (("2+2?",), ("2+2", "4"))
    listed = read_object(1, [{"role": "user", "content": "2+2?"}, last])
    assert isinstance(listed, Transcript)
    assert parts(listed) == ("2+2", "4")
    assert "no answer" in refused(messages=[{"role": "user", "content": "2+2?"}])


def test_a_single_message() -> None:
    assert parts(read(role="assistant", content="4", reasoning="2+2")) == ("2+2", "4")
    assert "not the assistant's" in refused(role="user", content="2+2?")


def test_reasoning_beside_the_answer() -> None:
    assert parts(read(prompt="?", reasoning_content="2+2", answer="4")) == ("2+2", "4")
    assert parts(read(reasoning_trace="2+2", answer_text="4")) == ("2+2", "4")
    assert parts(read(prompt="?", thinking="", answer="<think>2+2</think>4")) == ("2+2", "4")


def test_beside_a_models_answer_stands_the_reference_or_another() -> None:
    found = read(model_answer="2+2\n</think>\n4", answer=4.0, question="2+2?")
    assert (parts(found), found.reference, found.turns) == (("2+2", "4"), None, ("2+2?",))


def test_of_two_questions_nobody_knows_which_was_asked() -> None:
    assert read(model_answer="4", question="2+2?", insufficient_question="2+?").turns == ()


@pytest.mark.parametrize("name", ["response", "output", "completion", "content"])
def test_names_of_an_answer(name: str) -> None:
    assert read(**{name: "4"}).answer == "4"
    assert f"{name} is no text but ['4']" in refused(**{name: ["4"]})


def test_two_answers_are_ambiguous_unless_they_are_the_same() -> None:
    assert "response and output hold different texts" in refused(response="4", output="5")
    assert read(response="4", output="4").answer == "4"


def test_a_reference_by_another_name() -> None:
    assert read(output="4", ground_truth="4").reference == ("4",)


@pytest.mark.parametrize("tokens", [True, -1, 0, 2.5, "9", 10**30, None, {}])
def test_a_count_that_is_none_is_unknown(tokens: Any) -> None:
    assert read(response="4", eval_count=tokens, usage=tokens).output_tokens is None


@pytest.mark.parametrize("name", ["done_reason", "finish_reason"])
def test_what_a_limit_cut_off_is_known_beside_a_plain_answer_too(name: str) -> None:
    known = {"question": "q", "thinking": "t", "answer": "a"}
    assert shaped(known | {name: "length"}).cut
    assert not shaped(known | {name: "stop"}).cut


def test_thinking_among_the_parts_of_a_message() -> None:
    parts = [
        {"type": "thinking", "thinking": "2 and 2"},
        {"type": "thinking", "thinking": 7},
        {"type": "text", "text": "4"},
    ]
    found = read(
        messages=[{"role": "user", "content": "?"}, {"role": "assistant", "content": parts}]
    )
    assert (found.thinking, found.answer) == ("2 and 2", "4")
