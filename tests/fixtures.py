"""A tiny but complete ``data`` tree, whose figures can be worked out in the head.

Two models, ``quick`` (answers at once) and ``ponder`` (prompted thinking), a side-by-side test
``both`` and an import ``chats``. All times are whole seconds after ``START``:

| | request | first token | first answer | end | tokens | CPU |
|---|---|---|---|---|---|---|
| quick | 0 | 1 | 1 | 3 | 20 | 1 core while reading, 2 while answering |
| ponder | 0 | 1 | 5 | 7 | 40 + 20 | the same, 2 cores while thinking too |

Side by side (arm ``together``) everything after the first token takes twice as long, on one core.
The machine has two cores and 1,000 MiB, of which 100 are in use, 300 while a response is under way.

``resumed``: the same run, killed and gone on with. ``quick``'s first two responses and the first of
``both`` are of one session three hours before, whose clock stood higher (another boot) and in which
the model had another key. Nothing that was measured differs.

``chat``: ``ponder`` is also asked ``topics`` as the last turn of a conversation, whose prompt the
server shortened; its thinking then takes twice as long.

``served``: ``ponder`` runs in Ollama, whose process is replaced by another 2 s into ``p2``. During
``p2`` the server also held ``stranger``; during ``p3`` it didn't say. It is asked the same again:
twice of a fresh runner (``f1`` and ``f2``) and each time once more (``w1`` and ``w2``); the last
answer is another one. Its engine accounts for all of a response but a quarter of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from stages import query
from stages.columns import Column, frame
from stages.files import write_json
from stages.parquet import write_parquet
from stages.plans.query import ModelEntry, QueryPlan, TestEntry
from stages.plans.report import ReportPlan
from stages.plans.score import Prompt, PromptList
from stages.records import ENVIRONMENT
from stages.tables import CHUNKS, NOTES, PROMPTS, RESPONSES
from stages.trace.schema import TRACE_TABLES

S = 1_000_000_000
START = 1_000 * S
MIB = 2**20
AT = datetime(2025, 2, 2, 12, tzinfo=UTC)

SCORES = (
    Column("response_id", pl.String, "", ""),
    Column("thinking_tokens", pl.Int64, "tokens", ""),
    Column("answer_tokens", pl.Int64, "tokens", ""),
    Column("thinking_s", pl.Float64, "s", ""),
    Column("thinking_share", pl.Float64, "", ""),
    Column("overthinking_ratio", pl.Float64, "", ""),
    Column("hesitations_per_1k", pl.Float64, "", ""),
    Column("loop", pl.Boolean, "", ""),
    Column("truncated", pl.String, "", ""),
    Column("topic_similarity", pl.Float64, "", ""),
    Column("stance", pl.String, "", ""),
    Column("forced_connection", pl.Boolean, "", ""),
)

PROMPT_LIST = [
    Prompt(prompt_id="topics", set="original", turns=["War, and universities"],
           topics=["war", "universities"], truth="unrelated", reference=None, pair=None,
           reconstructed=True),
    Prompt(prompt_id="sum", set="controls", turns=["What is 2 + 2?"], topics=None, truth=None,
           reference=["4"], pair=None, reconstructed=False),
]  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """One response of the fixture, timed in seconds after ``START``."""

    response_id: str
    source: str
    model: str
    prompt_id: str
    epoch: int
    at: float
    arm: str = "solo"
    status: str = "ok"
    reason: str | None = None
    answer: str | None = "They have nothing to do with each other."
    thinking: str | None = None
    slow: int = 1
    turn: int = 1
    shortened: bool = False
    session: str = ""
    reused: bool = False
    traced_as: str | None = None
    engine: str = "embedded"
    also_held: list[str] | None = None
    started_at: datetime = AT
    scores: dict[str, Any] = field(default_factory=dict)

    @property
    def spans(self) -> tuple[float, float, float]:
        """First token, first answer and end, in seconds after ``START``."""
        first = self.at + 1
        answer = first + (4 * self.slow if self.thinking else 0)
        return first, answer, answer + 2 * self.slow

    def row(self) -> dict[str, Any]:
        first, answer, end = self.spans
        failed = self.status in ("error", "timeout", "refused")
        thinking = self.thinking is not None
        return {
            "response_id": self.response_id, "source": self.source, "model": self.model,
            "prompt_id": self.prompt_id, "epoch": self.epoch, "arm": self.arm,
            "test": self.source if self.arm in ("alone", "together") else None,
            "turn": self.turn,
            "seed": self.epoch, "status": self.status, "reason": self.reason,
            "fault": "stall" if self.status == "timeout" else "reset" if failed else None,
            "tries": 3 if failed else 1,
            "thinking": None if failed else self.thinking,
            "answer": None if failed else self.answer,
            "thinking_mode": "prompted" if thinking else "none",
            "thought_end": "closed" if thinking else None,
            "prompt_tokens": 10, "prompt_shortened": self.shortened,
            "output_tokens": None if failed else 61 if thinking else 20,
            "thinking_tokens": 40 if thinking and not failed else None,
            "answer_tokens": None if failed else 20,
            "tokens_method": None if failed else "engine",
            "tokens_unattributed": None if failed else 1 if thinking else 0,
            "session_id": self.session, "request_ns": ns(self.at),
            "first_token_ns": None if failed else ns(first),
            "first_answer_ns": None if failed else ns(answer), "end_ns": ns(end),
            "thinking_s": answer - first if thinking and not failed else None,
            "started_at": self.started_at,
            "load_ns": None, "prefill_ns": S,
            "decode_ns": ns(end) - ns(first) - S // 4 if self.engine == "ollama" else None,
            "engine": self.engine,
            "engine_version": "1.0", "weights_digest": "sha256:" + "a" * 64,
            "template_hash": "sha256:" + "b" * 64, "options": '{"num_ctx": 64, "temperature": 0.6}',
            "also_held": self.also_held, "reused": self.reused, "traced_as": self.traced_as,
        }  # fmt: skip

    def score(self) -> dict[str, Any]:
        row = self.row()
        thought = row["thinking_tokens"]
        return {
            "response_id": self.response_id,
            "thinking_tokens": thought,
            "answer_tokens": row["answer_tokens"],
            "thinking_s": row["thinking_s"],
            "thinking_share": thought / 60 if thought else None,
            "overthinking_ratio": thought / 20 if thought else None,
            "hesitations_per_1k": 25.0 if thought else None,
            "loop": False if row["answer"] else None,
            "topic_similarity": 0.1 if self.prompt_id == "topics" else None,
        } | self.scores


def ns(seconds: float) -> int:
    return START + round(seconds * S)


SEPARATE = {"stance": "separate", "forced_connection": False}
CONNECT = {"stance": "connect", "forced_connection": True}
THOUGHT = "Wait, are they linked?"

QUICK = [
    Answer("q1", "quick", "quick", "topics", 1, 0, scores=SEPARATE),
    Answer("q2", "quick", "quick", "topics", 2, 4, scores=SEPARATE),
    Answer("q3", "quick", "quick", "sum", 1, 8, answer="4"),
    Answer("q4", "quick", "quick", "sum", 2, 12, status="timeout", reason="no text for 120 s"),
]
PONDER = [
    Answer("p1", "ponder", "ponder", "topics", 1, 0, thinking=THOUGHT, scores=CONNECT),
    Answer("p2", "ponder", "ponder", "topics", 2, 8, thinking=THOUGHT, scores=SEPARATE),
    Answer("p3", "ponder", "ponder", "sum", 1, 16, thinking=THOUGHT, answer="5"),
    Answer("p4", "ponder", "ponder", "sum", 2, 24, thinking=THOUGHT, answer="4"),
]
CHAT = [
    Answer("p5", "ponder", "ponder", "topics-later", 1, 32, thinking=THOUGHT, turn=1),
    Answer("p6", "ponder", "ponder", "topics-later", 1, 40, thinking=THOUGHT, turn=2, slow=2,
           shortened=True, scores=SEPARATE),
]  # fmt: skip
AGAIN = [
    Answer("f1", "ponder", "ponder", "sum", 1, 60, "fresh", thinking=THOUGHT, answer="4"),
    Answer("w1", "ponder", "ponder", "sum", 1, 68, "warm", thinking=THOUGHT, answer="4"),
    Answer("f2", "ponder", "ponder", "sum", 2, 76, "fresh", thinking=THOUGHT, answer="4"),
    Answer("w2", "ponder", "ponder", "sum", 2, 84, "warm", thinking=THOUGHT, answer="5"),
]
LATER = Prompt(prompt_id="topics-later", set="original", turns=["Hello", "War, and universities"],
               topics=["war", "universities"], truth="unrelated", reference=None, pair=None,
               reconstructed=True)  # fmt: skip
BOTH = [
    Answer("a1", "both", "quick", "topics", 1, 0, "alone", scores=SEPARATE),
    Answer("a2", "both", "ponder", "topics", 1, 4, "alone", thinking=THOUGHT, scores=CONNECT),
    Answer("t1", "both", "quick", "topics", 1, 12, "together", slow=2, scores=SEPARATE),
    Answer("t2", "both", "ponder", "topics", 1, 12.01, "together", slow=2, thinking=THOUGHT,
           scores=CONNECT),
]  # fmt: skip
CHATS = [
    {"response_id": "c1", "source": "chats", "model": "elsewhere", "prompt_id": "chats/1",
     "epoch": 1, "arm": "imported", "turn": 1, "status": "ok", "thinking": "Hmm.",
     "answer": "Yes.", "thinking_tokens": 30, "answer_tokens": 10, "tokens_method": "estimated",
     "thinking_mode": "native", "reused": False},
]  # fmt: skip


def build(
    root: Path,
    *,
    failed: bool = False,
    empty: bool = False,
    resumed: bool = False,
    chat: bool = False,
    served: bool = False,
) -> Path:
    """Write the tree under ``root`` and return it.

    ``failed``: every response failed. ``empty``: the plan has no model, test or import.
    ``resumed``: some responses were kept from an earlier session. ``chat``: with a conversation.
    ``served``: one of the two runs in Ollama.
    """
    data = root / "data"
    models = [] if empty else [
        ModelEntry(key="quick", source="package:tiny/tiny.gguf", engine="embedded", think=False,
                   demo=True),
        ModelEntry(key="ponder", source="/home/someone/tiny.gguf", engine="embedded",
                   think="prompted", demo=True),
    ]  # fmt: skip
    tests = [] if empty else [TestEntry(name="both", roster=["quick", "ponder"])]
    plan = QueryPlan(
        models=models, tests=tests, imports=[] if empty else ["chats"],
        settings={"epochs": "2", "temperature": "0.6"},
    )  # fmt: skip
    write_json(data / "plan" / "query.json", plan.model_dump())
    prompts = PromptList(prompts=[] if empty else [*PROMPT_LIST, *([LATER] if chat else [])])
    write_json(data / "plan" / "prompts.json", prompts.model_dump())
    report = ReportPlan(title="A tiny run", author="Nobody", excerpt_characters=600)
    write_json(data / "plan" / "report.json", report.model_dump())
    write_json(data / "plan" / "gate.json", {"max_failures": 0.2})
    write_json(data / "validation.json", {} if empty else VALIDATION)
    if empty:
        return root
    for key, mode in (("quick", "none"), ("ponder", "prompted")):
        write_json(data / "models" / f"{key}.json", _manifest(key, mode))
    gone = {"status": "error", "reason": "the engine has gone", "scores": {}} if failed else {}
    ponder = [*PONDER, *(CHAT if chat else [])]
    if served:
        ponder = [_served(answer) for answer in [*ponder, *AGAIN]]
    planned = {"quick": QUICK, "ponder": ponder, "both": BOTH}
    asked = {
        source: [replace(answer, session=f"session-{source}", **gone) for answer in fixed]
        for source, fixed in planned.items()
    }
    if resumed:
        asked = {source: list(map(_kept, answers)) for source, answers in asked.items()}
    whole = [answer for answers in asked.values() for answer in answers]
    for source, answers in asked.items():
        folder = data / ("sidebyside" if source == "both" else "responses") / source
        sessions = dict.fromkeys(answer.session for answer in answers)
        _measured(folder, {s: [a for a in whole if a.session == s] for s in sessions})
        _transcripts(data, source, [answer.row() for answer in answers],
                     [answer.score() for answer in answers])  # fmt: skip
    _transcripts(data, "chats", CHATS, [{"response_id": "c1", "thinking_tokens": 30,
                 "answer_tokens": 10, "thinking_share": 0.75, "overthinking_ratio": 3.0,
                 "loop": False}])  # fmt: skip
    prompt = {"prompt_id": "chats/1", "set": "chats", "turns": ["Is it so?"],
              "reconstructed": False}  # fmt: skip
    write_parquet(frame([prompt], PROMPTS), data / "imported" / "chats" / "prompts.parquet")
    return root


BEFORE = "session-before"
EARLIER = AT - timedelta(hours=3)


def _kept(answer: Answer) -> Answer:
    """The answer as it was three hours before, on a clock 5,000 s ahead, if it was kept."""
    if answer.response_id not in ("q1", "q2", "a1"):
        return answer
    at = 5_000 + answer.at + (20 if answer.response_id == "a1" else 0)
    return replace(
        answer, at=at, session=BEFORE, reused=True, traced_as="rapid", started_at=EARLIER
    )


def _served(answer: Answer) -> Answer:
    held: dict[str, list[str] | None] = {"p2": ["stranger"], "p3": None}
    return replace(answer, engine="ollama", also_held=held.get(answer.response_id, []))


VALIDATION = {
    "stance": {
        "n": 120,
        "method": "cross-validated by topic pair",
        "measures": {
            "balanced_accuracy": {"value": 0.85, "low": 0.78, "high": 0.91, "n": 120},
            "recall:connect": {"value": 0.9, "low": 0.8, "high": 0.96, "n": 40},
        },
    }
}


def _manifest(key: str, mode: str) -> dict[str, Any]:
    return {
        "key": key, "engine": "embedded", "error": None, "engine_version": "1.0", "ollama": None,
        "gguf": "package:tiny/tiny.gguf", "host": None, "name": f"Tiny {mode}",
        "weights_digest": "sha256:" + "a" * 64, "manifest_digest": None,
        "template_hash": "sha256:" + "b" * 64, "size_bytes": 100 * MIB, "quantisation": "Q4_1",
        "family": "llama", "parameters": 135_000_000, "context_length": 8192, "capabilities": [],
        "license": "apache-2.0", "parent": None,
    }  # fmt: skip


def _transcripts(
    data: Path, source: str, rows: Sequence[dict[str, Any]], scores: Sequence[dict[str, Any]]
) -> None:
    write_parquet(frame(rows, RESPONSES), data / "transcripts" / source / "responses.parquet")
    chunks = [
        {"response_id": row["response_id"], "index": 0, "t_ns": row.get("first_answer_ns"),
         "part": "answer", "tokens": row["answer_tokens"], "characters": len(row["answer"])}
        for row in rows if row["answer"] is not None
    ]  # fmt: skip
    write_parquet(frame(chunks, CHUNKS), data / "transcripts" / source / "chunks.parquet")
    write_parquet(frame(scores, SCORES), data / "scores" / f"{source}.parquet")
    notes = [
        {"response_id": row["response_id"], "heuristic": "stance", "kind": "evidence",
         "part": "answer", "start": 0, "end": 23, "text": "They have nothing to do"}
        for row in rows
        if str(row["answer"]).startswith("They")
    ]  # fmt: skip
    write_parquet(frame(notes, NOTES), data / "scores" / f"{source}.notes.parquet")


def _measured(folder: Path, sessions: dict[str, Sequence[Answer]]) -> None:
    """The tables of a source: the whole trace of every session that it has responses of."""
    environment = [
        {"session_id": session, "cpu": "Abacus 2", "cores_logical": 2, "cores_usable": 2,
         "memory_bytes": 1_000 * MIB, "gpus": [], "gpu_reason": "no NVIDIA library on this machine",
         "system": "Linux 6.1", "python": "3.11.2", "container": False}
        for session in sessions
    ]  # fmt: skip
    write_parquet(frame(environment, ENVIRONMENT), folder / "environment.parquet")
    traces = [_trace(session, answers) for session, answers in sessions.items()]
    for name, columns in TRACE_TABLES.items():
        rows = [row for trace in traces for row in trace.get(name, [])]
        write_parquet(frame(rows, columns), folder / f"{name}.parquet")


def _trace(session: str, answers: Sequence[Answer]) -> dict[str, list[dict[str, Any]]]:
    """Readings four times a second, from a second before the first request to one after the end."""
    system, process, disk, network = [], [], [], []
    first = round(min(answer.at for answer in answers))
    until = max(answer.spans[2] for answer in answers) + 1
    for tick in range(-4, round((until - first) * 4) + 1):
        at = first + tick / 4
        key = {"session_id": session, "t_ns": ns(at)}
        used = {
            model: _cpu_s(answers, model, at) for model in {a.traced_as or a.model for a in answers}
        }
        busy = sum(used.values())
        running = any(answer.at <= at <= answer.spans[2] for answer in answers)
        system.append(key | {
            "cpu_user_ns": round(busy * S), "cpu_system_ns": 0,
            "cpu_idle_ns": round((2 * (at - first + 1) - busy) * S),
            "memory_total_bytes": 1_000 * MIB,
            "memory_available_bytes": (700 if running else 900) * MIB,
        })  # fmt: skip
        for pid, (model, seconds) in enumerate(sorted(used.items()), 100):
            process.append(key | {
                "model": model, "role": "engine", "pid": pid, "created_ns": 1,
                "cpu_ns": round(seconds * S), "rss_bytes": (200 if running else 50) * MIB,
                "read_bytes": 0, "written_bytes": 0, "remote_sockets": 0 if tick % 4 == 0 else None,
            })  # fmt: skip
        process.append(key | {
            "role": "tracer", "pid": 99, "created_ns": 1,
            "cpu_ns": round((at - first + 1) * S / 100), "rss_bytes": 20 * MIB,
        })  # fmt: skip
        disk.append(key | {"device": "sda", "read_bytes": 0,
                           "written_bytes": (tick + 4) * MIB // 4})  # fmt: skip
        network += [
            key | {"interface": "lo", "loopback": True, "received_bytes": tick, "sent_bytes": tick},
            key | {"interface": "eth0", "loopback": False, "received_bytes": 500 + tick,
                   "sent_bytes": 100},
        ]  # fmt: skip
    events = [{"session_id": session, "t_ns": ns(first - 1), "kind": "lane_missing", "lane": "gpu",
               "detail": "no NVIDIA library on this machine"}]  # fmt: skip
    held: list[dict[str, Any]] = []
    if any(answer.engine == "ollama" for answer in answers):
        # Two looks before the first request: at nothing, then at ponder.
        look = {"session_id": session, "server": "http://127.0.0.1:1"}
        held = [look | {"t_ns": ns(first - 0.75)},
                look | {"t_ns": ns(first - 0.25), "name": "p:1", "model": "ponder",
                        "size_bytes": 512 * MIB, "vram_bytes": 128 * MIB,
                        "context_tokens": 256}]  # fmt: skip
        events.append({"session_id": session, "t_ns": ns(10), "kind": "runner_reloaded",
                       "lane": "process", "subject": "ponder", "value": 101.0,
                       "detail": "before, 100 did"})  # fmt: skip
    sessions = [{"session_id": session, "machine_id": "m", "boot_id": f"b {first}",
                 "started_at": answers[0].started_at,
                 "anchors": [{"monotonic_ns": ns(first), "boot_ns": 0, "wall_ns": 0}],
                 }]  # fmt: skip
    return {
        "trace_system": system, "trace_process": process, "trace_disk": disk,
        "trace_network": network, "trace_gpu": [], "trace_held": held, "trace_events": events,
        "sessions": sessions,
    }  # fmt: skip


def _cpu_s(answers: Sequence[Answer], model: str, at: float) -> float:
    """CPU seconds of a model until ``at``: one core until the first token, then two, if alone."""
    total = 0.0
    for answer in answers:
        if (answer.traced_as or answer.model) == model:
            first, _, end = answer.spans
            total += max(0.0, min(at, first) - answer.at)
            total += 2 / answer.slow * max(0.0, min(at, end) - first)
    return total


def queried(root: Path) -> Path:
    """The database that ``query`` makes of such a tree."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        query.main([])
    return root / "data" / "results.duckdb"
