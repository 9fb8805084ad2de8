"""Hidden tests of sprint 2: define, then run."""
