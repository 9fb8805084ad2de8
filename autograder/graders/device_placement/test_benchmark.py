"""Hidden tests of task 10: measurements on a device in virtual time, where no load of the machine counts."""

import pytest

from autograder.graders.device_placement.oracles import device_with_a_clock
from autograder.grading import as_numbers, assert_close, check, is_a, probe, value

LAUNCH = 0.001


@probe
def while_time_flies(benchmark, fn, sync, clock, repeats):
    """The measurements, while an hour passes on the machine's clocks whenever one of them is read."""
    import time

    names, hours = ("perf_counter", "time"), iter(range(0, 10**9, 3600))
    clocks = [getattr(time, name) for name in names]
    try:
        for name in names:
            setattr(time, name, lambda: float(next(hours)))
        return benchmark(fn, sync, clock, repeats)
    finally:
        for name, own in zip(names, clocks, strict=True):
            setattr(time, name, own)


def measured(student, costs, repeats, earlier=0.0):
    """The measurements."""
    fn, sync, clock, _ = student.run(device_with_a_clock, costs, LAUNCH, earlier)
    return student.benchmark(fn, sync, clock=clock, repeats=repeats)


@pytest.mark.points(1)
@pytest.mark.example(
    "now, done, costs = 0.0, 0.0, iter([2.0] * 4)  # seconds\n"
    "def work():\n"
    "    global done\n"
    "    done = max(now, done) + next(costs)\n"
    "def wait():\n"
    "    global now\n"
    "    now = max(now, done)\n"
    "benchmark(work, wait, clock=lambda: now, repeats=3)",
    gives=[2.0, 2.0, 2.0],
)
def test_waits_for_the_work(student, rng):
    """A measurement ends when the work is done, not when it has been handed over.

    Hint: sync() before the clock is read the second time.
    """
    cost = float(rng.uniform(1, 2))
    seconds = as_numbers(measured(student, [cost], 4), "the measurements").ravel()
    check(seconds.size > 0 and bool((seconds >= cost).all()), "no measurement may be shorter than the work",
          got=seconds)  # fmt: skip


@pytest.mark.points(0.5)
@pytest.mark.example(
    "now, done, costs = 0.0, 0.0, iter([50.0, 1.0, 2.0, 3.0])  # seconds\n"
    "def work():\n"
    "    global done\n"
    "    done = max(now, done) + next(costs)\n"
    "def wait():\n"
    "    global now\n"
    "    now = max(now, done)\n"
    "benchmark(work, wait, clock=lambda: now, repeats=3)",
    gives=[1.0, 2.0, 3.0],
)
def test_first_call_is_not_measured(student, rng):
    """The first call, which takes longer, is not among the measurements.

    Hint: call fn once before the loop.
    """
    costs = [50.0, *rng.uniform(1, 2, size=4).tolist()]
    seconds = as_numbers(measured(student, costs, 4), "the measurements").ravel()
    right = seconds.size > 0 and seconds.dtype.kind == "f" and bool(((seconds > 0) & (seconds < 50)).all())
    check(right, "the first call must not be measured, and the others take time", got=seconds)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "now, done, costs = 0.0, 30.0, iter([9.0, 1.0, 2.0, 3.0])  # seconds\n"
    "def work():\n"
    "    global done\n"
    "    done = max(now, done) + next(costs)\n"
    "def wait():\n"
    "    global now\n"
    "    now = max(now, done)\n"
    "benchmark(work, wait, clock=lambda: now, repeats=3)",
    gives=[1.0, 2.0, 3.0],
)
def test_nothing_from_before(student, rng):
    """Work that was handed over before a measurement is not in it.

    Hint: sync() after the first call, before the clock is read.
    """
    costs = [9.0, *rng.uniform(1, 2, size=3).tolist()]
    seconds = measured(student, costs, 3, earlier=30.0)
    got = as_numbers(seconds, "the measurements").ravel()
    right = got.size > 0 and got.dtype.kind == "f" and bool(((got > 0) & (got < 9)).all())
    check(right, "no measurement may hold earlier work, and each takes time", got=got)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "now, done, costs = 0.0, 0.0, iter([5.0, 3.0, 1.0, 2.0, 4.0])  # seconds\n"
    "def work():\n"
    "    global done\n"
    "    done = max(now, done) + next(costs)\n"
    "def wait():\n"
    "    global now\n"
    "    now = max(now, done)\n"
    "benchmark(work, wait, clock=lambda: now, repeats=3)",
    gives=[3.0, 1.0, 2.0],
)
def test_one_number_a_call(student, rng):
    """There is one number for each call, in seconds, in the order of the calls.

    Hint: append to a list; no mean, no sum.
    """
    costs = [0.5, *rng.uniform(1, 2, size=6).tolist()]
    costs[3] = 5000.0  # however long it takes
    seconds = measured(student, costs, 6)
    check(isinstance(seconds, list), "a list must come back", got=seconds)
    assert_close(seconds, [LAUNCH + cost for cost in costs[1:]], what="the list of measurements", rtol=1e-9)


@pytest.mark.points(0.5)
@pytest.mark.example("calls = []\nbenchmark(lambda: calls.append('one'), lambda: None, repeats=3)\nlen(calls)", gives=4)
def test_number_of_calls(student):
    """fn is called once more than there are measurements.

    Hint: one call without the clock, then `repeats` with it.
    """
    fn, sync, clock, calls = student.run(device_with_a_clock, [1.0], LAUNCH, 0.0)
    for repeats in (1, 3):
        before = value(calls())
        seconds = student.run(while_time_flies, student.benchmark, fn, sync, clock, repeats)
        got = value(calls()) - before
        must = f"for {repeats} measurements, fn must be called once more than that, also if it was measured before"
        check(got == repeats + 1, must, got=got)
        check(is_a(seconds, list) and len(seconds) == repeats, f"{repeats} measurements must come back", got=seconds)
