"""The platform's code that runs in the student's process: it is sent as text and loaded there under its own names."""

from __future__ import annotations

import inspect
from types import ModuleType

from autograder.jail.inside import (
    agent,
    data,
    decode,
    dress,
    encode,
    figures,
    files,
    frameworks,
    init,
    kernel_process,
    linux,
    memory,
    stream,
    tracebacks,
    values,
    wire,
    zygote,
)

AGENT: tuple[ModuleType, ...] = (
    values, stream, encode, decode, wire, frameworks, dress, data, figures, tracebacks, agent,
)  # fmt: skip
"""The modules in every kernel, each after those that it imports."""
JAIL: tuple[ModuleType, ...] = (*AGENT, linux, memory, kernel_process, files, init, zygote)
"""The modules in the warm process."""

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
"""The source of a function that loads modules from their sources."""


def sources(modules: tuple[ModuleType, ...]) -> dict[str, str]:
    """The sources of modules by name. Their parent packages come first, with empty sources."""
    packages = {"autograder": "", "autograder.jail": "", "autograder.jail.inside": ""}
    return packages | {module.__name__: inspect.getsource(module) for module in modules}
