"""The measurements are in milliseconds.

Caught by:
    test_benchmark.py::test_first_call_is_not_measured
    test_benchmark.py::test_nothing_from_before
    test_benchmark.py::test_one_number_a_call
"""


# %% solve_benchmark
def benchmark(fn, sync, clock=time.perf_counter, repeats=5):
    fn()
    sync()
    milliseconds = []
    for _ in range(repeats):
        start = clock()
        fn()
        sync()
        milliseconds.append(1000 * (clock() - start))
    return milliseconds
