# ---
# topic:
#   results:
#     - what: Validation accuracy after ten epochs, by optimiser
#       code: |
#         told = ", ".join(f"{name} {late:.3f}" for name, (_, late) in shares.items())
#   figures:
#     - caption: Seven optimisers on one bowl
#       alt: Seven contour maps of the bowl
# ---

# %% [markdown]
# # 6 Optimisers
#
# A gradient says which way is down. It does not say how far to go. An **optimiser** decides that,
# from what it remembers of the gradients before. In this notebook you write seven of them by
# hand, watch them run, and find out that they give the numbers of Keras to the last digits.
#
# **Afterwards you can**
#
# - say why one learning rate can't suit a badly scaled cost, and see it in a path;
# - write SGD, momentum, Nesterov, Adagrad, RMSProp, Adadelta and Adam as update steps, state in
#   and state out, and say where each one puts its ε and what its state starts from;
# - explain momentum as a geometric sum, with the effective learning rate $\eta/(1-\beta)$;
# - explain what bias correction does at the first steps, and what happens without it;
# - write the same in raw TensorFlow and in Keras, and train a network on digits with each.
#
# **Read first**
#
# | notes | what they are | read for |
# |---|---|---|
# | 004 | *Introduction to Deep Learning and Neural Network* | "Optimization", "Mini-batches" |
# | 000 | handwritten, *First principles of CV* | "Gradient Descent": the learning rate |
#
# Notes 004 *name* momentum, Adagrad, Adadelta, Adam and RMSProp, and give no equations. So all
# equations stand here, with the paper that they come from.
#
# **Time**: about two and a half hours. There are 10 tasks. 20 points are judged automatically, 2
# more by a person.
#
# **Rules**: the steps are written by hand, so Keras is out of bounds until the end. Loops, NumPy
# and TensorFlow's plain arithmetic are all fine. Everything is `float64`.

# %% given="setup"
import keras
import numpy as np
import tensorflow as tf

from nnkit import checks, datasets, plots

tf.constant(0.0)  # TensorFlow starts here, and not in the middle of a test

# %% [markdown]
# > **Erratum (notes 004).** The slide lists `tf.train.MomentumOptimizer`, `tf.train.AdamOptimizer`
# > and so on. Those are names of TensorFlow 1; TensorFlow 2 doesn't have them in `tf.train`. Today
# > they are `keras.optimizers.SGD(…, momentum=…)`, `keras.optimizers.Adam` and so on.
#
# > **Erratum (notes 004).** The slide's heading is "Adaptive Learning Rate Algorithms", and the
# > first in its list is momentum. But momentum has *one* rate for all weights, and it never
# > changes. It belongs in the list of optimisers, not under that heading.
#
# > **Erratum (notes 004).** "Stochastic gradient descent" computes $\partial J_i/\partial\theta$ of
# > one example in step 4, and then steps with $\partial J/\partial\theta$ in step 5. It must step
# > with what it has just computed, $\theta \leftarrow \theta - \eta\,\partial J_i/\partial\theta$.
#
# ## Notation
#
# - $w$ holds the weights, $g = \nabla C(w)$ the gradient. They have one shape, **any** shape, and
#   every rule below works element by element. $g^2$ means each element squared.
# - $\eta$ is the learning rate.
# - What an optimiser remembers is its **state**: arrays with the shape of $w$.
# - $\leftarrow$ means: the new value of the left side is computed from the right side. Lines are
#   carried out in order, from the top, so a later line uses the new values.
#
# In code, a step takes the old weights, the gradient and the old state, and **returns** the new
# weights and the new state. It changes nothing that it was given: write `v = beta * v - …` and not
# `v *= beta`, which would overwrite the caller's array. Then a step can be tested, repeated
# and compared. (Keras updates in place, to save memory.)
#
# All worked numbers use the same weights and gradient:

# %% given="example"


def example():
    """Return the weights and the gradient of the worked example, as fresh arrays (3,)."""
    return np.array([1.0, -2.0, 3.0]), np.array([0.5, -4.0, 0.25])


# %% [markdown]
# ## Task 1: plain gradient descent (1 point)
#
# $$w \leftarrow w - \eta\,g$$
#
# It remembers nothing. With mini-batches it is called SGD, *stochastic* gradient descent, because
# $g$ is then the gradient on a random part of the data. The rule is the same.
#
# First weight of the example, with $\eta = 0.1$: $1 - 0.1·0.5 = 0.95$.


# %% task="sgd_step"
def sgd_step(w, g, eta):
    """Take one step of gradient descent, w ← w − η g.

    Parameters
    ----------
    w : float64 array of any shape
        Weights; not to be changed.
    g : float64 array, the shape of w
        Gradient at w.
    eta : float
        Learning rate.

    Returns
    -------
    float64 array, the shape of w
        The new weights, in a new array.
    """
    ### BEGIN SOLUTION
    return w - eta * g
    ### END SOLUTION


# %% test="sgd_step" points=1
checks.forbid(sgd_step, "keras", what="SGD is written by hand", example=(*example(), 0.1))
sgd_known = {
    "ascent": (
        np.array([1.05, -2.4, 3.025]),
        "this goes uphill: the gradient points up, so η g is subtracted.",
    ),
    "step-only": (
        np.array([-0.05, 0.4, -0.025]),
        "this is the step −η g alone: add it to w and return the new weights.",
    ),
    "eta-forgotten": (
        np.array([0.5, 2.0, 2.75]),
        "this is w − g: the gradient is to be multiplied by η.",
    ),
}
checks.same(
    sgd_step,
    lambda *_: np.array([0.95, -1.6, 2.975]),
    [(*example(), 0.1)],
    "one step of SGD with η = 0.1",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(bug, lambda *_, wrong=wrong: wrong, why)
        for bug, (wrong, why) in sgd_known.items()
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_sgd(w, g, eta, bug="right"):
        return {
            "right": w - eta * g,
            "ascent": w + eta * g,
            "step-only": -eta * g,
            "eta-forgotten": w - g,
        }[bug]

    def sgd_cases():
        rng = np.random.default_rng(601)
        shapes = [(7,), (3, 5), (2, 4, 3)]
        return [(rng.normal(size=n), rng.normal(size=n), rng.uniform(0.01, 2)) for n in shapes]

    checks.same(
        sgd_step,
        right_sgd,
        sgd_cases(),
        "sgd_step on arrays of several shapes",
        causes=[
            checks.cause(bug, lambda *case, bug=bug: right_sgd(*case, bug=bug), why)
            for bug, (_, why) in sgd_known.items()
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ### A badly scaled bowl
#
# Most of this notebook takes place on one small cost,
#
# $$f(w) = \tfrac12\left(w_1^2 + 50\,w_2^2\right), \qquad \nabla f = (w_1,\ 50\,w_2).$$
#
# It is a long valley with steep walls: 50 times as curved along $w_2$ as along $w_1$. SGD
# multiplies $w_1$ by $1 - \eta$ and $w_2$ by $1 - 50\eta$ in every step. The walls allow no
# $\eta$ above $2/50 = 0.04$, or $w_2$ grows. But then $w_1$ shrinks by 4 % a step at most.
#
# `walk` repeats a step and keeps the path. You need not read the drawing.

# %% given="bowl"
START = np.array([-4.0, 0.8])


def bowl(w):
    """Return f = ½ (w₁² + 50 w₂²); w is (2,) or (2, …), an array or a tensor."""
    return 0.5 * (w[0] ** 2 + 50.0 * w[1] ** 2)


def bowl_slope(w):
    """Return ∇f of the bowl (2,), at w (2,)."""
    return np.array([w[0], 50.0 * w[1]])


def walk(step, start, state, slope, steps):
    """Repeat a step, and return the path.

    Parameters
    ----------
    step : callable
        Takes w, g and the parts of the state; returns the new w and the new parts.
    start : float64 array
        First w.
    state : tuple
        Parts of the state at the start; () if there is none.
    slope : callable
        Takes w, returns the gradient.
    steps : int

    Returns
    -------
    float64 array (steps + 1, *start.shape)
        All w, the start first.
    """
    w, path = start, [start]
    for _ in range(steps):
        w, *state = (np.asarray(part) for part in step(w, slope(w), *state))
        path.append(w)
    return np.array(path)


def draw_path(axis, path, cost=bowl, colour="#0072B2", **options):
    """Draw a path (n, 2) over the contours of a cost."""
    x, y = np.meshgrid(np.linspace(-4.6, 1.6, 121), np.linspace(-1.3, 1.3, 121))
    levels = np.geomspace(0.05, 60, 8)
    axis.contour(x, y, cost(np.array([x, y])), levels=levels, colors="0.8", linewidths=0.8)
    axis.plot(*np.transpose(path), ".-", color=colour, linewidth=1, markersize=4, **options)
    axis.plot(0, 0, "*", color="black", markersize=9)
    axis.set(xlim=(-4.6, 1.6), ylim=(-1.3, 1.3))


# %%
with plots.needs("sgd_step"):
    rates = {0.004: "too small", 0.036: "nearly too large", 0.041: "too large"}
    paths = {
        eta: walk(lambda w, g, eta=eta: (sgd_step(w, g, eta),), START, (), bowl_slope, 60)
        for eta in rates
    }
    fig, axes = plots.figure(
        "No single rate suits both: too short for the valley, or too long for its walls",
        columns=3,
        width=10,
        height=3.2,
        sharey=True,
    )
    for axis, (eta, path), colour in zip(axes, paths.items(), plots.PALETTE, strict=False):
        draw_path(axis, path[:21], colour=colour)
        axis.set_title(f"η = {eta}, {rates[eta]}", fontweight="normal")
        axis.set(xlabel="w₁")
    axes[0].set(ylabel="w₂")
    plots.show(
        fig,
        alt="Three contour maps of a long flat bowl with 20 steps of gradient descent. η = 0.004: "
        "short steps that have hardly begun along the valley. η = 0.036: a zigzag between the "
        "walls that moves on slowly. η = 0.041: a zigzag that grows.",
    )
    print("cost after 60 steps:", {eta: f"{bowl(path[-1]):.2g}" for eta, path in paths.items()})

# %% [markdown]
# ## Task 2: momentum (2 points)
#
# On the zigzag, every second gradient along $w_2$ points the other way, while along $w_1$ they all
# agree. So add them up: what alternates cancels, what agrees grows. The sum is the **velocity**
# $v$, and $\beta$ says how much of it is kept from one step to the next (often 0.9).
#
# $$v \leftarrow \beta v - \eta g \qquad\qquad w \leftarrow w + v$$
#
# Think of a heavy ball: the slope pushes it, friction $1 - \beta$ slows it. At the start $v = 0$.
#
# Worked, with $v = 0.2$, $\eta = 0.1$, $\beta = 0.9$, $g = 0.5$: the new $v$ is $0.9·0.2 -
# 0.1·0.5 = 0.13$, and $w = 1$ moves to $1.13$: *against* the slope, carried on by its velocity.
#
# > **Three conventions.** Ours is Keras' own: $v$ *is* the step. Many texts write
# > $v \leftarrow \beta v + \eta g$, $w \leftarrow w - v$, with $v$ uphill. PyTorch has $v
# > \leftarrow \beta v + g$, $w \leftarrow w - \eta v$. While $\eta$ stays the same, all three walk
# > the same path from $v = 0$, but their states differ, and tests compare states.


# %% task="momentum_step"
def momentum_step(w, g, v, eta, beta=0.9):
    """Take one step with momentum: v ← β v − η g, then w ← w + v.

    Parameters
    ----------
    w : float64 array of any shape
        Weights; not to be changed.
    g : float64 array, the shape of w
        Gradient at w.
    v : float64 array, the shape of w
        Velocity; not to be changed. Zero at the start.
    eta : float
        Learning rate.
    beta : float
        Share of the velocity that is kept, 0 ≤ β < 1.

    Returns
    -------
    w : float64 array
        New weights.
    v : float64 array
        New velocity.
    """
    ### BEGIN SOLUTION
    v = beta * v - eta * g
    return w + v, v
    ### END SOLUTION


# %% test="momentum_step" points=2
checks.forbid(
    momentum_step,
    "keras",
    what="momentum is written by hand",
    example=(*example(), np.ones(3), 0.1),
)
momentum_known = {
    "ascent": (
        (np.array([1.23, -2.13, 2.935]), np.array([0.23, -0.13, -0.065])),
        "the gradient has the wrong sign in the velocity: v ← βv − ηg.",
    ),
    "velocity-sign": (
        (np.array([0.77, -1.87, 3.065]), np.array([0.23, -0.13, -0.065])),
        (
            "this is the convention v ← βv + ηg, w ← w − v, where v points uphill: ours is "
            "the step itself, v ← βv − ηg, w ← w + v."
        ),
    ),
    "velocity-subtracted": (
        (np.array([0.87, -2.67, 3.115]), np.array([0.13, 0.67, -0.115])),
        "the velocity is the step itself: it is added to w.",
    ),
    "old-velocity": (
        (np.array([1.2, -1.7, 2.9]), np.array([0.13, 0.67, -0.115])),
        "w moves by the velocity of the step before: update v first, then add the new one.",
    ),
    "velocity-kept": (
        (np.array([1.13, -1.33, 2.885]), np.array([0.2, 0.3, -0.1])),
        "the new velocity must come back, or the next step does not know of this one.",
    ),
    "velocity-without-eta": (
        (np.array([0.932, -1.627, 2.984]), np.array([0.68, -3.73, 0.16])),
        (
            "η multiplies the whole velocity here (another convention): ours has it inside, "
            "v ← βv − ηg."
        ),
    ),
    "averaged": (
        (np.array([1.175, -1.69, 2.9075]), np.array([0.175, 0.31, -0.0925])),
        (
            "the gradient carries an extra factor 1 − β (a running average): ours is a sum, "
            "v ← βv − ηg."
        ),
    ),
    "beta-forgotten": (
        (np.array([1.15, -1.3, 2.875]), np.array([0.15, 0.7, -0.125])),
        "the old velocity is kept in full: it is to be multiplied by β.",
    ),
    "eta-twice": (
        (np.array([1.013, -1.933, 2.9885]), np.array([0.13, 0.67, -0.115])),
        "η is in the velocity already: w ← w + v.",
    ),
}
checks.same(
    momentum_step,
    lambda *_: (np.array([1.13, -1.33, 2.885]), np.array([0.13, 0.67, -0.115])),
    [(*example(), np.array([0.2, 0.3, -0.1]), 0.1)],
    "w and v after one step with momentum, η = 0.1 and β = 0.9",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(bug, lambda *_, wrong=wrong: wrong, why)
        for bug, (wrong, why) in momentum_known.items()
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_momentum(w, g, v, eta, beta=0.9, bug="right"):
        new = beta * v - eta * g
        return {
            "right": (w + new, new),
            "ascent": (w + beta * v + eta * g, beta * v + eta * g),
            "velocity-sign": (w - beta * v - eta * g, beta * v + eta * g),
            "velocity-subtracted": (w - new, new),
            "old-velocity": (w + v, new),
            "velocity-kept": (w + new, v),
            "velocity-without-eta": (w - eta * (beta * v + g), beta * v + g),
            "averaged": (w + beta * v - (1 - beta) * eta * g, beta * v - (1 - beta) * eta * g),
            "beta-forgotten": (w + v - eta * g, v - eta * g),
            "eta-twice": (w + eta * new, new),
        }[bug]

    def momentum_cases():
        rng = np.random.default_rng(602)
        for shape, eta, beta in [((7,), 0.3, 0.8), ((3, 5), 0.02, 0.95), ((2, 4, 3), 1.7, 0.5)]:
            yield *rng.normal(size=(3, *shape)), eta, beta

    checks.same(
        momentum_step,
        right_momentum,
        momentum_cases(),
        "momentum_step on arrays of several shapes",
        causes=[
            checks.cause(bug, lambda *case, bug=bug: right_momentum(*case, bug=bug), why)
            for bug, (_, why) in momentum_known.items()
        ],
    )
    momentum_start = np.random.default_rng(612).normal(size=(3, 4))
    momentum_twin = keras.Variable(momentum_start, dtype="float64")
    momentum_sgd = keras.optimizers.SGD(0.125, momentum=0.875)  # float32 holds both exactly
    for _ in range(10):
        momentum_sgd.apply([tf.sin(3.0 * momentum_twin.value)], [momentum_twin])
    checks.close(
        walk(
            lambda w, g, v: momentum_step(w, g, v, 0.125, 0.875),
            momentum_start,
            (np.zeros((3, 4)),),
            lambda w: np.sin(3 * w),
            10,
        )[-1],
        momentum_twin.numpy(),
        "ten steps, against Keras' own",
        rtol=1e-9,
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 3: the velocity is a geometric sum (2 points)
#
# What does the velocity remember? Write out three steps from $v_0 = 0$:
#
# $$v_1 = -\eta g_1, \qquad v_2 = -\eta(\beta g_1 + g_2), \qquad
# v_3 = -\eta(\beta^2 g_1 + \beta g_2 + g_3)$$
#
# Every gradient so far is in it, and each loses a factor $\beta$ per step:
#
# $$v_T = -\eta\sum_{k=1}^{T}\beta^{\,T-k}\,g_k$$
#
# **Effective learning rate.** If all gradients are the same $g$, this is a geometric series,
#
# $$v_T = -\eta\,\frac{1-\beta^T}{1-\beta}\,g \ \longrightarrow\ -\frac{\eta}{1-\beta}\,g .$$
#
# So on a steady slope momentum ends up with the learning rate $\eta/(1-\beta)$: 10 η for $\beta =
# 0.9$, 100 η for $0.99$. Worked, with $\eta = 0.1$, $\beta = 0.8$ and the gradients $1, -1, 0.5$:
# $v_3 = -0.1\,(0.64·1 + 0.8·(-1) + 0.5) = -0.034$.
#
# The sum, or the recursion from rest: either will do.


# %% task="velocity_sum"
def velocity_sum(gradients, eta, beta):
    """Return the velocity after T steps from rest, v_T = −η Σ_k β^(T−k) g_k for k = 1, …, T.

    Parameters
    ----------
    gradients : float64 array (T, n)
        Row by row g_1, …, g_T; the oldest first. T is at least 1.
    eta : float
        Learning rate.
    beta : float
        Share of the velocity that is kept, 0 ≤ β < 1.

    Returns
    -------
    float64 array (n,)
    """
    ### BEGIN SOLUTION
    age = np.arange(len(gradients))[::-1]  # the newest is 0 steps old
    return -eta * beta**age @ gradients
    ### END SOLUTION


# %% test="velocity_sum" points=2
checks.forbid(
    velocity_sum, "keras", what="the sum is written by hand", example=(np.ones((3, 2)), 0.1, 0.5)
)
sum_known = {
    "oldest-heaviest": (
        np.array([-0.052, -0.456]),
        "the oldest gradient counts most: the power of β is its age, 0 for the newest.",
    ),
    "power-off-by-one": (
        np.array([-0.0272, -0.4224]),
        "every gradient is a step too old: the newest has the power β⁰ = 1.",
    ),
    "averaged": (
        np.array([-0.0068, -0.1056]),
        "the factor 1 − β makes an average of it: the velocity is a sum.",
    ),
    "not-decayed": (
        np.array([-0.05, -0.6]),
        "all gradients count alike: one that is k steps old counts βᵏ.",
    ),
    "eta-forgotten": (
        np.array([-0.34, -5.28]),
        "the learning rate is missing.",
    ),
    "position-not-velocity": (
        np.array([-0.114, -0.888]),
        "this is how far all three steps go together: only the last velocity is asked.",
    ),
}
checks.same(
    velocity_sum,
    lambda *_: np.array([-0.034, -0.528]),
    [(np.array([[1.0, 2.0], [-1.0, 0.0], [0.5, 4.0]]), 0.1, 0.8)],
    "v after three gradients, with η = 0.1 and β = 0.8",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(bug, lambda *_, wrong=wrong: wrong, why)
        for bug, (wrong, why) in sum_known.items()
    ],
)
checks.close(
    velocity_sum(np.tile([1.0, -2.0, 0.5], (300, 1)), 0.1, 0.8),
    [-0.5, 1.0, -0.25],
    "300 equal gradients: the velocity is −η/(1 − β) times the gradient",
    causes=[
        checks.cause("averaged", [-0.1, 0.2, -0.05], "the factor 1 − β makes an average of it."),
        checks.cause("not-decayed", [-30.0, 60.0, -15.0], "one that is k steps old counts βᵏ."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_sum(gradients, eta, beta, bug="right"):
        age = np.arange(len(gradients))[::-1]  # the last gradient is 0 steps old
        powers = {
            "right": beta**age,
            "oldest-heaviest": beta ** age[::-1],
            "power-off-by-one": beta ** (age + 1.0),
            "averaged": (1 - beta) * beta**age,
            "not-decayed": np.ones(len(age)),
            "eta-forgotten": beta**age / eta,
            "position-not-velocity": (1 - beta ** (age + 1)) / (1 - beta),
        }
        return -eta * powers[bug] @ np.asarray(gradients)

    def sum_cases():
        rng = np.random.default_rng(603)
        for shape, eta, beta in [((6, 4), 0.3, 0.7), ((1, 3), 0.02, 0.9), ((9, 2), 1.5, 0.45)]:
            yield rng.normal(size=shape), eta, beta

    checks.same(
        velocity_sum,
        right_sum,
        sum_cases(),
        "velocity_sum of other gradients",
        causes=[
            checks.cause(bug, lambda *case, bug=bug: right_sum(*case, bug=bug), why)
            for bug, (_, why) in sum_known.items()
        ],
    )
    checks.close(
        velocity_sum(np.array([[1.0, 2.0, -1.0], [0.3, -5.0, 4.0]]), 0.2, 0.0),
        [-0.06, 1.0, -0.8],
        "without momentum, β = 0, only the newest gradient counts",
    )
### END HIDDEN TESTS

# %%
with plots.needs("velocity_sum"):
    fig, (left, right) = plots.figure(
        "The longer the memory, the longer the steps: they grow to η/(1 − β)", 1, 2, width=9.2
    )
    steady, pulse = np.ones((100, 1)), np.eye(100)[:, :1]  # a pulse: 1 at the first step, then 0
    steps = np.arange(1, 101)
    styles = zip((0.0, 0.5, 0.9, 0.98), ("-", "--", "-.", ":"), plots.PALETTE, strict=False)
    for beta, style, colour in styles:
        for axis, slopes in ((left, pulse), (right, steady)):
            lengths = [-velocity_sum(slopes[:T], 1.0, beta)[0] for T in steps]
            axis.plot(steps, lengths, style, color=colour, label=f"β = {beta}")
        right.plot(104, 1 / (1 - beta), "<", color=colour, clip_on=False)
    left.set(xlabel="step", ylabel="−v ÷ η", xlim=(0, 60))
    left.set_title("one single push, at step 1", fontweight="normal")
    left.legend()
    right.set(xlabel="step", yscale="log", ylim=(0.7, 70))
    right.set_title("the slope is always 1; triangle: 1/(1 − β)", fontweight="normal")
    plots.show(
        fig,
        alt="Velocity against the step, for β = 0, 0.5, 0.9, 0.98. Left, after a single push at "
        "step 1: it decays, at once for β = 0 and very slowly for β = 0.98. Right, under a steady "
        "slope, on a log axis: it rises and levels off at 1, 2, 10 and towards 50.",
    )

# %% [markdown]
# ## Task 4: Nesterov looks ahead (2 points)
#
# Momentum has a flaw: it brakes only when it is past the bottom. But part of the next step is
# known beforehand: whatever the slope says, the ball will roll on by $\beta v$. So take the slope
# **there**, where it will be, and not where it is.
#
# $$v \leftarrow \beta v - \eta\,\nabla f(w + \beta v) \qquad\qquad w \leftarrow w + v$$
#
# (Nesterov, 1983; in this form Sutskever and others, 2013.) You look ahead, but you step from $w$.
# The task gets the gradient as a *function*, since the step decides where to take it.
#
# Worked, with $w = 1$, $v = 0.2$, $\eta = 0.1$, $\beta = 0.9$ and the slope $\nabla f(p) = p$: look
# at $1 + 0.18 = 1.18$. There the slope is 1.18, so $v = 0.18 - 0.118 = 0.062$ and $w = 1.062$.


# %% task="nesterov_lookahead"
def nesterov_lookahead(w, v, gradient, eta, beta=0.9):
    """Take one look-ahead step: v ← β v − η ∇f(w + β v), then w ← w + v.

    Parameters
    ----------
    w : float64 array of any shape
        Weights; not to be changed.
    v : float64 array, the shape of w
        Velocity; not to be changed.
    gradient : callable
        Takes an array of the shape of w, returns ∇f there, of the same shape.
    eta : float
        Learning rate.
    beta : float
        Share of the velocity that is kept.

    Returns
    -------
    w : float64 array
        New weights.
    v : float64 array
        New velocity.
    """
    ### BEGIN SOLUTION
    v = beta * v - eta * gradient(w + beta * v)
    return w + v, v
    ### END SOLUTION


# %% test="nesterov_lookahead" points=2
checks.forbid(
    nesterov_lookahead,
    "keras",
    "autodiff",
    what="the look-ahead step is written by hand",
    example=(np.ones(3), np.ones(3), lambda p: p, 0.1),
)
lookahead_known = {
    "no-lookahead": (
        (np.array([1.08, -0.93, 0.21]), np.array([0.08, 1.07, -2.79])),
        "the gradient is taken at w, which is plain momentum: take it at w + βv.",
    ),
    "looked-too-far": (
        (np.array([1.06, -1.05, 0.3]), np.array([0.06, 0.95, -2.7])),
        "the gradient is taken at w + v: only βv is sure to come, so look at w + βv.",
    ),
    "looked-back": (
        (np.array([1.098, -0.822, 0.129]), np.array([0.098, 1.178, -2.871])),
        "the gradient is taken at w − βv, where you come from: look ahead, at w + βv.",
    ),
    "started-ahead": (
        (np.array([1.242, -0.768, 0.201]), np.array([0.062, 0.962, -2.709])),
        "the step starts at the look-ahead point: look there, but step from w.",
    ),
    "ascent": (
        (np.array([1.298, -2.422, 5.529]), np.array([0.298, -0.422, 2.529])),
        "the gradient has the wrong sign in the velocity: v ← βv − η∇f.",
    ),
}
checks.same(
    nesterov_lookahead,
    lambda *_: (np.array([1.062, -1.038, 0.291]), np.array([0.062, 0.962, -2.709])),
    [(example()[0], np.array([0.2, 0.3, -0.1]), lambda p: np.array([1.0, 4.0, 9.0]) * p, 0.1)],
    "w and v after one look-ahead step, η = 0.1 and β = 0.9",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(bug, lambda *_, wrong=wrong: wrong, why)
        for bug, (wrong, why) in lookahead_known.items()
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_lookahead(w, v, gradient, eta, beta=0.9, bug="right"):
        spot = {
            "no-lookahead": w,
            "looked-too-far": w + v,
            "looked-back": w - beta * v,
        }
        new = beta * v - eta * gradient(spot.get(bug, w + beta * v))
        if bug == "started-ahead":
            return w + beta * v + new, new
        if bug == "ascent":
            new = 2 * beta * v - new
        return w + new, new

    def lookahead_cases():
        rng = np.random.default_rng(604)
        for shape, eta, beta in [((7,), 0.3, 0.8), ((3, 5), 0.02, 0.95), ((2, 4, 3), 0.7, 0.5)]:
            scale = rng.uniform(0.5, 3, size=shape)
            yield *rng.normal(size=(2, *shape)), lambda p, c=scale: np.sin(c * p), eta, beta

    checks.same(
        nesterov_lookahead,
        right_lookahead,
        lookahead_cases(),
        "nesterov_lookahead on other slopes",
        causes=[
            checks.cause(bug, lambda *case, bug=bug: right_lookahead(*case, bug=bug), why)
            for bug, (_, why) in lookahead_known.items()
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 5: Nesterov as Keras writes it (2 points)
#
# In training, somebody hands you *one* gradient, taken at the weights that you have stored. So
# Keras stores the look-ahead point itself, $x = w + \beta v$. Then the gradient "at the weights"
# is just the one that Nesterov wants. How does $x$ move? With the new velocity $v' = \beta v -
# \eta g$,
#
# $$x' = w' + \beta v' = (w + v') + \beta v' = (x - \beta v) + (\beta v - \eta g) + \beta v'
#      = x + \beta v' - \eta g .$$
#
# Calling the stored point $w$ again, as Keras does:
#
# $$v \leftarrow \beta v - \eta g \qquad\qquad w \leftarrow w + \beta v - \eta g$$
#
# with the **new** $v$ in the second line. Worked, with $w = 1$, $v = 0.2$, $g = 0.5$: $v = 0.13$ as
# in Task 2, and $w = 1 + 0.9·0.13 - 0.1·0.5 = 1.067$.


# %% task="nesterov_step"
def nesterov_step(w, g, v, eta, beta=0.9):
    """Take one step of Nesterov's momentum as Keras does: v ← β v − η g, w ← w + β v − η g.

    Parameters
    ----------
    w : float64 array of any shape
        The stored point, which looks ahead; not to be changed.
    g : float64 array, the shape of w
        Gradient at w.
    v : float64 array, the shape of w
        Velocity; not to be changed. Zero at the start.
    eta : float
        Learning rate.
    beta : float
        Share of the velocity that is kept.

    Returns
    -------
    w : float64 array
        New stored point.
    v : float64 array
        New velocity.
    """
    ### BEGIN SOLUTION
    v = beta * v - eta * g
    return w + beta * v - eta * g, v
    ### END SOLUTION


# %% test="nesterov_step" points=2
checks.forbid(
    nesterov_step,
    "keras",
    what="Nesterov's step is written by hand",
    example=(*example(), np.ones(3), 0.1),
)
nesterov_known = {
    "plain-momentum": (
        (np.array([1.13, -1.33, 2.885]), np.array([0.13, 0.67, -0.115])),
        (
            "this is plain momentum: Nesterov adds βv − ηg with the new v (with the old v that is "
            "plain momentum again)."
        ),
    ),
    "gradient-once": (
        (np.array([1.117, -1.397, 2.8965]), np.array([0.13, 0.67, -0.115])),
        "only βv is added: the gradient counts once more, w ← w + βv − ηg.",
    ),
    "beta-forgotten": (
        (np.array([1.08, -0.93, 2.86]), np.array([0.13, 0.67, -0.115])),
        "the new velocity is to be multiplied by β here too.",
    ),
    "ascent": (
        (np.array([1.257, -2.517, 2.9665]), np.array([0.23, -0.13, -0.065])),
        "the gradient has the wrong sign.",
    ),
    "velocity-kept": (
        (np.array([1.067, -0.997, 2.8715]), np.array([0.2, 0.3, -0.1])),
        "the new velocity must come back.",
    ),
    "look-ahead-stored": (
        (np.array([1.067, -0.997, 2.8715]), np.array([0.067, 1.003, -0.1285])),
        "βv − ηg moves w, but what is stored is v itself.",
    ),
}
checks.same(
    nesterov_step,
    lambda *_: (np.array([1.067, -0.997, 2.8715]), np.array([0.13, 0.67, -0.115])),
    [(*example(), np.array([0.2, 0.3, -0.1]), 0.1)],
    "w and v after one step of Keras' Nesterov, η = 0.1 and β = 0.9",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(bug, lambda *_, wrong=wrong: wrong, why)
        for bug, (wrong, why) in nesterov_known.items()
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_nesterov(w, g, v, eta, beta=0.9, bug="right"):
        new = beta * v - eta * g
        return {
            "right": (w + beta * new - eta * g, new),
            "plain-momentum": (w + new, new),
            "gradient-once": (w + beta * new, new),
            "beta-forgotten": (w + new - eta * g, new),
            "ascent": (w + beta * (beta * v + eta * g) + eta * g, beta * v + eta * g),
            "velocity-kept": (w + beta * new - eta * g, v),
            "look-ahead-stored": (w + beta * new - eta * g, beta * new - eta * g),
        }[bug]

    def nesterov_cases():
        rng = np.random.default_rng(605)
        for shape, eta, beta in [((7,), 0.3, 0.8), ((3, 5), 0.02, 0.95), ((2, 4, 3), 1.7, 0.6)]:
            yield *rng.normal(size=(3, *shape)), eta, beta

    checks.same(
        nesterov_step,
        right_nesterov,
        nesterov_cases(),
        "nesterov_step on arrays of several shapes",
        causes=[
            checks.cause(bug, lambda *case, bug=bug: right_nesterov(*case, bug=bug), why)
            for bug, (_, why) in nesterov_known.items()
        ],
    )
    nesterov_start = np.random.default_rng(615).normal(size=(3, 4))
    nesterov_twin = keras.Variable(nesterov_start, dtype="float64")
    nesterov_sgd = keras.optimizers.SGD(0.125, momentum=0.875, nesterov=True)
    for _ in range(10):
        nesterov_sgd.apply([tf.sin(3.0 * nesterov_twin.value)], [nesterov_twin])
    checks.close(
        walk(
            lambda w, g, v: nesterov_step(w, g, v, 0.125, 0.875),
            nesterov_start,
            (np.zeros((3, 4)),),
            lambda w: np.sin(3 * w),
            10,
        )[-1],
        nesterov_twin.numpy(),
        "ten steps, against Keras' own",
        rtol=1e-9,
    )
### END HIDDEN TESTS

# %% [markdown]
# Are the two forms the same walk? Keras' point should lie $\beta v$ ahead of the other. And does
# looking ahead help? Look at $w_2$, across the valley.

# %%
with plots.needs("momentum_step", "nesterov_lookahead", "nesterov_step"):
    eta, still = 0.01, (np.zeros(2),)
    w, v, ahead = START, still[0], [START]
    for _ in range(60):
        w, v = (np.asarray(part) for part in nesterov_lookahead(w, v, bowl_slope, eta))
        ahead.append(w + 0.9 * v)
    heavy = walk(lambda w, g, v: momentum_step(w, g, v, eta), START, still, bowl_slope, 60)
    nesterov = walk(lambda w, g, v: nesterov_step(w, g, v, eta), START, still, bowl_slope, 60)
    print(f"largest gap between w + βv and Keras' point: {np.max(np.abs(ahead - nesterov)):.1e}")
    fig, (left, right) = plots.figure(
        "Nesterov sees the wall coming: its swings die out, momentum's go on", 1, 2, width=9.2
    )
    draw_path(left, heavy, colour=plots.PALETTE[1])
    draw_path(left, nesterov, colour=plots.PALETTE[2])
    left.set(xlabel="w₁", ylabel="w₂")
    left.set_title("the paths on the bowl", fontweight="normal")
    right.plot(heavy[:, 1], "-", color=plots.PALETTE[1], label="momentum")
    right.plot(nesterov[:, 1], "--", color=plots.PALETTE[2], label="Nesterov")
    right.axhline(0, color="0.6", linewidth=0.8)
    right.set(xlabel="step", ylabel="w₂")
    right.set_title("across the valley", fontweight="normal")
    right.legend()
    plots.show(
        fig,
        alt="Left: paths of momentum and of Nesterov on the bowl; momentum swings from wall to "
        "wall many times, Nesterov settles in the valley after few steps. Right: w₂ against the "
        "step; momentum oscillates with slowly falling height, Nesterov is near 0 by step 10.",
    )

# %% [markdown]
# ## Task 6: Adagrad, a rate for each weight (2 points)
#
# Momentum still has one rate for all. Adagrad (Duchi, Hazan and Singer, 2011) gives each weight its
# own: it adds up the squares of all gradients that this weight has ever seen, and divides by the
# root of the sum. Steep directions get short steps, flat ones long steps.
#
# $$s \leftarrow s + g^2 \qquad\qquad w \leftarrow w - \eta\,\frac{g}{\sqrt{s + \varepsilon}}$$
#
# The tiny $\varepsilon$ is there against division by zero. **Where it stands is a convention**, and
# implementations differ. In Keras' Adagrad it stands *inside* the root, and $s$ starts at **0.1**,
# not at 0. (PyTorch: outside, and 0.) To make the place visible, our example has $\varepsilon =
# 0.1$. Worked, with $w = 1$, $g = 0.5$, $s = 1.9$, $\eta = 0.1$: $s = 1.9 + 0.25 = 2.15$,
# $\sqrt{2.15 + 0.1} = 1.5$, and $w = 1 - 0.1·0.5/1.5 = 0.966667$.
#
# A sum of squares can only grow. So Adagrad's steps can only get shorter.


# %% task="adagrad_step"
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Take one step of Adagrad: s ← s + g², then w ← w − η g / √(s + ε).

    Parameters
    ----------
    w : float64 array of any shape
        Weights; not to be changed.
    g : float64 array, the shape of w
        Gradient at w.
    s : float64 array, the shape of w
        Sum of squared gradients, never negative; not to be changed. In Keras 0.1 at the start.
    eta : float
        Learning rate.
    eps : float
        ε, inside the root.

    Returns
    -------
    w : float64 array
        New weights.
    s : float64 array
        New sum.
    """
    ### BEGIN SOLUTION
    s = s + g**2
    return w - eta * g / np.sqrt(s + eps), s
    ### END SOLUTION


# %% test="adagrad_step" points=2
checks.forbid(
    adagrad_step,
    "keras",
    what="Adagrad is written by hand",
    example=(*example(), np.ones(3), 0.1),
)
adagrad_known = {
    "no-root": (
        (
            np.array([0.977777777778, -1.98891966759, 2.962264150943]),
            np.array([2.15, 36.0, 0.5625]),
        ),
        "the square root is missing: divide by √(s + ε).",
    ),
    "epsilon-outside": (
        (
            np.array([0.968077387153, -1.934426229508, 2.970588235294]),
            np.array([2.15, 36.0, 0.5625]),
        ),
        "ε is added after the root: in Keras' Adagrad it stands inside, √(s + ε).",
    ),
    "epsilon-unused": (
        (
            np.array([0.965900283026, -1.933333333333, 2.966666666667]),
            np.array([2.15, 36.0, 0.5625]),
        ),
        "ε plays no part here: it stands inside the root, √(s + ε).",
    ),
    "old-accumulator": (
        (
            np.array([0.964644660941, -1.910780052651, 2.967725138782]),
            np.array([2.15, 36.0, 0.5625]),
        ),
        "the step is divided by the old s: add g² first.",
    ),
    "decays": (
        (
            np.array([0.963089326474, -1.909878818188, 2.966479923842]),
            np.array([1.735, 19.6, 0.45625]),
        ),
        "the accumulator decays, as in RMSProp: Adagrad's is a plain sum, s + g².",
    ),
    "not-squared": (
        (np.array([0.968377223398, -1.900311042744, 2.972883692773]), np.array([2.4, 16.0, 0.75])),
        "the gradient itself is added up: add its square.",
    ),
    "ascent": (
        (
            np.array([1.033333333333, -2.06657426653, 3.030714755842]),
            np.array([2.15, 36.0, 0.5625]),
        ),
        "the step goes uphill: subtract it.",
    ),
    "state-kept": (
        (np.array([0.966666666667, -1.93342573347, 2.969285244158]), np.array([1.9, 20.0, 0.5])),
        "the s that came back is the old one: return the new sum.",
    ),
}
checks.same(
    adagrad_step,
    lambda *_: (
        np.array([0.966666666667, -1.93342573347, 2.969285244158]),
        np.array([2.15, 36.0, 0.5625]),
    ),
    [(*example(), np.array([1.9, 20.0, 0.5]), 0.1, 0.1)],
    "w and s after one step of Adagrad, η = 0.1 and ε = 0.1",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(bug, lambda *_, wrong=wrong: wrong, why)
        for bug, (wrong, why) in adagrad_known.items()
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_adagrad(w, g, s, eta, eps=1e-7, bug="right"):
        new = {
            "decays": 0.9 * s + 0.1 * g**2,
            "not-squared": s + g,
        }.get(bug, s + g**2)
        root = {
            "no-root": new + eps,
            "epsilon-outside": np.sqrt(new) + eps,
            "epsilon-unused": np.sqrt(new),
            "old-accumulator": np.sqrt(s + eps),
        }
        step = eta * g / (root[bug] if bug in root else np.sqrt(new + eps))
        return w + step if bug == "ascent" else w - step, s if bug == "state-kept" else new

    def adagrad_cases():
        rng = np.random.default_rng(606)
        for shape, eta, eps in [((7,), 0.3, 0.02), ((3, 5), 0.02, 0.3), ((2, 4, 3), 1.7, 1.1)]:
            w, g = rng.normal(size=(2, *shape))
            yield w, g, rng.uniform(3, 9, size=shape), eta, eps

    checks.same(
        adagrad_step,
        right_adagrad,
        adagrad_cases(),
        "adagrad_step on arrays of several shapes",
        causes=[
            checks.cause(bug, lambda *case, bug=bug: right_adagrad(*case, bug=bug), why)
            for bug, (_, why) in adagrad_known.items()
        ],
    )
    adagrad_start = np.random.default_rng(616).normal(size=(3, 4))
    adagrad_twin = keras.Variable(adagrad_start, dtype="float64")
    adagrad_scale = np.logspace(-5, 1, 12).reshape(3, 4)  # from far below √ε to far above it
    adagrad_keras = keras.optimizers.Adagrad(0.125, initial_accumulator_value=0.0)
    for _ in range(10):
        adagrad_keras.apply([adagrad_scale * tf.cos(adagrad_twin.value)], [adagrad_twin])
    checks.close(
        walk(
            lambda w, g, s: adagrad_step(w, g, s, 0.125),
            adagrad_start,
            (np.zeros((3, 4)),),
            lambda w: adagrad_scale * np.cos(w),
            10,
        )[-1],
        adagrad_twin.numpy(),
        "ten steps, against Keras' own",
        rtol=1e-9,
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 7: RMSProp forgets (2 points)
#
# A sum over the whole past makes Adagrad slow down even where it shouldn't. RMSProp (Hinton's
# lecture 6e, 2012) replaces the sum by a **running average**: the past counts $\rho$ (often 0.9),
# the newest square counts $1 - \rho$.
#
# $$s \leftarrow \rho s + (1-\rho)\,g^2 \qquad\qquad
# w \leftarrow w - \eta\,\frac{g}{\sqrt{s + \varepsilon}}$$
#
# In Keras' RMSprop $\varepsilon$ is inside the root again, and $s$ starts at 0. (PyTorch: outside.)
# Worked, with $w = 1$, $g = 0.5$, $s = 1.9$, $\rho = 0.9$, $\eta = \varepsilon = 0.1$: $s =
# 1.71 + 0.025 = 1.735$, and $w = 1 - 0.05/\sqrt{1.835} = 0.963089$.


# %% task="rmsprop_step"
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Take one step of RMSProp: s ← ρ s + (1 − ρ) g², then w ← w − η g / √(s + ε).

    Parameters
    ----------
    w : float64 array of any shape
        Weights; not to be changed.
    g : float64 array, the shape of w
        Gradient at w.
    s : float64 array, the shape of w
        Running average of squared gradients; not to be changed. Zero at the start.
    eta : float
        Learning rate.
    rho : float
        Weight of the past in the average, 0 ≤ ρ < 1.
    eps : float
        ε, inside the root.

    Returns
    -------
    w : float64 array
        New weights.
    s : float64 array
        New average.
    """
    ### BEGIN SOLUTION
    s = rho * s + (1 - rho) * g**2
    return w - eta * g / np.sqrt(s + eps), s
    ### END SOLUTION


# %% test="rmsprop_step" points=2
checks.forbid(
    rmsprop_step,
    "keras",
    what="RMSProp is written by hand",
    example=(*example(), np.ones(3), 0.1),
)
rmsprop_known = {
    "sums": (
        (
            np.array([0.966666666667, -1.93342573347, 2.969285244158]),
            np.array([2.15, 36.0, 0.5625]),
        ),
        "the squares are summed, as in Adagrad: here s ← ρs + (1 − ρ)g².",
    ),
    "weights-swapped": (
        (
            np.array([0.930326698571, -1.901526807217, 2.944951811744]),
            np.array([0.415, 16.4, 0.10625]),
        ),
        "ρ and 1 − ρ are exchanged: the past has the weight ρ.",
    ),
    "one-minus-forgotten": (
        (
            np.array([0.965163349285, -1.931501225475, 2.96805617175]),
            np.array([1.96, 34.0, 0.5125]),
        ),
        "the factor 1 − ρ before g² is missing: it is to be an average.",
    ),
    "not-squared": (
        (np.array([0.963338221245, -1.904923462292, 2.96703097633]), np.array([1.76, 17.6, 0.475])),
        "the gradient itself is averaged: average its square.",
    ),
    "no-root": (
        (
            np.array([0.972752043597, -1.979695431472, 2.955056179775]),
            np.array([1.735, 19.6, 0.45625]),
        ),
        "the square root is missing: divide by √(s + ε).",
    ),
    "epsilon-outside": (
        (
            np.array([0.964719014863, -1.911644946927, 2.967761187434]),
            np.array([1.735, 19.6, 0.45625]),
        ),
        "ε is added after the root: in Keras' RMSProp it stands inside, √(s + ε).",
    ),
    "epsilon-unused": (
        (
            np.array([0.9620405191, -1.909649209709, 2.96298833949]),
            np.array([1.735, 19.6, 0.45625]),
        ),
        "ε plays no part here: it stands inside the root, √(s + ε).",
    ),
    "old-accumulator": (
        (
            np.array([0.964644660941, -1.910780052651, 2.967725138782]),
            np.array([1.735, 19.6, 0.45625]),
        ),
        "the step is divided by the old s: update s first.",
    ),
    "ascent": (
        (
            np.array([1.036910673526, -2.090121181812, 3.033520076158]),
            np.array([1.735, 19.6, 0.45625]),
        ),
        "the step goes uphill: subtract it.",
    ),
    "state-kept": (
        (np.array([0.963089326474, -1.909878818188, 2.966479923842]), np.array([1.9, 20.0, 0.5])),
        "the s that came back is the old one: return the new average.",
    ),
}
checks.same(
    rmsprop_step,
    lambda *_: (
        np.array([0.963089326474, -1.909878818188, 2.966479923842]),
        np.array([1.735, 19.6, 0.45625]),
    ),
    [(*example(), np.array([1.9, 20.0, 0.5]), 0.1, 0.9, 0.1)],
    "w and s after one step of RMSProp, η = 0.1, ρ = 0.9, ε = 0.1",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(bug, lambda *_, wrong=wrong: wrong, why)
        for bug, (wrong, why) in rmsprop_known.items()
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_rmsprop(w, g, s, eta, rho=0.9, eps=1e-7, bug="right"):
        new = {
            "sums": s + g**2,
            "weights-swapped": (1 - rho) * s + rho * g**2,
            "one-minus-forgotten": rho * s + g**2,
            "not-squared": rho * s + (1 - rho) * g,
        }.get(bug, rho * s + (1 - rho) * g**2)
        root = {
            "no-root": new + eps,
            "epsilon-outside": np.sqrt(new) + eps,
            "epsilon-unused": np.sqrt(new),
            "old-accumulator": np.sqrt(s + eps),
        }
        step = eta * g / (root[bug] if bug in root else np.sqrt(new + eps))
        return w + step if bug == "ascent" else w - step, s if bug == "state-kept" else new

    def rmsprop_cases():
        rng = np.random.default_rng(607)
        settings = [((7,), 0.3, 0.8, 0.02), ((3, 5), 0.02, 0.95, 0.3), ((2, 4, 3), 1.7, 0.6, 1.1)]
        for shape, eta, rho, eps in settings:
            w, g = rng.normal(size=(2, *shape))
            yield w, g, rng.uniform(3, 9, size=shape), eta, rho, eps

    checks.same(
        rmsprop_step,
        right_rmsprop,
        rmsprop_cases(),
        "rmsprop_step on arrays of several shapes",
        causes=[
            checks.cause(bug, lambda *case, bug=bug: right_rmsprop(*case, bug=bug), why)
            for bug, (_, why) in rmsprop_known.items()
        ],
    )
    rmsprop_start = np.random.default_rng(617).normal(size=(3, 4))
    rmsprop_twin = keras.Variable(rmsprop_start, dtype="float64")
    rmsprop_scale = np.logspace(-5, 1, 12).reshape(3, 4)
    rmsprop_keras = keras.optimizers.RMSprop(0.125)
    for _ in range(10):
        rmsprop_keras.apply([rmsprop_scale * tf.cos(rmsprop_twin.value)], [rmsprop_twin])
    checks.close(
        walk(
            lambda w, g, s: rmsprop_step(w, g, s, 0.125),
            rmsprop_start,
            (np.zeros((3, 4)),),
            lambda w: rmsprop_scale * np.cos(w),
            10,
        )[-1],
        rmsprop_twin.numpy(),
        "ten steps, against Keras' own",
        rtol=1e-9,
    )
### END HIDDEN TESTS

# %% [markdown]
# ### The effective rate of each weight
#
# Both rules are gradient descent with a rate of its own for each weight, $\eta/\sqrt{s +
# \varepsilon}$. Here it is on the bowl, from the same start. The flat $w_1$ gets the longer rate at
# once. Then Adagrad's rates stay where they are or fall; RMSProp's **rise again** when the slopes
# get small.

# %%
with plots.needs("adagrad_step", "rmsprop_step"):
    fig, axes = plots.figure(
        "Flat directions get a larger rate; Adagrad's only fall, RMSProp's recover",
        columns=2,
        width=9.2,
        sharey=True,
    )
    settings = {
        "Adagrad, η = 1": (adagrad_step, 1.0, 0.1),
        "RMSProp, η = 0.1": (rmsprop_step, 0.1, 0),
    }
    for axis, (title, (step, eta, first)) in zip(axes, settings.items(), strict=True):
        w, s, rates = START, np.full(2, float(first)), []
        for _ in range(60):
            w, s = (np.asarray(part) for part in step(w, bowl_slope(w), s, eta))
            rates.append(eta / np.sqrt(s + 1e-7))
        rates = np.array(rates)
        axis.plot(range(1, 61), rates[:, 0], "-", color=plots.PALETTE[0], label="w₁, flat")
        axis.plot(range(1, 61), rates[:, 1], "--", color=plots.PALETTE[1], label="w₂, steep")
        axis.axhline(2 / 50, color="0.5", linewidth=0.8)
        axis.set(xlabel="step", yscale="log")
        axis.set_title(title, fontweight="normal")
    axes[0].text(60, 2 / 50, "SGD's limit 0.04", ha="right", va="bottom", fontsize=9, color="0.4")
    axes[0].set(ylabel="η / √(s + ε)")
    axes[1].legend(loc="upper left")
    plots.show(
        fig,
        alt="Effective rates of the two weights against the step, log axis. Adagrad: w₁'s rate "
        "is about ten times w₂'s, both fall and then stay level. RMSProp: both rates rise by far "
        "during the run, after a fall at most at the start.",
    )

# %% [markdown]
# ## Task 8: Adadelta gets the units right (2 points)
#
# A physicist's objection: $g$ has the units of cost per weight. In RMSProp $g/\sqrt s$ has no units
# at all, yet it is subtracted from a weight. Adadelta (Zeiler, 2012) puts the units back. It keeps
# a second running average, $u$, of its own squared *steps*, and multiplies by its root:
#
# $$s \leftarrow \rho s + (1-\rho)\,g^2 \qquad
# \Delta = -\frac{\sqrt{u + \varepsilon}}{\sqrt{s + \varepsilon}}\,g \qquad
# u \leftarrow \rho u + (1-\rho)\,\Delta^2 \qquad
# w \leftarrow w + \eta\,\Delta$$
#
# Mind the order. $\Delta$ takes the **new** $s$ but the **old** $u$, for the step that $u$ is to
# average isn't known yet. And $u$ averages $\Delta^2$ **before** $\eta$ comes in. The paper has no
# $\eta$ at all, that is $\eta = 1$; Keras has one, and its default is 0.001, so say 1 if you
# want the paper's. $\varepsilon$ is inside both roots. Both averages start at 0, so at first
# $\varepsilon$ alone sets the size of the steps: Adadelta starts very slowly.
#
# Worked, with $w = 1$, $g = 0.5$, $s = 1.9$, $u = 0.15$, $\eta = 0.5$, $\rho = 0.9$, $\varepsilon =
# 0.1$: $s = 1.735$, $\Delta = -\sqrt{0.25}/\sqrt{1.835}·0.5 = -0.184553$, $u = 0.135 +
# 0.1·0.034060 = 0.138406$, and $w = 1 - 0.092277 = 0.907723$.


# %% task="adadelta_step"
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Take one step of Adadelta.

    s ← ρ s + (1 − ρ) g²,  Δ = −√(u + ε) / √(s + ε) · g,  u ← ρ u + (1 − ρ) Δ²,  w ← w + η Δ.

    Parameters
    ----------
    w : float64 array of any shape
        Weights; not to be changed.
    g : float64 array, the shape of w
        Gradient at w.
    s : float64 array, the shape of w
        Running average of squared gradients; not to be changed. Zero at the start.
    u : float64 array, the shape of w
        Running average of squared steps Δ²; not to be changed. Zero at the start.
    eta : float
        Learning rate; 1 in the paper.
    rho : float
        Weight of the past in both averages, 0 ≤ ρ < 1.
    eps : float
        ε, inside both roots.

    Returns
    -------
    w : float64 array
        New weights.
    s : float64 array
        New average of squared gradients.
    u : float64 array
        New average of squared steps.
    """
    ### BEGIN SOLUTION
    s = rho * s + (1 - rho) * g**2
    delta = -np.sqrt(u + eps) / np.sqrt(s + eps) * g
    u = rho * u + (1 - rho) * delta**2
    return w + eta * delta, s, u
    ### END SOLUTION


# %% test="adadelta_step" points=2
checks.forbid(
    adadelta_step,
    "keras",
    what="Adadelta is written by hand",
    example=(*example(), np.ones(3), np.ones(3), 0.1),
)
adadelta_known = {
    "no-numerator": (
        (
            np.array([0.815446632369, -1.549394090941, 2.832399619212]),
            np.array([1.735, 19.6, 0.45625]),
            np.array([0.148623978202, 0.099218274112, 0.371235955056]),
        ),
        "the numerator √(u + ε) is missing: without it this is RMSProp.",
    ),
    "no-root": (
        (
            np.array([0.965940054496, -1.987817258883, 2.887640449438]),
            np.array([1.735, 19.6, 0.45625]),
            np.array([0.135464031955, 0.018059367672, 0.365049867441]),
        ),
        "the square roots are missing: Δ = −√(u + ε) / √(s + ε) · g.",
    ),
    "epsilon-outside": (
        (
            np.array([0.914038173494, -1.893346016284, 2.881932516949]),
            np.array([1.735, 19.6, 0.45625]),
            np.array([0.137955774246, 0.022550028897, 0.365575972222]),
        ),
        "ε is added after the roots: it stands inside both.",
    ),
    "epsilon-unused": (
        (
            np.array([0.926491781322, -1.9361123435, 2.882958852804]),
            np.array([1.735, 19.6, 0.45625]),
            np.array([0.137161383285, 0.019632653061, 0.365479452055]),
        ),
        "ε plays no part here: it stands inside both roots.",
    ),
    "old-accumulator": (
        (
            np.array([0.911611652352, -1.845466518143, 2.885891133853]),
            np.array([1.735, 19.6, 0.45625]),
            np.array([0.138125, 0.027552238806, 0.365208333333]),
        ),
        "Δ is computed with the old s: update s first. (u is the one that waits.)",
    ),
    "ratio-inverted": (
        (
            np.array([0.322689140793, 23.625508125043, 2.868156105564]),
            np.array([1.735, 19.6, 0.45625]),
            np.array([0.3185, 262.684666666667, 0.366953125]),
        ),
        "the ratio is upside down: √(u + ε) on top.",
    ),
    "u-of-gradients": (
        (
            np.array([0.907723316184, -1.843905534264, 2.881488634215]),
            np.array([1.735, 19.6, 0.45625]),
            np.array([0.16, 1.618, 0.36625]),
        ),
        "u averages the squared steps Δ², not the squared gradients.",
    ),
    "eta-forgotten": (
        (
            np.array([0.815446632369, -1.687811068527, 2.76297726843]),
            np.array([1.735, 19.6, 0.45625]),
            np.array([0.13840599455, 0.027746192893, 0.365617977528]),
        ),
        "this is the paper's rule, without η: here w moves by ηΔ.",
    ),
    "eta-in-u": (
        (
            np.array([0.907723316184, -1.843905534264, 2.881488634215]),
            np.array([1.735, 19.6, 0.45625]),
            np.array([0.135851498638, 0.020436548223, 0.361404494382]),
        ),
        "u averages Δ² before η comes in: η multiplies the move of w only.",
    ),
    "not-squared": (
        (
            np.array([0.907723316184, -1.843905534264, 2.881488634215]),
            np.array([1.735, 19.6, 0.45625]),
            np.array([0.116544663237, 0.049218893147, 0.336297726843]),
        ),
        "u averages Δ itself: average its square.",
    ),
    "sums": (
        (
            np.array([0.916666666667, -1.884689987894, 2.891406939309]),
            np.array([2.15, 36.0, 0.5625]),
            np.array([0.137777777778, 0.023318559557, 0.364716981132]),
        ),
        "the squared gradients are summed, as in Adagrad: here they are averaged.",
    ),
    "ascent": (
        (
            np.array([1.092276683816, -2.156094465736, 3.118511365785]),
            np.array([1.735, 19.6, 0.45625]),
            np.array([0.13840599455, 0.027746192893, 0.365617977528]),
        ),
        "Δ has its minus already: add ηΔ to w.",
    ),
    "state-kept": (
        (
            np.array([0.907723316184, -1.843905534264, 2.881488634215]),
            np.array([1.735, 19.6, 0.45625]),
            np.array([0.15, 0.02, 0.4]),
        ),
        "the u that came back is the old one: average Δ² into it.",
    ),
}
checks.same(
    adadelta_step,
    lambda *_: (
        np.array([0.907723316184, -1.843905534264, 2.881488634215]),
        np.array([1.735, 19.6, 0.45625]),
        np.array([0.13840599455, 0.027746192893, 0.365617977528]),
    ),
    [(*example(), np.array([1.9, 20.0, 0.5]), np.array([0.15, 0.02, 0.4]), 0.5, 0.9, 0.1)],
    "w, s and u after one step of Adadelta, η = 0.5, ρ = 0.9, ε = 0.1",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(bug, lambda *_, wrong=wrong: wrong, why)
        for bug, (wrong, why) in adadelta_known.items()
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_adadelta(w, g, s, u, eta, rho=0.95, eps=1e-7, bug="right"):
        new = s + g**2 if bug == "sums" else rho * s + (1 - rho) * g**2
        factor = {
            "no-numerator": 1 / np.sqrt(new + eps),
            "no-root": (u + eps) / (new + eps),
            "epsilon-outside": (np.sqrt(u) + eps) / (np.sqrt(new) + eps),
            "epsilon-unused": np.sqrt(u / new),
            "old-accumulator": np.sqrt((u + eps) / (s + eps)),
            "ratio-inverted": np.sqrt((new + eps) / (u + eps)),
        }
        delta = -g * (factor[bug] if bug in factor else np.sqrt((u + eps) / (new + eps)))
        square = {
            "u-of-gradients": g**2,
            "eta-in-u": (eta * delta) ** 2,
            "not-squared": delta,
        }.get(bug, delta**2)
        rate = {"ascent": -eta, "eta-forgotten": 1.0}.get(bug, eta)
        return w + rate * delta, new, u if bug == "state-kept" else rho * u + (1 - rho) * square

    def adadelta_cases():
        rng = np.random.default_rng(608)
        settings = [((7,), 0.3, 0.8, 0.02), ((3, 5), 0.02, 0.95, 0.3), ((2, 4, 3), 1.7, 0.6, 1.1)]
        for shape, eta, rho, eps in settings:
            w, g = rng.normal(size=(2, *shape))
            s, u = rng.uniform(3, 9, size=(2, *shape))
            yield w, g, s, u / 10, eta, rho, eps

    checks.same(
        adadelta_step,
        right_adadelta,
        adadelta_cases(),
        "adadelta_step on arrays of several shapes",
        causes=[
            checks.cause(bug, lambda *case, bug=bug: right_adadelta(*case, bug=bug), why)
            for bug, (_, why) in adadelta_known.items()
        ],
    )
    adadelta_start = np.random.default_rng(618).normal(size=(3, 4))
    adadelta_twin = keras.Variable(adadelta_start, dtype="float64")
    adadelta_scale = np.logspace(-5, 1, 12).reshape(3, 4)
    adadelta_keras = keras.optimizers.Adadelta(4.0)
    for _ in range(10):
        adadelta_keras.apply([adadelta_scale * tf.cos(adadelta_twin.value)], [adadelta_twin])
    checks.close(
        walk(
            lambda w, g, s, u: adadelta_step(w, g, s, u, 4.0),
            adadelta_start,
            (np.zeros((3, 4)), np.zeros((3, 4))),
            lambda w: adadelta_scale * np.cos(w),
            10,
        )[-1],
        adadelta_twin.numpy(),
        "ten steps, against Keras' own",
        rtol=1e-9,
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 9: Adam (3 points)
#
# Adam (Kingma and Ba, 2014) joins the two ideas: a running average $m$ of the gradients, like
# momentum, divided by the root of a running average $s$ of their squares, like RMSProp. (The paper
# writes $v$ for our $s$. We keep $v$ for velocities.)
#
# $$m \leftarrow \beta_1 m + (1-\beta_1)\,g \qquad\qquad s \leftarrow \beta_2 s + (1-\beta_2)\,g^2$$
#
# **Bias correction.** Both averages start at 0, and that pulls them down at first. With $\beta_1 =
# 0.9$, $\beta_2 = 0.999$ the first step gives $m = 0.1\,g$, ten times too small, and $s =
# 0.001\,g^2$, a thousand times too small. If all gradients were the same $g$, then after $t$ steps
# $m = (1 - \beta_1^t)\,g$ and $s = (1-\beta_2^t)\,g^2$: the geometric sum again. So divide it out:
#
# $$\hat m = \frac{m}{1-\beta_1^t} \qquad\qquad \hat s = \frac{s}{1-\beta_2^t} \qquad\qquad
# \text{and step by } -\eta\,\frac{\hat m}{\sqrt{\hat s}} .$$
#
# At the first step $\hat m = g$ and $\sqrt{\hat s} = |g|$: **every weight moves by η**, whatever
# its gradient.
#
# **Where does ε go?** The paper's Algorithm 1 has $\hat m/(\sqrt{\hat s} + \varepsilon)$. Keras
# (like a remark in the paper's section 2) collects both corrections in the rate and
# puts $\varepsilon$ beside the **uncorrected** root, outside of it:
#
# $$w \leftarrow w - \eta\,\frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t}\;\frac{m}{\sqrt s + \varepsilon}$$
#
# This is what we write. Without $\varepsilon$ the two are the same; with it, Keras' ε weighs
# $1/\sqrt{1-\beta_2^t}$ times as much, 32 times at the first step. (PyTorch follows Algorithm 1.)
#
# **The state is $(m, s, t)$.** $t$ counts the steps taken so far, 0 at the start. So a step begins
# with $t \leftarrow t + 1$, and returns the new $t$. It returns $m$ and $s$ **raw**, without the
# correction.
#
# Worked, third step ($t = 2$ comes in), with $w = 1$, $g = 0.5$, $m = 0.2$, $s = 1.9$, $\eta =
# \varepsilon = 0.1$: $m = 0.18 + 0.05 = 0.23$, $s = 1.8981 + 0.00025 = 1.89835$, the factor is
# $\sqrt{1 - 0.999^3}/(1 - 0.9^3) = 0.054745/0.271 = 0.202012$, and $w = 1 - 0.1·0.202012·
# 0.23/(1.377806 + 0.1) = 0.996856$.


# %% task="adam_step"
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Take one step of Adam, with ε where Keras has it.

    t ← t + 1,  m ← β₁ m + (1 − β₁) g,  s ← β₂ s + (1 − β₂) g²,
    w ← w − η √(1 − β₂^t) / (1 − β₁^t) · m / (√s + ε).

    Parameters
    ----------
    w : float64 array of any shape
        Weights; not to be changed.
    g : float64 array, the shape of w
        Gradient at w.
    m, s : float64 arrays, the shape of w
        Running averages of g and of g²; not to be changed. Zero at the start.
    t : int
        Number of steps taken before this one; 0 at the start.
    eta : float
        Learning rate.
    beta1, beta2 : float
        Weights of the past in m and in s.
    eps : float
        ε, added to the root of the uncorrected s.

    Returns
    -------
    w : float64 array
        New weights.
    m, s : float64 arrays
        New averages, uncorrected.
    t : int
        Number of steps taken, with this one.
    """
    ### BEGIN SOLUTION
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    rate = eta * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return w - rate * m / (np.sqrt(s) + eps), m, s, t
    ### END SOLUTION


# %% [markdown]
# The first test takes four steps, and looks at them roughly: is the bias corrected, and does the
# state live on? The second one looks closely, at each part of the state and at ε.

# %% test="adam_step" part="first" points=1
adam_first = np.asarray(adam_step(*example(), np.zeros(3), np.zeros(3), 0, 0.1)[0], dtype=float)
adam_finite = np.isfinite(adam_first)
checks.holds(
    adam_finite.any(),
    "the first step is finite",
    "with t = 0 the correction divides by 1 − β⁰ = 0: count this step first, t ← t + 1.",
    name="stale-t",
)
checks.holds(
    adam_finite.all(),
    "the first step is finite for every weight",
    "some come from the root of a negative number: s averages g², which is never negative.",
    name="not-squared",
)
checks.close(
    adam_first,
    [0.9, -1.9, 2.9],
    "w after Adam's first step: each weight moves by η = 0.1",
    rtol=0,
    atol=1e-4,
    causes=[
        checks.cause(
            "no-correction",
            [0.683773823, -1.683772308, 2.683774224],
            "the bias correction is missing: m is 10 and s is 1000 times too small at first, so "
            "the step is √1000/10 = 3.16 times too long.",
        ),
        checks.cause(
            "only-m-corrected",
            [-2.162257771, 1.162273920, -0.162245771],
            "only m is corrected: s is 1000 times too small at first.",
        ),
        checks.cause(
            "only-s-corrected",
            [0.99, -1.99, 2.99],
            "only s is corrected: m is 10 times too small at first.",
        ),
        checks.cause("ascent", [1.1, -2.1, 3.1], "the step goes uphill: subtract it."),
    ],
)
checks.forbid(
    adam_step,
    "keras",
    what="Adam is written by hand",
    example=(*example(), np.zeros(3), np.zeros(3), 0, 0.1),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_first_steps(start, slope, eta, steps, bug="right"):
        w, m, s, path = start, 0 * start, 0 * start, [start]
        for t in range(1, steps + 1):
            g, power = slope(w), 1 if bug == "t-kept" else t
            m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
            m_hat, s_hat = m / (1 - 0.9**power), s / (1 - 0.999**power)
            w = w - eta * (m / np.sqrt(s) if bug == "no-correction" else m_hat / np.sqrt(s_hat))
            m, s = (m_hat, s_hat) if bug == "corrected-stored" else (m, s)
            path.append(w)
        return np.array(path)

    def first_slope(w):
        size = np.linspace(3, 6, w.size).reshape(w.shape)  # far from 0, so that ε is nothing
        return size * np.where(size > 4, -1, 1) + np.cos(w)

    adam_origin = np.random.default_rng(619).normal(size=(3, 5))
    checks.close(
        walk(
            lambda w, g, *state: adam_step(w, g, *state, 0.3),
            adam_origin,
            (np.zeros((3, 5)), np.zeros((3, 5)), 0),
            first_slope,
            4,
        ),
        right_first_steps(adam_origin, first_slope, 0.3, 4),
        "the first four steps of Adam on another cost",
        rtol=1e-3,
        atol=1e-3,
        causes=[
            checks.cause(
                bug,
                lambda bug=bug: right_first_steps(adam_origin, first_slope, 0.3, 4, bug=bug),
                why,
            )
            for bug, why in {
                "no-correction": "the bias correction is missing.",
                "corrected-stored": "the corrected m̂ and ŝ came back as state: return m and s raw.",
                "t-kept": "t came back as it went in: every step is corrected like the first.",
            }.items()
        ],
    )
### END HIDDEN TESTS

# %% test="adam_step" part="state" points=2
checks.forbid(
    adam_step,
    "keras",
    what="Adam is written by hand",
    example=(*example(), np.zeros(3), np.zeros(3), 0, 0.1),
)
adam_known = {
    "no-correction": (
        (
            np.array([0.984436389849, -1.985344584, 2.985746110917]),
            np.array([0.23, -0.67, 0.115]),
            np.array([1.89835, 19.996, 0.4995625]),
            3,
        ),
        "the bias correction is missing: √(1 − β₂ᵗ) / (1 − β₁ᵗ).",
    ),
    "stale-t": (
        (
            np.array([0.996337622225, -1.996551335499, 2.996645821498]),
            np.array([0.23, -0.67, 0.115]),
            np.array([1.89835, 19.996, 0.4995625]),
            3,
        ),
        "the powers of β are one too low: count this step first, t ← t + 1.",
    ),
    "only-m-corrected": (
        (
            np.array([0.942569704241, -1.94592097417, 2.947402623311]),
            np.array([0.23, -0.67, 0.115]),
            np.array([1.89835, 19.996, 0.4995625]),
            3,
        ),
        "only m is corrected: s needs its √(1 − β₂ᵗ) too.",
    ),
    "only-s-corrected": (
        (
            np.array([0.999147972156, -1.999197691128, 2.999219672668]),
            np.array([0.23, -0.67, 0.115]),
            np.array([1.89835, 19.996, 0.4995625]),
            3,
        ),
        "only s is corrected: m needs its 1 − β₁ᵗ too.",
    ),
    "betas-swapped": (
        (
            np.array([-1.454988181874, -0.834763848259, 0.756698019066]),
            np.array([0.2003, -0.3037, 0.10015]),
            np.array([1.735, 19.6, 0.45625]),
            3,
        ),
        "β₁ and β₂ are exchanged: β₁ belongs to m, β₂ to s.",
    ),
    "not-squared": (
        (
            np.array([0.996856178811, -1.997038001402, 2.997121036619]),
            np.array([0.23, -0.67, 0.115]),
            np.array([1.8986, 19.976, 0.49975]),
            3,
        ),
        "s averages the gradient itself: average its square.",
    ),
    "no-root": (
        (
            np.array([0.999866396288, -1.999962954933, 2.999748178822]),
            np.array([0.23, -0.67, 0.115]),
            np.array([1.89835, 19.996, 0.4995625]),
            3,
        ),
        "the square root of s is missing.",
    ),
    "epsilon-inside": (
        (
            np.array([0.996713253481, -1.996980784275, 2.996999768528]),
            np.array([0.23, -0.67, 0.115]),
            np.array([1.89835, 19.996, 0.4995625]),
            3,
        ),
        "ε stands under the root: Keras' Adam adds it after the root, √s + ε.",
    ),
    "epsilon-on-corrected": (
        (
            np.array([0.996641141821, -1.996976945131, 2.996738433649]),
            np.array([0.23, -0.67, 0.115]),
            np.array([1.89835, 19.996, 0.4995625]),
            3,
        ),
        (
            "ε is added to √ŝ, as in the paper's Algorithm 1: Keras adds it to √s, before "
            "the correction."
        ),
    ),
    "epsilon-unused": (
        (
            np.array([0.996627795949, -1.996973244141, 2.996713171241]),
            np.array([0.23, -0.67, 0.115]),
            np.array([1.89835, 19.996, 0.4995625]),
            3,
        ),
        "the ε that was passed in plays no part: add it to √s.",
    ),
    "corrected-stored": (
        (
            np.array([0.996855985815, -1.997039450658, 2.997120563351]),
            np.array([0.848708487085, -2.472324723247, 0.424354243542]),
            np.array([633.41653873322, 6672.003112444743, 166.687465236081]),
            3,
        ),
        (
            "the corrected m̂ and ŝ came back as state: the next step must go on from the "
            "raw m and s."
        ),
    ),
    "state-swapped": (
        (
            np.array([0.996855985815, -1.997039450658, 2.997120563351]),
            np.array([1.89835, 19.996, 0.4995625]),
            np.array([0.23, -0.67, 0.115]),
            3,
        ),
        "m and s come back in the wrong order.",
    ),
    "t-kept": (
        (
            np.array([0.996855985815, -1.997039450658, 2.997120563351]),
            np.array([0.23, -0.67, 0.115]),
            np.array([1.89835, 19.996, 0.4995625]),
            2,
        ),
        "t came back as it went in: every step would then be corrected like the first.",
    ),
    "ascent": (
        (
            np.array([1.003144014185, -2.002960549342, 3.002879436649]),
            np.array([0.23, -0.67, 0.115]),
            np.array([1.89835, 19.996, 0.4995625]),
            3,
        ),
        "the step goes uphill: subtract it.",
    ),
}
checks.same(
    adam_step,
    lambda *_: (
        np.array([0.996855985815, -1.997039450658, 2.997120563351]),
        np.array([0.23, -0.67, 0.115]),
        np.array([1.89835, 19.996, 0.4995625]),
        3,
    ),
    [(*example(), np.array([0.2, -0.3, 0.1]), np.array([1.9, 20.0, 0.5]), 2, 0.1, 0.9, 0.999, 0.1)],
    "w, m, s and t after the third step of Adam, η = 0.1 and ε = 0.1",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(bug, lambda *_, wrong=wrong: wrong, why)
        for bug, (wrong, why) in adam_known.items()
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_adam(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7, bug="right"):
        if bug == "betas-swapped":
            beta1, beta2 = beta2, beta1
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * (g if bug == "not-squared" else g**2)
        power = t if bug == "stale-t" else t + 1
        m_hat = m if bug in ("no-correction", "only-s-corrected") else m / (1 - beta1**power)
        s_hat = s if bug in ("no-correction", "only-m-corrected") else s / (1 - beta2**power)
        soft = eps * np.sqrt(s_hat / s)  # ε beside √s, as seen from beside √ŝ
        root = {
            "no-root": s_hat + soft,
            "epsilon-inside": np.sqrt(s_hat * (s + eps) / s),
            "epsilon-on-corrected": np.sqrt(s_hat) + eps,
            "epsilon-unused": np.sqrt(s_hat),
        }
        step = eta * m_hat / (root[bug] if bug in root else np.sqrt(s_hat) + soft)
        w = w + step if bug == "ascent" else w - step
        if bug == "corrected-stored":
            m, s = m_hat, s_hat
        if bug == "state-swapped":
            m, s = s, m
        return w, m, s, t if bug == "t-kept" else t + 1

    def adam_cases():
        rng = np.random.default_rng(609)
        settings = [
            ((7,), 4, 0.3, 0.8, 0.95, 0.02),
            ((3, 5), 1, 0.02, 0.95, 0.99, 0.3),
            ((2, 4, 3), 11, 1.7, 0.6, 0.9, 1.1),
        ]
        for shape, t, *rest in settings:
            w, g, m = rng.normal(size=(3, *shape))
            yield w, g, m, rng.uniform(20, 60, size=shape), t, *rest

    checks.same(
        adam_step,
        right_adam,
        adam_cases(),
        "adam_step on arrays of several shapes",
        causes=[
            checks.cause(bug, lambda *case, bug=bug: right_adam(*case, bug=bug), why)
            for bug, (_, why) in adam_known.items()
        ],
    )
    adam_start = np.random.default_rng(629).normal(size=(3, 4))
    adam_twin = keras.Variable(adam_start, dtype="float64")
    adam_scale = np.logspace(-8, 1, 12).reshape(3, 4)  # from far below ε to far above it
    # float32 holds these exactly: Keras passes β₁ and β₂ through it.
    adam_keras = keras.optimizers.Adam(0.125, beta_1=0.875, beta_2=0.9921875)
    for _ in range(10):
        adam_keras.apply([adam_scale * tf.cos(adam_twin.value)], [adam_twin])
    checks.close(
        walk(
            lambda w, g, *state: adam_step(w, g, *state, 0.125, 0.875, 0.9921875),
            adam_start,
            (np.zeros((3, 4)), np.zeros((3, 4)), 0),
            lambda w: adam_scale * np.cos(w),
            10,
        )[-1],
        adam_twin.numpy(),
        "ten steps, against Keras' own",
        rtol=1e-9,
    )
### END HIDDEN TESTS

# %% [markdown]
# ### What bias correction does
#
# Give Adam the same slope, 1, two thousand times. Right averages would be 1 from the start, and
# every step η long. Without the correction **both** averages start too small. One might expect
# short steps then. But the root of $s$ is too small by more than $m$ is, and so the first steps
# are too **long**: 3.2 times at the first, 6.6 times at the twelfth.

# %%
with plots.needs("adam_step"):
    w, m, s, t = np.zeros(1), np.zeros(1), np.zeros(1), 0
    rows = []
    for _ in range(2000):
        before = w
        w, m, s, t = (np.asarray(part) for part in adam_step(w, np.ones(1), m, s, t, 0.01))
        rows.append([m[0], s[0], m[0] / np.sqrt(s[0]), (before - w)[0] / 0.01])
    rows = np.array(rows)
    fig, (left, right) = plots.figure(
        "Without bias correction Adam's first steps are up to 6.6 times too long", 1, 2, width=9.2
    )
    steps = np.arange(1, 2001)
    left.plot(steps, rows[:, 0], "-", color=plots.PALETTE[0], label="m, with β₁ = 0.9")
    left.plot(steps, rows[:, 1], "--", color=plots.PALETTE[1], label="s, with β₂ = 0.999")
    left.axhline(1, color="0.5", linewidth=0.8)
    left.set_title("the raw averages of slopes that are all 1", fontweight="normal")
    left.set(xlabel="step t", ylabel="average", xscale="log")
    left.legend(loc=(0.37, 0.5))
    right.plot(steps, rows[:, 2], "--", color=plots.PALETTE[1], label="without correction, m / √s")
    right.plot(steps, rows[:, 3], "-", color=plots.PALETTE[2], label="with correction: your steps")
    right.set_title("the step", fontweight="normal")
    right.set(xlabel="step t", ylabel="size of the step ÷ η", xscale="log", ylim=(0, 7.2))
    right.legend(loc=(0.03, 0.2))
    plots.show(
        fig,
        alt="Left, log axis of steps: the raw m rises from 0.1 to 1 within about 40 steps, the raw "
        "s from 0.001 and reaches 0.86 only at 2000. Right: step size over η; without correction "
        "it starts at 3.2, peaks at 6.6 near step 12 and falls slowly to 1; with it, always 1.",
    )

# %% [markdown]
# ## Yours against Keras, ten steps
#
# Time to compare. Here are the conventions again, as they stand in Keras' source:
#
# | Keras | state, at the start | ε (default $10^{-7}$) | default η |
# |---|---|---|---|
# | `SGD` | — | — | 0.01 |
# | `SGD(momentum=β)` | $v = 0$ | — | 0.01 |
# | `SGD(momentum=β, nesterov=True)` | $v = 0$ | — | 0.01 |
# | `Adagrad` | $s = 0.1$ | inside: $\sqrt{s+\varepsilon}$ | 0.001 |
# | `RMSprop` | $s = 0$ | inside: $\sqrt{s+\varepsilon}$ | 0.001 |
# | `Adadelta` | $s = u = 0$ | inside, in both roots | 0.001 |
# | `Adam` | $m = s = 0$, $t = 0$ | outside: $\sqrt s + \varepsilon$, $s$ uncorrected | 0.001 |
#
# One trap. Keras passes η, β, β₁, β₂ and Adagrad's start through `float32`, even when the weights
# are `float64`. For Keras 0.9 is 0.89999998. With numbers that `float32` holds exactly ($\tfrac18$,
# $\tfrac78$, $\tfrac{127}{128}$) that makes no difference, and with 0.1, 0.9 and 0.999 it does. The
# next cell prints both. (From here on Adagrad starts at $\tfrac18$ for the same reason.)

# %% given="twins"
STATES = {
    "SGD": lambda w: (),
    "momentum": lambda w: (0 * w,),
    "Nesterov": lambda w: (0 * w,),
    "Adagrad": lambda w: (0 * w + 0.125,),
    "RMSProp": lambda w: (0 * w,),
    "Adadelta": lambda w: (0 * w, 0 * w),
    "Adam": lambda w: (0 * w, 0 * w, 0),
}
COLOURS = dict(zip(STATES, ["#000000", *plots.PALETTE], strict=False))
LINES = dict(zip(STATES, ["-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)), "-."], strict=True))


def keras_optimiser(name, eta, beta=0.9, beta2=0.999):
    """Return Keras' optimiser of that name."""
    return {
        "SGD": lambda: keras.optimizers.SGD(eta),
        "momentum": lambda: keras.optimizers.SGD(eta, momentum=beta),
        "Nesterov": lambda: keras.optimizers.SGD(eta, momentum=beta, nesterov=True),
        "Adagrad": lambda: keras.optimizers.Adagrad(eta, initial_accumulator_value=0.125),
        "RMSProp": lambda: keras.optimizers.RMSprop(eta),
        "Adadelta": lambda: keras.optimizers.Adadelta(eta),
        "Adam": lambda: keras.optimizers.Adam(eta, beta_1=beta, beta_2=beta2),
    }[name]()


def keras_walk(optimiser, start, slope, steps):
    """Return the path (steps + 1, *start.shape) of a Keras optimiser, the start first."""
    w = keras.Variable(start, dtype="float64")
    path = [start]
    for _ in range(steps):
        optimiser.apply([tf.constant(slope(w.numpy()))], [w])
        path.append(w.numpy())
    return np.array(path)


# %%
def rule(name, eta, beta=0.9, beta2=0.999):
    """Return an optimiser's step by your functions; it takes w, g and the parts of the state."""
    return {
        "SGD": lambda w, g: (sgd_step(w, g, eta),),
        "momentum": lambda w, g, v: momentum_step(w, g, v, eta, beta),
        "Nesterov": lambda w, g, v: nesterov_step(w, g, v, eta, beta),
        "Adagrad": lambda w, g, s: adagrad_step(w, g, s, eta),
        "RMSProp": lambda w, g, s: rmsprop_step(w, g, s, eta),
        "Adadelta": lambda w, g, s, u: adadelta_step(w, g, s, u, eta),
        "Adam": lambda w, g, m, s, t: adam_step(w, g, m, s, t, eta, beta, beta2),
    }[name]


ALL_STEPS = (
    "sgd_step",
    "momentum_step",
    "nesterov_step",
    "adagrad_step",
    "rmsprop_step",
    "adadelta_step",
    "adam_step",
)
with plots.needs(*ALL_STEPS):
    start = np.random.default_rng(60).normal(size=(3, 5))
    print("largest gap over ten steps, yours against Keras'")
    print(f"{'':10s}{'⅛, ⅞, 127/128':>16s}{'0.1, 0.9, 0.999':>18s}")
    for name in STATES:
        gaps = []
        for eta, beta, beta2 in ((1 / 8, 7 / 8, 127 / 128), (0.1, 0.9, 0.999)):
            step, optimiser = rule(name, eta, beta, beta2), keras_optimiser(name, eta, beta, beta2)
            mine = walk(step, start, STATES[name](start), lambda w: np.sin(3 * w), 10)
            theirs = keras_walk(optimiser, start, lambda w: np.sin(3 * w), 10)
            gaps.append(np.max(np.abs(mine - theirs)))
        print(f"{name:10s}{gaps[0]:16.1e}{gaps[1]:18.1e}")

# %% [markdown]
# ## Seven paths on one bowl
#
# Each optimiser gets 60 steps from the same start, and a learning rate that suits it; only
# Adadelta keeps the paper's η = 1. It creeps: at first the tiny $\varepsilon$ alone sets the size
# of its steps, and it has to work its way up from there.

# %%
with plots.needs(*ALL_STEPS):
    bowl_rates = {
        "SGD": 0.036,
        "momentum": 0.01,
        "Nesterov": 0.01,
        "Adagrad": 1.0,
        "RMSProp": 0.1,
        "Adadelta": 1.0,
        "Adam": 0.1,
    }

    def bowl_walk(name, slope, start, steps):
        return walk(rule(name, bowl_rates[name]), start, STATES[name](start), slope, steps)

    bowl_paths = {name: bowl_walk(name, bowl_slope, START, 60) for name in STATES}
    fig, axes = plots.figure(
        "Same start, 60 steps: SGD zigzags, momentum swings, Adagrad makes for the minimum",
        2,
        4,
        width=11,
        height=4.8,
    )
    for axis, (name, path) in zip(axes.ravel(), bowl_paths.items(), strict=False):
        draw_path(axis, path, colour=COLOURS[name])
        axis.set_title(f"{name}, η = {bowl_rates[name]:g}", fontweight="normal")
        axis.set(xticks=[-4, -2, 0], yticks=[-1, 0, 1])
    axes[0, 0].set(ylabel="w₂")
    axes[1, 0].set(ylabel="w₂", xlabel="w₁")
    last = axes[1, 3]
    costs = [bowl(path[-1]) for path in bowl_paths.values()]
    last.barh(list(bowl_paths), costs, color=[COLOURS[name] for name in bowl_paths])
    last.set(xscale="log", xlabel="cost after 60 steps")
    last.invert_yaxis()
    last.set_title("cost, from 24 at the start", fontweight="normal")
    plots.show(
        fig,
        alt="Seven contour maps of the bowl with 60 steps each. SGD zigzags between the walls, "
        "momentum swings widely, Nesterov settles into the valley early, Adagrad is in it "
        "after three steps and reaches the minimum, RMSProp comes down in a smooth bend and Adam "
        "in a wave, Adadelta has hardly left the start. The last panel shows the cost reached by "
        "each, on a log axis.",
    )

# %% [markdown]
# Adagrad wins by far. Before you believe in it: this bowl is a gift to every rule with a rate for
# each weight, because its valley runs exactly along a weight. **Turn the bowl by 45°.** The shape
# is the same, but now each weight meets the steep wall and the flat valley alike, and a rate for
# each weight can't tell them apart. SGD and momentum don't even notice: they work on the vector,
# whatever the axes.

# %% given="turned"


def turned_bowl(w):
    """Return the bowl's cost, the valley turned by 45° against the axes; w is (2,) or (2, …)."""
    return bowl([(w[0] + w[1]) / 2**0.5, (w[1] - w[0]) / 2**0.5])


def turned_slope(w):
    """Return the gradient (2,) of the turned bowl, at w (2,)."""
    along, across = (w[0] + w[1]) / 2**0.5, 50.0 * (w[1] - w[0]) / 2**0.5
    return np.array([along - across, along + across]) / 2**0.5


TURNED_START = np.array([START[0] - START[1], START[0] + START[1]]) / 2**0.5

# %%
with plots.needs(*ALL_STEPS):
    fig, axes = plots.figure(
        "Turned by 45°, a rate for each weight loses its edge; SGD and momentum don't notice",
        columns=2,
        width=9.6,
        height=3.8,
        sharey=True,
    )
    cases = {
        "the valley along an axis": (bowl, bowl_slope, START),
        "the same valley, turned": (turned_bowl, turned_slope, TURNED_START),
    }
    for axis, (title, (cost_of, slope, start)) in zip(axes, cases.items(), strict=True):
        for name in ("SGD", "momentum", "Adagrad", "RMSProp", "Adam"):
            costs = [cost_of(w) for w in bowl_walk(name, slope, start, 150)]
            axis.plot(costs, linestyle=LINES[name], color=COLOURS[name], label=name)
        axis.set(xlabel="step", yscale="log", ylim=(1e-6, 100))
        axis.set_title(title, fontweight="normal")
    axes[0].set(ylabel="cost")
    axes[1].legend(loc="lower left", ncols=2, fontsize=9)
    plots.show(
        fig,
        alt="Cost against the step on a log axis, for five optimisers. Left, valley along an axis: "
        "Adagrad falls steepest by far. Right, valley turned: the curves of SGD and momentum are "
        "the same as before, Adagrad's and Adam's lie far higher. RMSProp falls and jumps up again "
        "in both.",
    )

# %% [markdown]
# Adagrad, at the same η, now falls behind SGD. And look at RMSProp, in both pictures: it gets close
# and is then thrown out again. Near the minimum the slopes are small, so its rates have grown (you
# saw it above), until they are past the walls' limit. With a constant η it can't settle; one lowers
# η as training goes on.
#
# ## Task 10: the loop in raw TensorFlow (2 points)
#
# So far the gradient came from a formula. In TensorFlow the tape finds it, and the loop around it
# is yours. Weights live in a `tf.Variable`, which *is* changed in place:
#
# - `with tf.GradientTape() as tape:` compute the cost; then `tape.gradient(cost, w)`;
# - `v.assign(value)` overwrites a variable, `w.assign_add(value)` adds to it.
#
# Write gradient descent with momentum: $v \leftarrow \beta v - \eta g$, $w \leftarrow w + v$, from
# $v = 0$. Open a **new** tape in every step. And mind what you keep: a variable put into a list
# is the same object every time, so that in the end all entries show the last point.
# `w.numpy()` makes a copy. Mind the type too: `tf.zeros(2)` is `float32`, which TensorFlow won't
# mix with `float64`; `tf.zeros_like(w)` has the type of `w`.
#
# On the bowl with $\eta = 0.01$, $\beta = 0.9$ the first step goes from $(-4, 0.8)$ by $-0.01·(-4,
# 40)$ to $(-3.96, 0.4)$.

# %% given="costs"


def banana(w):
    """Return (1 − w₁)² + 10 (w₂ − w₁²)², a valley that bends."""
    return (1.0 - w[0]) ** 2 + 10.0 * (w[1] - w[0] ** 2) ** 2


COSTS = {"bowl": bowl, "turned": turned_bowl, "banana": banana}


# %% task="tape_descent"
def tape_descent(name, start, steps, eta, beta):
    """Minimise COSTS[name] by momentum, with gradients from tf.GradientTape.

    v ← β v − η g, then w ← w + v; v is zero at the start.

    Parameters
    ----------
    name : "bowl", "turned" or "banana"
        COSTS[name] takes w, a tensor or variable (2,), and returns the cost.
    start : float64 array (2,)
        First w; not to be changed.
    steps : int
    eta : float
        Learning rate.
    beta : float
        Share of the velocity that is kept.

    Returns
    -------
    float64 array (steps + 1, 2)
        The path: all w, the start first.
    """
    ### BEGIN SOLUTION
    w = tf.Variable(start)
    v = tf.Variable(tf.zeros_like(w))
    path = [w.numpy()]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = COSTS[name](w)
        g = tape.gradient(cost, w)
        v.assign(beta * v - eta * g)
        w.assign_add(v)
        path.append(w.numpy())
    return np.array(path)
    ### END SOLUTION


# %% test="tape_descent" points=2
checks.forbid(
    tape_descent,
    "keras",
    what="this task is for raw TensorFlow",
    example=("bowl", np.array([-4.0, 0.8]), 2, 0.01, 0.9),
)
descent_known = {
    "no-momentum": (
        np.array([[-4.0, 0.8], [-3.96, 0.4], [-3.9204, 0.2], [-3.881196, 0.1]]),
        "this is plain SGD: the velocity must live on from step to step.",
    ),
    "old-velocity": (
        np.array([[-4.0, 0.8], [-4.0, 0.8], [-3.96, 0.4], [-3.884, -0.36]]),
        "w moves by the velocity of the step before: assign v first, then add it.",
    ),
    "ascent": (
        np.array([[-4.0, 0.8], [-4.04, 1.2], [-4.1164, 2.16], [-4.226324, 4.104]]),
        "the gradient has the wrong sign in the velocity.",
    ),
    "start-missing": (
        np.array([[-3.96, 0.4], [-3.8844, -0.16], [-3.777516, -0.584]]),
        "the path must begin with the start: steps + 1 rows.",
    ),
    "same-object": (
        np.array(
            [[-3.777516, -0.584], [-3.777516, -0.584], [-3.777516, -0.584], [-3.777516, -0.584]]
        ),
        (
            "all rows are the last point: a tf.Variable in a list is the same object every "
            "time, so store a copy, w.numpy()."
        ),
    ),
}
checks.same(
    tape_descent,
    lambda *_: np.array([[-4.0, 0.8], [-3.96, 0.4], [-3.8844, -0.16], [-3.777516, -0.584]]),
    [("bowl", np.array([-4.0, 0.8]), 3, 0.01, 0.9)],
    "three steps with momentum on the bowl, start included",
    rtol=0,
    atol=1e-9,
    causes=[
        checks.cause(bug, lambda *_, wrong=wrong: wrong, why)
        for bug, (wrong, why) in descent_known.items()
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def banana_slope(w):
        bend = 20.0 * (w[1] - w[0] ** 2)
        return np.array([-2.0 * (1.0 - w[0]) - 2.0 * w[0] * bend, bend])

    SLOPES = {"bowl": bowl_slope, "turned": turned_slope, "banana": banana_slope}

    def right_descent(name, start, steps, eta, beta, bug="right"):
        w, v, path = np.array(start), np.zeros(len(start)), [np.array(start)]
        for _ in range(steps):
            old = v
            v = (0 if bug == "no-momentum" else beta * v) - eta * SLOPES[name](w)
            if bug == "ascent":
                v = 2 * beta * old - v
            w = w + (old if bug == "old-velocity" else v)
            path.append(w)
        if bug == "same-object":
            path = [w] * len(path)
        return np.array(path[1:] if bug == "start-missing" else path)

    descent_cases = [
        ("turned", np.array([1.5, -2.0]), 6, 0.02, 0.8),
        ("banana", np.array([-0.7, 1.2]), 9, 0.005, 0.95),
        ("bowl", np.array([0.4, -1.1]), 1, 0.03, 0.6),
    ]
    checks.same(
        tape_descent,
        right_descent,
        descent_cases,
        "tape_descent on other costs",
        rtol=1e-8,
        causes=[
            checks.cause(bug, lambda *case, bug=bug: right_descent(*case, bug=bug), why)
            for bug, (_, why) in descent_known.items()
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# Three ways, one path: your NumPy step with a formula for the slope, your loop with the tape, and
# Keras' optimiser.

# %%
with plots.needs("momentum_step", "tape_descent"):
    eta, beta = 1 / 128, 7 / 8
    by_hand = walk(
        lambda w, g, v: momentum_step(w, g, v, eta, beta), START, (np.zeros(2),), bowl_slope, 30
    )
    by_tape = np.asarray(tape_descent("bowl", START, 30, eta, beta))
    by_keras = keras_walk(keras_optimiser("momentum", eta, beta), START, bowl_slope, 30)
    print(f"after 30 steps: {by_hand[-1]}")
    print(
        f"largest gap on the way, NumPy against the tape: {np.max(np.abs(by_hand - by_tape)):.1e}"
    )
    print(
        f"largest gap on the way, NumPy against Keras:    {np.max(np.abs(by_hand - by_keras)):.1e}"
    )

# %% [markdown]
# ## Training on handwritten digits
#
# Now for real: a 196-16-10 network with tanh and softmax, 3 322 weights and biases. To be quick, it
# reads the images at half their size, 14×14, each pixel the mean of four. Its cost is the
# cross-entropy. Its gradient is backpropagation by hand, as in the notebook before. All weights lie
# in **one flat array**, so your steps take it as it is. `W[j, k]` goes from neuron k to neuron j.

# %% given="digits"
digits = datasets.load()
MOST = 5000  # of MNIST, so that this ends soon; the embedded digits have fewer


def halved(images):
    """Return images (N, 28, 28) as rows (N, 196) in [0, 1], each pixel the mean of four."""
    return images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, 196) / 255


X_train, y_train = halved(digits.x_train[:MOST]), digits.y_train[:MOST]
X_val, y_val = halved(digits.x_val[:MOST]), digits.y_val[:MOST]
SHAPES = [(16, 196), (16,), (10, 16), (10,)]  # W¹, b¹, W², b²
ENDS = [3136, 3152, 3312, 3322]


def unpack(w):
    """Return W¹, b¹, W², b² as views of the flat array w."""
    parts = (w[a:b] for a, b in zip([0, *ENDS], ENDS, strict=False))
    return [part.reshape(shape) for part, shape in zip(parts, SHAPES, strict=True)]


def new_network(seed):
    """Return a flat array of first weights: variance 1/n_in, biases zero."""
    rng = np.random.default_rng(seed)
    parts = [rng.normal(size=s) / np.sqrt(s[-1]) if len(s) == 2 else np.zeros(s) for s in SHAPES]
    return np.concatenate([part.ravel() for part in parts])


def layers(w, X):
    """Return hidden activations (N, 16) and class probabilities (N, 10)."""
    W1, b1, W2, b2 = unpack(w)
    hidden = np.tanh(X @ W1.T + b1)
    scores = hidden @ W2.T + b2
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return hidden, powers / powers.sum(axis=1, keepdims=True)


def digits_cost(w, X, y):
    """Return the mean cross-entropy −ln p_y of examples in rows."""
    right = layers(w, X)[1][np.arange(len(y)), y]
    return float(-np.mean(np.log(np.maximum(right, 1e-300))))


def digits_slope(w, X, y):
    """Return the gradient of the mean cross-entropy, flat like w."""
    hidden, p = layers(w, X)
    delta2 = (p - np.eye(10)[y]) / len(y)
    delta1 = (delta2 @ unpack(w)[2]) * (1 - hidden**2)
    parts = [delta1.T @ X, delta1.sum(axis=0), delta2.T @ hidden, delta2.sum(axis=0)]
    return np.concatenate([part.ravel() for part in parts])


def batches(epochs, seed, size=32):
    """Yield for each epoch a list of index arrays, in a random order."""
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(y_train))
        yield [order[i : i + size] for i in range(0, len(order), size)]


# %% [markdown]
# Every optimiser starts from the same weights and sees the same batches in the same order. Each has
# its best rate of eight (0.003, 0.01, 0.03, …, 10), found on the embedded digits by the training
# cost after ten epochs. To compare optimisers at one common rate would be unfair to most of them.


# %%
def train(name, eta, epochs, seed=1):
    """Yield the weights at the start, and after each epoch."""
    step, w = rule(name, eta), new_network(seed)
    state = STATES[name](w)
    yield w
    for epoch in batches(epochs, seed):
        for rows in epoch:
            new = step(w, digits_slope(w, X_train[rows], y_train[rows]), *state)
            w, *state = (np.asarray(part) for part in new)
        yield w


def share_right(w):
    """Return the share of validation digits that are read rightly."""
    return np.mean(np.argmax(layers(w, X_val)[1], axis=1) == y_val)


with plots.needs(*ALL_STEPS):
    digit_rates = {
        "SGD": 1.0,
        "momentum": 0.1,
        "Nesterov": 0.1,
        "Adagrad": 0.3,
        "RMSProp": 0.01,
        "Adadelta": 10.0,
        "Adam": 0.03,
    }
    costs, shares = {}, {}
    for name, eta in digit_rates.items():
        networks = list(train(name, eta, 10))
        costs[name] = [digits_cost(w, X_train, y_train) for w in networks]
        shares[name] = [share_right(networks[1]), share_right(networks[-1])]
        print(f"{name:10s} cost {costs[name][-1]:.3f}   validation {shares[name][-1]:.4f}")
    fig, (left, right) = plots.figure(
        "Each at its best rate of eight, the seven optimisers end close together",
        1,
        2,
        width=9.6,
        height=4,
    )
    for name, eta in digit_rates.items():
        style = {"linestyle": LINES[name], "color": COLOURS[name], "label": f"{name}, η = {eta:g}"}
        left.plot(costs[name], ".", **style)
    left.set(xlabel="epoch", ylabel="mean cross-entropy", yscale="log", ylim=(0.03, 12))
    left.set_title("cost on the training digits", fontweight="normal")
    left.legend(fontsize=8, ncols=2, loc="upper right")
    for row, (name, (early, late)) in enumerate(shares.items()):
        right.plot([early, late], [row, row], "-", color="0.75")
        right.plot(early, row, "o", markerfacecolor="white", color=COLOURS[name])
        right.plot(late, row, "o", color=COLOURS[name])
    right.set(yticks=range(7), yticklabels=list(shares), xlabel="share right")
    right.invert_yaxis()
    right.set_title("validation: after 1 epoch ○, after 10 ●", fontweight="normal")
    plots.show(
        fig,
        alt="Left: training cost over ten epochs for seven optimisers, on a log axis; all fall "
        "to around a tenth or less. Right: validation accuracy of each after one epoch and after "
        "ten; after one they differ a lot, after ten they lie close together.",
    )

# %% [markdown]
# A few hundred validation digits can't tell 0.94 from 0.95, so don't crown a winner here. What is
# plain to see (on the embedded digits) is the start: after one epoch the others are far ahead of
# SGD. And since all see the same batches, an unlucky batch shows as a bump at the same place in
# several curves.
#
# ### The rate matters more than the rule
#
# Three epochs each, over rates from 0.003 to 3. Compare SGD with momentum: on the left, momentum at
# $\eta$ does what SGD does at $10\,\eta$. That is Task 3 on real data: $\eta/(1-0.9) = 10\,\eta$.

# %%
with plots.needs(*ALL_STEPS):
    tried = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
    reached = {
        name: [digits_cost(list(train(name, eta, 3))[-1], X_train, y_train) for eta in tried]
        for name in ("SGD", "momentum", "Adam")
    }
    fig, axis = plots.figure("Momentum at η does what SGD does at 10 η, until η is too large")
    for name, values in reached.items():
        axis.plot(tried, values, "o", linestyle=LINES[name], color=COLOURS[name], label=name)
    for small, large in ((0.003, 0.03), (0.01, 0.1), (0.03, 0.3)):
        height = reached["momentum"][tried.index(small)]
        axis.plot([small, large], [height, height], color="0.7", linewidth=0.8, zorder=0)
    axis.set(xscale="log", yscale="log", ylim=(0.07, 200))
    axis.set(xlabel="learning rate η", ylabel="training cost after 3 epochs")
    axis.legend()
    plots.show(
        fig,
        alt="Training cost after three epochs against the learning rate, both axes logarithmic, "
        "for SGD, momentum and Adam. Each curve falls, then rises steeply. Momentum's left part is "
        "SGD's, shifted to ten times smaller rates; thin lines join the points that correspond.",
    )

# %% [markdown]
# Last, the same training in Keras: same start, same batches, `keras.optimizers.Adam`. A Keras
# kernel is `(n_in, n_out)`, the transpose of our $W$. After 20 steps the two networks still agree.

# %%
with plots.needs("adam_step"):
    model = keras.Sequential(
        [
            keras.Input((196,), dtype="float64"),
            keras.layers.Dense(16, activation="tanh", dtype="float64"),
            keras.layers.Dense(10, dtype="float64"),
        ]
    )
    w = new_network(1)
    model.set_weights([part.T for part in unpack(w)])
    optimiser = keras_optimiser("Adam", 1 / 128, 7 / 8, 127 / 128)
    variables, state = model.trainable_variables, STATES["Adam"](w)
    [epoch] = batches(1, seed=1)
    for rows in epoch[:20]:
        X, y = X_train[rows], y_train[rows]
        new = adam_step(w, digits_slope(w, X, y), *state, 1 / 128, 7 / 8, 127 / 128)
        w, *state = (np.asarray(part) for part in new)
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y.astype(int), model(X))
            loss = tf.reduce_mean(losses)
        optimiser.apply(tape.gradient(loss, [part.value for part in variables]), variables)
    theirs = np.concatenate([part.T.ravel() for part in model.get_weights()])
    print(f"training cost, yours:  {digits_cost(w, X_train, y_train):.9f}")
    print(f"training cost, Keras': {digits_cost(theirs, X_train, y_train):.9f}")
    print(f"largest gap of any of {theirs.size} weights: {np.max(np.abs(w - theirs)):.1e}")

# %% [markdown]
# ## In your own words (2 points)
#
# In four to six sentences:
#
# 1. Without bias correction both of Adam's averages start too small. Why are the first steps
#    nevertheless too *long*, with $\beta_1 = 0.9$ and $\beta_2 = 0.999$?
# 2. On the bowl along the axes Adagrad beat SGD by far; on the turned bowl it fell behind, and SGD
#    did exactly as well as before. Why?

# %% [markdown] task="explain" points=2
# ### BEGIN SOLUTION
# 1. After the first step $m = 0.1\,g$ and $s = 0.001\,g^2$. The step is $m/\sqrt s$, and the
# root of $s$ is $\sqrt{0.001}\,|g| = 0.032\,|g|$. So the numerator is 10 times too small and the
# denominator 32 times: their ratio is 3.2 times too large. $s$ has the longer memory, 1000 steps
# against 10, so $m$ recovers first and the ratio grows still further, up to 6.6, before $s$
# catches up.
# 2. Adagrad has a rate for each weight. Along the axes one weight is the steep direction and the
# other the flat one, so the two rates can be just right for them. On the turned bowl both
# directions are mixtures of both weights: both weights see the steep slope, get about the same
# small rate, and the walls keep that rate too short for the valley, as with SGD. SGD's step is η
# times the gradient vector: if the bowl is turned, gradient and step turn with it, and the
# distances stay the same.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 1 point for the first: compares m with the *root* of s (0.1 against √0.001, or 3.2 as a number).
# ½ if it only says that s is smaller than m, or that β₂ is nearer to 1 than β₁.
#
# 1 point for the second: rates belong to weights (axes), and on the turned bowl steep and flat
# don't lie along weights any more (½); SGD's step is the gradient vector itself, which turns with
# the bowl (½).
# ### END MARK SCHEME
