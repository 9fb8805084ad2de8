"""Which modules the warm process imports before a notebook arrives."""

from __future__ import annotations

import os
import re

from nbformat import NotebookNode

from autograder.jail.inside.frameworks import FRAMEWORKS

ALWAYS = ("numpy", "msgpack")
"""The modules that the agent needs."""
SLOW = {
    **{name: framework.slow for framework in FRAMEWORKS for name in framework.imports},
    "matplotlib": ("matplotlib.pyplot",),
    "sklearn": ("sklearn.datasets",),
    "flask": ("flask",),
    "tensorboard": ("tensorboard.backend.event_processing.event_accumulator",),
}
"""Modules that are slow to import, by the first part of the name that a notebook imports."""
PRELOAD = tuple(dict.fromkeys([*ALWAYS, *(module for modules in SLOW.values() for module in modules)]))
"""The modules that the agent needs, and every slow module that the course's notebooks import."""
VARIABLE = "AUTOGRADER_PRELOAD"
_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+(\w.*)", re.MULTILINE)


def preload_for(notebook: NotebookNode | None) -> tuple[str, ...]:
    """The modules to preload for a notebook: those every kernel needs, and the slow ones that its cells import."""
    cells = notebook.cells if notebook else ()
    lines = [line for cell in cells if cell.cell_type == "code" for line in _IMPORT.findall(cell.source)]
    # "import a as b, c.d" gives a and c
    named = {re.split(r"\W", name.strip(), maxsplit=1)[0] for line in lines for name in line.split(",")}
    wanted = {module for name in named for module in SLOW.get(name, ())}
    return tuple(module for module in PRELOAD if module in wanted or module in ALWAYS)


def default_preload() -> tuple[str, ...]:
    """The modules to preload for an unknown notebook: all of :data:`PRELOAD`, or those in ``AUTOGRADER_PRELOAD``."""
    listed = os.environ.get(VARIABLE)
    if listed is None:
        return PRELOAD
    return tuple(dict.fromkeys([*ALWAYS, *filter(None, map(str.strip, listed.split(",")))]))
