from __future__ import annotations

import argparse
import csv
import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from stages.commands.score import add_arguments, main
from stages.errors import UserError
from stages.heuristics.registry import discover
from stages.heuristics.scoring import score_columns
from stages.heuristics.spool import Spool
from tests.graph import ROOT

EXAMPLE = ROOT / "data/examples/transcripts.jsonl"


class Done(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def score(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(file: Path | str, *arguments: str) -> Done:
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        status = main(parser.parse_args([str(file), *arguments]))
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    return run


def test_one_object_a_line_in_input_order_with_evidence(score: Any) -> None:
    done = score(EXAMPLE, "--format", "jsonl")
    assert (done.status, done.err) == (0, "")
    forced, apart, total = map(json.loads, done.out.splitlines())
    assert [forced["id"], apart["id"], total["id"]] == ["forced", "apart", "sum"]
    columns = [column.name for column in score_columns(discover())[1:]]
    assert [*forced] == ["id", "model", *columns, "notes"]
    assert (forced["forced_connection"], apart["forced_connection"]) == (True, False)
    assert total["stance"] is None
    reasons = {note["heuristic"]: note["text"] for note in total["notes"]}
    assert "two topics" in reasons["stance"]
    evidence = [
        note["text"]
        for note in apart["notes"]
        if (note["heuristic"], note["kind"]) == ("stance", "evidence")
    ]
    answer = "There is no direct connection between the two."
    assert any(text in answer or answer in text for text in evidence)


def test_a_line_that_cannot_be_read_is_named_and_the_others_are_scored(
    score: Any, tmp_path: Path
) -> None:
    file = tmp_path / "t.jsonl"
    file.write_text('{"prompt": "a", "answer": "b"}\n{bad\n{"prompt": "a", "answer": "c"}\n')
    done = score(file, "--format", "jsonl")
    assert done.status == 1
    assert len(done.out.splitlines()) == 2
    assert f"{file}:2: skipped: no valid JSON" in done.err


@pytest.mark.parametrize("content", ["", "{bad\n", "[]", "{}"])
def test_a_file_without_a_response_is_said(score: Any, tmp_path: Path, content: str) -> None:
    (tmp_path / "t.jsonl").write_text(content)
    with pytest.raises(UserError, match="holds no response that could be read"):
        score(tmp_path / "t.jsonl")


def test_a_file_that_cannot_be_read_is_said(score: Any, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.jsonl"):
        with pytest.raises(UserError, match="can't be read"):
            score(path)


def test_csv_has_a_column_a_measure(score: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(score(EXAMPLE, "--format", "csv").out)))
    assert [row["id"] for row in rows] == ["forced", "apart", "sum"]
    assert rows[0]["forced_connection"] == "True"
    assert "notes" not in rows[0]


def test_the_table_shows_the_worst_with_their_evidence(score: Any) -> None:
    done = score(EXAMPLE)
    assert "3 responses" in done.out.replace("\u00a0", " ")
    assert "forced_connection" in done.out
    assert "volcanic islands" in done.out
    few = score(EXAMPLE, "--worst", "0").out
    assert "1 overthink" in few
    assert "1. forced" not in few


@pytest.mark.parametrize("form", ["table", "jsonl", "csv"])
def test_no_text_of_a_response_where_none_is_wanted(score: Any, tmp_path: Path, form: str) -> None:
    file = tmp_path / "t.jsonl"
    looping = " ".join(["xyzzy plugh"] * 60)
    lines = [
        {"id": "a", "prompt": "plover", "thinking": f"Wait, plover. {looping}", "answer": looping},
        {"id": "b", "prompt": "plover", "answer": {"plover": looping}},
        {"id": "c", "prompt": "plover", "answer": "plover", "truth": "xyzzy"},
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    done = score(file, "--format", form, "--text-columns", "no")
    assert done.status == 1
    assert not [word for word in ("xyzzy", "plugh", "plover") if word in done.out + done.err]
    assert f"{file}:2: skipped: answer is no text\n" in done.err
    texts = score(file, "--format", form)
    assert "plover" in texts.err
    assert ("xyzzy" in texts.out) == (form != "csv")


SHAPES = [
    {"model": "r1", "message": {"role": "assistant", "content": "It is 4.", "thinking": "Hm."}},
    {"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "It is 4.",
                                                     "reasoning_content": "Hm."}]},
    {"choices": [{"message": {"content": "It is 4.", "reasoning": "Hm."}}]},
    {"prompt": "?", "answer": "<think>Hm.</think>It is 4."},
    {"model_answer": "Hm.\n</think>\n\nIt is 4.", "answer": 4},
]  # fmt: skip


@pytest.mark.parametrize("array", [False, True])
def test_the_shapes_that_people_have(score: Any, tmp_path: Path, array: bool) -> None:
    file = tmp_path / "t.json"
    lines = "\n".join(map(json.dumps, SHAPES))
    file.write_text(json.dumps(SHAPES, indent=1) if array else lines)
    done = score(file, "--format", "jsonl")
    assert (done.status, done.err) == (0, "")
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [(one["thinking_tokens"], one["answer_tokens"]) for one in found] == [(1, 3)] * 5


def test_hostile_texts_are_scored(score: Any, tmp_path: Path) -> None:
    answers = [
        "a" * 300_000,
        "\n".join("- item" for _ in range(20_000)),
        "\x00\x1b[2J\u202e[/bold]\ufffe",
        "\\boxed{" * 5_000,
        "(" * 50_000 + "no connection" * 2_000,
        "世界" * 50_000,
        "**" * 30_000,
        "’" * 50_000,
        "",
        " \n\t ",
    ]
    topics = ["a", "the moon (of [Earth*"]
    lines = [
        json.dumps({"id": "x", "prompt": "?", "topics": topics, "reference": ["4", "(["],
                    "thinking": answer, "answer": answer})
        for answer in answers
    ]  # fmt: skip
    lines += ['{"prompt": "?", "answer": "\\ud800", "thinking_tokens": 9007199254740992}']
    bad = [b'{"prompt": "?", "answer": "\xff"}', b"[" * 9_000, b'{"a": ' + b"9" * 5_000 + b"}",
           b'{"prompt": "?", "answer": "a", "epoch": NaN}', b"\x00"]  # fmt: skip
    file = tmp_path / "t.jsonl"
    file.write_bytes("\n".join(lines).encode() + b"\n" + b"\n".join(bad))
    done = score(file, "--format", "jsonl")
    assert done.status == 1
    assert done.err.count("skipped") == len(bad)
    assert len(done.out.splitlines()) == len(lines)
    for form in ("table", "csv"):
        assert score(file, "--format", form).status == 1


def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stages.cli", "score", *arguments],
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_pipe() -> None:
    done = run("-", "--format", "csv", given='{"prompt": "?", "answer": "b"}\n{bad\n')
    assert done.returncode == 1
    assert done.stdout.splitlines()[1].startswith("1,")
    assert done.stderr.startswith("stdin:2: skipped: no valid JSON")


JSONL = [sys.executable, "-m", "stages.cli", "score", "--format", "jsonl"]


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """The example without its two topics, for which a model would have to be loaded."""
    path = tmp_path / "short.jsonl"
    path.write_text(EXAMPLE.read_text("utf-8").splitlines()[-1] + "\n", "utf-8")
    return path


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_leaves_is_not_the_files_fault(short: Path, unbuffered: str) -> None:
    with subprocess.Popen(
        [*JSONL, str(short)],
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux's device")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_finds_no_space_is_one_line_with_the_remedy(
    short: Path, unbuffered: str
) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*JSONL, str(short)],
            cwd=ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.stderr.startswith("error: No space left on device; ")
    assert len(done.stderr.splitlines()) == 1
    assert done.returncode == 2


def test_a_full_disk_is_not_the_files_fault(
    score: Any, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Spool, "add", full)
    with pytest.raises(OSError, match="No space left"):
        score(short)


def test_no_traceback_for_a_wrong_word() -> None:
    done = run("none.jsonl", "--worst", "-1")
    assert done.returncode == 2
    assert "no whole number" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_readme_shows_what_is_printed(score: Any) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    section = readme.split("## Score transcripts that you have")[1]
    shown = section.split("```text\n")[1].split("```")[0]
    printed = " ".join(score(EXAMPLE).out.split())
    for line in shown.replace("\n…\n", "\n").splitlines():
        assert " ".join(line.split()) in printed


def test_tokens_are_counted_by_a_named_tokenizer(score: Any, tmp_path: Path) -> None:
    known = Tokenizer(models.WordLevel({"[UNK]": 0}, "[UNK]"))
    known.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    known.save(str(tmp_path / "tokenizer.json"))
    done = score(EXAMPLE, "--format", "jsonl", "--tokenizer", str(tmp_path / "tokenizer.json"))
    rows = {row["id"]: row for row in map(json.loads, done.out.splitlines())}
    lines = {row["id"]: row for row in map(json.loads, EXAMPLE.read_text("utf-8").splitlines())}
    for name, row in rows.items():
        answer = lines[name]["answer"].rpartition("</think>")[2]
        assert row["answer_tokens"] == len(answer.split())


def test_why_a_response_was_judged_so_is_explained(score: Any) -> None:
    done = score(EXAMPLE, "--explain", "1")
    assert (done.status, done.err) == (0, "")
    assert "stance: connect (" in done.out and "thinking_stance: " in done.out
    assert "volcanic islands" in done.out and "the reader" in done.out
    assert "volcanic islands" not in score(EXAMPLE, "--explain", "1", "--text-columns", "no").out


def test_where_there_is_no_stance_the_reason_is_told(score: Any) -> None:
    done = score(EXAMPLE, "--explain", "3")
    assert "stance: no value, for the prompt doesn't name two topics" in done.out


def test_the_files_name_steers_no_terminal(score: Any, tmp_path: Path) -> None:
    path = tmp_path / "\x1b[31m.jsonl"
    path.write_text('{"prompt": "tea", "answer": 7}\n{"prompt": "tea", "answer": "7"}\n')
    assert "‹1b›[31m.jsonl:1: skipped: answer is no text but 7" in score(path).err


def test_what_is_absurdly_long_harms_no_other_line(score: Any, tmp_path: Path) -> None:
    long = "word " * 60_000
    rows = [
        {"prompt": "a", "thinking": "so word", "answer": "word", "reference": long},
        {
            "prompt": "b",
            "thinking": "so x7",
            "answer": "x7",
            "reference": [f"x{one}" for one in range(100_000)],
        },
        {
            "prompt": "c",
            "answer": "There is no link between the two. A tie is worn by men.",
            "topics": ["a" * 300_000, "tie"],
        },
        {"prompt": "d", "answer": "5", "reference": 5},
    ]
    (tmp_path / "long.jsonl").write_text("\n".join(map(json.dumps, rows)))
    done = score(tmp_path / "long.jsonl", "--format", "jsonl")
    right = [json.loads(line)["correct"] for line in done.out.splitlines()]
    assert right == [False, True, None, True]


@pytest.mark.parametrize("line", ["4", "999999999"])
def test_a_line_without_a_response_is_named(score: Any, line: str) -> None:
    with pytest.raises(UserError, match=rf"has no response on line {line}; lines count from 1"):
        score(EXAMPLE, "--explain", line)


def test_why_a_line_cant_be_explained_is_told(score: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"prompt": "tea", "answer": 7}\n')
    with pytest.raises(UserError, match=r"bad.jsonl:1: .*answer.* 7; choose another line"):
        score(tmp_path / "bad.jsonl", "--explain", "1")
    with pytest.raises(UserError) as told:
        score(tmp_path / "bad.jsonl", "--explain", "1", "--text-columns", "no")
    assert "7" not in str(told.value).replace(str(tmp_path), "")


def test_an_explanation_holds_nothing_that_steers_a_terminal(score: Any, tmp_path: Path) -> None:
    answer = "There is no [red]connection\x1b[2J between tea and tax."
    row = {"prompt": "tea and tax", "topics": ["tea", "tax"], "answer": answer}
    (tmp_path / "one.jsonl").write_text(json.dumps(row))
    said = score(tmp_path / "one.jsonl", "--explain", "1").out
    assert "[red]connection" in said and "\x1b" not in said
