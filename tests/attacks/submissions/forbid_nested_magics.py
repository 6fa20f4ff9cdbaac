"""The tape below two magics, in the text that `run_cell_magic` is given.

Gain: points for a derivative that is not derived by hand.
"""

TOPIC = "toy-derived"
EXPECTED = {}

# %% task="slope"
get_ipython().run_cell_magic(
    "time",
    "",
    """%%capture
def slope(x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sin(x) ** 2
    return tape.gradient(y, x).numpy()
""",
)
