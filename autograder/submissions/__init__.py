"""Submissions: from any submitted folder to a notebook that can be examined.

`layout` finds the folders, and `intake` makes one clean copy of each, which all other modules read.
`reading` decides which file is the notebook (with `places`, `likeness`, `archives` and
`wrong_file`), and `notebook_file` parses it. `repair` matches its cells with the released ones
(with `cell_matching`, `recognise` and `written_answers`), and `differences` reports what else
differs and whether it is tampering.
"""
