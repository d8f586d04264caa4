"""``scoring``: where the heuristics draw their lines."""

from __future__ import annotations

from stages.params.section import Section, key


class Scoring(Section):
    """Thresholds of the heuristics."""

    loop_words: int = key(
        30, "words", "Length of a run of words that counts as a loop if repeated.", ge=2, le=1000
    )
    loop_repeats: int = key(
        20, "count", "How often such a run must occur for the text to be a loop.", ge=2, le=1000
    )
    topics_related_at: float = key(
        0.22,
        "cosine",
        "Similarity of two topics' embeddings from which they count as related.",
        ge=-1,
        le=1,
    )
