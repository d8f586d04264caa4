"""A number out of a kernel file, where one can't be sure that it holds one."""

from __future__ import annotations

_LARGEST = 2**63 - 1  # of a column


def figure(text: bytes) -> int | None:
    """A whole number from 0 on; null for anything else."""
    text = text.strip()
    if not text.isdigit() or len(text) > len(str(_LARGEST)):
        return None
    value = int(text)
    return value if value <= _LARGEST else None
