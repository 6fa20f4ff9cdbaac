"""Make TensorFlow deterministic, without refusing anything that works in a notebook."""

from __future__ import annotations

import functools
import inspect
import random
from collections.abc import Callable
from typing import Any

# In these modules TensorFlow's configuration decides whether to refuse an operation without a seed,
# or to compute it in a slower way that only a GPU needs. An exam has no GPU.
_ASKING = ("image_ops_impl", "nn_ops", "stateful_random_ops")
# Operations that take ``seed`` and ``seed2`` from Python code other than `tf.raw_ops`.
_DRAWING = ("gen_image_ops", "gen_nn_ops")

# The source of missing seeds: a student's own random numbers stay as they are in a notebook.
_spare = random.Random(0)


class _Lenient:
    """TensorFlow's configuration, with determinism reported as off."""

    def __init__(self, config: Any) -> None:
        self._config = config

    def __getattr__(self, name: str) -> Any:
        return getattr(self._config, name)

    def is_op_determinism_enabled(self) -> bool:
        """Return False, as in a notebook."""
        return False


def make_deterministic() -> None:
    """Let TensorFlow use one thread and deterministic operations.

    TensorFlow's own switch also refuses random operations without a seed, which work in a notebook:
    here they get a seed. Call this before the first operation; it only sets options that the first
    operation reads, so that a process may be forked afterwards.
    """
    import tensorflow as tf
    from tensorflow.python import ops
    from tensorflow.python.framework import config, random_seed
    from tensorflow.python.ops import stateful_random_ops

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    for name in _ASKING:
        getattr(ops, name).config = _Lenient(config)
    random_seed.config = _Lenient(config)
    random_seed.get_seed = _seeded(random_seed.get_seed)
    stateful_random_ops.non_deterministic_ints = tf.raw_ops.NonDeterministicInts = _integers
    for module in (tf.raw_ops, *(getattr(ops, name) for name in _DRAWING)):
        for name, operation in list(vars(module).items()):
            if inspect.isfunction(operation) and _takes_seeds(operation):
                setattr(module, name, _with_seeds(operation))


def restart(seed: int) -> None:
    """Seed the source of missing seeds."""
    _spare.seed(seed)


def _draw() -> int:
    return 1 + _spare.getrandbits(30)


def _takes_seeds(operation: Callable[..., Any]) -> bool:
    names = inspect.signature(operation).parameters
    if "deterministic" in names:  # seeds are then refused unless it is set
        return False
    return names.get("seed", _NONE).default == 0 == names.get("seed2", _NONE).default


_NONE = inspect.Parameter("none", inspect.Parameter.KEYWORD_ONLY)


def _with_seeds(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Return an operation that draws its seeds if both are 0, which means "not given"."""
    signature = inspect.signature(operation)

    @functools.wraps(operation)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError:  # the operation's own message explains the error
            return operation(*args, **kwargs)
        if not given.get("seed") and not given.get("seed2"):
            given |= {"seed": _draw(), "seed2": _draw()}
        return operation(**given)

    return run


def _seeded(get_seed: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(get_seed)
    def run(op_seed: Any) -> Any:
        seeds = get_seed(op_seed)
        return (_draw(), _draw()) if seeds == (None, None) else seeds

    return run


def _integers(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Replace ``NonDeterministicInts``: integers of a shape, for a generator's state."""
    import numpy as np
    import tensorflow as tf

    state = np.random.default_rng(_draw()).integers(1 << 62, size=shape)
    return tf.constant(state, dtype or tf.int64, name=name)
