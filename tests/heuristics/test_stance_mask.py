from __future__ import annotations

import polars as pl

from stages.heuristics.stance_mask import masked
from stages.heuristics.topics import topic_patterns


def mask(text: str, *topics: str) -> str:
    first, second = topic_patterns((topics[0], topics[1])) or ("", "")
    frame = pl.DataFrame({"text": [text], "first": [first], "second": [second]})
    return masked(frame)["masked"][0]


def test_topics_become_letters() -> None:
    said = mask("- The **Volcano’s** heat, and tax law.", "volcanoes", "tax law")
    assert said == "the A's heat, and B."


def test_a_name_of_several_words_is_one_letter() -> None:
    said = mask("The rings of Saturn aren't alimony; SATURN is.", "rings of Saturn", "alimony")
    assert said == "the A aren't B; A is."


def test_a_topic_that_stands_in_the_other_is_not_found_in_its_name() -> None:
    text = "Guinea pigs don't come from Guinea."
    assert mask(text, "guinea pigs", "Guinea") == "A don't come from B."
    assert mask(text, "Guinea", "guinea pigs") == "B don't come from A."
    assert mask("A Swiss cheese is a cheese", "cheese", "Swiss cheese") == "a B is a A"


def test_the_former_and_the_latter() -> None:
    assert mask("The former runs, the latter sits.", "cheetahs", "chess") == "A runs, B sits."


def test_rows_keep_their_order_over_different_topics() -> None:
    frame = pl.DataFrame(
        {
            "text": ["a cat", "a dog", "a cat"],
            "first": ["cat", "dog", "cat"],
            "second": ["x", "y", "x"],
        }
    )
    assert masked(frame)["masked"].to_list() == ["a A"] * 3


def test_capitals_of_the_text_are_no_topics() -> None:
    assert mask("A and B", "volcanoes", "tax law") == "a and b"
