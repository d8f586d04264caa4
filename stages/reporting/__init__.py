"""From ``results.duckdb`` to a page: one Markdown for HTML and PDF, and what renders it."""
