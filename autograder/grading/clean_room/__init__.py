"""The clean room evaluates exported artifacts in a kernel in which no student Python code ever runs."""
