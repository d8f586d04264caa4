"""One figure of a summary: its value with its unit, or why it isn't known."""

from __future__ import annotations

from dataclasses import dataclass

Value = float | int | None


@dataclass(frozen=True)
class Figure:
    """``about`` is the command, watched (the processes that were named), machine or tracer.

    ``name`` is for programs and ends with the unit. Where ``value`` is null ``remark`` is the
    reason, else what the reader has to know to read it right.
    """

    about: str
    name: str
    title: str
    value: Value
    unit: str
    remark: str = ""


def figure(
    about: str, name: str, title: str, value: Value, unit: str, remark: str = "", *, reason: str
) -> Figure:
    """A figure whose remark, where it isn't known, is ``reason``."""
    return Figure(about, name, title, value, unit, reason if value is None else remark)


def rounded(value: float) -> str:
    """To what can be read at a glance."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
