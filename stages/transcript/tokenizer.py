"""Tokens counted with a model's own tokenizer, where the user has its file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tokenizers import Tokenizer

from stages.errors import UserError

Count = Callable[[str], int]


def tokenizer(path: Path) -> Count:
    """How many tokens a text has by a ``tokenizer.json``, as Hugging Face has beside every model.

    No token is added that the text doesn't hold, and none is cut off. Raises ``UserError`` where
    the file can't be used.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it isn't text"
        raise UserError(f"{path} can't be read ({reason}); name a tokenizer.json") from None
    try:
        known = Tokenizer.from_str(text)
    except Exception:  # noqa: BLE001 (the package raises nothing narrower)
        raise UserError(
            f"{path} is no tokenizer; name the tokenizer.json that lies beside the model's weights"
        ) from None
    known.no_truncation()
    known.no_padding()
    return lambda said: len(known.encode(said, add_special_tokens=False).ids)
