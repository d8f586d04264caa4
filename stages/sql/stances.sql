-- One row a model, truth and stance: how many answers to two-topic prompts took that stance.
-- Solo and imported ones only: side-by-side tests ask the same again.
-- rate, low, high: fractions of that model's answers of that truth; Wilson's 95 % interval.
WITH counted AS (
    SELECT model, position, truth, stance, count(*) AS k,
        sum(count(*)) OVER (PARTITION BY model, truth) AS n
    FROM scored WHERE stance IS NOT NULL AND arm IN ('solo', 'imported')
    GROUP BY model, position, truth, stance
)
SELECT model, position, truth, stance, k, n::BIGINT AS n, k / n AS rate, wilson_low(k, n) AS low,
    wilson_high(k, n) AS high
FROM counted
ORDER BY position, model, truth, stance
