"""Hidden tests of task 6: what is frozen into a graph. Noise is judged by its statistics, far from chance."""

import numpy as np
import pytest

from autograder.graders.tf_function.oracles import (
    check_float32,
    check_traces,
    close,
    save_signatures,
    singles,
    tensor,
)
from autograder.grading import as_numbers, check, probe, read_folder

MANY = 4000


@probe
def other_gains(amplifier, gains, x):
    """The result after each set_gain, and the names of all graphs begun meanwhile, also of those dropped at once."""
    from tensorflow.python.framework.func_graph import FuncGraph  # nothing public tells every trace

    begin, begun = FuncGraph.__init__, []

    def noted(graph, name, *args, **kwargs):
        begun.append(str(name))
        begin(graph, name, *args, **kwargs)

    results = []
    FuncGraph.__init__ = noted
    try:
        for gain in gains:
            amplifier.set_gain(gain)
            results.append(amplifier(x))
    finally:
        FuncGraph.__init__ = begin
    return results, begun


@probe
def without_a_global_seed(Amplifier, amplifier, x, *new_shapes):
    """Another amplifier's first result for x, and this one's for new shapes.

    With a global seed, TensorFlow begins anew in each graph by itself.
    """
    from tensorflow.python.eager import context  # tf.random.set_seed cannot take a seed back

    seed = context.global_seed()
    context.set_global_seed(None)
    try:
        return [Amplifier(2.0, 0.5)(x), *map(amplifier, new_shapes)]
    finally:
        context.set_global_seed(seed)


def check_noise(one, other, noise):
    """Check that two calls' noise is random: of the right size, about 0, and different each time."""
    for residual in (one, other):
        mean, spread = float(np.mean(residual)), float(np.std(residual))
        check(abs(mean) < 0.1 * noise, "the noise must have the mean 0", got=mean)
        check(0.9 * noise < spread < 1.1 * noise, f"the noise must have the standard deviation {noise}", got=spread)
        near = float(np.mean(np.abs(residual) < noise))
        must = "the noise must be normal: 68 % of the numbers are nearer to 0 than the standard deviation"
        check(0.63 < near < 0.73, must, got=f"{100 * near:.0f} %")
    far = max(float(np.max(np.abs(residual))) for residual in (one, other)) / noise
    must = "the noise must be normal: 1 number in 370 is farther from 0 than three standard deviations"
    check(far > 3.05, must, got=f"none of {one.size + other.size} is farther than {far:.2f}")
    likeness = float(np.corrcoef(one, other)[0, 1])
    check(abs(likeness) < 0.2, "the noise must be new at each call", got=f"a correlation of {likeness:.2f}")
    for residual in (one, other):
        distinct = 100 * len(np.unique(residual)) / residual.size
        check(distinct > 90, "each element must have noise of its own", got=f"{distinct:.0f} % different numbers")
    known = 100 * float(np.mean(np.isin(other, one)))
    must = "the numbers themselves must be new at each call, and not their order alone"
    check(known < 20, must, got=f"{known:.0f} % of them were there before")


@pytest.mark.points(1)
@pytest.mark.example(
    "amplifier = Amplifier(2.0, 0.0)\n"
    "amplifier(tf.constant([1.0, 3.0]))\n"
    "amplifier.set_gain(10.0)\n"
    "amplifier(tf.constant([1.0, 3.0])).numpy()",
    gives=[10.0, 30.0],
)
def test_new_gain_is_used(student, rng):
    """After set_gain the next call amplifies by the new gain.

    Hint: what changes belongs into a tf.Variable; a Python number is read while tracing and never again. assign sets
    it exactly; a difference that is added to what was there is rounded. Assign every gain: also 0, also one that there
    was before, and also one that is nearly the same. Noise of 0 is none, not a little.
    """
    x = singles(rng, 4)
    x[:2] = 0.0, 1e12
    first, last = (float(g) for g in rng.uniform(1.0, 9.0, size=2))
    amplifier, other = student.Amplifier(first, 0.0), student.Amplifier(12.5, 0.0)
    close(amplifier(tensor(x)), first * x, "the result with the first gain")
    # the first two are so far apart that their difference has no digit of the second
    gains = [1e20, first, -last, 0.0, 1e-9, first]
    results, _ = student.run(other_gains, amplifier, gains, tensor(x))
    for calls, (gain, result) in enumerate(zip(gains, results, strict=True), 1):
        close(result, gain * x, f"the result after call {calls} of set_gain")
        nothing = float(as_numbers(result, "the result")[0])
        check(nothing == 0.0, "the amplified 0 must be 0, without noise", got=nothing)
    close(other(tensor(x)), 12.5 * x, "the result of another amplifier, whose gain was not set")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "amplifier = Amplifier(2.0, 0.0)\n"
    "for gain in (3.0, 4.0):\n"
    "    amplifier.set_gain(gain)\n"
    "    result = amplifier(tf.constant([1.0]))\n"
    '{"result": result.numpy().tolist(), "traces": amplifier.__call__.experimental_get_tracing_count()}',
    gives={"result": [4.0], "traces": 1},
)
def test_no_new_trace(student, rng):
    """Another gain needs no new graph.

    Hint: assign to the variable. Do not build the tf.function again, and do not pass the gain to any tf.function as a
    Python number; set_gain need not be one.
    """
    amplifier, x = student.Amplifier(1.5, 0.0), singles(rng, 3)
    amplifier.set_gain(2.0)
    close(amplifier(tensor(x)), 2.0 * x, "the result after set_gain")
    results, begun = student.run(other_gains, amplifier, [3.0, 4.0], tensor(x))
    for result, gain in zip(results, (3.0, 4.0), strict=True):
        close(result, gain * x, "the result after set_gain")
    check_traces(student, amplifier, 1, "three gains must be one trace", method="__call__")
    check(not begun, "the second and the third gain must be set and used without a trace", got=", ".join(begun))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "amplifier = Amplifier(1.0, 0.001)\n"
    "one, other = amplifier(tf.zeros(5)).numpy(), amplifier(tf.zeros(5)).numpy()\n"
    '{"new at each call": bool((one != other).any()), "as small as asked for": bool((abs(one) < 0.02).all())}',
    gives={"new at each call": True, "as small as asked for": True},
)
def test_noise_is_new_at_each_call(student):
    """Each call of any amplifier draws its own noise: normal numbers, with the standard deviation that was asked for.

    Hint: tf.random.normal is an operation; np.random.normal is Python and runs while tracing. An operation with a seed
    of its own begins anew in each graph, so also for an x of another length; a generator with a fixed seed begins alike
    in each amplifier.
    """
    amplifier, x = student.Amplifier(2.0, 0.5), tensor(np.full(MANY, 3.0))
    student.Amplifier(2.0, 0.0)  # another one, which changes nothing here
    results = [amplifier(x) for _ in range(2)]
    one, other = (as_numbers(result, "the result") for result in results)
    check(one.shape == other.shape == (MANY,), "the result must have the shape of x", got=one.shape)
    check_float32(results[0], "the result")
    check_noise(one - 6.0, other - 6.0, 0.5)
    lengths = MANY + 1, MANY + 2  # neither was there before, so each graph of its own is new
    longer = [tensor(np.full(length, 3.0)) for length in lengths]
    results = student.run(without_a_global_seed, student.Amplifier, amplifier, x, *longer)
    another, third, fourth = (as_numbers(result, "the result") for result in results)
    sizes = another.size, third.size, fourth.size
    check(sizes == (MANY, *lengths), "the results must have the shapes of x", got=sizes)
    check_noise(one - 6.0, another - 6.0, 0.5)
    check_noise(third[:MANY] - 6.0, fourth[:MANY] - 6.0, 0.5)


@pytest.mark.points(1)
@pytest.mark.example(
    "amplifier = Amplifier(1.0, 0.5)\n"
    "graph = amplifier.__call__.get_concrete_function(tf.TensorSpec([None], tf.float32))\n"
    "one, other = graph(tf.zeros(5)).numpy(), graph(tf.zeros(5)).numpy()\n"
    'in_python = any("PyFunc" in node.op for node in graph.graph.as_graph_def().node)\n'
    '{"new at each call": bool((one != other).any()), "calls Python": in_python}',
    gives={"new at each call": True, "calls Python": False},
)
def test_the_graph_makes_noise_by_itself(student, clean, rng):
    """Saved and loaded elsewhere, without your Python, the graph uses the last gain and draws new noise at each call.

    Hint: nothing that is to happen at each call may be left to Python. tf.shape(x) is known to the graph. x may
    have one number, or none.
    """
    gain, noise = float(rng.uniform(2.0, 5.0)), 25.0
    amplifier = student.Amplifier(1.0, noise)
    amplifier.set_gain(gain)
    student.run(save_signatures, amplifier, "amplifier", {"amplify": (amplifier, {"x": ([None], "float32")})})
    x = singles(rng, MANY)
    calls = [("amplify", {"x": x})] * 2 + [("amplify", {"x": x[:n]}) for n in (1, 0)]
    one, other, short, none = (got["y"] for got in clean.saved_model(student.run(read_folder, "amplifier"), calls))
    shapes = [y.shape for y in (one, other, short, none)]
    check(shapes == [(MANY,), (MANY,), (1,), (0,)], "the results must have the shapes of x", got=shapes)
    check_noise(one - gain * x, other - gain * x, noise)
    alone = abs(float(short[0] - gain * x[0]))
    check(alone > 0.0, "a single number must have its noise, too", got=alone)
    check(alone < 6 * noise, "gain and noise must be the same for a single number", got=alone)
