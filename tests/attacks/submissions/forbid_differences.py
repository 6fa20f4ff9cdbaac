"""A difference quotient in place of a derivation.

Gain: points for a derivative that is not derived by hand.
"""

TOPIC = "toy-derived"
EXPECTED = {}


# %%
def square(x):
    return np.sin(x) ** 2


def slope(x, h=1e-5):
    return (square(x + h) - square(x - h)) / (2 * h)
