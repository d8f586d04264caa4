"""Finds the heuristics of a folder and puts them in the order in which they can be computed."""

from __future__ import annotations

import pkgutil
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from importlib import import_module

from stages.heuristics.base import Heuristic


class RegistryError(Exception):
    """Two heuristics of one name, a requirement that nobody meets, or a circle of them."""


def discover(package: str = "stages.heuristics") -> tuple[Heuristic, ...]:
    """Every ``HEURISTIC`` of the package's modules, each after those that it requires.

    Beyond that the order is the alphabet's. ``RegistryError`` where they contradict each other.
    """
    folder = import_module(package)
    modules = [
        import_module(f"{package}.{module.name}")
        for module in pkgutil.iter_modules(folder.__path__)
    ]
    return ordered([module.HEURISTIC for module in modules if hasattr(module, "HEURISTIC")])


def ordered(found: list[Heuristic]) -> tuple[Heuristic, ...]:
    """The heuristics in an order of computation; ``RegistryError`` as for ``discover``."""
    _unique("heuristic", [heuristic.name for heuristic in found])
    _unique("column", [column.name for heuristic in found for column in heuristic.columns])
    by_name = {heuristic.name: heuristic for heuristic in sorted(found, key=lambda one: one.name)}
    for heuristic in found:
        for name in heuristic.requires:
            if name not in by_name:
                raise RegistryError(f"{heuristic.name} requires {name}, which doesn't exist")
    sorter = TopologicalSorter({name: one.requires for name, one in by_name.items()})
    try:
        return tuple(by_name[name] for name in sorter.static_order())
    except CycleError as error:
        raise RegistryError(f"they require each other: {' → '.join(error.args[1])}") from None


def _unique(what: str, names: list[str]) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            raise RegistryError(f"{what} {name} is defined {times} times")
