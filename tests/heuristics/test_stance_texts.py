"""Features of a whole text, each from a text in which a reader sees them."""

from __future__ import annotations

import polars as pl
import pytest

from stages.heuristics.stance_judge import patterns
from stages.heuristics.stance_sentences import marked_sentences
from stages.heuristics.stance_texts import SAYS, texts

TOPICS = ["volcanoes", "tax law"]


def features(answer: str, **says: list[float]) -> dict[str, float]:
    """Of an answer of which no sentence says anything, but for the probabilities given."""
    frame = pl.DataFrame({"response_id": ["r"], "text": [answer], "topics": [TOPICS]})
    frame = frame.join(patterns(frame), on="topics")
    marked = marked_sentences(frame, "text")
    none = [0.0] * marked.height
    return texts(
        marked.with_columns(pl.Series(one, says.get(one, none)) for one in SAYS)
    ).to_dicts()[0]


@pytest.mark.parametrize(
    ("answer", "announced"),
    [
        ("Here are some similarities between volcanoes and tax law:\n- heat\n- pressure", 1),
        ("## What they have in common\n\nVolcanoes grow. Tax law grows.", 1),
        ("Volcanoes and tax law share nothing. There are no similarities:\n- heat", 0),
        ("There are some similarities between volcanoes and tax law. Both grow.", 0),
        ("Volcanoes:\n- heat\n\nTax law:\n- paper", 0),
        ("Here are some similarities between volcanoes and tax law, not that any matters:", 0),
        ("## Here are some similarities between volcanoes and tax law?", 0),
    ],
)
def test_a_line_that_leads_in_to_links_announces_them(answer: str, announced: int) -> None:
    assert features(answer)["announced"] == announced


def test_a_link_counts_after_a_denial_and_before_one() -> None:
    answer = "They aren't related. Yet both grow. So much for that."
    found = features(answer, denial=[0.9, 0.0, 0.0], link=[0.0, 0.8, 0.0])
    assert found["denial_most"] == found["denial_opening"] == 0.9
    assert found["link_after_denial"] == pytest.approx(0.72)
    assert found["link_before_denial"] == found["link_closing"] == 0
    turned = features(answer, denial=[0.0, 0.0, 0.9], link=[0.0, 0.8, 0.0])
    assert turned["link_before_denial"] == pytest.approx(0.72)
    assert turned["link_after_denial"] == 0


def test_each_topic_told_in_its_own_place() -> None:
    apart = features("# Volcanoes\n\nVolcanoes are hot.\n\n# Tax law\n\nTax law is dry.")
    assert (apart["heading_each"], apart["own_places"], apart["alternations"]) == (
        1, 1, pytest.approx(0.693, abs=0.001),
    )  # fmt: skip
    mingled = features("Volcanoes are hot. Tax law is dry. Volcanoes grow. Tax law grows.")
    assert (mingled["heading_each"], mingled["own_places"]) == (0, 0)
    assert mingled["alternations"] == pytest.approx(1.386, abs=0.001)  # three changes
