"""Measure over many seeds what the reference reaches where a test asks for an accuracy.

Run by ``make thresholds``; writes ``docs/thresholds.md``. The functions are the topic's own
given and task cells, the training is the test's own lines with other seeds, the thresholds are
read from the tests, and the wrong answers from the topic's ``variants.py``. Nothing is copied,
so nothing can drift.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from autograder import variants
from autograder.topic import Topic, TopicCell, parse

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "thresholds.md"
SEEDS = 40
FEWEST_SEEDS = 20  # with fewer, the page isn't written
SPLITS = {"digits.y_val": "validation", "digits.y_test": "test"}

Names = dict[str, Any]
Accuracies = dict[str, float]  # split -> share read rightly
Measure = Callable[[Topic, Names, int], Accuracies]


@dataclass(frozen=True, eq=False)
class Asked:
    """A test that asks for an accuracy, and how to measure what an answer reaches.

    Attributes
    ----------
    topic, test
        The topic, and the test's key: ``NAME`` or ``NAME-PART``.
    task
        The function that the wrong answers replace.
    lines
        The names whose assignments in the test do the training.
    reference
        What varies with the seed, in words, and the measurement: ``(topic, names, seed)`` to the
        accuracies. The first one also measures the wrong answers.
    remark
        A sentence or two for the page, after the table of wrong answers.
    """

    topic: str
    test: str
    task: str
    lines: tuple[str, ...]
    reference: dict[str, Measure]
    remark: str


def read(name: str) -> Topic:
    """Read a topic's source."""
    return parse(ROOT / "solutions" / name / f"{name}.py")


def cell_of(topic: Topic, test: str) -> TopicCell:
    """Return the cell of a test; ``SystemExit`` if there is none of that key."""
    for cell in topic.of("test"):
        if cell.key == test:
            return cell
    sys.exit(f"{topic.path}: no test {test}: mend ASKED in {Path(__file__).name}.")


def thresholds(topic: Topic, test: str) -> Accuracies:
    """Read a test's thresholds, by split, from its calls of ``checks.accuracy``."""
    found = {}
    for node in ast.walk(ast.parse(cell_of(topic, test).source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "checks.accuracy":
            given = dict(zip(("predicted", "labels", "at_least"), node.args, strict=False))
            given |= {keyword.arg: keyword.value for keyword in node.keywords}
            try:
                split = SPLITS[ast.unparse(given["labels"])]
                bound = float(ast.literal_eval(given["at_least"]))
                found[split] = max(bound, found.get(split, 0.0))
            except (KeyError, ValueError):
                sys.exit(
                    f"{topic.path}: test {test}: {ast.unparse(node)}\nWrite the threshold as a "
                    f"number, and the labels as one of {', '.join(SPLITS)}."
                )
    if not found:
        sys.exit(f"{topic.path}: test {test} asks for no accuracy: mend ASKED.")
    return found


def training_lines(topic: Topic, asked: Asked) -> str:
    """Return the test's own lines that train: its assignments to ``asked.lines``."""
    source = cell_of(topic, asked.test).source
    found = {
        node.targets[0].id: ast.get_source_segment(source, node)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    if missing := [name for name in asked.lines if name not in found]:
        sys.exit(
            f"{topic.path}: test {asked.test} doesn't assign {', '.join(missing)}: mend ASKED."
        )
    return "\n".join(found[name] for name in asked.lines)


def reference_names(topic: Topic) -> Names:
    """Run the topic's given and task cells, in order; return the names that they define."""
    names: Names = {"__name__": topic.name}
    for cell in topic.of("given", "task"):
        exec(compile(cell.source, f"{topic.path.name}, {cell.label}", "exec"), names)
    return names


def wrong_answers(topic: Topic, asked: Asked) -> dict[str, str]:
    """Return what is wrong, and the source, of each variant that must lose the test."""
    found = variants.load(topic.path.with_name("variants.py"))
    return {
        variant.doc.removeprefix("Wrong: ").rstrip("."): variant.source
        for variant in found
        if variant.name == asked.task and asked.test in variant.loses
    }


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
    task="train",
    lines=("by_digit", "trained"),
    reference={
        "first network and order": train_digits,
        "order only": train_digits_in_order,
    },
    remark="This test is there for what a few steps on one example can't show. Some mistakes can "
    "still\nreach the threshold, such as a last mini-batch left out. `train-step` finds those: it "
    "compares\nnumbers.",
)
ASKED = (TRAIN_DIGITS,)


def over_seeds(measure: Measure, topic: Topic, names: Names, seeds: int) -> dict[str, list[float]]:
    """Measure for seeds 0, 1, …; return the accuracies of each split, in order of the seeds."""
    rows = [measure(topic, names, seed) for seed in range(seeds)]
    return {split: [row[split] for row in rows] for split in rows[0]}


def collect(asked: Asked, seeds: int, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Measure the reference and each wrong answer of one test over some seeds."""
    topic = read(asked.topic)
    names = reference_names(topic)
    result = {"thresholds": thresholds(topic, asked.test), "reference": {}, "wrong": {}}
    for words, measure in asked.reference.items():
        say(f"{asked.topic} {asked.test}: the reference, seeds vary: {words}")
        result["reference"][words] = over_seeds(measure, topic, names, seeds)
    first = next(iter(asked.reference.values()))
    for words, source in wrong_answers(topic, asked).items():
        say(f"{asked.topic} {asked.test}: wrong: {words}")
        other = dict(names)
        exec(source, other)
        result["wrong"][words] = over_seeds(first, topic, other, seeds)
    return result


def passes(got: dict[str, list[float]], at_least: Accuracies) -> int:
    """Count the seeds that clear every threshold."""
    splits = zip(*(got[split] for split in at_least), strict=True)
    return sum(
        all(value >= bound for value, bound in zip(values, at_least.values(), strict=True))
        for values in splits
    )


def faults(asked: Asked, result: dict[str, Any]) -> list[str]:
    """Say where the evidence is against a threshold."""
    found, where = [], f"{asked.topic} {asked.test}"
    for words, got in result["reference"].items():
        count = len(next(iter(got.values())))
        if (right := passes(got, result["thresholds"])) < count:
            found.append(f"{where}: the reference ({words}) passes with {right} of {count} seeds.")
    for words, got in result["wrong"].items():
        if lucky := passes(got, result["thresholds"]):
            found.append(f"{where}: a wrong answer ({words}) passes with {lucky} seeds.")
    return found


def section(asked: Asked, result: dict[str, Any]) -> str:
    """Write one test's part of the page."""
    bounds, seeds = result["thresholds"], len(next(iter(result["reference"].values()))["test"])
    wanted = " and ".join(
        f"at least {bound:g} on the {split} split" for split, bound in bounds.items()
    )
    reached = [
        f"| {words} | {split} | {min(got[split]):.4f} | {median(got[split]):.4f} "
        f"| {max(got[split]):.4f} | {bound:g} | {min(got[split]) - bound:.4f} |"
        for words, got in result["reference"].items()
        for split, bound in bounds.items()
    ]
    wrong = [
        f"| {words} | " + " | ".join(f"{max(got[split]):.4f}" for split in bounds)
        + f" | {passes(got, bounds)} of {seeds} |"
        for words, got in result["wrong"].items()
    ]  # fmt: skip
    return f"""## {asked.topic}, test `{asked.test}`

Asked: {wanted}.

The test trains with these lines. They run here too, with other seeds in place of their own:

```python
{training_lines(read(asked.topic), asked)}
```

What the reference reaches:

| seeds change | split | min | median | max | threshold | room |
|---|---|---:|---:|---:|---:|---:|
{chr(10).join(reached)}

The highest that typical wrong answers reach (seeds change the {next(iter(asked.reference))}):

| wrong answer | {" | ".join(f"{split}, max" for split in bounds)} | seeds that pass |
|---|{"---:|" * len(bounds)}---:|
{chr(10).join(wrong)}

{asked.remark}
"""


def page(results: dict[Asked, dict[str, Any]], seeds: int) -> str:
    """Write the whole page (Markdown)."""
    command = "make thresholds" + ("" if seeds == SEEDS else f' ARGS="--seeds {seeds}"')
    head = f"""# Accuracy thresholds

Some tests ask a trained network for an accuracy. Training is random: a right answer may shuffle
in another order than the reference does. So a threshold must be one that a right answer clears
with every seed, while the mistakes that the test is there to find stay below it with every seed.

This page shows that it is so. It is made by

```bash
{command}
```

which trains with the reference solution, and then with typical wrong answers: those of the
topic's `variants.py` that must lose the test. It does so with {seeds} seeds each, 0 to {seeds - 1}.

- **Accuracy** is the share of images read rightly, on the embedded digits. One image is 0.0050 of
  the validation split (200 images) and 0.0025 of the test split (400 images).
- **Room** is the lowest accuracy minus the threshold.
- Another machine may round differently, and so read an image or two differently.

"""
    return head + "\n".join(section(asked, result) for asked, result in results.items())


def main() -> None:
    """Measure, complain if a threshold doesn't hold, else write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every accuracy here too")
    options = parser.parse_args()
    if options.seeds < 1:
        parser.error("--seeds: at least 1")
    os.environ["NNKIT_DATASET"] = "digits"  # the thresholds are for the embedded digits
    results = {asked: collect(asked, options.seeds) for asked in ASKED}
    if options.json:
        data = [{"topic": a.topic, "test": a.test, **result} for a, result in results.items()]
        text = json.dumps({"seeds": options.seeds, "tests": data}, indent=1, ensure_ascii=False)
        options.json.write_text(text + "\n", encoding="utf-8")
    text = page(results, options.seeds)
    found = [fault for asked, result in results.items() for fault in faults(asked, result)]
    if found:
        sys.exit("\n".join([text, *found, f"{PAGE.name} is left as it was."]))
    if options.seeds < FEWEST_SEEDS:
        print(text)
        print(f"{PAGE.name} is left as it was: it wants at least {FEWEST_SEEDS} seeds.")
        return
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
