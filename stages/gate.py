"""Stage ``gate``: fails the run when too many responses failed, after the report has said so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stages import retry
from stages.errors import RunFailed, run
from stages.files import read_json
from stages.plans.gate import GatePlan

_REASONS = 3
_LONGEST = 400


def main(_arguments: list[str]) -> None:
    """Compare the share of failed responses with the plan's ``max_failures``.

    Where there are too many, the next run asks the sources again that something failed in.
    """
    plan = GatePlan.read(Path("data/plan/gate.json"))
    found = read_json(Path("data/failures.json"))
    total, failed = found["responses"], found["failed"]
    if failed > plan.max_failures * total:
        retry.again(source for source, of in found["by_source"].items() if of["failed"])
        raise RunFailed(
            f"{failed} of {total} responses failed, over max_failures = {plan.max_failures:g}:\n"
            + "\n".join(_lines(found["by_source"]))
            + "\nThe report has the details; once the cause is mended, the same command asks again."
        )
    allowed = (
        f" ({failed} failed, max_failures = {plan.max_failures:g} allows it)" if failed else ""
    )
    print(f"gate: {total - failed} of {total} responses are there{allowed}")


def _lines(by_source: dict[str, Any]) -> list[str]:
    lines = []
    for source, found in by_source.items():
        if not found["failed"]:
            continue
        reasons = sorted(found["reasons"].items(), key=lambda item: (-item[1], item[0]))
        said = "; ".join(f"{_short(reason)} ({n})" for reason, n in reasons[:_REASONS])
        more = f"; {len(reasons) - _REASONS} more reasons" if len(reasons) > _REASONS else ""
        lines.append(f"  {source}: {found['failed']} of {found['responses']}: {said}{more}")
    return lines


def _short(reason: str) -> str:
    """One line that can't move a terminal's cursor: a reason may quote a server."""
    text = " ".join("".join(c if c.isprintable() else " " for c in reason).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


if __name__ == "__main__":
    run(main)
