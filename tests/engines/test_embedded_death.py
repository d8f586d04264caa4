"""The embedded engine's process, killed at any moment of its life."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import psutil
import pytest

from stages.engines.embedded import EmbeddedEngine
from stages.engines.protocol import Chunk, EngineError, Outcome, Request
from stages.manifest import Manifest
from stages.plans.units import Asking, Limits
from tests.engines.models import QUESTION, behind

pytestmark = pytest.mark.model

KILLED = "the engine's process was killed by signal 9, often for want of memory"
STORY = Request([{"role": "user", "content": "Tell a long story of the sea."}], seed=1)


def child() -> psutil.Process:
    """The engine's process, as soon as there is one."""
    while True:
        for process in psutil.Process().children():
            if "stages.engines.embedded_server" in process.cmdline():
                return process
        time.sleep(0.002)


def test_in_mid_answer_what_was_streamed_stays_and_the_next_start_works(
    manifest: Manifest, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    longer = asking.options.model_copy(update={"num_predict": 400})
    with EmbeddedEngine().start(
        manifest, asking.model_copy(update={"options": longer}), limits, 1, tmp_path / "log"
    ) as model:
        chunks: list[Chunk] = []

        def kill_at_ten(chunk: Chunk) -> None:
            chunks.append(chunk)
            if len(chunks) == 10:
                behind(model).kill()

        outcome = model.ask(STORY, kill_at_ten)
        killed = time.monotonic_ns()
        assert killed - chunks[9].t_ns < 1e9
        assert outcome == Outcome(
            "error",
            KILLED,
            "reset",
            prefill_ns=outcome.prefill_ns,
            decode_ns=outcome.decode_ns,
            prompt_tokens=outcome.prompt_tokens,
            output_tokens=sum(chunk.tokens or 0 for chunk in chunks),
        )
        assert len(chunks) >= 10
        after = model.ask(STORY, chunks.append)
        assert (after.fault, after.reason) == ("reset", KILLED)
    with EmbeddedEngine().start(manifest, asking, limits, 1, tmp_path / "log") as model:
        assert model.ask(QUESTION, lambda _: None).fault is None


def test_while_it_reads_the_prompt(
    manifest: Manifest, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    roomy = asking.options.model_copy(update={"num_ctx": 4096})
    long = Request([{"role": "user", "content": "sea " * 3000}], seed=1)
    killed = []
    with EmbeddedEngine().start(
        manifest, asking.model_copy(update={"options": roomy}), limits, 1, tmp_path / "log"
    ) as model:

        def kill() -> None:
            killed.append(time.monotonic())
            behind(model).kill()

        threading.Timer(0.3, kill).start()
        chunks: list[Chunk] = []
        outcome = model.ask(long, chunks.append)
    assert time.monotonic() - killed[0] < 1
    assert (chunks, outcome.fault, outcome.reason) == ([], "reset", KILLED)


@pytest.mark.parametrize("delay_s", [0.0, 0.1, 0.3])
def test_while_it_loads(
    manifest: Manifest, asking: Asking, limits: Limits, tmp_path: Path, delay_s: float
) -> None:
    ended = []

    def kill() -> None:
        process = child()
        time.sleep(delay_s)
        process.kill()
        ended.append(time.monotonic())

    killer = threading.Thread(target=kill)
    killer.start()
    with (
        pytest.raises(EngineError) as raised,
        EmbeddedEngine().start(manifest, asking, limits, 1, tmp_path / "log"),
    ):
        pass
    killer.join()
    assert time.monotonic() - ended[0] < 1
    assert (raised.value.fault, KILLED in str(raised.value)) == ("reset", True)


def test_a_process_that_stands_still_is_a_stall(
    manifest: Manifest, asking: Asking, tmp_path: Path
) -> None:
    hasty = Limits(timeout_s=60, stall_s=0.5, retries=0)
    with EmbeddedEngine().start(manifest, asking, hasty, 1, tmp_path / "log") as model:
        process = behind(model)
        process.suspend()
        outcome = model.ask(QUESTION, lambda _: None)
    assert (outcome.stop, outcome.fault) == ("timeout", "stall")
    assert not process.is_running()
