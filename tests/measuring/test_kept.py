"""Which entry answers, which may not, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from stages.journal.entry import Head, encode
from stages.journal.journal import Journal, open_journal
from stages.measuring.kept import Kept, Label
from stages.measuring.session import Terms
from stages.sealed import line
from tests.journal.entries import STARTED, head, recording, write_session

HERE = Terms("abacus", None, 60.0)
LABEL: Label = (("m",), "p", None)


def answer(text: str, model: str = "m", age_h: int = 0, **change: Any) -> bytes:
    """An entry that answers ``unit`` with this text."""
    plain = head("unit", model)
    summary = plain.responses[0].model_copy(update={"started_at": STARTED - timedelta(hours=age_h)})
    whole = plain.model_copy(update={"responses": [summary]} | change)
    return encode(whole, [({"model": model}, recording(text))])


def kept(
    folder: Path,
    *entries: bytes,
    reuse: Literal["same-engine", "any"] = "same-engine",
    terms: Terms = HERE,
    planned: Sequence[Label] = (LABEL,),
) -> Kept:
    write_session(folder / "s", *entries)
    journal: Journal = open_journal(folder)
    assert journal.sessions[0].damaged == 0
    return Kept(journal, reuse, terms, set(planned))


def found(kept: Kept, label: Label = LABEL, version: str = "e 1") -> str | None:
    """The text of what answers."""
    held = kept.find("unit", label, [version])
    return held.answers[0].stream.text[0] if held else None


def test_what_was_never_asked_has_no_answer(tmp_path: Path) -> None:
    assert kept(tmp_path, answer("x")).find("other", LABEL, ["e 1"]) is None


def test_the_newest_answers_and_each_only_once(tmp_path: Path) -> None:
    all_of_it = kept(tmp_path, answer("old", age_h=2), answer("new"), answer("older", age_h=3))
    assert [found(all_of_it) for _ in range(4)] == ["new", "old", "older", None]


def test_what_has_the_same_names_comes_before_what_is_newer(tmp_path: Path) -> None:
    all_of_it = kept(tmp_path, answer("own", age_h=9), answer("renamed", "gone"))
    assert [found(all_of_it) for _ in range(3)] == ["own", "renamed", None]


def test_what_belongs_to_other_names_of_the_plan_is_left_to_them(tmp_path: Path) -> None:
    other: Label = (("n",), "p", None)
    all_of_it = kept(tmp_path, answer("theirs", "n"), planned=[LABEL, other])
    assert found(all_of_it) is None
    assert not all_of_it.set_aside  # it isn't `reuse` that rules it out
    assert found(all_of_it, other) == "theirs"


def test_a_failure_is_no_answer(tmp_path: Path) -> None:
    all_of_it = kept(tmp_path, answer("par", finished=False), reuse="any")
    assert found(all_of_it) is None
    assert not all_of_it.set_aside


def test_another_machine_or_engine_answers_only_where_any_may(tmp_path: Path) -> None:
    elsewhere = answer("far", hardware="slide rule")
    strict = kept(tmp_path / "1", elsewhere)
    assert found(strict) is None
    assert strict.set_aside == {"e 1 on slide rule": 1}
    assert found(kept(tmp_path / "2", elsewhere, reuse="any")) == "far"

    updated = kept(tmp_path / "3", answer("then"))
    assert found(updated, version="e 2") is None
    assert updated.set_aside == {"e 1 on abacus": 1}
    assert found(kept(tmp_path / "4", answer("then"), reuse="any"), version="e 2") == "then"


def test_what_may_answer_is_found_among_what_may_not(tmp_path: Path) -> None:
    all_of_it = kept(tmp_path, answer("far", hardware="slide rule"), answer("near", age_h=9))
    assert found(all_of_it) == "near"
    assert not all_of_it.set_aside


@pytest.mark.parametrize(
    ("terms", "answers"),
    [
        (HERE, True),
        (Terms("abacus", None, 59.0), True),
        (Terms("abacus", None, 61.0), False),
        (Terms("abacus", "again", 60.0), False),
    ],
)
def test_a_deadline_answers_until_there_is_more_time_or_it_is_marked(
    tmp_path: Path, terms: Terms, answers: bool
) -> None:
    late = answer("late", timed_out=True)
    assert found(kept(tmp_path, late, terms=terms)) == ("late" if answers else None)


def test_more_time_or_a_mark_changes_nothing_for_a_whole_answer(tmp_path: Path) -> None:
    assert found(kept(tmp_path, answer("whole"), terms=Terms("abacus", "again", 99.0))) == "whole"


def test_wrong_content_behind_a_right_checksum_is_said_and_the_next_one_answers(
    tmp_path: Path,
) -> None:
    wrong = b"\n" + line(head("unit").model_dump_json() + '\t{"responses":[]}')
    all_of_it = kept(tmp_path, wrong, answer("right", age_h=1))
    assert found(all_of_it) == "right"
    assert all_of_it.unreadable == [
        f"{tmp_path / 's' / 'units.log'}: an entry is left out: its head and its body differ"
    ]


def test_an_entry_that_is_damaged_after_opening_is_said_and_no_answer(tmp_path: Path) -> None:
    all_of_it = kept(tmp_path, answer("hello"))
    path = tmp_path / "s" / "units.log"
    path.write_bytes(path.read_bytes().replace(b"hello", b"jello"))
    assert found(all_of_it) is None
    assert "checksum" in all_of_it.unreadable[0]
    assert not all_of_it.set_aside


def roster(*versions: str) -> Head:
    one = head("unit").responses[0]
    responses = [
        one.model_copy(update={"model": key, "engine_version": version})
        for key, version in zip("ab", versions, strict=True)
    ]
    return head("unit").model_copy(update={"responses": responses})


def test_of_a_roster_every_engine_must_be_like_now(tmp_path: Path) -> None:
    both: Label = (("a", "b"), "p", None)
    data = encode(roster("e 1", "e 2"), [({}, recording("x")), ({}, recording("y"))])
    for versions, answers in ((["e 1", "e 2"], True), (["e 1", "e 1"], False)):
        all_of_it = kept(tmp_path / "".join(versions), data, planned=[both])
        assert (all_of_it.find("unit", both, versions) is not None) == answers
        assert sum(all_of_it.set_aside.values()) == (0 if answers else 2)
