"""Where exported artifacts are evaluated: a kernel in which no student's Python ever runs."""
