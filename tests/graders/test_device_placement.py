"""Sprint 5: are its oracles right, does no seed decide, and are the tests for a GPU complete? No GPU is needed here."""

from __future__ import annotations

import importlib.util
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from nbformat import NotebookNode

from autograder.audit.gradings import filled
from autograder.authoring.pairing import ROOT
from autograder.authoring.variants import Variant, chaffs, find_variant, reference, wheats
from autograder.course.sprint import find_sprint
from autograder.errors import CheckFailed
from autograder.graders.device_placement import oracles
from autograder.graders.device_placement.oracles import check_places, descend, network, place
from autograder.graders.oracles import numeric_gradients
from autograder.grading.engine import grade_notebook
from autograder.grading.results import Results
from autograder.grading.selection import Selection
from autograder.jail import warm
from autograder.jail.gpus import gpu_count
from autograder.jail.jailed_kernel import jailed_kernel
from autograder.notebook.cells import cells_with_tests, grade_id
from tests.support.conditions import conditions
from tests.support.jails import needs_sandbox
from tests.support.variants_graded import REFERENCE, gradings

SLUG, GPU = "device_placement", Selection(only_gpu=True)
GPU_CELLS = {"torch_on_gpu", "tensorflow_on_gpu"}


def test_spellings_of_a_device() -> None:
    """Is a device the same in all of TensorFlow's spellings, and is nothing else a device?"""
    full = "/job:localhost/replica:0/task:0/device:GPU:1"
    assert {place(text) for text in ("GPU:1", "/GPU:1", "/gpu:1", "/device:GPU:1", full, full.lower())} == {"GPU:1"}
    assert {place(x) for x in ("", "/job:worker/task:1", "cpu", "/device:GPU:*", "GPU:1\n", None, 1, b"/GPU:1")} == {""}


def test_devices_of_torch() -> None:
    """Does a number not matter, does another kind, and is what came in another form refused?"""
    check_places(["cuda", "cuda:0", "cuda:1"], "cuda", "it")
    for devices in (["cpu"], ["cuda", "meta"], ["cudas"], [None], "cuda", None):
        with pytest.raises(CheckFailed):
            check_places(devices, "cuda", "it")


def test_descent_follows_differences() -> None:
    """Is a step the rate times the gradient of the loss, and is the loss that before the step?"""
    rng = np.random.default_rng(0)
    x, y, w, b = rng.normal(size=(6, 3)), rng.normal(size=(6, 2)), rng.normal(size=(2, 3)), rng.normal(size=2)

    def loss(w: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.mean((x @ w.T + b - y) ** 2)

    slopes = numeric_gradients(loss, [w, b], np.ones(()))
    new_w, new_b, said = descend(w, b, x, y, 0.1)
    np.testing.assert_allclose(new_w, w - 0.1 * slopes[0], atol=1e-8)
    np.testing.assert_allclose(new_b, b - 0.1 * slopes[1], atol=1e-8)
    assert said == loss(w, b)


def test_network() -> None:
    """Are there three products with tanh between them, and none behind the last?"""
    x, one = np.array([[0.5, -1.0]]), np.eye(2)
    np.testing.assert_allclose(network(x, one, one, 3 * one), 3 * np.tanh(np.tanh(x)))


def outcomes(results: Results, cells: set[str] | None = None) -> dict[str, str]:
    """How each hidden test ended that did not pass, by name; of these cells only, or of all."""
    tests = [test for cell in results.cells if cells is None or cell.id in cells for test in cell.tests]
    return {test.name: test.outcome for test in tests if test.outcome != "passed" and "public_check" not in test.name}


@needs_sandbox
def test_without_a_gpu_exactly_the_two_cells_wait() -> None:
    """Are these cells pending, whole, and all others graded, whatever was handed in?"""
    with gradings([f"{SLUG}/{REFERENCE}", f"{SLUG}/chaffs/cuda_hard_coded"], "s", workers=1) as graded:
        for solution in (f"{SLUG}/{REFERENCE}", f"{SLUG}/chaffs/cuda_hard_coded"):
            waiting = {cell.id for cell in graded[solution].cells if cell.status == "pending"}
            assert waiting == GPU_CELLS
            assert set(outcomes(graded[solution], GPU_CELLS).values()) == {"pending"}
        assert graded[f"{SLUG}/{REFERENCE}"].score == 34


GPU_ONLY = {
    # these look at a GPU itself: its memory, and a request for GPU 0 in the student's own graph
    "test_tensorflow_on_gpu.py::test_placed_graph_on_the_gpu",
    "test_tensorflow_on_gpu.py::test_memory_is_released",
}


def on_a_stand_in(solution: str, monkeypatch: pytest.MonkeyPatch) -> Results:
    """What the tests for a GPU say of a solution, on a CPU in place of the GPU."""
    monkeypatch.setattr(oracles, "TORCH_GPU", "cpu")
    monkeypatch.setattr(oracles, "TENSORFLOW_GPU", "CPU:1")
    sprint, solutions = find_sprint(SLUG, ROOT), [reference(SLUG)]
    if solution != REFERENCE:
        solutions.append(find_variant(SLUG, solution))
    done = grade_notebook(filled(sprint, *solutions), sprint, conditions(jailed_kernel, gpu=True, selection=GPU))
    return done.results


@needs_sandbox
@pytest.mark.parametrize("solution", [REFERENCE, *(f"wheats/{wheat.name}" for wheat in wheats(SLUG))])
def test_gpu_tests_on_a_stand_in(solution: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a CPU in place of the GPU, do the tests run through, and pass where that can be?"""
    results = on_a_stand_in(solution, monkeypatch)
    assert {cell.id for cell in results.cells} == GPU_CELLS
    assert set(outcomes(results)) == GPU_ONLY
    assert results.status == "graded"


@needs_sandbox
def test_a_number_is_on_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a loss that is no tensor told so, instead of an error in a question that the student's code did not ask?"""
    results = on_a_stand_in("chaffs/loss_as_a_number", monkeypatch)
    said = {test.name.partition("::")[2]: test.message for test in results.tests}
    assert said["test_step_on_the_gpu"].startswith("the loss must be a tensor; what came back: ")


FUNCTIONS = {
    "pick_device": ["pick_device"],
    "to_device": ["to_device"],
    "standardize": ["Standardize"],
    "train_step": ["train_step"],
    "split_forward": ["split_forward"],
    "build_placed_graph": ["build_placed_graph"],
    "device_map": ["device_map"],
    "session_config": ["session_config", "ran_on"],
    "average_tower_gradients": ["average_tower_gradients"],
    "benchmark": ["benchmark"],
}
STRANGE = {
    "nothing": "None",
    "text": "'cuda:0'",
    "not a number": "float('nan')",
    "an array of objects": "np.array([None, 'x'], dtype=object)",
    "nested": "[[], {}, (None, ['meta'])]",
    "a dict of itself": "{'GPU:0': None, 'n0': 7, 3: [Ellipsis]}",
    "equal to everything": """type("Equal", (str,), {
        "__eq__": lambda self, other: True, "__hash__": lambda self: 0, "__call__": lambda self, *a, **k: self,
        "__getattr__": lambda self, name: self, "__iter__": lambda self: iter([self, self]), "__len__": lambda self: 2,
        "__bool__": lambda self: True, "__float__": lambda self: 1.0, "__array__": lambda self, *a, **k: np.ones(3),
    })("meta")""",
}


@needs_sandbox
@pytest.mark.slow
@pytest.mark.parametrize("strange", STRANGE)
def test_strange_answers_are_wrong_and_no_fault_of_ours(strange: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever comes back, is no test passed, and is none broken? The tests for a GPU are run on a stand-in."""
    monkeypatch.setattr(oracles, "TORCH_GPU", "cpu")
    monkeypatch.setattr(oracles, "TENSORFLOW_GPU", "CPU:1")
    cells = {
        f"solve_{task}": "\n\n".join(f"def {name}(*a, **k):\n    return {STRANGE[strange]}" for name in names)
        for task, names in FUNCTIONS.items()
    }
    sprint = find_sprint(SLUG, ROOT)
    notebook = filled(sprint, Variant("strange", "A strange answer.", (), cells))
    results = grade_notebook(notebook, sprint, conditions(jailed_kernel, gpu=True)).results
    hidden = {test.name for test in results.tests if "public_check" not in test.name}
    found = outcomes(results)
    assert {name: found.get(name) for name in hidden if found.get(name) not in ("failed", "error", "skipped")} == {}
    assert results.status == "graded"


TORCH_ONLY = importlib.util.find_spec("tensorflow") is None
"""Where there is no TensorFlow, the half of PyTorch is tried alone."""
TRIED = {"torch_on_gpu"} if TORCH_ONLY else GPU_CELLS
ON_A_GPU = {
    f"chaffs/{chaff.name}": {test for test in chaff.caught_by if test.partition(".")[0].removeprefix("test_") in TRIED}
    for chaff in chaffs(SLUG)
}
OF_TENSORFLOW = ("import tensorflow as tf", "tf1 = tf.compat.v1")
"""The lines in the cell of imports that need TensorFlow."""


def tried_on_a_gpu(notebook: NotebookNode, torch_only: bool = TORCH_ONLY) -> tuple[NotebookNode, Selection]:
    """A notebook as this machine can run it, and the tests to run on it.

    Without TensorFlow, the cell of imports lacks the lines that need it. The other cells that need it fail, and the
    tests of TensorFlow's cell, which is the last, are left out.
    """
    if not torch_only:
        return notebook, GPU
    notebook = deepcopy(notebook)
    imports = next(cell for cell in notebook.cells if grade_id(cell) == "imports")
    imports.source = "\n".join(line for line in imports.source.splitlines() if line not in OF_TENSORFLOW)
    return notebook, replace(GPU, to_place=cells_with_tests(notebook)["torch_on_gpu"])


def test_what_is_left_without_tensorflow() -> None:
    """Do only two lines go, and only the tests of one cell, so that PyTorch's half is tried as it is?"""
    whole = filled(find_sprint(SLUG, ROOT), reference(SLUG))
    left, selection = tried_on_a_gpu(whole, torch_only=True)
    changed = [pair for pair in zip(whole.cells, left.cells, strict=True) if pair[0].source != pair[1].source]
    ((before, after),) = ([set(cell.source.splitlines()) for cell in pair] for pair in changed)
    assert (before - after, after - before) == (set(OF_TENSORFLOW), set())
    places = cells_with_tests(left)
    assert {cell for cell in GPU_CELLS if places[cell] <= selection.last(len(left.cells))} == {"torch_on_gpu"}
    assert tried_on_a_gpu(whole, torch_only=False) == (whole, GPU)


@needs_sandbox
@pytest.mark.slow
@pytest.mark.skipif(gpu_count() == 0, reason="this machine has no GPU")
@pytest.mark.parametrize(
    "solution", [REFERENCE, *(f"wheats/{w.name}" for w in wheats(SLUG)), *(name for name in ON_A_GPU if ON_A_GPU[name])]
)
def test_on_a_gpu(solution: str) -> None:
    """Do right solutions pass the tests that need a GPU, and wrong ones fail exactly those that they name?"""
    sprint, solutions = find_sprint(SLUG, ROOT), [reference(SLUG)]
    if solution != REFERENCE:
        solutions.append(find_variant(SLUG, solution))
    notebook, selection = tried_on_a_gpu(filled(sprint, *solutions))
    jail = warm.shared(gpu=True)
    done = grade_notebook(
        notebook, sprint, conditions(lambda files: jailed_kernel(files, jail), gpu=True, selection=selection)
    )
    assert {cell.id for cell in done.results.cells} == TRIED
    said = {test.name: test.message for test in done.results.tests if test.outcome != "passed"}
    assert set(outcomes(done.results)) == ON_A_GPU.get(solution, set()), said
    assert done.results.status == "graded"


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["spring", "summer", "autumn", "winter", "leap"])
def test_no_seed_decides(seed: str) -> None:
    """Do the reference and every other right solution earn everything, whatever inputs the seed draws?"""
    solutions = [f"{SLUG}/{REFERENCE}", *(f"{SLUG}/wheats/{wheat.name}" for wheat in wheats(SLUG))]
    with gradings(solutions, seed) as graded:
        found = {solution: set(outcomes(graded[solution]).values()) for solution in solutions}
    assert found == {name: {"pending"} for name in solutions}
