"""Stage ``report``: the page, as HTML and PDF, from ``data/results.duckdb`` alone."""

from __future__ import annotations

from pathlib import Path

from stages.errors import run
from stages.reporting.render import render


def main(_arguments: list[str]) -> None:
    """Render ``reports/report.qmd`` to ``reports/report.html`` and ``reports/report.pdf``."""
    renderer = render(Path("data"), Path("reports"))
    print(f"report: reports/report.html and reports/report.pdf, by {renderer}")


if __name__ == "__main__":
    run(main)
