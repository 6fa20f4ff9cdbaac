# ---
# topic:
#   results:
#     - what: "Linear classifier: test accuracy by loss"
#       code: |
#         told = ", ".join(f"{name} {share:.3f}" for name, share in test_right.items())
#   figures:
#     - caption: The 0/1 error is a staircase
#       alt: Three curves along one line in weight space
#     - caption: Ten pictures that read digits
#       alt: Ten weight images of the softmax
# ---

# %% [markdown]
# # 3 Losses
#
# A classifier gives each class a score. A **loss** says in one number how bad the scores are, so
# that a machine can make them better. In this notebook you write the losses that nearly every
# classifier uses, with their gradients, and train ten pictures that tell handwritten digits apart.
#
# **Afterwards you can**
#
# - score a batch of examples with a linear classifier, $s = Wx + b$;
# - write the squared error, softmax with cross-entropy, and the multiclass hinge, each with its
#   gradient, and compute them without overflow;
# - say why we don't descend the number of mistakes itself;
# - add L2 regularisation, and carry the gradient from the scores back to $W$ and $b$;
# - do the same in TensorFlow and in Keras, and avoid their traps;
# - train a linear classifier on digits and read its weights as pictures.
#
# **Read first** in the notes:
#
# | notes | what they are | read for |
# |---|---|---|
# | 003 | slides, *Lesson 4, Basic Neural Network* | from the score function to "Loss summary" |
# | 000 | handwritten, *First principles of CV* | the cost of a whole data set |
# | 001 | CSci 4270 and 6270, Lecture 15 | "Minimize Cost Function", with its first question |
# | 004 | *Introduction to Deep Learning and Neural Network* | "Loss Optimization" |
#
# The notes have mistakes, as notes do. Where you meet one, a box marked **Erratum** says so.
#
# **Time**: about three hours, for 12 small tasks. 20 points are judged automatically, 2 more by a
# person.
#
# **Rules**: what you derive by hand must not call automatic or numerical differentiation, Keras or
# a ready-made loss of TensorFlow. Loops, `@`, `np.einsum` and TensorFlow's plain arithmetic are
# all fine. Compute in `float64`. Leave the arrays that you are given as they are: write
# `S = S - m`, not `S -= m`, which changes the caller's array too. You may call your earlier
# functions in later tasks; no task *needs* one.

# %% given="setup"
import functools

import keras
import numpy as np
import tensorflow as tf

from nnkit import checks, datasets, plots

tf.constant(0.0)  # TensorFlow starts here, and not in the middle of a test
BLUE, RED, GREEN = plots.PALETTE[:3]

# %% [markdown]
# ## Scores
#
# A linear classifier has one row of weights for each of its $K$ classes. For one example $x$ with
# $D$ numbers in it (a stretched-out image, say), $s = Wx + b$: row $k$ of $W$, times $x$, plus
# $b_k$, is the score of class $k$. The largest score wins.
#
# - `W` is `(K, D)`, and `b` is `(K,)`.
# - A batch has one example per **row**: `X` is `(N, D)`. Its scores `S` are `(N, K)`, one row per
#   example.
# - `y` is `(N,)`: the number of the right class of each example, counted from 0.
#
# ## Task 1: score a batch (1 point)
#
# A row is the transpose of a column. So $s = Wx + b$ becomes $S = X\,W^\top + b$. Take two "images"
# of four pixels, three classes:
#
# $$X = \begin{pmatrix}.5&1&0&.2\\0&.4&1&.6\end{pmatrix},\quad
# W = \begin{pmatrix}1&-2&.5&3\\0&1&2&-2\\-1.5&.5&1&2\end{pmatrix},\quad b = (.1, -.2, .3).$$
#
# The first image's score of class 0 is $.5 - 2 + 0 + .6 + .1 = -.8$. (Loops over the pixels are
# right too, but would make the digits at the end very slow. `@` is quick.)


# %% task="scores"
def scores(X, W, b):
    """Return the scores of a batch, S = X Wᵀ + b.

    Parameters
    ----------
    X : float64 array (N, D)
        Examples, one in each row.
    W : float64 array (K, D)
        Weights, one class in each row.
    b : float64 array (K,)
        Biases.

    Returns
    -------
    float64 array (N, K)
        S[i, k] is the score of class k for example i.
    """
    ### BEGIN SOLUTION
    return X @ W.T + b
    ### END SOLUTION


# %% test="scores" points=1
checks.close(
    scores(
        np.array([[0.5, 1.0, 0.0, 0.2], [0.0, 0.4, 1.0, 0.6]]),
        np.array([[1.0, -2.0, 0.5, 3.0], [0.0, 1.0, 2.0, -2.0], [-1.5, 0.5, 1.0, 2.0]]),
        np.array([0.1, -0.2, 0.3]),
    ),
    np.array([[-0.8, 0.4, 0.45], [1.6, 1.0, 2.7]]),
    "scores of two images of four pixels, three classes",
    causes=[
        checks.cause(
            "bias-forgotten",
            [[-0.9, 0.6, 0.15], [1.5, 1.2, 2.4]],
            "the biases are missing: S = X Wᵀ + b.",
        ),
        checks.cause(
            "bias-sign",
            [[-1.0, 0.8, -0.15], [1.4, 1.4, 2.1]],
            "the biases are added, not subtracted: S = X Wᵀ + b.",
        ),
        checks.cause(
            "one-example-only",
            [-0.8, 0.4, 0.45],
            "these are the scores of the first image alone: give a row for each.",
        ),
    ],
)
checks.forbid(
    scores,
    "keras",
    what="scores are computed by hand",
    example=(np.ones((2, 4)), np.ones((3, 4)), np.ones(3)),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_scores(X, W, b):
        return np.einsum("id,kd->ik", X, W) + b

    def score_cases():
        rng = np.random.default_rng(301)
        sizes = [(7, 5, 3), (2, 3, 6), (5, 4, 4), (1, 6, 2)]
        return [
            (rng.normal(size=(n, d)), rng.normal(size=(k, d)), rng.normal(size=k))
            for n, d, k in sizes
        ]

    checks.same(
        scores,
        right_scores,
        score_cases(),
        "scores of batches of several sizes",
        rtol=1e-10,
        causes=[
            checks.cause(
                "bias-forgotten", lambda X, W, b: right_scores(X, W, 0 * b), "Add the biases."
            ),
            checks.cause(
                "bias-sign", lambda X, W, b: right_scores(X, W, -b), "The biases are added."
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Three images
#
# Notes 003 work with the scores of three images. All tasks below use them.
#
# | image of a | cat | car | frog | largest | right? |
# |---|---|---|---|---|---|
# | cat | **3.2** | 5.1 | −1.7 | car | no |
# | car | 1.3 | **4.9** | 2.0 | car | yes |
# | frog | 2.2 | 2.5 | **−3.1** | car | no |
#
# Two of three are wrong, so the **0/1 error** is 2/3. But the cat's right score comes second, and
# the frog's comes last, far behind. A loss should know the difference.

# %% given="images"
CLASSES = ("cat", "car", "frog")


def three_images():
    """Return the scores (3, 3) of the notes' three images and their classes (3,), fresh arrays."""
    return np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]]), np.array([0, 1, 2])


# %% [markdown]
# ## Task 2: the squared error (2 points)
#
# The simplest loss compares numbers with target numbers. For one example it is
# $\lVert\hat y - y\rVert^2$; for a set, the mean over its $N$ examples:
#
# $$L = \frac1N\sum_{i=1}^N \lVert\hat y_i - y_i\rVert^2, \qquad
# \frac{\partial L}{\partial\hat y_i} = \frac2N(\hat y_i - y_i).$$
#
# This is the MSE, the *mean squared error*, of notes 003 (with one output) and 000 (with ten). Mind
# three customs:
#
# - Notes 001, and our notebook on backpropagation, put a ½ in front, to be rid of the 2 in the
#   gradient. Here there is **no ½**.
# - We **sum** over the $K$ outputs of an example and take the mean over the examples only. Keras'
#   `MeanSquaredError` takes the mean over both.
# - $L$ is one number for the whole set, so its gradient has the $\frac1N$ in it too.


# %% task="mse"
def mse(predicted, targets):
    """Return the mean squared error, L = (1/N) Σ ‖ŷ_i − y_i‖², and its gradient 2 (ŷ − y) / N.

    Parameters
    ----------
    predicted : float64 array (N, K)
        ŷ, one example in each row.
    targets : float64 array (N, K)
        y.

    Returns
    -------
    loss : float
    gradient : float64 array (N, K)
        ∂L/∂ŷ.
    """
    ### BEGIN SOLUTION
    gap = predicted - targets
    return np.sum(gap**2) / len(gap), 2 * gap / len(gap)
    ### END SOLUTION


# %% [markdown]
# The test's three examples have the differences $(0, -1, 2, -1)$, $(.5, 0, 0, -.5)$ and
# $(0, 2, -1, 0)$. So $L = (6 + .5 + 5)/3 = 3.8333…$

# %% test="mse" points=2
checks.close(
    mse(
        np.array([[1.0, 0.0, 2.0, -1.0], [0.5, 1.0, 0.0, 0.0], [0.0, 3.0, 1.0, 1.0]]),
        np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.5], [0.0, 1.0, 2.0, 1.0]]),
    ),
    (
        3.833333333333,
        np.array(
            [
                [0.0, -0.666666666667, 1.333333333333, -0.666666666667],
                [0.333333333333, 0.0, 0.0, -0.333333333333],
                [0.0, 1.333333333333, -0.666666666667, 0.0],
            ]
        ),
    ),
    "loss and gradient of three examples with four outputs",
    rtol=0,
    atol=1e-9,
    batch=3,
    causes=[
        checks.cause(
            "averaged-over-outputs",
            (
                0.958333333333,
                np.array(
                    [
                        [0.0, -0.166666666667, 0.333333333333, -0.166666666667],
                        [0.083333333333, 0.0, 0.0, -0.083333333333],
                        [0.0, 0.333333333333, -0.166666666667, 0.0],
                    ]
                ),
            ),
            "it is 4 times too small, the number of outputs: sum over the outputs, and take the "
            "mean over the examples only.",
        ),
        checks.cause(
            "factor-2-missing",
            (
                3.833333333333,
                np.array(
                    [
                        [0.0, -0.333333333333, 0.666666666667, -0.333333333333],
                        [0.166666666667, 0.0, 0.0, -0.166666666667],
                        [0.0, 0.666666666667, -0.333333333333, 0.0],
                    ]
                ),
            ),
            "the gradient lacks the factor 2: this loss has no ½ that would cancel it.",
        ),
        checks.cause(
            "square-root",
            (
                1.957890020745,
                np.array([[0.0, -2, 4, -2], [1, 0.0, 0.0, -1], [0.0, 4, -2, 0.0]]) / 3,
            ),
            "this is the root of the mean squared error: leave the root out.",
        ),
        checks.cause(
            "absolute-not-squared",
            (
                2.666666666667,
                np.array([[0.0, -1, 1, -1], [1, 0.0, 0.0, -1], [0.0, 1, -1, 0.0]]) / 3,
            ),
            "this is the mean absolute error: square the differences.",
        ),
    ],
)
checks.forbid(
    mse,
    "autodiff",
    "keras",
    what="the squared error is written by hand",
    example=(np.ones((2, 3)), np.zeros((2, 3))),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_mse(predicted, targets):
        gap = predicted - targets
        return np.mean(np.sum(gap * gap, axis=1)), gap * (2 / gap.shape[0])

    def mse_cases():
        rng = np.random.default_rng(302)
        return [(rng.normal(size=s), rng.normal(size=s)) for s in [(5, 3), (7, 2), (4, 1), (1, 6)]]

    checks.same(
        mse,
        right_mse,
        mse_cases(),
        "mse on sets of several sizes",
        rtol=1e-10,
        causes=[
            checks.cause(
                "averaged-over-outputs",
                lambda p, t: tuple(part / p.shape[1] for part in right_mse(p, t)),
                "Sum over the outputs, take the mean over the examples only.",
            ),
            checks.cause(
                "factor-2-missing",
                lambda p, t: (right_mse(p, t)[0], (p - t) / len(p)),
                "The gradient lacks the factor 2.",
            ),
        ],
    )
    mse_at, mse_targets = mse_cases()[0]
    checks.gradient(
        lambda p: right_mse(p, mse_targets)[0],
        lambda p: mse(p, mse_targets)[1],
        mse_at,
        "the gradient of the squared error",
        batch=len(mse_at),
    )
### END HIDDEN TESTS

# %% [markdown]
# ## From scores to probabilities
#
# For classes there are better losses. Read a score as the logarithm of a share that isn't
# normalised yet. **Softmax** makes shares of them:
#
# $$p_k = \frac{e^{s_k}}{\sum_j e^{s_j}}, \qquad\qquad L_i = -\ln p_y .$$
#
# The loss looks at one share only, that of the right class $y$. It is 0 if that share is 1, and it
# grows without bound as the share goes to 0. It is called **cross-entropy**. (Notes 003 write
# $-y\cdot\log\hat y$ with a one-hot $y$: all zeros but for a 1 at the right class. That picks out
# the same term.)
#
# | the notes' cat | cat | car | frog | sum |
# |---|---|---|---|---|
# | $s$ | 3.2 | 5.1 | −1.7 | |
# | $e^s$ | 24.5325 | 164.0219 | 0.1827 | 188.7371 |
# | $p$ | **0.12998** | 0.86905 | 0.00097 | 1 |
#
# So $L = -\ln 0.12998 = \mathbf{2.0404}$.
#
# > **Erratum (notes 003, "Softmax + Cross entropy").** The slide has $-\log(0.13) = 0.89$. That is
# > the logarithm to base **10** (more exactly 0.8861). The loss takes the natural logarithm:
# > 2.0404. Base 10 would only make every loss smaller by the factor $\ln 10 = 2.3026$, but then
# > the gradient below would be off by the same factor.
#
# > **Erratum (notes 003, "Softmax Classifier").** The line "in summary", as transcribed, has
# > $\sum_i e^{s_j}$ in the denominator. The sum runs over the classes: $\sum_j e^{s_j}$.

# %%
shares = np.linspace(0.001, 1, 400)
fig, axis = plots.figure("The slide's 0.89 lies on the wrong curve: the loss is −ln p")
axis.plot(shares, -np.log(shares), color=BLUE, label="−ln p, the loss")
axis.plot(shares, -np.log10(shares), "--", color=RED, label="−log₁₀ p")
for value, ink in ((2.0404, BLUE), (0.8861, RED)):
    axis.plot(0.12998, value, "o", color=ink)
    axis.annotate(value, (0.12998, value), xytext=(7, 6), textcoords="offset points", color=ink)
axis.axvline(0.12998, color="0.8", zorder=0)
axis.set(xlabel="p, the share of the right class (the cat's is 0.13)", ylabel="loss", ylim=(0, 6))
axis.legend()
plots.show(
    fig,
    alt="Two falling curves over p from 0 to 1, −ln p above −log₁₀ p; both rise steeply towards "
    "p = 0 and end at 0 for p = 1. At the cat's p = 0.13 they are 2.0404 and 0.8861.",
)

# %% [markdown]
# ## Task 3: the logarithm of a sum of exponentials (1 point)
#
# Put the two formulas together and the fraction disappears:
#
# $$L_i = -\ln\frac{e^{s_y}}{\sum_j e^{s_j}} = \ln\sum_j e^{s_j} \; - \; s_y .$$
#
# The first term has a name, **log-sum-exp**. Computed as it stands, it fails: $e^{710}$ is already
# too large for a float64, and $e^{-746}$ is rounded to 0, whose logarithm is $-\infty$. The cure is
# to take the largest score $m$ of the example out of the sum:
#
# $$\ln\sum_j e^{s_j} = m + \ln\sum_j e^{s_j - m}, \qquad m = \max_j s_j .$$
#
# Now the largest exponent is 0: nothing overflows, and the sum is at least 1. Don't forget to add
# $m$ back. Each example has an $m$ of its own, to be subtracted from its own row. For that it must
# be a column, `(N, 1)`: `S.max(axis=1, keepdims=True)`. A flat `(N,)` would be subtracted from
# every row, the first example's $m$ from the first class.


# %% task="log_sum_exp"
def log_sum_exp(S):
    """Return ln Σ_j exp(s_j) for each row of scores, without overflow.

    m + ln Σ_j exp(s_j − m) with m = max_j s_j, row by row.

    Parameters
    ----------
    S : float64 array (N, K)
        Scores; they may be as large as ±1000.

    Returns
    -------
    float64 array (N,)
    """
    ### BEGIN SOLUTION
    m = S.max(axis=1)
    return m + np.log(np.sum(np.exp(S - m[:, None]), axis=1))
    ### END SOLUTION


# %% test="log_sum_exp" points=1
checks.close(
    log_sum_exp(three_images()[0]),
    [5.240355152800, 4.979131778291, 3.056477201664],
    "ln Σ exp(s) of the three images",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(
            "wrong-axis",
            [3.617030016278, 5.738165160282, 2.030354866886],
            "the sum runs down the columns: sum over the classes of an example, axis 1.",
        ),
        checks.cause(
            "maximum-not-added-back",
            [0.140355152800, 0.079131778291, 0.556477201664],
            "the maximum that was taken out of the sum must be added back.",
        ),
        checks.cause(
            "summed-over-batch",
            5.873068914858,
            "this sums over all images at once: each row has its own logarithm.",
        ),
        checks.cause(
            "log-base-10",
            [2.275857326074, 2.162409455981, 1.327411182746],
            "this is the logarithm to base 10: `np.log` is the natural one.",
        ),
        checks.cause(
            "maximum-only",
            [5.1, 4.9, 2.5],
            "this is the largest score alone: the logarithm of the shifted sum is missing.",
        ),
        checks.cause(
            "no-column",
            [5.426398057917, 5.387905819237, 0.599133251837],
            "each maximum is subtracted from a column, not from its own row: use keepdims=True.",
        ),
    ],
)
with np.errstate(all="ignore"):
    large_sums = log_sum_exp(np.array([[1000.0, 999.0, 1000.0], [-1000.0, -1003.0, -1001.0]]))
checks.close(
    large_sums,
    [1000.861994804058, -999.650987783232],
    "ln Σ exp(s) of (1000, 999, 1000) and (−1000, −1003, −1001)",
    rtol=1e-12,
    causes=[
        checks.cause(
            "overflow",
            [np.inf, -np.inf],
            "exp(1000) overflows and exp(−1000) is rounded to 0: take out the maximum first.",
        ),
        checks.cause(
            "one-maximum-for-all",
            [1000.861994804058, -np.inf],
            "the maximum of the whole batch is taken out: each row needs its own.",
        ),
    ],
)
checks.forbid(
    log_sum_exp,
    "keras",
    "tensorflow.reduce_logsumexp",
    what="log-sum-exp is written by hand",
    example=(np.ones((2, 3)),),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_log_sum_exp(S):
        return np.array([np.logaddexp.reduce(row) for row in S])

    def sum_cases():
        rng = np.random.default_rng(303)
        return [
            (rng.normal(scale=c, size=s),) for s, c in [((5, 3), 2), ((3, 7), 900), ((1, 4), 1)]
        ]

    with np.errstate(all="ignore"):
        checks.same(
            log_sum_exp,
            right_log_sum_exp,
            sum_cases(),
            "log_sum_exp of other scores, small and large",
            rtol=1e-10,
        )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 4: cross-entropy (2 points)
#
# Now the loss itself, **one number for each example**: $L_i = \ln\sum_j e^{s_{ij}} - s_{i y_i}$.
# The mean over the examples comes later, together with the regularisation.
#
# To pick $s_{iy_i}$ from each row: `S[np.arange(len(y)), y]`.
#
# For the three images, $L = (2.0404,\ 0.0791,\ 6.1565)$: wrong, right, and hopeless.
#
# > **Why not softmax first, and then the logarithm?** Because a share can be so small that it is
# > rounded to 0, and $-\ln 0$ is infinite. Some programs add $10^{-9}$ to the share. Then no loss
# > exceeds $-\ln 10^{-9} = 20.7$, and where it is cut off the gradient is gone. The second test
# > looks at scores of ±1000.


# %% task="cross_entropy"
def cross_entropy(S, y):
    """Return the cross-entropy of softmax for each example, L_i = ln Σ_j exp(s_ij) − s_iy.

    Parameters
    ----------
    S : float64 array (N, K)
        Scores; they may be as large as ±1000.
    y : int64 array (N,)
        Right classes, counted from 0.

    Returns
    -------
    float64 array (N,)
        −ln p_y, one for each example.
    """
    ### BEGIN SOLUTION
    shifted = S - S.max(axis=1, keepdims=True)  # the same shares, and no overflow
    return np.log(np.sum(np.exp(shifted), axis=1)) - shifted[np.arange(len(y)), y]
    ### END SOLUTION


# %% test="cross_entropy" points=1
checks.close(
    cross_entropy(*three_images()),
    [2.040355152800, 0.079131778291, 6.156477201664],
    "cross-entropy of the three images",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(
            "log-base-10",
            [0.886114983984, 0.034366494655, 2.673724076646],
            "this is the logarithm to base 10, as on the slide: the loss takes the natural one.",
        ),
        checks.cause(
            "log-base-2",
            [2.943610260597, 0.114163024118, 8.881919128187],
            "this is the logarithm to base 2: the loss takes the natural one.",
        ),
        checks.cause(
            "probability-not-log",
            [0.129982539017, 0.923918164066, 0.002119707436],
            "these are the shares p of the right classes: the loss is −ln p.",
        ),
        checks.cause(
            "probability-not-log",
            [0.870017460983, 0.076081835934, 0.997880292564],
            "this is 1 − p: the loss is −ln p.",
        ),
        checks.cause(
            "wrong-axis",
            [0.417030016278, 0.838165160282, 5.130354866886],
            "the softmax runs down the columns: sum over the classes of an example, axis 1.",
        ),
        checks.cause(
            "summed-over-batch",
            [2.673068914858, 0.973068914858, 8.973068914858],
            "the softmax sums over all images at once: each row has its own sum.",
        ),
        checks.cause(
            "all-classes",
            [9.121065458401, 6.737395334874, 7.569431604993],
            "this sums −ln p over all classes: only the right class counts.",
        ),
        checks.cause(
            "binary-cross-entropy",
            [4.074259705969, 0.156875465648, 7.560761384361],
            "this is the loss of three separate yes-or-no questions: here only −ln p of the right "
            "class counts.",
        ),
        checks.cause(
            "mean-already",
            2.758654710919,
            "this is the mean of the three: return one loss for each example.",
        ),
        checks.cause(
            "log-sum-forgotten",
            [-3.2, -4.9, 3.1],
            "this is −s_y alone: the logarithm of the sum is missing.",
        ),
        checks.cause(
            "score-forgotten",
            [5.240355152800, 4.979131778291, 3.056477201664],
            "this is the log-sum-exp alone: subtract the score of the right class.",
        ),
        checks.cause(
            "no-column",
            [2.226398057917, 0.487905819237, 3.699133251837],
            "each maximum is subtracted from a column, not from its own row: use keepdims=True.",
        ),
        *[
            checks.cause(
                "every-row",
                wrong,
                "`S[:, y]` takes every class in `y` from every row: from each row take its own, "
                "`S[np.arange(len(y)), y]`.",
            )
            for wrong in (
                [
                    [2.040355152800, 0.140355152800, 6.940355152800],
                    [3.679131778291, 0.079131778291, 2.979131778291],
                    [0.856477201664, 0.556477201664, 6.156477201664],
                ],
                [
                    [2.040355152800, -0.120868221709, 4.756477201664],
                    [3.940355152800, 0.079131778291, 1.056477201664],
                    [3.040355152800, 2.479131778291, 6.156477201664],
                ],
            )
        ],
        *[
            checks.cause(
                "clipped",
                -np.log(np.array([0.129982539017, 0.923918164066, 0.002119707436]) + share),
                "a small number is added to the share: use the log-sum-exp instead of the softmax.",
            )
            for share in (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10)
        ],
    ],
)
checks.forbid(
    cross_entropy,
    "keras",
    "tensorflow.nn.sparse_softmax_cross_entropy_with_logits",
    "tensorflow.nn.softmax_cross_entropy_with_logits",
    what="the cross-entropy is written by hand",
    example=three_images(),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_cross_entropy(S, y):
        return np.array([np.log(np.sum(np.exp(s - s[k]))) for s, k in zip(S, y, strict=True)])

    def score_and_class_cases(seed):
        rng = np.random.default_rng(seed)
        sizes = [(7, 4), (3, 6), (5, 2), (1, 3)]
        return [(rng.normal(scale=2, size=s), rng.integers(0, s[1], size=s[0])) for s in sizes]

    checks.same(
        cross_entropy,
        right_cross_entropy,
        score_and_class_cases(304),
        "cross_entropy of other scores",
        rtol=1e-9,
        causes=[
            checks.cause(
                "log-base-10",
                lambda S, y: right_cross_entropy(S, y) / np.log(10),
                "The loss takes the natural logarithm.",
            ),
            checks.cause(
                "probability-not-log",
                lambda S, y: np.exp(-right_cross_entropy(S, y)),
                "The loss is −ln p, not p.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% test="cross_entropy" part="stable" points=1
with np.errstate(all="ignore"):
    large_losses = cross_entropy(
        np.array([[1000.0, 0.0, -1000.0], [0.0, -1000.0, 1000.0]]), np.array([0, 1])
    )
checks.holds(
    not np.any(np.isnan(np.asarray(large_losses, dtype=float))),
    "scores of ±1000 give numbers",
    "exp(1000) overflows, and infinity divided by infinity is no number: take out the maximum of "
    "each row first.",
    name="overflow",
)
checks.close(
    large_losses,
    [0.0, 2000.0],
    "cross-entropy of (1000, 0, −1000), class 0, and of (0, −1000, 1000), class 1",
    rtol=1e-12,
    atol=1e-9,
    causes=[
        checks.cause(
            "log-of-zero",
            [0.0, np.inf],
            "the share of class 1 is rounded to 0, whose logarithm is infinite: use the "
            "log-sum-exp instead of the softmax.",
        ),
        *[
            checks.cause(
                "clipped",
                [-np.log(1 + share), -np.log(share)],
                "a small number is added to the share: the loss can't exceed a bound then. Use the "
                "log-sum-exp instead of the softmax.",
            )
            for share in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16)
        ],
        *[
            checks.cause(
                "clipped",
                [-np.log(1 - share), -np.log(share)],
                "the share is cut off near 0: the loss can't exceed a bound then. Use the "
                "log-sum-exp instead of the softmax.",
            )
            for share in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16)
        ],
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def large_cases():
        rng = np.random.default_rng(305)
        for n, k in [(6, 4), (3, 5)]:
            yield rng.uniform(-1000, 1000, size=(n, k)), rng.integers(0, k, size=n)
        level = np.array([[1000.0], [-1000.0], [-800.0], [900.0]])  # rows far apart
        yield level + rng.normal(scale=3, size=(4, 3)), rng.integers(0, 3, size=4)

    def right_large(S, y):
        return np.logaddexp.reduce(S, axis=1) - S[np.arange(len(y)), y]

    def one_maximum(S, y):
        return np.log(np.exp(S - S.max()).sum(axis=1)) + S.max() - S[np.arange(len(y)), y]

    with np.errstate(all="ignore"):
        checks.same(
            cross_entropy,
            right_large,
            large_cases(),
            "cross_entropy of large scores",
            atol=1e-9,
            causes=[
                checks.cause(
                    "one-maximum-for-all",
                    one_maximum,
                    "The maximum of the whole batch is taken out: each row needs its own.",
                ),
            ],
        )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 5: the gradient of cross-entropy (2 points)
#
# How should each score change? Differentiate $L_i = \ln\sum_j e^{s_j} - s_y$. The first term has
# the slope $e^{s_k}/\sum_j e^{s_j} = p_k$. The second has $-1$ at $k = y$ and 0 elsewhere. So
#
# $$\frac{\partial L_i}{\partial s} = p - \text{onehot}(y).$$
#
# No logarithm, no fraction of fractions: this is why softmax and cross-entropy belong together.
# Read it: every wrong class is pushed down by its share, and the right class is pushed up by what
# it lacks. The pushes add up to 0. For the cat it is $(-0.8700,\ 0.8690,\ 0.0010)$.
#
# Again **one row per example**, no mean yet, and no overflow: the shares don't change if you
# subtract the row's maximum from its scores.


# %% task="cross_entropy_gradient"
def cross_entropy_gradient(S, y):
    """Return each example's gradient of cross-entropy with respect to its scores, p − onehot(y).

    p_k = exp(s_k) / Σ_j exp(s_j), row by row.

    Parameters
    ----------
    S : float64 array (N, K)
        Scores; they may be as large as ±1000.
    y : int64 array (N,)
        Right classes, counted from 0.

    Returns
    -------
    float64 array (N, K)
        ∂L_i/∂s_ik.
    """
    ### BEGIN SOLUTION
    p = np.exp(S - S.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    return p
    ### END SOLUTION


# %% test="cross_entropy_gradient" points=2
checks.close(
    cross_entropy_gradient(*three_images()),
    np.array(
        [
            [-0.870017460983, 0.869049535208, 0.000967925775],
            [0.025244883479, -0.076081835934, 0.050836952455],
            [0.424655425827, 0.573224866737, -0.997880292564],
        ]
    ),
    "gradient of the three images' cross-entropy",
    rtol=0,
    atol=1e-9,
    batch=3,
    causes=[
        checks.cause(
            "onehot-missing",
            [
                [0.129982539017, 0.869049535208, 0.000967925775],
                [0.025244883479, 0.923918164066, 0.050836952455],
                [0.424655425827, 0.573224866737, 0.002119707436],
            ],
            "these are the shares p: subtract 1 at the right class.",
        ),
        checks.cause(
            "only-the-right-class",
            [
                [-0.870017460983, 0.0, 0.0],
                [0.0, -0.076081835934, 0.0],
                [0.0, 0.0, -0.997880292564],
            ],
            "the scores of the wrong classes have a slope too, p_k: they are all in the sum.",
        ),
        checks.cause(
            "slope-of-p",
            [
                [-7.693341025350, 0.0, 0.0],
                [0.0, -1.082346942504, 0.0],
                [0.0, 0.0, -471.763217400944],
            ],
            "this is the slope of −ln p with respect to p: it still has to pass the softmax, back "
            "to the scores.",
        ),
        checks.cause(
            "wrong-axis",
            [
                [-0.340998861114, 0.528260809270, 0.023984323084],
                [0.098565890409, -0.567496629805, 0.970101215661],
                [0.242432970705, 0.039235820535, -0.994085538745],
            ],
            "the softmax runs down the columns: sum over the classes of an example, axis 1.",
        ),
        checks.cause(
            "softmax-slope-only",
            [
                [0.113087078568, 0.113802440563, 0.000966988894],
                [0.024607579337, 0.070293390175, 0.048252556721],
                [0.244323195143, 0.244638118891, 0.002115214276],
            ],
            "this is p (1 − p), the slope of a share with respect to its own score.",
        ),
        checks.cause(
            "every-row",
            [
                [-0.870017460983, -0.130950464792, -0.999032074225],
                [-0.974755116521, -0.076081835934, -0.949163047545],
                [-0.575344574173, -0.426775133263, -0.997880292564],
            ],
            "1 is subtracted from every share: `p[:, y]` takes every class in `y` from every row. "
            "Use `p[np.arange(len(y)), y]`.",
        ),
        *[
            checks.cause(
                "no-column",
                wrong,
                "a maximum or a sum of one row meets a column: keep it a column, `(N, 1)`, with "
                "keepdims=True.",
            )
            for wrong in (
                [
                    [-0.892083560312, 0.749832208683, 0.100345780562],
                    [0.016140912876, -0.386089311103, 4.058716327647],
                    [0.039700239526, 0.055692721199, -0.975255035169],
                ],
                [
                    [-0.870017460983, 1.128476193904, 0.008595837525],
                    [0.019441308884, -0.076081835934, 0.347678456586],
                    [0.047817903816, 0.083815964851, -0.997880292564],
                ],
                [
                    [-0.870017460983, 0.923918164066, 0.000638443611],
                    [0.023745668293, -0.076081835934, 0.031540677984],
                    [0.643807730357, 0.923918164066, -0.997880292564],
                ],
            )
        ],
    ],
)
with np.errstate(all="ignore"):
    large_slopes = cross_entropy_gradient(
        np.array([[1000.0, 0.0], [-900.0, 900.0], [-900.0, -900.0]]), np.zeros(3, int)
    )
checks.holds(
    np.all(np.isfinite(np.asarray(large_slopes, dtype=float))),
    "scores of ±1000 give numbers",
    "exp(1000) overflows, and exp(−900) is rounded to 0: subtract from each row its own maximum "
    "first.",
    name="overflow",
)
checks.close(
    large_slopes,
    np.array([[0.0, 0.0], [-1.0, 1.0], [-0.5, 0.5]]),
    "gradient at (1000, 0), (−900, 900), (−900, −900)",
)
checks.forbid(
    cross_entropy_gradient,
    *checks.BY_HAND,
    what="p − onehot is written by hand",
    example=three_images(),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_shares(S):
        return np.exp(S - np.logaddexp.reduce(S, axis=1)[:, None])

    def right_pull(S, y):
        return right_shares(S) - np.equal.outer(y, np.arange(S.shape[1]))

    def pull_cases():
        rng = np.random.default_rng(306)
        for n, k, far in [(7, 4, 0), (3, 6, 0), (5, 2, 0), (1, 3, 0), (5, 3, 1000)]:
            level = far * np.linspace(-1, 1, n)[:, None]  # each row may be far from the others
            yield level + rng.normal(scale=2, size=(n, k)), rng.integers(0, k, size=n)

    with np.errstate(all="ignore"):
        checks.same(
            cross_entropy_gradient,
            right_pull,
            pull_cases(),
            "cross_entropy_gradient of other scores",
            rtol=1e-9,
            atol=1e-11,
            causes=[
                checks.cause(
                    "onehot-missing",
                    lambda S, y: right_shares(S),
                    "Subtract 1 at the right class.",
                ),
            ],
        )
    pull_at, pull_classes = next(pull_cases())
    checks.gradient(
        lambda S: np.sum(np.logaddexp.reduce(S, axis=1) - S[np.arange(len(S)), pull_classes]),
        lambda S: cross_entropy_gradient(S, pull_classes),
        pull_at,
        "the gradient of the cross-entropy",
        batch=len(pull_at),
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 6: the hinge (2 points)
#
# Softmax is never content: $p_y$ never reaches 1. The **multiclass hinge**, the loss of a linear
# SVM, is content as soon as the right score leads every other by a margin $\Delta$, which is 1:
#
# $$L_i = \sum_{j\ne y}\max(0,\ s_j - s_y + \Delta).$$
#
# - the cat: $\max(0, 5.1 - 3.2 + 1) + \max(0, -1.7 - 3.2 + 1) = 2.9 + 0 = \mathbf{2.9}$
# - the car: $\max(0, 1.3 - 4.9 + 1) + \max(0, 2.0 - 4.9 + 1) = 0 + 0 = \mathbf{0}$
# - the frog: $\max(0, 2.2 + 3.1 + 1) + \max(0, 2.5 + 3.1 + 1) = 6.3 + 6.6 = \mathbf{12.9}$
#
# Their mean is $15.8/3 = \mathbf{5.2667}$.
#
# > **Erratum (notes 003, "Hinge Loss").** The slide computes $\max(0, 5.3) + \max(0, 5.6) = 10.9$
# > for the frog. It has dropped the $+1$, though the line above it still has it. With the $+1$ it
# > is $6.3 + 6.6 = 12.9$.
#
# Mind $j \ne y$. The right class would always add $\max(0, s_y - s_y + \Delta) = \Delta$.


# %% task="hinge"
def hinge(S, y, delta=1.0):
    """Return the multiclass hinge of each example, L_i = Σ_(j≠y) max(0, s_j − s_y + Δ).

    Parameters
    ----------
    S : float64 array (N, K)
        Scores.
    y : int64 array (N,)
        Right classes, counted from 0.
    delta : float
        The margin Δ.

    Returns
    -------
    float64 array (N,)
    """
    ### BEGIN SOLUTION
    rows = np.arange(len(y))
    margins = np.maximum(0, S - S[rows, y][:, None] + delta)
    margins[rows, y] = 0  # the sum leaves out j = y
    return margins.sum(axis=1)
    ### END SOLUTION


# %% test="hinge" points=2
checks.close(
    hinge(*three_images()),
    [2.9, 0.0, 12.9],
    "hinge of the three images",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(
            "delta-forgotten",
            [1.9, 0.0, 10.9],
            "the margin is missing: max(0, s_j − s_y + Δ). (The slide drops it too.)",
        ),
        checks.cause(
            "delta-forgotten",
            [2.9, 0.0, 10.9],
            "10.9 is the slide's mistake: it drops the + 1. The frog's loss is 6.3 + 6.6.",
        ),
        checks.cause(
            "right-class-counted",
            [3.9, 1.0, 13.9],
            "every loss is too large by Δ: the sum leaves out j = y.",
        ),
        checks.cause(
            "no-maximum",
            [-1.0, -4.5, 12.9],
            "without max(0, …) a class far behind makes up for one that is in front.",
        ),
        checks.cause(
            "no-maximum",
            [0.0, -3.5, 13.9],
            "max(0, …) is missing, and the sum leaves out j = y.",
        ),
        checks.cause(
            "maximum-after-sum",
            [0.0, 0.0, 12.9],
            "max(0, …) belongs to each class on its own, inside the sum.",
        ),
        checks.cause(
            "scores-exchanged",
            [5.9, 8.5, 0.0],
            "this is s_y − s_j + Δ: a class is to blame where its score s_j is too high.",
        ),
        checks.cause(
            "largest-only",
            [2.9, 0.0, 6.6],
            "only the worst class is counted: sum over all classes j ≠ y.",
        ),
        checks.cause(
            "squared",
            [8.41, 0.0, 83.25],
            "the margins are squared: this hinge takes them as they are.",
        ),
        checks.cause(
            "averaged-over-classes",
            [1.45, 0.0, 6.45],
            "this is the mean over the two wrong classes: sum over them.",
        ),
        checks.cause(
            "averaged-over-classes",
            [0.966666666667, 0.0, 4.3],
            "this is the mean over the classes: sum over them.",
        ),
        checks.cause(
            "every-row",
            [0.0, 0.0, 0.0],
            "every class in `y` is left out of every row: leave out of each row its own, "
            "`[np.arange(len(y)), y]`.",
        ),
        checks.cause(
            "every-row",
            [2.0, 2.0, 2.0],
            "`S[:, y]` takes every class in `y` from every row: from each row take its own, "
            "`S[np.arange(len(y)), y]`.",
        ),
        checks.cause(
            "no-column",
            [3.6, 6.1, 0.0],
            "each right score is subtracted from a column, not from its own row: make it a column, "
            "`(N, 1)`, with `[:, None]`.",
        ),
        checks.cause(
            "mean-already",
            5.266666666667,
            "this is the mean of the three: return one loss for each example.",
        ),
    ],
)
checks.forbid(hinge, "keras", what="the hinge is written by hand", example=three_images())
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_hinge(S, y, delta=1.0):
        return np.array(
            [
                sum(max(0.0, s[j] - s[k] + delta) for j in range(len(s)) if j != k)
                for s, k in zip(S, y, strict=True)
            ]
        )

    def hinge_cases():
        rng = np.random.default_rng(307)
        for (n, k), more in [((7, 4), ()), ((3, 6), (2.5,)), ((5, 2), (0.4,)), ((1, 3), ())]:
            yield rng.normal(scale=2, size=(n, k)), rng.integers(0, k, size=n), *more

    checks.same(
        hinge,
        right_hinge,
        hinge_cases(),
        "hinge of other scores and margins",
        rtol=1e-10,
        causes=[
            checks.cause(
                "delta-fixed",
                lambda S, y, delta=1.0: right_hinge(S, y),
                "The margin is always 1, whatever Δ is asked for.",
            ),
            checks.cause(
                "delta-forgotten",
                lambda S, y, delta=1.0: right_hinge(S, y, 0.0),
                "The margin Δ is missing.",
            ),
            checks.cause(
                "right-class-counted",
                lambda S, y, delta=1.0: right_hinge(S, y, delta) + delta,
                "The sum leaves out j = y.",
            ),
            checks.cause(
                "right-class-counted",
                lambda S, y, delta=1.0: right_hinge(S, y, delta) + delta - 1,
                "Every loss is off by Δ − 1: leave out the right class instead of subtracting 1.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 7: the gradient of the hinge (2 points)
#
# Each violated margin, $s_j - s_y + \Delta > 0$, is a straight line with the slope $+1$ in $s_j$
# and $-1$ in $s_y$. A margin that is kept adds nothing. So with $V_j = 1$ where the margin of class
# $j \ne y$ is violated, and 0 elsewhere,
#
# $$\frac{\partial L_i}{\partial s_j} = V_j \quad (j \ne y), \qquad\qquad
# \frac{\partial L_i}{\partial s_y} = -\sum_{j\ne y} V_j .$$
#
# At the right class stands the **number of violated margins, with a minus sign**. By how much
# they are violated doesn't matter. (At a margin of exactly 0 the line has a kink and no slope;
# there we take 0.)
#
# The test adds a fourth image, of a cat with the scores $(2, 1.5, -1)$. It is classified rightly,
# but the car is only 0.5 behind: a violated margin. The gradients are
#
# | image | cat | car | frog |
# |---|---|---|---|
# | cat | −1 | 1 | 0 |
# | car | 0 | 0 | 0 |
# | frog | 1 | 1 | −2 |
# | second cat | −1 | 1 | 0 |


# %% task="hinge_gradient"
def hinge_gradient(S, y, delta=1.0):
    """Return the gradient of each example's hinge with respect to its scores.

    1 at each class j ≠ y with s_j − s_y + Δ > 0, minus their number at y, 0 elsewhere.

    Parameters
    ----------
    S : float64 array (N, K)
        Scores.
    y : int64 array (N,)
        Right classes, counted from 0.
    delta : float
        The margin Δ.

    Returns
    -------
    float64 array (N, K)
        ∂L_i/∂s_ik.
    """
    ### BEGIN SOLUTION
    rows = np.arange(len(y))
    slope = (S - S[rows, y][:, None] + delta > 0).astype(float)
    slope[rows, y] = 0  # the right class doesn't count itself …
    slope[rows, y] = -slope.sum(axis=1)  # … but is in every violated margin
    return slope
    ### END SOLUTION


# %% test="hinge_gradient" points=2
checks.close(
    hinge_gradient(np.vstack([three_images()[0], [2.0, 1.5, -1.0]]), np.array([0, 1, 2, 0])),
    np.array([[-1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [1.0, 1.0, -2.0], [-1.0, 1.0, 0.0]]),
    "gradient of the hinge of four images",
    batch=4,
    causes=[
        checks.cause(
            "right-class-forgotten",
            [[0, 1, 0], [0, 0, 0], [1, 1, 0], [0, 1, 0]],
            "the right class has no slope yet: s_y is in every violated margin, with a minus sign.",
        ),
        checks.cause(
            "one-not-count",
            [[-1, 1, 0], [0, 0, 0], [1, 1, -1], [-1, 1, 0]],
            "at the right class stands minus the number of violated margins, not minus one.",
        ),
        checks.cause(
            "one-not-count",
            [[-1, 1, 0], [0, -1, 0], [1, 1, -1], [-1, 1, 0]],
            "at the right class stands minus the number of violated margins, not always minus one.",
        ),
        checks.cause(
            "sign-at-right-class",
            [[1, 1, 0], [0, 0, 0], [1, 1, 2], [1, 1, 0]],
            "the sign at the right class is wrong: a higher s_y makes the loss smaller.",
        ),
        checks.cause(
            "right-class-counted",
            [[-2, 1, 0], [0, -1, 0], [1, 1, -3], [-2, 1, 0]],
            "the right class counts itself as a violated margin: leave out j = y.",
        ),
        checks.cause(
            "right-class-counted",
            [[1, 1, 0], [0, 1, 0], [1, 1, 1], [1, 1, 0]],
            "the right class is treated like the others: set it to minus the number of violations.",
        ),
        checks.cause(
            "right-class-counted",
            [[0, 1, 0], [0, 1, 0], [1, 1, -1], [0, 1, 0]],
            "the right class counts itself as a violated margin: leave out j = y.",
        ),
        checks.cause(
            "margins-not-counts",
            [[-2.9, 2.9, 0], [0, 0, 0], [6.3, 6.6, -12.9], [-0.5, 0.5, 0]],
            "these are the margins themselves: the slope of each is 1, however large it is.",
        ),
        checks.cause(
            "delta-forgotten",
            [[-1, 1, 0], [0, 0, 0], [1, 1, -2], [0, 0, 0]],
            "the last image is right, but not by the margin: violated means s_j − s_y + Δ > 0.",
        ),
        checks.cause(
            "every-row",
            np.zeros((4, 3)),
            "every class in `y` is left out of every row: leave out of each row its own, "
            "`[np.arange(len(y)), y]`.",
        ),
    ],
)
checks.forbid(
    hinge_gradient,
    *checks.BY_HAND,
    what="the gradient is derived by hand",
    example=three_images(),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_hinge_slope(S, y, delta=1.0):
        slope = np.zeros(S.shape)
        for i, k in enumerate(y):
            for j in range(S.shape[1]):
                if j != k and S[i, j] - S[i, k] + delta > 0:
                    slope[i, j] += 1
                    slope[i, k] -= 1
        return slope

    def hinge_slope_cases():
        rng = np.random.default_rng(308)
        for (n, k), more in [((7, 4), ()), ((6, 5), (2.5,)), ((9, 3), (0.3,)), ((1, 3), ())]:
            yield rng.normal(scale=2, size=(n, k)), rng.integers(0, k, size=n), *more
        whole = rng.integers(-2, 3, size=(8, 5)).astype(float)  # margins of exactly 0 among them
        yield whole, rng.integers(0, 5, size=8)

    checks.same(
        hinge_gradient,
        right_hinge_slope,
        hinge_slope_cases(),
        "hinge_gradient of other scores and margins",
        causes=[
            checks.cause(
                "zero-margin-counted",
                lambda S, y, delta=1.0: right_hinge_slope(S, y, delta + 1e-9),
                "A margin of exactly 0 has no slope to give: violated means > 0.",
            ),
            checks.cause(
                "delta-fixed",
                lambda S, y, delta=1.0: right_hinge_slope(S, y),
                "The margin is always 1, whatever Δ is asked for.",
            ),
            checks.cause(
                "delta-forgotten",
                lambda S, y, delta=1.0: right_hinge_slope(S, y, 0.0),
                "The margin Δ is missing.",
            ),
        ],
    )
    hinge_at, hinge_classes = next(hinge_slope_cases())
    checks.gradient(
        lambda S: sum(
            max(0.0, s[j] - s[k] + 1)
            for s, k in zip(S, hinge_classes, strict=True)
            for j in range(len(s))
            if j != k
        ),
        lambda S: hinge_gradient(S, hinge_classes),
        hinge_at,
        "the gradient of the hinge",
    )
### END HIDDEN TESTS

# %% [markdown]
# Look at the two gradients side by side. Gradient descent walks *against* them: it raises what is
# blue and lowers what is red.

# %%
with plots.needs("cross_entropy_gradient", "hinge_gradient"):
    pulls = {
        "cross-entropy: p − onehot(y)": cross_entropy_gradient(*three_images()),
        "hinge: number of violated margins": hinge_gradient(*three_images()),
    }
    fig, axes = plots.figure(
        "Both raise the right class: softmax by shares, the hinge by counts",
        1,
        2,
        width=8,
        height=3.4,
    )
    for axis, (name, pull) in zip(axes, pulls.items(), strict=True):
        pull = np.asarray(pull, dtype=float) + 0.0  # so that no −0 is shown
        axis.imshow(pull, cmap="RdBu_r", vmin=-2.5, vmax=2.5)
        for (i, k), value in np.ndenumerate(pull):
            ink = "white" if abs(value) > 1.7 else "black"
            axis.text(k, i, f"{value:.3g}", ha="center", va="center", color=ink)
        axis.set_title(name, fontweight="normal")
        axis.set(xlabel="score of", xticks=range(3), yticks=range(3), xticklabels=CLASSES)
        axis.set_yticklabels([f"a {name}" for name in CLASSES])
        axis.spines[:].set_visible(False)
    plots.show(
        fig,
        alt="Two tables of gradients, rows cat, car, frog, columns the scores of cat, car, frog. "
        "Cross-entropy: negative on the diagonal, −0.87, −0.08 and −1.00, positive elsewhere. "
        "Hinge: −1, 1, 0 for the cat, zeros for the car, 1, 1, −2 for the frog.",
    )

# %% [markdown]
# The car is right by more than the margin. The hinge leaves it alone; softmax still pulls a little.
#
# Now all losses together, as one picture. With two classes only the lead of the right score counts,
# $m = s_y - s_j$. The squared error aims at targets, here at $m = 1$.

# %%
with plots.needs("cross_entropy", "hinge", "mse"):
    lead = np.linspace(-3, 4, 141)
    S = np.column_stack([lead / 2, -lead / 2])
    first = np.zeros(len(lead), dtype=int)
    squared = [np.squeeze(mse(s[None], np.array([[0.5, -0.5]]))[0]) for s in S]
    plots.curves(
        {
            "squared error, target 1": (lead, squared),
            "hinge": (lead, hinge(S, first)),
            "cross-entropy": (lead, cross_entropy(S, first)),
            "0/1 error": (lead, (lead <= 0).astype(float)),
        },
        "Only the squared error punishes an answer for being too right",
        "lead of the right class, m = s_y − s_j",
        "loss",
        alt="Four losses against the lead m from −3 to 4. The 0/1 error drops from 1 to 0 at 0. "
        "The hinge falls in a straight line and is 0 from m = 1 on. Cross-entropy falls smoothly "
        "towards 0. The squared error is a parabola: 0 at m = 1, and rising again to the right.",
    )

# %% [markdown]
# ## Why not count the mistakes?
#
# Notes 001 ask: "Why don't we write a cost (objective) function that simply counts 1 if the network
# made a mistake, and 0 otherwise!" It is, after all, what we care about.
#
# The cells below walk along a straight line in weight space, $W(t) = R + t\,M$, from random weights
# $R$ in the direction $M$ of the ten mean digits. At each $t$ they take the three losses of 60
# images. First the digits themselves: 28×28 pixels, scaled to [0, 1], stretched into rows of 784
# numbers.

# %% given="digits"
digits = datasets.load()
# All 1197 of the embedded digits; of MNIST's 50 000 the first 5000, to keep it quick.
y_train, y_val, y_test = digits.y_train[:5000], digits.y_val, digits.y_test
X_train, X_val, X_test = (
    images.reshape(len(images), 784) / 255
    for images in (digits.x_train[:5000], digits.x_val, digits.x_test)
)

# %%
with plots.needs("scores", "cross_entropy", "hinge"):
    X, y = X_train[:60], y_train[:60]
    means = np.array([X_train[y_train == digit].mean(axis=0) for digit in range(10)])
    M, R = means - means.mean(axis=0), np.random.default_rng(1).normal(scale=0.1, size=(10, 784))
    S_R, S_M = (np.asarray(scores(X, W, np.zeros(10))) for W in (R, M))

    def along(t):
        """Return the three losses, (3, T), at positions t (T,) of the line."""
        S = np.concatenate([S_R + step * S_M for step in t])
        classes = np.tile(y, len(t))
        missed = np.argmax(S, axis=1) != classes
        losses = (missed, cross_entropy(S, classes), hinge(S, classes))
        return np.array([np.reshape(loss, (len(t), len(y))).mean(axis=1) for loss in losses])

    t, here, h = np.linspace(0, 1, 201), 0.137, 1e-6
    there = along(np.array([here]))[:, 0]
    slopes = (along(t + h) - along(t - h)) / (2 * h)
    slope = (along(np.array([here + h])) - along(np.array([here - h])))[:, 0] / (2 * h)
    names = ("0/1 error: share of mistakes", "cross-entropy", "hinge")
    for name, values in zip(names, slopes, strict=True):
        print(f"{name:30s} slope zero at {np.sum(values == 0):3d} of {len(t)} places")
    fig, axes = plots.figure(
        "The 0/1 error is a staircase: standing on it, you can't feel the way down", 1, 3, width=9.6
    )
    for axis, name, values, level, rise in zip(axes, names, along(t), there, slope, strict=True):
        axis.plot(t, values, color=BLUE, drawstyle="steps-mid" if "0/1" in name else None)
        nearby = np.array([here - 0.12, here + 0.12])
        axis.plot(nearby, level + rise * (nearby - here), "--", color=RED, linewidth=2)
        axis.plot(here, level, "o", color=RED)
        axis.set_title(name, fontweight="normal")
        axis.set(xlabel="t, along the line R + tM", ylim=(0, None))
    axes[0].set_ylabel("loss of 60 images")
    plots.show(
        fig,
        alt="Three curves along one line in weight space, each with a tangent at one point. The "
        "0/1 error falls in small steps and its tangent is level. Cross-entropy is smooth, the "
        "hinge made of many straight pieces, and both have tangents that point down.",
    )

# %% [markdown]
# A nudge of the weights almost never changes which score is the largest. So the number of mistakes
# stays as it is: its slope is 0 wherever it has one. Cross-entropy and the hinge stand in for it.
# They are small where the mistakes are few, and they have a slope.
#
# ## Task 8: the full loss (1 point)
#
# The loss of a whole set is the **mean** of its examples' losses. (A sum would grow with the number
# of examples, and so would every step.) To it we add a price on large weights:
#
# $$L = \frac1N\sum_i L_i + \lambda R(W), \qquad R(W) = \sum_{k,d} W_{kd}^2 .$$
#
# This is **L2 regularisation**. Of two classifiers with the same data loss, it prefers the one with
# the smaller weights, that relies a little on many pixels rather than much on a few. $\lambda$ says
# how much that is worth. The biases stay free: they only shift the scores, and no pixel is in them.
#
# Example: the hinge losses $(2.9, 0, 12.9)$, $W$ with rows $(1, -2)$, $(.5, 0)$, $(-1, 3)$, and
# $\lambda = 0.1$. Then $R = 15.25$ and $L = 5.2667 + 1.525 = 6.7917$.
#
# > **Reading notes 003.** The slide "Overall Loss" has $\lambda R(W)$. The summary slide has
# > $R(W)$ alone; there $\lambda$ is meant to be inside $R$. We keep it outside. Some authors also
# > put a ½ into $R$. We don't.


# %% task="full_loss"
def full_loss(losses, W, lam):
    """Return the full loss of a set, L = (1/N) Σ L_i + λ Σ W².

    Parameters
    ----------
    losses : float64 array (N,)
        L_i of each example.
    W : float64 array (K, D)
        Weights.
    lam : float
        λ, the price of large weights.

    Returns
    -------
    float
    """
    ### BEGIN SOLUTION
    return np.mean(losses) + lam * np.sum(W**2)
    ### END SOLUTION


# %% test="full_loss" points=1
checks.close(
    full_loss(np.array([2.9, 0.0, 12.9]), np.array([[1.0, -2.0], [0.5, 0.0], [-1.0, 3.0]]), 0.1),
    6.791666666667,
    "full loss of the three images' hinge, λ = 0.1",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(
            "summed-not-averaged",
            17.325,
            "the data loss is the mean over the examples, not the sum.",
        ),
        checks.cause(
            "half-in-r", 6.029166666667, "R is the sum of the squares, without a ½ in front."
        ),
        checks.cause(
            "norm-not-squared",
            5.657179150462,
            "this takes the norm of W: R is its square, the sum of the squares.",
        ),
        checks.cause(
            "weights-not-squared", 5.416666666667, "the weights are summed without squaring them."
        ),
        checks.cause(
            "absolute-not-squared",
            6.016666666667,
            "this sums |W|, which is L1 regularisation: L2 sums the squares.",
        ),
        checks.cause(
            "mean-of-squares", 5.520833333333, "R is the sum of the squares, not their mean."
        ),
        checks.cause("lambda-forgotten", 20.516666666667, "λ is missing in front of R."),
        checks.cause(
            "penalty-divided",
            5.775,
            "the penalty is divided by the number of examples too: the mean is for the L_i only.",
        ),
        checks.cause("no-regularisation", 5.266666666667, "the penalty λ R(W) is missing."),
        checks.cause("penalty-subtracted", 3.741666666667, "the penalty is added to the loss."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_full_loss(losses, W, lam):
        return sum(losses) / len(losses) + lam * float(np.vdot(W, W))

    def full_cases():
        rng = np.random.default_rng(309)
        sizes = [(5, (3, 4), 0.2), (8, (2, 7), 0.03), (2, (4, 1), 1.5), (3, (2, 3), 0.0)]
        return [(rng.random(n) * 5, rng.normal(size=s), lam) for n, s, lam in sizes]

    checks.same(
        full_loss,
        right_full_loss,
        full_cases(),
        "full_loss of other sets",
        rtol=1e-10,
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 9: from the scores back to the weights (2 points)
#
# You have $\partial L_i/\partial s$, one row per example. Call these rows `dS`. What do $W$ and $b$
# get? Weight $W_{kd}$ has one effect: it adds $W_{kd}\,x_{id}$ to score $k$ of example $i$. So its
# slope is that score's slope times $x_{id}$, and the mean over the examples. In matrices:
#
# $$\frac{\partial L}{\partial W} = \frac1N\,(dS)^\top X + 2\lambda W, \qquad\qquad
# \frac{\partial L}{\partial b} = \frac1N\sum_i dS_i .$$
#
# - The first term has the shape of $W$: $(K, N)$ times $(N, D)$.
# - The square in $R$ gives the 2.
# - $b$ isn't regularised, so it has no $\lambda$.
#
# It doesn't matter which loss made the `dS`: softmax, hinge and any other share these two lines.
#
# In the test, $dS$ has the first column $(.6, -.3, .9)$, $X$ has the first column $(1, 0, 2)$,
# $\lambda = 0.1$ and $W_{00} = 1$. So
# $\partial L/\partial W_{00} = (.6·1 - .3·0 + .9·2)/3 + 2·0.1·1 = .8 + .2 = 1$.


# %% task="weight_gradients"
def weight_gradients(X, dS, W, lam):
    """Return the gradient of the full loss, ∂L/∂W = (1/N) dSᵀ X + 2λW and ∂L/∂b = (1/N) Σ dS_i.

    Parameters
    ----------
    X : float64 array (N, D)
        Examples.
    dS : float64 array (N, K)
        ∂L_i/∂s_i, the gradient of each example's loss with respect to its scores.
    W : float64 array (K, D)
        Weights.
    lam : float
        λ.

    Returns
    -------
    grad_W : float64 array (K, D)
    grad_b : float64 array (K,)
    """
    ### BEGIN SOLUTION
    return dS.T @ X / len(X) + 2 * lam * W, dS.mean(axis=0)
    ### END SOLUTION


# %% test="weight_gradients" points=2
checks.close(
    weight_gradients(
        np.array([[1.0, 0.0, 2.0, 1.0], [0.0, 1.0, 1.0, -1.0], [2.0, 1.0, 0.0, 1.0]]),
        np.array([[0.6, -0.2], [-0.3, 0.5], [0.9, -0.9]]),
        np.array([[1.0, -1.0, 0.5, 2.0], [0.0, 3.0, -2.0, 1.0]]),
        0.1,
    ),
    (
        np.array(
            [
                [1.0, 0.0, 0.4, 1.0],
                [-0.666666666667, 0.466666666667, -0.366666666667, -0.333333333333],
            ]
        ),
        np.array([0.4, -0.2]),
    ),
    "∂L/∂W and ∂L/∂b of three examples, λ = 0.1",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(
            "summed-not-averaged",
            (np.array([[2.6, 0.4, 1.0, 2.2], [-2.0, 0.2, -0.3, -1.4]]), np.array([1.2, -0.6])),
            "this is the sum over the examples: the full loss has their mean, for W and for b.",
        ),
        checks.cause(
            "factor-2-missing",
            (
                np.array(
                    [
                        [0.9, 0.1, 0.35, 0.8],
                        [-0.666666666667, 0.166666666667, -0.166666666667, -0.433333333333],
                    ]
                ),
                np.array([0.4, -0.2]),
            ),
            "the gradient of λ Σ W² is 2 λ W: the 2 is missing.",
        ),
        checks.cause(
            "no-regularisation",
            (
                np.array(
                    [
                        [0.8, 0.2, 0.3, 0.6],
                        [-0.666666666667, -0.133333333333, 0.033333333333, -0.533333333333],
                    ]
                ),
                np.array([0.4, -0.2]),
            ),
            "the regularisation is missing: add 2 λ W.",
        ),
        checks.cause(
            "lambda-forgotten",
            (
                np.array(
                    [
                        [2.8, -1.8, 1.3, 4.6],
                        [-0.666666666667, 5.866666666667, -3.966666666667, 1.466666666667],
                    ]
                ),
                np.array([0.4, -0.2]),
            ),
            "λ is missing: add 2 λ W.",
        ),
        checks.cause(
            "penalty-subtracted",
            (
                np.array(
                    [
                        [0.6, 0.4, 0.2, 0.2],
                        [-0.666666666667, -0.733333333333, 0.433333333333, -0.733333333333],
                    ]
                ),
                np.array([0.4, -0.2]),
            ),
            "the sign of 2 λ W is wrong: it is added.",
        ),
        checks.cause(
            "penalty-divided",
            (
                np.array(
                    [
                        [0.866666666667, 0.133333333333, 0.333333333333, 0.733333333333],
                        [-0.666666666667, 0.066666666667, -0.1, -0.466666666667],
                    ]
                ),
                np.array([0.4, -0.2]),
            ),
            "2 λ W is divided by the number of examples too: the mean is for the data loss only.",
        ),
        checks.cause(
            "wrong-axis",
            (
                np.array(
                    [
                        [1.0, 0.0, 0.4, 1.0],
                        [-0.666666666667, 0.466666666667, -0.366666666667, -0.333333333333],
                    ]
                ),
                np.array([0.2, 0.1, 0.0]),
            ),
            "the bias gradient is a mean over the classes: take it over the examples, axis 0.",
        ),
        checks.cause(
            "bias-per-example",
            (
                np.array(
                    [
                        [1.0, 0.0, 0.4, 1.0],
                        [-0.666666666667, 0.466666666667, -0.366666666667, -0.333333333333],
                    ]
                ),
                np.array([[0.6, -0.2], [-0.3, 0.5], [0.9, -0.9]]),
            ),
            "the bias gradient still has a row for each example: take the mean over them.",
        ),
    ],
)
checks.forbid(
    weight_gradients,
    *checks.BY_HAND,
    what="the way back to W and b is written by hand",
    example=(np.ones((2, 3)), np.ones((2, 4)), np.ones((4, 3)), 0.1),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_weight_gradients(X, dS, W, lam):
        grad_W, grad_b = 2 * lam * W, np.zeros(len(W))
        for x, ds in zip(X, dS, strict=True):
            grad_W, grad_b = grad_W + np.outer(ds, x) / len(X), grad_b + ds / len(X)
        return grad_W, grad_b

    def weight_cases():
        rng = np.random.default_rng(310)
        sizes = [(7, 5, 3, 0.2), (4, 2, 6, 0.03), (5, 4, 4, 0.7), (3, 6, 2, 0.0)]
        return [
            (rng.normal(size=(n, d)), rng.normal(size=(n, k)), rng.normal(size=(k, d)), lam)
            for n, d, k, lam in sizes
        ]

    checks.same(
        weight_gradients,
        right_weight_gradients,
        weight_cases(),
        "weight_gradients of other sets",
        rtol=1e-10,
    )

    def check_chain(slopes, costs, what):
        """Aim the student's gradient of W and b at centred differences of a whole loss."""
        rng = np.random.default_rng(311)
        X, y = rng.normal(size=(6, 5)), np.array([0, 2, 1, 2, 2, 0])
        at = [rng.normal(size=(3, 5)), rng.normal(size=3)]
        checks.gradient(
            lambda p: np.mean(costs(X @ p[0].T + p[1], y)) + 0.3 * np.sum(p[0] ** 2),
            lambda p: list(weight_gradients(X, slopes(X @ p[0].T + p[1], y), p[0], 0.3)),
            at,
            what,
            batch=6,
        )

    def softmax_slopes(S, y):
        return np.exp(S) / np.exp(S).sum(axis=1, keepdims=True) - np.eye(3)[y]

    def softmax_costs(S, y):
        return np.logaddexp.reduce(S, axis=1) - S[np.arange(len(y)), y]

    check_chain(softmax_slopes, softmax_costs, "W and b of the full loss with cross-entropy")
### END HIDDEN TESTS

# %% [markdown]
# Does the whole chain hold? Nudge every weight and every bias by $\pm10^{-5}$, and compare how the
# full loss moves with what your functions say, for both losses.

# %% given="differences"


def centred_differences(cost, at, h=1e-5):
    """Return (C(v + h e) − C(v − h e)) / 2h for each element of the float64 array `at`."""
    slopes = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[index] = h
        slopes[index] = (cost(at + step) - cost(at - step)) / (2 * h)
    return slopes


def relative_error(g, numeric):
    """Return ‖g − ĝ‖ / (‖g‖ + ‖ĝ‖)."""
    return np.linalg.norm(g - numeric) / (np.linalg.norm(g) + np.linalg.norm(numeric))


def small_problem():
    """Return X (6, 5), y (6,), W (3, 5), b (3,) and λ: six random examples of three classes."""
    rng = np.random.default_rng(30)
    X, W, b = rng.normal(size=(6, 5)), rng.normal(size=(3, 5)), rng.normal(size=3)
    return X, np.array([0, 1, 2, 2, 1, 0]), W, b, 0.1


# %%
with plots.needs(
    "scores", "cross_entropy", "cross_entropy_gradient", "hinge", "hinge_gradient", "full_loss",
    "weight_gradients",
):  # fmt: skip
    X, y, W, b, lam = small_problem()
    pairs = {
        "cross-entropy": (cross_entropy, cross_entropy_gradient),
        "hinge": (hinge, hinge_gradient),
    }

    def score(W, b):
        return np.asarray(scores(X, W, b))

    for name, (loss, slope) in pairs.items():

        def total(W, b, loss=loss):
            return np.squeeze(full_loss(np.asarray(loss(score(W, b), y)), W, lam))

        for_weights, for_biases = weight_gradients(X, np.asarray(slope(score(W, b), y)), W, lam)
        numeric = centred_differences(lambda v, f=total: f(v, b), W)
        print(
            f"{name:14s} relative error of ∂L/∂W {relative_error(for_weights, numeric):.1e}", end=""
        )
        numeric = centred_differences(lambda v, f=total: f(W, v), b)
        print(f", of ∂L/∂b {relative_error(for_biases, numeric):.1e}")

# %% [markdown]
# ## Task 10: the same by TensorFlow (2 points)
#
# TensorFlow records what you compute on a **tape** and works out the gradient by itself. So write
# only the full loss, inside `with tf.GradientTape() as tape:`, out of TensorFlow operations.
#
# - A `tf.Variable` is recorded by itself; a constant only after `tape.watch(…)`.
# - Here you *may* use `tf.nn.sparse_softmax_cross_entropy_with_logits(labels=…, logits=…)`, one
#   loss for each example. **Logits** is TensorFlow's word for scores: give it $s$, not the shares.
# - Trap: `tf.nn.l2_loss(W)` is $\tfrac12\sum W^2$. Our $R$ has no ½.


# %% task="tape_gradients"
def tape_gradients(X, y, W, b, lam):
    """Return the full loss with cross-entropy, and its gradient by tf.GradientTape.

    L = (1/N) Σ L_i + λ Σ W², with s = W x + b and L_i the cross-entropy; in float64.

    Parameters
    ----------
    X : float64 array (N, D)
    y : int64 array (N,)
        Right classes, counted from 0.
    W : float64 array (K, D)
    b : float64 array (K,)
    lam : float
        λ.

    Returns
    -------
    loss : float64 scalar, a tensor or a number
    grad_W : float64 tensor or array (K, D)
    grad_b : float64 tensor or array (K,)
    """
    ### BEGIN SOLUTION
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        S = tf.matmul(X, W, transpose_b=True) + b
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=S)
        loss = tf.reduce_mean(losses) + lam * tf.reduce_sum(W**2)
    grad_W, grad_b = tape.gradient(loss, [W, b])
    return loss, grad_W, grad_b
    ### END SOLUTION


# %% test="tape_gradients" points=2
checks.close(
    tape_gradients(
        np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0], [-2.0, 0.5]]),
        np.array([0, 2, 1, 1]),
        np.array([[0.5, -1.0], [1.0, 0.25], [-0.5, 2.0]]),
        np.array([0.1, -0.2, 0.3]),
        0.05,
    ),
    (
        2.117075635788,
        np.array(
            [
                [-0.029340996748, -0.018699108508],
                [0.662333035817, -0.370639780646],
                [-0.532992039069, 0.514338889154],
            ]
        ),
        np.array([-0.052172956042, -0.400924958414, 0.453097914456]),
    ),
    "loss, ∂L/∂W and ∂L/∂b of four examples, λ = 0.05",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(
            "half-in-r",
            (
                1.953013135788,
                np.array(
                    [
                        [-0.054340996748, 0.031300891492],
                        [0.612333035817, -0.383139780646],
                        [-0.507992039069, 0.414338889154],
                    ]
                ),
                np.array([-0.052172956042, -0.400924958414, 0.453097914456]),
            ),
            "R is taken with a ½: `tf.nn.l2_loss(W)` is half the sum of the squares.",
        ),
        checks.cause(
            "summed-not-averaged",
            (
                7.483927543153,
                np.array(
                    [
                        [-0.267363986993, 0.225203565970],
                        [2.349332143270, -1.557559122586],
                        [-1.981968156277, 1.457355556616],
                    ]
                ),
                np.array([-0.208691824168, -1.603699833657, 1.812391657825]),
            ),
            "the losses are summed: take their mean, `tf.reduce_mean`.",
        ),
        checks.cause(
            "bias-regularised",
            (
                2.124075635788,
                np.array(
                    [
                        [-0.029340996748, -0.018699108508],
                        [0.662333035817, -0.370639780646],
                        [-0.532992039069, 0.514338889154],
                    ]
                ),
                np.array([-0.042172956042, -0.420924958414, 0.483097914456]),
            ),
            "the biases are regularised too: R is of W alone.",
        ),
        checks.cause(
            "no-regularisation",
            (
                1.788950635788,
                np.array(
                    [
                        [-0.079340996748, 0.081300891492],
                        [0.562333035817, -0.395639780646],
                        [-0.482992039069, 0.314338889154],
                    ]
                ),
                np.array([-0.052172956042, -0.400924958414, 0.453097914456]),
            ),
            "the regularisation is missing: add λ times the sum of W².",
        ),
        checks.cause(
            "softmax-twice",
            (
                1.395663335691,
                np.array(
                    [
                        [0.013634415148, -0.061046405402],
                        [0.149195180491, -0.030023637565],
                        [-0.062829595640, 0.216070042967],
                    ]
                ),
                np.array([-0.043326589250, 0.013514070073, 0.029812519177]),
            ),
            "the softmax is taken twice: the loss wants the scores (logits), not the shares.",
        ),
        checks.cause(
            "bias-forgotten",
            (
                1.913499231872,
                np.array(
                    [
                        [-0.046179920204, -0.002030946974],
                        [0.676827885269, -0.361317203318],
                        [-0.530647965065, 0.488348150292],
                    ]
                ),
                np.array([-0.063979003751, -0.365373143329, 0.429352147080]),
            ),
            "the biases are missing in the scores: S = X Wᵀ + b.",
        ),
    ],
)
checks.forbid(
    tape_gradients,
    "keras",
    what="this task is for raw TensorFlow",
    example=(np.ones((2, 3)), np.array([0, 1]), np.ones((2, 3)), np.ones(2), 0.1),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_tape(X, y, W, b, lam):
        S = X @ W.T + b
        p = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
        dS = (p - np.eye(len(W))[y]) / len(X)
        loss = -np.mean(np.log(p[np.arange(len(y)), y])) + lam * np.sum(W * W)
        return loss, dS.T @ X + 2 * lam * W, dS.sum(axis=0)

    def tape_cases():
        rng = np.random.default_rng(312)
        for n, d, k, lam in [(7, 5, 3, 0.2), (4, 3, 6, 0.01), (5, 2, 2, 1.1)]:
            y = rng.integers(0, k, size=n)
            yield rng.normal(size=(n, d)), y, rng.normal(size=(k, d)), rng.normal(size=k), lam

    checks.same(
        tape_gradients,
        right_tape,
        tape_cases(),
        "tape_gradients of other sets",
        rtol=1e-9,
    )
### END HIDDEN TESTS

# %%
with plots.needs(
    "scores", "cross_entropy", "cross_entropy_gradient", "full_loss", "weight_gradients",
    "tape_gradients",
):  # fmt: skip
    X, y, W, b, lam = small_problem()
    S = np.asarray(scores(X, W, b))
    losses, slopes = np.asarray(cross_entropy(S, y)), np.asarray(cross_entropy_gradient(S, y))
    mine = (full_loss(losses, W, lam), *weight_gradients(X, slopes, W, lam))
    print("largest difference, your NumPy against the tape:")
    for name, own, taped in zip(
        ("L", "∂L/∂W", "∂L/∂b"), mine, tape_gradients(X, y, W, b, lam), strict=True
    ):
        print(f"  {name:6s} {np.max(np.abs(own - np.asarray(taped))):.1e}")

# %% [markdown]
# ## Task 11: the same in Keras (1 point)
#
# In Keras the classifier is a single `Dense` layer, and the loss a ready-made object. Mind four
# things:
#
# - A `Dense` kernel is `(D, K)`, the **transpose** of our $W$. If $W$ is square, Keras can't
#   notice that you forgot it. `model.set_weights` takes `[kernel, bias]`. They exist as soon as the
#   model knows $D$: put `keras.Input((D,))` before the layer.
# - The layer has **no activation**: it gives scores. Then the loss must be told so:
#   `keras.losses.SparseCategoricalCrossentropy(from_logits=True)`. Without that word it takes the
#   scores for shares. It raises no error; it just computes something else. ("Sparse": the classes
#   come as numbers, not one-hot.)
# - `kernel_regularizer=keras.regularizers.L2(lam)` adds $\lambda\sum W^2$, without a ½, like ours.
#   It is kept apart, in `model.losses`, and added to the loss when the model is trained.
# - Keras computes in 32 bits, about seven digits, unless it is told otherwise. Leave it so here:
#   its training loop expects it, and seven digits are plenty.


# %% task="keras_classifier"
def keras_classifier(W, b, lam):
    """Return a Keras model of the linear classifier s = W x + b, and its cross-entropy loss.

    Parameters
    ----------
    W : float64 array (K, D)
        Weights that the model starts from.
    b : float64 array (K,)
        Biases that the model starts from.
    lam : float
        λ of the L2 regularisation of the kernel.

    Returns
    -------
    model : keras.Sequential
        One Dense layer, without activation: takes (N, D), gives the scores (N, K), float32.
        `model.losses` holds λ Σ W².
    loss : keras.losses.SparseCategoricalCrossentropy
        `loss(y, scores)` is the mean cross-entropy.
    """
    ### BEGIN SOLUTION
    penalty = keras.regularizers.L2(lam)
    layer = keras.layers.Dense(len(b), kernel_regularizer=penalty)
    model = keras.Sequential([keras.Input((W.shape[1],)), layer])
    model.set_weights([W.T, b])
    return model, keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    ### END SOLUTION


# %% test="keras_classifier" points=1
keras_model, keras_loss = keras_classifier(
    np.array([[0.5, -1.0], [1.0, 0.25], [-0.5, 2.0]]), np.array([0.1, -0.2, 0.3]), 0.05
)
keras_scores = np.array(
    [[1.6, 0.55, -2.2], [-1.65, 0.8, 4.05], [-0.9, 0.05, 2.3], [-1.4, -2.075, 2.3]]
)
checks.close(
    keras_model(np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0], [-2.0, 0.5]])),
    keras_scores,
    "the model's scores of four examples",
    rtol=1e-5,
    atol=1e-6,
    causes=[
        checks.cause(
            "softmax-in-model",
            [
                [0.728699111549, 0.254999326875, 0.016301561576],
                [0.003210728996, 0.037207040825, 0.959582230180],
                [0.035564103767, 0.091958446635, 0.872477449598],
                [0.023834231520, 0.012135352009, 0.964030416472],
            ],
            "these are shares: the layer has no activation, it gives the scores.",
        ),
        checks.cause(
            "bias-forgotten",
            keras_scores - [0.1, -0.2, 0.3],
            "the biases are missing: set them too.",
        ),
        checks.cause(
            "transposed",
            [[0.35, -0.7, -0.7], [0.85, -1.7, 4.8], [0.35, -0.7, 2.3], [-0.775, 1.55, -0.7]],
            "W is reshaped, not transposed: the kernel is W.T.",
        ),
    ],
)
checks.close(
    keras_loss(np.array([0, 2, 1, 1]), keras_scores),
    1.788950635788,
    "the loss of these scores",
    rtol=1e-5,
    atol=1e-6,
    causes=[
        checks.cause(
            "from-logits-forgotten",
            lambda: keras.losses.SparseCategoricalCrossentropy()(
                np.array([0, 2, 1, 1]), keras_scores
            ),
            "the loss takes the scores for shares: give it from_logits=True.",
        ),
        checks.cause(
            "summed-not-averaged",
            7.155802543153,
            "the losses are summed: leave Keras' reduction as it is, the mean.",
        ),
        checks.cause(
            "per-example",
            [0.316494373534, 0.041257266133, 2.386418470973, 4.411632432513],
            "one loss per example comes back: use a loss object, whose reduction is the mean.",
        ),
    ],
)
checks.close(
    np.sum([np.asarray(value, dtype=float) for value in keras_model.losses]),
    0.328125,
    "the penalty that the model adds, λ Σ W²",
    rtol=1e-5,
    atol=1e-6,
    causes=[
        checks.cause("no-regularisation", 0.0, "the kernel has no regulariser."),
        checks.cause(
            "bias-regularised", 0.335125, "the bias is regularised too: the kernel alone."
        ),
        checks.cause("bias-regularised", 0.007, "the bias is regularised instead of the kernel."),
        checks.cause("absolute-not-squared", 0.2625, "this is L1 regularisation, λ Σ |W|: use L2."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    keras_rng = np.random.default_rng(313)
    for keras_n, keras_d, keras_k, keras_lam in ((5, 4, 4, 0.3), (7, 3, 6, 0.02)):
        hidden_x, hidden_y = keras_rng.normal(size=(keras_n, keras_d)), np.arange(keras_n) % keras_k
        hidden_w, hidden_b = (
            keras_rng.normal(size=(keras_k, keras_d)),
            keras_rng.normal(size=keras_k),
        )
        hidden_s = hidden_x @ hidden_w.T + hidden_b
        hidden_model, hidden_loss = keras_classifier(hidden_w, hidden_b, keras_lam)
        checks.close(
            hidden_model(hidden_x),
            hidden_s,
            "the scores of another model",
            rtol=1e-4,
            atol=1e-5,
            causes=[
                checks.cause(
                    "transposed",
                    lambda x=hidden_x, w=hidden_w, b=hidden_b: x @ w + b,
                    "The kernel is W.T: here W is square, so Keras didn't notice.",
                )
            ]
            if keras_d == keras_k
            else (),
        )
        checks.close(
            hidden_loss(hidden_y, hidden_s),
            np.mean(np.logaddexp.reduce(hidden_s, axis=1) - hidden_s[np.arange(keras_n), hidden_y]),
            "the loss of its scores",
            rtol=1e-4,
            atol=1e-5,
        )
        checks.close(
            np.sum([np.asarray(value, dtype=float) for value in hidden_model.losses]),
            keras_lam * np.sum(hidden_w**2),
            "its penalty",
            rtol=1e-4,
            atol=1e-5,
        )
### END HIDDEN TESTS

# %% [markdown]
# Three ways, one loss:

# %%
with plots.needs("scores", "cross_entropy", "full_loss", "tape_gradients", "keras_classifier"):
    X, y, W, b, lam = small_problem()
    model, loss = keras_classifier(W, b, lam)
    losses = np.asarray(cross_entropy(np.asarray(scores(X, W, b)), y))
    print(f"NumPy      {np.squeeze(full_loss(losses, W, lam)):.12f}")
    print(f"TensorFlow {float(tape_gradients(X, y, W, b, lam)[0]):.12f}")
    print(f"Keras      {float(loss(y, model(X))) + float(sum(model.losses)):.12f}")
    careless = keras.losses.SparseCategoricalCrossentropy()
    wrong = float(careless(y, model(X))) + float(sum(model.losses))
    print(f"Keras without from_logits=True: {wrong:.4f}")

# %% [markdown]
# ## Task 12: train a linear classifier (2 points)
#
# Everything is there. **Gradient descent** repeats three lines: score all examples, take the
# gradient, step against it. (Notes 003: `weights += - step_size * weights_grad`. Learning rates and
# mini-batches are the subject of the next notebook.)
#
# $$W \leftarrow W - \eta\frac{\partial L}{\partial W}, \qquad b \leftarrow b - \eta\frac{\partial
# L}{\partial b}, \qquad L = \frac1N\sum_i L_i + \lambda\sum W^2 .$$
#
# Your function is told which loss to descend by another function, `slope`: it takes `(S, y)` and
# gives `dS`, like your `cross_entropy_gradient` and your `hinge_gradient`. So the same lines serve
# both. The arrays that come in must keep their values: write `W = W - …`, not `W -= …`.
#
# The test descends a third loss, $\tfrac12\lVert s - \text{onehot}(y)\rVert^2$.


# %% task="train"
def train(X, y, W, b, slope, eta, lam, steps):
    """Descend the full loss with all examples at once.

    W ← W − η ∂L/∂W and b ← b − η ∂L/∂b, with L = (1/N) Σ L_i + λ Σ W².

    Parameters
    ----------
    X : float64 array (N, D)
    y : int64 array (N,)
    W : float64 array (K, D), the start; not to be changed
    b : float64 array (K,), the start; not to be changed
    slope : callable
        slope(S, y) gives ∂L_i/∂s_i, (N, K), for scores S (N, K).
    eta : float
        Learning rate η.
    lam : float
        λ.
    steps : int
        Number of steps.

    Returns
    -------
    W : float64 array (K, D), trained
    b : float64 array (K,), trained
    """
    ### BEGIN SOLUTION
    for _ in range(steps):
        dS = slope(X @ W.T + b, y)
        grad_W, grad_b = dS.T @ X / len(X) + 2 * lam * W, dS.mean(axis=0)
        W, b = W - eta * grad_W, b - eta * grad_b
    return W, b
    ### END SOLUTION


# %% test="train" points=2
train_start = np.array([[0.5, -1.0], [1.0, 0.25], [-0.5, 2.0]]), np.array([0.1, -0.2, 0.3])
checks.close(
    train(
        np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0], [-2.0, 0.5]]),
        np.array([0, 2, 1, 1]),
        *train_start,
        lambda S, y: S - np.eye(3)[y],
        0.3,
        0.05,
        2,
    ),
    (
        np.array(
            [
                [0.21455234375, -0.398415625],
                [0.12840625, 0.320789453125],
                [0.06132578125, 0.6943859375],
            ]
        ),
        np.array([0.4363515625, 0.10116015625, -0.2029921875]),
    ),
    "W and b after two steps, η = 0.3, λ = 0.05",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(
            "ascent",
            (
                np.array(
                    [
                        [1.04705234375, -2.168415625],
                        [2.37840625, -0.080460546875],
                        [-1.58117421875, 4.4593859375],
                    ]
                ),
                np.array([-0.5686484375, -0.70133984375, 1.4320078125]),
            ),
            "the steps go uphill: subtract η times the gradient.",
        ),
        checks.cause(
            "bias-not-trained",
            (
                np.array(
                    [
                        [0.20513046875, -0.35130625],
                        [0.1208828125, 0.358406640625],
                        [0.07665390625, 0.6177453125],
                    ]
                ),
                np.array([0.1, -0.2, 0.3]),
            ),
            "only W is trained: step with b too.",
        ),
        checks.cause(
            "summed-not-averaged",
            (
                np.array([[0.8436875, -1.8304], [0.3943, -0.95961875], [-1.1897375, 3.364925]]),
                np.array([-0.474125, -0.1998125, 1.920375]),
            ),
            "the gradient is summed over the examples: the full loss has their mean.",
        ),
        checks.cause(
            "factor-2-missing",
            (
                np.array(
                    [
                        [0.22223984375, -0.413959375],
                        [0.14411875, 0.329105078125],
                        [0.05780078125, 0.7251921875],
                    ]
                ),
                np.array([0.4394453125, 0.10101953125, -0.2088984375]),
            ),
            "the gradient of λ Σ W² is 2 λ W: the 2 is missing.",
        ),
        checks.cause(
            "no-regularisation",
            (
                np.array(
                    [
                        [0.23015234375, -0.429953125],
                        [0.16028125, 0.337533203125],
                        [0.05405078125, 0.7568984375],
                    ]
                ),
                np.array([0.4425390625, 0.10087890625, -0.2148046875]),
            ),
            "the regularisation is missing: the gradient of W has + 2 λ W.",
        ),
        checks.cause(
            "bias-regularised",
            (
                np.array(
                    [
                        [0.21443984375, -0.397853125],
                        [0.12863125, 0.319664453125],
                        [0.06098828125, 0.6960734375],
                    ]
                ),
                np.array([0.4238040625, 0.10516140625, -0.2057596875]),
            ),
            "b is regularised too: the penalty is on W alone.",
        ),
        checks.cause(
            "updated-weights",
            (
                np.array(
                    [
                        [0.211148339844, -0.381395605469],
                        [0.126909912109, 0.328271142578],
                        [0.068521386719, 0.658407910156],
                    ]
                ),
                np.array([0.33676333252, 0.065714141846, 0.012311037598]),
            ),
            "the step of b uses scores of the already changed W: take both gradients first.",
        ),
        checks.cause(
            "one-step",
            (
                np.array([[0.291875, -0.5575], [0.4375, 0.3503125], [-0.089375, 1.05875]]),
                np.array([0.35125, 0.000625, -0.10875]),
            ),
            "this is the result of one step: take `steps` of them.",
        ),
        checks.cause(
            "eta-ignored",
            (
                np.array(
                    [
                        [0.565859375, -1.1990625],
                        [0.065625, -0.5238671875],
                        [-0.650546875, 2.13484375],
                    ]
                ),
                np.array([-0.07109375, 0.025390625, 1.06953125]),
            ),
            "the learning rate η is missing.",
        ),
        checks.cause(
            "no-change",
            (
                np.array([[0.5, -1.0], [1.0, 0.25], [-0.5, 2.0]]),
                np.array([0.1, -0.2, 0.3]),
            ),
            "W and b came back unchanged.",
        ),
    ],
)
checks.holds(
    train_start[0][0, 0] == 0.5 and train_start[1][0] == 0.1,
    "the W and b of the start are as they were",
    "they were changed in place: write W = W − …, not W -= …",
    name="argument-changed",
)
checks.forbid(
    train,
    *checks.BY_HAND,
    what="training is your own code",
    example=(
        np.ones((2, 3)),
        np.array([0, 1]),
        np.ones((2, 3)),
        np.ones(2),
        lambda S, y: S,
        0.1,
        0.1,
        2,
    ),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_train(X, y, W, b, slope, eta, lam, steps):
        for _ in range(steps):
            dS = slope(np.einsum("id,kd->ik", X, W) + b, y) / len(X)
            W = (1 - 2 * eta * lam) * W - eta * np.einsum("ik,id->kd", dS, X)
            b = b - eta * dS.sum(axis=0)
        return W, b

    def softmax_pull(S, y):
        shares = np.exp(S - S.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True) - np.eye(S.shape[1])[y]

    def cubic_pull(S, y):
        return (S - np.eye(S.shape[1])[y]) ** 3 / 10

    def train_cases():
        rng = np.random.default_rng(314)
        runs = [
            (7, 5, 3, softmax_pull, 0.4, 0.1, 5),
            (6, 3, 4, cubic_pull, 0.1, 0.02, 3),
            (5, 2, 6, softmax_pull, 0.7, 0.0, 1),
        ]
        for n, d, k, pull, eta, lam, steps in runs:
            y = rng.integers(0, k, size=n)
            start = rng.normal(size=(k, d)), rng.normal(size=k)
            yield rng.normal(size=(n, d)), y, *start, pull, eta, lam, steps

    checks.same(train, right_train, train_cases(), "train on other examples and losses", rtol=1e-9)
### END HIDDEN TESTS

# %% [markdown]
# ## Ten pictures that read digits
#
# Now the digits, 60 steps with each loss, from $W = 0$ and $b = 0$. All scores are 0 then, so you
# know the first loss beforehand: $-\ln\frac1{10} = 2.303$ for cross-entropy, and 9 violated margins
# of 1, so 9, for the hinge. (Always check this first. If it's off, something is wrong, and no
# training will mend it.)

# %%
with plots.needs(
    "scores", "cross_entropy", "cross_entropy_gradient", "hinge", "hinge_gradient", "train"
):
    LAM = 0.001
    runs = {
        "softmax": (cross_entropy, cross_entropy_gradient, 0.3),
        "hinge": (hinge, hinge_gradient, 0.02),
    }

    def share_wrong(X, y, W, b):
        return np.mean(np.argmax(scores(X, W, b), axis=1) != y)

    @functools.cache
    def descend(name):
        """Take 60 steps from zero; return W, b and rows (step, loss, validation misread)."""
        loss, pull, eta = runs[name]

        def slope(S, y):
            return np.asarray(pull(S, y), dtype=float)

        W, b, rows = np.zeros((10, 784)), np.zeros(10), []
        for step in range(0, 61, 4):
            if step > 0:
                W, b = train(X_train, y_train, W, b, slope, eta, LAM, 4)
            data_loss = np.mean(loss(np.asarray(scores(X_train, W, b)), y_train))
            rows.append((step, data_loss, share_wrong(X_val, y_val, W, b)))
        return W, b, np.array(rows)

    history, test_right = {}, {}
    for name in runs:
        *net, history[name] = descend(name)
        test_right[name] = 1 - share_wrong(X_test, y_test, *net)
        print(
            f"{name:8s} first loss {history[name][0, 1]:.3f}, last {history[name][-1, 1]:.3f};",
            end=" ",
        )
        print(f"test accuracy {test_right[name]:.4f}")
    fig, (left, right) = plots.figure(
        "Two losses, one aim: as they fall, the mistakes become few", 1, 2, width=9.2
    )
    for (name, rows), line, ink in zip(history.items(), ("-", "--"), (BLUE, RED), strict=True):
        left.plot(rows[:, 0], rows[:, 1], line, color=ink, label=name)
        right.plot(rows[:, 0], rows[:, 2], line, color=ink, label=name)
    left.plot([0, 0], [np.log(10), 9], "o", color="black", label="ln 10 and 9, as foretold")
    left.set(xlabel="step", ylabel="mean loss of the training digits", ylim=(0, None))
    right.set(xlabel="step", ylabel="share of validation digits misread", ylim=(0, 1))
    left.legend()
    right.legend()
    plots.show(
        fig,
        alt="Left: the mean training loss over 60 steps, cross-entropy falling from 2.3 and the "
        "hinge from 9, both towards small values. Right: the share of validation digits misread, "
        "falling from about 0.9 to roughly a tenth for both.",
    )

# %% [markdown]
# Each row of $W$ has 784 numbers, one for each pixel. So it is a picture. **Red**: ink here speaks
# for this digit. **Blue**: ink here speaks against it. White: it doesn't matter.

# %%
with plots.needs(
    "scores", "cross_entropy", "cross_entropy_gradient", "hinge", "hinge_gradient", "train"
):
    for name in runs:
        plots.images(
            np.reshape(descend(name)[0], (10, 28, 28)),
            [str(digit) for digit in range(10)],
            f"What the {name} classifier looks for: one picture for each digit",
            alt=f"Ten weight images of the {name} classifier, digits 0 to 9, red for positive and "
            "blue for negative weights. Each shows a blurred digit in red, with blue where other "
            "digits have ink; the 0 is a red ring with a blue centre.",
            symmetric=True,
        )

# %% [markdown]
# The 0 is the clearest: ink on the ring is good, ink in the middle is bad. Both losses find nearly
# the same pictures. There is only one for each digit, so every way of writing a 7 has to share it:
# this is the limit of a linear classifier.
#
# What does $\lambda$ do? Train the softmax classifier again, 30 steps with each of four values.

# %%
with plots.needs("scores", "cross_entropy_gradient", "train"):
    lams = (0.0, 0.01, 0.1, 1.0)
    start = np.zeros((10, 784)), np.zeros(10)

    def slope(S, y):
        return np.asarray(cross_entropy_gradient(S, y))

    nets = [train(X_train, y_train, *start, slope, 0.3, lam, 30) for lam in lams]
    sizes = [np.sum(np.asarray(W) ** 2) for W, _ in nets]
    fig, axes = plots.figure(
        "λ fades the weights: the larger the price, the less each pixel may say",
        1,
        4,
        width=8.8,
        height=3.2,
    )
    limit = np.max(np.abs(nets[0][0][3]))
    for axis, lam, net, size in zip(axes, lams, nets, sizes, strict=True):
        picture = np.reshape(net[0][3], (28, 28))
        axis.imshow(picture, cmap="RdBu_r", vmin=-limit, vmax=limit)
        axis.set_title(f"λ = {lam:g}", fontweight="normal")
        reads = 1 - share_wrong(X_val, y_val, *net)
        axis.set_xlabel(f"R(W) = {size:.3g}\n{reads:.1%} of validation right", fontsize=9)
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    plots.show(
        fig,
        alt="The weight image of the digit 3 for λ = 0, 0.01, 0.1 and 1, all on one colour scale. "
        "It grows paler and smoother as λ grows, and is nearly white at λ = 1. Below each stands "
        "R(W), which falls, and the share of validation digits read rightly.",
    )

# %% [markdown]
# At $\lambda = 1$ the price is too high: the weights are so small that far fewer digits are read.
#
# The same training in Keras is two lines, `compile` and `fit`. A batch that holds all examples,
# and plain SGD, make the same steps as yours, to Keras' seven digits.

# %%
with plots.needs("cross_entropy_gradient", "train", "keras_classifier"):
    X, y = X_train[:500], y_train[:500]
    model, loss = keras_classifier(np.zeros((10, 784)), np.zeros(10), 0.001)
    model.compile(keras.optimizers.SGD(0.3), loss)
    model.fit(X, y, batch_size=len(X), epochs=20, verbose=0)

    def slope(S, y):
        return np.asarray(cross_entropy_gradient(S, y))

    W, b = train(X, y, np.zeros((10, 784)), np.zeros(10), slope, 0.3, 0.001, 20)
    kernel, bias = model.get_weights()
    print(f"largest difference after 20 steps: {np.max(np.abs(kernel.T - W)):.1e} in W,", end=" ")
    print(f"{np.max(np.abs(bias - b)):.1e} in b")

# %% [markdown]
# ## Who still pulls?
#
# Once more the gradients, of your two trained classifiers, for every training image: how hard does
# it still pull on the score of its own class? For softmax that is $1 - p_y$, for the hinge the
# number of violated margins. The images are sorted by it.

# %%
with plots.needs(
    "scores", "cross_entropy", "cross_entropy_gradient", "hinge", "hinge_gradient", "train"
):
    pulls = {}
    for name, (_, slope, _) in runs.items():
        pull = np.asarray(slope(np.asarray(scores(X_train, *descend(name)[:2])), y_train))
        pulls[name] = np.sort(-pull[np.arange(len(y_train)), y_train])[::-1]
    content = np.mean(pulls["hinge"] == 0)
    print(f"softmax: {np.mean(pulls['softmax'] == 0):.0%} of the images pull no more;", end=" ")
    print(f"hinge: {content:.0%}")
    fig, axes = plots.figure(
        f"The hinge is done with {content:.0%} of the images; softmax is never done",
        1,
        2,
        width=9.2,
    )
    for axis, (name, values), ink in zip(axes, pulls.items(), (BLUE, RED), strict=True):
        axis.fill_between(np.arange(len(values)), values, color=ink, alpha=0.35, step="mid")
        axis.plot(values, color=ink, drawstyle="steps-mid")
        axis.set_title(name, fontweight="normal")
        axis.set(xlabel="training images, sorted", ylim=(0, None))
    axes[0].set_ylabel("pull: 1 − p of the right class")
    axes[1].set_ylabel("pull: violated margins")
    plots.show(
        fig,
        alt="Two falling curves over the sorted training images. Softmax: from nearly 1 smoothly "
        "down, never quite 0. Hinge: a staircase of whole numbers that reaches exactly 0 and stays "
        "there for the rest of the images.",
    )

# %% [markdown]
# ## In your own words (2 points)
#
# In four to six sentences:
#
# 1. We want few mistakes. Why do we descend cross-entropy or the hinge all the same, and not the
#    number of mistakes?
# 2. Look at the last figure. Suppose the training went on, with $\lambda = 0$, until every training
#    image is right by more than the margin. What would the hinge do then, and what would softmax
#    do? What does $\lambda R(W)$ change?

# %% [markdown] task="explain" points=2
# ### BEGIN SOLUTION
# 1. A small change of the weights almost never changes which score is the largest, so the number of
# mistakes is constant in steps: its gradient is 0 wherever it exists and doesn't say where to go.
# Cross-entropy and the hinge are small where the mistakes are few, and they change with every small
# change of the scores, so that they have a slope to descend.
# 2. The hinge would be exactly 0, with gradient 0, so W would stay as it is. Softmax would go on
# for ever: p of the right class is always below 1, and larger weights bring it nearer to 1, so W
# would grow without bound, ever more slowly. With a penalty λ Σ W² larger weights have a price: at
# some size the penalty's gradient balances that of the data loss, and W comes to rest. (With the
# hinge, the penalty shrinks W until some margins are violated again.)
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 1 point for the first: the 0/1 error is flat, its gradient is zero almost everywhere (½); the
# others have a slope, and go down with the mistakes (½). "It isn't differentiable" alone gives ½.
#
# 1 point for the second: the hinge stops, with gradient 0, while softmax goes on and W grows (½); λ
# bounds the weights by a balance of the two gradients (½).
# ### END MARK SCHEME
