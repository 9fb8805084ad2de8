"""Sprint 3, solved: the one text of the notebook, and its variants."""
