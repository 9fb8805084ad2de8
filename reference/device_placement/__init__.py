"""Sprint 5, solved: the one text of the notebook, and its variants."""
