"""The hidden tests, one folder per sprint. Never shipped to students."""
