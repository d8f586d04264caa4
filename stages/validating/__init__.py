"""What the stage ``validate`` measures: one module a heuristic."""
