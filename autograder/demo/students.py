"""The demo's six students: how each fills in the released notebook."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.authoring.variants import Variant, fill, find_variant, reference, wheats
from autograder.notebook.cells import is_answer, is_graded

FORGERY = '''
import ast, gc, glob, os, sqlite3, sys
from IPython import get_ipython

class Anything:
    """Equal to everything, callable, iterable, indexable, and always itself."""
    def __eq__(self, other): return True
    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __bool__ = lambda self, *other: True
    __hash__ = object.__hash__
    def __call__(self, *args, **kwargs): return self
    def __getattr__(self, name): return self
    def __iter__(self): yield self  # by way of __getitem__ a loop over it would never end
    __getitem__ = __add__ = __radd__ = __mul__ = __rmul__ = __sub__ = __truediv__ = __matmul__ = __neg__ = __call__
    def __enter__(self): return self
    def __exit__(self, *error): return True

class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)

get_ipython().ast_transformers.append(NoAsserts())

def search():
    """Look for tests and expected values wherever they might be, and for the gradebook where nbgrader keeps it."""
    found = [f.f_code.co_filename for f in sys._current_frames().values()]
    found += [repr(o)[:200] for o in gc.get_objects() if "expected" in str(type(o)).lower()]
    for root in ("..", os.path.expanduser("~"), os.getcwd()):
        found += glob.glob(root + "/**/test_*.py", recursive=True)[:50]
    if os.path.exists("../../../gradebook.db"):
        book = sqlite3.connect("../../../gradebook.db")
        book.execute("UPDATE grade SET manual_score = 100")
        book.commit()
    return found

loot = search()
print("score: 100", file=sys.stderr)
'''


@dataclass(frozen=True)
class DemoStudent:
    """A simulated student: the id, what they do, and how they fill in the released notebook."""

    id: str
    story: str
    fill_in: Callable[[NotebookNode], NotebookNode]


def demo_students(slug: str, root: Path) -> list[DemoStudent]:
    """The class for a sprint of the course in ``root``.

    Besides the reference and wheats, it needs the variants ``two_tasks_wrong`` and ``endless_loop`` in
    ``reference/SLUG/demo``, written like chaffs.
    """
    solution, unusual = reference(slug, root), wheats(slug, root)[0]
    wrong, endless = (find_variant(slug, f"demo/{name}", root) for name in ("two_tasks_wrong", "endless_loop"))

    def filled(*variants: Variant) -> Callable[[NotebookNode], NotebookNode]:
        return lambda released: fill(released, solution, *variants)

    return [
        DemoStudent("aiko", "all right", filled()),
        DemoStudent("bela", f"right, by {unusual.name.replace('_', ' ')}", filled(unusual)),
        DemoStudent("chen", "two tasks wrong", filled(wrong)),
        DemoStudent("dina", "one infinite loop", filled(endless)),
        DemoStudent("emil", "nothing done", lambda released: released),
        DemoStudent("fritz", "forges", forge),
    ]


def forge(released: NotebookNode) -> NotebookNode:
    """Solve nothing; try tricks that get full marks elsewhere: tags, an object equal to all, transformers, a search."""
    notebook = copy.deepcopy(released)
    for cell in notebook.cells:
        if is_graded(cell):
            cell.metadata["tags"] = ["skip-execution"]
        elif is_answer(cell):
            names = [n.name for n in ast.parse(cell.source).body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
            cell.source = "\n".join(f"{name} = Anything()" for name in names)
    notebook.cells.insert(0, new_code_cell(FORGERY, id="forgery"))
    return notebook
