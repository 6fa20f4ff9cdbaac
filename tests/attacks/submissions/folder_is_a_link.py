"""Hand in a link to another student's folder in place of one's own.

Gain: the other student's work is graded as one's own.
"""

HARMS = "has another student's work graded"
EXPECTED = {}


def hand_in(folder, course):
    import shutil

    shutil.rmtree(folder)
    folder.symlink_to(course / "submitted/full/toy", target_is_directory=True)
