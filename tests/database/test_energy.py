"""Where joules go: devices of constant power, and a response from 1 to 5 s (see ``made.py``)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from stages.database.phases import build_phases
from tests.database.made import (
    Con,
    S,
    empty,
    event,
    gpu,
    insert,
    machine,
    readings,
    response,
    zone,
)

SECONDS = range(11)


@pytest.fixture
def con() -> Iterator[Con]:
    with empty() as con:
        yield con


def approx(value: Any) -> Any:
    return pytest.approx(value, rel=0.002, abs=0.001)


def phases(con: Con, columns: str, model: str = "m") -> list[tuple[Any, ...]]:
    return con.execute(
        f"""SELECT p.phase, {columns} FROM phases p JOIN responses r USING (response_id)
        WHERE r.model = ? ORDER BY p.start_ns, p.response_id""",
        [model],
    ).fetchall()


def joules(con: Con, model: str = "m") -> dict[str, Any]:
    return dict(phases(con, "energy_j", model))


def account(con: Con, columns: str) -> dict[str, tuple[Any, ...]]:
    rows = con.execute(f"SELECT device, {columns} FROM energy_account").fetchall()
    return {device: tuple(values) for device, *values in rows}


def quiet_then_busy(con: Con, seconds: Iterable[int], name: str = "package-0") -> None:
    """A package that draws 10 W until 1 s, while nothing is loaded, and 30 W from then on."""
    for t in seconds:
        insert(con, "trace_energy", {
            "session_id": "s", "t_ns": t * S, "zone": "intel-rapl:0", "name": name,
            "energy_uj": 1_000_000 * (10 * min(t, 1) + 30 * max(t - 1, 0)),
        })  # fmt: skip
    event(con, 1, "idle", lane="energy", value=1.0)


def test_a_hundred_watts_for_ten_seconds(con: Con) -> None:
    response(con)
    gpu(con, SECONDS, watts=100)
    build_phases(con)
    assert joules(con) == approx({"prefill": 100, "thinking": 200, "answer": 100})
    assert account(con, "total_j, attributed_j, unattributed_j, seconds, method") == {
        "GPU 0": (approx(1000), approx(400), approx(600), 10, "counter")
    }
    columns = "energy_of, energy_method, energy_reason, energy_idle_j"
    assert phases(con, columns)[0] == ("prefill", ["GPU 0"], "counter", None, None)


def test_the_interval_holds_the_figure(con: Con) -> None:
    response(con)
    gpu(con, SECONDS, watts=100)
    build_phases(con)
    for _, low, energy, high in phases(con, "energy_low_j, energy_j, energy_high_j"):
        assert 0 <= low < energy < high < 2 * energy


def test_a_package_goes_by_cpu_time(con: Con) -> None:
    response(con)
    zone(con, SECONDS, watts=30)  # its counter starts again every 3.3 s
    readings(con, SECONDS, cores=0.5)
    machine(con, SECONDS, cores=1.5)
    build_phases(con)
    # a third of what was busy was the model's
    assert joules(con) == approx({"prefill": 10, "thinking": 20, "answer": 10})
    assert account(con, "total_j, attributed_j, unattributed_j") == {
        "package-0": (approx(300), approx(40), approx(260))
    }


def test_ticks_at_which_cpu_time_was_not_read_change_nothing(con: Con) -> None:
    response(con)
    zone(con, SECONDS, watts=30)
    readings(con, SECONDS, cores=0.5)
    machine(con, range(0, 11, 5), cores=1.5)
    for tick in range(100):
        insert(con, "trace_system", {"session_id": "s", "t_ns": tick * S // 10 + 1})
    build_phases(con)
    assert joules(con) == approx({"prefill": 10, "thinking": 20, "answer": 10})


def test_idle_power_is_billed_whole_and_the_rest_by_cpu_time(con: Con) -> None:
    response(con)
    quiet_then_busy(con, SECONDS)
    readings(con, SECONDS, cores=0.5)
    machine(con, SECONDS, cores=1)
    build_phases(con)
    # 10 W of idle power, and half of the 20 W above it
    assert phases(con, "energy_j, energy_idle_j") == [
        ("prefill", approx(20), approx(10)),
        ("thinking", approx(40), approx(20)),
        ("answer", approx(20), approx(10)),
    ]
    (found,) = account(con, "idle_w, idle_low_w, idle_high_w, idle_s").values()
    assert found[0] == pytest.approx(10, rel=0.02)
    assert found[1] <= found[0] <= found[2]
    assert found[3] == 1


def test_a_model_alone_whose_cpu_time_exceeds_the_machines_gets_no_more_than_all(con: Con) -> None:
    response(con)
    zone(con, SECONDS, watts=30)
    readings(con, SECONDS, cores=2)
    machine(con, SECONDS, cores=1)
    build_phases(con)
    assert joules(con)["prefill"] == approx(30)


def side_by_side(con: Con, start: int = 1) -> None:
    """``n`` beside ``m``, from ``start`` on."""
    response(con, arm="together")
    response(con, response_id="q", model="n", arm="together", request_ns=start * S)


def test_of_a_gpu_two_models_get_equal_parts(con: Con) -> None:
    side_by_side(con)
    gpu(con, SECONDS, watts=100)
    build_phases(con)
    halves = {"prefill": 50, "thinking": 100, "answer": 50}
    assert joules(con, "m") == joules(con, "n") == approx(halves)
    # nobody knows which of the two used it
    assert phases(con, "energy_low_j")[0] == ("prefill", 0)
    assert phases(con, "energy_high_j")[0][1] >= 100
    assert account(con, "total_j, attributed_j") == {"GPU 0": (approx(1000), approx(400))}


def test_of_a_gpu_that_draws_no_more_than_idle_equal_parts_are_certain(con: Con) -> None:
    side_by_side(con)
    gpu(con, [t / 20 for t in range(200)], watts=100)
    event(con, 1, "idle", lane="energy", value=1.0)
    build_phases(con)
    low, high = phases(con, "energy_low_j, energy_high_j")[1][1:]
    assert (low, high) == pytest.approx((100, 100), rel=0.1)


def test_of_a_package_each_model_gets_its_cpu_time(con: Con) -> None:
    side_by_side(con)
    quiet_then_busy(con, SECONDS)
    readings(con, SECONDS, pid=1, model="m", cores=0.5)
    readings(con, SECONDS, pid=2, model="n", cores=0.25)
    machine(con, SECONDS, cores=1)
    build_phases(con)
    # half of 10 W idle each; of 20 W, 10 and 5
    assert (joules(con, "m")["prefill"], joules(con, "n")["prefill"]) == (approx(15), approx(10))


def test_a_phase_that_is_shared_for_a_while_only(con: Con) -> None:
    response(con, arm="together")
    response(con, response_id="q", model="n", arm="together", request_ns=3 * S,
             first_token_ns=4 * S, thinking=None)  # fmt: skip
    gpu(con, SECONDS, watts=100)
    build_phases(con)
    # thinking alone until 3 s, then with the other's prefill
    assert joules(con, "m") == approx({"prefill": 100, "thinking": 150, "answer": 50})
    assert joules(con, "n") == approx({"prefill": 50, "answer": 50})
    rules = dict(con.execute("SELECT phase, rule FROM energy_shares WHERE response_id = 'r'")
                 .fetchall())  # fmt: skip
    assert rules == {"prefill": "alone", "thinking": "equal parts", "answer": "equal parts"}


def test_two_rows_of_one_response_are_billed_once(con: Con) -> None:
    response(con, response_id="a", source="test1")
    response(con, response_id="b", source="test2")
    gpu(con, SECONDS, watts=100)
    build_phases(con)
    assert [row[1] for row in phases(con, "energy_j")] == approx([100, 100, 200, 200, 100, 100])
    assert account(con, "attributed_j") == {"GPU 0": (approx(400),)}
    assert con.execute("SELECT DISTINCT response_id FROM energy_shares").fetchall() == [("a",)]


def test_whatever_runs_the_parts_add_up_to_the_total(con: Con) -> None:
    rng = random.Random(7)
    for model in "abc":
        at = 5.0
        for number in range(8):
            spans = [at, at + rng.random(), at + 1 + rng.random(), at + 2 + rng.random()]
            names = ("request_ns", "first_token_ns", "first_answer_ns", "end_ns")
            times = {name: round(t * S) for name, t in zip(names, spans, strict=True)}
            for twin in range(1 + number % 2):
                response(con, response_id=f"{model}{number}{twin}", model=model, **times)
            at = spans[-1] + rng.random()
    seconds = [t / 4 for t in range(160)]
    for pid, model in enumerate("ab"):  # of c no process is seen
        readings(con, seconds, pid=pid, model=model, cores=0.2)
    machine(con, seconds)
    event(con, 4, "idle", lane="energy", value=3.0)
    event(con, 20.1, "suspend", value=9.0)
    gpu(con, seconds, watts=100)
    gpu(con, seconds, watts=None, index=1, power_mw=50_000)
    zone(con, seconds, watts=30)
    zone(con, seconds, watts=3, name="dram", zone="intel-rapl:0:0", above="intel-rapl:0")
    build_phases(con)
    found = account(con, "total_j, attributed_j, unattributed_j, seconds")
    assert found.keys() == {"GPU 0", "GPU 1", "package-0", "dram"}
    for device, (total, attributed, unattributed, covered) in found.items():
        assert attributed + unattributed == pytest.approx(total, rel=0.001), device
        assert 0 < attributed < total
        assert covered == pytest.approx(159 / 4, abs=1)
    shares = con.execute("SELECT device, sum(joules) FROM energy_shares GROUP BY 1").fetchall()
    assert dict(shares) == approx({device: row[1] for device, row in found.items()})
    assert con.execute("SELECT min(joules), min(low_j) FROM energy_shares").fetchall()[0] >= (0, 0)


# devices


def test_a_gpus_power_is_used_only_without_a_counter(con: Con) -> None:
    response(con)
    power: dict[str, Any] = {"power_mw": 70_000, "power_instant_mw": 60_000}
    gpu(con, SECONDS, watts=50, index=0, **power)
    gpu(con, SECONDS, watts=None, index=1, **power)
    gpu(con, SECONDS, watts=None, index=2, power_mw=70_000)
    gpu(con, SECONDS, watts=0, index=3, **power)  # a counter that never moves
    build_phases(con)
    assert account(con, "method, total_j") == {
        "GPU 0": ("counter", approx(500)),
        "GPU 1": ("power samples", approx(600)),
        "GPU 2": ("power samples", approx(700)),
        "GPU 3": ("power samples", approx(600)),
    }
    assert phases(con, "energy_method")[0][1] == (
        "GPU 0 counter, GPU 1 power samples, GPU 2 power samples, GPU 3 power samples"
    )


def test_a_package_and_its_memory_count_and_nothing_twice(con: Con) -> None:
    response(con)
    readings(con, SECONDS, cores=1)
    machine(con, SECONDS, cores=1)
    top = "intel-rapl:0"
    zone(con, SECONDS, watts=30)
    zone(con, SECONDS, watts=20, name="core", zone=f"{top}:0", above=top)
    zone(con, SECONDS, watts=5, name="uncore", zone=f"{top}:1", above=top)
    zone(con, SECONDS, watts=4, name="dram", zone=f"{top}:2", above=top)
    zone(con, SECONDS, watts=60, name="psys", zone="intel-rapl:1")
    zone(con, SECONDS, watts=30, zone="intel-rapl-mmio:0")
    build_phases(con)
    assert joules(con)["prefill"] == approx(34)
    assert phases(con, "energy_of")[0] == ("prefill", ["dram", "package-0"])
    assert account(con, "total_j, attributed_j, unattributed_j") == {
        "package-0": (approx(300), approx(120), approx(180)),
        "dram": (approx(40), approx(16), approx(24)),
        "psys": (approx(600), None, None),
    }


def test_memory_of_two_packages_is_told_apart(con: Con) -> None:
    response(con)
    for number in (0, 1):
        top = f"intel-rapl:{number}"
        zone(con, SECONDS, watts=30, name=f"package-{number}", zone=top)
        zone(con, SECONDS, watts=4, name="dram", zone=f"{top}:0", above=top)
    build_phases(con)
    assert account(con, "1").keys() == {"package-0", "package-1", "dram-0", "dram-1"}


def test_names_that_no_kernel_gives_are_no_devices(con: Con) -> None:
    response(con)
    for name in ("package", "package-0; DROP", "<b>", "dram"):
        zone(con, SECONDS, watts=3, name=name, zone=name)
    build_phases(con)
    assert account(con, "1") == {}


def test_a_zone_that_vanishes_is_not_in_what_comes_after(con: Con) -> None:
    response(con)
    readings(con, SECONDS, cores=1)
    machine(con, SECONDS, cores=1)
    gpu(con, SECONDS, watts=100)
    zone(con, range(4), watts=30)
    build_phases(con)
    assert phases(con, "energy_j, energy_of") == [
        ("prefill", approx(130), ["GPU 0", "package-0"]),
        ("thinking", approx(200), ["GPU 0"]),
        ("answer", approx(100), ["GPU 0"]),
    ]
    assert account(con, "seconds, attributed_j, unattributed_j")["package-0"] == (
        3, approx(30), approx(60),
    )  # fmt: skip


def test_without_the_models_cpu_time_a_package_cannot_be_divided(con: Con) -> None:
    response(con)
    machine(con, SECONDS)
    zone(con, SECONDS, watts=30)
    build_phases(con)
    reason = "the CPU time of the model's processes isn't known"
    assert phases(con, "energy_j, energy_reason")[0] == ("prefill", None, reason)
    assert account(con, "attributed_j, unattributed_j") == {"package-0": (0, approx(300))}


def test_a_quiet_stretch_that_was_not_read_measures_nothing(con: Con) -> None:
    response(con)
    gpu(con, range(1, 11), watts=100)
    event(con, 1, "idle", lane="energy", value=1.0)
    build_phases(con)
    assert account(con, "idle_w, idle_s") == {"GPU 0": (None, None)}
