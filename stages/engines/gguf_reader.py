"""The reader of GGUF files that comes with the package ``gguf``, some twenty times as fast."""

from __future__ import annotations

import sys
from typing import Any

import gguf
import numpy as np
from gguf import GGUFValueType

_LENGTH = 8  # bytes that say how long a string is


class Reader(gguf.GGUFReader):
    """The package's reader, made for the 100,000 tokens and merges of a vocabulary.

    It cuts two pieces out for each of them. Cutting one out of a plain array takes a third of the
    time of a memory map, and an array needn't be asked for the type of each of its elements.
    """

    @property
    def data(self) -> Any:
        """The file's bytes, mapped and not read."""
        return self._data

    @data.setter
    def data(self, mapped: Any) -> None:
        self._data = np.asarray(mapped)

    def _get_field_parts(
        self, orig_offs: int, raw_type: int
    ) -> tuple[int, list[Any], list[int], list[GGUFValueType]]:
        if raw_type == GGUFValueType.ARRAY and self.byte_order == "I":
            of, count = self._get(orig_offs, np.uint32), self._get(orig_offs + 4, np.uint64)
            start, many = orig_offs + of.nbytes + count.nbytes, int(count[0])
            kind = GGUFValueType(int(of[0]))
            types = [GGUFValueType.ARRAY, *([kind] if many else [])]
            if kind == GGUFValueType.STRING:
                found, end = self._strings(start, many)
                return end - orig_offs, [of, count, *found], list(range(2, 2 + many)), types
            if number := self.gguf_scalar_to_np.get(kind):
                whole = self._get(start, number, many)  # all of them as one piece
                end = start + whole.nbytes
                return end - orig_offs, [of, count, whole], [2], types
        parts: tuple[int, list[Any], list[int], list[GGUFValueType]]
        parts = super()._get_field_parts(orig_offs, raw_type)
        return parts

    def _strings(self, start: int, count: int) -> tuple[list[Any], int]:
        """The bytes of strings that stand one after another, and where the last one ends."""
        held: memoryview = self._data.data
        found, place = [], start
        for _ in range(count):
            end = place + _LENGTH
            stop = end + int.from_bytes(held[place:end], sys.byteorder)
            if stop > self._data.size:
                raise ValueError(f"a string at byte {place} ends behind the file's end")
            found.append(self._data[end:stop])
            place = stop
        return found, place
