"""The audit: whether a topic's tests accept every right answer and reject every wrong one."""
