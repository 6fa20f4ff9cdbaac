"""Copy submissions that a learning platform (LMS) exports into the course folder."""
