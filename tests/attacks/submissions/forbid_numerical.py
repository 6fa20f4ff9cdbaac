"""nnkit's own numerical gradient in place of a derivation.

Gain: points for a derivative that is not derived by hand.
"""

TOPIC = "toy-derived"
EXPECTED = {}

# %%
import nnkit.checks.gradients as helper


def slope(x):
    return helper.numerical_gradient(lambda p: np.sum(np.sin(p) ** 2), x)[0][1]
