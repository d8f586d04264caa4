"""Which sources are to be tried again: a small file each that their stages depend on.

A run whose failures are too many fails in ``gate``, but DVC has the failed rows in its cache and
would show them for ever. So ``gate`` counts up here, and the next ``dvc repro`` asks anew where
something failed, and only there. The files outlast their models: a state that DVC takes from its
cache, without running ``plan``, still finds them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from stages.files import read_json, write_json

FOLDER = Path(".overthink/retry")


def prepare(sources: Iterable[str]) -> None:
    """Make the file of each source that has none yet, so that its stage finds its dependency."""
    for source in sources:
        if not _path(source).exists():
            write_json(_path(source), {"tries_after_failure": 0})


def again(sources: Iterable[str]) -> None:
    """Have the next run try these sources again; those that aren't asked (imports) stay."""
    for source in sources:
        path = _path(source)
        if path.exists():
            tries = read_json(path)["tries_after_failure"]
            write_json(path, {"tries_after_failure": tries + 1})


def _path(source: str) -> Path:
    return FOLDER / f"{source}.json"
