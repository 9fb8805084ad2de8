"""Sprint 4, solved: the one text of the notebook, and its variants."""
