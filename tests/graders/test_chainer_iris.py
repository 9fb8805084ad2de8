"""The Chainer sprint: are its oracles right, does no seed decide, and is no strange answer a fault of ours?"""

from __future__ import annotations

import numpy as np
import pytest

from autograder.audit.gradings import filled
from autograder.authoring.pairing import ROOT
from autograder.authoring.variants import Variant, wheats
from autograder.course.sprint import find_sprint
from autograder.environments import environment_of, lacking_for
from autograder.errors import CheckFailed
from autograder.graders.chainer_iris.oracles import (
    SHAPES,
    cross_entropies,
    descend,
    draw_weights,
    listed,
    logits,
    names,
    on_path,
    roll,
    swish,
)
from autograder.graders.oracles import numeric_gradients
from autograder.grading.conditions import Conditions
from autograder.grading.engine import grade_notebook
from autograder.grading.results import Results
from autograder.jail.lane import lane_for
from tests.support.jails import needs_sandbox
from tests.support.variants_graded import REFERENCE, gradings

SLUG = "chainer_iris"
SPRINT = find_sprint(SLUG, ROOT)
needs_environment = pytest.mark.skipif(lacking_for(SPRINT) is not None, reason=str(lacking_for(SPRINT)))


def test_descent_follows_differences() -> None:
    """Is a step the rate times the gradient of the mean loss, and is the loss that before the step?"""
    rng = np.random.default_rng(0)
    x, species, w, b = rng.normal(size=(6, 4)), np.arange(6) % 3, rng.normal(size=(3, 4)), rng.normal(size=3)

    def loss(w: np.ndarray, b: np.ndarray) -> np.ndarray:
        return cross_entropies(x @ w.T + b, species).mean()

    slopes = numeric_gradients(loss, [w, b], np.ones(()))
    new_w, new_b, said = descend(w, b, x, species, 0.1, 1)
    np.testing.assert_allclose(new_w, w - 0.1 * slopes[0], atol=1e-8)
    np.testing.assert_allclose(new_b, b - 0.1 * slopes[1], atol=1e-8)
    assert said == [loss(w, b)]


def test_cross_entropy_of_large_scores() -> None:
    """Is it finite, and zero where the score is certain?"""
    np.testing.assert_allclose(cross_entropies(np.array([[1e4, 0, 0], [0, 0, 0]]), np.array([0, 2])), [0, np.log(3)])


def test_rolling() -> None:
    """Does momentum carry on at a zero gradient, and is a step without a gradient none at all?"""
    start, one = np.zeros(1), np.ones(1)
    assert roll(start, [one, 0 * one], lr=1.0, momentum=0.5) == [-1.5]
    assert (
        roll(start, [one, None, one], lr=1.0, momentum=0.5) == roll(start, [one, one], lr=1.0, momentum=0.5) == [-2.5]
    )


def test_the_branches_are_different_functions_of_their_own_weights() -> None:
    """Does the answer for heads depend on left and not on right, and the other way round?"""
    rng = np.random.default_rng(1)
    weights, x = draw_weights(rng, 5), rng.normal(size=(3, 4))
    for heads in (True, False):
        before = logits(weights, x, heads)
        for name in names(*SHAPES):
            moved = logits(weights | {name: weights[name] + 0.1}, x, heads)
            assert np.array_equal(moved, before) == (name not in on_path(heads))


def test_swish() -> None:
    """Is it half of x where beta is zero, and relu where it is large?"""
    x = np.array([[-2.0, 3.0]])
    np.testing.assert_array_equal(swish(x, np.zeros(2)), x / 2)
    np.testing.assert_allclose(swish(x, np.full(2, 1e3)), [[0, 3]])


def test_what_is_no_list_is_refused() -> None:
    """Is a list of the right length taken, and anything else refused in words?"""
    assert listed((1, 2), 2, "it") == [1, 2]
    for wrong in ([1], None, np.ones(2), {"a": 1, "b": 2}, "ab"):
        with pytest.raises(CheckFailed, match="it must be a list of 2"):
            listed(wrong, 2, "it")


def outcomes(results: Results) -> dict[str, str]:
    """How each hidden test ended, by name."""
    return {test.name: test.outcome for test in results.tests if "public_check" not in test.name}


FUNCTIONS = {
    "gradients": ["gradients"],
    "layer_gradients": ["layer_gradients"],
    "accumulate": ["accumulate"],
    "graph": ["backward_order", "used_parameters"],
    "swish": ["swish"],
    "branching_net": ["BranchingNet"],
    "momentum": ["Momentum"],
    "train": ["train", "fit"],
}
STRANGE = {
    "nothing": "None",
    "text": "'/trunk/W'",
    "not a number": "float('nan')",
    "an array of objects": "np.array([None, 'x'], dtype=object)",
    "nested": "[[], {}, (None, ['W'])]",
    "a dict of itself": "{'/trunk/W': None, 7: [Ellipsis]}",
    "a variable": "Variable(np.array([1.0, np.nan]))",
    "a link": "chainer.Chain(trunk=L.Linear(4, 3), left=L.Linear(1, 1), right=L.Linear(2, 2), head=L.Linear(None, 3))",
    "equal to everything": """type("Equal", (str,), {
        "__eq__": lambda self, other: True, "__hash__": lambda self: 0, "__call__": lambda self, *a, **k: self,
        "__getattr__": lambda self, name: self, "__iter__": lambda self: iter([self, self]), "__len__": lambda self: 2,
        "__bool__": lambda self: True, "__float__": lambda self: 1.0, "__array__": lambda self, *a, **k: np.ones(3),
    })("W")""",
}


@needs_sandbox
@needs_environment
@pytest.mark.slow
@pytest.mark.parametrize("strange", STRANGE)
def test_strange_answers_are_wrong_and_no_fault_of_ours(strange: str) -> None:
    """Whatever comes back, is no test passed, and is none broken?"""
    cells = {
        f"solve_{task}": "\n\n".join(f"def {name}(*a, **k):\n    return {STRANGE[strange]}" for name in names)
        for task, names in FUNCTIONS.items()
    }
    notebook = filled(SPRINT, Variant("strange", "A strange answer.", (), cells))
    lane = lane_for("required", environment=environment_of(SPRINT))
    results = grade_notebook(notebook, SPRINT, Conditions(lane, "s")).results
    assert {name: said for name, said in outcomes(results).items() if said not in ("failed", "error")} == {}
    assert results.status == "graded"


@needs_environment
@pytest.mark.slow
@pytest.mark.parametrize("seed", ["spring", "summer", "autumn", "winter", "leap"])
def test_no_seed_decides(seed: str) -> None:
    """Do the reference and every other right solution earn everything, whatever inputs the seed draws?"""
    solutions = [f"{SLUG}/{REFERENCE}", *(f"{SLUG}/wheats/{wheat.name}" for wheat in wheats(SLUG))]
    with gradings(solutions, seed) as graded:
        found = {solution: set(outcomes(graded[solution]).values()) for solution in solutions}
    assert found == {solution: {"passed"} for solution in solutions}
