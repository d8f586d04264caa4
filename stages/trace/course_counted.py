"""The course of energy through the steps of a counter."""

from __future__ import annotations

import numpy as np

from stages.trace.course import Course, around, roughness
from stages.trace.steps import Floats, Steps

# Power between two steps is taken to be in the range of the means this many steps around, …
_NEAR = 2
# … widened by this share of the range, of the mean itself, and of how rough they are, …
_WIDER, _RIPPLE, _ROUGH = 0.5, 0.35, 1.5
# … so many steps around. Simulated loads of many kinds gave these figures.
_FAR = 30
# Steps this many usual times apart tell nothing of the power between them.
_LONG = 2.5
# What a counter of millijoules hides in its last digit.
_RESOLUTION_J = 0.001
# Half the width of what holds 95 of 100 sums of two evenly spread errors, in their deviations.
_COVERING = 1.63 / np.sqrt(3)


def through(steps: Steps) -> Course:
    """The course that goes through each step in the middle of its bounds."""
    placed = (steps.early_s + steps.late_s) / 2
    usual = max(steps.update_s or 0.0, float(np.median(np.diff(steps.late_s))))
    tails = steps.first[1:]
    last = tails - 1
    # After its last step a counter is taken to go on as before, for a period at the most.
    rest = np.maximum(steps.to_s - placed[last], 1e-6)
    power = (steps.joules[last] - steps.joules[last - 1]) / (placed[last] - placed[last - 1])
    on = power * np.minimum(rest, usual)
    at = np.insert(placed, tails, placed[last] + rest)
    joules = np.insert(steps.joules, tails, steps.joules[last] + on)
    first = steps.first + np.arange(len(steps.first))

    length = np.diff(at)
    length[first[1:-1] - 1] = np.nan
    mean = np.diff(joules) / length
    least, most = _range(mean)
    long = length > _LONG * usual
    least[long], most[long] = 0, np.inf
    jump = _jumps(mean)

    loose = np.insert((steps.late_s - steps.early_s) / 2, tails, 0)
    blur = _COVERING * loose * np.fmax(np.append(mean, np.nan), np.insert(mean, 0, np.nan))
    blur += _RESOLUTION_J
    blur[first[1:] - 1] += on
    return Course(
        steps.from_s,
        steps.to_s,
        first,
        at,
        joules,
        _watts(mean, length, jump),
        jump,
        least,
        most,
        blur,
        np.zeros(len(at)),
    )


def _range(mean: Floats) -> tuple[Floats, Floats]:
    """The bounds of the power between two steps: what was seen around, widened."""
    least, most = around(np.fmin, mean, _NEAR), around(np.fmax, mean, _NEAR)
    wider = _WIDER * (most - least) + _RIPPLE * mean + _ROUGH * roughness(mean, 1, _FAR)
    return np.maximum(least - wider, 0), most + wider


def _jumps(mean: Floats) -> Floats:
    """From 0 to 1, how much of a jump power makes between two knots, where it was even on both
    sides: a load that begins or ends does so within milliseconds."""
    padded = np.pad(mean, 2, constant_values=np.nan)
    before, after = padded[1:-3], padded[3:-1]
    step = np.abs(after - before)
    slope = np.abs(before - padded[:-4]) + np.abs(padded[4:] - after)
    between = (mean - before) * (after - mean) > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        jump = np.clip(1.5 - 2 * slope / step, 0, 1)
    return np.where(between, np.nan_to_num(jump), 0.0)


def _watts(mean: Floats, length: Floats, jump: Floats) -> Floats:
    """The power at each knot that makes the curve smooth and lets it never fall."""
    before, after = np.insert(mean, 0, np.nan), np.append(mean, np.nan)
    shorter, longer = np.insert(length, 0, np.nan), np.append(length, np.nan)
    watts: Floats = (before * longer + after * shorter) / (shorter + longer)
    watts = np.minimum(watts, 3 * np.minimum(before, after))
    watts = np.where(np.isnan(watts), np.fmax(before, after), watts)
    # Up to a jump power is what it was before, and from then on what it is after it.
    inner = watts[1:-1]
    inner += np.nan_to_num(jump[1:] * (mean[:-1] - inner) + jump[:-1] * (mean[1:] - inner))
    return watts
