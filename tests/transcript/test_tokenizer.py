from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from stages.errors import UserError
from stages.transcript.imported import Importer
from stages.transcript.tokenizer import tokenizer
from stages.transcript.transcripts import Transcript


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """A tokenizer to which each word is a token, that would begin, pad and cut texts if let."""
    known = Tokenizer(models.WordLevel({"[UNK]": 0, "[BOS]": 1}, "[UNK]"))
    known.pre_tokenizer = pre_tokenizers.Whitespace()
    known.post_processor = processors.TemplateProcessing(
        single="[BOS] $A", special_tokens=[("[BOS]", 1)]
    )
    known.enable_truncation(3)
    known.enable_padding(length=8)
    known.save(str(tmp_path / "tokenizer.json"))
    return tmp_path / "tokenizer.json"


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("one", 1), ("one two three four five", 5)])
def test_only_the_tokens_of_the_text_are_counted(words: Path, text: str, tokens: int) -> None:
    assert tokenizer(words)(text) == tokens


def response(words: Path, **facts: Any) -> dict[str, Any]:
    one = Transcript(1, "a", ("hi",), **facts)
    rows = Importer("mine", tokenizer(words)).tables([one]).responses.to_dicts()
    return {name: rows[0][f"{name}_tokens"] for name in ("thinking", "answer")} | {
        "method": rows[0]["tokens_method"]
    }


def test_what_nobody_counted_is_counted(words: Path) -> None:
    assert response(words, thinking="a b c", answer="d e") == {
        "thinking": 3,
        "answer": 2,
        "method": "tokenizer",
    }
    assert response(words, thinking=None, answer="") == {
        "thinking": None,
        "answer": 0,
        "method": "tokenizer",
    }
    assert response(words, thinking=None, answer=None)["method"] is None


def test_an_engines_count_comes_first(words: Path) -> None:
    assert response(words, thinking=None, answer="d e", output_tokens=7) == {
        "thinking": None,
        "answer": 7,
        "method": "engine",
    }
    # Of a whole that has both parts the engine doesn't say which is whose.
    parts = response(words, thinking="a b c", answer="d e", output_tokens=7)
    assert parts == {"thinking": 3, "answer": 2, "method": "tokenizer"}


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", json.dumps("x").encode()])
def test_what_is_no_tokenizer_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"tokenizer\.json"):
        tokenizer(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"No such file.*name a tokenizer\.json"):
        tokenizer(tmp_path / "none.json")
