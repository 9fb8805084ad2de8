"""Was this project's configuration in force while nbgrader's own tests ran?

`make conformance` runs nbgrader's tests of its commands unmodified, with this folder on
JUPYTER_CONFIG_PATH, and this file behind it. nbgrader reads the configuration in this folder; if it did
not, its tests would pass all the same. So importing this file, which happens before the first test runs,
counts how often each of our parts is called, and the tests below fail when nbgrader's tests did without
them.
"""

from __future__ import annotations

import functools
from collections import Counter
from typing import Any

import pytest
from jupyter_client.provisioning import LocalProvisioner
from nbgrader.preprocessors import InstantiateTests

from autograder.bridge import repair
from autograder.bridge.execute import GradeNotebook
from autograder.bridge.exporter import SubmissionExporter
from autograder.bridge.language import KeepLanguage
from autograder.bridge.pairing import ClearPairing
from autograder.bridge.sanitize import RebuildSubmission
from autograder.bridge.save import SaveGrades
from autograder.jail.provisioner import JailProvisioner

PARTS = [
    (KeepLanguage, "preprocess"),
    (ClearPairing, "preprocess"),
    (repair, "repair_all"),
    (SubmissionExporter, "from_file"),
    (RebuildSubmission, "preprocess"),
    (GradeNotebook, "preprocess"),
    (SaveGrades, "preprocess"),
]
CALLS: Counter[str] = Counter()
OF_THE_INSTRUCTOR: list[object] = []
"""Not empty while nbgrader executes the instructor's own source notebook, to write the tests of a release."""


def count_calls(owner: Any, method: str) -> None:
    """Have every call of a method counted."""
    original = getattr(owner, method)

    @functools.wraps(original)
    def counting(*args: Any, **kwargs: Any) -> Any:
        CALLS[owner.__name__] += not OF_THE_INSTRUCTOR
        return original(*args, **kwargs)

    setattr(owner, method, counting)


def mark_what_is_the_instructors() -> None:
    """Have it known while the instructor's notebook is executed."""
    original = InstantiateTests.preprocess

    @functools.wraps(original)
    def marking(self: Any, *args: Any, **kwargs: Any) -> Any:
        OF_THE_INSTRUCTOR.append(self)
        try:
            return original(self, *args, **kwargs)
        finally:
            OF_THE_INSTRUCTOR.pop()

    InstantiateTests.preprocess = marking


mark_what_is_the_instructors()
for part in PARTS:
    count_calls(*part)
count_calls(JailProvisioner, "launch_kernel")
count_calls(LocalProvisioner, "launch_kernel")


@pytest.mark.parametrize("owner", [owner for owner, _ in PARTS], ids=lambda owner: owner.__name__)
def test_was_part_of_nbgraders_own_tests(owner):
    """Did nbgrader's tests, nearly forty of which autograde, go through this part?"""
    assert CALLS[owner.__name__] >= 20


def test_every_kernel_was_jailed():
    """Was each kernel that executed a submission started by our provisioner, and none by Jupyter's own?"""
    assert CALLS["JailProvisioner"] >= 20
    assert CALLS["LocalProvisioner"] == 0
