from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.transcript.split import split

T, A = "thinking", "answer"


def parted(text: str) -> tuple[str | None, str | None]:
    found = split([("content", text)])
    return found.thinking, found.answer


@pytest.mark.parametrize(
    ("text", "thinking", "answer"),
    [
        ("hello", None, "hello"),
        ("", None, ""),
        ("<think>a</think>b", "a", "b"),
        ("\n<think>\n a \n</think>\n\n b\n", "a", "b"),
        ("a</think>b", "a", "b"),  # the template opened it
        ("<think>a", "a", None),  # never closed
        ("<think>", None, None),
        ("<think>a</thin", "a</thin", None),
        ("<think>\n\n</think>\n\nx", None, "x"),
        ("<think>a</think></think>b", "a", "b"),  # said twice
        ("<think><think>a</think>b", "a", "b"),
        ("<think>a<think>b</think>c</think>d", "a\n\nb\n\nc", "d"),  # nested
        ("<think>a<think>b</think>c", "a\n\nb", "c"),  # nested, too few closed
        ("<think>a</think>\n<think>b</think>\nc", "a\n\nb", "c"),  # repeated
        ("<think>a</think>\n<think>b", "a\n\nb", None),
        ("<think>a</think>b `</think>` c", "a", "b `</think>` c"),
        ("<think>a</think>```\n<think>x</think>\n```", "a", "```\n<think>x</think>\n```"),
        ("<think>a</think>b</think>c", "a", "b</think>c"),  # the answer has begun
        ("Tags: `<think>` and `</think>`.", None, "Tags: `<think>` and `</think>`."),
        ("```\nx</think>y\n```\nz", None, "```\nx</think>y\n```\nz"),
        ("They write <think> and </think> here", None, "They write <think> and </think> here"),
        ("say `x` first</think>b", "say `x` first", "b"),
        ("<THINK>a</THINK>", None, "<THINK>a</THINK>"),
    ],
)
def test_tags(text: str, thinking: str | None, answer: str | None) -> None:
    assert parted(text) == (thinking, answer)


def test_native_thinking_ends_where_the_field_changes() -> None:
    found = split([(T, "a "), (T, "b"), ("content", "\n\nc"), ("content", "d")])
    assert (found.thinking, found.answer) == ("a b", "cd")


def test_native_thinking_without_content_never_ended() -> None:
    found = split([(T, "a")])
    assert (found.thinking, found.answer, found.open) == ("a", None, True)


def test_content_that_is_only_whitespace_ends_a_native_thought() -> None:
    assert split([(T, "a"), ("content", "\n")]).answer == ""


def test_a_tag_after_native_thinking_is_markup() -> None:
    found = split([(T, "a"), ("content", "</think>\nb")])
    assert (found.thinking, found.answer) == ("a", "b")


def test_injected_tags_open_and_close() -> None:
    chunks = [
        ("injected", "<think>\n"),
        ("content", "Hm, </thi"),
        ("injected", "\n</think>\n\n"),
        ("content", "42"),
    ]
    found = split(chunks)
    assert (found.thinking, found.answer) == ("Hm, </thi", "42")


def test_a_thought_that_the_model_closes_itself() -> None:
    chunks = [("injected", "<think>\n"), ("content", "a</think>"), ("injected", "\n\n")]
    found = split([*chunks, ("content", "b")])
    assert (found.thinking, found.answer) == ("a", "b")


def test_injected_close_ends_a_nested_thought_whole() -> None:
    chunks = [("injected", "<think>"), ("content", "a<think>b"), ("injected", "</think>")]
    assert split([*chunks, ("content", "c")]).answer == "c"


def test_an_unknown_field_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown field"):
        split([("tool_calls", "x")])


PIECES = st.sampled_from(
    ["<think>", "</think>", "<", "think>", "</", "`", "```", "\n", " ", "a", "é", "~~~", "👍"]
)
FIELDS = st.sampled_from(["content", "content", "content", "thinking", "injected"])
RUNS = st.lists(st.tuples(FIELDS, st.lists(PIECES, max_size=12).map("".join)), max_size=6)


@given(RUNS)
def test_the_parts_give_the_stream_back(runs: list[tuple[str, str]]) -> None:
    found = split(runs)
    assert found.stream == "".join(text for _, text in runs)
    assert "".join(found.stream[part.start : part.end] for part in found.parts) == found.stream
    assert all(
        before.end == after.start
        for before, after in zip(found.parts, found.parts[1:], strict=False)
    )
    assert all(part.start < part.end for part in found.parts)


@given(RUNS, st.randoms(use_true_random=False))
def test_where_the_stream_is_cut_does_not_matter(runs, random) -> None:
    cut = [(name, text[start:end]) for name, text in runs for start, end in _cuts(text, random)]
    assert split(cut) == split(runs)


def _cuts(text: str, random) -> list[tuple[int, int]]:
    edges = sorted(random.sample(range(len(text) + 1), k=min(len(text), 3)))
    return list(zip([0, *edges], [*edges, len(text)], strict=True))


@given(st.text("ab `\n<>/think", max_size=60))
def test_every_character_as_its_own_chunk(text: str) -> None:
    assert split([("content", one) for one in text]) == split([("content", text)])


@pytest.mark.parametrize(
    "text",
    ["a" * 3_000_000, "<think>a" * 30_000 + "</think>b" * 30_000, "` " * 500_000 + "</think>"],
    ids=["one token", "nested", "ticks"],
)
def test_long_texts_take_linear_time(text: str) -> None:
    start = time.process_time()
    found = split([("content", text)])
    assert time.process_time() - start < 5
    assert found.stream == text
