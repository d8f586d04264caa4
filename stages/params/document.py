"""YAML with the line of every value, read from events so that nothing in it can run or grow.

Scalars mean what they mean to DVC, which reads the same file as YAML 1.2: ``yes`` is text and
``1e-3`` a number. (PyYAML's own constructors follow 1.1, where it is the other way round.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from stages.params.problems import Problem, Trail, shown, spell

DEEPEST = 20  # levels of nesting; our files have five

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\u200d\u2010-\u2027\u2030-\ud7ff\ue000-\ufefe\uff00-\ufffd"
    "\U00010000-\U0010ffff]"
)
_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?(?=.{1,300}\Z)[0-9]+(_[0-9]+)*")  # Python refuses very long ones
_BASED = re.compile(r"0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LIMITLESS = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([Tt\s]|$)")

_Events: TypeAlias = Iterator[yaml.Event]


@dataclass(frozen=True)
class Document:
    """A YAML file: its value, the line (from 1) of each key and item, and what is wrong with it.

    ``readable`` is false where there is no value to check further.
    """

    file: str
    value: Any = None
    lines: dict[Trail, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    readable: bool = True

    def line(self, trail: Trail) -> int:
        """The line of ``trail``, or of what it would stand in if it isn't there."""
        while trail and trail not in self.lines:
            trail = trail[:-1]
        return self.lines.get(trail, 1)

    def problem(self, trail: Trail, text: str) -> Problem:
        """``text`` as a problem at ``trail``."""
        return Problem(self.file, self.line(trail), spell(trail), text, trail)

    def values(self, trail: Trail) -> Any:
        """The value at ``trail``; null if it isn't there."""
        value = self.value
        for step in trail:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value


def read_yaml(path: Path, limit: int, file: str, remedy: str) -> Document:
    """Read ``path`` (at most ``limit`` bytes); messages name it ``file``.

    ``remedy`` says what to do where the file is missing or empty. Never raises for what the file
    holds: the problems are in the document.
    """
    if not path.is_file():
        return _unreadable(file, 1, f"no such file; {remedy}")
    try:
        with path.open("rb") as stream:
            raw = stream.read(limit + 1)
    except OSError as error:
        return _unreadable(file, 1, f"can't be read ({error.strerror}); check its permissions")
    if len(raw) > limit:
        return _unreadable(file, 1, f"is larger than {limit:,} bytes; make it smaller")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return _unreadable(file, line, "is not UTF-8 text; save it as UTF-8")
    if bad := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        return _unreadable(file, line, f"holds the character U+{ord(bad[0]):04X}; remove it")
    return _parse(text, file, remedy)


def _unreadable(file: str, line: int, text: str) -> Document:
    return Document(file, problems=[Problem(file, line, "", text)], readable=False)


def _parse(text: str, file: str, remedy: str) -> Document:
    builder = _Builder(file)
    try:
        builder.read(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        return _unreadable(file, *_syntax(error, text))
    except _TooDeep as error:
        return _unreadable(file, error.args[0], f"nests deeper than {DEEPEST} levels; flatten it")
    document = Document(file, builder.value, builder.lines, builder.problems)
    if not builder.seen:
        return _unreadable(file, 1, f"is empty; {remedy}")
    return document


def _syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str]:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column + 1) if mark else (0, 1)
    lines = text.splitlines()
    source = lines[line] if line < len(lines) else ""
    indent = source[: len(source) - len(source.lstrip())]
    if "\t" in indent:
        remedy = "indent with spaces, not tabs"
    else:
        remedy = "check the indentation and brackets; text with ': ' or ' #' needs quotes"
    return line + 1, f"not YAML at column {column}: {error.problem or error.context}; {remedy}"


class _TooDeep(Exception):  # noqa: N818 (a signal within this file, never seen outside)
    pass


class _Builder:
    """Builds values from parse events, noting lines and what we don't accept."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.value: Any = None
        self.seen = False
        self.lines: dict[Trail, int] = {}
        self.problems: list[Problem] = []

    def read(self, events: _Events) -> None:
        for event in events:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            if self.seen:
                self._refuse(event, (), "holds a second document (---); keep one")
                return
            self.seen = True
            self.lines[()] = 1
            self.value = self._node(next(events), events, ())

    def _node(self, event: yaml.Event, events: _Events, trail: Trail) -> Any:
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, trail, f"aliases (*{event.anchor}) aren't read; write the value")
            return None
        if len(trail) > DEEPEST:
            raise _TooDeep(_line(event))
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            self._refuse(event, trail, f"tags ({shown(tag)}) aren't read; write the plain value")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, trail)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, trail)
        assert isinstance(event, yaml.ScalarEvent)
        return self._scalar(event, trail)

    def _mapping(self, events: _Events, trail: Trail) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key, where = self._key(event, events, trail), _line(event)
            if key in mapping:
                first = self.lines[(*trail, key)]
                self._refuse(event, (*trail, key), f"stands twice (line {first} too); keep one")
            else:
                self.lines[(*trail, key)] = where
            mapping[key] = self._node(next(events), events, (*trail, key))
        return mapping

    def _key(self, event: yaml.Event, events: _Events, trail: Trail) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self._node(event, events, (*trail, "?"))
            self._refuse(event, (*trail, "?"), "a key must be plain text")
            return "?"
        if not isinstance(_resolve(event), str) or _is_date(event):
            text = (
                f"this key isn't text to every reader; write it in quotes or rename {event.value}"
            )
            self._refuse(event, (*trail, event.value), text)
        return event.value

    def _sequence(self, events: _Events, trail: Trail) -> list[Any]:
        items: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            here = (*trail, len(items))
            self.lines[here] = _line(event)
            items.append(self._node(event, events, here))
        return items

    def _scalar(self, event: yaml.ScalarEvent, trail: Trail) -> Any:
        value = _resolve(event)
        if isinstance(value, str) and (bad := _UNPRINTABLE.search(value)):
            self._refuse(event, trail, f"holds the character U+{ord(bad[0]):04X}; remove it")
        elif _is_date(event):
            self._refuse(event, trail, f'found {event.value}, a date to DVC; write "{event.value}"')
        return value

    def _refuse(self, event: yaml.Event, trail: Trail, text: str) -> None:
        line = _line(event)
        self.problems.append(Problem(self.file, line, spell(trail), text, trail))


def _line(event: yaml.Event) -> int:
    assert event.start_mark is not None
    return event.start_mark.line + 1


def _is_date(event: yaml.ScalarEvent) -> bool:
    """Whether other readers of YAML make a date of it: DVC does, and then stops."""
    return not (event.style or event.tag) and bool(_DATE.match(event.value))


def _resolve(event: yaml.ScalarEvent) -> Any:
    text = event.value
    if event.style or event.tag:  # quoted, or a block of text: C and Python spell plain differently
        return text
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _LIMITLESS.fullmatch(text):
        return float(text.replace(".", ""))
    return text
