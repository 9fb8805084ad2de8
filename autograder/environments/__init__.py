"""Environments of their own for sprints whose packages cannot live with the others: ``NAME/`` defines one.

A sprint names its environment by the kernelspec of its notebook. ``autograder env build NAME`` builds it, once; what is
built is found by the content of its definition, so that a changed one is built anew.
"""

from autograder.environments.build import build_environment, build_for
from autograder.environments.environment import (
    Environment,
    environment_of,
    environments,
    environments_folder,
    find_environment,
    hide_pythons,
    lacking_for,
    offer_kernels,
    overview,
)

__all__ = [
    "Environment",
    "build_environment",
    "build_for",
    "environment_of",
    "environments",
    "environments_folder",
    "find_environment",
    "hide_pythons",
    "lacking_for",
    "offer_kernels",
    "overview",
]
