"""The prompts in ``data/prompts/SET.yaml``: read, checked, and chosen from by params.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, ValidationError

from stages.params.document import Document, read_yaml
from stages.params.explain import explain
from stages.params.load import Reading
from stages.params.problems import ABSENT, Problem, Trail, nearest, shown
from stages.params.section import NO_UNIT, Line, Section, key
from stages.plans.score import Prompt

FOLDER = Path("data/prompts")
LARGEST = 16_777_216  # bytes a file
"""Sets may hold thousands of prompts; params.yaml may not."""

PromptId = Annotated[
    str, Field(pattern="^[A-Za-z0-9_-]+$", max_length=100, examples=["test1", "tides-moon"])
]
Text = Annotated[str, Field(pattern=r"\S", max_length=1_000_000, examples=["Why is the sky blue?"])]
Texts: TypeAlias = Annotated[list[Text], Field(min_length=1)]


class Entry(Section):
    """One prompt as it stands in a set."""

    id: PromptId = key(..., NO_UNIT, "Its name, unique over all sets that are asked together.")
    text: Text | None = key(None, NO_UNIT, "What is asked.")
    turns: Texts | None = key(None, NO_UNIT, "The user's turns of a conversation, in order.")
    topics: Annotated[list[Text], Field(min_length=2, max_length=2)] | None = key(
        None, NO_UNIT, "The two topics of a two-topic prompt.", examples=[["tides", "the moon"]]
    )
    truth: Literal["related", "unrelated"] | None = key(
        None, NO_UNIT, "Whether the topics have to do with each other."
    )
    reference: Text | Texts | None = key(None, NO_UNIT, "The right answer, or several spellings.")
    pair: PromptId | None = key(None, NO_UNIT, "The prompt of this set that it is compared with.")
    reconstructed: bool = key(False, NO_UNIT, "Worded by us, where the original isn't shown.")
    license: Line = key(..., NO_UNIT, "Licence of the text.", min_length=1, examples=["CC0-1.0"])
    source: Line = key(
        ..., NO_UNIT, "Where the text is from.", min_length=1, examples=["Overthink"]
    )

    def prompt(self, set_name: str) -> Prompt:
        """What scoring and asking need of it."""
        reference = [self.reference] if isinstance(self.reference, str) else self.reference
        return Prompt(
            prompt_id=self.id,
            set=set_name,
            turns=self.turns or [str(self.text)],
            topics=self.topics,
            truth=self.truth,
            reference=reference,
            pair=self.pair,
            reconstructed=self.reconstructed,
        )


@dataclass
class Library:
    """The sets that have been read so far, and all that is wrong with them."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    _sets: dict[str, dict[str, Prompt]] = field(default_factory=dict)
    _chosen: dict[str, Prompt] = field(default_factory=dict)

    def names(self) -> list[str]:
        """The sets that there are."""
        return sorted(path.stem for path in self.folder.glob("*.yaml"))

    def prompts(self, name: str) -> dict[str, Prompt]:
        """The prompts of a set by id; without those that are wrong."""
        if name not in self._sets:
            path = self.folder / f"{name}.yaml"
            document = read_yaml(path, LARGEST, path.as_posix(), "write a list of prompts into it")
            self._sets[name] = dict(_prompts(document, name))
            self.problems += document.problems
        return self._sets[name]

    def faulty(self, name: str) -> bool:
        """Whether anything is wrong with a set that has been read."""
        file = (self.folder / f"{name}.yaml").as_posix()
        return any(problem.file == file for problem in self.problems)

    def clash(self, prompt: Prompt) -> str | None:
        """The other set from which a prompt of the same id has been chosen, if any."""
        earlier = self._chosen.setdefault(prompt.prompt_id, prompt)
        return earlier.set if earlier.set != prompt.set else None


def _prompts(document: Document, set_name: str) -> Iterator[tuple[str, Prompt]]:
    """The prompts of a set by id; mistakes are noted in the document."""
    if not document.readable:
        return
    if not isinstance(document.value, list) or not document.value:
        text = "must be a list of prompts, each with id, text, license and source"
        document.problems.append(document.problem((), text))
        return
    ids = [value.get("id") for value in document.value if isinstance(value, dict)]
    seen: set[str] = set()
    for index, value in enumerate(document.value):
        try:
            entry = Entry.model_validate(value)
        except ValidationError as error:
            errors = error.errors(include_url=False)
            document.problems.extend(explain(errors, document, Entry, (index,)))
            continue
        for key_name, text in _contradictions(entry, seen, ids):
            document.problems.append(document.problem((index, *key_name), text))
        seen.add(entry.id)
        yield entry.id, entry.prompt(set_name)


def _contradictions(
    entry: Entry, seen: set[str], ids: list[object]
) -> Iterator[tuple[tuple[str, ...], str]]:
    if entry.id in seen:
        yield ("id",), f"found {shown(entry.id)} a second time; rename one"
    if (entry.text is None) == (entry.turns is None):
        found = "neither" if entry.text is None else "both"
        yield (), f"found {found} of text and turns; give exactly one"
    if entry.truth is not None and entry.topics is None:
        text = f"found {shown(entry.truth)}, but there are no topics"
        yield ("truth",), f"{text}; add topics: [one, other]"
    others = [str(other) for other in ids if other != entry.id]
    if entry.pair is not None and entry.pair not in others:
        text = f"found {shown(entry.pair)}, no other prompt of this set"
        yield ("pair",), f"{text}; {nearest(entry.pair, others)}"


def choose(reading: Reading, at: Trail, selection: list[str], library: Library) -> list[Prompt]:
    """The prompts that a selection of params.yaml names, each once, in its order.

    What it names wrongly becomes a problem of ``reading`` at ``at``.
    """
    chosen: dict[str, Prompt] = {}
    for index, named in enumerate(selection):
        here = (*at, index)
        if reading.blames(here):
            continue
        if named in selection[:index]:
            reading.add(here, f"found {shown(named)} a second time; remove it")
        for prompt in _named(reading, here, named, library):
            chosen[prompt.prompt_id] = prompt
            if other := library.clash(prompt):
                text = f"the id {prompt.prompt_id} is chosen from {other} and from {prompt.set}"
                reading.add(here, f"{text}; rename one, or choose only one by SET/ID")
    return list(chosen.values())


def _named(reading: Reading, at: Trail, named: str, library: Library) -> Iterable[Prompt]:
    if named == ABSENT:
        return []
    set_name, _, prompt_id = named.partition("/")
    if set_name not in library.names():
        text = f"found {shown(named)}, but there is no {library.folder.as_posix()}/{set_name}.yaml"
        reading.add(at, f"{text}; {nearest(set_name, library.names())}")
        return []
    prompts = library.prompts(set_name)
    if not prompt_id:
        return prompts.values()
    if prompt_id in prompts:
        return [prompts[prompt_id]]
    if not library.faulty(set_name):  # else it may be one of those that are wrong
        text = f"found {shown(named)}, but {set_name} has no such prompt"
        reading.add(at, f"{text}; {nearest(prompt_id, prompts)}")
    return []
