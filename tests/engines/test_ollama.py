"""The Ollama engine against a small server that speaks its protocol over real HTTP."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from stages.engines import ollama_server
from stages.engines.ollama import OllamaEngine
from stages.engines.ollama_pull import pull_ollama
from stages.engines.ollama_server import connect, held, http, is_local, version_of
from stages.engines.options import NEUTRAL
from stages.engines.protocol import Chunk, EngineError, Outcome
from stages.engines.stream import StreamFault
from stages.engines.threads import threads_here
from stages.manifest import Manifest
from stages.plans.pull import PullPlan
from stages.plans.units import Asking, Limits
from tests.engines.dialects import DIGEST, LAST, OLLAMA, part, show
from tests.engines.fault_server import FaultServer, Reply
from tests.engines.models import QUESTION, in_ollama

LOAD = "/api/generate"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a pull remembers stays with its test."""
    monkeypatch.setenv("OVERTHINK_HOME", str(tmp_path / "home"))


def pulled(server: FaultServer) -> Manifest:
    plan = PullPlan(key="k", engine="ollama", ollama="m:1b", gguf=None, host=server.address)
    return pull_ollama(plan)


def ask(
    server: FaultServer, asking: Asking, limits: Limits, tmp_path: Path
) -> tuple[list[Chunk], Outcome]:
    chunks: list[Chunk] = []
    engine = OllamaEngine(server.address)
    with engine.start(pulled(server), asking, limits, 1, tmp_path / "log") as model:
        return chunks, model.ask(QUESTION, chunks.append)


def refusal(server: FaultServer, manifest: Manifest, asking: Asking, limits: Limits) -> EngineError:
    """Why the model can't be started."""
    engine = OllamaEngine(server.address)
    with (
        pytest.raises(EngineError) as raised,
        engine.start(in_ollama(manifest, server), asking, limits, 1, Path("unused")),
    ):
        pass
    return raised.value


def test_pull_writes_down_what_the_server_says(server: FaultServer) -> None:
    manifest = pulled(server)
    assert manifest.weights_digest == f"sha256:{DIGEST}"
    assert manifest.manifest_digest == "sha256:" + "cd" * 32
    assert manifest.license == "MIT"
    assert (manifest.family, manifest.context_length) == ("qwen2", 131072)
    assert manifest.engine_version == "ollama 0.30.1"
    assert manifest.parent is None  # a path of the machine is no parent


def test_a_file_is_handed_over_once_under_a_name_made_of_its_content(
    server: FaultServer, tmp_path: Path
) -> None:
    (tmp_path / "w.gguf").write_bytes(b"GGUFabc")
    gguf = str(tmp_path / "w.gguf")
    plan = PullPlan(key="k", engine="ollama", ollama=None, gguf=gguf, host=server.address)
    digest = "sha256:23087cd7c7b269c4552f0bd250e0f42c736ae0387c17ce3c3a49c47bfdc763b8"
    server.always(f"/api/blobs/{digest}", {})
    with pytest.raises(
        EngineError, match="overthink-23087cd7c7b2 was taken"
    ):  # this server forgets it
        pull_ollama(plan)
    (created,) = server.asked("/api/create")
    assert created["files"] == {"w.gguf": digest}


def test_thinking_and_answer_arrive_apart_with_the_servers_figures(
    server: FaultServer, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    server.script(OLLAMA, Reply([part(thinking="hm"), part("four"), part(**LAST)]))
    chunks, outcome = ask(server, asking, limits, tmp_path)
    assert [(c.field, c.text, c.tokens) for c in chunks] == [
        ("thinking", "hm", 1),
        ("content", "four", 1),
    ]
    assert outcome == Outcome(
        "stop",
        load_ns=1,
        prefill_ns=2_000_000,
        decode_ns=3_000_000,
        prompt_tokens=4,
        output_tokens=2,
    )


def test_a_limit_is_told_from_an_end(
    server: FaultServer, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    server.script(OLLAMA, Reply([part("four"), part(**LAST | {"done_reason": "length"})]))
    assert ask(server, asking, limits, tmp_path)[1].stop == "length"


def test_what_comes_after_the_end_is_not_waited_for(
    server: FaultServer, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    server.script(OLLAMA, Reply([part("four"), part(**LAST)], then="stall"))
    assert ask(server, asking, limits, tmp_path)[1].stop == "stop"


def test_every_option_is_sent_and_named_before_as_it_is_after_loading(
    server: FaultServer, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    engine, manifest = OllamaEngine(server.address), pulled(server)
    serving = engine.serving(manifest, asking, 1)
    with engine.start(manifest, asking, limits, 1, tmp_path / "log") as model:
        assert (model.options, model.engine_version) == (serving.options, serving.engine_version)
        model.ask(QUESTION, lambda _: None)
    (sent,) = server.asked(OLLAMA)
    assert sent["options"] | {"think": sent["think"]} == serving.options | {"seed": 5}
    assert asking.options.model_dump().items() <= serving.options.items()
    assert NEUTRAL.items() <= serving.options.items()
    assert serving.options["num_thread"] == threads_here(1)
    load, unload = server.asked(LOAD)
    assert load["options"].items() <= sent["options"].items()
    assert unload["keep_alive"] == 0


def test_serving_needs_no_server_and_loads_nothing(
    server: FaultServer, manifest: Manifest, asking: Asking
) -> None:
    engine, entry = OllamaEngine(server.address), in_ollama(manifest, server)
    there = engine.serving(entry, asking, 1)
    assert (there.engine_version, server.asked(LOAD)) == ("ollama 0.30.1", [])
    server.close()
    gone = engine.serving(entry, asking, 1)
    assert (gone.engine_version, gone.options) == (None, there.options)
    with pytest.raises(EngineError, match="10000 cores"):
        engine.serving(entry, asking, 10_000)


def test_a_model_that_cannot_think_is_never_asked_to(
    server: FaultServer, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    server.always("/api/show", show() | {"capabilities": ["completion"]})
    ask(server, asking.model_copy(update={"think": True}), limits, tmp_path)
    (sent,) = server.asked(OLLAMA)
    assert "think" not in sent


def test_other_weights_than_were_pulled_are_refused(
    server: FaultServer, manifest: Manifest, asking: Asking, limits: Limits
) -> None:
    server.always("/api/show", {"modelfile": f"FROM /models/blobs/sha256-{'ef' * 32}"})
    error = refusal(server, manifest, asking, limits)
    assert error.fault is None
    assert "m:1b is other weights than were pulled (sha256:abab" in str(error)
    assert "sha256:efef" in str(error)


@pytest.mark.parametrize("nonsense", [{"modelfile": 7}, {"template": ["x"]}])
def test_a_description_that_is_none_may_be_better_the_next_time(
    server: FaultServer,
    manifest: Manifest,
    asking: Asking,
    limits: Limits,
    nonsense: dict[str, Any],
) -> None:
    server.always("/api/show", show() | nonsense)
    error = refusal(server, manifest, asking, limits)
    assert (error.fault, "can't be looked up" in str(error)) == ("garbage", True)


def test_a_server_elsewhere_is_a_place_of_its_own(manifest: Manifest, asking: Asking) -> None:
    there = OllamaEngine("http://no.such.host.invalid:1").serving(manifest, asking, 1)
    assert (there.place, "num_thread" in there.options) == ("http://no.such.host.invalid:1", False)
    assert OllamaEngine("127.0.0.1:9").serving(manifest, asking, 1).place is None


def test_another_template_than_was_pulled_is_refused(
    server: FaultServer, asking: Asking, limits: Limits
) -> None:
    before = pulled(server)
    server.always("/api/show", show() | {"template": "U"})
    with (
        pytest.raises(EngineError, match="has another chat template than was pulled"),
        OllamaEngine(server.address).start(before, asking, limits, 1, Path("unused")),
    ):
        pass


@pytest.mark.parametrize("change", [{"system": "You are a pirate."}, {"parameters": 'stop "x"'}])
def test_other_settings_than_were_pulled_are_refused(
    server: FaultServer, asking: Asking, limits: Limits, change: dict[str, Any]
) -> None:
    before = pulled(server)
    server.always("/api/show", show() | change)
    with (
        pytest.raises(EngineError, match="has another system text, message, adapter or parameter"),
        OllamaEngine(server.address).start(before, asking, limits, 1, Path("unused")),
    ):
        pass


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.8.7", True),
        ("localhost", True),
        ("[::1]", True),
        ("0.0.0.0", True),
        (socket.gethostname(), True),
        ("192.0.2.1", False),
        ("far.example", False),
    ],
)
def test_a_server_is_here_where_the_address_is_this_machines(host: str, here: bool) -> None:
    assert is_local(connect(f"http://{host}:1")) == here


def test_a_server_at_an_address_in_the_local_network_is_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    card = SimpleNamespace(address="192.0.2.7")
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"eth0": [card]})
    ollama_server._is_here.cache_clear()
    assert is_local(connect("192.0.2.7:1"))
    ollama_server._is_here.cache_clear()


def test_a_tag_that_the_server_does_not_hold_any_more_is_for_the_user(
    server: FaultServer, manifest: Manifest, asking: Asking, limits: Limits
) -> None:
    server.script("/api/show", Reply(b'{"error": "model \'m:1b\' not found"}', status=404))
    error = refusal(server, manifest, asking, limits)
    assert error.fault is None
    assert "doesn't hold m:1b any more" in str(error)
    assert "dvc repro --force pull@small" in str(error)


@pytest.mark.parametrize("path", ["/api/version", "/api/show", LOAD])
@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Reply(b'{"error": "out of memory"}', status=500), "failed"),
        (Reply(b"", status=503), "busy"),
        (Reply(b"[]"), "garbage"),
        (Reply(b"\xff"), "garbage"),
        (Reply(b'{"error": "runner died"}'), "reported"),
        (Reply(b'{"a"', then="reset"), "reset"),
        (Reply(b"", raw=True, then="close"), "reset"),
    ],
)
def test_a_fault_while_starting_is_said_with_its_kind(
    server: FaultServer,
    manifest: Manifest,
    asking: Asking,
    limits: Limits,
    path: str,
    reply: Reply,
    fault: str,
) -> None:
    server.script(path, reply)
    error = refusal(server, manifest, asking, limits)
    assert error.fault == fault
    assert str(error).isprintable()


def test_a_server_that_is_gone_is_said_with_a_remedy(
    server: FaultServer, manifest: Manifest, asking: Asking, limits: Limits
) -> None:
    server.close()
    error = refusal(server, manifest, asking, limits)
    assert error.fault == "connection"
    assert f"no Ollama server answers at http://127.0.0.1:{server.port}" in str(error)
    assert "`ollama serve`" in str(error)


@pytest.mark.parametrize("host", ["http://a b", "ftp://127.0.0.1:9"])
def test_an_address_where_nobody_can_answer_is_said(host: str) -> None:
    with pytest.raises(EngineError, match="no Ollama server answers") as raised:
        version_of(connect(host))
    assert raised.value.fault == "connection"


def test_loading_may_take_longer_than_a_stall_but_not_than_a_response(
    server: FaultServer, manifest: Manifest, asking: Asking
) -> None:
    server.script(LOAD, Reply(b"", then="drip", dripped=b" "))
    begun = time.monotonic()
    error = refusal(server, manifest, asking, Limits(timeout_s=0.3, stall_s=0.1, retries=0))
    assert 0.3 <= time.monotonic() - begun < 1.3
    assert error.fault == "deadline"


@pytest.mark.parametrize(
    ("version", "said"),
    [(None, "None"), ("1\n2", "'1\\n2'"), (7, "7"), ("", "''"), ("9" * 99, "99999")],
)
def test_a_version_that_is_none_is_refused(server: FaultServer, version: Any, said: str) -> None:
    server.always("/api/version", {"version": version})
    with pytest.raises(EngineError, match="is no Ollama server") as raised:
        version_of(connect(server.address))
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "reply",
    [
        *(b"[]", b"7", b"null", b"<html>", b"\xff"),
        *(b'{"models": 3}', b'{"models": [7]}', b'{"models": [{"digest": 7}]}'),
    ],
)
def test_nonsense_in_a_list_of_models_is_a_known_fault(server: FaultServer, reply: bytes) -> None:
    server.always("/api/tags", Reply(reply))
    with pytest.raises(StreamFault) as raised:
        held(http(connect(server.address)), "m")
    assert raised.value.fault == "garbage"


def test_a_version_that_lacks_what_is_needed_is_for_the_user(server: FaultServer) -> None:
    client = connect(server.address)
    server.always("/api/version", {"version": "0.9.6"})
    with pytest.raises(
        EngineError, match=r"too old: found version 0\.9\.6, 0\.12\.11 or"
    ) as raised:
        version_of(client)
    assert raised.value.fault is None
    for enough in ("0.12.11", "v0.31.0-rc2", "0.0.0", "built-by-hand"):
        server.always("/api/version", {"version": enough})
        assert version_of(client) == f"ollama {enough}"


@pytest.mark.parametrize("host", ["http://[::1", "127.0.0.1:99999999", "http://a\0b"])
def test_what_is_no_address_is_said(host: str) -> None:
    with pytest.raises(EngineError, match="no address of an Ollama server") as raised:
        connect(host)
    assert raised.value.fault is None


def test_a_server_elsewhere_is_named_and_one_here_is_not(
    server: FaultServer, manifest: Manifest, asking: Asking
) -> None:
    entry = in_ollama(manifest, server)
    assert OllamaEngine(server.address).serving(entry, asking, 1).place is None
    elsewhere = OllamaEngine("http://192.0.2.1:9").serving  # an address that nobody has
    assert elsewhere(entry, asking, 1).place == "http://192.0.2.1:9"
