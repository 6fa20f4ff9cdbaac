# ---
# topic:
#   results:
#     - what: "One perceptron, four epochs on at most 1 000 images: test accuracy, 0 or 1, 3 or 8"
#       code: |
#         told = []
#         for first, second in ((0, 1), (3, 8)):
#             x, y = two_digits(digits.x_train, digits.y_train, first, second)
#             w, b, _ = train(x[:1000], y[:1000], np.zeros(784), 0.0, 1.0, 4)
#             x, y = two_digits(digits.x_test, digits.y_test, first, second)
#             told.append(f"{np.mean(perceptron(x, w, b) == y):.3f}")
#         told = ", ".join(told)
#   figures:
#     - caption: Five half-planes, and a region carved out
#       alt: Three maps of the plane
#     - caption: The line turns, mistake by mistake, until it separates the clouds
#       alt: Four pictures of two clouds
# ---

# %% [markdown]
# # 1 The perceptron
#
# A perceptron is the smallest neural network: it weighs what it sees, adds a bias, and says yes
# or no. At the end of this notebook you will be able to
#
# - compute what a perceptron answers, for one example and for a whole batch,
# - choose its weights by hand, and draw the line along which it cuts the plane,
# - say why a stack of linear layers is still one linear layer,
# - carve a region out of the plane with several perceptrons, and build XOR from two layers of
#   them,
# - write the same layer in NumPy, in TensorFlow and in Keras, and move the weights between
#   them,
# - let a perceptron learn from its mistakes, and say when that works, when it cannot, and why
#   gradient descent cannot do it instead.
#
# **Read first** in the notes:
#
# | notes | what they are | read for |
# |---|---|---|
# | 000 | handwritten, *First principles of computer vision* | perceptron, networks of them, step |
# | 001 | CSci 4270 and 6270, Lecture 15 | a single artificial neuron; activation functions |
# | 004 | *Introduction to Deep Learning and Neural Network* | "Perceptron" and what follows |
#
# The notes have mistakes, as notes do, and once they contradict each other. Where you meet one,
# a box says so.
#
# **Time**: about two and a half hours. There are 12 small tasks. 20 points are judged
# automatically, 2 more by a person.
#
# **How it works**: replace the line `raise NotImplementedError(…)` in a task by your code, run
# the cell, then run the test below it. A test says what it checked, what came back and, if it
# can, what went wrong. More tests, with other inputs, run when your work is graded: so write
# functions that are right in general, and that leave the arrays and lists they are given as
# they were. You may add cells, and you may call your earlier functions in later tasks. No task
# *needs* an earlier one.

# %% given="setup"
import itertools

import keras
import numpy as np
import tensorflow as tf

from nnkit import checks, datasets, plots

np.set_printoptions(precision=4, suppress=True)
tf.zeros(1)  # wakes TensorFlow up here rather than in the middle of a task
digits = datasets.load()

# %% [markdown]
# ## Task 1: all or nothing (1 point)
#
# A perceptron computes a number $z$, its **pre-activation**, and passes it through the
# **step**:
#
# $$a = \begin{cases} 1 & \text{if } z > 0 \\ 0 & \text{if } z \le 0 \end{cases}$$
#
# We say that it *fires* if $a = 1$.
#
# > **The notes disagree (000 against 001).** What happens at exactly $z = 0$? Notes 000 print 0
# > ("$0$ if $z \le 0$"), notes 001 print 1 ("$1$ if $z \ge 0$"). Neither is wrong: it is a
# > convention, and one has to be chosen. **This course takes $z > 0$: at zero the step is 0.**
# > Real data hardly ever give exactly 0. Weights chosen by hand often do, as you will see in
# > task 5.
#
# `z` may be an array of any shape, and `z > 0` compares each of its elements. An `if` cannot
# decide for all of them at once; `np.where` can.


# %% task="step"
def step(z):
    """Step activation: 1 where z > 0, and 0 elsewhere.

    Parameters
    ----------
    z : numpy.ndarray, float, any shape
        Pre-activations.

    Returns
    -------
    numpy.ndarray, same shape as z
        Activations, each 0 or 1 (as float, int or bool), in a new array.
    """
    ### BEGIN SOLUTION
    return np.where(z > 0, 1.0, 0.0)
    ### END SOLUTION


# %% test="step" points=1
checks.close(
    step(np.array([-2.0, -0.3, 0.0, 0.3, 3.0])),
    [0, 0, 0, 1, 1],
    "the step of (−2, −0.3, 0, 0.3, 3)",
    causes=[
        checks.cause(
            "at-zero", [0, 0, 1, 1, 1], "At z = 0 the course's step is 0: use `>`, not `>=`."
        ),
        checks.cause(
            "minus-one", [-1, -1, 0, 1, 1], "This is the sign of z; the step is never −1."
        ),
        checks.cause("minus-one", [-1, -1, -1, 1, 1], "Below the threshold the step is 0, not −1."),
        checks.cause("not-a-step", [0, 0, 0, 0.3, 3], "Where z > 0 the answer is 1, not z itself."),
        checks.cause("wrong-threshold", [0, 0, 0, 0, 1], "The threshold is 0: 0.3 fires too."),
        checks.cause("inverted", [1, 1, 0, 0, 0], "It fires where z is negative: turn it round."),
        checks.cause("inverted", [1, 1, 1, 0, 0], "It is 0 where it should be 1: turn it round."),
    ],
)
checks.same(
    step,
    lambda _: [[1, 0, 1], [0, 1, 0]],
    [(np.array([[4.0, -1.0, 0.5], [-0.1, 0.2, -7.0]]),)],
    "the step of a (2, 3) array, element by element, as a new array",
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    step_rng = np.random.default_rng(101)
    step_cases = [
        (np.array([0.0, -0.0, 1e-9, -1e-9, 0.4, 0.6]),),
        (step_rng.normal(size=7),),
        (step_rng.normal(size=(5, 3)),),
        (np.round(step_rng.normal(size=(4, 2, 3))),),
    ]
    checks.same(
        step,
        lambda z: (z > 0).astype(float),
        step_cases,
        "step on arrays of several shapes",
        causes=[
            checks.cause("at-zero", lambda z: (z >= 0) * 1.0, "At z = 0 the course's step is 0."),
            checks.cause("minus-one", np.sign, "This is the sign of z; the step is never −1."),
            checks.cause("minus-one", lambda z: np.where(z > 0, 1, -1), "The step is never −1."),
            checks.cause(
                "not-a-step", lambda z: np.maximum(z, 0), "The answer is 1, not z itself."
            ),
            checks.cause("wrong-threshold", lambda z: (z > 0.5) * 1.0, "The threshold is 0."),
            checks.cause("wrong-threshold", lambda z: (z >= 0.5) * 1.0, "The threshold is 0."),
            checks.cause("inverted", lambda z: (z < 0) * 1.0, "It fires where z is negative."),
            checks.cause("inverted", lambda z: (z <= 0) * 1.0, "It is 0 where it should be 1."),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 2: the neuron (2 points)
#
# Each input $x_i$ has a weight $w_i$: how much it counts, and in which direction. The **bias**
# $b$ says how easily the neuron fires when the inputs say nothing:
#
# $$z = \mathbf w \cdot \mathbf x + b = \sum_{i=1}^{n} w_i x_i + b$$
#
# Notes 000 call the bias the "min threshold". Mind the sign: to fire, $\mathbf w \cdot \mathbf
# x$ must exceed $-b$. A threshold of 5 is a bias of $-5$.
#
# Data come in batches. A batch is an array $X$ of shape $(N, n)$, one example per **row**, and
# the neuron gives one number per row: $\mathbf z = X \mathbf w + b$, of shape $(N,)$. Write one
# function for both.


# %% task="weighted_input"
def weighted_input(x, w, b):
    """Pre-activation z = w·x + b of one neuron, for one example or for a batch of rows.

    Parameters
    ----------
    x : numpy.ndarray, float, (n,) or (N, n)
        One example, or N of them as rows.
    w : numpy.ndarray, float, (n,)
        Weights.
    b : float
        Bias.

    Returns
    -------
    float for one example, numpy.ndarray (N,) for a batch
        The pre-activation of each example.
    """
    ### BEGIN SOLUTION
    return x @ w + b
    ### END SOLUTION


# %% test="weighted_input" part="one" points=1
checks.close(
    weighted_input(np.array([2.0, -1.0, 3.0]), np.array([0.5, 2.0, -1.0]), 0.25),
    -3.75,
    "z of one example: 0.5·2 + 2·(−1) − 1·3 + 0.25",
    rtol=1e-5,
    causes=[
        checks.cause("bias-forgotten", -4.0, "The bias is missing: z = w·x + b."),
        checks.cause("bias-sign", -4.25, "The bias is added, not subtracted: z = w·x + b."),
        checks.cause("bias-every-term", -3.25, "The bias is added once, after the sum."),
        checks.cause("not-summed", [1.25, -1.75, -2.75], "Sum the products wᵢxᵢ to one number."),
        checks.cause("stepped", 0.0, "The step comes later: z itself is asked."),
    ],
)
checks.same(
    weighted_input,
    lambda *_: 5.0,
    [(np.array([1.0, 2.0]), np.array([3.0, 0.5]), 1.0)],
    "z of another example, 3·1 + 0.5·2 + 1, leaving x and w as they were",
    rtol=1e-5,
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    one_rng = np.random.default_rng(102)
    one_cases = [
        (one_rng.normal(size=n), one_rng.normal(size=n), one_rng.normal()) for n in (2, 5, 9)
    ]
    checks.same(
        weighted_input,
        lambda x, w, b: np.dot(w, x) + b,
        one_cases,
        "weighted_input of one example",
        rtol=1e-5,
        atol=1e-6,
        causes=[
            checks.cause("bias-forgotten", lambda x, w, b: w @ x, "The bias is missing."),
            checks.cause("bias-sign", lambda x, w, b: w @ x - b, "The bias is added."),
            checks.cause(
                "bias-every-term", lambda x, w, b: (w * x + b).sum(), "Add the bias once."
            ),
            checks.cause(
                "not-summed", lambda x, w, b: w * x + b, "Sum the products to one number."
            ),
        ],
    )
### END HIDDEN TESTS

# %% test="weighted_input" part="batch" points=1
checks.close(
    weighted_input(
        np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 1.0], [3.0, 0.0, 0.0], [1.0, 1.0, 1.0]]),
        np.array([2.0, -1.0, 0.5]),
        1.5,
    ),
    [1.5, 3.0, 7.5, 3.0],
    "z of a batch of four rows",
    rtol=1e-5,
    causes=[
        checks.cause("bias-forgotten", [0.0, 1.5, 6.0, 1.5], "The bias is missing: z = Xw + b."),
        checks.cause("bias-sign", [-1.5, 0.0, 4.5, 0.0], "The bias is added, not subtracted."),
        checks.cause("bias-every-term", [4.5, 6.0, 10.5, 6.0], "Add the bias once, after the sum."),
        checks.cause(
            "wrong-axis", [11.5, -0.5, 2.5], "Sum over the inputs (axis 1), not the rows."
        ),
        checks.cause("summed-over-batch", 10.5, "Each row has its own z: sum along each row only."),
    ],
)
checks.same(
    weighted_input,
    lambda *_: [5.0, -1.0],
    [(np.array([[1.0, 2.0], [0.0, -4.0]]), np.array([3.0, 0.5]), 1.0)],
    "z of a batch of two rows, leaving x and w as they were",
    rtol=1e-5,
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    batch_rng = np.random.default_rng(103)
    batch_cases = [
        (batch_rng.normal(size=(N, n)), batch_rng.normal(size=n), batch_rng.normal())
        for N, n in ((6, 4), (3, 7), (1, 2))
    ]
    checks.same(
        weighted_input,
        lambda x, w, b: np.array([np.dot(w, row) + b for row in x]),
        batch_cases,
        "weighted_input of a batch",
        rtol=1e-5,
        atol=1e-6,
        causes=[
            checks.cause("bias-forgotten", lambda x, w, b: x @ w, "The bias is missing."),
            checks.cause("bias-sign", lambda x, w, b: x @ w - b, "The bias is added."),
            checks.cause(
                "bias-every-term", lambda x, w, b: (x * w + b).sum(1), "Add the bias once."
            ),
            checks.cause("wrong-axis", lambda x, w, b: (x * w).sum(0) + b, "Sum along each row."),
            checks.cause(
                "summed-over-batch", lambda x, w, b: (x * w).sum() + b, "Sum along each row."
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# A perceptron is your two functions, one after the other. The figures below use it.


# %%
def perceptron(x, w, b, g=None):
    """Answer of a neuron: the activation g (the step, if none is given) of its weighted input."""
    z = np.asarray(weighted_input(x, np.ravel(w), float(np.ravel(b)[0])), dtype=float)
    return np.asarray((g or step)(z), dtype=float)


# %% [markdown]
# ## Task 3: will you go to the movies? (1 point)
#
# The notes ask three questions, each answered by 0 (no) or 1 (yes): is the **weather** good, do
# you have **company**, is the theatre **near**? The weather matters most: $\mathbf w = (4, 2,
# 2)$. The bias is $b = -5$.
#
# Three yes-or-no inputs make $2^3 = 8$ cases. We list them by counting in binary, the **last
# input changing fastest**: 000, 001, 010, 011, 100, 101, 110, 111. A *truth table* has a row
# for each case: the inputs, then the neuron's answer.


# %% task="truth_table"
def truth_table(w, b):
    """Every input of zeros and ones, with the answer of the perceptron (w, b).

    The answer is a = 1 if w·x + b > 0, else 0.

    Parameters
    ----------
    w : numpy.ndarray, float, (n,)
        Weights.
    b : float
        Bias.

    Returns
    -------
    numpy.ndarray, (2**n, n + 1)
        Row by row the inputs x₁ … xₙ, counting up from 0…0 to 1…1 with xₙ changing fastest; in
        the last column the answer a, 0 or 1.
    """
    ### BEGIN SOLUTION
    inputs = np.array(list(itertools.product([0, 1], repeat=len(w))))
    fires = inputs @ w + b > 0
    return np.column_stack([inputs, fires])
    ### END SOLUTION


# %% test="truth_table" points=1
movies = truth_table(np.array([4.0, 2.0, 2.0]), -5.0)
checks.shape(movies, (8, 4), "shape of the table: 8 cases, 3 inputs and 1 answer")
movies = np.asarray(movies, dtype=float)
checks.close(
    movies[:, :3],
    [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]],
    "the inputs, in counting order",
    causes=[
        checks.cause(
            "order",
            [
                [0, 0, 0],
                [1, 0, 0],
                [0, 1, 0],
                [1, 1, 0],
                [0, 0, 1],
                [1, 0, 1],
                [0, 1, 1],
                [1, 1, 1],
            ],
            "Here the first input changes fastest; the last one should.",
        ),
        checks.cause(
            "order",
            [
                [1, 1, 1],
                [1, 1, 0],
                [1, 0, 1],
                [1, 0, 0],
                [0, 1, 1],
                [0, 1, 0],
                [0, 0, 1],
                [0, 0, 0],
            ],
            "Here the cases count down; they should count up from 000.",
        ),
    ],
)
checks.close(
    movies[:, 3],
    [0, 0, 0, 0, 0, 1, 1, 1],
    "you go in the cases 101, 110 and 111",
    causes=[
        checks.cause("bias-forgotten", [0, 1, 1, 1, 1, 1, 1, 1], "Without the bias you always go."),
        checks.cause("bias-sign", [1] * 8, "The bias is added as it is: b is already negative."),
        checks.cause(
            "no-step", [-5, -3, -3, -1, -1, 1, 1, 3], "The last column is z; apply the step."
        ),
        checks.cause("inverted", [1, 1, 1, 1, 1, 0, 0, 0], "The answers are the wrong way round."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    table_rng = np.random.default_rng(104)

    def table_reference(w, b, order=1, bias=1.0, decide=lambda z: z > 0):
        rows = [x[::order] for x in itertools.product([0, 1], repeat=len(w))]
        return np.array([[*x, decide(np.dot(w, x) + bias * b)] for x in rows], dtype=float)

    table_cases = []
    for table_n in (2, 4, 3, 5):
        table_w = table_rng.uniform(0.5, 3.0, table_n) * table_rng.choice([-1, 1], table_n)
        table_cases.append((table_w, -table_w.sum() / 2 + table_rng.normal() / 4))
    checks.same(
        truth_table,
        table_reference,
        table_cases,
        "truth tables of other neurons, with 2 to 5 inputs",
        causes=[
            checks.cause("order", lambda w, b: table_reference(w, b, -1), "The last input counts."),
            checks.cause("order", lambda w, b: table_reference(w, b)[::-1], "Count up from 0…0."),
            checks.cause(
                "bias-forgotten", lambda w, b: table_reference(w, b, 1, 0.0), "Add the bias."
            ),
            checks.cause("bias-sign", lambda w, b: table_reference(w, b, 1, -1.0), "Add the bias."),
            checks.cause(
                "no-step", lambda w, b: table_reference(w, b, 1, 1.0, float), "Apply the step to z."
            ),
        ],
    )
### END HIDDEN TESTS

# %%
with plots.needs("truth_table"):
    evenings = truth_table(np.array([4.0, 2.0, 2.0]), -5.0)
    print("weather  company  near   go?")
    for weather, company, near, go in evenings:
        print(f"   {weather:.0f}        {company:.0f}       {near:.0f}     {'yes' if go else 'no'}")

# %% [markdown]
# Read the table: you go if the weather is good **and** at least one of the other two is true.
# No single rule was written down; the weights say it. Try $b = -3$ or $b = -7$ in a cell of
# your own. A smaller bias makes a homebody.
#
# > **Erratum (notes 000).** Beside the weights stands "active term ≥ 0". By the step of the same
# > page it must be "> 0". Here it makes no difference: $z$ is odd in all eight cases, so never 0.

# %% [markdown]
# ## Task 4: a perceptron cuts the plane along a line (1 point)
#
# The example of notes 004: $\mathbf w = (3, -2)$, $b = 1$, so
#
# $$\hat y = g(1 + 3x_1 - 2x_2)$$
#
# with an activation $g$. At $\mathbf x = (-1, 2)$: $z = 1 + 3\cdot(-1) - 2\cdot 2 = -6$. If $g$
# is the step, the answer is 0. If it is the sigmoid $\sigma(z) = 1/(1 + e^{-z})$, the subject
# of the next notebook, it is $\sigma(-6) = 0.0024726$ (the slide rounds to 0.002): not quite
# no.
#
# The answer changes where $z = 0$, on the line $1 + 3x_1 - 2x_2 = 0$. "This is just a line in
# 2D!", says the slide. In general $w_1 x_1 + w_2 x_2 + b = 0$. Solve it for $x_2$.


# %% task="boundary"
def boundary(w, b, x1):
    """Height x₂ of the line w₁x₁ + w₂x₂ + b = 0 over given x₁.

    Parameters
    ----------
    w : numpy.ndarray, float, (2,)
        Weights; w[1] is not 0.
    b : float
        Bias.
    x1 : numpy.ndarray, float, (M,)
        First coordinates.

    Returns
    -------
    numpy.ndarray, float, (M,)
        The second coordinates x₂, such that z = 0 at each (x₁, x₂).
    """
    ### BEGIN SOLUTION
    return -(w[0] * x1 + b) / w[1]
    ### END SOLUTION


# %% test="boundary" points=1
checks.close(
    boundary(np.array([3.0, -2.0]), 1.0, np.array([-1.0, 0.0, 1.0, 2.0])),
    [-1.0, 0.5, 2.0, 3.5],
    "x₂ on the line 1 + 3x₁ − 2x₂ = 0 at x₁ = −1, 0, 1, 2",
    rtol=1e-5,
    causes=[
        checks.cause("sign", [1.0, -0.5, -2.0, -3.5], "A sign is lost: −w₂x₂ = w₁x₁ + b."),
        checks.cause("bias-forgotten", [-1.5, 0.0, 1.5, 3.0], "The bias moves the line off 0."),
        checks.cause("bias-sign", [-2.0, -0.5, 1.0, 2.5], "Check the sign of b: −w₂x₂ = w₁x₁ + b."),
        checks.cause(
            "weights-swapped", [-1.0, -1 / 3, 1 / 3, 1.0], "Divide by w₂: w[1] in Python."
        ),
        checks.cause("not-divided", [2.0, -1.0, -4.0, -7.0], "Divide all of it by w₂."),
        checks.cause("not-divided", [-2.5, -1.0, 0.5, 2.0], "Divide the bias by w₂ too."),
    ],
)
checks.same(
    boundary,
    lambda *_: [1.0, -1.0],
    [(np.array([4.0, 2.0]), 2.0, np.array([-1.0, 0.0]))],
    "x₂ on the line 2 + 4x₁ + 2x₂ = 0 at x₁ = −1, 0, leaving x₁ as it was",
    rtol=1e-5,
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    line_rng = np.random.default_rng(105)
    line_cases = [
        (np.array([1.7, 0.6]), -0.9, line_rng.normal(size=5)),
        (np.array([-0.4, -1.3]), 0.7, line_rng.normal(size=3)),
        (np.array([0.0, 2.5]), 1.1, line_rng.normal(size=4)),
    ]
    checks.same(
        boundary,
        lambda w, b, x1: np.array([(-b - w[0] * x) / w[1] for x in x1]),
        line_cases,
        "boundary of other neurons",
        rtol=1e-5,
        atol=1e-6,
        causes=[
            checks.cause("bias-forgotten", lambda w, b, x1: -w[0] * x1 / w[1], "b is missing."),
            checks.cause("bias-sign", lambda w, b, x1: (b - w[0] * x1) / w[1], "The sign of b."),
            checks.cause("not-divided", lambda w, b, x1: -(b + w[0] * x1), "Divide by w₂."),
            checks.cause("not-divided", lambda w, b, x1: -b - w[0] * x1 / w[1], "Divide b too."),
        ],
    )
### END HIDDEN TESTS

# %%
with plots.needs("step", "weighted_input", "boundary"):
    example = np.array([-1.0, 2.0])
    line_w, line_b = np.array([3.0, -2.0]), 1.0
    activations = {"step": step, "sigmoid": tf.math.sigmoid}
    answers = {
        name: perceptron(example[None, :], line_w, line_b, g)[0] for name, g in activations.items()
    }
    z = float(weighted_input(example, line_w, line_b))
    print(f"z = {z:.0f}   step: {answers['step']:.0f}   sigmoid: {answers['sigmoid']:.7f}")

    fig, axes = plots.figure(
        "The step cuts along the line; the sigmoid fades across the same line",
        columns=2,
        width=9.0,
        height=4.2,
    )
    x1 = np.linspace(-3.0, 3.0, 50)
    for axis, (name, g) in zip(axes, activations.items(), strict=True):
        plots.regions(
            axis,
            lambda p, g=g: perceptron(p, line_w, line_b, g),
            (-3, 3),
            (-3, 3),
            levels=None if name == "step" else np.linspace(0, 1, 21),
        )
        axis.plot(x1, boundary(line_w, line_b, x1), color="black", label="1 + 3x₁ − 2x₂ = 0")
        axis.plot(*example, "o", color="black", markeredgecolor="white", markersize=8)
        axis.annotate(
            f"(−1, 2): ŷ = {answers[name]:.4g}",
            example,
            xytext=(-20, 12),
            textcoords="offset points",
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85},
        )
        axis.set(title=f"g = {name}", xlabel="x₁", ylabel="x₂", xlim=(-3, 3), ylim=(-3, 3))
        axis.legend(loc="lower right")
    plots.show(
        fig,
        alt="Two maps of the plane. Left, the step: one side of the line 1 + 3x₁ − 2x₂ = 0 is "
        "all 1, the other all 0. Right, the sigmoid: the same line, with a gradual change "
        "across it. The example (−1, 2) lies on the 0 side: 0 with the step, 0.002473 "
        "with the sigmoid.",
    )

# %% [markdown]
# The weight vector $(3, -2)$ stands at right angles to the line and points to the side that
# fires. The bias shifts the line; multiplying $\mathbf w$ and $b$ by a positive number leaves
# it where it is.

# %% [markdown]
# ## Task 5: logic with one neuron (2 points)
#
# Notes 000 draw one more perceptron: two inputs, both with weight $-2$, and bias 3, so $z =
# -2x_1 - 2x_2 + 3$. Put in zeros and ones:
#
# | $x_1$ | $x_2$ | $z$ | fires |
# |---|---|---|---|
# | 0 | 0 | 3 | 1 |
# | 0 | 1 | 1 | 1 |
# | 1 | 0 | 1 | 1 |
# | 1 | 1 | −1 | 0 |
#
# > **Erratum (notes 000).** The handwritten page says $-2x_1 - 2x_3 + 3$. There is no third
# > input: $x_3$ should be $x_2$.
#
# It fires unless both inputs are 1: **NAND**, "not and". Every logic circuit can be built of
# NANDs alone, so networks of perceptrons can compute anything that a computer's circuits can.
#
# Now it is your turn to choose weights. The four values of $z$ tell you what you need: $b$ at
# 00, $b + w_2$ at 01, $b + w_1$ at 10, and $b + w_1 + w_2$ at 11. Many weights are right. Keep
# every $z$ clear of 0: this is where the convention of task 1 bites.


# %% given="corners"
def at_corners(w, b):
    """Pre-activations of a neuron with two inputs at 00, 01, 10 and 11, as an array (4,)."""
    w1, w2 = np.ravel(np.asarray(w, dtype=float))
    b = float(np.ravel(b)[0])
    return np.array([b, b + w2, b + w1, b + w1 + w2])


# %% task="gates"
def gates():
    """Weights and bias of three perceptrons that compute AND, OR and NOR of two inputs.

    AND fires only at 11, OR everywhere but at 00, NOR ("not or") only at 00.

    Returns
    -------
    dict
        The keys are "and", "or" and "nor"; each value is a pair (w, b), with w of shape (2,)
        and b a number.
    """
    ### BEGIN SOLUTION
    return {
        "and": (np.array([1.0, 1.0]), -1.5),
        "or": (np.array([1.0, 1.0]), -0.5),
        "nor": (np.array([-1.0, -1.0]), 0.5),
    }
    ### END SOLUTION


# %% test="gates" points=2
chosen = gates()
checks.holds(
    isinstance(chosen, dict) and {"and", "or", "nor"} <= set(chosen),
    'gates() returns a dictionary with the keys "and", "or" and "nor"',
    'write `return {"and": (w, b), "or": (w, b), "nor": (w, b)}` with your numbers.',
)
checks.holds(
    all(
        isinstance(chosen[gate], (tuple, list))
        and [np.size(part) for part in chosen[gate]] == [2, 1]
        for gate in ("and", "or", "nor")
    ),
    "each gate is a pair (w, b)",
    "w holds the two weights and b is one number, such as `([1.0, 2.0], -3.0)`.",
)
and_z, or_z = at_corners(*chosen["and"]), at_corners(*chosen["or"])
checks.holds(
    and_z[3] != 0 and np.all(or_z[1:] != 0),
    "AND and OR: where they must fire, z is not just 0",
    "an input that must fire has z = 0, where the course's step is 0: raise the bias a little.",
    name="at-zero",
)
checks.close(
    and_z > 0,
    [0, 0, 0, 1],
    "AND at 00, 01, 10, 11",
    causes=[
        checks.cause("or-instead-of-and", [0, 1, 1, 1], "This is OR: one input must not suffice."),
        checks.cause("inverted", [1, 1, 1, 0], "This is NAND: change the sign of w and of b."),
        checks.cause("never-fires", [0, 0, 0, 0], "It never fires: b + w₁ + w₂ must exceed 0."),
        checks.cause("always-fires", [1, 1, 1, 1], "It always fires: b must be below 0."),
    ],
)
checks.close(
    or_z > 0,
    [0, 1, 1, 1],
    "OR at 00, 01, 10, 11",
    causes=[
        checks.cause("and-instead-of-or", [0, 0, 0, 1], "This is AND: one input must suffice."),
        checks.cause("inverted", [1, 0, 0, 0], "This is NOR: change the sign of w and of b."),
        checks.cause("never-fires", [0, 0, 0, 0], "It never fires: b + w₁ must exceed 0."),
        checks.cause("always-fires", [1, 1, 1, 1], "It always fires: b must not exceed 0."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    nor_z = at_corners(*chosen["nor"])
    checks.holds(
        nor_z[0] != 0, "NOR: z is not just 0 at 00", "z = 0 does not fire.", name="at-zero"
    )
    checks.close(
        nor_z > 0,
        [1, 0, 0, 0],
        "NOR at the four corners",
        causes=[
            checks.cause("inverted", [0, 1, 1, 1], "This is OR: change the sign of w and of b."),
            checks.cause("nand-instead-of-nor", [1, 1, 1, 0], "This is NAND: fire at 00 only."),
            checks.cause("and-instead-of-nor", [0, 0, 0, 1], "This is AND: fire at 00 only."),
            checks.cause("never-fires", [0, 0, 0, 0], "It never fires: b must exceed 0."),
            checks.cause(
                "always-fires", [1, 1, 1, 1], "It always fires: b + w₁ must not exceed 0."
            ),
        ],
    )
### END HIDDEN TESTS

# %%
with plots.needs("gates", "step", "weighted_input"):
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    yours = gates()
    neurons = {name: yours[name] for name in ("and", "or", "nor")}
    neurons = {"nand, from the notes": (np.array([-2.0, -2.0]), 3.0), **neurons}
    fig, axes = plots.figure(
        "One line each: a single perceptron computes NAND, AND, OR and NOR",
        columns=4,
        width=10.5,
        height=3.3,
        sharey=True,
    )
    for axis, (name, (w, b)) in zip(axes, neurons.items(), strict=True):
        plots.regions(axis, lambda p, w=w, b=b: perceptron(p, w, b), (-0.6, 1.6), (-0.6, 1.6))
        plots.points(axis, corners, perceptron(corners, w, b), size=60)
        axis.set(title=name, xlabel="x₁", xticks=[0, 1], yticks=[0, 1])
    axes[0].set_ylabel("x₂")
    plots.show(
        fig,
        alt="Four squares with the corners 00, 01, 10, 11, each cut by one straight line: "
        "NAND separates 11 from the rest, AND the same with the sides exchanged, OR "
        "separates 00, NOR the same exchanged.",
    )

# %% [markdown]
# ## Task 6: linear layers compose to one linear layer (2 points)
#
# Several neurons that look at the same inputs form a **layer**. Their weights are the rows of a
# matrix $W$ of shape $(m, n)$, where `W[j, k]` goes from input $k$ to neuron $j$; their biases
# are a vector $\mathbf b$ of shape $(m,)$. For one example $\mathbf z = W\mathbf x + \mathbf
# b$; for a batch of rows `Z = X @ W.T + b`.
#
# Would a deep network without activations be of any use? The notes answer in one line:
# $W(U(V\mathbf x)) = (WUV)\mathbf x$. Three linear layers are one. With biases it is still so.
# For two layers,
#
# $$U(V\mathbf x + \mathbf c) + \mathbf d = (UV)\,\mathbf x + (U\mathbf c + \mathbf d).$$
#
# Mind the order: the layer that acts *first* stands on the *right*.


# %% task="collapse"
def collapse(layers):
    """One linear layer that does the same as several, one after the other.

    Parameters
    ----------
    layers : list of (W, b)
        The layers in the order in which they act, at least one. W is (n_out, n_in) and b is
        (n_out,), float64; each layer's n_in is the n_out of the one before.

    Returns
    -------
    (W, b)
        W (n_last, n_first) and b (n_last,), such that W x + b is what the layers make of x.
    """
    ### BEGIN SOLUTION
    W, b = layers[0]
    for U, d in layers[1:]:
        W, b = U @ W, U @ b + d
    return W, b
    ### END SOLUTION


# %% test="collapse" points=2
checks.close(
    collapse(
        [
            (np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0]]), np.array([1.0, 0.0, -2.0])),
            (np.array([[1.0, 0.0, 2.0], [-1.0, 1.0, 1.0]]), np.array([0.5, -1.0])),
        ]
    ),
    (np.array([[7.0, 4.0], [2.0, -2.0]]), np.array([-2.5, -4.0])),
    "two layers, 2 → 3 → 2, made one: (W, b)",
    rtol=1e-5,
    causes=[
        checks.cause(
            "order",
            (
                np.array([[-1.0, 2.0, 4.0], [1.0, -1.0, -1.0], [2.0, 1.0, 7.0]]),
                np.array([-2.5, -4.0]),
            ),
            "The product is in the wrong order: the first layer's matrix stands on the right.",
        ),
        checks.cause(
            "bias-forgotten",
            (np.array([[7.0, 4.0], [2.0, -2.0]]), np.zeros(2)),
            "The biases are missing from the result.",
        ),
        checks.cause(
            "last-bias-only",
            (np.array([[7.0, 4.0], [2.0, -2.0]]), np.array([0.5, -1.0])),
            "The first layer's bias passes through the second layer too: U c + d.",
        ),
        checks.cause(
            "last-bias-forgotten",
            (np.array([[7.0, 4.0], [2.0, -2.0]]), np.array([-3.0, -3.0])),
            "The second layer adds its own bias d too.",
        ),
    ],
)
checks.same(
    collapse,
    lambda _: (np.array([[2.0, 6.0]]), np.array([5.0])),
    [([(np.array([[1.0, 3.0]]), np.array([2.0])), (np.array([[2.0]]), np.array([1.0]))],)],
    "two layers, 2 → 1 → 1, made one, leaving the list as it was",
    rtol=1e-5,
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    collapse_rng = np.random.default_rng(106)

    def random_layers(*sizes):
        pairs = itertools.pairwise(sizes)
        return [(collapse_rng.normal(size=(m, n)), collapse_rng.normal(size=m)) for n, m in pairs]

    def collapse_reference(layers, keep=1.0, own=1.0):
        total, shift = np.eye(layers[0][0].shape[1]), np.zeros(layers[0][0].shape[1])
        for U, d in layers:
            total, shift = U @ total, keep * (U @ shift) + own * d
        return total, shift

    def collapse_no_last(layers):
        *earlier, (U, _) = layers
        total, shift = collapse_reference(earlier)
        return U @ total, U @ shift

    checks.same(
        collapse,
        collapse_reference,
        [
            (random_layers(3, 5),),
            (random_layers(4, 2, 3),),
            (random_layers(3, 6, 2, 4),),
            (random_layers(5, 4, 1, 3, 2),),
        ],
        "collapse of one to four layers",
        rtol=1e-5,
        atol=1e-6,
        causes=[
            checks.cause(
                "last-bias-only",
                lambda layers: collapse_reference(layers, keep=0.0),
                "Earlier biases pass through the later layers too.",
            ),
            checks.cause(
                "bias-forgotten",
                lambda layers: collapse_reference(layers, own=0.0),
                "The biases are missing from the result.",
            ),
            checks.cause(
                "last-bias-forgotten", collapse_no_last, "The last layer adds its own bias too."
            ),
        ],
    )
### END HIDDEN TESTS

# %%
# The same in raw TensorFlow: three matrices one after the other, or their product once.
last = tf.constant([[1.0, -2.0]])
middle = tf.constant([[2.0, 0.0, 1.0], [1.0, 1.0, -1.0]])
first = tf.constant([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0]])
column = tf.constant([[0.5], [-1.5]])
print("W(U(Vx)) =", tf.matmul(last, tf.matmul(middle, tf.matmul(first, column))).numpy().ravel())
print("(WUV)x   =", tf.matmul(tf.matmul(tf.matmul(last, middle), first), column).numpy().ravel())

# %% [markdown]
# So depth without a non-linearity buys nothing: one line in the plane stays one line. From here
# on there is a step after every layer, and things become interesting.
#
# ## Task 7: several perceptrons carve out a region (2 points)
#
# Each perceptron says on which side of its line a point lies: it fires on a half-plane. Let one
# more perceptron take these answers as its inputs and fire only if **all** of them fire: an AND
# of $m$ inputs. What is left is where all the half-planes overlap, a convex region. Notes 000
# put it so: "only when each node is switched on will the total cross the threshold".
#
# > **Erratum (notes 000).** They call such a network "a linear classifier for complex regions".
# > Each *node* is a linear classifier. The network as a whole is not: its region has corners.


# %% task="inside"
def inside(points, W, b):
    """Two-layer network that fires where all of m perceptrons fire.

    The hidden layer has the weights W, the biases b and the step activation. The output is the
    AND of its m answers.

    Parameters
    ----------
    points : numpy.ndarray, float, (N, 2)
        Points of the plane, one in each row.
    W : numpy.ndarray, float, (m, 2)
        Hidden weights, one perceptron in each row.
    b : numpy.ndarray, float, (m,)
        Hidden biases.

    Returns
    -------
    numpy.ndarray, (N,)
        1 for each point where all m perceptrons fire, else 0 (as float, int or bool).
    """
    ### BEGIN SOLUTION
    hidden = points @ W.T + b > 0  # (N, m)
    total = hidden.sum(axis=1) + (0.5 - len(b))  # AND: every weight 1, bias just above −m
    return total > 0
    ### END SOLUTION


# %% test="inside" points=2
nine_points = np.array(
    [[1, 2], [3, 1], [1, 0.75], [-1, 4], [0.25, -2], [4, -1], [0.25, 0.25], [-1, 1], [-0.25, 0.25]]
)
checks.close(
    inside(
        nine_points,
        np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
        np.array([-0.5, -0.5, -2.0]),
    ),
    [1, 1, 0, 0, 0, 0, 0, 0, 0],
    "nine points and the region x₁ > ½, x₂ > ½, x₁ + x₂ > 2",
    causes=[
        checks.cause(
            "or-instead-of-and", [1, 1, 1, 1, 0, 1, 0, 1, 0], "It fires if any fires; all must."
        ),
        checks.cause("count", [3, 3, 2, 2, 0, 2, 0, 1, 0], "This counts those that fire."),
        checks.cause(
            "one-missing",
            [1, 1, 1, 1, 0, 1, 0, 0, 0],
            "It fires if all but one fire: the bias of the AND is too high.",
        ),
        checks.cause("bias-forgotten", [1, 1, 1, 0, 0, 0, 1, 0, 0], "The biases b are missing."),
        checks.cause(
            "bias-sign", [1, 1, 1, 0, 0, 0, 1, 0, 1], "The biases b are added, not subtracted."
        ),
        checks.cause(
            "hidden-step-missing",
            [1, 1, 0, 1, 0, 1, 0, 0, 0],
            "The hidden layer needs its step before the AND.",
        ),
        checks.cause("inverted", [0, 0, 1, 1, 1, 1, 1, 1, 1], "It fires outside the region."),
        checks.cause("never-fires", [0] * 9, "No point passes: is the bias of the AND too low?"),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    inside_rng = np.random.default_rng(107)

    def inside_case(m, size):
        turn = 2 * np.pi * (np.arange(m) + inside_rng.uniform(0.1, 0.4, size=m)) / m
        W = np.column_stack([np.cos(turn), np.sin(turn)]) * inside_rng.uniform(0.5, 2, size=(m, 1))
        return inside_rng.normal(size=(size, 2)) * 1.5, W, inside_rng.uniform(0.6, 1.6, size=m)

    def firing(points, W, b):
        return np.array(
            [[float(np.dot(w, p) + c > 0) for w, c in zip(W, b, strict=True)] for p in points]
        )

    checks.same(
        inside,
        lambda points, W, b: firing(points, W, b).min(axis=1),
        [inside_case(5, 40), inside_case(2, 30), inside_case(7, 50), inside_case(1, 9)],
        "inside, with 1 to 7 perceptrons",
        causes=[
            checks.cause("or-instead-of-and", lambda *a: firing(*a).max(1), "All must fire."),
            checks.cause("count", lambda *a: firing(*a).sum(1), "This counts those that fire."),
            checks.cause(
                "one-missing", lambda *a: firing(*a).sum(1) > len(a[2]) - 1.5, "All must fire."
            ),
            checks.cause("fixed-number", lambda *a: firing(*a).sum(1) > 2.5, "m is not always 3."),
            checks.cause("fixed-number", lambda *a: firing(*a)[:, :3].min(1), "m is not always 3."),
            checks.cause(
                "bias-forgotten", lambda p, W, b: firing(p, W, 0 * b).min(1), "Add the biases b."
            ),
            checks.cause("bias-sign", lambda p, W, b: firing(p, W, -b).min(1), "b is added."),
            checks.cause(
                "hidden-step-missing",
                lambda p, W, b: (p @ W.T + b).sum(1) > len(b) - 0.5,
                "The hidden layer needs its step before the AND.",
            ),
        ],
    )
### END HIDDEN TESTS


# %% given="polygon"
def polygon(corners):
    """Perceptrons, one for each side, that all fire inside a convex polygon.

    Parameters
    ----------
    corners : numpy.ndarray, float, (m, 2)
        Corners, counter-clockwise.

    Returns
    -------
    W (m, 2), b (m,)
        Row j fires on the inner side of the line from corner j to the next.
    """
    along = np.roll(corners, -1, axis=0) - corners
    inward = np.column_stack([-along[:, 1], along[:, 0]])
    return inward, -(inward * corners).sum(axis=1)


# %%
with plots.needs("inside"):
    angle = np.pi / 2 + 2 * np.pi * np.arange(5) / 5
    sides, offsets = polygon(2 * np.column_stack([np.cos(angle), np.sin(angle)]))

    def how_many(points):
        """Number of the five perceptrons that fire, asking each on its own."""
        alone = [inside(points, sides[[j]], offsets[[j]]) for j in range(5)]
        return np.sum(np.asarray(alone, dtype=float), axis=0)

    fig, axes = plots.figure(
        "Each perceptron gives a half-plane; the AND of five leaves a pentagon",
        columns=3,
        width=10.5,
        height=4.2,
        sharey=True,
    )
    square = ((-4, 4), (-4, 4))
    plots.regions(axes[0], lambda p: inside(p, sides[:1], offsets[:1]), *square)
    plots.regions(axes[1], how_many, *square, levels=[2.5, 3.5, 4.5, 5.5])
    plots.regions(axes[2], lambda p: inside(p, sides, offsets), *square)
    for place in [(0.0, 0.0), (1.3, 1.8), (-1.3, 1.8), (0.0, 3.2), (3.0, 1.0), (-3.0, 1.0)]:
        count = how_many(np.array([place]))[0]
        ink = "white" if count < 4 else "black"
        axes[1].text(*place, f"{count:.0f}", ha="center", va="center", color=ink)
    for axis, name in zip(axes, ("one perceptron", "how many fire", "all five fire"), strict=True):
        axis.set(title=name, xlabel="x₁")
    axes[0].set_ylabel("x₂")
    plots.show(
        fig,
        alt="Three maps of the plane. Left: one perceptron fires on a half-plane. Middle: the "
        "number of five perceptrons that fire, 5 in a central pentagon, 4 in the spikes "
        "of the star around it and 3 elsewhere. Right: the AND of the five fires inside "
        "the pentagon only.",
    )

# %% [markdown]
# ## Task 8: XOR needs a hidden layer (2 points)
#
# XOR fires if exactly one of two inputs is 1: 0, 1, 1, 0 at 00, 01, 10, 11. Try to draw one
# line with 01 and 10 on one side and 00 and 11 on the other. It cannot be done, and four
# inequalities say why: one neuron would need
#
# $$b \le 0, \qquad b + w_1 > 0, \qquad b + w_2 > 0, \qquad b + w_1 + w_2 \le 0.$$
#
# The two in the middle add up to $2b + w_1 + w_2 > 0$, the outer two to $2b + w_1 + w_2 \le 0$:
# a contradiction.
#
# With two layers it can be done. Choose hidden perceptrons (how many is up to you) and one
# output perceptron that reads their answers. For example: what do OR and NAND have in common?


# %% given="two_layers"
def xor_answers(W1, b1, w2, b2, fires=np.greater):
    """Answers at 00, 01, 10, 11 of perceptrons (W1, b1) that one perceptron (w2, b2) reads."""
    W1, b1, w2 = np.asarray(W1, dtype=float), np.ravel(b1), np.ravel(w2)
    hidden = [fires(at_corners(w, b), 0) for w, b in zip(W1, b1, strict=True)]
    z = float(np.ravel(b2)[0]) + sum(w * h for w, h in zip(w2, hidden, strict=True))
    return fires(z, 0).astype(int)


# %% task="xor_network"
def xor_network():
    """Weights and biases of a two-layer network of perceptrons that computes XOR.

    Returns
    -------
    W1 : (m, 2)
        Weights of m hidden perceptrons, one in each row; m is your choice.
    b1 : (m,)
        Their biases.
    w2 : (m,)
        Weights of the output perceptron, which reads the hidden answers.
    b2 : float
        Its bias.
    """
    ### BEGIN SOLUTION
    W1 = np.array([[1.0, 1.0], [-1.0, -1.0]])  # OR; NAND
    b1 = np.array([-0.5, 1.5])
    w2, b2 = np.array([1.0, 1.0]), -1.5  # AND of the two
    return W1, b1, w2, b2
    ### END SOLUTION


# %% test="xor_network" points=2
xor_parts = xor_network()
checks.holds(
    isinstance(xor_parts, (tuple, list)) and len(xor_parts) == 4,
    "four results come back: W1, b1, w2 and b2",
    "end in `return W1, b1, w2, b2`.",
)
xor_hidden_w, xor_hidden_b, xor_output_w, xor_output_b = xor_parts
checks.shape(xor_hidden_w, (None, 2), "shape of W1: a row of 2 weights for each hidden perceptron")
xor_m = len(np.asarray(xor_hidden_w))
checks.holds(
    np.size(xor_hidden_b) == xor_m
    and np.size(xor_output_w) == xor_m
    and np.size(xor_output_b) == 1,
    f"b1 and w2 have {xor_m} numbers, one for each row of W1, and b2 is one number",
    "b1 and w2 need one number for each hidden perceptron, and b2 is a single number.",
)
xor_got = xor_answers(xor_hidden_w, xor_hidden_b, xor_output_w, xor_output_b)


def xor_if(answers):
    """What came back, if a change would have made it right; else the right answers."""
    return xor_got if list(answers) == [0, 1, 1, 0] else [0, 1, 1, 0]


checks.close(
    xor_got,
    [0, 1, 1, 0],
    "XOR at 00, 01, 10, 11",
    causes=[
        checks.cause(
            "at-zero",
            lambda: xor_if(
                xor_answers(
                    xor_hidden_w, xor_hidden_b, xor_output_w, xor_output_b, np.greater_equal
                )
            ),
            "Some z is exactly 0, where the course's step is 0: move the biases a little.",
        ),
        checks.cause(
            "transposed",
            lambda: (
                xor_if(
                    xor_answers(
                        np.transpose(xor_hidden_w), xor_hidden_b, xor_output_w, xor_output_b
                    )
                )
                if xor_m == 2
                else [0, 1, 1, 0]
            ),
            "With W1 transposed it is XOR: row j of W1 belongs to hidden perceptron j.",
        ),
        checks.cause("inverted", [1, 0, 0, 1], "This is the opposite of XOR: negate w2 and b2."),
        checks.cause("or-not-xor", [0, 1, 1, 1], "This is OR: at 11 something must hold it back."),
        checks.cause(
            "and-not-xor", [0, 0, 0, 1], "This is AND: it must fire at 01 and 10 instead."
        ),
        checks.cause("nand-not-xor", [1, 1, 1, 0], "This is NAND: at 00 it must not fire."),
        checks.cause("never-fires", [0, 0, 0, 0], "The output never fires: is b2 too low?"),
        checks.cause("always-fires", [1, 1, 1, 1], "The output always fires: is b2 too high?"),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    checks.finite(xor_hidden_w, "W1")
    checks.finite(xor_output_w, "w2")
    checks.close(xor_answers(*xor_network()), [0, 1, 1, 0], "XOR again")
### END HIDDEN TESTS

# %%
with plots.needs("xor_network", "inside"):
    W1, b1, w2, b2 = (np.asarray(part, dtype=float) for part in xor_network())
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])

    def hidden_answers(points):
        """What each hidden perceptron says, (N, m): a region with a single side each."""
        columns = [inside(points, W1[[j]], b1[[j]]) for j in range(len(W1))]
        return np.column_stack(columns).astype(float)

    folded = hidden_answers(corners)
    print("x₁ x₂   hidden      XOR")
    for x, h, answer in zip(corners, folded, xor_answers(W1, b1, w2, b2), strict=True):
        print(f" {x[0]:.0f}  {x[1]:.0f}   {h}    {answer}")

    fig, axes = plots.figure(
        "Behind the hidden layer one straight cut is enough",
        columns=2,
        width=8.4,
        height=4.2,
    )
    plots.regions(
        axes[0],
        lambda p: hidden_answers(p) @ np.ravel(w2) + np.ravel(b2) > 0,
        (-0.6, 1.6),
        (-0.6, 1.6),
    )
    plots.points(axes[0], corners, [0, 1, 1, 0], size=70)
    axes[0].set(
        title="what the network sees", xlabel="x₁", ylabel="x₂", xticks=[0, 1], yticks=[0, 1]
    )
    if len(W1) == 2:
        plots.regions(
            axes[1], lambda h: h @ np.ravel(w2) + np.ravel(b2) > 0, (-0.6, 1.6), (-0.6, 1.6)
        )
    plots.points(axes[1], folded[:, :2], [0, 1, 1, 0], size=70)
    for place in np.unique(folded[:, :2], axis=0):
        here = [f"{x[0]:.0f}{x[1]:.0f}" for x in corners[(folded[:, :2] == place).all(axis=1)]]
        axes[1].annotate(" and ".join(here), place, xytext=(8, 6), textcoords="offset points")
    axes[1].set(
        title="what the output neuron sees",
        xlabel="hidden 1",
        ylabel="hidden 2",
        xticks=[0, 1],
        yticks=[0, 1],
    )
    plots.show(
        fig,
        alt="Left: the four inputs of XOR and the regions where the network fires: 01 and 10 lie "
        "within, 00 and 11 outside. Right: what the first two hidden perceptrons answer to the "
        "four inputs. If there are only two, some inputs share a point, and one straight line "
        "separates 01 and 10 from 00 and 11.",
    )

# %% [markdown]
# ## Task 9: the same layer in TensorFlow (1 point)
#
# What you wrote in NumPy is what the big libraries do. First raw TensorFlow. Its tensors behave
# much like arrays: `tf.matmul` multiplies matrices (`transpose_b=True` transposes the second),
# comparisons give booleans, and `tf.cast` turns booleans into numbers.


# %% task="layer_tf"
def layer_tf(x, W, b):
    """Layer of m perceptrons in raw TensorFlow: a = step(x Wᵀ + b), for a batch of rows.

    Parameters
    ----------
    x : tf.Tensor, float64, (N, n)
        Examples, one in each row.
    W : tf.Tensor, float64, (m, n)
        Weights, one neuron in each row.
    b : tf.Tensor, float64, (m,)
        Biases.

    Returns
    -------
    tf.Tensor, (N, m)
        Activations, each 0 or 1, of any dtype.
    """
    ### BEGIN SOLUTION
    z = tf.matmul(x, W, transpose_b=True) + b
    return tf.cast(z > 0, z.dtype)
    ### END SOLUTION


# %% test="layer_tf" points=1
tensor_x = tf.constant([[1.0, 2.0], [-1.0, 0.5], [0.0, -1.0]], dtype=tf.float64)
tensor_w = tf.constant([[2.0, -3.0], [1.0, 1.0]], dtype=tf.float64)
tensor_b = tf.constant([5.0, 0.75], dtype=tf.float64)
tensor_a = layer_tf(tensor_x, tensor_w, tensor_b)
checks.close(
    tensor_a,
    [[1, 1], [1, 1], [1, 0]],
    "two perceptrons on three examples",
    causes=[
        checks.cause("transposed", [[1, 0], [1, 1], [1, 0]], "Multiply by W transposed."),
        checks.cause("bias-forgotten", [[0, 1], [0, 0], [1, 0]], "The bias is missing."),
        checks.cause("bias-sign", [[0, 1], [0, 0], [0, 0]], "The bias is added, not subtracted."),
        checks.cause("no-step", [[1, 3.75], [1.5, 0.25], [8, -0.25]], "This is z: apply the step."),
        checks.cause("minus-one", [[1, 1], [1, 1], [1, -1]], "The step is never −1: 0 below zero."),
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
    example=(tensor_x, tensor_w, tensor_b),
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    tensor_rng = np.random.default_rng(108)
    tensor_cases = [
        tuple(tf.constant(tensor_rng.normal(size=s)) for s in ((N, n), (m, n), (m,)))
        for N, n, m in ((7, 3, 5), (4, 6, 2), (1, 2, 3))
    ]

    def layer_reference(x, W, b, bias=1.0, decide=lambda z: z > 0):
        return decide(np.einsum("ik,jk->ij", x, W) + bias * b.numpy()).astype(float)

    checks.same(
        layer_tf,
        layer_reference,
        tensor_cases,
        "layer_tf on other layers",
        causes=[
            checks.cause(
                "bias-forgotten", lambda x, W, b: layer_reference(x, W, b, 0.0), "Add the bias."
            ),
            checks.cause("bias-sign", lambda x, W, b: layer_reference(x, W, b, -1.0), "Add b."),
            checks.cause(
                "no-step",
                lambda x, W, b: layer_reference(x, W, b, 1.0, np.asarray),
                "Apply the step.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 10: the same layer in Keras (1 point)
#
# A fully connected layer is `keras.layers.Dense(units, activation=…)`, and `activation` may be
# any function of $z$, our step too. `layer.build((None, n))` makes its weights for $n$ inputs,
# and `layer.set_weights([kernel, bias])` sets them.
#
# One trap: **Keras stores the weights transposed.** Its `kernel` has the shape $(n_{in},
# n_{out})$ and it computes `x @ kernel + bias`; our $W$ has the shape $(n_{out}, n_{in})$. So
# `kernel = W.T`. If $W$ happens to be square, Keras cannot notice that you forgot it.


# %% task="dense_layer"
def dense_layer(W, b):
    """Keras Dense layer of m perceptrons that holds the weights W and biases b.

    Parameters
    ----------
    W : numpy.ndarray, float, (m, n)
        Weights, one neuron in each row; Keras wants the transpose.
    b : numpy.ndarray, float, (m,)
        Biases.

    Returns
    -------
    keras.layers.Dense
        Built for n inputs, with a step activation: called on a batch (N, n) it gives (N, m)
        zeros and ones.
    """
    ### BEGIN SOLUTION
    layer = keras.layers.Dense(len(b), activation=lambda z: keras.ops.cast(z > 0, "float32"))
    layer.build((None, W.shape[1]))
    layer.set_weights([W.T, b])
    return layer
    ### END SOLUTION


# %% test="dense_layer" points=1
keras_x = np.array([[1.0, 2.0], [-1.0, 0.5], [0.0, -1.0]], dtype="float32")
keras_layer = dense_layer(np.array([[2.0, -3.0], [1.0, 1.0]]), np.array([5.0, 0.75]))
checks.close(
    keras_layer(keras_x),
    [[1, 1], [1, 1], [1, 0]],
    "the Dense layer's answers for three examples",
    rtol=1e-6,
    causes=[
        checks.cause("transposed", [[1, 0], [1, 1], [1, 0]], "Keras' kernel is W.T, not W."),
        checks.cause("bias-forgotten", [[0, 1], [0, 0], [1, 0]], "Set the bias too."),
        checks.cause("no-step", [[1, 3.75], [1.5, 0.25], [8, -0.25]], "The activation is missing."),
        checks.cause(
            "sigmoid-not-step",
            1 / (1 + np.exp(-np.array([[1, 3.75], [1.5, 0.25], [8, -0.25]]))),
            "This is the sigmoid: give the layer the step as its activation.",
        ),
    ],
)
checks.close(
    keras_layer.get_weights()[0],
    [[2.0, 1.0], [-3.0, 1.0]],
    "its kernel, of shape (n_in, n_out)",
    rtol=1e-6,
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    keras_rng = np.random.default_rng(109)
    for keras_count, keras_n, keras_m in ((9, 3, 5), (8, 4, 2), (20, 3, 3)):
        hidden_w, hidden_b = (
            keras_rng.normal(size=(keras_m, keras_n)),
            keras_rng.normal(size=keras_m),
        )
        hidden_x = keras_rng.normal(size=(keras_count, keras_n)).astype("float32")
        hidden_z = np.einsum("ik,jk->ij", hidden_x, hidden_w) + hidden_b
        checks.close(
            dense_layer(hidden_w, hidden_b)(hidden_x),
            (hidden_z > 0).astype(float),
            "the Dense layer of other neurons",
            causes=[
                checks.cause("bias-forgotten", hidden_z - hidden_b > 0, "Set the bias too."),
                checks.cause("no-step", hidden_z.astype("float32"), "The activation is missing."),
            ],
        )
### END HIDDEN TESTS

# %%
# Three ways, one answer: the pentagon by hand, in TensorFlow and in Keras.
with plots.needs("inside", "layer_tf", "dense_layer"):
    angle = np.pi / 2 + 2 * np.pi * np.arange(5) / 5
    W, b = polygon(2 * np.column_stack([np.cos(angle), np.sin(angle)]))
    w_and, b_and = np.ones((1, 5)), np.array([-4.5])
    places = np.random.default_rng(1).uniform(-3, 3, size=(1000, 2))

    by_hand = np.asarray(inside(places, W, b), dtype=int)
    hidden_tf = tf.cast(layer_tf(tf.constant(places), tf.constant(W), tf.constant(b)), tf.float64)
    in_tf = layer_tf(hidden_tf, tf.constant(w_and), tf.constant(b_and)).numpy()[:, 0].astype(int)
    model = keras.Sequential([dense_layer(W, b), dense_layer(w_and, b_and)])
    in_keras = np.asarray(model(places.astype("float32")))[:, 0].astype(int)

    print(f"{by_hand.sum()} of 1000 random points lie in the pentagon.")
    print(f"NumPy and TensorFlow agree on {np.sum(by_hand == in_tf)} of them all,")
    print(f"NumPy and Keras on {np.sum(by_hand == in_keras)}.")
    print("Keras' two kernels:", [layer.get_weights()[0].shape for layer in model.layers])

# %% [markdown]
# ## Why gradient descent cannot learn a step
#
# Until now the weights were chosen by hand. How could a machine find them? The idea behind most
# of this course is **gradient descent**: change each weight a little in the direction that
# lowers the cost. For that the cost must *react* to a little change. Let us ask the step how it
# reacts: its derivative, by TensorFlow and by small differences.

# %%
with plots.needs("step"):
    at, widths = np.array([-1.0, 0.5, 2.0, 0.0]), (1e-1, 1e-3, 1e-5)
    rises = [
        np.asarray(step(at + h), dtype=float) - np.asarray(step(at - h), dtype=float)
        for h in widths
    ]

    z = tf.Variable([-1.0, 0.5, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        hard = tf.cast(z > 0, tf.float32)
        soft = tf.math.sigmoid(z)
    print("TensorFlow, at z = −1, 0.5, 2:")
    print("  derivative of the step:   ", tape.gradient(hard, z))
    print("  derivative of the sigmoid:", tape.gradient(soft, z).numpy())

    print("\n(step(z + h) − step(z − h)) / 2h, at z = −1, 0.5, 2 and 0:")
    for h, rise in zip(widths, rises, strict=True):
        print(f"  h = {h:g}".ljust(12), "".join(f"{slope:10.1f}" for slope in rise / (2 * h)))

# %% [markdown]
# TensorFlow answers `None`: nothing to differentiate. Small differences say the same in
# numbers. The derivative is **0 everywhere except at $z = 0$, and there it does not exist**:
# the smaller $h$, the larger the quotient. So the gradient of any cost behind a step is zero
# almost everywhere, and gradient descent stands still.
#
# The next figure shows it on data: 60 points, two classes, and the cost $C = \frac1N \sum
# \frac12 (y - a)^2$ as one weight changes.

# %%
with plots.needs("step", "weighted_input"):
    x, y = datasets.toy("separable", 60, seed=1)

    def costs(g, first_weights):
        answers = (perceptron(x, np.array([w1, 2.4]), -1.5, g) for w1 in first_weights)
        return first_weights, [np.mean((y - a) ** 2) / 2 for a in answers]

    plots.curves(
        {
            "step": costs(step, np.linspace(-3, 4, 501)),
            "sigmoid": costs(tf.math.sigmoid, np.linspace(-3, 4, 71)),
        },
        "The step's cost is a staircase: flat, so its slope says nothing",
        xlabel="first weight w₁ (w₂ = 2.4, b = −1.5 stay)",
        ylabel="cost C",
        alt="Cost against one weight. With the step the cost is flat and jumps now and then; "
        "with the sigmoid it is a smooth valley whose slope points to the minimum "
        "everywhere.",
    )

# %% [markdown]
# ## Task 11: the perceptron learning rule (2 points)
#
# Rosenblatt's rule (1958) needs no derivative. Show the perceptron one example. If its answer
# $\hat y$ is right, change nothing. If it is wrong, turn the weights towards the example or
# away from it:
#
# $$\mathbf w \leftarrow \mathbf w + \eta\,(y - \hat y)\,\mathbf x,
# \qquad b \leftarrow b + \eta\,(y - \hat y).$$
#
# Here $y$ is the label, 0 or 1, and $\eta$ the **learning rate**. $y - \hat y$ is $+1$ if it
# should have fired and did not, $-1$ if it fired and should not have, and 0 if it was right.
# The bias learns like a weight whose input is always 1. (Some books label the classes $-1$ and
# $+1$; their formulas look different.)


# %% task="update"
def update(w, b, x, y, eta):
    """One step of the perceptron learning rule on one example.

    ŷ = 1 if w·x + b > 0 else 0;   w ← w + η (y − ŷ) x;   b ← b + η (y − ŷ)

    Parameters
    ----------
    w : numpy.ndarray, float64, (n,)
        Weights; the array itself must stay as it is.
    b : float
        Bias.
    x : numpy.ndarray, float64, (n,)
        One example.
    y : int
        Its label, 0 or 1.
    eta : float
        Learning rate η.

    Returns
    -------
    (w, b)
        The new weights (n,), a new array, and the new bias.
    """
    ### BEGIN SOLUTION
    prediction = 1 if x @ w + b > 0 else 0
    error = y - prediction
    return w + eta * error * x, b + eta * error
    ### END SOLUTION


# %% test="update" points=2
checks.close(
    update(np.array([1.0, -2.0]), 0.5, np.array([1.0, 2.0]), 1, 0.1),
    (np.array([1.1, -1.8]), 0.6),
    "y = 1 and z = −2.5: it should have fired; new (w, b)",
    rtol=1e-6,
    causes=[
        checks.cause("sign", (np.array([0.9, -2.2]), 0.4), "Turned the wrong way: it is y − ŷ."),
        checks.cause("eta-ignored", (np.array([2.0, 0.0]), 1.5), "The learning rate is missing."),
        checks.cause("bias-not-updated", (np.array([1.1, -1.8]), 0.5), "The bias learns too."),
        checks.cause("z-not-step", (np.array([1.35, -1.3]), 0.85), "ŷ is the step of z, not z."),
        checks.cause("no-change", (np.array([1.0, -2.0]), 0.5), "Nothing changed: ŷ is 0, y is 1."),
        checks.cause("x-forgotten", (np.array([1.1, -1.9]), 0.6), "Each wᵢ moves by its own xᵢ."),
        checks.cause("two-steps", (np.array([1.2, -1.6]), 0.7), "y − ŷ is 1 here, not 2."),
        checks.cause("eta-ignored", (np.array([1.1, -1.8]), 1.5), "The bias's step needs η too."),
    ],
)
checks.close(
    update(np.array([1.0, -2.0]), 0.5, np.array([3.0, 1.0]), 0, 0.1),
    (np.array([0.7, -2.1]), 0.4),
    "y = 0 and z = 1.5: it should not have fired; new (w, b)",
    rtol=1e-6,
    causes=[
        checks.cause("sign", (np.array([1.3, -1.9]), 0.6), "Turned the wrong way: it is y − ŷ."),
        checks.cause("never-unlearns", (np.array([1.0, -2.0]), 0.5), "y − ŷ is −1 here, not 0."),
        checks.cause(
            "two-steps", (np.array([0.4, -2.2]), 0.3), "Labels are 0 and 1, not −1 and 1."
        ),
    ],
)
checks.close(
    update(np.array([1.0, -2.0]), 0.5, np.array([3.0, 1.0]), 1, 0.1),
    (np.array([1.0, -2.0]), 0.5),
    "y = 1 and z = 1.5: it was right; nothing changes",
    rtol=1e-6,
    causes=[
        checks.cause(
            "every-example",
            (np.array([1.3, -1.9]), 0.6),
            "Learn from mistakes only: y − ŷ is 0 here.",
        ),
    ],
)
checks.same(
    update,
    lambda *_: (np.array([1.1, -1.8]), 0.6),
    [(np.array([1.0, -2.0]), 0.5, np.array([1.0, 2.0]), 1, 0.1)],
    "it leaves the old w as it was",
    rtol=1e-6,
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    update_rng = np.random.default_rng(110)
    update_cases = [
        (update_rng.normal(size=n), update_rng.normal(), update_rng.normal(size=n), y, eta)
        for n, y, eta in ((3, 0, 0.3), (5, 1, 0.7), (2, 0, 0.05), (4, 1, 2.0)) * 4
    ]

    def update_reference(w, b, x, y, eta, error=lambda y, z: y - (z > 0)):
        wrong_by = error(y, np.dot(w, x) + b)
        return w + eta * wrong_by * x, b + eta * wrong_by

    checks.same(
        update,
        update_reference,
        update_cases,
        "update on random examples",
        rtol=1e-6,
        atol=1e-9,
        causes=[
            checks.cause(
                "sign",
                lambda *a: update_reference(*a, error=lambda y, z: (z > 0) - y),
                "It turns the wrong way.",
            ),
            checks.cause("eta-ignored", lambda *a: update_reference(*a[:4], 1.0), "η is missing."),
            checks.cause(
                "bias-not-updated",
                lambda *a: (update_reference(*a)[0], a[1]),
                "The bias learns too.",
            ),
            checks.cause(
                "z-not-step",
                lambda *a: update_reference(*a, error=lambda y, z: y - z),
                "ŷ is the step of z.",
            ),
            checks.cause(
                "every-example",
                lambda *a: update_reference(*a, error=lambda y, z: 2 * y - 1),
                "Learn from mistakes only.",
            ),
            checks.cause(
                "every-example",
                lambda *a: update_reference(*a, error=lambda y, z: y),
                "Learn from mistakes only.",
            ),
            checks.cause(
                "never-unlearns",
                lambda *a: update_reference(*a, error=lambda y, z: y * (z <= 0)),
                "It must unlearn too where y = 0.",
            ),
            checks.cause(
                "two-steps",
                lambda *a: update_reference(*a, error=lambda y, z: 2 * (y - (z > 0))),
                "Labels are 0 and 1: y − ŷ is at most 1.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 12: training (3 points)
#
# One **epoch** shows every example once. Count the mistakes on the way: a mistake is an example
# for which $\hat y \ne y$ *at the moment it is shown*, with the weights as they are then. The
# next example already meets the new weights. After an epoch without a mistake nothing changes
# any more: the perceptron has **converged**.


# %% task="train"
def train(x, y, w, b, eta, epochs):
    """Train a perceptron with its learning rule, example by example, in the given order.

    For each example:   ŷ = 1 if w·x + b > 0 else 0;   w ← w + η (y − ŷ) x;   b ← b + η (y − ŷ)

    Parameters
    ----------
    x : numpy.ndarray, float64, (N, n)
        Examples.
    y : numpy.ndarray, int64, (N,)
        Labels, 0 or 1.
    w : numpy.ndarray, float64, (n,)
        Weights at the start.
    b : float
        Bias at the start.
    eta : float
        Learning rate η.
    epochs : int
        How often all examples are shown.

    Returns
    -------
    w : numpy.ndarray, float64, (n,)
        Weights at the end.
    b : float
        Bias at the end.
    mistakes : list of int, length epochs
        The number of mistakes made in each epoch.
    """
    ### BEGIN SOLUTION
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for example, label in zip(x, y, strict=True):
            prediction = 1 if example @ w + b > 0 else 0
            error = label - prediction
            w = w + eta * error * example
            b = b + eta * error
            wrong += int(error != 0)
        mistakes.append(wrong)
    return w, b, mistakes
    ### END SOLUTION


# %% test="train" points=2
five_x = np.array([[2.0, 1.0], [-1.0, 1.0], [1.0, -2.0], [-1.0, -1.5], [0.5, 0.5]])
five_y = np.array([1, 0, 0, 1, 1])
trained = train(five_x, five_y, np.array([-0.5, 0.25]), -0.4, 0.3, 3)
checks.holds(
    isinstance(trained, (tuple, list)) and len(trained) == 3,
    "three results come back: w, b and the list of mistakes",
    "end in `return w, b, mistakes`.",
)
checks.close(
    tuple(trained[:2]),
    (np.array([-0.05, 0.25]), 0.2),
    "w and b after three epochs on five examples",
    rtol=1e-6,
    causes=[
        checks.cause(
            "batch-update",
            (np.array([-0.05, -0.2]), -0.1),
            "Each example must meet the weights that the one before it has left.",
        ),
        checks.cause(
            "one-epoch",
            (np.array([0.25, -0.05]), 0.2),
            "These are w and b after one epoch: show all examples `epochs` times, and go on "
            "each time where the last epoch ended.",
        ),
        checks.cause("sign", (np.array([-3.65, -0.2]), -1.3), "It turns the wrong way: y − ŷ."),
        checks.cause(
            "eta-ignored", (np.array([-0.5, -0.25]), 1.6), "The learning rate is missing."
        ),
        checks.cause("bias-not-updated", (np.array([0.25, 0.25]), -0.4), "The bias learns too."),
        checks.cause("every-example", (np.array([0.85, 1.15]), 0.5), "Learn from mistakes only."),
        checks.cause("no-change", (np.array([-0.5, 0.25]), -0.4), "w and b came back unchanged."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    train_rng = np.random.default_rng(111)

    def train_case(N, n, eta, epochs):
        x, y = train_rng.normal(size=(N, n)), train_rng.integers(0, 2, size=N)
        return x, y, train_rng.normal(size=n), train_rng.normal(), eta, epochs

    def train_reference(x, y, w, b, eta, epochs, way=""):
        for _ in range(epochs):
            seen_w, seen_b = w, b
            for example, label in zip(x, y, strict=True):
                if way != "batch":
                    seen_w, seen_b = w, b
                error = label - float(np.dot(seen_w, example) + seen_b > 0)
                error = {"sign": -error, "every": 2 * label - 1}.get(way, error)
                w = w + (1.0 if way == "eta" else eta) * error * example
                b = b if way == "bias" else b + (1.0 if way == "eta" else eta) * error
            if way == "one":
                break
        return w, b

    def train_cause(name, way, because):
        return checks.cause(name, lambda *a: train_reference(*a, way=way), because)

    checks.same(
        lambda x, y, w, *rest: tuple(train(x, y, w.copy(), *rest)[:2]),
        train_reference,
        [train_case(11, 3, 0.4, 4), train_case(7, 5, 0.15, 3), train_case(20, 2, 1.3, 2)],
        "w and b after training on random examples",
        rtol=1e-6,
        atol=1e-9,
        causes=[
            train_cause("batch-update", "batch", "Each example must meet the newest weights."),
            train_cause("one-epoch", "one", "Show all examples `epochs` times."),
            train_cause("sign", "sign", "The update turns the wrong way: y − ŷ."),
            train_cause("eta-ignored", "eta", "The learning rate is missing."),
            train_cause("bias-not-updated", "bias", "The bias learns too."),
            train_cause("every-example", "every", "Learn from mistakes only."),
        ],
    )
### END HIDDEN TESTS

# %% test="train" part="mistakes" points=1
count_x = np.array([[2.0, 1.0], [-1.0, 1.0], [1.0, -2.0], [-1.0, -1.5], [0.5, 0.5]])
count_y = np.array([1, 0, 0, 1, 1])
checks.close(
    train(count_x, count_y, np.array([-0.5, 0.25]), -0.4, 0.3, 3)[2],
    [4, 2, 4],
    "mistakes in each of three epochs on five examples",
    causes=[
        checks.cause(
            "counted-after",
            [1, 2, 2],
            "Count while learning, not with the weights after the epoch.",
        ),
        checks.cause("not-reset", [4, 6, 10], "Start counting from 0 in every epoch."),
        checks.cause("only-total", 10, "Give one number for each epoch, not the total."),
        checks.cause(
            "signed", [2, 0, 0], "Errors of −1 and +1 cancel: count those that are not 0."
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    count_rng = np.random.default_rng(112)

    def count_case(N, n, epochs):
        x = count_rng.normal(size=(N, n))
        y = (x @ count_rng.normal(size=n) + 0.3 > 0).astype(int)
        if epochs < 6:
            y = count_rng.integers(0, 2, size=N)
        return x, y, count_rng.normal(size=n), count_rng.normal(), 0.2, epochs

    def counts(x, y, w, b, eta, epochs):
        got = np.ravel(train(x, y, w.copy(), b, eta, epochs)[2])
        # Whoever stops after an epoch without a mistake has counted right too.
        return np.pad(got, (0, max(0, epochs - got.size)))

    def count_reference(x, y, w, b, eta, epochs, way=""):
        found = []
        for _ in range(epochs):
            found.append(found[-1] if way == "total" and found else 0)
            for example, label in zip(x, y, strict=True):
                error = label - float(np.dot(w, example) + b > 0)
                w, b = w + eta * error * example, b + eta * error
                found[-1] += error if way == "signed" else abs(error)
            if way == "after":
                found[-1] = np.sum((x @ w + b > 0) != y)
        return np.array(found, dtype=float)

    def count_cause(name, way, because):
        return checks.cause(name, lambda *a: count_reference(*a, way=way), because)

    checks.same(
        counts,
        count_reference,
        [count_case(12, 3, 4), count_case(30, 2, 25), count_case(9, 4, 3)],
        "mistakes in each epoch on random examples",
        causes=[
            count_cause("counted-after", "after", "Count while learning, not after the epoch."),
            count_cause("not-reset", "total", "Start counting from 0 in every epoch."),
            count_cause("signed", "signed", "Errors of −1 and +1 cancel: count those not 0."),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# Watch it learn. The classes of this set can be separated by a line. The start is bad on
# purpose, and the learning rate small, so that there is something to see.

# %%
with plots.needs("train", "step", "weighted_input"):
    x, y = datasets.toy("separable", 60, seed=1)
    w, b = np.array([-1.0, 0.5]), 0.5
    fig, axes = plots.figure(
        "Mistake by mistake the line turns until it separates the classes",
        columns=4,
        width=11.0,
        height=3.5,
        sharey=True,
    )
    done = 0
    for axis, epoch in zip(axes, (0, 1, 3, 6), strict=True):
        if epoch > done:
            w, b, _ = train(x, y, np.ravel(w), float(b), 0.02, epoch - done)
        done = epoch
        plots.regions(axis, lambda p, w=w, b=b: perceptron(p, w, b), (-2.5, 3.5), (-2.5, 3.5))
        plots.points(axis, x, y)
        wrong = np.sum(perceptron(x, w, b) != y)
        axis.set(
            title=f"after epoch {epoch}: {wrong} wrong" if epoch else f"start: {wrong} wrong",
            xlabel="x₁",
        )
    axes[0].set_ylabel("x₂")
    plots.show(
        fig,
        alt="Four pictures of two clouds of points and the perceptron's line: at the start it "
        "cuts through both clouds, after one and three epochs it has turned, after six it "
        "separates them without a mistake.",
    )

# %% [markdown]
# If a separating line exists, the rule finds one after finitely many mistakes: the *perceptron
# convergence theorem*. And if none exists, as for XOR? Then there is a mistake in every epoch,
# for ever.

# %%
with plots.needs("train"):
    start_w, start_b = np.array([-1.0, 0.5]), 0.5
    mistakes = {}
    for label, name in (("separable by a line", "separable"), ("XOR", "xor")):
        x, y = datasets.toy(name, 60, seed=1)
        mistakes[label] = train(x, y, start_w.copy(), start_b, 0.02, 25)[2]
    plots.curves(
        mistakes,
        "On separable data the mistakes end; on XOR they never do",
        xlabel="epoch",
        ylabel="mistakes among 60 examples",
        alt="Mistakes per epoch among 60 examples. On separable data they fall from 30 to 0 "
        "within six epochs and stay there. On XOR they stay at 30 or more for all 25 "
        "epochs.",
    )

# %% [markdown]
# "For ever" can be seen on the four corners of XOR, with $\eta = 1$. From the third epoch on every
# example is a mistake, and after four examples the weights are back where they were. The
# perceptron runs in a circle.

# %%
with plots.needs("update"):
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    labels = [0, 1, 1, 0]
    w, b = np.array([0.3, -0.2]), 0.1
    path = [[*w, b]]
    for shown in range(24):
        w, b = update(w, b, corners[shown % 4], labels[shown % 4], 1.0)
        path.append([*np.ravel(w), float(b)])

    fig, axes = plots.figure(
        "On XOR the weights run in a circle of four examples", rows=3, height=4.2, sharex=True
    )
    for axis, values, name, colour in zip(
        axes, np.transpose(path), ("w₁", "w₂", "b"), plots.PALETTE, strict=False
    ):
        axis.step(range(25), values, where="post", color=colour)
        axis.set(ylabel=name, ylim=(-1.3, 1.3), xlim=(0, 24), xticks=range(0, 25, 4))
        axis.grid(axis="x", alpha=0.5)
    axes[-1].set_xlabel("examples shown (a grid line every four: one epoch)")
    plots.show(
        fig,
        alt="The two weights and the bias over 24 examples of XOR, six epochs. From the "
        "third epoch on each repeats the same pattern in every epoch.",
    )

# %% [markdown]
# A two-layer network of perceptrons *can* compute XOR, as you have built in task 8. But the
# rule cannot train it: it needs to know what each neuron *should* have said, and nobody knows
# that for the hidden ones.
#
# ## A perceptron reads digits
#
# The rule works in any number of dimensions. An image of $28 \times 28$ pixels is a point in
# 784 dimensions. Let a perceptron tell two digits apart, pixels scaled to $[0, 1]$ by
# `x / 255`. Its 784 weights are an image too: it shows what the perceptron looks for.


# %%
def two_digits(images, labels, first, second):
    """Images of two digits as rows (N, 784) in [0, 1]; label 1 for the second digit."""
    chosen = np.isin(labels, (first, second))
    return images[chosen].reshape(-1, 784) / 255, (labels[chosen] == second).astype(int)


with plots.needs("train", "step", "weighted_input"):
    pairs = [(0, 1), (1, 7), (4, 9), (3, 8), (5, 6)]
    fig, axes = plots.figure(
        "The weights show where two digits differ: blue ink says the first, red ink the second",
        columns=5,
        width=10.5,
        height=2.9,
    )
    for axis, (first, second) in zip(axes, pairs, strict=True):
        x, y = two_digits(digits.x_train, digits.y_train, first, second)
        w, b, _ = train(x[:1000], y[:1000], np.zeros(784), 0.0, 1.0, 4)
        x, y = two_digits(digits.x_test, digits.y_test, first, second)
        right = np.mean(perceptron(x, w, b) == y)
        weights = np.reshape(w, (28, 28))
        limit = np.abs(weights).max()
        axis.imshow(weights, cmap="RdBu_r", vmin=-limit, vmax=limit)
        axis.set_title(f"{first} or {second}?\n{right:.1%} right", loc="center")
        axis.axis("off")
    plots.show(
        fig,
        alt="Five images of 28 × 28 weights, for 0 or 1, 1 or 7, 4 or 9, 3 or 8, 5 or 6. Blue "
        "pixels are those that only the first digit inks, red those that only the second "
        "inks: for 0 or 1 a red bar within a blue ring. Above each stands the share of test "
        "images that it reads right.",
    )

# %% [markdown]
# One neuron, four epochs. Two things it cannot do. It cannot say how *sure* it is. And it cannot
# learn as a hidden neuron, in a network that separates what no line separates. Both fail because
# of the step. The next notebook makes the step smooth.

# %% [markdown]
# ## In your own words (2 points)
#
# A friend wants to train the two-layer XOR network of task 8. It starts from random weights,
# and the step is its activation. In four to eight sentences, explain to your friend
#
# 1. why gradient descent on the number of mistakes gets nowhere,
# 2. why the perceptron learning rule cannot train the hidden neurons, although it trains a
#    single neuron well,
# 3. what to change in the neuron so that gradient descent works, and why that helps.

# %% [markdown] task="explain" points=2
# ### BEGIN SOLUTION
# 1. The number of mistakes depends on the weights only through steps. A small change of a
#    weight almost never changes an answer, so the cost is flat around almost every point: its
#    gradient is zero there, and where an answer flips it does not exist. Gradient descent
#    multiplies the learning rate by zero and stays where it is.
# 2. The rule needs y − ŷ of the neuron that it changes. For the output neuron y is the label.
#    For a hidden neuron nobody says what it should have answered: there is no y, so there is no
#    error to learn from.
# 3. Replace the step by a smooth activation such as the sigmoid. Then a small change of any
#    weight, also of a hidden one, changes the output and a smooth cost a little. So the
#    gradient is not zero, and it says in which direction to change each weight.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# ½ point: the derivative of the step, and so of the cost, is zero almost everywhere; or a small
# change of a weight does not change the number of mistakes. "The step is not differentiable at
# 0" alone does not earn it: what matters is that it is flat everywhere else.
#
# ½ point: what follows for gradient descent: it does not move, or has no direction.
#
# ½ point: the rule needs a wanted answer for each neuron, and there is none for the hidden
# ones.
#
# ½ point: a smooth (differentiable) activation, because a small change of a weight then changes
# the cost a little. Only ¼ for naming the sigmoid without a reason.
# ### END MARK SCHEME
