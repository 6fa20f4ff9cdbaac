"""What this machine can and cannot do for grading, and how to fix it: ``autograder doctor``."""
