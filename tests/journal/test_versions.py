"""Journals as earlier versions of this program wrote them: they are read, and they are found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stages.journal.entry import VERSION
from stages.journal.journal import Journal, open_journal
from stages.measuring.unit_id import block_id, member_id, unit_id

HERE = Path(__file__).parent


@pytest.fixture
def first() -> Journal:
    """A side-by-side test of two models with one prompt, and that prompt asked of one alone."""
    return open_journal(HERE / "v1")


def test_every_version_has_a_journal_here() -> None:
    assert {path.name for path in HERE.glob("v*")} == {f"v{n}" for n in range(1, VERSION + 1)}


def test_version_1_is_read_whole(first: Journal) -> None:
    assert list(first.complaints()) == []
    assert all(session.beginning for session in first.sessions)
    entries = [entry for session in first.sessions for entry in session.entries]
    arms = sorted(tuple(said.arm for said in entry.head.responses) for entry in entries)
    assert arms == [("alone",), ("alone",), ("solo",), ("together", "together")]
    for entry in entries:
        for answer in entry.read():
            text = "".join(chunk.text for chunk in answer.stream.chunks())
            assert len(text) > 10
            assert answer.record["stop"] == "length"


def test_version_1_answers_what_is_asked_today(first: Journal) -> None:
    entries = [entry for session in first.sessions for entry in session.entries]
    together = next(entry for entry in entries if len(entry.head.responses) == 2)
    roster = [said.member for said in together.head.responses]
    for entry in entries:
        for said, answer in zip(entry.head.responses, entry.read(), strict=True):
            record = answer.record
            member = member_id(
                engine=record["engine"],
                weights_digest=record["weights_digest"],
                template_hash=record["template_hash"],
                options=json.loads(record["options"]),
            )
            assert member == said.member
            identity = unit_id(
                member=member,
                messages=json.loads(record["messages"]),
                seed=record["seed"],
                epoch=record["epoch"],
                arm=record["arm"],
                roster=[] if record["arm"] == "solo" else roster,
                turn=record["turn"],
            )
            assert identity == said.unit
            if entry is together:
                text = json.loads(record["messages"])[0]["content"]
                identity = block_id(
                    roster=roster,
                    turns=[text],
                    seed=record["seed"],
                    epoch=record["epoch"],
                    carry_thinking=False,
                )
            assert entry.head.key == identity
