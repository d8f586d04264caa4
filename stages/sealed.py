"""Lines that carry their own checksum, so that a torn or damaged one is known by itself.

A line is ``CRC32,TEXT\\n``: eight hex digits over the bytes of TEXT, which holds no newline.
"""

from __future__ import annotations

from zlib import crc32


def line(text: str) -> bytes:
    """One line: the checksum, a comma, the text."""
    payload = text.encode("utf-8", "replace")
    return b"%08x,%b\n" % (crc32(payload), payload)


def payload_of(text: bytes) -> bytes | None:
    """The text of a whole line with its newline; None where the checksum doesn't hold."""
    payload = text[9:-1]
    return payload if text == b"%08x,%b\n" % (crc32(payload), payload) else None
