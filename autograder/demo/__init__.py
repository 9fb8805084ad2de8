"""Simulated classes that go through a sprint with nbgrader's own commands."""
