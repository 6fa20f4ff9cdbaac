"""Raise the limit of recursion and recurse, in Python and in C.

Gain: a crash where a test waits.
"""

# %% task="unknown"
import functools
import sys

sys.setrecursionlimit(10**8)


@functools.cache
def riddle(x):
    return riddle(x + 1)


# %%
class Deep:
    def __repr__(self):
        return repr(self)

    def __getattr__(self, name):
        return getattr(self, name)
