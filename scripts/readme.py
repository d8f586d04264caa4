"""Put what the last run gave into the README: a summary of its results and the report's picture.

Run by ``make readme`` after ``make repro``. Everything comes from that run's files, so it can be
made again at any time.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import duckdb
import pypdfium2

README = Path("README.md")
PICTURE = Path("docs/report.png")
DATABASE = Path("data/results.duckdb")
PDF = Path("reports/report.pdf")


def main() -> None:
    """Replace the generated block and the picture."""
    if not (DATABASE.exists() and PDF.exists()):
        sys.exit("readme: no results here yet; run `make repro` first")
    block = f"<!-- generated: run -->\n{table()}\n<!-- end -->"
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


def table() -> str:
    """The run's medians with their intervals and n, one row a model, as Markdown."""
    with duckdb.connect(str(DATABASE), read_only=True) as database:
        rows = database.execute(
            "SELECT model, measure, median, low, high, n FROM model_summary ORDER BY position"
        ).fetchall()
    models: dict[str, dict[str, str]] = {}
    for model, measure, median, low, high, n in rows:
        figure = f"{median:.3g} ({low:.3g}–{high:.3g}), n {n}"
        models.setdefault(model, {})[measure] = figure
    lines = [
        f"| median (interval), n | {' | '.join(f'`{model}`' for model in models)} |",
        "|---" + "|---:" * len(models) + "|",
    ]
    for measure, name in MEASURES.items():
        figures = [measured.get(measure, "–") for measured in models.values()]
        lines.append(f"| {name} | {' | '.join(figures)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
