from __future__ import annotations

import pytest

from stages.errors import UserError
from stages.params.problems import Problem, nearest, refuse, shown, spell


def test_a_place_is_spelt_as_dvc_takes_it() -> None:
    assert spell(("models", "a-b", "options", "top_p")) == "models.a-b.options.top_p"
    assert spell(("prompts", 0)) == "prompts[0]"
    assert spell(("models", "a.b")) == 'models."a.b"'
    assert spell(("models", "\x1b[2J")) == "models.\\u001b[2J"


def test_a_value_is_cut_and_escaped() -> None:
    assert shown("a\nb") == '"a\\nb"'
    assert shown("\u202eabc") == '"\\u202eabc"'
    assert shown("é") == '"é"'
    assert shown(None) == "nothing"
    assert len(shown(list(range(1000)))) == 61


def test_the_nearest_name_or_those_there_are() -> None:
    assert nearest("temprature", ["top_p", "temperature"]) == "did you mean temperature?"
    assert nearest("THINK", ["think"]) == "did you mean think?"
    assert nearest("xyz", ["a", "b"]) == "known here: a, b"
    assert nearest("xyz", map(str, range(20))) == f"known here: {', '.join(map(str, range(12)))}, …"
    assert nearest("xyz", []) == "none is known here"


def test_problems_are_raised_together_sorted_and_once_each() -> None:
    late, early = Problem("p.yaml", 12, "a", "is wrong"), Problem("p.yaml", 2, "", "is odd")
    refuse([])
    with pytest.raises(UserError, match=r"^p\.yaml:12: a: is wrong$"):
        refuse([late, late])
    with pytest.raises(UserError) as raised:
        refuse([late, early])
    assert str(raised.value).split("\n") == [
        "2 mistakes to mend first:",
        "p.yaml:2: is odd",
        "p.yaml:12: a: is wrong",
    ]
