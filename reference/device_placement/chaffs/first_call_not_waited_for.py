"""The first call is made without the clock, and its work ends in the first measurement.

Caught by:
    test_benchmark.py::test_first_call_is_not_measured
    test_benchmark.py::test_nothing_from_before
    test_benchmark.py::test_one_number_a_call
    test_torch_on_gpu.py::test_benchmark_waits_for_the_gpu
"""


# %% solve_benchmark
def benchmark(fn, sync, clock=time.perf_counter, repeats=5):
    fn()
    seconds = []
    for _ in range(repeats):
        start = clock()
        fn()
        sync()
        seconds.append(clock() - start)
    return seconds
