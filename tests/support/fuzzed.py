"""Notebooks made up from a seed: honest work, torn apart, retyped, swollen, and mixed with code that misbehaves."""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support import tiny

Json = Any
ODD: list[Json] = [
    None, True, -1, 0, 3.5, 1e308, 10**30, "", "x", "\x1b[2J", "\ud800", "é" * 50, [], {}, [[]], [None],
    {"a": {"b": []}}, ["a\n", "b"], "y" * 20_000,
]  # fmt: skip
SNIPPETS = [
    "1 / 0", "raise SystemExit(3)", "raise KeyboardInterrupt", "def (", "\x00", "%%bash\nexit 3", "!true", "%magic",
    "?", "import os; os._exit(1)", "import os; os.kill(os.getpid(), 9)", "import os; os.kill(os.getpid(), 15)",
    "while True: pass", "import time; time.sleep(30)", "input()", "print('x' * 300_000)",
    "print('\\x1b[2J\\r\\b' * 100)",
    "import sys; sys.stdout = None", "import sys; sys.stdout.close()", "import sys; sys.setrecursionlimit(20)",
    "import builtins; builtins.isinstance = lambda *a: True", "import builtins; del builtins.len", "del __builtins__",
    "import threading; threading.Thread(target=lambda: [0 for _ in iter(int, 1)], daemon=True).start()",
    "import os; [os.fork() for _ in range(3)]", "import os; os.closerange(0, 100)", "import os; os.chdir('/')",
    "open('out.txt', 'w').write('x' * 100_000)", "import os; os.makedirs('a/' * 30)", "import os; os.mkfifo('pipe')",
    "import os; os.symlink('/etc/passwd', 'link')", "import os; os.makedirs('tiny.ipynb')", "bytearray(300 << 20)",
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)", "import signal; signal.alarm(1)",
    "from IPython.display import display, HTML; display(HTML('<script>x</script>'))", "get_ipython().kernel.stop()",
    "get_ipython().kernel.session.key = b'x'", "get_ipython().ast_transformers.append(3)", "get_ipython().reset()",
    "import gc; gc.get_objects().clear()", "import sys; sys.modules.clear()", "double = 3", "class Box: pass", "exit()",
    "import asyncio; asyncio.get_running_loop().stop()", "await __import__('asyncio').sleep(0)",
    "x = [x for x in 'x']" * 9,
]  # fmt: skip
"""Harmless outside a jail's limits; each does something that a grader may stumble over."""


def notebook_of(seed: int) -> str:
    """The text of one notebook file."""
    rng = random.Random(seed)
    nb = json.loads(json.dumps(tiny.submission(*tiny.ANSWERS)))
    for _ in range(rng.choice([1, 1, 2, 3, 5])):
        rng.choice(CHANGES)(rng, nb)
    text = json.dumps(nb, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if rng.random() < 0.05:
        return text[: rng.randrange(len(text))]
    return text


def files_of(seed: int, folder: Path) -> None:
    """Put files beside the notebook, or nothing."""
    rng = random.Random(-seed)
    for _ in range(rng.choice([0, 0, 1, 3])):
        kind = rng.choice(["module", "data", "folder", "link", "deep", "hidden"])
        try:
            if kind == "module":
                (folder / rng.choice(["random.py", "numpy.py", "conftest.py", "tiny.py"])).write_text(
                    "raise SystemExit"
                )
            elif kind == "data":
                (folder / rng.choice(["a b.csv", "-x", "é.txt", "pytest.ini"])).write_bytes(rng.randbytes(5_000))
            elif kind == "folder":
                (folder / rng.choice(["data", "results.json", "submission_secret.txt"])).mkdir()
            elif kind == "link":
                os.symlink(rng.choice(["/etc/passwd", "/dev/zero", ".", "nowhere"]), folder / "link")
            elif kind == "deep":
                (folder / "/".join("d" * rng.choice([3, 30]))).mkdir(parents=True)
            else:
                (folder / ".ipynb_checkpoints").mkdir()
        except FileExistsError:
            continue


def _cells(nb: Json) -> list[Json]:
    cells = nb.get("cells") if isinstance(nb, dict) else None
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _code(rng: random.Random, nb: Json) -> None:
    for cell in rng.sample(_cells(nb), min(2, len(_cells(nb)))):
        source = cell.get("source")
        before = "".join(map(str, source)) if isinstance(source, list) else str(source)
        added = rng.choice(SNIPPETS)
        cell["source"] = rng.choice([f"{added}\n{before}", f"{before}\n{added}", added])


def _field(rng: random.Random, nb: Json) -> None:
    for cell in rng.sample(_cells(nb), min(2, len(_cells(nb)))):
        cell[rng.choice(["source", "metadata", "cell_type", "id", "outputs", "attachments"])] = rng.choice(ODD)


def _nbgrader(rng: random.Random, nb: Json) -> None:
    for cell in _cells(nb):
        about = cell.get("metadata")
        if isinstance(about, dict) and isinstance(about.get("nbgrader"), dict) and rng.random() < 0.5:
            about["nbgrader"][rng.choice(["grade_id", "points", "grade", "solution", "locked", "task"])] = rng.choice(
                ODD
            )


def _top(rng: random.Random, nb: Json) -> None:
    nb[rng.choice(["metadata", "nbformat", "nbformat_minor", "worksheets", "x"])] = rng.choice(ODD)


def _move(rng: random.Random, nb: Json) -> None:
    cells = _cells(nb)
    change = rng.choice(["shuffle", "drop", "double", "many", "odd"])
    if change == "shuffle":
        rng.shuffle(cells)
    elif change == "drop":
        cells = cells[: rng.randrange(len(cells) + 1)]
    elif change == "double":
        cells = cells + copy.deepcopy(cells[: rng.randrange(len(cells) + 1)])
    elif change == "many":
        cells = cells + [{"cell_type": "code", "source": "", "metadata": {}, "outputs": []}] * rng.choice([20, 2_000])
    nb["cells"] = [*cells, rng.choice(ODD)] if change == "odd" else cells


def _outputs(rng: random.Random, nb: Json) -> None:
    for cell in _cells(nb):
        cell["outputs"] = [{"output_type": rng.choice(["stream", "error", "x"]), "text": rng.choice(ODD)}]


CHANGES: list[Callable[[random.Random, Json], None]] = [_code, _code, _code, _field, _nbgrader, _top, _move, _outputs]
