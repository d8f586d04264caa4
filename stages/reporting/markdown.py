"""The few Markdown shapes that the page is made of, each shown alike by HTML and by Typst.

Pandoc gives a Div's class to HTML alone; for Typst the same name is called as a function of the
theme, in raw blocks around it.
"""

from __future__ import annotations

from collections.abc import Sequence

from stages.reporting.escape import inline

_WIDE = 100  # Pandoc wraps cells, by the dashes' widths, only where a row is longer than its line


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int], align: str = ""
) -> str:
    """A pipe table of Markdown cells; ``widths`` are relative, ``align`` has an l or r each."""
    total = sum(widths)
    rule = []
    for width, side in zip(widths, align or "l" * len(header), strict=True):
        dashes = "-" * max(3, round(_WIDE * width / total))
        rule.append(f"{dashes}:" if side == "r" else f":{dashes}")
    lines = ["| " + " | ".join(cells) + " |" for cells in (header, *rows)]
    lines[0] += " " * max(0, _WIDE - len(lines[0]))
    lines.insert(1, "|" + "|".join(rule) + "|")
    return boxed("tabled", "\n".join(lines))


def boxed(name: str, *parts: str) -> str:
    """Parts in a box of the theme: a Div of that class, and the theme's Typst function."""
    body = "\n\n```{=typst}\n][\n```\n\n".join(parts)
    fence = ":" * (3 + max((_fence(part) for part in parts), default=0))
    start = f"{fence} {{.{name}}}\n```{{=typst}}\n#{name}[\n```"
    return f"{start}\n\n{body}\n\n```{{=typst}}\n]\n```\n{fence}"


def _fence(text: str) -> int:
    """The longest fence of colons in our own Markdown: foreign text holds none."""
    return max((len(line) - len(line.lstrip(":")) for line in text.split("\n")), default=0)


def styled(name: str, text: str) -> str:
    """Markdown within a line in a style of the theme."""
    return f"`#{name}[`{{=typst}}[{text}]{{.{name}}}`]`{{=typst}}"


def cited(*views: str) -> str:
    """Where a figure comes from: the view of ``results.duckdb``."""
    names = " ".join(inline(view) for view in views)
    return styled("cited", f"{'view' if len(views) == 1 else 'views'} {names}")


def note(text: str, *views: str) -> str:
    """A remark under a table or a figure, with the views that it comes from."""
    return boxed("note", f"{text} {cited(*views)}".strip())


def figure(file: str, caption: str, alt: str, *views: str) -> str:
    """A picture with its caption. The caption shares its paragraph: a lone image is a float."""
    return boxed("picture", f"![{inline(alt)}]({file})\\\n{caption} {cited(*views)}")
