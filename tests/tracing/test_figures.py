"""Figures of made-up runs, each of which can be checked in the head."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stages.tracing.figures import Figure
from stages.tracing.run import Run
from stages.tracing.summary import summarise
from stages.tracing.tables import Tables
from tests.tracing.traces import SECOND, process, run, tables, usage

MIB = 2**20


def figures(of: Tables, about: str) -> dict[str, Figure]:
    return {figure.name: figure for figure in summarise(of).figures if figure.about == about}


def tracer(t_s: float) -> dict[str, Any]:
    """The tracer's own reading, which every reading of processes has."""
    return {**process(t_s, 1, 0), "role": "tracer"}


def missing(lane: str, detail: str, subject: str | None = None) -> dict[str, Any]:
    return {"t_ns": 0, "kind": "lane_missing", "lane": lane, "detail": detail, "subject": subject}


def test_what_ended_by_the_kernels_sum_and_what_outlived_by_its_last_reading(
    tmp_path: Path,
) -> None:
    used = usage(user_s=2.0, system_s=1.0, written_chars=1000, minor_faults=7)
    known = {"cpu_ns": SECOND, "children_cpu_ns": SECOND // 2, "minor_faults": 1}
    rows = [
        process(20, 100, 10, written_chars=900, **known),
        process(20, 200, 12, written_chars=50, **known),
        process(20, 300, 12, written_chars=9, **known),  # waited for since
        process(19, 400, 12, written_chars=9, **known),  # ended long ago
    ]
    found = figures(tables(tmp_path, run(usage=used, late=(300,)), process=rows), "command")
    assert found["cpu_s"].value == 3 + 1.5
    assert found["cpu_s"].remark.startswith("0.45 cores busy")
    assert found["written_bytes"].value == 1050
    assert found["minor_faults"].value == 8
    assert found["processes_seen"].value == 4


def test_once_the_tracer_failed_its_last_reading_is_nobodys_end(tmp_path: Path) -> None:
    rows = [process(12, 200, 11, cpu_ns=SECOND, children_cpu_ns=0)]
    of = tables(tmp_path, run(usage=usage(user_s=2.0), fault="it died"), process=rows)
    assert figures(of, "command")["cpu_s"].value == 2


def test_a_command_cut_off_has_what_was_read_of_it(tmp_path: Path) -> None:
    cut_off = run(end_ns=None, status=None, usage=None)
    rows = [
        process(t, 100, 10, cpu_ns=(t - 10) * SECOND, children_cpu_ns=0, rss_bytes=5 * MIB)
        for t in range(11, 16)
    ]
    of = tables(tmp_path, cut_off, process=rows)
    found = figures(of, "command")
    assert summarise(of).seconds == 5
    assert found["cpu_s"].value == 5
    assert found["memory_peak_bytes"].value == 5 * MIB


@pytest.mark.parametrize(("hz", "often"), [(50.0, 10), (4.0, 4)])
def test_how_often_memory_was_read_is_said(tmp_path: Path, hz: float, often: int) -> None:
    rows = [process(12, 100, 10, rss_bytes=10 * MIB)]
    found = figures(tables(tmp_path, run(hz=hz), process=rows), "command")
    assert found["memory_peak_bytes"].remark.endswith(f"read {often} times a second")


def test_the_kernels_record_of_memory_tops_what_was_read(tmp_path: Path) -> None:
    rows = [process(12, 100, 10, rss_bytes=10 * MIB), process(12, 200, 10, rss_bytes=20 * MIB)]
    of = tables(tmp_path, run(usage=usage(largest_bytes=50 * MIB)), process=rows)
    found = figures(of, "command")
    assert found["process_peak_bytes"].value == 50 * MIB
    assert found["memory_peak_bytes"].value == 50 * MIB


def test_a_command_never_read_has_reasons_not_noughts(tmp_path: Path) -> None:
    nothing = usage(io_reason="no such file", **dict.fromkeys(("read_chars", "written_chars")))
    found = figures(tables(tmp_path, run(usage=nothing), process=[tracer(21)]), "command")
    assert found["cpu_s"].value == 0
    assert found["written_bytes"].value is None
    assert found["written_bytes"].remark == "no such file"
    assert found["memory_peak_bytes"].value is None
    assert "too short to tell" in found["memory_peak_bytes"].remark
    for name in ("pss_peak_bytes", "remote_sockets_peak", "threads_peak"):
        assert found[name].value is None
        assert "ended before the tracer could read it" in found[name].remark


def test_sockets_are_those_of_one_moment(tmp_path: Path) -> None:
    rows = [
        process(11, 100, 10, remote_sockets=2),
        process(11, 200, 10, remote_sockets=3),
        process(12, 100, 10),
        process(13, 100, 10, remote_sockets=4),
    ]
    found = figures(tables(tmp_path, run(), process=rows), "command")
    assert found["remote_sockets_peak"].value == 5


def test_the_machine_meanwhile(tmp_path: Path) -> None:
    system = [
        {
            "t_ns": t * SECOND,
            "cpu_user_ns": 3 * t,
            "cpu_system_ns": t,
            "cpu_idle_ns": 12 * t,
            "memory_total_bytes": 100,
            "memory_available_bytes": 90 - t,
        }
        for t in range(1, 30, 2)
    ]
    system += [{"t_ns": t * SECOND} for t in range(0, 30, 2)]  # nothing but a tick
    network = [
        {
            "t_ns": t * SECOND,
            "interface": name,
            "loopback": name == "lo",
            "received_bytes": 10 * t,
            "sent_bytes": 0 if t == 15 else t,  # the interface came anew
        }
        for t in range(30)
        for name in ("lo", "eth0")
    ]
    found = figures(tables(tmp_path, run(), system=system, network=network), "machine")
    assert found["cpu_percent"].value == 25
    assert found["memory_peak_bytes"].value == 31  # at the first reading after its end
    assert found["network_received_bytes"].value == 100
    assert found["network_sent_bytes"].value == 4 + 16 + 4
    assert found["disk_read_bytes"].value is None


def test_limits_show_where_there_are_some(tmp_path: Path) -> None:
    assert "cpu_limit_cores" not in figures(tables(tmp_path, run()), "machine")
    cgroup = [
        {
            "t_ns": t * SECOND,
            "cgroup": name,
            "cpu_limit_cores": limit,
            "throttled_ns": t * SECOND // 10,
            "memory_limit_bytes": MIB,
            "oom_kills": int(t > 15),
        }
        for t in range(30)
        for name, limit in (("/a", 1.5), ("/b", None))
    ]
    found = figures(tables(tmp_path, run(), cgroup=cgroup), "machine")
    assert found["cpu_limit_cores"].value == 1.5
    assert found["memory_limit_bytes"].value == MIB
    assert found["throttled_s"].value == 2
    assert found["oom_kills"].value == 2


def energy(t_s: float, zone: str, name: str, watts: float, above: str | None) -> dict[str, Any]:
    return {
        "t_ns": round(t_s * SECOND),
        "zone": zone,
        "name": name,
        "above": above,
        "energy_uj": round(t_s * watts * 1e6) % 150_000_000,  # it wraps within the run
        "range_uj": 150_000_000,
    }


def test_packages_and_memory_are_added_and_their_parts_are_not(tmp_path: Path) -> None:
    package = "intel-rapl:0"
    rows = [
        row
        for t in range(30)
        for row in (
            energy(t, package, "package-0", 10, None),
            energy(t, f"{package}:0", "core", 8, package),
            energy(t, f"{package}:1", "dram", 2, package),
            energy(t, "intel-rapl:1", "psys", 20, None),
        )
    ]
    found = figures(tables(tmp_path, run(), energy=rows), "machine")
    assert found["cpu_energy_j"].value == pytest.approx(120, rel=0.01)
    assert found["cpu_energy_j"].remark.startswith("12 W; ")
    assert found["platform_energy_j"].value == pytest.approx(200, rel=0.01)


def test_energy_that_nothing_counts_is_unknown_with_the_reason(tmp_path: Path) -> None:
    events = [missing("powercap", "for root alone; run as root")]
    found = figures(tables(tmp_path, run(), events=events), "machine")
    assert found["cpu_energy_j"].value is None
    assert found["cpu_energy_j"].remark == "for root alone; run as root"


def test_no_energy_is_told_across_a_suspend(tmp_path: Path) -> None:
    rows = [energy(t, "intel-rapl:0", "package-0", 10, None) for t in range(30)]
    events = [{"t_ns": 15 * SECOND + 1, "kind": "suspend", "lane": "clock", "value": 60.0}]
    found = figures(tables(tmp_path, run(), energy=rows, events=events), "machine")
    assert found["cpu_energy_j"].value is None
    assert "was suspended" in found["cpu_energy_j"].remark


def test_counters_go_on_while_the_tracer_stands_still(tmp_path: Path) -> None:
    rows = [energy(t, "intel-rapl:0", "package-0", 10, None) for t in range(30) if not 12 < t < 18]
    events = [{"t_ns": 18 * SECOND + 1, "kind": "gap", "lane": "sampler", "value": 6.0}]
    found = figures(tables(tmp_path, run(), energy=rows, events=events), "machine")
    assert found["cpu_energy_j"].value == pytest.approx(100, rel=0.01)


def test_each_gpu_has_its_own_figures(tmp_path: Path) -> None:
    gpu = [
        {
            "t_ns": t * SECOND,
            "gpu": number,
            "name": "H100",
            "utilisation_percent": 50 * number,
            "memory_used_bytes": (t + number) * MIB,
            "memory_total_bytes": 100 * MIB,
            "power_instant_mw": 100_000 if number else None,
        }
        for t in range(30)
        for number in (0, 1)
    ]
    held = [
        {"t_ns": 15 * SECOND, "gpu": 1, "pid": pid, "memory_bytes": MIB} for pid in (100, 200, 300)
    ]
    rows = [process(15, 100, 10), process(15, 200, 10)]
    of = tables(tmp_path, run(), process=rows, gpu=gpu, gpu_process=held)
    found = figures(of, "machine")
    assert found["gpu1_utilisation_percent"].value == 50
    assert found["gpu0_memory_peak_bytes"].value == 20 * MIB
    assert found["gpu1_traced_memory_peak_bytes"].value == 2 * MIB
    assert found["gpu1_energy_j"].value == pytest.approx(1000, rel=0.001)
    assert "power samples" in found["gpu1_energy_j"].remark
    assert found["gpu0_energy_j"].value is None


def test_the_tracers_cost_and_what_is_missing(tmp_path: Path) -> None:
    noted = (
        ("cost", "cpu", 0.25),
        ("cost", "memory", 3.0 * MIB),
        ("ticks", None, 200.0),
        ("late", None, 2.0),
        ("missed", None, 1.0),
    )
    events = [
        {"t_ns": 0, "kind": kind, "lane": "sampler", "subject": subject, "value": value}
        for kind, subject, value in noted
    ]
    gap = missing("cores", "no driver", "frequency")
    of = tables(tmp_path, run(), events=[*events, gap, gap])
    found = figures(of, "tracer")
    assert found["cpu_s"].value == 0.25
    assert found["memory_peak_bytes"].value == 3 * MIB
    assert found["readings"].value == 200
    assert found["readings"].remark == "2 late, 1 missed"
    assert summarise(of).missing == [("cores", "frequency", "no driver")]


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    for one in (run(usage=usage(user_s=1.5), late=(7, 8)), run(usage=None)):
        one.write(tmp_path)
        assert Run.read(tmp_path) == one


def test_the_summary_for_programs_says_what_is_unknown(tmp_path: Path) -> None:
    of = tables(tmp_path, run(status=-9), process=[tracer(21)])
    summarise(of).write(tmp_path)
    found = json.loads((tmp_path / "summary.json").read_text())
    assert found["exit_status"] == -9
    assert found["figures"]["machine"]["cpu_percent"] is None
    assert found["unknown"]["machine"]["cpu_percent"]
