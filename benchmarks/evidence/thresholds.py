"""Measure the accuracy of the reference over many seeds, for each test with a threshold.

Run by ``make thresholds``; writes ``docs/thresholds.md``. The functions are the topic's own
given and task cells, the training is the test's own lines with other seeds, the thresholds are
read from the tests, and the wrong answers from the topic's ``variants.py``. Nothing is copied, so
the page always describes the present topic.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

from autograder.topics.cells import Topic
from benchmarks.evidence.asked import ASKED
from benchmarks.evidence.asking import (
    ROOT,
    Accuracies,
    Asked,
    Measure,
    Names,
    read,
    reference_names,
    thresholds,
    training_lines,
    wrong_answers,
)

PAGE = ROOT / "docs" / "thresholds.md"
FEWEST_SEEDS = 20  # with fewer seeds of the reference, the page is not written


def over_seeds(measure: Measure, topic: Topic, names: Names, seeds: int) -> dict[str, list[float]]:
    """Measure for seeds 0, 1, …; return the accuracies of each split, in order of the seeds."""
    rows = [measure(topic, names, seed) for seed in range(seeds)]
    return {split: [row[split] for row in rows] for split in rows[0]}


def or_nothing(measure: Measure, splits: Iterable[str]) -> Measure:
    """Return a measurement that is 0 for an answer that raises an exception."""

    def measured(topic: Topic, names: Names, seed: int) -> Accuracies:
        try:
            return measure(topic, names, seed)
        except Exception:
            return dict.fromkeys(splits, 0.0)

    return measured


def collect(
    asked: Asked, seeds: int | None = None, say: Callable[[str], None] = print
) -> dict[str, Any]:
    """Measure the reference and each wrong answer of one test, over at most ``seeds`` seeds."""
    topic = read(asked.topic)
    right_seeds, wrong_seeds = (
        own if seeds is None else min(seeds, own) for own in (asked.seeds, asked.wrong_seeds)
    )
    names = reference_names(topic)
    result = {"thresholds": thresholds(topic, asked), "reference": {}, "wrong": {}}
    for words, measure in asked.reference.items():
        say(f"{asked.topic} {asked.test}: the reference, random: {words}")
        result["reference"][words] = over_seeds(measure, topic, names, right_seeds)
    first = next(iter(asked.reference.values()))
    for words, source in wrong_answers(topic, asked).items():
        say(f"{asked.topic} {asked.test}: wrong: {words}")
        other = dict(names)
        exec(source, other)
        measure = or_nothing(first, result["thresholds"])
        result["wrong"][words] = over_seeds(measure, topic, other, wrong_seeds)
    return result


def passes(got: dict[str, list[float]], at_least: Accuracies) -> int:
    """Return the number of seeds that reach every threshold."""
    splits = zip(*(got[split] for split in at_least), strict=True)
    return sum(
        all(value >= bound for value, bound in zip(values, at_least.values(), strict=True))
        for values in splits
    )


def faults(asked: Asked, result: dict[str, Any]) -> list[str]:
    """Return one sentence for each result that contradicts a threshold."""
    found, where = [], f"{asked.topic} {asked.test}"
    for words, got in result["reference"].items():
        count = len(next(iter(got.values())))
        if (right := passes(got, result["thresholds"])) < count:
            found.append(f"{where}: the reference ({words}) passes with {right} of {count} seeds.")
    for words, got in result["wrong"].items():
        if lucky := passes(got, result["thresholds"]):
            found.append(f"{where}: a wrong answer ({words}) passes with {lucky} seeds.")
    return found


def asked_seeds(result: dict[str, Any]) -> int:
    """Return the number of seeds of the reference's measurement."""
    return len(next(iter(next(iter(result["reference"].values())).values())))


def section(asked: Asked, result: dict[str, Any]) -> str:
    """Write one test's part of the page."""
    bounds = result["thresholds"]
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
        + f" | {passes(got, bounds)} of {len(next(iter(got.values())))} |"
        for words, got in result["wrong"].items()
    ]  # fmt: skip
    return f"""## {asked.topic}, test `{asked.test}`

Required: {wanted}.

The test trains with these lines. The measurement runs them with other seeds:

```python
{training_lines(read(asked.topic), asked)}
```

Accuracy of the reference solution with {asked_seeds(result)} seeds:

| random | split | min | median | max | threshold | margin |
|---|---|---:|---:|---:|---:|---:|
{chr(10).join(reached)}

Highest accuracy of typical wrong answers (random: {next(iter(asked.reference))}):

| wrong answer | {" | ".join(f"{split}, max" for split in bounds)} | seeds that pass |
|---|{"---:|" * len(bounds)}---:|
{chr(10).join(wrong)}

{asked.remark}
"""


def page(sections: dict[Asked, str]) -> str:
    """Write the whole page (Markdown)."""
    head = """# Accuracy thresholds

Some tests require an accuracy of a trained network. Training is random: a right answer may shuffle
in another order than the reference does. So a right answer must reach the threshold with every
seed, and the mistakes that the test must find must stay below it with every seed.

This page has the evidence. It is written by

```bash
make thresholds
```

which trains with the reference solution, and then with typical wrong answers: those of the
topic's `variants.py` that must lose the test. The seeds are 0, 1, 2, …

- **Accuracy** is the fraction of correctly classified images of the embedded digits. One image is
  0.0050 of the validation split (200 images) and 0.0025 of the test split (400 images).
- **Margin** is the lowest accuracy minus the threshold.
- Rounding differs between machines, so the class of an image or two may differ.

"""
    return head + "\n".join(sections.values())


def stated(asked: Asked) -> str:
    """Return a test's part of the page as it is now; empty if there is none."""
    text = PAGE.read_text("utf-8") if PAGE.is_file() else ""
    _, heading, rest = text.partition(f"## {asked.topic}, test `{asked.test}`\n")
    return heading + rest.split("\n## ")[0].rstrip("\n") + "\n" if heading else ""


def main() -> None:
    """Measure, and write the page; exit with the reasons if a threshold is not justified."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, metavar="N", help="use at most N seeds")
    parser.add_argument("--only", nargs="+", metavar="TOPIC", help="measure only these topics")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every accuracy here too")
    options = parser.parse_args()
    if options.seeds is not None and options.seeds < 1:
        parser.error("--seeds: at least 1")
    os.environ["NNKIT_DATASET"] = "digits"  # the thresholds are for the embedded digits
    wanted = [asked for asked in ASKED if not options.only or asked.topic in options.only]
    results = {asked: collect(asked, options.seeds) for asked in wanted}
    if options.json:
        data = [{"topic": a.topic, "test": a.test, **result} for a, result in results.items()]
        text = json.dumps(data, indent=1, ensure_ascii=False)
        options.json.write_text(text + "\n", encoding="utf-8")
    text = page({a: section(a, results[a]) if a in results else stated(a) for a in ASKED})
    found = [fault for asked, result in results.items() for fault in faults(asked, result)]
    if found:
        sys.exit("\n".join([text, *found, f"{PAGE.name} is not changed."]))
    if options.seeds is not None and options.seeds < FEWEST_SEEDS:
        print(text)
        print(f"{PAGE.name} is not changed: it needs at least {FEWEST_SEEDS} seeds.")
        return
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
