"""Overthink: which local reasoning model to run on this machine, and whether it overthinks."""
