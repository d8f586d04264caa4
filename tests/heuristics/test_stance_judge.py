from __future__ import annotations

import numpy as np
import polars as pl

from stages.heuristics.stance_judge import saying
from stages.heuristics.stance_model import Linear
from stages.heuristics.stance_texts import SAYS


def test_a_sentence_that_nobody_looked_at_says_nothing() -> None:
    denial = np.zeros((1, len(SAYS)))
    denial[0, SAYS.index("denial")] = 20.0
    model = Linear(SAYS, ("no",), np.zeros(len(SAYS)), denial)
    sentences = pl.DataFrame({"no": [1.0, 1.0], "looked_at": [True, False]})
    said = saying(sentences, model)
    assert said["denial"].round(3).to_list() == [1.0, 0.0]
    assert said["nothing"].round(3).to_list() == [0.0, 1.0]
