"""From the page's source and the database to HTML and PDF, by Quarto or without it."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import yaml

import stages
from stages.errors import UserError
from stages.files import replacing
from stages.plans.report import ReportPlan
from stages.reporting import fallback, quarto
from stages.reporting.qmd import HEADER
from stages.reporting.results import DATA_VARIABLE, RENDERER_VARIABLE, last_request

_SOURCES = ("report.qmd", "theme.css", "theme.typ")
_TITLE_PLAIN = frozenset(" ,.:;!?()")


def render(data: Path, reports: Path) -> str:
    """Write ``report.html`` and ``report.pdf`` into ``reports``; returns what rendered them.

    Rendered in a folder of its own, so that two renders never mix and a failed one leaves the
    earlier report. The page's date is the last request's, not today's: the same results give the
    same bytes. Raises ``RunFailed`` if a renderer fails, ``UserError`` without a database.
    """
    if not (data / "results.duckdb").is_file():
        raise UserError(f"{data.name}/results.duckdb: missing; run `dvc repro`, which makes it")
    plan = ReportPlan.read(data / "plan" / "report.json")
    version = quarto.version()
    renderer = f"Quarto {version}" if version else fallback.describe()
    asked = last_request(data)
    with tempfile.TemporaryDirectory(prefix="overthink-report-") as temporary:
        folder = Path(temporary)
        for name in _SOURCES:
            shutil.copyfile(reports / name, folder / name)
        _head(folder / "report.qmd", plan, asked)
        (quarto if version else fallback).render(
            folder, _environment(data, folder, renderer, asked)
        )
        for name in ("report.html", "report.pdf"):
            with replacing(reports / name) as part:
                shutil.copyfile(folder / name, part)
    return renderer


def _head(page: Path, plan: ReportPlan, asked: datetime | None) -> None:
    """Put the title, author and date into the page's header."""
    text = page.read_text(encoding="utf-8")
    found = HEADER.match(text)
    assert found is not None, "the page has a header"
    said = {
        "title": _plain(plan.title),
        "author": _plain(plan.author),
        "date": f"{asked:%Y-%m-%d}" if asked else "",
    }
    header = yaml.safe_load(found[1]) | {name: text for name, text in said.items() if text}
    head = yaml.safe_dump(header, sort_keys=False, allow_unicode=True)
    page.write_text(f"---\n{head}---\n{text[found.end() :]}", encoding="utf-8")


def _plain(text: str) -> str:
    """Text for a header. Ordinary punctuation stays, as a browser's tab shows entities as such."""
    return "".join(
        c if c.isalnum() or c in _TITLE_PLAIN else f"&#{ord(c)};" for c in " ".join(text.split())
    )


def _environment(data: Path, folder: Path, renderer: str, asked: datetime | None) -> dict[str, str]:
    epoch = int(asked.replace(tzinfo=UTC).timestamp()) if asked else 0
    return {
        "SOURCE_DATE_EPOCH": str(epoch),
        **os.environ,
        DATA_VARIABLE: str(data.absolute()),
        RENDERER_VARIABLE: renderer,
        # This program's own code, also from a copy of the project beside an installed one.
        "PYTHONPATH": str(Path(stages.__file__).parent.parent.absolute()),
        "PYTHONHASHSEED": "0",
        "IPYTHONDIR": str(folder / "ipython"),  # whatever starts up with the user's own stays out
    }
