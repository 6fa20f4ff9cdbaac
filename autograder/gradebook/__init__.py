"""nbgrader's database: reading and writing of assignments and grades.

`session` holds the gradebook open for a run, with one transaction for each submission.
`assignment` reads a topic's cells, `scores` writes and reads scores, and `up_to_date` decides
whether a submission must be graded again. `voids`, `penalties` and `cell_changes` change grades
after grading, `derived` applies these changes, and `set_aside` stores cells and scores that do not
count at present. `records` has the outcome of a run for each submission.
"""
