# ---
# topic:
#   results:
#     - what: "Digits 5–9 from ten examples of each: transfer against training from scratch"
#       code: |
#         told = "; ".join(
#             f"{words} {np.mean(right):.3f} against {np.mean(scratch_right[words]):.3f}"
#             for words, right in transfer_right.items()
#         )
#   figures:
#     - caption: What an old network gives to new digits
#       alt: Two panels of paired points
# ---

# %% [markdown]
# # 10 Transfer: standing on a trained network
#
# You have fifty pictures and five classes. That is too few to train a good network from nothing.
# But somebody has trained one on *other* classes, and most of what it has learnt is about
# pictures in general. In this notebook you cut off its last layer, freeze the rest, put a new layer
# on top and train only that. Then you measure when this wins, and when it doesn't.
#
# **Afterwards you can**
#
# - say what LeNet, AlexNet, ZF Net, GoogLeNet, VGG and ResNet are known for, and count the
#   parameters of their building blocks by hand;
# - explain what a residual connection does to a slope on its way back;
# - draw a small, balanced training set without double or leaked examples;
# - use a trained network as a feature extractor, and train a head on its features: in NumPy, in
#   raw TensorFlow and in Keras, with the same result;
# - freeze a Keras model, prove that it is frozen, and count what is learned and what isn't;
# - compare transfer with training from scratch fairly, over several draws.
#
# **Read first**
#
# | notes | what they are | read for |
# |---|---|---|
# | 002 | slides that begin with *Gradient Descent* | its end: the strong networks |
# | 004 | *Introduction to Deep Learning and Neural Network* | its end: LeNet-5, CNN examples |
#
# The notes only name the networks; this notebook stands on its own. You will want topics 03
# (softmax and cross-entropy), 05 (slopes sent backwards) and 08 (convolutions).
#
# **Time**: about three hours. There are 12 small tasks. 20 points are judged automatically, 2 more
# by a person.
#
# **Rules**: what you derive by hand (tasks 2, 7) must not call automatic or numerical
# differentiation or Keras; task 9 is for raw TensorFlow, so the tape, but not Keras. Loops, `@`,
# `np.einsum` and TensorFlow's plain arithmetic are all fine. No task needs an earlier one, except
# the last, which puts several together.

# %% given="setup"
import itertools
import warnings

import keras
import numpy as np
import tensorflow as tf

from nnkit import checks, datasets, plots
from nnkit.once import once

BLUE, RED, GREEN = plots.PALETTE[:3]
tf.zeros(1)  # TensorFlow starts here, and not in the middle of a test
# Keras warns if a model that was made with a list of one input gets that input without the list.
warnings.filterwarnings("ignore", message="The structure of `inputs`")

# %% [markdown]
# ## The well-known networks
#
# The notes (002) list six "strong visual networks already available". All but LeNet were made for
# ILSVRC, a yearly contest: 1.2 million photographs, 1000 classes.
#
# | network | year | parameters | in ILSVRC | the idea |
# |---|---|---:|---|---|
# | LeNet-5 | 1998 | 62 thousand | – | convolution and pooling twice, then dense; reads digits |
# | AlexNet | 2012 | 61 million | won 2012 | the same, far larger; ReLU, dropout, GPUs |
# | ZF Net | 2013 | 62 million | won 2013 | AlexNet, mended by *looking* at its features |
# | VGG-16 | 2014 | 138 million | second 2014 | nothing but 3×3 convolutions, 16 layers deep |
# | GoogLeNet | 2014 | 7 million | won 2014 | inception modules, 1×1 convolutions |
# | ResNet-50 | 2015 | 26 million | – | residual connections: a block computes $x + F(x)$ |
# | ResNet-152 | 2015 | 60 million | won 2015 | the same, 152 layers deep |
#
# > **Erratum (notes 002).** The slide writes "second place in ISLVRC". The contest is the
# > **ILSVRC**: ImageNet Large Scale Visual Recognition Challenge. And its "currently state of the
# > art" was true of ResNet when the slide was written. Such a word has a date, and the slide has
# > none: it was 2015.

# %%
NETWORKS = {  # year, parameters, and where its name goes
    "LeNet-5": (1998, 61_706, "right"),
    "AlexNet": (2012, 61e6, "left"),
    "ZF Net": (2013, 62e6, "below"),
    "VGG-16": (2014, 138e6, "above"),
    "GoogLeNet": (2014, 6.8e6, "below"),
    "ResNet-50": (2015, 25.6e6, "right"),
    "ResNet-152": (2015, 60e6, "right"),
}
WON = {"AlexNet", "ZF Net", "GoogLeNet", "ResNet-152"}
PLACES = {"right": (10, -4), "left": (-10, -4), "below": (0, -19), "above": (0, 9)}
ALIGNED = {"right": "left", "left": "right", "below": "center", "above": "center"}
fig, axis = plots.figure("Parameters grew 2000-fold up to VGG-16; then fewer did better")
for name, (year, parameters, side) in NETWORKS.items():
    marker, colour, size = ("*", RED, 12) if name in WON else ("o", BLUE, 7)
    axis.plot(year, parameters, marker, color=colour, ms=size)
    place = {"xytext": PLACES[side], "textcoords": "offset points", "ha": ALIGNED[side]}
    axis.annotate(name, (year, parameters), **place)
axis.plot([], [], "*", color=RED, ms=12, label="won the ILSVRC of its year")
axis.plot([], [], "o", color=BLUE, ms=7, label="did not win, or not made for it")
axis.set(xlabel="year", ylabel="parameters", yscale="log", xlim=(1996, 2018), ylim=(2e4, 3e9))
axis.set_xticks([1998, 2003, 2008, 2012, 2015])
axis.legend(loc="upper left")
plots.show(
    fig,
    alt="Parameters on a logarithmic axis against the year. LeNet-5, 1998, has 62 thousand. "
    "AlexNet 2012 and ZF Net 2013 have about 61 million, VGG-16 2014 has 138 million. Of the later "
    "winners GoogLeNet 2014 has 7 million and ResNet-152 2015 has 60 million.",
)

# %% [markdown]
# ## Task 1: count the parameters (2 points)
#
# Parameters are the numbers that training sets. A layer has a **kernel** and one **bias for each
# output** (each filter of a convolution, each neuron of a dense layer). In Keras' order of axes:
#
# | layer | shape of the kernel | parameters |
# |---|---|---|
# | convolution, $k×k$ | `(k, k, c_in, c_out)` | $k · k · c_{in} · c_{out} + c_{out}$ |
# | dense | `(n_in, n_out)` | $n_{in} · n_{out} + n_{out}$ |
#
# (A dense kernel in Keras is the transpose of our $W$.) In both cases: the product of the whole
# shape, plus its last entry. Pooling and flattening have no parameters at all.
#
# For instance the second convolution of LeNet-5, sixteen 5×5 filters on six feature maps, has the
# kernel `(5, 5, 6, 16)`: $5·5·6·16 = 2400$ weights and 16 biases, 2416 parameters. (LeCun left out
# some of its connections; we take it whole.)


# %% task="count_parameters"
def count_parameters(kernels):
    """Return how many parameters layers have: Σ over the layers of (product of shape + n_out).

    Parameters
    ----------
    kernels : list of tuples of int
        The shape of each layer's kernel: (k, k, c_in, c_out) or (n_in, n_out). Each layer also
        has one bias for each output; the outputs are the last axis.

    Returns
    -------
    int
        Weights and biases of all layers together.
    """
    ### BEGIN SOLUTION
    return sum(int(np.prod(shape)) + shape[-1] for shape in kernels)
    ### END SOLUTION


# %% test="count_parameters" points=2
LENET = [(5, 5, 1, 6), (5, 5, 6, 16), (400, 120), (120, 84), (84, 10)]
checks.close(
    count_parameters([(5, 5, 6, 16)]),
    2416,
    "parameters of LeNet-5's second convolution",
    causes=[
        checks.cause("bias-forgotten", 2400, "the biases are missing: one for each of 16 filters."),
        checks.cause("one-bias", 2401, "there is one bias for each filter, not one for the layer."),
        checks.cause("bias-per-input", 2406, "the biases belong to the outputs, the last axis."),
        checks.cause(
            "channels-forgotten", 166, "there are 16 filters, and each has 5·5·6 weights."
        ),
        checks.cause("channels-forgotten", 416, "each filter has a slice for each input channel."),
    ],
)
checks.close(
    count_parameters(LENET),
    61706,
    "parameters of LeNet-5, all five layers",
    causes=[
        checks.cause("bias-forgotten", 61470, "the biases are missing: one for each output."),
        checks.cause("one-bias", 61475, "one bias for each output, not one for each layer."),
        checks.cause("bias-per-input", 62081, "the biases belong to the outputs, the last axis."),
        checks.cause("first-layer-only", 156, "add up all layers: does the loop return too soon?"),
        checks.cause("last-layer-only", 850, "add up all layers, not the last one alone."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_count(kernels):
        total = 0
        for shape in kernels:
            inputs = 1
            for size in shape[:-1]:
                inputs *= size
            total += (inputs + 1) * shape[-1]
        return total

    checks.same(
        count_parameters,
        right_count,
        [
            ([(3, 3, 5, 7), (1, 1, 7, 4), (36, 11)],),
            ([(7, 5, 3, 2), (13, 9)],),
            ([(25088, 4096), (4096, 4096), (4096, 1000)],),
            ([(11, 6)],),
        ],
        "count_parameters of other networks",
        causes=[
            checks.cause(
                "bias-forgotten",
                lambda kernels: sum(int(np.prod(shape)) for shape in kernels),
                "the biases are missing: one for each output.",
            ),
            checks.cause(
                "bias-per-input",
                lambda kernels: sum(int(np.prod(shape)) + shape[-2] for shape in kernels),
                "the biases belong to the outputs, the last axis.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# Three ideas of the table can be read off such counts.
#
# - **VGG**: two 3×3 convolutions, one after the other, see as much as one 5×5, with fewer
#   parameters and one ReLU more.
# - **GoogLeNet and ResNet**: a 1×1 convolution first makes the channels fewer, the 3×3 works on
#   few, another 1×1 restores them: a *bottleneck*.
# - The **dense** layers were the expensive ones. VGG-16 flattens a 7×7×512 volume into 25 088
#   numbers and connects each with 4096 neurons.

# %%
VGG16_CHANNELS = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
VGG16 = [(3, 3, a, b) for a, b in itertools.pairwise(VGG16_CHANNELS)]
VGG16 += [(25088, 4096), (4096, 4096), (4096, 1000)]
with plots.needs("count_parameters"):
    for words, kernels in {
        "two 3×3, 64 channels": [(3, 3, 64, 64)] * 2,
        "one 5×5, 64 channels": [(5, 5, 64, 64)],
        "two 3×3, 256 channels": [(3, 3, 256, 256)] * 2,
        "bottleneck 256 → 64 → 64 → 256": [(1, 1, 256, 64), (3, 3, 64, 64), (1, 1, 64, 256)],
        "VGG-16's first dense layer": [(25088, 4096)],
        "VGG-16": VGG16,
    }.items():
        print(f"{words:32s}{int(count_parameters(kernels)):>13,}")

    millions = [count_parameters([kernel]) / 1e6 for kernel in VGG16]
    fig, axis = plots.figure("One dense layer holds three quarters of VGG-16's parameters")
    names = [f"conv {i}" for i in range(1, 14)] + ["dense 1", "dense 2", "dense 3"]
    bars = axis.bar(names, millions, color=[BLUE] * 13 + [RED] * 3)
    axis.bar_label(bars, [f"{m:.1f}" if m >= 1 else "" for m in millions], fontsize=8)
    axis.tick_params(axis="x", rotation=60)
    axis.set(ylabel="parameters (millions)", xlabel="layer, from input to output")
    plots.show(
        fig,
        alt="Bars of the parameters of VGG-16's sixteen layers. The thirteen convolutions have at "
        "most 2.4 million each, the first dense layer 102.8 million, the second 16.8 million, the "
        "third 4.1 million; all together 138.4 million.",
    )

# %% [markdown]
# ## Task 2: the residual connection (2 points)
#
# Deeper should be better, yet before 2015 networks of many dozens of layers trained badly. On its
# way back the slope is multiplied by every layer, and dwindles (topic 02). ResNet's remedy is one
# plus sign. A block doesn't compute $F(x)$ but
#
# $$y = x + F(x), \qquad F(x) = W_2\,\mathrm{ReLU}(W_1 x).$$
#
# $x$ feeds **two** paths: the block $F$, and the *skip* around it. Where paths meet, slopes
# **add** (topic 05). With $g = \partial C/\partial y$,
#
# $$\frac{\partial C}{\partial x} = g + W_1^\top\left(W_2^\top g \odot [W_1 x > 0]\right).$$
#
# The first term arrives unchanged, however small the weights are.
#
# By hand: $x = (1, 2)$, $W_1 = \begin{pmatrix}1&-1\\2&1\\0&1\end{pmatrix}$,
# $W_2 = \begin{pmatrix}1&2&-1\\3&1&2\end{pmatrix}$, $g = (1, -2)$. Forward, $W_1 x = (-1, 4, 2)$:
# the first ReLU is off. Backward, $W_2^\top g = (-5, 0, -5)$; behind the ReLU $(0, 0, -5)$; through
# $W_1^\top$: $(0, -5)$. With the skip: $(1, -7)$.


# %% given="residual"
def residual(x, W1, W2):
    """Return y = x + W2 ReLU(W1 x) of one example x (n,); W1 is (m, n), W2 is (n, m)."""
    return x + W2 @ np.maximum(W1 @ x, 0)


# %% task="residual_back"
def residual_back(x, W1, W2, slope):
    """Return ∂C/∂x = g + W1ᵀ (W2ᵀ g ⊙ [W1 x > 0]) of a residual block, for one example.

    Parameters
    ----------
    x : float64 array (n,)
        Input of the block y = x + W2 ReLU(W1 x).
    W1 : float64 array (m, n)
    W2 : float64 array (n, m)
    slope : float64 array (n,)
        g = ∂C/∂y.

    Returns
    -------
    float64 array (n,)
    """
    ### BEGIN SOLUTION
    on = W1 @ x > 0
    return slope + W1.T @ (W2.T @ slope * on)
    ### END SOLUTION


# %% test="residual_back" points=2
block_x, block_slope = np.array([1.0, 2.0]), np.array([1.0, -2.0])
block_w1 = np.array([[1.0, -1.0], [2.0, 1.0], [0.0, 1.0]])
block_w2 = np.array([[1.0, 2.0, -1.0], [3.0, 1.0, 2.0]])
checks.close(
    residual_back(block_x, block_w1, block_w2, block_slope),
    [1.0, -7.0],
    "∂C/∂x of the worked block",
    rtol=1e-9,
    causes=[
        checks.cause("skip-forgotten", [0, -5], "the slope along the skip, g itself, is missing."),
        checks.cause(
            "skip-only",
            [1, -2],
            "this is the skip alone: add what comes through F, wherever W₁x > 0, whatever the sign "
            "of the slope there.",
        ),
        checks.cause("relu-ignored", [-4, -2], "where W₁x ≤ 0 the ReLU lets no slope through."),
        checks.cause(
            "gated-by-value",
            [1, -12],
            "the ReLU's slope is 1 or 0: multiply by [W₁x > 0], not by the value ReLU(W₁x).",
        ),
        checks.cause(
            "gate-inverted", [-4, 3], "the slope passes where W₁x > 0, not where W₁x ≤ 0."
        ),
        checks.cause(
            "skip-as-one", [1, -4], "the skip's part is g, not 1: the slope is 1 times g."
        ),
    ],
)
block_rng = np.random.default_rng(3)
block_at, block_g = block_rng.normal(size=5), block_rng.normal(size=5)
block_in, block_out = block_rng.normal(size=(7, 5)), block_rng.normal(size=(5, 7))
checks.gradient(
    lambda x: float(block_g @ residual(x, block_in, block_out)),
    lambda x: residual_back(x, block_in, block_out, block_g),
    block_at,
    "∂C/∂x of a block with 5 inputs and 7 ReLUs, against centred differences",
)
checks.forbid(
    residual_back,
    *checks.BY_HAND,
    what="the slope is derived by hand",
    example=(block_at, block_in, block_out, block_g),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_back(x, W1, W2, slope):
        jacobian = np.eye(len(x)) + W2 @ np.diag((W1 @ x > 0).astype(float)) @ W1
        return slope @ jacobian

    def block_cases():
        rng = np.random.default_rng(1002)
        for n, m in [(3, 8), (6, 4), (2, 5)]:
            yield (
                rng.normal(size=n),
                rng.normal(size=(m, n)),
                rng.normal(size=(n, m)),
                rng.normal(size=n),
            )
        # The second ReLU gets exactly 0: by the formula it lets no slope through.
        yield np.array([1.0, 2.0]), np.array([[1.0, 1], [2, -1]]), np.ones((2, 2)), np.ones(2)

    checks.same(
        residual_back,
        right_back,
        block_cases(),
        "residual_back of other blocks",
        rtol=1e-9,
        causes=[
            checks.cause(
                "skip-forgotten",
                lambda *case: right_back(*case) - case[3],
                "the slope along the skip is missing.",
            ),
            checks.cause(
                "relu-ignored",
                lambda x, W1, W2, g: g + W1.T @ W2.T @ g,
                "where W₁x ≤ 0 the ReLU lets no slope through.",
            ),
            checks.cause(
                "on-at-zero",
                lambda x, W1, W2, g: g + W1.T @ (W2.T @ g * (W1 @ x >= 0)),
                "where W₁x is exactly 0 the ReLU lets no slope through: the formula has >.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# Send a slope back through forty blocks, with the skip and without. (Without: subtract from your
# result what came along the skip.)

# %%
with plots.needs("residual_back"):
    rng = np.random.default_rng(4)
    depth, n, m = 40, 20, 40
    blocks = [
        (rng.normal(size=(m, n)) / np.sqrt(m), rng.normal(size=(n, m)) / np.sqrt(m) / 4)
        for _ in range(depth)
    ]
    sizes = {}
    for skip, words in ((1, "residual: x + F(x)"), (0, "plain: F(x)")):
        inputs = [rng.normal(size=n)]
        for W1, W2 in blocks:
            inputs.append(residual(inputs[-1], W1, W2) - (1 - skip) * inputs[-1])
        slope, lengths = np.ones(n) / np.sqrt(n), [1.0]
        for x, (W1, W2) in zip(reversed(inputs[:-1]), reversed(blocks), strict=True):
            slope = np.asarray(residual_back(x, W1, W2, slope)) - (1 - skip) * slope
            lengths.append(np.linalg.norm(slope))
        sizes[words] = (range(depth + 1), lengths)
    plots.curves(
        sizes,
        "Without the skip the slope dies on its way back; with it, it arrives",
        "blocks passed on the way back",
        "length of ∂C/∂x",
        alt="Length of the slope, on a logarithmic axis, against the number of blocks passed. "
        "Through plain blocks it falls steadily by tens of powers of ten; through residual blocks "
        "it stays about as long as it was.",
        logy=True,
    )

# %% [markdown]
# ## Our own small world
#
# The networks of the table take days on big machines, and their weights can't be downloaded here.
# So we play the same game in small: the digits **0 to 4** are the large data set on which somebody
# has trained a network. The digits **5 to 9** are our own problem, with ten examples of each.
#
# And to make it a problem, we **photograph** the digits: each image is moved by up to 3 pixels in
# each direction, down or up and right or left (background fills the edge), and half of them are
# black on white instead of white on black. Each 2×2 pixels are then averaged, which leaves 14×14.

# %% given="digits"
digits = datasets.load()
# All of the embedded digits; of MNIST as many as are quickly done.
labels, test_labels = digits.y_train[:5000], digits.y_test[:1000]


def photograph(images, seed):
    """Return images (N, 28, 28), each moved by at most 3 pixels, and about half inverted."""
    rng = np.random.default_rng(seed)
    moves = rng.integers(-3, 4, size=(len(images), 2))
    photos = np.empty_like(images)
    for dy, dx in np.unique(moves, axis=0):
        rows = np.all(moves == (dy, dx), axis=1)
        photos[rows] = datasets.shift(images[rows], int(dy), int(dx))
    inverted = rng.random(len(images)) < 0.5
    photos[inverted] = 255 - photos[inverted]
    return photos


def shrink(images):
    """Return images (N, 28, 28), 0 to 255, as float32 (N, 14, 14, 1), 0 to 1: means of 2×2."""
    small = images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)) / 255
    return small[..., None].astype("float32")


centred, test_centred = shrink(digits.x_train[:5000]), shrink(digits.x_test[:1000])
photos = shrink(photograph(digits.x_train[:5000], seed=100))
# Each test digit is photographed three times, so that less hangs on one lucky shot.
test_photos = np.concatenate(
    [shrink(photograph(digits.x_test[:1000], seed)) for seed in (101, 102, 103)]
)
test_photo_labels = np.tile(test_labels, 3)

# %% [markdown]
# ## Task 3: split the classes (1 point)
#
# Pick out the examples of some classes. A head with five outputs knows its classes as 0, 1, 2, 3,
# 4: the label is the number of the output. So digits 5, 6, 7, 8, 9 must be **renumbered** to 0, 1,
# 2, 3, 4. In general: the label becomes the class's place in the list `classes`. The examples stay
# in their order.


# %% task="take_classes"
def take_classes(images, labels, classes):
    """Return the examples of some classes, with new labels 0, 1, … in the order of `classes`.

    Parameters
    ----------
    images : array (N, …)
    labels : int array (N,)
    classes : list of K int
        The classes wanted, no two alike, in any order.

    Returns
    -------
    images : array (M, …)
        The M examples whose label is among `classes`, in the order in which they came.
    labels : int array (M,)
        The place of each one's class in `classes`, 0 to K − 1.
    """
    ### BEGIN SOLUTION
    classes = list(classes)
    wanted = np.isin(labels, classes)
    places = [classes.index(label) for label in labels[wanted]]
    return images[wanted], np.array(places, dtype=int)
    ### END SOLUTION


# %% test="take_classes" points=1
split_images = np.arange(12.0).reshape(6, 2)
split_kept = np.array([[0.0, 1.0], [4.0, 5.0], [6.0, 7.0], [8.0, 9.0]])
checks.close(
    take_classes(split_images, np.array([8, 2, 5, 9, 5, 0]), [5, 6, 7, 8, 9]),
    (split_kept, np.array([3, 0, 4, 0])),
    "the digits 5 to 9 among the labels 8, 2, 5, 9, 5, 0",
    causes=[
        checks.cause(
            "labels-not-remapped",
            (split_kept, np.array([8, 5, 9, 5])),
            "these are the old labels: 5 must become 0, 6 become 1, and so on.",
        ),
        checks.cause(
            "label-off-by-one",
            (split_kept, np.array([4, 1, 5, 1])),
            "places count from 0: 5 becomes 0, not 1.",
        ),
        checks.cause(
            "absent-classes-skipped",
            (split_kept, np.array([1, 0, 2, 0])),
            "6 and 7 don't occur here, but they keep their places: 8 becomes 3.",
        ),
        checks.cause(
            "order-changed",
            (split_kept[[1, 3, 0, 2]], np.array([0, 0, 3, 4])),
            "the examples are sorted by class: leave them in the order in which they came.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_split(images, labels, classes):
        rows = [i for i, label in enumerate(labels) if label in classes]
        return images[rows], np.array([list(classes).index(labels[i]) for i in rows])

    def split_cases():
        rng = np.random.default_rng(1003)
        for n, classes in [(23, [5, 6, 7, 8, 9]), (31, [7, 2, 9]), (17, [3, 0])]:
            given = np.concatenate([rng.permutation(10), rng.integers(0, 10, size=n)])
            yield rng.normal(size=(n + 10, 3, 4)), given, classes

    checks.same(
        take_classes,
        right_split,
        split_cases(),
        "take_classes with other classes, in any order",
        causes=[
            checks.cause(
                "labels-not-remapped",
                lambda x, y, c: (right_split(x, y, c)[0], y[np.isin(y, c)]),
                "these are the old labels: number the classes 0, 1, …",
            ),
            checks.cause(
                "first-class-subtracted",
                lambda x, y, c: (right_split(x, y, c)[0], y[np.isin(y, c)] - c[0]),
                "subtracting the first class is right only for classes that count up by one: look "
                "up each label's place in the list.",
            ),
            checks.cause(
                "first-class-subtracted",
                lambda x, y, c: (right_split(x, y, c)[0], y[np.isin(y, c)] - min(c)),
                "subtracting the smallest class is right only for classes that count up by one: "
                "look up each label's place in the list.",
            ),
            checks.cause(
                "order-of-classes",
                lambda x, y, c: (right_split(x, y, c)[0], right_split(x, y, sorted(c))[1]),
                "the classes are numbered by size: number them as `classes` lists them.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 4: choose a few examples of each class (2 points)
#
# The training set is $k$ examples of **each** class, chosen at random. Three things go wrong here
# in real projects:
#
# - $5k$ examples drawn from all of them at once are not $k$ of each;
# - drawing **with replacement** may draw an example twice: then there are fewer than it seems;
# - an experiment that can't be repeated. The same seed must choose the same examples, another seed
#   others: `np.random.default_rng(seed)`.
#
# Return the **row numbers**, so that images and labels can be picked alike.


# %% task="choose_few"
def choose_few(labels, k, seed):
    """Return the row numbers of k random examples of each class, no example twice.

    Parameters
    ----------
    labels : int array (N,)
        Each class that occurs has at least k examples. Classes are any whole numbers.
    k : int
    seed : int
        The same seed gives the same choice.

    Returns
    -------
    int array (K k,)
        Row numbers, k for each of the K classes, in any order. Of a class every set of k
        examples is equally likely.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    chosen = [
        rng.choice(np.flatnonzero(labels == c), size=k, replace=False) for c in np.unique(labels)
    ]
    return np.concatenate(chosen)
    ### END SOLUTION


# %% test="choose_few" points=2
few_labels = np.array([3, 8, 8, 3, 5, 5, 8, 3, 5, 5, 8, 8, 3, 3, 5])
few_rows = np.asarray(choose_few(few_labels, 4, 0))
checks.shape(few_rows, (12,), "4 of each of 3 classes: 12 row numbers")
checks.holds(
    np.all(few_rows == np.round(few_rows)) and np.all((few_rows >= 0) & (few_rows < 15)),
    "row numbers, from 0 to 14",
    "these can't index the 15 examples: return row numbers, counted from 0.",
    name="not-rows",
)
few_rows = few_rows.astype(int)
few_draws = [np.asarray(choose_few(few_labels, 4, seed)).astype(int) for seed in range(8)]
checks.holds(
    all(len(np.unique(rows)) == 12 for rows in few_draws),
    "no example is chosen twice, for eight seeds",
    "some row comes twice: draw without replacement (or are these the labels, not the rows?).",
    name="sampled-twice",
)
checks.holds(
    all(np.sum(few_labels[rows] == c) == 4 for rows in few_draws for c in (3, 5, 8)),
    "4 examples of each class, for eight seeds",
    "for some seed a class has more examples than another: draw from one class at a time.",
    name="unbalanced",
)
checks.holds(
    np.array_equal(few_rows, choose_few(few_labels, 4, 0)),
    "the same seed chooses the same examples",
    "two calls with one seed differ: make the generator inside the function, from `seed`.",
    name="seed-ignored",
)
checks.holds(
    len({tuple(np.sort(np.asarray(choose_few(few_labels, 2, seed)))) for seed in range(8)}) > 4,
    "other seeds choose other examples",
    "eight seeds gave nearly always the same choice: it must depend on the seed.",
    name="seed-ignored",
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def chosen_over_seeds(n_seeds):
        """Choose 3 of each class for many seeds; classes of 6, 9 and 12, named 11, 2 and 7."""
        rng = np.random.default_rng(1004)
        labels = rng.permutation(np.repeat([11, 2, 7], [6, 9, 12]))
        rows = [np.asarray(choose_few(labels, 3, 50 + s)).astype(int) for s in range(n_seeds)]
        return labels, rows

    many_labels, many_rows = chosen_over_seeds(240)
    checks.holds(
        all(rows.shape == (9,) and rows.min() >= 0 and rows.max() < 27 for rows in many_rows),
        "row numbers of 9 examples, for many seeds",
        "there must be k row numbers for each class.",
    )
    checks.holds(
        all(len(np.unique(rows)) == 9 for rows in many_rows),
        "no example is chosen twice, for many seeds",
        "for some seed a row comes twice: draw without replacement.",
        name="sampled-twice",
    )
    checks.holds(
        all(np.sum(many_labels[rows] == c) == 3 for rows in many_rows for c in (2, 7, 11)),
        "k examples of each class, for many seeds",
        "some class has more examples than another: draw from one class at a time.",
        name="unbalanced",
    )
    for label, share in ((11, 1 / 2), (2, 1 / 3), (7, 1 / 4)):
        for place in (0, -1):
            row = np.flatnonzero(many_labels == label)[place]
            checks.rate(
                [row in rows for rows in many_rows],
                share,
                "how often a certain example of a class is chosen",
            )
### END HIDDEN TESTS

# %% [markdown]
# Here are fifty of them: all that we may learn 5, 6, 7, 8 and 9 from. They come from the training
# part of the data. The test images are never among them.

# %%
with plots.needs("take_classes", "choose_few"):
    new_x, new_y = take_classes(photos, labels, [5, 6, 7, 8, 9])
    new_y = np.asarray(new_y).astype(int)
    rows = np.sort(np.asarray(choose_few(new_y, 10, seed=0)).astype(int))
    rows = rows[np.argsort(new_y[rows], kind="stable")]
    plots.images(
        np.asarray(new_x)[rows, :, :, 0],
        None,
        "Fifty photographed digits are all we have: moved about, light or dark",
        alt="Five rows of ten small images: 5, 6, 7, 8 and 9, each at another place in its frame, "
        "about half of them dark on light.",
        columns=10,
    )

# %% [markdown]
# ## The extractor
#
# Somebody else's network: a small CNN, trained on many photographs of each 0, 1, 2, 3 and 4 in the
# training data. It has never seen any other digit.
#
# | layer | output | parameters |
# |---|---|---:|
# | convolution, 16 filters 5×5, stride 2, ReLU | 5×5×16 | 416 |
# | convolution, 32 filters 3×3, ReLU | 3×3×32 | 4640 |
# | flatten | 288 | 0 |
# | dense, ReLU: **the last hidden layer** | 128 | 36 992 |
# | dropout (only while it trains) | 128 | 0 |
# | dense, softmax: one output each for 0, 1, 2, 3, 4 | 5 | 645 |
#
# `trainer` is the plain loop of topics 06 and 08, compiled: mini-batches, cross-entropy, Adam.

# %% given="extractor"


def network():
    """Return the untrained CNN: images (N, 14, 14, 1) to the probabilities (N, 5) of 5 classes."""
    return keras.Sequential(
        [
            keras.Input((14, 14, 1)),
            keras.layers.Conv2D(16, 5, strides=2, activation="relu"),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(5, activation="softmax"),
        ]
    )


def trainer(model, learning_rate):
    """Return fit(x, y, epochs, batch_size, seed), which trains `model` by Adam, always afresh.

    It is compiled once. To train again, give the model new weights and call it again.
    """
    optimizer = keras.optimizers.Adam(learning_rate)
    optimizer.build(model.trainable_variables)
    fresh = [variable.numpy() for variable in optimizer.variables]

    @tf.function(autograph=False)
    def step(x, y):
        with tf.GradientTape() as tape:
            p = model(x, training=True)
            loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, p))
        variables = model.trainable_variables
        optimizer.apply(tape.gradient(loss, variables), variables)

    def fit(x, y, epochs, batch_size, seed):
        for variable, value in zip(optimizer.variables, fresh, strict=True):
            variable.assign(value)
        rng = np.random.default_rng(seed)
        for _ in range(epochs):
            order = rng.permutation(len(x))
            for start in range(0, len(x) - batch_size + 1, batch_size):
                rows = order[start : start + batch_size]
                step(tf.constant(x[rows]), tf.constant(y[rows]))

    return fit


def train_extractor(seed):
    """Return the CNN, trained on photographs of the digits 0 to 4."""
    keras.utils.set_random_seed(seed)
    old = labels < 5
    copies = 16 if digits.name == "digits" else 12
    x = [shrink(photograph(digits.x_train[:5000][old], copy)) for copy in range(copies)]
    model = network()
    trainer(model, 0.006)(np.concatenate(x), np.tile(labels[old], copies), 3, 128, seed)
    return model


extractor = once(train_extractor, 1)  # in a notebook the same as train_extractor(1)

# %%
old_test = test_photo_labels < 5
old_right = np.argmax(extractor(test_photos[old_test]), axis=1) == test_photo_labels[old_test]
print(f"The extractor reads {np.mean(old_right):.1%} of new photographs of 0 to 4.")
print("To it a 9 looks like this, in its five classes 0 to 4:")
print(np.round(np.mean(extractor(test_photos[test_photo_labels == 9]), axis=0), 2))

# %% [markdown]
# ## Task 5: features (2 points)
#
# The five outputs are of no use: they say how much an image looks like a 0, a 1, … a 4. But the
# layer before must hold what *all* five need: strokes, bows, ends, wherever they are and whether
# light or dark. So cut **at the last hidden layer**: run the images through all layers but the
# last.
#
# - A Keras model knows its `inputs` (a list: here take `extractor.inputs[0]`), its `layers`, in
#   order, and each layer its `output`. `keras.Model(input, output)` makes a model of any part. Or
#   call the layers one after the other.
# - This is inference. Dropout must be off: `training=False`, which is also what Keras takes if
#   you say nothing.
# - A large network can't take all images at once. Feed it **batches** of `batch_size`; the last one
#   may be smaller.
#
# The test has a toy with known weights, for 2×2 pixels $p_1, p_2$ above $p_3, p_4$. Its hidden
# layer has three ReLUs: the sum of all pixels; top minus bottom; left minus right plus ½. For the
# image 1, 2 above 0, 1 that is $(4,\ 2,\ \mathrm{ReLU}(-1.5)) = (4, 2, 0)$.

# %% given="toy"


def toy_extractor():
    """Return a Keras model with known weights: (N, 2, 2, 1) to 3 ReLUs, dropout, 2 classes."""
    model = keras.Sequential(
        [
            keras.Input((2, 2, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="relu"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    kernel = [[1, 1, 1], [1, 1, -1], [1, -1, 1], [1, -1, -1]]
    last = [[1, 0], [0, 1], [1, -1]]
    model.set_weights([np.array(w, float) for w in (kernel, [0, 0, 0.5], last, [0, 0])])
    return model


toy_images = np.array([[[1, 2], [0, 1]], [[0, 0], [3, 1]], [[1, 0], [0, 0]]], dtype="float32")[
    ..., None
]


# %% task="features"
def features(extractor, images, batch_size):
    """Return what the last hidden layer of a trained network says of images.

    Parameters
    ----------
    extractor : keras.Sequential
        A network whose last layer is the dense output layer. All layers before it are wanted. It
        is to stay as it is (so no `pop`).
    images : float32 array (N, height, width, channels)
    batch_size : int
        At most so many images are run through the network at once.

    Returns
    -------
    float array (N, D)
        What goes into the last layer, at inference (dropout off), in the order of the images.
    """
    ### BEGIN SOLUTION
    body = keras.Model(extractor.inputs[0], extractor.layers[-2].output)
    starts = range(0, len(images), batch_size)
    return np.concatenate([body(images[i : i + batch_size], training=False) for i in starts])
    ### END SOLUTION


# %% test="features" points=2
toy_twice = [features(toy_extractor(), toy_images, 2) for _ in range(2)]
checks.holds(
    not (isinstance(toy_twice[0], list | tuple) and any(np.ndim(row) > 1 for row in toy_twice[0])),
    "one row of features for each image",
    "this is a list with one array for each batch: join them, as by `np.concatenate`.",
    name="batches-not-joined",
)
toy_twice = [np.asarray(found) for found in toy_twice]
checks.holds(
    np.shape(toy_twice[0]) == np.shape(toy_twice[1]) and np.allclose(*toy_twice),
    "the same images have the same features, each time",
    "two calls differ, so dropout is at work: run the network with training=False (and run the "
    "network itself: a clone has new weights).",
    name="dropout-on",
)
checks.close(
    toy_twice[0],
    [[4.0, 2.0, 0.0], [4.0, 0.0, 2.5], [1.0, 1.0, 1.5]],
    "features of three images, in batches of 2",
    rtol=1e-5,
    causes=[
        checks.cause(
            "output-not-hidden",
            [[0.880797078, 0.119202922], [0.999876605, 0.000123395], [0.952574127, 0.047425873]],
            "these are the probabilities of the old classes: stop before the last layer.",
        ),
        checks.cause(
            "cut-too-early",
            [[1, 2, 0, 1], [0, 0, 3, 1], [1, 0, 0, 0]],
            "these are the flattened pixels: the last hidden layer comes after them.",
        ),
        checks.cause("last-batch-only", [[1, 1, 1.5]], "only the last batch has come back."),
        checks.cause(
            "last-batch-dropped",
            [[4, 2, 0], [4, 0, 2.5]],
            "the third image is missing: the last, smaller batch counts too.",
        ),
        checks.cause(
            "averaged",
            [[4, 1, 1.25], [1, 1, 1.5]],
            "there is one row for each batch: one for each image is asked.",
        ),
        checks.cause(
            "averaged",
            [[3, 1, 4 / 3]],
            "this is the mean over the images: one row for each image is asked.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def other_extractor(seed, dropout=True):
        """Return a CNN with batch normalisation, with random weights everywhere."""
        model = keras.Sequential(
            [
                keras.Input((6, 5, 2)),
                keras.layers.Conv2D(4, 3, activation="relu"),
                keras.layers.BatchNormalization(),
                keras.layers.Flatten(),
                keras.layers.Dense(7, activation="relu"),
                *([keras.layers.Dropout(0.4)] if dropout else []),
                keras.layers.Dense(3, activation="softmax"),
            ]
        )
        rng = np.random.default_rng(seed)
        model.set_weights([rng.uniform(0.1, 0.9, size=w.shape) - 0.3 * (w.ndim > 1)
                           for w in model.get_weights()])  # fmt: skip
        return model

    other = other_extractor(1005)
    other_images = np.random.default_rng(1006).random((11, 6, 5, 2), dtype="float32")
    hidden_right = other_images
    for layer in other.layers[:-1]:
        hidden_right = layer(hidden_right, training=False)
    for size in (4, 3, 11, 50, 1):
        checks.close(
            features(other_extractor(1005), other_images, size),
            hidden_right.numpy(),
            "features of a network with batch normalisation and dropout",
            rtol=1e-4,
            atol=1e-5,
            causes=[
                checks.cause(
                    "output-not-hidden",
                    lambda: other(other_images).numpy(),
                    "these are the probabilities of the old classes: stop before the last layer.",
                ),
            ],
        )
    too_early = other_images
    for layer in other.layers[:-3]:
        too_early = layer(too_early, training=False)
    checks.close(
        features(other_extractor(1005, dropout=False), other_images, 4),
        hidden_right.numpy(),
        "features of the same network without dropout, so with one layer fewer",
        rtol=1e-4,
        atol=1e-5,
        causes=[
            checks.cause(
                "cut-too-early",
                too_early.numpy(),
                "this is what comes into the last hidden layer: leave out the last layer only.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 6: standardise, by the training set alone (1 point)
#
# Some features are large, some small; a head learns faster if all have mean 0 and spread 1. For
# each feature $j$, over the rows of the **training** set:
#
# $$z_{nj} = \frac{f_{nj} - \mu_j}{s_j}, \qquad \mu_j = \frac1N\sum_n f_{nj}, \qquad
# s_j = \sqrt{\frac1N\sum_n (f_{nj} - \mu_j)^2}$$
#
# Any other images (validation, test, tomorrow's) are scaled by **the same** $\mu$ and $s$. Their
# own mean is not known when a single one arrives; and to use the test set's statistics would be
# learning from it. A feature that is the same in all training examples has $s_j = 0$: then put
# $s_j = 1$, so that nothing is divided by zero.


# %% task="standardise"
def standardise(train, other):
    """Return both sets of features, scaled by the training set's mean and standard deviation.

    z = (f − μ) / s for each feature, with μ and s (divided by N) of `train`; s = 1 where it is 0.

    Parameters
    ----------
    train : float64 array (N, D)
    other : float64 array (M, D)

    Returns
    -------
    train : float64 array (N, D)
        With mean 0 in each column.
    other : float64 array (M, D)
    """
    ### BEGIN SOLUTION
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(spread > 0, spread, 1)
    return (train - mean) / spread, (other - mean) / spread
    ### END SOLUTION


# %% test="standardise" points=1
scaled = standardise(
    np.array([[1.0, 10.0, 3.0], [3.0, 30.0, 3.0]]), np.array([[4.0, 20.0, 5.0], [2.0, 50.0, 3.0]])
)
checks.holds(
    all(np.all(np.isfinite(np.asarray(part, dtype=float))) for part in scaled),
    "no NaN and no infinity, though the third feature never varies",
    "the third feature doesn't vary in training, so its spread is 0: put 1 there.",
    name="divided-by-zero",
)
checks.holds(
    all(np.all(np.abs(np.asarray(part, dtype=float)) < 1e3) for part in scaled),
    "nothing huge, though the third feature never varies",
    "the third feature's spread is 0: put 1 in its place. A tiny number there makes other images' "
    "feature huge.",
    name="tiny-spread",
)
checks.close(
    scaled,
    (
        np.array([[-1.0, -1.0, 0.0], [1.0, 1.0, 0.0]]),
        np.array([[2.0, 0.0, 2.0], [0.0, 3.0, 0.0]]),
    ),
    "two training examples, and two others, of three features",
    rtol=1e-6,
    causes=[
        checks.cause(
            "own-statistics",
            (
                np.array([[-1.0, -1.0, 0.0], [1.0, 1.0, 0.0]]),
                np.array([[1.0, -1.0, 1.0], [-1.0, 1.0, -1.0]]),
            ),
            "the others are scaled by their own mean and spread: use the training set's.",
        ),
        checks.cause(
            "sample-deviation",
            (
                np.array([[-0.70710678, -0.70710678, 0.0], [0.70710678, 0.70710678, 0.0]]),
                np.array([[1.41421356, 0.0, 2.0], [0.0, 2.12132034, 0.0]]),
            ),
            "the sum of squares is divided by N − 1; the task divides by N.",
        ),
        checks.cause(
            "variance-not-deviation",
            (
                np.array([[-1.0, -0.1, 0.0], [1.0, 0.1, 0.0]]),
                np.array([[2.0, 0.0, 2.0], [0.0, 0.3, 0.0]]),
            ),
            "this divides by the variance: the spread is its square root.",
        ),
        checks.cause(
            "not-divided",
            (
                np.array([[-1.0, -10.0, 0.0], [1.0, 10.0, 0.0]]),
                np.array([[2.0, 0.0, 2.0], [0.0, 30.0, 0.0]]),
            ),
            "the mean is subtracted, but nothing is divided by the spread.",
        ),
        checks.cause(
            "over-all-features",
            (
                np.array(
                    [
                        [-0.726504005, 0.165114547, -0.528366549],
                        [-0.528366549, 2.146489107, -0.528366549],
                    ]
                ),
                np.array(
                    [
                        [-0.429297821, 1.155801827, -0.330229093],
                        [-0.627435277, 4.127863667, -0.528366549],
                    ]
                ),
            ),
            "all features share one mean and one spread: each has its own (axis=0).",
        ),
        checks.cause(
            "test-in-statistics",
            (
                np.array(
                    [[-1.34164079, -1.18321596, -0.57735027], [0.4472136, 0.16903085, -0.57735027]]
                ),
                np.array(
                    [[1.34164079, -0.50709255, 1.73205081], [-0.4472136, 1.52127766, -0.57735027]]
                ),
            ),
            "mean and spread are taken over both sets: the others may not take part.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_standardise(train, other):
        mean = sum(train) / len(train)
        spread = np.sqrt(sum((train - mean) ** 2) / len(train))
        spread[spread == 0] = 1
        return (train - mean) / spread, (other - mean) / spread

    def scale_cases():
        rng = np.random.default_rng(1007)
        for n, m, d in [(7, 5, 4), (12, 1, 6), (3, 9, 5)]:
            scale, offset = 10.0 ** rng.integers(-2, 3, size=d), rng.normal(size=d)
            train, other = rng.normal(size=(n, d)) * scale + offset, rng.normal(size=(m, d)) * 3
            train[:, 2] = 0.0
            yield train, other

    checks.same(
        standardise,
        right_standardise,
        scale_cases(),
        "standardise on features of several sizes",
        rtol=1e-5,
        atol=1e-6,
        causes=[
            checks.cause(
                "own-statistics",
                lambda a, b: (right_standardise(a, a)[0], right_standardise(b, b)[0]),
                "the others are scaled by their own mean and spread: use the training set's.",
            )
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 7: the head, by hand (2 points)
#
# The head is one dense layer with a softmax. For features $f_n$ in rows, `F` of shape `(N, D)`,
#
# $$S = F W^\top + b, \qquad P_{nk} = \frac{e^{S_{nk}}}{\sum_j e^{S_{nj}}}, \qquad
# C = -\frac1N\sum_n \log P_{n, y_n} .$$
#
# $W$ is $(K, D)$, one row for each class, as in topic 03. There you found the slope with respect to
# the scores, $p - \mathrm{onehot}(y)$. With $Y$ the one-hot rows:
#
# $$\frac{\partial C}{\partial W} = \frac1N (P - Y)^\top F, \qquad
# \frac{\partial C}{\partial b} = \frac1N\sum_n (P_n - Y_n) .$$
#
# By hand: two examples $f_1 = (3, 0)$ of class 0 and $f_2 = (0, 6)$ of class 2, three classes,
# all weights 0. Then every $P$ is ⅓, and $P - Y$ has the rows $(-⅔, ⅓, ⅓)$ and $(⅓, ⅓, -⅔)$. So the
# first row of $\partial C/\partial W$ is $½(-⅔·3,\ ⅓·6) = (-1, 1)$.

# %% given="head"


def softmax(S):
    """Return the probabilities of scores (N, K), row by row, without overflow."""
    e = np.exp(S - np.max(S, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def cross_entropy(F, y, W, b):
    """Return the mean of −log p_y over features F (N, D) with labels y (N,); a float."""
    [(W, b)] = checks.layers([W], [b])
    P = softmax(F @ W.T + b)
    return float(-np.mean(np.log(P[np.arange(len(y)), y])))


# %% task="head_gradients"
def head_gradients(F, y, W, b):
    """Return ∂C/∂W = (P − Y)ᵀ F / N and ∂C/∂b = mean of (P − Y) of a softmax head.

    C = −(1/N) Σ log P[n, y_n] with P = softmax(F Wᵀ + b), row by row.

    Parameters
    ----------
    F : float64 array (N, D)
        Features, one example per row.
    y : int array (N,)
        Labels 0 to K − 1.
    W : float64 array (K, D)
    b : float64 array (K,)

    Returns
    -------
    grad_W : float64 array (K, D)
    grad_b : float64 array (K,)
    """
    ### BEGIN SOLUTION
    delta = softmax(F @ W.T + b)
    delta[np.arange(len(y)), y] -= 1
    return delta.T @ F / len(F), delta.mean(axis=0)
    ### END SOLUTION


# %% test="head_gradients" points=2
checks.close(
    head_gradients(
        np.array([[3.0, 0.0], [0.0, 6.0]]), np.array([0, 2]), np.zeros((3, 2)), np.zeros(3)
    ),
    (np.array([[-1.0, 1.0], [0.5, 1.0], [0.5, -2.0]]), np.array([-1, 2, -1]) / 6),
    "∂C/∂W and ∂C/∂b of the worked example",
    rtol=1e-9,
    batch=2,
    causes=[
        checks.cause(
            "label-forgotten",
            (np.array([[0.5, 1.0], [0.5, 1.0], [0.5, 1.0]]), np.array([1, 1, 1]) / 3),
            "this is P alone: subtract 1 at each example's own class.",
        ),
        checks.cause(
            "all-labels-in-each-row",
            (np.array([[-1.0, -2.0], [0.5, 1.0], [-1.0, -2.0]]), np.array([-2, 1, -2]) / 3),
            "`P[:, y] -= 1` subtracts at every label in every row: row n has its own label only "
            "(`P[np.arange(N), y]`).",
        ),
        checks.cause(
            "wrong-axis",
            (np.array([[-0.75, 1.5], [0.75, 1.5], [0.75, -1.5]]), np.array([0, 0.5, 0])),
            "the softmax is taken over the examples: it belongs over the classes, along each row.",
        ),
        checks.cause(
            "bias-summed",
            (np.array([[-1.0, 1.0], [0.5, 1.0], [0.5, -2.0]]), np.array([-1, 2, -1]) / 3),
            "∂C/∂b is summed over the examples: take the mean, as for W.",
        ),
    ],
)
head_rng = np.random.default_rng(7)
head_f, head_y = head_rng.normal(size=(6, 4)), np.array([2, 0, 1, 1, 2, 0])
checks.gradient(
    lambda p: cross_entropy(head_f, head_y, *p),
    lambda p: list(head_gradients(head_f, head_y, *p)),
    [head_rng.normal(size=(3, 4)), head_rng.normal(size=3)],
    "both gradients for 6 examples, 4 features, 3 classes, against centred differences: [W, b]",
    batch=6,
)
checks.forbid(
    head_gradients,
    *checks.BY_HAND,
    what="the gradients are derived by hand",
    example=(head_f, head_y, np.ones((3, 4)), np.ones(3)),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_head(F, y, W, b):
        total_W, total_b = np.zeros_like(W), np.zeros_like(b)
        for f, label in zip(F, y, strict=True):
            s = W @ f + b
            p = np.exp(s - s.max())
            delta = p / p.sum() - (np.arange(len(b)) == label)
            total_W, total_b = total_W + np.outer(delta, f), total_b + delta
        return total_W / len(F), total_b / len(F)

    def head_cases():
        rng = np.random.default_rng(1008)
        for n, d, k, size in [(9, 4, 3, 1), (5, 7, 6, 2), (1, 3, 4, 1), (8, 5, 2, 300)]:
            F, y = size * rng.normal(size=(n, d)), rng.integers(0, k, size=n)
            yield F, y, rng.normal(size=(k, d)), rng.normal(size=k)

    checks.same(
        head_gradients,
        right_head,
        head_cases(),
        "head_gradients on batches of several sizes, large scores among them",
        rtol=1e-8,
    )

    def tape_head(F, y, W, b):
        W, b = tf.Variable(W), tf.Variable(b)
        with tf.GradientTape() as tape:
            S = tf.matmul(F, W, transpose_b=True) + b
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=S)
            mean = tf.reduce_mean(losses)
        return tuple(g.numpy() for g in tape.gradient(mean, [W, b]))

    checks.same(
        head_gradients,
        tape_head,
        list(head_cases())[:2],
        "head_gradients against tf.GradientTape",
        rtol=1e-8,
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 8: train it (1 point)
#
# The cost of a softmax layer has a single valley, so plain gradient descent is enough, and it may
# start at $W = 0$, $b = 0$. No random numbers. All examples take part in every step:
#
# $$W \leftarrow W - \eta\,\frac{\partial C}{\partial W}, \qquad
# b \leftarrow b - \eta\,\frac{\partial C}{\partial b}.$$
#
# The function that computes the two gradients comes in as an argument, `gradients(F, y, W, b)`. So
# the same loop will train with NumPy's gradients and with TensorFlow's.
#
# The test brings a gradient that has nothing to do with heads: $\partial C/\partial W = W - 1$ and
# $\partial C/\partial b = b + 2$, whose valley is at $W = 1$, $b = -2$. With $\eta = ½$ every step
# halves the distance: after 3 steps $W = 1 - ⅛ = 0.875$.


# %% task="train_head"
def train_head(gradients, F, y, classes, eta, steps):
    """Return the head after gradient descent from zero: W ← W − η ∂C/∂W, b ← b − η ∂C/∂b.

    Parameters
    ----------
    gradients : callable
        gradients(F, y, W, b) returns ∂C/∂W (K, D) and ∂C/∂b (K,), as arrays or tensors.
    F : float64 array (N, D)
        Features, one example per row.
    y : int array (N,)
        Labels 0 to K − 1.
    classes : int
        K.
    eta : float
        Learning rate.
    steps : int
        Number of steps, each with all examples.

    Returns
    -------
    W : float64 array (K, D)
    b : float64 array (K,)
    """
    ### BEGIN SOLUTION
    W, b = np.zeros((classes, F.shape[1])), np.zeros(classes)
    for _ in range(steps):
        grad_W, grad_b = gradients(F, y, W, b)
        W = W - eta * np.asarray(grad_W)
        b = b - eta * np.asarray(grad_b)
    return W, b
    ### END SOLUTION


# %% test="train_head" points=1
checks.close(
    train_head(
        lambda F, y, W, b: (np.asarray(W) - 1, np.asarray(b) + 2),
        np.ones((4, 2)),
        np.array([0, 1, 2, 1]),
        3,
        0.5,
        3,
    ),
    (np.full((3, 2), 0.875), np.full(3, -1.75)),
    "W and b after 3 steps of η = ½ towards the valley at W = 1, b = −2",
    rtol=1e-6,
    causes=[
        checks.cause(
            "ascent",
            (np.full((3, 2), -2.375), np.full(3, 4.75)),
            "the steps go uphill: subtract η times the gradient.",
        ),
        checks.cause(
            "one-step-only",
            (np.full((3, 2), 0.5), np.full(3, -1.0)),
            "this is the result of a single step.",
        ),
        checks.cause(
            "step-missing",
            (np.full((3, 2), 0.75), np.full(3, -1.5)),
            "this is the result after 2 steps; 3 are asked.",
        ),
        checks.cause(
            "gradient-not-renewed",
            (np.full((3, 2), 1.5), np.full(3, -3.0)),
            "every step uses the first gradient: compute it anew at the new W and b.",
        ),
        checks.cause(
            "bias-not-trained",
            (np.full((3, 2), 0.875), np.zeros(3)),
            "the biases are left at 0: they take steps too.",
        ),
        checks.cause(
            "divided-twice",
            (np.full((3, 2), 1 - 0.875**3), np.full(3, -2 * (1 - 0.875**3))),
            "the gradient is divided by the number of examples, but it is a mean already.",
        ),
        checks.cause(
            "own-gradients",
            (
                np.tile([[-0.0701630867], [0.1403261735], [-0.0701630867]], 2),
                np.array([-0.0701630867, 0.1403261735, -0.0701630867]),
            ),
            "this is `head_gradients`: call the function that came in, `gradients`.",
        ),
        checks.cause(
            "transposed-weights",
            (np.full((2, 3), 0.875), np.full(3, -1.75)),
            "W is (K, D), one row for each class.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def linked(F, y, W, b):
        """Gradients in which W, b, F and y all take part."""
        W, b, F = np.asarray(W), np.asarray(b), np.asarray(F)
        return W + 0.3 * b[:, None] - F.mean(axis=0), b - 0.2 * W.sum(axis=1) + np.mean(y)

    def right_descent(F, y, classes, eta, steps):
        W, b = np.zeros((classes, F.shape[1])), np.zeros(classes)
        for _ in range(steps):
            slopes = linked(F, y, W, b)
            W, b = W - eta * slopes[0], b - eta * slopes[1]
        return W, b

    def descent_cases():
        rng = np.random.default_rng(1009)
        for n, d, k, eta, steps in [(6, 4, 3, 0.4, 5), (3, 2, 5, 0.15, 9), (4, 3, 2, 0.7, 1)]:
            yield rng.normal(size=(n, d)), rng.integers(0, k, size=n), k, eta, steps

    for case in descent_cases():
        checks.close(
            train_head(linked, *case),
            right_descent(*case),
            "train_head with a gradient in which everything takes part",
            rtol=1e-6,
        )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 9: the same gradients by the tape (1 point)
#
# Now raw TensorFlow: write the cost, and let the tape find the slopes. We add a term that you have
# not derived above, *weight decay*, which keeps the weights small. (With few examples and many
# features that can help.)
#
# $$C = -\frac1N\sum_n \log P_{n, y_n} + \frac{\lambda}{2}\sum_{k,j} W_{kj}^2$$
#
# - Make a `tf.Variable` of `W` and of `b`, so that the tape watches them. A Variable has no `.T`:
#   `tf.transpose(W)`, or `tf.matmul(F, W, transpose_b=True)`.
# - The whole cost is computed inside the `with` of the tape. NumPy and Keras stay outside.
# - `tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=S)` gives the $N$ losses
#   $-\log P_{n,y_n}$ from the scores, safely.
#
# The test takes the two examples of task 7 again, with all weights and biases 1. All scores of an
# example are then alike, every $P$ is still ⅓, and $\partial C/\partial W$ is what it was, plus
# $\lambda W = 0.7$ everywhere.


# %% task="tape_gradients"
def tape_gradients(F, y, W, b, decay):
    """Return ∂C/∂W and ∂C/∂b by tf.GradientTape; C = −(1/N) Σ log P[n, y_n] + ½ λ Σ W².

    P = softmax(F Wᵀ + b), row by row.

    Parameters
    ----------
    F : float64 array (N, D)
    y : int array (N,)
        Labels 0 to K − 1.
    W : float64 array (K, D)
    b : float64 array (K,)
    decay : float
        λ. The biases do not decay.

    Returns
    -------
    grad_W : float64 array or tensor (K, D)
    grad_b : float64 array or tensor (K,)
    """
    ### BEGIN SOLUTION
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        S = tf.constant(F) @ tf.transpose(W) + b
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=S)
        cost = tf.reduce_mean(losses) + decay / 2 * tf.reduce_sum(W**2)
    return tape.gradient(cost, [W, b])
    ### END SOLUTION


# %% test="tape_gradients" points=1
tape_rng = np.random.default_rng(9)
tape_f, tape_y = tape_rng.normal(size=(6, 4)), np.array([2, 0, 1, 1, 2, 0])
tape_at = [tape_rng.normal(size=(3, 4)), tape_rng.normal(size=3)]
tape_data = np.array([[-1.0, 1.0], [0.5, 1.0], [0.5, -2.0]])
tape_bias = np.array([-1.0, 2.0, -1.0]) / 6
checks.close(
    tape_gradients(
        np.array([[3.0, 0.0], [0.0, 6.0]]), np.array([0, 2]), np.ones((3, 2)), np.ones(3), 0.7
    ),
    (tape_data + 0.7, tape_bias),
    "the worked example of task 7 with all weights and biases 1, λ = 0.7",
    rtol=1e-6,
    batch=2,
    causes=[
        checks.cause(
            "decay-forgotten", (tape_data, tape_bias), "the term ½ λ Σ W² is not in the cost."
        ),
        checks.cause(
            "decay-doubled", (tape_data + 1.4, tape_bias), "the decay term lacks its factor ½."
        ),
        checks.cause(
            "decay-averaged",
            (tape_data + 0.7 / 6, tape_bias),
            "the squares of the weights are averaged: the term is their sum.",
        ),
        checks.cause(
            "bias-decays",
            (tape_data + 0.7, tape_bias + 0.7),
            "the biases decay too: only W belongs into the term.",
        ),
        checks.cause(
            "softmax-twice",
            (tape_data / 3 + 0.7, tape_bias / 3),
            "the softmax is taken twice: this loss wants the scores, not the probabilities.",
        ),
        checks.cause(
            "summed-not-averaged",
            (2 * tape_data + 0.7, 2 * tape_bias),
            "the losses are summed: take their mean over the examples.",
        ),
        checks.cause(
            "sign",
            (0.7 - tape_data, -tape_bias),
            "the loss has the wrong sign: the function of TensorFlow has the minus in it already.",
        ),
    ],
)
checks.gradient(
    lambda p: cross_entropy(tape_f, tape_y, *p) + 0.35 * float(np.sum(p[0] ** 2)),
    lambda p: [np.asarray(g) for g in tape_gradients(tape_f, tape_y, *p, 0.7)],
    tape_at,
    "both gradients with λ = 0.7, against centred differences: [W, b]",
    batch=6,
)
checks.forbid(
    tape_gradients,
    "keras",
    what="this task is for raw TensorFlow",
    example=(tape_f, tape_y, *tape_at, 0.7),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_decayed(F, y, W, b, decay):
        S = F @ W.T + b
        P = np.exp(S - S.max(axis=1, keepdims=True))
        delta = P / P.sum(axis=1, keepdims=True) - np.eye(len(b))[y]
        return delta.T @ F / len(F) + decay * W, delta.sum(axis=0) / len(F)

    def decay_cases():
        rng = np.random.default_rng(1010)
        for n, d, k, decay in [(9, 4, 3, 0.1), (5, 7, 6, 0.0), (4, 3, 5, 1.3)]:
            yield (
                rng.normal(size=(n, d)),
                rng.integers(0, k, size=n),
                rng.normal(size=(k, d)),
                rng.normal(size=k),
                decay,
            )

    checks.same(
        tape_gradients,
        right_decayed,
        decay_cases(),
        "tape_gradients with several λ",
        rtol=1e-6,
        atol=1e-9,
        causes=[
            checks.cause(
                "decay-forgotten",
                lambda *case: right_decayed(*case[:4], 0.0),
                "the term ½ λ Σ W² is missing from the cost.",
            ),
            checks.cause(
                "decay-doubled",
                lambda *case: right_decayed(*case[:4], 2 * case[4]),
                "the decay term lacks its ½.",
            ),
            checks.cause(
                "bias-decays",
                lambda F, y, W, b, decay: (
                    right_decayed(F, y, W, b, decay)[0],
                    right_decayed(F, y, W, b, decay)[1] + decay * b,
                ),
                "the biases do not decay: only W is in the term.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# Three ways, one head. Here are ten steps on the real features of fifty photographs: with your
# gradients, with the tape's, and with a Keras `Dense` layer under `SGD`. A Dense kernel is the
# transpose of our $W$.

# %%
NEW = [5, 6, 7, 8, 9]


def fifty(images, labels, seed):
    """Return the images and the labels 0 to 4 of ten random examples of each of 5 to 9."""
    x, y = (np.asarray(part) for part in take_classes(images, labels, NEW))
    rows = np.asarray(choose_few(y, 10, seed)).astype(int)
    return x[rows], y[rows].astype(int)


def plain_tape(F, y, W, b):
    """Return the tape's gradients without decay."""
    return tape_gradients(F, y, W, b, 0.0)


with plots.needs(
    "take_classes", "choose_few", "features", "standardise", "head_gradients", "train_head",
    "tape_gradients",
):  # fmt: skip
    few_x, few_y = fifty(photos, labels, seed=0)
    few_f = np.asarray(features(extractor, few_x, 64), dtype="float64")
    if len(extractor.layers) < len(network().layers):
        print("features has taken a layer off the extractor! Mend it, and run from its cell again.")
    few_f, _ = (np.asarray(part, dtype="float64") for part in standardise(few_f, few_f))
    by_hand = train_head(head_gradients, few_f, few_y, 5, 0.1, 10)
    by_tape = train_head(plain_tape, few_f, few_y, 5, 0.1, 10)
    dense = keras.layers.Dense(5, activation="softmax", kernel_initializer="zeros", dtype="float64")
    head = keras.Sequential([keras.Input((few_f.shape[1],), dtype="float64"), dense])
    head.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", run_eagerly=True)
    for _ in range(10):
        head.train_on_batch(few_f, few_y)
    kernel, bias = head.get_weights()
    W_gap = np.max(np.abs(by_hand[0] - by_tape[0]))
    print(f"largest difference of a weight, NumPy against the tape:   {W_gap:.1e}")
    print(f"largest difference of a weight, NumPy against Keras' Dense: "
          f"{np.max(np.abs(by_hand[0] - kernel.T)):.1e}")  # fmt: skip

# %% [markdown]
# ## Task 10: the frozen network and its new head, in Keras (3 points)
#
# So far we computed features once and forgot the network. To hand it on, one model is handier:
# from image to probabilities, the old network inside.
#
# 1. Take the extractor **without its last layer**.
# 2. Freeze it: `trainable = False`, on a layer or on a whole model. Its weights are then out of
#    `trainable_weights`, and batch normalisation in it stays at inference.
# 3. Put a new `Dense(classes, activation="softmax")` on top. This one learns.
#
# Freeze **the old part, not the whole**: a model that is frozen as a whole learns nothing, whatever
# its layers say.
#
# The test looks at the toy with 4 new classes: the new kernel must be $(3, 4)$, since 3 hidden
# neurons come in. It must *not* be $(2, 4)$: that head would sit on the two old classes.


# %% task="transfer_model"
def transfer_model(extractor, classes):
    """Return a Keras model: the trained extractor without its last layer, frozen, and a new head.

    Parameters
    ----------
    extractor : keras.Sequential
        A trained network whose last layer is the dense output layer. It is to keep its layers (so
        no `pop`); the new model may share them.
    classes : int
        Number K of new classes.

    Returns
    -------
    keras.Model
        Images (N, height, width, channels) to probabilities (N, K). Only the head, a Dense layer
        with softmax, can be trained. Nothing that the extractor has learned changes when the model
        is trained.
    """
    ### BEGIN SOLUTION
    body = keras.Model(extractor.inputs[0], extractor.layers[-2].output)
    body.trainable = False
    return keras.Sequential([body, keras.layers.Dense(classes, activation="softmax")])
    ### END SOLUTION


# %% test="transfer_model" part="build" points=2
built = transfer_model(toy_extractor(), 4)
built_out = np.asarray(built(toy_images))
checks.shape(built_out, (3, 4), "probabilities of 4 classes for 3 images")
built_weights = [np.asarray(w) for w in built.get_weights()]
checks.holds(
    built_weights[-2].shape != (2, 4),
    "the head stands on the hidden layer",
    "the new kernel has 2 rows, so the head sits on the old classes: leave the old last layer out.",
    name="on-old-output",
)
checks.holds(
    len(built_weights) == 4,
    "four arrays: kernel and bias of the hidden layer, kernel and bias of the head",
    f"the model has {len(built_weights)} arrays: the head is a single Dense layer, with a bias.",
    name="not-one-dense",
)
checks.shape(built_weights[-2], (3, 4), "the new kernel: 3 hidden neurons to 4 classes")
checks.holds(
    np.array_equal(built_weights[0], [[1, 1, 1], [1, 1, -1], [1, -1, 1], [1, -1, -1]])
    and np.array_equal(built_weights[1], [0, 0, 0.5]),
    "the extractor's weights are in the new model",
    "the hidden layer has other weights: a clone or a new layer starts afresh. Use the layers of "
    "the extractor themselves.",
    name="fresh-weights",
)
built_head = [
    np.array([[0.25, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]]),
    np.array([0, 0, 0.5, -2]),
]
built.set_weights([*built_weights[:-2], *built_head])
checks.close(
    built(toy_images),
    [
        [0.141983048, 0.385949940, 0.086117072, 0.385949940],
        [0.087144319, 0.032058603, 0.643914260, 0.236882818],
        [0.109192866, 0.231161298, 0.628361556, 0.031284280],
    ],
    "probabilities of three images, with a head of known weights",
    rtol=1e-4,
    atol=1e-6,
    causes=[
        checks.cause(
            "no-softmax",
            [[1, 2, 0.5, 2], [1, 0, 3, 2], [0.25, 1, 2, -1]],
            "these are the scores: the head's activation is softmax.",
        ),
        checks.cause(
            "sigmoid-not-softmax",
            [
                [0.731058579, 0.880797078, 0.622459331, 0.880797078],
                [0.731058579, 0.5, 0.952574127, 0.880797078],
                [0.562176501, 0.731058579, 0.880797078, 0.268941421],
            ],
            "the head's activation is the sigmoid: the classes exclude each other, so softmax.",
        ),
        checks.cause(
            "relu-not-softmax",
            [[1, 2, 0.5, 2], [1, 0, 3, 2], [0.25, 1, 2, 0]],
            "the head's activation is ReLU: use softmax.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def old_network(seed):
        """Return a CNN with batch normalisation and 3 classes, with random weights everywhere."""
        model = keras.Sequential(
            [
                keras.Input((6, 5, 2)),
                keras.layers.Conv2D(4, 3, activation="relu"),
                keras.layers.BatchNormalization(),
                keras.layers.Flatten(),
                keras.layers.Dense(7, activation="relu"),
                keras.layers.Dense(3, activation="softmax"),
            ]
        )
        rng = np.random.default_rng(seed)
        shapes = [w.shape for w in model.get_weights()]
        model.set_weights([rng.uniform(0.1, 0.9, s) - 0.3 * (len(s) > 1) for s in shapes])
        return model

    grown = transfer_model(old_network(1011), 6)
    photo = np.random.default_rng(1012).random((5, 6, 5, 2), dtype="float32")
    below = photo
    for layer in old_network(1011).layers[:-1]:
        below = layer(below, training=False)
    grown_out = grown(photo)
    on_top = [np.asarray(w) for w in grown.get_weights()][-2:]
    checks.holds(
        on_top[0].shape == (7, 6) and on_top[1].shape == (6,),
        "the head of a network with 7 hidden neurons and 6 new classes",
        "its kernel must be (7, 6): one column for each new class, on the last hidden layer.",
        name="on-old-output" if on_top[0].shape == (3, 6) else "",
    )
    scores = below.numpy() @ on_top[0] + on_top[1]
    checks.close(
        grown_out,
        np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True),
        "probabilities that another network's features and the new head give",
        rtol=1e-4,
        atol=1e-6,
        causes=[checks.cause("no-softmax", scores, "these are scores: the head has a softmax.")],
    )
### END HIDDEN TESTS

# %% [markdown]
# The second test trains your model for a few steps and looks at what has changed. With the toy: the
# head's kernel and bias, $3·4 + 4 = 16$ numbers, and nothing else.

# %% test="transfer_model" part="frozen" points=1
frozen = transfer_model(toy_extractor(), 4)
frozen(toy_images)  # a Sequential without an Input has no head before it sees an image
frozen_count = len(frozen.trainable_weights)
checks.holds(
    frozen_count > 0,
    "the head can learn",
    "nothing in the model can be trained: freeze the extractor, and then add the head.",
    name="all-frozen",
)
checks.holds(
    frozen_count == 2,
    "two arrays can be trained: the head's kernel and bias",
    "more arrays can be trained than the head has: set `trainable = False` on the old part.",
    name="not-frozen",
)
frozen_before = [np.array(w) for w in frozen.get_weights()]
frozen.compile(optimizer="sgd", loss="mse", run_eagerly=True)
for _ in range(2):
    frozen.train_on_batch(toy_images, np.eye(4)[[3, 0, 1]])
frozen_moved = [
    before.shape
    for before, after in zip(frozen_before, frozen.get_weights(), strict=True)
    if not np.array_equal(before, after)
]
checks.holds(
    frozen_moved == [(3, 4), (4,)],
    "two steps of training change the head and nothing else",
    f"arrays of these shapes have changed: {frozen_moved}; (3, 4) and (4,) are the head's.",
    name="not-frozen" if len(frozen_moved) > 2 else "",
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def normalising(seed):
        """Return a dense network with batch normalisation, with random weights everywhere."""
        model = keras.Sequential(
            [
                keras.Input((4, 3, 1)),
                keras.layers.Flatten(),
                keras.layers.Dense(5, activation="relu"),
                keras.layers.BatchNormalization(),
                keras.layers.Dense(6, activation="relu"),
                keras.layers.Dense(2, activation="softmax"),
            ]
        )
        rng = np.random.default_rng(seed)
        model.set_weights([rng.uniform(0.05, 0.35, w.shape) for w in model.get_weights()])
        return model

    steady = transfer_model(normalising(1013), 3)
    steady_batch = np.random.default_rng(1014).random((8, 4, 3, 1), dtype="float32")
    steady(steady_batch)
    steady_before = [np.array(w) for w in steady.get_weights()]
    steady.compile(optimizer="sgd", loss="mse", run_eagerly=True)
    steady.train_on_batch(steady_batch, np.eye(3)[np.arange(8) % 3])
    steady_moved = [
        before.shape
        for before, after in zip(steady_before, steady.get_weights(), strict=True)
        if not np.array_equal(before, after)
    ]
    checks.holds(
        (6, 3) in steady_moved,
        "training changes the head of another network",
        "the head has not learned anything.",
        name="all-frozen",
    )
    checks.holds(
        len(steady_moved) != 4 or steady_moved[:2] != [(5,), (5,)],
        "batch normalisation stays as it was",
        "its running mean and variance go on changing: freeze the layer (`layer.trainable = "
        "False`), not only its weights.",
        name="batchnorm-still-learning",
    )
    checks.holds(
        steady_moved == [(6, 3), (3,)],
        "training changes nothing but the head of another network",
        "something of the extractor has changed too: set `trainable = False` on the old part.",
        name="not-frozen",
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 11: learned and frozen (1 point)
#
# How much does training set now? A Keras model lists its arrays in `trainable_weights` and
# `non_trainable_weights`, kernels and biases alike. Count the **numbers** in each, not the arrays.
#
# For the toy with its hidden layer frozen: $4·3 + 3 = 15$ numbers are frozen, and the two outputs
# have $3·2 + 2 = 8$ that learn. (Batch normalisation never trains its running mean and variance:
# they count as not learned, frozen or not.)


# %% task="learned_and_frozen"
def learned_and_frozen(model):
    """Return how many numbers of a Keras model training changes, and how many not.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    learned : int
        Numbers in all arrays of `model.trainable_weights`.
    frozen : int
        Numbers in all arrays of `model.non_trainable_weights`.
    """
    ### BEGIN SOLUTION
    learned = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    frozen = sum(int(np.prod(w.shape)) for w in model.non_trainable_weights)
    return learned, frozen
    ### END SOLUTION


# %% test="learned_and_frozen" points=1
half_frozen = toy_extractor()
half_frozen.layers[1].trainable = False
checks.close(
    learned_and_frozen(half_frozen),
    [8, 15],
    "learned and frozen numbers of the toy with its hidden layer frozen",
    causes=[
        checks.cause(
            "frozen-included",
            [23, 15],
            "the first number counts all: leave out what is frozen.",
        ),
        checks.cause("frozen-included", [23, 0], "this counts all as learned, frozen ones too."),
        checks.cause("bias-forgotten", [6, 12], "the biases are missing: they are numbers too."),
        checks.cause("arrays-counted", [2, 2], "these are the arrays: count the numbers in them."),
        checks.cause(
            "random-state-counted",
            [8, 17],
            "`non_trainable_variables` also holds the state of dropout's random generator: take "
            "`non_trainable_weights`.",
        ),
        checks.cause("swapped", [15, 8], "the learned come first, then the frozen."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def counted_models():
        """Yield models and their counts: batch normalisation; a frozen one inside; all frozen."""
        layers = keras.layers
        whole = keras.Sequential(
            [
                keras.Input((5, 7, 2)),
                layers.Conv2D(3, 2),  # 27
                layers.BatchNormalization(),  # 6 and 6
                layers.Flatten(),
                layers.Dense(4),  # 292
            ]
        )
        yield whole, [27 + 6 + 292, 6]
        inner = keras.Sequential([keras.Input((6,)), layers.Dense(5), layers.Dense(3)])  # 53
        inner.trainable = False
        yield keras.Sequential([inner, layers.Dense(7, use_bias=False)]), [21, 53]
        bottom = keras.Sequential([keras.Input((9,)), layers.Dense(2), layers.Dense(8)])
        bottom.layers[0].trainable = False
        yield bottom, [24, 20]

    for counted, right_counts in counted_models():
        checks.close(
            learned_and_frozen(counted),
            right_counts,
            "learned and frozen numbers of other models",
            causes=[
                checks.cause(
                    "frozen-included",
                    [sum(right_counts), right_counts[1]],
                    "the first number counts all: leave out what is frozen.",
                ),
                checks.cause(
                    "frozen-included",
                    [sum(right_counts), 0],
                    "this counts all as learned, frozen ones too.",
                ),
            ],
        )
### END HIDDEN TESTS

# %% [markdown]
# Now the real extractor. The same `trainer` as before gets the whole model and fifty photographs;
# the old part stays as it was.

# %%
with plots.needs("take_classes", "choose_few", "transfer_model", "learned_and_frozen"):
    few_x, few_y = fifty(photos, labels, seed=0)
    new_test_x, new_test_y = take_classes(test_photos, test_photo_labels, NEW)
    keras.utils.set_random_seed(10)
    old_copy = network()  # so that nothing can happen to the original
    old_copy.set_weights(extractor.get_weights())
    grown_model = transfer_model(old_copy, 5)
    grown_model(few_x)  # a Sequential without an Input is built by its first images
    first = np.array(grown_model.get_weights()[0])
    trainer(grown_model, 0.01)(few_x, few_y, 40, 50, seed=0)
    learned, frozen_numbers = learned_and_frozen(grown_model)
    print(f"learned from fifty images: {int(learned):,} numbers; frozen: {int(frozen_numbers):,}")
    print(f"from scratch, the same network learns {network().count_params():,} numbers")
    print("first kernel unchanged:", np.array_equal(first, grown_model.get_weights()[0]))
    right = np.argmax(grown_model(np.asarray(new_test_x)), axis=1) == np.asarray(new_test_y)
    print(f"right on new photographs of 5 to 9: {np.mean(right):.3f}")

# %% [markdown]
# ## Task 12: all of it (2 points)
#
# Put it together: from a few labelled images to answers about new ones.
#
# 1. The labels may be any whole numbers, such as 5 to 9. Number them 0, 1, …
#    (`np.unique(…, return_inverse=True)` gives the classes and the numbers).
# 2. Features of the few images, and of the new ones.
# 3. Standardise both, by the few.
# 4. Train a softmax head on the few, from zero.
# 5. For each new image: the class with the largest score, as it was called **in the labels given**.
#
# This task builds on your `features`, `standardise`, `head_gradients` and `train_head`.


# %% task="few_shot"
def few_shot(extractor, few_images, few_labels, images, eta, steps):
    """Return the class of each new image, learned from a few examples on frozen features.

    Parameters
    ----------
    extractor : keras.Sequential
        A trained network whose last layer is the dense output layer.
    few_images : float32 array (N, height, width, channels)
    few_labels : int array (N,)
        The K different classes may be any whole numbers.
    images : float32 array (M, height, width, channels)
        New images. Nothing may be learned from them.
    eta : float
        Learning rate of the head.
    steps : int
        Steps of gradient descent, from zero, with all N examples.

    Returns
    -------
    int array (M,)
        Each one of the values of few_labels.
    """
    ### BEGIN SOLUTION
    classes, y = np.unique(few_labels, return_inverse=True)
    few = np.asarray(features(extractor, few_images, 500), dtype="float64")
    new = np.asarray(features(extractor, images, 500), dtype="float64")
    few, new = standardise(few, new)
    W, b = train_head(head_gradients, few, y, len(classes), eta, steps)
    return classes[np.argmax(new @ W.T + b, axis=1)]
    ### END SOLUTION


# %% [markdown]
# The first test gives the toy two examples each of a class 9 (bright below), a class 4 (bright
# above) and a class 7 (bright on the left).

# %% test="few_shot" part="labels" points=1 needs="features standardise head_gradients train_head"
toy_few = np.array(
    [
        [[0, 0], [2, 2]],
        [[2, 2], [0, 0]],
        [[3, 0], [3, 0]],
        [[0, 0], [2, 3]],
        [[3, 2], [0, 0]],
        [[2, 0], [3, 0]],
    ],
    dtype="float32",
)[..., None]
toy_new = np.array([[[0, 0], [1, 2]], [[4, 4], [0, 0]], [[3, 0], [2, 0]]], dtype="float32")
checks.close(
    few_shot(toy_extractor(), toy_few, np.array([9, 4, 7, 9, 4, 7]), toy_new[..., None], 0.5, 50),
    [9, 4, 7],
    "classes of three new images: bright below, above, on the left",
    causes=[
        checks.cause(
            "not-mapped-back",
            [2, 0, 1],
            "these are the numbers 0, 1, 2 of the outputs: return the classes as the labels call "
            "them.",
        ),
        checks.cause(
            "not-mapped-back",
            [0, 1, 2],
            "these are the numbers 0, 1, 2 of the outputs: return the classes as the labels call "
            "them.",
        ),
        checks.cause(
            "classes-mixed-up",
            [4, 7, 9],
            "outputs and classes are in different orders: number the classes in one order only.",
        ),
        checks.cause(
            "classes-mixed-up",
            [7, 9, 4],
            "outputs and classes are in different orders: number the classes in one order only.",
        ),
        checks.cause(
            "not-scaled",
            [7, 4, 7],
            "the few images' features are scaled, the new ones' are not: scale both alike.",
        ),
        checks.cause(
            "on-old-output",
            [4, 4, 7],
            "so answers a head on the probabilities of the old classes, which know less: train it "
            "from zero, on the standardised features of the last hidden layer.",
        ),
        checks.cause(
            "nothing-learned", [4, 4, 4], "every answer is the first class: has the head learned?"
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def clusters(seed, called, offset=0):
        """Return an old network, 5 images of each class with labels, and 7 new ones of each.

        Every feature is larger by the offset than it would be.
        """
        rng = np.random.default_rng(seed)
        model = keras.Sequential(
            [
                keras.Input((4, 5, 1)),
                keras.layers.Conv2D(8, 2, activation="relu"),
                keras.layers.Flatten(),
                keras.layers.Dense(30, activation="relu"),
                keras.layers.Dropout(0.5),
                keras.layers.Dense(2, activation="softmax"),
            ]
        )
        weights = [rng.normal(size=w.shape) for w in model.get_weights()]
        weights[3] += offset
        model.set_weights(weights)
        types = rng.random((len(called), 4, 5, 1))
        few = np.concatenate([types + 0.03 * rng.normal(size=types.shape) for _ in range(5)])
        new = np.repeat(types, 7, axis=0)
        new = new + 0.03 * rng.normal(size=new.shape)
        return model, few.astype("float32"), np.tile(called, 5), new.astype("float32")

    for seed, called in ((1014, [8, 3, 20, 11]), (1015, [6, 5, 1])):
        model, few, named, new = clusters(seed, called)
        answers = np.asarray(few_shot(model, few, named, new, 0.2, 60))
        checks.shape(answers, (7 * len(called),), "one class for each new image")
        checks.accuracy(answers, np.repeat(called, 7), 0.9, "classes with other names")
        far, far_few, far_named, far_new = clusters(seed, called, offset=100)
        answers = np.asarray(few_shot(far, far_few, far_named, far_new, 0.2, 60))
        checks.holds(
            np.mean(answers == np.repeat(called, 7)) > 0.9,
            "the same, with features that are all far from 0",
            "features near 0 were learned, but not the same features far from it: are those of the "
            "few and of the new images standardised?",
            name="not-standardised",
        )
        for i, name in enumerate(called[:2]):
            alone = few_shot(model, few, named, new[7 * i : 7 * i + 7], 0.2, 60)
            checks.holds(
                np.mean(np.asarray(alone) == name) > 0.85,
                "new images that are all of one class",
                "among others of all classes they were recognised, but not by themselves: are the "
                "new images scaled by the statistics of the few?",
                name="own-statistics",
            )

    # Four images of class 8 and one of class 3; the first new one is exactly their mean.
    mean_few = np.zeros((5, 2, 2, 1), dtype="float32")
    mean_few[:, 0, 0, 0], mean_few[:, 1, 0, 0] = [2, 2, 2, 2, 7], 1
    mean_new = np.zeros((3, 2, 2, 1), dtype="float32")
    mean_new[:, 0, 0, 0], mean_new[:, 1, 0, 0] = [3, 2, 7], 1
    checks.close(
        few_shot(toy_extractor(), mean_few, np.array([8, 8, 8, 8, 3]), mean_new, 0.5, 50),
        [8, 8, 3],
        "classes with unequal numbers of examples",
        causes=[
            checks.cause(
                "bias-left-out",
                [3, 8, 3],
                "the standardised features of the first image are 0, so the biases alone decide: "
                "are they in the scores?",
            )
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# The second test is the real thing: five times fifty photographs of 5 to 9, ten of each, and all
# the test photographs of 5 to 9. On average over many such draws, a network trained **from
# scratch** reaches 0.465, and a head on the raw pixels 0.28. Asked is more: 0.50.

# %% test="few_shot" part="gain" points=1 needs="features standardise head_gradients train_head"
# The threshold is one that every seed of the reference clears with room; the evidence stands in
# docs/thresholds.md.
is_new_test = test_photo_labels >= 5
orders = [np.random.default_rng(seed).permutation(len(labels)) for seed in range(10, 15)]
chosen = [
    np.concatenate([order[labels[order] == digit][:10] for digit in range(5, 10)])
    for order in orders
]
guesses = [
    few_shot(extractor, photos[rows], labels[rows], test_photos[is_new_test], 0.1, 100)
    for rows in chosen
]
checks.accuracy(
    np.concatenate([np.ravel(guess) for guess in guesses]),
    np.tile(test_photo_labels[is_new_test], 5),
    0.50,
    "share of the test photographs of 5 to 9 read right, over five draws",
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    again = []
    for seed in (30, 31, 32):
        order = np.random.default_rng(seed).permutation(len(labels))
        rows = np.concatenate([order[labels[order] == digit][:10] for digit in range(5, 10)])
        again.append(
            few_shot(extractor, photos[rows], labels[rows], test_photos[is_new_test], 0.1, 100)
        )
    checks.accuracy(
        np.concatenate([np.ravel(guess) for guess in again]),
        np.tile(test_photo_labels[is_new_test], 3),
        0.50,
        "share of the test photographs of 5 to 9 read right, over other draws",
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Where should the network be cut?
#
# The same head, on three things: the raw pixels, the last hidden layer, and the five old outputs.
# Each dot is one draw of fifty photographs.

# %%
DRAWS = range(10)
with plots.needs(
    "take_classes", "choose_few", "features", "standardise", "head_gradients", "train_head"
):
    all_x, all_y = (np.asarray(part) for part in take_classes(photos, labels, NEW))
    new_test_x, new_test_y = (
        np.asarray(part) for part in take_classes(test_photos, test_photo_labels, NEW)
    )

    def head_accuracy(train_F, test_F, seed):
        """Return the share of test examples read right by a head trained on ten of each class."""
        rows = np.asarray(choose_few(all_y, 10, seed)).astype(int)
        few, new = standardise(train_F[rows], test_F)
        W, b = train_head(head_gradients, np.asarray(few), all_y[rows], 5, 0.1, 100)
        return np.mean(np.argmax(np.asarray(new) @ np.asarray(W).T + b, axis=1) == new_test_y)

    sources = {
        "pixels (196)": [x.reshape(len(x), -1) for x in (all_x, new_test_x)],
        "last hidden layer (128)": [features(extractor, x, 500) for x in (all_x, new_test_x)],
        "old outputs (5)": [extractor(x) for x in (all_x, new_test_x)],
    }
    by_cut = {
        words: [head_accuracy(*(np.asarray(x, "float64") for x in pair), s) for s in DRAWS]
        for words, pair in sources.items()
    }
    fig, axis = plots.figure(
        "Cut at the last hidden layer: it tells the new digits apart best", height=2.6
    )
    for place, shares in enumerate(by_cut.values()):
        jitter = np.linspace(-0.15, 0.15, len(shares))
        axis.plot(shares, place + jitter, "o", color=plots.PALETTE[place], alpha=0.6)
        axis.plot([np.mean(shares)] * 2, [place - 0.3, place + 0.3], "k-", lw=2)
        axis.text(np.mean(shares), place - 0.36, f"{np.mean(shares):.2f}", ha="center", fontsize=9)
    axis.axvline(0.2, color="0.5", ls=":")
    axis.text(0.2, -0.5, "guessing ", color="0.4", fontsize=9, ha="right")
    axis.set_yticks(range(3), list(by_cut))
    axis.set(xlim=(0.1, 0.7), ylim=(2.5, -0.75), xlabel="share of new test photographs read right")
    plots.show(
        fig,
        alt="Dots for ten draws, and their means, in three rows: a head on pixels reads the new "
        "digits little better than guessing; on the last hidden layer it reads by far the most; on "
        "the five old outputs it lies between.",
    )

# %% [markdown]
# ## Transfer against scratch
#
# And now the comparison that counts. The opponent is the **same network**, trained from random
# weights on the **same fifty images**, until it has learned them by heart. Five draws of fifty;
# each draw is a pair, joined by a line.
#
# We do it twice: on the photographs, and on the digits as they were, centred and white on black.
# The extractor is the same both times.

# %%
with plots.needs(
    "take_classes", "choose_few", "features", "standardise", "head_gradients", "train_head",
    "few_shot",
):  # fmt: skip
    scratch_net = network()
    fit_scratch = trainer(scratch_net, 0.005)

    def fresh_weights(shape, rng):
        """Return what Keras begins with: uniform within ±√(6 / (n_in + n_out)); biases 0."""
        if len(shape) == 1:
            return np.zeros(shape)
        reach = np.sqrt(6 / (np.prod(shape[:-2]) * sum(shape[-2:])))
        return rng.uniform(-reach, reach, size=shape)

    def from_scratch(x, y, images, seed):
        """Return the classes of images, by the network trained from random weights on x, y."""
        rng = np.random.default_rng(seed)
        scratch_net.set_weights([fresh_weights(w.shape, rng) for w in scratch_net.get_weights()])
        fit_scratch(x, y, 40, len(x), seed)
        return np.argmax(scratch_net(images), axis=1)

    transfer_right, scratch_right = {}, {}
    for words, train_x, test_x, test_y in (
        ("photographed", photos, test_photos, test_photo_labels),
        ("centred", centred, test_centred, test_labels),
    ):
        judged_x, judged_y = (np.asarray(part) for part in take_classes(test_x, test_y, NEW))
        transfer_right[words], scratch_right[words] = [], []
        for seed in range(5):
            few_x, few_y = fifty(train_x, labels, seed)
            answers = np.asarray(few_shot(extractor, few_x, few_y, judged_x, 0.1, 100))
            transfer_right[words].append(np.mean(answers == judged_y))
            answers = from_scratch(few_x, few_y, judged_x, seed)
            scratch_right[words].append(np.mean(answers == judged_y))
    gain = {
        words: np.subtract(transfer_right[words], scratch_right[words]) for words in transfer_right
    }
    for words, pairs in gain.items():
        error = np.std(pairs, ddof=1) / np.sqrt(len(pairs))
        means = [np.mean(side[words]) for side in (transfer_right, scratch_right)]
        print(f"{words:13s}transfer {means[0]:.3f}, scratch {means[1]:.3f}", end="; ")
        print(f"gain {np.mean(pairs):+.3f} ± {error:.3f}")

    fig, panels = plots.figure(
        f"Transfer gains {np.mean(gain['photographed']):+.2f} on photographs, "
        f"{np.mean(gain['centred']):+.2f} on centred digits".replace("-", "−"),
        1,
        2,
        width=7.6,
        sharey=True,
    )
    for axis, words in zip(panels, gain, strict=True):
        for low, high in zip(scratch_right[words], transfer_right[words], strict=True):
            axis.plot([0, 1], [low, high], "-", color="0.7", zorder=1)
        for place, shares, colour in ((0, scratch_right, RED), (1, transfer_right, BLUE)):
            values = shares[words]
            axis.plot([place] * len(values), values, "so"[place], color=colour, ms=6)
            outside = place + (0.16 if place else -0.16)
            error = np.std(values, ddof=1) / np.sqrt(len(values))
            axis.errorbar(outside, np.mean(values), error, fmt="_", color=colour, ms=14, capsize=4)
            axis.text(outside, np.mean(values) + error + 0.02, f"{np.mean(values):.2f}",
                      ha="center", color=colour)  # fmt: skip
        axis.set_xticks([0, 1], ["from scratch", "transfer"])
        axis.set(xlim=(-0.4, 1.4), ylim=(0.2, 1))
        axis.set_title(f"{words} digits", fontweight="normal")
    panels[0].set_ylabel("share of test images of 5 to 9 read right")
    plots.show(
        fig,
        alt="Two panels of paired points, from scratch against transfer, five draws each, with "
        "means and standard errors. On photographed digits nearly every line rises towards "
        "transfer; on centred digits both ends are much higher, and most lines are level or fall.",
    )

# %% [markdown]
# Both numbers are worth knowing. Over many draws of the embedded digits, transfer wins about 0.09
# on the photographs. On the centred digits it **loses** a few hundredths: there a network from
# scratch finds all it needs in fifty images, while the extractor brings features that were made to
# tell 0 to 4 apart.
#
# A single pair proves neither: from draw to draw the gain scatters by ± 0.04, and some line may go
# the other way. Hence the several draws, the *same* images for both sides of a pair, and the ± of
# the mean gain, printed above.
#
# In practice there is something in between: begin with the frozen extractor, train the head, then
# unfreeze it and go on with a very small learning rate (*fine-tuning*).
#
# And which digits does it confuse? Each row shows what becomes of one digit, over three draws.

# %%
with plots.needs(
    "take_classes", "choose_few", "features", "standardise", "head_gradients", "train_head",
    "few_shot",
):  # fmt: skip
    confusion = np.zeros((5, 5))
    for seed in range(3):
        few_x, few_y = fifty(photos, labels, seed)
        answers = np.asarray(few_shot(extractor, few_x, few_y, new_test_x, 0.1, 100)).astype(int)
        np.add.at(confusion, (new_test_y.astype(int), answers), 1)
    share = np.trace(confusion) / np.sum(confusion)
    confusion /= confusion.sum(axis=1, keepdims=True)
    worst = np.unravel_index(np.argmax(confusion * (1 - np.eye(5))), (5, 5))
    plots.heatmap(
        confusion,
        f"{share:.0%} right; the commonest mistake: {NEW[worst[0]]} read as {NEW[worst[1]]}",
        "read as",
        "digit",
        alt="Confusion of the digits 5 to 9 after transfer: for each digit, the share "
        "read as each. Most of the weight is on the diagonal, the rest in a few pairs of digits.",
        xticks=NEW,
        yticks=NEW,
    )

# %% [markdown]
# ## In your own words (2 points)
#
# Look at the last comparison again. In four to six sentences:
#
# 1. What does the extractor, which has never seen a 5 to 9, bring to the photographs that fifty
#    images can't teach? Why is that of no use on the centred digits?
# 2. A friend has fifty X-ray images of two kinds, and a ResNet trained on a million photographs of
#    animals and things. What would you freeze, what would you train, and how would you find out
#    whether it was worth it?

# %% [markdown] task="explain" points=2
# ### BEGIN SOLUTION
# 1. From thousands of photographs of 0 to 4 the extractor has learned what doesn't matter: where
# the digit is, and whether it is light or dark. It has also learned strokes and bows, which all
# digits share. Ten examples of a digit can't show it in all places and both shades, so a
# network from scratch learns these examples by heart and fails on others. Centred digits don't
# vary like that, so there is nothing of the kind to be brought along; what remains is that the
# features were chosen for other classes, and some of what tells 5 to 9 apart is lost in them.
# 2. I would cut the ResNet before its last layer, freeze it, and train a new head with two outputs
# on the fifty images, since they can't set millions of parameters. X-rays are far from animals, so
# the late layers may be too special: I would also try a cut further down, or fine-tune with a small
# learning rate. To find out, I would set some images aside which take part in nothing, not even
# in the scaling, and compare with training from scratch on the same images, over several draws.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 1 point for the comparison: the extractor brings invariances or general features (place, shade,
# strokes), learned from many images (½); the centred digits don't vary so, or the features are
# special to the old classes, so nothing is gained (½).
#
# 1 point for the advice: freezes the early layers or the whole body and trains a head, with a
# reason such as few examples or distance of the tasks (½); names a fair comparison, held-out images
# or several draws against scratch (½).
# ### END MARK SCHEME
