"""Notebooks: their cells, reading untrusted files, rebuilding a submission on the released notebook."""
