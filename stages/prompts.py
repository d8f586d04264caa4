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
from stages.params.problems import Problem, Trail, nearest, shown
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
    license: Line = key(..., NO_UNIT, "Licence of the text.", examples=["CC0-1.0"])
    source: Line = key(..., NO_UNIT, "Where the text is from.", examples=["Overthink"])

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

    def names(self) -> list[str]:
        """The sets that there are."""
        return sorted(path.stem for path in self.folder.glob("*.yaml"))

    def prompts(self, name: str) -> dict[str, Prompt]:
        """The prompts of a set by id; without those that are wrong."""
        if name not in self._sets:
            self._sets[name] = self._read(name)
        return self._sets[name]

    def _read(self, name: str) -> dict[str, Prompt]:
        path = self.folder / f"{name}.yaml"
        document = read_yaml(path, LARGEST, path.as_posix(), "write a list of prompts into it")
        self.problems += document.problems
        if not document.readable:
            return {}
        if not isinstance(document.value, list):
            text = "must be a list of prompts, each with id, text, license and source"
            self.problems.append(document.problem((), text))
            return {}
        found: dict[str, Prompt] = {}
        for index, value in enumerate(document.value):
            if entry := self._entry(document, index, value):
                if entry.id in found:
                    text = f"found {shown(entry.id)} a second time; rename one"
                    self.problems.append(document.problem((index, "id"), text))
                found[entry.id] = entry.prompt(name)
        self._check_pairs(document, found)
        return found

    def _entry(self, document: Document, index: int, value: object) -> Entry | None:
        try:
            entry = Entry.model_validate(value)
        except ValidationError as error:
            errors = error.errors(include_url=False)
            self.problems += explain(errors, document, Entry, (index,))
            return None
        if (entry.text is None) == (entry.turns is None):
            found = "neither" if entry.text is None else "both"
            text = f"found {found} of text and turns; give exactly one"
            self.problems.append(document.problem((index,), text))
        if entry.truth is not None and entry.topics is None:
            text = f"found {shown(entry.truth)}, but there are no topics; add topics: [one, other]"
            self.problems.append(document.problem((index, "truth"), text))
        return entry

    def _check_pairs(self, document: Document, found: dict[str, Prompt]) -> None:
        for index, value in enumerate(document.value):
            pair = value.get("pair") if isinstance(value, dict) else None
            if isinstance(pair, str) and pair not in found:
                text = f"found {shown(pair)}, no prompt of this set; {nearest(pair, found)}"
                self.problems.append(document.problem((index, "pair"), text))


def choose(reading: Reading, at: Trail, selection: Iterable[str], library: Library) -> list[Prompt]:
    """The prompts that a selection of params.yaml names, each once, in its order.

    What it names wrongly becomes a problem of ``reading`` at ``at``.
    """
    chosen: dict[str, Prompt] = {}
    for index, named in enumerate(selection):
        for prompt in _named(reading, (*at, index), named, library):
            earlier = chosen.setdefault(prompt.prompt_id, prompt)
            if earlier.set != prompt.set:
                text = f"the prompt {prompt.prompt_id} is in {earlier.set} and in {prompt.set}"
                reading.add((*at, index), f"{text}; rename one, or choose SET/ID")
    return list(chosen.values())


def _named(reading: Reading, at: Trail, named: str, library: Library) -> Iterator[Prompt]:
    set_name, _, prompt_id = named.partition("/")
    if set_name not in library.names():
        if not reading.blames(at):
            text = f"found {shown(named)}, but there is no {library.folder.as_posix()}/"
            reading.add(at, f"{text}{set_name}.yaml; {nearest(set_name, library.names())}")
        return
    prompts = library.prompts(set_name)
    if not prompt_id:
        yield from prompts.values()
    elif prompt_id in prompts:
        yield prompts[prompt_id]
    elif prompts:
        text = f"found {shown(named)}, but {set_name} has no such prompt"
        reading.add(at, f"{text}; {nearest(prompt_id, prompts)}")
