"""The Ollama engine against a small server that speaks its protocol over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from stages.engines.ollama import OllamaEngine
from stages.engines.ollama_pull import pull_ollama
from stages.engines.ollama_server import connect, version_of
from stages.engines.protocol import Chunk, EngineError, Request
from stages.manifest import Manifest
from stages.plans.pull import PullPlan
from stages.plans.units import Asking, Limits

DIGEST = "ab" * 32
QUESTION = Request([{"role": "user", "content": "2 + 2?"}], seed=5)
LAST = {
    "done": True,
    "done_reason": "stop",
    "load_duration": 1,
    "prompt_eval_duration": 2,
    "eval_duration": 3,
    "prompt_eval_count": 4,
    "eval_count": 2,
}


def part(content: str = "", thinking: str | None = None, **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, "thinking": thinking}
    logprobs = [{"token": content or thinking, "logprob": -0.1}] if content or thinking else None
    return {"model": "m", "message": message, "logprobs": logprobs, "done": False} | more


class FakeOllama(ThreadingHTTPServer):
    """Answers what the engine asks; ``chat`` is the stream to send, ``seen`` what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.chat: list[dict[str, Any] | bytes] = []
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.capabilities = ["completion", "thinking"]
        self.modelfile = f"FROM /models/blobs/sha256-{DIGEST}\nTEMPLATE x"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: FakeOllama

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        held = {"model": "m:1b", "name": "m:1b", "digest": "cd" * 32, "size": 7}
        replies = {"/api/version": {"version": "0.30.1"}, "/api/tags": {"models": [held]}}
        self._send([replies[self.path]])

    def do_HEAD(self) -> None:
        self.send_error(404)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.loads(content or b"{}") if content[:1] == b"{" else {}
        self.server.seen.append((self.path, body))
        if self.path == "/api/chat":
            self._send(self.server.chat)
        elif self.path == "/api/show":
            self._send([self._show()])
        else:
            self._send([{"model": "m", "response": "", "done": True}])

    def _show(self) -> dict[str, Any]:
        return {
            "modelfile": self.server.modelfile,
            "template": "T",
            "license": "\n MIT License\nmore",
            "details": {"quantization_level": "Q4_K_M", "parent_model": "/x/blobs/sha256-1"},
            "model_info": {"general.architecture": "qwen2", "qwen2.context_length": 131072},
            "capabilities": self.server.capabilities,
        }

    def _send(self, items: list[Any]) -> None:
        self.send_response(200)
        self.end_headers()
        for item in items:
            self.wfile.write(item if isinstance(item, bytes) else json.dumps(item).encode() + b"\n")


@pytest.fixture
def server() -> Iterator[FakeOllama]:
    with FakeOllama() as fake:
        threading.Thread(target=fake.serve_forever, daemon=True).start()
        yield fake
        fake.shutdown()


def pulled(server: FakeOllama) -> Manifest:
    plan = PullPlan(key="k", engine="ollama", ollama="m:1b", gguf=None, host=server.address)
    return pull_ollama(plan)


def ask(
    server: FakeOllama, asking: Asking, limits: Limits, tmp_path: Path
) -> tuple[list[Chunk], Any]:
    chunks: list[Chunk] = []
    engine = OllamaEngine(server.address)
    with engine.start(pulled(server), asking, limits, 1, tmp_path / "log") as model:
        return chunks, model.ask(QUESTION, chunks.append)


def test_pull_writes_down_what_the_server_says(server: FakeOllama) -> None:
    manifest = pulled(server)
    assert manifest.weights_digest == f"sha256:{DIGEST}"
    assert manifest.manifest_digest == "sha256:" + "cd" * 32
    assert manifest.license == "MIT License"
    assert (manifest.family, manifest.context_length) == ("qwen2", 131072)
    assert manifest.engine_version == "ollama 0.30.1"
    assert manifest.parent is None  # a path of the machine is no parent


def test_a_file_is_handed_over_once_under_a_name_made_of_its_content(
    server: FakeOllama, tmp_path: Path
) -> None:
    (tmp_path / "w.gguf").write_bytes(b"abc")
    gguf = str(tmp_path / "w.gguf")
    plan = PullPlan(key="k", engine="ollama", ollama=None, gguf=gguf, host=server.address)
    with pytest.raises(EngineError, match="overthink-ba7816bf8f01"):  # this server forgets it
        pull_ollama(plan)
    digest = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    paths = [path for path, _ in server.seen]
    assert paths[:2] == [f"/api/blobs/{digest}", "/api/create"]
    assert server.seen[1][1]["files"] == {"w.gguf": digest}


def test_thinking_and_answer_arrive_apart_with_the_servers_figures(
    server: FakeOllama, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    server.chat = [part(thinking="hm"), part("four"), part(**LAST)]
    chunks, outcome = ask(server, asking, limits, tmp_path)
    assert [(c.field, c.text, c.tokens) for c in chunks] == [
        ("thinking", "hm", 1),
        ("content", "four", 1),
    ]
    assert (outcome.stop, outcome.load_ns, outcome.prefill_ns, outcome.decode_ns) == (
        "stop",
        1,
        2,
        3,
    )
    assert (outcome.prompt_tokens, outcome.output_tokens) == (4, 2)


def test_every_option_is_sent(
    server: FakeOllama, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    server.chat = [part(**LAST)]
    ask(server, asking, limits, tmp_path)
    (sent,) = [body for path, body in server.seen if path == "/api/chat"]
    wanted = {"seed", "min_p", "num_thread", *asking.options.model_dump()}
    assert sent["options"].keys() == wanted
    assert (sent["options"]["seed"], sent["think"]) == (5, False)


def test_a_model_that_cannot_think_is_never_asked_to(
    server: FakeOllama, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    server.capabilities = ["completion"]
    server.chat = [part(**LAST)]
    ask(server, asking.model_copy(update={"think": True}), limits, tmp_path)
    (sent,) = [body for path, body in server.seen if path == "/api/chat"]
    assert sent.get("think") is None


@pytest.mark.parametrize(
    ("chat", "said"),
    [
        ([part("fo"), {"error": "out of memory"}], "out of memory"),
        ([part("fo")], "without its final chunk"),
        ([part("fo"), b"<html>\n"], "failed"),
    ],
)
def test_a_fault_in_the_stream_is_an_outcome_with_what_was_streamed(
    server: FakeOllama,
    asking: Asking,
    limits: Limits,
    tmp_path: Path,
    chat: list[Any],
    said: str,
) -> None:
    server.chat = chat
    chunks, outcome = ask(server, asking, limits, tmp_path)
    assert [chunk.text for chunk in chunks] == ["fo"]
    assert outcome.stop == "error"
    assert said in outcome.reason


def test_other_weights_than_were_pulled_are_refused(
    server: FakeOllama, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    manifest = pulled(server)
    server.modelfile = f"FROM /models/blobs/sha256-{'ef' * 32}"
    engine = OllamaEngine(server.address)
    with (
        pytest.raises(EngineError, match="other weights than were pulled"),
        engine.start(manifest, asking, limits, 1, tmp_path / "log"),
    ):
        pass


def test_no_server_is_one_clear_line() -> None:
    with pytest.raises(EngineError, match=r"no Ollama server answers at .* start it with"):
        version_of(connect("127.0.0.1:9"))
