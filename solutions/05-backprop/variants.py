"""Other answers to the tasks of 05-backprop, right and wrong, for the audit of its tests."""

import keras
import numpy as np
import tensorflow as tf

from autograder.topics.variants import right, wrong

# Task 1: sigmoid_prime


@right
def sigmoid_prime(z):
    """Right: from the exponential, without σ."""
    e = np.exp(-z)
    return e / (1 + e) ** 2


@right
def sigmoid_prime(z):
    """Right: from the hyperbolic tangent."""
    return (1 - np.tanh(z / 2) ** 2) / 4


@right
def sigmoid_prime(z):
    """Right: element by element, in a loop."""
    out = np.empty(z.shape)
    for index in np.ndindex(z.shape):
        a = 1 / (1 + np.exp(-z[index]))
        out[index] = a * (1 - a)
    return out


@right
def sigmoid_prime(z):
    """Right: TensorFlow's arithmetic, a tensor comes back."""
    a = tf.sigmoid(tf.constant(z))
    return a * (1.0 - a)


@wrong(loses=["sigmoid_prime"], diagnosis="sigma-prime-of-a")
def sigmoid_prime(z):
    """Wrong: takes z for the activation."""
    return z * (1 - z)


@wrong(loses=["sigmoid_prime"], diagnosis="sigma-twice")
def sigmoid_prime(z):
    """Wrong: applies the sigmoid twice."""
    a = sigmoid(sigmoid(z))
    return a * (1 - a)


@wrong(loses=["sigmoid_prime"], diagnosis="sigma-not-sigma-prime")
def sigmoid_prime(z):
    """Wrong: returns σ itself."""
    return sigmoid(z)


@wrong(loses=["sigmoid_prime"], diagnosis="one-minus-forgotten")
def sigmoid_prime(z):
    """Wrong: σ² in place of σ(1 − σ)."""
    return sigmoid(z) * sigmoid(z)


@wrong(loses=["sigmoid_prime"], diagnosis="sign")
def sigmoid_prime(z):
    """Wrong: the sign of the derivative of exp(−z) is left in."""
    e = np.exp(-z)
    return -e / (1 + e) ** 2


@wrong(loses=["sigmoid_prime"], diagnosis="uses-autodiff")
def sigmoid_prime(z):
    """Wrong: lets the tape do it."""
    z = tf.constant(z)
    with tf.GradientTape() as tape:
        tape.watch(z)
        a = tf.sigmoid(z)
    return tape.gradient(a, z)


@wrong(loses=["sigmoid_prime"])
def sigmoid_prime(z):
    """Wrong: the visible answer, hard-coded."""
    return np.array([0.104993585, 0.25, 0.149146452])


@wrong(loses=["sigmoid_prime"])
def sigmoid_prime(z):
    """Wrong: finite differences in place of the formula."""
    return (sigmoid(z + 1e-4) - sigmoid(z - 1e-4)) / 2e-4


# Task 2: forward


@right
def forward(x, weights, biases):
    """Right: columns inside, flattened at the end."""
    a = x.reshape(-1, 1)
    zs, activations = [], [x]
    for i in range(len(weights)):
        z = np.dot(weights[i], a) + biases[i].reshape(-1, 1)
        a = 1 / (1 + np.exp(-z))
        zs.append(z.ravel())
        activations.append(a.ravel())
    return zs, activations


@right
def forward(x, weights, biases):
    """Right: sums written out as loops."""
    zs, activations = [], [np.array(x)]
    for W, b in zip(weights, biases, strict=True):
        before, z = activations[-1], []
        for j in range(W.shape[0]):
            z.append(sum(W[j, k] * before[k] for k in range(W.shape[1])) + b[j])
        zs.append(np.array(z))
        activations.append(sigmoid(zs[-1]))
    return zs, activations


@right
def forward(x, weights, biases):
    """Right: einsum, tuples come back."""
    zs, activations = (), (x,)
    for W, b in zip(weights, biases, strict=True):
        zs += (np.einsum("jk,k->j", W, activations[-1]) + b,)
        activations += (sigmoid(zs[-1]),)
    return zs, activations


@right
def forward(x, weights, biases):
    """Right: TensorFlow's arithmetic, tensors come back."""
    zs, activations = [], [tf.constant(x)]
    for W, b in zip(weights, biases, strict=True):
        zs.append(tf.linalg.matvec(W, activations[-1]) + b)
        activations.append(tf.sigmoid(zs[-1]))
    return zs, activations


@wrong(loses=["forward"], diagnosis="transposed-weights")
def forward(x, weights, biases):
    """Wrong: W used with rows and columns exchanged."""
    zs, activations = [], [x]
    for W, b in zip(weights, biases, strict=True):
        zs.append(activations[-1] @ W + b)
        activations.append(sigmoid(zs[-1]))
    return zs, activations


@wrong(loses=["forward"], diagnosis="bias-forgotten")
def forward(x, weights, biases):
    """Wrong: no biases."""
    zs, activations = [], [x]
    for W in weights:
        zs.append(W @ activations[-1])
        activations.append(sigmoid(zs[-1]))
    return zs, activations


@wrong(loses=["forward"], diagnosis="linear-output")
def forward(x, weights, biases):
    """Wrong: no sigmoid at the output."""
    zs, activations = [], [x]
    for i, (W, b) in enumerate(zip(weights, biases, strict=True)):
        zs.append(W @ activations[-1] + b)
        activations.append(zs[-1] if i == len(weights) - 1 else sigmoid(zs[-1]))
    return zs, activations


@wrong(loses=["forward"])
def forward(x, weights, biases):
    """Wrong: the input is not among the activations."""
    zs, activations, a = [], [], x
    for W, b in zip(weights, biases, strict=True):
        zs.append(W @ a + b)
        a = sigmoid(zs[-1])
        activations.append(a)
    return zs, activations


@wrong(loses=["forward"])
def forward(x, weights, biases):
    """Wrong: every layer reads the input again in place of the layer before, where it fits."""
    zs, activations = [], [x]
    for W, b in zip(weights, biases, strict=True):
        source = x if W.shape[1] == len(x) else activations[-1]
        zs.append(W @ source + b)
        activations.append(sigmoid(zs[-1]))
    return zs, activations


@wrong(loses=["forward"])
def forward(x, weights, biases):
    """Wrong: right for two layers only."""
    z1 = weights[0] @ x + biases[0]
    z2 = weights[1] @ sigmoid(z1) + biases[1]
    return [z1, z2], [x, sigmoid(z1), sigmoid(z2)]


@wrong(loses=["forward"], diagnosis="uses-keras")
def forward(x, weights, biases):
    """Wrong: lets Keras do the sigmoid."""
    zs, activations = [], [x]
    for W, b in zip(weights, biases, strict=True):
        zs.append(W @ activations[-1] + b)
        activations.append(np.asarray(keras.ops.sigmoid(zs[-1])))
    return zs, activations


# Task 3: output_delta


@right
def output_delta(a, y, z):
    """Right: σ′ from the stored activation."""
    return (a - y) * a * (1 - a)


@right
def output_delta(a, y, z):
    """Right: neuron by neuron, a list comes back."""
    delta = []
    for j in range(len(a)):
        s = 1 / (1 + np.exp(-z[j]))
        delta.append((a[j] - y[j]) * s * (1 - s))
    return delta


@right
def output_delta(a, y, z):
    """Right: (y − a) with the sign put in front, columns inside."""
    column = -(y - a).reshape(-1, 1) * sigmoid_prime(z).reshape(-1, 1)
    return column[:, 0]


@right
def output_delta(a, y, z):
    """Right: a diagonal matrix as the slope of the layer."""
    return np.diag(a * (1 - a)) @ (a - y)


@right
def output_delta(a, y, z):
    """Right: TensorFlow's arithmetic."""
    s = tf.sigmoid(tf.constant(z))
    return tf.multiply(tf.subtract(a, y), s * (1 - s))


@wrong(loses=["output_delta"], diagnosis="sign")
def output_delta(a, y, z):
    """Wrong: (y − a), as notes 001 print it."""
    return (y - a) * a * (1 - a)


@wrong(loses=["output_delta"], diagnosis="missing-sigma-prime")
def output_delta(a, y, z):
    """Wrong: σ′ missing."""
    return a - y


@wrong(loses=["output_delta"], diagnosis="sigma-prime-of-a")
def output_delta(a, y, z):
    """Wrong: σ′ at the activation."""
    return (a - y) * sigmoid(a) * (1 - sigmoid(a))


@wrong(loses=["output_delta"], diagnosis="factor-2")
def output_delta(a, y, z):
    """Wrong: the 2 of a cost without ½."""
    return 2 * (a - y) * a * (1 - a)


@wrong(loses=["output_delta"], diagnosis="column-not-vector")
def output_delta(a, y, z):
    """Wrong: a column comes back."""
    return ((a - y) * a * (1 - a)).reshape(-1, 1)


@wrong(loses=["output_delta"], diagnosis="uses-autodiff")
def output_delta(a, y, z):
    """Wrong: lets the tape do it."""
    z = tf.constant(z)
    with tf.GradientTape() as tape:
        tape.watch(z)
        c = tf.reduce_sum((tf.sigmoid(z) - y) ** 2) / 2
    return tape.gradient(c, z)


@wrong(loses=["output_delta"], diagnosis="float32")
def output_delta(a, y, z):
    """Wrong: rounded to float32."""
    return ((a - y) * a * (1 - a)).astype(np.float32)


# Task 4: hidden_delta


@right
def hidden_delta(delta_next, W_next, z):
    """Right: a row times W, no transpose written."""
    a = sigmoid(z)
    return delta_next @ W_next * a * (1 - a)


@right
def hidden_delta(delta_next, W_next, z):
    """Right: the sum over all paths as loops."""
    delta = np.zeros(len(z))
    for j in range(len(z)):
        for k in range(len(delta_next)):
            delta[j] += W_next[k, j] * delta_next[k]
        a = 1 / (1 + np.exp(-z[j]))
        delta[j] *= a * (1 - a)
    return delta


@right
def hidden_delta(delta_next, W_next, z):
    """Right: einsum with all three factors."""
    a = sigmoid(z)
    return np.einsum("k,kj,j->j", delta_next, W_next, a - a**2)


@right
def hidden_delta(delta_next, W_next, z):
    """Right: columns inside."""
    back = np.dot(W_next.T, delta_next[:, np.newaxis])
    s = sigmoid(z)[:, np.newaxis]
    return (back * s * (1 - s)).flatten()


@right
def hidden_delta(delta_next, W_next, z):
    """Right: TensorFlow's arithmetic."""
    s = tf.sigmoid(tf.constant(z))
    return tf.linalg.matvec(W_next, delta_next, transpose_a=True) * s * (1 - s)


@wrong(loses=["hidden_delta"], diagnosis="transposed-weights")
def hidden_delta(delta_next, W_next, z):
    """Wrong: the transpose forgotten."""
    a = sigmoid(z)
    return (W_next @ delta_next) * a * (1 - a)


@wrong(loses=["hidden_delta"], diagnosis="missing-sigma-prime")
def hidden_delta(delta_next, W_next, z):
    """Wrong: σ′ missing."""
    return W_next.T @ delta_next


@wrong(loses=["hidden_delta"], diagnosis="sigma-prime-of-a")
def hidden_delta(delta_next, W_next, z):
    """Wrong: σ′ at the activation."""
    s = sigmoid(sigmoid(z))
    return (W_next.T @ delta_next) * s * (1 - s)


@wrong(loses=["hidden_delta"], diagnosis="one-path-only")
def hidden_delta(delta_next, W_next, z):
    """Wrong: only the path through the first neuron."""
    a = sigmoid(z)
    return W_next[0] * delta_next[0] * a * (1 - a)


@wrong(loses=["hidden_delta"], diagnosis="sign")
def hidden_delta(delta_next, W_next, z):
    """Wrong: a sign too many."""
    a = sigmoid(z)
    return -(W_next.T @ delta_next) * a * (1 - a)


@wrong(loses=["hidden_delta"], diagnosis="factor-half")
def hidden_delta(delta_next, W_next, z):
    """Wrong: the mean over the paths, not the sum."""
    a = sigmoid(z)
    return np.mean(W_next * delta_next[:, None], axis=0) * a * (1 - a)


@wrong(loses=["hidden_delta"])
def hidden_delta(delta_next, W_next, z):
    """Wrong: the paths multiplied, as notes 004 print it."""
    a = sigmoid(z)
    return np.prod(W_next * delta_next[:, None], axis=0) * a * (1 - a)


# Task 5: layer_gradients


@right
def layer_gradients(delta, a_previous):
    """Right: einsum."""
    return np.einsum("j,k->jk", delta, a_previous), delta.copy()


@right
def layer_gradients(delta, a_previous):
    """Right: a column times a row."""
    return delta.reshape(-1, 1) @ a_previous.reshape(1, -1), delta


@right
def layer_gradients(delta, a_previous):
    """Right: loops and lists."""
    grad_W = [[d * a for a in a_previous] for d in delta]
    return [grad_W, list(delta)]


@right
def layer_gradients(delta, a_previous):
    """Right: TensorFlow's arithmetic."""
    return tf.tensordot(delta, a_previous, axes=0), tf.constant(delta)


@wrong(loses=["layer_gradients"], diagnosis="transposed")
def layer_gradients(delta, a_previous):
    """Wrong: the outer product the other way round."""
    return np.outer(a_previous, delta), delta


@wrong(loses=["layer_gradients"], diagnosis="bias-forgotten")
def layer_gradients(delta, a_previous):
    """Wrong: no gradient for the biases."""
    return np.outer(delta, a_previous), np.zeros_like(delta)


@wrong(loses=["layer_gradients"], diagnosis="bias-times-activation")
def layer_gradients(delta, a_previous):
    """Wrong: the bias gradient multiplied by activations, where the shapes allow."""
    return np.outer(delta, a_previous), delta * a_previous[: len(delta)]


@wrong(loses=["layer_gradients"], diagnosis="sign")
def layer_gradients(delta, a_previous):
    """Wrong: the descent direction."""
    return -np.outer(delta, a_previous), -delta


@wrong(loses=["layer_gradients"], diagnosis="column-not-vector")
def layer_gradients(delta, a_previous):
    """Wrong: the bias gradient as a column."""
    return np.outer(delta, a_previous), delta[:, None]


@wrong(loses=["layer_gradients"])
def layer_gradients(delta, a_previous):
    """Wrong: elementwise in place of the outer product."""
    return delta * a_previous, delta


@wrong(loses=["layer_gradients"])
def layer_gradients(delta, a_previous):
    """Wrong: only the weights' gradient comes back."""
    return np.outer(delta, a_previous)


# Task 6: one_step


@right
def one_step(x, y, weights, biases, eta):
    """Right: from the functions of the earlier tasks."""
    zs, activations = forward(x, weights, biases)
    d2 = output_delta(activations[2], y, zs[1])
    d1 = hidden_delta(d2, weights[1], zs[0])
    steps = [layer_gradients(d, a)[0] for d, a in ((d1, activations[0]), (d2, activations[1]))]
    return [W - eta * g for W, g in zip(weights, steps, strict=True)], biases


@right
def one_step(x, y, weights, biases, eta):
    """Right: columns inside, updates in place on copies."""
    W1, W2 = weights[0].copy(), weights[1].copy()
    xc, yc = x[:, None], y[:, None]
    h = sigmoid(W1 @ xc + biases[0][:, None])
    o = sigmoid(W2 @ h + biases[1][:, None])
    d2 = (o - yc) * o * (1 - o)
    d1 = W2.T @ d2 * h * (1 - h)
    W2 -= eta * d2 @ h.T
    W1 -= eta * d1 @ xc.T
    return (W1, W2), (biases[0], biases[1])


@right
def one_step(x, y, weights, biases, eta):
    """Right: TensorFlow's arithmetic."""
    W1, W2 = (tf.constant(W) for W in weights)
    h = tf.sigmoid(tf.linalg.matvec(W1, x) + biases[0])
    o = tf.sigmoid(tf.linalg.matvec(W2, h) + biases[1])
    d2 = (o - y) * o * (1 - o)
    d1 = tf.linalg.matvec(W2, d2, transpose_a=True) * h * (1 - h)
    outer = lambda d, a: tf.einsum("j,k->jk", d, a)  # noqa: E731
    new1 = W1 - eta * outer(d1, tf.constant(x))
    new2 = W2 - eta * outer(d2, h)
    return [new1, new2], list(biases)


@right
def one_step(x, y, weights, biases, eta):
    """Right: each slope by the chain rule in loops."""
    W1, W2 = weights
    h = [1 / (1 + np.exp(-(np.dot(W1[j], x) + biases[0][j]))) for j in range(len(W1))]
    o = [1 / (1 + np.exp(-(np.dot(W2[k], h) + biases[1][k]))) for k in range(len(W2))]
    new1, new2 = np.array(W1), np.array(W2)
    for j in range(len(h)):
        for k in range(len(o)):
            shared = (o[k] - y[k]) * o[k] * (1 - o[k])
            new2[k, j] -= eta * shared * h[j]
            for i in range(len(x)):
                new1[j, i] -= eta * shared * W2[k, j] * h[j] * (1 - h[j]) * x[i]
    return [new1, new2], [biases[0].copy(), biases[1].copy()]


@wrong(loses=["one_step"], diagnosis="updated-weights")
def one_step(x, y, weights, biases, eta):
    """Wrong: δ¹ from the already updated W²."""
    W1, W2 = weights
    h = sigmoid(W1 @ x + biases[0])
    o = sigmoid(W2 @ h + biases[1])
    d2 = (o - y) * o * (1 - o)
    W2 = W2 - eta * np.outer(d2, h)
    d1 = (W2.T @ d2) * h * (1 - h)
    return [W1 - eta * np.outer(d1, x), W2], biases


@wrong(loses=["one_step"], diagnosis="biases-updated")
def one_step(x, y, weights, biases, eta):
    """Wrong: the biases updated too, one each."""
    W1, W2 = weights
    h = sigmoid(W1 @ x + biases[0])
    o = sigmoid(W2 @ h + biases[1])
    d2 = (o - y) * o * (1 - o)
    d1 = (W2.T @ d2) * h * (1 - h)
    new = [W1 - eta * np.outer(d1, x), W2 - eta * np.outer(d2, h)]
    return new, [biases[0] - eta * d1, biases[1] - eta * d2]


@wrong(loses=["one_step"], diagnosis="shared-bias-updated")
def one_step(x, y, weights, biases, eta):
    """Wrong: one shared bias per layer updated."""
    W1, W2 = weights
    h = sigmoid(W1 @ x + biases[0])
    o = sigmoid(W2 @ h + biases[1])
    d2 = (o - y) * o * (1 - o)
    d1 = (W2.T @ d2) * h * (1 - h)
    new = [W1 - eta * np.outer(d1, x), W2 - eta * np.outer(d2, h)]
    return new, [biases[0] - eta * d1.sum(), biases[1] - eta * d2.sum()]


@wrong(loses=["one_step"], diagnosis="ascent")
def one_step(x, y, weights, biases, eta):
    """Wrong: (y − a), so the step goes uphill."""
    W1, W2 = weights
    h = sigmoid(W1 @ x + biases[0])
    o = sigmoid(W2 @ h + biases[1])
    d2 = (y - o) * o * (1 - o)
    d1 = (W2.T @ d2) * h * (1 - h)
    return [W1 - eta * np.outer(d1, x), W2 - eta * np.outer(d2, h)], biases


@wrong(loses=["one_step"], diagnosis="no-change")
def one_step(x, y, weights, biases, eta):
    """Wrong: the new weights are computed and dropped."""
    W1, W2 = weights
    h = sigmoid(W1 @ x + biases[0])
    o = sigmoid(W2 @ h + biases[1])
    d2 = (o - y) * o * (1 - o)
    W2 = W2 - eta * np.outer(d2, h)
    return weights, biases


@wrong(loses=["one_step"], diagnosis="argument-changed")
def one_step(x, y, weights, biases, eta):
    """Wrong: right numbers, but the caller's weights are changed in place."""
    W1, W2 = weights
    h = sigmoid(W1 @ x + biases[0])
    o = sigmoid(W2 @ h + biases[1])
    d2 = (o - y) * o * (1 - o)
    d1 = (W2.T @ d2) * h * (1 - h)
    W1 -= eta * np.outer(d1, x)
    W2 -= eta * np.outer(d2, h)
    return weights, biases


@wrong(loses=["one_step"])
def one_step(x, y, weights, biases, eta):
    """Wrong: η = 0.5 written into the function."""
    W1, W2 = weights
    h = sigmoid(W1 @ x + biases[0])
    o = sigmoid(W2 @ h + biases[1])
    d2 = (o - y) * o * (1 - o)
    d1 = (W2.T @ d2) * h * (1 - h)
    return [W1 - 0.5 * np.outer(d1, x), W2 - 0.5 * np.outer(d2, h)], biases


# Task 7: gradient_check


@right
def gradient_check(cost_of, gradient, x, h=1e-5):
    """Right: nudges one array in place and restores it."""
    numeric = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        kept = x[i]
        x[i] = kept + h
        above = cost_of(x)
        x[i] = kept - h
        below = cost_of(x)
        x[i] = kept
        numeric[i] = (above - below) / (2 * h)
    difference = np.abs(gradient - numeric)
    total = np.sqrt(np.sum(gradient**2)) + np.sqrt(np.sum(numeric**2))
    error = np.sqrt(np.sum(difference**2)) / max(total, 1e-30)
    return error, np.unravel_index(difference.argmax(), x.shape)


@right
def gradient_check(cost_of, gradient, x, h=1e-5):
    """Right: works on the flattened array."""
    flat, slopes = x.ravel().astype(float), []
    for i in range(flat.size):
        up, down = flat.copy(), flat.copy()
        up[i] += h
        down[i] -= h
        slopes.append((cost_of(up.reshape(x.shape)) - cost_of(down.reshape(x.shape))) / (2 * h))
    gap = np.ravel(gradient) - slopes
    total = np.linalg.norm(np.ravel(gradient)) + np.linalg.norm(slopes)
    if total == 0:
        return 0.0, (0,) * x.ndim
    worst = int(np.argmax(abs(gap)))
    index = []
    for n in reversed(x.shape):
        worst, rest = divmod(worst, n)
        index.insert(0, rest)
    return np.linalg.norm(gap) / total, tuple(index)


@right
def gradient_check(cost_of, gradient, x, h=1e-5):
    """Right: unit vectors from the identity matrix, argwhere for the worst."""
    units = np.eye(x.size).reshape(x.size, *x.shape) * h
    numeric = np.array([cost_of(x + u) - cost_of(x - u) for u in units]).reshape(x.shape) / 2 / h
    gap = np.abs(numeric - gradient)
    norm = lambda v: float(np.sqrt((v * v).sum()))  # noqa: E731
    total = norm(gradient) + norm(numeric)
    error = norm(gap) / total if total else 0.0
    return error, list(np.argwhere(gap == gap.max())[0])


@right
def gradient_check(cost_of, gradient, x, h=1e-5):
    """Right: the worst element found on the way."""
    top = bottom_g = bottom_n = 0.0
    worst, largest = None, -1.0
    for i in np.ndindex(*x.shape):
        e = np.zeros(x.shape)
        e[i] = 1.0
        n = (cost_of(x + h * e) - cost_of(x - h * e)) / (h + h)
        g = gradient[i]
        top, bottom_g, bottom_n = top + (g - n) ** 2, bottom_g + g * g, bottom_n + n * n
        if abs(g - n) > largest:
            worst, largest = i, abs(g - n)
    scale = bottom_g**0.5 + bottom_n**0.5
    return (0.0 if scale == 0 else top**0.5 / scale), worst


@wrong(loses=["gradient_check"], diagnosis="forward-difference")
def gradient_check(cost_of, gradient, x, h=1e-5):
    """Wrong: a forward difference."""
    numeric = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        numeric[i] = (cost_of(x + e) - cost_of(x)) / h
    total = np.linalg.norm(gradient) + np.linalg.norm(numeric)
    error = np.linalg.norm(gradient - numeric) / total if total else 0.0
    return error, np.unravel_index(np.argmax(np.abs(gradient - numeric)), x.shape)


@wrong(loses=["gradient_check", "gradient_check-edges"], diagnosis="half-step")
def gradient_check(cost_of, gradient, x, h=1e-5):
    """Wrong: divided by h in place of 2h."""
    numeric = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        numeric[i] = (cost_of(x + e) - cost_of(x - e)) / h
    total = np.linalg.norm(gradient) + np.linalg.norm(numeric)
    error = np.linalg.norm(gradient - numeric) / total if total else 0.0
    return error, np.unravel_index(np.argmax(np.abs(gradient - numeric)), x.shape)


@wrong(loses=["gradient_check", "gradient_check-edges"], diagnosis="absolute-not-relative")
def gradient_check(cost_of, gradient, x, h=1e-5):
    """Wrong: an absolute error."""
    numeric = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        numeric[i] = (cost_of(x + e) - cost_of(x - e)) / (2 * h)
    gap = gradient - numeric
    return np.linalg.norm(gap), np.unravel_index(np.argmax(np.abs(gap)), x.shape)


@wrong(loses=["gradient_check"], diagnosis="not-both-norms")
def gradient_check(cost_of, gradient, x, h=1e-5):
    """Wrong: divided by the larger norm."""
    numeric = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        numeric[i] = (cost_of(x + e) - cost_of(x - e)) / (2 * h)
    total = max(np.linalg.norm(gradient), np.linalg.norm(numeric))
    error = np.linalg.norm(gradient - numeric) / total if total else 0.0
    return error, np.unravel_index(np.argmax(np.abs(gradient - numeric)), x.shape)


@wrong(loses=["gradient_check-edges"])
def gradient_check(cost_of, gradient, x, h=1e-5):
    """Wrong: 0/0 where both gradients are zero."""
    numeric = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        numeric[i] = (cost_of(x + e) - cost_of(x - e)) / (2 * h)
    error = np.linalg.norm(gradient - numeric)
    error = error / (np.linalg.norm(gradient) + np.linalg.norm(numeric))
    return error, np.unravel_index(np.argmax(np.abs(gradient - numeric)), x.shape)


@wrong(loses=["gradient_check-edges"], diagnosis="largest-not-worst")
def gradient_check(cost_of, gradient, x, h=1e-5):
    """Wrong: names the largest element, not the worst."""
    numeric = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        numeric[i] = (cost_of(x + e) - cost_of(x - e)) / (2 * h)
    total = np.linalg.norm(gradient) + np.linalg.norm(numeric)
    error = np.linalg.norm(gradient - numeric) / total if total else 0.0
    return error, np.unravel_index(np.argmax(np.abs(gradient)), x.shape)


@wrong(loses=["gradient_check-edges"], diagnosis="flat-index")
def gradient_check(cost_of, gradient, x, h=1e-5):
    """Wrong: a flat index."""
    numeric = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        numeric[i] = (cost_of(x + e) - cost_of(x - e)) / (2 * h)
    total = np.linalg.norm(gradient) + np.linalg.norm(numeric)
    error = np.linalg.norm(gradient - numeric) / total if total else 0.0
    return error, np.argmax(np.abs(gradient - numeric))


@wrong(loses=["gradient_check-edges"])
def gradient_check(cost_of, gradient, x, h=1e-5):
    """Wrong: the worst by the signed difference."""
    numeric = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        numeric[i] = (cost_of(x + e) - cost_of(x - e)) / (2 * h)
    total = np.linalg.norm(gradient) + np.linalg.norm(numeric)
    error = np.linalg.norm(gradient - numeric) / total if total else 0.0
    return error, np.unravel_index(np.argmax(gradient - numeric), x.shape)


@wrong(loses=["gradient_check", "gradient_check-edges"])
def gradient_check(cost_of, gradient, x, h=1e-5):
    """Wrong: nudges in place and never restores."""
    x = x.copy()
    numeric = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += h
        above = cost_of(x)
        x[i] -= 2 * h
        numeric[i] = (above - cost_of(x)) / (2 * h)
    total = np.linalg.norm(gradient) + np.linalg.norm(numeric)
    error = np.linalg.norm(gradient - numeric) / total if total else 0.0
    return error, np.unravel_index(np.argmax(np.abs(gradient)), x.shape)


# Task 8: backprop


@right
def backprop(x, y, weights, biases):
    """Right: from the functions of the earlier tasks, lists turned round at the end."""
    zs, activations = forward(x, weights, biases)
    delta = output_delta(activations[-1], y, zs[-1])
    grads = [layer_gradients(delta, activations[-2])]
    for layer in range(len(weights) - 1, 0, -1):
        delta = hidden_delta(delta, weights[layer], zs[layer - 1])
        grads.append(layer_gradients(delta, activations[layer - 1]))
    grads.reverse()
    return [g[0] for g in grads], [g[1] for g in grads]


@right
def backprop(x, y, weights, biases):
    """Right: columns inside."""
    column = x.reshape(-1, 1)
    activations, zs = [column], []
    for W, b in zip(weights, biases, strict=True):
        zs.append(np.dot(W, activations[-1]) + b.reshape(-1, 1))
        activations.append(1.0 / (1.0 + np.exp(-zs[-1])))
    grad_W, grad_b = [None] * len(weights), [None] * len(weights)
    slope = sigmoid(zs[-1]) * (1 - sigmoid(zs[-1]))
    delta = (activations[-1] - y.reshape(-1, 1)) * slope
    grad_W[-1], grad_b[-1] = delta @ activations[-2].T, delta.ravel()
    for back in range(2, len(weights) + 1):
        slope = sigmoid(zs[-back]) * (1 - sigmoid(zs[-back]))
        delta = np.dot(weights[-back + 1].T, delta) * slope
        grad_W[-back], grad_b[-back] = delta @ activations[-back - 1].T, delta.ravel()
    return grad_W, grad_b


@right
def backprop(x, y, weights, biases):
    """Right: recursive, the error of the output handed back."""

    def back(a, rest):
        if not rest:
            return a - y, []
        (W, b), *later = rest
        out = sigmoid(np.einsum("jk,k->j", W, a) + b)
        slope, found = back(out, later)
        delta = slope * out * (1 - out)
        return delta @ W, [(np.einsum("j,k->jk", delta, a), delta), *found]

    _, pairs = back(x, list(zip(weights, biases, strict=True)))
    return tuple(zip(*pairs, strict=True))


@right
def backprop(x, y, weights, biases):
    """Right: TensorFlow's arithmetic, tensors come back."""
    outputs = [tf.constant(x)]
    for W, b in zip(weights, biases, strict=True):
        outputs.append(tf.sigmoid(tf.linalg.matvec(tf.constant(W), outputs[-1]) + b))
    delta = (outputs[-1] - y) * outputs[-1] * (1 - outputs[-1])
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = outputs[layer]
        grad_W = [tf.tensordot(delta, a, axes=0), *grad_W]
        grad_b = [delta, *grad_b]
        delta = tf.linalg.matvec(tf.constant(weights[layer]), delta, transpose_a=True) * a * (1 - a)
    return grad_W, grad_b


@wrong(loses=["backprop"], diagnosis="layers-reversed")
def backprop(x, y, weights, biases):
    """Wrong: last layer first."""
    activations = [x]
    for W, b in zip(weights, biases, strict=True):
        activations.append(sigmoid(W @ activations[-1] + b))
    delta = (activations[-1] - y) * activations[-1] * (1 - activations[-1])
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = activations[layer]
        grad_W.append(np.outer(delta, a))
        grad_b.append(delta)
        delta = (weights[layer].T @ delta) * a * (1 - a)
    return grad_W, grad_b


@wrong(loses=["backprop"], diagnosis="missing-sigma-prime")
def backprop(x, y, weights, biases):
    """Wrong: no σ′ in the hidden layers."""
    activations = [x]
    for W, b in zip(weights, biases, strict=True):
        activations.append(sigmoid(W @ activations[-1] + b))
    delta = (activations[-1] - y) * activations[-1] * (1 - activations[-1])
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        grad_W.insert(0, np.outer(delta, activations[layer]))
        grad_b.insert(0, delta)
        delta = weights[layer].T @ delta
    return grad_W, grad_b


@wrong(loses=["backprop"], diagnosis="missing-sigma-prime")
def backprop(x, y, weights, biases):
    """Wrong: no σ′ at the output."""
    activations = [x]
    for W, b in zip(weights, biases, strict=True):
        activations.append(sigmoid(W @ activations[-1] + b))
    delta = activations[-1] - y
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = activations[layer]
        grad_W.insert(0, np.outer(delta, a))
        grad_b.insert(0, delta)
        delta = (weights[layer].T @ delta) * a * (1 - a)
    return grad_W, grad_b


@wrong(loses=["backprop"], diagnosis="sigma-prime-of-a")
def backprop(x, y, weights, biases):
    """Wrong: σ′ at the activations."""
    activations = [x]
    for W, b in zip(weights, biases, strict=True):
        activations.append(sigmoid(W @ activations[-1] + b))
    slopes = [sigmoid(a) * (1 - sigmoid(a)) for a in activations]
    delta = (activations[-1] - y) * slopes[-1]
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        grad_W.insert(0, np.outer(delta, activations[layer]))
        grad_b.insert(0, delta)
        delta = (weights[layer].T @ delta) * slopes[layer]
    return grad_W, grad_b


@wrong(loses=["backprop"], diagnosis="sign")
def backprop(x, y, weights, biases):
    """Wrong: (y − a)."""
    activations = [x]
    for W, b in zip(weights, biases, strict=True):
        activations.append(sigmoid(W @ activations[-1] + b))
    delta = (y - activations[-1]) * activations[-1] * (1 - activations[-1])
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = activations[layer]
        grad_W.insert(0, np.outer(delta, a))
        grad_b.insert(0, delta)
        delta = (weights[layer].T @ delta) * a * (1 - a)
    return grad_W, grad_b


@wrong(loses=["backprop"], diagnosis="factor-2")
def backprop(x, y, weights, biases):
    """Wrong: the 2 of a cost without ½."""
    activations = [x]
    for W, b in zip(weights, biases, strict=True):
        activations.append(sigmoid(W @ activations[-1] + b))
    delta = 2 * (activations[-1] - y) * activations[-1] * (1 - activations[-1])
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = activations[layer]
        grad_W.insert(0, np.outer(delta, a))
        grad_b.insert(0, delta)
        delta = (weights[layer].T @ delta) * a * (1 - a)
    return grad_W, grad_b


@wrong(loses=["backprop"], diagnosis="transposed-weights")
def backprop(x, y, weights, biases):
    """Wrong: W without its transpose on the way back."""
    activations = [x]
    for W, b in zip(weights, biases, strict=True):
        activations.append(sigmoid(W @ activations[-1] + b))
    delta = (activations[-1] - y) * activations[-1] * (1 - activations[-1])
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = activations[layer]
        grad_W.insert(0, np.outer(delta, a))
        grad_b.insert(0, delta)
        if layer > 0:
            delta = (weights[layer] @ delta) * a * (1 - a)
    return grad_W, grad_b


@wrong(loses=["backprop"], diagnosis="weights-of-own-layer")
def backprop(x, y, weights, biases):
    """Wrong: δ comes back along the layer's own weights."""
    zs, activations = forward(x, weights, biases)
    n = len(weights)
    grad_W, grad_b = [None] * n, [None] * n
    delta = output_delta(activations[-1], y, zs[-1])
    for layer in reversed(range(n)):
        if layer < n - 1:
            delta = hidden_delta(delta, weights[layer], zs[layer])
        grad_W[layer], grad_b[layer] = layer_gradients(delta, activations[layer])
    return grad_W, grad_b


@wrong(loses=["backprop"], diagnosis="wrong-activation")
def backprop(x, y, weights, biases):
    """Wrong: a weight's slope takes its own layer's activation."""
    activations = [x]
    for W, b in zip(weights, biases, strict=True):
        activations.append(sigmoid(W @ activations[-1] + b))
    delta = (activations[-1] - y) * activations[-1] * (1 - activations[-1])
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = activations[layer]
        grad_W.insert(0, np.outer(delta, activations[layer + 1]))
        grad_b.insert(0, delta)
        delta = (weights[layer].T @ delta) * a * (1 - a)
    return grad_W, grad_b


@wrong(loses=["backprop"], diagnosis="uses-autodiff")
def backprop(x, y, weights, biases):
    """Wrong: lets the tape do it."""
    Ws = [tf.Variable(W) for W in weights]
    bs = [tf.Variable(b) for b in biases]
    with tf.GradientTape() as tape:
        a = tf.constant(x)
        for W, b in zip(Ws, bs, strict=True):
            a = tf.sigmoid(tf.linalg.matvec(W, a) + b)
        c = tf.reduce_sum((a - y) ** 2) / 2
    return tape.gradient(c, [Ws, bs])


@wrong(loses=["backprop"])
def backprop(x, y, weights, biases):
    """Wrong: centred differences in place of backpropagation."""
    grads = []
    for part in [*weights, *biases]:
        slope = np.zeros_like(part)
        for i in np.ndindex(part.shape):
            kept = part[i]
            part[i] = kept + 1e-5
            above = cost(x, y, weights, biases)
            part[i] = kept - 1e-5
            slope[i] = (above - cost(x, y, weights, biases)) / 2e-5
            part[i] = kept
        grads.append(slope)
    return grads[: len(weights)], grads[len(weights) :]


@wrong(loses=["backprop"])
def backprop(x, y, weights, biases):
    """Wrong: right for two layers only."""
    (W1, W2), (b1, b2) = weights, biases
    h = sigmoid(W1 @ x + b1)
    o = sigmoid(W2 @ h + b2)
    d2 = (o - y) * o * (1 - o)
    d1 = (W2.T @ d2) * h * (1 - h)
    return [np.outer(d1, x), np.outer(d2, h)], [d1, d2]


# Task 9: backprop_batch


@right
def backprop_batch(X, Y, weights, biases):
    """Right: one example after another, gradients added up."""
    grad_W, grad_b = [0.0 * W for W in weights], [0.0 * b for b in biases]
    for x, y in zip(X, Y, strict=True):
        activations = [x]
        for W, b in zip(weights, biases, strict=True):
            activations.append(sigmoid(W @ activations[-1] + b))
        delta = (activations[-1] - y) * activations[-1] * (1 - activations[-1])
        for layer in range(len(weights) - 1, -1, -1):
            a = activations[layer]
            grad_W[layer] += np.outer(delta, a)
            grad_b[layer] += delta
            delta = (weights[layer].T @ delta) * a * (1 - a)
    return [g / len(X) for g in grad_W], [g / len(X) for g in grad_b]


@right
def backprop_batch(X, Y, weights, biases):
    """Right: calls backprop for each example, and takes the mean over axis 0."""
    found = [backprop(x, y, weights, biases) for x, y in zip(X, Y, strict=True)]
    grad_W = [np.mean([f[0][i] for f in found], axis=0) for i in range(len(weights))]
    grad_b = [np.mean([f[1][i] for f in found], axis=0) for i in range(len(weights))]
    return grad_W, grad_b


@right
def backprop_batch(X, Y, weights, biases):
    """Right: einsum over the examples."""
    outs = [X]
    for W, b in zip(weights, biases, strict=True):
        outs.append(sigmoid(np.einsum("nk,jk->nj", outs[-1], W) + b))
    delta = (outs[-1] - Y) * outs[-1] * (1 - outs[-1])
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = outs[layer]
        grad_W.insert(0, np.einsum("nj,nk->jk", delta, a) / X.shape[0])
        grad_b.insert(0, np.einsum("nj->j", delta) / X.shape[0])
        delta = np.einsum("nj,jk->nk", delta, weights[layer]) * a * (1 - a)
    return grad_W, grad_b


@right
def backprop_batch(X, Y, weights, biases):
    """Right: TensorFlow's arithmetic, tensors come back."""
    outs = [tf.constant(X)]
    for W, b in zip(weights, biases, strict=True):
        outs.append(tf.sigmoid(tf.matmul(outs[-1], W, transpose_b=True) + b))
    delta = (outs[-1] - Y) * outs[-1] * (1 - outs[-1]) / len(X)
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = outs[layer]
        grad_W.insert(0, tf.matmul(delta, a, transpose_a=True))
        grad_b.insert(0, tf.reduce_sum(delta, axis=0))
        delta = tf.matmul(delta, weights[layer]) * a * (1 - a)
    return grad_W, grad_b


@right
def backprop_batch(X, Y, weights, biases):
    """Right: examples in columns inside."""
    a, n = X.T, len(X)
    outs = [a]
    for W, b in zip(weights, biases, strict=True):
        outs.append(sigmoid(W @ outs[-1] + b[:, None]))
    delta = (outs[-1] - Y.T) * outs[-1] * (1 - outs[-1])
    grad_W, grad_b = [None] * len(weights), [None] * len(weights)
    for layer in range(len(weights) - 1, -1, -1):
        grad_W[layer] = delta @ outs[layer].T / n
        grad_b[layer] = delta.mean(axis=1)
        delta = weights[layer].T @ delta * outs[layer] * (1 - outs[layer])
    return tuple(grad_W), tuple(grad_b)


@wrong(loses=["backprop_batch", "train-step", "train-digits"], diagnosis="summed-not-averaged")
def backprop_batch(X, Y, weights, biases):
    """Wrong: the sum over the batch."""
    outs = [X]
    for W, b in zip(weights, biases, strict=True):
        outs.append(sigmoid(outs[-1] @ W.T + b))
    delta = (outs[-1] - Y) * outs[-1] * (1 - outs[-1])
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = outs[layer]
        grad_W.insert(0, delta.T @ a)
        grad_b.insert(0, delta.sum(axis=0))
        delta = (delta @ weights[layer]) * a * (1 - a)
    return grad_W, grad_b


@wrong(loses=["backprop_batch", "train-step"], diagnosis="summed-not-averaged")
def backprop_batch(X, Y, weights, biases):
    """Wrong: the mean for the weights, the sum for the biases."""
    outs = [X]
    for W, b in zip(weights, biases, strict=True):
        outs.append(sigmoid(outs[-1] @ W.T + b))
    delta = (outs[-1] - Y) * outs[-1] * (1 - outs[-1])
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = outs[layer]
        grad_W.insert(0, delta.T @ a / len(X))
        grad_b.insert(0, delta.sum(axis=0))
        delta = (delta @ weights[layer]) * a * (1 - a)
    return grad_W, grad_b


@wrong(loses=["backprop_batch", "train-step"], diagnosis="averaged-not-summed")
def backprop_batch(X, Y, weights, biases):
    """Wrong: divided by N twice."""
    outs = [X]
    for W, b in zip(weights, biases, strict=True):
        outs.append(sigmoid(outs[-1] @ W.T + b))
    delta = (outs[-1] - Y) * outs[-1] * (1 - outs[-1]) / len(X)
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = outs[layer]
        grad_W.insert(0, delta.T @ a / len(X))
        grad_b.insert(0, delta.mean(axis=0))
        delta = (delta @ weights[layer]) * a * (1 - a)
    return grad_W, grad_b


@wrong(loses=["backprop_batch", "train-step", "train-digits"], diagnosis="last-example-only")
def backprop_batch(X, Y, weights, biases):
    """Wrong: each example overwrites the one before."""
    for x, y in zip(X, Y, strict=True):
        outs = [x]
        for W, b in zip(weights, biases, strict=True):
            outs.append(sigmoid(W @ outs[-1] + b))
        delta = (outs[-1] - y) * outs[-1] * (1 - outs[-1])
        grad_W, grad_b = [], []
        for layer in reversed(range(len(weights))):
            grad_W.insert(0, np.outer(delta, outs[layer]))
            grad_b.insert(0, delta)
            delta = (weights[layer].T @ delta) * outs[layer] * (1 - outs[layer])
    return grad_W, grad_b


@wrong(loses=["backprop_batch", "train-step", "train-digits"], diagnosis="bias-per-example")
def backprop_batch(X, Y, weights, biases):
    """Wrong: the bias gradient keeps a row for each example."""
    outs = [X]
    for W, b in zip(weights, biases, strict=True):
        outs.append(sigmoid(outs[-1] @ W.T + b))
    delta = (outs[-1] - Y) * outs[-1] * (1 - outs[-1])
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = outs[layer]
        grad_W.insert(0, delta.T @ a / len(X))
        grad_b.insert(0, delta)
        delta = (delta @ weights[layer]) * a * (1 - a)
    return grad_W, grad_b


@wrong(loses=["backprop_batch", "train-step", "train-digits"], diagnosis="wrong-axis")
def backprop_batch(X, Y, weights, biases):
    """Wrong: the bias gradient is a mean over the neurons."""
    outs = [X]
    for W, b in zip(weights, biases, strict=True):
        outs.append(sigmoid(outs[-1] @ W.T + b))
    delta = (outs[-1] - Y) * outs[-1] * (1 - outs[-1])
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = outs[layer]
        grad_W.insert(0, delta.T @ a / len(X))
        grad_b.insert(0, delta.mean(axis=1))
        delta = (delta @ weights[layer]) * a * (1 - a)
    return grad_W, grad_b


@wrong(loses=["backprop_batch", "train-step"], diagnosis="row-not-vector")
def backprop_batch(X, Y, weights, biases):
    """Wrong: the bias gradient as a row (1, n)."""
    outs = [X]
    for W, b in zip(weights, biases, strict=True):
        outs.append(sigmoid(outs[-1] @ W.T + b))
    delta = (outs[-1] - Y) * outs[-1] * (1 - outs[-1])
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = outs[layer]
        grad_W.insert(0, delta.T @ a / len(X))
        grad_b.insert(0, delta.mean(axis=0, keepdims=True))
        delta = (delta @ weights[layer]) * a * (1 - a)
    return grad_W, grad_b


@wrong(loses=["backprop_batch", "train-step"], diagnosis="missing-sigma-prime")
def backprop_batch(X, Y, weights, biases):
    """Wrong: no σ′ in the hidden layers."""
    outs = [X]
    for W, b in zip(weights, biases, strict=True):
        outs.append(sigmoid(outs[-1] @ W.T + b))
    delta = (outs[-1] - Y) * outs[-1] * (1 - outs[-1]) / len(X)
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        grad_W.insert(0, delta.T @ outs[layer])
        grad_b.insert(0, delta.sum(axis=0))
        delta = delta @ weights[layer]
    return grad_W, grad_b


@wrong(loses=["backprop_batch", "train-step", "train-digits"], diagnosis="sign")
def backprop_batch(X, Y, weights, biases):
    """Wrong: (Y − A)."""
    outs = [X]
    for W, b in zip(weights, biases, strict=True):
        outs.append(sigmoid(outs[-1] @ W.T + b))
    delta = (Y - outs[-1]) * outs[-1] * (1 - outs[-1]) / len(X)
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = outs[layer]
        grad_W.insert(0, delta.T @ a)
        grad_b.insert(0, delta.sum(axis=0))
        delta = (delta @ weights[layer]) * a * (1 - a)
    return grad_W, grad_b


@wrong(loses=["backprop_batch", "train-step"], diagnosis="factor-2")
def backprop_batch(X, Y, weights, biases):
    """Wrong: the 2 of a cost without ½; training notices it in its step."""
    outs = [X]
    for W, b in zip(weights, biases, strict=True):
        outs.append(sigmoid(outs[-1] @ W.T + b))
    delta = 2 * (outs[-1] - Y) * outs[-1] * (1 - outs[-1]) / len(X)
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = outs[layer]
        grad_W.insert(0, delta.T @ a)
        grad_b.insert(0, delta.sum(axis=0))
        delta = (delta @ weights[layer]) * a * (1 - a)
    return grad_W, grad_b


# Task 10: tape_gradients


@right
def tape_gradients(X, Y, weights, biases, activation):
    """Right: constants that are watched, one flat list of sources."""
    Ws = [tf.constant(W) for W in weights]
    bs = [tf.constant(b) for b in biases]
    with tf.GradientTape() as tape:
        tape.watch([*Ws, *bs])
        a = X
        for W, b in zip(Ws, bs, strict=True):
            a = ACTIVATIONS[activation](tf.matmul(a, W, transpose_b=True) + b)
        c = tf.reduce_sum(tf.square(Y - a)) / (2 * len(X))
    found = tape.gradient(c, Ws + bs)
    return found[: len(Ws)], found[len(Ws) :]


@right
def tape_gradients(X, Y, weights, biases, activation):
    """Right: einsum, arrays come back."""
    act = {"sigmoid": tf.nn.sigmoid, "tanh": tf.nn.tanh, "softplus": tf.nn.softplus}[activation]
    Ws, bs = [tf.Variable(W) for W in weights], [tf.Variable(b) for b in biases]
    with tf.GradientTape(persistent=True) as tape:
        a = tf.convert_to_tensor(X)
        for i in range(len(Ws)):
            a = act(tf.einsum("nk,jk->nj", a, Ws[i]) + bs[i][None, :])
        c = tf.reduce_mean(0.5 * tf.reduce_sum(tf.math.squared_difference(a, Y), axis=-1))
    return [tape.gradient(c, W).numpy() for W in Ws], [tape.gradient(c, b).numpy() for b in bs]


@right
def tape_gradients(X, Y, weights, biases, activation):
    """Right: one example at a time on one tape."""
    Ws, bs = [tf.Variable(W) for W in weights], [tf.Variable(b) for b in biases]
    with tf.GradientTape() as tape:
        total = tf.constant(0.0, dtype=tf.float64)
        for x, y in zip(X, Y, strict=True):
            a = tf.constant(x)
            for W, b in zip(Ws, bs, strict=True):
                a = ACTIVATIONS[activation](tf.linalg.matvec(W, a) + b)
            total += tf.reduce_sum((y - a) ** 2) / 2
        c = total / len(X)
    found = tape.gradient(c, [*Ws, *bs])
    return found[: len(Ws)], found[len(Ws) :]


@right
def tape_gradients(X, Y, weights, biases, activation):
    """Right: the cost in a tf.function, a nested helper."""

    @tf.function
    def mean_cost(Ws, bs):
        a = tf.constant(X)
        for W, b in zip(Ws, bs, strict=True):
            a = ACTIVATIONS[activation](a @ tf.transpose(W) + b)
        return 0.5 * tf.reduce_mean(tf.reduce_sum((a - Y) ** 2, 1))

    Ws, bs = [tf.constant(W) for W in weights], [tf.constant(b) for b in biases]
    with tf.GradientTape() as tape:
        tape.watch(Ws)
        tape.watch(bs)
        c = mean_cost(Ws, bs)
    return tape.gradient(c, (Ws, bs))


@wrong(loses=["tape_gradients"], diagnosis="summed-not-averaged")
def tape_gradients(X, Y, weights, biases, activation):
    """Wrong: the sum over the examples."""
    Ws, bs = [tf.Variable(W) for W in weights], [tf.Variable(b) for b in biases]
    with tf.GradientTape() as tape:
        a = tf.constant(X)
        for W, b in zip(Ws, bs, strict=True):
            a = ACTIVATIONS[activation](a @ tf.transpose(W) + b)
        c = tf.reduce_sum((a - Y) ** 2) / 2
    return tape.gradient(c, [Ws, bs])


@wrong(loses=["tape_gradients"], diagnosis="averaged-over-outputs")
def tape_gradients(X, Y, weights, biases, activation):
    """Wrong: half the mean over outputs and examples."""
    Ws, bs = [tf.Variable(W) for W in weights], [tf.Variable(b) for b in biases]
    with tf.GradientTape() as tape:
        a = tf.constant(X)
        for W, b in zip(Ws, bs, strict=True):
            a = ACTIVATIONS[activation](a @ tf.transpose(W) + b)
        c = tf.reduce_mean((a - Y) ** 2) / 2
    return tape.gradient(c, [Ws, bs])


@wrong(loses=["tape_gradients"], diagnosis="averaged-over-outputs")
def tape_gradients(X, Y, weights, biases, activation):
    """Wrong: the mean squared error as Keras has it."""
    Ws, bs = [tf.Variable(W) for W in weights], [tf.Variable(b) for b in biases]
    with tf.GradientTape() as tape:
        a = tf.constant(X)
        for W, b in zip(Ws, bs, strict=True):
            a = ACTIVATIONS[activation](a @ tf.transpose(W) + b)
        c = tf.reduce_mean((a - Y) ** 2)
    return tape.gradient(c, [Ws, bs])


@wrong(loses=["tape_gradients"], diagnosis="factor-2")
def tape_gradients(X, Y, weights, biases, activation):
    """Wrong: no ½."""
    Ws, bs = [tf.Variable(W) for W in weights], [tf.Variable(b) for b in biases]
    with tf.GradientTape() as tape:
        a = tf.constant(X)
        for W, b in zip(Ws, bs, strict=True):
            a = ACTIVATIONS[activation](a @ tf.transpose(W) + b)
        c = tf.reduce_mean(tf.reduce_sum((a - Y) ** 2, axis=1))
    return tape.gradient(c, [Ws, bs])


@wrong(loses=["tape_gradients"], diagnosis="float32")
def tape_gradients(X, Y, weights, biases, activation):
    """Wrong: in float32."""
    single = lambda v: tf.Variable(v, dtype=tf.float32)  # noqa: E731
    Ws, bs = [single(W.astype("float32")) for W in weights], [single(b) for b in biases]
    with tf.GradientTape() as tape:
        a = tf.constant(X, tf.float32)
        for W, b in zip(Ws, bs, strict=True):
            a = ACTIVATIONS[activation](a @ tf.transpose(W) + b)
        c = tf.reduce_mean(tf.reduce_sum((a - Y.astype("float32")) ** 2, axis=1)) / 2
    return tape.gradient(c, [Ws, bs])


@wrong(loses=["tape_gradients"], diagnosis="not-watched")
def tape_gradients(X, Y, weights, biases, activation):
    """Wrong: constants that nobody watches."""
    Ws, bs = [tf.constant(W) for W in weights], [tf.constant(b) for b in biases]
    with tf.GradientTape() as tape:
        a = tf.constant(X)
        for W, b in zip(Ws, bs, strict=True):
            a = ACTIVATIONS[activation](a @ tf.transpose(W) + b)
        c = tf.reduce_mean(tf.reduce_sum((a - Y) ** 2, axis=1)) / 2
    return tape.gradient(c, [Ws, bs])


@wrong(loses=["tape_gradients"], diagnosis="activation-ignored")
def tape_gradients(X, Y, weights, biases, activation):
    """Wrong: the hand-written NumPy gradient, always with a sigmoid."""
    return backprop_batch(X, Y, weights, biases)


# Task 11: keras_weights


@right
def keras_weights(weights, biases):
    """Right: np.transpose in a comprehension, a tuple comes back."""
    pairs = zip(weights, biases, strict=True)
    return tuple(part for W, b in pairs for part in (np.transpose(W), b))


@right
def keras_weights(weights, biases):
    """Right: elements moved one by one."""
    out = []
    for i in range(len(weights)):
        n_out, n_in = weights[i].shape
        kernel = np.zeros((n_in, n_out))
        for j in range(n_out):
            for k in range(n_in):
                kernel[k, j] = weights[i][j, k]
        out.append(kernel)
        out.append(biases[i].copy())
    return out


@right
def keras_weights(weights, biases):
    """Right: asked of a Keras model that was built from them."""
    sizes = [weights[0].shape[1], *[len(b) for b in biases]]
    model = keras_network(sizes)
    for layer, W, b in zip(model.layers, weights, biases, strict=True):
        layer.kernel.assign(W.T)
        layer.bias.assign(b)
    return model.get_weights()


@right
def keras_weights(weights, biases):
    """Right: TensorFlow's transpose."""
    out = [None] * (2 * len(weights))
    out[0::2] = [tf.transpose(W) for W in weights]
    out[1::2] = list(biases)
    return out


@wrong(loses=["keras_weights"], diagnosis="transposed")
def keras_weights(weights, biases):
    """Wrong: not transposed."""
    return [part for pair in zip(weights, biases, strict=True) for part in pair]


@wrong(loses=["keras_weights"], diagnosis="layers-reversed")
def keras_weights(weights, biases):
    """Wrong: the last layer first."""
    out = []
    for W, b in zip(weights[::-1], biases[::-1], strict=True):
        out += [W.T, b]
    return out


@wrong(loses=["keras_weights"])
def keras_weights(weights, biases):
    """Wrong: all kernels, then all biases."""
    return [W.T for W in weights] + list(biases)


@wrong(loses=["keras_weights"])
def keras_weights(weights, biases):
    """Wrong: a list of pairs."""
    return [(W.T, b) for W, b in zip(weights, biases, strict=True)]


@wrong(loses=["keras_weights"], diagnosis="column-not-vector")
def keras_weights(weights, biases):
    """Wrong: biases as columns."""
    return [p for W, b in zip(weights, biases, strict=True) for p in (W.T, b[:, None])]


@wrong(loses=["keras_weights"], diagnosis="transposed")
def keras_weights(weights, biases):
    """Wrong: reshaped, which is no transpose."""
    parts = []
    for W, b in zip(weights, biases, strict=True):
        parts += [W.reshape(W.shape[1], W.shape[0]), b]
    return parts


# Task 12: train


@right
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Right: shuffled copies, cut into a list of batches."""
    rng = np.random.default_rng(seed)
    weights, biases = [W.copy() for W in weights], [b.copy() for b in biases]
    for _ in range(epochs):
        order = np.arange(len(X))
        rng.shuffle(order)
        XS, YS = X[order], Y[order]
        batches = [(XS[i : i + batch_size], YS[i : i + batch_size])
                   for i in range(0, len(X), batch_size)]  # fmt: skip
        for xb, yb in batches:
            grad_W, grad_b = backprop_batch(xb, yb, weights, biases)
            for layer in range(len(weights)):
                weights[layer] -= eta * grad_W[layer]
                biases[layer] -= eta * grad_b[layer]
    return weights, biases


@right
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Right: Python's own random module, np.array_split at the borders."""
    import random

    generator = random.Random(seed)
    borders = range(batch_size, len(X), batch_size)
    for _ in range(epochs):
        order = list(range(len(X)))
        generator.shuffle(order)
        for rows in np.split(np.array(order), borders):
            grad_W, grad_b = backprop_batch(X[rows], Y[rows], weights, biases)
            weights = [weights[i] + -eta * grad_W[i] for i in range(len(weights))]
            biases = [biases[i] + -eta * grad_b[i] for i in range(len(biases))]
    return weights, biases


@right
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Right: TensorFlow's data pipeline."""
    data = tf.data.Dataset.from_tensor_slices((X, Y))
    data = data.shuffle(len(X), seed=seed).batch(batch_size)
    for _ in range(epochs):
        for xb, yb in data.as_numpy_iterator():
            grad_W, grad_b = backprop_batch(xb, yb, weights, biases)
            weights = [W - eta * g for W, g in zip(weights, grad_W, strict=True)]
            biases = [b - eta * g for b, g in zip(biases, grad_b, strict=True)]
    return weights, biases


@right
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Right: a while loop, one parameter list."""
    rng = np.random.RandomState(seed)
    parameters, n = [*weights, *biases], len(weights)
    epoch = 0
    while epoch < epochs:
        order, start = rng.permutation(X.shape[0]), 0
        while start < X.shape[0]:
            take = order[start : start + batch_size]
            found = backprop_batch(X[take], Y[take], parameters[:n], parameters[n:])
            steps = [*found[0], *found[1]]
            parameters = [p - eta * s for p, s in zip(parameters, steps, strict=True)]
            start += batch_size
        epoch += 1
    return parameters[:n], parameters[n:]


@wrong(loses=["train-step"], diagnosis="last-batch-dropped")
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Wrong: the last, smaller mini-batch is dropped."""
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for i in range(len(X) // batch_size):
            rows = order[i * batch_size : (i + 1) * batch_size]
            grad_W, grad_b = backprop_batch(X[rows], Y[rows], weights, biases)
            weights = [W - eta * g for W, g in zip(weights, grad_W, strict=True)]
            biases = [b - eta * g for b, g in zip(biases, grad_b, strict=True)]
    return weights, biases


@wrong(loses=["train-digits"], diagnosis="not-shuffled")
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Wrong: never shuffled."""
    for _ in range(epochs):
        for start in range(0, len(X), batch_size):
            rows = slice(start, start + batch_size)
            grad_W, grad_b = backprop_batch(X[rows], Y[rows], weights, biases)
            weights = [W - eta * g for W, g in zip(weights, grad_W, strict=True)]
            biases = [b - eta * g for b, g in zip(biases, grad_b, strict=True)]
    return weights, biases


@wrong(loses=["train-digits"], diagnosis="not-shuffled")
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Wrong: shuffled once, before the first epoch."""
    order = np.random.default_rng(seed).permutation(len(X))
    for _ in range(epochs):
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            grad_W, grad_b = backprop_batch(X[rows], Y[rows], weights, biases)
            weights = [W - eta * g for W, g in zip(weights, grad_W, strict=True)]
            biases = [b - eta * g for b, g in zip(biases, grad_b, strict=True)]
    return weights, biases


@wrong(loses=["train-step", "train-digits"], diagnosis="examples-mixed-up")
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Wrong: images shuffled, targets not."""
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        X = rng.permutation(X)
        for start in range(0, len(X), batch_size):
            rows = slice(start, start + batch_size)
            grad_W, grad_b = backprop_batch(X[rows], Y[rows], weights, biases)
            weights = [W - eta * g for W, g in zip(weights, grad_W, strict=True)]
            biases = [b - eta * g for b, g in zip(biases, grad_b, strict=True)]
    return weights, biases


@wrong(loses=["train-step", "train-digits"], diagnosis="ascent")
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Wrong: adds the gradient."""
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            grad_W, grad_b = backprop_batch(X[rows], Y[rows], weights, biases)
            weights = [W + eta * g for W, g in zip(weights, grad_W, strict=True)]
            biases = [b + eta * g for b, g in zip(biases, grad_b, strict=True)]
    return weights, biases


@wrong(loses=["train-step"], diagnosis="biases-forgotten")
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Wrong: the biases are never trained."""
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            grad_W, _ = backprop_batch(X[rows], Y[rows], weights, biases)
            weights = [W - eta * g for W, g in zip(weights, grad_W, strict=True)]
    return weights, biases


@wrong(loses=["train-step"], diagnosis="divided-twice")
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Wrong: the mean is divided by the size of the batch again."""
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            grad_W, grad_b = backprop_batch(X[rows], Y[rows], weights, biases)
            step = eta / len(rows)
            weights = [W - step * g for W, g in zip(weights, grad_W, strict=True)]
            biases = [b - step * g for b, g in zip(biases, grad_b, strict=True)]
    return weights, biases


@wrong(loses=["train-step", "train-digits"], diagnosis="one-epoch")
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Wrong: one epoch, regardless of `epochs`."""
    order = np.random.default_rng(seed).permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        grad_W, grad_b = backprop_batch(X[rows], Y[rows], weights, biases)
        weights = [W - eta * g for W, g in zip(weights, grad_W, strict=True)]
        biases = [b - eta * g for b, g in zip(biases, grad_b, strict=True)]
    return weights, biases


@wrong(loses=["train-step", "train-digits"], diagnosis="full-batch")
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Wrong: one step per epoch with all examples."""
    for _ in range(epochs):
        grad_W, grad_b = backprop_batch(X, Y, weights, biases)
        weights = [W - eta * g for W, g in zip(weights, grad_W, strict=True)]
        biases = [b - eta * g for b, g in zip(biases, grad_b, strict=True)]
    return weights, biases


@wrong(loses=["train-step"], diagnosis="argument-changed")
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Wrong: trains the caller's own arrays."""
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            grad_W, grad_b = backprop_batch(X[rows], Y[rows], weights, biases)
            for layer in range(len(weights)):
                weights[layer] -= eta * grad_W[layer]
                biases[layer] -= eta * grad_b[layer]
    return weights, biases


@wrong(loses=["train-step"], diagnosis="batches-cut-wrongly")
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Wrong: each mini-batch begins where it should, and goes on to the end."""
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            rows = order[start:]
            grad_W, grad_b = backprop_batch(X[rows], Y[rows], weights, biases)
            weights = [W - eta * g for W, g in zip(weights, grad_W, strict=True)]
            biases = [b - eta * g for b, g in zip(biases, grad_b, strict=True)]
    return weights, biases


@wrong(loses=["train-step"], diagnosis="examples-mixed-up")
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Wrong: mini-batches drawn with replacement."""
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        for start in range(0, len(X), batch_size):
            rows = rng.integers(len(X), size=min(batch_size, len(X) - start))
            grad_W, grad_b = backprop_batch(X[rows], Y[rows], weights, biases)
            weights = [W - eta * g for W, g in zip(weights, grad_W, strict=True)]
            biases = [b - eta * g for b, g in zip(biases, grad_b, strict=True)]
    return weights, biases


@wrong(loses=["train-step", "train-digits"], diagnosis="no-change")
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Wrong: the trained network is dropped."""
    for start in range(0, len(X), batch_size):
        rows = slice(start, start + batch_size)
        grad_W, grad_b = backprop_batch(X[rows], Y[rows], weights, biases)
        trained_W = [W - eta * g for W, g in zip(weights, grad_W, strict=True)]
        trained_b = [b - eta * g for b, g in zip(biases, grad_b, strict=True)]
    del trained_W, trained_b
    return weights, biases
