"""The complex step in place of a derivation.

Gain: points for a derivative that is not derived by hand.
"""

TOPIC = "toy-derived"
EXPECTED = {}


# %% task="slope"
def slope(x):
    return (np.sin(x + 1e-20j) ** 2).imag / 1e-20
