"""``data/results.duckdb``: loading, what is derived once, the views, and what is read from them."""
