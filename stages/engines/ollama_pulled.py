"""What a tag meant when it was pulled last: a tag that means something else now is no surprise.

DVC removes a stage's outputs before it runs, and a model that couldn't be had overwrites them. So
this is kept beside the journal, until the user removes it.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from stages.engines.ollama_name import cli, name_of
from stages.files import write_json
from stages.home import home
from stages.manifest import Manifest
from stages.plans.pull import PullPlan


class Pulled(BaseModel):
    """The tag, the server by its address (null: the usual one), and what was there.

    ``registered`` says that its registry has had the same under this tag: a model that somebody
    made himself may bear the name of another one there.
    """

    model_config = ConfigDict(frozen=True)

    tag: str
    host: str | None
    manifest_digest: str | None
    weights_digest: str
    size_bytes: int
    registered: bool = False


def as_pulled(manifest: Manifest, *, registered: bool = False) -> Pulled:
    """What the manifest's tag meant when it was pulled."""
    return Pulled(
        tag=str(manifest.ollama),
        host=manifest.host,
        manifest_digest=manifest.manifest_digest,
        weights_digest=manifest.weights_digest,
        size_bytes=manifest.size_bytes,
        registered=registered,
    )


def remember(key: str, pulled: Pulled) -> None:
    """Keep what the tag means now."""
    write_json(_path(key), pulled.model_dump())


def pulled_before(plan: PullPlan) -> Pulled | None:
    """What the plan's tag meant last; null where it wasn't pulled yet."""
    try:
        pulled = Pulled.model_validate_json(_path(plan.key).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None  # what is spoilt or of another format can't be compared
    return pulled if (pulled.tag, pulled.host) == (plan.ollama, plan.host) else None


def has_changed(key: str, tag: str, what: str, then: str, now: str) -> str:
    """That ``tag`` is not what it was, with both digests and what can be done."""
    return (
        f"{tag} has changed since {key} was pulled: its {what} was {then}, now it is {now}; "
        f"to measure the new one: {taking(key)}; to stay with the old one: name a tag in "
        "params.yaml that still means it (explicit tags move less than short ones)"
    )


def has_moved(key: str, before: Pulled, now: str) -> str:
    """That the registry has something else under the tag than the server, which keeps what it has.

    ``now`` is the digest of the manifest there.
    """
    tag = before.tag
    insecure = "--insecure " if name_of(tag).insecure else ""
    return (
        f"{tag} isn't what its registry calls so any more: the manifest here is "
        f"{before.manifest_digest}, there it is {now}; what is here is measured; to keep it "
        f"whatever is pulled later: with the server running, `{cli(before.host)} cp {tag} NAME`"
        f" and NAME in params.yaml; to measure the new one: `{cli(before.host)} pull "
        f"{insecure}{tag}`, then {taking(key)}"
    )


def taking(key: str) -> str:
    """The command that takes what a tag means now."""
    path = _path(key)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    remove = "del" if os.name == "nt" else "rm -f"
    return f"`{remove} {shown} && dvc repro --force pull@{key}`"


def _path(key: str) -> Path:
    return home() / "models" / f"{key}.json"
