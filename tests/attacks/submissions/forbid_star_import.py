"""The tape by a star import.

Gain: points for a derivative that is not derived by hand.
"""

TOPIC = "toy-derived"
EXPECTED = {}

# %%
from tensorflow import *


# %%
def slope(x):
    x = constant(x)
    with GradientTape() as tape:
        tape.watch(x)
        y = sin(x) ** 2
    return tape.gradient(y, x).numpy()
