from __future__ import annotations

from typing import Any

import pytest

from stages.measuring.unit_id import unit_id

ASKED: dict[str, Any] = {
    "weights_digest": "sha256:a",
    "template_hash": None,
    "model": "m",
    "prompt_id": "p",
    "test": None,
    "messages": [{"role": "user", "content": "hi"}],
    "options": {"temperature": 0.6, "top_k": 40},
    "seed": 1,
    "epoch": 1,
    "arm": "solo",
    "roster": [],
    "turn": 1,
}


@pytest.mark.parametrize(
    "change",
    [
        {"weights_digest": "sha256:b"},
        {"template_hash": "sha256:t"},
        {"messages": [{"role": "user", "content": "hi "}]},
        {"options": {"temperature": 0.7, "top_k": 40}},
        {"seed": 2},
        {"epoch": 2},
        {"arm": "together"},
        {"roster": ["a", "b"]},
        {"turn": 2},
        {"test": "t"},
        {"model": "n"},
        {"prompt_id": "q"},
    ],
)
def test_whatever_decides_a_response_changes_its_id(change: dict[str, Any]) -> None:
    assert unit_id(**ASKED | change) != unit_id(**ASKED)


def test_order_of_options_and_roster_is_no_difference() -> None:
    options = {"top_k": 40, "temperature": 0.6}
    assert unit_id(**ASKED | {"options": options}) == unit_id(**ASKED)
    assert unit_id(**ASKED | {"roster": ["b", "a"]}) == unit_id(**ASKED | {"roster": ["a", "b"]})


def test_a_lone_surrogate_has_an_id_too() -> None:
    messages = [{"role": "user", "content": "\ud800"}]
    assert len(unit_id(**ASKED | {"messages": messages})) == 32
