from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from stages import query
from stages.errors import RunFailed, UserError
from stages.parquet import write_parquet
from stages.tables import TABLES
from tests.fixtures import build

Con = duckdb.DuckDBPyConnection


def queried(root: Path, monkeypatch: pytest.MonkeyPatch, **how: bool) -> Con:
    monkeypatch.chdir(build(root, **how))
    query.main([])
    return duckdb.connect("data/results.duckdb", read_only=True)


@pytest.fixture
def con(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Con]:
    with queried(tmp_path, monkeypatch) as con:
        yield con


def views(con: Con) -> list[str]:
    found = con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    return [name for (name,) in found]


def test_every_table_is_there_with_its_columns(con: Con) -> None:
    for name, columns in TABLES.items():
        described = con.execute(f"DESCRIBE {name}").fetchall()
        assert [row[0] for row in described] == [column.name for column in columns]


def test_columns_carry_unit_and_meaning(con: Con) -> None:
    (comment,) = con.execute(
        "SELECT comment FROM duckdb_columns() WHERE table_name = 'phases' AND column_name = 'cpu_s'"
    ).fetchone() or ("",)
    assert comment.startswith("[s] CPU time")


def test_every_source_is_loaded(con: Con) -> None:
    counted = con.execute("SELECT source, count(*) FROM responses GROUP BY 1 ORDER BY 1").fetchall()
    assert counted == [("both", 4), ("chats", 1), ("ponder", 4), ("quick", 4)]


def test_phases_take_what_the_fixture_says(con: Con) -> None:
    taken = con.execute(
        """SELECT phase, seconds, cpu_s, memory_peak_bytes / 2**20, read_bytes FROM phases
        WHERE response_id = 'p1' ORDER BY start_ns"""
    ).fetchall()
    assert taken == [
        ("prefill", 1, 1, 200, 0), ("thinking", 4, 8, 200, 0), ("answer", 2, 4, 200, 0),
    ]  # fmt: skip


def test_a_missing_gpu_is_a_reason_not_a_zero(con: Con) -> None:
    energy = con.execute("SELECT DISTINCT energy_j, energy_reason FROM phases").fetchall()
    because = "GPU: no NVIDIA library on this machine; CPU: its energy wasn't traced"
    assert energy == [(None, because)]


def test_metrics_are_nested_and_only_known_values(con: Con) -> None:
    found = json.loads(Path("metrics.json").read_text())
    assert found["models"]["ponder"]["thinking_s_p50"] == 4.0
    assert found["models"]["ponder"]["overthinking_ratio_p50"] == 2.0
    assert found["models"]["ponder"]["forced_connection_rate"] == 0.5
    assert found["models"]["quick"] | {"n": 6, "failed": 1} == found["models"]["quick"]
    assert "thinking_s_p50" not in found["models"]["quick"]
    assert "energy_j_per_response" not in found["models"]["ponder"]
    assert found["tests"]["both"] == {
        "rounds": 1, "took_turns": 0, "slowdown": {"quick": 2.0, "ponder": 2.0},
    }  # fmt: skip
    assert found["heuristics"]["stance"] == {"balanced_accuracy": 0.85}


def test_failures_are_counted_by_source_and_reason(con: Con) -> None:
    found = json.loads(Path("data/failures.json").read_text())
    assert (found["responses"], found["failed"]) == (13, 1)
    assert found["by_source"]["quick"] == {
        "responses": 4, "failed": 1, "reasons": {"no text for 120 s": 1},
    }  # fmt: skip
    assert found["by_source"]["chats"] == {"responses": 1, "failed": 0, "reasons": {}}


def test_plots_are_csv_with_a_header(con: Con) -> None:
    assert Path("data/plots/slowdown.csv").read_text().splitlines() == [
        "test,model,prompt_id,epoch,ratio",
        "both,quick,topics,1,2.0",
        "both,ponder,topics,1,2.0",
    ]
    assert len(Path("data/plots/thinking.csv").read_text().splitlines()) == 1 + 4 + 1


def test_no_path_of_the_machine_is_inside(con: Con, tmp_path: Path) -> None:
    assert str(tmp_path).encode() not in Path("data/results.duckdb").read_bytes()


def test_a_removed_source_leaves_no_ghost(con: Con) -> None:
    con.close()
    plan = json.loads(Path("data/plan/query.json").read_text())
    plan["models"] = plan["models"][:1]
    plan["tests"], plan["imports"] = [], []
    Path("data/plan/query.json").write_text(json.dumps(plan))
    query.main([])
    with duckdb.connect("data/results.duckdb", read_only=True) as fewer:
        assert fewer.execute("SELECT DISTINCT model FROM scored").fetchall() == [("quick",)]
        traced = fewer.execute("SELECT DISTINCT session_id FROM trace_system").fetchall()
        assert traced == [("session-quick",)]


def test_a_missing_file_is_named_and_leaves_the_old_database(con: Con) -> None:
    con.close()
    before = Path("data/results.duckdb").read_bytes()
    Path("data/scores/quick.parquet").unlink()
    with pytest.raises(UserError, match=r"data/scores/quick\.parquet: missing"):
        query.main([])
    assert Path("data/results.duckdb").read_bytes() == before
    assert not list(Path("data").glob(".results*"))


def test_two_responses_of_one_id_are_refused(con: Con) -> None:
    con.close()
    path = Path("data/transcripts/quick/responses.parquet")
    rows = pl.read_parquet(path)
    write_parquet(pl.concat([rows, rows.head(1)]), path)
    with pytest.raises(RunFailed, match="quick: topics, quick: topics"):
        query.main([])


def test_what_was_planned_is_there_for_the_page(con: Con) -> None:
    assert con.execute("FROM settings").fetchall() == [("epochs", "2"), ("temperature", "0.6")]
    assert con.execute("FROM tests").fetchall() == [("both", 1, ["quick", "ponder"])]


def test_a_model_that_could_not_be_pulled_has_a_row_without_facts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(build(tmp_path, failed=True))
    missing = {"key": "quick", "engine": "embedded", "error": "no such file"}
    Path("data/models/quick.json").write_text(json.dumps(missing))
    query.main([])
    with duckdb.connect("data/results.duckdb", read_only=True) as con:
        row = con.execute("SELECT engine, size_bytes, thinking_mode FROM models LIMIT 1").fetchone()
    assert row == ("embedded", None, "none")


@pytest.mark.parametrize("how", [{"empty": True}, {"failed": True}])
def test_nothing_to_show_still_makes_every_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: dict[str, bool]
) -> None:
    with queried(tmp_path, monkeypatch, **how) as con:
        for name in views(con):
            con.execute(f"FROM {name}").fetchall()
        verdicts = con.execute("SELECT DISTINCT verdict, why FROM claims").fetchall()
        assert verdicts == [("not testable here", "no response came")]
    json.loads(Path("metrics.json").read_text(), parse_constant=pytest.fail)
