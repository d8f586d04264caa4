"""The few constructs of Quarto that ``report.qmd`` uses, for where Quarto itself isn't there.

These and no others: a YAML header; Python cells fenced by three backticks and ``{python}``, with
``#|`` options of which ``label`` is required and ``output: asis`` puts what the cell prints into
the page as Markdown (without it, nothing of it is shown); Pandoc's Markdown between the cells. No
code is shown. Pictures are files that a cell writes and names in its Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

HEADER = re.compile(r"\A---\n(.*?\n)---\n", re.DOTALL)
"""The YAML header; its first group is the YAML."""

_CELL = re.compile(r"^```\{python\}\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
_OTHER = re.compile(r"^`{3,}\s*\{(?!=|\.)", re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """A Python cell: its label, its code, and whether what it prints is part of the page."""

    label: str
    code: str
    asis: bool


@dataclass(frozen=True)
class Document:
    """A page: its header, and Markdown and cells in turn."""

    header: dict[str, Any]
    parts: tuple[str | Cell, ...]

    @property
    def cells(self) -> list[Cell]:
        """The cells in order."""
        return [part for part in self.parts if isinstance(part, Cell)]

    def markdown(self, printed: Sequence[str]) -> str:
        """The page with each cell replaced by what it printed, in the order of ``cells``."""
        said = iter(printed)
        return "\n\n".join(
            part if isinstance(part, str) else text if part.asis else ""
            for part in self.parts
            for text in [next(said) if isinstance(part, Cell) else ""]
        )


def parse(text: str) -> Document:
    """Read a page. Raises ``ValueError`` for a construct that isn't one of the above."""
    text = text.replace("\r\n", "\n")
    header = HEADER.match(text)
    if header is None:
        raise ValueError("it doesn't begin with a YAML header")
    parts: list[str | Cell] = []
    at = header.end()
    for match in _CELL.finditer(text, at):
        parts += [text[at : match.start()], _cell(match[1])]
        at = match.end()
    parts.append(text[at:])
    for part in parts:
        if isinstance(part, str) and _OTHER.search(part):
            raise ValueError("only cells of Python, closed by three backticks, are understood")
    return Document(yaml.safe_load(header[1]), tuple(parts))


def _cell(body: str) -> Cell:
    lines = body.splitlines(keepends=True)
    marked = [line for line in lines if line.startswith("#|")]
    options = yaml.safe_load("".join(line[2:].removeprefix(" ") for line in marked)) or {}
    if "label" not in options:
        raise ValueError("a cell has no label")
    if unknown := options.keys() - {"label", "output"}:
        raise ValueError(f"cell {options['label']}: unknown options {sorted(unknown)}")
    code = "".join(line for line in lines if not line.startswith("#|"))
    return Cell(options["label"], code, options.get("output") == "asis")
