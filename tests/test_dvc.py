"""DVC for real, in a copy of the project, with the real model and a handful of tokens."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.repo import Repo

from tests.graph import ROOT
from tests.projects import Project, tiny_params

pytestmark = [
    pytest.mark.dvc,
    pytest.mark.model,
    pytest.mark.timeout(600),
]

EDITS = {".py": b"# edited\n", ".sql": b"-- edited\n"}
ALWAYS_LAST = {"query", "report", "gate"}


def test_a_first_run_runs_every_stage_and_the_next_one_none(
    finished: tuple[Project, set[str]], project: Project
) -> None:
    _, ran = finished
    each = {"pull", "generate", "score"}
    assert ran == (
        {f"{stage}@{model}" for stage in each for model in ("plain", "aloud")}
        | {"roster@both", "sidebyside@both", "score-sidebyside@both"}
        | {"import@old", "score-import@old", "plan", "validate"}
        | ALWAYS_LAST
    )
    assert project.repro() == set()
    answered = project.query("SELECT model, count(answer) FROM responses GROUP BY 1 ORDER BY 1")
    # Two prompts alone, one more in each arm of the test.
    assert answered == [("aloud", 4), ("past", 1), ("plain", 4)]
    assert (project.root / "reports/report.html").stat().st_size > 10_000
    assert (project.root / "reports/report.pdf").read_bytes()[:5] == b"%PDF-"


def test_a_file_of_the_program_reruns_the_stages_that_declare_it_and_no_other(
    project: Project,
) -> None:
    files = [path for path in (project.root / "stages").rglob("*") if path.suffix in EDITS]
    assert len(files) > 100
    with Repo(str(project.root)) as repo, repo.lock:
        stages = {stage.addressing: {str(dep) for dep in stage.deps} for stage in repo.index.stages}

        def to_rerun() -> set[str]:
            """What DVC finds changed in what the stages depend on (their outputs aren't)."""
            return {stage.addressing for stage in repo.index.stages if stage.changed_deps()}

        assert not to_rerun()
        declaring: dict[frozenset[str], Path] = {}  # one file each: they all take a minute or two
        for path in files:
            name = path.relative_to(project.root).as_posix()
            declared = frozenset(
                stage
                for stage, deps in stages.items()
                if any(name == dep or name.startswith(f"{dep}/") for dep in deps)
            )
            declaring.setdefault(declared, path)
        assert len(declaring) > 20
        for declared, path in declaring.items():
            content = path.read_bytes()
            path.write_bytes(content + EDITS[path.suffix])
            assert to_rerun() == declared, path
            path.write_bytes(content)
        assert not to_rerun()


def test_a_model_that_comes_or_goes_touches_no_other(project: Project) -> None:
    params = tiny_params()
    params["models"]["third"] = params["models"]["plain"] | {
        "options": {"num_ctx": 256, "num_predict": 6}
    }
    project.write_params(params)
    alone = {"pull@third", "generate@third", "score@third"}
    assert project.repro("query") == {"plan", *alone, "roster@both", "query"}
    params = tiny_params()
    del params["models"]["aloud"]
    params["sidebyside"] = {}
    project.write_params(params)
    assert project.repro() == {"plan"} | ALWAYS_LAST
    left = [
        path.relative_to(project.root).as_posix()
        for path in (project.root / "data").rglob("*")
        if re.search("aloud|third|both", path.name)
    ]
    assert left == []
    assert project.query("SELECT DISTINCT model FROM responses ORDER BY 1") == [
        ("past",),
        ("plain",),
    ]
    page = (project.root / "reports/report.html").read_text("utf-8")
    assert "third" not in page
    assert "aloud" not in re.sub(r"think\w* aloud", "", page)
    # Back again: DVC has the responses in its cache, and no token is generated anew.
    project.write_params(tiny_params())
    assert not {"generate@aloud", "sidebyside@both"} & project.repro("query")
    assert project.query("SELECT count(*) FROM responses WHERE model = 'aloud'") == [(4,)]


def test_an_edit_reruns_what_it_can_change(project: Project) -> None:
    downstream = {"score@plain", "score@aloud", "score-sidebyside@both", "score-import@old"}
    generated = {"generate@plain", "generate@aloud"}

    project.append("reports/report.qmd", "\n<!-- edited -->\n")
    assert project.repro() == {"report", "gate"}

    project.append("stages/heuristics/loop.py", "# edited\n")
    assert project.repro("query") <= downstream | {"validate", "query"}

    label = (project.root / "data/labels/topic_pairs.jsonl").read_text("utf-8").splitlines()
    (project.root / "data/labels/topic_pairs.jsonl").write_text("\n".join(label[1:]) + "\n")
    assert project.repro("query") == {"validate", "query"}

    params = tiny_params()
    params["generation"]["temperature"] = 0.1
    project.write_params(params)
    ran = project.repro("query")
    assert generated | {"sidebyside@both"} <= ran
    assert not {"pull@plain", "pull@aloud", "import@old", "validate"} & ran

    prompts = yaml.safe_load((project.root / "data/prompts/tiny.yaml").read_text("utf-8"))
    prompts[1]["text"] = "What is 2 + 4?"
    (project.root / "data/prompts/tiny.yaml").write_text(yaml.safe_dump(prompts), "utf-8")
    ran = project.repro("query")
    assert generated <= ran
    assert "sidebyside@both" not in ran  # it doesn't ask this prompt


def test_with_every_model_failing_there_is_a_report_and_then_a_failure(project: Project) -> None:
    (project.root / "broken.gguf").write_bytes(b"GGUF" + bytes(64))
    params = tiny_params()
    for model in params["models"].values():
        model["gguf"] = "broken.gguf"
    project.write_params(params)
    output = project.run("dvc", "repro", status=1)
    assert "Running stage 'report'" in output
    assert "failed to reproduce 'gate'" in output
    assert "Traceback" not in output
    page = (project.root / "reports/report.html").read_text("utf-8")
    assert "broken.gguf" in page
    # The same command tries again what failed, and only that.
    ran = project.repro(status=1)
    assert {"pull@plain", "generate@plain"} <= ran
    assert "import@old" not in ran


def test_experiments_are_run_and_compared(project: Project) -> None:
    project.run("git", "add", "dvc.lock", "metrics.json")
    project.run("git", "commit", "-qm", "baseline")
    option = "models.plain.options.num_predict"
    project.run("dvc", "exp", "run", "-n", "short", "-S", f"{option}=4", "query")
    project.run("dvc", "exp", "run", "--temp", "-n", "long", "-S", f"{option}=12", "query")
    difference = project.run("dvc", "exp", "diff", "short", "long")
    assert re.search(r"models\.plain\.options\.num_predict\s+4\s+12", difference)
    assert "metrics.json" in difference
    assert "models.plain" in project.run("dvc", "metrics", "show")
    project.run("dvc", "plots", "show")
    assert (project.root / "dvc_plots/index.html").exists()


def test_a_mistake_in_params_is_said_by_us_also_where_a_section_is_missing(
    project: Project,
) -> None:
    params = tiny_params()
    del params["sidebyside"]
    params["generation"]["temprature"] = 1
    params["models"]["a.b"] = params["models"]["plain"]
    project.write_params(params)
    output = project.run("dvc", "repro", status=1)
    assert "temperature" in output
    assert "a.b" in output
    assert "sidebyside" in output
    assert "Running stage 'pull" not in output
    assert "Traceback" not in output


def link_environment(root: Path) -> None:
    """The copy's .venv is this one, and counts as set up."""
    (root / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (root / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    (root / ".venv/.synced").write_text(str(root))


def readme_params() -> Any:
    """Few tokens, under the names that the README's examples use."""
    params = tiny_params()
    params["prompts"] = ["original/test1", "tiny"]
    params["models"]["smollm2"] = params["models"].pop("plain")
    params["sidebyside"]["both"]["models"] = ["smollm2", "aloud"]
    return params


def test_every_command_of_the_readme_runs(project: Project) -> None:
    link_environment(project.root)
    project.environment["PYTEST_ADDOPTS"] = "--collect-only -q -p no:cacheprovider"
    # The README's examples name what the starter has.
    project.write_params(readme_params())
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if line.strip()]
    assert len(commands) >= 12
    for command in commands:
        if command == "make repro":
            project.write_params(readme_params())
        elif command.startswith("overthink init"):  # it never replaces an edited file
            shutil.copy(project.root / "presets/starter.yaml", project.root / "params.yaml")
        output = project.run("sh", "-c", command)
        assert "Traceback" not in output, command
    page = project.root / "reports/report.html"
    assert f"The report is at {page}" in project.run("make", "repro")
