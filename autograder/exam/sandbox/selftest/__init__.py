"""Whether the sandbox holds on this machine: what must fail in it, and what must work."""
