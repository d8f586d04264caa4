from __future__ import annotations

import html
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from pypdf import PdfReader

from stages import query, report
from stages.errors import RunFailed, UserError
from stages.parquet import write_parquet
from tests.fixtures import build

SOURCES = Path(__file__).parent.parent / "reports"
PAGE, PAPER = Path("reports/report.html"), Path("reports/report.pdf")
HOSTILE = (
    '{{< env HOME >}} <script>alert(1)</script> #read("x") `<i>y</i>`{=html}\n'
    "::: {.voice}\n$x$ [l](javascript:z) // /* */ @ref\n---\n```{=typst}\n#panic()\n```"
)


def prepare(root: Path, monkeypatch: pytest.MonkeyPatch, **how: bool) -> None:
    monkeypatch.chdir(build(root, **how))
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setattr("stages.reporting.quarto.version", lambda: None)
    Path("reports").mkdir()
    for name in ("report.qmd", "theme.css", "theme.typ"):
        shutil.copyfile(SOURCES / name, Path("reports") / name)


class Shape(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.text = ""
        self._skip = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._skip = tag == "style"
        for name, value in attrs:
            assert not name.startswith("on")
            if name in ("src", "href", "data", "action") and value:
                self.fetched.append(value)

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.text += data


def paper() -> str:
    return " ".join(page.extract_text() for page in PdfReader(PAPER).pages)


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b]+", "", text)


def test_the_page_of_the_tiny_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, monkeypatch)
    answers = pl.read_parquet("data/transcripts/ponder/responses.parquet")
    hostile = pl.when(response_id="p3").then(pl.lit(HOSTILE)).otherwise("answer").alias("answer")
    write_parquet(answers.with_columns(hostile), Path("data/transcripts/ponder/responses.parquet"))
    query.main([])
    report.main([])
    first, first_paper = PAGE.read_bytes(), PAPER.read_bytes()
    page = first.decode()
    shape = Shape(page)

    # the original's sections, in its order
    headings = re.findall(r"<h1[^>]*>(.*?)</h1>", page)
    assert headings == [
        "A tiny run", "Test Environment", "Selected Models", "Tested Models", "Test Method",
        "Test Outcome", "Observations", "Model Behaviors", "Summary", "References",
    ]  # fmt: skip

    # nothing is fetched, run, or taken from a model's words as markup
    assert not {"script", "iframe", "object", "form", "i"} & set(shape.tags)
    assert all(link.startswith(("#", "data:")) for link in shape.fetched)
    for line in HOSTILE.splitlines():
        assert squeezed(line) in squeezed(html.unescape(shape.text))
        assert squeezed(line) in squeezed(paper())

    # what must be said
    said = squeezed_spaces(shape.text)
    assert "Every model here is marked as a demonstration" in said
    assert "nothing is recommended from it" in said
    assert "ponder (prompted thinking) thought for 40 tokens" in said
    assert "Thought for 4 s, 40 tokens prompted thinking, the model closed it" in said
    assert "accuracy 85 % (78–91), n 120" in said
    assert "not testable here" in said
    assert "Pandoc" in said
    for view in ("run_summary", "claims", "thinking_cost", "sidebyside_slowdown", "failures"):
        assert view in shape.text

    # nothing of this machine, and no picture without words
    for place in (str(tmp_path), str(Path.home()), "/home/someone"):
        assert place not in page
        assert place not in paper()
    assert page.count("<img") == len(re.findall(r'<img[^>]* alt="[^"]{20,}"', page)) == 4

    # the same again
    report.main([])
    assert PAGE.read_bytes() == first
    assert PAPER.read_bytes() == first_paper


def squeezed_spaces(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


@pytest.mark.parametrize(
    ("how", "said"),
    [({"empty": True}, "Nothing ran."), ({"failed": True}, "the engine has gone")],
)
def test_a_run_without_a_response_still_has_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: dict[str, bool], said: str
) -> None:
    prepare(tmp_path, monkeypatch, **how)
    if how == {"failed": True}:  # the import's response came: take it away as well
        plan = Path("data/plan/query.json")
        plan.write_text(plan.read_text().replace('"chats"', ""))
    query.main([])
    report.main([])
    assert said in squeezed_spaces(Shape(PAGE.read_text()).text)
    assert said in squeezed_spaces(paper())


def test_without_a_database_the_remedy_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(tmp_path, monkeypatch)
    with pytest.raises(UserError, match="dvc repro"):
        report.main([])


def test_a_cell_that_fails_is_one_message_and_leaves_the_old_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(tmp_path, monkeypatch)
    query.main([])
    PAGE.write_text("old")
    Path("reports/report.qmd").write_text(
        "---\nformat: {}\n---\n```{python}\n#| label: a\nraise ValueError('no such view')\n```\n"
    )
    with pytest.raises(RunFailed, match=r"report\.qmd: ValueError: no such view"):
        report.main([])
    assert PAGE.read_text() == "old"
