from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.utils.serialize import parse_yaml
from hypothesis import given
from hypothesis import strategies as st

from stages.params import document
from stages.params.document import Document, read_yaml


def read(path: Path, content: str | bytes, limit: int = 10_000) -> Document:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_yaml(path, limit, "f.yaml", "write one")


@pytest.fixture(params=["C", "Python"])
def file(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for a file, read with either of PyYAML's parsers."""
    if request.param == "Python":
        monkeypatch.setattr(document, "_LOADER", yaml.SafeLoader)
    return tmp_path / "f.yaml"


def test_every_key_and_item_has_its_line(file: Path) -> None:
    found = read(file, "a:\n  b: 1\n\nc: [x,\n    y]\n")
    assert found.value == {"a": {"b": 1}, "c": ["x", "y"]}
    assert found.lines == {
        (): 1, ("a",): 1, ("a", "b"): 2, ("c",): 4, ("c", 0): 4, ("c", 1): 5
    }  # fmt: skip
    assert found.line(("a", "missing", "deeper")) == 1
    assert found.values(("c", 1)) == "y"
    assert found.values(("c", 7)) is None


@pytest.mark.parametrize(
    "text",
    ["yes", "on", "True", "'true'", "~", "NULL", "", "1e-3", "1e3", ".5", "1.", "+1", "010", "-7",
     "0x10", "0o10", "12:30", "1_000", ".inf", "-.INF", "1.2.3", "a b"],
)  # fmt: skip
def test_scalars_mean_what_they_mean_to_dvc(file: Path, text: str) -> None:
    found = read(file, f"a: {text}\n")
    expected = parse_yaml(f"a: {text}\n", "f.yaml")
    assert not found.problems
    assert found.value == expected
    assert type(found.value["a"]) is type(expected["a"])


def test_a_block_of_text_is_text(file: Path) -> None:
    assert read(file, "a: |\n  1\n").value == {"a": "1\n"}


def test_an_endless_number_is_none_that_anything_accepts(file: Path) -> None:
    assert read(file, f"a: {'9' * 5000}\n").value == {"a": float("inf")}


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("a: 1\nb: [1\nc: 2\n", 3, "not YAML at column"),
        ("a:\n\t- b\n", 2, "indent with spaces, not tabs"),
        ("a: b: c\n", 1, "needs quotes"),
        ("a: 'x\n", 2, "not YAML"),
        ("", 1, "is empty; write one"),
        ("# only a comment\n", 1, "is empty; write one"),
        (b"a: 1\nb: \xff\n", 2, "save it as UTF-8"),
        (b"a: 1\nb: \x00\n", 2, "holds the character U+0000"),
        ("a: " + "[" * 40 + "]" * 40, 1, "nests deeper than 20"),
        ("a" * 10_001, 1, "is larger than 10,000 bytes"),
    ],
)
def test_a_file_that_cant_be_read_is_one_problem(
    file: Path, content: str | bytes, line: int, said: str
) -> None:
    found = read(file, content)
    assert not found.readable
    assert [problem.line for problem in found.problems] == [line]
    assert said in str(found.problems[0])


@pytest.mark.parametrize(
    ("content", "where", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: a:", "stands twice (line 1 too)"),
        ("a: &x 1\nb: *x\n", "f.yaml:2: b:", "aliases (*x)"),
        ("a: !!python/object/apply:os.system [x]\n", "f.yaml:1: a:", "tags"),
        ("a: !!binary aGk=\n", "f.yaml:1: a:", "tags"),
        ("a: {1: x}\n", "f.yaml:1: a.1:", "in quotes"),
        ("a: {[x]: y}\n", "f.yaml:1: a.?:", "plain text"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:", "second document"),
        ('a: "x\\0y"\n', "f.yaml:1: a:", "U+0000"),
        ('a: "x\\e[0my"\n', "f.yaml:1: a:", "U+001B"),
    ],
)
def test_what_isnt_accepted_is_said_with_its_place(
    file: Path, content: str, where: str, said: str
) -> None:
    found = read(file, content)
    (problem,) = found.problems
    assert str(problem).startswith(where)
    assert said in problem.text


def test_aliases_dont_multiply(file: Path) -> None:
    levels = "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(9))
    found = read(file, f"a0: &a0 [x]\n{levels}")
    assert len(found.problems) == 81
    assert found.value["a9"] == [None] * 9


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "no.yaml", tmp_path):
        (problem,) = read_yaml(path, 10, "no.yaml", "write one").problems
        assert str(problem) == "no.yaml:1: no such file; write one"


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert read(tmp_path / "f.yaml", b"\xef\xbb\xbfa: 1\n").value == {"a": 1}


_KEYS = st.text("abc-_", min_size=1, max_size=5).filter(lambda key: key.strip("-") != "")
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=10,
)


@given(_VALUES)
def test_what_json_says_is_read_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, value: Any
) -> None:
    """JSON is YAML 1.2: plain values survive, and text with odd characters is refused, not lost."""
    import json

    path = tmp_path_factory.mktemp("json") / "f.yaml"
    found = read(path, json.dumps({"value": value}), 1_000_000)
    if not found.problems:
        assert found.value == {"value": value}


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    found = read(tmp_path_factory.mktemp("bytes") / "f.yaml", content)
    assert found.readable or found.problems
