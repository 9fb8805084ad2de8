"""What tests and cells leave behind when they fail: where it was, and which names a cell would have defined.

The student's source is searched, never parsed or run. What is found decides the wording of feedback and no points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.errors import CheckFailed, NotRun, StudentCrash, StudentError, StudentTimeout
from autograder.grading.causes import MAX_ERROR
from autograder.text import clean

MAX_TRACEBACK = 20_000
_WHERE = re.compile(r"^[ \t]*+In \[(\d+)\], line (\d+), in ([^\n]*)", re.MULTILINE)
_CELL_FRAME = re.compile(r"Cell In ?\[(\d+)\], line (\d+)")
_FILE_AND_LINE = re.compile(r" \([^()]*, line (\d+)\)$")
_CALLED = re.compile(r"(?:\w+ = )?([A-Za-z_][\w.]*)\(")
_DEFINED = re.compile(
    r"^(?:(?:async ++)?def|class) ++(\w+)"
    r"|^([A-Za-z_]\w*+(?: *+, *+[A-Za-z_]\w*+)*+) *+(?::[^=\n]*+)?=(?!=)"
    r"|^(?:from ++[\w.]++ ++)?import ++([^\n#]++)",
    re.MULTILINE,
)
_ATTRIBUTES = re.compile(
    r"^[ \t]*+(\w++\.\w++(?:[ \t]*+,[ \t]*+\w++\.\w++)*+)[ \t]*+=(?!=)"
    r"|\bsetattr\([ \t]*+\w++[ \t]*+,[ \t]*+[\"'](\w++)",
    re.MULTILINE,
)
_NO_NAME = re.compile(r"the notebook defines no (\w+)|name '(\w+)' is not defined")
_NO_ATTRIBUTE = re.compile(r"has no attribute '(\w+)'")
_NO_OPERATOR = re.compile(r"(unsupported operand type\(s\) for|bad operand type for unary) ([^\s:]+)")
_NO_PROTOCOL = {
    re.compile("object does not support the (?:asynchronous )?context manager protocol"): (".__enter__", ".__exit__"),
    re.compile("object is not (?:iterable|an iterator)|cannot unpack non-iterable"): (".__iter__", ".__next__"),
    re.compile("object is not callable"): (".__call__",),
    re.compile("object is not subscriptable"): (".__getitem__",),
    re.compile("object does not support item assignment"): (".__setitem__",),
    re.compile("object of type .* has no len"): (".__len__",),
}
_IN_A_GRAPH = "in user code:"
"""How TensorFlow's message begins for an error while it traces; the frames and the error's own words follow."""
_OPERATORS = {
    "+": "add", "-": "sub", "*": "mul", "/": "truediv", "//": "floordiv", "%": "mod", "**": "pow", "@": "matmul",
}  # fmt: skip


@dataclass(frozen=True)
class Failure:
    """Why a test did not pass, as far as the student's process says it.

    Attributes
    ----------
    kind, message
        the class of the exception and its text
    raised
        whether code raised, or was stopped; else a property did not hold
    frame
        the last frame in a cell: the number of the cell's execution, the line, the function; None if there is none
    call
        the function or method that the test called last; empty if it was none
    """

    kind: str
    message: str
    raised: bool = True
    frame: tuple[int, int, str] | None = None
    call: str = ""

    @property
    def error(self) -> str:
        """The exception on one line."""
        return clean(f"{self.kind}: {self.message}".removesuffix(": "), MAX_ERROR)

    @property
    def asked(self) -> bool:
        """Whether the test itself asked for a name that is missing."""
        return self.kind == "NameError" and self.message.startswith("the notebook defines no ")

    @property
    def missing(self) -> tuple[str, ...]:
        """The names or attributes of which one would have prevented it."""
        if self.kind == "NameError":
            name = _NO_NAME.match(self.message)
            return (name[1] or name[2],) if name else ()
        attribute = _NO_ATTRIBUTE.search(self.message) if self.kind == "AttributeError" else None
        if attribute:
            return (f".{attribute[1]}",)
        if self.kind != "TypeError":
            return ()
        for says, methods in _NO_PROTOCOL.items():
            if says.search(self.message):
                return methods
        operator = _NO_OPERATOR.match(self.message)
        symbol = _OPERATORS.get(operator[2], "") if operator else ""
        if not symbol:
            return ()
        unary = operator is not None and operator[1].startswith("bad")
        return (".__neg__", ".__pos__") if unary else (f".__{symbol}__", f".__r{symbol}__")


def failure_of(error: BaseException, calls: list[str]) -> Failure:
    """What a test's exception says; ``calls``: the lines of its transcript."""
    raised = isinstance(error, StudentError)
    if isinstance(error, CheckFailed) and isinstance(error.__context__, StudentError):
        error = error.__context__  # a test that expects an exception got another one
    if not isinstance(error, StudentError) or isinstance(error, NotRun):
        return Failure("", "", raised=False)
    called = _CALLED.match(calls[-1]) if calls else None
    traced = error.message.startswith(_IN_A_GRAPH)
    message = error.message.rstrip().rpartition("\n")[2].strip() if traced else error.message
    frames = [*_WHERE.findall(error.traceback), *(_WHERE.findall(error.message) if traced else ())]
    frame = (int(frames[-1][0][:9]), int(frames[-1][1][:9]), str(frames[-1][2][:80])) if frames else None
    kind = error.types[0] if error.types else "Exception"
    kind = "" if isinstance(error, StudentTimeout | StudentCrash) else kind
    message = message.removeprefix(f"{kind}:").strip() if traced else message
    return Failure(kind, message, raised, frame, call=called[1] if called else "")


def failure_in(outputs: list[NotebookNode], count: int | None) -> Failure | None:
    """The error in a cell's outputs: the last one, which is the platform's own if it stopped the cell.

    ``count``: the number of the cell's execution. The frame is the last one in a cell; for a cell that was stopped, it
    is where that happened.
    """
    errors = [output for output in outputs if output.output_type == "error"]
    if not errors:
        return None
    frames = [
        (int(number[:9]), int(line[:9]), "")
        for output in errors
        for number, line in _CELL_FRAME.findall(clean("\n".join(map(str, output.traceback)), MAX_TRACEBACK))
    ]
    message = clean(errors[-1].evalue, 2 * MAX_ERROR)
    where = _FILE_AND_LINE.search(message)
    if where and is_syntax(errors[-1].ename):
        frames, message = [(count or 0, int(where[1][:9]), "")], message[: where.start()]
    kind = clean(errors[-1].ename, 80)
    return Failure(kind, message, raised=kind != "AssertionError", frame=frames[-1] if frames else None)


def is_syntax(kind: str) -> bool:
    """Whether an error of this class means that nothing of its cell ran."""
    return kind in ("SyntaxError", "IndentationError", "TabError")


def defined_in(source: str) -> Iterator[str]:
    """The names that a cell defines at its top level, and with a dot before them the attributes that it assigns."""
    for function, variables, modules in _DEFINED.findall(source):
        if function:
            yield function
        yield from (name.strip() for name in variables.split(",") if name)
        for module in modules.strip("( )\r").split(","):
            words = module.split()
            if words:
                yield words[-1].partition(".")[0]
    for assigned, set_by_name in _ATTRIBUTES.findall(source):
        yield from (f".{target.rpartition('.')[2].strip()}" for target in assigned.split(",") if target)
        yield from (f".{name}" for name in (set_by_name,) if name)
