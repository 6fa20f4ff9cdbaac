"""Other answers to the tasks of 03-losses, right and wrong, for the audit of its tests."""

import keras
import numpy as np
import tensorflow as tf

from autograder.topics.variants import right, wrong

# Task 1: scores


@right
def scores(X, W, b):
    """Right: columns, transposed at the end."""
    return (W @ X.T + b.reshape(-1, 1)).T


@right
def scores(X, W, b):
    """Right: loops over examples and classes."""
    S = np.zeros((len(X), len(W)))
    for i in range(len(X)):
        for k in range(len(W)):
            S[i, k] = sum(X[i, d] * W[k, d] for d in range(X.shape[1])) + b[k]
    return S


@right
def scores(X, W, b):
    """Right: TensorFlow's arithmetic, a tensor comes back."""
    return tf.matmul(X, W, transpose_b=True) + b


@right
def scores(X, W, b):
    """Right: the bias as one more weight, a list of rows comes back."""
    augmented = np.hstack([W, b[:, None]])
    return [augmented @ np.append(x, 1.0) for x in X]


@wrong(loses=["scores"], diagnosis="bias-forgotten")
def scores(X, W, b):
    """Wrong: no biases."""
    return X @ W.T


@wrong(loses=["scores"], diagnosis="bias-sign")
def scores(X, W, b):
    """Wrong: the biases are subtracted."""
    return X @ W.T - b


@wrong(loses=["scores"], diagnosis="transposed")
def scores(X, W, b):
    """Wrong: a column for each example."""
    return W @ X.T + b[:, None]


@wrong(loses=["scores"], diagnosis="one-example-only")
def scores(X, W, b):
    """Wrong: returns within the loop."""
    for x in X:
        S = W @ x + b
        break
    return S


@wrong(loses=["scores"])
def scores(X, W, b):
    """Wrong: no transpose, which fits only if W is square."""
    return X @ W + b


@wrong(loses=["scores"])
def scores(X, W, b):
    """Wrong: the visible answer, hard-coded."""
    return np.array([[-0.8, 0.4, 0.45], [1.6, 1.0, 2.7]])


@wrong(loses=["scores"], diagnosis="uses-keras")
def scores(X, W, b):
    """Wrong: a Dense layer does it."""
    layer = keras.layers.Dense(len(b), dtype="float64")
    layer.build((None, X.shape[1]))
    layer.set_weights([W.T, b])
    return layer(X)


# Task 2: mse


@right
def mse(predicted, targets):
    """Right: a loop over the examples."""
    total, gradient = 0.0, []
    for p, t in zip(predicted, targets, strict=True):
        total += np.linalg.norm(p - t) ** 2
        gradient.append(2 * (p - t) / len(predicted))
    return total / len(predicted), gradient


@right
def mse(predicted, targets):
    """Right: einsum, and a list comes back."""
    gap = targets - predicted
    n = gap.shape[0]
    return [np.einsum("ik,ik->", gap, gap) / n, -2 / n * gap]


@right
def mse(predicted, targets):
    """Right: TensorFlow's arithmetic, tensors come back."""
    gap = tf.constant(predicted) - targets
    return tf.reduce_mean(tf.reduce_sum(gap**2, axis=1)), 2.0 * gap / len(predicted)


@right
def mse(predicted, targets):
    """Right: the mean over everything, times the number of outputs."""
    gap = predicted - targets
    return np.mean(gap**2) * gap.shape[1], 2 * gap / gap.size * gap.shape[1]


@wrong(loses=["mse"], diagnosis="averaged-over-outputs")
def mse(predicted, targets):
    """Wrong: the mean over the outputs too."""
    gap = predicted - targets
    return np.mean(gap**2), 2 * gap / gap.size


@wrong(loses=["mse"], diagnosis="averaged-over-outputs")
def mse(predicted, targets):
    """Wrong: the loss alone is a mean over the outputs too."""
    gap = predicted - targets
    return np.mean(gap**2), 2 * gap / len(gap)


@wrong(loses=["mse"], diagnosis="factor-2-missing")
def mse(predicted, targets):
    """Wrong: no 2 in the gradient."""
    gap = predicted - targets
    return np.sum(gap**2) / len(gap), gap / len(gap)


@wrong(loses=["mse"], diagnosis="factor-half")
def mse(predicted, targets):
    """Wrong: a ½ in front."""
    gap = predicted - targets
    return np.sum(gap**2) / len(gap) / 2, gap / len(gap)


@wrong(loses=["mse"], diagnosis="sign")
def mse(predicted, targets):
    """Wrong: the direction of descent."""
    gap = targets - predicted
    return np.sum(gap**2) / len(gap), 2 * gap / len(gap)


@wrong(loses=["mse"], diagnosis="summed-not-averaged")
def mse(predicted, targets):
    """Wrong: sums over the examples."""
    gap = predicted - targets
    return np.sum(gap**2), 2 * gap


@wrong(loses=["mse"], diagnosis="summed-not-averaged")
def mse(predicted, targets):
    """Wrong: no 1/N in the gradient."""
    gap = predicted - targets
    return np.sum(gap**2) / len(gap), 2 * gap


@wrong(loses=["mse"], diagnosis="square-root")
def mse(predicted, targets):
    """Wrong: the root of it."""
    gap = predicted - targets
    return np.sqrt(np.sum(gap**2) / len(gap)), 2 * gap / len(gap)


@wrong(loses=["mse"], diagnosis="absolute-not-squared")
def mse(predicted, targets):
    """Wrong: the mean absolute error."""
    gap = predicted - targets
    return np.abs(gap).sum() / len(gap), np.sign(gap) / len(gap)


@wrong(loses=["mse"], diagnosis="uses-autodiff")
def mse(predicted, targets):
    """Wrong: the tape takes the gradient."""
    predicted = tf.Variable(predicted)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.reduce_sum((predicted - targets) ** 2, axis=1))
    return loss, tape.gradient(loss, predicted)


# Task 3: log_sum_exp


@right
def log_sum_exp(S):
    """Right: row by row."""
    return [s.max() + np.log(np.exp(s - s.max()).sum()) for s in S]


@right
def log_sum_exp(S):
    """Right: NumPy's logaddexp."""
    return np.logaddexp.reduce(S, axis=1)


@right
def log_sum_exp(S):
    """Right: TensorFlow's arithmetic."""
    m = tf.reduce_max(S, axis=1, keepdims=True)
    return tf.math.log(tf.reduce_sum(tf.exp(S - m), axis=1)) + m[:, 0]


@right
def log_sum_exp(S):
    """Right: log1p of the others, beside the largest score."""
    ordered = np.sort(S, axis=1)
    last = ordered[:, -1:]
    return (last + np.log1p(np.exp(ordered[:, :-1] - last).sum(axis=1, keepdims=True))).ravel()


@wrong(loses=["log_sum_exp"], diagnosis="overflow")
def log_sum_exp(S):
    """Wrong: as it stands, without taking out the maximum."""
    with np.errstate(all="ignore"):
        return np.log(np.sum(np.exp(S), axis=1))


@wrong(loses=["log_sum_exp"], diagnosis="one-maximum-for-all")
def log_sum_exp(S):
    """Wrong: one maximum for the whole batch."""
    m = S.max()
    with np.errstate(all="ignore"):
        return m + np.log(np.sum(np.exp(S - m), axis=1))


@wrong(loses=["log_sum_exp"], diagnosis="maximum-not-added-back")
def log_sum_exp(S):
    """Wrong: the maximum isn't added back."""
    return np.log(np.sum(np.exp(S - S.max(axis=1, keepdims=True)), axis=1))


@wrong(loses=["log_sum_exp"], diagnosis="wrong-axis")
def log_sum_exp(S):
    """Wrong: down the columns."""
    m = S.max(axis=0)
    return m + np.log(np.sum(np.exp(S - m), axis=0))


@wrong(loses=["log_sum_exp"], diagnosis="summed-over-batch")
def log_sum_exp(S):
    """Wrong: one sum over all rows."""
    return S.max() + np.log(np.sum(np.exp(S - S.max())))


@wrong(loses=["log_sum_exp"], diagnosis="log-base-10")
def log_sum_exp(S):
    """Wrong: base 10."""
    m = S.max(axis=1)
    return (m + np.log(np.sum(np.exp(S - m[:, None]), axis=1))) / np.log(10)


@wrong(loses=["log_sum_exp"], diagnosis="maximum-only")
def log_sum_exp(S):
    """Wrong: the largest score for the whole."""
    return S.max(axis=1)


@wrong(loses=["log_sum_exp"], diagnosis="column-not-vector")
def log_sum_exp(S):
    """Wrong: a column comes back."""
    m = S.max(axis=1, keepdims=True)
    return m + np.log(np.sum(np.exp(S - m), axis=1, keepdims=True))


@wrong(loses=["log_sum_exp"], diagnosis="argument-changed")
def log_sum_exp(S):
    """Wrong: shifts the caller's scores in place."""
    m = S.max(axis=1)
    S -= m[:, None]
    return m + np.log(np.exp(S).sum(axis=1))


@wrong(loses=["log_sum_exp"], diagnosis="uses-tensorflow.reduce_logsumexp")
def log_sum_exp(S):
    """Wrong: TensorFlow's ready-made one."""
    return tf.reduce_logsumexp(S, axis=1)


@wrong(loses=["log_sum_exp"], diagnosis="no-column")
def log_sum_exp(S):
    """Wrong: a flat row of maxima is subtracted from every row."""
    m = S.max(axis=1)
    return m + np.log(np.sum(np.exp(S - m), axis=1))


# Task 4: cross_entropy


@right
def cross_entropy(S, y):
    """Right: by log_sum_exp, where it is written; else by logaddexp."""
    return np.logaddexp.reduce(S, axis=1) - np.take_along_axis(S, y[:, None], axis=1)[:, 0]


@right
def cross_entropy(S, y):
    """Right: example by example, a list comes back."""
    losses = []
    for s, right_class in zip(S, y, strict=True):
        m = max(s)
        losses.append(m + np.log(sum(np.exp(v - m) for v in s)) - s[right_class])
    return losses


@right
def cross_entropy(S, y):
    """Right: one-hot, as notes 003 write it, with the logarithm of the softmax."""
    shifted = S - S.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(np.eye(S.shape[1])[y] * log_p).sum(axis=1)


@right
def cross_entropy(S, y):
    """Right: TensorFlow's arithmetic."""
    shifted = S - tf.reduce_max(S, axis=1, keepdims=True)
    picked = tf.gather(shifted, y, axis=1, batch_dims=1)
    return tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=1)) - picked


@right
def cross_entropy(S, y):
    """Right: a class with a nested helper."""

    class Softmax:
        def __init__(self, row):
            self.row = row - np.max(row)

        def loss(self, k):
            return np.log(np.sum(np.exp(self.row))) - self.row[k]

    return np.array([Softmax(row).loss(k) for row, k in zip(S, y, strict=True)])


@wrong(loses=["cross_entropy", "cross_entropy-stable"], diagnosis="log-base-10")
def cross_entropy(S, y):
    """Wrong: the slide's logarithm to base 10."""
    shifted = S - S.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]
    return losses / np.log(10)


@wrong(loses=["cross_entropy", "cross_entropy-stable"], diagnosis="log-base-2")
def cross_entropy(S, y):
    """Wrong: the logarithm to base 2."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        return -np.log2(p[np.arange(len(y)), y])


@wrong(loses=["cross_entropy", "cross_entropy-stable"], diagnosis="probability-not-log")
def cross_entropy(S, y):
    """Wrong: the share in place of its logarithm."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return p[np.arange(len(y)), y]


@wrong(loses=["cross_entropy", "cross_entropy-stable"], diagnosis="probability-not-log")
def cross_entropy(S, y):
    """Wrong: 1 − p."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return 1 - p[np.arange(len(y)), y]


@wrong(loses=["cross_entropy", "cross_entropy-stable"], diagnosis="wrong-axis")
def cross_entropy(S, y):
    """Wrong: softmax down the columns."""
    shifted = S - S.max(axis=0)
    return (np.log(np.exp(shifted).sum(axis=0)) - shifted)[np.arange(len(y)), y]


@wrong(loses=["cross_entropy", "cross_entropy-stable"], diagnosis="summed-over-batch")
def cross_entropy(S, y):
    """Wrong: softmax over the whole batch."""
    shifted = S - S.max()
    return np.log(np.exp(shifted).sum()) - shifted[np.arange(len(y)), y]


@wrong(loses=["cross_entropy", "cross_entropy-stable"], diagnosis="sign")
def cross_entropy(S, y):
    """Wrong: ln p without the minus."""
    shifted = S - S.max(axis=1, keepdims=True)
    return shifted[np.arange(len(y)), y] - np.log(np.exp(shifted).sum(axis=1))


@wrong(loses=["cross_entropy", "cross_entropy-stable"], diagnosis="mean-already")
def cross_entropy(S, y):
    """Wrong: the mean over the examples."""
    shifted = S - S.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y])


@wrong(loses=["cross_entropy", "cross_entropy-stable"], diagnosis="all-classes")
def cross_entropy(S, y):
    """Wrong: −ln p summed over all classes."""
    shifted = S - S.max(axis=1, keepdims=True)
    return (np.log(np.exp(shifted).sum(axis=1))[:, None] - shifted).sum(axis=1)


@wrong(loses=["cross_entropy", "cross_entropy-stable"], diagnosis="binary-cross-entropy")
def cross_entropy(S, y):
    """Wrong: yes-or-no questions, one for each class."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    hot = np.eye(S.shape[1])[y]
    with np.errstate(all="ignore"):
        return -(hot * np.log(p) + (1 - hot) * np.log(1 - p)).sum(axis=1)


@wrong(loses=["cross_entropy-stable"], diagnosis="overflow")
def cross_entropy(S, y):
    """Wrong: exponentials of the scores as they are."""
    with np.errstate(all="ignore"):
        p = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
        return -np.log(p[np.arange(len(y)), y])


@wrong(loses=["cross_entropy-stable"], diagnosis="log-of-zero")
def cross_entropy(S, y):
    """Wrong: a stable softmax, and then the logarithm of 0."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        return -np.log(p[np.arange(len(y)), y])


@wrong(loses=["cross_entropy-stable"], diagnosis="clipped")
def cross_entropy(S, y):
    """Wrong: the share kept away from 0."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return -np.log(np.maximum(p[np.arange(len(y)), y], 1e-12))


@wrong(loses=["cross_entropy", "cross_entropy-stable"], diagnosis="clipped")
def cross_entropy(S, y):
    """Wrong: something small added to the share."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y] + 1e-7)


@wrong(
    loses=["cross_entropy"],
    diagnosis="uses-tensorflow.nn.sparse_softmax_cross_entropy_with_logits",
)
def cross_entropy(S, y):
    """Wrong: TensorFlow's ready-made loss, which the task rules out."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=S)


@wrong(loses=["cross_entropy", "cross_entropy-stable"])
def cross_entropy(S, y):
    """Wrong: the visible answers, hard-coded."""
    return np.array([2.0403551528, 0.079131778291, 6.156477201664])[: len(y)]


@wrong(loses=["cross_entropy", "cross_entropy-stable"], diagnosis="no-column")
def cross_entropy(S, y):
    """Wrong: a flat row of maxima is subtracted from every row."""
    shifted = S - S.max(axis=1)
    return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]


@wrong(loses=["cross_entropy", "cross_entropy-stable"], diagnosis="every-row")
def cross_entropy(S, y):
    """Wrong: all classes in y are taken from every row."""
    shifted = S - S.max(axis=1, keepdims=True)
    p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        return -np.log(p[:, y])


@wrong(loses=["cross_entropy-stable"], diagnosis="one-maximum-for-all")
def cross_entropy(S, y):
    """Wrong: one maximum for the whole batch."""
    shifted = S - S.max()
    with np.errstate(divide="ignore"):
        return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]


# Task 5: cross_entropy_gradient


@right
def cross_entropy_gradient(S, y):
    """Right: row by row, a list comes back."""
    rows = []
    for s, right_class in zip(S, y, strict=True):
        p = np.exp(s - max(s))
        p = p / sum(p)
        rows.append([p[k] - (1 if k == right_class else 0) for k in range(len(s))])
    return rows


@right
def cross_entropy_gradient(S, y):
    """Right: one-hot from the identity matrix."""
    p = np.exp(S - np.logaddexp.reduce(S, axis=1)[:, None])
    return p - np.eye(S.shape[1])[y]


@right
def cross_entropy_gradient(S, y):
    """Right: TensorFlow's arithmetic, a tensor comes back."""
    S = tf.constant(S)
    return tf.nn.softmax(S) - tf.one_hot(y, S.shape[1], dtype=tf.float64)


@right
def cross_entropy_gradient(S, y):
    """Right: through the Jacobian of the softmax."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    hot = np.eye(S.shape[1])[y]
    jacobian = np.einsum("ij,jk->ijk", p, np.eye(S.shape[1])) - np.einsum("ij,ik->ijk", p, p)
    share = p[np.arange(len(y)), y]
    safe = np.where(share > 0, share, 1)
    return np.where(
        (share > 0)[:, None], -np.einsum("ij,ijk->ik", hot, jacobian) / safe[:, None], p - hot
    )


@wrong(loses=["cross_entropy_gradient"], diagnosis="onehot-missing")
def cross_entropy_gradient(S, y):
    """Wrong: the shares, without subtracting the one-hot."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


@wrong(loses=["cross_entropy_gradient"], diagnosis="sign")
def cross_entropy_gradient(S, y):
    """Wrong: onehot − p, the direction of descent."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    return np.eye(S.shape[1])[y] - p / p.sum(axis=1, keepdims=True)


@wrong(loses=["cross_entropy_gradient"], diagnosis="wrong-axis")
def cross_entropy_gradient(S, y):
    """Wrong: softmax down the columns."""
    p = np.exp(S - S.max(axis=0))
    return p / p.sum(axis=0) - np.eye(S.shape[1])[y]


@wrong(loses=["cross_entropy_gradient"], diagnosis="averaged-not-summed")
def cross_entropy_gradient(S, y):
    """Wrong: divided by the number of examples already."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    return (p - np.eye(S.shape[1])[y]) / len(y)


@wrong(loses=["cross_entropy_gradient"], diagnosis="only-the-right-class")
def cross_entropy_gradient(S, y):
    """Wrong: a slope at the right class only."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    hot = np.eye(S.shape[1])[y]
    return hot * (p - 1)


@wrong(loses=["cross_entropy_gradient"], diagnosis="slope-of-p")
def cross_entropy_gradient(S, y):
    """Wrong: the slope with respect to p, not s."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        return -np.eye(S.shape[1])[y] / p


@wrong(loses=["cross_entropy_gradient"], diagnosis="softmax-slope-only")
def cross_entropy_gradient(S, y):
    """Wrong: p (1 − p)."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    return p * (1 - p)


@wrong(loses=["cross_entropy_gradient"], diagnosis="overflow")
def cross_entropy_gradient(S, y):
    """Wrong: exponentials of the scores as they are."""
    with np.errstate(all="ignore"):
        p = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
    return p - np.eye(S.shape[1])[y]


@wrong(loses=["cross_entropy_gradient"], diagnosis="uses-autodiff")
def cross_entropy_gradient(S, y):
    """Wrong: the tape does it."""
    S = tf.Variable(S)
    with tf.GradientTape() as tape:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=S)
    return tape.gradient(losses, S)


@wrong(loses=["cross_entropy_gradient"], diagnosis="argument-changed")
def cross_entropy_gradient(S, y):
    """Wrong: works on the caller's own scores."""
    S -= S.max(axis=1, keepdims=True)
    np.exp(S, out=S)
    S /= S.sum(axis=1, keepdims=True)
    S[np.arange(len(y)), y] -= 1
    return S


@wrong(loses=["cross_entropy_gradient"], diagnosis="every-row")
def cross_entropy_gradient(S, y):
    """Wrong: 1 is subtracted from all classes in y in every row."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[:, y] -= 1
    return p


@wrong(loses=["cross_entropy_gradient"], diagnosis="no-column")
def cross_entropy_gradient(S, y):
    """Wrong: the sums of the rows divide the columns."""
    p = np.exp(S - S.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1)
    p[np.arange(len(y)), y] -= 1
    return p


@wrong(loses=["cross_entropy_gradient"], diagnosis="overflow")
def cross_entropy_gradient(S, y):
    """Wrong: one maximum for the whole batch."""
    p = np.exp(S - S.max())
    with np.errstate(invalid="ignore"):
        p = p / p.sum(axis=1, keepdims=True)
    return p - np.eye(S.shape[1])[y]


# Task 6: hinge


@right
def hinge(S, y, delta=1.0):
    """Right: loops with a condition."""
    losses = []
    for s, k in zip(S, y, strict=True):
        losses.append(sum(max(0, s[j] - s[k] + delta) for j in range(len(s)) if j != k))
    return losses


@right
def hinge(S, y, delta=1.0):
    """Right: the right class's own Δ is taken off at the end."""
    own = np.take_along_axis(S, y[:, None], axis=1)
    return np.clip(S - own + delta, 0, None).sum(axis=1) - delta


@right
def hinge(S, y, delta=1.0):
    """Right: a mask of the wrong classes."""
    wrong = np.arange(S.shape[1])[None, :] != y[:, None]
    margins = S - S[~wrong][:, None] + delta
    return np.einsum("ik,ik->i", wrong, np.where(margins > 0, margins, 0))


@right
def hinge(S, y, delta=1.0):
    """Right: TensorFlow's arithmetic."""
    hot = tf.one_hot(y, S.shape[1], dtype=tf.float64)
    own = tf.reduce_sum(S * hot, axis=1, keepdims=True)
    return tf.reduce_sum((1 - hot) * tf.nn.relu(S - own + delta), axis=1)


@wrong(loses=["hinge"], diagnosis="delta-forgotten")
def hinge(S, y, delta=1.0):
    """Wrong: no margin."""
    rows = np.arange(len(y))
    return np.maximum(0, S - S[rows, y][:, None]).sum(axis=1)


@wrong(loses=["hinge"], diagnosis="right-class-counted")
def hinge(S, y, delta=1.0):
    """Wrong: the sum has j = y in it."""
    rows = np.arange(len(y))
    return np.maximum(0, S - S[rows, y][:, None] + delta).sum(axis=1)


@wrong(loses=["hinge"], diagnosis="right-class-counted")
def hinge(S, y, delta=1.0):
    """Wrong: takes off 1 for the right class, whatever Δ is."""
    rows = np.arange(len(y))
    return np.maximum(0, S - S[rows, y][:, None] + delta).sum(axis=1) - 1


@wrong(loses=["hinge"], diagnosis="delta-fixed")
def hinge(S, y, delta=1.0):
    """Wrong: always a margin of 1."""
    rows = np.arange(len(y))
    margins = np.maximum(0, S - S[rows, y][:, None] + 1)
    margins[rows, y] = 0
    return margins.sum(axis=1)


@wrong(loses=["hinge"], diagnosis="no-maximum")
def hinge(S, y, delta=1.0):
    """Wrong: no max(0, …)."""
    rows = np.arange(len(y))
    margins = S - S[rows, y][:, None] + delta
    margins[rows, y] = 0
    return margins.sum(axis=1)


@wrong(loses=["hinge"], diagnosis="maximum-after-sum")
def hinge(S, y, delta=1.0):
    """Wrong: max(0, …) around the sum."""
    rows = np.arange(len(y))
    margins = S - S[rows, y][:, None] + delta
    margins[rows, y] = 0
    return np.maximum(0, margins.sum(axis=1))


@wrong(loses=["hinge"], diagnosis="scores-exchanged")
def hinge(S, y, delta=1.0):
    """Wrong: s_y − s_j."""
    rows = np.arange(len(y))
    margins = np.maximum(0, S[rows, y][:, None] - S + delta)
    margins[rows, y] = 0
    return margins.sum(axis=1)


@wrong(loses=["hinge"], diagnosis="largest-only")
def hinge(S, y, delta=1.0):
    """Wrong: the worst class only."""
    rows = np.arange(len(y))
    margins = np.maximum(0, S - S[rows, y][:, None] + delta)
    margins[rows, y] = 0
    return margins.max(axis=1)


@wrong(loses=["hinge"], diagnosis="squared")
def hinge(S, y, delta=1.0):
    """Wrong: the squared hinge."""
    rows = np.arange(len(y))
    margins = np.maximum(0, S - S[rows, y][:, None] + delta)
    margins[rows, y] = 0
    return (margins**2).sum(axis=1)


@wrong(loses=["hinge"], diagnosis="averaged-over-classes")
def hinge(S, y, delta=1.0):
    """Wrong: the mean over the classes."""
    rows = np.arange(len(y))
    margins = np.maximum(0, S - S[rows, y][:, None] + delta)
    margins[rows, y] = 0
    return margins.mean(axis=1)


@wrong(loses=["hinge"], diagnosis="mean-already")
def hinge(S, y, delta=1.0):
    """Wrong: the mean over the examples."""
    rows = np.arange(len(y))
    margins = np.maximum(0, S - S[rows, y][:, None] + delta)
    margins[rows, y] = 0
    return margins.sum() / len(y)


@wrong(loses=["hinge"], diagnosis="delta-forgotten")
def hinge(S, y, delta=1.0):
    """Wrong: the notes' answers, hard-coded."""
    return np.array([2.9, 0.0, 10.9])


@wrong(loses=["hinge"], diagnosis="every-row")
def hinge(S, y, delta=1.0):
    """Wrong: all classes in y are left out of every row."""
    margins = np.maximum(0, S - S[np.arange(len(y)), y][:, None] + delta)
    margins[:, y] = 0
    return margins.sum(axis=1)


@wrong(loses=["hinge"], diagnosis="no-column")
def hinge(S, y, delta=1.0):
    """Wrong: the right scores are a flat row, not a column."""
    rows = np.arange(len(y))
    margins = np.maximum(0, S - S[rows, y] + delta)
    margins[rows, y] = 0
    return margins.sum(axis=1)


# Task 7: hinge_gradient


@right
def hinge_gradient(S, y, delta=1.0):
    """Right: loops."""
    slope = np.zeros_like(S)
    for i in range(len(y)):
        for j in range(S.shape[1]):
            if j != y[i] and S[i, j] - S[i, y[i]] + delta > 0:
                slope[i, j] = 1
                slope[i, y[i]] -= 1
    return slope


@right
def hinge_gradient(S, y, delta=1.0):
    """Right: violations times (one − one-hot) − count times one-hot."""
    hot = np.eye(S.shape[1])[y]
    own = np.sum(S * hot, axis=1, keepdims=True)
    violated = np.where(S - own + delta > 0, 1, 0) * (1 - hot)
    return violated - violated.sum(axis=1, keepdims=True) * hot


@right
def hinge_gradient(S, y, delta=1.0):
    """Right: a list of lists of whole numbers."""

    def row(s, k):
        violated = [int(j != k and s[j] - s[k] + delta > 0) for j in range(len(s))]
        return [-sum(violated) if j == k else violated[j] for j in range(len(s))]

    return [row(s, k) for s, k in zip(S, y, strict=True)]


@right
def hinge_gradient(S, y, delta=1.0):
    """Right: TensorFlow's arithmetic, in 32 bits: the counts are exact."""
    hot = tf.one_hot(y, S.shape[1], dtype=tf.float64)
    own = tf.reduce_sum(S * hot, axis=1, keepdims=True)
    violated = tf.cast(S - own + delta > 0, tf.float32) * (1 - tf.cast(hot, tf.float32))
    return violated - tf.reduce_sum(violated, axis=1, keepdims=True) * tf.cast(hot, tf.float32)


@wrong(loses=["hinge_gradient"], diagnosis="right-class-forgotten")
def hinge_gradient(S, y, delta=1.0):
    """Wrong: nothing at the right class."""
    rows = np.arange(len(y))
    slope = (S - S[rows, y][:, None] + delta > 0).astype(float)
    slope[rows, y] = 0
    return slope


@wrong(loses=["hinge_gradient"], diagnosis="one-not-count")
def hinge_gradient(S, y, delta=1.0):
    """Wrong: −1 at the right class, whenever the loss isn't 0."""
    rows = np.arange(len(y))
    slope = (S - S[rows, y][:, None] + delta > 0).astype(float)
    slope[rows, y] = 0
    slope[rows, y] = -np.sign(slope.sum(axis=1))
    return slope


@wrong(loses=["hinge_gradient"], diagnosis="one-not-count")
def hinge_gradient(S, y, delta=1.0):
    """Wrong: always −1 at the right class."""
    rows = np.arange(len(y))
    slope = (S - S[rows, y][:, None] + delta > 0).astype(float)
    slope[rows, y] = -1
    return slope


@wrong(loses=["hinge_gradient"], diagnosis="sign-at-right-class")
def hinge_gradient(S, y, delta=1.0):
    """Wrong: plus the count at the right class."""
    rows = np.arange(len(y))
    slope = (S - S[rows, y][:, None] + delta > 0).astype(float)
    slope[rows, y] = 0
    slope[rows, y] = slope.sum(axis=1)
    return slope


@wrong(loses=["hinge_gradient"], diagnosis="right-class-counted")
def hinge_gradient(S, y, delta=1.0):
    """Wrong: the right class counts itself."""
    rows = np.arange(len(y))
    slope = (S - S[rows, y][:, None] + delta > 0).astype(float)
    slope[rows, y] = -slope.sum(axis=1)
    return slope


@wrong(loses=["hinge_gradient"], diagnosis="right-class-counted")
def hinge_gradient(S, y, delta=1.0):
    """Wrong: the right class is treated like the others."""
    rows = np.arange(len(y))
    return (S - S[rows, y][:, None] + delta > 0).astype(float)


@wrong(loses=["hinge_gradient"], diagnosis="margins-not-counts")
def hinge_gradient(S, y, delta=1.0):
    """Wrong: the margins instead of 1."""
    rows = np.arange(len(y))
    slope = np.maximum(0, S - S[rows, y][:, None] + delta)
    slope[rows, y] = 0
    slope[rows, y] = -slope.sum(axis=1)
    return slope


@wrong(loses=["hinge_gradient"], diagnosis="delta-forgotten")
def hinge_gradient(S, y, delta=1.0):
    """Wrong: only classes that are in front count as violations."""
    rows = np.arange(len(y))
    slope = (S - S[rows, y][:, None] > 0).astype(float)
    slope[rows, y] = -slope.sum(axis=1)
    return slope


@wrong(loses=["hinge_gradient"], diagnosis="delta-fixed")
def hinge_gradient(S, y, delta=1.0):
    """Wrong: always a margin of 1."""
    rows = np.arange(len(y))
    slope = np.greater(S - S[rows, y][:, None], -1).astype(float)
    slope[rows, y] = 0
    slope[rows, y] = -slope.sum(axis=1)
    return slope


@wrong(loses=["hinge_gradient"], diagnosis="sign")
def hinge_gradient(S, y, delta=1.0):
    """Wrong: the direction of descent."""
    rows = np.arange(len(y))
    slope = (S - S[rows, y][:, None] + delta > 0).astype(float)
    slope[rows, y] = 0
    slope[rows, y] = -slope.sum(axis=1)
    return -slope


@wrong(loses=["hinge_gradient"], diagnosis="averaged-not-summed")
def hinge_gradient(S, y, delta=1.0):
    """Wrong: divided by the number of examples already."""
    rows = np.arange(len(y))
    slope = (S - S[rows, y][:, None] + delta > 0).astype(float)
    slope[rows, y] = 0
    slope[rows, y] = -slope.sum(axis=1)
    return slope / len(y)


@wrong(loses=["hinge_gradient"], diagnosis="uses-autodiff")
def hinge_gradient(S, y, delta=1.0):
    """Wrong: the tape does it."""
    S = tf.Variable(S)
    hot = tf.one_hot(y, S.shape[1], dtype=tf.float64)
    with tf.GradientTape() as tape:
        own = tf.reduce_sum(S * hot, axis=1, keepdims=True)
        loss = tf.reduce_sum((1 - hot) * tf.nn.relu(S - own + delta))
    return tape.gradient(loss, S)


@wrong(loses=["hinge_gradient"], diagnosis="every-row")
def hinge_gradient(S, y, delta=1.0):
    """Wrong: all classes in y are left out of every row."""
    rows = np.arange(len(y))
    slope = (S - S[rows, y][:, None] + delta > 0).astype(float)
    slope[:, y] = 0
    slope[rows, y] = -slope.sum(axis=1)
    return slope


@wrong(loses=["hinge_gradient"], diagnosis="zero-margin-counted")
def hinge_gradient(S, y, delta=1.0):
    """Wrong: a margin of exactly 0 counts as violated."""
    rows = np.arange(len(y))
    slope = (S - S[rows, y][:, None] + delta >= 0).astype(float)
    slope[rows, y] = 0
    slope[rows, y] = -slope.sum(axis=1)
    return slope


# Task 8: full_loss


@right
def full_loss(losses, W, lam):
    """Right: loops."""
    total = 0.0
    for row in W:
        for w in row:
            total += w * w
    return sum(losses) / len(losses) + lam * total


@right
def full_loss(losses, W, lam):
    """Right: the norm, squared."""
    return np.average(losses) + lam * np.linalg.norm(W) ** 2


@right
def full_loss(losses, W, lam):
    """Right: TensorFlow's l2_loss, doubled."""
    return tf.reduce_mean(losses) + 2 * lam * tf.nn.l2_loss(W)


@right
def full_loss(losses, W, lam):
    """Right: an inner product; an array with one number comes back."""
    flat = W.reshape(-1, 1)
    return np.mean(losses) + lam * (flat.T @ flat)


@wrong(loses=["full_loss"], diagnosis="summed-not-averaged")
def full_loss(losses, W, lam):
    """Wrong: the sum of the losses."""
    return np.sum(losses) + lam * np.sum(W**2)


@wrong(loses=["full_loss"], diagnosis="half-in-r")
def full_loss(losses, W, lam):
    """Wrong: a ½ in R."""
    return np.mean(losses) + lam * np.sum(W**2) / 2


@wrong(loses=["full_loss"], diagnosis="half-in-r")
def full_loss(losses, W, lam):
    """Wrong: l2_loss, which has a ½."""
    return tf.reduce_mean(losses) + lam * tf.nn.l2_loss(W)


@wrong(loses=["full_loss"], diagnosis="norm-not-squared")
def full_loss(losses, W, lam):
    """Wrong: the norm, not squared."""
    return np.mean(losses) + lam * np.linalg.norm(W)


@wrong(loses=["full_loss"], diagnosis="absolute-not-squared")
def full_loss(losses, W, lam):
    """Wrong: L1."""
    return np.mean(losses) + lam * np.abs(W).sum()


@wrong(loses=["full_loss"], diagnosis="weights-not-squared")
def full_loss(losses, W, lam):
    """Wrong: the sum of the weights."""
    return np.mean(losses) + lam * np.sum(W)


@wrong(loses=["full_loss"], diagnosis="mean-of-squares")
def full_loss(losses, W, lam):
    """Wrong: the mean of the squares."""
    return np.mean(losses) + lam * np.mean(W**2)


@wrong(loses=["full_loss"], diagnosis="lambda-forgotten")
def full_loss(losses, W, lam):
    """Wrong: no λ, as on the summary slide."""
    return np.mean(losses) + np.sum(W**2)


@wrong(loses=["full_loss"], diagnosis="penalty-divided")
def full_loss(losses, W, lam):
    """Wrong: the penalty is divided by N too."""
    return (np.sum(losses) + lam * np.sum(W**2)) / len(losses)


@wrong(loses=["full_loss"], diagnosis="no-regularisation")
def full_loss(losses, W, lam):
    """Wrong: no penalty."""
    return np.mean(losses)


@wrong(loses=["full_loss"])
def full_loss(losses, W, lam):
    """Wrong: W times its transpose, which is no sum of squares."""
    return np.mean(losses) + lam * np.sum(W @ W.T)


# Task 9: weight_gradients


@right
def weight_gradients(X, dS, W, lam):
    """Right: a loop of outer products."""
    grad_W, grad_b = np.zeros_like(W), np.zeros(len(W))
    for x, ds in zip(X, dS, strict=True):
        grad_W += np.outer(ds, x)
        grad_b += ds
    return grad_W / len(X) + 2 * lam * W, grad_b / len(X)


@right
def weight_gradients(X, dS, W, lam):
    """Right: einsum, a list comes back."""
    n = X.shape[0]
    return [np.einsum("ik,id->kd", dS, X) / n + lam * (W + W), np.einsum("ik->k", dS) / n]


@right
def weight_gradients(X, dS, W, lam):
    """Right: TensorFlow's arithmetic, tensors come back."""
    n = float(len(X))
    return tf.matmul(dS, X, transpose_a=True) / n + 2 * lam * W, tf.reduce_mean(dS, axis=0)


@right
def weight_gradients(X, dS, W, lam):
    """Right: transposed inside, the 1/N taken first."""
    share = dS / len(dS)
    return (X.T @ share).T + 2 * lam * W, np.ones(len(X)) @ share


@wrong(loses=["weight_gradients"], diagnosis="summed-not-averaged")
def weight_gradients(X, dS, W, lam):
    """Wrong: sums over the examples."""
    return dS.T @ X + 2 * lam * W, dS.sum(axis=0)


@wrong(loses=["weight_gradients"], diagnosis="factor-2-missing")
def weight_gradients(X, dS, W, lam):
    """Wrong: λ W for the gradient of λ Σ W²."""
    return dS.T @ X / len(X) + lam * W, dS.mean(axis=0)


@wrong(loses=["weight_gradients"], diagnosis="no-regularisation")
def weight_gradients(X, dS, W, lam):
    """Wrong: no regularisation."""
    return dS.T @ X / len(X), dS.mean(axis=0)


@wrong(loses=["weight_gradients"], diagnosis="lambda-forgotten")
def weight_gradients(X, dS, W, lam):
    """Wrong: 2 W without λ."""
    return dS.T @ X / len(X) + 2 * W, dS.mean(axis=0)


@wrong(loses=["weight_gradients"], diagnosis="penalty-subtracted")
def weight_gradients(X, dS, W, lam):
    """Wrong: weight decay's minus, in the gradient already."""
    return dS.T @ X / len(X) - 2 * lam * W, dS.mean(axis=0)


@wrong(loses=["weight_gradients"], diagnosis="penalty-divided")
def weight_gradients(X, dS, W, lam):
    """Wrong: the penalty is divided by N too."""
    return (dS.T @ X + 2 * lam * W) / len(X), dS.mean(axis=0)


@wrong(loses=["weight_gradients"], diagnosis="transposed")
def weight_gradients(X, dS, W, lam):
    """Wrong: the gradient is shaped like Keras' kernel."""
    return X.T @ dS / len(X) + 2 * lam * W.T, dS.mean(axis=0)


@wrong(loses=["weight_gradients"], diagnosis="wrong-axis")
def weight_gradients(X, dS, W, lam):
    """Wrong: the bias gradient is a mean over the classes."""
    return dS.T @ X / len(X) + 2 * lam * W, dS.mean(axis=1)


@wrong(loses=["weight_gradients"], diagnosis="bias-per-example")
def weight_gradients(X, dS, W, lam):
    """Wrong: the bias gradient has a row for each example."""
    return dS.T @ X / len(X) + 2 * lam * W, dS


@wrong(loses=["weight_gradients"], diagnosis="summed-not-averaged")
def weight_gradients(X, dS, W, lam):
    """Wrong: the bias gradient is a sum."""
    return dS.T @ X / len(X) + 2 * lam * W, dS.sum(axis=0)


# Task 10: tape_gradients


@right
def tape_gradients(X, y, W, b, lam):
    """Right: constants that are watched, and log-sum-exp."""
    X, W, b = tf.constant(X), tf.constant(W), tf.constant(b)
    with tf.GradientTape() as tape:
        tape.watch([W, b])
        S = X @ tf.transpose(W) + b
        picked = tf.gather(S, y, axis=1, batch_dims=1)
        loss = tf.reduce_mean(tf.reduce_logsumexp(S, axis=1) - picked) + lam * tf.reduce_sum(W * W)
    return [loss, *tape.gradient(loss, [W, b])]


@right
def tape_gradients(X, y, W, b, lam):
    """Right: one-hot targets, and l2_loss doubled."""
    hot = np.eye(len(b))[y]
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        S = tf.einsum("id,kd->ik", tf.constant(X), W) + b
        losses = tf.nn.softmax_cross_entropy_with_logits(labels=hot, logits=S)
        loss = tf.reduce_sum(losses) / len(X) + 2 * lam * tf.nn.l2_loss(W)
    gradients = tape.gradient(loss, {"W": W, "b": b})
    return loss.numpy(), gradients["W"].numpy(), gradients["b"].numpy()


@right
def tape_gradients(X, y, W, b, lam):
    """Right: a persistent tape, example by example."""
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape(persistent=True) as tape:
        loss = lam * tf.reduce_sum(W**2)
        for x, k in zip(X, y, strict=True):
            s = tf.linalg.matvec(W, x) + b
            loss += -tf.nn.log_softmax(s)[int(k)] / len(X)
    return loss, tape.gradient(loss, W), tape.gradient(loss, b)


@wrong(loses=["tape_gradients"], diagnosis="half-in-r")
def tape_gradients(X, y, W, b, lam):
    """Wrong: l2_loss, which has a ½."""
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        S = tf.matmul(X, W, transpose_b=True) + b
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=S)
        loss = tf.reduce_mean(losses) + lam * tf.nn.l2_loss(W)
    return loss, *tape.gradient(loss, [W, b])


@wrong(loses=["tape_gradients"], diagnosis="summed-not-averaged")
def tape_gradients(X, y, W, b, lam):
    """Wrong: sums the losses."""
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        S = tf.matmul(X, W, transpose_b=True) + b
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=S)
        loss = tf.reduce_sum(losses) + lam * tf.reduce_sum(W**2)
    return loss, *tape.gradient(loss, [W, b])


@wrong(loses=["tape_gradients"], diagnosis="bias-regularised")
def tape_gradients(X, y, W, b, lam):
    """Wrong: the biases have a price too."""
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        S = tf.matmul(X, W, transpose_b=True) + b
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=S)
        loss = tf.reduce_mean(losses) + lam * (tf.reduce_sum(W**2) + tf.reduce_sum(b**2))
    return loss, *tape.gradient(loss, [W, b])


@wrong(loses=["tape_gradients"], diagnosis="no-regularisation")
def tape_gradients(X, y, W, b, lam):
    """Wrong: no penalty."""
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        S = tf.matmul(X, W, transpose_b=True) + b
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=S)
        loss = tf.reduce_mean(losses)
    return loss, *tape.gradient(loss, [W, b])


@wrong(loses=["tape_gradients"], diagnosis="softmax-twice")
def tape_gradients(X, y, W, b, lam):
    """Wrong: shares in place of logits."""
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        p = tf.nn.softmax(tf.matmul(X, W, transpose_b=True) + b)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=p)
        loss = tf.reduce_mean(losses) + lam * tf.reduce_sum(W**2)
    return loss, *tape.gradient(loss, [W, b])


@wrong(loses=["tape_gradients"], diagnosis="bias-forgotten")
def tape_gradients(X, y, W, b, lam):
    """Wrong: no biases in the scores; their gradient is put in by hand."""
    W, b = tf.Variable(W), tf.zeros(len(b), tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(b)
        S = tf.matmul(X, W, transpose_b=True) + b
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=S)
        loss = tf.reduce_mean(losses) + lam * tf.reduce_sum(W**2)
    return loss, *tape.gradient(loss, [W, b])


@wrong(loses=["tape_gradients"], diagnosis="float32")
def tape_gradients(X, y, W, b, lam):
    """Wrong: in 32 bits."""
    X, W, b = tf.cast(X, tf.float32), tf.Variable(W, dtype=tf.float32), tf.cast(b, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(b)
        S = tf.matmul(X, W, transpose_b=True) + b
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=S)
        loss = tf.reduce_mean(losses) + lam * tf.reduce_sum(W**2)
    return loss, *tape.gradient(loss, [W, b])


@wrong(loses=["tape_gradients"])
def tape_gradients(X, y, W, b, lam):
    """Wrong: constants that nobody watches."""
    W, b = tf.constant(W), tf.constant(b)
    with tf.GradientTape() as tape:
        S = tf.matmul(X, W, transpose_b=True) + b
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=S)
        loss = tf.reduce_mean(losses) + lam * tf.reduce_sum(W**2)
    return loss, *tape.gradient(loss, [W, b])


@wrong(loses=["tape_gradients"], diagnosis="uses-keras")
def tape_gradients(X, y, W, b, lam):
    """Wrong: Keras' loss in a task for raw TensorFlow."""
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        S = tf.matmul(X, W, transpose_b=True) + b
        losses = keras.losses.sparse_categorical_crossentropy(y, S, from_logits=True)
        loss = tf.reduce_mean(losses) + lam * tf.reduce_sum(W**2)
    return loss, *tape.gradient(loss, [W, b])


# Task 11: keras_classifier


@right
def keras_classifier(W, b, lam):
    """Right: initialisers in place of set_weights, linear by name."""
    layer = keras.layers.Dense(
        W.shape[0],
        activation="linear",
        kernel_initializer=keras.initializers.Constant(W.T),
        bias_initializer=keras.initializers.Constant(b),
        kernel_regularizer=keras.regularizers.l2(lam),
    )
    model = keras.Sequential([keras.Input(shape=(W.shape[1],)), layer])
    return model, keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@right
def keras_classifier(W, b, lam):
    """Right: the functional form, compiled, its loss handed on."""
    inputs = keras.Input((W.shape[1],))
    dense = keras.layers.Dense(len(b), kernel_regularizer=keras.regularizers.L2(lam))
    model = keras.Model(inputs, dense(inputs))
    dense.kernel.assign(W.T)
    dense.bias.assign(b)
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model, model.loss


@right
def keras_classifier(W, b, lam):
    """Right: 64 bits, and a penalty written as a function."""
    layer = keras.layers.Dense(
        len(W), kernel_regularizer=lambda k: lam * keras.ops.sum(k**2), dtype="float64"
    )
    model = keras.Sequential([layer])
    model.build((None, W.shape[1]))
    layer.set_weights([np.transpose(W), b])
    return model, keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")


@right
def keras_classifier(W, b, lam):
    """Right: a loss of one's own, out of TensorFlow's; Keras hands it the labels as floats."""
    model = keras.Sequential(
        [
            keras.Input((W.shape[1],)),
            keras.layers.Dense(len(b), kernel_regularizer=keras.regularizers.L2(lam)),
        ]
    )
    model.set_weights([W.T, b])

    def loss(y, S):
        y, S = tf.cast(y, tf.int32), tf.convert_to_tensor(S)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=S))

    return model, loss


@wrong(loses=["keras_classifier"], diagnosis="from-logits-forgotten")
def keras_classifier(W, b, lam):
    """Wrong: the loss isn't told that it gets scores."""
    layer = keras.layers.Dense(len(b), kernel_regularizer=keras.regularizers.L2(lam))
    model = keras.Sequential([keras.Input((W.shape[1],)), layer])
    model.set_weights([W.T, b])
    return model, keras.losses.SparseCategoricalCrossentropy()


@wrong(loses=["keras_classifier"], diagnosis="softmax-in-model")
def keras_classifier(W, b, lam):
    """Wrong: a softmax in the layer."""
    penalty = keras.regularizers.L2(lam)
    layer = keras.layers.Dense(len(b), activation="softmax", kernel_regularizer=penalty)
    model = keras.Sequential([keras.Input((W.shape[1],)), layer])
    model.set_weights([W.T, b])
    return model, keras.losses.SparseCategoricalCrossentropy()


@wrong(loses=["keras_classifier"], diagnosis="transposed")
def keras_classifier(W, b, lam):
    """Wrong: reshaped, not transposed."""
    layer = keras.layers.Dense(len(b), kernel_regularizer=keras.regularizers.L2(lam))
    model = keras.Sequential([keras.Input((W.shape[1],)), layer])
    model.set_weights([W.reshape(W.shape[1], -1), b])
    return model, keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@wrong(loses=["keras_classifier"])
def keras_classifier(W, b, lam):
    """Wrong: no transpose, which Keras refuses unless W is square."""
    layer = keras.layers.Dense(len(b), kernel_regularizer=keras.regularizers.L2(lam))
    model = keras.Sequential([keras.Input((W.shape[1],)), layer])
    model.set_weights([W, b])
    return model, keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@wrong(loses=["keras_classifier"], diagnosis="bias-forgotten")
def keras_classifier(W, b, lam):
    """Wrong: the biases aren't set."""
    layer = keras.layers.Dense(len(b), kernel_regularizer=keras.regularizers.L2(lam))
    model = keras.Sequential([keras.Input((W.shape[1],)), layer])
    layer.kernel.assign(W.T)
    return model, keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@wrong(loses=["keras_classifier"], diagnosis="no-regularisation")
def keras_classifier(W, b, lam):
    """Wrong: no regulariser."""
    model = keras.Sequential([keras.Input((W.shape[1],)), keras.layers.Dense(len(b))])
    model.set_weights([W.T, b])
    return model, keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@wrong(loses=["keras_classifier"], diagnosis="factor-half")
def keras_classifier(W, b, lam):
    """Wrong: half of λ, as if Keras' L2 had no ½ to spare."""
    layer = keras.layers.Dense(len(b), kernel_regularizer=keras.regularizers.L2(lam / 2))
    model = keras.Sequential([keras.Input((W.shape[1],)), layer])
    model.set_weights([W.T, b])
    return model, keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@wrong(loses=["keras_classifier"], diagnosis="bias-regularised")
def keras_classifier(W, b, lam):
    """Wrong: a regulariser for the bias too."""
    penalty = keras.regularizers.L2(lam)
    layer = keras.layers.Dense(len(b), kernel_regularizer=penalty, bias_regularizer=penalty)
    model = keras.Sequential([keras.Input((W.shape[1],)), layer])
    model.set_weights([W.T, b])
    return model, keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@wrong(loses=["keras_classifier"], diagnosis="summed-not-averaged")
def keras_classifier(W, b, lam):
    """Wrong: the losses are summed."""
    layer = keras.layers.Dense(len(b), kernel_regularizer=keras.regularizers.L2(lam))
    model = keras.Sequential([keras.Input((W.shape[1],)), layer])
    model.set_weights([W.T, b])
    return model, keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")


@wrong(loses=["keras_classifier"])
def keras_classifier(W, b, lam):
    """Wrong: the loss for one-hot targets."""
    layer = keras.layers.Dense(len(b), kernel_regularizer=keras.regularizers.L2(lam))
    model = keras.Sequential([keras.Input((W.shape[1],)), layer])
    model.set_weights([W.T, b])
    return model, keras.losses.CategoricalCrossentropy(from_logits=True)


# Task 12: train


@right
def train(X, y, W, b, slope, eta, lam, steps):
    """Right: copies that are changed in place."""
    W, b = W.copy(), b.copy()
    while steps > 0:
        dS = np.asarray(slope(X @ W.T + b, y))
        grad_W = np.einsum("ik,id->kd", dS, X) / len(X) + 2 * lam * W
        grad_b = np.mean(dS, axis=0)
        W -= eta * grad_W
        b -= eta * grad_b
        steps -= 1
    return W, b


@right
def train(X, y, W, b, slope, eta, lam, steps):
    """Right: weight decay in front, and a nested helper."""

    def step(W, b):
        pull = np.asarray(slope(np.dot(X, np.transpose(W)) + b, y)) / X.shape[0]
        return W * (1 - 2 * eta * lam) - eta * np.dot(pull.T, X), b - eta * np.sum(pull, axis=0)

    for _ in range(steps):
        W, b = step(W, b)
    return [W, b]


@right
def train(X, y, W, b, slope, eta, lam, steps):
    """Right: the bias as one more column, not regularised."""
    data = np.hstack([X, np.ones((len(X), 1))])
    weights = np.hstack([W, b[:, None]])
    free = np.ones_like(weights)
    free[:, -1] = 0
    for _ in range(steps):
        dS = slope(data @ weights.T, y)
        weights = weights - eta * (dS.T @ data / len(X) + 2 * lam * free * weights)
    return weights[:, :-1], weights[:, -1]


@right
def train(X, y, W, b, slope, eta, lam, steps):
    """Right: TensorFlow's variables, without its gradients."""
    W, b = tf.Variable(W), tf.Variable(b)
    for _ in range(steps):
        dS = tf.constant(slope((tf.matmul(X, W, transpose_b=True) + b).numpy(), y))
        grad_W = tf.matmul(dS, X, transpose_a=True) / len(X) + 2 * lam * W
        W.assign_sub(eta * grad_W)
        b.assign_sub(eta * tf.reduce_mean(dS, axis=0))
    return W.numpy(), b.numpy()


@wrong(loses=["train"], diagnosis="ascent")
def train(X, y, W, b, slope, eta, lam, steps):
    """Wrong: uphill."""
    for _ in range(steps):
        dS = slope(X @ W.T + b, y)
        grad_W, grad_b = dS.T @ X / len(X) + 2 * lam * W, dS.mean(axis=0)
        W, b = W + eta * grad_W, b + eta * grad_b
    return W, b


@wrong(loses=["train"], diagnosis="bias-not-trained")
def train(X, y, W, b, slope, eta, lam, steps):
    """Wrong: only the weights learn."""
    for _ in range(steps):
        dS = slope(X @ W.T + b, y)
        W = W - eta * (dS.T @ X / len(X) + 2 * lam * W)
    return W, b


@wrong(loses=["train"], diagnosis="summed-not-averaged")
def train(X, y, W, b, slope, eta, lam, steps):
    """Wrong: sums over the examples."""
    for _ in range(steps):
        dS = slope(X @ W.T + b, y)
        W, b = W - eta * (dS.T @ X + 2 * lam * W), b - eta * dS.sum(axis=0)
    return W, b


@wrong(loses=["train"], diagnosis="factor-2-missing")
def train(X, y, W, b, slope, eta, lam, steps):
    """Wrong: λ W."""
    for _ in range(steps):
        dS = slope(X @ W.T + b, y)
        W, b = W - eta * (dS.T @ X / len(X) + lam * W), b - eta * dS.mean(axis=0)
    return W, b


@wrong(loses=["train"], diagnosis="no-regularisation")
def train(X, y, W, b, slope, eta, lam, steps):
    """Wrong: λ isn't used."""
    for _ in range(steps):
        dS = slope(X @ W.T + b, y)
        W, b = W - eta * dS.T @ X / len(X), b - eta * dS.mean(axis=0)
    return W, b


@wrong(loses=["train"], diagnosis="bias-regularised")
def train(X, y, W, b, slope, eta, lam, steps):
    """Wrong: the biases have a price too."""
    for _ in range(steps):
        dS = slope(X @ W.T + b, y)
        grad_W, grad_b = dS.T @ X / len(X) + 2 * lam * W, dS.mean(axis=0) + 2 * lam * b
        W, b = W - eta * grad_W, b - eta * grad_b
    return W, b


@wrong(loses=["train"], diagnosis="updated-weights")
def train(X, y, W, b, slope, eta, lam, steps):
    """Wrong: W first, then b with the new scores."""
    for _ in range(steps):
        W = W - eta * (slope(X @ W.T + b, y).T @ X / len(X) + 2 * lam * W)
        b = b - eta * slope(X @ W.T + b, y).mean(axis=0)
    return W, b


@wrong(loses=["train"], diagnosis="one-step")
def train(X, y, W, b, slope, eta, lam, steps):
    """Wrong: returns within the loop."""
    for _ in range(steps):
        dS = slope(X @ W.T + b, y)
        grad_W, grad_b = dS.T @ X / len(X) + 2 * lam * W, dS.mean(axis=0)
        return W - eta * grad_W, b - eta * grad_b
    return W, b


@wrong(loses=["train"], diagnosis="argument-changed")
def train(X, y, W, b, slope, eta, lam, steps):
    """Wrong: changes the caller's start in place."""
    for _ in range(steps):
        dS = slope(X @ W.T + b, y)
        grad_W, grad_b = dS.T @ X / len(X) + 2 * lam * W, dS.mean(axis=0)
        W -= eta * grad_W
        b -= eta * grad_b
    return W, b


@wrong(loses=["train"], diagnosis="eta-ignored")
def train(X, y, W, b, slope, eta, lam, steps):
    """Wrong: no learning rate."""
    for _ in range(steps):
        dS = slope(X @ W.T + b, y)
        W, b = W - (dS.T @ X / len(X) + 2 * lam * W), b - dS.mean(axis=0)
    return W, b


@wrong(loses=["train"])
def train(X, y, W, b, slope, eta, lam, steps):
    """Wrong: always descends the cross-entropy, whatever slope is given."""
    for _ in range(steps):
        S = X @ W.T + b
        p = np.exp(S - S.max(axis=1, keepdims=True))
        dS = p / p.sum(axis=1, keepdims=True) - np.eye(len(b))[y]
        W, b = W - eta * (dS.T @ X / len(X) + 2 * lam * W), b - eta * dS.mean(axis=0)
    return W, b
