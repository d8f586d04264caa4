"""A curve of cumulative energy through known points, and how far off it the truth may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stages.trace.steps import Floats, Numbers


@dataclass(frozen=True)
class Places:
    """Some times on a course: the piece (-1: none), the joules, and what may be above and below.

    ``variance`` (J²) has grown, from one place to another, by what was lost between them.
    """

    piece: Numbers
    joules: Floats
    above: Floats
    below: Floats
    variance: Floats


@dataclass(frozen=True)
class Course:
    """Knots in order of time, in pieces across whose ends nothing is known.

    Piece i lasts from ``from_s[i]`` to ``to_s[i]`` and has the knots from ``first[i]`` up to
    ``first[i + 1]``. At knot k the energy is ``joules[k]``, give or take ``blur_j[k]``, and power
    ``watts[k]``; up to the next knot power stays between ``least_w[k]`` and ``most_w[k]``. It goes
    over smoothly into that of the next knot where ``jump[k]`` is 0, at once where it is 1.
    """

    from_s: Floats
    to_s: Floats
    first: Numbers
    at_s: Floats
    joules: Floats
    watts: Floats
    jump: Floats
    least_w: Floats
    most_w: Floats
    blur_j: Floats
    variance: Floats

    def at(self, s: Floats) -> Places:
        """The course at some times."""
        piece = np.searchsorted(self.from_s, s, side="right") - 1
        known = (piece >= 0) & (s <= self.to_s[piece])
        # The first knot of a piece may be before the last of the one before: the clip mends that.
        knot = np.searchsorted(self.at_s, s, side="right") - 1
        knot = np.clip(knot, self.first[piece], self.first[piece + 1] - 2)
        length = self.at_s[knot + 1] - self.at_s[knot]
        into = np.clip(s - self.at_s[knot], 0, length)
        left = length - into
        share = into / length
        step = self.joules[knot + 1] - self.joules[knot]
        # Hermite's cubic through the energy and the power of both knots.
        bend = (self.watts[knot] * length - step) * (1 - share)
        bend -= (self.watts[knot + 1] * length - step) * share
        smooth = np.clip(step * share + share * (1 - share) * bend, 0, step)
        # The power of the one up to a moment, then that of the other.
        first, last = self.watts[knot] * into, step - self.watts[knot + 1] * left
        rising = self.watts[knot + 1] > self.watts[knot]
        sudden = np.where(rising, np.maximum(first, last), np.minimum(first, last))
        gained = smooth + self.jump[knot] * (np.clip(sudden, 0, step) - smooth)
        least, most = self.least_w[knot], self.most_w[knot]
        with np.errstate(invalid="ignore"):  # 0 s of unbounded power
            ceiling = np.fmin(most * into, step - least * left)
            floor = np.fmax(least * into, step - most * left)
        blur = self.blur_j[knot] * (1 - share) + self.blur_j[knot + 1] * share
        above = np.hypot(np.maximum(ceiling - gained, 0), blur)
        below = np.hypot(np.maximum(gained - floor, 0), blur)
        variance = self.variance[knot] * (1 - share) + self.variance[knot + 1] * share
        return Places(
            np.where(known, piece, -1), self.joules[knot] + gained, above, below, variance
        )


def around(pick: np.ufunc, values: Floats, reach: int) -> Floats:
    """The least or most (``fmin``, ``fmax``) of each value and ``reach`` to both its sides."""
    reach = min(reach, len(values))
    found: Floats = np.pad(values, reach, constant_values=np.nan)
    width, whole = 1, 2 * reach + 1
    while width < whole:
        shift = min(width, whole - width)
        found = pick(found[:-shift], found[shift:])
        width += shift
    return found


def roughness(mean: Floats, apart: int, far: int) -> Floats:
    """How far (W) power tends to be off the mean of its neighbours, ``far`` to both sides.

    Swings faster than the readings show in it, as long as they aren't in time with them.
    """
    apart, far = min(apart, len(mean)), min(far, len(mean))
    off = np.zeros(len(mean))
    middle = mean[apart:-apart] - (mean[: -2 * apart] + mean[2 * apart :]) / 2
    off[apart:-apart] = np.nan_to_num(middle) ** 2
    total = np.pad(np.cumsum(off), (far + 1, far), mode="edge")
    around = np.maximum(total[2 * far + 1 :] - total[: -2 * far - 1], 0)
    here = np.arange(len(mean))
    count = np.minimum(here + far + 1, len(mean)) - np.maximum(here - far, 0)
    rough: Floats = np.sqrt(around / count)
    return rough
