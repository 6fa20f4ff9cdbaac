"""Run a notebook's cells, in candidate and examiner: shell, names, outputs, random numbers."""
