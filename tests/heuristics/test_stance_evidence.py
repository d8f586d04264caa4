from __future__ import annotations

import polars as pl

from stages.heuristics.stance_evidence import deciding

PLAIN = {"denial": 0.0, "link": 0.0, "hedge": 0.0, "of_two": False} | dict.fromkeys(
    ("heading", "asks", "short", "one", "leads_first", "leads_second", "clarifies"), False
)


def evidence(stance: str, *sentences: dict[str, object]) -> list[str]:
    """The evidence from sentences one after another, each of ten characters at most."""
    rows = [
        {"response_id": "r", "start": 20 * n, "end": 20 * n + len(str(one["text"]))}
        | {"place": n, "both": True, "about": "both"}
        | PLAIN
        | one
        for n, one in enumerate(sentences)
    ]
    verdict = pl.DataFrame({"response_id": ["r"], "stance": [stance], "confidence": [0.9]})
    return deciding(pl.DataFrame(rows), verdict)["text"].to_list()


OPENING = ({"text": "Hello."}, {"text": "You ask."})


def test_the_three_surest_links() -> None:
    links = [{"text": f"Link {n}.", "link": n / 10} for n in (9, 5, 8, 7)]
    assert evidence("connect", *OPENING, *links) == ["Link 9.", "Link 8.", "Link 7."]


def test_a_link_of_both_goes_before_a_slightly_surer_one_of_either() -> None:
    of_one = {"text": "It grows.", "link": 0.8, "both": False, "one": True}
    links = [{"text": f"Both {n}.", "link": n / 10} for n in (7, 6)]
    assert evidence("mixed", *OPENING, of_one, *links) == ["Hello.", "Both 7.", "Both 6."]
    surer = evidence("mixed", *OPENING, of_one | {"link": 0.95}, *links)
    assert surer == ["Hello.", "It grows.", "Both 7."]


def test_what_a_text_says_first_goes_before_what_is_slightly_surer() -> None:
    first = {"text": "They meet.", "link": 0.65}
    links = [{"text": f"Link {n}.", "link": n / 10} for n in (8, 7)]
    assert evidence("mixed", first, OPENING[1], *links) == ["They meet.", "Link 8."]
    assert evidence("mixed", *OPENING, *links, first) == ["Hello.", "Link 8.", "Link 7."]


def test_what_rather_denies_is_no_evidence_of_a_link() -> None:
    told = {"text": "They meet.", "link": 0.5}
    denies = {"text": "By chance.", "link": 0.6, "denial": 0.4}
    assert evidence("connect", told, denies) == ["They meet.", "By chance."]
    assert evidence("connect", told, denies | {"denial": 0.55}) == ["They meet."]


def test_a_few_words_that_name_nothing_are_shown_only_alone() -> None:
    dangling = {"text": "Good idea.", "hedge": 0.9, "short": True, "both": False}
    assert evidence("connect", dangling, {"text": "They meet.", "link": 0.5}) == ["They meet."]
    assert evidence("connect", dangling) == ["Good idea."]


def test_a_denial_and_the_offers_that_come_with_it() -> None:
    sentences = (
        {"text": "No link.", "denial": 0.9},
        {"text": "Yet one.", "hedge": 0.8},
        {"text": "And two.", "link": 0.7},
    )
    assert evidence("mixed", *sentences) == ["No link.", "Yet one.", "And two."]
    assert evidence("separate", *sentences) == ["No link."]


def test_heading_and_first_sentence_of_each_topic() -> None:
    parts = [
        {"text": f"{which} {kind}", "about": which, "heading": kind == "head"}
        for which in ("first", "second")
        for kind in ("head", "said", "more")
    ]
    assert evidence("implicit_separate", *parts) == [
        "first head",
        "first said",
        "second head",
        "second said",
    ]


def test_the_sentence_that_begins_with_a_topic_goes_before_one_that_only_names_it() -> None:
    parts = [
        {"text": "Some words.", "about": "first"},
        {"text": "Of volcanos.", "about": "first", "one": True},
        {"text": "Volcanos are.", "about": "first", "one": True, "leads_first": True},
    ]
    assert evidence("implicit_separate", *parts) == ["Volcanos are."]
    assert evidence("implicit_separate", *parts[:2]) == ["Of volcanos."]


def test_of_an_answer_about_neither_topic_what_asks_for_the_meaning() -> None:
    parts = [{"text": "Hm.", "short": True}, {"text": "It is late."}]
    asking = {"text": "Which is it?", "clarifies": True, "asks": True}
    assert evidence("implicit_separate", *parts, asking) == ["Which is it?"]
    assert evidence("implicit_separate", *parts) == ["It is late."]


def test_what_is_said_over_and_over_is_quoted_once() -> None:
    again = {"text": "They meet. ", "link": 0.8}
    links = [again, {"text": "They part.", "link": 0.4}, again | {"text": "\nThey meet."}]
    assert evidence("connect", *OPENING, *links) == ["They meet.", "They part."]
