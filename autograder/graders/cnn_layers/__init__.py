"""Hidden tests of sprint 4: layers stacked in PyTorch and in Keras."""
