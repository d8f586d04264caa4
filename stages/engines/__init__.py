"""Where text comes from: one small protocol, one file an engine."""
