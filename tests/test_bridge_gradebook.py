"""Is what is written in one transaction all there, or not at all?"""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.api import Gradebook, MissingEntry

from autograder.bridge.gradebook import OneGradebook


def test_what_is_saved_together_is_saved_whole_or_not_at_all(tmp_path: Path) -> None:
    """Is nothing seen from outside before the end, everything after it, and nothing after an exception?"""
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"

    def students() -> set[str]:
        with Gradebook(url) as book:
            return {student.id for student in book.students}

    book = OneGradebook(url)
    with book.transaction():
        book.add_student("aiko")
        book.add_student("bela")
        assert students() == set()
    assert students() == {"aiko", "bela"}
    with pytest.raises(MissingEntry), book.transaction():
        book.add_student("chen")
        book.find_student("nobody")
    assert students() == {"aiko", "bela"}
