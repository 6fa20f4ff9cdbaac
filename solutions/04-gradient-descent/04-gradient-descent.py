# ---
# topic:
#   results:
#     - what: "Is it a 0? Ten epochs, batches of 16 and of 1 000: accuracy on unseen digits"
#       code: |
#         told = ", ".join(f"{zero_accuracy[m]:.3f}" for m in (16, 1000))
#   figures:
#     - caption: Too small crawls, right arrives, too large flies off
#       alt: Contours of the valley
#     - caption: Two errors make a U
#       alt: Relative error of numerical gradients
# ---

# %% [markdown]
# # 4 Gradient descent
#
# A network learns by making its cost smaller. Gradient descent does that with one idea: find out
# which way is up, and take a small step the other way. This notebook is about the two questions
# behind it. **How small is small?** And **what does it cost to know the way?**
#
# **Afterwards you can**
#
# - predict by how much a step lowers the cost, and say when the prediction fails;
# - choose a learning rate, and name the exact limit beyond which descent diverges;
# - measure a gradient by forward and by centred differences, with a good step size;
# - count what such a measurement costs for any network;
# - descend with all examples, with one at a time, and with mini-batches, and say what each is
#   good for;
# - do the same with `tf.GradientTape`, and with Keras' `SGD`.
#
# **Read first** in the notes:
#
# | notes | what they are | read for |
# |---|---|---|
# | 000 | handwritten, *First principles of CV* | Taylor, the update rule, counting evaluations |
# | 001 | CSci 4270 and 6270, Lecture 15 | "Aside: Minimization"; "Stochastic Gradient Descent" |
# | 002 | slides that begin with *Gradient Descent* | the first slide |
# | 003 | *Lesson 4, Basic Neural Network* | "Follow the slope" and $(xw-y)^2$ |
# | 004 | *Introduction to Deep Learning and Neural Network* | learning rates; mini-batches |
#
# The notes have mistakes, as notes do. Where you meet one, a box marked **Erratum** says so.
#
# **Time**: about two and a half hours. There are 12 small tasks. 20 points are judged
# automatically, 2 more by a person.
#
# **Rules**: replace the line `raise NotImplementedError(…)` by your code, run the cell, then the
# test below it. More tests, with other inputs, run when your work is graded. Tasks 1 to 10 are
# done by hand: no automatic differentiation, no Keras. What is to be derived is not
# measured by differences either. Loops, `@`, `np.einsum` and TensorFlow's plain arithmetic are all
# fine. Task 11 is for TensorFlow without Keras. No task needs an earlier one.

# %% given="setup"
import itertools
import time

import keras
import numpy as np
import tensorflow as tf

from nnkit import checks, datasets, plots

tf.constant(0.0)  # TensorFlow starts here, and not in the middle of a test
np.set_printoptions(precision=5, suppress=True)
BLUE, RED, GREEN = plots.PALETTE[:3]

# %% [markdown]
# ## Task 1: one weight (1 point)
#
# The smallest thing that can learn has one weight: $\hat y = xw$. Its loss on one example is
#
# $$C(w) = (xw - y)^2 .$$
#
# With the residual $s = xw - y$, the chain rule gives the slope: $C = s^2$ changes by $2s$ for
# each unit of $s$, and $s$ changes by $x$ for each unit of $w$. So
#
# $$\frac{dC}{dw} = 2\,s\,x .$$
#
# At $x = 1$, $y = 2$, $w = 1$ (notes 003): $\hat y = 1$, $s = -1$, the loss is 1 and the slope
# $2·(-1)·1 = -2$. The slope is negative, so the loss falls when $w$ **grows**.


# %% task="one_weight"
def one_weight(x, y, w):
    """Return the loss C = (xw − y)² of one weight, and its slope dC/dw = 2 (xw − y) x.

    Parameters
    ----------
    x, y : float
        Input and target of one example.
    w : float
        The weight.

    Returns
    -------
    loss : float
    slope : float
        dC/dw at w.
    """
    ### BEGIN SOLUTION
    s = x * w - y
    return s**2, 2 * s * x
    ### END SOLUTION


# %% test="one_weight" points=1
checks.close(
    one_weight(1.0, 2.0, 1.0),
    [1.0, -2.0],
    "loss and slope at x = 1, y = 2, w = 1",
    causes=[
        checks.cause("sign", [1.0, 2.0], "the slope has the sign of (y − xw): s is xw − y."),
        checks.cause("factor-half", [1.0, -1.0], "the 2 of the square is missing in the slope."),
        checks.cause("half-in-cost", [0.5, -1.0], "this loss has no ½: it is s²."),
        checks.cause("swapped", [-2.0, 1.0], "the loss comes first, then the slope."),
    ],
)
checks.close(
    one_weight(3.0, -1.0, 0.5),
    [6.25, 15.0],
    "loss and slope at x = 3, y = −1, w = 0.5, where s = 2.5",
    causes=[
        checks.cause(
            "inner-slope-missing",
            [6.25, 5.0],
            "the factor x is missing: s = xw − y itself changes by x for each unit of w.",
        ),
        checks.cause(
            "inner-slope-missing", [6.25, 2.5], "s changes by x, not by w, per unit of w."
        ),
        checks.cause("factor-half", [6.25, 7.5], "the 2 of the square is missing in the slope."),
        checks.cause(
            "half-in-cost", [3.125, 7.5], "this loss has no ½: it is s², and its slope is 2 s x."
        ),
        checks.cause("sign", [6.25, -15.0], "the slope has the sign of (y − xw): s is xw − y."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    one_rng = np.random.default_rng(401)
    checks.same(
        one_weight,
        lambda x, y, w: ((y - x * w) ** 2, -2 * x * (y - x * w)),
        [tuple(one_rng.normal(scale=2, size=3)) for _ in range(5)],
        "one_weight on other numbers",
        rtol=1e-5,
        causes=[
            checks.cause(
                "inner-slope-missing",
                lambda x, y, w: ((x * w - y) ** 2, 2 * (x * w - y)),
                "the factor x is missing.",
            ),
            checks.cause(
                "sign",
                lambda x, y, w: ((x * w - y) ** 2, 2 * (y - x * w) * x),
                "the slope has the opposite sign.",
            ),
        ],
    )
    checks.forbid(one_weight, *checks.BY_HAND, what="the slope is derived", example=(1.0, 2.0, 0.5))
### END HIDDEN TESTS

# %%
with plots.needs("one_weight"):
    line = np.linspace(-0.2, 4.2, 100)
    loss, slope = (float(value) for value in one_weight(1.0, 2.0, 1.0))
    fig, axis = plots.figure("At w = 1 the slope is −2: the way down leads to the right")
    axis.plot(line, [one_weight(1.0, 2.0, w)[0] for w in line], color=BLUE, label="(xw − y)²")
    near = np.linspace(0.3, 1.7, 2)
    axis.plot(
        near, loss + slope * (near - 1), "--", color=RED, label=f"slope {slope:g}".replace("-", "−")
    )
    axis.plot(1, loss, "o", color=RED)
    axis.annotate(
        "",
        (1.8, loss),
        (1.05, loss),
        arrowprops={"arrowstyle": "->", "color": GREEN, "linewidth": 2},
    )
    axis.text(1.3, loss + 0.35, "a step against the slope", color=GREEN)
    axis.set(xlabel="weight w", ylabel="loss at x = 1, y = 2")
    axis.legend()
    plots.show(
        fig,
        alt="The parabola (xw − y)² over w for x = 1, y = 2, with its minimum 0 at w = 2. At w = 1 "
        "a dashed tangent of slope −2, and an arrow to the right, down towards the minimum.",
    )

# %% [markdown]
# ## Task 2: what a step promises (1 point)
#
# A network has many weights and biases. Put them all into one vector $v$. How does the cost change
# if $v$ changes a little? Taylor's series answers (notes 000):
#
# $$\Delta C \approx \nabla C \cdot \Delta v, \qquad
# \nabla C = \Big(\frac{\partial C}{\partial v_1}, \frac{\partial C}{\partial v_2}, …\Big).$$
#
# Of all small steps of the same length, the one straight **against** the gradient makes this most
# negative. So we choose $\Delta v = -\eta\nabla C$, with a small positive **learning rate**
# $\eta$. Put it in:
#
# $$\Delta C \approx \nabla C \cdot (-\eta\,\nabla C) = -\eta\,\lVert\nabla C\rVert^2 .$$
#
# A square is never negative: the cost can only go down. That is the promise, as far as
# Taylor's $\approx$ holds. For example $\nabla C = (3, -4)$ and $\eta = 0.1$: the norm is 5, so
# $\Delta C \approx -0.1·25 = -2.5$.
#
# > **Erratum (notes 000).** In words they say "minus eta times the magnitude of the gradient". It
# > is the magnitude **squared**, as their formula has it. And their formula has "=" where only "≈"
# > is right; below you see the difference.
#
# > **Erratum (notes 001).** "Update … by taking a small step in the gradient direction." The rule
# > beside it, $\mathbf w \mathrel{-}= \eta\,\partial C/\partial\mathbf w$, is right: the step goes
# > **against** the gradient. (And "$\Delta\theta = -\eta\nabla_\theta$" lacks the function:
# > $-\eta\nabla_\theta f$.)


# %% task="predicted_change"
def predicted_change(gradient, eta):
    """Return Taylor's prediction of the change of the cost in one step: −η ‖∇C‖².

    Parameters
    ----------
    gradient : float64 array (n,)
        ∇C where the step starts.
    eta : float
        Learning rate.

    Returns
    -------
    float
    """
    ### BEGIN SOLUTION
    return -eta * np.sum(gradient**2)
    ### END SOLUTION


# %% test="predicted_change" points=1
checks.close(
    predicted_change(np.array([3.0, -4.0]), 0.1),
    -2.5,
    "the predicted change for ∇C = (3, −4) and η = 0.1",
    rtol=1e-5,
    causes=[
        checks.cause(
            "norm-not-squared",
            -0.5,
            "this is −η‖∇C‖: the norm is squared, once for the slope and once for the step.",
        ),
        checks.cause(
            "norm-not-squared", 0.5, "this is the length of the step: the change is −η‖∇C‖²."
        ),
        checks.cause("rate-forgotten", -25.0, "η is missing: the step is −η∇C, not −∇C."),
        checks.cause("rate-squared", -0.25, "η comes once: the step has it, the slope has not."),
        checks.cause(
            "not-summed", [-0.9, -1.6], "sum over all parameters: the cost is one number."
        ),
        checks.cause("sum-squared", -0.1, "square each slope first, then sum."),
        checks.cause("sum-not-squared", 0.1, "the slopes are summed but not squared."),
        checks.cause("sign", 2.5, "a step against the gradient lowers the cost: −η‖∇C‖²."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    promise_rng = np.random.default_rng(402)
    checks.same(
        predicted_change,
        lambda gradient, eta: -eta * np.dot(gradient, gradient),
        [(promise_rng.normal(size=n), eta) for n, eta in ((2, 0.3), (7, 0.01), (5, 1.7))],
        "predicted_change for other gradients",
        rtol=1e-5,
        causes=[
            checks.cause(
                "norm-not-squared",
                lambda gradient, eta: -eta * np.linalg.norm(gradient),
                "the norm is squared.",
            )
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# Is the promise kept? Our landscape for the next experiments is a valley, steep across and flat
# along:
#
# $$C(v) = \tfrac12\,(v_1^2 + 8\,v_2^2), \qquad \nabla C = (v_1,\ 8 v_2).$$
#
# From $v = (2, 1)$ with $C = 6$, we take one step with each of many learning rates, and compare
# what the cost really does with what you predict.

# %% given="valley"


def valley(v):
    """Return C(v) = ½ (v₁² + 8 v₂²) of points v (..., 2)."""
    return (v[..., 0] ** 2 + 8 * v[..., 1] ** 2) / 2


def valley_gradient(v):
    """Return ∇C = (v₁, 8 v₂) at v (2,), a float64 array (2,)."""
    return np.array([v[0], 8 * v[1]])


# %%
with plots.needs("predicted_change"):
    here = np.array([2.0, 1.0])
    up = valley_gradient(here)
    rates = np.linspace(1e-6, 0.32, 65)
    small = np.logspace(-6, -0.5, 12)

    def changes(rates):
        real = np.array([valley(here - eta * up) - valley(here) for eta in rates])
        return real, np.array([np.ravel(predicted_change(up, eta))[0] for eta in rates])

    fig, (left, right) = plots.figure(
        "Taylor's promise holds for small steps; with η above 0.26 the cost even rises",
        columns=2,
        width=9.2,
    )
    real, promised = changes(rates)
    left.plot(rates, real, color=BLUE, label="what happens")
    left.plot(rates, promised, "--", color=RED, label="−η‖∇C‖²")
    left.axhline(0, color="0.6", linewidth=0.8)
    left.set(xlabel="learning rate η", ylabel="change of the cost in one step")
    left.legend()
    real, promised = changes(small)
    right.plot(small, np.abs(real - promised) / np.abs(promised), "o-", color=BLUE)
    right.set(xscale="log", yscale="log", xlabel="learning rate η")
    right.set(ylabel="|real − predicted| / |predicted|")
    plots.show(
        fig,
        alt="Left: the predicted change of the cost is a straight line down; the real change "
        "leaves it as a parabola, is lowest near η = 0.13 and crosses zero near 0.26. Right: "
        "the relative gap between the two on logarithmic axes, a straight line: ten times smaller "
        "steps are predicted ten times better.",
    )

# %% [markdown]
# What Taylor leaves out is $\tfrac12\eta^2$ times the curvature along the step. For small $\eta$ it
# hardly counts. For large $\eta$ it is all that counts, and the step climbs the other side of the
# valley.
#
# ## Task 3: descend (2 points)
#
# One step is not enough. From where it leads, take the next:
#
# $$v \leftarrow v - \eta\,\nabla C(v) .$$
#
# In the valley, from $(2, 1)$ with $\eta = 0.1$, the gradient is $(2, 8)$ and the step leads to
# $(1.8, 0.2)$. There the gradient is $(1.8, 1.6)$, and the next step leads to $(1.62, 0.04)$.
#
# Keep every point on the way: we want to look at the path. Two traps. The gradient belongs to the
# point where you *are*, so compute it anew each time. And `v -= …` changes an array **in place**:
# if you have put that same array into a list, all your history changes with it.


# %% task="descend"
def descend(gradient, start, eta, steps):
    """Take steps v ← v − η ∇C(v), and return all points on the way.

    Parameters
    ----------
    gradient : callable
        Takes v, a float64 array (n,); returns ∇C(v), a float64 array (n,).
    start : float64 array (n,)
        The first point; not to be changed.
    eta : float
        Learning rate.
    steps : int
        Number of steps, 0 or more.

    Returns
    -------
    float64 array (steps + 1, n)
        The start, and the point after each step.
    """
    ### BEGIN SOLUTION
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - eta * gradient(path[-1]))
    return np.array(path)
    ### END SOLUTION


# %% test="descend" points=2
checks.close(
    descend(lambda v: np.array([v[0], 8 * v[1]]), np.array([2.0, 1.0]), 0.1, 2),
    np.array([[2.0, 1.0], [1.8, 0.2], [1.62, 0.04]]),
    "two steps down the valley from (2, 1) with η = 0.1",
    rtol=1e-6,
    causes=[
        checks.cause(
            "ascent",
            np.array([[2.0, 1.0], [2.2, 1.8], [2.42, 3.24]]),
            "the gradient is added, so you walk uphill: subtract η∇C.",
        ),
        checks.cause(
            "same-array",
            np.array([[1.62, 0.04]] * 3),
            "every row is the last point: `-=` changed the one array that the list holds three "
            "times. Make a new array in each step.",
        ),
        checks.cause(
            "start-missing",
            np.array([[1.8, 0.2], [1.62, 0.04]]),
            "the start belongs to the path: steps + 1 points.",
        ),
        checks.cause(
            "one-step-short",
            np.array([[2.0, 1.0], [1.8, 0.2]]),
            "the last step is missing: steps + 1 points, the start among them.",
        ),
        checks.cause(
            "one-step-too-many",
            np.array([[2.0, 1.0], [1.8, 0.2], [1.62, 0.04], [1.458, 0.008]]),
            "two steps were asked, and you took three: steps + 1 points, the start among them.",
        ),
        checks.cause(
            "only-the-end", np.array([1.62, 0.04]), "this is the last point: return the whole path."
        ),
        checks.cause(
            "frozen-gradient",
            np.array([[2.0, 1.0], [1.8, 0.2], [1.6, -0.6]]),
            "the second step still uses the gradient of the start: compute it anew at each point.",
        ),
        checks.cause(
            "unit-steps",
            np.array([[2.0, 1.0], [1.975746437, 0.902985750], [1.949365159, 0.806528360]]),
            "the gradient is divided by its length: the step is −η∇C as it is.",
        ),
        checks.cause(
            "rate-forgotten",
            np.array([[2.0, 1.0], [0.0, -7.0], [0.0, 49.0]]),
            "η is missing: the step is −η∇C.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_descend(gradient, start, eta, steps, sign=-1):
        points = np.empty((steps + 1, len(start)))
        points[0] = start
        for k in range(steps):
            points[k + 1] = points[k] + sign * eta * np.asarray(gradient(points[k]))
        return points

    def swept_descend(gradient, start, eta, steps):
        v, points = np.array(start), [np.array(start)]
        for _ in range(steps):
            for i in range(len(v)):
                v[i] -= eta * gradient(v)[i]
            points.append(v.copy())
        return np.array(points)

    def descend_cases():
        rng = np.random.default_rng(403)
        for n, eta, steps in ((3, 0.05, 6), (5, 0.02, 3), (2, 0.1, 0)):
            M, c = rng.normal(size=(n, n)), rng.normal(size=n)

            def coupled(v, M=M, c=c):
                v = np.asarray(v, dtype=np.float64)
                return M.T @ (M @ v - c) + 0.1 * np.sin(v)

            yield coupled, rng.normal(size=n), eta, steps

    checks.same(
        descend,
        right_descend,
        descend_cases(),
        "descend on other costs, whose slopes depend on all coordinates",
        rtol=1e-6,
        causes=[
            checks.cause(
                "ascent", lambda *case: right_descend(*case, sign=1), "you walk uphill: subtract."
            ),
            checks.cause(
                "swept",
                swept_descend,
                "some coordinates move before the slopes of the others are computed: all slopes "
                "belong to one point.",
            ),
        ],
    )
    checks.forbid(
        descend,
        "autodiff",
        "keras",
        what="the steps are your own",
        example=(lambda v: v, np.ones(2), 0.1, 2),
    )
### END HIDDEN TESTS

# %% [markdown]
# ### Three learning rates
#
# The same valley, the same start, twenty steps each.

# %%
with plots.needs("descend"):
    across, along = np.meshgrid(np.linspace(-4.6, 4.6, 121), np.linspace(-3, 3, 81))
    heights = valley(np.stack([across, along], axis=-1))
    fig, axes = plots.figure(
        "Too small crawls, right arrives, too large flies off",
        columns=3,
        width=10.5,
        height=3.5,
        sharey=True,
    )
    cases = ((0.01, "too small"), (0.2, "right"), (0.27, "too large"))
    for axis, (eta, words) in zip(axes, cases, strict=True):
        path = np.asarray(descend(valley_gradient, np.array([-4.0, 0.5]), eta, 20))
        axis.contour(across, along, heights, levels=12, colors="0.75", linewidths=0.8)
        axis.plot(*path.T, "o-", color=BLUE, markersize=3.5, linewidth=1.2)
        axis.plot(*path[0], "s", color=RED, markersize=7)
        axis.plot(0, 0, "*", color="black", markersize=10)
        axis.set(xlim=(-4.6, 4.6), ylim=(-3, 3), xlabel="v₁")
        axis.set_title(f"η = {eta}, {words}", fontweight="normal")
    axes[0].set_ylabel("v₂")
    plots.show(
        fig,
        alt="Contours of the valley with a path of 20 steps on each of three panels, from a square "
        "at (−4, 0.5) towards the star at (0, 0). η = 0.01: the points creep and end near their "
        "start. η = 0.2: the path zigzags at first, then reaches the star. η = 0.27: it jumps "
        "from side to side, further each time, and leaves the picture.",
    )

# %% [markdown]
# ## Task 4: the exact limit (1 point)
#
# Why does 0.2 arrive and 0.27 fly off? Take one direction alone, $f(x) = \tfrac12\lambda x^2$. The
# slope is $\lambda x$, so a step is
#
# $$x \leftarrow x - \eta\lambda x = (1 - \eta\lambda)\,x .$$
#
# Every step multiplies $x$ by the same number $1 - \eta\lambda$. So $x$ dies out exactly if
# $|1 - \eta\lambda| < 1$, that is for
#
# $$0 < \eta < \frac{2}{\lambda} .$$
#
# At $\eta = 1/\lambda$ the factor is 0: one step arrives. Between $1/\lambda$ and $2/\lambda$ it
# is negative: $x$ changes sides each time, and still comes closer. At $2/\lambda$ it jumps
# forever between $x$ and $-x$.
#
# $\lambda$ is the **curvature**. A bowl in several dimensions has one for each of its principal
# directions (the eigenvalues of the matrix of second derivatives), and $\eta$ must be small enough
# for **all** of them. Our valley has curvatures 1 and 8, in directions $v_1$ and $v_2$.


# %% task="rate_limit"
def rate_limit(curvatures):
    """Return the limit below which every learning rate η > 0 converges on a bowl.

    On ½ λ x² that is 2/λ; the bowl has one curvature λ for each of its directions.

    Parameters
    ----------
    curvatures : float64 array (n,)
        The curvatures λ_i, all positive, in any order.

    Returns
    -------
    float
    """
    ### BEGIN SOLUTION
    return 2 / np.max(curvatures)
    ### END SOLUTION


# %% test="rate_limit" points=1
checks.close(
    rate_limit(np.array([4.0])),
    0.5,
    "the limit for the single curvature 4",
    rtol=1e-5,
    causes=[
        checks.cause("one-over-lambda", 0.25, "at 1/λ one step arrives; up to 2/λ it converges."),
        checks.cause("upside-down", 2.0, "this is λ/2: the steeper the bowl, the smaller η."),
    ],
)
checks.close(
    rate_limit(np.array([2.0, 0.5, 8.0, 4.0])),
    0.25,
    "the limit for curvatures 2, 0.5, 8 and 4",
    rtol=1e-5,
    causes=[
        checks.cause(
            "flattest-direction",
            4.0,
            "this suits the flattest direction only: in the steepest one, descent would diverge.",
        ),
        checks.cause(
            "one-over-lambda", 0.125, "at 1/λ one step arrives; it converges up to twice that."
        ),
        checks.cause(
            "mean-curvature",
            2 / 3.625,
            "the mean says nothing here: the largest curvature decides.",
        ),
        checks.cause("summed-curvature", 2 / 14.5, "each direction is on its own: don't add them."),
        checks.cause("one-per-direction", [1.0, 4.0, 0.25, 0.5], "one η must suit all directions."),
        checks.cause(
            "order-assumed", 1.0, "this is the first one's limit: they come in any order."
        ),
        checks.cause("order-assumed", 0.5, "this is the last one's limit: they come in any order."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    limit_rng = np.random.default_rng(404)
    checks.same(
        rate_limit,
        lambda curvatures: min(2 / c for c in curvatures),
        [(limit_rng.uniform(0.1, 30, size=n),) for n in (1, 3, 8)],
        "rate_limit on other bowls",
        rtol=1e-5,
        causes=[
            checks.cause("flattest-direction", lambda c: 2 / min(c), "the largest λ decides."),
            checks.cause("one-over-lambda", lambda c: 1 / max(c), "it is 2/λ."),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# The experiment: twenty steps on $\tfrac12\lambda x^2$ from $x = 1$, with many learning rates, for
# three curvatures. Where is $x$ at the end?

# %%
with plots.needs("descend", "rate_limit"):
    rates = np.logspace(-2, 0.6, 120)
    fig, axis = plots.figure("Below 2/λ the distance dies out, above it explodes", height=3.9)
    for curvature, colour, line in ((8, RED, "--"), (4, GREEN, "-."), (1, BLUE, "-")):
        ends = [
            abs(
                float(np.asarray(descend(lambda x, c=curvature: c * x, np.ones(1), eta, 20))[-1, 0])
            )
            for eta in rates
        ]
        axis.plot(rates, ends, line, color=colour, label=f"λ = {curvature}")
        wall = float(rate_limit(np.array([curvature])))
        axis.axvline(wall, color=colour, linewidth=0.8, linestyle=":")
        axis.text(wall, 1.5e9, f"{wall:g}", color=colour, ha="center")
    axis.axhline(1, color="0.6", linewidth=0.8)
    axis.set(xscale="log", yscale="log", xlabel="learning rate η", ylim=(1e-9, 1e9))
    axis.set_ylabel("|x| after 20 steps from x = 1")
    axis.legend(loc="upper left", bbox_to_anchor=(0, 0.9))
    plots.show(
        fig,
        alt="Distance from the minimum after 20 steps against the learning rate, both axes "
        "logarithmic, for curvatures 8, 4 and 1. Each curve falls out of the picture around "
        "1/λ, comes back, crosses the starting distance 1 exactly at the dotted line 2/λ (0.25, "
        "0.5 and 2), and shoots up.",
    )

# %% [markdown]
# Each curve crosses 1 just at its own limit, and is deepest at $1/\lambda$. A steep direction
# forces a small $\eta$ on all others: that is why narrow valleys are slow. (Topic 6 does something
# about it.)
#
# ## Task 5: measure a slope (2 points)
#
# So far somebody gave us the gradient. What if nobody does? Notes 003 follow the slope by trial.
# The weights are $(0.34, -1.11, 0.78, …)$ and the loss is 1.25347. Move the first weight by
# $h = 0.0001$, and the loss becomes 1.25322. So the first slope is about
#
# $$\frac{1.25322 - 1.25347}{0.0001} = -2.5 .$$
#
# Then put the first weight **back**, move the second, and so on. This is the **forward
# difference**:
#
# $$g_i = \frac{C(x + h\,e_i) - C(x)}{h}$$
#
# where $e_i$ is 1 at place $i$ and 0 elsewhere. The value $C(x)$ is the same for every $i$:
# compute it once. Then $n$ slopes need $n + 1$ evaluations of the cost.
#
# Mind the digits. The two losses are printed to five decimals, so each may be off by 0.000005, and
# the slope by $0.00001/0.0001 = 0.1$. We know only that it lies between $-2.6$ and $-2.4$. Rounding
# comes back in Task 6.


# %% task="forward_difference"
def forward_difference(cost, x, h):
    """Return the forward differences g_i = (C(x + h e_i) − C(x)) / h.

    Parameters
    ----------
    cost : callable
        Takes a float64 array (n,), returns C as a float. To be called n + 1 times, no more.
    x : float64 array (n,)
        The point; put it back if you move it.
    h : float
        Step size.

    Returns
    -------
    float64 array (n,)
    """
    ### BEGIN SOLUTION
    base = cost(x)
    slopes = np.zeros(len(x))
    for i in range(len(x)):
        moved = x.copy()
        moved[i] += h
        slopes[i] = (cost(moved) - base) / h
    return slopes
    ### END SOLUTION


# %% [markdown]
# The second check takes a large $h$ on purpose, $h = 0.5$ with $C = x_1^3 + 3x_1x_2$ at $(1, 2)$.
# There the difference is far from the slope $(9, 3)$. It is $(10.75, 3)$, and what comes out
# tells which formula you used.

# %% test="forward_difference" part="values" points=1
checks.close(
    forward_difference(lambda w: 1.25347 - 2.5 * (w[0] - 0.34), np.array([0.34]), 1e-4),
    [-2.5],
    "the notes' slope: 1.25347 becomes 1.25322",
    rtol=1e-6,
    causes=[
        checks.cause("divided-by-2h", [-1.25], "x and x + h lie h apart, not 2h."),
        checks.cause("not-divided", [-0.00025], "divide the change of the cost by h."),
        checks.cause(
            "precedence",
            [1.25322 - 1.25347 / 1e-4],
            "only the second cost is divided by h: put the difference in parentheses.",
        ),
        checks.cause("sign", [2.5], "subtract the cost where you are from that where you went."),
    ],
)
checks.close(
    forward_difference(lambda v: v[0] ** 3 + 3 * v[0] * v[1], np.array([1.0, 2.0]), 0.5),
    [10.75, 3.0],
    "forward differences of x₁³ + 3x₁x₂ at (1, 2) with h = 0.5",
    rtol=1e-6,
    causes=[
        checks.cause(
            "moved-during-sweep",
            [10.75, 15.25],
            "the first coordinate is still moved when the second is tried: put it back, or move "
            "a fresh copy of x.",
        ),
        checks.cause(
            "moved-during-sweep",
            [10.75, 4.5],
            "the first coordinate stays moved while the second is tried: start from x each time.",
        ),
        checks.cause("all-moved-at-once", [15.25, 15.25], "move one coordinate at a time."),
        checks.cause("all-moved-at-once", 15.25, "move one coordinate at a time: n slopes."),
        checks.cause(
            "backward-difference", [7.75, 3.0], "this steps to x − h: forward means x + h."
        ),
        checks.cause(
            "centred-not-forward", [9.25, 3.0], "this is the centred difference, the next task."
        ),
        checks.cause(
            "h-ignored", [9.00003, 3.0], "h is 0.5 here, and you took 1e-5: use the given h."
        ),
        checks.cause(
            "h-ignored", [9.0003, 3.0], "h is 0.5 here, and you took 1e-4: use the given h."
        ),
        checks.cause("base-forgotten", [24.75, 17.0], "subtract C(x), the cost where you are."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_difference(cost, x, h, low=0.0, high=1.0):
        """Step by `low`·h and `high`·h from x; forward is (0, 1), centred (−1, 1)."""
        steps = h * np.eye(len(x))
        gaps = [cost(x + high * e) - cost(x + low * e) for e in steps]
        return np.array(gaps) / ((high - low) * h)

    def difference_cases(seed):
        rng = np.random.default_rng(seed)
        for n, h in ((3, 0.2), (6, 0.05), (1, 0.4)):
            mix = rng.normal(size=n)

            def twisted(v, mix=mix):
                v = np.asarray(v, dtype=np.float64)
                return float(np.sin(mix @ v) + mix @ v**3 + np.prod(v))

            yield twisted, rng.normal(size=n), h

    for a_cost, a_point, an_h in difference_cases(405):
        checks.close(
            forward_difference(a_cost, a_point.copy(), an_h),
            right_difference(a_cost, a_point, an_h),
            "forward_difference of other costs",
            rtol=1e-6,
            causes=[
                checks.cause(
                    "centred-not-forward",
                    right_difference(a_cost, a_point, an_h, -1.0),
                    "this is the centred difference.",
                ),
                checks.cause(
                    "backward-difference",
                    right_difference(a_cost, a_point, an_h, -1.0, 0.0),
                    "this steps to x − h.",
                ),
            ],
        )
    checks.forbid(
        forward_difference,
        "autodiff",
        "keras",
        what="the slopes are measured",
        example=(lambda v: float(np.sum(v)), np.ones(2), 0.1),
    )
### END HIDDEN TESTS

# %% test="forward_difference" part="count" points=1
calls_of_forward = []
checks.shape(
    forward_difference(
        lambda v: calls_of_forward.append(1) or 2 * v[0] - v[1] + 3 * v[3],
        np.array([1.0, -1.0, 0.5, 2.0]),
        0.25,
    ),
    (4,),
    "shape of the forward differences of a cost of 4 parameters",
)
checks.close(
    len(calls_of_forward),
    5,
    "evaluations of the cost for 4 slopes",
    causes=[
        checks.cause(
            "base-each-time",
            8,
            "there are two for each slope: C(x) is always the same, so compute it once.",
        ),
        checks.cause("base-each-time", 9, "C(x) is computed anew for each coordinate."),
        checks.cause("base-forgotten", 4, "C(x) itself, where you are, is evaluated too."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    calls_of_forward.clear()

    def counted(v):
        calls_of_forward.append(1)
        return float(np.sum(np.asarray(v) ** 2))

    checks.finite(
        forward_difference(counted, np.linspace(-1, 2, 11), 0.5), "eleven forward differences"
    )
    checks.close(
        len(calls_of_forward),
        12,
        "evaluations of the cost for more slopes",
        causes=[checks.cause("base-each-time", 22, "compute C(x) once.")],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 6: look both ways (2 points)
#
# The forward difference looks to one side only, so a curved cost bends it. Look to both sides, and
# the bend cancels. This is the **centred difference**:
#
# $$g_i = \frac{C(x + h\,e_i) - C(x - h\,e_i)}{2h}$$
#
# Taylor says how much better that is. The error of the forward difference is $\tfrac h2 C'' + …$,
# of order $h$. In the centred one the $C''$ of both sides cancel, and $\tfrac{h^2}{6} C'''$
# remains, of order $h^2$. The price: $2n$ evaluations in place of $n + 1$.
#
# The two points lie $2h$ apart. Take $C = x_1^3 + 3x_1x_2$ at $(1, 2)$ with $h = 0.5$ again. The
# first slope comes out as $(12.375 - 3.125)/1 = 9.25$, much closer to 9 than 10.75 was. With
# $h = 0.25$, as in the test, it is $(9.453125 - 4.921875)/0.5 = 9.0625$: half the $h$, a quarter
# of the error.


# %% task="centred_difference"
def centred_difference(cost, x, h):
    """Return the centred differences g_i = (C(x + h e_i) − C(x − h e_i)) / 2h.

    Parameters
    ----------
    cost : callable
        Takes a float64 array (n,), returns C as a float.
    x : float64 array (n,)
        The point; put it back if you move it.
    h : float
        Step size.

    Returns
    -------
    float64 array (n,)
    """
    ### BEGIN SOLUTION
    slopes = np.zeros(len(x))
    for i in range(len(x)):
        step = np.zeros(len(x))
        step[i] = h
        slopes[i] = (cost(x + step) - cost(x - step)) / (2 * h)
    return slopes
    ### END SOLUTION


# %% test="centred_difference" points=2
checks.close(
    centred_difference(lambda v: v[0] ** 3 + 3 * v[0] * v[1], np.array([1.0, 2.0]), 0.25),
    [9.0625, 3.0],
    "centred differences of x₁³ + 3x₁x₂ at (1, 2) with h = 0.25",
    rtol=1e-6,
    causes=[
        checks.cause(
            "forward-difference",
            [9.8125, 3.0],
            "this is the forward difference: the lower point is x − h, not x.",
        ),
        checks.cause(
            "backward-difference", [8.3125, 3.0], "this is the backward one: go to x + h as well."
        ),
        checks.cause(
            "divided-by-h",
            [18.125, 6.0],
            "it is divided by h: the points x + h and x − h lie 2h apart.",
        ),
        checks.cause("not-divided", [4.53125, 1.5], "divide the change of the cost by 2h."),
        checks.cause(
            "precedence",
            [0.56640625, 0.1875],
            "`/ 2 * h` divides by 2 and then multiplies by h: write `/ (2 * h)`.",
        ),
        checks.cause(
            "precedence",
            [-0.390625, -4.75],
            "only the second cost is divided by 2h: put the difference in parentheses.",
        ),
        checks.cause(
            "forward-over-2h",
            [4.90625, 1.5],
            "the lower point is x, but the step is divided by 2h: the lower point is x − h.",
        ),
        checks.cause(
            "half-step", [9.015625, 3.0], "these are the points x ± h/2: the task asks for x ± h."
        ),
        checks.cause(
            "moved-during-sweep",
            [9.0625, 2.25],
            "the first coordinate is still moved when the second is tried: put it back.",
        ),
        checks.cause(
            "moved-during-sweep",
            [9.0625, 3.75],
            "the first coordinate is still moved when the second is tried: put it back.",
        ),
        checks.cause(
            "h-ignored", [9.0, 3.0], "h is 0.25 here, and you took a tiny one: use the given h."
        ),
        checks.cause("all-moved-at-once", [12.0625, 12.0625], "move one coordinate at a time."),
        checks.cause("all-moved-at-once", 12.0625, "move one coordinate at a time: n slopes."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_centred(cost, x, h, low=-1.0, high=1.0):
        steps = h * np.eye(len(x))
        gaps = [cost(x + high * e) - cost(x + low * e) for e in steps]
        return np.array(gaps) / ((high - low) * h)

    def centred_cases():
        rng = np.random.default_rng(406)
        for n, h in ((4, 0.2), (7, 0.05), (1, 0.4)):
            mix = rng.normal(size=n)

            def twisted(v, mix=mix):
                v = np.asarray(v, dtype=np.float64)
                return float(np.sin(mix @ v) + mix @ v**3 + np.prod(v))

            yield twisted, rng.normal(size=n), h

    for a_cost, a_point, an_h in centred_cases():
        checks.close(
            centred_difference(a_cost, a_point.copy(), an_h),
            right_centred(a_cost, a_point, an_h),
            "centred_difference of other costs",
            rtol=1e-6,
            causes=[
                checks.cause(
                    "forward-difference",
                    right_centred(a_cost, a_point, an_h, 0.0),
                    "this is the forward difference.",
                ),
                checks.cause(
                    "divided-by-h",
                    2 * right_centred(a_cost, a_point, an_h),
                    "divide by 2h: the points lie 2h apart.",
                ),
            ],
        )
    checks.forbid(
        centred_difference,
        "autodiff",
        "keras",
        what="the slopes are measured",
        example=(lambda v: float(np.sum(v)), np.ones(2), 0.1),
    )
### END HIDDEN TESTS

# %% [markdown]
# ### How small should h be?
#
# Smaller is better, says Taylor. But a float64 holds only 16 digits. If $h$ is tiny, $C(x + h)$ and
# $C(x - h)$ agree in nearly all of them, and their difference is what rounding left over: the same
# trouble as with the five digits of the notes. So there are two errors. One grows with $h$,
# the other with $1/h$. Measured on a sum of sigmoids, whose slopes $\sigma(1-\sigma)$ we know:

# %% given="sigmoid"


def sigmoid(z):
    """Return σ(z) = 1 / (1 + exp(−z)) elementwise, without overflow at any z."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z)))


# %%
with plots.needs("forward_difference", "centred_difference"):
    spots = np.linspace(-2.3, 1.9, 7)
    exact = sigmoid(spots) * (1 - sigmoid(spots))
    sizes_of_h = np.logspace(-13, 0, 53)

    def errors(difference):
        def sum_of_sigmoids(v):
            return np.sum(sigmoid(v))

        found = [difference(sum_of_sigmoids, spots.copy(), h) for h in sizes_of_h]
        return np.array([np.linalg.norm(f - exact) for f in found]) / np.linalg.norm(exact)

    of_forward, of_centred = errors(forward_difference), errors(centred_difference)
    fig, axis = plots.figure("Two errors make a U: centred is best near h = 1e-5", height=4)
    axis.loglog(sizes_of_h, of_forward, "s--", color=RED, markersize=3.5, label="forward")
    axis.loglog(sizes_of_h, of_centred, "o-", color=BLUE, markersize=3.5, label="centred")
    axis.axvline(1e-5, color="0.6", linewidth=0.8, linestyle=":")
    axis.text(1e-13, 1e-8, "rounding: ∝ 1/h", color="0.35")
    axis.text(3e-4, 3e-2, "∝ h", color=RED)
    axis.text(1.5e-2, 2e-7, "∝ h²", color=BLUE)
    axis.set(xlabel="step size h", ylabel="relative error of the gradient")
    axis.legend(loc="upper center")
    plots.show(
        fig,
        alt="Relative error of numerical gradients against h on logarithmic axes. Both curves are "
        "U-shaped. On the left they share a ragged arm that falls as 1/h. The forward difference "
        "turns near h = 1e-7 at an error of some 1e-8 and rises with slope 1. The centred one goes "
        "on down to about 1e-10 near h = 1e-5 and rises with slope 2.",
    )
    for name, error in (("forward", of_forward), ("centred", of_centred)):
        best = np.argmin(error)
        print(f"{name}: least error {error[best]:.0e}, at h = {sizes_of_h[best]:.0e}")

# %% [markdown]
# So `h = 1e-5` with centred differences in float64 is what gradient checks use, in this course too.
#
# ## Task 7: what it costs (1 point)
#
# Now take a real network. One layer after the other, $n_{l-1}$ inputs feed $n_l$ neurons: that is
# $n_{l-1} n_l$ weights, and one bias for each of the $n_l$ neurons. The inputs themselves have no
# biases. Notes 000 count for 784-30-10:
#
# | | |
# |---|---|
# | weights | $784·30 + 30·10 = 23\,820$ |
# | biases | $30 + 10 = 40$ |
# | parameters | $23\,860$ |
#
# Forward differences need one evaluation of the cost for each parameter, and **one more** for the
# base $C(x)$, which all of them share: $23\,861$ evaluations for a single gradient.


# %% task="evaluations"
def evaluations(sizes):
    """Return how often forward differences evaluate the cost of a network for one gradient.

    Once for each weight and each bias, and once for the base.

    Parameters
    ----------
    sizes : list of int
        Neurons in each layer, the inputs first: [784, 30, 10]. At least two layers.

    Returns
    -------
    int
    """
    ### BEGIN SOLUTION
    parameters = sum((n_in + 1) * n_out for n_in, n_out in itertools.pairwise(sizes))
    return parameters + 1
    ### END SOLUTION


# %% test="evaluations" points=1
checks.close(
    evaluations([784, 30, 10]),
    23861,
    "evaluations for one gradient of 784-30-10",
    causes=[
        checks.cause("base-forgotten", 23860, "the base C(x) is evaluated too: one more."),
        checks.cause("biases-forgotten", 23821, "each neuron after the inputs has a bias as well."),
        checks.cause(
            "biases-forgotten", 23820, "these are the weights: count the biases and the base too."
        ),
        checks.cause("input-biases", 24645, "the 784 inputs have no biases: they are given."),
        checks.cause("input-biases", 24644, "inputs have no biases; and the base counts."),
        checks.cause("one-bias-per-layer", 23823, "every neuron has its own bias: 30 + 10."),
        checks.cause(
            "base-each-time", 47720, "that is two for each parameter: forward shares the base."
        ),
        checks.cause("layers-multiplied", 784 * 30 * 10 + 1, "sum over layers, don't multiply."),
        checks.cause("layers-multiplied", 784 * 30 * 10 + 41, "sum over layers, don't multiply."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_evaluations(sizes, biases=1, base=1):
        pairs = itertools.pairwise(sizes)
        return int(sum(m * n + biases * n for m, n in pairs) + base)

    checks.same(
        evaluations,
        right_evaluations,
        [([2, 3, 1],), ([10, 8, 4],), ([5, 7],), ([6, 11, 3, 9, 2],)],
        "evaluations of networks of one to four layers",
        causes=[
            checks.cause(
                "base-forgotten", lambda sizes: right_evaluations(sizes, 1, 0), "one more: C(x)."
            ),
            checks.cause(
                "biases-forgotten", lambda sizes: right_evaluations(sizes, 0), "add the biases."
            ),
            checks.cause(
                "input-biases",
                lambda sizes: right_evaluations(sizes) + sizes[0],
                "inputs have no biases.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# Theory is cheap. Let us count for real: a 5-4-3 network, all parameters in one vector, and a cost
# that counts how often it is called.

# %% given="network"


def network_cost(v, sizes, X, Y):
    """Return the mean of ½‖y − a^L‖² over the rows of X (N, n_0), Y (N, n_L), a float.

    All layers are sigmoid. v holds W^1 row by row, b^1, W^2, b^2, …, one after the other.
    """
    A, rest = X, v
    for n_in, n_out in itertools.pairwise(sizes):
        W, b, rest = np.split(rest, [n_in * n_out, n_in * n_out + n_out])
        A = sigmoid(A @ W.reshape(n_out, n_in).T + b)
    return float(np.mean(np.sum((Y - A) ** 2, axis=1)) / 2)


digits = datasets.load()

# %%
with plots.needs("evaluations", "forward_difference", "centred_difference"):
    rng = np.random.default_rng(5)
    sizes, calls = [5, 4, 3], []
    v = rng.normal(size=int(evaluations(sizes)) - 1)
    X_few, Y_few = rng.random((6, 5)), rng.random((6, 3))

    def counting_cost(v):
        calls.append(1)
        return network_cost(v, sizes, X_few, Y_few)

    print("by the formula:", evaluations(sizes))
    by_forward = forward_difference(counting_cost, v, 1e-5)
    print("forward differences called the cost", len(calls), "times")
    calls.clear()
    by_centred = centred_difference(counting_cost, v, 1e-5)
    print("centred differences called the cost", len(calls), "times")
    gap = np.max(np.abs(np.subtract(by_forward, by_centred)))
    print(f"the two gradients differ by {gap:.0e} at most")

# %% [markdown]
# And in time? We measure **one** evaluation of 784-30-10 on this machine, with one image and with
# 1 000 images, and multiply. To wait for the real thing would be unkind.

# %%
with plots.needs("evaluations"):
    sizes = [784, 30, 10]
    needed = int(evaluations(sizes))
    v = np.random.default_rng(6).normal(size=needed - 1)
    X_all, Y_all = digits.x_train[:1000].reshape(-1, 784) / 255, np.eye(10)[digits.y_train[:1000]]

    def seconds(images, repeats):
        """Return the time of the quickest of several evaluations."""
        took = []
        for _ in range(repeats):
            begin = time.perf_counter()
            network_cost(v, sizes, X_all[:images], Y_all[:images])
            took.append(time.perf_counter() - begin)
        return min(took)

    def spoken(duration):
        for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60), ("seconds", 1)):
            if duration >= 2 * length:
                return f"{duration / length:.0f} {unit}"
        return f"{duration:.1f} seconds"

    one_image, thousand = seconds(1, 30), seconds(1000, 4)
    gradient_seconds = {
        "1 image": needed * one_image,
        "1 000 images": needed * thousand,
        "60 000 images": needed * thousand * 60,
    }
    labels, durations = list(gradient_seconds), list(gradient_seconds.values())
    fig, axis = plots.figure(
        f"One gradient of 784-30-10 by differences: {spoken(durations[-1])} for 60 000 images",
        height=2.7,
    )
    axis.barh(labels, durations, color=[GREEN, BLUE, RED], height=0.6)
    for label, duration in gradient_seconds.items():
        axis.text(duration * 1.15, label, spoken(duration), va="center")
    axis.set(xscale="log", xlim=(min(durations) / 30, max(durations) * 30))
    axis.set_xlabel(f"seconds = {needed:,} × one evaluation".replace(",", " "))
    axis.invert_yaxis()
    plots.show(
        fig,
        alt=f"Horizontal bars on a logarithmic time axis, extrapolated from one measured "
        f"evaluation: {', '.join(f'{k}: {spoken(s)}' for k, s in gradient_seconds.items())}.",
    )

# %% [markdown]
# And descent wants thousands of gradients. The notes count the same in multiplications: 23 820 for
# one image, $1.4·10^9$ for 60 000 images, and this 23 861 times. Two ways out: a quicker gradient
# (backpropagation, the next notebook), and **fewer images for each step**. The second is the rest
# of this one.
#
# ## Task 8: the mean over examples (2 points)
#
# From here on: one linear neuron, with its examples in **rows**. $X$ is $(N, n)$, the predictions
# are $Xw$, and the cost is the mean over the examples
#
# $$C(w) = \frac1N\sum_{i=1}^{N} \tfrac12\,(x_i\cdot w - y_i)^2 .$$
#
# The residual of example $i$ is $s_i = x_i\cdot w - y_i$. The ½ cancels the 2 of the square, so
# example $i$ alone has the gradient $s_i\,x_i$. The gradient of the mean is the **mean of the
# gradients**:
#
# $$\nabla C = \frac1N\sum_i s_i\,x_i = \frac1N X^\top (Xw - y) .$$
#
# A bias? Give $X$ a column of ones: a bias is a weight from an input that is always 1.
#
# The test uses four examples, $w = (0.5, 1, -1)$:
#
# | $x_i$ | $y_i$ | $s_i$ | $s_i\,x_i$ |
# |---|---|---|---|
# | (1, 0, 2) | 1 | −2.5 | (−2.5, 0, −5) |
# | (0, 1, 1) | 2 | −2 | (0, −2, −2) |
# | (1, 1, 0) | 0 | 1.5 | (1.5, 1.5, 0) |
# | (2, −1, 1) | 1 | −2 | (−4, 2, −2) |
#
# The last column sums to $(-5, 1.5, -9)$. The mean is $(-1.25, 0.375, -2.25)$.
#
# > **Reading notes 001.** "The true gradient is obtained by **summing** the individual gradients."
# > That is the gradient of a cost that is a sum. Our cost is a mean, as in notes 000. With a
# > sum, twice the data would mean steps twice as long, and $\eta$ would have to shrink.

# %% given="line"


def mean_cost(X, y, w):
    """Return the mean over the rows of X (N, n) of ½ (x·w − y)², a float."""
    return float(np.mean((np.asarray(X) @ np.asarray(w) - y) ** 2) / 2)


def four_examples():
    """Return X (4, 3), y (4,) and w (3,) of the table, as fresh float64 arrays."""
    X = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 1.0], [1.0, 1.0, 0.0], [2.0, -1.0, 1.0]])
    return X, np.array([1.0, 2.0, 0.0, 1.0]), np.array([0.5, 1.0, -1.0])


# %% task="mean_gradient"
def mean_gradient(X, y, w):
    """Return the gradient of the mean of ½ (x_i·w − y_i)²: (1/N) Σ (x_i·w − y_i) x_i.

    Parameters
    ----------
    X : float64 array (N, n)
        Examples in rows.
    y : float64 array (N,)
        Targets.
    w : float64 array (n,)
        Weights.

    Returns
    -------
    float64 array (n,)
    """
    ### BEGIN SOLUTION
    return X.T @ (X @ w - y) / len(X)
    ### END SOLUTION


# %% test="mean_gradient" points=2
checks.close(
    mean_gradient(*four_examples()),
    [-1.25, 0.375, -2.25],
    "the mean gradient of the four examples",
    batch=4,
    causes=[
        checks.cause(
            "summed-not-averaged",
            [-5.0, 1.5, -9.0],
            "this is the sum over the examples: divide by N, their number.",
        ),
        checks.cause(
            "divided-by-inputs",
            [-5 / 3, 0.5, -3.0],
            "it is divided by n = 3, the number of inputs: divide by N = 4.",
        ),
        checks.cause(
            "divided-by-inputs",
            [-5 / 12, 0.125, -0.75],
            "it is divided by N·n: take the mean over the examples only (axis 0).",
        ),
        checks.cause(
            "sign", [1.25, -0.375, 2.25], "the residual is x·w − y: this is the way down."
        ),
        checks.cause("targets-forgotten", [-0.5, 0.625, -1.0], "subtract the targets y."),
        checks.cause("inputs-forgotten", -1.25, "multiply each residual by its own x_i."),
        checks.cause("last-example-only", [-4.0, 2.0, -2.0], "this is the last example's alone."),
    ],
)
checks.gradient(
    lambda w: mean_cost(*four_examples()[:2], w),
    lambda w: mean_gradient(*four_examples()[:2], w),
    four_examples()[2],
    "the same, against centred differences of the cost",
    batch=4,
)
checks.forbid(
    mean_gradient, *checks.BY_HAND, what="the gradient is derived", example=four_examples()
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def taped_gradient(X, y, w):
        w = tf.Variable(w)
        with tf.GradientTape() as tape:
            cost = tf.reduce_mean((tf.linalg.matvec(X, w) - y) ** 2) / 2
        return tape.gradient(cost, w).numpy()

    def gradient_cases():
        rng = np.random.default_rng(408)
        shapes = ((7, 3), (2, 5), (1, 4), (11, 1))
        return [
            (rng.normal(size=(N, n)), rng.normal(size=N), rng.normal(size=n)) for N, n in shapes
        ]

    checks.same(
        mean_gradient,
        taped_gradient,
        gradient_cases(),
        "mean_gradient on other batches, against GradientTape",
        rtol=1e-9,
        causes=[
            checks.cause(
                "summed-not-averaged",
                lambda X, y, w: taped_gradient(X, y, w) * len(X),
                "this is the sum: divide by the number of examples.",
            ),
            checks.cause(
                "divided-by-inputs",
                lambda X, y, w: taped_gradient(X, y, w) * len(X) / len(w),
                "it is divided by the number of inputs: divide by the number of examples.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ### A few examples tell nearly as much
#
# The gradient is a mean. A mean can be **estimated** from a sample. Draw a mini-batch of $m$ of the
# $N$ examples at random, and compute the mean gradient of these. Sometimes it comes out too large,
# sometimes too small, but on average it is the full gradient. It is **unbiased**, because every
# example is as likely to be in the batch as any other. Its spread shrinks like $1/\sqrt m$: four
# times as many examples halve it.
#
# Try it on a small problem: 100 points scattered about the line $y = 2x - 1$. The weights are slope
# and intercept. For each batch size we draw 500 mini-batches at the same $w = (-1, 2)$.

# %% given="scatter"


def line_data():
    """Return X (100, 2) with columns x and 1, and y (100,), scattered about y = 2x − 1."""
    rng = np.random.default_rng(404)
    x = rng.normal(1.0, 1.0, size=100)
    return np.column_stack([x, np.ones(100)]), 2 * x - 1 + 0.3 * rng.normal(size=100)


def arrays_from(function):
    """Return the function with its result made a NumPy array, be it a list or a tensor."""
    return lambda *arguments: np.asarray(function(*arguments))


# %%
with plots.needs("mean_gradient"):
    X, y = line_data()
    w_start = np.array([-1.0, 2.0])
    full = np.asarray(mean_gradient(X, y, w_start))
    rng = np.random.default_rng(11)
    batch_sizes = [1, 4, 16, 32, 64]
    estimates = {}
    for m in batch_sizes:
        draws = [rng.choice(100, size=m, replace=False) for _ in range(500)]
        estimates[m] = np.array([mean_gradient(X[r], y[r], w_start)[0] for r in draws])

    fig, (left, right) = plots.figure(
        "Mini-batch gradients scatter around the full one, the less the larger the batch",
        columns=2,
        width=9.2,
        height=3.9,
    )
    for place, m in enumerate(batch_sizes):
        left.plot(
            place + rng.uniform(-0.28, 0.28, size=500), estimates[m], ".", color=BLUE, alpha=0.2
        )
        left.plot(place, estimates[m].mean(), "D", color=RED, markeredgecolor="white", zorder=3)
        print(
            f"m = {m:2d}: mean of 500 estimates {estimates[m].mean():.3f}, all 100: {full[0]:.3f}"
        )
    left.axhline(full[0], color="black", linewidth=1, zorder=1)
    left.set_xticks(range(len(batch_sizes)), batch_sizes)
    left.set(xlabel="batch size m", ylabel="∂C/∂w₁ of a mini-batch")
    left.set_title("line: all 100; diamond: mean of 500", fontweight="normal")
    each = np.array([mean_gradient(X[[i]], y[[i]], w_start)[0] for i in range(100)])
    m = np.arange(1, 100)
    right.loglog(m, each.std() / np.sqrt(m) * np.sqrt((100 - m) / 99), "--", color="0.4")
    right.loglog(batch_sizes, [estimates[k].std() for k in batch_sizes], "o", color=BLUE)
    right.loglog(m, each.std() / np.sqrt(m), ":", color=RED)
    right.text(6, 1.05 * each.std() / np.sqrt(5), "∝ 1/√m", color=RED)
    right.set(xlabel="batch size m", ylabel="standard deviation")
    right.set_title("dashed: theory, drawn from 100", fontweight="normal")
    plots.show(
        fig,
        alt="Left: the first slope as estimated by 500 mini-batches of each size 1, 4, 16, 32, 64. "
        "The dots scatter on both sides of the line of the full gradient, ever more narrowly; "
        "their mean lies on the line. Right: their standard deviation falls with the batch size, "
        "at first as one over its root, then faster, along the theory's dashed curve.",
    )

# %% [markdown]
# (It falls faster at the end because a batch of all 100 leaves nothing to chance.)
#
# ## Task 9: cut an epoch into mini-batches (3 points)
#
# An **epoch** goes through all examples once. Before each epoch, shuffle them. Then cut the
# shuffled row numbers into mini-batches, one after the other: typical sizes are **16 and 32**
# (notes 001). With 37 examples and batches of 16 that makes 16, 16, and **5**. The last one is
# short, and it counts. Dropping it would leave 5 examples out.
#
# Why shuffle *anew*? With one and the same order, the same examples would always meet in one batch,
# and their mistakes would always come in the same order. With no shuffle at all, sorted data give
# batches that all say the same. What is shuffled are **row numbers**. So that images and labels
# stay together, both are indexed by the same numbers.
#
# > **Reading notes 001 and 003.** "Repeat for all $M/m$ mini-batches": if $m$ doesn't divide $M$,
# > there are $\lceil M/m\rceil$. And `sample_training_data(data, 256)` in 003 draws a fresh sample
# > every time. That is unbiased too, but it never promises that each example gets its turn.


# %% task="epoch_batches"
def epoch_batches(n, batch_size, epochs, seed):
    """Return the mini-batches of several epochs, as row numbers in random order.

    In each epoch every number 0, …, n − 1 comes exactly once, in a new random order, cut into
    pieces of batch_size; the last piece has what is left.

    Parameters
    ----------
    n : int
        Number of examples.
    batch_size : int
        Row numbers in a mini-batch, from 1 to n.
    epochs : int
    seed : int
        Of the random order, for `np.random.default_rng`. The same seed gives the same batches.

    Returns
    -------
    list of lists of int arrays
        result[e][k] holds the row numbers of mini-batch k in epoch e.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    result = []
    for _ in range(epochs):
        order = rng.permutation(n)
        result.append([order[k : k + batch_size] for k in range(0, n, batch_size)])
    return result
    ### END SOLUTION


# %% test="epoch_batches" part="cover" points=2
epochs_of_37 = epoch_batches(37, 16, 2, seed=1)
checks.holds(
    hasattr(epochs_of_37, "__len__"), "a list of epochs comes back", "return a list of lists."
)
checks.close(
    len(epochs_of_37),
    2,
    "number of epochs",
    causes=[
        checks.cause("not-nested", 6, "the batches are in one list: make one list for each epoch."),
        checks.cause("not-nested", 3, "this is one epoch: one list of batches for each is asked."),
    ],
)
checks.close(
    [np.size(rows) for rows in epochs_of_37[0]],
    [16, 16, 5],
    "sizes of the mini-batches of 37 examples, 16 each",
    causes=[
        checks.cause(
            "last-batch-dropped", [16, 16], "the last, short mini-batch is missing: 37 = 16+16+5."
        ),
        checks.cause(
            "last-batch-filled", [16, 16, 16], "the last mini-batch has the 5 that are left."
        ),
        checks.cause("evenly-split", [13, 12, 12], "not equal parts: 16, 16, and what is left."),
        checks.cause("evenly-split", [19, 18], "not equal parts: 16, 16, and what is left."),
        checks.cause("short-batch-first", [5, 16, 16], "the short mini-batch comes last."),
        checks.cause(
            "empty-batch", [16, 16, 5, 0], "there is an empty mini-batch: its mean would be NaN."
        ),
    ],
)
rows_of_37 = np.sort(np.concatenate([np.ravel(rows) for rows in epochs_of_37[0]]))
checks.dtype(rows_of_37, "int", "the row numbers, with which X[rows] is taken")
checks.holds(
    len(np.unique(rows_of_37)) == 37,
    "no example comes twice in an epoch",
    "some rows come twice, so others never: permute the numbers, and don't draw afresh each time.",
    name="drawn-with-replacement",
)
checks.close(
    rows_of_37,
    np.arange(37),
    "the row numbers of an epoch, sorted",
    causes=[checks.cause("counts-from-one", np.arange(1, 38), "rows count from 0: 0 to n − 1.")],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    for cover_n, cover_size, cover_epochs in ((100, 32, 2), (64, 16, 3), (7, 7, 1), (5, 1, 2)):
        cover = epoch_batches(cover_n, cover_size, cover_epochs, seed=cover_n)
        short = cover_n % cover_size
        cover_sizes = [cover_size] * (cover_n // cover_size) + ([short] if short else [])
        checks.close(len(cover), cover_epochs, "number of epochs")
        for cover_epoch in cover:
            checks.close(
                [np.size(rows) for rows in cover_epoch],
                cover_sizes,
                "sizes of the mini-batches",
                causes=[
                    checks.cause(
                        "last-batch-dropped",
                        [cover_size] * (cover_n // cover_size),
                        "the short mini-batch is missing.",
                    ),
                    checks.cause(
                        "empty-batch",
                        [*cover_sizes, 0],
                        "there is an empty mini-batch at the end.",
                    ),
                ],
            )
            cover_rows = np.concatenate([np.ravel(rows) for rows in cover_epoch])
            checks.holds(
                len(np.unique(cover_rows)) == cover_n,
                "no example comes twice in an epoch",
                "some rows come twice.",
                name="drawn-with-replacement",
            )
            checks.close(np.sort(cover_rows), np.arange(cover_n), "the row numbers, sorted")
### END HIDDEN TESTS

# %% [markdown]
# How to judge something random? By what chance can't explain: 60 numbers stay in order by chance
# only once in $10^{81}$ tries.

# %% test="epoch_batches" part="shuffle" points=1
orders_of_60 = [
    np.concatenate([np.ravel(rows) for rows in epoch]) for epoch in epoch_batches(60, 4, 3, seed=2)
]
checks.holds(
    all(np.any(np.diff(order) < 0) for order in orders_of_60),
    "the examples are not in their first order",
    "the row numbers are still sorted: shuffle them before you cut.",
    name="not-shuffled",
)
checks.holds(
    not np.array_equal(orders_of_60[0], orders_of_60[1])
    and not np.array_equal(orders_of_60[1], orders_of_60[2]),
    "each epoch has an order of its own",
    "all epochs have the same order: make the generator once, and draw a permutation in each "
    "epoch.",
    name="same-order-every-epoch",
)
checks.holds(
    all(np.sum(np.diff(order) == 1) < 30 for order in orders_of_60),
    "neighbours don't stay neighbours",
    "whole runs of numbers stay together: shuffle the examples, and not the batches.",
    name="batches-shuffled",
)
checks.holds(
    np.array_equal(
        np.concatenate([np.ravel(rows) for rows in epoch_batches(60, 4, 1, seed=2)[0]]),
        orders_of_60[0],
    ),
    "the same seed gives the same batches",
    "a second call with the same seed gives another order: make the generator from the seed.",
    name="seed-ignored",
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    checks.holds(
        not np.array_equal(
            np.concatenate([np.ravel(rows) for rows in epoch_batches(60, 4, 1, seed=3)[0]]),
            orders_of_60[0],
        ),
        "another seed gives other batches",
        "the seed has no effect: make the generator from it.",
        name="seed-ignored",
    )
    orders_of_12 = [
        np.concatenate([np.ravel(rows) for rows in epoch])
        for epoch in epoch_batches(12, 4, 400, seed=4)
    ]
    checks.holds(
        len({tuple(order) for order in orders_of_12}) > 390,
        "each of many epochs has a new order",
        "the same orders come back: draw a new permutation in each epoch.",
        name="same-order-every-epoch",
    )
    for example in (0, 7, 11):
        checks.rate(
            [example in order[:4] for order in orders_of_12],
            4 / 12,
            "how often an example is in the first mini-batch",
            causes=[
                checks.cause(
                    "shuffled-within-batches",
                    1.0 if example < 4 else 0.0,
                    "the same examples always meet in one mini-batch: shuffle before you cut.",
                )
            ],
        )
        checks.rate(
            [example in order[8:] for order in orders_of_12],
            4 / 12,
            "how often an example is in the last mini-batch",
        )
    checks.rate(
        [list(order).index(1) == list(order).index(0) + 1 for order in orders_of_12],
        1 / 12,
        "how often example 1 comes just after example 0",
    )
### END HIDDEN TESTS

# %%
with plots.needs("epoch_batches"):
    rows_by_epoch = np.array([np.concatenate(epoch) for epoch in epoch_batches(37, 16, 6, seed=3)])
    fig, axis = plots.figure(
        "A new order each epoch, every example once, a short batch last", height=2.9
    )
    drawn = axis.imshow(rows_by_epoch, cmap="cividis", aspect="auto")
    for border in (15.5, 31.5):
        axis.axvline(border, color="white", linewidth=3)
    axis.set_xticks([7.5, 23.5, 34], ["16 examples", "16 examples", "5"])
    axis.set_yticks(range(6), range(1, 7))
    axis.set(ylabel="epoch", xlabel="mini-batches, in order of use")
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    fig.colorbar(drawn, ax=axis, label="row number")
    plots.show(
        fig,
        alt="Six rows of 37 coloured cells, one row for each epoch, coloured by example and cut by "
        "white lines into mini-batches of 16, 16 and 5. The colours are mixed differently in "
        "every row.",
    )

# %% [markdown]
# ## Task 10: descend in mini-batches (2 points)
#
# Now the descent itself. For each epoch, for each of its mini-batches: compute the gradient **of
# these rows only**, and take a step. The names:
#
# - **batch** descent: one mini-batch holds all $N$ examples, so an epoch is one step;
# - **stochastic** descent: a mini-batch holds one example, so an epoch is $N$ steps;
# - **mini-batch** descent: anything between.
#
# One function does all three, for the batches say which it is. The gradient comes as a function
# too. Take care to cut $X$ and $y$ by the **same** row numbers.
#
# > **Erratum (notes 004).** Stochastic descent there computes $\partial J_i/\partial\theta$ of one
# > example, and then updates with $\partial J/\partial\theta$. The step uses what was computed:
# > $\theta \leftarrow \theta - \eta\,\partial J_i/\partial\theta$.


# %% task="minibatch_descent"
def minibatch_descent(gradient, X, y, w, eta, batches):
    """Take a step w ← w − η ∇C for each mini-batch of each epoch; return all w on the way.

    Parameters
    ----------
    gradient : callable
        Takes rows of X (m, n), the same rows of y (m,), and w (n,), all float64 arrays; returns
        the mean gradient of these examples, a float64 array (n,).
    X : float64 array (N, n)
    y : float64 array (N,)
    w : float64 array (n,)
        The start; not to be changed.
    eta : float
        Learning rate.
    batches : list of lists of int arrays
        batches[e][k] holds the row numbers of mini-batch k in epoch e.

    Returns
    -------
    float64 array (1 + number of mini-batches, n)
        The start, and w after each step.
    """
    ### BEGIN SOLUTION
    path = [w]
    for epoch in batches:
        for rows in epoch:
            w = w - eta * gradient(X[rows], y[rows], w)
            path.append(w)
    return np.array(path)
    ### END SOLUTION


# %% [markdown]
# The test uses a made-up gradient that is easy to follow: $w$ minus the mean of the $y_i x_i$. The
# first step, with rows 3 and 0, $\eta = 0.5$ and $w = (0, 0)$, has $y_3x_3 = (1, 1)$ and $y_0x_0 =
# (1, 0)$, so it leads to $0.5·(1, 0.5) = (0.5, 0.25)$.

# %% test="minibatch_descent" points=2
checks.close(
    minibatch_descent(
        lambda X, y, w: np.asarray(w) - np.mean(np.reshape(y, (-1, 1)) * X, axis=0),
        np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 1.0], [1.0, 1.0], [2.0, 0.0]]),
        np.array([1.0, -1.0, 2.0, 1.0, 3.0]),
        np.zeros(2),
        0.5,
        [
            [np.array([3, 0]), np.array([2, 4]), np.array([1])],
            [np.array([1, 2]), np.array([0, 3]), np.array([4])],
        ],
    ),
    np.array(
        [
            [0.0, 0.0],
            [0.5, 0.25],
            [3.25, 0.625],
            [1.625, -0.6875],
            [2.3125, -0.34375],
            [1.65625, 0.078125],
            [3.828125, 0.0390625],
        ]
    ),
    "two epochs of mini-batches of 2, 2 and 1 of five examples",
    rtol=1e-6,
    causes=[
        checks.cause(
            "ascent",
            np.array(
                [
                    [0.0, 0.0],
                    [-0.5, -0.25],
                    [-3.75, -0.875],
                    [-5.625, -0.3125],
                    [-9.9375, -0.46875],
                    [-15.40625, -0.953125],
                    [-26.109375, -1.4296875],
                ]
            ),
            "the gradient is added, so you walk uphill: subtract η∇C.",
        ),
        checks.cause(
            "labels-not-shuffled",
            np.array(
                [
                    [0.0, 0.0],
                    [0.0, 0.25],
                    [2.0, 0.625],
                    [1.0, 3.3125],
                    [-0.25, 1.90625],
                    [0.625, 1.203125],
                    [3.3125, 0.6015625],
                ]
            ),
            "X is taken in the order of the batches, y in its first order: take `y[rows]` as well.",
        ),
        checks.cause(
            "labels-not-shuffled",
            np.array(
                [
                    [0.0, 0.0],
                    [0.0, 0.25],
                    [0.25, 0.375],
                    [0.125, 1.1875],
                    [-0.6875, 0.84375],
                    [-0.34375, 0.171875],
                    [0.828125, 0.0859375],
                ]
            ),
            "every mini-batch gets the first targets: take `y[rows]`, by the same numbers as X.",
        ),
        checks.cause(
            "order-ignored",
            np.array(
                [
                    [0.0, 0.0],
                    [0.25, -0.5],
                    [1.875, 0.5],
                    [3.9375, 0.25],
                    [2.21875, -0.375],
                    [2.859375, 0.5625],
                    [4.4296875, 0.28125],
                ]
            ),
            "the rows are taken in their first order: use the row numbers of the batch.",
        ),
        checks.cause(
            "last-batch-dropped",
            np.array([[0.0, 0.0], [0.5, 0.25], [3.25, 0.625], [3.125, 0.3125], [2.0625, 0.40625]]),
            "the last, short mini-batch of each epoch is left out.",
        ),
        checks.cause(
            "full-batch",
            np.array(
                [
                    [0.0, 0.0],
                    [1.4, 0.1],
                    [2.1, 0.15],
                    [2.45, 0.175],
                    [2.625, 0.1875],
                    [2.7125, 0.19375],
                    [2.75625, 0.196875],
                ]
            ),
            "each step uses all examples: give the gradient the rows of its mini-batch only.",
        ),
        checks.cause(
            "stale-weights",
            np.array(
                [
                    [0.0, 0.0],
                    [0.5, 0.25],
                    [3.5, 0.75],
                    [3.5, -0.25],
                    [3.25, -0.125],
                    [2.0, 0.25],
                    [3.25, 0.375],
                ]
            ),
            "the gradients of an epoch all belong to its first w: take each at the present w.",
        ),
        checks.cause(
            "divided-twice",
            np.array(
                [
                    [0.0, 0.0],
                    [0.25, 0.125],
                    [1.6875, 0.34375],
                    [0.84375, -0.828125],
                    [1.3828125, -0.62109375],
                    [1.287109375, -0.3408203125],
                    [3.6435546875, -0.17041015625],
                ]
            ),
            "the gradient is a mean already: don't divide by the batch size again.",
        ),
        checks.cause(
            "one-point-per-epoch",
            np.array([[0.0, 0.0], [1.625, -0.6875], [3.828125, 0.0390625]]),
            "only the end of each epoch is kept: keep w after each step.",
        ),
        checks.cause(
            "first-epoch-only",
            np.array([[0.0, 0.0], [0.5, 0.25], [3.25, 0.625], [1.625, -0.6875]]),
            "this is the first epoch alone: is `return` inside the loop?",
        ),
        checks.cause(
            "start-missing",
            np.array(
                [
                    [0.5, 0.25],
                    [3.25, 0.625],
                    [1.625, -0.6875],
                    [2.3125, -0.34375],
                    [1.65625, 0.078125],
                    [3.828125, 0.0390625],
                ]
            ),
            "the start belongs to the path.",
        ),
        checks.cause(
            "same-array",
            np.array([[3.828125, 0.0390625]] * 7),
            "every row is the last w: `w -= …` changes the one array that the list holds.",
        ),
        checks.cause(
            "only-the-end", np.array([3.828125, 0.0390625]), "this is the last w: return the path."
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_minibatches(gradient, X, y, w, eta, batches):
        points = [np.array(w)]
        for rows in itertools.chain.from_iterable(batches):
            slopes = gradient(np.take(X, rows, axis=0), np.take(y, rows), points[-1])
            points.append(points[-1] - eta * np.asarray(slopes))
        return np.stack(points)

    def minibatch_cases():
        def slope(X, y, w):
            X, y, w = (np.asarray(part, dtype=np.float64) for part in (X, y, w))
            return X.T @ np.tanh(X @ w - y) / len(X)

        rng = np.random.default_rng(410)
        for N, n, m, epochs in ((11, 3, 4, 2), (6, 2, 6, 3), (5, 4, 1, 1), (9, 2, 2, 2)):
            batches = []
            for _ in range(epochs):
                order = rng.permutation(N)
                batches.append([order[k : k + m] for k in range(0, N, m)])
            yield (
                slope,
                rng.normal(size=(N, n)),
                rng.normal(size=N),
                rng.normal(size=n),
                0.3,
                batches,
            )

    checks.same(
        minibatch_descent,
        right_minibatches,
        minibatch_cases(),
        "minibatch_descent on other data, sizes and gradients",
        rtol=1e-6,
    )
    checks.forbid(
        minibatch_descent,
        "autodiff",
        "keras",
        what="the descent is your own",
        example=(
            lambda X, y, w: w,
            np.ones((4, 2)),
            np.ones(4),
            np.ones(2),
            0.1,
            [[np.arange(2), np.arange(2, 4)]],
        ),
    )
### END HIDDEN TESTS

# %% [markdown]
# ### Batch, stochastic, mini-batch
#
# The line again, $N = 100$, twenty epochs, the same $\eta = 0.1$ for all. The left axis counts
# **epochs**, so that at the same place all have looked at the same number of examples.

# %%
with plots.needs("mean_gradient", "epoch_batches", "minibatch_descent"):
    X, y = line_data()
    w_start = np.array([-1.0, 2.0])
    best_cost = mean_cost(X, y, np.linalg.lstsq(X, y, rcond=None)[0])
    kinds = {
        "batch, m = 100": (100, BLUE, "-"),
        "stochastic, m = 1": (1, RED, "-"),
        "mini-batch, m = 16": (16, GREEN, "--"),
    }
    fig, (left, right) = plots.figure(
        "One example at a time falls at once but never rests; 16 at a time do both well",
        columns=2,
        width=9.6,
        height=4,
    )
    for label, (m, colour, line) in kinds.items():
        batches = epoch_batches(100, m, 20, seed=1)
        path = np.asarray(
            minibatch_descent(arrays_from(mean_gradient), X, y, w_start, 0.1, batches)
        )
        costs = [mean_cost(X, y, w) for w in path]
        epochs_done = np.arange(len(path)) / len(batches[0])
        behind = 1 if m == 1 else 2
        left.plot(
            epochs_done, costs, line, color=colour, label=label, lw=0.8 * behind, zorder=behind
        )
        right.plot(*path.T, line, color=colour, lw=0.8 * behind, zorder=1 + behind)
        print(f"{label:19s} {len(path) - 1:5d} steps, cost at the end {costs[-1]:.4f}")
    left.axhline(best_cost, color="black", linewidth=0.8, linestyle=":")
    left.set(yscale="log", xlabel="epochs", ylabel="cost over all 100 examples")
    left.set_xticks(range(0, 21, 5))
    left.legend()
    slopes, intercepts = np.meshgrid(np.linspace(-1.5, 3, 60), np.linspace(-2, 2.6, 60))
    residuals = slopes[..., None] * X[:, 0] + intercepts[..., None] - y
    right.contour(
        slopes, intercepts, np.mean(residuals**2, axis=-1) / 2, 14, colors="0.8", linewidths=0.8
    )
    right.plot(*w_start, "s", color="black")
    right.set(xlabel="slope w₁", ylabel="intercept w₂")
    plots.show(
        fig,
        alt="Left: cost over 20 epochs, logarithmic. Stochastic descent falls to the dotted line "
        "of the least cost within an epoch and jitters above it; mini-batch descent falls "
        "smoothly and reaches it; batch descent is still far above. Right: their paths on the "
        "contours, from a square: batch is a smooth short curve, mini-batch a longer slightly "
        "rough one, stochastic a scribble that stays around the minimum.",
    )

# %% [markdown]
# > **Reading notes 001.** They say "very slow convergence" of descent with single examples. Look
# > closely: it is *first* to come near the minimum, and never settles there, since each example
# > pulls its own way. What is slow are its 2 000 small steps, one after the other, where a
# > mini-batch uses one matrix product.
#
# ## Task 11: the same in TensorFlow (2 points)
#
# TensorFlow finds the gradient itself. What changes is a `tf.Variable`, which holds the weights. In
# each step:
#
# 1. compute the cost inside `with tf.GradientTape() as tape:`, so that the tape sees how;
# 2. ask the tape: `tape.gradient(cost, w)`;
# 3. step: `w.assign_sub(eta * gradient)`. It subtracts in place, and keeps `w` a variable.
#    (`w = w - …` would make `w` a plain tensor, which the next tape does not watch.)
#
# Since you need not derive anything, let the loss be anything. The given `LOSSES` has three, each a
# function of the residuals: half the square, and two that mind large residuals less. The cost is
# the **mean** over all examples of the loss of $s_i = x_i\cdot w - y_i$.
#
# > **Erratum (notes 004).** The code there is TensorFlow 1, and it trips over itself:
# > `tf.gradients` returns a **list**, so `lr * grads` fails. Today it reads as above.

# %% given="losses"
LOSSES = {
    "half square": lambda s: tf.square(s) / 2,
    "log cosh": lambda s: tf.math.log(tf.math.cosh(s)),
    "root": lambda s: tf.sqrt(1 + tf.square(s)) - 1,
}


# %% task="tape_descent"
def tape_descent(X, y, w, eta, steps, loss):
    """Take steps w ← w − η ∇C with all examples; C is the mean of LOSSES[loss](x_i·w − y_i).

    Parameters
    ----------
    X : float64 array (N, n)
    y : float64 array (N,)
    w : float64 array (n,)
        The start.
    eta : float
        Learning rate.
    steps : int
    loss : str
        A key of LOSSES, whose functions take residuals (N,) and return losses (N,), as tensors.

    Returns
    -------
    tensor, variable or array (n,)
        w after the last step. float32 will do.
    """
    ### BEGIN SOLUTION
    w = tf.Variable(w)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = tf.reduce_mean(LOSSES[loss](tf.linalg.matvec(X, w) - y))
        w.assign_sub(eta * tape.gradient(cost, w))
    return w
    ### END SOLUTION


# %% test="tape_descent" points=2
checks.close(
    tape_descent(*four_examples(), 0.1, 1, "half square"),
    [0.625, 0.9625, -0.775],
    "one step on the four examples of Task 8: w − 0.1·(−1.25, 0.375, −2.25)",
    rtol=1e-4,
    causes=[
        checks.cause("ascent", [0.375, 1.0375, -1.225], "you walk uphill: subtract η∇C."),
        checks.cause(
            "summed-not-averaged",
            [1.0, 0.85, -0.1],
            "the cost is a sum over the four examples: `tf.reduce_mean` is asked.",
        ),
        checks.cause(
            "broadcast",
            [0.65, 0.9625, -0.8],
            "predictions (N, 1) minus targets (N,) make a table (N, N), in which every prediction "
            "meets every target: give both the same shape.",
        ),
        checks.cause("no-change", [0.5, 1.0, -1.0], "w is still where it started: `assign_sub`."),
        checks.cause("rate-forgotten", [1.75, 0.625, 1.25], "η is missing: the step is η∇C."),
        checks.cause(
            "gradient-returned", [-1.25, 0.375, -2.25], "this is ∇C: return w after the steps."
        ),
    ],
)
checks.close(
    tape_descent(*four_examples(), 0.1, 3, "log cosh"),
    [0.646228096914, 0.933002042310, -0.711044336482],
    "three steps with the loss log cosh",
    rtol=1e-4,
    causes=[
        checks.cause(
            "loss-ignored",
            [0.7595390625, 0.9038125, -0.45259375],
            "half the square is used, whatever loss is asked for: `LOSSES[loss]`.",
        ),
        checks.cause(
            "one-step-only",
            [0.550238030116, 0.977371293659, -0.902467906089],
            "this is w after one step: is `return` inside the loop?",
        ),
        checks.cause(
            "frozen-gradient",
            [0.650714090348, 0.932113880977, -0.707403718267],
            "every step uses the gradient of the start: open a new tape in each step.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_tape_descent(X, y, w, eta, steps, loss, scale=1.0):
        slope = {
            "half square": lambda s: s,
            "log cosh": np.tanh,
            "root": lambda s: s / np.sqrt(1 + s**2),
        }[loss]
        for _ in range(steps):
            w = w - eta * scale * X.T @ slope(X @ w - y) / len(X)
        return w

    def tape_cases():
        rng = np.random.default_rng(411)
        asked = (((7, 3), 0.2, 5, "root"), ((5, 2), 0.1, 4, "half square"))
        asked += (((3, 6), 0.3, 2, "log cosh"), ((4, 2), 0.3, 0, "root"))
        for (N, n), eta, steps, loss in asked:
            data = rng.normal(size=(N, n)), rng.normal(size=N), rng.normal(size=n)
            yield *data, eta, steps, loss

    checks.same(
        tape_descent,
        right_tape_descent,
        tape_cases(),
        "tape_descent with other data and each loss",
        rtol=1e-4,
        causes=[
            checks.cause(
                "ascent", lambda *case: right_tape_descent(*case, -1.0), "you walk uphill."
            ),
            checks.cause(
                "summed-not-averaged",
                lambda X, *rest: right_tape_descent(X, *rest, float(len(X))),
                "the cost is the mean over the examples.",
            ),
            checks.cause(
                "loss-ignored",
                lambda *case: right_tape_descent(*case[:5], "half square"),
                "half the square is used, whatever loss is asked for.",
            ),
        ],
    )
    checks.forbid(
        tape_descent,
        "keras",
        what="this task is for raw TensorFlow",
        example=(np.ones((2, 3)), np.ones(2), np.ones(3), 0.1, 2, "half square"),
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 12: the same in Keras (1 point)
#
# In Keras the loop is out of sight. You say *what*: a model, a loss, an optimiser. Then
# `model.fit` shuffles, cuts mini-batches (the last one may be short) and steps. Three things to
# mind:
#
# - a `Dense` **kernel is `(n_in, n_out)`**, the transpose of our $W$. For one neuron it is a column
#   `(n, 1)`: reshape $w$. And our neuron has no bias of its own, hence `use_bias=False`;
# - Keras' `"mse"` has **no ½**. Its gradient is twice ours, and so is the step. Write the loss as a
#   function of `(y_true, y_pred)`, with the ½;
# - `keras.optimizers.SGD()` takes 0.01 if you don't tell it your $\eta$.


# %% task="keras_model"
def keras_model(w, eta):
    """Return a compiled Keras model of one linear neuron, ready to take steps of plain SGD.

    Its cost is the mean over the batch of ½ (x·w − y)²; a step is w ← w − η ∇C.

    Parameters
    ----------
    w : float64 array (n,)
        The start: the kernel (n, 1) of the only layer, which has no bias.
    eta : float
        Learning rate.

    Returns
    -------
    keras.Model
        Takes (N, n), gives (N, 1); compiled with optimiser and loss. float32 will do.
    """
    ### BEGIN SOLUTION

    def half_square(y_true, y_pred):
        return keras.ops.mean((y_pred - y_true) ** 2) / 2

    neuron = keras.layers.Dense(1, use_bias=False)
    model = keras.Sequential([keras.Input((len(w),)), neuron])
    model.set_weights([np.reshape(w, (len(w), 1))])
    model.compile(optimizer=keras.optimizers.SGD(eta), loss=half_square)
    return model
    ### END SOLUTION


# %% test="keras_model" points=1
neuron_of_three = keras_model(np.array([0.5, 1.0, -1.0]), 0.1)
outputs_of_three = np.ravel(neuron_of_three(four_examples()[0]))  # builds it, if it is not
checks.close(
    neuron_of_three.count_params(),
    3,
    "number of parameters",
    causes=[checks.cause("bias-added", 4, "there is a bias too: `use_bias=False`.")],
)
checks.holds(
    np.allclose(outputs_of_three, [-1.5, 0.0, 1.5, -1.0], rtol=1e-4, atol=1e-4),
    "before any step the model computes x·w",
    "its predictions are not those of the given w: set the kernel to w, as a column (n, 1).",
    name="weights-not-set",
)
neuron_of_three.run_eagerly = True  # a single step is quicker so
neuron_of_three.train_on_batch(four_examples()[0], four_examples()[1].reshape(-1, 1))
checks.close(
    np.ravel(neuron_of_three.get_weights()[0]),
    [0.625, 0.9625, -0.775],
    "w after one step on the four examples, with η = 0.1",
    rtol=1e-4,
    atol=1e-5,
    causes=[
        checks.cause(
            "half-forgotten",
            [0.75, 0.925, -0.55],
            'the step is twice as long: "mse" has no ½, our cost has.',
        ),
        checks.cause(
            "default-rate", [0.5125, 0.99625, -0.9775], "this is η = 0.01, Keras' default: pass η."
        ),
        checks.cause(
            "default-rate",
            [0.525, 0.9925, -0.955],
            'this is η = 0.01, Keras\' default, with the "mse" that has no ½: pass η.',
        ),
        checks.cause(
            "another-optimiser",
            [0.6, 0.9, -0.9],
            "every weight moved by the same 0.1: that is Adam or its like. Use SGD.",
        ),
        checks.cause("no-change", [0.5, 1.0, -1.0], "no weight moved: is the layer trainable?"),
        checks.cause(
            "summed-not-averaged",
            [1.0, 0.85, -0.1],
            "the cost is a sum over the examples: it is the mean.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    keras_rng = np.random.default_rng(412)
    keras_x, keras_y = keras_rng.normal(size=(7, 5)), keras_rng.normal(size=7)
    keras_w = keras_rng.normal(size=5)
    neuron_of_five = keras_model(keras_w, 0.2)
    neuron_of_five.run_eagerly = True
    for _ in range(3):
        neuron_of_five.train_on_batch(keras_x, keras_y.reshape(-1, 1))
        keras_w = keras_w - 0.2 * keras_x.T @ (keras_x @ keras_w - keras_y) / 7
    checks.close(
        np.ravel(neuron_of_five.get_weights()[0]),
        keras_w,
        "w after three steps on other data",
        rtol=1e-3,
        atol=1e-4,
    )
### END HIDDEN TESTS

# %% [markdown]
# Do the three agree? One step from the same start, with the same four examples:

# %%
with plots.needs("descend", "mean_gradient", "tape_descent", "keras_model"):
    X_four, y_four, w_four = four_examples()
    by_numpy = descend(lambda w: np.asarray(mean_gradient(X_four, y_four, w)), w_four, 0.1, 1)[-1]
    by_tape = np.asarray(tape_descent(X_four, y_four, w_four, 0.1, 1, "half square"))
    model = keras_model(w_four, 0.1)
    model.fit(X_four, y_four[:, None], batch_size=4, epochs=1, verbose=0)
    by_keras = model.get_weights()[0].ravel()
    print("NumPy:     ", by_numpy)
    print("TensorFlow:", by_tape, f" largest difference {np.max(np.abs(by_tape - by_numpy)):.0e}")
    print("Keras:     ", by_keras, f" largest difference {np.max(np.abs(by_keras - by_numpy)):.0e}")

# %% [markdown]
# (Keras computes in float32, to about seven digits. For descent that is enough; for a gradient
# check it would not be.)
#
# ## On real digits
#
# Last, put everything to work on images. We take 1 000 digits, and shrink each to 14×14 pixels to
# save time. One linear neuron looks at these 196 pixels, and at a 1 for the bias. It shall say 1
# for a handwritten zero, and 0 for any other digit.
#
# **The wall again.** The cost is a bowl in 197 dimensions. Its curvatures are the eigenvalues of
# $X^\top X/N$; we leave out those that are 0, since along a pixel that is always dark the bowl is
# flat. Your `rate_limit` says which $\eta$ is too large, to the percent, before a single step is
# taken. Three runs put it to the test: far below the limit, 5 % below, and 5 % above.
#
# **Mini-batches again.** Then ten epochs with batches of 16, of 32, and of all, with the same
# $\eta$, one fifth of the limit.

# %%
with plots.needs("descend", "rate_limit", "mean_gradient", "epoch_batches", "minibatch_descent"):

    def inputs(images):
        """Return 14×14 pixels and a 1 for each image: (N, 197)."""
        small = images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)) / 255
        return np.column_stack([small.reshape(-1, 196), np.ones(len(images))])

    X_zero, X_unseen = inputs(digits.x_train[:1000]), inputs(digits.x_test[:1000])
    y_zero = (digits.y_train[:1000] == 0).astype(float)
    unseen_zero = digits.y_test[:1000] == 0
    curvatures = np.linalg.eigvalsh(X_zero.T @ X_zero / len(X_zero))
    curvatures = curvatures[curvatures > 1e-9]  # pixels that are always dark set no limit
    wall = float(rate_limit(curvatures))
    print(f"largest curvature {curvatures[-1]:.2f}, so the limit is η = {wall:.5f}")

    fig, (left, right) = plots.figure(
        "On digits too: a wall at 2/λ, and small batches get further per epoch",
        columns=2,
        width=9.6,
        height=3.9,
    )
    for share, colour, line in ((0.1, GREEN, "-."), (0.95, BLUE, "-"), (1.05, RED, "--")):
        path = descend(
            lambda w: np.asarray(mean_gradient(X_zero, y_zero, w)), np.zeros(197), share * wall, 50
        )
        costs = [mean_cost(X_zero, y_zero, w) for w in np.asarray(path)]
        left.plot(costs, line, color=colour, label=f"η = {share:g} of the limit")
    left.set(yscale="log", xlabel="step, with all 1 000 images", ylabel="cost")
    left.legend()
    zero_accuracy = {}
    for m, colour, line in ((16, GREEN, "--"), (32, RED, "-."), (1000, BLUE, "-")):
        batches = epoch_batches(1000, m, 10, seed=m)
        path = np.asarray(
            minibatch_descent(
                arrays_from(mean_gradient), X_zero, y_zero, np.zeros(197), wall / 5, batches
            )
        )
        ends = path[:: len(batches[0])]
        costs = [mean_cost(X_zero, y_zero, w) for w in ends]
        right.plot(costs, line, color=colour, label=f"m = {m}", marker="o", markersize=3)
        zero_accuracy[m] = float(np.mean((X_unseen @ ends[-1] > 0.5) == unseen_zero))
        print(f"m = {m:4d}: {zero_accuracy[m]:.1%} right of {len(unseen_zero)} unseen digits")
    print(f"always saying no: {np.mean(~unseen_zero):.1%}")
    right.set(xlabel="epoch", ylabel="cost over all 1 000 images", ylim=(0, None))
    right.set_xticks(range(0, 11, 2))
    right.legend()
    plots.show(
        fig,
        alt="Left: cost over 50 full-batch steps on a logarithmic axis. At 5 % below the limit it "
        "falls, with a tenth of the limit it falls more slowly, with 5 % above it turns and grows "
        "without bound. Right: cost over ten epochs; batches of 16 fall fastest, then 32; all "
        "1 000 at once, one step an epoch, lag far behind.",
    )

# %% [markdown]
# ## In your own words (2 points)
#
# Look at the three curves of Task 10 again, and at the figure above. In four to six sentences:
#
# 1. After the same number of examples seen, why is mini-batch descent so much further than batch
#    descent, though each of its gradients is only an estimate? And why does stochastic descent with
#    a fixed $\eta$ never come to rest, while batch descent does?
# 2. You train a network, and the cost grows to $10^{12}$ within a few steps. Your friend says: "The
#    gradient must point the wrong way." What else could it be, and which one experiment tells the
#    two apart?

# %% [markdown] task="explain" points=2
# ### BEGIN SOLUTION
# 1. A mini-batch gradient is unbiased: on average it is the full gradient, and its spread is small
# already at 16 examples (it shrinks as 1/√m). So a step with it is nearly as good as a full step,
# but costs only 16 examples instead of all, and an epoch has many such steps. At the minimum the
# full gradient is zero, so batch descent stops there. The gradients of the single examples are
# not zero there, they only cancel on average; with a fixed η every step is kicked by one of them.
# 2. It could be a learning rate beyond 2/λ of the steepest direction: every step then multiplies
# the distance by 1 − ηλ, which is below −1. Make η much smaller (say 100 times): if the gradient
# is right, the cost now falls, by about η‖∇C‖² in a step; if the sign is wrong, it still rises,
# only more slowly. (Or check the gradient against centred differences.)
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 1 point for the first: many cheap, unbiased (or "nearly right") steps per epoch (½); single
# gradients don't vanish at the minimum, so a fixed η keeps kicking (½).
#
# 1 point for the second: η beyond 2/λ, or "too large, it overshoots" (½); an experiment that tells
# the two apart: a much smaller η, or one small step compared with −η‖∇C‖², or a gradient
# check (½).
# ### END MARK SCHEME
