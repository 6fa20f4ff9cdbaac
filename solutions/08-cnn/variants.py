"""Other answers to the tasks of 08-cnn, right and wrong, for the audit of its tests."""

import keras
import numpy as np
import tensorflow as tf

from autograder.topics.variants import right, wrong

# Task 1: correlate


@right
def correlate(image, kernel):
    """Right: windows as a view, and einsum."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel)


@right
def correlate(image, kernel):
    """Right: one shifted picture per weight."""
    rows = image.shape[0] - kernel.shape[0] + 1
    columns = image.shape[1] - kernel.shape[1] + 1
    total = 0
    for u in range(kernel.shape[0]):
        for v in range(kernel.shape[1]):
            total = total + kernel[u, v] * image[u : u + rows, v : v + columns]
    return total


@right
def correlate(image, kernel):
    """Right: four loops, a list of lists comes back."""
    kh, kw = len(kernel), len(kernel[0])
    result = []
    for i in range(len(image) - kh + 1):
        row = []
        for j in range(len(image[0]) - kw + 1):
            z = 0.0
            for u in range(kh):
                for v in range(kw):
                    z += kernel[u][v] * image[i + u][j + v]
            row.append(z)
        result.append(row)
    return result


@right
def correlate(image, kernel):
    """Right: TensorFlow's arithmetic, with a helper of its own."""

    def window_at(i, j):
        return tf.constant(image[i : i + kernel.shape[0], j : j + kernel.shape[1]])

    rows, columns = np.array(image.shape) - np.array(kernel.shape) + 1
    sums = [[tf.reduce_sum(window_at(i, j) * kernel) for j in range(columns)] for i in range(rows)]
    return tf.stack([tf.stack(row) for row in sums])


@wrong(loses=["correlate"], diagnosis="flipped-kernel")
def correlate(image, kernel):
    """Wrong: convolution."""
    kh, kw = kernel.shape
    z = np.zeros((image.shape[0] - kh + 1, image.shape[1] - kw + 1))
    for i, j in np.ndindex(z.shape):
        z[i, j] = np.sum(kernel[::-1, ::-1] * image[i : i + kh, j : j + kw])
    return z


@wrong(loses=["correlate"], diagnosis="off-by-one")
def correlate(image, kernel):
    """Wrong: H − kh rows in place of H − kh + 1."""
    kh, kw = kernel.shape
    z = np.zeros((image.shape[0] - kh, image.shape[1] - kw))
    for i, j in np.ndindex(z.shape):
        z[i, j] = np.sum(kernel * image[i : i + kh, j : j + kw])
    return z


@wrong(loses=["correlate"], diagnosis="averaged-over-window")
def correlate(image, kernel):
    """Wrong: the mean of the products."""
    kh, kw = kernel.shape
    z = np.zeros((image.shape[0] - kh + 1, image.shape[1] - kw + 1))
    for i, j in np.ndindex(z.shape):
        z[i, j] = np.mean(kernel * image[i : i + kh, j : j + kw])
    return z


@wrong(loses=["correlate"], diagnosis="window-not-summed-with-weights")
def correlate(image, kernel):
    """Wrong: the weights are forgotten."""
    kh, kw = kernel.shape
    z = np.zeros((image.shape[0] - kh + 1, image.shape[1] - kw + 1))
    for i, j in np.ndindex(z.shape):
        z[i, j] = np.sum(image[i : i + kh, j : j + kw])
    return z


@wrong(loses=["correlate"], diagnosis="flipped-one-way")
def correlate(image, kernel):
    """Wrong: the columns of the kernel run backwards."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel[:, ::-1])


@wrong(loses=["correlate"])
def correlate(image, kernel):
    """Wrong: square kernels only."""
    k = len(kernel)
    z = np.zeros((image.shape[0] - k + 1, image.shape[1] - k + 1))
    for i, j in np.ndindex(z.shape):
        z[i, j] = np.sum(kernel * image[i : i + k, j : j + k])
    return z


@wrong(loses=["correlate"])
def correlate(image, kernel):
    """Wrong: a matrix product in place of the product of elements."""
    kh, kw = kernel.shape
    z = np.zeros((image.shape[0] - kh + 1, image.shape[1] - kw + 1))
    for i, j in np.ndindex(z.shape):
        z[i, j] = np.sum(kernel.T @ image[i : i + kh, j : j + kw])
    return z


@wrong(loses=["correlate"])
def correlate(image, kernel):
    """Wrong: the output is padded to the size of the image."""
    kh, kw = kernel.shape
    padded = np.pad(image, ((kh // 2, kh - 1 - kh // 2), (kw // 2, kw - 1 - kw // 2)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel)


@wrong(loses=["correlate"], diagnosis="uses-tensorflow.nn.conv2d")
def correlate(image, kernel):
    """Wrong: TensorFlow's own."""
    return tf.nn.conv2d(image[None, :, :, None], kernel[:, :, None, None], 1, "VALID")[0, :, :, 0]


@wrong(loses=["correlate"])
def correlate(image, kernel):
    """Wrong: the visible answers, hard-coded."""
    return np.array([[2.0, 5.0], [0.0, 1.0]]) if len(image) == 3 else NOTES_HORIZONTAL


# Task 2: convolve


@right
def convolve(image, kernel):
    """Right: turned by np.rot90, windows as a view."""
    turned = np.rot90(kernel, 2)
    windows = np.lib.stride_tricks.sliding_window_view(image, turned.shape)
    return np.tensordot(windows, turned, axes=2)


@right
def convolve(image, kernel):
    """Right: the definition, kernel read backwards, in loops."""
    kh, kw = kernel.shape
    rows, columns = image.shape[0] - kh + 1, image.shape[1] - kw + 1
    return [
        [
            sum(
                kernel[u, v] * image[i + kh - 1 - u, j + kw - 1 - v]
                for u in range(kh)
                for v in range(kw)
            )
            for j in range(columns)
        ]
        for i in range(rows)
    ]


@right
def convolve(image, kernel):
    """Right: by the correlation of Task 1."""
    return correlate(image, np.flip(kernel))


@right
def convolve(image, kernel):
    """Right: the image turned, and the result turned back."""
    kh, kw = kernel.shape
    turned = np.flip(image)
    windows = np.lib.stride_tricks.sliding_window_view(turned, (kh, kw))
    return np.flip(np.einsum("ijuv,uv->ij", windows, kernel))


@wrong(loses=["convolve"], diagnosis="not-flipped")
def convolve(image, kernel):
    """Wrong: correlation."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel)


@wrong(loses=["convolve"], diagnosis="flipped-one-way")
def convolve(image, kernel):
    """Wrong: only the rows are reversed."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel[::-1])


@wrong(loses=["convolve"], diagnosis="flipped-one-way")
def convolve(image, kernel):
    """Wrong: only the columns are reversed."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, np.fliplr(kernel))


@wrong(loses=["convolve"], diagnosis="image-flipped")
def convolve(image, kernel):
    """Wrong: the image is turned in place of the kernel."""
    windows = np.lib.stride_tricks.sliding_window_view(image[::-1, ::-1], kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel)


@wrong(loses=["convolve"])
def convolve(image, kernel):
    """Wrong: transposed in place of turned."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.T.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel.T)


@wrong(loses=["convolve"])
def convolve(image, kernel):
    """Wrong: turned by 90°."""
    turned = np.rot90(kernel)
    windows = np.lib.stride_tricks.sliding_window_view(image, turned.shape)
    return np.einsum("ijuv,uv->ij", windows, turned)


@wrong(loses=["convolve"], diagnosis="uses-tensorflow.nn.conv2d")
def convolve(image, kernel):
    """Wrong: TensorFlow's own, with the kernel turned."""
    turned = kernel[::-1, ::-1, None, None]
    return tf.nn.conv2d(image[None, :, :, None], turned, 1, "VALID")[0, :, :, 0]


# Task 3: output_size


@right
def output_size(n, k, padding, stride):
    """Right: counts the places."""
    count, first = 0, 0
    while first + k <= n + 2 * padding:
        count += 1
        first += stride
    return count


@right
def output_size(n, k, padding, stride):
    """Right: np.floor, a float comes back."""
    return np.floor((n + 2 * padding - k) / stride) + 1


@right
def output_size(n, k, padding, stride):
    """Right: the + 1 inside, with a stride added."""
    return int((n + 2 * padding - k + stride) / stride)


@right
def output_size(n, k, padding, stride):
    """Right: a TensorFlow number comes back."""
    return tf.constant(n + 2 * padding - k) // stride + 1


@wrong(loses=["output_size"], diagnosis="ceil-not-floor")
def output_size(n, k, padding, stride):
    """Wrong: rounds up."""
    return int(np.ceil((n + 2 * padding - k) / stride)) + 1


@wrong(loses=["output_size"], diagnosis="off-by-one")
def output_size(n, k, padding, stride):
    """Wrong: the + 1 is missing."""
    return (n + 2 * padding - k) // stride


@wrong(loses=["output_size"], diagnosis="off-by-one")
def output_size(n, k, padding, stride):
    """Wrong: the + 1 inside the division."""
    return (n + 2 * padding - k + 1) // stride


@wrong(loses=["output_size"], diagnosis="padding-once")
def output_size(n, k, padding, stride):
    """Wrong: the padding counts once."""
    return (n + padding - k) // stride + 1


@wrong(loses=["output_size"], diagnosis="padding-ignored")
def output_size(n, k, padding, stride):
    """Wrong: no padding."""
    return (n - k) // stride + 1


@wrong(loses=["output_size"], diagnosis="stride-ignored")
def output_size(n, k, padding, stride):
    """Wrong: no stride."""
    return n + 2 * padding - k + 1


@wrong(loses=["output_size"], diagnosis="not-rounded")
def output_size(n, k, padding, stride):
    """Wrong: a true division, not rounded."""
    return (n + 2 * padding - k) / stride + 1


@wrong(loses=["output_size"], diagnosis="ceil-not-floor")
def output_size(n, k, padding, stride):
    """Wrong: rounds to the nearest."""
    return round((n + 2 * padding - k) / stride) + 1


@wrong(loses=["output_size"])
def output_size(n, k, padding, stride):
    """Wrong: the sizes of Keras' "same"."""
    return -(-n // stride)


# Task 4: conv_parameters


@right
def conv_parameters(k, c_in, c_out):
    """Right: per filter."""
    return (k**2 * c_in + 1) * c_out


@right
def conv_parameters(k, c_in, c_out):
    """Right: counts arrays."""
    return np.zeros((k, k, c_in, c_out)).size + np.zeros(c_out).size


@right
def conv_parameters(k, c_in, c_out):
    """Right: asks Keras."""
    layer = keras.layers.Conv2D(c_out, k)
    layer.build((None, k, k, c_in))
    return layer.count_params()


@wrong(loses=["conv_parameters"], diagnosis="bias-forgotten")
def conv_parameters(k, c_in, c_out):
    """Wrong: no biases."""
    return k * k * c_in * c_out


@wrong(loses=["conv_parameters"], diagnosis="bias-per-slice")
def conv_parameters(k, c_in, c_out):
    """Wrong: a bias for each slice."""
    return (k * k + 1) * c_in * c_out


@wrong(loses=["conv_parameters"], diagnosis="one-bias")
def conv_parameters(k, c_in, c_out):
    """Wrong: one bias in all."""
    return k * k * c_in * c_out + 1


@wrong(loses=["conv_parameters"], diagnosis="channels-forgotten")
def conv_parameters(k, c_in, c_out):
    """Wrong: one slice per filter."""
    return (k * k + 1) * c_out


@wrong(loses=["conv_parameters"], diagnosis="k-not-squared")
def conv_parameters(k, c_in, c_out):
    """Wrong: k weights per slice."""
    return k * c_in * c_out + c_out


@wrong(loses=["conv_parameters"], diagnosis="bias-per-input-channel")
def conv_parameters(k, c_in, c_out):
    """Wrong: a bias for each channel that comes in."""
    return (k * k * c_out + 1) * c_in


@wrong(loses=["conv_parameters"])
def conv_parameters(k, c_in, c_out):
    """Wrong: slices and filters added."""
    return k * k * (c_in + c_out) + c_out


# Task 5: receptive_field


@right
def receptive_field(layers):
    """Right: from the last layer back to the picture."""
    width = 1
    for k, s in reversed(layers):
        width = (width - 1) * s + k
    return width


@right
def receptive_field(layers):
    """Right: the jump as a product of strides, in one line."""
    strides = [s for _, s in layers]
    return 1 + sum((k - 1) * int(np.prod(strides[:i])) for i, (k, _) in enumerate(layers))


@right
def receptive_field(layers):
    """Right: recursion."""
    if len(layers) == 0:
        return 1
    (k, s), *rest = layers
    return k + (receptive_field(rest) - 1) * s


@right
def receptive_field(layers):
    """Right: the set of pixels, followed back through every layer."""
    pixels = {0}
    for k, s in layers[::-1]:
        pixels = {unit * s + u for unit in pixels for u in range(k)}
    return max(pixels) - min(pixels) + 1


@wrong(loses=["receptive_field"], diagnosis="adds-k")
def receptive_field(layers):
    """Wrong: k jumps in place of k − 1."""
    field, jump = 1, 1
    for k, s in layers:
        field += k * jump
        jump *= s
    return field


@wrong(loses=["receptive_field"], diagnosis="jump-forgotten")
def receptive_field(layers):
    """Wrong: no jump."""
    return 1 + sum(k - 1 for k, _ in layers)


@wrong(loses=["receptive_field"], diagnosis="own-stride-counted")
def receptive_field(layers):
    """Wrong: the jump is multiplied first."""
    field, jump = 1, 1
    for k, s in layers:
        jump *= s
        field += (k - 1) * jump
    return field


@wrong(loses=["receptive_field"], diagnosis="own-stride-counted")
def receptive_field(layers):
    """Wrong: the layer's own stride in place of the jump."""
    field = 1
    for k, s in layers:
        field += (k - 1) * s
    return field


@wrong(loses=["receptive_field"], diagnosis="starts-at-zero")
def receptive_field(layers):
    """Wrong: starts at 0."""
    field, jump = 0, 1
    for k, s in layers:
        field += (k - 1) * jump
        jump *= s
    return field


@wrong(loses=["receptive_field"], diagnosis="last-stride-only")
def receptive_field(layers):
    """Wrong: the jump is the stride of the layer before, not the product."""
    field, jump = 1, 1
    for k, s in layers:
        field += (k - 1) * jump
        jump = s
    return field


@wrong(loses=["receptive_field"], diagnosis="strides-added")
def receptive_field(layers):
    """Wrong: strides are added up."""
    field, jump = 1, 1
    for k, s in layers:
        field += (k - 1) * jump
        jump += s - 1
    return field


@wrong(loses=["receptive_field"], diagnosis="last-layer-first")
def receptive_field(layers):
    """Wrong: from the wrong end."""
    field, jump = 1, 1
    for k, s in reversed(layers):
        field += (k - 1) * jump
        jump *= s
    return field


@wrong(loses=["receptive_field"], diagnosis="windows-multiplied")
def receptive_field(layers):
    """Wrong: the product of the windows."""
    field = 1
    for k, _ in layers:
        field *= k
    return field


@wrong(loses=["receptive_field"], diagnosis="windows-added")
def receptive_field(layers):
    """Wrong: the sum of the windows."""
    return sum(k for k, _ in layers)


@wrong(loses=["receptive_field"])
def receptive_field(layers):
    """Wrong: the first layer's window is taken for the start, so no layers crash."""
    field, jump = layers[0]
    for k, s in layers[1:]:
        field += (k - 1) * jump
        jump *= s
    return field


# Task 6: conv_forward


@right
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Right: one shifted batch per weight of the window, and matrix products."""
    k, p = kernel.shape[0], padding
    padded = np.pad(x, [(0, 0), (p, p), (p, p), (0, 0)])
    rows = (x.shape[1] + 2 * p - k) // stride + 1
    columns = (x.shape[2] + 2 * p - k) // stride + 1
    z = np.tile(bias, (len(x), rows, columns, 1))
    for u in range(k):
        for v in range(k):
            r = slice(u, u + stride * (rows - 1) + 1, stride)
            c = slice(v, v + stride * (columns - 1) + 1, stride)
            z = z + padded[:, r, c] @ kernel[u, v]
    return z


@right
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Right: windows as a view, einsum."""
    k, p = kernel.shape[0], padding
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(1, 2))
    return np.einsum("nijcuv,uvcd->nijd", windows[:, ::stride, ::stride], kernel) + bias


@right
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Right: windows flattened into rows, one matrix product (im2col)."""
    k, p = kernel.shape[0], padding
    n, h, w, c_in = x.shape
    padded = np.zeros((n, h + 2 * p, w + 2 * p, c_in))
    padded[:, p : p + h, p : p + w] = x
    rows, columns = (h + 2 * p - k) // stride + 1, (w + 2 * p - k) // stride + 1
    patches = [
        padded[:, i * stride : i * stride + k, j * stride : j * stride + k].reshape(n, -1)
        for i in range(rows)
        for j in range(columns)
    ]
    z = np.stack(patches, axis=1) @ kernel.reshape(-1, kernel.shape[3]) + bias
    return z.reshape(n, rows, columns, -1)


@right
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Right: example, filter and place in loops."""
    k = kernel.shape[0]
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    rows = (x.shape[1] - k) // stride + 1
    columns = (x.shape[2] - k) // stride + 1
    z = np.empty((x.shape[0], rows, columns, kernel.shape[3]))
    for n, i, j, c in np.ndindex(z.shape):
        window = x[n, i * stride : i * stride + k, j * stride : j * stride + k, :]
        z[n, i, j, c] = (window * kernel[:, :, :, c]).sum() + bias[c]
    return z


@right
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Right: TensorFlow's arithmetic."""
    k, p = kernel.shape[0], padding
    x = tf.pad(tf.constant(x), [[0, 0], [p, p], [p, p], [0, 0]])
    rows, columns = (x.shape[1] - k) // stride + 1, (x.shape[2] - k) // stride + 1
    z = []
    for i in range(0, rows * stride, stride):
        line = [
            tf.tensordot(x[:, i : i + k, j : j + k, :], kernel, 3) + bias
            for j in range(0, columns * stride, stride)
        ]
        z.append(tf.stack(line, axis=1))
    return tf.stack(z, axis=1)


@wrong(loses=["conv_forward-channels", "conv_forward-stride"], diagnosis="bias-forgotten")
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: no bias."""
    k, p = kernel.shape[0], padding
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(1, 2))
    return np.einsum("nijcuv,uvcd->nijd", windows[:, ::stride, ::stride], kernel)


@wrong(loses=["conv_forward-channels", "conv_forward-stride"], diagnosis="flipped-kernel")
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: the kernel is turned."""
    k, p = kernel.shape[0], padding
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(1, 2))
    turned = kernel[::-1, ::-1]
    return np.einsum("nijcuv,uvcd->nijd", windows[:, ::stride, ::stride], turned) + bias


@wrong(loses=["conv_forward-channels", "conv_forward-stride"], diagnosis="one-channel-only")
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: channels overwrite each other."""
    k, p = kernel.shape[0], padding
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    for c in range(x.shape[3]):
        windows = np.lib.stride_tricks.sliding_window_view(padded[..., c], (k, k), axis=(1, 2))
        chosen = windows[:, ::stride, ::stride]
        z = np.einsum("nijuv,uvd->nijd", chosen, kernel[:, :, c]) + bias
    return z


@wrong(loses=["conv_forward-channels", "conv_forward-stride"], diagnosis="bias-per-slice")
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: the bias is added for every channel."""
    k, p = kernel.shape[0], padding
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    z = 0
    for c in range(x.shape[3]):
        windows = np.lib.stride_tricks.sliding_window_view(padded[..., c], (k, k), axis=(1, 2))
        chosen = windows[:, ::stride, ::stride]
        z = z + np.einsum("nijuv,uvd->nijd", chosen, kernel[:, :, c]) + bias
    return z


@wrong(loses=["conv_forward-channels", "conv_forward-stride"], diagnosis="channels-not-summed")
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: one map per channel that comes in."""
    k, p = kernel.shape[0], padding
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(1, 2))
    z = np.einsum("nijcuv,uvcd->nijcd", windows[:, ::stride, ::stride], kernel) + bias
    return z.reshape(*z.shape[:3], -1)


@wrong(loses=["conv_forward-channels", "conv_forward-stride"], diagnosis="channels-averaged")
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: channels averaged."""
    k, p = kernel.shape[0], padding
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(1, 2))
    z = np.einsum("nijcuv,uvcd->nijd", windows[:, ::stride, ::stride], kernel) / x.shape[3]
    return z + bias


@wrong(loses=["conv_forward-stride"], diagnosis="stride-ignored")
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: every window is computed, whatever the stride."""
    k, p = kernel.shape[0], padding
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(1, 2))
    return np.einsum("nijcuv,uvcd->nijd", windows, kernel) + bias


@wrong(loses=["conv_forward-stride"], diagnosis="stride-ignored")
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: the right size, but windows begin at i and j."""
    k, p = kernel.shape[0], padding
    x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    rows, columns = (x.shape[1] - k) // stride + 1, (x.shape[2] - k) // stride + 1
    z = np.zeros((len(x), rows, columns, kernel.shape[3]))
    for i in range(rows):
        for j in range(columns):
            z[:, i, j] = np.tensordot(x[:, i : i + k, j : j + k], kernel, axes=3) + bias
    return z


@wrong(loses=["conv_forward-stride"], diagnosis="padding-ignored")
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: no padding."""
    k = kernel.shape[0]
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(1, 2))
    return np.einsum("nijcuv,uvcd->nijd", windows[:, ::stride, ::stride], kernel) + bias


@wrong(loses=["conv_forward-stride"], diagnosis="padding-one-side")
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: all zeros below and on the right, as in the notes' layer 2."""
    k, p = kernel.shape[0], padding
    padded = np.pad(x, ((0, 0), (0, 2 * p), (0, 2 * p), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(1, 2))
    return np.einsum("nijcuv,uvcd->nijd", windows[:, ::stride, ::stride], kernel) + bias


@wrong(loses=["conv_forward-stride"], diagnosis="padding-not-zeros")
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: the border repeats the edge."""
    k, p = kernel.shape[0], padding
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(1, 2))
    return np.einsum("nijcuv,uvcd->nijd", windows[:, ::stride, ::stride], kernel) + bias


@wrong(loses=["conv_forward-stride"])
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: windows lie k apart as soon as there is a stride."""
    k, p = kernel.shape[0], padding
    step = k if stride > 1 else 1
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(1, 2))
    return np.einsum("nijcuv,uvcd->nijd", windows[:, ::step, ::step], kernel) + bias


@wrong(loses=["conv_forward-stride"])
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: the channels are padded too."""
    k, p = kernel.shape[0], padding
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (p, p)))[..., : x.shape[3]]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(1, 2))
    return np.einsum("nijcuv,uvcd->nijd", windows[:, ::stride, ::stride], kernel) + bias


@wrong(loses=["conv_forward-channels", "conv_forward-stride"])
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: square images only."""
    k, p = kernel.shape[0], padding
    x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    side = (x.shape[1] - k) // stride + 1
    z = np.zeros((len(x), side, side, kernel.shape[3]))
    for i, j in np.ndindex(side, side):
        window = x[:, i * stride : i * stride + k, j * stride : j * stride + k]
        z[:, i, j] = np.tensordot(window, kernel, axes=3) + bias
    return z


@wrong(
    loses=["conv_forward-channels", "conv_forward-stride"],
    diagnosis="uses-tensorflow.nn.conv2d",
)
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: TensorFlow's own."""
    p = padding
    return tf.nn.conv2d(x, kernel, stride, [[0, 0], [p, p], [p, p], [0, 0]]) + bias


@wrong(loses=["conv_forward-channels", "conv_forward-stride"], diagnosis="uses-keras")
def conv_forward(x, kernel, bias, stride=1, padding=0):
    """Wrong: Keras' operation."""
    p = padding
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    return np.asarray(keras.ops.conv(padded, kernel, stride, "valid")) + bias


# Task 7: kernel_gradient


@right
def kernel_gradient(delta, x, k, stride=1, padding=0):
    """Right: one strided slice per weight."""
    p = padding
    x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    rows, columns = delta.shape[1:3]
    grad = np.empty((k, k, x.shape[3], delta.shape[3]))
    for u in range(k):
        for v in range(k):
            part = x[:, u : u + rows * stride : stride, v : v + columns * stride : stride]
            grad[u, v] = np.einsum("nijc,nijd->cd", part, delta)
    return grad, delta.sum((0, 1, 2))


@right
def kernel_gradient(delta, x, k, stride=1, padding=0):
    """Right: windows as a view, a list comes back."""
    p = padding
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(1, 2))
    used = windows[:, ::stride, ::stride][:, : delta.shape[1], : delta.shape[2]]
    return [
        np.einsum("nijcuv,nijd->uvcd", used, delta),
        delta.reshape(-1, delta.shape[3]).sum(axis=0),
    ]


@right
def kernel_gradient(delta, x, k, stride=1, padding=0):
    """Right: every δ in a loop of its own."""
    p = padding
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    grad, grad_bias = np.zeros((k, k, x.shape[3], delta.shape[3])), np.zeros(delta.shape[3])
    for n, i, j, c in np.ndindex(delta.shape):
        top, left = i * stride, j * stride
        grad[..., c] += delta[n, i, j, c] * padded[n, top : top + k, left : left + k]
        grad_bias[c] += delta[n, i, j, c]
    return grad, grad_bias


@right
def kernel_gradient(delta, x, k, stride=1, padding=0):
    """Right: TensorFlow's arithmetic."""
    p = padding
    padded = tf.pad(tf.constant(x), [[0, 0], [p, p], [p, p], [0, 0]])
    grad = 0.0
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            window = padded[:, i * stride : i * stride + k, j * stride : j * stride + k]
            grad = tf.einsum("nuvc,nd->uvcd", window, delta[:, i, j]) + grad
    return grad, tf.reduce_sum(delta, axis=[0, 1, 2])


@wrong(loses=["kernel_gradient"], diagnosis="not-accumulated")
def kernel_gradient(delta, x, k, stride=1, padding=0):
    """Wrong: each window overwrites the one before."""
    s, p = stride, padding
    x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            window = x[:, i * s : i * s + k, j * s : j * s + k]
            grad = np.tensordot(window, delta[:, i, j], axes=(0, 0))
    return grad, delta.sum(axis=(0, 1, 2))


@wrong(loses=["kernel_gradient"], diagnosis="stride-ignored")
def kernel_gradient(delta, x, k, stride=1, padding=0):
    """Wrong: the stride is forgotten on the way back."""
    p = padding
    x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    grad = np.zeros((k, k, x.shape[3], delta.shape[3]))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            window = x[:, i : i + k, j : j + k]
            grad += np.tensordot(window, delta[:, i, j], axes=(0, 0))
    return grad, delta.sum(axis=(0, 1, 2))


@wrong(loses=["kernel_gradient"], diagnosis="averaged-over-windows")
def kernel_gradient(delta, x, k, stride=1, padding=0):
    """Wrong: the mean over the windows."""
    s, p = stride, padding
    x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    grad = np.zeros((k, k, x.shape[3], delta.shape[3]))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            window = x[:, i * s : i * s + k, j * s : j * s + k]
            grad += np.tensordot(window, delta[:, i, j], axes=(0, 0))
    places = delta.shape[1] * delta.shape[2]
    return grad / places, delta.sum(axis=(0, 1, 2)) / places


@wrong(loses=["kernel_gradient"], diagnosis="bias-averaged")
def kernel_gradient(delta, x, k, stride=1, padding=0):
    """Wrong: the bias's gradient is a mean."""
    s, p = stride, padding
    x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    grad = np.zeros((k, k, x.shape[3], delta.shape[3]))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            window = x[:, i * s : i * s + k, j * s : j * s + k]
            grad += np.tensordot(window, delta[:, i, j], axes=(0, 0))
    return grad, delta.mean(axis=(0, 1, 2))


@wrong(loses=["kernel_gradient"], diagnosis="flipped-kernel")
def kernel_gradient(delta, x, k, stride=1, padding=0):
    """Wrong: the gradient is turned by 180°."""
    s, p = stride, padding
    x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    grad = np.zeros((k, k, x.shape[3], delta.shape[3]))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            window = x[:, i * s : i * s + k, j * s : j * s + k]
            grad += np.tensordot(window, delta[:, i, j], axes=(0, 0))
    return grad[::-1, ::-1], delta.sum(axis=(0, 1, 2))


@wrong(loses=["kernel_gradient"], diagnosis="averaged-not-summed")
def kernel_gradient(delta, x, k, stride=1, padding=0):
    """Wrong: divided by the number of examples once more."""
    s, p = stride, padding
    x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    grad = np.zeros((k, k, x.shape[3], delta.shape[3]))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            window = x[:, i * s : i * s + k, j * s : j * s + k]
            grad += np.tensordot(window, delta[:, i, j], axes=(0, 0))
    return grad / len(x), delta.sum(axis=(0, 1, 2)) / len(x)


@wrong(loses=["kernel_gradient"])
def kernel_gradient(delta, x, k, stride=1, padding=0):
    """Wrong: the first example only."""
    s, p = stride, padding
    x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    grad = np.zeros((k, k, x.shape[3], delta.shape[3]))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            window = x[0, i * s : i * s + k, j * s : j * s + k]
            grad += window[..., None] * delta[0, i, j]
    return grad, delta[0].sum(axis=(0, 1))


@wrong(loses=["kernel_gradient"])
def kernel_gradient(delta, x, k, stride=1, padding=0):
    """Wrong: the input isn't padded on the way back."""
    s = stride
    grad = np.zeros((k, k, x.shape[3], delta.shape[3]))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            window = x[:, i * s : i * s + k, j * s : j * s + k]
            part = np.tensordot(window, delta[:, i, j], axes=(0, 0))
            grad[: part.shape[0], : part.shape[1]] += part
    return grad, delta.sum(axis=(0, 1, 2))


@wrong(loses=["kernel_gradient"], diagnosis="uses-autodiff")
def kernel_gradient(delta, x, k, stride=1, padding=0):
    """Wrong: lets the tape do it."""
    p = padding
    kernel = tf.Variable(np.zeros((k, k, x.shape[3], delta.shape[3])))
    with tf.GradientTape() as tape:
        z = tf.nn.conv2d(x, kernel, stride, [[0, 0], [p, p], [p, p], [0, 0]])
        total = tf.reduce_sum(z * delta)
    return tape.gradient(total, kernel), delta.sum(axis=(0, 1, 2))


# Task 8: input_gradient


@right
def input_gradient(delta, kernel, x_shape, stride=1, padding=0):
    """Right: one strided slice per weight."""
    k, p = kernel.shape[0], padding
    n, h, w, c = x_shape
    rows, columns = delta.shape[1:3]
    grad = np.zeros((n, h + 2 * p, w + 2 * p, c))
    for u in range(k):
        for v in range(k):
            r = slice(u, u + stride * rows, stride)
            q = slice(v, v + stride * columns, stride)
            grad[:, r, q] += delta @ kernel[u, v].T
    return grad[:, p : h + p, p : w + p]


@right
def input_gradient(delta, kernel, x_shape, stride=1, padding=0):
    """Right: δ spread out by the stride, then a convolution."""
    k, p = kernel.shape[0], padding
    n, h, w, _ = x_shape
    rows, columns, c_out = delta.shape[1:]
    spread = np.zeros((n, h + 2 * p + k - 1, w + 2 * p + k - 1, c_out))
    r = slice(k - 1, k - 1 + rows * stride, stride)
    q = slice(k - 1, k - 1 + columns * stride, stride)
    spread[:, r, q] = delta
    windows = np.lib.stride_tricks.sliding_window_view(spread, (k, k), axis=(1, 2))
    grad = np.einsum("nijduv,uvcd->nijc", windows, kernel[::-1, ::-1])
    return grad[:, p : p + h, p : p + w]


@right
def input_gradient(delta, kernel, x_shape, stride=1, padding=0):
    """Right: every δ in a loop of its own."""
    k, p = kernel.shape[0], padding
    grad = np.zeros((x_shape[0], x_shape[1] + 2 * p, x_shape[2] + 2 * p, x_shape[3]))
    for n, i, j, c in np.ndindex(delta.shape):
        top, left = i * stride, j * stride
        grad[n, top : top + k, left : left + k] += delta[n, i, j, c] * kernel[..., c]
    return grad[:, p : p + x_shape[1], p : p + x_shape[2]]


@right
def input_gradient(delta, kernel, x_shape, stride=1, padding=0):
    """Right: each window's paint padded to the whole picture, TensorFlow's arithmetic."""
    k, p = kernel.shape[0], padding
    n, h, w, _ = x_shape
    grad = tf.zeros((n, h + 2 * p, w + 2 * p, x_shape[3]), dtype=tf.float64)
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            paint = tf.einsum("nd,uvcd->nuvc", tf.constant(delta[:, i, j]), kernel)
            top, left = i * stride, j * stride
            around = [[top, h + 2 * p - k - top], [left, w + 2 * p - k - left]]
            grad += tf.pad(paint, [[0, 0], *around, [0, 0]])
    return grad[:, p : p + h, p : p + w]


@wrong(loses=["input_gradient"], diagnosis="not-accumulated")
def input_gradient(delta, kernel, x_shape, stride=1, padding=0):
    """Wrong: overlapping windows overwrite each other."""
    s, p, k = stride, padding, kernel.shape[0]
    n, h, w, c = x_shape
    grad = np.zeros((n, h + 2 * p, w + 2 * p, c))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            paint = np.tensordot(delta[:, i, j], kernel, axes=(1, 3))
            grad[:, i * s : i * s + k, j * s : j * s + k] = paint
    return grad[:, p : p + h, p : p + w]


@wrong(loses=["input_gradient"], diagnosis="flipped-kernel")
def input_gradient(delta, kernel, x_shape, stride=1, padding=0):
    """Wrong: paints the turned kernel."""
    s, p, k = stride, padding, kernel.shape[0]
    n, h, w, c = x_shape
    grad = np.zeros((n, h + 2 * p, w + 2 * p, c))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            paint = np.tensordot(delta[:, i, j], kernel[::-1, ::-1], axes=(1, 3))
            grad[:, i * s : i * s + k, j * s : j * s + k] += paint
    return grad[:, p : p + h, p : p + w]


@wrong(loses=["input_gradient"], diagnosis="stride-ignored")
def input_gradient(delta, kernel, x_shape, stride=1, padding=0):
    """Wrong: the stride is forgotten on the way back."""
    p, k = padding, kernel.shape[0]
    n, h, w, c = x_shape
    grad = np.zeros((n, h + 2 * p, w + 2 * p, c))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            grad[:, i : i + k, j : j + k] += np.tensordot(delta[:, i, j], kernel, axes=(1, 3))
    return grad[:, p : p + h, p : p + w]


@wrong(loses=["input_gradient"], diagnosis="padding-not-cut")
def input_gradient(delta, kernel, x_shape, stride=1, padding=0):
    """Wrong: the border is left on."""
    s, p, k = stride, padding, kernel.shape[0]
    n, h, w, c = x_shape
    grad = np.zeros((n, h + 2 * p, w + 2 * p, c))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            paint = np.tensordot(delta[:, i, j], kernel, axes=(1, 3))
            grad[:, i * s : i * s + k, j * s : j * s + k] += paint
    return grad


@wrong(loses=["input_gradient"], diagnosis="padding-not-cut")
def input_gradient(delta, kernel, x_shape, stride=1, padding=0):
    """Wrong: the border is cut off on one side."""
    s, p, k = stride, padding, kernel.shape[0]
    n, h, w, c = x_shape
    grad = np.zeros((n, h + 2 * p, w + 2 * p, c))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            paint = np.tensordot(delta[:, i, j], kernel, axes=(1, 3))
            grad[:, i * s : i * s + k, j * s : j * s + k] += paint
    return grad[:, :h, :w]


@wrong(loses=["input_gradient"], diagnosis="rows-and-columns-exchanged")
def input_gradient(delta, kernel, x_shape, stride=1, padding=0):
    """Wrong: u and v exchanged."""
    s, p, k = stride, padding, kernel.shape[0]
    n, h, w, c = x_shape
    grad = np.zeros((n, h + 2 * p, w + 2 * p, c))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            paint = np.einsum("nd,vucd->nuvc", delta[:, i, j], kernel)
            grad[:, i * s : i * s + k, j * s : j * s + k] += paint
    return grad[:, p : p + h, p : p + w]


@wrong(loses=["input_gradient"], diagnosis="empty-slice")
def input_gradient(delta, kernel, x_shape, stride=1, padding=0):
    """Wrong: the border of the output, with a −p slice that is empty without padding."""
    s, p, k = stride, padding, kernel.shape[0]
    n, h, w, c = x_shape
    grad = np.zeros((n, h + 2 * p, w + 2 * p, c))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            paint = np.tensordot(delta[:, i, j], kernel, axes=(1, 3))
            grad[:, i * s : i * s + k, j * s : j * s + k] += paint
    return grad[:, p:-p, p:-p]


@wrong(loses=["input_gradient"])
def input_gradient(delta, kernel, x_shape, stride=1, padding=0):
    """Wrong: only the first output channel sends something back."""
    s, p, k = stride, padding, kernel.shape[0]
    n, h, w, c = x_shape
    grad = np.zeros((n, h + 2 * p, w + 2 * p, c))
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            paint = np.einsum("n,uvc->nuvc", delta[:, i, j, 0], kernel[..., 0])
            grad[:, i * s : i * s + k, j * s : j * s + k] += paint
    return grad[:, p : p + h, p : p + w]


@wrong(loses=["input_gradient"], diagnosis="uses-tensorflow.nn.conv2d_transpose")
def input_gradient(delta, kernel, x_shape, stride=1, padding=0):
    """Wrong: TensorFlow's own."""
    p = padding
    sides = [[0, 0], [p, p], [p, p], [0, 0]]
    return tf.nn.conv2d_transpose(delta, kernel, x_shape, stride, sides)


# Task 9: pool


@right
def pool(x, size, stride, kind):
    """Right: windows as a view."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    chosen = windows[:, ::stride, ::stride]
    return chosen.max(axis=(-1, -2)) if kind == "max" else chosen.mean(axis=(-1, -2))


@right
def pool(x, size, stride, kind):
    """Right: every cell of the output in a loop."""
    rows = (x.shape[1] - size) // stride + 1
    columns = (x.shape[2] - size) // stride + 1
    out = np.empty((x.shape[0], rows, columns, x.shape[3]))
    for n, i, j, c in np.ndindex(out.shape):
        window = x[n, i * stride : i * stride + size, j * stride : j * stride + size, c]
        if kind == "max":
            out[n, i, j, c] = np.max(window)
        else:
            out[n, i, j, c] = np.sum(window) / size**2
    return out


@right
def pool(x, size, stride, kind):
    """Right: shifted maps, from minus infinity or from 0."""
    rows = (x.shape[1] - size) // stride + 1
    columns = (x.shape[2] - size) // stride + 1
    shape = (len(x), rows, columns, x.shape[3])
    out = np.full(shape, -np.inf if kind == "max" else 0.0)
    for u in range(size):
        for v in range(size):
            part = x[:, u : u + rows * stride : stride, v : v + columns * stride : stride]
            out = np.maximum(out, part) if kind == "max" else out + part / (size * size)
    return out


@right
def pool(x, size, stride, kind):
    """Right: TensorFlow's reductions."""
    reduce = tf.reduce_max if kind == "max" else tf.reduce_mean
    rows = range(0, x.shape[1] - size + 1, stride)
    columns = range(0, x.shape[2] - size + 1, stride)
    lines = [
        tf.stack([reduce(x[:, i : i + size, j : j + size], axis=[1, 2]) for j in columns], axis=1)
        for i in rows
    ]
    return tf.stack(lines, axis=1)


@wrong(loses=["pool"], diagnosis="starts-at-zero")
def pool(x, size, stride, kind):
    """Wrong: the maximum starts from 0."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    chosen = windows[:, ::stride, ::stride]
    if kind == "max":
        return np.maximum(0, chosen.max(axis=(4, 5)))
    return chosen.mean(axis=(4, 5))


@wrong(loses=["pool"], diagnosis="channels-mixed")
def pool(x, size, stride, kind):
    """Wrong: the window's maximum over the channels too."""
    rows, columns = (x.shape[1] - size) // stride + 1, (x.shape[2] - size) // stride + 1
    out = np.zeros((len(x), rows, columns, x.shape[3]))
    for n, i, j in np.ndindex(out.shape[:3]):
        window = x[n, i * stride : i * stride + size, j * stride : j * stride + size]
        out[n, i, j] = window.max() if kind == "max" else window.mean()
    return out


@wrong(loses=["pool"], diagnosis="channels-mixed")
def pool(x, size, stride, kind):
    """Wrong: right for the maximum, but the average of everything in the window."""
    rows, columns = (x.shape[1] - size) // stride + 1, (x.shape[2] - size) // stride + 1
    out = np.zeros((len(x), rows, columns, x.shape[3]))
    for i, j in np.ndindex(rows, columns):
        window = x[:, i * stride : i * stride + size, j * stride : j * stride + size]
        out[:, i, j] = window.max(axis=(1, 2)) if kind == "max" else window.mean()
    return out


@wrong(loses=["pool"], diagnosis="max-not-average")
def pool(x, size, stride, kind):
    """Wrong: always the maximum."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].max(axis=(4, 5))


@wrong(loses=["pool"], diagnosis="summed-not-averaged")
def pool(x, size, stride, kind):
    """Wrong: the sum in place of the average."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    chosen = windows[:, ::stride, ::stride]
    return chosen.max(axis=(4, 5)) if kind == "max" else chosen.sum(axis=(4, 5))


@wrong(loses=["pool"], diagnosis="divided-by-size")
def pool(x, size, stride, kind):
    """Wrong: divided by size in place of size²."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    chosen = windows[:, ::stride, ::stride]
    return chosen.max(axis=(4, 5)) if kind == "max" else chosen.sum(axis=(4, 5)) / size


@wrong(loses=["pool"], diagnosis="stride-ignored")
def pool(x, size, stride, kind):
    """Wrong: the right size, but windows begin at i and j."""
    rows, columns = (x.shape[1] - size) // stride + 1, (x.shape[2] - size) // stride + 1
    out = np.zeros((len(x), rows, columns, x.shape[3]))
    for i, j in np.ndindex(rows, columns):
        window = x[:, i : i + size, j : j + size]
        out[:, i, j] = window.max(axis=(1, 2)) if kind == "max" else window.mean(axis=(1, 2))
    return out


@wrong(loses=["pool"], diagnosis="largest-size")
def pool(x, size, stride, kind):
    """Wrong: the largest absolute value."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    chosen = windows[:, ::stride, ::stride]
    return abs(chosen).max(axis=(4, 5)) if kind == "max" else chosen.mean(axis=(4, 5))


@wrong(loses=["pool"])
def pool(x, size, stride, kind):
    """Wrong: right only where size and stride are equal and divide the side."""
    n, h, w, c = x.shape
    blocks = x.reshape(n, h // size, size, w // size, size, c)
    return blocks.max(axis=(2, 4)) if kind == "max" else blocks.mean(axis=(2, 4))


@wrong(loses=["pool"])
def pool(x, size, stride, kind):
    """Wrong: partial windows at the edge are pooled too."""
    rows = range(0, x.shape[1], stride)
    columns = range(0, x.shape[2], stride)
    out = np.zeros((len(x), len(rows), len(columns), x.shape[3]))
    for i, top in enumerate(rows):
        for j, left in enumerate(columns):
            window = x[:, top : top + size, left : left + size]
            out[:, i, j] = window.max(axis=(1, 2)) if kind == "max" else window.mean(axis=(1, 2))
    return out


@wrong(loses=["pool"], diagnosis="uses-keras")
def pool(x, size, stride, kind):
    """Wrong: Keras' operation."""
    ready = keras.ops.max_pool if kind == "max" else keras.ops.average_pool
    return ready(x, size, stride)


# Task 10: pool_backward


@right
def pool_backward(delta, x, size, stride, kind):
    """Right: every δ in a loop of its own, the winner by argmax."""
    grad = np.zeros(x.shape)
    for n, i, j, c in np.ndindex(delta.shape):
        top, left = i * stride, j * stride
        if kind == "average":
            grad[n, top : top + size, left : left + size, c] += delta[n, i, j, c] / size**2
        else:
            window = x[n, top : top + size, left : left + size, c]
            u, v = divmod(int(np.argmax(window)), size)
            grad[n, top + u, left + v, c] += delta[n, i, j, c]
    return grad


@right
def pool_backward(delta, x, size, stride, kind):
    """Right: offset by offset; the maximum is the one that the shifted map attains."""
    rows, columns = delta.shape[1:3]

    def part(u, v):
        end = (u + rows * stride, v + columns * stride)
        return (slice(None), slice(u, end[0], stride), slice(v, end[1], stride))

    offsets = [(u, v) for u in range(size) for v in range(size)]
    largest = np.max([x[part(u, v)] for u, v in offsets], axis=0)
    grad = np.zeros_like(x)
    for u, v in offsets:
        if kind == "max":
            grad[part(u, v)] += np.where(x[part(u, v)] == largest, delta, 0)
        else:
            grad[part(u, v)] += delta / len(offsets)
    return grad


@right
def pool_backward(delta, x, size, stride, kind):
    """Right: ties broken by the first winner, windows flattened."""
    grad = np.zeros_like(x)
    n, _, _, c = x.shape
    for i in range(delta.shape[1]):
        for j in range(delta.shape[2]):
            here = np.s_[:, i * stride : i * stride + size, j * stride : j * stride + size]
            if kind == "max":
                flat = x[here].reshape(n, size * size, c)
                share = np.eye(size * size)[flat.argmax(axis=1)].transpose(0, 2, 1)
                share = share.reshape(n, size, size, c)
            else:
                share = np.ones((n, size, size, c)) / (size * size)
            grad[here] += share * delta[:, i, j][:, None, None, :]
    return grad


@right
def pool_backward(delta, x, size, stride, kind):
    """Right: a class that hands out each window's δ."""

    class Pool:
        def __init__(self):
            self.grad = np.zeros(x.shape)

        def give(self, i, j):
            rows = slice(i * stride, i * stride + size)
            columns = slice(j * stride, j * stride + size)
            window = x[:, rows, columns]
            wins = window >= np.amax(window, axis=(1, 2), keepdims=True)
            share = wins if kind == "max" else np.full(window.shape, size**-2)
            self.grad[:, rows, columns] += share * delta[:, i, j].reshape(len(x), 1, 1, -1)

    layer = Pool()
    for i, j in np.ndindex(*delta.shape[1:3]):
        layer.give(i, j)
    return layer.grad


@wrong(loses=["pool_backward-max"], diagnosis="all-cells-share")
def pool_backward(delta, x, size, stride, kind):
    """Wrong: the average's gradient for both kinds."""
    grad = np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape[1:3]):
        here = np.s_[:, i * stride : i * stride + size, j * stride : j * stride + size]
        grad[here] += delta[:, i : i + 1, j : j + 1] / size**2
    return grad


@wrong(loses=["pool_backward-average"], diagnosis="winner-takes-all")
def pool_backward(delta, x, size, stride, kind):
    """Wrong: the maximum's gradient for both kinds."""
    grad = np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape[1:3]):
        here = np.s_[:, i * stride : i * stride + size, j * stride : j * stride + size]
        wins = x[here] == x[here].max(axis=(1, 2), keepdims=True)
        grad[here] += wins * delta[:, i : i + 1, j : j + 1]
    return grad


@wrong(loses=["pool_backward-max", "pool_backward-average"], diagnosis="all-cells-get-it")
def pool_backward(delta, x, size, stride, kind):
    """Wrong: every cell of a window gets all of δ."""
    grad = np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape[1:3]):
        here = np.s_[:, i * stride : i * stride + size, j * stride : j * stride + size]
        grad[here] += delta[:, i : i + 1, j : j + 1]
    return grad


@wrong(loses=["pool_backward-max", "pool_backward-average"], diagnosis="not-accumulated")
def pool_backward(delta, x, size, stride, kind):
    """Wrong: overlapping windows overwrite each other."""
    grad = np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape[1:3]):
        here = np.s_[:, i * stride : i * stride + size, j * stride : j * stride + size]
        wins = x[here] == x[here].max(axis=(1, 2), keepdims=True)
        share = wins if kind == "max" else 1 / size**2
        grad[here] = share * delta[:, i : i + 1, j : j + 1] * np.ones(x[here].shape)
    return grad


@wrong(loses=["pool_backward-max"], diagnosis="place-in-the-window")
def pool_backward(delta, x, size, stride, kind):
    """Wrong: the winner's place in the window is taken for its place in the map."""
    grad = np.zeros(x.shape)
    for n, i, j, c in np.ndindex(delta.shape):
        rows = slice(i * stride, i * stride + size)
        columns = slice(j * stride, j * stride + size)
        if kind == "max":
            u, v = divmod(int(np.argmax(x[n, rows, columns, c])), size)
            grad[n, u, v, c] += delta[n, i, j, c]
        else:
            grad[n, rows, columns, c] += delta[n, i, j, c] / size**2
    return grad


@wrong(loses=["pool_backward-max"], diagnosis="times-the-value")
def pool_backward(delta, x, size, stride, kind):
    """Wrong: the winner's value is a factor."""
    grad = np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape[1:3]):
        here = np.s_[:, i * stride : i * stride + size, j * stride : j * stride + size]
        wins = x[here] == x[here].max(axis=(1, 2), keepdims=True)
        share = wins * x[here] if kind == "max" else 1 / size**2
        grad[here] += share * delta[:, i : i + 1, j : j + 1]
    return grad


@wrong(loses=["pool_backward-max"], diagnosis="winner-without-delta")
def pool_backward(delta, x, size, stride, kind):
    """Wrong: winners get 1."""
    grad = np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape[1:3]):
        here = np.s_[:, i * stride : i * stride + size, j * stride : j * stride + size]
        if kind == "max":
            grad[here] += x[here] == x[here].max(axis=(1, 2), keepdims=True)
        else:
            grad[here] += delta[:, i : i + 1, j : j + 1] / size**2
    return grad


@wrong(loses=["pool_backward-max"], diagnosis="wrong-winner")
def pool_backward(delta, x, size, stride, kind):
    """Wrong: the smallest cell wins."""
    grad = np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape[1:3]):
        here = np.s_[:, i * stride : i * stride + size, j * stride : j * stride + size]
        wins = x[here] == x[here].min(axis=(1, 2), keepdims=True)
        share = wins if kind == "max" else 1 / size**2
        grad[here] += share * delta[:, i : i + 1, j : j + 1]
    return grad


@wrong(loses=["pool_backward-max"], diagnosis="wrong-winner")
def pool_backward(delta, x, size, stride, kind):
    """Wrong: the first cell of each window stands for the winner."""
    grad = np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape[1:3]):
        here = np.s_[:, i * stride : i * stride + size, j * stride : j * stride + size]
        if kind == "max":
            grad[:, i * stride, j * stride] += delta[:, i, j]
        else:
            grad[here] += delta[:, i : i + 1, j : j + 1] / size**2
    return grad


@wrong(loses=["pool_backward-max"])
def pool_backward(delta, x, size, stride, kind):
    """Wrong: one winner for all channels and examples."""
    grad = np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape[1:3]):
        here = np.s_[:, i * stride : i * stride + size, j * stride : j * stride + size]
        share = x[here] == x[here].max() if kind == "max" else 1 / size**2
        grad[here] += share * delta[:, i : i + 1, j : j + 1]
    return grad


@wrong(loses=["pool_backward-average"], diagnosis="divided-by-size")
def pool_backward(delta, x, size, stride, kind):
    """Wrong: δ / size in place of δ / size²."""
    grad = np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape[1:3]):
        here = np.s_[:, i * stride : i * stride + size, j * stride : j * stride + size]
        wins = x[here] == x[here].max(axis=(1, 2), keepdims=True)
        share = wins if kind == "max" else 1 / size
        grad[here] += share * delta[:, i : i + 1, j : j + 1]
    return grad


@wrong(loses=["pool_backward-max", "pool_backward-average"])
def pool_backward(delta, x, size, stride, kind):
    """Wrong: np.repeat, right only where windows tile the map."""
    up = delta.repeat(size, axis=1).repeat(size, axis=2)
    if kind == "average":
        return up / size**2
    n, h, w, c = x.shape
    blocks = x.reshape(n, h // size, size, w // size, size, c)
    wins = blocks == blocks.max(axis=(2, 4), keepdims=True)
    return wins.reshape(x.shape) * up


# Task 11: lenet5


@right
def lenet5():
    """Right: the functional way, activations as layers of their own."""
    inputs = keras.Input((32, 32, 1))
    a = inputs
    for filters in (6, 16):
        a = keras.layers.Activation("tanh")(keras.layers.Conv2D(filters, (5, 5))(a))
        a = keras.layers.AveragePooling2D((2, 2), strides=2)(a)
    a = keras.layers.Flatten()(keras.layers.Conv2D(120, 5, activation="tanh")(a))
    a = keras.layers.Dense(84, activation=keras.activations.tanh)(a)
    return keras.Model(inputs, keras.layers.Dense(10)(a))


@right
def lenet5():
    """Right: C5 as the dense layer that it is."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            keras.layers.Conv2D(6, 5, activation="tanh"),
            keras.layers.AvgPool2D(2),
            keras.layers.Conv2D(16, 5, activation="tanh"),
            keras.layers.AvgPool2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(120, activation="tanh"),
            keras.layers.Dense(84, activation="tanh"),
            keras.layers.Dense(10, activation="linear"),
        ]
    )


@right
def lenet5():
    """Right: layer by layer, tf.keras, names, other initial weights."""
    layers = tf.keras.layers
    model = tf.keras.models.Sequential(name="lenet5")
    model.add(layers.InputLayer((32, 32, 1)))
    model.add(layers.Conv2D(6, 5, activation=tf.tanh, name="C1"))
    model.add(layers.AveragePooling2D(name="S2", pool_size=2))
    model.add(layers.Conv2D(16, 5, padding="valid", activation=tf.tanh, name="C3"))
    model.add(layers.AveragePooling2D(name="S4", pool_size=2))
    model.add(layers.Conv2D(120, 5, activation=tf.tanh, name="C5"))
    model.add(layers.Reshape((120,)))
    model.add(layers.Dense(84, "tanh", kernel_initializer="he_normal", name="F6"))
    model.add(layers.Dense(10))
    return model


@right
def lenet5():
    """Right: a helper, and global average pooling of the 1×1 maps in place of Flatten."""

    def conv(filters):
        return keras.layers.Conv2D(filters, 5, activation="tanh")

    parts = [conv(6), keras.layers.AveragePooling2D(2), conv(16), keras.layers.AveragePooling2D(2)]
    parts += [conv(120), keras.layers.GlobalAveragePooling2D()]
    parts += [keras.layers.Dense(84, "tanh"), keras.layers.Dense(10)]
    return keras.Sequential([keras.Input((32, 32, 1)), *parts])


@wrong(loses=["lenet5-values"], diagnosis="relu-not-tanh")
def lenet5():
    """Wrong: ReLU."""
    conv, pool = keras.layers.Conv2D, keras.layers.AveragePooling2D
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            conv(6, 5, activation="relu"),
            pool(2),
            conv(16, 5, activation="relu"),
            pool(2),
            conv(120, 5, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(84, activation="relu"),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["lenet5-values"], diagnosis="max-pool")
def lenet5():
    """Wrong: max pools."""
    conv, pool = keras.layers.Conv2D, keras.layers.MaxPooling2D
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            conv(6, 5, activation="tanh"),
            pool(2),
            conv(16, 5, activation="tanh"),
            pool(2),
            conv(120, 5, activation="tanh"),
            keras.layers.Flatten(),
            keras.layers.Dense(84, activation="tanh"),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["lenet5-values"], diagnosis="no-activation")
def lenet5():
    """Wrong: no activations."""
    conv, pool = keras.layers.Conv2D, keras.layers.AveragePooling2D
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            conv(6, 5),
            pool(2),
            conv(16, 5),
            pool(2),
            conv(120, 5),
            keras.layers.Flatten(),
            keras.layers.Dense(84),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["lenet5-values"], diagnosis="softmax-at-the-end")
def lenet5():
    """Wrong: a softmax at the end."""
    conv, pool = keras.layers.Conv2D, keras.layers.AveragePooling2D
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            conv(6, 5, activation="tanh"),
            pool(2),
            conv(16, 5, activation="tanh"),
            pool(2),
            conv(120, 5, activation="tanh"),
            keras.layers.Flatten(),
            keras.layers.Dense(84, activation="tanh"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


@wrong(loses=["lenet5-values"], diagnosis="tanh-at-the-end")
def lenet5():
    """Wrong: a tanh at the end too."""
    conv, pool = keras.layers.Conv2D, keras.layers.AveragePooling2D
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            conv(6, 5, activation="tanh"),
            pool(2),
            conv(16, 5, activation="tanh"),
            pool(2),
            conv(120, 5, activation="tanh"),
            keras.layers.Flatten(),
            keras.layers.Dense(84, activation="tanh"),
            keras.layers.Dense(10, activation="tanh"),
        ]
    )


@wrong(loses=["lenet5-values"], diagnosis="no-activation")
def lenet5():
    """Wrong: F6 lacks its activation."""
    conv, pool = keras.layers.Conv2D, keras.layers.AveragePooling2D
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            conv(6, 5, activation="tanh"),
            pool(2),
            conv(16, 5, activation="tanh"),
            pool(2),
            conv(120, 5, activation="tanh"),
            keras.layers.Flatten(),
            keras.layers.Dense(84),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["lenet5-shapes", "lenet5-values"], diagnosis="padding-same")
def lenet5():
    """Wrong: padded convolutions."""
    pool = keras.layers.AveragePooling2D
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            keras.layers.Conv2D(6, 5, activation="tanh", padding="same"),
            pool(2),
            keras.layers.Conv2D(16, 5, activation="tanh"),
            pool(2),
            keras.layers.Flatten(),
            keras.layers.Dense(120, activation="tanh"),
            keras.layers.Dense(84, activation="tanh"),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["lenet5-shapes", "lenet5-values"], diagnosis="input-size")
def lenet5():
    """Wrong: takes the 28×28 digits and lets C1 pad them."""
    pool = keras.layers.AveragePooling2D
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(6, 5, activation="tanh", padding="same"),
            pool(2),
            keras.layers.Conv2D(16, 5, activation="tanh"),
            pool(2),
            keras.layers.Conv2D(120, 5, activation="tanh"),
            keras.layers.Flatten(),
            keras.layers.Dense(84, activation="tanh"),
            keras.layers.Dense(10),
        ]
    )


@wrong(loses=["lenet5-shapes", "lenet5-values"], diagnosis="bias-forgotten")
def lenet5():
    """Wrong: no biases."""
    conv, pool, dense = keras.layers.Conv2D, keras.layers.AveragePooling2D, keras.layers.Dense
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            conv(6, 5, activation="tanh", use_bias=False),
            pool(2),
            conv(16, 5, activation="tanh", use_bias=False),
            pool(2),
            conv(120, 5, activation="tanh", use_bias=False),
            keras.layers.Flatten(),
            dense(84, activation="tanh", use_bias=False),
            dense(10, use_bias=False),
        ]
    )


@wrong(loses=["lenet5-shapes", "lenet5-values"], diagnosis="layer-missing")
def lenet5():
    """Wrong: F6 is left out."""
    conv, pool = keras.layers.Conv2D, keras.layers.AveragePooling2D
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            conv(6, 5, activation="tanh"),
            pool(2),
            conv(16, 5, activation="tanh"),
            pool(2),
            conv(120, 5, activation="tanh"),
            keras.layers.Flatten(),
            keras.layers.Dense(10),
        ]
    )


# Task 12: train_lenet5


@right
def train_lenet5(images, labels, seed):
    """Right: a loop of its own, compiled, with a constant learning rate that is lowered once."""
    keras.utils.set_random_seed(seed)
    model = lenet5()
    optimiser = keras.optimizers.Adam(0.004)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            scores = model(x, training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=scores)
            mean_loss = tf.reduce_mean(losses)
        slopes = tape.gradient(mean_loss, model.trainable_variables)
        optimiser.apply_gradients(zip(slopes, model.trainable_variables, strict=True))

    rng = np.random.default_rng(seed)
    for epoch in range(5):
        if epoch == 4:
            optimiser.learning_rate = 0.001
        order = rng.permutation(len(images))
        for start in range(0, len(order) - 23, 24):
            rows = order[start : start + 24]
            step(tf.constant(images[rows]), tf.constant(labels[rows]))
    return model


@right
def train_lenet5(images, labels, seed):
    """Right: one-hot labels, more epochs, larger batches."""
    keras.utils.set_random_seed(seed)
    model = lenet5()
    falling = keras.optimizers.schedules.PolynomialDecay(0.006, 8 * (len(images) // 48 + 1), 0)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(falling), loss=loss)
    model.fit(images, np.eye(10)[labels], batch_size=48, epochs=8, verbose=0)
    return model


@right
def train_lenet5(images, labels, seed):
    """Right: the recipe, in its own order, with accuracy measured on the way."""
    keras.utils.set_random_seed(seed)
    order = np.random.default_rng(seed).permutation(len(images))
    model = lenet5()
    steps = 3 * int(np.ceil(len(images) / 18))
    model.compile(
        keras.optimizers.Adam(learning_rate=keras.optimizers.schedules.CosineDecay(0.007, steps)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(images[order], labels[order], batch_size=18, epochs=3, verbose=0)
    return model


@wrong(loses=["train_lenet5"], diagnosis="guessing")
def train_lenet5(images, labels, seed):
    """Wrong: a new model comes back in place of the trained one."""
    keras.utils.set_random_seed(seed)
    model = lenet5()
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images[:48], labels[:48], batch_size=24, verbose=0)
    return lenet5()


@wrong(loses=["train_lenet5"], diagnosis="constant-prediction")
def train_lenet5(images, labels, seed):
    """Wrong: images and labels are taken in order, and the images are sorted."""
    keras.utils.set_random_seed(seed)
    model = lenet5()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.004), loss)
    model.fit(images, labels, batch_size=24, epochs=2, shuffle=False, verbose=0)
    return model


@wrong(loses=["train_lenet5"])
def train_lenet5(images, labels, seed):
    """Wrong: stops after the first twenty mini-batches."""
    keras.utils.set_random_seed(seed)
    model = lenet5()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.002), loss)
    model.fit(images, labels, batch_size=24, epochs=1, steps_per_epoch=20, verbose=0)
    return model


@wrong(loses=["train_lenet5"], diagnosis="guessing")
def train_lenet5(images, labels, seed):
    """Wrong: a learning rate a thousand times too small."""
    keras.utils.set_random_seed(seed)
    model = lenet5()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.000008), loss)
    model.fit(images, labels, batch_size=48, epochs=2, verbose=0)
    return model


@wrong(loses=["train_lenet5"], diagnosis="label-off-by-one")
def train_lenet5(images, labels, seed):
    """Wrong: labels off by one."""
    keras.utils.set_random_seed(seed)
    model = lenet5()
    steps = 3 * -(-len(images) // 18)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    falling = keras.optimizers.schedules.CosineDecay(0.007, steps)
    model.compile(keras.optimizers.Adam(falling), loss)
    model.fit(images, (labels + 1) % 10, batch_size=18, epochs=3, verbose=0)
    return model


@wrong(loses=["train_lenet5"], diagnosis="guessing")
def train_lenet5(images, labels, seed):
    """Wrong: the images are shuffled without their labels."""
    keras.utils.set_random_seed(seed)
    model = lenet5()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.004), loss)
    order = np.random.default_rng(seed).permutation(len(images))
    model.fit(images[order], labels, batch_size=48, epochs=2, verbose=0)
    return model


@wrong(loses=["train_lenet5"])
def train_lenet5(images, labels, seed):
    """Wrong: nothing comes back."""
    keras.utils.set_random_seed(seed)
    model = lenet5()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.004), loss)
    model.fit(images[:48], labels[:48], batch_size=48, verbose=0)
