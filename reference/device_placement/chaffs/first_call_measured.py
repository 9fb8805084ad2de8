"""The first call is measured like the others.

Caught by:
    test_benchmark.py::test_first_call_is_not_measured
    test_benchmark.py::test_nothing_from_before
    test_benchmark.py::test_one_number_a_call
    test_benchmark.py::test_number_of_calls
"""


# %% solve_benchmark
def benchmark(fn, sync, clock=time.perf_counter, repeats=5):
    seconds = []
    for _ in range(repeats):
        start = clock()
        fn()
        sync()
        seconds.append(clock() - start)
    return seconds
