-- One row a model of params.yaml, in its order: what it is and under which licence.
-- size_mib in MiB; parameters a count; context_length in tokens. A file's folder is left out.
SELECT
    model, position, demo, thinking_mode, engine, name, family, parameters, quantisation,
    size_bytes / 1024.0 ** 2 AS size_mib, context_length, license, parent,
    regexp_replace(source, '^(/|~|\\\\|[A-Za-z]:).*[/\\]', '…/') AS source
FROM models
ORDER BY position
