from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

from stages.columns import Column
from stages.heuristics.base import Heuristic, Result, no_notes
from stages.heuristics.registry import RegistryError, discover, ordered
from stages.heuristics.scoring import PROMPT_FACTS
from stages.tables import RESPONSES


def heuristic(name: str, *requires: str, column: str | None = None) -> Heuristic:
    return Heuristic(
        name=name,
        columns=(Column(column or name, pl.Int64, "", "A number."),),
        needs=(),
        source="",
        compute=lambda frame, _settings: Result(frame.select(), no_notes()),
        requires=requires,
    )


def test_each_comes_after_what_it_requires() -> None:
    found = ordered([heuristic("a", "c"), heuristic("b"), heuristic("c", "b")])
    assert [one.name for one in found] == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([heuristic("a"), heuristic("a", column="b")], "heuristic a is defined 2 times"),
        ([heuristic("a"), heuristic("b", column="a")], "column a is defined 2 times"),
        ([heuristic("a", "x")], "a requires x, which doesn't exist"),
        ([heuristic("a", "b"), heuristic("b", "a")], "they require each other"),
    ],
)
def test_contradictions(found: list[Heuristic], message: str) -> None:
    with pytest.raises(RegistryError, match=message):
        ordered(found)


def test_a_file_in_the_folder_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "measures_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "shared.py").write_text("X = 1\n")
    (package / "one.py").write_text(
        "from tests.heuristics.test_registry import heuristic\nHEURISTIC = heuristic('one')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert [one.name for one in discover(package.name)] == ["one"]
    for name in [name for name in sys.modules if name.startswith(package.name)]:
        del sys.modules[name]


def test_our_own_say_what_they_are() -> None:
    found = discover()
    known = {column.name for column in RESPONSES} | set(PROMPT_FACTS)
    for one in found:
        own = {column.name for other in found if other.name in one.requires
               for column in other.columns}  # fmt: skip
        assert set(one.needs) <= known | own, one.name
        assert one.source, one.name
        assert all(column.meaning.endswith(".") for column in one.columns), one.name
