"""The name by which a topic's ``variants.py`` may import `right` and `wrong`."""

from autograder.topics.variants import right, wrong

__all__ = ["right", "wrong"]
