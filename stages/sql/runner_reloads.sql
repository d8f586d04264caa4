-- One row a time that another process took over a model's work, though nobody had asked for that.
-- under_way: the response that was being answered, null for none; of two rows of one response, as two
-- tests may share one, the first. Models that are loaded anew for each response (cold) are left out.
SELECT e.session_id, e.t_ns, e.subject AS model, e.value::BIGINT AS pid, e.detail,
    r.response_id AS under_way, r.source, r.prompt_id, r.epoch, r.arm
FROM trace_events e
LEFT JOIN responses r ON r.session_id = e.session_id
    AND coalesce(r.traced_as, r.model) = e.subject
    AND e.t_ns BETWEEN r.request_ns AND r.end_ns
WHERE e.kind = 'runner_reloaded' AND NOT EXISTS (
    SELECT 1 FROM responses c WHERE c.session_id = e.session_id
        AND coalesce(c.traced_as, c.model) = e.subject AND c.options LIKE '%"cold": true%'
)
QUALIFY row_number() OVER (PARTITION BY e.session_id, e.t_ns, e.subject ORDER BY r.response_id) = 1
ORDER BY e.session_id, e.t_ns
