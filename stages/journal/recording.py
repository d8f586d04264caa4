"""A response's stream while it arrives, and as the journal holds it: column by column."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, repeat
from typing import Literal

from pydantic import BaseModel, ConfigDict

from stages.engines.protocol import Chunk


class Recording:
    """Takes chunks as they come and has their JSON ready when the last one is there.

    Encoding on arrival falls into the wait for the next token; ending a response of thousands of
    chunks then costs less than a millisecond.
    """

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self._runs: list[list[int | str | None]] = []
        self._times: list[str] = []
        self._texts: list[str] = []
        self._last_ns = 0

    def add(self, chunk: Chunk) -> None:
        """Take the next chunk; text that UTF-8 can't hold is replaced."""
        if (text := whole(chunk.text)) is not chunk.text:
            chunk = Chunk(chunk.leg, chunk.t_ns, chunk.field, text, chunk.tokens)
        self.chunks.append(chunk)
        run = [chunk.leg, chunk.field, chunk.tokens]
        if self._runs and self._runs[-1][:3] == run:
            self._runs[-1][3] += 1  # type: ignore[operator]
        else:
            self._runs.append([*run, 1])
        self._times.append(str(chunk.t_ns - self._last_ns))
        self._last_ns = chunk.t_ns
        self._texts.append(json.dumps(text))

    def columns(self) -> str:
        """The stream as a JSON object (see ``Stream``)."""
        return (
            f'{{"runs":{json.dumps(self._runs, separators=(",", ":"))},'
            f'"t_ns":[{",".join(self._times)}],"text":[{",".join(self._texts)}]}}'
        )


class Stream(BaseModel):
    """The columns of a stream: neighbours that agree are counted, times are differences.

    ``runs`` are (leg, field, tokens, how many chunks in a row); ``t_ns`` is the first arrival and
    then the time since the chunk before, ns.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    runs: list[tuple[int, Literal["content", "thinking", "injected"], int | None, int]]
    t_ns: list[int]
    text: list[str]

    def __len__(self) -> int:
        return len(self.text)

    def columns(self) -> dict[str, Sequence[object]]:
        """The columns of the table ``stream`` (``stages/records.py``) but the response's id."""
        legs, fields, tokens = (
            list(chain.from_iterable(repeat(run[part], run[3]) for run in self.runs))
            for part in range(3)
        )
        times = list(accumulate(self.t_ns))
        columns: dict[str, Sequence[object]] = {
            "index": range(len(self.text)),
            "leg": legs,
            "t_ns": times,
            "field": fields,
            "text": self.text,
            "tokens": tokens,
        }
        if len({len(column) for column in columns.values()}) != 1:
            raise ValueError("the columns of a stream differ in length")
        return columns

    def chunks(self) -> Iterator[Chunk]:
        """The chunks as they arrived."""
        columns = self.columns()
        names = ("leg", "t_ns", "field", "text", "tokens")
        for values in zip(*(columns[name] for name in names), strict=True):
            yield Chunk(*values)


def whole(text: str) -> str:
    """Text that UTF-8 can hold: a server can cut a character in two and send the halves."""
    if any("\ud800" <= char <= "\udfff" for char in text):
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
