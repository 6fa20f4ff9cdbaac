"""The exam's processes: how they are started, watched, limited and ended."""
