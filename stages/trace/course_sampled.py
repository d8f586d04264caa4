"""The course of energy under samples of power, by the trapezoid rule."""

from __future__ import annotations

import numpy as np

from stages.trace.course import Course, around, roughness
from stages.trace.steps import Floats, Numbers

# Power between two samples is taken to be in the range of this many around, widened by this share
# of the range and of the power itself, and by how rough it is so many seconds around.
_NEAR, _WIDER, _RIPPLE, _FAR_S = 2, 0.5, 0.35, 10.0
# A sample is off the mean of its time by this share of it, even where samples are all alike.
_UNSEEN = 0.05
# A driver renews its power figure at least this often.
_LONGEST_HOLD_S = 0.2
# Samples that are further apart than this, and than this many of the usual, have others missing.
_LOST_S, _LOST = 1.0, 5


def under(t: Floats, watts: Floats, first: Numbers, averaged_s: float) -> Course:
    """The course under samples, each the mean of the ``averaged_s`` before it.

    Piece i has the samples from number ``first[i]`` up to ``first[i + 1]``, two or more.
    """
    apart = np.diff(t)
    apart[first[1:-1] - 1] = np.nan
    spacing = float(np.nanmedian(apart))
    held = _held(t, watts, spacing)
    lag = (averaged_s + held - spacing) / 2
    # After the last sample power is taken to go on, for as long as the samples lag.
    tails = first[1:]
    at = np.insert(t - lag, tails, t[tails - 1] + 1e-6)
    power = np.insert(watts, tails, watts[tails - 1])
    knots = first + np.arange(len(first))
    length = np.diff(at)
    length[knots[1:-1] - 1] = np.nan
    mean = (power[1:] + power[:-1]) / 2
    mean[np.isnan(length)] = np.nan
    joules = np.concatenate([[0.0], np.cumsum(np.nan_to_num(mean * length))])

    samples = round(held / spacing)
    near = _NEAR * samples + round(averaged_s / spacing)
    lowest, highest = around(np.fmin, mean, near), around(np.fmax, mean, near)
    rough = roughness(power, samples, round(_FAR_S / spacing))
    rough = np.maximum(rough[1:], rough[:-1]) + _UNSEEN * mean
    wider = _WIDER * (highest - lowest) + _RIPPLE * mean + rough
    least, most = np.maximum(lowest - wider, 0), highest + wider
    # A mean over a time is at most an eighth of time and range off the middle of that time.
    swing = highest - lowest + _RIPPLE * (highest + lowest)
    swing = np.fmax(np.append(swing, np.nan), np.insert(swing, 0, np.nan))
    blur = swing * (averaged_s / 8 + held / 2)
    unseen = np.where(length > max(_LOST_S, _LOST * spacing), (most - least) / 2, 0)
    lost = rough**2 * length * held + (unseen * length) ** 2
    return Course(
        t[first[:-1]],
        t[tails - 1],
        knots,
        at,
        joules,
        power,
        np.zeros(len(mean)),
        least,
        most,
        blur,
        np.concatenate([[0.0], np.cumsum(np.nan_to_num(lost))]),
    )


def _held(t: Floats, watts: Floats, spacing: float) -> float:
    """How long the driver holds a figure before it measures anew."""
    changes = t[1:][np.diff(watts) != 0]
    if len(changes) < 3:
        return spacing
    return max(spacing, min(float(np.percentile(np.diff(changes), 2)), _LONGEST_HOLD_S))
