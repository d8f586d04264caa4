from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.heuristics import language
from stages.heuristics.language import (
    ENGLISH,
    OTHERS,
    ascii_edges,
    forget,
    is_brief_english,
    is_english,
    is_short_english,
)


def english(text: str | None) -> bool | None:
    return (
        pl.DataFrame({"t": [text]}, schema={"t": pl.String}).select(is_english(pl.col("t"))).item()
    )


@pytest.mark.parametrize(
    "text",
    [
        "There is no connection between the two.",
        "No link that I know of.",
        "None.",
        "",
        "42",
        "# Volcanoes\n\nA volcano is a vent in the crust of the Earth from which lava flows.",
        "The word 世界 means world and it is written with two characters.",
    ],
)
def test_english(text: str) -> None:
    assert english(text)


@pytest.mark.parametrize(
    "text",
    [
        "Es gibt keine Verbindung zwischen den beiden Themen, sie haben nichts miteinander zu tun.",
        "Il n'y a aucun lien entre les deux sujets, ce sont des domaines différents.",
        "No hay ninguna relación entre los dos temas; son cosas distintas.",
        "Er is geen verband tussen de twee onderwerpen; ze hebben niets met elkaar te maken.",
        "Não existe relação entre os dois temas, são áreas distintas.",
        "Der er ingen sammenhæng mellem de to emner, og de har intet med hinanden at gøre.",
        "这两个主题之间没有任何联系。",
        "Между этими темами нет никакой связи.",
        "この二つの話題には関係がありません。",
        "Of het is waar of niet is de vraag; het is van belang en het is van de stad of het land.",
        "Nie ma związku między tymi dwoma tematami.",
    ],
)
def test_other_languages(text: str) -> None:
    assert english(text) is False


def test_no_text_has_no_language() -> None:
    assert english(None) is None


def test_a_reply_of_few_words_is_english_if_all_of_them_are() -> None:
    replies = ["No.", "Nope, not related", "YES!", "no hay", "Nein.", "42", "", None, "no " * 30]
    found = pl.DataFrame({"t": replies}).select(is_brief_english(pl.col("t"))).to_series()
    assert found.to_list() == [True, True, True, False, False, False, False, None, False]


def test_a_short_text_is_english_if_a_word_of_it_tells_so() -> None:
    short = ["Sam pays 10 dollars.", "x = 2", "Sam bezahlt 10 Dollar.", "Elle paie 10 euros.",
             "Keine Ahnung.", "He pays für nichts", "Joe.", "pays " * 26,
             "We zeggen niets.", "No he comido."]  # fmt: skip
    found = pl.DataFrame({"t": short}).select(is_short_english(pl.col("t"))).to_series()
    assert found.to_list() == [True, True, False, False, False, False, False, False, False, False]


def by_definition(text: pl.Expr) -> pl.Expr:
    """The words of the docstring as patterns, on the text as it is."""
    words = text.str.count_matches(r"\p{L}+(?:['’]\p{L}+)*")
    english, others = (
        text.str.count_matches(rf"(?i)\b(?:{'|'.join(known.split())})\b")
        for known in (ENGLISH, OTHERS)
    )
    foreign = text.str.count_matches(r"[\p{L}&&[^\p{Latin}]]")
    letters = text.str.count_matches(r"\p{L}")
    least = pl.when(words <= 25).then(0.10).otherwise(0.12)
    known = (foreign <= 0.2 * letters) & (english > others) & (english >= least * words)
    return (words == 0) | known


WORDS = [
    "the", "of", "i'm", "don't", "don’t", "I'm", "and", "der", "não", "się", "est", "x", "he", "42",
    "the_", "the2", "thé", "éthe", "theé", "isı", "世界", "the等", "ПРИ", "αβ", "O'the", "’the",
    "the’", "e\u0301the", "the\u0301", "٣the", "–", "Ω", "π", "’", "'", "-",
]  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(WORDS), max_size=8), st.sampled_from(["", " ", "-", "\n"])
        ).map(lambda drawn: drawn[1].join(drawn[0])),
        max_size=5,
    )
)
def test_it_finds_what_the_definition_finds(texts: list[str]) -> None:
    frame = pl.DataFrame({"t": texts}, schema={"t": pl.String})
    both = frame.select(is_english(pl.col("t")).alias("a"), by_definition(pl.col("t")).alias("b"))
    assert both["a"].to_list() == both["b"].to_list()


def test_a_column_is_judged_once_however_often_it_is_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forget()
    judged: list[int] = []
    real = language._judged
    monkeypatch.setattr(
        language, "_judged", lambda texts: (judged.append(len(texts)), real(texts))[1]
    )
    frame = pl.DataFrame({"a": ["It is the end.", None], "b": ["Das ist das Ende.", "It is it."]})
    for _ in range(2):
        found = frame.select(is_english(pl.col("a", "b")))
        assert found["a"].to_list() == [True, None]
        assert found["b"].to_list() == [False, True]
    assert judged == [2, 2]
    assert frame.reverse().select(is_english(pl.col("a")))["a"].to_list() == [None, True]


def test_what_is_remembered_is_little() -> None:
    for number in range(20):
        pl.DataFrame({"t": [str(number)]}).select(is_english(pl.col("t")))
    assert len(language._verdicts) <= 4


def test_edges_of_words_as_ascii_has_them() -> None:
    texts = pl.Series(["wait, éwait await wait等"])
    assert texts.str.count_matches(ascii_edges(r"\bwait\b")).to_list() == [3]


ENGLISH_TEXT = "This is what they said of it, and it was the best that there is. "
DUTCH_TEXT = "Dat is wat ze ervan zeiden, en het was niet het beste dat er is voor een mens. "


@pytest.mark.parametrize(
    ("read", "between", "english"),
    [(ENGLISH_TEXT, DUTCH_TEXT, True), (DUTCH_TEXT, ENGLISH_TEXT, False)],
)
def test_a_long_text_is_read_at_three_places(read: str, between: str, english: bool) -> None:
    place, rest = (read * 20)[:1_100], (between * 60)[:4_000]
    texts = pl.Series("text", [place + rest + place + rest + place, "Good."])
    before = texts.to_list()
    verdicts = texts.to_frame().select(is_english(pl.col("text"))).to_series()
    assert verdicts[0] is english
    assert texts.to_list() == before
