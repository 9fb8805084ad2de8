"""Hidden tests of sprint 3: from eager to graph."""
