"""Stalls and deadlines on both engines: exact, whatever bytes come or don't."""

from __future__ import annotations

import time

import pytest

from stages.manifest import Manifest
from stages.plans.units import Asking, Limits
from tests.engines.dialects import FIRST, LLAMA, OLLAMA, event, part
from tests.engines.fault_server import FaultServer, Reply
from tests.engines.models import ask, model_at

SHORT = Limits(timeout_s=60, stall_s=0.15, retries=0)
both = pytest.mark.parametrize("path", [OLLAMA, LLAMA])
SILENT = [
    Reply(b"", then="stall"),
    Reply(b"HTTP/1.1 200 OK\r\nX: ", raw=True, then="drip", dripped=b"x"),
    Reply(b"HTTP/1.1 ", raw=True, then="stall"),
    Reply(b"", raw=True, then="drip", dripped=b"HTTP/1.1 100 Continue\r\n\r\n"),
    Reply(b"", then="drip", dripped=b"\n"),
    Reply(b"", then="drip", dripped=b"\n", plain=True),
    Reply(b"", then="stall", plain=True),
    Reply(b"", status=500, then="drip", dripped=b"x"),
]
WORDLESS = {OLLAMA: part(), LLAMA: b": ping\n\n" + event("", 1)}


@both
@pytest.mark.parametrize("reply", SILENT)
def test_silence_is_a_stall_whatever_bytes_are_dripped(
    path: str,
    server: FaultServer,
    manifest: Manifest,
    asking: Asking,
    reply: Reply,
) -> None:
    server.script(path, reply)
    with model_at(path, server, manifest, asking, SHORT) as model:
        begun = time.monotonic()
        text, outcome = ask(model)
    assert 0.15 <= time.monotonic() - begun < 0.15 + 1
    assert (text, outcome.stop, outcome.fault) == ("", "timeout", "stall")
    assert outcome.reason == "no text for 0.15 s (stall_s)"


@both
@pytest.mark.parametrize("wordless", [True, False])
def test_a_stall_after_some_text_keeps_it(
    path: str, server: FaultServer, manifest: Manifest, asking: Asking, wordless: bool
) -> None:
    dripped = WORDLESS[path] if wordless else b"\n"
    server.script(path, Reply(FIRST[path], then="drip", dripped=dripped))
    with model_at(path, server, manifest, asking, SHORT) as model:
        text, outcome = ask(model)
    assert (text, outcome.fault) == ("fo", "stall")


@both
def test_text_that_keeps_coming_is_no_stall_and_the_deadline_ends_it(
    path: str, server: FaultServer, manifest: Manifest, asking: Asking
) -> None:
    server.script(path, Reply(FIRST[path], then="drip", dripped=FIRST[path]))
    limits = Limits(timeout_s=0.4, stall_s=0.15, retries=0)
    with model_at(path, server, manifest, asking, limits) as model:
        begun = time.monotonic()
        text, outcome = ask(model)
    assert 0.4 <= time.monotonic() - begun < 0.4 + 1
    assert (outcome.stop, outcome.fault) == ("timeout", "deadline")
    assert outcome.reason == "not finished after 0.4 s (timeout_s)"
    assert text.startswith("fofofo")


@both
def test_the_deadline_is_kept_also_while_nothing_comes(
    path: str, server: FaultServer, manifest: Manifest, asking: Asking
) -> None:
    server.script(path, Reply(FIRST[path], then="stall"))
    limits = Limits(timeout_s=0.2, stall_s=1e300, retries=0)
    with model_at(path, server, manifest, asking, limits) as model:
        begun = time.monotonic()
        text, outcome = ask(model)
    assert 0.2 <= time.monotonic() - begun < 0.2 + 1
    assert (text, outcome.stop, outcome.fault) == ("fo", "timeout", "deadline")
