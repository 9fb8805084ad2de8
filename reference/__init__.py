"""The reference solutions, one folder per sprint. Never shipped to students."""
