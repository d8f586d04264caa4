from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from stages.installed.keys import keys
from stages.params.root import NAME


def test_a_name_and_its_size_are_enough() -> None:
    tags = {
        "deepseek-r1:7b-qwen-distill-q4_K_M": "deepseek-r1-7b",
        "llama3.3:70b-instruct-q4_K_M": "llama3-3-70b",
        "mixtral:8x7b": "mixtral-8x7b",
        "qwen3:0.6b": "qwen3-0-6b",
        "gemma3n:e2b": "gemma3n-e2b",
        "phi4:latest": "phi4",
        "mine:my-own": "mine-my-own",
        "hf.co/someone/Model-GGUF:Q4_K_M": "Model-GGUF-Q4_K_M",
        "localhost:5000/someone/other": "other",
    }
    assert keys(tags, ()) == tags


def test_where_that_is_shared_more_of_the_tag_tells_them_apart() -> None:
    assert keys(["m:7b-q4", "m:7b-q8", "m:latest"], ()) == {
        "m:7b-q4": "m-7b-q4",
        "m:7b-q8": "m-7b-q8",
        "m:latest": "m",
    }
    assert keys(["a/m:7b", "b/m:7b"], ()) == {"a/m:7b": "a-m-7b", "b/m:7b": "b-m-7b"}
    assert keys(["m.x:7b", "m-x:7b"], ()) == {"m.x:7b": "m-x-7b-2", "m-x:7b": "m-x-7b-3"}


def test_names_that_are_taken_or_mean_something_else_are_not_given() -> None:
    assert keys(["test1:7b", "Test2:latest"], ["test1-7b", "test2"]) == {
        "test1:7b": "test1-7b-2",
        "Test2:latest": "Test2-latest",
    }
    assert keys(["con:latest"], ()) == {"con:latest": "con-latest"}  # a device to Windows
    assert keys(["null:latest"], ()) == {"null:latest": "null-latest"}  # nothing to YAML
    assert keys(["123:latest"], ()) == {"123:latest": "model-123"}  # a number to YAML


@given(st.lists(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,150}", fullmatch=True), unique=True))
def test_every_key_is_well_formed_and_unlike_the_others(tags: list[str]) -> None:
    found = keys(tags, ["test1"])
    assert list(found) == tags
    assert all(re.fullmatch(NAME, key) for key in found.values())
    assert len({key.lower() for key in found.values()} - {"test1"}) == len(tags)
