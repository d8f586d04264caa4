"""params.yaml: its typed keys, how it is read, and what is said about mistakes in it."""
