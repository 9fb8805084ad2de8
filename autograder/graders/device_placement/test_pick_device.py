"""Hidden tests of task 1: the first device of a list that is there. No machine has 64 GPUs."""

import pytest

from autograder.graders.device_placement.callers import check_kept
from autograder.grading import check, probe, raises


@probe
def kind(device):
    import torch

    return torch.device(device).type


@probe
def kind_of_object(device):
    import torch

    return "device" if isinstance(device, torch.device) else type(device).__name__


@probe
def where_there_are(pick_device, count):
    """Which devices are taken that such a machine has not; and whether the last that it has is taken for itself."""
    import contextlib

    import torch

    def picked(name):
        return torch.device(pick_device([name, "cpu"]))

    kept = torch.cuda.device_count, torch.cuda.is_available
    count = kept[0]() or count  # a machine with GPUs has as many as it has
    names = [f"cuda:{count}"] if count else ["cuda:0", "cuda"]
    try:
        torch.cuda.device_count, torch.cuda.is_available = lambda: count, lambda: count > 0
        made_up, last = [name for name in names if picked(name).type != "cpu"], None
        if count > 1:
            with contextlib.suppress(AssertionError, RuntimeError):  # who tries a device out finds none
                last = picked(f"cuda:{count - 1}")
        return made_up, last is None or last.type == "cpu" or last.index == count - 1
    finally:
        torch.cuda.device_count, torch.cuda.is_available = kept


def check_cpu_is_found(student):
    """That an error is raised means something only where there is an answer otherwise."""
    got = student.run(kind, student.pick_device(["cpu"]))
    check(got == "cpu", "the CPU must be found", got=got)


@pytest.mark.points(1)
@pytest.mark.example("str(pick_device(['cuda:63', 'meta', 'cpu']))  # nobody has 64 GPUs", gives="meta")
def test_first_that_is_there(student):
    """A device that is not there is passed over, and the next that is there is taken.

    Hint: torch.device only reads a name. Ask torch.cuda.device_count(), or try to make a tensor.
    """
    for prefer in (["cuda:63", "meta", "cpu"], ["cuda:63", "cuda:62", "cpu"], ["cuda:63", "cuda:62", "meta"]):
        got = student.run(kind, student.pick_device(prefer))
        first = next(name for name in prefer if "cuda" not in name)
        check(got == first, "the first device that is there must be taken", got=got)
    for count in (0, 1, 3):
        got, itself = student.run(where_there_are, student.pick_device, count)
        check(got == [], "a machine with n GPUs has no cuda:n, and one without has no cuda", got=got)
        check(itself is True, "of several GPUs, the one that was named must be taken")


@pytest.mark.points(0.5)
@pytest.mark.example("[str(pick_device(['cpu', 'meta'])), str(pick_device(['meta', 'cpu']))]", gives=["cpu", "meta"])
def test_order_is_the_users(student):
    """Of two devices that are both there, the one named first is taken, whatever stands behind it.

    Hint: go through the list in its order, and return the first that is there at once.
    """
    for prefer in (["cpu", "meta"], ["meta", "cpu"], ["cpu:0", "meta"], ["meta:0", "cpu"]):
        got = student.run(kind, student.pick_device(prefer))
        check(got == prefer[0].removesuffix(":0"), f"of {prefer}, the device named first must be taken", got=got)
    got = student.run(kind, student.pick_device(["cpu", "gpu"]))
    check(
        got == "cpu", "a name behind a device that is there does not come up, though PyTorch does not know it", got=got
    )
    check_kept(student, "the list of names must stay as it was", student.pick_device, ["cuda:63", "meta", "cpu"])


@pytest.mark.points(1)
@pytest.mark.example(
    "try:\n"
    "    got = str(pick_device(['cuda:63']))  # nobody has 64 GPUs\n"
    "except (RuntimeError, ValueError):\n"
    "    got = 'an error'\n"
    "got",
    gives="an error",
)
def test_nothing_but_the_list(student):
    """When no device of the list is there, that is an error; none is made up.

    Hint: after the loop, raise a RuntimeError.
    """
    check_cpu_is_found(student)
    for prefer in (["cuda:63"], ["cuda:62", "cuda:63"], []):
        with raises("RuntimeError", "ValueError"):
            student.pick_device(prefer)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "try:\n    got = str(pick_device(['gpu', 'cpu']))\nexcept (RuntimeError, ValueError):\n    got = 'an error'\ngot",
    gives="an error",
)
def test_unknown_name(student):
    """A name that PyTorch does not know is an error, not a device that is missing.

    Hint: torch.device(name) raises a RuntimeError for it; do not catch that one.
    """
    check_cpu_is_found(student)
    unknown = ("gpu", "cuda:first", " cpu", "", "cuda:", "cuda:063", "cuda:-1")
    others = (["cuda:63", "cdua", "cpu"], ["CPU"], ["cpu:first"], ["meta:first"])
    for prefer in (*([name, "cpu"] for name in unknown), *others):
        with raises("RuntimeError", "ValueError"):
            student.pick_device(prefer)


@pytest.mark.points(0.5)
@pytest.mark.example("isinstance(pick_device(['cpu']), torch.device)", gives=True)
def test_a_device_comes_back(student):
    """The result is a torch.device, not a name.

    Hint: return torch.device(name).
    """
    for prefer in (["meta"], ["cuda:63", "cpu"]):
        got = student.run(kind_of_object, student.pick_device(prefer))
        check(got == "device", f"the result for {prefer} must be a torch.device", got=got)
