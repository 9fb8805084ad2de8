"""Checks a sprint's graders before release: right solutions, wrong ones, generated mutants and leaks."""
