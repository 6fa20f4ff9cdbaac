"""A self-test of the sandbox on this machine: attempts that must fail, work that must succeed."""
