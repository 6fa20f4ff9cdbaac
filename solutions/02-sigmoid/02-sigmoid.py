# ---
# topic:
#   results:
#     - what: Slope through 20 sigmoids; seven layers of a network shrink it by
#       code: |
#         told = f"{sigmoid_chain[-1]:.1e}; {1 / faded['sigmoid']:,.0f} times"
#       notes: at most ¼ a layer
#   figures:
#     - caption: All or nothing, or a little
#       alt: "Left: the activation against the weight"
#     - caption: Twenty sigmoids, twenty ReLUs
#       alt: The slope of a chain over its depth
# ---

# %% [markdown]
# # 2 The sigmoid neuron
#
# A perceptron answers all or nothing, so a small change of a weight does nothing, or everything.
# Learning needs a neuron that answers a small change by a small change. In this notebook you
# build it, take its slope, and find out what that slope costs in a deep network.
#
# **Afterwards you can**
#
# - write a sigmoid and a softmax that don't overflow, however large the numbers get,
# - differentiate the sigmoid, the tanh and ReLU, and check a derivative against small differences,
# - predict how a neuron's answer changes when its weights and its bias move a little,
# - say in which sense the step is a very steep sigmoid, and the tanh a sigmoid in other clothes,
# - compute the slope of a chain of neurons, and explain why it vanishes with depth,
# - write the Jacobian of the softmax,
# - write a layer of sigmoid neurons in NumPy, in TensorFlow and in Keras, for a batch in rows.
#
# **Read first** in the notes:
#
# | notes | what they are | read for |
# |---|---|---|
# | 000 | handwritten, *First principles of CV* | "Activation function", "Sigmoid Neuron" |
# | 001 | CSci 4270 and 6270, Lecture 15 | "Activation Functions" |
# | 002 | slides that begin with *Gradient Descent* | the chain of one-neuron layers |
# | 003 | *Lesson 4, Basic Neural Network* | the softmax; "Active Function: Sigmoid", with λ |
# | 004 | *Introduction to Deep Learning and Neural Network* | "Common Activation Functions" |
#
# The notes have mistakes, as notes do. Where you meet one, a box marked **Erratum** says so.
#
# **Time**: about two and a half hours. There are 12 small tasks. 20 points are judged
# automatically, 2 more by a person.
#
# **How it works**: replace the line `raise NotImplementedError(…)` in a task by your code, run
# the cell, then run the test below it. More tests, with other inputs, run when your work is
# graded. No task needs an earlier one. A function returns new values, and leaves its arguments as
# they came. Derivatives are derived by hand: no automatic or numerical differentiation, no Keras.
# Compute in `float64`, NumPy's own choice: derivatives are compared with small differences here,
# and those need all of its digits.

# %% given="setup"
import itertools
import warnings

import keras
import numpy as np
import tensorflow as tf

from nnkit import checks, datasets, plots

tf.constant(0.0)  # TensorFlow starts here, and not in the middle of a test
np.set_printoptions(precision=6, suppress=True)

# In this notebook a warning of NumPy's ("overflow encountered in exp") is an error.
warnings.filterwarnings("error", message=".*encountered in", category=RuntimeWarning)


def step(z):
    """Return the perceptron's answer: 1 where z > 0, else 0."""
    return np.where(np.asarray(z) > 0, 1.0, 0.0)


def quiet(function, *arguments):
    """Return whether function(*arguments) runs through without overflow."""
    try:
        function(*arguments)
    except (RuntimeWarning, FloatingPointError, OverflowError):
        return False
    return True


# %% [markdown]
# ## Notation
#
# As everywhere in this course, a neuron computes its **pre-activation** $z = \mathbf w · \mathbf
# x + b$ and answers with its **activation** $a = g(z)$. Until now $g$ was the step. From now on it
# is, most of the time, the **sigmoid**
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}.$$
#
# It is ½ at $z = 0$, goes to 0 far on the left and to 1 far on the right. Where the step jumps, it
# walks.
#
# > **Erratum (notes 001, "Sigmoid activation").** As transcribed, the slide prints the exponent
# > as $-2$, three times: $1/(1 + e^{-2})$. That is the constant .8808, whatever the input. The
# > exponent is $-z$.
#
# ## Task 1: a sigmoid that doesn't overflow (2 points)
#
# Type the formula as it stands, and it works, until $z$ gets large:

# %%
try:
    1 / (1 + np.exp(-np.array([-1000.0])))
except RuntimeWarning as warning:
    print("z = −1000 gives:", warning)

# %% [markdown]
# $e^{1000}$ is larger than any 64-bit number, which end at about $e^{709}$. Here the infinity would
# do no harm, as $1/∞ = 0$ happens to be right. But infinities meet, and $∞/∞$ is `nan`, "not a
# number". One `nan` in one weight is enough: a step of training later it is in all of them.
#
# The way out is never to let $e$ have a positive exponent. Multiply numerator and denominator by
# $e^{z}$:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}} = \frac{e^{z}}{1 + e^{z}}.$$
#
# The first form is safe for $z \ge 0$, the second for $z < 0$. Mind that `np.where(test, p, q)`
# computes **both** `p` and `q` for **all** elements, and picks afterwards: the one that overflows
# is computed too. (Hint: for which of $z$, $-z$, $|z|$, $-|z|$ is $e^{…}$ always at most 1?)
#
# The first point is for the values, the second for values at $\pm 1000$ without a warning. Write
# it by hand: not with a ready-made sigmoid.


# %% task="sigmoid"
def sigmoid(z):
    """Sigmoid activation σ(z) = 1 / (1 + e^(−z)), without overflow at any z.

    Parameters
    ----------
    z : numpy.ndarray, float, any shape
        Pre-activations, of any size.

    Returns
    -------
    numpy.ndarray, float, the shape of z
        Activations between 0 and 1, in a new array.
    """
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(z))  # at most 1, so it can't overflow
    return np.where(z >= 0, 1, e) / (1 + e)
    ### END SOLUTION


# %% test="sigmoid" part="values" points=1
checks.close(
    sigmoid(np.array([-2.0, 0.0, 1.5])),
    [0.119202922022, 0.5, 0.817574476194],
    "σ at −2, 0 and 1.5",
    rtol=1e-5,
    causes=[
        checks.cause(
            "exponent-sign",
            [0.880797077978, 0.5, 0.182425523806],
            "this falls where it should rise: the exponent is −z.",
        ),
        checks.cause(
            "exponent-is-not-two",
            [0.880797077978, 0.880797077978, 0.880797077978],
            "this is 1 / (1 + e^(−2)), the misprint of the notes: the exponent is −z.",
        ),
        checks.cause(
            "parentheses-missing",
            [8.389056098931, 2.0, 1.223130160148],
            "`1 / 1 + …` divides first: put 1 + e^(−z) in parentheses.",
        ),
        checks.cause(
            "tanh-not-sigmoid",
            [-0.964027580076, 0.0, 0.905148253645],
            "this is tanh(z), which runs from −1 to 1; σ runs from 0 to 1.",
        ),
        checks.cause(
            "sigma-prime-not-sigma",
            [0.104993585404, 0.25, 0.14914645207],
            "this is the slope σ (1 − σ), not σ itself.",
        ),
        checks.cause("step-not-sigmoid", [0, 0, 1], "this is the step: σ is smooth."),
        checks.cause(
            "wrong-branch",
            [0.880797077978, 0.5, 0.817574476194],
            "for negative z this is σ(|z|): there the numerator is e^z, not 1.",
        ),
        checks.cause(
            "wrong-branch",
            [0.119202922022, 0.5, 0.182425523806],
            "for positive z this is σ(−z): there the numerator is 1, not e^(−z).",
        ),
    ],
)
checks.forbid(
    sigmoid,
    "keras",
    "tensorflow.sigmoid",
    what="σ is written by hand",
    example=(np.array([-1.0, 2.0]),),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def sigmoid_cases():
        rng = np.random.default_rng(201)
        return [(rng.normal(0, 3, size=shape),) for shape in [(7,), (3, 5), (2, 4, 3)]]

    checks.same(
        sigmoid,
        lambda z: np.exp(-np.logaddexp(0, -z)),
        sigmoid_cases(),
        "sigmoid on arrays of several shapes",
        rtol=1e-5,
        causes=[
            checks.cause(
                "exponent-sign", lambda z: np.exp(-np.logaddexp(0, z)), "The exponent is −z."
            ),
        ],
    )
### END HIDDEN TESTS

# %% test="sigmoid" part="extreme" points=1
checks.holds(
    quiet(sigmoid, np.array([-1000.0, 1000.0])),
    "no overflow at z = −1000 and z = 1000",
    "somewhere e is raised to a large positive number. `np.where` doesn't prevent that: it "
    "computes both of its branches for all elements. Use an exponent that is never positive.",
    name="overflow",
)
checks.close(
    sigmoid(np.array([-1000.0, -20.0, 20.0, 1000.0])),
    [0.0, 2.061153618190e-09, 0.999999997939, 1.0],
    "σ at −1000, −20, 20 and 1000",
    rtol=1e-5,
    atol=1e-6,
    causes=[
        checks.cause(
            "exponent-sign",
            [1.0, 0.999999997939, 2.061153618190e-09, 0.0],
            "this falls where it should rise: the exponent is −z.",
        ),
        checks.cause(
            "wrong-branch",
            [1.0, 0.999999997939, 0.999999997939, 1.0],
            "for negative z this is σ(|z|): there the numerator is e^z, not 1.",
        ),
        checks.cause(
            "wrong-branch",
            [0.0, 2.061153618190e-09, 2.061153618190e-09, 0.0],
            "for positive z this is σ(−z): there the numerator is 1, not e^(−z).",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    extreme_z = np.array([[30.0, -88.0, 105.0], [-709.0, 711.0, -746.0], [-1e4, 0.25, 1e30]])
    checks.holds(
        quiet(sigmoid, extreme_z.copy()) and quiet(sigmoid, -extreme_z[:2]),
        "no overflow at other large z",
        "e is raised to a large positive number.",
        name="overflow",
    )
    checks.close(
        sigmoid(extreme_z.copy()),
        [[1, 0, 1], [0, 1, 0], [0, 0.562176500886, 1]],
        "σ at other large z",
        rtol=1e-5,
        atol=1e-6,
    )
    checks.close(sigmoid(-extreme_z[:1]), [[0, 1, 0]], "σ at large z once more", atol=1e-6)
### END HIDDEN TESTS

# %% [markdown]
# From here on `sigma(z)` is there for you, ready-made: it is TensorFlow's own. If your `sigmoid`
# passed its tests, the two are the same, and you may use either.

# %% given="sigma"


def sigma(z):
    """Return σ(z) as a float64 array of the shape of z, without overflow: TensorFlow's own."""
    return tf.sigmoid(tf.constant(z, tf.float64)).numpy()


# %%
with plots.needs("sigmoid"):
    z = np.array([-1000.0, -3.0, 0.1, 5.0, 1000.0])
    print("yours:       ", sigmoid(z))
    print("TensorFlow's:", sigma(z))
    print("Keras':      ", keras.ops.convert_to_numpy(keras.ops.sigmoid(z)))

# %% [markdown]
# ## All or nothing, or a little
#
# Here is what was gained. One neuron with one input, $x = 1.5$ and $b = -0.65$; its weight $w$
# runs from $-2$ to $2$. On the right, we move every $w$ by the same little $\Delta w = 0.2$, and
# ask how much the answer changes.
#
# The step hardly ever notices. Once, just where $w x + b$ passes 0, it jumps by 1. The sigmoid
# notices everywhere, and never by more than a little.

# %%
BLUE, RED, GREEN = plots.PALETTE[:3]

with plots.needs("sigmoid"):
    weights, finely, x, b, small = np.linspace(-2, 2, 21), np.linspace(-2, 2, 801), 1.5, -0.65, 0.2
    fig, (left, right) = plots.figure(
        "Move w a little: the step says nothing, or everything; the sigmoid says a little",
        1,
        2,
        width=9.2,
    )
    for g, name, colour, line, marker in (
        (step, "step", RED, "--", "s"),
        (sigmoid, "sigmoid", BLUE, "-", "o"),
    ):
        before = np.asarray(g(weights * x + b), dtype=float)
        after = np.asarray(g((weights + small) * x + b), dtype=float)
        left.plot(finely, g(finely * x + b), line, color=colour, label=name)
        right.plot(weights, after - before, marker, ms=5, color=colour, label=name)
    left.set(xlabel="weight w", ylabel="activation a")
    right.set(xlabel="weight w", ylabel="change Δa for Δw = 0.2")
    left.legend()
    right.legend()
    plots.show(
        fig,
        alt="Left: the activation against the weight, a jump from 0 to 1 for the step and a smooth "
        "rise for the sigmoid. Right: the change of the activation when the weight moves by 0.2. "
        "For the step it is 0 at every weight but one, where it is 1; for the sigmoid it is "
        "between 0 and 0.08 everywhere.",
    )

# %% [markdown]
# ## Task 2: three slopes (3 points)
#
# "How much per little" is a derivative. The sigmoid's follows from the chain rule (notes 000):
#
# $$\sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^2} = \sigma(z)\,\bigl(1 - \sigma(z)\bigr) \le
# \tfrac14 .$$
#
# The second form needs no new exponential: whoever knows $a = \sigma(z)$ knows $\sigma' = a(1-a)$.
# Both factors are taken of $a$. At $z = 0$: $a = ½$, and $\sigma' = ½ · ½ = ¼$. That is its
# largest value, because a product of two numbers with the sum 1 is largest when they are equal.
#
# Notes 004 list two more activations, and their slopes:
#
# $$\tanh z = \frac{e^z - e^{-z}}{e^z + e^{-z}}, \quad \tanh' = 1 - \tanh^2 \qquad\qquad
# \operatorname{ReLU}(z) = \max(0, z), \quad \operatorname{ReLU}' = \begin{cases} 1 & z > 0 \\ 0 &
# \text{otherwise.} \end{cases}$$
#
# NumPy's `np.tanh` is stable already. ReLU, the **rectified linear unit**, has a kink at 0,
# where it has no derivative. The course follows the notes: there the slope is 0 by convention.
#
# Write one function for the three. Each slope earns its own point.


# %% task="activation_prime"
def activation_prime(z, kind):
    """Slope g′(z) of an activation.

    σ′ = σ(1 − σ),   tanh′ = 1 − tanh²,   ReLU′ = 1 where z > 0, else 0

    Parameters
    ----------
    z : numpy.ndarray, float64, any shape
        Pre-activations (not activations).
    kind : str
        "sigmoid", "tanh" or "relu", in small letters.

    Returns
    -------
    numpy.ndarray, float64, the shape of z
    """
    ### BEGIN SOLUTION
    if kind == "sigmoid":
        a = sigma(z)
        return a * (1 - a)
    if kind == "tanh":
        return 1 - np.tanh(z) ** 2
    return np.where(z > 0, 1.0, 0.0)
    ### END SOLUTION


# %% test="activation_prime" part="sigmoid" points=1
checks.close(
    activation_prime(np.array([-2.0, 0.0, 1.5]), "sigmoid"),
    [0.104993585404, 0.25, 0.14914645207],
    "σ′ at −2, 0 and 1.5",
    rtol=1e-9,
    causes=[
        checks.cause(
            "slope-from-z",
            [0.357608766066, 0.5, -0.408787238097],
            "this is σ(z) (1 − z): the second factor is 1 − σ(z), of the activation too.",
        ),
        checks.cause(
            "slope-from-z",
            [-6.0, 0.0, -0.75],
            "this is z (1 − z): the rule a (1 − a) wants a = σ(z), and z came in.",
        ),
        checks.cause(
            "sigma-twice",
            [0.249114015415, 0.235003712202, 0.212472086482],
            "the sigmoid is applied twice: σ′ is taken at σ(z) instead of at z.",
        ),
        checks.cause(
            "function-not-slope",
            [0.119202922022, 0.5, 0.817574476194],
            "this is σ(z) itself, not its slope.",
        ),
        checks.cause(
            "one-minus-forgotten",
            [0.014209336619, 0.25, 0.668428024123],
            "this is σ²: the second factor is 1 − σ.",
        ),
    ],
)
checks.gradient(
    lambda z: np.sum(1 / (1 + np.exp(-z))),
    lambda z: activation_prime(z, "sigmoid"),
    np.array([[-3.0, -0.4], [0.9, 2.2]]),
    "σ′ against centred differences of σ",
)
checks.forbid(
    activation_prime,
    *checks.BY_HAND,
    what="slopes are derived by hand",
    example=(np.ones(3), "sigmoid"),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def slope_cases(kind):
        rng = np.random.default_rng(202)
        return [(rng.uniform(-3, 3, size=shape), kind) for shape in [(7,), (3, 5), (2, 4, 3)]]

    checks.same(
        activation_prime,
        lambda z, kind: 0.25 / np.cosh(z / 2) ** 2,
        slope_cases("sigmoid"),
        "σ′ on arrays of several shapes",
        rtol=1e-10,
        causes=[
            checks.cause(
                "slope-from-z",
                lambda z, kind: (1 - z) / (1 + np.exp(-z)),
                "The second factor is 1 − σ(z).",
            ),
            checks.cause("slope-from-z", lambda z, kind: z * (1 - z), "The rule wants a = σ(z)."),
        ],
    )
### END HIDDEN TESTS

# %% test="activation_prime" part="tanh" points=1
checks.close(
    activation_prime(np.array([-1.0, 0.5, 2.0]), "tanh"),
    [0.419974341614, 0.786447732966, 0.070650824853],
    "tanh′ at −1, 0.5 and 2",
    rtol=1e-9,
    causes=[
        checks.cause(
            "tanh-not-squared",
            [1.761594155956, 0.53788284274, 0.035972419924],
            "this is 1 − tanh(z): the tanh is squared, 1 − tanh².",
        ),
        checks.cause(
            "slope-from-z",
            [0.0, 0.75, -3.0],
            "this is 1 − z²: the rule 1 − a² wants a = tanh(z), and z came in.",
        ),
        checks.cause(
            "sigmoid-rule-for-tanh",
            [-1.341619814342, 0.248564890226, 0.034678404929],
            "this is tanh (1 − tanh), the sigmoid's rule; the tanh has its own, 1 − tanh².",
        ),
        checks.cause(
            "function-not-slope",
            [-0.761594155956, 0.46211715726, 0.964027580076],
            "this is tanh(z) itself, not its slope.",
        ),
        checks.cause(
            "kind-ignored",
            [0.196611933241, 0.235003712202, 0.104993585404],
            "this is σ′: look at `kind`.",
        ),
    ],
)
checks.gradient(
    lambda z: np.sum(np.tanh(z)),
    lambda z: activation_prime(z, "tanh"),
    np.array([[-1.3, -0.4, 0.1], [0.6, 0.9, 1.7]]),
    "tanh′ against centred differences of tanh",
)
checks.forbid(
    activation_prime,
    *checks.BY_HAND,
    what="slopes are derived by hand",
    example=(np.ones(3), "tanh"),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def tanh_slope_cases():
        rng = np.random.default_rng(203)
        return [(rng.uniform(-2, 2, size=shape), "tanh") for shape in [(6,), (5, 2), (3, 2, 2)]]

    checks.same(
        activation_prime,
        lambda z, kind: 1 / np.cosh(z) ** 2,
        tanh_slope_cases(),
        "tanh′ on arrays of several shapes",
        rtol=1e-10,
        causes=[
            checks.cause(
                "tanh-not-squared", lambda z, kind: 1 - np.tanh(z), "It is 1 − tanh², squared."
            ),
            checks.cause("slope-from-z", lambda z, kind: 1 - z**2, "The rule wants a = tanh(z)."),
        ],
    )
### END HIDDEN TESTS

# %% test="activation_prime" part="relu" points=1
checks.close(
    activation_prime(np.array([-2.0, -0.5, 0.0, 0.7, 3.0]), "relu"),
    [0, 0, 0, 1, 1],
    "ReLU′ at −2, −0.5, 0, 0.7 and 3",
    causes=[
        checks.cause(
            "function-not-slope", [0, 0, 0, 0.7, 3], "this is ReLU itself: its slope is 1 there."
        ),
        checks.cause(
            "relu-slope-negative",
            [-1, -1, 0, 1, 1],
            "left of 0 ReLU is flat: its slope there is 0, not −1.",
        ),
        checks.cause(
            "relu-slope-negative",
            [-1, -1, -1, 1, 1],
            "left of 0 ReLU is flat: its slope there is 0, not −1.",
        ),
        checks.cause(
            "relu-slope-everywhere", [1, 1, 1, 1, 1], "left of 0 ReLU is flat: its slope is 0."
        ),
        checks.cause("at-zero", [0, 0, 1, 1, 1], "at z = 0 the slope is 0 by convention: z > 0."),
        checks.cause("at-zero", [0, 0, 0.5, 1, 1], "at z = 0 the slope is 0 by convention."),
        checks.cause(
            "inverted", [1, 1, 0, 0, 0], "the slope is 1 on the right of 0, not on the left."
        ),
    ],
)
checks.gradient(
    lambda z: np.sum(np.maximum(z, 0)),
    lambda z: activation_prime(z, "relu"),
    np.array([[-1.3, -0.4, 0.1], [0.6, -0.9, 1.7]]),
    "ReLU′ against centred differences of ReLU, away from the kink",
)
checks.forbid(
    activation_prime,
    *checks.BY_HAND,
    what="slopes are derived by hand",
    example=(np.ones(3), "relu"),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def relu_slope_cases():
        rng = np.random.default_rng(204)
        made = [np.round(rng.normal(size=shape), 1) for shape in [(9,), (4, 6), (2, 3, 2)]]
        return [(np.append(made[0], [0.0, 1e-6, -1e-6]), "relu"), *((z, "relu") for z in made)]

    checks.same(
        activation_prime,
        lambda z, kind: (z > 0).astype(float),
        relu_slope_cases(),
        "ReLU′ on arrays of several shapes",
        causes=[
            checks.cause("at-zero", lambda z, kind: (z >= 0) * 1.0, "At z = 0 the slope is 0."),
            checks.cause(
                "relu-slope-negative", lambda z, kind: np.sign(z), "Left of 0 the slope is 0."
            ),
            checks.cause("function-not-slope", lambda z, kind: np.maximum(z, 0), "This is ReLU."),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# Don't take it on trust: TensorFlow's tape, which differentiates any program, and centred
# differences say the same.

# %%
ACTIVATIONS = {"sigmoid": tf.sigmoid, "tanh": tf.tanh, "relu": tf.nn.relu}

with plots.needs("activation_prime"):
    z, h = np.linspace(-4, 4, 40), 1e-5  # 40 points, so that none is 0, where ReLU has its kink
    for kind, g in ACTIVATIONS.items():
        at = tf.Variable(z)
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(g(at))
        mine = np.asarray(activation_prime(z, kind), dtype=float)
        by_tape = np.max(np.abs(mine - tape.gradient(total, at)))
        by_differences = np.max(np.abs(mine - (g(z + h) - g(z - h)) / (2 * h)))
        print(f"{kind:8s} yours − tape: {by_tape:.0e}   yours − differences: {by_differences:.0e}")

# %%
with plots.needs("activation_prime"):
    z = np.linspace(-5, 5, 200)  # an even number, so that the kink falls between two points
    fig, axes = plots.figure(
        "The sigmoid is never steeper than ¼; the tanh reaches 1; ReLU's slope is 0 or 1",
        1,
        3,
        width=10.2,
        height=3.4,
        sharey=True,
    )
    for axis, (kind, g) in zip(axes, ACTIVATIONS.items(), strict=True):
        axis.plot(z, g(z), "-", color=BLUE, label="g(z)")
        axis.plot(z, activation_prime(z, kind), "--", color=RED, label="slope g′(z)")
        axis.axhline(0.25, color="0.6", lw=0.8, ls=":")
        axis.set(xlabel="z", ylim=(-1.1, 2.1))
        axis.set_title({"relu": "ReLU"}.get(kind, kind), fontweight="normal")
    axes[0].set_yticks([-1, 0, 0.25, 1, 2], ["−1", "0", "¼", "1", "2"])
    axes[0].legend(loc="upper left")
    plots.show(
        fig,
        alt="Three panels with an activation and its slope: the sigmoid, whose slope is a low hump "
        "that just touches one quarter; the tanh, whose slope is a hump up to 1; ReLU, whose "
        "slope is 0 on the left and 1 on the right.",
    )

# %% [markdown]
# ## Task 3: predict a small move (2 points)
#
# Now to the promise that a small change does a little. A neuron has many weights, and a bias. If
# they all move a little, the changes add up, each with its own slope:
#
# $$\Delta a \approx \sum_k \frac{\partial a}{\partial w_k}\,\Delta w_k + \frac{\partial a}{\partial
# b}\,\Delta b .$$
#
# By the chain rule, with $a = \sigma(z)$ and $z = \sum_k w_k x_k + b$:
#
# $$\frac{\partial a}{\partial w_k} = \sigma'(z)\,x_k, \qquad \frac{\partial a}{\partial b} =
# \sigma'(z) .$$
#
# **By hand.** $\mathbf x = (1.5, -1)$, $\mathbf w = (0.8, 0.4)$, $b = -0.3$. Then $z = 1.2 - 0.4 -
# 0.3 = 0.5$, $a = .622459$ and $\sigma'(z) = .235004$. Move by $\Delta\mathbf w = (0.02, -0.05)$
# and $\Delta b = 0.01$: the weights contribute $\sigma'(z)\,(0.03 + 0.05)$, the bias
# $\sigma'(z)\,0.01$, together .021150. The real change is $\sigma(0.59) - \sigma(0.5) = .020906$.
# Close, and not equal: the prediction follows the tangent, the neuron its curve.


# %% task="small_move"
def small_move(x, w, b, dw, db):
    """Predicted change of a sigmoid neuron's answer: Δa ≈ Σ_k ∂a/∂w_k Δw_k + ∂a/∂b Δb.

    a = σ(z), z = w·x + b; the slopes are taken at w and b, before the move.

    Parameters
    ----------
    x, w : numpy.ndarray, float64, (n,)
        Inputs and weights.
    b : float
        Bias.
    dw : numpy.ndarray, float64, (n,)
        Moves of the weights.
    db : float
        Move of the bias.

    Returns
    -------
    float
        The predicted change, linear in dw and db.
    """
    ### BEGIN SOLUTION
    a = sigma(w @ x + b)
    slope = a * (1 - a)
    slopes_w, slope_b = slope * x, slope
    return slopes_w @ dw + slope_b * db
    ### END SOLUTION


# %% test="small_move" points=2
move_x, move_w, move_b = np.array([1.5, -1.0]), np.array([0.8, 0.4]), -0.3
checks.close(
    small_move(move_x.copy(), move_w.copy(), move_b, np.array([0.02, -0.05]), 0.01),
    0.021150334098,
    "predicted Δa of the neuron above",
    rtol=1e-9,
    causes=[
        checks.cause(
            "real-change",
            0.020905814493,
            "this is the real change σ(z + Δz) − σ(z): the prediction along the tangent is asked.",
        ),
        checks.cause("bias-forgotten", 0.018800296976, "the bias moves too: ∂a/∂b Δb is missing."),
        checks.cause(
            "sigma-prime-missing", 0.09, "this is Δz: it still has to go through the slope σ′(z)."
        ),
        checks.cause("input-missing", -0.004700074244, "∂a/∂w_k is σ′(z) x_k: the x is missing."),
        checks.cause(
            "weight-for-input",
            0.001410022273,
            "∂a/∂w_k is σ′(z) x_k, with the input x_k and not the weight w_k.",
        ),
        checks.cause(
            "slope-from-z",
            0.0225,
            "the slope is taken as z (1 − z); it is a (1 − a), with a = σ(z).",
        ),
        checks.cause(
            "slope-from-z",
            0.028010669904,
            "the slope is taken as a (1 − z); it is a (1 − a), with a = σ(z).",
        ),
        checks.cause("sigma-twice", 0.020453948258, "the slope is taken at a instead of at z."),
        checks.cause(
            "sigma-not-sigma-prime", 0.056021339808, "Δz is multiplied by σ(z) instead of σ′(z)."
        ),
        checks.cause(
            "slope-after-move",
            0.020650179150,
            "the slope is taken after the move: the prediction takes it at w and b as they are.",
        ),
        checks.cause(
            "not-summed",
            [0.009400148488, 0.014100222732],
            "this is one number for each weight: sum over the weights, and add the bias's part "
            "once.",
        ),
        checks.cause(
            "not-summed",
            [0.007050111366, 0.011750185610],
            "this is what each weight contributes: sum them, and add the bias's part.",
        ),
    ],
)
checks.gradient(
    lambda p: float(1 / (1 + np.exp(-(p[:2] @ move_x + p[2])))),
    lambda p: [
        float(np.reshape(small_move(move_x.copy(), p[:2].copy(), p[2], np.array(dw), db), ()))
        for dw, db in (([1.0, 0.0], 0.0), ([0.0, 1.0], 0.0), ([0.0, 0.0], 1.0))
    ],
    np.array([0.8, 0.4, -0.3]),
    "moves of 1 in w₁, w₂ and b, one at a time: the three slopes",
)
checks.forbid(
    small_move,
    *checks.BY_HAND,
    what="the slopes are derived by hand",
    example=(np.ones(2), np.ones(2), 0.5, np.ones(2), 0.1),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_move(x, w, b, dw, db, keep=1.0):
        return 0.25 / np.cosh((w @ x + b) / 2) ** 2 * (dw @ x + keep * db)

    def move_cases():
        rng = np.random.default_rng(205)
        made = [[rng.normal(size=n) for _ in range(3)] for n in (3, 7, 1, 5)]
        return [(x, w / 2, rng.normal(), dw / 3, rng.normal() / 3) for x, w, dw in made]

    checks.same(
        small_move,
        right_move,
        move_cases(),
        "small_move of other neurons",
        rtol=1e-9,
        causes=[
            checks.cause("bias-forgotten", lambda *c: right_move(*c, 0.0), "∂a/∂b Δb is missing."),
            checks.cause(
                "real-change",
                lambda x, w, b, dw, db: (
                    1 / (1 + np.exp(-((w + dw) @ x + b + db))) - 1 / (1 + np.exp(-(w @ x + b)))
                ),
                "This is the real change, not the prediction along the tangent.",
            ),
            checks.cause(
                "sigma-prime-missing", lambda x, w, b, dw, db: dw @ x + db, "σ′(z) is missing."
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# How small is small? Take the same neuron, go in the same direction, and make the move larger
# and larger (left), or smaller and smaller (right).

# %%
with plots.needs("small_move"):
    x, w, b = np.array([1.5, -1.0]), np.array([0.8, 0.4]), -0.3
    dw, db = np.array([0.02, -0.05]), 0.01

    def real_change(t):
        return sigma((w + t * dw) @ x + b + t * db) - sigma(w @ x + b)

    def predicted(t):
        return float(np.reshape(small_move(x, w, b, t * dw, t * db), ()))

    fig, (left, right) = plots.figure(
        "The prediction is the tangent: a move ten times smaller is met a hundred times better",
        1,
        2,
        width=9.2,
    )
    large, small = np.linspace(-60, 60, 61), np.logspace(-2, 1, 16)
    left.plot(large, [real_change(t) for t in large], "-", color=BLUE, label="real Δa")
    left.plot(large, [predicted(t) for t in large], "--", color=RED, label="predicted Δa")
    left.set(xlabel="size t of the move (t Δw, t Δb)", ylabel="Δa", ylim=(-0.75, 0.75))
    left.legend()
    gaps = [abs(predicted(t) - real_change(t)) for t in small]
    right.loglog(small, gaps, "o-", ms=4, color=GREEN, label="error")
    right.loglog(small, gaps[0] * (small / small[0]) ** 2, ":", color="0.4", label="∝ t²")
    right.set(xlabel="size t of the move", ylabel="|predicted − real|")
    right.legend()
    plots.show(
        fig,
        alt="Left: the real change of the activation over the size of the move, an S-shaped curve, "
        "and the prediction, its tangent at 0, which leaves the curve for large moves. Right, on "
        "logarithmic axes: the error of the prediction, which falls as the square of the move.",
    )

# %% [markdown]
# That is all that gradient descent needs: if you know the slopes, you know which way to move each
# weight so that the answer becomes a little better. Notebook 4 does that.
#
# ## Task 4: a steeper sigmoid (1 point)
#
# Notes 003 write the sigmoid with a **steepness** $\lambda$:
#
# $$f(x) = \frac{1}{1 + e^{-\lambda x}} = \sigma(\lambda x) .$$
#
# The chain rule brings the $\lambda$ to the front:
#
# $$f'(x) = \lambda\,f(x)\,\bigl(1 - f(x)\bigr) .$$
#
# At $x = 0$ the slope is $\lambda/4$. For a neuron, $\lambda$ is nothing new: it is the same as
# multiplying all weights and the bias by $\lambda$.


# %% task="steep_prime"
def steep_prime(x, lam):
    """Slope of the steeper sigmoid f(x) = 1 / (1 + e^(−λx)): f′ = λ f (1 − f).

    Parameters
    ----------
    x : numpy.ndarray, float64, any shape
    lam : float
        Steepness λ.

    Returns
    -------
    numpy.ndarray, float64, the shape of x
    """
    ### BEGIN SOLUTION
    f = sigma(lam * x)
    return lam * f * (1 - f)
    ### END SOLUTION


# %% test="steep_prime" points=1
checks.close(
    steep_prime(np.array([-0.5, 0.2, 1.0]), 4.0),
    [0.419974341614, 0.855638786081, 0.070650824853],
    "f′ at −0.5, 0.2 and 1 for λ = 4",
    rtol=1e-9,
    causes=[
        checks.cause(
            "missing-lambda",
            [0.104993585404, 0.21390969652, 0.017662706213],
            "this is f (1 − f): the inner derivative λ is missing in front.",
        ),
        checks.cause(
            "lambda-only-in-front",
            [0.940014848806, 0.990066290847, 0.786447732966],
            "λ belongs into the exponent too: f is σ(λx), not σ(x).",
        ),
        checks.cause(
            "lambda-ignored",
            [0.235003712202, 0.247516572712, 0.196611933241],
            "this is σ′(x), whatever λ is.",
        ),
        checks.cause(
            "lambda-squared",
            [1.679897366456, 3.422555144325, 0.282603299413],
            "this is λ² f (1 − f): the λ comes to the front once.",
        ),
        checks.cause(
            "divided-by-lambda",
            [0.026248396351, 0.05347742413, 0.004415676553],
            "a derivative multiplies by λ; dividing is for integrals.",
        ),
        checks.cause(
            "function-not-slope",
            [0.119202922022, 0.689974481128, 0.982013790038],
            "this is f itself, not its slope.",
        ),
        checks.cause(
            "slope-from-x",
            [-3.0, 0.64, 0.0],
            "this is λ x (1 − x): the rule wants f = σ(λx), and x came in.",
        ),
    ],
)
checks.gradient(
    lambda x: np.sum(1 / (1 + np.exp(-2.5 * x))),
    lambda x: steep_prime(x, 2.5),
    np.array([[-1.0, -0.3, 0.2], [0.5, 0.8, 1.4]]),
    "f′ against centred differences, λ = 2.5",
)
checks.forbid(
    steep_prime,
    *checks.BY_HAND,
    what="the slope is derived by hand",
    example=(np.ones(3), 2.0),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def steep_cases():
        rng = np.random.default_rng(206)
        made = [((5,), 3.0), ((2, 4), 0.3), ((3, 1, 2), 7.5)]
        return [(rng.uniform(-2, 2, size=shape) / lam, lam) for shape, lam in made]

    def right_steep(x, lam, front=1):
        return lam**front * 0.25 / np.cosh(lam * x / 2) ** 2

    checks.same(
        steep_prime,
        right_steep,
        steep_cases(),
        "steep_prime with other λ",
        rtol=1e-9,
        causes=[
            checks.cause("missing-lambda", lambda *c: right_steep(*c, 0), "The λ is missing."),
            checks.cause("lambda-squared", lambda *c: right_steep(*c, 2), "λ comes once."),
            checks.cause(
                "lambda-only-in-front",
                lambda x, lam: lam * 0.25 / np.cosh(x / 2) ** 2,
                "λ belongs into the exponent too.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 5: how steep is a step? (1 point)
#
# Let the weight grow, and $\sigma(wz)$ comes as close to the step as you like: for $z > 0$ it tends
# to 1, for $z < 0$ to 0. (At $z = 0$ it stays ½, for every $w$.) So a network of sigmoid neurons
# can do whatever a network of perceptrons can.
#
# How large must $w$ be? Say we want it within $\varepsilon$ of the step wherever $|z| \ge g$, a
# gap around 0. The worst place is the edge of the gap, so
#
# $$\sigma(w g) = 1 - \varepsilon \quad\Longleftrightarrow\quad e^{-wg} = \frac{\varepsilon}{1 -
# \varepsilon} \quad\Longleftrightarrow\quad w = \;?$$
#
# Solve for $w$. For $g = 0.1$ and $\varepsilon = 0.01$ you should get 45.951.


# %% task="steepness"
def steepness(gap, eps):
    """Smallest w > 0 for which |σ(wz) − step(z)| ≤ ε wherever |z| ≥ gap, i.e. σ(w gap) = 1 − ε.

    Parameters
    ----------
    gap : float
        Half the width of the place around 0 that is left out, > 0.
    eps : float
        Allowed distance from the step, 0 < ε < ½.

    Returns
    -------
    float
        The weight w.
    """
    ### BEGIN SOLUTION
    return np.log((1 - eps) / eps) / gap
    ### END SOLUTION


# %% test="steepness" points=1
checks.close(
    steepness(0.1, 0.01),
    45.951198501346,
    "w for a gap of 0.1 and ε = 0.01",
    rtol=1e-5,
    causes=[
        checks.cause(
            "log-base-ten",
            19.956351945975,
            "this is the logarithm to base 10: the inverse of e^x is the natural one, `np.log`.",
        ),
        checks.cause(
            "one-minus-forgotten",
            46.051701859881,
            "this is ln(1/ε) / gap: the quotient under the logarithm is (1 − ε) / ε.",
        ),
        checks.cause("gap-multiplied", 0.459511985013, "divide by the gap; it was multiplied."),
        checks.cause("gap-ignored", 4.595119850135, "the gap doesn't enter: w · gap is this."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_steepness(gap, eps):
        return (np.log1p(-eps) - np.log(eps)) / gap

    checks.same(
        steepness,
        right_steepness,
        [(0.3, 0.05), (2.0, 0.2), (0.02, 0.006), (1.7, 0.45)],
        "steepness for other gaps and ε",
        rtol=1e-5,
        causes=[
            checks.cause(
                "log-base-ten",
                lambda gap, eps: np.log10((1 - eps) / eps) / gap,
                "Use the natural logarithm.",
            ),
            checks.cause(
                "one-minus-forgotten",
                lambda gap, eps: -np.log(eps) / gap,
                "The quotient under the logarithm is (1 − ε) / ε.",
            ),
        ],
    )
### END HIDDEN TESTS

# %%
with plots.needs("steep_prime", "steepness"):
    z, gap, eps = np.linspace(-1, 1, 401), 0.25, 0.01
    enough = float(np.reshape(steepness(gap, eps), ()))
    fig, (left, right) = plots.figure(
        "As w grows the sigmoid becomes the step, and its slope a needle", 1, 2, width=9.2
    )
    for w, line, colour in ((1, ":", RED), (4, "--", GREEN), (enough, "-", BLUE)):
        left.plot(z, sigma(w * z), line, color=colour, label=f"w = {w:.3g}")
        right.plot(z, steep_prime(z, w), line, color=colour, label=f"w = {w:.3g}")
    left.plot([-1, 0, 0, 1], [0, 0, 1, 1], color="black", lw=0.8, label="step")
    left.axvspan(-gap, gap, color="0.9", zorder=0)
    left.text(0, -0.16, "gap", ha="center", color="0.35")
    left.set(xlabel="z", ylabel="σ(wz)", ylim=(-0.2, 1.1))
    right.set(xlabel="z", ylabel="slope of σ(wz)")
    left.legend(loc="upper left")
    right.legend()
    plots.show(
        fig,
        alt="Left: σ(wz) for three weights and the step. With the largest weight, about 18, the "
        "curve lies on the step outside of a grey gap around 0. Right: the slopes of the three: "
        "almost flat for w = 1, a high narrow peak at 0 for the largest.",
    )

# %% [markdown]
# So why not take a very steep sigmoid? Look at the needle on the right. Outside of the gap the
# slope is almost 0, and a neuron there learns almost nothing. One says it is **saturated**. The
# step is the extreme case.
#
# ## Task 6: tanh is a sigmoid in other clothes (2 points)
#
# $$\sigma(z) = \tfrac12\bigl(1 + \tanh(z/2)\bigr) \qquad\text{or, solved for tanh,}\qquad
# \tanh(u) = 2\,\sigma(2u) - 1 .$$
#
# (Multiply numerator and denominator of $\tanh u$ by $e^{-u}$, and see.) So whatever a layer of
# tanh neurons can do, a layer of sigmoid neurons can do too, with other weights. Prove it by
# doing it. A network has a tanh hidden layer and a linear output:
#
# $$\mathbf s = V \tanh(W\mathbf x + \mathbf b) + \mathbf c .$$
#
# Find $W', \mathbf b', V', \mathbf c'$ such that $\mathbf s = V' \sigma(W'\mathbf x + \mathbf b') +
# \mathbf c'$ for **every** $\mathbf x$. Put $2\sigma(2u) - 1$ in the place of $\tanh(u)$, and
# sort: what goes into the exponent, what multiplies σ, and what is constant? (The $-1$ stands
# for every hidden neuron, and $V$ takes each of them to the output.)

# %% given="hidden_network"


def hidden_network(X, g, W, b, V, c):
    """Return V g(W x + b) + c for each row x of X.

    Shapes: X (N, n), W (m, n), b (m,), V (k, m), c (k,); the result is (N, k).
    """
    (W, b), (V, c) = checks.layers([W, V], [b, c])
    return g(X @ W.T + b) @ V.T + c


# %% task="tanh_to_sigmoid"
def tanh_to_sigmoid(W, b, V, c):
    """Turn a network with a tanh hidden layer into the same one with a sigmoid hidden layer.

    V tanh(W x + b) + c = V' σ(W' x + b') + c' for every x, by tanh(u) = 2σ(2u) − 1.

    Parameters
    ----------
    W : numpy.ndarray, float64, (m, n)
        Weights of the m hidden neurons.
    b : numpy.ndarray, float64, (m,)
        Their biases.
    V : numpy.ndarray, float64, (k, m)
        Weights of the k linear outputs.
    c : numpy.ndarray, float64, (k,)
        Their biases.

    Returns
    -------
    tuple of four numpy.ndarray
        W', b', V', c', of the shapes of W, b, V, c.
    """
    ### BEGIN SOLUTION
    return 2 * W, 2 * b, 2 * V, c - V.sum(axis=1)
    ### END SOLUTION


# %% test="tanh_to_sigmoid" points=2
tanh_net = (
    np.array([[1.0, -0.5], [0.3, 0.8], [-0.6, 0.2]]),
    np.array([0.1, -0.4, 0.25]),
    np.array([[1.5, -1.0, 0.5], [0.2, 0.7, -2.0]]),
    np.array([0.3, -0.1]),
)
sigmoid_net = tanh_to_sigmoid(*(part.copy() for part in tanh_net))
checks.holds(
    isinstance(sigmoid_net, (tuple, list)) and len(sigmoid_net) == 4,
    "four arrays come back: W', b', V', c'",
    "end in `return` and the four, with commas between them.",
)
for net_part, net_old, net_name in zip(
    sigmoid_net, tanh_net, ("W'", "b'", "V'", "c'"), strict=True
):
    checks.shape(net_part, net_old.shape, f"shape of {net_name}")
checks.close(
    hidden_network(
        np.array([[0.5, -1.0], [1.2, 0.4]]), lambda z: 1 / (1 + np.exp(-z)), *sigmoid_net
    ),
    [[2.160095559048, 0.002672678833], [1.04216333814, 0.993853816499]],
    "the sigmoid network says what the tanh network says, for two inputs",
    rtol=1e-5,
    atol=1e-6,
    causes=[
        checks.cause(
            "shift-forgotten",
            [[3.160095559048, -1.097327321167], [2.04216333814, -0.106146183501]],
            "the −1 of 2σ(2u) − 1 is lost: V takes it to the output, so c' = c − (row sums of V).",
        ),
        checks.cause(
            "shift-not-through-v",
            [[2.160095559048, -2.097327321167], [1.04216333814, -1.106146183501]],
            "the −1 is subtracted from c as it is: it goes through V, once for each hidden neuron.",
        ),
        checks.cause(
            "shift-sign",
            [[4.160095559048, -2.197327321167], [3.04216333814, -1.206146183501]],
            "the shift has the wrong sign: V times −1 is subtracted from c.",
        ),
        checks.cause(
            "shift-summed-over-outputs",
            [[3.260095559048, -0.997327321167], [2.14216333814, -0.006146183501]],
            "all of V is summed into one shift: each output has its own, the sum of its row of V.",
        ),
        checks.cause(
            "shift-doubled",
            [[1.160095559048, 1.102672678833], [0.04216333814, 2.093853816499]],
            "the shift is twice too large: the −1 is not multiplied by the 2 in front of σ.",
        ),
        checks.cause(
            "inner-2-forgotten",
            [[1.470153614264, -0.088274813074], [0.81540516961, 0.48259955294]],
            "the 2 inside of σ(2u) is missing: it doubles W and b.",
        ),
        checks.cause(
            "outer-2-forgotten",
            [[0.730047779524, 0.501336339417], [0.17108166907, 0.99692690825]],
            "the 2 in front of σ is missing: it doubles V.",
        ),
        checks.cause(
            "bias-not-doubled",
            [[1.984600307071, 0.28932743934], [0.789550030331, 1.31639538203]],
            "u is Wx + b: the 2 doubles the bias b too.",
        ),
        checks.cause(
            "wrong-direction",
            [[1.206957444062, -0.925287733429], [1.120981193533, -0.85076030151]],
            "this goes from sigmoid to tanh: the other direction is asked.",
        ),
        checks.cause(
            "nothing-changed",
            [[1.385076807132, -0.644137406537], [1.057702584805, -0.35870022353]],
            "the network came back as it was.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def clothes_cases():
        rng = np.random.default_rng(207)
        for N, n, m, k in ((6, 3, 5, 2), (4, 2, 3, 4), (9, 5, 2, 1)):
            yield tuple(rng.normal(size=s) for s in ((N, n), (m, n), (m,), (k, m), (k,)))

    def as_sigmoid(X, *net):
        return hidden_network(X, lambda z: 1 / (1 + np.exp(-z)), *net)

    def in_new_clothes(X, W, b, V, c):
        return as_sigmoid(X, *tanh_to_sigmoid(W.copy(), b.copy(), V.copy(), c.copy()))

    def clothes_cause(name, change, because):
        return checks.cause(name, lambda X, *net: as_sigmoid(X, *change(*net)), because)

    checks.same(
        in_new_clothes,
        lambda X, *net: hidden_network(X, np.tanh, *net),
        list(clothes_cases()),
        "other networks in new clothes",
        rtol=1e-5,
        atol=1e-6,
        causes=[
            clothes_cause(
                "shift-forgotten", lambda W, b, V, c: (2 * W, 2 * b, 2 * V, c), "The −1 is lost."
            ),
            clothes_cause(
                "inner-2-forgotten",
                lambda W, b, V, c: (W, b, 2 * V, c - V.sum(axis=1)),
                "The 2 inside of σ(2u) is missing.",
            ),
            clothes_cause(
                "outer-2-forgotten",
                lambda W, b, V, c: (2 * W, 2 * b, V, c - V.sum(axis=1)),
                "The 2 in front of σ is missing.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# The identity makes a stable sigmoid too, in one line: ½ (1 + tanh(z/2)) can't overflow. Is it then
# the best one? Equal on paper is not equal in a machine. For very negative $z$, tanh rounds to
# −1, and $1 + (-1)$ is 0.

# %%
z = np.linspace(-44, -30, 281)
by_tanh = (1 + np.tanh(z / 2)) / 2
left_over = by_tanh > 0
fig, axis = plots.figure("Near z = −37 the tanh form runs out of digits, and then says 0")
axis.semilogy(z, np.exp(z) / (1 + np.exp(z)), "-", color=BLUE, label="$e^z/(1 + e^z)$")
axis.semilogy(z[left_over], by_tanh[left_over], ".", color=RED, label="½ (1 + tanh(z/2))")
axis.axvspan(z[0], z[left_over][0], color="0.93", zorder=0)
axis.text(-43.5, 1e-15, "here the tanh form is 0", color="0.35")
axis.set(xlabel="z", ylabel="σ(z)")
axis.legend(loc="lower right")
plots.show(
    fig,
    alt="σ(z) on a logarithmic axis for z from −44 to −30, a straight line from 1e-19 to 1e-13. "
    "The values of the tanh form follow it in steps that get coarser to the left, and end near "
    "−38; below, they are exactly 0.",
)

# %% [markdown]
# For an activation that hardly matters: $10^{-17}$ or 0, who cares? For its logarithm, which the
# next notebook takes, it does.
#
# ## Task 7: the slope of a chain (2 points)
#
# Notes 002 walk through the smallest deep network: layers of **one neuron each**. The input is
# $a^0 = x$, and for $l = 1, …, d$
#
# $$z^l = w^l a^{l-1} + b^l, \qquad a^l = \sigma(z^l) .$$
#
# > **Erratum (notes 002, first slide).** The composition ends in $(W^3\bullet + b^1)(X)$. The bias
# > of that layer is $b^3$, as the line above it has it. (These slides count the layers the
# > other way round there: $W^3$ meets the input first. We count from the input.)
#
# How much does $a^d$ change if $x$ changes a little? Each layer multiplies by its own slope, from
# $a^{l-1}$ to $z^l$ by $w^l$, and from $z^l$ to $a^l$ by $\sigma'(z^l)$:
#
# $$\frac{\partial a^d}{\partial x} = \prod_{l=1}^{d} w^l\,\sigma'(z^l) .$$
#
# **By hand.** $x = 0.5$, first layer $w^1 = 2$, $b^1 = -0.4$: $z^1 = 0.6$, $a^1 = .645656$,
# $\sigma'(z^1) = .228784$, so $\partial a^1/\partial x = 2 · .228784 = .457568$. Second layer $w^2
# = -3$, $b^2 = 1$: $z^2 = -3 · .645656 + 1 = -.936969$, $\sigma'(z^2) = .202263$, and
# $\partial a^2/\partial x = .457568 · (-3 · .202263) = -.277648$.


# %% task="chain_slopes"
def chain_slopes(x, weights, biases):
    """Slopes ∂a^l/∂x of a chain of one-neuron sigmoid layers, for every depth l = 1, …, d.

    a^0 = x,  z^l = w^l a^(l−1) + b^l,  a^l = σ(z^l);  ∂a^l/∂x = Π_{k ≤ l} w^k σ′(z^k)

    Parameters
    ----------
    x : float
        Input.
    weights : numpy.ndarray, float64, (d,)
        w^1, …, w^d.
    biases : numpy.ndarray, float64, (d,)
        b^1, …, b^d.

    Returns
    -------
    numpy.ndarray, float64, (d,)
        ∂a^1/∂x, …, ∂a^d/∂x.
    """
    ### BEGIN SOLUTION
    a, slope, slopes = x, 1.0, []
    for w, b in zip(weights, biases, strict=True):
        a = sigma(w * a + b)
        slope = slope * w * a * (1 - a)
        slopes.append(slope)
    return np.array(slopes)
    ### END SOLUTION


# %% test="chain_slopes" points=2
chain_w, chain_b = np.array([2.0, -3.0, 1.5]), np.array([-0.4, 1.0, 0.2])
checks.close(
    chain_slopes(0.5, chain_w.copy(), chain_b.copy()),
    [0.457568480913, -0.277648120345, -0.094655421804],
    "slopes of the chain above, with a third layer w³ = 1.5, b³ = 0.2",
    rtol=1e-9,
    causes=[
        checks.cause(
            "weights-forgotten",
            [0.228784240457, 0.046274686724, 0.010517269089],
            "this is the product of the σ′ only: each layer also multiplies by its weight.",
        ),
        checks.cause(
            "sigma-prime-missing",
            [2.0, -6.0, -9.0],
            "this is the product of the weights only: each layer also multiplies by σ′(z).",
        ),
        checks.cause(
            "not-multiplied",
            [0.457568480913, -0.606790309925, 0.340918647985],
            "these are the slopes of the single layers: multiply up to each depth.",
        ),
        checks.cause(
            "added-not-multiplied",
            [0.457568480913, -0.149221829011, 0.191696818974],
            "the slopes of the layers are added: along a path they multiply.",
        ),
        checks.cause(
            "sigma-twice",
            [0.451308682339, -0.331862974659, -0.112150958913],
            "σ′ is taken at the activation a^l instead of at z^l.",
        ),
        checks.cause(
            "slope-from-z",
            [0.48, 2.613426729473, 0.921429573976],
            "σ′ is taken as z (1 − z); it is a (1 − a).",
        ),
        checks.cause(
            "input-kept",
            [0.457568480913, -0.322590874803, -0.097313446241],
            "every layer reads x: layer l reads a^(l−1), what the layer before has said.",
        ),
        checks.cause(
            "bias-forgotten",
            [0.393223866483, -0.106514738016, -0.039717556318],
            "the biases are missing in z = w a + b.",
        ),
        checks.cause(
            "last-only", -0.094655421804, "this is the last slope: one for each depth is asked."
        ),
        checks.cause(
            "from-the-end",
            [0.340918647985, -0.20686613207, -0.094655421804],
            "this multiplies from the last layer on: begin at the input.",
        ),
        checks.cause(
            "activation-for-weight",
            [0.114392120228, 0.014938771651, 0.000955812845],
            "∂z/∂a is the weight w; the input of the layer is the slope in the other direction, "
            "∂z/∂w.",
        ),
    ],
)


def chain_output(x):
    """Run the chain of the test for one input."""
    a = x[0]
    for w, b in zip(chain_w, chain_b, strict=True):
        a = 1 / (1 + np.exp(-(w * a + b)))
    return a


checks.gradient(
    chain_output,
    lambda x: np.ravel(chain_slopes(float(x[0]), chain_w.copy(), chain_b.copy()))[-1:],
    np.array([0.5]),
    "∂a³/∂x against centred differences",
)
checks.forbid(
    chain_slopes,
    *checks.BY_HAND,
    what="the slope of the chain is derived by hand",
    example=(0.5, np.ones(2), np.zeros(2)),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_chain(x, weights, biases, use_w=True):
        a, factors = x, []
        for w, b in zip(weights, biases, strict=True):
            z = w * a + b
            a = 1 / (1 + np.exp(-z))
            factors.append((w if use_w else 1.0) * 0.25 / np.cosh(z / 2) ** 2)
        return np.cumprod(factors)

    def chain_cases():
        rng = np.random.default_rng(208)
        return [
            (float(rng.normal()), 2 * rng.normal(size=d), rng.normal(size=d)) for d in (2, 5, 1, 9)
        ]

    # Each element by itself: the deep ones are tiny beside the first.
    checks.same(
        lambda x, w, b: [np.array([s]) for s in np.ravel(chain_slopes(x, w.copy(), b.copy()))],
        lambda x, w, b: [np.array([s]) for s in right_chain(x, w, b)],
        chain_cases(),
        "slopes of other chains",
        rtol=1e-9,
        atol=0,
        causes=[
            checks.cause(
                "weights-forgotten",
                lambda *c: [np.array([s]) for s in right_chain(*c, use_w=False)],
                "Each layer also multiplies by its weight.",
            ),
        ],
    )
    checks.shape(chain_slopes(0.3, np.ones(4), np.ones(4)), (4,), "one slope for each depth")
    checks.holds(
        np.all(
            np.ravel(chain_slopes(-0.2, np.ones(12), np.linspace(-1, 1, 12)))
            <= 0.25 ** np.arange(1, 13)
        ),
        "with weights of 1, no more than ¼ for each layer",
        "σ′ is at most ¼, so d of them are at most ¼ to the power d.",
    )
### END HIDDEN TESTS

# %% [markdown]
# ### The vanishing gradient
#
# Every $\sigma'$ is at most ¼. So if the weights are 1, the product over $d$ layers is at most
#
# $$\prod_{l=1}^{d} \sigma'(z^l) \le \left(\tfrac14\right)^d ,$$
#
# and the real thing is smaller. Ten layers: at most $10^{-6}$. Twenty: $10^{-12}$. Whatever the
# first layer does, the output hears nothing of it. And learning needs the slope: notes 004 call
# this the vanishing gradient, and say that then no weight is updated. ReLU has the slope 1 wherever
# it is not 0. A chain of active ReLUs hands a change on, whole. (A chain with one that isn't active
# hands on nothing at all.)
#
# Large weights don't save the sigmoid. A weight of 4 makes up for the ¼, but only where $z = 0$
# exactly. Large weights push $z$ away from 0, and there σ is flat.

# %%
with plots.needs("chain_slopes"):
    depth = np.arange(1, 21)
    sigmoid_chain = np.ravel(chain_slopes(0.5, np.ones(20), np.zeros(20)))
    heavy_chain = np.ravel(chain_slopes(0.5, np.full(20, 4.0), np.zeros(20)))
    relu_chain = np.ones(20)  # a positive input goes through as it is, with the slope 1
    print(f"after 20 layers: sigmoid {sigmoid_chain[-1]:.1e}, bound {0.25**20:.1e}, ReLU 1")
    fig, axis = plots.figure("Twenty sigmoids pass on 10⁻¹³ of a change, twenty ReLUs all of it")
    for label, slopes, line, colour in (
        ("ReLU, w = 1, x > 0", relu_chain, "o-", GREEN),
        ("the bound, ¼ to the power d", 0.25**depth, ":", "black"),
        ("sigmoid, w = 1", sigmoid_chain, "s--", BLUE),
        ("sigmoid, w = 4", heavy_chain, "^-.", RED),
    ):
        axis.semilogy(depth, slopes, line, ms=4, color=colour, label=label)
    axis.set(
        xlabel="depth d, layers of one neuron", ylabel="slope ∂aᵈ/∂x", xticks=[1, 5, 10, 15, 20]
    )
    axis.legend()
    plots.show(
        fig,
        alt="The slope of a chain over its depth, on a logarithmic axis. For ReLU it stays at 1. "
        "The bound one quarter to the power d is a straight line down to 1e-12; the sigmoid "
        "chain with weights of 1 lies just below it. With weights of 4 it falls even faster.",
    )

# %% [markdown]
# ## Task 8: softmax (2 points)
#
# One sigmoid neuron says yes or no. To choose among $K$ classes, take $K$ scores $s_1, …, s_K$ and
# turn them into probabilities, all positive and with the sum 1. Notes 003 do it by the **softmax**:
#
# $$p_k = \frac{e^{s_k}}{\sum_j e^{s_j}} .$$
#
# **By hand**, with the scores of notes 003 for cat, car and frog, $(3.2, 5.1, -1.7)$: the
# exponentials are 24.53, 164.02 and 0.18, their sum is 188.74, and $p = (.12998, .86905, .00097)$.
#
# It overflows as the sigmoid does. But adding a constant $c$ to all scores changes nothing, since
# $e^{s+c} = e^s e^c$ and the $e^c$ cancels. So **subtract the largest score** first: then the
# largest exponent is 0. In a batch with one example per row, each row has its own largest score,
# and its own sum. (`axis=1` and `keepdims=True` are your friends.)


# %% task="softmax"
def softmax(S):
    """Softmax of each row: p_k = e^(s_k) / Σ_j e^(s_j), without overflow for any scores.

    Parameters
    ----------
    S : numpy.ndarray, float, (N, K)
        Scores, one example in each row, of any size.

    Returns
    -------
    numpy.ndarray, float, (N, K)
        Probabilities; each row has the sum 1.
    """
    ### BEGIN SOLUTION
    e = np.exp(S - S.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% test="softmax" part="values" points=1
checks.close(
    softmax(np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0]])),
    [
        [0.129982539017, 0.869049535208, 0.000967925775],
        [0.025244883479, 0.923918164066, 0.050836952455],
    ],
    "softmax of the scores of two pictures",
    rtol=1e-5,
    causes=[
        checks.cause(
            "softmax-wrong-axis",
            [
                [0.869891525637, 0.549833997312, 0.024127021418],
                [0.130108474363, 0.450166002688, 0.975872978582],
            ],
            "each column has the sum 1 here: sum over the classes of a row, axis=1.",
        ),
        checks.cause(
            "softmax-whole-batch",
            [
                [0.073431945715, 0.49095823774, 0.000546817084],
                [0.010983114727, 0.401962607715, 0.022117277019],
            ],
            "all numbers together have the sum 1 here: each row has its own sum.",
        ),
        checks.cause(
            "not-normalised",
            [
                [24.532530197109, 164.021907299902, 0.182683524053],
                [3.669296667619, 134.289779684936, 7.389056098931],
            ],
            "these are the exponentials: divide each row by its sum.",
        ),
        checks.cause(
            "not-normalised",
            [[0.149568619223, 1.0, 0.001113775148], [0.027323722447, 1.0, 0.055023220056]],
            "the largest of each row is 1 here: divide each row by its sum.",
        ),
        checks.cause(
            "sigmoid-not-softmax",
            [
                [0.960834277203, 0.993940198508, 0.154465265084],
                [0.785834983043, 0.992608458656, 0.880797077978],
            ],
            "this is σ of each score by itself: the classes of a row share one sum.",
        ),
        checks.cause(
            "exponential-forgotten",
            [
                [0.484848484848, 0.772727272727, -0.257575757576],
                [0.158536585366, 0.59756097561, 0.243902439024],
            ],
            "the scores themselves are divided by their sum: take their exponentials first.",
        ),
        checks.cause(
            "log-softmax",
            [
                [-2.0403551528, -0.1403551528, -6.9403551528],
                [-3.679131778291, -0.079131778291, -2.979131778291],
            ],
            "these are the logarithms of the probabilities.",
        ),
    ],
)
checks.forbid(
    softmax,
    "keras",
    "tensorflow.nn.softmax",
    "tensorflow.nn.log_softmax",
    what="softmax is written by hand",
    example=(np.array([[0.5, 1.0], [2.0, 0.0]]),),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_softmax(S, axis=1):
        return np.exp(S - np.logaddexp.reduce(S, axis=axis, keepdims=True))

    def score_cases():
        rng = np.random.default_rng(209)
        return [(rng.normal(0, 2, size=shape),) for shape in [(5, 3), (2, 7), (1, 4), (4, 10)]]

    checks.same(
        softmax,
        right_softmax,
        score_cases(),
        "softmax of other batches",
        rtol=1e-5,
        causes=[
            checks.cause(
                "softmax-wrong-axis", lambda S: right_softmax(S, 0), "Sum over each row, axis=1."
            ),
            checks.cause(
                "softmax-whole-batch", lambda S: right_softmax(S, None), "Each row has its own sum."
            ),
        ],
    )
### END HIDDEN TESTS

# %% test="softmax" part="extreme" points=1
checks.holds(
    quiet(softmax, np.array([[1000.0, 0.0, -1000.0]])),
    "no overflow for the scores 1000, 0 and −1000",
    "e is raised to a large positive number: subtract the largest score first.",
    name="overflow",
)
checks.holds(
    quiet(softmax, np.array([[1000.0, 999.0], [-1000.0, -1001.0]])),
    "no overflow for a batch of one row around 1000 and one around −1000",
    "all exponentials of one row became 0, and 0/0 is not a number. One shift for the whole batch "
    "does that: subtract from each row its own largest score.",
    name="shift-of-whole-batch",
)
checks.close(
    softmax(np.array([[1000.0, 999.0], [-1000.0, -1001.0]])),
    [[0.731058578630, 0.268941421370], [0.731058578630, 0.268941421370]],
    "the same two numbers for both rows, whose scores differ by 2000",
    rtol=1e-5,
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    far_scores = np.array(
        [[-750.0, -752.0, -749.0, -751.0], [4000.0, 0.5, 3999.0, -1e5], [0.0, 0.0, 0.0, 0.0]]
    )
    checks.holds(
        quiet(softmax, far_scores.copy()),
        "no overflow for other large scores",
        "subtract from each row its own largest score before the exponential.",
        name="overflow",
    )
    checks.close(
        softmax(far_scores.copy()),
        np.exp(far_scores - np.logaddexp.reduce(far_scores, axis=1, keepdims=True)),
        "softmax of other large scores",
        rtol=1e-5,
        atol=1e-9,
    )
### END HIDDEN TESTS

# %% [markdown]
# The sigmoid is a softmax too, of two classes with the scores $z$ and 0:
# $e^z/(e^z + e^0) = \sigma(z)$. And as a steeper sigmoid tends to the step, the softmax of scores
# that are multiplied by a growing factor tends to "the largest takes all".

# %%
with plots.needs("softmax"):
    z = np.array([-3.0, 0.2, 1000.0])
    print("σ(z):                 ", sigma(z))
    print("softmax of z and 0:   ", np.asarray(softmax(np.column_stack([z, 0 * z])))[:, 0])
    scores = np.array([[3.2, 5.1, -1.7]])
    print("softmax of the scores:", np.asarray(softmax(scores))[0])
    print("TensorFlow's:         ", tf.nn.softmax(scores).numpy()[0])

    factors = np.linspace(0, 12, 241)
    shares = np.asarray(softmax(factors[:, None] * np.array([1.3, 2.0, 1.7, 0.8])))
    fig, axis = plots.figure("Multiply the scores, and the largest one takes all")
    axis.stackplot(
        factors,
        shares.T,
        colors=[RED, BLUE, GREEN, plots.PALETTE[4]],
        edgecolor="white",
    )
    edges = np.concatenate([[0], np.cumsum(shares[20])])
    for k, score in enumerate((1.3, 2.0, 1.7, 0.8)):
        middle, ink = edges[k : k + 2].mean(), "wwwk"[k]
        axis.text(1, middle, f"score {score}", ha="center", va="center", color=ink)
    axis.set(xlabel="factor", ylabel="probabilities, stacked", xlim=(0, 12), ylim=(0, 1))
    plots.show(
        fig,
        alt="Four probabilities as stacked bands over a factor from 0 to 12 that multiplies the "
        "scores 1.3, 2.0, 1.7 and 0.8. At factor 0 all are a quarter; the band of the largest "
        "score widens until it fills almost everything, and the others shrink.",
    )

# %% [markdown]
# ## Task 9: the Jacobian of the softmax (2 points)
#
# A score has an effect on **every** probability: if one class gains, the others lose. So the
# derivative is a table, the **Jacobian**, with $J_{ij} = \partial p_i/\partial s_j$. By the
# quotient rule,
#
# $$\frac{\partial p_i}{\partial s_j} = \begin{cases} p_i (1 - p_i) & \text{if } i = j, \\
# -p_i\,p_j & \text{if } i \ne j . \end{cases}$$
#
# The diagonal looks like $\sigma'$, and the rest is negative: what one gains, the others lose. In
# one line: $J = \operatorname{diag}(p) - p\,p^\top$. It needs the probabilities only.
#
# **By hand.** For $p = (.2, .7, .1)$, the first row is $.2 · .8 = .16$, $-.2 · .7 = -.14$,
# $-.2 · .1 = -.02$. Its sum is 0. Why must it be? (What happens if all scores rise by
# the same amount?)


# %% task="softmax_jacobian"
def softmax_jacobian(p):
    """Jacobian of the softmax for one example: J_ij = ∂p_i/∂s_j = p_i (δ_ij − p_j).

    Parameters
    ----------
    p : numpy.ndarray, float64, (K,)
        Probabilities, p = softmax(s).

    Returns
    -------
    numpy.ndarray, float64, (K, K)
        Row i, column j: how p_i changes with the score s_j.
    """
    ### BEGIN SOLUTION
    return np.diag(p) - np.outer(p, p)
    ### END SOLUTION


# %% test="softmax_jacobian" points=2
checks.close(
    softmax_jacobian(np.array([0.2, 0.7, 0.1])),
    [[0.16, -0.14, -0.02], [-0.14, 0.21, -0.07], [-0.02, -0.07, 0.09]],
    "the Jacobian for p = (.2, .7, .1)",
    rtol=1e-9,
    causes=[
        checks.cause(
            "diagonal-only",
            [[0.16, 0, 0], [0, 0.21, 0], [0, 0, 0.09]],
            "off the diagonal stands −p_i p_j: a score has an effect on the other classes too.",
        ),
        checks.cause(
            "diagonal-only",
            [0.16, 0.21, 0.09],
            "this is the diagonal, p (1 − p): a score has an effect on the other classes too, "
            "−p_i p_j.",
        ),
        checks.cause(
            "plus-for-minus",
            [[0.24, 0.14, 0.02], [0.14, 1.19, 0.07], [0.02, 0.07, 0.11]],
            "this is diag(p) + p pᵀ: what one class gains, the others lose, so it is a minus.",
        ),
        checks.cause(
            "plus-for-minus",
            [[0.16, 0.14, 0.02], [0.14, 0.21, 0.07], [0.02, 0.07, 0.09]],
            "off the diagonal it is −p_i p_j: what one class gains, the others lose.",
        ),
        checks.cause(
            "diagonal-without-p",
            [[-0.04, -0.14, -0.02], [-0.14, -0.49, -0.07], [-0.02, -0.07, -0.01]],
            "this is −p pᵀ: on the diagonal there is p_i besides, p_i (1 − p_i).",
        ),
        checks.cause(
            "identity-for-diag-p",
            [[0.96, -0.14, -0.02], [-0.14, 0.51, -0.07], [-0.02, -0.07, 0.99]],
            "this is I − p pᵀ: on the diagonal stands p_i − p_i², not 1 − p_i².",
        ),
        checks.cause(
            "row-not-multiplied",
            [[0.8, -0.7, -0.1], [-0.2, 0.3, -0.1], [-0.2, -0.7, 0.9]],
            "this is δ_ij − p_j: every row is still to be multiplied by its p_i.",
        ),
        checks.cause(
            "softmax-twice",
            [
                [0.202217556792, -0.130563040772, -0.07165451602],
                [-0.130563040772, 0.248701365476, -0.118138324703],
                [-0.07165451602, -0.118138324703, 0.189792840723],
            ],
            "the softmax is applied to p, which is a softmax already.",
        ),
    ],
)
jacobian_mix = np.array([2.0, -1.0, 0.5, 3.0])
checks.gradient(
    lambda s: float(jacobian_mix @ (np.exp(s) / np.sum(np.exp(s)))),
    lambda s: jacobian_mix @ np.asarray(softmax_jacobian(np.exp(s) / np.sum(np.exp(s)))),
    np.array([0.3, -1.2, 0.8, 0.1]),
    "2p₁ − p₂ + ½p₃ + 3p₄ against centred differences in the scores",
)
checks.forbid(
    softmax_jacobian,
    *checks.BY_HAND,
    what="the Jacobian is derived by hand",
    example=(np.array([0.5, 0.25, 0.25]),),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_jacobian(p, off=-1.0):
        J = off * np.einsum("i,j->ij", p, p)
        np.fill_diagonal(J, p * (1 - p))
        return J

    def probability_cases():
        rng = np.random.default_rng(210)
        return [(rng.dirichlet(np.ones(K)),) for K in (2, 5, 3, 8)]

    checks.same(
        softmax_jacobian,
        right_jacobian,
        probability_cases(),
        "the Jacobian for other probabilities",
        rtol=1e-9,
        causes=[
            checks.cause(
                "diagonal-only", lambda p: right_jacobian(p, 0.0), "Off the diagonal is −p_i p_j."
            ),
            checks.cause(
                "plus-for-minus", lambda p: right_jacobian(p, 1.0), "Off the diagonal is a minus."
            ),
            checks.cause(
                "plus-for-minus",
                lambda p: np.diag(p) + np.outer(p, p),
                "It is diag(p) minus p pᵀ.",
            ),
        ],
    )
### END HIDDEN TESTS

# %%
with plots.needs("softmax_jacobian"):
    p = np.exp([3.2, 5.1, -1.7]) / np.sum(np.exp([3.2, 5.1, -1.7]))
    J = np.asarray(softmax_jacobian(p))
    with tf.GradientTape(persistent=True) as tape:
        s = tf.Variable([3.2, 5.1, -1.7], dtype=tf.float64)
        by_tape = tf.nn.softmax(s)
    slopes = tape.jacobian(by_tape, s, experimental_use_pfor=False)
    print(f"largest difference from the tape's: {np.max(np.abs(J - slopes)):.0e}")
    print("sum of each row:", np.round(J.sum(axis=1), 12))
    plots.heatmap(
        J,
        "What cat gains, car loses",
        "score s of",
        "probability p of",
        xticks=["cat", "car", "frog"],
        yticks=["cat", "car", "frog"],
        alt="The 3 × 3 Jacobian of the softmax at p = (.130, .869, .001). The cells cat-cat and "
        "car-car are about 0.113, cat-car and car-cat about −0.113; all cells of the frog are "
        "almost 0.",
    )

# %% [markdown]
# The frog's row and column are almost empty: its probability is near 0, and there the softmax is
# saturated, as the sigmoid is.
#
# ## Task 10: a layer of sigmoid neurons (1 point)
#
# Now put neurons side by side. $m$ of them read the same $n$ inputs. Their weights are the rows of
# $W$, of shape $(m, n)$: `W[j, k]` goes from input `k` to neuron `j`. For one example, a column,
# $\mathbf z = W\mathbf x + \mathbf b$. A batch has one example in each **row**, and so has the
# answer:
#
# $$Z = X\,W^\top + \mathbf b, \qquad A = \sigma(Z) .$$


# %% task="layer"
def layer(X, W, b):
    """Layer of m sigmoid neurons for a batch of rows: A = σ(X Wᵀ + b).

    Parameters
    ----------
    X : numpy.ndarray, float, (N, n)
        Examples, one in each row.
    W : numpy.ndarray, float, (m, n)
        Weights, one neuron in each row.
    b : numpy.ndarray, float, (m,)
        Biases.

    Returns
    -------
    numpy.ndarray, float, (N, m)
        Activations, one example in each row.
    """
    ### BEGIN SOLUTION
    return sigma(X @ W.T + b)
    ### END SOLUTION


# %% test="layer" points=1
layer_x = np.array([[1.0, 2.0], [-1.0, 0.5], [0.0, -1.0]])
layer_w, layer_b = np.array([[2.0, -3.0], [1.0, 1.0]]), np.array([5.0, 0.75])
checks.close(
    layer(layer_x, layer_w, layer_b),
    [[0.731058579, 0.977022630], [0.817574476, 0.562176501], [0.999664650, 0.437823499]],
    "two neurons on three examples",
    rtol=1e-5,
    causes=[
        checks.cause(
            "transposed-weights",
            [[0.999876605, 0.437823499], [0.970687769, 0.985936373], [0.982013790, 0.437823499]],
            "W is used with rows and columns exchanged: for rows it is X Wᵀ.",
        ),
        checks.cause(
            "bias-forgotten",
            [[0.017986210, 0.952574127], [0.029312231, 0.377540669], [0.952574127, 0.268941421]],
            "the biases are missing.",
        ),
        checks.cause(
            "sigmoid-forgotten",
            [[1.0, 3.75], [1.5, 0.25], [8.0, -0.25]],
            "this is Z: the sigmoid is missing.",
        ),
        checks.cause("step-not-sigmoid", [[1, 1], [1, 1], [1, 0]], "this is the step of Z."),
    ],
)
checks.forbid(
    layer, "keras", what="the layer is written by hand", example=(layer_x, layer_w, layer_b)
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_layer(X, W, b, bias=1.0):
        return 1 / (1 + np.exp(-(np.einsum("ik,jk->ij", X, W) + bias * np.asarray(b))))

    def layer_cases():
        rng = np.random.default_rng(211)
        shapes = [((7, 3), (5, 3), (5,)), ((4, 6), (2, 6), (2,)), ((1, 2), (3, 2), (3,))]
        return [tuple(rng.normal(size=s) for s in case) for case in shapes]

    checks.same(
        layer,
        right_layer,
        layer_cases(),
        "other layers",
        rtol=1e-5,
        causes=[
            checks.cause("bias-forgotten", lambda *c: right_layer(*c, 0.0), "Add the biases."),
            checks.cause("sigmoid-forgotten", lambda X, W, b: X @ W.T + b, "This is Z."),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 11: the same layer in TensorFlow (1 point)
#
# Tensors behave much like arrays. `tf.matmul(A, B, transpose_b=True)` multiplies by $B^\top$, and
# `tf.sigmoid` is the activation. Stay with tensors all the way: TensorFlow can differentiate only
# what it has seen.


# %% task="layer_tf"
def layer_tf(X, W, b):
    """Layer of m sigmoid neurons in raw TensorFlow: A = σ(X Wᵀ + b).

    Parameters
    ----------
    X : tf.Tensor, float64, (N, n)
        Examples, one in each row.
    W : tf.Tensor, float64, (m, n)
        Weights, one neuron in each row.
    b : tf.Tensor, float64, (m,)
        Biases.

    Returns
    -------
    tf.Tensor, float64, (N, m)
        Activations.
    """
    ### BEGIN SOLUTION
    return tf.sigmoid(tf.matmul(X, W, transpose_b=True) + b)
    ### END SOLUTION


# %% test="layer_tf" points=1
tensor_a = layer_tf(
    tf.constant([[1.0, 2.0], [-1.0, 0.5], [0.0, -1.0]], dtype=tf.float64),
    tf.constant([[2.0, -3.0], [1.0, 1.0]], dtype=tf.float64),
    tf.constant([5.0, 0.75], dtype=tf.float64),
)
checks.close(
    tensor_a,
    [[0.731058579, 0.977022630], [0.817574476, 0.562176501], [0.999664650, 0.437823499]],
    "two neurons on three examples",
    rtol=1e-5,
    causes=[
        checks.cause(
            "transposed-weights",
            [[0.999876605, 0.437823499], [0.970687769, 0.985936373], [0.982013790, 0.437823499]],
            "W is used with rows and columns exchanged: for rows it is X Wᵀ.",
        ),
        checks.cause(
            "bias-forgotten",
            [[0.017986210, 0.952574127], [0.029312231, 0.377540669], [0.952574127, 0.268941421]],
            "the biases are missing.",
        ),
        checks.cause(
            "sigmoid-forgotten",
            [[1.0, 3.75], [1.5, 0.25], [8.0, -0.25]],
            "this is Z: the sigmoid is missing.",
        ),
    ],
)
checks.holds(
    tf.is_tensor(tensor_a),
    "a tensor comes back",
    "use TensorFlow's own operations all the way.",
    name="not-a-tensor",
)
checks.forbid(
    layer_tf,
    "keras",
    what="layer_tf in raw TensorFlow, without Keras",
    example=tuple(tf.constant(x, tf.float64) for x in ([[1.0, 2.0]], [[0.5, -1.0]], [0.25])),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_layer_tf(X, W, b, bias=1.0):
        z = np.einsum("ik,jk->ij", np.asarray(X), np.asarray(W)) + bias * np.asarray(b)
        return 1 / (1 + np.exp(-z))

    def tensor_cases():
        rng = np.random.default_rng(212)
        shapes = [((6, 4), (3, 4), (3,)), ((3, 5), (7, 5), (7,)), ((1, 3), (2, 3), (2,))]
        return [tuple(tf.constant(rng.normal(size=s)) for s in case) for case in shapes]

    checks.same(
        layer_tf,
        right_layer_tf,
        tensor_cases(),
        "layer_tf on other layers",
        rtol=1e-5,
        causes=[
            checks.cause("bias-forgotten", lambda *c: right_layer_tf(*c, 0.0), "Add the biases."),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 12: the same layer in Keras (1 point)
#
# In Keras the layer is `dense = keras.layers.Dense(m, activation="sigmoid")`. `dense.build((None,
# n))` makes its weights for $n$ inputs, and `dense.set_weights([kernel, bias])` sets them.
#
# Keras keeps its **kernel transposed**: shape $(n_{in}, n_{out})$, where our $W$ is $(n_{out},
# n_{in})$. If $W$ happens to be square, Keras can't notice that you forgot it.


# %% task="layer_keras"
def layer_keras(W, b):
    """Keras Dense layer of m sigmoid neurons that holds the weights W and biases b.

    Called on a batch of rows X (N, n), it gives σ(X Wᵀ + b), of shape (N, m).

    Parameters
    ----------
    W : numpy.ndarray, float, (m, n)
        Weights, one neuron in each row; Keras wants the transpose.
    b : numpy.ndarray, float, (m,)
        Biases.

    Returns
    -------
    keras.layers.Dense
        Built for n inputs.
    """
    ### BEGIN SOLUTION
    dense = keras.layers.Dense(len(b), activation="sigmoid")
    dense.build((None, W.shape[1]))
    dense.set_weights([W.T, b])
    return dense
    ### END SOLUTION


# %% test="layer_keras" points=1
keras_dense = layer_keras(np.array([[2.0, -3.0], [1.0, 1.0]]), np.array([5.0, 0.75]))
checks.close(
    keras_dense(np.array([[1.0, 2.0], [-1.0, 0.5], [0.0, -1.0]], dtype="float32")),
    [[0.731058579, 0.977022630], [0.817574476, 0.562176501], [0.999664650, 0.437823499]],
    "the Dense layer's answers for three examples",
    rtol=1e-5,
    causes=[
        checks.cause(
            "transposed-weights",
            [[0.999876605, 0.437823499], [0.970687769, 0.985936373], [0.982013790, 0.437823499]],
            "the kernel of Keras is W.T, not W.",
        ),
        checks.cause(
            "bias-forgotten",
            [[0.017986210, 0.952574127], [0.029312231, 0.377540669], [0.952574127, 0.268941421]],
            "set the biases too.",
        ),
        checks.cause(
            "sigmoid-forgotten",
            [[1.0, 3.75], [1.5, 0.25], [8.0, -0.25]],
            "this is Z: a Dense layer without `activation=` is linear.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    keras_rng = np.random.default_rng(213)
    for keras_count, keras_n, keras_m in ((9, 3, 5), (4, 6, 2), (5, 3, 3)):
        keras_w, keras_b = keras_rng.normal(size=(keras_m, keras_n)), keras_rng.normal(size=keras_m)
        keras_x = keras_rng.normal(size=(keras_count, keras_n)).astype("float32")
        keras_z = np.einsum("ik,jk->ij", keras_x, keras_w) + keras_b
        checks.close(
            layer_keras(keras_w, keras_b)(keras_x),
            1 / (1 + np.exp(-keras_z)),
            "the Dense layer of other neurons",
            rtol=1e-4,
            causes=[
                checks.cause("sigmoid-forgotten", keras_z, "The activation is missing."),
                checks.cause(
                    "bias-forgotten", 1 / (1 + np.exp(keras_b - keras_z)), "Set the biases too."
                ),
            ],
        )
### END HIDDEN TESTS

# %% [markdown]
# Three ways, one answer: thirty sigmoid neurons read a hundred handwritten digits. Keras computes
# in 32 bits unless you ask for more, and that is the difference that you see.

# %% given="digits"
digits = datasets.load()
X_digits = digits.x_train[:200].reshape(-1, 784) / 255
Y_digits = np.eye(10)[digits.y_train[:200]]

# %%
with plots.needs("layer", "layer_tf", "layer_keras"):
    rng = np.random.default_rng(5)
    W, b = rng.normal(size=(30, 784)) / 28, rng.normal(size=30)
    by_hand = np.asarray(layer(X_digits[:100], W, b))
    in_tf = np.asarray(layer_tf(tf.constant(X_digits[:100]), tf.constant(W), tf.constant(b)))
    in_keras = np.asarray(layer_keras(W, b)(X_digits[:100].astype("float32")))
    print("shapes:", np.shape(by_hand), in_tf.shape, in_keras.shape)
    print(f"largest difference, NumPy against TensorFlow: {np.max(np.abs(by_hand - in_tf)):.0e}")
    print(f"largest difference, NumPy against Keras:      {np.max(np.abs(by_hand - in_keras)):.0e}")

# %% [markdown]
# ## What depth does to the digits
#
# Does the gradient vanish in a real network, with many neurons in each layer? Take 200 digits, a
# network 784-30-30-30-30-30-30-30-10, random weights, and the cost $C = \tfrac12\lVert
# y - a^L\rVert^2$. The figure shows $\delta^l = \partial C/\partial z^l$, the slope that each
# neuron has to learn from: its mean size, layer by layer. As in the chain, each layer multiplies by
# its weights and by $g'(z)$. That is notebook 5, and you needn't follow the code now; but the
# slopes $g'$ are your own.

# %%
with plots.needs("activation_prime"):
    FORWARD = {"sigmoid": sigma, "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}

    def slopes_by_layer(kind, seed=1):
        """Return the mean size of ∂C/∂z^l over neurons and digits, for each layer, (L,)."""
        rng = np.random.default_rng(seed)
        sizes = [784, *[30] * 7, 10]
        Ws = [rng.normal(size=(m, n)) * np.sqrt(2 / n) for n, m in itertools.pairwise(sizes)]
        A, zs = X_digits, []
        for W in Ws:
            zs.append(A @ W.T)
            A = FORWARD[kind](zs[-1])
        delta = (A - Y_digits) * np.asarray(activation_prime(zs[-1], kind))
        means = [np.mean(np.abs(delta))]
        for W, z in zip(Ws[:0:-1], zs[-2::-1], strict=True):
            delta = (delta @ W) * np.asarray(activation_prime(z, kind))
            means.append(np.mean(np.abs(delta)))
        return np.array(means[::-1])

    by_layer = {kind: slopes_by_layer(kind) for kind in FORWARD}
    faded = {kind: means[0] / means[-1] for kind, means in by_layer.items()}
    for kind, share in faded.items():
        print(f"{kind:8s} the slope at layer 1 is {share:.1e} of that at layer 8")
    plots.curves(
        {{"relu": "ReLU"}.get(kind, kind): means for kind, means in by_layer.items()},
        f"Seven layers down, the sigmoid's slope is {1 / faded['sigmoid']:,.0f} times smaller",
        "layer l (1 is next to the image, 8 is the output)",
        "mean |∂C/∂z| per neuron",
        alt="The mean size of the slope of the cost at each of eight layers, logarithmic axis. "
        "For the sigmoid it falls steeply from the output to the first layer, by about four "
        "powers of ten. For tanh and ReLU it stays at about the same size.",
        logy=True,
    )

# %% [markdown]
# ## In your own words (2 points)
#
# Look at the last figure, and at the very first one. In four to eight sentences:
#
# 1. Why can a sigmoid neuron learn by small steps, and a perceptron not? Say what a small change of
#    a weight does in each of them.
# 2. Why do the first layers of the deep sigmoid network hardly learn, though every one of its
#    neurons is smooth? Why does ReLU do better there, and what is its own weak spot?

# %% [markdown] task="explain" points=2
# ### BEGIN SOLUTION
# 1. Gradient descent asks how the answer changes when a weight changes a little. For a sigmoid
#    neuron the change is about σ′(z) x Δw: small, never quite zero, and its sign says which way is
#    better. For a step it is exactly zero, except where z passes 0, and there it is all or nothing.
#    So the slope is zero and says nothing about the way to go.
# 2. On the way from the cost to the first layer, the slope is multiplied by σ′(z) once for each
#    layer. σ′ is at most ¼, and less where the neuron is saturated, so over d layers it shrinks by
#    about ¼ to the power d, unless weights make up for it. The early weights get almost no slope,
#    and so hardly move. ReLU's slope is 1 wherever it is active, so the product doesn't shrink. But
#    where z < 0 its slope is exactly 0: a ReLU that is never active doesn't learn at all.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# ½ point: with the sigmoid, a small change of a weight gives a small change of the answer (or: its
# slope is not zero).
#
# ½ point: with the step the change is nothing almost everywhere, or a jump; "it is not
# differentiable at 0" alone does not earn it.
#
# ½ point: a product of slopes over the layers, each at most ¼ (or: each smaller than 1), so it
# shrinks exponentially with depth. Only ¼ for "the gradient vanishes" without the product.
#
# ½ point: ReLU's slope is 1 where it is active (¼), and 0 where it is not, so that such a neuron
# doesn't learn (¼).
# ### END MARK SCHEME
