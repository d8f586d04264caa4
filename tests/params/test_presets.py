from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from stages.params.load import load
from stages.params.root import Params

ROOT = Path(__file__).parents[2]
PRESETS = sorted((ROOT / "presets").glob("*.yaml"))


def preset(name: str) -> Params:
    return load(ROOT / "presets" / f"{name}.yaml", ROOT)


def test_there_are_presets_and_params_is_the_starter() -> None:
    assert [path.stem for path in PRESETS] == ["original", "small", "starter"]
    assert (ROOT / "params.yaml").read_bytes() == (ROOT / "presets/starter.yaml").read_bytes()


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_every_key_of_every_section_stands_in_a_preset(path: Path) -> None:
    """``dvc exp run --set-param`` can't set what isn't there."""
    written = yaml.safe_load(path.read_text("utf-8"))
    params = load(path, ROOT)
    assert list(written) == list(Params.model_fields)
    for section in ("generation", "scoring", "trace", "report"):
        assert list(written[section]) == list(type(getattr(params, section)).model_fields)
    for name, test in params.sidebyside.items():
        assert list(written["sidebyside"][name]) == list(type(test).model_fields)


def test_the_starter_only_demonstrates_and_needs_no_server() -> None:
    params = preset("starter")
    assert all(model.demo and model.gguf for model in params.models.values())
    assert [model.think for model in params.models.values()] == [False, "prompted"]


def test_the_original_names_its_models_by_tags_that_dont_move() -> None:
    params = preset("original")
    tags = {key: str(model.ollama) for key, model in params.models.items()}
    assert all(tag.endswith("-q4_K_M") for tag in tags.values())
    assert {name: test.models for name, test in params.sidebyside.items()} == {
        "test1": ["deepseek-r1-7b", "llama3-3-70b", "deepseek-r1-32b"],
        "test2": ["deepseek-r1-7b", "deepseek-r1-70b"],
    }
    assert len(tags) == 7
    text = (ROOT / "presets/original.yaml").read_text("utf-8")
    for digest in ("a6eb4748fd29", "0a8c26691023", "38056bbcb2d", "0c1615a8ca32"):
        assert digest in text
    assert "  # deepseek-r1-671b:" in text  # listed, and off


def test_small_names_its_models_by_tags_that_dont_move() -> None:
    original, small = preset("original").models, preset("small")
    tags = {key: str(model.ollama) for key, model in small.models.items()}
    assert list(tags) == ["qwen3-0-6b", "deepseek-r1-1-5b", "deepseek-r1-7b"]
    assert all(tag.endswith("-q4_K_M") for tag in tags.values())
    assert all(original[key].ollama == tag for key, tag in tags.items() if key in original)
    assert small.sidebyside["test1"].models == ["qwen3-0-6b", "deepseek-r1-1-5b"]


@pytest.mark.parametrize("name", ["original", "small"])
def test_presets_of_reasoning_models_leave_thoughts_room_and_time(name: str) -> None:
    params = preset(name)
    general = params.generation
    assert (general.num_ctx, general.num_predict) == (16384, 12288)
    assert (general.timeout_s, general.stall_s) == (7200, 900)
    shorter = {
        key: (model.options.num_ctx, model.options.num_predict)
        for key, model in params.models.items()
        if model.options.num_ctx
    }
    assert shorter == ({"deepseek-r1-7b": (8192, 6144)} if name == "small" else {})


def test_every_key_stands_in_the_starter_so_that_it_can_be_swept() -> None:
    shipped = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    known = json.loads((ROOT / ".params.schema.json").read_text("utf-8"))
    places = {
        "Generation": shipped["generation"],
        "Scoring": shipped["scoring"],
        "Trace": shipped["trace"],
        "Report": shipped["report"],
        "Model": shipped["models"]["smollm2"],
        "ModelOptions": shipped["models"]["smollm2"]["options"],
        "Test": shipped["sidebyside"]["test1"],
    }
    assert shipped.keys() == known["properties"].keys()
    for name, place in places.items():
        assert place.keys() == known["$defs"][name]["properties"].keys(), name
