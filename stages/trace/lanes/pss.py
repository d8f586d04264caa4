"""A thread that reads PSS: for a model of many gigabytes the kernel takes up to a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_EVERY_S = 1.0
_MOST = 0.005  # of one core, by waiting longer where a reading takes longer


class PssThread(threading.Thread):
    """Calls ``measure`` about once a second until ``stop``, less often where that is costly."""

    def __init__(self, measure: Callable[[], None]) -> None:
        super().__init__(name="pss", daemon=True)
        self._measure = measure
        self._stop_asked = threading.Event()

    def stop(self, patience_s: float) -> None:
        """End; a reading under way that lasts longer is left."""
        self._stop_asked.set()
        self.join(patience_s)

    def run(self) -> None:
        """Measure until told to stop."""
        wait_s = _EVERY_S
        while not self._stop_asked.wait(wait_s):
            began = time.thread_time()
            self._measure()
            wait_s = max(_EVERY_S, (time.thread_time() - began) / _MOST)
