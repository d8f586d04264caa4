-- One row a model and verdict: of n responses that the verdict applies to, k have it. Solo and
-- imported ones only: side-by-side tests ask the same again, which would count it twice.
-- rate, low, high: fractions, the interval Wilson's 95 %. accuracy: balanced accuracy of the
-- heuristic behind it on accuracy_n labelled texts, with its interval; null where not validated.
WITH verdicts AS (
    UNPIVOT (
        SELECT model, position, demo, forced_connection, missed_connection, reversal, loop,
            overthinks, abstains, correct,
            CASE WHEN thinking IS NOT NULL THEN answer IS NULL OR thought_end = 'limit' END
                AS thought_cut
        FROM scored WHERE NOT failed AND arm IN ('solo', 'imported')
    ) ON forced_connection, missed_connection, reversal, loop, overthinks, abstains, correct,
        thought_cut
    INTO NAME verdict VALUE holds
), counted AS (
    SELECT model, position, demo, verdict, count(*) FILTER (holds) AS k, count(*) AS n
    FROM verdicts GROUP BY ALL
)
SELECT c.model, c.position, c.demo, c.verdict, c.k, c.n, c.k / c.n AS rate,
    wilson_low(c.k, c.n) AS low, wilson_high(c.k, c.n) AS high,
    coalesce(own.value, stance.value) AS accuracy, coalesce(own.low, stance.low) AS accuracy_low,
    coalesce(own.high, stance.high) AS accuracy_high, coalesce(own.n, stance.n) AS accuracy_n
FROM counted c
LEFT JOIN heuristic_accuracy own ON own.heuristic = c.verdict
-- connections are read from the stance, so its accuracy is theirs unless they have their own
LEFT JOIN heuristic_accuracy stance ON stance.heuristic = 'stance'
    AND c.verdict IN ('forced_connection', 'missed_connection')
ORDER BY c.position, c.model, c.verdict
