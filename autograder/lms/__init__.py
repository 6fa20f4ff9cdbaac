"""Bring what a learning platform (LMS) hands out into the course's pile of submissions."""
