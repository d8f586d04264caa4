"""A whole ``generate`` against a real HTTP server that fails: rows, tries, and what comes after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from stages.engines.select import engine_for
from stages.manifest import Manifest
from stages.measuring import attempts, residents, serving
from stages.plans.units import Limits
from tests.engines.dialects import OLLAMA, ollama_stream
from tests.engines.fault_server import FaultServer, Reply
from tests.engines.models import in_ollama
from tests.measuring.project import StageProject, unit

WHOLE = ollama_stream()
ERROR = b'{"error": "model runner has unexpectedly stopped"}\n'


@pytest.fixture
def project(
    stage_project: StageProject, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> StageProject:
    """A project whose engine is Ollama's, and which doesn't wait between two tries."""
    for module in (residents, serving):
        monkeypatch.setattr(module, "engine_for", engine_for)
    monkeypatch.setattr(attempts, "backoff_s", lambda *_: 0.01)
    return stage_project


def asked(
    project: StageProject, server: FaultServer, *prompts: str, retries: int = 0, **limits: float
) -> list[dict[str, Any]]:
    """The rows after a run of the stage."""
    bounds = {"timeout_s": 20.0, "stall_s": 10.0} | limits
    records = project.generate(
        *(unit(prompt) for prompt in prompts or ["a"]),
        entry=in_ollama(project.manifest, server).model_copy(update={"key": "m"}),
        limits=Limits(retries=retries, **bounds),  # type: ignore[arg-type]
    )
    return list(records.iter_rows(named=True))


def streamed() -> str:
    return "".join(pl.read_parquet("data/responses/m/stream.parquet")["text"])


FAULTS = {
    "reset": Reply(WHOLE, keep=len(WHOLE[0]) + 5, then="reset"),
    "unfinished": Reply(WHOLE[:1]),
    "failed": Reply(b'{"error": "out of memory"}', status=500),
    "busy": Reply(b'{"error": "server busy"}', status=503),
    "reported": Reply([WHOLE[0], ERROR]),
    "garbage": Reply([WHOLE[0], b"<html>no such page</html>\n"]),
}
SAID = {"reset": "fo", "unfinished": "fo", "reported": "fo", "garbage": "fo"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_lasts_becomes_a_row_with_what_was_said(
    project: StageProject, fault: str
) -> None:
    with FaultServer() as server:
        server.script(OLLAMA, *[FAULTS[fault]] * 2)
        faulty, well = asked(project, server, "a", "b", retries=1)
        if faulty["stop"] == "stop":
            faulty, well = well, faulty
        assert (faulty["stop"], faulty["fault"], faulty["tries"]) == ("error", fault, 2)
        assert faulty["reason"]
        assert (well["stop"], well["fault"], well["tries"]) == ("stop", None, 1)
        assert streamed().replace("four", "", 1) == SAID.get(fault, "")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_passes_costs_a_try(project: StageProject, fault: str) -> None:
    with FaultServer() as server:
        server.script(OLLAMA, FAULTS[fault])
        (row,) = asked(project, server, retries=1)
        assert (row["stop"], row["fault"], row["tries"]) == ("stop", None, 2)
        assert streamed() == "four"


def test_a_stall_is_tried_again_and_a_deadline_is_not(project: StageProject) -> None:
    with FaultServer() as server:
        server.script(OLLAMA, Reply(WHOLE[:1], then="stall"))
        (row,) = asked(project, server, retries=1, stall_s=0.3)
        assert (row["stop"], row["tries"]) == ("stop", 2)
        server.script(OLLAMA, Reply(WHOLE[:1], then="drip"))
        (row,) = asked(project, server, "late", retries=1, timeout_s=0.5)
        assert (row["stop"], row["fault"], row["tries"]) == ("timeout", "deadline", 1)


def test_a_rejected_request_is_not_sent_again(project: StageProject) -> None:
    with FaultServer() as server:
        server.script(OLLAMA, Reply(b'{"error": "no such option"}', status=400))
        (row,) = asked(project, server, retries=3)
        assert (row["stop"], row["fault"], row["tries"]) == ("error", "rejected", 1)
        assert "no such option" in row["reason"]


def test_a_server_that_restarts_is_found_again(project: StageProject) -> None:
    with FaultServer() as server:
        server.script(OLLAMA, Reply(WHOLE, keep=30, then="reset"))
        port = server.port
        server.script("/api/version", Reply(b'{"version": "0.30.1"}'))

        def restart(*_: object) -> float:
            server.close()
            restarted.append(FaultServer(port))
            restarted[0].__enter__()
            return 0.01

        restarted: list[FaultServer] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(attempts, "backoff_s", restart)
            (row,) = asked(project, server, retries=1)
        assert (row["stop"], row["tries"]) == ("stop", 2)
        restarted[0].close()


def test_a_server_that_is_gone_refuses_the_rest_and_the_next_run_asks_it(
    project: StageProject,
) -> None:
    with FaultServer() as server:
        asked(project, server, "a")
        port = server.port
    rows = asked(project, server, "a", "b", retries=1)
    assert [(row["prompt_id"], row["stop"], row["reused"]) for row in rows] == [
        ("a", "stop", True),
        ("b", "refused", False),
    ]
    assert f"127.0.0.1:{port}" in rows[1]["reason"]
    with FaultServer(port) as server:
        rows = asked(project, server, "a", "b")
        assert [row["stop"] for row in rows] == ["stop", "stop"]
        assert len(server.asked(OLLAMA)) == 1


def test_other_weights_on_the_server_are_refused_whatever_is_kept(project: StageProject) -> None:
    with FaultServer() as server:
        asked(project, server, "a")
        shown = {"modelfile": f"FROM /models/blobs/sha256-{'cd' * 32}\n"}
        server.always("/api/show", Reply(json.dumps(shown).encode()))
        kept, refused = asked(project, server, "a", "b", retries=3)
        assert (kept["stop"], kept["reused"]) == ("stop", True)
        assert refused["stop"] == "refused" and "other weights" in refused["reason"]


def test_a_hostile_server_never_ends_the_stage(project: StageProject) -> None:
    replies = [
        b"[]\n",
        b"null\n",
        b'{"message": 7}\n',
        b"\xff\xfe\n",
        b'{"message": {"content": []}}\n',
    ]
    with FaultServer() as server:
        server.script(OLLAMA, *(Reply(reply) for reply in replies))
        rows = asked(project, server, *"abcde")
        assert {row["stop"] for row in rows} == {"error"}
        assert Path("data/responses/m/records.parquet").is_file()
