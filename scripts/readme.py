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


def table() -> str:
    """The run's summary, one row a model, as Markdown."""
    with duckdb.connect(str(DATABASE), read_only=True) as database:
        rows = database.execute(
            """
            SELECT model, n, failed, thinking_tokens_p50, first_token_s_p50, tokens_per_s_p50,
                   memory_peak_bytes / 1048576 AS memory_mib
            FROM model_summary ORDER BY model
            """
        ).fetchall()
    head = (
        "| model | responses | failed | thinking tokens (median) | first token (median, s) "
        "| tokens/s (median) | peak memory (MiB) |"
    )
    lines = [head, "|---" + "|---:" * 6 + "|"]
    for model, *figures in rows:
        lines.append(f"| `{model}` | " + " | ".join(_figure(figure) for figure in figures) + " |")
    return "\n".join(lines)


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if isinstance(value, float) and value < 10 else f"{value:.0f}"


if __name__ == "__main__":
    main()
