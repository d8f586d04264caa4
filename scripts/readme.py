"""Put what the last run gave into the README: a summary of its results and the report's picture.

Run by ``make readme`` after ``make repro``. Everything comes from that run's files, so it can be
made again at any time.
"""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path

import duckdb
import pypdfium2

README = Path("README.md")
PICTURE = Path("docs/report.png")
DATABASE = Path("data/results.duckdb")
PDF = Path("reports/report.pdf")
LONGEST = 240  # characters of a model's words


def main() -> None:
    """Replace the generated block and the picture."""
    if not (DATABASE.exists() and PDF.exists()):
        sys.exit("readme: no results here yet; run `make repro` first")
    with duckdb.connect(str(DATABASE), read_only=True) as database:
        parts = [table(database), words(database)]
    block = "<!-- generated: run -->\n" + "\n\n".join(parts) + "\n<!-- end -->"
    text = README.read_text("utf-8")
    pattern = r"<!-- generated: run -->.*?<!-- end -->"
    README.write_text(re.sub(pattern, lambda _: block, text, flags=re.DOTALL), "utf-8")
    PICTURE.parent.mkdir(exist_ok=True)
    page = pypdfium2.PdfDocument(PDF)[0]
    page.render(scale=1.5).to_pil().save(PICTURE, optimize=True)


MEASURES = {
    "first_token_s": "first token, s",
    "thinking_s": "thinking, s",
    "thinking_tokens": "thinking, tokens",
    "overthinking_ratio": "thinking ÷ answer",
    "tokens_per_s": "tokens/s",
    "memory_peak_gib": "peak memory, GiB",
}


def table(database: duckdb.DuckDBPyConnection) -> str:
    """The run's medians with their intervals and n, one row a measure, as Markdown."""
    rows = database.execute(
        "SELECT model, measure, median, low, high, n, interval FROM model_summary ORDER BY position"
    ).fetchall()
    models: dict[str, dict[str, str]] = {}
    for model, measure, median, low, high, n, _ in rows:
        figure = f"{median:.3g} ({low:.3g}–{high:.3g}), n {n}"
        models.setdefault(model, {})[measure] = figure
    lines = [
        f"| median (interval: {rows[0][-1]}), n | {' | '.join(f'`{model}`' for model in models)} |",
        "|---" + "|---:" * len(models) + "|",
    ]
    for measure, name in MEASURES.items():
        figures = [measured.get(measure, "–") for measured in models.values()]
        lines.append(f"| {name} | {' | '.join(figures)} |")
    return "\n".join(lines)


def words(database: duckdb.DuckDBPyConnection) -> str:
    """The beginning of what each model made of two topics that have nothing in common."""
    rows = database.execute(
        """
        SELECT model, turns[1], thinking, answer FROM responses JOIN prompts USING (prompt_id)
        WHERE prompt_id = 'test2' AND epoch = 1 AND arm = 'solo' ORDER BY model
        """
    ).fetchall()
    lines = [f"> {rows[0][1]}", ""]
    for model, _, thinking, answer in rows:
        if thinking:
            lines += [f"{model} thinks: {_beginning(thinking)}", ""]
        lines += [f"{model}: {_beginning(answer or '(no answer)')}", ""]
    return "```text\n" + "\n".join(lines).rstrip() + "\n```"


def _beginning(text: str) -> str:
    """One line that can't end the block that it stands in."""
    plain = " ".join("".join(c if c.isprintable() and c != "`" else " " for c in text).split())
    return textwrap.fill(textwrap.shorten(plain, LONGEST, placeholder=" …"), 90)


if __name__ == "__main__":
    main()
