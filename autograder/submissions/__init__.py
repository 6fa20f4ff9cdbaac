"""What students handed in: from any folder to a notebook that can be examined.

`layout` finds the folders; `intake` makes one clean copy of each, which everything else reads.
`reading` decides which file is the notebook (`places`, `likeness`, `archives`, `wrong_file`) and
`notebook_file` parses it. `repair` fits its cells to the released ones (`cell_matching`,
`recognise`, `written_answers`), and `differences` says what of the rest is tampering.
"""
