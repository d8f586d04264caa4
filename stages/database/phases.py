"""The ``phases`` table: what each part of a response took, in time, CPU, memory, bytes and energy.

Built once, set by set, so that no view and no page needs to read the raw trace: ``slices.py``
assigns every reading to the phases, ``phase_process.py``, ``phase_gpu.py``, ``phase_machine.py``
and ``phase_energy.py`` take the figures. A figure is null where the readings don't cover the phase,
or where the machine was suspended meanwhile.
"""

from __future__ import annotations

import duckdb

from stages.database import phase_energy, phase_gpu, phase_machine, phase_process, slices

# Energy of several devices is added up at its widest: their errors needn't be independent.
_ENERGY = """
CREATE TEMP TABLE energy_use AS
SELECT s.response_id, s.phase, sum(s.joules) AS energy_j, sum(s.low_j) AS energy_low_j,
    sum(s.high_j) AS energy_high_j,
    CASE WHEN count(*) = count(s.idle_j) THEN sum(s.idle_j) END AS energy_idle_j,
    list(s.device ORDER BY s.device) AS energy_of,
    CASE WHEN min(a.method) = max(a.method) THEN min(a.method)
        ELSE string_agg(s.device || ' ' || a.method, ', ' ORDER BY s.device) END AS energy_method
FROM energy_shares s
JOIN energy_account a ON a.session_id = s.session_id AND a.device = s.device
GROUP BY s.response_id, s.phase
"""

_PHASES = """
INSERT INTO phases
WITH traced AS (
    SELECT session_id FROM trace_system UNION SELECT session_id FROM trace_process
), measured AS (
    SELECT session_id, bool_or(starts_with(device, 'GPU')) AS gpu
    FROM energy_account WHERE attributed_j IS NOT NULL GROUP BY ALL
), gaps AS (
    SELECT session_id, min(concat_ws(': ', subject, detail)) FILTER (lane = 'gpu') AS gpu,
        min(concat_ws(': ', subject, detail)) FILTER (lane = 'powercap') AS cpu
    FROM trace_events WHERE kind = 'lane_missing' GROUP BY ALL
), tdp AS (
    SELECT max(TRY_CAST(value AS DOUBLE)) AS watts FROM settings WHERE name = 'trace_tdp_w'
)
SELECT s.response_id, s.phase, s.session_id, s.start_ns, s.end_ns,
    (s.end_ns - s.start_ns) / 1e9 AS seconds,
    p.cpu_s,
    p.cpu_s / ((s.end_ns - s.start_ns) / 1e9) AS cores_used,
    p.memory_peak_bytes::BIGINT,
    round(p.memory_mean_bytes)::BIGINT,
    round(p.read_bytes)::BIGINT,
    round(p.written_bytes)::BIGINT,
    round(p.minor_faults)::BIGINT,
    round(p.major_faults)::BIGINT,
    g.gpu_utilisation,
    g.gpu_memory_peak_bytes::BIGINT,
    e.* EXCLUDE (response_id, phase),
    CASE
        WHEN e.energy_j IS NOT NULL THEN NULL
        WHEN t.session_id IS NULL THEN 'no trace of this session is here'
        WHEN s.end_ns = s.start_ns THEN 'the phase has no length'
        WHEN z.response_id IS NOT NULL THEN 'the machine was suspended meanwhile'
        WHEN m.session_id IS NULL THEN concat(
            'GPU: ', coalesce(v.gpu_reason, x.gpu, 'none was traced'),
            '; CPU: ', coalesce(x.cpu, 'its energy wasn''t traced'))
        WHEN p.cpu_s IS NULL AND NOT m.gpu
            THEN 'the CPU time of the model''s processes isn''t known'
        ELSE 'the readings don''t cover this phase'
    END AS energy_reason,
    (SELECT watts FROM tdp) * p.cpu_s / v.cores_logical AS energy_estimate_j
FROM spans s
LEFT JOIN suspended z ON z.response_id = s.twin AND z.phase = s.phase
LEFT JOIN process_use p ON p.response_id = s.twin AND p.phase = s.phase
LEFT JOIN gpu_use g ON g.response_id = s.twin AND g.phase = s.phase
LEFT JOIN energy_use e ON e.response_id = s.twin AND e.phase = s.phase
LEFT JOIN environment v ON v.session_id = s.session_id
LEFT JOIN gaps x ON x.session_id = s.session_id
LEFT JOIN traced t ON t.session_id = s.session_id
LEFT JOIN measured m ON m.session_id = s.session_id
ORDER BY s.session_id, s.start_ns, s.end_ns
"""


def build_phases(con: duckdb.DuckDBPyConnection) -> None:
    """Fill ``phases``, ``energy_account`` and ``energy_shares`` from responses and trace."""
    slices.build_slices(con)
    phase_machine.build_machine_use(con)
    phase_process.build_process_use(con)
    phase_gpu.build_gpu_use(con)
    phase_energy.build_energy(con)
    con.execute(_ENERGY)
    con.execute(_PHASES)
    made = [*slices.TABLES, *phase_machine.TABLES, *phase_process.TABLES, *phase_gpu.TABLES]
    for name in [*made, *phase_energy.TABLES, "energy_use"]:
        con.execute(f"DROP TABLE temp.{name}")
