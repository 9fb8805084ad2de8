"""Writing sprints: one text in two forms, other solutions, a new sprint's first files."""
