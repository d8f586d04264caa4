from __future__ import annotations

from stages.transcript.imported import Importer
from stages.transcript.transcripts import Transcript


def one(line: int, **fields) -> Transcript:
    known = {"id": str(line), "turns": ("p",), "thinking": None, "answer": "a"}
    return Transcript(line=line, **(known | fields))


def test_a_row_a_response_and_a_row_a_prompt() -> None:
    found = Importer("chats").tables(
        [one(1, id="x", model="m", topics=("u", "v"), truth="related"), one(2)]
    )
    assert found.responses.select("response_id", "source", "prompt_id", "arm", "status").rows() == [
        ("chats/1", "chats", "chats/x", "imported", "ok"),
        ("chats/2", "chats", "chats/2", "imported", "ok"),
    ]
    assert found.prompts.select("prompt_id", "set", "topics", "truth").rows() == [
        ("chats/x", "chats", ["u", "v"], "related"),
        ("chats/2", "chats", None, None),
    ]


def test_the_same_prompt_is_listed_once_over_all_batches() -> None:
    importer = Importer("chats")
    assert importer.tables([one(1, id="x"), one(2, id="x", epoch=2)]).prompts.height == 1
    assert importer.tables([one(3, id="x", epoch=3)]).prompts.height == 0


def test_an_id_that_comes_again_for_another_prompt_is_told_apart() -> None:
    found = Importer("chats").tables([one(1, id="x"), one(2, id="x", turns=("q",))])
    assert found.responses["prompt_id"].to_list() == ["chats/x", "chats/x@2"]
    assert found.prompts["prompt_id"].to_list() == ["chats/x", "chats/x@2"]


def test_status_and_tokens() -> None:
    found = (
        Importer("c")
        .tables(
            [
                one(1, thinking="t", answer=None, open=True),
                one(2, error="broke", answer=""),
                one(3, thinking="a" * 100, answer="b" * 200),
                one(4, thinking="t", thinking_tokens=5),
            ]
        )
        .responses
    )
    assert found["status"].to_list() == ["truncated", "error", "ok", "ok"]
    assert found["thinking_tokens"].to_list() == [1, None, 27, 5]
    assert found["answer_tokens"].to_list() == [None, 0, 54, None]
    assert found["tokens_method"].to_list() == ["estimated", "estimated", "estimated", None]


def test_a_chunk_a_part_without_a_time() -> None:
    found = Importer("c").tables([one(1, thinking="abc", answer="de", thinking_tokens=2)])
    assert found.chunks.select("index", "t_ns", "part", "tokens", "characters").rows() == [
        (0, None, "thinking", 2, 3),
        (1, None, "answer", None, 2),
    ]


def test_the_servers_count_of_the_whole_is_shared_out() -> None:
    found = (
        Importer("c")
        .tables(
            [
                one(1, answer="a", output_tokens=9),
                one(2, thinking="t", answer=None, open=True, output_tokens=9),
                one(3, thinking="a" * 300, answer="b" * 100, output_tokens=80),
                one(4, thinking="t", answer="a", output_tokens=9, thinking_tokens=6),
            ]
        )
        .responses
    )
    assert found["thinking_tokens"].to_list() == [None, 9, 60, 6]
    assert found["answer_tokens"].to_list() == [9, None, 20, 3]
    assert found["tokens_method"].to_list() == ["engine", "engine", "estimated", "engine"]
    assert found["output_tokens"].to_list() == [9, 9, 80, 9]


def test_an_answer_that_was_cut_and_a_prompts_control() -> None:
    found = Importer("c").tables([one(1, cut=True, pair="x")])
    assert found.responses["status"].to_list() == ["truncated"]
    assert found.prompts["pair"].to_list() == ["c/x"]
