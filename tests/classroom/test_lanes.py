"""Do tests that need a GPU wait for one, and do those who waited lose nothing when it comes? No GPU is needed here."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.course.sprint import Sprint
from autograder.errors import BadInput
from autograder.grading.engine import grade_notebook
from autograder.grading.results import read_results
from autograder.grading.selection import Selection
from autograder.jail.gpus import gpu_count
from tests.support import tiny
from tests.support.classes import MAIN, copy, outcome
from tests.support.conditions import conditions
from tests.support.courses import SLUG, python
from tests.support.paths import ROOT
from tests.support.types import Command

ON_GPU = '''
import pytest
from autograder.grading import check, value

@pytest.mark.gpu
@pytest.mark.points(1)
def test_gpu(student):
    """It is computed on the GPU."""
    check(value(student.half(2)) == 1, "half(x) + half(x) is x")
'''
GPU_MARK = "@pytest.mark.gpu\n@pytest.mark.points(1)\ndef test_arrays"
ALL_BUT_ONE = tiny.DOUBLE.replace("@pytest.mark.points(1)\ndef test_arrays", GPU_MARK)


@pytest.fixture
def lanes(tmp_path: Path) -> Sprint:
    """The throw-away sprint with one test that needs a GPU."""
    graders = tiny.GRADERS | {"double": ALL_BUT_ONE}
    return tiny.sprint(tiny.write_course(tmp_path / "course", "lanes", graders), "lanes")


def test_the_lanes_together_are_the_whole(lanes: Sprint) -> None:
    """Does each test run in one lane, and do results put together equal those of a machine with a GPU?"""
    nb = tiny.submission(*tiny.ANSWERS)
    whole, cpu, gpu = (
        grade_notebook(nb, lanes, conditions(**how)).results
        for how in ({"gpu": True}, {"gpu": False}, {"gpu": True, "selection": Selection(only_gpu=True)})
    )
    assert (cpu.score, cpu.status, cpu.waiting) == (6, "pending", True)
    assert [(cell.id, cell.points, cell.max_points, len(cell.tests)) for cell in gpu.cells] == [("double", 1, 1, 1)]
    together = cpu.merged(gpu)
    assert re.sub(r'"duration_s": .*', "", together.to_json()) == re.sub(r'"duration_s": .*', "", whole.to_json())
    assert (together.score, together.status, together.waiting) == (7, "graded", False)


def test_a_machine_can_be_told_how_many_gpus_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_GPUS", "3")
    assert gpu_count() == 3
    monkeypatch.setenv("AUTOGRADER_GPUS", "many")
    with pytest.raises(BadInput, match="AUTOGRADER_GPUS is 'many'"):
        gpu_count()


def test_one_notebook_is_graded_in_two_steps(
    autograder: Command, lanes: Sprint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does --only gpu merge into earlier results, and into none of another sprint?"""
    path, results = tmp_path / "tiny.ipynb", tmp_path / "results.json"
    nbformat.write(tiny.submission(*tiny.ANSWERS), path)
    status, _, said = autograder("grade", path, "--sandbox", "off", "--only", "gpu")
    assert (status, said.strip()) == (2, "autograder: no test of 'tiny' needs a GPU")
    assert autograder("grade", path, "--only", "cpu")[0] == 2

    monkeypatch.setenv("AUTOGRADER_GRADERS", str(lanes.graders.parent))
    monkeypatch.setenv("AUTOGRADER_ROOT", str(lanes.release.parents[2]))
    lane = ("grade", path, "--sprint", "lanes", "--sandbox", "off", "--results", results)
    monkeypatch.setenv("AUTOGRADER_GPUS", "0")
    assert autograder(*lane)[0] == 0
    assert read_results(results, "lanes").score == 6
    monkeypatch.setenv("AUTOGRADER_GPUS", "1")
    assert autograder(*lane, "--only", "gpu")[0] == 0
    assert (read_results(results, "lanes").score, read_results(results, "lanes").status) == (7, "graded")
    results.write_text(results.read_text().replace('"sprint": "lanes"', '"sprint": "other"'))
    status, _, said = autograder(*lane, "--only", "gpu")
    assert (status, said.strip()) == (2, f"autograder: {results}: these are results of 'other', not of 'lanes'")


def waiting_class(collected: Path, target: Path) -> Path:
    """A class in which one cell needs a GPU and nothing is broken."""
    root = copy(collected, target)
    (root / "graders" / SLUG / "test_on_gpu.py").write_text(ON_GPU)
    faulty = root / "graders" / SLUG / "test_faulty.py"
    faulty.write_text(faulty.read_text().replace('raise RuntimeError("61728")', "pass"))
    return root


def run(root: Path, *options: str, status: int = 0) -> str:
    return python(root, "-c", MAIN, "autograde", SLUG, *options, status=status).strip().splitlines()[-1]


def cells_of(found: dict[str, Any], student: str) -> dict[str, Any]:
    return {name: rest for name, *rest in found[f"rows of {student}"][1]}


@pytest.mark.slow
def test_pending_cells_are_graded_later_and_nothing_else(
    collected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is a class of two steps the same as one graded where there was a GPU, but for what was done by hand between?"""
    at_once, root = waiting_class(collected, tmp_path / "at_once"), waiting_class(collected, tmp_path / "later")
    monkeypatch.setenv("AUTOGRADER_GPUS", "1")
    assert run(at_once).startswith("4 graded, 0 pending")
    monkeypatch.setenv("AUTOGRADER_GPUS", "0")
    assert run(root).startswith("0 graded, 4 pending, 0 broken, 0 failed")
    before = outcome(root)
    assert cells_of(before, "ada")["on_gpu"] == [None, None, True, 0.0]
    with Gradebook(f"sqlite:///{root}/course/gradebook.db", "dl-frameworks") as gradebook:
        gradebook.find_grade("double", SLUG, SLUG, "ada").manual_score = 0.25
        gradebook.find_grade("on_gpu", SLUG, SLUG, "noisy").manual_score = 0.5
        gradebook.find_comment("solve_half", SLUG, SLUG, "ada").manual_comment = "see me"
        gradebook.db.commit()
    assert "4 submissions wait for a GPU and no worker announces one" in run(root, "--pending", status=2)
    by_hand = outcome(root)

    monkeypatch.setenv("AUTOGRADER_GPUS", "1")
    assert run(root, "--pending") == "4 graded, 0 pending, 0 broken, 0 failed; 0 of them by an earlier run"
    after, expected = outcome(root), outcome(at_once)
    for student in ("ada", "noisy", "wrong", "missing"):
        was, now, is_due = (cells_of(rows, student) for rows in (by_hand, after, expected))
        assert {name: row for name, row in now.items() if name != "on_gpu"} == {
            name: row for name, row in was.items() if name != "on_gpu"
        }
        assert after[f"rows of {student}"][2] == by_hand[f"rows of {student}"][2]
        assert now["on_gpu"][0] == is_due["on_gpu"][0]
    assert cells_of(after, "ada")["on_gpu"] == [1.0, None, False, 1.0]
    assert cells_of(after, "noisy")["on_gpu"] == [1.0, 0.5, True, 0.5]
    assert cells_of(after, "wrong")["on_gpu"][:2] == [0.0, None]
    same = {name: made for name, made in expected.items() if not name.startswith("rows")}
    assert {name: after[name] for name in same} == same
    assert run(root, "--pending").endswith("4 of them by an earlier run")


WORKER = [sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-dashboard"]


@pytest.mark.slow
def test_only_a_worker_that_announces_a_gpu_gets_those_cells(collected: Path, tmp_path: Path) -> None:
    """Of two workers of a cluster, does the one without ever get them? There they would stay pending."""
    root, file = waiting_class(collected, tmp_path / "course"), tmp_path / "scheduler.json"
    dask, where = [sys.executable, "-m", "dask"], ["--scheduler-file", str(file), "--no-dashboard"]
    worker = [*dask, "worker", "--nthreads", "1", *where]
    commands = (
        ([*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", *where], "0"),
        (worker, "0"),
        ([*worker, "--resources", "GPU=1"], "1"),
    )
    with contextlib.ExitStack() as stack:
        for command, gpus in commands:
            environment = {**os.environ, "PYTHONPATH": str(ROOT), "AUTOGRADER_GPUS": gpus}
            process = stack.enter_context(subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL))
            stack.callback(process.terminate)
            while not file.exists():
                assert process.poll() is None
                time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        assert run(root, "--scheduler", address).startswith("4 graded, 0 pending, 0 broken")
    assert cells_of(outcome(root), "ada")["on_gpu"][0] == 1.0
