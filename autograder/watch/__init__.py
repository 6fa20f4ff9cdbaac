"""Grade on submit: see new work in nbgrader's exchange, examine it, and give feedback back."""
