from __future__ import annotations

import subprocess
import unicodedata
from html.parser import HTMLParser

import pypandoc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.reporting import escape
from stages.reporting.escape import block, excerpt, inline, visible, without_folders
from stages.reporting.fallback import FORMAT

HOSTILE = [
    "{{< env HOME >}}",
    "{{{< include /etc/passwd >}}}",
    "<script>alert(1)</script><b>bold</b>",
    "</div></div><h1>out</h1>",
    "```{=html}\n<b>raw</b>\n```",
    "```{python}\n#| label: x\nprint(1)\n```",
    "`<b>x</b>`{=html}",
    "$x^2$ $$\\sum$$ \\(a\\) \\[b\\]",
    "[@cite] @fig-one -@see [link](javascript:alert(1)) ![i](https://x.y/z.png)",
    "::: {.callout-note}\nhidden\n:::",
    "::::::::::\n{.x}\n::::::::::",
    '#import "a.typ"\n#read("/etc/passwd")\n= heading\n- item\n+ item\n/ term: x\n// gone /* x */',
    "---\ntitle: other\n---",
    "text[^1]\n\n[^1]: note ^[inline]",
    "# heading\n\nTitle\n=====\n\nTitle\n-----",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\nTable: caption",
    "    code\n\n\tcode\n\n1. one\n2. two\n\n(@a) three\n\nterm\n:   definition",
    "-- --- ... \"quoted\" 'single' it's",
    "https://example.org <https://example.org> www.example.org me@example.org :smile:",
    "&lt;b&gt; &amp; &#60; &copy; \\< \\& \\",
    "*a* _b_ ~c~ ^d^ **e** ~~f~~ [g]{.h} <!-- gone --> \\LaTeX{}",
    "a\u202eb\u200bc\x00\x1b[31m\ufeff\u2028d\x85",
    "日本語 😀👨\u200d👩\u200d👧 العربية café",
    "word" * 60,
    "  two  spaces   three  \n\n\n\n   x",
]

text = st.text(st.characters(codec="utf-8"), max_size=80)
signs = "`$@#*_-+=|\\[](){}<>&:;!~^\"'.%\n\t 1a"
markup = st.lists(st.sampled_from([*HOSTILE, *signs]), max_size=8)


class Page(HTMLParser):
    """Collects the text of each ``div.model`` and every tag of the page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self._line_break = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "div":
            assert attrs == [("class", "model")]
            self.texts.append("")
        else:
            assert not attrs
        self._line_break = tag == "br"
        if tag == "br":
            self.texts[-1] += "\n"

    def handle_data(self, data: str) -> None:
        if self.texts:
            # Pandoc ends the line of its own source after a <br>
            self.texts[-1] += data.removeprefix("\n") if self._line_break else data
        self._line_break = False


def shown(markdown: list[str]) -> Page:
    source = "\n\n".join(f"::: {{.model}}\n{part}\n:::" for part in markdown)
    html = subprocess.run(
        [pypandoc.get_pandoc_path(), "--from", FORMAT, "--to", "html5", "--wrap=preserve"],
        input=source, capture_output=True, text=True, encoding="utf-8", check=True,
    ).stdout  # fmt: skip
    page = Page()
    page.feed(html)
    return page


def words(said: str) -> list[str]:
    return visible(said).replace("\u00a0", " ").split()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(text, markup.map("".join)), min_size=1, max_size=10))
def test_whatever_is_said_is_shown_as_text(said: list[str]) -> None:
    page = shown([block(one) for one in said])
    assert page.tags <= {"div", "p", "br"}
    found = [one.replace("\u00a0", " ").split() for one in page.texts]
    assert found == [words(one) for one in said]


@pytest.mark.parametrize("said", HOSTILE)
def test_hostile_lines_keep_their_lines(said: str) -> None:
    (found,) = shown([block(said)]).texts
    lines = [line.split() for line in visible(said).replace("\u00a0", " ").split("\n")]
    kept = [line.split() for line in found.replace("\u00a0", " ").split("\n")]
    assert [line for line in kept if line] == [line for line in lines if line]


@given(text)
def test_one_line_stays_one_line(said: str) -> None:
    assert "\n" not in inline(said)


@given(st.text(max_size=200))
def test_only_entities_letters_and_digits_are_left(said: str) -> None:
    left = block(said).replace("`\u200b`{=typst}", "").replace("\\\n", " ")
    assert set(left) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,&#; \n")


@given(st.text())
def test_nothing_invisible_is_left(said: str) -> None:
    kept = {unicodedata.category(c) for c in visible(said) if c not in "\n\u200c\u200d"}
    assert not kept & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_hidden_characters_are_named() -> None:
    assert visible("a\u202eb\x00c\x7f\ud800\ufffe") == "a⟨U+202E⟩b␀c␡⟨U+D800⟩⟨U+FFFE⟩"
    assert visible("a\r\nb\rc\td") == "a\nb\nc\u00a0\u00a0\u00a0\u00a0d"
    assert visible("👨\u200d👩") == "👨\u200d👩"


def test_excerpts_say_what_is_left_out() -> None:
    assert excerpt("abc", 3) == "abc"
    assert excerpt("abcdef", 2) == (
        "ab\n\n[… (4 more characters; `overthink show` prints all)]{.more}"
    )


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("/home/me/models/x.gguf: no such file", "…/x.gguf: no such file"),
        (r"C:\Users\me\x.gguf is gone", "…/x.gguf is gone"),
        ("open ~/x/y.gguf", "open …/y.gguf"),
        ("GET http://127.0.0.1:9/v1/chat gave 500 and/or 404", None),
    ],
)
def test_folders_of_the_machine_are_left_out(said: str, left: str | None) -> None:
    assert without_folders(said) == (left or said)


def test_no_word_holds_the_three_colons_that_quarto_warns_of() -> None:
    for text in (":::", "a:::::b", "::: {.x}"):
        words = inline(text).replace("&#58;", ":").split(escape._BREAK)
        assert not any(":::" in word for word in words)
