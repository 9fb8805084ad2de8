"""Grades many submissions in parallel; one process records them, and a stopped run can be resumed."""
