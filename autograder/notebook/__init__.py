"""A notebook: its cells, reading a file that somebody else wrote, rebuilding a submission on the release."""
