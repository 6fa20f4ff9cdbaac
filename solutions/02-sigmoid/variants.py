"""Other answers to the tasks of 02-sigmoid, right and wrong, for the audit of its tests."""

# These are students' habits: a plain zip, a return inside a branch.
# ruff: noqa: B905, RET505

import keras
import numpy as np
import tensorflow as tf

from autograder.topics.variants import right, wrong

# Task 1: sigmoid


@right
def sigmoid(z):
    """Right: from the hyperbolic tangent."""
    return 0.5 * (1 + np.tanh(z / 2))


@right
def sigmoid(z):
    """Right: two masks, each with its own form."""
    a = np.empty(z.shape)
    up = z >= 0
    a[up] = 1 / (1 + np.exp(-z[up]))
    e = np.exp(z[~up])
    a[~up] = e / (1 + e)
    return a


@right
def sigmoid(z):
    """Right: element by element, with math."""
    import math

    def one(v):
        return 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v))

    return np.array([one(float(v)) for v in z.ravel()]).reshape(z.shape)


@right
def sigmoid(z):
    """Right: the logarithm of a sum of exponentials."""
    return np.exp(-np.logaddexp(0, -z))


@right
def sigmoid(z):
    """Right: TensorFlow's arithmetic, in 32 bits where they suffice."""
    z = tf.cast(tf.clip_by_value(tf.constant(z), -80.0, 80.0), tf.float32)
    e = tf.exp(-tf.abs(z))
    return tf.where(z >= 0, 1 / (1 + e), e / (1 + e))


@right
def sigmoid(z):
    """Right: clipped where σ has long ended."""
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))


@right
def sigmoid(z):
    """Right: by the symmetry σ(−z) = 1 − σ(z), with a class."""

    class Half:
        def __call__(self, v):
            return 1 / (1 + np.exp(-v))

    a = Half()(np.abs(z))
    return np.where(z < 0, 1 - a, a)


@right
def sigmoid(z):
    """Right: the numerator and the denominator each with its own safe exponent."""
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


@right
def sigmoid(z):
    """Right: np.piecewise, which computes each form only where it is picked."""
    forms = [lambda v: 1 / (1 + np.exp(-v)), lambda v: np.exp(v) / (1 + np.exp(v))]
    return np.piecewise(z, [z >= 0, z < 0], forms)


@wrong(loses=["sigmoid-extreme"], diagnosis="overflow")
def sigmoid(z):
    """Wrong: the formula as it stands, which overflows."""
    return 1 / (1 + np.exp(-z))


@wrong(loses=["sigmoid-extreme"], diagnosis="overflow")
def sigmoid(z):
    """Wrong: np.where over two forms, both of which are computed for all."""
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


@wrong(loses=["sigmoid-extreme"], diagnosis="overflow")
def sigmoid(z):
    """Wrong: the form for negative z, everywhere."""
    return np.exp(z) / (np.exp(z) + 1)


@wrong(loses=["sigmoid-extreme"], diagnosis="overflow")
def sigmoid(z):
    """Wrong: a loop with math, which raises instead of warning."""
    import math

    flat = [1 / (1 + math.exp(-v)) for v in z.ravel()]
    return np.array(flat).reshape(z.shape)


@wrong(loses=["sigmoid-extreme"], diagnosis="overflow")
def sigmoid(z):
    """Wrong: the two branches exchanged."""
    a = np.empty(z.shape)
    up = z >= 0
    a[up] = np.exp(z[up]) / (1 + np.exp(z[up]))
    a[~up] = 1 / (1 + np.exp(-z[~up]))
    return a


@wrong(loses=["sigmoid-extreme"])
def sigmoid(z):
    """Wrong: clipped much too early."""
    return 1 / (1 + np.exp(-np.clip(z, -12, 12)))


@wrong(loses=["sigmoid-extreme"])
def sigmoid(z):
    """Wrong: overflow is turned into nan, and nobody is told."""
    with np.errstate(all="ignore"):
        return np.exp(z) / (1 + np.exp(z))


@wrong(loses=["sigmoid-values", "sigmoid-extreme"], diagnosis="exponent-sign")
def sigmoid(z):
    """Wrong: the sign of the exponent."""
    return 0.5 * (1 - np.tanh(z / 2))


@wrong(loses=["sigmoid-values", "sigmoid-extreme"], diagnosis="wrong-branch")
def sigmoid(z):
    """Wrong: the numerator forgotten in the branch for negative z."""
    return 1 / (1 + np.exp(-np.abs(z)))


@wrong(loses=["sigmoid-values", "sigmoid-extreme"], diagnosis="wrong-branch")
def sigmoid(z):
    """Wrong: the numerator of the branch for negative z, everywhere."""
    e = np.exp(-np.abs(z))
    return e / (1 + e)


@wrong(loses=["sigmoid-values", "sigmoid-extreme"], diagnosis="parentheses-missing")
def sigmoid(z):
    """Wrong: parentheses missing."""
    return 1 / 1 + np.exp(-z)


@wrong(loses=["sigmoid-values", "sigmoid-extreme"], diagnosis="exponent-is-not-two")
def sigmoid(z):
    """Wrong: the misprint of the notes."""
    return 1 / (1 + np.exp(-2)) + 0 * z


@wrong(loses=["sigmoid-values", "sigmoid-extreme"], diagnosis="tanh-not-sigmoid")
def sigmoid(z):
    """Wrong: tanh, the other S-shaped curve."""
    return np.tanh(z)


@wrong(loses=["sigmoid-values"], diagnosis="uses-tensorflow.sigmoid")
def sigmoid(z):
    """Wrong: TensorFlow's own."""
    return tf.nn.sigmoid(z)


@wrong(loses=["sigmoid-values"], diagnosis="uses-keras")
def sigmoid(z):
    """Wrong: Keras' own."""
    return keras.ops.convert_to_numpy(keras.ops.sigmoid(z))


@wrong(loses=["sigmoid-values", "sigmoid-extreme"])
def sigmoid(z):
    """Wrong: the visible answers learnt by heart."""
    return np.array([0.119202922022, 0.5, 0.817574476194] if z.size == 3 else [0, 2e-9, 1, 1])


@wrong(loses=["sigmoid-values"], diagnosis="argument-changed")
def sigmoid(z):
    """Wrong: works on the caller's array."""
    z /= 2
    return 0.5 * (1 + np.tanh(z))


# Task 2: activation_prime


@right
def activation_prime(z, kind):
    """Right: a dictionary of functions, σ′ from tanh."""
    slopes = {
        "sigmoid": lambda v: (1 - np.tanh(v / 2) ** 2) / 4,
        "tanh": lambda v: 1 / np.cosh(v) ** 2,
        "relu": lambda v: np.heaviside(v, 0.0),
    }
    return slopes[kind](z)


@right
def activation_prime(z, kind):
    """Right: element by element, a nested helper."""

    def one(v):
        if kind == "sigmoid":
            return np.exp(-v) / (1 + np.exp(-v)) ** 2
        elif kind == "tanh":
            return 1 - np.tanh(v) * np.tanh(v)
        return 1 if v > 0 else 0

    out = np.zeros(z.shape)
    for index in np.ndindex(z.shape):
        out[index] = one(z[index])
    return out


@right
def activation_prime(z, kind):
    """Right: TensorFlow's arithmetic; a tensor comes back."""
    z = tf.constant(z)
    if kind == "sigmoid":
        a = tf.sigmoid(z)
        return a * (1 - a)
    if kind == "tanh":
        return 1 - tf.square(tf.tanh(z))
    return tf.cast(z > 0, tf.float64)


@right
def activation_prime(z, kind):
    """Right: booleans for ReLU, the notes' form for the others, lists."""
    match kind:
        case "relu":
            return (z > 0).tolist()
        case "tanh":
            t = (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
            return ((1 - t) * (1 + t)).tolist()
        case _:
            return (sigma(z) * sigma(-z)).tolist()


@wrong(loses=["activation_prime-sigmoid"], diagnosis="slope-from-z")
def activation_prime(z, kind):
    """Wrong: σ′ with one factor of z."""
    if kind == "sigmoid":
        return sigma(z) * (1 - z)
    return 1 - np.tanh(z) ** 2 if kind == "tanh" else np.where(z > 0, 1.0, 0.0)


@wrong(
    loses=["activation_prime-sigmoid", "activation_prime-tanh"],
    diagnosis="slope-from-z",
)
def activation_prime(z, kind):
    """Wrong: both rules with z where the activation belongs."""
    if kind == "sigmoid":
        return z * (1 - z)
    return 1 - z**2 if kind == "tanh" else np.where(z > 0, 1.0, 0.0)


@wrong(loses=["activation_prime-sigmoid"], diagnosis="sigma-twice")
def activation_prime(z, kind):
    """Wrong: σ′ at the activation."""
    a = sigma(sigma(z))
    if kind == "sigmoid":
        return a * (1 - a)
    return 1 - np.tanh(z) ** 2 if kind == "tanh" else np.where(z > 0, 1.0, 0.0)


@wrong(loses=["activation_prime-sigmoid"], diagnosis="sign")
def activation_prime(z, kind):
    """Wrong: the minus of the exponent left in σ′."""
    if kind == "sigmoid":
        return -np.exp(-z) / (1 + np.exp(-z)) ** 2
    return 1 - np.tanh(z) ** 2 if kind == "tanh" else np.where(z > 0, 1.0, 0.0)


@wrong(loses=["activation_prime-sigmoid"], diagnosis="one-minus-forgotten")
def activation_prime(z, kind):
    """Wrong: σ² in the place of σ (1 − σ)."""
    if kind == "sigmoid":
        return sigma(z) ** 2
    return 1 - np.tanh(z) ** 2 if kind == "tanh" else np.where(z > 0, 1.0, 0.0)


@wrong(loses=["activation_prime-tanh"], diagnosis="tanh-not-squared")
def activation_prime(z, kind):
    """Wrong: 1 − tanh."""
    if kind == "tanh":
        return 1 - np.tanh(z)
    return sigma(z) * (1 - sigma(z)) if kind == "sigmoid" else np.where(z > 0, 1.0, 0.0)


@wrong(loses=["activation_prime-tanh"], diagnosis="sigmoid-rule-for-tanh")
def activation_prime(z, kind):
    """Wrong: the sigmoid's rule for tanh."""
    if kind == "relu":
        return np.where(z > 0, 1.0, 0.0)
    a = sigma(z) if kind == "sigmoid" else np.tanh(z)
    return a * (1 - a)


@wrong(loses=["activation_prime-relu"], diagnosis="relu-slope-negative")
def activation_prime(z, kind):
    """Wrong: −1 left of ReLU's kink."""
    if kind == "relu":
        return np.sign(z)
    return sigma(z) * (1 - sigma(z)) if kind == "sigmoid" else 1 - np.tanh(z) ** 2


@wrong(loses=["activation_prime-relu"], diagnosis="at-zero")
def activation_prime(z, kind):
    """Wrong: slope 1 at ReLU's kink."""
    if kind == "relu":
        return np.where(z >= 0, 1.0, 0.0)
    return sigma(z) * (1 - sigma(z)) if kind == "sigmoid" else 1 - np.tanh(z) ** 2


@wrong(loses=["activation_prime-relu"], diagnosis="function-not-slope")
def activation_prime(z, kind):
    """Wrong: ReLU itself."""
    if kind == "relu":
        return np.maximum(z, 0)
    return sigma(z) * (1 - sigma(z)) if kind == "sigmoid" else 1 - np.tanh(z) ** 2


@wrong(loses=["activation_prime-tanh", "activation_prime-relu"], diagnosis="kind-ignored")
def activation_prime(z, kind):
    """Wrong: the kind is not looked at."""
    return sigma(z) * (1 - sigma(z))


@wrong(
    loses=["activation_prime-sigmoid", "activation_prime-tanh", "activation_prime-relu"],
    diagnosis="uses-autodiff",
)
def activation_prime(z, kind):
    """Wrong: lets the tape do it."""
    z = tf.constant(z)
    with tf.GradientTape() as tape:
        tape.watch(z)
        a = {"sigmoid": tf.sigmoid, "tanh": tf.tanh, "relu": tf.nn.relu}[kind](z)
    return tape.gradient(a, z)


@wrong(
    loses=["activation_prime-sigmoid", "activation_prime-tanh", "activation_prime-relu"],
)
def activation_prime(z, kind):
    """Wrong: finite differences in the place of the formulas."""
    g = {"sigmoid": sigma, "tanh": np.tanh, "relu": lambda v: np.maximum(v, 0)}[kind]
    return (g(z + 1e-4) - g(z - 1e-4)) / 2e-4


# Task 3: small_move


@right
def small_move(x, w, b, dw, db):
    """Right: the move of z times the slope."""
    z = np.dot(w, x) + b
    dz = np.dot(dw, x) + db
    return np.exp(-z) / (1 + np.exp(-z)) ** 2 * dz


@right
def small_move(x, w, b, dw, db):
    """Right: a loop over the weights."""
    z = b
    for k in range(len(x)):
        z += w[k] * x[k]
    slope = (1 - np.tanh(z / 2) ** 2) / 4
    change = slope * db
    for k in range(len(x)):
        change += slope * x[k] * dw[k]
    return change


@right
def small_move(x, w, b, dw, db):
    """Right: the bias as the weight of an input that is always 1; einsum, an array of one."""
    inputs = np.append(x, 1.0)
    a = sigma(np.einsum("k,k->", inputs, np.append(w, b)))
    return (a * (1 - a) * inputs) @ np.append(dw, db)[:, None]


@right
def small_move(x, w, b, dw, db):
    """Right: TensorFlow's arithmetic."""
    a = tf.sigmoid(tf.tensordot(tf.constant(w), tf.constant(x), 1) + b)
    return a * (1 - a) * (tf.reduce_sum(x * dw) + db)


@wrong(loses=["small_move"], diagnosis="real-change")
def small_move(x, w, b, dw, db):
    """Wrong: the real change in the place of the prediction."""
    return sigma((w + dw) @ x + b + db) - sigma(w @ x + b)


@wrong(loses=["small_move"], diagnosis="bias-forgotten")
def small_move(x, w, b, dw, db):
    """Wrong: the bias stays where it is."""
    a = sigma(w @ x + b)
    return a * (1 - a) * (x @ dw)


@wrong(loses=["small_move"], diagnosis="sigma-prime-missing")
def small_move(x, w, b, dw, db):
    """Wrong: the move of z, not of a."""
    return x @ dw + db


@wrong(loses=["small_move"], diagnosis="input-missing")
def small_move(x, w, b, dw, db):
    """Wrong: every weight has the slope of the bias."""
    a = sigma(w @ x + b)
    return a * (1 - a) * (np.sum(dw) + db)


@wrong(loses=["small_move"], diagnosis="weight-for-input")
def small_move(x, w, b, dw, db):
    """Wrong: ∂z/∂w taken for w."""
    a = sigma(w @ x + b)
    return a * (1 - a) * (w @ dw + db)


@wrong(loses=["small_move"], diagnosis="slope-from-z")
def small_move(x, w, b, dw, db):
    """Wrong: the slope from z."""
    z = w @ x + b
    return sigma(z) * (1 - z) * (x @ dw + db)


@wrong(loses=["small_move"], diagnosis="sigma-not-sigma-prime")
def small_move(x, w, b, dw, db):
    """Wrong: σ in the place of σ′."""
    return sigma(w @ x + b) * (x @ dw + db)


@wrong(loses=["small_move"], diagnosis="not-summed")
def small_move(x, w, b, dw, db):
    """Wrong: one number for each weight, not summed."""
    a = sigma(w @ x + b)
    return a * (1 - a) * x * dw + a * (1 - a) * db


@wrong(loses=["small_move"], diagnosis="slope-after-move")
def small_move(x, w, b, dw, db):
    """Wrong: the slope after the move."""
    a = sigma((w + dw) @ x + b + db)
    return a * (1 - a) * (x @ dw + db)


@wrong(loses=["small_move"], diagnosis="uses-autodiff")
def small_move(x, w, b, dw, db):
    """Wrong: lets the tape find the slopes."""
    w, b = tf.Variable(w), tf.Variable(b, dtype=tf.float64)
    with tf.GradientTape() as tape:
        a = tf.sigmoid(tf.reduce_sum(w * x) + b)
    slopes_w, slope_b = tape.gradient(a, [w, b])
    return tf.reduce_sum(slopes_w * dw) + slope_b * db


# Task 4: steep_prime


@right
def steep_prime(x, lam):
    """Right: from the hyperbolic cosine."""
    return lam / (4 * np.cosh(lam * x / 2) ** 2)


@right
def steep_prime(x, lam):
    """Right: the exponential and the quotient rule."""
    e = np.exp(-lam * x)
    return lam * e / (1 + e) ** 2


@right
def steep_prime(x, lam):
    """Right: element by element, through the reference's own σ."""
    out = np.empty_like(x)
    for index, value in np.ndenumerate(x):
        f = 1 / (1 + np.exp(-lam * value))
        out[index] = lam * f * (1 - f)
    return out


@right
def steep_prime(x, lam):
    """Right: TensorFlow's arithmetic."""
    f = tf.sigmoid(lam * tf.constant(x))
    return lam * (f - f**2)


@wrong(loses=["steep_prime"], diagnosis="missing-lambda")
def steep_prime(x, lam):
    """Wrong: the inner derivative forgotten."""
    f = sigma(lam * x)
    return f * (1 - f)


@wrong(loses=["steep_prime"], diagnosis="lambda-only-in-front")
def steep_prime(x, lam):
    """Wrong: λ in front, and not in the exponent."""
    f = sigma(x)
    return lam * f * (1 - f)


@wrong(loses=["steep_prime"], diagnosis="lambda-ignored")
def steep_prime(x, lam):
    """Wrong: no λ at all."""
    return sigma(x) * (1 - sigma(x))


@wrong(loses=["steep_prime"], diagnosis="lambda-squared")
def steep_prime(x, lam):
    """Wrong: λ twice."""
    f = sigma(lam * x)
    return lam * f * lam * (1 - f)


@wrong(loses=["steep_prime"], diagnosis="divided-by-lambda")
def steep_prime(x, lam):
    """Wrong: divided by λ."""
    f = sigma(lam * x)
    return f * (1 - f) / lam


@wrong(loses=["steep_prime"], diagnosis="sign")
def steep_prime(x, lam):
    """Wrong: the minus of the exponent left in."""
    f = sigma(lam * x)
    return -lam * f * (1 - f)


@wrong(loses=["steep_prime"], diagnosis="argument-changed")
def steep_prime(x, lam):
    """Wrong: works on the caller's array."""
    x *= lam
    f = sigma(x)
    return lam * f * (1 - f)


@wrong(loses=["steep_prime"], diagnosis="slope-from-x")
def steep_prime(x, lam):
    """Wrong: the rule with x in the place of f."""
    return lam * x * (1 - x)


@wrong(loses=["steep_prime"])
def steep_prime(x, lam):
    """Wrong: λ = 4 taken for granted."""
    f = sigma(4 * x)
    return 4 * f * (1 - f)


# Task 5: steepness


@right
def steepness(gap, eps):
    """Right: the logarithm of each by itself."""
    return (np.log(1 - eps) - np.log(eps)) / gap


@right
def steepness(gap, eps):
    """Right: minus the logarithm of the inverse, with math."""
    import math

    return -math.log(eps / (1 - eps)) / gap


@right
def steepness(gap, eps):
    """Right: the inverse of tanh, since σ(z) = ½(1 + tanh(z/2))."""
    return 2 * np.arctanh(1 - 2 * eps) / gap


@right
def steepness(gap, eps):
    """Right: by bisection."""
    low, high = 0.0, 1e6
    for _ in range(100):
        middle = (low + high) / 2
        e = np.exp(-min(middle * gap, 700))
        low, high = (low, middle) if 1 / (1 + e) >= 1 - eps else (middle, high)
    return high


@right
def steepness(gap, eps):
    """Right: a tensor in 32 bits."""
    return tf.math.log(tf.constant((1 - eps) / eps, tf.float32)) / gap


@wrong(loses=["steepness"], diagnosis="log-base-ten")
def steepness(gap, eps):
    """Wrong: the logarithm to base 10."""
    return np.log10((1 - eps) / eps) / gap


@wrong(loses=["steepness"], diagnosis="one-minus-forgotten")
def steepness(gap, eps):
    """Wrong: ε in the place of ε/(1 − ε)."""
    return np.log(1 / eps) / gap


@wrong(loses=["steepness"], diagnosis="sign")
def steepness(gap, eps):
    """Wrong: the quotient upside down."""
    return np.log(eps / (1 - eps)) / gap


@wrong(loses=["steepness"], diagnosis="gap-multiplied")
def steepness(gap, eps):
    """Wrong: times the gap."""
    return np.log((1 - eps) / eps) * gap


@wrong(loses=["steepness"], diagnosis="gap-ignored")
def steepness(gap, eps):
    """Wrong: without the gap."""
    return np.log((1 - eps) / eps)


@wrong(loses=["steepness"], diagnosis="factor-half")
def steepness(gap, eps):
    """Wrong: the gap taken for its whole width."""
    return np.log((1 - eps) / eps) / (2 * gap)


@wrong(loses=["steepness"])
def steepness(gap, eps):
    """Wrong: the visible answer learnt by heart."""
    return 45.951198501346


# Task 6: tanh_to_sigmoid


@right
def tanh_to_sigmoid(W, b, V, c):
    """Right: turned round, with σ(−u) = 1 − σ(u)."""
    return -2 * W, -2 * b, -2 * V, c + V @ np.ones(V.shape[1])


@right
def tanh_to_sigmoid(W, b, V, c):
    """Right: loops for the shift, lists."""
    shifted = list(c)
    for i in range(V.shape[0]):
        for j in range(V.shape[1]):
            shifted[i] -= V[i, j]
    return [(W + W).tolist(), (b + b).tolist(), (V + V).tolist(), shifted]


@right
def tanh_to_sigmoid(W, b, V, c):
    """Right: einsum, in 32 bits."""
    W, b, V, c = (part.astype(np.float32) for part in (W, b, V, c))
    return 2 * W, 2 * b, 2 * V, c - np.einsum("ij->i", V)


@right
def tanh_to_sigmoid(W, b, V, c):
    """Right: tensors, and the shift from V' = 2V."""
    outer = 2.0 * tf.constant(V)
    return 2.0 * tf.constant(W), 2.0 * tf.constant(b), outer, c - tf.reduce_sum(outer, axis=1) / 2


@wrong(loses=["tanh_to_sigmoid"], diagnosis="shift-forgotten")
def tanh_to_sigmoid(W, b, V, c):
    """Wrong: the −1 lost."""
    return 2 * W, 2 * b, 2 * V, c


@wrong(loses=["tanh_to_sigmoid"], diagnosis="shift-not-through-v")
def tanh_to_sigmoid(W, b, V, c):
    """Wrong: the −1 subtracted from c as it is."""
    return 2 * W, 2 * b, 2 * V, c - 1


@wrong(loses=["tanh_to_sigmoid"], diagnosis="shift-sign")
def tanh_to_sigmoid(W, b, V, c):
    """Wrong: the shift added."""
    return 2 * W, 2 * b, 2 * V, c + V.sum(axis=1)


@wrong(loses=["tanh_to_sigmoid"], diagnosis="shift-doubled")
def tanh_to_sigmoid(W, b, V, c):
    """Wrong: the shift from the doubled V."""
    V = 2 * V
    return 2 * W, 2 * b, V, c - V.sum(axis=1)


@wrong(loses=["tanh_to_sigmoid"], diagnosis="inner-2-forgotten")
def tanh_to_sigmoid(W, b, V, c):
    """Wrong: no 2 inside."""
    return W, b, 2 * V, c - V.sum(axis=1)


@wrong(loses=["tanh_to_sigmoid"], diagnosis="outer-2-forgotten")
def tanh_to_sigmoid(W, b, V, c):
    """Wrong: no 2 in front."""
    return 2 * W, 2 * b, V, c - V.sum(axis=1)


@wrong(loses=["tanh_to_sigmoid"], diagnosis="bias-not-doubled")
def tanh_to_sigmoid(W, b, V, c):
    """Wrong: the hidden biases not doubled."""
    return 2 * W, b, 2 * V, c - V.sum(axis=1)


@wrong(loses=["tanh_to_sigmoid"], diagnosis="wrong-direction")
def tanh_to_sigmoid(W, b, V, c):
    """Wrong: from sigmoid to tanh."""
    return W / 2, b / 2, V / 2, c + V.sum(axis=1) / 2


@wrong(loses=["tanh_to_sigmoid"], diagnosis="shift-summed-over-outputs")
def tanh_to_sigmoid(W, b, V, c):
    """Wrong: one shift for all outputs."""
    return 2 * W, 2 * b, 2 * V, c - V.sum()


@wrong(loses=["tanh_to_sigmoid"])
def tanh_to_sigmoid(W, b, V, c):
    """Wrong: only the new W and V come back."""
    return 2 * W, 2 * V


# Task 7: chain_slopes


@right
def chain_slopes(x, weights, biases):
    """Right: all z first, then a cumulative product."""
    zs, a = [], x
    for i in range(len(weights)):
        zs.append(weights[i] * a + biases[i])
        a = 1 / (1 + np.exp(-zs[-1]))
    zs = np.array(zs)
    return np.cumprod(weights / (4 * np.cosh(zs / 2) ** 2))


@right
def chain_slopes(x, weights, biases):
    """Right: by recursion, from the last layer to the first."""

    def run(w, b):
        if len(w) == 0:
            return x, []
        a, slopes = run(w[:-1], b[:-1])
        a = sigma(w[-1] * a + b[-1])
        before = slopes[-1] if slopes else 1.0
        return a, [*slopes, before * w[-1] * a * (1 - a)]

    return run(weights, biases)[1]


@right
def chain_slopes(x, weights, biases):
    """Right: TensorFlow's arithmetic."""
    a, slope, slopes = tf.constant(x, tf.float64), tf.constant(1.0, tf.float64), []
    for w, b in zip(weights, biases):
        a = tf.sigmoid(w * a + b)
        slope = slope * w * a * (1 - a)
        slopes.append(slope)
    return tf.stack(slopes)


@right
def chain_slopes(x, weights, biases):
    """Right: a class that carries the value and its slope."""

    class Dual:
        def __init__(self, value, slope):
            self.value, self.slope = value, slope

        def layer(self, w, b):
            a = 1 / (1 + np.exp(-(w * self.value + b)))
            return Dual(a, a * (1 - a) * w * self.slope)

    out, dual = np.zeros(len(weights)), Dual(x, 1)
    for i, (w, b) in enumerate(zip(weights, biases)):
        dual = dual.layer(w, b)
        out[i] = dual.slope
    return out


@wrong(loses=["chain_slopes"], diagnosis="weights-forgotten")
def chain_slopes(x, weights, biases):
    """Wrong: the product of the σ′ only."""
    a, slope, slopes = x, 1.0, []
    for w, b in zip(weights, biases):
        a = sigma(w * a + b)
        slope *= a * (1 - a)
        slopes.append(slope)
    return np.array(slopes)


@wrong(loses=["chain_slopes"], diagnosis="sigma-prime-missing")
def chain_slopes(x, weights, biases):
    """Wrong: the product of the weights only."""
    return np.cumprod(weights)


@wrong(loses=["chain_slopes"], diagnosis="not-multiplied")
def chain_slopes(x, weights, biases):
    """Wrong: each layer's own slope."""
    a, slopes = x, []
    for w, b in zip(weights, biases):
        a = sigma(w * a + b)
        slopes.append(w * a * (1 - a))
    return np.array(slopes)


@wrong(loses=["chain_slopes"], diagnosis="added-not-multiplied")
def chain_slopes(x, weights, biases):
    """Wrong: the slopes are added."""
    a, slopes = x, []
    for w, b in zip(weights, biases):
        a = sigma(w * a + b)
        slopes.append(w * a * (1 - a))
    return np.cumsum(slopes)


@wrong(loses=["chain_slopes"], diagnosis="sigma-twice")
def chain_slopes(x, weights, biases):
    """Wrong: σ′ at the activation."""
    a, slope, slopes = x, 1.0, []
    for w, b in zip(weights, biases):
        a = sigma(w * a + b)
        slope *= w * sigma(a) * (1 - sigma(a))
        slopes.append(slope)
    return np.array(slopes)


@wrong(loses=["chain_slopes"], diagnosis="input-kept")
def chain_slopes(x, weights, biases):
    """Wrong: every layer reads the input."""
    a = sigma(weights * x + biases)
    return np.cumprod(weights * a * (1 - a))


@wrong(loses=["chain_slopes"], diagnosis="bias-forgotten")
def chain_slopes(x, weights, biases):
    """Wrong: no biases."""
    a, slope, slopes = x, 1.0, []
    for w in weights:
        a = sigma(w * a)
        slope *= w * a * (1 - a)
        slopes.append(slope)
    return np.array(slopes)


@wrong(loses=["chain_slopes"], diagnosis="last-only")
def chain_slopes(x, weights, biases):
    """Wrong: the slope of the last layer alone."""
    a, slope = x, 1.0
    for w, b in zip(weights, biases):
        a = sigma(w * a + b)
        slope *= w * a * (1 - a)
    return slope


@wrong(loses=["chain_slopes"], diagnosis="activation-for-weight")
def chain_slopes(x, weights, biases):
    """Wrong: ∂z/∂w in the place of ∂z/∂a."""
    a, slope, slopes = x, 1.0, []
    for w, b in zip(weights, biases):
        before, a = a, sigma(w * a + b)
        slope *= before * a * (1 - a)
        slopes.append(slope)
    return np.array(slopes)


@wrong(loses=["chain_slopes"], diagnosis="uses-autodiff")
def chain_slopes(x, weights, biases):
    """Wrong: lets the tape do it."""
    x = tf.Variable(x, dtype=tf.float64)
    with tf.GradientTape(persistent=True) as tape:
        a, outputs = x, []
        for w, b in zip(weights, biases):
            a = tf.sigmoid(w * a + b)
            outputs.append(a)
    return tf.stack([tape.gradient(out, x) for out in outputs])


# Task 8: softmax


@right
def softmax(S):
    """Right: row by row, in a loop."""
    rows = []
    for s in S:
        e = np.exp(s - max(s))
        rows.append(e / sum(e))
    return rows


@right
def softmax(S):
    """Right: the logarithm of the sum of exponentials."""
    return np.exp(S - np.logaddexp.reduce(S, axis=1)[:, None])


@right
def softmax(S):
    """Right: transposed inside, with einsum."""
    columns = np.exp(S.T - np.max(S, axis=1))
    return np.einsum("kn,n->nk", columns, 1 / columns.sum(axis=0))


@right
def softmax(S):
    """Right: TensorFlow's arithmetic, in 32 bits."""
    S = tf.constant(S) - tf.reduce_max(S, axis=1, keepdims=True)
    e = tf.exp(tf.cast(S, tf.float32))
    return e / tf.reduce_sum(e, axis=1, keepdims=True)


@right
def softmax(S):
    """Right: from the differences of all pairs of scores, as sigmoids generalise."""
    gaps = S[:, None, :] - S[:, :, None]
    return 1 / np.sum(np.exp(np.minimum(gaps, 700)), axis=2)


@wrong(loses=["softmax-extreme"], diagnosis="overflow")
def softmax(S):
    """Wrong: no shift, so it overflows."""
    e = np.exp(S)
    return e / e.sum(axis=1, keepdims=True)


@wrong(loses=["softmax-extreme"], diagnosis="shift-of-whole-batch")
def softmax(S):
    """Wrong: one shift for the whole batch."""
    e = np.exp(S - S.max())
    return e / e.sum(axis=1, keepdims=True)


@wrong(loses=["softmax-extreme"], diagnosis="shift-of-whole-batch")
def softmax(S):
    """Wrong: shifted by the largest size, whatever its sign."""
    e = np.exp(S - np.abs(S).max())
    return e / e.sum(axis=1, keepdims=True)


@wrong(loses=["softmax-extreme"], diagnosis="overflow")
def softmax(S):
    """Wrong: shifted by the mean."""
    e = np.exp(S - S.mean(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@wrong(loses=["softmax-extreme"], diagnosis="overflow")
def softmax(S):
    """Wrong: the largest score added."""
    e = np.exp(S + S.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@wrong(loses=["softmax-extreme"])
def softmax(S):
    """Wrong: scores cut off in the place of a shift."""
    e = np.exp(np.clip(S, -500, 500))
    return e / e.sum(axis=1, keepdims=True)


@wrong(loses=["softmax-values", "softmax-extreme"], diagnosis="softmax-wrong-axis")
def softmax(S):
    """Wrong: over the examples in the place of the classes."""
    e = np.exp(S - S.max(axis=0))
    return e / e.sum(axis=0)


@wrong(loses=["softmax-values", "softmax-extreme"], diagnosis="softmax-whole-batch")
def softmax(S):
    """Wrong: one sum for the whole batch."""
    e = np.exp(S - S.max())
    return e / e.sum()


@wrong(loses=["softmax-values", "softmax-extreme"], diagnosis="not-normalised")
def softmax(S):
    """Wrong: never divided."""
    return np.exp(S - S.max(axis=1, keepdims=True))


@wrong(loses=["softmax-values", "softmax-extreme"], diagnosis="sigmoid-not-softmax")
def softmax(S):
    """Wrong: the sigmoid of each score."""
    return sigma(S)


@wrong(loses=["softmax-values", "softmax-extreme"])
def softmax(S):
    """Wrong: keepdims forgotten."""
    e = np.exp(S - S.max(axis=1))
    return e / e.sum(axis=1)


@wrong(loses=["softmax-values"], diagnosis="argument-changed")
def softmax(S):
    """Wrong: shifts the caller's scores."""
    S -= S.max(axis=1, keepdims=True)
    return np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)


@wrong(loses=["softmax-values"], diagnosis="uses-tensorflow.nn.softmax")
def softmax(S):
    """Wrong: TensorFlow's own."""
    return tf.nn.softmax(S)


@wrong(loses=["softmax-values"], diagnosis="uses-tensorflow.nn.log_softmax")
def softmax(S):
    """Wrong: TensorFlow's own logarithm, by its other name."""
    return tf.exp(tf.math.log_softmax(S))


# Task 9: softmax_jacobian


@right
def softmax_jacobian(p):
    """Right: two loops and the two cases."""
    K = len(p)
    J = np.zeros((K, K))
    for i in range(K):
        for j in range(K):
            J[i, j] = p[i] * (1 - p[i]) if i == j else -p[i] * p[j]
    return J


@right
def softmax_jacobian(p):
    """Right: δ_ij − p_j, and each row times p_i."""
    return p[:, None] * (np.eye(len(p)) - p)


@right
def softmax_jacobian(p):
    """Right: einsum, and the diagonal filled."""
    J = -np.einsum("i,j->ij", p, p)
    J[np.diag_indices(len(p))] += p
    return J


@right
def softmax_jacobian(p):
    """Right: TensorFlow's arithmetic."""
    p = tf.constant(p)
    return tf.linalg.diag(p) - tf.tensordot(p, p, axes=0)


@right
def softmax_jacobian(p):
    """Right: a column times a row."""
    column = p.reshape(-1, 1)
    return np.diagflat(column) - column @ column.T


@wrong(loses=["softmax_jacobian"], diagnosis="diagonal-only")
def softmax_jacobian(p):
    """Wrong: without the off-diagonal."""
    return np.diag(p * (1 - p))


@wrong(loses=["softmax_jacobian"], diagnosis="diagonal-only")
def softmax_jacobian(p):
    """Wrong: the sigmoid's rule, a vector."""
    return p * (1 - p)


@wrong(loses=["softmax_jacobian"], diagnosis="plus-for-minus")
def softmax_jacobian(p):
    """Wrong: a plus before p pᵀ."""
    return np.diag(p) + np.outer(p, p)


@wrong(loses=["softmax_jacobian"], diagnosis="plus-for-minus")
def softmax_jacobian(p):
    """Wrong: a plus off the diagonal."""
    J = np.outer(p, p)
    np.fill_diagonal(J, p * (1 - p))
    return J


@wrong(loses=["softmax_jacobian"], diagnosis="sign")
def softmax_jacobian(p):
    """Wrong: turned round."""
    return np.outer(p, p) - np.diag(p)


@wrong(loses=["softmax_jacobian"], diagnosis="identity-for-diag-p")
def softmax_jacobian(p):
    """Wrong: the identity in the place of diag(p)."""
    return np.eye(len(p)) - np.outer(p, p)


@wrong(loses=["softmax_jacobian"], diagnosis="row-not-multiplied")
def softmax_jacobian(p):
    """Wrong: δ_ij − p_j without p_i."""
    return np.eye(len(p)) - p


@wrong(loses=["softmax_jacobian"], diagnosis="diagonal-without-p")
def softmax_jacobian(p):
    """Wrong: −p pᵀ alone."""
    return -np.outer(p, p)


@wrong(loses=["softmax_jacobian"], diagnosis="softmax-twice")
def softmax_jacobian(p):
    """Wrong: takes p for scores."""
    q = np.exp(p) / np.exp(p).sum()
    return np.diag(q) - np.outer(q, q)


@wrong(loses=["softmax_jacobian"])
def softmax_jacobian(p):
    """Wrong: an inner product in the place of the outer one."""
    return np.diag(p) - p @ p


@wrong(loses=["softmax_jacobian"], diagnosis="uses-autodiff")
def softmax_jacobian(p):
    """Wrong: lets the tape do it."""
    s = tf.Variable(np.log(p))
    with tf.GradientTape(persistent=True) as tape:
        q = tf.nn.softmax(s)
    return tape.jacobian(q, s, experimental_use_pfor=False)


# Task 10: layer


@right
def layer(X, W, b):
    """Right: neuron by neuron, example by example."""
    A = np.zeros((len(X), len(W)))
    for i in range(len(X)):
        for j in range(len(W)):
            z = sum(W[j, k] * X[i, k] for k in range(X.shape[1])) + b[j]
            A[i, j] = 1 / (1 + np.exp(-z))
    return A


@right
def layer(X, W, b):
    """Right: einsum, in 32 bits."""
    Z = np.einsum("ni,ji->nj", X.astype(np.float32), W.astype(np.float32)) + b.astype(np.float32)
    return 1 / (1 + np.exp(-Z))


@right
def layer(X, W, b):
    """Right: examples as columns inside, the result transposed."""
    Z = W @ X.T + b[:, None]
    return (0.5 * (1 + np.tanh(Z / 2))).T


@right
def layer(X, W, b):
    """Right: the bias as the weight of one more input; TensorFlow's arithmetic."""
    ones = np.ones((len(X), 1))
    Z = tf.matmul(np.hstack([X, ones]), np.column_stack([W, b]), transpose_b=True)
    return tf.sigmoid(Z)


@wrong(loses=["layer"], diagnosis="transposed-weights")
def layer(X, W, b):
    """Wrong: W not transposed, where it fits."""
    return sigma(X @ W + b)


@wrong(loses=["layer"], diagnosis="bias-forgotten")
def layer(X, W, b):
    """Wrong: no biases."""
    return sigma(X @ W.T)


@wrong(loses=["layer"], diagnosis="sigmoid-forgotten")
def layer(X, W, b):
    """Wrong: no sigmoid."""
    return X @ W.T + b


@wrong(loses=["layer"], diagnosis="step-not-sigmoid")
def layer(X, W, b):
    """Wrong: the perceptron's step."""
    return (X @ W.T + b > 0) * 1.0


@wrong(loses=["layer"], diagnosis="transposed")
def layer(X, W, b):
    """Wrong: the examples come back as columns."""
    return sigma(W @ X.T + b[:, None])


@wrong(loses=["layer"])
def layer(X, W, b):
    """Wrong: the biases after the sigmoid."""
    return sigma(X @ W.T) + b


@wrong(loses=["layer"])
def layer(X, W, b):
    """Wrong: only the first example."""
    return sigma(W @ X[0] + b)


@wrong(loses=["layer"], diagnosis="uses-keras")
def layer(X, W, b):
    """Wrong: Keras' sigmoid."""
    return keras.ops.convert_to_numpy(keras.ops.sigmoid(X @ W.T + b))


# Task 11: layer_tf


@right
def layer_tf(X, W, b):
    """Right: σ written out."""
    return 1 / (1 + tf.exp(-(X @ tf.transpose(W) + b)))


@right
def layer_tf(X, W, b):
    """Right: einsum and tanh."""
    return 0.5 * (1 + tf.tanh(tf.einsum("ni,ji->nj", X, W) / 2 + b / 2))


@right
def layer_tf(X, W, b):
    """Right: one neuron after the other, stacked; in 32 bits."""
    X, W, b = (tf.cast(part, tf.float32) for part in (X, W, b))
    columns = [tf.nn.sigmoid(tf.linalg.matvec(X, W[j]) + b[j]) for j in range(W.shape[0])]
    return tf.stack(columns, axis=1)


@right
def layer_tf(X, W, b):
    """Right: a class with the parts as its own."""

    class Layer(tf.Module):
        def __init__(self):
            super().__init__()
            self.kernel, self.bias = tf.Variable(tf.transpose(W)), tf.Variable(b)

        def __call__(self, inputs):
            return tf.math.sigmoid(tf.nn.bias_add(inputs @ self.kernel, self.bias))

    return Layer()(X)


@right
def layer_tf(X, W, b):
    """Right: compiled by tf.function."""

    @tf.function
    def run(inputs):
        return tf.sigmoid(inputs @ tf.transpose(W) + b)

    return run(X)


@wrong(loses=["layer_tf"], diagnosis="transposed-weights")
def layer_tf(X, W, b):
    """Wrong: W not transposed, where it fits."""
    return tf.sigmoid(tf.matmul(X, W) + b)


@wrong(loses=["layer_tf"], diagnosis="bias-forgotten")
def layer_tf(X, W, b):
    """Wrong: no biases."""
    return tf.sigmoid(tf.matmul(X, W, transpose_b=True))


@wrong(loses=["layer_tf"], diagnosis="sigmoid-forgotten")
def layer_tf(X, W, b):
    """Wrong: no sigmoid."""
    return tf.matmul(X, W, transpose_b=True) + b


@wrong(loses=["layer_tf"], diagnosis="not-a-tensor")
def layer_tf(X, W, b):
    """Wrong: NumPy after all."""
    return 1 / (1 + np.exp(-(X.numpy() @ W.numpy().T + b.numpy())))


@wrong(loses=["layer_tf"], diagnosis="uses-keras")
def layer_tf(X, W, b):
    """Wrong: Keras' sigmoid."""
    return keras.activations.sigmoid(tf.matmul(X, W, transpose_b=True) + b)


@wrong(loses=["layer_tf"])
def layer_tf(X, W, b):
    """Wrong: the softmax in the place of the sigmoid."""
    return tf.nn.softmax(tf.matmul(X, W, transpose_b=True) + b)


# Task 12: layer_keras


@right
def layer_keras(W, b):
    """Right: built by a call, in 64 bits."""
    dense = keras.layers.Dense(W.shape[0], activation=keras.activations.sigmoid, dtype="float64")
    dense(np.zeros((1, W.shape[1])))
    dense.set_weights([np.transpose(W), b])
    return dense


@right
def layer_keras(W, b):
    """Right: initializers that hold the values."""
    dense = keras.layers.Dense(
        len(W),
        activation="sigmoid",
        kernel_initializer=lambda shape, dtype=None: keras.ops.cast(W.T, dtype),
        bias_initializer=lambda shape, dtype=None: keras.ops.cast(b, dtype),
    )
    dense.build((None, W.shape[1]))
    return dense


@right
def layer_keras(W, b):
    """Right: a model of one layer, kernel and bias assigned."""
    m, n = W.shape
    model = keras.Sequential([keras.Input((n,)), keras.layers.Dense(m, activation=tf.nn.sigmoid)])
    model.layers[0].kernel.assign(W.T)
    model.layers[0].bias.assign(b)
    return model


@right
def layer_keras(W, b):
    """Right: a functional model, the sigmoid as a layer of its own."""
    inputs = keras.Input((W.shape[1],))
    dense = keras.layers.Dense(W.shape[0])
    model = keras.Model(inputs, keras.layers.Activation("sigmoid")(dense(inputs)))
    dense.set_weights([W.T, b])
    return model


@wrong(loses=["layer_keras"], diagnosis="transposed-weights")
def layer_keras(W, b):
    """Wrong: W not transposed."""
    dense = keras.layers.Dense(len(b), activation="sigmoid")
    dense.build((None, W.shape[1]))
    dense.set_weights([W.reshape(W.shape[1], W.shape[0]), b])
    return dense


@wrong(loses=["layer_keras"], diagnosis="transposed-weights")
def layer_keras(W, b):
    """Wrong: sizes and kernel exchanged."""
    dense = keras.layers.Dense(W.shape[1], activation="sigmoid")
    dense.build((None, W.shape[0]))
    dense.set_weights([W, b])
    return dense


@wrong(loses=["layer_keras"], diagnosis="bias-forgotten")
def layer_keras(W, b):
    """Wrong: a layer without biases."""
    dense = keras.layers.Dense(len(b), activation="sigmoid", use_bias=False)
    dense.build((None, W.shape[1]))
    dense.set_weights([W.T])
    return dense


@wrong(loses=["layer_keras"], diagnosis="sigmoid-forgotten")
def layer_keras(W, b):
    """Wrong: the activation forgotten."""
    dense = keras.layers.Dense(len(b))
    dense.build((None, W.shape[1]))
    dense.set_weights([W.T, b])
    return dense


@wrong(loses=["layer_keras"])
def layer_keras(W, b):
    """Wrong: its random weights left as they are."""
    dense = keras.layers.Dense(len(b), activation="sigmoid")
    dense.build((None, W.shape[1]))
    return dense


@wrong(loses=["layer_keras"])
def layer_keras(W, b):
    """Wrong: softmax in the place of the sigmoid."""
    dense = keras.layers.Dense(len(b), activation="softmax")
    dense.build((None, W.shape[1]))
    dense.set_weights([W.T, b])
    return dense
