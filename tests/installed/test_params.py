from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stages.installed.catalogue import Installed, LeftOut
from stages.installed.params import Written, installed_params
from stages.params.load import load
from stages.params.root import Params
from stages.sizing.capacity import Capacity
from stages.sizing.presets import sizes_in
from tests.graph import ROOT
from tests.installed.models import GB, installed

BASE = load(ROOT / "presets/small.yaml", ROOT)
ROOM = Capacity(100 * GB, 0)
TAGS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,40}", fullmatch=True)


def made(
    *models: Installed, room: Capacity | None = ROOM, left: tuple[LeftOut, ...] = ()
) -> Written:
    return installed_params(BASE, models, left, room, 8)


def read(found: Written, folder: Path) -> Params:
    """What our reader makes of it, which refuses what it doubts."""
    (folder / "params.yaml").write_text(found.text, "utf-8")
    return load(folder / "params.yaml", ROOT)


def model_lines(found: Written) -> str:
    return found.text.partition("\nmodels:")[2].partition("\ntranscripts:")[0]


def test_the_models_and_their_tests_stand_in_place_of_the_presets(tmp_path: Path) -> None:
    found = made(installed("r1:7b", 4), installed("phi:3b", 2, thinks=False))
    params = read(found, tmp_path)
    assert {
        key: model.model_dump(exclude_defaults=True) for key, model in params.models.items()
    } == {
        "phi-3b": {
            "ollama": "phi:3b",
            "think": False,
            "options": {"num_ctx": 4096, "num_predict": 3072},
        },
        "r1-7b": {"ollama": "r1:7b", "think": True},
    }
    assert found.models == ["phi-3b", "r1-7b"]
    assert found.together == params.sidebyside["test1"].models == ["r1-7b", "phi-3b"]
    assert params.prompts == BASE.prompts
    assert params.generation == BASE.generation


def test_every_key_stands_in_the_file_with_its_meaning(tmp_path: Path) -> None:
    found = made(installed("a"), installed("b"))
    written = yaml.safe_load(found.text)
    assert list(written) == list(Params.model_fields)
    for section in ("generation", "scoring", "trace", "report"):
        assert list(written[section]) == list(type(getattr(BASE, section)).model_fields)
    assert "  num_predict: 12288              # tokens: Longest response" in found.text
    assert max(map(len, found.text.splitlines())) <= 100


def test_what_each_model_needs_is_remarked_as_doctor_reads_it(tmp_path: Path) -> None:
    found = made(installed("a"))
    assert (
        "  a:                              # 1.0 GB on disk, 1.6 GB in memory; thinks\n"
        in found.text
    )
    read(found, tmp_path)
    size = sizes_in(tmp_path / "params.yaml")["a"]
    assert size is not None
    assert (size.disk_bytes, size.memory_bytes) == (1_000_000_000, 1_600_000_000)


@pytest.mark.parametrize(
    ("model", "room", "said"),
    [
        (installed("a", None), ROOM, "the server doesn't say its size; thinks"),
        (installed("a", shape=None), ROOM, "1.0 GB of weights; its context's share of memory"),
        (installed("a"), Capacity(GB, GB), "partly on the CPU, as the GPU has 1.0 GB for it"),
        (installed("a"), Capacity(1_300_000_000, 0), "a larger context may not fit"),
        (installed("a", context_length=8192), ROOM, "its context is no larger"),
    ],
)
def test_remarks_say_what_else_a_reader_must_know(
    model: Installed, room: Capacity, said: str
) -> None:
    flowing = " ".join(model_lines(made(model, room=room)).replace("#", " ").split())
    assert said in flowing


def test_models_left_out_are_remarked_on_one_line_whatever_they_are_called(tmp_path: Path) -> None:
    hostile = LeftOut("x\nmodels: {}\u2028\x85", 'because: "\n- of\x00 that"')
    found = made(installed("a"), installed("huge", 900), left=(hostile,))
    assert "# left out: x\\u000amodels: {}\\u2028\\u0085: because:" in model_lines(found)
    assert "# left out: huge: it needs 900.3 GB of memory" in model_lines(found)
    assert list(read(found, tmp_path).models) == ["a"]
    assert found.left_out[0] == hostile


def test_no_roster_is_no_test(tmp_path: Path) -> None:
    found = made(installed("a"))
    assert found.together == []
    assert read(found, tmp_path).sidebyside == {}


def test_another_machine_is_said(tmp_path: Path) -> None:
    found = made(installed("a"), room=None)
    assert "They run on another machine" in found.text
    assert read(found, tmp_path).models["a"].options.num_ctx == 4096


def test_nothing_that_fits_is_no_file() -> None:
    found = made(installed("a", 900))
    assert (found.text, found.models, len(found.left_out)) == ("", [], 1)


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(TAGS, min_size=1, max_size=6, unique=True), st.text())
def test_any_tags_give_a_file_that_our_reader_and_yaml_read_alike(
    tmp_path: Path, tags: list[str], reason: str
) -> None:
    found = made(*map(installed, tags), left=(LeftOut("other", reason),))
    params = read(found, tmp_path)
    assert sorted(str(model.ollama) for model in params.models.values()) == sorted(tags)
    # PyYAML follows YAML 1.1, where `no` and `1_0` aren't text.
    written: dict[str, Any] = yaml.safe_load(found.text)
    assert list(written["models"]) == list(params.models)
    assert [model["ollama"] for model in written["models"].values()] == [
        model.ollama for model in params.models.values()
    ]
