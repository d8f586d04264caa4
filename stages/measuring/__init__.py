"""Asking models while the tracer watches: shared by ``generate`` and ``sidebyside``."""
