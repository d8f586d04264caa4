from __future__ import annotations

from pathlib import Path

from stages.tracing.memory import most, shared_once, together
from tests.tracing.traces import SECOND, process, run, tables


def test_the_peak_is_of_all_at_one_moment(tmp_path: Path) -> None:
    rows = [
        process(11, 100, 10, rss_bytes=100),
        process(11, 200, 10, rss_bytes=5),
        process(12, 100, 10, rss_bytes=60),
        process(12, 200, 10, rss_bytes=70),
        process(13, 100, 10, rss_bytes=0),  # it has ended and wasn't waited for yet
        process(13, 200, 10, rss_bytes=80),
    ]
    found = together(tables(tmp_path, run(), process=rows).scan("trace_process"))
    assert found["rss_bytes"].to_list() == [105, 130, 80]
    assert found["processes"].to_list() == [2, 2, 1]
    assert most(found, "rss_bytes") == 130


def test_a_moment_at_which_not_all_were_read_is_none_of_the_course(tmp_path: Path) -> None:
    rows = [
        process(11, 100, 10, rss_bytes=100),
        process(12, 100, 10),
        process(12, 200, 10, rss_bytes=7),  # has just begun
        process(13, 100, 10, rss_bytes=60),
        process(13, 200, 10, rss_bytes=70),
        process(13, 300, 10),  # can't be read at all
    ]
    found = together(tables(tmp_path, run(), process=rows).scan("trace_process"))
    assert found.select("rss_bytes", "processes").rows() == [(100, 1), (130, 2)]


def test_a_process_keeps_its_share_until_it_is_read_again_or_ends(tmp_path: Path) -> None:
    rows = [
        process(11, 100, 10, pss_bytes=100),
        process(12, 100, 10),
        process(12, 200, 10, pss_bytes=30),
        process(13, 100, 10, pss_bytes=90),
        process(14, 100, 10),  # and no 200 any more
        process(15, 100, 10, pss_bytes=95),
    ]
    found = shared_once(tables(tmp_path, run(), process=rows).scan("trace_process"))
    at = {t_ns // SECOND: pss for t_ns, pss in found.rows() if t_ns % SECOND == 0}
    assert at == {11: 100, 12: 130, 13: 90, 15: 95}
    assert most(found, "pss_bytes") == 130


def test_nothing_read_has_no_peak(tmp_path: Path) -> None:
    rows = tables(tmp_path, run()).scan("trace_process")
    assert most(together(rows), "rss_bytes") is None
    assert most(shared_once(rows), "pss_bytes") is None
