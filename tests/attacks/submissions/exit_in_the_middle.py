"""End the process in the middle: in a cell, and inside each call of a test.

Gain: a test that ends early and counts as run.
"""

# %%
import os

os._exit(0)


# %% task="unknown"
def riddle(x):
    import os

    os._exit(0)
