"""Asking again after a fault that another try can mend, with growing, jittered pauses."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from itertools import count

from stages.engines.protocol import PASSING, EngineError, Fault, Running
from stages.measuring.conversation import Asked
from stages.measuring.residents import Residents

_LONGEST_S = 60.0
Ask = Callable[[dict[str, Running], int], Sequence[Asked]]


def attempt(
    residents: Residents, keys: Sequence[str], retries: int, name: str, ask: Ask
) -> Sequence[Asked]:
    """What ``ask`` gives with these models loaded, given the models and the number of the try.

    Where any response ends in a fault of ``PASSING``, all are asked again, up to ``retries``
    times: models that ran beside a failing one didn't run as they should. A model that failed is
    loaded anew. Raises ``EngineError`` where a model can't be loaded.
    """
    for tries in count(1):
        try:
            running = residents.exactly(keys)
        except EngineError as error:
            if tries > retries or error.fault not in PASSING:
                raise
            fault, reason = error.fault, str(error)
        else:
            responses = ask(running, tries)
            failed = [asked.record for asked in responses if asked.record["fault"] in PASSING]
            residents.drop(record["model"] for record in failed if record["fault"] != "busy")
            if not failed or tries > retries:
                return responses
            fault, reason = failed[0]["fault"], failed[0]["reason"]
        pause = backoff_s(tries, fault)
        print(
            f"{name}: {reason}; asking again in {pause:.1f} s (try {tries + 1} of {retries + 1})",
            file=sys.stderr,
            flush=True,
        )
        time.sleep(pause)
    raise AssertionError  # count() has no end


def backoff_s(tries: int, fault: Fault) -> float:
    """How long to wait after the try of this number, s: about 2, 4, 8, … at most a minute.

    Half of it is chance, so that several clients of a server don't all come back at once. A server
    that is down or overrun needs longer than one that dropped a connection.
    """
    slow = 2 if fault in ("connection", "busy") else 1
    return min(_LONGEST_S, slow * random.uniform(0.5, 1.0) * 2.0**tries)
