"""dvc.yaml names exactly what each stage imports; a forgotten file would leave stale results."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.graph import FOLDERS, ROOT, imported

STAGES: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))["stages"]


def body(name: str) -> dict[str, Any]:
    stage: dict[str, Any] = STAGES[name]
    return stage.get("do", stage)


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_exactly_the_modules_that_it_imports(name: str) -> None:
    module = body(name)["cmd"].split()[2].removeprefix("stages.")
    declared = {dep for dep in body(name)["deps"] if dep.startswith("stages")}
    used = imported(module)
    assert declared == used, (
        f"{name} in dvc.yaml: forgotten {sorted(used - declared)}, "
        f"superfluous {sorted(declared - used)}"
    )


def test_no_stage_imports_another_and_rooms_import_none() -> None:
    files = {f"stages/{body(name)['cmd'].split()[2].removeprefix('stages.')}.py" for name in STAGES}
    for name in STAGES:
        module = body(name)["cmd"].split()[2].removeprefix("stages.")
        assert imported(module) & files == {f"stages/{module}.py"}


def test_generate_stores_the_raw_stream_and_knows_no_table() -> None:
    for name in ("generate", "sidebyside"):
        used = imported(name)
        assert not [
            file for file in used if file.startswith(("stages/transcript", "stages/params"))
        ]
        assert "stages/tables.py" not in used


def test_every_module_serves_a_stage_or_the_command() -> None:
    commands = [f"commands.{path.stem}" for path in (ROOT / "stages/commands").glob("*.py")]
    stages = [body(name)["cmd"].split()[2].removeprefix("stages.") for name in STAGES]
    used = set().union(*(imported(module) for module in ["cli", *commands, *stages]))
    for path in (ROOT / "stages").rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(FOLDERS):
            assert name in used, f"{name} serves no stage and no command"
