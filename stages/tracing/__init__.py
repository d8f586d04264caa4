"""Tracing any command: starting it, following it, and what its trace comes to in figures."""
