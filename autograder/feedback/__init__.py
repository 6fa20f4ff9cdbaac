"""The feedback pages: one page for each graded notebook, for its student."""
