"""The exam's processes: who starts, watches, limits and ends them."""
