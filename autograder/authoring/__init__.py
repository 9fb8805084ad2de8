"""Writing sprints: the script and its notebook, other solutions, and a new sprint's first files."""
