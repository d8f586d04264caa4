"""Reading an answer as an examiner does: what it says in the end, and whether that is right."""
