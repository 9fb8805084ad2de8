"""Nobody waits: what is measured is the handing over.

Caught by:
    test_benchmark.py::test_waits_for_the_work
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
        seconds.append(clock() - start)
    return seconds
