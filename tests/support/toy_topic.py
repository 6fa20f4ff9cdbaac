"""A small topic in NumPy alone, for the tests of authoring, and a course folder to put it in."""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.course import Course

HOUSE = Path(__file__).resolve().parents[2]
NAME = "99-toy"

TEXT = '''\
# ---
# jupyter:
#   kernelspec:
#     name: python3
# ---

# %% [markdown]
# # A toy topic
#
# Doubling, and why.

# %% given="data"
import contextlib

import numpy as np


class checks:  # stands for nnkit's, to keep this topic small
    @staticmethod
    def hidden():
        return contextlib.nullcontext()


# cat and mouse, 100 %: an ordinary comment
data = np.arange(3.0)

# %% task="double"
def double(x):
    """Return twice x, ()."""
    ### BEGIN SOLUTION
    doubled_secretly = 2 * x
    return doubled_secretly
    ### END SOLUTION


# %% test="double" points=2
assert double(2) == 4
### BEGIN HIDDEN TESTS
with checks.hidden():
    assert double(-7.5) == -15.0
### END HIDDEN TESTS

# %% test="double" part="array" points=1.5
assert (double(data) == [0, 2, 4]).all()

# %%
print(data)

# %% task="triple"
def triple(x):
    """Return three times x, ()."""
    ### BEGIN SOLUTION
    return 3 * x
    ### END SOLUTION


def six_times(x):
    """Return six times x, ()."""
    ### BEGIN SOLUTION
    return 2 * triple(x)
    ### END SOLUTION


# %% test="triple" points=1
assert triple(2) == 6
assert six_times(2) == 12

# %% [markdown] task="explain" points=2
# Why is twice a number even?
#
# ### BEGIN SOLUTION
# It is a multiple of two by its very definition.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# Two points for naming the definition of even numbers.
# ### END MARK SCHEME
'''

VARIANTS = '''\
"""Other answers."""

import numpy as np

from autograder.topics.variants import right, wrong


@right
def double(x):
    """Adds."""
    return np.add(x, x)


@wrong(
    loses=["double", "double-array"],
    diagnosis="factor-half",
)
def double(x):
    """Halves.

    More about it.
    """

    def half(x):
        return x / 2

    return half(x)


@wrong(loses=["triple"])
def six_times(x):
    return 6
'''


def write(folder: Path, text: str = TEXT, name: str = NAME) -> Path:
    """Write a topic under a folder of topics and return its file."""
    path = folder / name / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def course(root: Path, text: str = TEXT) -> Course:
    """Make a course folder with the repository's configuration and one topic."""
    root.mkdir(parents=True, exist_ok=True)
    shutil.copy(HOUSE / "nbgrader_config.py", root)
    topic = write(root / "solutions", text)
    (topic.parent / "variants.py").write_text(VARIANTS, encoding="utf-8")
    return Course.find(root=root)
