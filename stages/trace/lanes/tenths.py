"""When to read what takes long enough to be read ten times a second."""

from __future__ import annotations

from stages.trace.clock import SECOND

PER_S = 10
_TENTH_NS, _EARLY_NS = SECOND // PER_S, SECOND // 100


class Tenths:
    """Says at which ticks to read what is read ten times a second, or at each if they are fewer."""

    def __init__(self) -> None:
        self._next_ns = 0

    def due(self, t_ns: int) -> bool:
        """Whether this tick is one of them: no more than a hundredth of a second too early."""
        late_ns = t_ns - self._next_ns
        if late_ns < -_EARLY_NS:
            return False
        self._next_ns = (self._next_ns if late_ns < _TENTH_NS else t_ns) + _TENTH_NS
        return True

    def at_once(self) -> None:
        """Have the next tick be one of them."""
        self._next_ns = 0
