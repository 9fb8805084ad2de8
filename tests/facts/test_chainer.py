"""Chainer."""

from __future__ import annotations

from tests.facts.fact import fact

GRAPH = "autograder/graders/chainer_iris/test_graph.py"
GRADIENTS = "autograder/graders/chainer_iris/test_gradients.py"
ACCUMULATE = "autograder/graders/chainer_iris/test_accumulate.py"
TRAIN = "autograder/graders/chainer_iris/test_train.py"
BRANCHES = "autograder/graders/chainer_iris/test_branching_net.py"


@fact(
    "chainer",
    environment="chainer",
    rests={
        GRADIENTS: "test_upstream gives the gradient of y itself",
        "reference/chainer_iris/chainer_iris.py": "the text says when y.grad may be left out",
    },
)
def test_backward_of_a_vector():
    """backward() of a Variable with several elements and without a gradient raises TypeError about None; of one
    element, whatever its shape, it starts from 1."""
    import chainer
    import numpy as np

    for shape in ((), (1,), (1, 1)):
        x = chainer.Variable(np.ones(shape, "f"))
        y = 2 * x
        y.backward()
        assert x.grad.shape == shape, x.grad
    y = 2 * chainer.Variable(np.ones(3, "f"))
    said = ""
    try:
        y.backward()
    except TypeError as error:
        said = str(error)
    assert "NoneType" in said, said


@fact(
    "chainer",
    environment="chainer",
    rests={GRADIENTS: "gradients are read where the student leaves them: returned, not in .grad"},
)
def test_grad_leaves_variables_alone():
    """chainer.grad returns gradients and sets no .grad; a vector starts from ones, where backward() raises. What it
    returns has no graph unless enable_double_backprop is set: then a second grad gives None, and no error."""
    import chainer
    import numpy as np

    x = chainer.Variable(np.array([3.0, 4.0], "f"))
    y = x * x
    (first,) = chainer.grad([y], [x])
    assert list(first.array) == [6.0, 8.0], first
    assert x.grad is None, x.grad
    assert chainer.grad([first], [x]) == [None]
    (first,) = chainer.grad([y], [x], enable_double_backprop=True)
    (second,) = chainer.grad([first], [x])
    assert list(second.array) == [2.0, 2.0], second


@fact(
    "chainer",
    environment="chainer",
    rests={
        GRAPH: "visited variables are told apart by identity",
        "autograder/grading/handles.py": "a handle refuses == itself, whatever the object would say",
    },
)
def test_variables_cannot_be_compared():
    """Variables refuse ==, !=, < and truth with TypeError and cannot be hashed, so `x in list` raises and a set of them
    is impossible; id(x) tells them apart."""
    import chainer
    import numpy as np

    x, y = (chainer.Variable(np.array(1.0, "f")) for _ in range(2))
    for question in (lambda: x == y, lambda: x != y, lambda: x < y, lambda: bool(x), lambda: x in [y], lambda: {x}):
        try:
            answer = question()
        except TypeError:
            continue
        raise AssertionError(answer)


@fact("chainer", environment="chainer", rests={ACCUMULATE: "test_sum_over_batches"})
def test_backward_adds_up():
    """backward() twice on one graph doubles the gradient and raises nothing: the graph is kept."""
    import chainer
    import numpy as np

    x = chainer.Variable(np.array(3.0, "f"))
    y = x * x
    y.backward()
    y.backward()
    assert float(x.grad) == 12.0, x.grad


@fact(
    "chainer",
    environment="chainer",
    rests={
        ACCUMULATE: "a student must clear gradients before the first batch",
        TRAIN: "cleargrads comes before backward in each step",
    },
)
def test_gradients_begin_as_nan():
    """The gradient of a new link's parameter is NaN, not None and not 0; cleargrads makes it None. A first backward
    without cleargrads gives NaN."""
    import chainer
    import numpy as np

    link = chainer.links.Linear(2, 1)
    assert np.isnan(link.W.grad).all(), link.W.grad
    chainer.functions.sum(link(np.ones((1, 2), "f"))).backward()
    assert np.isnan(link.W.grad).all(), link.W.grad
    link.cleargrads()
    assert link.W.grad is None, link.W.grad


@fact(
    "chainer",
    environment="chainer",
    rests={"autograder/graders/chainer_iris/test_layer_gradients.py": "the hint is backward(retain_grad=True)"},
)
def test_gradients_in_between_are_dropped():
    """After backward() only leaves have gradients; those in between, and y's own, are None unless retain_grad=True."""
    import chainer
    import numpy as np

    def after(**how):
        x = chainer.Variable(np.array(3.0, "f"))
        h = 2 * x
        y = h * h
        y.backward(**how)
        return x.grad is not None, h.grad is not None

    assert after() == (True, False)
    assert after(retain_grad=True) == (True, True)


@fact(
    "chainer",
    environment="chainer",
    rests={BRANCHES: "inputs are drawn: ReLU's kink is met by chance only"},
)
def test_kinks_at_zero():
    """At 0 relu has the gradient 0 and maximum(x, 0) has 1; x ** 0 has NaN and abs(x) has 0."""
    import warnings

    import chainer
    import chainer.functions as F
    import numpy as np

    warnings.simplefilter("ignore")

    def gradient(f):
        x = chainer.Variable(np.array(0.0, "f"))
        f(x).backward()
        return float(x.grad)

    zero = chainer.Variable(np.array(0.0, "f"))
    assert (gradient(F.relu), gradient(lambda x: F.maximum(x, zero)), gradient(abs)) == (0.0, 1.0, 0.0)
    assert np.isnan(gradient(lambda x: x**0))


@fact(
    "chainer",
    environment="chainer",
    rests={
        "reference/chainer_iris/chainer_iris.py": "the notebook draws its network in no_backprop_mode; it drops nothing"
    },
)
def test_no_backprop_mode_still_drops():
    """no_backprop_mode leaves the training mode on: a dropout still drops. using_config("train", False) stops it."""
    import chainer
    import numpy as np

    x = np.ones(1000, "f")
    with chainer.no_backprop_mode():
        assert (chainer.functions.dropout(x).array == 0).any()
    with chainer.using_config("train", False):
        assert not (chainer.functions.dropout(x).array == 0).any()


@fact(
    "chainer",
    environment="chainer",
    rests={"autograder/graders/chainer_iris/test_accumulate.py": "links are made in the dtype of the grader's arrays"},
)
def test_float32_wins():
    """A float32 Variable times a float64 array is float32, where numpy says float64."""
    import chainer
    import numpy as np

    x = chainer.Variable(np.ones(3, "f"))
    assert (x * np.ones(3)).dtype == np.float32
    assert (np.ones(3, "f") * np.ones(3)).dtype == np.float64
