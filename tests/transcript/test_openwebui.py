from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stages.transcript.openwebui import is_export, read_export, reasoning_blocks
from stages.transcript.transcripts import Transcript, Unreadable


def chat(messages: dict[str, Any]) -> dict[str, Any]:
    return {"id": "c", "title": "t", "chat": {"history": {"messages": messages}}}


def user(key: str, text: str, parent: str | None = None) -> dict[str, Any]:
    return {key: {"role": "user", "content": text, "parentId": parent}}


def said(key: str, text: str, parent: str, **fields: Any) -> dict[str, Any]:
    return {key: {"role": "assistant", "content": text, "parentId": parent} | fields}


def answers(found: Any) -> list[Transcript]:
    read = list(read_export(found))
    assert all(isinstance(one, Transcript) for one in read), read
    return [one for one in read if isinstance(one, Transcript)]


DETAILS = (
    '<details type="reasoning" done="true" duration="12">\n'
    "<summary>Thought for 12 seconds</summary>\n> Hm.\n> 4 &gt; 2\n</details>\nIt is 4."
)


def test_reasoning_stands_in_details() -> None:
    (found,) = answers([chat(user("1", "2+2?") | said("2", DETAILS, "1", model="m"))])
    assert found.turns == ("2+2?",)
    assert found.thinking == "Hm.\n4 &gt; 2"  # not escaped as a whole: the model wrote it so
    assert (found.answer, found.model, found.thinking_s) == ("It is 4.", "m", 12.0)


def test_reasoning_that_was_escaped_is_unescaped() -> None:
    text = '<details type="reasoning">\n&gt; a &lt; b\n&gt; c\n</details>\nd'
    (found,) = answers([chat(user("1", "p") | said("2", text, "1"))])
    assert (found.thinking, found.answer) == ("a < b\nc", "d")


def test_an_unfinished_block_is_an_open_thought() -> None:
    (found,) = answers(
        [chat(user("1", "p") | said("2", '<details type="reasoning" done="false">\n> a', "1"))]
    )
    assert (found.thinking, found.answer, found.open) == ("a", None, True)


def test_think_tags_are_read_too() -> None:
    (found,) = answers([chat(user("1", "p") | said("2", "<think>a</think>b", "1"))])
    assert (found.thinking, found.answer, found.thinking_s) == ("a", "b", None)


def test_other_details_are_the_answers_own() -> None:
    text = "<details><summary>More</summary>x</details>"
    (found,) = answers([chat(user("1", "p") | said("2", text, "1"))])
    assert (found.thinking, found.answer) == (None, text)


def test_a_branch_has_its_own_turns() -> None:
    messages = (
        user("1", "first")
        | said("2", "a", "1")
        | user("3", "then", "2")
        | said("4", "b", "3")
        | said("5", "c", "1")
    )
    assert [(one.turns, one.answer) for one in answers([chat(messages)])] == [
        (("first",), "a"),
        (("first", "then"), "b"),
        (("first",), "c"),
    ]


def test_the_older_list_of_messages() -> None:
    listed = [{"role": "user", "content": "p"}, {"role": "assistant", "content": "a"}]
    (found,) = answers([{"chat": {"messages": listed}}])
    assert (found.turns, found.answer) == (("p",), "a")


def test_an_error_of_the_tool_is_kept() -> None:
    message = said("2", "", "1", error={"content": "out of memory"})
    (found,) = answers([chat(user("1", "p") | message)])
    assert found.error == "out of memory"


def test_what_cannot_be_read_is_named() -> None:
    messages = said("1", "x", "1") | user("2", "p") | said("3", "y", "2")
    messages["4"] = {"role": "assistant", "content": 5, "parentId": "2"}
    found = list(read_export([{"chat": 3}, chat(messages)]))
    assert [type(one) for one in found] == [Unreadable, Unreadable, Transcript, Unreadable]
    assert [one.line for one in found] == [1, 2, 3, 4]


def test_a_circle_of_messages_ends() -> None:
    messages = user("1", "p", "2") | said("2", "a", "1")
    assert [one.turns for one in answers([chat(messages)])] == [("p",)]


def test_what_is_an_export() -> None:
    assert is_export([{"chat": {}}])
    assert is_export({"chat": {}})
    assert not is_export([])
    assert not is_export([1])
    assert not is_export({"prompt": "p", "answer": "a"})


@given(st.lists(st.sampled_from(['<details type="reasoning">', "</details>", "> Q\n", "b", "\n"])))
def test_no_word_of_the_answer_is_lost(texts: list[str]) -> None:
    content = "".join(texts)
    kept = "".join(text for _, text, _ in reasoning_blocks(content))
    assert kept.count("b") == content.count("b")
    assert kept.count("Q") == content.count("Q")
