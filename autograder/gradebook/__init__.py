"""nbgrader's database: what is read from it and written to it.

`session` holds it open for a run, one transaction for each submission; `assignment` is a topic as
it knows it; `scores` writes and reads scores; `up_to_date` knows what need not be graded again.
`voids`, `penalties` and `cell_changes` change grades afterwards, `derived` applies them, and
`set_aside` keeps what does not count at present. `records` is what a run says of each submission.
"""
