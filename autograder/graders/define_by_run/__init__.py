"""Hidden tests of sprint 1: build the graph while computing."""
