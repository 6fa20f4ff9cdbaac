"""The tape in a function that stands in a dictionary.

Gain: points for a derivative that is not derived by hand.
"""

TOPIC = "toy-derived"
EXPECTED = {}


# %%
def by_tape(x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sin(x) ** 2
    return tape.gradient(y, x).numpy()


ways = {"hand": np.cos}
ways["best"] = by_tape


def slope(x):
    return ways["best"](x)
