"""What a student reads after grading: one page for each notebook."""
