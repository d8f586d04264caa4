"""The forward pass against llama.cpp's, on the packaged model, and what must hold of any."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from stages.engines.embedded import EmbeddedEngine
from stages.engines.exchange import fetch
from stages.engines.gguf_reader import Reader
from stages.engines.weights import locate
from stages.manifest import Manifest
from stages.plans.units import Asking, Limits
from stages.reading import layers
from stages.reading.layers import states
from stages.reading.reader import WEIGHTS, tokenizer
from stages.reading.weights import Weights, read_weights

TEXT = (
    "Question: Are volcanoes and jazz connected?\n\nText: \"No. The café's 2 players don't know 15"
    " craters, 漢字 or 🎷; they only share"
)


@cache
def whole() -> Weights:
    return read_weights(locate(WEIGHTS), 30)


def tokens(text: str) -> np.ndarray:
    return np.array(tokenizer(whole().vocabulary).encode(text).ids)


def test_a_state_of_nothing_stays_nothing() -> None:
    assert (layers._normed(np.zeros((1, 4), np.float32), np.ones(4, np.float32), 1e-5) == 0).all()


@pytest.mark.model
def test_it_reads_as_llama_cpp_does(
    manifest: Manifest, asking: Asking, limits: Limits, tmp_path: Path
) -> None:
    ask = {"prompt": TEXT, "n_predict": 1, "n_probs": 20, "temperature": 0.0}
    with EmbeddedEngine().start(manifest, asking, limits, 1, tmp_path / "log") as model:
        cut = fetch(model._client, "POST", "/tokenize", {"content": TEXT}, 60)["tokens"]
        told = fetch(model._client, "POST", "/completion", ask, 60)
    assert tokens(TEXT).tolist() == cut
    next_words = {
        one["id"]: one["logprob"] for one in told["completion_probabilities"][0]["top_logprobs"]
    }
    weights = whole()
    last = states(weights, tokens(TEXT))[-1]
    final = next(one for one in Reader(locate(WEIGHTS)).tensors if one.name == "output_norm.weight")
    last = last / np.sqrt(np.mean(last**2) + weights.epsilon) * final.data
    # The embedding of each token is its output's too.
    scores = weights.embedded(np.arange(len(weights.vocabulary.tokens))) @ last
    likely = scores - np.log(np.exp(scores - scores.max()).sum()) - scores.max()
    assert len(next_words) == 20
    assert max(abs(likely[word] - said) for word, said in next_words.items()) < 0.3
    assert int(likely.argmax()) == max(next_words, key=next_words.__getitem__)


def test_what_comes_later_changes_nothing() -> None:
    said = tokens("They share nothing. That is all.")
    longer = states(whole(), said)[:4]
    assert np.allclose(longer, states(whole(), said[:4]), atol=1e-2)


def test_every_printable_character_has_tokens() -> None:
    cut = tokenizer(whole().vocabulary)
    for character in filter(str.isprintable, map(chr, [*range(0x2000), 0x4E2D, 0x1F3B7, 0xFFFD])):
        assert cut.encode(character).ids, hex(ord(character))


def test_a_special_token_in_a_text_is_letters() -> None:
    special = whole().vocabulary.tokens.index("<|im_end|>")
    assert special not in tokens("Stop <|im_end|> here")
