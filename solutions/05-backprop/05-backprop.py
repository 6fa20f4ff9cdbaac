# ---
# topic:
#   results:
#     - what: >-
#         784-30-10, η = 3, batches of 10, 30 epochs, five seeds: test accuracy, median
#         (range)
#       code: |
#         told = []
#         for seed in range(5):
#             net = random_network([784, 30, 10], seed=seed)
#             net = train(X_train, Y_train, *net, 3.0, 30, 10, seed)
#             told.append(share_right(X_test, digits.y_test, *net))
#         told = f"{np.median(told):.4f} ({min(told):.4f}–{max(told):.4f})"
#       notes: 0.9542, the best epoch
#   figures:
#     - caption: What backpropagation saves
#       alt: "Left: seconds per gradient"
# ---

# %% [markdown]
# # 5 Backpropagation
#
# Gradient descent needs the slope of the cost with respect to every weight. Asking for each slope
# separately costs one run of the network per weight. Backpropagation gets all of them for about
# the price of two runs. In this notebook you derive it, write it, check it and train with it.
#
# **Afterwards you can**
#
# - draw a computation as a graph, and send a derivative backwards through it;
# - write the four equations of backpropagation in NumPy, for one example and for a batch;
# - check any gradient against centred differences, and say what such a check can't see;
# - compute the same gradient with `tf.GradientTape`, and move the network into Keras;
# - train a 784-30-10 network on handwritten digits with code that is all your own.
#
# **Read first** — the parts on backpropagation in the notes:
#
# | notes | what they are | read for |
# |---|---|---|
# | 000 | handwritten, *First principles of CV* | chain rule for one weight; the counts |
# | 001 | CSci 4270 and 6270, Lecture 15 | notation; the table of four equations |
# | 002 | slides that begin with *Gradient Descent* | one-dimensional chain; summing over all uses |
# | 003 | *Lesson 4, Basic Neural Network* | the graph of $(xw-y)^2$; errors sent backwards |
# | 004 | *Introduction to Deep Learning and Neural Network* | the 2-2-2 network, with numbers |
#
# The notes have mistakes, as notes do. Where you meet one, a box marked **Erratum** says so.
#
# **Time**: about three hours. 20 points are judged automatically, 2 more by a person.
#
# **Rules**: tasks that you derive by hand must not call automatic or numerical differentiation or
# Keras. Loops, `@`, `np.outer`, `np.einsum` and TensorFlow's plain arithmetic are all fine.
# Everything is `float64`, because a gradient check needs it.

# %% given="setup"
import itertools
import time

import keras
import numpy as np
import tensorflow as tf

from nnkit import checks, datasets, plots

tf.constant(0.0)  # TensorFlow starts here, and not in the middle of a test


def sigmoid(z):
    """Return σ(z) = 1 / (1 + exp(−z)) elementwise, without overflow at any z."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z)))


# %% [markdown]
# ## Notation
#
# The layers are $l = 1, …, L$, and $a^0 = x$ is the input.
#
# $$z^l = W^l a^{l-1} + b^l \qquad\qquad a^l = \sigma(z^l)$$
#
# - `W[j, k]` goes **from** neuron `k` of layer $l-1$ **to** neuron `j` of layer $l$. So $W^l$ has
#   shape `(n_l, n_{l-1})`: one row for each neuron that it feeds.
# - One example is a flat array `(n,)`. A batch has one example per row, `(N, n)`.
# - The cost of one example is $C = \tfrac12\lVert y - a^L\rVert^2$. Over a batch it is the mean.
# - $\delta^l = \partial C/\partial z^l$, one number per neuron. This is the quantity that
#   travels backwards.
# - $\odot$ multiplies element by element.
#
# In code, `weights[0]` is $W^1$ and `biases[0]` is $b^1$: lists count from 0.
#
# ## A derivative travels backwards through a graph
#
# Start with one weight: $\hat y = xw$, $s = \hat y - y$, $\text{loss} = s^2 = (xw-y)^2$. Draw one
# node for each step. Going forward, each node computes a value. Going backward, each node
# **multiplies** what it receives by its own slope and hands the product on.
#
# With $x = 1$, $w = 1$, $y = 2$: forward $\hat y = 1$, $s = -1$, loss $= 1$. Backward
# $\partial\,\text{loss}/\partial s = 2s = -2$; the subtraction has slope 1, so
# $\partial\,\text{loss}/\partial\hat y = -2$; and $\partial\,\text{loss}/\partial w = -2 · x = -2$.
#
# When a node feeds **two** others, a change of it reaches the loss on both paths. The two effects
# **add**. Let $h = xw$ feed $s_1 = hu - y_1$ and $s_2 = hv - y_2$, with loss $s_1^2 + s_2^2$. Then
#
# $$\frac{\partial\,\text{loss}}{\partial h} = 2 s_1 u + 2 s_2 v .$$

# %%
BLUE, RED = plots.PALETTE[0], plots.PALETTE[1]


def draw_graph(axis, places, arrows):
    """Draw nodes {label: (x, y, value)} and arrows (from, to, slope of the loss along it)."""
    for label, (x, y, value) in places.items():
        axis.text(x, y, label, ha="center", va="center", bbox={"boxstyle": "circle", "fc": "w"})
        axis.text(x, y + 0.4, value, ha="center", color=BLUE)
    for start, end, slope in arrows:
        (x0, y0, _), (x1, y1, _) = places[start], places[end]
        style = {"arrowstyle": "->", "shrinkA": 17, "shrinkB": 17, "color": "0.5"}
        axis.annotate("", (x1, y1), (x0, y0), arrowprops=style)
        axis.text((x0 + x1) / 2, (y0 + y1) / 2 - 0.36, slope, ha="center", color=RED)
    axis.set(xlim=(-0.5, 4.5), ylim=(-1.6, 1.8))
    axis.axis("off")


fig, (left, right) = plots.figure(
    "Slopes multiply along a path, and add where paths meet", 1, 2, width=9.2, height=3.3
)
draw_graph(
    left,
    {"w": (0, 0, "1"), "ŷ": (1.33, 0, "1"), "s": (2.67, 0, "−1"), "loss": (4, 0, "1")},
    [("w", "ŷ", "−2"), ("ŷ", "s", "−2"), ("s", "loss", "−2")],
)
left.set_title("(xw − y)² at x = 1, w = 1, y = 2", fontweight="normal")
draw_graph(
    right,
    {
        "w": (0, 0, "1"),
        "h": (1.33, 0, "1"),
        "s₁": (2.67, 1, "1"),
        "s₂": (2.67, -1, "−1"),
        "loss": (4, 0, "2"),
    },
    [
        ("w", "h", "4 − 6 = −2"),
        ("h", "s₁", "4"),
        ("h", "s₂", "−6"),
        ("s₁", "loss", "2"),
        ("s₂", "loss", "−2"),
    ],
)
right.set_title("h feeds two: u = 2, y₁ = 1 and v = 3, y₂ = 4", fontweight="normal")
left.text(-0.3, -1.5, "blue: value, going forward", color=BLUE)
right.text(-0.3, -1.5, "red: slope of the loss, going back", color=RED)
plots.show(
    fig,
    alt="Two computational graphs. Left, a chain w, ŷ, s, loss with values 1, 1, −1, 1 and the "
    "slope −2 on each arrow. Right, h feeds s₁ and s₂; slopes 4 and −6 come back and add to −2.",
)

# %% [markdown]
# Don't take it on trust. Nudge $w$ a little and see how much the loss moves:

# %%
h = 1e-5


def chain(w, x=1.0, y=2.0):
    return (x * w - y) ** 2


def fork(w, x=1.0, u=2.0, y1=1.0, v=3.0, y2=4.0):
    return (x * w * u - y1) ** 2 + (x * w * v - y2) ** 2


print("chain:", round((chain(1 + h) - chain(1 - h)) / (2 * h), 6), " by the graph: -2")
print("fork: ", round((fork(1 + h) - fork(1 - h)) / (2 * h), 6), " by the graph: 4 + (-6) = -2")

# %% [markdown]
# > **Erratum (notes 004, "Hidden layer").** As transcribed, the slide multiplies the effects on two
# > outputs: $\partial E/\partial out_{h_1} = \partial E_{o_1}/\partial out_{h_1} ·
# > \partial E_{o_2}/\partial out_{h_1}$. It must be **+**. In our fork the product would be
# > $4 · (-6) = -24$; the loss really moves by $-2$.
#
# > **Erratum (notes 002).** The sum over all uses of an activation is printed with
# > $w^{d+1}_{jk}$, and $j$ both inside and outside the sum. Neuron $j$ of layer $d$ sends its
# > output along the weights $w^{d+1}_{kj}$:
# > $\partial C/\partial a^d_j = \sum_k w^{d+1}_{kj}\,\sigma'(z^{d+1}_k)\,
# > \partial C/\partial a^{d+1}_k$.
#
# ## Task 1: the slope of a sigmoid (1 point)
#
# One node of the graph is $a = \sigma(z)$. Its slope is $\sigma'(z) = \sigma(z)\,(1 - \sigma(z))$,
# never more than ¼. It is a function **of z**. The first cell of code has given you `sigmoid`.


# %% task="sigmoid_prime"
def sigmoid_prime(z):
    """Return σ′(z) = σ(z) (1 − σ(z)).

    Parameters
    ----------
    z : float64 array of any shape
        Pre-activations (not activations).

    Returns
    -------
    float64 array, the shape of z
    """
    ### BEGIN SOLUTION
    a = sigmoid(z)
    return a * (1 - a)
    ### END SOLUTION


# %% test="sigmoid_prime" points=1
checks.close(
    sigmoid_prime(np.array([-2.0, 0.0, 1.5])),
    [0.104993585, 0.25, 0.149146452],
    "σ′ at −2, 0 and 1.5",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(
            "sigma-prime-of-a",
            [-6.0, 0.0, -0.75],
            "this is z (1 − z): the rule a (1 − a) wants the activation a = σ(z), and z came in.",
        ),
        checks.cause(
            "sigma-twice",
            [0.249114015, 0.235003712, 0.212472087],
            "the sigmoid is applied twice: σ′ is taken at σ(z) instead of at z.",
        ),
        checks.cause(
            "sigma-not-sigma-prime",
            [0.119202922, 0.5, 0.817574476],
            "this is σ(z) itself, not its slope.",
        ),
        checks.cause(
            "one-minus-forgotten",
            [0.014209337, 0.25, 0.668428022],
            "this is σ(z)²: the second factor is 1 − σ(z).",
        ),
    ],
)
checks.forbid(sigmoid_prime, *checks.BY_HAND, what="σ′ is derived by hand", example=(np.ones(3),))
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_slope(z):
        e = np.exp(-np.abs(z))
        return e / (1 + e) ** 2

    def slope_cases():
        rng = np.random.default_rng(501)
        return [(rng.uniform(-6, 6, size=shape),) for shape in [(7,), (3, 5), (2, 4, 3)]]

    checks.same(
        sigmoid_prime,
        right_slope,
        slope_cases(),
        "sigmoid_prime on arrays of several shapes",
        rtol=1e-10,
    )
### END HIDDEN TESTS

# %% [markdown]
# ## The worked network
#
# Notes 004 work through a network with two inputs, two hidden and two output neurons, all
# sigmoid. All of its numbers are below, and most tests compare with them to nine decimals.

# %% given="worked"


def worked_network():
    """Return x, y, weights, biases of the 2-2-2 network of notes 004, as fresh arrays."""
    x, y = np.array([0.05, 0.10]), np.array([0.01, 0.99])
    weights = [np.array([[0.15, 0.20], [0.25, 0.30]]), np.array([[0.40, 0.45], [0.50, 0.55]])]
    biases = [np.array([0.35, 0.35]), np.array([0.60, 0.60])]
    return x, y, weights, biases


def random_network(sizes, seed):
    """Return weights with variance 1 / n_in, and biases with variance 1, for layers of `sizes`."""
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=(n, m)) / np.sqrt(m) for m, n in itertools.pairwise(sizes)]
    biases = [rng.normal(size=n) for n in sizes[1:]]
    return weights, biases


# %% [markdown]
# ## Task 2: forward, and keep everything (1 point)
#
# The way back needs every $z^l$ and every $a^l$. So the forward pass stores them. The input counts
# as activation number 0: there is one more activation than there are pre-activations.
#
# For the worked network, $h = a^1 = (.593269992,\ .596884378)$ and
# $o = a^2 = (.751365070,\ .772928465)$.
#
# > **Erratum (notes 004).** The slides write $out_{h_1} = 1/(1 + e^{-h_1})$. The exponent is minus
# > the *net input*: $1/(1 + e^{-net_{h_1}}) = 1/(1 + e^{-.3775})$.


# %% task="forward"
def forward(x, weights, biases):
    """Run one example through the network: z^l = W^l a^(l−1) + b^l, a^l = σ(z^l).

    Parameters
    ----------
    x : float64 array (n_0,)
    weights : list of L float64 arrays, W^l of shape (n_l, n_(l−1))
    biases : list of L float64 arrays, b^l of shape (n_l,)

    Returns
    -------
    zs : list of L float64 arrays (n_l,)
        z^1, …, z^L.
    activations : list of L + 1 float64 arrays (n_l,)
        a^0 = x, a^1, …, a^L.
    """
    ### BEGIN SOLUTION
    zs, activations = [], [x]
    for W, b in zip(weights, biases, strict=True):
        zs.append(W @ activations[-1] + b)
        activations.append(sigmoid(zs[-1]))
    return zs, activations
    ### END SOLUTION


# %% test="forward" points=1
checks.close(
    forward(*[worked_network()[i] for i in (0, 2, 3)]),
    (
        [np.array([0.3775, 0.3925]), np.array([1.105905967, 1.224921404])],
        [
            np.array([0.05, 0.10]),
            np.array([0.593269992, 0.596884378]),
            np.array([0.751365070, 0.772928465]),
        ],
    ),
    "z¹, z² and a⁰, a¹, a² of the worked network",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(
            "transposed-weights",
            (
                [np.array([0.3825, 0.39]), np.array([1.135931722, 1.195469653])],
                [
                    np.array([0.05, 0.10]),
                    np.array([0.594475931, 0.596282699]),
                    np.array([0.756931915, 0.767717880]),
                ],
            ),
            "W is used with rows and columns exchanged: W[j, k] goes from k to j, so z = W a + b.",
        ),
        checks.cause(
            "bias-forgotten",
            (
                [np.array([0.0275, 0.0425]), np.array([0.432530357, 0.534280154])],
                [
                    np.array([0.05, 0.10]),
                    np.array([0.506874567, 0.510623401]),
                    np.array([0.606477732, 0.630480836]),
                ],
            ),
            "the biases are missing: z = W a + b.",
        ),
        checks.cause(
            "linear-output",
            (
                [np.array([0.3775, 0.3925]), np.array([1.105905967, 1.224921404])],
                [
                    np.array([0.05, 0.10]),
                    np.array([0.593269992, 0.596884378]),
                    np.array([1.105905967, 1.224921404]),
                ],
            ),
            "the output layer has a sigmoid too: a^L = σ(z^L).",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_forward(x, weights, biases):
        zs, activations = [], [x]
        for W, b in zip(weights, biases, strict=True):
            zs.append(W @ activations[-1] + b)
            activations.append(1 / (1 + np.exp(-zs[-1])))
        return zs, activations

    def forward_cases():
        rng = np.random.default_rng(502)
        layers = [(10, 8, 4), (3, 7, 5, 2), (6, 4)]
        return [(rng.normal(size=s[0]), *random_network(s, seed=s[0])) for s in layers]

    checks.same(
        forward,
        right_forward,
        forward_cases(),
        "forward on networks of one to three layers",
        rtol=1e-10,
    )
    checks.forbid(
        forward,
        "keras",
        what="the forward pass is written by hand",
        example=(np.ones(3), *random_network((3, 2), seed=1)),
    )
### END HIDDEN TESTS

# %% [markdown]
# The cost of a network comes ready-made. It takes examples **in rows**, so it computes
# $Z = A\,W^\top + b$ where a column would take $Wa + b$. A flat `x` counts as one row. You will
# need this row form in Task 9.

# %% given="cost"


def predict(X, weights, biases):
    """Return the output activations (N, n_L) of examples in rows X (N, n_0)."""
    A = np.atleast_2d(X)
    for W, b in checks.layers(weights, biases):  # as arrays, tensors too
        A = sigmoid(A @ W.T + b)
    return A


def cost(X, Y, weights, biases):
    """Return the mean over the examples of ½‖y − a^L‖², a float."""
    gap = np.atleast_2d(Y) - predict(X, weights, biases)
    return float(np.mean(np.sum(gap**2, axis=1)) / 2)


# %%
x, y, weights, biases = worked_network()
o = predict(x, weights, biases)[0]
print(f"E = {cost(x, y, weights, biases):.9f}  =  {(y[0] - o[0]) ** 2 / 2:.9f} from the first")
print(f"output + {(y[1] - o[1]) ** 2 / 2:.9f} from the second")

# %% [markdown]
# ## Task 3: the error of the output layer (2 points)
#
# Two nodes back from the cost: $C = \tfrac12\lVert y-a\rVert^2$ has the slope $a - y$, and the
# sigmoid multiplies it by its own.
#
# $$\delta^L = (a^L - y)\odot\sigma'(z^L) \tag{1}$$
#
# Read the sign: where the output is too **high**, $a - y$ is positive, so lowering $z$
# lowers the cost.
#
# > **Erratum (notes 001, eq. 1).** The table prints $(y_j - a_j^L)\,\sigma'(z_j^L)$. That is the
# > direction of *descent*, not the gradient. Its own update rule $w \mathrel{-}= \eta\,\partial
# > C/\partial w$ would then climb.
#
# > **Erratum (notes 000).** The same slip with the cost $\lVert\hat a - a\rVert^2$: it prints
# > $2(\hat a - a)$, where $\hat a$ is the target. The derivative is $2(a - \hat a)$. The 2 is right
# > there, because that cost has no ½. Ours has, so **our δ has no 2**.


# %% task="output_delta"
def output_delta(a, y, z):
    """Return δ^L = (a^L − y) ⊙ σ′(z^L), the gradient of ½‖y − a^L‖² with respect to z^L.

    Parameters
    ----------
    a : float64 array (n_L,)
        Output activations, σ(z).
    y : float64 array (n_L,)
        Targets.
    z : float64 array (n_L,)
        Output pre-activations.

    Returns
    -------
    float64 array (n_L,)
    """
    ### BEGIN SOLUTION
    slope = sigmoid(z) * (1 - sigmoid(z))
    return (a - y) * slope
    ### END SOLUTION


# %% test="output_delta" points=2
checks.close(
    output_delta(
        np.array([0.751365069552, 0.772928465321]),
        np.array([0.01, 0.99]),
        np.array([1.105905967060, 1.224921404094]),
    ),
    [0.138498561629, -0.038098236517],
    "δ² of the worked network",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(
            "sign",
            [-0.138498562, 0.038098236],
            "the sign is that of (y − a), the direction of descent: the gradient has (a − y).",
        ),
        checks.cause(
            "missing-sigma-prime",
            [0.741365070, -0.217071535],
            "the factor σ′(z) is missing: this is ∂C/∂a, one node short of ∂C/∂z.",
        ),
        checks.cause(
            "sigma-prime-of-a",
            [0.161460669, -0.046906400],
            "σ′ is taken at a instead of z: it is σ(z)(1 − σ(z)), that is a (1 − a).",
        ),
    ],
)
checks.forbid(
    output_delta,
    *checks.BY_HAND,
    what="δ of the output is derived by hand",
    example=(np.ones(3), np.zeros(3), np.ones(3)),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_output_delta(a, y, z):
        return (a - y) * a * (1 - a)

    def output_cases():
        rng = np.random.default_rng(503)
        zs = [rng.normal(scale=2, size=n) for n in (1, 4, 10)]
        return [(1 / (1 + np.exp(-z)), rng.random(len(z)), z) for z in zs]

    checks.same(
        output_delta,
        right_output_delta,
        output_cases(),
        "output_delta on random layers",
        rtol=1e-10,
        causes=[
            checks.cause(
                "sign",
                lambda a, y, z: -right_output_delta(a, y, z),
                "the sign is that of (y − a): the gradient has (a − y).",
            ),
            checks.cause(
                "missing-sigma-prime",
                lambda a, y, z: a - y,
                "the factor σ′(z) is missing.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 4: the error of a hidden layer (2 points)
#
# Hidden neuron $j$ feeds every neuron $k$ of the next layer, along the weight $w_{kj}$. So we sum
# over all paths, as at the fork above, and then pass the neuron's own sigmoid:
#
# $$\delta^l_j = \sigma'(z^l_j)\sum_k w^{l+1}_{kj}\,\delta^{l+1}_k
# \qquad\text{or}\qquad
# \delta^l = (W^{l+1})^\top\delta^{l+1}\odot\sigma'(z^l) \tag{2}$$
#
# Forward, $W$ collects what comes *into* a neuron: a row of $W$. Backward, we collect what
# comes back from all that a neuron *feeds*: a column of $W$. Hence the transpose.
#
# > **Erratum (notes 001, eq. 2).** The component form prints $w^l_{kj}$. The weights are those
# > of the *next* layer, $w^{l+1}_{kj}$, as its matrix form says. (The matrix form prints
# > $\sigma'(\mathbf z_j)$ for $\sigma'(\mathbf z^l)$.)
#
# > **Reading notes 003.** Its $\delta_4 = \delta\,W_{46}\,f_6'$ has the slope of the neuron
# > *ahead*, not of neuron 4. Its $\delta$ of a hidden neuron is $\partial C/\partial a$, ours is
# > $\partial C/\partial z$. Both are fine if you don't mix them; its last slide uses ours.


# %% task="hidden_delta"
def hidden_delta(delta_next, W_next, z):
    """Return δ^l = (W^(l+1))ᵀ δ^(l+1) ⊙ σ′(z^l).

    Parameters
    ----------
    delta_next : float64 array (n_(l+1),)
        δ of the next layer.
    W_next : float64 array (n_(l+1), n_l)
        Weights from this layer to the next.
    z : float64 array (n_l,)
        Pre-activations of this layer.

    Returns
    -------
    float64 array (n_l,)
    """
    ### BEGIN SOLUTION
    slope = sigmoid(z) * (1 - sigmoid(z))
    return (W_next.T @ delta_next) * slope
    ### END SOLUTION


# %% test="hidden_delta" points=2
checks.close(
    hidden_delta(
        np.array([0.138498561629, -0.038098236517]),
        np.array([[0.40, 0.45], [0.50, 0.55]]),
        np.array([0.3775, 0.3925]),
    ),
    [0.008771354689, 0.009954254705],
    "δ¹ of the worked network",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(
            "transposed-weights",
            [0.009231011, 0.011620485],
            "W is used without its transpose: what comes back to neuron j runs along column j.",
        ),
        checks.cause(
            "missing-sigma-prime",
            [0.036350306, 0.041370323],
            "the factor σ′(z) of this layer is missing: this is ∂C/∂a, not ∂C/∂z.",
        ),
        checks.cause(
            "sigma-prime-of-a",
            [0.008332611, 0.009473451],
            "σ′ is taken at the activation instead of at z.",
        ),
        checks.cause(
            "one-path-only",
            [0.013367920, 0.014996076],
            "only the path through the first neuron of the next layer is counted: sum over all.",
        ),
    ],
)
checks.forbid(
    hidden_delta,
    *checks.BY_HAND,
    what="δ of a hidden layer is derived by hand",
    example=(np.ones(3), np.ones((3, 2)), np.ones(2)),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_hidden_delta(delta_next, W_next, z):
        a = 1 / (1 + np.exp(-z))
        return np.einsum("kj,k->j", W_next, delta_next) * a * (1 - a)

    def hidden_cases():
        rng = np.random.default_rng(504)
        pairs = [(4, 8), (7, 3), (1, 5)]
        return [(rng.normal(size=k), rng.normal(size=(k, j)), rng.normal(size=j)) for k, j in pairs]

    checks.same(
        hidden_delta,
        right_hidden_delta,
        hidden_cases(),
        "hidden_delta on layers of unequal size",
        rtol=1e-10,
        causes=[
            checks.cause(
                "missing-sigma-prime",
                lambda d, W, z: W.T @ d,
                "the factor σ′(z) of this layer is missing.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 5: from δ to the gradients (1 point)
#
# Since $z_j = \sum_k w_{jk}\,a_k + b_j$, a weight's slope is the δ it leads to, times the
# activation it comes from. A bias acts like a weight from a neuron that always says 1.
#
# $$\frac{\partial C}{\partial b^l} = \delta^l \quad (3) \qquad\qquad
# \frac{\partial C}{\partial W^l} = \delta^l\,(a^{l-1})^\top \quad (4)$$
#
# Equation (4) is an outer product with the shape of $W^l$. In the worked network, for example,
# $\partial E/\partial w_5 = .138498562 × .593269992 = .082167041$.


# %% task="layer_gradients"
def layer_gradients(delta, a_previous):
    """Return ∂C/∂W^l = δ^l (a^(l−1))ᵀ and ∂C/∂b^l = δ^l.

    Parameters
    ----------
    delta : float64 array (n_l,)
        δ of this layer.
    a_previous : float64 array (n_(l−1),)
        Activations of the layer before.

    Returns
    -------
    grad_W : float64 array (n_l, n_(l−1))
    grad_b : float64 array (n_l,)
    """
    ### BEGIN SOLUTION
    return np.outer(delta, a_previous), delta
    ### END SOLUTION


# %% test="layer_gradients" points=1
checks.close(
    layer_gradients(
        np.array([0.138498561629, -0.038098236517]), np.array([0.593269992107, 0.596884378260])
    ),
    (
        np.array([[0.082167040564, 0.082667627848], [-0.022602540477, -0.022740242216]]),
        np.array([0.138498561629, -0.038098236517]),
    ),
    "∂E/∂W² and ∂E/∂b² of the worked network",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(
            "transposed",
            (
                np.array([[0.082167041, -0.022602540], [0.082667628, -0.022740242]]),
                np.array([0.138498562, -0.038098236]),
            ),
            "∂C/∂W is the transpose of what it should be: it has the shape of W, δ down, a across.",
        ),
        checks.cause(
            "bias-forgotten",
            (
                np.array([[0.082167041, 0.082667628], [-0.022602540, -0.022740242]]),
                np.array([0.0, 0.0]),
            ),
            "the gradient of the biases is not zero: it is δ.",
        ),
        checks.cause(
            "bias-times-activation",
            (
                np.array([[0.082167041, 0.082667628], [-0.022602540, -0.022740242]]),
                np.array([0.082167041, -0.022740242]),
            ),
            "the gradient of the biases is δ alone: the neuron behind a bias always says 1.",
        ),
    ],
)
checks.forbid(
    layer_gradients,
    *checks.BY_HAND,
    what="∂C/∂W is derived by hand",
    example=(np.ones(3), np.ones(2)),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_layer_gradients(delta, a_previous):
        return delta[:, None] * a_previous[None, :], delta

    def layer_cases():
        rng = np.random.default_rng(505)
        return [(rng.normal(size=j), rng.random(size=k)) for j, k in [(8, 10), (4, 8), (3, 1)]]

    checks.same(
        layer_gradients,
        right_layer_gradients,
        layer_cases(),
        "layer_gradients on layers of unequal size",
        rtol=1e-10,
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 6: one step on the worked network (2 points)
#
# Now put it together: forward, both deltas, gradients, and one step of gradient descent,
# $W \leftarrow W - \eta\,\partial E/\partial W$, with $\eta = 0.5$. Like the notes, **leave the
# biases alone**. The error falls from .298371109 to **.291027774**.
#
# Order matters. All gradients belong to the *same* point. The classic bug is to update $W^2$
# first, and then compute $\delta^1$ with the new $W^2$. It is a small bug: the error comes
# out as .291027924, wrong by 1.5 ten-millionths. So the test compares at $10^{-9}$.
#
# You may call your functions from above, or write the lines anew.
#
# > **Erratum (notes 004).** The slide prints $w_1^+ = 0.1497$. The value is .149780716, which
# > rounds to 0.1498.


# %% task="one_step"
def one_step(x, y, weights, biases, eta):
    """Take one step of gradient descent with the weights of a two-layer network.

    W ← W − η ∂C/∂W with C = ½‖y − a²‖². The biases stay as they are.

    Parameters
    ----------
    x : float64 array (n_0,)
    y : float64 array (n_2,)
    weights : list [W¹ (n_1, n_0), W² (n_2, n_1)] of float64 arrays, not to be changed
    biases : list [b¹ (n_1,), b² (n_2,)] of float64 arrays, not to be changed
    eta : float
        Learning rate.

    Returns
    -------
    weights : list [W¹, W²] of float64 arrays, after the step
    biases : list [b¹, b²] of float64 arrays, unchanged
    """
    ### BEGIN SOLUTION
    W1, W2 = weights
    b1, b2 = biases
    h = sigmoid(W1 @ x + b1)
    o = sigmoid(W2 @ h + b2)
    delta2 = (o - y) * o * (1 - o)
    delta1 = (W2.T @ delta2) * h * (1 - h)  # W2 as it was on the way forward
    new_weights = [W1 - eta * np.outer(delta1, x), W2 - eta * np.outer(delta2, h)]
    return new_weights, [b1, b2]
    ### END SOLUTION


# %% test="one_step" points=2
checks.close(
    cost(*worked_network()[:2], *one_step(*worked_network(), 0.5)),
    0.291027774,
    "E of the worked network after one step",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(
            "updated-weights",
            0.291027924,
            "this is the error when δ¹ is computed with the already updated W²: finish all "
            "gradients before you change any weight.",
        ),
        checks.cause(
            "biases-updated",
            0.280471447,
            "this is the error when the biases are updated too, one each: here they stay. "
            "(Keras' Dense layers with SGD give this number.)",
        ),
        checks.cause(
            "shared-bias-updated",
            0.285750887,
            "this is the error when each layer has one shared bias and it is updated: here the "
            "biases stay.",
        ),
        checks.cause(
            "ascent",
            0.305640633,
            "the step goes uphill: subtract η times the gradient, and check the sign of δ.",
        ),
        checks.cause(
            "no-change", 0.298371109, "the weights that came back are those that went in."
        ),
    ],
)
checks.close(
    one_step(*worked_network(), 0.5)[0],
    [
        np.array([[0.149780716, 0.199561432], [0.249751144, 0.299502287]]),
        np.array([[0.358916480, 0.408666186], [0.511301270, 0.561370121]]),
    ],
    "w₁ … w₈ after one step",
    rtol=0,
    atol=1e-9,
)
checks.forbid(
    one_step,
    *checks.BY_HAND,
    what="the step is written by hand",
    example=(*worked_network(), 0.5),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_step(x, y, weights, biases, eta, bug=""):
        (W1, W2), (b1, b2) = weights, biases
        h = 1 / (1 + np.exp(-(W1 @ x + b1)))
        o = 1 / (1 + np.exp(-(W2 @ h + b2)))
        delta2 = (o - y) * o * (1 - o)
        new_W2 = W2 - eta * np.outer(delta2, h)
        delta1 = ((new_W2 if bug == "updated" else W2).T @ delta2) * h * (1 - h)
        new_W1 = W1 - eta * np.outer(delta1, x)
        if bug == "biases":
            b1, b2 = b1 - eta * delta1, b2 - eta * delta2
        return [new_W1, new_W2], [b1, b2]

    def step_cases():
        rng = np.random.default_rng(506)
        nets = [((5, 4, 3), 0.7), ((2, 6, 1), 3.0)]
        return [
            (rng.random(s[0]), rng.random(s[2]), *random_network(s, seed=s[1]), eta)
            for s, eta in nets
        ]

    checks.same(
        one_step,
        right_step,
        step_cases(),
        "one_step on other networks",
        rtol=1e-10,
        causes=[
            checks.cause(
                "updated-weights",
                lambda *case: right_step(*case, bug="updated"),
                "δ¹ is computed with the already updated W².",
            ),
            checks.cause(
                "biases-updated",
                lambda *case: right_step(*case, bug="biases"),
                "the biases are updated too: here they stay.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ### Ten thousand steps
#
# One step changes little. Repeat it, and the error drops by four orders of magnitude.

# %%
with plots.needs("one_step"):
    x, y, weights, biases = worked_network()
    errors = [cost(x, y, weights, biases)]
    for _ in range(10_000):
        weights, biases = one_step(x, y, weights, biases, 0.5)
        errors.append(cost(x, y, weights, biases))
    print(f"E after  9 999 steps: {errors[9_999]:.6e}   (the notes' 0.0000351085)")
    print(f"E after 10 000 steps: {errors[10_000]:.6e}")
    print("outputs:", np.round(predict(x, weights, biases)[0], 9), " targets:", y)
    plots.curves(
        {"E": (np.arange(1, 10_001), errors[1:])},
        "10 000 steps take the error from 0.29 to 0.000035",
        "step",
        "E = ½‖y − o‖²",
        alt="Error of the worked network against the step, both axes logarithmic: flat near 0.29 "
        "at first, then falling ever faster in size to 3.5e-5 after 10 000 steps.",
        logx=True,
        logy=True,
    )

# %% [markdown]
# > **Erratum (notes 004).** "Training (repeating) this $10^4$ times (with different batches) … the
# > error plummets to 0.0000351085." That is the error after **9 999** steps, 3.510855e-5; after
# > 10 000 it is 3.510188e-5. And there are no different batches: it is the same single example.
#
# ## Task 7: check a gradient (3 points)
#
# How do you know that a gradient is right? Compare it with one that needs no derivation: nudge each
# element of $x$ by $±h$ and see how the cost moves. That is the **centred difference**.
#
# $$\hat g_i = \frac{C(x + h e_i) - C(x - h e_i)}{2h}, \qquad
# \text{error} = \frac{\lVert g - \hat g\rVert}{\lVert g\rVert + \lVert\hat g\rVert}$$
#
# with the ordinary norm over all elements. With float64 and $h = 10^{-5}$, a right gradient gives
# an error below $10^{-7}$. Two details:
#
# - If both gradients are zero, they agree: the error is 0, not 0/0.
# - A check that only says "wrong" is little help. Say also **where**: the index of the element with
#   the largest $|g - \hat g|$.


# %% task="gradient_check"
def gradient_check(cost_of, gradient, x, h=1e-5):
    """Compare a gradient with centred differences of its cost.

    ĝ_i = (C(x + h e_i) − C(x − h e_i)) / 2h,   error = ‖g − ĝ‖ / (‖g‖ + ‖ĝ‖)

    Parameters
    ----------
    cost_of : callable
        Takes an array of the shape of x, returns a float.
    gradient : float64 array, the shape of x
        The gradient g to check, at x.
    x : float64 array of any shape
        The point; it keeps its value.
    h : float
        Step.

    Returns
    -------
    error : float
        0.0 if both gradients are zero everywhere.
    worst : tuple of int
        Index of the element with the largest |g − ĝ|, e.g. (1, 2).
    """
    ### BEGIN SOLUTION
    numeric = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        numeric[index] = (cost_of(x + step) - cost_of(x - step)) / (2 * h)
    gap = gradient - numeric
    scale = np.linalg.norm(gradient) + np.linalg.norm(numeric)
    error = np.linalg.norm(gap) / scale if scale > 0 else 0.0
    worst = np.unravel_index(np.argmax(np.abs(gap)), x.shape)
    return float(error), tuple(int(i) for i in worst)
    ### END SOLUTION


# %% [markdown]
# The first test uses a large $h = 0.1$ on purpose. There even a *right* gradient, that of $\sum
# x^3$, shows an error, and the size of the error tells which formula you have used.

# %% test="gradient_check" points=2
checks.close(
    gradient_check(
        lambda v: np.sum(v**3),
        np.array([[3.0, 12.0, 0.75], [27.0, 0.1875, 3.0]]),
        np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]]),
        0.1,
    )[0],
    0.000410061750,
    "the error for Σx³ at h = 0.1",
    rtol=1e-8,
    causes=[
        checks.cause(
            "forward-difference",
            0.019537228503,
            "this is the error of the forward difference (C(x + h) − C(x)) / h: step both ways.",
        ),
        checks.cause(
            "backward-difference",
            0.019766755703,
            "this is the error of the backward difference (C(x) − C(x − h)) / h: step both ways.",
        ),
        checks.cause(
            "half-step",
            0.333562470410,
            "the difference is divided by h instead of 2h: x + h and x − h lie 2h apart.",
        ),
        checks.cause(
            "absolute-not-relative",
            0.024494897428,
            "this is ‖g − ĝ‖ alone: divide by ‖g‖ + ‖ĝ‖.",
        ),
        checks.cause(
            "not-both-norms",
            0.000820334858,
            "this is divided by ‖g‖ only: divide by ‖g‖ + ‖ĝ‖.",
        ),
        checks.cause(
            "not-both-norms",
            0.000819912250,
            "this is divided by ‖ĝ‖ only: divide by ‖g‖ + ‖ĝ‖.",
        ),
        checks.cause(
            "largest-not-norm",
            0.025974025974,
            "this is the largest error of one element: take norms over all elements.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_check(cost_of, gradient, x, h, kind="centred"):
        def slope(index):
            step = np.zeros_like(x)
            step[index] = h
            low, high = (0, 1) if kind == "forward" else (1, 1)
            return (cost_of(x + high * step) - cost_of(x - low * step)) / ((low + high) * h)

        numeric = np.array([slope(i) for i in np.ndindex(x.shape)]).reshape(x.shape)
        norms = np.linalg.norm(gradient) + np.linalg.norm(numeric)
        return np.linalg.norm(gradient - numeric) / norms

    def check_cases():
        rng = np.random.default_rng(507)
        for shape, h in [((3, 4), 0.05), ((2, 5), 0.2), ((7,), 0.1)]:
            mix = rng.normal(size=shape)
            x = rng.normal(size=shape)

            def mixed(v, mix=mix):
                return float(np.sin(np.sum(mix * v)) + np.sum(mix * v**3))

            yield mixed, rng.normal(size=shape), x, h

    for case in check_cases():
        checks.close(
            gradient_check(*case)[0],
            right_check(*case),
            "gradient_check on random costs and gradients",
            rtol=1e-6,
            causes=[
                checks.cause(
                    "forward-difference",
                    right_check(*case, kind="forward"),
                    "this is the error of the forward difference: step both ways.",
                )
            ],
        )
    checks.forbid(
        gradient_check,
        "autodiff",
        "keras",
        what="the check is independent of autodiff",
        example=(lambda v: float(np.sum(v)), np.ones((2, 2)), np.ones((2, 2)), 0.1),
    )
### END HIDDEN TESTS

# %% test="gradient_check" part="edges" points=1
with np.errstate(all="ignore"):
    checks.close(
        gradient_check(lambda v: 7.0, np.zeros((2, 3)), np.ones((2, 3)))[0],
        0.0,
        "a constant cost and the gradient 0 agree: error 0",
        atol=1e-9,
    )
checks.close(
    gradient_check(
        lambda v: np.sum(v**2),
        np.array([[2.0, 4.0, 6.0], [8.0, 10.5, 12.1]]),
        np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    )[1],
    [1, 1],
    "the index of the worst element",
    causes=[
        checks.cause(
            "largest-not-worst",
            [1, 2],
            "this is where the gradient is largest: look for the largest difference |g − ĝ|.",
        ),
        checks.cause(
            "best-not-worst",
            [0, 0],
            "this element agrees well: look for the largest |g − ĝ|.",
        ),
        checks.cause(
            "flat-index",
            4,
            "this is the position in the flattened array: `np.unravel_index` makes an index of it.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def spoilt(index, by, shape):
        gradient = 2 * np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
        gradient[index] += by
        return gradient

    spots = [((4, 3), (2, 0), -0.7), ((3, 5), (0, 3), 0.2), ((2, 2, 3), (1, 0, 2), -3)]
    for shape, index, by in spots:
        checks.close(
            gradient_check(
                lambda v: float(np.sum(v**2)), spoilt(index, by, shape), spoilt(index, 0, shape) / 2
            )[1],
            list(index),
            "the index of the worst element, elsewhere",
        )
    with np.errstate(all="ignore"):
        checks.close(
            gradient_check(lambda v: 0.01 * float(np.sum(v)), np.zeros((3, 2)), np.ones((3, 2)))[0],
            1.0,
            "a zero gradient of a cost that does have a small slope",
            rtol=1e-5,
        )
        checks.close(
            gradient_check(lambda v: -1.5, np.zeros(4), np.arange(4.0))[0],
            0.0,
            "both gradients zero, in another shape",
            atol=1e-9,
        )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 8: backpropagation for any depth (2 points)
#
# The whole of it, for one example and any number of layers:
#
# 1. forward, keeping all activations;
# 2. $\delta^L$ by equation (1);
# 3. for $l = L, …, 1$: the gradients by (3) and (4); then, if $l > 1$, $\delta^{l-1}$ by (2).
#
# Return the gradients in the order of the weights, first layer first, though you find the
# last layer's first.


# %% task="backprop"
def backprop(x, y, weights, biases):
    """Return the gradient of C = ½‖y − a^L‖² for one example.

    δ^L = (a^L − y) ⊙ σ′(z^L),  δ^l = (W^(l+1))ᵀ δ^(l+1) ⊙ σ′(z^l),
    ∂C/∂W^l = δ^l (a^(l−1))ᵀ,  ∂C/∂b^l = δ^l.

    Parameters
    ----------
    x : float64 array (n_0,)
    y : float64 array (n_L,)
    weights : list of L float64 arrays (n_l, n_(l−1))
    biases : list of L float64 arrays (n_l,)

    Returns
    -------
    grad_W : list of L float64 arrays, ∂C/∂W^1 first, shapes as the weights
    grad_b : list of L float64 arrays, ∂C/∂b^1 first, shapes as the biases
    """
    ### BEGIN SOLUTION
    activations = [x]
    for W, b in zip(weights, biases, strict=True):
        activations.append(sigmoid(W @ activations[-1] + b))
    a = activations[-1]
    delta = (a - y) * a * (1 - a)  # σ′(z) = a (1 − a), and a is at hand
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        a = activations[layer]
        grad_W.insert(0, np.outer(delta, a))
        grad_b.insert(0, delta)
        if layer > 0:  # the input has no δ
            delta = (weights[layer].T @ delta) * a * (1 - a)
    return grad_W, grad_b
    ### END SOLUTION


# %% test="backprop" points=2
worked_grad = backprop(*worked_network())
checks.close(
    [worked_grad[0][1][0][0], worked_grad[0][0][0][0], worked_grad[1][0][0]],
    [0.082167040564, 0.000438567734, 0.008771354689],
    "∂E/∂w₅, ∂E/∂w₁ and ∂E/∂b¹₁ of the worked network",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(
            "layers-reversed",
            [0.000438568, 0.082167041, 0.138498562],
            "the layers come in the order in which you found them, last first: turn them round.",
        ),
        checks.cause(
            "missing-sigma-prime",
            [0.082167041, 0.001817515, 0.036350306],
            "the hidden δ lacks its factor σ′(z¹).",
        ),
        checks.cause(
            "missing-sigma-prime",
            [0.439829649, 0.002268350, 0.045367009],
            "the output δ lacks its factor σ′(z²).",
        ),
        checks.cause(
            "sigma-prime-of-a",
            [0.095789770, 0.000471425, 0.009428510],
            "σ′ is taken at a instead of at z.",
        ),
        checks.cause(
            "transposed-weights",
            [0.082167041, 0.000461551, 0.009231011],
            "W² is used without its transpose on the way back.",
        ),
        checks.cause(
            "weights-of-own-layer",
            [0.082167041, 0.000135734, 0.002714687],
            "δ¹ comes back along W¹ instead of W²: it takes those of the layer ahead, W^(l+1).",
        ),
        checks.cause(
            "wrong-activation",
            [0.104062981, 0.005203782, 0.008771355],
            "a weight's slope takes the activation it comes from, a^(l−1), not its own layer's.",
        ),
    ],
)
checks.gradient(
    lambda p: cost(np.linspace(0, 1, 10), np.linspace(1, 0, 4), p[:2], p[2:]),
    lambda p: [
        part
        for parts in backprop(np.linspace(0, 1, 10), np.linspace(1, 0, 4), p[:2], p[2:])
        for part in parts
    ],
    [part for parts in random_network([10, 8, 4], seed=3) for part in parts],
    "all gradients of a 10-8-4 network: [W¹, W², b¹, b²]",
)
checks.forbid(
    backprop,
    *checks.BY_HAND,
    what="backpropagation is written by hand",
    example=worked_network(),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_backprop(x, y, weights, biases, bug=""):
        activations = [x]
        for W, b in zip(weights, biases, strict=True):
            activations.append(1 / (1 + np.exp(-(W @ activations[-1] + b))))
        slopes = [a * (1 - a) for a in activations]
        delta = (activations[-1] - y) * slopes[-1]
        grad_W, grad_b = [], []
        for layer in reversed(range(len(weights))):
            grad_W.insert(0, np.outer(delta, activations[layer]))
            grad_b.insert(0, delta)
            delta = (weights[layer].T @ delta) * (1 if bug == "slope" else slopes[layer])
        return grad_W, grad_b

    def backprop_cases():
        rng = np.random.default_rng(508)
        nets = [(10, 8, 4), (6, 5, 4, 3), (3, 7, 2, 5, 4), (4, 3)]
        return [(rng.random(s[0]), rng.random(s[-1]), *random_network(s, seed=s[1])) for s in nets]

    checks.same(
        backprop,
        right_backprop,
        backprop_cases(),
        "backprop on networks of one to four layers",
        rtol=1e-10,
        causes=[
            checks.cause(
                "missing-sigma-prime",
                lambda *case: right_backprop(*case, bug="slope"),
                "the hidden δ lacks its factor σ′(z).",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ### What a gradient check can and can't tell
#
# Now aim **your** check at **your** backpropagation: $W^1$ of a 10-8-4 network, with biases that
# are not zero and layers of unequal size. (A 4-4-4 network with zero biases would hide a missing
# transpose and a missing bias.)
#
# Beside the centred check stand four others. One with a **forward** difference fails *on purpose*:
# its own error is of order $h$, here 1.6e-6, so it accuses a right gradient. One in **float32**
# has seven digits, and subtracting two nearly equal costs eats most of them: nothing is left
# to compare. The last two check gradients that are really wrong.

# %%
with plots.needs("gradient_check", "backprop"):
    rng = np.random.default_rng(20)
    x, y = rng.normal(size=10), rng.random(4)
    weights, biases = random_network([10, 8, 4], seed=3)

    def of_first(W, kind=np.float64):
        parts = [np.asarray(v, dtype=kind) for v in (x, y, W, weights[1], *biases)]
        gap = parts[1] - predict(parts[0], parts[2:4], parts[4:])
        return float(np.sum(gap * gap) * kind(0.5))

    g = np.asarray(backprop(x, y, weights, biases)[0][0])
    numeric = np.zeros_like(g)
    for index in np.ndindex(g.shape):
        step = np.zeros_like(g)
        step[index] = 1e-5
        numeric[index] = (of_first(weights[0] + step) - of_first(weights[0])) / 1e-5
    forward_error = np.linalg.norm(g - numeric) / (np.linalg.norm(g) + np.linalg.norm(numeric))
    slip = g.copy()
    slip[5, 7] *= 1.001
    found = {
        "right, centred, float64": gradient_check(of_first, g, weights[0])[0],
        "right, forward difference": forward_error,
        "right, but float32": gradient_check(lambda W: of_first(W, np.float32), g, weights[0])[0],
        "one of 80 elements 0.1 % off": gradient_check(of_first, slip, weights[0])[0],
        "sign of the gradient wrong": gradient_check(of_first, -g, weights[0])[0],
    }
    print("worst element of the one that is off:", gradient_check(of_first, slip, weights[0])[1])
    fig, axis = plots.figure("Only centred differences in float64 clear a right gradient")
    colours = [plots.PALETTE[2], *[plots.PALETTE[4]] * 2, *[plots.PALETTE[1]] * 2]
    bars = axis.barh(list(found), list(found.values()), color=colours)
    axis.bar_label(bars, [f" {v:.1e}" for v in found.values()])
    axis.axvline(1e-7, color="black", linestyle="--")
    axis.text(1.2e-7, -0.75, "passes below 1e-7", fontsize=9)
    axis.set(xscale="log", xlim=(1e-12, 1e2), ylim=(4.6, -1.1), xlabel="relative error")
    plots.show(
        fig,
        alt="Bars of relative error: right gradient with centred differences about 1e-10, below "
        "the limit 1e-7; forward difference above 1e-6, float32 about 0.1, one element off and "
        "wrong sign, all above the limit.",
    )

# %% [markdown]
# Two more things to know. A ReLU has a kink: if a nudge of $h$ carries some $z$ across 0, the
# difference is neither slope, so keep the points away from the kink or $h$ small. And a check at
# one point proves nothing about another: use random points, never all zeros.
#
# ## What it costs
#
# Count multiplications for one image on 784-30-10, as notes 000 do.
#
# | | multiplications |
# |---|---|
# | forward: every weight once, $784·30 + 30·10$ | **23 820** |
# | $\delta^2$: $2·(a - y)·a·(1-a)$, 3 for each of 10 neurons | 30 |
# | $\delta^1$: 10 products and $·a·(1-a)$, 12 for each of 30 neurons | 360 |
# | $\partial C/\partial W$: one for each weight | 23 820 |
# | backward, together | **24 210** |
# | forward and backward: the whole gradient | **48 030** |
#
# (The 3 counts the factor 2 of a cost without ½. With our ½ it would be 10 less.)
#
# Finite differences need a forward pass for every one of the 23 820 weights and 40 biases, and one
# for the base value: $23\,861 × 23\,820$ multiplications. The ratio is
# $23\,861 × 23\,820 \,/\, 48\,030 = 11\,834$, the notes' "$10^4$". Is it so on a clock? The next
# cell takes the **whole** gradient both ways, on three networks, and times it.

# %% given="finite_differences"


def finite_differences(x, y, weights, biases, h=1e-6):
    """Return the gradient by forward differences: one cost for each parameter, and one more."""

    def one_cost():
        a = x
        for W, b in zip(weights, biases, strict=True):
            a = sigmoid(W @ a + b)
        return 0.5 * np.dot(y - a, y - a)

    base = one_cost()
    slopes = []
    for values in [*weights, *biases]:
        slope = np.empty_like(values)
        for index in np.ndindex(values.shape):
            kept = values[index]
            values[index] = kept + h
            slope[index] = (one_cost() - base) / h
            values[index] = kept
        slopes.append(slope)
    return slopes


def multiplications(n_in, n_hidden, n_out):
    """Return the numbers of multiplications (forward, backward), counted as notes 000 do."""
    forward = n_in * n_hidden + n_hidden * n_out
    return forward, forward + n_hidden * (n_out + 2) + 3 * n_out


# %%
with plots.needs("backprop"):
    x, y = np.random.default_rng(0).random(784), np.eye(10)[3]
    parameters, counted, measured, clock = [], [], [], []
    for n_hidden in (3, 10, 30):
        weights, biases = random_network([784, n_hidden, 10], seed=1)
        laps = []
        for turn in range(201):
            start = time.perf_counter()
            # In the middle of the laps, so that both meet the same load on this machine.
            (finite_differences if turn == 100 else backprop)(x, y, weights, biases)
            laps.append(time.perf_counter() - start)
        slow, fast = laps.pop(100), np.median(laps)
        there, back = multiplications(784, n_hidden, 10)
        parameters.append(there + n_hidden + 10)
        counted.append((parameters[-1] + 1) * there / (there + back))
        measured.append(slow / fast)
        clock.append((slow, fast))
    print(f"784-30-10, counted: ratio {counted[-1]:,.0f}; measured: about {measured[-1]:,.0f}")
    fig, (left, right) = plots.figure(
        "Backpropagation's advantage grows with the network, on paper and on the clock",
        1,
        2,
        width=9.2,
    )
    left.loglog(parameters, [s for s, _ in clock], "s--", color=RED, label="finite differences")
    left.loglog(parameters, [f for _, f in clock], "o-", color=BLUE, label="backpropagation")
    left.set(xlabel="parameters", ylabel="seconds for one gradient", ylim=(1e-5, 30))
    left.set_title("measured time", fontweight="normal")
    label = f"counted multiplications, up to {counted[-1]:,.0f}"
    right.loglog(parameters, counted, "^:", color="black", label=label)
    label = f"measured time, up to {measured[-1]:,.0f}"
    right.loglog(parameters, measured, "o-", color=plots.PALETTE[2], label=label)
    right.set(xlabel="parameters", ylabel="finite differences ÷ backprop", ylim=(300, 200_000))
    right.set_title("ratio", fontweight="normal")
    for axis in (left, right):
        axis.minorticks_off()
        axis.set_xticks(parameters, [f"{n:,}" for n in parameters])
        axis.legend(loc="upper left", fontsize=9)
    plots.show(
        fig,
        alt="Left: seconds per gradient against the number of parameters, finite differences "
        "rising steeply, backpropagation far below and nearly flat. Right: the ratio of the two, "
        "counted (up to 11 834) and measured, both rising with the size of the network.",
    )

# %% [markdown]
# The clock and the count agree in kind, not to the digit: a call of NumPy has a price of its own,
# which no count of multiplications sees. It weighs most where there is least to compute.
#
# ## Task 9: a batch in rows (2 points)
#
# Training takes several examples at once. With examples in rows, everything gets an `N` in front:
# $A$ and $\Delta$ are `(N, n_l)`, one row per example. Then
#
# $$\Delta^l = \Delta^{l+1}\,W^{l+1}\odot\sigma'(Z^l), \qquad
# \frac{\partial C}{\partial W^l} = \frac1N(\Delta^l)^\top A^{l-1}, \qquad
# \frac{\partial C}{\partial b^l} = \frac1N\sum_{n=1}^N\delta^{l}_n .$$
#
# Look where the transposes went: a row is the transpose of a column, so $(W^\top\delta)^\top =
# \delta^\top W$. The **mean** over the $N$ examples, not the sum, keeps the size of a step
# independent of the size of the batch.


# %% task="backprop_batch"
def backprop_batch(X, Y, weights, biases):
    """Return the gradient of the mean cost, (1/N) Σ ½‖y_n − a^L_n‖², of a batch in rows.

    Parameters
    ----------
    X : float64 array (N, n_0)
    Y : float64 array (N, n_L)
    weights : list of L float64 arrays (n_l, n_(l−1))
    biases : list of L float64 arrays (n_l,)

    Returns
    -------
    grad_W : list of L float64 arrays, first layer first, shapes as the weights
    grad_b : list of L float64 arrays, first layer first, shapes as the biases
    """
    ### BEGIN SOLUTION
    activations = [X]
    for W, b in zip(weights, biases, strict=True):
        activations.append(sigmoid(activations[-1] @ W.T + b))
    A = activations[-1]
    delta = (A - Y) * A * (1 - A) / len(X)  # the mean's 1/N, once for all that follows
    grad_W, grad_b = [], []
    for layer in reversed(range(len(weights))):
        A = activations[layer]
        grad_W.insert(0, delta.T @ A)
        grad_b.insert(0, delta.sum(axis=0))
        if layer > 0:
            delta = (delta @ weights[layer]) * A * (1 - A)
    return grad_W, grad_b
    ### END SOLUTION


# %% test="backprop_batch" points=2
batch_grad = backprop_batch(
    np.array([[0.05, 0.10], [0.80, 0.30], [0.30, 0.60]]),
    np.array([[0.01, 0.99], [0.60, 0.20], [0.10, 0.70]]),
    *worked_network()[2:],
)
checks.close(
    (batch_grad[1][0], [batch_grad[0][1][0][0], batch_grad[0][0][0][0]]),
    (
        np.array([0.011993703972, 0.013132538494]),
        [0.058675804519, 0.005248876565],
    ),
    "∂C/∂b¹, then ∂C/∂w₅ and ∂C/∂w₁, of the worked network with two more examples",
    rtol=0,
    atol=1e-9,
    batch=3,
    causes=[
        checks.cause(
            "missing-sigma-prime",
            ([0.050933766, 0.056988069], [0.058675805, 0.022462615]),
            "the hidden δ lacks its factor σ′(Z¹).",
        ),
        checks.cause(
            "missing-sigma-prime",
            ([0.066351106, 0.072589054], [0.317229357, 0.029898385]),
            "the output δ lacks its factor σ′(Z²).",
        ),
        checks.cause(
            "transposed-weights",
            ([0.011707154, 0.014257071], [0.058675805, 0.004931636]),
            "with examples in rows it is Δ W on the way back, without a transpose.",
        ),
        checks.cause(
            "last-example-only",
            ([0.012919488, 0.014142448], [0.075561365, 0.003875846]),
            "this is the gradient of the last example alone: add up all of them.",
        ),
        checks.cause(
            "last-example-only",
            ([0.004306496, 0.004714149], [0.025187122, 0.001291949]),
            "only the last example is in it: add up all of them before you divide by N.",
        ),
        checks.cause(
            "wrong-axis",
            ([0.009362805, 0.014795591, 0.013530968], [0.058675805, 0.005248877]),
            "the bias gradient is a mean over the neurons: take it over the examples, axis 0.",
        ),
        checks.cause(
            "bias-per-example",
            (
                [
                    [0.008771355, 0.009954255],
                    [0.014290270, 0.015300913],
                    [0.012919488, 0.014142448],
                ],
                [0.058675805, 0.005248877],
            ),
            "the bias gradient still has a row for each example: take the mean over them.",
        ),
        checks.cause(
            "bias-per-example",
            (
                [
                    [0.002923785, 0.003318085],
                    [0.004763423, 0.005100304],
                    [0.004306496, 0.004714149],
                ],
                [0.058675805, 0.005248877],
            ),
            "the bias gradient still has a row for each example: add them up.",
        ),
    ],
)
batch_x = np.linspace(-1, 1, 30).reshape(3, 10) ** 3
batch_y = np.linspace(0, 1, 12).reshape(3, 4)
checks.gradient(
    lambda p: cost(batch_x, batch_y, p[:2], p[2:]),
    lambda p: [part for parts in backprop_batch(batch_x, batch_y, p[:2], p[2:]) for part in parts],
    [part for parts in random_network([10, 8, 4], seed=4) for part in parts],
    "gradients of a 10-8-4 network over 3 examples: [W¹, W², b¹, b²]",
    batch=3,
)
checks.forbid(
    backprop_batch,
    *checks.BY_HAND,
    what="backpropagation is written by hand",
    example=(batch_x, batch_y, *random_network([10, 8, 4], seed=4)),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_batch(X, Y, weights, biases):
        total_W = [np.zeros_like(W) for W in weights]
        total_b = [np.zeros_like(b) for b in biases]
        for x, y in zip(X, Y, strict=True):
            activations = [x]
            for W, b in zip(weights, biases, strict=True):
                activations.append(1 / (1 + np.exp(-(W @ activations[-1] + b))))
            delta = activations[-1] - y
            for layer in reversed(range(len(weights))):
                after, before = activations[layer + 1], activations[layer]
                delta = delta * after * (1 - after)
                total_W[layer] += np.outer(delta, before) / len(X)
                total_b[layer] += delta / len(X)
                delta = weights[layer].T @ delta
        return total_W, total_b

    def batch_cases():
        rng = np.random.default_rng(509)
        nets = [((10, 8, 4), 5), ((6, 5, 4, 3), 7), ((3, 9, 2), 2), ((4, 3, 6), 1), ((4, 3), 3)]
        return [
            (rng.random((n, s[0])), rng.random((n, s[-1])), *random_network(s, seed=s[1]))
            for s, n in nets
        ]

    checks.same(
        backprop_batch,
        right_batch,
        batch_cases(),
        "backprop_batch on batches of several sizes",
        rtol=1e-10,
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 10: the same by TensorFlow (1 point)
#
# TensorFlow records the graph of a computation on a **tape** and walks it back, as you did. You
# write only the forward pass and the cost. So here the activation may be any of three: what
# took you a page is one word for the tape.
#
# Build the mean cost out of TensorFlow operations (still without Keras) inside
# `with tf.GradientTape() as tape:`, then ask `tape.gradient(cost, [list_of_W, list_of_b])`. A
# constant is not recorded unless you say `tape.watch(...)`; a `tf.Variable` is recorded by itself.

# %% given="activations"
ACTIVATIONS = {"sigmoid": tf.sigmoid, "tanh": tf.tanh, "softplus": tf.math.softplus}


# %% task="tape_gradients"
def tape_gradients(X, Y, weights, biases, activation):
    """Return the gradient of the mean cost of a batch in rows, by tf.GradientTape.

    C = (1/N) Σ ½‖y_n − a^L_n‖², in float64, with z^l = a^(l−1) (W^l)ᵀ + b^l and
    a^l = ACTIVATIONS[activation](z^l) in every layer.

    Parameters
    ----------
    X : float64 array (N, n_0)
    Y : float64 array (N, n_L)
    weights : list of L float64 arrays (n_l, n_(l−1))
    biases : list of L float64 arrays (n_l,)
    activation : "sigmoid", "tanh" or "softplus"

    Returns
    -------
    grad_W : list of L float64 tensors or arrays, shapes as the weights
    grad_b : list of L float64 tensors or arrays, shapes as the biases
    """
    ### BEGIN SOLUTION
    Ws = [tf.Variable(W) for W in weights]
    bs = [tf.Variable(b) for b in biases]
    with tf.GradientTape() as tape:
        A = tf.constant(X)
        for W, b in zip(Ws, bs, strict=True):
            A = ACTIVATIONS[activation](A @ tf.transpose(W) + b)
        mean_cost = tf.reduce_mean(tf.reduce_sum((A - Y) ** 2, axis=1)) / 2
    grad_W, grad_b = tape.gradient(mean_cost, [Ws, bs])
    return grad_W, grad_b
    ### END SOLUTION


# %% test="tape_gradients" points=1
tape_x = np.linspace(-1, 1, 30).reshape(3, 10) ** 3
tape_y = np.linspace(0, 1, 12).reshape(3, 4)
tape_grad = tape_gradients(tape_x, tape_y, *random_network([10, 8, 4], seed=4), "sigmoid")
checks.holds(
    tape_grad[1][1] is not None,
    "the tape has a ∂C/∂b²",
    "the tape gave None: it follows each `tf.Variable`, and a constant only if it is watched; and "
    "all operations from there to the cost must stand inside the `with`.",
    name="not-watched",
)
checks.close(
    tape_grad[1][1],
    [0.053252920, -0.037907876, 0.018882646, 0.021185483],
    "the tape's ∂C/∂b² of a 10-8-4 sigmoid network over 3 examples",
    rtol=0,
    atol=1e-9,
    batch=3,
    causes=[
        checks.cause(
            "averaged-over-outputs",
            [0.013313230, -0.009476969, 0.004720661, 0.005296371],
            "it is 4 times too small, the number of outputs: sum over the outputs, and take the "
            "mean over the examples only.",
        ),
        checks.cause(
            "averaged-over-outputs",
            [0.026626460, -0.018953938, 0.009441323, 0.010592742],
            "this is the mean of the squares over outputs and examples: sum over the outputs, "
            "take the mean over the examples, and then a half.",
        ),
    ],
)
checks.gradient(
    lambda p: cost(tape_x, tape_y, p[:2], p[2:]),
    lambda p: [
        part for parts in tape_gradients(tape_x, tape_y, p[:2], p[2:], "sigmoid") for part in parts
    ],
    [part for parts in random_network([10, 8, 4], seed=4) for part in parts],
    "all of the tape's gradients of the same: [W¹, W², b¹, b²]",
    batch=3,
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_tape(X, Y, weights, biases, activation):
        forwards = {
            "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda a: a * (1 - a)),
            "tanh": (np.tanh, lambda a: 1 - a**2),
            "softplus": (lambda z: np.log1p(np.exp(z)), lambda a: 1 - np.exp(-a)),
        }
        act, slope = forwards[activation]
        activations = [X]
        for W, b in zip(weights, biases, strict=True):
            activations.append(act(activations[-1] @ W.T + b))
        delta = (activations[-1] - Y) / len(X) * slope(activations[-1])
        grad_W, grad_b = [], []
        for layer in reversed(range(len(weights))):
            grad_W.insert(0, delta.T @ activations[layer])
            grad_b.insert(0, delta.sum(axis=0))
            delta = (delta @ weights[layer]) * slope(activations[layer])
        return grad_W, grad_b

    def tape_cases():
        rng = np.random.default_rng(510)
        nets = [((10, 8, 4), 5, "sigmoid"), ((6, 5, 4, 3), 7, "tanh"), ((3, 9, 2), 4, "softplus")]
        return [
            (rng.random((n, s[0])), rng.random((n, s[-1])), *random_network(s, seed=s[1]), act)
            for s, n, act in nets
        ]

    checks.same(
        tape_gradients,
        right_tape,
        tape_cases(),
        "tape_gradients with each activation",
        rtol=1e-9,
        causes=[
            checks.cause(
                "activation-ignored",
                lambda *case: right_tape(*case[:4], "sigmoid"),
                "the sigmoid is used whatever activation is asked for.",
            )
        ],
    )
    checks.forbid(
        tape_gradients,
        "keras",
        what="this task is for raw TensorFlow",
        example=(np.ones((2, 3)), np.ones((2, 2)), *random_network((3, 2), seed=1), "sigmoid"),
    )
### END HIDDEN TESTS

# %% [markdown]
# Three ways, one gradient. Your batch code, the tape, and centred differences:

# %%
with plots.needs("backprop_batch", "tape_gradients", "gradient_check"):
    rng = np.random.default_rng(7)
    X, Y = rng.random((6, 10)), rng.random((6, 4))
    weights, biases = random_network([10, 8, 4], seed=8)
    mine, _ = backprop_batch(X, Y, weights, biases)
    tapes, _ = tape_gradients(X, Y, weights, biases, "sigmoid")
    gap = max(np.max(np.abs(m - np.asarray(t))) for m, t in zip(mine, tapes, strict=True))
    error, _ = gradient_check(lambda W: cost(X, Y, [W, weights[1]], biases), mine[0], weights[0])
    print(f"largest difference, NumPy against the tape:     {gap:.1e}")
    print(f"relative error, NumPy against differences (W¹): {error:.1e}")

# %% [markdown]
# ## Task 11: the same network in Keras (1 point)
#
# In Keras the network is a list of `Dense` layers, and all of the above happens out of sight. One
# thing differs from our notation: Keras keeps examples in rows and computes `inputs @ kernel +
# bias`. So a **kernel has the shape `(n_in, n_out)`, the transpose of our W**.
#
# `model.set_weights` takes one flat list: kernel and bias of the first layer, then of the second,
# and so on. If a layer is square, a forgotten transpose raises no error. It just computes
# something else.

# %% given="keras_network"


def keras_network(sizes):
    """Return a Keras model of sigmoid Dense layers of `sizes`, in float64."""
    layers = [keras.layers.Dense(n, activation="sigmoid", dtype="float64") for n in sizes[1:]]
    return keras.Sequential([keras.Input((sizes[0],), dtype="float64"), *layers])


# %% task="keras_weights"
def keras_weights(weights, biases):
    """Return what `model.set_weights` of the same network in Keras takes.

    Parameters
    ----------
    weights : list of L float64 arrays (n_l, n_(l−1))
    biases : list of L float64 arrays (n_l,)

    Returns
    -------
    list of 2 L float64 arrays
        kernel 1 (n_0, n_1), bias 1 (n_1,), kernel 2 (n_1, n_2), bias 2 (n_2,), …
    """
    ### BEGIN SOLUTION
    parts = []
    for W, b in zip(weights, biases, strict=True):
        parts += [W.T, b]
    return parts
    ### END SOLUTION


# %% test="keras_weights" points=1
checks.close(
    keras_weights(*worked_network()[2:]),
    [
        np.array([[0.15, 0.25], [0.20, 0.30]]),
        np.array([0.35, 0.35]),
        np.array([[0.40, 0.50], [0.45, 0.55]]),
        np.array([0.60, 0.60]),
    ],
    "the worked network for Keras",
    causes=[
        checks.cause(
            "transposed",
            [
                np.array([[0.15, 0.20], [0.25, 0.30]]),
                np.array([0.35, 0.35]),
                np.array([[0.40, 0.45], [0.50, 0.55]]),
                np.array([0.60, 0.60]),
            ],
            "these are our W, (n_out, n_in): a Dense kernel is (n_in, n_out), the transpose.",
        ),
        checks.cause(
            "layers-reversed",
            [
                np.array([[0.40, 0.50], [0.45, 0.55]]),
                np.array([0.60, 0.60]),
                np.array([[0.15, 0.25], [0.20, 0.30]]),
                np.array([0.35, 0.35]),
            ],
            "the last layer comes first: begin with W¹ and b¹.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_keras_weights(weights, biases):
        pairs = zip(weights, biases, strict=True)
        return [part for W, b in pairs for part in (np.swapaxes(W, 0, 1), b)]

    checks.same(
        keras_weights,
        right_keras_weights,
        [random_network(s, seed=511) for s in [(10, 8, 4), (3, 7, 5, 2), (6, 4)]],
        "keras_weights on networks of one to three layers",
    )
### END HIDDEN TESTS

# %% [markdown]
# Put the worked network into Keras and let it take one step of SGD. Keras updates the **biases
# too**, one each. So it ends at .280471447, one of the numbers that Task 6 recognises as a known
# wrong answer: it is wrong only for the notes, which leave the biases alone. Apply the gradients
# to the kernels only, and Keras gives the notes' .291027774.
#
# Mind the cost as well. Keras' mean squared error is the mean over the **outputs**. For two
# outputs that is the same as our ½ of the sum. For ten it is a fifth of it.

# %%
with plots.needs("keras_weights"):
    x, y, weights, biases = worked_network()
    for parts in ("kernels and biases", "kernels only"):
        model = keras_network([2, 2, 2])
        model.set_weights(keras_weights(weights, biases))
        chosen = [v for v in model.trainable_variables if "bias" not in v.name or "and" in parts]
        with tf.GradientTape() as tape:
            before = tf.reduce_sum((model(x[None]) - y) ** 2) / 2
        slopes = tape.gradient(before, [v.value for v in chosen])
        keras.optimizers.SGD(0.5).apply_gradients(zip(slopes, chosen, strict=True))
        after = tf.reduce_sum((model(x[None]) - y) ** 2) / 2
        print(f"{parts:20s} E = {before.numpy():.9f} before, {after.numpy():.9f} after one step")

# %% [markdown]
# ## Task 12: train on handwritten digits (2 points)
#
# The data: 28×28 grey images of digits. We scale the pixels to [0, 1], flatten an image into 784
# numbers, and turn label 3 into the target (0, 0, 0, 1, 0, 0, 0, 0, 0, 0).

# %% given="digits"
digits = datasets.load()
X_train, X_val, X_test = (
    images.reshape(len(images), 784) / 255
    for images in (digits.x_train, digits.x_val, digits.x_test)
)
Y_train, Y_val = np.eye(10)[digits.y_train], np.eye(10)[digits.y_val]


def share_right(X, labels, weights, biases):
    """Return the share of examples whose largest output is that of the right digit."""
    return float(np.mean(np.argmax(predict(X, weights, biases), axis=1) == labels))


# %% [markdown]
# **Mini-batch gradient descent.** In each epoch, shuffle the examples (images and targets
# together!) and cut them into mini-batches. For each mini-batch, take one step against its
# gradient, with the weights **and** the biases. If the number of examples isn't a multiple of the
# batch size, the last mini-batch is smaller; use it all the same.
#
# Without shuffling, the order of the data shows: if it is sorted, the network sees only zeros for a
# while, then only ones, and forgets. The second test trains on images sorted by digit.
#
# This task builds on your `backprop_batch` from Task 9: its tests need that one to be right.


# %% task="train"
def train(X, Y, weights, biases, eta, epochs, batch_size, seed):
    """Train by mini-batch gradient descent: W ← W − η ∂C/∂W and b ← b − η ∂C/∂b.

    C is the mean of ½‖y − a^L‖² over the mini-batch; each epoch goes through all examples once,
    in a new random order.

    Parameters
    ----------
    X : float64 array (N, n_0)
    Y : float64 array (N, n_L)
    weights : list of L float64 arrays (n_l, n_(l−1)), the start; not to be changed
    biases : list of L float64 arrays (n_l,), the start; not to be changed
    eta : float
        Learning rate.
    epochs : int
    batch_size : int
        Examples in a mini-batch; the last one of an epoch may have fewer.
    seed : int
        Of the random order, for `np.random.default_rng`.

    Returns
    -------
    weights : list of L float64 arrays, trained
    biases : list of L float64 arrays, trained
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            grad_W, grad_b = backprop_batch(X[rows], Y[rows], weights, biases)
            weights = [W - eta * g for W, g in zip(weights, grad_W, strict=True)]
            biases = [b - eta * g for b, g in zip(biases, grad_b, strict=True)]
    return weights, biases
    ### END SOLUTION


# %% [markdown]
# How can a test judge something random? The first one trains on seven copies of one example, so
# that every order is the same. Two epochs in batches of 3, 3 and 1 make six steps.

# %% test="train" part="step" points=1 needs="backprop_batch"
checks.close(
    cost(
        *worked_network()[:2],
        *train(
            np.tile(worked_network()[0], (7, 1)),
            np.tile(worked_network()[1], (7, 1)),
            *worked_network()[2:],
            0.5,
            2,
            3,
            1,
        ),
    ),
    0.186895748,
    "E after 2 epochs on 7 copies of the worked example, in batches of 3",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(
            "last-batch-dropped",
            0.223873213,
            "the last, smaller mini-batch of each epoch is left out: 7 = 3 + 3 + 1.",
        ),
        checks.cause("ascent", 0.388376472, "the steps go uphill: subtract η times the gradient."),
        checks.cause(
            "biases-forgotten",
            0.252569176,
            "only the weights are trained: step with the biases too.",
        ),
        checks.cause(
            "summed-not-averaged",
            0.083216555,
            "the steps are as many times too long as a batch has examples: use the mean.",
        ),
        checks.cause(
            "divided-twice",
            0.236423231,
            "the gradient is divided by the size of the batch, but it is a mean already.",
        ),
        checks.cause(
            "one-epoch",
            0.242935433,
            "this is the error after one epoch: go through the data twice.",
        ),
        checks.cause(
            "full-batch",
            0.261907623,
            "this is one step per epoch: one step for each mini-batch is asked.",
        ),
        checks.cause(
            "no-change",
            0.298371109,
            "the network that came back is the one that went in.",
        ),
    ],
)
checks.forbid(
    train,
    *checks.BY_HAND,
    what="training is your own code",
    example=(np.ones((3, 3)), np.ones((3, 2)), *random_network((3, 2), seed=1), 0.5, 1, 2, 1),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_train(X, Y, weights, biases, eta, epochs, batch_size, seed):
        """Take every step with all rows: right if they are alike, or make one batch."""
        weights, biases = list(weights), list(biases)
        for _ in range(epochs * -(-len(X) // batch_size)):
            activations = [X]
            for W, b in zip(weights, biases, strict=True):
                activations.append(1 / (1 + np.exp(-(activations[-1] @ W.T + b))))
            delta = (activations[-1] - Y) / len(X)
            for layer in reversed(range(len(weights))):
                after, W = activations[layer + 1], weights[layer]
                delta = delta * after * (1 - after)
                weights[layer] = W - eta * delta.T @ activations[layer]
                biases[layer] = biases[layer] - eta * delta.sum(axis=0)
                delta = delta @ W
        return weights, biases

    def train_cases():
        rng = np.random.default_rng(512)
        for sizes, n, batch_size, epochs in [((5, 4, 3), 10, 4, 3), ((6, 3, 4, 2), 5, 5, 2)]:
            X = np.tile(rng.random(sizes[0]), (n, 1))
            Y = np.tile(rng.random(sizes[-1]), (n, 1))
            yield X, Y, *random_network(sizes, seed=9), 1.5, epochs, batch_size, 4

    checks.same(train, right_train, train_cases(), "train on copies of one example", rtol=1e-9)

    def one_batch():
        rng = np.random.default_rng(513)
        return rng.random((9, 5)), rng.random((9, 3)), *random_network((5, 4, 3), 9), 1.5, 3, 9, 4

    checks.holds(
        all(
            np.allclose(got, want, rtol=1e-9)
            for gots, wants in zip(train(*one_batch()), right_train(*one_batch()), strict=True)
            for got, want in zip(gots, wants, strict=True)
        ),
        "train with all examples in one batch, where the order can't matter",
        "each example must come once in an epoch, together with its own target: shuffle images "
        "and targets by the same order.",
        name="examples-mixed-up",
    )

    def four_in_pairs(seed):
        rng = np.random.default_rng(515)
        X, Y = rng.random((4, 5)), rng.random((4, 3))
        return X, Y, *random_network((5, 4, 3), 9), 5.0, 1, 2, seed

    def one_pair_then_the_other(*first):
        X, Y, *network = four_in_pairs(0)[:4]
        for rows in (list(first), [row for row in range(4) if row not in first]):
            network = right_train(X[rows], Y[rows], *network, 5.0, 1, 2, 0)
        return network[0][0]

    possible = [one_pair_then_the_other(*pair) for pair in itertools.combinations(range(4), 2)]
    checks.holds(
        all(
            any(np.allclose(train(*four_in_pairs(seed))[0][0], W, rtol=1e-9) for W in possible)
            for seed in range(3)
        ),
        "one epoch on four examples in batches of two",
        "one step with two of the examples and one with the other two is none of what came back: "
        "each mini-batch is the next batch_size examples of the order, and no others.",
        name="batches-cut-wrongly",
    )
### END HIDDEN TESTS

# %% [markdown]
# The second test trains 784-30-10 on the sorted digits: η = 3, mini-batches of 10, 15 epochs.

# %% test="train" part="digits" points=1 needs="backprop_batch"
# The threshold is one that every seed of the reference clears with room; the evidence stands in
# docs/thresholds.md.
by_digit = np.argsort(digits.y_train, kind="stable")
untrained = random_network([784, 30, 10], seed=5)
trained = checks.shapes(
    train(X_train[by_digit], Y_train[by_digit], *untrained, 3.0, 15, 10, 5),
    untrained,
    "shapes of the trained weights and biases",
)
val_guesses = np.argmax(predict(X_val, *trained), axis=1)
val_missed = val_guesses != digits.y_val
checks.holds(
    np.mean(val_missed) <= 0.1 or np.mean(val_guesses[val_missed] >= 8) < 0.6,
    "the network knows more than the digits that come last in the data",
    "most mistakes are read as 8 or 9, which came last: draw a new random order of the examples "
    "in every epoch.",
    name="not-shuffled",
)
checks.accuracy(val_guesses, digits.y_val, 0.9, "accuracy on the validation digits, η = 3")
### BEGIN HIDDEN TESTS
with checks.hidden():
    checks.accuracy(
        predict(X_test, *trained), digits.y_test, 0.9, "accuracy on the test digits, η = 3"
    )

    def four_examples():
        rng = np.random.default_rng(514)
        return rng.random((4, 3)), rng.random((4, 2))

    def repeated(order):
        """Return W after two epochs of one layer, one example at a time, both in this order."""
        W, b = np.zeros((2, 3)), np.zeros(2)
        for x, y in zip(*(part[[*order, *order]] for part in four_examples()), strict=True):
            a = sigmoid(W @ x + b)
            delta = (a - y) * a * (1 - a)
            W, b = W - 5 * np.outer(delta, x), b - 5 * delta
        return W

    def ends(seed):
        return train(*four_examples(), [np.zeros((2, 3))], [np.zeros(2)], 5.0, 2, 1, seed)[0][0]

    # A right answer repeats its first order of four by chance once in 24 times: here eight times
    # out of eight, once in 10¹¹.
    same_twice = [repeated(order) for order in itertools.permutations(range(4))]
    checks.holds(
        not all(
            any(np.allclose(end, W, rtol=0, atol=1e-10) for W in same_twice)
            for end in map(ends, range(8))
        ),
        "the order of the examples in two epochs",
        "the second epoch goes through the examples in the same order as the first: draw a new "
        "random order at the start of every epoch.",
        name="not-shuffled",
    )
### END HIDDEN TESTS

# %% [markdown]
# ## What the network has learnt
#
# Train again, one epoch at a time, and look in after each.

# %%
with plots.needs("backprop_batch", "train"):
    network = random_network([784, 30, 10], seed=1)
    start, history = network, []
    for epoch in range(31):
        if epoch > 0:
            network = train(X_train, Y_train, *network, 3.0, 1, 10, seed=epoch)
        history.append(
            (
                cost(X_train, Y_train, *network),
                cost(X_val, Y_val, *network),
                share_right(X_train, digits.y_train, *network),
                share_right(X_val, digits.y_val, *network),
            )
        )
    history = np.array(history)
    print(f"test accuracy: {share_right(X_test, digits.y_test, *network):.4f}")
    fig, (left, right) = plots.figure(
        f"Your own code reads {history[-1, 3]:.1%} of digits it has never seen",
        1,
        2,
        width=9.2,
    )
    for axis, first in ((left, 0), (right, 2)):
        axis.plot(history[:, first], "-", color=BLUE, label="training")
        axis.plot(history[:, first + 1], "--", color=RED, label="validation")
        axis.set(xlabel="epoch")
        axis.legend()
    left.set(ylabel="mean of ½‖y − a‖²", yscale="log")
    left.set_title("the cost falls", fontweight="normal")
    right.set(ylabel="share right", ylim=(0, 1.02))
    right.set_title("the accuracy rises", fontweight="normal")
    plots.show(
        fig,
        alt="Left: training and validation cost over 30 epochs, both falling quickly, the "
        "validation cost levelling off above the training cost. Right: both accuracies rise within "
        "a few epochs, the training accuracy to nearly 1, the validation accuracy a little less.",
    )

# %% [markdown]
# **Where does the error go?** For each digit, the mean size of $\delta^2_j$ at each of the ten
# outputs, over the validation images. Before training every output of every digit is wrong. After
# training, little is left, and it sits where digits look alike.

# %%
with plots.needs("backprop_batch", "train"):

    def mean_delta(network):
        A = predict(X_val, *network)
        delta = np.abs(A - Y_val) * A * (1 - A)
        return np.array([delta[digits.y_val == digit].mean(axis=0) for digit in range(10)])

    fig, axes = plots.figure(
        "Training drains the error; what stays sits between look-alikes", 1, 2, width=9.2, height=4
    )
    for axis, title, net in zip(axes, ("before", "after"), (start, network), strict=True):
        values = mean_delta(net)
        drawn = axis.imshow(values, cmap="cividis", vmin=0)
        axis.set(xlabel="output neuron j", ylabel="true digit")
        axis.set(xticks=range(10), yticks=range(10))
        axis.set_title(f"{title} training: mean {values.mean():.4f}", fontweight="normal")
        fig.colorbar(drawn, ax=axis, label="mean |δ²| (own scale)")
    plots.show(
        fig,
        alt="Two heat maps of the mean size of the output error, true digit against output neuron. "
        "Before training all is large, in columns. After training the values are many times "
        "smaller, with a few brighter cells on the diagonal and where digits look alike.",
    )

# %% [markdown]
# And these are test images that it gets wrong. Would you do better?

# %%
with plots.needs("backprop_batch", "train"):
    guesses = np.argmax(predict(X_test, *network), axis=1)
    wrong = np.flatnonzero(guesses != digits.y_test)
    plots.images(
        digits.x_test[wrong[:20]],
        [f"{digits.y_test[i]}, read {guesses[i]}" for i in wrong[:20]],
        f"{len(wrong)} of {len(guesses)} test digits are misread",
        alt="Test images that the network misreads, each with its true digit and the digit read; "
        "many are badly written.",
        columns=10,
    )

# %% [markdown]
# The same trained network, moved into Keras, says the same. That is how you would hand it on.

# %%
with plots.needs("backprop_batch", "train", "keras_weights"):
    model = keras_network([784, 30, 10])
    model.set_weights(keras_weights(*network))
    gap = np.max(np.abs(model(X_test).numpy() - predict(X_test, *network)))
    print(f"largest difference of any output, Keras against your network: {gap:.1e}")

# %% [markdown]
# ## In your own words (2 points)
#
# Finite differences need 23 861 forward passes for one gradient of the 784-30-10 network.
# Backpropagation needs one forward and one backward pass. In four to six sentences:
#
# 1. What does backpropagation store or reuse, that finite differences compute again and again?
# 2. If it is so much faster, why did we write the slow check all the same, and why on a small
#    network?

# %% [markdown] task="explain" points=2
# ### BEGIN SOLUTION
# 1. The forward pass stores every activation, and the backward pass stores one δ for each neuron.
# All weights into a neuron share its δ: each needs only one more multiplication, δ times the
# stored activation. And the δ of one layer are used for all δ of the layer before, so no path to
# the cost is followed twice. Finite differences run the whole network again for every single
# weight, though almost everything in it stays the same.
# 2. The check is derived from nothing but the cost itself, so a slip in our algebra (a sign, a
# missing σ′, a missing transpose) can't be in both. One gradient suffices, and the code is the
# same for every size, so a small network with unequal layers and non-zero biases shows
# the bug in milliseconds; on the large one it would take far too long to do in every step.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 1 point for reuse: names that δ (or the stored activations) is computed once and shared, by all
# weights of the neuron or by the layers before. ½ if only "the chain rule" is named.
#
# 1 point for the check: it is independent of the derivation, so it finds errors in it (½), and its
# cost grows with the number of parameters, so a small network is used, the code being the same (½).
# ### END MARK SCHEME
