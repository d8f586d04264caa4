from __future__ import annotations

import copy
import json

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import f1_score

from stages.errors import RunFailed
from stages.heuristics.stance_denials import DENIALS
from stages.heuristics.stance_frames import CONCESSIONS, HEDGES
from stages.heuristics.stance_links import LINKS
from stages.heuristics.stance_model import WEIGHTS
from stages.heuristics.stance_sentences import CUES
from stages.heuristics.stance_texts import SAYS
from stages.validating.stance import check_weights, macro_f1, spearman
from stages.validating.stance_composed import EACH as TEXTS_EACH
from stages.validating.stance_composed import FORMS, TOPICS, composed
from stages.validating.stance_examples import EACH, _spread, chosen
from stages.validating.stance_material import parts, read_labels
from stages.validating.stance_paraphrased import PARAPHRASES
from stages.validating.stance_training import TOLERANCE, differences


def test_macro_f1_agrees_with_scikit_learn() -> None:
    random = np.random.default_rng(3)
    truth, given = random.integers(0, 4, 60), random.integers(0, 3, 60)
    counts = np.zeros((4, 5))
    np.add.at(counts, (truth, given), 1)
    assert macro_f1(counts) == pytest.approx(f1_score(truth, given, average="macro"))


def test_rank_correlation_of_four() -> None:
    # Ranks 1 2 3 4 and 2 1 3.5 3.5.
    found = spearman(np.array([1.0, 2, 3, 4]), np.array([5.0, 0, 9, 9]))
    assert found == pytest.approx(np.corrcoef([1, 2, 3, 4], [2, 1, 3.5, 3.5])[0, 1])


def test_pairs_are_parted_by_the_alphabet() -> None:
    assert parts(["b", "a", "b", "c"]) == {"a": 0, "b": 1, "c": 2}


def test_every_span_stands_in_its_text() -> None:
    labels, phrases = read_labels()
    for row in labels.to_dicts():
        for marks, text in (("evidence", "answer"), ("thinking_evidence", "thinking")):
            for one in row[marks]:
                assert one["text"] in row[text], row["id"]
                assert one["says"] in {*SAYS, "apart"}
        assert bool(row["evidence"]) == bool(row["answer"].strip()), row["id"]
    assert set(phrases["says"]) == set(SAYS)


def test_composed_texts_say_what_their_form_says() -> None:
    phrases = [
        {"says": says, "text": f"{says} {{A}} {number}."}
        for number in range(3)
        for says in SAYS
        for _ in TOPICS
    ]
    found = composed(phrases)
    assert len(found) == TEXTS_EACH * len(FORMS) * len(TOPICS)
    (first, *_), (topic, _) = found, TOPICS[0]
    assert first["stance"] == "separate"
    assert first["text"].startswith(f"denial {topic} ")


def test_a_weight_that_does_not_follow_fails() -> None:
    committed = json.loads(WEIGHTS.read_text())
    check_weights(committed)
    other = copy.deepcopy(committed)
    other["answer"]["weights"]["denial_most"][0] += 2 * TOLERANCE
    assert differences(other, committed) == ["answer: denial_most"]
    with pytest.raises(RunFailed, match="stance_training"):
        check_weights(other)


def test_a_feature_that_is_gone_fails() -> None:
    committed = json.loads(WEIGHTS.read_text())
    other = copy.deepcopy(committed)
    del other["answer"]["weights"]["denial_most"]
    assert differences(other, committed) == ["answer: classes or features"]


def test_no_paraphrase_holds_a_phrase_of_its_family() -> None:
    paraphrases = pl.read_ndjson(PARAPHRASES, infer_schema_length=None)
    told = paraphrases.filter(pl.col("family").is_not_null())
    masked = told["text"].str.to_lowercase().str.replace_many(["{a}", "{b}"], ["A", "B"])
    for text, family in zip(masked, told["family"], strict=True):
        assert not pl.Series([text]).str.contains(CUES[family]).item(), text
    families = {*DENIALS, *LINKS, *HEDGES, *CONCESSIONS}
    assert set(told["family"]) == families
    assert set(paraphrases["says"]) == set(SAYS)


def test_examples_lie_far_from_each_other() -> None:
    # The second is nearest to the mean; from there the third is farthest, as the first is near.
    vectors = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]], dtype=np.float32)
    assert _spread(vectors, 2) == [1, 2]
    assert _spread(vectors, 9) == [1, 2, 0]


def test_examples_are_of_every_kind_and_none_is_chosen_twice() -> None:
    _, phrases = read_labels()
    twice = pl.concat([phrases, phrases])
    known = chosen(twice)
    assert len(known) == len(set(known)) == sum(EACH.values())
    assert not any("{" in one for one in known)
