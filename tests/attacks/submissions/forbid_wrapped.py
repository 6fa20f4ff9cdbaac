"""The tape in a function behind `partial`, a decorator and `tf.function`.

Gain: points for a derivative that is not derived by hand.
"""

TOPIC = "toy-derived"
EXPECTED = {}

# %%
import functools


def logged(function):
    @functools.wraps(function)
    def inner(*arguments):
        return function(*arguments)

    return inner


@logged
def by_tape(power, x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sin(x) ** power
    return tape.gradient(y, x).numpy()


slope = functools.partial(by_tape, 2)
