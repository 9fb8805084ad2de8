"""The course's files: sprints, notebooks, and how a submission is rebuilt on the released one."""
