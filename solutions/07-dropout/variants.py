"""Other answers to the tasks of 07-dropout, right and wrong, for the audit of its tests."""

import keras
import numpy as np
import tensorflow as tf

from autograder.topics.variants import right, wrong

# Task 1: dropout_mask


@right
def dropout_mask(shape, p, rng):
    """Right: a binomial draw for each element, integers come back."""
    if p < 0 or p >= 1:
        raise ValueError("p must be at least 0 and less than 1")
    return rng.binomial(1, 1 - p, size=shape)


@right
def dropout_mask(shape, p, rng):
    """Right: a loop over the elements, a nested helper, booleans come back."""

    def keep():
        return rng.random() >= p

    if not (0 <= p < 1):
        raise ValueError(f"p = {p}: 0 <= p < 1 is asked")
    mask = np.zeros(shape, dtype=bool)
    for index in np.ndindex(*shape):
        mask[index] = keep()
    return mask


@right
def dropout_mask(shape, p, rng):
    """Right: choice with the two probabilities, in float32."""
    if p in np.linspace(0, 1, 0) or p >= 1.0 or p < 0.0:
        raise ValueError("p is the share that is dropped: 0 <= p < 1")
    return rng.choice([0, 1], size=shape, p=[p, 1 - p]).astype(np.float32)


@right
def dropout_mask(shape, p, rng):
    """Right: TensorFlow's stateless numbers, seeded by the generator; a tensor comes back."""
    if not 0 <= p < 1:
        raise ValueError("0 <= p < 1")
    seed = rng.integers(0, 2**31 - 1, size=2)
    return tf.cast(tf.random.stateless_uniform(shape, seed) >= p, tf.float32)


@wrong(loses=["dropout_mask-rate", "dropout_mask-edges"], diagnosis="p-as-keep")
def dropout_mask(shape, p, rng):
    """Wrong: p taken for the share that is kept."""
    if not 0 <= p < 1:
        raise ValueError("0 <= p < 1")
    return (rng.random(shape) < p).astype(float)


@wrong(loses=["dropout_mask-rate"], diagnosis="one-mask-for-batch")
def dropout_mask(shape, p, rng):
    """Wrong: one row for the whole batch, repeated."""
    if not 0 <= p < 1:
        raise ValueError("0 <= p < 1")
    row = (rng.random(shape[-1]) < 1 - p).astype(float)
    return np.broadcast_to(row, shape).copy()


@wrong(loses=["dropout_mask-rate", "dropout_mask-edges"], diagnosis="one-mask-for-batch")
def dropout_mask(shape, p, rng):
    """Wrong: one number for each neuron, (n,) comes back."""
    if not 0 <= p < 1:
        raise ValueError("0 <= p < 1")
    return (rng.random(shape[-1]) < 1 - p).astype(float)


@wrong(loses=["dropout_mask-rate"], diagnosis="whole-examples-dropped")
def dropout_mask(shape, p, rng):
    """Wrong: all neurons of an example are dropped together."""
    if not 0 <= p < 1:
        raise ValueError("0 <= p < 1")
    column = (rng.random((shape[0],) + (1,) * (len(shape) - 1)) < 1 - p).astype(float)
    return np.broadcast_to(column, shape).copy()


@wrong(loses=["dropout_mask-rate"], diagnosis="same-mask")
def dropout_mask(shape, p, rng):
    """Wrong: a generator of its own with a fixed seed."""
    if not 0 <= p < 1:
        raise ValueError("0 <= p < 1")
    return (np.random.default_rng(0).random(shape) < 1 - p).astype(float)


@wrong(loses=["dropout_mask-rate"], diagnosis="rng-not-used")
def dropout_mask(shape, p, rng):
    """Wrong: NumPy's global numbers in place of the generator."""
    if not 0 <= p < 1:
        raise ValueError("0 <= p < 1")
    return (np.random.random(shape) < 1 - p).astype(float)


@wrong(loses=["dropout_mask-rate", "dropout_mask-edges"], diagnosis="already-rescaled")
def dropout_mask(shape, p, rng):
    """Wrong: already divided by 1 − p, and p = 1 is not refused."""
    with np.errstate(all="ignore"):
        return (rng.random(shape) < 1 - p) / np.float64(1 - p)


@wrong(loses=["dropout_mask-rate"], diagnosis="fixed-count")
def dropout_mask(shape, p, rng):
    """Wrong: exactly a share p of the elements, shuffled."""
    if not 0 <= p < 1:
        raise ValueError("0 <= p < 1")
    mask = np.ones(shape).ravel()
    mask[: round(p * mask.size)] = 0
    return rng.permutation(mask).reshape(shape)


@wrong(loses=["dropout_mask-rate"])
def dropout_mask(shape, p, rng):
    """Wrong: a random number between 0 and 1 in place of a 0 or a 1."""
    if not 0 <= p < 1:
        raise ValueError("0 <= p < 1")
    return np.where(rng.random(shape) < p, 0.0, rng.random(shape)) if p else np.ones(shape)


@wrong(loses=["dropout_mask-rate", "dropout_mask-edges"], diagnosis="all-kept")
def dropout_mask(shape, p, rng):
    """Wrong: nothing is ever dropped, nor refused."""
    return np.ones(shape)


@wrong(loses=["dropout_mask-edges"])
def dropout_mask(shape, p, rng):
    """Wrong: p = 1 gives a mask of zeros."""
    return (rng.random(shape) < 1 - p).astype(float)


@wrong(loses=["dropout_mask-edges"])
def dropout_mask(shape, p, rng):
    """Wrong: only p = 1 itself is refused, not what lies outside."""
    if p == 1:
        raise ValueError("p = 1 drops everything")
    return (rng.random(shape) < 1 - p).astype(float)


@wrong(loses=["dropout_mask-rate", "dropout_mask-edges"])
def dropout_mask(shape, p, rng):
    """Wrong: p = 0 is refused, too."""
    if not 0 < p < 1:
        raise ValueError("0 < p < 1")
    return (rng.random(shape) < 1 - p).astype(float)


# Task 2: apply_mask


@right
def apply_mask(A, mask, p):
    """Right: element by element."""
    D = np.zeros(A.shape)
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            if mask[i, j] == 1:
                D[i, j] = A[i, j] / (1 - p)
    return D


@right
def apply_mask(A, mask, p):
    """Right: where, with other names."""
    keep = 1.0 - p
    return np.where(mask > 0, A / keep, 0)


@right
def apply_mask(A, mask, p):
    """Right: einsum and a scaled mask."""
    return np.einsum("ij,ij->ij", A, mask * (1 / (1 - p)))


@right
def apply_mask(A, mask, p):
    """Right: TensorFlow's arithmetic."""
    return tf.multiply(tf.constant(A), mask) / (1 - p)


@wrong(loses=["apply_mask"], diagnosis="not-rescaled")
def apply_mask(A, mask, p):
    """Wrong: what is kept is not scaled up."""
    return A * mask


@wrong(loses=["apply_mask"], diagnosis="scaled-by-keep")
def apply_mask(A, mask, p):
    """Wrong: multiplied by 1 − p."""
    return A * mask * (1 - p)


@wrong(loses=["apply_mask"], diagnosis="divided-by-p")
def apply_mask(A, mask, p):
    """Wrong: divided by p."""
    return A * mask / p


@wrong(loses=["apply_mask"], diagnosis="scaled-by-count")
def apply_mask(A, mask, p):
    """Wrong: divided by the share of ones in this mask."""
    return A * mask / np.mean(mask)


@wrong(loses=["apply_mask"], diagnosis="mask-inverted")
def apply_mask(A, mask, p):
    """Wrong: a 1 in the mask is taken for dropped."""
    return A * (1 - mask) / (1 - p)


@wrong(loses=["apply_mask"], diagnosis="mask-forgotten")
def apply_mask(A, mask, p):
    """Wrong: scaled up, and nothing dropped."""
    return A / (1 - p)


@wrong(loses=["apply_mask"], diagnosis="argument-changed")
def apply_mask(A, mask, p):
    """Wrong: changes the activations in place."""
    A *= mask
    A /= 1 - p
    return A


@wrong(loses=["apply_mask"], diagnosis="uses-tensorflow.nn.dropout")
def apply_mask(A, mask, p):
    """Wrong: TensorFlow's own dropout, with a mask of its own."""
    return tf.nn.dropout(A, p)


@wrong(loses=["apply_mask"], diagnosis="brackets-missing")
def apply_mask(A, mask, p):
    """Wrong: the brackets around 1 − p are missing."""
    return A * mask / 1 - p


# Task 3: dropout


@right
def dropout(A, p, training, rng):
    """Right: one expression with a scaled mask."""
    return A * (rng.random(A.shape) >= p) / (1 - p) if training else A.copy()


@right
def dropout(A, p, training, rng):
    """Right: a class inside, the mask by a binomial draw."""

    class Layer:
        def __init__(self, rate):
            self.keep = 1 - rate

        def __call__(self, x, training):
            if training:
                return x * rng.binomial(1, self.keep, x.shape) / self.keep
            return x

    return Layer(p)(A, training)


@right
def dropout(A, p, training, rng):
    """Right: by the functions of Tasks 1 and 2, written anew."""

    def mask_of(shape):
        return np.array([rng.uniform(size=shape[1]) < 1 - p for _ in range(shape[0])])

    out = np.array(A, dtype=float)
    if training is True:
        out[~mask_of(A.shape)] = 0
        out = out / (1 - p)
    return out


@right
def dropout(A, p, training, rng):
    """Right: rows one by one, in float32."""
    if not training:
        return A
    rows = [np.where(rng.random(len(row)) < p, 0, row / (1 - p)) for row in A]
    return np.array(rows, dtype=np.float32)


@right
def dropout(A, p, training, rng):
    """Right: works in the array that it is given."""
    if training:
        A[rng.random(A.shape) < p] = 0
        A /= 1 - p
    return A


@wrong(loses=["dropout-inference"], diagnosis="mask-at-inference")
def dropout(A, p, training, rng):
    """Wrong: drops at inference, too."""
    return A * (rng.random(A.shape) < 1 - p) / (1 - p)


@wrong(loses=["dropout-training"], diagnosis="not-rescaled")
def dropout(A, p, training, rng):
    """Wrong: no rescaling."""
    return A * (rng.random(A.shape) < 1 - p) if training else A


@wrong(loses=["dropout-training", "dropout-inference"], diagnosis="not-rescaled")
def dropout(A, p, training, rng):
    """Wrong: the older way, scaled by 1 − p at inference in place of training."""
    return A * (rng.random(A.shape) < 1 - p) if training else A * (1 - p)


@wrong(loses=["dropout-inference"], diagnosis="scaled-at-inference")
def dropout(A, p, training, rng):
    """Wrong: rescaled in training, and scaled at inference again."""
    return A * (rng.random(A.shape) < 1 - p) / (1 - p) if training else A * (1 - p)


@wrong(loses=["dropout-inference"], diagnosis="rescaled-at-inference")
def dropout(A, p, training, rng):
    """Wrong: the factor stays at inference."""
    mask = rng.random(A.shape) < 1 - p if training else 1
    return A * mask / (1 - p)


@wrong(loses=["dropout-training"], diagnosis="scaled-by-keep")
def dropout(A, p, training, rng):
    """Wrong: multiplied by 1 − p in training."""
    return A * (rng.random(A.shape) < 1 - p) * (1 - p) if training else A


@wrong(loses=["dropout-training"], diagnosis="p-as-keep")
def dropout(A, p, training, rng):
    """Wrong: the mask keeps a share p, the factor is right."""
    return A * (rng.random(A.shape) < p) / (1 - p) if training else A


@wrong(loses=["dropout-training"], diagnosis="p-as-keep")
def dropout(A, p, training, rng):
    """Wrong: p is the kept share throughout."""
    return A * (rng.random(A.shape) < p) / p if training else A


@wrong(loses=["dropout-training"], diagnosis="divided-by-p")
def dropout(A, p, training, rng):
    """Wrong: the right mask, and the factor 1/p."""
    return A * (rng.random(A.shape) >= p) / p if training and p else A


@wrong(loses=["dropout-training"], diagnosis="brackets-missing")
def dropout(A, p, training, rng):
    """Wrong: the brackets around 1 − p are missing."""
    return A * (rng.random(A.shape) >= p) / 1 - p if training else A


@wrong(loses=["dropout-training"], diagnosis="always-half")
def dropout(A, p, training, rng):
    """Wrong: random numbers rounded to 0 or 1, which drops a half."""
    return A * np.round(rng.random(A.shape)) / (1 - p) if training else A


@wrong(loses=["dropout-training"], diagnosis="one-mask-for-batch")
def dropout(A, p, training, rng):
    """Wrong: one mask for the whole batch."""
    return A * (rng.random(A.shape[1]) < 1 - p) / (1 - p) if training else A


@wrong(loses=["dropout-training"], diagnosis="same-mask")
def dropout(A, p, training, rng):
    """Wrong: the same mask at each call."""
    rng = np.random.default_rng(42)
    return A * (rng.random(A.shape) < 1 - p) / (1 - p) if training else A


@wrong(loses=["dropout-training", "dropout-inference"], diagnosis="no-mask-in-training")
def dropout(A, p, training, rng):
    """Wrong: the switch the wrong way round."""
    return A if training else A * (rng.random(A.shape) < 1 - p) / (1 - p)


@wrong(loses=["dropout-training"], diagnosis="rng-not-used")
def dropout(A, p, training, rng):
    """Wrong: NumPy's global numbers."""
    return A * (np.random.rand(*A.shape) < 1 - p) / (1 - p) if training else A


@wrong(loses=["dropout-training"], diagnosis="uses-keras")
def dropout(A, p, training, rng):
    """Wrong: Keras' layer."""
    return keras.layers.Dropout(p)(A, training=training)


# Task 4: dropout_backward


@right
def dropout_backward(G, mask, p):
    """Right: the scaled mask first."""
    slope = mask / (1 - p)
    return slope * G


@right
def dropout_backward(G, mask, p):
    """Right: element by element, a list comes back."""
    return [
        [G[i, j] / (1 - p) if mask[i, j] else 0.0 for j in range(G.shape[1])]
        for i in range(G.shape[0])
    ]


@right
def dropout_backward(G, mask, p):
    """Right: zeros written into a copy."""
    grad = G.copy()
    grad[mask == 0] = 0
    return np.divide(grad, 1 - p)


@right
def dropout_backward(G, mask, p):
    """Right: TensorFlow's arithmetic."""
    return tf.where(mask > 0.5, G / (1 - p), tf.zeros_like(G))


@wrong(loses=["dropout_backward"], diagnosis="gradient-not-scaled")
def dropout_backward(G, mask, p):
    """Wrong: the factor is missing."""
    return G * mask


@wrong(loses=["dropout_backward"], diagnosis="scaled-by-keep")
def dropout_backward(G, mask, p):
    """Wrong: the factor the wrong way round."""
    return G * mask * (1 - p)


@wrong(loses=["dropout_backward"], diagnosis="mask-forgotten")
def dropout_backward(G, mask, p):
    """Wrong: dropped neurons get a gradient."""
    return G / (1 - p)


@wrong(loses=["dropout_backward"], diagnosis="mask-forgotten")
def dropout_backward(G, mask, p):
    """Wrong: the gradient goes through unchanged."""
    return G


@wrong(loses=["dropout_backward"], diagnosis="new-mask")
def dropout_backward(G, mask, p):
    """Wrong: a new mask is drawn on the way back."""
    again = np.random.default_rng(12).random(G.shape) < 1 - p
    return G * again / (1 - p)


@wrong(loses=["dropout_backward"], diagnosis="mask-inverted")
def dropout_backward(G, mask, p):
    """Wrong: the kept and the dropped exchanged."""
    return G * (1 - mask) / (1 - p)


@wrong(loses=["dropout_backward"], diagnosis="sign")
def dropout_backward(G, mask, p):
    """Wrong: the direction of descent."""
    return -G * mask / (1 - p)


@wrong(loses=["dropout_backward"], diagnosis="uses-autodiff")
def dropout_backward(G, mask, p):
    """Wrong: lets the tape do it."""
    A = tf.ones_like(G)
    with tf.GradientTape() as tape:
        tape.watch(A)
        total = tf.reduce_sum(A * mask / (1 - p) * G)
    return tape.gradient(total, A)


@wrong(loses=["dropout_backward"])
def dropout_backward(G, mask, p):
    """Wrong: the visible answer, hard-coded."""
    return np.array([[0.5, 0.0, -2.0, 2.5, 0.0], [0.0, 0.75, 0.25, 0.0, -1.0]])


@wrong(loses=["dropout_backward"], diagnosis="brackets-missing")
def dropout_backward(G, mask, p):
    """Wrong: the brackets around 1 − p are missing."""
    return G * mask / 1 - p


@wrong(loses=["dropout_backward"], diagnosis="divided-by-p")
def dropout_backward(G, mask, p):
    """Wrong: divided by p."""
    return G * mask / p


@wrong(loses=["dropout_backward"])
def dropout_backward(G, mask, p):
    """Wrong: the mask is added in place of multiplied; no zeros, so no new mask is to blame."""
    return (G + mask) / (1 - p)


# Task 5: tf_dropout


@right
def tf_dropout(x, p, training):
    """Right: where in place of a product."""
    if training:
        numbers = tf.random.uniform(tf.shape(x))
        return tf.where(numbers >= p, x / (1 - p), tf.zeros_like(x))
    return tf.identity(x)


@right
def tf_dropout(x, p, training):
    """Right: keep + uniform rounded down, as TensorFlow once did."""
    if not training:
        return tf.constant(x)
    keep = 1.0 - p
    return x / keep * tf.floor(keep + tf.random.uniform(x.shape))


@right
def tf_dropout(x, p, training):
    """Right: stateless numbers with a seed that is drawn, and a nested helper."""

    def kept(shape):
        seed = tf.random.uniform((2,), maxval=2**31 - 1, dtype=tf.int32)
        return tf.cast(tf.random.stateless_uniform(shape, seed) < 1 - p, tf.float32)

    return x * kept(x.shape) / (1 - p) if training else x


@right
def tf_dropout(x, p, training):
    """Right: the sign of a random number as the mask, a NumPy array comes back."""
    if not training:
        return x
    mask = (tf.sign(tf.random.uniform(tf.shape(x)) - p) + 1) / 2
    return (x * mask / (1 - p)).numpy()


@wrong(loses=["tf_dropout-inference"], diagnosis="mask-at-inference")
def tf_dropout(x, p, training):
    """Wrong: drops at inference, too."""
    mask = tf.cast(tf.random.uniform(tf.shape(x)) < 1 - p, tf.float32)
    return x * mask / (1 - p)


@wrong(loses=["tf_dropout-training"], diagnosis="not-rescaled")
def tf_dropout(x, p, training):
    """Wrong: no rescaling."""
    if not training:
        return x
    return x * tf.cast(tf.random.uniform(tf.shape(x)) < 1 - p, tf.float32)


@wrong(loses=["tf_dropout-training"], diagnosis="p-as-keep")
def tf_dropout(x, p, training):
    """Wrong: the mask keeps a share p."""
    if not training:
        return x
    return x * tf.cast(tf.random.uniform(tf.shape(x)) < p, tf.float32) / (1 - p)


@wrong(loses=["tf_dropout-training"], diagnosis="one-mask-for-batch")
def tf_dropout(x, p, training):
    """Wrong: one row for the whole batch."""
    if not training:
        return x
    return x * tf.cast(tf.random.uniform((1, x.shape[1])) < 1 - p, tf.float32) / (1 - p)


@wrong(loses=["tf_dropout-training"], diagnosis="same-mask")
def tf_dropout(x, p, training):
    """Wrong: a fixed seed inside."""
    if not training:
        return x
    mask = tf.random.stateless_uniform(tf.shape(x), seed=(1, 2)) < 1 - p
    return x * tf.cast(mask, tf.float32) / (1 - p)


@wrong(loses=["tf_dropout-training"], diagnosis="uses-tensorflow.nn.dropout")
def tf_dropout(x, p, training):
    """Wrong: TensorFlow's own dropout."""
    return tf.nn.dropout(x, rate=p) if training else x


@wrong(loses=["tf_dropout-training"], diagnosis="uses-keras")
def tf_dropout(x, p, training):
    """Wrong: Keras' layer."""
    return keras.layers.Dropout(p)(x, training=training)


@wrong(loses=["tf_dropout-training"], diagnosis="uses-numpy.random.rand")
def tf_dropout(x, p, training):
    """Wrong: the mask drawn by NumPy."""
    if not training:
        return x
    mask = (np.random.rand(*x.shape) < 1 - p).astype(np.float32)
    return tf.multiply(x, mask) / (1 - p)


@wrong(loses=["tf_dropout-inference"], diagnosis="scaled-at-inference")
def tf_dropout(x, p, training):
    """Wrong: scaled at inference, too."""
    if not training:
        return tf.constant(x) * (1 - p)
    return x * tf.cast(tf.random.uniform(tf.shape(x)) < 1 - p, tf.float32) / (1 - p)


@wrong(loses=["tf_dropout-training", "tf_dropout-inference"], diagnosis="no-mask-in-training")
def tf_dropout(x, p, training):
    """Wrong: the switch the wrong way round."""
    if training:
        return tf.constant(x)
    return x * tf.cast(tf.random.uniform(tf.shape(x)) < 1 - p, tf.float32) / (1 - p)


@wrong(loses=["tf_dropout-training"], diagnosis="p-as-keep")
def tf_dropout(x, p, training):
    """Wrong: p is the kept share throughout."""
    if not training:
        return x
    return x * tf.cast(tf.random.uniform(tf.shape(x)) < p, tf.float32) / p


@wrong(loses=["tf_dropout-training"], diagnosis="brackets-missing")
def tf_dropout(x, p, training):
    """Wrong: the brackets around 1 − p are missing."""
    if not training:
        return x
    return x * tf.cast(tf.random.uniform(tf.shape(x)) >= p, tf.float32) / 1 - p


@wrong(loses=["tf_dropout-training"], diagnosis="always-half")
def tf_dropout(x, p, training):
    """Wrong: random numbers rounded to 0 or 1, which drops a half."""
    if not training:
        return x
    return x * tf.round(tf.random.uniform(tf.shape(x))) / (1 - p)


@wrong(loses=["tf_dropout-training"], diagnosis="uses-tensorflow.compat.v1.nn.dropout")
def tf_dropout(x, p, training):
    """Wrong: the dropout of TensorFlow 1."""
    return tf.compat.v1.nn.dropout(x, rate=p) if training else x


# Task 6: early_stopping


@right
def early_stopping(val_losses, patience):
    """Right: a lowest value and a counter, as Keras does it."""
    lowest, best, waited = np.inf, 0, 0
    for epoch, now in enumerate(val_losses):
        waited += 1
        if now < lowest:
            lowest, best, waited = now, epoch, 0
        elif waited >= patience:
            return epoch, best
    return len(val_losses) - 1, best


@right
def early_stopping(val_losses, patience):
    """Right: the first epoch whose last `patience` epochs brought nothing, by argmin."""
    losses = np.asarray(val_losses)
    for last in range(patience, len(losses)):
        if np.argmin(losses[: last + 1]) <= last - patience:
            break
    else:
        last = len(losses) - 1
    return last, int(np.argmin(losses[: last + 1]))


@right
def early_stopping(val_losses, patience):
    """Right: a while loop, an array comes back."""
    epoch, best = 0, 0
    while epoch + 1 < len(val_losses) and epoch - best < patience:
        epoch = epoch + 1
        if val_losses[epoch] < val_losses[best]:
            best = epoch
    return np.array([epoch, best])


@wrong(loses=["early_stopping"], diagnosis="patience-off-by-one")
def early_stopping(val_losses, patience):
    """Wrong: one epoch too late."""
    best = 0
    for epoch, now in enumerate(val_losses):
        if now < val_losses[best]:
            best = epoch
        if epoch - best > patience:
            break
    return epoch, best


@wrong(loses=["early_stopping"], diagnosis="patience-off-by-one")
def early_stopping(val_losses, patience):
    """Wrong: one epoch too early."""
    best = 0
    for epoch, now in enumerate(val_losses):
        if now < val_losses[best]:
            best = epoch
        elif epoch - best >= patience - 1:
            break
    return epoch, best


@wrong(loses=["early_stopping"], diagnosis="compared-with-previous")
def early_stopping(val_losses, patience):
    """Wrong: each loss is compared with the one before it."""
    best, waited = 0, 0
    for epoch in range(1, len(val_losses)):
        waited = 0 if val_losses[epoch] < val_losses[epoch - 1] else waited + 1
        if val_losses[epoch] < val_losses[best]:
            best = epoch
        if waited >= patience:
            return epoch, best
    return len(val_losses) - 1, best


@wrong(loses=["early_stopping"], diagnosis="count-not-reset")
def early_stopping(val_losses, patience):
    """Wrong: the count is never set back to 0."""
    best, waited = 0, 0
    for epoch in range(1, len(val_losses)):
        if val_losses[epoch] < val_losses[best]:
            best = epoch
        else:
            waited += 1
        if waited >= patience:
            return epoch, best
    return len(val_losses) - 1, best


@wrong(loses=["early_stopping"], diagnosis="best-is-last")
def early_stopping(val_losses, patience):
    """Wrong: the last epoch is taken for the best."""
    best = 0
    for epoch, now in enumerate(val_losses):
        if now < val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return epoch, epoch


@wrong(loses=["early_stopping"], diagnosis="looks-ahead")
def early_stopping(val_losses, patience):
    """Wrong: the best of all losses, also of those that were never seen."""
    best = 0
    for epoch, now in enumerate(val_losses):
        if now < val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return epoch, int(np.argmin(val_losses))


@wrong(loses=["early_stopping"], diagnosis="epochs-from-1")
def early_stopping(val_losses, patience):
    """Wrong: epochs counted from 1."""
    best = 0
    for epoch, now in enumerate(val_losses):
        if now < val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return epoch + 1, best + 1


@wrong(loses=["early_stopping"], diagnosis="swapped")
def early_stopping(val_losses, patience):
    """Wrong: the best comes first."""
    best = 0
    for epoch, now in enumerate(val_losses):
        if now < val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best, epoch


@wrong(loses=["early_stopping"], diagnosis="equal-counts")
def early_stopping(val_losses, patience):
    """Wrong: an equal loss counts as an improvement."""
    best = 0
    for epoch, now in enumerate(val_losses):
        if now <= val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return epoch, best


@wrong(loses=["early_stopping"], diagnosis="uses-keras")
def early_stopping(val_losses, patience):
    """Wrong: plays the losses to Keras' callback."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    callback = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, now in enumerate(val_losses):
        callback.on_epoch_end(epoch, {"val_loss": now})
        if model.stop_training:
            break
    return epoch, callback.best_epoch


@wrong(loses=["early_stopping"], diagnosis="number-of-epochs")
def early_stopping(val_losses, patience):
    """Wrong: the number of epochs in place of the last one."""
    best = 0
    for epoch, now in enumerate(val_losses):
        if now < val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return epoch + 1, best


@wrong(loses=["early_stopping"], diagnosis="loss-not-epoch")
def early_stopping(val_losses, patience):
    """Wrong: the lowest loss in place of its epoch."""
    best = 0
    for epoch, now in enumerate(val_losses):
        if now < val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return epoch, val_losses[best]


@wrong(loses=["early_stopping"])
def early_stopping(val_losses, patience):
    """Wrong: nothing comes back if the losses end before patience does."""
    best = 0
    for epoch, now in enumerate(val_losses):
        if now < val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch, best
    return None


# Task 7: fit_with_patience


@right
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Right: a counter, and copies by deepcopy."""
    import copy

    lowest, waited, kept, losses = float("inf"), 0, None, []
    while len(losses) < max_epochs and waited < patience:
        train_epoch(weights)
        now = val_loss(weights)
        losses.append(now)
        waited += 1
        if now < lowest:
            lowest, waited, kept = now, 0, copy.deepcopy(weights)
    return kept, losses


@right
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Right: keeps the weights of every epoch, and picks at the end."""
    history, losses = [], []
    for epoch in range(max_epochs):
        train_epoch(weights)
        losses.append(val_loss(weights))
        history.append({name: np.array(w) for name, w in weights.items()})
        if epoch - int(np.argmin(losses)) >= patience:
            break
    return history[int(np.argmin(losses))], np.array(losses)


@right
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Right: trains a copy, with a small class that watches."""

    class Watch:
        def __init__(self):
            self.losses, self.best, self.kept = [], 0, None

        def stops(self, now, weights):
            self.losses.append(now)
            if self.kept is None or now < self.losses[self.best]:
                self.best = len(self.losses) - 1
                self.kept = {name: w + 0 for name, w in weights.items()}
            return len(self.losses) - 1 - self.best >= patience

    watch = Watch()
    mine = {name: np.copy(w) for name, w in weights.items()}
    for _ in range(max_epochs):
        train_epoch(mine)
        if watch.stops(val_loss(mine), mine):
            break
    return watch.kept, watch.losses


@wrong(loses=["fit_with_patience"], diagnosis="last-weights")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: the best weights are a second name, not a copy."""
    losses, best = [], 0
    for epoch in range(max_epochs):
        train_epoch(weights)
        losses.append(val_loss(weights))
        if epoch == 0 or losses[epoch] < losses[best]:
            best, kept = epoch, weights
        if epoch - best >= patience:
            break
    return kept, losses


@wrong(loses=["fit_with_patience"], diagnosis="last-weights")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: the dictionary is copied, its arrays are not."""
    losses, best = [], 0
    for epoch in range(max_epochs):
        train_epoch(weights)
        losses.append(val_loss(weights))
        if epoch == 0 or losses[epoch] < losses[best]:
            best, kept = epoch, dict(weights)
        if epoch - best >= patience:
            break
    return kept, losses


@wrong(loses=["fit_with_patience"], diagnosis="last-weights")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: stops at the right time, and does not go back."""
    losses, best = [], 0
    for epoch in range(max_epochs):
        train_epoch(weights)
        losses.append(val_loss(weights))
        if losses[epoch] < losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return weights, losses


@wrong(loses=["fit_with_patience"], diagnosis="last-weights")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: goes back only if patience ran out."""
    losses, best = [], 0
    for epoch in range(max_epochs):
        train_epoch(weights)
        losses.append(val_loss(weights))
        if epoch == 0 or losses[epoch] < losses[best]:
            best, kept = epoch, {name: w.copy() for name, w in weights.items()}
        if epoch - best >= patience:
            return kept, losses
    return weights, losses


@wrong(loses=["fit_with_patience"], diagnosis="by-training-loss")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: the best is chosen by the training loss."""
    losses, train_losses, best = [], [], 0
    for epoch in range(max_epochs):
        train_losses.append(train_epoch(weights))
        losses.append(val_loss(weights))
        if epoch == 0 or train_losses[epoch] < train_losses[best]:
            best, kept = epoch, {name: w.copy() for name, w in weights.items()}
        if epoch - best >= patience:
            break
    return kept, losses


@wrong(loses=["fit_with_patience"], diagnosis="patience-off-by-one")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: one epoch too late."""
    losses, best = [], 0
    for epoch in range(max_epochs):
        train_epoch(weights)
        losses.append(val_loss(weights))
        if epoch == 0 or losses[epoch] < losses[best]:
            best, kept = epoch, {name: w.copy() for name, w in weights.items()}
        if epoch - best > patience:
            break
    return kept, losses


@wrong(loses=["fit_with_patience"], diagnosis="weights-before-epoch")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: keeps the weights from before the best epoch."""
    losses, best = [], 0
    for epoch in range(max_epochs):
        before = {name: w.copy() for name, w in weights.items()}
        train_epoch(weights)
        losses.append(val_loss(weights))
        if epoch == 0 or losses[epoch] < losses[best]:
            best, kept = epoch, before
        if epoch - best >= patience:
            break
    return kept, losses


@wrong(loses=["fit_with_patience"], diagnosis="compared-with-previous")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: counts epochs that are worse than the one before."""
    losses, best, waited = [], 0, 0
    for epoch in range(max_epochs):
        train_epoch(weights)
        losses.append(val_loss(weights))
        waited = 0 if epoch == 0 or losses[epoch] < losses[epoch - 1] else waited + 1
        if epoch == 0 or losses[epoch] < losses[best]:
            best, kept = epoch, {name: w.copy() for name, w in weights.items()}
        if waited >= patience:
            break
    return kept, losses


@wrong(loses=["fit_with_patience"], diagnosis="equal-counts")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: the same loss again counts as an improvement."""
    losses, best = [], 0
    for epoch in range(max_epochs):
        train_epoch(weights)
        losses.append(val_loss(weights))
        if losses[epoch] <= losses[best]:
            best, kept = epoch, {name: w.copy() for name, w in weights.items()}
        if epoch - best >= patience:
            break
    return kept, losses


@wrong(loses=["fit_with_patience"], diagnosis="training-losses")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: returns the training losses, not the validation losses."""
    losses, shown, best = [], [], 0
    for epoch in range(max_epochs):
        shown.append(train_epoch(weights))
        losses.append(val_loss(weights))
        if epoch == 0 or losses[epoch] < losses[best]:
            best, kept = epoch, {name: w.copy() for name, w in weights.items()}
        if epoch - best >= patience:
            break
    return kept, shown


@wrong(loses=["fit_with_patience"], diagnosis="one-epoch-more")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: looks at the loss before the epoch is trained."""
    losses, lowest, waited, kept = [], float("inf"), 0, None
    for _ in range(max_epochs):
        losses.append(val_loss(weights))
        waited += 1
        if losses[-1] < lowest:
            lowest, waited = losses[-1], 0
            kept = {name: w.copy() for name, w in weights.items()}
        if waited >= patience:
            break
        train_epoch(weights)
    return kept, losses


@wrong(loses=["fit_with_patience"], diagnosis="one-epoch-more")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: notices that patience was out when one more epoch is trained."""
    history, losses, best = [], [], 0
    for _ in range(max_epochs):
        train_epoch(weights)
        history.append({name: w.copy() for name, w in weights.items()})
        losses.append(val_loss(weights))
        if len(losses) - 1 - best > patience:
            break
        best = int(np.argmin(losses))
        if len(losses) - 1 - best > patience:
            break
    return history[best], losses


@wrong(loses=["fit_with_patience"], diagnosis="by-training-loss")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: trains all epochs, and looks for the place to stop afterwards."""
    history, losses = [], []
    for _ in range(max_epochs):
        train_epoch(weights)
        losses.append(val_loss(weights))
        history.append({name: w.copy() for name, w in weights.items()})
    best = 0
    for epoch, now in enumerate(losses):
        if now < losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return history[best], losses


@wrong(loses=["fit_with_patience"], diagnosis="start-counts")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: the loss before training is the first one to beat."""
    losses, lowest, waited = [], val_loss(weights), 0
    kept = {name: w.copy() for name, w in weights.items()}
    for _ in range(max_epochs):
        train_epoch(weights)
        losses.append(val_loss(weights))
        waited += 1
        if losses[-1] < lowest:
            lowest, waited = losses[-1], 0
            kept = {name: w.copy() for name, w in weights.items()}
        if waited >= patience:
            break
    return kept, losses


@wrong(loses=["fit_with_patience"], diagnosis="nothing-at-the-end")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: returns inside the loop only, when patience is out."""
    losses, best = [], 0
    for epoch in range(max_epochs):
        train_epoch(weights)
        losses.append(val_loss(weights))
        if epoch == 0 or losses[epoch] < losses[best]:
            best, kept = epoch, {name: w.copy() for name, w in weights.items()}
        if epoch - best >= patience:
            return kept, losses
    return None


@wrong(loses=["fit_with_patience"], diagnosis="form")
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Wrong: the losses come first."""
    losses, best = [], 0
    for epoch in range(max_epochs):
        train_epoch(weights)
        losses.append(val_loss(weights))
        if epoch == 0 or losses[epoch] < losses[best]:
            best, kept = epoch, {name: w.copy() for name, w in weights.items()}
        if epoch - best >= patience:
            break
    return losses, kept


# Task 8: add_l2


@right
def add_l2(data_loss, gradients, params, lam):
    """Right: a loop over all names, the weights by their first letter."""
    total, full = data_loss, {}
    for name, value in params.items():
        if name.startswith("W"):
            total += lam * np.linalg.norm(value) ** 2
            full[name] = gradients[name] + 2 * lam * value
        else:
            full[name] = gradients[name]
    return total, full


@right
def add_l2(data_loss, gradients, params, lam):
    """Right: einsum, a dictionary written out."""
    W1, W2 = params["W1"], params["W2"]
    squares = np.einsum("ij,ij", W1, W1) + np.einsum("ij,ij", W2, W2)
    return data_loss + lam * squares, {
        "W1": gradients["W1"] + 2 * lam * W1,
        "b1": gradients["b1"],
        "W2": gradients["W2"] + 2 * lam * W2,
        "b2": gradients["b2"],
    }


@right
def add_l2(data_loss, gradients, params, lam):
    """Right: copies, changed in place afterwards; a list of two comes back."""
    full = {name: np.array(g) for name, g in gradients.items()}
    penalty = 0.0
    for name in ["W2", "W1"]:
        full[name] += lam * (params[name] + params[name])
        for w in params[name].ravel():
            penalty += float(w) * float(w)
    return [data_loss + lam * penalty, full]


@right
def add_l2(data_loss, gradients, params, lam):
    """Right: TensorFlow's arithmetic."""
    penalty = sum(2 * tf.nn.l2_loss(params[name]) for name in ("W1", "W2"))
    full = {
        name: tf.constant(g) + (2 * lam * params[name] if params[name].ndim == 2 else 0.0)
        for name, g in gradients.items()
    }
    return data_loss + lam * penalty, full


@wrong(loses=["add_l2-loss", "add_l2-gradient"], diagnosis="biases-penalised")
def add_l2(data_loss, gradients, params, lam):
    """Wrong: the biases are punished, too."""
    full = {name: gradients[name] + 2 * lam * params[name] for name in params}
    return data_loss + lam * sum(np.sum(v**2) for v in params.values()), full


@wrong(loses=["add_l2-loss", "add_l2-gradient"], diagnosis="half-penalty")
def add_l2(data_loss, gradients, params, lam):
    """Wrong: the convention with a ½."""
    names = ("W1", "W2")
    full = dict(gradients) | {name: gradients[name] + lam * params[name] for name in names}
    return data_loss + lam / 2 * sum(np.sum(params[name] ** 2) for name in names), full


@wrong(loses=["add_l2-gradient"], diagnosis="half-penalty")
def add_l2(data_loss, gradients, params, lam):
    """Wrong: the 2 of the derivative is missing."""
    names = ("W1", "W2")
    full = dict(gradients) | {name: gradients[name] + lam * params[name] for name in names}
    return data_loss + lam * sum(np.sum(params[name] ** 2) for name in names), full


@wrong(loses=["add_l2-loss"], diagnosis="norm-not-squared")
def add_l2(data_loss, gradients, params, lam):
    """Wrong: norms in place of their squares."""
    names = ("W1", "W2")
    full = dict(gradients) | {name: gradients[name] + 2 * lam * params[name] for name in names}
    return data_loss + lam * sum(np.linalg.norm(params[name]) for name in names), full


@wrong(loses=["add_l2-loss", "add_l2-gradient"], diagnosis="not-squared")
def add_l2(data_loss, gradients, params, lam):
    """Wrong: L1."""
    names = ("W1", "W2")
    full = dict(gradients) | {n: gradients[n] + lam * np.sign(params[n]) for n in names}
    return data_loss + lam * sum(np.sum(np.abs(params[n])) for n in names), full


@wrong(loses=["add_l2-gradient"], diagnosis="penalty-subtracted")
def add_l2(data_loss, gradients, params, lam):
    """Wrong: the pull has the wrong sign."""
    names = ("W1", "W2")
    full = dict(gradients) | {name: gradients[name] - 2 * lam * params[name] for name in names}
    return data_loss + lam * sum(np.sum(params[name] ** 2) for name in names), full


@wrong(loses=["add_l2-loss", "add_l2-gradient"], diagnosis="penalty-alone")
def add_l2(data_loss, gradients, params, lam):
    """Wrong: the data's loss and gradients are lost."""
    names = ("W1", "W2")
    full = dict(gradients) | {name: 2 * lam * params[name] for name in names}
    return lam * sum(np.sum(params[name] ** 2) for name in names), full


@wrong(loses=["add_l2-loss", "add_l2-gradient"], diagnosis="averaged-not-summed")
def add_l2(data_loss, gradients, params, lam):
    """Wrong: the mean of the squares."""
    full, total = dict(gradients), data_loss
    for name in ("W1", "W2"):
        total += lam * np.mean(params[name] ** 2)
        full[name] = gradients[name] + 2 * lam * params[name] / params[name].size
    return total, full


@wrong(loses=["add_l2-gradient"], diagnosis="loss-not-slope")
def add_l2(data_loss, gradients, params, lam):
    """Wrong: the penalty itself is added to the gradients."""
    penalty = lam * sum(np.sum(params[name] ** 2) for name in ("W1", "W2"))
    full = dict(gradients) | {name: gradients[name] + penalty for name in ("W1", "W2")}
    return data_loss + penalty, full


@wrong(loses=["add_l2-loss", "add_l2-gradient"], diagnosis="one-layer-only")
def add_l2(data_loss, gradients, params, lam):
    """Wrong: the hidden layer only."""
    full = dict(gradients) | {"W1": gradients["W1"] + 2 * lam * params["W1"]}
    return data_loss + lam * np.sum(params["W1"] ** 2), full


@right
def add_l2(data_loss, gradients, params, lam):
    """Right: adds to the gradients that it is given, in place."""
    total = data_loss
    for name in ("W1", "W2"):
        total += lam * (params[name] ** 2).sum()
        gradients[name] += 2 * lam * params[name]
    return total, gradients


@wrong(loses=["add_l2-loss"])
def add_l2(data_loss, gradients, params, lam):
    """Wrong: the squares of the gradients in place of those of the weights."""
    names = ("W1", "W2")
    full = dict(gradients) | {name: gradients[name] + 2 * lam * params[name] for name in names}
    return data_loss + lam * sum(np.sum(gradients[name] ** 2) for name in names), full


# Task 9: keras_network


@right
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Right: the functional style."""
    inputs = keras.Input((n_in,))
    h = keras.layers.Dense(n_hidden, "relu", kernel_regularizer=keras.regularizers.l2(lam))(inputs)
    h = keras.layers.Dropout(rate=p)(h)
    outputs = keras.layers.Dense(n_out, kernel_regularizer=keras.regularizers.l2(lam))(h)
    return keras.Model(inputs, outputs)


@right
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Right: layers added one by one, the activation as a layer of its own."""
    model = keras.Sequential(name="another")
    model.add(keras.layers.Input(shape=(n_in,)))
    model.add(keras.layers.Dense(n_hidden, kernel_regularizer=keras.regularizers.L2(lam)))
    model.add(keras.layers.Activation("relu"))
    model.add(keras.layers.Dropout(p, seed=3))
    model.add(keras.layers.Dense(n_out, "linear", kernel_regularizer=keras.regularizers.L2(lam)))
    return model


@right
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Right: tf.keras, a helper, an own regulariser, dropout before the ReLU."""

    def dense(n):
        return tf.keras.layers.Dense(
            n, kernel_regularizer=lambda w: lam * tf.reduce_sum(tf.square(w))
        )

    layers = [dense(n_hidden), tf.keras.layers.Dropout(p), tf.keras.layers.ReLU(), dense(n_out)]
    return tf.keras.Sequential([tf.keras.Input((n_in,)), *layers])


@wrong(loses=["keras_network-dropout"], diagnosis="p-as-keep")
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Wrong: Keras is given the share that is kept."""
    l2 = keras.regularizers.L2(lam)
    layers = [
        keras.layers.Dense(n_hidden, "relu", kernel_regularizer=l2),
        keras.layers.Dropout(1 - p),
        keras.layers.Dense(n_out, kernel_regularizer=l2),
    ]
    return keras.Sequential([keras.Input((n_in,)), *layers])


@wrong(loses=["keras_network-dropout"], diagnosis="dropout-on-output")
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Wrong: dropout after the output layer."""
    l2 = keras.regularizers.L2(lam)
    layers = [
        keras.layers.Dense(n_hidden, "relu", kernel_regularizer=l2),
        keras.layers.Dense(n_out, kernel_regularizer=l2),
        keras.layers.Dropout(p),
    ]
    return keras.Sequential([keras.Input((n_in,)), *layers])


@wrong(loses=["keras_network-dropout"], diagnosis="dropout-not-on-hidden")
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Wrong: dropout on the input."""
    l2 = keras.regularizers.L2(lam)
    layers = [
        keras.layers.Dropout(p),
        keras.layers.Dense(n_hidden, "relu", kernel_regularizer=l2),
        keras.layers.Dense(n_out, kernel_regularizer=l2),
    ]
    return keras.Sequential([keras.Input((n_in,)), *layers])


@wrong(loses=["keras_network-dropout"], diagnosis="mask-at-inference")
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Wrong: training=True fixed in the model."""
    l2 = keras.regularizers.L2(lam)
    inputs = keras.Input((n_in,))
    h = keras.layers.Dense(n_hidden, "relu", kernel_regularizer=l2)(inputs)
    h = keras.layers.Dropout(p)(h, training=True)
    return keras.Model(inputs, keras.layers.Dense(n_out, kernel_regularizer=l2)(h))


@wrong(loses=["keras_network-dropout"], diagnosis="softmax-at-output")
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Wrong: a softmax at the output."""
    l2 = keras.regularizers.L2(lam)
    layers = [
        keras.layers.Dense(n_hidden, "relu", kernel_regularizer=l2),
        keras.layers.Dropout(p),
        keras.layers.Dense(n_out, "softmax", kernel_regularizer=l2),
    ]
    return keras.Sequential([keras.Input((n_in,)), *layers])


@wrong(loses=["keras_network-dropout"], diagnosis="inputs-dropped")
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Wrong: dropout of the inputs, too."""
    l2 = keras.regularizers.L2(lam)
    layers = [
        keras.layers.Dropout(p),
        keras.layers.Dense(n_hidden, "relu", kernel_regularizer=l2),
        keras.layers.Dropout(p),
        keras.layers.Dense(n_out, kernel_regularizer=l2),
    ]
    return keras.Sequential([keras.Input((n_in,)), *layers])


@wrong(loses=["keras_network-dropout"], diagnosis="relu-forgotten")
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Wrong: the ReLU is missing."""
    l2 = keras.regularizers.L2(lam)
    layers = [
        keras.layers.Dense(n_hidden, kernel_regularizer=l2),
        keras.layers.Dropout(p),
        keras.layers.Dense(n_out, kernel_regularizer=l2),
    ]
    return keras.Sequential([keras.Input((n_in,)), *layers])


@wrong(loses=["keras_network-dropout"], diagnosis="one-mask-for-batch")
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Wrong: one mask for the whole batch."""
    l2 = keras.regularizers.L2(lam)
    layers = [
        keras.layers.Dense(n_hidden, "relu", kernel_regularizer=l2),
        keras.layers.Dropout(p, noise_shape=(1, n_hidden)),
        keras.layers.Dense(n_out, kernel_regularizer=l2),
    ]
    return keras.Sequential([keras.Input((n_in,)), *layers])


@wrong(loses=["keras_network-l2"], diagnosis="no-l2")
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Wrong: no L2 at all."""
    layers = [
        keras.layers.Dense(n_hidden, "relu"),
        keras.layers.Dropout(p),
        keras.layers.Dense(n_out),
    ]
    return keras.Sequential([keras.Input((n_in,)), *layers])


@wrong(loses=["keras_network-l2"], diagnosis="biases-penalised")
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Wrong: L2 on the biases, too."""
    l2 = keras.regularizers.L2(lam)
    both = {"kernel_regularizer": l2, "bias_regularizer": l2}
    layers = [
        keras.layers.Dense(n_hidden, "relu", **both),
        keras.layers.Dropout(p),
        keras.layers.Dense(n_out, **both),
    ]
    return keras.Sequential([keras.Input((n_in,)), *layers])


@wrong(loses=["keras_network-l2"], diagnosis="half-penalty")
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Wrong: the convention with a ½."""
    l2 = keras.regularizers.L2(lam / 2)
    layers = [
        keras.layers.Dense(n_hidden, "relu", kernel_regularizer=l2),
        keras.layers.Dropout(p),
        keras.layers.Dense(n_out, kernel_regularizer=l2),
    ]
    return keras.Sequential([keras.Input((n_in,)), *layers])


@wrong(loses=["keras_network-l2"], diagnosis="one-layer-only")
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Wrong: L2 in the hidden layer only."""
    layers = [
        keras.layers.Dense(n_hidden, "relu", kernel_regularizer=keras.regularizers.L2(lam)),
        keras.layers.Dropout(p),
        keras.layers.Dense(n_out),
    ]
    return keras.Sequential([keras.Input((n_in,)), *layers])


@wrong(loses=["keras_network-dropout", "keras_network-l2"], diagnosis="no-input")
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Wrong: no input named, so the model has no weights yet."""
    l2 = keras.regularizers.L2(lam)
    layers = [
        keras.layers.Dense(n_hidden, "relu", kernel_regularizer=l2),
        keras.layers.Dropout(p),
        keras.layers.Dense(n_out, kernel_regularizer=l2),
    ]
    return keras.Sequential(layers)


@wrong(loses=["keras_network-dropout"], diagnosis="relu-at-output")
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Wrong: a ReLU at the output, too."""
    l2 = keras.regularizers.L2(lam)
    layers = [
        keras.layers.Dense(n_hidden, "relu", kernel_regularizer=l2),
        keras.layers.Dropout(p),
        keras.layers.Dense(n_out, "relu", kernel_regularizer=l2),
    ]
    return keras.Sequential([keras.Input((n_in,)), *layers])


@wrong(loses=["keras_network-dropout"])
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Wrong: noise that multiplies, with a mean of 1, in place of dropout."""
    l2 = keras.regularizers.L2(lam)
    layers = [
        keras.layers.Dense(n_hidden, "relu", kernel_regularizer=l2),
        keras.layers.GaussianDropout(p),
        keras.layers.Dense(n_out, kernel_regularizer=l2),
    ]
    return keras.Sequential([keras.Input((n_in,)), *layers])


# Task 10: network_gradients


@right
def network_gradients(X, y, params, mask, p):
    """Right: einsum, and the slope by where D is not zero."""
    H = np.maximum(np.einsum("nk,jk->nj", X, params["W1"]) + params["b1"], 0)
    D = H * mask / (1 - p)
    S = np.einsum("nj,ij->ni", D, params["W2"]) + params["b2"]
    Q = np.exp(S) / np.exp(S).sum(axis=1)[:, None]
    dS = (Q - (np.arange(Q.shape[1]) == y[:, None])) / len(X)
    dZ = np.where(D > 0, np.einsum("ni,ij->nj", dS, params["W2"]) / (1 - p), 0)
    return {
        "b2": np.einsum("ni->i", dS),
        "W2": np.einsum("ni,nj->ij", dS, D),
        "b1": np.einsum("nj->j", dZ),
        "W1": np.einsum("nj,nk->jk", dZ, X),
    }


@right
def network_gradients(X, y, params, mask, p):
    """Right: one-hot targets, the examples one by one."""
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    for x, label, m in zip(X, y, mask, strict=True):
        z = params["W1"] @ x + params["b1"]
        d = np.where(z > 0, z, 0) * m / (1 - p)
        s = params["W2"] @ d + params["b2"]
        q = np.exp(s - np.max(s))
        delta2 = q / q.sum() - np.eye(len(s))[label]
        delta1 = params["W2"].T @ delta2 * m / (1 - p) * (z > 0)
        grads["W2"] += np.outer(delta2, d) / len(X)
        grads["b2"] += delta2 / len(X)
        grads["W1"] += np.outer(delta1, x) / len(X)
        grads["b1"] += delta1 / len(X)
    return grads


@right
def network_gradients(X, y, params, mask, p):
    """Right: TensorFlow's arithmetic, tensors come back."""
    W1, b1, W2, b2 = (tf.constant(params[name]) for name in ("W1", "b1", "W2", "b2"))
    Z = tf.matmul(X, W1, transpose_b=True) + b1
    scale = tf.constant(mask / (1 - p))
    D = tf.nn.relu(Z) * scale
    dS = tf.nn.softmax(tf.matmul(D, W2, transpose_b=True) + b2)
    dS = (dS - tf.one_hot(y, W2.shape[0], dtype=tf.float64)) / len(X)
    dZ = tf.matmul(dS, W2) * scale * tf.cast(Z > 0, tf.float64)
    return {
        "W1": tf.matmul(dZ, X, transpose_a=True),
        "b1": tf.reduce_sum(dZ, 0),
        "W2": tf.matmul(dS, D, transpose_a=True),
        "b2": tf.reduce_sum(dS, 0),
    }


@right
def network_gradients(X, y, params, mask, p):
    """Right: examples in columns inside, a nested helper."""

    def layer(number, inputs):
        return params[f"W{number}"] @ inputs + params[f"b{number}"].reshape(-1, 1)

    keep = mask.T / (1 - p)
    z = layer(1, X.T)
    d = z.clip(min=0) * keep
    q = np.exp(layer(2, d))
    q /= q.sum(axis=0)
    q[y, range(len(y))] -= 1
    delta = params["W2"].T @ q * keep * (z > 0)
    return {
        f"{kind}{number}": part / len(y)
        for number, slope, inputs in ((1, delta, X.T), (2, q, d))
        for kind, part in (("W", slope @ inputs.T), ("b", slope.sum(axis=1)))
    }


@wrong(loses=["network_gradients"], diagnosis="mask-forgotten-backward")
def network_gradients(X, y, params, mask, p):
    """Wrong: no mask and no factor on the way back."""
    Z = X @ params["W1"].T + params["b1"]
    D = np.maximum(Z, 0) * mask / (1 - p)
    S = D @ params["W2"].T + params["b2"]
    E = np.exp(S - S.max(axis=1, keepdims=True))
    dS = E / E.sum(axis=1, keepdims=True)
    dS[np.arange(len(y)), y] -= 1
    dS /= len(y)
    dZ = (dS @ params["W2"]) * (Z > 0)
    return {"W1": dZ.T @ X, "b1": dZ.sum(axis=0), "W2": dS.T @ D, "b2": dS.sum(axis=0)}


@wrong(loses=["network_gradients"], diagnosis="gradient-not-scaled")
def network_gradients(X, y, params, mask, p):
    """Wrong: the mask without its factor on the way back."""
    Z = X @ params["W1"].T + params["b1"]
    D = np.maximum(Z, 0) * mask / (1 - p)
    S = D @ params["W2"].T + params["b2"]
    E = np.exp(S - S.max(axis=1, keepdims=True))
    dS = E / E.sum(axis=1, keepdims=True)
    dS[np.arange(len(y)), y] -= 1
    dS /= len(y)
    dZ = (dS @ params["W2"]) * mask * (Z > 0)
    return {"W1": dZ.T @ X, "b1": dZ.sum(axis=0), "W2": dS.T @ D, "b2": dS.sum(axis=0)}


@wrong(loses=["network_gradients"], diagnosis="undropped-activations")
def network_gradients(X, y, params, mask, p):
    """Wrong: ∂C/∂W² made of the activations before dropout."""
    Z = X @ params["W1"].T + params["b1"]
    H = np.maximum(Z, 0)
    S = (H * mask / (1 - p)) @ params["W2"].T + params["b2"]
    E = np.exp(S - S.max(axis=1, keepdims=True))
    dS = E / E.sum(axis=1, keepdims=True)
    dS[np.arange(len(y)), y] -= 1
    dS /= len(y)
    dZ = (dS @ params["W2"]) * mask / (1 - p) * (Z > 0)
    return {"W1": dZ.T @ X, "b1": dZ.sum(axis=0), "W2": dS.T @ H, "b2": dS.sum(axis=0)}


@wrong(loses=["network_gradients"], diagnosis="not-rescaled")
def network_gradients(X, y, params, mask, p):
    """Wrong: no rescaling, forward and back."""
    Z = X @ params["W1"].T + params["b1"]
    D = np.maximum(Z, 0) * mask
    S = D @ params["W2"].T + params["b2"]
    E = np.exp(S - S.max(axis=1, keepdims=True))
    dS = E / E.sum(axis=1, keepdims=True)
    dS[np.arange(len(y)), y] -= 1
    dS /= len(y)
    dZ = (dS @ params["W2"]) * mask * (Z > 0)
    return {"W1": dZ.T @ X, "b1": dZ.sum(axis=0), "W2": dS.T @ D, "b2": dS.sum(axis=0)}


@wrong(loses=["network_gradients"], diagnosis="relu-forgotten")
def network_gradients(X, y, params, mask, p):
    """Wrong: the slope of the ReLU is missing."""
    D = np.maximum(X @ params["W1"].T + params["b1"], 0) * mask / (1 - p)
    S = D @ params["W2"].T + params["b2"]
    E = np.exp(S - S.max(axis=1, keepdims=True))
    dS = E / E.sum(axis=1, keepdims=True)
    dS[np.arange(len(y)), y] -= 1
    dS /= len(y)
    dZ = (dS @ params["W2"]) * mask / (1 - p)
    return {"W1": dZ.T @ X, "b1": dZ.sum(axis=0), "W2": dS.T @ D, "b2": dS.sum(axis=0)}


@wrong(loses=["network_gradients"], diagnosis="summed-not-averaged")
def network_gradients(X, y, params, mask, p):
    """Wrong: the sum over the batch."""
    scale = mask / (1 - p)
    Z = X @ params["W1"].T + params["b1"]
    D = np.maximum(Z, 0) * scale
    S = D @ params["W2"].T + params["b2"]
    E = np.exp(S - S.max(axis=1, keepdims=True))
    dS = E / E.sum(axis=1, keepdims=True)
    dS[np.arange(len(y)), y] -= 1
    dZ = (dS @ params["W2"]) * scale * (Z > 0)
    return {"W1": dZ.T @ X, "b1": dZ.sum(axis=0), "W2": dS.T @ D, "b2": dS.sum(axis=0)}


@wrong(loses=["network_gradients"], diagnosis="no-dropout")
def network_gradients(X, y, params, mask, p):
    """Wrong: the plain gradients, no dropout at all."""
    return plain_gradients(X, y, params)


@wrong(loses=["network_gradients"], diagnosis="mask-forgotten-forward")
def network_gradients(X, y, params, mask, p):
    """Wrong: the softmax by `probabilities`, which knows no mask."""
    Z = X @ params["W1"].T + params["b1"]
    D = np.maximum(Z, 0) * mask / (1 - p)
    dS = probabilities(X, params)
    dS[np.arange(len(y)), y] -= 1
    dS /= len(y)
    dZ = (dS @ params["W2"]) * mask / (1 - p) * (Z > 0)
    return {"W1": dZ.T @ X, "b1": dZ.sum(axis=0), "W2": dS.T @ D, "b2": dS.sum(axis=0)}


@wrong(loses=["network_gradients"], diagnosis="uses-autodiff")
def network_gradients(X, y, params, mask, p):
    """Wrong: lets the tape do it."""
    t = {name: tf.constant(value) for name, value in params.items()}
    with tf.GradientTape() as tape:
        tape.watch(t)
        H = tf.nn.relu(X @ tf.transpose(t["W1"]) + t["b1"]) * mask / (1 - p)
        S = H @ tf.transpose(t["W2"]) + t["b2"]
        cost = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, S))
    return tape.gradient(cost, t)


@wrong(loses=["network_gradients"], diagnosis="form")
def network_gradients(X, y, params, mask, p):
    """Wrong: nothing is returned."""
    Z = X @ params["W1"].T + params["b1"]
    D = np.maximum(Z, 0) * mask / (1 - p)
    print("shape of D:", D.shape)


# Task 11: train


@right
def train(X, y, params, p, epochs, seed):
    """Right: a loop of its own over the mini-batches, without sgd_epoch."""
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), 50):
            rows = order[start : start + 50]
            mask = (rng.random((len(rows), len(params["b1"]))) >= p).astype(float)
            slopes = network_gradients(X[rows], y[rows], params, mask, p)
            params = {name: params[name] - 0.5 * slopes[name] for name in params}
    return params


@right
def train(X, y, params, p, epochs, seed):
    """Right: a generator of its own for the masks, a lambda, deepcopy."""
    import copy

    trained, masks = copy.deepcopy(params), np.random.default_rng(seed + 1)
    shuffle = np.random.default_rng(seed)
    size = params["W1"].shape[0]
    for _ in range(epochs):
        sgd_epoch(
            lambda Xb, yb, w: network_gradients(
                Xb, yb, w, masks.binomial(1, 1 - p, (Xb.shape[0], size)), p
            ),
            X,
            y,
            trained,
            shuffle,
        )
    return trained


@right
def train(X, y, params, p, epochs, seed):
    """Right: a class with a method for the gradients, other names."""

    class Dropper:
        def __init__(self, rng):
            self.rng = rng

        def slopes(self, inputs, labels, network):
            kept = self.rng.uniform(size=(len(labels), network["W2"].shape[1])) < 1 - p
            return network_gradients(inputs, labels, network, kept.astype(float), p)

    network = {key: np.array(value) for key, value in params.items()}
    dropper, epoch = Dropper(np.random.default_rng(seed)), 0
    while epoch < epochs:
        sgd_epoch(dropper.slopes, X, y, network, dropper.rng)
        epoch += 1
    return network


@wrong(loses=["train-masks", "train-gap"], diagnosis="no-dropout")
def train(X, y, params, p, epochs, seed):
    """Wrong: plain training, p is forgotten."""
    rng = np.random.default_rng(seed)
    params = {name: value.copy() for name, value in params.items()}
    for _ in range(epochs):
        sgd_epoch(plain_gradients, X, y, params, rng)
    return params


@wrong(loses=["train-masks"], diagnosis="same-mask")
def train(X, y, params, p, epochs, seed):
    """Wrong: one mask, drawn before the training."""
    rng = np.random.default_rng(seed)
    params = {name: value.copy() for name, value in params.items()}
    mask = rng.random((50, len(params["b1"]))) < 1 - p
    for _ in range(epochs):
        sgd_epoch(
            lambda Xb, yb, w: network_gradients(Xb, yb, w, mask[: len(Xb)], p), X, y, params, rng
        )
    return params


@wrong(loses=["train-masks"], diagnosis="same-mask")
def train(X, y, params, p, epochs, seed):
    """Wrong: the generator of the masks is made anew at each step."""
    rng = np.random.default_rng(seed)
    params = {name: value.copy() for name, value in params.items()}

    def noisy(Xb, yb, w):
        mask = np.random.default_rng(seed).random((len(Xb), len(w["b1"]))) < 1 - p
        return network_gradients(Xb, yb, w, mask, p)

    for _ in range(epochs):
        sgd_epoch(noisy, X, y, params, rng)
    return params


@wrong(loses=["train-masks"], diagnosis="p-as-keep")
def train(X, y, params, p, epochs, seed):
    """Wrong: the mask keeps a share p."""
    rng = np.random.default_rng(seed)
    params = {name: value.copy() for name, value in params.items()}

    def noisy(Xb, yb, w):
        mask = rng.random((len(Xb), len(w["b1"]))) < p if p else np.ones((len(Xb), len(w["b1"])))
        return network_gradients(Xb, yb, w, mask, p)

    for _ in range(epochs):
        sgd_epoch(noisy, X, y, params, rng)
    return params


@wrong(loses=["train-masks"], diagnosis="one-mask-for-batch")
def train(X, y, params, p, epochs, seed):
    """Wrong: one mask for all examples of a mini-batch."""
    rng = np.random.default_rng(seed)
    params = {name: value.copy() for name, value in params.items()}

    def noisy(Xb, yb, w):
        mask = np.tile(rng.random(len(w["b1"])) < 1 - p, (len(Xb), 1))
        return network_gradients(Xb, yb, w, mask, p)

    for _ in range(epochs):
        sgd_epoch(noisy, X, y, params, rng)
    return params


@wrong(loses=["train-masks", "train-gap"], diagnosis="not-trained")
def train(X, y, params, p, epochs, seed):
    """Wrong: trains a copy, and returns the start."""
    rng = np.random.default_rng(seed)
    trained = {name: value.copy() for name, value in params.items()}

    def noisy(Xb, yb, w):
        mask = rng.random((len(Xb), len(w["b1"]))) < 1 - p
        return network_gradients(Xb, yb, w, mask, p)

    for _ in range(epochs):
        sgd_epoch(noisy, X, y, trained, rng)
    return params


@wrong(loses=["train-masks", "train-gap"], diagnosis="same-mask")
def train(X, y, params, p, epochs, seed):
    """Wrong: one epoch, whatever is asked."""
    rng = np.random.default_rng(seed)
    params = {name: value.copy() for name, value in params.items()}

    def noisy(Xb, yb, w):
        mask = rng.random((len(Xb), len(w["b1"]))) < 1 - p
        return network_gradients(Xb, yb, w, mask, p)

    sgd_epoch(noisy, X, y, params, rng)
    return params


@wrong(loses=["train-gap"], diagnosis="no-smaller-gap")
def train(X, y, params, p, epochs, seed):
    """Wrong: a mask for small batches only, so that the first test is happy."""
    rng = np.random.default_rng(seed)
    params = {name: value.copy() for name, value in params.items()}

    def noisy(Xb, yb, w):
        if len(Xb) > 10:
            return plain_gradients(Xb, yb, w)
        mask = rng.random((len(Xb), len(w["b1"]))) < 1 - p
        return network_gradients(Xb, yb, w, mask, p)

    for _ in range(epochs):
        sgd_epoch(noisy, X, y, params, rng)
    return params


@wrong(loses=["train-masks"], diagnosis="argument-changed")
def train(X, y, params, p, epochs, seed):
    """Wrong: trains the start itself, no copy."""
    rng = np.random.default_rng(seed)

    def noisy(Xb, yb, w):
        mask = rng.random((len(Xb), len(w["b1"]))) < 1 - p
        return network_gradients(Xb, yb, w, mask, p)

    for _ in range(epochs):
        sgd_epoch(noisy, X, y, params, rng)
    return params


@wrong(loses=["train-masks"], diagnosis="scaled-twice")
def train(X, y, params, p, epochs, seed):
    """Wrong: the mask is scaled, and network_gradients scales it again."""
    rng = np.random.default_rng(seed)
    params = {name: value.copy() for name, value in params.items()}

    def noisy(Xb, yb, w):
        mask = (rng.random((len(Xb), len(w["b1"]))) < 1 - p) / (1 - p)
        return network_gradients(Xb, yb, w, mask, p)

    for _ in range(epochs):
        sgd_epoch(noisy, X, y, params, rng)
    return params


@wrong(loses=["train-masks", "train-gap"], diagnosis="no-dropout")
def train(X, y, params, p, epochs, seed):
    """Wrong: draws the mask, and passes ones."""
    rng = np.random.default_rng(seed)
    params = {name: value.copy() for name, value in params.items()}

    def noisy(Xb, yb, w):
        mask = rng.random((len(Xb), len(w["b1"]))) < 1 - p
        return network_gradients(Xb, yb, w, np.ones_like(mask), 0.0)

    for _ in range(epochs):
        sgd_epoch(noisy, X, y, params, rng)
    return params


@wrong(loses=["train-masks"], diagnosis="rng-not-used")
def train(X, y, params, p, epochs, seed):
    """Wrong: the masks come from NumPy's global numbers."""
    rng = np.random.default_rng(seed)
    params = {name: value.copy() for name, value in params.items()}

    def noisy(Xb, yb, w):
        mask = np.random.random((len(Xb), len(w["b1"]))) < 1 - p
        return network_gradients(Xb, yb, w, mask, p)

    for _ in range(epochs):
        sgd_epoch(noisy, X, y, params, rng)
    return params


@wrong(loses=["train-masks"], diagnosis="seed-not-used")
def train(X, y, params, p, epochs, seed):
    """Wrong: the same seed, whatever is asked."""
    rng = np.random.default_rng(0)
    params = {name: value.copy() for name, value in params.items()}

    def noisy(Xb, yb, w):
        mask = rng.random((len(Xb), len(w["b1"]))) < 1 - p
        return network_gradients(Xb, yb, w, mask, p)

    for _ in range(epochs):
        sgd_epoch(noisy, X, y, params, rng)
    return params


@wrong(loses=["train-masks", "train-gap"], diagnosis="form")
def train(X, y, params, p, epochs, seed):
    """Wrong: the return is missing."""
    rng = np.random.default_rng(seed)
    params = {name: value.copy() for name, value in params.items()}

    def noisy(Xb, yb, w):
        mask = rng.random((len(Xb), len(w["b1"]))) < 1 - p
        return network_gradients(Xb, yb, w, mask, p)

    for _ in range(epochs):
        sgd_epoch(noisy, X, y, params, rng)
