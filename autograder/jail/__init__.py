"""The wall, from outside: kernels, the sandbox they run in, and the process they are forked from."""
