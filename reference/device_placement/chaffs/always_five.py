"""Five calls are measured, however many were asked for.

Caught by:
    test_benchmark.py::test_one_number_a_call
    test_benchmark.py::test_number_of_calls
"""


# %% solve_benchmark
def benchmark(fn, sync, clock=time.perf_counter, repeats=5):
    fn()
    sync()
    seconds = []
    for _ in range(5):
        start = clock()
        fn()
        sync()
        seconds.append(clock() - start)
    return seconds
