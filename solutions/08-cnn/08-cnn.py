# ---
# topic:
#   results:
#     - what: "LeNet-5 trained as its test does: test accuracy of five seeds, median (range)"
#       code: |
#         told = []
#         for seed in range(5):
#             net = train_lenet5(to_lenet(digits.x_train[by_digit]), digits.y_train[by_digit], seed)
#             guesses = np.argmax(np.asarray(net(to_lenet(digits.x_test))), axis=1)
#             told.append(np.mean(guesses == digits.y_test))
#         told = f"{np.median(told):.3f} ({min(told):.3f}–{max(told):.3f})"
#   figures:
#     - caption: The notes' edge filters on their 5
#       alt: A black 5 of 8 by 8 pixels
# ---

# %% [markdown]
# # 8 Convolutional networks
#
# A dense layer gives every pixel a weight of its own for every neuron. A convolution uses one
# small window of weights at every place. In this notebook you write one with your own hands,
# forward and backward, and build the network that read the cheques of the 1990s out of it.
#
# **Afterwards you can**
#
# - tell correlation from convolution, and say when the difference doesn't matter;
# - compute the size of a layer's output, its number of parameters, and how much of the picture
#   one of its units sees;
# - write a convolution over many channels with stride and padding, and its three gradients;
# - write max and average pooling, forward and backward;
# - build LeNet-5 in Keras, account for each of its 61 706 parameters, and train it.
#
# **Read first**
#
# | notes | what they are | read for |
# |---|---|---|
# | 004 | *Introduction to Deep Learning and Neural Network* | "Convolutional Neural Network" |
# | 002 | slides that begin with *Gradient Descent* | "Convolutional Layers" |
#
# The notes have mistakes, as notes do. Where you meet one, a box marked **Erratum** says so.
#
# **Time**: about four hours; after Task 5 is a good place for a break. 20 points are judged
# automatically, 2 more by a person.
#
# **Rules**: Tasks 1, 2 and 6 to 10 are done by hand. They must not call Keras, automatic
# or numerical differentiation, or a ready-made convolution or pooling such as `tf.nn.conv2d`.
# Loops, slices, `np.sum`, `np.tensordot`, `np.einsum` and TensorFlow's plain arithmetic are all
# fine. Except in the last task, no test needs another task to be solved. Numbers are `float64`.

# %% given="setup"
import keras
import numpy as np
import tensorflow as tf

from nnkit import checks, datasets, plots

tf.constant(0.0)  # TensorFlow starts here, and not in the middle of a test
digits = datasets.load()


def one_map(text):
    """Return "1 2 / 3 4", with rows between slashes, as one map: float64 (1, rows, columns, 1)."""
    return np.array([row.split() for row in text.split("/")], dtype=float)[None, :, :, None]


def one_slice(text):
    """Return "1 2 / 3 4", with rows between slashes, as one filter: float64 (k, k, 1, 1)."""
    return one_map(text)[0, :, :, :, None]


# What the tasks that are done by hand do without.
READY_MADE = (
    *checks.BY_HAND,
    "tensorflow.nn.conv2d",
    "tensorflow.nn.conv2d_transpose",
    "tensorflow.nn.convolution",
    "tensorflow.nn.depthwise_conv2d",
    "tensorflow.nn.pool",
    "tensorflow.nn.max_pool",
    "tensorflow.nn.max_pool2d",
    "tensorflow.nn.max_pool_with_argmax",
    "tensorflow.nn.avg_pool",
    "tensorflow.nn.avg_pool2d",
    "tensorflow.raw_ops.Conv2D",
    "tensorflow.raw_ops.Conv2DBackpropFilter",
    "tensorflow.raw_ops.Conv2DBackpropInput",
    "scipy",
)

# %% [markdown]
# ## Notation
#
# - A batch of images is `x` of shape `(N, H, W, C)`: example, row, column, channel. This is the
#   order of Keras and TensorFlow.
# - A **kernel** of a layer has the shape `(k, k, C_in, C_out)`. A **filter** is one
#   `kernel[:, :, :, c]`: it makes one output channel, also called a **feature map**.
# - $z$ is the layer's output before the activation, and $\delta = \partial C/\partial z$.
# - $k$ is the kernel's size, $p$ the padding (rows or columns of zeros on **each** side), $s$ the
#   stride (pixels from one window to the next).
#
# ## A filter slides over a picture
#
# The notes show an 8×8 picture in black (1) and white (0) and two small filters. (The transcript
# has lost the picture but kept its response map. Running sums give the picture back: it is a 5.)

# %% given="five"
FIVE = np.array(
    [
        [0, 0, 1, 1, 1, 0, 0, 0],
        [0, 0, 1, 0, 0, 0, 0, 0],
        [0, 0, 1, 1, 1, 0, 0, 0],
        [0, 0, 0, 0, 1, 0, 0, 0],
        [0, 0, 0, 0, 1, 0, 0, 0],
        [0, 0, 1, 1, 1, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ],
    dtype=float,
)
HORIZONTAL = np.array([[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
VERTICAL = np.array([[-1.0, 1.0, 0.0], [-1.0, 1.0, 0.0], [-1.0, 1.0, 0.0]])

# The response maps as the notes print them.
NOTES_HORIZONTAL = np.array(
    [
        [0, 1, 2, 3, 2, 1, 0, 0],
        [0, 0, -1, -2, -2, -1, 0, 0],
        [0, 0, 1, 2, 2, 1, 0, 0],
        [0, -1, -2, -2, -1, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 1, 2, 2, 1, 0, 0, 0],
        [0, -1, -2, -3, -2, -1, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ],
    dtype=float,
)
NOTES_VERTICAL = np.array(
    [
        [0, 0, 2, -1, 0, -1, 0, 0],
        [0, 0, 3, -1, 0, -2, 0, 0],
        [0, 0, 2, -1, 1, -2, 0, 0],
        [0, 0, 1, 0, 2, -3, 0, 0],
        [0, 0, 1, 0, 2, -3, 0, 0],
        [0, 0, 1, 0, 1, -2, 0, 0],
        [0, 0, 0, 0, 0, -1, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ],
    dtype=float,
)
NOTES_LAYER_2 = np.array(
    [
        [-4, -9, -12, -11, -6, -2, 0, 0],
        [2, 6, 10, 10, 6, 2, 0, 0],
        [-4, -8, -10, -8, -4, -1, 0, 0],
        [3, 5, 5, 3, 1, 0, 0, 0],
        [3, 5, 5, 3, 1, 0, 0, 0],
        [-6, -11, -12, -9, -4, -1, 0, 0],
        [3, 6, 7, 6, 3, 1, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ],
    dtype=float,
)

# %% [markdown]
# ## Task 1: correlation (2 points)
#
# Lay the kernel on the picture. Multiply each weight by the pixel under it, and add up. Move on
# by one pixel, and again. The sums form a new picture, the **response map**:
#
# $$z_{ij} = \sum_{u,v} K_{uv}\; x_{i+u,\,j+v}$$
#
# This is **correlation**. The indices count from 0, and only places where the kernel lies wholly
# on the picture count. So a picture of $H$ rows and a kernel of $k_h$ rows give $H - k_h + 1$ rows.
#
# For example
#
# $$x = \begin{pmatrix} 1&2&0&3\\0&1&4&1\\2&0&1&5 \end{pmatrix},\quad
# K = \begin{pmatrix} 1&0&-1\\2&1&0 \end{pmatrix}:\qquad
# z_{00} = 1·1 + 0·2 - 1·0 + 2·0 + 1·1 + 0·4 = 2.$$


# %% task="correlate"
def correlate(image, kernel):
    """Correlate one image with one kernel: z[i, j] = Σ_uv kernel[u, v] image[i + u, j + v].

    Only windows that lie wholly inside the image count.

    Parameters
    ----------
    image : float64 array (H, W)
    kernel : float64 array (kh, kw), not larger than the image

    Returns
    -------
    float64 array (H − kh + 1, W − kw + 1)
    """
    ### BEGIN SOLUTION
    kh, kw = kernel.shape
    z = np.zeros((image.shape[0] - kh + 1, image.shape[1] - kw + 1))
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            z[i, j] = np.sum(kernel * image[i : i + kh, j : j + kw])
    return z
    ### END SOLUTION


# %% test="correlate" points=2
checks.close(
    correlate(
        np.array([[1.0, 2.0, 0.0, 3.0], [0.0, 1.0, 4.0, 1.0], [2.0, 0.0, 1.0, 5.0]]),
        np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]]),
    ),
    [[2, 5], [0, 1]],
    "the example's response map",
    causes=[
        checks.cause(
            "flipped-kernel",
            [[6, 6], [8, 11]],
            "the kernel is turned by 180°: that is convolution, and it comes in the next task.",
        ),
        checks.cause(
            "flipped-one-way", [[8, 7], [6, 11]], "the kernel's columns are in reverse order."
        ),
        checks.cause(
            "flipped-one-way", [[0, 4], [2, 1]], "the kernel's rows are in reverse order."
        ),
        checks.cause(
            "off-by-one",
            [[2]],
            "the last row and the last column of windows are missing: there are H − kh + 1 rows.",
        ),
        checks.cause(
            "averaged-over-window",
            [[2 / 6, 5 / 6], [0, 1 / 6]],
            "the products are averaged: add them up.",
        ),
        checks.cause(
            "window-not-summed-with-weights",
            [[8, 11], [8, 12]],
            "this is the sum of the pixels alone: multiply each by its weight first.",
        ),
    ],
)
checks.close(
    correlate(np.pad(FIVE, 1), HORIZONTAL),
    NOTES_HORIZONTAL,
    "the notes' response map: the 5 with a border of zeros, and the horizontal filter",
)
checks.forbid(
    correlate, *READY_MADE, what="correlation by hand", example=(np.ones((3, 4)), np.ones((2, 2)))
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_correlate(image, kernel):
        places = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
        return np.einsum("ijuv,uv->ij", places, kernel)

    def correlate_cases():
        rng = np.random.default_rng(801)
        shapes = [((7, 5), (3, 2)), ((4, 9), (4, 3)), ((6, 8), (1, 5)), ((5, 6), (5, 6))]
        return [(rng.normal(size=a), rng.normal(size=b)) for a, b in shapes]

    checks.same(
        correlate,
        right_correlate,
        correlate_cases(),
        "correlate on images and kernels of several shapes",
        rtol=1e-9,
        causes=[
            checks.cause(
                "flipped-kernel",
                lambda image, kernel: right_correlate(image, kernel[::-1, ::-1]),
                "the kernel is turned by 180°: that is convolution.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# With a border of zeros, one pixel wide, the map is as large as the picture. Here is what the
# notes' two filters say of the 5. A filter answers where the picture looks like the filter:
# strongly positive (red) if it does, strongly negative (blue) if it looks like the opposite.

# %%


def numbered(axis, values, title, limit=None, fmt="{:g}"):
    """Draw a small matrix as colours centred on zero, each cell with its number."""
    values = np.asarray(values)
    limit = limit or max(float(np.abs(values).max()), 1e-9)
    axis.imshow(values, cmap="RdBu_r", vmin=-limit, vmax=limit)
    for (i, j), value in np.ndenumerate(values):
        ink = "white" if abs(value) > 0.6 * limit else "black"
        axis.text(j, i, fmt.format(value + 0.0), ha="center", va="center", color=ink, fontsize=8)
    axis.set_title(title, fontsize=9, loc="center", fontweight="normal")
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_visible(False)


with plots.needs("correlate"):
    horizontal = np.asarray(correlate(np.pad(FIVE, 1), HORIZONTAL))
    vertical = np.asarray(correlate(np.pad(FIVE, 1), VERTICAL))
    fig, axes = plots.figure(
        "One filter answers to the edges of level strokes, the other to those of upright ones",
        1,
        3,
        width=9.6,
        height=3.6,
    )
    axes[0].imshow(FIVE, cmap="gray_r")
    axes[0].set_title("the notes' picture", fontsize=9, loc="center", fontweight="normal")
    axes[0].set(xticks=[], yticks=[])
    axes[0].spines[:].set_visible(True)
    numbered(axes[1], horizontal, "response of the horizontal filter", 3)
    numbered(axes[2], vertical, "response of the vertical filter", 3)
    plots.show(
        fig,
        alt="A black 5 of 8 by 8 pixels and two maps of numbers. The horizontal filter gives 1 to "
        "3 along the upper edges of the three level strokes and −1 to −3 just below them. The "
        "vertical filter gives positive numbers at left edges and negative ones at right edges.",
    )
    print("horizontal map as in the notes:", np.allclose(horizontal, NOTES_HORIZONTAL))
    for i, j in np.argwhere(~np.isclose(vertical, NOTES_VERTICAL)):
        print(
            f"vertical map, row {i}, column {j}: the notes print {NOTES_VERTICAL[i, j]:g}, ", end=""
        )
        print(f"it is {vertical[i, j]:g}")

# %% [markdown]
# > **Erratum (notes 004, "Ex) Convolution filter detecting edges").** In row 6 of the vertical
# > map, column 2, the notes print 0. It is **1**: the lowest stroke of the 5 begins in the row
# > above. You can see it without the picture. This filter takes differences between neighbours,
# > and the picture is white at both sides, so every row of the map must add up to 0. As printed,
# > row 6 adds up to −1.
#
# The notes then apply the horizontal filter once more, to the map it has made: their "layer 2".

# %%
with plots.needs("correlate"):
    layer_2 = np.asarray(correlate(np.pad(NOTES_HORIZONTAL, 1), HORIZONTAL))
    print("layer 2, one zero on each side:")
    print(layer_2.astype(int))
    below_right = np.asarray(correlate(np.pad(NOTES_HORIZONTAL, (0, 2)), HORIZONTAL))
    print("as the notes print it:", np.allclose(layer_2, NOTES_LAYER_2))
    print("with two zeros below and on the right instead:", np.allclose(below_right, NOTES_LAYER_2))

# %% [markdown]
# > **Erratum (notes 004, "Convolution layer 2").** The printed map is right, but in the wrong
# > place: one pixel too high and too far left. Layer 1 was padded by one zero on **each** side;
# > layer 2 by two zeros below and on the right. Off by one in the padding is the most common slip
# > with convolutions. The values are the same, so nothing crashes.
#
# ## Task 2: convolution (1 point)
#
# Mathematicians define **convolution** with a minus sign: $\sum_{ij} f(i,j)\,I(x-i,\,y-j)$. The
# kernel is read backwards in both directions while the picture is read forwards. In other words:
# **turn the kernel by 180°, then correlate**. For a kernel of $k_h × k_w$:
#
# $$z_{ij} = \sum_{u,v} K_{uv}\; x_{i + k_h - 1 - u,\;\, j + k_w - 1 - v}$$
#
# Again only whole windows count. Turning is not transposing: $\begin{pmatrix} 1&2\\3&4
# \end{pmatrix}$ becomes $\begin{pmatrix} 4&3\\2&1 \end{pmatrix}$.


# %% task="convolve"
def convolve(image, kernel):
    """Convolve one image with one kernel: correlate it with the kernel turned by 180°.

    z[i, j] = Σ_uv kernel[u, v] image[i + kh − 1 − u, j + kw − 1 − v]

    Parameters
    ----------
    image : float64 array (H, W)
    kernel : float64 array (kh, kw), not larger than the image

    Returns
    -------
    float64 array (H − kh + 1, W − kw + 1)
    """
    ### BEGIN SOLUTION
    kh, kw = kernel.shape
    turned = kernel[::-1, ::-1]
    z = np.zeros((image.shape[0] - kh + 1, image.shape[1] - kw + 1))
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            z[i, j] = np.sum(turned * image[i : i + kh, j : j + kw])
    return z
    ### END SOLUTION


# %% test="convolve" points=1
checks.close(
    convolve(
        np.array([[1.0, 2.0, 0.0, 3.0], [0.0, 1.0, 4.0, 1.0], [2.0, 0.0, 1.0, 5.0]]),
        np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]]),
    ),
    [[6, 6], [8, 11]],
    "the convolution of Task 1's example",
    causes=[
        checks.cause(
            "not-flipped", [[2, 5], [0, 1]], "this is the correlation: turn the kernel by 180°."
        ),
        checks.cause(
            "flipped-one-way",
            [[8, 7], [6, 11]],
            "only the columns are reversed: turning by 180° reverses the rows too.",
        ),
        checks.cause(
            "flipped-one-way",
            [[0, 4], [2, 1]],
            "only the rows are reversed: turning by 180° reverses the columns too.",
        ),
        checks.cause(
            "image-flipped",
            [[11, 8], [6, 6]],
            "the response map is turned as well: turn the kernel, not the image.",
        ),
    ],
)
checks.forbid(
    convolve, *READY_MADE, what="convolution by hand", example=(np.ones((3, 4)), np.ones((2, 2)))
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_convolve(image, kernel, turns=(-1, -1)):
        places = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
        return np.einsum("ijuv,uv->ij", places, kernel[:: turns[0], :: turns[1]])

    def convolve_cases():
        rng = np.random.default_rng(802)
        shapes = [((7, 5), (3, 2)), ((4, 9), (4, 3)), ((6, 8), (3, 3))]
        return [(rng.normal(size=a), rng.normal(size=b)) for a, b in shapes]

    checks.same(
        convolve,
        right_convolve,
        convolve_cases(),
        "convolve on images and kernels of several shapes",
        rtol=1e-9,
        causes=[
            checks.cause(
                "not-flipped",
                lambda image, kernel: right_convolve(image, kernel, (1, 1)),
                "this is the correlation: turn the kernel by 180°.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# Take a picture of a single dot. Around the dot, convolution prints the kernel; correlation
# prints it turned. So the two are equal **if and only if turning the kernel by 180° doesn't change
# it**. It needs no symmetry between left and right, as the second row shows.

# %%
with plots.needs("correlate", "convolve"):
    dot = np.zeros((5, 5))
    dot[2, 2] = 1
    any_kernel = np.array([[1.0, 2.0, 3.0], [0.0, 4.0, 0.0], [0.0, 5.0, 0.0]])
    half_turn = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 4.0], [3.0, 2.0, 1.0]])
    fig, axes = plots.figure(
        "Convolution of a dot prints the kernel, correlation a turned copy",
        2,
        3,
        width=6.4,
        height=4.6,
    )
    for row, kernel in zip(axes, (any_kernel, half_turn), strict=True):
        numbered(row[0], kernel, "kernel", 8)
        numbered(row[1], correlate(dot, kernel), "dot, correlated", 8)
        numbered(row[2], convolve(dot, kernel), "dot, convolved", 8)
    plots.show(
        fig,
        alt="Two kernels, each beside what correlation and convolution make of a single dot. For "
        "the first kernel the correlation is the kernel turned by 180°, the convolution is the "
        "kernel. For the second, which a half turn leaves unchanged, all three are equal.",
    )

# %% [markdown]
# > **Erratum (notes 004, "Convolution vs correlation").** "Most of the time won't matter, because
# > our kernels will be symmetric." The very next kernels, the edge filters, are not. And the notes'
# > response maps are **correlations**, as you have just reproduced, on slides that define
# > *convolution*.
#
# Why does nobody mind? A network **learns** its kernels. If the layer flips them, it learns them
# flipped. So deep-learning libraries leave out the flip and keep the name. What TensorFlow calls
# `conv2d` is correlation, and from here on we say "convolution" for it too:

# %%
with plots.needs("correlate", "convolve"):
    image = tf.constant(np.pad(FIVE, 1)[None, :, :, None])
    by_tf = tf.nn.conv2d(image, HORIZONTAL[:, :, None, None], 1, "VALID")[0, :, :, 0].numpy()
    padded = np.pad(FIVE, 1)
    print("tf.nn.conv2d is correlation:", np.allclose(by_tf, correlate(padded, HORIZONTAL)))
    print("tf.nn.conv2d is convolution:", np.allclose(by_tf, convolve(padded, HORIZONTAL)))

# %% [markdown]
# ## Task 3: how large is the output? (1 point)
#
# A side of $n$ pixels, padded by $p$ on each side, is $n + 2p$ long. The first window begins at 0,
# the next at $s$, then $2s$, … and the last one must still fit: it begins at most at $n + 2p - k$.
#
# $$n' = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
#
# The $\lfloor\,\rfloor$ rounds **down**: a window that doesn't fit is left out. The $+1$ counts the
# first window. Pooling follows the same formula.
#
# > **Reading notes 002.** "A convolutional layer shrinks the image": by $k - 1$ pixels, if it isn't
# > padded. With $s = 1$, odd $k$ and $p = (k-1)/2$ it keeps its size.


# %% task="output_size"
def output_size(n, k, padding, stride):
    """Return the number of windows along one side: ⌊(n + 2p − k) / s⌋ + 1.

    Parameters
    ----------
    n : int
        Pixels along the side, at least k − 2p.
    k : int
        Pixels along the window's side.
    padding : int
        Pixels of zeros added at each end.
    stride : int
        Pixels from one window to the next.

    Returns
    -------
    int
    """
    ### BEGIN SOLUTION
    return (n + 2 * padding - k) // stride + 1
    ### END SOLUTION


# %% [markdown]
# The test's five cases: 32 pixels under a 5-window; 28 under a pool of 2 with stride 2; 8 under a
# 3-window with padding 1; 10 under a 3-window with stride 2; and 8 under a 3-window with both.

# %% test="output_size" points=1
checks.close(
    [
        output_size(32, 5, 0, 1),
        output_size(28, 2, 0, 2),
        output_size(8, 3, 1, 1),
        output_size(10, 3, 0, 2),
        output_size(8, 3, 1, 2),
    ],
    [28, 14, 8, 4, 4],
    "the output's side in the five cases",
    causes=[
        checks.cause(
            "ceil-not-floor",
            [28, 14, 8, 5, 5],
            "a window that sticks out at the end is counted: round down.",
        ),
        checks.cause(
            "not-rounded",
            [28, 14, 8, 4.5, 4.5],
            "half windows are counted: round down, for example by `//`.",
        ),
        checks.cause(
            "off-by-one", [27, 13, 7, 3, 3], "the + 1 is missing: it counts the first window."
        ),
        checks.cause(
            "off-by-one",
            [28, 13, 8, 4, 4],
            "the + 1 belongs outside the division: it counts the first window.",
        ),
        checks.cause(
            "padding-once", [28, 14, 7, 4, 4], "zeros are added at both ends: that makes 2p."
        ),
        checks.cause("padding-ignored", [28, 14, 6, 4, 3], "the padding makes the side longer."),
        checks.cause(
            "stride-ignored",
            [28, 27, 8, 8, 8],
            "the stride is missing: divide by it, rounding down.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    checks.same(
        output_size,
        lambda n, k, padding, stride: len(range(0, n + 2 * padding - k + 1, stride)),
        [(7, 3, 0, 3), (12, 5, 2, 4), (9, 2, 3, 5), (227, 11, 0, 4), (6, 6, 0, 2), (1, 3, 1, 1)],
        "output_size, against counting the windows",
        causes=[
            checks.cause(
                "ceil-not-floor",
                lambda n, k, padding, stride: -(-(n + 2 * padding - k) // stride) + 1,
                "a window that sticks out at the end is counted: round down.",
            ),
            checks.cause(
                "padding-once",
                lambda n, k, padding, stride: (n + padding - k) // stride + 1,
                "zeros are added at both ends: that makes 2p.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Colour: one filter has one slice per channel
#
# A colour picture has three channels: red, green, blue. A filter for it has three **slices**, one
# per channel. Each slice is correlated with its channel, and the three maps are **added up**, with
# one bias. So one filter makes *one* map, however many channels come in. Sixteen filters make
# sixteen maps, which are the next layer's channels.
#
# The filter below has $+\tfrac19$ everywhere in its red slice, and $-\tfrac1{18}$ in the other two.

# %%
with plots.needs("correlate"):
    colours = np.zeros((15, 15, 3))
    colours[2:6, 2:6] = (1, 0, 0)  # red
    colours[2:6, 9:13] = (1, 1, 1)  # white
    colours[9:13, 2:6] = (0, 0.6, 0)  # green
    colours[9:13, 9:13] = (1, 0, 0.9)  # magenta
    red_filter = np.ones((3, 3, 3)) * np.array([2, -1, -1]) / 18
    slices = [np.asarray(correlate(colours[..., c], red_filter[..., c])) for c in range(3)]
    fig, axes = plots.figure(
        "Three slices, three channels, one map: only the sum can tell red from white",
        1,
        5,
        width=10.4,
        height=2.7,
    )
    axes[0].imshow(colours)
    axes[0].set_title("picture", fontsize=9, loc="center", fontweight="normal")
    for axis, response, name in zip(
        axes[1:],
        [*slices, sum(slices)],
        ["red channel, + slice", "green, − slice", "blue, − slice", "their sum: the map"],
        strict=True,
    ):
        drawn = axis.imshow(response, cmap="RdBu_r", vmin=-1, vmax=1)
        axis.set_title(name, fontsize=9, loc="center", fontweight="normal")
    for axis in axes:
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    fig.colorbar(drawn, ax=axes[-1])
    plots.show(
        fig,
        alt="A picture with a red, a white, a green and a magenta square on black. The red "
        "channel's response is positive at red, white and magenta, the green one negative at "
        "white and green, the blue one negative at white and magenta. In their sum red is the "
        "strongest, magenta weaker, white zero, green negative.",
    )

# %% [markdown]
# ## Task 4: count the parameters (1 point)
#
# A convolution with $k×k$ windows, $C_{in}$ channels and $C_{out}$ filters has
#
# $$k·k·C_{in}·C_{out} + C_{out}$$
#
# parameters: each filter has $k·k·C_{in}$ weights and one bias. The size of the picture doesn't
# appear. The first layer of LeNet-5, 5×5 from 1 channel to 6, has 156.


# %% task="conv_parameters"
def conv_parameters(k, c_in, c_out):
    """Return the number of parameters of a convolution: k·k·C_in·C_out + C_out.

    Parameters
    ----------
    k : int
        Side of the window.
    c_in, c_out : int
        Channels that come in, and filters.

    Returns
    -------
    int
    """
    ### BEGIN SOLUTION
    return k * k * c_in * c_out + c_out
    ### END SOLUTION


# %% test="conv_parameters" points=1
checks.close(
    [conv_parameters(5, 1, 6), conv_parameters(5, 6, 16), conv_parameters(3, 3, 64)],
    [156, 2416, 1792],
    "5×5 from 1 channel to 6, 5×5 from 6 to 16, 3×3 from RGB to 64",
    causes=[
        checks.cause(
            "bias-forgotten", [150, 2400, 1728], "the biases are missing: one per filter."
        ),
        checks.cause(
            "bias-per-slice",
            [156, 2496, 1920],
            "a bias is counted for every slice: a filter has one, however many channels come in.",
        ),
        checks.cause(
            "one-bias", [151, 2401, 1729], "there is one bias for each filter, not one in all."
        ),
        checks.cause(
            "channels-forgotten",
            [156, 416, 640],
            "the channels that come in are missing: a filter has one slice for each.",
        ),
        checks.cause(
            "bias-per-input-channel",
            [151, 2406, 1731],
            "the biases are counted per channel that comes in: it is one per filter.",
        ),
        checks.cause("k-not-squared", [36, 496, 640], "a slice has k·k weights, not k."),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    checks.same(
        conv_parameters,
        lambda k, c_in, c_out: sum(np.zeros((k, k, c_in)).size + 1 for _ in range(c_out)),
        [(1, 7, 3), (4, 2, 9), (7, 3, 5), (2, 11, 1)],
        "conv_parameters of other layers",
    )
### END HIDDEN TESTS

# %% [markdown]
# ### Against a dense layer
#
# What would a **dense** layer need to turn an $n×n$ picture into another of the same size? Every
# output pixel is a weighted sum of *all* $n^2$ input pixels: $n^2·n^2 + n^2$ parameters. The notes
# reduce this in two steps.
#
# 1. **Local connectivity**: an output pixel looks at a $k×k$ neighbourhood only. That leaves
#    $k^2·n^2 + n^2$ parameters.
# 2. **Shared weights** (the notes' "translation invariance"): the neighbourhood's weights are the
#    same everywhere. That leaves $k^2 + 1$: a convolution.

# %%
with plots.needs("conv_parameters"):
    sides = np.array([8, 16, 28, 64, 128, 224, 512])
    dense = sides**4 + sides**2
    local = 26 * sides**2
    shared = np.full(len(sides), conv_parameters(5, 1, 1))
    print(f"28×28 to 28×28: dense {dense[2]:,}, local {local[2]:,}, shared {shared[2]}")
    plots.curves(
        {
            "dense": (sides, dense),
            "local 5×5, own weights": (sides, local),
            "local 5×5, shared weights": (sides, shared),
        },
        "A dense layer grows with the picture, a convolution doesn't",
        "side of the picture n (pixels)",
        "parameters for n×n to n×n",
        alt="Parameters against the side of the picture, both axes logarithmic. The dense layer "
        "rises from four thousand at 8 pixels to 69 thousand million at 512, local connections "
        "from 1 664 to 6.8 million, and the convolution stays at 26.",
        logx=True,
        logy=True,
    )

# %% [markdown]
# ## Task 5: how much does one unit see? (2 points)
#
# The **receptive field** of a unit is the set of pixels that it depends on. For one 3×3
# convolution it is 3 pixels wide. A unit of a second 3×3 convolution looks at 3 neighbours, which
# together see 5 pixels.
#
# Keep two numbers while you walk through the layers, convolutions and pools alike: the field
# $r$, and the **jump** $j$, the distance in pixels between two neighbouring units. Start with $r =
# 1$, $j = 1$ (a pixel sees itself). For a layer with window $k$ and stride $s$:
#
# $$r \leftarrow r + (k - 1)\,j \qquad\text{then}\qquad j \leftarrow j\,s$$
#
# A window spans $k - 1$ jumps, not $k$. The order matters: a layer's own stride only counts for
# those that follow.
#
# Example: a 2×2 pool with stride 2, then a 3×3 convolution. After the pool $r = 2$, $j = 2$; after
# the convolution $r = 2 + 2·2 = 6$. Without the pool it would see 3.


# %% task="receptive_field"
def receptive_field(layers):
    """Return the side of the receptive field of one unit of the last layer, in pixels.

    From r = 1 and j = 1, for each layer: r ← r + (k − 1) j, then j ← j s.

    Parameters
    ----------
    layers : list of (k, s)
        Window and stride (both int) of each convolution or pool, first layer first; may be empty.

    Returns
    -------
    int
    """
    ### BEGIN SOLUTION
    field, jump = 1, 1
    for k, s in layers:
        field += (k - 1) * jump
        jump *= s
    return field
    ### END SOLUTION


# %% test="receptive_field" points=2
checks.close(
    [
        receptive_field([(3, 1), (3, 1)]),
        receptive_field([(2, 2), (3, 1)]),
        receptive_field([(5, 1), (2, 2), (5, 1), (2, 2), (5, 1)]),
        receptive_field([(3, 2), (3, 2), (3, 2)]),
    ],
    [5, 6, 32, 15],
    "two 3×3; a pool and a 3×3; five layers with two pools; three 3×3 with stride 2",
    causes=[
        checks.cause(
            "adds-k", [7, 9, 42, 22], "k jumps are added: a window of k units spans k − 1 jumps."
        ),
        checks.cause(
            "jump-forgotten",
            [5, 4, 15, 7],
            "the jump is missing: after a stride, neighbours lie further apart in pixels.",
        ),
        checks.cause(
            "own-stride-counted",
            [5, 7, 35, 29],
            "the jump is multiplied before it is used: a layer's stride counts for later layers.",
        ),
        checks.cause(
            "own-stride-counted",
            [5, 5, 17, 13],
            "(k − 1) is multiplied by the layer's own stride: use the jump, the product of the "
            "strides before it.",
        ),
        checks.cause(
            "last-stride-only",
            [5, 6, 23, 11],
            "only the stride of the layer before is counted: the jump is the product of all "
            "strides so far.",
        ),
        checks.cause(
            "strides-added",
            [5, 6, 28, 13],
            "the strides are added up: the jump is their product.",
        ),
        checks.cause("starts-at-zero", [4, 5, 31, 14], "a pixel sees itself: r starts at 1."),
        checks.cause(
            "last-layer-first",
            [5, 4, 32, 15],
            "the layers are taken in reverse order: the first in the list is nearest the picture.",
        ),
        checks.cause(
            "windows-multiplied",
            [9, 6, 500, 27],
            "the windows are multiplied: neighbouring windows overlap.",
        ),
        checks.cause(
            "windows-added",
            [6, 5, 19, 9],
            "the windows are added up: neighbouring windows overlap.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_field(layers, shift=1):
        width = 1
        for k, s in reversed(layers):
            width = (width - 1) * s + k + 1 - shift
        return width

    checks.same(
        receptive_field,
        right_field,
        [
            ([(7, 2), (3, 2), (3, 1), (1, 1), (5, 3), (2, 1)],),
            ([(11, 4), (3, 2), (5, 1), (3, 2), (3, 1)],),
            ([(4, 3)],),
            ([(2, 5), (2, 1), (6, 2), (3, 1)],),
            ([],),
        ],
        "receptive_field of other stacks, also of none",
    )
### END HIDDEN TESTS

# %% [markdown]
# The notes say: "Convolutions after subsamplings increase the receptive field." On the left, how
# the field grows. On the right, the fields of one unit in each layer of LeNet-5, which you will
# build below. A unit of its fifth layer sees 32×32 pixels: *exactly* the whole input.

# %%
with plots.needs("receptive_field"):
    plain = [(3, 1)] * 12
    pooled = [(3, 1), (3, 1), (2, 2)] * 4
    lenet = {"C1": (5, 1), "S2": (2, 2), "C3": (5, 1), "S4": (2, 2), "C5": (5, 1)}
    fig, (left, right) = plots.figure(
        "A pool lets every later layer see further, and LeNet's C5 sees all",
        1,
        2,
        width=9.2,
        height=3.9,
    )
    for i, (stack, name) in enumerate(
        [(plain, "3×3 convolutions only"), (pooled, "a 2×2 pool after every second")]
    ):
        fields = [receptive_field(stack[:depth]) for depth in range(13)]
        left.plot(range(13), fields, "os"[i] + "--"[i:], color=plots.PALETTE[i], ms=4, label=name)
    left.set(xlabel="layers", ylabel="receptive field (pixels)", xticks=range(0, 13, 2))
    left.legend()
    right.imshow(np.pad(digits.x_test[3], 2), cmap="gray_r", alpha=0.35)
    for i, name in enumerate(lenet):
        side = receptive_field(list(lenet.values())[: i + 1])
        corner = (32 - side) / 2 - 0.5
        right.add_patch(
            plots.plt.Rectangle((corner, corner), side, side, fill=False, ec=plots.PALETTE[i], lw=2)
        )
        spot = {"S2": (corner + side, corner + side + 0.3, "left", "top")}
        x, y, ha, va = spot.get(name, (corner + 0.5, corner + 0.5, "left", "top"))
        if name in ("C1", "S4"):
            x, ha, y, va = (corner + side, "right", corner - 0.3, "bottom")
        right.text(x, y, f"{name}: {side}", color=plots.PALETTE[i], ha=ha, va=va, fontsize=9)
    right.set(xticks=[], yticks=[], xlim=(-0.8, 31.8), ylim=(31.8, -0.8))
    right.spines[:].set_visible(False)
    plots.show(
        fig,
        alt="Left: the receptive field against the number of layers. With 3×3 convolutions it "
        "grows along a line to 25 pixels after 12 layers; with pools ever faster, to 76. Right: a "
        "digit with nested squares for LeNet's layers: C1 5, S2 6, C3 14, S4 16, C5 32 pixels.",
    )

# %% [markdown]
# ## Task 6: a whole layer, forward (3 points)
#
# Now everything at once: a batch, channels in, channels out, stride and padding. With $\tilde x$
# for the padded input,
#
# $$z_{n,i,j,c} = b_c + \sum_{u,v,c'} K_{u,v,c',c}\;\tilde x_{n,\; i s + u,\; j s + v,\; c'}$$
#
# The window of output $(i, j)$ begins at row $i·s$ and column $j·s$ of the **padded** input. In
# code, for all examples at once, it is `x[:, i*s : i*s+k, j*s : j*s+k, :]`, of shape
# `(N, k, k, C_in)`. Multiply by `kernel[:, :, :, c]` and sum over $u$, $v$ **and the channels**; or
# do all filters in one go: `np.tensordot(window, kernel, axes=3)` sums over the three axes that
# the two share, and leaves `(N, C_out)`.
#
# Example, one image with two channels, one filter with two slices, $b = 0.5$:
#
# $$\begin{pmatrix}1&2&0\\0&1&3\\2&0&1\end{pmatrix}\!,
# \begin{pmatrix}0&1&1\\2&0&1\\1&0&2\end{pmatrix};\quad
# \begin{pmatrix}1&0\\-1&2\end{pmatrix}\!,\begin{pmatrix}0&1\\1&0\end{pmatrix}:\qquad
# z_{00} = \underbrace{1·1 - 1·0 + 2·1}_{3} + \underbrace{1·1 + 1·2}_{3} + 0.5 = 6.5$$
#
# **Plan**: pad (`np.pad` takes one pair of numbers per axis), compute the output's size, make an
# array of zeros, and loop over $i$ and $j$. Two points are for channels and bias, one for stride
# and padding.

# %% given="channels"
TWO_CHANNELS = np.stack(
    [
        np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 0.0, 1.0]]),
        np.array([[0.0, 1.0, 1.0], [2.0, 0.0, 1.0], [1.0, 0.0, 2.0]]),
    ],
    axis=-1,
)[None]  # (1, 3, 3, 2)
TWO_SLICES = np.stack(
    [np.array([[1.0, 0.0], [-1.0, 2.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])], axis=-1
)[..., None]  # (2, 2, 2, 1)


# %% task="conv_forward"
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Return a convolution layer's output, before the activation.

    z[n, i, j, c] = bias[c] + Σ kernel[u, v, c', c] x̃[n, i s + u, j s + v, c'], summed over u, v
    and c', where x̃ is x with `padding` rows and columns of zeros on each of its four sides.

    Parameters
    ----------
    x : float64 array (N, H, W, C_in)
    kernel : float64 array (k, k, C_in, C_out)
    bias : float64 array (C_out,)
    stride, padding : int

    Returns
    -------
    float64 array (N, H', W', C_out)
        H' = ⌊(H + 2p − k) / s⌋ + 1, and W' likewise.
    """
    ### BEGIN SOLUTION
    s, p, k = stride, padding, kernel.shape[0]
    x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    rows, columns = (x.shape[1] - k) // s + 1, (x.shape[2] - k) // s + 1
    z = np.zeros((len(x), rows, columns, kernel.shape[3]))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * s : i * s + k, j * s : j * s + k, :]
            z[:, i, j, :] = np.tensordot(window, kernel, axes=3) + bias
    return z
    ### END SOLUTION


# %% test="conv_forward" part="channels" points=2
checks.close(
    conv_forward(TWO_CHANNELS, TWO_SLICES, np.array([0.5])),
    one_map("6.5 8.5 / -0.5 4.5"),
    "the example with two channels",
    causes=[
        checks.cause(
            "bias-forgotten",
            one_map("6 8 / -1 4"),
            "the bias is missing.",
        ),
        checks.cause(
            "bias-per-slice",
            one_map("7 9 / 0 5"),
            "the bias is added once for each channel: a filter has one, added once.",
        ),
        checks.cause(
            "one-channel-only",
            one_map("3.5 7.5 / -1.5 3.5"),
            "only the first channel counts: sum over all channels that come in.",
        ),
        checks.cause(
            "one-channel-only",
            one_map("3.5 1.5 / 1.5 1.5"),
            "only the last channel counts: add the channels up (`+=`).",
        ),
        checks.cause(
            "channels-not-summed",
            np.reshape([3.5, 3.5, 7.5, 1.5, -1.5, 1.5, 3.5, 1.5], (1, 2, 2, 2)),
            "there is one map per channel that comes in: a filter adds its slices up to one map.",
        ),
        checks.cause(
            "channels-averaged",
            one_map("3.5 4.5 / 0 2.5"),
            "the channels are averaged: add them up.",
        ),
        checks.cause(
            "flipped-kernel",
            one_map("4.5 8.5 / 0.5 1.5"),
            "the kernel is turned by 180°: a layer correlates.",
        ),
        checks.cause(
            "rows-and-columns-exchanged",
            one_map("4.5 9.5 / 0.5 1.5"),
            "u belongs to the rows and v to the columns.",
        ),
    ],
)
checks.forbid(
    conv_forward,
    *READY_MADE,
    what="the layer by hand",
    example=(np.ones((2, 4, 5, 2)), np.ones((3, 3, 2, 3)), np.ones(3)),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_conv(x, kernel, bias, stride=1, padding=0, bug=""):
        s, p, k = stride, padding, kernel.shape[0]
        ends = {"end": (0, 2 * p), "none": (0, 0)}.get(bug, (p, p))
        x = np.pad(x, ((0, 0), ends, ends, (0, 0)))
        if bug == "flip":
            kernel = kernel[::-1, ::-1]
        if bug == "first":
            x, kernel = x[..., :1], kernel[:, :, :1]
        rows, columns = (np.array(x.shape[1:3]) - k) // s + 1
        z = np.zeros((len(x), rows, columns, kernel.shape[3])) + (0 if bug == "bias" else bias)
        for u, v in np.ndindex(k, k):
            part = x[:, u : u + s * rows : s, v : v + s * columns : s]
            z += np.einsum("nijc,cd->nijd", part, kernel[u, v])
        return z

    def conv_cases(seed, sizes):
        rng = np.random.default_rng(seed)
        for n, h, w, k, c_in, c_out, *rest in sizes:
            yield (
                rng.normal(size=(n, h, w, c_in)),
                rng.normal(size=(k, k, c_in, c_out)),
                rng.normal(size=c_out),
                *rest,
            )

    checks.same(
        conv_forward,
        right_conv,
        list(conv_cases(803, [(3, 5, 7, 2, 3, 4), (2, 6, 4, 3, 2, 5), (4, 3, 5, 1, 5, 2)])),
        "conv_forward on batches with channels",
        rtol=1e-9,
        causes=[
            checks.cause(
                "bias-forgotten",
                lambda *case: right_conv(*case, bug="bias"),
                "the bias is missing.",
            ),
            checks.cause(
                "one-channel-only",
                lambda *case: right_conv(*case, bug="first"),
                "only the first channel counts: sum over all channels that come in.",
            ),
            checks.cause(
                "flipped-kernel",
                lambda *case: right_conv(*case, bug="flip"),
                "the kernel is turned by 180°: a layer correlates.",
            ),
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# The second test has one channel, a 3×3 kernel, $p = 1$ and $s = 2$:
#
# $$x = \begin{pmatrix}1&2&0&1\\0&1&3&2\\2&0&1&1\\1&1&0&2\end{pmatrix},\quad
# K = \begin{pmatrix}1&0&-1\\2&1&0\\0&-1&1\end{pmatrix},\quad b = 0.5:\qquad
# z = \begin{pmatrix}2.5&3.5\\1.5&2.5\end{pmatrix}$$
#
# The first window hangs over the upper and the left edge. The last column and row of zeros
# are never used: the windows begin at 0 and 2 of a side of 6.

# %% given="strided"
FOUR_BY_FOUR = one_map("1 2 0 1 / 0 1 3 2 / 2 0 1 1 / 1 1 0 2")
THREE_BY_THREE = one_slice("1 0 -1 / 2 1 0 / 0 -1 1")

# %% test="conv_forward" part="stride" points=1
checks.close(
    conv_forward(FOUR_BY_FOUR, THREE_BY_THREE, np.array([0.5]), 2, 1),
    one_map("2.5 3.5 / 1.5 2.5"),
    "the example with stride 2 and padding 1",
    causes=[
        checks.cause(
            "padding-one-side",
            one_map("3.5 7.5 / 4.5 3.5"),
            "the zeros are all below and on the right: p of them belong on each side.",
        ),
        checks.cause(
            "padding-one-side",
            one_map("1.5 -1.5 / 1.5 3.5"),
            "the zeros are all above and on the left: p of them belong on each side.",
        ),
        checks.cause(
            "padding-not-zeros",
            one_map("3.5 4.5 / 5.5 2.5"),
            "the border repeats the outermost pixels: it is made of zeros.",
        ),
        checks.cause("padding-ignored", one_map("3.5"), "the padding is missing."),
        checks.cause(
            "stride-ignored",
            one_map("2.5 6.5 3.5 -0.5 / -3.5 3.5 6.5 7.5 / 1.5 0.5 2.5 4.5 / 1.5 4.5 1.5 3.5"),
            "the windows lie 1 apart: they should lie `stride` apart.",
        ),
        checks.cause(
            "stride-ignored",
            one_map("2.5 6.5 / -3.5 3.5"),
            "the output has the right size, but the windows begin at i and j: they begin at i·s "
            "and j·s.",
        ),
        checks.cause("bias-forgotten", one_map("2 3 / 1 2"), "the bias is missing."),
        checks.cause(
            "flipped-kernel",
            one_map("6.5 3.5 / 3.5 2.5"),
            "the kernel is turned by 180°: a layer correlates.",
        ),
    ],
)
checks.forbid(
    conv_forward,
    *READY_MADE,
    what="stride and padding by hand",
    example=(np.ones((2, 5, 6, 2)), np.ones((3, 3, 2, 3)), np.ones(3), 2, 1),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def conv_right(x, kernel, bias, stride, padding, at_end=False):
        p, k = padding, kernel.shape[0]
        ends = (0, 2 * p) if at_end else (p, p)
        x = np.pad(x, ((0, 0), ends, ends, (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(1, 2))
        return np.einsum("nijcuv,uvcd->nijd", windows[:, ::stride, ::stride], kernel) + bias

    def stride_cases():
        rng = np.random.default_rng(804)
        for n, h, w, k, c_in, c_out, s, p in [
            (3, 7, 9, 3, 2, 4, 2, 1),
            (2, 8, 6, 4, 3, 2, 3, 2),
            (2, 6, 9, 2, 1, 3, 3, 0),
            (3, 5, 4, 3, 2, 2, 1, 1),
        ]:
            x, kernel = rng.normal(size=(n, h, w, c_in)), rng.normal(size=(k, k, c_in, c_out))
            yield x, kernel, rng.normal(size=c_out), s, p

    checks.same(
        conv_forward,
        conv_right,
        list(stride_cases()),
        "conv_forward with other strides and paddings",
        rtol=1e-9,
        causes=[
            checks.cause(
                "padding-one-side",
                lambda *case: conv_right(*case, at_end=True),
                "the zeros are all below and on the right: p of them belong on each side.",
            )
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 7: backward, to the kernel and the bias (2 points)
#
# Backpropagation hands the layer $\delta = \partial C/\partial z$, an array of the shape of $z$. In
# the sum for $z_{n,i,j,c}$ the weight $K_{u,v,c',c}$ is multiplied by one pixel,
# $\tilde x_{n,\,is+u,\,js+v,\,c'}$. The weight is used in **every** window of every example, so all
# uses add up:
#
# $$\frac{\partial C}{\partial K_{u,v,c',c}} = \sum_{n,i,j} \delta_{n,i,j,c}\;
# \tilde x_{n,\;is+u,\;js+v,\;c'} \qquad\qquad
# \frac{\partial C}{\partial b_c} = \sum_{n,i,j} \delta_{n,i,j,c}$$
#
# In code it is the loop of Task 6 again. There each window gave a sum; here each window gives a
# contribution: window `(N, k, k, C_in)` and `delta[:, i, j, :]` `(N, C_out)`, summed over $n$.
# (`np.tensordot(window, d, axes=(0, 0))` does that, or `np.einsum("nuvc,nd->uvcd", window, d)`.)
# Nothing is averaged: if $C$ is a mean over the batch, then δ contains the $1/N$ already.
#
# Example, the first channel of Task 6 with a 2×2 kernel:
#
# $$x = \begin{pmatrix}1&2&0\\0&1&3\\2&0&1\end{pmatrix},\quad
# \delta = \begin{pmatrix}1&3\\2&-1\end{pmatrix}:\qquad
# \frac{\partial C}{\partial K_{00}} = 1·1 + 3·2 + 2·0 - 1·1 = 6$$

# %% given="by_tf"


def conv_by_tf(x, kernel, bias, stride, padding):
    """Return what `conv_forward` does, by `tf.nn.conv2d`: for checks, not for your solutions."""
    sides = [[0, 0], [padding, padding], [padding, padding], [0, 0]]
    return tf.nn.conv2d(x, kernel, stride, sides) + bias


def layer_example(n, h, w, k, c_in, c_out, stride, padding, seed):
    """Return x, kernel, bias and a δ of the right shape, all random."""
    rng = np.random.default_rng(seed)
    x, kernel = rng.normal(size=(n, h, w, c_in)), rng.normal(size=(k, k, c_in, c_out))
    rows, columns = ((side + 2 * padding - k) // stride + 1 for side in (h, w))
    return x, kernel, rng.normal(size=c_out), rng.normal(size=(n, rows, columns, c_out))


# %% task="kernel_gradient"
def kernel_gradient(delta, x, k, stride=1, padding=0):
    """Return ∂C/∂K and ∂C/∂b of a convolution layer.

    ∂C/∂K[u, v, c', c] = Σ_nij δ[n, i, j, c] x̃[n, i s + u, j s + v, c'], where x̃ is x padded with
    zeros, and ∂C/∂b[c] = Σ_nij δ[n, i, j, c].

    Parameters
    ----------
    delta : float64 array (N, H', W', C_out)
        ∂C/∂z.
    x : float64 array (N, H, W, C_in)
        The layer's input, not padded.
    k : int
        Side of the kernel.
    stride, padding : int
        As on the way forward.

    Returns
    -------
    grad_kernel : float64 array (k, k, C_in, C_out)
    grad_bias : float64 array (C_out,)
    """
    ### BEGIN SOLUTION
    s, p = stride, padding
    x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    grad_kernel = np.zeros((k, k, x.shape[3], delta.shape[3]))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            window = x[:, i * s : i * s + k, j * s : j * s + k, :]
            grad_kernel += np.tensordot(window, delta[:, i, j, :], axes=(0, 0))
    return grad_kernel, delta.sum(axis=(0, 1, 2))
    ### END SOLUTION


# %% test="kernel_gradient" points=2
checks.close(
    kernel_gradient(one_map("1 3 / 2 -1"), TWO_CHANNELS[:, :, :, :1], 2),
    (one_slice("6 1 / 7 9"), np.array([5.0])),
    "∂C/∂K and ∂C/∂b of the example",
    causes=[
        checks.cause(
            "not-accumulated",
            (one_slice("-1 -3 / 0 -1"), np.array([5.0])),
            "only the last window counts: add the contributions of all windows (`+=`).",
        ),
        checks.cause(
            "flipped-kernel",
            (one_slice("9 7 / 1 6"), np.array([5.0])),
            "the gradient is turned by 180°: K[u, v] meets x[i + u, j + v].",
        ),
        checks.cause(
            "bias-averaged",
            (one_slice("6 1 / 7 9"), np.array([1.25])),
            "the bias is used at every place: its gradient is the sum of δ, not the mean.",
        ),
        checks.cause(
            "averaged-over-windows",
            (one_slice("1.5 0.25 / 1.75 2.25"), np.array([1.25])),
            "it is averaged over the windows: add them up.",
        ),
    ],
)
checks.close(
    kernel_gradient(one_map("1 0 / 2 -1"), FOUR_BY_FOUR, 3, stride=2, padding=1)[0],
    one_slice("-1 -3 0 / 0 4 1 / -1 2 1"),
    "∂C/∂K for Task 6's picture with stride 2, padding 1 and δ = (1 0; 2 −1)",
    causes=[
        checks.cause(
            "stride-ignored",
            one_slice("-1 0 4 / 0 0 1 / -2 4 0"),
            "the windows begin at i and j: they begin at i·s and j·s, as on the way forward.",
        ),
        checks.cause(
            "not-accumulated",
            one_slice("-1 -3 -2 / 0 -1 -1 / -1 0 -2"),
            "only the last window counts: add the contributions of all windows (`+=`).",
        ),
    ],
)
kg_x, kg_kernel, kg_bias, kg_delta = layer_example(2, 5, 4, 3, 2, 3, 2, 1, seed=81)
checks.gradient(
    lambda p: float(tf.reduce_sum(kg_delta * conv_by_tf(kg_x, p[0], p[1], 2, 1))),
    lambda _: list(kernel_gradient(kg_delta, kg_x, 3, 2, 1)),
    [kg_kernel, kg_bias],
    "[∂C/∂K, ∂C/∂b] on a batch of two, two channels to three, k = 3, s = 2, p = 1",
    batch=2,
)
checks.forbid(
    kernel_gradient,
    *READY_MADE,
    what="the gradient of the kernel by hand",
    example=(np.ones((2, 3, 2, 3)), np.ones((2, 5, 4, 2)), 3),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_kernel_gradient(delta, x, k, stride=1, padding=0, bug=""):
        s, p = (1 if bug == "stride" else stride), padding
        x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
        grad = np.zeros((k, k, x.shape[3], delta.shape[3]))
        rows, columns = delta.shape[1:3]
        for u, v in np.ndindex(k, k):
            part = x[:, u : u + s * rows : s, v : v + s * columns : s]
            grad[u, v] = np.einsum("nijc,nijd->cd", part, delta)
        return grad, np.einsum("nijd->d", delta)

    def kernel_cases():
        sizes = [
            (3, 6, 5, 2, 3, 4, 1, 0),
            (2, 7, 9, 3, 2, 5, 2, 1),
            (4, 8, 6, 4, 3, 2, 3, 2),
            (2, 6, 8, 2, 1, 3, 3, 0),
        ]
        for size in sizes:
            x, _, _, delta = layer_example(*size, seed=sum(size))
            yield delta, x, size[3], *size[6:]

    checks.same(
        kernel_gradient,
        right_kernel_gradient,
        list(kernel_cases()),
        "kernel_gradient on other layers",
        rtol=1e-9,
        causes=[
            checks.cause(
                "stride-ignored",
                lambda *case: right_kernel_gradient(*case, bug="stride"),
                "the windows begin at i and j: they begin at i·s and j·s.",
            )
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 8: backward, to the input (2 points)
#
# Which outputs does one pixel reach? Every window that covers it, through the weight that lay on
# it. So turn the loop round: each $\delta_{n,i,j,c}$ **paints** the kernel, scaled by itself, onto
# the pixels of its window. Where windows overlap, the paint adds up:
#
# $$\text{for all } i, j:\qquad
# \frac{\partial C}{\partial \tilde x_{n,\,is+u,\,js+v,\,c'}}
# \mathrel{+}= \sum_c \delta_{n,i,j,c}\, K_{u,v,c',c}$$
#
# This gives the gradient with respect to the *padded* input. The border was made of constant
# zeros, so cut it off.
#
# `np.tensordot(delta[:, i, j, :], kernel, axes=(1, 3))` has the shape `(N, k, k, C_in)`, just
# like the window. Why does the function need the shape of $x$? Because two inputs of different
# size can give the same output size: $\lfloor\,\rfloor$ has forgotten which.
#
# Example, with Task 7's δ:
# $\begin{pmatrix}1&3\\2&-1\end{pmatrix}$ and
# $K = \begin{pmatrix}1&0\\-1&2\end{pmatrix}$ give
# $\begin{pmatrix}1&3&0\\1&-2&6\\-2&5&-2\end{pmatrix}$. The middle pixel lies in all four
# windows: $1·2 - 3·1 + 2·0 - 1·1 = -2$.
#
# Look at that middle sum again: δ is read forwards, the kernel backwards. For stride 1 the way back
# of a correlation *is* a **convolution**, with δ padded by $k - 1$. The flip is back.


# %% task="input_gradient"
def input_gradient(delta, kernel, x_shape, stride=1, padding=0):
    """Return ∂C/∂x of a convolution layer.

    ∂C/∂x̃[n, i s + u, j s + v, c'] += Σ_c δ[n, i, j, c] kernel[u, v, c', c], for all windows i, j;
    then the border of `padding` pixels is cut off.

    Parameters
    ----------
    delta : float64 array (N, H', W', C_out)
        ∂C/∂z.
    kernel : float64 array (k, k, C_in, C_out)
    x_shape : tuple (N, H, W, C_in)
        Shape of the layer's input, not padded.
    stride, padding : int
        As on the way forward.

    Returns
    -------
    float64 array (N, H, W, C_in)
    """
    ### BEGIN SOLUTION
    s, p, k = stride, padding, kernel.shape[0]
    n, height, width, channels = x_shape
    grad = np.zeros((n, height + 2 * p, width + 2 * p, channels))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            paint = np.tensordot(delta[:, i, j, :], kernel, axes=(1, 3))
            grad[:, i * s : i * s + k, j * s : j * s + k, :] += paint
    return grad[:, p : p + height, p : p + width, :]
    ### END SOLUTION


# %% test="input_gradient" points=2
checks.close(
    input_gradient(one_map("1 3 / 2 -1"), TWO_SLICES[:, :, :1], (1, 3, 3, 1)),
    one_map("1 3 0 / 1 -2 6 / -2 5 -2"),
    "∂C/∂x of the example",
    causes=[
        checks.cause(
            "not-accumulated",
            one_map("1 3 0 / 2 -1 0 / -2 1 -2"),
            "where windows overlap, the later one overwrites the earlier: add (`+=`).",
        ),
        checks.cause(
            "flipped-kernel",
            one_map("2 5 -3 / 4 -3 4 / 0 2 -1"),
            "the kernel is turned by 180°: a window gives back along the weights that lay on it.",
        ),
        checks.cause(
            "rows-and-columns-exchanged",
            one_map("1 2 -3 / 2 -1 7 / 0 4 -2"),
            "u belongs to the rows and v to the columns.",
        ),
        checks.cause(
            "empty-slice",
            np.zeros((1, 0, 0, 1)),
            "nothing is left: with p = 0 the slice p:-p is 0:0, which is empty. Use p : p + H.",
        ),
    ],
)
checks.close(
    input_gradient(one_map("1 0 / 2 -1"), THREE_BY_THREE, (1, 4, 4, 1), 2, 1),
    one_map("1 0 0 0 / -1 -2 0 1 / 2 -2 -1 0 / -2 2 1 -1"),
    "∂C/∂x for Task 6's kernel with stride 2, padding 1 and δ = (1 0; 2 −1)",
    causes=[
        checks.cause(
            "stride-ignored",
            one_map("0 -2 1 0 / -1 0 0 0 / -2 3 -1 0 / 0 0 0 0"),
            "the windows begin at i and j: they begin at i·s and j·s, as on the way forward.",
        ),
        checks.cause(
            "not-accumulated",
            one_map("1 0 0 0 / 0 -1 0 1 / 2 -2 -1 0 / -2 0 1 -1"),
            "where windows overlap, the later one overwrites the earlier: add (`+=`).",
        ),
        checks.cause(
            "padding-not-cut",
            one_map(
                "1 0 -1 0 0 0 / 2 1 0 0 0 0 / 2 -1 -2 0 1 0 / "
                "4 2 -2 -1 0 0 / 0 -2 2 1 -1 0 / 0 0 0 0 0 0"
            ),
            "the border is still there: cut p rows and columns off on each side.",
        ),
        checks.cause(
            "padding-not-cut",
            one_map("1 0 -1 0 / 2 1 0 0 / 2 -1 -2 0 / 4 2 -2 -1"),
            "the border is cut off below and on the right only: cut p on each side.",
        ),
        checks.cause(
            "flipped-kernel",
            one_map("1 2 0 0 / -2 0 1 0 / 2 4 -1 -2 / 0 3 0 -1"),
            "the kernel is turned by 180°: a window gives back along the weights that lay on it.",
        ),
    ],
)
ig_x, ig_kernel, ig_bias, ig_delta = layer_example(2, 4, 5, 3, 2, 3, 2, 1, seed=82)
checks.gradient(
    lambda x: float(tf.reduce_sum(ig_delta * conv_by_tf(x, ig_kernel, ig_bias, 2, 1))),
    lambda _: input_gradient(ig_delta, ig_kernel, ig_x.shape, 2, 1),
    ig_x,
    "∂C/∂x on a batch of two, two channels to three, k = 3, s = 2, p = 1",
    batch=2,
)
checks.forbid(
    input_gradient,
    *READY_MADE,
    what="the gradient of the input by hand",
    example=(np.ones((2, 3, 2, 3)), np.ones((3, 3, 2, 3)), (2, 5, 4, 2)),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_input_gradient(delta, kernel, x_shape, stride=1, padding=0, bug=""):
        s, p, k = stride, padding, kernel.shape[0]
        n, h, w, c_in = x_shape
        grad = np.zeros((n, h + 2 * p, w + 2 * p, c_in))
        rows, columns = delta.shape[1:3]
        for u, v in np.ndindex(k, k):
            part = np.einsum("nijd,cd->nijc", delta, kernel[u, v])
            grad[:, u : u + s * rows : s, v : v + s * columns : s] += part
        return grad[:, p : p + h, p : p + w]

    def input_cases():
        sizes = [
            (3, 6, 5, 2, 3, 4, 1, 0),
            (2, 7, 9, 3, 2, 5, 2, 1),
            (4, 9, 6, 4, 3, 2, 3, 2),
            (2, 6, 8, 2, 1, 3, 3, 0),
        ]
        for size in sizes:
            x, kernel, _, delta = layer_example(*size, seed=sum(size))
            yield delta, kernel, x.shape, *size[6:]

    checks.same(
        input_gradient,
        right_input_gradient,
        list(input_cases()),
        "input_gradient on other layers",
        rtol=1e-9,
        causes=[
            checks.cause(
                "flipped-kernel",
                lambda delta, kernel, *rest: right_input_gradient(delta, kernel[::-1, ::-1], *rest),
                "the kernel is turned by 180°: a window gives back along the weights on it.",
            )
        ],
    )
### END HIDDEN TESTS

# %% [markdown]
# ### By hand, by TensorFlow, by Keras
#
# One layer, three ways, with the cost $C = \tfrac12\sum z^2$ (so that $\delta = z$). The tape
# gives all three gradients. A Keras `Conv2D` layer has the same kernel layout, so no transpose is
# needed this time. Its `padding="valid"` means $p = 0$. `padding="same"` with stride 1 and odd
# $k$ means $p = (k-1)/2$; with a larger stride it may add more zeros below and on the right than
# above and on the left, so then it isn't our $p$. To be sure, pad first, as here.

# %%
with plots.needs("conv_forward", "kernel_gradient", "input_gradient"):
    x, kernel, bias, _ = layer_example(3, 8, 7, 3, 2, 4, 2, 1, seed=83)
    z = np.asarray(conv_forward(x, kernel, bias, 2, 1))
    mine = [*kernel_gradient(z, x, 3, 2, 1), input_gradient(z, kernel, x.shape, 2, 1)]

    watched = [tf.constant(value) for value in (kernel, bias, x)]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        z_tf = conv_by_tf(watched[2], watched[0], watched[1], 2, 1)
        half_squares = tf.reduce_sum(z_tf**2) / 2
    tapes = tape.gradient(half_squares, watched)

    layer = keras.layers.Conv2D(4, 3, strides=2, padding="valid", dtype="float64")
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    layer.build(framed.shape)
    layer.set_weights([kernel, bias])

    for name, other in {"tf.nn.conv2d": z_tf, "Keras": layer(framed)}.items():
        print(f"largest difference of z, NumPy against {name}: {np.abs(z - other).max():.0e}")
    for name, by_hand, by_tape in zip(("∂C/∂K", "∂C/∂b", "∂C/∂x"), mine, tapes, strict=True):
        gap = np.abs(np.asarray(by_hand) - by_tape).max()
        print(f"largest difference of {name}, NumPy against the tape: {gap:.0e}")

# %% [markdown]
# ## Task 9: pooling (1 point)
#
# A **pool** makes maps smaller. Its windows work like those of a convolution, without padding,
# but there are no weights: each window gives its **maximum** or its **average**. And each channel
# is pooled **by itself**: 6 maps go in and 6 come out.
#
# The notes' example pools the horizontal map of the 5, window 2, stride 2. The first window holds
# 0, 1, 0, 0: its maximum is 1, its average 0.25.


# %% task="pool"
def pool(x, size, stride, kind):
    """Pool each channel: out[n, i, j, c] is the maximum or the mean of a window of x[n, :, :, c].

    The window of output (i, j) begins at row i s and column j s, and only whole windows count.

    Parameters
    ----------
    x : float64 array (N, H, W, C)
    size : int
        Side of the window.
    stride : int
    kind : "max" or "average"

    Returns
    -------
    float64 array (N, H', W', C)
        H' = ⌊(H − size) / s⌋ + 1, and W' likewise.
    """
    ### BEGIN SOLUTION
    n, height, width, channels = x.shape
    rows, columns = (height - size) // stride + 1, (width - size) // stride + 1
    out = np.zeros((n, rows, columns, channels))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            window = x[:, top : top + size, left : left + size, :]
            summary = window.max if kind == "max" else window.mean
            out[:, i, j, :] = summary(axis=(1, 2))
    return out
    ### END SOLUTION


# %% test="pool" points=1
checks.close(
    pool(NOTES_HORIZONTAL[None, :, :, None], 2, 2, "max"),
    one_map("1 3 2 0 / 0 2 2 0 / 1 2 1 0 / 0 0 0 0"),
    "the notes' map under a max pool",
    causes=[
        checks.cause(
            "average-not-max",
            one_map("0.25 0.5 0 0 / -0.25 -0.25 0.5 0 / 0.25 1 0.25 0 / -0.25 -1.25 -0.75 0"),
            "this is the average pool: look at `kind`.",
        ),
        checks.cause(
            "largest-size",
            one_map("1 3 2 0 / 1 2 2 0 / 1 2 1 0 / 1 3 2 0"),
            "the sign is lost: take the largest value, not the largest |value|.",
        ),
        checks.cause(
            "stride-ignored",
            one_map("1 2 3 3 / 0 1 2 2 / 0 1 2 2 / 0 0 0 0"),
            "the output has the right size, but the windows begin at i and j: they begin at i·s "
            "and j·s.",
        ),
    ],
)
checks.close(
    pool(NOTES_HORIZONTAL[None, :, :, None], 2, 2, "average"),
    one_map("0.25 0.5 0 0 / -0.25 -0.25 0.5 0 / 0.25 1 0.25 0 / -0.25 -1.25 -0.75 0"),
    "the notes' map under an average pool",
    causes=[
        checks.cause(
            "max-not-average",
            one_map("1 3 2 0 / 0 2 2 0 / 1 2 1 0 / 0 0 0 0"),
            "this is the max pool: look at `kind`.",
        ),
        checks.cause(
            "summed-not-averaged",
            one_map("1 2 0 0 / -1 -1 2 0 / 1 4 1 0 / -1 -5 -3 0"),
            "this is the sum of each window: divide by size·size.",
        ),
        checks.cause(
            "divided-by-size",
            one_map("0.5 1 0 0 / -0.5 -0.5 1 0 / 0.5 2 0.5 0 / -0.5 -2.5 -1.5 0"),
            "a window has size·size cells: divide by that, not by size.",
        ),
    ],
)
checks.close(
    pool(np.array([[[[-3.0, 5.0], [-1.0, 2.0]], [[-2.0, 8.0], [-5.0, 6.0]]]]), 2, 1, "max"),
    np.reshape([-1, 8], (1, 1, 1, 2)),
    "two channels: −3, −1, −2, −5 and 5, 2, 8, 6",
    causes=[
        checks.cause(
            "starts-at-zero",
            np.reshape([0, 8], (1, 1, 1, 2)),
            "a maximum that starts from 0 misses windows in which all is negative.",
        ),
        checks.cause(
            "channels-mixed",
            np.reshape([8, 8], (1, 1, 1, 2)),
            "the maximum is taken over the channels too: pool each channel by itself.",
        ),
        checks.cause(
            "channels-mixed",
            one_map("8"),
            "the channels have become one: pool each channel by itself.",
        ),
        checks.cause(
            "one-channel-only",
            one_map("-1"),
            "only the first channel is pooled: pool them all.",
        ),
    ],
)
checks.close(
    pool(np.array([[[[-3.0, 5.0], [-1.0, 2.0]], [[-2.0, 8.0], [-5.0, 6.0]]]]), 2, 1, "average"),
    np.reshape([-2.75, 5.25], (1, 1, 1, 2)),
    "the averages of the same two channels",
    causes=[
        checks.cause(
            "channels-mixed",
            np.reshape([1.25, 1.25], (1, 1, 1, 2)),
            "the average is taken over the channels too: pool each channel by itself.",
        ),
    ],
)
checks.forbid(
    pool, *READY_MADE, what="pooling by hand", example=(np.ones((2, 4, 4, 2)), 2, 2, "max")
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_pool(x, size, stride, kind):
        windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
        chosen = windows[:, ::stride, ::stride]
        return chosen.max(axis=(4, 5)) if kind == "max" else chosen.mean(axis=(4, 5))

    def pool_cases():
        rng = np.random.default_rng(805)
        sizes = [((3, 7, 5, 4), 2, 2), ((2, 8, 9, 3), 3, 2), ((4, 6, 10, 2), 2, 3)]
        return [
            (rng.normal(size=shape) - shift, size, stride, kind)
            for shape, size, stride in sizes
            for kind, shift in (("max", 1.5), ("average", 0.0))
        ]

    checks.same(pool, right_pool, pool_cases(), "pool, with windows that overlap or leave gaps")
### END HIDDEN TESTS

# %% [markdown]
# **Global average pooling** is the average pool whose window is the whole map,
# `x.mean(axis=(1, 2))`. Each map becomes one number, "how much of this feature is in the picture",
# wherever it is. It has no parameters and takes pictures of any size.

# %%
with plots.needs("pool"):
    maps = np.random.default_rng(84).normal(size=(2, 6, 6, 3))
    whole = np.asarray(pool(maps, 6, 6, "average"))[:, 0, 0, :]
    ready = keras.layers.GlobalAveragePooling2D(dtype="float64")(maps).numpy()
    print("your pool over the whole map is Keras' global average:", np.allclose(whole, ready))
    for kind, layer in {
        "max": keras.layers.MaxPooling2D(2, dtype="float64"),
        "average": keras.layers.AveragePooling2D(2, dtype="float64"),
    }.items():
        print(f"your {kind} pool is Keras':", np.allclose(pool(maps, 2, 2, kind), layer(maps)))

# %% [markdown]
# ## Task 10: pooling, backward (2 points)
#
# A pool has nothing to learn. It only hands δ on.
#
# - **Average**: each of the $size^2$ cells of a window has the slope $1/size^2$. So each gets
#   $\delta/size^2$.
# - **Max**: if the largest value moves a little, the output moves with it; if any other value moves
#   a little, nothing happens. So the **winner** gets all of δ and the others get 0.
#
# Where windows overlap, what a cell gets adds up. A cell that wins four windows gets four δ:
#
# $$x = \begin{pmatrix}1&3&0\\4&5&2\\0&-1&2.5\end{pmatrix},\quad
# \delta = \begin{pmatrix}1&2\\3&4\end{pmatrix},\quad size = 2,\ s = 1:\qquad
# \text{max}\ \begin{pmatrix}0&0&0\\0&10&0\\0&0&0\end{pmatrix}$$
#
# Who wins a **tie**? There the maximum has no slope, and libraries differ. Our tests avoid ties.
# (Give each of several equal winners all of δ, or only the first: both pass.)


# %% task="pool_backward"
def pool_backward(delta, x, size, stride, kind):
    """Return ∂C/∂x of a pool.

    Each δ[n, i, j, c] goes to the window of x[n, :, :, c] that begins at row i s and column j s:
    all of it to the largest cell (max), or 1 / size² of it to each cell (average). Contributions
    of several windows to one cell add up.

    Parameters
    ----------
    delta : float64 array (N, H', W', C)
        ∂C/∂ of the pool's output.
    x : float64 array (N, H, W, C)
        The pool's input; no two values of a window are equal.
    size, stride : int
    kind : "max" or "average"

    Returns
    -------
    float64 array (N, H, W, C)
    """
    ### BEGIN SOLUTION
    grad = np.zeros(x.shape)
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            rows = slice(i * stride, i * stride + size)
            columns = slice(j * stride, j * stride + size)
            window = x[:, rows, columns, :]
            if kind == "max":
                share = window == window.max(axis=(1, 2), keepdims=True)
            else:
                share = np.full(window.shape, 1 / size**2)
            grad[:, rows, columns, :] += share * delta[:, i : i + 1, j : j + 1, :]
    return grad
    ### END SOLUTION


# %% [markdown]
# The first test takes a 4×4 map with windows of 2 and stride 2, where nothing overlaps, and then
# the example above.
#
# $$x = \begin{pmatrix}1&3&0&2\\4&2&5&1\\0&-1&2&3\\-2&-3&7&6\end{pmatrix},\quad
# \delta = \begin{pmatrix}1&2\\3&4\end{pmatrix}:\qquad
# \text{max}\ \begin{pmatrix}0&0&0&0\\1&0&2&0\\3&0&0&0\\0&0&4&0\end{pmatrix},\quad
# \text{average}\
# \begin{pmatrix}.25&.25&.5&.5\\.25&.25&.5&.5\\.75&.75&1&1\\.75&.75&1&1\end{pmatrix}$$

# %% given="small_maps"
SMALL_MAP = one_map("1 3 0 2 / 4 2 5 1 / 0 -1 2 3 / -2 -3 7 6")
ONE_WINNER = one_map("1 3 0 / 4 5 2 / 0 -1 2.5")
SMALL_DELTA = one_map("1 2 / 3 4")


def pool_by_tf(x, size, stride, kind):
    """Return what `pool` does, by TensorFlow: for checks, not for your solutions."""
    ready = tf.nn.max_pool2d if kind == "max" else tf.nn.avg_pool2d
    return ready(x, size, stride, "VALID")


# %% test="pool_backward" part="max" points=1
checks.close(
    pool_backward(SMALL_DELTA, SMALL_MAP, 2, 2, "max"),
    one_map("0 0 0 0 / 1 0 2 0 / 3 0 0 0 / 0 0 4 0"),
    "∂C/∂x of a max pool without overlap",
    causes=[
        checks.cause(
            "all-cells-share",
            one_map("0.25 0.25 0.5 0.5 / 0.25 0.25 0.5 0.5 / 0.75 0.75 1 1 / 0.75 0.75 1 1"),
            "all cells of a window share δ: of a max pool only the winner gets any.",
        ),
        checks.cause(
            "all-cells-get-it",
            one_map("1 1 2 2 / 1 1 2 2 / 3 3 4 4 / 3 3 4 4"),
            "every cell of a window gets δ: of a max pool only the winner does.",
        ),
        checks.cause(
            "wrong-winner",
            one_map("1 0 2 0 / 0 0 0 0 / 3 0 4 0 / 0 0 0 0"),
            "δ goes to the first cell of each window: it goes to the largest.",
        ),
        checks.cause(
            "wrong-winner",
            one_map("1 0 2 0 / 0 0 0 0 / 0 0 4 0 / 0 3 0 0"),
            "δ goes to the smallest cell of each window: it goes to the largest.",
        ),
        checks.cause(
            "place-in-the-window",
            one_map("3 0 0 0 / 7 0 0 0 / 0 0 0 0 / 0 0 0 0"),
            "the winner's row and column count from the window's corner: add i·s and j·s.",
        ),
        checks.cause(
            "times-the-value",
            one_map("0 0 0 0 / 4 0 10 0 / 0 0 0 0 / 0 0 28 0"),
            "δ is multiplied by the winner's value: the slope is 1.",
        ),
        checks.cause(
            "winner-without-delta",
            one_map("0 0 0 0 / 1 0 1 0 / 1 0 0 0 / 0 0 1 0"),
            "the winners get 1: they get δ.",
        ),
    ],
)
checks.close(
    pool_backward(SMALL_DELTA, ONE_WINNER, 2, 1, "max"),
    one_map("0 0 0 / 0 10 0 / 0 0 0"),
    "∂C/∂x of a max pool in which one cell wins four windows",
    causes=[
        checks.cause(
            "not-accumulated",
            one_map("0 0 0 / 0 4 0 / 0 0 0"),
            "the cell that wins four windows keeps the last δ only: add them up (`+=`).",
        ),
        checks.cause(
            "not-accumulated",
            one_map("0 0 0 / 0 1 0 / 0 0 0"),
            "the cell that wins four windows keeps the first δ only: add them up (`+=`).",
        ),
    ],
)
checks.forbid(
    pool_backward,
    *READY_MADE,
    what="the gradient of a max pool by hand",
    example=(SMALL_DELTA, SMALL_MAP, 2, 2, "max"),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_max_backward(delta, x, size, stride, kind):
        grad = np.zeros_like(x)
        for n, i, j, c in np.ndindex(delta.shape):
            top, left = i * stride, j * stride
            window = x[n, top : top + size, left : left + size, c]
            u, v = np.unravel_index(np.argmax(window), window.shape)
            grad[n, top + u, left + v, c] += delta[n, i, j, c]
        return grad

    def max_backward_cases(kind):
        rng = np.random.default_rng(806)
        for shape, size, stride in [
            ((3, 7, 5, 4), 2, 2),
            ((2, 8, 9, 3), 3, 2),
            ((2, 6, 10, 2), 2, 3),
            ((2, 5, 4, 3), 3, 1),
        ]:
            n, h, w, c = shape
            x = rng.permutation(np.prod(shape)).reshape(shape) / 7 - 5  # no ties
            rows, columns = (h - size) // stride + 1, (w - size) // stride + 1
            yield rng.normal(size=(n, rows, columns, c)), x, size, stride, kind

    checks.same(
        pool_backward,
        right_max_backward,
        list(max_backward_cases("max")),
        "pool_backward, max, with windows that overlap or leave gaps",
        rtol=1e-9,
    )
### END HIDDEN TESTS

# %% test="pool_backward" part="average" points=1
checks.close(
    pool_backward(SMALL_DELTA, SMALL_MAP, 2, 2, "average"),
    one_map("0.25 0.25 0.5 0.5 / 0.25 0.25 0.5 0.5 / 0.75 0.75 1 1 / 0.75 0.75 1 1"),
    "∂C/∂x of an average pool without overlap",
    causes=[
        checks.cause(
            "not-divided",
            one_map("1 1 2 2 / 1 1 2 2 / 3 3 4 4 / 3 3 4 4"),
            "every cell gets all of δ: it gets 1 / size² of it.",
        ),
        checks.cause(
            "divided-by-size",
            one_map("0.5 0.5 1 1 / 0.5 0.5 1 1 / 1.5 1.5 2 2 / 1.5 1.5 2 2"),
            "δ is divided by size: a window has size·size cells.",
        ),
        checks.cause(
            "winner-takes-all",
            one_map("0 0 0 0 / 1 0 2 0 / 3 0 0 0 / 0 0 4 0"),
            "only the largest cell gets δ: that is the max pool. Look at `kind`.",
        ),
    ],
)
checks.close(
    pool_backward(SMALL_DELTA, ONE_WINNER, 2, 1, "average"),
    one_map("0.25 0.75 0.5 / 1 2.5 1.5 / 0.75 1.75 1"),
    "∂C/∂x of an average pool whose windows overlap",
    causes=[
        checks.cause(
            "not-accumulated",
            one_map("0.25 0.5 0.5 / 0.75 1 1 / 0.75 1 1"),
            "where windows overlap, the later one overwrites the earlier: add (`+=`).",
        ),
    ],
)
checks.gradient(
    lambda x: float(tf.reduce_sum(SMALL_DELTA * pool_by_tf(x, 3, 1, "average"))),
    lambda x: pool_backward(SMALL_DELTA, x, 3, 1, "average"),
    SMALL_MAP,
    "∂C/∂x of an average pool of 3 with stride 1, against differences",
)
checks.forbid(
    pool_backward,
    *READY_MADE,
    what="the gradient of an average pool by hand",
    example=(SMALL_DELTA, SMALL_MAP, 2, 2, "average"),
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_average_backward(delta, x, size, stride, kind):
        grad = np.zeros_like(x)
        rows, columns = delta.shape[1:3]
        for u, v in np.ndindex(size, size):
            grad[:, u : u + stride * rows : stride, v : v + stride * columns : stride] += delta
        return grad / (size * size)

    def average_backward_cases():
        rng = np.random.default_rng(807)
        for shape, size, stride in [
            ((3, 7, 5, 4), 2, 2),
            ((2, 8, 9, 3), 3, 2),
            ((4, 6, 10, 2), 2, 3),
        ]:
            n, h, w, c = shape
            rows, columns = (h - size) // stride + 1, (w - size) // stride + 1
            delta = rng.normal(size=(n, rows, columns, c))
            yield delta, rng.normal(size=shape), size, stride, "average"

    checks.same(
        pool_backward,
        right_average_backward,
        list(average_backward_cases()),
        "pool_backward, average, with windows that overlap or leave gaps",
        rtol=1e-9,
    )
### END HIDDEN TESTS

# %%
with plots.needs("pool", "pool_backward"):
    fig, axes = plots.figure(
        "A max pool sends δ back to the winners, an average pool to everyone",
        1,
        4,
        width=9.6,
        height=2.8,
    )
    numbered(axes[0], SMALL_MAP[0, :, :, 0], "input x", 9)
    numbered(axes[1], SMALL_DELTA[0, :, :, 0], "δ of the output", 6)
    for axis, kind in zip(axes[2:], ("max", "average"), strict=True):
        back = np.asarray(pool_backward(SMALL_DELTA, SMALL_MAP, 2, 2, kind))
        numbered(axis, back[0, :, :, 0], f"∂C/∂x of the {kind} pool", 6)
    for axis in (axes[0], axes[2], axes[3]):
        axis.axhline(1.5, color="0.3", lw=1)
        axis.axvline(1.5, color="0.3", lw=1)
    plots.show(
        fig,
        alt="A 4×4 map, a 2×2 map of δ, and the gradients. The max pool puts 1, 2, 3 and 4 on "
        "the largest cell of each quarter and 0 elsewhere. The average pool puts a quarter of "
        "each δ on all four cells of its quarter.",
    )
    # And the tape agrees, with windows that overlap:
    maps = tf.constant(np.random.default_rng(85).normal(size=(2, 7, 6, 3)))
    for kind in ("max", "average"):
        with tf.GradientTape() as tape:
            tape.watch(maps)
            out = pool_by_tf(maps, 3, 2, kind)
            half_squares = tf.reduce_sum(out**2) / 2
        by_tape = tape.gradient(half_squares, maps)
        gap = np.abs(pool_backward(out.numpy(), maps.numpy(), 3, 2, kind) - by_tape).max()
        print(f"{kind} pool, largest difference from the tape: {gap:.0e}")

# %% [markdown]
# ## LeNet-5
#
# LeCun, Bottou, Bengio and Haffner built this network in 1998 to read handwritten digits. It is
# the picture at the end of notes 004. C is a convolution, S a subsampling (pool), F a
# fully connected (dense) layer:
#
# | layer | what | output | parameters |
# |---|---|---|---:|
# | input | 28×28, padded by 2 | 1 @ 32×32 | |
# | C1 | 5×5 convolution, tanh | 6 @ 28×28 | 156 |
# | S2 | 2×2 average pool, stride 2 | 6 @ 14×14 | 0 |
# | C3 | 5×5 convolution, tanh | 16 @ 10×10 | 2 416 |
# | S4 | 2×2 average pool, stride 2 | 16 @ 5×5 | 0 |
# | C5 | 5×5 convolution, tanh | 120 @ 1×1 | 48 120 |
# | F6 | dense, tanh | 84 | 10 164 |
# | output | dense, no activation | 10 scores | 850 |
#
# Together 61 706. (The original has 60 000. In its C3, most filters look at only some of the six
# maps, its pools have a weight and a bias for each map, and its output layer is a fixed code. The
# simpler version above is what everybody builds today.)
#
# Check the table with your functions from Tasks 3 to 5. On 5×5 maps, a 5×5 convolution has
# just one window, so C5 is a dense layer in disguise. `Flatten` turns 1×1 maps into a vector.
#
# The digits are scaled as in the paper: background −0.1, ink 1.175, so that the mean is near 0 and
# the variance near 1.

# %% given="to_lenet"


def to_lenet(images):
    """Scale images (N, 28, 28) uint8 to −0.1 … 1.175, pad by 2: float32 (N, 32, 32, 1)."""
    scaled = 1.275 * (np.asarray(images) / 255) - 0.1
    frame = ((0, 0), (2, 2), (2, 2))
    return np.pad(scaled, frame, constant_values=-0.1)[..., None].astype(np.float32)


# %% [markdown]
# ## Task 11: build it in Keras (2 points)
#
# A `keras.Sequential` of `Conv2D`, `AveragePooling2D`, `Flatten` and `Dense` does it. Begin with
# `keras.Input((32, 32, 1))`, so that Keras knows all shapes and makes the weights at once. The last
# layer gives plain **scores**: no softmax, no tanh. For example, `Conv2D(8, 3, activation="relu")`
# has 8 filters of 3×3 and a ReLU after them, `AveragePooling2D(3)` has window 3 and, unless told
# otherwise, stride 3, and `Dense(20, activation="relu")` has 20 units.
#
# The first test looks at shapes and counts. The second looks at scores, and so at activations
# and pools. It gives all weights of a layer one value, 2 divided by the number of inputs of a
# unit, and all biases −0.1. Then it shows a white square: each of the ten scores is 1.514.


# %% task="lenet5"
def lenet5():
    """Return LeNet-5 as a Keras model, untrained: (N, 32, 32, 1) to scores (N, 10).

    C1 6@28×28, S2 6@14×14, C3 16@10×10, S4 16@5×5, C5 120, F6 84, output 10. Convolutions 5×5
    without padding, average pools 2×2 with stride 2, tanh after C1, C3, C5 and F6.

    Returns
    -------
    keras.Model, Sequential or functional, with 61 706 parameters
    """
    ### BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            keras.layers.Conv2D(6, 5, activation="tanh"),
            keras.layers.AveragePooling2D(2),
            keras.layers.Conv2D(16, 5, activation="tanh"),
            keras.layers.AveragePooling2D(2),
            keras.layers.Conv2D(120, 5, activation="tanh"),
            keras.layers.Flatten(),
            keras.layers.Dense(84, activation="tanh"),
            keras.layers.Dense(10),
        ]
    )
    ### END SOLUTION


# %% test="lenet5" part="shapes" points=1
built = lenet5()
checks.holds(
    tuple(built.input_shape)[1:] == (32, 32, 1),
    "the input has the shape (32, 32, 1)",
    "begin with keras.Input((32, 32, 1)): the 28×28 digits are padded before they come in.",
    name="input-size",
)
checks.close(
    built.count_params(),
    61706,
    "the number of parameters",
    causes=[
        checks.cause(
            "padding-same",
            91946,
            'the convolutions are padded: `padding="valid"`, the default, is wanted.',
        ),
        checks.cause(
            "padding-same",
            82826,
            'the convolutions are padded: `padding="valid"`, the default, is wanted.',
        ),
        checks.cause(
            "padding-same",
            696746,
            'the convolutions are padded: `padding="valid"`, the default, is wanted.',
        ),
        checks.cause("bias-forgotten", 61470, "the layers have no biases."),
        checks.cause("layer-missing", 51902, "F6, the dense layer with 84 units, is missing."),
        checks.cause("layer-missing", 37106, "C5, the convolution with 120 filters, is missing."),
    ],
)
shapes_seen = [tuple(n for n in tuple(layer.output.shape)[1:] if n != 1) for layer in built.layers]
shape_at = -1
for shape_name, wanted in [
    ("C1", (28, 28, 6)),
    ("S2", (14, 14, 6)),
    ("C3", (10, 10, 16)),
    ("S4", (5, 5, 16)),
    ("C5", (120,)),
    ("F6", (84,)),
    ("the output", (10,)),
]:
    checks.holds(
        wanted in shapes_seen[shape_at + 1 :],
        f"{shape_name} gives {wanted} for each example",
        f"no layer after the one before has an output of shape {wanted}: the layers' shapes are "
        f"{shapes_seen}.",
        name="layer-shape",
    )
    shape_at = shapes_seen.index(wanted, shape_at + 1)
### BEGIN HIDDEN TESTS
with checks.hidden():
    checks.shape(
        built(np.random.default_rng(808).normal(size=(3, 32, 32, 1)).astype("float32")),
        (3, 10),
        "the scores of three images",
    )
    checks.close(
        sorted(int(np.prod(np.shape(w))) for w in built.get_weights()),
        sorted([150, 6, 2400, 16, 48000, 120, 10080, 84, 840, 10]),
        "the sizes of the kernels and biases",
    )
### END HIDDEN TESTS

# %% test="lenet5" part="values" points=1
network = lenet5()
blank = np.asarray(network(np.zeros((2, 32, 32, 1), dtype="float32")))
some = np.random.default_rng(809).normal(size=(5, 32, 32, 1)).astype("float32")
checks.close(blank[0], blank[1], "two equal images get equal scores", rtol=1e-5, atol=1e-6)
checks.holds(
    np.any(np.abs(np.sum(network(some), axis=1) - 1) > 1e-3),
    "the ten scores of an image need not add up to 1",
    "the scores add up to 1: leave the softmax out, the loss applies it.",
    name="softmax-at-the-end",
)
square = np.zeros((1, 32, 32, 1), dtype="float32")
square[:, 8:20, 12:24] = 1
network.set_weights(
    [
        np.full(w.shape, 2 / np.prod(w.shape[:-1]) if w.ndim > 1 else -0.1, dtype="float32")
        for w in map(np.asarray, network.get_weights())
    ]
)
checks.close(
    network(square),
    np.full((1, 10), 1.51421),
    "the scores of a white square, with equal weights in each layer",
    rtol=1e-3,
    standard=False,
    causes=[
        checks.cause(
            "relu-not-tanh",
            np.full((1, 10), 8.19622),
            "the hidden layers have ReLU: LeNet-5 has tanh.",
        ),
        checks.cause(
            "sigmoid-not-tanh",
            np.full((1, 10), 1.53725),
            "the hidden layers have the sigmoid: LeNet-5 has tanh.",
        ),
        checks.cause(
            "no-activation",
            np.full((1, 10), 7.44323),
            "the layers have no activation, so together they are one linear map: tanh after C1, "
            "C3, C5 and F6.",
        ),
        checks.cause(
            "no-activation",
            np.full((1, 10), 2.13733),
            "F6 has no activation: tanh is wanted there too.",
        ),
        checks.cause(
            "no-activation",
            np.full((1, 10), 1.63143),
            "C5 has no activation: tanh is wanted there too.",
        ),
        checks.cause(
            "max-pool",
            np.full((1, 10), 1.71153),
            "the pools take the maximum: LeNet-5's take the average.",
        ),
        checks.cause(
            "tanh-at-the-end",
            np.full((1, 10), 0.90768),
            "the output has a tanh: plain scores are wanted.",
        ),
    ],
)
### BEGIN HIDDEN TESTS
with checks.hidden():

    def right_scores(x, weights):
        a = np.asarray(x, dtype=float)
        for layer in range(5):
            kernel, bias = (np.asarray(w, dtype=float) for w in weights[2 * layer : 2 * layer + 2])
            if layer < 2:
                seen = np.lib.stride_tricks.sliding_window_view(a, (5, 5), axis=(1, 2))
                a = np.tanh(np.tensordot(seen, kernel, axes=([4, 5, 3], [0, 1, 2])) + bias)
                n, h, w, c = a.shape
                a = a.reshape(n, h // 2, 2, w // 2, 2, c).mean(axis=(2, 4))
            else:
                z = a.reshape(len(a), -1) @ kernel.reshape(-1, kernel.shape[-1]) + bias
                a = z if layer == 4 else np.tanh(z)
        return a

    lenet_weights = [
        w if w.ndim > 1 else np.linspace(-0.5, 0.4, len(w)).astype("float32")
        for w in map(np.asarray, lenet5().get_weights())
    ]
    network.set_weights(lenet_weights)
    checks.close(
        network(some),
        right_scores(some, lenet_weights),
        "the scores, computed from the network's weights",
        rtol=1e-3,
        atol=1e-4,
        standard=False,
    )
### END HIDDEN TESTS

# %% [markdown]
# ## Task 12: train it (1 point)
#
# Train LeNet-5 with the cross-entropy of the softmax of its scores. This recipe takes a few
# seconds and reads about 97 of 100 new digits:
#
# - call `keras.utils.set_random_seed(seed)`, **then** make the model;
# - loss `keras.losses.SparseCategoricalCrossentropy(from_logits=True)`: "logits" are our scores,
#   "sparse" means that labels are numbers 0 to 9 rather than one-hot vectors. Without
#   `from_logits=True` Keras takes the scores for probabilities, and little or nothing is learnt;
# - Adam, with a learning rate that falls from 0.007 to 0 along half a cosine:
#   `keras.optimizers.schedules.CosineDecay(0.007, steps)`, with `steps` the number of mini-batches
#   in all epochs together;
# - 3 epochs of mini-batches of 18, shuffled (as `fit` does); `verbose=0` keeps it quiet.
#
# You may use another recipe, `fit` or a loop of your own. The test trains on images **sorted by
# digit** and asks for 0.93 on the validation digits and 0.95 on the test digits.
#
# This task builds on Task 11: its test needs your `lenet5`.


# %% task="train_lenet5"
def train_lenet5(images, labels, seed):
    """Train a new LeNet-5 on images and return it.

    Minimises the mean cross-entropy −log softmax(scores)[label] over shuffled mini-batches.

    Parameters
    ----------
    images : float32 array (N, 32, 32, 1), from `to_lenet`, in any order
    labels : int array (N,), 0 to 9
    seed : int
        Of the initial weights and of the order.

    Returns
    -------
    keras.Model, trained: (N, 32, 32, 1) to scores (N, 10)
    """
    ### BEGIN SOLUTION
    keras.utils.set_random_seed(seed)
    model = lenet5()
    batch_size, epochs = 18, 3
    steps = epochs * len(range(0, len(images), batch_size))  # the last mini-batch may be smaller
    falling = keras.optimizers.schedules.CosineDecay(initial_learning_rate=0.007, decay_steps=steps)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(falling), loss)
    model.fit(images, labels, batch_size, epochs, verbose=0)
    return model
    ### END SOLUTION


# %% test="train_lenet5" points=1 needs="lenet5"
# The threshold is one that every seed of the reference clears with room; the evidence stands in
# docs/thresholds.md. (Of a large data set, the first 10 000 images are enough.)
by_digit = np.argsort(digits.y_train[:10_000], kind="stable")
trained = train_lenet5(to_lenet(digits.x_train[by_digit]), digits.y_train[by_digit], 8)
checks.accuracy(
    np.asarray(trained(to_lenet(digits.x_val))),
    digits.y_val,
    0.93,
    "accuracy of the trained LeNet-5 on the validation digits",
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    checks.accuracy(
        np.asarray(trained(to_lenet(digits.x_test))),
        digits.y_test,
        0.95,
        "accuracy of the trained LeNet-5 on the test digits",
    )
    # Not what the model says, but what a LeNet-5 with its weights says.
    tanh = {"activation": "tanh"}
    reader = keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            keras.layers.Conv2D(6, 5, **tanh),
            keras.layers.AveragePooling2D(2),
            keras.layers.Conv2D(16, 5, **tanh),
            keras.layers.AveragePooling2D(2),
            keras.layers.Conv2D(120, 5, **tanh),
            keras.layers.Flatten(),
            keras.layers.Dense(84, **tanh),
            keras.layers.Dense(10),
        ]
    )
    pairs = zip(trained.get_weights(), reader.get_weights(), strict=True)
    reader.set_weights([np.reshape(w, like.shape) for w, like in pairs])  # C5 may be dense
    checks.accuracy(
        np.asarray(reader(to_lenet(digits.x_test))),
        digits.y_test,
        0.95,
        "accuracy of a LeNet-5 with the trained weights on the test digits",
    )
### END HIDDEN TESTS

# %% [markdown]
# ## What LeNet-5 makes of a digit
#
# To save time, the network below is trained on 200 images only; raise `count` for a better one.
# Look at one digit on its way through. C1 still shows the digit, six times, each filter with its
# own emphasis: edges, strokes, background. S2 keeps that at half the size. C3's maps no longer
# look like a digit: each says *where* some combination of strokes is. Then S4, C5 and F6 (not
# shown) sum it up, and ten scores remain. Red is positive, blue negative.

# %%
with plots.needs("lenet5", "train_lenet5"):
    count = 200
    lenet = train_lenet5(to_lenet(digits.x_train[:count]), digits.y_train[:count], seed=3)
    guesses = np.argmax(lenet(to_lenet(digits.x_test[:400])), axis=1)
    right = np.mean(guesses == digits.y_test[:400])
    print(f"trained on {count} images, it reads {right:.1%} of 400 test digits rightly")

    signal = to_lenet(digits.x_test[3:4])
    shown = {"input": signal}
    for layer in lenet.layers:
        if not isinstance(layer, keras.layers.InputLayer):
            signal = layer(signal)
            shown[tuple(signal.shape[1:])] = signal
    wanted = ("input", (28, 28, 6), (14, 14, 6), (10, 10, 16))
    pictures = [np.moveaxis(np.asarray(shown[key])[0], -1, 0) for key in wanted]
    fig, axes = plots.figure(
        "On its way through LeNet-5 a digit becomes many small maps",
        4,
        8,
        width=8.4,
        height=4.6,
    )
    for axis in axes.ravel():
        axis.axis("off")
    axes[0, 0].imshow(pictures[0][0], cmap="gray_r")
    axes[0, 0].set_title("input 32×32", fontsize=8, loc="left", fontweight="normal")
    for column in range(6):
        axes[0, column + 2].imshow(pictures[1][column], cmap="RdBu_r", vmin=-1, vmax=1)
        axes[1, column + 2].imshow(pictures[2][column], cmap="RdBu_r", vmin=-1, vmax=1)
    for k, picture in enumerate(pictures[3]):
        axes[2 + k // 8, k % 8].imshow(picture, cmap="RdBu_r", vmin=-1, vmax=1)
    axes[0, 2].set_title("C1: 6 maps, 28×28", fontsize=8, loc="left", fontweight="normal")
    axes[1, 2].set_title("S2: 6 maps, 14×14", fontsize=8, loc="left", fontweight="normal")
    axes[2, 0].set_title("C3: 16 maps, 10×10", fontsize=8, loc="left", fontweight="normal")
    plots.show(
        fig,
        alt="A handwritten digit, its six C1 maps and six S2 maps, in which the digit can still be "
        "seen as positive or negative edges and strokes, and its sixteen C3 maps of 10 by 10, "
        "which show blobs rather than a digit.",
    )

# %% [markdown]
# ## In your own words (2 points)
#
# LeNet-5's C1 makes 6 maps of 28×28 from a 32×32 picture with 156 parameters. In five to eight
# sentences:
#
# 1. How many parameters would a dense layer from 32×32 pixels to the same number of outputs have?
#    (A rough number will do.) Which **two** assumptions about pictures does the convolution make
#    instead, and where in the formula of Task 4 do you see them?
# 2. Give a kind of data, or a picture task, for which one of the two assumptions is wrong.
# 3. A weight of C1 is used at 784 places. What does that mean for its gradient, and what may be an
#    advantage of it when there are few training images?

# %% [markdown] task="explain" points=2
# ### BEGIN SOLUTION
# 1. There are 1024 inputs and 6·28·28 = 4704 outputs, so the dense layer has 1024·4704 + 4704 ≈ 4.8
#    million parameters. The convolution assumes that a pixel of a map depends on its neighbourhood
#    only (locality), and that the same feature is worth looking for everywhere, with the same
#    weights (weight sharing). Locality is why k·k stands in the formula in place of the number
#    of pixels. Sharing is why the number of places, 28·28, doesn't stand in it at all.
# 2. A table of a patient's age, weight and blood pressure: neighbouring columns have nothing to do
#    with each other, so locality is wrong. Or passport photos that are always aligned: the
#    eyes are always in one place, so looking for eyes everywhere wastes effort, and a detector
#    should depend on the place.
# 3. The gradient of a shared weight is the sum of δ times pixel over all 784 places (and all
#    examples). So each image teaches the weight 784 times, and few weights with much evidence
#    each are less prone to overfitting than millions of weights with little.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# ½ point: the dense count, about 5 million (anything from 4 to 5 million with the right
# product; 1024·4704 is enough).
#
# ½ point: both assumptions, locality and shared weights, in any words ("translation
# equivariance", "the same detector everywhere"), and at least one of them tied to the formula. ¼
# for one assumption only.
#
# ½ point: an example that does contradict the assumption that it names. ¼ if the example is fine
# but it isn't said which assumption fails.
#
# ½ point: the gradient is a sum over all places, ¼; fewer parameters or more evidence per
# parameter, so less overfitting, ¼.
# ### END MARK SCHEME
