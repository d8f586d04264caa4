-- One row a validated heuristic: its balanced accuracy on n labelled texts, with its interval. Where
-- texts were held out, by an author whom nobody had read before everything was frozen, on those.
SELECT heuristic, value, low, high, n
FROM validation
WHERE measure IN ('balanced_accuracy', 'balanced_accuracy:held_out')
QUALIFY row_number() OVER (PARTITION BY heuristic ORDER BY measure DESC) = 1
ORDER BY heuristic
