"""The tape under another name, bound by a tuple.

Gain: points for a derivative that is not derived by hand.
"""

TOPIC = "toy-derived"
EXPECTED = {}

# %%
h, (Tape, module) = 1e-5, (getattr(tf, "GradientTape"), np)


# %%
def slope(x, make=Tape):
    x = tf.constant(x)
    with make() as tape:
        tape.watch(x)
        y = tf.sin(x) ** 2
    return tape.gradient(y, x).numpy()
