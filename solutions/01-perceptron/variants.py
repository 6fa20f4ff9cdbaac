"""Other right answers to 01-perceptron, and the wrong ones that students really write."""

# These are students' habits: a plain zip, a return inside a loop.
# ruff: noqa: B905, RET503

import itertools

import keras
import numpy as np
import tensorflow as tf

from autograder.topics.variants import right, wrong

# step


@right
def step(z):
    """NumPy's own step, with its value at 0."""
    return np.heaviside(z, 0.0)


@right
def step(z):
    """A boolean array."""
    return z > 0


@right
def step(z):
    """A loop over all elements, and integers."""
    answers = np.zeros(z.shape, dtype=int)
    for index in np.ndindex(*z.shape):
        if z[index] > 0:
            answers[index] = 1
    return answers


@right
def step(z):
    """TensorFlow, in 32 bits."""
    return tf.cast(tf.constant(z) > 0, tf.float32)


@right
def step(z):
    """Nested lists by recursion."""
    return [step(part) for part in z] if np.ndim(z) else int(z > 0)


@right
def step(z):
    """Arithmetic with the sign."""
    return np.maximum(np.sign(z), 0)


@wrong(loses=["step"], diagnosis="at-zero")
def step(z):
    """The other convention at z = 0."""
    return np.where(z >= 0, 1, 0)


@wrong(loses=["step"], diagnosis="minus-one")
def step(z):
    """The sign of z."""
    return np.sign(z)


@wrong(loses=["step"], diagnosis="minus-one")
def step(z):
    """Labels −1 and 1."""
    return np.where(z > 0, 1, -1)


@wrong(loses=["step"], diagnosis="not-a-step")
def step(z):
    """ReLU in place of the step."""
    return np.maximum(z, 0)


@wrong(loses=["step"], diagnosis="wrong-threshold")
def step(z):
    """Threshold ½."""
    return np.where(z > 0.5, 1, 0)


@wrong(loses=["step"], diagnosis="inverted")
def step(z):
    """Fires below zero."""
    return (z < 0) * 1


@wrong(loses=["step"], diagnosis="argument-changed")
def step(z):
    """Writes the answers into its argument."""
    z[z <= 0] = 0
    z[z > 0] = 1
    return z


@wrong(loses=["step"])
def step(z):
    """One answer for all elements."""
    return 1 if np.all(z > 0) else 0


@wrong(loses=["step"])
def step(z):
    """The visible answers learnt by heart."""
    return [0, 0, 0, 1, 1] if z.shape == (5,) else np.array([[1, 0, 1], [0, 1, 0]])


# weighted_input


@right
def weighted_input(x, w, b):
    """Einstein's notation, for any number of leading axes."""
    return np.einsum("...i,i->...", x, w) + b


@right
def weighted_input(x, w, b):
    """Loops over rows and inputs."""
    if x.ndim == 1:
        total = b
        for i in range(len(w)):
            total += w[i] * x[i]
        return total
    return [weighted_input(row, w, b) for row in x]


@right
def weighted_input(x, w, b):
    """Multiply and sum over the last axis."""
    return np.sum(x * w, axis=-1) + b


@right
def weighted_input(x, w, b):
    """TensorFlow."""
    return tf.tensordot(tf.constant(x), tf.constant(w), axes=1) + b


@right
def weighted_input(x, w, b):
    """In 32 bits."""
    return np.asarray(x, dtype="float32") @ np.asarray(w, dtype="float32") + np.float32(b)


@right
def weighted_input(x, w, b):
    """The bias as the weight of an input that is always 1."""
    ones = np.ones((*x.shape[:-1], 1))
    return np.concatenate([ones, x], axis=-1) @ np.concatenate([[b], w])


@wrong(loses=["weighted_input-one", "weighted_input-batch"], diagnosis="bias-forgotten")
def weighted_input(x, w, b):
    """No bias."""
    return x @ w


@wrong(loses=["weighted_input-one", "weighted_input-batch"], diagnosis="bias-sign")
def weighted_input(x, w, b):
    """The bias taken for a threshold."""
    return x @ w - b


@wrong(loses=["weighted_input-one", "weighted_input-batch"], diagnosis="bias-every-term")
def weighted_input(x, w, b):
    """The bias added to every product."""
    return np.sum(x * w + b, axis=-1)


@wrong(loses=["weighted_input-one", "weighted_input-batch"], diagnosis="not-summed")
def weighted_input(x, w, b):
    """Products that are never summed."""
    return x * w + b


@wrong(loses=["weighted_input-batch"])
def weighted_input(x, w, b):
    """Factors in an order that only one example forgives."""
    return w @ x + b


@wrong(loses=["weighted_input-batch"], diagnosis="wrong-axis")
def weighted_input(x, w, b):
    """The sum over the rows of the batch."""
    return np.sum(x * w, axis=0) + b


@wrong(loses=["weighted_input-batch"], diagnosis="summed-over-batch")
def weighted_input(x, w, b):
    """One sum over the whole batch."""
    return np.sum(x * w) + b


@wrong(loses=["weighted_input-batch"], diagnosis="column-not-vector")
def weighted_input(x, w, b):
    """A column in place of a flat array."""
    return (np.atleast_2d(x) @ w + b).reshape(-1, 1)


@wrong(loses=["weighted_input-one", "weighted_input-batch"], diagnosis="stepped")
def weighted_input(x, w, b):
    """The activation in place of z."""
    return np.where(x @ w + b > 0, 1.0, 0.0)


@wrong(loses=["weighted_input-one", "weighted_input-batch"], diagnosis="argument-changed")
def weighted_input(x, w, b):
    """The products written over the inputs."""
    x *= w
    return x.sum(axis=-1) + b


# truth_table


@right
def truth_table(w, b):
    """Counting, and the bits of each number."""
    rows = []
    for number in range(2 ** len(w)):
        bits = [int(bit) for bit in format(number, f"0{len(w)}b")]
        z = sum(weight * bit for weight, bit in zip(w, bits)) + b
        rows.append([*bits, 1 if z > 0 else 0])
    return rows


@right
def truth_table(w, b):
    """NumPy's indices of a 2 × … × 2 box."""
    n = len(w)
    inputs = np.indices((2,) * n).reshape(n, -1).T
    return np.hstack([inputs, (inputs @ w + b > 0).reshape(-1, 1)])


@right
def truth_table(w, b):
    """Shifting bits, with floats."""
    n = len(w)
    inputs = (np.arange(2**n)[:, None] >> np.arange(n)[::-1]) & 1
    return np.c_[inputs.astype(float), np.heaviside(inputs @ w + b, 0)]


@right
def truth_table(w, b):
    """TensorFlow's meshgrid."""
    n = len(w)
    grid = tf.meshgrid(*[tf.constant([0.0, 1.0], tf.float64)] * n, indexing="ij")
    inputs = tf.reshape(tf.stack(grid, axis=-1), (-1, n))
    fires = tf.cast(tf.linalg.matvec(inputs, tf.constant(w)) + b > 0, tf.float64)
    return tf.concat([inputs, fires[:, None]], axis=1)


@wrong(loses=["truth_table"], diagnosis="order")
def truth_table(w, b):
    """The first input changes fastest."""
    inputs = np.array(list(itertools.product([0, 1], repeat=len(w))))[:, ::-1]
    return np.column_stack([inputs, inputs @ w + b > 0])


@wrong(loses=["truth_table"], diagnosis="order")
def truth_table(w, b):
    """Counts down."""
    inputs = np.array(list(itertools.product([1, 0], repeat=len(w))))
    return np.column_stack([inputs, inputs @ w + b > 0])


@wrong(loses=["truth_table"], diagnosis="bias-forgotten")
def truth_table(w, b):
    """No bias."""
    inputs = np.array(list(itertools.product([0, 1], repeat=len(w))))
    return np.column_stack([inputs, inputs @ w > 0])


@wrong(loses=["truth_table"], diagnosis="bias-sign")
def truth_table(w, b):
    """The bias taken for a threshold."""
    inputs = np.array(list(itertools.product([0, 1], repeat=len(w))))
    return np.column_stack([inputs, inputs @ w > b])


@wrong(loses=["truth_table"], diagnosis="no-step")
def truth_table(w, b):
    """z in the last column."""
    inputs = np.array(list(itertools.product([0, 1], repeat=len(w))))
    return np.column_stack([inputs, inputs @ w + b])


@wrong(loses=["truth_table"])
def truth_table(w, b):
    """The answers without the inputs."""
    inputs = np.array(list(itertools.product([0, 1], repeat=len(w))))
    return (inputs @ w + b > 0).astype(int)


@wrong(loses=["truth_table"])
def truth_table(w, b):
    """The visible table learnt by heart."""
    inputs = np.array(list(itertools.product([0, 1], repeat=3)))
    return np.column_stack([inputs, [0, 0, 0, 0, 0, 1, 1, 1]])


# boundary


@right
def boundary(w, b, x1):
    """A loop."""
    w1, w2 = w
    return [-(w1 * x + b) / w2 for x in x1]


@right
def boundary(w, b, x1):
    """Slope and intercept, as a polynomial."""
    return np.polyval([-w[0] / w[1], -b / w[1]], x1)


@right
def boundary(w, b, x1):
    """A system of two equations for each point: x₁ is given, and z = 0."""
    matrix = np.array([[1.0, 0.0], [w[0], w[1]]])
    return np.linalg.solve(matrix, np.stack([x1, np.full(len(x1), -b)]))[1]


@right
def boundary(w, b, x1):
    """TensorFlow, in 32 bits."""
    w = tf.constant(w, tf.float32)
    return (w[0] * tf.constant(x1, tf.float32) + tf.cast(b, tf.float32)) / -w[1]


@wrong(loses=["boundary"], diagnosis="sign")
def boundary(w, b, x1):
    """A lost minus."""
    return (w[0] * x1 + b) / w[1]


@wrong(loses=["boundary"], diagnosis="bias-forgotten")
def boundary(w, b, x1):
    """Through the origin."""
    return -w[0] * x1 / w[1]


@wrong(loses=["boundary"], diagnosis="bias-sign")
def boundary(w, b, x1):
    """The minus before one term only."""
    return (-w[0] * x1 + b) / w[1]


@wrong(loses=["boundary"], diagnosis="weights-swapped")
def boundary(w, b, x1):
    """Solved for the other coordinate."""
    return -(w[1] * x1 + b) / w[0] if w[0] else 0 * x1


@wrong(loses=["boundary"], diagnosis="not-divided")
def boundary(w, b, x1):
    """Not divided by w₂."""
    return -(w[0] * x1 + b)


@wrong(loses=["boundary"], diagnosis="not-divided")
def boundary(w, b, x1):
    """Parentheses forgotten."""
    return -b - w[0] * x1 / w[1]


@wrong(loses=["boundary"], diagnosis="argument-changed")
def boundary(w, b, x1):
    """Writes into x₁."""
    x1 *= -w[0]
    x1 -= b
    x1 /= w[1]
    return x1


@wrong(loses=["boundary"])
def boundary(w, b, x1):
    """The visible line learnt by heart."""
    return 0.5 + 1.5 * x1


# gates


@right
def gates():
    """Plain lists and integers, NAND's weights turned round."""
    return {"and": ([2, 2], -3), "or": ([2, 2], -1), "nor": ([-2, -2], 1)}


@right
def gates():
    """Unequal weights, columns, and biases as arrays."""
    return {
        "and": (np.array([[0.7], [4.0]]), np.array([-4.2])),
        "or": (np.array([[9.0], [0.3]]), np.array([-0.1])),
        "nor": (np.array([[-1.0], [-0.4]]), np.array([0.2])),
    }


@right
def gates():
    """z = 0 where it must not fire: right by the course's convention."""
    return {"and": ((1, 1), -1), "or": ((1, 1), 0), "nor": ((-1, -1), 1)}


@right
def gates():
    """Tensors, and one more gate."""
    ones = tf.ones(2)
    return {
        "and": [ones, tf.constant(-1.5)],
        "or": [ones, tf.constant(-0.5)],
        "nor": [-ones, tf.constant(0.5)],
        "nand": [-ones, tf.constant(1.5)],
    }


@wrong(loses=["gates"])
def gates():
    """Three numbers in place of pairs."""
    return {"and": (1, 1, -1.5), "or": (1, 1, -0.5), "nor": (-1, -1, 0.5)}


@wrong(loses=["gates"], diagnosis="at-zero")
def gates():
    """An AND that is right only if 0 fires."""
    return {"and": ([1, 1], -2), "or": ([1, 1], -0.5), "nor": ([-1, -1], 0.5)}


@wrong(loses=["gates"], diagnosis="at-zero")
def gates():
    """An OR that is right only if 0 fires."""
    return {"and": ([1, 1], -1.5), "or": ([1, 1], -1), "nor": ([-1, -1], 0.5)}


@wrong(loses=["gates"], diagnosis="at-zero")
def gates():
    """A NOR without a bias."""
    return {"and": ([1, 1], -1.5), "or": ([1, 1], -0.5), "nor": ([-1, -1], 0)}


@wrong(loses=["gates"], diagnosis="or-instead-of-and")
def gates():
    """OR in the place of AND."""
    return {"and": ([1, 1], -0.5), "or": ([1, 1], -0.5), "nor": ([-1, -1], 0.5)}


@wrong(loses=["gates"], diagnosis="never-fires")
def gates():
    """A threshold that 1 + 1 does not reach."""
    return {"and": ([1, 1], -2.5), "or": ([1, 1], -0.5), "nor": ([-1, -1], 0.5)}


@wrong(loses=["gates"], diagnosis="and-instead-of-or")
def gates():
    """AND in the place of OR."""
    return {"and": ([1, 1], -1.5), "or": ([1, 1], -1.5), "nor": ([-1, -1], 0.5)}


@wrong(loses=["gates"], diagnosis="nand-instead-of-nor")
def gates():
    """The notes' NAND in the place of NOR."""
    return {"and": ([1, 1], -1.5), "or": ([1, 1], -0.5), "nor": ([-2, -2], 3)}


@wrong(loses=["gates"], diagnosis="always-fires")
def gates():
    """Thresholds in place of biases."""
    return {"and": ([1, 1], 1.5), "or": ([1, 1], 0.5), "nor": ([-1, -1], -0.5)}


# collapse


@right
def collapse(layers):
    """What the layers make of the origin is b, of the unit vectors W + b."""

    def through(x):
        for W, b in layers:
            x = W @ x + b
        return x

    n = layers[0][0].shape[1]
    shift = through(np.zeros(n))
    return np.column_stack([through(unit) - shift for unit in np.eye(n)]), shift


@right
def collapse(layers):
    """NumPy's product of many matrices, with one more coordinate for the biases."""
    blocks = []
    for W, b in reversed(layers):
        below = np.concatenate([np.zeros(W.shape[1]), [1.0]])
        blocks.append(np.vstack([np.column_stack([W, b]), below]))
    product = blocks[0] if len(blocks) == 1 else np.linalg.multi_dot(blocks)
    return product[:-1, :-1], product[:-1, -1]


@right
def collapse(layers):
    """From the last layer to the first, in TensorFlow and 32 bits."""
    total = tf.eye(layers[-1][0].shape[0])
    shift = tf.zeros(layers[-1][0].shape[0])
    for W, b in layers[::-1]:
        shift = shift + tf.linalg.matvec(total, tf.constant(b, tf.float32))
        total = total @ tf.constant(W, tf.float32)
    return total, shift


@right
def collapse(layers):
    """By recursion, with Einstein's notation, as a list."""
    W, b = layers[-1]
    if len(layers) == 1:
        return [W, b]
    V, c = collapse(layers[:-1])
    return [np.einsum("ij,jk->ik", W, V), np.einsum("ij,j->i", W, c) + b]


@wrong(loses=["collapse"], diagnosis="order")
def collapse(layers):
    """The product from left to right."""
    W, b = layers[0]
    for U, d in layers[1:]:
        W, b = W @ U, U @ b + d
    return W, b


@wrong(loses=["collapse"], diagnosis="bias-forgotten")
def collapse(layers):
    """No biases."""
    W = layers[0][0]
    for U, _ in layers[1:]:
        W = U @ W
    return W, np.zeros(len(W))


@wrong(loses=["collapse"], diagnosis="last-bias-only")
def collapse(layers):
    """Only the last layer's bias."""
    W, b = layers[0]
    for U, d in layers[1:]:
        W, b = U @ W, d
    return W, b


@wrong(loses=["collapse"], diagnosis="last-bias-forgotten")
def collapse(layers):
    """Only the first layer's bias, carried on."""
    W, b = layers[0]
    for U, _ in layers[1:]:
        W, b = U @ W, U @ b
    return W, b


@wrong(loses=["collapse"])
def collapse(layers):
    """Two layers, whatever the list holds."""
    (V, c), (U, d) = layers[:2]
    return U @ V, U @ c + d


@wrong(loses=["collapse"])
def collapse(layers):
    """The matrix alone."""
    W = layers[0][0]
    for U, _ in layers[1:]:
        W = U @ W
    return W


@wrong(loses=["collapse"])
def collapse(layers):
    """Biases added up as they are."""
    W, b = layers[0]
    for U, d in layers[1:]:
        W, b = U @ W, b + d
    return W, b


@wrong(loses=["collapse"], diagnosis="argument-changed")
def collapse(layers):
    """Takes the layers out of the caller's list."""
    W, b = layers.pop(0)
    while layers:
        U, d = layers.pop(0)
        W, b = U @ W, U @ b + d
    return W, b


# inside


@right
def inside(points, W, b):
    """All, in NumPy; booleans."""
    return np.all(points @ W.T + b > 0, axis=1)


@right
def inside(points, W, b):
    """Loops that stop at the first perceptron that stays silent."""
    answers = []
    for p in points:
        fires = 1
        for w, c in zip(W, b):
            if w[0] * p[0] + w[1] * p[1] + c <= 0:
                fires = 0
                break
        answers.append(fires)
    return answers


@right
def inside(points, W, b):
    """The smallest z decides."""
    return (np.min(np.einsum("ik,jk->ij", points, W) + b, axis=1) > 0).astype(float)


@right
def inside(points, W, b):
    """A product of answers."""
    return np.prod(np.heaviside(points @ W.T + b, 0), axis=1)


@right
def inside(points, W, b):
    """Two layers in TensorFlow."""
    z = tf.matmul(tf.constant(points), tf.constant(W), transpose_b=True) + b
    hidden = tf.cast(z > 0, tf.float64)
    return tf.cast(tf.reduce_sum(hidden, axis=1) > len(b) - 0.5, tf.int32)


@right
def inside(points, W, b):
    """Two Dense layers in Keras."""

    def fires(z):
        return keras.ops.cast(z > 0, z.dtype)

    size = len(b)
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(size, activation=fires, dtype="float64"),
            keras.layers.Dense(1, activation=fires, dtype="float64"),
        ]
    )
    model.set_weights([W.T, b, np.ones((size, 1)), np.array([0.5 - size])])
    return np.asarray(model(points))[:, 0]


@wrong(loses=["inside"], diagnosis="or-instead-of-and")
def inside(points, W, b):
    """Any in place of all."""
    return np.any(points @ W.T + b > 0, axis=1)


@wrong(loses=["inside"], diagnosis="count")
def inside(points, W, b):
    """How many fire."""
    return np.sum(points @ W.T + b > 0, axis=1)


@wrong(loses=["inside"], diagnosis="one-missing")
def inside(points, W, b):
    """Off by one in the bias of the AND."""
    return np.sum(points @ W.T + b > 0, axis=1) - len(b) + 1.5 > 0


@wrong(loses=["inside"], diagnosis="never-fires")
def inside(points, W, b):
    """An AND whose z only just reaches 0."""
    return np.sum(points @ W.T + b > 0, axis=1) - len(b) > 0


@wrong(loses=["inside"], diagnosis="fixed-number")
def inside(points, W, b):
    """An AND of three, however many there are."""
    return np.sum(points @ W.T + b > 0, axis=1) > 2.5


@wrong(loses=["inside"], diagnosis="bias-forgotten")
def inside(points, W, b):
    """No hidden biases."""
    return np.all(points @ W.T > 0, axis=1)


@wrong(loses=["inside"], diagnosis="bias-sign")
def inside(points, W, b):
    """The biases taken for thresholds."""
    return np.all(points @ W.T > b, axis=1)


@wrong(loses=["inside"], diagnosis="hidden-step-missing")
def inside(points, W, b):
    """No step in the hidden layer."""
    return np.sum(points @ W.T + b, axis=1) > len(b) - 0.5


@wrong(loses=["inside"])
def inside(points, W, b):
    """The visible answers learnt by heart."""
    return [1, 1, 0, 0, 0, 0, 0, 0, 0]


# xor_network


@right
def xor_network():
    """One of them and not the other, in plain lists."""
    return [[1, -1], [-1, 1]], [-0.5, -0.5], [1, 1], -0.5


@right
def xor_network():
    """OR but not AND; the output weights as a row, its bias as an array."""
    W1 = np.array([[1.0, 1.0], [1.0, 1.0]])
    return W1, np.array([-0.5, -1.5]), np.array([[1.0, -1.0]]), np.array([-0.5])


@right
def xor_network():
    """Four hidden perceptrons: one for each corner, two of them ignored; tensors."""
    W1 = tf.constant([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    b1 = tf.constant([0.5, -0.5, -0.5, -1.5])
    return W1, b1, tf.constant([0.0, 1.0, 1.0, 0.0]), tf.constant(-0.5)


@right
def xor_network():
    """Three hidden perceptrons that pass on x₁ and x₂ and say when both are 1."""
    W1 = np.array([[1, 0], [0, 1], [3, 3]])
    return W1, np.array([0, 0, -4]), np.array([[1], [1], [-2]]), 0


@right
def xor_network():
    """OR and NAND with large unequal weights."""
    return [[20.0, 17.0], [-9.0, -8.0]], [-3.0, 12.5], [5.0, 4.0], -7.0


@wrong(loses=["xor_network"], diagnosis="at-zero")
def xor_network():
    """Right only if 0 fires."""
    return [[1, 1], [-1, -1]], [-1, 1.5], [1, 1], -1.5


@wrong(loses=["xor_network"], diagnosis="transposed")
def xor_network():
    """Hidden weights as Keras would store them."""
    return np.array([[1, 1], [-1, -1]]).T, [-0.5, 1.5], [1, 1], -1.5


@wrong(loses=["xor_network"], diagnosis="inverted")
def xor_network():
    """Fires if both inputs are equal."""
    return [[1, 1], [-1, -1]], [-0.5, 1.5], [-1, -1], 1.5


@wrong(loses=["xor_network"], diagnosis="or-not-xor")
def xor_network():
    """AND added where it should be subtracted."""
    return [[1, 1], [1, 1]], [-0.5, -1.5], [1, 1], -0.5


@wrong(loses=["xor_network"], diagnosis="and-not-xor")
def xor_network():
    """The AND of OR and AND."""
    return [[1, 1], [1, 1]], [-0.5, -1.5], [1, 1], -1.5


@wrong(loses=["xor_network"], diagnosis="always-fires")
def xor_network():
    """The OR of OR and NAND."""
    return [[1, 1], [-1, -1]], [-0.5, 1.5], [1, 1], -0.5


@wrong(loses=["xor_network"], diagnosis="never-fires")
def xor_network():
    """An output threshold that 1 + 1 does not reach."""
    return [[1, 1], [-1, -1]], [-0.5, 1.5], [1, 1], -2.5


@wrong(loses=["xor_network"])
def xor_network():
    """The last bias forgotten."""
    return [[1, 1], [-1, -1]], [-0.5, 1.5], [1, 1]


@wrong(loses=["xor_network"])
def xor_network():
    """A single perceptron."""
    return [1, 1], -0.5, 1, 0


# layer_tf


@right
def layer_tf(x, W, b):
    """Einstein's notation, and tf.where."""
    z = tf.einsum("ik,jk->ij", x, W) + b
    return tf.where(z > 0, 1.0, 0.0)


@right
def layer_tf(x, W, b):
    """Row by row, and booleans."""
    return tf.stack([tf.linalg.matvec(W, row) + b > 0 for row in x])


@right
def layer_tf(x, W, b):
    """The @ sign and a transpose; integers."""
    return tf.cast(tf.math.greater(x @ tf.transpose(W), -b), tf.int32)


@right
def layer_tf(x, W, b):
    """In 32 bits, with the sign and relu."""
    x, W, b = (tf.cast(part, tf.float32) for part in (x, W, b))
    return tf.nn.relu(tf.sign(tf.nn.bias_add(tf.matmul(x, W, transpose_b=True), b)))


@wrong(loses=["layer_tf"], diagnosis="transposed")
def layer_tf(x, W, b):
    """No transpose: a square W does not complain."""
    return tf.cast(tf.matmul(x, W) + b > 0, tf.float64)


@wrong(loses=["layer_tf"], diagnosis="bias-forgotten")
def layer_tf(x, W, b):
    """No bias."""
    return tf.cast(tf.matmul(x, W, transpose_b=True) > 0, tf.float64)


@wrong(loses=["layer_tf"], diagnosis="bias-sign")
def layer_tf(x, W, b):
    """The biases taken for thresholds."""
    return tf.cast(tf.matmul(x, W, transpose_b=True) > b, tf.float64)


@wrong(loses=["layer_tf"], diagnosis="no-step")
def layer_tf(x, W, b):
    """z without the step."""
    return tf.matmul(x, W, transpose_b=True) + b


@wrong(loses=["layer_tf"], diagnosis="minus-one")
def layer_tf(x, W, b):
    """The sign of z."""
    return tf.sign(tf.matmul(x, W, transpose_b=True) + b)


@wrong(loses=["layer_tf"], diagnosis="not-a-tensor")
def layer_tf(x, W, b):
    """NumPy after all."""
    return np.where(x.numpy() @ W.numpy().T + b.numpy() > 0, 1.0, 0.0)


@wrong(loses=["layer_tf"], diagnosis="uses-keras")
def layer_tf(x, W, b):
    """Keras in place of raw TensorFlow."""
    z = keras.ops.matmul(x, keras.ops.transpose(W)) + b
    return keras.ops.cast(z > 0, "float64")


# dense_layer


@right
def dense_layer(W, b):
    """A model of one layer, with tf.where."""
    m, n = W.shape
    layer = keras.layers.Dense(m, activation=lambda z: tf.where(z > 0, 1.0, 0.0))
    model = keras.Sequential([keras.Input((n,)), layer])
    layer.kernel.assign(W.T)
    layer.bias.assign(b)
    return model


@right
def dense_layer(W, b):
    """Built by its first call; a named activation in 64 bits."""

    def fires(z):
        return keras.ops.where(z > 0, 1, 0)

    layer = keras.layers.Dense(units=len(W), activation=fires, dtype="float64")
    layer(np.zeros((1, W.shape[1])))
    layer.set_weights([np.transpose(W), np.asarray(b)])
    return layer


@right
def dense_layer(W, b):
    """Weights given by the initialisers."""

    def kernel(shape, dtype=None):
        return keras.ops.convert_to_tensor(W.T.reshape(shape), dtype)

    def bias(shape, dtype=None):
        return keras.ops.convert_to_tensor(b.reshape(shape), dtype)

    layer = keras.layers.Dense(
        len(b),
        activation=lambda z: keras.ops.relu(keras.ops.sign(z)),
        kernel_initializer=kernel,
        bias_initializer=bias,
    )
    layer.build((None, W.shape[1]))
    return layer


@right
def dense_layer(W, b):
    """A linear layer and the step as a layer of its own; booleans."""
    model = keras.Sequential(
        [
            keras.Input((W.shape[1],)),
            keras.layers.Dense(W.shape[0]),
            keras.layers.Lambda(lambda z: z > 0),
        ]
    )
    model.set_weights([W.T, b])
    return model


@right
def dense_layer(W, b):
    """A class of one's own."""

    class Perceptrons(keras.layers.Dense):
        def call(self, inputs):
            return keras.ops.cast(super().call(inputs) > 0, "float32")

    layer = Perceptrons(len(b))
    layer.build((1, W.shape[1]))
    layer.set_weights([W.T, b])
    return layer


@right
def dense_layer(W, b):
    """The step of task 1, in NumPy."""
    layer = keras.layers.Dense(len(b), activation=lambda z: np.where(z > 0, 1.0, 0.0))
    layer.build((None, W.shape[1]))
    layer.set_weights([W.T, b])
    return layer


@wrong(loses=["dense_layer"], diagnosis="transposed")
def dense_layer(W, b):
    """No transpose: a square W does not complain."""
    layer = keras.layers.Dense(len(b), activation=lambda z: keras.ops.cast(z > 0, "float32"))
    layer.build((None, W.shape[1]))
    layer.set_weights([W, b])
    return layer


@wrong(loses=["dense_layer"], diagnosis="no-step")
def dense_layer(W, b):
    """No activation."""
    layer = keras.layers.Dense(len(b))
    layer.build((None, W.shape[1]))
    layer.set_weights([W.T, b])
    return layer


@wrong(loses=["dense_layer"], diagnosis="bias-forgotten")
def dense_layer(W, b):
    """The bias left at zero."""
    layer = keras.layers.Dense(len(b), activation=lambda z: keras.ops.cast(z > 0, "float32"))
    layer.build((None, W.shape[1]))
    layer.kernel.assign(W.T)
    return layer


@wrong(loses=["dense_layer"], diagnosis="sigmoid-not-step")
def dense_layer(W, b):
    """A sigmoid in place of the step."""
    layer = keras.layers.Dense(len(b), activation="sigmoid")
    layer.build((None, W.shape[1]))
    layer.set_weights([W.T, b])
    return layer


@wrong(loses=["dense_layer"])
def dense_layer(W, b):
    """Weights of Keras' own choice."""
    layer = keras.layers.Dense(len(b), activation=lambda z: keras.ops.cast(z > 0, "float32"))
    layer.build((None, W.shape[1]))
    return layer


# update


@right
def update(w, b, x, y, eta):
    """Two cases of a mistake."""
    fires = sum(wi * xi for wi, xi in zip(w, x)) + b > 0
    if fires and y == 0:
        return w - eta * x, b - eta
    if not fires and y == 1:
        return w + eta * x, b + eta
    return w, b


@right
def update(w, b, x, y, eta):
    """The bias as the weight of an input that is always 1, in place on a copy."""
    weights, inputs = np.append(w, b), np.append(x, 1.0)
    weights += eta * (y - np.heaviside(inputs @ weights, 0)) * inputs
    return weights[:-1], weights[-1]


@right
def update(w, b, x, y, eta):
    """TensorFlow, with tensors returned."""
    w, x = tf.constant(w), tf.constant(x)
    error = y - tf.cast(tf.tensordot(w, x, 1) + b > 0, tf.float64)
    return w + eta * error * x, b + eta * error


@right
def update(w, b, x, y, eta):
    """Element by element, as lists."""
    guess = int(np.dot(w, x) > -b)
    return [[wi + eta * (y - guess) * xi for wi, xi in zip(w, x)], b + eta * (y - guess)]


@wrong(loses=["update"], diagnosis="sign")
def update(w, b, x, y, eta):
    """ŷ − y in place of y − ŷ."""
    error = int(x @ w + b > 0) - y
    return w + eta * error * x, b + eta * error


@wrong(loses=["update"], diagnosis="eta-ignored")
def update(w, b, x, y, eta):
    """No learning rate."""
    error = y - int(x @ w + b > 0)
    return w + error * x, b + error


@wrong(loses=["update"], diagnosis="bias-not-updated")
def update(w, b, x, y, eta):
    """The bias stays."""
    error = y - int(x @ w + b > 0)
    return w + eta * error * x, b


@wrong(loses=["update"], diagnosis="z-not-step")
def update(w, b, x, y, eta):
    """The error of z, without the step."""
    error = y - (x @ w + b)
    return w + eta * error * x, b + eta * error


@wrong(loses=["update"], diagnosis="every-example")
def update(w, b, x, y, eta):
    """Moves on every example, right or wrong."""
    sign = 2 * y - 1
    return w + eta * sign * x, b + eta * sign


@wrong(loses=["update"], diagnosis="never-unlearns")
def update(w, b, x, y, eta):
    """The rule of labels −1 and 1 applied to labels 0 and 1."""
    if int(x @ w + b > 0) != y:
        return w + eta * y * x, b + eta * y
    return w, b


@wrong(loses=["update"], diagnosis="two-steps")
def update(w, b, x, y, eta):
    """Compares a sign with the label."""
    error = 2 * (y - int(x @ w + b > 0))
    return w + eta * error * x, b + eta * error


@wrong(loses=["update"], diagnosis="x-forgotten")
def update(w, b, x, y, eta):
    """The same change for each weight."""
    error = y - int(x @ w + b > 0)
    return w + eta * error, b + eta * error


@wrong(loses=["update"], diagnosis="argument-changed")
def update(w, b, x, y, eta):
    """Changes w in place."""
    error = y - int(x @ w + b > 0)
    w += eta * error * x
    b += eta * error
    return w, b


@wrong(loses=["update"])
def update(w, b, x, y, eta):
    """The weights alone."""
    return w + eta * (y - int(x @ w + b > 0)) * x


# train


@right
def train(x, y, w, b, eta, epochs):
    """One vector for weights and bias; mistakes as an array."""
    inputs = np.column_stack([x, np.ones(len(x))])
    weights = np.append(w, b)
    mistakes = np.zeros(epochs, dtype=int)
    for epoch in range(epochs):
        for row, label in zip(inputs, y):
            error = label - (row @ weights > 0)
            weights += eta * error * row
            mistakes[epoch] += abs(error)
    return weights[:-1], weights[-1], mistakes


@right
def train(x, y, w, b, eta, epochs):
    """Stops after an epoch without a mistake."""
    mistakes = []
    while len(mistakes) < epochs and (not mistakes or mistakes[-1]):
        mistakes.append(0)
        for i in range(len(x)):
            fires = 1 if np.dot(w, x[i]) + b > 0 else 0
            if fires != y[i]:
                w = w + eta * (y[i] - fires) * x[i]
                b = b + eta * (y[i] - fires)
                mistakes[-1] += 1
    return w, b, mistakes


@right
def train(x, y, w, b, eta, epochs):
    """With helpers, in TensorFlow."""

    def error_of(weights, bias, example, label):
        return label - tf.cast(tf.tensordot(weights, example, 1) + bias > 0, tf.float64)

    weights, bias = tf.Variable(w), tf.Variable(b, dtype=tf.float64)
    mistakes = []
    for _ in range(epochs):
        errors = []
        for example, label in zip(tf.constant(x), y.astype(float)):
            errors.append(error_of(weights, bias, example, label))
            weights.assign_add(eta * errors[-1] * example)
            bias.assign_add(eta * errors[-1])
        mistakes.append(int(np.count_nonzero(errors)))
    return weights, bias, mistakes


@right
def train(x, y, w, b, eta, epochs):
    """Changes its own w in place, two cases of a mistake, prints on the way."""
    mistakes = []
    for epoch in range(epochs):
        count = 0
        for i in range(x.shape[0]):
            z = np.sum(w * x[i]) + b
            if z > 0 and y[i] == 0:
                w -= eta * x[i]
                b -= eta
                count += 1
            elif z <= 0 and y[i] == 1:
                w += eta * x[i]
                b += eta
                count += 1
        print("epoch", epoch, "mistakes", count)
        mistakes.append(count)
    return [w, b, mistakes]


@wrong(loses=["train", "train-mistakes"], diagnosis="batch-update")
def train(x, y, w, b, eta, epochs):
    """All examples of an epoch meet the weights of its start."""
    mistakes = []
    for _ in range(epochs):
        errors = y - (x @ w + b > 0)
        w, b = w + eta * errors @ x, b + eta * errors.sum()
        mistakes.append(int(np.abs(errors).sum()))
    return w, b, mistakes


@wrong(loses=["train", "train-mistakes"], diagnosis="one-epoch")
def train(x, y, w, b, eta, epochs):
    """Returns from inside the loop over epochs."""
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for example, label in zip(x, y):
            error = label - int(example @ w + b > 0)
            w, b = w + eta * error * example, b + eta * error
            wrong += abs(error)
        mistakes.append(wrong)
        return w, b, mistakes


@wrong(loses=["train", "train-mistakes"], diagnosis="one-epoch")
def train(x, y, w, b, eta, epochs):
    """Starts anew in every epoch."""
    mistakes = []
    for _ in range(epochs):
        weights, bias, wrong = w, b, 0
        for example, label in zip(x, y):
            error = label - int(example @ weights + bias > 0)
            weights, bias = weights + eta * error * example, bias + eta * error
            wrong += abs(error)
        mistakes.append(wrong)
    return weights, bias, mistakes


@wrong(loses=["train", "train-mistakes"], diagnosis="sign")
def train(x, y, w, b, eta, epochs):
    """ŷ − y in place of y − ŷ."""
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for example, label in zip(x, y):
            error = int(example @ w + b > 0) - label
            w, b = w + eta * error * example, b + eta * error
            wrong += abs(error)
        mistakes.append(wrong)
    return w, b, mistakes


@wrong(loses=["train", "train-mistakes"], diagnosis="eta-ignored")
def train(x, y, w, b, eta, epochs):
    """No learning rate."""
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for example, label in zip(x, y):
            error = label - int(example @ w + b > 0)
            w, b = w + error * example, b + error
            wrong += abs(error)
        mistakes.append(wrong)
    return w, b, mistakes


@wrong(loses=["train", "train-mistakes"], diagnosis="bias-not-updated")
def train(x, y, w, b, eta, epochs):
    """The bias stays."""
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for example, label in zip(x, y):
            error = label - int(example @ w + b > 0)
            w = w + eta * error * example
            wrong += abs(error)
        mistakes.append(wrong)
    return w, b, mistakes


@wrong(loses=["train", "train-mistakes"], diagnosis="every-example")
def train(x, y, w, b, eta, epochs):
    """Moves on every example, right or wrong."""
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for example, label in zip(x, y):
            wrong += int(label != (example @ w + b > 0))
            w, b = w + eta * (2 * label - 1) * example, b + eta * (2 * label - 1)
        mistakes.append(wrong)
    return w, b, mistakes


@wrong(loses=["train-mistakes"], diagnosis="counted-after")
def train(x, y, w, b, eta, epochs):
    """Counts with the weights at the end of the epoch."""
    mistakes = []
    for _ in range(epochs):
        for example, label in zip(x, y):
            error = label - int(example @ w + b > 0)
            w, b = w + eta * error * example, b + eta * error
        mistakes.append(int(np.sum((x @ w + b > 0) != y)))
    return w, b, mistakes


@wrong(loses=["train-mistakes"], diagnosis="not-reset")
def train(x, y, w, b, eta, epochs):
    """Goes on counting."""
    mistakes, wrong = [], 0
    for _ in range(epochs):
        for example, label in zip(x, y):
            error = label - int(example @ w + b > 0)
            w, b = w + eta * error * example, b + eta * error
            wrong += abs(error)
        mistakes.append(wrong)
    return w, b, mistakes


@wrong(loses=["train-mistakes"], diagnosis="signed")
def train(x, y, w, b, eta, epochs):
    """Errors of −1 and +1 cancel."""
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for example, label in zip(x, y):
            error = label - int(example @ w + b > 0)
            w, b = w + eta * error * example, b + eta * error
            wrong += error
        mistakes.append(wrong)
    return w, b, mistakes


@wrong(loses=["train-mistakes"], diagnosis="only-total")
def train(x, y, w, b, eta, epochs):
    """One number for all epochs."""
    total = 0
    for _ in range(epochs):
        for example, label in zip(x, y):
            error = label - int(example @ w + b > 0)
            w, b = w + eta * error * example, b + eta * error
            total += abs(error)
    return w, b, total
