"""The course on disk: its folders, its sprints, its notebooks as text and as released, and what students hand in."""
