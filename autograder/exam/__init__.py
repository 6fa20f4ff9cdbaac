"""The exam: students' code and the tests that judge it, in separate processes (Linux only)."""
