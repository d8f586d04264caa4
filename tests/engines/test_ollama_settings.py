"""What a Modelfile sets besides weights and template, as an identity."""

from __future__ import annotations

from typing import Any

import pytest

from stages.engines.ollama_settings import settings_hash
from tests.engines.dialects import show

ADAPTER = f"ADAPTER /models/blobs/sha256-{'cd' * 32}\n"


def test_what_is_sent_with_each_request_is_none_of_it() -> None:
    assert settings_hash(show()) is None
    sent = "temperature 0.1\nnum_ctx 99\npresence_penalty 2\nseed 3\n"
    assert settings_hash(show() | {"parameters": sent, "system": "", "messages": None}) is None


def test_the_order_of_parameters_is_the_servers_whim() -> None:
    one = {"parameters": 'stop "a"\nstop "b"\ntemperature 1'}
    assert settings_hash({"parameters": 'temperature 0\nstop "b"\nstop "a"'}) == settings_hash(one)
    assert settings_hash(one) != settings_hash({"parameters": 'stop "a"'})


@pytest.mark.parametrize(
    "change",
    [
        {"system": "You are a pirate."},
        {"parameters": 'stop "x"'},
        {"messages": [{"role": "user", "content": "Ahoy"}]},
        {"modelfile": show()["modelfile"] + "\n" + ADAPTER},
    ],
)
def test_each_makes_another_model(change: dict[str, Any]) -> None:
    found = settings_hash(show() | change)
    assert found is not None and found.startswith("sha256:")
    assert found != settings_hash(show() | {"system": "Speak softly."} | {"template": "T"})


@pytest.mark.parametrize("change", [{"system": 7}, {"parameters": ["x"]}])
def test_what_no_server_should_say_is_an_error(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is no text"):
        settings_hash(show() | change)
