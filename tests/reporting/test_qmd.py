from __future__ import annotations

import pytest

from stages.reporting.qmd import Cell, parse

PAGE = """---
title: T
---

# One

```{python}
#| label: first
x = 1
```

```{python}
#| label: second
#| output: asis
print(x)
```

End.
"""


def test_parts_come_in_order() -> None:
    document = parse(PAGE)
    assert document.header == {"title": "T"}
    assert document.cells == [Cell("first", "x = 1\n", False), Cell("second", "print(x)\n", True)]


def test_only_asis_cells_are_shown() -> None:
    page = parse(PAGE).markdown(["hidden", "shown\n"])
    assert "hidden" not in page
    assert page.split() == ["#", "One", "shown", "End."]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("# no header\n", "YAML header"),
        ("---\na: 1\n---\n```{python}\nx = 1\n```\n", "no label"),
        ("---\na: 1\n---\n```{r}\nx <- 1\n```\n", "only cells of Python"),
        ("---\na: 1\n---\n```{python}\n#| label: a\n", "only cells of Python"),
        ("---\na: 1\n---\n```{python}\n#| label: a\n#| eval: false\n```\n", "unknown options"),
    ],
)
def test_other_constructs_are_refused(page: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse(page)


def test_raw_blocks_for_one_format_are_markdown() -> None:
    page = "---\na: 1\n---\n```{=typst}\n#pagebreak()\n```\n"
    assert parse(page).cells == []
