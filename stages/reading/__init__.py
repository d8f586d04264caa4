"""A small language model that reads a text, so that what a sentence says is known in context."""
