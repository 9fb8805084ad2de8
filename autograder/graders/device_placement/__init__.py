"""Hidden tests of sprint 5: device placement."""
