"""One grading run inside pytest: which test belongs to which cell, when cells run, and what each result means."""

from __future__ import annotations

import functools
import logging
import traceback
from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
import pytest
from nbformat import NotebookNode

from autograder.course.seed import derive
from autograder.course.sprint import PACKAGE, Sprint
from autograder.errors import PlatformFault
from autograder.grading.allowance import Allowance, allowed
from autograder.grading.broken_cells import BrokenCells
from autograder.grading.by_hand import with_answers
from autograder.grading.clean_room.room import CleanRoom
from autograder.grading.conditions import Conditions
from autograder.grading.evidence import failure_in, failure_of
from autograder.grading.examples import Example, example_of, run_examples
from autograder.grading.explain import Evidence, Explainer
from autograder.grading.fingerprint import fingerprint
from autograder.grading.items import MARKERS, PublicCheck, check_declared, name_of, needs_of, points_of, property_of
from autograder.grading.limits import Limit
from autograder.grading.notebook_run import NotebookRun
from autograder.grading.outcome import Outcome
from autograder.grading.results import Cell, CellResult, Results, TestResult
from autograder.grading.seeds import STOPPED, seed_of, test_of, under_seed, with_seeds
from autograder.grading.selection import needs_gpu
from autograder.grading.student import Student
from autograder.grading.tally import Tally
from autograder.grading.transcript import Transcript
from autograder.grading.verdict import message_of, outcome_of
from autograder.notebook.cells import cells_with_tests, points
from autograder.notebook.read import read_release

_log = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]
"""Called after each test with the number of finished tests, the number of all tests, and the title of the last one."""

NOT_AGAIN = "It was stopped with the first seed, so it is not run with others."
WAITING = "Waiting for a GPU run: this test needs a GPU."


class GradingRun:
    """A pytest plugin that grades one notebook, which has been rebuilt on the released one.

    Attributes
    ----------
    results
        the results, once the session has finished
    notebook_run
        the notebook and its kernel
    platform_failed
        whether a test ran into a fault of the platform, which may not happen again
    conditions
        the conditions under which the submission is graded
    allowance
        the time that is left to the submission
    graded_with
        the platform's code and the hidden tests, as digests
    results_path
        where to write results.json, if anywhere
    by_seed
        the results with each other seed that was asked for, once the session has finished
    faults
        the traceback of each broken test, for the instructor
    """

    def __init__(
        self,
        notebook: NotebookNode,
        sprint: Sprint,
        conditions: Conditions,
        *,
        files: Path | None = None,
        written: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        """``files``: a folder of files for the notebook to read. ``written``: a folder for the files that it writes."""
        self.sprint = sprint
        self.conditions = conditions
        self.graded_with = fingerprint(sprint.graders)
        kernels, limits = conditions.lane.kernels, conditions.limits
        self.places = {cell: i for cell, i in cells_with_tests(notebook).items() if sprint.grader_of(cell).is_file()}
        limit = limits.submission or allowed(sprint.graders)
        self.allowance = Allowance(limit.times(1 + len(conditions.selection.seeds)))
        self.notebook_run = NotebookRun(notebook, kernels, files, limits, self.allowance)
        self.clean_room = CleanRoom(kernels, self.allowance, self._transcript)
        self.results_path: Path | None = None
        self.platform_failed = False
        self.results: Results | None = None
        self.by_seed: dict[str, Results] = {}
        self.faults: dict[str, str] = {}
        self._written = written
        self._stopped = False
        self._progress = progress or (lambda done, total, title: None)
        self._tally = Tally()
        self._evidence: dict[str, Evidence] = {}
        self._examples: dict[str, Example] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        """Declare the markers of hidden tests."""
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)

    @pytest.fixture(name="student")
    def _student(self) -> Student:
        """The notebook's globals, in the student's process.

        The session is the one that the test began with: another one would have no budget of this test.
        """
        session = self.notebook_run.open_session
        assert session is not None
        return Student(session)

    @pytest.fixture(name="clean")
    def _clean(self) -> CleanRoom:
        """A kernel without the student's Python code, where exported artifacts are evaluated."""
        return self.clean_room

    @pytest.fixture(name="rng")
    def _rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """Random inputs, drawn from the course's secret seed and the test's name."""
        seed = seed_of(request.node) or self.conditions.seed
        return np.random.default_rng(derive(seed, self.sprint.slug, test_of(request.node)))

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run tests again with the other seeds that were asked for."""
        with_seeds(metafunc, self.conditions.selection)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Put the tests in notebook order, each cell's public check first, and check that the points add up."""
        by_cell: dict[str, list[pytest.Item]] = {cell: [] for cell in self.places}
        for item in items:
            cell = item.path.stem.removeprefix("test_")
            if cell not in by_cell:
                raise pytest.UsageError(f"{item.path.name}: the notebook has no grade cell '{cell}'")
            by_cell[cell].append(item)
        items[:] = []
        for cell, tests in by_cell.items():
            if not tests:
                continue
            assert tests[0].parent is not None
            check = PublicCheck.from_parent(tests[0].parent, name="public_check")
            check.outputs = functools.partial(self._outputs_of, cell)
            own = [test for test in tests if seed_of(test) is None]
            check_declared(cell, self._worth(cell), own, self.places)
            self._examples |= {name_of(test): example for test in own if (example := example_of(test))}
            for item in self.conditions.selection.of_cell(cell, self.places[cell], check, tests):
                self._tally.expect(item, cell)
                items.append(item)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Leave out the tests that were deselected on the command line."""
        for item in items:
            self._tally.leave_out(item)

    def _worth(self, cell: str) -> float:
        return points(self.notebook_run.notebook.cells[self.places[cell]])

    def _outputs_of(self, cell: str) -> list[NotebookNode]:
        return list(self.notebook_run.notebook.cells[self.places[cell]].outputs)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Run the notebook up to the test's cell and begin the test in the kernel."""
        if not self._waits_for_no_gpu(item):
            pytest.skip(WAITING)
        if self._stopped_with_own_seed(item):
            pytest.skip(NOT_AGAIN)
        place = self.places[self._tally.cell_of(item)]
        self.notebook_run.run_to(place, limit=Limit.of_cpu(2 * self.conditions.limits.test.cpu_s))
        if isinstance(item, PublicCheck):
            return
        marker = item.get_closest_marker("timeout")
        limit = Limit.of_cpu(float(marker.args[0])) if marker else self.conditions.limits.test
        seed = self._public_seed(test_of(item))
        self.clean_room.begin_test(limit, seed)
        try:
            self.notebook_run.session().begin_test(limit, seed)
        except Exception:
            # something the notebook left running, such as a thread that writes to the wire, may break the first request
            self.notebook_run.session().begin_test(limit, seed)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, None, None]:
        """Let a test compute with infinity and NaN: what it compares decides, not whether numpy warned of them.

        A warning is no proof that a number was infinite: under load, a product of a few ordinary numbers has warned.
        """
        with np.errstate(all="ignore"):
            yield

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Record the result of a test. pytest's own report gets only text that a student may see."""
        report = yield
        if self._stopped_with_own_seed(item):
            return report
        known = self._tally.ended(item)
        if known is not None and (call.excinfo is None or known.outcome is not Outcome.PASSED):
            return report  # the first error counts, whether in setup, call or teardown
        if call.excinfo is not None:
            result = self._judge(item, call.excinfo, call.duration)
        elif call.when == "call":
            about, worth = (test_of(item), property_of(item).title), points_of(item)
            result = TestResult(*about, Outcome.PASSED, worth, worth, "", call.duration)
        else:
            return report
        self._tally.put(item, result)
        self._progress(*self._tally.counts, result.title)
        if (
            self.conditions.selection.stop_at_first
            and result.max_points
            and result.outcome not in (Outcome.PASSED, Outcome.PENDING)
        ):
            self._stopped, item.session.shouldfail = True, "one hidden test that fails is enough"
        if result.outcome is not Outcome.PASSED and report.longrepr is not None:
            said = f"{result.outcome}: {result.title}\n{result.message}"
            # for a skipped test, pytest's own reporters expect file, line and reason
            report.longrepr = (item.path.name, 0, said) if report.skipped else said
        return report

    def _judge(self, item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException], duration: float) -> TestResult:
        error, prop = excinfo.value, property_of(item)
        about = (test_of(item), prop.title)
        if isinstance(error, pytest.skip.Exception):
            return TestResult(*about, Outcome.PENDING, 0.0, points_of(item), WAITING, duration)
        session = self.notebook_run.open_session
        ours = [path for entry in excinfo.traceback if (path := Path(entry.path)).is_relative_to(PACKAGE)
                or path.is_relative_to(self.sprint.graders)]  # fmt: skip
        in_grader = bool(ours) and ours[-1].is_relative_to(self.sprint.graders)
        received = self.clean_room.received or (session is not None and session.received)
        outcome = outcome_of(error, received=received, in_grader=in_grader)
        calls = session.transcript.lines() if session and not isinstance(item, PublicCheck) else []
        self.platform_failed = self.platform_failed or isinstance(error, PlatformFault)
        if outcome is Outcome.BROKEN:
            self.faults[about[0]] = "".join(traceback.format_exception(error))
        public = failure_in(item.outputs(), None) if isinstance(item, PublicCheck) else None
        self._evidence[name_of(item)] = Evidence(public or failure_of(error, calls), needs_of(item))
        message = message_of(error, outcome, calls, prop.hint)
        return TestResult(*about, outcome, 0.0, points_of(item), message, duration)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
        """After the teardown of a cell's last test, give the kernel back to the notebook."""
        try:
            yield
        finally:
            session = self.notebook_run.open_session
            if nextitem is None or self._tally.cell_of(nextitem) != self._tally.cell_of(item):
                self.notebook_run.end_session()
            elif session is not None and self._waits_for_no_gpu(nextitem) and not item.session.shouldfail:
                session.begin_soon(self._public_seed(test_of(nextitem)))

    def _stopped_with_own_seed(self, item: pytest.Item) -> bool:
        before = self._tally.with_own_seed(item)
        return before is not None and before.outcome in STOPPED

    def _waits_for_no_gpu(self, item: pytest.Item) -> bool:
        return self.conditions.lane.gpu or not needs_gpu(item)

    def _public_seed(self, test: str) -> int:
        """The seed of the student's process for a test, which is not secret."""
        return derive("public", self.sprint.slug, test) % (1 << 31)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Run the cells after the last grade cell and the examples, end the kernel, write the results."""
        try:
            if self._tally.counts[0] and not self._stopped:
                self.notebook_run.run_to(self.conditions.selection.last(len(self.notebook_run.notebook.cells) - 1))
        except PlatformFault as error:
            _log.error("the cells after the last test did not run: %s", error)
        self.results = self._explained()
        again = {seed: self._tally.by_cell(self.places, seed) for seed in self.conditions.selection.seeds}
        self.by_seed = {seed: under_seed(self.results, tests) for seed, tests in again.items()}
        try:
            self.results = self._with_examples(self.results)
            if self._written is not None:
                self.notebook_run.bring_back(self._written)
        except PlatformFault as error:
            _log.error("the kernel could not be used after the last test: %s", error)
        finally:
            self.close()
        if self.results_path is not None:
            self.results.write(self.results_path)

    def _explained(self) -> Results:
        """The results, with the causes of what failed."""
        by_cell = self._tally.by_cell(self.places)
        explainer = Explainer(BrokenCells(self.notebook_run.notebook, read_release(self.sprint.release), self.places))
        partial = self.conditions.selection.partial
        tested = [
            CellResult(cell, sum(test.max_points for test in tests) if partial else self._worth(cell), tests, why)
            for cell, (tests, why) in explainer.explain(by_cell, self._evidence).items()
            if tests or not partial
        ]
        cells: list[Cell] = [*tested] if partial else with_answers(tested, self.notebook_run.notebook)
        return Results(self.sprint.slug, self.sprint.release.stem, cells, self.graded_with, explainer.causes)

    def _with_examples(self, results: Results) -> Results:
        """The results with the examples of the tests that failed. They run last: no test sees what they change."""
        asked, selection = self._examples, self.conditions.selection
        tests = (test for test in results.tests if selection.shows_example(test.outcome))
        wanted = [(test.name, asked[test.name], self._public_seed(test.name)) for test in tests if test.name in asked]
        return results.with_examples(run_examples(self.notebook_run, self.conditions.limits.test, wanted))

    def _transcript(self) -> Transcript:
        session = self.notebook_run.open_session
        return session.transcript if session else Transcript()

    def close(self) -> None:
        """End the kernels. May be called twice."""
        self.clean_room.close()
        self.notebook_run.close()
