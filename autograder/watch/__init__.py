"""Grade on submit: watch nbgrader's exchange, grade new submissions, and return feedback."""
