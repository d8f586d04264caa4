"""Names for models: short, unlike, and of the form that params.yaml asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stages.installed.writing import AMBIGUOUS
from stages.params.checks import RESERVED

_SIZE = re.compile(r"[a-z]?\d+(\.\d+)?[bm]|\d+x\d+(\.\d+)?b", re.IGNORECASE)
_LONGEST = 100


def keys(tags: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """A key for each tag: its name and size where that tells it from the others, else more of it.

    ``deepseek-r1:7b-qwen-distill-q4_K_M`` becomes ``deepseek-r1-7b``. None is among ``taken``,
    whatever the case.
    """
    spelt = {tag: list(dict.fromkeys(_spellings(tag))) for tag in tags}
    shared = [spelling.lower() for spellings in spelt.values() for spelling in spellings]
    used = {name.lower() for name in taken} | RESERVED | AMBIGUOUS
    found = {}
    for tag, spellings in spelt.items():
        alone = [s for s in spellings if shared.count(s.lower()) == 1 and s.lower() not in used]
        key = alone[0] if alone else _numbered(spellings[-1], used)
        used.add(key.lower())
        found[tag] = key
    return found


def _spellings(tag: str) -> Iterator[str]:
    """The names that a tag may get, the shortest first."""
    path, _, variant = tag.rpartition(":") if ":" in tag.rpartition("/")[2] else (tag, "", "")
    name = path.rpartition("/")[2]
    size = variant.partition("-")[0]
    if _SIZE.fullmatch(size) or variant == "latest":
        yield _key(name if variant == "latest" else f"{name}-{size}")
    yield _key(f"{name}-{variant}")
    yield _key(f"{path}-{variant}")


def _key(text: str) -> str:
    key = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")
    return (key if key[:1].isalpha() else f"model-{key}")[:_LONGEST]  # else it may be a number


def _numbered(name: str, used: set[str]) -> str:
    number = 2
    while (key := f"{name[: _LONGEST - 7]}-{number}").lower() in used:
        number += 1
    return key
