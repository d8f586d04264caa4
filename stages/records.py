"""The raw record of a response, as ``generate`` stores it: nothing here is interpreted.

Thinking is split from answer later (``stages/transcript``), so that a better parser reaches old
records without a single token being generated again.
"""

from __future__ import annotations

import polars as pl

from stages.columns import Column

RECORDS = (
    Column("response_id", pl.String, "", "The unit id: a hash of everything that was asked."),
    Column("model", pl.String, "", "Key of the model."),
    Column("prompt_id", pl.String, "", "The prompt."),
    Column("epoch", pl.Int64, "", "Repetition, from 1."),
    Column(
        "arm",
        pl.String,
        "",
        "solo, alone, together or imported; fresh and warm: the same question asked again with "
        "the same seed, of a model just loaded and once more after it.",
    ),
    Column("test", pl.String, "", "Side-by-side test; null for solo and imported."),
    Column("turn", pl.Int64, "", "Turn of the conversation, from 1."),
    Column("seed", pl.Int64, "", "Seed that was sent."),
    Column("messages", pl.String, "", "JSON: the messages that were sent."),
    Column("options", pl.String, "", "JSON: every option that was sent, threads included."),
    Column("thinking_mode", pl.String, "", "none, native or prompted."),
    Column("stop", pl.String, "", "How it ended: stop, length, error, timeout or refused."),
    Column("reason", pl.String, "", "Why it failed; null where it didn't."),
    Column(
        "fault",
        pl.String,
        "",
        "Kind of fault, as in stages/engines/protocol.py: connection, reset, stall, deadline, "
        "busy, failed, rejected, reported, garbage or unfinished; null where it didn't fail or "
        "wasn't asked.",
    ),
    Column(
        "tries",
        pl.Int64,
        "tries",
        "How often it was asked before it ended so; 0 where it wasn't asked.",
    ),
    Column(
        "thought_end",
        pl.String,
        "",
        "Prompted thinking only: closed (by the model), stopped (the model ended its turn) or "
        "limit (max_thinking_tokens).",
    ),
    Column("session_id", pl.String, "", "The measuring process's run."),
    Column("request_ns", pl.Int64, "ns", "Monotonic time at which the request was sent."),
    Column("end_ns", pl.Int64, "ns", "Monotonic time at which the stream ended."),
    Column("started_at", pl.Datetime("us", "UTC"), "", "Wall time of the request."),
    Column("load_ns", pl.Int64, "ns", "Loading the model as the server reports it; null if none."),
    Column("prefill_ns", pl.Int64, "ns", "Reading the prompt, as the server reports it."),
    Column("decode_ns", pl.Int64, "ns", "Generating, as the server reports it."),
    Column("prompt_tokens", pl.Int64, "tokens", "Prompt tokens, as the server counts them."),
    Column("output_tokens", pl.Int64, "tokens", "Generated tokens, as the server counts them."),
    Column("engine", pl.String, "", "embedded or ollama."),
    Column("engine_version", pl.String, "", "Version of the engine."),
    Column("weights_digest", pl.String, "", "sha256 of the weights that answered."),
    Column("template_hash", pl.String, "", "sha256 of the chat template's text."),
    Column(
        "also_held",
        pl.List(pl.String),
        "",
        "Other models that its server had in memory just before or after, side by side those of "
        "the roster too; null where it doesn't say.",
    ),
    Column("reused", pl.Boolean, "", "Taken from an earlier run of the same unit."),
    Column(
        "traced_as",
        pl.String,
        "",
        "Key of the model in the trace of its session, where it was asked under another key; null "
        "where it is the same.",
    ),
)

STREAM = (
    Column("response_id", pl.String, "", "The response."),
    Column("index", pl.Int64, "", "Order of arrival, from 0."),
    Column("leg", pl.Int64, "", "Request of a response, from 0: prompted thinking takes two."),
    Column("t_ns", pl.Int64, "ns", "Monotonic time of arrival."),
    Column(
        "field",
        pl.String,
        "",
        "content or thinking as the server named it; injected: put in by us (the tags of a "
        "prompted thought), never by the model.",
    ),
    Column("text", pl.String, "", "The text of the chunk, as it came."),
    Column("tokens", pl.Int64, "tokens", "Tokens that the server counted in it; null if unknown."),
)

ENVIRONMENT = (
    Column("session_id", pl.String, "", "The measuring process's run."),
    Column("cpu", pl.String, "", "Processor's name."),
    Column("cores_logical", pl.Int64, "cores", "Logical cores of the machine."),
    Column("cores_usable", pl.Int64, "cores", "Cores that this process may use."),
    Column("memory_bytes", pl.Int64, "bytes", "Memory that this process may use."),
    Column("gpus", pl.List(pl.String), "", "Accelerators found; empty if none."),
    Column("gpu_reason", pl.String, "", "Why none could be read; null if some were."),
    Column("system", pl.String, "", "Operating system and kernel."),
    Column("python", pl.String, "", "Version of Python."),
    Column("container", pl.Boolean, "", "Whether it runs in a container; null if unknown."),
)

RAW_TABLES: dict[str, tuple[Column, ...]] = {"records": RECORDS, "stream": STREAM}
