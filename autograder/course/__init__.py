"""A course on disk: its folders, its sprints, its secret seed."""
