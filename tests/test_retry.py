from __future__ import annotations

from pathlib import Path

import pytest

from stages import retry
from stages.errors import UserError


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_failure_marks_its_source_anew_each_time_and_no_other() -> None:
    assert retry.marks() == {}
    retry.again(["good"])
    first = retry.marks()
    retry.again(["bad"])
    second = retry.marks()
    assert second["good"] == first["good"]
    retry.again(["bad"])
    assert retry.marks()["bad"] not in {second["bad"], first["good"]}


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}'])
def test_a_spoilt_file_is_said_with_the_remedy(content: str) -> None:
    retry.FILE.parent.mkdir()
    retry.FILE.write_text(content)
    with pytest.raises(UserError, match=r"data/retry.json: .* write \{\} into it"):
        retry.marks()
