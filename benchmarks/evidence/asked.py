"""Every test with an accuracy threshold, and how to measure an answer's accuracy."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.topics.cells import Topic
from benchmarks.evidence.asking import Accuracies, Asked, Names, training_lines


def train_digits(topic: Topic, names: Names, seed: int) -> Accuracies:
    """Train as the test does, from network number ``seed``, in the random order ``seed``."""

    def network(sizes: list[int], **_test_seed: int) -> tuple:
        return names["random_network"](sizes, seed=seed)

    return train_digits_in_order(topic, {**names, "random_network": network}, seed)


def train_digits_in_order(topic: Topic, names: Names, seed: int) -> Accuracies:
    """Train as the test does, from its own network, in the random order ``seed``."""

    def train(*arguments: Any) -> tuple:
        return names["train"](*arguments[:-1], seed)

    here = {**names, "train": train}
    exec(training_lines(topic, TRAIN_DIGITS), here)
    digits = names["digits"]
    return {
        "validation": names["share_right"](names["X_val"], digits.y_val, *here["trained"]),
        "test": names["share_right"](names["X_test"], digits.y_test, *here["trained"]),
    }


TRAIN_DIGITS = Asked(
    topic="05-backprop",
    test="train-digits",
    lines=("by_digit", "untrained", "trained"),
    reference={
        "first network and order": train_digits,
        "order only": train_digits_in_order,
    },
    remark="This test finds mistakes that a few steps on one example do not show. Some mistakes "
    "still reach the\nthreshold, such as skipping the last mini-batch. `train-step` "
    "finds those, since it compares numbers.",
    apart=("shuffled once, before the first epoch",),
)


def train_lenet(topic: Topic, names: Names, seed: int) -> Accuracies:
    """Train as the test does, from weights and in an order of seed ``seed``."""

    def train(images: Any, labels: Any, _test_seed: int) -> Any:
        return names["train_lenet5"](images, labels, seed)

    here = {**names, "train_lenet5": train}
    exec(training_lines(topic, TRAIN_LENET), here)
    digits, to_lenet, model = names["digits"], names["to_lenet"], here["trained"]

    def share_right(images: Any, labels: Any) -> float:
        if model is None:  # a wrong answer that returns nothing
            return 0.0
        return float(np.mean(np.argmax(model(to_lenet(images)), axis=1) == labels))

    return {
        "validation": share_right(digits.x_val, digits.y_val),
        "test": share_right(digits.x_test, digits.y_test),
    }


TRAIN_LENET = Asked(
    topic="08-cnn",
    test="train_lenet5",
    lines=("by_digit", "trained"),
    reference={"first weights and order": train_lenet},
    remark="The images are sorted by digit, so an answer that does not shuffle them forgets all "
    "but the last\ndigits.",
    seeds=20,
    wrong_seeds=5,
)


def train_moved(topic: Topic, names: Names, seed: int) -> Accuracies:
    """Train on moved images as the test does, from network ``seed`` and in the order ``seed``."""

    def train(*arguments: Any) -> Any:
        return names["train"](*arguments[:-1], np.random.default_rng(seed))

    def start_network(_test_seed: int) -> Any:
        return names["start_network"](seed)

    here = {**names, "train": train, "start_network": start_network}
    exec(training_lines(topic, TRAIN_MOVED), here)
    return {
        split: float(
            np.mean(np.argmax(eval(predicted, here), axis=1) == getattr(here["digits"], labels))
        )
        for predicted, (split, labels) in MOVED.items()
    }


MOVED = {
    "dense_scores(twin, datasets.shift(np.float32(digits.x_val) / 255, -2, -2))": (
        "validation, moved",
        "y_val",
    ),
    "dense_scores(twin, datasets.shift(np.float32(digits.x_test) / 255, -2, -2))": (
        "test, moved",
        "y_test",
    ),
    "dense_scores(twin, np.float32(digits.x_test) / 255)": ("test", "y_test"),
}
TRAIN_MOVED = Asked(
    topic="09-translation-invariance",
    test="train-digits",
    lines=("twin",),
    reference={"first network and order": train_moved},
    remark="Moved means 2 pixels up and 2 left, filled with zeros. Each network was trained on "
    "images that are\nmoved again for every mini-batch, by up to 2 pixels.",
    seeds=20,
    wrong_seeds=5,
    splits={predicted: split for predicted, (split, _) in MOVED.items()},
)


def few_shot_gain(topic: Topic, names: Names, seed: int) -> Accuracies:
    """Train the extractor from seed ``seed``; the five times fifty images are the test's own."""
    here = {**names, "extractor": names["train_extractor"](seed)}
    exec(training_lines(topic, FEW_SHOT_GAIN), here)
    truth = names["test_photo_labels"][here["is_new_test"]]
    return {"test": float(np.mean([np.mean(np.ravel(g) == truth) for g in here["guesses"]]))}


FEW_SHOT_GAIN = Asked(
    topic="10-transfer",
    test="few_shot-gain",
    lines=("is_new_test", "orders", "chosen", "guesses"),
    reference={"extractor": few_shot_gain},
    remark="The photographs are the same for every seed. The network trained on them from "
    "scratch reaches 0.465 on\naverage (20 times five draws: 0.439 to 0.495); the "
    "threshold is above that average.",
    seeds=20,
    wrong_seeds=5,
    splits={f"np.tile(test_photo_labels[is_new_test], {draws})": "test" for draws in (3, 5)},
)

ASKED = (TRAIN_DIGITS, TRAIN_LENET, TRAIN_MOVED, FEW_SHOT_GAIN)
