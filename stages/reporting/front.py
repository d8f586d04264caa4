"""What a reader wants first: what ran, what came out, and what may not be concluded from it."""

from __future__ import annotations

from stages.reporting.escape import inline
from stages.reporting.markdown import boxed, cited
from stages.reporting.numbers import accuracy, count, duration, measured, rate
from stages.reporting.results import Results


def summary(results: Results) -> str:
    """Three to five lines, each with its view."""
    lines = [_ran(results), _shortened(results), _demonstration(results)]
    if results.one("SELECT 1 FROM scored WHERE NOT failed"):
        lines += [_cost(results), _overthinking(results), _comparison(results)]
    return boxed("summary", "\n".join(f"- {line}" for line in lines if line))


def _ran(results: Results) -> str:
    run = results.one("FROM run_summary")
    assert run is not None
    if not run["responses"]:
        return "**Nothing ran.** The plan lists no model, test or import that gave a response."
    came = run["responses"] - run["failed"]
    text = f"**What ran.** {count(run['models'], 'model')}, {count(run['prompts'], 'prompt')}"
    if run["tests"]:
        text += f", {count(run['tests'], 'side-by-side test')}"
    if run["imports"]:
        text += f", {count(run['imports'], 'import')}"
    text += f": {count(run['responses'], 'response')}"
    if run["seconds"]:
        text += f" in {duration(run['seconds'])} of answering"
    if not came:
        return f"{text}. **Every one failed**; “What failed” has the reasons. {cited('failures')}"
    text += f"; {run['failed']} failed, {run['truncated']} cut short"
    if kept := results.kept():
        text += f"; {kept}"
    return f"{text}. {cited('run_summary')}"


def _shortened(results: Results) -> str:
    run = results.one("FROM run_summary")
    if run is None or not run["shortened"]:
        return ""
    return (
        f"**A caveat.** The server silently shortened the prompt of "
        f"{count(run['shortened'], 'response')}: what came doesn’t answer what was asked. "
        f"“What failed” says where, and what to do. {cited('shortened_prompts')}"
    )


def _demonstration(results: Results) -> str:
    demo = results.rows("FROM selected_models WHERE demo ORDER BY position")
    if not demo:
        return ""
    kinds = sorted({_kind(row["name"], row["parameters"]) for row in demo})
    every = results.one("SELECT 1 FROM models WHERE NOT demo") is None
    who = "Every model here is" if every else f"{count(len(demo), 'model is', 'models are')}"
    text = (
        f"**A demonstration.** {who} marked as a demonstration ({', '.join(kinds)}): it shows that "
        "the pipeline works, and nothing is recommended from it."
    )
    if any(row["thinking_mode"] == "prompted" for row in demo):
        text += (
            " Its thinking is *prompted thinking*: we opened the thought and, where need be, "
            "closed it. It isn’t a reasoning model."
        )
    return f"{text} {cited('selected_models')}"


def _kind(name: str | None, parameters: int | None) -> str:
    size = f"{parameters / 1e6:,.0f}M weights" if parameters else "size unknown"
    return f"{inline(name)}, {size}" if name else size


def _cost(results: Results) -> str:
    parts = []
    for model, found in results.measures(
        ("thinking_tokens", "thinking_s", "thinking_share")
    ).items():
        if "thinking_tokens" not in found:
            continue
        text = f"{results.named(model)} thought for {measured(found['thinking_tokens'])}"
        if "thinking_s" in found:
            text += f" and {measured(found['thinking_s'])}"
        if share := found.get("thinking_share"):
            text += f", {100 * share['median']:.0f}\u00a0% of what it wrote"
        parts.append(text)
    if not parts:
        return "**What thinking costs.** No model thought before it answered."
    kept, more = parts[:3], len(parts) - 3
    tail = f"; {count(more, 'more model')} below" if more > 0 else ""
    return (
        f"**What thinking costs**, as medians a response: {'; '.join(kept)}{tail}. "
        f"{cited('model_summary')}"
    )


def _overthinking(results: Results) -> str:
    rows = results.rows(
        "FROM overthinking WHERE verdict = 'forced_connection' ORDER BY position, model"
    )
    if not rows:
        return ""
    said = "; ".join(f"{results.named(row['model'])} {rate(row)}" for row in rows[:4])
    trust = (
        "a verdict that isn’t validated"
        if rows[0]["accuracy"] is None
        else f"on answers labelled by hand, balanced accuracy {accuracy(rows[0])}"
    )
    return (
        f"**Overthinking.** Answers that connect two unrelated topics: {said}; {trust}. "
        f"{cited('overthinking')}"
    )


def _comparison(results: Results) -> str:
    row = results.one(
        "SELECT count(*) AS n, count(*) FILTER (verdict = 'reproduced') AS yes, "
        "count(*) FILTER (verdict = 'not reproduced') AS no FROM claims"
    )
    assert row is not None
    rest = row["n"] - row["yes"] - row["no"]
    text = (
        "**Beside the original**, a write-up of 2025 whose tests this page repeats. Of its "
        f"{row['n']} claims {row['yes']} reproduced, {row['no']} not, and {rest} can’t be tested "
        f"here. {cited('claims')}"
    )
    slower = results.rows(
        "FROM sidebyside_slowdown WHERE measure = 'time_per_token' ORDER BY test, position"
    )
    if not slower:
        return text
    said = "; ".join(
        f"{results.named(row['model'])} {measured(row, 'ratio', '×')}" for row in slower[:4]
    )
    return (
        f"{text} Time a token, together ÷ alone (median of pairs): {said}. "
        f"{cited('sidebyside_slowdown')}"
    )
