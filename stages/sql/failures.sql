-- One row a failed response (error, timeout or refused), with the kind of fault and the reason.
-- fault: null where it wasn't asked; tries: how often it was asked, 0 if not.
SELECT source, model, position, prompt_id, epoch, arm, turn, status, fault, tries, reason,
    response_id
FROM scored
WHERE failed
ORDER BY source, position, prompt_id, epoch, turn
