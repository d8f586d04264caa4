from __future__ import annotations

import polars as pl
import pytest

from stages.heuristics.language import is_english


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
