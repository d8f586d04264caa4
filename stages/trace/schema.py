"""The columns of the ``trace_*`` tables and of ``sessions``.

Counters are cumulative and raw; percentages, watts and joules are derived later. ``t_ns`` is
CLOCK_MONOTONIC at the moment of reading. A value that this machine can't give is null, and one
row of ``trace_events`` says why.
"""

from __future__ import annotations

import polars as pl

from stages.columns import Column

_SESSION = Column("session_id", pl.String, "", "The measuring process's run.")
_T = Column("t_ns", pl.Int64, "ns", "Monotonic time of the reading.")

SYSTEM = (
    _SESSION,
    _T,
    Column("cpu_user_ns", pl.Int64, "ns", "CPU time in user mode (with nice), all cores."),
    Column("cpu_system_ns", pl.Int64, "ns", "CPU time in the kernel (with interrupts)."),
    Column("cpu_idle_ns", pl.Int64, "ns", "CPU time idle."),
    Column("cpu_iowait_ns", pl.Int64, "ns", "CPU time idle while waiting for a disk; Linux."),
    Column("cpu_steal_ns", pl.Int64, "ns", "CPU time taken by other virtual machines; Linux."),
    Column("memory_total_bytes", pl.Int64, "bytes", "Physical memory (10 Hz)."),
    Column("memory_available_bytes", pl.Int64, "bytes", "Memory free without swapping (10 Hz)."),
    Column("swap_used_bytes", pl.Int64, "bytes", "Swap in use (10 Hz)."),
    Column("minor_faults", pl.Int64, "faults", "Page faults served without a disk (1 Hz); Linux."),
    Column("major_faults", pl.Int64, "faults", "Page faults that read a disk (1 Hz); Linux."),
    Column("swapped_in_bytes", pl.Int64, "bytes", "Read back from swap since boot (1 Hz)."),
    Column("swapped_out_bytes", pl.Int64, "bytes", "Moved to swap since boot (1 Hz)."),
    Column("context_switches", pl.Int64, "switches", "Context switches since boot."),
)

CORE = (
    _SESSION,
    _T,
    Column("core", pl.Int64, "", "Number of the logical core."),
    Column("user_ns", pl.Int64, "ns", "CPU time in user mode (with nice)."),
    Column("system_ns", pl.Int64, "ns", "CPU time in the kernel (with interrupts)."),
    Column("idle_ns", pl.Int64, "ns", "CPU time idle (with waiting for a disk)."),
    Column("steal_ns", pl.Int64, "ns", "CPU time taken by other virtual machines; Linux."),
    Column("frequency_hz", pl.Int64, "Hz", "Present frequency."),
    Column("throttles", pl.Int64, "", "Times that heat slowed the core, since boot; Linux on x86."),
    Column("throttled_ns", pl.Int64, "ns", "Time that heat slowed it, since boot; Linux on x86."),
)

PRESSURE = (
    _SESSION,
    _T,
    Column("scope", pl.String, "", "machine, or the path of a control group."),
    Column("resource", pl.String, "", "cpu, memory or io."),
    Column("some_ns", pl.Int64, "ns", "Time in which a task waited for it (PSI), since boot."),
    Column("full_ns", pl.Int64, "ns", "Time in which every task waited; null where not kept."),
)

CGROUP = (
    _SESSION,
    _T,
    Column("cgroup", pl.String, "", "Path of a control group that a watched process is in."),
    Column("cpu_limit_cores", pl.Float64, "cores", "Cores' worth of time allowed; null: no limit."),
    Column("periods", pl.Int64, "", "Periods in which that limit was counted."),
    Column("throttled_periods", pl.Int64, "", "Periods in which it was reached."),
    Column("throttled_ns", pl.Int64, "ns", "Time that its tasks were held back."),
    Column("memory_limit_bytes", pl.Int64, "bytes", "Memory allowed; null: no limit."),
    Column("memory_used_bytes", pl.Int64, "bytes", "Memory counted against it, page cache too."),
    Column("oom_kills", pl.Int64, "", "Processes killed for want of memory."),
)

TEMPERATURE = (
    _SESSION,
    _T,
    Column("sensor", pl.String, "", "Chip and label of the sensor."),
    Column("celsius", pl.Float64, "°C", "What it reads."),
)

ENERGY = (
    _SESSION,
    _T,
    Column("zone", pl.String, "", "The kernel's name of the zone, as intel-rapl:0."),
    Column("name", pl.String, "", "What it measures: package-0, dram, psys, …"),
    Column("above", pl.String, "", "The zone that holds this one; null at the top."),
    Column("energy_uj", pl.Int64, "µJ", "The counter as it stands; it wraps after range_uj."),
    Column("range_uj", pl.Int64, "µJ", "Its largest value; null where the kernel doesn't say."),
)

PROCESS = (
    _SESSION,
    _T,
    Column("model", pl.String, "", "Key of the model that the process serves; null for our own."),
    Column(
        "role",
        pl.String,
        "",
        "engine (does a model's work), server (the Ollama that hands it out), command and "
        "watched (what `overthink trace` began, or found running), client (the stage itself) or "
        "tracer.",
    ),
    Column("pid", pl.Int64, "", "Process id."),
    Column("created_ns", pl.Int64, "ns", "When the process began, since boot: tells reused pids."),
    Column("cpu_ns", pl.Int64, "ns", "CPU time of all its threads."),
    Column("rss_bytes", pl.Int64, "bytes", "Resident memory, shared pages included (10 Hz)."),
    Column("read_bytes", pl.Int64, "bytes", "Read from storage (10 Hz); null where not permitted."),
    Column(
        "written_bytes", pl.Int64, "bytes", "Written to storage (10 Hz); null where not permitted."
    ),
    Column("read_chars", pl.Int64, "bytes", "Read by system calls, cached or not (10 Hz); Linux."),
    Column(
        "written_chars", pl.Int64, "bytes", "Written by system calls, cached or not (10 Hz); Linux."
    ),
    Column("minor_faults", pl.Int64, "faults", "Page faults served without a disk (10 Hz); Linux."),
    Column("major_faults", pl.Int64, "faults", "Page faults that read a disk (10 Hz); Linux."),
    Column("voluntary_switches", pl.Int64, "switches", "Times that it gave up a core (1 Hz)."),
    Column("involuntary_switches", pl.Int64, "switches", "Times that it lost a core (1 Hz)."),
    Column("threads", pl.Int64, "threads", "Threads (10 Hz)."),
    Column(
        "children_cpu_ns",
        pl.Int64,
        "ns",
        "CPU time of its ended children that were waited for, and of theirs (10 Hz); Linux.",
    ),
    Column(
        "pss_bytes",
        pl.Int64,
        "bytes",
        "Resident memory with shared pages divided among their users; about once a second, null "
        "between, and where not permitted; Linux.",
    ),
    Column(
        "remote_sockets",
        pl.Int64,
        "sockets",
        "Internet sockets with a peer beyond loopback; read once a second, null between.",
    ),
)

DISK = (
    _SESSION,
    _T,
    Column("device", pl.String, "", "Block device (whole disks, no partitions)."),
    Column("read_bytes", pl.Int64, "bytes", "Read since boot."),
    Column("written_bytes", pl.Int64, "bytes", "Written since boot."),
    Column("reads", pl.Int64, "requests", "Read requests completed since boot."),
    Column("writes", pl.Int64, "requests", "Write requests completed since boot."),
    Column("busy_ns", pl.Int64, "ns", "Time with a request under way; Linux."),
    Column("queue_ns", pl.Int64, "ns", "Time of all requests, waiting ones too, added up; Linux."),
)

NETWORK = (
    _SESSION,
    _T,
    Column("interface", pl.String, "", "Network interface."),
    Column("loopback", pl.Boolean, "", "Whether it never leaves this machine."),
    Column("received_bytes", pl.Int64, "bytes", "Received since boot."),
    Column("sent_bytes", pl.Int64, "bytes", "Sent since boot."),
)

GPU = (
    _SESSION,
    _T,
    Column("gpu", pl.Int64, "", "Index of the device."),
    Column("name", pl.String, "", "The device's product name."),
    Column(
        "utilisation_percent",
        pl.Int64,
        "%",
        "Share of the driver's last period with a kernel running: up to a second (an H200's comes "
        "0.3 s late).",
    ),
    Column(
        "memory_used_bytes",
        pl.Int64,
        "bytes",
        "Device memory in use, without what the driver keeps for itself where it tells that apart.",
    ),
    Column("memory_total_bytes", pl.Int64, "bytes", "Device memory."),
    Column(
        "power_mw",
        pl.Int64,
        "mW",
        "Power as the driver reports it: the mean of a second on Ampere and later.",
    ),
    Column("power_instant_mw", pl.Int64, "mW", "Power at this moment, where the driver has it."),
    Column(
        "energy_mj",
        pl.Int64,
        "mJ",
        "Energy since the driver was loaded; steps each 20–100 ms. Where reading it takes the "
        "processor long, in rows of its own.",
    ),
    Column("temperature_c", pl.Int64, "°C", "Core temperature."),
    Column("graphics_clock_hz", pl.Int64, "Hz", "Clock of the cores."),
    Column("memory_clock_hz", pl.Int64, "Hz", "Clock of the device memory."),
    Column("throttle_reasons", pl.Int64, "", "Bits of NVML's nvmlClocksThrottleReasons."),
)

GPU_PROCESS = (
    _SESSION,
    _T,
    Column("gpu", pl.Int64, "", "Index of the device."),
    Column("pid", pl.Int64, "", "Process id as the driver knows it."),
    Column("model", pl.String, "", "Key of the model that it serves; null for any other process."),
    Column("memory_bytes", pl.Int64, "bytes", "Device memory that it holds; null where not told."),
)

HELD = (
    _SESSION,
    _T,
    Column("server", pl.String, "", "Address of the Ollama server that says so."),
    Column("name", pl.String, "", "What it calls a model in its memory; null: it holds none."),
    Column("model", pl.String, "", "Key of that model; null where it is none of this run's."),
    Column("digest", pl.String, "", "Digest of its manifest."),
    Column("size_bytes", pl.Int64, "bytes", "Memory that it takes by the server's own reckoning."),
    Column("vram_bytes", pl.Int64, "bytes", "The part of it that is on accelerators."),
    Column("context_tokens", pl.Int64, "tokens", "The context that it was loaded with."),
    Column(
        "expires_in_s",
        pl.Float64,
        "s",
        "Time until the server unloads it if nobody asks; centuries where it keeps it.",
    ),
)

EVENTS = (
    _SESSION,
    _T,
    Column(
        "kind",
        pl.String,
        "",
        "lane_missing, late, missed, gap, suspend, idle, process_gone, runner_started, "
        "runner_reloaded, …",
    ),
    Column("lane", pl.String, "", "The lane or room that it is about."),
    Column("subject", pl.String, "", "The model, device or process that it is about."),
    Column("value", pl.Float64, "", "A figure, its unit named in detail; null where none."),
    Column("detail", pl.String, "", "The reason, in words, with the remedy where there is one."),
)

SESSIONS = (
    _SESSION,
    Column("machine_id", pl.String, "", "The machine, as a hash that can't be turned back."),
    Column("boot_id", pl.String, "", "The boot, as a hash that can't be turned back."),
    Column("started_at", pl.Datetime("us", "UTC"), "", "Wall time at the start."),
    Column(
        "anchors",
        pl.List(pl.Struct({"monotonic_ns": pl.Int64, "boot_ns": pl.Int64, "wall_ns": pl.Int64})),
        "ns",
        "The three clocks read together, at start, each minute and end (wall since 1970 UTC).",
    ),
)

LATER_TABLES = {
    "trace_held",
    "trace_core",
    "trace_pressure",
    "trace_cgroup",
    "trace_temperature",
    "trace_energy",
    "trace_gpu_process",
}
"""Sessions that an earlier version of this program recorded lack these."""

TRACE_TABLES: dict[str, tuple[Column, ...]] = {
    "trace_system": SYSTEM,
    "trace_core": CORE,
    "trace_pressure": PRESSURE,
    "trace_cgroup": CGROUP,
    "trace_process": PROCESS,
    "trace_disk": DISK,
    "trace_network": NETWORK,
    "trace_temperature": TEMPERATURE,
    "trace_energy": ENERGY,
    "trace_gpu": GPU,
    "trace_gpu_process": GPU_PROCESS,
    "trace_held": HELD,
    "trace_events": EVENTS,
    "sessions": SESSIONS,
}
