"""Other answers to the tasks of 06-optimizers, right and wrong, for the audit of its tests."""

import keras
import numpy as np
import tensorflow as tf

from autograder.topics.variants import right, wrong

# Task 1: sgd_step


@right
def sgd_step(w, g, eta):
    """Right: element by element, in a loop."""
    out = np.empty(w.shape)
    for index in np.ndindex(w.shape):
        out[index] = w[index] - eta * g[index]
    return out


@right
def sgd_step(w, g, eta):
    """Right: in place, on a copy."""
    new = w.copy()
    new -= eta * g
    return new


@right
def sgd_step(w, g, eta):
    """Right: TensorFlow's arithmetic, a tensor comes back."""
    return tf.subtract(tf.constant(w), eta * g)


@right
def sgd_step(w, g, eta):
    """Right: nested lists come back."""
    return (np.asarray(w) + np.multiply(-eta, g)).tolist()


@wrong(loses=["sgd_step"], diagnosis="ascent")
def sgd_step(w, g, eta):
    """Wrong: goes uphill."""
    return w + eta * g


@wrong(loses=["sgd_step"], diagnosis="step-only")
def sgd_step(w, g, eta):
    """Wrong: the step, not the new weights."""
    return -eta * g


@wrong(loses=["sgd_step"], diagnosis="eta-forgotten")
def sgd_step(w, g, eta):
    """Wrong: no learning rate."""
    return w - g


@wrong(loses=["sgd_step"], diagnosis="argument-changed")
def sgd_step(w, g, eta):
    """Wrong: overwrites the caller's weights."""
    w -= eta * g
    return w


@wrong(loses=["sgd_step"])
def sgd_step(w, g, eta):
    """Wrong: divides the gradient by its length."""
    return w - eta * g / np.linalg.norm(g)


@wrong(loses=["sgd_step"], diagnosis="float32")
def sgd_step(w, g, eta):
    """Wrong: in float32."""
    return w.astype(np.float32) - np.float32(eta) * g.astype(np.float32)


@wrong(loses=["sgd_step"])
def sgd_step(w, g, eta):
    """Wrong: the visible answer, hard-coded."""
    return np.array([0.95, -1.6, 2.975])


@wrong(loses=["sgd_step"], diagnosis="uses-keras")
def sgd_step(w, g, eta):
    """Wrong: lets Keras do it."""
    variable = keras.Variable(w, dtype="float64")
    keras.optimizers.SGD(eta).apply([tf.constant(g)], [variable])
    return variable.numpy()


# Task 2: momentum_step


@right
def momentum_step(w, g, v, eta, beta=0.9):
    """Right: in place, on copies; a list comes back."""
    w, v = w.copy(), v.copy()
    v *= beta
    v -= eta * g
    w += v
    return [w, v]


@right
def momentum_step(w, g, v, eta, beta=0.9):
    """Right: w by its own formula, from the old velocity."""
    return w + beta * v - eta * g, v * beta - g * eta


@right
def momentum_step(w, g, v, eta, beta=0.9):
    """Right: element by element, in a loop."""
    new_w, new_v = np.zeros(w.shape), np.zeros(w.shape)
    for index in np.ndindex(w.shape):
        new_v[index] = beta * v[index] - eta * g[index]
        new_w[index] = w[index] + new_v[index]
    return new_w, new_v


@right
def momentum_step(w, g, v, eta, beta=0.9):
    """Right: TensorFlow's arithmetic, tensors come back."""
    velocity = tf.constant(v) * beta - tf.constant(g) * eta
    return tf.add(w, velocity), velocity


@right
def momentum_step(w, g, v, eta, beta=0.9):
    """Right: both in one stacked array."""
    v = beta * v - eta * g
    return np.stack([w + v, v])


@wrong(loses=["momentum_step"], diagnosis="ascent")
def momentum_step(w, g, v, eta, beta=0.9):
    """Wrong: the gradient has the wrong sign in the velocity."""
    v = beta * v + eta * g
    return w + v, v


@wrong(loses=["momentum_step"], diagnosis="velocity-sign")
def momentum_step(w, g, v, eta, beta=0.9):
    """Wrong: the convention in which v points uphill."""
    v = beta * v + eta * g
    return w - v, v


@wrong(loses=["momentum_step"], diagnosis="velocity-subtracted")
def momentum_step(w, g, v, eta, beta=0.9):
    """Wrong: our velocity, subtracted."""
    v = beta * v - eta * g
    return w - v, v


@wrong(loses=["momentum_step"], diagnosis="old-velocity")
def momentum_step(w, g, v, eta, beta=0.9):
    """Wrong: moves by the old velocity."""
    return w + v, beta * v - eta * g


@wrong(loses=["momentum_step"], diagnosis="velocity-kept")
def momentum_step(w, g, v, eta, beta=0.9):
    """Wrong: hands the old velocity back."""
    return w + beta * v - eta * g, v


@wrong(loses=["momentum_step"], diagnosis="velocity-without-eta")
def momentum_step(w, g, v, eta, beta=0.9):
    """Wrong: PyTorch's convention."""
    v = beta * v + g
    return w - eta * v, v


@wrong(loses=["momentum_step"], diagnosis="averaged")
def momentum_step(w, g, v, eta, beta=0.9):
    """Wrong: a running average in place of the sum."""
    v = beta * v - (1 - beta) * eta * g
    return w + v, v


@wrong(loses=["momentum_step"], diagnosis="beta-forgotten")
def momentum_step(w, g, v, eta, beta=0.9):
    """Wrong: no friction."""
    v = v - eta * g
    return w + v, v


@wrong(loses=["momentum_step"], diagnosis="argument-changed")
def momentum_step(w, g, v, eta, beta=0.9):
    """Wrong: the state is updated in place."""
    v *= beta
    v -= eta * g
    return w + v, v


@wrong(loses=["momentum_step"])
def momentum_step(w, g, v, eta, beta=0.9):
    """Wrong: only the weights come back."""
    return w + beta * v - eta * g


@wrong(loses=["momentum_step"])
def momentum_step(w, g, v, eta, beta=0.9):
    """Wrong: β is 0.9, whatever is asked."""
    v = 0.9 * v - eta * g
    return w + v, v


@wrong(loses=["momentum_step"], diagnosis="uses-keras")
def momentum_step(w, g, v, eta, beta=0.9):
    """Wrong: the sum by Keras' operations."""
    v = np.asarray(keras.ops.subtract(beta * v, eta * g))
    return w + v, v


# Task 3: velocity_sum


@right
def velocity_sum(gradients, eta, beta):
    """Right: the recursion."""
    v = np.zeros(gradients.shape[1])
    for g in gradients:
        v = beta * v - eta * g
    return v


@right
def velocity_sum(gradients, eta, beta):
    """Right: the sum as written, with loops over k and i."""
    T, n = gradients.shape
    v = [0.0] * n
    for k in range(1, T + 1):
        for i in range(n):
            v[i] -= eta * beta ** (T - k) * gradients[k - 1, i]
    return v


@right
def velocity_sum(gradients, eta, beta):
    """Right: einsum."""
    powers = np.power(beta, np.arange(len(gradients) - 1, -1, -1))
    return np.einsum("t,ti->i", -eta * powers, gradients)


@right
def velocity_sum(gradients, eta, beta):
    """Right: Horner's rule from the oldest, with TensorFlow's arithmetic."""
    total = tf.zeros(gradients.shape[1], tf.float64)
    for g in gradients:
        total = total * beta + g
    return -eta * total


@right
def velocity_sum(gradients, eta, beta):
    """Right: weights as a column, summed over axis 0."""
    T = len(gradients)
    weights = np.array([beta ** (T - k) for k in range(1, T + 1)]).reshape(-1, 1)
    return -eta * np.sum(weights * gradients, axis=0)


@right
def velocity_sum(gradients, eta, beta):
    """Right: as a polynomial in β whose coefficients are the rows."""
    return -eta * np.polyval(gradients, beta)


@wrong(loses=["velocity_sum"], diagnosis="oldest-heaviest")
def velocity_sum(gradients, eta, beta):
    """Wrong: the oldest gradient counts most."""
    return -eta * beta ** np.arange(len(gradients)) @ gradients


@wrong(loses=["velocity_sum"], diagnosis="power-off-by-one")
def velocity_sum(gradients, eta, beta):
    """Wrong: the newest gradient is one step old already."""
    return -eta * beta ** np.arange(len(gradients), 0, -1) @ gradients


@wrong(loses=["velocity_sum"], diagnosis="averaged")
def velocity_sum(gradients, eta, beta):
    """Wrong: a running average."""
    v = np.zeros(gradients.shape[1])
    for g in gradients:
        v = beta * v - (1 - beta) * eta * g
    return v


@wrong(loses=["velocity_sum"], diagnosis="not-decayed")
def velocity_sum(gradients, eta, beta):
    """Wrong: all gradients count alike."""
    return -eta * gradients.sum(axis=0)


@wrong(loses=["velocity_sum"], diagnosis="eta-forgotten")
def velocity_sum(gradients, eta, beta):
    """Wrong: no learning rate."""
    return -(beta ** np.arange(len(gradients))[::-1]) @ gradients


@wrong(loses=["velocity_sum"], diagnosis="sign")
def velocity_sum(gradients, eta, beta):
    """Wrong: uphill."""
    return eta * beta ** np.arange(len(gradients))[::-1] @ gradients


@wrong(loses=["velocity_sum"], diagnosis="position-not-velocity")
def velocity_sum(gradients, eta, beta):
    """Wrong: adds up the velocities, too."""
    v, total = np.zeros(gradients.shape[1]), np.zeros(gradients.shape[1])
    for g in gradients:
        v = beta * v - eta * g
        total = total + v
    return total


@wrong(loses=["velocity_sum"])
def velocity_sum(gradients, eta, beta):
    """Wrong: the limit for a steady slope, whatever the gradients."""
    return -eta / (1 - beta) * gradients[-1]


@wrong(loses=["velocity_sum"])
def velocity_sum(gradients, eta, beta):
    """Wrong: the last gradient is left out."""
    v = np.zeros(gradients.shape[1])
    for g in gradients[:-1]:
        v = beta * v - eta * g
    return v


# Task 4: nesterov_lookahead


@right
def nesterov_lookahead(w, v, gradient, eta, beta=0.9):
    """Right: names for every part."""
    ahead = w + beta * v
    slope = gradient(ahead)
    new_v = beta * v - eta * slope
    new_w = w + new_v
    return new_w, new_v


@right
def nesterov_lookahead(w, v, gradient, eta, beta=0.9):
    """Right: the step from the look-ahead point, then the velocity as the difference."""
    ahead = w + beta * v
    new = ahead - eta * np.asarray(gradient(ahead))
    return [new, new - w]


@right
def nesterov_lookahead(w, v, gradient, eta, beta=0.9):
    """Right: in place, on copies."""
    w, v = np.array(w), np.array(v)
    v *= beta
    v -= np.multiply(eta, gradient(w + v))
    w += v
    return w, v


@right
def nesterov_lookahead(w, v, gradient, eta, beta=0.9):
    """Right: a small class that keeps the state."""

    class Ball:
        def __init__(self):
            self.w, self.v = w, v

        def roll(self):
            self.v = beta * self.v - eta * gradient(self.w + beta * self.v)
            self.w = self.w + self.v

    ball = Ball()
    ball.roll()
    return ball.w, ball.v


@wrong(loses=["nesterov_lookahead"], diagnosis="no-lookahead")
def nesterov_lookahead(w, v, gradient, eta, beta=0.9):
    """Wrong: the gradient at w, plain momentum."""
    v = beta * v - eta * gradient(w)
    return w + v, v


@wrong(loses=["nesterov_lookahead"], diagnosis="looked-too-far")
def nesterov_lookahead(w, v, gradient, eta, beta=0.9):
    """Wrong: looks at w + v."""
    v = beta * v - eta * gradient(w + v)
    return w + v, v


@wrong(loses=["nesterov_lookahead"], diagnosis="looked-back")
def nesterov_lookahead(w, v, gradient, eta, beta=0.9):
    """Wrong: looks at w − βv."""
    v = beta * v - eta * gradient(w - beta * v)
    return w + v, v


@wrong(loses=["nesterov_lookahead"], diagnosis="started-ahead")
def nesterov_lookahead(w, v, gradient, eta, beta=0.9):
    """Wrong: steps from the look-ahead point."""
    w = w + beta * v
    v = beta * v - eta * gradient(w)
    return w + v, v


@wrong(loses=["nesterov_lookahead"], diagnosis="ascent")
def nesterov_lookahead(w, v, gradient, eta, beta=0.9):
    """Wrong: uphill."""
    v = beta * v + eta * gradient(w + beta * v)
    return w + v, v


@wrong(loses=["nesterov_lookahead"])
def nesterov_lookahead(w, v, gradient, eta, beta=0.9):
    """Wrong: Keras' form, which stores another point."""
    v = beta * v - eta * gradient(w)
    return w + beta * v - eta * gradient(w), v


@wrong(loses=["nesterov_lookahead"], diagnosis="argument-changed")
def nesterov_lookahead(w, v, gradient, eta, beta=0.9):
    """Wrong: the velocity is overwritten."""
    v *= beta
    v -= eta * gradient(w + v)
    return w + v, v


# Task 5: nesterov_step


@right
def nesterov_step(w, g, v, eta, beta=0.9):
    """Right: written out from the old velocity."""
    return w + beta**2 * v - (1 + beta) * eta * g, beta * v - eta * g


@right
def nesterov_step(w, g, v, eta, beta=0.9):
    """Right: by way of the plain w, there and back."""
    plain = w - beta * v
    v = beta * v - eta * g
    return plain + v + beta * v, v


@right
def nesterov_step(w, g, v, eta, beta=0.9):
    """Right: in place, on copies; a list comes back."""
    push = eta * g
    new = beta * v
    new -= push
    moved = np.array(w)
    moved += beta * new
    moved -= push
    return [moved, new]


@right
def nesterov_step(w, g, v, eta, beta=0.9):
    """Right: TensorFlow's arithmetic."""
    push = tf.constant(g) * eta
    v = beta * tf.constant(v) - push
    return w + beta * v - push, v


@wrong(loses=["nesterov_step"], diagnosis="plain-momentum")
def nesterov_step(w, g, v, eta, beta=0.9):
    """Wrong: plain momentum."""
    v = beta * v - eta * g
    return w + v, v


@wrong(loses=["nesterov_step"], diagnosis="plain-momentum")
def nesterov_step(w, g, v, eta, beta=0.9):
    """Wrong: the old velocity in the second line, which is plain momentum again."""
    return w + beta * v - eta * g, beta * v - eta * g


@wrong(loses=["nesterov_step"], diagnosis="gradient-once")
def nesterov_step(w, g, v, eta, beta=0.9):
    """Wrong: only βv is added."""
    v = beta * v - eta * g
    return w + beta * v, v


@wrong(loses=["nesterov_step"], diagnosis="beta-forgotten")
def nesterov_step(w, g, v, eta, beta=0.9):
    """Wrong: no β in the second line."""
    v = beta * v - eta * g
    return w + v - eta * g, v


@wrong(loses=["nesterov_step"], diagnosis="ascent")
def nesterov_step(w, g, v, eta, beta=0.9):
    """Wrong: uphill."""
    v = beta * v + eta * g
    return w + beta * v + eta * g, v


@wrong(loses=["nesterov_step"], diagnosis="velocity-kept")
def nesterov_step(w, g, v, eta, beta=0.9):
    """Wrong: hands the old velocity back."""
    new = beta * v - eta * g
    return w + beta * new - eta * g, v


@wrong(loses=["nesterov_step"], diagnosis="look-ahead-stored")
def nesterov_step(w, g, v, eta, beta=0.9):
    """Wrong: stores the move in place of the velocity."""
    v = beta * v - eta * g
    v = beta * v - eta * g
    return w + v, v


@wrong(loses=["nesterov_step"], diagnosis="argument-changed")
def nesterov_step(w, g, v, eta, beta=0.9):
    """Wrong: the state is updated in place."""
    v *= beta
    v -= eta * g
    return w + beta * v - eta * g, v


# Task 6: adagrad_step


@right
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Right: a power of −½."""
    total = s + np.square(g)
    return w - eta * (total + eps) ** -0.5 * g, total


@right
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Right: element by element, in a loop."""
    new_w, new_s = np.array(w), np.array(s)
    for i in np.ndindex(w.shape):
        new_s[i] += g[i] * g[i]
        new_w[i] -= eta / (new_s[i] + eps) ** 0.5 * g[i]
    return new_w, new_s


@right
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Right: TensorFlow's arithmetic, tensors come back."""
    s = tf.constant(s) + tf.square(g)
    return w - eta * g * tf.math.rsqrt(s + eps), s


@right
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Right: a helper for the rate."""

    def rates(squares):
        return eta / np.sqrt(squares + eps)

    squares = np.add(s, np.power(g, 2))
    return [np.subtract(w, rates(squares) * g), squares]


@wrong(loses=["adagrad_step"], diagnosis="no-root")
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Wrong: no square root."""
    s = s + g**2
    return w - eta * g / (s + eps), s


@wrong(loses=["adagrad_step"], diagnosis="epsilon-outside")
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Wrong: ε after the root."""
    s = s + g**2
    return w - eta * g / (np.sqrt(s) + eps), s


@wrong(loses=["adagrad_step"], diagnosis="decays")
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Wrong: the accumulator decays."""
    s = 0.9 * s + 0.1 * g**2
    return w - eta * g / np.sqrt(s + eps), s


@wrong(loses=["adagrad_step"], diagnosis="not-squared")
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Wrong: sums the gradients, not their squares."""
    s = s + g
    return w - eta * g / np.sqrt(s + eps), s


@wrong(loses=["adagrad_step"], diagnosis="epsilon-unused")
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Wrong: no ε."""
    s = s + g**2
    return w - eta * g / np.sqrt(s), s


@wrong(loses=["adagrad_step"], diagnosis="old-accumulator")
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Wrong: divides by the old accumulator."""
    return w - eta * g / np.sqrt(s + eps), s + g**2


@wrong(loses=["adagrad_step"], diagnosis="ascent")
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Wrong: uphill."""
    s = s + g**2
    return w + eta * g / np.sqrt(s + eps), s


@wrong(loses=["adagrad_step"], diagnosis="state-kept")
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Wrong: hands the old accumulator back."""
    return w - eta * g / np.sqrt(s + g**2 + eps), s


@wrong(loses=["adagrad_step"], diagnosis="argument-changed")
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Wrong: the accumulator is updated in place."""
    s += g**2
    return w - eta * g / np.sqrt(s + eps), s


@wrong(loses=["adagrad_step"])
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Wrong: one accumulator for all weights."""
    s = s + np.sum(g**2)
    return w - eta * g / np.sqrt(s + eps), s


@wrong(loses=["adagrad_step"], diagnosis="uses-keras")
def adagrad_step(w, g, s, eta, eps=1e-7):
    """Wrong: the root by Keras."""
    s = s + g**2
    return w - eta * g / np.asarray(keras.ops.sqrt(s + eps)), s


# Task 7: rmsprop_step


@right
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Right: the average as a correction of the old one."""
    s = s + (1 - rho) * (g * g - s)
    return w - eta / np.sqrt(s + eps) * g, s


@right
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Right: element by element, in a loop."""
    new_w, new_s = np.array(w), np.array(s)
    for i in np.ndindex(w.shape):
        new_s[i] = rho * s[i] + (1 - rho) * g[i] ** 2
        new_w[i] = w[i] - eta * g[i] / np.sqrt(new_s[i] + eps)
    return new_w, new_s


@right
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Right: TensorFlow's arithmetic."""
    s = rho * tf.constant(s) + (1 - rho) * tf.square(g)
    return w - eta * g / tf.sqrt(s + eps), s


@right
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Right: np.average of the two parts."""
    s = np.average([s, g**2], axis=0, weights=[rho, 1 - rho])
    return [w - eta * g * (s + eps) ** -0.5, s]


@wrong(loses=["rmsprop_step"], diagnosis="sums")
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Wrong: sums, as Adagrad does."""
    s = s + g**2
    return w - eta * g / np.sqrt(s + eps), s


@wrong(loses=["rmsprop_step"], diagnosis="weights-swapped")
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Wrong: ρ and 1 − ρ exchanged."""
    s = (1 - rho) * s + rho * g**2
    return w - eta * g / np.sqrt(s + eps), s


@wrong(loses=["rmsprop_step"], diagnosis="one-minus-forgotten")
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Wrong: no factor before the square."""
    s = rho * s + g**2
    return w - eta * g / np.sqrt(s + eps), s


@wrong(loses=["rmsprop_step"], diagnosis="not-squared")
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Wrong: second moment not squared."""
    s = rho * s + (1 - rho) * g
    return w - eta * g / np.sqrt(s + eps), s


@wrong(loses=["rmsprop_step"], diagnosis="no-root")
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Wrong: no square root."""
    s = rho * s + (1 - rho) * g**2
    return w - eta * g / (s + eps), s


@wrong(loses=["rmsprop_step"], diagnosis="epsilon-outside")
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Wrong: ε after the root."""
    s = rho * s + (1 - rho) * g**2
    return w - eta * g / (np.sqrt(s) + eps), s


@wrong(loses=["rmsprop_step"], diagnosis="epsilon-unused")
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Wrong: no ε."""
    s = rho * s + (1 - rho) * g**2
    return w - eta * g / np.sqrt(s), s


@wrong(loses=["rmsprop_step"], diagnosis="old-accumulator")
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Wrong: divides by the old average."""
    return w - eta * g / np.sqrt(s + eps), rho * s + (1 - rho) * g**2


@wrong(loses=["rmsprop_step"], diagnosis="state-kept")
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Wrong: hands the old average back."""
    return w - eta * g / np.sqrt(rho * s + (1 - rho) * g**2 + eps), s


@wrong(loses=["rmsprop_step"], diagnosis="ascent")
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Wrong: uphill."""
    s = rho * s + (1 - rho) * g**2
    return w + eta * g / np.sqrt(s + eps), s


@wrong(loses=["rmsprop_step"], diagnosis="argument-changed")
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Wrong: the weights are updated in place."""
    s = rho * s + (1 - rho) * g**2
    w -= eta * g / np.sqrt(s + eps)
    return w, s


@wrong(loses=["rmsprop_step"])
def rmsprop_step(w, g, s, eta, rho=0.9, eps=1e-7):
    """Wrong: ρ is 0.9, whatever is asked."""
    s = 0.9 * s + 0.1 * g**2
    return w - eta * g / np.sqrt(s + eps), s


# Task 8: adadelta_step


@right
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Right: one root of the quotient."""
    s = rho * s + (1 - rho) * g**2
    step = np.sqrt((u + eps) / (s + eps)) * g
    return w - eta * step, s, rho * u + (1 - rho) * step**2


@right
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Right: helpers for the average and for the root."""

    def mix(old, new):
        return rho * old + (1 - rho) * new * new

    def rms(x):
        return np.sqrt(x + eps)

    squares = mix(s, g)
    delta = -rms(u) / rms(squares) * g
    return [w + eta * delta, squares, mix(u, delta)]


@right
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Right: element by element, in a loop."""
    w, s, u = w.copy(), s.copy(), u.copy()
    for i in np.ndindex(w.shape):
        s[i] = rho * s[i] + (1 - rho) * g[i] ** 2
        delta = -((u[i] + eps) ** 0.5) / (s[i] + eps) ** 0.5 * g[i]
        u[i] = rho * u[i] + (1 - rho) * delta**2
        w[i] += eta * delta
    return w, s, u


@right
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Right: TensorFlow's arithmetic."""
    s = rho * tf.constant(s) + (1 - rho) * tf.square(g)
    delta = -tf.sqrt(tf.constant(u) + eps) / tf.sqrt(s + eps) * g
    return w + eta * delta, s, rho * u + (1 - rho) * tf.square(delta)


@wrong(loses=["adadelta_step"], diagnosis="no-numerator")
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Wrong: without the numerator's accumulator."""
    s = rho * s + (1 - rho) * g**2
    delta = -g / np.sqrt(s + eps)
    return w + eta * delta, s, rho * u + (1 - rho) * delta**2


@wrong(loses=["adadelta_step"], diagnosis="no-root")
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Wrong: no square roots."""
    s = rho * s + (1 - rho) * g**2
    delta = -(u + eps) / (s + eps) * g
    return w + eta * delta, s, rho * u + (1 - rho) * delta**2


@wrong(loses=["adadelta_step"], diagnosis="epsilon-outside")
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Wrong: ε after the roots."""
    s = rho * s + (1 - rho) * g**2
    delta = -(np.sqrt(u) + eps) / (np.sqrt(s) + eps) * g
    return w + eta * delta, s, rho * u + (1 - rho) * delta**2


@wrong(loses=["adadelta_step"], diagnosis="u-of-gradients")
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Wrong: u averages the gradients' squares."""
    s = rho * s + (1 - rho) * g**2
    delta = -np.sqrt((u + eps) / (s + eps)) * g
    return w + eta * delta, s, rho * u + (1 - rho) * g**2


@wrong(loses=["adadelta_step"], diagnosis="eta-in-u")
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Wrong: η is in what u averages."""
    s = rho * s + (1 - rho) * g**2
    delta = -eta * np.sqrt((u + eps) / (s + eps)) * g
    return w + delta, s, rho * u + (1 - rho) * delta**2


@wrong(loses=["adadelta_step"], diagnosis="not-squared")
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Wrong: u averages the step itself."""
    s = rho * s + (1 - rho) * g**2
    delta = -np.sqrt((u + eps) / (s + eps)) * g
    return w + eta * delta, s, rho * u + (1 - rho) * delta


@wrong(loses=["adadelta_step"], diagnosis="ratio-inverted")
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Wrong: the ratio upside down."""
    s = rho * s + (1 - rho) * g**2
    delta = -np.sqrt((s + eps) / (u + eps)) * g
    return w + eta * delta, s, rho * u + (1 - rho) * delta**2


@wrong(loses=["adadelta_step"], diagnosis="state-kept")
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Wrong: u never changes."""
    s = rho * s + (1 - rho) * g**2
    return w - eta * np.sqrt((u + eps) / (s + eps)) * g, s, u


@wrong(loses=["adadelta_step"], diagnosis="old-accumulator")
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Wrong: the old s in the denominator."""
    delta = -np.sqrt((u + eps) / (s + eps)) * g
    return w + eta * delta, rho * s + (1 - rho) * g**2, rho * u + (1 - rho) * delta**2


@wrong(loses=["adadelta_step"], diagnosis="ascent")
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Wrong: subtracts a Δ that has its minus already."""
    s = rho * s + (1 - rho) * g**2
    delta = -np.sqrt((u + eps) / (s + eps)) * g
    return w - eta * delta, s, rho * u + (1 - rho) * delta**2


@wrong(loses=["adadelta_step"], diagnosis="epsilon-unused")
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Wrong: no ε at all."""
    s = rho * s + (1 - rho) * g**2
    with np.errstate(all="ignore"):
        delta = -np.sqrt(u / s) * g
    return w + eta * delta, s, rho * u + (1 - rho) * delta**2


@wrong(loses=["adadelta_step"], diagnosis="eta-forgotten")
def adadelta_step(w, g, s, u, eta, rho=0.95, eps=1e-7):
    """Wrong: the paper's rule, without η."""
    s = rho * s + (1 - rho) * g**2
    delta = -np.sqrt((u + eps) / (s + eps)) * g
    return w + delta, s, rho * u + (1 - rho) * delta**2


# Task 9: adam_step


@right
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Right: corrected averages, with ε scaled to stand where Keras has it."""
    t = t + 1
    m = m + (1 - beta1) * (g - m)
    s = s + (1 - beta2) * (g**2 - s)
    m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
    return w - eta * m_hat / (np.sqrt(s_hat) + eps / np.sqrt(1 - beta2**t)), m, s, t


@right
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Right: element by element, in a loop; a list comes back."""
    w, m, s = np.array(w), np.array(m), np.array(s)
    power1, power2 = beta1 ** (t + 1), beta2 ** (t + 1)
    for i in np.ndindex(w.shape):
        m[i] = beta1 * m[i] + (1 - beta1) * g[i]
        s[i] = beta2 * s[i] + (1 - beta2) * g[i] * g[i]
        w[i] -= eta * (1 - power2) ** 0.5 / (1 - power1) * m[i] / (s[i] ** 0.5 + eps)
    return [w, m, s, t + 1]


@right
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Right: TensorFlow's arithmetic."""
    t = int(t) + 1
    m = beta1 * tf.constant(m) + (1 - beta1) * g
    s = beta2 * tf.constant(s) + (1 - beta2) * tf.square(g)
    rate = eta * (1 - beta2**t) ** 0.5 / (1 - beta1**t)
    return w - rate * m / (tf.sqrt(s) + eps), m, s, t


@right
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Right: a nested helper averages; t comes back as a float."""

    def average(old, new, beta):
        return beta * old + (1 - beta) * new

    count = float(t) + 1.0
    first, second = average(m, g, beta1), average(s, np.square(g), beta2)
    corrected = first / (1 - np.power(beta1, count))
    scale = np.sqrt(1 - np.power(beta2, count))
    return w - eta * scale * corrected / (eps + np.sqrt(second)), first, second, count


@wrong(loses=["adam_step-first", "adam_step-state"], diagnosis="no-correction")
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: no bias correction."""
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    return w - eta * m / (np.sqrt(s) + eps), m, s, t + 1


@wrong(loses=["adam_step-first", "adam_step-state"], diagnosis="stale-t")
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: bias correction with the power t − 1."""
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    with np.errstate(all="ignore"):
        rate = eta * np.sqrt(1 - beta2**t) / np.float64(1 - beta1**t)
    return w - rate * m / (np.sqrt(s) + eps), m, s, t + 1


@wrong(loses=["adam_step-first", "adam_step-state"], diagnosis="only-m-corrected")
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: only m is corrected."""
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    return w - eta / (1 - beta1**t) * m / (np.sqrt(s) + eps), m, s, t


@wrong(loses=["adam_step-first", "adam_step-state"], diagnosis="only-s-corrected")
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: only s is corrected."""
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    return w - eta * np.sqrt(1 - beta2**t) * m / (np.sqrt(s) + eps), m, s, t


@wrong(loses=["adam_step-state"], diagnosis="epsilon-on-corrected")
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: ε as in the paper's Algorithm 1."""
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    return w - eta * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps), m, s, t


@wrong(loses=["adam_step-state"], diagnosis="epsilon-inside")
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: ε under the root."""
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    rate = eta * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return w - rate * m / np.sqrt(s + eps), m, s, t


@wrong(loses=["adam_step-first", "adam_step-state"], diagnosis="not-squared")
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: the second moment is not squared."""
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g
    rate = eta * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    with np.errstate(all="ignore"):
        return w - rate * m / (np.sqrt(s) + eps), m, s, t


@wrong(loses=["adam_step-first", "adam_step-state"])
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: β₁ and β₂ exchanged, in the averages and in the correction."""
    t = t + 1
    m = beta2 * m + (1 - beta2) * g
    s = beta1 * s + (1 - beta1) * g**2
    rate = eta * np.sqrt(1 - beta1**t) / (1 - beta2**t)
    return w - rate * m / (np.sqrt(s) + eps), m, s, t


@wrong(loses=["adam_step-first", "adam_step-state"])
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: m and s come back in the wrong order."""
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    rate = eta * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return w - rate * m / (np.sqrt(s) + eps), s, m, t


@wrong(loses=["adam_step-first", "adam_step-state"], diagnosis="corrected-stored")
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: the corrected averages come back as state."""
    t = t + 1
    m = (beta1 * m + (1 - beta1) * g) / (1 - beta1**t)
    s = (beta2 * s + (1 - beta2) * g**2) / (1 - beta2**t)
    return w - eta * m / (np.sqrt(s) + eps / np.sqrt(1 - beta2**t)), m, s, t


@wrong(loses=["adam_step-first", "adam_step-state"], diagnosis="t-kept")
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: t comes back as it went in."""
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    rate = eta * np.sqrt(1 - beta2 ** (t + 1)) / (1 - beta1 ** (t + 1))
    return w - rate * m / (np.sqrt(s) + eps), m, s, t


@wrong(loses=["adam_step-first", "adam_step-state"], diagnosis="ascent")
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: uphill."""
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    rate = eta * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return w + rate * m / (np.sqrt(s) + eps), m, s, t


@wrong(loses=["adam_step-state"], diagnosis="argument-changed")
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: the state is updated in place."""
    t = t + 1
    m *= beta1
    m += (1 - beta1) * g
    s *= beta2
    s += (1 - beta2) * g**2
    rate = eta * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return w - rate * m / (np.sqrt(s) + eps), m, s, t


@wrong(loses=["adam_step-state"], diagnosis="epsilon-unused")
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: the default ε, whatever is asked."""
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    rate = eta * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return w - rate * m / (np.sqrt(s) + 1e-7), m, s, t


@wrong(loses=["adam_step-first", "adam_step-state"])
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: each weight moves η against the sign of its gradient, always."""
    return w - eta * np.sign(g), m, s, t + 1


@wrong(loses=["adam_step-first", "adam_step-state"], diagnosis="uses-keras")
def adam_step(w, g, m, s, t, eta, beta1=0.9, beta2=0.999, eps=1e-7):
    """Wrong: lets Keras take the step."""
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g**2
    rate = eta * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return w - rate * m / (np.asarray(keras.ops.sqrt(s)) + eps), m, s, t


# Task 10: tape_descent


@right
def tape_descent(name, start, steps, eta, beta):
    """Right: constants that are watched, no variables."""
    w, v = tf.constant(start), tf.zeros(2, tf.float64)
    path = [w]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            tape.watch(w)
            cost = COSTS[name](w)
        v = beta * v - eta * tape.gradient(cost, w)
        w = w + v
        path.append(w)
    return tf.stack(path)


@right
def tape_descent(name, start, steps, eta, beta):
    """Right: a path made beforehand and filled row by row."""
    path = np.empty((steps + 1, len(start)))
    path[0] = start
    v = np.zeros(len(start))
    for k in range(steps):
        point = tf.Variable(path[k])
        with tf.GradientTape() as tape:
            cost = COSTS[name](point)
        v = beta * v - eta * tape.gradient(cost, point).numpy()
        path[k + 1] = path[k] + v
    return path


@right
def tape_descent(name, start, steps, eta, beta):
    """Right: one tape for each step in a helper; tuples of numbers come back."""

    def slope(w):
        point = tf.Variable(w)
        with tf.GradientTape(persistent=True) as tape:
            cost = COSTS[name](point)
        return tape.gradient(cost, [point])[0]

    path, v = [tf.convert_to_tensor(start)], 0.0
    while len(path) <= steps:
        v = beta * v - eta * slope(path[-1])
        path.append(path[-1] + v)
    return tuple(tuple(float(x) for x in w) for w in path)


@right
def tape_descent(name, start, steps, eta, beta):
    """Right: a compiled step, and a path in a TensorArray."""

    @tf.function
    def step(w, v):
        with tf.GradientTape() as tape:
            tape.watch(w)
            cost = COSTS[name](w)
        v = beta * v - eta * tape.gradient(cost, w)
        return w + v, v

    w = tf.convert_to_tensor(start)
    v = tf.zeros_like(w)
    path = tf.TensorArray(tf.float64, steps + 1).write(0, w)
    for k in range(1, steps + 1):
        w, v = step(w, v)
        path = path.write(k, w)
    return path.stack()


@wrong(loses=["tape_descent"], diagnosis="no-momentum")
def tape_descent(name, start, steps, eta, beta):
    """Wrong: plain SGD."""
    w = tf.Variable(start)
    path = [w.numpy()]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = COSTS[name](w)
        w.assign_sub(eta * tape.gradient(cost, w))
        path.append(w.numpy())
    return np.array(path)


@wrong(loses=["tape_descent"], diagnosis="no-momentum")
def tape_descent(name, start, steps, eta, beta):
    """Wrong: the velocity starts from rest in every step."""
    w = tf.Variable(start)
    path = [w.numpy()]
    for _ in range(steps):
        v = tf.zeros_like(w)
        with tf.GradientTape() as tape:
            cost = COSTS[name](w)
        v = beta * v - eta * tape.gradient(cost, w)
        w.assign_add(v)
        path.append(w.numpy())
    return np.array(path)


@wrong(loses=["tape_descent"], diagnosis="same-object")
def tape_descent(name, start, steps, eta, beta):
    """Wrong: one variable, put into the list again and again."""
    w, v = tf.Variable(start), tf.Variable(np.zeros_like(start))
    path = [w]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = COSTS[name](w)
        v.assign(beta * v - eta * tape.gradient(cost, w))
        w.assign_add(v)
        path.append(w)
    return np.array([point.numpy() for point in path])


@wrong(loses=["tape_descent"], diagnosis="start-missing")
def tape_descent(name, start, steps, eta, beta):
    """Wrong: the start is not in the path."""
    w, v = tf.Variable(start), tf.Variable(np.zeros_like(start))
    path = []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = COSTS[name](w)
        v.assign(beta * v - eta * tape.gradient(cost, w))
        w.assign_add(v)
        path.append(w.numpy())
    return np.array(path)


@wrong(loses=["tape_descent"], diagnosis="ascent")
def tape_descent(name, start, steps, eta, beta):
    """Wrong: uphill."""
    w, v = tf.Variable(start), tf.Variable(np.zeros_like(start))
    path = [w.numpy()]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = COSTS[name](w)
        v.assign(beta * v + eta * tape.gradient(cost, w))
        w.assign_add(v)
        path.append(w.numpy())
    return np.array(path)


@wrong(loses=["tape_descent"], diagnosis="old-velocity")
def tape_descent(name, start, steps, eta, beta):
    """Wrong: moves before the velocity is updated."""
    w, v = tf.Variable(start), tf.Variable(np.zeros_like(start))
    path = [w.numpy()]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = COSTS[name](w)
        g = tape.gradient(cost, w)
        w.assign_add(v)
        v.assign(beta * v - eta * g)
        path.append(w.numpy())
    return np.array(path)


@wrong(loses=["tape_descent"])
def tape_descent(name, start, steps, eta, beta):
    """Wrong: the bowl, whatever cost is asked."""
    w, v = tf.Variable(start), tf.Variable(np.zeros_like(start))
    path = [w.numpy()]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = bowl(w)
        v.assign(beta * v - eta * tape.gradient(cost, w))
        w.assign_add(v)
        path.append(w.numpy())
    return np.array(path)


@wrong(loses=["tape_descent"], diagnosis="float32")
def tape_descent(name, start, steps, eta, beta):
    """Wrong: in float32."""
    w = tf.Variable(start, dtype=tf.float32)
    v = tf.Variable(tf.zeros(2))
    path = [w.numpy()]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = COSTS[name](w)
        v.assign(beta * v - eta * tape.gradient(cost, w))
        w.assign_add(v)
        path.append(w.numpy())
    return np.array(path)


@wrong(loses=["tape_descent"], diagnosis="uses-keras")
def tape_descent(name, start, steps, eta, beta):
    """Wrong: Keras' optimiser takes the steps."""
    w, optimiser = tf.Variable(start), keras.optimizers.SGD(eta, momentum=beta)
    path = [w.numpy()]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            cost = COSTS[name](w)
        optimiser.apply_gradients([(tape.gradient(cost, w), w)])
        path.append(w.numpy())
    return np.array(path)
