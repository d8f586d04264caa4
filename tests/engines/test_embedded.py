"""The embedded engine on the real packaged model."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import httpx
import psutil
import pytest

from stages.engines.embedded import EmbeddedEngine
from stages.engines.protocol import Chunk, EngineError, Request
from stages.engines.weights import digest
from stages.manifest import Manifest
from stages.plans.units import Asking, Limits
from tests.conftest import ends_within
from tests.engines.models import behind, marked

pytestmark = pytest.mark.model

QUESTION = Request([{"role": "user", "content": "What is 2 + 3?"}], seed=1)


def text(chunks: list[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks)


def test_an_answer_streams_token_by_token_and_repeats_exactly(
    manifest: Manifest, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    answers = []
    with EmbeddedEngine().start(manifest, asking, limits, 1, tmp_path / "log") as model:
        process = behind(model)
        assert process.ppid() == os.getpid()
        for _ in range(2):
            chunks: list[Chunk] = []
            outcome = model.ask(QUESTION, chunks.append)
            answers.append(text(chunks))
            assert [chunk.t_ns for chunk in chunks] == sorted(chunk.t_ns for chunk in chunks)
            counted = sum(chunk.tokens or 0 for chunk in chunks)
            assert outcome.output_tokens is not None
            # A turn that the model ended holds one more token than text: the end-of-turn mark.
            assert counted == outcome.output_tokens - (outcome.stop == "stop")
            assert outcome.prefill_ns and outcome.decode_ns and outcome.prompt_tokens
    assert answers[0] == answers[1] != ""
    assert not process.is_running()


def test_a_limit_is_told_from_an_end(
    manifest: Manifest, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    short = asking.model_copy(
        update={"options": asking.options.model_copy(update={"num_predict": 3})}
    )
    with EmbeddedEngine().start(manifest, short, limits, 1, tmp_path / "log") as model:
        chunks: list[Chunk] = []
        outcome = model.ask(QUESTION, chunks.append)
    assert (outcome.stop, outcome.output_tokens) == ("length", 3)


def test_prompted_thinking_is_bounded_closed_and_answered(
    manifest: Manifest, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    aloud = asking.model_copy(update={"think": "prompted", "max_thinking_tokens": 5})
    with EmbeddedEngine().start(manifest, aloud, limits, 1, tmp_path / "log") as model:
        chunks: list[Chunk] = []
        outcome = model.ask(QUESTION, chunks.append)
        serving = EmbeddedEngine().serving(manifest, aloud, 1)
        assert (model.options, model.engine_version) == (serving.options, serving.engine_version)
        assert serving.options["max_thinking_tokens"] == 5
    injected = [chunk.text for chunk in chunks if chunk.field == "injected"]
    assert injected[0] == "<think>\n"
    assert injected[1] == "\n</think>\n\n"
    thought = [chunk for chunk in chunks if chunk.leg == 0 and chunk.field == "content"]
    answer = [chunk for chunk in chunks if chunk.leg == 1 and chunk.field == "content"]
    assert sum(chunk.tokens or 0 for chunk in thought) == 5
    assert outcome.thought_end == "limit"
    assert answer
    assert outcome.output_tokens is not None and outcome.output_tokens <= 12


def test_a_cold_model_is_loaded_anew_for_each_question_and_its_load_is_timed(
    manifest: Manifest, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    cold = asking.model_copy(update={"cold": True})
    processes = []
    with EmbeddedEngine().start(manifest, cold, limits, 1, tmp_path / "log") as model:
        assert model.options["cold"] is True
        assert not psutil.Process().children()
        for _ in range(2):
            model.prepare([model.name])
            assert not psutil.Process().children()
            began = time.monotonic_ns()
            outcome = model.ask(QUESTION, lambda _: None)
            assert outcome.fault is None and outcome.output_tokens
            assert 10**7 < (outcome.load_ns or 0) < time.monotonic_ns() - began
            processes.append(behind(model))
    assert processes[0] != processes[1]
    assert not any(process.is_running() for process in processes)


def test_a_cold_model_that_cannot_be_loaded_is_an_outcome_with_the_reason(
    manifest: Manifest, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 64)
    other = manifest.model_copy(update={"gguf": str(broken), "weights_digest": digest(broken)})
    cold = asking.model_copy(update={"cold": True})
    with EmbeddedEngine().start(other, cold, limits, 1, tmp_path / "log") as model:
        outcome = model.ask(QUESTION, lambda _: None)
    assert (outcome.stop, outcome.fault) == ("error", "rejected")  # as broken the next time
    assert "couldn't be loaded" in str(outcome.reason)


def test_only_who_knows_the_key_may_ask(
    manifest: Manifest, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    with EmbeddedEngine().start(manifest, asking, limits, 1, tmp_path / "log") as model:
        listening = [
            connection.laddr
            for connection in behind(model).net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert [address.ip for address in listening] == ["127.0.0.1"]
        url = f"http://127.0.0.1:{listening[0].port}/v1/chat/completions"
        reply = httpx.post(url, json={"messages": QUESTION.messages}, trust_env=False)
    assert reply.status_code == httpx.codes.UNAUTHORIZED


def test_a_file_that_changed_since_it_was_pulled_is_refused(
    manifest: Manifest, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    other = manifest.model_copy(update={"weights_digest": "sha256:" + "0" * 64})
    with (
        pytest.raises(EngineError, match="has changed since it was pulled"),
        EmbeddedEngine().start(other, asking, limits, 1, tmp_path / "log"),
    ):
        pass


def test_a_file_that_cannot_be_loaded_is_said(
    manifest: Manifest, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 64)
    other = manifest.model_copy(update={"gguf": str(broken), "weights_digest": digest(broken)})
    with (
        pytest.raises(EngineError, match="couldn't be loaded") as raised,
        EmbeddedEngine().start(other, asking, limits, 1, tmp_path / "log"),
    ):
        pass
    assert raised.value.fault is None  # it will be as broken the next time


def test_more_models_than_cores_are_refused(
    manifest: Manifest, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    with (
        pytest.raises(EngineError, match="10000 cores"),
        EmbeddedEngine().start(manifest, asking, limits, 10_000, tmp_path / "log"),
    ):
        pass
    with pytest.raises(EngineError, match="10000 cores"):
        EmbeddedEngine().serving(manifest, asking, 10_000)


PARENT = """
    import sys, time
    from pathlib import Path
    from stages.engines.embedded import EmbeddedEngine
    from stages.manifest import Manifest
    from stages.plans.units import Asking, Limits
    manifest = Manifest.model_validate_json(sys.argv[1])
    asking = Asking.model_validate_json(sys.argv[2])
    limits = Limits(timeout_s=60, stall_s=30, retries=0)
    with EmbeddedEngine().start(manifest, asking, limits, 1, Path(sys.argv[3])) as model:
        print(model.followed.mark, flush=True)
        time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_orphan_outlives_its_parent(
    manifest: Manifest, asking: Asking, tmp_path: Path, how: signal.Signals
) -> None:
    arguments = [manifest.model_dump_json(), asking.model_dump_json(), str(tmp_path / "log")]
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT), *arguments],
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        server = marked(parent.stdout.readline().strip(), psutil.Process(parent.pid))
        parent.send_signal(how)
        parent.wait()
        assert ends_within(server, 5)
