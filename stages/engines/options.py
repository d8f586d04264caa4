"""Sampling options that no parameter sets: sent with each request all the same, neutral."""

from __future__ import annotations

NEUTRAL: dict[str, float | int] = {
    "min_p": 0.0,
    "typical_p": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "repeat_last_n": 64,  # of no effect where repeat_penalty is 1
}
"""A model may bring others along (a Modelfile's PARAMETER lines): it is measured without them."""
