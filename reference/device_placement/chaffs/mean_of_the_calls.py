"""One number comes back, the mean over the calls.

Caught by:
    test_benchmark.py::test_number_of_calls
    test_benchmark.py::test_one_number_a_call
    test_torch_on_gpu.py::test_benchmark_waits_for_the_gpu
"""


# %% solve_benchmark
def benchmark(fn, sync, clock=time.perf_counter, repeats=5):
    fn()
    sync()
    start = clock()
    for _ in range(repeats):
        fn()
    sync()
    return (clock() - start) / repeats
