"""Other answers to the tasks of 04-gradient-descent, right and wrong, to audit its tests."""

import itertools

import keras
import numpy as np
import tensorflow as tf

from autograder.topics.variants import right, wrong

# Task 1: one_weight


@right
def one_weight(x, y, w):
    """Right: multiplied out."""
    return x * x * w * w - 2 * x * y * w + y * y, 2 * x * x * w - 2 * x * y


@right
def one_weight(x, y, w):
    """Right: the residual the other way round, an array comes back."""
    gap = y - w * x
    return np.array([gap**2, -2 * gap * x])


@right
def one_weight(x, y, w):
    """Right: TensorFlow's arithmetic in 32 bits."""
    s = tf.constant(x, tf.float32) * w - y
    return tf.square(s), 2.0 * s * x


@right
def one_weight(x, y, w):
    """Right: a nested helper, and a list."""

    def residual():
        return x * w - y

    return [residual() * residual(), 2 * x * residual()]


@wrong(loses=["one_weight"], diagnosis="inner-slope-missing")
def one_weight(x, y, w):
    """Wrong: the inner slope x is missing."""
    s = x * w - y
    return s**2, 2 * s


@wrong(loses=["one_weight"], diagnosis="inner-slope-missing")
def one_weight(x, y, w):
    """Wrong: w for the inner slope."""
    s = x * w - y
    return s**2, 2 * s * w


@wrong(loses=["one_weight"], diagnosis="sign")
def one_weight(x, y, w):
    """Wrong: the direction of descent for the slope."""
    s = x * w - y
    return s**2, -2 * s * x


@wrong(loses=["one_weight"], diagnosis="factor-half")
def one_weight(x, y, w):
    """Wrong: the 2 is missing."""
    s = x * w - y
    return s**2, s * x


@wrong(loses=["one_weight"], diagnosis="half-in-cost")
def one_weight(x, y, w):
    """Wrong: the loss with ½."""
    s = x * w - y
    return s**2 / 2, s * x


@wrong(loses=["one_weight"])
def one_weight(x, y, w):
    """Wrong: the loss alone."""
    return (x * w - y) ** 2


@wrong(loses=["one_weight"])
def one_weight(x, y, w):
    """Wrong: the visible answers, hard-coded."""
    return (1.0, -2.0) if x == 1.0 else (6.25, 15.0)


@wrong(loses=["one_weight"], diagnosis="uses-autodiff")
def one_weight(x, y, w):
    """Wrong: lets the tape do it."""
    v = tf.Variable(w, dtype=tf.float64)
    with tf.GradientTape() as tape:
        loss = (x * v - y) ** 2
    return float(loss), float(tape.gradient(loss, v))


@wrong(loses=["one_weight"], diagnosis="swapped")
def one_weight(x, y, w):
    """Wrong: the slope first."""
    s = x * w - y
    return 2 * s * x, s**2


# Task 2: predicted_change


@right
def predicted_change(gradient, eta):
    """Right: the gradient with itself."""
    return -eta * (gradient @ gradient)


@right
def predicted_change(gradient, eta):
    """Right: ∇C · Δv, with the step named."""
    step = -eta * gradient
    return np.dot(gradient, step)


@right
def predicted_change(gradient, eta):
    """Right: a loop over the parameters."""
    change = 0.0
    for slope in gradient:
        change -= eta * slope**2
    return change


@right
def predicted_change(gradient, eta):
    """Right: the norm, squared, in 32 bits."""
    return np.float32(-eta) * np.float32(np.linalg.norm(gradient)) ** 2


@right
def predicted_change(gradient, eta):
    """Right: einsum, one number in an array."""
    return np.array([-eta * np.einsum("i,i->", gradient, gradient)])


@wrong(loses=["predicted_change"], diagnosis="norm-not-squared")
def predicted_change(gradient, eta):
    """Wrong: the magnitude, as the words of notes 000 say."""
    return -eta * np.linalg.norm(gradient)


@wrong(loses=["predicted_change"], diagnosis="sign")
def predicted_change(gradient, eta):
    """Wrong: the sign."""
    return eta * np.sum(gradient**2)


@wrong(loses=["predicted_change"], diagnosis="rate-forgotten")
def predicted_change(gradient, eta):
    """Wrong: no learning rate."""
    return -np.sum(gradient**2)


@wrong(loses=["predicted_change"], diagnosis="rate-squared")
def predicted_change(gradient, eta):
    """Wrong: the square of the whole step."""
    return -np.sum((eta * gradient) ** 2)


@wrong(loses=["predicted_change"], diagnosis="not-summed")
def predicted_change(gradient, eta):
    """Wrong: one number for each parameter."""
    return -eta * gradient**2


@wrong(loses=["predicted_change"], diagnosis="sum-squared")
def predicted_change(gradient, eta):
    """Wrong: the sum is squared, not each slope."""
    return -eta * np.sum(gradient) ** 2


@wrong(loses=["predicted_change"], diagnosis="sum-not-squared")
def predicted_change(gradient, eta):
    """Wrong: nothing is squared."""
    return -eta * np.sum(gradient)


@wrong(loses=["predicted_change"], diagnosis="factor-half")
def predicted_change(gradient, eta):
    """Wrong: a ½ too many."""
    return -0.5 * eta * np.sum(gradient**2)


@wrong(loses=["predicted_change"], diagnosis="norm-not-squared")
def predicted_change(gradient, eta):
    """Wrong: the length of the step."""
    return np.linalg.norm(-eta * gradient)


# Task 3: descend


@right
def descend(gradient, start, eta, steps):
    """Right: an array filled row by row."""
    path = np.zeros((steps + 1, len(start)))
    path[0] = start
    for k in range(steps):
        path[k + 1] = path[k] - eta * gradient(path[k])
    return path


@right
def descend(gradient, start, eta, steps):
    """Right: in place, on copies; a list comes back."""
    v = start.copy()
    path = [v.copy()]
    for _ in range(steps):
        v -= eta * np.asarray(gradient(v))
        path.append(v.copy())
    return path


@right
def descend(gradient, start, eta, steps):
    """Right: recursion."""
    if steps == 0:
        return np.array([start])
    before = descend(gradient, start, eta, steps - 1)
    return np.vstack([before, before[-1] - eta * gradient(before[-1])])


@right
def descend(gradient, start, eta, steps):
    """Right: all slopes of a point first, then coordinate by coordinate."""
    path = [list(start)]
    for _ in range(steps):
        here = path[-1]
        slopes = gradient(np.array(here))
        path.append([here[i] - eta * slopes[i] for i in range(len(here))])
    return path


@right
def descend(gradient, start, eta, steps):
    """Right: a tf.Variable and assign_sub, tensors come back."""
    v = tf.Variable(start)
    path = [tf.identity(v)]
    for _ in range(steps):
        v.assign_sub(eta * gradient(v.numpy()))
        path.append(tf.identity(v))
    return tf.stack(path)


@right
def descend(gradient, start, eta, steps):
    """Right: itertools.accumulate."""
    import itertools

    points = itertools.accumulate(
        range(steps), lambda v, _: v - eta * gradient(v), initial=np.array(start)
    )
    return np.stack(list(points))


@wrong(loses=["descend"], diagnosis="ascent")
def descend(gradient, start, eta, steps):
    """Wrong: adds the gradient."""
    path = [start]
    for _ in range(steps):
        path.append(path[-1] + eta * gradient(path[-1]))
    return np.array(path)


@wrong(loses=["descend"], diagnosis="same-array")
def descend(gradient, start, eta, steps):
    """Wrong: changes one array in place, and lists it again and again."""
    v = start
    path = [v]
    for _ in range(steps):
        v -= eta * gradient(v)
        path.append(v)
    return np.array(path)


@wrong(loses=["descend"], diagnosis="start-missing")
def descend(gradient, start, eta, steps):
    """Wrong: the start is not in the path."""
    v, path = start, []
    for _ in range(steps):
        v = v - eta * gradient(v)
        path.append(v)
    return np.array(path)


@wrong(loses=["descend"], diagnosis="one-step-short")
def descend(gradient, start, eta, steps):
    """Wrong: one step too few."""
    path = [start]
    for _ in range(steps - 1):
        path.append(path[-1] - eta * gradient(path[-1]))
    return np.array(path)


@wrong(loses=["descend"], diagnosis="only-the-end")
def descend(gradient, start, eta, steps):
    """Wrong: only the last point comes back."""
    v = start
    for _ in range(steps):
        v = v - eta * gradient(v)
    return v


@wrong(loses=["descend"], diagnosis="frozen-gradient")
def descend(gradient, start, eta, steps):
    """Wrong: the gradient is computed once."""
    slope, path = gradient(start), [start]
    for _ in range(steps):
        path.append(path[-1] - eta * slope)
    return np.array(path)


@wrong(loses=["descend"], diagnosis="unit-steps")
def descend(gradient, start, eta, steps):
    """Wrong: the gradient divided by its length."""
    path = [start]
    for _ in range(steps):
        slope = gradient(path[-1])
        path.append(path[-1] - eta * slope / np.linalg.norm(slope))
    return np.array(path)


@wrong(loses=["descend"], diagnosis="rate-forgotten")
def descend(gradient, start, eta, steps):
    """Wrong: no learning rate."""
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - gradient(path[-1]))
    return np.array(path)


@wrong(loses=["descend"], diagnosis="swept")
def descend(gradient, start, eta, steps):
    """Wrong: each coordinate moves before the next slope is computed."""
    v = start.copy()
    path = [v.copy()]
    for _ in range(steps):
        for i in range(len(v)):
            v[i] -= eta * gradient(v)[i]
        path.append(v.copy())
    return np.array(path)


@wrong(loses=["descend"])
def descend(gradient, start, eta, steps):
    """Wrong: ignores the gradient that it is given, and goes down the valley."""
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - eta * np.array([1.0, 8.0]) * path[-1])
    return np.array(path)


@wrong(loses=["descend"], diagnosis="argument-changed")
def descend(gradient, start, eta, steps):
    """Wrong: a right path, but the start is changed in place."""
    path = [start.copy()]
    for _ in range(steps):
        start -= eta * gradient(start)
        path.append(start.copy())
    return np.array(path)


@wrong(loses=["descend"], diagnosis="one-step-too-many")
def descend(gradient, start, eta, steps):
    """Wrong: steps + 1 steps for steps + 1 points."""
    path = [start]
    for _ in range(steps + 1):
        path.append(path[-1] - eta * gradient(path[-1]))
    return np.array(path)


# Task 4: rate_limit


@right
def rate_limit(curvatures):
    """Right: the smallest of the limits."""
    return np.min(2 / curvatures)


@right
def rate_limit(curvatures):
    """Right: a loop."""
    limit = float("inf")
    for curvature in curvatures:
        if 2 / curvature < limit:
            limit = 2 / curvature
    return limit


@right
def rate_limit(curvatures):
    """Right: sorted first, in TensorFlow's 32 bits."""
    return 2 / tf.sort(tf.cast(curvatures, tf.float32))[-1]


@right
def rate_limit(curvatures):
    """Right: Python's max."""
    return 2.0 / max(list(curvatures))


@wrong(loses=["rate_limit"], diagnosis="flattest-direction")
def rate_limit(curvatures):
    """Wrong: the flattest direction decides."""
    return 2 / np.min(curvatures)


@wrong(loses=["rate_limit"], diagnosis="one-over-lambda")
def rate_limit(curvatures):
    """Wrong: 1/λ."""
    return 1 / np.max(curvatures)


@wrong(loses=["rate_limit"], diagnosis="mean-curvature")
def rate_limit(curvatures):
    """Wrong: the mean curvature, which is right for a single one."""
    return 2 / np.mean(curvatures)


@wrong(loses=["rate_limit"], diagnosis="summed-curvature")
def rate_limit(curvatures):
    """Wrong: the curvatures added."""
    return 2 / np.sum(curvatures)


@wrong(loses=["rate_limit"], diagnosis="one-per-direction")
def rate_limit(curvatures):
    """Wrong: a limit for each direction."""
    return 2 / curvatures


@wrong(loses=["rate_limit"], diagnosis="upside-down")
def rate_limit(curvatures):
    """Wrong: λ/2."""
    return np.max(curvatures) / 2


@wrong(loses=["rate_limit"], diagnosis="order-assumed")
def rate_limit(curvatures):
    """Wrong: takes the last for the largest."""
    return 2 / curvatures[-1]


@wrong(loses=["rate_limit"], diagnosis="order-assumed")
def rate_limit(curvatures):
    """Wrong: takes the first for the largest."""
    return 2 / curvatures[0]


@wrong(loses=["rate_limit"])
def rate_limit(curvatures):
    """Wrong: the visible answers, hard-coded."""
    return 0.5 if len(curvatures) == 1 else 0.25


# Task 5: forward_difference


@right
def forward_difference(cost, x, h):
    """Right: rows of the unit matrix."""
    base = cost(x)
    return np.array([(cost(x + h * e) - base) / h for e in np.eye(len(x))])


@right
def forward_difference(cost, x, h):
    """Right: moves x itself, and puts back the very number."""
    base, slopes = cost(x), []
    for i in range(len(x)):
        kept = x[i]
        x[i] = kept + h
        slopes.append((cost(x) - base) / h)
        x[i] = kept
    return slopes


@right
def forward_difference(cost, x, h):
    """Right: a nested helper, and map."""

    def moved(i):
        y = np.array(x, dtype=float)
        y[i] += h
        return y

    base = cost(x)
    above = np.array(list(map(cost, map(moved, range(x.size)))))
    return (above - base) / h


@right
def forward_difference(cost, x, h):
    """Right: all moved points made at once, tensors come back."""
    base = cost(x)
    points = x[None, :] + h * np.identity(len(x))
    return tf.stack([(cost(point) - base) / h for point in points])


@right
def forward_difference(cost, x, h):
    """Right: a class that measures."""

    class Meter:
        def __init__(self):
            self.base = cost(x)

        def slope(self, i):
            step = np.where(np.arange(len(x)) == i, h, 0.0)
            return (cost(x + step) - self.base) / h

    meter = Meter()
    return np.array([meter.slope(i) for i in range(len(x))])


@wrong(loses=["forward_difference-values", "forward_difference-count"])
def forward_difference(cost, x, h):
    """Wrong: returns the list of costs."""
    return [cost(x + h * e) for e in np.eye(len(x))]


@wrong(loses=["forward_difference-values"], diagnosis="moved-during-sweep")
def forward_difference(cost, x, h):
    """Wrong: coordinates stay moved, so that each slope holds the changes before it."""
    base, moved, slopes = cost(x), x.copy(), []
    for i in range(len(x)):
        moved[i] += h
        slopes.append((cost(moved) - base) / h)
    return np.array(slopes)


@wrong(loses=["forward_difference-values"], diagnosis="moved-during-sweep")
def forward_difference(cost, x, h):
    """Wrong: coordinates stay moved, and the base moves with them."""
    base, moved, slopes = cost(x), x.copy(), []
    for i in range(len(x)):
        moved[i] += h
        now = cost(moved)
        slopes.append((now - base) / h)
        base = now
    return np.array(slopes)


@wrong(loses=["forward_difference-count"], diagnosis="base-each-time")
def forward_difference(cost, x, h):
    """Wrong: the base is evaluated again for each coordinate."""
    return np.array([(cost(x + h * e) - cost(x)) / h for e in np.eye(len(x))])


@wrong(
    loses=["forward_difference-values", "forward_difference-count"],
    diagnosis="centred-not-forward",
)
def forward_difference(cost, x, h):
    """Wrong: the centred difference."""
    return np.array([(cost(x + h * e) - cost(x - h * e)) / (2 * h) for e in np.eye(len(x))])


@wrong(loses=["forward_difference-values"], diagnosis="backward-difference")
def forward_difference(cost, x, h):
    """Wrong: the backward difference."""
    base = cost(x)
    return np.array([(base - cost(x - h * e)) / h for e in np.eye(len(x))])


@wrong(loses=["forward_difference-values"], diagnosis="divided-by-2h")
def forward_difference(cost, x, h):
    """Wrong: divided by 2h."""
    base = cost(x)
    return np.array([(cost(x + h * e) - base) / (2 * h) for e in np.eye(len(x))])


@wrong(loses=["forward_difference-values"], diagnosis="sign")
def forward_difference(cost, x, h):
    """Wrong: the base minus the moved cost."""
    base = cost(x)
    return np.array([(base - cost(x + h * e)) / h for e in np.eye(len(x))])


@wrong(loses=["forward_difference-values"], diagnosis="h-ignored")
def forward_difference(cost, x, h):
    """Wrong: a fixed h, whatever is asked."""
    base = cost(x)
    return np.array([(cost(x + 1e-5 * e) - base) / 1e-5 for e in np.eye(len(x))])


@wrong(loses=["forward_difference-values"], diagnosis="not-divided")
def forward_difference(cost, x, h):
    """Wrong: the change of the cost, not divided."""
    base = cost(x)
    return np.array([cost(x + h * e) - base for e in np.eye(len(x))])


@wrong(loses=["forward_difference-values"], diagnosis="precedence")
def forward_difference(cost, x, h):
    """Wrong: only the second cost is divided."""
    base = cost(x)
    return np.array([cost(x + h * e) - base / h for e in np.eye(len(x))])


# Task 6: centred_difference


@right
def centred_difference(cost, x, h):
    """Right: rows of the unit matrix."""
    return np.array([(cost(x + h * e) - cost(x - h * e)) / (2 * h) for e in np.eye(len(x))])


@right
def centred_difference(cost, x, h):
    """Right: the mean of the forward and the backward difference."""
    base = cost(x)
    ahead = np.array([(cost(x + h * e) - base) / h for e in np.eye(len(x))])
    behind = np.array([(base - cost(x - h * e)) / h for e in np.eye(len(x))])
    return (ahead + behind) / 2


@right
def centred_difference(cost, x, h):
    """Right: moves x itself, and puts back the very number; a list comes back."""
    slopes = []
    for i, kept in enumerate(list(x)):
        x[i] = kept + h
        above = cost(x)
        x[i] = kept - h
        below = cost(x)
        x[i] = kept
        slopes.append((above - below) / h / 2)
    return slopes


@right
def centred_difference(cost, x, h):
    """Right: forward differences with 2h from x − h."""
    slopes = np.empty_like(x)
    for i in range(x.shape[0]):
        low, high = x.copy(), x.copy()
        low[i] = x[i] - h
        high[i] = x[i] + h
        slopes[i] = (cost(high) - cost(low)) / (high[i] - low[i])
    return slopes


@right
def centred_difference(cost, x, h):
    """Right: half the cost's change over h, tensors come back."""
    shifts = h * np.identity(len(x))
    return tf.constant([0.5 * (cost(x + s) - cost(x - s)) / h for s in shifts])


@right
def centred_difference(cost, x, h):
    """Right: moves x itself, and puts it back by adding, up to rounding."""
    slopes = np.zeros(len(x))
    for i in range(len(x)):
        x[i] += h
        above = cost(x)
        x[i] -= 2 * h
        slopes[i] = (above - cost(x)) / (2 * h)
        x[i] += h
    return slopes


@wrong(loses=["centred_difference"], diagnosis="forward-difference")
def centred_difference(cost, x, h):
    """Wrong: the forward difference."""
    base = cost(x)
    return np.array([(cost(x + h * e) - base) / h for e in np.eye(len(x))])


@wrong(loses=["centred_difference"], diagnosis="backward-difference")
def centred_difference(cost, x, h):
    """Wrong: the backward difference."""
    return np.array([(cost(x) - cost(x - h * e)) / h for e in np.eye(len(x))])


@wrong(loses=["centred_difference"], diagnosis="divided-by-h")
def centred_difference(cost, x, h):
    """Wrong: divided by h."""
    return np.array([(cost(x + h * e) - cost(x - h * e)) / h for e in np.eye(len(x))])


@wrong(loses=["centred_difference"], diagnosis="precedence")
def centred_difference(cost, x, h):
    """Wrong: / 2 * h without parentheses."""
    return np.array([(cost(x + h * e) - cost(x - h * e)) / 2 * h for e in np.eye(len(x))])


@wrong(loses=["centred_difference"], diagnosis="forward-over-2h")
def centred_difference(cost, x, h):
    """Wrong: a forward difference divided by 2h."""
    return np.array([(cost(x + h * e) - cost(x)) / (2 * h) for e in np.eye(len(x))])


@wrong(loses=["centred_difference"], diagnosis="half-step")
def centred_difference(cost, x, h):
    """Wrong: x ± h/2."""
    return np.array([(cost(x + h / 2 * e) - cost(x - h / 2 * e)) / h for e in np.eye(len(x))])


@wrong(loses=["centred_difference"], diagnosis="moved-during-sweep")
def centred_difference(cost, x, h):
    """Wrong: each coordinate stays at x − h."""
    moved, slopes = x.copy(), np.zeros(len(x))
    for i in range(len(x)):
        moved[i] += h
        above = cost(moved)
        moved[i] -= 2 * h
        slopes[i] = (above - cost(moved)) / (2 * h)
    return slopes


@wrong(loses=["centred_difference"], diagnosis="all-moved-at-once")
def centred_difference(cost, x, h):
    """Wrong: all coordinates move at once."""
    return (cost(x + h) - cost(x - h)) / (2 * h)


@wrong(loses=["centred_difference"], diagnosis="h-ignored")
def centred_difference(cost, x, h):
    """Wrong: a fixed h, whatever is asked."""
    h = 1e-5
    return np.array([(cost(x + h * e) - cost(x - h * e)) / (2 * h) for e in np.eye(len(x))])


@wrong(loses=["centred_difference"], diagnosis="not-divided")
def centred_difference(cost, x, h):
    """Wrong: the change of the cost, not divided."""
    return np.array([cost(x + h * e) - cost(x - h * e) for e in np.eye(len(x))])


@wrong(loses=["centred_difference"], diagnosis="precedence")
def centred_difference(cost, x, h):
    """Wrong: only the second cost is divided."""
    return np.array([cost(x + h * e) - cost(x - h * e) / (2 * h) for e in np.eye(len(x))])


# Task 7: evaluations


@right
def evaluations(sizes):
    """Right: a loop over layers."""
    count = 1
    for layer in range(1, len(sizes)):
        count += sizes[layer - 1] * sizes[layer]
        count += sizes[layer]
    return count


@right
def evaluations(sizes):
    """Right: weights and biases apart."""
    weights = int(np.dot(sizes[:-1], sizes[1:]))
    biases = sum(sizes[1:])
    return weights + biases + 1


@right
def evaluations(sizes):
    """Right: builds the arrays and counts their elements."""
    arrays = []
    for m, n in itertools.pairwise(sizes):
        arrays += [np.zeros((n, m)), np.zeros(n)]
    return sum(a.size for a in arrays) + 1


@right
def evaluations(sizes):
    """Right: recursion from the front."""
    if len(sizes) < 2:
        return 1
    return (sizes[0] + 1) * sizes[1] + evaluations(sizes[1:])


@wrong(loses=["evaluations"], diagnosis="base-forgotten")
def evaluations(sizes):
    """Wrong: the base evaluation is forgotten."""
    return sum((m + 1) * n for m, n in itertools.pairwise(sizes))


@wrong(loses=["evaluations"], diagnosis="biases-forgotten")
def evaluations(sizes):
    """Wrong: weights only, and the base."""
    return sum(m * n for m, n in itertools.pairwise(sizes)) + 1


@wrong(loses=["evaluations"], diagnosis="biases-forgotten")
def evaluations(sizes):
    """Wrong: weights only."""
    return sum(m * n for m, n in itertools.pairwise(sizes))


@wrong(loses=["evaluations"], diagnosis="input-biases")
def evaluations(sizes):
    """Wrong: biases of the inputs are counted."""
    return sum(m * n for m, n in itertools.pairwise(sizes)) + sum(sizes) + 1


@wrong(loses=["evaluations"], diagnosis="one-bias-per-layer")
def evaluations(sizes):
    """Wrong: one bias for each layer."""
    return sum(m * n + 1 for m, n in itertools.pairwise(sizes)) + 1


@wrong(loses=["evaluations"], diagnosis="base-each-time")
def evaluations(sizes):
    """Wrong: two evaluations for each parameter."""
    return 2 * sum((m + 1) * n for m, n in itertools.pairwise(sizes))


@wrong(loses=["evaluations"])
def evaluations(sizes):
    """Wrong: three layers only."""
    return sizes[0] * sizes[1] + sizes[1] * sizes[2] + sizes[1] + sizes[2] + 1


@wrong(loses=["evaluations"])
def evaluations(sizes):
    """Wrong: the notes' number, hard-coded."""
    return 23861


# Task 8: mean_gradient


@right
def mean_gradient(X, y, w):
    """Right: the mean of each example's gradient."""
    return np.mean((X @ w - y)[:, None] * X, axis=0)


@right
def mean_gradient(X, y, w):
    """Right: a loop over the examples."""
    total = np.zeros(len(w))
    for x_i, y_i in zip(X, y, strict=True):
        total += (x_i @ w - y_i) * x_i
    return total / len(y)


@right
def mean_gradient(X, y, w):
    """Right: einsum."""
    s = np.einsum("ij,j->i", X, w) - y
    return np.einsum("i,ij->j", s, X) / X.shape[0]


@right
def mean_gradient(X, y, w):
    """Right: TensorFlow's arithmetic."""
    s = tf.linalg.matvec(X, w) - y
    return tf.reduce_mean(s[:, None] * X, axis=0)


@right
def mean_gradient(X, y, w):
    """Right: every sum written out, a list comes back."""
    slopes = [0.0] * len(w)
    for x_i, y_i in zip(X.tolist(), y.tolist(), strict=True):
        s = sum(x * v for x, v in zip(x_i, list(w), strict=True)) - y_i
        for k, x in enumerate(x_i):
            slopes[k] += s * x / len(y)
    return slopes


@right
def mean_gradient(X, y, w):
    """Right: columns inside, flattened at the end."""
    s = X.dot(w.reshape(-1, 1)) - y.reshape(-1, 1)
    return (X.T.dot(s) / y.size).ravel()


@wrong(loses=["mean_gradient"], diagnosis="summed-not-averaged")
def mean_gradient(X, y, w):
    """Wrong: the sum for the mean."""
    return X.T @ (X @ w - y)


@wrong(loses=["mean_gradient"], diagnosis="divided-by-inputs")
def mean_gradient(X, y, w):
    """Wrong: divided by the number of inputs."""
    return X.T @ (X @ w - y) / len(w)


@wrong(loses=["mean_gradient"], diagnosis="divided-by-inputs")
def mean_gradient(X, y, w):
    """Wrong: divided by the number of all elements."""
    return X.T @ (X @ w - y) / X.size


@wrong(loses=["mean_gradient"], diagnosis="sign")
def mean_gradient(X, y, w):
    """Wrong: y − Xw."""
    return X.T @ (y - X @ w) / len(X)


@wrong(loses=["mean_gradient"], diagnosis="factor-2")
def mean_gradient(X, y, w):
    """Wrong: the 2 of a cost without ½."""
    return 2 * X.T @ (X @ w - y) / len(X)


@wrong(loses=["mean_gradient"], diagnosis="inputs-forgotten")
def mean_gradient(X, y, w):
    """Wrong: the mean residual alone."""
    return np.mean(X @ w - y)


@wrong(loses=["mean_gradient"], diagnosis="targets-forgotten")
def mean_gradient(X, y, w):
    """Wrong: no targets."""
    return X.T @ (X @ w) / len(X)


@wrong(loses=["mean_gradient"], diagnosis="last-example-only")
def mean_gradient(X, y, w):
    """Wrong: the last example's alone."""
    for x_i, y_i in zip(X, y, strict=True):
        slope = (x_i @ w - y_i) * x_i
    return slope


@wrong(loses=["mean_gradient"], diagnosis="column-not-vector")
def mean_gradient(X, y, w):
    """Wrong: a column comes back."""
    return (X.T @ (X @ w - y) / len(X)).reshape(-1, 1)


@wrong(loses=["mean_gradient"], diagnosis="float32")
def mean_gradient(X, y, w):
    """Wrong: rounded to float32."""
    return (X.T @ (X @ w - y) / len(X)).astype(np.float32)


@wrong(loses=["mean_gradient"], diagnosis="uses-autodiff")
def mean_gradient(X, y, w):
    """Wrong: lets the tape do it."""
    v = tf.Variable(w)
    with tf.GradientTape() as tape:
        cost = tf.reduce_mean((tf.linalg.matvec(X, v) - y) ** 2) / 2
    return tape.gradient(cost, v).numpy()


# Task 9: epoch_batches


@right
def epoch_batches(n, batch_size, epochs, seed):
    """Right: shuffles one array in place, and copies the pieces."""
    rng = np.random.default_rng(seed)
    order = np.arange(n)
    result = []
    for _ in range(epochs):
        rng.shuffle(order)
        result.append([order[k : k + batch_size].copy() for k in range(0, n, batch_size)])
    return result


@right
def epoch_batches(n, batch_size, epochs, seed):
    """Right: Python's own random numbers, lists come back."""
    import random

    dice = random.Random(seed)
    result = []
    for _ in range(epochs):
        order = dice.sample(range(n), n)
        batches = []
        while order:
            batches.append(order[:batch_size])
            order = order[batch_size:]
        result.append(batches)
    return result


@right
def epoch_batches(n, batch_size, epochs, seed):
    """Right: the order of random keys, cut by np.split."""
    rng = np.random.default_rng(seed)
    cuts = np.arange(batch_size, n, batch_size)
    return [np.split(np.argsort(rng.random(n)), cuts) for _ in range(epochs)]


@right
def epoch_batches(n, batch_size, epochs, seed):
    """Right: a new generator for each epoch, with seeds of their own."""
    result = []
    for epoch in range(epochs):
        order = np.random.default_rng([seed, epoch]).permutation(n)
        count = int(np.ceil(n / batch_size))
        result.append([order[k * batch_size : (k + 1) * batch_size] for k in range(count)])
    return result


@right
def epoch_batches(n, batch_size, epochs, seed):
    """Right: NumPy's old global generator, tuples come back."""
    np.random.seed(seed)
    orders = [np.random.permutation(n) for _ in range(epochs)]
    starts = range(0, n, batch_size)
    return tuple(tuple(order[k : min(k + batch_size, n)] for k in starts) for order in orders)


@right
def epoch_batches(n, batch_size, epochs, seed):
    """Right: Fisher and Yates by hand."""
    rng = np.random.default_rng(seed)
    result = []
    for _ in range(epochs):
        order = list(range(n))
        for i in range(n - 1, 0, -1):
            j = int(rng.integers(0, i + 1))
            order[i], order[j] = order[j], order[i]
        result.append([np.array(order[k : k + batch_size]) for k in range(0, n, batch_size)])
    return result


@wrong(loses=["epoch_batches-cover"], diagnosis="last-batch-dropped")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: the last short batch is dropped."""
    rng = np.random.default_rng(seed)
    result = []
    for _ in range(epochs):
        order = rng.permutation(n)
        count = n // batch_size
        result.append([order[k * batch_size : (k + 1) * batch_size] for k in range(count)])
    return result


@wrong(loses=["epoch_batches-cover"], diagnosis="last-batch-filled")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: the last batch is filled up with the first rows."""
    rng = np.random.default_rng(seed)
    result = []
    for _ in range(epochs):
        order = rng.permutation(n)
        filled = np.concatenate([order, order[: -n % batch_size]])
        result.append(list(filled.reshape(-1, batch_size)))
    return result


@wrong(loses=["epoch_batches-shuffle"], diagnosis="not-shuffled")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: no shuffle."""
    rows = np.arange(n)
    return [[rows[k : k + batch_size] for k in range(0, n, batch_size)] for _ in range(epochs)]


@wrong(loses=["epoch_batches-shuffle"], diagnosis="same-order-every-epoch")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: one shuffle, before the first epoch."""
    order = np.random.default_rng(seed).permutation(n)
    return [[order[k : k + batch_size] for k in range(0, n, batch_size)] for _ in range(epochs)]


@wrong(loses=["epoch_batches-shuffle"], diagnosis="same-order-every-epoch")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: the generator is made anew in each epoch."""
    result = []
    for _ in range(epochs):
        order = np.random.default_rng(seed).permutation(n)
        result.append([order[k : k + batch_size] for k in range(0, n, batch_size)])
    return result


@wrong(loses=["epoch_batches-shuffle"], diagnosis="same-order-every-epoch")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: pieces of one array that later epochs shuffle again."""
    rng = np.random.default_rng(seed)
    order, result = np.arange(n), []
    for _ in range(epochs):
        rng.shuffle(order)
        result.append([order[k : k + batch_size] for k in range(0, n, batch_size)])
    return result


@wrong(loses=["epoch_batches-shuffle"], diagnosis="batches-shuffled")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: shuffles the batches, not the examples."""
    rng = np.random.default_rng(seed)
    result = []
    for _ in range(epochs):
        cut = [np.arange(k, min(k + batch_size, n)) for k in range(0, n, batch_size)]
        full = n // batch_size
        order = [*rng.permutation(full), *range(full, len(cut))]
        result.append([cut[k] for k in order])
    return result


@wrong(loses=["epoch_batches-shuffle"], diagnosis="batches-shuffled")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: starts at a random row, and goes round in order."""
    rng = np.random.default_rng(seed)
    result = []
    for _ in range(epochs):
        order = np.roll(np.arange(n), rng.integers(1, n) if n > 1 else 0)
        result.append([order[k : k + batch_size] for k in range(0, n, batch_size)])
    return result


@wrong(loses=["epoch_batches-cover", "epoch_batches-shuffle"], diagnosis="drawn-with-replacement")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: draws each batch afresh, as notes 003 do."""
    rng = np.random.default_rng(seed)
    sizes = [min(batch_size, n - k) for k in range(0, n, batch_size)]
    return [[rng.integers(0, n, size=m) for m in sizes] for _ in range(epochs)]


@wrong(loses=["epoch_batches-cover"], diagnosis="evenly-split")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: as many equal parts as there are full batches."""
    rng = np.random.default_rng(seed)
    return [np.array_split(rng.permutation(n), n // batch_size) for _ in range(epochs)]


@wrong(loses=["epoch_batches-cover"], diagnosis="evenly-split")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: parts of nearly equal size."""
    rng = np.random.default_rng(seed)
    count = -(-n // batch_size)
    return [np.array_split(rng.permutation(n), count) for _ in range(epochs)]


@wrong(loses=["epoch_batches-cover", "epoch_batches-shuffle"], diagnosis="counts-from-one")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: rows count from 1."""
    rng = np.random.default_rng(seed)
    starts = range(0, n, batch_size)
    orders = [rng.permutation(n) + 1 for _ in range(epochs)]
    return [[order[k : k + batch_size] for k in starts] for order in orders]


@wrong(loses=["epoch_batches-cover"], diagnosis="empty-batch")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: an empty batch at the end if the size divides n."""
    rng = np.random.default_rng(seed)
    count = n // batch_size + 1
    result = []
    for _ in range(epochs):
        order = rng.permutation(n)
        result.append([order[k * batch_size : (k + 1) * batch_size] for k in range(count)])
    return result


@wrong(loses=["epoch_batches-shuffle"], diagnosis="seed-ignored")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: no seed."""
    rng = np.random.default_rng()
    starts = range(0, n, batch_size)
    orders = [rng.permutation(n) for _ in range(epochs)]
    return [[order[k : k + batch_size] for k in starts] for order in orders]


@wrong(loses=["epoch_batches-shuffle"], diagnosis="seed-ignored")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: always the same seed."""
    rng = np.random.default_rng(0)
    starts = range(0, n, batch_size)
    orders = [rng.permutation(n) for _ in range(epochs)]
    return [[order[k : k + batch_size] for k in starts] for order in orders]


@wrong(loses=["epoch_batches-shuffle"], diagnosis="shuffled-within-batches")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: shuffles within the batches only."""
    rng = np.random.default_rng(seed)
    rows, starts = np.arange(n), range(0, n, batch_size)
    return [[rng.permutation(rows[k : k + batch_size]) for k in starts] for _ in range(epochs)]


@wrong(loses=["epoch_batches-cover", "epoch_batches-shuffle"], diagnosis="not-nested")
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: all batches in one list."""
    rng = np.random.default_rng(seed)
    batches = []
    for _ in range(epochs):
        order = rng.permutation(n)
        batches += [order[k : k + batch_size] for k in range(0, n, batch_size)]
    return batches


@wrong(loses=["epoch_batches-cover"])
def epoch_batches(n, batch_size, epochs, seed):
    """Wrong: row numbers in float64, which are no index."""
    rng = np.random.default_rng(seed)
    result = []
    for _ in range(epochs):
        order, batches = rng.permutation(n), []
        for k in range(0, n, batch_size):
            batches.append(np.append([], order[k : k + batch_size]))
        result.append(batches)
    return result


# Task 10: minibatch_descent


@right
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Right: all batches in one chain, the points stacked."""
    path = [np.array(w)]
    for rows in (rows for epoch in batches for rows in epoch):
        path.append(path[-1] - eta * np.asarray(gradient(X[rows], y[rows], path[-1])))
    return np.stack(path)


@right
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Right: in place on a copy, np.take, a list comes back."""
    v = np.array(w, dtype=float)
    path = [v.tolist()]
    for epoch in batches:
        for rows in epoch:
            v -= eta * gradient(np.take(X, rows, axis=0), np.take(y, rows), v)
            path.append(v.tolist())
    return path


@right
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Right: an array filled row by row."""
    steps = sum(len(epoch) for epoch in batches)
    path = np.empty((steps + 1, len(w)))
    path[0], k = w, 0
    for epoch in batches:
        for rows in epoch:
            path[k + 1] = path[k] - eta * gradient(X[rows, :], y[rows], path[k])
            k += 1
    return path


@right
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Right: a tf.Variable and assign_sub."""
    v = tf.Variable(w)
    path = [v.numpy().copy()]
    for epoch in batches:
        for rows in epoch:
            v.assign_sub(eta * gradient(tf.gather(X, rows).numpy(), y[rows], v.numpy()))
            path.append(v.numpy().copy())
    return tf.constant(path)


@right
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Right: the mean taken example by example, a nested helper."""

    def step(w, rows):
        slopes = [gradient(X[i : i + 1], y[i : i + 1], w) for i in rows]
        return w - eta * np.mean(slopes, axis=0)

    path = [w]
    for epoch in batches:
        for rows in epoch:
            path.append(step(path[-1], [int(i) for i in rows]))
    return np.array(path)


@wrong(loses=["minibatch_descent"], diagnosis="ascent")
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Wrong: adds the gradient."""
    path = [w]
    for epoch in batches:
        for rows in epoch:
            w = w + eta * gradient(X[rows], y[rows], w)
            path.append(w)
    return np.array(path)


@wrong(loses=["minibatch_descent"], diagnosis="labels-not-shuffled")
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Wrong: images shuffled, labels in their first order."""
    path = [w]
    for epoch in batches:
        place = 0
        for rows in epoch:
            targets = y[place : place + len(rows)]
            place += len(rows)
            w = w - eta * gradient(X[rows], targets, w)
            path.append(w)
    return np.array(path)


@wrong(loses=["minibatch_descent"], diagnosis="labels-not-shuffled")
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Wrong: every batch gets the first labels."""
    path = [w]
    for epoch in batches:
        for rows in epoch:
            w = w - eta * gradient(X[rows], y[: len(rows)], w)
            path.append(w)
    return np.array(path)


@wrong(loses=["minibatch_descent"], diagnosis="order-ignored")
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Wrong: cuts in the first order, and uses only the sizes of the batches."""
    path = [w]
    for epoch in batches:
        place = 0
        for rows in epoch:
            cut = slice(place, place + len(rows))
            place += len(rows)
            w = w - eta * gradient(X[cut], y[cut], w)
            path.append(w)
    return np.array(path)


@wrong(loses=["minibatch_descent"], diagnosis="last-batch-dropped")
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Wrong: leaves out a short last batch."""
    path = [w]
    for epoch in batches:
        for rows in epoch:
            if len(rows) == len(epoch[0]):
                w = w - eta * gradient(X[rows], y[rows], w)
                path.append(w)
    return np.array(path)


@wrong(loses=["minibatch_descent"], diagnosis="full-batch")
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Wrong: all examples in each step."""
    path = [w]
    for epoch in batches:
        for _ in epoch:
            w = w - eta * gradient(X, y, w)
            path.append(w)
    return np.array(path)


@wrong(loses=["minibatch_descent"], diagnosis="divided-twice")
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Wrong: divides the mean by the batch size."""
    path = [w]
    for epoch in batches:
        for rows in epoch:
            w = w - eta * gradient(X[rows], y[rows], w) / len(rows)
            path.append(w)
    return np.array(path)


@wrong(loses=["minibatch_descent"], diagnosis="one-point-per-epoch")
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Wrong: keeps w once an epoch."""
    path = [w]
    for epoch in batches:
        for rows in epoch:
            w = w - eta * gradient(X[rows], y[rows], w)
        path.append(w)
    return np.array(path)


@wrong(loses=["minibatch_descent"], diagnosis="first-epoch-only")
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Wrong: returns within the loop."""
    path = [w]
    for epoch in batches:
        for rows in epoch:
            w = w - eta * gradient(X[rows], y[rows], w)
            path.append(w)
        return np.array(path)
    return None


@wrong(loses=["minibatch_descent"], diagnosis="start-missing")
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Wrong: the start is not in the path."""
    path = []
    for epoch in batches:
        for rows in epoch:
            w = w - eta * gradient(X[rows], y[rows], w)
            path.append(w)
    return np.array(path)


@wrong(loses=["minibatch_descent"], diagnosis="same-array")
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Wrong: changes one array in place, and lists it again and again."""
    path = [w]
    for epoch in batches:
        for rows in epoch:
            w -= eta * gradient(X[rows], y[rows], w)
            path.append(w)
    return np.array(path)


@wrong(loses=["minibatch_descent"], diagnosis="stale-weights")
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Wrong: all gradients of an epoch at its first w."""
    path = [w]
    for epoch in batches:
        first = w
        for rows in epoch:
            w = w - eta * gradient(X[rows], y[rows], first)
            path.append(w)
    return np.array(path)


# Task 11: tape_descent


@right
def tape_descent(X, y, w, eta, steps, loss):
    """Right: a plain tensor, watched, and a NumPy array comes back."""
    w = tf.constant(w)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            tape.watch(w)
            s = tf.reduce_sum(X * w, axis=1) - y
            cost = tf.reduce_mean(LOSSES[loss](s))
        w = w - eta * tape.gradient(cost, w)
    return w.numpy()


@right
def tape_descent(X, y, w, eta, steps, loss):
    """Right: assign, as in notes 004."""
    X, y = tf.constant(X), tf.constant(y)
    weights = tf.Variable(w)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = tf.reduce_sum(LOSSES[loss](tf.linalg.matvec(X, weights) - y)) / len(X)
        [slope] = tape.gradient(cost, [weights])
        weights.assign(weights - eta * slope)
    return weights.numpy()


@right
def tape_descent(X, y, w, eta, steps, loss):
    """Right: w as a column, flattened at the end."""
    column = tf.Variable(w[:, None])
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = tf.reduce_mean(LOSSES[loss](tf.matmul(X, column) - y[:, None]))
        column.assign_sub(eta * tape.gradient(cost, column))
    return tf.reshape(column, [-1])


@right
def tape_descent(X, y, w, eta, steps, loss):
    """Right: the mean of each example's loss, in a loop; a list comes back."""
    v = tf.Variable(w)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            losses = [
                LOSSES[loss](tf.tensordot(x_i, v, 1) - y_i) for x_i, y_i in zip(X, y, strict=True)
            ]
            cost = tf.add_n(losses) / len(losses)
        v.assign_sub(eta * tape.gradient(cost, v))
    return list(v.numpy())


@right
def tape_descent(X, y, w, eta, steps, loss):
    """Right: everything in 32 bits."""
    X, y = tf.cast(X, tf.float32), tf.cast(y, tf.float32)
    v = tf.Variable(w, dtype=tf.float32)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = tf.math.reduce_mean(LOSSES[loss](tf.linalg.matvec(X, v) - y))
        v.assign_sub(eta * tape.gradient(cost, v))
    return v


@wrong(loses=["tape_descent"], diagnosis="broadcast")
def tape_descent(X, y, w, eta, steps, loss):
    """Wrong: a column of predictions minus a row of targets makes a table."""
    column = tf.Variable(w[:, None])
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = tf.reduce_mean(LOSSES[loss](X @ column - y))
        column.assign_sub(eta * tape.gradient(cost, column))
    return tf.squeeze(column)


@wrong(loses=["tape_descent"], diagnosis="ascent")
def tape_descent(X, y, w, eta, steps, loss):
    """Wrong: assign_add."""
    w = tf.Variable(w)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = tf.reduce_mean(LOSSES[loss](tf.linalg.matvec(X, w) - y))
        w.assign_add(eta * tape.gradient(cost, w))
    return w


@wrong(loses=["tape_descent"], diagnosis="summed-not-averaged")
def tape_descent(X, y, w, eta, steps, loss):
    """Wrong: the sum for the mean."""
    w = tf.Variable(w)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = tf.reduce_sum(LOSSES[loss](tf.linalg.matvec(X, w) - y))
        w.assign_sub(eta * tape.gradient(cost, w))
    return w


@wrong(loses=["tape_descent"], diagnosis="loss-ignored")
def tape_descent(X, y, w, eta, steps, loss):
    """Wrong: always half the square."""
    w = tf.Variable(w)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = tf.reduce_mean((tf.linalg.matvec(X, w) - y) ** 2) / 2
        w.assign_sub(eta * tape.gradient(cost, w))
    return w


@wrong(loses=["tape_descent"], diagnosis="one-step-only")
def tape_descent(X, y, w, eta, steps, loss):
    """Wrong: returns within the loop."""
    w = tf.Variable(w)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = tf.reduce_mean(LOSSES[loss](tf.linalg.matvec(X, w) - y))
        w.assign_sub(eta * tape.gradient(cost, w))
        return w
    return w


@wrong(loses=["tape_descent"], diagnosis="frozen-gradient")
def tape_descent(X, y, w, eta, steps, loss):
    """Wrong: the tape is run once, before the steps."""
    w = tf.Variable(w)
    with tf.GradientTape() as tape:
        cost = tf.reduce_mean(LOSSES[loss](tf.linalg.matvec(X, w) - y))
    slope = tape.gradient(cost, w)
    for _ in range(steps):
        w.assign_sub(eta * slope)
    return w


@wrong(loses=["tape_descent"])
def tape_descent(X, y, w, eta, steps, loss):
    """Wrong: w becomes a plain tensor, which the next tape does not watch."""
    w = tf.Variable(w)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = tf.reduce_mean(LOSSES[loss](tf.linalg.matvec(X, w) - y))
        w = w - eta * tape.gradient(cost, w)
    return w


@wrong(loses=["tape_descent"], diagnosis="no-change")
def tape_descent(X, y, w, eta, steps, loss):
    """Wrong: the start comes back."""
    v = tf.Variable(w)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = tf.reduce_mean(LOSSES[loss](tf.linalg.matvec(X, v) - y))
        v.assign_sub(eta * tape.gradient(cost, v))
    return w


@wrong(loses=["tape_descent"], diagnosis="rate-forgotten")
def tape_descent(X, y, w, eta, steps, loss):
    """Wrong: no learning rate."""
    w = tf.Variable(w)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = tf.reduce_mean(LOSSES[loss](tf.linalg.matvec(X, w) - y))
        w.assign_sub(tape.gradient(cost, w))
    return w


@wrong(loses=["tape_descent"], diagnosis="uses-keras")
def tape_descent(X, y, w, eta, steps, loss):
    """Wrong: lets Keras' optimiser step."""
    v, sgd = tf.Variable(w), keras.optimizers.SGD(eta)
    w = keras.Variable(w, dtype="float64")
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = tf.reduce_mean(LOSSES[loss](tf.linalg.matvec(X, w.value) - y))
        sgd.apply([tape.gradient(cost, w.value)], [w])
    v.assign(w.value)
    return v


# Task 12: keras_model


@right
def keras_model(w, eta):
    """Right: "mse" with half the learning rate."""
    model = keras.Sequential([keras.layers.Dense(1, use_bias=False)])
    model.build((None, len(w)))
    model.layers[0].set_weights([np.array(w)[:, np.newaxis]])
    model.compile(keras.optimizers.SGD(learning_rate=eta / 2), "mse")
    return model


@right
def keras_model(w, eta):
    """Right: "mse" with a loss weight of ½, in float64, by the functional interface."""
    inputs = keras.Input((len(w),), dtype="float64")
    outputs = keras.layers.Dense(1, use_bias=False, dtype="float64")(inputs)
    model = keras.Model(inputs, outputs)
    model.set_weights([w.reshape(len(w), 1)])
    model.compile(optimizer=keras.optimizers.SGD(eta), loss="mse", loss_weights=[0.5])
    return model


@right
def keras_model(w, eta):
    """Right: the kernel by an initialiser, the loss in TensorFlow, one per example."""

    def loss(y_true, y_pred):
        return 0.5 * tf.reduce_sum(tf.square(tf.cast(y_true, y_pred.dtype) - y_pred), axis=-1)

    start = keras.initializers.Constant(np.reshape(w, (len(w), 1)))
    neuron = keras.layers.Dense(1, use_bias=False, kernel_initializer=start)
    model = keras.Sequential([keras.Input((len(w),)), neuron])
    model.compile(keras.optimizers.SGD(eta), loss)
    return model


@right
def keras_model(w, eta):
    """Right: a subclass of Model, run eagerly."""

    class Neuron(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1, use_bias=False)

        def call(self, x):
            return self.dense(x)

    model = Neuron()
    model(np.zeros((1, len(w)), dtype="float32"))
    model.set_weights([np.expand_dims(w, 1)])
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=eta),
        loss=lambda y, p: keras.ops.mean(keras.ops.square(p - y)) / 2,
        run_eagerly=True,
    )
    return model


@right
def keras_model(w, eta):
    """Right: not built before it is called, the kernel by an initialiser."""
    start = keras.initializers.Constant(w[:, None])
    neuron = keras.layers.Dense(1, use_bias=False, kernel_initializer=start)
    model = keras.Sequential([neuron])
    model.compile(keras.optimizers.SGD(eta), lambda y, p: keras.losses.mean_squared_error(y, p) / 2)
    return model


@right
def keras_model(w, eta):
    """Right: the loss in TensorFlow, one number, no cast."""
    model = keras.Sequential([keras.Input(shape=w.shape), keras.layers.Dense(1, use_bias=False)])
    model.layers[-1].kernel.assign(w.reshape(-1, 1))
    model.compile("sgd", loss=lambda y, p: tf.reduce_mean(tf.square(y - p)) / 2)
    model.optimizer.learning_rate = eta
    return model


@wrong(loses=["keras_model"], diagnosis="half-forgotten")
def keras_model(w, eta):
    """Wrong: "mse" without ½."""
    model = keras.Sequential([keras.Input((len(w),)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([w[:, None]])
    model.compile(keras.optimizers.SGD(eta), "mse")
    return model


@wrong(loses=["keras_model"], diagnosis="default-rate")
def keras_model(w, eta):
    """Wrong: the default learning rate."""
    model = keras.Sequential([keras.Input((len(w),)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([w[:, None]])
    model.compile("sgd", lambda y, p: keras.ops.mean((y - p) ** 2) / 2)
    return model


@wrong(loses=["keras_model"], diagnosis="default-rate")
def keras_model(w, eta):
    """Wrong: the default learning rate, and "mse"."""
    model = keras.Sequential([keras.Input((len(w),)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([w[:, None]])
    model.compile("sgd", "mse")
    return model


@wrong(loses=["keras_model"], diagnosis="another-optimiser")
def keras_model(w, eta):
    """Wrong: Adam."""
    model = keras.Sequential([keras.Input((len(w),)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([w[:, None]])
    model.compile(keras.optimizers.Adam(eta), lambda y, p: keras.ops.mean((y - p) ** 2) / 2)
    return model


@wrong(loses=["keras_model"], diagnosis="bias-added")
def keras_model(w, eta):
    """Wrong: a bias as well."""
    model = keras.Sequential([keras.Input((len(w),)), keras.layers.Dense(1)])
    model.set_weights([w[:, None], np.zeros(1)])
    model.compile(keras.optimizers.SGD(eta), lambda y, p: keras.ops.mean((y - p) ** 2) / 2)
    return model


@wrong(loses=["keras_model"], diagnosis="weights-not-set")
def keras_model(w, eta):
    """Wrong: random weights."""
    model = keras.Sequential([keras.Input((len(w),)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.SGD(eta), lambda y, p: keras.ops.mean((y - p) ** 2) / 2)
    return model


@wrong(loses=["keras_model"], diagnosis="weights-not-set")
def keras_model(w, eta):
    """Wrong: a sigmoid on top."""
    neuron = keras.layers.Dense(1, use_bias=False, activation="sigmoid")
    model = keras.Sequential([keras.Input((len(w),)), neuron])
    model.set_weights([w[:, None]])
    model.compile(keras.optimizers.SGD(eta), lambda y, p: keras.ops.mean((y - p) ** 2) / 2)
    return model


@wrong(loses=["keras_model"])
def keras_model(w, eta):
    """Wrong: momentum, which shows from the second step on."""
    model = keras.Sequential([keras.Input((len(w),)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([w[:, None]])
    sgd = keras.optimizers.SGD(eta, momentum=0.9)
    model.compile(sgd, lambda y, p: keras.ops.mean((y - p) ** 2) / 2)
    return model


@wrong(loses=["keras_model"])
def keras_model(w, eta):
    """Wrong: not compiled."""
    model = keras.Sequential([keras.Input((len(w),)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([w[:, None]])
    return model
