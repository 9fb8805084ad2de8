"""The host's side of the jail: kernels, the sandbox they run in, and the process they are forked from."""
