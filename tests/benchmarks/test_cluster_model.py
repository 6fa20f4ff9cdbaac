"""The model of a cluster: right where the answer is known without it."""

import pytest

from benchmarks.speed.cluster_model import Costs, simulate

FREE = 1e-9


def test_one_worker_takes_the_sum_of_the_exams() -> None:
    costs = Costs(FREE, FREE, FREE, [1.0, 2.0, 3.0])
    assert simulate(costs, 300, 1) == pytest.approx(600.0, rel=1e-6)


def test_equal_exams_are_shared_evenly() -> None:
    costs = Costs(FREE, FREE, FREE, [2.0])
    assert simulate(costs, 1000, 10) == pytest.approx(200.0, rel=1e-6)


def test_the_writer_is_the_limit_of_many_workers() -> None:
    costs = Costs(0.02, 0.03, FREE, [1.0])
    assert costs.writer_limit == pytest.approx(72_000)
    assert simulate(costs, 2000, 500) == pytest.approx(2000 * 0.05 + 1.0, rel=0.02)


def test_the_scheduler_is_the_limit_too() -> None:
    costs = Costs(FREE, FREE, 0.05, [1.0])
    assert costs.scheduler_limit == pytest.approx(36_000)
    assert simulate(costs, 2000, 500) == pytest.approx(2000 * 0.1, rel=0.02)


def test_a_worker_never_waits_while_the_writer_keeps_up() -> None:
    costs = Costs(0.02, 0.03, 0.005, [2.0])
    assert simulate(costs, 1000, 10) == pytest.approx(200.0, rel=0.02)


def test_the_same_seed_gives_the_same_run() -> None:
    costs = Costs(0.02, 0.03, 0.005, [0.5, 1.0, 9.0])
    assert simulate(costs, 200, 7, seed=3) == simulate(costs, 200, 7, seed=3)
    assert simulate(costs, 200, 7, seed=3) != simulate(costs, 200, 7, seed=4)
