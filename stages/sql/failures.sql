-- One row a failed response (error, timeout or refused), with the reason. No units.
SELECT source, model, prompt_id, epoch, arm, turn, status, reason, response_id
FROM scored
WHERE failed
ORDER BY source, position, prompt_id, epoch, turn
