# ---
# topic:
#   results:
#     - what: Gap of the losses with p = ½ ÷ without; gain in test accuracy (15 % wrong labels)
#       code: |
#         kind = next(iter(kinds))
#         ratio = np.mean(gaps[kind, 0.5]) / np.mean(gaps[kind, 0.0])
#         spread = np.std(np.subtract(scores[kind, 0.5], scores[kind, 0.0]), ddof=1)
#         told = f"{ratio:.2f}; {gains[0]:+.3f} ± {spread:.3f}"
#   figures:
#     - caption: What dropout does, and what it does not
#       alt: Gap and test accuracy against p
# ---

# %% [markdown]
# # 7 Dropout and overfitting
#
# A network with enough weights can learn its training set by heart, mistakes included. It then
# does well on what it has seen and worse on everything else. This notebook shows how to see that,
# and three remedies: dropout, early stopping and L2.
#
# **Afterwards you can**
#
# - tell under- and overfitting from two curves;
# - write dropout: the mask, its scaling, the way back through it, and when it is off;
# - write the same in raw TensorFlow and in Keras, and show that they agree;
# - stop a training at the right moment, and go back to the best weights;
# - add an L2 penalty to a loss and to its gradient;
# - measure over several seeds what a remedy does, and what it does not.
#
# **Read first** in the notes:
#
# | notes | what they are | read for |
# |---|---|---|
# | 004 | *Introduction to Deep Learning and Neural Network* | "Overfitting" to "Early Stopping" |
# | 001 | CSci 4270 and 6270, Lecture 15 | "Example: MNIST": training, validation and test set |
# | 003 | *Lesson 4, Basic Neural Network* | "Overall Loss": data loss and regularisation loss |
#
# The notes have mistakes, as notes do. Where you meet one, a box marked **Erratum** says so.
#
# **Time**: about three hours. There are 11 small tasks. 20 points are judged automatically, 2
# more by a person.
#
# **How it works**: replace the line `raise NotImplementedError(…)` by your code, run the cell,
# then the test below it. More tests, with other inputs, run when your work is graded. Loops, `@`,
# `einsum` and helper functions are all fine. Gradients are derived by hand: no automatic or
# numerical differentiation, no Keras. Only the last task needs an earlier one.
#
# **One letter, two meanings.** Here **p is the share that is dropped**, and $1 - p$ the share
# that is kept. So do `tf.nn.dropout(rate=…)` and `keras.layers.Dropout(rate)`. Papers and older
# programs often call the *kept* share $p$. At $p = ½$ nobody notices the difference. At
# $p = 0.2$ it makes a wreck.

# %% given="setup"
import keras
import numpy as np
import tensorflow as tf

from nnkit import checks, datasets, plots

BLUE, RED = plots.PALETTE[0], plots.PALETTE[1]
np.set_printoptions(precision=4, suppress=True)
tf.zeros(1)  # TensorFlow starts here, and not in the middle of a test

# %% [markdown]
# ## Too stiff, about right, too flexible
#
# Twelve points lie near a smooth curve. We fit polynomials of three degrees to them (blue dots),
# and look how they do on new points of the same kind (orange squares).

# %%
draw = np.random.default_rng(31)
x_old, x_new = np.linspace(0.02, 0.98, 12), np.linspace(0.06, 0.94, 11)
y_old, y_new = (np.sin(2 * np.pi * x) + draw.normal(0, 0.25, len(x)) for x in (x_old, x_new))

fig, axes = plots.figure(
    "Degree 1 misses the points; degree 11 hits each one, and shoots past the new ones",
    1,
    3,
    width=9.2,
    height=3.4,
    sharey=True,
)
fine = np.linspace(0, 1, 300)
for axis, degree, verdict in zip(
    axes, (1, 3, 11), ("underfitting", "a good fit", "overfitting"), strict=True
):
    curve = np.polynomial.Polynomial.fit(x_old, y_old, degree)
    axis.plot(fine, curve(fine), color="0.35")
    axis.plot(x_old, y_old, "o", color=BLUE, ms=5, label="fitted to")
    axis.plot(x_new, y_new, "s", color=RED, ms=4, label="new")
    old, new = (np.mean((curve(x) - y) ** 2) for x, y in ((x_old, y_old), (x_new, y_new)))
    text = f"degree {degree}: {verdict}\nerror {old:.2f}, on new points {new:.2f}"
    axis.set_title(text, fontweight="normal")
    axis.set(xlabel="x", ylim=(-2, 2))
axes[0].set(ylabel="y")
axes[0].legend(loc="lower left")
plots.show(
    fig,
    alt="Three fits to the same twelve noisy points of a sine. A straight line misses old and new "
    "points alike. A cubic passes near both. A polynomial of degree 11 passes through every old "
    "point and swings far away from the new ones in between.",
)

# %% [markdown]
# - **Underfitting**: the model is too simple, or not trained enough. It is bad on *both*.
# - **Overfitting**: it fits the chance in its training points. It is good on those, bad on new
#   ones.
#
# So one number is not enough. We always watch two: the loss on the **training** set, and on a
# **validation** set that the training never touches. Their difference is the **gap**:
#
# $$\text{gap} = \text{validation loss} - \text{training loss}$$
#
# A third set, the **test** set, is kept for the end. What you choose by looking at the validation
# set (when to stop, which $p$) fits its chance a little, too.
#
# ## Our data, and a network that you know
#
# Few digits, and some labelled wrongly, as happens when people label in a hurry: 200 training
# images and 200 for validation, and in both sets 15 % of the labels are false. (The test labels
# are right. Somebody has checked them.) To keep things quick, the empty frame of each image is cut
# off, the rest shrunk to 10×10 by averaging, and the mean training image is subtracted.
#
# The network is one of topic 5: a hidden layer of ReLU, an output layer with softmax, and the
# cross-entropy as its loss. Read it once. You will come back to `plain_gradients` in Task 10.

# %% given="data"
digits = datasets.load()
N_TRAIN = 200 if digits.name == "digits" else 1000  # MNIST is harder: it takes more


def shrink(images):
    """Return (N, 28, 28) uint8 images as rows (N, 100) of numbers from 0 to 1."""
    middle = images[:, 4:24, 4:24]
    return middle.reshape(-1, 10, 2, 10, 2).mean(axis=(2, 4)).reshape(-1, 100) / 255


def spoil(labels, share, seed):
    """Return a copy of the labels, with a share of them replaced by another digit."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(labels), int(share * len(labels)), replace=False)
    spoilt = labels.copy()
    spoilt[chosen] = (spoilt[chosen] + rng.integers(1, 10, len(chosen))) % 10
    return spoilt


mean_image = shrink(digits.x_train[:N_TRAIN]).mean(axis=0)
X_train, X_val, X_test = (
    shrink(images) - mean_image
    for images in (digits.x_train[:N_TRAIN], digits.x_val[:1000], digits.x_test)
)
y_right, y_val_right = digits.y_train[:N_TRAIN], digits.y_val[:1000]
y_train, y_val = spoil(y_right, 0.15, seed=7), spoil(y_val_right, 0.15, seed=8)
y_test = digits.y_test

# %% given="network"


def new_network(sizes, seed):
    """Return random weights of a network with layers of `sizes` = (n_0, n_1, n_2), as a dict."""
    rng = np.random.default_rng(seed)
    n0, n1, n2 = sizes
    return {
        "W1": rng.normal(size=(n1, n0)) * np.sqrt(2 / n0),
        "b1": rng.normal(size=n1) * 0.1,
        "W2": rng.normal(size=(n2, n1)) * np.sqrt(1 / n1),
        "b2": rng.normal(size=n2) * 0.1,
    }


def probabilities(X, params):
    """Return softmax(W² relu(W¹ x + b¹) + b²) of each row x of X (N, n_0), as (N, n_2)."""
    (W1, b1), (W2, b2) = checks.layers(*([params[p + n] for n in "12"] for p in "Wb"))
    H = np.maximum(X @ W1.T + b1, 0)
    S = H @ W2.T + b2
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def loss(X, y, params):
    """Return the mean of −ln p_y over the examples: rows X (N, n_0), labels y (N,)."""
    return float(-np.mean(np.log(probabilities(X, params)[np.arange(len(y)), y] + 1e-300)))


def accuracy(X, y, params):
    """Return the share of rows whose most probable class is their label."""
    return float(np.mean(probabilities(X, params).argmax(axis=1) == y))


def plain_gradients(X, y, params):
    """Return the gradients of `loss` with respect to each array of params, in a dict."""
    Z = X @ params["W1"].T + params["b1"]
    H = np.maximum(Z, 0)
    dS = probabilities(X, params)
    dS[np.arange(len(y)), y] -= 1
    dS /= len(y)
    dH = dS @ params["W2"]
    dZ = dH * (Z > 0)
    return {"W1": dZ.T @ X, "b1": dZ.sum(axis=0), "W2": dS.T @ H, "b2": dS.sum(axis=0)}


def sgd_epoch(gradients, X, y, params, rng, eta=0.5, batch_size=50):
    """Train for one epoch, **changing the arrays of params in place**; nothing is returned.

    `gradients(X_batch, y_batch, params)` returns a dict like params. The examples are shuffled by
    the random generator rng.
    """
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        slopes = gradients(X[rows], y[rows], params)
        for name in params:
            params[name] -= eta * np.asarray(slopes[name])


# %% [markdown]
# ## The same three, in a network
#
# Here is what the two losses do while a network learns.


# %%
def curves_of(hidden, X, y, y_new, epochs, seed=1):
    """Train a plain network; return its training and validation loss after each epoch."""
    params, rng = new_network((100, hidden, 10), seed), np.random.default_rng(seed)
    after = []
    for _ in range(epochs):
        sgd_epoch(plain_gradients, X, y, params, rng)
        after.append({name: w.copy() for name, w in params.items()})
    first = slice(N_TRAIN)
    return np.array([(loss(X[first], y[first], net), loss(X_val, y_new, net)) for net in after])


X_more, y_more = shrink(digits.x_train[: 5 * N_TRAIN]) - mean_image, digits.y_train[: 5 * N_TRAIN]
runs = {
    "underfitting: 2 hidden neurons": curves_of(2, X_train, y_train, y_val, 40),
    f"a good fit: 50, on {len(X_more)} right labels": curves_of(
        50, X_more, y_more, y_val_right, 25
    ),
    "overfitting: 50 hidden neurons": curves_of(50, X_train, y_train, y_val, 40),
}
fig, axes = plots.figure(
    "High together, low together, or apart: two curves tell the fit",
    1,
    3,
    width=9.8,
    height=3.4,
    sharey=True,
)
for axis, (title, run) in zip(axes, runs.items(), strict=True):
    axis.plot(run[:, 0], "-", color=BLUE, label="training")
    axis.plot(run[:, 1], "--", color=RED, label="validation")
    axis.set(xlabel="epoch", ylim=(0, 2.4))
    axis.set_title(f"{title}\ngap at the end {run[-1, 1] - run[-1, 0]:.2f}", fontweight="normal")
axes[0].set(ylabel="loss")
axes[0].legend(loc="lower left")
plots.show(
    fig,
    alt="Three panels with training and validation loss against the epoch. Two hidden neurons: "
    "both stay high, close together. Fifty neurons and many examples with right labels: both "
    "fall and stay low. Fifty neurons and few examples, some labelled wrongly: the training loss "
    "goes on falling while the validation loss turns and rises.",
)

# %% [markdown]
# More data is the best remedy of all, if you can get it. Often you can't. So let us look at what
# else helps on the right-hand panel.
#
# ## Dropout
#
# **The idea.** At each training step, switch off a random part of the hidden neurons. No neuron
# can then rely on one particular other neuron, and learning a single odd image by heart gets
# harder. After training all neurons work together.
#
# Let $A$ be the activations of a layer for a batch, $(N, n)$: one example per row. Draw a
# **mask** $M$ of the same shape. Each element, for itself,
#
# $$M_{ij} = \begin{cases} 1 & \text{with probability } 1 - p \quad\text{(kept)} \\
# 0 & \text{with probability } p \quad\text{(dropped)} \end{cases}$$
#
# Every *element*: two examples of a batch have different neurons dropped. How many are dropped
# is chance too; only its mean is $p\,N n$.
#
# With $p = 0$ all is kept. With $p = 1$ nothing would be left, and $1/(1 - p)$, which we need in a
# moment, would be infinite. So $p = 1$ is an error: better a clear one now than NaN later.
#
# ## Task 1: the mask (2 points)
#
# All chance comes from the generator `rng` that you are given: the same seed gives the same mask,
# so that an experiment can be repeated. A second call with the same generator gives another mask.


# %% task="dropout_mask"
def dropout_mask(shape, p, rng):
    """Draw a mask: each element is 1 with probability 1 − p and 0 with probability p.

    Parameters
    ----------
    shape : tuple of int
        Of the activations, for example (N, n).
    p : float, 0 ≤ p < 1
        Share that is dropped.
    rng : numpy.random.Generator
        Where all chance comes from, e.g. by `rng.random(shape)`: uniform numbers in [0, 1).

    Returns
    -------
    array of this shape, of zeros and ones (as float, int or bool)

    Raises
    ------
    ValueError
        If p is not in 0 ≤ p < 1. The message says so.
    """
    ### BEGIN SOLUTION
    if not 0 <= p < 1:
        raise ValueError(f"p is the share that is dropped, 0 <= p < 1, but it is {p}")
    return (rng.random(shape) < 1 - p).astype(float)
    ### END SOLUTION


# %% [markdown]
# A random answer can't be compared with a fixed one. What can be tested is the **rate**: of 6 000
# elements at $p = 0.2$, about 4 800 are ones. The test allows for chance so generously that a right
# mask fails less than once in a thousand million times.

# %% test="dropout_mask" part="rate" points=1
checks.forbid(
    dropout_mask,
    "keras",
    "tensorflow.nn.dropout",
    what="the mask is drawn by hand",
    example=((2, 3), 0.5, np.random.default_rng(0)),
)
mask_draw = np.random.default_rng(701)
mask_one = dropout_mask((120, 50), 0.2, mask_draw)
mask_two = dropout_mask((120, 50), 0.2, mask_draw)
checks.holds(
    np.shape(mask_one) not in [(50,), (1, 50)],
    "there is a mask for each example",
    "this is one row for the whole batch: every example needs a mask of its own.",
    name="one-mask-for-batch",
)
checks.shape(mask_one, (120, 50), "the mask")
mask_one, mask_two = (np.asarray(mask, dtype=float) for mask in (mask_one, mask_two))
checks.holds(
    not np.any(np.isclose(mask_one, 1 / 0.8)),
    "the mask is not scaled yet",
    "1/(1 − p) comes in the next task: the mask itself holds zeros and ones.",
    name="already-rescaled",
)
checks.holds(
    np.isin(mask_one, (0, 1)),
    "the mask holds zeros and ones only",
    "compare the random numbers with 1 − p: that gives true or false for each element.",
)
checks.holds(
    np.ptp(mask_one) == 0 or np.any(mask_one != mask_one[0]),
    "the examples of a batch have different neurons dropped",
    "all rows are alike: draw a number for every element, not one row for the whole batch.",
    name="one-mask-for-batch",
)
checks.holds(
    np.ptp(mask_one) == 0 or np.any(mask_one != mask_one[:, :1]),
    "an example keeps some of its neurons",
    "all neurons of an example are dropped together: draw a number for every element.",
    name="whole-examples-dropped",
)
checks.rate(
    mask_one == 1,
    0.8,
    "share of ones at p = 0.2",
    causes=[
        checks.cause("p-as-keep", 0.2, "p is the share that is dropped: 1 − p is kept."),
        checks.cause("all-kept", 1.0, "nothing is dropped."),
        checks.cause("always-half", 0.5, "half is dropped, whatever p is."),
    ],
)
checks.holds(
    np.any(mask_one != mask_two),
    "a second call gives another mask",
    "it is the same mask again: draw from the `rng` that is passed in, and don't make a new "
    "generator with a fixed seed.",
    name="same-mask",
)
mask_repeats = [dropout_mask((6, 50), 0.4, np.random.default_rng(730)) for _ in range(2)]
checks.holds(
    np.array_equal(*mask_repeats),
    "the same seed gives the same mask",
    "these are other numbers than those of `rng`: draw with `rng.random`, not `np.random`. Then "
    "an experiment can be repeated.",
    name="rng-not-used",
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    mask_causes = [("p-as-keep", lambda q: q), ("all-kept", lambda q: 1.0)]
    for mask_shape, mask_p in [((73, 41), 0.35), ((9, 20, 31), 0.6), ((4001,), 0.1), ((60, 70), 0)]:
        mask_any = dropout_mask(mask_shape, mask_p, mask_draw)
        checks.shape(mask_any, mask_shape, "masks of other shapes")
        checks.holds(
            np.isin(np.asarray(mask_any, dtype=float), (0, 1)), "zeros and ones only", "see above."
        )
        checks.rate(
            np.asarray(mask_any) == 1,
            1 - mask_p,
            "share of ones in other masks",
            causes=[
                checks.cause(name, wrong(mask_p), "1 − p of the elements are kept.")
                for name, wrong in mask_causes
            ],
        )
    mask_some = [
        np.asarray(dropout_mask((30, 25), 0.4, np.random.default_rng(seed)), dtype=float)
        for seed in (*range(12), 0)
    ]
    checks.holds(
        len({mask.sum() for mask in mask_some}) > 1,
        "the number of ones is random",
        "every mask has exactly the same number of ones: each element is drawn for itself.",
        name="fixed-count",
    )
    checks.holds(
        all(np.any(mask != mask[0]) for mask in mask_some),
        "the rows differ",
        "all rows are alike.",
        name="one-mask-for-batch",
    )
    checks.holds(
        all(any(np.ptp(mask.sum(axis=axis)) > 0 for mask in mask_some) for axis in (0, 1)),
        "the number of ones in a row, and in a column, is random",
        "it is exactly the same everywhere: each element is drawn for itself.",
        name="fixed-count",
    )
    checks.holds(
        np.array_equal(mask_some[0], mask_some[-1]),
        "the same seed gives the same mask",
        "draw from the `rng` that is passed in: then an experiment can be repeated.",
        name="rng-not-used",
    )
    checks.holds(
        any(np.any(mask != mask_some[0]) for mask in mask_some),
        "another seed gives another mask",
        "draw from the `rng` that is passed in.",
        name="same-mask",
    )
### END HIDDEN TESTS

# %% test="dropout_mask" part="edges" points=1
checks.raises(dropout_mask, (3, 4), 1.0, np.random.default_rng(1), what="p = 1 is refused")
checks.close(
    dropout_mask((3, 4), 0.0, np.random.default_rng(1)),
    np.ones((3, 4)),
    "p = 0 keeps everything",
    causes=[
        checks.cause("p-as-keep", np.zeros((3, 4)), "p is the share that is dropped, not kept.")
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    for edge in (-0.1, -3.0, 1.5, 2, 1):
        checks.raises(
            dropout_mask, (5, 2), edge, np.random.default_rng(2), what="p outside 0 ≤ p < 1"
        )
    checks.close(
        dropout_mask((7, 300), 0, np.random.default_rng(3)),
        np.ones((7, 300)),
        "p = 0 keeps everything, in another shape",
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 2: apply it, and rescale (1 point)
#
# Multiply by the mask, and a share $p$ of the activations becomes 0. The next layer then gets less
# than it is used to: on average only $(1 - p)\,a$ in place of $a$. After training, with nothing
# dropped, it would suddenly get more. So we scale what is kept **up**, by $1/(1-p)$:
#
# $$D = \frac{A \odot M}{1 - p} \qquad\text{and its mean is}\qquad
# (1 - p)\cdot\frac{a}{1 - p} + p \cdot 0 = a .$$
#
# This is called **inverted** dropout, and it is what TensorFlow and Keras do. For $a = 2$ and
# $p = 0.2$: kept, it becomes $2/0.8 = 2.5$; dropped, 0; on average $0.8 · 2.5 = 2$.
#
# > **Erratum (notes 004, "Dropout").** The slides say to "randomly set some activations to 0", and
# > stop there. The rescaling is missing: with $p = ½$ every following neuron would see twice its
# > usual input as soon as dropout is switched off.


# %% task="apply_mask"
def apply_mask(A, mask, p):
    """Return D = A ⊙ M / (1 − p): what is kept, scaled up.

    Parameters
    ----------
    A : float64 array (N, n)
        Activations.
    mask : float64 array (N, n)
        Zeros and ones, as drawn with this p.
    p : float, 0 ≤ p < 1
        Share that is dropped on average.

    Returns
    -------
    float64 array (N, n), a new one
    """
    ### BEGIN SOLUTION
    return A * mask / (1 - p)
    ### END SOLUTION


# %% test="apply_mask" points=1
checks.forbid(
    apply_mask,
    "keras",
    "tensorflow.nn.dropout",
    what="this layer is written by hand",
    example=(np.ones((2, 3)), np.ones((2, 3)), 0.5),
)
checks.close(
    apply_mask(
        np.array([[2.0, -1.0, 4.0], [3.0, 8.0, -6.0]]),
        np.array([[1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]),
        0.2,
    ),
    [[2.5, 0.0, 5.0], [3.75, 10.0, 0.0]],
    "two examples of three neurons at p = 0.2",
    causes=[
        checks.cause(
            "not-rescaled",
            [[2.0, 0.0, 4.0], [3.0, 8.0, 0.0]],
            "what is kept is not scaled up: divide by 1 − p.",
        ),
        checks.cause(
            "scaled-by-keep",
            [[1.6, 0.0, 3.2], [2.4, 6.4, 0.0]],
            "what is kept is multiplied by 1 − p: divide by it.",
        ),
        checks.cause(
            "divided-by-p",
            [[10.0, 0.0, 20.0], [15.0, 40.0, 0.0]],
            "this is divided by p: divide by the share that is kept, 1 − p.",
        ),
        checks.cause(
            "scaled-by-count",
            [[3.0, 0.0, 6.0], [4.5, 12.0, 0.0]],
            "this is divided by the share of ones in this very mask: divide by 1 − p.",
        ),
        checks.cause(
            "mask-inverted",
            [[0.0, -1.25, 0.0], [0.0, 0.0, -7.5]],
            "the kept and the dropped are exchanged: a 1 in the mask means kept.",
        ),
        checks.cause(
            "mask-forgotten",
            [[2.5, -1.25, 5.0], [3.75, 10.0, -7.5]],
            "everything is scaled up, and nothing is dropped: multiply by the mask.",
        ),
        checks.cause(
            "brackets-missing",
            [[1.8, -0.2, 3.8], [2.8, 7.8, -0.2]],
            "`/ 1 - p` divides by 1 and then subtracts p: write `/ (1 - p)`.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_applied(A, mask, p):
        return np.where(mask == 1, A / (1 - p), 0.0)

    def applied_cases():
        rng = np.random.default_rng(702)
        for shape, p in [((7, 5), 0.35), ((4, 11), 0.6), ((3, 2), 0.0), ((9, 6), 0.9)]:
            yield rng.normal(size=shape), (rng.random(shape) < 1 - p).astype(float), p

    checks.same(
        apply_mask,
        right_applied,
        applied_cases(),
        "apply_mask on random layers",
        rtol=1e-6,
        causes=[
            checks.cause("not-rescaled", lambda A, m, p: A * m, "divide by 1 − p."),
            checks.cause("scaled-by-keep", lambda A, m, p: A * m * (1 - p), "divide by 1 − p."),
            checks.cause("always-half", lambda A, m, p: 2 * A * m, "this fits p = ½ only."),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# What does the next neuron see? We take one layer of 60 activations and a neuron with 60 weights,
# and draw 4 000 masks with $p = ½$.

# %%
with plots.needs("apply_mask"):
    rng = np.random.default_rng(4)
    layer, weights = rng.uniform(0.2, 1.0, 60), rng.normal(0.12, 0.1, 60)
    masks = (rng.random((4000, 60)) < 0.5).astype(float)
    z_true = layer @ weights
    z_scaled = np.asarray(apply_mask(np.tile(layer, (4000, 1)), masks, 0.5)) @ weights
    z_bare = (layer * masks) @ weights
    fig, axis = plots.figure("Rescaled, the next neuron's input keeps its mean; bare, it halves")
    bins = np.linspace(min(z_bare.min(), 0), z_scaled.max(), 60)
    axis.hist(z_bare, bins, color=RED, alpha=0.75, label=f"not rescaled: mean {z_bare.mean():.2f}")
    axis.hist(z_scaled, bins, color=BLUE, alpha=0.75, label=f"rescaled: mean {z_scaled.mean():.2f}")
    axis.axvline(z_true, color="black", ls="--", label=f"no dropout: {z_true:.2f}")
    axis.set(xlabel="pre-activation z of the next neuron", ylabel="masks out of 4 000")
    axis.legend(loc="upper right", fontsize=8.5)
    axis.set_ylim(0, axis.get_ylim()[1] * 1.25)
    plots.show(
        fig,
        alt="Two histograms of the pre-activation of a neuron over 4 000 random masks. Without "
        "rescaling it is centred at half of the value without dropout. With rescaling it is "
        "centred at that value, and is broader.",
    )

# %% [markdown]
# ## Task 3: a layer that knows whether it trains (2 points)
#
# Dropout is a way of **training**. When the network is used (*inference*: validation, test, the
# real thing), the layer does nothing at all: no mask, no factor. The rescaling has been done in
# training already. So the layer has a switch, `training`.
#
# | | training | inference |
# |---|---|---|
# | mask | a new one at every call | none |
# | factor | $1/(1 - p)$ | 1 |


# %% task="dropout"
def dropout(A, p, training, rng):
    """Inverted dropout: A ⊙ M / (1 − p) in training with a fresh mask M, A itself at inference.

    Parameters
    ----------
    A : float64 array (N, n)
        Activations.
    p : float, 0 ≤ p < 1
        Share that is dropped.
    training : bool
        True in training, False at inference.
    rng : numpy.random.Generator
        Where the mask comes from.

    Returns
    -------
    float64 array (N, n)
    """
    ### BEGIN SOLUTION
    if not training:
        return A
    mask = rng.random(A.shape) < 1 - p
    return A * mask / (1 - p)
    ### END SOLUTION


# %% test="dropout" part="training" points=1
checks.forbid(
    dropout,
    "keras",
    "tensorflow.nn.dropout",
    what="this layer is written by hand",
    example=(np.ones((2, 3)), 0.5, True, np.random.default_rng(0)),
)
layer_draw = np.random.default_rng(703)
layer_in = np.full((80, 50), 3.0)
layer_out = dropout(layer_in.copy(), 0.25, True, layer_draw)
layer_again = dropout(layer_in.copy(), 0.25, True, layer_draw)
checks.shape(layer_out, (80, 50), "the layer's output in training")
layer_out, layer_again = (np.asarray(out, dtype=float) for out in (layer_out, layer_again))
checks.holds(
    np.ptp(layer_out) > 0,
    "some activations are dropped in training",
    "nothing is dropped: is the switch the wrong way round?",
    name="no-mask-in-training",
)
checks.close(
    np.max(layer_out),
    4.0,
    "what is kept of activations that are all 3, at p = 0.25",
    rtol=1e-6,
    causes=[
        checks.cause("not-rescaled", 3.0, "it is not scaled up: divide by 1 − p."),
        checks.cause("scaled-by-keep", 2.25, "it is multiplied by 1 − p: divide by it."),
        checks.cause(
            "p-as-keep",
            lambda: 12.0 if np.mean(layer_out == 0) > 0.5 else 0.0,
            "only a quarter is kept, and divided by p: p is the share that is dropped.",
        ),
        checks.cause("divided-by-p", 12.0, "it is divided by p: divide by 1 − p."),
        checks.cause(
            "brackets-missing",
            2.75,
            "`/ 1 - p` divides by 1 and then subtracts p: write `/ (1 - p)`.",
        ),
    ],
)
checks.holds(
    np.any(layer_out != layer_out[0]),
    "the examples of a batch have different neurons dropped",
    "all rows are alike: draw a number for every element, not one row for the whole batch.",
    name="one-mask-for-batch",
)
checks.rate(
    layer_out == 0,
    0.25,
    "share of dropped activations at p = 0.25",
    causes=[
        checks.cause("p-as-keep", 0.75, "p is the share that is dropped."),
        checks.cause("always-half", 0.5, "half is dropped, whatever p is."),
    ],
)
checks.holds(
    np.any(layer_out != layer_again),
    "a second call draws a fresh mask",
    "it is the same mask again: draw from the `rng` that is passed in, at every call.",
    name="same-mask",
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    for layer_shape, layer_p in [((61, 47), 0.6), ((90, 33), 0.1), ((40, 52), 0.0)]:
        layer_in = layer_draw.uniform(-2.0, -0.5, layer_shape)
        layer_out = np.asarray(dropout(layer_in.copy(), layer_p, True, layer_draw), dtype=float)
        checks.shape(layer_out, layer_shape, "the output of other layers")
        layer_kept = layer_out != 0
        checks.close(
            layer_out,
            np.where(layer_kept, layer_in / (1 - layer_p), 0.0),
            "what is kept in other layers",
            rtol=1e-6,
            causes=[
                checks.cause("not-rescaled", layer_in * layer_kept, "divide by 1 − p."),
                checks.cause(
                    "scaled-by-keep", layer_in * layer_kept * (1 - layer_p), "divide by 1 − p."
                ),
            ],
        )
        checks.rate(
            layer_kept,
            1 - layer_p,
            "share that is kept in other layers",
            causes=[checks.cause("p-as-keep", layer_p, "p is the share that is dropped.")],
        )
        checks.holds(
            layer_p == 0 or np.any(layer_kept != layer_kept[0]),
            "the rows differ",
            "all rows are alike.",
            name="one-mask-for-batch",
        )
    layer_copies = [
        np.asarray(dropout(np.ones((25, 30)), 0.5, True, np.random.default_rng(seed)), dtype=float)
        for seed in (*range(8), 0)
    ]
    checks.holds(
        len({out.sum() for out in layer_copies}) > 1,
        "the number of dropped activations is random",
        "exactly the same number is dropped each time: each element is drawn for itself.",
        name="fixed-count",
    )
    checks.holds(
        np.array_equal(layer_copies[0], layer_copies[-1]),
        "the same seed gives the same mask",
        "draw from the `rng` that is passed in.",
        name="rng-not-used",
    )
### END HIDDEN TESTS

# %% test="dropout" part="inference" points=1
still_in = np.array([[2.0, -1.0, 4.0, 0.5, 3.0], [3.0, 8.0, -6.0, 1.0, 7.0]])
still_out = dropout(still_in, 0.75, False, np.random.default_rng(704))
checks.shape(still_out, (2, 5), "the layer's output at inference")
checks.holds(
    np.all(np.asarray(still_out, dtype=float) != 0),
    "nothing is dropped at inference",
    "activations are missing: when the network is used, all neurons work.",
    name="mask-at-inference",
)
checks.close(
    still_out,
    [[2.0, -1.0, 4.0, 0.5, 3.0], [3.0, 8.0, -6.0, 1.0, 7.0]],
    "the layer at inference, p = 0.75",
    rtol=1e-6,
    causes=[
        checks.cause(
            "scaled-at-inference",
            [[0.5, -0.25, 1.0, 0.125, 0.75], [0.75, 2.0, -1.5, 0.25, 1.75]],
            "it is multiplied by 1 − p: inverted dropout has rescaled in training already.",
        ),
        checks.cause(
            "rescaled-at-inference",
            [[8.0, -4.0, 16.0, 2.0, 12.0], [12.0, 32.0, -24.0, 4.0, 28.0]],
            "it is divided by 1 − p, though nothing is dropped: at inference the layer is the "
            "identity.",
        ),
    ],
)
checks.holds(
    np.any(np.asarray(dropout(np.ones((20, 50)), 0.75, True, np.random.default_rng(707))) != 1),
    "in training the layer is not the identity",
    "it returns its argument in training too: it must ask whether `training` is True.",
    name="always-identity",
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    for still_shape, still_p in [((31, 7), 0.5), ((6, 40), 0.2), ((5, 3), 0.0)]:
        still_in = np.random.default_rng(705).uniform(1, 2, still_shape)
        still_out = dropout(still_in, still_p, False, np.random.default_rng(706))
        checks.holds(
            np.all(np.asarray(still_out, dtype=float) != 0),
            "nothing is dropped at inference",
            "all neurons work when the network is used.",
            name="mask-at-inference",
        )
        checks.close(
            still_out,
            still_in,
            "the identity at inference",
            rtol=1e-6,
            causes=[
                checks.cause(
                    "scaled-at-inference", still_in * (1 - still_p), "no factor at inference."
                )
            ],
        )
### END HIDDEN TESTS

# %% [markdown]
# Dropout on the pixels of a digit shows both halves of it: a single draw loses a lot and makes the
# rest brighter; on average nothing is lost.

# %%
with plots.needs("dropout"):
    rng = np.random.default_rng(5)
    digit = digits.x_train[3] / 255
    fig, axes = plots.figure(
        "A single draw tears holes; the mean of 300 draws gives the digit back",
        2,
        4,
        width=7.6,
        height=4.0,
    )
    for column, p in enumerate((0, 0.25, 0.5, 0.75)):
        draws = np.asarray([dropout(digit, p, True, rng) for _ in range(300)])
        for row, picture in enumerate((draws[0], draws.mean(axis=0))):
            drawn = axes[row, column].imshow(picture, vmin=0, vmax=2)
            axes[row, column].set(xticks=[], yticks=[])
        axes[0, column].set_title(f"p = {p}", fontweight="normal", loc="center")
    axes[0, 0].set(ylabel="one draw")
    axes[1, 0].set(ylabel="mean of 300")
    fig.colorbar(drawn, ax=axes, label="brightness", shrink=0.8, extend="max")
    plots.show(
        fig,
        alt="A digit under dropout with p = 0, 0.25, 0.5 and 0.75. In the upper row, one draw "
        "each: more and more pixels are black, and the others get brighter, up to four times. In "
        "the lower row, the mean of 300 draws: each looks like the original digit.",
    )

# %% [markdown]
# ## Task 4: the way back (1 point)
#
# Going back, dropout is a node like any other: $d = a\,m/(1-p)$ has the slope $m/(1-p)$. So with
# $G = \partial C/\partial D$, the gradient that arrives from the next layer,
#
# $$\frac{\partial C}{\partial A} = \frac{G \odot M}{1 - p} .$$
#
# It is the **same** mask as on the way forward. A dropped neuron said nothing, so nothing is its
# fault: its gradient is 0, as the notes say. A new mask drawn here would blame the wrong
# neurons. And the factor is the same as well.


# %% task="dropout_backward"
def dropout_backward(G, mask, p):
    """Return ∂C/∂A = G ⊙ M / (1 − p), for D = A ⊙ M / (1 − p).

    Parameters
    ----------
    G : float64 array (N, n)
        ∂C/∂D, the gradient with respect to the output of dropout.
    mask : float64 array (N, n)
        The mask of the way forward.
    p : float, 0 ≤ p < 1

    Returns
    -------
    float64 array (N, n)
    """
    ### BEGIN SOLUTION
    return G * mask / (1 - p)
    ### END SOLUTION


# %% test="dropout_backward" points=1
back_arrived = np.array([[0.4, 0.8, -1.6, 2.0, 1.2], [-2.4, 0.6, 0.2, 1.0, -0.8]])
back_gradient = dropout_backward(
    back_arrived.copy(),
    np.array([[1.0, 0.0, 1.0, 1.0, 0.0], [0.0, 1.0, 1.0, 0.0, 1.0]]),
    0.2,
)
checks.close(
    back_gradient,
    [[0.5, 0.0, -2.0, 2.5, 0.0], [0.0, 0.75, 0.25, 0.0, -1.0]],
    "the gradient of two examples of five neurons at p = 0.2",
    causes=[
        checks.cause(
            "gradient-not-scaled",
            [[0.4, 0.0, -1.6, 2.0, 0.0], [0.0, 0.6, 0.2, 0.0, -0.8]],
            "the factor 1/(1 − p) is missing: it multiplies the gradient as it did the activation.",
        ),
        checks.cause(
            "scaled-by-keep",
            [[0.32, 0.0, -1.28, 1.6, 0.0], [0.0, 0.48, 0.16, 0.0, -0.64]],
            "the gradient is multiplied by 1 − p: divide by it, as on the way forward.",
        ),
        checks.cause(
            "mask-forgotten",
            [[0.5, 1.0, -2.0, 2.5, 1.5], [-3.0, 0.75, 0.25, 1.25, -1.0]],
            "dropped neurons get a gradient: multiply by the mask.",
        ),
        checks.cause(
            "mask-forgotten",
            [[0.4, 0.8, -1.6, 2.0, 1.2], [-2.4, 0.6, 0.2, 1.0, -0.8]],
            "the gradient comes back unchanged: the mask and the factor act on the way back, too.",
        ),
        checks.cause(
            "mask-inverted",
            [[0.0, 1.0, 0.0, 0.0, 1.5], [-3.0, 0.0, 0.0, 1.25, 0.0]],
            "the kept and the dropped are exchanged: a 1 in the mask means kept.",
        ),
        checks.cause(
            "brackets-missing",
            [[0.2, -0.2, -1.8, 1.8, -0.2], [-0.2, 0.4, 0.0, -0.2, -1.0]],
            "`/ 1 - p` divides by 1 and then subtracts p: write `/ (1 - p)`.",
        ),
        checks.cause(
            "divided-by-p",
            [[2.0, 0.0, -8.0, 10.0, 0.0], [0.0, 3.0, 1.0, 0.0, -4.0]],
            "this is divided by p: divide by the share that is kept, 1 − p.",
        ),
        checks.cause(
            # Each element is G, scaled or not, or 0; and some are 0 that should not be.
            "new-mask",
            lambda: (
                back_gradient
                if np.shape(back_gradient) == (2, 5)
                and np.any(np.isclose(back_gradient, 0) & [[1, 0, 1, 1, 0], [0, 1, 1, 0, 1]])
                and np.all(
                    np.isclose(back_gradient, 0)
                    | np.isclose(back_gradient, back_arrived)
                    | np.isclose(back_gradient, back_arrived / 0.8)
                )
                else 0.0
            ),
            "the wrong neurons have a zero gradient: use the mask that is passed in, that of the "
            "way forward, and draw no new one.",
        ),
    ],
)
checks.forbid(
    dropout_backward,
    *checks.BY_HAND,
    what="the gradient is derived by hand",
    example=(np.ones((2, 3)), np.ones((2, 3)), 0.5),
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    back_rng = np.random.default_rng(707)
    for back_shape, back_p in [((7, 5), 0.35), ((4, 9), 0.7), ((3, 6), 0.0)]:
        back_mask = (back_rng.random(back_shape) < 1 - back_p).astype(float)
        back_mix = back_rng.normal(size=back_shape)

        def back_output(A, mask=back_mask, p=back_p):
            return A * mask / (1 - p)

        def back_cost(A, mix=back_mix, output=back_output):
            return float(np.sum(mix * np.sin(output(A))))

        def back_slope(A, mask=back_mask, mix=back_mix, p=back_p, output=back_output):
            return dropout_backward(mix * np.cos(output(A)), mask, p)

        checks.gradient(
            back_cost,
            back_slope,
            back_rng.normal(size=back_shape),
            "the gradient through a fixed mask, against centred differences",
            causes=[
                checks.cause(
                    "always-half",
                    lambda mask=back_mask, mix=back_mix: 2 * mask * mix,
                    "the factor fits p = ½ only.",
                )
            ],
        )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 5: the same in raw TensorFlow (2 points)
#
# Now with `tf.random.uniform` and TensorFlow's arithmetic, and without `tf.nn.dropout`, `keras` or
# NumPy. TensorFlow keeps its own random state, so there is no `rng`. The way back you get for
# free: the tape remembers the mask. (So return a tensor. Through `.numpy()` the tape finds no way.)
#
# > **Erratum (notes 004, "Dropout").** The slides write `tf.nn.dropout(hiddenLayer, p=0.5)`. No
# > version of TensorFlow has an argument `p`. It is `rate`, the share **dropped**; in version 1 it
# > was `keep_prob`, the share **kept**. With 0.5 you can't tell which one was meant.


# %% task="tf_dropout"
def tf_dropout(x, p, training):
    """Inverted dropout by TensorFlow: x ⊙ M / (1 − p) in training, x itself at inference.

    Parameters
    ----------
    x : float32 tensor or array (N, n)
        Activations.
    p : float, 0 ≤ p < 1
        Share that is dropped.
    training : bool
        True in training, False at inference.

    Returns
    -------
    float32 tensor (N, n)
    """
    ### BEGIN SOLUTION
    x = tf.convert_to_tensor(x)
    if not training:
        return x
    mask = tf.random.uniform(tf.shape(x)) < 1 - p
    return x * tf.cast(mask, x.dtype) / (1 - p)
    ### END SOLUTION


# %% test="tf_dropout" part="training" points=1
checks.forbid(
    tf_dropout,
    "keras",
    "tensorflow.nn.dropout",
    "tensorflow.compat.v1.nn.dropout",
    "tensorflow.nn.experimental.stateless_dropout",
    "tensorflow.nn.experimental.general_dropout",
    what="the layer is written in raw TensorFlow",
    example=(np.ones((2, 3), np.float32), 0.5, True),
)
checks.forbid(
    tf_dropout,
    "numpy.random.default_rng",
    "numpy.random.rand",
    "numpy.random.random",
    "numpy.random.uniform",
    "numpy.random.binomial",
    "numpy.random.choice",
    what="the mask is drawn by TensorFlow",
    example=(np.ones((2, 3), np.float32), 0.5, True),
)
tensor_in = np.full((80, 50), 3.0, dtype=np.float32)
tensor_out, tensor_again = (
    np.asarray(tf_dropout(tensor_in, 0.25, True), dtype=float) for _ in range(2)
)
checks.shape(tensor_out, (80, 50), "the layer's output in training")
checks.holds(
    np.ptp(tensor_out) > 0,
    "some activations are dropped in training",
    "nothing is dropped: is the switch the wrong way round?",
    name="no-mask-in-training",
)
checks.close(
    np.max(tensor_out),
    4.0,
    "what is kept of activations that are all 3, at p = 0.25",
    rtol=1e-5,
    causes=[
        checks.cause("not-rescaled", 3.0, "it is not scaled up: divide by 1 − p."),
        checks.cause("scaled-by-keep", 2.25, "it is multiplied by 1 − p: divide by it."),
        checks.cause(
            "p-as-keep",
            lambda: 12.0 if np.mean(tensor_out == 0) > 0.5 else 0.0,
            "only a quarter is kept, and divided by p: p is the share that is dropped.",
        ),
        checks.cause("divided-by-p", 12.0, "it is divided by p: divide by 1 − p."),
        checks.cause(
            "brackets-missing",
            2.75,
            "`/ 1 - p` divides by 1 and then subtracts p: write `/ (1 - p)`.",
        ),
    ],
)
checks.holds(
    np.any(tensor_out != tensor_out[0]),
    "the examples of a batch have different neurons dropped",
    "all rows are alike: draw a number for every element, not one row for the whole batch.",
    name="one-mask-for-batch",
)
checks.rate(
    tensor_out == 0,
    0.25,
    "share of dropped activations at p = 0.25",
    causes=[
        checks.cause("p-as-keep", 0.75, "p is the share that is dropped."),
        checks.cause("always-half", 0.5, "half is dropped, whatever p is."),
    ],
)
checks.holds(
    np.any(tensor_out != tensor_again),
    "a second call draws a fresh mask",
    "it is the same mask again: draw at every call, and set no seed inside the function.",
    name="same-mask",
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    tensor_rng = np.random.default_rng(708)
    for tensor_shape, tensor_p in [((61, 47), 0.6), ((90, 33), 0.1), ((40, 52), 0.0)]:
        tensor_in = tensor_rng.uniform(0.5, 2.0, tensor_shape).astype(np.float32)
        tensor_out = np.asarray(tf_dropout(tensor_in, tensor_p, True), dtype=float)
        checks.shape(tensor_out, tensor_shape, "the output of other layers")
        tensor_kept = tensor_out != 0
        checks.close(
            tensor_out,
            np.where(tensor_kept, tensor_in / (1 - tensor_p), 0.0),
            "what is kept in other layers",
            rtol=1e-5,
            causes=[checks.cause("not-rescaled", tensor_in * tensor_kept, "divide by 1 − p.")],
        )
        checks.rate(
            tensor_kept,
            1 - tensor_p,
            "share that is kept in other layers",
            causes=[checks.cause("p-as-keep", tensor_p, "p is the share that is dropped.")],
        )
    tensor_sums = {
        float(np.sum(tf_dropout(np.ones((25, 30), np.float32), 0.5, True))) for _ in range(8)
    }
    checks.holds(
        len(tensor_sums) > 1,
        "the number of dropped activations is random",
        "exactly the same number is dropped each time: each element is drawn for itself.",
        name="fixed-count",
    )
### END HIDDEN TESTS

# %% test="tf_dropout" part="inference" points=1
quiet_out = tf_dropout(np.array([[2.0, -1.0, 4.0, 0.5, 3.0]], np.float32), 0.75, False)
checks.shape(quiet_out, (1, 5), "the layer's output at inference")
checks.holds(
    np.all(np.asarray(quiet_out) != 0),
    "nothing is dropped at inference",
    "activations are missing: when the network is used, all neurons work.",
    name="mask-at-inference",
)
checks.close(
    quiet_out,
    [[2.0, -1.0, 4.0, 0.5, 3.0]],
    "the layer at inference, p = 0.75",
    rtol=1e-5,
    causes=[
        checks.cause(
            "scaled-at-inference",
            [[0.5, -0.25, 1.0, 0.125, 0.75]],
            "it is multiplied by 1 − p: inverted dropout has rescaled in training already.",
        ),
        checks.cause(
            "rescaled-at-inference",
            [[8.0, -4.0, 16.0, 2.0, 12.0]],
            "it is divided by 1 − p, though nothing is dropped.",
        ),
    ],
)
checks.holds(
    np.any(np.asarray(tf_dropout(np.ones((20, 50), np.float32), 0.75, True)) != 1),
    "in training the layer is not the identity",
    "it returns its argument in training too: it must ask whether `training` is True.",
    name="always-identity",
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    quiet_in = np.random.default_rng(709).uniform(1, 2, (23, 11)).astype(np.float32)
    for quiet_p in (0.5, 0.2, 0.0):
        quiet_out = np.asarray(tf_dropout(quiet_in, quiet_p, False))
        checks.holds(
            np.all(quiet_out != 0),
            "nothing is dropped at inference",
            "all neurons work when the network is used.",
            name="mask-at-inference",
        )
        checks.close(quiet_out, quiet_in, "the identity at inference", rtol=1e-5)
### END HIDDEN TESTS

# %% [markdown]
# Three ways, one layer: yours in NumPy, yours in TensorFlow, and `keras.layers.Dropout`, which has
# the same switch `training`. At inference all are the identity. In training the masks differ, of
# course; so we compare **statistics**. Each sends 1 000 examples with 200 activations of 1 through
# $p = 0.3$, and we look at the mean of each example.
#
# The gradient agrees as well. For `sum(D)` it is $M/(1-p)$, and at inputs of 1 that is $D$ itself.

# %%
with plots.needs("dropout", "tf_dropout", "dropout_backward"):
    keras.utils.set_random_seed(6)
    ones = np.ones((1000, 200), np.float32)
    keras_layer = keras.layers.Dropout(0.3)
    outputs = {
        "NumPy, yours": dropout(ones.astype(float), 0.3, True, np.random.default_rng(6)),
        "TensorFlow, yours": tf_dropout(ones, 0.3, True),
        "keras.layers.Dropout": keras_layer(ones, training=True),
    }
    fig, axis = plots.figure("Three implementations draw from one distribution, with mean 1")
    bins = (np.arange(105, 177, 3) - 0.5) / 140  # a mean is a whole number of 1/140
    for i, (label, out) in enumerate(outputs.items()):
        out = np.asarray(out)
        label = f"{label}: {np.mean(out == 0):.3f} dropped, mean {out.mean():.3f}"
        axis.hist(
            out.mean(axis=1),
            bins,
            histtype="step",
            lw=1.8,
            ls=["-", "--", ":"][i],
            color=plots.PALETTE[i],
            label=label,
        )
    axis.set(xlabel="mean of one example's 200 outputs", ylabel="examples out of 1 000")
    axis.set_ylim(0, axis.get_ylim()[1] * 1.45)
    axis.legend(loc="upper left", fontsize=8.5)
    plots.show(
        fig,
        alt="Histograms of the mean output of an example for dropout in NumPy, in TensorFlow and "
        "in Keras. All three are bell-shaped around 1 and lie on top of each other.",
    )

    still = [
        dropout(ones, 0.3, False, np.random.default_rng(6)),
        tf_dropout(ones, 0.3, False),
        keras_layer(ones, training=False),
    ]
    print("largest change at inference:", max(float(np.abs(out - ones).max()) for out in still))
    x = tf.constant(ones[:50])
    with tf.GradientTape() as tape:
        tape.watch(x)
        out = tf_dropout(x, 0.3, True)
        total = tf.reduce_sum(out)
    by_tape = tape.gradient(total, x)
    by_hand = dropout_backward(np.ones((50, 200)), (np.asarray(out) != 0).astype(float), 0.3)
    if by_tape is None:
        print("The tape finds no way back: does `tf_dropout` leave TensorFlow on its way?")
    else:
        off = np.abs(by_tape - np.asarray(by_hand)).max()
        print(f"largest difference of the gradients, tape and hand: {off:.1e}")

# %% [markdown]
# Why no NumPy inside TensorFlow? Because `@tf.function` runs your Python only **once**, to record
# the graph. A mask drawn by NumPy is then a constant of the graph, the same for ever after:

# %%
frozen = np.random.default_rng(8)


@tf.function
def masks_of_numpy_and_tensorflow():
    """Return a mask drawn by NumPy and one drawn by TensorFlow, 12 elements each."""
    return tf.constant(frozen.random(12) < 0.5), tf.random.uniform((12,)) < 0.5


for call in range(3):
    by_numpy, by_tensorflow = (m.numpy().astype(int) for m in masks_of_numpy_and_tensorflow())
    print(f"call {call}:  NumPy {by_numpy}   TensorFlow {by_tensorflow}")

# %% [markdown]
# ## Early stopping
#
# The other remedy of the notes: "Stop training before we have a chance to overfit". But when is
# that? You only know that the best moment has come after it has passed. So watch the validation
# loss, be patient for a few epochs, then stop and **go back** to the best weights.
#
# ## Task 6: when to stop (2 points)
#
# Number the epochs 0, 1, 2, … An epoch is an **improvement** if its validation loss is lower than
# *every* one before it (the same is not lower). With **patience** $k$, training stops after the
# $k$-th epoch **in a row** without an improvement. For example:
#
# | epoch | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 |
# |---|---|---|---|---|---|---|---|---|---|---|---|---|
# | validation loss | .90 | .70 | .60 | .65 | .62 | .61 | .58 | .59 | .63 | .64 | .66 | .67 |
# | improvement? | yes | yes | yes | no | no | no | yes | no | no | no | no | no |
#
# With patience 3, epochs 3, 4 and 5 are three in a row without an improvement: the last epoch is
# **5**, the best one **2**. (That the loss had been falling since epoch 3 doesn't count: .62 and
# .61 are not below .60.) With patience 4, epoch 6 comes just in time and the count starts again:
# the last epoch is **10**, the best one **6**. Too little patience stops too early, and too much
# costs time.


# %% task="early_stopping"
def early_stopping(val_losses, patience):
    """Say when training stops, and which epoch was the best. Epochs count from 0.

    An epoch improves if its loss is lower than every loss before it; the first one always does.
    Training stops after `patience` epochs in a row that don't, or when the losses are at an end.

    Parameters
    ----------
    val_losses : sequence of float, at least one
        What the validation loss would be after each epoch, if training went on.
    patience : int, at least 1

    Returns
    -------
    last : int
        The last epoch that is trained.
    best : int
        The epoch with the lowest validation loss among 0 … last, the first one of equals.
    """
    ### BEGIN SOLUTION
    best = 0
    for epoch, val_loss in enumerate(val_losses):
        if val_loss < val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return epoch, best
    ### END SOLUTION


# %% test="early_stopping" points=2
checks.forbid(
    early_stopping, "keras", what="the rule is written by hand", example=([0.9, 0.7, 0.8], 2)
)
some_losses = [0.90, 0.70, 0.60, 0.65, 0.62, 0.61, 0.58, 0.59, 0.63, 0.64, 0.66, 0.67]
checks.close(
    [early_stopping(some_losses, 3), early_stopping(some_losses, 4)],
    [[5, 2], [10, 6]],
    "(last, best) of the table with patience 3, then 4",
    causes=[
        checks.cause(
            "patience-off-by-one",
            [[10, 6], [11, 6]],
            "it stops one epoch too late: with patience 3 the third epoch in a row is the last.",
        ),
        checks.cause(
            "patience-off-by-one",
            [[4, 2], [5, 2]],
            "it stops one epoch too early: with patience 3 the third epoch in a row is the last.",
        ),
        checks.cause(
            "compared-with-previous",
            [[9, 6], [10, 6]],
            "each loss is compared with the one before it: compare with the best so far.",
        ),
        checks.cause(
            "count-not-reset",
            [[5, 2], [7, 6]],
            "epochs without an improvement are counted in all: an improvement sets the count to 0.",
        ),
        checks.cause(
            "epochs-from-1", [[6, 3], [11, 7]], "these are the right epochs, counted from 1."
        ),
        checks.cause(
            "number-of-epochs",
            [[6, 2], [11, 6]],
            "this is how many epochs are trained: they count from 0, so the last one is one less.",
        ),
        checks.cause(
            "loss-not-epoch",
            [[5, 0.60], [10, 0.58]],
            "the second is the lowest loss: return the epoch that has it.",
        ),
        checks.cause("swapped", [[2, 5], [6, 10]], "return the last epoch first, then the best."),
        checks.cause(
            "best-is-last", [[5, 5], [10, 10]], "the best epoch is not the last one: remember it."
        ),
        checks.cause(
            "looks-ahead",
            [[5, 6], [10, 6]],
            "the best epoch comes after the last one: those losses were never seen.",
        ),
        checks.cause("stops-at-best", [[2, 2], [6, 6]], "training goes on until patience is out."),
        checks.cause(
            "no-patience", [[3, 2], [3, 2]], "it stops at the first epoch that isn't better."
        ),
    ],
)
checks.close(
    early_stopping([0.5, 0.4, 0.3, 0.35, 0.2], 2),
    [4, 4],
    "losses that are at an end before patience is",
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_stop(val_losses, patience, bug=""):
        best, waited, lowest = 0, 0, val_losses[0]
        for epoch in range(1, len(val_losses)):
            now = val_losses[epoch]
            if bug == "previous":
                waited = 0 if now < val_losses[epoch - 1] else waited + 1
                best, lowest = (epoch, now) if now < lowest else (best, lowest)
            elif now < lowest or (bug == "equal" and now == lowest):
                best, lowest = epoch, now
                waited = waited if bug == "total" else 0
            else:
                waited += 1
            if waited >= patience + (bug == "late") - (bug == "early"):
                return epoch, best
        return len(val_losses) - 1, best

    def stop_cases():
        rng = np.random.default_rng(710)
        for n, patience in [(30, 2), (40, 3), (25, 5), (1, 1), (12, 1), (60, 4), (9, 20)]:
            falling = np.linspace(1, 0.4, n) + rng.normal(0, 0.06, n)
            yield [round(float(v), 2) for v in falling], patience  # rounded: some are equal
        yield [0.7, 0.7, 0.7, 0.6, 0.6, 0.6, 0.6], 3
        yield [0.3, 0.4, 0.5, 0.2], 2

    checks.same(
        early_stopping,
        right_stop,
        stop_cases(),
        "early_stopping on other sequences",
        causes=[
            checks.cause(name, lambda v, k, bug=bug: right_stop(v, k, bug), because)
            for name, bug, because in [
                ("patience-off-by-one", "late", "it stops one epoch too late."),
                ("patience-off-by-one", "early", "it stops one epoch too early."),
                ("compared-with-previous", "previous", "compare with the best loss so far."),
                ("count-not-reset", "total", "an improvement sets the count to 0."),
                ("equal-counts", "equal", "a loss equal to the best one is no improvement."),
            ]
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# Keras has this as a callback, `keras.callbacks.EarlyStopping`. It is told the loss after each
# epoch and says when to stop. We play the losses of a sequence to it, with a model whose only
# weight is the number of the epoch. So the weight that it restores tells which epoch it thought
# best.


# %%
counter = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
counter.compile(loss="mse")


def keras_stops(val_losses, patience):
    """Return the last epoch, and the epoch whose weights Keras restores."""
    callback = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    counter.stop_training = False
    callback.set_model(counter)
    callback.on_train_begin()
    for epoch, val_loss in enumerate(val_losses):
        counter.set_weights([np.array([[epoch]])])
        callback.on_epoch_end(epoch, {"val_loss": val_loss})
        if counter.stop_training:
            break
    callback.on_train_end()
    return epoch, int(counter.get_weights()[0].item())


with plots.needs("early_stopping"):
    table = [0.90, 0.70, 0.60, 0.65, 0.62, 0.61, 0.58, 0.59, 0.63, 0.64, 0.66, 0.67]
    for patience in (1, 2, 3, 4, 5):
        yours, theirs = early_stopping(table, patience), keras_stops(table, patience)
        print(f"patience {patience}: (last, best) yours {tuple(yours)}, Keras {theirs}")
    noise = np.random.default_rng(9).normal(0, 0.05, (20, 40))
    sequences = np.linspace(1, 0.5, 40) + noise
    agree = sum(tuple(early_stopping(list(s), 4)) == keras_stops(s, 4) for s in sequences)
    print(f"20 random sequences, patience 4: the same answer on {agree}")

# %% [markdown]
# ## Task 7: go back to the best weights (2 points)
#
# Now with a real training, where the losses come one by one. Your function gets two functions:
#
# - `train_epoch(weights)` trains for one epoch. It **changes the arrays in place** (as
#   `model.fit` changes a model) and returns the *training* loss;
# - `val_loss(weights)` returns the validation loss.
#
# After each epoch, look at the validation loss. If it is the lowest so far, keep the weights. A
# second name is not a second array: `best = weights` would go on changing with the training, and at
# the end "best" would be the last. So **copy**: `{name: w.copy() for name, w in weights.items()}`.
#
# The best weights are returned in any case, also if patience never ran out. For the tests, training
# is a walk: the weight `t` counts the epochs, and the validation losses stand in a list.

# %% given="walk"


def walk(weights):
    """Train for one epoch of a pretended training: t grows by 1, in place. Return its loss."""
    weights["t"] += 1
    return 1 / float(weights["t"][0])  # the training loss always falls


def walk_loss(weights):
    """Return the validation loss after t epochs: the t-th of the list."""
    return float(weights["losses"][int(weights["t"][0]) - 1])


# %% task="fit_with_patience"
def fit_with_patience(train_epoch, val_loss, weights, patience, max_epochs):
    """Train until the validation loss hasn't improved for `patience` epochs in a row.

    An epoch improves if its validation loss is lower than every one before it; the first does.

    Parameters
    ----------
    train_epoch : callable
        `train_epoch(weights)` trains for one epoch, changing the arrays of weights **in place**,
        and returns the training loss.
    val_loss : callable
        `val_loss(weights)` returns the validation loss, a float.
    weights : dict of str to float64 array
        The start.
    patience : int, at least 1
    max_epochs : int, at least 1
        Training ends after so many epochs at the latest.

    Returns
    -------
    best_weights : dict of str to float64 array
        As they were after the epoch with the lowest validation loss.
    val_losses : list of float
        One for each epoch that was trained.
    """
    ### BEGIN SOLUTION
    val_losses = []
    for epoch in range(max_epochs):
        train_epoch(weights)
        val_losses.append(val_loss(weights))
        best = int(np.argmin(val_losses))  # the first one of equals
        if best == epoch:
            best_weights = {name: w.copy() for name, w in weights.items()}
        if epoch - best >= patience:
            break
    return best_weights, val_losses
    ### END SOLUTION


# %% test="fit_with_patience" points=2
checks.forbid(
    fit_with_patience,
    "keras",
    what="the training loop is written by hand",
    example=(walk, walk_loss, {"t": np.zeros(1), "losses": np.array([0.9, 0.7, 0.8])}, 2, 3),
)
walk_table = np.array([0.90, 0.70, 0.60, 0.65, 0.62, 0.61, 0.58, 0.59, 0.63, 0.64, 0.66, 0.67])
walk_fits = [
    fit_with_patience(walk, walk_loss, {"t": np.zeros(1), "losses": walk_table.copy()}, k, 12)
    for k in (3, 4)
]
checks.holds(
    all(isinstance(fit, (tuple, list)) and len(fit) == 2 for fit in walk_fits)
    and all(isinstance(fit[0], dict) for fit in walk_fits),
    "a dictionary of weights and a list of losses come back",
    "return the best weights first, then the validation losses.",
    name="form",
)
checks.close(
    [len(fit[1]) for fit in walk_fits],
    [6, 11],
    "number of epochs trained, with patience 3, then 4",
    causes=[
        checks.cause("patience-off-by-one", [11, 12], "it stops one epoch too late."),
        checks.cause("patience-off-by-one", [5, 6], "it stops one epoch too early."),
        checks.cause(
            "by-training-loss",
            [12, 12],
            "it never stops: is it the validation loss that you watch (the training loss always "
            "falls), and do you stop as soon as patience is out?",
        ),
        checks.cause(
            "one-epoch-more",
            [7, 12],
            "it is one more: train first, then look at the loss; and stop at once when patience "
            "is out.",
        ),
        checks.cause("compared-with-previous", [10, 11], "compare with the best loss so far."),
        checks.cause("count-not-reset", [6, 8], "an improvement sets the count to 0."),
    ],
)
checks.close(
    [float(np.ravel(fit[0]["t"])[0]) for fit in walk_fits],
    [3, 7],
    "the epoch (t) of the weights that come back",
    causes=[
        checks.cause(
            "last-weights",
            [6, 11],
            "these are the weights of the last epoch. If you did keep the best ones, did you "
            "**copy** the arrays? A second name for them goes on changing.",
        ),
        checks.cause("first-weights", [0, 0], "these are the weights of the start."),
        checks.cause(
            "weights-before-epoch",
            [2, 6],
            "these are the weights before the best epoch: look at the loss, then keep them.",
        ),
        checks.cause("weights-before-epoch", [1, 1], "these are the weights of the first epoch."),
    ],
)
checks.close(
    walk_fits[0][1],
    [0.90, 0.70, 0.60, 0.65, 0.62, 0.61],
    "the validation losses, with patience 3",
    causes=[
        checks.cause(
            "training-losses",
            [1 / t for t in range(1, 7)],
            "these are the losses that `train_epoch` returns: return those of `val_loss`.",
        )
    ],
)
walk_ends = [
    fit_with_patience(walk, walk_loss, {"t": np.zeros(1), "losses": np.array(few)}, 3, 4)
    for few in ([0.90, 0.40, 0.45, 0.40], [0.90, 0.40, 0.45, 0.50])
]
checks.holds(
    all(isinstance(fit, (tuple, list)) and len(fit) == 2 for fit in walk_ends),
    "weights and losses come back also if patience never runs out",
    "nothing comes back: put the `return` after the loop, too.",
    name="nothing-at-the-end",
)
checks.close(
    [float(np.ravel(fit[0]["t"])[0]) for fit in walk_ends],
    [2, 2],
    "the epoch (t) of the weights when patience never runs out, with and without equal losses",
    causes=[
        checks.cause(
            "last-weights",
            [4, 4],
            "these are the weights of the last epoch: go back to the best also if patience never "
            "ran out.",
        ),
        checks.cause("equal-counts", [4, 2], "a loss equal to the best one is no improvement."),
        checks.cause(
            "start-counts",
            [0, 2],
            "the loss before training is among them: the first epoch always improves.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    walk_rng = np.random.default_rng(711)
    walk_lists = [
        (np.round(np.linspace(1, 0.4, walk_n) + walk_rng.normal(0, 0.07, walk_n), 2), patience)
        for walk_n, patience in [(30, 2), (40, 3), (25, 6), (7, 9), (1, 1), (50, 4)]
    ]
    walk_lists += [(np.array([0.7, 0.7, 0.6, 0.6, 0.6, 0.65, 0.66]), 4)]
    for walk_list, walk_patience in walk_lists:
        walk_n, walk_best, walk_last = len(walk_list), 0, 0
        while walk_last + 1 < walk_n and walk_last - walk_best < walk_patience:
            walk_last += 1
            if walk_list[walk_last] < walk_list[walk_best]:
                walk_best = walk_last
        walk_got = fit_with_patience(
            walk,
            walk_loss,
            {"t": np.zeros(1), "losses": walk_list.copy()},
            walk_patience,
            walk_n,
        )
        checks.close(
            float(np.ravel(walk_got[0]["t"])[0]),
            walk_best + 1,
            "the weights that come back, on other sequences",
            causes=[
                checks.cause(
                    "last-weights",
                    walk_last + 1,
                    "these are the last weights: keep a copy of the best, and return it also if "
                    "patience never ran out.",
                ),
                checks.cause(
                    "equal-counts",
                    walk_n - int(np.argmin(walk_list[::-1])),
                    "a loss equal to the best one is no improvement.",
                ),
            ],
        )
        checks.close(
            walk_got[1], walk_list[: walk_last + 1], "the validation losses, on other sequences"
        )
### END HIDDEN TESTS

# %% [markdown]
# And now the overfitting network of the beginning. An upright bar marks where training stops, a
# dot or a square where it goes back to. The dashed curve is what would have come.

# %%
with plots.needs("fit_with_patience"):

    def digits_epoch(rng):
        """Return a function that trains for one epoch on the digits and returns their loss."""

        def train_epoch(weights):
            sgd_epoch(plain_gradients, X_train, y_train, weights, rng)
            return loss(X_train, y_train, weights)

        return train_epoch

    def digits_val_loss(weights):
        return loss(X_val, y_val, weights)

    fits = {}
    for patience in (1, 10, 1000):
        epoch = digits_epoch(np.random.default_rng(1))
        start = new_network((100, 50, 10), seed=1)
        fits[patience] = fit_with_patience(epoch, digits_val_loss, start, patience, 45)
    whole_run = np.array(fits[1000][1])
    best_loss, saved = whole_run.min(), whole_run[-1] - whole_run.min()
    early = int(np.argmin(fits[10][1])) - int(np.argmin(fits[1][1]))
    fig, axis = plots.figure(
        f"Going back saves {saved:.2f} of loss; patience 1 gives up {early} epochs early"
    )
    axis.plot(whole_run, "--", color="0.6", label="45 epochs")
    for patience, marker, colour in ((10, "s", BLUE), (1, "o", RED)):
        seen = fits[patience][1]
        best = int(np.argmin(seen))
        axis.plot(seen, color=colour, lw=3 if patience == 10 else 1.5)
        text = f"patience {patience}: stops at {len(seen) - 1}, back to {best} ({min(seen):.3f})"
        axis.plot(best, seen[best], marker, color=colour, ms=9, mec="k", label=text, ls="none")
        axis.plot(len(seen) - 1, seen[-1], "|", color=colour, ms=22, mew=3)
    axis.set(xlabel="epoch", ylabel="validation loss", ylim=(0.97 * best_loss, 1.4 * best_loss))
    axis.legend(loc="upper right")
    plots.show(
        fig,
        alt="Validation loss against the epoch: it falls, reaches its lowest point, and rises. "
        "Marked for patience 1 and 10 are the epoch at which training stops and the earlier, best "
        "epoch to which it goes back.",
    )

# %% [markdown]
# ## L2: large weights cost extra
#
# To hit every odd point, the polynomial of degree 11 needs huge coefficients. A network that learns
# exceptions by heart needs large weights, too. So make them expensive. The notes (003, "Overall
# Loss") write the loss as data loss plus regularisation loss,
#
# $$L = \underbrace{\frac1N \sum_i L_i}_{\text{data}} + \lambda\,R(W), \qquad
# R(W) = \sum_l \sum_{jk} (W^l_{jk})^2 .$$
#
# This $R$ is called **L2**. Its gradient is $\partial(\lambda R)/\partial W^l = 2\lambda W^l$:
# each step pulls every weight a little towards 0. The **biases are left alone**: a bias is not
# what makes a function wiggle, it only moves it. Keras' `keras.regularizers.L2(λ)` is the same
# sum, without a ½ before it. (Some books put one; then the 2 in the gradient goes.)
#
# ## Task 8: add L2 (2 points)
#
# An example, with $\lambda = 0.1$ and a data loss of 0.7: the squares of $W^1 = \begin{pmatrix}1
# & -2\\ 0 & 3\end{pmatrix}$ sum up to 14, those of $W^2 = (2\ \ 1)$ to 5. So $L = 0.7 + 0.1 · 19
# = 2.6$. If the data's gradient with respect to $W^1_{11}$ is 0.1, the full one is $0.1 + 2 · 0.1
# · 1 = 0.3$.


# %% task="add_l2"
def add_l2(data_loss, gradients, params, lam):
    """Add λ R(W), with R the sum of the squares of all weights, to a loss and its gradients.

    L = data loss + λ Σ W²,   ∂L/∂W = ∂(data loss)/∂W + 2 λ W;   the biases are left alone.

    Parameters
    ----------
    data_loss : float
    gradients : dict of str to float64 array
        Of the data loss, with respect to each array of params.
    params : dict with "W1" (n_1, n_0), "b1" (n_1,), "W2" (n_2, n_1), "b2" (n_2,), float64
    lam : float
        λ.

    Returns
    -------
    loss : float
    gradients : dict of str to float64 array, with the same four names
    """
    ### BEGIN SOLUTION
    penalty = sum(np.sum(params[name] ** 2) for name in ("W1", "W2"))
    pulled = {name: gradients[name] + 2 * lam * params[name] for name in ("W1", "W2")}
    return data_loss + lam * penalty, {**gradients, **pulled}
    ### END SOLUTION


# %% test="add_l2" part="loss" points=1
l2_params = {
    "W1": np.array([[1.0, -2.0], [0.0, 3.0]]),
    "b1": np.array([5.0, -1.0]),
    "W2": np.array([[2.0, 1.0]]),
    "b2": np.array([4.0]),
}
l2_slopes = {
    "W1": np.array([[0.1, 0.2], [0.3, 0.4]]),
    "b1": np.array([0.5, 0.6]),
    "W2": np.array([[0.7, 0.8]]),
    "b2": np.array([0.9]),
}
checks.close(
    add_l2(0.7, l2_slopes, l2_params, 0.1)[0],
    2.6,
    "the loss of the example",
    causes=[
        checks.cause(
            "biases-penalised", 6.8, "the squares of the biases are in it: they are left alone."
        ),
        checks.cause("half-penalty", 1.65, "half the penalty: this course's R(W) has no ½."),
        checks.cause("half-penalty", 4.75, "half the penalty, and the biases are in it."),
        checks.cause("not-squared", 1.6, "these are the absolute values: L2 sums the squares."),
        checks.cause(
            "norm-not-squared", 1.135889894, "this is the root of the sum: no root is taken."
        ),
        checks.cause(
            "norm-not-squared", 1.297772472, "these are norms, roots of sums: no root is taken."
        ),
        checks.cause("one-layer-only", 2.1, "only W¹ is in it: sum over all layers."),
        checks.cause("one-layer-only", 1.2, "only W² is in it: sum over all layers."),
        checks.cause("averaged-not-summed", 1.3, "the squares are averaged: sum them."),
        checks.cause("averaged-not-summed", 1.016666667, "the squares are averaged: sum them."),
        checks.cause("penalty-alone", 1.9, "this is λR alone: add it to the data loss."),
        checks.cause("penalty-subtracted", -1.2, "the penalty is added, not subtracted."),
        checks.cause("lambda-forgotten", 19.7, "the factor λ is missing."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    for l2_sizes, l2_lam in [((7, 5, 3), 0.03), ((4, 9, 2), 1.7), ((3, 4, 6), 0.0)]:
        l2_any = new_network(l2_sizes, seed=712)
        l2_squares = {name: float((value**2).sum()) for name, value in l2_any.items()}
        checks.close(
            add_l2(1.3, {k: v + 1 for k, v in l2_any.items()}, l2_any, l2_lam)[0],
            1.3 + l2_lam * (l2_squares["W1"] + l2_squares["W2"]),
            "the loss of other networks",
            rtol=1e-6,
            causes=[
                checks.cause(
                    "biases-penalised",
                    1.3 + l2_lam * sum(l2_squares.values()),
                    "the biases are left alone.",
                )
            ],
        )
    checks.forbid(
        add_l2,
        *checks.BY_HAND,
        what="L2 is derived by hand",
        example=(1.0, {k: v + 1 for k, v in l2_any.items()}, l2_any, 0.1),
    )
### END HIDDEN TESTS

# %% test="add_l2" part="gradient" points=1
l2_params = {
    "W1": np.array([[1.0, -2.0], [0.0, 3.0]]),
    "b1": np.array([5.0, -1.0]),
    "W2": np.array([[2.0, 1.0]]),
    "b2": np.array([4.0]),
}
l2_slopes = {
    "W1": np.array([[0.1, 0.2], [0.3, 0.4]]),
    "b1": np.array([0.5, 0.6]),
    "W2": np.array([[0.7, 0.8]]),
    "b2": np.array([0.9]),
}
checks.close(
    add_l2(0.7, l2_slopes, l2_params, 0.1)[1],
    {"W1": [[0.3, -0.2], [0.3, 1.0]], "b1": [0.5, 0.6], "W2": [[1.1, 1.0]], "b2": [0.9]},
    "the gradients of the example",
    causes=[
        checks.cause(
            "biases-penalised",
            {"W1": [[0.3, -0.2], [0.3, 1.0]], "b1": [1.5, 0.4], "W2": [[1.1, 1.0]], "b2": [1.7]},
            "the biases are pulled, too: they are left alone.",
        ),
        checks.cause(
            "half-penalty",
            {"W1": [[0.2, 0.0], [0.3, 0.7]], "b1": [0.5, 0.6], "W2": [[0.9, 0.9]], "b2": [0.9]},
            "the 2 of the derivative of W² is missing.",
        ),
        checks.cause(
            "penalty-subtracted",
            {"W1": [[-0.1, 0.6], [0.3, -0.2]], "b1": [0.5, 0.6], "W2": [[0.3, 0.6]], "b2": [0.9]},
            "the pull has the wrong sign: 2λW is added to the gradient, and the step subtracts it.",
        ),
        checks.cause(
            "penalty-alone",
            {"W1": [[0.2, -0.4], [0.0, 0.6]], "b1": [0.5, 0.6], "W2": [[0.4, 0.2]], "b2": [0.9]},
            "the gradient of the data loss is lost: add 2λW to it.",
        ),
        checks.cause(
            "penalty-alone",
            {"W1": [[0.2, -0.4], [0.0, 0.6]], "b1": [0.0, 0.0], "W2": [[0.4, 0.2]], "b2": [0.0]},
            "the gradient of the data loss is lost: add 2λW to it.",
        ),
        checks.cause(
            "loss-not-slope",
            {"W1": [[2.0, 2.1], [2.2, 2.3]], "b1": [0.5, 0.6], "W2": [[2.6, 2.7]], "b2": [0.9]},
            "the penalty itself is added to the gradients: add its slope, 2λW.",
        ),
        checks.cause(
            "lambda-forgotten",
            {"W1": [[2.1, -3.8], [0.3, 6.4]], "b1": [0.5, 0.6], "W2": [[4.7, 2.8]], "b2": [0.9]},
            "the factor λ is missing.",
        ),
        checks.cause(
            "unchanged",
            {"W1": [[0.1, 0.2], [0.3, 0.4]], "b1": [0.5, 0.6], "W2": [[0.7, 0.8]], "b2": [0.9]},
            "the gradients come back as they went in.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    for l2_sizes, l2_lam in [((5, 4, 3), 0.3), ((3, 6, 2), 0.02)]:

        def l2_cost(params, lam=l2_lam):
            data = sum(float(np.sum(np.sin(value))) for value in params.values())
            return data + lam * sum(float(np.sum(params[name] ** 2)) for name in ("W1", "W2"))

        def l2_gradient(params, lam=l2_lam):
            slopes = {name: np.cos(value) for name, value in params.items()}
            return add_l2(0.0, slopes, params, lam)[1]

        checks.gradient(
            l2_cost,
            l2_gradient,
            new_network(l2_sizes, seed=713),
            "the gradients of other networks, against centred differences",
        )
### END HIDDEN TESTS

# %% [markdown]
# How much? Too little changes nothing; too much and the network can't learn: it underfits. So
# $\lambda$ is chosen by the validation loss.

# %%
with plots.needs("add_l2"):

    def l2_gradients(lam):
        """Return a function like `plain_gradients`, with L2."""

        def gradients(X, y, params):
            return add_l2(0.0, plain_gradients(X, y, params), params, lam)[1]

        return gradients

    lams = np.array([3e-4, 1e-3, 3e-3, 1e-2, 3e-2])
    ends = []
    for lam in lams:
        params, rng = new_network((100, 50, 10), seed=1), np.random.default_rng(1)
        for _ in range(50):
            sgd_epoch(l2_gradients(lam), X_train, y_train, params, rng)
        size = np.sqrt(np.mean(params["W1"] ** 2))
        ends.append((loss(X_train, y_train, params), loss(X_val, y_val, params), size))
    ends = np.array(ends)
    plots.curves(
        {"training": (lams, ends[:, 0]), "validation": (lams, ends[:, 1])},
        "A little L2 narrows the gap; too much, and the network underfits",
        "λ",
        "data loss after 50 epochs",
        alt="Training and validation loss against λ on a logarithmic axis. At the left they lie "
        "far apart. To the right the training loss rises and the gap closes; at the largest λ "
        "both are high.",
        logx=True,
    )
    print("typical size of a weight of W1:", ends[:, 2])

# %% [markdown]
# ## Task 9: both in Keras (2 points)
#
# In Keras, dropout is a layer of its own, and L2 belongs to the layer whose kernel it punishes:
# `kernel_regularizer=keras.regularizers.L2(lam)`. Keras adds the penalties to the loss in `fit`;
# you can read them from `model.losses`.
#
# Build our network: a hidden layer with ReLU, **dropout of the hidden activations**, and an output
# layer *without* softmax (the loss takes it over: `from_logits=True`), with L2 on both kernels.
#
# When you call it, `model(x, training=True)` draws masks, and `model(x)` is inference. Never
# drop outputs of the network: that would throw whole answers away.


# %% task="keras_network"
def keras_network(n_in, n_hidden, n_out, p, lam):
    """Return a Keras model n_in → n_hidden (ReLU) → dropout p → n_out (linear), with L2.

    Parameters
    ----------
    n_in, n_hidden, n_out : int
        Sizes of the layers.
    p : float, 0 ≤ p < 1
        Share of the hidden activations that is dropped in training.
    lam : float
        λ of both kernels: `sum(model.losses)` is λ Σ W² over both. The biases are left alone.

    Returns
    -------
    keras.Model, ready to be called: its input is named, `keras.Input((n_in,))`
        `model.get_weights()` is kernel and bias of the hidden layer, then of the output layer.
    """
    ### BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input((n_in,)),
            keras.layers.Dense(
                n_hidden, activation="relu", kernel_regularizer=keras.regularizers.L2(lam)
            ),
            keras.layers.Dropout(p),
            keras.layers.Dense(n_out, kernel_regularizer=keras.regularizers.L2(lam)),
        ]
    )
    ### END SOLUTION


# %% [markdown]
# The first test sets the weights so that dropout can be seen from outside: every hidden
# activation is 1, output $j$ repeats hidden neuron $j$, and the bias adds 2. So at inference all
# outputs are 3. In training with $p = 0.3$ they are 2 (dropped) or $2 + 1/0.7$ (kept).

# %% test="keras_network" part="dropout" points=1
glass = keras_network(5, 40, 40, 0.3, 0.01)
checks.holds(
    len(glass.get_weights()) > 0,
    "the model has its weights when it comes back",
    "there are none yet, as the size of the input is not known: begin with `keras.Input((n_in,))`.",
    name="no-input",
)
checks.close(
    [list(np.shape(array)) for array in glass.get_weights()],
    [[5, 40], [40], [40, 40], [40]],
    "the shapes of the model's weights",
)
glass.set_weights([np.zeros((5, 40)), np.ones(40), np.eye(40), np.full(40, 2.0)])
glass_x = np.zeros((60, 5), np.float32)
glass_still = np.asarray(glass(glass_x), dtype=float)
checks.holds(
    np.allclose(glass_still, glass_still[0], rtol=1e-5),
    "nothing is random at inference",
    "the outputs differ from example to example at inference: is `training=True` fixed in the "
    "model?",
    name="mask-at-inference",
)
checks.close(
    glass_still,
    np.full((60, 40), 3.0),
    "the outputs at inference",
    rtol=1e-5,
    causes=[
        checks.cause(
            "softmax-at-output",
            np.full((60, 40), 0.025),
            "the output layer has a softmax: leave it linear.",
        ),
        checks.cause(
            "sigmoid-hidden",
            np.full((60, 40), 2.731058579),
            "the hidden layer has a sigmoid: it should have a ReLU.",
        ),
        checks.cause(
            "tanh-hidden",
            np.full((60, 40), 2.761594156),
            "the hidden layer has a tanh: it should have a ReLU.",
        ),
    ],
)
glass_out = np.asarray(glass(glass_x, training=True), dtype=float)
checks.holds(
    not np.any(np.isclose(glass_out, 0)),
    "the output layer itself is not dropped",
    "outputs are 0 in training: dropout stands after the output layer. Put it between the layers.",
    name="dropout-on-output",
)
checks.holds(
    np.ptp(glass_out) == 0 or np.any((glass_out < 2.5) != (glass_out[0] < 2.5)),
    "each example has a mask of its own",
    "all rows of a batch have the same mask: leave `noise_shape` out.",
    name="one-mask-for-batch",
)
checks.rate(
    glass_out < 2.5,
    0.3,
    "share of dropped hidden activations at p = 0.3",
    causes=[
        checks.cause("p-as-keep", 0.7, "p is the share that is dropped, as in Keras."),
        checks.cause(
            "dropout-not-on-hidden",
            0.0,
            "no hidden activation is dropped: put dropout between the hidden and the output layer.",
        ),
        checks.cause("always-half", 0.5, "half is dropped, whatever p is."),
    ],
)
checks.holds(
    np.all((glass_out < 2.5) | np.isclose(glass_out, 2 + 1 / 0.7, rtol=1e-4)),
    "what is kept is scaled by 1/(1 − p), as Keras' layer does by itself",
    "the kept activations have another size.",
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    glass_rng = np.random.default_rng(714)
    for glass_sizes, glass_p in [((7, 9, 4), 0.6), ((3, 30, 5), 0.0)]:
        glass = keras_network(*glass_sizes, glass_p, 0.02)
        glass_net = new_network(glass_sizes, seed=715)
        W1, b1, W2, b2 = (glass_net[name] for name in ("W1", "b1", "W2", "b2"))
        glass.set_weights([W1.T, b1, W2.T, b2])
        glass_x = glass_rng.normal(size=(6, glass_sizes[0])).astype(np.float32)
        checks.close(
            glass(glass_x),
            np.maximum(glass_x @ W1.T + b1, 0) @ W2.T + b2,
            "other networks at inference",
            rtol=1e-3,
            atol=1e-5,
            causes=[
                checks.cause(
                    "relu-forgotten",
                    (glass_x @ W1.T + b1) @ W2.T + b2,
                    "the hidden layer is linear: it should have a ReLU.",
                ),
                checks.cause(
                    "relu-at-output",
                    np.maximum(np.maximum(glass_x @ W1.T + b1, 0) @ W2.T + b2, 0),
                    "the output layer has a ReLU: leave it linear.",
                ),
            ],
        )
    glass = keras_network(50, 50, 50, 0.6, 0.02)
    glass.set_weights([np.eye(50), np.zeros(50), np.eye(50), np.zeros(50)])
    checks.rate(
        np.asarray(glass(np.ones((40, 50), np.float32), training=True)) == 0,
        0.6,
        "share of dropped hidden activations in another network",
        causes=[
            checks.cause("p-as-keep", 0.4, "p is the share that is dropped."),
            checks.cause(
                "inputs-dropped",
                1 - 0.4**2,
                "more is dropped than the hidden activations: leave the inputs alone.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% test="keras_network" part="l2" points=1
heavy = keras_network(3, 4, 2, 0.5, 0.1)
heavy.set_weights([np.full((3, 4), 0.5), np.full(4, 2.0), np.full((4, 2), -1.0), np.full(2, 3.0)])
checks.close(
    sum(float(part) for part in heavy.losses),
    1.1,
    "λ Σ W² of a network with W¹ = 0.5 (12 times), W² = −1 (8 times), λ = 0.1",
    rtol=1e-5,
    causes=[
        checks.cause("no-l2", 0.0, "there is no penalty: give both Dense layers a regulariser."),
        checks.cause("biases-penalised", 4.5, "the biases are in it: leave bias_regularizer out."),
        checks.cause("one-layer-only", 0.3, "only the hidden layer has a penalty."),
        checks.cause("one-layer-only", 0.8, "only the output layer has a penalty."),
        checks.cause("half-penalty", 0.55, "half the penalty: this course's R(W) has no ½."),
        checks.cause("factor-2", 2.2, "twice the penalty: λ goes into Keras' L2 as it is."),
        checks.cause("not-squared", 1.4, "this is L1, the absolute values."),
        checks.cause("lambda-forgotten", 0.11, "this is the penalty for Keras' own λ, 0.01."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    for heavy_sizes, heavy_lam in [((6, 5, 3), 0.03), ((2, 7, 4), 0.5)]:
        heavy = keras_network(*heavy_sizes, 0.2, heavy_lam)
        heavy_net = new_network(heavy_sizes, seed=716)
        heavy.set_weights([heavy_net["W1"].T, heavy_net["b1"], heavy_net["W2"].T, heavy_net["b2"]])
        checks.close(
            sum(float(part) for part in heavy.losses),
            heavy_lam * float(np.sum(heavy_net["W1"] ** 2) + np.sum(heavy_net["W2"] ** 2)),
            "λ Σ W² of other networks",
            rtol=1e-4,
        )
### END HIDDEN TESTS

# %% [markdown]
# Our NumPy network, moved over to Keras, says the same. Mind the transpose: Keras' kernels are
# $(n_{in}, n_{out})$. One pass in training mode shows noise; the mean of many passes comes back to
# the answer without dropout. (It would for any network that is linear after the dropout. With
# another hidden layer behind it, only nearly.)

# %%
with plots.needs("keras_network", "add_l2"):
    keras.utils.set_random_seed(10)
    params = new_network((100, 50, 10), seed=2)
    model = keras_network(100, 50, 10, 0.5, 0.01)
    model.set_weights([params["W1"].T, params["b1"], params["W2"].T, params["b2"]])
    one = X_val[:1].astype(np.float32)
    still = model(one).numpy()
    by_keras = keras.ops.softmax(model(X_val[:50])).numpy()
    passes = model(np.repeat(one, 5000, axis=0), training=True).numpy()
    gap = np.abs(by_keras - probabilities(X_val[:50], params)).max()
    penalty, _ = add_l2(0.0, params, params, 0.01)
    print(f"probabilities at inference, Keras against NumPy: {gap:.0e}")
    print(f"λ Σ W²: Keras {sum(float(v) for v in model.losses):.4f}, NumPy {penalty:.4f}")
    print("one output: without dropout", round(float(still[0, 0]), 3), end=", ")
    print("5 passes with", passes[:5, 0].round(3), "mean of 5 000", passes[:, 0].mean().round(3))

# %% [markdown]
# ## Task 10: the gradients of a network with dropout (2 points)
#
# Back to NumPy, to train with dropout ourselves. This is the cost of a batch when the hidden
# layer is dropped by a mask:

# %% given="masked_loss"


def masked_loss(X, y, params, mask, p):
    """Return the mean of −ln p_y over a batch, with dropout of the hidden activations by a mask.

    H = relu(W¹ x + b¹),  D = H ⊙ M / (1 − p),  probabilities = softmax(W² D + b²).
    """
    H = np.maximum(X @ params["W1"].T + params["b1"], 0)
    D = H * mask / (1 - p)
    S = D @ params["W2"].T + params["b2"]
    S = S - S.max(axis=1, keepdims=True)
    log_p = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return float(-np.mean(log_p[np.arange(len(y)), y]))


# %% [markdown]
# Take `plain_gradients` from the top of the notebook and put dropout into it, at **three** places:
#
# - forward: the output layer reads $D = H \odot M/(1-p)$ instead of $H$;
# - $\partial C/\partial W^2$ is made of what that layer *read*: of $D$;
# - on the way back, $\partial C/\partial H = \partial C/\partial D \odot M/(1 - p)$.
#
# The function `probabilities` knows no mask: compute the softmax from $D$ yourself, as in
# `masked_loss`.


# %% task="network_gradients"
def network_gradients(X, y, params, mask, p):
    """Return the gradients of `masked_loss` with respect to each array of params.

    Parameters
    ----------
    X : float64 array (N, n_0)
    y : int array (N,)
        Labels 0 … n_2 − 1.
    params : dict with "W1" (n_1, n_0), "b1" (n_1,), "W2" (n_2, n_1), "b2" (n_2,), float64
    mask : float64 array (N, n_1)
        Zeros and ones, for the hidden activations.
    p : float, 0 ≤ p < 1

    Returns
    -------
    dict of float64 arrays, with the names and shapes of params
    """
    ### BEGIN SOLUTION
    scale = mask / (1 - p)
    Z = X @ params["W1"].T + params["b1"]
    D = np.maximum(Z, 0) * scale
    S = D @ params["W2"].T + params["b2"]
    E = np.exp(S - S.max(axis=1, keepdims=True))
    dS = E / E.sum(axis=1, keepdims=True)
    dS[np.arange(len(y)), y] -= 1
    dS /= len(y)
    dZ = (dS @ params["W2"]) * scale * (Z > 0)
    return {"W1": dZ.T @ X, "b1": dZ.sum(axis=0), "W2": dS.T @ D, "b2": dS.sum(axis=0)}
    ### END SOLUTION


# %% test="network_gradients" points=2
small_x = np.array([[1.0, -0.5, 2.0], [0.3, 1.5, -1.0]])
small_y = np.array([2, 0])
small_mask = np.array([[1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 0.0, 1.0]])
small_slopes = network_gradients(small_x, small_y, new_network((3, 4, 3), 1), small_mask, 0.2)
checks.holds(
    isinstance(small_slopes, dict),
    "a dictionary of gradients comes back",
    "what came back is no dictionary: does the function end in `return {…}`, with the four names?",
    name="form",
)
checks.close(
    small_slopes["b1"],
    [0.650795372224, -0.047823692664, 0.0, 0.290909358206],
    "∂C/∂b¹ of a small network at p = 0.2",
    rtol=0,
    atol=1e-9,
    batch=2,
    causes=[
        checks.cause(
            "mask-forgotten-backward",
            [0.52063629778, -0.038258954131, 0.247486993033, 0.232727486565],
            "dropped neurons get a gradient: the mask and its factor act on the way back, too.",
        ),
        checks.cause(
            "mask-forgotten-backward",
            [0.650795372224, -0.047823692664, 0.309358741291, 0.290909358206],
            "dropped neurons get a gradient: the mask acts on the way back, too.",
        ),
        checks.cause(
            "gradient-not-scaled",
            [0.52063629778, -0.038258954131, 0.0, 0.232727486565],
            "the factor 1/(1 − p) is missing on the way back.",
        ),
        checks.cause(
            "not-rescaled",
            [0.471644149147, -0.052266366959, 0.0, 0.212499651737],
            "the factor 1/(1 − p) is missing, forward and back.",
        ),
        checks.cause(
            "mask-forgotten-forward",
            [0.594659359264, -0.061754838384, 0.0, 0.265624564671],
            "the softmax is that of H: on the way forward the output layer reads D.",
        ),
        checks.cause(
            "no-dropout",
            [0.475727487411, -0.049403870707, 0.272074551590, 0.212499651737],
            "these are the gradients without dropout: the mask acts forward and back.",
        ),
        checks.cause(
            "relu-forgotten",
            [0.650795372224, -0.047823692664, 0.239095074658, 0.462452622645],
            "the slope of the ReLU is missing: it is 0 where Z ≤ 0.",
        ),
    ],
)
checks.close(
    small_slopes["W2"],
    [
        [-0.192324738156, -0.140043212946, 0.0, 0.182310365048],
        [0.369720588942, 0.114341455538, 0.0, 0.459911198728],
        [-0.177395850787, 0.025701757408, 0.0, -0.642221563776],
    ],
    "∂C/∂W² of the same",
    rtol=0,
    atol=1e-9,
    batch=2,
    causes=[
        checks.cause(
            "undropped-activations",
            [
                [-0.153859790524, -0.112034570357, -0.064203894292, 0.145848292038],
                [0.295776471154, 0.09147316443, 0.05242072479, 0.367928958982],
                [-0.141916680629, 0.020561405926, 0.011783169502, -0.513777251021],
            ],
            "it is made of H: the output layer has read D, the activations after dropout.",
        ),
    ],
)
checks.gradient(
    lambda params: masked_loss(small_x, small_y, params, small_mask, 0.2),
    small_slopes,
    new_network((3, 4, 3), 1),
    "all four gradients, against centred differences",
    batch=2,
)
checks.forbid(
    network_gradients,
    *checks.BY_HAND,
    what="the gradients are derived by hand",
    example=(small_x, small_y, new_network((3, 4, 3), 1), small_mask, 0.2),
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    small_rng = np.random.default_rng(717)
    for small_sizes, small_n, small_p in [((6, 8, 4), 5, 0.5), ((5, 3, 7), 9, 0.25)]:
        any_x = small_rng.normal(size=(small_n, small_sizes[0]))
        any_y = small_rng.integers(0, small_sizes[2], small_n)
        any_mask = (small_rng.random((small_n, small_sizes[1])) < 1 - small_p).astype(float)
        any_net = new_network(small_sizes, seed=718)
        checks.gradient(
            lambda params, x=any_x, y=any_y, m=any_mask, p=small_p: masked_loss(x, y, params, m, p),
            network_gradients(any_x, any_y, any_net, any_mask, small_p),
            any_net,
            "the gradients of other networks, against centred differences",
            batch=small_n,
        )
### END HIDDEN TESTS

# %% [markdown]
# Does the tape agree? Same network, same mask, in TensorFlow's own words:

# %%
with plots.needs("network_gradients"):
    rng = np.random.default_rng(11)
    params, X, y = new_network((100, 50, 10), seed=3), X_train[:20], y_train[:20]
    mask = (rng.random((20, 50)) < 0.5).astype(float)
    tensors = {name: tf.constant(value) for name, value in params.items()}
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        H = tf.nn.relu(X @ tf.transpose(tensors["W1"]) + tensors["b1"])
        S = (H * mask / 0.5) @ tf.transpose(tensors["W2"]) + tensors["b2"]
        cost = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, S))
    tapes, hands = tape.gradient(cost, tensors), network_gradients(X, y, params, mask, 0.5)
    gap = max(np.abs(hands[name] - tapes[name].numpy()).max() for name in params)
    print(f"largest difference of the gradients, yours against the tape: {gap:.0e}")

# %% [markdown]
# ## Task 11: train with dropout (2 points)
#
# All parts are there. `sgd_epoch` (at the top) shuffles, cuts mini-batches and takes the steps;
# it asks for a function `gradients(X_batch, y_batch, params)`. Write one that draws a **fresh
# mask** of the right shape each time it is called and returns your `network_gradients`. Then run
# the epochs, and return the trained network. Use `sgd_epoch` with its own `eta` and `batch_size`.
#
# This is the one task that builds on another: its tests need your `network_gradients` to be right.


# %% task="train"
def train(X, y, params, p, epochs, seed):
    """Train with dropout p of the hidden activations, by `sgd_epoch`.

    Parameters
    ----------
    X : float64 array (N, n_0)
    y : int array (N,)
    params : dict with "W1" (n_1, n_0), "b1" (n_1,), "W2" (n_2, n_1), "b2" (n_2,), float64
        The start; train a copy of it.
    p : float, 0 ≤ p < 1
        Share of the hidden activations that is dropped.
    epochs : int
    seed : int
        Of all chance: `rng = np.random.default_rng(seed)` shuffles, and draws the masks.

    Returns
    -------
    dict of float64 arrays, like params: the trained network
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    params = {name: value.copy() for name, value in params.items()}
    n_hidden = len(params["b1"])

    def noisy_gradients(X_batch, y_batch, params):
        mask = rng.random((len(X_batch), n_hidden)) < 1 - p
        return network_gradients(X_batch, y_batch, params, mask, p)

    for _ in range(epochs):
        sgd_epoch(noisy_gradients, X, y, params, rng)
    return params
    ### END SOLUTION


# %% [markdown]
# How do you test something so random? Look at who has *not* learnt. A hidden neuron that was
# dropped has gradient 0, so its bias does not move. We train a network of 3 000 hidden neurons on a
# single example with $p = 0.6$. After two epochs, that is two steps, a bias has stood still if its
# neuron was dropped twice: a share of $0.6^2 = 0.36$.

# %% test="train" part="masks" points=1 needs="network_gradients"


def crowd():
    """Return a network of 3 000 hidden neurons, all of them slightly active at x = 0."""
    params = new_network((3, 3000, 4), seed=719)
    return {**params, "b1": np.full(3000, 0.01)}


crowd_start = crowd()
crowd_after = train(np.zeros((1, 3)), np.array([2]), crowd_start, 0.6, 2, 720)
checks.holds(
    np.all(crowd_start["b1"] == 0.01),
    "the start is left as it was",
    "the arrays that were passed in have changed: `sgd_epoch` works in place, so give it a copy.",
    name="argument-changed",
)
checks.holds(
    isinstance(crowd_after, dict),
    "a dictionary comes back, the trained network",
    "what came back is no dictionary: return the trained copy. `sgd_epoch` itself returns nothing.",
    name="form",
)
checks.shape(crowd_after["b1"], (3000,), "the biases of the hidden layer")
checks.rate(
    np.asarray(crowd_after["b1"]) == 0.01,
    0.36,
    "share of hidden neurons that two steps with p = 0.6 leave alone",
    causes=[
        checks.cause(
            "same-mask",
            0.6,
            "it is p, not p²: both steps have the same mask (or there was only one step). Draw a "
            "fresh mask inside the function that computes the gradients.",
        ),
        checks.cause("p-as-keep", 0.16, "it is (1 − p)²: p is the share that is dropped."),
        checks.cause("no-dropout", 0.0, "every neuron has learnt: there is no dropout."),
        checks.cause("not-trained", 1.0, "nothing has changed: the network is not trained."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    crowd_after = train(np.zeros((4, 3)), np.array([2, 0, 3, 2]), crowd(), 0.7, 1, 721)
    checks.rate(
        np.asarray(crowd_after["b1"]) == 0.01,
        0.7**4,
        "share of hidden neurons that one step with four examples leaves alone",
        causes=[
            checks.cause(
                "one-mask-for-batch", 0.7, "all examples of a batch have the same neurons dropped."
            ),
            checks.cause("p-as-keep", 0.3**4, "p is the share that is dropped."),
        ],
    )
    crowd_after = train(np.zeros((1, 3)), np.array([2]), crowd(), 0.6, 1, 729)
    crowd_steps = []
    for power in (1, 2):  # the factor once, and twice
        crowd_net = crowd()
        crowd_net["W2"] *= (np.asarray(crowd_after["b1"]) != 0.01) / 0.4**power
        crowd_slope = probabilities(np.zeros((1, 3)), crowd_net)[0] - [0, 0, 1, 0]
        crowd_steps.append(crowd_net["b2"] - 0.5 * crowd_slope)
    checks.close(
        crowd_after["b2"],
        crowd_steps[0],
        "the biases of the output layer after one step",
        rtol=1e-5,
        causes=[
            checks.cause(
                "scaled-twice",
                crowd_steps[1],
                "the factor 1/(1 − p) acts twice: `network_gradients` takes zeros and ones.",
            )
        ],
    )
    plain_rng = np.random.default_rng(722)
    plain_x, plain_y = plain_rng.normal(size=(7, 5)), plain_rng.integers(0, 3, 7)

    def plainly_trained(X, y, params, p, epochs, seed):
        for _ in range(epochs):
            slopes = plain_gradients(X, y, params)
            params = {name: params[name] - 0.5 * slopes[name] for name in params}
        return params

    checks.same(
        train,
        plainly_trained,
        [(plain_x, plain_y, new_network((5, 8, 3), seed=723), 0.0, 4, 724)],
        "with p = 0 it is plain training",
        rtol=1e-6,
    )
    plain_twice = [
        train(plain_x, plain_y, new_network((5, 8, 3), seed=723), 0.5, 3, seed)["W1"]
        for seed in (731, 731, 732, 733)
    ]
    checks.holds(
        np.allclose(plain_twice[0], plain_twice[1], rtol=1e-5),
        "the same seed gives the same network",
        "another run with this seed gives other weights: shuffle and draw the masks from "
        "`np.random.default_rng(seed)`.",
        name="rng-not-used",
    )
    checks.holds(
        any(not np.allclose(plain_twice[0], other, rtol=1e-5) for other in plain_twice[2:]),
        "another seed gives another network",
        "the seed that is passed in changes nothing.",
        name="seed-not-used",
    )
### END HIDDEN TESTS

# %% [markdown]
# And does it help? The second test trains on the 200 digits, 50 epochs, with and without dropout,
# and compares the **gap**. Both losses are measured at inference. Whether the *accuracy* gets
# better is not asked: you will see why.

# %% test="train" part="gap" points=1 needs="network_gradients"
gap_start = new_network((100, 50, 10), seed=725)
gap_plain, gap_dropped = (
    checks.shapes(
        train(X_train, y_train, new_network((100, 50, 10), seed=725), p, 50, 726),
        gap_start,
        f"shapes of the network trained with p = {p:g}",
    )
    for p in (0.0, 0.5)
)
checks.holds(
    loss(X_train, y_train, gap_plain) < 0.7 and loss(X_train, y_train, gap_dropped) < 1.0,
    "both networks learn their training set",
    "a training loss is still high: does every epoch go through `sgd_epoch`, and do you return "
    "the trained arrays?",
    name="nothing-learnt",
)
checks.holds(
    loss(X_val, y_val, gap_dropped) - loss(X_train, y_train, gap_dropped)
    < 0.875 * (loss(X_val, y_val, gap_plain) - loss(X_train, y_train, gap_plain)),
    "dropout with p = ½ cuts the gap by an eighth at least",
    "the gap is about as large as without dropout: does the mask reach the gradients?",
    name="no-smaller-gap",
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    gap_plain, gap_dropped = (
        checks.shapes(
            train(X_train, y_train, new_network((100, 50, 10), seed=727), p, 50, 728),
            gap_start,
            "shapes of the trained network",
        )
        for p in (0.0, 0.5)
    )
    checks.holds(
        loss(X_train, y_train, gap_plain) < 0.7 and loss(X_train, y_train, gap_dropped) < 1.0,
        "both networks learn their training set, from another start",
        "a training loss is still high.",
        name="nothing-learnt",
    )
    checks.holds(
        loss(X_val, y_val, gap_dropped) - loss(X_train, y_train, gap_dropped)
        < 0.875 * (loss(X_val, y_val, gap_plain) - loss(X_train, y_train, gap_plain)),
        "dropout cuts the gap from another start, too",
        "the gap is about as large as without dropout.",
        name="no-smaller-gap",
    )
### END HIDDEN TESTS

# %% [markdown]
# ## What dropout does, and what it does not
#
# One run proves little: another seed gives another start, order and masks. So we train from five
# seeds for each $p$, 40 epochs each, and show the mean and the standard deviation. We do it twice:
# with our 15 % of wrong labels, and with the right labels.

# %%
with plots.needs("network_gradients", "train"):
    rates, seeds = (0.0, 0.25, 0.5, 0.75), range(5)
    kinds = {"15 % wrong labels": (y_train, y_val), "right labels": (y_right, y_val_right)}
    nets = {
        (kind, p, seed): train(X_train, labels, new_network((100, 50, 10), seed), p, 40, seed)
        for kind, (labels, _) in kinds.items()
        for p in rates
        for seed in seeds
    }
    gaps, scores = {}, {}
    for (kind, p, _), net in nets.items():
        labels, val_labels = kinds[kind]
        gap = loss(X_val, val_labels, net) - loss(X_train, labels, net)
        gaps.setdefault((kind, p), []).append(gap)
        scores.setdefault((kind, p), []).append(accuracy(X_test, y_test, net))
    gains = [np.mean(scores[kind, 0.5]) - np.mean(scores[kind, 0.0]) for kind in kinds]
    fig, axes = plots.figure(
        f"p = ½ narrows the gap; accuracy {gains[0]:+.3f} with wrong labels, "
        f"{gains[1]:+.3f} with right",
        1,
        2,
        width=9.2,
        height=3.8,
    )
    for axis, results, ylabel in zip(
        axes, (gaps, scores), ("gap: validation − training loss", "test accuracy"), strict=True
    ):
        for i, (kind, line) in enumerate(zip(kinds, ("-o", "--s"), strict=True)):
            runs = np.array([results[kind, p] for p in rates])
            axis.errorbar(
                np.array(rates) + 0.008 * (2 * i - 1),
                runs.mean(axis=1),
                runs.std(axis=1, ddof=1),
                fmt=line,
                color=(RED, BLUE)[i],
                capsize=4,
                label=kind,
            )
        axis.set(xlabel="p, the share of hidden neurons dropped", ylabel=ylabel, xticks=rates)
    axes[0].legend()
    plots.show(
        fig,
        alt="Gap and test accuracy against p, mean and standard deviation over five seeds, for a "
        "training set with 15 % wrong labels and for one with right labels. With wrong labels the "
        "gap is larger and falls steeply with p. With right labels the accuracy is higher from the "
        "start and hardly depends on p up to one half.",
    )
    print("test accuracy, mean ± standard deviation over 5 seeds")
    for kind in kinds:
        for p in (0.0, 0.5):
            row = np.array(scores[kind, p])
            print(f"  {kind:18s} p = {p}:  {row.mean():.4f} ± {row.std(ddof=1):.4f}", end="")
            print(f"    gap {np.mean(gaps[kind, p]):.3f}")

# %% [markdown]
# Look at the right-hand panel, and compare each change with its error bars. Where labels are
# wrong there is something to be kept from learning, and some dropout helps. Where they are right,
# the change up to $p = ½$ is about as large as what the seed alone does. And at $p = 0.75$ the gap
# is the smallest of all: is the accuracy the best of all, too?
#
# > **Reading notes 004.** "Observe that the test/validation error is smaller using dropout", says
# > the slide. That need not be so for your network. An experiment for this course, on 1 000 MNIST
# > images with right labels and three seeds each, gave test accuracies of
# >
# > | | seed 1 | seed 2 | seed 3 | mean |
# > |---|---|---|---|---|
# > | no dropout | .8992 | .8995 | .9014 | .9000 |
# > | p = ½ | .8941 | .9043 | .9029 | .9004 |
# >
# > A gain of .0004, where the seeds alone differ by .0102. With the first seed dropout even
# > loses. That is why no test of this notebook asks for a better accuracy.
#
# ### What is learnt by heart
#
# The wrong labels can't be *understood*, only memorised. So count how many of them the trained
# network repeats.

# %%
with plots.needs("network_gradients", "train"):
    false = y_train != y_right
    start = new_network((100, 50, 10), seed=4)
    nets = {p: train(X_train, y_train, start, p, 50, 4) for p in (0.0, 0.5)}
    share = {p: accuracy(X_train[false], y_train[false], net) for p, net in nets.items()}
    for p, net in nets.items():
        put_right = accuracy(X_train[false], y_right[false], net)
        print(f"p = {p}: of {false.sum()} wrong labels {share[p]:.0%} are repeated", end=", ")
        print(f"{put_right:.0%} of these digits are read rightly all the same")
    guesses = probabilities(X_train[false], nets[0.5]).argmax(axis=1)[:20]
    plots.images(
        digits.x_train[:N_TRAIN][false][:20],
        [f"{wrong} → {guess}" for wrong, guess in zip(y_train[false], guesses, strict=False)],
        f"Wrong label → answer with dropout: {share[0.5]:.0%} of {false.sum()} are repeated, "
        f"without it {share[0.0]:.0%}",
        alt="Twenty training images with a wrong label, each with that label and with the digit "
        "that the network trained with dropout reads; many of them it reads as a person would.",
        columns=10,
    )

# %% [markdown]
# ## In your own words (2 points)
#
# Look at the figure with the error bars once more. In four to six sentences:
#
# 1. While a network trains with dropout, its training loss, measured *with* the masks on, is often
#    higher than its validation loss. How can that be, and which training loss belongs in the gap?
# 2. Dropout made the gap smaller. Why doesn't that alone show that the network is better? What
#    would you look at, and how often, before you say so?

# %% [markdown] task="explain" points=2
# ### BEGIN SOLUTION
# 1. With masks on, the training loss is that of a crippled network: a share p of the hidden
# neurons is missing at each step. The validation loss is measured at inference, with all neurons
# at work. So the two are not measured on the same network, and the training loss can be the
# higher one even if the network fits its training set well. For the gap, measure both at
# inference.
# 2. The gap is a difference: it also shrinks if the training loss rises and the validation loss
# stays as it is, or even rises (p = 0.75 with right labels, or a large λ: underfitting). What
# counts is how good the network is on data that it has not seen: validation loss or accuracy
# while choosing p, the test set once at the end. And it must be measured over several seeds, with
# a mean and a spread: with right labels the gain is smaller than what seeds alone change.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 1 point for the first: the training loss with masks is that of a network with neurons missing, the
# validation loss that of the whole one (½); both belong measured at inference, without masks (½).
#
# 1 point for the second: a small gap can come from a worse training loss, so look at the
# validation or test loss or accuracy itself (½); over several seeds, comparing the difference
# with the spread (½).
# ### END MARK SCHEME
