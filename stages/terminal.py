"""Text that may be printed: nothing in it that a terminal would take for a command."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """The text with control characters shown, not sent; line ends stay."""
    return "".join(
        char
        if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")
        else f"‹{ord(char):x}›"
        for char in text
    )


def plain_line(text: str) -> str:
    """The same in one line, for a name among other words."""
    return plain(" ".join(text.splitlines()))
