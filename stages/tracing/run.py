"""What is known of a traced run apart from its tables, in a file beside what the tracer writes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from stages.files import read_json, write_json
from stages.tracing.usage import Usage

RUN = "run.json"
COMMAND, WATCHED = "command", "watched"  # roles in trace_process


@dataclass(frozen=True)
class Run:
    """Times are monotonic ns. What is known at the end is null if this program was killed.

    ``command`` is empty where none was started; ``pid`` is its process. ``status`` is its exit
    status, -N where signal N killed it; ``usage`` what it and its descendants used that have ended,
    ``late`` those of them that the tracer's last reading may still have found. ``fault`` is what
    went wrong with the tracer.
    """

    command: list[str]
    pid: int | None
    watched: list[int]
    hz: float
    begin_ns: int
    end_ns: int | None = None
    status: int | None = None
    usage: Usage | None = None
    late: tuple[int, ...] = ()
    fault: str | None = None

    def write(self, scratch: Path) -> None:
        """Keep it."""
        write_json(scratch / RUN, asdict(self))

    @classmethod
    def read(cls, scratch: Path) -> Run:
        """What was kept."""
        found = read_json(scratch / RUN)
        usage = Usage(**found.pop("usage")) if found["usage"] else None
        return cls(**found | {"usage": usage, "late": tuple(found["late"])})


def words_of(command: Sequence[str]) -> list[str]:
    """A command line as text; bytes of it that aren't UTF-8 as ``\\xNN``."""
    return [os.fsencode(word).decode("utf-8", "backslashreplace") for word in command]
