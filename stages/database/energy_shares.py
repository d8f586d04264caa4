"""The rule by which a device's energy is divided among the models that ran at the same moment.

Every edge of a phase cuts the session into slices, within each of which the same models run. What a
device used in a slice goes

- of a GPU: to the one model that runs; where several do, to each an equal part, since nothing tells
  how they shared it. What is certain then is only that each of them used between nothing and all
  beyond the device's idle power, and that is how far its interval goes;
- of a processor package or its memory: the idle part (idle power × time) to all in equal parts, and
  the rest by CPU time: the model's processes' ÷ that of the whole machine, so that what other
  programs used is billed to no model. Where idle power isn't known all of it goes by CPU time. The
  interval is the counter's (and idle power's): the rule itself is a convention.

Energy between phases, and what the rules leave over, is attributed to nobody. The slices follow one
another without a gap, so that what is attributed and what isn't add up to the total.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.database.energy_devices import EQUAL
from stages.trace.energy import Curve

SECOND = 1_000_000_000
# A quiet stretch that the readings cover by less than this is no measure of idle power.
_LEAST_SHARE = 0.5

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Slices:
    """The slices of a session in order: edges (one more than slices) and the machine's CPU time."""

    edges_ns: Numbers
    busy_s: Floats


@dataclass(frozen=True)
class Running:
    """A phase in a slice: their numbers, and its model's CPU time there (NaN: unknown)."""

    phase: Numbers
    slice: Numbers
    cpu_s: Floats


@dataclass(frozen=True)
class Idle:
    """Idle power in W with its interval, over so many seconds."""

    watts: float
    low: float
    high: float
    seconds: float


@dataclass(frozen=True)
class Shares:
    """Joules of each phase by its number, NaN where unknown; ``idle`` is in them.

    ``divided``: whether another model ran meanwhile.
    """

    joules: Floats
    low: Floats
    high: Floats
    idle: Floats
    divided: NDArray[np.bool_]


def idle_power(curve: Curve, stretches: list[tuple[int, int]]) -> Idle | None:
    """Power over the stretches (start and end, ns) in which nothing was loaded; None if unknown."""
    totals = np.zeros(4)
    for start, end in stretches:
        first, last = max(start, curve.span_ns[0]), min(end, curve.span_ns[1])
        if last - first < _LEAST_SHARE * (end - start):
            continue
        used = curve.between(np.array([first]), np.array([last]))
        figures = [used.joules[0], used.low[0], used.high[0], (last - first) / SECOND]
        if np.isfinite(figures).all():
            totals += figures
    joules, low, high, seconds = map(float, totals)
    if not seconds:
        return None
    return Idle(joules / seconds, low / seconds, high / seconds, seconds)


def shares(
    curve: Curve, rule: str, slices: Slices, running: Running, phases: int, idle: Idle | None
) -> Shares:
    """What each of so many phases gets of a device's energy, by the rule of this module."""
    seconds = np.diff(slices.edges_ns) / SECOND
    used = curve.between(slices.edges_ns[:-1], slices.edges_ns[1:])
    at = running.slice
    together = np.bincount(at, minlength=len(seconds))
    k = together[at]
    least, usual, most = (
        np.minimum(watts * seconds, bound)[at]
        for watts, bound in zip(
            (idle.low, idle.watts, idle.high) if idle else (0.0, 0.0, 0.0),
            (used.low, used.joules, used.high),
            strict=True,
        )
    )
    joules, low, high = used.joules[at], used.low[at], used.high[at]
    if rule == EQUAL:
        given, given_low = joules / k, np.where(k == 1, low, least / k)
        given_high = high - least * (k - 1) / k
    else:
        share = _cpu_share(slices, running)
        given = usual / k + (joules - usual) * share
        given_low = np.minimum(
            least / k + (low - least) * share,
            np.minimum(most, low) / k + (low - np.minimum(most, low)) * share,
        )
        given_high = np.maximum(
            least / k + (high - least) * share, most / k + (high - most) * share
        )

    def added(values: Floats) -> Floats:
        return np.bincount(running.phase, values, phases).astype(np.float64)

    divided = np.bincount(running.phase, weights=k > 1, minlength=phases) > 0
    floor = added(usual / k) if idle else np.full(phases, np.nan)
    return Shares(added(given), added(given_low), added(given_high), floor, divided)


def _cpu_share(slices: Slices, running: Running) -> Floats:
    """The model's part of a slice's CPU time, which is at least the models' own added up."""
    cpu = np.nan_to_num(running.cpu_s)
    own = np.bincount(running.slice, weights=cpu, minlength=len(slices.busy_s))
    busy = np.fmax(slices.busy_s, own)[running.slice]
    return np.where(busy > 0, running.cpu_s / np.where(busy > 0, busy, 1), running.cpu_s * 0)


@dataclass(frozen=True)
class Account:
    """A device's energy over all that its readings cover, J, and what of it went to no phase."""

    seconds: float
    total: float
    low: float
    high: float
    unattributed: float


def account(curve: Curve, edges_ns: Numbers, attributed: float) -> Account:
    """Add up a device's slices, those before, between and after the phases too.

    ``attributed`` is what the phases got. Breaks in the readings cover no time.
    """
    starts = curve.start_ns + np.rint(curve.course.from_s * SECOND).astype(np.int64)
    ends = curve.start_ns + np.rint(curve.course.to_s * SECOND).astype(np.int64)
    whole = curve.between(starts, ends)
    cuts = np.unique(np.concatenate([starts, ends, edges_ns]))
    parts = curve.between(cuts[:-1], cuts[1:])
    return Account(
        float((ends - starts).sum() / SECOND),
        float(np.nansum(whole.joules)),
        float(np.nansum(whole.low)),
        float(np.nansum(whole.high)),
        max(float(np.nansum(parts.joules)) - attributed, 0.0),
    )
