"""Other answers to the tasks of 09-translation-invariance, right and wrong, for the audit."""

# These are students' habits: a plain zip, a closure over a loop's variable.
# ruff: noqa: B905, SIM105

import keras
import numpy as np
import tensorflow as tf

from autograder.topics.variants import right, wrong

# Task 1: shift_image


@right
def shift_image(image, dy, dx):
    """Right: pixel by pixel, with a test of the bounds."""
    height, width = image.shape
    out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            if 0 <= i - dy < height and 0 <= j - dx < width:
                out[i, j] = image[i - dy, j - dx]
    return out


@right
def shift_image(image, dy, dx):
    """Right: np.roll, and zeros over what came in on the wrong side."""
    height, width = image.shape
    dy, dx = max(-height, min(dy, height)), max(-width, min(dx, width))
    moved = np.roll(image, (dy, dx), axis=(0, 1))
    if dy > 0:
        moved[:dy] = 0
    elif dy < 0:
        moved[dy:] = 0
    if dx > 0:
        moved[:, :dx] = 0
    elif dx < 0:
        moved[:, dx:] = 0
    return moved


@right
def shift_image(image, dy, dx):
    """Right: products with shifted identity matrices, in 32 bits."""
    down = np.eye(image.shape[0], k=-dy, dtype="float32")
    right_ = np.eye(image.shape[1], k=dx, dtype="float32")
    return down @ image.astype("float32") @ right_


@right
def shift_image(image, dy, dx):
    """Right: TensorFlow pads on all sides and slices; a tensor comes back."""
    height, width = image.shape
    m = max(abs(dy), abs(dx))
    padded = tf.pad(tf.constant(image), [[m, m], [m, m]])
    return padded[m - dy : m - dy + height, m - dx : m - dx + width]


@right
def shift_image(image, dy, dx):
    """Right: lists, one axis after the other, with a nested helper."""

    def down(rows, by, empty):
        n = len(rows)
        return [rows[i - by] if 0 <= i - by < n else empty for i in range(n)]

    moved = down(image.tolist(), dy, [0] * image.shape[1])
    return [down(row, dx, 0) for row in moved]


@wrong(loses=["shift_image"], diagnosis="dy-dx-swapped")
def shift_image(image, dy, dx):
    """Wrong: dy along the columns."""
    height, width = image.shape
    padded = np.pad(image, ((max(dx, 0), max(-dx, 0)), (max(dy, 0), max(-dy, 0))))
    top, left = max(-dx, 0), max(-dy, 0)
    return padded[top : top + height, left : left + width]


@wrong(loses=["shift_image"], diagnosis="direction-reversed")
def shift_image(image, dy, dx):
    """Wrong: out[i, j] = image[i + dy, j + dx]."""
    height, width = image.shape
    out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            if 0 <= i + dy < height and 0 <= j + dx < width:
                out[i, j] = image[i + dy, j + dx]
    return out


@wrong(loses=["shift_image"], diagnosis="up-for-down")
def shift_image(image, dy, dx):
    """Wrong: positive dy is up, as the y axis of a plot."""
    height, width = image.shape
    out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            if 0 <= i + dy < height and 0 <= j - dx < width:
                out[i, j] = image[i + dy, j - dx]
    return out


@wrong(loses=["shift_image"], diagnosis="wraps-around")
def shift_image(image, dy, dx):
    """Wrong: np.roll."""
    return np.roll(image, (dy, dx), axis=(0, 1))


@wrong(loses=["shift_image"], diagnosis="edge-repeated")
def shift_image(image, dy, dx):
    """Wrong: the edge is repeated."""
    rows = np.clip(np.arange(image.shape[0]) - dy, 0, image.shape[0] - 1)
    columns = np.clip(np.arange(image.shape[1]) - dx, 0, image.shape[1] - 1)
    return image[rows][:, columns]


@wrong(loses=["shift_image"], diagnosis="negative-index")
def shift_image(image, dy, dx):
    """Wrong: negative indices wrap around silently, those past the end are caught."""
    out = np.zeros_like(image)
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            try:
                out[i, j] = image[i - dy, j - dx]
            except IndexError:
                pass
    return out


@wrong(loses=["shift_image"], diagnosis="argument-changed")
def shift_image(image, dy, dx):
    """Wrong: shifted in place."""
    height, width = image.shape
    padded = np.pad(image, ((max(dy, 0), max(-dy, 0)), (max(dx, 0), max(-dx, 0))))
    top, left = max(-dy, 0), max(-dx, 0)
    image[:] = padded[top : top + height, left : left + width]
    return image


@wrong(loses=["shift_image"])
def shift_image(image, dy, dx):
    """Wrong: slices that fail for a shift by nothing upwards (image[-dy:] with dy = 0)."""
    out = np.zeros_like(image)
    if dy > 0 and dx > 0:
        out[dy:, dx:] = image[:-dy, :-dx]
    elif dy > 0:
        out[dy:, :dx] = image[:-dy, -dx:]
    elif dx > 0:
        out[:dy, dx:] = image[-dy:, :-dx]
    else:
        out[:dy, :dx] = image[-dy:, -dx:]
    return out


@wrong(loses=["shift_image"], diagnosis="uses-nnkit.datasets.shift")
def shift_image(image, dy, dx):
    """Wrong: lets the library do it."""
    return datasets.shift(image, dy, dx)


@wrong(loses=["shift_image"])
def shift_image(image, dy, dx):
    """Wrong: the visible answer, hard-coded."""
    return [[0, 0, 0, 0], [3, 4, 0, 0], [7, 8, 0, 0]]


@wrong(loses=["shift_image"], diagnosis="negative-index")
def shift_image(image, dy, dx):
    """Wrong: pushes each pixel to its new place, and tests the upper bounds only."""
    out = np.zeros(image.shape)
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            if i + dy < image.shape[0] and j + dx < image.shape[1]:
                out[i + dy, j + dx] = image[i, j]
    return out


@wrong(loses=["shift_image"], diagnosis="left-for-right")
def shift_image(image, dy, dx):
    """Wrong: slices that fit positive steps only."""
    out = np.zeros_like(image)
    out[dy:, dx:] = image[:-dy, :-dx]
    return out


@wrong(loses=["shift_image"], diagnosis="no-move-left")
def shift_image(image, dy, dx):
    """Wrong: pads on the right side, and keeps the first rows and columns in all cases."""
    height, width = image.shape
    padded = np.pad(image, ((max(dy, 0), max(-dy, 0)), (max(dx, 0), max(-dx, 0))))
    return padded[:height, :width]


# Task 2: shift_batch


@right
def shift_batch(images, offsets):
    """Right: a loop that pads and cuts each image."""
    moved = []
    for image, (dy, dx) in zip(images, offsets):
        height, width = image.shape
        padded = np.pad(image, ((max(dy, 0), max(-dy, 0)), (max(dx, 0), max(-dx, 0))))
        top, left = max(-dy, 0), max(-dx, 0)
        moved.append(padded[top : top + height, left : left + width])
    return np.array(moved)


@right
def shift_batch(images, offsets):
    """Right: einsum with a shifted identity for each image."""
    height, width = images.shape[1:]
    down = np.stack([np.eye(height, k=-dy) for dy, _ in offsets])
    across = np.stack([np.eye(width, k=dx) for _, dx in offsets])
    return np.einsum("nij,njk,nkl->nil", down, images, across)


@right
def shift_batch(images, offsets):
    """Right: pads the batch once by the largest offset, then cuts; a list comes back."""
    m = int(np.abs(offsets).max())
    height, width = images.shape[1:]
    padded = np.pad(images, ((0, 0), (m, m), (m, m)))
    return [
        picture[m - dy : m - dy + height, m - dx : m - dx + width]
        for picture, (dy, dx) in zip(padded, offsets)
    ]


@right
def shift_batch(images, offsets):
    """Right: TensorFlow, image by image, in 32 bits."""
    height, width = images.shape[1:]
    moved = []
    for n in range(len(images)):
        dy, dx = int(offsets[n, 0]), int(offsets[n, 1])
        m = max(abs(dy), abs(dx))
        padded = tf.pad(tf.constant(images[n], tf.float32), [[m, m], [m, m]])
        moved.append(padded[m - dy : m - dy + height, m - dx : m - dx + width])
    return tf.stack(moved)


@wrong(loses=["shift_batch"], diagnosis="same-shift-for-batch")
def shift_batch(images, offsets):
    """Wrong: the first offset for all."""
    dy, dx = offsets[0]
    m = int(np.abs(offsets[0]).max())
    height, width = images.shape[1:]
    padded = np.pad(images, ((0, 0), (m, m), (m, m)))
    return padded[:, m - dy : m - dy + height, m - dx : m - dx + width]


@wrong(loses=["shift_batch"], diagnosis="dy-dx-swapped")
def shift_batch(images, offsets):
    """Wrong: column 0 taken for dx."""
    m = int(np.abs(offsets).max())
    height, width = images.shape[1:]
    padded = np.pad(images, ((0, 0), (m, m), (m, m)))
    return np.stack(
        [
            picture[m - dy : m - dy + height, m - dx : m - dx + width]
            for picture, (dx, dy) in zip(padded, offsets)
        ]
    )


@wrong(loses=["shift_batch"], diagnosis="direction-reversed")
def shift_batch(images, offsets):
    """Wrong: fetches from i + dy."""
    m = int(np.abs(offsets).max())
    height, width = images.shape[1:]
    padded = np.pad(images, ((0, 0), (m, m), (m, m)))
    return np.stack(
        [
            picture[m + dy : m + dy + height, m + dx : m + dx + width]
            for picture, (dy, dx) in zip(padded, offsets)
        ]
    )


@wrong(loses=["shift_batch"], diagnosis="wraps-around")
def shift_batch(images, offsets):
    """Wrong: np.roll for each image."""
    return np.stack([np.roll(a, (dy, dx), axis=(0, 1)) for a, (dy, dx) in zip(images, offsets)])


@wrong(loses=["shift_batch"], diagnosis="edge-repeated")
def shift_batch(images, offsets):
    """Wrong: clipped indices, and no zeros."""
    count, height, width = images.shape
    rows = np.clip(np.arange(height)[:, None] - offsets[:, 0, None, None], 0, height - 1)
    columns = np.clip(np.arange(width) - offsets[:, 1, None, None], 0, width - 1)
    return images[np.arange(count)[:, None, None], rows, columns]


@wrong(loses=["shift_batch"], diagnosis="argument-changed")
def shift_batch(images, offsets):
    """Wrong: writes into the images that came in."""
    for n, (dy, dx) in enumerate(offsets):
        height, width = images[n].shape
        padded = np.pad(images[n], ((max(dy, 0), max(-dy, 0)), (max(dx, 0), max(-dx, 0))))
        top, left = max(-dy, 0), max(-dx, 0)
        images[n] = padded[top : top + height, left : left + width]
    return images


@wrong(loses=["shift_batch"])
def shift_batch(images, offsets):
    """Wrong: only the last image comes back."""
    for image, (dy, dx) in zip(images, offsets):
        height, width = image.shape
        padded = np.pad(image, ((max(dy, 0), max(-dy, 0)), (max(dx, 0), max(-dx, 0))))
        top, left = max(-dy, 0), max(-dx, 0)
        moved = padded[top : top + height, left : left + width]
    return moved


# Task 3: shifted_accuracy


@right
def shifted_accuracy(predict, images, labels, dy, dx):
    """Right: counts in a loop."""
    scores = predict(datasets.shift(images, dy, dx))
    count = 0
    for row, label in zip(scores, labels):
        count += int(list(row).index(max(row)) == label)
    return count / len(labels)


@right
def shifted_accuracy(predict, images, labels, dy, dx):
    """Right: image by image."""
    guesses = [
        np.argmax(predict(datasets.shift(images[n], dy, dx)[None])[0]) for n in range(len(images))
    ]
    return np.sum(np.array(guesses) == labels) / len(labels)


@right
def shifted_accuracy(predict, images, labels, dy, dx):
    """Right: TensorFlow, in 32 bits."""
    guesses = tf.argmax(predict(datasets.shift(images, dy, dx)), axis=1)
    return tf.reduce_mean(tf.cast(guesses == tf.constant(labels), tf.float32))


@right
def shifted_accuracy(predict, images, labels, dy, dx):
    """Right: a shift of its own, and one minus the errors."""
    m = max(abs(dy), abs(dx))
    height, width = images.shape[1:]
    padded = np.pad(images, ((0, 0), (m, m), (m, m)))
    moved = padded[:, m - dy : m - dy + height, m - dx : m - dx + width]
    return 1 - np.mean(np.argmax(predict(moved), axis=-1) != labels)


@wrong(loses=["shifted_accuracy"], diagnosis="not-shifted")
def shifted_accuracy(predict, images, labels, dy, dx):
    """Wrong: throws the shifted images away."""
    datasets.shift(images, dy, dx)
    return np.mean(np.argmax(predict(images), axis=1) == labels)


@wrong(loses=["shifted_accuracy"], diagnosis="dy-dx-swapped")
def shifted_accuracy(predict, images, labels, dy, dx):
    """Wrong: dx, dy."""
    return np.mean(np.argmax(predict(datasets.shift(images, dx, dy)), axis=1) == labels)


@wrong(loses=["shifted_accuracy"], diagnosis="direction-reversed")
def shifted_accuracy(predict, images, labels, dy, dx):
    """Wrong: moves back."""
    return np.mean(np.argmax(predict(datasets.shift(images, -dy, -dx)), axis=1) == labels)


@wrong(loses=["shifted_accuracy"], diagnosis="wraps-around")
def shifted_accuracy(predict, images, labels, dy, dx):
    """Wrong: np.roll."""
    return np.mean(np.argmax(predict(np.roll(images, (dy, dx), (1, 2))), axis=1) == labels)


@wrong(loses=["shifted_accuracy"], diagnosis="error-not-accuracy")
def shifted_accuracy(predict, images, labels, dy, dx):
    """Wrong: the error rate."""
    return np.mean(np.argmax(predict(datasets.shift(images, dy, dx)), axis=1) != labels)


@wrong(loses=["shifted_accuracy"], diagnosis="count-not-share")
def shifted_accuracy(predict, images, labels, dy, dx):
    """Wrong: a count."""
    return np.sum(np.argmax(predict(datasets.shift(images, dy, dx)), axis=1) == labels)


@wrong(loses=["shifted_accuracy"])
def shifted_accuracy(predict, images, labels, dy, dx):
    """Wrong: argmax over the images."""
    guesses = np.argmax(predict(datasets.shift(images, dy, dx)), axis=0)
    return np.mean(guesses == labels[: len(guesses)])


@wrong(loses=["shifted_accuracy"])
def shifted_accuracy(predict, images, labels, dy, dx):
    """Wrong: the visible answer, hard-coded."""
    return 0.4


# Task 4: accuracy_table


@right
def accuracy_table(predict, images, labels, reach):
    """Right: nested lists."""
    return [
        [
            np.mean(np.argmax(predict(datasets.shift(images, dy, dx)), axis=1) == labels)
            for dx in range(-reach, reach + 1)
        ]
        for dy in range(-reach, reach + 1)
    ]


@right
def accuracy_table(predict, images, labels, reach):
    """Right: all shifts in one batch, predicted at once."""
    steps = np.arange(-reach, reach + 1)
    moved = [datasets.shift(images, int(dy), int(dx)) for dy in steps for dx in steps]
    guesses = np.argmax(predict(np.concatenate(moved)), axis=1)
    hits = guesses.reshape(len(steps), len(steps), len(labels)) == labels
    return hits.mean(axis=2)


@right
def accuracy_table(predict, images, labels, reach):
    """Right: filled by index, in 32 bits."""
    size = 2 * reach + 1
    table = np.empty((size, size), dtype="float32")
    for i, j in np.ndindex(size, size):
        scores = predict(datasets.shift(images, i - reach, j - reach))
        table[i, j] = sum(np.argmax(scores, axis=1) == labels) / len(labels)
    return table


@right
def accuracy_table(predict, images, labels, reach):
    """Right: a dictionary first, a tensor in the end."""
    found = {}
    for dx in range(reach, -reach - 1, -1):
        for dy in range(reach, -reach - 1, -1):
            scores = predict(datasets.shift(images, dy, dx))
            found[dy, dx] = np.mean(np.argmax(scores, axis=1) == labels)
    steps = range(-reach, reach + 1)
    return tf.constant([[found[dy, dx] for dx in steps] for dy in steps])


@wrong(loses=["accuracy_table"], diagnosis="dy-dx-swapped")
def accuracy_table(predict, images, labels, reach):
    """Wrong: dx goes with the rows."""
    steps = range(-reach, reach + 1)
    return np.array(
        [
            [np.mean(np.argmax(predict(datasets.shift(images, b, a)), 1) == labels) for b in steps]
            for a in steps
        ]
    )


@wrong(loses=["accuracy_table"], diagnosis="open-end")
def accuracy_table(predict, images, labels, reach):
    """Wrong: range stops before reach."""
    steps = range(-reach, reach)
    return np.array(
        [
            [np.mean(np.argmax(predict(datasets.shift(images, a, b)), 1) == labels) for b in steps]
            for a in steps
        ]
    )


@wrong(loses=["accuracy_table"], diagnosis="direction-reversed")
def accuracy_table(predict, images, labels, reach):
    """Wrong: counts down in both."""
    steps = range(reach, -reach - 1, -1)
    return np.array(
        [
            [np.mean(np.argmax(predict(datasets.shift(images, a, b)), 1) == labels) for b in steps]
            for a in steps
        ]
    )


@wrong(loses=["accuracy_table"], diagnosis="upside-down")
def accuracy_table(predict, images, labels, reach):
    """Wrong: up is positive."""
    steps = range(-reach, reach + 1)
    return np.array(
        [
            [np.mean(np.argmax(predict(datasets.shift(images, -a, b)), 1) == labels) for b in steps]
            for a in steps
        ]
    )


@wrong(loses=["accuracy_table"], diagnosis="shifts-pile-up")
def accuracy_table(predict, images, labels, reach):
    """Wrong: shifts what is shifted already."""
    size = 2 * reach + 1
    table = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            images = datasets.shift(images, i - reach, j - reach)
            table[i, j] = np.mean(np.argmax(predict(images), axis=1) == labels)
    return table


@wrong(loses=["accuracy_table"], diagnosis="error-not-accuracy")
def accuracy_table(predict, images, labels, reach):
    """Wrong: the errors."""
    steps = range(-reach, reach + 1)
    return np.array(
        [
            [np.mean(np.argmax(predict(datasets.shift(images, a, b)), 1) != labels) for b in steps]
            for a in steps
        ]
    )


@wrong(loses=["accuracy_table"], diagnosis="open-end")
def accuracy_table(predict, images, labels, reach):
    """Wrong: a table of the right size, whose last row and column are never filled."""
    table = np.zeros((2 * reach + 1, 2 * reach + 1))
    for dy in range(-reach, reach):
        for dx in range(-reach, reach):
            guesses = np.argmax(predict(datasets.shift(images, dy, dx)), axis=1)
            table[dy + reach, dx + reach] = np.mean(guesses == labels)
    return table


@wrong(loses=["accuracy_table"], diagnosis="index-not-offset")
def accuracy_table(predict, images, labels, reach):
    """Wrong: filled with negative indices, so that the centre is in the corner."""
    table = np.zeros((2 * reach + 1, 2 * reach + 1))
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            scores = predict(datasets.shift(images, dy, dx))
            table[dy, dx] = np.mean(np.argmax(scores, axis=1) == labels)
    return table


# Task 5: augment


@right
def augment(images, m, rng):
    """Right: a loop with two draws for each image."""
    moved = np.zeros_like(images)
    for n in range(len(images)):
        dy = int(rng.integers(-m, m, endpoint=True))
        dx = int(rng.integers(-m, m, endpoint=True))
        moved[n] = datasets.shift(images[n], dy, dx)
    return moved


@right
def augment(images, m, rng):
    """Right: pads the batch and cuts at a random corner."""
    height, width = images.shape[1:]
    padded = np.pad(images, ((0, 0), (m, m), (m, m)))
    corners = rng.integers(0, 2 * m + 1, size=(len(images), 2))
    return np.array([p[i : i + height, j : j + width] for p, (i, j) in zip(padded, corners)])


@right
def augment(images, m, rng):
    """Right: by one indexing, with rng.choice."""
    count, height, width = images.shape
    dy, dx = rng.choice(np.arange(-m, m + 1), size=(2, count, 1, 1))
    padded = np.pad(images, ((0, 0), (m, m), (m, m)))
    rows = np.arange(height)[:, None] - dy + m
    columns = np.arange(width) - dx + m
    return padded[np.arange(count)[:, None, None], rows, columns]


@right
def augment(images, m, rng):
    """Right: offsets by rounding down, a tensor comes back."""
    offsets = np.floor(rng.random((len(images), 2)) * (2 * m + 1)).astype(int) - m
    return tf.stack([datasets.shift(a, int(dy), int(dx)) for a, (dy, dx) in zip(images, offsets)])


@wrong(loses=["augment-offsets"], diagnosis="open-end")
def augment(images, m, rng):
    """Wrong: +m never comes."""
    if m == 0:
        return images.copy()
    offsets = rng.integers(-m, m, size=(len(images), 2))
    return np.stack([datasets.shift(a, dy, dx) for a, (dy, dx) in zip(images, offsets)])


@wrong(loses=["augment-offsets"], diagnosis="same-shift-for-batch")
def augment(images, m, rng):
    """Wrong: one offset for all."""
    dy, dx = rng.integers(-m, m + 1, size=2)
    return datasets.shift(images, dy, dx)


@wrong(loses=["augment-offsets"], diagnosis="not-fresh")
def augment(images, m, rng):
    """Wrong: a generator of its own, with a fixed seed."""
    rng = np.random.default_rng(0)
    offsets = rng.integers(-m, m + 1, size=(len(images), 2))
    return np.stack([datasets.shift(a, dy, dx) for a, (dy, dx) in zip(images, offsets)])


@wrong(loses=["augment-offsets"], diagnosis="dy-equals-dx")
def augment(images, m, rng):
    """Wrong: one number for both directions."""
    offsets = rng.integers(-m, m + 1, size=len(images))
    return np.stack([datasets.shift(a, k, k) for a, k in zip(images, offsets)])


@wrong(loses=["augment-offsets"], diagnosis="ends-too-rare")
def augment(images, m, rng):
    """Wrong: rounds a uniform number, so that the ends are half as likely."""
    offsets = np.round(rng.uniform(-m, m, size=(len(images), 2))).astype(int)
    return np.stack([datasets.shift(a, dy, dx) for a, (dy, dx) in zip(images, offsets)])


@wrong(loses=["augment-offsets"], diagnosis="one-way-only")
def augment(images, m, rng):
    """Wrong: moves down and right only."""
    offsets = rng.integers(0, m + 1, size=(len(images), 2))
    return np.stack([datasets.shift(a, dy, dx) for a, (dy, dx) in zip(images, offsets)])


@wrong(loses=["augment-offsets"], diagnosis="rng-ignored")
def augment(images, m, rng):
    """Wrong: draws from NumPy's global generator."""
    offsets = np.random.randint(-m, m + 1, size=(len(images), 2))
    return np.stack([datasets.shift(a, dy, dx) for a, (dy, dx) in zip(images, offsets)])


@wrong(loses=["augment-moves"], diagnosis="wraps-around")
def augment(images, m, rng):
    """Wrong: np.roll."""
    offsets = rng.integers(-m, m + 1, size=(len(images), 2))
    return np.stack([np.roll(a, (dy, dx), (0, 1)) for a, (dy, dx) in zip(images, offsets)])


@wrong(loses=["augment-moves"])
def augment(images, m, rng):
    """Wrong: the images come back in another order."""
    images = images[::-1]
    offsets = rng.integers(-m, m + 1, size=(len(images), 2))
    return np.stack([datasets.shift(a, dy, dx) for a, (dy, dx) in zip(images, offsets)])


@wrong(loses=["augment-moves", "augment-offsets"])
def augment(images, m, rng):
    """Wrong: the originals are kept, and the moved ones appended."""
    offsets = rng.integers(-m, m + 1, size=(len(images), 2))
    moved = [datasets.shift(a, dy, dx) for a, (dy, dx) in zip(images, offsets)]
    return np.concatenate([np.stack(moved), images])[: 2 * len(images)]


@wrong(loses=["augment-moves"], diagnosis="argument-changed")
def augment(images, m, rng):
    """Wrong: moves the images in place."""
    for n, (dy, dx) in enumerate(rng.integers(-m, m + 1, size=(len(images), 2))):
        images[n] = datasets.shift(images[n], dy, dx)
    return images


@wrong(loses=["augment-moves", "augment-offsets"])
def augment(images, m, rng):
    """Wrong: moves by up to m + 1."""
    if m == 0:
        return images.copy()
    offsets = rng.integers(-m - 1, m + 2, size=(len(images), 2))
    return np.stack([datasets.shift(a, dy, dx) for a, (dy, dx) in zip(images, offsets)])


@wrong(loses=["augment-moves", "augment-offsets"], diagnosis="never-moved")
def augment(images, m, rng):
    """Wrong: the images as they are."""
    return images.copy()


@wrong(loses=["augment-offsets"], diagnosis="ends-missing")
def augment(images, m, rng):
    """Wrong: cuts uniform numbers to whole ones, towards 0."""
    offsets = rng.uniform(-m, m, size=(len(images), 2)).astype(int)
    return np.stack([datasets.shift(a, *o) for a, o in zip(images, offsets)])


@wrong(loses=["augment-offsets"])
def augment(images, m, rng):
    """Wrong: draws size and sign apart, so that 0 comes twice as often as any other."""
    signs = rng.choice([-1, 1], size=(len(images), 2))
    offsets = signs * rng.integers(0, m + 1, size=(len(images), 2))
    return np.stack([datasets.shift(a, *o) for a, o in zip(images, offsets)])


@wrong(loses=["augment-moves"])
def augment(images, m, rng):
    """Wrong: shuffles the images that came in."""
    rng.shuffle(images)
    offsets = rng.integers(-m, m + 1, size=(len(images), 2))
    return np.stack([datasets.shift(a, *o) for a, o in zip(images, offsets)])


# Task 6: train


@right
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Right: shuffles both by one order, then slices."""
    for _ in range(epochs):
        order = np.arange(len(labels))
        rng.shuffle(order)
        shuffled, answers = images[order], labels[order]
        for i in range(0, len(labels), batch_size):
            batch = augment(shuffled[i : i + batch_size], m, rng)
            network = train_step(network, batch, answers[i : i + batch_size], eta)
    return network


@right
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Right: moves the whole set anew at the start of each epoch."""
    for _ in range(epochs):
        moved = np.asarray(augment(images, m, rng))
        order = rng.permutation(len(images))
        for rows in np.split(order, np.arange(batch_size, len(order), batch_size)):
            network = train_step(network, moved[rows], labels[rows], eta)
    return network


@right
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Right: while loops, and a tuple comes back."""
    epoch = 0
    while epoch < epochs:
        left = list(rng.permutation(len(images)))
        while left:
            rows, left = left[:batch_size], left[batch_size:]
            batch = augment(images[rows], m, rng) if m else images[rows]
            network = train_step(network, batch, labels[rows], eta)
        epoch += 1
    return tuple(network)


@right
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Right: a generator of mini-batches as a nested helper."""

    def batches():
        order = rng.permutation(len(images))
        for start in range(0, len(order), batch_size):
            yield order[start : start + batch_size]

    current = [v.copy() for v in network]
    for _ in range(epochs):
        for rows in batches():
            current = train_step(current, augment(images[rows], m, rng), labels[rows], eta)
    return current


@wrong(loses=["train-steps"], diagnosis="not-fresh")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: moves the training set once, before the loop."""
    images = np.asarray(augment(images, m, rng))
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            network = train_step(network, images[rows], labels[rows], eta)
    return network


@wrong(loses=["train-steps", "train-digits"], diagnosis="not-fresh")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: no augmentation."""
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            network = train_step(network, images[rows], labels[rows], eta)
    return network


@wrong(loses=["train-steps", "train-digits"], diagnosis="labels-mixed-up")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: the labels are not permuted with the images."""
    for _ in range(epochs):
        images = images[rng.permutation(len(images))]
        for i in range(0, len(images), batch_size):
            batch = augment(images[i : i + batch_size], m, rng)
            network = train_step(network, batch, labels[i : i + batch_size], eta)
    return network


@wrong(loses=["train-steps", "train-digits"], diagnosis="not-fresh")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: moves by half of m only."""
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            batch = augment(images[rows], m // 2, rng)
            network = train_step(network, batch, labels[rows], eta)
    return network


@wrong(loses=["train-steps"], diagnosis="last-batch-dropped")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: the last, smaller mini-batch is left out."""
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for k in range(len(order) // batch_size):
            rows = order[k * batch_size : (k + 1) * batch_size]
            network = train_step(network, augment(images[rows], m, rng), labels[rows], eta)
    return network


@wrong(loses=["train-steps", "train-digits"], diagnosis="no-change")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: throws away what train_step returns."""
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            train_step(network, augment(images[rows], m, rng), labels[rows], eta)
    return network


@wrong(loses=["train-steps", "train-digits"], diagnosis="one-step")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: every step starts from the first network again."""
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            trained = train_step(network, augment(images[rows], m, rng), labels[rows], eta)
    return trained


@wrong(loses=["train-steps", "train-digits"], diagnosis="ascent")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: the learning rate with a minus, since it goes down."""
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            network = train_step(network, augment(images[rows], m, rng), labels[rows], -eta)
    return network


@wrong(loses=["train-steps", "train-digits"], diagnosis="full-batch")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: one step per epoch, on all images."""
    for _ in range(epochs):
        network = train_step(network, augment(images, m, rng), labels, eta)
    return network


@wrong(loses=["train-steps"], diagnosis="not-shuffled")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: always in the same order."""
    for _ in range(epochs):
        for i in range(0, len(images), batch_size):
            batch = augment(images[i : i + batch_size], m, rng)
            network = train_step(network, batch, labels[i : i + batch_size], eta)
    return network


@wrong(loses=["train-steps"], diagnosis="shuffled-once")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: one order for all epochs."""
    order = rng.permutation(len(images))
    for _ in range(epochs):
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            network = train_step(network, augment(images[rows], m, rng), labels[rows], eta)
    return network


@wrong(loses=["train-steps"], diagnosis="drawn-with-replacement")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: every mini-batch is drawn from all examples."""
    for _ in range(epochs):
        for _ in range(0, len(images), batch_size):
            rows = rng.integers(0, len(images), size=batch_size)
            network = train_step(network, augment(images[rows], m, rng), labels[rows], eta)
    return network


@wrong(loses=["train-steps"], diagnosis="rng-ignored")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: the order comes from NumPy's global generator."""
    for _ in range(epochs):
        order = np.random.permutation(len(images))
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            network = train_step(network, augment(images[rows], m, rng), labels[rows], eta)
    return network


@wrong(loses=["train-steps"], diagnosis="batches-cut-wrongly")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: each mini-batch starts one example further, not one mini-batch."""
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for k in range(-(-len(images) // batch_size)):
            rows = order[k : k + batch_size]
            network = train_step(network, augment(images[rows], m, rng), labels[rows], eta)
    return network


@wrong(loses=["train-steps"], diagnosis="rng-ignored")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: a new generator with a fixed seed for every mini-batch's offsets."""
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            batch = augment(images[rows], m, np.random.default_rng(0))
            network = train_step(network, batch, labels[rows], eta)
    return network


@wrong(loses=["train-steps"], diagnosis="argument-changed")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: writes the trained weights into the list that came in."""
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            network[:] = train_step(network, augment(images[rows], m, rng), labels[rows], eta)
    return network


@wrong(loses=["train-steps", "train-digits"], diagnosis="moves-pile-up")
def train(network, images, labels, m, epochs, batch_size, eta, rng):
    """Wrong: moves in each epoch what was moved in the one before."""
    for _ in range(epochs):
        images = np.asarray(augment(images, m, rng))
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            rows = order[start : start + batch_size]
            network = train_step(network, images[rows], labels[rows], eta)
    return network


# Task 7: equivariance_error


@right
def equivariance_error(f, image, dy, dx, border):
    """Right: a loop over the pixels inside."""
    a, b = f(datasets.shift(image, dy, dx)), datasets.shift(f(image), dy, dx)
    worst = 0.0
    for i in range(border, image.shape[0] - border):
        for j in range(border, image.shape[1] - border):
            worst = max(worst, abs(a[i, j] - b[i, j]))
    return worst


@right
def equivariance_error(f, image, dy, dx, border):
    """Right: a mask instead of a slice."""
    gap = np.abs(datasets.shift(np.asarray(f(image)), dy, dx) - f(datasets.shift(image, dy, dx)))
    mask = np.zeros(gap.shape, dtype=bool)
    mask[border : gap.shape[0] - border, border : gap.shape[1] - border] = True
    return gap[mask].max()


@right
def equivariance_error(f, image, dy, dx, border):
    """Right: TensorFlow, and the border cut off first."""
    height, width = image.shape
    h, w = height - 2 * border, width - 2 * border
    ways = (f(datasets.shift(image, dy, dx)), datasets.shift(f(image), dy, dx))
    a, b = (tf.constant(way)[border : border + h, border : border + w] for way in ways)
    return tf.reduce_max(tf.abs(a - b))


@right
def equivariance_error(f, image, dy, dx, border):
    """Right: the largest of the largest and minus the smallest, by np.linalg.norm."""
    gap = f(datasets.shift(image, dy, dx)) - datasets.shift(f(image), dy, dx)
    if border > 0:
        gap = gap[border:-border, border:-border]
    return np.linalg.norm(gap.ravel(), np.inf)


@wrong(loses=["equivariance_error"], diagnosis="border-included")
def equivariance_error(f, image, dy, dx, border):
    """Wrong: the border counts."""
    return np.abs(f(datasets.shift(image, dy, dx)) - datasets.shift(f(image), dy, dx)).max()


@wrong(loses=["equivariance_error"], diagnosis="no-absolute-value")
def equivariance_error(f, image, dy, dx, border):
    """Wrong: the largest signed difference."""
    gap = f(datasets.shift(image, dy, dx)) - datasets.shift(f(image), dy, dx)
    return gap[border : len(gap) - border, border : gap.shape[1] - border].max()


@wrong(loses=["equivariance_error"], diagnosis="invariance-measured")
def equivariance_error(f, image, dy, dx, border):
    """Wrong: f(x) is not moved."""
    gap = np.abs(f(datasets.shift(image, dy, dx)) - f(image))
    return gap[border : len(gap) - border, border : gap.shape[1] - border].max()


@wrong(loses=["equivariance_error"], diagnosis="mean-not-max")
def equivariance_error(f, image, dy, dx, border):
    """Wrong: the mean difference."""
    gap = np.abs(f(datasets.shift(image, dy, dx)) - datasets.shift(f(image), dy, dx))
    return gap[border : len(gap) - border, border : gap.shape[1] - border].mean()


@wrong(loses=["equivariance_error"], diagnosis="f-applied-once")
def equivariance_error(f, image, dy, dx, border):
    """Wrong: compares f(S x) with S x."""
    moved = datasets.shift(image, dy, dx)
    gap = np.abs(f(moved) - moved)
    return gap[border : len(gap) - border, border : gap.shape[1] - border].max()


@wrong(loses=["equivariance_error"], diagnosis="dy-dx-swapped")
def equivariance_error(f, image, dy, dx, border):
    """Wrong: dx, dy."""
    gap = np.abs(f(datasets.shift(image, dx, dy)) - datasets.shift(f(image), dx, dy))
    return gap[border : len(gap) - border, border : gap.shape[1] - border].max()


@wrong(loses=["equivariance_error"])
def equivariance_error(f, image, dy, dx, border):
    """Wrong: gap[border:-border], which is empty for border 0."""
    gap = np.abs(f(datasets.shift(image, dy, dx)) - datasets.shift(f(image), dy, dx))
    return np.max(gap[border:-border, border:-border])


@wrong(loses=["equivariance_error"])
def equivariance_error(f, image, dy, dx, border):
    """Wrong: moves f(S x) back, and so looks at other pixels."""
    gap = np.abs(datasets.shift(f(datasets.shift(image, dy, dx)), -dy, -dx) - f(image))
    return gap[border : len(gap) - border, border : gap.shape[1] - border].max()


@wrong(loses=["equivariance_error"], diagnosis="norm-not-max")
def equivariance_error(f, image, dy, dx, border):
    """Wrong: the norm of the difference."""
    gap = f(datasets.shift(image, dy, dx)) - datasets.shift(f(image), dy, dx)
    return np.linalg.norm(gap[border : len(gap) - border, border : gap.shape[1] - border])


@wrong(loses=["equivariance_error"], diagnosis="wraps-around")
def equivariance_error(f, image, dy, dx, border):
    """Wrong: np.roll on both ways."""
    move = (dy, dx)
    gap = np.abs(f(np.roll(image, move, (0, 1))) - np.roll(f(image), move, (0, 1)))
    return gap[border : len(gap) - border, border : gap.shape[1] - border].max()


@wrong(loses=["equivariance_error"], diagnosis="cut-too-early")
def equivariance_error(f, image, dy, dx, border):
    """Wrong: the border is cut off the image."""
    x = image[border : image.shape[0] - border, border : image.shape[1] - border]
    return np.abs(f(datasets.shift(x, dy, dx)) - datasets.shift(f(x), dy, dx)).max()


@wrong(loses=["equivariance_error"], diagnosis="cut-too-much")
def equivariance_error(f, image, dy, dx, border):
    """Wrong: cuts one row and column too many, below and on the right."""
    gap = np.abs(f(datasets.shift(image, dy, dx)) - datasets.shift(f(image), dy, dx))
    return np.max(gap[border : -border - 1, border : -border - 1])


# Task 8: invariance_error


@right
def invariance_error(g, image, reach):
    """Right: cuts windows out of a larger sheet instead of shifting."""
    height, width = image.shape[0] + 2 * reach, image.shape[1] + 2 * reach
    sheet = np.pad(image, 2 * reach)
    still = np.asarray(g(np.pad(image, reach)))
    worst = 0.0
    for i in range(2 * reach + 1):
        for j in range(2 * reach + 1):
            moved = np.asarray(g(sheet[i : i + height, j : j + width]))
            worst = max(worst, np.abs(moved - still).max())
    return worst


@right
def invariance_error(g, image, reach):
    """Right: np.roll does no harm on the padded image."""
    x = np.pad(image, reach)
    steps = range(-reach, reach + 1)
    answers = np.array([g(np.roll(x, (dy, dx), (0, 1))) for dy in steps for dx in steps])
    return np.abs(answers - answers[len(answers) // 2]).max()


@right
def invariance_error(g, image, reach):
    """Right: by hand into a larger array, and lists."""
    h, w = image.shape
    answers = {}
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            x = np.zeros((h + 2 * reach, w + 2 * reach))
            x[reach + dy : reach + dy + h, reach + dx : reach + dx + w] = image
            answers[dy, dx] = list(g(x))
    return max(abs(a - b) for v in answers.values() for a, b in zip(v, answers[0, 0]))


@right
def invariance_error(g, image, reach):
    """Right: TensorFlow."""
    x = np.pad(image, ((reach, reach), (reach, reach)), constant_values=0)
    steps = range(-reach, reach + 1)
    all_ = tf.stack([tf.constant(g(datasets.shift(x, a, b))) for a in steps for b in steps])
    return tf.reduce_max(tf.abs(all_ - tf.constant(g(x))))


@wrong(loses=["invariance_error"], diagnosis="not-padded")
def invariance_error(g, image, reach):
    """Wrong: no padding."""
    steps = range(-reach, reach + 1)
    return max(
        np.abs(g(datasets.shift(image, a, b)) - g(image)).max() for a in steps for b in steps
    )


@wrong(loses=["invariance_error"], diagnosis="open-end")
def invariance_error(g, image, reach):
    """Wrong: range stops before reach."""
    x = np.pad(image, reach)
    steps = range(-reach, reach)
    return max(np.abs(g(datasets.shift(x, a, b)) - g(x)).max() for a in steps for b in steps)


@wrong(loses=["invariance_error"], diagnosis="compared-with-unpadded")
def invariance_error(g, image, reach):
    """Wrong: compares with g of the image before padding."""
    x = np.pad(image, reach)
    steps = range(-reach, reach + 1)
    return max(np.abs(g(datasets.shift(x, a, b)) - g(image)).max() for a in steps for b in steps)


@wrong(loses=["invariance_error"], diagnosis="diagonal-only")
def invariance_error(g, image, reach):
    """Wrong: dy = dx only."""
    x = np.pad(image, reach)
    return max(np.abs(g(datasets.shift(x, k, k)) - g(x)).max() for k in range(-reach, reach + 1))


@wrong(loses=["invariance_error"], diagnosis="one-axis-at-a-time")
def invariance_error(g, image, reach):
    """Wrong: never both directions at once."""
    x = np.pad(image, reach)
    found = []
    for k in range(-reach, reach + 1):
        found.append(np.abs(g(datasets.shift(x, k, 0)) - g(x)).max())
        found.append(np.abs(g(datasets.shift(x, 0, k)) - g(x)).max())
    return max(found)


@wrong(loses=["invariance_error"], diagnosis="no-absolute-value")
def invariance_error(g, image, reach):
    """Wrong: no absolute value."""
    x = np.pad(image, reach)
    steps = range(-reach, reach + 1)
    return max(np.max(g(datasets.shift(x, a, b)) - g(x)) for a in steps for b in steps)


@wrong(loses=["invariance_error"], diagnosis="last-shift-only")
def invariance_error(g, image, reach):
    """Wrong: the change of the last shift only."""
    x = np.pad(image, reach)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            error = np.abs(g(datasets.shift(x, dy, dx)) - g(x)).max()
    return error


@wrong(loses=["invariance_error"])
def invariance_error(g, image, reach):
    """Wrong: pads with the image's edge."""
    x = np.pad(image, reach, mode="edge")
    steps = range(-reach, reach + 1)
    return max(np.abs(g(datasets.shift(x, a, b)) - g(x)).max() for a in steps for b in steps)


@wrong(loses=["invariance_error"], diagnosis="summed-not-max")
def invariance_error(g, image, reach):
    """Wrong: adds up the changes."""
    x = np.pad(image, reach)
    steps = range(-reach, reach + 1)
    return max(np.abs(g(datasets.shift(x, a, b)) - g(x)).sum() for a in steps for b in steps)


@wrong(loses=["invariance_error"], diagnosis="norm-not-max")
def invariance_error(g, image, reach):
    """Wrong: the norm of the change."""
    x = np.pad(image, reach)
    steps = range(-reach, reach + 1)
    return max(np.linalg.norm(g(datasets.shift(x, a, b)) - g(x)) for a in steps for b in steps)


@wrong(loses=["invariance_error"], diagnosis="shifted-before-padding")
def invariance_error(g, image, reach):
    """Wrong: shifts first, and pads then."""
    still = g(np.pad(image, reach))
    steps = range(-reach, reach + 1)
    moved = [np.pad(datasets.shift(image, a, b), reach) for a in steps for b in steps]
    return max(np.abs(g(x) - still).max() for x in moved)


@wrong(loses=["invariance_error"], diagnosis="padded-too-much")
def invariance_error(g, image, reach):
    """Wrong: pads by twice the reach."""
    x = np.pad(image, 2 * reach)
    steps = range(-reach, reach + 1)
    return max(np.abs(g(datasets.shift(x, a, b)) - g(x)).max() for a in steps for b in steps)


@wrong(loses=["invariance_error"], diagnosis="shifts-pile-up")
def invariance_error(g, image, reach):
    """Wrong: shifts what is shifted already."""
    x = np.pad(image, reach)
    still, worst = g(x), 0
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            x = datasets.shift(x, dy, dx)
            worst = max(worst, np.abs(g(x) - still).max())
    return worst


@wrong(loses=["invariance_error"])
def invariance_error(g, image, reach):
    """Wrong: the ends only, and nothing between."""
    x = np.pad(image, reach)
    steps = (-reach, 0, reach)
    return max(np.abs(g(datasets.shift(x, a, b)) - g(x)).max() for a in steps for b in steps)


# Task 9: global_max_pool


@right
def global_max_pool(maps):
    """Right: one axis after the other."""
    return maps.max(axis=1).max(axis=1)


@right
def global_max_pool(maps):
    """Right: loops."""
    count, height, width, channels = maps.shape
    out = np.full((count, channels), -np.inf)
    for n in range(count):
        for c in range(channels):
            for i in range(height):
                for j in range(width):
                    out[n, c] = max(out[n, c], maps[n, i, j, c])
    return out


@right
def global_max_pool(maps):
    """Right: TensorFlow."""
    return tf.reduce_max(maps, axis=[1, 2])


@right
def global_max_pool(maps):
    """Right: positions on one axis, sorted, in 32 bits."""
    flat = maps.astype("float32").reshape(maps.shape[0], -1, maps.shape[3])
    return np.sort(flat, axis=1)[:, -1]


@wrong(loses=["global_max_pool"], diagnosis="over-channels")
def global_max_pool(maps):
    """Wrong: over the channels."""
    return maps.max(axis=-1)


@wrong(loses=["global_max_pool"], diagnosis="over-batch")
def global_max_pool(maps):
    """Wrong: over the images too."""
    return maps.max(axis=(0, 1, 2))


@wrong(loses=["global_max_pool"], diagnosis="one-axis-only")
def global_max_pool(maps):
    """Wrong: over the rows only."""
    return maps.max(axis=1)


@wrong(loses=["global_max_pool"], diagnosis="flattened")
def global_max_pool(maps):
    """Wrong: flattens."""
    return maps.reshape(len(maps), -1)


@wrong(loses=["global_max_pool"], diagnosis="mean-not-max")
def global_max_pool(maps):
    """Wrong: the mean."""
    return maps.mean(axis=(1, 2))


@wrong(loses=["global_max_pool"], diagnosis="starts-at-zero")
def global_max_pool(maps):
    """Wrong: starts from zeros."""
    out = np.zeros((maps.shape[0], maps.shape[3]))
    for i in range(maps.shape[1]):
        for j in range(maps.shape[2]):
            out = np.maximum(out, maps[:, i, j])
    return out


@wrong(loses=["global_max_pool"], diagnosis="uses-keras")
def global_max_pool(maps):
    """Wrong: Keras does it."""
    return keras.layers.GlobalMaxPooling2D(dtype="float64")(maps)


@wrong(loses=["global_max_pool"])
def global_max_pool(maps):
    """Wrong: axes (0, 1), as for a single image."""
    return maps.max(axis=(0, 1))


@wrong(loses=["global_max_pool"], diagnosis="channels-mixed")
def global_max_pool(maps):
    """Wrong: reshapes as if the channels came first."""
    return maps.reshape(maps.shape[0], maps.shape[3], -1).max(axis=2)


# Task 10: global_average_pool


@right
def global_average_pool(maps):
    """Right: einsum."""
    return np.einsum("nijc->nc", maps) / (maps.shape[1] * maps.shape[2])


@right
def global_average_pool(maps):
    """Right: loops over images and channels, a list comes back."""
    return [[maps[n, :, :, c].mean() for c in range(maps.shape[3])] for n in range(maps.shape[0])]


@right
def global_average_pool(maps):
    """Right: TensorFlow, in 32 bits."""
    return tf.reduce_mean(tf.cast(maps, tf.float32), axis=(1, 2))


@right
def global_average_pool(maps):
    """Right: mean of means."""
    return maps.mean(axis=2).mean(axis=1)


@wrong(loses=["global_average_pool"], diagnosis="over-channels")
def global_average_pool(maps):
    """Wrong: over the channels."""
    return maps.mean(axis=3)


@wrong(loses=["global_average_pool"], diagnosis="over-batch")
def global_average_pool(maps):
    """Wrong: over the images too."""
    return maps.mean(axis=(0, 1, 2))


@wrong(loses=["global_average_pool"], diagnosis="summed-not-averaged")
def global_average_pool(maps):
    """Wrong: the sum."""
    return maps.sum(axis=(1, 2))


@wrong(loses=["global_average_pool"], diagnosis="max-not-mean")
def global_average_pool(maps):
    """Wrong: the maximum."""
    return maps.max(axis=(1, 2))


@wrong(loses=["global_average_pool"], diagnosis="flattened")
def global_average_pool(maps):
    """Wrong: flattens."""
    return maps.reshape(maps.shape[0], -1)


@wrong(loses=["global_average_pool"], diagnosis="uses-keras")
def global_average_pool(maps):
    """Wrong: Keras does it."""
    return keras.layers.GlobalAveragePooling2D(dtype="float64")(maps)


@wrong(loses=["global_average_pool"])
def global_average_pool(maps):
    """Wrong: divides by the number of channels."""
    return maps.sum(axis=(1, 2)) / maps.shape[3]


@wrong(loses=["global_average_pool"], diagnosis="channels-mixed")
def global_average_pool(maps):
    """Wrong: reshapes as if the channels came first."""
    return maps.reshape(maps.shape[0], maps.shape[3], -1).mean(axis=2)


# Task 11: pooling_cnn


@right
def pooling_cnn():
    """Right: the functional way."""
    x = inputs = keras.Input(shape=(28, 28, 1))
    for filters, size, stride, spread in ((8, 5, 2, 1), (24, 3, 1, 2)):
        x = keras.layers.Conv2D(
            filters,
            size,
            strides=stride,
            dilation_rate=spread,
            padding="same",
            activation="relu",
            use_bias=False,
            kernel_initializer="he_normal",
        )(x)
    x = keras.layers.GlobalMaxPooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(10)(x))


@right
def pooling_cnn():
    """Right: layers added one by one, ReLU as a layer of its own, no Input."""
    model = keras.Sequential()
    model.add(keras.layers.Conv2D(8, (5, 5), strides=(2, 2), padding="same", use_bias=False))
    model.add(keras.layers.ReLU())
    model.add(keras.layers.Conv2D(24, (3, 3), dilation_rate=2, padding="same", use_bias=False))
    model.add(keras.layers.ReLU())
    model.add(keras.layers.GlobalMaxPool2D())
    model.add(keras.layers.Dense(10, activation="linear", name="scores"))
    return model


@right
def pooling_cnn():
    """Right: a max pool over the whole map, then flattened."""
    options = {"padding": "same", "activation": "relu", "use_bias": False}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(8, 5, strides=2, **options),
            keras.layers.Conv2D(24, 3, dilation_rate=2, **options),
            keras.layers.MaxPooling2D(14),
            keras.layers.Flatten(),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["pooling_cnn"], diagnosis="flattened")
def pooling_cnn():
    """Wrong: Flatten in place of global pooling."""
    options = {"padding": "same", "activation": "relu", "use_bias": False}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(8, 5, strides=2, **options),
            keras.layers.Conv2D(24, 3, dilation_rate=2, **options),
            keras.layers.Flatten(),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["pooling_cnn"], diagnosis="with-bias")
def pooling_cnn():
    """Wrong: convolutions with biases."""
    options = {"padding": "same", "activation": "relu"}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(8, 5, strides=2, **options),
            keras.layers.Conv2D(24, 3, dilation_rate=2, **options),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["pooling_cnn"], diagnosis="softmax-applied")
def pooling_cnn():
    """Wrong: probabilities in place of scores."""
    options = {"padding": "same", "activation": "relu", "use_bias": False}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(8, 5, strides=2, **options),
            keras.layers.Conv2D(24, 3, dilation_rate=2, **options),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


@wrong(loses=["pooling_cnn"], diagnosis="average-not-max")
def pooling_cnn():
    """Wrong: global average pooling."""
    options = {"padding": "same", "activation": "relu", "use_bias": False}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(8, 5, strides=2, **options),
            keras.layers.Conv2D(24, 3, dilation_rate=2, **options),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["pooling_cnn"], diagnosis="stride-forgotten")
def pooling_cnn():
    """Wrong: no stride."""
    options = {"padding": "same", "activation": "relu", "use_bias": False}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(8, 5, **options),
            keras.layers.Conv2D(24, 3, dilation_rate=2, **options),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["pooling_cnn"], diagnosis="dilation-forgotten")
def pooling_cnn():
    """Wrong: no dilation."""
    options = {"padding": "same", "activation": "relu", "use_bias": False}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(8, 5, strides=2, **options),
            keras.layers.Conv2D(24, 3, **options),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(10),
        ]
    )


@right
def pooling_cnn():
    """Right: the functional way, with a maximum of keras.ops in place of the layer."""
    options = {"padding": "same", "activation": "relu", "use_bias": False}
    inputs = keras.Input((28, 28, 1))
    x = keras.layers.Conv2D(8, 5, strides=2, **options)(inputs)
    x = keras.layers.Conv2D(24, 3, dilation_rate=2, **options)(x)
    x = keras.ops.max(x, axis=(1, 2))
    return keras.Model([inputs], [keras.layers.Dense(10)(x)])


@wrong(loses=["pooling_cnn"], diagnosis="input-shape")
def pooling_cnn():
    """Wrong: images of 24 by 24."""
    options = {"padding": "same", "activation": "relu", "use_bias": False}
    return keras.Sequential(
        [
            keras.Input((24, 24, 1)),
            keras.layers.Conv2D(8, 5, strides=2, **options),
            keras.layers.Conv2D(24, 3, dilation_rate=2, **options),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["pooling_cnn"], diagnosis="not-invariant")
def pooling_cnn():
    """Wrong: no padding."""
    options = {"activation": "relu", "use_bias": False}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(8, 5, strides=2, **options),
            keras.layers.Conv2D(24, 3, dilation_rate=2, **options),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["pooling_cnn"], diagnosis="relu-forgotten")
def pooling_cnn():
    """Wrong: no ReLU."""
    options = {"padding": "same", "use_bias": False}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(8, 5, strides=2, **options),
            keras.layers.Conv2D(24, 3, dilation_rate=2, **options),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(10),
        ]
    )


@right
def pooling_cnn():
    """Right: a class of its own."""

    class Network(keras.Model):
        def __init__(self):
            super().__init__()
            options = {"padding": "same", "activation": "relu", "use_bias": False}
            self.first = keras.layers.Conv2D(8, 5, strides=2, **options)
            self.second = keras.layers.Conv2D(24, 3, dilation_rate=2, **options)
            self.pool = keras.layers.GlobalMaxPooling2D()
            self.scores = keras.layers.Dense(10)

        def call(self, images):
            return self.scores(self.pool(self.second(self.first(images))))

    return Network()


@right
def pooling_cnn():
    """Right: takes images of any size."""
    options = {"padding": "same", "activation": "relu", "use_bias": False}
    return keras.Sequential(
        [
            keras.Input((None, None, 1)),
            keras.layers.Conv2D(8, 5, strides=2, **options),
            keras.layers.Conv2D(24, 3, dilation_rate=2, **options),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["pooling_cnn"], diagnosis="activation-at-the-end")
def pooling_cnn():
    """Wrong: a ReLU on the scores."""
    options = {"padding": "same", "activation": "relu", "use_bias": False}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(8, 5, strides=2, **options),
            keras.layers.Conv2D(24, 3, dilation_rate=2, **options),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(10, activation="relu"),
        ]
    )


@wrong(loses=["pooling_cnn"], diagnosis="not-invariant")
def pooling_cnn():
    """Wrong: a stride of 2 in place of the dilation."""
    options = {"padding": "same", "activation": "relu", "use_bias": False}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(8, 5, strides=2, **options),
            keras.layers.Conv2D(24, 3, strides=2, **options),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["pooling_cnn"], diagnosis="relu-forgotten")
def pooling_cnn():
    """Wrong: a ReLU after the second convolution only."""
    options = {"padding": "same", "use_bias": False}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(8, 5, strides=2, **options),
            keras.layers.Conv2D(24, 3, dilation_rate=2, activation="relu", **options),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["pooling_cnn"], diagnosis="no-model")
def pooling_cnn():
    """Wrong: the model is made, and not returned."""
    keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(8, 5, strides=2)])
