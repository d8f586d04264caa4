"""Foreign text as text: a model's words can't become markup, a shortcode, a link or a script.

Everything but letters, digits, spaces and commas becomes a numeric entity, which Markdown, Quarto's
shortcodes, HTML and Typst all leave alone until it is shown. Characters that would hide or reorder
text are shown by their number. Line breaks stay.
"""

from __future__ import annotations

import re
import unicodedata

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,")
_JOINERS = frozenset("\u200c\u200d")  # Persian and emoji are misspelt without them
_TAB = "\u00a0" * 4

_FOLDERS = re.compile(r"(?<![\w.:/])(?:/|~/|[A-Za-z]:[\\/])(?:[^\s/\\:'\"]+[/\\])+")

# A long word gets places to break for Typst; browsers do that by themselves (overflow-wrap).
_BREAK_AFTER = 24
_BREAK = "`\u200b`{=typst}"


def visible(text: str) -> str:
    """The text with line ends as ``\\n`` and every hidden character shown by name or number.

    Controls become their picture (␀), other invisible ones ``⟨U+202E⟩``, lone surrogates and what
    no text may hold ``⟨U+FFFF⟩``.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", _TAB)
    return "".join(map(_visible, text))


def without_folders(text: str) -> str:
    """The text with absolute paths cut to their last part: an error may name this machine's."""
    return _FOLDERS.sub("…/", text)


def _visible(character: str) -> str:
    code = ord(character)
    if character == "\n" or 0x20 <= code < 0x7F:
        return character
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    nothing = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    if (hidden and character not in _JOINERS) or nothing:
        return f"⟨U+{code:04X}⟩"
    return character


def inline(text: str) -> str:
    """Markdown of one line that shows exactly this text; a line end is shown as ⏎."""
    return _line(visible(text).replace("\n", " ⏎ "))


def block(text: str) -> str:
    """Markdown paragraphs that show exactly this text; line ends stay, blank lines part them."""
    paragraphs: list[list[str]] = [[]]
    for line in visible(text).split("\n"):
        if line.strip(" \u00a0"):
            paragraphs[-1].append(_line(line))
        elif paragraphs[-1]:
            paragraphs.append([])
    return "\n\n".join("\\\n".join(lines) for lines in paragraphs if lines)


def excerpt(text: str, characters: int) -> str:
    """The text's beginning as ``block``, with how much more there is."""
    if len(text) <= characters:
        return block(text)
    kept = text[:characters].rstrip()
    rest = f"[… ({len(text) - len(kept):,} more characters; `overthink show` prints all)]{{.more}}"
    return f"{block(kept)}\n\n{rest}" if kept else rest


def _line(line: str) -> str:
    out, word = [], 0
    for position, character in enumerate(line):
        if character == " ":
            # A space at the edge or after another would be dropped or start a code block.
            edge = position in (0, len(line) - 1) or line[position - 1] == " "
            out.append("&#160;" if edge else " ")
            word = 0
            continue
        # Quarto takes three colons in one word for a box that was opened wrongly, and warns.
        if word == _BREAK_AFTER or (character == ":" and line[position - 2 : position] == "::"):
            out.append(_BREAK)
            word = 0
        out.append(character if character in _PLAIN else f"&#{ord(character)};")
        word += 1
    return "".join(out)
