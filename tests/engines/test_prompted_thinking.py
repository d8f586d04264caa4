"""Prompted thinking in the embedded engine: two requests, one response."""

from __future__ import annotations

import time

from stages.manifest import Manifest
from stages.plans.units import Asking, Limits
from tests.engines.dialects import LLAMA, event, llama_stream
from tests.engines.fault_server import FaultServer, Reply
from tests.engines.models import ask, model_at

ALOUD = {"think": "prompted", "max_thinking_tokens": 5}


def test_both_legs_of_a_prompted_thought_share_one_deadline(
    server: FaultServer, manifest: Manifest, asking: Asking
) -> None:
    thought = llama_stream(["hm"], finish="length")
    slow = Reply(thought[0], then="drip", dripped=event("m", 2))
    server.script(LLAMA, Reply(thought), slow)
    aloud, limits = asking.model_copy(update=ALOUD), Limits(timeout_s=0.3, stall_s=9, retries=0)
    with model_at(LLAMA, server, manifest, aloud, limits) as model:
        begun = time.monotonic()
        text, outcome = ask(model)
    assert 0.3 <= time.monotonic() - begun < 0.3 + 1
    assert text.startswith("hmhmm")
    assert (outcome.fault, outcome.thought_end) == ("deadline", "limit")
    assert (outcome.prompt_tokens, len(server.asked(LLAMA))) == (4, 2)


def test_a_thought_that_fails_is_not_answered(
    server: FaultServer, manifest: Manifest, asking: Asking, limits: Limits
) -> None:
    server.script(LLAMA, Reply(event("hm", 1), then="reset"))
    with model_at(LLAMA, server, manifest, asking.model_copy(update=ALOUD), limits) as model:
        text, outcome = ask(model)
    assert (text, outcome.fault, outcome.thought_end) == ("hm", "reset", None)
    assert len(server.asked(LLAMA)) == 1


def test_a_thought_ends_at_its_mark_and_frees_the_server(
    server: FaultServer, manifest: Manifest, asking: Asking, limits: Limits
) -> None:
    thinking = event("hm</th", 1) + event("ink>", 2)
    server.script(LLAMA, Reply(thinking, then="stall"), Reply(llama_stream(["four"])))
    with model_at(LLAMA, server, manifest, asking.model_copy(update=ALOUD), limits) as model:
        text, outcome = ask(model)
    assert (text, outcome.stop, outcome.thought_end) == ("hm</think>four", "stop", "closed")
    assert outcome.output_tokens == 3
    assert server.asked(LLAMA)[1]["messages"][-1]["content"] == "<think>\nhm</think>\n\n"
