"""How both sides run a notebook's cells: shell, names, outputs, random numbers."""
