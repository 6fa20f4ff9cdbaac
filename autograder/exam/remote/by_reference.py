"""Objects that a test passes to student code by reference: functions, generators, library objects.

Only in this direction, from the trusted side: the examiner makes references, the candidate
makes its own objects from them.
"""

from __future__ import annotations

import dataclasses
import random
import sys
from collections.abc import Callable, Collection
from functools import reduce
from typing import Any

import numpy as np

from autograder.exam.wire import Ref

_OURS = ("__main__", "autograder")
_MAX_COUNT = 10_000


def pass_on(value: Any, given: Collection[str]) -> Ref | None:
    """Return a reference from which the candidate can make an equivalent of ``value``, or None.

    Parameters
    ----------
    value
        An object of the examiner.
    given
        Names defined by the given cells, which also exist in the candidate.
    """
    if (named := _name_of(value, given)) is not None:
        return Ref("library", list(named))
    if isinstance(value, (np.random.Generator, np.random.RandomState, random.Random)):
        return _generator(value)
    if dataclasses.is_dataclass(value) and (kind := _name_of(type(value), given)) is not None:
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return Ref("instance", [*kind, fields])
    if _is_variable(value):
        return Ref("variable", [np.asarray(value), bool(value.trainable)])
    keras = sys.modules.get("keras")
    if keras is not None and isinstance(value, keras.Layer):
        config = keras.saving.serialize_keras_object(value)
        return Ref("keras", [config, value.get_weights()])
    return None


def _name_of(value: Any, given: Collection[str]) -> tuple[str, str] | None:
    """Return module and name of an object of a library or of a given cell; None for others."""
    if isinstance(value, type(sys)):
        return value.__name__, ""
    if isinstance(value, np.ufunc):
        module, name = "numpy", value.__name__
    else:
        module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    if module == "__main__" and name not in given:
        return None
    if module.partition(".")[0] == "autograder" or module not in sys.modules:
        return None
    try:
        found = _find(module, name)
    except AttributeError:
        return None
    return (module, name) if found is value else None


def _find(module: str, name: str) -> Any:
    start = sys.modules[module]
    return reduce(getattr, name.split("."), start) if name else start


def _is_variable(value: Any) -> bool:
    tf, keras = sys.modules.get("tensorflow"), sys.modules.get("keras")
    return (tf is not None and isinstance(value, tf.Variable)) or (
        keras is not None and isinstance(value, keras.Variable)
    )


def _generator(value: Any) -> Ref | None:
    """Return a reference to a copy in its current state; the original continues with new numbers.

    So the student's function draws the numbers it would draw from the original, the next function
    draws others, and the candidate cannot choose what the test draws later.
    """
    if isinstance(value, random.Random):
        state = value.getstate()
        value.seed(value.getrandbits(256))
        return Ref("random", list(state))
    legacy = isinstance(value, np.random.RandomState)
    source = value._bit_generator if legacy else value.bit_generator
    if not hasattr(source, "jumped"):
        return None
    state = source.state
    source.state = source.jumped().state
    return Ref("generator", [legacy, type(source).__name__, state])


def receivers(
    own: Callable[[int], Any], callback: Callable[[int, str], Any], shell: Any
) -> dict[str, Callable[[Any], Any]]:
    """Return, for each kind of reference, a function that makes an object of it in the candidate.

    Parameters
    ----------
    own
        Finds an object of the candidate by its number.
    callback
        Makes a stand-in for a test's function.
    shell
        The shell; its namespace holds the names that the given cells defined.
    """

    def library(content: list[str]) -> Any:
        module, name = content
        if module == "__main__":
            return reduce(getattr, name.split(".")[1:], shell.user_ns[name.split(".")[0]])
        return _find(module, name)

    def instance(content: list[Any]) -> Any:
        module, name, fields = content
        kind = library([module, name])
        made = object.__new__(kind)
        for field, value in fields.items():
            object.__setattr__(made, field, value)
        return made

    return {
        "own": own,
        "callback": lambda content: callback(*content),
        "library": library,
        "instance": instance,
        "generator": _make_generator,
        "random": _make_random,
        "variable": _make_variable,
        "keras": _make_keras,
    }


def _make_generator(content: list[Any]) -> Any:
    legacy, name, state = content
    source = getattr(np.random, name)()
    source.state = state
    return np.random.RandomState(source) if legacy else np.random.Generator(source)


def _make_random(content: list[Any]) -> random.Random:
    made = random.Random()
    made.setstate(tuple(content))
    return made


def _make_variable(content: list[Any]) -> Any:
    import tensorflow as tf

    value, trainable = content
    return tf.Variable(value, trainable=trainable)


def _make_keras(content: list[Any]) -> Any:
    import keras

    config, weights = content
    layer = _make_stack(config) or keras.saving.deserialize_keras_object(config)
    _reserve(config)
    if weights:
        layer.set_weights(weights)
    return layer


def _make_stack(config: dict[str, Any]) -> Any:
    """Make a Sequential model in one step; None for others.

    Keras would build it again after each layer.
    """
    import keras

    plain = (config["module"], config["class_name"]) == ("keras", "Sequential")
    layers = config["config"]["layers"] if plain and not config.get("compile_config") else []
    if not layers or layers[0]["class_name"] != "InputLayer":
        return None
    made = [keras.saving.deserialize_keras_object(layer) for layer in layers]
    return keras.Sequential(made, name=config["config"]["name"])


def _reserve(config: Any) -> None:
    """Keep Keras from giving a name in a configuration to a new layer.

    The test's process has counted these names, this one has not, and names in a model are unique.
    """
    import keras

    parts = list(config.values()) if isinstance(config, dict) else config
    name = config.get("name") if isinstance(config, dict) else None
    if isinstance(name, str):
        prefix, _, number = name.rpartition("_")
        counted = number.isdecimal() and int(number) < _MAX_COUNT
        prefix, least = (prefix, int(number) + 1) if prefix and counted else (name, 1)
        while keras.backend.get_uid(prefix) < least:
            pass
    for part in parts:
        if isinstance(part, dict | list | tuple):
            _reserve(part)
