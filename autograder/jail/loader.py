"""The platform's code for the student's side of the wall: sent as text, and loaded there under its own names."""

from __future__ import annotations

import inspect
from types import ModuleType

from autograder.jail.inside import (
    agent,
    data,
    decode,
    encode,
    files,
    frameworks,
    init,
    kernel_process,
    linux,
    stream,
    tracebacks,
    values,
    wire,
    zygote,
)

AGENT: tuple[ModuleType, ...] = (values, stream, encode, decode, wire, frameworks, data, tracebacks, agent)
"""What is in every kernel, in the order in which the modules need each other."""
JAIL: tuple[ModuleType, ...] = (*AGENT, linux, kernel_process, files, init, zygote)
"""What is in the warm process as well."""

LOAD = """
def load(sources, prefix):
    import sys, types
    for name, source in sources.items():
        module = sys.modules[name] = types.ModuleType(name)
        module.__path__ = []
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
        exec(compile(source, prefix + " " + name + ">", "exec"), module.__dict__)
"""
"""Source of a function that loads modules from their sources."""


def sources(modules: tuple[ModuleType, ...]) -> dict[str, str]:
    """The sources of modules by name, the packages they lie in first."""
    packages = {"autograder": "", "autograder.jail": "", "autograder.jail.inside": ""}
    return packages | {module.__name__: inspect.getsource(module) for module in modules}
