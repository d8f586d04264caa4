-- One row a unit and measure that ran both alone and together: the same model, prompt and seed.
-- Only rounds in which all answered, and were in memory at once: else nothing ran together.
-- ratio: together ÷ alone (×). Time per token takes out that the two texts differ in length. Both
-- are of one machine and engine version; the sessions may differ, if a run was stopped and went on.
WITH timed AS (
    SELECT test, model, position, prompt_id, epoch, turn, arm,
        coalesce(z.machine_id, '') || ' ' || coalesce(engine_version, '') AS conditions,
        (end_ns - first_token_ns) / nullif(output_tokens - 1, 0) / 1e9 AS time_per_token,
        (first_token_ns - request_ns) / 1e9 AS time_to_first_token,
        (end_ns - request_ns) / 1e9 AS whole_response
    FROM scored LEFT JOIN sessions z ON z.session_id = scored.session_id
    WHERE test IS NOT NULL AND NOT failed AND (arm <> 'together' OR EXISTS (
        SELECT 1 FROM rounds r WHERE r.together AND r.failed = 0 AND (r.test, r.prompt_id, r.epoch, r.turn,
            r.session_id) = (scored.test, scored.prompt_id, scored.epoch, scored.turn,
            scored.session_id)
    ))
), long AS (
    UNPIVOT timed ON time_per_token, time_to_first_token, whole_response
    INTO NAME measure VALUE seconds
)
SELECT a.test, a.model, a.position, a.prompt_id, a.epoch, a.turn, a.measure,
    a.seconds AS alone_s, b.seconds AS together_s, b.seconds / a.seconds AS ratio
FROM long a
JOIN long b USING (test, model, prompt_id, epoch, turn, measure, conditions)
WHERE a.arm = 'alone' AND b.arm = 'together' AND a.seconds > 0
ORDER BY a.test, a.position, a.measure, a.prompt_id, a.epoch, a.turn
