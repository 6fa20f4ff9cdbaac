"""A course of the tests of grading, and a cluster to be hurt."""

from collections.abc import Iterator

import pytest

from tests.autograder.conftest import course, template  # noqa: F401


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """Return a scheduler for a whole module."""
    from tests.support.cluster import dask_lab

    made = dask_lab.Lab(tmp_path_factory.mktemp("cluster"))
    yield made
    made.close()


@pytest.fixture
def cluster(scheduler) -> Iterator:
    """Return a scheduler without workers; those that a test starts end with it."""
    yield scheduler
    scheduler.reset()
