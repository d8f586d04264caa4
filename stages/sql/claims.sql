-- One row a claim of the original write-up: what it reported, what this run measured, the verdict.
-- value in unit over n; low and high are what interval says. verdict: reproduced, not reproduced or
-- not testable here; why says what decided it. Only models that aren't demonstrations decide a claim
-- about reasoning models; largest and smallest go by their number of weights.
WITH tested AS (
    SELECT s.* FROM scored s JOIN models m ON m.model = s.model
    WHERE NOT s.demo AND NOT s.failed AND s.arm <> 'imported'
), reasoning AS (
    SELECT * FROM tested WHERE thinking_mode = 'native'
), standing AS (
    SELECT
        CASE
            WHEN (SELECT count(*) FROM scored WHERE NOT failed AND arm <> 'imported') = 0
                THEN 'no response came'
            WHEN (SELECT count(*) FROM tested) = 0 THEN 'only demonstration models ran'
        END AS no_model,
        CASE WHEN (SELECT count(*) FROM reasoning) = 0 THEN 'no reasoning model ran' END AS no_reasoning,
        CASE WHEN (SELECT count(DISTINCT parameters) FROM reasoning) < 2
            THEN 'it takes reasoning models of at least two known sizes' END AS no_sizes
), sizes AS (
    SELECT arg_min(model, parameters) AS smallest, arg_max(model, parameters) AS largest
    FROM reasoning
), gauge AS (
    SELECT * FROM trace_observations WHERE source IS NULL
), thought AS (
    SELECT model, median, low, high, n FROM model_summary WHERE measure = 'thinking_s'
), speed AS (
    SELECT model, median, low, high, n, interval FROM model_summary
    WHERE measure = 'tokens_per_s' AND model IN (SELECT model FROM reasoning)
    ORDER BY median LIMIT 1
), forced AS (
    SELECT model, k, n, rate, low, high FROM overthinking WHERE verdict = 'forced_connection'
), reversed AS (
    SELECT model, k, n, rate, low, high FROM overthinking WHERE verdict = 'reversal'
), plain AS (
    SELECT count(*) FILTER (thinking IS NOT NULL) AS k, count(*) AS n
    FROM tested WHERE thinking_mode = 'none'
), net AS (
    SELECT sum(readings) AS n, sum(with_sockets) AS k,
        sum(sent_bytes + received_bytes) / 1e6 AS megabytes
    FROM network_beyond_loopback WHERE source IS NULL
), rounds AS (
    SELECT sum(rounds) - sum(untold) AS n, sum(together) AS k, sum(untold) AS untold
    FROM start_skew
), found AS (
    SELECT 1 AS position, 'Memory use is high' AS claim, '50 % or more on average' AS original,
        'mean share of memory in use' AS measured, mean AS value, '%' AS unit, n, p05 AS low,
        p95 AS high, '5th–95th percentile' AS interval, 'trace_observations' AS view,
        (SELECT no_model FROM standing) AS blocked, mean >= 50 AS holds,
        'it holds if the mean is 50 % or more, on this machine' AS rule
    FROM (SELECT 1) LEFT JOIN gauge ON gauge = 'memory'
    UNION ALL
    SELECT 2, 'CPU use is about half', 'about 50 % on average', 'mean busy share of all cores',
        mean, '%', n, p05, p95, '5th–95th percentile', 'trace_observations',
        (SELECT no_model FROM standing), mean BETWEEN 35 AND 65,
        'it holds if the mean is 35 to 65 %, on this machine'
    FROM (SELECT 1) LEFT JOIN gauge ON gauge = 'cpu'
    UNION ALL
    SELECT 3, 'GPU use goes from low to high, not constantly high', 'low to high, at times 100 %',
        'median utilisation', median, '%', n, p05, p95, '5th–95th percentile',
        'trace_observations', coalesce((SELECT no_model FROM standing),
            CASE WHEN n IS NULL THEN 'no accelerator could be read' END),
        p05 < 50 AND largest >= 90,
        'it holds if a twentieth of the time is under 50 % and the top is 90 % or more'
    FROM (SELECT 1) LEFT JOIN gauge ON gauge = 'gpu'
    UNION ALL
    SELECT 4, 'Disk traffic is low', 'low, no figure', '95th percentile of reads and writes',
        p95, 'MB/s', n, p05, largest, '5th percentile–largest', 'trace_observations',
        coalesce((SELECT no_model FROM standing),
            CASE WHEN n IS NULL THEN 'no disk could be read' END),
        p95 < 50, 'low is taken as under 50 MB/s in 95 % of the time'
    FROM (SELECT 1) LEFT JOIN gauge ON gauge = 'disk'
    UNION ALL
    SELECT 5, 'Several models run at the same time', 'three, then two, on one PC',
        'rounds in which all models were in memory at once', 100.0 * k / nullif(n, 0), '%', n,
        100 * wilson_low(k, n), 100 * wilson_high(k, n), '95 %', 'start_skew',
        coalesce((SELECT no_model FROM standing),
            CASE WHEN n IS NULL THEN 'no side-by-side test ran'
                WHEN n = 0 THEN 'nothing could be read of what was in memory' END),
        k = n, 'it holds if they were there in every round'
            || CASE WHEN untold > 0 THEN '; ' || untold || ' more can''t be told' ELSE '' END
    FROM rounds
    UNION ALL
    SELECT 6, 'A model that doesn''t reason answers without a thought', 'llama3.3: no reasoning',
        'responses with a thought', 100.0 * k / nullif(n, 0), '%', nullif(n, 0),
        100 * wilson_low(k, n), 100 * wilson_high(k, n), '95 %', 'scored',
        coalesce((SELECT no_model FROM standing),
            CASE WHEN n = 0 THEN 'no model without reasoning ran' END),
        k = 0, 'it holds if none has one'
    FROM plain
    UNION ALL
    SELECT 7, 'Larger models think longer',
        '7B a few seconds, 32B 8 minutes, 70B 16 minutes',
        'median thinking time, largest ÷ smallest model', b.median / nullif(a.median, 0), '×',
        a.n + b.n, NULL, NULL, NULL, 'model_summary',
        coalesce((SELECT no_model FROM standing), (SELECT no_reasoning FROM standing),
            (SELECT no_sizes FROM standing),
            CASE WHEN a.n IS NULL OR b.n IS NULL THEN 'no thinking was timed'
                WHEN a.n < 6 OR b.n < 6 THEN 'it takes 6 thoughts of each model'
                WHEN b.low <= a.high AND a.low <= b.high
                    THEN 'the two intervals overlap: too few responses to tell' END),
        b.low > a.high, 'it holds if the 95 % intervals of the medians lie apart, that way round'
    FROM sizes
    LEFT JOIN thought a ON a.model = smallest
    LEFT JOIN thought b ON b.model = largest
    UNION ALL
    SELECT 8, 'The small model sees that the topics are unrelated', '7B: no direct connection (n = 1)',
        'unrelated topics connected by the smallest', 100 * rate, '%', n, 100 * low, 100 * high,
        '95 %', 'overthinking',
        coalesce((SELECT no_model FROM standing), (SELECT no_reasoning FROM standing),
            CASE WHEN n IS NULL THEN 'no stance was scored'
                WHEN low <= 0.5 AND high >= 0.5 THEN 'the interval holds 50 %: too few to tell' END),
        high < 0.5, 'it holds if clearly fewer than half are connected'
    FROM sizes LEFT JOIN forced ON forced.model = smallest
    UNION ALL
    SELECT 9, 'The large model connects unrelated topics', '70B: seven kinds of connection (n = 1)',
        'unrelated topics connected by the largest', 100 * rate, '%', n, 100 * low, 100 * high,
        '95 %', 'overthinking',
        coalesce((SELECT no_model FROM standing), (SELECT no_reasoning FROM standing),
            (SELECT no_sizes FROM standing),
            CASE WHEN n IS NULL THEN 'no stance was scored'
                WHEN low <= 0.5 AND high >= 0.5 THEN 'the interval holds 50 %: too few to tell' END),
        low > 0.5, 'it holds if clearly more than half are connected'
    FROM sizes LEFT JOIN forced ON forced.model = largest
    UNION ALL
    SELECT 10, 'It connects them though its thinking began by calling them unrelated',
        '70B: so in its one response', 'responses of the largest that turn round',
        100 * rate, '%', n, 100 * low, 100 * high, '95 %', 'overthinking',
        coalesce((SELECT no_model FROM standing), (SELECT no_reasoning FROM standing),
            (SELECT no_sizes FROM standing),
            CASE WHEN n IS NULL THEN 'the thinking''s stance wasn''t scored' END),
        k > 0, 'it holds if it happened at all'
    FROM sizes LEFT JOIN reversed ON reversed.model = largest
    UNION ALL
    SELECT 11, 'Larger models overthink more', 'the 70B more than the 7B (n = 1 each)',
        'connected by the largest less by the smallest', 100 * (b.rate - a.rate), 'points',
        a.n + b.n, NULL, NULL, NULL, 'overthinking',
        coalesce((SELECT no_model FROM standing), (SELECT no_reasoning FROM standing),
            (SELECT no_sizes FROM standing),
            CASE WHEN a.n IS NULL OR b.n IS NULL THEN 'no stance was scored'
                WHEN b.low <= a.high AND a.low <= b.high
                    THEN 'the two intervals overlap: too few responses to tell' END),
        b.low > a.high, 'it holds if the two rates'' 95 % intervals lie apart, that way round'
    FROM sizes
    LEFT JOIN forced a ON a.model = smallest
    LEFT JOIN forced b ON b.model = largest
    UNION ALL
    SELECT 12, 'Distilled reasoning models are practical on an ordinary PC', 'yes, no figure',
        'median speed of the slowest reasoning model', median, 'tokens/s', n, low, high, interval,
        'model_summary',
        coalesce((SELECT no_model FROM standing), (SELECT no_reasoning FROM standing),
            CASE WHEN n IS NULL THEN 'no speed was measured' END),
        median >= 5, 'practical is taken as 5 tokens/s or more, about the pace of reading'
    FROM (SELECT 1) LEFT JOIN speed ON true
    UNION ALL
    SELECT 13, 'Nothing leaves the machine', 'full security, by running locally',
        'looks at the engine''s sockets that found one beyond this machine', 100.0 * k / nullif(n, 0),
        '%', nullif(n, 0), 100 * wilson_low(k, n), 100 * wilson_high(k, n), '95 %',
        'network_beyond_loopback',
        CASE WHEN (SELECT count(*) FROM scored WHERE NOT failed AND arm <> 'imported') = 0
                THEN 'no response came'
            WHEN coalesce(n, 0) = 0 THEN 'the engine''s sockets couldn''t be read' END,
        k = 0, 'it holds if no look found one; between two looks (1 s) one could be missed. The '
            || 'machine''s other interfaces carried '
            || coalesce(round(megabytes, 1)::VARCHAR, 'an unknown number of')
            || ' MB meanwhile, other programs included'
    FROM net
)
SELECT position, claim, original, measured, value, unit, n::BIGINT AS n, low, high, interval,
    CASE WHEN blocked IS NOT NULL OR holds IS NULL THEN 'not testable here'
        WHEN holds THEN 'reproduced' ELSE 'not reproduced' END AS verdict,
    coalesce(blocked, CASE WHEN holds IS NULL THEN 'nothing was measured' END, rule) AS why,
    view
FROM found
ORDER BY position
