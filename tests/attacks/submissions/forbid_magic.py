"""`%%time` above the answer, and the tape within.

Gain: points for a derivative that is not derived by hand.
"""

TOPIC = "toy-derived"
EXPECTED = {}


def forge(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith("def slope"):
            cell.source = "%%time\n" + cell.source


# %% task="slope"
def slope(x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sin(x) ** 2
    return tape.gradient(y, x).numpy()
