"""What counts as a candidate's own time: what it runs and what it waits for, not the machine's."""

import os
import subprocess
import sys
from math import inf

import pytest

from autograder.exam.processes.stopwatch import Meter, Sample, Spent, Stopwatch, measure


class Machine:
    """A made-up machine: its clock, and what the kernel says of the candidate."""

    def __init__(self, limit_s=10.0, **options):
        self.now = 100.0
        self.sample = Sample()
        self.meter = Meter(1, sample=lambda *_: self.sample, clock=lambda: self.now)
        self.watch = Stopwatch(self.meter, limit_s, **options)

    def spend(
        self, seconds, *, ran=0.0, in_group=0.0, queued=0.0, pressed=0.0, look_s=0.5, **state
    ):
        """Let time go by and look now and then; return whether the limit was met."""
        for _ in range(round(seconds / look_s)):
            self.now += look_s
            self.sample = Sample(
                self.sample.processor_s + ran * look_s,
                self.sample.group_s + in_group * look_s,
                {7: self.sample.queued_s.get(7, 0.0) + queued * look_s},
                pressed_s=self.sample.pressed_s + pressed * look_s,
                **state,
            )
            if self.watch.left() <= 0:
                return True
        return False


@pytest.mark.parametrize(
    "kind",
    [
        {"ran": 0.05, "queued": 0.95},
        {
            "ran": 0.05,
            "ready": True,
            "pressed": 0.95,
        },  # its queueing died with short-lived children
        {"ran": 0.02, "stopped": True},
        {"ran": 0.02, "look_s": 30.0},  # whoever looks got no processor either
    ],
    ids=["a full run queue", "short-lived children", "stopped from outside", "a frozen machine"],
)
def test_a_machine_that_gives_no_processor_costs_nothing(kind):
    machine = Machine()
    assert not machine.spend(150.0, **kind)
    assert machine.watch.spent.wall_s == 150.0


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ({"ran": 1.0}, "used more than 10 s of processor time (10.5 s of processor time, 10.5 s"),
        ({"ran": 4.0}, "used more than 10 s of processor time"),
        ({"ran": 0.2, "queued": 0.8}, "(10.1 s of processor time, 50.5 s on the clock)"),
        ({}, "waited for more than 10 s (0.0 s of processor time, 10.5 s on the clock)"),
        ({"pressed": 1.0}, "waited for more than 10 s"),  # a busy machine wakes nobody up
        ({"ready": True}, "waited for more than 10 s"),  # of what it ran, the kernel keeps no trace
        ({"ran": 0.1, "queued": 0.1}, "waited for more than 10 s"),
        ({"in_group": 1.0, "ready": True, "pressed": 1.0}, "used more than 10 s of processor time"),
    ],
)
def test_what_runs_or_waits_for_too_long_is_over(kind, said):
    machine = Machine()
    assert machine.spend(60.0, **kind)
    assert machine.watch.over is machine.watch
    assert said in str(machine.watch)


def test_what_ended_or_was_reaped_is_counted_once():
    machine = Machine()
    for total in (0.0, 4.0, 4.0, 1.0, 1.5):  # a child of 3 s that nobody reaped is gone
        machine.now += 4.0
        machine.sample = Sample(total)
        machine.watch.left()
    assert machine.meter.spent.processor_s == 4.5


def test_an_inner_limit_ends_with_the_outer_one():
    machine = Machine()
    outer, machine.watch = machine.watch, Stopwatch(machine.meter, 99.0, machine.watch)
    assert machine.spend(60.0, ran=1.0)
    assert machine.watch.over is outer


def test_a_machine_has_its_chance_and_no_more():
    machine = Machine(ends=150.0)
    assert machine.spend(100.0, queued=1.0)
    assert machine.now == 150.0


def test_what_was_spent_before_does_not_count():
    machine = Machine()
    assert not machine.spend(9.0, ran=1.0)
    machine.watch = Stopwatch(machine.meter, 10.0)
    assert not machine.spend(9.0, ran=1.0)


def test_no_look_is_taken_before_it_is_due():
    machine = Machine(limit_s=inf)
    machine.sample = None
    assert 0 < machine.watch.left() <= 0.5
    assert machine.meter.spent == Spent()


def test_the_kernel_tells_of_threads_and_of_children_also_ended_ones():
    burn = "import time\nwhile time.process_time() < 0.3: pass\n"
    wait = "import sys; print(flush=True); sys.stdin.read()"
    before = measure((os.getpid(),)).processor_s
    subprocess.run([sys.executable, "-c", burn], check=True)
    assert measure((os.getpid(),)).processor_s - before >= 0.28
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", burn + wait], **pipes) as child:
        child.stdout.readline()
        alone = measure((child.pid,))
        assert alone.processor_s >= 0.28
        assert child.pid in alone.queued_s
        assert child.pid in measure((os.getpid(),)).queued_s
        child.stdin.close()
    assert measure((child.pid,)).processor_s == 0.0
