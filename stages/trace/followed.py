"""How the processes of a model are found, also those that start in the middle of a run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Followed:
    """What tells a model's processes from all others.

    ``mark`` stands in a word of their command lines; null where they are on another machine, so
    that a process here with the same mark is a stranger. ``below``: they descend from this process;
    null where that isn't known, and then every process with the mark is one. ``server`` is the
    address of the Ollama server that holds the model, which is asked what it has in memory; null
    where there is none. ``names`` are what that server calls the model.
    """

    mark: str | None
    below: int | None = None
    server: str | None = None
    names: tuple[str, ...] = ()
