"""Many submissions: graded in parallel, recorded by one process, resumed after an end."""
