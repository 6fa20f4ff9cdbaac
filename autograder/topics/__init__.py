"""From a topic's text source to what students and graders get.

`topic` reads the text into `cells`; `rules` and `course_rules` check them; `source_notebook` makes
nbgrader's source notebook of them, in which `markers` find solutions and hidden tests. `release`
writes what students get (`files`, `releases`), after `release_check` has run the reference solution
and `leak_check` has read every file. `variants` and `solved_notebooks` put answers into notebooks.
"""
