"""Many submissions: a whole class, simulated or real."""
