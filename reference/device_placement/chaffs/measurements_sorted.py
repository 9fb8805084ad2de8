"""The measurements come back in order of size.

Caught by:
    test_benchmark.py::test_one_number_a_call
"""


# %% solve_benchmark
def benchmark(fn, sync, clock=time.perf_counter, repeats=5):
    fn()
    sync()
    seconds = []
    for _ in range(repeats):
        start = clock()
        fn()
        sync()
        seconds.append(clock() - start)
    return sorted(seconds)
