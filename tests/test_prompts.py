from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages.params.load import read
from stages.prompts import Library, choose

ROOT = Path(__file__).parents[1]
GOOD = """\
- {id: one, text: "What is 2 + 2?", reference: "4", license: CC0-1.0, source: us}
- id: two
  turns: [Hello., And now?]
  topics: [tides, the Moon]
  truth: related
  pair: one
  license: CC0-1.0
  source: us
- {id: three, text: "Roses?", reference: [red, "rot"], license: CC0-1.0, source: us}
"""


def library(folder: Path, **sets: str) -> Library:
    for name, text in sets.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Library(folder)


def said(found: Library) -> list[str]:
    prefix = f"{found.folder.as_posix()}/"
    return [str(problem).removeprefix(prefix) for problem in found.problems]


def test_a_set_is_read_with_facts_absent_as_null(tmp_path: Path) -> None:
    shelf = library(tmp_path, good=GOOD)
    one, two, three = shelf.prompts("good").values()
    assert (one.prompt_id, one.set, one.turns) == ("one", "good", ["What is 2 + 2?"])
    assert (one.topics, one.truth, one.pair, one.reference) == (None, None, None, ["4"])
    assert (two.turns, two.topics, two.truth) == (
        ["Hello.", "And now?"], ["tides", "the Moon"], "related"
    )  # fmt: skip
    assert three.reference == ["red", "rot"]
    assert not any(prompt.reconstructed for prompt in (one, two, three))
    assert said(shelf) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("truth: related", "truht: related",
         "5: [1].truht: unknown key; did you mean truth?"),
        ("truth: related", "truth: maybe",
         '5: [1].truth: found "maybe"; must be related, unrelated or null'),
        ("[tides, the Moon]", "[tides]",
         ('4: [1].topics: found ["tides"]; must be a list of 2 or null, '
          'such as [tides, "the moon"]')),
        ("  topics: [tides, the Moon]\n", "",
         '4: [1].truth: found "related", but there are no topics; add topics: [one, other]'),
        ("pair: one", "pair: on",
         '6: [1].pair: found "on", no other prompt of this set; did you mean one?'),
        ("pair: one", "pair: two",
         '6: [1].pair: found "two", no other prompt of this set; known here: one, three'),
        ("id: three", "id: one",
         '9: [2].id: found "one" a second time; rename one'),
        ("id: three", "id: th/ree",
         '9: [2].id: found "th/ree"; must be text on one line, such as test1 or tides-moon'),
        ("id: three, ", "", '9: [2].id: is missing; add id: test1'),
        ("\n  license: CC0-1.0\n", "\n", "2: [1].license: is missing; add license: \"CC0-1.0\""),
        ('reference: "4"', "reference: 4",
         ('1: [0].reference: found 4; must be text, a list of 1 or more or null: '
          'put quotes around it, "4"')),
        ("turns: [Hello., And now?]", "turns: []",
         "3: [1].turns: found []; must be a list of 1 or more or null"),
        ("turns: [Hello., And now?]", "turns: [Hello., ' ']",
         '3: [1].turns[1]: found " "; must be text, such as "Why is the sky blue?"'),
        ("turns: [", "text: hi\n  turns: [",
         "2: [1]: found both of text and turns; give exactly one"),
        ('text: "Roses?", ', "",
         "9: [2]: found neither of text and turns; give exactly one"),
        ('text: "Roses?"', 'text: "a\\0b"',
         "9: [2].text: holds the character U+0000; remove it"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_set_is_one_line(tmp_path: Path, old: str, new: str, line: str) -> None:
    assert old in GOOD
    shelf = library(tmp_path, good=GOOD.replace(old, new, 1))
    shelf.prompts("good")
    assert said(shelf) == [f"good.yaml:{line}"]


@pytest.mark.parametrize("text", ["a: 1\n", "[]\n", "hello\n"])
def test_a_set_is_a_list_of_prompts(tmp_path: Path, text: str) -> None:
    shelf = library(tmp_path, good=text)
    assert shelf.prompts("good") == {}
    assert said(shelf) == [
        "good.yaml:1: must be a list of prompts, each with id, text, license and source"
    ]


def test_an_item_that_is_no_mapping(tmp_path: Path) -> None:
    shelf = library(tmp_path, good=f"{GOOD}- just text\n")
    shelf.prompts("good")
    assert said(shelf) == ['good.yaml:10: [3]: found "just text"; must be a mapping (key: value)']


def chosen(shelf: Library, params: Path, *selection: str) -> tuple[list[str], list[str]]:
    """The ids chosen by ``prompts:``, and what is said about the choice."""
    starter: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    text = yaml.safe_dump(starter | {"prompts": list(selection)}, default_flow_style=None)
    params.write_text(text, encoding="utf-8")
    reading = read(params, ROOT)
    prompts = choose(reading, ("prompts",), list(selection), shelf)
    problems = [re.sub(r"^.*params\.yaml:\d+: ", "", str(problem)) for problem in reading.problems]
    return [prompt.prompt_id for prompt in prompts], problems


@pytest.mark.parametrize(
    ("selection", "ids"),
    [
        (["good"], ["one", "two", "three"]),
        (["good/two"], ["two"]),
        (["good/three", "good/one"], ["three", "one"]),
        (["good/three", "good"], ["three", "one", "two"]),
    ],
)
def test_a_whole_set_or_one_prompt_of_it(
    tmp_path: Path, selection: list[str], ids: list[str]
) -> None:
    """A prompt chosen without its pair is fine."""
    assert chosen(library(tmp_path, good=GOOD), tmp_path / "params.yaml", *selection) == (ids, [])


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        (["goood"],
         'prompts[0]: found "goood", but there is no SETS/goood.yaml; did you mean good?'),
        (["good", "good/tow"],
         'prompts[1]: found "good/tow", but good has no such prompt; did you mean two?'),
        (["good", "good"],
         'prompts[1]: found "good" a second time; remove it'),
        (["good", "other"],
         ("prompts[1]: the id one is chosen from good and from other; "
          "rename one, or choose only one by SET/ID")),
    ],
)  # fmt: skip
def test_a_wrong_choice_is_one_line(tmp_path: Path, selection: list[str], said: str) -> None:
    other = "- {id: one, text: Hi, license: CC0-1.0, source: us}\n"
    sets = tmp_path / "sets"
    sets.mkdir()
    _, problems = chosen(
        library(sets, good=GOOD, other=other), tmp_path / "params.yaml", *selection
    )
    assert problems == [said.replace("SETS", sets.as_posix())]


def test_a_prompt_that_is_wrong_isnt_called_missing_too(tmp_path: Path) -> None:
    shelf = library(tmp_path, good=GOOD.replace("truth: related", "truth: 1"))
    ids, problems = chosen(shelf, tmp_path / "params.yaml", "good/two", "good/one")
    assert (ids, problems) == (["one"], [])
    assert len(said(shelf)) == 1


# What we ship


@pytest.fixture(scope="module")
def shipped() -> Library:
    return Library(ROOT / "data/prompts")


def test_the_shipped_sets_are_right_and_share_no_id(shipped: Library) -> None:
    assert shipped.names() == ["controls", "original"]
    ids = [prompt for name in shipped.names() for prompt in shipped.prompts(name)]
    assert said(shipped) == []
    assert len(ids) == len(set(ids))


def test_the_original_is_quoted_or_marked_as_reconstructed(shipped: Library) -> None:
    original = shipped.prompts("original")
    first = "Difference between model distillation and mixture of experts"
    assert original["test1"].turns == [first]
    assert not original["test1"].reconstructed
    fresh, continued = original["test2"], original["test2-continued"]
    assert continued.turns == [first, *fresh.turns]
    for prompt in (fresh, continued):
        assert prompt.topics == ["Afghanistan War", "China top universities"]
        assert (prompt.truth, prompt.reconstructed) == ("unrelated", True)


def test_unrelated_topics_have_a_related_control_of_the_same_form(shipped: Library) -> None:
    controls = shipped.prompts("controls")
    unrelated = [prompt for prompt in controls.values() if prompt.truth == "unrelated"]
    assert len(unrelated) >= 12
    partners = {prompt.pair for prompt in unrelated}
    assert partners == {key for key, prompt in controls.items() if prompt.truth == "related"}
    for prompt in unrelated:
        related = controls[str(prompt.pair)]
        assert prompt.topics and related.topics
        assert prompt.topics[0] == related.topics[0]
        text, other = prompt.turns[0], related.turns[0]
        assert blanked(text, prompt.topics) == blanked(other, related.topics)
        assert abs(len(text) - len(other)) <= 9, prompt.prompt_id


def blanked(text: str, topics: list[str]) -> str:
    """The wording without its topics, which must stand in it."""
    for topic in topics:
        assert topic.lower() in text.lower(), text
        text = re.sub(re.escape(topic), "_", text, count=1, flags=re.IGNORECASE)
    return text


def test_trivial_and_complete_questions_have_references(shipped: Library) -> None:
    controls = shipped.prompts("controls").values()
    plain = [prompt for prompt in controls if prompt.topics is None]
    missing = [prompt for prompt in plain if prompt.pair]
    pairs = {prompt.pair for prompt in missing}
    complete = {prompt.prompt_id: prompt for prompt in plain if prompt.prompt_id in pairs}
    trivial = [p for p in plain if p.pair is None and p.prompt_id not in complete]
    assert len(trivial) >= 12
    assert all(prompt.reference for prompt in [*trivial, *complete.values()])
    assert len(missing) >= 12
    assert not any(prompt.reference for prompt in missing)
    assert sorted(str(prompt.pair) for prompt in missing) == sorted(complete)
    for prompt in missing:
        whole = complete[str(prompt.pair)].turns[0]
        question = whole.rsplit(". ", 1)[1]
        assert prompt.turns[0].endswith(question)
        assert prompt.turns[0] != whole
