"""Separate Python environments for sprints whose packages conflict with the others: the folder ``NAME/`` defines one.

A sprint chooses its environment by the kernelspec of its notebook. ``autograder env build NAME`` builds it once. A
built environment is found by a digest of its definition, so a changed definition means a new build.
"""

from autograder.environments.build import build_environment, build_for
from autograder.environments.environment import (
    Environment,
    environment_of,
    environments,
    environments_folder,
    find_environment,
    lacking_for,
    offer_kernels,
    overview,
)
from autograder.environments.hidden_paths import hide_paths, hide_paths_in_output

__all__ = [
    "Environment",
    "build_environment",
    "build_for",
    "environment_of",
    "environments",
    "environments_folder",
    "find_environment",
    "hide_paths",
    "hide_paths_in_output",
    "lacking_for",
    "offer_kernels",
    "overview",
]
