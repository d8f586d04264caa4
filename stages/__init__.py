"""Overthink: which local reasoning model to run on this machine, and whether it overthinks."""

import os

# Noted before anything slow is imported: who started this process may be gone by then, and nothing
# else would tell (see measuring/lifeline.py).
STARTED_BY = os.getppid()
