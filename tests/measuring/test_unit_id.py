from __future__ import annotations

from typing import Any

import pytest

from stages.measuring.unit_id import block_id, member_id, response_id, unit_id

MEMBER: dict[str, Any] = {
    "engine": "embedded",
    "weights_digest": "sha256:a",
    "template_hash": None,
    "options": {"temperature": 0.6, "top_k": 40},
}
UNIT: dict[str, Any] = {
    "member": "m",
    "messages": [{"role": "user", "content": "hi"}],
    "seed": 1,
    "epoch": 1,
    "arm": "solo",
    "roster": [],
    "turn": 1,
}
BLOCK: dict[str, Any] = {
    "roster": ["m", "n"],
    "turns": ["hi", "ho"],
    "seed": 1,
    "epoch": 1,
    "carry_thinking": False,
}
RESPONSE: dict[str, Any] = {"unit": "u", "model": "m", "prompt_id": "p", "test": None}


@pytest.mark.parametrize(
    ("identity", "asked", "change"),
    [
        (member_id, MEMBER, {"engine": "ollama"}),
        (member_id, MEMBER, {"weights_digest": "sha256:b"}),
        (member_id, MEMBER, {"weights_digest": None}),
        (member_id, MEMBER, {"template_hash": "sha256:t"}),
        (member_id, MEMBER, {"options": {"temperature": 0.7, "top_k": 40}}),
        (member_id, MEMBER, {"options": {"temperature": 0.6}}),
        (member_id, MEMBER, {"place": "gpu-a:11434"}),
        (unit_id, UNIT, {"member": "n"}),
        (unit_id, UNIT, {"messages": [{"role": "user", "content": "hi "}]}),
        (unit_id, UNIT, {"messages": [{"role": "assistant", "content": "hi"}]}),
        (unit_id, UNIT, {"seed": 2}),
        (unit_id, UNIT, {"epoch": 2}),
        (unit_id, UNIT, {"arm": "alone"}),
        (unit_id, UNIT, {"roster": ["m", "n"]}),
        (unit_id, UNIT, {"turn": 2}),
        (block_id, BLOCK, {"roster": ["m", "n", "n"]}),
        (block_id, BLOCK, {"roster": ["m", "o"]}),
        (block_id, BLOCK, {"turns": ["ho", "hi"]}),
        (block_id, BLOCK, {"seed": 2}),
        (block_id, BLOCK, {"epoch": 2}),
        (block_id, BLOCK, {"carry_thinking": True}),
        (response_id, RESPONSE, {"unit": "v"}),
        (response_id, RESPONSE, {"model": "n"}),
        (response_id, RESPONSE, {"prompt_id": "q"}),
        (response_id, RESPONSE, {"test": "t"}),
    ],
)
def test_whatever_decides_changes_the_identity(
    identity: Any, asked: dict[str, Any], change: dict[str, Any]
) -> None:
    assert identity(**asked | change) != identity(**asked)


def test_order_of_options_and_roster_is_no_difference() -> None:
    options = {"top_k": 40, "temperature": 0.6}
    assert member_id(**MEMBER | {"options": options}) == member_id(**MEMBER)
    assert unit_id(**UNIT | {"roster": ["b", "a"]}) == unit_id(**UNIT | {"roster": ["a", "b"]})
    assert block_id(**BLOCK | {"roster": ["n", "m"]}) == block_id(**BLOCK)


def test_carrying_thinking_is_no_difference_where_there_is_one_turn() -> None:
    one = BLOCK | {"turns": ["hi"]}
    assert block_id(**one | {"carry_thinking": True}) == block_id(**one)


def test_a_lone_surrogate_has_an_id_too() -> None:
    messages = [{"role": "user", "content": "\ud800"}]
    assert len(unit_id(**UNIT | {"messages": messages})) == 32


def test_identities_stay_the_same_from_version_to_version() -> None:
    """If one of these changes, nothing that any user has kept is found again."""
    assert member_id(**MEMBER) == "c8f51bbcdd65e8480b92fb97aee81e92"
    assert unit_id(**UNIT) == "fd6ebf21d7b218e2ff566ab8d6fc2772"
    assert block_id(**BLOCK) == "55aa427910cd8f171987269080e28146"
    assert response_id(**RESPONSE) == "22b20e8e11c8511696cf77b19a9c8ac7"


def test_what_a_modelfile_sets_besides_makes_another_member() -> None:
    def member(settings_hash: str | None) -> str:
        return member_id(
            engine="ollama",
            weights_digest="w",
            template_hash="t",
            options={"seed": 1},
            settings_hash=settings_hash,
        )

    plain = member_id(engine="ollama", weights_digest="w", template_hash="t", options={"seed": 1})
    assert member(None) == plain  # what was kept before there was such a hash still counts
    assert len({plain, member("sha256:pirate"), member("sha256:judge")}) == 3
