# ---
# jupyter:
#   kernelspec:
#     name: python3
# ---

# %% [markdown]
# # The attacks' topic with a derivative by hand

# %% given="data"
import numpy as np
import tensorflow as tf

from nnkit import checks


# %% task="slope"
def slope(x):
    """Return the derivative of sin(x)², derived by hand; x is a float64 array (n,)."""
    ### BEGIN SOLUTION
    return 2 * np.sin(x) * np.cos(x)
    ### END SOLUTION


# %% test="slope" points=2
checks.forbid(slope, *checks.BY_HAND, what="derived by hand")
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    checks.same(slope, lambda x: np.sin(2 * x), [(np.arange(4.0),)], "slope", rtol=1e-5, atol=1e-6)
### END HIDDEN TESTS
