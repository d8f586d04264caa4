"""What a stage imports, followed through: the files that its deps in dvc.yaml must name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "reports/report.qmd"  # its cells run in the stage ``report``
# Rooms that are searched by folder: every file in them counts, whoever imports which.
FOLDERS = ("stages/heuristics", "stages/sql")
_MODULE = re.compile(r"stages(\.\w+)+")


def imported(stage: str) -> set[str]:
    """Every file of ``stages/`` that the stage uses, itself included; folders as one entry."""
    found: set[str] = set()
    waiting = [f"stages.{stage}"]
    if stage == "report":
        cells = re.findall(r"```\{python\}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
        waiting += _modules("\n".join(cells))
    while waiting:
        for path in _files(waiting.pop()):
            name = path.relative_to(ROOT).as_posix()
            folder = next((folder for folder in FOLDERS if name.startswith(f"{folder}/")), None)
            if folder and folder not in found:
                found.add(folder)
                waiting += [
                    other
                    for member in sorted((ROOT / folder).rglob("*.py"))
                    for other in _modules(member.read_text("utf-8"))
                ]
            elif not folder and name not in found:
                found.add(name)
                waiting += _modules(path.read_text("utf-8"))
    return found


def _files(module: str) -> Iterator[Path]:
    """The module's own file, and the ``__init__`` of each package around it."""
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        base = ROOT.joinpath(*parts[:depth])
        for path in (base / "__init__.py", base.with_suffix(".py")):
            if path.is_file():
                yield path


def _modules(code: str) -> list[str]:
    """Modules that a program imports, or names in a string (what it starts with ``-m``)."""
    names: list[str] = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names += [node.value] if _MODULE.fullmatch(node.value) else []
    return [name for name in names if name.split(".")[0] == "stages"]
