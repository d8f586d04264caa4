"""The columns of every table that others rely on: name, type, unit, meaning.

The raw tables have their columns where they are made (``stages/records.py``,
``stages/trace/schema.py``); ``scores`` has those that the heuristics declare.
"""

from __future__ import annotations

import polars as pl

from stages.columns import Column
from stages.records import ENVIRONMENT, RECORDS
from stages.trace.schema import TRACE_TABLES

_RAW = {column.name: column for column in RECORDS}
_RESPONSE_ID = _RAW["response_id"]

RESPONSES = (
    _RESPONSE_ID,
    Column("source", pl.String, "", "Where it comes from: a model's key, a test or an import."),
    _RAW["model"],
    _RAW["prompt_id"],
    _RAW["epoch"],
    _RAW["arm"],
    _RAW["test"],
    _RAW["turn"],
    _RAW["seed"],
    Column("status", pl.String, "", "ok, truncated, error, timeout or refused."),
    Column("reason", pl.String, "", "Why it isn't ok, or what was cut; null where ok."),
    _RAW["fault"],
    _RAW["tries"],
    Column("thinking", pl.String, "", "The thinking; null if there was none."),
    Column("answer", pl.String, "", "The answer; null if the thinking never ended or it failed."),
    _RAW["thinking_mode"],
    _RAW["thought_end"],
    _RAW["prompt_tokens"],
    Column(
        "prompt_shortened",
        pl.Boolean,
        "",
        "Whether the server silently left out some of the prompt, by its own count of it (see "
        "stages/transcript/shortened.py); false where nothing shows it; null where unknown.",
    ),
    _RAW["output_tokens"],
    Column("thinking_tokens", pl.Int64, "tokens", "Tokens of the thinking; null if unknown."),
    Column("answer_tokens", pl.Int64, "tokens", "Tokens of the answer; null if unknown."),
    Column("tokens_method", pl.String, "", "engine, tokenizer or estimated; null if unknown."),
    Column(
        "tokens_unattributed",
        pl.Int64,
        "tokens",
        "output_tokens − thinking_tokens − answer_tokens, e.g. the token that ends the turn; null "
        "where one of them is unknown.",
    ),
    _RAW["session_id"],
    _RAW["request_ns"],
    Column("first_token_ns", pl.Int64, "ns", "Arrival of the first generated text."),
    Column("first_answer_ns", pl.Int64, "ns", "Arrival of the first text of the answer."),
    _RAW["end_ns"],
    Column("thinking_s", pl.Float64, "s", "First thinking to first answer; null if either lacks."),
    _RAW["started_at"],
    _RAW["load_ns"],
    _RAW["prefill_ns"],
    _RAW["decode_ns"],
    _RAW["engine"],
    _RAW["engine_version"],
    _RAW["weights_digest"],
    _RAW["template_hash"],
    _RAW["options"],
    _RAW["also_held"],
    _RAW["reused"],
    _RAW["traced_as"],
)

CHUNKS = (
    _RESPONSE_ID,
    Column("index", pl.Int64, "", "Order within the response, from 0."),
    Column("t_ns", pl.Int64, "ns", "Monotonic time of arrival; null for an import."),
    Column("part", pl.String, "", "thinking or answer."),
    Column("tokens", pl.Int64, "tokens", "Tokens of the chunk; null if unknown."),
    Column("characters", pl.Int64, "characters", "Length of the chunk's text."),
)

NOTES = (
    _RESPONSE_ID,
    Column("heuristic", pl.String, "", "The column of scores that it is about."),
    Column("kind", pl.String, "", "evidence, or reason (why there is no value)."),
    Column("part", pl.String, "", "thinking or answer; null for a reason."),
    Column("start", pl.Int64, "characters", "Offset of the evidence in that part."),
    Column("end", pl.Int64, "characters", "Offset after the evidence."),
    Column("confidence", pl.Float64, "", "0 to 1; null where the heuristic gives none."),
    Column("text", pl.String, "", "The evidence itself, or the reason in words."),
)

MODELS = (
    Column("model", pl.String, "", "Key of the model, in the order of params.yaml (see position)."),
    Column("position", pl.Int64, "", "Order in params.yaml, from 1."),
    Column("source", pl.String, "", "Tag or file as the user wrote it."),
    Column("demo", pl.Boolean, "", "A demonstration: nothing is recommended from it."),
    Column("thinking_mode", pl.String, "", "none, native or prompted, as asked for."),
    Column("engine", pl.String, "", "embedded or ollama."),
    Column("engine_version", pl.String, "", "Version of the engine when it was pulled."),
    Column("name", pl.String, "", "The model's own name."),
    Column("weights_digest", pl.String, "", "sha256 of the weights."),
    Column("manifest_digest", pl.String, "", "sha256 of the registry's manifest; null for a file."),
    Column("template_hash", pl.String, "", "sha256 of the chat template."),
    Column("size_bytes", pl.Int64, "bytes", "Size of the weights."),
    Column("quantisation", pl.String, "", "Quantisation."),
    Column("family", pl.String, "", "Architecture."),
    Column("parameters", pl.Int64, "", "Number of weights."),
    Column("context_length", pl.Int64, "tokens", "Longest context that it was trained for."),
    Column("license", pl.String, "", "Licence, as the file or the registry names it."),
    Column("parent", pl.String, "", "The model that it was made from."),
)

PROMPTS = (
    Column("prompt_id", pl.String, "", "The prompt."),
    Column("set", pl.String, "", "Its file in data/prompts."),
    Column("turns", pl.List(pl.String), "", "The user's turns in order."),
    Column("topics", pl.List(pl.String), "", "Its two topics; null if it isn't a two-topic one."),
    Column("truth", pl.String, "", "related or unrelated; null if not stated."),
    Column("reference", pl.List(pl.String), "", "Right answers; null if there is none."),
    Column("pair", pl.String, "", "The control that it is compared with."),
    Column("reconstructed", pl.Boolean, "", "Worded by us, where the original isn't shown."),
)

PHASES = (
    _RESPONSE_ID,
    Column("phase", pl.String, "", "load, prefill, thinking or answer."),
    Column("session_id", pl.String, "", "The measuring process's run."),
    Column("start_ns", pl.Int64, "ns", "Monotonic time of its start."),
    Column("end_ns", pl.Int64, "ns", "Monotonic time of its end."),
    Column("seconds", pl.Float64, "s", "Its length."),
    Column("cpu_s", pl.Float64, "s", "CPU time of the model's processes; null if unseen."),
    Column("cores_used", pl.Float64, "cores", "cpu_s ÷ seconds."),
    Column("memory_peak_bytes", pl.Int64, "bytes", "Largest resident memory of the processes."),
    Column("memory_mean_bytes", pl.Int64, "bytes", "Mean resident memory of the processes."),
    Column("read_bytes", pl.Int64, "bytes", "Read from storage by the processes."),
    Column("written_bytes", pl.Int64, "bytes", "Written to storage by the processes."),
    Column("minor_faults", pl.Int64, "faults", "Page faults served without a disk."),
    Column("major_faults", pl.Int64, "faults", "Page faults that read a disk."),
    Column("gpu_utilisation", pl.Float64, "%", "Mean over devices and ticks; null without a GPU."),
    Column("gpu_memory_peak_bytes", pl.Int64, "bytes", "Largest memory in use of all devices."),
    Column(
        "energy_j",
        pl.Float64,
        "J",
        "Energy of the devices in energy_of, as attributed to this model; what they'd have used "
        "idle is in it.",
    ),
    Column(
        "energy_low_j",
        pl.Float64,
        "J",
        "Least that it can have been, by the counters' steps and, of a GPU that several models "
        "used, by how they may have shared it.",
    ),
    Column("energy_high_j", pl.Float64, "J", "Most that it can have been, likewise."),
    Column("energy_idle_j", pl.Float64, "J", "Of it, what the devices draw idle; null if unknown."),
    Column("energy_of", pl.List(pl.String), "", "Devices that are in it: GPU 0, package-0, dram."),
    Column("energy_method", pl.String, "", "counter, power samples, or both by device."),
    Column("energy_reason", pl.String, "", "Why there is no energy; null where there is."),
    Column(
        "energy_estimate_j",
        pl.Float64,
        "J",
        "An estimate, not a measurement: the CPU's TDP that the user gave × the share of its cores "
        "that the model's processes used × seconds; null where no TDP is given.",
    ),
)

VALIDATION = (
    Column("heuristic", pl.String, "", "The heuristic."),
    Column("measure", pl.String, "", "balanced_accuracy, recall:CLASS, …"),
    Column("value", pl.Float64, "", "The figure."),
    Column("low", pl.Float64, "", "Lower end of the 95 % interval; null if none."),
    Column("high", pl.Float64, "", "Upper end of the 95 % interval; null if none."),
    Column("n", pl.Int64, "", "Labelled texts behind it."),
    Column("method", pl.String, "", "How it was measured."),
)

TABLES: dict[str, tuple[Column, ...]] = {
    "responses": RESPONSES,
    "chunks": CHUNKS,
    "notes": NOTES,
    "models": MODELS,
    "prompts": PROMPTS,
    "environment": ENVIRONMENT,
    "phases": PHASES,
    "validation": VALIDATION,
    **TRACE_TABLES,
}
