"""What a server has in memory: read, let go of, and made so before each question."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from stages.engines import ollama_held
from stages.engines.ollama_held import held_in_memory, let_go
from stages.engines.ollama_model import Home, OllamaModel
from stages.engines.ollama_server import connect, http
from stages.engines.protocol import EngineError, Serving
from stages.engines.stream import StreamFault
from stages.manifest import Manifest
from stages.plans.units import Limits
from tests.engines.fault_server import FaultServer, Reply
from tests.engines.models import QUESTION, ask, in_ollama

PS, GENERATE = "/api/ps", "/api/generate"


def holds(*names: str) -> Reply:
    return Reply(json.dumps({"models": [{"model": name} for name in names]}).encode())


def test_names_are_those_of_the_list_whatever_their_case(server: FaultServer) -> None:
    server.always(PS, holds("A:7B", "registry.ollama.ai/library/b:latest", "me/c:1"))
    assert held_in_memory(http(connect(server.address))) == ["a:7b", "b:latest", "me/c:1"]


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"models": 7}', b'{"models": [7]}', b"\xff"])
def test_what_is_no_list_is_a_known_fault(server: FaultServer, body: bytes) -> None:
    server.always(PS, Reply(body))
    with pytest.raises(StreamFault) as raised:
        held_in_memory(http(connect(server.address)))
    assert raised.value.fault == "garbage"


def test_what_is_let_go_is_waited_for(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    client = http(connect(server.address))
    let_go(client, [])
    assert server.seen == []
    server.script(PS, holds("a:1", "b:1"), holds("a:1", "b:1"), holds("b:1"))
    let_go(client, ["a:1"])
    (sent,) = server.asked(GENERATE)
    assert sent == {"model": "a:1", "keep_alive": 0, "stream": False}
    assert len(server.asked(PS)) == 3
    monkeypatch.setattr(ollama_held, "_UNLOAD_S", 0.1)
    server.always(PS, holds("a:1"))
    with pytest.raises(StreamFault, match=r"a:1 can't be unloaded within 0\.1 s"):
        let_go(client, ["a:1"])


def test_what_was_removed_while_it_was_loaded_is_not_waited_for(server: FaultServer) -> None:
    server.always(PS, holds("a:1", "b:1"))
    server.script(GENERATE, Reply(b'{"error": "model a:1 not found"}', status=404))
    let_go(http(connect(server.address)), ["a:1"])
    assert server.asked(PS) == []


@pytest.fixture
def made(server: FaultServer, manifest: Manifest, limits: Limits) -> Callable[..., OllamaModel]:
    """Makes the model ``m:1b``, with ``options`` besides, in a server here or elsewhere."""

    def make(place: str | None = None, process: int | None = None, **options: Any) -> OllamaModel:
        client = http(connect(server.address))
        serving = Serving("ollama 0.30.1", {"think": None, "num_ctx": 64, **options}, place)
        home = Home(server.address, place, process)
        return OllamaModel(client, in_ollama(manifest, server), limits, serving, home)

    return make


def asked_of(server: FaultServer) -> list[tuple[str, Any]]:
    """What models were asked to be loaded (true) and unloaded (false), in order."""
    return [(body["model"], body["keep_alive"] != 0) for body in server.asked(GENERATE)]


def test_before_a_question_others_are_unloaded_and_the_roster_is_left(
    server: FaultServer, made: Callable[..., OllamaModel]
) -> None:
    server.script(PS, holds("m:1b", "n:1b", "stranger:7b"))
    server.always(PS, holds("m:1b", "n:1b"))
    made().prepare(["m:1b", "n:1b"])
    assert asked_of(server) == [("stranger:7b", False)]


def test_a_server_elsewhere_is_left_as_it_is_and_its_guests_are_known(
    server: FaultServer, made: Callable[..., OllamaModel]
) -> None:
    server.always(PS, holds("m:1b", "stranger:7b"))
    model = made(place="http://there")
    model.prepare(["m:1b"])
    assert asked_of(server) == []
    assert model.held() == ["m:1b", "stranger:7b"]


def test_one_that_was_unloaded_meanwhile_is_loaded_again_before_it_is_asked_alone(
    server: FaultServer, made: Callable[..., OllamaModel]
) -> None:
    server.always(PS, holds("n:1b"))
    made().prepare(["m:1b", "n:1b"])
    assert asked_of(server) == []  # in a roster they would push each other out for ever
    server.script(PS, holds())
    made().prepare(["m:1b"])
    assert asked_of(server) == [("m:1b", True)]


def test_a_cold_one_is_unloaded_before_each_question_and_not_loaded(
    server: FaultServer, made: Callable[..., OllamaModel]
) -> None:
    server.script(PS, holds("m:1b"), holds("m:1b"), holds())
    made(cold=True).prepare(["m:1b"])
    assert asked_of(server) == [("m:1b", False)]


def test_a_server_that_cannot_be_prepared_is_a_fault_of_its_kind(
    server: FaultServer, made: Callable[..., OllamaModel]
) -> None:
    server.always(PS, Reply(b"", status=503))
    model = made()
    with pytest.raises(EngineError, match="m:1b: the server asks to come back later") as raised:
        model.prepare(["m:1b"])
    assert raised.value.fault == "busy"
    assert model.held() is None


def test_the_server_saying_that_it_cannot_think_is_told_with_a_remedy(
    server: FaultServer, made: Callable[..., OllamaModel]
) -> None:
    refused = b'{"error": "\\"m:1b\\" does not support thinking"}'
    server.script("/api/chat", Reply(refused, status=400))
    _, outcome = ask(made(think=True))
    assert outcome.fault == "rejected"
    assert outcome.reason is not None and "does not support" not in outcome.reason
    assert "m:1b can't think" in outcome.reason and "write `think: false`" in outcome.reason


def test_options_of_ours_are_not_sent_as_ollamas(
    server: FaultServer, made: Callable[..., OllamaModel]
) -> None:
    ask(made(think=True, cold=True))
    (sent,) = server.asked("/api/chat")
    assert sent["options"] == {"num_ctx": 64, "seed": 5}
    assert sent["think"] is True


def test_another_that_cannot_be_unloaded_stays_and_is_tried_and_said_once(
    server: FaultServer,
    made: Callable[..., OllamaModel],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(ollama_held, "_UNLOAD_S", 0.1)
    server.always(PS, holds("m:1b", "chatting:7b"))  # somebody is asking it all the time
    model = made()
    for _ in range(3):
        model.prepare(["m:1b"])
    assert asked_of(server) == [("chatting:7b", False)]
    said = capsys.readouterr().err
    assert said.count("m:1b isn't alone in its server: chatting:7b can't be unloaded") == 1
    assert model.held() == ["m:1b", "chatting:7b"]


def test_a_server_that_was_started_anew_is_a_fault_that_another_try_mends(
    server: FaultServer, made: Callable[..., OllamaModel]
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    with pytest.raises(EngineError, match="its server has been started anew") as raised:
        made(process=ended.pid).prepare(["m:1b"])
    assert raised.value.fault == "reset"
    server.always(PS, holds("m:1b"))
    made(process=os.getpid()).prepare(["m:1b"])


@pytest.mark.parametrize(("patient", "cold"), [(True, False), (False, True), (False, False)])
def test_waiting_for_others_or_for_a_load_is_no_stall(
    server: FaultServer, manifest: Manifest, patient: bool, cold: bool
) -> None:
    server.script("/api/chat", Reply([], then="drip", dripped=b"\n"))
    options = {"think": None, "num_ctx": 64, "cold": cold}
    limits = Limits(timeout_s=0.5, stall_s=0.1, retries=0)
    model = OllamaModel(
        http(connect(server.address)),
        in_ollama(manifest, server),
        limits,
        Serving("ollama 0.30.1", options),
        Home(server.address, None, None),
    )
    outcome = model.ask(replace(QUESTION, patient=patient), lambda _: None)
    assert outcome.fault == ("deadline" if patient or cold else "stall")


def test_a_server_keeps_it_longer_than_any_answer_takes_and_not_for_ever(
    server: FaultServer, made: Callable[..., OllamaModel], limits: Limits
) -> None:
    model = made()
    ask(model)
    model.load()
    (asked,), (loaded,) = server.asked("/api/chat"), server.asked(GENERATE)
    assert limits.timeout_s < asked["keep_alive"] == loaded["keep_alive"] < 3600
