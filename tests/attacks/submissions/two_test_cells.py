"""Copy a test's metadata to a cell of one's own, before and after the test.

Gain: the examiner runs the copy, or the points of the easy copy count.
"""

AT_MOST = True


def forge(notebook):
    import copy

    for cell in list(notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "test-unknown":
            twin = copy.deepcopy(cell)
            twin.id = "twin"
            twin.source = 'open("/tmp/@MARK@", "w").close()'
            notebook.cells.insert(2, twin)
            third = copy.deepcopy(twin)
            third.id = "third"
            notebook.cells.append(third)
